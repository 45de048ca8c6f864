"""Lab 13: residual blocks, ResNet, and what a shortcut is good for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograder.check import Draw, Received, case, essay, group, question
from course.draws.lab13 import my_block_costs, my_diagnoses
from course.given import given, tiny_digit_labels, tiny_digits
from course.questions import _lab13_blocks as blocks
from course.questions._networks import Network, Shape


def _variants(make: Callable[[str], Network], faults: Iterable[str]) -> Iterator[tuple[str, Network]]:
    """The tables with a fault, where the fault makes one."""
    for fault in faults:
        try:
            yield fault, make(fault)
        except ValueError:  # two ways that cannot be added, or nothing left
            continue


# ---- 13.1 and 13.2: blocks ----


NO_TENSOR = "The block does not begin at x: call its first layer with x, and return a tensor, not a model."


def _begin(shape: Shape, doubled: bool) -> Any:
    """An input, or what a layer that doubles every pixel makes of one: a model of one's own lacks that layer."""
    return given("doubled_image_tensor" if doubled else "image_tensor", *shape)


def _block_cases(
    built: Received,
    shape: Shape,
    make: Callable[[str], Network],
    faults: Iterable[str],
    draw: Draw,
    *,
    doubled: bool,
) -> Iterator:
    """Shape, parameters, and outputs with secret weights of one block behind `_begin`."""
    right = make("")
    end, stride = right.layers[-1].output, max(layer.stride for layer in right.layers)
    if built.failure is None and built.value is None:
        yield case(built, end, mistakes={"Nothing is returned: the last line says `return` and the tensor.": None})
        return
    images = draw.array((2, *shape), 0, 100) / 100
    inputs = 2 * images if doubled else images
    weights = blocks.secret(right, draw, inputs)
    expected = right.outputs(weights, inputs)
    card = built.card()
    stopped = blocks.shape_mistakes(card, end, stride)
    yield case(
        card.then("output shape", lambda rows: tuple(rows[-1]["output"])),
        end,
        mistakes=stopped
        | {
            "The stride is forgotten.": (*shape[:2], end[2]),
            "The two ways are put side by side: they are added.": (*end[:2], 2 * end[2]),
        }
        | _narrow(right, shape),
    )
    count = built.count()
    yield case(
        count,
        right.parameters,
        mistakes=stopped | blocks.count_mistakes(count, right.parameters, _variants(make, faults)),
    )
    outputs = built.outputs_with(weights, images)
    yield case(
        outputs,
        expected,
        tolerance=blocks.TOLERANCE,
        mistakes=stopped
        | {NO_TENSOR: right.outputs(weights, images)}
        | blocks.output_mistakes(outputs, expected, weights, inputs, _variants(make, faults)),
    )


def _narrow(right: Network, shape: Shape) -> dict[str, Any]:
    """A bottleneck whose last 1×1 does not widen."""
    *sides, maps = right.layers[-1].output
    inner = right.layers[1].output[2]
    return {blocks.FAULTS["not wider"]: (*sides, inner)} if inner != maps else {}


# (height, width, maps that come in), maps, stride. Sides before a stride are such that `same` pads evenly.
KEEPS = [((6, 9, 7), 7, 1), ((7, 4, 6), 6, 1)]
CHANGES = [((9, 5, 4), 8, 2), ((6, 8, 3), 7, 1), ((7, 11, 6), 6, 2), ((7, 10, 3), 8, 3)]


