"""Lab 02: cross-correlation and convolution, by hand and in code, and what classic kernels do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograder.check import Draw, Received, case, essay, group, question
from course.draws.lab02 import CENTRED, SOBEL_X
from course.draws.lab02 import by_hand as my_entries
from course.draws.lab02 import sobel as my_slopes

LECTURE_IMAGE = [
    [1, 0, 0, 0, 0, 1],
    [0, 1, 0, 0, 1, 0],
    [0, 0, 1, 1, 0, 0],
    [1, 0, 0, 0, 1, 0],
    [0, 1, 0, 0, 1, 0],
    [0, 0, 1, 0, 1, 0],
]
DIAGONAL = [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]]
VERTICAL = [[-1, 1, -1]] * 3
SMALL_IMAGE = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
CROSS = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
ANIMATION = [[1, -1, -1], [-1, 0, 0], [-1, -1, 0]]  # the first slice of the CS231n animation's first filter
PINWHEEL = [[1, 2, 3], [4, 0, 4], [3, 2, 1]]  # no mirror leaves it alone, but a half turn does
LEANING = [[2, 1, 0], [1, 3, 1], [0, 1, 1]]  # mirrored in its diagonal, but changed by a half turn

READY_MADE = (
    "scipy.signal",
    "scipy.ndimage",
    "numpy.convolve",
    "numpy.correlate",
    "numpy.ma.convolve",
    "numpy.ma.correlate",
    "skimage",
    "cv2",
    "PIL",
    "keras",
    "tensorflow",
    "torch",
    "jax",
)


def _sliding(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Cross-correlation without padding: the picture, shifted once for each weight, added up."""
    height, width = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    out = np.zeros((height, width))
    for (a, b), weight in np.ndenumerate(k):
        out += weight * x[a : a + height, b : b + width]
    return out


