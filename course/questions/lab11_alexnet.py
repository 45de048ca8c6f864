"""Lab 11: ImageNet, top-5 error, AlexNet, its response normalisation, its recipe, and a small one trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.check import Draw, Received, case, essay, group, question
from course.draws.lab11 import my_conv1, my_dense
from course.given import given
from course.questions import _classics as classics
from course.questions._builds import activation_mistakes, with_activation
from course.questions._diagnosis import Diagnosis
from course.questions._differences import differences
from course.questions._networks import Network
from course.questions._towers import in_halves

# ---- history: ImageNet in dates and numbers ----

TRAINING, PER_EPOCH = 1_281_167, 1_281_167 * 224 * 224
MNIST = 60_000 * 28 * 28
ORDER = list("BCDEFAG")
WINNERS = list("NSGM")


def _letters(value: Any) -> Any:
    """Letters in any wrapping, "BCD" or ["b", "c", "d"], as a list of capitals."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, str):
        value = [letter for letter in value if letter not in " ,;-\n"]
    return [str(letter).strip().upper() for letter in value]


@question(
    "history",
    points=2,
    names=("order", "winners", "chart", "images"),
    hints=[
        "Find each event in the timeline and write its year beside its letter. Then sort.",
        "The chart: the fall in points is the difference of two bars; the share is that over the earlier bar.",
        "Images: take the 50,000 for validation and the 100,000 for testing away first.",
    ],
)
def history(answer, draw: Draw) -> Iterator:
    """From a cat's cells to 152 layers"""
    with group("seven events in their order"):
        yield case(
            answer["order"].value().then("letters", _letters),
            ORDER,
            mistakes={
                "The order is turned round: the oldest comes first.": ORDER[::-1],
                "The data set (F) is older than the network that won on it (A).": list("BCDEAFG"),
                "The Neocognitron (C) is older than back-propagation's paper (D).": list("BDCEFAG"),
            },
            hidden=True,
        )
    with group("who won in 2010, 2012, 2014 and 2015"):
        yield case(
            answer["winners"].value().then("letters", _letters),
            WINNERS,
            mistakes={
                "VGG was second in 2014; GoogLeNet won.": list("NSVM"),
                "XRCE won in 2011; in 2010 it was NEC-UIUC.": list("XSGM"),
            },
            hidden=True,
        )
    with group("the chart, read"):
        yield case(
            answer["chart"].value(),
            (2012, 9.4, 2015, 46),
            tolerance=0.01,
            mistakes={
                "The largest fall as a share is another year: divide each fall by the error before it.": (
                    (2012, 9.4, 2012, 36)
                ),
                "Divided by the error afterwards; a fall is a share of what was there before.": (
                    (2012, 9.4, 2015, 87)
                ),
                "That is the share that is left, not the share by which the error fell.": (2012, 9.4, 2015, 54),
                "The two halves are exchanged: first the fall in points, then the share.": (2015, 46, 2012, 9.4),
                "The share is asked for in per cent.": (2012, 9.4, 2015, 0.46),
            },
            hidden=True,
        )
    with group("the images, counted like for like"):
        every = 1_431_167
        yield case(
            answer["images"].value(),
            (TRAINING, PER_EPOCH, round(PER_EPOCH / MNIST)),
            mistakes={
                "These are all images: those for validation and for testing are not trained on.": (
                    (every, every * 224**2, round(every * 224**2 / MNIST))
                ),
                "The images for testing are still among them: nobody trains on those.": (
                    (every - 50_000, (every - 50_000) * 224**2, round((every - 50_000) * 224**2 / MNIST))
                ),
                "The images for validation are still among them: nobody trains on those.": (
                    (every - 100_000, (every - 100_000) * 224**2, round((every - 100_000) * 224**2 / MNIST))
                ),
                "Three colours are counted: a pixel is a place, whatever its colours.": (
                    (TRAINING, 3 * PER_EPOCH, round(3 * PER_EPOCH / MNIST))
                ),
                "MNIST's 60,000 pictures have 28×28 pixels each.": (
                    (TRAINING, PER_EPOCH, round(PER_EPOCH / 60_000))
                ),
                "The third number is rounded down: the nearest whole number is asked for.": (
                    (TRAINING, PER_EPOCH, PER_EPOCH // MNIST)
                ),
            },
            hidden=True,
        )


# ---- top-5 ----


def _missed(p: np.ndarray, y: np.ndarray, k: int, others: Callable[[np.ndarray, int], int]) -> float:
    """Share of images where at least k classes stand before the right one, as `others` counts them."""
    return sum(others(row, label) >= k for row, label in zip(p, y, strict=True)) / len(y)


def _topk_rule(p: np.ndarray, y: np.ndarray, k: int) -> float:
    return _missed(p, y, k, lambda row, label: sum(1 for c, s in enumerate(row) if c != label and s >= row[label]))


def _topk_mistakes(p: np.ndarray, y: np.ndarray, k: int) -> dict:
    def above(row: np.ndarray, label: int) -> int:
        return int(np.sum(row > row[label]))

    right = _topk_rule(p, y, k)
    lower = _missed(p, y, k, lambda row, c: above(row, c) + int(np.sum(row[:c] == row[c])))
    upper = _missed(p, y, k, lambda row, c: above(row, c) + int(np.sum(row[c + 1 :] == row[c])))
    gives = {
        "This is the accuracy, the share of hits; the error is the share of misses.": 1 - right,
        "These are per cent; a share is between 0 and 1.": 100 * right,
        "This is the number of misses; divide by the number of images.": right * len(y),
        "A tie is counted as a hit: a class with the same score stands before the right one.": (
            _missed(p, y, k, above)
        ),
        "Of classes with the same score the first ones count as best: the right one must come last.": lower,
        "Of classes with the same score the last ones count as best: the right one must come last.": upper,
        "k is ignored: this is the top-1 error.": _topk_rule(p, y, 1),
        "One class too few: the right class may stand at place k itself.": (
            _topk_rule(p, y, k - 1) if k > 1 else 1.0
        ),
        "One class too many: at place k + 1 it is a miss.": _topk_rule(p, y, k + 1),
    }
    if all(len(set(row)) == len(row) for row in p):
        places = np.array([above(row, c) + 1 for row, c in zip(p, y, strict=True)])
        gives["The k smallest scores are taken: the best classes have the largest."] = float(
            np.mean(p.shape[1] + 1 - places > k)
        )
        gives["Only place k is looked at: any of the first k places is a hit."] = float(np.mean(places != k))
    return gives


def _scores(draw: Draw, images: int, classes: int) -> np.ndarray:
    """Scores without ties: a drawn order of different numbers in each row."""
    return np.array([draw.shuffled([(c + 1) / 4 for c in range(classes)]) for _ in range(images)])


def _placed(draw: Draw, p: np.ndarray, places: Sequence[int]) -> np.ndarray:
    """Labels that stand at these places (1 is best) of the rows."""
    return np.argsort(-p, axis=1)[np.arange(len(p)), np.array(places) - 1]


@question(
    "topk_error",
    points=3,
    hints=[
        "For one image: how many other classes have a score at least as large as the right class?",
        "Fewer than k of them: a hit. The error is the share of images that are no hit.",
        "own = p[np.arange(len(y)), y] are the right classes' scores; compare own[:, None] with p, take 1 off.",
    ],
)
def topk_error(answer, draw: Draw) -> Iterator:
    """The top-k error"""
    with group("scores that all differ", weight=2):
        for classes, k, places in [
            (7, 5, (1, 2, 5, 6, 7, 5, 3, 4, 6, 7)),
            (6, 1, (1, 2, 1, 6, 3, 4, 1, 2)),
            (6, 2, (1, 2, 3, 2, 6, 5, 2, 3)),
            (8, 3, (3, 3, 4, 2, 1, 8, 7)),
            (5, 5, (5, 1, 4, 5)),
            (9, 5, (6, 5, 9, 8, 7, 6, 2, 1)),
        ]:
            p = _scores(draw, len(places), classes)
            y = _placed(draw, p, draw.shuffled(places))
            yield case(answer(p, y, k), _topk_rule(p, y, k), mistakes=_topk_mistakes)
    with group("ties: the right class comes last among equals"):
        for images, classes, k in [(9, 6, 2), (8, 5, 1), (7, 7, 5), (10, 8, 3)]:
            p = draw.array((images, classes), 0, 3) / 4
            y = draw.array(images, 0, classes - 1).astype(np.int64)
            p[0], p[1, :] = 0.25, 0.0
            p[1, y[1]] = 1.0
            yield case(answer(p, y, k), _topk_rule(p, y, k), mistakes=_topk_mistakes)


# ---- AlexNet ----

SHAPE = (227, 227, 3)
PADDED = (224, 224, 3)


def _input_of(card: Received) -> tuple[int, ...]:
    """224×224 if the model says so, else 227×227."""
    try:
        return PADDED if tuple(card.value[0]["output"]) == PADDED else SHAPE
    except (TypeError, LookupError):
        return SHAPE


def _table(groups: int, classes: int, width: float, shape: tuple[int, ...], **options: Any) -> Network:
    return classics.alexnet(groups, classes, width, shape=shape, pad=2 if shape == PADDED else 0, **options)


def _leaves_the_table(card: Received, groups: int, classes: int, width: float) -> str:
    """The first difference between a model's card and the table, "" for none or where there is no card."""
    shape = _input_of(card)

    def told(groups: int = groups, classes: int = classes, width: float = width) -> list[str]:
        return differences(card.value, _table(groups, classes, width, shape))

    try:
        found = told()
        if not found:
            return ""
        others = {
            "`width` is not used: all numbers of maps and hidden units are those of width 1.": told(width=1.0),
            "`classes` is not used: the last layer has 1000 units.": told(classes=1000),
            "The classes are multiplied by `width` too: their number stays.": told(
                classes=max(1, round(classes * width))
            ),
            "`groups` is not used: conv2, conv4 and conv5 have groups=2 then.": told(groups=1),
            "conv2, conv4 and conv5 are in two groups, although the call asks for one.": told(groups=2),
        }
        return next((text for text, left in others.items() if not left), found[0])
    except (TypeError, LookupError, ValueError, AttributeError, ArithmeticError):
        return ""


def _explains(received: Received, reason: str) -> dict[str, Any]:
    """The reason, with what was received: it is read off the model itself."""
    if not reason:
        return {}
    return {reason: Exception if received.failure else received.value}


def _output_mistakes(
    network: Network, with_norm: Network, weights: list[np.ndarray], images: np.ndarray
) -> dict[str, np.ndarray]:
    """What AlexNet gives when one thing is wrong that no count shows."""
    hidden = [layer for layer in network.layers if layer.activation == "relu"]
    variants = activation_mistakes(network) | {
        f"{layer.name} has no activation: ReLU belongs there.": (
            with_activation(network, "linear", lambda one, layer=layer: one is layer)
        )
        for layer in hidden
    }
    variants["This uses tanh: AlexNet's point was ReLU."] = with_activation(
        network, "tanh", lambda one: one in hidden
    )
    variants["Response normalisation is in it: leave it out, it is the next question's."] = with_norm
    return {text: variant.outputs(weights, images) for text, variant in variants.items()}


LIMIT = 10_000_000  # parameters of a model that is made in earnest


def _full_case(answer: Any, groups: int) -> Iterator:
    """The count at full width; no weights are made unless the model cannot be built without them."""
    full = answer.lazily(groups, 1000, 1.0)
    counted = full.count(SHAPE)
    if counted.failure and counted.failure.kind == "raised":
        full = answer(groups, 1000, 1.0)
        counted = full.count(SHAPE)
    expected = _table(groups, 1000, 1.0, SHAPE).parameters
    right = counted.failure is None and counted.value == expected
    reason = "" if right else _leaves_the_table(full.card(SHAPE), groups, 1000, 1.0)
    yield case(counted, expected, mistakes=_explains(counted, reason))


def _is_near(received: Received, expected: np.ndarray) -> bool:
    """Whether what was received is an array of that shape with those numbers."""
    try:
        values = np.asarray(received.value, dtype=float)
        return values.shape == expected.shape and float(np.abs(values - expected).max()) <= 1e-4
    except (TypeError, ValueError):
        return False


def _outputs_of(
    built: Received, weights: list[np.ndarray], images: np.ndarray, expected: np.ndarray
) -> tuple[Received, bool]:
    """What the model gives with these weights, and whether they had to be halved for two towers side by side."""
    whole = built.outputs_with(weights, images)
    own = built.get_weights(images.shape[1:]) if whole.failure else whole
    if own.failure or whole.failure is None:
        return whole, False
    conv5_bias, tried = weights[9], []
    for halves in in_halves(weights, own.value, len(conv5_bias)):
        tried.append(built.outputs_with(halves, images))
        if _is_near(tried[-1], expected):
            return tried[-1], True
    return (tried[0], True) if tried else (whole, False)


def _small_cases(answer: Any, draw: Draw, groups: int, classes: int, width: float, *, lazy: bool) -> Iterator:
    """Count and outputs of a narrow AlexNet, with the check's own weights; `lazy` looks at the card alone."""
    built = (answer.lazily if lazy else answer)(groups, classes, width)
    card, counted = built.card(SHAPE), built.count(SHAPE)
    shape = _input_of(card)
    network = _table(groups, classes, width, shape)
    reason = _leaves_the_table(card, groups, classes, width)
    yield case(counted, network.parameters, mistakes=_explains(counted, reason))
    weights = network.drawn_weights(draw)
    images = np.resize(draw.array(1999, 0, 100) / 100, (2, *shape))
    expected = network.outputs(weights, images)
    received, towers = (counted, False) if lazy else _outputs_of(built, weights, images, expected)

    def mistakes(*arguments: Any) -> Mapping[str, Any]:
        if _is_near(received, expected):
            return {}
        if received.failure or (reason and not towers):  # a card of towers has halves where the table has wholes
            return _explains(received, reason)
        return _output_mistakes(network, _table(groups, classes, width, shape, lrn=True), weights, images)

    yield case(received, expected, tolerance=1e-4, mistakes=mistakes)


@question(
    "alexnet",
    points=7,
    limit=20.0,
    hints=[
        "Sides: 227 → 55 → 27 → 27 → 13 → 13 → 13 → 13 → 6. `same` where a side stays, else `valid`.",
        "Every pooling is 3×3 with stride 2, after conv1, conv2 and conv5, and has no padding.",
        "Conv2D(..., groups=groups) for conv2, conv4 and conv5; groups=1 is an ordinary convolution.",
        "int(96 * width) and so on, for maps and for the 4096 units; the last layer has `classes` units.",
    ],
)
def alexnet(answer, draw: Draw) -> Iterator:
    """AlexNet, in one tower or two groups

    alexnet(groups, classes, width) gives a Keras model. Counts are compared at full width, without making weights;
    outputs at a part of the width, with the check's own weights and images, against a network in NumPy.
    """
    narrow = answer.lazily(1, 10, 1 / 8).count(SHAPE)
    lazy = (
        isinstance(narrow.value, int) and narrow.value > LIMIT
    )  # `width` is not used: half a gigabyte need not be made
    for groups, weight in ((1, 3), (2, 3)):
        with group("one tower" if groups == 1 else "conv2, conv4 and conv5 in two groups", weight=weight):
            yield from _full_case(answer, groups)
            yield from _small_cases(answer, draw, groups, 10, 1 / 8, lazy=lazy)
    with group("other numbers of classes, other widths"):
        groups, classes = draw.choice([1, 2]), draw.integer(11, 40)
        yield from _small_cases(answer, draw, groups, classes, 1 / 16, lazy=lazy)


# ---- response normalisation ----


def _normalised(
    x: np.ndarray, k: float, alpha: float, beta: float, near: Callable[..., list[tuple[int, int, int]]],
    power: int = 2,
) -> np.ndarray:  # fmt: skip
    """Each number over (k + alpha · sum of squares)^beta; `near(row, column, map)` lists whose squares count."""
    out = np.empty(x.shape)
    for picture, values in zip(out, x, strict=True):
        for i, j, c in np.ndindex(values.shape):
            total = sum(values[place] ** power for place in near(i, j, c))
            with np.errstate(invalid="ignore", divide="ignore"):  # only a mistake divides by nothing
                picture[i, j, c] = values[i, j, c] / (k + alpha * total) ** beta
    return out


def _maps_near(count: int, before: int, after: int) -> Callable[[int, int, int], list[tuple[int, int, int]]]:
    return lambda i, j, c: [(i, j, other) for other in range(count) if -before <= other - c <= after]


def _lrn_rule(x: np.ndarray, n: int, k: float, alpha: float, beta: float) -> np.ndarray:
    half = (n - 1) // 2
    return _normalised(x, k, alpha, beta, _maps_near(x.shape[3], half, half))


def _space_near(height: int, width: int, rows: int, columns: int) -> Callable[..., list[tuple[int, int, int]]]:
    return lambda i, j, c: [
        (a, b, c) for a in range(height) for b in range(width) if abs(a - i) <= rows and abs(b - j) <= columns
    ]


def _lrn_mistakes(x: np.ndarray, n: int, k: float, alpha: float, beta: float) -> dict:
    half = (n - 1) // 2
    _, height, width, maps = x.shape

    def over_maps(before: int = half, after: int = half, **options: Any) -> np.ndarray:
        return _normalised(x, k, alpha, beta, _maps_near(maps, before, after), **options)

    def in_place() -> np.ndarray:
        done = x.copy()
        for c in range(maps):
            total = (done[..., max(0, c - half) : c + half + 1] ** 2).sum(-1)
            done[..., c] = done[..., c] / (k + alpha * total) ** beta
        return done

    def sliced() -> np.ndarray:
        parts = [squares[..., c - half : c + half + 1].sum(-1) for c in range(maps)]
        return x / (k + alpha * np.stack(parts, axis=-1)) ** beta

    squares, wrapped = x**2, np.zeros_like(x)
    for step in range(-half, half + 1):
        wrapped = wrapped + np.roll(squares, step, axis=3)
    right = over_maps()
    exact = np.divide(x, right, out=np.ones_like(x), where=right != 0)  # (k + alpha · sum)^beta
    gives = {
        "The sum runs over places of the same map; it runs over the maps at the same place.": _normalised(
            x, k, alpha, beta, _space_near(height, width, half, half)
        ),
        "The sum runs down the rows; it runs over the maps.": _normalised(
            x, k, alpha, beta, _space_near(height, width, half, 0)
        ),
        "The sum runs along the columns; it runs over the maps.": _normalised(
            x, k, alpha, beta, _space_near(height, width, 0, half)
        ),
        "The sum is divided by n: that is another library's alpha, here it is not divided.": _normalised(
            x, k, alpha / n, beta, _maps_near(maps, half, half)
        ),
        "n maps on each side are taken; n is the width of the whole window.": over_maps(n, n),
        "The window ends one map too early: map i + (n−1)/2 belongs to it.": over_maps(half, half - 1),
        "The window begins one map too late: map i − (n−1)/2 belongs to it.": over_maps(half - 1, half),
        "Only the maps before are in the window; those after belong to it too.": over_maps(half, 0),
        "Only the maps after are in the window; those before belong to it too.": over_maps(0, half),
        "All maps are in the window: only n of them are.": over_maps(maps, maps),
        "At the ends the window goes on with the maps at the other end: it is cut off there.": (
            x / (k + alpha * wrapped) ** beta
        ),
        "The map itself is left out of its window; it belongs to it.": _normalised(
            x, k, alpha, beta,
            lambda i, j, c: [(i, j, other) for other in range(maps) if 0 < abs(other - c) <= half],
        ),
        "The values are summed, not their squares.": over_maps(power=1),
        "The sum is squared: it is the squares that are summed.": x / (k + alpha * _sums(x, half, 1) ** 2) ** beta,
        "The mean of the window is taken: the formula has the sum.": x
        / (k + alpha * _sums(x, half) / _sums(np.ones_like(x), half)) ** beta,
        "A slice that begins below 0 counts from the other end: let windows begin at max(0, i − half).": sliced(),
        "beta is forgotten: the bracket is raised to that power.": x / (k + alpha * _sums(x, half)),
        "k is forgotten: it is added to the sum.": _normalised(x, 0.0, alpha, beta, _maps_near(maps, half, half)),
        "alpha is forgotten: it multiplies the sum.": _normalised(x, k, 1.0, beta, _maps_near(maps, half, half)),
        "alpha multiplies k too: it belongs to the sum alone.": _normalised(
            x, alpha * k, alpha, beta, _maps_near(maps, half, half)
        ),
        "Multiplied by the bracket; it is divided by it.": x * exact,
        "The paper's constants are written into the function: use n, k, alpha and beta.": _normalised(
            x, 2.0, 1e-4, 0.75, _maps_near(maps, 2, 2)
        ),
        "Maps that are normalised already stand in the sum: keep the input as it was.": in_place(),
    }  # fmt: skip
    return {name: wrong for name, wrong in gives.items() if np.isfinite(wrong).all()}


def _sums(x: np.ndarray, half: int, power: int = 2) -> np.ndarray:
    """For each number the sum of squares, or of another power, in its window of maps."""
    padded = np.pad(x**power, ((0, 0), (0, 0), (0, 0), (half, half)))
    return sum(padded[..., start : start + x.shape[3]] for start in range(2 * half + 1))


@question(
    "local_response_norm",
    points=4,
    forbidden=("tensorflow.nn", "tensorflow.raw_ops", "torch"),
    hints=[
        "Square everything once. For map i the window is squares[..., max(0, i − half) : i + half + 1].",
        "Sum the window over its last axis, times alpha, plus k, to the power beta. Then divide x[..., i] by it.",
        "A slice that ends beyond the last map is cut off by itself; one that begins below 0 is not: use max.",
    ],
)
def local_response_norm(answer, draw: Draw) -> Iterator:
    """Local response normalisation over neighbouring maps"""
    with group("one place, seven maps, by hand"):
        x = np.array([1.0, 2, 0, 3, 1, 2, 1]).reshape(1, 1, 1, 7)
        for n, k, alpha, beta in [(3, 1, 1, 1), (5, 2, 1, 1), (1, 1, 2, 1)]:
            yield case(answer(x, n, k, alpha, beta), _lrn_rule(x, n, k, alpha, beta), mistakes=_lrn_mistakes)
    with group("the paper's constants"):
        for shape in [(2, 3, 4, 8), (1, 4, 3, 6)]:
            x = np.maximum(draw.array(shape, -60, 180), 0.0)
            expected = _lrn_rule(x, 5, 2.0, 1e-4, 0.75)
            yield case(answer(x, 5, 2.0, 1e-4, 0.75), expected, tolerance=1e-5, mistakes=_lrn_mistakes)
    with group("other windows and constants", weight=2):
        for shape, n, k, alpha, beta in [
            ((2, 4, 3, 7), 3, 1.0, 0.25, 0.5),
            ((3, 2, 5, 9), 7, 2.0, 0.125, 0.75),
            ((1, 5, 4, 4), 9, 1.5, 0.5, 0.5),
            ((2, 3, 2, 5), 1, 0.5, 0.25, 1.5),
            ((1, 3, 6, 6), 5, 3.0, 0.0625, 2),
        ]:
            x = draw.array(shape, -12, 12) / 4
            x[0, 0, 0] = draw.array(shape[3], 1, 9) / 2
            expected = _lrn_rule(x, n, k, alpha, beta)
            yield case(answer(x, n, k, alpha, beta), expected, tolerance=1e-5, mistakes=_lrn_mistakes)


# ---- costs, by hand ----


@question(
    "my_costs",
    points=2,
    names=("my_conv1", "my_dense"),
    hints=[
        "A filter has f·f·3 weights and one bias. It makes one multiply-add per weight at every place it visits.",
        "Places in one direction: (n − f) // s + 1. The first dense layer reads side · side · maps numbers.",
        "Share: dense parameters over all parameters, dense and convolutional together, times 100, rounded.",
    ],
)
def my_costs(answer, draw: Draw) -> Iterator:
    """A first layer and three dense layers, counted by hand"""
    for item, title in ((my_conv1, "your first layer"), (my_dense, "your dense layers")):
        with group(title):
            _, right, wrong = item.for_learner(draw.learner)
            yield case(answer[item.question].value(), right, mistakes=wrong, hidden=True)


# ---- the recipe ----

RATE, MOMENTUM, DECAY, PATIENCE = 0.01, 0.9, 5e-4, 3
CHANNELS, CLASSES = 2, 4


def _softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max())
    return powers / powers.sum()


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


