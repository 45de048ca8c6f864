"""Numbers in grids: a window that slides, and arrays side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ._board import Board, cell_for
from ._style import GREEN, MAX_WIDTH, SMALL, TEXT, VERMILION, in_house_style, text_width, wrap
from ._values import filled, grid_text, matrix, number, row_or_matrix, whole
from .picture import Picture

GAP = 0.4  # inches between two grids, with a sign in it
LINE = 0.21


class Slide(NamedTuple):
    """A correlation stopped at one step."""

    padded: np.ndarray
    kernel: np.ndarray
    output: np.ndarray
    stride: int
    pad: int
    step: int
    row: int
    column: int
    largest: float

    @property
    def top(self) -> int:
        return self.row * self.stride

    @property
    def left(self) -> int:
        return self.column * self.stride


def _slide(image: Any, kernel: Any, step: int, stride: int, pad: int) -> Slide:
    """Everything that one step shows; output cells not yet computed are NaN."""
    pixels, weights = matrix(image, "image"), matrix(kernel, "kernel")
    stride, pad = whole("stride", stride, 1), whole("pad", pad, 0)
    padded = np.pad(pixels, pad)
    side = (padded.shape[0] - weights.shape[0], padded.shape[1] - weights.shape[1])
    if min(side) < 0:
        raise ValueError(
            f"Expected a kernel no larger than the padded image, {padded.shape}. Received {weights.shape}."
        )
    height, width = side[0] // stride + 1, side[1] // stride + 1
    step = whole("step", step, 0, height * width - 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape)[::stride, ::stride]
    output = np.einsum("ijkl,kl->ij", windows, weights)
    largest = float(np.abs(output).max())  # one depth of colour through all steps
    output.flat[step + 1 :] = np.nan
    return Slide(padded, weights, output, stride, pad, step, *divmod(step, width), largest)


def _factor(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _sum(slide: Slide) -> list[str]:
    """The products of one step, a line for each row of the kernel, and their sum."""
    lines = []
    for row, weights in enumerate(slide.kernel):
        pixels = slide.padded[slide.top + row, slide.left :]
        terms = [f"{_factor(pixel)}·{_factor(weight)}" for pixel, weight in zip(pixels, weights, strict=False)]
        lines.append(("  " if row == 0 else "+ ") + " + ".join(terms))
    lines.append(f"= {number(slide.output[slide.row, slide.column])}")
    return lines


def _cell(slides: Sequence[Slide], size: float) -> float:
    """One side for all cells of all grids, with numbers of `size` points."""
    first, last = slides[0], max(slides, key=lambda slide: slide.step)
    numbers = np.concatenate([first.padded.ravel(), first.kernel.ravel(), last.output.ravel()])
    return cell_for([number(value) for value in numbers], size)


def _step(slide: Slide) -> str:
    """Where a step stands and what it gives."""
    value, step = number(slide.output[slide.row, slide.column]), slide.step + 1
    place = f"output row {slide.row}, column {slide.column} is {value}"
    return f"Step {step} of {slide.output.size}, the kernel slides over the input: {place}"


def _panel_size(slide: Slide, cell: float) -> tuple[float, float]:
    """Width and height of one step's drawing, in inches."""
    (high, wide), (k_high, k_wide), (out_high, out_wide) = (
        part.shape for part in (slide.padded, slide.kernel, slide.output)
    )
    sums = max(text_width(text, TEXT, mono=True) for text in _sum(slide))
    right = max((k_wide + out_wide) * cell + GAP, sums)
    height = max(high * cell, max(k_high, out_high) * cell + 0.15 + LINE * (k_high + 1))
    return 0.2 + wide * cell + GAP + right, 0.55 + height


