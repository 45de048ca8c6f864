"""Whole networks: their volumes in a row, and where their costs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from ._board import Board
from ._style import BLUE, DPI, GREY, MAX_WIDTH, SMALL, TEXT, VERMILION, finish, in_house_style, text_width, wrap
from ._values import filled, plural, whole
from .picture import Picture

SLANT = 0.35  # how far a line into the depth of the page goes to the right and up, per inch of its length
NOTE = "Bars: share of the total in %, each panel on its own scale. Hatched: dense (fully connected) layers."
COSTS = {"params": "parameters", "memory": "values kept", "macs": "multiply-adds"}


def _shape(shape: Any) -> tuple[int, ...]:
    sizes = tuple(shape)
    if len(sizes) not in (1, 3):
        raise ValueError(f"Expected a shape (height, width, channels) or (units,). Received {sizes}.")
    return tuple(whole("each size", size, 1) for size in sizes)


def _drawn(shape: tuple[int, ...], top: tuple[float, float, float]) -> tuple[float, float, float]:
    """Height, slanted width and thickness in inches, on a square-root scale so that small ones are seen."""
    space, channels, units = top
    if len(shape) == 1:
        return 0.3 + 1.2 * (shape[0] / units) ** 0.5, 0.0, 0.12
    height, width, depth = shape
    return (
        0.12 + 1.2 * (height / space) ** 0.5,
        (0.12 + 1.2 * (width / space) ** 0.5) * SLANT,
        0.08 + 0.32 * (depth / channels) ** 0.5,
    )


@in_house_style
def volumes(shapes: Sequence[Sequence[int]], labels: Sequence[str]) -> Picture:
    """Draw a network as a row of boxes: height up, width into the page, channels to the right.

    Lengths are on a square-root scale, one for height and width, one for channels, one for flat vectors.

    Args:
        shapes: (height, width, channels) or (units,), sizes in pixels, maps and values; from input to output.
        labels: What stands above each box, such as "conv 5×5"; as many as shapes.

    Raises:
        ValueError: If there is no shape, one has another number of sizes, or the labels are too many or too few.
    """
    filled(shapes, "shapes")
    if len(labels) != len(shapes):
        raise ValueError(f"Expected {len(shapes)} labels, one for each shape. Received {len(labels)}.")
    boxes = [_shape(shape) for shape in shapes]
    top = (
        max((max(box[:2]) for box in boxes if len(box) == 3), default=1),
        max((box[2] for box in boxes if len(box) == 3), default=1),
        max((box[0] for box in boxes if len(box) == 1), default=1),
    )
    drawn = [_drawn(box, top) for box in boxes]
    names = [wrap(label, 0.9) for label in labels]
    sizes = [_size(box) for box in boxes]
    slots = [
        max(slant + thick, *(text_width(line) for line in name), *(text_width(line) for line in size)) + 0.13
        for (_, slant, thick), name, size in zip(drawn, names, sizes, strict=True)
    ]
    rows = _rows(slots, MAX_WIDTH - 0.1)
    width = max(sum(slots[index] for index in row) for row in rows) + 0.1
    note = "Lengths on a square-root scale; height × width × channels, or units."
    width = max(width, text_width(note, SMALL) + 0.2)
    heights = [max(0.19 * len(names[index]) + sum(drawn[index][:2]) for index in row) + 0.75 for row in rows]
    board = Board(width, sum(heights) + 0.3)
    y = 0.0
    for row, height in zip(rows, heights, strict=True):
        x, floor = 0.05, y + height - 0.6
        for index in row:
            high, slant, thick = drawn[index]
            middle = x + slots[index] / 2
            _box(board, middle - (slant + thick) / 2, floor, drawn[index], flat=len(boxes[index]) == 1)
            above = floor - high - slant - 0.12 - 0.19 * (len(names[index]) - 1)
            board.lines(names[index], middle, above, ha="center")
            board.lines(sizes[index], middle, floor + 0.16, ha="center")
            x += slots[index]
        y += height
    board.text(0.1, y + 0.12, note, size=SMALL, ha="left", color="#444444")
    words = ", ".join(
        f"{label} {'×'.join(str(size) for size in box)}" for label, box in zip(labels, boxes, strict=True)
    )
    return board.finish(f"A network drawn as {plural(len(boxes), 'volume')}: {words}.")


def _rows(slots: Sequence[float], room: float) -> list[list[int]]:
    """Indices of the boxes in each row: as few rows as have room, none of them nearly empty."""
    for count in range(1, len(slots) + 1):
        goal = max(sum(slots) / count, max(slots))
        rows: list[list[int]] = [[]]
        filling = 0.0
        for index, slot in enumerate(slots):
            if rows[-1] and filling + slot / 2 > goal and len(rows) < count:
                rows.append([])
                filling = 0.0
            rows[-1].append(index)
            filling += slot
        if all(sum(slots[index] for index in row) <= room for row in rows):
            return rows
    return [[index] for index in range(len(slots))]


def _size(box: tuple[int, ...]) -> list[str]:
    if len(box) == 1:
        return [str(box[0])]
    return [f"{box[0]}×{box[1]}", f"×{box[2]}"]


def _box(board: Board, x: float, floor: float, drawn: tuple[float, float, float], *, flat: bool) -> None:
    """A box in oblique projection with its lower left front corner at (x, floor), or a thin bar."""
    high, slant, thick = drawn
    right, top = x + thick, floor - high
    board.polygon([(x, floor), (right, floor), (right, top), (x, top)], "#E9C7DA" if flat else "#9DCBEA")
    if not flat:
        board.polygon([(x, top), (x + slant, top - slant), (right + slant, top - slant), (right, top)], "#D6ECFA")
        board.polygon(
            [(right, floor), (right + slant, floor - slant), (right + slant, top - slant), (right, top)], "#5A9CC5"
        )


def _costs(network: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    filled(rows, f"table {network!r}")
    for row in rows:
        missing = [key for key in ("name", *COSTS) if key not in row]
        if missing:
            raise ValueError(
                f"Expected name, params, memory, macs in each row. Received one without {missing[0]}."
            )
    return [
        {"name": str(row["name"])} | {key: whole(f"{key} of {row['name']}", row[key], 0) for key in COSTS}
        for row in rows
    ]


def _percent(share: float) -> str:
    if share == 0:
        return "0"
    return f"{100 * share:.1f} %" if share >= 0.0005 else "< 0.1 %"


def _is_dense(name: str) -> bool:
    return name.lower().startswith(("fc", "dense", "fully"))


@in_house_style
def cost_bars(table: Mapping[str, Sequence[Mapping[str, Any]]]) -> Picture:
    """Draw where a network's parameters, kept values and multiply-adds are: layer by layer, in per cent.

    Layers whose name starts with "fc" or "dense" are hatched, and their share stands beneath each total.

    Args:
        table: Network -> rows from input to output, each {"name", "params", "memory", "macs"}: counts of
            parameters, of values kept for one image, and of multiply-adds.

    Raises:
        ValueError: If there is no network or row, a key is missing, or a count is no integer of at least 0.
    """
    filled(table, "table")
    networks = {name: _costs(name, rows) for name, rows in table.items()}
    line, head, foot = 0.2, 0.75, 0.2
    heights = [head + line * len(rows) + foot for rows in networks.values()]
    height = sum(heights) + 0.3
    figure = Figure(figsize=(MAX_WIDTH, height), dpi=DPI, facecolor="white")
    names = [row["name"] for rows in networks.values() for row in rows]
    margin = max(text_width(name, SMALL) for name in names) + 0.25
    panel = (MAX_WIDTH - margin - 0.1) / 3
    top, alt = 0.0, []
    for (network, rows), size in zip(networks.items(), heights, strict=True):
        figure.text(0.1 / MAX_WIDTH, 1 - (top + 0.16) / height, network, fontsize=TEXT, weight="bold", va="center")
        for index, (key, title) in enumerate(COSTS.items()):
            bottom = 1 - (top + head + line * len(rows)) / height
            axes = figure.add_axes(
                (
                    (margin + index * panel) / MAX_WIDTH, bottom,
                    (panel - 0.2) / MAX_WIDTH, line * len(rows) / height,
                )
            )  # fmt: skip
            total = sum(row[key] for row in rows)
            dense = sum(row[key] for row in rows if _is_dense(row["name"]))
            share = _percent(dense / total if total else 0)
            axes.set_title(f"{title}: {total:,}\nof these in dense layers: {share}", fontsize=SMALL, loc="left")
            most = 1.5 * max(max((100 * row[key] / total if total else 0.0) for row in rows), 1)
            for place, row in enumerate(rows):
                part = row[key] / total if total else 0.0
                fully = _is_dense(row["name"])
                axes.barh(
                    place, 100 * part, 0.72, color="white" if fully else BLUE, hatch="////" if fully else None,
                    edgecolor=VERMILION if fully else BLUE,
                )  # fmt: skip
                axes.text(100 * part + 0.02 * most, place, _percent(part), fontsize=SMALL, va="center")
            axes.set_xlim(0, most)
            axes.set_ylim(len(rows) - 0.5, -0.5)
            axes.set_xticks([])
            axes.spines[["top", "right", "bottom"]].set_visible(False)
            axes.spines["left"].set_color(GREY)
            axes.set_yticks(range(len(rows)), [row["name"] for row in rows] if index == 0 else [""] * len(rows))
            axes.tick_params(labelsize=SMALL, length=0)
            largest = max(rows, key=lambda row, key=key: row[key])
            alt.append(
                f"{network}, {title}: {total:,} in all, dense layers {share}, "
                f"largest {largest['name']} with {_percent(largest[key] / total if total else 0)}."
            )
        top += size
    figure.text(
        0.1 / MAX_WIDTH, 0.15 / height, NOTE,
        fontsize=SMALL, va="center", color="#444444",
    )  # fmt: skip
    return finish(figure, " ".join(alt))
