"""Lab 14: a network within budgets, augmentation, an honest training, learning curves, dense layers that scan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.check import Draw, Received, case, essay, group, question
from course import _window_nets
from course.draws.arithmetic import numbers_of
from course.draws.lab04 import places
from course.draws.lab14 import CODES, CONFUSED, my_runs
from course.draws.lab14 import my_network as budgets
from course.given import given
from course.questions import _lab14_moves as moves
from course.questions._codes import six_codes
from course.questions._diagnosis import Diagnosis
from course.questions._lab14_network import CLASSES, SHAPE, Probe, busiest_layer, largest_layer
from course.questions._networks import Network
from course.shapes import coloured_shapes

# ---- 14.1: three budgets ----

INPUT_MISTAKES = {
    "The channels stand first: Keras takes (height, width, channels).": (3, 32, 32),
    "The pictures have three channels, red, green and blue.": (32, 32, 1),
    "The input is 64×64: these pictures have 32×32 pixels.": (64, 64, 3),
    "The input is 28×28: these pictures have 32×32 pixels.": (28, 28, 1),
}


def _told(received: Received, sentence: Callable[[], str]) -> dict[str, Any]:
    """A sentence that is read off the model itself, for what was received; none where the model cannot be read."""
    if received.failure is not None:
        return {}
    try:
        return {sentence(): received.value}
    except (TypeError, LookupError, ValueError, ArithmeticError):
        return {}


def _cost_cases(probe: Probe, budget: Mapping[str, int]) -> Iterator:
    """Parameters and multiply-adds, and that nothing else makes the outputs."""
    for cost, name, largest in [
        (probe.count, "parameters", largest_layer),
        (probe.work, "multiply-adds", busiest_layer),
    ]:
        limit = budget[name.replace("-", "_")]
        left = cost.then(f"what is left of {limit:,} {name}", lambda count, limit=limit: limit - count)
        yield case(left, at_least=0, mistakes=_told(left, _too_many(left, name, largest, probe.card)))
    yield case(
        probe.uncounted,
        [],
        mistakes=_told(
            probe.uncounted,
            lambda: f"{probe.uncounted.value[0]} has weights: use Conv2D, DepthwiseConv2D and Dense only.",
        ),
    )
    yield case(
        probe.silent,
        1,
        mistakes={"With all kernels at zero the outputs still depend on the picture.": probe.silent.value},
    )
    yield case(probe.maps, True)


def _too_many(left: Received, name: str, largest: Callable[[Any], str], card: Received) -> Callable[[], str]:
    return lambda: f"{-left.value:,} {name} too many; {largest(card.value)}"


def _field_case(probe: Probe, budget: Mapping[str, int]) -> Any:
    wanted, field = budget["field"], probe.field
    within = not any(
        cost.failure is not None or cost.value > budget[name]
        for name, cost in (("parameters", probe.count), ("multiply_adds", probe.work))
    )
    start = "Both budgets are kept, but a place" if within else "A place"

    def sentence() -> str:
        if field.value == 0:
            return "No layer with weights gives a map of more than one place: where are the convolutions?"
        return (
            f"{start} of the last map sees {field.value} pixels of a row or column, and {wanted} are asked for: "
            "one more layer, a larger kernel, or a pooling or stride further in front widens it."
        )

    return case(field, at_least=wanted, mistakes=_told(field, sentence))


@question(
    "my_network",
    points=8,
    limit=30.0,
    hints=[
        "Let layer_table count a first try. Which number is out of bounds, and which row is it?",
        "Few parameters: GlobalAveragePooling2D, not Flatten. Few multiply-adds: a stride or a pooling at once.",
        "A wide field: a layer behind a pooling counts double. Pool early, with a 3×3 convolution behind it.",
        "The field is measured at the last layer with weights that gives a map; a pooling behind it adds nothing.",
    ],
)
def my_network(answer, draw: Draw) -> Iterator:
    """A network within three budgets

    my_network() gives a Keras model of any kind for pictures of shape (32, 32, 3): six numbers, softmax last.
    Parameters and multiply-adds are at most, the receptive field is at least what lab.numbers("my_network") says.
    The field is measured: with the check's own weights, rows and columns of random pictures are changed, and the
    last layer with weights that gives a map of more than one place is watched.
    """
    budget = numbers_of(budgets, draw.learner)
    built = answer()
    probe = Probe(built, draw)
    with group("from pictures to six classes"):
        yield case(
            probe.card.then("input shape", lambda rows: tuple(rows[0]["output"])), SHAPE, mistakes=INPUT_MISTAKES
        )
        yield case(
            probe.outputs.then("shape", np.shape),
            (5, CLASSES),
            mistakes={
                "There are ten outputs: the shapes have six classes.": (5, 10),
                "There are seven outputs: the shapes have six classes.": (5, 7),
                "There are no maps to classify left: flatten or average them, then six units.": (5, 1, 1, CLASSES),
            },
        )
        sums = probe.outputs.then("sums of the rows", lambda rows: np.sum(np.asarray(rows), axis=-1))
        wrong = "The six numbers of a picture do not add up to 1: the last layer needs a softmax."
        yield case(sums, np.ones(5), tolerance=1e-4, mistakes=_told(sums, lambda: wrong))
        yield case(probe.kinds, 5, mistakes={"The output is the same for every picture.": 1})
    with group("parameters and multiply-adds, both within budget", weight=3):
        yield from _cost_cases(probe, budget)
    with group("within both budgets, a receptive field that is wide enough", weight=4):
        yield _field_case(probe, budget)
        yield from _cost_cases(probe, budget)


# ---- 14.2: augmentation ----


def _batch(draw: Draw, shape: tuple[int, ...], *, whole: bool = True) -> np.ndarray:
    """Pictures of noise without zeros: no two windows are alike, none equals its mirror image."""
    numbers = np.resize(draw.array(1999, 1, 250), shape)
    return numbers.astype(np.uint8) if whole else numbers / 4


def _copy_case(reply: Received, batch: np.ndarray) -> Any:
    count = reply.then("moved copies of its pictures", lambda value: moves.copies(value, batch))
    way = moves.other_way(reply.value, batch) if count.failure is None else ""
    return case(count, len(batch), mistakes={way: count.value} if way else {})


@question(
    "augment",
    points=4,
    hints=[
        "rng = np.random.default_rng(seed) once, then for each picture: mirrored? pixels down, pixels across.",
        "Pad the whole batch with two zeros on each side. A shift is a window of the old size, cut from it.",
        "rng.integers(0, 5, (len(batch), 2)) gives two numbers from 0 to 4 for each picture: the window's start.",
        "Mirroring: batch[i, :, ::-1], columns in reverse. Work on a copy, so that `batch` stays as it was.",
    ],
)
def augment(answer, draw: Draw) -> Iterator:
    """Mirrored and moved, each picture for itself

    augment(batch, seed) gives an array of the batch's shape, (count, height, width, channels). Picture i is the
    batch's picture i, mirrored left to right with probability one half, then moved by −2, −1, 0, 1 or 2 pixels
    down and as many kinds to the right, all equally likely and drawn for each picture and each direction. Zeros
    come in. The numbers of the pictures stay what they are. The same batch and seed give the same, another seed
    gives something else, and the batch is not changed.
    """
    with group("zeros come in, nothing else changes"):
        for shape, whole in [((40, 7, 10, 3), True), ((30, 9, 6, 1), False), ((25, 8, 8, 2), True)]:
            batch, seed = _batch(draw, shape, whole=whole), draw.integer(1, 10_000)
            reply = answer(batch, seed)
            yield _copy_case(reply, batch)
            stays = reply.then(
                "pictures that are as before", lambda value, batch=batch: moves.unmoved(value, batch)
            )
            yield case(
                stays.then("fewer than half", lambda count, batch=batch: count < len(batch) / 2),
                True,
                mistakes={"The pictures come back as they were.": False},
            )
    batch, seeds = _batch(draw, (800, 7, 9, 2)), [draw.integer(1, 10_000) for _ in range(3)]
    replies = [answer(batch, seed) for seed in seeds]
    with group("shifts: drawn for each picture and each direction"):
        for reply in replies:
            found = reply.then("shifts down, to the right, and pairs", lambda value: moves.shifts(value, batch))
            slip = (
                ""
                if found.failure or moves.copies(reply.value, batch) < 720
                else moves.shift_slip(reply.value, batch)
            )
            named = {text: found.value for text, key in moves.SHIFT_MISTAKES.items() if key == slip}
            yield case(found, [list(moves.STEPS), list(moves.STEPS), 25], mistakes=named)
            even = reply.then("share of each step", lambda value: moves.evenly(value, batch))
            yield case(even, ["a fifth"] * 10)
    with group("mirrored: one half of the pictures, each for itself"):
        parts = [slice(start, start + 100) for start in range(0, 800, 100)]
        few = [answer(batch[part], draw.integer(1, 10_000)) for part in parts]
        told = [
            reply.then("mirrored", lambda value, part=part: _mirrored(value, batch[part]))
            for reply, part in zip(few, parts, strict=True)
        ]
        named = _mirror_mistakes([one.value for one in told])
        for one in told:
            yield case(one, "half", mistakes={text: one.value for text in named})
        for reply in replies:
            many = reply.then("mirrored of 800", lambda value: _mirrored(value, batch))
            yield case(many, "half", mistakes={text: many.value for text in named})
            both = reply.then("kinds of moves, mirrored or not", lambda value: len(_kinds(value, batch)))
            yield case(both, 50)
    with group("the seed decides"):
        for number, reply in enumerate(replies):
            again = answer(batch, seeds[number])
            yield _copy_case(again, batch)
            yield _same_case(again, reply, batch, expected=True)
            yield _same_case(answer(batch, seeds[number] + 1), reply, batch, expected=False)


def _mirrored(value: Any, batch: np.ndarray) -> str:
    found = [move for move in moves.moves_of(value, batch) if move is not None]
    if not found:
        raise ValueError("no picture is a moved copy of the batch's")
    return moves.rough(sum(move[0] for move in found), len(found))


def _mirror_mistakes(told: Sequence[Any]) -> list[str]:
    """The sentence that explains how often the pictures of several batches are mirrored."""
    if all(one == "none" for one in told):
        return ["No picture is ever mirrored."]
    if all(one == "all" for one in told):
        return ["Every picture is mirrored: one half of them should be, by chance."]
    if all(one in ("none", "all") for one in told):
        return ["A batch is mirrored as a whole, or not at all: draw for each picture."]
    return []


def _kinds(value: Any, batch: np.ndarray) -> set[Any]:
    return {move for move in moves.moves_of(value, batch) if move is not None}


def _same_case(reply: Received, other: Received, batch: np.ndarray, *, expected: bool) -> Any:
    """Whether two replies are equal, as they should or should not be."""

    def same(value: Any) -> bool:
        return np.array_equal(moves.read(value, batch), moves.read(other.value, batch))

    sentence = (
        "The same seed gives something else the second time: make a generator from the seed in every call."
        if expected
        else "Another seed gives the same: use `seed`."
    )
    return case(reply.then("equal to the one before", same), expected, mistakes={sentence: not expected})


# ---- 14.3: training without a leak ----

# Measured with 1,200 images, 8 epochs, augmentation, Adam, batch 32, and 1,000 other images; lowest and highest
# accuracy over seeds of images and weights, and the standard deviation of one run:
#   5 to 15 maps, batch normalisation, .003    .925 to .989  .022
#   8 to 24 maps, batch normalisation, .001    .906 to .938  .014
#   8 to 24 maps without it, .003              .716 to .916  .076
#   8 to 24 maps without it, .001              .526 to .643  .048
#   three convolutions at full size, .003      .873 to .898  .010
# Chance is .167. WELL lies more than seven deviations below what the text recommends, LEARNS more than four below
# everything that learns. A model below WELL is trained once more, and the better one counts. One takes 5 s.
IMAGES, EPOCHS, TESTS = 1_200, 8, 1_000
LEARNS, WELL = 0.35, 0.75


def _sources(draw: Draw, count: int) -> np.ndarray:
    """Which photograph each of some pictures comes from: one to four pictures of each, in disorder."""
    names = [10 * number + draw.integer(0, 9) for number in range(1, count + 1)]
    copies = [name for name in names for _ in range(draw.integer(1, 4))]
    return np.array(draw.shuffled([*copies, names[0], names[0]]))


def _parts(value: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The two lists of places as arrays of whole numbers.

    Raises:
        ValueError: If they are not two lists of places.
    """
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("expected two lists of places: training, validation")
    parts = [np.asarray(part).reshape(-1) for part in value]
    for part in parts:
        if part.size == 0:
            raise ValueError("one of the two lists is empty")
        if part.dtype.kind not in "iu":
            raise ValueError("expected places, whole numbers from 0 on")
        if part.min() < 0 or part.max() >= count:
            raise ValueError(f"there are places from 0 to {count - 1}; received {part.min()} to {part.max()}")
    return parts[0], parts[1]


