"""Lab 07: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from course import draws
from tests.answers import right, wrong

NET = draws.numbers("lab07_matrices", "alexnet_fields", "sample")
BLOCKS = draws.numbers("lab07_matrices", "vgg_fields", "sample")


# ---- conv1d_matrix ----


@right("conv1d_matrix")
def entry_by_entry(w, n, stride, pad):
    out = (n + 2 * pad - len(w)) // stride + 1
    omega = np.zeros((out, n))
    for i in range(out):
        for a in range(len(w)):
            j = i * stride - pad + a
            if 0 <= j < n:
                omega[i, j] = w[a]
    return omega


@right("conv1d_matrix")
def padded_and_cut(w, n, stride, pad):
    wide = n + 2 * pad
    rows = []
    for start in range(0, wide - len(w) + 1, stride):
        row = np.zeros(wide, np.float32)
        row[start : start + len(w)] = w
        rows.append(row[pad : pad + n])
    return np.array(rows)


@right("conv1d_matrix")
def every_unit_vector(w, n, stride, pad):
    def slide(x):
        return sliding_window_view(np.pad(x, pad), len(w))[::stride] @ w

    return np.stack([slide(unit) for unit in np.eye(n)], axis=1)


@right("conv1d_matrix")
def one_formula(w, n, stride, pad):
    out = len(range(0, n + 2 * pad - len(w) + 1, stride))
    taps = np.arange(n)[None, :] + pad - stride * np.arange(out)[:, None]
    inside = (taps >= 0) & (taps < len(w))
    return np.where(inside, np.asarray(w)[np.clip(taps, 0, len(w) - 1)], 0)


@right("conv1d_matrix")
def diagonals_in_nested_lists(w, n, stride, pad):
    full = sum(weight * np.eye(n + 2 * pad - len(w) + 1, n + 2 * pad, k=a) for a, weight in enumerate(w))
    return full[::stride, pad : n + pad].tolist()


def banded(w, n, rows, step, first):
    """For wrong answers: `rows` rows, the weights of row i from column first + i · step on."""
    omega = np.zeros((rows, n))
    for i in range(rows):
        for a in range(len(w)):
            if 0 <= first + i * step + a < n:
                omega[i, first + i * step + a] = w[a]
    return omega


def outputs(w, n, stride, pad):
    return (n + 2 * pad - len(w)) // stride + 1


@wrong("conv1d_matrix", names="The matrix lies on its side")
def lies_on_its_side(w, n, stride, pad):
    return banded(w, n, outputs(w, n, stride, pad), stride, -pad).T


@wrong("conv1d_matrix", names="The weights are turned round")
def turned_weights(w, n, stride, pad):
    return banded(w[::-1], n, outputs(w, n, stride, pad), stride, -pad)


@wrong("conv1d_matrix", names="one column too far to the right")
def band_too_far_right(w, n, stride, pad):
    return banded(w, n, outputs(w, n, stride, pad), stride, 1 - pad)


@wrong("conv1d_matrix", names="one column too far to the left")
def band_too_far_left(w, n, stride, pad):
    return banded(w, n, outputs(w, n, stride, pad), stride, -1 - pad)


@wrong("conv1d_matrix", names="The stride is ignored")
def band_without_stride(w, n, stride, pad):
    return banded(w, n, outputs(w, n, 1, pad), 1, -pad)


@wrong("conv1d_matrix", names="Each row moves by one column")
def rows_know_the_stride(w, n, stride, pad):
    return banded(w, n, outputs(w, n, stride, pad), 1, -pad)


@wrong("conv1d_matrix", names="The padding is ignored")
def band_without_padding(w, n, stride, pad):
    return banded(w, n, outputs(w, n, stride, 0), stride, 0)


@wrong("conv1d_matrix", names="The number of rows knows the padding")
def padding_in_the_rows_only(w, n, stride, pad):
    return banded(w, n, outputs(w, n, stride, pad), stride, 0)


@wrong("conv1d_matrix", names="columns of their own")
def columns_for_zeros(w, n, stride, pad):
    return banded(w, n + 2 * pad, outputs(w, n, stride, pad), stride, 0)


@wrong("conv1d_matrix", names="at the front only")
def zeros_in_front_only(w, n, stride, pad):
    return banded(w, n, (n + pad - len(w)) // stride + 1, stride, -pad)


@wrong("conv1d_matrix", names="at the end only")
def zeros_at_the_end_only(w, n, stride, pad):
    return banded(w, n, (n + pad - len(w)) // stride + 1, stride, 0)


@wrong("conv1d_matrix", names="come back at the other one")
def rolled(w, n, stride, pad):
    first = np.zeros(max(n, len(w)))
    first[: len(w)] = w
    return np.array([np.roll(first, i * stride - pad)[:n] for i in range(outputs(w, n, stride, pad))])


@wrong("conv1d_matrix", names="come back at the other one")
def added_by_the_remainder(w, n, stride, pad):
    omega = np.zeros((outputs(w, n, stride, pad), n))
    for i in range(len(omega)):
        for a in range(len(w)):
            omega[i, (i * stride - pad + a) % n] += w[a]
    return omega


@wrong("conv1d_matrix", names="The cut pad:-pad leaves nothing")
def cut_with_a_minus(w, n, stride, pad):
    return columns_for_zeros(w, n, stride, pad)[:, pad:-pad]


@wrong("conv1d_matrix", names="The number of rows is rounded up")
def rows_rounded_up(w, n, stride, pad):
    return banded(w, n, -(-(n + 2 * pad - len(w)) // stride) + 1, stride, -pad)


@wrong("conv1d_matrix", names="A weight that hangs over an end is left out")
def negative_columns(w, n, stride, pad):
    omega = np.zeros((outputs(w, n, stride, pad), n))
    for i in range(len(omega)):
        for a in range(len(w)):
            j = i * stride - pad + a
            if -n <= j < n:
                omega[i, j] = w[a]
    return omega


@wrong("conv1d_matrix", names="The last row is missing")
def one_row_too_few(w, n, stride, pad):
    return banded(w, n, outputs(w, n, stride, pad) - 1, stride, -pad)


@wrong("conv1d_matrix", names="The last row stays 0")
def last_row_empty(w, n, stride, pad):
    omega = banded(w, n, outputs(w, n, stride, pad), stride, -pad)
    omega[-1] = 0
    return omega


@wrong("conv1d_matrix", names="There are n rows")
def a_square(w, n, stride, pad):
    return banded(w, n, n, stride, -pad)


@wrong("conv1d_matrix", names="Fractions are cut off")
def a_matrix_of_integers(w, n, stride, pad):
    return banded(w, n, outputs(w, n, stride, pad), stride, -pad).astype(int)


@wrong("conv1d_matrix", names="A weight that hangs over an end is left out")
def slices_over_the_ends(w, n, stride, pad):
    omega = np.zeros((outputs(w, n, stride, pad), n))
    for i in range(len(omega)):
        omega[i, i * stride - pad : i * stride - pad + len(w)] = w
    return omega


@wrong("conv1d_matrix", names="A weight that hangs over an end is left out")
def negative_columns_and_an_error_behind(w, n, stride, pad):
    omega = np.zeros((outputs(w, n, stride, pad), n))
    for i in range(len(omega)):
        for a in range(len(w)):
            omega[i, i * stride - pad + a] = w[a]
    return omega


# ---- im2col ----


def conv_matmul_with(im2col):
    def conv_matmul(x, W, b, s, p):
        k_h, k_w, _, c_out = W.shape
        out_h = (x.shape[1] + 2 * p - k_h) // s + 1
        out_w = (x.shape[2] + 2 * p - k_w) // s + 1
        product = np.asarray(im2col(x, (k_h, k_w), s, p)) @ W.reshape(-1, c_out) + b
        return product.reshape(len(x), out_h, out_w, c_out)

    return conv_matmul


@right("im2col", namespace=True)
def window_after_window():
    def im2col(x, k, s, p):
        padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        out_h = (padded.shape[1] - k[0]) // s + 1
        out_w = (padded.shape[2] - k[1]) // s + 1
        rows = []
        for n in range(len(x)):
            for i in range(out_h):
                for j in range(out_w):
                    window = padded[n, i * s : i * s + k[0], j * s : j * s + k[1]]
                    rows.append(window.reshape(-1))
        return np.array(rows)

    return {"im2col": im2col, "conv_matmul": conv_matmul_with(im2col)}


@right("im2col", namespace=True)
def views():
    def im2col(x, k, s, p):
        padded = np.pad(x.astype(np.float32), [(0, 0), (p, p), (p, p), (0, 0)])
        windows = sliding_window_view(padded, k, axis=(1, 2))[:, ::s, ::s]
        windows = np.moveaxis(windows, 3, 5)
        return windows.reshape(-1, k[0] * k[1] * x.shape[3])

    def conv_matmul(x, W, b, s, p):
        matrix = im2col(x, W.shape[:2], s, p) @ W.reshape(-1, W.shape[3]) + b
        padded = np.array(x.shape[1:3]) + 2 * p
        out_h, out_w = (padded - W.shape[:2]) // s + 1
        return matrix.reshape(-1, out_h, out_w, len(b))

    return {"im2col": im2col, "conv_matmul": conv_matmul}


@right("im2col", namespace=True)
def a_block_for_each_tap():
    def im2col(x, k, s, p):
        batch, high, wide, channels = x.shape
        padded = np.zeros((batch, high + 2 * p, wide + 2 * p, channels))
        padded[:, p : p + high, p : p + wide] = x
        out_h, out_w = (high + 2 * p - k[0]) // s + 1, (wide + 2 * p - k[1]) // s + 1
        blocks = np.empty((batch, out_h, out_w, k[0], k[1], channels))
        for u in range(k[0]):
            for v in range(k[1]):
                blocks[:, :, :, u, v] = padded[:, u : u + s * out_h : s, v : v + s * out_w : s]
        return blocks.reshape(batch * out_h * out_w, -1)

    def conv_matmul(x, W, b, s, p):
        parts = []
        for image in x:
            flat = im2col(image[None], W.shape[:2], s, p) @ W.reshape(-1, W.shape[-1])
            out_h = (x.shape[1] + 2 * p - W.shape[0]) // s + 1
            parts.append((flat + b).reshape(out_h, -1, W.shape[-1]))
        return np.stack(parts)

    return {"im2col": im2col, "conv_matmul": conv_matmul}


@right("im2col", namespace=True)
def strides_by_hand():
    def im2col(x, k, s, p):
        padded = np.ascontiguousarray(np.pad(x, ((0, 0), (p, p), (p, p), (0, 0))))
        a, b, c, d = padded.strides
        shape = (
            len(x),
            (padded.shape[1] - k[0]) // s + 1,
            (padded.shape[2] - k[1]) // s + 1,
            k[0],
            k[1],
            x.shape[3],
        )
        return as_strided(padded, shape, (a, b * s, c * s, b, c, d)).reshape(np.prod(shape[:3]), -1).tolist()

    def conv_matmul(x, W, b, s, p):
        return (np.tensordot(taken(x, W.shape, s, p), W, 3) + b).tolist()

    def taken(x, shape, s, p):
        padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        return sliding_window_view(padded, shape[:2], axis=(1, 2))[:, ::s, ::s].transpose(0, 1, 2, 4, 5, 3)

    return {"im2col": im2col, "conv_matmul": conv_matmul}


@right("im2col", namespace=True)
def table_of_indices():
    def im2col(x, k, s, p):
        padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        rows = np.arange(0, padded.shape[1] - k[0] + 1, s)[:, None] + np.arange(k[0])
        columns = np.arange(0, padded.shape[2] - k[1] + 1, s)[:, None] + np.arange(k[1])
        picked = padded[:, rows[:, None, :, None], columns[None, :, None, :]]
        return picked.reshape(-1, k[0] * k[1] * x.shape[3])

    return {"im2col": im2col, "conv_matmul": conv_matmul_with(im2col)}


def six(x, k, s, p):
    """For wrong answers: all windows, shape (batch, down, across, k_h, k_w, channels)."""
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = sliding_window_view(padded, k, axis=(1, 2))[:, ::s, ::s]
    return np.moveaxis(windows, 3, 5)


def flat(x, k, s, p):
    windows = six(x, k, s, p)
    return windows.reshape(-1, k[0] * k[1] * x.shape[3])


def with_im2col(im2col):
    return {"im2col": im2col, "conv_matmul": conv_matmul_with(flat)}


@wrong("im2col", names="The channels come first", namespace=True)
def channels_first():
    return with_im2col(
        lambda x, k, s, p: six(x, k, s, p).transpose(0, 1, 2, 5, 3, 4).reshape(-1, k[0] * k[1] * x.shape[3])
    )


@wrong("im2col", names="k_h and k_w have changed places in your rows", namespace=True)
def columns_of_the_window_first():
    return with_im2col(
        lambda x, k, s, p: six(x, k, s, p).transpose(0, 1, 2, 4, 3, 5).reshape(-1, k[0] * k[1] * x.shape[3])
    )


@wrong("im2col", names="Each window is read backwards", namespace=True)
def turned_windows():
    return with_im2col(
        lambda x, k, s, p: six(x, k, s, p)[:, :, :, ::-1, ::-1].reshape(-1, k[0] * k[1] * x.shape[3])
    )


@wrong("im2col", names="place by place, with the images inside", namespace=True)
def places_before_images():
    return with_im2col(
        lambda x, k, s, p: six(x, k, s, p).transpose(1, 2, 0, 3, 4, 5).reshape(-1, k[0] * k[1] * x.shape[3])
    )


@wrong("im2col", names="down the columns of the picture", namespace=True)
def down_before_across():
    return with_im2col(
        lambda x, k, s, p: six(x, k, s, p).transpose(0, 2, 1, 3, 4, 5).reshape(-1, k[0] * k[1] * x.shape[3])
    )


@wrong("im2col", names="The matrix lies on its side", namespace=True)
def windows_as_columns():
    return with_im2col(lambda x, k, s, p: flat(x, k, s, p).T)


@wrong("im2col", names="not laid flat", namespace=True)
def six_dimensions():
    return with_im2col(six)


@wrong("im2col", names="one matrix for each image", namespace=True)
def three_dimensions():
    return with_im2col(lambda x, k, s, p: flat(x, k, s, p).reshape(len(x), -1, k[0] * k[1] * x.shape[3]))


@wrong("im2col", names="Only the first image", namespace=True)
def the_first_image():
    return with_im2col(lambda x, k, s, p: flat(x[:1], k, s, p))


@wrong("im2col", names="The stride is ignored", namespace=True)
def windows_without_stride():
    return with_im2col(lambda x, k, s, p: flat(x, k, 1, p))


@wrong("im2col", names="the windows move by one pixel", namespace=True)
def crowded_windows():
    def im2col(x, k, s, p):
        down, across = six(x, k, s, p).shape[1:3]
        return six(x, k, 1, p)[:, :down, :across].reshape(-1, k[0] * k[1] * x.shape[3])

    return with_im2col(im2col)


def two_steps(x, k, down, across, p, q):
    padded = np.pad(x, ((0, 0), (p, p), (q, q), (0, 0)))
    windows = np.moveaxis(sliding_window_view(padded, k, axis=(1, 2))[:, ::down, ::across], 3, 5)
    return windows.reshape(-1, k[0] * k[1] * x.shape[3])


@wrong("im2col", names="down the rows only", namespace=True)
def stride_down_only():
    return with_im2col(lambda x, k, s, p: two_steps(x, k, s, 1, p, p))


@wrong("im2col", names="along the columns only", namespace=True)
def stride_across_only():
    return with_im2col(lambda x, k, s, p: two_steps(x, k, 1, s, p, p))


@wrong("im2col", names="was the padded array thrown away", namespace=True)
def padding_thrown_away():
    return with_im2col(lambda x, k, s, p: flat(x, k, s, 0))


@wrong("im2col", names="The padding is always 1", namespace=True)
def padding_of_one():
    return with_im2col(lambda x, k, s, p: flat(x, k, s, 1))


@wrong("im2col", names="The rows are padded, the columns are not", namespace=True)
def rows_padded_only():
    return with_im2col(lambda x, k, s, p: two_steps(x, k, s, s, p, 0))


@wrong("im2col", names="The columns are padded, the rows are not", namespace=True)
def columns_padded_only():
    return with_im2col(lambda x, k, s, p: two_steps(x, k, s, s, 0, p))


@wrong("im2col", names="The border pixel is repeated", namespace=True)
def edges_copied():
    return with_im2col(lambda x, k, s, p: flat(np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)), mode="edge"), k, s, 0))


@wrong("im2col", names="Height and width of the picture are swapped", namespace=True)
def swapped_picture():
    return with_im2col(lambda x, k, s, p: flat(x.transpose(0, 2, 1, 3), k, s, p))


@wrong("im2col", names="The batch and the channels are padded too", namespace=True)
def everything_padded():
    return with_im2col(lambda x, k, s, p: flat(np.pad(x, p), k, s, 0))


@wrong("im2col", names="np.pad(x, p) pads the batch and the channels too", namespace=True)
def padded_all_round_but_counted_before():
    def im2col(x, k, s, p):
        rows = flat(np.pad(x, p), k, s, 0)
        return rows[: len(flat(x, k, s, p))]

    return with_im2col(im2col)


@wrong("im2col", names="The picture is taken for a square", namespace=True)
def one_side_for_both():
    def im2col(x, k, s, p):
        windows = six(x, k, s, p)
        side = min(windows.shape[1:3])
        return windows[:, :side, :side].reshape(-1, k[0] * k[1] * x.shape[3])

    return with_im2col(im2col)


@wrong("im2col", names="The picture is taken for a square", namespace=True)
def the_height_for_both():
    def im2col(x, k, s, p):
        windows = six(x, k, s, p)
        down = windows.shape[1]
        return np.array([windows[b, i, j].ravel() for b, i, j in np.ndindex(len(x), down, down)])

    return with_im2col(im2col)


@wrong("im2col", names="The channels are padded too", namespace=True)
def channels_padded():
    return with_im2col(lambda x, k, s, p: flat(np.pad(x, ((0, 0), (p, p), (p, p), (p, p))), k, s, 0))


@wrong("im2col", names="above and to the left only", namespace=True)
def zeros_at_two_sides():
    return with_im2col(lambda x, k, s, p: flat(np.pad(x, ((0, 0), (p, 0), (p, 0), (0, 0))), k, s, 0))


@wrong("im2col", names="k_h is used for both sides", namespace=True)
def square_of_the_height():
    return with_im2col(lambda x, k, s, p: flat(x, (k[0], k[0]), s, p))


@wrong("im2col", names="k_w is used for both sides", namespace=True)
def square_of_the_width():
    return with_im2col(lambda x, k, s, p: flat(x, (k[1], k[1]), s, p))


@wrong("im2col", names="height first", namespace=True)
def width_first():
    return with_im2col(lambda x, k, s, p: flat(x, (k[1], k[0]), s, p))


@wrong("im2col", names="The last row of windows is missing", namespace=True)
def one_row_of_windows_short():
    return with_im2col(lambda x, k, s, p: six(x, k, s, p)[:, :-1].reshape(-1, k[0] * k[1] * x.shape[3]))


@wrong("im2col", names="The last column of windows is missing", namespace=True)
def one_column_of_windows_short():
    return with_im2col(lambda x, k, s, p: six(x, k, s, p)[:, :, :-1].reshape(-1, k[0] * k[1] * x.shape[3]))


@wrong("im2col", names="Fractions are cut off", namespace=True)
def whole_numbers_only():
    return with_im2col(lambda x, k, s, p: flat(x, k, s, p).astype(int))


@wrong("im2col", namespace=True)
def squared_windows_and_reshaped():
    return with_im2col(lambda x, k, s, p: six(x, k, s, p).T.reshape(-1, k[0] * k[1] * x.shape[3]))


@wrong("im2col", names="changed its input", namespace=True)
def pads_in_place():
    def im2col(x, k, s, p):
        x -= 1
        return flat(x + 1, k, s, p)

    return with_im2col(im2col)


def with_conv(conv_matmul):
    return {"im2col": flat, "conv_matmul": conv_matmul}


def product(x, weights, b, s, p):
    batch, down, across = six(x, weights.shape[:2], s, p).shape[:3]
    rows = flat(x, weights.shape[:2], s, p) @ weights.reshape(-1, weights.shape[3]) + b
    return rows.reshape(batch, down, across, -1)


@wrong("im2col", names="mixes the filters", namespace=True)
def filters_first():
    return with_conv(lambda x, W, b, s, p: product(x, W.reshape(W.shape[3], -1).T.reshape(W.shape), b, s, p))


@wrong("im2col", names="turns all four axes round", namespace=True)
def all_axes_turned():
    return with_conv(lambda x, W, b, s, p: product(x, W.T.reshape(-1, W.shape[3]).reshape(W.shape), b, s, p))


@wrong("im2col", names="The bias is missing", namespace=True)
def without_bias():
    return with_conv(lambda x, W, b, s, p: product(x, W, 0, s, p))


@wrong("im2col", names="first filter's bias", namespace=True)
def one_bias():
    return with_conv(lambda x, W, b, s, p: product(x, W, b[0], s, p))


@wrong("im2col", names="added once for every weight", namespace=True)
def bias_in_the_sum():
    return with_conv(lambda x, W, b, s, p: product(x, W, b * W.shape[0] * W.shape[1] * W.shape[2], s, p))


@wrong("im2col", names="not yet a batch of maps", namespace=True)
def rows_of_outputs():
    return with_conv(lambda x, W, b, s, p: product(x, W, b, s, p).reshape(-1, len(b)))


@wrong("im2col", names="Filters and places have changed places", namespace=True)
def filters_before_places():
    def conv_matmul(x, W, b, s, p):
        right = product(x, W, b, s, p)
        return right.transpose(3, 0, 1, 2).reshape(right.shape)

    return with_conv(conv_matmul)


@wrong("im2col", names="The maps stand before height and width", namespace=True)
def maps_first():
    return with_conv(lambda x, W, b, s, p: product(x, W, b, s, p).transpose(0, 3, 1, 2))


@wrong("im2col", names="the maps stand last in reshape", namespace=True)
def reshaped_with_the_maps_first():
    def conv_matmul(x, W, b, s, p):
        batch, down, across, maps = product(x, W, b, s, p).shape
        return product(x, W, b, s, p).reshape(batch, maps, down, across)

    return with_conv(conv_matmul)


@wrong("im2col", names="turned by half a turn", namespace=True)
def true_convolution():
    return with_conv(lambda x, W, b, s, p: product(x, W[::-1, ::-1], b, s, p))


@wrong("im2col", names="Negative values became 0", namespace=True)
def with_relu():
    return with_conv(lambda x, W, b, s, p: np.maximum(product(x, W, b, s, p), 0))


@wrong("im2col", names="The stride is ignored", namespace=True)
def product_without_stride():
    return with_conv(lambda x, W, b, s, p: product(x, W, b, 1, p))


@wrong("im2col", names="The padding is ignored", namespace=True)
def product_without_padding():
    return with_conv(lambda x, W, b, s, p: product(x, W, b, s, 0))


@wrong("im2col", names="out_h and out_w have changed places", namespace=True)
def sides_of_the_output_swapped():
    def conv_matmul(x, W, b, s, p):
        right = product(x, W, b, s, p)
        batch, down, across, maps = right.shape
        return right.reshape(batch, across, down, maps)

    return with_conv(conv_matmul)


# ---- receptive_field ----


@right("receptive_field")
def recurrence(layers):
    size, jump, start = 1, 1, 0
    for f, s, p, d in layers:
        size += d * (f - 1) * jump
        start -= p * jump
        jump *= s
    return size, jump, start


@right("receptive_field")
def from_the_output_back(layers):
    size, start, jump = 1, 0, 1
    for f, s, p, d in reversed(layers):
        size = (size - 1) * s + d * (f - 1) + 1
        start = start * s - p
        jump = jump * s
    return [size, jump, start]


@right("receptive_field")
def two_outputs_as_intervals(layers):
    low, high, after = 0, 0, 1
    for f, s, p, d in layers[::-1]:
        low, high, after = low * s - p, high * s - p + (f - 1) * d, after * s - p
    return np.array([high - low + 1, after - low, low], dtype=float)


@right("receptive_field")
def sums_and_products(layers):
    jumps = np.cumprod([1] + [s for _, s, _, _ in layers])
    size = 1 + sum(d * (f - 1) * jump for (f, _, _, d), jump in zip(layers, jumps, strict=False))
    start = -sum(p * jump for (_, _, p, _), jump in zip(layers, jumps, strict=False))
    return size, jumps[-1], start


def walked(layers, add, shift, leap, late=False):
    """For wrong answers: the recurrence with other steps."""
    size, jump, start = 1, 1, 0
    for f, s, p, d in layers:
        if late:
            jump = leap(jump, s)
        size, start = size + add(f, d, jump), start + shift(p, jump)
        if not late:
            jump = leap(jump, s)
    return size, jump, start


def adds(f, d, jump):
    return d * (f - 1) * jump


def moves(p, jump):
    return -p * jump


def times(jump, s):
    return jump * s


@wrong("receptive_field", names="The filters' sides are added")
def sides_added(layers):
    return (sum(f for f, *_ in layers), *recurrence(layers)[1:])


@wrong("receptive_field", names="a filter adds (f − 1) · jump pixels")
def size_without_strides(layers):
    return (1 + sum(d * (f - 1) for f, _, _, d in layers), *recurrence(layers)[1:])


@wrong("receptive_field", names="The strides are left out everywhere")
def no_strides(layers):
    return walked(layers, adds, moves, lambda jump, s: 1)


@wrong("receptive_field", names="own stride comes too early")
def stride_before_its_time(layers):
    return walked(layers, adds, moves, times, late=True)


@wrong("receptive_field", names="Your size is stretched by each layer's own stride")
def size_with_its_own_stride(layers):
    return (walked(layers, adds, moves, times, late=True)[0], *recurrence(layers)[1:])


@wrong("receptive_field", names="The stride is added to jump")
def jump_plus_stride(layers):
    return walked(layers, adds, moves, lambda jump, s: jump + s)


@wrong("receptive_field", names="start and jump have changed places")
def start_before_jump(layers):
    size, jump, start = recurrence(layers)
    return size, start, jump


@wrong("receptive_field", names="The size is right, but start moves")
def start_after_the_stride(layers):
    size, jump, start = 1, 1, 0
    for f, s, p, d in layers:
        size += d * (f - 1) * jump
        jump *= s
        start -= p * jump
    return size, jump, start


@wrong("receptive_field", names="Only the last stride counts")
def only_the_last_stride(layers):
    return walked(layers, adds, moves, lambda jump, s: s)


@wrong("receptive_field", names="The strides are added")
def sum_of_strides(layers):
    return walked(layers, adds, moves, lambda jump, s: jump + s - 1)


@wrong("receptive_field", names="one of its f places was there before")
def whole_filters(layers):
    return walked(layers, lambda f, d, jump: f * d * jump, moves, times)


@wrong("receptive_field", names="The dilation is ignored")
def no_dilation(layers):
    return walked(layers, lambda f, d, jump: (f - 1) * jump, moves, times)


@wrong("receptive_field", names="A dilation of 1 means no gap")
def dilation_as_gap(layers):
    return walked(layers, lambda f, d, jump: (f - 1) * (d + 1) * jump, moves, times)


@wrong("receptive_field", names="not d · f")
def dilated_whole(layers):
    return walked(layers, lambda f, d, jump: (d * f - 1) * jump, moves, times)


@wrong("receptive_field", names="start has the wrong sign")
def start_above_zero(layers):
    size, jump, start = recurrence(layers)
    return size, jump, -start


@wrong("receptive_field", names="start forgets the jump")
def paddings_added(layers):
    size, jump, _ = recurrence(layers)
    return size, jump, -sum(p for _, _, p, _ in layers)


@wrong("receptive_field", names="start leaves the padding out")
def start_at_zero(layers):
    return (*recurrence(layers)[:2], 0)


@wrong("receptive_field", names="start is the field's middle")
def middle_of_the_field(layers):
    size, jump, start = recurrence(layers)
    return size, jump, start + (size - 1) / 2


@wrong("receptive_field", names="with pixel 0's middle at 0.5")
def middle_from_a_half(layers):
    size, jump, start = 1, 1, 0.5
    for f, s, p, d in layers:
        start += (d * (f - 1) / 2 - p) * jump
        size += d * (f - 1) * jump
        jump *= s
    return size, jump, start


@wrong("receptive_field", names="the first pixel is 0")
def counted_from_one(layers):
    size, jump, start = recurrence(layers)
    return size, jump, start + 1


@wrong("receptive_field", names="jump and size have changed places")
def jump_first(layers):
    size, jump, start = recurrence(layers)
    return jump, size, start


@wrong("receptive_field", names="from the last to the first")
def turned_list(layers):
    return recurrence(layers[::-1])


@wrong("receptive_field", names="a row for each layer")
def table_of_all(layers):
    return [recurrence(layers[: count + 1]) for count in range(len(layers))]


@wrong("receptive_field")
def the_lectures_networks_only(layers):
    return (195, 32, -64) if len(layers) == 8 else (1, 1, 0)


# ---- field_tables ----


def alexnet_by(step):
    """For this lab's tables: the field after each layer, by a function from (size, jump, f, s)."""
    size, jump, sizes = 1, 1, []
    for _, f, s in NET:
        size, jump = step(size, jump, f, s)
        sizes.append(size)
    return sizes


