"""Figures of lab 14: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course import curves, figures, scenes
from course.figures import Picture
from course.shapes import NAMES

LARGE = scenes.scene(96, 128, [1, 3, 5], seed=5).image
RISING = np.linspace(0, 1, 17 * 25).reshape(17, 25)
GUESSING = {"guessing": ([1, curves.EPOCHS], [curves.GUESSING] * 2)}


def runs(numbers: range) -> dict[str, Any]:
    """Curves of some runs, as the lab shows them."""
    return {f"run {number}": curves.learning_curves(number) | GUESSING for number in numbers}


FIGURES: dict[str, Callable[[], Picture]] = {
    "six classes": lambda: figures.scanned(
        LARGE, {name: np.roll(RISING, 40 * number) for number, name in enumerate(NAMES)}, window=32, stride=4
    ),
    "one class, grey": lambda: figures.scanned(
        np.eye(20, 30), {"line": np.full((5, 7), 0.25)}, window=4, stride=4, columns=2, title="A diagonal in grey"
    ),
    "eleven classes": lambda: figures.scanned(
        LARGE, {f"class {number}": RISING for number in range(11)}, window=32, stride=4
    ),
    "six runs": lambda: figures.panels(runs(range(100, 106)), xlabel="epoch", ylabel="loss (nats)", columns=3),
}


def test_alternative_text_states_the_numbers() -> None:
    """Size, windows and the highest share of each class stand in the words."""
    alt = FIGURES["six classes"]().alt
    assert "picture of 96×128 pixels and 6 maps of 17×25 windows, 32 pixels wide, 4 pixels apart" in alt
    assert "disc: highest 1 at (80, 112)." in alt


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shares": {}}, "at least one entry in shares"),
        ({"shares": {"a": RISING[:3]}}, r"'a' of shape \(17, 25\). Received \(3, 25\)"),
        ({"shares": {"a": 2 * RISING}}, "from 0 to 1 in 'a'"),
        ({"window": 100}, "window to be an integer from 1 to 96. Received 100"),
        ({"columns": 7}, "columns to be an integer from 2 to 4. Received 7"),
        ({"shares": {str(number): RISING for number in range(12)}}, "at most 11 classes. Received 12"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options: dict[str, Any], message: str) -> None:
    """The message says what was expected and what came."""
    given = {"shares": {"a": RISING}, "window": 32, "stride": 4} | options
    with pytest.raises(ValueError, match=message):
        figures.scanned(LARGE, given.pop("shares"), **given)
