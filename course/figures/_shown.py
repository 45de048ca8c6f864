"""Arrays as pictures: their scale, their size, and how they become small enough."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from ._board import Board
from ._style import GREYS, SIGNED, SMALL, TooLarge
from ._values import amount, number
from .picture import Picture

LONGEST = (160, 128, 112, 96, 80, 64)  # pixels of the longer side; the first that gives a small file is taken
SPACE = 0.2


class Shown(NamedTuple):
    """An array with the scale on which it is shown."""

    image: np.ndarray
    low: float
    high: float

    @property
    def signed(self) -> bool:
        return self.low < 0

    @property
    def style(self) -> dict[str, Any]:
        if self.image.ndim == 3:
            return {}
        return {"cmap": SIGNED if self.signed else GREYS, "vmin": self.low, "vmax": self.high}


def intensities(values: Any, name: str) -> np.ndarray:
    """Intensities of shape (height, width) or (height, width, 3) as floats; unsigned bytes keep 0 to 255."""
    array = np.asarray(values)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    colour = array.ndim == 3 and array.shape[2] == 3
    if array.size == 0 or array.dtype.kind not in "biuf" or not (array.ndim == 2 or colour):
        raise ValueError(
            f"Expected {name} of shape (height, width) or (height, width, 3), numbers. "
            f"Received shape {array.shape}, dtype {array.dtype}."
        )
    array = array.astype(float)
    if not np.isfinite(array).all():
        raise ValueError(f"Expected finite numbers in {name}. Received NaN or infinity.")
    if colour and array.min() < 0:
        raise ValueError(f"Expected a colour {name} without negative values. Received {number(array.min())}.")
    return array


def block_side(image: np.ndarray, longest: int) -> int:
    """Side of the blocks that are averaged so that no side of the image is above `longest`."""
    return min(-(-max(image.shape[:2]) // longest), *image.shape[:2])


def shrink(image: np.ndarray, longest: int) -> np.ndarray:
    """Averages of blocks of pixels; shape (height, width, ...)."""
    block = block_side(image, longest)
    height, width = (side // block for side in image.shape[:2])
    cut = image[: height * block, : width * block]
    return cut.reshape(height, block, width, block, *image.shape[2:]).mean(axis=(1, 3))


def scaled(image: np.ndarray) -> Shown:
    """Symmetric about zero if there are negative values, else from 0 to 1, to 255, or to the largest."""
    low, high = float(image.min()), float(image.max())
    if low < 0:
        reach = max(-low, high)
        return Shown(image, -reach, reach)
    top = 1.0 if high <= 1 else (255.0 if 30 < high <= 255 else high)
    return Shown(image / top if image.ndim == 3 else image, 0.0, top)


def range_text(image: np.ndarray) -> str:
    return f"{amount(round(float(image.min()), 6))} to {amount(round(float(image.max()), 6))}"


def smallest_loss(draw: Callable[[int], Picture]) -> Picture:
    """Call `draw` with ever fewer pixels a side until the file is small enough."""
    for longest in LONGEST[:-1]:
        with suppress(TooLarge):
            return draw(longest)
    return draw(LONGEST[-1])


def draw_scale(board: Board, shown: Shown, x: float, y: float, width: float) -> None:
    """A colour bar with its two ends and zero named beneath; 0.38 inches high."""
    board.image(np.linspace(shown.low, shown.high, 255)[None], x, y, width, 0.12, **shown.style)
    middle = [(0.5, 0.0, "center")] if shown.signed and width > 1.3 else []
    for share, value, side in [(0.0, shown.low, "left"), *middle, (1.0, shown.high, "right")]:
        board.text(x + share * width, y + 0.24, amount(value), size=SMALL, ha=side)


def fit(image: np.ndarray, wide: float, high: float) -> tuple[float, float]:
    """Height and width in inches with the image's proportions."""
    scale = min(wide / image.shape[1], high / image.shape[0])
    return image.shape[0] * scale, image.shape[1] * scale