def vgg_by(step):
    size, jump, sizes = 1, 1, []
    for count, f in BLOCKS:
        for _ in range(count):
            size, jump = step(size, jump, f, 1)
        sizes.append(size)
        size, jump = step(size, jump, 2, 2)
    return [*sizes, size]


def right_step(size, jump, f, s):
    return size + (f - 1) * jump, jump * s


def tables(alexnet=right_step, vgg=right_step):
    return {"alexnet_fields": alexnet_by(alexnet), "vgg_fields": vgg_by(vgg)}


@right("field_tables", namespace=True)
def by_the_rule():
    return tables()


@right("field_tables", namespace=True)
def with_the_own_function():
    def size(layers):
        return two_outputs_as_intervals([(f, s, 0, 1) for f, s in layers])[0]

    pairs = [(f, s) for _, f, s in NET]
    stack, ends = [], []
    for count, f in BLOCKS:
        stack += count * [(f, 1)]
        ends.append(size(stack))
        stack += [(2, 2)]
    return {
        "alexnet_fields": np.array([size(pairs[: n + 1]) for n in range(len(pairs))]),
        "vgg_fields": (*ends, size(stack)),
    }


def wrong_step(step):
    return tables(step, step)


@wrong("field_tables", names="The filters' sides are added", namespace=True)
def tables_of_sums():
    size, sizes = 0, []
    for _, f, _ in NET:
        size += f
        sizes.append(size)
    return tables() | {"alexnet_fields": sizes}


