"""What is counted: connections that are dense, local and shared; and columns of a table of networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._board import Board
from ._style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MAX_WIDTH,
    PURPLE,
    SMALL,
    VERMILION,
    finish,
    in_house_style,
    text_width,
)
from ._values import filled, plural, whole
from .picture import Picture

# One colour and one dash for each weight of a shared filter.
WEIGHTS = (
    (BLUE, "-"),
    (VERMILION, (0, (4, 1.5))),
    (GREEN, (0, (1, 1))),
    (PURPLE, (0, (6, 1, 1, 1))),
    (BLACK, "-"),
)
# What a layer's name begins with -> its colour and what the legend calls it.
KINDS = {
    "conv3": ("#9DCBEA", "3×3 filters"),
    "conv1": ("#FBE6C4", "1×1 filters"),
    "fc": ("#E9C7DA", "dense"),
    "": ("white", "no weights"),
}
MARK = 0.3  # inches


@in_house_style
def sharing(inputs: int, filter: int) -> Picture:
    """Draw one layer three times: every connection, only the near ones, and the near ones with shared weights.

    Args:
        inputs: Values that go in, 3 to 12.
        filter: Neighbours that one output reads when connections are cut, 1 to 5; no more than `inputs`.

    Raises:
        ValueError: If one of them is outside its range.
    """
    inputs = whole("inputs", inputs, 3, 12)
    filter = whole("filter", filter, 1, min(5, inputs))
    outputs = inputs - filter + 1
    counts = (inputs * outputs, filter * outputs, filter)
    titles = ("dense", "cut: neighbours only", "shared: one filter")
    board = Board(MAX_WIDTH, 2.75)
    panel = MAX_WIDTH / 3
    for index, (title, count) in enumerate(zip(titles, counts, strict=True)):
        left = index * panel + 0.15
        board.text(left, 0.17, title, ha="left", weight="bold")
        board.text(left, 0.38, plural(count, "weight"), ha="left", size=SMALL)
        _connections(board, left, panel - 0.3, inputs, filter, kind=index)
    board.text(
        0.15, 2.6, "Above: outputs. Below: inputs. Equal lines on the right are one weight.", size=SMALL, ha="left"
    )
    words = ", ".join(f"{title} {count}" for title, count in zip(titles, counts, strict=True))
    return finish(
        board.figure,
        f"A layer from {inputs} inputs to {outputs} outputs, drawn three times. Weights: {words}. "
        f"Cut, every output reads {plural(filter, 'neighbour')}; shared, all outputs use the same weights.",
    )


def _connections(board: Board, left: float, width: float, inputs: int, filter: int, *, kind: int) -> None:
    """Lines from inputs to outputs, then the dots over them; kind 0 is dense, 1 cut, 2 shared."""
    top, bottom, step = 0.75, 2.3, width / inputs
    outputs = inputs - filter + 1

    def x(place: float) -> float:
        return left + step * (place + 0.5)

    for output in range(outputs):
        reads = range(inputs) if kind == 0 else range(output, output + filter)
        for number, source in enumerate(reads):
            colour, dash = WEIGHTS[number] if kind == 2 else (GREY, "-")
            above = x(output + (filter - 1) / 2)
            board.line(x(source), bottom, above, top, color=colour, ls=dash, lw=1.6 if kind == 2 else 1.0)
    for place in range(inputs):
        _dot(board, x(place), bottom)
    for place in range(outputs):
        _dot(board, x(place + (filter - 1) / 2), top)


def _dot(board: Board, x: float, y: float) -> None:
    board.line(x, y, x, y, color="white", marker="o", ms=10, mec=BLACK, mew=1.0)


@in_house_style
def columns(table: Mapping[str, Sequence[str]]) -> Picture:
    """Draw networks as columns of layer names, blocks between two poolings side by side.

    Names that begin with "conv1" are hatched, so that a 1×1 layer is seen among the others. A legend below
    names the kinds of layers that are there.

    Args:
        table: What stands above a column -> names of its layers from input to output; "maxpool" ends a block.

    Raises:
        ValueError: If there is no column, or columns have different numbers of blocks.
    """
    filled(table, "table")
    blocks = {name: _blocks(layers) for name, layers in table.items()}
    counts = {len(parts) for parts in blocks.values()}
    if len(counts) != 1:
        raise ValueError(f"Expected columns with equally many blocks. Received {sorted(counts)}.")
    rows = [max(len(parts[index]) for parts in blocks.values()) for index in range(counts.pop())]
    line, gap = 0.22, 0.3
    needed = max(text_width(text, SMALL, mono=True) for layers in table.values() for text in layers)
    heads = max(text_width(name, SMALL, bold=True) for name in table)
    wide = max(needed, heads) + 0.24
    width = 0.1 + wide * len(table)
    legend = _legend(table, width)
    board = Board(width, 0.45 + line * sum(rows) + gap * (len(rows) - 1) + 0.1 + 0.22 * len(legend) + 0.1)
    y = 0.45
    for number, name in enumerate(table):
        board.text(0.1 + wide * (number + 0.5), 0.2, name, size=SMALL, weight="bold")
    for index, height in enumerate(rows):
        for number, parts in enumerate(blocks.values()):
            for place, layer in enumerate(parts[index]):
                _layer(board, layer, 0.1 + wide * number, y + line * place, wide - 0.1, line - 0.03)
        y += line * height
        if index < len(rows) - 1:
            board.box(0.1, y + 0.04, width - 0.2, gap - 0.1, fill="#E4E4E4")
            board.text(width / 2, y + gap / 2 - 0.01, "maxpool", size=SMALL, color="#444444")
            y += gap
    for number, kinds in enumerate(legend):
        _legend_line(board, kinds, y + 0.22 + 0.22 * number)
    words = " ".join(f"{name}: {', '.join(layers)}." for name, layers in table.items())
    return board.finish(f"{plural(len(table), 'column')} of layers. {words}")


def _blocks(layers: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for layer in layers:
        if layer == "maxpool":
            parts.append([])
        else:
            parts[-1].append(layer)
    return parts


def _kind(layer: str) -> str:
    return next(start for start in KINDS if layer.lower().startswith(start))


def _legend(table: Mapping[str, Sequence[str]], width: float) -> list[list[str]]:
    """The kinds of layers in a table, in lines that are no wider than the figure."""
    there = {_kind(layer) for layers in table.values() for layer in layers if layer != "maxpool"}
    lines: list[list[str]] = [[]]
    for kind in (kind for kind in KINDS if kind in there):
        if lines[-1] and sum(map(_legend_width, [*lines[-1], kind])) > width - 0.2:
            lines.append([])
        lines[-1].append(kind)
    return lines


def _legend_width(kind: str) -> float:
    return MARK + 0.08 + text_width(KINDS[kind][1], SMALL) + 0.25


def _legend_line(board: Board, kinds: list[str], y: float) -> None:
    x = 0.1
    for kind in kinds:
        _box_of(board, kind, x, y - 0.07, MARK, 0.14)
        board.text(x + MARK + 0.08, y, KINDS[kind][1], size=SMALL, ha="left")
        x += _legend_width(kind)


def _box_of(board: Board, kind: str, x: float, y: float, width: float, height: float) -> None:
    hatch = "////" if kind == "conv1" else None
    board.box(x, y, width, height, fill=KINDS[kind][0], edge=GREY, hatch=hatch, ink="#EFC98F")


def _layer(board: Board, layer: str, x: float, y: float, width: float, height: float) -> None:
    _box_of(board, _kind(layer), x, y, width, height)
    board.text(x + width / 2, y + height / 2, layer, size=SMALL, mono=True)
