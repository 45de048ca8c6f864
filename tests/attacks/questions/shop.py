"""Questions of the attacked lab: numbers, arrays, a set, a learner's own number, and one to be written oneself."""

from __future__ import annotations

import numpy as np

from autograder.check import case, group, question

ORACLE = "canary-oracle-8d1f70"  # no attack may ever print it


def _total(prices, discount):
    return sum(price - discount for price in prices if price > discount)


def _smooth(signal, width):
    return np.array([signal[place : place + width].mean() for place in range(len(signal) - width + 1)])


def _factors(number):
    return {candidate for candidate in range(1, number + 1) if number % candidate == 0}


@question("total", points=4, limit=2)
def total(answer, draw):
    """The bill after a discount on every thing that costs more"""
    with group("the notebook's example"):
        yield case(answer([3, 5], 1), 6)
    with group("drawn"):
        for _ in range(12):
            prices, discount = draw.integers(5, 1, 90), draw.integer(1, 60)
            yield case(answer(prices, discount), _total(prices, discount))


@question("smooth", points=4, limit=2)
def smooth(answer, draw):
    """A running mean"""
    for width in (2, 3, 5):
        signal = draw.array(24, -9, 9)
        yield case(answer(signal, width), _smooth(signal, width))


@question("factors", points=2, limit=2)
def factors(answer, draw):
    """All numbers that divide another"""
    for number in draw.integers(6, 200, 900):
        yield case(answer(number), _factors(number))


@question("mine", points=2)
def mine(answer, draw):
    """A number of one's own"""
    yield case(answer.value(), 7919 * len(draw.learner) + sum(map(ord, draw.learner)), hidden=True)


@question("blur", points=3, forbidden=["numpy.convolve", "scipy.signal"], limit=2)
def blur(answer, draw):
    """A one-dimensional convolution, written oneself"""
    signal, kernel = draw.array(15, 0, 9), draw.array(3, 1, 5)
    yield case(answer(signal, kernel), [float(signal[n : n + 3] @ kernel[::-1]) for n in range(13)])


@question("label", points=1, limit=2)
def label(answer, draw):
    """A text with a number in it"""
    for number in draw.integers(3, 0, 99):
        yield case(answer(number), f"item {number}")
