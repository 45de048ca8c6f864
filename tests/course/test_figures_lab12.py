"""Figures of lab 12: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from course import figures
from course.figures import Picture

FIGURES: dict[str, Callable[[], Picture]] = {
    "lecture": lambda: figures.staircase(
        {"one 5×5": [5], "two 3×3": [3, 3], "three 3×3": [3, 3, 3], "one 7×7": [7]}
    ),
    "one layer": lambda: figures.staircase({"1×1": [1]}),
    "widest": lambda: figures.staircase({"six": [3] * 6, "large": [7, 9], "mixed": [1, 5, 1, 3], "one": [15]}),
}


def test_alternative_text_states_the_numbers() -> None:
    """How far each level sees stands in the words, not only in the drawing."""
    alt = FIGURES["lecture"]().alt
    assert (
        "three 3×3: filters 3×3 and 3×3 and 3×3; seen from the output down to the input: 1, 3, 5, 7 in a row."
        in alt
    )
    assert "4 stacks" in alt


@pytest.mark.parametrize(
    ("stacks", "message"),
    [
        ({}, "at least one entry in stacks"),
        ({"a": []}, "at least one entry in stack 'a'"),
        ({"a": [4]}, "odd sides in 'a'. Received 4"),
        ({"a": [3] * 7}, "at most 6 layers in 'a'. Received 7"),
        ({"a": [15, 3]}, "at most 15 pixels. Received 17"),
        ({name: [3] for name in "abcde"}, "at most 4 stacks. Received 5"),
    ],
)
def test_what_cannot_be_drawn_is_refused(stacks: dict[str, list[int]], message: str) -> None:
    """The message says what was expected and what came."""
    with pytest.raises(ValueError, match=message):
        figures.staircase(stacks)
