"""The way back: windows that add their share of a gradient, and a table of what checks notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ._board import Board, cell_for
from ._style import GREEN, GREY, MAX_WIDTH, SMALL, TEXT, VERMILION, in_house_style, text_width, wrap
from ._values import filled, grid_text, matrix, number, whole
from .picture import Picture

GAP = 0.35
HEAD = 0.6  # inches above the grids of one step: the sentence and the names


class Stamp(NamedTuple):
    """One step of the way back: a number of d stamps its copy of the kernel onto dx."""

    d: np.ndarray
    kernel: np.ndarray
    dx: np.ndarray  # with its padding, after this step
    stride: int
    pad: int
    step: int
    row: int
    column: int
    largest: float

    @property
    def value(self) -> float:
        return float(self.d[self.row, self.column])

    @property
    def share(self) -> np.ndarray:
        return self.value * self.kernel

    @property
    def parts(self) -> dict[str, np.ndarray]:
        times = f"({number(self.value)})" if self.value < 0 else number(self.value)
        border = " with its border" if self.pad else ""
        return {"d": self.d, "kernel": self.kernel, f"{times} · kernel": self.share, f"dx so far{border}": self.dx}

    @property
    def sentence(self) -> str:
        top, left = self.row * self.stride - self.pad, self.column * self.stride - self.pad
        return (
            f"Step {self.step + 1} of {self.d.size}: d[{self.row}, {self.column}] = {number(self.value)} adds "
            f"{number(self.value)} · kernel to dx, from row {number(top)} and column {number(left)} on"
        )


def _stamp(d: Any, kernel: Any, shape: Sequence[int], step: int, stride: int, pad: int) -> Stamp:
    back, weights = matrix(d, "d"), matrix(kernel, "kernel")
    stride, pad = whole("stride", stride, 1), whole("pad", pad, 0)
    padded = [whole("a side of shape", side, 1) + 2 * pad for side in shape]
    out = tuple((side - k) // stride + 1 for side, k in zip(padded, weights.shape, strict=True))
    if out != back.shape:
        raise ValueError(
            f"Expected d of shape {out}, the output's for an input of shape {tuple(shape)}. Received {back.shape}."
        )
    step = whole("step", step, 0, back.size - 1)
    dx, high, wide = np.zeros(padded), *weights.shape
    largest = 0.0
    for place in range(back.size):
        i, j = (index * stride for index in divmod(place, back.shape[1]))
        dx[i : i + high, j : j + wide] += back.flat[place] * weights
        if place == step:
            so_far = dx.copy()
        largest = max(largest, float(np.abs(dx).max()))
    return Stamp(back, weights, so_far, stride, pad, step, *divmod(step, back.shape[1]), largest)


def _widths(stamp: Stamp, cell: float) -> list[float]:
    return [max(grid.shape[1] * cell, text_width(name, SMALL)) for name, grid in stamp.parts.items()]


def _draw(board: Board, stamp: Stamp, y: float, cell: float, size: float) -> float:
    """Draw one step with its upper edge at y; returns the y below it."""
    board.text(0.1, y + 0.12, stamp.sentence, ha="left")
    x, y = 0.1, y + HEAD
    (high, wide), last = stamp.kernel.shape, len(stamp.parts) - 1
    for index, ((name, grid), width) in enumerate(zip(stamp.parts.items(), _widths(stamp, cell), strict=True)):
        board.text(x, y - 0.1, name, size=SMALL, ha="left")
        pad, largest = (stamp.pad, stamp.largest) if index == last else (0, None)
        board.numbers(grid, x, y, cell, pad=pad, largest=largest, size=size)
        if index == 0:
            board.box(x + stamp.column * cell, y + stamp.row * cell, cell, cell, edge=VERMILION, thick=3, layer=3)
        if index == last:
            left, top = x + stamp.column * stamp.stride * cell, y + stamp.row * stamp.stride * cell
            board.box(left, top, wide * cell, high * cell, edge=VERMILION, thick=3, layer=3)
        x += width + GAP
    return y + max(grid.shape[0] for grid in stamp.parts.values()) * cell + 0.15


@in_house_style
def stamping(
    d: Any,
    kernel: Any,
    *,
    shape: Sequence[int],
    steps: Sequence[int],
    stride: int = 1,
    pad: int = 0,
    title: str = "",
) -> Picture:
    """Draw how the gradient by a convolution's input comes about: each number of d stamps d · kernel onto dx.

    Args:
        d: Gradient by the output, shape (out height, out width).
        kernel: Weights of the cross-correlation, shape (k_height, k_width).
        shape: (height, width) of the input, without padding.
        steps: Which numbers of d, from 0, row by row; each step shows dx after it, the ones before included.
        stride: Pixels from one window to the next, at least 1.
        pad: Zeros on each side of the input; there dx is drawn hatched, and is cut away.
        title: A heading above the picture.

    Raises:
        ValueError: If the shapes do not belong together, there is no such step, or it is too wide.
    """
    filled(steps, "steps")
    stamps = [_stamp(d, kernel, shape, step, stride, pad) for step in steps]
    for size in (TEXT, SMALL):
        grids = [grid for stamp in stamps for grid in stamp.parts.values()]
        cell = cell_for([number(value) for grid in grids for value in grid.ravel()], size)
        width = max(sum(_widths(stamp, cell)) + 3 * GAP for stamp in stamps)
        width = max(width, *(text_width(stamp.sentence) for stamp in stamps)) + 0.25
        if width <= MAX_WIDTH:
            break
    else:
        raise ValueError(f"Expected d, kernel and shape small enough to read. Received a shape of {tuple(shape)}.")
    heading = 0.2 * len(wrap(title, width - 0.2, bold=True)) + 0.1 if title else 0.05
    rows = [max(grid.shape[0] for grid in stamp.parts.values()) for stamp in stamps]
    board = Board(width, heading + sum(HEAD + row * cell + 0.15 for row in rows) + 0.05)
    if title:
        board.heading(title)
    y = heading
    for stamp in stamps:
        y = _draw(board, stamp, y, cell, size)
    words = " ".join(
        f"{stamp.sentence}. dx{' with its border' if pad else ''} is then {grid_text(stamp.dx)}."
        for stamp in stamps
    )
    setting = f"kernel {grid_text(stamps[0].kernel)}; d {grid_text(stamps[0].d)}; stride {stride}, padding {pad}"
    return board.finish(f"{title + '. ' if title else ''}Backwards through a convolution, {setting}. {words}")


@in_house_style
def verdicts(
    table: Mapping[str, Mapping[str, bool]], *, yes: str = "noticed", no: str = "passes", title: str = ""
) -> Picture:
    """Draw a table of two possible words, such as which check notices which mistake.

    Args:
        table: Row -> {column -> True or False}; every row has the same columns.
        yes: The word for True; its cell is filled.
        no: The word for False; its cell is hatched.
        title: A heading above the table.

    Raises:
        ValueError: If there is no row, rows have other columns than the first one, or the table is too wide.
    """
    filled(table, "table")
    columns = list(next(iter(table.values())))
    if any(list(row) != columns for row in table.values()):
        raise ValueError("Expected the same columns in every row.")
    left = max(text_width(name) for name in table) + 0.3
    word = max(text_width(text, SMALL) for text in (yes, no, *(part for name in columns for part in name.split())))
    wide = max(word + 0.16, 0.8)
    if left + wide * len(columns) > MAX_WIDTH - 0.2:
        raise ValueError(f"Expected a narrower table. Received {len(columns)} columns.")
    high, width = 0.32, left + wide * len(columns) + 0.2
    names = [wrap(name, wide - 0.08, SMALL) for name in columns]
    head = 0.19 * max(len(lines) for lines in names) + 0.1
    start = 0.2 * len(wrap(title, width - 0.2, bold=True)) + 0.1 if title else 0.05
    board = Board(width, start + head + high * len(table) + 0.12)
    if title:
        board.heading(title)
    for index, lines in enumerate(names):
        for line, text in enumerate(reversed(lines)):
            board.text(left + (index + 0.5) * wide, start + head - 0.13 - 0.19 * line, text, size=SMALL)
    for place, (name, row) in enumerate(table.items()):
        y = start + head + place * high
        board.text(0.1, y + high / 2, name, ha="left")
        for index, column in enumerate(columns):
            x, is_yes = left + index * wide, bool(row[column])
            style = {"fill": "#BFE3D6", "edge": GREEN} if is_yes else {"fill": "white", "edge": GREY}
            hatch = {} if is_yes else {"hatch": "////", "ink": "#DDDDDD"}
            board.box(x + 0.03, y + 0.03, wide - 0.06, high - 0.06, **style, **hatch)
            board.text(x + wide / 2, y + high / 2, yes if is_yes else no, size=SMALL, boxed=not is_yes)
    sentences = []
    for column in columns:
        which = [name for name, row in table.items() if row[column]]
        sentences.append(f"{column}: {len(which)} of {len(table)} {yes}{': ' if which else ''}{', '.join(which)}.")
    return board.finish(f"{title + '. ' if title else ''}{' '.join(sentences)}")