def _spread(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """True convolution in full: every pixel leaves a copy of the kernel behind."""
    out = np.zeros((x.shape[0] + k.shape[0] - 1, x.shape[1] + k.shape[1] - 1))
    for (i, j), pixel in np.ndenumerate(x):
        out[i : i + k.shape[0], j : j + k.shape[1]] += pixel * k
    return out


def _convolved(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """The part of a true convolution where kernel and picture overlap wholly."""
    return _spread(x, k)[k.shape[0] - 1 : x.shape[0], k.shape[1] - 1 : x.shape[1]]


@question(
    "by_hand",
    points=4,
    hints=[
        "Place [i, j]: the kernel's upper left corner lies on the pixel in row i, column j, counted from 0.",
        "Multiply the nine pairs that lie on each other, then add the nine products with their signs.",
        "Do not turn the kernel: it lies on the picture as it stands, rows on rows.",
    ],
)
def by_hand(answer, draw: Draw) -> Iterator:
    """Four entries of your own convolution"""
    numbers, right, wrong = my_entries.for_learner(draw.learner)
    received = answer.value()
    four = received.then("the entries", _list_of_four)
    if four.failure is not None:
        with group("four entries"):
            yield case(received if received.failure else four, list(right), hidden=True)
        return
    if four.value[0] == right[0]:
        del wrong[CENTRED]  # at the corner a centred kernel hangs over the border; this answer is right there
    for index, (row, column) in enumerate(numbers[2]):
        label = f"entry [{row}, {column}]"
        with group(label):
            gives = {name: values[index] for name, values in wrong.items()}
            entry = received.then(label, lambda values, index=index: _list_of_four(values)[index])
            yield case(entry, right[index], mistakes=gives, hidden=True)


def _list_of_four(values: Any) -> list:
    """The four entries, each as a plain number where it is one."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if not isinstance(values, list | tuple) or len(values) != 4:
        raise ValueError("expected a list of 4 numbers.")
    return [_alone(value) for value in values]


def _alone(value: Any) -> Any:
    """The number in a list or array that holds a single one; anything else as it is."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return _alone(value[0]) if isinstance(value, list | tuple) and len(value) == 1 else value


def _in_capitals(values: Any) -> set:
    """Letters, small or capital, as a set of capitals."""
    if not isinstance(values, list | tuple | set | frozenset | np.ndarray):
        raise ValueError('expected letters in quotes, with commas between them, as in ["A", "C"].')
    return {value.strip().upper() if isinstance(value, str) else value for value in values}


def _in_small_letters(values: Any) -> list:
    """Words, in any capitals, as a list of words in small letters."""
    if not isinstance(values, list | tuple | np.ndarray):
        raise ValueError("expected six words in quotes, with commas between them.")
    return [value.strip().lower() if isinstance(value, str) else value for value in values]


# Places of the output that stay empty if the loops end one too early.
LAST = {
    "The last row": (np.s_[-1, :],),
    "The last column": (np.s_[:, -1],),
    "The last row and column": (np.s_[-1, :], np.s_[:, -1]),
}
NOT_ADDED_UP = (
    "Several numbers went into one place of the output: multiply with * (not @), then add up with np.sum."
)


def _correlate_mistakes(x: np.ndarray, k: np.ndarray) -> dict:
    right = _sliding(x, k)
    (high, wide), (k_high, k_wide) = x.shape, k.shape
    frame = ((0, k_high - 1), (0, k_wide - 1))
    gives = {
        "The kernel is turned by half a turn: that is true convolution, question 2.3.": _sliding(x, k[::-1, ::-1]),
        "One window too few on each side: the last start n − k counts too, range(n − k + 1).": right[:-1, :-1],
        "The last row of windows is missing: the last start n − k counts too, range(n − k + 1).": right[:-1],
        "The last column of windows is missing: the last start n − k counts too, range(n − k + 1).": right[:, :-1],
        "The output is as large as the picture, with zeros left at the end: it has n − k + 1 rows.": np.pad(
            right, frame
        ),
        "The first row and column of the kernel are left out: Python counts from 0.": (
            _sliding(x[1:, 1:], k[1:, 1:])
        ),
        "The last row and column of the kernel are left out.": _sliding(x[:-1, :-1], k[:-1, :-1]),
        "Height and width are swapped: rows come first, so the shape is (height, width).": right.T,
        "The minus signs are lost: a negative weight takes away.": _sliding(x, np.abs(k)),
        "These are averages of the products; the output is their sum.": right / k.size,
        "Negative sums became 0: that is ReLU, a step that comes after the convolution.": np.maximum(right, 0),
        "Fractions are cut off: let the output array hold floats.": np.trunc(right),
    }
    for which, places in LAST.items():
        unfilled = right.copy()
        for place in places:
            unfilled[place] = 0
        gives[f"{which} of the output stays 0: the last start n − k counts too, range(n − k + 1)."] = unfilled
    if k_high % 2 and k_wide % 2:
        edges = ((k_high // 2, k_high // 2), (k_wide // 2, k_wide // 2))
        gives["The picture is padded with zeros; here only whole windows count."] = _sliding(np.pad(x, edges), k)
    if k_high == k_wide:
        gives["The kernel is transposed: its rows lie on the picture's rows."] = _sliding(x, k.T)
        gives["window @ k is a matrix product; multiply number by number with *."] = _matrix_products(x, k)
        gives["k @ window is a matrix product; multiply number by number with *."] = _matrix_products(x.T, k.T).T
        if high < wide:
            gives["Both sides of the output come from the picture's height."] = right[:, : high - k_high + 1]
        if wide < high:
            gives["Both sides of the output come from the picture's width."] = right[: wide - k_wide + 1]
    return gives


def _matrix_products(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """What sum(window @ k) gives for a square kernel: sums over columns of the window meet sums over rows."""
    ones = np.ones((k.shape[0], 1))
    return _sliding(x, ones @ k.sum(axis=1, keepdims=True).T)


def _correlation(reply: Received, x: np.ndarray, k: np.ndarray) -> Any:
    """The case of one call of correlate2d."""
    text = reply.failure.text if reply.failure is not None else ""
    if "setting an array element with a sequence" in text and "inhomogeneous" not in text:
        return case(reply, _sliding(x, k), mistakes={NOT_ADDED_UP: ValueError})
    return case(reply, _sliding(x, k), mistakes=_correlate_mistakes)


def _sizes(draw: Draw, count: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Shapes of picture and kernel, height unlike width in both, a picture sometimes tall and sometimes wide."""
    for number in range(count):
        k_high = draw.integer(1, 3)
        k_wide = 1 + (k_high + draw.integer(0, 1)) % 3
        high = draw.integer(3, 5)
        wide = high + draw.integer(1, 2)
        yield ((high, wide) if number % 2 else (wide, high)), (k_high, k_wide)


def _weights(draw: Draw, shape: tuple[int, int]) -> np.ndarray:
    """A kernel of whole numbers, of both signs, that a half turn or a mirror changes."""
    while True:
        k = draw.array(shape, -4, 4)
        alike = [k[::-1, ::-1]] + ([k[::-1]] if shape[0] > 1 else []) + ([k[:, ::-1]] if shape[1] > 1 else [])
        alike += [k.T] if shape[0] == shape[1] and shape[0] > 1 else []
        if not any(np.array_equal(k, other) for other in alike) and k.min() < 0:
            return k


@question(
    "correlate2d",
    points=5,
    forbidden=READY_MADE,
    hints=[
        "Two loops over the places (i, j) of the output. How many rows and columns does it have?",
        "At place (i, j) the window is x[i : i + kernel height, j : j + kernel width].",
        "np.sum(window * k) multiplies number by number and adds everything up.",
    ],
)
def correlate2d(answer, draw: Draw) -> Iterator:
    """Cross-correlation without padding"""
    with group("the lectures' pictures and kernels"):
        for image, kernel in [(LECTURE_IMAGE, DIAGONAL), (LECTURE_IMAGE, VERTICAL), (SMALL_IMAGE, CROSS)]:
            x, k = np.array(image, float), np.array(kernel, float)
            yield _correlation(answer(x, k), x, k)
    with group("kernels that a half turn changes, height unlike width", weight=2):
        for shape in [(5, 7), (7, 5), (4, 6), (6, 5)]:
            x, k = draw.array(shape, -2, 4), _weights(draw, (3, 3))
            yield _correlation(answer(x, k), x, k)
    with group("kernels of every shape"):
        for shape, k_shape in [*_sizes(draw, 4), ((3, 4), (3, 4)), ((2, 5), (2, 1))]:
            x, k = draw.array(shape, 1, 5), _weights(draw, k_shape)
            yield _correlation(answer(x, k), x, k)
        x, k = draw.array((2, 3), 1, 5), np.array([[3.0]])
        yield _correlation(answer(x, k), x, k)
    with group("whole numbers and fractions"):
        for _ in range(2):
            x, k = draw.array((4, 5), 1, 6).astype(np.int64), np.array([[0.25, -0.5], [1.5, 0.25]])
            yield _correlation(answer(x, k), x, k)
        x, k = draw.array((4, 5), -9, 9) / 4, np.array([[1, -2], [3, 0]])
        yield _correlation(answer(x, k), x, k)


def _convolve_mistakes(x: np.ndarray, k: np.ndarray) -> dict:
    right = _convolved(x, k)
    gives = {
        "The kernel is not turned: this is cross-correlation again.": _sliding(x, k),
        "Only the rows are turned round; a half turn exchanges left and right too.": _sliding(x, k[::-1]),
        "Only the columns are turned round; a half turn exchanges top and bottom too.": _sliding(x, k[:, ::-1]),
        "The picture is turned, so the output is upside down; turn the kernel.": right[::-1, ::-1],
        "The output is full, with places where the kernel hangs over the border; keep whole windows only.": (
            _spread(x, k)
        ),
        "The minus signs are lost: a negative weight takes away.": _sliding(x, np.abs(k[::-1, ::-1])),
        "These are averages of the products; the output is their sum.": right / k.size,
        "One window too few on each side: the last start n − k counts too.": right[:-1, :-1],
    }
    if k.shape[0] % 2 and k.shape[1] % 2:
        top, left = k.shape[0] // 2, k.shape[1] // 2
        gives["The picture is padded with zeros; here only whole windows count."] = _spread(x, k)[
            top : top + x.shape[0], left : left + x.shape[1]
        ]
    if k.shape[0] == k.shape[1]:
        gives["The kernel is transposed; a half turn is another thing."] = _sliding(x, k.T)
        gives["The kernel is turned by a quarter; turn it twice."] = _sliding(x, np.rot90(k))
        gives["The kernel is turned by a quarter, clockwise; turn it twice."] = _sliding(x, np.rot90(k, -1))
        gives["The kernel is turned by half a turn and transposed; the half turn is enough."] = _sliding(
            x, k[::-1, ::-1].T
        )
    return gives


@question(
    "convolve2d",
    points=3,
    forbidden=READY_MADE,
    hints=[
        "Follow the minus sign: pixel x[i − a] meets weight k[a]. Which weight meets the window's last pixel?",
        "Turn the kernel by half a turn, then do what correlate2d does. A half turn is no transposition.",
        "k[::-1] turns the order of the rows round. How do you write it for the columns too?",
    ],
)
def convolve2d(answer, draw: Draw) -> Iterator:
    """True convolution, the kernel turned by half a turn"""
    with group("a single bright pixel brings the kernel back"):
        for shape in [(3, 3), (2, 3), (3, 2)]:
            x, k = np.zeros((2 * shape[0] - 1, 2 * shape[1] - 1)), _weights(draw, shape)
            x[shape[0] - 1, shape[1] - 1] = 1
            yield case(answer(x, k), _convolved(x, k), mistakes=_convolve_mistakes)
    with group("kernels that a half turn changes, height unlike width"):
        for shape in [(4, 6), (6, 5), (5, 7)]:
            x, k = draw.array(shape, -2, 4), _weights(draw, (3, 3))
            yield case(answer(x, k), _convolved(x, k), mistakes=_convolve_mistakes)
    with group("kernels of every shape"):
        shapes = [
            ((3, 5), (1, 3)),
            ((5, 3), (2, 1)),
            ((4, 6), (2, 3)),
            ((6, 4), (3, 2)),
            ((5, 6), (4, 2)),
            ((3, 4), (3, 4)),
        ]
        for shape, k_shape in shapes:
            x, k = draw.array(shape, -9, 9) / 4, _weights(draw, k_shape) / 4
            yield case(answer(x, k), _convolved(x, k), mistakes=_convolve_mistakes)


def _rows_1d(
    x: np.ndarray, w: np.ndarray, beta: float, stride: int, dilation: int, before: int, after: int
) -> np.ndarray:
    """One dimension, read number by number; outside the row there are zeros."""
    reach = (len(w) - 1) * dilation
    starts = range(-before, len(x) + after - reach, stride)
    inside = range(len(x))
    return np.array(
        [
            beta + sum(w[j] * x[i + j * dilation] for j in range(len(w)) if i + j * dilation in inside)
            for i in starts
        ]
    )


def _conv1d_mistakes(x: np.ndarray, w: np.ndarray, beta: float, stride: int, dilation: int, pad: int) -> dict:
    def row(
        w: np.ndarray = w,
        beta: float = beta,
        stride: int = stride,
        dilation: int = dilation,
        before: int = pad,
        after: int = pad,
    ) -> np.ndarray:
        return _rows_1d(x, w, beta, stride, dilation, before, after)

    right = row()
    return {
        "A dilation of 0 is taken for no gap; here 1 means neighbours.": row(dilation=dilation + 1),
        "The dilation is ignored.": row(dilation=1),
        "The stride is ignored.": row(stride=1),
        "Stride and dilation are swapped: the stride moves the window, the dilation stretches it.": (
            row(stride=dilation, dilation=stride)
        ),
        "The padding is ignored: was the padded row thrown away?": row(before=0, after=0),
        "The zeros stand in front only; pad counts for each side.": row(after=0),
        "The zeros stand at the end only; pad counts for each side.": row(before=0),
        "The padding is always 1, whatever pad says.": row(before=1, after=1),
        "The bias is left out.": row(beta=0),
        "The bias is added once for each weight; it belongs outside the sum.": row(beta=beta * len(w)),
        "The weights are turned round: that is true convolution.": row(w=w[::-1]),
        "One place too few: the last start counts too.": right[:-1],
        "Negative values became 0: the activation comes later.": np.maximum(right, 0),
        "These are averages of the products; the output is their sum.": (right - beta) / len(w) + beta,
    }


@question(
    "conv1d",
    points=4,
    forbidden=READY_MADE,
    hints=[
        "First make the padded row: pad zeros, then x, then pad zeros. From there on think only of that row.",
        "Weight a reads the padded row at start + a · dilation.",
        "The last weight reads at start + (k − 1) · dilation; that must stay inside. How far can start go?",
    ],
)
def conv1d(answer, draw: Draw) -> Iterator:
    """One dimension with bias, stride, dilation and padding"""
    settings = {
        "the lecture's layer: stride 1, dilation 1": [(3, 1, 1, 1), (3, 1, 1, 0), (2, 1, 1, 2), (4, 1, 1, 0)],
        "stride": [(3, 2, 1, 1), (3, 3, 1, 0), (2, 2, 1, 2), (4, 3, 1, 1)],
        "dilation": [(3, 1, 2, 2), (3, 1, 3, 0), (2, 1, 3, 1), (4, 1, 2, 3)],
        "stride, dilation and padding together": [(3, 2, 3, 2), (2, 3, 2, 1), (4, 2, 2, 3), (3, 3, 2, 1)],
    }
    only_dilated = True  # whether nothing went beyond the row before a dilation came
    for name, rows in settings.items():
        with group(name):
            for count, stride, dilation, pad in rows:
                x, w = draw.array(draw.integer(10, 12), -5, 5) / 4, _weights(draw, (1, count))[0] / 4
                beta = draw.choice([-3.5, -2, 0.5, 2.5, 4])
                expected = _rows_1d(x, w, beta, stride, dilation, pad, pad)
                reply = answer(x, w, beta, stride, dilation, pad)
                beyond = _beyond_the_row(reply)
                only_dilated = only_dilated and (dilation > 1 or beyond is None)
                counted_short = {COUNT_WITHOUT_DILATION: beyond} if beyond and only_dilated else None
                yield case(reply, expected, mistakes=counted_short or _conv1d_mistakes)


COUNT_WITHOUT_DILATION = (
    "There are too many places: k weights reach over (k − 1) · dilation + 1 numbers, and your count leaves "
    "the dilation out."
)


def _beyond_the_row(reply: Received) -> type[Exception] | None:
    """The error with which a number beyond the end of the row is asked for; slices end there without one."""
    raised = reply.failure.types if reply.failure is not None else ()
    return IndexError if "IndexError" in raised else None


TABLE: Mapping[str, tuple[list[list[int]], int]] = {
    "identity": ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1),
    "edge_1": ([[1, 0, -1], [0, 0, 0], [-1, 0, 1]], 1),
    "edge_2": ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1),
    "edge_3": ([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 1),
    "sharpen": ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
    "box": ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9),
    "gauss": ([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16),
}
TABLE_GROUPS = {
    "identity and sharpen": ("identity", "sharpen"),
    "the three edge kernels": ("edge_1", "edge_2", "edge_3"),
    "box": ("box",),
    "Gauss": ("gauss",),
}


def _table_entry(name: str, x: np.ndarray) -> np.ndarray:
    weights, divisor = TABLE[name]
    return _sliding(x, np.array(weights, float)) / divisor


def _table_mistakes(name: str, x: np.ndarray) -> dict:
    right, divisor = _table_entry(name, x), TABLE[name][1]
    bordered = _table_entry(name, np.pad(x, 1))
    gives = {
        "The picture is padded with zeros; here only whole windows count, the output is 2 smaller.": bordered,
        "Negative values became 0: nothing is clipped here.": np.maximum(right, 0),
        "Values are clipped to 0 … 1; here they stay as they are.": np.clip(right, 0, 1),
        "The minus signs are lost: these are absolute values.": np.abs(right),
        "All signs are the other way round.": -right,
        "Rounded to whole numbers; here the fractions stay.": np.round(right),
        "Fractions are cut off: let the output hold floats.": np.trunc(right),
    }
    if divisor > 1:
        gives["The factor is missing: the weights must add up to 1."] = right * divisor
    if name == "sharpen":
        gives[
            "The centre is 4: that finds edges. Sharpening needs 5, so that the weights add up to 1."
        ] = -_table_entry("edge_2", x)
    for other in TABLE:
        if other != name:
            gives[f"This is the output of {other!r}."] = _table_entry(other, x)
    return gives


def _under(name: str) -> Callable[[Any], Any]:
    """Reads one entry of the dictionary."""

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError("expected a dictionary.")
        if name not in value:
            raise ValueError(f"the key {name!r} is missing.")
        return value[name]

    return read


@question(
    "kernel_table",
    points=4,
    names=("apply_kernel_table",),
    hints=[
        "The seven arrays stand in kernels. `for name, kernel in kernels.items()` goes through them.",
        "Call your correlate2d once for each name. Collect the outputs under the same names.",
        "{name: ... for name, kernel in kernels.items()} makes a dictionary in one line.",
    ],
)
def kernel_table(answer, draw: Draw) -> Iterator:
    """Seven classic kernels on one picture"""
    pictures = [draw.array(shape, 0, 4) / 4 for shape in ((5, 7), (6, 4), (3, 5))]
    received = [answer(x) for x in pictures]
    for title, names in TABLE_GROUPS.items():
        with group(title):
            for name in names:
                for x, reply in zip(pictures, received, strict=True):
                    got = reply.then(f'"{name}"', _under(name))
                    yield case(got, _table_entry(name, x), mistakes=_table_mistakes(name, x))


# gx, gy, gx + gy, gx² + gy², the Gauss kernel, the corner kernel
SIGNS = ("minus", "minus", "minus", "same", "same", "other")
SIGN_MISTAKES = {
    "Both Sobel kernels change their sign, and so does their sum.": (*["same"] * 5, "other"),
    "gy changes its sign too, and so does the sum.": ("minus", "same", "other", "same", "same", "other"),
    "gx changes its sign too, and so does the sum.": ("same", "minus", "other", "same", "same", "other"),
    "A square has no sign: gx² + gy² stays.": (*["minus"] * 4, "same", "other"),
    "Gauss looks the same upside down.": (*["minus"] * 3, "same", "minus", "other"),
    "After the turn the corner kernel reads another neighbour: not minus the first result.": (
        (*["minus"] * 3, "same", "same", "minus")
    ),
    "The corner kernel does not look the same upside down.": (*["minus"] * 3, "same", "same", "same"),
}


@question(
    "sobel",
    points=3,
    names=("sobel_values", "sobel_signs"),
    hints=[
        "Write Sobel X down, turn the sheet upside down and copy what you see. Compare the two.",
        "If the turned kernel is minus the first one, so is the sum of the products.",
        "What does a square do to a minus sign? And which kernels look the same upside down?",
    ],
)
def sobel(answer, draw: Draw) -> Iterator:
    """Sobel under cross-correlation and under true convolution"""
    with group("your patch, by hand", weight=2):
        _, right, wrong = my_slopes.for_learner(draw.learner)
        values = answer["sobel_values"].value().then("the numbers", _list_of_four)
        yield case(values, right, mistakes=wrong, hidden=True)
    with group("what happens to the sign"):
        words = answer["sobel_signs"].value().then("the words", _in_small_letters)
        yield case(words, SIGNS, mistakes=SIGN_MISTAKES, hidden=True)


FIVE = {"A": PINWHEEL, "B": [list(row) for row in SOBEL_X], "C": CROSS, "D": ANIMATION, "E": LEANING}


def _arrays(kernels: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.array(kernel, float) for name, kernel in kernels.items()}


def _changed_by(turn: Callable[[np.ndarray], np.ndarray], kernels: Mapping[str, Any]) -> set[str]:
    """Names of the kernels that are not equal to what `turn` makes of them."""
    return {name for name, k in _arrays(kernels).items() if not np.array_equal(k, turn(k))}


def _upside_down(k: np.ndarray) -> np.ndarray:
    """The kernel after a half turn, number by number."""
    (high, wide), turned = k.shape, k.copy()
    for a in range(high):
        for b in range(wide):
            turned[high - 1 - a, wide - 1 - b] = k[a, b]
    return turned


def _flip_mistakes(kernels: Mapping[str, Any]) -> dict:
    right, arrays = _changed_by(_upside_down, kernels), _arrays(kernels)
    return {
        "Turned round: these are the kernels that a flip leaves alone.": set(kernels) - right,
        "Compared with the transposed kernel; a flip is a half turn.": _changed_by(lambda k: k.T, kernels),
        "Only the rows are turned round; a half turn exchanges left and right too.": _changed_by(
            lambda k: k[::-1], kernels
        ),
        "Only the columns are turned round; a half turn exchanges top and bottom too.": _changed_by(
            lambda k: k[:, ::-1], kernels
        ),
        "A change of sign is a change: such kernels expose a flip too.": {
            name for name in right if not np.array_equal(_upside_down(arrays[name]), -arrays[name])
        },
        "A kernel exposes a flip if one picture shows it; on the picture of your test all look alike.": set(),
        "The larger kernels are missing: has your test picture room for them?": {
            name for name in right if max(arrays[name].shape) <= 6
        },
        "Your test picture is too regular: on it some kernels give the same when they are turned.": {
            name for name in right if _seen_on_a_ramp(arrays[name])
        },
        "Not every kernel can: some look the same upside down.": set(kernels),
    }


def _seen_on_a_ramp(k: np.ndarray) -> bool:
    """Whether a flip shows on a picture that brightens evenly, as `np.arange` makes it."""
    x = np.arange(100.0).reshape(10, 10)
    return not np.array_equal(_sliding(x, k), _sliding(x, _upside_down(k)))


PICK_MISTAKES = {
    "These two look the same upside down: they can hide a flip, not show it.": {"A", "C"},
    "B changes its sign when it is turned, and that shows in the output.": {"D", "E"},
    "E is mirrored in its diagonal, but upside down it is another kernel.": {"B", "D"},
    "Compared with the transposed kernel; a flip is a half turn.": {"A", "B", "D"},
    "No mirror leaves A alone, but upside down it looks the same.": {"A", "B", "D", "E"},
    "Not every kernel can: some look the same upside down.": set("ABCDE"),
}


# Changed by a half turn (it changes its sign), but the sums of its rows, columns and falling diagonals are 0:
# turned or not, it gives 0 on even pictures, on ramps, on products of ramps and on an identity matrix.
HARD_TO_SEE = np.array([[1, -2, 1, 0], [-2, 3, 0, -1], [1, 0, -3, 2], [0, -1, 2, -1]], float)


def _drawn_kernels(draw: Draw) -> dict[str, np.ndarray]:
    """Kernels of several shapes under drawn names: changed by a half turn or not, with misleading mirrors."""
    plain, wide = _weights(draw, (3, 3)), _weights(draw, (2, 3))
    lean = _weights(draw, (3, 3))
    large, hidden = _weights(draw, (9, 7)), _weights(draw, (4, 4))
    one_weight = large + large[::-1, ::-1]
    one_weight[draw.integer(1, 3), draw.integer(0, 6)] += 1
    middle = plain + plain[::-1, ::-1]
    middle[1, 0] += 1
    made = [
        plain,
        plain + plain[::-1, ::-1],  # a half turn leaves it
        plain - plain[::-1, ::-1],  # a half turn changes its sign
        lean + lean.T,  # mirrored in the diagonal, and changed
        plain + plain[::-1],  # the same upside down row by row, and changed
        plain + plain[:, ::-1],  # left and right alike, and changed
        wide,
        wide + wide[::-1, ::-1],
        _weights(draw, (1, 4)),
        _weights(draw, (7, 8)),  # larger than the lecture's picture
        large + large[::-1, ::-1],
        one_weight,  # the same upside down but for a single weight
        middle,  # and for one in the middle row
        HARD_TO_SEE,
        HARD_TO_SEE + hidden + hidden[::-1, ::-1],
    ]
    names = draw.shuffled([f"k{number}" for number in range(1, len(made) + 1)])
    return dict(sorted(zip(names, made, strict=True)))


@question(
    "exposes_flip",
    points=3,
    names=("picked", "exposes_flip"),
    hints=[
        "Turn the kernel upside down on paper. If it looks the same, no picture can show whether it was flipped.",
        "A half turn is k[::-1, ::-1]. np.array_equal(a, b) says whether two arrays are the same.",
        "Sobel changes its sign when it is turned. Is that a difference in the output?",
    ],
)
def exposes_flip(answer, draw: Draw) -> Iterator:
    """Which kernels can expose a flip?"""
    with group("five kernels, by eye"):
        letters = answer["picked"].value().then("the letters", _in_capitals)
        yield case(letters, _changed_by(_upside_down, FIVE), mistakes=PICK_MISTAKES, hidden=True)
    with group("any kernels up to 9×9, by a function", weight=2):
        reply = answer["exposes_flip"](_arrays(FIVE))
        yield case(reply, _changed_by(_upside_down, FIVE), mistakes=_flip_mistakes, hidden=True)
        for kernels in (_drawn_kernels(draw), _drawn_kernels(draw)):
            expected = _changed_by(_upside_down, kernels)
            shown = ", ".join(sorted(expected))
            yield case(answer["exposes_flip"](kernels), expected, mistakes=_flip_mistakes, expected_text=shown)


repair_definition = essay(
    "repair_definition",
    points=4,
    title="Two sentences about convolution, repaired",
    rubric=[
        (1, "Says that a CNN's layer lays the kernel on as it stands: cross-correlation. Convolution turns it."),
        (1, "Shows the turn in the formula (x − n, or another minus), or with a kernel that a half turn changes."),
        (1, "Says that the output is a weighted sum of the window, not its average."),
        (1, "Says when it is an average: only if the weights add up to 1, as in the box kernel with 1/9."),
    ],
)
