"""Charts with axes: signals, curves and bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from ._style import (
    BLACK,
    BLUE,
    DPI,
    GREEN,
    GREY,
    MAX_WIDTH,
    ORANGE,
    PURPLE,
    SKY,
    SMALL,
    TEXT,
    VERMILION,
    finish,
    in_house_style,
    text_width,
    wrap,
)
from ._values import amount, filled, line, number
from .picture import Picture

# Colour, dash and marker change together, so that any one of them tells two lines apart.
LINES = (
    (BLUE, "-", "o"),
    (VERMILION, "--", "s"),
    (GREEN, "-.", "^"),
    (BLACK, ":", "D"),
    (PURPLE, (0, (5, 1, 1, 1, 1, 1)), "v"),
    (ORANGE, (0, (8, 2)), "P"),
    (SKY, (0, (2, 1)), "X"),
    (GREY, (0, (3, 2, 1, 2)), "*"),
)


def _sheet(height: float) -> Figure:
    return Figure(figsize=(MAX_WIDTH * 0.86, height), dpi=DPI, facecolor="white", layout="constrained")


def _plain(axes: Axes) -> None:
    """Only the two axes that carry numbers, and a light grid beneath."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=SMALL)
    axes.set_axisbelow(True)
    axes.grid(color="#DDDDDD", lw=0.8)


def _title(axes: Axes, title: str) -> None:
    if title:
        text = "\n".join(wrap(title, MAX_WIDTH * 0.86 - 1.0, bold=True))
        axes.set_title(text, fontsize=TEXT, weight="bold", loc="left", parse_math=False)


def _label(text: str, name: str) -> str:
    if not text.strip():
        raise ValueError(f"Expected {name} with the unit in it. Received {text!r}.")
    return text


@in_house_style
def signals(series: Mapping[str, Any], *, ylabel: str) -> Picture:
    """Draw one-dimensional signals beneath one another, a stem for each sample.

    Args:
        series: Name -> samples, shape (length,); lengths may differ. Up to 24 samples carry their number.
        ylabel: What the height means, with its unit.

    Raises:
        ValueError: If there is no signal, one has another shape, or `ylabel` is empty.
    """
    filled(series, "series")
    arrays = {name: line(values, f"signal {name!r}") for name, values in series.items()}
    figure = _sheet(1.25 * len(arrays) + 0.5)
    panels = figure.subplots(len(arrays), 1, sharex=True, squeeze=False)[:, 0]
    longest = max(len(values) for values in arrays.values())
    for axes, (name, values) in zip(panels, arrays.items(), strict=True):
        places = np.arange(len(values))
        axes.axhline(0, color=GREY, lw=0.8)
        axes.vlines(places, 0, np.nan_to_num(values), color=BLUE, lw=2)
        axes.plot(places, values, "o", color=BLUE, ms=5, clip_on=False)
        if longest <= 24:
            for place, value in zip(places, np.nan_to_num(values), strict=True):
                away, side = (-6, "top") if value < 0 else (6, "bottom")
                axes.annotate(
                    number(values[place]), (place, value), (0, away), textcoords="offset points",
                    ha="center", va=side, fontsize=SMALL,
                )  # fmt: skip
        low, high = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(values)))
        room = 0.4 * ((high - low) or 1.0)
        axes.set_ylim(low - room * (1 if low < 0 else 0.2), high + room * (1 if high > 0 or low == 0 else 0.2))
        _plain(axes)
        axes.grid(visible=False)
        axes.locator_params(axis="y", nbins=4)
        axes.set_title(name, fontsize=TEXT, loc="left", weight="bold", parse_math=False)
        axes.xaxis.get_major_locator().set_params(integer=True)
    figure.supylabel(_label(ylabel, "ylabel"), fontsize=TEXT)
    panels[-1].set_xlabel("position (samples)", fontsize=TEXT)
    alt = " ".join(f"{name}: {_samples(values)}." for name, values in arrays.items())
    return finish(figure, f"{ylabel} by position. {alt}")


