"""What every exploration is: a widget in a living notebook, and the still frames that replace it elsewhere."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

from course.figures import Picture
from course.front_end import living


class Exploration:
    """Something to play with: a widget in a living notebook, and the frames that replace it elsewhere.

    Attributes:
        frames: Pictures that show the same without a widget.
        widget: The ipywidgets box, or None where there is no living kernel, no ipywidgets, or COURSE_STATIC is 1.
    """

    def __init__(self, frames: Sequence[Picture], build: Callable[[], Any]) -> None:
        self.frames = list(frames)
        self.widget = _try(build) if living() else None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Jupyter's hook: the widget where there is one, and always the frames as HTML and as text."""
        bundle: dict[str, Any] = {}
        if self.widget is not None:
            bundle |= _try(lambda: self.widget._repr_mimebundle_()) or {}
        return bundle | {
            "text/html": "\n".join(frame.html for frame in self.frames),
            "text/plain": "\n".join(frame.alt for frame in self.frames),
        }


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


class Pane:
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


def slider(value: int, low: int, high: int, name: str) -> Any:
    import ipywidgets as widgets

    wide = widgets.Layout(width="32em")
    return widgets.IntSlider(
        value=min(max(value, low), high), min=low, max=high, description=name,
        continuous_update=False, style={"description_width": "12em"}, layout=wide,
    )  # fmt: skip
