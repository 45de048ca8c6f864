"""Lab 08: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import numpy as np

from tests.answers import right, wrong

# ---- numeric_grad ----


@right("numeric_grad")
def copies(f, x, d):
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += d
        below[place] -= d
        gradient[place] = (f(above) - f(below)) / (2 * d)
    return gradient


@right("numeric_grad")
def moved_in_place_and_put_back(f, x, d):
    gradient = np.zeros_like(x)
    walk = np.nditer(x, flags=["multi_index"])
    while not walk.finished:
        place = walk.multi_index
        kept = x[place]
        x[place] = kept + d
        above = f(x)
        x[place] = kept - d
        below = f(x)
        x[place] = kept
        gradient[place] = (above - below) / (2 * d)
        walk.iternext()
    return gradient


@right("numeric_grad")
def steps_as_rows_of_an_identity(f, x, d):
    steps = d * np.eye(x.size).reshape(-1, *x.shape)
    return np.reshape([(f(x + e) - f(x - e)) / (2 * d) for e in steps], x.shape)


@right("numeric_grad")
def nested_lists(f, x, d):
    flat = x.reshape(-1).astype(np.float32)
    slopes = []
    for k in range(flat.size):
        e = np.zeros(flat.size, dtype=np.float32)
        e[k] = d
        slopes.append((f((flat + e).reshape(x.shape)) - f((flat - e).reshape(x.shape))) / 2 / d)
    return np.array(slopes, dtype=np.float32).reshape(x.shape).tolist()


def differences(f, x, above, below, divisor):
    """For wrong answers: (f(x + above·e) − f(x − below·e)) / divisor at every place."""
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[place] = 1
        gradient[place] = (f(x + above * e) - f(x - below * e)) / divisor
    return gradient


@wrong("numeric_grad", names="One-sided: f(x) is subtracted")
def forward(f, x, d):
    return differences(f, x, d, 0, d)


@wrong("numeric_grad", names="One-sided: f(x − d)")
def backward(f, x, d):
    return differences(f, x, 0, d, d)


@wrong("numeric_grad", names="changed its input")
def changes_x(f, x, d):
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        x[place] += d
        above = f(x)
        x[place] -= 2 * d
        gradient[place] = (above - f(x)) / (2 * d)
    return gradient


@wrong("numeric_grad", names="Divided by d")
def divided_by_d(f, x, d):
    return differences(f, x, d, d, d)


@wrong("numeric_grad", names="Divided by 2 only")
def divided_by_two(f, x, d):
    return differences(f, x, d, d, 2)


@wrong("numeric_grad", names="Not divided")
def not_divided(f, x, d):
    return differences(f, x, d, d, 1)


@wrong("numeric_grad", names="`/ 2 * d`")
def precedence(f, x, d):
    return differences(f, x, d, d, 1) / 2 * d


@wrong("numeric_grad", names="sign")
def turned_round(f, x, d):
    return differences(f, x, -d, -d, 2 * d)


@wrong("numeric_grad", names="All numbers are moved at once")
def all_at_once(f, x, d):
    return (f(x + d) - f(x - d)) / (2 * d)


@wrong("numeric_grad", names="their joint slope stands everywhere")
def all_at_once_in_the_right_shape(f, x, d):
    return np.full(x.shape, (f(x + d) - f(x - d)) / (2 * d))


@wrong("numeric_grad", names="put it back")
def never_moved_back(f, x, d):
    moved, gradient = x.copy(), np.zeros_like(x)
    for place in np.ndindex(x.shape):
        moved[place] += d
        above = f(moved)
        moved[place] -= 2 * d
        gradient[place] = (above - f(moved)) / (2 * d)
    return gradient


@wrong("numeric_grad", names="f is given one number")
def one_number(f, x, d):
    return np.array([(f(value + d) - f(value - d)) / (2 * d) for value in x.reshape(-1)]).reshape(x.shape)


@wrong("numeric_grad", names="Another step than d")
def own_step(f, x, d):
    return differences(f, x, 1e-5, 1e-5, 2e-5)


@wrong("numeric_grad", names="A whole row")
def whole_rows(f, x, d):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += d
        below[i] -= d
        gradient[i] = (f(above) - f(below)) / (2 * d)
    return gradient


@wrong("numeric_grad", names="shape of x")
def in_one_row(f, x, d):
    return differences(f, x, d, d, 2 * d).reshape(-1)


@wrong("numeric_grad")
def row_numbers_only(f, x, d):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        at = (i,) * x.ndim if i < min(x.shape) else (0,) * x.ndim
        gradient[at] = differences(f, x, d, d, 2 * d)[at]
    return gradient


@wrong("numeric_grad")
def one_index(f, x, d):
    gradient = np.zeros(x.size)
    for i in range(x.size):
        moved = x.copy()
        moved[i] += d
        gradient[i] = (f(moved) - f(x)) / d
    return gradient


@wrong("numeric_grad")
def whole_numbers(f, x, d):
    return np.round(differences(f, x, d, d, 2 * d)).astype(int)


@wrong("numeric_grad", names="in one row: it needs an array")
def asks_in_one_row(f, x, d):
    flat, slopes = x.reshape(-1), []
    for k in range(flat.size):
        e = np.zeros(flat.size)
        e[k] = d
        slopes.append((f(flat + e) - f(flat - e)) / (2 * d))
    return np.reshape(slopes, x.shape)


# ---- conv_backward ----


@right("conv_backward")
def place_by_place(d, cache):
    x, W, _b, stride, pad = cache
    kh, kw, height, width = *W.shape[:2], *x.shape[1:3]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dx, dw = np.zeros_like(padded), np.zeros_like(W)
    for i in range(d.shape[1]):
        for j in range(d.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dw += np.tensordot(padded[:, rows, columns], d[:, i, j], axes=(0, 0))
            dx[:, rows, columns] += np.tensordot(d[:, i, j], W, axes=(1, 3))
    return dx[:, pad : pad + height, pad : pad + width], dw, d.sum(axis=(0, 1, 2))


@right("conv_backward")
def four_loops(d, cache):
    x, W, _b, s, p = cache
    m, h, w, c = x.shape
    f1, f2, _, filters = W.shape
    xp = np.zeros((m, h + 2 * p, w + 2 * p, c))
    xp[:, p : p + h, p : p + w, :] = x
    dxp, dW, db = np.zeros(xp.shape), np.zeros(W.shape), np.zeros((1, 1, 1, filters))
    for n in range(m):
        for i in range(d.shape[1]):
            for j in range(d.shape[2]):
                for k in range(filters):
                    top, left = i * s, j * s
                    dxp[n, top : top + f1, left : left + f2, :] += W[:, :, :, k] * d[n, i, j, k]
                    dW[:, :, :, k] += xp[n, top : top + f1, left : left + f2, :] * d[n, i, j, k]
                    db[:, :, :, k] += d[n, i, j, k]
    return [dxp[:, p : p + h, p : p + w], dW, db]


@right("conv_backward")
def weight_by_weight_in_small_floats(d, cache):
    x, W, _, stride, pad = cache
    _, rows, columns, _ = d.shape
    xp = np.pad(x.astype(np.float32), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dxp, dw = np.zeros_like(xp), np.zeros(W.shape, np.float32)
    for a in range(W.shape[0]):
        for b in range(W.shape[1]):
            seen = np.s_[:, a : a + (rows - 1) * stride + 1 : stride, b : b + (columns - 1) * stride + 1 : stride]
            dw[a, b] = np.einsum("nijc,nijk->ck", xp[seen], d)
            dxp[seen] += (d @ W[a, b].T).astype(np.float32)
    dx = dxp[:, pad:, pad:][:, : x.shape[1], : x.shape[2]]
    return dx, dw, d.reshape(-1, d.shape[-1]).sum(0)


@right("conv_backward")
def spread_then_full_correlation(d, cache):
    x, W, _b, stride, pad = cache
    kh, kw = W.shape[:2]
    height, width = x.shape[1] + 2 * pad, x.shape[2] + 2 * pad
    spread = np.zeros((len(d), height - kh + 1, width - kw + 1, d.shape[3]))
    spread[:, ::stride, ::stride][:, : d.shape[1], : d.shape[2]] = d
    view = np.lib.stride_tricks.sliding_window_view
    bordered = np.pad(spread, ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)))
    dx = np.einsum("nijkab,abck->nijc", view(bordered, (kh, kw), axis=(1, 2)), W[::-1, ::-1])
    padded = np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    dw = np.einsum("nijcab,nijk->abck", view(padded, (kh, kw), axis=(1, 2)), spread)
    dx = dx[:, pad : height - pad, pad : width - pad]
    return dx.tolist(), dw, np.einsum("nijk->k", d).tolist()


def conv_gradients(d, cache, *, add=True, steps=None, turned=False, zero=0.0, cut=True):
    """For wrong answers: a right backward pass with switches."""
    x, W, _b, stride, pad = cache
    kh, kw = W.shape[:2]
    down, across = steps or (stride, stride)
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dx, dw = np.zeros(padded.shape) + zero, np.zeros(W.shape) + zero
    kernel = W[::-1, ::-1] if turned else W
    for i in range(d.shape[1]):
        for j in range(d.shape[2]):
            at = np.s_[:, i * down : i * down + kh, j * across : j * across + kw]
            share = np.tensordot(d[:, i, j], kernel, axes=(1, 3))
            dx[at] = dx[at] + share if add else share
            dw += np.tensordot(padded[at], d[:, i, j], axes=(0, 0))
    if cut:
        dx = dx[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dw, d.sum(axis=(0, 1, 2)) + zero


@wrong("conv_backward", names="windows overlap, and each of them adds")
def overwrites_dx(d, cache):
    return conv_gradients(d, cache, add=False)


@wrong("conv_backward", names="every filter adds its share")
def overwrites_dx_in_four_loops(d, cache):
    x, W, _b, s, p = cache
    m, h, w, c = x.shape
    kh, kw = W.shape[:2]
    dxp = np.zeros((m, h + 2 * p, w + 2 * p, c))
    for n, i, j, k in np.ndindex(d.shape):
        dxp[n, i * s : i * s + kh, j * s : j * s + kw] = W[..., k] * d[n, i, j, k]
    return dxp[:, p : p + h, p : p + w], *conv_gradients(d, cache)[1:]


@wrong("conv_backward", names="this is the last window's share")
def overwrites_dw(d, cache):
    x, W, _b, s, p = cache
    dx, dw, db = conv_gradients(d, cache)
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    for i, j in np.ndindex(d.shape[1:3]):
        window = padded[:, i * s : i * s + W.shape[0], j * s : j * s + W.shape[1]]
        dw, db = np.tensordot(window, d[:, i, j], axes=(0, 0)), d[:, i, j].sum(0)
    return dx, dw, db


@wrong("conv_backward", names="last window of the last image")
def overwrites_dw_in_four_loops(d, cache):
    x, W, _b, s, p = cache
    dx, dw, db = conv_gradients(d, cache)
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    for n, i, j, k in np.ndindex(d.shape):
        dw[..., k] = padded[n, i * s : i * s + W.shape[0], j * s : j * s + W.shape[1]] * d[n, i, j, k]
    return dx, dw, db


@wrong("conv_backward", names="The kernel is turned by half a turn")
def flips(d, cache):
    return conv_gradients(d, cache, turned=True)


@wrong("conv_backward", names="dw is turned by half a turn")
def flips_dw(d, cache):
    dx, dw, db = conv_gradients(d, cache)
    return dx, np.rot90(dw, 2), db


@wrong("conv_backward", names="The kernel is transposed")
def transposes_the_kernel(d, cache):
    x, W, b, stride, pad = cache
    right = conv_gradients(d, cache)
    if W.shape[0] != W.shape[1]:
        return right
    return conv_gradients(d, (x, W.transpose(1, 0, 2, 3), b, stride, pad))[0], *right[1:]


@wrong("conv_backward", names="dw is transposed")
def transposes_dw(d, cache):
    dx, dw, db = conv_gradients(d, cache)
    return dx, dw.swapaxes(0, 1), db


@wrong("conv_backward", names="Channels and filters are exchanged")
def exchanges_channels(d, cache):
    dx, dw, db = conv_gradients(d, cache)
    return dx, dw.swapaxes(2, 3), db


@wrong("conv_backward", names="The stride is left out")
def ignores_the_stride(d, cache):
    return conv_gradients(d, cache, steps=(1, 1))


@wrong("conv_backward", names="moves by the kernel's side")
def steps_of_the_kernel(d, cache):
    x, W, _b, _s, p = cache
    kh, kw = W.shape[:2]
    high, wide = (d.shape[1] - 1) * kh + kh, (d.shape[2] - 1) * kw + kw
    if high > x.shape[1] + 2 * p or wide > x.shape[2] + 2 * p:
        raise IndexError("outside")
    return conv_gradients(d, cache, steps=(kh, kw))


@wrong("conv_backward", names="The height of the output is taken for its width")
def squares_only(d, cache):
    x, W, _b, s, p = cache
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    dx, dw = np.zeros(padded.shape), np.zeros(W.shape)
    side = d.shape[1]
    for i in range(side):
        for j in range(side):
            at = np.s_[:, i * s : i * s + W.shape[0], j * s : j * s + W.shape[1]]
            dx[at] += np.tensordot(d[:, i, j], W, axes=(1, 3))
            dw += np.tensordot(padded[at], d[:, i, j], axes=(0, 0))
    return dx[:, p : p + x.shape[1], p : p + x.shape[2]], dw, d.sum(axis=(0, 1, 2))


@wrong("conv_backward", names="The padding is still there")
def never_cut(d, cache):
    return conv_gradients(d, cache, cut=False)


@wrong("conv_backward", names="cut at the end only")
def cut_at_the_end(d, cache):
    x = cache[0]
    dx, dw, db = conv_gradients(d, cache, cut=False)
    return dx[:, : x.shape[1], : x.shape[2]], dw, db


@wrong("conv_backward", names="cut at the start only")
def cut_at_the_start(d, cache):
    dx, dw, db = conv_gradients(d, cache, cut=False)
    return dx[:, cache[4] :, cache[4] :], dw, db


@wrong("conv_backward", names="[pad:-pad]")
def minus_zero(d, cache):
    pad = cache[4]
    dx, dw, db = conv_gradients(d, cache, cut=False)
    return dx[:, pad:-pad, pad:-pad, :], dw, db


@wrong("conv_backward", names="[pad:-pad]")
def minus_zero_image_by_image(d, cache):
    x, pad = cache[0], cache[4]
    padded, dw, db = conv_gradients(d, cache, cut=False)
    dx = np.zeros_like(x)
    for n in range(len(x)):
        dx[n, :, :, :] = padded[n, pad:-pad, pad:-pad, :]
    return dx, dw, db


@wrong("conv_backward", names="The mean over the images")
def mean_over_images(d, cache):
    dx, dw, db = conv_gradients(d, cache)
    return dx, dw / len(d), db / len(d)


@wrong("conv_backward", names="The mean over all windows")
def mean_over_windows(d, cache):
    dx, dw, _db = conv_gradients(d, cache)
    count = d[..., 0].size
    return dx, dw / count, d.mean(axis=(0, 1, 2))


@wrong("conv_backward", names="Only the first image")
def first_image(d, cache):
    x, W, b, s, p = cache
    dx = np.zeros_like(x)
    dx[:1], dw, db = conv_gradients(d[:1], (x[:1], W, b, s, p))
    return dx, dw, db


@wrong("conv_backward", names="One number for all filters")
def one_bias(d, cache):
    dx, dw, _db = conv_gradients(d, cache)
    return dx, dw, np.sum(d)


@wrong("conv_backward", names="db has a row for each image")
def summed_over_places_only(d, cache):
    dx, dw, _ = conv_gradients(d, cache)
    return dx, dw, d.sum(axis=(1, 2))


@wrong("conv_backward", names="It begins with ones")
def begins_with_ones(d, cache):
    return conv_gradients(d, cache, zero=1.0)


@wrong("conv_backward", names="begin with np.zeros, not np.empty or random")
def begins_with_random_numbers(d, cache):
    x, W, _b, _s, _p = cache
    dx, dw, db = conv_gradients(d, cache)
    return dx + np.random.randn(*x.shape), dw + np.random.randn(*W.shape), db


@wrong("conv_backward", names="another order")
def another_order(d, cache):
    dx, dw, db = conv_gradients(d, cache)
    return dw, db, dx


@wrong("conv_backward")
def only_two(d, cache):
    return conv_gradients(d, cache)[:2]


@wrong("conv_backward")
def first_filter(d, cache):
    x, W, b, s, p = cache
    return conv_gradients(d[..., :1], (x, W[..., :1], b[:1], s, p))


@wrong("conv_backward")
def same_mean(d, cache):
    return tuple(np.full(part.shape, part.mean()) for part in conv_gradients(d, cache))


@wrong("conv_backward", names="changed its input")
def works_on_the_cache(d, cache):
    gradients = conv_gradients(d, cache)
    cache[0][:] = 0
    return gradients


@wrong("conv_backward", names="which this question asks you to write yourself")
def from_the_gallery(d, cache):
    from course.broken import conv_backward

    return conv_backward(d, cache)


# ---- maxpool_backward and avgpool_backward ----


@right("maxpool_backward")
def argmax_in_four_loops(d, cache):
    x, f, stride = cache
    dx = np.zeros_like(x)
    for n, i, j, c in np.ndindex(d.shape):
        window = x[n, i * stride : i * stride + f, j * stride : j * stride + f, c]
        a, b = divmod(np.argmax(window), f)
        dx[n, i * stride + a, j * stride + b, c] += d[n, i, j, c]
    return dx


@right("maxpool_backward")
def argmax_of_all_images(d, cache):
    x, f, s = cache
    dx = np.zeros(x.shape, np.float32)
    n, c = np.ogrid[: x.shape[0], : x.shape[3]]
    for i in range(d.shape[1]):
        for j in range(d.shape[2]):
            window = x[:, i * s : i * s + f, j * s : j * s + f].reshape(len(x), f * f, -1)
            row, column = np.divmod(window.argmax(1), f)
            np.add.at(dx, (n, i * s + row, j * s + column, c), d[:, i, j])
    return dx


@right("maxpool_backward")
def place_by_place_in_the_window(d, cache):
    x, f, s = cache
    _, rows, columns, _ = d.shape
    dx, waiting = np.zeros(x.shape), np.ones(d.shape, bool)
    parts = [
        np.s_[:, a : a + (rows - 1) * s + 1 : s, b : b + (columns - 1) * s + 1 : s] for a, b in np.ndindex(f, f)
    ]
    largest = np.max([x[part] for part in parts], axis=0)
    for part in parts:
        wins = waiting & (x[part] == largest)
        dx[part] += wins * d
        waiting &= ~wins
    return dx.tolist()


@right("avgpool_backward")
def spread_in_four_loops(d, cache):
    x, f, stride = cache
    dx = np.zeros_like(x)
    for n in range(d.shape[0]):
        for i in range(d.shape[1]):
            for j in range(d.shape[2]):
                for c in range(d.shape[3]):
                    share = d[n, i, j, c] / (f * f)
                    dx[n, i * stride : i * stride + f, j * stride : j * stride + f, c] += np.ones((f, f)) * share
    return dx


@right("avgpool_backward")
def spread_by_slices(d, cache):
    x, f, s = cache
    _, rows, columns, _ = d.shape
    dx = np.zeros(x.shape, np.float32)
    for a, b in np.ndindex(f, f):
        dx[:, a : a + (rows - 1) * s + 1 : s, b : b + (columns - 1) * s + 1 : s] += d / f**2
    return dx


@right("avgpool_backward")
def all_images_at_once(d, cache):
    x, f, s = cache
    dx = np.zeros(x.shape)
    for i in range(d.shape[1]):
        for j in range(d.shape[2]):
            dx[:, i * s : i * s + f, j * s : j * s + f, :] += d[:, i : i + 1, j : j + 1, :] / f / f
    return dx


def pooled_back(d, cache, rule, *, add=True, step=None, side=None, images=None):
    """For wrong answers: every window's share of d by a rule (window -> share of each pixel)."""
    x, f, s = cache
    f, s = side or f, step or s
    dx = np.zeros_like(x)
    for n, i, j, c in np.ndindex(d.shape):
        if images is not None and n >= images:
            continue
        at = np.s_[n, i * s : i * s + f, j * s : j * s + f, c]
        if x[at].size:
            share = rule(x[at]) * d[n, i, j, c]
            dx[at] = dx[at] + share if add else share
    return dx