def _panel(board: Board, slide: Slide, y: float, cell: float, size: float) -> None:
    """Draw one step with its upper edge at y."""
    wide, (k_high, k_wide), out_high = slide.padded.shape[1], slide.kernel.shape, slide.output.shape[0]
    board.text(0.1, y + 0.1, _step(slide), ha="left")
    y += 0.42
    middle = 0.1 + wide * cell + GAP
    right = middle + k_wide * cell + GAP
    upper = max(k_high, out_high) * cell
    for x, name in ((0.1, "input"), (middle, "kernel"), (right, "output")):
        board.text(x, y - 0.09, name, size=SMALL, ha="left")
    board.numbers(slide.padded, 0.1, y, cell, pad=slide.pad, size=size)
    board.numbers(slide.kernel, middle, y, cell, size=size)
    board.numbers(slide.output, right, y, cell, size=size, largest=slide.largest)
    sign = y + min(k_high, out_high) * cell / 2
    board.text(right - GAP / 2, sign, "→", size=14)
    x, top = 0.1 + slide.left * cell, y + slide.top * cell
    board.box(x, top, k_wide * cell, k_high * cell, edge=VERMILION, thick=3, layer=3)
    board.box(right + slide.column * cell, y + slide.row * cell, cell, cell, edge=VERMILION, thick=3, layer=3)
    for index, text in enumerate(_sum(slide)):
        board.text(middle, y + upper + 0.22 + index * LINE, text, ha="left", mono=True)


def _frames(slides: Sequence[Slide], title: str) -> Board:
    for size in (TEXT, SMALL):
        cell = _cell(slides, size)
        sizes = [_panel_size(slide, cell) for slide in slides]
        width = max(*(wide for wide, _ in sizes), text_width(_step(slides[-1])) + 0.2) + 0.1
        if width <= MAX_WIDTH:
            break
    else:
        raise ValueError(
            f"Expected image and kernel small enough to read as numbers. Received image of shape "
            f"{slides[0].padded.shape} with padding and kernel of shape {slides[0].kernel.shape}."
        )
    heading = 0.2 * len(wrap(title, width - 0.2, bold=True)) + 0.1 if title else 0.05
    board = Board(width, heading + sum(size[1] for size in sizes) + 0.05)
    if title:
        board.heading(title)
    y = heading
    for slide, (_, height) in zip(slides, sizes, strict=True):
        _panel(board, slide, y, cell, size)
        y += height
    return board


def _words(slide: Slide) -> str:
    """One step in a sentence."""
    return (
        f"Step {slide.step + 1} of {slide.output.size}, output row {slide.row}, column {slide.column}: "
        f"{' '.join(' '.join(_sum(slide)).split())}."
    )


def _setting(slide: Slide) -> str:
    inner = slide.padded[slide.pad :, slide.pad :]
    inner = inner[: inner.shape[0] - slide.pad, : inner.shape[1] - slide.pad]
    k_high, k_wide = slide.kernel.shape
    return (
        f"A {k_high}×{k_wide} kernel ({grid_text(slide.kernel)}) on a {inner.shape[0]}×{inner.shape[1]} input, "
        f"stride {slide.stride}, padding {slide.pad}"
    )


@in_house_style
def sliding_window(
    image: Any, kernel: Any, *, step: int, stride: int = 1, pad: int = 0, title: str = ""
) -> Picture:
    """Draw one step of a cross-correlation (the kernel is not turned round): window, products, output so far.

    Args:
        image: Pixels, shape (height, width), small enough to read as numbers (about 10 columns).
        kernel: Weights, shape (k_height, k_width).
        step: Which place of the window, from 0, row by row.
        stride: Pixels from one place to the next, at least 1, the same in both directions.
        pad: Zeros added on each of the four sides; drawn hatched.
        title: A heading above the picture.

    Raises:
        ValueError: If the shapes are wrong, the kernel does not fit, there is no such step, or it is too wide.
    """
    slide = _slide(image, kernel, step, stride, pad)
    alt = f"{_setting(slide)}. {_words(slide)} Output so far: {grid_text(slide.output)}."
    return _frames([slide], title).finish(f"{title}. {alt}" if title else alt)


@in_house_style
def sliding_frames(
    image: Any, kernel: Any, *, steps: Sequence[int], stride: int = 1, pad: int = 0, title: str = ""
) -> Picture:
    """Draw several steps of a cross-correlation beneath one another: what an animation shows, standing still.

    Args:
        image: Pixels, shape (height, width).
        kernel: Weights, shape (k_height, k_width).
        steps: Places of the window, from 0, row by row; at least one, best three or four.
        stride: Pixels from one place to the next, at least 1.
        pad: Zeros added on each of the four sides.
        title: A heading above the picture.

    Raises:
        ValueError: As `sliding_window`, or if `steps` is empty.
    """
    filled(steps, "steps")
    slides = [_slide(image, kernel, step, stride, pad) for step in steps]
    last = max(slides, key=lambda slide: slide.step)
    alt = (
        f"{_setting(last)}. {' '.join(_words(slide) for slide in slides)} "
        f"Output after step {last.step + 1}: {grid_text(last.output)}."
    )
    return _frames(slides, title).finish(f"{title}. {alt}" if title else alt)


