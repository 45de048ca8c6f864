"""What a classifier that scans says at each place of a large picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._board import Board
from ._fields import SHARES
from ._shown import SPACE, intensities, scaled
from ._style import MAX_WIDTH, SMALL, VERMILION, in_house_style, wrap
from ._values import filled, matrix, number, plural, whole
from .picture import Picture


@in_house_style
def scanned(
    picture: Any, shares: Mapping[str, Any], *, window: int, stride: int, columns: int = 4, title: str = ""
) -> Picture:
    """Draw a picture, and for each class a map of shares that lies where the windows' middles are.

    Args:
        picture: Shape (height, width) or (height, width, 3).
        shares: Name of a class -> shares from 0 to 1, shape (rows, columns of windows), at most 11 classes.
        window: Side of a window in pixels.
        stride: Pixels from one window to the next.
        columns: Panels in a row, 2 to 4.
        title: A heading above the picture.

    Raises:
        ValueError: If there is no map, one has another shape than the windows have places, or a share is not
            from 0 to 1.
    """
    filled(shares, "shares")
    if len(shares) > 11:
        raise ValueError(f"Expected at most 11 classes. Received {len(shares)}.")
    image = intensities(picture, "the picture")
    window, stride = whole("window", window, 1, min(image.shape[:2])), whole("stride", stride, 1)
    columns = whole("columns", columns, 2, 4)
    places = tuple((side - window) // stride + 1 for side in image.shape[:2])
    maps = {name: _map(values, name, places) for name, values in shares.items()}
    wide = (MAX_WIDTH - SPACE) / columns - SPACE
    pixel = wide / image.shape[1]
    high = image.shape[0] * pixel
    above = 0.2 * len(wrap(title, MAX_WIDTH - SPACE - 0.1, bold=True)) + 0.1 if title else 0.0
    rows = -(-(len(maps) + 1) // columns)
    step = high + 0.62
    board = Board(MAX_WIDTH, above + rows * step + 0.4)
    if title:
        board.heading(title, x=SPACE)
    for index, name in enumerate(["the picture", *maps]):
        x, y = SPACE + index % columns * (wide + SPACE), above + index // columns * step + 0.27
        board.text(x, y - 0.12, name, ha="left", weight="bold")
        if index == 0:
            shown = scaled(image)
            board.image(shown.image, x, y, wide, high, **shown.style)
            board.box(x, y, window * pixel, window * pixel, edge=VERMILION, thick=2.5, layer=3)
            board.text(x, y + high + 0.14, "×".join(map(str, image.shape)), size=SMALL, ha="left")
            continue
        board.box(x, y, wide, high, edge="#BBBBBB")
        start = (window - stride) / 2 * pixel
        sides = [count * stride * pixel for count in places]
        board.image(maps[name], x + start, y + start, sides[1], sides[0], cmap=SHARES, vmin=0, vmax=1)
        board.text(x, y + high + 0.14, _highest(maps[name], window, stride), size=SMALL, ha="left")
    below = above + rows * step + 0.1
    board.image(np.linspace(0, 1, 33)[None], SPACE, below, 1.6, 0.13, cmap=SHARES, vmin=0, vmax=1)
    text = "share of the class, 0 to 1, drawn at the middle of its window; orange: one window"
    board.text(SPACE + 1.72, below + 0.07, text, size=SMALL, ha="left")
    words = [f"{name}: {_highest(values, window, stride)}." for name, values in maps.items()]
    alt = (
        f"A picture of {image.shape[0]}×{image.shape[1]} pixels and {plural(len(maps), 'map')} of "
        f"{places[0]}×{places[1]} windows, {window} pixels wide, {plural(stride, 'pixel')} apart. "
        + " ".join(words)
    )
    return board.finish(f"{title}. {alt}" if title else alt)


def _map(values: Any, name: str, places: tuple[int, ...]) -> np.ndarray:
    shares = matrix(values, f"shares {name!r}")
    if shares.shape != places:
        raise ValueError(f"Expected shares {name!r} of shape {places}. Received {shares.shape}.")
    if not (np.isfinite(shares).all() and shares.min() >= 0 and shares.max() <= 1):
        raise ValueError(f"Expected shares from 0 to 1 in {name!r}.")
    return shares


def _highest(shares: np.ndarray, window: int, stride: int) -> str:
    """The highest share and the pixel at the middle of its window."""
    row, column = np.unravel_index(int(np.argmax(shares)), shares.shape)
    middle = ", ".join(number(window / 2 + stride * place) for place in (row, column))
    return f"highest {number(shares.max())} at ({middle})"
