"""Lab 05: right counts, and what each named mistake counts instead, as functions of numbers alone.

Right counts are sizes of the arrays that Keras keeps, or lists of places; `tests/course/test_lab05_keras.py`
holds them against Keras.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np


def size(*shape: int) -> int:
    """How many numbers an array of that shape holds; none is allocated."""
    return np.broadcast_to(np.int8(0), shape).size


def conv_rule(k: int, c_in: int, c_out: int, bias: bool = True, groups: int = 1) -> int:
    """Sizes of the two arrays that Keras keeps: (k, k, c_in / groups, c_out) and (c_out,)."""
    return size(k, k, c_in // groups, c_out) + (size(c_out) if bias else 0)


def conv_mistakes(k: int, c_in: int, c_out: int, bias: bool = True, groups: int = 1) -> dict:
    each = c_in // groups
    weights, biases = k * k * each * c_out, c_out if bias else 0
    gives = {
        "The depth is forgotten: a filter is as deep as its input.": k * k * c_out + biases,
        "One filter only: the layer has c_out of them.": k * k * each + bool(bias),
        "A filter of side k has k·k places, not k.": k * each * c_out + biases,
        "c_in and c_out are swapped: there are c_out filters, and c_out biases.": weights + (c_in if bias else 0),
    }
    if bias:
        gives |= {
            "The biases are missing: every filter has one.": weights,
            "One bias for the whole layer; every filter has its own.": weights + 1,
            "A bias for every channel of every filter; a filter has one for all of them.": weights + each * c_out,
        }
    else:
        gives["The biases are counted, though this layer has none (bias is False)."] = weights + c_out
    if groups > 1:
        gives |= {
            "groups is ignored: a filter sees only c_in / groups channels.": k * k * c_in * c_out + biases,
            "The biases are divided by groups too; every filter keeps its own.": weights + biases // groups,
            "The filters are divided by groups too; all c_out are there, each reads fewer channels.": (
                weights // groups + biases
            ),
            "Only one of the groups is counted.": weights // groups + biases // groups,
        }
    return gives


def default_mistakes(k: int, c_in: int, c_out: int) -> dict:
    """Calls with three arguments, where the answer is right as soon as `bias` is given."""
    gone = "Without a fourth argument the biases are missing: is the default bias=True gone?"
    known = conv_mistakes(k, c_in, c_out)
    return {gone if name.startswith("The biases are missing") else name: wrong for name, wrong in known.items()}


def fc_rule(inputs: int, units: int) -> int:
    """Sizes of a dense layer's two arrays."""
    return size(inputs, units) + size(units)


def fc_mistakes(inputs: int, units: int) -> dict:
    wrapped = ((inputs + 1) * units + 2**31) % 2**32 - 2**31
    return {
        "The biases are missing: every unit has one.": inputs * units,
        "One bias for the whole layer; every unit has its own.": inputs * units + 1,
        "A bias for every input; it is the units that have one each.": inputs * units + inputs,
        "One unit only: the layer has more of them.": inputs + 1,
        "Added, not multiplied: every unit reads every input.": inputs + units,
        "A 32-bit integer has overflowed: count with Python's int, or with np.int64.": wrapped,
    }


def local_rule(height: int, width: int, k: int, c_in: int, c_out: int) -> int:
    """Sizes of the two arrays of a layer with its own weights at every place."""
    return size(height, width, k, k, c_in, c_out) + size(height, width, c_out)


def local_mistakes(height: int, width: int, k: int, c_in: int, c_out: int) -> dict:
    places, weights = height * width, k * k * c_in * c_out
    return {
        "This is the shared count: here every place has weights of its own.": weights + c_out,
        "The biases are missing: every place has one for each map.": places * weights,
        "The biases are shared; here every place has its own.": places * weights + c_out,
        "One bias for each place; each of the c_out maps has its own there.": places * (weights + 1),
        "One map only: there are c_out of them.": places * (k * k * c_in + 1),
        "The depth is forgotten: a filter is as deep as its input.": places * (k * k + 1) * c_out,
        "These are the output's values, not the weights that make them.": places * c_out,
        "Height and width are added; the places form a grid.": (height + width) * (weights + c_out),
    }


def places(n: int, f: int, s: int, p: int) -> int:
    """How many places a filter visits, by listing where it can start."""
    return len(range(0, n + 2 * p - f + 1, s))


def macs_rule(layer: Sequence[Any], shape: Sequence[int]) -> int:
    """Multiply-adds: the layer's weights, each used once at every place."""
    kind, *numbers = layer
    if kind == "conv":
        filters, f, s, p = numbers
        return size(f, f, shape[2], filters) * places(shape[0], f, s, p) * places(shape[1], f, s, p)
    return size(*shape, numbers[0]) if kind == "dense" else 0


