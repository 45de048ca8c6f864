"""Lab 06: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import math

import numpy as np

from course import draws
from tests.answers import compiled, right, wrong

# ---- activations ----


def vectorised():
    """The five functions, right; wrong answers replace one of them."""

    def relu(x):
        return np.maximum(x, 0)

    def leaky_relu(x, slope):
        return np.where(x > 0, x, slope * x)

    def elu(x, alpha):
        return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))

    def softplus(x):
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def softmax(x, axis):
        powers = np.exp(x - x.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    return {"relu": relu, "leaky_relu": leaky_relu, "elu": elu, "softplus": softplus, "softmax": softmax}


@right("activations", namespace=True)
def array_functions():
    return vectorised()


@right("activations", namespace=True)
def by_the_book():
    def relu(x):
        return x * (x > 0)

    def leaky_relu(x, slope):
        return np.maximum(x, 0) + slope * np.minimum(x, 0)

    def elu(x, alpha):
        return np.maximum(x, 0) + alpha * (np.exp(np.minimum(x, 0)) - 1)

    def softplus(x):
        return np.logaddexp(0, x)

    def softmax(x, axis):
        shifted = x - np.expand_dims(np.max(x, axis), axis)
        return np.exp(shifted - np.log(np.exp(shifted).sum(axis, keepdims=True)))

    return {"relu": relu, "leaky_relu": leaky_relu, "elu": elu, "softplus": softplus, "softmax": softmax}


@right("activations", namespace=True)
def masks():
    def relu(x):
        y = x.copy()
        y[y < 0] = 0
        return y

    def leaky_relu(x, slope):
        y = x.copy()
        y[y < 0] *= slope
        return y

    def elu(x, alpha):
        y = np.array(x)
        low = y < 0
        y[low] = alpha * np.exp(y[low]) - alpha
        return y

    def softplus(x):
        y = x.copy()
        low = x < 30
        y[low] = np.log(1 + np.exp(x[low]))
        return y

    def softmax(x, axis=-1):
        moved = np.moveaxis(x, axis, -1)
        powers = np.exp(moved - moved.max(-1)[..., None])
        return np.moveaxis(np.einsum("...k,...->...k", powers, 1 / np.einsum("...k->...", powers)), -1, axis)

    return {"relu": relu, "leaky_relu": leaky_relu, "elu": elu, "softplus": softplus, "softmax": softmax}


@right("activations", namespace=True)
def loops_over_numbers():
    def each(x, rule):
        return np.reshape([rule(float(v)) for v in x.flat], x.shape)

    def softmax_row(row):
        powers = [math.exp(v - max(row)) for v in row]
        return [p / sum(powers) for p in powers]

    return {
        "relu": lambda x: each(x, lambda v: max(0.0, v)).tolist(),
        "leaky_relu": lambda x, slope: each(x, lambda v: v if v >= 0 else slope * v),
        "elu": lambda x, alpha: each(x, lambda v: v if v >= 0 else alpha * math.expm1(v)),
        "softplus": lambda x: each(
            x, lambda v: v + math.log1p(math.exp(-v)) if v > 0 else math.log1p(math.exp(v))
        ),
        "softmax": lambda x, axis: np.apply_along_axis(softmax_row, axis, x),
    }


@right("activations", namespace=True)
def single_precision():
    return {
        name: lambda x, *options, f=function: f(x.astype(np.float32), *options)
        for name, function in vectorised().items()
    }


@right("activations", namespace=True)
def silences_its_own_warnings():
    def elu(x, alpha):
        with np.errstate(over="ignore"):
            return np.where(x > 0, x, alpha * (np.exp(x) - 1))

    return {**vectorised(), "elu": elu}


@wrong("activations", names="where x is positive, not x", namespace=True)
def relu_mask():
    return {**vectorised(), "relu": lambda x: (x > 0).astype(float)}


@wrong("activations", names="smaller of 0 and x", namespace=True)
def relu_minimum():
    return {**vectorised(), "relu": lambda x: np.minimum(x, 0)}


@wrong("activations", names="This is |x|", namespace=True)
def relu_absolute():
    return {**vectorised(), "relu": np.abs}


@wrong("activations", names="left out", namespace=True)
def relu_filtered():
    return {**vectorised(), "relu": lambda x: x[x > 0]}


@wrong("activations", names="changed its input", namespace=True)
def relu_in_place():
    def relu(x):
        x[x < 0] = 0
        return x

    return {**vectorised(), "relu": relu}


@wrong("activations", names="with the given slope", namespace=True)
def leaky_is_relu():
    return {**vectorised(), "leaky_relu": lambda x, slope: np.maximum(x, 0)}


@wrong("activations", names="both sides", namespace=True)
def leaky_everywhere():
    return {**vectorised(), "leaky_relu": lambda x, slope: slope * x}


@wrong("activations", names="The slope is not used", namespace=True)
def leaky_fixed():
    return {**vectorised(), "leaky_relu": lambda x, slope: np.where(x > 0, x, 0.01 * x)}


@wrong("activations", names="the slope itself", namespace=True)
def leaky_constant():
    return {**vectorised(), "leaky_relu": lambda x, slope: np.where(x > 0, x, slope)}


@wrong("activations", names="The sign is lost", namespace=True)
def leaky_absolute():
    return {**vectorised(), "leaky_relu": lambda x, slope: np.where(x > 0, x, slope * np.abs(x))}


@wrong("activations", names="Numbers of ±1000 break it", namespace=True)
def elu_overflows():
    return {**vectorised(), "elu": lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(x) - 1))}


@wrong("activations", names="alpha is not used", namespace=True)
def elu_without_alpha():
    return {**vectorised(), "elu": lambda x, alpha: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))}


@wrong("activations", names="The − 1 is missing", namespace=True)
def elu_without_one():
    return {**vectorised(), "elu": lambda x, alpha: np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)))}


@wrong("activations", names="Brackets", namespace=True)
def elu_brackets():
    return {**vectorised(), "elu": lambda x, alpha: np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1)}


@wrong("activations", names="This is relu: below zero stands alpha", namespace=True)
def elu_is_relu():
    return {**vectorised(), "elu": lambda x, alpha: np.maximum(x, 0)}


@wrong("activations", names="above zero too", namespace=True)
def elu_everywhere():
    return {**vectorised(), "elu": lambda x, alpha: alpha * np.expm1(np.minimum(x, 700))}


@wrong("activations", names="Numbers of ±1000 break it", namespace=True)
def softplus_overflows():
    return {**vectorised(), "softplus": lambda x: np.log(1 + np.exp(x))}


@wrong("activations", names="The 1 + is missing", namespace=True)
def softplus_is_x():
    return {**vectorised(), "softplus": lambda x: x * 1.0}


@wrong("activations", names="Large x are cut off", namespace=True)
def softplus_cut_off():
    return {**vectorised(), "softplus": lambda x: np.log(1 + np.exp(np.clip(x, -700, 700)))}


@wrong("activations", names="This is relu.", namespace=True)
def softplus_is_relu():
    return {**vectorised(), "softplus": lambda x: np.maximum(x, 0)}


@wrong("activations", names="log(1 + exp(−x))", namespace=True)
def softplus_sign():
    return {**vectorised(), "softplus": lambda x: np.logaddexp(0, -x)}


@wrong("activations", names="This is its derivative", namespace=True)
def softplus_is_sigmoid():
    return {**vectorised(), "softplus": lambda x: 0.5 * (1 + np.tanh(x / 2))}


@wrong("activations", names="base 2", namespace=True)
def softplus_base_two():
    return {**vectorised(), "softplus": lambda x: np.logaddexp(0, x) / np.log(2)}


@wrong("activations", names="Numbers of ±1000 break it", namespace=True)
def softmax_overflows():
    return {**vectorised(), "softmax": lambda x, axis: np.exp(x) / np.exp(x).sum(axis, keepdims=True)}


@wrong("activations", names="over everything", namespace=True)
def softmax_over_everything():
    return {**vectorised(), "softmax": lambda x, axis: np.exp(x - x.max()) / np.exp(x - x.max()).sum()}


@wrong("activations", names="along axis 0: this call asks for axis 1", namespace=True)
def softmax_over_the_batch():
    return {**vectorised(), "softmax": lambda x, axis: vectorised()["softmax"](x, 0)}


@wrong("activations", names="along axis 2: this call asks for axis 1", namespace=True)
def softmax_last_axis():
    return {**vectorised(), "softmax": lambda x, axis: vectorised()["softmax"](x, -1)}


@wrong("activations", names="keepdims=True is missing", namespace=True)
def softmax_without_keepdims():
    def softmax(x, axis):
        powers = np.exp(x - x.max())
        return powers / powers.sum(axis)

    return {**vectorised(), "softmax": softmax}


@wrong("activations", names="exp is missing", namespace=True)
def softmax_without_exp():
    return {**vectorised(), "softmax": lambda x, axis: x / x.sum(axis, keepdims=True)}


@wrong("activations", names="The division is missing", namespace=True)
def softmax_without_division():
    return {**vectorised(), "softmax": lambda x, axis: np.exp(x - x.max(axis, keepdims=True))}


@wrong("activations", names="the largest one along the axis", namespace=True)
def softmax_shifted_by_the_largest_of_all():
    def softmax(x, axis):
        powers = np.exp(x - x.max())
        return powers / powers.sum(axis, keepdims=True)

    return {**vectorised(), "softmax": softmax}


FROM_SCIPY = """
def softmax(x, axis):
    import scipy.special

    return scipy.special.softmax(x, axis)
