"""Padding and stride: the places of a filter, and the pixels that no place reads."""

from __future__ import annotations

from ._board import Board
from ._strip import (
    Line,
    cell_side,
    draw_legend,
    draw_pixel,
    draw_strip,
    explained,
    legend_width,
    padded_line,
    runs_of,
    strip_height,
    unread_words,
)
from ._style import BLUE, MAX_WIDTH, SMALL, VERMILION, in_house_style, text_width, wrap
from ._values import number, plural, whole
from .picture import Picture


@in_house_style
def places(n: int, f: int, s: int, p: int) -> Picture:
    """Draw one row of pixels, the places of a filter beneath it, and what no place reads.

    The output's size, worked out with these numbers, is the heading; it is floored as Keras does.

    Args:
        n: Pixels of the input, at least 1.
        f: Side of the filter, in pixels, at least 1. It may be too wide to fit.
        s: Stride, in pixels, at least 1; above `f` it skips pixels between places.
        p: Zeros added on each side, at least 0; n + 2p at most 36.

    Raises:
        ValueError: If a number is no integer, too small, or the row too long to draw.
    """
    line = padded_line(n, f, s, p)
    cell = cell_side(max(line.padded, line.f if not line.starts else 0), 0.36)
    entries = explained([line])
    facts = f"n = {n} pixels, filter f = {f}, stride s = {s}, padding p = {p}; {unread_words(line)}"
    length = line.padded * cell if line.starts else max(line.padded * cell, line.f * cell + 1.2)
    words = max(legend_width(entries), text_width(facts), text_width(line.sum, bold=True))
    width = min(MAX_WIDTH, max(length, words) + 0.3)
    high = 0.2 * len(wrap(line.sum, width - 0.2, bold=True)) + 0.2 * len(wrap(facts, width - 0.2)) + 0.07
    board = Board(width, high + strip_height(line, cell) + 0.35)
    board.heading(facts, board.heading(line.sum), bold=False)
    y = draw_strip(board, line, 0.1, high, cell)
    draw_legend(board, 0.1, y + 0.2, entries)
    starts = ", ".join(number(start - p) for start in line.starts) or "none"
    return board.finish(
        f"A filter of side {f} on {plural(n, 'pixel')}, stride {s}, padding {p}. Output size {line.sum}. "
        f"Places start at pixel: {starts}; {unread_words(line)}."
    )


@in_house_style
def places_2d(height: int, width: int, f: int, s: int, p: int) -> Picture:
    """Draw a two-dimensional input with its padding, where the windows start, and what no window reads.

    Args:
        height: Rows of the input, at least 1.
        width: Columns of the input, at least 1; with padding at most 25.
        f: Side of the square filter, in pixels, at least 1.
        s: Stride in both directions, in pixels, at least 1.
        p: Zeros added on each of the four sides, at least 0.

    Raises:
        ValueError: If a number is no integer, too small, or the input too large to draw.
    """
    down, across = padded_line(height, f, s, p, "height"), padded_line(width, f, s, p, "width")
    cell = min(cell_side(across.padded, 0.34, 4.9), cell_side(down.padded, 0.34, 4.9))
    fits = bool(down.starts and across.starts)
    rows, columns = (set(side.unread) if fits else set(range(side.n)) for side in (down, across))
    left, grid = 0.1, across.padded * cell
    notes = [
        *([("read", "pixel that is read")] * fits), *([("zero", "zero of the padding")] * (p > 0)),
        *([("unread", "unread pixel")] * bool(rows or columns)),
    ]  # fmt: skip
    heading = [f"height: {down.sum}", f"width: {across.sum}"]
    if not fits:
        counts = f"no window: all {height * width} pixels are unread"
    else:
        unread = height * width - (height - len(rows)) * (width - len(columns))
        counts = f"{len(down.starts)}×{len(across.starts)} windows; unread: {unread} of {height * width} pixels"
    side = grid + 0.3 + (0.55 if rows and fits else 0)
    words = max(text_width(text, bold=True) for text in [*heading, counts])
    board = Board(max(side + left + 2.4, words + 0.25), 0.75 + down.padded * cell + 0.35)
    y = 0.17
    for text in heading:
        y = board.heading(text, y)
    y = board.heading(counts, y, bold=False) + 0.02
    for row in range(down.padded):
        for column in range(across.padded):
            inside = p <= row < p + height and p <= column < p + width
            lost = inside and (row - p in rows or column - p in columns)
            kind = "zero" if not inside else ("unread" if lost else "read")
            draw_pixel(board, left + column * cell, y + row * cell, cell, kind)
    if fits:
        _windows(board, down, across, left, y, cell)
        for first, last in runs_of(sorted(rows))[-1:]:
            middle = y + (p + (first + last + 1) / 2) * cell
            board.text(left + grid + 0.06, middle, "unread", size=SMALL, ha="left", color=VERMILION)
        for first, last in runs_of(sorted(columns))[-1:]:
            middle = left + (p + (first + last + 1) / 2) * cell
            board.text(middle, y + down.padded * cell + 0.14, "unread", size=SMALL, color=VERMILION)
    x = left + side
    for index, (kind, text) in enumerate(notes):
        draw_legend(board, x, y + 0.12 + 0.25 * index, [(kind, text)])
    if fits:
        start = y + 0.12 + 0.25 * len(notes)
        board.axes.plot([x + 0.08], [start], "o", color="black", ms=5)
        board.text(x + 0.22, start, "upper left pixel of a window", size=SMALL, ha="left")
        board.box(x, start + 0.17, 0.16, 0.16, edge=BLUE, thick=3)
        board.text(x + 0.22, start + 0.25, "first and last window", size=SMALL, ha="left")
    return board.finish(
        f"A {f}×{f} filter on {height} rows and {width} columns, stride {s}, padding {p}. "
        f"Output height {down.sum}; output width {across.sum}. {counts}."
    )


