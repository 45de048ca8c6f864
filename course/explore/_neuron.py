"""Free play with one neuron: two weights and a bias against a table of four answers."""

from __future__ import annotations

from typing import Any

from course import figures
from course.explore._exploration import Exploration, Pane, slider
from course.figures import Picture

# What should be said for the inputs (0, 0), (0, 1), (1, 0) and (1, 1).
TABLES: dict[str, tuple[int, int, int, int]] = {
    "XOR": (0, 1, 1, 0),
    "AND": (0, 0, 0, 1),
    "OR": (0, 1, 1, 1),
    "NAND": (1, 1, 1, 0),
}


def neuron() -> Exploration:
    """Sliders for the weights and the bias of a neuron with two inputs, and a menu of what it should say.

    Without widgets: AND, OR, and three attempts at XOR that fail.
    """
    attempts = [(2, 2, -1), (-2, -2, 3), (2, -2, -1)]
    solved = {"AND": (2, 2, -3, TABLES["AND"]), "OR": (2, 2, -1, TABLES["OR"])}
    failed = {f"XOR, try {number}": (*weights, TABLES["XOR"]) for number, weights in enumerate(attempts, 1)}
    frames = [
        figures.neurons(solved).with_caption("A line parts the answers 0 from the answers 1."),
        figures.neurons(failed).with_caption("Whatever you try: no line does it for XOR."),
    ]

    def draw(first: int, second: int, bias: int, table: str) -> Picture:
        return figures.neurons({table: (first, second, bias, TABLES[table])})

    def build() -> Any:
        import ipywidgets as widgets

        controls = {
            "first": slider(2, -4, 4, "weight of x₁"),
            "second": slider(2, -4, 4, "weight of x₂"),
            "bias": slider(-1, -7, 7, "bias"),
            "table": widgets.Dropdown(options=list(TABLES), value="XOR", description="should be"),
        }
        return Pane(draw, controls).beneath(*controls.values())

    return Exploration(frames, build)
