"""What kernels make of a photograph, and what happens at its border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ._board import Board, cell_for
from ._shown import SPACE, Shown, draw_scale, fit, intensities, range_text, scaled, shrink, smallest_loss
from ._style import MAX_WIDTH, SIGNED_WORDS, SMALL, VERMILION, in_house_style, wrap
from ._values import amount, filled, grid_text, matrix, number
from .picture import Picture

MODES = {"zero": "constant", "reflect": "reflect", "edge": "edge", "wrap": "wrap"}


def _over(kernel: np.ndarray) -> tuple[np.ndarray, str]:
    """A kernel of fractions as integers over one denominator, and that factor as text."""
    for below in range(1, 301):
        scaled = kernel * below
        if np.allclose(scaled, np.round(scaled), atol=1e-9) and np.abs(scaled).max() < 1000:
            return np.round(scaled), f"× 1/{below}" if below > 1 else ""
    return kernel, ""


def _filtered(photograph: np.ndarray, kernel: np.ndarray) -> Shown:
    """Correlate with zeros outside; signed where the weights sum to zero, else on the photograph's scale."""
    from scipy.ndimage import correlate  # a quarter of a second, only for those who filter

    result = correlate(photograph, kernel, mode="constant", cval=0.0)
    if abs(kernel.sum()) <= 1e-6 * max(np.abs(kernel).sum(), 1e-12) and kernel.any():
        reach = float(np.abs(result).max()) or 1.0
        return Shown(result, -reach, reach)
    return Shown(result, 0.0, scaled(photograph).high)


def _odd(kernel: Any, name: str) -> np.ndarray:
    weights = matrix(kernel, name)
    if weights.shape[0] != weights.shape[1] or weights.shape[0] % 2 == 0:
        raise ValueError(f"Expected {name} of shape (k, k) with k odd. Received shape {weights.shape}.")
    return weights


@in_house_style
def kernel_gallery(photograph: Any, kernels: Mapping[str, Any]) -> Picture:
    """Draw each kernel's numbers above what it makes of a photograph (cross-correlation, zeros outside).

    A result whose kernel sums to zero is signed: mid-grey is 0, dark orange below, pale blue above. Any other
    is shown in the photograph's own greys, cut off at their ends.

    Args:
        photograph: Intensities, shape (height, width); averaged down to at most 160 pixels a side,
            fewer if the file would be large, before it is filtered.
        kernels: Name -> weights, shape (k, k), k odd and at most 7.

    Raises:
        ValueError: If there is no kernel or a shape is wrong.
    """
    filled(kernels, "kernels")
    picture = intensities(matrix(photograph, "photograph"), "photograph")
    if picture.min() < 0:
        raise ValueError(f"Expected a photograph without negative values. Received {number(picture.min())}.")
    weights = {name: _odd(kernel, f"kernel {name!r}") for name, kernel in kernels.items()}
    return smallest_loss(lambda longest: _gallery(shrink(picture, longest), weights))


class Table(NamedTuple):
    """How a kernel is written."""

    values: np.ndarray
    factor: str
    texts: list[list[str]]
    cell: float

    @property
    def side(self) -> float:
        return len(self.values) * self.cell


def _table(kernel: np.ndarray) -> Table:
    values, factor = _over(kernel)
    texts = [[number(value) for value in row] for row in values]
    return Table(values, factor, texts, cell_for([text for row in texts for text in row], SMALL))


def _gallery(picture: np.ndarray, weights: dict[str, np.ndarray]) -> Picture:
    """The picture of `kernel_gallery` with every pixel that `picture` has."""
    shown = {name: _filtered(picture, kernel) for name, kernel in weights.items()}
    tables = {name: _table(kernel) for name, kernel in weights.items()}
    side = (MAX_WIDTH - SPACE) / 4 - SPACE
    widest = max(table.side for table in tables.values())
    if widest > side:
        raise ValueError(f"Expected kernels at most {side:.1f} inches wide. Received {widest:.1f}: fewer digits.")
    names, columns = list(weights), min(len(weights), 4)
    lines = [names[start : start + columns] for start in range(0, len(names), columns)]
    heads = {
        name: wrap(f"{name}, {table.factor}" if table.factor else name, side, bold=True)
        for name, table in tables.items()
    }
    head = [0.19 * max(len(heads[name]) for name in line) + 0.1 for line in lines]
    grid = [max(tables[name].side for name in line) + 0.12 for line in lines]
    high, wide = fit(picture, side, side * 1.3)
    board = Board(columns * (side + SPACE) + SPACE, sum(head) + sum(grid) + len(lines) * (high + 0.72))
    y = 0.0
    for row, line in enumerate(lines):
        for column, name in enumerate(line):
            x, table = SPACE + column * (side + SPACE), tables[name]
            board.lines(heads[name], x, y + 0.17, weight="bold")
            top = y + head[row]
            board.numbers(table.values, x, top, table.cell, texts=table.texts, size=SMALL)
            top += grid[row]
            board.image(shown[name].image, x, top, wide, high, **shown[name].style)
            cut = "" if shown[name].signed else _cut(shown[name])
            board.text(x, top + high + 0.14, f"{range_text(shown[name].image)}{cut}", size=SMALL, ha="left")
            draw_scale(board, shown[name], x, top + high + 0.28, wide)
        y += head[row] + grid[row] + high + 0.72
    alt = " ".join(
        f"{name}: kernel {grid_text(table.values)}{' ' + table.factor if table.factor else ''}, "
        f"result from {range_text(shown[name].image)}{SIGNED_WORDS if shown[name].signed else ''}."
        for name, table in tables.items()
    )
    size = "×".join(str(part) for part in picture.shape)
    return board.finish(f"A photograph of {size} pixels under {len(weights)} kernels. {alt}")


