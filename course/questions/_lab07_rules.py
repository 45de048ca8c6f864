"""Lab 07's right values, each by counting places or pixels, and what its named mistakes give."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograder.check import Received
from course.draws.lab04 import places
from course.draws.lab07 import FIELD_MISTAKES
from course.questions._lab03_rules import conv_mistakes, conv_rule

Layer = tuple[int, int, int, int]  # filter side, stride, padding on each side, dilation
Pair = tuple[int, int]


# ---- 7.1: a convolution as a matrix ----

HANGING = (
    "A weight that hangs over an end is left out. Written at a negative column it lands at the other end; "
    "behind the last column it gives an error."
)
COMING_BACK = "Weights that hang over an end come back at the other one; they meet a zero, so they are left out."


def band(w: np.ndarray, n: int, stride: int, pad: int) -> np.ndarray:
    """Each number of the row, alone, meets each weight: which output gets the product?"""
    omega = np.zeros((places(n, len(w), stride, pad), n))
    for column, tap in itertools.product(range(n), range(len(w))):
        start = column + pad - tap
        if start % stride == 0 and 0 <= start // stride < len(omega):
            omega[start // stride, column] += w[tap]
    return omega


def _wrapped(w: np.ndarray, n: int, stride: int, pad: int, *, added: bool = False) -> np.ndarray:
    """Weights that hang over one end appear at the other one, as with negative indices or np.roll."""
    omega = np.zeros((places(n, len(w), stride, pad), n))
    for row, tap in itertools.product(range(len(omega)), range(len(w))):
        column = (row * stride - pad + tap) % n
        omega[row, column] = w[tap] + added * omega[row, column]
    return omega


def _wrapped_at_the_front(w: np.ndarray, n: int, stride: int, pad: int) -> np.ndarray:
    """Weights before the first number appear at the end; those behind the last one are left out."""
    omega = np.zeros((places(n, len(w), stride, pad), n))
    for row, tap in itertools.product(range(len(omega)), range(len(w))):
        column = row * stride - pad + tap
        if -n <= column < n:
            omega[row, column] = w[tap]
    return omega


def _with_rows(w: np.ndarray, n: int, rows: int, step: int, first: int) -> np.ndarray:
    """`rows` rows; the weights of row i begin at column first + i·step."""
    omega = np.zeros((rows, n))
    for row, tap in itertools.product(range(rows), range(len(w))):
        if 0 <= first + row * step + tap < n:
            omega[row, first + row * step + tap] = w[tap]
    return omega


def band_mistakes(w: np.ndarray, n: int, stride: int, pad: int) -> dict:
    w = np.asarray(w, float)
    right, rows = band(w, n, stride, pad), places(n, len(w), stride, pad)
    wide = band(w, n + 2 * pad, stride, 0)
    gives = {
        "The matrix lies on its side: it has a row for each output and a column for each input.": right.T,
        "The weights are turned round: that is true convolution. Here they stay in their order.": band(
            w[::-1], n, stride, pad
        ),
        "The band is one column too far to the right: row 0 has its first weight in column −pad.": _with_rows(
            w, n, rows, stride, 1 - pad
        ),
        "The band is one column too far to the left: row 0 has its first weight in column −pad.": _with_rows(
            w, n, rows, stride, -1 - pad
        ),
        "The stride is ignored.": band(w, n, 1, pad),
        "Each row moves by one column; the number of rows knows the stride, the places must know it too.": (
            _with_rows(w, n, rows, 1, -pad)
        ),
        "The padding is ignored.": band(w, n, stride, 0) if n >= len(w) else None,
        "The number of rows knows the padding, but the band does not: it begins pad columns further left.": (
            _with_rows(w, n, rows, stride, 0)
        ),
        "The zeros of the padding have columns of their own; Ω meets the n numbers of the row only.": wide,
        "The padding is counted at the front only; pad zeros stand at the end too.": right[
            : _rows_at_one_end(n, len(w), stride, pad)
        ],
        "The padding is counted at the end only; pad zeros stand at the front too.": _with_rows(
            w, n, _rows_at_one_end(n, len(w), stride, pad), stride, 0
        ),
        COMING_BACK: _wrapped(w, n, stride, pad),
        HANGING: (_wrapped_at_the_front(w, n, stride, pad)),
        "The cut pad:-pad leaves nothing if pad is 0; pad : pad + n keeps the row's own columns.": (
            None if pad else np.zeros((rows, 0))
        ),
        "The number of rows is rounded up: the last window would hang over the end.": _with_rows(
            w, n, -(-(n + 2 * pad - len(w)) // stride) + 1, stride, -pad
        ),
        "The last row is missing: the last place counts too.": right[:-1],
        "The last row stays 0: the last place counts too.": np.vstack([right[:-1], np.zeros((1, n))]),
        "There are n rows; there is one for each output only.": _with_rows(w, n, n, stride, -pad),
        "Fractions are cut off: let the matrix hold floats.": np.trunc(right),
    }
    return {name: value for name, value in gives.items() if value is not None}


def band_case_mistakes(reply: Received, w: np.ndarray, n: int, stride: int, pad: int) -> dict:
    """As `band_mistakes`; where a weight was written beyond the row, the error that NumPy gives."""
    raised = reply.failure.types if reply.failure is not None else ()
    if pad and "IndexError" in raised:
        return {HANGING: IndexError}
    if pad and "ValueError" in raised and "broadcast" in reply.failure.text:
        return {HANGING: ValueError}
    known, added = band_mistakes(w, n, stride, pad), _wrapped(w, n, stride, pad, added=True)
    if np.array_equal(reply.value, added):  # where two weights meet in one entry
        known[COMING_BACK] = added
    return known


def _rows_at_one_end(n: int, k: int, stride: int, pad: int) -> int:
    """Places if zeros stood at one end of the row only."""
    return len(range(0, n + pad - k + 1, stride))


# ---- 7.2: im2col ----


def columns(x: np.ndarray, k: Pair, s: int, p: int) -> np.ndarray:
    """Every number of every window, looked up pixel by pixel; beyond the border there are zeros."""
    return _laid_out(x, k, s, p)


def _laid_out(
    x: np.ndarray,
    k: Pair,
    s: int | Pair,
    p: int | Pair,
    *,
    rows: str = "bij",
    along: str = "uvc",
    beyond: Callable[[int, int], int | None] | None = None,
) -> np.ndarray:
    """The matrix with the places in the order `rows` (batch, down, across) and the window in the order `along`."""
    (down, across), (above, left) = _two(s), _two(p)
    sides = {
        "b": x.shape[0],
        "i": places(x.shape[1], k[0], down, above),
        "j": places(x.shape[2], k[1], across, left),
        "u": k[0],
        "v": k[1],
        "c": x.shape[3],
    }
    lines = []
    for place in itertools.product(*(range(sides[name]) for name in rows)):
        line = []
        for tap in itertools.product(*(range(sides[name]) for name in along)):
            at = dict(zip(rows + along, place + tap, strict=True))
            row, column = at["i"] * down + at["u"] - above, at["j"] * across + at["v"] - left
            line.append(_pixel(x, at["b"], row, column, at["c"], beyond))
        lines.append(line)
    return np.array(lines, float)


def _two(value: int | Pair) -> Pair:
    return value if isinstance(value, tuple) else (value, value)


def _pixel(
    x: np.ndarray, image: int, row: int, column: int, channel: int, beyond: Callable[[int, int], int | None] | None
) -> float:
    """One number of an image; beyond the border 0, or the pixel that `beyond` takes instead."""
    inside = 0 <= row < x.shape[1] and 0 <= column < x.shape[2]
    if not inside and beyond is None:
        return 0.0
    if not inside:
        row, column = beyond(row, x.shape[1]), beyond(column, x.shape[2])
    return float(x[image, row, column, channel])


def column_mistakes(x: np.ndarray, k: Pair, s: int, p: int) -> dict:
    right = columns(x, k, s, p)
    batch, (high, wide), channels = len(x), k, x.shape[3]
    down, across = places(x.shape[1], high, s, p), places(x.shape[2], wide, s, p)
    count = down * across
    inner = np.ascontiguousarray(x)
    gives: dict[str, Any] = {
        "The channels come first in your rows; they run fastest: (k_h, k_w, channels).": _laid_out(
            x, k, s, p, along="cuv"
        ),
        "k_h and k_w have changed places in your rows: read the window row by row.": _laid_out(
            x, k, s, p, along="vuc"
        ),
        "Each window is read backwards: it lies in the row as it stands in the picture.": right.reshape(
            len(right), high * wide, channels
        )[:, ::-1].reshape(len(right), -1),
        "The rows go place by place, with the images inside; all places of image 0 come first.": _laid_out(
            x, k, s, p, rows="ijb"
        ),
        "The rows go down the columns of the picture; go row by row, from left to right.": _laid_out(
            x, k, s, p, rows="bji"
        ),
        "The matrix lies on its side: each window is a row.": right.T,
        "The windows are not laid flat: reshape the array to two dimensions.": right.reshape(
            batch, down, across, high, wide, channels
        ),
        "There is one matrix for each image; all images stand in one, so the array has two dimensions.": (
            right.reshape(batch, count, -1)
        ),
        "Only the first image is there: the matrix has the windows of the whole batch.": right[:count],
        "The stride is ignored.": columns(x, k, 1, p),
        "The number of windows knows the stride, but the windows move by one pixel.": _crowded(x, k, s, p),
        "The stride is used down the rows only.": _laid_out(x, k, (s, 1), p),
        "The stride is used along the columns only.": _laid_out(x, k, (1, s), p),
        "The padding is ignored: was the padded array thrown away?": columns(x, k, s, 0) if _fits(x, k) else None,
        "The padding is always 1, whatever p says.": columns(x, k, s, 1),
        "The rows are padded, the columns are not.": _laid_out(x, k, s, (p, 0)) if x.shape[2] >= wide else None,
        "The columns are padded, the rows are not.": _laid_out(x, k, s, (0, p)) if x.shape[1] >= high else None,
        "The border pixel is repeated; padding is zeros.": _laid_out(
            x, k, s, p, beyond=lambda at, side: min(max(at, 0), side - 1)
        ),
        "Height and width of the picture are swapped.": columns(inner.transpose(0, 2, 1, 3), k, s, p)
        if _fits(inner.transpose(0, 2, 1, 3), k, p)
        else None,
        "Fractions are cut off: let the matrix hold floats.": np.trunc(right),
    }
    if p:
        every = ((p, p), (p, p), (p, p), (p, p))
        gives["The batch and the channels are padded too; zeros stand around each image only."] = columns(
            np.pad(x, every), k, s, 0
        )
        gives["np.pad(x, p) pads the batch and the channels too; zeros stand around each image only."] = columns(
            np.pad(x, every), k, s, 0
        )[: len(right)]
        gives["The channels are padded too; zeros stand around each image only."] = columns(
            np.pad(x, ((0, 0), *every[1:])), k, s, 0
        )
        gives["Zeros stand above and to the left only; p counts for each side."] = columns(
            np.pad(x, ((0, 0), (p, 0), (p, 0), (0, 0))), k, s, 0
        )
    if high != wide:
        gives["k_h is used for both sides of the window."] = (
            columns(x, (high, high), s, p) if _fits(x, (high, high), p) else None
        )
        gives["k_w is used for both sides of the window."] = (
            columns(x, (wide, wide), s, p) if _fits(x, (wide, wide), p) else None
        )
        gives["k is (k_h, k_w): height first."] = (
            columns(x, (wide, high), s, p) if _fits(x, (wide, high), p) else None
        )
    grid = right.reshape(batch, down, across, -1)
    if down != across:
        gives["The picture is taken for a square: out_h and out_w are two numbers."] = grid[
            :, : min(down, across), : min(down, across)
        ].reshape(-1, right.shape[1])
    for axis, text in ((1, "row"), (2, "column")):
        gives[f"The last {text} of windows is missing: the last place counts too."] = np.delete(
            grid, -1, axis
        ).reshape(-1, right.shape[1])
    return {name: value for name, value in gives.items() if value is not None}


def _fits(x: np.ndarray, k: Pair, p: int = 0) -> bool:
    return x.shape[1] + 2 * p >= k[0] and x.shape[2] + 2 * p >= k[1]


def _crowded(x: np.ndarray, k: Pair, s: int, p: int) -> np.ndarray:
    """As many windows as the stride allows, but each one pixel from the last."""
    down, across = places(x.shape[1], k[0], s, p), places(x.shape[2], k[1], s, p)
    each = columns(x, k, 1, p).reshape(len(x), places(x.shape[1], k[0], 1, p), places(x.shape[2], k[1], 1, p), -1)
    return each[:, :down, :across].reshape(len(x) * down * across, -1)


def layer_mistakes(x: np.ndarray, weights: np.ndarray, bias: np.ndarray, s: int, p: int) -> dict:
    """What goes wrong in the product and its reshaping, beside what goes wrong in any convolution layer."""
    right = conv_rule(x, weights, bias, s, p)
    batch, down, across, filters = right.shape
    backwards = weights.T.reshape(-1, filters).reshape(weights.shape)
    flat = right.reshape(-1, filters)
    return conv_mistakes(x, weights, bias, s, p) | {
        "W.T turns all four axes round; only the last one is set apart: W.reshape(−1, c_out).": conv_rule(
            x, backwards, bias, s, p
        ),
        "The product is not yet a batch of maps: reshape it to (batch, out_h, out_w, c_out).": flat,
        "Filters and places have changed places: the product has a row for each window.": np.transpose(
            right, (3, 0, 1, 2)
        ).reshape(right.shape),
        "Reshape to (batch, out_h, out_w, c_out): out_h and out_w have changed places.": flat.reshape(
            batch, across, down, filters
        ),
        "Each row of the product holds a value for each filter, so the maps stand last in reshape.": flat.reshape(
            batch, filters, down, across
        ),
    }


# ---- 7.3: receptive fields ----


def seen(layers: Sequence[Layer], place: int) -> set[int]:
    """The input's places that one output depends on, layer by layer from the output back, place by place."""
    reached = {place}
    for f, s, p, d in reversed(layers):
        reached = {at * s - p + tap * d for at in reached for tap in range(f)}
    return reached