@wrong("field_tables", names="The strides are left out", namespace=True)
def tables_without_strides():
    return wrong_step(lambda size, jump, f, s: (size + f - 1, 1))


@wrong("field_tables", names="own stride comes too early", namespace=True)
def tables_with_early_strides():
    return wrong_step(lambda size, jump, f, s: (size + (f - 1) * jump * s, jump * s))


@wrong("field_tables", names="Only the last stride counts", namespace=True)
def tables_of_last_strides():
    return wrong_step(lambda size, jump, f, s: (size + (f - 1) * jump, s))


@wrong("field_tables", names="The strides are added", namespace=True)
def tables_of_added_strides():
    return wrong_step(lambda size, jump, f, s: (size + (f - 1) * jump, jump + s - 1))


@wrong("field_tables", names="one of its f places was there before", namespace=True)
def tables_of_whole_filters():
    return wrong_step(lambda size, jump, f, s: (size + f * jump, jump * s))


@wrong("field_tables", names="The poolings are left out: their windows count", namespace=True)
def alexnet_without_pool_windows():
    size, jump, sizes = 1, 1, []
    for name, f, s in NET:
        size += (f - 1) * jump * (not name.startswith("pool"))
        jump *= s
        sizes.append(size)
    return tables() | {"alexnet_fields": sizes}


