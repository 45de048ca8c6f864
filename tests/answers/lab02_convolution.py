"""Lab 02: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage, signal

from course import draws
from tests.answers import right, wrong

IMAGE, KERNEL, PLACES = draws.numbers("lab02_convolution", "by_hand", "sample")
PATCH = draws.numbers("lab02_convolution", "sobel", "sample")


# ---- by_hand ----


def entries(kernel, places=PLACES):
    x, k = np.array(IMAGE), np.array(kernel)
    return [int(np.sum(x[i : i + 3, j : j + 3] * k)) for i, j in places]


@right("by_hand", namespace=True)
def a_list():
    return {"by_hand": entries(KERNEL)}


@right("by_hand", namespace=True)
def a_tuple_of_floats():
    return {"by_hand": tuple(float(entry) for entry in entries(KERNEL))}


@right("by_hand", namespace=True)
def picked_from_scipy():
    out = signal.correlate2d(np.array(IMAGE), np.array(KERNEL), mode="valid")
    return {"by_hand": np.array([out[place] for place in PLACES])}


@wrong("by_hand", names="turned by half a turn", namespace=True)
def turned_kernel():
    return {"by_hand": entries(np.array(KERNEL)[::-1, ::-1])}


@wrong("by_hand", names="The minus signs are lost", namespace=True)
def no_signs():
    return {"by_hand": entries(np.abs(KERNEL))}


@wrong("by_hand", names="Row and column are swapped", namespace=True)
def columns_first():
    return {"by_hand": entries(KERNEL, [(j, i) for i, j in PLACES])}


@wrong("by_hand", names="counted from 0", namespace=True)
def counted_from_one():
    return {"by_hand": entries(KERNEL, [(max(i - 1, 0), max(j - 1, 0)) for i, j in PLACES])}


@wrong("by_hand", names="Divided by 9", namespace=True)
def averages():
    return {"by_hand": [entry / 9 for entry in entries(KERNEL)]}


@wrong("by_hand", names="The kernel's middle", namespace=True)
def centred():
    x, k = np.pad(IMAGE, 1), np.array(KERNEL)
    return {"by_hand": [int(np.sum(x[i : i + 3, j : j + 3] * k)) for i, j in PLACES]}


@wrong("by_hand", names="The kernel is transposed", namespace=True)
def columns_on_rows():
    return {"by_hand": entries(np.transpose(KERNEL))}


@wrong("by_hand", namespace=True)
def one_slip():
    return {"by_hand": [entries(KERNEL)[0] + 1, *entries(KERNEL)[1:]]}


@wrong("by_hand", names="expected a list of 4 numbers", namespace=True)
def three_numbers():
    return {"by_hand": entries(KERNEL)[:3]}


@wrong("by_hand", names="not answered yet", namespace=True)
def dots():
    return {"by_hand": [...]}


@right("by_hand", namespace=True)
def arrays_of_one_number():
    return {"by_hand": [np.array([[entry]]) for entry in entries(KERNEL)]}


# ---- correlate2d ----


@right("correlate2d")
def four_loops(x, k):
    height, width = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            for a in range(k.shape[0]):
                for b in range(k.shape[1]):
                    out[i, j] += x[i + a, j + b] * k[a, b]
    return out


@right("correlate2d")
def window_view_and_einsum(x, k):
    return np.einsum("ijab,ab->ij", sliding_window_view(x, k.shape), k)


@right("correlate2d")
def shifted_slices(x, k):
    height, width = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    return sum(k[a, b] * x[a : a + height, b : b + width] for a in range(k.shape[0]) for b in range(k.shape[1]))


@right("correlate2d")
def lists_of_lists(x, k):
    (high, wide), (k_high, k_wide), x, k = x.shape, k.shape, x.tolist(), k.tolist()
    rows, columns = range(high - k_high + 1), range(wide - k_wide + 1)
    return [
        [sum(x[i + a][j + b] * k[a][b] for a in range(k_high) for b in range(k_wide)) for j in columns]
        for i in rows
    ]


@right("correlate2d")
def in_float32(x, k):
    (high, wide), (k_high, k_wide) = x.shape, k.shape
    out = np.zeros((high - k_high + 1, wide - k_wide + 1), np.float32)
    for i, j in np.ndindex(out.shape):
        out[i, j] = (x[i : i + k_high, j : j + k_wide].astype(np.float32) * k).sum()
    return out


def windows(x, k, product):
    height, width = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            out[i, j] = product(x[i : i + k.shape[0], j : j + k.shape[1]], k)
    return out


def slid(x, k):
    return windows(x, k, lambda window, kernel: np.sum(window * kernel))


@wrong("correlate2d", names="turned by half a turn")
def flipped(x, k):
    return slid(x, k[::-1, ::-1])


@wrong("correlate2d", names="One window too few")
def one_too_few(x, k):
    height, width = x.shape[0] - k.shape[0], x.shape[1] - k.shape[1]
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            out[i, j] = np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k)
    return out


def unfinished(x, k, shape_less, loops_less):
    """An output and loops that are smaller than they should be, by rows and columns."""
    height, width = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    out = np.zeros((height - shape_less[0], width - shape_less[1]))
    for i in range(height - loops_less[0]):
        for j in range(width - loops_less[1]):
            out[i, j] = np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k)
    return out


@wrong("correlate2d", names="The last row of windows is missing")
def one_row_too_few(x, k):
    return unfinished(x, k, (1, 0), (1, 0))


@wrong("correlate2d", names="The last column of windows is missing")
def one_column_too_few(x, k):
    return unfinished(x, k, (0, 1), (0, 1))


@wrong("correlate2d", names="The last row of the output stays 0")
def last_row_left(x, k):
    return unfinished(x, k, (0, 0), (1, 0))


@wrong("correlate2d", names="The last column of the output stays 0")
def last_column_left(x, k):
    return unfinished(x, k, (0, 0), (0, 1))


@wrong("correlate2d", names="The last row and column of the output stays 0")
def last_row_and_column_left(x, k):
    return unfinished(x, k, (0, 0), (1, 1))


@wrong("correlate2d", names="as large as the picture")
def zeros_left_over(x, k):
    out = np.zeros(x.shape)
    for i in range(x.shape[0] - k.shape[0] + 1):
        for j in range(x.shape[1] - k.shape[1] + 1):
            out[i, j] = np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k)
    return out


@wrong("correlate2d", names="Python counts from 0")
def kernel_from_one(x, k):
    out = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for i, j in np.ndindex(out.shape):
        for a in range(1, k.shape[0]):
            for b in range(1, k.shape[1]):
                out[i, j] += x[i + a, j + b] * k[a, b]
    return out


@wrong("correlate2d", names="The last row and column of the kernel")
def kernel_without_end(x, k):
    out = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for i, j in np.ndindex(out.shape):
        for a in range(k.shape[0] - 1):
            for b in range(k.shape[1] - 1):
                out[i, j] += x[i + a, j + b] * k[a, b]
    return out


@wrong("correlate2d", names="Height and width are swapped")
def swapped_sides(x, k):
    height, width = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    out = np.zeros((width, height))
    for i in range(height):
        for j in range(width):
            out[j, i] = np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k)
    return out


@wrong("correlate2d", names="from the picture's height")
def a_square_of_the_height(x, k):
    n = x.shape[0] - k.shape[0] + 1
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            out[i, j] = np.sum(x[i : i + k.shape[0], j : j + k.shape[0]] * k)
    return out


@wrong("correlate2d", names="from the picture's width")
def a_square_of_the_width(x, k):
    n = x.shape[1] - k.shape[1] + 1
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            out[i, j] = np.sum(x[i : i + k.shape[1], j : j + k.shape[1]] * k)
    return out


@wrong("correlate2d", names="The minus signs are lost")
def absolute_weights(x, k):
    return slid(x, abs(k))


@wrong("correlate2d", names="These are averages")
def means(x, k):
    return windows(x, k, lambda window, kernel: np.mean(window * kernel))


@wrong("correlate2d", names="that is ReLU")
def rectified(x, k):
    return np.maximum(slid(x, k), 0)


@wrong("correlate2d", names="Fractions are cut off")
def output_like_the_image(x, k):
    out = np.zeros_like(x[k.shape[0] - 1 :, k.shape[1] - 1 :])
    for i, j in np.ndindex(out.shape):
        out[i, j] = np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k)
    return out


@wrong("correlate2d", names="padded with zeros")
def same_size(x, k):
    padded = np.pad(x, ((k.shape[0] // 2, k.shape[0] // 2), (k.shape[1] // 2, k.shape[1] // 2)))
    return slid(padded, k)


@wrong("correlate2d", names="The kernel is transposed")
def transposed(x, k):
    return slid(x, k.T)


@wrong("correlate2d", names="a matrix product")
def matrix_product(x, k):
    return windows(x, k, lambda window, kernel: np.sum(window @ kernel))


@wrong("correlate2d", names="k @ window is a matrix product")
def matrix_product_from_the_left(x, k):
    return windows(x, k, lambda window, kernel: np.sum(kernel @ window))


@wrong("correlate2d", names="multiply with * (not @)")
def matrix_product_without_sum(x, k):
    return windows(x, k, lambda window, kernel: window @ kernel)


@wrong("correlate2d", names="then add up with np.sum")
def products_without_sum(x, k):
    return windows(x, k, lambda window, kernel: window * kernel)


@wrong("correlate2d", names="asks you to write yourself")
def scipy_signal(x, k):
    return signal.correlate2d(x, k, mode="valid")


@wrong("correlate2d", names="asks you to write yourself")
def scipy_ndimage(x, k):
    import scipy.ndimage as images

    full = images.correlate(x.astype(float), k, mode="constant")
    top, left = k.shape[0] // 2, k.shape[1] // 2
    return full[top : top + x.shape[0] - k.shape[0] + 1, left : left + x.shape[1] - k.shape[1] + 1]


@wrong("correlate2d", names="changed its input")
def writes_into_the_image(x, k):
    out = slid(x, k)
    x[: out.shape[0], : out.shape[1]] = out
    return out


@wrong("correlate2d", names="is a `return` missing")
def returns_nothing(x, k):
    slid(x, k)


# ---- convolve2d ----


@right("convolve2d")
def turned_and_slid(x, k):
    return slid(x, k[::-1, ::-1])


@right("convolve2d")
def flipped_with_numpy(x, k):
    return np.einsum("ijab,ab->ij", sliding_window_view(x, k.shape), np.flip(k)).tolist()


@right("convolve2d")
def by_the_formula(x, k):
    high, wide = k.shape
    out = np.zeros((x.shape[0] - high + 1, x.shape[1] - wide + 1), np.float32)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for a in range(high):
                for b in range(wide):
                    out[i, j] += k[a, b] * x[i + high - 1 - a, j + wide - 1 - b]
    return out


@right("convolve2d")
def rotated_twice(x, k):
    return slid(x, np.rot90(k, 2))


@wrong("convolve2d", names="The kernel is not turned")
def not_turned(x, k):
    return slid(x, k)


@wrong("convolve2d", names="The kernel is transposed; a half turn")
def transposed_instead(x, k):
    return slid(x, k.T)


@wrong("convolve2d", names="Only the rows")
def rows_only(x, k):
    return slid(x, k[::-1])


@wrong("convolve2d", names="Only the columns")
def columns_only(x, k):
    return slid(x, k[:, ::-1])


@wrong("convolve2d", names="The picture is turned")
def image_turned(x, k):
    return slid(x[::-1, ::-1], k)


@wrong("convolve2d", names="The output is full")
def full_output(x, k):
    edges = ((k.shape[0] - 1, k.shape[0] - 1), (k.shape[1] - 1, k.shape[1] - 1))
    return slid(np.pad(x, edges), k[::-1, ::-1])


@wrong("convolve2d", names="turned by a quarter; turn it twice")
def quarter_turn(x, k):
    return slid(x, np.rot90(k))


@wrong("convolve2d", names="by a quarter, clockwise")
def quarter_turn_clockwise(x, k):
    return slid(x, np.rot90(k, -1))


@wrong("convolve2d", names="turned by half a turn and transposed")
def turned_and_transposed(x, k):
    return slid(x, k[::-1, ::-1].T)


@wrong("convolve2d", names="The minus signs are lost")
def convolved_without_signs(x, k):
    return slid(x, np.abs(k[::-1, ::-1]))


@wrong("convolve2d", names="These are averages")
def convolved_means(x, k):
    return windows(x, k[::-1, ::-1], lambda window, kernel: np.mean(window * kernel))


@wrong("convolve2d", names="One window too few")
def convolved_one_too_few(x, k):
    return slid(x[:-1, :-1], k[::-1, ::-1])


@wrong("convolve2d", names="padded with zeros")
def convolved_same_size(x, k):
    padded = np.pad(x, ((k.shape[0] // 2, k.shape[0] // 2), (k.shape[1] // 2, k.shape[1] // 2)))
    return slid(padded, k[::-1, ::-1])


@wrong("convolve2d", names="asks you to write yourself")
def scipy_convolution(x, k):
    return signal.convolve2d(x, k, mode="valid")


@wrong("convolve2d", names="asks you to write yourself")
def scipy_filters(x, k):
    return ndimage.convolve(x, k)


# ---- conv1d ----


@right("conv1d")
def two_loops(x, w, beta, stride, dilation, pad):
    row = np.concatenate([np.zeros(pad), x, np.zeros(pad)])
    out = []
    for start in range(0, len(row) - (len(w) - 1) * dilation, stride):
        total = beta
        for j in range(len(w)):
            total += w[j] * row[start + j * dilation]
        out.append(total)
    return out


@right("conv1d")
def strided_slices(x, w, beta, stride, dilation, pad):
    row = np.pad(x, pad)
    count = (len(row) - dilation * (len(w) - 1) - 1) // stride + 1
    ends = (count - 1) * stride + 1
    return beta + sum(w[j] * row[j * dilation : j * dilation + ends : stride] for j in range(len(w)))


@right("conv1d")
def stretched_weights_in_float32(x, w, beta, stride, dilation, pad):
    wide = np.zeros((len(w) - 1) * dilation + 1, np.float32)
    wide[::dilation] = w
    return sliding_window_view(np.pad(x.astype(np.float32), pad), len(wide))[::stride] @ wide + beta


def row_of(x, w, beta, stride, dilation, before, after):
    row = np.concatenate([np.zeros(before), x, np.zeros(after)])
    starts = range(0, len(row) - (len(w) - 1) * dilation, stride)
    return np.array([beta + sum(w[j] * row[i + j * dilation] for j in range(len(w))) for i in starts])


@wrong("conv1d", names="A dilation of 0")
def dilation_from_zero(x, w, beta, stride, dilation, pad):
    return row_of(x, w, beta, stride, dilation + 1, pad, pad)


@wrong("conv1d", names="The dilation is ignored")
def no_dilation(x, w, beta, stride, dilation, pad):
    return row_of(x, w, beta, stride, 1, pad, pad)


@wrong("conv1d", names="The stride is ignored")
def no_stride(x, w, beta, stride, dilation, pad):
    return row_of(x, w, beta, 1, dilation, pad, pad)


@wrong("conv1d", names="Stride and dilation are swapped")
def swapped_roles(x, w, beta, stride, dilation, pad):
    return row_of(x, w, beta, dilation, stride, pad, pad)


@wrong("conv1d", names="The padding is ignored")
def padding_thrown_away(x, w, beta, stride, dilation, pad):
    np.pad(x, pad)
    return row_of(x, w, beta, stride, dilation, 0, 0)


@wrong("conv1d", names="in front only")
def padded_in_front(x, w, beta, stride, dilation, pad):
    return row_of(x, w, beta, stride, dilation, pad, 0)


@wrong("conv1d", names="at the end only")
def padded_at_the_end(x, w, beta, stride, dilation, pad):
    return row_of(x, w, beta, stride, dilation, 0, pad)


@wrong("conv1d", names="The padding is always 1")
def padded_by_one(x, w, beta, stride, dilation, pad):
    return row_of(x, w, beta, stride, dilation, 1, 1)


@wrong("conv1d", names="The bias is left out")
def no_bias(x, w, beta, stride, dilation, pad):
    return row_of(x, w, 0, stride, dilation, pad, pad)


@wrong("conv1d", names="once for each weight")
def bias_inside_the_sum(x, w, beta, stride, dilation, pad):
    row = np.pad(x, pad)
    starts = range(0, len(row) - (len(w) - 1) * dilation, stride)
    return [sum(w[j] * row[i + j * dilation] + beta for j in range(len(w))) for i in starts]


@wrong("conv1d", names="The weights are turned round")
def true_convolution(x, w, beta, stride, dilation, pad):
    return row_of(x, w[::-1], beta, stride, dilation, pad, pad)


@wrong("conv1d", names="One place too few")
def last_place_missing(x, w, beta, stride, dilation, pad):
    return row_of(x, w, beta, stride, dilation, pad, pad)[:-1]


@wrong("conv1d", names="the activation comes later")
def activated(x, w, beta, stride, dilation, pad):
    return np.maximum(row_of(x, w, beta, stride, dilation, pad, pad), 0)


@wrong("conv1d", names="These are averages")
def averaged_row(x, w, beta, stride, dilation, pad):
    return row_of(x, w / len(w), beta, stride, dilation, pad, pad)


@wrong("conv1d", names="asks you to write yourself")
def numpy_correlate(x, w, beta, stride, dilation, pad):
    wide = np.zeros((len(w) - 1) * dilation + 1)
    wide[::dilation] = w
    return np.correlate(np.pad(x, pad), wide, mode="valid")[::stride] + beta


@wrong("conv1d")  # its ValueError could come from other slips, so it has no name
def slices_counted_without_dilation(x, w, beta, stride, dilation, pad):
    row, reach = np.pad(x, pad), (len(w) - 1) * dilation + 1
    starts = range(0, len(row) - len(w) + 1, stride)
    return [beta + np.sum(w * row[i : i + reach : dilation]) for i in starts]


@wrong("conv1d", names="IndexError")
def reads_past_the_end_without_dilation_too(x, w, beta, stride, dilation, pad):
    row = np.pad(x, pad)
    return [beta + sum(w[j] * row[i + j * dilation] for j in range(len(w))) for i in range(0, len(row), stride)]


@wrong("conv1d", names="your count leaves the dilation out")
def length_without_dilation(x, w, beta, stride, dilation, pad):
    row = np.pad(x, pad)
    starts = range(0, len(row) - len(w) + 1, stride)
    return [beta + sum(w[j] * row[i + j * dilation] for j in range(len(w))) for i in starts]


# ---- kernel_table ----

TABLE = {
    "identity": np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "edge_1": np.array([[1, 0, -1], [0, 0, 0], [-1, 0, 1]]),
    "edge_2": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "edge_3": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "box": np.ones((3, 3)) / 9,
    "gauss": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
}


@right("kernel_table")
def one_loop(img):
    return {name: slid(img, kernel) for name, kernel in TABLE.items()}


@right("kernel_table")
def lists_from_scipy(img):
    found = [(name, signal.correlate2d(img, kernel, mode="valid").tolist()) for name, kernel in TABLE.items()]
    return dict(reversed(found))


@right("kernel_table")
def sums_of_slices_in_float32(img):
    x = img.astype("float32")
    corners = x[:-2, :-2] + x[:-2, 2:] + x[2:, :-2] + x[2:, 2:]
    sides = x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:]
    centre = x[1:-1, 1:-1]
    return {
        "identity": centre,
        "edge_1": x[:-2, :-2] - x[:-2, 2:] - x[2:, :-2] + x[2:, 2:],
        "edge_2": sides - 4 * centre,
        "edge_3": 8 * centre - sides - corners,
        "sharpen": 5 * centre - sides,
        "box": (corners + sides + centre) / 9,
        "gauss": (corners + 2 * sides + 4 * centre) / 16,
    }


def table(img, **other):
    return {name: slid(img, kernel) for name, kernel in {**TABLE, **other}.items()}


@wrong("kernel_table", names="The factor is missing")
def sums_for_averages(img):
    return table(img, box=np.ones((3, 3)), gauss=np.round(16 * TABLE["gauss"]))


@wrong("kernel_table", names="The factor is missing")
def gauss_without_factor(img):
    return table(img, gauss=np.round(16 * TABLE["gauss"]))


@wrong("kernel_table", names="Negative values became 0")
def clipped_below(img):
    return {name: np.maximum(out, 0) for name, out in table(img).items()}


@wrong("kernel_table", names="clipped to 0 … 1")
def clipped_to_a_picture(img):
    return {name: np.clip(out, 0, 1) for name, out in table(img).items()}


@wrong("kernel_table", names="these are absolute values")
def absolute_outputs(img):
    return {name: abs(out) for name, out in table(img).items()}


@wrong("kernel_table", names="padded with zeros")
def bordered(img):
    return table(np.pad(img, 1))


@wrong("kernel_table", names="The centre is 4")
def sharpened_with_four(img):
    return table(img, sharpen=-TABLE["edge_2"])


@wrong("kernel_table", names="All signs are the other way round")
def edges_with_minus(img):
    return table(img, edge_2=-TABLE["edge_2"])


@wrong("kernel_table", names="This is the output of 'edge_3'")
def edges_mixed_up(img):
    return table(img, edge_2=TABLE["edge_3"], edge_3=TABLE["edge_2"])


@wrong("kernel_table", names="Rounded to whole numbers")
def rounded_outputs(img):
    return {name: np.round(out) for name, out in table(img).items()}


@wrong("kernel_table", names="Fractions are cut off")
def whole_outputs(img):
    return {name: out.astype(int) for name, out in table(img).items()}


@wrong("kernel_table", names="the key 'gauss' is missing")
def one_key_missing(img):
    out = table(img)
    del out["gauss"]
    return out


@wrong("kernel_table", names="expected a dictionary")
def a_list_of_outputs(img):
    return list(table(img).values())


# ---- sobel ----

X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
GX, GY = int(np.sum(X * PATCH)), int(np.sum(X.T * PATCH))
WORDS = ["minus", "minus", "minus", "same", "same", "other"]


@right("sobel", namespace=True)
def by_the_sign():
    return {"sobel_values": [GX, GY, -GX, -GY], "sobel_signs": WORDS}


@right("sobel", namespace=True)
def computed_arrays():
    kernels = [X, X.T, np.flip(X), np.flip(X.T)]
    return {"sobel_values": np.array([np.sum(k * PATCH) for k in kernels]), "sobel_signs": np.array(WORDS)}


@right("sobel", namespace=True)
def tuples_of_floats():
    return {"sobel_values": (float(GX), float(GY), -float(GX), -float(GY)), "sobel_signs": tuple(WORDS)}


ARRAYS_OF_ONE = [np.array([[value]]) for value in (GX, GY, -GX, -GY)]  # what one's own correlate2d gives


@right("sobel", namespace=True)
def values_from_ones_own_function_and_capitals():
    return {"sobel_values": ARRAYS_OF_ONE, "sobel_signs": ["Minus ", *WORDS[1:5], "OTHER"]}


@right("sobel", namespace=True)
def values_from_nested_lists():
    return {"sobel_values": [[[GX]], [[GY]], [[-GX]], [[-GY]]], "sobel_signs": WORDS}


def sobel_with(values=(GX, GY, -GX, -GY), words=WORDS):
    return {"sobel_values": list(values), "sobel_signs": list(words)}


@wrong("sobel", names="Both stay unchanged", namespace=True)
def both_unchanged():
    return sobel_with((GX, GY, GX, GY), ["same"] * 5 + ["other"])


@wrong("sobel", names="Only gx changes", namespace=True)
def only_gx():
    return sobel_with((GX, GY, -GX, GY))


@wrong("sobel", names="Only gy changes", namespace=True)
def only_gy():
    return sobel_with((GX, GY, GX, -GY))


@wrong("sobel", names="the other way round", namespace=True)
def convolution_first():
    return sobel_with((-GX, -GY, GX, GY))


@wrong("sobel", names="gx and gy are swapped", namespace=True)
def swapped_slopes():
    return sobel_with((GY, GX, -GY, -GX))


@wrong("sobel", names="The order is", namespace=True)
def kernel_by_kernel():
    return sobel_with((GX, -GX, GY, -GY))


@wrong("sobel", names="Both Sobel kernels change", namespace=True)
def words_unchanged():
    return sobel_with(words=["same"] * 5 + ["other"])


@wrong("sobel", names="gy changes its sign too", namespace=True)
def word_for_gx_only():
    return sobel_with(words=["minus", "same", "other", "same", "same", "other"])


@wrong("sobel", names="gx changes its sign too", namespace=True)
def word_for_gy_only():
    return sobel_with(words=["same", "minus", "other", "same", "same", "other"])


@wrong("sobel", names="A square has no sign", namespace=True)
def square_with_minus():
    return sobel_with(words=["minus"] * 4 + ["same", "other"])


@wrong("sobel", names="Gauss looks the same", namespace=True)
def gauss_with_minus():
    return sobel_with(words=["minus"] * 3 + ["same", "minus", "other"])


@wrong("sobel", names="reads another neighbour", namespace=True)
def corner_with_minus():
    return sobel_with(words=["minus"] * 3 + ["same", "same", "minus"])


@wrong("sobel", names="does not look the same upside down", namespace=True)
def corner_unchanged():
    return sobel_with(words=["minus"] * 3 + ["same"] * 3)


@wrong("sobel", names="expected six words in quotes", namespace=True)
def one_text_for_all_words():
    return sobel_with() | {"sobel_signs": " ".join(WORDS)}


@wrong("sobel", names="expected a list of 4 numbers", namespace=True)
def products_not_added():
    return sobel_with([X * PATCH, X.T * PATCH])


@wrong("sobel", namespace=True)
def all_words_minus():
    return sobel_with((0, 0, 0, 0), ["minus"] * 6)


# ---- exposes_flip ----


def expose(kernels):
    return [name for name, k in kernels.items() if not np.array_equal(k, k[::-1, ::-1])]


NOISE = np.random.default_rng(0).integers(0, 10, (12, 15))  # every kernel up to 9×9 fits


def one_bright_pixel(k):
    """A picture in whose middle one pixel is bright, with room for the kernel on all sides."""
    x = np.zeros((2 * k.shape[0] - 1, 2 * k.shape[1] - 1))
    x[k.shape[0] - 1, k.shape[1] - 1] = 1
    return x


def flip_with(rule, letters="BDE"):
    def exposes_flip(kernels):
        return [name for name, k in kernels.items() if rule(k)]

    return {"picked": list(letters), "exposes_flip": exposes_flip}


@right("exposes_flip", namespace=True)
def compared():
    return {"picked": ["B", "D", "E"], "exposes_flip": expose}


@right("exposes_flip", namespace=True)
def a_set_and_letters_in_another_order():
    def exposes_flip(kernels):
        return {name for name in kernels if np.any(np.rot90(kernels[name], 2) != kernels[name])}

    return {"picked": ("E", "B", "D"), "exposes_flip": exposes_flip}


@right("exposes_flip", namespace=True)
def tried_on_a_large_drawn_picture_and_small_letters():
    def exposes_flip(kernels):
        seen = [name for name, k in kernels.items() if (slid(NOISE, k) != slid(NOISE, k[::-1, ::-1])).any()]
        return np.array(seen)

    return {"picked": {"b", "D", " e"}, "exposes_flip": exposes_flip}


@right("exposes_flip", namespace=True)
def tried_on_a_bright_pixel_with_room_around_it():
    def exposes_flip(kernels):
        found = []
        for name, k in kernels.items():
            x = one_bright_pixel(k)
            if (slid(x, k) != slid(x, k[::-1, ::-1])).any():
                found.append(name)
        return found

    return {"picked": np.array(["B", "D", "E"]), "exposes_flip": exposes_flip}


def differs_on(x):
    """A rule that tries both operations on one picture, where the kernel fits."""

    def rule(k):
        fits = x.shape[0] >= k.shape[0] and x.shape[1] >= k.shape[1]
        return fits and not np.array_equal(slid(x, k), slid(x, k[::-1, ::-1]))

    return rule


@wrong("exposes_flip", names="The larger kernels are missing", namespace=True)
def tried_on_a_small_picture():
    return flip_with(differs_on(np.array(IMAGE)))


@wrong("exposes_flip", names="too regular", namespace=True)
def tried_on_a_ramp():
    return flip_with(differs_on(np.arange(300).reshape(15, 20)))


@wrong("exposes_flip", namespace=True)
def tried_on_a_diagonal():
    return flip_with(differs_on(np.eye(20)))


@wrong("exposes_flip", namespace=True)
def tried_on_a_bright_pixel_without_room():
    x = np.zeros((9, 9))
    x[4, 4] = 1
    return flip_with(differs_on(x))


@wrong("exposes_flip", namespace=True)
def sums_compared():
    return flip_with(lambda k: any(not np.array_equal(k.sum(axis), k[::-1, ::-1].sum(axis)) for axis in (0, 1)))


@wrong("exposes_flip", names="expected letters in quotes", namespace=True)
def one_text_for_all_letters():
    return flip_with(lambda k: not np.array_equal(k, k[::-1, ::-1])) | {"picked": "BDE"}


@wrong("exposes_flip", names="they can hide a flip", namespace=True)
def the_symmetric_ones():
    return flip_with(lambda k: not np.array_equal(k, k[::-1, ::-1]), "AC")


@wrong("exposes_flip", names="B changes its sign", namespace=True)
def without_sobel():
    return flip_with(lambda k: not np.array_equal(k, k[::-1, ::-1]), "DE")


@wrong("exposes_flip", names="E is mirrored in its diagonal", namespace=True)
def without_the_leaning_one():
    return flip_with(lambda k: not np.array_equal(k, k[::-1, ::-1]), "BD")


@wrong("exposes_flip", names="No mirror leaves A alone", namespace=True)
def with_the_pinwheel():
    return flip_with(lambda k: not np.array_equal(k, k[::-1, ::-1]), "ABDE")


@wrong("exposes_flip", names="some look the same upside down", namespace=True)
def all_of_them():
    return flip_with(lambda k: True, "ABCDE")


@wrong("exposes_flip", names="leaves alone", namespace=True)
def turned_round():
    return flip_with(lambda k: np.array_equal(k, k[::-1, ::-1]))


@wrong("exposes_flip", names="Compared with the transposed kernel", namespace=True)
def compared_with_transposed():
    return flip_with(lambda k: not np.array_equal(k, k.T), "ABD")


@wrong("exposes_flip", names="Only the rows", namespace=True)
def compared_rows():
    return flip_with(lambda k: not np.array_equal(k, k[::-1]))


@wrong("exposes_flip", names="Only the columns", namespace=True)
def compared_columns():
    return flip_with(lambda k: not np.array_equal(k, k[:, ::-1]))


@wrong("exposes_flip", names="A change of sign", namespace=True)
def up_to_the_sign():
    return flip_with(lambda k: not any(np.array_equal(k[::-1, ::-1], sign * k) for sign in (1, -1)))


@wrong("exposes_flip", names="all look alike", namespace=True)
def tried_on_a_flat_image():
    x = np.ones((6, 7))
    return flip_with(lambda k: not np.array_equal(slid(x, k), slid(x, k[::-1, ::-1])))


@wrong("exposes_flip", namespace=True)
def truth_values():
    def exposes_flip(kernels):
        return [not np.array_equal(k, k[::-1, ::-1]) for k in kernels.values()]

    return {"picked": list("BDE"), "exposes_flip": exposes_flip}
