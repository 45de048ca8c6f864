"""A sheet of paper measured in inches, on which grids, texts and pictures are placed."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle

from ._style import BLACK, BLUE, DPI, GREY, ORANGE, TEXT, finish, text_width, wrap
from ._values import number
from .picture import Picture


def tint(value: float, largest: float) -> Any:
    """Background of a number: white at zero, blue above, orange below, deeper with the size."""
    if np.isnan(value) or value == 0 or largest == 0:
        return "white"
    share = 0.15 + 0.4 * min(abs(value) / largest, 1.0)
    colour = np.array(to_rgb(BLUE if value > 0 else ORANGE))
    return tuple(1 - share * (1 - colour))


class Board:
    """A white sheet; x runs to the right, y downwards, both in inches."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self._limits()

    def _limits(self) -> None:
        self.axes.set_xlim(0, self.width)
        self.axes.set_ylim(self.height, 0)

    def text(self, x: float, y: float, text: str, *, size: float = TEXT, **style: Any) -> None:
        """Write text centred at (x, y), unless `ha` and `va` say otherwise."""
        style = {"ha": "center", "va": "center", "color": BLACK, "parse_math": False} | style
        if style.pop("mono", False):
            style["family"] = "DejaVu Sans Mono"
        if style.pop("boxed", False):
            style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        self.axes.text(x, y, text, fontsize=size, **style)

    def lines(self, lines: list[str], x: float, y: float, **style: Any) -> None:
        """Write lines beneath one another, the first centred on y."""
        for index, line in enumerate(lines):
            self.text(x, y + 0.19 * index, line, **({"ha": "left"} | style))

    def heading(self, text: str, y: float = 0.17, *, x: float = 0.1, bold: bool = True) -> float:
        """Write a heading at the left, broken into lines; returns the y below it."""
        for part in wrap(text, self.width - x - 0.1, TEXT, bold):
            self.text(x, y, part, ha="left", weight="bold" if bold else "normal")
            y += 0.2
        return y

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        """Draw a rectangle with its upper left corner at (x, y); `hatch` takes the colour `ink`."""
        hatch, ink = style.pop("hatch", None), style.pop("ink", GREY)
        fill, edge, thick = style.pop("fill", "none"), style.pop("edge", "none"), style.pop("thick", 0.8)
        layer = style.pop("layer", 1)
        if hatch:
            self.axes.add_patch(
                Rectangle((x, y), width, height, facecolor=fill, edgecolor=ink, hatch=hatch, lw=0, zorder=layer)
            )
            fill = "none"
        patch = Rectangle((x, y), width, height, facecolor=fill, edgecolor=edge, lw=thick, zorder=layer)
        patch.set_joinstyle("miter")
        self.axes.add_patch(patch)

    def polygon(self, corners: list[tuple[float, float]], fill: Any) -> None:
        """Draw a filled polygon with a thin black edge."""
        self.axes.add_patch(Polygon(corners, facecolor=fill, edgecolor=BLACK, lw=0.8))

    def arrow(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """Draw an arrow."""
        ends = FancyArrowPatch((x, y), (to_x, to_y), arrowstyle="-|>", mutation_scale=9, color=GREY, lw=1)
        ends.shrinkA = ends.shrinkB = 0
        self.axes.add_patch(ends)

    def line(self, x: float, y: float, to_x: float, to_y: float, **style: Any) -> None:
        """Draw a straight line."""
        self.axes.plot([x, to_x], [y, to_y], **({"color": GREY, "lw": 1.0} | style))

    def image(self, image: np.ndarray, x: float, y: float, width: float, height: float, **style: Any) -> None:
        """Show an array as a picture, upper left corner at (x, y), pixels unsmoothed."""
        self.axes.imshow(
            image, extent=(x, x + width, y + height, y), interpolation="nearest", aspect="auto", **style
        )
        self.box(x, y, width, height, edge=GREY)
        self._limits()

    def numbers(
        self,
        array: np.ndarray,
        x: float,
        y: float,
        cell: float,
        *,
        pad: int = 0,
        largest: float | None = None,
        texts: list[list[str]] | None = None,
        size: float = TEXT,
    ) -> None:
        """Write a grid of numbers; the outer `pad` rows and columns are hatched grey."""
        height, width = array.shape
        known = np.abs(array[np.isfinite(array)])
        top = largest if largest is not None else float(known.max(initial=0))
        for row in range(height):
            for column in range(width):
                left, upper = x + column * cell, y + row * cell
                border = min(row, column, height - 1 - row, width - 1 - column) < pad
                if border:
                    self.box(left, upper, cell, cell, fill="#EEEEEE", edge=GREY, hatch="////", ink="#C8C8C8")
                else:
                    self.box(left, upper, cell, cell, fill=tint(array[row, column], top), edge=GREY)
                text = texts[row][column] if texts else number(array[row, column])
                self.text(left + cell / 2, upper + cell / 2, text, size=size, color="#555555" if border else BLACK)

    def finish(self, alt: str) -> Picture:
        """The finished picture."""
        return finish(self.figure, alt)


def cell_for(texts: list[str], size: float = TEXT) -> float:
    """Side of a cell in inches in which the longest of these texts has room."""
    return max(0.3, max((text_width(text, size) for text in texts), default=0.0) + 0.1)
