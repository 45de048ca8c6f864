"""Blocks of layers as diagrams: the way through the layers, and the shortcut around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._board import Board
from ._style import BLACK, MAX_WIDTH, SMALL, VERMILION, in_house_style, text_width, wrap
from ._values import filled, plural
from .picture import Picture

STEP, HIGH = 0.44, 0.28  # inches from one box to the next, and of a box
FILLS = {"conv": "#D6ECFA", "norm": "#FBE6C4", "ReLU": "white"}


@in_house_style
def block_diagrams(blocks: Mapping[str, Sequence[Any]], *, note: str = "") -> Picture:
    """Draw blocks side by side, input above, output below, shortcuts at the right.

    Args:
        blocks: Heading -> (layers, shortcut); layers are names from the first to the last, "add" where the
            shortcut arrives; shortcut is None for none, "" for the input as it is (a solid line), or the name of
            what it does (a dashed line).
        note: A sentence under the picture.

    Raises:
        ValueError: If there is no block, more than 5, one without layers, or a shortcut without an "add".
    """
    filled(blocks, "blocks")
    if len(blocks) > 5:
        raise ValueError(f"Expected at most 5 blocks. Received {len(blocks)}.")
    plans = {name: (list(layers), shortcut) for name, (layers, shortcut) in blocks.items()}
    for name, (layers, shortcut) in plans.items():
        if not layers or (shortcut is not None) != ("add" in layers):
            raise ValueError(
                f"Expected layers in {name!r}, and `add` where a shortcut arrives. Received {layers}."
            )
    slot = (MAX_WIDTH - 0.2) / max(len(plans), 3)
    wide = max(text_width(layer, SMALL) for layers, _ in plans.values() for layer in layers) + 0.16
    headings = {name: wrap(name, slot - 0.15, bold=True) for name in plans}
    head = 0.2 * max(map(len, headings.values())) + 0.15
    foot = wrap(note, MAX_WIDTH - 0.3, SMALL) if note else []
    count = max(len(layers) for layers, _ in plans.values())
    board = Board(0.2 + slot * max(len(plans), 2), head + 0.55 + STEP * count + 0.35 + 0.19 * len(foot))
    for index, (name, (layers, shortcut)) in enumerate(plans.items()):
        left = 0.15 + slot * index
        board.lines(headings[name], left, 0.17, weight="bold")
        _column(board, left + 0.05, head, layers, shortcut, wide)
    if foot:
        board.lines(foot, 0.15, board.height - 0.19 * len(foot), size=SMALL)
    words = " ".join(f"{name}: {_words(layers, shortcut)}" for name, (layers, shortcut) in plans.items())
    return board.finish(f"{plural(len(plans), 'block')} of layers. {words} {note}".strip())


def _column(board: Board, left: float, top: float, layers: list[str], shortcut: str | None, wide: float) -> None:
    """One block, its upper end at `top`."""
    middle = left + wide / 2
    board.text(middle, top + 0.1, "x", weight="bold")
    fork, y, meets = top + 0.27, top + 0.45, 0.0
    board.line(middle, top + 0.2, middle, fork, color=BLACK)
    before = fork
    for layer in layers:
        board.arrow(middle, before, middle, y)
        if layer == "add":
            board.line(
                middle, y + HIGH / 2, middle, y + HIGH / 2, marker="o", ms=15, mfc="white", mec=BLACK, mew=1.2
            )
            board.text(middle, y + HIGH / 2, "+", weight="bold", zorder=5)
            meets = y + HIGH / 2
        else:
            fill = next((colour for key, colour in FILLS.items() if key in layer), "white")
            board.box(left, y, wide, HIGH, fill=fill, edge=BLACK)
            board.text(middle, y + HIGH / 2, layer, size=SMALL)
        before, y = y + HIGH, y + STEP
    board.arrow(middle, before, middle, before + 0.22)
    if shortcut is not None:
        right = left + wide + 0.2
        style = {"color": VERMILION, "lw": 2.0, "ls": "--" if shortcut else "-"}
        board.line(middle, fork, right, fork, **style)
        board.line(right, fork, right, meets, **style)
        board.line(right, meets, middle + 0.13, meets, **style)
        lines = wrap(shortcut or "x as it is", 0.72, SMALL)
        for number, line in enumerate(lines):
            board.text(
                right + 0.08,
                (fork + meets) / 2 + 0.19 * (number - (len(lines) - 1) / 2),
                line,
                size=SMALL,
                ha="left",
            )


def _words(layers: list[str], shortcut: str | None) -> str:
    way = ", ".join("the addition" if layer == "add" else layer for layer in layers)
    around = {None: "no shortcut", "": "a shortcut that brings x as it is"}.get(
        shortcut, f"a shortcut: {shortcut}"
    )
    return f"x, then {way}; {around}."
