"""Lab 11: the costs of a first layer, and of three dense layers, by hand."""

from __future__ import annotations

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

First = tuple[int, int, int, int]
Dense = tuple[int, int, int, int, int, int]


def _first_layer(draw: Draw) -> First:
    """Side of a colour picture, side of the filters, stride, filters; the division always leaves a remainder."""
    while True:
        n, f, s = draw.integer(160, 260), draw.choice([7, 9, 11, 13]), draw.integer(3, 5)
        if (n - f) % s:
            return n, f, s, 8 * draw.integer(4, 14)


def _places(n: int, f: int, s: int) -> int:
    """Places of a filter in one direction, by listing where it can start."""
    return len(range(0, n - f + 1, s))


def first_costs(n: int, f: int, s: int, k: int) -> tuple[int, int]:
    """Parameters and multiply-adds of k filters f×f×3 at stride s on a colour picture of side n."""
    return k * (f * f * 3 + 1), _places(n, f, s) ** 2 * k * f * f * 3


def _first_rules() -> dict:
    def with_side(side) -> object:
        return lambda n, f, s, k: (k * (f * f * 3 + 1), side(n, f, s) ** 2 * k * f * f * 3)

    return {
        "The biases are missing from the parameters: every filter has one.": (
            lambda n, f, s, k: (k * f * f * 3, first_costs(n, f, s, k)[1])
        ),
        "The depth is forgotten: a filter reads all three colours.": (
            lambda n, f, s, k: (k * (f * f + 1), _places(n, f, s) ** 2 * k * f * f)
        ),
        "The multiply-adds are counted at every pixel; the stride leaves fewer places.": with_side(
            lambda n, f, s: n
        ),
        "The stride is left out of the multiply-adds.": with_side(lambda n, f, s: n - f + 1),
        "The + 1 is missing: the first place counts too.": with_side(lambda n, f, s: (n - f) // s),
        "Rounded up: a filter that only half fits has no place.": with_side(lambda n, f, s: -(-(n - f) // s) + 1),
        "The places are counted in one direction only: they fill a square.": (
            lambda n, f, s, k: (first_costs(n, f, s, k)[0], _places(n, f, s) * k * f * f * 3)
        ),
        "The biases are counted among the multiply-adds: adding a bias is no multiplication.": (
            lambda n, f, s, k: (first_costs(n, f, s, k)[0], _places(n, f, s) ** 2 * k * (f * f * 3 + 1))
        ),
        "The two are exchanged: first the parameters, then the multiply-adds.": (
            lambda n, f, s, k: first_costs(n, f, s, k)[::-1]
        ),
    }


my_conv1 = Arithmetic(
    lab="lab11_alexnet",
    question="my_conv1",
    draw=_first_layer,
    right=lambda numbers: first_costs(*numbers),
    mistakes={name: lambda numbers, rule=rule: rule(*numbers) for name, rule in _first_rules().items()},
)


def _dense_layers(draw: Draw) -> Dense:
    """Side and number of the last maps, units of three dense layers, and parameters of all convolutions.

    The share is never near the middle between two whole numbers, so that rounding is no question.
    """
    while True:
        side, maps = draw.integer(4, 9), 16 * draw.integer(4, 12)
        units = (256 * draw.integer(2, 6), 256 * draw.integer(2, 6), 10 * draw.integer(5, 40))
        numbers = (side, maps, *units, 1_000 * draw.integer(600, 3000))
        parts = _dense_parameters(side, maps, *units)
        percent = 100 * parts / (parts + numbers[5])
        if abs(percent % 1 - 0.5) > 0.1 and units[0] != units[1] and 60 < percent < 96:
            return numbers


def _dense_parameters(side: int, maps: int, first: int, second: int, classes: int) -> int:
    """Parameters of three dense layers behind flattened maps."""
    return (side * side * maps + 1) * first + (first + 1) * second + (second + 1) * classes


def dense_share(side: int, maps: int, first: int, second: int, classes: int, others: int) -> tuple[int, int]:
    """Parameters of the three dense layers, and their share of all parameters in whole per cent."""
    return _with_share(_dense_parameters(side, maps, first, second, classes), others)


def _with_share(parts: int, others: int) -> tuple[int, int]:
    return parts, round(100 * parts / (parts + others))


DENSE_MISTAKES = {
    "The biases are missing: every unit has one.": lambda side, maps, a, b, c, others: _with_share(
        side * side * maps * a + a * b + b * c, others
    ),
    "Flattening keeps every number: side times side times maps.": lambda side, maps, a, b, c, others: _with_share(
        (side * maps + 1) * a + (a + 1) * b + (b + 1) * c, others
    ),
    "The maps are left out: side times side times maps numbers arrive.": (
        lambda side, maps, a, b, c, others: _with_share((side * side + 1) * a + (a + 1) * b + (b + 1) * c, others)
    ),
    "Only the first dense layer is counted; there are three.": lambda side, maps, a, b, c, others: _with_share(
        (side * side * maps + 1) * a, others
    ),
    "The last dense layer, the classes, is missing.": lambda side, maps, a, b, c, others: _with_share(
        (side * side * maps + 1) * a + (a + 1) * b, others
    ),
    "The second number is the convolutions' share; the dense layers' is asked for.": (
        lambda side, maps, a, b, c, others: (
            dense_share(side, maps, a, b, c, others)[0],
            100 - dense_share(side, maps, a, b, c, others)[1],
        )
    ),
    "Divided by the convolutions' parameters; a share is a part of all of them.": (
        lambda side, maps, a, b, c, others: (
            dense_share(side, maps, a, b, c, others)[0],
            round(100 * _dense_parameters(side, maps, a, b, c) / others),
        )
    ),
}

my_dense = Arithmetic(
    lab="lab11_alexnet",
    question="my_dense",
    draw=_dense_layers,
    right=lambda numbers: dense_share(*numbers),
    mistakes={name: lambda numbers, rule=rule: rule(*numbers) for name, rule in DENSE_MISTAKES.items()},
)

ALL = (my_conv1, my_dense)