class Steps:
    """Two probes of a compiled model whose gradients are known without running it.

    The images are black and ReLU is dead behind negative biases, so that only the last biases have a gradient:
    softmax minus label. With equal biases and as many images of each class that gradient is 0 too.

    Args:
        answer: Called with a small model, once for each probe.
        draw: Of the weights.
    """

    def __init__(self, answer: Any, draw: Draw) -> None:
        kernel, dense = draw.array((3, 3, CHANNELS, 2), 17, 63) + 0.3, draw.array((12, CLASSES), 17, 63) + 0.7
        signs = [np.where(draw.array(array.shape, 0, 1) > 0, 1.0, -1.0) for array in (kernel, dense)]
        self._kernel, self._dense = kernel * signs[0], dense * signs[1]
        self._dead = -draw.array(2, 20, 60) - 0.4
        self._uneven = draw.array(CLASSES, -3, 3) / 4
        self.built = answer(given("small_classifier", CHANNELS, CLASSES))
        learnt = self.built.trained(self._weights(self._uneven), self._images, [1] * CLASSES, 2)
        self.rate = learnt.then("learning rate", lambda after: _rounded(self._rate(after), 2))
        self.momentum = learnt.then("momentum", lambda after: _rounded(self._momentum(after), 2))
        again = answer(given("small_classifier", CHANNELS, CLASSES))
        idle = again.trained(self._weights(np.full(CLASSES, 30.3)), self._images, list(range(CLASSES)), 1)
        true = learnt.then("learning rate", self._rate)
        self._true_rate = RATE if true.failure else true.value
        self.decay = idle.then("weight decay (conv kernel, conv bias, dense kernel, dense bias)", self._decays)

    @property
    def _images(self) -> np.ndarray:
        return np.zeros((CLASSES, 4, 5, CHANNELS))

    def _weights(self, biases: np.ndarray) -> list[np.ndarray]:
        return [self._kernel, self._dead, self._dense, biases]

    def _rate(self, after: Any) -> float:
        """The learning rate of the first step: the change of the last biases over their gradient."""
        slope = self._slope(self._uneven)
        return -float((np.asarray(after[0][3]) - self._uneven) @ slope / (slope @ slope))

    def _momentum(self, after: Any) -> float:
        """The share of the first change that comes again in the second."""
        first, second = (np.asarray(weights[3], dtype=float) for weights in after)
        change = first - self._uneven
        again = second - first + self._rate(after) * self._slope(first)
        share = float(again @ change / (change @ change))
        return share if abs(share) > 1e-3 else 0.0

    @staticmethod
    def _slope(biases: np.ndarray) -> np.ndarray:
        return _softmax(biases) - np.eye(CLASSES)[1]

    def _decays(self, after: Any) -> list[float]:
        """For each array of weights the share that it loses, per learning rate."""
        shares = []
        for old, new in zip(self._weights(np.full(CLASSES, 30.3)), after[0], strict=True):
            change = (old - np.asarray(new, dtype=float)).reshape(-1)
            share = change @ old.reshape(-1) / (old.reshape(-1) @ old.reshape(-1))
            shares.append(_rounded(share / self._true_rate, 1) if abs(share) > 1e-7 else 0.0)
        return shares