def macs_mistakes(layer: Sequence[Any], shape: Sequence[int]) -> dict:
    kind, *numbers = layer
    right = macs_rule(layer, shape)
    if kind == "dense":
        return {
            "These are FLOPs, two for every multiply-add.": 2 * right,
            "The biases are counted; here they are not.": right + numbers[0],
            "These are values of the output, not multiply-adds.": numbers[0],
        }
    if kind == "pool":
        f, s = numbers
        values = places(shape[0], f, s, 0) * places(shape[1], f, s, 0) * shape[2]
        pooled = "Pooling is counted; it compares or adds but multiplies nothing by a weight."
        return {pooled: f * f * values, "These are values of the output, not multiply-adds.": values}
    if kind == "flatten":
        return {"Flatten computes nothing: it writes the same numbers in one row.": math.prod(shape)}
    filters, f, s, p = numbers
    weights = f * f * shape[2] * filters

    def grid(s: int, p: int) -> int:
        return places(shape[0], f, s, p) * places(shape[1], f, s, p)

    def slipped(side: Callable[[int], int]) -> int:
        return side(shape[0]) * side(shape[1]) * weights

    values = grid(s, p) * filters
    return {
        "The + 1 of the output's side is missing.": slipped(lambda n: (n + 2 * p - f) // s),
        "The padding is added once; it is there on each side.": slipped(lambda n: (n + p - f) // s + 1),
        "Rounded up: a filter that does not fit any more is not applied.": slipped(
            lambda n: -((f - n - 2 * p) // s) + 1
        ),
        "The height is used twice; the output's width comes from the input's width.": (
            places(shape[0], f, s, p) ** 2 * weights
        ),
        "The width is used twice; the output's height comes from the input's height.": (
            places(shape[1], f, s, p) ** 2 * weights
        ),
        "f is not squared: a filter of side f has f·f weights for each channel.": right // f,
        "The biases are counted, once for each filter; here they are not.": right + filters,
        "These are FLOPs, two for every multiply-add.": 2 * right,
        "The biases are counted; here they are not.": right + values,
        "The depth is forgotten: a filter reads all channels of its input.": f * f * values,
        "One filter only: the layer has several.": right // filters,
        "These are the weights; each is used at every place of the output.": weights,
        "The places of the input are counted, not those of the output.": shape[0] * shape[1] * weights,
        "The padding is left out.": grid(s, 0) * weights,
        "The stride is left out.": grid(1, p) * weights,
        "These are values of the output, not multiply-adds.": values,
    }


VGG = {
    "A": [64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"],
    "B": [64, 64, "pool", 128, 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"],
    "D": [64, 64, "pool", 128, 128, "pool", *3 * [256], "pool", *3 * [512], "pool", *3 * [512], "pool"],
    "E": [64, 64, "pool", 128, 128, "pool", *4 * [256], "pool", *4 * [512], "pool", *4 * [512], "pool"],
}
DENSE = (4096, 4096, 1000)


def vgg_memory(column: Sequence[Any]) -> list[int]:
    """Values of the input and of every layer's output."""
    side, channels, values = 224, 3, [size(224, 224, 3)]
    for entry in column:
        side, channels = (places(side, 2, 2, 0), channels) if entry == "pool" else (side, entry)
        values.append(size(side, side, channels))
    return [*values, *DENSE]


def vgg_parameters(column: Sequence[Any], bias: bool) -> list[int]:
    """Parameters of the input (none) and of every layer."""
    channels, counts = 3, [0]
    for entry in column:
        counts.append(0 if entry == "pool" else conv_rule(3, channels, entry, bias))
        channels = channels if entry == "pool" else entry
    inputs = vgg_memory(column)[len(column)]
    for units in DENSE:
        counts.append(size(inputs, units) + (units if bias else 0))
        inputs = units
    return counts


def memory_mistakes(column: Sequence[Any], bias: bool) -> dict:
    values = vgg_memory(column)
    kinds = ["input", *column, *DENSE]
    unpooled = [224 * 224 * channels for channels in channels_of(column)]
    return _row_mistakes(column, values) | {
        "The two numbers of a pair are exchanged: (values, parameters).": vgg_parameters(column, bias),
        "The rows of pooling have the values that go in; a row has those that come out.": [
            values[place - 1] if kind == "pool" else values[place] for place, kind in enumerate(kinds)
        ],
        "These are bytes; the question asks for values.": [4 * value for value in values],
        "The input's row is missing: it is in memory too.": values[1:],
        "The rows of pooling are 0; what pooling gives is in memory too.": [
            0 if kind == "pool" else value for kind, value in zip(kinds, values, strict=True)
        ],
        "Pooling 2×2 with stride 2 halves height and width.": [*unpooled, *DENSE],
        "Each row has its input's values; it should have its output's.": [values[0], *values[:-1]],
        "The depth is forgotten: a layer's output has one map for each filter.": [
            value // channels for value, channels in zip(values, [*channels_of(column), 1, 1, 1], strict=True)
        ],
    }


def _row_mistakes(column: Sequence[Any], right: list[int]) -> dict:
    """Tables with a row too many or too few; `right` is one of the two numbers of every row."""
    kinds, first = ["input", *column, *DENSE], len(column) + 1
    flat = right[first - 1] if right[0] else 0
    return {
        "The rows of pooling are missing: every entry of the column has a row.": [
            number for kind, number in zip(kinds, right, strict=True) if kind != "pool"
        ],
        "There is a row for flatten: it is no layer of the table, its values are those of the last pooling.": [
            *right[:first],
            flat,
            *right[first:],
        ],
        "The three dense layers are missing.": right[:first],
    }


def channels_of(column: Sequence[Any]) -> list[int]:
    """Channels of the input and after every entry of a column."""
    channels = [3]
    for entry in column:
        channels.append(channels[-1] if entry == "pool" else entry)
    return channels


def parameter_mistakes(column: Sequence[Any], bias: bool) -> dict:
    right = vgg_parameters(column, bias)
    other = vgg_parameters(column, not bias)
    channels = [*channels_of(column), 1, 1, 1]
    kinds = ["input", *column, *DENSE]

    def at_pools(rule: Callable[[int], int]) -> list[int]:
        rows = zip(kinds, right, channels, strict=True)
        return [rule(depth) if kind == "pool" else count for kind, count, depth in rows]

    first = len(column) + 1
    flat = [*right]
    flat[first] = channels[first - 1] * DENSE[0] + (DENSE[0] if bias else 0)
    shallow = [9 * entry + (entry if bias else 0) if entry != "pool" else 0 for entry in column]
    named = f"The biases are {'missing' if bias else 'counted'}, though bias is {bias}."
    where = "missing" if bias else "counted"
    return _row_mistakes(column, right) | {
        named: other,
        f"In the dense layers the biases are {where}, though bias is {bias}.": [*right[:first], *other[first:]],
        f"In the convolutions the biases are {where}, though bias is {bias}.": [*other[:first], *right[first:]],
        "The two numbers of a pair are exchanged: (values, parameters).": vgg_memory(column),
        "The rows of pooling have parameters; pooling learns nothing.": at_pools(lambda depth: 4 * depth * depth),
        "The rows of pooling have weights for each map; a maximum has none.": at_pools(lambda depth: 4 * depth),
        "The rows of pooling have biases; pooling learns nothing.": at_pools(lambda depth: depth),
        "The first dense layer reads every value of the last maps, not one for each map.": flat,
        "The depth is forgotten: a filter is as deep as its input.": [0, *shallow, *right[first:]],
        "The input's row is missing; it has no parameters, but it is a row.": right[1:],
        "These are bytes; the question asks for parameters.": [4 * count for count in right],
    }


def rows(number: int) -> Callable[[Any], list]:
    """One of the two numbers of every row."""

    def read(table: Any) -> list:
        if any(len(row) != 2 for row in table):
            raise ValueError("each row has two numbers, (values, parameters).")
        return np.asarray([row[number] for row in table]).tolist()

    return read


def _stack_weights(widths: Sequence[int]) -> int:
    return sum(size(3, 3, before, after) for before, after in itertools.pairwise(widths))


def stack_rule(widths: Sequence[int]) -> Fraction:
    """Weights of a stack of 3×3 layers over those of the one layer that sees as far."""
    side = 2 * (len(widths) - 1) + 1
    return Fraction(_stack_weights(widths), size(side, side, widths[0], widths[-1]))


def stack_mistakes(widths: Sequence[int]) -> dict:
    layers, ends = len(widths) - 1, widths[0] * widths[-1]
    side, right = 2 * layers + 1, stack_rule(widths)
    biased = (_stack_weights(widths) + sum(widths[1:])) / (side * side * ends + widths[-1])
    return {
        "The ratio is rounded; return all its digits.": round(float(right), 2),
        "// throws the digits behind the point away; / keeps them.": float(right.numerator // right.denominator),
        "The view is not squared: a layer that sees n pixels has n·n places.": float(right * side),
        "The ratio is inverted: divide the stack's weights by the single layer's.": float(1 / right),
        "This is the share that is saved; the question asks for the share that is needed.": float(1 - right),
        "The widths between are missing: n·3²·c_in·c_out is right only where all widths are equal.": (
            9 * layers / side**2
        ),
        "One 3×3 layer only; the stack has several.": 9 / side**2,
        "Stacked 3×3 filters do not see 3 + 3 + ... pixels: each one after the first adds 2.": (
            _stack_weights(widths) / ((3 * layers) ** 2 * ends)
        ),
        "Biases are counted; the question asks for weights.": biased,
        "The single layer keeps side 5; n layers see 2n + 1 pixels.": _stack_weights(widths) / (25 * ends),
    }
