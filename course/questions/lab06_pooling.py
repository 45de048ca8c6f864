"""Lab 06: activation functions, pooling, and what stays the same under a shift."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np

from autograder.check import Draw, case, group, question

FAR = [-1000.0, -750.0, -40.0, -12.0, -8.0, -6.0, 6.0, 8.0, 12.0, 40.0, 750.0, 1000.0]
OVERFLOW = "Numbers of ±1000 break it: keep what goes into exp at zero or below."
OVERFLOW_SOFTMAX = "Numbers of ±1000 break it: take the largest one along the axis from every entry first."


def _each(x: np.ndarray, rule: Callable[[float], float]) -> np.ndarray:
    return np.array([rule(float(value)) for value in x.flat]).reshape(x.shape)


def _softplus(value: float) -> float:
    """log(1 + exp(value)) with 28 digits and exponents that do not overflow."""
    return float((1 + Decimal(value).exp()).ln())


def _softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Shares of one along an axis, each counted out in decimal numbers."""
    shares = np.zeros(x.shape)
    along = axis % x.ndim
    for place in itertools.product(
        *(range(side) if n != along else [slice(None)] for n, side in enumerate(x.shape))
    ):
        powers = [Decimal(float(value)).exp() for value in x[place]]
        shares[place] = [float(power / sum(powers)) for power in powers]
    return shares


def _relu_mistakes(x: np.ndarray) -> dict:
    return {
        "This is where x is positive, not x itself.": (x > 0).astype(float),
        "This is the smaller of 0 and x: take the larger.": np.minimum(x, 0.0),
        "This is |x|: a negative number becomes 0.": np.abs(x),
        "The negative numbers are left out: the answer keeps x's shape.": x[x > 0],
    }


def _leaky_mistakes(x: np.ndarray, slope: float) -> dict:
    return {
        "This is relu: below zero the line goes on with the given slope.": np.maximum(x, 0.0),
        "The slope is taken on both sides: above zero it is 1.": slope * x,
        "The slope is not used: below zero it is what the call says, not 0.01.": np.where(x > 0, x, 0.01 * x),
        "Below zero stands the slope itself: it multiplies x.": np.where(x > 0, x, slope),
        "The sign is lost below zero.": np.where(x > 0, x, -slope * x),
    }


def _elu_mistakes(x: np.ndarray, alpha: float) -> dict:
    low = np.minimum(x, 0.0)
    return {
        OVERFLOW: FloatingPointError,
        "alpha is not used: it multiplies exp(x) − 1.": np.where(x > 0, x, np.expm1(low)),
        "The − 1 is missing: at zero the two parts must meet.": np.where(x > 0, x, alpha * np.exp(low)),
        "Brackets: alpha multiplies all of exp(x) − 1.": np.where(x > 0, x, alpha * np.exp(low) - 1),
        "This is relu: below zero stands alpha · (exp(x) − 1).": np.maximum(x, 0.0),
        "The curve is taken above zero too: there it is x.": alpha * np.expm1(np.minimum(x, 700.0)),
    }


def _softplus_mistakes(x: np.ndarray) -> dict:
    return {
        OVERFLOW: FloatingPointError,
        "The 1 + is missing: log(exp(x)) is x again.": x,
        "Large x are cut off: log(1 + exp(x)) goes on growing, as x does.": np.log1p(np.exp(np.minimum(x, 700.0))),
        "This is relu.": np.maximum(x, 0.0),
        "This is log(1 + exp(−x)).": np.logaddexp(0.0, -x),
        "This is its derivative, 1 / (1 + exp(−x)).": np.exp(-np.logaddexp(0.0, -x)),
        "This is the logarithm to base 2: take np.log.": np.logaddexp(0.0, x) / math.log(2),
    }


