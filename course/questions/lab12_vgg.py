"""Lab 12: VGG's columns from one builder, stacks of small filters, and a printed table that is audited."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from autograder.check import Draw, Received, case, essay, group, question
from course.draws.lab12 import NAMES, my_costs
from course.given import given
from course.questions import _classics as classics
from course.questions._builds import activation_mistakes, explained, told, with_activation
from course.questions._networks import Network
from course.questions._training import moved_images
from course.questions.lab05_counting import COLUMN_C, FIRST_COPY, column_of, depth_rule

Blocks = Sequence[tuple[int, Sequence[int]]]
Shape = tuple[int, int, int]

# ---- 12.1: blocks ----


def blocks_network(shape: Shape, blocks: Blocks) -> Network:
    """The table that `vgg_blocks` builds."""
    network = Network(shape)
    for block, (maps, sides) in enumerate(blocks, start=1):
        for number, side in enumerate(sides, start=1):
            network.conv(maps, side, pad="same", activation="relu", name=f"conv{block}_{number}")
        network.pool("max", 2, 2, name=f"pool{block}")
    return network


def _outputs_case(
    built: Received, network: Network, draw: Draw, reason: str = "", *, scale: float = 1.0,
    others: Mapping[str, tuple[Network, float]] | None = None,
):  # fmt: skip
    """A model's outputs with secret weights, beside those of the table in NumPy; a reason goes before others.

    Args:
        built: The model.
        network: Its table.
        draw: Of the weights and images.
        reason: What is said of anything wrong, "" to find out.
        scale: What the pixels are multiplied by before the table's first layer.
        others: Mistakes, as the table that they give and what it multiplies pixels by.
    """
    weights = network.drawn_weights(draw)
    images = draw.array((2, *network.shape), 0, 100) / 100
    outputs, rows = built.outputs_with(weights, images), built.card(network.shape)
    right = network.outputs(weights, scale * images)

    def mistakes(*arguments: Any) -> dict[str, Any]:
        """Worked out when everything has been asked, and only where something is wrong."""
        if np.shape(outputs.value) == right.shape and np.allclose(outputs.value, right, atol=1e-4):
            return {}
        if reason:
            return {reason: outputs.value if outputs.failure is None else Exception}
        return explained(outputs, rows, network, wrong)

    def wrong() -> dict[str, np.ndarray]:
        made = {name: table.outputs(weights, factor * images) for name, (table, factor) in (others or {}).items()}
        return made | _with_other_activations(network, weights, scale * images)

    return case(outputs, right, tolerance=1e-4, mistakes=mistakes)


def _with_other_activations(network: Network, weights: list, images: np.ndarray) -> dict[str, np.ndarray]:
    return {name: table.outputs(weights, images) for name, table in activation_mistakes(network).items()}


NO_TENSOR = "The layers do not begin at x: call the first one with x, and return a tensor, not a model."
ONE_RELU = "Each block has one ReLU: there is one after each convolution."


def _blocks_case(answer, shape: Shape, blocks: Blocks, draw: Draw, *, doubled: bool = False):
    """Blocks behind an input, or behind a layer that doubles the pixels, which a model of one's own would lack."""
    tensor = "doubled_image_tensor" if doubled else "image_tensor"
    built = answer(given(tensor, *shape), [tuple(block) for block in blocks])
    network, reason = blocks_network(shape, blocks), _too_small(built)
    ends = [before for before, layer in itertools.pairwise(network.layers) if layer.kind == "MaxPooling2D"]
    others = {ONE_RELU: with_activation(network, "linear", lambda layer: layer not in ends)}
    scale = 2.0 if doubled else 1.0
    wrong = {name: (table, scale) for name, table in others.items()}
    if doubled:
        wrong[NO_TENSOR] = (network, 1.0)
    convolutions = sum(len(sides) for _, sides in blocks)
    rows = built.card(shape)
    pools = [] if rows.failure else [row for row in rows.value if row["layer"] == "MaxPooling2D"]
    if told(rows, network) and convolutions > len(blocks) and len(pools) == convolutions:
        reason = "A pooling stands behind every convolution: there is one at the end of a block."
    return _outputs_case(built, network, draw, reason, scale=scale, others=wrong)


