"""Figures of lab 12: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from matplotlib.figure import Figure

from course import figures
from course.figures import Picture, _style
from tests.course.test_figures import texts

FIGURES: dict[str, Callable[[], Picture]] = {
    "lecture": lambda: figures.staircase(
        {"one 5×5": [5], "two 3×3": [3, 3], "three 3×3": [3, 3, 3], "one 7×7": [7]}
    ),
    "one layer": lambda: figures.staircase({"1×1": [1]}),
    "widest": lambda: figures.staircase({"six": [3] * 6, "large": [7, 9], "mixed": [1, 5, 1, 3], "one": [15]}),
}
every = pytest.mark.parametrize("name", FIGURES)


@pytest.fixture(scope="module")
def both() -> dict[str, tuple[Picture, Figure]]:
    """Every figure of the list, drawn once: the picture and the Matplotlib figure behind it."""
    kept: list[Figure] = []
    finish = _style.finish

    def keep(figure: Figure, alt: str) -> Picture:
        kept.append(figure)
        return finish(figure, alt)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course.figures._board.finish", keep)
        return {name: (draw(), kept[-1]) for name, draw in FIGURES.items()}


@every
def test_small_and_narrow(both: dict[str, tuple[Picture, Figure]], name: str) -> None:
    """At most 60 kB, and no wider than a notebook's column."""
    picture = both[name][0]
    assert len(picture.png) <= 60_000 and picture.size[0] <= 900


@every
def test_same_bytes_twice(both: dict[str, tuple[Picture, Figure]], name: str) -> None:
    """Nothing in the file depends on the time of drawing."""
    assert FIGURES[name]().png == both[name][0].png


@every
def test_texts_are_readable(both: dict[str, tuple[Picture, Figure]], name: str) -> None:
    """Letters are at least 10 pixels high, lie inside the picture, and do not cover one another."""
    figure = both[name][1]
    seen = texts(figure)
    assert min(text.get_fontsize() for text, _ in seen) * figure.dpi / 72 >= 10
    for text, box in seen:
        inside = box.x0 > -1 and box.y0 > -1 and box.x1 < figure.bbox.width + 1 and box.y1 < figure.bbox.height + 1
        assert inside, f"{text.get_text()!r} leaves the picture"
    for (one, first), (other, second) in combinations(seen, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        down = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across < 2 or down < 2, f"{one.get_text()!r} covers {other.get_text()!r}"


def test_alternative_text_states_the_numbers(both: dict[str, tuple[Picture, Figure]]) -> None:
    """How far each level sees stands in the words, not only in the drawing."""
    alt = both["lecture"][0].alt
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
