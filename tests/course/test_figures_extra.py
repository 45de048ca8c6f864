"""Figures of the explorations: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course import figures
from course.figures import Picture
from course.targets import CLASSES, boxed_shapes, masked_shapes

IMAGES, KINDS, FRAMES = boxed_shapes(12, seed=1)
OFF = np.clip(FRAMES + np.array([0.06, -0.06, 0.06, -0.06]), 0, 1)
PICTURES, MASKS = masked_shapes(6, seed=3)
WIDE, WIDE_MASK = masked_shapes(1, seed=15, height=64, width=96, shapes=9)
GREY = np.linspace(0, 1, 48).reshape(6, 8)

FIGURES: dict[str, Callable[[], Picture]] = {
    "two sets of boxes": lambda: figures.boxes(
        IMAGES, {"true box": FRAMES, "predicted box": OFF},
        notes=[f"{CLASSES[kind + 1]}, IoU 0.71" for kind in KINDS], title="Twelve pictures",
    ),
    "one box": lambda: figures.boxes([GREY], {"a box": [[0, 0.25, 0.5, 1]]}),
    "boxes, many columns": lambda: figures.boxes(IMAGES, {"true box": FRAMES}, columns=8),
    "classes": lambda: figures.class_maps(
        PICTURES, {"truth": MASKS, "prediction": np.roll(MASKS, 2, axis=2)}, CLASSES, title="Six pictures"
    ),
    "classes, wide": lambda: figures.class_maps(WIDE, {"truth": WIDE_MASK}, CLASSES),
    "classes, two": lambda: figures.class_maps(
        [GREY], {"stripes": [(GREY * 40).astype(int) % 2]}, ["no road", "road"]
    ),
}  # fmt: skip


def test_words_state_how_well_boxes_agree() -> None:
    """Half of A and half of B are in common: a third of their union."""
    alt = figures.boxes([GREY], {"A": [[0, 0, 1, 0.5]], "B": [[0, 0.25, 1, 0.75]]}).alt
    assert "1 picture of 6×8 values, each with a box: A (solid) and B (dashed)" in alt
    assert "Intersection over union of the two: 0.33." in alt


def test_boxes_without_a_common_pixel_agree_at_nought() -> None:
    """Neither boxes that are apart nor boxes without an area divide by zero."""
    alt = figures.boxes([GREY], {"A": [[0, 0, 0.2, 0.2]], "B": [[0.5, 0.5, 1, 1]]}).alt
    assert alt.endswith("Intersection over union of the two: 0.")
    assert figures.boxes([GREY], {"A": [[0, 0, 0, 0]], "B": [[0, 0, 0, 0]]}).alt.endswith("two: 0.")


def test_words_state_the_classes() -> None:
    """What each picture shows, and how far the second set of maps agrees."""
    alt = FIGURES["classes"]().alt
    shown = [CLASSES[number] for number in np.unique(MASKS[0]) if number]
    assert f"truth: 1 {', '.join(shown)};" in alt
    same = 100 * np.mean(MASKS[0] == np.roll(MASKS[0], 2, axis=1))
    assert f"prediction: agrees with truth at {same:.1f} %," in alt


def test_words_state_what_holds_nothing() -> None:
    """A picture of ground alone is named as such."""
    alt = figures.class_maps([GREY], {"truth": np.zeros((1, 6, 8), int)}, ["ground", "road"]).alt
    assert "truth: 1 nothing but ground." in alt


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pictures": []}, "at least one entry in pictures"),
        ({"sets": {}}, "at least one entry in sets"),
        ({"sets": {"a": [[0, 0, 1]]}}, r"'a' of shape \(1, 4\), finite. Received shape \(1, 3\)"),
        ({"sets": {"a": [[0, 0, 1, np.nan]]}}, "'a' of shape"),
        ({"sets": {name: [[0, 0, 1, 1]] for name in "abc"}}, "2 sets .* Received 1, 3 and 0"),
        ({"notes": ["a", "b"]}, "a note for each picture or none. Received 1, 1 and 2"),
        ({"columns": 9}, "columns to be an integer from 1 to 8. Received 9"),
    ],
)
def test_boxes_that_cannot_be_drawn_are_refused(options: dict[str, Any], message: str) -> None:
    """The message says what was expected and what came."""
    given = {"pictures": [GREY], "sets": {"a": [[0, 0, 1, 1]]}} | options
    with pytest.raises(ValueError, match=message):
        figures.boxes(given.pop("pictures"), given.pop("sets"), **given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pictures": []}, "at least one entry in pictures"),
        ({"maps": {}}, "at least one entry in maps"),
        ({"names": ["road"]}, "2 to 8 names. Received 1 and 1"),
        ({"maps": {"a": np.zeros((1, 6, 7), int)}}, r"'a' of shape \(1, 6, 8\).*Received shape \(1, 6, 7\)"),
        ({"maps": {"a": np.zeros((1, 6, 8))}}, "whole numbers from 0 to 1. .* dtype float64"),
        ({"maps": {"a": np.full((1, 6, 8), 2)}}, "whole numbers from 0 to 1"),
    ],
)
def test_classes_that_cannot_be_drawn_are_refused(options: dict[str, Any], message: str) -> None:
    """The message says what was expected and what came."""
    given = {"pictures": [GREY], "maps": {"a": np.zeros((1, 6, 8), int)}, "names": ["ground", "road"]} | options
    with pytest.raises(ValueError, match=message):
        figures.class_maps(**given)
