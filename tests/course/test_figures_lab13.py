"""Lab 13's figure: small, readable, told in words, and with the right things in it."""

from __future__ import annotations

import pytest

from course import figures

BASIC = ["conv 3×3", "norm", "ReLU", "conv 3×3", "norm"]
NARROW = ["conv 1×1, 64", "norm", "ReLU", "conv 3×3, 64", "norm", "ReLU", "conv 1×1, 256", "norm"]

FIGURES = {
    "four blocks": lambda: figures.block_diagrams(
        {
            "plain, no shortcut": ([*BASIC, "ReLU"], None),
            "the shape stays": ([*BASIC, "add", "ReLU"], ""),
            "new shape, A": ([*BASIC, "add", "ReLU"], "every 2nd pixel, zeros"),
            "new shape, B": ([*BASIC, "add", "ReLU"], "conv 1×1, norm"),
        },
        note="Solid line: the input as it is. Dashed: it is changed first, so that its shape fits.",
    ),
    "two blocks": lambda: figures.block_diagrams(
        {"basic block": ([*BASIC, "add", "ReLU"], ""), "bottleneck": ([*NARROW, "add", "ReLU"], "")}
    ),
    "one block": lambda: figures.block_diagrams({"two layers": (["conv 3×3", "add"], "")}),
}


def test_words_name_layers_and_shortcuts():
    """The alternative text says what is on the way, and what goes around."""
    alt = FIGURES["four blocks"]().alt
    assert "plain, no shortcut: x, then conv 3×3, norm, ReLU, conv 3×3, norm, ReLU; no shortcut." in alt
    assert "norm, the addition, ReLU; a shortcut that brings x as it is." in alt
    assert "a shortcut: every 2nd pixel, zeros." in alt


@pytest.mark.parametrize(
    "blocks",
    [
        {},
        {str(number): (["conv"], None) for number in range(6)},
        {"a": ([], None)},
        {"a": (["conv"], "")},
        {"a": (["conv", "add"], None)},
    ],
)
def test_what_cannot_be_drawn_is_refused(blocks):
    """No block, too many, one without layers, a shortcut that arrives nowhere, an addition of nothing."""
    with pytest.raises(ValueError, match="Expected"):
        figures.block_diagrams(blocks)