@wrong("field_tables", names="These are AlexNet's own numbers", namespace=True)
def the_papers_alexnet():
    return tables() | {"alexnet_fields": [11, 19, 51, 67, 99, 131, 163, 195]}


@wrong("field_tables", names="The poolings' windows are left out", namespace=True)
def vgg_with_pools_as_strides():
    return tables(vgg=lambda size, jump, f, s: (size + (f - 1) * jump * (s == 1), jump * s))


@wrong("field_tables", names="These are the fields behind the poolings", namespace=True)
def vgg_behind_the_poolings():
    layers, ends = [], []
    for count, f in BLOCKS:
        layers += [(f, 1, 0, 1)] * count + [(2, 2, 0, 1)]
        ends.append(recurrence(layers)[0])
    return {"alexnet_fields": tables()["alexnet_fields"], "vgg_fields": [*ends, ends[-1]]}


@wrong("field_tables", names="The poolings are left out altogether", namespace=True)
def vgg_without_pools():
    return tables(vgg=lambda size, jump, f, s: (size + (f - 1) * (s == 1), 1))


@wrong("field_tables", names="One convolution in each block", namespace=True)
def one_layer_a_block():
    size, jump, sizes = 1, 1, []
    for _, f in BLOCKS:
        size += (f - 1) * jump
        sizes.append(size)
        size, jump = size + jump, 2 * jump
    return tables() | {"vgg_fields": [*sizes, size]}