def first_largest(window):
    share = np.zeros(window.size)
    share[np.argmax(window)] = 1
    return share.reshape(window.shape)


def evenly(window):
    return np.ones(window.shape) / window.size


@wrong("maxpool_backward", names="a pixel can lie in several windows")
def max_overwrites(d, cache):
    return pooled_back(d, cache, first_largest, add=False)


@wrong("maxpool_backward", names="a pixel can be the largest in several windows")
def max_overwrites_one_pixel(d, cache):
    x, f, s = cache
    dx = np.zeros_like(x)
    for n, i, j, c in np.ndindex(d.shape):
        a, b = divmod(np.argmax(x[n, i * s : i * s + f, j * s : j * s + f, c]), f)
        dx[n, i * s + a, j * s + b, c] = d[n, i, j, c]
    return dx


@wrong("maxpool_backward", names="A tie is paid to all")
def tie_to_all(d, cache):
    return pooled_back(d, cache, lambda window: window == window.max())


@wrong("maxpool_backward", names="A tie is shared")
def tie_shared(d, cache):
    return pooled_back(d, cache, lambda window: (window == window.max()) / (window == window.max()).sum())


@wrong("maxpool_backward", names="In a tie the last pixel")
def tie_to_the_last(d, cache):
    return pooled_back(d, cache, lambda window: first_largest(window[::-1, ::-1])[::-1, ::-1])


