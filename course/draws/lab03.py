"""Lab 03: shapes of two layers, and two outputs of the lectures' animation with other numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic
from course.draws.lab02 import Rows, half_turn, window_sum

Shape = tuple[int, ...]
Layer = tuple[int, int, int, int]
Network = tuple[Shape, Layer, Layer]


def digits(text: str) -> Rows:
    """Rows of digits, with spaces between the rows."""
    return tuple(tuple(int(digit) for digit in row) for row in text.split())


# The animation of CS231n's notes (S0), one stored state of it: channels of the picture, slices of the two filters.
PICTURE = (
    digits("12001 22010 22121 01102 21021"),
    digits("02001 11022 01102 12020 02010"),
    digits("22100 21001 02221 12102 21111"),
)
FILTERS = (
    (
        ((1, -1, -1), (-1, 0, 0), (-1, -1, 0)),
        ((-1, 0, 1), (-1, 0, 0), (-1, -1, -1)),
        ((-1, -1, 1), (0, 0, 0), (1, -1, -1)),
    ),
    (
        ((0, 0, 1), (1, 1, 0), (0, 0, 0)),
        ((1, 0, 0), (1, -1, 1), (-1, 0, 0)),
        ((-1, 1, 0), (0, -1, 1), (1, 0, -1)),
    ),
)
BIASES = (1, 0)


# ---- 3.2: shapes of two layers


def places(side: int, k: int, stride: int, pad: int) -> int:
    """How many places a filter visits, by listing where it can start."""
    return len(range(0, side + 2 * pad - k + 1, stride))


def _two_layers(draw: Draw) -> Network:
    """A batch's shape (images, height, width, channels), and two layers (k, filters, stride, padding)."""
    images, channels = draw.integer(4, 9), draw.integer(2, 3)
    height = draw.integer(24, 40)
    width = height + draw.choice([-7, -5, 4, 6])
    sides = draw.shuffled([3, 5])
    first = sides[0], draw.integer(10, 19), draw.integer(2, 3), draw.integer(1, 2)
    second = sides[1], draw.integer(20, 40), 1, draw.integer(1, 2)
    return (images, height, width, channels), first, second


def _shapes(
    numbers: Network,
    *,
    kernel: Callable[[int, int, int], Shape] = lambda k, c_in, c_out: (k, k, c_in, c_out),
    side: Callable[[int, int, int, int], int] = places,
    deep: Callable[[int, int], int] = lambda channels, before: before,
    out: Callable[[Shape, int], Shape] = lambda shape, c_in: shape,
) -> tuple[Shape, ...]:
    """Weights and output of each layer; the options make mistakes."""
    (images, height, width, channels), *layers = numbers
    shapes, before = [], channels
    for k, filters, stride, pad in layers:
        c_in = deep(channels, before)
        height, width = side(height, k, stride, pad), side(width, k, stride, pad)
        shapes += [kernel(k, c_in, filters), out((images, height, width, filters), c_in)]
        before = filters
    return tuple(shapes)


def _with(**options: Callable) -> Callable[[Network], tuple[Shape, ...]]:
    return lambda numbers: _shapes(numbers, **options)