def _softmax_mistakes(x: np.ndarray, axis: int) -> dict:
    wrong: dict = {OVERFLOW_SOFTMAX: FloatingPointError}
    powers = np.exp(x - x.max())
    others = [other for other in range(x.ndim) if other != axis % x.ndim]
    if others:
        wrong["The sum runs over everything: it must run along the given axis only."] = powers / powers.sum()
    for other in others:
        wrong[f"The sum runs along axis {other}: this call asks for axis {axis}."] = _softmax(x, other)
    sums = powers.sum(axis)
    try:
        wrong["keepdims=True is missing: the sums stand under the wrong numbers."] = powers / sums
    except ValueError:
        pass  # NumPy says itself that the shapes do not fit together
    with np.errstate(all="ignore"):
        wrong["exp is missing: these are shares of x itself."] = x / x.sum(axis, keepdims=True)
    wrong["The division is missing: the shares along the axis must sum to 1."] = np.exp(
        x - x.max(axis, keepdims=True)
    )
    return wrong


@question(
    "activations",
    points=3,
    names=["relu", "leaky_relu", "elu", "softplus", "softmax"],
    forbidden=["keras.ops", "keras.activations", "keras.layers", "tensorflow", "scipy", "torch", "sklearn"],
    strict=True,
    hints=[
        "np.where computes both sides for every number, also the side that it throws away: what is exp(1000)?",
        "softplus: for x > 0, log(1 + exp(x)) = x + log(1 + exp(−x)). np.log1p is exact near zero.",
        "softmax: the same number taken from every entry changes nothing. Take the largest, with keepdims=True.",
    ],
)
def activations(answer, draw: Draw) -> Iterator:
    """Five activation functions that survive large numbers

    Each takes an array of floats of any shape and gives an array of that shape; leaky_relu(x, slope) and
    elu(x, alpha) take a positive number, softmax(x, axis) the axis along which the shares sum to 1.
    Numbers of ±1000 must pass without overflow: here NumPy's warnings are errors. Tolerance 1e-6.
    """

    def mixed(*shape: int) -> np.ndarray:
        """Numbers from −5 to 5, none of them 0; far from 0 and near it, on both sides."""
        count = int(np.prod(shape)) - 4
        numbers = [
            -draw.integer(1, 20),
            draw.integer(9, 20),
            draw.integer(1, 3),
            -draw.integer(1, 3),
            *(draw.choice([-1, 1]) * draw.integer(1, 20) for _ in range(count)),
        ]
        return np.array(numbers, dtype=float).reshape(shape) / 4

    shapes = [(6,), (2, 4), (2, 1, 2, 3)]
    far = np.array(FAR)
    with group("relu"):
        for x in [mixed(*shape) for shape in shapes] + [far]:
            yield case(answer["relu"](x), _each(x, lambda v: max(v, 0.0)), mistakes=_relu_mistakes)
    with group("leaky_relu"):
        for x in [mixed(*shape) for shape in shapes] + [far]:
            slope = draw.choice([0.25, 0.125, 0.3, 0.05])
            right = _each(x, lambda v, slope=slope: v if v > 0 else slope * v)
            yield case(answer["leaky_relu"](x, slope), right, mistakes=_leaky_mistakes)
    with group("elu"):
        for x in [mixed(*shape) for shape in shapes] + [far]:
            alpha = draw.choice([0.5, 1.5, 2.0, 0.75])
            right = _each(x, lambda v, alpha=alpha: v if v > 0 else alpha * math.expm1(v))
            yield case(answer["elu"](x, alpha), right, mistakes=_elu_mistakes)
    with group("softplus"):
        for x in [mixed(*shape) for shape in shapes] + [far]:
            yield case(answer["softplus"](x), _each(x, _softplus), mistakes=_softplus_mistakes)
    with group("softmax", weight=2):
        for shape, axis in [((4,), 0), ((2, 3), 1), ((3, 2), 0), ((3, 3), -1), ((2, 3, 4), 1), ((2, 2, 2, 3), -1)]:
            x = mixed(*shape)
            yield case(answer["softmax"](x, axis), _softmax(x, axis), mistakes=_softmax_mistakes)
        for x in [
            np.array([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -998.0]]),
            np.array([[0.0, 1000.0]] * 2),
            np.array([[1000.0, -1000.0, -1000.0]]),
        ]:
            yield case(answer["softmax"](x, 1), _softmax(x, 1), mistakes=_softmax_mistakes)