@question(
    "basic_block",
    points=6,
    limit=20.0,
    hints=[
        "Write a helper first: a convolution without bias and its normalisation. Keep the block's input in x.",
        "Stride and new maps change the shape: x cannot be added as it is. A, B and C differ in what they do.",
        "A: x[:, ::stride, ::stride] picks the pixels; keras.ops.pad adds maps of zeros behind the last axis.",
        "Order: convolution, normalisation, ReLU, convolution, normalisation, addition, ReLU.",
    ],
)
def basic_block(answer, draw: Draw) -> Iterator:
    """The basic residual block, with shortcut A, B or C

    basic_block(x, maps, stride=1, shortcut="B") takes a symbolic tensor (there may be layers before it) and
    returns one. Two 3×3 convolutions (the first one has the stride), each without bias and followed by batch
    normalisation; ReLU between them, and after the addition. Where the shape stays (stride 1, as many maps as
    before) A and B add x as it is, and C its 1×1 projection. Where it changes, A takes every stride-th pixel of x,
    from the first on, and puts maps of zeros behind those that are there; B and C add a 1×1 projection with that
    stride, with batch normalisation. The check puts in its own weights and compares outputs with a network in
    NumPy; tolerance 1e-4.
    """
    for shortcut, text in [
        ("A", "shortcut A: nothing to learn"),
        ("B", "shortcut B: a projection where the shape changes"),
        ("C", "shortcut C: a projection in every block"),
    ]:
        with group(text, weight=2):
            sizes = [*KEEPS[:1], *CHANGES] if shortcut != "C" else [*KEEPS, *CHANGES[:2]]
            for number, (shape, maps, stride) in enumerate(sizes):
                own = () if (stride, shortcut) == (1, "B") and shape[2] != maps else (stride, shortcut)
                doubled = number == 1
                built = answer(_begin(shape, doubled), maps, *own)  # () tries what the names stand for

                def make(fault: str, numbers=(shape, maps, stride, shortcut)) -> Network:
                    return blocks.block(*numbers, fault)

                yield from _block_cases(built, shape, make, blocks.BASIC, draw, doubled=doubled)


@question(
    "bottleneck",
    points=4,
    limit=20.0,
    hints=[
        "1×1, 3×3, 1×1: the first two have `maps` maps, the last one 4 · maps. Each is normalised.",
        "In version 1 the stride is in the first 1×1. The projection ends with 4 · maps maps, too.",
    ],
)
def bottleneck(answer, draw: Draw) -> Iterator:
    """The bottleneck block

    bottleneck(x, maps, stride=1): 1×1 with `maps` maps and the stride (version 1), 3×3 with `maps` maps, 1×1 with
    4 · maps maps; each without bias, with batch normalisation; ReLU after the first, the second and the addition.
    The shortcut is x itself where the shape stays, else a 1×1 projection with the stride and batch normalisation.
    """
    for text, numbers in [
        ("the shape stays", [((6, 9, 12), 3, 1), ((5, 8, 16), 4, 1)]),
        ("the shape changes", [((5, 8, 4), 4, 1), ((9, 7, 12), 8, 2), ((7, 10, 8), 8, 3)]),
    ]:
        with group(text, weight=2):
            for number, (shape, maps, stride) in enumerate(numbers):
                own = () if stride == 1 and shape[2] == maps else (stride,)
                doubled = number == 1
                built = answer(_begin(shape, doubled), maps, *own)

                def make(fault: str, numbers=(shape, maps, stride)) -> Network:
                    return blocks.bottleneck(*numbers, fault)

                yield from _block_cases(built, shape, make, blocks.BOTTLENECK, draw, doubled=doubled)


# ---- 13.3 and 13.4: whole networks ----

FULL: Shape = (224, 224, 3)
WIDTH = 1 / 8
ODD: Shape = (33, 65, 3)  # every side before a stride is odd, so `same` pads as the paper does