def _too_small(built: Received) -> str:
    """What is said if Keras says that nothing is left of a map, else nothing."""
    text = "" if built.failure is None else built.failure.text.lower()
    if any(word in text for word in ("negative", "<= 0", "non-positive")):
        return "The maps become smaller than a window: pool once at the end of a block, and pad the convolutions."
    return ""


@question(
    "vgg_blocks",
    points=3,
    limit=20.0,
    hints=[
        "Two loops: the outer one over the blocks, the inner one over the sides of a block's filters.",
        "Each convolution takes the last x and gives a new one: x = layers.Conv2D(...)(x).",
        "The pooling belongs to the outer loop, behind the inner one. It has no weights, so nothing else tells.",
    ],
)
def vgg_blocks(answer, draw: Draw) -> Iterator:
    """Blocks of convolutions, each ended by a pooling

    `vgg_blocks(x, blocks)`: x is a Keras tensor of images; blocks has a pair (maps, sides) for each block. For
    each number in sides comes a convolution with so many maps and square filters of that side, stride 1, padding
    `same`, biases, ReLU; then a 2×2 max pooling with stride 2, not padded. The result is a tensor that was made
    from x, which need not be a model's input: there may be layers before. The check puts its own weights into the
    layers and compares outputs; tolerance 1e-4.
    """
    with group("one block"):
        yield _blocks_case(answer, (9, 12, 3), [(4, (3, 3))], draw)
        yield _blocks_case(answer, (6, 8, 1), [(5, (3, 1))], draw, doubled=True)
    with group("several blocks"):
        yield _blocks_case(answer, (12, 17, 3), [(4, (3,)), (6, (3, 3)), (5, (3, 3, 1))], draw)
        some = [(draw.integer(3, 8), tuple(draw.choice([(3,), (3, 3), (3, 1)]))) for _ in range(2)]
        shape = (draw.integer(8, 11), draw.integer(12, 15), 2)
        yield _blocks_case(answer, shape, [*some, (7, (3, 3, 3))], draw, doubled=True)
    with group("filters of other sides"):
        yield _blocks_case(answer, (11, 8, 2), [(4, (5,)), (6, (1, 3))], draw)
        yield _blocks_case(answer, (9, 14, 1), [(3, (7, 3)), (5, (5, 1))], draw, doubled=True)


# ---- 12.2: VGG ----

LETTERS = "ABCDE"
PAIRS = {
    ("C", "D"): "This is column D: the third convolutions of blocks 3, 4 and 5 are 1×1 in C.",
    ("C", "B"): "The three 1×1 convolutions of C are missing: they end blocks 3, 4 and 5.",
    ("D", "C"): "This is column C: the third convolutions of blocks 3, 4 and 5 are 3×3 in D.",
}


@cache
def _count_mistakes(config: str, classes: int, shape: Shape) -> dict[str, int]:
    """Parameters of networks that are nearly the column, at full width."""
    network = classics.vgg(config, classes, shape=shape)
    right, by_name = network.parameters, {layer.name: layer for layer in network.layers}
    pooled = by_name["pool5"].output
    values, unpooled = int(np.prod(pooled)), int(np.prod(_before_pool(network).output))
    fc7 = by_name["fc7"].parameters
    others = {
        PAIRS.get((config, other), f"These are the layers of column {other}."): classics.vgg(
            other, classes, shape=shape
        ).parameters
        for other in LETTERS
        if other != config
    }
    return others | {
        "The biases are missing.": right - sum(layer.weights[-1][0] for layer in network.layers if layer.weights),
        "One of the two dense layers with 4096 units is missing.": right - fc7,
        "A third dense layer with 4096 units is too many: there are two, and the classes.": right + fc7,
        "The layer of the classes is missing at the end.": right - by_name["fc8"].parameters,
        "All dense layers are missing: two with 4096 units, then the classes.": right
        - sum(by_name[name].parameters for name in ("fc6", "fc7", "fc8")),
        "The last pooling is missing: fc6 reads maps of twice that side.": right + (unpooled - values) * 4096,
        "The maps are averaged before fc6: VGG flattens them.": right - (values - pooled[-1]) * 4096,
        "The number of classes is fixed: use `classes`.": right + 4097 * (1000 - classes),
    }


def _before_pool(network: Network):
    place = next(number for number, layer in enumerate(network.layers) if layer.name == "pool5")
    return network.layers[place - 1]