def _stalls(count: int, start: int, **moves: float) -> list[dict[str, float]]:
    """What Keras tells after each of `count` epochs: all improves until epoch `start`, then only what `moves`."""
    logs = []
    for epoch in range(count):
        told = {}
        for name in ("loss", "val_loss"):
            told[name] = 3.0 - 0.15 * min(epoch, start) - moves.get(name, 0.0) * max(epoch - start, 0)
        for name in ("accuracy", "sparse_categorical_accuracy", "acc"):
            for key, loss in ((name, "loss"), (f"val_{name}", "val_loss")):
                told[key] = (3.3 - told[loss]) / 4
        logs.append(told)
    return logs


def _rates(epochs: int, start: int, *, patience: int = PATIENCE, factor: float = 0.1) -> list[float]:
    """The learning rate after each epoch if nothing improves after epoch `start`, counted from 0."""
    return [round(RATE * factor ** (max(epoch - start, 0) // patience), 12) for epoch in range(epochs)]


def _plateau_mistakes(epochs: int, start: int) -> dict[str, Any]:
    return {
        "The learning rate never falls.": [RATE] * epochs,
        "It is divided by 2; the recipe divides it by 10.": _rates(epochs, start, factor=0.5),
        "One epoch too late: after 3 epochs without an improvement the rate falls.": _rates(
            epochs, start, patience=PATIENCE + 1
        ),
        "One epoch too early: 3 epochs without an improvement are waited for.": _rates(
            epochs, start, patience=PATIENCE - 1
        ),
        "It waits for 10 epochs, Keras' own number: the recipe says 3.": _rates(epochs, start, patience=10),
        "It waits for 5 epochs: the recipe says 3.": _rates(epochs, start, patience=5),
        "It falls in every epoch: it waits until the validation no longer improves.": [
            round(RATE * 0.1 ** (epoch + 1), 12) for epoch in range(epochs)
        ],
    }


@question(
    "compile_recipe",
    points=4,
    names=("compile_recipe", "plateau"),
    limit=30.0,
    hints=[
        "keras.optimizers.SGD has the arguments learning_rate, momentum and weight_decay.",
        'optimizer.exclude_from_weight_decay(var_names=["bias"]) leaves the biases alone; call it before compile.',
        "The labels are class numbers and the model ends in softmax: sparse_categorical_crossentropy.",
        'keras.callbacks.ReduceLROnPlateau has monitor ("val_loss"), factor (its own is 0.1) and patience.',
    ],
)
def compile_recipe(answer, draw: Draw) -> Iterator:
    """AlexNet's recipe: momentum, weight decay, plateau"""
    steps = Steps(answer, draw)
    with group("SGD with momentum"):
        yield case(
            steps.rate,
            RATE,
            mistakes={
                "The learning rate is ten times too large: 0.1.": 0.1,
                "The learning rate is ten times too small: 0.001.": 0.001,
                "Nesterov's momentum is switched on: the paper has the ordinary one.": 0.019,
                "The learning rate is 0.001 and Nesterov's momentum is switched on.": 0.0019,
            },
        )
        yield case(
            steps.momentum,
            MOMENTUM,
            mistakes={
                "There is no momentum: SGD's own is 0.": 0.0,
                "The momentum is 0.99.": 0.99,
                "The momentum is 0.5.": 0.5,
            },
        )
    with group("weight decay: kernels yes, biases no", weight=2):
        yield case(
            steps.decay,
            [DECAY, 0.0, DECAY, 0.0],
            tolerance=1e-9,
            mistakes={
                "The biases decay too: exclude them.": [DECAY] * 4,
                "Nothing decays. (The optimizer's weight_decay does it; a kernel_regularizer that is set on a "
                "layer that is built already changes nothing.)": [0.0] * 4,
                "Twice the decay: L2(c) adds c·w², whose slope is 2·c·w.": [2 * DECAY, 0.0, 2 * DECAY, 0.0],
                "Twice the decay (L2(c) has the slope 2·c·w), and on the biases too.": [2 * DECAY] * 4,
                "The decay is ten times too large: 0.005.": [10 * DECAY, 0.0, 10 * DECAY, 0.0],
                "The decay is ten times too small: 0.00005.": [DECAY / 10, 0.0, DECAY / 10, 0.0],
                "The biases decay and the kernels do not: the other way round.": [0.0, DECAY, 0.0, DECAY],
                "Only the convolutions' kernels decay; those of dense layers do too.": [DECAY, 0.0, 0.0, 0.0],
                "Only the dense layers' kernels decay; those of convolutions do too.": [0.0, 0.0, DECAY, 0.0],
                "The decay counts in full, not times the learning rate.": [DECAY / RATE, 0.0, DECAY / RATE, 0.0],
            },
        )  # fmt: skip
    with group("a tenth of the rate when the validation stalls"):
        made = answer["plateau"]()
        for epochs, start in ((14, 3), (9, 5)):
            yield case(
                made.rates(_stalls(epochs, start), RATE).then("rounded", _twelve),
                _rates(epochs, start),
                tolerance=1e-9,
                mistakes=_plateau_mistakes(epochs, start),
            )
            made = answer["plateau"]()
        for name, moving, expected in (
            ("the training goes on", "loss", 3),
            ("the validation goes on", "val_loss", 20),
        ):
            logs = _stalls(10, 3, **{moving: 0.1})
            watches = "It watches the training; it is the validation that counts."
            right, other = _rates(10, expected), _rates(10, 23 - expected)
            got = made.rates(logs, RATE).then(f"{name}: rounded", _twelve)
            yield case(got, right, tolerance=1e-9, mistakes={watches: other, **_plateau_mistakes(10, expected)})
            made = answer["plateau"]()


def _twelve(rates: Any) -> list[float]:
    """Without the noise of 32-bit numbers."""
    return [_rounded(rate, 6) for rate in rates]


# ---- training ----

# Measured with 1,500 images, 6 epochs and 600 other images: accuracy for several seeds of images and weights.
#   Adam, batch 32                .997 1.0 .988 .798 .992 .982
#   with 1,200 images and 5 epochs:
#   Adam, batch 32                .829 .924 .838 .994 .837      deviation .07
#   the same, dropout 0.5         .899 .986 .834                tanh    .952 .974 .977
#   Adam, batch 64                .853 .939 .770                batch 128  .658 .803
#   SGD 0.01 with momentum        .691 .878 .588 (1,500 images, 6 epochs): the text says that it is slow
# Chance is .167. WELL lies over three deviations below Adam's mean, and a model below it is trained once more.
IMAGES, EPOCHS, TESTS = 1_500, 6, 600
LEARNS, WELL = 0.40, 0.60


def _trained(answer: Any, seed: int, tests: tuple[np.ndarray, np.ndarray]) -> Diagnosis:
    images, labels = given("shapes", IMAGES, seed), given("shape_labels", IMAGES, seed)
    return Diagnosis(answer(images, labels, EPOCHS), *tests, well=WELL, classes=6, thing="shape")


@question(
    "train_alexnet",
    points=3,
    limit=90.0,
    hints=[
        "Sides: 64 → 27 → 13 → 13 → 6 → 6 → 6 → 6 → 2, with stride 2 in conv1. Flatten gives 2 · 2 · 32 = 128.",
        "The pixels are from 0 to 255: let the first layer be layers.Rescaling(1 / 127.5, offset=-1).",
        "Labels are class numbers: sparse_categorical_crossentropy on a softmax. Return the model itself.",
    ],
)
def train_alexnet(answer, draw: Draw) -> Iterator:
    """Train a small AlexNet on a budget"""
    from course.shapes import coloured_shapes

    first = draw.integer(1_000, 9_000)
    tests = coloured_shapes(TESTS, draw.integer(10_000, 99_000))
    trained = _trained(answer, first, tests)
    if not trained.accuracy.failure and trained.reached < WELL:
        trained = max(trained, _trained(answer, first + 1, tests), key=lambda one: one.reached)
    with group("it learns"):
        yield case(trained.accuracy, at_least=LEARNS, mistakes=trained.mistakes)
    with group("it learns well", weight=2):
        yield case(trained.accuracy, at_least=WELL, mistakes=trained.mistakes)


three_corrections = essay(
    "three_corrections",
    points=3,
    title="Three sentences on AlexNet, corrected",
    rubric=[
        (
            1,
            "ReLU: names an earlier use (Fukushima 1969, Jarrett et al. 2009, Nair and Hinton 2010, or another), "
            "and says what AlexNet did: it made ReLU the standard.",
        ),
        (
            1,
            "Order: in the paper the normalisation stands between ReLU and pooling (conv, ReLU, LRN, pool); "
            "pooling before it is the order of Caffe's CaffeNet.",
        ),
        (
            1,
            "Input: the paper prints 224; shows with (n + 2p − f)/s + 1 that 224 without padding gives 54.25, "
            "not 55, and names 227 without padding, or 224 with padding 2 rounded down.",
        ),
    ],
)
