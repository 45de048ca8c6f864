"""Large pictures with several coloured shapes, and windows cut from such pictures: what lab 14 scans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.shapes import NAMES, SHAPES

__all__ = ["NOTHING", "Scene", "scene", "window_set"]

WINDOW = 32
NOTHING = len(NAMES)  # the class of a window without a whole shape in it
CLEAR = 9  # pixels: where no shape's middle is nearer to a window's middle, the window holds none


@dataclass(frozen=True)
class Scene:
    """A picture and what stands in it.

    Args:
        image: uint8, shape (height, width, 3).
        labels: Class number of each shape, a place in `course.shapes.NAMES`.
        middles: Row and column of each shape's middle, in pixels.
        radii: Of the shapes, in pixels.
    """

    image: np.ndarray
    labels: list[int]
    middles: list[tuple[float, float]]
    radii: list[float]


def scene(height: int, width: int, labels: list[int], seed: int) -> Scene:
    """Draw shapes of these classes on one ground; they keep apart, and lie within the picture.

    Args:
        height: Of the picture in pixels.
        width: Of the picture in pixels.
        labels: The classes, places in `course.shapes.NAMES`.
        seed: Another seed gives another picture.

    Raises:
        ValueError: If there is no room for that many.
    """
    random = np.random.default_rng(seed)
    ground = random.integers(0, 96, 3)
    image = np.tile(ground, (height, width, 1)).astype(float)
    made = Scene(image, list(labels), [], [])
    for label in labels:
        radius = random.uniform(0.16, 0.32) * WINDOW
        middle = _free_place(random, made, radius)
        made.middles.append(middle)
        made.radii.append(radius)
        angle, ink = np.deg2rad(random.uniform(-15, 15)), ground + random.integers(64, 160, 3)
        rows, columns = np.indices((height, width)) + 0.5
        y, x = (rows - middle[0]) / radius, (columns - middle[1]) / radius
        u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        image[SHAPES[NAMES[label]](u, v)] = ink
    noisy = np.clip(np.rint(image + random.normal(0, 10, image.shape)), 0, 255).astype(np.uint8)
    return Scene(noisy, made.labels, made.middles, made.radii)


def _free_place(random: np.random.Generator, made: Scene, radius: float) -> tuple[float, float]:
    """A middle such that the shape lies in the picture and a window around it holds no other one."""
    height, width = made.image.shape[:2]
    for _ in range(1000):
        row, column = (float(random.uniform(radius + 1, side - radius - 1)) for side in (height, width))
        gaps = [max(abs(row - y), abs(column - x)) for y, x in made.middles]
        if min(gaps, default=np.inf) > 0.9 * WINDOW:
            return row, column
    raise ValueError(f"{len(made.labels)} shapes find no room in {height}×{width} pixels: ask for fewer.")


def window_set(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows of 32×32 pixels from scenes: half hold a whole shape near their middle, half do not.

    Args:
        count: How many windows.
        seed: Another seed gives other windows.

    Returns:
        Images, uint8, shape (count, 32, 32, 3), and classes, int64: places in `NAMES`, or `NOTHING`.
    """
    random = np.random.default_rng(seed)
    images, classes = [], []
    while len(images) < count:
        made = scene(
            3 * WINDOW, 4 * WINDOW, random.integers(0, len(NAMES), 5).tolist(), int(random.integers(2**31))
        )
        for label, (row, column) in zip(made.labels, made.middles, strict=True):
            top, left = (round(at - WINDOW / 2 + random.uniform(-5, 5)) for at in (row, column))
            if 0 <= top <= 2 * WINDOW and 0 <= left <= 3 * WINDOW:
                images.append(_cut(made.image, top, left))
                classes.append(label)
        for _ in range(5):
            top, left = int(random.integers(0, 2 * WINDOW + 1)), int(random.integers(0, 3 * WINDOW + 1))
            if _empty(made, top, left):
                images.append(_cut(made.image, top, left))
                classes.append(NOTHING)
    return np.stack(images[:count]), np.array(classes[:count], np.int64)


def _cut(image: np.ndarray, top: int, left: int) -> np.ndarray:
    return image[top : top + WINDOW, left : left + WINDOW]


def _empty(made: Scene, top: int, left: int) -> bool:
    """Whether no shape's middle is near the window's middle."""
    middle = (top + WINDOW / 2, left + WINDOW / 2)
    return all(max(abs(middle[0] - y), abs(middle[1] - x)) > CLEAR for y, x in made.middles)
