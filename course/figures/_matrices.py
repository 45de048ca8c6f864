"""A convolution as a matrix: the band of its weights, and im2col, every window in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ._board import Board, cell_for
from ._style import BLUE, GREEN, GREY, MAX_WIDTH, PURPLE, SMALL, VERMILION, in_house_style, text_width, wrap
from ._values import filled, plural, whole
from .picture import Picture

WEIGHTS = tuple(f"ω{number}" for number in range(8))
TINTS = ("#BFE0F5", "#F9E0B0", "#BFE5D8", "#F0D3E3", "#F5F0A8", "#D8D8D8", "#E8C4A8", "#C8CFF0")
CELL = 0.285  # inches
SIDE = 1.3  # inches between picture and matrix, for the names of the rows
ROWS = "matrix: a row for each window"
FRAMES = (BLUE, VERMILION, GREEN, PURPLE)


class Band(NamedTuple):
    """One matrix: a convolution with k weights, stride and padding, or every weight of its own (k is 0)."""

    n: int
    k: int
    stride: int
    pad: int

    @property
    def rows(self) -> int:
        return self.n if not self.k else (self.n + 2 * self.pad - self.k) // self.stride + 1

    @property
    def words(self) -> str:
        if not self.k:
            return f"{self.n * self.n} different weights"
        lost = f", {plural(self.lost, 'weight')} left out" if self.lost else ""
        return f"{plural(self.k, 'weight')}, {plural(self.rows, 'row')}{lost}"

    @property
    def lost(self) -> int:
        """Entries that meet a zero of the padding."""
        return sum(not 0 <= column < self.n for row in range(self.rows) for column in self.columns(row))

    def columns(self, row: int) -> range:
        first = row * self.stride - self.pad
        return range(first, first + self.k)


@in_house_style
def bands(matrices: Mapping[str, tuple[int, int, int] | None], *, n: int = 6) -> Picture:
    """Draw matrices of weights side by side: a row for each output, a column for each of n inputs.

    A weight has one name wherever it stands. Weights that hang over an end, where they meet zeros of the
    padding, are drawn hatched beside the matrix: they are no part of it.

    Args:
        matrices: Heading -> (weights k, stride, padding) of a convolution, or None for a fully connected layer
            with n outputs.
        n: Inputs, 2 to 10.

    Raises:
        ValueError: If there is no matrix, a number is too small, a filter does not fit, or all are too wide.
    """
    filled(matrices, "matrices")
    n = whole("n", n, 2, 10)
    bands = {name: _band(n, setting) for name, setting in matrices.items()}
    widths = {name: (n + 2 * band.pad) * CELL + 0.55 for name, band in bands.items()}
    if sum(widths.values()) > MAX_WIDTH:
        raise ValueError(
            f"Expected matrices narrow enough for one line. Received {sum(widths.values()):.1f} inches."
        )
    lost = any(band.lost for band in bands.values())
    heads = {name: wrap(name, widths[name] - 0.2, bold=True) for name in bands}
    feet = {name: wrap(band.words, widths[name] - 0.2, SMALL) for name, band in bands.items()}
    head = 0.2 * max(map(len, heads.values())) + 0.32
    tall = max(band.rows for band in bands.values()) * CELL
    board = Board(
        max(sum(widths.values()), 7.1 if lost else 4.9), head + tall + 0.19 * max(map(len, feet.values())) + 0.45
    )
    x = 0.1
    for name, band in bands.items():
        board.lines(heads[name], x, 0.15, weight="bold")
        _draw_band(board, band, x + 0.3 + band.pad * CELL, head)
        board.lines(feet[name], x, head + band.rows * CELL + 0.17, size=SMALL)
        x += widths[name]
    note = (
        "Rows: outputs h. Columns: inputs x. Empty cells are 0. Hatched: left out, it meets a zero of the padding."
    )
    if not any(band.lost for band in bands.values()):
        note = "Rows: outputs h. Columns: inputs x. Empty cells are 0."
    board.text(0.1, board.height - 0.14, note, size=SMALL, ha="left")
    return board.finish(" ".join(_band_words(name, band) for name, band in bands.items()))


def _band(n: int, setting: tuple[int, int, int] | None) -> Band:
    if setting is None:
        return Band(n, 0, 1, 0)
    k, stride, pad = setting
    band = Band(n, whole("k", k, 1, len(WEIGHTS)), whole("stride", stride, 1), whole("pad", pad, 0, 3))
    if band.rows < 1:
        raise ValueError(f"Expected a filter that fits into {n} + 2·{pad} numbers. Received one of {k}.")
    return band


def _draw_band(board: Board, band: Band, x: float, y: float) -> None:
    """The matrix with its upper left corner at (x, y), its indices at the left and above."""
    for column in range(band.n):
        board.text(x + (column + 0.5) * CELL, y - 0.12, f"x{column}", size=SMALL, color="#444444")
    for row in range(band.rows):
        upper = y + row * CELL
        board.text(
            x - band.pad * CELL - 0.06, upper + CELL / 2, f"h{row}", size=SMALL, ha="right", color="#444444"
        )
        for column in range(band.n):
            board.box(x + column * CELL, upper, CELL, CELL, fill="white", edge="#AAAAAA")
        if not band.k:
            for column in range(band.n):
                board.text(x + (column + 0.5) * CELL, upper + CELL / 2, f"{row}{column}", size=SMALL)
            continue
        for tap, column in enumerate(band.columns(row)):
            left, inside = x + column * CELL, 0 <= column < band.n
            hatch = {} if inside else {"hatch": "////", "ink": "#BBBBBB"}
            board.box(left, upper, CELL, CELL, fill=TINTS[tap] if inside else "white", edge=GREY, **hatch)
            style = {"weight": "bold"} if inside else {"boxed": True, "color": "#555555"}
            board.text(left + CELL / 2, upper + CELL / 2, WEIGHTS[tap], size=SMALL, **style)
    board.box(x, y, band.n * CELL, band.rows * CELL, edge="black", thick=1.5, layer=3)


def _band_words(name: str, band: Band) -> str:
    if not band.k:
        return f"{name}: {band.n}×{band.n} weights, all different."
    rows = []
    for row in range(band.rows):
        letters = {column: WEIGHTS[tap] for tap, column in enumerate(band.columns(row))}
        rows.append(" ".join(letters.get(column, "0") for column in range(band.n)))
    return f"{name}: {'; '.join(rows)} ({band.words})."


class Windows(NamedTuple):
    """A picture's windows, numbered row by row."""

    height: int
    width: int
    k: tuple[int, int]
    s: int
    p: int

    @property
    def down(self) -> int:
        return (self.height + 2 * self.p - self.k[0]) // self.s + 1

    @property
    def across(self) -> int:
        return (self.width + 2 * self.p - self.k[1]) // self.s + 1

    def corner(self, window: int) -> tuple[int, int]:
        """Upper left pixel of a window, counted from the first zero of the padding."""
        row, column = divmod(window, self.across)
        return row * self.s, column * self.s

    def pixels(self, window: int) -> list[int]:
        """Numbers of the pixels that a window reads; −1 for a zero of the padding."""
        top, left = self.corner(window)
        return [self.number(top + a, left + b) for a in range(self.k[0]) for b in range(self.k[1])]

    def number(self, row: int, column: int) -> int:
        row, column = row - self.p, column - self.p
        inside = 0 <= row < self.height and 0 <= column < self.width
        return row * self.width + column if inside else -1