@wrong("field_tables", names="All filters are taken for 3×3", namespace=True)
def only_small_filters():
    return tables(vgg=lambda size, jump, f, s: (size + (min(f, 3) - 1) * jump, jump * s))


@wrong("field_tables", names="These are VGG-16's own numbers", namespace=True)
def the_papers_vgg():
    return tables() | {"vgg_fields": [5, 14, 40, 92, 196, 212]}


@wrong("field_tables", names="These fit the sample numbers", namespace=True)
def sample_networks_kept():
    def size(layers):
        return two_outputs_as_intervals([(f, s, 0, 1) for f, s in layers])[0]

    pairs = [(f, s) for _, f, s in draws.numbers("lab07_matrices", "alexnet_fields", "")]
    return tables() | {"alexnet_fields": [size(pairs[: n + 1]) for n in range(len(pairs))]}


# ---- measure_rf ----


@right("measure_rf")
def one_batch_a_picture(model, shape, place):
    height, width = shape
    random, changed = np.random.default_rng(0), np.zeros(shape, bool)
    steps = np.eye(height * width).reshape(-1, height, width, 1)
    for _ in range(60):
        picture = random.random((1, height, width, 1))
        before = model(picture)[:, place[0], place[1]]
        after = model(picture + steps)[:, place[0], place[1]]
        changed |= (after != before).any(axis=1).reshape(shape)
    rows, columns = np.nonzero(changed)
    return rows.min(), columns.min(), np.ptp(rows) + 1, np.ptp(columns) + 1


