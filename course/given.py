"""What a check hands to an answer when a number will not do: functions, digits, photographs.

A failing call is printed with these names, so that you can repeat it:

    from course.given import quadratic
    numeric_grad(quadratic(2, 3), np.array([1.0, 2.0]), 0.25)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.check import Given
from course import datasets

__all__ = ["cubic", "digit_labels", "digits", "given", "neighbours", "photograph", "quadratic"]

Function = Callable[[np.ndarray], float]


def given(name: str, *arguments: Any) -> Given:
    """An argument that is made afresh for every call, by the function of this module that has that name.

    Args:
        name: A public function of this module.
        arguments: What it is called with.

    Raises:
        ValueError: If this module has no such function.
    """
    if name not in __all__ or name == "given":
        raise ValueError(f"course.given has no {name!r}. It has: {', '.join(__all__)}.")
    return Given(__name__, name, arguments)


def quadratic(a: float, b: float) -> Function:
    """The function x -> sum of k·a·x_k² + b·x_k, where k = 1, 2, 3, ... counts the numbers in x.

    Its derivative by x_k is 2·k·a·x_k + b.
    """

    def value(x: np.ndarray) -> float:
        numbers = np.asarray(x).reshape(-1)
        return float(np.sum(_places(numbers) * a * numbers**2 + b * numbers))

    return value


def cubic(a: float, b: float) -> Function:
    """The function x -> sum of k·a·x_k³ + b·x_k, where k = 1, 2, 3, ... counts the numbers in x.

    Its derivative by x_k is 3·k·a·x_k² + b. A central difference of step d gives k·a·d² more.
    """

    def value(x: np.ndarray) -> float:
        numbers = np.asarray(x).reshape(-1)
        return float(np.sum(_places(numbers) * a * numbers**3 + b * numbers))

    return value


def neighbours(a: float, b: float) -> Function:
    """The function x -> sum of k·a·x_k·x_(k+1) + b·x_k², where k = 1, 2, 3, ... counts the numbers in x.

    Its derivative by x_k is k·a·x_(k+1) + (k-1)·a·x_(k-1) + 2·b·x_k.
    """

    def value(x: np.ndarray) -> float:
        numbers = np.asarray(x).reshape(-1)
        products = _places(numbers[1:]) * a * numbers[:-1] * numbers[1:]
        return float(np.sum(products) + np.sum(b * numbers**2))

    return value


def digits(count: int, first: int = 0) -> np.ndarray:
    """Training images of handwritten digits (MNIST): uint8 from 0 to 255, shape (count, 28, 28, 1)."""
    images = datasets.load("mnist", quiet=True).x_train[first : first + count]
    return images[..., None].copy()


def digit_labels(count: int, first: int = 0) -> np.ndarray:
    """What the images of `digits(count, first)` show: int64 from 0 to 9, shape (count,)."""
    return datasets.load("mnist", quiet=True).y_train[first : first + count].astype(np.int64)


def photograph(name: str, size: int | tuple[int, int] | None = None, grey: bool = False) -> np.ndarray:
    """A photograph; see `course.datasets.photograph`."""
    return datasets.photograph(name, size, grey=grey)


def _places(numbers: np.ndarray) -> np.ndarray:
    return np.arange(1, numbers.size + 1)