def _whole_cases(
    answer: Any, arguments: tuple[Any, ...], table: Callable[..., Network], draw: Draw, classes: int, shape: Shape
) -> Iterator:
    """Outputs of a narrow network with secret weights.

    `arguments` come before classes, width and shape in the learner's call; `table` takes the same, and a fault.
    """
    right = table(*arguments, classes, WIDTH, shape, "")
    images = draw.array((2, *shape), 0, 100) / 100
    weights = blocks.secret(right, draw, images)
    expected = right.outputs(weights, images)
    built = answer(*arguments, classes, WIDTH, shape)

    def variants() -> Iterator[tuple[str, Network]]:
        return _variants(lambda fault: table(*arguments, classes, WIDTH, shape, fault), blocks.WHOLE)

    count = built.count(shape)
    yield case(
        count,
        right.parameters,
        mistakes=blocks.shape_mistakes(built) | blocks.count_mistakes(count, right.parameters, variants()),
    )
    outputs = built.outputs_with(weights, images)
    yield case(
        outputs,
        expected,
        tolerance=blocks.WHOLE_TOLERANCE,
        mistakes=blocks.shape_mistakes(built)
        | blocks.output_mistakes(outputs, expected, weights, images, variants(), tolerance=blocks.WHOLE_TOLERANCE),
    )


def _full_cases(
    answer: Any, arguments: tuple[Any, ...], table: Callable[..., Network], said: int | None = None
) -> Iterator:
    """Parameters and the size after the pooling at full width, without a single weight.

    Only the first `said` arguments are given; the others must be what the function has by itself.
    """
    right = table(*arguments, 1000, 1.0, FULL, "")
    built = answer.lazily(*arguments[:said])
    faults = _variants(lambda fault: table(*arguments, 1000, 1.0, FULL, fault), blocks.WHOLE)
    count = built.count(FULL)
    yield case(
        count,
        right.parameters,
        mistakes=blocks.shape_mistakes(built) | blocks.count_mistakes(count, right.parameters, faults),
    )
    card = built.card(FULL)
    yield case(
        card.then("sides of the maps", _sides),
        [112, 56, 28, 14, 7],
        mistakes={
            "The pooling has no padding: 112 becomes 55 instead of 56.": [112, 55, 28, 14, 7],
            "The first convolution and the pooling have no padding: 224 becomes 109 and 54.": [109, 54, 27, 14, 7],
            "The first convolution has no padding: 224 becomes 109 instead of 112.": [109, 55, 28, 14, 7],
            "The max pooling after conv1 is missing.": [112, 56, 28, 14],
            "The first stage has stride 2: the pooling before it has halved the size already.": [
                *(112, 56, 28, 14, 7, 4)
            ],
        },
    )
    yield case(
        card.then("output shape", lambda rows: tuple(rows[-1]["output"])),
        (1000,),
        mistakes={blocks.FAULTS["no global"]: (7, 7, 1000)},
    )


def _sides(rows: list[dict[str, Any]]) -> list[int]:
    """Heights of the outputs of convolutions and pooling layers, each once, from the input on."""
    kinds = ("Conv2D", "MaxPooling2D", "AveragePooling2D", "MaxPool2D")
    heights = [row["output"][0] for row in rows if row["layer"] in kinds and len(row["output"]) == 3]
    return sorted(set(heights) - {1}, reverse=True)  # 1: the global average as a pooling layer


def _resnet(depth: int, shortcut: str, classes: int, width: float, shape: Shape, fault: str) -> Network:
    return blocks.resnet(depth, shortcut, classes, width, shape, fault)


@question(
    "resnet",
    points=8,
    limit=60.0,
    hints=[
        "conv1 7×7/2 with 64 maps, normalisation, ReLU, max pooling 3×3/2: 224 becomes 112, then 56. Keep `same`.",
        "The stages have 64, 128, 256 and 512 maps. The first block of stages 2, 3 and 4 has stride 2.",
        "At the end: GlobalAveragePooling2D, Dense(classes, softmax). Compare `count_params()` with the table.",
        "The width: every number of maps is round(maps * width). The number of classes stays.",
    ],
)
def resnet(answer, draw: Draw) -> Iterator:
    """ResNet-18, -34 and -50

    resnet(depth, shortcut="B", classes=1000, width=1.0, shape=(224, 224, 3)) returns a Keras model (v1: the
    bottleneck's stride in its first 1×1). With 50 layers the shortcut is always B. Numbers of maps are multiplied
    by width, classes are not. The check counts at full width without making a weight, and compares the outputs
    of narrow networks, with its own weights and images of odd sides, with NumPy; tolerance 0.003.
    """
    for depth, kinds, weight in [(18, "AB", 3), (34, "BC", 3), (50, "B", 2)]:
        with group(f"ResNet-{depth}, shortcut {' and '.join(kinds)}", weight=weight):
            for kind in kinds:
                yield from _full_cases(answer, (depth, kind), _resnet, said=1 if kind == "B" else 2)
            for kind in kinds if depth == 18 else "B":
                yield from _whole_cases(answer, (depth, kind), _resnet, draw, draw.integer(5, 12), ODD)