def _split_cases(reply: Received, sources: np.ndarray, share: float) -> Iterator:
    """Every place once, no source on both sides, the right number of sources held out."""
    count, kinds = len(sources), len(set(sources.tolist()))
    parted = reply.then("all places", lambda value: sorted(np.concatenate(_parts(value, count)).tolist()))
    yield case(parted, list(range(count)), expected_text=f"each of 0 to {count - 1} once")

    def shared(value: Any) -> int:
        training, validation = _parts(value, count)
        return len(set(sources[training].tolist()) & set(sources[validation].tolist()))

    both = reply.then("photographs on both sides", shared)
    leak = (
        "Pictures of one photograph stand on both sides: the validation knows what the training has seen. "
        "Divide the photographs, not the pictures."
    )
    yield case(both, 0, mistakes=_told(both, lambda: leak))
    held = reply.then("photographs held out", lambda value: len(set(sources[_parts(value, count)[1]].tolist())))
    wanted = round(share * kinds)
    near = held.value if held.failure is None and abs(held.value - wanted) == 1 else wanted
    gives = {
        "The two lists are exchanged: first training, then validation.": kinds - wanted,
        f"{near} of {kinds} photographs are held out: round({share} * {kinds}) is {wanted}.": near,
    }
    yield case(held, wanted, mistakes={text: wrong for text, wrong in gives.items() if wrong != wanted})


