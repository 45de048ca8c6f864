"""What is inside a network: rows of small pictures, heat laid over a picture, which maps a class uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from ._board import Board
from ._fields import SHARES
from ._shown import Shown, fit, intensities, range_text, scaled
from ._style import (
    GREY,
    MAX_WIDTH,
    SIGNED,
    SIGNED_WORDS,
    SMALL,
    VERMILION,
    in_house_style,
    text_width,
    wrap,
)
from ._values import amount, filled, matrix, plural, whole
from .picture import Picture

GAP = 0.08  # inches between two small pictures
LEFT = 0.36  # inches for the numbers of rows
GLOW = np.array(to_rgb(VERMILION))  # of the heat that is laid on a picture
# Lightness rises all the way, so that a grey print says the same.
HEAT = LinearSegmentedColormap.from_list("heat", ["#000000", "#7a3100", "#E69F00", "#F8EFA0", "#FFFFFF"], N=49)


@in_house_style
def gallery(
    rows: Mapping[str, Sequence[Any]],
    *,
    notes: Mapping[str, Sequence[str]] | None = None,
    together: bool = False,
    side: float = 1.3,
    title: str = "",
) -> Picture:
    """Draw rows of small pictures, each row beneath its heading.

    A map of numbers, shape (height, width), is shown from black at 0 to white at its largest number; if it has
    negative ones, pale blue is above zero and dark orange below.

    Args:
        rows: Heading -> pictures, shape (height, width) or (height, width, 3), at most 12 in a row, 8 rows.
        notes: Heading -> a short text beneath each picture of that row; may leave rows out.
        together: Show all maps of a row on one scale, that of its largest number.
        side: Of a picture in inches, at most; they are smaller where a row has many.
        title: A heading above all.

    Raises:
        ValueError: If there is no picture, there are too many, or notes do not fit.
    """
    filled(rows, "rows")
    if len(rows) > 8 or any(not 1 <= len(row) <= 12 for row in rows.values()):
        raise ValueError("Expected at most 8 rows of 1 to 12 pictures.")
    notes = dict(notes or {})
    for name, texts in notes.items():
        if name not in rows or len(texts) != len(rows[name]):
            raise ValueError(f"Expected a note for each picture of {name!r}. Received {len(texts)}.")
    arrays = {
        name: [intensities(values, f"a picture of {name!r}") for values in row] for name, row in rows.items()
    }
    most = max(len(row) for row in arrays.values())
    cell = min((MAX_WIDTH - 0.2) / most - GAP, side)
    width = MAX_WIDTH
    heads = {name: wrap(name, width - 0.3, bold=True) for name in arrays}
    under = {name: [wrap(text, cell + GAP - 0.04, SMALL) for text in texts] for name, texts in notes.items()}
    feet = {name: max((len(lines) for lines in under.get(name, [])), default=0) for name in arrays}
    tall = {name: max(fit(array, cell, cell)[0] for array in row) for name, row in arrays.items()}
    y = 0.2 * len(wrap(title, width - 0.2, bold=True)) + 0.12 if title else 0.02
    height = y + sum(0.2 * len(heads[name]) + 0.06 + tall[name] + 0.17 * feet[name] + 0.14 for name in arrays)
    board = Board(width, height + 0.02)
    if title:
        board.heading(title)
    for name, row in arrays.items():
        board.lines(heads[name], 0.1, y + 0.13, weight="bold")
        y += 0.2 * len(heads[name]) + 0.06
        top = max(float(np.abs(array).max()) for array in row)
        for number, array in enumerate(row):
            x, (high, wide) = 0.1 + number * (cell + GAP), fit(array, cell, cell)
            shown = _on_one_scale(array, top, row) if together else scaled(array)
            board.image(shown.image, x, y, wide, high, **shown.style)
            if name in under:
                middle = x + wide / 2
                for line, text in enumerate(under[name][number]):
                    board.text(middle, y + high + 0.11 + 0.17 * line, text, size=SMALL)
        y += tall[name] + 0.17 * feet[name] + 0.14
    alt = " ".join(_row_words(name, row, notes.get(name, ())) for name, row in arrays.items())
    return board.finish(f"{title}. {alt}" if title else alt)


def _on_one_scale(array: np.ndarray, top: float, row: Sequence[np.ndarray]) -> Shown:
    if array.ndim == 3:
        return scaled(array)
    low = -top if min(float(other.min()) for other in row) < 0 else 0.0
    return Shown(array, low, top or 1.0)


def _row_words(name: str, row: Sequence[np.ndarray], texts: Sequence[str]) -> str:
    sizes = sorted({"×".join(str(side) for side in array.shape) for array in row})
    low, high = min(float(array.min()) for array in row), max(float(array.max()) for array in row)
    told = f"; {', '.join(texts)}" if len(texts) else ""
    signed = SIGNED_WORDS if low < 0 else ""
    return (
        f"{name}: {plural(len(row), 'picture')} of {' and '.join(sizes)} values from {amount(round(low, 3))} "
        f"to {amount(round(high, 3))}{signed}{told}."
    )


@in_house_style
def heat_maps(
    image: Any,
    maps: Mapping[str, Any],
    *,
    windows: Mapping[str, tuple[int, int]] | None = None,
    unit: str = "",
    title: str = "",
) -> Picture:
    """Draw a picture, maps of heat beside it, and for each map the heat on the picture, which is grey and pale.

    A map lies where its windows are: each number fills the middle of its window. Heat runs from black at 0 over
    orange to white at the map's largest number. A map with negative numbers that count, more than a twentieth of
    its largest one, is blue above zero and dark orange below.

    Args:
        image: Intensities from 0 to 1, shape (height, width, 3) or (height, width).
        maps: Heading -> numbers, shape (rows, columns); at most 3 maps.
        windows: Heading -> (side, stride) in pixels of the windows that the numbers belong to; a map that is left
            out has a number for each pixel.
        unit: What the numbers are, for the scale.
        title: A heading above the picture.

    Raises:
        ValueError: If there is no map or more than 3, or one does not lie inside the picture.
    """
    filled(maps, "maps")
    if len(maps) > 3:
        raise ValueError(f"Expected at most 3 maps. Received {len(maps)}.")
    pixels = intensities(image, "image")
    if pixels.max() > 1:
        raise ValueError(f"Expected intensities from 0 to 1 in image. Received {amount(float(pixels.max()))}.")
    found = {name: matrix(values, f"map {name!r}") for name, values in maps.items()}
    places = {name: _place(name, found[name], pixels, (windows or {}).get(name, (1, 1))) for name in found}
    beside = len(found) == 1  # then the picture with heat on it stands at the right, else beneath its map
    columns = 3 if beside else len(found) + 1
    side = min((MAX_WIDTH - LEFT - 0.1) / columns - 0.2, 2.3)
    high, wide = fit(pixels, side, side)
    slot = wide + 0.2
    heads = {name: wrap(name, slot - 0.05, bold=True) for name in found}
    lines = max(len(lines) for lines in [["picture"], *heads.values()])
    width = max(LEFT + columns * slot, min(text_width(title, bold=True) + 0.25, MAX_WIDTH))
    top = 0.2 * len(wrap(title, width - 0.2, bold=True)) + 0.12 if title else 0.02
    head = 0.19 * lines + 0.1
    feet = 0.66 if unit else 0.5
    board = Board(width, top + head + high + feet + (0 if beside else high + 0.12))
    if title:
        board.heading(title)
    show = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    board.text(LEFT, top + 0.14, "picture", ha="left", weight="bold")
    board.image(_few_colours(show), LEFT, top + head, wide, high)
    _counted(board, pixels.shape, (LEFT, top + head, wide, high))
    for number, (name, values) in enumerate(found.items(), start=1):
        x = LEFT + number * slot
        board.lines(heads[name], x, top + 0.14, weight="bold")
        _heat(board, values, places[name], pixels.shape, (x, top + head, wide, high))
        _heat_scale(board, values, x, top + head + high + 0.06, wide)
        if unit:
            board.text(x + wide / 2, top + head + high + 0.5, unit, size=SMALL)
        lit = _few_colours(_glowing(show, _light(values, places[name], pixels.shape)))
        at = (x + slot, top + head) if beside else (x, top + head + high + feet)
        board.image(lit, *at, wide, high)
    if beside:
        board.text(LEFT + 2 * slot, top + 0.14, "the heat on the picture", ha="left", weight="bold")
    else:
        for line, text in enumerate(wrap("the heat on the picture, which is grey here", wide, SMALL)):
            board.text(LEFT + wide, top + head + high + feet + 0.12 + 0.19 * line, text, size=SMALL, ha="right")
    alt = " ".join(_heat_words(name, values, places[name]) for name, values in found.items())
    told = f"A picture of {pixels.shape[0]}×{pixels.shape[1]} pixels and {plural(len(found), 'map')} of heat"
    told += f" ({unit}). {alt}" if unit else f". {alt}"
    return board.finish(f"{title}. {told}" if title else told)


def _counted(board: Board, shape: tuple[int, ...], box: tuple[float, float, float, float]) -> None:
    """Numbers of rows at the left of a picture, and of columns beneath it."""
    x, y, wide, high = box
    step = next(step for step in (1, 2, 4, 8, 16, 32, 64, 128, 10**6) if max(shape[:2]) <= 4 * step)
    for row in range(0, shape[0], step):
        at = y + (row + 0.5) * high / shape[0]
        board.line(x - 0.05, at, x, at, lw=0.8)
        board.text(x - 0.08, at, str(row), size=SMALL, ha="right")
    for column in range(0, shape[1], step):
        at = x + (column + 0.5) * wide / shape[1]
        board.line(at, y + high, at, y + high + 0.05, lw=0.8)
        board.text(at, y + high + 0.15, str(column), size=SMALL)
    board.text(x + wide / 2, y + high + 0.33, "rows, columns (pixels)", size=SMALL)


class Windows(NamedTuple):
    """What the numbers of a map belong to: squares of `side` pixels, `stride` pixels apart."""

    side: int
    stride: int

    @property
    def edge(self) -> float:
        """Where the first cell begins, so that each fills the middle of its window."""
        return max((self.side - self.stride) / 2, 0.0)

    def middle(self, number: Any) -> Any:
        """The pixel in the middle of a window, counted from 0."""
        return (self.side - 1) / 2 + self.stride * number


def _glowing(image: np.ndarray, light: np.ndarray) -> np.ndarray:
    """The picture in pale grey, and heat on it: the hotter, the more of its colour and the less of the picture."""
    grey = np.clip(image @ [0.3, 0.59, 0.11], 0, 1)[..., None]
    low, high = float(grey.min()), float(grey.max())
    pale = 0.55 + 0.4 * (grey - low) / (high - low or 1.0)
    share = 0.9 * light[..., None]
    return (1 - share) * pale + share * GLOW


def _few_colours(image: np.ndarray) -> np.ndarray:
    """Intensities in 16 steps: the file's 256 colours then suffice for the pictures and for the scales."""
    return np.round(image * 15) / 15