@wrong("maxpool_backward", names="column order counts")
def tie_in_column_order(d, cache):
    return pooled_back(d, cache, lambda window: first_largest(window.T).T)


@wrong("maxpool_backward", names="The smallest pixel of each window")
def to_the_smallest(d, cache):
    return pooled_back(d, cache, lambda window: first_largest(-window))


@wrong("maxpool_backward", names="The signs are lost")
def to_the_furthest_from_zero(d, cache):
    return pooled_back(d, cache, lambda window: first_largest(np.abs(window)))


@wrong("maxpool_backward", names="The stride is left out")
def max_ignores_the_stride(d, cache):
    return pooled_back(d, cache, first_largest, step=1)


@wrong("maxpool_backward", names="moves by its own side")
def max_steps_of_the_window(d, cache):
    return pooled_back(d, cache, first_largest, step=cache[1])


@wrong("maxpool_backward", names="has the stride's size")
def max_windows_of_the_stride(d, cache):
    return pooled_back(d, cache, first_largest, side=cache[2])


@wrong("maxpool_backward", names="The height of the output")
def max_squares_only(d, cache):
    return pooled_back(d[:, :, : d.shape[1]], cache, first_largest)


@wrong("maxpool_backward", names="Only the first image")
def max_first_image(d, cache):
    return pooled_back(d, cache, first_largest, images=1)


