"""Lab 01: parameters of three small MLPs, counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

Network = tuple[int, int, int, tuple[int, ...]]  # height, width, channels, units of each layer


def widths(h: int, w: int, c: int, units: Sequence[int]) -> list[int]:
    """Numbers that go into the network, then the units of each layer."""
    return [len(range(h * w * c)), *map(int, units)]


def parameters(h: int, w: int, c: int, units: Sequence[int]) -> int:
    """Parameters of an MLP: a matrix with one more input, always 1, for every layer."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths(h, w, c, units)))


def _weights(h: int, w: int, c: int, units: Sequence[int]) -> int:
    return parameters(h, w, c, units) - sum(units)


def _one_bias_a_layer(h: int, w: int, c: int, units: Sequence[int]) -> int:
    return _weights(h, w, c, units) + len(units)


def _pictures_size_again(h: int, w: int, c: int, units: Sequence[int]) -> int:
    """Every layer is counted as if it read the picture."""
    return (h * w * c + 1) * sum(units)


def _a_bias_an_input(h: int, w: int, c: int, units: Sequence[int]) -> int:
    """Every layer has as many biases as inputs."""
    return _weights(h, w, c, units) + sum(widths(h, w, c, units)[:-1])


PARAMETER_MISTAKES: dict[str, Callable[..., int]] = {
    "The biases are missing: each unit has one.": _weights,
    "The channels are forgotten: each pixel has c numbers.": lambda h, w, c, units: parameters(h, w, 1, units),
    "One bias for a whole layer: each unit has its own.": _one_bias_a_layer,
    "Only the first layer is counted.": lambda h, w, c, units: parameters(h, w, c, units[:1]),
    "Only the last layer is counted.": lambda h, w, c, units: (
        (widths(h, w, c, units)[-2] + 1) * widths(h, w, c, units)[-1]
    ),
    "The first layer is left out: it reads the picture, h·w·c numbers.": lambda h, w, c, units: (
        parameters(h, w, c, units) - parameters(h, w, c, units[:1])
    ),
    "The last layer is left out: the outputs have weights and biases too.": lambda h, w, c, units: parameters(
        h, w, c, units[:-1]
    ),
    "A bias for every input of a layer: each of its units has one.": _a_bias_an_input,
    "Every layer is counted as if it read the picture: it reads the layer before it.": _pictures_size_again,
    "Biases of the inputs are counted too: only units have one.": lambda h, w, c, units: (
        parameters(h, w, c, units) + h * w * c
    ),
}


def _three_networks(draw: Draw) -> tuple[Network, ...]:
    """A grey picture and one layer, a colour picture and one layer, a colour picture and two layers."""

    def sides() -> tuple[int, int]:
        height = draw.integer(3, 6)
        return height, height + draw.integer(1, 4)

    return (
        (*sides(), 1, (draw.integer(4, 9),)),
        (*sides(), 3, (draw.integer(3, 9),)),
        (*sides(), 3, (draw.integer(4, 9), draw.integer(2, 3))),
    )


my_mlps = Arithmetic(
    lab="lab01_pixels",
    question="my_mlps",
    draw=_three_networks,
    right=lambda networks: tuple(parameters(*network) for network in networks),
    mistakes={
        name: lambda networks, rule=rule: tuple(rule(*network) for network in networks)
        for name, rule in PARAMETER_MISTAKES.items()
    },
)

ALL = (my_mlps,)
