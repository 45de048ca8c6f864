"""Free play with a kernel of nine numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from course import figures
from course.explore._exploration import Exploration, Pane
from course.figures import Picture

# The lectures' table of kernels (S3, S4); all are cross-correlated as they stand.
KERNELS: dict[str, np.ndarray] = {
    "identity": np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "Sobel X, upright edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "Sobel Y, level edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "all edges": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "box blur": np.full((3, 3), 1 / 9),
    "Gaussian blur": np.outer([1, 2, 1], [1, 2, 1]) / 16,
}


def kernel(photograph: Any) -> Exploration:
    """Free play: choose a kernel by name or change its nine numbers, and see what it makes of a photograph.

    Without widgets: seven named kernels with their results.

    Args:
        photograph: Intensities, shape (height, width).

    Raises:
        ValueError: If the photograph has another shape or negative values.
    """
    frames = [figures.kernel_gallery(photograph, KERNELS)]

    def draw(**cells: float) -> Picture:
        weights = np.array([cells[f"cell_{index}"] for index in range(9)]).reshape(3, 3)
        return figures.kernel_gallery(photograph, {"photograph": KERNELS["identity"], "your kernel": weights})

    def build() -> Any:
        import ipywidgets as widgets

        narrow = widgets.Layout(width="6em")
        first = "Sobel X, upright edges"
        cells = [
            widgets.FloatText(
                value=float(value), step=1, layout=narrow, tooltip=f"weight {index // 3}, {index % 3}"
            )
            for index, value in enumerate(KERNELS[first].ravel())
        ]
        menu = widgets.Dropdown(options=list(KERNELS), value=first, description="kernel")
        grid = widgets.GridBox(cells, layout=widgets.Layout(grid_template_columns="repeat(3, 6.5em)"))
        pane = Pane(draw, {f"cell_{index}": cell for index, cell in enumerate(cells)})

        def choose(change: Any) -> None:
            pane.paused = True  # nine numbers change, one picture is drawn
            for cell, value in zip(cells, KERNELS[change["new"]].ravel(), strict=True):
                cell.value = float(value)
            pane.paused = False
            pane.update()

        menu.observe(choose, names="value")
        return pane.beneath(menu, grid)

    return Exploration(frames, build)
