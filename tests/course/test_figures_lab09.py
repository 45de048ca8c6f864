"""Lab 09's figures: small, readable, told in words, and with the right numbers in them."""

from __future__ import annotations

import numpy as np
import pytest

from course import figures
from tests.course.drawn import texts, with_figure

COUNTS = np.diag([190, 180, 170]) + np.array([[0, 7, 0], [1, 0, 12], [0, 0, 0]])
TABLE = [[1, 0, 0], [0, 1, 1]]

FIGURES = {
    "connections": lambda: figures.connection_table(
        TABLE, rows="map of S2", columns="map of C3", title="Who reads whom"
    ),
    "connections, 16 maps": lambda: figures.connection_table(
        np.eye(6, dtype=bool)[np.arange(16) % 6], rows="map of S2", columns="map of C3"
    ),
    "confusion": lambda: figures.confusion(COUNTS, ("cat", "dog", "ship"), title="Three classes"),
    "confusion, ten digits": lambda: figures.confusion(
        np.full((10, 10), 3) + 190 * np.eye(10), tuple("0123456789")
    ),
}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("connections", ["Who reads whom.", "3 connections", "0: 0; 1: 1 2."]),
        (
            "confusion",
            ["540 of 560 are right", "dog taken for ship 12, cat taken for dog 7, dog taken for cat 1."],
        ),
        ("confusion, ten digits", ["1930 of 2200 are right"]),
    ],
)
def test_alternative_text_states_the_numbers(name, facts):
    """What the picture shows stands in the words too."""
    assert [fact for fact in facts if fact not in FIGURES[name]().alt] == []


def test_marks_and_numbers_carry_the_meaning():
    """Crosses and counts are printed: no colour is the only cue."""
    crosses = [text.get_text() for text, _ in texts(with_figure(FIGURES["connections"])[1])].count("×")
    counts = {text.get_text() for text, _ in texts(with_figure(FIGURES["confusion"])[1])}
    assert crosses == 3 and {"190", "180", "170", "7", "1", "12"} <= counts


def test_without_a_mistake_there_is_none_to_name():
    """A perfect table says so."""
    assert "Commonest mistakes: none." in figures.confusion(np.eye(2) * 5, "ab").alt


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.connection_table([[0, 2]], rows="a", columns="b"), "True and False"),
        (lambda: figures.connection_table(np.ones((25, 2)), rows="a", columns="b"), "at most 24"),
        (lambda: figures.confusion(np.ones((2, 3)), "ab"), r"shape \(2, 2\).*\(2, 3\)"),
        (lambda: figures.confusion(np.ones((3, 3)), "ab"), r"shape \(2, 2\).*\(3, 3\)"),
    ],
)
def test_what_is_refused(draw, message):
    """Messages say what was expected and what came."""
    with pytest.raises(ValueError, match=message):
        draw()
