"""Figures and explorations of lab 06: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from course import explore, figures
from course.explore import _exploration
from course.figures import Picture

W12 = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]
W14 = [[31, 15, 28, 184], [0, 100, 70, 38], [12, 12, 7, 2], [12, 12, 45, 6]]
X = np.linspace(-5, 5, 51)
LINES = {"a[x]": (X, np.tanh(X)), "its slope": (X, 1 - np.tanh(X) ** 2)}

FIGURES: dict[str, Callable[[], Picture]] = {
    "lecture": lambda: figures.pooling(W12, 2, 2, title="Side 2, stride 2"),
    "first window": lambda: figures.pooling(W14, 2, 2, step=0),
    "overlapping": lambda: figures.pooling(np.arange(49).reshape(7, 7) - 20.5, 3, 2, step=5),
    "one window": lambda: figures.pooling([[-3, -1]], 1, 3),
    "all in one": lambda: figures.pooling(np.full((5, 5), -888.25), 5, 1, title="One window for everything"),
    "panels": lambda: figures.panels(
        {f"curve {i}": LINES for i in range(10)}, xlabel="x (no unit)", ylabel="a[x]"
    ),
    "panels, few": lambda: figures.panels({"tanh": LINES}, xlabel="x", ylabel="value", columns=3),
}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("lecture", ["Window 4 of 4", "max so far: 6 8; 3 4;", "average so far: 3.25 5.25; 2 2."]),
        ("first window", ["max of 31, 15, 0, 100 = 100", "average: 146 / 4 = 36.5", "max so far: 100 blank;"]),
        ("overlapping", ["Window 6 of 9", "windows of 3×3 and stride 2"]),
        ("panels", ["a[x] against x (no unit), 10 charts", "curve 9, a[x]: from −1 at −5 to 1 at 5."]),
    ],
)
def test_alternative_text_states_the_numbers(name: str, facts: list[str]) -> None:
    """The numbers stand in the words, not only in the drawing."""
    alt = FIGURES[name]().alt
    assert [fact for fact in facts if fact not in alt] == [] and alt.endswith(".")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.pooling(W12, 5, 1), "side .*from 1 to 4. Received 5"),
        (lambda: figures.pooling(W12, 2, 0), "stride .*at least 1. Received 0"),
        (lambda: figures.pooling(W12, 2, 2, step=4), "step .*from 0 to 3. Received 4"),
        (lambda: figures.pooling([1, 2], 1, 1), r"grid of shape \(height, width\).*\(2,\)"),
        (lambda: figures.pooling(np.ones((4, 30)), 2, 2), r"narrow enough.*\(4, 30\)"),
        (lambda: figures.panels({}, xlabel="x", ylabel="y"), "at least one entry in charts"),
        (lambda: figures.panels({"a": {}}, xlabel="x", ylabel="y"), "at least one entry in charts' lines"),
        (lambda: figures.panels({str(i): LINES for i in range(13)}, xlabel="x", ylabel="y"), "Received 13 and 2"),
        (lambda: figures.panels({"a": {"b": ([1, 2], [1])}}, xlabel="x", ylabel="y"), "of one length"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw: Callable[[], Picture], message: str) -> None:
    """The message says what was expected and what came."""
    with pytest.raises(ValueError, match=message):
        draw()


def test_exploration_stands_still_without_a_kernel() -> None:
    """First and last window, as pictures."""
    exploration = explore.pooling(W12)
    assert exploration.widget is None and len(exploration.frames) == 2
    assert "Window 1 of 4" in exploration.frames[0].alt and "Window 4 of 4" in exploration.frames[1].alt


def test_exploration_follows_its_sliders(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wider window is drawn at once, and a window beyond the last is the last."""
    monkeypatch.setattr(_exploration, "living", lambda: True)
    *sliders, view = explore.pooling(W12).widget.children
    side, stride, window = sliders
    window.value = 4
    assert "Window 4 of 4" in view.value
    stride.value = 1
    assert "Window 4 of 9" in view.value
    side.value = 4
    assert "Window 1 of 1" in view.value and "windows of 4×4" in view.value
