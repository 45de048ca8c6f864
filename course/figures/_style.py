"""Colours, type and the way from a Matplotlib figure to a small PNG."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import ParamSpec

import numpy as np
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from PIL import Image

from .picture import Picture

Parameters = ParamSpec("Parameters")

DPI = 110
MAX_WIDTH = 8.1  # inches; 891 pixels
MAX_BYTES = 60_000
TEXT, SMALL = 10.0, 9.0  # points; 15 and 14 pixels

# Okabe and Ito's palette for all kinds of colour vision ("Color Universal Design", 2008).
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE = "#767676", "#E4E4E4"

# Blue is above zero and orange below, as in the grids of numbers. Lightness rises through the whole scale, so that
# the sign survives a grey print: dark orange, mid-grey, pale blue.
SIGNED = LinearSegmentedColormap.from_list("signed", ["#3d1c00", "#a85400", "#8a8a8a", "#6cbdf0", "#e2f3ff"], N=49)
SIGNED_WORDS = ", pale blue above zero, dark orange below"  # in alternative texts
GREYS = LinearSegmentedColormap.from_list("greys", ["#000000", "#ffffff"], N=49)  # few levels, small files


def in_house_style(function: Callable[Parameters, Picture]) -> Callable[Parameters, Picture]:
    """Draw with Matplotlib's own defaults, whatever the reader's settings are, and put those back."""

    @functools.wraps(function)
    def drawn(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Picture:
        with style.context("default", after_reset=True):
            return function(*args, **kwargs)

    return drawn


@functools.cache
def text_width(text: str, size: float = TEXT, mono: bool = False, bold: bool = False) -> float:
    """Width of one line of text in inches."""
    font = FontProperties(
        family="DejaVu Sans Mono" if mono else "DejaVu Sans", size=size, weight="bold" if bold else "normal"
    )
    return TextToPath().get_text_width_height_descent(text, font, ismath=False)[0] / 72


def wrap(text: str, width: float, size: float = TEXT, bold: bool = False) -> list[str]:
    """Break text into lines no wider than `width` inches, at spaces."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size, bold=bold) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


class TooLarge(ValueError):
    """A picture with more detail than a small file holds."""


def finish(figure: Figure, alt: str) -> Picture:
    """Render, reduce to a palette, and keep no date or version.

    Raises:
        TooLarge: If the file would be above `MAX_BYTES`.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    for colours in (256, 128):
        buffer = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
        if buffer.tell() <= MAX_BYTES:
            return Picture(buffer.getvalue(), alt)
    raise TooLarge(
        f"Expected a picture of at most {MAX_BYTES:,} bytes. Received {buffer.tell():,}: show fewer parts."
    )
