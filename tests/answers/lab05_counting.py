"""Lab 05: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import collections
import itertools
import math
from fractions import Fraction

import numpy as np

from course import draws
from course.draws.lab05 import COUNT_MISTAKES, STACK_MISTAKES
from tests.answers import right, wrong

LAYERS = draws.numbers("lab05_counting", "my_counts", "sample")
STACKS = draws.numbers("lab05_counting", "my_stacks", "sample")


# ---- conv_params ----


def counted(conv_params):
    """The function, and the three layers worked out with the formula."""
    return {"conv_params": conv_params, "my_counts": [k * k * c * f + f for _, c, f, k in LAYERS]}


def plain_params(k, c_in, c_out, bias=True, groups=1):
    return k * k * c_in // groups * c_out + bias * c_out


@right("conv_params", namespace=True)
def one_filter_times_filters():
    def conv_params(k, c_in, c_out, bias=True, groups=1):
        one = int(k * k * c_in / groups)
        return c_out * (one + 1) if bias else c_out * one

    return {"conv_params": conv_params, "my_counts": tuple(conv_params(k, c, f) for _, c, f, k in LAYERS)}


@right("conv_params", namespace=True)
def product_of_the_shapes():
    def conv_params(k, c_in, c_out, bias=True, groups=1):
        return np.prod([k, k, int(c_in / groups), c_out]) + (np.int64(c_out) if bias else 0)

    return {"conv_params": conv_params, "my_counts": np.array([conv_params(k, c, f) for _, c, f, k in LAYERS])}


@right("conv_params", namespace=True)
def group_by_group_in_floats():
    def conv_params(k, c_in, c_out, bias=True, groups=1):
        total = 0.0
        for _ in range(groups):
            total += k**2 * float(c_in / groups) * float(c_out / groups)
        if bias:
            total += c_out
        return total

    return {"conv_params": conv_params, "my_counts": [float(conv_params(k, c, f)) for _, c, f, k in LAYERS]}


@wrong("conv_params", names="The biases are missing", namespace=True)
def no_bias():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: k * k * c_in // groups * c_out)


@wrong("conv_params", names="The depth is forgotten", namespace=True)
def no_depth():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: k * k * c_out + bias * c_out)


@wrong("conv_params", names="One bias for the whole layer", namespace=True)
def one_bias_for_all():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: k * k * c_in // groups * c_out + bias)


@wrong("conv_params", names="A bias for every channel", namespace=True)
def bias_per_channel():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: (k * k + bias) * (c_in // groups) * c_out)


@wrong("conv_params", names="One filter only", namespace=True)
def one_filter():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: k * k * c_in // groups + bias)


@wrong("conv_params", names="has k·k places, not k", namespace=True)
def side_not_squared():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: k * c_in // groups * c_out + bias * c_out)


@wrong("conv_params", names="c_in and c_out are swapped", namespace=True)
def swapped_channels():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: k * k * c_in // groups * c_out + bias * c_in)


@wrong("conv_params", names="The biases are counted, though", namespace=True)
def bias_always():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: k * k * c_in // groups * c_out + c_out)


@wrong("conv_params", names="groups is ignored", namespace=True)
def no_groups():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: k * k * c_in * c_out + bias * c_out)


@wrong("conv_params", names="The biases are divided by groups too", namespace=True)
def all_divided():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: (k * k * c_in * c_out + bias * c_out) // groups)


@wrong("conv_params", names="The filters are divided by groups too", namespace=True)
def filters_divided():
    return counted(
        lambda k, c_in, c_out, bias=True, groups=1: k * k * (c_in // groups) * (c_out // groups) + bias * c_out
    )


@wrong("conv_params", names="Only one of the groups is counted", namespace=True)
def one_group():
    return counted(
        lambda k, c_in, c_out, bias=True, groups=1: (k * k * (c_in // groups) + bias) * (c_out // groups)
    )


def by_hand(name):
    """The right function, and by hand one of the named mistakes."""
    (rule,) = [rule for text, rule in COUNT_MISTAKES.items() if text.startswith(name)]
    return {"conv_params": plain_params, "my_counts": [rule(*layer) for layer in LAYERS]}


@wrong("conv_params", names="The biases are missing", namespace=True)
def by_hand_no_bias():
    return by_hand("The biases are missing")


@wrong("conv_params", names="The depth is forgotten", namespace=True)
def by_hand_no_depth():
    return by_hand("The depth is forgotten")


@wrong("conv_params", names="One bias for the whole layer", namespace=True)
def by_hand_one_bias():
    return by_hand("One bias")


@wrong("conv_params", names="A bias for every channel", namespace=True)
def by_hand_bias_per_channel():
    return by_hand("A bias for every channel")


@wrong("conv_params", names="One filter only", namespace=True)
def by_hand_one_filter():
    return by_hand("One filter only")


@wrong("conv_params", names="New weights at every place", namespace=True)
def by_hand_unshared():
    return by_hand("New weights")


@wrong("conv_params", names="These are the output's values", namespace=True)
def by_hand_outputs():
    return by_hand("These are the output's values")


@wrong("conv_params", names="c_in and filters are exchanged", namespace=True)
def by_hand_exchanged():
    return by_hand("c_in and filters")


@wrong("conv_params", names="k is not squared", namespace=True)
def by_hand_not_squared():
    return by_hand("k is not squared")


@wrong("conv_params", names="These are multiply-adds", namespace=True)
def by_hand_multiply_adds():
    return by_hand("These are multiply-adds")


@wrong("conv_params", names="is the default bias=True gone", namespace=True)
def default_changed():
    return counted(lambda k, c_in, c_out, bias=False, groups=1: plain_params(k, c_in, c_out, bias, groups))


@wrong("conv_params", namespace=True)
def by_hand_one_slip():
    return {"conv_params": plain_params, "my_counts": [plain_params(k, c, f) + (k == 5) for _, c, f, k in LAYERS]}


@wrong("conv_params", namespace=True)
def half_a_filter_more():
    return counted(lambda k, c_in, c_out, bias=True, groups=1: plain_params(k, c_in, c_out, bias, groups) + 0.5)


@wrong("conv_params", namespace=True)
def text_for_a_number():
    return counted(lambda *layer: f"{plain_params(*layer):,}")


# ---- fc_params ----


def dense(inputs, units):
    return inputs * units + units


def local(height, width, k, c_in, c_out):
    return height * width * (k * k * c_in + 1) * c_out


def fc(fc_params=dense, locally_connected_params=local):
    return {"fc_params": fc_params, "locally_connected_params": locally_connected_params}


@right("fc_params", namespace=True)
def formulas():
    return fc(lambda inputs, units: (inputs + 1) * units)


@right("fc_params", namespace=True)
def sixty_four_bits():
    return fc(
        lambda inputs, units: np.int64(inputs) * units + units,
        lambda height, width, k, c_in, c_out: np.prod([height, width, k, k, c_in, c_out]) + height * width * c_out,
    )


@right("fc_params", namespace=True)
def place_by_place_in_floats():
    def locally_connected_params(height, width, k, c_in, c_out):
        total = 0.0
        for _ in range(height):
            for _ in range(width):
                total += c_out * (k**2 * c_in + 1.0)
        return total

    return fc(lambda inputs, units: float(inputs * units) + units, locally_connected_params)


@wrong("fc_params", names="The biases are missing: every unit", namespace=True)
def dense_no_bias():
    return fc(lambda inputs, units: inputs * units)


@wrong("fc_params", names="One bias for the whole layer", namespace=True)
def dense_one_bias():
    return fc(lambda inputs, units: inputs * units + 1)


@wrong("fc_params", names="A bias for every input", namespace=True)
def dense_bias_per_input():
    return fc(lambda inputs, units: inputs * (units + 1))


@wrong("fc_params", names="One unit only", namespace=True)
def dense_one_unit():
    return fc(lambda inputs, units: inputs + 1)


@wrong("fc_params", names="Added, not multiplied", namespace=True)
def dense_added():
    return fc(lambda inputs, units: inputs + units)


@wrong("fc_params", names="This is the shared count", namespace=True)
def local_shared():
    return fc(dense, lambda height, width, k, c_in, c_out: (k * k * c_in + 1) * c_out)


@wrong("fc_params", names="The biases are missing: every place", namespace=True)
def local_no_bias():
    return fc(dense, lambda height, width, k, c_in, c_out: height * width * k * k * c_in * c_out)


@wrong("fc_params", names="The biases are shared", namespace=True)
def local_shared_bias():
    return fc(dense, lambda height, width, k, c_in, c_out: height * width * k * k * c_in * c_out + c_out)


@wrong("fc_params", names="One bias for each place", namespace=True)
def local_one_bias_a_place():
    return fc(dense, lambda height, width, k, c_in, c_out: height * width * (k * k * c_in * c_out + 1))


@wrong("fc_params", names="One map only", namespace=True)
def local_one_map():
    return fc(dense, lambda height, width, k, c_in, c_out: height * width * (k * k * c_in + 1))


@wrong("fc_params", names="The depth is forgotten", namespace=True)
def local_no_depth():
    return fc(dense, lambda height, width, k, c_in, c_out: height * width * (k * k + 1) * c_out)


@wrong("fc_params", names="These are the output's values", namespace=True)
def local_outputs():
    return fc(dense, lambda height, width, k, c_in, c_out: height * width * c_out)


@wrong("fc_params", names="Height and width are added", namespace=True)
def local_added_sides():
    return fc(dense, lambda height, width, k, c_in, c_out: (height + width) * (k * k * c_in + 1) * c_out)


@wrong("fc_params", names="A 32-bit integer has overflowed", namespace=True)
def thirty_two_bits():
    def fc_params(inputs, units):
        return int((np.array([inputs], np.int32) * np.int32(units) + np.int32(units))[0])

    return fc(fc_params)


@wrong("fc_params", namespace=True)
def square_places():
    return fc(dense, lambda height, width, k, c_in, c_out: local(height, height, k, c_in, c_out))


# ---- macs ----


def grid(layer, shape):
    """Filters, side, stride, padding, and the output's height and width."""
    _, filters, f, s, p = layer
    return filters, f, s, p, (shape[0] + 2 * p - f) // s + 1, (shape[1] + 2 * p - f) // s + 1


