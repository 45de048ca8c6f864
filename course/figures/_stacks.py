"""Stacks of convolutions: what one number at the end sees of each level before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._board import Board
from ._style import BLUE, GREY, MAX_WIDTH, PALE, SKY, SMALL, in_house_style
from ._values import filled, plural, whole
from .picture import Picture

LEVEL = 0.52  # inches from one row to the next


@in_house_style
def staircase(stacks: Mapping[str, Sequence[int]]) -> Picture:
    """Draw stacks of filters side by side: one row of pixels at the foot, one number at the top.

    Every convolution has stride 1. Cells that the number at the top depends on carry a dot; the others are empty.

    Args:
        stacks: What stands above a stack -> sides of its filters in pixels, the first one next to the input; up to
            4 stacks of up to 6 layers, odd sides that together see up to 15 pixels.

    Raises:
        ValueError: If there is no stack, or one is larger.
    """
    filled(stacks, "stacks")
    if len(stacks) > 4:
        raise ValueError(f"Expected at most 4 stacks. Received {len(stacks)}.")
    levels = {name: _seen(name, sides) for name, sides in stacks.items()}
    deepest = max(len(counts) for counts in levels.values())
    panel = MAX_WIDTH / len(levels)
    board = Board(MAX_WIDTH, 0.65 + LEVEL * deepest + 0.15)
    cell = min(0.26, (panel - 0.3) / max(counts[0] for counts in levels.values()))
    words = []
    for number, (name, counts) in enumerate(levels.items()):
        middle = panel * (number + 0.5)
        board.text(middle, 0.17, name, weight="bold")
        _stack(board, middle, 0.55 + LEVEL * (deepest - len(counts)), counts, cell)
        steps = ", ".join(str(count) for count in reversed(counts))
        sides = " and ".join(f"{side}×{side}" for side in stacks[name])
        words.append(f"{name}: filters {sides}; seen from the output down to the input: {steps} in a row.")
    foot = board.height - 0.12
    board.text(
        0.1, foot, "Dots: what the number at the top depends on, in one row of pixels.", size=SMALL, ha="left"
    )
    return board.finish(f"{plural(len(levels), 'stack')} of filters with stride 1. {' '.join(words)}")


def _seen(name: str, sides: Sequence[int]) -> list[int]:
    """How many neighbours in a row the last number depends on, at the input and after each layer."""
    filled(sides, f"stack {name!r}")
    if len(sides) > 6:
        raise ValueError(f"Expected at most 6 layers in {name!r}. Received {len(sides)}.")
    counts = [1]
    for side in reversed(sides):
        if whole("each side", side, 1, 15) % 2 == 0:
            raise ValueError(f"Expected odd sides in {name!r}. Received {side}.")
        counts.append(counts[-1] + side - 1)
    if counts[-1] > 15:
        raise ValueError(f"Expected {name!r} to see at most 15 pixels. Received {counts[-1]}.")
    return counts[::-1]


def _stack(board: Board, middle: float, top: float, counts: Sequence[int], cell: float) -> None:
    """Rows of cells beneath one another, the input last, and lines along the sides of the staircase."""
    widest = counts[0]
    for level, count in enumerate(reversed(counts)):
        y = top + LEVEL * level
        shown = count if level == 0 else widest
        for place in range(shown):
            left = middle + (place - shown / 2) * cell
            inside = abs(place - (shown - 1) / 2) <= (count - 1) / 2
            board.box(left, y, cell, cell, fill=SKY if inside else "white", edge=GREY if inside else PALE)
            if inside:
                board.line(
                    left + cell / 2, y + cell / 2, left + cell / 2, y + cell / 2, color=BLUE, marker="o", ms=4
                )
        what = "output" if level == 0 else "input" if level == len(counts) - 1 else "between"
        board.text(middle, y - 0.1, f"{what}: {count}", size=SMALL, boxed=True)
        if level:
            for side in (-1, 1):
                above = middle + side * counts[len(counts) - level] * cell / 2
                board.line(above, y - LEVEL + cell, middle + side * count * cell / 2, y, ls="--")