"""


@wrong("activations", names="asks you to write yourself", namespace=True)
def from_scipy():
    return {**vectorised(), "softmax": compiled(FROM_SCIPY, "softmax", "softmax-from-scipy", {})[0]}


@wrong("activations", namespace=True)
def only_numbers():
    return {**vectorised(), "relu": lambda x: max(0, x)}


@wrong("activations", namespace=True)
def one_is_missing():
    names = vectorised()
    del names["softplus"]
    return names


# ---- pool2d ----


@right("pool2d")
def loops_over_places(x, k, s, mode):
    batch, height, width, channels = x.shape
    out = np.zeros((batch, (height - k) // s + 1, (width - k) // s + 1, channels))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k]
            out[:, i, j] = window.max(axis=(1, 2)) if mode == "max" else window.mean(axis=(1, 2))
    return out


@right("pool2d")
def strided_views(x, k, s, mode):
    views = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))[:, ::s, ::s]
    return views.max((-2, -1)) if mode == "max" else views.mean((-2, -1))


@right("pool2d")
def six_loops_and_lists(x, k, s, mode):
    batch, height, width, channels = x.shape
    images = []
    for n in range(batch):
        rows = []
        for i in range(0, height - k + 1, s):
            row = []
            for j in range(0, width - k + 1, s):
                place = []
                for c in range(channels):
                    numbers = [float(x[n, i + a, j + b, c]) for a in range(k) for b in range(k)]
                    place.append(max(numbers) if mode == "max" else sum(numbers) / (k * k))
                row.append(place)
            rows.append(row)
        images.append(rows)
    return images


@right("pool2d")
def best_so_far(x, k, s, mode):
    high, wide = (x.shape[1] - k) // s + 1, (x.shape[2] - k) // s + 1
    out = np.full((len(x), high, wide, x.shape[3]), -np.inf if mode == "max" else 0.0, np.float32)
    for a in range(k):
        for b in range(k):
            part = x[:, a : a + (high - 1) * s + 1 : s, b : b + (wide - 1) * s + 1 : s]
            out = np.maximum(out, part) if mode == "max" else out + part / k**2
    return out


@right("pool2d")
def one_direction_after_the_other(x, k, s, mode):
    reduce = np.max if mode == "max" else np.mean
    rows = np.stack([reduce(x[:, i : i + k], axis=1) for i in range(0, x.shape[1] - k + 1, s)], axis=1)
    return np.stack([reduce(rows[:, :, j : j + k], axis=2) for j in range(0, x.shape[2] - k + 1, s)], axis=2)


def pooled(x, k, s, mode):
    """Right pooling; the wrong answers change its arguments or what it gives."""
    views = np.lib.stride_tricks.sliding_window_view(x.astype(float), (k, k), axis=(1, 2))[:, ::s, ::s]
    return views.max((-2, -1)) if mode == "max" else views.mean((-2, -1))


def pooled_by_slices(x, k, s, mode, window_of, size_of=lambda n, k, s: (n - k) // s + 1):
    """Loops over places, with a wrong window or a wrong size."""
    reduce = np.max if mode == "max" else np.mean
    out = np.zeros((len(x), size_of(x.shape[1], k, s), size_of(x.shape[2], k, s), x.shape[3]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] = reduce(window_of(x, i, j), axis=(1, 2))
    return out


@wrong("pool2d", names="mode is not looked at: this call asks for average")
def always_max(x, k, s, mode):
    return pooled(x, k, s, "max")


@wrong("pool2d", names="mode is not looked at: this call asks for max")
def always_average(x, k, s, mode):
    return pooled(x, k, s, "average")


@wrong("pool2d", names="The windows are as wide as the stride")
def windows_of_the_strides_size(x, k, s, mode):
    return pooled_by_slices(x, k, s, mode, lambda x, i, j: x[:, i * s : i * s + s, j * s : j * s + s])


@wrong("pool2d", names="side by side, k apart")
def stride_taken_for_k(x, k, s, mode):
    return pooled(x, k, k, mode)


@wrong("pool2d", names="The stride is ignored")
def stride_ignored(x, k, s, mode):
    return pooled(x, k, 1, mode)


@wrong("pool2d", names="The stride changes only the size")
def start_not_strided(x, k, s, mode):
    return pooled_by_slices(x, k, s, mode, lambda x, i, j: x[:, i : i + k, j : j + k])


@wrong("pool2d", names="The channels are pooled together; every map")
def pools_the_channels(x, k, s, mode):
    out = np.zeros((len(x), (x.shape[1] - k) // s + 1, (x.shape[2] - k) // s + 1, x.shape[3]))
    for n, i, j in np.ndindex(out.shape[:3]):
        window = x[n, i * s : i * s + k, j * s : j * s + k]
        out[n, i, j] = np.max(window) if mode == "max" else np.mean(window)
    return out


@wrong("pool2d", names="their axis is gone")
def loses_the_channels(x, k, s, mode):
    out = pooled(x, k, s, mode)
    return out.max(-1) if mode == "max" else out.mean(-1)


@wrong("pool2d", names="pooled into one")
def one_channel_left(x, k, s, mode):
    out = pooled(x, k, s, mode)
    return out.max(-1, keepdims=True) if mode == "max" else out.mean(-1, keepdims=True)


@wrong("pool2d", names="The images of the batch are pooled together")
def pools_the_batch(x, k, s, mode):
    out = np.zeros((len(x), (x.shape[1] - k) // s + 1, (x.shape[2] - k) // s + 1, x.shape[3]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            for c in range(x.shape[3]):
                window = x[:, i * s : i * s + k, j * s : j * s + k, c]
                out[:, i, j, c] = np.max(window) if mode == "max" else np.mean(window)
    return out


@wrong("pool2d", names="The fractions are cut off")
def truncates_whole_numbers(x, k, s, mode):
    return pooled(x, k, s, mode).astype(x.dtype)


@wrong("pool2d", names="The fractions are cut off")
def always_whole(x, k, s, mode):
    return pooled(x, k, s, mode).astype(int)


@wrong("pool2d", names="Rounded down")
def floor_division_of_the_sum(x, k, s, mode):
    return pooled(x, k, s, mode) if mode == "max" else (pooled(x, k, s, mode) * k * k).round() // (k * k)


@wrong("pool2d", names="Rounded to whole numbers")
def rounded_averages(x, k, s, mode):
    return np.round(pooled(x, k, s, mode))


@wrong("pool2d", names="Rounded up: only whole windows")
def half_windows(x, k, s, mode):
    return pooled_by_slices(
        x,
        k,
        s,
        mode,
        lambda x, i, j: x[:, i * s : i * s + k, j * s : j * s + k],
        lambda n, k, s: math.ceil((n - k) / s) + 1,
    )


@wrong("pool2d", names="One window too few on each side")
def no_plus_one(x, k, s, mode):
    return pooled(x, k, s, mode)[:, :-1, :-1]


@wrong("pool2d", names="The last row and column of the output stay 0")
def loops_too_short(x, k, s, mode):
    out = np.zeros((len(x), (x.shape[1] - k) // s + 1, (x.shape[2] - k) // s + 1, x.shape[3]))
    for i in range(0, x.shape[1] - k, s):
        for j in range(0, x.shape[2] - k, s):
            window = x[:, i : i + k, j : j + k]
            out[:, i // s, j // s] = window.max(axis=(1, 2)) if mode == "max" else window.mean(axis=(1, 2))
    return out


@wrong("pool2d", names="The last start is left out where it fits")
def starts_too_few(x, k, s, mode):
    reduce = np.max if mode == "max" else np.mean
    rows = [reduce(x[:, i : i + k], axis=1) for i in range(0, x.shape[1] - k, s)]
    rows = np.stack(rows, axis=1)
    return np.stack([reduce(rows[:, :, j : j + k], axis=2) for j in range(0, x.shape[2] - k, s)], axis=2)


@wrong("pool2d", names="as large as the input")
def output_as_large_as_the_input(x, k, s, mode):
    out, small = np.zeros(x.shape), pooled(x, k, s, mode)
    out[:, : small.shape[1], : small.shape[2]] = small
    return out


@wrong("pool2d", names="Only the first image is filled")
def first_image(x, k, s, mode):
    out = pooled(x, k, s, mode)
    out[1:] = 0
    return out


@wrong("pool2d", names="Only the last image is filled")
def last_image(x, k, s, mode):
    out = pooled(x, k, s, mode)
    out[:-1] = 0
    return out


@wrong("pool2d", names="Only the first channel is filled")
def first_channel_filled(x, k, s, mode):
    out = pooled(x, k, s, mode)
    out[..., 1:] = 0
    return out


@wrong("pool2d", names="Only the last channel is filled")
def last_channel_filled(x, k, s, mode):
    out = pooled(x, k, s, mode)
    out[..., :-1] = 0
    return out


@wrong("pool2d", names="Only the first channel is there")
def first_channel(x, k, s, mode):
    return pooled(x, k, s, mode)[..., :1]


@wrong("pool2d", names="Height and width are swapped")
def swapped_sides(x, k, s, mode):
    return pooled(x.swapaxes(1, 2), k, s, mode)


@wrong("pool2d", names="Both sides of the output come from the picture's height")
def square_by_height(x, k, s, mode):
    side = (x.shape[1] - k) // s + 1
    return pooled(x, k, s, mode)[:, :side, :side]


@wrong("pool2d", names="Both sides of the output come from the picture's width")
def square_by_width(x, k, s, mode):
    side = (x.shape[2] - k) // s + 1
    return pooled(x, k, s, mode)[:, :side, :side]


@wrong("pool2d", names="The picture is padded with zeros")
def padded_by_half(x, k, s, mode):
    return pooled(np.pad(x, ((0, 0), (k // 2, k // 2), (k // 2, k // 2), (0, 0))), k, s, mode)


@wrong("pool2d", names="Padded as `same` does")
def same(x, k, s, mode):
    reduce = np.nanmax if mode == "max" else np.nanmean
    pairs = [(0, 0)]
    for side in x.shape[1:3]:
        total = max((math.ceil(side / s) - 1) * s + k - side, 0)
        pairs.append((total // 2, total - total // 2))
    framed = np.pad(x.astype(float), [*pairs, (0, 0)], constant_values=np.nan)
    views = np.lib.stride_tricks.sliding_window_view(framed, (k, k), axis=(1, 2))[:, ::s, ::s]
    return reduce(views, axis=(-2, -1))


@wrong("pool2d", names="the smallest numbers")
def minimum(x, k, s, mode):
    return pooled(x, k, s, mode) if mode == "average" else -pooled(-x, k, s, "max")


@wrong("pool2d", names="begins at 0")
def maximum_from_zero(x, k, s, mode):
    return np.maximum(pooled(x, k, s, mode), 0) if mode == "max" else pooled(x, k, s, mode)


@wrong("pool2d", names="The signs are lost")
def largest_size(x, k, s, mode):
    return pooled(np.abs(x), k, s, mode) if mode == "max" else pooled(x, k, s, mode)


@wrong("pool2d", names="These are sums")
def sums(x, k, s, mode):
    return pooled(x, k, s, mode) * (k * k if mode == "average" else 1)


@wrong("pool2d", names="Divided by s·s")
def divided_by_the_stride(x, k, s, mode):
    return pooled(x, k, s, mode) * (k * k / s**2 if mode == "average" else 1)


@wrong("pool2d", names="Divided by k;")
def divided_by_k(x, k, s, mode):
    return pooled(x, k, s, mode) * (k if mode == "average" else 1)


@wrong("pool2d", names="Width and channels are pooled")
def channels_first(x, k, s, mode):
    views = np.lib.stride_tricks.sliding_window_view(x.astype(float), (k, k), axis=(2, 3))[:, :, ::s, ::s]
    return views.max((-2, -1)) if mode == "max" else views.mean((-2, -1))


@wrong("pool2d", names="Batch and height are pooled")
def batch_first_forgotten(x, k, s, mode):
    views = np.lib.stride_tricks.sliding_window_view(x.astype(float), (k, k), axis=(0, 1))[::s, ::s]
    return views.max((-2, -1)) if mode == "max" else views.mean((-2, -1))


@wrong("pool2d", names="changed its input")
def pools_in_place(x, k, s, mode):
    x -= x.min()
    return pooled(x, k, s, mode)


@wrong("pool2d")
def average_over_the_wrong_axis(x, k, s, mode):
    reduce = np.max if mode == "max" else np.mean
    out = np.zeros((len(x), (x.shape[1] - k) // s + 1, (x.shape[2] - k) // s + 1, x.shape[3]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] = reduce(x[:, i * s : i * s + k, j * s : j * s + k], axis=(0, 1))
    return out


@wrong("pool2d")
def window_too_wide(x, k, s, mode):
    return pooled_by_slices(x, k, s, mode, lambda x, i, j: x[:, i * s : i * s + k + 1, j * s : j * s + k + 1])


@wrong("pool2d")
def with_its_mask(x, k, s, mode):
    out = pooled(x, k, s, mode)
    return out, out > 0


FROM_SKIMAGE = """
def pool2d(x, k, s, mode):
    from skimage.measure import block_reduce

    return block_reduce(x, (1, k, k, 1), np.max if mode == "max" else np.mean)
