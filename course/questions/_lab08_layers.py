"""Lab 08: the right gradients of each layer, worked out another way, and what each named mistake gives."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from course import broken

# ---- convolution ----


def reads(side: int, kernel: int, stride: int, pad: int) -> np.ndarray:
    """Along one axis: 1.0 where output i reads pixel r with weight a, else 0.0; shape (outputs, kernel, side).

    A convolution is a sum of products with these ones and zeros, so its gradients are the same sum with another
    factor left out: no window, no padded array.
    """
    outputs = len(range(0, side + 2 * pad - kernel + 1, stride))
    i, a, r = np.ogrid[:outputs, :kernel, :side]
    return (i * stride + a - pad == r).astype(float)


def conv_gradients(d: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of a convolution by x, W and b, for the gradient d by its output."""
    x, W, _, stride, pad = cache
    down, across = (reads(x.shape[axis + 1], W.shape[axis], stride, pad) for axis in (0, 1))
    dx = np.einsum("nijk,iar,jbs,abck->nrsc", d, down, across, W, optimize=True)
    dw = np.einsum("nijk,iar,jbs,nrsc->abck", d, down, across, x, optimize=True)
    return dx, dw, np.einsum("nijk->k", d)


def _only_the_last(d: np.ndarray, cache: tuple, image: int | slice) -> tuple:
    """What is left when every window of the given images writes over the ones before it."""
    x, W, _, stride, pad = cache
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    high, wide = W.shape[:2]
    i, j = d.shape[1] - 1, d.shape[2] - 1
    last = padded[:, i * stride : i * stride + high, j * stride : j * stride + wide]
    dw = np.einsum("nabc,nk->abck", last[image], d[image, i, j])
    return None, dw, d[image, i, j].sum(axis=0)


def _filter_by_filter(d: np.ndarray, cache: tuple) -> tuple:
    """`=` for `+=` in four loops: in a window only the last filter's share is left."""
    x, W, b, stride, pad = cache
    return broken.conv_backward(d[..., -1:], (x, W[..., -1:], b[-1:], stride, pad), "overwrites")[0], None, None


def conv_wrong(d: np.ndarray, cache: tuple) -> dict[str, tuple]:
    """The three gradients that each mistake gives; None where it gives the right one or says nothing."""
    x, W, b, stride, pad = cache
    dx, dw, db = conv_gradients(d, cache)
    images, windows = len(x), d.size // d.shape[3]
    bordered = np.zeros((images, x.shape[1] + 2 * pad, x.shape[2] + 2 * pad, x.shape[3]))
    whole = conv_gradients(d, (bordered, W, b, stride, 0))[0]
    first = conv_gradients(d[:1], (x[:1], W, b, stride, pad))
    alone = np.zeros_like(dx)
    alone[:1] = first[0]

    def fault(name: str) -> tuple:
        try:
            return broken.conv_backward(d, cache, name)
        except (IndexError, ValueError):
            return None, None, None  # with these sizes it gives no value

    wrong = {
        "`=` where `+=` belongs: windows overlap, and each of them adds its share to dx.": fault("overwrites"),
        "`=` where `+=` belongs: every filter adds its share to dx, not only the last one.": _filter_by_filter(
            d, cache
        ),
        "`=` where `+=` belongs: this is the last window's share, and every window has one.": _only_the_last(
            d, cache, slice(None)
        ),
        "`=` where `+=` belongs: this is the share of the last window of the last image.": _only_the_last(
            d, cache, slice(-1, None)
        ),
        "The kernel is turned by half a turn: here it is stamped as it stands, share = d · W.": fault("flips"),
        "dw is turned by half a turn: the window lies on it as it stands.": (None, dw[::-1, ::-1], None),
        "The kernel is transposed: rows belong to rows.": (
            conv_gradients(d, (x, W.swapaxes(0, 1), b, stride, pad))[0] if W.shape[0] == W.shape[1] else None,
            None,
            None,
        ),
        "dw is transposed: its rows are the kernel's rows, its shape is W's.": (None, dw.swapaxes(0, 1), None),
        "Channels and filters are exchanged in dw: its shape is that of W, (k_h, k_w, c_in, c_out).": (
            None,
            dw.swapaxes(2, 3),
            None,
        ),
        "The stride is left out: the window of output [i, j] begins at [i·stride, j·stride].": fault("no stride"),
        "The window moves by the kernel's side: it moves by the stride.": fault("side"),
        "The height of the output is taken for its width: that works for squares only.": fault("square"),
        "The padding is still there: cut dx to the shape of x.": (whole, None, None),
        "The padding is cut at the end only: the picture begins at [pad, pad].": (
            whole[:, : x.shape[1], : x.shape[2]],
            None,
            None,
        ),
        "The padding is cut at the start only: it stands at the end too.": (whole[:, pad:, pad:], None, None),
        "The mean over the images is taken: the gradients are sums, the loss has divided already.": (
            dx / images,
            dw / images,
            db / images,
        ),
        "The mean over all windows is taken: the gradients are sums.": (None, dw / windows, db / windows),
        "Only the first image counts: every image has its share.": (alone, *first[1:]),
        "db has a row for each image: sum over the images too.": (
            None,
            None,
            d.sum(axis=(1, 2)) if images > 1 else None,
        ),
        "One number for all filters: keep the last axis apart, every filter has its own bias.": (
            None,
            None,
            float(d.sum()),
        ),
        "It begins with ones: begin with zeros.": (dx + 1, dw + 1, db + 1),
    }
    if pad == 0:
        empty = np.zeros((images, 0, 0, x.shape[3]))
        wrong["[pad:-pad] with pad = 0 is [0:0], which is empty: write [pad : pad + height]."] = (
            empty,
            None,
            None,
        )
    return wrong