@in_house_style
def grids(
    arrays: Mapping[str, Any],
    *,
    columns: int | None = None,
    fmt: str | Callable[[float], str] | None = None,
    outlines: Mapping[str, Sequence[tuple[int, int, int, int]]] | None = None,
    title: str = "",
) -> Picture:
    """Draw number grids side by side; blue is above zero, orange and a printed minus are below.

    Args:
        arrays: Heading -> numbers, shape (height, width) or (width,). NaN leaves a cell blank.
        columns: Grids in one row of the picture; as many as fit if None.
        fmt: A format such as ".1f", or a function from number to text; integers and two decimals if None.
        outlines: Heading -> rectangles (top, left, height, width) in cells that get a thick border.
        title: A heading above the picture.

    Raises:
        ValueError: If there is no array, one has more than two dimensions or is too wide for the page.
    """
    filled(arrays, "arrays")
    tables = {name: row_or_matrix(values, f"array {name!r}") for name, values in arrays.items()}
    write = fmt if callable(fmt) else (number if fmt is None else _formatter(fmt))
    texts = {name: [[write(value) for value in row] for row in table] for name, table in tables.items()}
    cell = cell_for([text for rows in texts.values() for row in rows for text in row])
    names = list(tables)
    widths = [max(tables[name].shape[1] * cell, min(text_width(name, bold=True), 2.2)) + 0.3 for name in names]
    if max(widths) > MAX_WIDTH:
        wide = names[int(np.argmax(widths))]
        raise ValueError(
            f"Expected arrays narrow enough to read as numbers. Received {wide!r} of shape {tables[wide].shape}."
        )
    if columns is None:
        columns = next(
            count
            for count in range(len(names), 0, -1)
            if all(sum(widths[start : start + count]) <= MAX_WIDTH for start in range(0, len(names), count))
        )
    columns = whole("columns", columns, 1)
    lines = [names[start : start + columns] for start in range(0, len(names), columns)]
    size = dict(zip(names, widths, strict=True))
    total = max(sum(size[name] for name in line) for line in lines)
    if total > MAX_WIDTH:
        raise ValueError(f"Expected fewer columns: these grids are {total:.1f} inches wide. Received {columns}.")
    total = max(total, min(text_width(title, bold=True) + 0.25, MAX_WIDTH))
    heads = [max(len(wrap(name, size[name] - 0.1, bold=True)) for name in line) * 0.19 + 0.12 for line in lines]
    heights = [
        head + max(tables[name].shape[0] for name in line) * cell for head, line in zip(heads, lines, strict=True)
    ]
    start = 0.2 * len(wrap(title, total - 0.2, bold=True)) + 0.1 if title else 0.0
    board = Board(total, start + sum(heights) + 0.15)
    if title:
        board.heading(title, x=0.15)
    y = start
    for line, head, height in zip(lines, heads, heights, strict=True):
        x = 0.15
        for name in line:
            parts = wrap(name, size[name] - 0.1, bold=True)
            for index, part in enumerate(parts):
                board.text(x, y + head - 0.13 - 0.19 * (len(parts) - 1 - index), part, ha="left", weight="bold")
            board.numbers(tables[name], x, y + head, cell, texts=texts[name])
            for top, left, high, wide in (outlines or {}).get(name, ()):
                board.box(
                    x + left * cell, y + head + top * cell, wide * cell, high * cell,
                    edge=GREEN, thick=3, layer=3,
                )  # fmt: skip
            x += size[name]
        y += height
    alt = " ".join(f"{name}: {grid_text(table)}." for name, table in tables.items())
    return board.finish(f"{title}. {alt}" if title else alt)


def _formatter(fmt: str) -> Callable[[float], str]:
    return lambda value: "" if np.isnan(value) else format(value, fmt).replace("-", "−")
