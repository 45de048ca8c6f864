"""Figures of lab 10: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from course import figures, inside
from course.figures import Picture
from course.figures._inside import Windows, _light
from tests.course.drawn import texts, with_figure

IMAGES, LABELS = inside.pictures(12, seed=5)
RANDOM = np.random.default_rng(0)
DROPS = np.arange(20.0).reshape(4, 5) / 10 - 0.3
SHEET = RANDOM.random((23, 47, 3))
TABLE = np.abs(RANDOM.normal(size=(6, 32)))

FIGURES: dict[str, Callable[[], Picture]] = {
    "one sheet": lambda: figures.gallery({"filters": [SHEET]}, side=4.6),
    "pictures with notes": lambda: figures.gallery(
        {"six pictures": list(IMAGES[:6])}, notes={"six pictures": [inside.NAMES[n] for n in LABELS[:6]]}
    ),
    "rows of maps": lambda: figures.gallery(
        {f"conv{k}": list(IMAGES[:10, :: 2 * k, :: 2 * k].mean(axis=3) - 0.5 * (k == 2)) for k in (1, 2, 3)},
        notes={"conv3": [f"map {k}" for k in range(10)]},
        together=True,
        title="Maps of three layers, each row on one scale",
    ),
    "patches": lambda: figures.gallery({f"map {k}": list(IMAGES[:10, :28, :28]) for k in range(3)}, side=0.7),
    "twelve in a row": lambda: figures.gallery(
        {"maps": [np.eye(5)] * 12}, notes={"maps": ["long words here"] * 12}
    ),
    "signed": lambda: figures.gallery({"weights": [np.eye(5) - 0.5, np.ones((4, 6))]}),
    "one map": lambda: figures.heat_maps(
        IMAGES[0], {"drop when covered": DROPS}, windows={"drop when covered": (10, 8)}, unit="drop of the share"
    ),
    "hardly any below zero": lambda: figures.heat_maps(
        IMAGES[3], {"drop": np.maximum(DROPS, -0.01)}, windows={"drop": (10, 8)}, title="A cross"
    ),
    "three maps": lambda: figures.heat_maps(
        IMAGES[1],
        {"occlusion": DROPS, "saliency": IMAGES[1, ..., 0], "Grad-CAM, the mean of maps of conv3": np.eye(6)},
        windows={"occlusion": (10, 8), "Grad-CAM, the mean of maps of conv3": (28, 4)},
        title="A ring, and what the network looks at when it says so, in three ways",
    ),
    "a grey picture": lambda: figures.heat_maps(IMAGES[2, :40, :, 0], {"none": np.zeros((40, 48))}),
    "activity": lambda: figures.activity(
        TABLE, inside.NAMES, unit="mean of the map", title="Which class drives which map"
    ),
    "few maps": lambda: figures.activity(TABLE[:2, :3], ["a", "b"], unit="mean of the map"),
}


def words(name: str) -> list[str]:
    """The texts that a figure shows."""
    return [text.get_text() for text, _ in texts(with_figure(FIGURES[name])[1])]


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("pictures with notes", ["six pictures: 6 pictures of 48×48×3 values", inside.NAMES[LABELS[0]]]),
        ("one map", ["48×48 pixels and 1 map of heat (drop of the share)", "4×5 numbers from −0.3 to 1.6"]),
        ("one map", ["largest near row 28, column 36", "dark orange below"]),
        ("three maps", ["6×6 numbers from 0 to 1, largest near row 14, column 14"]),
        ("signed", ["weights: 2 pictures of 4×6 and 5×5 values from −0.5 to 1, pale blue above zero"]),
        ("activity", ["Classes: 6; 32 maps; mean of the map, up to"]),
    ],
)
def test_alternative_text_states_the_numbers(name: str, facts: list[str]) -> None:
    """Shapes, ranges, and where the heat is largest, stand in the words."""
    alt = FIGURES[name]().alt
    assert [fact for fact in facts if fact not in alt] == []


def test_few_small_negative_numbers_need_no_second_colour() -> None:
    """A map that hardly falls below zero runs from black to white, and its words do not speak of orange."""
    assert "numbers from −0.01 to 1.6" in FIGURES["hardly any below zero"]().alt
    assert "orange" not in FIGURES["hardly any below zero"]().alt
    assert "≤ 0" in words("hardly any below zero")


def test_rows_and_columns_are_numbered() -> None:
    """A reader can say where on a picture of 48×48 pixels something is."""
    assert words("three maps").count("16") == words("three maps").count("32") == 2


def test_light_falls_on_the_middle_of_a_window() -> None:
    """A single hot window lights its own middle most, and nothing far away."""
    heat = np.zeros((4, 5))
    heat[1, 3] = 2.0
    light = _light(heat, Windows(10, 8), (34, 42))
    middle = (4.5 + 8, 4.5 + 24)
    assert light[12, 28] == light.max() > 0.8 and abs(middle[0] - 12) < 1
    assert light[0, 0] == light[33, 0] == light[12, 10] == 0


def test_heat_below_zero_gives_no_light() -> None:
    """Where covering helps, the picture stays dark."""
    assert _light(-np.ones((2, 2)), Windows(24, 24), (48, 48)).max() == 0


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.gallery({}), "at least one entry in rows"),
        (lambda: figures.gallery({"a": []}), "8 rows of 1 to 12 pictures"),
        (lambda: figures.gallery({"a": [np.eye(3)] * 13}), "8 rows of 1 to 12 pictures"),
        (lambda: figures.gallery({"a": [np.eye(3)]}, notes={"a": ["x", "y"]}), "each picture of 'a'. Received 2"),
        (lambda: figures.gallery({"a": [np.ones((2, 3, 4))]}), r"a picture of 'a'.*\(2, 3, 4\)"),
        (lambda: figures.heat_maps(IMAGES[0], {}), "at least one entry in maps"),
        (lambda: figures.heat_maps(255 * IMAGES[0], {"a": np.eye(2)}), "from 0 to 1 in image"),
        (lambda: figures.heat_maps(IMAGES[0], {"a": np.eye(49)}), "map 'a' to lie inside"),
        (
            lambda: figures.heat_maps(IMAGES[0], {"a": np.eye(5)}, windows={"a": (20, 8)}),
            r"\(5, 5\) with windows of 20 and stride 8",
        ),
        (
            lambda: figures.heat_maps(IMAGES[0], {str(k): np.eye(2) for k in range(4)}),
            "at most 3 maps. Received 4",
        ),
        (lambda: figures.activity(TABLE, ["a"], unit="mean"), "for 1 names"),
        (lambda: figures.activity(-TABLE, inside.NAMES, unit="mean"), "at least 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw: Callable[[], Picture], message: str) -> None:
    """A refusal says what was expected and what was received."""
    with pytest.raises(ValueError, match=f"^Expected .*{message}"):
        draw()
