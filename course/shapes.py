"""Coloured shapes on coloured ground: pictures that are drawn, not downloaded, and the same for one seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["NAMES", "coloured_shapes"]

Inside = Callable[[np.ndarray, np.ndarray], np.ndarray]

# Whether a point lies inside a shape of radius 1, u to the right and v down.
SHAPES: dict[str, Inside] = {
    "disc": lambda u, v: np.hypot(u, v) <= 1,
    "ring": lambda u, v: np.abs(np.hypot(u, v) - 0.78) <= 0.22,
    "square": lambda u, v: np.maximum(np.abs(u), np.abs(v)) <= 0.85,
    "triangle": lambda u, v: (v <= 0.5) & (np.sqrt(3) * np.abs(u) - v <= 1),
    "cross": lambda u, v: (np.minimum(np.abs(u), np.abs(v)) <= 0.3) & (np.maximum(np.abs(u), np.abs(v)) <= 1),
    "bars": lambda u, v: (np.abs(u) <= 0.95) & (np.abs(np.abs(v) - 0.6) <= 0.28),
}
NAMES = tuple(SHAPES)
CHUNK = 256  # pictures that are drawn at once


def coloured_shapes(
    count: int, seed: int, *, side: int = 64, classes: int = len(NAMES)
) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures of one shape each: place, size, slant, both colours and some noise differ.

    Colours say nothing about the class. A shape is lighter than its ground, by 64 to 159 steps in every channel.

    Args:
        count: How many pictures.
        seed: Another seed gives other pictures; the same one gives the same.
        side: Of a picture in pixels, at least 16.
        classes: How many of the shapes in `NAMES`, from the first on.

    Returns:
        Images, uint8, shape (count, side, side, 3), and class numbers, int64, shape (count,): places in `NAMES`.

    Raises:
        ValueError: If a number is outside its range.
    """
    if count < 0 or side < 16 or not 1 <= classes <= len(NAMES):
        raise ValueError(
            f"Expected count >= 0, side >= 16 and 1 to {len(NAMES)} classes. "
            f"Received {count}, {side} and {classes}."
        )
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, count)
    images = [_drawn(random, labels[start : start + CHUNK], side) for start in range(0, count, CHUNK)]
    return np.concatenate([np.empty((0, side, side, 3), np.uint8), *images]), labels


def _drawn(random: np.random.Generator, labels: np.ndarray, side: int) -> np.ndarray:
    """One picture for each label."""
    count = len(labels)
    radius = random.uniform(0.16, 0.32, count) * side
    row, column = (random.uniform(radius, side - radius) for _ in range(2))
    angle = np.deg2rad(random.uniform(-15, 15, count))
    ground = random.integers(0, 96, (count, 3))
    ink = ground + random.integers(64, 160, (count, 3))
    rows, columns = np.indices((side, side)) + 0.5
    y, x = (
        (grid - middle[:, None, None]) / radius[:, None, None] for grid, middle in ((rows, row), (columns, column))
    )
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    u, v = x * cos + y * sin, y * cos - x * sin
    masks = np.empty((count, side, side), bool)
    for number, inside in enumerate(SHAPES.values()):
        masks[labels == number] = inside(u[labels == number], v[labels == number])
    colours = np.where(masks[..., None], ink[:, None, None], ground[:, None, None])
    noise = random.normal(0, 10, colours.shape)
    return np.clip(np.rint(colours + noise), 0, 255).astype(np.uint8)
