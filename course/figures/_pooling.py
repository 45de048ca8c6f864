"""Pooling on numbers, one window at a time, and small charts of functions side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ._board import Board, cell_for
from ._charts import LINES, _pair, _plain
from ._style import (
    BLACK,
    DPI,
    GREY,
    MAX_WIDTH,
    SMALL,
    TEXT,
    VERMILION,
    finish,
    in_house_style,
    text_width,
    wrap,
)
from ._values import amount, filled, grid_text, matrix, number, whole
from .picture import Picture

GAP = 0.45  # inches between two grids


@in_house_style
def pooling(grid: Any, side: int, stride: int, *, step: int | None = None, title: str = "") -> Picture:
    """Draw max and average pooling of a grid: one window with its numbers, and both outputs up to there.

    The window has a thick frame, and so has its place in both outputs; its largest number is underlined.

    Args:
        grid: Numbers, shape (height, width), small enough to read (about 8 columns).
        side: Of the window, in cells, at least 1 and no larger than the grid.
        stride: Cells from one window to the next, at least 1.
        step: Which window is shown, from 0, row by row; the last one if None.
        title: A heading above the picture.

    Raises:
        ValueError: If the window does not fit, there is no such step, or the grid is too wide.
    """
    values = matrix(grid, "grid")
    side, stride = whole("side", side, 1, min(values.shape)), whole("stride", stride, 1)
    views = np.lib.stride_tricks.sliding_window_view(values, (side, side))[::stride, ::stride]
    high, wide = views.shape[:2]
    last = high * wide - 1
    step = last if step is None else whole("step", step, 0, last)
    row, column = divmod(step, wide)
    outputs = {"max": views.max((2, 3)), "average": views.mean((2, 3))}
    written = [number(value) for array in (values, *outputs.values()) for value in array.ravel()]
    for array in outputs.values():
        array.flat[step + 1 :] = np.nan
    cell = cell_for(written)
    width = 0.2 + values.shape[1] * cell + 2 * (GAP + max(wide * cell, text_width("average", bold=True)))
    numbers = [number(value) for value in views[row, column].ravel()]
    lines = _sentences(numbers, views[row, column])
    width = max(width, min(text_width(title, bold=True) + 0.25, MAX_WIDTH))
    if width > MAX_WIDTH:
        raise ValueError(f"Expected a grid narrow enough to read as numbers. Received shape {values.shape}.")
    texts = [part for line in lines for part in wrap(line, max(width, 5.0) - 0.3)]
    width = max(width, *(text_width(text) + 0.3 for text in texts))
    head = 0.2 * len(wrap(title, width - 0.2, bold=True)) + 0.1 if title else 0.0
    board = Board(width, head + 0.35 + values.shape[0] * cell + 0.2 + 0.21 * len(texts) + 0.05)
    if title:
        board.heading(title, x=0.1)
    y, x = head + 0.35, 0.1
    board.text(x, y - 0.13, "input", ha="left", weight="bold")
    board.numbers(values, x, y, cell)
    _frame(board, x + column * stride * cell, y + row * stride * cell, side * cell)
    place = divmod(int(views[row, column].argmax()), side)
    left, base = x + (column * stride + place[1]) * cell, y + (row * stride + place[0] + 1) * cell - 0.05
    board.line(left + 0.06, base, left + cell - 0.06, base, color=BLACK, lw=2.0)
    x += values.shape[1] * cell + GAP
    for name, array in outputs.items():
        board.text(x, y - 0.13, name, ha="left", weight="bold")
        board.numbers(array, x, y, cell, largest=float(np.abs(values).max()))
        _frame(board, x + column * cell, y + row * cell, cell)
        x += max(wide * cell, text_width("average", bold=True)) + GAP
    for index, text in enumerate(texts):
        board.text(0.1, y + values.shape[0] * cell + 0.22 + 0.21 * index, text, ha="left")
    so_far = "; ".join(f"{name} so far: {grid_text(array)}" for name, array in outputs.items())
    alt = (
        f"Pooling of {grid_text(values)} with windows of {side}×{side} and stride {stride}. "
        f"Window {step + 1} of {last + 1}: {'; '.join(lines)}. {so_far}."
    )
    return board.finish(f"{title}. {alt}" if title else alt)


def _frame(board: Board, x: float, y: float, side: float) -> None:
    board.box(x, y, side, side, edge=VERMILION, thick=3, layer=3)


def _sentences(numbers: list[str], window: np.ndarray) -> list[str]:
    """What the maximum and the average of a window are."""
    total, count = number(window.sum()), window.size
    average = number(window.mean())
    equal = "=" if np.isclose(float(average.replace("−", "-")), window.mean(), atol=1e-9) else "≈"
    return [
        f"max of {', '.join(numbers)} = {number(window.max())}",
        f"average: {total} / {count} {equal} {average}",
    ]


@in_house_style
def panels(
    charts: Mapping[str, Mapping[str, tuple[Any, Any]]], *, xlabel: str, ylabel: str, columns: int = 5
) -> Picture:
    """Draw small charts side by side on one scale; lines of one name look alike in all of them.

    Args:
        charts: Heading -> (name of a line -> (x, y)), at most 12 charts of at most 4 different names.
        xlabel: What x means, with its unit.
        ylabel: What y means, with its unit.
        columns: Charts in a row, 1 to 6.

    Raises:
        ValueError: If there is no chart or line, too many of them, or x and y differ in length.
    """
    filled(charts, "charts")
    names = list(dict.fromkeys(name for chart in charts.values() for name in chart))
    filled(names, "charts' lines")
    if len(charts) > 12 or len(names) > 4:
        raise ValueError(f"Expected at most 12 charts of 4 lines. Received {len(charts)} and {len(names)}.")
    columns = whole("columns", columns, 1, 6)
    rows = -(-len(charts) // columns)
    figure = Figure(figsize=(MAX_WIDTH, 1.5 * rows + 0.8), dpi=DPI, facecolor="white", layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    words, handles = [], {}
    for axes, (heading, chart) in zip(grid.flat, charts.items(), strict=False):
        axes.axhline(0, color=GREY, lw=0.8)
        axes.axvline(0, color=GREY, lw=0.8)
        for name, pair in chart.items():
            x, y = _pair(pair, f"{heading}, {name}")
            colour, dash, _ = LINES[names.index(name)]
            handles[name] = axes.plot(x, y, color=colour, ls=dash, lw=2.0)[0]
            ends = f"{amount(y[0])} at {amount(x[0])} to {amount(y[-1])} at {amount(x[-1])}"
            words.append(f"{heading}, {name}: from {ends}.")
        _plain(axes)
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True, nbins=5)
        axes.set_title(heading, fontsize=TEXT, weight="bold", loc="left", parse_math=False)
    for axes in grid.flat[len(charts) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel(xlabel, fontsize=SMALL)
    figure.supylabel(ylabel, fontsize=TEXT)
    figure.legend(
        handles.values(), handles.keys(), loc="outside upper left", ncols=4, fontsize=TEXT, frameon=False,
        handlelength=3.5,
    )  # fmt: skip
    return finish(figure, f"{ylabel} against {xlabel}, {len(charts)} charts. {' '.join(words)}")