def conv_macs(layer, shape):
    filters, f, _, _, height, width = grid(layer, shape)
    return height * width * f * f * shape[2] * filters


@right("macs")
def by_kind(layer, shape):
    if layer[0] == "conv":
        filters, f, _, _, height, width = grid(layer, shape)
        return height * width * filters * f * f * shape[2]
    if layer[0] == "dense":
        return math.prod(shape) * layer[1]
    return 0


@right("macs")
def counted_in_loops(layer, shape):
    total = 0
    if layer[0] == "conv":
        _, filters, f, s, p = layer
        for _ in range(0, shape[0] + 2 * p - f + 1, s):
            for _ in range(0, shape[1] + 2 * p - f + 1, s):
                total += f * f * shape[2] * filters
    elif layer[0] == "dense":
        total = np.prod([*shape, layer[1]])
    return np.int64(total)


@right("macs")
def in_floats(layer, shape):
    cost = {"conv": conv_macs, "dense": lambda layer, shape: layer[1] * sum(shape)}
    return float(cost.get(layer[0], lambda layer, shape: 0)(layer, shape))


def macs_with(conv=conv_macs, dense=lambda layer, shape: shape[0] * layer[1], rest=lambda layer, shape: 0):
    def macs(layer, shape):
        return {"conv": conv, "dense": dense}.get(layer[0], rest)(layer, shape)

    return {"macs": macs}