@right("measure_rf")
def pixel_after_pixel(model, shape, place):
    random = np.random.default_rng(1)
    i, j = place
    found = set()
    for _ in range(15):
        picture = random.normal(scale=3, size=(1, *shape, 1))
        before = model(picture)[0, i, j]
        for place_in in itertools.product(range(shape[0]), range(shape[1])):
            if place_in not in found:
                other = picture.copy()
                other[0, place_in[0], place_in[1], 0] += 0.5
                if not np.allclose(model(other)[0, i, j], before, atol=1e-9):
                    found.add(place_in)
    top, left = min(row for row, _ in found), min(column for _, column in found)
    bottom, right_side = max(row for row, _ in found), max(column for _, column in found)
    return [top, left, bottom - top + 1, right_side - left + 1]


@right("measure_rf")
def whole_rows_and_columns(model, shape, place):
    random, height, width = np.random.default_rng(2), *shape
    rows, columns = set(), set()
    for _ in range(100):
        picture, fresh = random.random((2, *shape))
        variants = []
        for row in range(height):
            variants.append(np.where(np.arange(height)[:, None] == row, fresh, picture))
        for column in range(width):
            variants.append(np.where(np.arange(width) == column, fresh, picture))
        batch = np.array([picture, *variants])[..., None]
        reply = model(batch)[:, place[0], place[1], 0]
        moved = np.flatnonzero(reply[1:] != reply[0])
        rows |= {int(at) for at in moved if at < height}
        columns |= {int(at) - height for at in moved if at >= height}
    return np.array([min(rows), min(columns), max(rows) - min(rows) + 1, max(columns) - min(columns) + 1])