def _count_case(answer, config: str, classes: int = 1000, shape: Shape = (224, 224, 3)):
    """The count at full width; no weight is made."""
    built = answer.lazily(config, classes, 1.0, shape)
    count, network = built.count(shape), classics.vgg(config, classes, shape=shape)
    mistakes = _count_mistakes(config, classes, shape)
    if count.failure is not None or count.value not in (network.parameters, *mistakes.values()):
        mistakes = explained(count, built.card(shape), network, dict)
    elif count.value != network.parameters and _used_again(built.card(shape)):
        mistakes = {SHARED: count.value}
    if reason := _too_small(built):
        mistakes = {reason: Exception}
    return case(count, network.parameters, mistakes=mistakes)


SHARED = "A convolution is used several times, and its weights with it: make a new layer for each."


def _used_again(card: Received) -> bool:
    """Whether a convolution stands in several places of a card with the same weights."""
    return card.failure is None and any(
        row["layer"] == "Conv2D" and not row["trainable"] + row["frozen"] for row in card.value
    )


def _small_case(answer, config: str, draw: Draw, *, width: float = 1 / 8):
    """Outputs at a part of the width, on images that are small, no squares, and somewhere odd before a pooling."""
    sides = [(70, 100), (100, 66)] if config == "A" else [(36, 70), (70, 40), (36, 100), (66, 40)]
    shape, classes = (*draw.choice(sides), draw.choice([1, 3])), draw.integer(4, 12)
    network = classics.vgg(config, classes, width, shape=shape)
    others = {"The pixels are divided by 255 in the model: leave that out here.": (network, 1 / 255)}
    if config == "A":
        others["This is A-LRN, a column of its own: A has no response normalisation."] = (_with_lrn(network), 1.0)
    return _outputs_case(answer(config, classes, width, shape), network, draw, others=others)


def _with_lrn(network: Network) -> Network:
    """The same table with AlexNet's response normalisation after the first convolution."""
    other = Network(network.shape)
    other.layers = network.layers[:2]
    other.response_norm(n=5, k=2.0, alpha=1e-4, beta=0.75)
    other.layers += [replace(layer, inputs=tuple(at + 1 for at in layer.inputs)) for layer in network.layers[2:]]
    return other


@question(
    "vgg",
    points=8,
    limit=30.0,
    hints=[
        "A table of the five columns: for each block the sides of its filters, (3, 3) or (3, 3, 1) or ... "
        "The maps are 64, 128, 256, 512, 512 in every column.",
        "Let vgg_blocks build the convolutions. Then Flatten, 4096 units, 4096 units, and the classes.",
        "`width` multiplies 64, 128, 256, 512, 512 and 4096, not the classes. Keras wants whole numbers: int(...)",
        "`model.summary()` under lazily() must say 138,357,544 for D. C is the only column with 1×1 filters.",
    ],
)
def vgg(answer, draw: Draw) -> Iterator:
    """VGG A to E from one builder

    `vgg(config, classes, width, shape)`: a Keras model of any kind, built and not trained. Convolutions as in
    the paper's table, stride 1, padding `same`, biases and ReLU; a 2×2 max pooling with stride 2, not padded,
    after each of the five blocks; flatten; two dense layers of 4096 units with ReLU; a softmax over the
    classes. Every number of maps and of hidden units is multiplied by width (1, 1/2, 1/4 or 1/8), the classes
    are not. Dropout may stand between the dense layers. The check counts at full width without making weights,
    and compares outputs at 1/8 or 1/4 with its own weights, which it puts in by their place in the graph;
    tolerance 1e-4.
    """
    small = (10, (32, 64, 1))
    with group("A and B", weight=3):
        yield _count_case(answer, "A")
        yield _count_case(answer, "B", *small)
        yield _small_case(answer, "A", draw)
        yield _small_case(answer, "B", draw, width=1 / 4)
    with group("C, with its 1×1 filters", weight=2):
        yield _count_case(answer, "C")
        yield _small_case(answer, "C", draw)
    with group("D and E: VGG-16 and VGG-19", weight=3):
        yield _count_case(answer, "D")
        yield _count_case(answer, "E", *small)
        yield _small_case(answer, "D", draw)
        yield _small_case(answer, "E", draw)


# ---- 12.3: the learner's own network ----


def own_network(numbers: dict[str, Any]) -> Network:
    """The table of a drawn network; `tests` hold Keras against it."""
    blocks = [(maps, (3,) * count) for maps, count in numbers["blocks"]]
    network = blocks_network((numbers["side"], numbers["side"], 3), blocks)
    network.flatten()
    network.dense(numbers["units"], activation="relu", name="hidden")
    network.dense(numbers["classes"], activation="softmax", name="classes")
    return network