def _place(name: str, values: np.ndarray, pixels: np.ndarray, window: tuple[int, int]) -> Windows:
    size, stride = (whole(f"each of the windows of {name!r}", side, 1) for side in window)
    for count, room in zip(values.shape, pixels.shape[:2], strict=True):
        if (count - 1) * stride + size > room:
            raise ValueError(
                f"Expected map {name!r} to lie inside {pixels.shape[:2]} pixels. "
                f"Received shape {values.shape} with windows of {size} and stride {stride}."
            )
    return Windows(size, stride)


def _scale(values: np.ndarray) -> dict[str, Any]:
    """Colours and ends of the scale of a map."""
    low, high = float(values.min()), float(values.max())
    if low < -max(high, 0.0) / 20:
        reach = max(-low, high)
        return {"cmap": SIGNED, "vmin": -reach, "vmax": reach}
    return {"cmap": HEAT, "vmin": 0.0, "vmax": high or 1.0}


def _heat_scale(board: Board, values: np.ndarray, x: float, y: float, width: float) -> None:
    """A colour bar with its ends named beneath; the lower end stands for smaller numbers too, if there are any."""
    style = _scale(values)
    low, high = style["vmin"], style["vmax"]
    board.image(np.linspace(low, high, 255)[None], x, y, width, 0.12, **style)
    least = "≤ 0" if low == 0 > values.min() else amount(low)
    middle = [(0.5, "0", "center")] if low < 0 and width > 1.3 else []
    for share, text, side in [(0.0, least, "left"), *middle, (1.0, amount(high), "right")]:
        board.text(x + share * width, y + 0.24, text, size=SMALL, ha=side)