def _windows(board: Board, down: Line, across: Line, x: float, y: float, cell: float) -> None:
    """Mark where every window starts, and outline the first and the last one."""
    for row in down.starts:
        for column in across.starts:
            board.axes.plot([x + (column + 0.5) * cell], [y + (row + 0.5) * cell], "o", color="black", ms=5)
    for row, column in ((down.starts[0], across.starts[0]), (down.starts[-1], across.starts[-1])):
        side = down.f * cell
        board.box(x + column * cell, y + row * cell, side, side, edge=BLUE, thick=3, layer=3)


@in_house_style
def same_padding(n: int, f: int, s: int) -> Picture:
    """Draw TensorFlow's `same` padding above a symmetric one of (f − 1) // 2 on each side.

    TensorFlow adds total = max((⌈n / s⌉ − 1)·s + f − n, 0) zeros: total // 2 before, the rest after
    (`tf.nn.convolution`, "Notes on padding").

    Args:
        n: Pixels of the input, at least 1.
        f: Side of the filter, in pixels, at least 1.
        s: Stride, in pixels, at least 1.

    Raises:
        ValueError: If a number is no integer, too small, or the row too long to draw.
    """
    n, f, s = whole("n", n, 1), whole("f", f, 1), whole("s", s, 1)
    out = -(-n // s)
    total = max((out - 1) * s + f - n, 0)
    ours = Line(n, f, s, total // 2, total - total // 2)
    half = (f - 1) // 2
    plain = Line(n, f, s, half, half)
    cell = cell_side(max(ours.padded, plain.padded), 0.36)
    zeros = plural(total, "zero")
    rule = f"TensorFlow's same: ⌈{n}/{s}⌉ = {out} places, max(({out} − 1)·{s} + {f} − {n}, 0) = {zeros}"
    texts = [
        (ours, rule, f"{ours.before} before, {ours.after} after; size {ours.sum}; {unread_words(ours)}"),
        (
            plain, f"Symmetric: ({f} − 1) // 2 = {half} before and after",
            f"size {plain.sum}; {unread_words(plain)}",
        ),
    ]  # fmt: skip
    entries = explained([ours, plain])
    widest = max(
        max(ours.padded, plain.padded) * cell, legend_width(entries),
        *(max(text_width(head, bold=True), text_width(fact)) for _, head, fact in texts),
    )  # fmt: skip
    width = min(MAX_WIDTH, widest + 0.3)
    heads = [
        0.2 * (len(wrap(head, width - 0.2, bold=True)) + len(wrap(fact, width - 0.2))) for _, head, fact in texts
    ]
    board = Board(width, sum(heads) + sum(strip_height(line, cell) + 0.15 for line, _, _ in texts) + 0.45)
    y = 0.17
    most = max(ours.before, plain.before)
    for line, head, fact in texts:
        y = board.heading(fact, board.heading(head, y), bold=False) - 0.1
        y = draw_strip(board, line, 0.1 + (most - line.before) * cell, y, cell) + 0.25
    draw_legend(board, 0.1, y, entries)
    return board.finish(
        f"{n} pixels, filter {f}, stride {s}. TensorFlow's same adds {zeros}, {ours.before} before and "
        f"{ours.after} after: {plural(out, 'place')}; {unread_words(ours)}. Symmetric padding adds {half} before "
        f"and after: {plural(len(plain.starts), 'place')}; {unread_words(plain)}."
    )
