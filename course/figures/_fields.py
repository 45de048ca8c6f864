"""Receptive fields: the cone behind one output, and fields that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from ._board import Board
from ._style import BLUE, GREY, MAX_WIDTH, SKY, SMALL, VERMILION, in_house_style, text_width, wrap
from ._values import filled, matrix, plural, whole
from .picture import Picture

MOST_PIXELS = 41
SHARES = LinearSegmentedColormap.from_list("shares", ["#FFFFFF", "#9DCBEA", "#0072B2", "#00253C"], N=33)


class Level(NamedTuple):
    """The pixels, or the outputs of one layer, in one direction.

    Args:
        count: How many there are.
        jump: Pixels from one to the next.
        middle: The pixel on which the middle of number 0's field lies.
        seen: Numbers that the chosen output depends on; below 0 or beyond the end they are zeros.
        field: Pixels from the first to the last that one of them sees, with those in the padding.
    """

    count: int
    jump: int
    middle: float
    seen: set[int]
    field: int


def _levels(layers: Sequence[tuple[int, int, int, int]], n: int, place: int | None) -> list[Level]:
    counts, jumps, middles, fields = [n], [1], [0.0], [1]
    for f, s, p, d in layers:
        counts.append((counts[-1] + 2 * p - d * (f - 1) - 1) // s + 1)
        if counts[-1] < 1:
            raise ValueError(f"Expected layers that fit into {n} pixels. Received one that has no place.")
        middles.append(middles[-1] + (d * (f - 1) / 2 - p) * jumps[-1])
        fields.append(fields[-1] + d * (f - 1) * jumps[-1])
        jumps.append(jumps[-1] * s)
    chosen = (counts[-1] - 1) // 2 if place is None else whole("place", place, 0, counts[-1] - 1)
    seen = [{chosen}]
    for (f, s, p, d), count in zip(reversed(layers), reversed(counts[1:]), strict=True):
        inside = {at for at in seen[0] if 0 <= at < count}
        seen.insert(0, {at * s - p + tap * d for at in inside for tap in range(f)})
    return [Level(*level) for level in zip(counts, jumps, middles, seen, fields, strict=True)]


def _layer(layer: Sequence[int]) -> tuple[int, int, int, int]:
    f, s, p, d = layer
    return whole("f", f, 1), whole("s", s, 1), whole("p", p, 0), whole("d", d, 1)


@in_house_style
def cone(layers: Sequence[Sequence[int]], *, n: int = 15, place: int | None = None) -> Picture:
    """Draw, in one direction, what one output sees: a row of dots for the pixels and one for every layer.

    A dot stands above the middle of its field. Full dots are those on which the output depends.

    Args:
        layers: (filter side, stride, padding on each side, dilation), from input to output, at most 6.
        n: Pixels, at most 41.
        place: Which output, from 0; the middle one if None.

    Raises:
        ValueError: If there is no layer or more than 6, one does not fit, or there is no such output.
    """
    filled(layers, "layers")
    if len(layers) > 6:
        raise ValueError(f"Expected at most 6 layers. Received {len(layers)}.")
    known = [_layer(layer) for layer in layers]
    levels = _levels(known, whole("n", n, 1, MOST_PIXELS), place)
    names = ["pixels", *(_named(number, layer) for number, layer in enumerate(known, start=1))]
    sizes = ["", *(f"sees {level.field}" for level in levels[1:])]
    left = max(text_width(name, SMALL) for name in names) + 0.25
    right = max(text_width(size, SMALL, bold=True) for size in sizes) + 0.3
    low = min([0.0, *(_x(level, at) for level in levels for at in level.seen)])
    high = max([n - 1.0, *(_x(level, at) for level in levels for at in level.seen)])
    step = min(0.36, (MAX_WIDTH - left - right) / (high - low + 1))
    row, top = 0.62, 0.35
    width = max(left + (high - low + 1) * step + right, 5.8)
    board = Board(width, top + row * (len(levels) - 1) + 0.68)
    last = len(levels) - 1

    def at(number: int, unit: int) -> tuple[float, float]:
        return left + (_x(levels[number], unit) - low + 0.5) * step, top + row * (last - number)

    for number in range(1, last + 1):
        f, s, p, d = known[number - 1]
        for unit in sorted(levels[number].seen):
            if 0 <= unit < levels[number].count:
                for tap in range(f):
                    board.line(*at(number, unit), *at(number - 1, unit * s - p + tap * d), color=SKY, lw=1.2)
    size = min(11.0, 58 * step * 0.62)
    for number, level in enumerate(levels):
        y = top + row * (last - number)
        board.text(left - 0.15, y, names[number], size=SMALL, ha="right")
        board.text(width - right + 0.15, y, sizes[number], size=SMALL, ha="left", weight="bold")
        for unit in sorted({*range(level.count), *level.seen}):
            _dot(board, *at(number, unit), size, unit in level.seen, 0 <= unit < level.count)
    pixels = sorted(unit for unit in levels[0].seen if 0 <= unit < n)
    note = "Full dots: what the output at the top depends on."
    if any(unit < 0 or unit >= level.count for level in levels for unit in level.seen):
        note += " Squares: zeros of the padding."
    board.text(0.1, board.height - 0.16, note, size=SMALL, ha="left")
    steps = " ".join(f"{name}, {size}." for name, size in zip(names[1:], sizes[1:], strict=True))
    return board.finish(
        f"What one output depends on, through {plural(len(known), 'layer')} on {plural(n, 'pixel')}. {steps} "
        f"It reads {plural(len(pixels), 'pixel')}, from {pixels[0]} to {pixels[-1]}."
    )


def _x(level: Level, unit: int) -> float:
    return level.middle + unit * level.jump


def _named(number: int, layer: tuple[int, int, int, int]) -> str:
    f, s, p, d = layer
    parts = [f"f {f}", *([f"stride {s}"] * (s > 1)), *([f"pad {p}"] * (p > 0)), *([f"dilation {d}"] * (d > 1))]
    return f"layer {number}: {', '.join(parts)}"


def _dot(board: Board, x: float, y: float, size: float, seen: bool, inside: bool) -> None:
    style = {"marker": "o", "ms": size, "mec": BLUE if seen else GREY, "mew": 1.2} if inside else {
        "marker": "s", "ms": size * 0.7, "mec": GREY, "mew": 1.0
    }  # fmt: skip
    fill = BLUE if seen and inside else "white"
    board.axes.plot([x], [y], color=fill, mfc=fill, ls="none", zorder=3, **style)


@in_house_style
def field_maps(
    shares: Mapping[str, Any],
    rectangles: Mapping[str, tuple[int, int, int, int]],
    *,
    columns: int | None = None,
    title: str = "",
    legend: str = "share of the pictures on which the pixel mattered",
) -> Picture:
    """Draw how often each pixel mattered to an output, and the rectangle that was computed, in one picture each.

    Args:
        shares: Heading -> shares from 0 to 1 for each pixel, shape (height, width).
        rectangles: Heading -> (top, left, height, width) in pixels, drawn as a frame; may leave some out.
        columns: Pictures in a row; as many as fit if None.
        title: A heading above the picture.
        legend: What a share means.

    Raises:
        ValueError: If there is none, a shape is wrong, or a share is not from 0 to 1.
    """
    filled(shares, "shares")
    maps = {name: matrix(values, f"shares {name!r}") for name, values in shares.items()}
    for name, values in maps.items():
        if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
            raise ValueError(f"Expected shares from 0 to 1 in {name!r}.")
    columns = min(len(maps), 4) if columns is None else whole("columns", columns, 1, 6)
    side = min((MAX_WIDTH - 0.2) / columns - 0.25, 2.4)
    names = list(maps)
    lines = [names[start : start + columns] for start in range(0, len(names), columns)]
    heads = {name: wrap(name, side, bold=True) for name in names}
    words = {name: _field_words(maps[name], rectangles.get(name)) for name in names}
    feet = {name: [part for text in words[name] for part in wrap(text, side, SMALL)] for name in names}
    tall = {name: side * values.shape[0] / values.shape[1] for name, values in maps.items()}
    head = [0.19 * max(len(heads[name]) for name in line) + 0.1 for line in lines]
    high = [max(tall[name] for name in line) for line in lines]
    foot = [0.19 * max(len(feet[name]) for name in line) + 0.2 for line in lines]
    above = 0.2 * len(wrap(title, 7.0, bold=True)) + 0.12 if title else 0.0
    width = max(min(columns, len(names)) * (side + 0.25) + 0.2, text_width(legend, SMALL) + 3.9)
    board = Board(width, above + sum(head) + sum(high) + sum(foot) + 0.45)
    if title:
        board.heading(title)
    y = above
    for row, line in enumerate(lines):
        for column, name in enumerate(line):
            x = 0.1 + column * (side + 0.25)
            board.lines(heads[name], x, y + 0.15, weight="bold")
            _draw_map(board, maps[name], rectangles.get(name), x, y + head[row], side, tall[name])
            board.lines(feet[name], x, y + head[row] + tall[name] + 0.16, size=SMALL)
        y += head[row] + high[row] + foot[row]
    scale = 1.6
    board.image(np.linspace(0, 1, 33)[None], 0.1, y + 0.05, scale, 0.13, cmap=SHARES, vmin=0, vmax=1)
    text = f"{legend}, 0 to 1{'; frame: computed field' if rectangles else ''}"
    board.text(0.1 + scale + 0.12, y + 0.12, text, size=SMALL, ha="left")
    alt = " ".join(f"{name}: {', '.join(words[name])}." for name in names)
    return board.finish(f"{title}. {alt}" if title else alt)


def _field_words(values: np.ndarray, rectangle: tuple[int, int, int, int] | None) -> list[str]:
    rows, columns = np.nonzero(values)
    measured = f"{np.ptp(rows) + 1}×{np.ptp(columns) + 1}" if len(rows) else "nothing"
    computed = [] if rectangle is None else [f"computed {rectangle[2]}×{rectangle[3]}"]
    return [*computed, f"measured {measured}"]


def _draw_map(
    board: Board, values: np.ndarray, rectangle: tuple[int, int, int, int] | None,
    x: float, y: float, wide: float, high: float,
) -> None:  # fmt: skip
    board.image(values, x, y, wide, high, cmap=SHARES, vmin=0, vmax=1)
    if rectangle is not None:
        cell = wide / values.shape[1]
        top, left, height, width = rectangle
        board.box(x + left * cell, y + top * cell, width * cell, height * cell, edge=VERMILION, thick=2.5, layer=3)
