"""Photographs side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._board import Board
from ._shown import (
    SPACE,
    Shown,
    block_side,
    draw_scale,
    fit,
    intensities,
    range_text,
    scaled,
    shrink,
    smallest_loss,
)
from ._style import MAX_WIDTH, SIGNED_WORDS, SMALL, in_house_style, text_width, wrap
from ._values import filled, whole
from .picture import Picture


@in_house_style
def photographs(images: Mapping[str, Any], *, columns: int | None = None, title: str = "") -> Picture:
    """Show pictures side by side; those with negative values on a scale whose middle, grey, is zero.

    On that scale pale blue is above zero and dark orange below.

    Args:
        images: Heading -> intensities, shape (height, width) or (height, width, 3). Scales: 0 to 1, 0 to 255
            when the largest value is in 30..255, else 0 to the largest value.
        columns: Pictures in a row; at most four if None; not above 8.
        title: A heading above the picture.

    Raises:
        ValueError: If there is no image, or a shape or value is wrong.
    """
    filled(images, "images")
    arrays = {name: intensities(values, f"image {name!r}") for name, values in images.items()}
    columns = min(whole("columns", min(len(arrays), 4) if columns is None else columns, 1, 8), len(arrays))
    return smallest_loss(lambda longest: _photographs(arrays, columns, title, longest))


def _photographs(arrays: dict[str, np.ndarray], columns: int, title: str, longest: int) -> Picture:
    """The picture of `photographs` with at most `longest` dots a side."""
    side = min((MAX_WIDTH - SPACE) / columns - SPACE, 2.6)
    shown = {name: scaled(shrink(array, longest)) for name, array in arrays.items()}
    names = list(arrays)
    lines = [names[start : start + columns] for start in range(0, len(names), columns)]
    heads = {name: wrap(name, side, bold=True) for name in names}
    feet = {name: _foot(array, longest, side) for name, array in arrays.items()}
    sizes = {name: fit(array, side, side * 1.6) for name, array in arrays.items()}
    head = [0.19 * max(len(heads[name]) for name in line) + 0.1 for line in lines]
    tall = [max(sizes[name][0] for name in line) for line in lines]
    foot = [max(_foot_height(feet[name], shown[name]) for name in line) for line in lines]
    width = max(columns * (side + SPACE) + SPACE, min(text_width(title, bold=True) + 0.25, MAX_WIDTH))
    y = 0.2 * len(wrap(title, width - SPACE - 0.1, bold=True)) + 0.1 if title else 0.0
    board = Board(width, y + sum(head) + sum(tall) + sum(foot) + 0.1)
    if title:
        board.heading(title, x=SPACE)
    for row, line in enumerate(lines):
        for column, name in enumerate(line):
            x, (high, wide) = SPACE + column * (side + SPACE), sizes[name]
            board.lines(heads[name], x, y + 0.17, weight="bold")
            board.image(shown[name].image, x, y + head[row], wide, high, **shown[name].style)
            below = y + head[row] + high + 0.14
            board.lines(feet[name], x, below, size=SMALL)
            if shown[name].signed:
                draw_scale(board, shown[name], x, below + 0.19 * len(feet[name]) - 0.04, wide)
        y += head[row] + tall[row] + foot[row]
    alt = " ".join(
        f"{name}: picture of {'×'.join(str(part) for part in array.shape)} values from {range_text(array)}"
        f"{SIGNED_WORDS if shown[name].signed else ''}."
        for name, array in arrays.items()
    )
    return board.finish(f"{title}. {alt}" if title else alt)


def _foot(array: np.ndarray, longest: int, side: float) -> list[str]:
    """What stands beneath a picture: its shape, its range, and whether it was averaged."""
    block = block_side(array, longest)
    lines = wrap(f"{'×'.join(str(part) for part in array.shape)}, {range_text(array)}", side, SMALL)
    return lines + (wrap(f"shown: means of {block}×{block}", side, SMALL) if block > 1 else [])


def _foot_height(lines: list[str], shown: Shown) -> float:
    return 0.19 * len(lines) + 0.1 + (0.35 if shown.signed else 0.0)
