"""Lab 06: pooling by hand, and how far a network must be shifted until its map moves along."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

Rows = tuple[tuple[int, ...], ...]
Grids = tuple[Rows, Rows]
Four = tuple[float, ...]
Pools = tuple[Four, Four, Four]
Net = tuple[str, tuple[int, int], tuple[int, int]]


def windows(grid: Rows, side: int, stride: int, count: int = 2) -> tuple[tuple[int, ...], ...]:
    """The numbers of the first `count`×`count` windows, row by row."""
    return tuple(
        tuple(grid[row * stride + a][column * stride + b] for a in range(side) for b in range(side))
        for row in range(count)
        for column in range(count)
    )


def _average(numbers: Sequence[int]) -> float:
    return sum(numbers) / len(numbers)


def _of_each(rule: Callable[[tuple[int, ...]], float], side: int, stride: int) -> Callable[[Rows], Four]:
    """What a rule makes of each of the four windows."""
    return lambda grid: tuple(rule(window) for window in windows(grid, side, stride))


def _turned(four: Four) -> Four:
    """The four numbers, column by column."""
    return four[0], four[2], four[1], four[3]


MAXIMA, AVERAGES, WIDE_MAXIMA = _of_each(max, 2, 2), _of_each(_average, 2, 2), _of_each(max, 3, 2)


def pools(grids: Grids) -> Pools:
    """The maxima and the averages of the first grid, and the wide maxima of the second."""
    return MAXIMA(grids[0]), AVERAGES(grids[0]), WIDE_MAXIMA(grids[1])


def _changed(place: int, rule: Callable[[Rows], Four]) -> Callable[[Grids], Pools]:
    """The right answer with one of its three parts by another rule."""

    def wrong(grids: Grids) -> Pools:
        parts = list(pools(grids))
        parts[place] = rule(grids[place // 2])
        return tuple(parts)

    return wrong


MAX_MISTAKES = {
    "These are the smallest numbers; max pooling keeps the largest.": _of_each(min, 2, 2),
    "These are averages; max pooling keeps the largest number.": AVERAGES,
    "Column by column; the order is row by row.": lambda grid: _turned(MAXIMA(grid)),
    "The window moved by 1 pixel; the stride is 2.": _of_each(max, 2, 1),
    "These are the sums; max pooling keeps the largest number.": _of_each(sum, 2, 2),
    "These are the largest numbers of the four rows; a window is 2×2.": lambda grid: tuple(map(max, grid)),
    "These are the largest numbers of the four columns; a window is 2×2.": (
        lambda grid: tuple(max(column) for column in zip(*grid, strict=True))
    ),
}
AVERAGE_MISTAKES = {
    "The fractions are cut off: 146 / 4 is 36.5, not 36.": _of_each(lambda four: sum(four) // 4, 2, 2),
    "Rounded to whole numbers: 146 / 4 is 36.5 exactly.": _of_each(lambda four: (sum(four) + 2) // 4, 2, 2),
    "These are the sums; divide by the four pixels.": _of_each(sum, 2, 2),
    "Divided by 2; a 2×2 window has four pixels.": _of_each(lambda four: sum(four) / 2, 2, 2),
    "These are the largest numbers again.": MAXIMA,
    "The middle of the smallest and the largest; all four pixels count.": _of_each(
        lambda four: (min(four) + max(four)) / 2, 2, 2
    ),
    "The middle of the two middle numbers, which is the median; all four pixels count.": _of_each(
        lambda four: sum(sorted(four)[1:3]) / 2, 2, 2
    ),
    "Column by column, the averages; the order is row by row.": lambda grid: _turned(AVERAGES(grid)),
    "The window moved by 1 pixel; the stride of the averages is 2.": _of_each(_average, 2, 1),
}
WIDE_MISTAKES = {
    "The windows are 2×2, as wide as the stride; here they are 3×3 and overlap.": _of_each(max, 2, 2),
    "The stride is 1 here; the window moves by 2.": _of_each(max, 3, 1),
    "A window of negative numbers has a negative maximum; nothing says that it begins at 0.": _of_each(
        lambda nine: max(0, *nine), 3, 2
    ),
    "The signs are lost: the largest number, not the one furthest from 0.": _of_each(
        lambda nine: max(map(abs, nine)), 3, 2
    ),
    "These are the smallest numbers of the 3×3 windows.": _of_each(min, 3, 2),
    "Column by column, the maxima of the 3×3 windows; the order is row by row.": (
        lambda grid: _turned(WIDE_MAXIMA(grid))
    ),
    "The number furthest from 0, with its sign; asked is the largest one.": _of_each(
        lambda nine: max(nine, key=abs), 3, 2
    ),
}


def _grid(draw: Draw, side: int, low: int, high: int) -> Rows:
    return tuple(tuple(draw.integers(side, low, high)) for _ in range(side))


def _with_a_dark_corner(draw: Draw) -> Rows:
    """A 5×5 grid of both signs in which one of the four 3×3 windows holds negative numbers only."""
    top, left = 2 * draw.integer(0, 1), 2 * draw.integer(0, 1)
    return tuple(
        tuple(
            draw.integer(-9, -1) if 0 <= row - top < 3 and 0 <= column - left < 3 else draw.integer(-9, 9)
            for column in range(5)
        )
        for row in range(5)
    )


def _lecture_like(draw: Draw) -> Rows:
    """A 4×4 grid whose four maxima differ and whose averages have a half and a quarter among them."""
    while True:
        grid = _grid(draw, 4, 0, 60)
        if {0.25, 0.5} <= {average % 1 for average in AVERAGES(grid)} and len(set(MAXIMA(grid))) == 4:
            return grid


def _two_grids(draw: Draw) -> Grids:
    """A grid as in the lecture, and one for wide windows whose four maxima differ, one of them below 0."""
    first = _lecture_like(draw)
    while True:
        second = _with_a_dark_corner(draw)
        largest = WIDE_MAXIMA(second)
        if len(set(largest)) == 4 and sum(value < 0 for value in largest) == 1:
            return first, second


my_pools = Arithmetic(
    lab="lab06_pooling",
    question="my_pools",
    draw=_two_grids,
    right=pools,
    mistakes={
        name: _changed(place, rule)
        for place, rules in enumerate((MAX_MISTAKES, AVERAGE_MISTAKES, WIDE_MISTAKES))
        for name, rule in rules.items()
    },
)


def step(net: Net) -> int:
    """The smallest shift of the picture, in pixels, with which the map moves along exactly."""
    _, _, (first, second) = net
    return first * second


def reach(net: Net) -> int:
    """How many pixels beyond its own columns a number of the map sees, on either side."""
    _, (one, two), (first, _) = net
    return one // 2 + first * (two // 2)


def broken(net: Net) -> int:
    """In how many columns of the map f[t[x]] and t[f[x]] differ after a shift by `step`.

    Zeros spoil the columns whose pixels reach beyond the border, at both ends; t moves the spoilt ones of f[x],
    so that one more column differs at the left.
    """
    spoilt = -(-reach(net) // step(net))
    return 0 if net[0] == "cyclic" else 2 * spoilt + 1


STEP_MISTAKES: dict[str, Callable[[Net], int]] = {
    "One pixel does for every net; with stride 2, half a place of the map does not exist.": lambda net: 1,
    "The strides are added; each pooling multiplies what a place stands for.": lambda net: sum(net[2]),
    "Only the first pooling counts; each one multiplies what a place stands for.": lambda net: net[2][0],
    "Only the second pooling counts; each one multiplies what a place stands for.": lambda net: net[2][1],
}
BROKEN_MISTAKES: dict[str, Callable[[Net], int]] = {
    "One column is missing: t moves the spoilt columns of f[x] too.": lambda net: max(broken(net) - 1, 0),
    "Only one end of the map is counted.": lambda net: -(-reach(net) // step(net)) if broken(net) else 0,
    "Nothing differs, you say; zeros beyond the border do make a difference there.": lambda net: 0,
    "The cyclic net is counted as if it had zeros.": lambda net: broken(("zeros", *net[1:])),
    "Columns of the picture are counted; the question asks for columns of the map.": (
        lambda net: broken(net) * step(net)
    ),
}


def _three_nets(draw: Draw) -> tuple[Net, ...]:
    """Zeros without pooling, cyclic with one pooling, zeros with two poolings, in any order."""

    def sides() -> tuple[int, int]:
        return draw.choice([3, 5]), draw.choice([3, 5])

    one = draw.choice([2, 3, 4])
    nets: list[Net] = [
        ("zeros", sides(), (1, 1)),
        ("cyclic", sides(), draw.choice([(one, 1), (1, one)])),
        ("zeros", sides(), draw.choice([(2, 3), (3, 2), (2, 4), (4, 2)])),
    ]
    return tuple(draw.shuffled(nets))


def steps_and_broken(nets: Sequence[Net]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two answers: one number a net each."""
    return tuple(map(step, nets)), tuple(map(broken, nets))


def _shift_mistakes() -> dict[str, Callable[[Sequence[Net]], tuple[tuple[int, ...], tuple[int, ...]]]]:
    found = {
        name: lambda nets, rule=rule: (tuple(map(rule, nets)), tuple(map(broken, nets)))
        for name, rule in STEP_MISTAKES.items()
    }
    for name, rule in BROKEN_MISTAKES.items():
        found[name] = lambda nets, rule=rule: (tuple(map(step, nets)), tuple(map(rule, nets)))
    found["The first and the last net have changed places, in the steps."] = lambda nets: (
        tuple(map(step, nets))[::-1],
        tuple(map(broken, nets)),
    )
    return found


my_nets = Arithmetic(
    lab="lab06_pooling",
    question="my_nets",
    draw=_three_nets,
    right=steps_and_broken,
    mistakes=_shift_mistakes(),
)

ALL = (my_pools, my_nets)