@wrong("macs", names="These are FLOPs", namespace=True)
def flops():
    return macs_with(
        lambda layer, shape: 2 * conv_macs(layer, shape), lambda layer, shape: 2 * shape[0] * layer[1]
    )


@wrong("macs", names="The biases are counted", namespace=True)
def with_biases():
    def conv(layer, shape):
        filters, f, _, _, height, width = grid(layer, shape)
        return height * width * filters * (f * f * shape[2] + 1)

    return macs_with(conv, lambda layer, shape: (shape[0] + 1) * layer[1])


@wrong("macs", names="The depth is forgotten", namespace=True)
def flat_filters():
    return macs_with(lambda layer, shape: conv_macs(layer, (*shape[:2], 1)))


@wrong("macs", names="One filter only", namespace=True)
def a_single_filter():
    return macs_with(lambda layer, shape: conv_macs(layer, shape) // layer[1])


@wrong("macs", names="These are the weights", namespace=True)
def weights_only():
    return macs_with(lambda layer, shape: layer[2] ** 2 * shape[2] * layer[1])


@wrong("macs", names="The places of the input", namespace=True)
def input_places():
    return macs_with(lambda layer, shape: math.prod(shape) * layer[2] ** 2 * layer[1])


@wrong("macs", names="The padding is left out", namespace=True)
def unpadded():
    return macs_with(lambda layer, shape: conv_macs((*layer[:4], 0), shape))


@wrong("macs", names="The stride is left out", namespace=True)
def unstrided():
    return macs_with(lambda layer, shape: conv_macs((*layer[:3], 1, layer[4]), shape))


@wrong("macs", names="values of the output", namespace=True)
def output_values():
    def conv(layer, shape):
        filters, _, _, _, height, width = grid(layer, shape)
        return height * width * filters

    return macs_with(conv, lambda layer, shape: layer[1])


@wrong("macs", names="Pooling is counted", namespace=True)
def pooling_too():
    def rest(layer, shape):
        if layer[0] == "flatten":
            return 0
        _, f, s = layer
        return ((shape[0] - f) // s + 1) * ((shape[1] - f) // s + 1) * shape[2] * f * f

    return macs_with(rest=rest)


@wrong("macs", names="Flatten computes nothing", namespace=True)
def flatten_too():
    return macs_with(rest=lambda layer, shape: math.prod(shape) if layer[0] == "flatten" else 0)


@wrong("macs", names="The height is used twice", namespace=True)
def square_pictures():
    return macs_with(lambda layer, shape: conv_macs(layer, (shape[0], shape[0], shape[2])))


@wrong("macs", names="The width is used twice", namespace=True)
def square_the_other_way():
    return macs_with(lambda layer, shape: conv_macs(layer, (shape[1], shape[1], shape[2])))


@wrong("macs", names="The + 1 of the output's side is missing", namespace=True)
def one_place_too_few():
    def conv(layer, shape):
        filters, f, _, _, height, width = grid(layer, shape)
        return (height - 1) * (width - 1) * f * f * shape[2] * filters

    return macs_with(conv)


@wrong("macs", names="The padding is added once", namespace=True)
def padded_on_one_side():
    def conv(layer, shape):
        _, filters, f, s, p = layer
        return ((shape[0] + p - f) // s + 1) * ((shape[1] + p - f) // s + 1) * f * f * shape[2] * filters

    return macs_with(conv)


@wrong("macs", names="Rounded up", namespace=True)
def rounded_up():
    def conv(layer, shape):
        _, filters, f, s, p = layer
        high, wide = (math.ceil((n + 2 * p - f) / s) + 1 for n in shape[:2])
        return high * wide * f * f * shape[2] * filters

    return macs_with(conv)


@wrong("macs", names="f is not squared", namespace=True)
def side_once():
    return macs_with(lambda layer, shape: conv_macs(layer, shape) // layer[2])


@wrong("macs", names="The biases are counted, once for each filter", namespace=True)
def with_biases_once():
    return macs_with(lambda layer, shape: conv_macs(layer, shape) + layer[1])


@wrong("macs", names="The biases are counted; here they are not", namespace=True)
def with_biases_in_convolutions():
    def conv(layer, shape):
        filters, f, _, _, height, width = grid(layer, shape)
        return (f * f * shape[2] + 1) * filters * height * width

    return macs_with(conv)


# ---- vgg_table ----

SIXTEEN = [64, 64, "pool", 128, 128, "pool", *3 * [256], "pool", *3 * [512], "pool", *3 * [512], "pool"]
TOTALS = {
    "total_values": 15_237_608,
    "total_weights": 138_344_128,
    "total_parameters": 138_357_544,
    "total_bytes": 553_430_176,
}


def walk(column, bias):
    """Rows of name, side, channels (or units), parameters."""
    rows, side, channels = [("input", 224, 3, 0)], 224, 3
    for entry in column:
        if entry == "pool":
            side //= 2
            rows.append(("pool", side, channels, 0))
        else:
            rows.append(("conv", side, entry, 9 * channels * entry + bias * entry))
            channels = entry
    inputs = side * side * channels
    for units in (4096, 4096, 1000):
        rows.append(("dense", 1, units, inputs * units + bias * units))
        inputs = units
    return rows


def plain_table(column, bias):
    return [(side * side * channels, count) for _, side, channels, count in walk(column, bias)]


def tabled(vgg_table, **totals):
    return {"vgg_table": vgg_table, **TOTALS, **totals}


@right("vgg_table", namespace=True)
def list_of_tuples():
    def vgg_table(column, bias=True):
        rows, side, channels = [(224 * 224 * 3, 0)], 224, 3
        for entry in column:
            if entry == "pool":
                side >>= 1
                rows.append((side * side * channels, 0))
            else:
                rows.append((side * side * entry, (9 * channels + bias) * entry))
                channels = entry
        inputs = rows[-1][0]
        for units in (4096, 4096, 1000):
            rows.append((units, (inputs + bias) * units))
            inputs = units
        return rows

    table, bare = vgg_table(SIXTEEN, True), vgg_table(SIXTEEN, False)
    return {
        "vgg_table": vgg_table,
        "total_values": sum(values for values, _ in table),
        "total_weights": sum(count for _, count in bare),
        "total_parameters": sum(count for _, count in table),
        "total_bytes": 4 * sum(count for _, count in table),
    }


@right("vgg_table", namespace=True)
def an_array():
    def vgg_table(column, bias=True):
        return np.array([[side**2 * channels, count] for _, side, channels, count in walk(column, bias)])

    sums = vgg_table(SIXTEEN).sum(axis=0)
    weights = vgg_table(SIXTEEN, bias=False)[:, 1].sum()
    return {
        "vgg_table": vgg_table,
        "total_values": sums[0],
        "total_weights": weights,
        "total_parameters": sums[1],
        "total_bytes": sums[1] * np.dtype("float32").itemsize,
    }


@right("vgg_table", namespace=True)
def tuple_of_lists_of_floats():
    def vgg_table(column, bias=True):
        return tuple([float(values), np.float64(count)] for values, count in plain_table(column, bias))

    return tabled(vgg_table, total_bytes=138_357_544 * 4.0, total_values=np.float64(15_237_608))


@wrong("vgg_table", names="These are bytes; the question asks for values", namespace=True)
def bytes_in_rows():
    return tabled(lambda column, bias: [(4 * values, count) for values, count in plain_table(column, bias)])


@wrong("vgg_table", names="The input's row is missing", namespace=True)
def no_input_row():
    return tabled(lambda column, bias: plain_table(column, bias)[1:])


@wrong("vgg_table", names="The rows of pooling are 0", namespace=True)
def pools_take_no_memory():
    return tabled(
        lambda column, bias: [
            (side * side * channels * (kind != "pool"), count)
            for kind, side, channels, count in walk(column, bias)
        ]
    )


@wrong("vgg_table", names="halves height and width", namespace=True)
def pools_do_not_halve():
    return tabled(
        lambda column, bias: [
            (channels if kind == "dense" else 224 * 224 * channels, count)
            for kind, _, channels, count in walk(column, bias)
        ]
    )


@wrong("vgg_table", names="Each row has its input's values", namespace=True)
def shifted_rows():
    def vgg_table(column, bias):
        values, counts = zip(*plain_table(column, bias), strict=True)
        return list(zip((values[0], *values[:-1]), counts, strict=True))

    return tabled(vgg_table)


@wrong("vgg_table", names="a layer's output has one map for each filter", namespace=True)
def one_map_each():
    return tabled(
        lambda column, bias: [
            (channels if kind == "dense" else side * side, count)
            for kind, side, channels, count in walk(column, bias)
        ]
    )


@wrong("vgg_table", names="The biases are missing, though bias is True", namespace=True)
def never_biased():
    return tabled(lambda column, bias: plain_table(column, False))


@wrong("vgg_table", names="The biases are counted, though bias is False", namespace=True)
def always_biased():
    return tabled(lambda column, bias: plain_table(column, True))


def with_pools(rule):
    return tabled(
        lambda column, bias: [
            (side * side * channels, rule(channels) if kind == "pool" else count)
            for kind, side, channels, count in walk(column, bias)
        ]
    )


@wrong("vgg_table", names="The rows of pooling have parameters", namespace=True)
def pools_like_convolutions():
    return with_pools(lambda channels: 2 * 2 * channels * channels)


@wrong("vgg_table", names="The rows of pooling have weights for each map", namespace=True)
def pools_with_weights():
    return with_pools(lambda channels: 2 * 2 * channels)


@wrong("vgg_table", names="The rows of pooling have biases", namespace=True)
def pools_with_biases():
    return with_pools(lambda channels: channels)


@wrong("vgg_table", names="The first dense layer reads every value", namespace=True)
def dense_reads_maps():
    def vgg_table(column, bias):
        rows = plain_table(column, bias)
        rows[-3] = (4096, (max(entry for entry in column[-2:] if entry != "pool") + bias) * 4096)
        return rows

    return tabled(vgg_table)


@wrong("vgg_table", names="a filter is as deep as its input", namespace=True)
def flat_layers():
    return tabled(
        lambda column, bias: [
            (side * side * channels, (9 + bias) * channels if kind == "conv" else count)
            for kind, side, channels, count in walk(column, bias)
        ]
    )


@wrong("vgg_table", names="These are bytes; the question asks for parameters", namespace=True)
def bytes_of_parameters():
    return tabled(lambda column, bias: [(values, 4 * count) for values, count in plain_table(column, bias)])


@wrong("vgg_table", names="The rows of pooling are missing", namespace=True)
def no_pool_rows():
    return tabled(
        lambda column, bias: [
            (side * side * channels, count) for kind, side, channels, count in walk(column, bias) if kind != "pool"
        ]
    )


@wrong("vgg_table", names="There is a row for flatten", namespace=True)
def a_row_for_flatten():
    def vgg_table(column, bias):
        rows = plain_table(column, bias)
        return [*rows[:-3], (rows[-4][0], 0), *rows[-3:]]

    return tabled(vgg_table)


@wrong("vgg_table", names="The three dense layers are missing", namespace=True)
def no_dense_rows():
    return tabled(lambda column, bias: plain_table(column, bias)[:-3])


@wrong("vgg_table", names="The two numbers of a pair are exchanged", namespace=True)
def exchanged_pairs():
    return tabled(lambda column, bias: [(count, values) for values, count in plain_table(column, bias)])


@wrong("vgg_table", names="The rows of pooling have the values that go in", namespace=True)
def appended_before_halving():
    def vgg_table(column, bias):
        rows = plain_table(column, bias)
        for place, entry in enumerate(column, 1):
            if entry == "pool":
                rows[place] = (4 * rows[place][0], 0)
        return rows

    return tabled(vgg_table)


@wrong("vgg_table", names="In the dense layers the biases are missing", namespace=True)
def dense_without_biases():
    return tabled(lambda column, bias: [*plain_table(column, bias)[:-3], *plain_table(column, False)[-3:]])


@wrong("vgg_table", names="In the convolutions the biases are missing", namespace=True)
def convolutions_without_biases():
    return tabled(lambda column, bias: [*plain_table(column, False)[:-3], *plain_table(column, bias)[-3:]])


@wrong("vgg_table", names="In the dense layers the biases are counted", namespace=True)
def dense_always_with_biases():
    return tabled(lambda column, bias: [*plain_table(column, bias)[:-3], *plain_table(column, True)[-3:]])


@wrong("vgg_table", names="Write the number without commas", namespace=True)
def total_with_commas():
    return tabled(plain_table, total_values=(15, 237, 608))


@wrong("vgg_table", names="each row has two numbers", namespace=True)
def names_in_rows():
    return tabled(walk)


@wrong("vgg_table", namespace=True)
def memory_alone():
    return tabled(lambda column, bias: [values for values, _ in plain_table(column, bias)])


@wrong("vgg_table", names="24 M is printed in well-known notes", namespace=True)
def copied_total():
    return tabled(plain_table, total_values=24e6)


@wrong("vgg_table", names="These are bytes; the question asks for values", namespace=True)
def total_in_bytes():
    return tabled(plain_table, total_values=4 * 15_237_608)


@wrong("vgg_table", names="The input's row is missing", namespace=True)
def total_without_input():
    return tabled(plain_table, total_values=15_237_608 - 150_528)


@wrong("vgg_table", names="These are the convolutions alone; all rows count", namespace=True)
def total_of_convolutions():
    return tabled(
        plain_table, total_values=sum(row[1] ** 2 * row[2] for row in walk(SIXTEEN, 1) if row[0] == "conv")
    )


@wrong("vgg_table", names="The biases are counted; here they are left out", namespace=True)
def weights_with_biases():
    return tabled(plain_table, total_weights=138_357_544)


@wrong("vgg_table", names="the dense layers count too", namespace=True)
def weights_of_convolutions():
    return tabled(plain_table, total_weights=sum(row[3] for row in walk(SIXTEEN, 0) if row[0] == "conv"))


@wrong("vgg_table", names="The biases are missing: call", namespace=True)
def parameters_without_biases():
    return tabled(plain_table, total_parameters=138_344_128)


@wrong("vgg_table", names="Rounded", namespace=True)
def rounded_parameters():
    return tabled(plain_table, total_parameters=138e6)


@wrong("vgg_table", names="each takes four bytes", namespace=True)
def parameters_for_bytes():
    return tabled(plain_table, total_bytes=138_357_544)


@wrong("vgg_table", names="they take four bytes each, too", namespace=True)
def bytes_without_biases():
    return tabled(plain_table, total_bytes=4 * 138_344_128)


@wrong("vgg_table", names="Eight bytes are float64", namespace=True)
def eight_bytes():
    return tabled(plain_table, total_bytes=8 * 138_357_544)


@wrong("vgg_table", names="These are bits", namespace=True)
def bits():
    return tabled(plain_table, total_bytes=32 * 138_357_544)


@wrong("vgg_table", names="These are megabytes", namespace=True)
def megabytes():
    return tabled(plain_table, total_bytes=553.430176)


@wrong("vgg_table", names="These are the bytes of the outputs", namespace=True)
def bytes_of_outputs():
    return tabled(plain_table, total_bytes=4 * 15_237_608)


# ---- stacks ----


def share(widths):
    side = 2 * len(widths) - 1
    weights = sum(9 * a * b for a, b in itertools.pairwise(widths))
    return weights / (side * side * widths[0] * widths[-1])


def hand():
    return [(9 * (a * b + b * d), 25 * a * d) for a, b, d in STACKS]


def stacked(stack_ratio=share, my_stacks=None, five_against_three=(25 / 9, 16 / 9)):
    return {
        "stack_ratio": stack_ratio,
        "my_stacks": hand() if my_stacks is None else my_stacks,
        "five_against_three": five_against_three,
    }


@right("stacks", namespace=True)
def loop_over_widths():
    def stack_ratio(widths):
        weights = 0
        for i in range(len(widths) - 1):
            weights += 3 * 3 * widths[i] * widths[i + 1]
        side = 1 + 2 * (len(widths) - 1)
        return weights / (side**2 * widths[0] * widths[-1])

    return stacked(stack_ratio, five_against_three=(2.78, 1.78))


@right("stacks", namespace=True)
def with_arrays():
    def stack_ratio(widths):
        widths = np.array(widths)
        return np.float32(9 * np.sum(widths[:-1] * widths[1:])) / np.float64(
            (2 * len(widths) - 1) ** 2 * widths[0] * widths[-1]
        )

    return stacked(stack_ratio, np.array(hand()), np.array([25, 16]) / 9)


@right("stacks", namespace=True)
def with_fractions():
    def stack_ratio(widths):
        single = (2 * len(widths) - 1) ** 2 * widths[0] * widths[-1]
        return float(sum(Fraction(9 * a * b, single) for a, b in itertools.pairwise(widths)))

    return stacked(stack_ratio, tuple([float(a), b] for a, b in hand()), [float(Fraction(25, 9)), 25 / 9 - 1])


@wrong("stacks", names="The ratio is inverted: divide", namespace=True)
def inverted():
    return stacked(lambda widths: 1 / share(widths))


@wrong("stacks", names="This is the share that is saved", namespace=True)
def saved():
    return stacked(lambda widths: 1 - share(widths))


@wrong("stacks", names="The widths between are missing", namespace=True)
def without_the_middle():
    return stacked(lambda widths: 9 * (len(widths) - 1) / (2 * len(widths) - 1) ** 2)


@wrong("stacks", names="One 3×3 layer only", namespace=True)
def one_layer():
    return stacked(lambda widths: 9 / (2 * len(widths) - 1) ** 2)


@wrong("stacks", names="do not see 3 + 3", namespace=True)
def sides_added():
    return stacked(lambda widths: share(widths) * (2 * len(widths) - 1) ** 2 / (3 * (len(widths) - 1)) ** 2)


@wrong("stacks", names="The single layer keeps side 5", namespace=True)
def always_five():
    return stacked(lambda widths: share(widths) * (2 * len(widths) - 1) ** 2 / 25)


@wrong("stacks", names="The ratio is rounded", namespace=True)
def two_decimals():
    return stacked(lambda widths: round(share(widths), 2))


@wrong("stacks", names="// throws the digits", namespace=True)
def whole_division():
    return stacked(lambda widths: share(widths) // 1)


@wrong("stacks", names="The view is not squared", namespace=True)
def view_once():
    return stacked(lambda widths: share(widths) * (2 * len(widths) - 1))


@wrong("stacks", names="Biases are counted", namespace=True)
def stacks_with_biases():
    def stack_ratio(widths):
        side = 2 * len(widths) - 1
        above = sum((9 * a + 1) * b for a, b in itertools.pairwise(widths))
        return above / ((side * side * widths[0] + 1) * widths[-1])

    return stacked(stack_ratio)


@wrong("stacks", namespace=True)
def in_percent():
    return stacked(lambda widths: 100 * share(widths))


@wrong("stacks", names="is the slide's slip", namespace=True)
def as_the_slide():
    return stacked(five_against_three=(2.78, 2.78))


@wrong("stacks", names="These are the sides of the filters", namespace=True)
def sides_for_weights():
    return stacked(five_against_three=(5 / 3, 2 / 3))


@wrong("stacks", names="// throws the digits", namespace=True)
def pair_without_digits():
    return stacked(five_against_three=(25 // 9, 16 // 9))


@wrong("stacks", names="These are per cent", namespace=True)
def pair_in_per_cent():
    return stacked(five_against_three=(277.78, 177.78))


@wrong("stacks", names="The ratio is inverted: how", namespace=True)
def three_against_five():
    return stacked(five_against_three=(0.36, -0.64))


@wrong("stacks", names="The other way round: first times as many", namespace=True)
def swapped_pair():
    return stacked(five_against_three=(16 / 9, 25 / 9))


@wrong("stacks", names="divide them by the smaller", namespace=True)
def sixteen_more():
    return stacked(five_against_three=(25 / 9, 16))


@wrong("stacks", names="measured against the smaller", namespace=True)
def against_twenty_five():
    return stacked(five_against_three=(2.78, 0.64))


def stacks_by_hand(name):
    """The right function, and by hand one of the named mistakes."""
    (rule,) = [rule for text, rule in STACK_MISTAKES.items() if text.startswith(name)]
    return stacked(my_stacks=[rule(*widths) for widths in STACKS])


@wrong("stacks", names="The middle width is missing", namespace=True)
def hand_no_middle():
    return stacks_by_hand("The middle width is missing")


@wrong("stacks", names="The first layer's outputs are taken", namespace=True)
def hand_first_twice():
    return stacks_by_hand("The first layer's outputs")


@wrong("stacks", names="the stack has two", namespace=True)
def hand_one_layer():
    return stacks_by_hand("One 3×3 layer only")


@wrong("stacks", names="Biases are counted", namespace=True)
def hand_biases():
    return stacks_by_hand("Biases are counted")


@wrong("stacks", names="The other way round: the stack comes first", namespace=True)
def hand_swapped():
    return stacks_by_hand("The other way round")


@wrong("stacks", names="k·k places, not k", namespace=True)
def hand_side():
    return stacks_by_hand("A filter of side k")


@wrong("stacks", names="The channels are forgotten", namespace=True)
def hand_no_channels():
    return stacks_by_hand("The channels are forgotten")


@wrong("stacks", names="c_mid and c_out are exchanged", namespace=True)
def hand_last_two_exchanged():
    return stacks_by_hand("c_mid and c_out")


@wrong("stacks", names="c_in and c_mid are exchanged", namespace=True)
def hand_first_two_exchanged():
    return stacks_by_hand("c_in and c_mid")


@wrong("stacks", names="This is the ratio; here the two numbers", namespace=True)
def hand_ratios():
    return stacks_by_hand("This is the ratio")


@wrong("stacks", names="The pairs are right but in the wrong order", namespace=True)
def hand_second_first():
    return stacked(my_stacks=hand()[::-1])


@wrong("stacks", names="The four numbers stand in one row", namespace=True)
def hand_in_one_row():
    return stacked(my_stacks=[number for pair in hand() for number in pair])


# ---- missing_layers ----

ONES, THREES = ["conv1-256", "conv1-512", "conv1-512"], ["conv3-256", "conv3-512", "conv3-512"]


def depth(column):
    return sum(name.startswith(("conv", "FC")) for name in column)


def found(weight_layers=depth, **lists):
    right = {
        "missing_b": ["conv3-128"],
        "missing_c": ONES,
        "missing_d": THREES,
        "moved_b": ONES,
        "missing_e": THREES,
    }
    return {"weight_layers": weight_layers, **right, **lists}


@right("missing_layers", namespace=True)
def lists_in_order():
    def weight_layers(column):
        return len([name for name in column if name[:4] == "conv" or name[:2] == "FC"])

    return found(weight_layers)


@right("missing_layers", namespace=True)
def tuples_in_any_order():
    def weight_layers(column):
        count = 0
        for name in column:
            if name not in ("maxpool", "LRN", "soft-max"):
                count += 1
        return float(count)

    return found(weight_layers, missing_c=tuple(reversed(ONES)), missing_b="conv3-128", missing_e=tuple(THREES))


@right("missing_layers", namespace=True)
def arrays_of_text():
    def weight_layers(column):
        return np.sum(["-" in name and "soft" not in name for name in column])

    return found(weight_layers, missing_d=np.array(THREES), moved_b=[" conv1-512", "conv1-256 ", "conv1-512"])


@right("missing_layers", namespace=True)
def names_with_counts():
    return found(
        missing_c=collections.Counter(ONES), moved_b={"conv1-256": 1, "conv1-512": 2}, missing_d=tuple(THREES)
    )


@wrong("missing_layers", names="Pooling is counted", namespace=True)
def pooling_has_weights():
    return found(lambda column: depth(column) + list(column).count("maxpool"))


@wrong("missing_layers", names="The dense layers are missing", namespace=True)
def convolutions_only():
    return found(lambda column: sum(name.startswith("conv") for name in column))


@wrong("missing_layers", names="Every row is counted", namespace=True)
def every_row():
    return found(len)


@wrong("missing_layers", names="The 3×3 layers alone", namespace=True)
def three_by_three_only():
    return found(lambda column: sum(name.startswith("conv3") for name in column))


@wrong("missing_layers", names="The 1×1 layers are missing", namespace=True)
def without_ones():
    return found(lambda column: sum(name.startswith(("conv3", "FC")) for name in column))


@wrong("missing_layers", names="LRN and soft-max are counted", namespace=True)
def all_but_pooling():
    return found(lambda column: sum(name != "maxpool" for name in column))


@wrong("missing_layers", names="That layer has 36,928 parameters", namespace=True)
def b_lacks_64():
    return found(missing_b=["conv3-64"])


@wrong("missing_layers", names="That layer has 590,080 parameters", namespace=True)
def b_lacks_256():
    return found(missing_b=["conv3-256"])


@wrong("missing_layers", names="That layer has 16,512 parameters", namespace=True)
def b_lacks_a_one():
    return found(missing_b=["conv1-128"])


@wrong("missing_layers", names="One is enough", namespace=True)
def b_lacks_two():
    return found(missing_b=["conv3-128", "conv3-128"])


@wrong("missing_layers", names="C lacks 591,104 parameters", namespace=True)
def c_like_d():
    return found(missing_c=THREES)


@wrong("missing_layers", names="D lacks 5,309,696 parameters", namespace=True)
def d_like_c():
    return found(missing_d=ONES)


@wrong("missing_layers", names="One alone is too few: compare", namespace=True)
def c_lacks_one():
    return found(missing_c=["conv1-256"])


@wrong("missing_layers", names="One layer is still missing", namespace=True)
def d_lacks_two():
    return found(missing_d=["conv3-256", "conv3-512"])


@wrong("missing_layers", names="Without these B would have too few", namespace=True)
def b_moved_threes():
    return found(moved_b=THREES)


@wrong("missing_layers", names="each of the last three blocks has one", namespace=True)
def b_moved_one():
    return found(moved_b="conv1-256")


@wrong("missing_layers", names="One is still left", namespace=True)
def b_moved_two():
    return found(moved_b=["conv1-256", "conv1-512"])


@wrong("missing_layers", names="E lacks 5,309,696 parameters", namespace=True)
def e_like_c():
    return found(missing_e=ONES)


@wrong("missing_layers", names="A set keeps each name once", namespace=True)
def a_set_of_names():
    return found(missing_c=set(ONES))


@wrong("missing_layers", names="The number of layers does not fit", namespace=True)
def c_lacks_a_name():
    return found(missing_c=["conv1-512", "conv1-512"])


@wrong("missing_layers", names="As many layers as it must be", namespace=True)
def c_of_other_widths():
    return found(missing_c=["conv1-256", "conv1-256", "conv1-512"])


@wrong("missing_layers", names="is no name of a convolution", namespace=True)
def names_with_times():
    return found(missing_c=["conv1-256", "2×conv1-512"])


@wrong("missing_layers", namespace=True)
def brackets_twice():
    return found(missing_b=[["conv3-128"]])


@wrong("missing_layers", namespace=True)
def counts_of_the_wrong():
    return found(missing_c={"conv1-256": 2, "conv1-512": 1})


@wrong("missing_layers", names="The list is empty", namespace=True)
def nothing_is_missing():
    return found(missing_b=[], missing_c=[], missing_d=[], moved_b=[], missing_e=[])


@wrong("missing_layers", namespace=True)
def layers_as_numbers():
    return found(missing_b=[128], missing_c=[256, 512, 512], missing_d=[256, 512, 512])