def _cut(shown: Shown) -> str:
    """What is said when values lie outside the greys."""
    slack = 1e-9 * shown.high
    outside = shown.image.min() < -slack or shown.image.max() > shown.high + slack
    return ", cut off" if outside else ""


@in_house_style
def border(photograph: Any, kernel: Any, modes: Sequence[str] = ("zero", "reflect")) -> Picture:
    """Enlarge the upper left corner of a filtered photograph under several kinds of padding.

    Args:
        photograph: Intensities, shape (height, width), both sides at least 12 and above the kernel's; pass
            `photograph[300:, 200:]` to look at another place as if it were the corner.
        kernel: Weights, shape (k, k), k odd; k // 2 pixels are added on each side.
        modes: Some of "zero", "reflect" (the border pixel is not repeated), "edge" and "wrap", as in NumPy.

    Raises:
        ValueError: If a mode is unknown or a shape is wrong.
    """
    from scipy.ndimage import correlate

    filled(modes, "modes")
    picture, weights = intensities(matrix(photograph, "photograph"), "photograph"), _odd(kernel, "kernel")
    pad, region = len(weights) // 2, 12
    if min(picture.shape) < max(region, len(weights)):
        raise ValueError(
            f"Expected a photograph of at least {max(region, len(weights))} pixels a side. "
            f"Received shape {picture.shape}."
        )
    unknown = [mode for mode in modes if mode not in MODES]
    if unknown:
        raise ValueError(f"Expected modes among {', '.join(MODES)}. Received {unknown[0]!r}.")
    padded = {mode: np.pad(picture, pad, mode=MODES[mode]) for mode in modes}
    inside = (slice(pad, pad + region),) * 2
    after = {mode: correlate(image, weights, mode="constant")[inside] for mode, image in padded.items()}
    scale = scaled(picture)
    signed = min(part.min() for part in after.values()) < 0
    reach = max(float(np.abs(part).max()) for part in after.values()) or 1.0
    low, high = (-reach, reach) if signed else (0.0, max(scale.high, reach))
    side = min((MAX_WIDTH - 1.0) / len(modes) - SPACE, 2.2)
    pixel = side / (region + pad)
    inset, top, below = pad * pixel, 0.35, 0.45 + side
    board = Board(1.0 + len(modes) * (side + SPACE), below + side - inset + 0.7)
    board.lines(["padded", "input"], 0.1, top + side / 2 - 0.1)
    board.lines(["filtered,", "same size"], 0.1, below + side / 2 - 0.1)
    for index, mode in enumerate(modes):
        x = 1.0 + index * (side + SPACE)
        board.text(x, 0.18, f"padding: {mode}", ha="left", weight="bold")
        before = Shown(padded[mode][: region + pad, : region + pad], scale.low, scale.high)
        board.image(before.image, x, top, side, side, **before.style)
        board.line(x + inset, top + inset, x + inset, top + side, color=VERMILION, lw=2.5)
        board.line(x + inset, top + inset, x + side, top + inset, color=VERMILION, lw=2.5)
        shown = Shown(after[mode], low, high)
        board.image(after[mode], x + inset, below, side - inset, side - inset, **shown.style)
        value = amount(round(float(after[mode][0, 0]), 6))
        board.text(x + inset, below + side - inset + 0.14, f"corner value {value}", size=SMALL, ha="left")
    draw_scale(board, Shown(np.zeros((1, 1)), low, high), 1.0 + inset, below + side - inset + 0.3, side - inset)
    corners = ", ".join(f"{mode} {amount(round(float(after[mode][0, 0]), 6))}" for mode in modes)
    return board.finish(
        f"The upper left {region}×{region} pixels of a photograph, filtered with a {len(weights)}×{len(weights)} "
        f"kernel after padding by {pad}. Corner value by padding: {corners}. "
        f"{range_text(np.stack(list(after.values())))} in all{SIGNED_WORDS if signed else ''}."
    )
