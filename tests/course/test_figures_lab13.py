"""Lab 13's figure: small, readable, told in words, and with the right things in it."""

from __future__ import annotations

import io
from itertools import combinations

import pytest
from matplotlib.figure import Figure
from PIL import Image

from course import figures
from course.figures import Picture, _style
from tests.course.test_figures import texts

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


@pytest.fixture(scope="module")
def both() -> dict[str, tuple[Picture, Figure]]:
    """Every figure of the list, drawn once: the picture and the Matplotlib figure behind it."""
    kept: list[Figure] = []
    finish = _style.finish

    def keep(figure: Figure, alt: str) -> Picture:
        kept.append(figure)
        return finish(figure, alt)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course.figures._board.finish", keep)
        return {name: (draw(), kept[-1]) for name, draw in FIGURES.items()}


every = pytest.mark.parametrize("name", FIGURES)


@every
def test_small_and_as_wide_as_a_column(both, name):
    """At most 60 kB, at most 900 pixels wide, white corners."""
    picture = both[name][0]
    assert len(picture.png) <= 60_000 and picture.size[0] <= 900
    image = Image.open(io.BytesIO(picture.png)).convert("RGB")
    assert image.getpixel((0, 0)) == image.getpixel((image.width - 1, image.height - 1)) == (255, 255, 255)


@every
def test_texts_are_readable(both, name):
    """Letters are at least 10 pixels high, lie inside the picture, and do not cover one another."""
    figure = both[name][1]
    seen = texts(figure)
    assert min(text.get_fontsize() for text, _ in seen) * figure.dpi / 72 >= 10
    for text, box in seen:
        inside = box.x0 > -1 and box.y0 > -1 and box.x1 < figure.bbox.width + 1 and box.y1 < figure.bbox.height + 1
        assert inside, f"{text.get_text()!r} leaves the picture"
    for (one, first), (other, second) in combinations(seen, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        down = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across < 2 or down < 2, f"{one.get_text()!r} covers {other.get_text()!r}"


@every
def test_same_bytes_twice(both, name):
    """Nothing in the file depends on the time of drawing."""
    assert FIGURES[name]().png == both[name][0].png


@every
def test_has_alternative_text(both, name):
    """Every picture is told in sentences that hold a number."""
    alt = both[name][0].alt
    assert any(character.isdigit() for character in alt) and alt.endswith(".")


def test_words_name_layers_and_shortcuts(both):
    """The alternative text says what is on the way, and what goes around."""
    alt = both["four blocks"][0].alt
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