def _heat(
    board: Board, values: np.ndarray, place: Windows, shape: tuple[int, ...],
    box: tuple[float, float, float, float],
) -> None:  # fmt: skip
    """The map where its windows have their middle, in a frame of the picture's size."""
    x, y, wide, high = box
    pixel = wide / shape[1]
    edge, stride = place.edge * pixel, place.stride * pixel
    board.box(x, y, wide, high, fill="#F4F4F4", edge=GREY, layer=-1)
    board.image(
        values, x + edge, y + edge, values.shape[1] * stride, values.shape[0] * stride, **_scale(values)
    )  # fmt: skip


def _light(values: np.ndarray, place: Windows, shape: tuple[int, ...]) -> np.ndarray:
    """For each pixel a share from 0 to 1: heat above zero, read between the cells' middles."""
    heat = np.maximum(values, 0.0)
    heat = heat / (heat.max() or 1.0)
    for axis in (0, 1):
        middles, pixels = place.middle(np.arange(heat.shape[axis])), np.arange(shape[axis])
        heat = np.apply_along_axis(lambda line, m=middles, p=pixels: np.interp(p, m, line), axis, heat)
    return heat


def _heat_words(name: str, values: np.ndarray, place: Windows) -> str:
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    middle = [round(float(place.middle(at))) for at in (row, column)]
    height, width = values.shape
    return (
        f"{name}: {height}×{width} numbers from {range_text(values)}, "
        f"largest near row {middle[0]}, column {middle[1]}{SIGNED_WORDS if _scale(values)['vmin'] < 0 else ''}."
    )