"""


@wrong("pool2d", names="asks you to write yourself", namespace=True)
def from_skimage():
    return {"pool2d": compiled(FROM_SKIMAGE, "pool2d", "pool2d-from-skimage", {"np": np})[0]}


# ---- my_pools ----

GRIDS = draws.numbers("lab06_pooling", "my_pools", "sample")


def by_hand(**changed):
    """Right answers for the sample's grids, some of them changed."""
    first, second = (np.array(grid) for grid in GRIDS)
    quarters = first.reshape(2, 2, 2, 2).swapaxes(1, 2).reshape(4, 4)
    wide = np.array([second[i : i + 3, j : j + 3].ravel() for i in (0, 2) for j in (0, 2)])
    rows = {"my_max": quarters, "my_average": quarters, "my_overlap": wide}
    rules = {"my_max": max, "my_average": lambda row: sum(row) / 4, "my_overlap": max} | changed
    return {name: [float(rules[name](row.tolist())) for row in rows[name]] for name in rows}


@right("my_pools", namespace=True)
def lists_of_floats():
    return by_hand()


@right("my_pools", namespace=True)
def rows_of_two_and_arrays():
    four = by_hand()
    return {
        "my_max": np.array(four["my_max"], int).reshape(2, 2),
        "my_average": [four["my_average"][:2], four["my_average"][2:]],
        "my_overlap": tuple(np.float32(value) for value in four["my_overlap"]),
    }