def _hold_out_cases(ask: Callable[..., Received], draw: Draw) -> Iterator:
    for count, share in [(27, 0.25), (31, 0.2), (24, 0.5), (50, 0.1)]:
        sources, seed = _sources(draw, count), draw.integer(1, 10_000)
        reply = ask(sources, share, seed)
        yield from _split_cases(reply, sources, share)
        again = ask(sources, share, seed)
        yield case(
            again.then("equal to the one before", lambda value, reply=reply: _held(value) == _held(reply.value)),
            True,
            mistakes={"The same seed gives another division the second time.": False},
        )
        others = [ask(sources, share, seed + step) for step in range(1, 5)]
        kinds = again.then(
            "divisions that five seeds give",
            lambda value, others=others: len({_held(one) for one in (value, *(other.value for other in others))}),
        )
        yield case(kinds.then("several", lambda number: number > 1), True, mistakes={NOT_SHUFFLED: False})


NOT_SHUFFLED = "Every seed holds out the same photographs: shuffle them with the seed before you divide."


def _held(value: Any) -> tuple[int, ...]:
    """The places that are held out, in their order."""
    return tuple(sorted(int(place) for place in np.asarray(value[1]).reshape(-1)))


def _trained(answer: Any, seed: int, tests: tuple[np.ndarray, np.ndarray]) -> Diagnosis:
    images, labels = given("small_shapes", IMAGES, seed), given("small_shape_labels", IMAGES, seed)
    return Diagnosis(answer(images, labels, EPOCHS), *tests, well=WELL, classes=CLASSES, thing="shape")


