"""For tests of figures: the Matplotlib figure behind a picture, and the texts that it shows."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from course.figures import Picture, _style


def with_figure(draw: Callable[[], Picture]) -> tuple[Picture, Figure]:
    """What `draw` gives, and the Matplotlib figure that it was made of."""
    kept: list[Figure] = []
    finish = _style.finish

    def keep(figure: Figure, alt: str) -> Picture:
        kept.append(figure)
        return finish(figure, alt)

    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith("course.figures.") and hasattr(module, "finish"):
                patch.setattr(module, "finish", keep)
        return draw(), kept[-1]


def texts(figure: Figure) -> list[tuple[Text, Bbox]]:
    """The texts that are drawn, each with its rectangle in pixels from the lower left."""
    seen: list[Text] = []
    draw = Text.draw

    def note(text: Text, renderer: RendererAgg) -> None:
        if text.get_visible() and text.get_text().strip():
            seen.append(text)
        draw(text, renderer)

    canvas = FigureCanvasAgg(figure)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", note)
        canvas.draw()
    return [(text, text.get_window_extent(canvas.get_renderer())) for text in seen]