def _own_counts(network: Network) -> tuple[int, int, int]:
    """Parameters, multiply-adds and kept values, from the table."""
    kept = sum(int(np.prod(layer.output)) for layer in network.layers if layer.kind != "Flatten")
    return network.parameters, sum(network.multiply_adds()), kept


@question(
    "my_costs",
    points=4,
    names=NAMES,
    hints=[
        "Write a row for each layer first: side of its maps, channels in, maps out.",
        "A convolution has 9 · (channels in) · (maps) weights and a bias for each map. "
        "How often is each weight used?",
        "After three poolings the side is an eighth. The dense layer reads side · side · maps values.",
        "Kept are the input, and what each convolution, each pooling and each dense layer gives.",
    ],
)
def my_costs_question(answer, draw: Draw) -> Iterator:
    """What your own network costs"""
    numbers, _, wrong = my_costs.for_learner(draw.learner)
    titles = ("parameters", "multiply-adds", "values kept for one image")
    for place, (name, title) in enumerate(zip(NAMES, titles, strict=True)):
        gives = {text.removeprefix(f"{name}: "): counts[place] for text, counts in wrong.items()}
        with group(title, weight=2 if place == 0 else 1):
            received = answer[name].value()
            if isinstance(received.value, tuple):
                comma = "Write the number without commas: to Python a comma begins the next number."
                gives = {comma: received.value}
            yield case(received, _own_counts(own_network(numbers))[place], mistakes=gives, hidden=True)


# ---- 12.4: one 5×5 or two 3×3 ----

CLOTHES = (28, 28, 1)
WIDTH = 16


def stack_network(kernel: int, *, widths: Sequence[int] = (WIDTH, WIDTH), single: bool = False) -> Network:
    """The table of `stack_net`: a 3×3 layer, then two blocks of one 5×5 or two 3×3 layers, each with a pooling."""
    network = Network(CLOTHES)
    network.conv(WIDTH, 3, pad="same", activation="relu", name="the first convolution")
    network.pool("max", 2, 2, name="the first pooling")
    count = 1 if kernel == 5 or single else 2
    for block, width in enumerate(widths, start=1):
        for number in range(1, count + 1):
            name = f"block {block}, convolution {number}"
            network.conv(width, kernel, pad="same", activation="relu", name=name)
        network.pool("max", 2, 2, name=f"block {block}, pooling")
    network.flatten()
    network.dense(10, activation="softmax", name="the classes")
    return network


def _stack_counts(kernel: int) -> dict[str, int]:
    wrong = {
        "These are the layers of the other network: use `kernel`.": stack_network(8 - kernel).parameters,
        "The two blocks have unequal widths: then it is the width that is compared, not the filters.": (
            stack_network(kernel, widths=(WIDTH, 2 * WIDTH)).parameters
        ),
    }
    if kernel == 3:
        wrong["One 3×3 layer a block sees 3 pixels, one 5×5 layer sees 5: two 3×3 see as far."] = stack_network(
            3, single=True
        ).parameters
    return wrong


def _stack_cases(built: Received, kernel: int, draw: Draw) -> Iterator:
    """Count and outputs of one of the two networks, pixels from 0 to 255."""
    network = stack_network(kernel)
    count, rows = built.count(CLOTHES), built.card(CLOTHES)
    named = _stack_counts(kernel)
    plain = count.failure is None and count.value in named.values()
    mistakes_of_count = named if plain else explained(count, rows, network, dict)
    if reason := _too_small(built):
        mistakes_of_count = {reason: Exception}
    yield case(count, network.parameters, mistakes=mistakes_of_count)
    weights, images = network.drawn_weights(draw), draw.array((2, *CLOTHES), 0, 255)
    outputs = built.outputs_with(weights, images)

    def gives() -> dict[str, Any]:
        unscaled = "The pixels are not divided by 255: begin with layers.Rescaling(1 / 255)."
        return _with_other_activations(network, weights, images / 255) | {
            unscaled: network.outputs(weights, images)
        }

    def mistakes(*arguments: Any) -> dict[str, Any]:
        return explained(outputs, rows, network, gives)

    yield case(outputs, network.outputs(weights, images / 255), tolerance=1e-4, mistakes=mistakes)