@question(
    "train_shapes",
    points=6,
    limit=90.0,
    names=("train_shapes", "hold_out"),
    hints=[
        "hold_out: np.unique(sources) are the photographs. Shuffle these; the first few are held out.",
        "np.isin(sources, held) says of each picture whether it is held out; np.flatnonzero gives places.",
        "train_shapes: the model is given pixels from 0 to 255, so its first layer is layers.Rescaling.",
        "In each epoch: augment(images, epoch), then model.fit(..., epochs=1). Return the model itself.",
    ],
)
def train_shapes(answer, draw: Draw) -> Iterator:
    """Train it, and hold pictures out without a leak

    hold_out(sources, share, seed): `sources` says of each picture which photograph it was made from. Two lists of
    places come back, for training and for validation: each place once, all pictures of a photograph on one side,
    round(share · photographs) of them held out, others for another seed.
    train_shapes(images, labels, epochs): images uint8 from 0 to 255, shape (n, 32, 32, 3), labels 0 to 5. It
    returns the trained Keras model, which takes such images, as they come or divided by 255. The check gives 1,200
    images and 8 epochs and asks about 1,000 others. A model that is not good enough is trained a second time, on
    other images, and the better of the two counts.
    """
    with group("pictures held out, and no leak", weight=2):
        yield from _hold_out_cases(answer["hold_out"], draw)
    first = draw.integer(1_000, 9_000)
    tests = coloured_shapes(TESTS, draw.integer(10_000, 99_000), side=SHAPE[0])
    trained = _trained(answer, first, tests)
    if not trained.accuracy.failure and trained.reached < WELL:
        trained = max(trained, _trained(answer, first + 1, tests), key=lambda one: one.reached)
    with group("it learns", weight=2):
        yield case(trained.accuracy, at_least=LEARNS, mistakes=trained.mistakes)
    with group("it learns well", weight=2):
        yield case(trained.accuracy, at_least=WELL, mistakes=trained.mistakes)