@right("my_pools", namespace=True)
def by_pooling():
    first, second = (np.array(grid)[None, :, :, None] for grid in GRIDS)
    return {
        "my_max": pooled(first, 2, 2, "max")[0, :, :, 0].astype(int).tolist(),
        "my_average": pooled(first, 2, 2, "average").ravel(),
        "my_overlap": pooled(second, 3, 2, "max"),
    }


@wrong("my_pools", names="These are the smallest numbers; max pooling", namespace=True)
def smallest():
    return by_hand(my_max=min)


@wrong("my_pools", names="These are averages", namespace=True)
def averages_for_maxima():
    return by_hand(my_max=lambda row: sum(row) / 4)


@wrong("my_pools", names="These are the sums; max pooling", namespace=True)
def sums_for_maxima():
    return by_hand(my_max=sum)


@wrong("my_pools", names="Column by column; the order", namespace=True)
def column_by_column():
    four = by_hand()
    return four | {"my_max": [four["my_max"][place] for place in (0, 2, 1, 3)]}


@wrong("my_pools", names="The window moved by 1 pixel; the stride is 2", namespace=True)
def by_one_pixel():
    grid = np.array(GRIDS[0])
    return by_hand() | {"my_max": [grid[i : i + 2, j : j + 2].max() for i in (0, 1) for j in (0, 1)]}