@in_house_style
def im2col(
    height: int,
    width: int,
    k: tuple[int, int],
    s: int = 1,
    p: int = 0,
    *,
    windows: Sequence[int] = (0,),
    pixel: int | None = None,
) -> Picture:
    """Draw a picture whose pixels are numbered, and the matrix that has each window in a row.

    Args:
        height: Rows of the picture.
        width: Columns of the picture.
        k: Height and width of the window.
        s: Stride in both directions.
        p: Zeros on each side; drawn hatched.
        windows: Up to four windows, by their number, that get a frame in both drawings.
        pixel: A pixel, by its number, that is marked wherever it stands.

    Raises:
        ValueError: If a number is too small, the window does not fit, there is no such window or pixel, or the
            drawing would be too large.
    """
    height, width = whole("height", height, 1), whole("width", width, 1)
    k = (whole("k_h", k[0], 1), whole("k_w", k[1], 1))
    view = Windows(height, width, k, whole("s", s, 1), whole("p", p, 0))
    if min(view.down, view.across) < 1:
        raise ValueError(
            f"Expected a window that fits into {height}×{width} pixels with padding {p}. Received {k}."
        )
    count, taps = view.down * view.across, k[0] * k[1]
    chosen = [whole("each window", window, 0, count - 1) for window in windows]
    if len(chosen) > len(FRAMES):
        raise ValueError(f"Expected at most {len(FRAMES)} framed windows. Received {len(chosen)}.")
    if pixel is not None:
        pixel = whole("pixel", pixel, 0, height * width - 1)
    cell = cell_for([str(height * width - 1)], SMALL)
    high, wide = (height + 2 * p) * cell, (width + 2 * p) * cell
    total = 0.1 + wide + SIDE + max(taps * max(cell, 0.36), text_width(ROWS, SMALL)) + 0.15
    if total > MAX_WIDTH or count > 30:
        raise ValueError(
            f"Expected a drawing with at most 30 windows on one line. Received {count} of {taps} pixels."
        )
    wider = max(cell, 0.36)
    title = (
        f"{height}×{width} pixels, window {k[0]}×{k[1]}, stride {s}, padding {p}: {count} windows of {taps} pixels"
    )
    note = "" if pixel is None else f"Marked with a thick black frame: pixel {pixel}, {_times(view, pixel)}."
    board_width = max(total, text_width(title, bold=True) + 0.3, text_width(note, SMALL) + 0.3)
    board = Board(board_width, 0.85 + max(high, count * cell) + (0.35 if note else 0.12))
    board.heading(title)
    top = 0.75
    board.text(0.1, 0.45, "picture, pixels by number", size=SMALL, ha="left")
    _draw_picture(board, view, 0.1, top, cell, pixel)
    for number, window in enumerate(chosen):
        row, column = view.corner(window)
        inset = 0.025 * number
        board.box(
            0.1 + column * cell + inset, top + row * cell + inset,
            k[1] * cell - 2 * inset, k[0] * cell - 2 * inset, edge=FRAMES[number], thick=3, layer=3,
        )  # fmt: skip
    x = 0.1 + wide + SIDE
    board.text(x, 0.45, ROWS, size=SMALL, ha="left")
    board.text(x - 0.08, top - 0.11, "window: place", size=SMALL, ha="right", color="#444444")
    for tap in range(taps):
        board.text(x + (tap + 0.5) * wider, top - 0.11, f"{tap // k[1]},{tap % k[1]}", size=SMALL, color="#444444")
    for window in range(count):
        _draw_row(board, view, window, x, top + window * cell, (wider, cell), pixel)
    for number, window in enumerate(chosen):
        board.box(x, top + window * cell, taps * wider, cell, edge=FRAMES[number], thick=3, layer=4)
    if note:
        board.text(0.1, board.height - 0.15, note, size=SMALL, ha="left")
    rows = "; ".join(
        f"window {window} is {' '.join(str(at) if at >= 0 else 'zero' for at in view.pixels(window))}"
        for window in (chosen or range(min(count, 3)))
    )
    return board.finish(f"{title}. {rows}. {note}".strip())