# ---- 14.4: learning curves ----


@question(
    "diagnose_runs",
    points=6,
    names=("my_runs",),
    hints=[
        "First ask of each chart: do training and validation part, and where do the new pictures go?",
        "Then: has the training loss come to rest at the end? How high? Is it smooth?",
        "Loss 1.79 is guessing. Which validation is never better than that, although the training loss falls?",
        "No code stands twice, and one of the seven is not among your six.",
    ],
)
def diagnose_runs(answer, draw: Draw) -> Iterator:
    """Six learning curves

    `my_runs` is a list of six codes, in the order of your charts. A pair of charts counts when both are right.
    """
    numbers, right, wrong = my_runs.for_learner(draw.learner)
    reply = answer.value().then("codes", lambda value: six_codes(value, CODES))
    sample = wrong.get("These fit the sample numbers. Show your numbers again, now that your id is typed.")
    if sample is not None and reply.value == sample:
        named = {"These fit the sample numbers. Show your charts again, now that your id is typed.": sample}
    else:
        named = {}
    for first in (0, 2, 4):
        with group(f"charts {first + 1} and {first + 2}"):
            for place in (first, first + 1):
                mistakes = {text: codes[place] for text, codes in named.items()}
                yield case(
                    reply.then(f"run {numbers[place]}", lambda codes, place=place: codes[place]),
                    right[place],
                    mistakes=mistakes or _confusions(right[place]),
                    hidden=True,
                )


def _confusions(right: str) -> dict[str, str]:
    """What a wrong code is often taken for."""
    return {text: pair[1 - pair.index(right)] for pair, text in CONFUSED.items() if right in pair}


# ---- 14.5: dense layers as convolutions ----

# Layers and shape of a window; then the pictures that the converted network scans, (batch, height, width).
NETS: dict[str, tuple[list[tuple[Any, ...]], tuple[int, int, int]]] = {
    "one": ([("conv", 5, 3, 1), ("max", 2, 2), ("flatten",), ("dense", 4)], (8, 12, 2)),
    "two": (
        [
            ("scale",),
            ("conv", 4, 3, 1),
            ("max", 2, 2),
            ("conv", 6, 2, 1),
            ("flatten",),
            ("dense", 7),
            ("dense", 5),
        ],
        (12, 10, 3),
    ),
    "stride": (
        [("conv", 6, 4, 2), ("average", 2, 1), ("flatten",), ("dropout",), ("dense", 8), ("dense", 3)],
        (10, 14, 1),
    ),
    "plain": ([("flatten",), ("dense", 6), ("dense", 4)], (4, 5, 3)),
}
ORDERS = {
    "Wrong order: the kernel of the first dense layer is (rows, columns, maps, units); yours has columns first.": (
        (0, 2, 1, 3)
    ),
    "Wrong order: Flatten runs through the maps of one place first; your kernel has the maps in front.": (
        0,
        3,
        1,
        2,
    ),
}