def _samples(values: np.ndarray) -> str:
    if len(values) <= 24:
        return " ".join(number(value) for value in values)
    return f"{len(values)} samples from {number(np.nanmin(values))} to {number(np.nanmax(values))}"


def _pair(pair: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The x and y of one line, of equal length and with something to draw."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(f"Expected line {name!r} as (x, y). Received {type(pair).__name__}.")
    x, y = line(pair[0], f"x of {name!r}"), line(pair[1], f"y of {name!r}")
    if x.shape != y.shape:
        raise ValueError(f"Expected x and y of {name!r} of one length. Received {len(x)} and {len(y)}.")
    if not np.isfinite(y).any():
        raise ValueError(f"Expected at least one finite y in {name!r}. Received none.")
    return x, y


@in_house_style
def curve(
    series: Mapping[str, tuple[Any, Any]], *, xlabel: str, ylabel: str, title: str, logy: bool = False
) -> Picture:
    """Draw lines that are told apart by colour, dash and marker, named in a legend at the right.

    Args:
        series: Name -> (x, y), each of shape (length,), at most 8 lines. NaN in y leaves a gap.
        xlabel: What x means, with its unit.
        ylabel: What y means, with its unit.
        title: What to see.
        logy: Logarithmic y; all y must then be above zero.

    Raises:
        ValueError: If there is no line or more than 8, shapes differ, or a label is empty.
    """
    filled(series, "series")
    if len(series) > len(LINES):
        raise ValueError(f"Expected at most {len(LINES)} lines. Received {len(series)}.")
    pairs = {name: _pair(pair, name) for name, pair in series.items()}
    if logy and any(np.nanmin(y) <= 0 for _, y in pairs.values()):
        raise ValueError("Expected y above zero on a logarithmic axis. Received a value of 0 or less.")
    figure = _sheet(3.5)
    axes = figure.subplots()
    for (name, (x, y)), (colour, dash, marker) in zip(pairs.items(), LINES, strict=False):
        every = max(1, len(x) // 15)
        axes.plot(x, y, color=colour, ls=dash, marker=marker, ms=6, markevery=every, lw=1.8, label=_text(name))
    if logy:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=_subs(pairs)))
        axes.yaxis.set_major_formatter(_amount)
        axes.yaxis.set_minor_formatter(NullFormatter())
    if all((x == np.round(x)).all() for x, _ in pairs.values()):
        axes.xaxis.get_major_locator().set_params(integer=True)
    _plain(axes)
    axes.set_xlabel(_label(xlabel, "xlabel"), fontsize=TEXT, parse_math=False)
    axes.set_ylabel(_label(ylabel, "ylabel"), fontsize=TEXT, parse_math=False)
    _title(axes, title)
    if len(pairs) > 1:
        figure.legend(loc="outside right upper", fontsize=SMALL, handlelength=4, frameon=False)
    return finish(figure, " ".join([f"{title}." if title else "", *_line_words(pairs, xlabel, ylabel)]).strip())


def _amount(value: float, position: int | None = None) -> str:
    """A tick's number without powers of ten."""
    return amount(value)


