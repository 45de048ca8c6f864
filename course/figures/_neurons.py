"""Neurons: what one of them can tell apart, a network of them, and one small network at every place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._board import Board
from ._style import (
    BLACK,
    BLUE,
    DPI,
    GREEN,
    GREY,
    MAX_WIDTH,
    PURPLE,
    SMALL,
    TEXT,
    VERMILION,
    finish,
    in_house_style,
    text_width,
    wrap,
)
from ._values import filled, number, plural, whole
from .picture import Picture

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
KEY = "● should be 1   ○ should be 0   hatched: the neuron says 1   × wrong"
HEIGHT = 3.15  # inches
# One colour and one dash for each window, over and over.
WINDOWS = ((BLUE, "-"), (VERMILION, (0, (4, 1.5))), (GREEN, (0, (1, 1))), (PURPLE, (0, (6, 1, 1, 1))))


class Neuron(NamedTuple):
    """A neuron with two inputs, and what it should say for the inputs (0, 0), (0, 1), (1, 0), (1, 1)."""

    first: float
    second: float
    bias: float
    targets: tuple[int, ...]

    def sum(self, x: Any, y: Any) -> Any:
        """What the neuron compares with 0."""
        return self.first * x + self.second * y + self.bias

    @property
    def right(self) -> list[bool]:
        """For each corner, whether the neuron says what it should."""
        return [
            (self.sum(*corner) > 0) == bool(target) for corner, target in zip(CORNERS, self.targets, strict=True)
        ]

    @property
    def rule(self) -> str:
        """The neuron as a formula."""
        parts = [f"{number(self.first)}·x₁", f"{_signed(self.second)}·x₂", _signed(self.bias)]
        return f"{' '.join(parts)} > 0"


def _signed(value: float) -> str:
    return f"− {number(-value)}" if value < 0 else f"+ {number(value)}"


def _neuron(name: str, values: Any) -> Neuron:
    try:
        first, second, bias, targets = values
        neuron = Neuron(float(first), float(second), float(bias), tuple(int(target) for target in targets))
    except (TypeError, ValueError):
        raise ValueError(
            f"Expected {name!r} as (weight, weight, bias, four targets). Received {values!r}."
        ) from None
    if len(neuron.targets) != 4 or not set(neuron.targets) <= {0, 1}:
        raise ValueError(f"Expected four targets of 0 or 1 for {name!r}. Received {values[3]!r}.")
    return neuron


@in_house_style
def neurons(rules: Mapping[str, tuple[float, float, float, Sequence[int]]]) -> Picture:
    """Draw what a neuron with two inputs says: 1 where weight·x₁ + weight·x₂ + bias is above 0.

    Args:
        rules: Heading -> (weight of x₁, weight of x₂, bias, targets), at most 4. The targets, 0 or 1, are what
            the neuron should say for the inputs (0, 0), (0, 1), (1, 0) and (1, 1).

    Raises:
        ValueError: If there is no neuron, more than 4, or one is not given so.
    """
    filled(rules, "rules")
    if len(rules) > 4:
        raise ValueError(f"Expected at most 4 neurons. Received {len(rules)}.")
    drawn = {name: _neuron(name, values) for name, values in rules.items()}
    width = min(MAX_WIDTH, max(2.6 * len(drawn), text_width(KEY, SMALL) + 0.4))
    rcParams["hatch.color"] = "#86B6D8"  # put back by `in_house_style`
    figure = Figure(figsize=(width, HEIGHT), dpi=DPI, facecolor="white")
    panel = min(width / len(drawn), 2.7)
    left = (width - panel * len(drawn)) / 2
    for index, (name, neuron) in enumerate(drawn.items()):
        side = min(panel - 0.75, 1.75)
        x = left + panel * index + 0.6
        axes = figure.add_axes((x / width, 0.8 / HEIGHT, side / width, side / HEIGHT))
        _half_plane(axes, neuron)
        axes.set_ylabel("x₂ (no unit)" if index == 0 else "", fontsize=SMALL, labelpad=2)
        heading = f"{name}: {sum(neuron.right)} of 4 right"
        figure.text((x - 0.1) / width, 3.0 / HEIGHT, heading, fontsize=TEXT, weight="bold", va="center")
        figure.text((x - 0.1) / width, 2.78 / HEIGHT, neuron.rule, fontsize=SMALL, va="center")
    figure.text(0.5, 0.15 / HEIGHT, KEY, fontsize=SMALL, ha="center", va="center")
    alt = " ".join(
        f"{name}: the neuron {neuron.rule} is right for {sum(neuron.right)} of 4 inputs{_wrong_words(neuron)}."
        for name, neuron in drawn.items()
    )
    return finish(figure, f"Neurons with two inputs. {alt}")


def _half_plane(axes: Axes, neuron: Neuron) -> None:
    """The side of the line where the neuron fires, and the four corners."""
    grid = np.linspace(-0.5, 1.5, 81)
    x, y = np.meshgrid(grid, grid)
    heights = neuron.sum(x, y)
    if heights.max() > 0:
        axes.contourf(x, y, heights, [0, heights.max() + 1], colors=["#D6ECFA"], hatches=["//"])
    if heights.min() < 0 < heights.max():
        axes.contour(x, y, heights, [0], colors=[BLUE], linewidths=2)
    for (right, up), target, good in zip(CORNERS, neuron.targets, neuron.right, strict=True):
        face = BLACK if target else "white"
        axes.plot(right, up, "o", ms=11, mfc=face, mec=BLACK, mew=1.5, zorder=4)
        if not good:
            axes.plot(right, up, "x", ms=19, mec=VERMILION, mew=3, zorder=5)
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=[0, 1], yticks=[0, 1])
    axes.set_xlabel("x₁ (no unit)", fontsize=SMALL, labelpad=2)
    axes.tick_params(labelsize=SMALL)


def _wrong_words(neuron: Neuron) -> str:
    wrong = [f"({x}, {y})" for (x, y), good in zip(CORNERS, neuron.right, strict=True) if not good]
    return f", wrong for {' and '.join(wrong)}" if wrong else ""


@in_house_style
def dense_network(sizes: Sequence[int]) -> Picture:
    """Draw a fully connected network: a dot for each number, a line for each weight, and what each layer costs.

    Args:
        sizes: Numbers that go in, then the units of each layer; 2 to 5 entries from 1 to 8.

    Raises:
        ValueError: If there are too few or too many entries, or one is out of range.
    """
    sizes = [whole("a size", size, 1, 8) for size in sizes]
    if not 2 <= len(sizes) <= 5:
        raise ValueError(f"Expected 2 to 5 sizes. Received {len(sizes)}.")
    gap, step, head, foot = 1.7, 0.42, 0.5, 0.75
    high = step * (max(sizes) - 1)
    board = Board(1.3 + gap * (len(sizes) - 1), head + high + foot + 0.1)
    places = [
        [(0.65 + gap * layer, head + high / 2 + step * (row - (size - 1) / 2)) for row in range(size)]
        for layer, size in enumerate(sizes)
    ]
    for before, after in pairwise(places):
        for start in before:
            for end in after:
                board.line(*start, *end)
    for layer, column in enumerate(places):
        name = "input" if layer == 0 else "output" if layer == len(sizes) - 1 else "hidden"
        board.text(column[0][0], 0.17, name, weight="bold")
        for x, y in column:
            board.line(x, y, x, y, color="white", marker="o" if layer else "s", ms=14, mec=BLACK, mew=1.2)
    costs = [(n, m, n * m + m) for n, m in pairwise(sizes)]
    for layer, (n, m, cost) in enumerate(costs):
        board.text(0.65 + gap * (layer + 0.5), head + high + 0.4, f"{n}·{m} + {m} = {cost}", size=SMALL)
    total = sum(cost for _, _, cost in costs)
    board.text(board.width / 2, head + high + 0.68, f"{plural(total, 'parameter')}: weights + biases", size=SMALL)
    words = ", then ".join(f"{n}·{m} + {m} = {cost}" for n, m, cost in costs)
    shape = ", ".join(map(str, sizes))
    return board.finish(f"A fully connected network with layers of {shape}. Parameters: {words}; {total} in all.")


@in_house_style
def sub_networks(inputs: int, window: int) -> Picture:
    """Draw one small network that reads every window of a row of pixels, and one unit that asks all of them.

    Args:
        inputs: Pixels in the row, 3 to 12.
        window: Pixels in a window, 1 to 5; no more than `inputs`.

    Raises:
        ValueError: If one of them is outside its range.
    """
    inputs = whole("inputs", inputs, 3, 12)
    window = whole("window", window, 1, min(5, inputs))
    copies, step = inputs - window + 1, (MAX_WIDTH - 1.3) / 12
    width = 0.3 + step * inputs
    lines = wrap(_sub_words(copies), max(width, 4.5) - 0.3, SMALL)
    board = Board(max(width, 4.5), 2.55 + 0.19 * len(lines))
    left = (board.width - step * inputs) / 2
    middle = left + step * inputs / 2
    for copy in range(copies):
        colour, dash = WINDOWS[copy % len(WINDOWS)]
        x = left + step * (copy + window / 2)
        for pixel in range(copy, copy + window):
            board.line(left + step * (pixel + 0.5), 2.05, x, 1.45, color=colour, ls=dash, lw=1.5)
        board.line(x, 1.1, middle, 0.42, color=GREY)
    for copy in range(copies):
        x = left + step * (copy + window / 2)
        board.box(x - 0.21, 1.1, 0.42, 0.35, fill="#FBE6C4", edge=BLACK, layer=4)
        board.text(x, 1.275, "net", size=SMALL, zorder=5)
    board.box(middle - 1.0, 0.1, 2.0, 0.34, fill="#E9C7DA", edge=BLACK, layer=4)
    board.text(middle, 0.27, "is one of them above 0?", size=SMALL, zorder=5)
    for pixel in range(inputs):
        x = left + step * pixel
        board.box(x + 0.04, 2.05, step - 0.08, 0.3, fill="#D6ECFA", edge=BLACK)
        board.text(x + step / 2, 2.2, str(pixel), size=SMALL)
    board.lines(lines, board.width / 2, 2.55, size=SMALL, ha="center")
    return board.finish(
        f"A row of {inputs} pixels. {_sub_words(copies)} Each reads {plural(window, 'neighbour')}; "
        f"above, one unit asks whether any of the {copies} scores is above 0."
    )


def _sub_words(copies: int) -> str:
    return f"{plural(copies, 'network')} with the same weights: together, one large network."
