"""Lab 08: gradients, first by trying, then by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from autograder.check import Draw, Given, case, group, question
from course.given import given

Function = Callable[[np.ndarray], float]


def _moved(x: np.ndarray, place: tuple[int, ...], step: float) -> np.ndarray:
    moved = x.copy()
    moved[place] += step
    return moved


def _each(x: np.ndarray, slope: Callable[[tuple[int, ...]], float]) -> np.ndarray:
    return np.array([slope(place) for place in np.ndindex(x.shape)]).reshape(x.shape)


def _never_moved_back(f: Function, x: np.ndarray, d: float) -> np.ndarray:
    """Every number stays at -d from where it was when the next one is moved."""
    x, slopes = x.copy(), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above, below = f(_moved(x, place, d)), f(_moved(x, place, -d))
        slopes[place] = (above - below) / (2 * d)
        x[place] -= d
    return slopes


def _gradient_mistakes(made: Given, x: np.ndarray, d: float) -> dict:
    f = made.make()

    def slope(place: tuple[int, ...]) -> float:
        return (f(_moved(x, place, d)) - f(_moved(x, place, -d))) / (2 * d)

    right = _each(x, slope)
    tiny = _each(x, lambda at: (f(_moved(x, at, 1e-5)) - f(_moved(x, at, -1e-5))) / 2e-5)
    alone = _each(x, lambda at: (f(x[at] + d) - f(x[at] - d)) / (2 * d))
    wrong = {
        "One-sided: f(x) is subtracted. Take one step d to each side: f(x + d) − f(x − d).": _each(
            x, lambda at: (f(_moved(x, at, d)) - f(x)) / d
        ),
        "One-sided: f(x − d) is subtracted from f(x). Take one step d to each side.": _each(
            x, lambda at: (f(x) - f(_moved(x, at, -d))) / d
        ),
        "Divided by d: the two points are 2d apart.": 2 * right,
        "Divided by 2 only: the two points are 2d apart.": d * right,
        "Not divided: the two points are 2d apart.": 2 * d * right,
        "`/ 2 * d` divides by 2 and then multiplies by d: write `/ (2 * d)`.": d * d * right,
        "The sign is turned round: it is f(x + d) − f(x − d).": -right,
        "All numbers are moved at once, or their slopes are added: move one, and keep its slope.": (
            (f(x + d) - f(x - d)) / (2 * d)
        ),
        "A number that was moved stays there: put it back before you move the next one.": (
            _never_moved_back(f, x, d)
        ),
        "f is given one number: it needs the whole array, with one number moved.": alone,
        "Another step than d is used.": tiny,
    }
    if x.ndim > 1:
        wrong["A whole row is moved at once: move one number, x[i, j]."] = _each(
            x, lambda at: (f(_moved(x, at[:1], d)) - f(_moved(x, at[:1], -d))) / (2 * d)
        )
        wrong["The slopes stand in one row: give them the shape of x."] = right.reshape(-1)
    return wrong


@question(
    "numeric_grad",
    points=4,
    hints=[
        "The slope at one number: move it by +d, ask f; move it by −d, ask f; divide the difference by 2d.",
        "Loop over all places of x, whatever its shape: `for place in np.ndindex(x.shape):`.",
        "Work on `moved = x.copy()`, made afresh for each place: then x stays as it was.",
    ],
)
def numeric_grad(answer, draw: Draw) -> Iterator:
    """The gradient of any function, by central differences

    f takes an array of x's shape and gives one number; d is the step. x holds floats and must be afterwards
    what it was before. The answer has x's shape. All numbers here are whole multiples of 1/8, so that the
    differences are exact in floating point; the tolerance of 1e-6 is for answers that round.
    """

    def numbers(*shape: int) -> np.ndarray:
        signs = [draw.choice([1, -1]) for _ in range(int(np.prod(shape)))]
        return draw.array(shape, 1, 16) * np.reshape(signs, shape) / 4

    def step() -> float:
        return draw.choice([0.25, 0.125])

    with group("each number has its own slope"):
        for size in (3, 5):
            a, b, x = draw.integer(1, 5), draw.integer(1, 9), numbers(size)
            slopes = 2 * a * np.arange(1, size + 1) * x + b
            yield case(answer(given("quadratic", a, b), x, step()), slopes, mistakes=_gradient_mistakes)
    with group("the numbers meet in the function"):
        for size in (2, 6):
            a, b, x = draw.integer(1, 5), draw.integer(1, 4), numbers(size)
            slopes = np.array(
                [
                    (k + 1) * a * (x[k + 1] if k + 1 < size else 0) + k * a * (x[k - 1] if k else 0) + 2 * b * x[k]
                    for k in range(size)
                ]
            )
            yield case(answer(given("neighbours", a, b), x, step()), slopes, mistakes=_gradient_mistakes)
    with group("the step is d, to both sides"):
        for d in (0.25, 0.125):
            a, b, x = draw.integer(1, 4), draw.integer(1, 9), numbers(4)
            slopes = np.arange(1, 5) * a * (3 * x**2 + d**2) + b  # (x + d)³ − (x − d)³ = 2d·(3x² + d²)
            yield case(answer(given("cubic", a, b), x, d), slopes, mistakes=_gradient_mistakes)
    with group("tables and volumes"):
        for shape in ((2, 3), (3, 2), (2, 1, 3)):
            a, b, x = draw.integer(1, 4), draw.integer(1, 9), numbers(*shape)
            slopes = 2 * a * np.arange(1, 7).reshape(shape) * x + b
            yield case(answer(given("quadratic", a, b), x, step()), slopes, mistakes=_gradient_mistakes)
