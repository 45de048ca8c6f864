"""Figures and exploration of lab 03: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from course import explore, figures
from course.explore import _exploration
from course.figures import Picture
from course.questions.lab03_volumes import ANIMATION, ANIMATION_B, ANIMATION_W

LAYER = (ANIMATION, ANIMATION_W, ANIMATION_B)
FIGURES: dict[str, Callable[[], Picture]] = {
    "six filters": lambda: figures.filter_volume((32, 32, 3), (5, 5), 6),
    "neurons": lambda: figures.filter_volume((32, 32, 3), (5, 5), 6, places=((4, 5), (19, 16)), neurons=True),
    "one by one": lambda: figures.filter_volume((56, 56, 64), (1, 1), 32, places=((30, 22),)),
    "wide": lambda: figures.filter_volume((6, 20, 1), (2, 7), 1, places=((4, 13), (0, 0))),
    "one pixel": lambda: figures.filter_volume((1, 1, 512), (1, 1), 1000, places=((0, 0),)),
    "first": lambda: figures.channel_products(*LAYER, step=0, stride=2, pad=1),
    "second filter": lambda: figures.channel_products(*LAYER, step=13, stride=2, pad=1),
    "one channel": lambda: figures.channel_products(
        np.arange(20).reshape(4, 5, 1) / 4, np.ones((2, 3, 1, 1)), [-0.5], step=3
    ),
    "one by one, number by number": lambda: figures.channel_products(
        np.arange(12).reshape(2, 2, 3), [[[[1, 0], [-1, 2], [0, 1]]]], [0, -7], step=7
    ),
}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("six filters", ["input 32×32×3", "each 75 weights + 1 bias", "output 28×28×6", "row 6, column 8"]),
        ("neurons", ["6 sheets of 28×28 neurons", "row 19, column 16"]),
        ("one by one", ["64 channels (6 drawn)", "each 64 weights", "output 56×56×32"]),
        ("first", ["Step 1 of 18", "Channel 1:", "(−2) + (−2) + (−3) + bias 1 = −6"]),
        (
            "second filter",
            ["filter 1 at row 1, column 1", "4 + (−1) + 1 + bias 0 = 4", "−6 −7 −5; −9 −6 −9; 3 −5 −8"],
        ),
        ("one channel", ["1.25·1 + 1.5·1 + 1.75·1", "bias (−0.5)"]),
    ],
)
def test_alternative_text_states_the_numbers(name: str, facts: list[str]) -> None:
    """The numbers stand in the words, not only in the drawing."""
    assert [fact for fact in facts if fact not in FIGURES[name]().alt] == []
    assert FIGURES[name]().alt.endswith(".")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.filter_volume((32, 32), (5, 5), 6), r"\(height, width, channels\).*\(32, 32\)"),
        (lambda: figures.filter_volume((4, 9, 3), (5, 5), 6), r"no larger than \(4, 9\).*\(5, 5\)"),
        (lambda: figures.filter_volume((9, 9, 3), (5, 5), 6, places=((5, 0),)), "row .*from 0 to 4. Received 5"),
        (lambda: figures.filter_volume((9, 9, 3), (5, 5), 0), "filters .*at least 1"),
        (lambda: figures.filter_volume((9, 9, 3), (5, 5), 2, places=()), "at least one entry in places"),
        (lambda: figures.filter_volume((9, 9, 3), (5, 5), 2, places=((0, 0),) * 3), "at most 2 places"),
        (lambda: figures.channel_products(ANIMATION, ANIMATION_W[:, :, :2], [0, 0], step=0), "c_in, c_out"),
        (lambda: figures.channel_products(ANIMATION, ANIMATION_W, [0], step=0), r"b of shape \(2,\)"),
        (lambda: figures.channel_products(*LAYER, step=18, stride=2, pad=1), "from 0 to 17. Received 18"),
        (
            lambda: figures.channel_products(ANIMATION[:2], ANIMATION_W, [0, 0], step=0),
            "no larger than the padded",
        ),
        (
            lambda: figures.channel_products(np.ones((9, 30, 1)), np.ones((3, 3, 1, 1)), [0], step=0),
            "small enough",
        ),
    ],
)
def test_wrong_arguments_are_named(draw: Callable[[], Picture], message: str) -> None:
    """A refusal says what was expected and what was received."""
    with pytest.raises(ValueError, match=rf"^Expected .*{message}"):
        draw()


def test_frames_are_the_first_and_the_last_output() -> None:
    """Without widgets the exploration shows where it begins and where it ends."""
    frames = explore.channel_products(*LAYER, stride=2, pad=1).frames
    assert [frame.png for frame in frames] == [
        figures.channel_products(*LAYER, step=step, stride=2, pad=1).png for step in (0, 17)
    ]
    assert all(len(frame.png) <= 60_000 for frame in frames)


def test_one_output_is_one_frame() -> None:
    """A filter as large as the picture has a single place."""
    assert len(explore.channel_products(np.ones((2, 2, 1)), np.ones((2, 2, 1, 1)), [0]).frames) == 1


def test_slider_goes_through_all_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last position of the slider is the last place of the last filter."""
    monkeypatch.setattr(_exploration, "living", lambda: True)
    slider, view = explore.channel_products(*LAYER, stride=2, pad=1).widget.children
    slider.value = slider.max
    assert "Step 18 of 18: filter 1 at row 2, column 2" in view.value
