"""Lab 09's figures: small, readable, told in words, and with the right numbers in them."""

from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from course import figures
from course.figures import Picture, _style
from tests.course.test_figures import texts

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


every = pytest.mark.parametrize("name", FIGURES)


@every
def test_small_and_as_wide_as_a_column(both, name):
    """At most 60 kB, at most 900 pixels wide, white corners."""
    picture = both[name][0]
    assert len(picture.png) <= 60_000 and picture.size[0] <= 900
    image = Image.open(io.BytesIO(picture.png)).convert("RGB")
    assert image.getpixel((0, 0)) == image.getpixel((image.width - 1, image.height - 1)) == (255, 255, 255)


@every
def test_texts_are_readable(both, name):
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


@every
def test_same_bytes_twice(both, name):
    """Nothing in the file depends on the time of drawing."""
    assert FIGURES[name]().png == both[name][0].png


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
def test_alternative_text_states_the_numbers(both, name, facts):
    """What the picture shows stands in the words too."""
    assert [fact for fact in facts if fact not in both[name][0].alt] == []


def test_marks_and_numbers_carry_the_meaning(both):
    """Crosses and counts are printed: no colour is the only cue."""
    crosses = [text.get_text() for text, _ in texts(both["connections"][1])].count("×")
    counts = {text.get_text() for text, _ in texts(both["confusion"][1])}
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
