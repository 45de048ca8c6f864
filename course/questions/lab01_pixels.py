"""Lab 01: planes of a picture, templates, parameters of an MLP, scanning and shifting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.check import Draw, Given, case, essay, group, question
from course.draws.lab01 import PARAMETER_MISTAKES, my_mlps, parameters
from course.given import given

# ---- 1.1: planes of a picture


def _planes(img: np.ndarray) -> list[np.ndarray]:
    """Red, green and blue, pixel by pixel."""
    height, width, channels = img.shape
    return [
        np.array([[img[i, j, channel] for j in range(width)] for i in range(height)])
        for channel in range(channels)
    ]


def _plane_mistakes(img: np.ndarray) -> dict[str, Any]:
    height, width, _ = img.shape
    red, green, blue = _planes(img)
    gives = {
        "Three times the red plane: the second one is green, the third blue.": [red] * 3,
        "Blue stands first; the order is red, green, blue.": [blue, green, red],
        "Each plane is turned: rows have become columns.": [plane.T for plane in (red, green, blue)],
        "The channel axis is still there: take channel 0 with the number 0, not with the slice 0:1.": [
            plane[:, :, None] for plane in (red, green, blue)
        ],
        "These are pictures with two dark channels; a plane has height and width only.": [
            np.where(np.arange(3) == channel, img, 0) for channel in range(3)
        ],
        "reshape cuts the numbers where they stand, and one plane gets numbers of all colours.": (
            img.reshape(3, height, width)
        ),
        "This is the picture itself; its last axis is to become three planes.": img,
        "Only one plane; return all three.": red,
        "The numbers are divided by 255; they stay as they are.": [plane / 255 for plane in (red, green, blue)],
    }
    if height >= 3:
        gives["The first axis is cut: these are the first three rows. The channels are the last axis."] = img[:3]
    if width >= 3:
        columns = [img[:, j] for j in range(3)]
        gives["The second axis is cut: these are three columns. The channels are the last axis."] = columns
    return gives


@question(
    "split_channels",
    points=3,
    hints=[
        "img[i, j, 0] is how red the pixel in row i and column j is. Which pixels belong to the red plane?",
        "A colon takes everything along one axis: img[:, 2] is the third column of every row.",
        "The red plane is img[:, :, 0].",
    ],
)
def split_channels(answer, draw: Draw) -> Iterator:
    """The three planes of a picture"""
    sizes = {
        "pictures with two rows or two columns": [(2, 4), (5, 2), (2, 5)],
        "as many rows or columns as channels": [(3, 4), (5, 3), (3, 3)],
        "other pictures": [(4, 6), (6, 5), (7, 4)],
    }
    for name, shapes in sizes.items():
        with group(name):
            for number, (height, width) in enumerate(shapes):
                img = draw.array((height, width, 3), 0, 255)
                img = img.astype(np.uint8) if number == 0 else img / 4 if number == 1 else img
                yield case(answer(img), _planes(img), mistakes=_plane_mistakes)


# ---- 1.2: templates


def _scores(W: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Each template as a picture of x's shape, laid on x."""
    return np.array(
        [np.sum(row.reshape(x.shape) * x) + bias for row, bias in zip(W, b, strict=True)], dtype=np.int64
    )


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def _score_mistakes(W: np.ndarray, b: np.ndarray, x: np.ndarray) -> dict[str, Any]:
    right, rows = _scores(W, b, x), x.reshape(-1)
    by_column, by_plane = x.transpose(1, 0, 2).reshape(-1), x.transpose(2, 0, 1).reshape(-1)
    gives = {
        "The bias is missing: b has one number for each class.": W @ rows,
        "The bias is taken away; it is added.": W @ rows - b,
        "The bias is added once for each number of the picture; it is added once.": W @ rows + len(rows) * b,
        "The picture is divided by 255 here; take x as it comes.": W @ rows / 255 + b,
        "The picture is flattened column by column: the order is row by row, as x.reshape(-1) has it.": (
            W @ by_column + b
        ),
        "The picture is flattened column by column in each plane: the order is row by row, with the channels "
        "of one pixel side by side.": W @ x.reshape(-1, order="F") + b,
        "The picture is flattened plane by plane: the channels of one pixel stand side by side, as in "
        "x.reshape(-1).": W @ by_plane + b,
        "These are probabilities, softmax of the scores; return the scores themselves.": _softmax(right),
        "Negative scores are cut to 0; a score may be negative.": np.maximum(0, right),
        "This is the class with the largest score; return all the scores.": int(np.argmax(right)),
        "The products are not added up: a class gets one number.": W * rows,
        "Divided by the number of pixels: a score is the sum of the products, not their mean.": (
            W @ rows / len(rows) + b
        ),
        "The scores stand in a column; return one row of numbers, shape (classes,).": right[:, None],
    }
    if len(W) == len(rows):
        gives["W is transposed: the templates are its rows, so it stands as it is before the pixels."] = (
            W.T @ rows + b
        )
    return gives