SHAPE_MISTAKES = {
    "The filters' depth is missing: a filter is as deep as its input, (k, k, c_in, c_out).": _with(
        kernel=lambda k, c_in, c_out: (k, k, c_out)
    ),
    "The filters have depth 1; a filter is as deep as its input.": _with(
        kernel=lambda k, c_in, c_out: (k, k, 1, c_out)
    ),
    "c_in and c_out are exchanged: the number of filters comes last.": _with(
        kernel=lambda k, c_in, c_out: (k, k, c_out, c_in)
    ),
    "The filters stand first, as in PyTorch; here the order is (k_h, k_w, c_in, c_out).": _with(
        kernel=lambda k, c_in, c_out: (c_out, c_in, k, k)
    ),
    "The second layer reads the maps of the first, not the picture: its c_in is the first layer's filters.": _with(
        deep=lambda channels, before: channels
    ),
    "The output is as deep as the input; its depth is the number of filters.": _with(
        out=lambda shape, c_in: (*shape[:3], c_in)
    ),
    "The number of images is missing: shapes are (batch, height, width, channels).": _with(
        out=lambda shape, c_in: shape[1:]
    ),
    "Height and width are swapped in the outputs.": _with(
        out=lambda shape, c_in: (shape[0], shape[2], shape[1], shape[3])
    ),
    "The padding is left out.": _with(side=lambda n, k, s, p: places(n, k, s, 0)),
    "The padding is counted once; it stands on both sides.": _with(side=lambda n, k, s, p: (n + p - k) // s + 1),
    "The + 1 is missing: the first place counts too.": _with(side=lambda n, k, s, p: (n + 2 * p - k) // s),
    "The stride is left out.": _with(side=lambda n, k, s, p: places(n, k, 1, p)),
    "Rounded up: a window that hangs over the end does not count.": _with(
        side=lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1
    ),
}

my_shapes = Arithmetic(
    lab="lab03_volumes", question="my_shapes", draw=_two_layers, right=_shapes, mistakes=SHAPE_MISTAKES
)


# ---- 3.3: two outputs of the animation


class Outputs(NamedTuple):
    """Stride, padding, a bias for each filter, and two outputs: (filter, row, column)."""

    stride: int
    pad: int
    biases: tuple[int, int]
    wanted: tuple[tuple[int, int, int], tuple[int, int, int]]


def framed(channel: Rows, pad: int) -> Rows:
    """A channel with a ring of zeros."""
    wide = len(channel[0]) + 2 * pad
    rows = [(0,) * pad + tuple(row) + (0,) * pad for row in channel]
    return ((0,) * wide,) * pad + tuple(rows) + ((0,) * wide,) * pad


FAR = tuple(framed(channel, 9) for channel in PICTURE)  # so that no window of a mistake leaves the zeros


def _sum(numbers: Outputs, which: int, row: int, column: int, channels: Sequence[int], turned: bool) -> int:
    """The products of one filter with one window, some of the channels only."""
    top, left = (9 - numbers.pad + place * numbers.stride for place in (row, column))
    slices = [half_turn(part) if turned else part for part in FILTERS[which]]
    return sum(window_sum(FAR[channel], slices[channel], top, left) for channel in channels)


def _outputs(
    numbers: Outputs, *, channels: Sequence[int] = (0, 1, 2), turned: bool = False, times: int = 1
) -> tuple[int, ...]:
    """The two outputs; the options make mistakes."""
    return tuple(
        _sum(numbers, which, row, column, channels, turned) + times * numbers.biases[which]
        for which, row, column in numbers.wanted
    )


def _swapped(numbers: Outputs) -> tuple[int, ...]:
    return _outputs(numbers._replace(wanted=tuple((which, j, i) for which, i, j in numbers.wanted)))


def _other_filter(numbers: Outputs) -> tuple[int, ...]:
    return _outputs(numbers._replace(wanted=tuple((1 - which, i, j) for which, i, j in numbers.wanted)))


OUTPUT_MISTAKES = {
    "The padding is left out: the window begins in the ring of zeros.": lambda n: _outputs(n._replace(pad=0)),
    "The padding is the lecture's, 1; take your own.": lambda n: _outputs(n._replace(pad=1)),
    "The stride is the lecture's, 2; take your own.": lambda n: _outputs(n._replace(stride=2)),
    "The stride is left out: place (i, j) begins at row i · s, column j · s.": lambda n: _outputs(
        n._replace(stride=1)
    ),
    "Row and column are swapped: the row comes first.": _swapped,
    "Channel 0 only: the filter reads all three channels, and their sums are added.": lambda n: _outputs(
        n, channels=(0,)
    ),
    "The bias is missing.": lambda n: _outputs(n, times=0),
    "The bias is added once for every channel; it is added once.": lambda n: _outputs(n, times=3),
    "The biases are the lecture's; take your own.": lambda n: _outputs(n._replace(biases=BIASES)),
    "The filters are exchanged: they are counted from 0.": _other_filter,
    "The slices are turned by half a turn; lay them on as they stand.": lambda n: _outputs(n, turned=True),
    "The two numbers stand in the other order: filter 0 comes first.": lambda n: _outputs(n)[::-1],
}


def _told_apart(numbers: Outputs) -> bool:
    """Whether no mistake gives either of the right numbers, and neither is a likely guess.

    Two mistakes may give the same number at one place, but not at both: `Arithmetic` sees to that.
    """
    right = _outputs(numbers)
    if right[0] == right[1] or set(right) & {-1, 0, 1}:
        return False
    wrong = [rule(numbers) for rule in OUTPUT_MISTAKES.values()]
    return not any(pair[index] == right[index] for pair in wrong for index in (0, 1))


def _two_outputs(draw: Draw) -> Outputs:
    """Stride 3 and padding 2, not as in the lecture; one output of each filter, at an edge of the 3×3 places.

    Only one row or column of such a window lies on the picture: nine products by hand, the others are 0.
    """
    edges = [(0, 1), (1, 0), (1, 2), (2, 1)]
    while True:
        biases = tuple(draw.choice([-1, 1]) * draw.integer(2, 9) for _ in range(2))
        first, second = draw.choice(edges), draw.choice(edges)
        numbers = Outputs(3, 2, biases, ((0, *first), (1, *second)))
        if _told_apart(numbers):
            return numbers


my_outputs = Arithmetic(
    lab="lab03_volumes", question="my_outputs", draw=_two_outputs, right=_outputs, mistakes=OUTPUT_MISTAKES
)

ALL = (my_shapes, my_outputs)
