"""Lab 05: parameters of three layers, and weights of two stacks, by hand."""

from __future__ import annotations

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

Layer = tuple[int, int, int, int]
Widths = tuple[int, int, int]


def _three_layers(draw: Draw) -> tuple[Layer, ...]:
    """Three convolutions that keep the size: (side of the picture, its channels, filters, side of a filter)."""
    sides = draw.shuffled([3, 5, 7])
    return tuple((draw.integer(10, 40), draw.integer(2, 9), draw.integer(10, 20), k) for k in sides)


COUNT_MISTAKES = {
    "The biases are missing: every filter has one.": lambda n, c, f, k: k * k * c * f,
    "The depth is forgotten: a filter is as deep as its input.": lambda n, c, f, k: k * k * f + f,
    "One bias for the whole layer; every filter has its own.": lambda n, c, f, k: k * k * c * f + 1,
    "A bias for every channel of every filter; a filter has one for all of them.": (
        lambda n, c, f, k: k * k * c * f + c * f
    ),
    "One filter only: the layer has as many as it has output maps.": lambda n, c, f, k: k * k * c + 1,
    "New weights at every place; a convolution shares one set.": lambda n, c, f, k: n * n * (k * k * c * f + f),
    "These are the output's values; the question asks for parameters.": lambda n, c, f, k: n * n * f,
    "c_in and filters are exchanged: every filter has a bias, not every channel of the input.": (
        lambda n, c, f, k: k * k * c * f + c
    ),
    "k is not squared: a filter of side k has k·k weights for each channel.": lambda n, c, f, k: k * c * f + f,
    "These are multiply-adds; the question asks for parameters, so n is not in the sum.": (
        lambda n, c, f, k: n * n * k * k * c * f
    ),
}

my_counts = Arithmetic(
    lab="lab05_counting",
    question="my_counts",
    draw=_three_layers,
    right=lambda layers: tuple(f * (k * k * c) + f for _, c, f, k in layers),
    mistakes={
        name: lambda layers, rule=rule: tuple(rule(*layer) for layer in layers)
        for name, rule in COUNT_MISTAKES.items()
    },
)


def _two_stacks(draw: Draw) -> tuple[Widths, Widths]:
    """Channels before, between and after two 3×3 layers: once narrow, once wide in the middle, never equal."""
    narrow = draw.integer(6, 9), draw.integer(2, 5), draw.integer(10, 16)
    before, after = draw.integer(3, 9), draw.integer(10, 16)
    return narrow, (before, draw.integer(2 * after, 3 * after), after)


def _stack_pairs(stacks: tuple[Widths, ...]) -> tuple[tuple[int, int], ...]:
    """For each stack: weights of its two layers, weights of the one 5×5 layer."""
    return tuple((9 * a * b + 9 * b * d, 25 * a * d) for a, b, d in stacks)


STACK_MISTAKES = {
    "The middle width is missing: 2·3²·c_in·c_out is right only where it equals both others.": (
        lambda a, b, d: (18 * a * d, 25 * a * d)
    ),
    "The first layer's outputs are taken as many as its inputs; the middle width is what it gives.": (
        lambda a, b, d: (9 * (a * a + a * d), 25 * a * d)
    ),
    "One 3×3 layer only; the stack has two.": lambda a, b, d: (9 * a * d, 25 * a * d),
    "Biases are counted; the question asks for weights.": (
        lambda a, b, d: (9 * (a * b + b * d) + b + d, 25 * a * d + d)
    ),
    "The other way round: the stack comes first, then the single layer.": (
        lambda a, b, d: (25 * a * d, 9 * (a * b + b * d))
    ),
    "A filter of side k has k·k places, not k.": lambda a, b, d: (3 * (a * b + b * d), 5 * a * d),
    "The channels are forgotten: a filter is as deep as its input.": lambda a, b, d: (9 * (b + d), 25 * d),
    "c_mid and c_out are exchanged: the triple is (c_in, c_mid, c_out).": (
        lambda a, b, d: (9 * (a * d + d * b), 25 * a * b)
    ),
    "c_in and c_mid are exchanged: the triple is (c_in, c_mid, c_out).": (
        lambda a, b, d: (9 * (b * a + a * d), 25 * b * d)
    ),
    "This is the ratio; here the two numbers are asked for, as a pair (stack, single layer).": (
        lambda a, b, d: 9 * (a * b + b * d) / (25 * a * d)
    ),
}

my_stacks = Arithmetic(
    lab="lab05_counting",
    question="my_stacks",
    draw=_two_stacks,
    right=_stack_pairs,
    mistakes={
        name: lambda stacks, rule=rule: tuple(rule(*widths) for widths in stacks)
        for name, rule in STACK_MISTAKES.items()
    }
    | {
        "The pairs are right but in the wrong order: first the first stack's.": (
            lambda stacks: _stack_pairs(stacks)[::-1]
        ),
        "The four numbers stand in one row: put brackets around each pair.": (
            lambda stacks: sum(_stack_pairs(stacks), ())
        ),
    },
)

ALL = (my_counts, my_stacks)
