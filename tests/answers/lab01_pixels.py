"""Lab 01: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from course import draws
from tests.answers import right, wrong

THREE = draws.numbers("lab01_pixels", "my_mlps", "sample")


# ---- split_channels ----


@right("split_channels")
def last_index(img):
    return img[:, :, 0], img[:, :, 1], img[:, :, 2]


@right("split_channels")
def moved_axis(img):
    return np.moveaxis(img, -1, 0)


@right("split_channels")
def nested_lists(img):
    planes = []
    for channel in range(3):
        plane = []
        for row in img:
            plane.append([pixel[channel] for pixel in row])
        planes.append(plane)
    return planes


@right("split_channels")
def split_and_squeezed(img):
    return [part[..., 0] for part in np.split(img, 3, axis=2)]


@right("split_channels")
def float32_copies(img):
    return tuple(np.zeros(img.shape[:2], np.float32) + img[..., channel] for channel in (0, 1, 2))


@right("split_channels")
def a_generator(img):
    return (img[..., channel] for channel in range(3))


@wrong("split_channels", names="Three times the red plane")
def copies_of_one(img):
    return img[:, :, 0], img[:, :, 0], img[:, :, 0]


@wrong("split_channels", names="Blue stands first")
def as_opencv(img):
    return img[:, :, 2], img[:, :, 1], img[:, :, 0]


@wrong("split_channels", names="The first axis is cut")
def channels_first(img):
    return img[0], img[1], img[2]


@wrong("split_channels", names="The second axis is cut")
def second_axis(img):
    return img[:, 0], img[:, 1], img[:, 2]


@wrong("split_channels", names="rows have become columns")
def transposed_planes(img):
    return tuple(img.T)


@wrong("split_channels", names="The channel axis is still there")
def sliced(img):
    return img[:, :, 0:1], img[:, :, 1:2], img[:, :, 2:3]


@wrong("split_channels", names="two dark channels")
def coloured(img):
    planes = []
    for channel in range(3):
        plane = np.zeros_like(img)
        plane[:, :, channel] = img[:, :, channel]
        planes.append(plane)
    return planes


@wrong("split_channels", names="reshape cuts")
def reshaped(img):
    return img.reshape(3, img.shape[0], img.shape[1])


@wrong("split_channels", names="This is the picture itself")
def the_picture(img):
    return img


@wrong("split_channels", names="Only one plane")
def one_plane(img):
    return img[:, :, 0]


@wrong("split_channels", names="changed its input")
def darkens_the_picture(img):
    red, green, blue = img[:, :, 0].copy(), img[:, :, 1].copy(), img[:, :, 2].copy()
    img[:] = 0
    return red, green, blue


@wrong("split_channels", names="divided by 255")
def scaled_planes(img):
    return [img[:, :, channel] / 255 for channel in range(3)]


@wrong("split_channels")
def as_a_dictionary(img):
    return {"red": img[:, :, 0], "green": img[:, :, 1], "blue": img[:, :, 2]}


# ---- template_scores ----


@right("template_scores")
def matrix_product(W, b, x):
    return W @ x.reshape(-1) + b


@right("template_scores")
def two_loops(W, b, x):
    pixels = x.flatten()
    scores = []
    for row, bias in zip(W, b, strict=True):
        total = bias
        for weight, pixel in zip(row, pixels, strict=True):
            total += weight * pixel
        scores.append(total)
    return scores


@right("template_scores")
def templates_as_pictures(W, b, x):
    return np.tensordot(W.reshape(-1, *x.shape), x, axes=x.ndim) + b


@right("template_scores")
def rows_times_matrix(W, b, x):
    return x.ravel().astype(np.float32) @ W.T.astype(np.float32) + b.astype(np.float32)


@right("template_scores")
def summed_products(W, b, x):
    return np.sum(W * np.concatenate([row.ravel() for row in x]), axis=1) + b


@wrong("template_scores", names="The bias is missing")
def no_bias(W, b, x):
    return W @ x.reshape(-1)


@wrong("template_scores", names="The bias is taken away")
def minus_bias(W, b, x):
    return W @ x.reshape(-1) - b


@wrong("template_scores", names="flattened column by column in each plane")
def fortran_order(W, b, x):
    return W @ x.reshape(-1, order="F") + b


@wrong("template_scores", names="flattened column by column: the order")
def columns_first(W, b, x):
    return W @ np.swapaxes(x, 0, 1).reshape(-1) + b


@wrong("template_scores", names="flattened plane by plane")
def planes_first(W, b, x):
    return W @ np.moveaxis(x, -1, 0).reshape(-1) + b


@wrong("template_scores", names="W is transposed")
def transposed_where_it_fits(W, b, x):
    pixels = x.reshape(-1)
    return W.T @ pixels + b if W.shape[0] == len(pixels) else W @ pixels + b


@wrong("template_scores", names="W is transposed")
def always_transposed(W, b, x):
    return x.reshape(-1) @ W + b


@wrong("template_scores", names="These are probabilities")
def with_softmax(W, b, x):
    scores = W @ x.reshape(-1) + b
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


@wrong("template_scores", names="Negative scores are cut")
def with_relu(W, b, x):
    return np.maximum(0, W @ x.reshape(-1) + b)


@wrong("template_scores", names="the class with the largest score")
def the_class(W, b, x):
    return np.argmax(W @ x.reshape(-1) + b)


@wrong("template_scores", names="The products are not added up")
def products(W, b, x):
    return W * x.reshape(-1)


@wrong("template_scores", names="not their mean")
def mean_of_products(W, b, x):
    return np.mean(W * x.reshape(-1), axis=1) + b


@wrong("template_scores", names="stand in a column")
def in_a_column(W, b, x):
    return W @ x.reshape(-1, 1) + b[:, None]


@wrong("template_scores", names="changed its input b")
def adds_to_the_bias(W, b, x):
    b += W @ x.reshape(-1)
    return b


@wrong("template_scores", names="once for each number")
def bias_inside_the_sum(W, b, x):
    return (W * x.reshape(-1) + b[:, None]).sum(axis=1)


@wrong("template_scores", names="divided by 255")
def scaled_picture(W, b, x):
    return W @ (x.reshape(-1) / 255) + b


@wrong("template_scores")
def sum_of_biases(W, b, x):
    return W @ x.reshape(-1) + b.sum()


@wrong("template_scores")
def without_flattening(W, b, x):
    return W @ x + b


# ---- mlp_params ----


def counted(rule):
    return {"mlp_params": rule, "my_mlps": [rule(*network) for network in THREE]}


@right("mlp_params", namespace=True)
def layer_by_layer():
    def mlp_params(h, w, c, units):
        inputs, total = h * w * c, 0
        for m in units:
            total += inputs * m + m
            inputs = m
        return total

    return counted(mlp_params)


@right("mlp_params", namespace=True)
def pairs_of_widths():
    def mlp_params(h, w, c, units):
        return float(sum((n + 1) * m for n, m in pairwise([h * w * c, *units])))

    return {**counted(mlp_params), "my_mlps": np.array([mlp_params(*network) for network in THREE])}


@right("mlp_params", namespace=True)
def numpy_integers():
    def mlp_params(h, w, c, units):
        widths = np.array([h * w * c, *units], dtype=np.int64)
        return np.sum(widths[:-1] * widths[1:]) + np.sum(widths[1:])

    return {**counted(mlp_params), "my_mlps": tuple(mlp_params(*network) for network in THREE)}


@right("mlp_params", namespace=True)
def recursively():
    def mlp_params(h, w, c, units):
        if not len(units):
            return 0
        return (h * w * c + 1) * units[0] + mlp_params(1, 1, units[0], units[1:])

    return counted(mlp_params)


def count(h, w, c, units, *, bias=1):
    return sum((n + bias) * m for n, m in pairwise([h * w * c, *units]))


@wrong("mlp_params", names="The biases are missing", namespace=True)
def weights_only():
    return counted(lambda h, w, c, units: count(h, w, c, units, bias=0))


@wrong("mlp_params", names="The channels are forgotten", namespace=True)
def one_number_a_pixel():
    return counted(lambda h, w, c, units: count(h, w, 1, units))


@wrong("mlp_params", names="One bias for a whole layer", namespace=True)
def one_bias_a_layer():
    return counted(lambda h, w, c, units: count(h, w, c, units, bias=0) + len(units))


@wrong("mlp_params", names="Only the first layer", namespace=True)
def first_layer_only():
    return counted(lambda h, w, c, units: (h * w * c + 1) * units[0])


@wrong("mlp_params", names="Only the last layer", namespace=True)
def last_layer_only():
    return counted(lambda h, w, c, units: ([h * w * c, *units][-2] + 1) * units[-1])


@wrong("mlp_params", names="as if it read the picture", namespace=True)
def picture_again_and_again():
    def mlp_params(h, w, c, units):
        total = 0
        for m in units:
            total += h * w * c * m + m
        return total

    return counted(mlp_params)


@wrong("mlp_params", names="Biases of the inputs", namespace=True)
def biases_of_inputs():
    return counted(lambda h, w, c, units: count(h, w, c, units) + h * w * c)


@wrong("mlp_params", names="A bias for every input of a layer", namespace=True)
def as_many_biases_as_inputs():
    def mlp_params(h, w, c, units):
        inputs, total = h * w * c, 0
        for m in units:
            total += inputs * m + inputs
            inputs = m
        return total

    return counted(mlp_params)


@wrong("mlp_params", names="The first layer is left out", namespace=True)
def without_the_first_layer():
    return counted(lambda h, w, c, units: sum((n + 1) * m for n, m in pairwise(units)))


@wrong("mlp_params", names="The last layer is left out", namespace=True)
def without_the_last_layer():
    return counted(lambda h, w, c, units: count(h, w, c, units[:-1]))


@wrong("mlp_params", names="Squared, without biases", namespace=True)
def squared():
    return counted(lambda h, w, c, units: (h * w * c) ** 2)


@wrong("mlp_params", names="Squared, plus the biases", namespace=True)
def squared_with_biases():
    return counted(lambda h, w, c, units: (h * w * c + 1) * (h * w * c))


@wrong("mlp_params", names="Height · width squared", namespace=True)
def pixels_squared():
    return counted(lambda h, w, c, units: (h * w) ** 2)


@wrong("mlp_params", names="multiplied with one another", namespace=True)
def one_product():
    return counted(lambda h, w, c, units: h * w * c * math.prod(units))


@wrong("mlp_params", names="These fit the sample numbers", namespace=True)
def sample_numbers_kept():
    return {
        "mlp_params": count,
        "my_mlps": [count(*network) for network in draws.numbers("lab01_pixels", "my_mlps", "")],
    }


@wrong("mlp_params", names="The biases are missing", namespace=True)
def right_code_wrong_hand():
    return {"mlp_params": count, "my_mlps": [count(*network, bias=0) for network in THREE]}


@wrong("mlp_params", namespace=True)
def adds_the_sides():
    return counted(lambda h, w, c, units: count(h + w, 1, c, units))


# ---- fc_same_output ----


@right("fc_same_output")
def inputs_and_outputs(h, w, c, k):
    inputs, outputs = h * w * c, h * w * k
    return inputs * outputs + outputs


@right("fc_same_output")
def as_on_the_slide_but_repaired(h, w, c, k):
    return float((h * w * c + 1) * (h * w) * k)


@right("fc_same_output")
def counted_by_arrays(h, w, c, k):
    return np.prod([h, w, c, h, w, k], dtype=np.int64) + np.prod([h, w, k])


@wrong("fc_same_output", names="This is the slide's rule")
def believes_the_slide(h, w, c, k):
    return (h * w * c + 1) * (h * w * c) * k


@wrong("fc_same_output", names="The biases are missing")
def weights_of_both(h, w, c, k):
    return h * w * c * h * w * k


@wrong("fc_same_output", names="One bias for each of the k maps")
def bias_a_map(h, w, c, k):
    return h * w * c * h * w * k + k


@wrong("fc_same_output", names="The outputs are k numbers")
def k_outputs(h, w, c, k):
    return (h * w * c + 1) * k


@wrong("fc_same_output", names="The output has one map only")
def one_map(h, w, c, k):
    return (h * w * c + 1) * h * w


@wrong("fc_same_output", names="The channels are forgotten")
def grey_input(h, w, c, k):
    return (h * w + 1) * h * w * k


@wrong("fc_same_output", names="as large as the input")
def input_sized(h, w, c, k):
    return (h * w * c + 1) * h * w * c


@wrong("fc_same_output", names="A bias for every input")
def bias_an_input(h, w, c, k):
    return (h * w * k + 1) * h * w * c


@wrong("fc_same_output", names="One bias for the whole layer")
def bias_a_layer(h, w, c, k):
    return h * w * c * h * w * k + 1


@wrong("fc_same_output", names="A map is square")
def square_maps(h, w, c, k):
    return (h * w * c + 1) * h**2 * k


@wrong("fc_same_output")
def the_convolution(h, w, c, k):
    return (5 * 5 * c + 1) * k


@wrong("fc_same_output")
def the_slides_result(h, w, c, k):
    return 94_402_560


@wrong("fc_same_output")
def the_repaired_number_only(h, w, c, k):
    return 31_467_520


# ---- scan_detect ----


def any_above_zero(scores):
    return bool(np.any(scores > 0))


def scanned(img, patch_fn, k):
    rows, columns = img.shape[0] - k + 1, img.shape[1] - k + 1
    scores = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            scores[i, j] = patch_fn(img[i : i + k, j : j + k])
    return scores


def both(scan=scanned, there=any_above_zero):
    return {"scan_detect": scan, "present": there}


@right("scan_detect", namespace=True)
def two_plain_loops():
    def scan_detect(img, patch_fn, k):
        height, width = img.shape
        scores = np.zeros((height - k + 1, width - k + 1))
        for i in range(height - k + 1):
            for j in range(width - k + 1):
                scores[i, j] = patch_fn(img[i : i + k, j : j + k])
        return scores

    def present(scores):
        return scores.max() > 0

    return {"scan_detect": scan_detect, "present": present}


@right("scan_detect", namespace=True)
def lists_of_lists():
    def scan_detect(img, patch_fn, k):
        height, width = len(img), len(img[0])
        scores = []
        for top in range(height - k + 1):
            row = []
            for left in range(width - k + 1):
                patch = [list(line[left : left + k]) for line in img[top : top + k]]
                row.append(patch_fn(np.array(patch)))
            scores.append(row)
        return scores

    def present(scores):
        for row in scores:
            for score in row:
                if score > 0:
                    return True
        return False

    return {"scan_detect": scan_detect, "present": present}


@right("scan_detect", namespace=True)
def views_and_any():
    def scan_detect(img, patch_fn, k):
        windows = sliding_window_view(img, (k, k))
        scores = np.array([patch_fn(patch) for patch in windows.reshape(-1, k, k)])
        return scores.reshape(windows.shape[:2])

    def present(scores):
        return np.any(scores > 0)

    return {"scan_detect": scan_detect, "present": present}


@right("scan_detect", namespace=True)
def one_loop_and_float32():
    def scan_detect(img, patch_fn, k):
        rows, columns = (side - k + 1 for side in img.shape)
        scores = np.empty((rows, columns), np.float32)
        for place in np.ndindex(rows, columns):
            corner = tuple(slice(start, start + k) for start in place)
            scores[place] = patch_fn(img[corner])
        return scores

    def present(scores):
        return any(score > 0 for score in np.ravel(scores))

    return {"scan_detect": scan_detect, "present": present}


@wrong("scan_detect", names="One window too few", namespace=True)
def too_few_windows():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k)[:-1, :-1])


@wrong("scan_detect", names="The last row of windows", namespace=True)
def last_row_missing():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k)[:-1])


@wrong("scan_detect", names="The last column of windows", namespace=True)
def last_column_missing():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k)[:, :-1])


@wrong("scan_detect", names="one row and one column short", namespace=True)
def too_few_in_lists():
    def scan_detect(img, patch_fn, k):
        rows, columns = range(img.shape[0] - k), range(img.shape[1] - k)
        return np.array([[patch_fn(img[i : i + k, j : j + k]) for j in columns] for i in rows])

    return both(scan_detect)


@wrong("scan_detect", names="one row short", namespace=True)
def one_row_too_few_in_lists():
    def scan_detect(img, patch_fn, k):
        rows, columns = range(img.shape[0] - k), range(img.shape[1] - k + 1)
        return [[patch_fn(img[i : i + k, j : j + k]) for j in columns] for i in rows]

    return both(scan_detect)


@wrong("scan_detect", names="The picture is padded", namespace=True)
def padded_picture():
    def scan_detect(img, patch_fn, k):
        wide = np.pad(img, k // 2)
        scores = np.zeros(img.shape)
        for i, j in np.ndindex(scores.shape):
            scores[i, j] = patch_fn(wide[i : i + k, j : j + k])
        return scores

    return both(scan_detect)


@wrong("scan_detect", names="Zeros stand in the last row", namespace=True)
def last_windows_not_filled():
    def scan_detect(img, patch_fn, k):
        rows, columns = img.shape[0] - k + 1, img.shape[1] - k + 1
        scores = np.zeros((rows, columns))
        for i in range(rows - 1):
            for j in range(columns - 1):
                scores[i, j] = patch_fn(img[i : i + k, j : j + k])
        return scores

    return both(scan_detect)


@wrong("scan_detect", names="as large as the picture", namespace=True)
def picture_sized():
    def scan_detect(img, patch_fn, k):
        scores = np.zeros(img.shape)
        for i in range(img.shape[0] - k + 1):
            for j in range(img.shape[1] - k + 1):
                scores[i, j] = patch_fn(img[i : i + k, j : j + k])
        return scores

    return both(scan_detect)


@wrong("scan_detect", names="The map is turned", namespace=True)
def turned_map():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k).T)


@wrong("scan_detect", names="The patches are turned", namespace=True)
def turned_patches():
    return both(lambda img, patch_fn, k: scanned(img, lambda patch: patch_fn(patch.T), k))


@wrong("scan_detect", names="The window jumps by k", namespace=True)
def tiles():
    def scan_detect(img, patch_fn, k):
        rows, columns = range(0, img.shape[0] - k + 1, k), range(0, img.shape[1] - k + 1, k)
        return np.array([[patch_fn(img[i : i + k, j : j + k]) for j in columns] for i in rows])

    return both(scan_detect)


@wrong("scan_detect", names="Only yes or no is kept", namespace=True)
def yes_or_no():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k) > 0)


@wrong("scan_detect", names="Only 1 or 0 is kept", namespace=True)
def one_or_zero():
    return both(lambda img, patch_fn, k: np.where(scanned(img, patch_fn, k) > 0, 1, 0))


@wrong("scan_detect", names="Fractions are cut off", namespace=True)
def whole_numbers():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k).astype(int))


@wrong("scan_detect", namespace=True)
def map_of_the_pictures_type():
    def scan_detect(img, patch_fn, k):
        scores = np.zeros((img.shape[0] - k + 1, img.shape[1] - k + 1), dtype=img.dtype)
        for i, j in np.ndindex(scores.shape):
            scores[i, j] = patch_fn(img[i : i + k, j : j + k])
        return scores

    return both(scan_detect)


@wrong("scan_detect", names="Negative scores are cut", namespace=True)
def rectified():
    return both(lambda img, patch_fn, k: np.maximum(scanned(img, patch_fn, k), 0))


@wrong("scan_detect", names="All scores stand in one row", namespace=True)
def in_one_row():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k).ravel())


@wrong("scan_detect", names="Only the largest score", namespace=True)
def largest_only():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k).max())


@wrong("scan_detect", names="Only the mean", namespace=True)
def mean_only():
    return both(lambda img, patch_fn, k: scanned(img, patch_fn, k).mean())


@wrong("scan_detect", namespace=True)
def flat_patches():
    return both(lambda img, patch_fn, k: scanned(img, lambda patch: patch_fn(patch.ravel()), k))


@wrong("scan_detect", namespace=True)
def square_pictures_only():
    def scan_detect(img, patch_fn, k):
        n = img.shape[0]
        starts = range(n - k + 1)
        return np.array([[patch_fn(img[i : i + k, j : j + k]) for j in starts] for i in starts])

    return both(scan_detect)


@wrong("scan_detect", names="The mean or the sum decides", namespace=True)
def mean_decides():
    return both(there=lambda scores: bool(scores.mean() > 0))


@wrong("scan_detect", names="The mean or the sum decides", namespace=True)
def sum_decides():
    return both(there=lambda scores: bool(scores.sum() > 0))


@wrong("scan_detect", names="All scores must be above 0", namespace=True)
def all_of_them():
    return both(there=lambda scores: bool((scores > 0).all()))


@wrong("scan_detect", names="Most scores must be above 0", namespace=True)
def majority():
    return both(there=lambda scores: bool((scores > 0).mean() > 0.5))


@wrong("scan_detect", names="A score of 0 counts as yes", namespace=True)
def zero_is_yes():
    return both(there=lambda scores: bool((scores >= 0).any()))


@wrong("scan_detect", names="Even a negative score", namespace=True)
def any_without_comparison():
    return both(there=lambda scores: bool(np.any(scores)))


@wrong("scan_detect", names="Only the first window", namespace=True)
def returns_in_the_loop():
    def present(scores):
        for score in scores.ravel():
            if score > 0:
                return True
            else:
                return False

    return both(there=present)


@wrong("scan_detect", names="Even a negative score", namespace=True)
def largest_of_absolute_scores():
    return both(there=lambda scores: bool(np.max(np.abs(scores)) > 0))


@wrong("scan_detect", names="Only the last window", namespace=True)
def overwritten():
    def present(scores):
        for score in scores.ravel():
            found = bool(score > 0)
        return found

    return both(there=present)


@wrong("scan_detect", names="Only the middle window", namespace=True)
def the_middle():
    return both(there=lambda scores: bool(scores[scores.shape[0] // 2, scores.shape[1] // 2] > 0))


@wrong("scan_detect", names="A fraction such as", namespace=True)
def fractions_lost():
    return both(there=lambda scores: int(scores.max()) > 0)


@wrong("scan_detect", names="Turned round", namespace=True)
def absent():
    return both(there=lambda scores: bool(scores.max() <= 0))


@wrong("scan_detect", namespace=True)
def a_number_for_truth():
    return both(there=lambda scores: int(scores.max() > 0))


@wrong("scan_detect", names="A fraction such as", namespace=True)
def half_is_enough():
    return both(there=lambda scores: bool(scores.max() > 0.5))


# ---- shift_accuracy ----


@right("shift_accuracy")
def slices(model, X, y, shifts):
    width = X.shape[2]
    found = {}
    for s in shifts:
        moved = np.zeros_like(X)
        if s >= 0:
            moved[:, :, s:] = X[:, :, : width - s]
        else:
            moved[:, :, :s] = X[:, :, -s:]
        found[s] = np.mean(model.predict(moved) == y)
    return found


@right("shift_accuracy")
def rolled_and_wiped(model, X, y, shifts):
    def moved(s):
        out = np.roll(X, s, axis=2)
        if s > 0:
            out[:, :, :s] = 0
        if s < 0:
            out[:, :, s:] = 0
        return out

    return {s: float((model.predict(moved(s)) == y).mean()) for s in shifts}


@right("shift_accuracy")
def padded_and_cut(model, X, y, shifts):
    reach, width, found = max(map(abs, shifts)), X.shape[2], {}
    wide = np.pad(X, ((0, 0), (0, 0), (reach, reach), (0, 0)))
    for s in shifts:
        correct = model.predict(wide[:, :, reach - s : reach - s + width]) == y
        found[s] = np.float32(correct.sum() / len(y))
    return found


@right("shift_accuracy")
def with_ndimage(model, X, y, shifts):
    found = {}
    for s in shifts:
        moved = ndimage.shift(X, (0, 0, s, 0), order=0)
        found[int(s)] = np.count_nonzero(model.predict(moved) == y) / y.size
    return found


@right("shift_accuracy")
def one_picture_after_another(model, X, y, shifts):
    result = dict()
    for s in shifts:
        hits = 0
        for picture, label in zip(X, y, strict=True):
            moved = np.zeros(picture.shape)
            for column in range(picture.shape[1]):
                if 0 <= column - s < picture.shape[1]:
                    moved[:, column] = picture[:, column - s]
            hits += int(model.predict(moved[None])[0] == label)
        result[s] = hits / len(X)
    return result


def accuracies(shift, model, X, y, shifts):
    return {s: np.mean(model.predict(shift(X, s)) == y) for s in shifts}


def move(X, s):
    out = np.zeros_like(X)
    out[:, :, max(s, 0) : X.shape[2] + min(s, 0)] = X[:, :, max(-s, 0) : X.shape[2] - max(s, 0)]
    return out


def move_down(X, s):
    return np.swapaxes(move(np.swapaxes(X, 1, 2), s), 1, 2)


@wrong("shift_accuracy", names="wrap around, as np.roll")
def wraps(model, X, y, shifts):
    return accuracies(lambda X, s: np.roll(X, s, axis=2), model, X, y, shifts)


@wrong("shift_accuracy", names="The direction is turned round: a positive")
def to_the_left(model, X, y, shifts):
    return accuracies(lambda X, s: move(X, -s), model, X, y, shifts)


@wrong("shift_accuracy", names="The pictures move down: axis 1")
def downwards(model, X, y, shifts):
    return accuracies(move_down, model, X, y, shifts)


@wrong("shift_accuracy", names="The pictures move up")
def upwards(model, X, y, shifts):
    return accuracies(lambda X, s: move_down(X, -s), model, X, y, shifts)


@wrong("shift_accuracy", names="move down and wrap around")
def wraps_downwards(model, X, y, shifts):
    return accuracies(lambda X, s: np.roll(X, s, axis=1), model, X, y, shifts)


@wrong("shift_accuracy", names="turned round, and the pictures wrap")
def wraps_to_the_left(model, X, y, shifts):
    return accuracies(lambda X, s: np.roll(X, -s, axis=2), model, X, y, shifts)


@wrong("shift_accuracy", names="np.roll without an axis")
def rolls_everything(model, X, y, shifts):
    return accuracies(lambda X, s: np.roll(X, s), model, X, y, shifts)


@wrong("shift_accuracy", names="The batch is shifted")
def rolls_the_batch(model, X, y, shifts):
    return accuracies(lambda X, s: np.roll(X, s, axis=0), model, X, y, shifts)


@wrong("shift_accuracy", names="The channels are shifted")
def rolls_the_channels(model, X, y, shifts):
    colour = X.shape[3] > 1
    return accuracies(lambda X, s: np.roll(X, s, axis=-1) if colour else move(X, s), model, X, y, shifts)


@wrong("shift_accuracy", names="The border pixel comes in")
def border_comes_in(model, X, y, shifts):
    def shift(X, s):
        pad = ((0, 0), (0, 0), (max(s, 0), max(-s, 0)), (0, 0))
        wide = np.pad(X, pad, mode="edge")
        return wide[:, :, : X.shape[2]] if s > 0 else wide[:, :, wide.shape[2] - X.shape[2] :]

    return accuracies(shift, model, X, y, shifts)


@wrong("shift_accuracy", names="the wrong columns are wiped")
def rolled_and_wiped_on_the_left(model, X, y, shifts):
    found = {}
    for s in shifts:
        moved = np.roll(X, s, axis=2)
        moved[:, :, :s] = 0
        found[s] = np.mean(model.predict(moved) == y)
    return found


@wrong("shift_accuracy", names="The pictures grow wider")
def padded_and_not_cut(model, X, y, shifts):
    found = {}
    for s in shifts:
        sides = (s, 0) if s > 0 else (0, -s)
        found[s] = np.mean(model.predict(np.pad(X, ((0, 0), (0, 0), sides, (0, 0)))) == y)
    return found


@wrong("shift_accuracy", names="how often the class stays")
def compared_with_itself(model, X, y, shifts):
    return {s: np.mean(model.predict(move(X, s)) == model.predict(X)) for s in shifts}


@wrong("shift_accuracy", names="not shifted at all")
def never_shifted(model, X, y, shifts):
    return accuracies(lambda X, s: X, model, X, y, shifts)


@wrong("shift_accuracy", names="Every shift goes to the right")
def without_the_sign(model, X, y, shifts):
    return accuracies(lambda X, s: move(X, abs(s)), model, X, y, shifts)


@wrong("shift_accuracy", names="Pictures are moved to the right only")
def right_only(model, X, y, shifts):
    return accuracies(lambda X, s: move(X, s) if s > 0 else X, model, X, y, shifts)


@wrong("shift_accuracy", names="on top of the last one")
def piles_up(model, X, y, shifts):
    found = {}
    for s in shifts:
        X = move(X, s)
        found[s] = np.mean(model.predict(X) == y)
    return found


@wrong("shift_accuracy", names="per cent")
def per_cent(model, X, y, shifts):
    return {s: 100 * share for s, share in accuracies(move, model, X, y, shifts).items()}


@wrong("shift_accuracy", names="numbers of pictures")
def how_many(model, X, y, shifts):
    return {s: int(np.sum(model.predict(move(X, s)) == y)) for s in shifts}


@wrong("shift_accuracy", names="shares of errors")
def error_rate(model, X, y, shifts):
    return {s: np.mean(model.predict(move(X, s)) != y) for s in shifts}


@wrong("shift_accuracy", names="A list has no shifts")
def a_list(model, X, y, shifts):
    return list(accuracies(move, model, X, y, shifts).values())


@wrong("shift_accuracy", names="One number for all shifts")
def the_mean(model, X, y, shifts):
    return np.mean(list(accuracies(move, model, X, y, shifts).values()))


@wrong("shift_accuracy")
def empties_at_zero(model, X, y, shifts):
    found = {}
    for s in shifts:
        moved = np.zeros_like(X)
        moved[:, :, s:] = X[:, :, :-s]
        found[s] = np.mean(model.predict(moved) == y)
    return found


@wrong("shift_accuracy")
def argmax_of_classes(model, X, y, shifts):
    return {s: np.mean(np.argmax(model.predict(move(X, s)), axis=-1) == y) for s in shifts}


@wrong("shift_accuracy", names="changed its input")
def shifts_in_place(model, X, y, shifts):
    found = {}
    for s in shifts:
        moved = move(X, s)
        found[s] = np.mean(model.predict(moved) == y)
        X[:] = moved
    return found