class Scanned:
    """What a network of windows says at every window of larger pictures, in NumPy, right or with a mistake.

    Args:
        name: A key of `NETS`.
        seed: Of the weights.
        pictures: Shape (batch, height, width, channels).
    """

    def __init__(self, name: str, seed: int, pictures: np.ndarray) -> None:
        self._layers, self._shape = NETS[name]
        self._weights = _window_nets.weights(self._layers, self._shape, seed)
        self._batch = len(pictures)
        self.counts, windows = self._windows(pictures)
        cut = next(number for number, layer in enumerate(self._layers) if layer[0] == "flatten")
        self._hidden = sum(layer[0] == "dense" for layer in self._layers)
        self._body = Network(self._shape)
        for kind, *sizes in self._layers[:cut]:
            if kind == "conv":
                self._body.conv(sizes[0], sizes[1], stride=sizes[2], activation="relu")
            elif kind != "scale":
                self._body.pool(kind, *sizes)
        self._kernels = len(self._weights) - 2 * self._hidden
        self._plain = windows
        self._maps = self._behind(windows / 127.5 - 1 if self._scaled else windows)
        self._dense = self._weights[self._kernels :]

    @property
    def _scaled(self) -> bool:
        """Whether the network itself brings pixels from 0 to 255 to -1 to 1."""
        return ("scale",) in self._layers

    def _behind(self, windows: np.ndarray) -> np.ndarray:
        """The maps in front of `Flatten`."""
        return self._body.outputs(self._weights[: self._kernels], windows)

    def _windows(self, pictures: np.ndarray) -> tuple[tuple[int, int], np.ndarray]:
        """How many windows down and across, and all of them in one batch.

        Pixels that no layer reads may lie outside the picture: zeros stand there.
        """
        jump, sides, own = 1, list(pictures.shape[1:3]), list(self._shape[:2])
        for kind, *sizes in self._layers:
            if kind in ("conv", "max", "average"):
                side, stride = sizes[-2:]
                sides, own = ([places(n, side, stride, 0) for n in row] for row in (sides, own))
                jump *= stride
        rows, columns = (n - f + 1 for n, f in zip(sides, own, strict=True))
        height, width = self._shape[:2]
        wide = np.pad(pictures, ((0, 0), (0, height), (0, width), (0, 0)))
        cut = [
            wide[:, i * jump : i * jump + height, j * jump : j * jump + width]
            for i in range(rows)
            for j in range(columns)
        ]
        return (rows, columns), np.stack(cut, axis=1).reshape(-1, *self._shape)

    def says(
        self, *, order: tuple[int, ...] = (0, 1, 2, 3), turned: bool = False, bias: bool = True, relu: bool = True,
        softmax: bool = True, scaled: bool = True,
    ) -> np.ndarray:  # fmt: skip
        """Classes of every window, shape (batch, rows, columns, classes); the options make mistakes."""
        maps = self._maps if scaled else self._behind(self._plain)
        maps = maps[:, ::-1, ::-1] if turned else maps
        values = maps.transpose(order).reshape(len(maps), -1)
        for number in range(self._hidden):
            kernel, own = self._dense[2 * number : 2 * number + 2]
            values = values @ kernel.astype(float) + (own if bias else 0.0)
            if number < self._hidden - 1 and relu:
                values = np.maximum(values, 0.0)
        if softmax:
            powers = np.exp(values - values.max(axis=-1, keepdims=True))
            values = powers / powers.sum(axis=-1, keepdims=True)
        return values.reshape(self._batch, *self.counts, -1)

    def mistakes(self) -> dict[str, np.ndarray]:
        """What each named mistake gives."""
        right = self.says()
        gives = {text: self.says(order=order) for text, order in ORDERS.items()} | {
            "The kernel is turned by 180°: Keras' layers do not flip.": self.says(turned=True),
            "The biases are not copied.": self.says(bias=False),
            "The softmax at the end is missing.": self.says(softmax=False),
            "No layer behind Flatten has its activation: pass it on.": self.says(softmax=False, relu=False),
        }
        if self._scaled:
            gives["Rescaling in front of the convolutions is lost."] = self.says(scaled=False)
        if self._hidden > 1:
            gives["The hidden dense layer has lost its ReLU."] = self.says(relu=False)
        if self.counts == (1, 1):
            gives["These are scores without places: the shape is (batch, 1, 1, classes)."] = right[:, 0, 0]
        gives["The windows are averaged: the map of places is asked for."] = right.mean(axis=(1, 2))
        return gives