def _times(view: Windows, pixel: int) -> str:
    times = sum(view.pixels(window).count(pixel) for window in range(view.down * view.across))
    return f"{plural(times, 'time')} in the matrix"


def _tile(board: Board, x: float, y: float, size: tuple[float, float], number: int, marked: bool) -> None:
    """One cell with a pixel's number, or a zero of the padding."""
    wide, high = size
    if number < 0:
        board.box(x, y, wide, high, fill="#EEEEEE", edge=GREY, hatch="////", ink="#C8C8C8")
    else:
        board.box(x, y, wide, high, fill="#F0E442" if marked else "white", edge="#AAAAAA")
    board.text(
        x + wide / 2, y + high / 2, "0" if number < 0 else str(number), size=SMALL,
        weight="bold" if marked else "normal", color="#555555" if number < 0 else "black",
    )  # fmt: skip
    if marked:
        board.box(x + 0.05, y + 0.05, wide - 0.1, high - 0.1, edge="black", thick=1.8, layer=5)


def _draw_picture(board: Board, view: Windows, x: float, y: float, cell: float, pixel: int | None) -> None:
    for row in range(view.height + 2 * view.p):
        for column in range(view.width + 2 * view.p):
            number = view.number(row, column)
            _tile(board, x + column * cell, y + row * cell, (cell, cell), number, number == pixel)


def _draw_row(
    board: Board, view: Windows, window: int, x: float, y: float, size: tuple[float, float], pixel: int | None
) -> None:
    row, column = divmod(window, view.across)
    board.text(x - 0.08, y + size[1] / 2, f"{window}: ({row}, {column})", size=SMALL, ha="right", color="#444444")
    for tap, number in enumerate(view.pixels(window)):
        _tile(board, x + tap * size[0], y, size, number, number == pixel)
