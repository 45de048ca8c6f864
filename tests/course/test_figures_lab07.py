"""Figures and explorations of lab 07: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from course import explore, figures
from course.explore import _exploration
from course.figures import Picture

SHARES = np.pad(np.linspace(0.1, 1, 25).reshape(5, 5), ((2, 4), (3, 5)))

FIGURES: dict[str, Callable[[], Picture]] = {
    "dense and band": lambda: figures.bands({"fully connected": None, "convolution, padding 1": (3, 1, 1)}),
    "two strides": lambda: figures.bands({"padding 1, stride 1": (3, 1, 1), "padding 1, stride 2": (3, 2, 1)}),
    "no padding": lambda: figures.bands({"no padding": (2, 1, 0)}, n=4),
    "widest band": lambda: figures.bands({"eight weights": (8, 3, 3)}, n=10),
    "windows": lambda: figures.im2col(4, 5, (3, 2), windows=(0, 5), pixel=7),
    "windows with padding": lambda: figures.im2col(3, 4, (2, 3), 2, 1, windows=(0, 1, 3), pixel=6),
    "one window": lambda: figures.im2col(2, 2, (2, 2), windows=()),
    "two layers": lambda: figures.cone([(3, 1, 1, 1), (3, 1, 1, 1)], n=11),
    "with pooling": lambda: figures.cone([(3, 1, 1, 1), (2, 2, 0, 1), (3, 1, 1, 1)], n=16),
    "at the border": lambda: figures.cone([(3, 2, 1, 1), (3, 1, 1, 1), (3, 2, 2, 2)], n=23, place=0),
    "long": lambda: figures.cone([(3, 1, d, d) for d in (1, 2, 4, 8)], n=41),
    "fields": lambda: figures.field_maps(
        {f"{count} layers": SHARES for count in range(5)},
        {"0 layers": (2, 3, 5, 5), "1 layers": (1, 2, 7, 7)},
        columns=3, title="What mattered",
    ),
    "one field": lambda: figures.field_maps({"0 layers": np.zeros((4, 6))}, {}, legend="share"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("dense and band", ["6×6 weights, all different", "ω1 ω2 0 0 0 0; ω0 ω1 ω2 0 0 0", "2 weights left out"]),
        ("two strides", ["ω1 ω2 0 0 0 0; 0 ω0 ω1 ω2 0 0; 0 0 0 ω0 ω1 ω2 (3 weights, 3 rows, 1 weight left out)"]),
        ("no padding", ["ω0 ω1 0 0; 0 ω0 ω1 0; 0 0 ω0 ω1 (2 weights, 3 rows)"]),
        ("windows", ["8 windows of 6 pixels", "window 5 is 6 7 11 12 16 17", "pixel 7, 4 times in the matrix"]),
        ("windows with padding", ["window 0 is zero zero zero zero 0 1", "window 3 is 5 6 7 9 10 11"]),
        ("two layers", ["sees 5", "reads 5 pixels, from 3 to 7"]),
        ("with pooling", ["layer 2: f 2, stride 2, sees 4.", "sees 8", "reads 8 pixels"]),
        ("at the border", ["layer 3: f 3, stride 2, pad 2, dilation 2, sees 15.", "from 0 to 7"]),
        ("long", ["sees 31", "reads 31 pixels"]),
        ("fields", ["0 layers: computed 5×5, measured 5×5.", "1 layers: computed 7×7", "4 layers: measured 5×5."]),
        ("one field", ["measured nothing"]),
    ],
)
def test_alternative_text_states_the_numbers(name: str, facts: list[str]) -> None:
    """What the drawing shows stands in the words too."""
    alt = FIGURES[name]().alt
    assert [fact for fact in facts if fact not in alt] == [] and alt.endswith(".")


def test_a_number_of_pixels_with_holes() -> None:
    """Dilation 2 alone leaves holes: the field is wider than what is read."""
    assert "sees 5. It reads 3 pixels, from 3 to 7" in figures.cone([(3, 1, 2, 2)], n=11).alt


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.bands({}), "at least one entry in matrices"),
        (lambda: figures.bands({"a": (9, 1, 0)}, n=10), "k .*from 1 to 8. Received 9"),
        (lambda: figures.bands({"a": (5, 1, 0)}, n=4), "a filter that fits into 4"),
        (lambda: figures.bands({str(i): None for i in range(5)}), "narrow enough"),
        (lambda: figures.im2col(3, 3, (4, 1)), r"fits into 3×3 pixels with padding 0. Received \(4, 1\)"),
        (lambda: figures.im2col(3, 3, (2, 2), windows=(4,)), "each window .*from 0 to 3. Received 4"),
        (lambda: figures.im2col(3, 3, (1, 1), windows=range(5)), "at most 4 framed windows"),
        (lambda: figures.im2col(3, 3, (2, 2), pixel=9), "pixel .*from 0 to 8. Received 9"),
        (lambda: figures.im2col(9, 9, (2, 2)), "at most 30 windows"),
        (lambda: figures.cone([]), "at least one entry in layers"),
        (lambda: figures.cone([(3, 1, 1, 1)] * 7), "at most 6 layers. Received 7"),
        (lambda: figures.cone([(5, 1, 0, 1)], n=4), "fit into 4 pixels"),
        (lambda: figures.cone([(3, 1, 0, 1)], n=5, place=3), "place .*from 0 to 2. Received 3"),
        (lambda: figures.field_maps({}, {}), "at least one entry in shares"),
        (lambda: figures.field_maps({"a": [[2.0]]}, {}), "shares from 0 to 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw: Callable[[], Picture], message: str) -> None:
    """The message says what was expected and what was received."""
    with pytest.raises(ValueError, match=message):
        draw()


def test_explorations_stand_still_without_a_kernel() -> None:
    """The frames teach alone: two windows; the given layers, then strides, then dilations."""
    assert ["Window 0", "Window 4"] == [frame.caption[:8] for frame in explore.im2col().frames]
    sizes = [frame.alt.split("sees ")[-1].split(".")[0] for frame in explore.cone().frames]
    assert sizes == ["7", "15", "15"]


def test_sliders_draw_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another window gets the frame; more layers see more."""
    monkeypatch.setattr(_exploration, "living", lambda: True)
    window, view = explore.im2col().widget.children
    window.value = 5
    assert view.value == figures.im2col(4, 5, (3, 2), windows=[5]).html
    *controls, view = explore.cone().widget.children
    controls[0].value = 5
    assert "sees 11" in view.value