@right("measure_rf")
def nothing_is_not_a_number(model, shape, place):
    count = shape[0] * shape[1]
    pictures = np.zeros((count, count))
    np.fill_diagonal(pictures, np.nan)
    reply = model(pictures.reshape(count, *shape, 1))[:, place[0], place[1]]
    rows, columns = np.divmod(np.flatnonzero(np.isnan(reply).any(axis=1)), shape[1])
    return (
        int(rows[0]),
        int(columns.min()),
        int(rows[-1] - rows[0]) + 1,
        int(columns.max() - columns.min()) + 1,
    )


@right("measure_rf")
def slopes(model, shape, place):
    random, total = np.random.default_rng(3), np.zeros(shape)
    steps = 1e-3 * np.eye(shape[0] * shape[1]).reshape(-1, *shape, 1)
    for _ in range(50):
        picture = random.random((1, *shape, 1))
        up, down = model(picture + steps), model(picture - steps)
        total += np.abs(up - down)[:, place[0], place[1], 0].reshape(shape)
    inside = total > 1e-6
    rows, columns = np.where(inside.any(axis=1))[0], np.where(inside.any(axis=0))[0]
    return rows[0], columns[0], len(range(rows[0], rows[-1] + 1)), len(range(columns[0], columns[-1] + 1))


def measured(model, shape, place, pictures=100):
    """For wrong answers: the right one."""
    changed = np.zeros(shape, bool)
    random = np.random.default_rng(4)
    steps = np.eye(shape[0] * shape[1]).reshape(-1, *shape, 1)
    for _ in range(pictures):
        picture = random.random((1, *shape, 1))
        before, after = (model(item)[:, place[0], place[1]] for item in (picture, picture + steps))
        changed |= (after != before).any(axis=1).reshape(shape)
    rows, columns = np.nonzero(changed)
    return int(rows.min()), int(columns.min()), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@wrong("measure_rf", names="The rectangle is too small")
def one_picture(model, shape, place):
    return measured(model, shape, place, pictures=1)


def on_grey(model, shape, place, grey, step):
    picture = np.full((1, *shape, 1), grey)
    steps = step * np.eye(shape[0] * shape[1]).reshape(-1, *shape, 1)
    before, after = (model(item)[:, place[0], place[1]] for item in (picture, picture + steps))
    rows, columns = np.nonzero((after != before).any(axis=1).reshape(shape))
    return int(rows.min()), int(columns.min()), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@wrong("measure_rf", names="On an evenly grey picture")
def black_picture(model, shape, place):
    return on_grey(model, shape, place, 0.0, 1.0)


@wrong("measure_rf", names="On an evenly grey picture")
def white_picture(model, shape, place):
    return on_grey(model, shape, place, 1.0, 1.0)


@wrong("measure_rf", names="On an evenly grey picture")
def grey_picture_half_a_step(model, shape, place):
    return on_grey(model, shape, place, 0.5, 0.5)


@wrong("measure_rf", names="No pixel was found for this output")
def from_a_pixel_to_the_outputs(model, shape, place):
    changed, random = False, np.random.default_rng(5)
    for _ in range(50):
        picture = random.random((1, *shape, 1))
        brighter = picture.copy()
        brighter[0, place[0], place[1], 0] += 1
        changed = changed | (model(picture) != model(brighter))[0, ..., 0]
    rows, columns = np.nonzero(changed)
    return int(rows.min()), int(columns.min()), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@wrong("measure_rf", names="On an evenly grey picture")
def tiny_steps_on_black(model, shape, place):
    return on_grey(model, shape, place, 0.0, 1e-6)


@wrong("measure_rf", names="The order is top, left, height, width")
def left_first(model, shape, place):
    top, left, height, width = measured(model, shape, place)
    return left, top, width, height


@wrong("measure_rf", names="top and left have changed places")
def column_before_row(model, shape, place):
    top, left, height, width = measured(model, shape, place)
    return left, top, height, width


@wrong("measure_rf", names="height and width have changed places")
def width_before_height(model, shape, place):
    top, left, height, width = measured(model, shape, place)
    return top, left, width, height


@wrong("measure_rf", names="count the rows and columns that react")
def rows_that_react(model, shape, place):
    changed, random = np.zeros(shape, bool), np.random.default_rng(4)
    steps = np.eye(shape[0] * shape[1]).reshape(-1, *shape, 1)
    for _ in range(100):
        picture = random.random((1, *shape, 1))
        changed |= (model(picture + steps) != model(picture))[:, place[0], place[1], 0].reshape(shape)
    rows, columns = np.nonzero(changed)
    return int(rows.min()), int(columns.min()), len(set(rows)), len(set(columns))


@wrong("measure_rf", names="it leaves out pixels that change the output")
def one_row_and_column_forgotten(model, shape, place):
    top, left, height, width = measured(model, shape, place)
    return (top, left, height, width) if height * width > 12 else (top, left, height, 1)


@wrong("measure_rf", names="the lower right corner")
def corners(model, shape, place):
    top, left, height, width = measured(model, shape, place)
    return top, left, top + height - 1, left + width - 1


@wrong("measure_rf", names="where the field ends")
def slices(model, shape, place):
    top, left, height, width = measured(model, shape, place)
    return top, left, top + height, left + width


