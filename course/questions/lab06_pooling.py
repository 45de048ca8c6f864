"""Lab 06: activation functions, pooling, and what stays the same under a shift."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from autograder.check import Draw, Given, case, essay, group, question
from course.draws.lab06 import my_nets as my_shifts
from course.draws.lab06 import my_pools as my_grids
from course.given import given

FAR = [-1000.0, -750.0, -40.0, -12.0, -8.0, -6.0, 6.0, 8.0, 12.0, 40.0, 750.0, 1000.0]
OVERFLOW = "Numbers of ±1000 break it: keep what goes into exp at zero or below."
OVERFLOW_SOFTMAX = "Numbers of ±1000 break it: take the largest one along the axis from every entry first."


def _each(x: np.ndarray, rule: Callable[[float], float]) -> np.ndarray:
    return np.array([rule(float(value)) for value in x.flat]).reshape(x.shape)


def _softplus(value: float) -> float:
    """log(1 + exp(value)) with 28 digits and exponents that do not overflow."""
    return float((1 + Decimal(value).exp()).ln())


def _softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Shares of one along an axis, each counted out in decimal numbers."""
    shares = np.zeros(x.shape)
    along = axis % x.ndim
    for place in itertools.product(
        *(range(side) if n != along else [slice(None)] for n, side in enumerate(x.shape))
    ):
        powers = [Decimal(float(value)).exp() for value in x[place]]
        shares[place] = [float(power / sum(powers)) for power in powers]
    return shares


def _relu_mistakes(x: np.ndarray) -> dict:
    return {
        "This is where x is positive, not x itself.": (x > 0).astype(float),
        "This is the smaller of 0 and x: take the larger.": np.minimum(x, 0.0),
        "This is |x|: a negative number becomes 0.": np.abs(x),
        "The negative numbers are left out: the answer keeps x's shape.": x[x > 0],
    }


def _leaky_mistakes(x: np.ndarray, slope: float) -> dict:
    return {
        "This is relu: below zero the line goes on with the given slope.": np.maximum(x, 0.0),
        "The slope is taken on both sides: above zero it is 1.": slope * x,
        "The slope is not used: below zero it is what the call says, not 0.01.": np.where(x > 0, x, 0.01 * x),
        "Below zero stands the slope itself: it multiplies x.": np.where(x > 0, x, slope),
        "The sign is lost below zero.": np.where(x > 0, x, -slope * x),
    }


def _elu_mistakes(x: np.ndarray, alpha: float) -> dict:
    low = np.minimum(x, 0.0)
    return {
        OVERFLOW: FloatingPointError,
        "alpha is not used: it multiplies exp(x) − 1.": np.where(x > 0, x, np.expm1(low)),
        "The − 1 is missing: at zero the two parts must meet.": np.where(x > 0, x, alpha * np.exp(low)),
        "Brackets: alpha multiplies all of exp(x) − 1.": np.where(x > 0, x, alpha * np.exp(low) - 1),
        "This is relu: below zero stands alpha · (exp(x) − 1).": np.maximum(x, 0.0),
        "The curve is taken above zero too: there it is x.": alpha * np.expm1(np.minimum(x, 700.0)),
    }


def _softplus_mistakes(x: np.ndarray) -> dict:
    return {
        OVERFLOW: FloatingPointError,
        "The 1 + is missing: log(exp(x)) is x again.": x,
        "Large x are cut off: log(1 + exp(x)) goes on growing, as x does.": np.log1p(np.exp(np.minimum(x, 700.0))),
        "This is relu.": np.maximum(x, 0.0),
        "This is log(1 + exp(−x)).": np.logaddexp(0.0, -x),
        "This is its derivative, 1 / (1 + exp(−x)).": np.exp(-np.logaddexp(0.0, -x)),
        "This is the logarithm to base 2: take np.log.": np.logaddexp(0.0, x) / math.log(2),
    }


def _softmax_mistakes(x: np.ndarray, axis: int) -> dict:
    wrong: dict = {OVERFLOW_SOFTMAX: FloatingPointError}
    powers = np.exp(x - x.max())
    others = [other for other in range(x.ndim) if other != axis % x.ndim]
    if others:
        wrong["The sum runs over everything: it must run along the given axis only."] = powers / powers.sum()
    for other in others:
        wrong[f"The sum runs along axis {other}: this call asks for axis {axis}."] = _softmax(x, other)
    sums = powers.sum(axis)
    try:
        wrong["keepdims=True is missing: the sums stand under the wrong numbers."] = powers / sums
    except ValueError:
        pass  # NumPy says itself that the shapes do not fit together
    with np.errstate(all="ignore"):
        wrong["exp is missing: these are shares of x itself."] = x / x.sum(axis, keepdims=True)
    wrong["The division is missing: the shares along the axis must sum to 1."] = np.exp(
        x - x.max(axis, keepdims=True)
    )
    return wrong