# ---- pooling ----

Rule = Callable[[np.ndarray], np.ndarray]  # a window of side f -> what share of d each of its pixels gets


def _covering(side: int, f: int, stride: int, pixel: int) -> list[int]:
    """The outputs whose windows hold a pixel, along one axis."""
    outputs = len(range(0, side - f + 1, stride))
    return [i for i in range(outputs) if i * stride <= pixel < i * stride + f]


def pool_gradient(d: np.ndarray, cache: tuple, *, average: bool = False) -> np.ndarray:
    """Pixel by pixel: the sum of d over the windows that hold the pixel, and whose first largest one it is."""
    x, f, stride = cache
    dx = np.zeros(x.shape)
    for n, row, column, c in np.ndindex(x.shape):
        for i in _covering(x.shape[1], f, stride, row):
            for j in _covering(x.shape[2], f, stride, column):
                places = [(i * stride + a, j * stride + b) for a in range(f) for b in range(f)]
                largest = max(places, key=lambda place: x[n, *place, c])  # the first one, where several tie
                if average:
                    dx[n, row, column, c] += d[n, i, j, c] / f**2
                elif largest == (row, column):
                    dx[n, row, column, c] += d[n, i, j, c]
    return dx


def _one(window: np.ndarray, flat: int) -> np.ndarray:
    share = np.zeros(window.size)
    share[flat] = 1
    return share.reshape(window.shape)


def _first(window: np.ndarray) -> np.ndarray:
    return _one(window, int(np.argmax(window)))


def _last(window: np.ndarray) -> np.ndarray:
    return _one(window, window.size - 1 - int(np.argmax(window[::-1, ::-1])))


def _column_order(window: np.ndarray) -> np.ndarray:
    return _first(window.T).T


def _evenly(window: np.ndarray) -> np.ndarray:
    return np.full(window.shape, 1 / window.size)


RULES: dict[str, Rule] = {"max": _first, "average": _evenly}


def _smallest(window: np.ndarray) -> np.ndarray:
    return _first(-window)


def _furthest_from_zero(window: np.ndarray) -> np.ndarray:
    return _first(np.abs(window))


def _stamped(
    d: np.ndarray,
    cache: tuple,
    rule: Rule,
    *,
    side: int = 0,
    step: int = 0,
    add: bool = True,
    square: bool = False,
) -> np.ndarray:
    """Window by window, with another rule, another side or step of the windows, or without adding."""
    x, f, stride = cache
    f, stride = side or f, step or stride
    dx = np.zeros(x.shape)
    for n, i, j, c in np.ndindex(d.shape):
        if square and j >= d.shape[1]:
            continue
        window = np.s_[n, i * stride : i * stride + f, j * stride : j * stride + f, c]
        if x[window].size:
            share = d[n, i, j, c] * rule(x[window])
            dx[window] = dx[window] + share if add else share
    return dx