FIXED = "The converted model takes windows only: begin with keras.Input((None, None, channels))."


def _scan_case(answer: Any, name: str, size: tuple[int, int, int], draw: Draw) -> Any:
    """One network, converted, on pictures of one size."""
    layers, shape = NETS[name]
    seed = draw.integer(1, 9_999)
    pictures = np.resize(draw.array(1999, 0, 100) / 100, (*size, shape[2])) * (255 if ("scale",) in layers else 1)
    built = answer(given("window_net", layers, shape, seed))
    scanned = Scanned(name, seed, pictures)
    reply = built.outputs(pictures)
    wrong = scanned.mistakes()
    if reply.failure is not None and "takes inputs of shape" in reply.failure.text:
        wrong = {FIXED: ValueError}
    return case(reply, scanned.says(), tolerance=1e-4, mistakes=wrong)


@question(
    "fc_to_conv",
    points=4,
    limit=30.0,
    hints=[
        "A unit of the first dense layer has a weight for every number of the maps: a filter as large as they.",
        "Maps (h, w, c) before Flatten, dense kernel (h·w·c, units): reshape it to (h, w, c, units).",
        "A dense layer behind it reads one number of each map: a 1×1 convolution, kernel (1, 1, inputs, units).",
        "keras.Input((None, None, c)), then call the layers before Flatten on it: they bring their weights along.",
    ],
)
def fc_to_conv(answer, draw: Draw) -> Iterator:
    """Dense layers as convolutions

    `model` is a keras.Sequential: convolutions and poolings without padding, Flatten, dense layers, and perhaps
    Rescaling or Dropout between them; ReLU inside, softmax at the end. fc_to_conv(model) gives a Keras model for
    pictures of shape (height, width, channels) of any size from the window's on. It ends in maps, (batch, rows,
    columns, classes): at each place what `model` says of the window there. Tolerance 1e-4.
    """
    with group("on one window: the same shares"):
        for name, shape in [(name, NETS[name][1]) for name in ("one", "two", "plain")]:
            yield _scan_case(answer, name, (3, *shape[:2]), draw)
    with group("one dense layer, larger pictures"):
        for name, size in [("one", (2, 15, 20)), ("one", (1, 21, 13))]:
            yield _scan_case(answer, name, size, draw)
    with group("two dense layers, larger pictures"):
        for name, size in [("two", (2, 17, 21)), ("plain", (2, 7, 6))]:
            yield _scan_case(answer, name, size, draw)
    with group("strides in front of them, dropout between them"):
        for name, size in [("stride", (2, 15, 25)), ("stride", (1, 20, 17))]:
            yield _scan_case(answer, name, size, draw)


# ---- 14.6: what comes out ----

