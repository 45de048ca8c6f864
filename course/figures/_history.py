"""History: what happened when, and how much larger things became."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ._board import Board
from ._charts import LINES, _amount, _label, _plain, _sheet, _text, _title
from ._style import BLUE, GREEN, MAX_WIDTH, SMALL, TEXT, VERMILION, finish, in_house_style, wrap
from ._values import amount, filled, line, whole
from .picture import Picture

# Kind of event -> colour and marker, so that either tells them apart.
KINDS = {"cells": (GREEN, "^"), "networks": (BLUE, "o"), "data and contests": (VERMILION, "s")}


@in_house_style
def timeline(events: Sequence[tuple[int, str, str]], *, title: str = "") -> Picture:
    """Draw events beneath one another, the oldest at the top; distances are not to scale.

    Args:
        events: (year, kind, text); a kind is "cells", "networks" or "data and contests". Years may not fall.
        title: A heading above the picture.

    Raises:
        ValueError: If there is no event, a kind is unknown, or a year is smaller than the one before.
    """
    filled(events, "events")
    years = [whole("each year", year, 1, 9999) for year, _, _ in events]
    if years != sorted(years):
        raise ValueError("Expected the events from the oldest to the newest. Received them in another order.")
    unknown = [kind for _, kind, _ in events if kind not in KINDS]
    if unknown:
        raise ValueError(f"Expected kinds among {', '.join(KINDS)}. Received {unknown[0]!r}.")
    left, room = 0.95, MAX_WIDTH - 1.1
    texts = [wrap(text, room) for _, _, text in events]
    top = 0.45 if title else 0.2
    places = top + np.cumsum([0.0, *(0.19 * len(lines) + 0.12 for lines in texts)])
    board = Board(MAX_WIDTH, places[-1] + 0.35)
    if title:
        board.heading(title)
    board.line(left - 0.18, places[0] - 0.05, left - 0.18, places[-2] + 0.1, lw=1.5)
    for (year, kind, _), lines, y in zip(events, texts, places[:-1], strict=True):
        colour, marker = KINDS[kind]
        board.axes.plot([left - 0.18], [y], marker, color=colour, ms=8, mec="white", zorder=3)
        board.text(left - 0.36, y, str(year), ha="right", weight="bold")
        board.lines(lines, left, y)
    x = 0.2
    for kind, (colour, marker) in KINDS.items():
        board.axes.plot([x], [places[-1] + 0.15], marker, color=colour, ms=8, mec="white")
        board.text(x + 0.14, places[-1] + 0.15, kind, size=SMALL, ha="left")
        x += 0.55 + 0.085 * len(kind)
    words = " ".join(f"{year} ({kind}): {text.rstrip('.')}." for year, kind, text in events)
    return board.finish(f"{title}. {words}" if title else words)


@in_house_style
def log_bars(groups: Mapping[str, Mapping[str, float]], *, xlabel: str, title: str) -> Picture:
    """Draw lying bars on a logarithmic axis, a colour and a hatch for each group, with their numbers.

    Args:
        groups: Group -> name -> length, above zero; at most 4 groups and 16 bars.
        xlabel: What the length means, with its unit.
        title: What to see.

    Raises:
        ValueError: If there is nothing to draw, too much, or a value of 0 or less.
    """
    filled(groups, "groups")
    rows = [(group, str(name), value) for group, values in groups.items() for name, value in values.items()]
    filled(rows, "groups")
    if len(groups) > 4 or len(rows) > 16:
        raise ValueError(f"Expected at most 4 groups and 16 bars. Received {len(groups)} and {len(rows)}.")
    lengths = line([value for *_, value in rows], "values")
    if not (np.isfinite(lengths).all() and lengths.min() > 0):
        raise ValueError("Expected finite values above zero. Received another one.")
    figure = _sheet(1.35 + 0.3 * len(rows))
    axes = figure.subplots()
    _plain(axes)
    for number, (group, hatch) in enumerate(zip(groups, ("", "///", "...", "xx"), strict=False)):
        places = [place for place, row in enumerate(rows) if row[0] == group]
        colour = LINES[number][0]
        parts = axes.barh(
            places, lengths[places], 0.65, label=_text(group), hatch=hatch, edgecolor=colour,
            color="white" if hatch else colour,
        )  # fmt: skip
        axes.bar_label(parts, [_short(lengths[place]) for place in places], padding=3, fontsize=SMALL)
    axes.set_xscale("log")
    low, high = np.floor(np.log10(lengths.min())), np.ceil(np.log10(lengths.max()))
    axes.set_xlim(10 ** (low - 0.5), 10 ** (high + 0.15 * (high - low) + 0.3))
    axes.xaxis.set_major_formatter(_powers)
    axes.minorticks_off()
    axes.grid(visible=False, axis="y")
    axes.set_yticks(range(len(rows)), [_text(name).replace("\n", " ") for _, name, _ in rows])
    axes.invert_yaxis()
    axes.set_xlabel(_label(xlabel, "xlabel"), fontsize=TEXT, parse_math=False)
    _title(axes, title)
    if len(groups) > 1:
        figure.legend(loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False)
    words = ", ".join(f"{name} ({group}) {amount(value)}" for group, name, value in rows)
    return finish(figure, f"{title}. {xlabel}, on a logarithmic axis: {words}.")


def _powers(value: float, position: int | None = None) -> str:
    """A tick as a power of ten; small numbers as they are."""
    return _amount(value) if value < 1e4 else f"10{str(round(np.log10(value))).translate(RAISED)}"


def _short(value: float) -> str:
    """A number for a bar: from a million on two figures and a power of ten."""
    if value < 1e6:
        return amount(value)
    figures, power = f"{value:.1e}".split("e+")
    return f"{figures}·10{str(int(power)).translate(RAISED)}"


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
