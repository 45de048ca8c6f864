"""What training questions share: test images that a learner's function has not met."""

from __future__ import annotations

import numpy as np

from autograder.check import Draw
from course import datasets


def moved_images(name: str, draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """The test images that ship, each moved by at most one pixel in both directions, zeros coming in.

    Args:
        name: "mnist" or "fashion_mnist".
        draw: Says which way each image moves.

    Returns:
        Images, uint8, shape (2000, 28, 28, 1), and their labels.
    """
    found = datasets.load(name, quiet=True)
    count = len(found.x_test)
    padded = np.pad(found.x_test, ((0, 0), (1, 1), (1, 1)))
    down, right = draw.integers(count, 0, 2), draw.integers(count, 0, 2)
    moved = [image[y : y + 28, x : x + 28] for image, y, x in zip(padded, down, right, strict=True)]
    return np.array(moved)[..., None], found.y_test
