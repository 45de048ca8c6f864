"""Lab 12: parameters, multiply-adds and kept values of a small network in VGG's manner, by hand.

A network is a dictionary: "side" of its square colour images in pixels; "blocks", for each block the maps and how
many 3×3 convolutions it has (each padded, stride 1, with biases), a 2×2 pooling after each block; "units" of the
one hidden dense layer; "classes".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

Network = Mapping[str, Any]
Counts = tuple[int, int, int]


def _three_blocks(draw: Draw) -> dict[str, Any]:
    """Three blocks, growing wider, of which one or two have a second convolution."""
    first = draw.integer(4, 9)
    second = first + draw.integer(2, 6)
    third = second + draw.integer(2, 6)
    convolutions = draw.choice([(1, 2, 1), (2, 1, 1), (1, 1, 2), (2, 1, 2), (1, 2, 2)])
    return {
        "side": 8 * draw.integer(2, 5),
        "blocks": tuple(zip((first, second, third), convolutions, strict=True)),
        "units": 10 * draw.integer(3, 6),
        "classes": draw.integer(3, 9),
    }


def convolutions(network: Network) -> list[tuple[int, int, int, int]]:
    """Each convolution: (side of its maps, channels in, maps out, number of the block from 0)."""
    side, channels, found = network["side"], 3, []
    for block, (maps, count) in enumerate(network["blocks"]):
        for _ in range(count):
            found.append((side, channels, maps, block))
            channels = maps
        side //= 2
    return found


def flat(network: Network) -> int:
    """How many values the first dense layer reads."""
    return (network["side"] // 2 ** len(network["blocks"])) ** 2 * network["blocks"][-1][0]


def dense(network: Network) -> list[tuple[int, int]]:
    """Each dense layer: (values that it reads, units)."""
    return [(flat(network), network["units"]), (network["units"], network["classes"])]


def parameters(network: Network) -> int:
    """Weights and biases."""
    small = sum(9 * before * maps + maps for _, before, maps, _ in convolutions(network))
    return small + sum(inputs * units + units for inputs, units in dense(network))


def multiply_adds(network: Network) -> int:
    """Of convolutions and dense layers, for one image; biases are not counted."""
    small = sum(side * side * 9 * before * maps for side, before, maps, _ in convolutions(network))
    return small + sum(inputs * units for inputs, units in dense(network))


def kept_values(network: Network) -> int:
    """Numbers in the input and in the outputs of convolutions, poolings and dense layers."""
    side = network["side"]
    pooled = sum((side // 2**block) ** 2 * maps for block, (maps, _) in enumerate(network["blocks"], start=1))
    made = sum(place * place * maps for place, _, maps, _ in convolutions(network))
    return 3 * side * side + made + pooled + network["units"] + network["classes"]


def _changed(network: Network, **parts: Any) -> Network:
    return {**network, **parts}


def _one_each(network: Network) -> Network:
    return _changed(network, blocks=tuple((maps, 1) for maps, _ in network["blocks"]))


PARAMETER_MISTAKES: dict[str, Callable[[Network], int]] = {
    "The biases are missing: every filter and every unit has one.": lambda network: (
        sum(9 * before * maps for _, before, maps, _ in convolutions(network))
        + sum(inputs * units for inputs, units in dense(network))
    ),
    "The dense layers are missing: they have parameters too.": lambda network: (
        parameters(network) - sum(inputs * units + units for inputs, units in dense(network))
    ),
    "The dense layer reads one value for each map: it reads height times width times maps.": lambda network: (
        parameters(network) + (network["blocks"][-1][0] - flat(network)) * network["units"]
    ),
    "The last pooling is forgotten: it halves the side of the maps that the dense layer reads.": lambda network: (
        parameters(network) + 3 * flat(network) * network["units"]
    ),
    "One convolution a block: some blocks have two.": lambda network: parameters(_one_each(network)),
    "Each convolution reads the maps of the block before it; the second one reads those of its own block.": (
        lambda network: (
            sum(
                9 * (3, *(maps for maps, _ in network["blocks"]))[block] * maps + maps
                for _, _, maps, block in convolutions(network)
            )
            + sum(inputs * units + units for inputs, units in dense(network))
        )
    ),
    "The images have one channel here: they are in colour, three channels.": lambda network: (
        parameters(network) - 2 * 9 * network["blocks"][0][0]
    ),
    "The depth is forgotten: a filter is as deep as its input.": lambda network: (
        sum(9 * maps + maps for _, _, maps, _ in convolutions(network))
        + sum(inputs * units + units for inputs, units in dense(network))
    ),
}
MULTIPLY_ADD_MISTAKES: dict[str, Callable[[Network], int]] = {
    "The dense layers are missing: each of their weights is used once.": lambda network: (
        multiply_adds(network) - sum(inputs * units for inputs, units in dense(network))
    ),
    "These are FLOPs, two for every multiply-add.": lambda network: 2 * multiply_adds(network),
    "The biases are counted, once for every value; here they are not.": lambda network: (
        multiply_adds(network)
        + sum(side * side * maps for side, _, maps, _ in convolutions(network))
        + sum(units for _, units in dense(network))
    ),
    "The side stays as it was at the input: each pooling halves it.": lambda network: (
        network["side"] ** 2 * sum(9 * before * maps for _, before, maps, _ in convolutions(network))
        + sum(inputs * units for inputs, units in dense(network))
    ),
    "A block's convolutions come before its pooling: their maps still have the larger side.": lambda network: (
        sum((side // 2) ** 2 * 9 * before * maps for side, before, maps, _ in convolutions(network))
        + sum(inputs * units for inputs, units in dense(network))
    ),
    "These are the weights: each is used at every place of its map.": lambda network: (
        sum(9 * before * maps for _, before, maps, _ in convolutions(network))
        + sum(inputs * units for inputs, units in dense(network))
    ),
    "One convolution a block: some blocks have two.": lambda network: multiply_adds(_one_each(network)),
    "Without padding a 3×3 convolution shrinks its map by 2; here it is padded.": lambda network: _unpadded(
        network
    ),
    "The depth is forgotten: a filter is as deep as its input.": lambda network: (
        sum(side * side * 9 * maps for side, _, maps, _ in convolutions(network))
        + sum(inputs * units for inputs, units in dense(network))
    ),
}
VALUE_MISTAKES: dict[str, Callable[[Network], int]] = {
    "The input is missing: it is kept too.": lambda network: kept_values(network) - 3 * network["side"] ** 2,
    "The poolings are missing: what they give is kept too.": lambda network: (
        kept_values(network)
        - sum(
            (network["side"] // 2**block) ** 2 * maps for block, (maps, _) in enumerate(network["blocks"], start=1)
        )
    ),
    "Flatten is counted: it writes the values of the last pooling in one row, these are kept already.": (
        lambda network: kept_values(network) + flat(network)
    ),
    "These are bytes: four for each value.": lambda network: 4 * kept_values(network),
    "The dense layers are missing: one value for each unit.": lambda network: (
        kept_values(network) - network["units"] - network["classes"]
    ),
    "The scores at the end are missing: one value for each class.": lambda network: (
        kept_values(network) - network["classes"]
    ),
    "One convolution a block: some blocks have two.": lambda network: kept_values(_one_each(network)),
    "The input has three channels: height times width times 3.": lambda network: (
        kept_values(network) - 2 * network["side"] ** 2
    ),
    "These are the parameters; the question asks for values.": lambda network: parameters(network),
}


def _unpadded(network: Network) -> int:
    """Multiply-adds if no convolution were padded; 0 where nothing is left of a map."""
    side, channels, total = network["side"], 3, 0
    for maps, count in network["blocks"]:
        for _ in range(count):
            side = max(side - 2, 0)
            total += side * side * 9 * channels * maps
            channels = maps
        side //= 2
    return total + side * side * channels * network["units"] + network["units"] * network["classes"]


def _right(network: Network) -> Counts:
    return parameters(network), multiply_adds(network), kept_values(network)


def _with(place: int, rule: Callable[[Network], int]) -> Callable[[Network], Counts]:
    """The right counts, with what a mistake gives in one place."""

    def counts(network: Network) -> Counts:
        right = _right(network)
        return (*right[:place], rule(network), *right[place + 1 :])

    return counts


NAMES = ("my_parameters", "my_multiply_adds", "my_values")
my_costs = Arithmetic(
    lab="lab12_vgg",
    question="my_costs",
    draw=_three_blocks,
    right=_right,
    mistakes={
        f"{name}: {text}": _with(place, rule)
        for place, (name, rules) in enumerate(
            zip(NAMES, (PARAMETER_MISTAKES, MULTIPLY_ADD_MISTAKES, VALUE_MISTAKES), strict=True)
        )
        for text, rule in rules.items()
    },
)

ALL = (my_costs,)
