"""Lab 04: sizes by hand, and paddings that fit."""

from __future__ import annotations

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

Geometry = tuple[int, int, int, int]


def geometry(draw: Draw) -> Geometry:
    """Side n, filter side f, stride s, padding p, with a filter that is no wider than the padded input."""
    while True:
        n, f, s, p = draw.integer(5, 15), draw.integer(1, 6), draw.integer(1, 3), draw.integer(0, 2)
        if n + 2 * p >= f:
            return n, f, s, p


def _six(draw: Draw) -> tuple[Geometry, ...]:
    """Six cases with padding and stride, half of which do not fit."""
    cases: list[Geometry] = []
    while len(cases) < 6:
        n, f, s, p = draw.integer(20, 60), draw.integer(2, 7), draw.integer(2, 4), draw.integer(1, 3)
        if ((n + 2 * p - f) % s == 0) == (len(cases) % 2 == 0):
            cases.append((n, f, s, p))
    return tuple(cases)


def places(n: int, f: int, s: int, p: int) -> int:
    """How many places a filter visits, by listing where it can start."""
    return len(range(0, n + 2 * p - f + 1, s))


SIZE_MISTAKES = {
    "The + 1 is missing: the first place counts too.": lambda n, f, s, p: (n + 2 * p - f) // s,
    "The padding is counted once; it stands on both sides.": lambda n, f, s, p: (n + p - f) // s + 1,
    "The padding is left out.": lambda n, f, s, p: (n - f) // s + 1,
    "Rounded up: a filter that only half fits has no place.": lambda n, f, s, p: -(-(n + 2 * p - f) // s) + 1,
}

my_sizes = Arithmetic(
    lab="lab04_shapes",
    question="my_sizes",
    draw=_six,
    right=lambda cases: tuple(places(*case) for case in cases),
    mistakes={
        name: lambda cases, rule=rule: tuple(rule(*case) for case in cases) for name, rule in SIZE_MISTAKES.items()
    },
)


def fitting(n: int, f: int, s: int) -> tuple[int, ...]:
    """Paddings 0..f with which the last window ends exactly at the border."""
    return tuple(p for p in range(f + 1) if n + 2 * p >= f and (n + 2 * p - f) % s == 0)


def _three(draw: Draw) -> tuple[tuple[int, int, int], ...]:
    """Three triples (n, f, s): for one of them no padding fits, for the others several do."""
    none = (2 * draw.integer(8, 24), 2 * draw.integer(1, 3) + 1, 2)
    return _fitting_triple(draw, 3), none, _fitting_triple(draw, 4)


def _fitting_triple(draw: Draw, s: int) -> tuple[int, int, int]:
    while True:
        n, f = draw.integer(17, 49), draw.integer(4, 7)
        if len(fitting(n, f, s)) >= 2:
            return n, f, s


my_paddings = Arithmetic(
    lab="lab04_shapes",
    question="my_paddings",
    draw=_three,
    right=lambda triples: tuple(fitting(*triple) for triple in triples),
    mistakes={
        "Only the smallest padding that fits; there are more up to f.": lambda triples: tuple(
            fitting(*triple)[:1] for triple in triples
        ),
        "The padding is counted once; it stands on both sides.": lambda triples: tuple(
            tuple(p for p in range(f + 1) if n + p >= f and (n + p - f) % s == 0) for n, f, s in triples
        ),
    },
)

ALL = (my_sizes, my_paddings)