@wrong("measure_rf", names="one too small")
def differences(model, shape, place):
    top, left, height, width = measured(model, shape, place)
    return top, left, height - 1, width - 1


@wrong("measure_rf", names="number of pixels")
def counted(model, shape, place):
    _, _, height, width = measured(model, shape, place)
    return height * width


@wrong("measure_rf", names="Row and column of the place")
def place_turned(model, shape, place):
    return measured(model, shape, place[::-1])


@wrong("measure_rf", names="all outputs are watched")
def all_outputs(model, shape, place):
    changed, random = np.zeros(shape, bool), np.random.default_rng(4)
    steps = np.eye(shape[0] * shape[1]).reshape(-1, *shape, 1)
    for _ in range(100):
        picture = random.random((1, *shape, 1))
        changed |= (model(picture + steps) != model(picture)).any(axis=(1, 2, 3)).reshape(shape)
    rows, columns = np.nonzero(changed)
    return int(rows.min()), int(columns.min()), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@wrong("measure_rf", names="output (0, 0) is watched")
def the_first_output_always(model, shape, place):
    return measured(model, shape, (0, 0))


@wrong("measure_rf")
def the_middle_always(model, shape, place):
    sides = model(np.zeros((1, *shape, 1))).shape[1:3]
    return measured(model, shape, (sides[0] // 2, sides[1] // 2))


# ---- repair_factor ----

REPAIRED = {"lost": (4, 4, 6, 6), "seen": (5, 5, 7, 7), "kept": (0.6, 0.96, 0.996)}


@right("repair_factor", namespace=True)
def one_step_a_layer():
    def sides_after(n, filters):
        sides = []
        for f in filters:
            n = n - f + 1
            sides.append(n)
        return sides

    return {"sides_after": sides_after, **REPAIRED}


@right("repair_factor", namespace=True)
def accumulated():
    def sides_after(n, filters):
        return n - np.cumsum(np.array(filters) - 1)

    lost = [100 - sides_after(100, stack)[-1] for stack in ([5], [3, 3], [7], [3, 3, 3])]
    kept = np.array([6 / 10, 96 / 100, 996 / 1000])
    return {"sides_after": sides_after, "lost": lost, "seen": [side + 1 for side in lost], "kept": kept}


@right("repair_factor", namespace=True)
def places_counted():
    def sides_after(n, filters):
        return tuple(len(range(n - sum(filters[: m + 1]) + m + 1)) for m in range(len(filters)))

    return {
        "sides_after": sides_after,
        "lost": (4.0, 4.0, 6.0, 6.0),
        "seen": [5, 5, 7, 7],
        "kept": [0.6, 0.96, 0.996],
    }


def with_sides(rule):
    def sides_after(n, filters):
        sides = []
        for f in filters:
            n = rule(n, f)
            sides.append(n)
        return sides

    return {"sides_after": sides_after, **REPAIRED}


@wrong("repair_factor", names="rounded down", namespace=True)
def divided_and_floored():
    return with_sides(lambda n, f: n // f)


@wrong("repair_factor", names="Divided by the filter's side; nothing", namespace=True)
def divided():
    return with_sides(lambda n, f: n / f)


@wrong("repair_factor", names="rounded up", namespace=True)
def divided_and_rounded_up():
    return with_sides(lambda n, f: -(-n // f))


@wrong("repair_factor", names="The + 1 is missing", namespace=True)
def no_plus_one():
    return with_sides(lambda n, f: n - f)


@wrong("repair_factor", names="The input's side is in the list", namespace=True)
def input_in_the_list():
    rule = with_sides(lambda n, f: n - f + 1)["sides_after"]
    return {"sides_after": lambda n, filters: [n, *rule(n, filters)], **REPAIRED}


@wrong("repair_factor", names="begins with n again", namespace=True)
def always_from_n():
    return {"sides_after": lambda n, filters: [n - f + 1 for f in filters], **REPAIRED}


@wrong("repair_factor", names="Only the last side", namespace=True)
def last_side():
    rule = with_sides(lambda n, f: n - f + 1)["sides_after"]
    return {"sides_after": lambda n, filters: rule(n, filters)[-1], **REPAIRED}


def with_values(**values):
    return with_sides(lambda n, f: n - f + 1) | values


@wrong("repair_factor", names="takes f − 1 from the side, not f", namespace=True)
def whole_filters_lost():
    return with_values(lost=(5, 6, 7, 9))


@wrong("repair_factor", names="The second 3×3 filter takes 2 more", namespace=True)
def one_filter_each():
    return with_values(lost=(4, 2, 6, 2))


@wrong("repair_factor", names="These are the sides that are seen", namespace=True)
def seen_for_lost():
    return with_values(lost=(5, 5, 7, 7))


@wrong("repair_factor", names="Stacked 3×3 filters do not see", namespace=True)
def sides_summed():
    return with_values(seen=(5, 6, 7, 9))


@wrong("repair_factor", names="sees more than the last filter", namespace=True)
def last_filter_only():
    return with_values(seen=(5, 3, 7, 3))


@wrong("repair_factor", names="This is what is lost", namespace=True)
def lost_for_seen():
    return with_values(seen=(4, 4, 6, 6))


@wrong("repair_factor", names="a factor of 5 for every side", namespace=True)
def a_fifth():
    return with_values(kept=(0.2, 0.2, 0.2))


@wrong("repair_factor", names="takes 4 from the side, not 5", namespace=True)
def five_taken():
    return with_values(kept=(0.5, 0.95, 0.995))


@wrong("repair_factor", names="share of the pixels", namespace=True)
def areas():
    return with_values(kept=(0.36, 0.9216, 0.992016))


@wrong("repair_factor", names="share that is lost", namespace=True)
def lost_shares():
    return with_values(kept=(0.4, 0.04, 0.004))


@wrong("repair_factor", names="These are the sides", namespace=True)
def sides_for_shares():
    return with_values(kept=(6, 96, 996))


@wrong("repair_factor", names="Percent", namespace=True)
def percent():
    return with_values(kept=(60, 96, 99.6))