def _subs(pairs: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> tuple[float, ...]:
    """Which parts of a decade a logarithmic axis names: more of them where it spans few decades."""
    heights = np.concatenate([y for _, y in pairs.values()])
    return (1.0,) if np.nanmax(heights) / np.nanmin(heights) > 30 else (1.0, 2.0, 5.0)


def _text(name: str) -> str:
    """A legend entry that Matplotlib neither hides nor reads as a formula, broken after 22 letters."""
    lines = "\n".join(wrap(str(name), 1.7, SMALL)).replace("$", r"\$")
    return f" {lines}" if lines.startswith("_") else lines


def _line_words(pairs: Mapping[str, tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str) -> list[str]:
    words = [f"{ylabel} against {xlabel}."]
    for name, (x, y) in pairs.items():
        known = np.isfinite(y)
        x, y = x[known], y[known]
        low, high = int(np.argmin(y)), int(np.argmax(y))
        words.append(
            f"{name}: from {amount(y[0])} at {amount(x[0])} to {amount(y[-1])} at {amount(x[-1])}, "
            f"lowest {amount(y[low])} at {amount(x[low])}, highest {amount(y[high])} at {amount(x[high])}."
        )
    return words


@in_house_style
def bars(values: Mapping[str, float], *, ylabel: str, title: str) -> Picture:
    """Draw bars with their numbers; they lie down where names are long or many.

    Args:
        values: Name -> height, finite, at most 30 bars.
        ylabel: What the height means, with its unit.
        title: What to see.

    Raises:
        ValueError: If there is no bar or more than 30, a value is not finite, or `ylabel` is empty.
    """
    filled(values, "values")
    if len(values) > 30:
        raise ValueError(f"Expected at most 30 bars. Received {len(values)}.")
    names, heights = [str(name) for name in values], line(list(values.values()), "values")
    if not np.isfinite(heights).all():
        raise ValueError("Expected finite values. Received NaN or infinity.")
    labels = [amount(height) for height in heights]
    slot = (MAX_WIDTH * 0.86 - 1.0) / len(names)
    lying = any(text_width(text, SMALL) > slot - 0.1 for text in [*names, *labels])
    figure = _sheet(0.9 + 0.27 * len(names) if lying else 3.0)
    axes = figure.subplots()
    _plain(axes)
    places = np.arange(len(names))
    draw = axes.barh if lying else axes.bar
    parts = draw(places, heights, 0.65, color=[BLUE if height >= 0 else "white" for height in heights])
    for part, height in zip(parts, heights, strict=True):
        if height < 0:
            part.set(hatch="////", edgecolor=VERMILION)
    axes.bar_label(parts, labels, padding=3, fontsize=SMALL)
    axes.margins(y=0.05 if lying else 0.15)
    if lying:
        _room(axes, names, labels, heights)
        axes.xaxis.set_major_formatter(_amount)
        axes.locator_params(axis="x", nbins=4)
        axes.set_yticks(places, [_text(name).replace("\n", " ") for name in names])
        axes.invert_yaxis()
        axes.axvline(0, color=GREY, lw=0.8)
        axes.set_xlabel(_label(ylabel, "ylabel"), fontsize=TEXT, parse_math=False)
        axes.grid(visible=False, axis="y")
    else:
        axes.yaxis.set_major_formatter(_amount)
        axes.set_xticks(places, [_text(name).replace("\n", " ") for name in names])
        axes.axhline(0, color=GREY, lw=0.8)
        axes.set_ylabel(_label(ylabel, "ylabel"), fontsize=TEXT, parse_math=False)
        axes.grid(visible=False, axis="x")
    _title(axes, title)
    words = ", ".join(f"{name} {label}" for name, label in zip(names, labels, strict=True))
    return finish(figure, f"{title}. {ylabel}: {words}." if title else f"{ylabel}: {words}.")


def _room(axes: Axes, names: list[str], labels: list[str], heights: np.ndarray) -> None:
    """Widen the axis of lying bars by what their numbers need at either end."""
    wide = MAX_WIDTH * 0.86 - 0.4 - max(text_width(name, SMALL) for name in names)
    label = max(text_width(text, SMALL) for text in labels) + 0.1
    low, high = min(0.0, float(heights.min())), max(0.0, float(heights.max()))
    ends = label * ((low < 0) + (high > 0 or low == 0))
    inch = ((high - low) or 1.0) / max(wide - ends, 1.0)
    axes.set_xlim(low - label * inch * (low < 0), high + label * inch * (high > 0 or low == 0))