def _plain(classes: int, width: float, shape: Shape, fault: str) -> Network:
    return blocks.resnet(34, None, classes, width, shape, fault)


def _spread(outputs: Any) -> float:
    """Largest difference between what the first and the second image give."""
    return float(np.max(np.abs(np.asarray(outputs)[0] - np.asarray(outputs)[1])))


@question(
    "plain34",
    points=4,
    limit=60.0,
    hints=[
        "The same stages as ResNet-34: 3, 4, 6 and 3 pairs of 3×3 convolutions. Leave out the addition.",
        "Each convolution is followed by its normalisation and a ReLU, the second of a pair too.",
    ],
)
def plain34(answer, draw: Draw) -> Iterator:
    """The plain network with 34 layers

    plain34(classes=1000, width=1.0, shape=(224, 224, 3)): ResNet-34 without any shortcut. It has as many
    parameters as ResNet-34 with shortcut A, so behaviour decides: with every 3×3 kernel at zero, two images must
    give exactly the same outputs.
    """
    for text, classes, shape in [
        ("no way around, 34 layers", 10, ODD),
        ("other sizes", 7, (65, 33, 3)),
    ]:
        with group(text, weight=2):
            if classes == 10:
                yield from _full_cases(answer, (), _plain)
            images = draw.array((2, *shape), 0, 100) / 100
            built = answer(classes, WIDTH, shape)
            zeroed = built.outputs_zeroed(images, (3, 3)).then("difference", _spread)
            around = {} if zeroed.failure or zeroed.value < 1e-6 else {
                "There are shortcuts: the image finds its way around the 3×3 kernels.": zeroed.value
            }  # fmt: skip
            yield case(zeroed, 0.0, tolerance=1e-9, mistakes=around)
            yield from _whole_cases(answer, (), _plain, draw, classes, shape)


# ---- 13.5: the clinic ----

PLANS = [
    ["same", "one map", "same", "one pixel"],
    ["same", "same", "same"],
    ["one map", "three, one map", "three"],
    ["three", "one row", "same"],
]


@question(
    "clinic",
    points=5,
    names=("my_diagnoses", "unequal_adds"),
    limit=20.0,
    hints=[
        "Call a patient with stride 1 and as many maps, then with stride 2 and more. What does the addition read?",
        "Parameters: a 3×3 convolution and its normalisation come in pairs. Is one without its partner?",
        "unequal_adds: model.layers, isinstance(layer, keras.layers.Add), and the list layer.input.",
    ],
)
def clinic(answer, draw: Draw) -> Iterator:
    """Six ill blocks, and a test for one of the illnesses"""
    with group("your six patients", weight=3):
        _, right, wrong = my_diagnoses.for_learner(draw.learner)
        yield case(answer["my_diagnoses"].value(), right, mistakes=wrong, hidden=True)
    with group("additions that repeat numbers", weight=2):
        for plan in [*PLANS, [draw.choice(["one map", "same", "one column"]) for _ in range(4)]]:
            names = [f"sum_{draw.integer(10, 99)}_{number}" for number in range(len(plan))]
            unequal = {name for name, kind in zip(names, plan, strict=True) if kind not in ("same", "three")}
            yield case(
                answer["unequal_adds"](given("model_of_sums", tuple(plan), tuple(names))),
                unequal,
                mistakes={
                    "These are the ones whose inputs are alike.": set(names) - unequal,
                    "Every addition is listed: only those whose inputs have different shapes.": set(names),
                    "An addition may have more than two inputs: look at all of them.": {
                        name for name in unequal if "three" not in plan[names.index(name)]
                    },
                    "Only the maps are compared: rows and columns are repeated, too.": {
                        name for name in unequal if "map" in plan[names.index(name)]
                    },
                },
            )