@question(
    "template_scores",
    points=3,
    hints=[
        "x.reshape(-1) lays all numbers of a picture in one row, in the order that W expects.",
        "Row 0 of W, times the pixels one by one, added up, plus b[0]: that is the score of class 0.",
        "W @ x.reshape(-1) does this for all rows of W at once.",
    ],
)
def template_scores(answer, draw: Draw) -> Iterator:
    """How well a picture fits each template"""
    sizes = {
        "grey pictures, ten classes": [(2, 3, 1, 10), (4, 3, 1, 10)],
        "colour pictures": [(2, 3, 3, 10), (3, 2, 3, 4), (2, 4, 2, 7)],
        "as many classes as numbers in the picture": [(2, 5, 1, 10), (2, 3, 2, 12), (3, 1, 2, 6)],
    }
    for name, shapes in sizes.items():
        with group(name):
            for height, width, channels, classes in shapes:
                W = draw.array((classes, height * width * channels), -4, 4)
                b, x = draw.array(classes, -9, 9), draw.array((height, width, channels), 0, 9)
                yield case(answer(W, b, x), _scores(W, b, x), mistakes=_score_mistakes)


# ---- 1.3 and 1.4: what full connection costs


def _parameter_mistakes(h: int, w: int, c: int, units: Sequence[int]) -> dict[str, Any]:
    inputs = h * w * c
    return {name: rule(h, w, c, units) for name, rule in PARAMETER_MISTAKES.items()} | {
        "Squared, without biases: that is a layer with as many units as inputs.": inputs**2,
        "Squared, plus the biases: that is a layer with as many units as inputs.": inputs**2 + inputs,
        "Height · width squared; a layer has units · inputs weights.": (h * w) ** 2,
        "The units are multiplied with one another and with the picture: layers are added up.": (
            inputs * int(np.prod(list(units), dtype=object))
        ),
    }


@question(
    "mlp_params",
    points=3,
    names=("mlp_params", "my_mlps"),
    hints=[
        "How many numbers has the picture? Each unit of the first layer has a weight for every one of them.",
        "Each unit has one bias as well, so a layer with m units that reads n numbers has n·m + m parameters.",
        "Walk through the list with a variable for what the next layer reads: h·w·c first, then the units.",
    ],
)
def mlp_params(answer, draw: Draw) -> Iterator:
    """Parameters of an MLP on a picture"""
    with group("the lectures' 200×200 picture in colour"):
        for units in ([1], [100], [1000], [120_000]):
            expected = parameters(200, 200, 3, units)
            yield case(answer(200, 200, 3, units), expected, mistakes=_parameter_mistakes)
    with group("your three networks, by hand"):
        _, right, wrong = my_mlps.for_learner(draw.learner)
        yield case(answer["my_mlps"].value(), right, mistakes=wrong, hidden=True)
    with group("several layers, height unlike width"):
        networks = [(28, 28, 1, [100, 10]), (1, 1, 1, [3, 1]), (32, 32, 3, [64, 32, 10]), (5, 9, 2, [7])]
        for _ in range(6):
            units = draw.integers(draw.integer(1, 4), 2, 40)
            networks.append((draw.integer(2, 12), draw.integer(13, 30), draw.integer(1, 4), units))
        for network in networks:
            yield case(answer(*network), parameters(*network), mistakes=_parameter_mistakes)


def _same_output(h: int, w: int, c: int, k: int) -> int:
    """A weight for every pair of an input and an output, and a bias for every output: counted map by map."""
    one_map = parameters(h, w, c, [h * w])
    return sum(one_map for _ in range(k))


