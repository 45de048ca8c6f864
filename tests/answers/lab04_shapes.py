"""Lab 04: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import itertools
import math

import numpy as np

from course import draws
from tests.answers import right, wrong

SIX = draws.numbers("lab04_shapes", "my_sizes", "sample")
THREE = draws.numbers("lab04_shapes", "my_paddings", "sample")


# ---- out_size ----


def sizes(rule):
    return [rule(*case) for case in SIX]


@right("out_size", namespace=True)
def floor_division():
    def out_size(n, f, s, p):
        if n + 2 * p < f:
            raise ValueError("too wide")
        return (n + 2 * p - f) // s + 1

    return {"out_size": out_size, "my_sizes": [out_size(*case) for case in SIX]}


@right("out_size", namespace=True)
def counted_floats_and_array():
    def out_size(n, f, s, p):
        starts = np.arange(0, n + 2 * p - f + 1, s)
        if len(starts) == 0:
            raise ValueError
        return float(len(starts))

    return {"out_size": out_size, "my_sizes": np.array([out_size(*case) for case in SIX])}


@right("out_size", namespace=True)
def numpy_integer_with_assertive_subclass():
    class TooWide(ValueError):
        pass

    def out_size(n, f, s, p):
        if f > n + 2 * p:
            raise TooWide(f)
        return np.int64(math.floor((n + 2 * p - f) / s + 1))

    return {"out_size": out_size, "my_sizes": tuple(out_size(*case) for case in SIX)}


def with_sizes(rule):
    def out_size(n, f, s, p):
        if n + 2 * p < f:
            raise ValueError
        return rule(n, f, s, p)

    return {"out_size": out_size, "my_sizes": sizes(rule)}


@wrong("out_size", names="The + 1 is missing", namespace=True)
def no_plus_one():
    return with_sizes(lambda n, f, s, p: (n + 2 * p - f) // s)


@wrong("out_size", names="The padding is counted once", namespace=True)
def padding_once():
    return with_sizes(lambda n, f, s, p: (n + p - f) // s + 1)


@wrong("out_size", names="The padding is left out", namespace=True)
def padding_forgotten():
    return with_sizes(lambda n, f, s, p: (n - f) // s + 1)


@wrong("out_size", names="Rounded up", namespace=True)
def rounded_up():
    return with_sizes(lambda n, f, s, p: math.ceil((n + 2 * p - f) / s) + 1)


@wrong("out_size", names="Not rounded down", namespace=True)
def a_fraction():
    return with_sizes(lambda n, f, s, p: (n + 2 * p - f) / s + 1)


@wrong("out_size", names="Rounded to the nearest", namespace=True)
def nearest():
    return with_sizes(lambda n, f, s, p: round((n + 2 * p - f) / s) + 1)


@wrong("out_size", names="Stride and filter side are exchanged", namespace=True)
def exchanged():
    return with_sizes(lambda n, f, s, p: (n + 2 * p - s) // f + 1)


@wrong("out_size", names="These fit the sample numbers", namespace=True)
def sample_numbers_kept():
    def out_size(n, f, s, p):
        if n + 2 * p < f:
            raise ValueError
        return (n + 2 * p - f) // s + 1

    sample = draws.numbers("lab04_shapes", "my_sizes", "")
    return {"out_size": out_size, "my_sizes": [out_size(*case) for case in sample]}


@wrong("out_size", names="A size is given for a filter that fits nowhere", namespace=True)
def never_raises():
    def out_size(n, f, s, p):
        return (n + 2 * p - f) // s + 1

    return {"out_size": out_size, "my_sizes": sizes(out_size)}


@wrong("out_size", names="0 is given", namespace=True)
def zero_places():
    def out_size(n, f, s, p):
        return max((n + 2 * p - f) // s + 1, 0)

    return {"out_size": out_size, "my_sizes": sizes(out_size)}


@wrong("out_size", names="The + 1 is missing", namespace=True)
def right_code_wrong_hand():
    def out_size(n, f, s, p):
        if n + 2 * p < f:
            raise ValueError
        return (n + 2 * p - f) // s + 1

    return {"out_size": out_size, "my_sizes": [out_size(*case) - 1 for case in SIX]}


@wrong("out_size", namespace=True)
def text_instead_of_number():
    return with_sizes(lambda n, f, s, p: str((n + 2 * p - f) // s + 1))


# ---- unread_pixels ----


@right("unread_pixels", namespace=True)
def marked():
    def fits(n, f, s, p):
        return (n + 2 * p - f) % s == 0

    def unread_pixels(n, f, s, p):
        read = np.zeros(n + 2 * p, bool)
        for start in range(0, n + 2 * p - f + 1, s):
            read[start : start + f] = True
        return (~read[p : p + n]).sum()

    return {"fits": fits, "unread_pixels": unread_pixels}


@right("unread_pixels", namespace=True)
def pixel_by_pixel():
    def fits(n, f, s, p):
        return np.bool_(((n + 2 * p - f) / s).is_integer())

    def unread_pixels(n, f, s, p):
        starts = list(range(-p, n + p - f + 1, s))
        lost = [pixel for pixel in range(n) if not any(start <= pixel < start + f for start in starts)]
        return float(len(lost))

    return {"fits": fits, "unread_pixels": unread_pixels}


def fits_rightly(n, f, s, p):
    return (n + 2 * p - f) % s == 0


def lost(n, f, s, p):
    read = {start + tap for start in range(-p, n + p - f + 1, s) for tap in range(f)}
    return len(set(range(n)) - read)


@wrong("unread_pixels", names="It raises an error", namespace=True)
def keras_raises():
    def unread_pixels(n, f, s, p):
        if (n + 2 * p - f) % s:
            raise ValueError("does not fit")
        return lost(n, f, s, p)

    return {"fits": fits_rightly, "unread_pixels": unread_pixels}


@wrong("unread_pixels", names="Turned round", namespace=True)
def turned_round():
    return {"fits": lambda n, f, s, p: (n + 2 * p - f) % s != 0, "unread_pixels": lost}


@wrong("unread_pixels", namespace=True)
def fits_by_unread_pixels():
    return {"fits": lambda n, f, s, p: lost(n, f, s, p) == 0, "unread_pixels": lost}


@wrong("unread_pixels", names="Zeros of the padding are counted too", namespace=True)
def with_zeros():
    def unread_pixels(n, f, s, p):
        read = {start + tap for start in range(0, n + 2 * p - f + 1, s) for tap in range(f)}
        return n + 2 * p - len(read)

    return {"fits": fits_rightly, "unread_pixels": unread_pixels}


@wrong("unread_pixels", names="The padding is left out", namespace=True)
def without_padding_moved():
    return {"fits": fits_rightly, "unread_pixels": lambda n, f, s, p: lost(n, f, s, 0) if n >= f else 0}


@wrong("unread_pixels", names="These are the places", namespace=True)
def places_instead():
    return {"fits": fits_rightly, "unread_pixels": lambda n, f, s, p: (n + 2 * p - f) // s + 1}


@wrong("unread_pixels", names="skipped between two windows", namespace=True)
def only_the_end():
    return {"fits": fits_rightly, "unread_pixels": lambda n, f, s, p: max((n + 2 * p - f) % s - p, 0)}


@wrong("unread_pixels", namespace=True)
def whole_number_for_truth():
    return {"fits": lambda n, f, s, p: int((n + 2 * p - f) % s == 0), "unread_pixels": lambda n, f, s, p: 0}


# ---- same_padding ----


@right("same_padding")
def the_rule(n, f, s):
    out = -(-n // s)
    total = max((out - 1) * s + f - n, 0)
    return total // 2, total - total // 2, out


@right("same_padding")
def as_an_array(n, f, s):
    out = math.ceil(n / s)
    total = max(f - s, 0) if n % s == 0 else max(f - n % s, 0)
    return np.array([total // 2, (total + 1) // 2, out])


@wrong("same_padding", names="The odd zero stands in front")
def odd_in_front(n, f, s):
    out = -(-n // s)
    total = max((out - 1) * s + f - n, 0)
    return total - total // 2, total // 2, out


@wrong("same_padding", names="that keeps the size only at stride 1")
def symmetric(n, f, s):
    p = (f - 1) // 2
    return p, p, (n + 2 * p - f) // s + 1


@wrong("same_padding", names="whatever the stride")
def symmetric_right_size(n, f, s):
    p = (f - 1) // 2
    return p, p, -(-n // s)


@wrong("same_padding", names="The output is rounded down")
def floored(n, f, s):
    out = -(-n // s)
    total = max((out - 1) * s + f - n, 0)
    return total // 2, total - total // 2, n // s


@wrong("same_padding", names="A negative number of zeros")
def negative(n, f, s):
    out = -(-n // s)
    total = (out - 1) * s + f - n
    return total // 2, total - total // 2, out


@wrong("same_padding", names="The output keeps the input's side")
def keeps_the_side(n, f, s):
    out = -(-n // s)
    total = max((out - 1) * s + f - n, 0)
    return total // 2, total - total // 2, n


# ---- pad2d ----


@right("pad2d")
def with_np_pad(x, top, bottom, left, right, mode):
    kinds = {"zero": "constant", "reflect": "reflect"}
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), mode=kinds[mode])


@right("pad2d")
def with_slices(x, top, bottom, left, right, mode):
    batch, height, width, channels = x.shape
    out = np.zeros((batch, height + top + bottom, width + left + right, channels), np.float32)
    out[:, top : top + height, left : left + width] = x
    if mode == "reflect":
        for k in range(1, top + 1):
            out[:, top - k] = out[:, top + k]
        for k in range(1, bottom + 1):
            out[:, top + height - 1 + k] = out[:, top + height - 1 - k]
        for k in range(1, left + 1):
            out[:, :, left - k] = out[:, :, left + k]
        for k in range(1, right + 1):
            out[:, :, left + width - 1 + k] = out[:, :, left + width - 1 - k]
    return out


def padded(x, pairs, mode):
    return np.pad(x, pairs, mode="constant" if mode == "zero" else mode)


@wrong("pad2d", names="Height and width are swapped")
def swapped_axes(x, top, bottom, left, right, mode):
    return padded(x, ((0, 0), (left, right), (top, bottom), (0, 0)), "zero" if mode == "zero" else "reflect")


@wrong("pad2d", names="Top and bottom (or left and right) are swapped")
def swapped_ends(x, top, bottom, left, right, mode):
    return padded(x, ((0, 0), (bottom, top), (right, left), (0, 0)), mode)


@wrong("pad2d", names="The batch is padded")
def pads_the_batch(x, top, bottom, left, right, mode):
    return np.pad(x, ((top, bottom), (left, right), (0, 0), (0, 0)))


@wrong("pad2d", names="The channels are padded")
def pads_the_channels(x, top, bottom, left, right, mode):
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))


@wrong("pad2d", names="The border pixel is repeated")
def symmetric_mode(x, top, bottom, left, right, mode):
    return padded(x, ((0, 0), (top, bottom), (left, right), (0, 0)), "zero" if mode == "zero" else "symmetric")


@wrong("pad2d", names="The border pixel is copied outwards")
def edge_mode(x, top, bottom, left, right, mode):
    return padded(x, ((0, 0), (top, bottom), (left, right), (0, 0)), "zero" if mode == "zero" else "edge")


@wrong("pad2d", names="Zeros stand where the picture should be mirrored")
def always_zero(x, top, bottom, left, right, mode):
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))


@wrong("pad2d")
def only_the_first_image(x, top, bottom, left, right, mode):
    return padded(x, ((0, 0), (top, bottom), (left, right), (0, 0)), mode)[:1]


@wrong("pad2d", names="changed its input")
def works_on_the_input(x, top, bottom, left, right, mode):
    x *= 1.5
    return padded(x / 1.5, ((0, 0), (top, bottom), (left, right), (0, 0)), mode)


# ---- paddings ----


@right("paddings", namespace=True)
def a_list():
    def paddings(n, f, s):
        return [p for p in range(f + 1) if n + 2 * p >= f and (n + 2 * p - f) % s == 0]

    return {"paddings": paddings, "my_paddings": [paddings(*triple) for triple in THREE]}


@right("paddings", namespace=True)
def an_array_and_tuples():
    def paddings(n, f, s):
        p = np.arange(f + 1)
        return p[((n + 2 * p - f) % s == 0) & (n + 2 * p >= f)]

    return {"paddings": paddings, "my_paddings": tuple(tuple(paddings(*triple).tolist()) for triple in THREE)}


def with_paddings(rule):
    return {"paddings": rule, "my_paddings": [rule(*triple) for triple in THREE]}


@wrong("paddings", names="Only the smallest padding", namespace=True)
def only_the_smallest():
    return with_paddings(
        lambda n, f, s: [p for p in range(f + 1) if n + 2 * p >= f and (n + 2 * p - f) % s == 0][:1]
    )


@wrong("paddings", names="The padding is counted once", namespace=True)
def counted_once():
    return with_paddings(lambda n, f, s: [p for p in range(f + 1) if n + p >= f and (n + p - f) % s == 0])


@wrong("paddings", names="wider than the padded row", namespace=True)
def without_asking_whether_it_fits():
    return with_paddings(lambda n, f, s: [p for p in range(f + 1) if (n + 2 * p - f) % s == 0])


@wrong("paddings", names="half a pixel", namespace=True)
def half_pixels():
    return with_paddings(lambda n, f, s: [p / 2 for p in range(2 * f + 1) if (n + p - f) % s == 0])


@wrong("paddings", names="The padding f itself", namespace=True)
def up_to_f_only():
    return with_paddings(lambda n, f, s: [p for p in range(f) if n + 2 * p >= f and (n + 2 * p - f) % s == 0])


@wrong("paddings", names="Only what keeps the size", namespace=True)
def keeps_the_size():
    return with_paddings(lambda n, f, s: [p for p in range(f + 1) if 2 * p == f - 1 and (n - 1) % s == 0])


@wrong("paddings", names="which does not fit here", namespace=True)
def always_half():
    return with_paddings(lambda n, f, s: [(f - 1) // 2])


# ---- trace_shapes ----


@right("trace_shapes")
def walk(spec, shape):
    shapes = []
    for kind, *numbers in spec:
        if kind == "conv":
            filters, f, s, p = numbers
            shape = (*tuple((side + 2 * p - f) // s + 1 for side in shape[:2]), filters)
        elif kind == "pool":
            f, s = numbers
            shape = (*tuple((side - f) // s + 1 for side in shape[:2]), shape[2])
        elif kind == "flatten":
            shape = (math.prod(shape),)
        else:
            shape = (numbers[0],)
        shapes.append(shape)
    return shapes


@right("trace_shapes")
def lists_of_numpy_integers(spec, shape):
    shapes, now = [], [np.int64(side) for side in shape]
    for layer in spec:
        if layer[0] in ("conv", "pool"):
            f, s, p = (layer[2], layer[3], layer[4]) if layer[0] == "conv" else (layer[1], layer[2], 0)
            depth = layer[1] if layer[0] == "conv" else now[2]
            now = [(now[0] + 2 * p - f) // s + 1, (now[1] + 2 * p - f) // s + 1, depth]
        elif layer[0] == "flatten":
            now = [np.prod(now)]
        elif layer[0] == "dense":
            now = [layer[1]]
        shapes.append(list(now))
    return shapes


def traced(spec, shape, depth_of):
    shapes = []
    for kind, *numbers in spec:
        if kind in ("conv", "pool"):
            filters, f, s, p = numbers if kind == "conv" else (None, *numbers, 0)
            depth = depth_of(kind, filters, shape[2], f, s)
            shape = ((shape[0] + 2 * p - f) // s + 1, (shape[1] + 2 * p - f) // s + 1, depth)
        elif kind == "flatten":
            shape = (math.prod(shape),)
        else:
            shape = (numbers[0],)
        shapes.append(shape)
    return shapes


@wrong("trace_shapes", names="Pooling changes the depth")
def pools_the_depth(spec, shape):
    return traced(spec, shape, lambda kind, k, c, f, s: k if kind == "conv" else (c - f) // s + 1)


@wrong("trace_shapes", names="A convolution keeps the depth")
def keeps_the_depth(spec, shape):
    return traced(spec, shape, lambda kind, k, c, f, s: c)


@wrong("trace_shapes", names="Height and width are swapped")
def swapped_sides(spec, shape):
    return traced(spec, (shape[1], shape[0], shape[2]), lambda kind, k, c, f, s: k or c)


@wrong("trace_shapes", names="The padding is left out")
def without_padding(spec, shape):
    bare = [(*layer[:4], 0) if layer[0] == "conv" else layer for layer in spec]
    return traced(bare, shape, lambda kind, k, c, f, s: k or c)


@wrong("trace_shapes", names="The input's shape is in the list")
def input_too(spec, shape):
    return [shape, *traced(spec, shape, lambda kind, k, c, f, s: k or c)]


@wrong("trace_shapes")
def only_the_last(spec, shape):
    return traced(spec, shape, lambda kind, k, c, f, s: k or c)[-1]


# ---- repair ----


@right("repair", namespace=True)
def tuples():
    return {"slide_a": (1, 2), "slide_b": (96, 98), "slide_c": (7, 4, 3)}


@right("repair", namespace=True)
def computed_lists():
    same = [-(-7 // stride) for stride in itertools.islice(itertools.count(1), 3)]
    return {"slide_a": [1.0, 2], "slide_b": np.array([100 - 5 + 1, 100 - 3 + 1]), "slide_c": same}


@wrong("repair", names="Stride 2 has no second place", namespace=True)
def believes_slide_a():
    return {"slide_a": (2, 2), "slide_b": (96, 98), "slide_c": (7, 4, 3)}


@wrong("repair", names="there is no half place", namespace=True)
def one_and_a_half():
    return {"slide_a": (1.5, 2), "slide_b": (96, 98), "slide_c": (7, 4, 3)}


@wrong("repair", names="The two are exchanged: first stride", namespace=True)
def slide_a_exchanged():
    return {"slide_a": (2, 1), "slide_b": (96, 98), "slide_c": (7, 4, 3)}


@wrong("repair", names="The two are exchanged: first the 5×5", namespace=True)
def slide_b_exchanged():
    return {"slide_a": (1, 2), "slide_b": (98, 96), "slide_c": (7, 4, 3)}


@wrong("repair", names="with a rest", namespace=True)
def believes_slide_b_exactly():
    return {"slide_a": (1, 2), "slide_b": (20, 100 / 3), "slide_c": (7, 4, 3)}


@wrong("repair", names="Divided by the filter's side", namespace=True)
def believes_slide_b():
    return {"slide_a": (1, 2), "slide_b": (20, 33), "slide_c": (7, 4, 3)}


@wrong("repair", names="The + 1 is missing", namespace=True)
def ninety_five():
    return {"slide_a": (1, 2), "slide_b": (95, 97), "slide_c": (7, 4, 3)}


@wrong("repair", names="at stride 1 only", namespace=True)
def believes_slide_c():
    return {"slide_a": (1, 2), "slide_b": (96, 98), "slide_c": (7, 7, 7)}


@wrong("repair", names="`same` rounds up", namespace=True)
def same_rounds_down():
    return {"slide_a": (1, 2), "slide_b": (96, 98), "slide_c": (7, 3, 2)}
