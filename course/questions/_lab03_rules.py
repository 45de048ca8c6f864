"""Lab 03: a convolution layer and a missing slice, worked out independently, and what each mistake gives."""

from __future__ import annotations

import itertools

import numpy as np

Slices = set[tuple[int, ...]]


def conv_rule(
    x: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int = 1, pad: int = 0, *, before: int = -1, more: int = 0
) -> np.ndarray:
    """A convolution layer: every weight adds its share to all places at once.

    Args:
        x: Shape (batch, height, width, c_in).
        W: Shape (k_h, k_w, c_in, c_out).
        b: Shape (c_out,).
        stride: Pixels from one place to the next.
        pad: Zeros on each side.
        before: Zeros above and on the left, if that is another number.
        more: Zeros below and on the right, beyond `pad`.
    """
    before = pad if before < 0 else before
    batch, high, wide, c_in = x.shape
    padded = np.zeros((batch, high + before + pad + more, wide + before + pad + more, c_in))
    padded[:, before : before + high, before : before + wide] = x
    rows, columns = ((padded.shape[axis] - W.shape[axis - 1]) // stride + 1 for axis in (1, 2))
    out = np.zeros((batch, rows, columns, W.shape[3])) + b
    for row, column in np.ndindex(*W.shape[:2]):
        met = padded[:, row:, column:][:, ::stride, ::stride][:, :rows, :columns]
        out += (met[..., None] * W[row, column]).sum(axis=-2)
    return out


def conv_mistakes(x: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, pad: int) -> dict:
    """What each mistake in a convolution layer gives; several give the right values where they cannot show."""
    right = conv_rule(x, W, b, stride, pad)
    gives = _bias_mistakes(right - b, W, b) | _batch_mistakes(right) | _place_mistakes(right, x, W, b, stride, pad)
    k_high, k_wide, c_in = W.shape[:3]
    gives |= {
        "The kernels are turned by half a turn: that is true convolution.": conv_rule(
            x, W[::-1, ::-1], b, stride, pad
        ),
        "Channel 0 only: a filter reads all channels and adds up their sums.": (
            conv_rule(x[..., :1], W[:, :, :1], b, stride, pad)
        ),
        "The channels are added up before the filter reads them; each channel meets its own slice.": conv_rule(
            x.sum(-1, keepdims=True), W.sum(2, keepdims=True), b, stride, pad
        ),
        "Every channel meets slice 0; channel d meets slice d, W[:, :, d, f].": conv_rule(
            x.sum(-1, keepdims=True), W[:, :, :1], b, stride, pad
        ),
        "W.reshape(c_out, …) mixes the filters: they stand last, so W.reshape(−1, c_out).": conv_rule(
            x, W.reshape(W.shape[3], -1).T.reshape(W.shape), b, stride, pad
        ),
        "These are averages over the channels; add their sums.": (right - b) / c_in + b,
        "These are averages of the products; the output is their sum.": (right - b) / W[..., 0].size + b,
        "Negative values became 0: the activation comes later.": np.maximum(right, 0),
        "Negative sums became 0 before the bias: no activation here.": np.maximum(right - b, 0) + b,
        "Fractions are cut off: let the output array hold floats.": np.trunc(right),
    }
    if k_high == k_wide:
        gives["The kernels are transposed: W[row, column], rows lie on rows."] = conv_rule(
            x, W.transpose(1, 0, 2, 3), b, stride, pad
        )
    return gives


def _bias_mistakes(sums: np.ndarray, W: np.ndarray, b: np.ndarray) -> dict:
    last_only = np.where(np.arange(len(b)) == len(b) - 1, b, 0)
    return {
        "The bias is missing: each filter has one.": sums,
        "The bias is added once for every channel; it belongs after the sum over the channels.": (
            sums + W.shape[2] * b
        ),
        "The bias is added once for every weight; it belongs outside the sum.": sums + W[..., 0].size * b,
        "The bias is added once for every place of the kernel; it belongs outside the sum.": (
            sums + W[..., 0, 0].size * b
        ),
        "Every map gets the last filter's bias; each filter has its own.": sums + b[-1],
        "Every map gets the first filter's bias; each filter has its own.": sums + b[0],
        "Only the last filter's map gets a bias: is the addition inside the loop over filters?": sums + last_only,
    }


def _batch_mistakes(right: np.ndarray) -> dict:
    """Images or filters that are lost, and axes in another order."""

    def only(axis: int, index: int) -> np.ndarray:
        kept = np.zeros_like(right)
        place = [slice(None)] * 4
        place[axis] = slice(index, index + 1 or None)
        kept[tuple(place)] = right[tuple(place)]
        return kept

    gives = {
        "The maps stand before height and width; the order is (batch, height, width, maps).": (
            right.transpose(0, 3, 1, 2)
        ),
        "Height and width are swapped: rows come first.": right.transpose(0, 2, 1, 3),
        "The maps of all filters are added up; each filter makes a map of its own.": right.sum(-1, keepdims=True),
        "The maps are added up into one; each filter makes a map of its own.": right.sum(-1),
    }
    if right.shape[0] > 1:
        gives |= {
            "Only the first image of the batch is filled: loop over all of them.": only(0, 0),
            "Only the last image of the batch is filled.": only(0, -1),
            "Only the first image comes back: loop over the batch.": right[:1],
            "The batch is lost: only the first image comes back.": right[0],
            "Every image of the batch gets the first one's maps.": np.repeat(right[:1], len(right), axis=0),
        }
    if right.shape[3] > 1:
        gives |= {
            "Only the first filter's map is filled: loop over all filters.": only(3, 0),
            "Only the last filter's map is filled: is the line that stores it inside the loop?": only(3, -1),
            "Every map is the first filter's: W[:, :, :, f] is filter f.": np.repeat(
                right[..., :1], right.shape[3], axis=3
            ),
            "Every map is the last filter's: W[:, :, :, f] is filter f.": np.repeat(
                right[..., -1:], right.shape[3], axis=3
            ),
        }
    return gives


ONE_TOO_FEW = "One window too few on each side: the last start counts too, so there is a + 1."


def _place_mistakes(right: np.ndarray, x: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, pad: int) -> dict:
    """Stride, padding, and how many places there are."""
    rows, columns = right.shape[1:3]
    framed = np.pad(right, ((0, 0), (0, 1), (0, 1), (0, 0)))
    gives = {
        ONE_TOO_FEW: right[:, :-1, :-1],
        "One window too many on each side: the place at the end stays empty.": framed,
        "One window too many on each side: the last one hangs over the end.": conv_rule(
            x, W, b, stride, pad, more=stride
        ),
        "The last row and column of the output stay 0: the last start counts too.": np.where(
            (np.arange(rows) == rows - 1)[:, None, None] | (np.arange(columns) == columns - 1)[:, None], 0, right
        ),
    }
    if stride > 1:
        every = conv_rule(x, W, b, 1, pad)
        gives |= {
            "The stride is ignored.": every,
            "The stride moves the window downwards only; to the right it counts as well.": (every[:, ::stride]),
            "The stride moves the window to the right only; downwards it counts as well.": (every[:, :, ::stride]),
            "The places are counted with the stride, but the windows begin at i: they begin at i · stride.": (
                every[:, :rows, :columns]
            ),
        }
    if (x.shape[1] + 2 * pad - W.shape[0]) % stride or (x.shape[2] + 2 * pad - W.shape[1]) % stride:
        gives["Rounded up: a window that hangs over the end does not count."] = conv_rule(
            x, W, b, stride, pad, more=stride - 1
        )
    if pad != 1 and x.shape[1] + 2 >= W.shape[0] and x.shape[2] + 2 >= W.shape[1]:
        gives["The padding is always 1, whatever pad says."] = conv_rule(x, W, b, stride, 1)
    if pad:
        gives["The zeros stand above and on the left only; pad counts for each side."] = conv_rule(
            x, W, b, stride, 0, before=pad
        )
        gives["The zeros stand below and on the right only; pad counts for each side."] = conv_rule(
            x, W, b, stride, pad, before=0
        )
        if x.shape[1] >= W.shape[0] and x.shape[2] >= W.shape[1]:
            gives["The padding is ignored: was the padded array thrown away?"] = conv_rule(x, W, b, stride, 0)
    if columns > rows:
        gives["Both sides of the output come from the picture's height."] = right[:, :, :rows]
    if rows > columns:
        gives["Both sides of the output come from the picture's width."] = right[:, :columns]
    return gives


def slices_that_fit(
    x: np.ndarray, w: np.ndarray, missing: int, b: float, out: np.ndarray, stride: int, values: tuple = (-1, 0, 1)
) -> Slices:
    """All 3×3 slices with which one filter gives `out`, nine numbers each, row by row.

    Meets in the middle: what the first four weights leave over must be what the last five give.

    Args:
        x: Picture with its border of zeros, shape (height, width, channels).
        w: The filter, shape (3, 3, channels), zeros in the missing slice.
        missing: The missing slice's channel.
        b: The filter's bias.
        out: Its output, shape (rows, columns).
        stride: Pixels from one place to the next.
        values: What a weight can be.
    """
    rest = out - conv_rule(x[None], w[..., None], np.array([b]), stride)[0, ..., 0]
    met = np.array(
        [
            x[row:, column:, missing][::stride, ::stride][: out.shape[0], : out.shape[1]].ravel()
            for row in range(3)
            for column in range(3)
        ]
    )
    first, last = (np.array(list(itertools.product(values, repeat=count))) for count in (4, 5))
    left_over = rest.ravel() - first @ met[:4]
    fits = np.argwhere(np.all(left_over[:, None] == last @ met[4:], axis=2))
    return {(*first[one].tolist(), *last[other].tolist()) for one, other in fits}


def one_by_one_rule(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A 1×1 convolution, pixel by pixel and number by number."""
    out = np.zeros((*x.shape[:3], W.shape[3]))
    for place in np.ndindex(*x.shape[:3]):
        for f in range(W.shape[3]):
            out[place][f] = b[f] + sum(x[place][c] * W[0, 0, c, f] for c in range(x.shape[3]))
    return out


def one_by_one_mistakes(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> dict:
    """What each mistake in a 1×1 convolution gives."""
    batch, high, wide, c_in = x.shape
    c_out, right, table = W.shape[3], one_by_one_rule(x, W, b), W[0, 0]
    shape, pixels = right.shape, x.reshape(-1, c_in)
    flat = right.reshape(-1, c_out)
    scrambled_pixels = "x.reshape(c_in, …) mixes pixels and channels: give each pixel a row, x.reshape(−1, c_in)."
    gives = {
        scrambled_pixels: (x.reshape(c_in, -1).T @ table + b).reshape(shape),
        "x.reshape(batch, c_in, …) mixes pixels and channels: the channels stand last, not second.": (
            x.reshape(batch, c_in, -1).transpose(0, 2, 1) @ table + b
        ).reshape(shape),
        "The output's columns became rows: reshape does not transpose. Each row of the product is a pixel.": (
            flat.T.reshape(shape)
        ),
        "Height and width are swapped in the output's shape.": flat.reshape(batch, wide, high, c_out),
        "The product comes back as a matrix: give it the shape (batch, height, width, c_out) again.": flat,
        "The pixels of an image stand in one row: give height and width back.": flat.reshape(batch, -1, c_out),
        "The maps stand before height and width; the order is (batch, height, width, maps).": (
            right.transpose(0, 3, 1, 2)
        ),
        "The bias is missing: each filter has one.": right - b,
        "The bias is added once for every channel; it is added once.": right + (c_in - 1) * b,
        "Negative values became 0: no activation here.": np.maximum(right, 0),
        "Fractions are cut off: let the output hold floats.": np.trunc(right),
    }
    if c_in == c_out:
        gives["W is transposed: its rows belong to the channels, its columns to the filters."] = (
            pixels @ table.T + b
        ).reshape(shape)
    else:
        gives["W is reshaped where it stands the right way already: W[0, 0] is (c_in, c_out)."] = (
            pixels @ table.reshape(c_out, c_in).T + b
        ).reshape(shape)
    if c_out == 1:
        gives["The last axis is lost: one filter makes a depth of 1."] = right[..., 0]
    return gives