def _same_output_mistakes(h: int, w: int, c: int, k: int) -> dict[str, int]:
    inputs, outputs = h * w * c, h * w * k
    return {
        "This is the slide's rule: its k maps have c channels each, so there are c times too many outputs.": (
            (inputs + 1) * inputs * k
        ),
        "The biases are missing: each output has one.": inputs * outputs,
        "One bias for each of the k maps: a fully connected layer has one for every output.": inputs * outputs + k,
        "One bias for the whole layer: each output has its own.": inputs * outputs + 1,
        "A map is square here, h by h; it has h rows and w columns.": (inputs + 1) * h * h * k,
        "The outputs are k numbers here; there are h·w·k.": (inputs + 1) * k,
        "The output has one map only; there are k.": (inputs + 1) * h * w,
        "The channels are forgotten: the layer reads h·w·c numbers.": (h * w + 1) * outputs,
        "The output is as large as the input here; it has k maps instead of c.": (inputs + 1) * inputs,
        "A bias for every input; each output has one.": (outputs + 1) * inputs,
    }


@question(
    "fc_same_output",
    points=2,
    hints=[
        "How many numbers go in, how many come out? A map is h by w, and there are k of them.",
        "Each output has a weight for every input, and one bias.",
        "On the slide the outputs are (32·32·3)·10. Is the 3 right there?",
    ],
)
def fc_same_output(answer, draw: Draw) -> Iterator:
    """A fully connected layer with a convolution's output"""
    with group("32×32 in colour, as on the slide"):
        for k in (10, 5, 1):
            yield case(answer(32, 32, 3, k), _same_output(32, 32, 3, k), mistakes=_same_output_mistakes)
    with group("other sizes"):
        sizes = [(28, 28, 1, 6), (5, 8, 2, 3), (200, 200, 3, 64)]
        sizes += [
            (draw.integer(3, 20), draw.integer(21, 40), draw.integer(2, 5), draw.integer(6, 30)) for _ in range(5)
        ]
        for size in sizes:
            yield case(answer(*size), _same_output(*size), mistakes=_same_output_mistakes)


# ---- 1.5: scanning


def _scanned(img: np.ndarray, patch_fn: Callable, k: int, *, turned: bool = False) -> np.ndarray:
    """The detector's scores, place by place."""
    places = {
        (i, j): img[i : i + k, j : j + k] for i in range(len(img) - k + 1) for j in range(img.shape[1] - k + 1)
    }
    out = np.full((len(img) - k + 1, img.shape[1] - k + 1), np.nan)
    for place, patch in places.items():
        out[place] = patch_fn(patch.T.copy() if turned else patch.copy())
    return out


