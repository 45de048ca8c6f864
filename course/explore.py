"""Figures with sliders; where no slider can work they stand still, as a few frames that teach by themselves."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from course import figures
from course.figures import Picture

# The lectures' table of kernels (S3, S4); all are cross-correlated as they stand.
KERNELS: dict[str, np.ndarray] = {
    "identity": np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "Sobel X, upright edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "Sobel Y, level edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "all edges": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "box blur": np.full((3, 3), 1 / 9),
    "Gaussian blur": np.outer([1, 2, 1], [1, 2, 1]) / 16,
}


class Exploration:
    """Something to play with: a widget in a living notebook, and the frames that replace it elsewhere.

    Attributes:
        frames: Pictures that show the same without a widget.
        widget: The ipywidgets box, or None where there is no living kernel, no ipywidgets, or COURSE_STATIC is 1.
    """

    def __init__(self, frames: Sequence[Picture], build: Callable[[], Any]) -> None:
        self.frames = list(frames)
        self.widget = _try(build) if _living() else None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Jupyter's hook: the widget where there is one, and always the frames as HTML and as text."""
        bundle: dict[str, Any] = {}
        if self.widget is not None:
            bundle |= _try(lambda: self.widget._repr_mimebundle_()) or {}
        return bundle | {
            "text/html": "\n".join(frame.html for frame in self.frames),
            "text/plain": "\n".join(frame.alt for frame in self.frames),
        }


def _living() -> bool:
    """Whether a Jupyter kernel runs this, and nobody asked for still pictures."""
    if os.environ.get("COURSE_STATIC") == "1":
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def _try(make: Callable[[], Any]) -> Any:
    """What `make` returns, or None: a front end without widgets must still show the frames."""
    try:
        return make()
    except Exception:
        return None


def shown(draw: Callable[..., Picture], *args: Any, **options: Any) -> str:
    """HTML of a picture; where it cannot be drawn, one line of plain text that says why."""
    try:
        return draw(*args, **options).html
    except Exception as error:
        return f"<p>{html.escape(str(error) or type(error).__name__)}</p>"


class _Pane:
    """A picture that is drawn again whenever one of its controls changes."""

    def __init__(self, draw: Callable[..., Picture], controls: dict[str, Any]) -> None:
        import ipywidgets as widgets

        self.draw, self.controls, self.paused = draw, controls, False
        self.view = widgets.HTML()
        for control in controls.values():
            control.observe(self.update, names="value")
        self.update()

    def update(self, change: Any = None) -> None:
        """Draw with the values that the controls have now."""
        if not self.paused:
            values = {name: control.value for name, control in self.controls.items()}
            self.view.value = shown(self.draw, **values)

    def beneath(self, *controls: Any) -> Any:
        """The box to show: controls above the picture."""
        import ipywidgets as widgets

        return widgets.VBox([*controls, self.view])


def _slider(value: int, low: int, high: int, name: str) -> Any:
    import ipywidgets as widgets

    wide = widgets.Layout(width="32em")
    return widgets.IntSlider(
        value=min(max(value, low), high), min=low, max=high, description=name,
        continuous_update=False, style={"description_width": "12em"}, layout=wide,
    )  # fmt: skip


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
            "n": _slider(n, 1, max(n, 24), "input side n (pixels)"),
            "f": _slider(f, 1, max(f, 11), "filter side f (pixels)"),
            "s": _slider(s, 1, max(s, 6), "stride s (pixels)"),
            "p": _slider(p, 0, max(p, 5), "padding p (pixels)"),
        }
        return _Pane(figures.places, controls).beneath(*controls.values())

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
        step = _slider(1, 1, last + 1, "step")
        return _Pane(draw, {"step": step}).beneath(step)

    return Exploration(frames, build)


def kernel(photograph: Any) -> Exploration:
    """Free play: choose a kernel by name or change its nine numbers, and see what it makes of a photograph.

    Without widgets: seven named kernels with their results.

    Args:
        photograph: Intensities, shape (height, width).

    Raises:
        ValueError: If the photograph has another shape or negative values.
    """
    frames = [figures.kernel_gallery(photograph, KERNELS)]

    def draw(**cells: float) -> Picture:
        weights = np.array([cells[f"cell_{index}"] for index in range(9)]).reshape(3, 3)
        return figures.kernel_gallery(photograph, {"photograph": KERNELS["identity"], "your kernel": weights})

    def build() -> Any:
        import ipywidgets as widgets

        narrow = widgets.Layout(width="6em")
        first = "Sobel X, upright edges"
        cells = [
            widgets.FloatText(
                value=float(value), step=1, layout=narrow, tooltip=f"weight {index // 3}, {index % 3}"
            )
            for index, value in enumerate(KERNELS[first].ravel())
        ]
        menu = widgets.Dropdown(options=list(KERNELS), value=first, description="kernel")
        grid = widgets.GridBox(cells, layout=widgets.Layout(grid_template_columns="repeat(3, 6.5em)"))
        pane = _Pane(draw, {f"cell_{index}": cell for index, cell in enumerate(cells)})

        def choose(change: Any) -> None:
            pane.paused = True  # nine numbers change, one picture is drawn
            for cell, value in zip(cells, KERNELS[change["new"]].ravel(), strict=True):
                cell.value = float(value)
            pane.paused = False
            pane.update()

        menu.observe(choose, names="value")
        return pane.beneath(menu, grid)

    return Exploration(frames, build)