@wrong("my_pools", names="largest numbers of the four rows", namespace=True)
def maxima_of_rows():
    return by_hand() | {"my_max": [max(row) for row in GRIDS[0]]}


@wrong("my_pools", names="largest numbers of the four columns", namespace=True)
def maxima_of_columns():
    return by_hand() | {"my_max": [max(column) for column in zip(*GRIDS[0], strict=True)]}


@wrong("my_pools", names="The fractions are cut off", namespace=True)
def truncated():
    return by_hand(my_average=lambda row: sum(row) // 4)


@wrong("my_pools", names="Rounded to whole numbers", namespace=True)
def rounded():
    return by_hand(my_average=lambda row: math.floor(sum(row) / 4 + 0.5))


@wrong("my_pools", names="These are the sums; divide", namespace=True)
def undivided():
    return by_hand(my_average=sum)


@wrong("my_pools", names="Divided by 2", namespace=True)
def halved():
    return by_hand(my_average=lambda row: sum(row) / 2)


@wrong("my_pools", names="These are the largest numbers again", namespace=True)
def maxima_again():
    return by_hand(my_average=max)


@wrong("my_pools", names="The middle of the smallest and the largest", namespace=True)
def middle():
    return by_hand(my_average=lambda row: (min(row) + max(row)) / 2)


@wrong("my_pools", names="which is the median", namespace=True)
def median():
    return by_hand(my_average=np.median)


@wrong("my_pools", names="Column by column, the averages", namespace=True)
def averages_by_column():
    four = by_hand()
    return four | {"my_average": [four["my_average"][place] for place in (0, 2, 1, 3)]}


@wrong("my_pools", names="the stride of the averages is 2", namespace=True)
def averages_by_one_pixel():
    grid = np.array(GRIDS[0])
    return by_hand() | {"my_average": [grid[i : i + 2, j : j + 2].mean() for i in (0, 1) for j in (0, 1)]}


@wrong("my_pools", names="as wide as the stride", namespace=True)
def narrow_windows():
    grid = np.array(GRIDS[1])
    return by_hand() | {"my_overlap": [grid[i : i + 2, j : j + 2].max() for i in (0, 2) for j in (0, 2)]}


@wrong("my_pools", names="The stride is 1 here", namespace=True)
def overlap_by_one_pixel():
    grid = np.array(GRIDS[1])
    return by_hand() | {"my_overlap": [grid[i : i + 3, j : j + 3].max() for i in (0, 1) for j in (0, 1)]}


@wrong("my_pools", names="has a negative maximum", namespace=True)
def from_zero():
    return by_hand(my_overlap=lambda row: max(0, *row))


@wrong("my_pools", names="The signs are lost", namespace=True)
def without_signs():
    return by_hand(my_overlap=lambda row: max(map(abs, row)))


@wrong("my_pools", names="furthest from 0, with its sign", namespace=True)
def furthest_from_zero():
    return by_hand(my_overlap=lambda row: max(row, key=abs))


@wrong("my_pools", names="the smallest numbers of the 3×3", namespace=True)
def smallest_of_nine():
    return by_hand(my_overlap=min)


@wrong("my_pools", names="Column by column, the maxima of the 3×3", namespace=True)
def overlap_by_column():
    four = by_hand()
    return four | {"my_overlap": [four["my_overlap"][place] for place in (0, 2, 1, 3)]}


@wrong("my_pools", names="These fit the sample numbers", namespace=True)
def someone_elses_grids():
    first = draws.numbers("lab06_pooling", "my_pools", "")[0]
    four = pooled(np.array(first)[None, :, :, None], 2, 2, "max").ravel()
    return by_hand() | {"my_max": four}


def all_by_column(**changed):
    four = by_hand()
    return {name: [four[name][place] for place in (0, 2, 1, 3)] for name in four} | changed


@wrong("my_pools", names="Column by column; the order", namespace=True)
def three_parts_by_column():
    return all_by_column()


@wrong("my_pools", names="Column by column, the averages", namespace=True)
def two_parts_with_a_mistake_each():
    return all_by_column(my_max=by_hand()["my_max"], my_overlap=narrow_windows()["my_overlap"])


@wrong("my_pools", names="The windows are 2×2, as wide as the stride", namespace=True)
def the_same_in_the_other_part():
    return two_parts_with_a_mistake_each()


@wrong("my_pools", namespace=True)
def only_three_numbers():
    return by_hand() | {"my_max": by_hand()["my_max"][:3]}


@wrong("my_pools", namespace=True)
def written_as_text():
    return by_hand() | {"my_average": "36.5, 1, 2, 3"}


# ---- global_pools ----


@right("global_pools", namespace=True)
def two_axes():
    return {
        "global_max_pool": lambda x: x.max(axis=(1, 2)),
        "global_avg_pool": lambda x: np.mean(x, axis=(1, 2)),
    }


@right("global_pools", namespace=True)
def flattened_first():
    def rows(x):
        return np.reshape(x, (x.shape[0], -1, x.shape[3])).astype(np.float32)

    return {
        "global_max_pool": lambda x: np.sort(rows(x), axis=1)[:, -1],
        "global_avg_pool": lambda x: np.einsum("bpc->bc", rows(x)) / (x.shape[1] * x.shape[2]),
    }


@right("global_pools", namespace=True)
def nested_lists():
    def each(x, rule):
        return [[rule(x[n, :, :, c].ravel().tolist()) for c in range(x.shape[3])] for n in range(len(x))]

    return {
        "global_max_pool": lambda x: each(x, max),
        "global_avg_pool": lambda x: each(x, lambda row: sum(row) / len(row)),
    }


@right("global_pools", namespace=True)
def one_axis_after_the_other():
    return {
        "global_max_pool": lambda x: x.max(1).max(1),
        "global_avg_pool": lambda x: x.mean(2).mean(1),
    }


def globally(**changed):
    return {"global_max_pool": lambda x: x.max((1, 2)), "global_avg_pool": lambda x: x.mean((1, 2))} | changed


@wrong("global_pools", names="The two are exchanged", namespace=True)
def exchanged_pools():
    return {"global_max_pool": lambda x: x.mean((1, 2)), "global_avg_pool": lambda x: x.max((1, 2))}


@wrong("global_pools", names="stay as axes of length 1", namespace=True)
def keeps_dims():
    return globally(global_avg_pool=lambda x: x.mean((1, 2), keepdims=True))


@wrong("global_pools", names="The images of the batch are pooled together", namespace=True)
def batch_together():
    return globally(global_max_pool=lambda x: np.broadcast_to(x.max((0, 1, 2)), (len(x), x.shape[3])))


@wrong("global_pools", names="The channels are pooled together", namespace=True)
def channels_together():
    return globally(
        global_avg_pool=lambda x: np.broadcast_to(x.mean((1, 2, 3))[:, None], (len(x), x.shape[3])),
    )


@wrong("global_pools", names="The axes of the batch are gone", namespace=True)
def without_the_batch():
    return globally(global_max_pool=lambda x: x.max((0, 1, 2)))


@wrong("global_pools", names="Only one number is left", namespace=True)
def one_number():
    return globally(global_max_pool=np.max, global_avg_pool=np.mean)


@wrong("global_pools", names="Only one number an image", namespace=True)
def one_number_an_image():
    return globally(
        global_max_pool=lambda x: x.max(axis=(1, 2, 3)), global_avg_pool=lambda x: x.mean(axis=(1, 2, 3))
    )


@wrong("global_pools", names="Width and channels are pooled", namespace=True)
def as_if_channels_first():
    return globally(global_max_pool=lambda x: x.max((2, 3)))


@wrong("global_pools", names="Height and channels are pooled", namespace=True)
def axes_one_and_three():
    return globally(global_avg_pool=lambda x: x.mean((1, 3)))


@wrong("global_pools", names="Batch and height are pooled", namespace=True)
def axes_zero_and_one():
    return globally(global_avg_pool=lambda x: x.mean((0, 1)))


@wrong("global_pools", names="Only the height is pooled", namespace=True)
def height_only():
    return globally(global_max_pool=lambda x: x.max(1))


@wrong("global_pools", names="Only the width is pooled", namespace=True)
def width_only():
    return globally(global_max_pool=lambda x: x.max(2))


@wrong("global_pools", names="Batch and channels are swapped", namespace=True)
def transposed_pools():
    return globally(global_max_pool=lambda x: x.max((1, 2)).T)


@wrong("global_pools", names="The numbers stand in one row", namespace=True)
def in_one_row():
    return globally(global_max_pool=lambda x: x.max((1, 2)).ravel())


@wrong("global_pools", names="Only the first image is there", namespace=True)
def only_one_image():
    return globally(global_avg_pool=lambda x: x[:1].mean((1, 2)))


@wrong("global_pools", names="The fractions are cut off", namespace=True)
def whole_averages():
    return globally(global_avg_pool=lambda x: x.mean((1, 2)).astype(int))


@wrong("global_pools", names="These are sums", namespace=True)
def global_sums():
    return globally(global_avg_pool=lambda x: x.sum((1, 2)))


@wrong("global_pools", names="Divided by the height only", namespace=True)
def by_the_height():
    return globally(global_avg_pool=lambda x: x.sum((1, 2)) / x.shape[1])


@wrong("global_pools", names="Divided by the width only", namespace=True)
def by_the_width():
    return globally(global_avg_pool=lambda x: x.sum((1, 2)) / x.shape[2])


@wrong("global_pools", names="averages of the rows' maxima", namespace=True)
def average_of_maxima():
    return globally(global_avg_pool=lambda x: x.max(2).mean(1))


@wrong("global_pools", names="begins at 0", namespace=True)
def global_maximum_from_zero():
    return globally(global_max_pool=lambda x: np.maximum(x.max((1, 2)), 0))


@wrong("global_pools", names="These are the smallest numbers", namespace=True)
def global_minimum():
    return globally(global_max_pool=lambda x: x.min((1, 2)))


@wrong("global_pools", names="The signs are lost", namespace=True)
def global_largest_size():
    return globally(global_max_pool=lambda x: np.abs(x).max((1, 2)))


# ---- gaps ----


@right("gaps", namespace=True)
def rolled():
    def shift(x, dx):
        return np.roll(x, dx, axis=2)

    return {
        "equivariance_gap": lambda f, x, dx: np.max(np.abs(f(shift(x, dx)) - shift(f(x), dx))),
        "invariance_gap": lambda f, x, dx: np.abs(f(shift(x, dx)) - f(x)).max(),
    }


@right("gaps", namespace=True)
def put_together_from_two_parts():
    def moved(x, dx):
        cut = x.shape[2] - dx % x.shape[2]
        return np.concatenate([x[:, :, cut:], x[:, :, :cut]], axis=2)

    def largest(a, b):
        return max(abs(float(p) - float(q)) for p, q in zip(np.ravel(a), np.ravel(b), strict=True))

    return {
        "equivariance_gap": lambda f, x, dx: largest(f(moved(x, dx)), moved(f(x), dx)),
        "invariance_gap": lambda f, x, dx: largest(f(moved(x, dx)), f(x)),
    }


@right("gaps", namespace=True)
def single_precision_and_arrays():
    def moved(x, dx):
        return x[:, :, (np.arange(x.shape[2]) - dx) % x.shape[2]]

    return {
        "equivariance_gap": lambda f, x, dx: np.array(
            np.linalg.norm((f(moved(x, dx)) - moved(f(x), dx)).ravel(), np.inf)
        ),
        "invariance_gap": lambda f, x, dx: np.float32(np.ptp([0, *np.abs(f(moved(x, dx)) - f(x)).ravel()])),
    }


def shifted(x, dx):
    return np.roll(x, dx, axis=2)


def measured(shift=shifted, one=lambda difference: np.abs(difference).max(), **changed):
    """Both gaps with another shift or another measure."""
    return {
        "equivariance_gap": lambda f, x, dx: one(f(shift(x, dx)) - shift(f(x), dx)),
        "invariance_gap": lambda f, x, dx: one(f(shift(x, dx)) - f(x)),
    } | changed


@wrong("gaps", names="which is the invariance gap", namespace=True)
def compares_unshifted():
    return measured(equivariance_gap=lambda f, x, dx: np.abs(f(shifted(x, dx)) - f(x)).max())


@wrong("gaps", names="f gets the shifted picture once", namespace=True)
def shifts_only_the_map():
    return measured(equivariance_gap=lambda f, x, dx: np.abs(shifted(f(x), dx) - f(x)).max())


@wrong("gaps", names="the other way", namespace=True)
def shifts_the_map_back():
    return measured(equivariance_gap=lambda f, x, dx: np.abs(f(shifted(x, dx)) - shifted(f(x), -dx)).max())


@wrong("gaps", names="twice as far", namespace=True)
def shifts_the_map_twice():
    return measured(
        equivariance_gap=lambda f, x, dx: np.abs(f(shifted(x, dx)) - shifted(shifted(f(x), dx), dx)).max()
    )


@wrong("gaps", names="f is missing on one side", namespace=True)
def compares_with_the_picture():
    return measured(equivariance_gap=lambda f, x, dx: np.abs(f(shifted(x, dx)) - shifted(x, dx)).max())


@wrong("gaps", names="take t[f[x]] away", namespace=True)
def nothing_taken_away():
    return measured(equivariance_gap=lambda f, x, dx: np.abs(f(shifted(x, dx))).max())


@wrong("gaps", names="take f[x] away", namespace=True)
def nothing_taken_away_from_one():
    return measured(invariance_gap=lambda f, x, dx: np.abs(f(shifted(x, dx))).max())


@wrong("gaps", names="The two largest numbers are compared", namespace=True)
def compares_maxima():
    return measured(invariance_gap=lambda f, x, dx: abs(f(shifted(x, dx)).max() - f(x).max()))


@wrong("gaps", names="f is missing.", namespace=True)
def compares_pictures():
    return measured(invariance_gap=lambda f, x, dx: np.abs(shifted(x, dx) - x).max())


@wrong("gaps", names="which is the equivariance gap", namespace=True)
def both_are_equivariance():
    def gap(f, x, dx):
        y = f(x)
        return np.abs(f(shifted(x, dx)) - (shifted(y, dx) if y.ndim == 4 else y)).max()

    return measured(invariance_gap=gap)


@wrong("gaps", names="the picture is to be shifted", namespace=True)
def shifts_the_map_instead():
    def gap(f, x, dx):
        y = f(x)
        return np.abs((shifted(y, dx) if y.ndim == 4 else f(shifted(x, dx))) - y).max()

    return measured(invariance_gap=gap)


@wrong("gaps", names="Rows are shifted", namespace=True)
def shifts_rows():
    return measured(lambda x, dx: np.roll(x, dx, axis=1))


@wrong("gaps", names="Channels are shifted", namespace=True)
def shifts_channels():
    return measured(lambda x, dx: np.roll(x, dx, axis=-1))


@wrong("gaps", names="Images of the batch are shifted", namespace=True)
def shifts_the_batch():
    return measured(lambda x, dx: np.roll(x, dx, axis=0))


@wrong("gaps", names="rolls all numbers", namespace=True)
def rolls_everything():
    return measured(np.roll)


@wrong("gaps", names="Zeros come in", namespace=True)
def zeros_come_in():
    def shift(x, dx):
        out, width = np.zeros_like(x), x.shape[2]
        if abs(dx) < width:
            out[:, :, max(dx, 0) : width + min(dx, 0)] = x[:, :, max(-dx, 0) : width - max(dx, 0)]
        return out

    return measured(shift)


@wrong("gaps", names="The average of the differences", namespace=True)
def average_gap():
    return measured(one=lambda difference: np.abs(difference).mean())


@wrong("gaps", names="The signs are left in: a difference", namespace=True)
def signed_gap():
    return measured(one=np.max)


@wrong("gaps", names="the other way round: take np.abs", namespace=True)
def signed_gap_turned():
    return measured(one=lambda difference: np.max(-difference))


@wrong("gaps", names="The sum of the differences", namespace=True)
def summed_gap():
    return measured(one=lambda difference: np.abs(difference).sum())


@wrong("gaps", names="The squared difference", namespace=True)
def squared_gap():
    return measured(one=lambda difference: (difference**2).max())


@wrong("gaps", names="The mean of the squares", namespace=True)
def mean_square_gap():
    return measured(one=lambda difference: (difference**2).mean())


@wrong("gaps", names="The root of the sum of squares", namespace=True)
def norm_gap():
    return measured(one=lambda difference: np.sqrt((difference**2).sum()))


@wrong("gaps", names="Only the first image", namespace=True)
def first_image_gap():
    return measured(one=lambda difference: np.abs(difference[:1]).max())


@wrong("gaps", names="Only the first channel", namespace=True)
def first_channel_gap():
    return measured(one=lambda difference: np.abs(difference[..., :1]).max())


@wrong("gaps", namespace=True)
def interior_only():
    return measured(
        equivariance_gap=lambda f, x, dx: np.abs(f(shifted(x, dx)) - shifted(f(x), dx))[:, :, 1:-1].max()
    )


@wrong("gaps", namespace=True)
def yes_or_no():
    return measured(one=lambda difference: bool(np.abs(difference).max() == 0))


@wrong("gaps", namespace=True)
def relative_gap():
    return measured(invariance_gap=lambda f, x, dx: np.abs(f(shifted(x, dx)) - f(x)).max() / np.abs(f(x)).max())


@wrong("gaps", namespace=True)
def smallest_gap():
    return measured(one=lambda difference: np.abs(difference).min())


# ---- my_nets ----

NETS = draws.numbers("lab06_pooling", "my_nets", "sample")
STEPS = [first * second for _, _, (first, second) in NETS]


def two_ends(net):
    """Columns that differ, by marking what each number of the map reads."""
    padding, (one, two), (first, second) = net
    step, columns = first * second, 96 // (first * second)
    beyond = one // 2 + first * (two // 2)
    spoilt = {m for m in range(columns) if step * m < beyond or step * (m + 1) + beyond > 96}
    return 0 if padding == "cyclic" else len(spoilt | {(m + 1) % columns for m in spoilt})


@right("my_nets", namespace=True)
def counted():
    return {"my_steps": STEPS, "my_broken": [two_ends(net) for net in NETS]}


@right("my_nets", namespace=True)
def as_floats_and_arrays():
    return {"my_steps": np.array(STEPS, float), "my_broken": tuple(np.int64(two_ends(net)) for net in NETS)}


def answered(**changed):
    return {"my_steps": STEPS, "my_broken": [two_ends(net) for net in NETS]} | changed


@wrong("my_nets", names="One pixel does for every net", namespace=True)
def always_one():
    return answered(my_steps=[1, 1, 1])


@wrong("my_nets", names="The strides are added", namespace=True)
def strides_added():
    return answered(my_steps=[sum(net[2]) for net in NETS])


@wrong("my_nets", names="Only the first pooling counts", namespace=True)
def first_pooling():
    return answered(my_steps=[net[2][0] for net in NETS])


@wrong("my_nets", names="Only the second pooling counts", namespace=True)
def second_pooling():
    return answered(my_steps=[net[2][1] for net in NETS])


@wrong("my_nets", names="have changed places", namespace=True)
def in_the_wrong_order():
    return answered(my_steps=STEPS[::-1])


@wrong("my_nets", names="One column is missing", namespace=True)
def both_ends_of_one_map():
    return answered(my_broken=[max(two_ends(net) - 1, 0) for net in NETS])


@wrong("my_nets", names="Only one end", namespace=True)
def one_end():
    return answered(my_broken=[two_ends(net) // 2 for net in NETS])


@wrong("my_nets", names="Nothing differs, you say", namespace=True)
def nothing_differs():
    return answered(my_broken=(0, 0, 0))


@wrong("my_nets", names="counted as if it had zeros", namespace=True)
def zeros_everywhere():
    return answered(my_broken=[two_ends(("zeros", *net[1:])) for net in NETS])


@wrong("my_nets", names="Columns of the picture", namespace=True)
def columns_of_the_picture():
    return answered(my_broken=[two_ends(net) * step for net, step in zip(NETS, STEPS, strict=True)])


@wrong("my_nets", names="The strides are added", namespace=True)
def two_lists_with_a_mistake_each():
    return answered(my_steps=[sum(net[2]) for net in NETS], my_broken=[0, 0, 0])


@wrong("my_nets", names="Nothing differs, you say", namespace=True)
def the_same_in_the_other_list():
    return two_lists_with_a_mistake_each()


@wrong("my_nets", names="These fit the sample numbers", namespace=True)
def someone_elses_nets():
    return answered(
        my_broken=[two_ends(net) for net in draws.numbers("lab06_pooling", "my_nets", "")],
    )


@wrong("my_nets", namespace=True)
def a_word():
    return answered(my_broken=["none", 0, 1])


# ---- three_slides ----


@right("three_slides", namespace=True)
def as_tuples():
    return {"slide_a": (2, 5, 9, 9), "slide_b": (2, 0, 6, 11, 5), "slide_c": (4, 16, 2, 0.5, 0)}


@right("three_slides", namespace=True)
def lists_and_arrays():
    return {
        "slide_a": [np.int64(2), 5.0, 9, 9],
        "slide_b": np.array([2, 0, 6, 11, 5.0]),
        "slide_c": (4.0, 16, 2, 1 / 2, 0.0),
    }


def slides(**changed):
    return {"slide_a": (2, 5, 9, 9), "slide_b": (2, 0, 6, 11, 5), "slide_c": (4, 16, 2, 0.5, 0)} | changed


@wrong("three_slides", names="That would be invariance", namespace=True)
def believes_slide_a():
    return slides(slide_a=(2, 2, 9, 9))


@wrong("three_slides", names="Places are counted from 0", namespace=True)
def counted_from_one():
    return slides(slide_a=(3, 6, 9, 9))


@wrong("three_slides", names="The filter is turned round", namespace=True)
def true_convolution():
    return slides(slide_a=(3, 6, 8, 8))


@wrong("three_slides", names="The order is place, place", namespace=True)
def pair_by_pair():
    return slides(slide_a=(2, 9, 5, 9))


@wrong("three_slides", names="largest pixels of the rows", namespace=True)
def reads_the_rows():
    return slides(slide_a=(3, 6, 4, 4))


@wrong("three_slides", names="Three, says the slide", namespace=True)
def believes_slide_b():
    return slides(slide_b=(3, 0, 6, 11, 5))


@wrong("three_slides", names="no weights to learn", namespace=True)
def nine_weights():
    return slides(slide_b=(2, 9, 6, 11, 5))


@wrong("three_slides", names="it is no filter", namespace=True)
def forty_six_parameters():
    return slides(slide_b=(2, 46, 6, 11, 5))


@wrong("three_slides", names="the depth stays", namespace=True)
def depth_one():
    return slides(slide_b=(2, 0, 6, 11, 1))


@wrong("three_slides", names="Rounded up", namespace=True)
def seven_rows():
    return slides(slide_b=(2, 0, 7, 11, 5))


@wrong("three_slides", names="no half place", namespace=True)
def half_a_row():
    return slides(slide_b=(2, 0, 6.5, 11, 5))


@wrong("three_slides", names="Divided by the stride only", namespace=True)
def divided_by_two():
    return slides(slide_b=(2, 0, 7, 12, 5))


@wrong("three_slides", names="The + 1 is missing", namespace=True)
def five_rows():
    return slides(slide_b=(2, 0, 5, 10, 5))


@wrong("three_slides", names="only the winner", namespace=True)
def everyone_gets_all():
    return slides(slide_c=(16, 16, 2, 0.5, 2))


@wrong("three_slides", names="hands a quarter", namespace=True)
def average_hands_all():
    return slides(slide_c=(4, 16, 2, 2, 0))


@wrong("three_slides", names="7 is not the largest", namespace=True)
def seven_gets_a_share():
    return slides(slide_c=(4, 16, 2, 0.5, 2))


@wrong("three_slides", names="all four pixels of a window count", namespace=True)
def average_has_winners():
    return slides(slide_c=(4, 4, 2, 0.5, 0))


@wrong("three_slides", names="The 8 is in the second window", namespace=True)
def first_window():
    return slides(slide_c=(4, 16, 1, 0.25, 0))


@wrong("three_slides", names="not by the pixel", namespace=True)
def times_the_pixel():
    return slides(slide_c=(4, 16, 16, 4, 0))