@in_house_style
def activity(values: Any, names: Sequence[str], *, what: str = "map", unit: str, title: str = "") -> Picture:
    """Draw a table of shades: how strongly each class drives each map.

    Args:
        values: Numbers of at least 0, shape (classes, maps), at most 40 maps.
        names: Of the classes, as many as rows.
        what: What a column is.
        unit: What the numbers are.
        title: A heading above the picture.

    Raises:
        ValueError: If the shape does not fit the names, or a number is negative.
    """
    table = matrix(values, "values")
    if table.shape[0] != len(names) or table.shape[1] > 40 or table.min() < 0:
        raise ValueError(
            f"Expected numbers of at least 0 for {len(names)} names and at most 40 maps. Received {table.shape}."
        )
    left = max(text_width(name) for name in names) + 0.25
    cell = min((MAX_WIDTH - left - 0.15) / table.shape[1], 0.4)
    row = 0.32
    top = (0.2 * len(wrap(title, MAX_WIDTH - 0.3, bold=True)) + 0.12 if title else 0.0) + 0.42
    width = max(left + cell * table.shape[1] + 0.15, min(text_width(title, bold=True) + 0.25, MAX_WIDTH), 5.0)
    board = Board(width, top + row * len(names) + 0.62)
    if title:
        board.heading(title)
    board.text(left, top - 0.33, f"number of the {what}", ha="left", size=SMALL)
    every = max(1, int(np.ceil(0.24 / cell)))
    for column in range(0, table.shape[1], every):
        board.text(left + (column + 0.5) * cell, top - 0.12, str(column), size=SMALL)
    largest = float(table.max()) or 1.0
    board.image(table, left, top, cell * table.shape[1], row * len(names), cmap=SHARES, vmin=0, vmax=largest)
    for number, name in enumerate(names):
        board.text(left - 0.1, top + (number + 0.5) * row, name, ha="right")
        if number:
            board.line(left, top + number * row, left + cell * table.shape[1], top + number * row, lw=0.8)
    foot = top + row * len(names) + 0.16
    board.image(np.linspace(0, largest, 33)[None], left, foot, 1.6, 0.13, cmap=SHARES, vmin=0, vmax=largest)
    board.text(left + 1.7, foot + 0.07, f"{unit}, 0 to {amount(largest)}", size=SMALL, ha="left")
    words = []
    for name, line in zip(names, table, strict=True):
        best = np.argsort(-line, kind="stable")[:3]
        words.append(f"{name}: most in {what}s {', '.join(str(int(place)) for place in best)}.")
    alt = f"Classes: {len(names)}; {plural(table.shape[1], what)}; {unit}, up to {amount(largest)}. "
    alt += " ".join(words)
    return board.finish(f"{title}. {alt}" if title else alt)
