"""Sliders for windows: places in a row of pixels, and the steps of a sliding window."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from course import figures
from course.explore._exploration import Exploration, Pane, slider
from course.figures import Picture


def strides(n: int = 7, f: int = 3, s: int = 2, p: int = 0) -> Exploration:
    """Sliders for input side n, filter side f, stride s and padding p (pixels) over `figures.places`.

    Without widgets: the given numbers, then the same with stride 1, with a stride that leaves pixels unread,
    and with padding.

    Raises:
        ValueError: If the numbers cannot be drawn, as `figures.places`.
    """
    given = (n, f, s, p)
    frames = [figures.places(*given).with_caption("Each bar is a place of the filter.")]
    losing = next((stride for stride in range(2, f + 3) if stride != s and _unread(n, f, stride, p)), None)
    for setting in (n, f, 1, p), (n, f, losing, p), (n, f, s, p + 1):
        with suppress(ValueError):  # an optional frame that is too wide to draw, or no such stride
            if setting != given:
                frames.append(figures.places(*setting).with_caption(_caption(setting, given)))

    def build() -> Any:
        controls = {
            "n": slider(n, 1, max(n, 24), "input side n (pixels)"),
            "f": slider(f, 1, max(f, 11), "filter side f (pixels)"),
            "s": slider(s, 1, max(s, 6), "stride s (pixels)"),
            "p": slider(p, 0, max(p, 5), "padding p (pixels)"),
        }
        return Pane(figures.places, controls).beneath(*controls.values())

    return Exploration(frames, build)


def _unread(n: int, f: int, s: int, p: int) -> bool:
    """Whether the filter fits and some pixel is read by no place."""
    read = {start + offset for start in range(-p, n + p - f + 1, s) for offset in range(f)}
    return bool(read) and not read.issuperset(range(n))


def _caption(setting: tuple[Any, ...], given: tuple[Any, ...]) -> str:
    """What a frame changes against the first one."""
    names = ("n", "f", "s", "p")
    changed = [f"{name} = {new}" for name, new, old in zip(names, setting, given, strict=True) if new != old]
    return f"The same with {', '.join(changed)}."


def sliding_window(image: Any, kernel: Any, stride: int = 1, pad: int = 0) -> Exploration:
    """A slider for the step of `figures.sliding_window`.

    Without widgets: the first two steps, the first of the second row, and the last, beneath one another.

    Args:
        image: Pixels, shape (height, width).
        kernel: Weights, shape (k_height, k_width); cross-correlated, not turned round.
        stride: Pixels from one place to the next, at least 1.
        pad: Zeros added on each side.

    Raises:
        ValueError: If the arrays cannot be drawn, as `figures.sliding_window`.
    """
    figures.sliding_window(image, kernel, step=0, stride=stride, pad=pad)
    high, wide = (
        (side + 2 * pad - part) // stride + 1 for side, part in zip(np.shape(image), np.shape(kernel), strict=True)
    )
    last = high * wide - 1
    steps = sorted({step for step in (0, 1, wide, last) if step <= last})
    frames = [figures.sliding_frames(image, kernel, steps=steps, stride=stride, pad=pad)]

    def draw(step: int) -> Picture:
        return figures.sliding_window(image, kernel, step=step - 1, stride=stride, pad=pad)

    def build() -> Any:
        step = slider(1, 1, last + 1, "step")
        return Pane(draw, {"step": step}).beneath(step)

    return Exploration(frames, build)
