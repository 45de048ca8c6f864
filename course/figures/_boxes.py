"""Boxes on pictures, as a detector gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from ._board import Board
from ._shown import fit, intensities, scaled
from ._style import BLUE, MAX_WIDTH, SMALL, VERMILION, in_house_style, text_width, wrap
from ._values import amount, filled, plural, whole
from .picture import Picture

GAP = 0.14  # inches between two pictures
LARGEST = 2.4  # inches, side of a picture
# Colour and dash change together. White beneath a solid line keeps it apart from any picture.
LOOKS = ((BLUE, "-", 4.6), (VERMILION, (0, (3, 2)), 0.0))


@in_house_style
def boxes(
    pictures: Sequence[Any],
    sets: Mapping[str, Any],
    *,
    notes: Sequence[str] = (),
    columns: int = 6,
    title: str = "",
) -> Picture:
    """Draw pictures, and on each of them a box of every set: of the first set solid, of the second dashed.

    Args:
        pictures: Shape (height, width) or (height, width, 3) each, at most 24.
        sets: Name -> boxes, shape (pictures, 4): top, left, bottom and right as shares of height and width. One
            set or two. What lies outside the picture is drawn at its rim.
        notes: A short text beneath each picture.
        columns: Pictures in a row, 1 to 8.
        title: A heading above all.

    Raises:
        ValueError: If there is no picture or no set, there are too many, or the numbers do not fit.
    """
    filled(pictures, "pictures")
    filled(sets, "sets")
    if len(pictures) > 24 or len(sets) > len(LOOKS) or (len(notes) and len(notes) != len(pictures)):
        raise ValueError(
            f"Expected at most 24 pictures, 2 sets and a note for each picture or none. "
            f"Received {len(pictures)}, {len(sets)} and {len(notes)}."
        )
    images = [intensities(picture, "a picture") for picture in pictures]
    found = {name: _boxes(values, name, len(images)) for name, values in sets.items()}
    columns = min(whole("columns", columns, 1, 8), len(images))
    cell = min((MAX_WIDTH - 0.1) / columns - GAP, LARGEST)
    sizes = [fit(image, cell, cell) for image in images]
    texts = [wrap(note, cell + GAP - 0.06, SMALL) for note in notes] or [[] for _ in images]
    rows = [range(start, min(start + columns, len(images))) for start in range(0, len(images), columns)]
    tall = [max(sizes[at][0] for at in row) for row in rows]
    foot = [0.18 * max(len(texts[at]) for at in row) + 0.12 for row in rows]
    legend = sum(text_width(name) + 0.85 for name in found)
    width = max(columns * (cell + GAP) + 0.1, legend, min(text_width(title, bold=True) + 0.25, MAX_WIDTH))
    y = 0.2 * len(wrap(title, width - 0.2, bold=True)) + 0.12 if title else 0.1
    board = Board(width, y + sum(tall) + sum(foot) + 0.3)
    if title:
        board.heading(title)
    for row, high, below in zip(rows, tall, foot, strict=True):
        for column, at in enumerate(row):
            x, shown = 0.1 + column * (cell + GAP), scaled(images[at])
            board.image(shown.image, x, y, sizes[at][1], sizes[at][0], **shown.style)
            for values, look in zip(found.values(), LOOKS, strict=False):
                _outline(board, values[at], x, y, sizes[at], look)
            for line, text in enumerate(texts[at]):
                board.text(x + sizes[at][1] / 2, y + sizes[at][0] + 0.12 + 0.18 * line, text, size=SMALL)
        y += high + below
    x = 0.12
    for name, look in zip(found, LOOKS, strict=False):
        _outline(board, np.array([0.0, 0.0, 1.0, 1.0]), x, y + 0.04, (0.16, 0.45), look)
        board.text(x + 0.55, y + 0.12, name, ha="left")
        x += text_width(name) + 0.85
    return board.finish(_words(images, found, notes, title))


def _boxes(values: Any, name: str, count: int) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.shape != (count, 4) or not np.isfinite(array).all():
        raise ValueError(f"Expected boxes {name!r} of shape {(count, 4)}, finite. Received shape {array.shape}.")
    return np.clip(array, 0, 1)


def _outline(
    board: Board, box: np.ndarray, x: float, y: float, size: tuple[float, float], look: tuple[str, Any, float]
) -> None:
    """One box on a picture of this height and width in inches."""
    (top, left, bottom, right), (high, wide), (colour, dash, halo) = box, size, look
    lines = [("white", "-", halo)] if halo else []
    for edge, style, thick in [*lines, (colour, dash, 2.4)]:
        board.axes.add_patch(
            Rectangle(
                (x + left * wide, y + top * high), (right - left) * wide, (bottom - top) * high,
                fill=False, ec=edge, ls=style, lw=thick, zorder=3, joinstyle="miter",
            )
        )  # fmt: skip


def _words(images: list[np.ndarray], found: dict[str, np.ndarray], notes: Sequence[str], title: str) -> str:
    """The alternative text: how many, and how well two sets agree."""
    sizes = sorted({"×".join(str(side) for side in image.shape) for image in images})
    looks = " and ".join(f"{name} ({dash})" for name, dash in zip(found, ("solid", "dashed"), strict=False))
    alt = f"{plural(len(images), 'picture')} of {' and '.join(sizes)} values, each with a box: {looks}."
    if len(found) == 2:
        shares = [_overlap(*pair) for pair in zip(*found.values(), strict=True)]
        alt += f" Intersection over union of the two: {', '.join(amount(round(share, 2)) for share in shares)}."
    if len(notes):
        alt += f" Beneath: {'; '.join(notes)}."
    return f"{title}. {alt}" if title else alt


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boxes; 0 where neither has an area."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    shared = float(np.prod(np.maximum(sides, 0)))
    areas = sum(float(np.prod(np.maximum(box[2:] - box[:2], 0))) for box in (one, other))
    return shared / (areas - shared) if areas > shared else 0.0