# Measured with 1,500 images, 4 epochs, the 2,000 moved test images, six seeds of the weights, each with other
# images. Lowest and highest accuracy, and the standard deviation of one run:
#   Adam, batch 32       3×3 .677 to .715  .017      5×5 .707 to .749  .015
#   Adam, batch 128      3×3 .573 to .631  .022      5×5 .602 to .682  .028
#   RMSprop, batch 64    3×3 .572 to .650  .029
#   RMSprop, batch 128   3×3 .572 to .616  .017      5×5 .601 to .658  .024
# LEARNS is more than five deviations below the mean of each of them, and far above what a model says that has
# learned nothing (.10). A training that fails by bad luck is tried once more. One takes 2 to 5 s of processor
# time.
IMAGES, EPOCHS = 1_500, 4
LEARNS = 0.45


def _accuracy(built: Received, images: np.ndarray, labels: np.ndarray) -> Received:
    """Which share of the images a trained model sorts right."""

    def share(outputs: Any) -> float:
        if np.shape(outputs) != (len(labels), 10):
            raise ValueError(f"ten numbers for each image were expected, shape ({len(labels)}, 10)")
        return float(np.mean(np.argmax(outputs, axis=1) == labels))

    return built.outputs(images).then("accuracy", share)


def _trained(train, kernel: int, first: int) -> Received:
    images, labels = (given(name, IMAGES, first) for name in ("clothes", "clothes_labels"))
    return train(kernel, images, labels, EPOCHS)


def _training_cases(train, kernel: int, draw: Draw) -> Iterator:
    """One network is trained, a second time if that went badly, and must know its clothes better than that."""
    first, tests = draw.integer(0, 5), moved_images("fashion_mnist", draw)
    built = _trained(train, kernel, IMAGES * first)
    accuracy = _accuracy(built, *tests)
    if accuracy.failure is None and accuracy.value < LEARNS:
        again = _trained(train, kernel, IMAGES * ((first + 3) % 6))
        reached = _accuracy(again, *tests)
        if reached.failure is None and reached.value > accuracy.value:
            built, accuracy = again, reached
    network, count = stack_network(kernel), built.count(CLOTHES)
    yield case(count, network.parameters, mistakes=_stack_counts(kernel))
    yield case(accuracy, at_least=LEARNS, mistakes=_reason(built, accuracy))


def _reason(built: Received, accuracy: Received) -> dict[str, Any]:
    compiled = built.training()
    if accuracy.failure is not None or compiled.failure is not None:
        return {}
    if compiled.value["loss"] is None:
        return {"The model is not trained: compile it and call fit.": accuracy.value}
    if compiled.value["from_logits"]:
        text = "The loss expects logits (from_logits=True), but the model ends in softmax: leave that out."
        return {text: accuracy.value}
    return {}


@question(
    "stack_net",
    points=5,
    names=("stack_net", "train_stack"),
    limit=60.0,
    hints=[
        "Both networks begin and end alike. Between, a block is one convolution if kernel is 5, two if it is 3.",
        "vgg_blocks(x, [(16, (5,)), (16, (5,))]) is the middle of one of them.",
        "train_stack makes a fresh stack_net(kernel), compiles it, calls fit with these images, labels and "
        "epochs, and returns the model.",
        "Labels are class numbers: the loss is sparse_categorical_crossentropy.",
    ],
)
def stack_net(answer, draw: Draw) -> Iterator:
    """One 5×5 layer against two 3×3 layers

    `stack_net(kernel)` for 28×28×1 pixels from 0 to 255: Rescaling(1/255); a 3×3 convolution with 16 maps; 2×2 max
    pooling; twice a block and a 2×2 max pooling; flatten; 10 units with softmax. A block is one convolution 5×5
    (kernel 5) or two 3×3 (kernel 3), 16 maps each; all convolutions have stride 1, padding `same`, biases, ReLU.
    `train_stack(kernel, images, labels, epochs)` trains a new one on uint8 images of shape (count, 28, 28, 1) and
    returns it. While checking it gets 1,500 images of clothes and 4 epochs, and must sort 45 % of 2,000 moved
    test images right (Adam or RMSprop with batches of 32 to 128 do). A model that does not is trained a second
    time, on other images; the better one counts.
    """
    with group("the two networks", weight=2):
        for kernel in (5, 3):
            yield from _stack_cases(answer(kernel), kernel, draw)
    with group("both learn", weight=3):
        for kernel in (3, 5):
            yield from _training_cases(answer["train_stack"], kernel, draw)


