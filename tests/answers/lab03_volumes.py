"""Lab 03: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import itertools
import math

import numpy as np

from course import draws
from course.draws import lab03 as own
from tests.answers import right, wrong

LAYERS = draws.numbers("lab03_volumes", "my_shapes", "sample")
OUTPUTS = draws.numbers("lab03_volumes", "my_outputs", "sample")


# ---- conv_layer ----


@right("conv_layer")
def four_loops(x, W, b, stride, pad):
    batch, height, width, _ = x.shape
    k_h, k_w, _, c_out = W.shape
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows = (height + 2 * pad - k_h) // stride + 1
    columns = (width + 2 * pad - k_w) // stride + 1
    out = np.zeros((batch, rows, columns, c_out))
    for n in range(batch):
        for i in range(rows):
            for j in range(columns):
                window = padded[n, i * stride : i * stride + k_h, j * stride : j * stride + k_w]
                for f in range(c_out):
                    out[n, i, j, f] = np.sum(window * W[:, :, :, f]) + b[f]
    return out


@right("conv_layer")
def windows_and_einsum(x, W, b, stride, pad):
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, W.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("nijchw,hwcf->nijf", windows, W) + b


@right("conv_layer")
def float32_with_cache(X, kernels, biases, step, zeros):
    shape = (X.shape[0], X.shape[1] + 2 * zeros, X.shape[2] + 2 * zeros, X.shape[3])
    padded = np.zeros(shape, np.float32)
    padded[:, zeros : zeros + X.shape[1], zeros : zeros + X.shape[2]] = X
    rows = range(0, shape[1] - kernels.shape[0] + 1, step)
    columns = range(0, shape[2] - kernels.shape[1] + 1, step)
    out = np.empty((shape[0], len(rows), len(columns), kernels.shape[3]), np.float32)
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            window = padded[:, top : top + kernels.shape[0], left : left + kernels.shape[1], :]
            out[:, i, j, :] = np.tensordot(window, kernels, axes=3) + biases
    return out, {"X": X, "W": kernels, "stride": step}


@right("conv_layer")
def nested_lists_without_arrays(x, W, b, stride, pad):
    x, W, b = x.tolist(), W.tolist(), b.tolist()
    high, wide, depth = len(x[0]), len(x[0][0]), len(x[0][0][0])

    def pixel(image, row, column, channel):
        inside = 0 <= row < high and 0 <= column < wide
        return image[row][column][channel] if inside else 0

    return [
        [
            [
                [
                    b[f]
                    + sum(
                        pixel(image, top + a, left + c, d) * W[a][c][d][f]
                        for a in range(len(W))
                        for c in range(len(W[0]))
                        for d in range(depth)
                    )
                    for f in range(len(b))
                ]
                for left in range(-pad, wide + pad - len(W[0]) + 1, stride)
            ]
            for top in range(-pad, high + pad - len(W) + 1, stride)
        ]
        for image in x
    ]


@right("conv_layer")
def im2col(x, W, b, stride, pad):
    k_h, k_w, _, c_out = W.shape
    padded = np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)], mode="constant")
    rows = int(np.floor((padded.shape[1] - k_h) / stride)) + 1
    columns = int(np.floor((padded.shape[2] - k_w) / stride)) + 1
    table = np.array(
        [
            image[i * stride : i * stride + k_h, j * stride : j * stride + k_w].ravel()
            for image in padded
            for i in range(rows)
            for j in range(columns)
        ]
    )
    return (table @ W.reshape(-1, c_out) + b).reshape(len(x), rows, columns, c_out), table


@right("conv_layer")
def lists_and_a_cache(x, W, b, stride, pad):
    frame = [(0, 0), (pad, pad), (pad, pad), (0, 0)]
    k_h, k_w = W.shape[:2]
    maps = []
    for image in np.pad(np.array(x, dtype=float), frame):
        grid = []
        for i in range(0, len(image) - k_h + 1, stride):
            line = []
            for j in range(0, len(image[0]) - k_w + 1, stride):
                line.append(
                    [float((image[i : i + k_h, j : j + k_w] * W[..., f]).sum() + b[f]) for f in range(len(b))]
                )
            grid.append(line)
        maps.append(grid)
    return maps, (x, W, b, {"stride": stride, "pad": pad}, None)


def layer(x, W, b, stride, pad, *, each=None, rows=None, columns=None, padded=None):
    """A right layer, some steps of which can be exchanged; `each(window, W, b, f)` gives one output."""
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0))) if padded is None else padded
    k_h, k_w, _, c_out = W.shape
    rows = (padded.shape[1] - k_h) // stride + 1 if rows is None else rows
    columns = (padded.shape[2] - k_w) // stride + 1 if columns is None else columns
    out = np.zeros((len(x), rows, columns, c_out))
    each = each or (lambda window, W, b, f: np.sum(window * W[..., f]) + b[f])
    for n, i, j, f in np.ndindex(*out.shape):
        window = padded[n, i * stride : i * stride + k_h, j * stride : j * stride + k_w]
        out[n, i, j, f] = each(window, W, b, f)
    return out


@wrong("conv_layer", names="once for every channel")
def bias_for_each_channel(x, W, b, stride, pad):
    def each(window, W, b, f):
        return sum(np.sum(window[..., c] * W[..., c, f]) + b[f] for c in range(W.shape[2]))

    return layer(x, W, b, stride, pad, each=each)


@wrong("conv_layer", names="once for every weight")
def bias_inside_the_sum(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, each=lambda window, W, b, f: np.sum(window * W[..., f] + b[f]))


@wrong("conv_layer", names="once for every place of the kernel")
def bias_for_each_place_of_the_kernel(x, W, b, stride, pad):
    def each(window, W, b, f):
        return np.sum(np.sum(window * W[..., f], axis=-1) + b[f])

    return layer(x, W, b, stride, pad, each=each)


@wrong("conv_layer", names="The bias is missing")
def no_bias(x, W, b, stride, pad):
    return layer(x, W, np.zeros(len(b)), stride, pad)


@wrong("conv_layer", names="Every map gets the last filter's bias")
def last_bias(x, W, b, stride, pad):
    out = layer(x, W, 0 * b, stride, pad)
    for f in range(W.shape[3]):
        bias = b[f]
    return out + bias


@wrong("conv_layer", names="Every map gets the first filter's bias")
def first_bias(x, W, b, stride, pad):
    return layer(x, W, 0 * b, stride, pad) + b[0]


@wrong("conv_layer", names="Only the last filter's map gets a bias")
def bias_outside_the_loop(x, W, b, stride, pad):
    out = layer(x, W, 0 * b, stride, pad)
    f = list(range(W.shape[3]))[-1]
    out[..., f] += b[f]
    return out


@wrong("conv_layer", names="before the bias")
def bias_after_the_activation(x, W, b, stride, pad):
    return np.maximum(layer(x, W, 0 * b, stride, pad), 0) + b


@wrong("conv_layer", names="the activation comes later")
def with_relu(x, W, b, stride, pad):
    return np.maximum(layer(x, W, b, stride, pad), 0)


@wrong("conv_layer", names="The stride is ignored")
def stride_ignored(x, W, b, stride, pad):
    return layer(x, W, b, 1, pad)


@wrong("conv_layer", names="they begin at i · stride")
def stride_only_in_the_count(x, W, b, stride, pad):
    rows, columns = ((x.shape[a] + 2 * pad - W.shape[a - 1]) // stride + 1 for a in (1, 2))
    return layer(x, W, b, 1, pad, rows=rows, columns=columns)


@wrong("conv_layer", names="moves the window downwards only")
def stride_downwards_only(x, W, b, stride, pad):
    return layer(x, W, b, 1, pad)[:, ::stride]


@wrong("conv_layer", names="moves the window to the right only")
def stride_to_the_right_only(x, W, b, stride, pad):
    return layer(x, W, b, 1, pad)[:, :, ::stride]


@wrong("conv_layer", names="Where the stride is above 1 it stops with an error")
def only_the_start_is_strided(x, W, b, stride, pad):
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    k_h, k_w, _, c_out = W.shape
    rows, columns = (padded.shape[1] - k_h) // stride + 1, (padded.shape[2] - k_w) // stride + 1
    out = np.zeros((len(x), rows, columns, c_out))
    for n, i, j, f in np.ndindex(*out.shape):
        window = padded[n, i * stride : i + k_h, j * stride : j + k_w]
        out[n, i, j, f] = np.sum(window * W[..., f]) + b[f]
    return out


@wrong("conv_layer", names="Where the stride is above 1 it stops with an error")
def places_without_the_stride(x, W, b, stride, pad):
    rows, columns = (x.shape[a] + 2 * pad - W.shape[a - 1] + 1 for a in (1, 2))
    return layer(x, W, b, stride, pad, rows=rows, columns=columns)


@wrong("conv_layer", names="Height and width are swapped")
def swapped_sides(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad).transpose(0, 2, 1, 3)


@wrong("conv_layer")
def swapped_counts(x, W, b, stride, pad):
    columns, rows = ((x.shape[a] + 2 * pad - W.shape[a - 1]) // stride + 1 for a in (1, 2))
    return layer(x, W, b, stride, pad, rows=rows, columns=columns)


@wrong("conv_layer", names="Where the kernel is not square")
def windows_of_square_kernels(x, W, b, stride, pad):
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    out = np.zeros_like(layer(x, W, b, stride, pad))
    for n, i, j, f in np.ndindex(*out.shape):
        i_0, j_0, side = i * stride, j * stride, W.shape[0]
        out[n, i, j, f] = np.sum(padded[n, i_0 : i_0 + side, j_0 : j_0 + side] * W[..., f]) + b[f]
    return out


@wrong("conv_layer")
def square_kernels_only(x, W, b, stride, pad):
    f = W.shape[0]
    rows, columns = ((x.shape[a] + 2 * pad - f) // stride + 1 for a in (1, 2))
    return layer(x, W, b, stride, pad, rows=rows, columns=columns)


@wrong("conv_layer", names="The padding is always 1")
def padding_of_one(x, W, b, stride, pad):
    return layer(x, W, b, stride, 1)


@wrong("conv_layer", names="are the windows cut from the padded array")
def padded_array_thrown_away(x, W, b, stride, pad):
    rows, columns = ((x.shape[a] + 2 * pad - W.shape[a - 1]) // stride + 1 for a in (1, 2))
    return layer(x, W, b, stride, pad, padded=x, rows=rows, columns=columns)


@wrong("conv_layer", names="np.pad(x, pad) pads batch and channels too")
def all_four_axes_padded(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, padded=np.pad(x, pad))


@wrong("conv_layer", names="was the padded array thrown away")
def padding_ignored(x, W, b, stride, pad):
    np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    return layer(x, W, b, stride, pad, padded=x)


@wrong("conv_layer", names="above and on the left only")
def padded_in_front_only(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, padded=np.pad(x, ((0, 0), (pad, 0), (pad, 0), (0, 0))))


@wrong("conv_layer", names="below and on the right only")
def padded_at_the_end_only(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, padded=np.pad(x, ((0, 0), (0, pad), (0, pad), (0, 0))))


@wrong("conv_layer")
def pads_batch_and_channels(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, padded=np.pad(x, pad))


@wrong("conv_layer", names="Only the first image of the batch is filled")
def first_image_only(x, W, b, stride, pad):
    out = layer(x, W, b, stride, pad)
    out[1:] = 0
    return out


@wrong("conv_layer", names="Only the first image comes back")
def returns_the_first_image(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad)[:1]


@wrong("conv_layer", names="The batch is lost")
def drops_the_batch(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad)[0]


@wrong("conv_layer", names="Only the last image")
def last_image_only(x, W, b, stride, pad):
    out = layer(x, W, b, stride, pad)
    out[:-1] = 0
    return out


@wrong("conv_layer", names="gets the first one's maps")
def reads_the_first_image_always(x, W, b, stride, pad):
    return layer(np.repeat(x[:1], len(x), axis=0), W, b, stride, pad)


@wrong("conv_layer", names="Only the last filter's map is filled")
def last_filter_only(x, W, b, stride, pad):
    out = layer(x, W, b, stride, pad)
    out[..., :-1] = 0
    return out


@wrong("conv_layer", names="Only the first filter's map is filled")
def first_filter_only(x, W, b, stride, pad):
    out = layer(x, W, b, stride, pad)
    out[..., 1:] = 0
    return out


@wrong("conv_layer", names="Every map is the first filter's")
def first_filter_everywhere(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, each=lambda window, W, b, f: np.sum(window * W[..., 0]) + b[0])


@wrong("conv_layer", names="Every map is the last filter's")
def last_filter_everywhere(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, each=lambda window, W, b, f: np.sum(window * W[..., -1]) + b[-1])


@wrong("conv_layer", names="The maps of all filters are added up")
def maps_added_up(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad).sum(axis=-1, keepdims=True)


@wrong("conv_layer", names="The maps are added up into one")
def maps_added_up_flat(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad).sum(axis=-1)


@wrong("conv_layer", names="The maps stand before height and width")
def channels_first(x, W, b, stride, pad):
    return np.moveaxis(layer(x, W, b, stride, pad), -1, 1)


@wrong("conv_layer", names="One window too few")
def one_window_too_few(x, W, b, stride, pad):
    rows, columns = ((x.shape[a] + 2 * pad - W.shape[a - 1]) // stride for a in (1, 2))
    return layer(x, W, b, stride, pad, rows=rows, columns=columns)


@wrong("conv_layer", names="the place at the end stays empty")
def one_window_too_many(x, W, b, stride, pad):
    return np.pad(layer(x, W, b, stride, pad), ((0, 0), (0, 1), (0, 1), (0, 0)))


@wrong("conv_layer", names="the last one hangs over the end")
def one_window_over_the_end(x, W, b, stride, pad):
    padded = np.pad(x, ((0, 0), (pad, pad + stride), (pad, pad + stride), (0, 0)))
    return layer(x, W, b, stride, pad, padded=padded)


@wrong("conv_layer", names="The last row and column of the output stay 0")
def loops_end_too_early(x, W, b, stride, pad):
    out = layer(x, W, b, stride, pad)
    out[:, -1] = 0
    out[:, :, -1] = 0
    return out


@wrong("conv_layer", names="Rounded up")
def rounded_up(x, W, b, stride, pad):
    padded = np.pad(x, ((0, 0), (pad, pad + stride - 1), (pad, pad + stride - 1), (0, 0)))
    return layer(x, W, b, stride, pad, padded=padded)


@wrong("conv_layer", names="turned by half a turn")
def flipped(x, W, b, stride, pad):
    return layer(x, W[::-1, ::-1], b, stride, pad)


@wrong("conv_layer")
def flipped_through_the_depth_too(x, W, b, stride, pad):
    return layer(x, W[::-1, ::-1, ::-1], b, stride, pad)


@wrong("conv_layer", names="The kernels are transposed")
def transposed(x, W, b, stride, pad):
    return layer(x, W.transpose(1, 0, 2, 3) if W.shape[0] == W.shape[1] else W, b, stride, pad)


@wrong("conv_layer", names="Channel 0 only")
def first_channel_only(x, W, b, stride, pad):
    return layer(x[..., :1], W[:, :, :1], b, stride, pad)


@wrong("conv_layer", names="added up before the filter reads them")
def channels_added_first(x, W, b, stride, pad):
    def each(window, W, b, f):
        return np.sum(window.sum(axis=2) * W[..., f].sum(axis=2)) + b[f]

    return layer(x, W, b, stride, pad, each=each)


@wrong("conv_layer", names="Every channel meets slice 0")
def slice_0_for_all_channels(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, each=lambda window, W, b, f: np.sum(window * W[:, :, :1, f]) + b[f])


@wrong("conv_layer", names="mixes the filters")
def weights_reshaped_filters_first(x, W, b, stride, pad):
    def each(window, W, b, f):
        return window.ravel() @ W.reshape(W.shape[3], -1)[f] + b[f]

    return layer(x, W, b, stride, pad, each=each)


@wrong("conv_layer", names="averages over the channels")
def mean_over_channels(x, W, b, stride, pad):
    def each(window, W, b, f):
        return np.mean(np.sum(window * W[..., f], axis=(0, 1))) + b[f]

    return layer(x, W, b, stride, pad, each=each)


@wrong("conv_layer", names="averages of the products")
def mean_of_products(x, W, b, stride, pad):
    return layer(x, W, b, stride, pad, each=lambda window, W, b, f: np.mean(window * W[..., f]) + b[f])


@wrong("conv_layer", names="Fractions are cut off")
def integers_of_the_picture(x, W, b, stride, pad):
    out = layer(x, W, b, stride, pad)
    return out.astype(np.int64)


@wrong("conv_layer", names="Both sides of the output come from the picture's height")
def both_sides_from_the_height(x, W, b, stride, pad):
    rows = (x.shape[1] + 2 * pad - W.shape[0]) // stride + 1
    columns = (x.shape[2] + 2 * pad - W.shape[1]) // stride + 1
    return layer(x, W, b, stride, pad, rows=rows, columns=min(rows, columns))


@wrong("conv_layer", names="changed its input")
def works_on_the_input(x, W, b, stride, pad):
    out = layer(x, W, b, stride, pad)
    x += 1
    return out


@wrong("conv_layer", names="scipy.signal")
def by_a_library(x, W, b, stride, pad):
    from scipy import signal

    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    maps = [signal.correlate(padded, W[None, ..., f], mode="valid")[..., 0] + b[f] for f in range(len(b))]
    return np.stack(maps, axis=-1)[:, ::stride, ::stride]


# ---- shapes ----


def four_shapes(kernel=lambda k, c_in, c_out: (k, k, c_in, c_out), depth=lambda c_in, c_out: c_out):
    """The four shapes by hand, in Python."""
    shape, *layers = LAYERS
    found = []
    for k, filters, stride, pad in layers:
        found.append(kernel(k, shape[3], filters))
        sides = [(side + 2 * pad - k) // stride + 1 for side in shape[1:3]]
        shape = (shape[0], *sides, filters)
        found.append((*shape[:3], depth(found[-1][2] if len(found[-1]) == 4 else 0, filters)))
    return found


def right_filter_shape(k, c_in, c_out):
    return (k, k, c_in, c_out)


def right_output_shape(shape, w_shape, stride, pad):
    if shape[3] != w_shape[2]:
        raise ValueError("depth")
    rows, columns = ((shape[a] + 2 * pad - w_shape[a - 1]) // stride + 1 for a in (1, 2))
    return (shape[0], rows, columns, w_shape[3])


@right("shapes", namespace=True)
def tuples():
    def filter_shape(k, c_in, c_out):
        return k, k, c_in, c_out

    def output_shape(shape, w_shape, stride, pad):
        batch, height, width, channels = shape
        k_h, k_w, c_in, c_out = w_shape
        if channels != c_in:
            raise ValueError(f"The filters are {c_in} deep, the picture {channels}.")
        return batch, (height + 2 * pad - k_h) // stride + 1, (width + 2 * pad - k_w) // stride + 1, c_out

    return {"filter_shape": filter_shape, "output_shape": output_shape, "my_shapes": four_shapes()}


@right("shapes", namespace=True)
def lists_and_arrays_by_trying():
    def filter_shape(k, c_in, c_out):
        return np.array(np.zeros((k, k, c_in, c_out)).shape)

    def output_shape(shape, w_shape, stride, pad):
        class DepthError(ValueError):
            pass

        if shape[-1] != w_shape[-2]:
            raise DepthError
        sides = [len(range(0, shape[a] + 2 * pad - w_shape[a - 1] + 1, stride)) for a in (1, 2)]
        return [np.int64(shape[0]), *sides, float(w_shape[-1])]

    return {
        "filter_shape": filter_shape,
        "output_shape": output_shape,
        "my_shapes": tuple(list(item) for item in four_shapes()),
    }


def with_shapes(**names):
    return {
        "filter_shape": right_filter_shape, "output_shape": right_output_shape, "my_shapes": four_shapes()
    } | names  # fmt: skip


def by_hand(name):
    """What a named mistake gives for the sample numbers."""
    return next(rule for text, rule in own.SHAPE_MISTAKES.items() if name in text)(LAYERS)


@wrong("shapes", names="The depth is missing", namespace=True)
def depth_missing():
    return with_shapes(filter_shape=lambda k, c_in, c_out: (k, k, c_out))


@wrong("shapes", names="The filters' number is missing", namespace=True)
def one_filter():
    return with_shapes(filter_shape=lambda k, c_in, c_out: (k, k, c_in))


@wrong("shapes", names="only for a grey picture", namespace=True)
def depth_of_one():
    return with_shapes(filter_shape=lambda k, c_in, c_out: (k, k, 1, c_out))


@wrong("shapes", names="the number of filters comes last", namespace=True)
def exchanged_depths():
    return with_shapes(filter_shape=lambda k, c_in, c_out: (k, k, c_out, c_in))


@wrong("shapes", names="as in PyTorch", namespace=True)
def pytorch_order():
    return with_shapes(filter_shape=lambda k, c_in, c_out: (c_out, c_in, k, k))


@wrong("shapes", names="here they come last", namespace=True)
def filters_first():
    return with_shapes(filter_shape=lambda k, c_in, c_out: (c_out, k, k, c_in))


@wrong("shapes", names="how many weights there are", namespace=True)
def a_count():
    return with_shapes(filter_shape=lambda k, c_in, c_out: k * k * c_in * c_out)


def changed(change):
    """The right rule of output_shape, with its result changed."""

    def output_shape(shape, w_shape, stride, pad):
        return change(right_output_shape(shape, w_shape, stride, pad), shape, w_shape, stride, pad)

    return with_shapes(output_shape=output_shape)


@wrong("shapes", names="The output is as deep as the input", namespace=True)
def keeps_the_depth():
    return changed(lambda out, shape, w, s, p: (*out[:3], shape[3]))


@wrong("shapes", names="not channels times filters", namespace=True)
def a_map_for_each_channel():
    return changed(lambda out, shape, w, s, p: (*out[:3], shape[3] * w[3]))


@wrong("shapes", names="The number of images is missing", namespace=True)
def without_the_batch():
    return changed(lambda out, shape, w, s, p: out[1:])


@wrong("shapes", names="Height and width are swapped", namespace=True)
def swapped_height_and_width():
    return changed(lambda out, shape, w, s, p: (out[0], out[2], out[1], out[3]))


@wrong("shapes", names="k_h and k_w are exchanged", namespace=True)
def swapped_kernel_sides():
    return changed(lambda out, shape, w, s, p: right_output_shape(shape, (w[1], w[0], *w[2:]), s, p))


@wrong("shapes", names="k_h is taken for both directions", namespace=True)
def square_kernels():
    return changed(lambda out, shape, w, s, p: right_output_shape(shape, (w[0], w[0], *w[2:]), s, p))


@wrong("shapes", names="The maps stand before", namespace=True)
def maps_first():
    return changed(lambda out, shape, w, s, p: (out[0], out[3], out[1], out[2]))


@wrong("shapes", names="The padding is left out", namespace=True)
def no_padding():
    return changed(lambda out, shape, w, s, p: right_output_shape(shape, w, s, 0))


@wrong("shapes", names="The padding is counted once", namespace=True)
def padding_once():
    def half(out, shape, w, s, p):
        return (out[0], *((shape[a] + p - w[a - 1]) // s + 1 for a in (1, 2)), out[3])

    return changed(half)


@wrong("shapes", names="The stride is left out", namespace=True)
def no_stride():
    return changed(lambda out, shape, w, s, p: right_output_shape(shape, w, 1, p))


@wrong("shapes", names="The + 1 is missing", namespace=True)
def no_plus_one():
    return changed(lambda out, shape, w, s, p: (out[0], out[1] - 1, out[2] - 1, out[3]))


@wrong("shapes", names="Rounded up", namespace=True)
def shapes_rounded_up():
    def up(out, shape, w, s, p):
        return (out[0], *(math.ceil((shape[a] + 2 * p - w[a - 1]) / s) + 1 for a in (1, 2)), out[3])

    return changed(up)


@wrong("shapes", names="Rounded up", namespace=True)
def shapes_rounded_up_by_hand():
    return with_shapes(my_shapes=by_hand("Rounded up"))


@wrong("shapes", names="Not rounded down", namespace=True)
def not_rounded():
    def exact(out, shape, w, s, p):
        return (out[0], *((shape[a] + 2 * p - w[a - 1]) / s + 1 for a in (1, 2)), out[3])

    return changed(exact)


@wrong("shapes", names="raise ValueError", namespace=True)
def never_looks_at_the_depth():
    def output_shape(shape, w_shape, stride, pad):
        rows, columns = ((shape[a] + 2 * pad - w_shape[a - 1]) // stride + 1 for a in (1, 2))
        return (shape[0], rows, columns, w_shape[3])

    return with_shapes(output_shape=output_shape)


@wrong("shapes", names="These fit the sample numbers", namespace=True)
def sample_shapes_kept():
    return with_shapes(my_shapes=own.my_shapes.right(draws.numbers("lab03_volumes", "my_shapes", "")))


@wrong("shapes", names="a filter is as deep as its input", namespace=True)
def by_hand_without_depth():
    return with_shapes(my_shapes=by_hand("The filters' depth is missing"))


@wrong("shapes", names="reads the maps of the first, not the picture", namespace=True)
def by_hand_depth_of_the_picture():
    return with_shapes(my_shapes=by_hand("The second layer reads"))


@wrong("shapes", names="The padding is left out", namespace=True)
def by_hand_without_padding():
    return with_shapes(my_shapes=by_hand("The padding is left out"))


@wrong("shapes", names="as in PyTorch", namespace=True)
def by_hand_in_pytorch_order():
    return with_shapes(my_shapes=by_hand("as in PyTorch"))


@wrong("shapes", namespace=True)
def strings():
    return with_shapes(my_shapes=[str(item) for item in four_shapes()])


# ---- my_outputs ----


@right("my_outputs", namespace=True)
def a_list():
    return {"my_outputs": list(own.my_outputs.right(OUTPUTS))}


@right("my_outputs", namespace=True)
def computed_by_a_layer():
    x = np.stack(own.PICTURE, axis=-1)[None]
    W = np.stack([np.stack(slices, axis=-1) for slices in own.FILTERS], axis=-1)
    out = layer(x, W, np.array(OUTPUTS.biases), OUTPUTS.stride, OUTPUTS.pad)
    return {"my_outputs": np.array([out[0, i, j, f] for f, i, j in OUTPUTS.wanted])}


@right("my_outputs", namespace=True)
def a_tuple_of_numpy_numbers():
    first, second = own.my_outputs.right(OUTPUTS)
    return {"my_outputs": (np.float64(first), np.array(second))}


def outputs_of(name):
    rule = next(rule for text, rule in own.OUTPUT_MISTAKES.items() if name in text)
    return {"my_outputs": list(rule(OUTPUTS))}


@wrong("my_outputs", names="The padding is left out", namespace=True)
def outputs_unpadded():
    return outputs_of("The padding is left out")


@wrong("my_outputs", names="The padding is the lecture's", namespace=True)
def outputs_padded_by_one():
    return outputs_of("The padding is the lecture's")


@wrong("my_outputs", names="The stride is the lecture's", namespace=True)
def outputs_at_stride_two():
    return outputs_of("The stride is the lecture's")


@wrong("my_outputs", names="The stride is left out", namespace=True)
def outputs_at_stride_one():
    return outputs_of("The stride is left out")


@wrong("my_outputs", names="Row and column are swapped", namespace=True)
def outputs_swapped():
    return outputs_of("Row and column")


@wrong("my_outputs", names="stand in the other order", namespace=True)
def outputs_in_the_other_order():
    return outputs_of("in the other order")


@wrong("my_outputs", names="Channel 0 only", namespace=True)
def outputs_of_one_channel():
    return outputs_of("Channel 0")


@wrong("my_outputs", names="The bias is missing", namespace=True)
def outputs_without_bias():
    return outputs_of("The bias is missing")


@wrong("my_outputs", names="once for every channel", namespace=True)
def outputs_with_three_biases():
    return outputs_of("once for every channel")


@wrong("my_outputs", names="The biases are the lecture's", namespace=True)
def outputs_with_the_lectures_biases():
    return outputs_of("The biases are the lecture's")


@wrong("my_outputs", names="The filters are exchanged", namespace=True)
def outputs_of_the_other_filter():
    return outputs_of("The filters are exchanged")


@wrong("my_outputs", names="turned by half a turn", namespace=True)
def outputs_turned():
    return outputs_of("half a turn")


@wrong("my_outputs", names="These fit the sample numbers", namespace=True)
def sample_outputs_kept():
    return {"my_outputs": list(own.my_outputs.right(draws.numbers("lab03_volumes", "my_outputs", "")))}


@wrong("my_outputs", names="expected a list of 2 numbers", namespace=True)
def three_numbers():
    return {"my_outputs": [*own.my_outputs.right(OUTPUTS), 0]}


@wrong("my_outputs", namespace=True)
def half_right():
    return {"my_outputs": [own.my_outputs.right(OUTPUTS)[0], 999]}


# ---- recover_slice ----


@right("recover_slice")
def one_matrix_product(x, w, missing, b, out, stride):
    rows, columns = out.shape
    places = list(np.ndindex(rows, columns))
    windows = [x[i * stride : i * stride + 3, j * stride : j * stride + 3] for i, j in places]
    rest = np.array([out[place] - b - np.sum(window * w) for place, window in zip(places, windows, strict=True)])
    seen = np.array([window[:, :, missing].ravel() for window in windows])
    candidates = np.array(list(itertools.product((-1, 0, 1), repeat=9)))
    return candidates[np.all(candidates @ seen.T == rest, axis=1)].reshape(-1, 3, 3)


@right("recover_slice")
def a_loop_that_gives_up_early(x, w, missing, b, out, stride):
    wanted = []
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            window = x[i * stride : i * stride + 3, j * stride : j * stride + 3]
            rest = out[i, j] - b
            for c in range(x.shape[2]):
                if c != missing:
                    rest -= (window[:, :, c] * w[:, :, c]).sum()
            wanted.append((window[:, :, missing].ravel().tolist(), rest))
    found = []
    for numbers in itertools.product((-1, 0, 1), repeat=9):
        if all(math.isclose(sum(map(float.__mul__, map(float, numbers), seen)), rest) for seen, rest in wanted):
            found.append([list(numbers[:3]), list(numbers[3:6]), list(numbers[6:])])
    return found


@right("recover_slice")
def weight_by_weight(x, w, missing, b, out, stride):
    rows, columns = out.shape
    pixels = np.array(
        [x[a:, c:, missing][::stride, ::stride][:rows, :columns].ravel() for a in range(3) for c in range(3)]
    )
    known = np.zeros_like(out, dtype=float)
    for (a, c, d), weight in np.ndenumerate(w):
        known += weight * x[a:, c:, d][::stride, ::stride][:rows, :columns]
    partial = {(): (out - known - b).ravel()}
    for k in range(9):
        reach = np.abs(pixels[k + 1 :]).sum(axis=0)
        partial = {
            (*numbers, weight): rest - weight * pixels[k]
            for numbers, rest in partial.items()
            for weight in (-1, 0, 1)
            if np.all(np.abs(rest - weight * pixels[k]) <= reach)
        }
    return {tuple(tuple(numbers[3 * a : 3 * a + 3]) for a in range(3)) for numbers in partial}


def search(x, w, missing, b, out, stride, values=(-1, 0, 1), compared=slice(None)):
    """A right search whose steps can be exchanged."""
    places = list(np.ndindex(*out.shape))
    windows = [x[i * stride : i * stride + 3, j * stride : j * stride + 3] for i, j in places]
    rest = np.array([out[place] - b - np.sum(window * w) for place, window in zip(places, windows, strict=True)])
    seen = np.array([window[:, :, missing].ravel() for window in windows])
    candidates = np.array(list(itertools.product(values, repeat=9)))
    fits = np.all((candidates @ seen.T)[:, compared] == rest[compared], axis=1)
    return candidates[fits].reshape(-1, 3, 3)


@wrong("recover_slice", names="The bias is left out")
def search_without_bias(x, w, missing, b, out, stride):
    return search(x, w, missing, 0, out, stride)


@wrong("recover_slice", names="The bias has the wrong sign")
def search_with_the_wrong_sign(x, w, missing, b, out, stride):
    return search(x, w, missing, -b, out, stride)


@wrong("recover_slice", names="The known slices are left out")
def search_with_the_missing_slice_alone(x, w, missing, b, out, stride):
    return search(x, np.zeros_like(w), missing, b, out, stride)


@wrong("recover_slice", names="Only weights 0 and 1 are tried")
def search_zero_and_one(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride, values=(0, 1))


@wrong("recover_slice", names="Only weights −1 and 1 are tried")
def search_signs(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride, values=(-1, 1))


@wrong("recover_slice", names="turned by half a turn")
def search_turned(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride)[:, ::-1, ::-1]


@wrong("recover_slice", names="The slices are transposed")
def search_transposed(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride).transpose(0, 2, 1)


@wrong("recover_slice", names="Some are missing")
def first_one_only(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride)[:1]


@wrong("recover_slice", names="the first output only")
def compares_one_place(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride, compared=slice(1))


@wrong("recover_slice", names="the first row of outputs only")
def compares_one_row(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride, compared=slice(out.shape[1]))


@wrong("recover_slice", names="with the sum of the outputs only")
def compares_the_sum(x, w, missing, b, out, stride):
    rows, columns = out.shape
    sums = np.array(
        [[x[a:, c:][::stride, ::stride][:rows, :columns].sum((0, 1)) for c in range(3)] for a in range(3)]
    )
    rest = out.sum() - b * out.size - np.sum(sums * w)
    candidates = np.array(list(itertools.product((-1, 0, 1), repeat=9)))
    return candidates[candidates @ sums[:, :, missing].ravel() == rest].reshape(-1, 3, 3)


@wrong("recover_slice", names="[slice] where one fits")
def a_single_slice(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride)[0]


@wrong("recover_slice", names="[] where none does")
def none_for_nothing(x, w, missing, b, out, stride):
    found = search(x, w, missing, b, out, stride)
    return found if len(found) else None


@wrong("recover_slice", names="One entry has the shape (9,)")
def rows_of_nine(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, stride).reshape(-1, 9)


@wrong("recover_slice", names="twice")
def each_slice_twice(x, w, missing, b, out, stride):
    return np.repeat(search(x, w, missing, b, out, stride), 2, axis=0)


@wrong("recover_slice", names="The stride is left out")
def search_without_the_stride(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, 1)


@wrong("recover_slice", names="padded once more")
def search_padded_once_more(x, w, missing, b, out, stride):
    return search(np.pad(x, ((1, 1), (1, 1), (0, 0))), w, missing, b, out, stride)


@wrong("recover_slice")
def stride_two_only(x, w, missing, b, out, stride):
    return search(x, w, missing, b, out, 2)


@wrong("recover_slice")
def the_animations_slices():
    return [np.array(own.FILTERS[0][2])]


# ---- conv1x1_as_matmul ----


@right("conv1x1_as_matmul")
def rows_of_pixels(x, W, b):
    batch, height, width, c_in = x.shape
    return (x.reshape(-1, c_in) @ W[0, 0] + b).reshape(batch, height, width, -1)


@right("conv1x1_as_matmul")
def broadcast(x, W, b):
    return x @ W[0, 0] + b


@right("conv1x1_as_matmul")
def columns_of_pixels(x, W, b):
    columns = np.moveaxis(x, -1, 0).reshape(x.shape[3], -1)
    maps = W.squeeze((0, 1)).T @ columns + b[:, np.newaxis]
    return np.moveaxis(maps.reshape(len(b), *x.shape[:3]), 0, -1).astype(np.float32)


@right("conv1x1_as_matmul")
def a_column_of_ones(x, W, b):
    rows = np.column_stack([x.reshape(-1, x.shape[-1]), np.ones(x[..., 0].size)])
    table = np.vstack([W.reshape(W.shape[2], W.shape[3]), b])
    return np.dot(rows, table).reshape(*x.shape[:3], W.shape[3]).tolist()


@wrong("conv1x1_as_matmul", names="x.reshape(c_in, …)")
def reshape_for_transpose(x, W, b):
    return (x.reshape(x.shape[3], -1).T @ W[0, 0] + b).reshape(*x.shape[:3], -1)


@wrong("conv1x1_as_matmul", names="x.reshape(batch, c_in, …)")
def channels_second(x, W, b):
    batch, height, width, c_in = x.shape
    rows = x.reshape(batch, c_in, height * width).transpose(0, 2, 1)
    return (rows @ W[0, 0] + b).reshape(batch, height, width, -1)


@wrong("conv1x1_as_matmul", names="W is reshaped")
def weights_reshaped(x, W, b):
    table = W.reshape(W.shape[3], W.shape[2]).T
    return x @ table + b


@wrong("conv1x1_as_matmul", names="reshape does not transpose")
def columns_reshaped(x, W, b):
    maps = W[0, 0].T @ x.reshape(-1, x.shape[3]).T + b[:, None]
    return maps.reshape(*x.shape[:3], -1)


@wrong("conv1x1_as_matmul", names="Height and width are swapped")
def sides_swapped(x, W, b):
    batch, height, width, c_in = x.shape
    return (x.reshape(-1, c_in) @ W[0, 0] + b).reshape(batch, width, height, -1)


@wrong("conv1x1_as_matmul", names="comes back as a matrix")
def stays_flat(x, W, b):
    return x.reshape(-1, x.shape[3]) @ W[0, 0] + b


@wrong("conv1x1_as_matmul", names="The pixels of an image stand in one row")
def stays_half_flat(x, W, b):
    return x.reshape(len(x), -1, x.shape[3]) @ W[0, 0] + b


@wrong("conv1x1_as_matmul", names="The maps stand before")
def maps_before_sides(x, W, b):
    return (x @ W[0, 0] + b).transpose(0, 3, 1, 2)


@wrong("conv1x1_as_matmul", names="The bias is missing")
def product_without_bias(x, W, b):
    return x @ W[0, 0]


@wrong("conv1x1_as_matmul", names="once for every channel")
def bias_with_every_product(x, W, b):
    return sum(x[..., c : c + 1] * W[0, 0, c] + b for c in range(x.shape[3]))


@wrong("conv1x1_as_matmul", names="no activation here")
def product_with_relu(x, W, b):
    return np.maximum(x @ W[0, 0] + b, 0)


@wrong("conv1x1_as_matmul", names="Fractions are cut off")
def whole_numbers(x, W, b):
    return np.trunc(x @ W[0, 0] + b)


@wrong("conv1x1_as_matmul", names="W is transposed")
def weights_transposed(x, W, b):
    return x @ (W[0, 0].T if W.shape[2] == W.shape[3] else W[0, 0]) + b


@wrong("conv1x1_as_matmul", names="The last axis is lost")
def squeezed(x, W, b):
    out = x @ W[0, 0] + b
    return out[..., 0] if out.shape[-1] == 1 else out


@wrong("conv1x1_as_matmul")
def squeezed_everywhere(x, W, b):
    return np.squeeze(x @ W[0, 0] + b)


# ---- set_keras_weights ----


@right("set_keras_weights")
def axes_by_letter(layer, W, b, order):
    layer.set_weights([W.transpose([order.index(letter) for letter in "HWIO"]), b])
    return layer


@right("set_keras_weights")
def einsum_and_assign(layer, W, b, order):
    layer.kernel.assign(np.einsum(f"{order}->HWIO", W).astype("float32"))
    layer.bias.assign(b)
    return layer


@right("set_keras_weights")
def one_axis_after_another(layer, W, b, order):
    letters, axes = list(order), np.array(W)
    for place, letter in enumerate("HWIO"):
        axes = np.moveaxis(axes, letters.index(letter), place)
        letters.insert(place, letters.pop(letters.index(letter)))
    layer.set_weights((axes, np.asarray(b, np.float32)))
    return layer


@right("set_keras_weights")
def weight_by_weight_in_lists(layer, W, b, order):
    height, width, c_in, c_out = (W.shape[order.index(letter)] for letter in "HWIO")
    kernel = np.zeros((height, width, c_in, c_out))
    for place in np.ndindex(height, width, c_in, c_out):
        where = dict(zip("HWIO", place, strict=True))
        kernel[place] = W[tuple(where[letter] for letter in order)]
    layer.weights[0].assign(kernel)
    layer.weights[1].assign(list(b))
    return layer


def with_kernel(layer, kernel, b):
    layer.set_weights([kernel, b])
    return layer


def ordered(W, order):
    return W.transpose([order.index(letter) for letter in "HWIO"])


@wrong("set_keras_weights", names="reshape moves no axis")
def reshaped(layer, W, b, order):
    return with_kernel(layer, W.reshape(layer.kernel.shape), b)


@wrong("set_keras_weights", names="The order is ignored")
def order_ignored(layer, W, b, order):
    return with_kernel(layer, W, b)


@wrong("set_keras_weights", names="turned round (W.T)")
def all_axes_turned(layer, W, b, order):
    return with_kernel(layer, W if order == "HWIO" else W.T, b)


@wrong("set_keras_weights", names="The axes move the wrong way")
def inverse_order(layer, W, b, order):
    return with_kernel(layer, W.transpose(["HWIO".index(letter) for letter in order]), b)


@wrong("set_keras_weights", names="Height and width of the kernel are swapped")
def kernel_sides_swapped(layer, W, b, order):
    kernel = ordered(W, order)
    swapped = kernel.transpose(1, 0, 2, 3)
    return with_kernel(layer, swapped if swapped.shape == kernel.shape and order != "HWIO" else kernel, b)


@wrong("set_keras_weights", names="Channels and filters are exchanged")
def depths_exchanged(layer, W, b, order):
    kernel = ordered(W, order)
    swapped = kernel.transpose(0, 1, 3, 2)
    return with_kernel(layer, swapped if swapped.shape == kernel.shape and order != "HWIO" else kernel, b)


@wrong("set_keras_weights", names="The bias is not set")
def bias_forgotten(layer, W, b, order):
    layer.kernel.assign(ordered(W, order))
    return layer


@wrong("set_keras_weights", names="turned by half a turn")
def kernel_turned(layer, W, b, order):
    return with_kernel(layer, ordered(W, order)[::-1, ::-1], b)


@wrong("set_keras_weights")
def only_pytorch(layer, W, b, order):
    return with_kernel(layer, W if order == "HWIO" else W.transpose(2, 3, 1, 0), b)


@wrong("set_keras_weights", names="Is `return layer` missing?")
def return_forgotten(layer, W, b, order):
    layer.set_weights([ordered(W, order), b])


@wrong("set_keras_weights", names="expected the layer itself")
def returns_all_that_was_set(layer, W, b, order):
    return with_kernel(layer, ordered(W, order), b).get_weights()


@wrong("set_keras_weights", names="expected the layer itself")
def returns_the_weights(layer, W, b, order):
    return ordered(W, order)


@wrong("set_keras_weights")
def weights_not_in_a_list(layer, W, b, order):
    layer.set_weights(ordered(W, order), b)
    return layer