def _set(d: np.ndarray, cache: tuple) -> np.ndarray:
    """Max pooling's gradient where each window writes to its largest pixel, and does not add."""
    x, f, stride = cache
    dx = np.zeros(x.shape)
    for n, i, j, c in np.ndindex(d.shape):
        row, column = divmod(int(np.argmax(x[n, i * stride : i * stride + f, j * stride : j * stride + f, c])), f)
        dx[n, i * stride + row, j * stride + column, c] = d[n, i, j, c]
    return dx


def pool_wrong(d: np.ndarray, cache: tuple, kind: str) -> dict[str, Any]:
    """What mistakes give that both kinds of pooling share."""
    x, f, stride = cache
    rule = RULES[kind]
    cut: Rule = rule if kind == "max" else lambda window: np.full(window.shape, 1 / f**2)  # also at the border
    first = np.zeros_like(x)
    first[:1] = _stamped(d[:1], (x[:1], f, stride), rule)
    wrong = {
        "`=` where `+=` belongs: a pixel can lie in several windows, and gets a share from each.": _stamped(
            d, cache, rule, add=False
        ),
        "The stride is left out: the window of output [i, j] begins at [i·stride, j·stride].": _stamped(
            d, cache, rule, step=1
        ),
        "The window moves by its own side: it moves by the stride.": _stamped(d, cache, cut, step=f),
        "The window has the stride's size: its side is f.": _stamped(d, cache, rule, side=stride),
        "The height of the output is taken for its width: that works for squares only.": _stamped(
            d, cache, rule, square=True
        ),
        "Only the first image counts: every image has its own.": first,
        "Every pixel of the window gets d: "
        + ("only the largest one may." if kind == "max" else "it must be divided among them."): _stamped(
            d, cache, np.ones_like
        ),
    }
    if kind == "max":
        wrong |= {
            "`=` where `+=` belongs: a pixel can be the largest in several windows, and gets d from each.": _set(
                d, cache
            ),
            "A tie is paid to all: only the first of the equal pixels, in row order, gets d.": _stamped(
                d, cache, lambda window: (window == window.max()).astype(float)
            ),
            "A tie is shared: here the first of the equal pixels, in row order, gets all of d.": _stamped(
                d, cache, lambda window: (window == window.max()) / np.sum(window == window.max())
            ),
            "In a tie the last pixel gets d: here it is the first one in row order.": _stamped(d, cache, _last),
            "In a tie column order counts: here it is row order, left to right, then down.": _stamped(
                d, cache, _column_order
            ),
            "The smallest pixel of each window gets d: it belongs to the largest.": _stamped(d, cache, _smallest),
            "The signs are lost: −9 is smaller than −1, and not the largest.": _stamped(
                d, cache, _furthest_from_zero
            ),
            "The windows are marked, but d is not used: put d there, not 1.": _stamped(
                np.ones_like(d), cache, rule
            ),
            "The largest value itself is put there: its derivative is 1, so put d.": _stamped(
                np.ones_like(d), cache, lambda window: _first(window) * window
            ),
            "d is multiplied by the largest value: the derivative of the maximum is 1.": _stamped(
                d, cache, lambda window: _first(window) * window
            ),
            "This is the gradient of average pooling.": _stamped(d, cache, _evenly),
        }
    else:
        covered = _stamped(np.ones_like(d), cache, np.ones_like)
        wrong |= {
            "Divided by f: a window of side f has f² pixels.": _stamped(
                d, cache, lambda w: np.full(w.shape, 1 / f)
            ),
            "Divided by stride²: a window has f² pixels, whatever the stride.": _stamped(
                d, cache, lambda w: np.full(w.shape, 1 / stride**2)
            ),
            "The fractions are cut off: a share of d may be a fraction.": _stamped(d // f**2, cache, np.ones_like),
            "Divided by the number of windows over a pixel: divide by f², and add.": np.divide(
                _stamped(d, cache, np.ones_like), covered, out=np.zeros_like(x), where=covered > 0
            ),
            "This is the gradient of max pooling.": _stamped(d, cache, _first),
            "Only the upper left pixel of a window gets something: divide d among all of them.": _stamped(
                d, cache, lambda w: _one(w, 0)
            ),
        }
    return wrong


# ---- softmax, cross-entropy, ReLU ----

OVERFLOW = "Scores of ±1000 break it: take each row's largest score from its scores before exp."


def softmax_shares(z: np.ndarray) -> np.ndarray:
    """Softmax of each row, counted out in decimal numbers."""
    powers = [[(Decimal(float(score)) - Decimal(float(max(row)))).exp() for score in row] for row in z]
    return np.array([[float(power / sum(row)) for power in row] for row in powers])


def cross_entropy(z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """−log of each image's share for its label, in decimal numbers."""
    losses = []
    for row, label in zip(z, labels, strict=True):
        top = Decimal(float(max(row)))
        total = sum((Decimal(float(score)) - top).exp() for score in row)
        losses.append(float(total.ln() + top - Decimal(float(row[label]))))
    return np.array(losses)


def softmax_wrong(z: np.ndarray, labels: np.ndarray) -> dict[str, tuple]:
    """Loss and gradient that each mistake gives; None where it says nothing."""
    images, classes = z.shape
    shares, losses = softmax_shares(z), cross_entropy(z, labels)
    chosen = np.eye(classes)[labels]
    down = softmax_shares(z.T).T
    loss, dz = float(losses.mean()), (shares - chosen) / images
    with np.errstate(all="ignore"):
        down_loss = float(-np.log(down[np.arange(images), labels]).mean())
    return {
        OVERFLOW: (FloatingPointError, FloatingPointError),
        "The sum over the images: the loss is their mean, so divide by their number.": (
            float(losses.sum()),
            shares - chosen,
        ),
        "Divided by all scores: the mean runs over the images only.": (loss / classes, dz / classes),
        "The sign is turned round.": (-loss, -dz),
        "One loss for each image: return their mean, one number.": (losses.tolist(), None),
        "The logarithm to base 2: take np.log.": (loss / float(np.log(2)), None),
        "The logarithm to base 10: take np.log.": (loss / float(np.log(10)), None),
        "The 1 of the label is not subtracted: dz is share minus 1 at the label.": (None, shares / images),
        "These are the shares: subtract 1 at the label, and divide by the number of images.": (None, shares),
        "Divide the whole difference by the number of images.": (None, shares / images - chosen),
        "The 1 is subtracted from whole columns: dz[:, labels] takes them for every image, "
        "dz[np.arange(images), labels] one number from each row.": (
            None,
            (shares - (chosen.sum(axis=0) > 0)) / images if images > 1 else None,
        ),
        "The scores themselves are used: take their softmax.": (None, (z - chosen) / images),
        "This is the slope of the softmax alone, p·(1 − p); with the logarithm it becomes p − 1 at the label.": (
            None,
            shares * (1 - shares) / images,
        ),
        "Softmax runs down the images: each image's scores (axis 1) share one sum.": (
            down_loss if np.isfinite(down_loss) else None,
            (down - chosen) / images,
        ),
    }


def relu_wrong(d: np.ndarray, x: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "d is asked whether it is positive: ask x, the number that went into the ReLU.": np.where(d > 0, d, 0.0),
        "Where x is 0 nothing is passed back: x > 0, not x >= 0.": np.where(x >= 0, d, 0.0),
        "This is where x is positive: multiply it with d.": (x > 0).astype(float),
        "This is the forward pass, max(x, 0): the backward pass gives d where x is positive.": np.maximum(x, 0.0),
        "d is multiplied by x: the slope of the ReLU is 1 where x is positive.": np.maximum(x, 0.0) * d,
        "d is passed back everywhere: where x is negative the ReLU is flat, so nothing passes.": d,
        "Turned round: d passes where x is positive.": np.where(x > 0, 0.0, d),
        "Both must be positive here: only x decides, a negative d passes too.": np.where(
            (x > 0) & (d > 0), d, 0.0
        ),
    }