# ---- 12.5: the table, audited ----

PAIRS_OF_TWO = "| conv3-256 conv3-256 | conv3-512 conv3-512 | conv3-512 conv3-512"
START = "conv3-64 conv3-64 | conv3-128 conv3-128 "
THREES = START + "| conv3-256 conv3-256 conv3-256 | conv3-512 conv3-512 conv3-512 | conv3-512 conv3-512 conv3-512"
FOURS = START + "| " + 4 * "conv3-256 " + 2 * ("| " + 4 * "conv3-512 ")
PAPER = {
    "A": FIRST_COPY[0],
    "A-LRN": FIRST_COPY[1],
    "B": column_of(START + PAIRS_OF_TWO),
    "C": COLUMN_C,
    "D": column_of(THREES),
    "E": column_of(FOURS),
}
PRINTED = {
    "first": {**dict(zip(("A", "A-LRN", "B"), FIRST_COPY, strict=True)), "C": PAPER["B"], "D": PAPER["B"]}
    | {"E": PAPER["E"]},
    "second": {"B": COLUMN_C, "C": PAPER["D"], "D": PAPER["D"], "E": PAPER["D"]},
}
SILENT = [
    f"{copy} {name}"
    for copy, columns in PRINTED.items()
    for name, column in columns.items()
    if column != PAPER[name] and depth_rule(column) == depth_rule(PAPER[name])
]


def _blocks_of(column: Sequence[str]) -> list[list[str]]:
    """The names between two maxpools."""
    text = " ".join(column)
    return [part.split() for part in text.split("maxpool")]


Edit = tuple[int, str, int]


def audit_rule(printed: Sequence[str], paper: Sequence[str]) -> list[Edit]:
    """Block, name, how often it is printed too often; in order."""
    edits = []
    for block, (found, wanted) in enumerate(zip(_blocks_of(printed), _blocks_of(paper), strict=True), start=1):
        for name in {*found, *wanted}:
            if found.count(name) != wanted.count(name):
                edits.append((block, name, found.count(name) - wanted.count(name)))
    return sorted(edits)


def _audit_mistakes(printed: Sequence[str], paper: Sequence[str]) -> dict[str, list]:
    right = audit_rule(printed, paper)
    per_name = {name: printed.count(name) - paper.count(name) for name in {*printed, *paper}}
    everything = [
        (block, name, found.count(name) - wanted.count(name))
        for block, (found, wanted) in enumerate(zip(_blocks_of(printed), _blocks_of(paper), strict=True), start=1)
        for name in {*found, *wanted}
    ]
    sets = [
        (block, name, sign)
        for block, (found, wanted) in enumerate(zip(_blocks_of(printed), _blocks_of(paper), strict=True), start=1)
        for names, sign in ((set(found) - set(wanted), 1), (set(wanted) - set(found), -1))
        for name in names
    ]
    return {
        "The sign is the other way round: what is missing in print counts below zero.": [
            (block, name, -count) for block, name, count in right
        ],
        "Blocks are counted from 0; here the first block is 1.": [
            (block - 1, name, count) for block, name, count in right
        ],
        "A set knows each name once: count how often it stands in the block.": sorted(sets),
        "Only what is missing is listed; what is printed too often belongs to the list too.": [
            edit for edit in right if edit[2] < 0
        ],
        "Only what is printed too often is listed; what is missing belongs to the list too.": [
            edit for edit in right if edit[2] > 0
        ],
        "The difference has no sign: what is missing in print counts below zero.": sorted(
            (block, name, abs(count)) for block, name, count in right
        ),
        "What agrees is listed with a difference of 0: leave it out.": sorted(everything),
        "The blocks are not told apart: conv3-512 stands in two of them.": sorted(
            (1, name, count) for name, count in per_name.items() if count
        ),
        "What stands behind the last maxpool is a block too.": [
            edit for edit in right if edit[0] < len(_blocks_of(paper))
        ],
        "Only names that are printed are looked at: all of one name may be missing in a block.": [
            edit for edit in right if edit[1] in _blocks_of(printed)[edit[0] - 1]
        ],
        "Only the paper's names are looked at: a name may be printed that its block does not have.": [
            edit for edit in right if edit[1] in _blocks_of(paper)[edit[0] - 1]
        ],
    }