# ---- 13.6: degradation ----

# Measured with 1,408 digits of 8×8 pixels, 3 epochs, seven seeds of the weights and of the images: training loss
# of the learned weights on 256 of the images, in nats.
#   plain, 20 layers      0.19 0.24 0.20 0.45 0.34 0.34 0.36     deviation 0.10
#   plain, 56 layers      2.27 2.20 1.97 1.86 2.12 2.07 2.13     deviation 0.14
#   residual, 20 layers   0.02 0.03 0.06 0.04 0.06 0.06 0.06     deviation 0.02
#   residual, 56 layers   0.19 0.07 0.36 0.08 0.15 0.14 0.12     deviation 0.10
# For one seed plain-56 is 1.42 to 2.08 above plain-20 (mean 1.79, deviation 0.21) and 1.61 to 2.13 above ResNet-56
# (mean 1.93, deviation 0.18): GAP is six deviations below. With smaller gaps the networks are trained once more.
# At a rate of 0.05 ResNet-56 is less sure: it ended at 0.28, 0.29 and 0.70, and had 2.16 in another third epoch.
IMAGES, EPOCHS, SHALLOW, DEEP = 1_408, 3, 20, 56  # 22 full batches: a smaller last one costs a second compilation
GAP, RATE, MOMENTUM = 0.5, 0.02, 0.9
LAST = 1_797 - IMAGES  # the last number that a first image may have
SIDE: Shape = (9, 9, 1)


class Trained:
    """One network that the answer has trained: what it is, and what the training loss of its weights is.

    The loss is worked out here, with the learned weights in a network of NumPy, batch normalisation with the
    batch's own means and variances as in training: moving averages that have not settled do not count. The model
    itself is let go at once, since the graphs of 56 layers need much memory.

    Args:
        answer: What the question asks.
        depth: Layers with weights.
        residual: With shortcuts or without.
        first: Number of the first image.
        draw: Of secret weights; None where the architecture has been looked at before.
    """

    def __init__(self, answer: Any, depth: int, residual: bool, first: int, draw: Draw | None = None) -> None:
        images, labels = (given(name, IMAGES, first) for name in ("tiny_digits", "tiny_digit_labels"))
        self.depth, self.residual = depth, residual
        self.network = self.table("")
        built = answer(depth, residual, images, labels, EPOCHS)
        self.images, self.labels = tiny_digits(256, first), tiny_digit_labels(256, first)
        self.loss = built.get_weights(SIDE).then("training loss", self._loss)
        self.cases = [] if draw is None else list(_architecture(self, built, draw))
        del built
        gc.collect()

    def table(self, fault: str) -> Network:
        """The network that is asked for, with or without a fault."""
        return blocks.small(self.depth, "B" if self.residual else None, SIDE, fault=fault)

    def _loss(self, weights: Any) -> float:
        """Mean cross-entropy in nats."""
        try:
            shares = self.network.outputs(weights, self.images, batch_statistics=True)
        except (ValueError, IndexError, StopIteration, RuntimeError):
            raise ValueError("the weights do not fit the network that is asked for") from None
        return float(np.mean(-np.log(shares[np.arange(len(self.labels)), self.labels] + 1e-7)))

    @property
    def nats(self) -> float:
        """The loss; that of guessing where there is none."""
        return GUESSING if self.loss.failure else self.loss.value

    def above(self, other: Trained) -> Received:
        """By how much the loss is above another network's."""
        return self.loss.then("gap", lambda loss: loss - other.known())

    def known(self) -> float:
        """The loss, for a comparison."""
        if self.loss.failure:
            raise ValueError("the other network has no loss to compare with")
        return self.loss.value


