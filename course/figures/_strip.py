"""One direction of an input as a row of pixels, and the filter's places beneath it."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from ._board import Board
from ._style import BLUE, MAX_WIDTH, SKY, SMALL, VERMILION, text_width
from ._values import plural, whole

ROW = 0.27
NARROWEST = 0.19  # inches for one pixel with its index
MOST_ROWS = 24


class Line(NamedTuple):
    """One direction of an input: n pixels, zeros before and after, a filter of side f, a stride s."""

    n: int
    f: int
    s: int
    before: int
    after: int

    @property
    def padded(self) -> int:
        return self.before + self.n + self.after

    @property
    def starts(self) -> range:
        """Where the filter starts, counted from the first zero."""
        return range(0, self.padded - self.f + 1, self.s)

    @property
    def read(self) -> set[int]:
        return {start + offset for start in self.starts for offset in range(self.f)}

    @property
    def unread(self) -> list[int]:
        """Indices of the input's pixels, from 0, that no place reads; zeros do not count."""
        return [pixel for pixel in range(self.n) if pixel + self.before not in self.read]

    @property
    def sum(self) -> str:
        """The rule for the output's size with these numbers."""
        if self.before == self.after:
            padded = f"{self.n} + 2·{self.before}"
        else:
            padded = f"{self.n} + {self.before} + {self.after}"
        if not self.starts:
            return f"{padded} = {self.padded} < {self.f}: the filter does not fit, no place"
        return f"⌊({padded} − {self.f}) / {self.s}⌋ + 1 = {len(self.starts)}"


def padded_line(n: int, f: int, s: int, p: int, side: str = "n") -> Line:
    """A line with p zeros on each side, its four numbers checked; `side` names n in a message."""
    n, f, s, p = whole(side, n, 1), whole("f", f, 1), whole("s", s, 1), whole("p", p, 0)
    return Line(n, f, s, p, p)


def cell_side(padded: int, most: float, room: float = MAX_WIDTH - 1.2) -> float:
    """Side of one pixel in inches."""
    cell = min(most, room / padded)
    if cell < NARROWEST:
        raise ValueError(
            f"Expected at most {int(room / NARROWEST)} pixels with padding, so that each can be seen. "
            f"Received {padded}."
        )
    return cell


def draw_pixel(board: Board, x: float, y: float, cell: float, kind: str) -> None:
    """Draw one pixel: a hatched grey zero, a hatched vermilion unread pixel, or a read one."""
    styles = {
        "zero": {"fill": "#EEEEEE", "edge": "#767676", "hatch": "////", "ink": "#BBBBBB"},
        "unread": {"fill": "white", "edge": VERMILION, "hatch": "xxx", "ink": VERMILION},
        "read": {"fill": "#D6ECFA", "edge": "#767676"},
    }
    board.box(x, y, cell, cell, **styles[kind])


def runs_of(numbers: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of neighbours."""
    runs: list[tuple[int, int]] = []
    for value in numbers:
        if runs and runs[-1][1] == value - 1:
            runs[-1] = (runs[-1][0], value)
        else:
            runs.append((value, value))
    return runs


def unread_words(line: Line) -> str:
    """What is not read, as a clause."""
    if not line.unread:
        return f"all {line.n} pixels are read" if line.n > 1 else "the one pixel is read"
    which = ", ".join(
        str(first) if first == last else f"{first} to {last}" for first, last in runs_of(line.unread)
    )
    return f"unread: {plural(len(line.unread), 'pixel')} of {line.n} (index {which})"


def strip_height(line: Line, cell: float) -> float:
    """Height of what `draw_strip` draws, in inches."""
    rows = min(len(line.starts), MOST_ROWS) + (len(line.starts) > MOST_ROWS)
    return _above(line) + cell + 0.1 + max(rows, 1) * ROW


def _above(line: Line) -> float:
    """Room above the pixels: for the word "unread" if it is needed."""
    return 0.3 if line.unread else 0.1


def draw_strip(board: Board, line: Line, x: float, y: float, cell: float) -> float:
    """Draw the row of pixels and a bar beneath it for every place; returns the y below."""
    unread, runs = set(line.unread), runs_of(line.unread)
    word = text_width("unread", SMALL) + 0.06
    close = any(after[0] + after[1] - before[0] - before[1] < 2 * word / cell
                for before, after in pairwise(runs))  # fmt: skip
    for first, last in runs:
        middle = x + (line.before + (first + last + 1) / 2) * cell
        board.text(middle, y + 0.15, "×" if close else "unread", size=SMALL, color=VERMILION)
    y += _above(line)
    for index in range(line.padded):
        pixel = index - line.before
        inside = 0 <= pixel < line.n
        kind = "zero" if not inside else ("unread" if pixel in unread else "read")
        draw_pixel(board, x + index * cell, y, cell, kind)
        text = str(pixel) if inside else "0"
        board.text(
            x + (index + 0.5) * cell, y + cell / 2, text, size=SMALL, boxed=kind == "unread",
            color="#555555" if kind == "zero" else "black",
        )  # fmt: skip
    y += cell + 0.1
    if not line.starts:
        board.box(x, y + 0.04, line.f * cell, ROW - 0.08, edge=VERMILION, thick=1.5)
        board.text(x + line.f * cell + 0.08, y + ROW / 2, f"the filter: {line.f} wide", size=SMALL, ha="left")
        return y + ROW
    for place, start in enumerate(line.starts):
        if place == MOST_ROWS:
            board.text(x, y + ROW / 2, f"… and {len(line.starts) - place} more", size=SMALL, ha="left")
            return y + ROW
        width = line.f * cell
        board.box(x + start * cell, y + 0.04, width, ROW - 0.08, fill=SKY, edge=BLUE, thick=1.5)
        board.text(x + start * cell + width / 2, y + ROW / 2, str(place), size=SMALL)
        y += ROW
    return y


def draw_legend(board: Board, x: float, y: float, entries: list[tuple[str, str]]) -> None:
    """Swatches with their names, in one line; `y` is the middle."""
    for kind, text in entries:
        if kind == "place":
            board.box(x, y - 0.08, 0.28, 0.16, fill=SKY, edge=BLUE, thick=1.5)
        else:
            draw_pixel(board, x, y - 0.08, 0.16, kind)
        x += 0.34 if kind == "place" else 0.22
        board.text(x, y, text, size=SMALL, ha="left")
        x += text_width(text, SMALL) + 0.2


def explained(lines: list[Line]) -> list[tuple[str, str]]:
    """What the legend explains: only what is drawn."""
    entries = []
    if any(len(line.unread) < line.n for line in lines):
        entries.append(("read", "pixel that is read, with its index"))
    if any(line.before + line.after for line in lines):
        entries.append(("zero", "zero of the padding"))
    if any(line.unread for line in lines):
        entries.append(("unread", "unread pixel"))
    if any(line.starts for line in lines):
        entries.append(("place", "place of the filter, with its index"))
    return entries


def legend_width(entries: list[tuple[str, str]]) -> float:
    """Width of what `draw_legend` draws, in inches."""
    return sum(text_width(text, SMALL) + (0.54 if kind == "place" else 0.42) for kind, text in entries)