def _in_order(edits: Any) -> list[Edit]:
    """Triples in one order, as plain tuples."""
    if isinstance(edits, dict):
        raise ValueError("a list of triples (block, name, difference) was expected.")
    triples = [tuple(edit) for edit in edits]
    if any(len(edit) != 3 or not isinstance(edit[1], str) for edit in triples):
        raise ValueError("each entry is a triple (block, name, difference).")
    if any(float(number) % 1 for block, _, count in triples for number in (block, count)):
        raise ValueError("block and difference are whole numbers.")
    return sorted((int(block), name, int(count)) for block, name, count in triples)


def _odd_list(edits: list[Edit], right: list[Edit]) -> str:
    """What is wrong with a list that says the right thing in another way, "" if it does not."""
    sums: dict[tuple[int, str], int] = {}
    for block, name, count in edits:
        sums[block, name] = sums.get((block, name), 0) + count
    if sorted({*edits}) == right:
        return "The same triple is listed several times: each name comes once for a block."
    if [edit for edit in edits if edit[2]] == right:
        return "What agrees is listed with a difference of 0: leave it out."
    if sorted((block, name, count) for (block, name), count in sums.items() if count) == right:
        return "A name has several triples in one block: add their differences up in one."
    return "" if right else "The two columns agree here: then the list is empty."


def _audit_case(answer, printed: Sequence[str], paper: Sequence[str]):
    received = answer(list(printed), list(paper)).then("the edits", _in_order)
    right = audit_rule(printed, paper)

    def mistakes(*columns: Any) -> dict[str, Any]:
        text = "" if received.failure is not None or received.value == right else _odd_list(received.value, right)
        return {text: received.value} if text else _audit_mistakes(printed, paper)

    return case(received, right, mistakes=mistakes)


def column_network(column: Sequence[str], *, side: int = 224) -> Network:
    """The table of a printed column."""
    network = Network((side, side, 3))
    for name in column:
        if name == "maxpool":
            network.pool("max", 2, 2)
        elif name.startswith("conv"):
            network.conv(int(name.split("-")[1]), int(name[4]), pad="same", activation="relu", name=name)
        elif name.startswith("FC"):
            if len(network.layers[-1].output) == 3:
                network.flatten()
            network.dense(int(name.split("-")[1]), name=name)
    return network