GUESSING = float(np.log(10))


def _architecture(trained: Trained, built: Received, draw: Draw) -> Iterator:
    """Parameters, and outputs with secret weights."""
    network = trained.network
    images = draw.array((2, *SIDE), 0, 100) / 100
    weights = blocks.secret(network, draw, images)
    expected = network.outputs(weights, images)
    others = {
        "The argument `residual` is not used, or turned round.": (
            trained.depth,
            None if trained.residual else "B",
        ),
        "The argument `depth` is not used.": (
            SHALLOW + DEEP - trained.depth,
            "B" if trained.residual else None,
        ),
    }
    counts = {text: blocks.small(*numbers, SIDE).parameters for text, numbers in others.items()}
    variants = list(_variants(trained.table, blocks.SMALL))
    count = built.count(SIDE)
    faulty = blocks.count_mistakes(count, network.parameters, variants)
    yield case(
        count,
        network.parameters,
        mistakes={text: number for text, number in faulty.items() if number not in counts.values()}
        | counts
        | _label_mistakes(built),
    )
    outputs = built.outputs_with(weights, images)
    yield case(
        outputs,
        expected,
        tolerance=blocks.WHOLE_TOLERANCE,
        mistakes=blocks.output_mistakes(
            outputs, expected, weights, images, variants, tolerance=blocks.WHOLE_TOLERANCE
        ),
    )


STEPS = {  # of 192 images in 2 epochs: 6 in batches of 64
    "The model that is returned has not seen a single batch.": 0,
    "The batches have 32 images, which is Keras' own number: say batch_size=64.": 12,
    "The batches have 128 images, not 64.": 4,
    "All images are in one batch: say batch_size=64.": 2,
    "The argument `epochs` is not used: there was one epoch.": 3,
    "The argument `epochs` is not used: there were three.": 9,
}


class Recipe:
    """How a small network was trained, found out from what the training does to it.

    Black images give zeros everywhere, so the first normalisation's moving variance is 0.99 to the power of the
    number of steps. The learning rate and the momentum are worked out from four more steps, as the model was
    compiled: each change of the last biases is momentum · (the change before) - rate · (their slope).

    Args:
        answer: What the question asks.
        draw: Of the weights and the images.
    """

    def __init__(self, answer: Any, draw: Draw) -> None:
        self._network = blocks.small(8, None, SIDE)
        self._built = answer(8, False, np.zeros((192, *SIDE), np.float32), tiny_digit_labels(192), 2)
        self.steps = self._built.get_weights(SIDE).then("steps of training", self._steps)
        self._images, self._labels = tiny_digits(64), np.eye(10)[tiny_digit_labels(64)]
        self._weights = self._network.drawn_weights(draw, self._images)
        after = self._built.trained(self._weights, self._images, tiny_digit_labels(64), 4)
        if after.failure:
            after = self._built.trained(self._weights, self._images, self._labels, 4)
        both = after.then("rate and momentum", self._rate_and_momentum)
        self.rate, self.momentum = both.then("learning rate", _first), both.then("momentum", _second)

    def optimizer(self) -> str:
        """The class of the optimizer, "SGD" if it is not known."""
        told = self._built.training()
        return "SGD" if told.failure else told.value["optimizer"] or "SGD"

    def _steps(self, weights: Any) -> int:
        """Raises ValueError where the moving average is another than Keras' own."""
        steps = np.log(np.asarray(weights[4], dtype=float)[0]) / np.log(0.99)
        if not abs(steps - round(steps)) < 2e-3:
            raise ValueError("the steps cannot be counted")
        return round(steps)

    def _rate_and_momentum(self, after: Any) -> list[float]:
        biases = [np.asarray(weights[-1], dtype=float) for weights in (self._weights, *after)]
        changes, slopes = np.diff(biases, axis=0), np.array([self._slope(weights) for weights in after[:-1]])
        if not (np.isfinite(changes).all() and np.isfinite(slopes).all()):
            raise ValueError("the training ends in nan")
        known = np.stack([changes[:-1].ravel(), -slopes.ravel()], axis=1)
        momentum, rate = np.linalg.lstsq(known, changes[1:].ravel(), rcond=None)[0]
        return [float(f"{rate:.2g}"), round(float(momentum), 2) + 0.0]

    def _slope(self, weights: Any) -> np.ndarray:
        """Of the loss by the last biases."""
        shares = self._network.outputs(weights, self._images, batch_statistics=True)
        return np.mean(shares - self._labels, axis=0)


