"""Figures and exploration of lab 01: small, the same bytes each time, readable, and told in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from course import explore, figures
from course.explore import _exploration
from course.figures import Picture

AND, OR, XOR = (0, 0, 0, 1), (0, 1, 1, 1), (0, 1, 1, 0)

FIGURES: dict[str, Callable[[], Picture]] = {
    "one neuron": lambda: figures.neurons({"XOR": (1, -1, -0.5, XOR)}),
    "never fires": lambda: figures.neurons({"AND": (0, 0, -1, AND)}),
    "always fires": lambda: figures.neurons({"OR": (0, 0, 1, OR)}),
    "four neurons": lambda: figures.neurons(
        {"AND": (1, 1, -1.5, AND), "OR": (1, 1, -0.5, OR), "XOR": (1, 1, -0.5, XOR), "NAND": (-2, -2, 3, XOR)}
    ),
    "network": lambda: figures.dense_network([1, 3, 1]),
    "large network": lambda: figures.dense_network([8, 8, 8, 8, 8]),
    "smallest network": lambda: figures.dense_network([1, 1]),
    "scan": lambda: figures.sub_networks(9, 3),
    "long scan": lambda: figures.sub_networks(12, 5),
    "short scan": lambda: figures.sub_networks(3, 1),
    "one window": lambda: figures.sub_networks(3, 3),
}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("one neuron", ["1·x₁ − 1·x₂ − 0.5 > 0 is right for 3 of 4 inputs, wrong for (0, 1)."]),
        ("never fires", ["right for 3 of 4 inputs, wrong for (1, 1)."]),
        (
            "four neurons",
            ["AND: the neuron 1·x₁ + 1·x₂ − 1.5 > 0 is right for 4 of 4 inputs.", "wrong for (0, 0)"],
        ),
        ("network", ["1·3 + 3 = 6, then 3·1 + 1 = 4; 10 in all."]),
        ("scan", ["A row of 9 pixels. 7 networks with the same weights", "Each reads 3 neighbours"]),
        ("one window", ["1 network with the same weights"]),
    ],
)
def test_alternative_text_states_the_numbers(name: str, facts: list[str]) -> None:
    """The numbers stand in the words, not only in the drawing."""
    assert [fact for fact in facts if fact not in FIGURES[name]().alt] == []


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.neurons({}), "at least one entry in rules"),
        (lambda: figures.neurons({str(i): (1, 1, 1, AND) for i in range(5)}), "at most 4 neurons. Received 5"),
        (lambda: figures.neurons({"a": (1, 1, 1)}), "'a' as .weight, weight, bias, four targets"),
        (lambda: figures.neurons({"a": (1, 1, 1, (0, 1, 2, 0))}), "four targets of 0 or 1"),
        (lambda: figures.dense_network([3]), "2 to 5 sizes. Received 1"),
        (lambda: figures.dense_network([3, 9]), "from 1 to 8. Received 9"),
        (lambda: figures.sub_networks(13, 3), "inputs to be an integer from 3 to 12"),
        (lambda: figures.sub_networks(4, 5), "window to be an integer from 1 to 4"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw: Callable[[], Picture], message: str) -> None:
    """The error says what was expected and what came."""
    with pytest.raises(ValueError, match=message):
        draw()


def test_the_line_is_no_yes() -> None:
    """A sum of exactly 0 does not fire, as in the lab's text."""
    assert "is right for 4 of 4" in figures.neurons({"AND": (1, 1, -1, AND)}).alt


def test_frames_show_two_that_work_and_three_that_fail() -> None:
    """Without sliders: AND and OR are solved, every try at XOR is wrong for one input."""
    solved, failed = (frame.alt for frame in explore.neuron().frames)
    assert solved.count("right for 4 of 4") == 2
    assert failed.count("right for 3 of 4") == 3


def test_sliders_and_menu_draw_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A weight, the bias and the table can be changed."""
    monkeypatch.setattr(_exploration, "living", lambda: True)
    first, second, bias, table, view = explore.neuron().widget.children
    first.value, second.value, bias.value, table.value = 1, 2, -2, "AND"
    assert view.value == figures.neurons({"AND": (1, 2, -2, AND)}).html


def test_no_sliders_solve_xor() -> None:
    """What the text says: none of the weights that the sliders reach gives XOR."""
    found = [
        (first, second, bias)
        for first in range(-4, 5)
        for second in range(-4, 5)
        for bias in range(-7, 8)
        if all((first * x + second * y + bias > 0) == (x != y) for x in (0, 1) for y in (0, 1))
    ]
    assert found == []
