"""Questions of different kinds for the engine's tests."""

from __future__ import annotations

import numpy as np

from autograder.check import case, group, question


@question("double", points=4)
def double(answer, draw):
    """Twice a number"""
    with group("small"):
        yield case(answer(3), 6, mistakes={"squared": 9})
    with group("drawn"):
        for number in draw.integers(20, 5, 50):
            yield case(answer(-number), -2 * number)


@question("total", points=2, limit=1.0)
def total(answer, draw):
    """The sum of an array"""
    with group("one row"):
        yield case(answer(np.array([1.0, 2.0, 4.0])), 7)
    with group("tables"):
        for _ in range(5):
            table = draw.array((3, 4), -9, 9)
            yield case(answer(table), float(table.sum()))


@question("scaler", points=2)
def scaler(answer, draw):
    """A function that multiplies"""
    for factor in draw.integers(4, 2, 9):
        yield case(answer(factor).applied_to(5), 5 * factor)


@question("own", points=1)
def own(answer, draw):
    """A number of one's own"""
    yield case(answer.value(), len(draw.learner))


@question("by_hand", points=2, forbidden=["numpy.sort", "numpy.argsort"])
def by_hand(answer, draw):
    """Sort without the library"""
    numbers = draw.integers(6, 0, 99)
    yield case(answer(list(numbers)), sorted(numbers))