@wrong("maxpool_backward", names="only the largest one may")
def max_to_every_pixel(d, cache):
    return pooled_back(d, cache, np.ones_like)


@wrong("maxpool_backward", names="d is not used")
def max_mask(d, cache):
    return pooled_back(np.ones_like(d), cache, first_largest)


@wrong("maxpool_backward", names="The largest value itself")
def max_values(d, cache):
    return pooled_back(np.ones_like(d), cache, lambda window: first_largest(window) * window)


@wrong("maxpool_backward", names="d is multiplied by the largest value")
def max_values_times_d(d, cache):
    return pooled_back(d, cache, lambda window: first_largest(window) * window)


@wrong("maxpool_backward", names="gradient of average pooling")
def max_as_average(d, cache):
    return pooled_back(d, cache, evenly)


@wrong("maxpool_backward")
def pooled_shape(d, cache):
    return d


@wrong("maxpool_backward")
def largest_is_at_least_zero(d, cache):
    return pooled_back(d, cache, lambda window: first_largest(window) * (window > 0))


@wrong("maxpool_backward")
def channels_together(d, cache):
    x, f, s = cache
    dx = np.zeros_like(x)
    for n, i, j, c in np.ndindex(d.shape):
        window = x[n, i * s : i * s + f, j * s : j * s + f]
        a, b, _ = np.unravel_index(np.argmax(window), window.shape)
        dx[n, i * s + a, j * s + b, c] += d[n, i, j, c]
    return dx


