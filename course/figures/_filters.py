"""Filters that reach through all channels: as volumes, and number by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ._board import Board, cell_for
from ._grids import LINE
from ._style import BLUE, GREY, MAX_WIDTH, SMALL, TEXT, VERMILION, in_house_style, text_width
from ._values import filled, grid_text, number, plural, whole
from .picture import Picture

MOST_SHEETS = 6  # that are drawn; more are counted in words
SHEET = 1.55  # inches, the longer side of an input's sheet
SLANT = (0.17, -0.13)  # inches from one sheet to the next one behind it
# Fill, outline, dashes: two windows differ in all three.
MARKS = (("#F6C9A8", VERMILION, "-"), ("#BBD9EC", BLUE, (0, (3, 2))))


class Stack(NamedTuple):
    """Sheets behind one another: where the front one lies, its size in inches, how many are drawn."""

    x: float
    y: float
    wide: float
    high: float
    drawn: int

    @property
    def reach(self) -> tuple[float, float]:
        """How far the last sheet is moved to the right, and up."""
        return (self.drawn - 1) * SLANT[0], -(self.drawn - 1) * SLANT[1]


def _volume(shape: Any, name: str) -> tuple[int, int, int]:
    sizes = tuple(shape)
    if len(sizes) != 3:
        raise ValueError(f"Expected {name} (height, width, channels). Received {sizes}.")
    return whole("height", sizes[0], 1), whole("width", sizes[1], 1), whole("channels", sizes[2], 1)


def _sheets(board: Board, stack: Stack, fill: str) -> None:
    """Sheets from back to front."""
    for index in reversed(range(stack.drawn)):
        x, y = stack.x + index * SLANT[0], stack.y + index * SLANT[1]
        board.box(x, y, stack.wide, stack.high, fill=fill, edge=GREY)


def _through(board: Board, stack: Stack, part: tuple[float, float, float, float], mark: tuple) -> None:
    """The same rectangle on every sheet, its corners joined; `part` is x, y, width, height on the front sheet."""
    fill, edge, dash = mark
    x, y, wide, high = part
    to_x, to_y = stack.reach
    for corner in ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high)):
        board.line(*corner, corner[0] + to_x, corner[1] - to_y, color=edge, lw=1.0, ls=dash, zorder=3)
    for index in reversed(range(stack.drawn)):
        left, top = x + index * SLANT[0], y + index * SLANT[1]
        board.box(left, top, wide, high, fill=fill, layer=2 if index else 4)
        corners = [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high), (left, top)]
        board.axes.plot(*zip(*corners, strict=True), color=edge, lw=1.6, ls=dash, zorder=3 if index else 5)


def _scaled(shape: tuple[int, int, int], pixel: float) -> tuple[float, float]:
    """Width and height of a sheet in inches."""
    return max(shape[1] * pixel, 0.25), max(shape[0] * pixel, 0.25)


@in_house_style
def filter_volume(
    shape: Sequence[int], kernel: Sequence[int], filters: int, *,
    places: Sequence[tuple[int, int]] = ((6, 8),), neurons: bool = False,
) -> Picture:  # fmt: skip
    """Draw a convolution without padding, stride 1, as volumes: channels, a window through all of them, maps.

    Args:
        shape: The input's (height, width, channels).
        kernel: A filter's (height, width), in pixels.
        filters: How many filters there are; each makes one map. At most 6 sheets of a stack are drawn.
        places: One or two (row, column) of the output whose windows are marked.
        neurons: Name the outputs neurons and the maps sheets.

    Raises:
        ValueError: If a size is no positive integer, the filter does not fit, or a place is not in the output.
    """
    shape = _volume(shape, "a shape")
    k_high, k_wide = (whole("each side of kernel", side, 1) for side in kernel)
    filters = whole("filters", filters, 1)
    out = (shape[0] - k_high + 1, shape[1] - k_wide + 1, filters)
    if min(out) < 1:
        raise ValueError(f"Expected a kernel no larger than {shape[:2]}. Received {(k_high, k_wide)}.")
    filled(places, "places")
    spots = [(whole("row", i, 0, out[0] - 1), whole("column", j, 0, out[1] - 1)) for i, j in places]
    if len(spots) > len(MARKS):
        raise ValueError(f"Expected at most {len(MARKS)} places. Received {len(spots)}.")
    pixel = SHEET / max(shape[:2])
    count = k_high * k_wide * shape[2]
    what = "sheet" if neurons else "map"
    names = [
        [f"input {'×'.join(map(str, shape))}", plural(shape[2], "channel") + _drawn(shape[2])],
        [f"{plural(filters, 'filter')} {k_high}×{k_wide}×{shape[2]}", f"each {count} weights + 1 bias"],
        [
            f"output {'×'.join(map(str, out))}",
            f"{plural(filters, what)} of {out[0]}×{out[1]}{' neurons' * neurons}{_drawn(filters)}",
        ],
    ]
    sizes = [(*_scaled(size, pixel), min(size[2], MOST_SHEETS)) for size in (shape, out)]
    reach = [(drawn - 1) * SLANT[0] for _, _, drawn in sizes]
    texts = [max(text_width(line) for line in name) for name in names]
    slots = [
        max(sizes[0][0] + reach[0], texts[0]) + 0.25,
        texts[1] + 0.5,
        max(sizes[1][0] + reach[1], texts[2]) + 0.25,
    ]
    top = 0.55 + max(-(drawn - 1) * SLANT[1] for _, _, drawn in sizes)
    tall = max(high for _, high, _ in sizes)
    board = Board(sum(slots), top + tall + 0.2 + 0.24 * len(spots) * (len(spots) > 1))
    left = Stack(0.12, top, *sizes[0])
    right = Stack(slots[0] + slots[1] + 0.05, top + (tall - sizes[1][1]) / 2, *sizes[1])
    for x, name in zip((0.12, slots[0] + 0.2, slots[0] + slots[1] + 0.05), names, strict=True):
        board.lines(name, x, 0.15)
    _sheets(board, left, "#E8F2FA")
    _sheets(board, right, "#EAF5EF")
    for (row, column), mark in reversed(list(zip(spots, MARKS, strict=False))):
        sides = [max(side * pixel, 0.07) for side in (k_wide, k_high, 1)]
        window = (left.x + column * pixel, left.y + row * pixel, *sides[:2])
        spot = (right.x + column * pixel, right.y + row * pixel, sides[2], sides[2])
        _through(board, left, window, mark)
        _through(board, right, spot, mark)
        for side in (0, window[3]):
            board.line(
                window[0] + window[2] + left.reach[0], window[1] + side - left.reach[1],
                spot[0], spot[1] + sides[2] * (side > 0), color=mark[1], lw=0.8, ls=mark[2], zorder=2,
            )  # fmt: skip
    for index, (row, column) in enumerate(spots if len(spots) > 1 else ()):
        y = top + tall + 0.26 + 0.24 * index
        frame = [(0.12, y - 0.07), (0.26, y - 0.07), (0.26, y + 0.07), (0.12, y + 0.07), (0.12, y - 0.07)]
        board.box(0.12, y - 0.07, 0.14, 0.14, fill=MARKS[index][0])
        board.axes.plot(*zip(*frame, strict=True), color=MARKS[index][1], lw=1.4, ls=MARKS[index][2])
        text = f"row {row}, column {column}: {'neurons' if neurons else 'outputs'} and the window that they see"
        board.text(0.34, y, text, size=SMALL, ha="left")
    alt = f"{'; '.join(', '.join(name) for name in names)}."
    windows = " ".join(
        f"The window at row {i}, column {j} spans the whole depth and gives one number in every {what}."
        for i, j in spots
    )
    return board.finish(f"{alt} {windows}")


def _drawn(count: int) -> str:
    """Says that only some sheets are drawn."""
    return f" ({MOST_SHEETS} drawn)" if count > MOST_SHEETS else ""


class Step(NamedTuple):
    """One output of a convolution layer, and the outputs before it."""

    padded: np.ndarray
    weights: np.ndarray
    bias: float
    top: int
    left: int
    sums: tuple[float, ...]
    output: np.ndarray
    place: tuple[int, int, int]
    largest: float


def _step(x: Any, W: Any, b: Any, step: int, stride: int, pad: int) -> Step:
    """Everything that one step shows; the outputs of filter 0 come first, those not yet computed are NaN."""
    pixels, weights, biases = (np.asarray(values) for values in (x, W, b))
    if pixels.ndim != 3 or weights.ndim != 4 or weights.shape[2] != pixels.shape[2]:
        raise ValueError(
            f"Expected x (height, width, c_in) and W (k_h, k_w, c_in, c_out). "
            f"Received shapes {pixels.shape} and {weights.shape}."
        )
    if biases.shape != weights.shape[3:]:
        raise ValueError(f"Expected b of shape {weights.shape[3:]}. Received {biases.shape}.")
    stride, pad = whole("stride", stride, 1), whole("pad", pad, 0)
    padded = np.pad(pixels.astype(float), ((pad, pad), (pad, pad), (0, 0)))
    sides = [(padded.shape[axis] - weights.shape[axis]) // stride + 1 for axis in (0, 1)]
    if min(sides) < 1:
        raise ValueError(
            f"Expected filters no larger than the padded input, {padded.shape[:2]}. Received {weights.shape[:2]}."
        )
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(0, 1))[::stride, ::stride]
    output = np.einsum("ijckl,klcf->fij", windows, weights) + biases[:, None, None]
    step = whole("step", step, 0, output.size - 1)
    largest = float(np.abs(output).max())
    which, row, column = (int(index) for index in np.unravel_index(step, output.shape))
    sums = tuple(np.einsum("ckl,klc->c", windows[row, column], weights[..., which]).tolist())
    output.flat[step + 1 :] = np.nan
    return Step(
        padded, weights[..., which].astype(float), float(biases[which]), row * stride, column * stride, sums,
        output, (which, row, column), largest,
    )  # fmt: skip


def _factor(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _products(step: Step, channel: int) -> list[str]:
    """The products of one channel, a line for each row of the slice."""
    lines = []
    for row, weights in enumerate(step.weights[..., channel]):
        pixels = step.padded[step.top + row, step.left :, channel]
        terms = [f"{_factor(pixel)}·{_factor(weight)}" for pixel, weight in zip(pixels, weights, strict=False)]
        lines.append(("  " if row == 0 else "+ ") + " + ".join(terms))
    return lines


def _total(step: Step) -> str:
    """The sums of the channels and the bias, added up."""
    which, row, column = step.place
    parts = " + ".join(_factor(value) for value in step.sums)
    return f"{parts} + bias {_factor(step.bias)} = {number(step.output[which, row, column])}"


@in_house_style
def channel_products(x: Any, W: Any, b: Any, *, step: int, stride: int = 1, pad: int = 0) -> Picture:
    """Draw one output of a convolution layer with all its products: channel by channel, then added up.

    Args:
        x: One picture, shape (height, width, c_in), small enough to read as numbers.
        W: Filters, shape (k_h, k_w, c_in, c_out); laid on as they stand.
        b: One bias for each filter, shape (c_out,).
        step: Which output, from 0: all places of filter 0 row by row, then those of filter 1, ...
        stride: Pixels from one place to the next.
        pad: Zeros on each of the four sides; drawn hatched.

    Raises:
        ValueError: If shapes do not go together, there is no such step, or it is too wide for the page.
    """
    drawn = _step(x, W, b, step, stride, pad)
    which, row, column = drawn.place
    high, wide, channels = drawn.padded.shape
    k_high, k_wide = drawn.weights.shape[:2]
    maps, out_high, out_wide = drawn.output.shape
    known = [*drawn.padded.ravel(), *drawn.weights.ravel(), *drawn.output[np.isfinite(drawn.output)]]
    cell = max(cell_for([number(value) for value in known], SMALL) - 0.06, 0.24)
    lines = [_products(drawn, channel) for channel in range(channels)]
    middle = 0.1 + max(wide * cell, text_width(f"input, channel {channels - 1}", SMALL)) + 0.2
    text = middle + max(k_wide * cell, text_width(f"slice {channels - 1}", SMALL)) + 0.2
    widest = max(text_width(line, TEXT, mono=True) for part in lines for line in part)
    right = text + max(widest, text_width(_total(drawn), bold=True) - (text - middle)) + 0.3
    width = right + max(out_wide * cell, text_width("output, map 0", SMALL)) + 0.1
    if width > MAX_WIDTH:
        raise ValueError(
            f"Expected picture and filters small enough to read as numbers. Received x of shape "
            f"{drawn.padded.shape} with padding and filters of {drawn.weights.shape}."
        )
    panel = max(high * cell, LINE * (k_high + 1) + 0.1) + 0.34
    heading = f"Step {step + 1} of {drawn.output.size}: filter {which} at row {row}, column {column}"
    board = Board(width, 0.35 + channels * panel + 0.42)
    board.heading(heading)
    for channel in range(channels):
        y = 0.35 + channel * panel + 0.22
        board.text(0.1, y - 0.1, f"input, channel {channel}", size=SMALL, ha="left")
        board.numbers(drawn.padded[..., channel], 0.1, y, cell, pad=pad, size=SMALL)
        board.text(middle, y - 0.1, f"slice {channel}", size=SMALL, ha="left")
        board.numbers(drawn.weights[..., channel], middle, y, cell, size=SMALL)
        x_left, upper = 0.1 + drawn.left * cell, y + drawn.top * cell
        board.box(x_left, upper, k_wide * cell, k_high * cell, edge=VERMILION, thick=3, layer=3)
        for index, line in enumerate(lines[channel]):
            board.text(text, y + 0.12 + index * LINE, line, ha="left", mono=True)
        board.text(text, y + 0.12 + k_high * LINE, f"= {number(drawn.sums[channel])}", ha="left", mono=True)
    for index in range(maps):
        y = 0.35 + 0.22 + index * (out_high * cell + 0.4)
        board.text(right, y - 0.1, f"output, map {index}", size=SMALL, ha="left")
        board.numbers(drawn.output[index], right, y, cell, size=SMALL, largest=drawn.largest)
        if index == which:
            board.box(right + column * cell, y + row * cell, cell, cell, edge=VERMILION, thick=3, layer=3)
    end = 0.35 + channels * panel + 0.12
    board.text(middle, end, "added up:", size=SMALL, ha="left")
    board.text(middle, end + 0.19, _total(drawn), ha="left", weight="bold")
    return board.finish(_words(drawn, heading, lines))


def _words(step: Step, heading: str, lines: list[list[str]]) -> str:
    parts = [
        f"Channel {channel}: {' '.join(' '.join(part).split())} = {number(step.sums[channel])}."
        for channel, part in enumerate(lines)
    ]
    maps = [f"Map {index} so far: {grid_text(grid)}." for index, grid in enumerate(step.output)]
    return f"{heading}. {' '.join(parts)} Added up: {_total(step)}. {' '.join(maps)}"