def field(layers: Sequence[Layer]) -> tuple[int, int, int]:
    """Size, jump and start, read off what two neighbouring outputs see."""
    first, second = seen(layers, 0), seen(layers, 1)
    return max(first) - min(first) + 1, min(second) - min(first), min(first)


def _walk(
    layers: Iterable[Layer],
    *,
    add: Callable[[Layer, int], int] = lambda layer, jump: (layer[0] - 1) * layer[3] * jump,
    shift: Callable[[Layer, int], int] = lambda layer, jump: -layer[2] * jump,
    leap: Callable[[Layer, int], int] = lambda layer, jump: jump * layer[1],
    late: bool = False,
) -> tuple[int, int, int]:
    """The recurrence with its three steps; a mistake changes one of them, or their order."""
    size, jump, start = 1, 1, 0
    for each in layers:
        if late:  # the stride is applied before it is due
            jump = leap(each, jump)
        size, start = size + add(each, jump), start + shift(each, jump)
        if not late:
            jump = leap(each, jump)
    return size, jump, start


def field_mistakes(layers: Sequence[Layer]) -> dict:
    layers = [tuple(each) for each in layers]
    size, jump, start = field(layers)
    rows = [field(layers[:count]) for count in range(1, len(layers) + 1)]
    names = list(FIELD_MISTAKES)
    return {
        names[0]: (sum(each[0] for each in layers), jump, start),
        names[1]: (_walk(layers, leap=lambda each, jump: 1)[0], jump, start),
        "The strides are left out everywhere: jump is their product.": _walk(layers, leap=lambda each, jump: 1),
        names[2]: _walk(layers, late=True),
        "Your size is stretched by each layer's own stride; that stretches the layers behind it.": (
            _walk(layers, late=True)[0],
            jump,
            start,
        ),
        "The size is right, but start moves by p times the jump before this layer's stride.": (
            size,
            jump,
            _walk(layers, late=True)[2],
        ),
        names[3]: _walk(layers, leap=lambda each, jump: each[1]),
        names[4]: _walk(layers, leap=lambda each, jump: jump + each[1] - 1),
        "The stride is added to jump; it multiplies it.": _walk(layers, leap=lambda each, jump: jump + each[1]),
        names[5]: _walk(layers, add=lambda each, jump: each[0] * each[3] * jump),
        "The dilation is ignored: with dilation d a filter reaches over d · (f − 1) + 1 places.": _walk(
            layers, add=lambda each, jump: (each[0] - 1) * jump
        ),
        "A dilation of 1 means no gap: a filter reaches over d · (f − 1) + 1 places.": _walk(
            layers, add=lambda each, jump: (each[0] - 1) * (each[3] + 1) * jump
        ),
        "A dilated filter is d · (f − 1) + 1 wide, not d · f.": _walk(
            layers, add=lambda each, jump: (each[0] * each[3] - 1) * jump
        ),
        "start has the wrong sign: padding moves the first window to the left, below 0.": (size, jump, -start),
        "start forgets the jump: a zero of the padding is jump pixels wide.": (
            size,
            jump,
            -sum(each[2] for each in layers),
        ),
        "start leaves the padding out: it moves the first window to the left, below 0.": (size, jump, 0),
        "start is the field's middle in your answer; here it is its first pixel.": (
            size,
            jump,
            start + (size - 1) / 2,
        ),
        "start is the middle of the field, with pixel 0's middle at 0.5; here it is the field's first pixel.": (
            size,
            jump,
            start + size / 2,
        ),
        "start should be counted from 0: a pixel sees itself, and the first pixel is 0.": (size, jump, start + 1),
        "jump and size have changed places: (size, jump, start).": (jump, size, start),
        "start and jump have changed places: (size, jump, start).": (size, start, jump),
        "The layers are taken from the last to the first; this recurrence begins at the picture.": _walk(
            layers[::-1]
        ),
        "There is a row for each layer; only the last one is asked for.": rows,
    }


# ---- 7.6: what a filter takes away ----


def sides_after(n: int, filters: Sequence[int]) -> list[int]:
    """The side after each layer at stride 1 without padding, by counting places."""
    sides: list[int] = []
    for f in filters:
        sides.append(places(sides[-1] if sides else n, f, 1, 0))
    return sides


def sides_mistakes(n: int, filters: Sequence[int]) -> dict:
    def through(rule: Callable[[Any, int], Any]) -> list:
        sides = [n]
        for f in filters:
            sides.append(rule(sides[-1], f))
        return sides[1:]

    right = sides_after(n, filters)
    return {
        "Divided by the filter's side, rounded down; nothing is divided.": through(lambda n, f: n // f),
        "Divided by the filter's side; nothing is divided.": through(lambda n, f: n / f),
        "Divided by the filter's side, rounded up; nothing is divided.": through(lambda n, f: -(-n // f)),
        "The + 1 is missing: the first place counts too.": through(lambda n, f: n - f),
        "The input's side is in the list too: one side for each layer.": [n, *right],
        "Every layer begins with n again; it begins with what the layer before has left.": [
            n - f + 1 for f in filters
        ],
        "Only the last side is given: a list with one side for each layer is asked for.": right[-1],
    }
