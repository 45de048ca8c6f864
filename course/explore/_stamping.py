"""A slider for the way back through a convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from course import figures
from course.explore._exploration import Exploration, Pane, slider
from course.figures import Picture


def stamping(d: Any, kernel: Any, shape: tuple[int, int], stride: int = 1, pad: int = 0) -> Exploration:
    """A slider for the step of `figures.stamping`: the numbers of d add their copies of the kernel to dx.

    Without widgets: the first two steps and the last, beneath one another.

    Args:
        d: Gradient by the output, shape (out height, out width).
        kernel: Weights, shape (k_height, k_width).
        shape: (height, width) of the input, without padding.
        stride: Pixels from one window to the next, at least 1.
        pad: Zeros on each side of the input.

    Raises:
        ValueError: If the shapes do not belong together, as `figures.stamping`.
    """
    last = int(np.size(d)) - 1
    steps = sorted({step for step in (0, 1, last) if step <= last})
    frames = [figures.stamping(d, kernel, shape=shape, steps=steps, stride=stride, pad=pad)]

    def draw(step: int) -> Picture:
        return figures.stamping(d, kernel, shape=shape, steps=[step - 1], stride=stride, pad=pad)

    def build() -> Any:
        step = slider(1, 1, last + 1, "step")
        return Pane(draw, {"step": step}).beneath(step)

    return Exploration(frames, build)