# What a task gives, by its letter; and why each other letter that people choose is wrong.
OUTPUTS = ("class", "numbers", "boxes", "mask", "points", "vector", "sentence", "image")
TASKS: dict[str, tuple[str, dict[str, str]]] = {
    "signs": ("class", {"boxes": "Signs: the sign is cut out already; nobody asks where it is."}),
    "street": (
        "boxes",
        {
            "class": "Street: there are many cars and people, and each has a place.",
            "mask": "Street: not every pixel is asked for, but four numbers and a class for each thing.",
            "points": "Street: a point has no size; how large each thing is belongs to the answer.",
        },
    ),
    "roads": (
        "mask",
        {
            "class": "Roads: one answer for the whole picture is too little; each pixel gets its own.",
            "boxes": "Roads: a road winds; a box around it holds mostly other things.",
            "image": "Roads: what comes out has a class at each pixel, not colours.",
        },
    ),
    "runner": (
        "points",
        {
            "boxes": "Runner: an elbow is a place, not a rectangle.",
            "numbers": "Runner: the numbers are places in the picture, a pair for each joint: that is `points`.",
        },
    ),
    "galaxies": (
        "numbers",
        {
            "class": "Galaxies: no single answer wins; each of the 37 answers has its share.",
            "vector": "Galaxies: each of the 37 numbers has a meaning of its own, known before the training.",
        },
    ),
    "whales": (
        "class",
        {
            "vector": "Whales: the animals are known, a list of names; one of them is the answer.",
            "mask": "Whales: which animal it is, not which pixels it covers.",
        },
    ),
    "similar": (
        "vector",
        {
            "class": "Similar: no list of classes holds what people will look for.",
            "image": "Similar: the pictures are there already; they are to be compared, and quickly.",
        },
    ),
    "tumour": (
        "mask",
        {
            "class": "Tumour: whether there is one is not all; its outline is asked for.",
            "boxes": "Tumour: a box has four corners; an outline follows the tissue, pixel by pixel.",
        },
    ),
    "caption": ("sentence", {"class": "Caption: there is no list of all the things that may be said."}),
    "painting": (
        "image",
        {
            "class": "Painting: nobody asks for the painter's name.",
            "vector": "Painting: something to look at comes out.",
        },
    ),
}


def _entry(number: int) -> Callable[[Any], str]:
    """Reads one of ten words; a ValueError says what is wrong with the list."""

    def read(entries: Any) -> str:
        if isinstance(entries, dict):
            entries = [entries.get(task, "") for task in TASKS]
        if isinstance(entries, str) or not isinstance(entries, list | tuple | np.ndarray):
            raise ValueError(f"write {len(TASKS)} words in quotes, with commas between them")
        if len(entries) != len(TASKS):
            raise ValueError(f"these are {len(entries)}, and {len(TASKS)} are asked for")
        return " ".join(str(entries[number]).casefold().split())

    return read


@question(
    "task_outputs",
    points=2,
    names=("my_outputs",),
    hints=[
        "Ask of each task: how many answers does one picture get? One, one for each thing, one for each pixel?",
        "Two of the eight words are needed twice: `class` and one more.",
    ],
)
def task_outputs(answer, draw: Draw) -> Iterator:
    """Ten tasks, and what comes out of the network

    `my_outputs` is a list of ten words, in the order of the table; five in a row count together.
    """
    value = answer.value()
    tasks = list(TASKS.items())
    for first in (0, 5):
        with group(f"tasks {first + 1} to {first + 5}"):
            for number in range(first, first + 5):
                task, (right, others) = tasks[number]
                reply = value.then(f"task {number + 1}, {task},", _entry(number))
                gives = {why: word for word, why in others.items()}
                if reply.failure is None and reply.value not in OUTPUTS:
                    gives[f"{reply.value!r} is none of the words: {', '.join(OUTPUTS)}."] = reply.value
                yield case(reply, right, mistakes=gives, hidden=True)


one_page = essay(
    "one_page",
    points=6,
    title="One application, and the network for it",
    rubric=[
        (1, "Names one application of the lectures, and says what comes in and what comes out, with shapes."),
        (2, "Says which part of a trained classifier is kept and why: what its maps know that this task needs."),
        (1, "Says what is put on top instead of the dense layers, and which loss or comparison trains it."),
        (1, "Uses what this course measured or proved at least once, with a number, and rightly."),
        (1, "Says what can go wrong, and how one would notice: data, leakage, shifts, or a number that hides it."),
    ],
)
