"""Sliders for the matrix of all windows, and for what an output sees."""

from __future__ import annotations

from typing import Any

from course import figures
from course.explore._exploration import Exploration, Pane, slider
from course.figures import Picture


def im2col(height: int = 4, width: int = 5, k: tuple[int, int] = (3, 2), s: int = 1, p: int = 0) -> Exploration:
    """A slider for the window of `figures.im2col` that is framed.

    Without widgets: the first window, and the first one of the second row.

    Args:
        height: Rows of the picture.
        width: Columns of the picture.
        k: Height and width of the window.
        s: Stride in both directions.
        p: Zeros on each side.

    Raises:
        ValueError: If it cannot be drawn, as `figures.im2col`.
    """
    figures.im2col(height, width, k, s, p)
    down, across = ((side + 2 * p - taps) // s + 1 for side, taps in zip((height, width), k, strict=True))
    windows = sorted({0, min(across, down * across - 1)})
    frames = [
        figures.im2col(height, width, k, s, p, windows=[window]).with_caption(f"Window {window} has a frame.")
        for window in windows
    ]

    def draw(window: int) -> Picture:
        return figures.im2col(height, width, k, s, p, windows=[window])

    def build() -> Any:
        control = slider(0, 0, down * across - 1, "window")
        return Pane(draw, {"window": control}).beneath(control)

    return Exploration(frames, build)


def cone(layers: int = 3, f: int = 3, s: int = 1, d: int = 1, *, n: int = 31) -> Exploration:
    """Sliders for the number of layers, filter side f, stride s and dilation over `figures.cone`.

    All layers are alike but for the dilation: 1, d, d², ... They are padded so that the size stays at stride 1.
    Without widgets: the given numbers, then the same with stride 2 and with dilation 2.

    Raises:
        ValueError: If the numbers cannot be drawn, as `figures.cone`.
    """

    def draw(layers: int, f: int, s: int, d: int) -> Picture:
        return figures.cone([(f, s, d**number * (f - 1) // 2, d**number) for number in range(layers)], n=n)

    frames = [draw(layers, f, s, d)]
    if (s, d) == (1, 1):
        frames += [
            draw(layers, f, 2, 1).with_caption("The same with stride 2 in each layer."),
            draw(layers, f, 1, 2).with_caption("The same with dilations 1, 2, 4, ..."),
        ]

    def build() -> Any:
        controls = {
            "layers": slider(layers, 1, 5, "layers"),
            "f": slider(f, 1, 7, "filter side f (pixels)"),
            "s": slider(s, 1, 3, "stride s of each layer"),
            "d": slider(d, 1, 3, "dilation 1, d, d², ..."),
        }
        return Pane(draw, controls).beneath(*controls.values())

    return Exploration(frames, build)