def _column_mistakes(column: Sequence[str]) -> dict[str, int]:
    network = column_network(column)
    right = network.parameters
    convolutions = [layer for layer in network.layers if layer.kind == "Conv2D"]
    first = next(layer for layer in network.layers if layer.kind == "Dense")
    maps = convolutions[-1].output[-1]
    ones = [layer for layer in convolutions if layer.kernel == 1]
    return {
        "The biases are missing: every filter and every unit has one.": right
        - sum(layer.weights[-1][0] for layer in network.layers if layer.weights),
        "A 1×1 filter is counted as 3×3: the digit behind conv is its side.": right
        + 8 * sum(int(np.prod(layer.weights[0])) for layer in ones),
        "The first dense layer reads one value for each map: it reads height times width times maps.": right
        - (first.weights[0][0] - maps) * first.output[0],
        "The first dense layer reads 224 · 224 values of each map: each pooling halves the side.": right
        + (224 * 224 * maps - first.weights[0][0]) * first.output[0],
        "Every dense layer is counted as if it read maps: only the first one reads maps.": right
        + sum(
            (first.weights[0][0] // maps - 1) * int(np.prod(layer.weights[0]))
            for layer in network.layers
            if layer.kind == "Dense" and layer is not first
        ),
        "The first dense layer reads 7·7 values of each map only after five poolings: count them.": right
        + (49 * maps - first.weights[0][0]) * first.output[0],
        "The dense layers are missing.": sum(layer.parameters for layer in convolutions),
        "The image has three channels.": right - 2 * convolutions[0].kernel ** 2 * convolutions[0].output[-1],
        "The depth is forgotten: a filter is as deep as its input.": right
        - sum(layer.parameters for layer in convolutions)
        + sum(layer.kernel**2 * layer.output[-1] + layer.output[-1] for layer in convolutions),
    }


def _some_columns(draw: Draw) -> tuple[list[str], list[str]]:
    """A small column, and a copy in which layers were lost, doubled or exchanged; one name is lost altogether."""
    blocks = []
    for width, ones in ((16, 0), (32, 1), (32, 0)):
        names = [f"conv3-{width}"] * draw.integer(2, 4) + [f"conv1-{width}"] * draw.integer(ones, 2)
        blocks.append([*names, *(["LRN"] if draw.integer(0, 1) else [])])
    blocks.append(["FC-100", "FC-100", "FC-10", "soft-max"])
    copy = [list(block) for block in blocks]
    copy[draw.integer(0, 1)].pop(0)
    copy[2] += ["conv3-32"] * draw.integer(1, 2)
    exchanged = draw.integer(0, 1)
    copy[exchanged][0] = f"conv5-{(16, 32)[exchanged]}"
    copy[1] = [name for name in copy[1] if name != "conv1-32"]
    copy[3].remove("FC-100")
    if draw.integer(0, 1):
        copy[2].remove("conv3-32")
        copy[2].insert(1, "conv1-64")
    return [" maxpool ".join(map(" ".join, part)).split() for part in (copy, blocks)]


@question(
    "audit",
    points=4,
    names=("audit", "column_parameters", "silent"),
    hints=[
        "Cut both columns at the word maxpool first. Then compare block with block.",
        "list.count(name) says how often a name stands in a block; a set of both blocks has each name once.",
        "column_parameters: walk through the names with the current side and channels in variables. "
        "conv3-64 is cut into its parts by name[4] and name.split('-').",
        "silent: for each printed column compare the number of names that begin with conv or FC, and the edits.",
    ],
)
def audit(answer, draw: Draw) -> Iterator:
    """Two printed tables, audited by a program"""
    with group("audit: the two copies against the paper"):
        for columns in PRINTED.values():
            for name, column in columns.items():
                yield _audit_case(answer, column, PAPER[name])
    with group("audit: other columns"):
        for _ in range(8):
            yield _audit_case(answer, *_some_columns(draw))
    counted = answer["column_parameters"]
    with group("column_parameters: other columns"):
        for _ in range(6):
            column = _some_columns(draw)[1]
            yield case(counted(column), column_network(column).parameters, mistakes=_column_mistakes)
    with group("the copies' parameters, and what the header cannot tell"):
        for column in [PAPER["A-LRN"], PAPER["C"], PAPER["E"], PRINTED["first"]["B"]]:
            yield case(counted(list(column)), column_network(column).parameters, mistakes=_column_mistakes)
        received = answer["silent"].value().then("the columns", _as_names)
        yield case(received, sorted(SILENT), mistakes=_silent_mistakes(received), hidden=True)


def _silent_mistakes(received: Received) -> dict[str, Any]:
    """What speaks against a list of columns, without telling the right one."""
    names = received.value if received.failure is None else []
    every = {
        f"{copy} {name}": (column, PAPER[name])
        for copy, table in PRINTED.items()
        for name, column in table.items()
    }
    unknown = [name for name in names if name not in every]
    fine = [name for name in names if name in every and every[name][0] == every[name][1]]
    loud = [name for name in names if name in every and depth_rule(every[name][0]) != depth_rule(every[name][1])]
    if unknown:
        return {f'{unknown[0]!r} is no column: write them like "first B".': names}
    if fine:
        return {f"In {fine[0]!r} no layer is wrong.": names}
    if loud:
        return {f"{loud[0]!r} gives itself away: it has another number of weight layers than the header.": names}
    return {"The list is empty, but one column is wrong and has the right number of weight layers.": names}


def _as_names(names: Any) -> list[str]:
    items = [names] if isinstance(names, str) else list(names)
    if not all(isinstance(item, str) for item in items):
        raise ValueError('names such as "first B" were expected.')
    return sorted({" ".join(item.split()) for item in items})


dense_share = essay(
    "dense_share",
    points=4,
    title="Why three dense layers hold nine tenths of VGG-16, and what global averaging changes",
    rubric=[
        (1, "Says where the 89 % come from: fc6 has a weight for each of 7·7·512 values and 4096 units, 102.8 M."),
        (
            1,
            "Says why a convolution is small: all places share its weights, so the side is not in its count.",
        ),
        (1, "Global average pooling: 512 values instead of 25,088 are left, 0.5 M weights for 1000 classes."),
        (
            1,
            "Names a price or a gain: place is lost, any image size fits, less overfitting, hardly less work.",
        ),
    ],
)
