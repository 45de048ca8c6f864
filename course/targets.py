"""Drawn pictures with what detection and segmentation ask for: a box around a shape, a class for each pixel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course.shapes import NAMES, SHAPES

__all__ = ["CLASSES", "boxed_shapes", "masked_shapes"]

CLASSES = ("ground", *NAMES)  # of a pixel: its number in a mask is the place here
REACH = 1.3  # radii: the corners of bars lie farthest from their middle
TRIES = 60  # places that are tried for a shape before the whole picture is begun anew


class Shape(NamedTuple):
    """One shape: class (a place in `NAMES`), middle and radius in pixels."""

    label: int
    row: float
    column: float
    radius: float


def boxed_shapes(count: int, seed: int, *, side: int = 32) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw pictures of one shape each, and say where it is.

    A box is the smallest rectangle that holds all pixels of the shape: top, left, bottom and right as shares of
    the picture's side, so that (0, 0, 1, 1) is the whole picture and rows top·side to bottom·side - 1 lie inside.

    Args:
        count: How many pictures.
        seed: Another seed gives other pictures; the same one gives the same.
        side: Of a picture in pixels, at least 16.

    Returns:
        Images, uint8, shape (count, side, side, 3); class numbers, int64, shape (count,), places in
        `course.shapes.NAMES`; boxes, float32, shape (count, 4).

    Raises:
        ValueError: If `side` is too small, or `count` is not positive.
    """
    images, masks = _pictures(count, seed, (side, side), 1, (0.16 * side, 0.32 * side))
    labels = masks.reshape(count, -1).max(axis=1) - 1
    boxes = np.array([_box(mask > 0) for mask in masks], np.float32) / side
    return images, labels, boxes


def masked_shapes(
    count: int, seed: int, *, height: int = 32, width: int = 32, shapes: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures of several shapes, and say for each pixel what it shows. Shapes do not touch.

    Args:
        count: How many pictures.
        seed: Another seed gives other pictures; the same one gives the same.
        height: Of a picture in pixels, at least 16.
        width: Of a picture in pixels, at least 16.
        shapes: The most that are in a picture; the fewest is 1.

    Returns:
        Images, uint8, shape (count, height, width, 3); masks, int64, shape (count, height, width), places in
        `CLASSES`.

    Raises:
        ValueError: If a number is outside its range, or so many shapes find no room.
    """
    return _pictures(count, seed, (height, width), shapes, (4.5, 8.0))


def _pictures(
    count: int, seed: int, size: tuple[int, int], most: int, radii: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    if count < 1 or min(size) < 16 or most < 1:
        raise ValueError(
            f"Expected count >= 1, sides >= 16 and shapes >= 1. Received {count}, {size[0]}×{size[1]} and {most}."
        )
    random = np.random.default_rng(seed)
    images, masks = np.empty((count, *size, 3), np.uint8), np.zeros((count, *size), np.int64)
    for image, mask in zip(images, masks, strict=True):
        _draw(random, _placed(random, size, int(random.integers(1, most + 1)), radii), image, mask)
    return images, masks


def _placed(
    random: np.random.Generator, size: tuple[int, int], count: int, radii: tuple[float, float]
) -> list[Shape]:
    """Shapes with their middles so far apart that no corner of one reaches another."""
    for _ in range(200):
        found: list[Shape] = []
        for _ in range(TRIES):
            radius = random.uniform(*radii)
            row, column = (random.uniform(radius, side - radius) for side in size)
            if all(np.hypot(row - at.row, column - at.column) > REACH * (radius + at.radius) for at in found):
                found.append(Shape(int(random.integers(len(NAMES))), row, column, radius))
            if len(found) == count:
                return found
    raise ValueError(f"{count} shapes find no room in {size[0]}×{size[1]} pixels: ask for fewer.")


def _draw(random: np.random.Generator, shapes: list[Shape], image: np.ndarray, mask: np.ndarray) -> None:
    """Fill an image and its mask; colours, slant and noise are those of `course.shapes`."""
    ground = random.integers(0, 96, 3)
    colours = np.tile(ground, (*mask.shape, 1)).astype(float)
    for shape in shapes:
        angle = np.deg2rad(random.uniform(-15, 15))
        rows, columns = np.indices(mask.shape) + 0.5
        y, x = (rows - shape.row) / shape.radius, (columns - shape.column) / shape.radius
        u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        inside = SHAPES[NAMES[shape.label]](u, v)
        colours[inside] = ground + random.integers(64, 160, 3)
        mask[inside] = shape.label + 1
    image[:] = np.clip(np.rint(colours + random.normal(0, 10, colours.shape)), 0, 255)


def _box(inside: np.ndarray) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of the True pixels; bottom and right are the first ones outside."""
    rows, columns = np.nonzero(inside)
    return int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1
