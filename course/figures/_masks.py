"""Pictures and maps with a class for each pixel, as a segmentation network gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from ._board import Board
from ._shown import fit, intensities, scaled
from ._style import (
    BLUE,
    GREEN,
    GREY,
    MAX_WIDTH,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    SMALL,
    VERMILION,
    YELLOW,
    in_house_style,
    text_width,
    wrap,
)
from ._values import filled, plural
from .picture import Picture

PALETTE = (PALE, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE)
SMALLEST = 8  # pixels of a region that is numbered
APART = 0.27  # inches between two numbers


@in_house_style
def class_maps(
    pictures: Sequence[Any], maps: Mapping[str, Any], names: Sequence[str], *, title: str = ""
) -> Picture:
    """Draw pictures side by side, and beneath each of them its maps of classes. Regions carry their class number.

    Args:
        pictures: Shape (height, width) or (height, width, 3), one size for all, at most 8.
        maps: Heading -> class numbers, shape (pictures, height, width), whole numbers from 0 on.
        names: Of the classes, at most 8. The first is the ground: its regions carry no number.
        title: A heading above all.

    Raises:
        ValueError: If there is no picture or map, there are too many, or shapes or numbers do not fit.
    """
    filled(pictures, "pictures")
    filled(maps, "maps")
    if len(pictures) > 8 or not 2 <= len(names) <= len(PALETTE):
        raise ValueError(
            f"Expected at most 8 pictures and 2 to 8 names. Received {len(pictures)} and {len(names)}."
        )
    images = [intensities(picture, "a picture") for picture in pictures]
    size = images[0].shape[:2]
    found = {name: _classes(values, name, (len(images), *size), len(names)) for name, values in maps.items()}
    cell = min((MAX_WIDTH - 0.1) / len(images) - 0.1, 3.6)
    high, wide = fit(images[0], cell, cell)
    width = max(len(images) * (cell + 0.1) + 0.1, min(text_width(title, bold=True) + 0.25, MAX_WIDTH), 4.5)
    lines = _legend(names, width)
    y = 0.2 * len(wrap(title, width - 0.2, bold=True)) + 0.12 if title else 0.02
    board = Board(width, y + (len(found) + 1) * (high + 0.38) + 0.26 * len(lines) + 0.08)
    if title:
        board.heading(title)
    for heading, values in {"picture": None, **found}.items():
        board.text(0.1, y + 0.14, heading, ha="left", weight="bold")
        y += 0.28
        for at, image in enumerate(images):
            x = 0.1 + at * (cell + 0.1)
            if values is None:
                shown = scaled(image)
                board.image(shown.image, x, y, wide, high, **shown.style)
            else:
                _map(board, values[at], x, y, wide / size[1])
        y += high + 0.1
    for line in lines:
        x = 0.1
        for number in line:
            board.box(x, y + 0.02, 0.2, 0.18, fill=PALETTE[number], edge=GREY)
            text = f"{number} {names[number]}" if number else names[0]
            board.text(x + 0.27, y + 0.11, text, ha="left", size=SMALL)
            x += _step(text)
        y += 0.26
    return board.finish(_words(found, names, size, title))


def _classes(values: Any, name: str, shape: tuple[int, ...], count: int) -> np.ndarray:
    array = np.asarray(values)
    if array.shape != shape or array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= count:
        raise ValueError(
            f"Expected map {name!r} of shape {shape}, whole numbers from 0 to {count - 1}. "
            f"Received shape {array.shape}, dtype {array.dtype}."
        )
    return array


def _step(text: str) -> float:
    return text_width(text, SMALL) + 0.5


def _legend(names: Sequence[str], width: float) -> list[list[int]]:
    """Class numbers in lines that fit."""
    lines, room = [[]], width - 0.1
    for number, name in enumerate(names):
        step = _step(f"{number} {name}")
        if step > room and lines[-1]:
            lines.append([])
            room = width - 0.1
        lines[-1].append(number)
        room -= step
    return lines


def _map(board: Board, values: np.ndarray, x: float, y: float, pixel: float) -> None:
    """One map; each region has its number at its pixel nearest to the middle, where there is room for it."""
    from scipy import ndimage  # slow to import

    height, width = values.shape
    board.image(np.array([to_rgb(colour) for colour in PALETTE])[values], x, y, width * pixel, height * pixel)
    regions = []
    for number in np.unique(values[values > 0]):
        parts, count = ndimage.label(values == number, structure=np.ones((3, 3)))
        regions += [(int(number), np.argwhere(parts == part)) for part in range(1, count + 1)]
    placed: list[np.ndarray] = []
    for number, pixels in sorted(regions, key=lambda region: -len(region[1])):
        middle = pixels.mean(axis=0)
        at = pixels[np.argmin(((pixels - middle) ** 2).sum(axis=1))] + 0.5
        at = np.clip(at * pixel, 0.1, np.array([height, width]) * pixel - 0.1)
        if len(pixels) < SMALLEST or any(np.abs(at - other).max() < APART for other in placed):
            continue
        placed.append(at)
        board.text(x + at[1], y + at[0], str(number), size=SMALL, weight="bold", boxed=True)


def _words(found: dict[str, np.ndarray], names: Sequence[str], size: tuple[int, int], title: str) -> str:
    """The alternative text: what the first set of maps shows, and how far the others agree with it."""
    first = next(iter(found))
    count = len(found[first])
    told = []
    for number, values in enumerate(found[first], start=1):
        shown = ", ".join(names[kind] for kind in np.unique(values) if kind) or f"nothing but {names[0]}"
        told.append(f"{number} {shown}")
    alt = f"{plural(count, 'picture')} of {size[0]}×{size[1]} pixels with maps of classes. "
    alt += f"{first}: {'; '.join(told)}."
    for name, values in list(found.items())[1:]:
        same = [
            f"{100 * float((one == other).mean()):.1f} %" for one, other in zip(values, found[first], strict=True)
        ]
        alt += f" {name}: agrees with {first} at {', '.join(same)} of the pixels."
    return f"{title}. {alt}" if title else alt
