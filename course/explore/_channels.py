"""A slider for the outputs of a convolution layer, one at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from course import figures
from course.explore._exploration import Exploration, Pane, slider
from course.figures import Picture


def channel_products(x: Any, W: Any, b: Any, stride: int = 1, pad: int = 0) -> Exploration:
    """A slider for the step of `figures.channel_products`, through all places of all filters.

    Without widgets: the first output of the first filter, and the last one of the last filter.

    Args:
        x: One picture, shape (height, width, c_in).
        W: Filters, shape (k_h, k_w, c_in, c_out).
        b: Biases, shape (c_out,).
        stride: Pixels from one place to the next, at least 1.
        pad: Zeros added on each side.

    Raises:
        ValueError: If the arrays cannot be drawn, as `figures.channel_products`.
    """
    first = figures.channel_products(x, W, b, step=0, stride=stride, pad=pad)
    sides = [(np.shape(x)[axis] + 2 * pad - np.shape(W)[axis]) // stride + 1 for axis in (0, 1)]
    count = sides[0] * sides[1] * np.shape(W)[3]
    frames = [first.with_caption("The first output of the first filter.")]
    if count > 1:
        last = figures.channel_products(x, W, b, step=count - 1, stride=stride, pad=pad)
        frames.append(last.with_caption("The last output of the last filter."))

    def draw(step: int) -> Picture:
        return figures.channel_products(x, W, b, step=step - 1, stride=stride, pad=pad)

    def build() -> Any:
        step = slider(1, 1, count, "step")
        return Pane(draw, {"step": step}).beneath(step)

    return Exploration(frames, build)