@wrong("avgpool_backward", names="a pixel can lie in several windows")
def average_overwrites(d, cache):
    return pooled_back(d, cache, evenly, add=False)


@wrong("avgpool_backward", names="it must be divided among them")
def average_not_divided(d, cache):
    return pooled_back(d, cache, np.ones_like)


@wrong("avgpool_backward", names="Divided by f")
def divided_by_the_side(d, cache):
    return pooled_back(d, cache, lambda window: np.ones(window.shape) / cache[1])


@wrong("avgpool_backward", names="Divided by stride²")
def divided_by_the_stride(d, cache):
    return pooled_back(d, cache, lambda window: np.ones(window.shape) / cache[2] ** 2)


@wrong("avgpool_backward", names="number of windows over a pixel")
def divided_by_windows(d, cache):
    count = pooled_back(np.ones_like(d), cache, np.ones_like)
    return pooled_back(d, cache, np.ones_like) / np.maximum(count, 1)


@wrong("avgpool_backward", names="gradient of max pooling")
def average_as_max(d, cache):
    return pooled_back(d, cache, first_largest)


@wrong("avgpool_backward", names="Only the upper left pixel")
def upper_left(d, cache):
    return pooled_back(d, cache, lambda window: np.arange(window.size).reshape(window.shape) == 0)


@wrong("avgpool_backward", names="The stride is left out")
def average_ignores_the_stride(d, cache):
    return pooled_back(d, cache, lambda window: np.ones(window.shape) / cache[1] ** 2, step=1)