@question(
    "activations",
    points=3,
    names=["relu", "leaky_relu", "elu", "softplus", "softmax"],
    forbidden=["keras.ops", "keras.activations", "keras.layers", "tensorflow", "scipy", "torch", "sklearn"],
    strict=True,
    hints=[
        "np.where computes both sides for every number, also the side that it throws away: what is exp(1000)?",
        "softplus: for x > 0, log(1 + exp(x)) = x + log(1 + exp(−x)). np.log1p is exact near zero.",
        "softmax: the same number taken from every entry changes nothing. Take the largest, with keepdims=True.",
    ],
)
def activations(answer, draw: Draw) -> Iterator:
    """Five activation functions that survive large numbers

    Each takes an array of floats of any shape and gives an array of that shape; leaky_relu(x, slope) and
    elu(x, alpha) take a positive number, softmax(x, axis) the axis along which the shares sum to 1.
    Numbers of ±1000 must pass without overflow: here NumPy's warnings are errors. Tolerance 1e-6.
    """

    def mixed(*shape: int) -> np.ndarray:
        """Numbers from −5 to 5, none of them 0; far from 0 and near it, on both sides."""
        count = int(np.prod(shape)) - 4
        numbers = [
            -draw.integer(1, 20),
            draw.integer(9, 20),
            draw.integer(1, 3),
            -draw.integer(1, 3),
            *(draw.choice([-1, 1]) * draw.integer(1, 20) for _ in range(count)),
        ]
        return np.array(numbers, dtype=float).reshape(shape) / 4

    shapes = [(6,), (2, 4), (2, 1, 2, 3)]
    far = np.array(FAR)
    with group("relu"):
        for x in [mixed(*shape) for shape in shapes] + [far]:
            yield case(answer["relu"](x), _each(x, lambda v: max(v, 0.0)), mistakes=_relu_mistakes)
    with group("leaky_relu"):
        for x in [mixed(*shape) for shape in shapes] + [far]:
            slope = draw.choice([0.25, 0.125, 0.3, 0.05])
            right = _each(x, lambda v, slope=slope: v if v > 0 else slope * v)
            yield case(answer["leaky_relu"](x, slope), right, mistakes=_leaky_mistakes)
    with group("elu"):
        for x in [mixed(*shape) for shape in shapes] + [far]:
            alpha = draw.choice([0.5, 1.5, 2.0, 0.75])
            right = _each(x, lambda v, alpha=alpha: v if v > 0 else alpha * math.expm1(v))
            yield case(answer["elu"](x, alpha), right, mistakes=_elu_mistakes)
    with group("softplus"):
        for x in [mixed(*shape) for shape in shapes] + [far]:
            yield case(answer["softplus"](x), _each(x, _softplus), mistakes=_softplus_mistakes)
    with group("softmax", weight=2):
        for shape, axis in [((4,), 0), ((2, 3), 1), ((3, 2), 0), ((3, 3), -1), ((2, 3, 4), 1), ((2, 2, 2, 3), -1)]:
            x = mixed(*shape)
            yield case(answer["softmax"](x, axis), _softmax(x, axis), mistakes=_softmax_mistakes)
        for x in [
            np.array([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -998.0]]),
            np.array([[0.0, 1000.0]] * 2),
            np.array([[1000.0, -1000.0, -1000.0]]),
        ]:
            yield case(answer["softmax"](x, 1), _softmax(x, 1), mistakes=_softmax_mistakes)


LIBRARIES = ("keras", "tensorflow", "torch", "jax", "skimage", "cv2", "PIL", "scipy.ndimage", "scipy.signal")
W12 = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]
W13 = [[4, 3, 1, 5], [1, 3, 4, 8], [4, 5, 4, 3], [6, 5, 9, 4]]
W14 = [[31, 15, 28, 184], [0, 100, 70, 38], [12, 12, 7, 2], [12, 12, 45, 6]]
REDUCE = {"max": np.max, "average": np.mean}


