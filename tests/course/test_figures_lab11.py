"""Figures of lab 11: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from course import figures
from course.figures import Picture

EVENTS = [
    (1959, "cells", "Hubel and Wiesel: a cell of the cat's visual cortex wants one orientation"),
    (1980, "networks", "Fukushima's Neocognitron"),
    (1980, "networks", "A second event of one year, " + "told with many words " * 12),
    (2012, "data and contests", "ILSVRC"),
]
PIXELS = {
    "like for like": {"MNIST, each picture once": 47_040_000, "ImageNet, each picture once": 64_283_835_392},
    "not like for like": {"one pass, 2048 versions of each (the lecture)": 131_653_294_882_816},
}
FIGURES: dict[str, Callable[[], Picture]] = {
    "timeline": lambda: figures.timeline(EVENTS, title="From cells to networks"),
    "one event": lambda: figures.timeline(EVENTS[:1]),
    "log bars": lambda: figures.log_bars(PIXELS, xlabel="training pixels", title="How much more data?"),
    "one bar": lambda: figures.log_bars({"a": {"b": 0.5}}, xlabel="metres", title=""),
    "many bars": lambda: figures.log_bars(
        {f"group {g}": {f"bar {b}": 10.0 ** (b * g) for b in range(4)} for g in range(4)}, xlabel="x", title="many"
    ),
}


def test_words_tell_what_is_seen():
    """The alternative text has years, kinds, events, and numbers in full."""
    told = figures.timeline(EVENTS).alt
    assert "1959 (cells)" in told and "Neocognitron" in told
    told = figures.log_bars(PIXELS, xlabel="training pixels", title="t").alt
    assert "47,040,000" in told and "logarithmic" in told


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: figures.timeline([]), "at least one"),
        (lambda: figures.timeline(EVENTS[::-1]), "oldest"),
        (lambda: figures.timeline([(1990, "wars", "x")]), "kinds among"),
        (lambda: figures.log_bars({}, xlabel="x", title="t"), "at least one"),
        (lambda: figures.log_bars({"a": {"b": 0}}, xlabel="x", title="t"), "above zero"),
        (lambda: figures.log_bars({"a": {"b": 1}}, xlabel="", title="t"), "unit"),
        (lambda: figures.log_bars({str(i): {"b": 1} for i in range(5)}, xlabel="x", title="t"), "at most 4"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, words):
    """The message says what was expected."""
    with pytest.raises(ValueError, match=words):
        draw()