def _scan_mistakes(img: np.ndarray, patch_fn: Given, k: int) -> dict[str, Any]:
    detector = patch_fn.make()
    right = _scanned(img, detector, k)
    frame = ((0, k - 1), (0, k - 1))
    last = "the last start n − k counts too, so range(n − k + 1)."
    padded = _scanned(np.pad(img, k // 2), detector, k)[: len(img), : img.shape[1]]
    gives = {
        f"One window too few in each direction: {last}": right[:-1, :-1],
        f"The last row of windows is missing: {last}": right[:-1],
        # The same two, built of lists: without a row there are no columns either.
        f"The map is one row and one column short: {last}": np.array([list(row[:-1]) for row in right[:-1]]),
        f"The map is one row short: {last}": np.array([list(row) for row in right[:-1]]),
        "The picture is padded here; windows lie inside it, so the map has n − k + 1 rows.": padded,
        f"The last column of windows is missing: {last}": right[:, :-1],
        "The map is as large as the picture, with zeros at the end: it has n − k + 1 rows.": np.pad(right, frame),
        "The map is turned: row i of the map belongs to row i of the picture.": right.T,
        "The patches are turned: rows and columns of a patch are exchanged.": _scanned(
            img, detector, k, turned=True
        ),
        "The window jumps by k; it moves by one pixel.": right[::k, ::k],
        "Only yes or no is kept: the map holds the detector's scores.": right > 0,
        "Only 1 or 0 is kept: the map holds the detector's scores.": (right > 0).astype(int),
        "Fractions are cut off: make the map with np.zeros((rows, columns)), which holds floats.": np.trunc(right),
        "Negative scores are cut to 0: the map holds the scores as they are.": np.maximum(right, 0),
        "All scores stand in one row: arrange them like the windows.": right.reshape(-1),
        "Only the largest score: return the map of all of them.": float(right.max()),
        "Only the mean of the scores: return the map of all of them.": float(right.mean()),
    }
    holes = right.copy()
    holes[-1, :] = holes[:, -1] = 0
    gives[f"Zeros stand in the last row and column of the map: {last}"] = holes
    return gives


# Each rule says yes or no for a map of scores; right is: at least one score above 0.
PRESENT_RULES: dict[str, Callable[[np.ndarray], bool]] = {
    "The mean or the sum decides: one yes drowns in many a no. One score above 0 is enough.": lambda m: (
        m.mean() > 0
    ),
    "All scores must be above 0 here; one is enough.": lambda m: (m > 0).all(),
    "Most scores must be above 0 here; one is enough.": lambda m: (m > 0).mean() > 0.5,
    "A score of 0 counts as yes; it is a no.": lambda m: (m >= 0).any(),
    "Even a negative score counts as yes: ask for a score above 0, not for one that is not 0.": lambda m: (
        m != 0
    ).any(),
    "Only the first window is asked; a loop returns False after its end, not at the first no.": lambda m: (
        m.reshape(-1)[0] > 0
    ),
    "Only the last window decides.": lambda m: m.reshape(-1)[-1] > 0,
    "Only the middle window is asked.": lambda m: m[len(m) // 2, m.shape[1] // 2] > 0,
    "A fraction such as 0.25 or 0.5 counts as no here: above 0 is enough.": lambda m: m.max() >= 1,
}


def _any(scores: np.ndarray) -> bool:
    return len([score for score in scores.reshape(-1).tolist() if score > 0]) > 0


def _present_mistakes(scores: np.ndarray) -> dict[str, bool]:
    """What each wrong rule says, where it is wrong."""
    right = _any(scores)
    gives = {name: bool(rule(scores)) for name, rule in PRESENT_RULES.items()}
    gives["Turned round: True where nothing is found."] = not right
    return {name: said for name, said in gives.items() if said != right}


MAPS = (
    [[-5, -3, -5, -4], [-2, -7, 2, -5]],
    [[-1, -2], [-3, -4], [-1, -1]],
    [[0, 0, 0]],
    [[3, 1, 2], [4, 9, 1]],
    [[0, -1], [-2, 0], [-8, -1]],
    [[-9, -9, -9], [-9, -9, 1]],
    [[6, -9], [-9, -9], [-9, -9]],
    [[-2, -1, 0.25], [-6, -1, -3]],
    [[-0.25, -0.5]],
    [[0.5]],
    [[-4], [-3], [0]],
    [[2, 3, 5], [4, -1, 2]],
    [[-1, 30, -2], [-1, -3, -1]],
    [[-40, 2, 1], [3, -1, 4]],
)


def _some_map(draw: Draw) -> np.ndarray:
    """A map of negative scores in which there may be one that is not."""
    scores = draw.array((draw.integer(2, 4), draw.integer(3, 5)), -9, -1)
    if draw.integer(0, 1):
        scores[draw.integer(0, len(scores) - 1), draw.integer(0, 2)] = draw.integer(0, 2) / 2
    return scores


@question(
    "scan_detect",
    points=4,
    names=("scan_detect", "present"),
    hints=[
        "A window that begins in row i and column j is img[i:i + k, j:j + k]. Where may it begin?",
        "It may begin in rows 0 to height − k, both included: range(height - k + 1). The same for columns.",
        "Make a map of zeros first, then write each score to its place: scores[i, j] = patch_fn(...).",
        "For `present`: it is enough that the largest score is above 0.",
    ],
)
def scan_detect(answer, draw: Draw) -> Iterator:
    """One small detector at every place"""
    scan = answer["scan_detect"]

    def trial(detector: Given, height: int, width: int, k: int, kind: str = "floats") -> Any:
        img = draw.array((height, width), 0, 9)
        img = img.astype(np.int64) if kind == "integers" else img
        return case(scan(img, detector, k), _scanned(img, detector.make(), k), mistakes=_scan_mistakes)

    with group("a template as the detector"):
        slanted = given("patch_template", [[1, -2], [3, -1]], -4)
        yield trial(slanted, 4, 6, 2)
        yield trial(given("patch_template", [[1, 0, -1], [2, -1, 0], [-2, 1, 0.5]], 1.25), 6, 4, 3)
        yield trial(slanted, 3, 2, 2, "integers")
    with group("a small MLP as the detector"):
        for height, width, k, kind in [(5, 7, 3, "floats"), (6, 4, 2, "integers"), (5, 4, 3, "integers")]:
            yield trial(given("patch_mlp", k, draw.integer(3, 6), draw.integer(0, 999)), height, width, k, kind)
    with group("windows of one pixel, and as large as the picture"):
        for height, width, k in [(3, 4, 1), (1, 5, 1), (3, 5, 3), (6, 4, 4), (3, 3, 3)]:
            yield trial(given("patch_mlp", k, 4, draw.integer(0, 999)), height, width, k)
    with group("is it there?"):
        for scores in [*(np.array(rows, float) for rows in MAPS), *(_some_map(draw) for _ in range(8))]:
            yield case(answer["present"](scores), _any(scores), mistakes=_present_mistakes)


# ---- 1.6: shifting


def _moved(X: np.ndarray, right: int, down: int = 0) -> np.ndarray:
    """Pixel by pixel: what stands `right` columns and `down` rows before, or 0."""
    out = np.zeros_like(X)
    for i in range(X.shape[1]):
        for j in range(X.shape[2]):
            if 0 <= i - down < X.shape[1] and 0 <= j - right < X.shape[2]:
                out[:, i, j] = X[:, i - down, j - right]
    return out


def _with_border(X: np.ndarray, right: int) -> np.ndarray:
    """The border pixel comes in instead of zeros."""
    return X[:, :, np.clip(np.arange(X.shape[2]) - right, 0, X.shape[2] - 1)]


def _wiped_on_the_left(X: np.ndarray, right: int) -> np.ndarray:
    """Rolled, and columns up to the shift set to 0: with a negative shift, nearly all of them."""
    out = np.roll(X, right, axis=2)
    out[:, :, :right] = 0
    return out


def _wider(X: np.ndarray, right: int) -> np.ndarray:
    """Zeros come in, and nothing goes."""
    return np.pad(X, ((0, 0), (0, 0), (max(right, 0), max(-right, 0)), (0, 0)))


SHIFTS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "The pictures wrap around, as np.roll does it: zeros come in where pixels have left.": (
        lambda X, s: np.roll(X, s, axis=2)
    ),
    "The direction is turned round: a positive shift moves the picture to the right.": lambda X, s: _moved(X, -s),
    "The pictures move down: axis 1 is the height, axis 2 the width.": lambda X, s: _moved(X, 0, s),
    "The pictures move up: axis 1 is the height, axis 2 the width.": lambda X, s: _moved(X, 0, -s),
    "The pictures move down and wrap around: axis 2 is the width, and zeros come in.": (
        lambda X, s: np.roll(X, s, axis=1)
    ),
    "The direction is turned round, and the pictures wrap around.": lambda X, s: np.roll(X, -s, axis=2),
    "np.roll without an axis moves all numbers as one long row: give it an axis.": lambda X, s: np.roll(X, s),
    "The batch is shifted: axis 0 counts the pictures, axis 2 is the width.": lambda X, s: np.roll(X, s, axis=0),
    "The channels are shifted: axis 3 counts them, axis 2 is the width.": lambda X, s: np.roll(X, s, axis=3),
    "The border pixel comes in; zeros should.": _with_border,
    "After a negative shift the wrong columns are wiped: the last ones, s:, are to be zeros.": _wiped_on_the_left,
    "The pictures grow wider; what leaves them is cut off, and the width stays.": _wider,
    "The pictures are not shifted at all.": lambda X, s: X,
    "Every shift goes to the right; a negative one moves the picture to the left.": lambda X, s: _moved(X, abs(s)),
    "Pictures are moved to the right only; a negative shift leaves them as they are here.": (
        lambda X, s: _moved(X, max(s, 0))
    ),
}
# Name of a group -> (height, width, channels) of its pictures, and the shifts.
TRIALS: dict[str, list[tuple[tuple[int, int, int], list[int]]]] = {
    "to the right": [((5, 8, 1), [0, 1, 2, 3]), ((7, 4, 1), [1, 3]), ((2, 9, 1), [6, 5, 1])],
    "to the left": [((5, 8, 1), [-1, -2, -4]), ((7, 4, 1), [-3, 0, -1])],
    "in both directions, in any order": [((6, 9, 1), [2, -3, 0, 5, -1]), ((9, 5, 1), [4, -4, -2, 1])],
    "pictures with channels": [((4, 6, 3), [1, 0, -2, 3, -1]), ((6, 3, 2), [-1, 2, 1, -2])],
}
PILED_UP = "Each shift is made on top of the last one: begin with the pictures as they came."


def _accuracies(
    model: Any, X: np.ndarray, y: np.ndarray, shifts: Sequence[int], shift: Callable = _moved
) -> dict[int, float]:
    """Counted picture by picture."""
    found = {}
    for s in shifts:
        said = model.predict(shift(X, s))
        found[s] = sum(int(one == other) for one, other in zip(said, y, strict=True)) / len(y)
    return found


def _shift_mistakes(model: Given, X: Given, y: Given, shifts: Sequence[int]) -> dict[str, Any]:
    trial = model.make(), X.make(), y.make()
    reader, pictures, labels = trial
    right, piled = _accuracies(*trial, shifts), {}
    for s in shifts:
        pictures = _moved(pictures, s)
        piled |= {s: _accuracies(reader, pictures, labels, [0])[0]}
    gives = {name: _accuracies(*trial, shifts, rule) for name, rule in SHIFTS.items()}
    return gives | {
        PILED_UP: piled,
        "These are per cent; the accuracy is a share from 0 to 1.": {s: 100 * share for s, share in right.items()},
        "These are numbers of pictures; the accuracy is a share from 0 to 1.": {
            s: round(share * len(labels)) for s, share in right.items()
        },
        "These are shares of errors; the accuracy is the share that is right.": {
            s: 1 - share for s, share in right.items()
        },
        "This is how often the class stays the same; the accuracy compares with y.": {
            s: float(np.mean(reader.predict(_moved(trial[1], s)) == reader.predict(trial[1]))) for s in shifts
        },
        "A list has no shifts in it; return a dictionary {shift: accuracy}.": list(right.values()),
        "One number for all shifts; return a dictionary {shift: accuracy}.": sum(right.values()) / len(right),
    }


@question(
    "shift_accuracy",
    points=4,
    hints=[
        "Begin with np.zeros_like(X). Which of its columns get pixels, and from which columns of X?",
        "To the right by s: moved[:, :, s:] = X[:, :, :width - s]. For s = 0 the end must be width, not -0.",
        "To the left, s is negative: moved[:, :, :s] = X[:, :, -s:].",
        "The accuracy is np.mean(model.predict(moved) == y).",
    ],
)
def shift_accuracy(answer, draw: Draw) -> Iterator:
    """The accuracy on shifted pictures"""

    def trial(height: int, width: int, channels: int, shifts: list[int]) -> Any:
        count, seed = 60, draw.integer(0, 9999)
        model = given("pixel_reader", 4)
        X, y = (
            given("random_pictures", count, height, width, channels, seed),
            given("random_labels", count, 4, seed),
        )
        expected = _accuracies(model.make(), X.make(), y.make(), shifts)
        return case(answer(model, X, y, shifts), expected, mistakes=_shift_mistakes)

    for name, trials in TRIALS.items():
        with group(name):
            for shape, shifts in trials:
                yield trial(*shape, shifts)


why_shift_hurts = essay(
    "why_shift_hurts",
    points=3,
    title="Why shifting hurts the MLP",
    rubric=[
        (1, "Each weight of the MLP belongs to one pixel: after a shift, the strokes meet other weights."),
        (1, "Nothing is shared between places: what is learned at one place has to be learned again at another."),
        (1, "Names what helps and says why (the same weights at every place, then a maximum or pooling; shifted "
            "training pictures), or why LeNet loses accuracy too (its last layers are fully connected)."),
    ],
)  # fmt: skip