def _windows(x: np.ndarray, k: int, s: int) -> np.ndarray:
    """Every whole window: shape (k·k, batch, height, width, channels), a shifted copy of x for each pixel."""
    high, wide = ((side - k) // s * s + 1 for side in x.shape[1:3])
    return np.array([x[:, a : a + high : s, b : b + wide : s] for a in range(k) for b in range(k)], float)


def _pooled(x: np.ndarray, k: int, s: int, mode: str) -> np.ndarray:
    return REDUCE[mode](_windows(x, k, s), axis=0)


def _sliced(x: np.ndarray, shape: tuple[int, ...], step: int, size: int, mode: str) -> np.ndarray:
    """Windows of another size or start, cut off at the border as slices are; zeros where one is empty."""
    out = np.zeros((len(x), *shape, x.shape[3]))
    for i, j in np.ndindex(shape):
        window = x[:, step * i : step * i + size, step * j : step * j + size]
        if window[0].size:
            out[:, i, j] = REDUCE[mode](window, axis=(1, 2))
    return out


def _first_only(right: np.ndarray, place: tuple) -> np.ndarray:
    """The right answer in one place, zeros elsewhere."""
    out = np.zeros_like(right)
    out[place] = right[place]
    return out


def _as_same(x: np.ndarray, k: int, s: int, mode: str) -> np.ndarray:
    """Keras' padding="same", which leaves what is beyond the border out of maximum and average."""
    pairs = [(0, 0)]
    for side in x.shape[1:3]:
        total = max((-(-side // s) - 1) * s + k - side, 0)
        pairs.append((total // 2, total - total // 2))
    padded = np.pad(x.astype(float), [*pairs, (0, 0)], constant_values=np.nan)
    return {"max": np.nanmax, "average": np.nanmean}[mode](_windows(padded, k, s), axis=0)


def _pool_mistakes(x: np.ndarray, k: int, s: int, mode: str) -> dict:
    right, other = _pooled(x, k, s, mode), "average" if mode == "max" else "max"
    shape, sums = right.shape[1:3], _windows(x, k, s).sum(axis=0)
    more = tuple(-(-(side - k) // s) + 1 for side in x.shape[1:3])
    together = REDUCE[mode](right, axis=3, keepdims=True)  # windows have equally many pixels: means of means
    filled, edge = np.zeros(x.shape), right.copy()
    short = tuple(len(range(0, side - k, s)) for side in x.shape[1:3])  # the last start n − k is left out
    edge[:, short[0] :], edge[:, :, short[1] :] = 0, 0
    if all(small <= large for small, large in zip(right.shape, x.shape, strict=True)):
        filled[:, : shape[0], : shape[1]] = right
    gives = {
        f"mode is not looked at: this call asks for {mode}.": _pooled(x, k, s, other),
        "The windows are as wide as the stride; they are k wide.": _sliced(x, shape, s, s, mode),
        "The stride is ignored: the window moves by s pixels.": _pooled(x, k, 1, mode),
        "The stride changes only the size: window i begins at pixel i·s.": _sliced(x, shape, 1, k, mode),
        "The channels are pooled together; every map is pooled alone.": np.broadcast_to(together, right.shape),
        "The channels are pooled together, and their axis is gone; every map is pooled alone.": together[..., 0],
        "The channels are pooled into one; every map is pooled alone.": together,
        "The images of the batch are pooled together; every image is pooled alone.": np.broadcast_to(
            REDUCE[mode](right, axis=0), right.shape
        ),
        "The fractions are cut off: let the output hold floats.": np.trunc(right),
        "Rounded up: only whole windows count.": _sliced(x, more, s, k, mode),
        "One window too few on each side: the last start n − k counts too.": right[:, :-1, :-1],
        "The last row and column of the output stay 0: the last start n − k counts too.": edge,
        "The last start is left out where it fits: range(n − k + 1) has n − k in it.": (
            right[:, : short[0], : short[1]]
        ),
        "The output is as large as the input, with zeros left at the end.": filled,
        "Only the first image is filled; do it for all of the batch.": _first_only(right, np.s_[:1]),
        "Only the last image is filled; do it for all of the batch.": _first_only(right, np.s_[-1:]),
        "Only the first channel is filled; do it for every channel.": _first_only(right, np.s_[..., :1]),
        "Only the last channel is filled; do it for every channel.": _first_only(right, np.s_[..., -1:]),
        "Only the first channel is there; do it for every channel.": right[..., :1],
        "Height and width are swapped: images are (batch, height, width, channels).": right.swapaxes(1, 2),
        "The picture is padded with zeros; here only whole windows count.": _pooled(
            np.pad(x, ((0, 0), (k // 2, k // 2), (k // 2, k // 2), (0, 0))), k, s, mode
        ),
        "Padded as `same` does; here only whole windows count.": _as_same(x, k, s, mode),
    }
    if min(x.shape[1:3]) >= k:
        gives["The windows stand side by side, k apart: they are s apart."] = _pooled(x, k, k, mode)
    if shape[0] < shape[1]:
        gives["Both sides of the output come from the picture's height."] = right[:, :, : shape[0]]
    if shape[1] < shape[0]:
        gives["Both sides of the output come from the picture's width."] = right[:, : shape[1]]
    if mode == "max":
        gives["These are the smallest numbers of the windows."] = _windows(x, k, s).min(axis=0)
        gives["The search for the largest number begins at 0: a window of negative numbers has none."] = (
            np.maximum(right, 0)
        )
        gives["The signs are lost: −9 is smaller than −1."] = np.abs(_windows(x, k, s)).max(axis=0)
    else:
        gives["These are sums: divide by the k·k pixels of a window."] = sums
        gives["Divided by s·s; a window has k·k pixels."] = sums / s**2
        gives["Divided by k; a window has k·k pixels."] = sums / k
        gives["Rounded to whole numbers: an average may be a fraction."] = np.round(right)
        gives["Rounded down: an average may be a fraction."] = np.floor(right)
    if min(x.shape[2:]) >= k:
        gives["Width and channels are pooled; height and width are axes 1 and 2."] = np.moveaxis(
            _pooled(np.moveaxis(x, 1, 3), k, s, mode), 3, 1
        )
    if min(x.shape[:2]) >= k:
        gives["Batch and height are pooled; height and width are axes 1 and 2."] = np.moveaxis(
            _pooled(np.moveaxis(x, 2, 0), k, s, mode), 0, 2
        )
    return gives


@question(
    "pool2d",
    points=5,
    forbidden=LIBRARIES,
    hints=[
        "Lab 04's rule without padding gives the output's height and width: (n − k) // s + 1.",
        "Window (i, j) is x[:, i*s : i*s + k, j*s : j*s + k, :]. Along which two axes do you take the largest?",
        "out = np.zeros((batch, height, width, channels)), and out[:, i, j, :] = window.max(axis=(1, 2)).",
    ],
)
def pool2d(answer, draw: Draw) -> Iterator:
    """Max and average pooling of a batch of images"""

    def tried(x: np.ndarray, k: int, s: int, mode: str) -> Any:
        return case(answer(x, k, s, mode), _pooled(x, k, s, mode), mistakes=_pool_mistakes)

    with group("the largest numbers, windows side by side"):
        for rows in (W12, W13):
            yield tried(np.array(rows, float)[None, :, :, None], 2, 2, "max")
        yield tried(draw.array((2, 4, 6, 3), 1, 30), 2, 2, "max")
        yield tried(draw.array((2, 9, 6, 2), 1, 30), 3, 3, "max")
    with group("averages, windows side by side"):
        for rows in (W13, W14):
            yield tried(np.array(rows, float)[None, :, :, None], 2, 2, "average")
        yield tried(draw.array((2, 4, 6, 3), 1, 30), 2, 2, "average")
        yield tried(draw.array((2, 9, 6, 2), 1, 30), 3, 3, "average")
    with group("windows that overlap or leave gaps, and pixels that are left over", weight=2):
        for shape, k, s in [
            ((2, 5, 7, 2), 3, 2),
            ((1, 6, 8, 3), 3, 2),
            ((3, 4, 5, 2), 2, 1),
            ((2, 10, 7, 2), 2, 3),
            ((2, 5, 3, 3), 1, 2),
            ((2, 6, 5, 2), 4, 1),
            ((2, 7, 10, 1), 3, 3),
        ]:
            for mode in ("max", "average"):
                yield tried(draw.array(shape, 1, 30), k, s, mode)
    with group("negative numbers, fractions and whole numbers"):
        yield tried(-draw.array((2, 4, 5, 2), 1, 30) / 4, 2, 2, "max")
        yield tried(draw.array((1, 5, 7, 2), -30, 3) / 4, 3, 2, "max")
        yield tried(draw.array((1, 4, 6, 2), -30, 30).astype(np.int64), 2, 2, "max")
        yield tried(draw.array((2, 4, 5, 2), -30, 30).astype(np.int64), 2, 1, "average")
        yield tried(draw.array((1, 4, 6, 2), 1, 30).astype(np.int64), 2, 2, "average")


def _numbers(count: int) -> Callable[[Any], list]:
    """A function that reads an answer as a list of so many numbers, rows one after another."""

    def read(values: Any) -> list:
        if isinstance(values, str):
            raise ValueError("this is a text: write numbers without quotes.")
        flat = list(_flat(values))
        if len(flat) != count:
            raise ValueError(f"expected {count} numbers with commas between them. There are {len(flat)}.")
        return flat

    return read


def _flat(values: Any) -> Iterator:
    """The items of lists in lists, one after another."""
    for value in values.tolist() if isinstance(values, np.ndarray) else values:
        value = value.tolist() if isinstance(value, np.ndarray) else value
        if isinstance(value, list | tuple):
            yield from _flat(value)
        else:
            yield value


@question(
    "my_pools",
    points=4,
    names=("my_max", "my_average", "my_overlap"),
    hints=[
        "2×2 windows with stride 2 cut a 4×4 grid into quarters: two above (left, right), then two below.",
        "An average is the sum of the four numbers divided by 4. It ends in .0, .25, .5 or .75: keep all of it.",
        "3×3 windows with stride 2 begin in rows 0 and 2 and in columns 0 and 2: the middle is read twice.",
    ],
)
def my_pools(answer, draw: Draw) -> Iterator:
    """Pooling of your own grids, by hand"""
    _, right, wrong = my_grids.for_learner(draw.learner)
    labels = ("the four maxima", "the four averages", "the four maxima of windows that overlap")
    for place, (name, label) in enumerate(zip(("my_max", "my_average", "my_overlap"), labels, strict=True)):
        with group(label, weight=2 if name == "my_average" else 1):
            received = answer[name].value().then("the numbers", _numbers(4))
            yield case(received, list(right[place]), mistakes=_of_this_part(right, wrong, place), hidden=True)


def _of_this_part(right: Sequence[Sequence], wrong: Mapping[str, Sequence], place: int) -> dict[str, list]:
    """The mistakes of one part: those of another part say nothing here, so that each part can have its own."""
    parts = {text: list(values[place]) for text, values in wrong.items()}
    return {text: values for text, values in parts.items() if values != list(right[place])}


def _global(x: np.ndarray, mode: str) -> np.ndarray:
    """One number a map, map by map."""
    rule = {"max": max, "average": lambda numbers: math.fsum(numbers) / len(numbers)}[mode]
    return np.array([[rule(image[:, :, c].ravel().tolist()) for c in range(x.shape[3])] for image in x], float)


def _global_mistakes(mode: str) -> Callable[[np.ndarray], dict]:
    def mistakes(x: np.ndarray) -> dict:
        right, reduce = _global(x, mode), REDUCE[mode]
        gives = {
            "The two are exchanged, or one stands for both: max is the largest, avg the average.": _global(
                x, "average" if mode == "max" else "max"
            ),
            "Height and width stay as axes of length 1; the shape is (batch, channels).": right[:, None, None, :],
            "The images of the batch are pooled together.": _repeated(reduce(right, axis=0), right),
            "The channels are pooled together.": _repeated(reduce(right, axis=1, keepdims=True), right),
            "The axes of the batch are gone: every image keeps its numbers.": reduce(x, axis=(0, 1, 2)),
            "Only one number is left; every map has its own.": float(reduce(x)),
            "Only one number an image is left; every map of it has its own.": reduce(x, axis=(1, 2, 3)),
            "Width and channels are pooled; height and width are axes 1 and 2.": reduce(x, axis=(2, 3)),
            "Height and channels are pooled; height and width are axes 1 and 2.": reduce(x, axis=(1, 3)),
            "Batch and height are pooled; height and width are axes 1 and 2.": reduce(x, axis=(0, 1)),
            "Only the height is pooled.": reduce(x, axis=1),
            "Only the width is pooled.": reduce(x, axis=2),
            "Batch and channels are swapped: the shape is (batch, channels).": right.T,
            "The numbers stand in one row: the shape is (batch, channels).": right.ravel(),
            "Only the first image is there.": right[:1],
            "The fractions are cut off: let the result hold floats.": np.trunc(right),
        }
        if mode == "average":
            gives["These are sums: divide by height · width."] = x.sum(axis=(1, 2))
            gives["Divided by the height only: divide by height · width."] = x.sum(axis=(1, 2)) / x.shape[1]
            gives["Divided by the width only: divide by height · width."] = x.sum(axis=(1, 2)) / x.shape[2]
            gives["These are averages of the rows' maxima."] = x.max(axis=2).mean(axis=1)
        else:
            gives["The search for the largest number begins at 0: a map of negative numbers has none."] = (
                np.maximum(right, 0)
            )
            gives["These are the smallest numbers."] = x.min(axis=(1, 2))
            gives["The signs are lost: −9 is smaller than −1."] = np.abs(x).max(axis=(1, 2))
        return gives

    return mistakes


def _repeated(part: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A part, repeated to the right shape."""
    return np.broadcast_to(part, right.shape)


@question(
    "global_pools",
    points=4,
    names=["global_max_pool", "global_avg_pool"],
    forbidden=LIBRARIES,
    hints=[
        "Images are (batch, height, width, channels). Which two axes are to disappear?",
        "max and mean take a pair of axes: axis=(1, 2). keepdims=True would leave them as axes of length 1.",
    ],
)
def global_pools(answer, draw: Draw) -> Iterator:
    """One number a map: global max and global average pooling"""
    shapes = [(2, 4, 5, 3), (3, 2, 6, 2), (1, 5, 3, 4), (3, 3, 3, 3)]
    for name, mode in (("global_max_pool", "max"), ("global_avg_pool", "average")):
        with group(f"{name}, batches of maps"):
            for shape in shapes:
                x = draw.array(shape, 1, 50)
                yield case(answer[name](x), _global(x, mode), mistakes=_global_mistakes(mode))
        with group(f"{name}, negative numbers, fractions and whole numbers"):
            for x in (
                -draw.array((2, 3, 5, 2), 1, 30) / 4,
                draw.array((1, 3, 4, 2), -30, 30).astype(np.int64),
                draw.array((2, 1, 3, 3), -30, -1).astype(np.int64),
            ):
                yield case(answer[name](x), _global(x, mode), mistakes=_global_mistakes(mode))


def _shifted(x: np.ndarray, dx: int, axis: int = 2) -> np.ndarray:
    """Cyclic shift: number j comes from j − dx, counted round the corner."""
    return x.take([(place - dx) % x.shape[axis] for place in range(x.shape[axis])], axis=axis)


def _zeros_in(x: np.ndarray, dx: int) -> np.ndarray:
    """A shift that brings zeros in."""
    out, width = np.zeros(x.shape), x.shape[2]
    for place in range(max(dx, 0), min(width + dx, width)):
        out[:, :, place] = x[:, :, place - dx]
    return out


def _largest(difference: np.ndarray) -> float:
    return float(np.abs(difference).max())


def _of_the_difference(difference: np.ndarray) -> dict:
    """What other ways to make one number of a difference give."""
    return {
        "The average of the differences; asked is the largest one.": float(np.abs(difference).mean()),
        "The signs are left in: a difference of −5 is as large as one of 5. Take np.abs first.": float(
            difference.max()
        ),
        "The signs are left in, the other way round: take np.abs first, then the largest.": float(
            (-difference).max()
        ),
        "The sum of the differences; asked is the largest one.": float(np.abs(difference).sum()),
        "The squared difference; asked is its absolute value.": float((difference**2).max()),
        "The mean of the squares; asked is the largest absolute difference.": float((difference**2).mean()),
        "The root of the sum of squares; asked is the largest absolute difference.": float(
            np.sqrt((difference**2).sum())
        ),
        "Only the first image is compared.": _largest(difference[:1]),
        "Only the first channel is compared.": _largest(difference[..., :1]),
    }


OTHER_SHIFTS: Mapping[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "Rows are shifted (axis 1); columns are axis 2.": lambda x, dx: _shifted(x, dx, 1),
    "Channels are shifted (the last axis); columns are axis 2.": lambda x, dx: _shifted(x, dx, -1),
    "Images of the batch are shifted (axis 0); columns are axis 2.": lambda x, dx: _shifted(x, dx, 0),
    "np.roll without axis=2 rolls all numbers in one long row.": lambda x, dx: _shifted(x.ravel(), dx, 0).reshape(
        x.shape
    ),
    "Zeros come in; here columns that leave at one side return at the other.": _zeros_in,
}


def _equivariance_mistakes(made: Given, x: np.ndarray, dx: int) -> dict:
    f = made.make()
    moved, maps = f(_shifted(x, dx)), f(x)
    gives = {
        "f[t[x]] is compared with f[x], which is the invariance gap: shift f[x] too.": _largest(moved - maps),
        "t[f[x]] is compared with f[x]: f gets the shifted picture once.": _largest(_shifted(maps, dx) - maps),
        "The map is shifted the other way than the picture.": _largest(moved - _shifted(maps, -dx)),
        "The map is shifted twice as far as the picture.": _largest(moved - _shifted(maps, 2 * dx)),
        "f[t[x]] is compared with t[x]: f is missing on one side.": _largest(moved - _shifted(x, dx)),
        "f[t[x]] itself is measured; take t[f[x]] away first.": _largest(moved),
        "The two largest numbers are compared; compare number by number.": abs(float(moved.max() - maps.max())),
    }
    for name, other in OTHER_SHIFTS.items():
        gives[name] = _largest(f(other(x, dx)) - other(maps, dx))
    return gives | _of_the_difference(moved - _shifted(maps, dx))


def _invariance_mistakes(made: Given, x: np.ndarray, dx: int) -> dict:
    f = made.make()
    moved, before = np.asarray(f(_shifted(x, dx))), np.asarray(f(x))
    gives = {
        "f[t[x]] itself is measured; take f[x] away first.": _largest(moved),
        "The two largest numbers are compared; compare number by number.": abs(float(moved.max() - before.max())),
        "t[x] is compared with x: f is missing.": _largest(_shifted(x, dx) - x),
    }
    if before.ndim == 4:
        gives["f[t[x]] is compared with t[f[x]], which is the equivariance gap."] = _largest(
            moved - _shifted(before, dx)
        )
        gives["t[f[x]] is compared with f[x]: the picture is to be shifted."] = _largest(
            _shifted(before, dx) - before
        )
    for name, other in OTHER_SHIFTS.items():
        gives[name] = _largest(f(other(x, dx)) - before)
    return gives | _of_the_difference(moved - before)


@question(
    "gaps",
    points=4,
    names=["equivariance_gap", "invariance_gap"],
    hints=[
        "`shift(x, dx)` of the cell above is t[x]. Write f[t[x]] as f(shift(x, dx)).",
        "Equivariance compares f[t[x]] with t[f[x]]: the same shift, once before f and once after it.",
        "The largest absolute difference of two arrays a and b is np.max(np.abs(a - b)).",
    ],
)
def gaps(answer, draw: Draw) -> Iterator:
    """How far from moving along, how far from not noticing

    f takes images of shape (batch, height, width, channels) and gives maps of the same height and width, or, for
    invariance, any array. The shift is cyclic, to the right by dx columns; everything is compared; the gap is the
    largest absolute difference.
    """

    def weights(count: int) -> list[int]:
        """Numbers that differ from their neighbours and from 0."""
        numbers = [draw.choice([-3, -2, 1, 2])]
        while len(numbers) < count:
            numbers.append(draw.choice([w for w in (-3, -2, -1, 1, 2, 3) if w != numbers[-1]]))
        return numbers

    def equivariance(made: Given, x: np.ndarray, dx: int) -> Any:
        f = made.make()
        right = _largest(f(_shifted(x, dx)) - _shifted(f(x), dx))
        return case(answer["equivariance_gap"](made, x, dx), right, mistakes=_equivariance_mistakes)

    def invariance(made: Given, x: np.ndarray, dx: int) -> Any:
        f = made.make()
        right = _largest(f(_shifted(x, dx)) - f(x))
        return case(answer["invariance_gap"](made, x, dx), right, mistakes=_invariance_mistakes)

    def images(*shape: int) -> np.ndarray:
        return draw.array(shape, -9, 9)

    with group("equivariance: a filter, cyclic and with zeros"):
        for padding, shape, dx in [
            ("cyclic", (2, 3, 6, 2), 2),
            ("zeros", (2, 3, 6, 2), 1),
            ("zeros", (1, 2, 7, 3), 2),
            ("zeros", (2, 3, 5, 1), -1),
            ("cyclic", (1, 2, 5, 2), 7),
        ]:
            yield equivariance(given("row_filter", weights(3), padding), images(*shape), dx)
    with group("equivariance: a function that looks at the place"):
        for shape, dx in [((2, 3, 5, 2), 1), ((1, 4, 6, 3), 2), ((3, 2, 4, 2), -1), ((2, 2, 7, 1), 3)]:
            made = given("place_weights", weights(shape[1]), weights(shape[2]))
            yield equivariance(made, images(*shape), dx)
    with group("invariance: one number a map"):
        for shape, dx in [((2, 3, 5, 2), 1), ((1, 2, 6, 3), -2), ((2, 4, 4, 2), 6)]:
            yield invariance(given("strongest"), images(*shape), dx)
            yield invariance(given("place_sum", weights(shape[1]), weights(shape[2])), images(*shape), dx)
    with group("invariance: maps"):
        yield invariance(given("row_filter", weights(3), "cyclic"), images(2, 3, 6, 2), 1)
        yield invariance(given("row_maxima", 2), images(2, 3, 8, 2), 1)
        yield invariance(given("row_maxima", 3), images(1, 2, 9, 3), -2)
        yield invariance(given("place_weights", weights(3), weights(5)), images(2, 3, 5, 1), 2)


@question(
    "my_nets",
    points=4,
    names=("my_steps", "my_broken"),
    hints=[
        "Read the chart from the left: at which shift does a net's curve come down to 0 for the first time?",
        "How wide is a net's map? A map of 16 columns for 96 pixels has one column for 6 pixels.",
        "print(column_gaps(nets[0], pictures, 6)) shows one gap for each column of the map. Count those above 0.",
    ],
)
def my_nets(answer, draw: Draw) -> Iterator:
    """Where three networks are equivariant, and by which steps"""
    _, right, wrong = my_shifts.for_learner(draw.learner)
    labels = ("the smallest shift of each net", "columns that differ, of each net")
    for place, (name, label) in enumerate(zip(("my_steps", "my_broken"), labels, strict=True)):
        with group(label):
            received = answer[name].value().then("the numbers", _numbers(3))
            yield case(received, list(right[place]), mistakes=_of_this_part(right, wrong, place), hidden=True)


@question(
    "three_slides",
    points=3,
    names=("slide_a", "slide_b", "slide_c"),
    hints=[
        "Slide A: write the maps of both rows down, 8 numbers each: a pixel plus 2 times its right neighbour.",
        "Slide B: count the numbers in the slide's own list. Then ask what a pooling layer could learn.",
        "Slide C: wiggle one pixel a little. If it is not the largest of its window, what happens to the maximum?",
    ],
)
def three_slides(answer, draw: Draw) -> Iterator:
    """Three slides, repaired"""
    with group("slide A: weight sharing gives translation invariance"):
        wrong = {
            "That would be invariance: the largest number does not stay in place. Compute the second map.": (
                2,
                2,
                9,
                9,
            ),
            "Places are counted from 0.": (3, 6, 9, 9),
            "The filter is turned round: 1 belongs to the pixel, 2 to its right neighbour.": (3, 6, 8, 8),
            "The order is place, place, number, number.": (2, 9, 5, 9),
            "These are the largest pixels of the rows; asked are the largest numbers of the maps.": (3, 6, 4, 4),
        }
        yield case(answer["slide_a"].value(), (2, 5, 9, 9), mistakes=wrong, hidden=True)
    with group("slide B: pooling requires three hyperparameters"):
        wrong = {
            "Three, says the slide, and lists two.": (3, 0, 6, 11, 5),
            "A pooling window has no weights to learn: it takes the largest, or the average.": (2, 9, 6, 11, 5),
            "A pooling window has no weights and no bias; it is no filter.": (2, 46, 6, 11, 5),
            "Every map is pooled alone: the depth stays.": (2, 0, 6, 11, 1),
            "Rounded up: only whole windows count.": (2, 0, 7, 11, 5),
            "(14 − 3) / 2 + 1 = 6.5, and there is no half place: round down.": (2, 0, 6.5, 11, 5),
            "Divided by the stride only: the window has a width too.": (2, 0, 7, 12, 5),
            "The + 1 is missing: the first place counts too.": (2, 0, 5, 10, 5),
        }
        yield case(answer["slide_b"].value(), (2, 0, 6, 11, 5), mistakes=wrong, hidden=True)
    with group("slide C: pooling has no difficulty with gradients"):
        wrong = {
            "With a maximum only the winner of each window gets any gradient.": (16, 16, 2, 0.5, 2),
            "The average hands a quarter of the gradient to each of its four pixels.": (4, 16, 2, 2, 0),
            "7 is not the largest of its window: wiggling it changes nothing.": (4, 16, 2, 0.5, 2),
            "With an average all four pixels of a window count.": (4, 4, 2, 0.5, 0),
            "The windows' gradients stand row by row: 1, 2, 3, 4. The 8 is in the second window.": (
                4,
                16,
                1,
                0.25,
                0,
            ),
            "A gradient is multiplied by the slope, not by the pixel.": (4, 16, 16, 4, 0),
        }
        yield case(answer["slide_c"].value(), (4, 16, 2, 0.5, 0), mistakes=wrong, hidden=True)


pool_or_stride = essay(
    "pool_or_stride",
    points=3,
    title="Pooling or a strided convolution",
    rubric=[
        (
            1,
            "Pooling, one for and one against, each with its reason. For: nothing to learn (0 parameters), "
            "cheap, the maximum forgives shifts within a window. Against: it cannot adapt, throws away where in "
            "the window the largest was, sends gradient to the winner alone.",
        ),
        (
            1,
            "Strided convolution, one for and one against, each with its reason. For: it learns what to keep and "
            "may mix maps, does filtering and shrinking in one layer. Against: parameters and multiply-adds, more "
            "to overfit, nothing makes it forgive a shift.",
        ),
        (1, "The two counts: 0 parameters, and 3·3·64·64 + 64 = 36,928 (36,864 without biases)."),
    ],
)
