"""Two tables of lab 09: which maps read which, and which digits are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._board import Board, cell_for
from ._style import BLUE, GREY, SMALL, in_house_style, text_width
from ._values import matrix, plural
from .picture import Picture

MARKED = "#9DCBEA"


@in_house_style
def connection_table(table: Any, *, rows: str, columns: str, title: str = "") -> Picture:
    """Draw which map reads which, as LeCun's table I does: a cross where the column's map reads the row's map.

    Args:
        table: Truth values, shape (maps, maps before): a row for each map that reads.
        rows: What is read, such as "map of S2"; it stands beside the rows of the picture.
        columns: What reads, such as "map of C3"; it stands above the columns.
        title: A heading above the picture.

    Raises:
        ValueError: If the table is none, is not of zeros and ones, or has more than 24 maps that read.
    """
    marks = matrix(np.asarray(table, dtype=float), "table").T
    if not np.isin(marks, (0, 1)).all() or marks.shape[1] > 24:
        raise ValueError(
            f"Expected a table of True and False for at most 24 maps. Received shape {marks.T.shape}."
        )
    height, width = marks.shape
    cell, left = 0.31, text_width(rows) + 0.55
    top = 0.75 if title else 0.5
    total = max(left + width * cell + 0.15, text_width(title, bold=True) + 0.25)
    board = Board(total, top + 0.3 + height * cell + 0.42)
    if title:
        board.heading(title)
    board.text(left + width * cell / 2, top - 0.17, columns)
    board.text(0.1, top + 0.3 + height * cell / 2, rows, ha="left")
    for column in range(width):
        board.text(left + (column + 0.5) * cell, top + 0.14, str(column), size=SMALL)
    for row in range(height):
        y = top + 0.3 + row * cell
        board.text(left - 0.16, y + cell / 2, str(row), size=SMALL)
        for column in range(width):
            marked = bool(marks[row, column])
            board.box(left + column * cell, y, cell, cell, fill=MARKED if marked else "white", edge=GREY)
            if marked:
                board.text(left + (column + 0.5) * cell, y + cell / 2, "×", weight="bold")
    count = plural(int(marks.sum()), "connection")
    board.text(0.1, top + 0.3 + height * cell + 0.22, f"{count} between maps", ha="left", size=SMALL)
    reads = "; ".join(
        f"{column}: {' '.join(str(row) for row in np.flatnonzero(marks[:, column])) or 'none'}"
        for column in range(width)
    )
    alt = f"A table of {count} between maps. What each {columns} reads, by number of the {rows}: {reads}."
    return board.finish(f"{title}. {alt}" if title else alt)


@in_house_style
def confusion(counts: Any, names: Sequence[str], *, title: str = "") -> Picture:
    """Draw how often each class is taken for each: rows are what is shown, columns what is answered.

    Right answers have a thick frame; the deeper the blue, the commoner a wrong answer.

    Args:
        counts: Whole numbers, shape (classes, classes).
        names: Of the classes, as many as rows.
        title: A heading above the picture.

    Raises:
        ValueError: If the table is not square, or the names are too many or too few.
    """
    table = matrix(counts, "counts")
    if table.shape != (len(names), len(names)) or not len(names):
        raise ValueError(f"Expected counts of shape {(len(names), len(names))}. Received {table.shape}.")
    wrong = table * (1 - np.eye(len(names)))
    texts = [[f"{int(value)}" if value else "" for value in row] for row in table]
    cell = max(cell_for([text for row in texts for text in row]), max(map(text_width, names)) + 0.15)
    left, top = max(map(text_width, names)) + 1.0, 0.85 if title else 0.6
    side = len(names) * cell
    board = Board(max(left + side + 0.15, text_width(title, bold=True) + 0.25), top + side + 0.15)
    if title:
        board.heading(title)
    board.text(left + side / 2, top - 0.38, "answer")
    board.text(0.1, top + side / 2, "shown", ha="left")
    for place, name in enumerate(names):
        board.text(left + (place + 0.5) * cell, top - 0.14, name, weight="bold")
        board.text(left - 0.1, top + (place + 0.5) * cell, name, weight="bold", ha="right")
    board.numbers(wrong, left, top, cell, texts=texts)
    for place in range(len(names)):
        board.box(left + place * cell, top + place * cell, cell, cell, edge=BLUE, thick=2.5, layer=3)
    right, total = int(np.trace(table)), int(table.sum())
    most = sorted(((wrong[i, j], -i, -j) for i in range(len(names)) for j in range(len(names))), reverse=True)[:3]
    common = ", ".join(f"{names[-i]} taken for {names[-j]} {int(count)}" for count, i, j in most if count)
    alt = f"Classes shown against answers: {right} of {total} are right. Commonest mistakes: {common or 'none'}."
    return board.finish(f"{title}. {alt}" if title else alt)