def _first(pair: Any) -> float:
    return pair[0]


def _second(pair: Any) -> float:
    return pair[1]


def _label_mistakes(built: Received) -> dict[str, Any]:
    """An error while training, because loss and labels do not fit."""
    text = "" if built.failure is None else built.failure.text
    if "target" not in text or not ("rank" in text or "shape" in text):
        return {}
    return {
        "The loss does not fit the labels: they are numbers from 0 to 9, for sparse_categorical_crossentropy; "
        "one-hot labels need categorical_crossentropy.": ValueError
    }


def _recipe_cases(recipe: Recipe) -> Iterator:
    """Steps, learning rate and momentum, each where it can be found out."""
    if not recipe.steps.failure:
        yield case(recipe.steps, 6, mistakes=STEPS)
    if recipe.rate.failure:  # not compiled, or of another shape, which the other groups say
        return
    rate, momentum, optimizer = recipe.rate.value, recipe.momentum.value, recipe.optimizer()
    other = f"The optimizer is {optimizer}: the recipe asks for SGD."
    yield case(
        recipe.rate,
        RATE,
        tolerance=0.003,
        mistakes={
            other if optimizer != "SGD" else f"The learning rate is {rate:g}: the recipe has {RATE:g}.": rate
        },
    )
    yield case(
        recipe.momentum,
        MOMENTUM,
        tolerance=0.03,
        mistakes={
            other
            if optimizer != "SGD"
            else "There is no momentum, which is SGD's own: the recipe has 0.9."
            if abs(momentum) < 0.03
            else f"The momentum is {momentum:g}: the recipe has 0.9.": momentum
        },
    )


def _gap_mistakes(gap: Received, better: Trained) -> dict[str, Any]:
    """Why a gap is small: what should have learned has not."""
    if gap.failure or gap.value >= GAP or better.nats < 0.8 * GUESSING:
        return {}
    what = f"The {'residual' if better.residual else 'plain'} network with {better.depth} layers has not learned: "
    return {f"{what}its loss is {better.nats:.2f}, guessing has 2.30. Is it trained, with all epochs?": gap.value}


