"""A slider that moves a pooling window."""

from __future__ import annotations

from typing import Any

import numpy as np

from course import figures
from course.explore._exploration import Exploration, Pane, slider
from course.figures import Picture


def pooling(grid: Any, side: int = 2, stride: int = 2) -> Exploration:
    """Sliders for side and stride of a pooling window, and for the window that is shown.

    Without widgets: the first window and the last, beneath one another.

    Args:
        grid: Numbers, shape (height, width), small enough to read.
        side: Of the window, in cells, at least 1.
        stride: Cells from one window to the next, at least 1.

    Raises:
        ValueError: If the grid cannot be drawn, as `figures.pooling`.
    """
    frames = [figures.pooling(grid, side, stride, step=0), figures.pooling(grid, side, stride)]
    smallest = min(np.shape(grid))

    def draw(side: int, stride: int, window: int) -> Picture:
        high, wide = ((length - side) // stride + 1 for length in np.shape(grid))
        return figures.pooling(grid, side, stride, step=min(window, high * wide) - 1)

    def build() -> Any:
        controls = {
            "side": slider(side, 1, smallest, "side of the window (pixels)"),
            "stride": slider(stride, 1, max(stride, smallest), "stride (pixels)"),
            "window": slider(1, 1, int(np.prod(np.shape(grid))), "which window"),
        }
        return Pane(draw, controls).beneath(*controls.values())

    return Exploration(frames, build)