@wrong("avgpool_backward", names="moves by its own side")
def average_steps_of_the_window(d, cache):
    return pooled_back(d, cache, lambda window: np.ones(window.shape) / cache[1] ** 2, step=cache[1])


@wrong("avgpool_backward", names="The fractions are cut off")
def average_floored(d, cache):
    x, f, s = cache
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(d.shape[1:3]):
        dx[:, i * s : i * s + f, j * s : j * s + f] += d[:, i : i + 1, j : j + 1] // f**2
    return dx


@wrong("avgpool_backward", names="has the stride's size")
def average_windows_of_the_stride(d, cache):
    return pooled_back(d, cache, evenly, side=cache[2])


@wrong("avgpool_backward", names="The height of the output")
def average_squares_only(d, cache):
    return pooled_back(d[:, :, : d.shape[1]], cache, evenly)


@wrong("avgpool_backward", names="Only the first image")
def average_first_image(d, cache):
    return pooled_back(d, cache, evenly, images=1)


@wrong("avgpool_backward")
def whole_number_division(d, cache):
    return pooled_back(d, cache, lambda window: 1 // window.size)


# ---- relu_softmax_xent ----


def relu_back(d, x):
    return d * (x > 0)


def softmax_loss(z, labels):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    images = np.arange(len(z))
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / len(z)


@right("relu_softmax_xent", namespace=True)
def by_the_book():
    def relu_backward(d, x):
        dx = d.copy()
        dx[x <= 0] = 0
        return dx

    def softmax_xent(z, labels):
        powers = np.exp(z - np.max(z, axis=1, keepdims=True))
        p = powers / np.sum(powers, axis=1, keepdims=True)
        images = np.arange(len(z))
        loss = -np.mean(np.log(p[images, labels]))
        dz = p.copy()
        dz[images, labels] -= 1
        return loss, dz / len(z)

    return {"relu_backward": relu_backward, "softmax_xent": softmax_xent}


@right("relu_softmax_xent", namespace=True)
def one_hot_and_logarithms():
    def relu_backward(d, x):
        return np.where(x > 0, d, 0.0).tolist()

    def softmax_xent(z, labels):
        hot = np.zeros(z.shape)
        for row, label in enumerate(labels):
            hot[row, label] = 1
        shifted = z - z.max(1)[:, None]
        logs = shifted - np.log(np.exp(shifted).sum(1))[:, None]
        return [np.array(-(hot * logs).sum() / len(z)), (np.exp(logs) - hot) / len(z)]

    return {"relu_backward": relu_backward, "softmax_xent": softmax_xent}


@right("relu_softmax_xent", namespace=True)
def image_by_image():
    def relu_backward(d, x):
        return (d * (np.maximum(x, 0) > 0)).astype(np.float32)

    def softmax_xent(z, labels):
        losses, rows = 0.0, []
        for row, label in zip(z, labels, strict=True):
            row = row - row.max()
            total = sum(np.exp(score) for score in row)
            losses += np.log(total) - row[label]
            rows.append([(np.exp(score) / total - (k == label)) / len(z) for k, score in enumerate(row)])
        return float(losses) / len(z), rows

    return {"relu_backward": relu_backward, "softmax_xent": softmax_xent}


def pair(relu=relu_back, xent=softmax_loss):
    return {"relu_backward": relu, "softmax_xent": xent}


def with_loss(change):
    return pair(xent=lambda z, labels: (change(softmax_loss(z, labels)[0], z, labels), softmax_loss(z, labels)[1]))


def with_dz(change):
    return pair(xent=lambda z, labels: (softmax_loss(z, labels)[0], change(softmax_loss(z, labels)[1], z, labels)))


def hot(z, labels):
    return np.eye(z.shape[1])[labels]


@wrong("relu_softmax_xent", names="ask x, the number", namespace=True)
def relu_asks_d():
    return pair(relu=lambda d, x: np.maximum(d, 0))


@wrong("relu_softmax_xent", names="x > 0, not x >= 0", namespace=True)
def relu_at_zero():
    return pair(relu=lambda d, x: d * (x >= 0))


@wrong("relu_softmax_xent", names="This is where x is positive", namespace=True)
def relu_mask():
    return pair(relu=lambda d, x: np.where(x > 0, 1, 0))


@wrong("relu_softmax_xent", names="This is the forward pass", namespace=True)
def relu_forward():
    return pair(relu=lambda d, x: np.maximum(x, 0))


@wrong("relu_softmax_xent", names="d is multiplied by x", namespace=True)
def relu_times_x():
    return pair(relu=lambda d, x: d * np.maximum(x, 0))


@wrong("relu_softmax_xent", names="d is passed back everywhere", namespace=True)
def relu_identity():
    return pair(relu=lambda d, x: d + 0)


@wrong("relu_softmax_xent", names="Turned round", namespace=True)
def relu_turned():
    return pair(relu=lambda d, x: d * (x <= 0))


@wrong("relu_softmax_xent", names="a negative d passes too", namespace=True)
def relu_guided():
    return pair(relu=lambda d, x: d * (x > 0) * (d > 0))


@wrong("relu_softmax_xent", names="Scores of ±1000 break it", namespace=True)
def overflows():
    def softmax_xent(z, labels):
        p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        return -np.log(p[np.arange(len(z)), labels]).mean(), (p - hot(z, labels)) / len(z)

    return pair(xent=softmax_xent)


@wrong("relu_softmax_xent", names="Scores of ±1000 break it", namespace=True)
def one_largest_for_all():
    def softmax_xent(z, labels):
        powers = np.exp(z - z.max())
        p = powers / powers.sum(1, keepdims=True)
        return -np.log(p[np.arange(len(z)), labels]).mean(), (p - hot(z, labels)) / len(z)

    return pair(xent=softmax_xent)


@wrong("relu_softmax_xent", names="The sum over the images", namespace=True)
def summed():
    return pair(xent=lambda z, labels: tuple(part * len(z) for part in softmax_loss(z, labels)))


@wrong("relu_softmax_xent", names="The sum over the images", namespace=True)
def gradient_summed():
    return with_dz(lambda dz, z, labels: dz * len(z))


@wrong("relu_softmax_xent", names="Divided by all scores", namespace=True)
def divided_by_all():
    return pair(xent=lambda z, labels: tuple(part / z.shape[1] for part in softmax_loss(z, labels)))


@wrong("relu_softmax_xent", names="The sign is turned round", namespace=True)
def sign():
    return with_dz(lambda dz, z, labels: -dz)


@wrong("relu_softmax_xent", names="The sign is turned round", namespace=True)
def sign_of_the_loss():
    return with_loss(lambda loss, z, labels: -loss)


@wrong("relu_softmax_xent", names="One loss for each image", namespace=True)
def losses():
    return with_loss(
        lambda loss, z, labels: [softmax_loss(z[i : i + 1], labels[i : i + 1])[0] for i in range(len(z))]
    )


@wrong("relu_softmax_xent", names="base 2", namespace=True)
def bits():
    return with_loss(lambda loss, z, labels: loss / np.log(2))


@wrong("relu_softmax_xent", names="base 10", namespace=True)
def tens():
    return with_loss(lambda loss, z, labels: loss / np.log(10))


@wrong("relu_softmax_xent", names="is not subtracted", namespace=True)
def no_label():
    return with_dz(lambda dz, z, labels: dz + hot(z, labels) / len(z))


@wrong("relu_softmax_xent", names="These are the shares", namespace=True)
def shares_only():
    return with_dz(lambda dz, z, labels: dz * len(z) + hot(z, labels))


@wrong("relu_softmax_xent", names="Divide the whole difference", namespace=True)
def half_divided():
    return with_dz(lambda dz, z, labels: dz + hot(z, labels) / len(z) - hot(z, labels))


@wrong("relu_softmax_xent", names="The scores themselves", namespace=True)
def scores_for_shares():
    return with_dz(lambda dz, z, labels: (z - hot(z, labels)) / len(z))


@wrong("relu_softmax_xent", names="slope of the softmax alone", namespace=True)
def softmax_slope():
    def change(dz, z, labels):
        p = dz * len(z) + hot(z, labels)
        return p * (1 - p) / len(z)

    return with_dz(change)


@wrong("relu_softmax_xent", names="Softmax runs down the images", namespace=True)
def down_the_images():
    def softmax_xent(z, labels):
        powers = np.exp(z - z.max(axis=0))
        p = powers / powers.sum(axis=0)
        return -np.log(p[np.arange(len(z)), labels]).mean(), (p - hot(z, labels)) / len(z)

    return pair(xent=softmax_xent)


@wrong("relu_softmax_xent", names="The 1 is subtracted from whole columns", namespace=True)
def whole_columns():
    def softmax_xent(z, labels):
        loss, dz = softmax_loss(z, labels)
        p = (dz + hot(z, labels) / len(z)) * len(z)
        p[:, labels] -= 1
        return loss, p / len(z)

    return pair(xent=softmax_xent)


@wrong("relu_softmax_xent", names="return the loss, then dz", namespace=True)
def turned_order():
    return pair(xent=lambda z, labels: softmax_loss(z, labels)[::-1])


@wrong("relu_softmax_xent", namespace=True)
def loss_only():
    return pair(xent=lambda z, labels: softmax_loss(z, labels)[0])


# ---- train ----


def conv_forward(x, W, b, stride, pad):
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, W.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.tensordot(windows, W, axes=((3, 4, 5), (2, 0, 1))) + b, (x, W, b, stride, pad)


def max_forward(x, f, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    return windows.max(axis=(4, 5)), (x, f, stride)


def max_back(d, cache):
    x, f, s = cache
    dx = np.zeros(x.shape)
    n, c = np.ogrid[: x.shape[0], : x.shape[3]]
    for i in range(d.shape[1]):
        for j in range(d.shape[2]):
            window = x[:, i * s : i * s + f, j * s : j * s + f].reshape(len(x), f * f, -1)
            row, column = np.divmod(window.argmax(1), f)
            np.add.at(dx, (n, i * s + row, j * s + column, c), d[:, i, j])
    return dx


def network(weights, images, labels, relu=relu_back, conv=conv_gradients, bend=lambda z: np.maximum(z, 0)):
    """The gradients of the four arrays, layer by layer."""
    z, cache = conv_forward(images, weights["W1"], weights["b1"], 2, 1)
    pooled, pool_cache = max_forward(bend(z), 3, 2)
    flat = pooled.reshape(len(images), -1)
    _loss, d = softmax_loss(flat @ weights["W2"] + weights["b2"], labels)
    back = relu(max_back((d @ weights["W2"].T).reshape(pooled.shape), pool_cache), z)
    _, dw, db = conv(back, cache)
    return {"W1": dw, "b1": db, "W2": flat.T @ d, "b2": d.sum(0)}


@right("train")
def layer_by_layer(weights, images, labels, steps, rate):
    weights = dict(weights)
    for _ in range(steps):
        gradients = network(weights, images, labels)
        for name in weights:
            weights[name] = weights[name] - rate * gradients[name]
    return weights


@right("train")
def in_four_variables(weights, images, labels, steps, rate):
    W1, b1, W2, b2 = (weights[name].copy() for name in ("W1", "b1", "W2", "b2"))
    losses = []
    for _step in range(steps):
        z, cache = conv_forward(images, W1, b1, 2, 1)
        a = np.maximum(z, 0)
        pooled, pool_cache = max_forward(a, 3, 2)
        flat = pooled.reshape(len(images), 72)
        loss, d = softmax_loss(flat @ W2 + b2, labels)
        losses.append(loss)
        dW2, db2 = flat.T @ d, d.sum(axis=0)
        dz = relu_back(max_back((d @ W2.T).reshape(pooled.shape), pool_cache), z)
        _, dW1, db1 = conv_gradients(dz, cache)
        W1 -= rate * dW1
        b1 -= rate * db1
        W2 -= rate * dW2
        b2 -= rate * db2
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}, losses


def descent(weights, images, labels, steps, rate, *, only=("W1", "b1", "W2", "b2"), factor=1, **options):
    """For wrong answers."""
    weights = dict(weights)
    for _ in range(steps):
        gradients = network(weights, images, labels, **options)
        for name in only:
            weights[name] = weights[name] - factor * rate * gradients[name]
    return weights


@wrong("train", names="return the new ones")
def returns_the_old(weights, images, labels, steps, rate):
    descent(weights, images, labels, steps, rate)
    return weights


@wrong("train", names="changed its input weights")
def changes_the_weights(weights, images, labels, steps, rate):
    for _ in range(steps):
        gradients = network(weights, images, labels)
        for name in weights:
            weights[name] -= rate * gradients[name]
    return weights


@wrong("train", names="Uphill")
def uphill(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, rate, factor=-1)


@wrong("train", names="The sum of the losses")
def sum_of_losses(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, rate, factor=len(images))


@wrong("train", names="The rate is not used")
def no_rate(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, 1)


@wrong("train", names="One step is missing")
def one_step_short(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps - 1, rate)


@wrong("train", names="One step too many")
def one_step_over(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps + 1, rate)


@wrong("train", names="whatever `steps` says")
def a_single_step(weights, images, labels, steps, rate):
    return descent(weights, images, labels, 1, rate)


@wrong("train", names="compute them anew")
def gradients_once(weights, images, labels, steps, rate):
    gradients = network(weights, images, labels)
    return {name: weights[name] - steps * rate * gradients[name] for name in weights}


@wrong("train", names="The convolution is not trained")
def frozen_convolution(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, rate, only=("W2", "b2"))


@wrong("train", names="The last layer is not trained")
def frozen_last_layer(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, rate, only=("W1", "b1"))


@wrong("train", names="The biases are not trained")
def frozen_biases(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, rate, only=("W1", "W2"))


@wrong("train", names="relu_backward is left out")
def without_relu(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, rate, relu=lambda d, x: d)


@wrong("train", names="left out on the way forward")
def without_relu_forward(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, rate, bend=lambda z: z)


@wrong("train", names="left out on both ways")
def without_any_relu(weights, images, labels, steps, rate):
    return descent(weights, images, labels, steps, rate, bend=lambda z: z, relu=lambda d, x: d)


@wrong("train", names="W2 makes its step too early")
def last_layer_first(weights, images, labels, steps, rate):
    for _ in range(steps):
        moved = descent(weights, images, labels, 1, rate, only=("W2", "b2"))
        z, cache = conv_forward(images, weights["W1"], weights["b1"], 2, 1)
        pooled, pool_cache = max_forward(np.maximum(z, 0), 3, 2)
        _loss, d = softmax_loss(pooled.reshape(len(images), -1) @ weights["W2"] + weights["b2"], labels)
        back = relu_back(max_back((d @ moved["W2"].T).reshape(pooled.shape), pool_cache), z)
        _, dw, db = conv_gradients(back, cache)
        weights = moved | {"W1": weights["W1"] - rate * dw, "b1": weights["b1"] - rate * db}
    return weights


@wrong("train", names="Every image makes a step of its own")
def one_by_one(weights, images, labels, steps, rate):
    for _ in range(steps):
        for k in range(len(images)):
            weights = descent(weights, images[k : k + 1], labels[k : k + 1], 1, rate)
    return weights


@wrong("train")
def flipped_gradient(weights, images, labels, steps, rate):
    def conv(d, cache):
        dx, dw, db = conv_gradients(d, cache)
        return dx, dw[::-1, ::-1], db

    return descent(weights, images, labels, steps, rate, conv=conv)


@wrong("train")
def the_losses(weights, images, labels, steps, rate):
    return [0.0] * steps


@wrong("train")
def other_names(weights, images, labels, steps, rate):
    return {f"my_{name}": value for name, value in descent(weights, images, labels, steps, rate).items()}