@question(
    "train_stack",
    points=8,
    limit=200.0,
    hints=[
        "(depth - 2) // 6 blocks in each of three stages: 3 for 20 layers, 9 for 56. basic_block does the rest.",
        "Plain: the same two convolutions, without the addition. Let one function make both kinds of block.",
        "compile with SGD(0.02, momentum=0.9) and a sparse loss, fit with batch_size=64, return the model.",
        "It does not learn? Look for the last ReLU of a block, the softmax, and whether `epochs` reaches fit.",
    ],
)
def train_stack(answer, draw: Draw) -> Iterator:
    """Plain and residual networks, trained

    train_stack(depth, residual, images, labels, epochs) returns a trained Keras model for images of shape
    (9, 9, 1): a 3×3 convolution with 8 maps (no bias), normalisation, ReLU; three stages of (depth - 2) / 6 basic
    blocks with 8, 16 and 32 maps, the first block of the second and the third stage with stride 2; global average,
    10 outputs with softmax. residual=True has shortcuts B, residual=False none. SGD with rate 0.02 and momentum
    0.9, batches of 64. The check trains on 1,408 digits for 3 epochs, takes the learned weights and works the
    training loss out of them itself. Networks whose gap is too small are trained once more, on other digits.
    What the recipe was is found out with a network of 8 layers and a few black images.
    """
    first = draw.integer(0, LAST)
    with group("the networks that are asked for", weight=2):
        plain, deep, residual = (
            Trained(answer, depth, kind, first, draw)
            for depth, kind in [(SHALLOW, False), (DEEP, False), (DEEP, True)]
        )
        yield from (*plain.cases, *deep.cases, *residual.cases)
    with group("the recipe that is asked for", weight=2):
        yield from _recipe_cases(Recipe(answer, draw))
    with group(f"plain: {DEEP} layers train worse than {SHALLOW}", weight=2):
        gap = deep.above(plain)
        if not gap.failure and gap.value < GAP:
            again = [Trained(answer, depth, False, LAST - first) for depth in (SHALLOW, DEEP)]
            plain, deep = min((plain, again[0]), key=_nats), max((deep, again[1]), key=_nats)
            gap = deep.above(plain)
        yield case(gap, at_least=GAP, mistakes=_gap_mistakes(gap, plain))
    with group(f"with shortcuts {DEEP} layers train well", weight=2):
        gap = deep.above(residual)
        if not gap.failure and gap.value < GAP:
            residual = min((residual, Trained(answer, DEEP, True, LAST - first)), key=_nats)
            gap = deep.above(residual)
        yield case(gap, at_least=GAP, mistakes=_gap_mistakes(gap, residual))


def _nats(trained: Trained) -> float:
    return trained.nats


# ---- 13.7: costs ----

# Multiply-adds and parameters (with biases where the network has them; moving means not counted).
RATIO = 19_632_062_464 / 3_644_493_824, 143_667_240 / 21_623_848


@question(
    "costs",
    points=3,
    names=("my_block_costs", "slide"),
    hints=[
        "Weights of a convolution: k · k · maps in · maps out. Multiply-adds: weights times places of its output.",
        "The basic block has three convolutions (one is the projection), all with the smaller output.",
        "slide: divide VGG-19's number by ResNet-34's, once for multiply-adds, once for parameters.",
    ],
)
def costs(answer, draw: Draw) -> Iterator:
    """What a block costs, and a slide with the wrong unit"""
    with group("your two blocks, by hand", weight=2):
        _, right, wrong = my_block_costs.for_learner(draw.learner)
        yield case(answer["my_block_costs"].value(), right, mistakes=wrong, hidden=True)
    with group("the slide, repaired"):
        macs, parameters = RATIO
        wrong = {
            "The two are turned round: first multiply-adds, then parameters.": (parameters, macs),
            "3.6 and 19.6 billion are multiply-adds: for the parameters take the parameters.": (macs, macs),
            "Divided the wrong way round: VGG-19 has more of both.": (1 / macs, 1 / parameters),
        }
        yield case(answer["slide"].value(), RATIO, tolerance=0.011, mistakes=wrong, hidden=True)


# ---- 13.8: written ----

why_deep = essay(
    "why_deep",
    points=6,
    title="Degradation is not vanishing gradients",
    rubric=[
        (
            1,
            "Says what degradation is: the deeper plain network has the higher TRAINING error: no overfitting.",
        ),
        (
            1,
            "Says what a vanishing gradient is: it shrinks on the way to the first layers, which do not learn.",
        ),
        (
            2,
            "Gives evidence that they differ: batch normalisation keeps signals and gradients alive in plain-34 "
            "(measured here as gradient norms, or by He et al.), ReLU does not saturate for x > 0, and plain-34 "
            "still trains, but worse.",
        ),
        (
            1,
            "Reads the table: plain-34 is worse than plain-18, ResNet-34 better than ResNet-18, and the shortcut "
            "without weights (A) gains most of it, so depth became useful, not size.",
        ),
        (1, "Compares A, B and C: the differences are small, so projections are not what cures degradation."),
    ],
)
