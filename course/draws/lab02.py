"""Lab 02: a cross-correlation by hand, and the signs of Sobel."""

from __future__ import annotations

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

Rows = tuple[tuple[int, ...], ...]
Place = tuple[int, int]
ByHand = tuple[Rows, Rows, tuple[Place, ...]]

PLACES: tuple[Place, ...] = ((1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2))


def _rows(draw: Draw, height: int, width: int, low: int, high: int) -> Rows:
    return tuple(tuple(draw.integers(width, low, high)) for _ in range(height))


def half_turn(rows: Rows) -> Rows:
    """The rows turned by 180 degrees."""
    return tuple(tuple(reversed(row)) for row in reversed(rows))


def window_sum(image: Rows, kernel: Rows, row: int, column: int) -> int:
    """The products of a kernel with the window whose upper left corner is image[row][column], added up."""
    return sum(
        weight * image[row + a][column + b] for a, line in enumerate(kernel) for b, weight in enumerate(line)
    )


def _entries(numbers: ByHand) -> tuple[int, ...]:
    image, kernel, places = numbers
    return tuple(window_sum(image, kernel, row, column) for row, column in places)


def _flipped(numbers: ByHand) -> tuple[int, ...]:
    image, kernel, places = numbers
    return _entries((image, half_turn(kernel), places))


def _without_signs(numbers: ByHand) -> tuple[int, ...]:
    image, kernel, places = numbers
    return _entries((image, tuple(tuple(abs(weight) for weight in line) for line in kernel), places))


def _swapped_places(numbers: ByHand) -> tuple[int, ...]:
    image, kernel, places = numbers
    return _entries((image, kernel, tuple((column, row) for row, column in places)))


def _counted_from_one(numbers: ByHand) -> tuple[int, ...]:
    image, kernel, places = numbers
    return _entries((image, kernel, tuple((max(row - 1, 0), max(column - 1, 0)) for row, column in places)))


def _centred(numbers: ByHand) -> tuple[int, ...]:
    """The entries if the kernel's middle lies on the place; beyond the border there are zeros."""
    image, kernel, places = numbers
    width = len(image[0]) + 2
    framed = ((0,) * width, *((0, *row, 0) for row in image), (0,) * width)
    return _entries((framed, kernel, places))


def _transposed(numbers: ByHand) -> tuple[int, ...]:
    image, kernel, places = numbers
    return _entries((image, tuple(zip(*kernel, strict=True)), places))


def _averages(numbers: ByHand) -> tuple[float, ...]:
    return tuple(entry / 9 for entry in _entries(numbers))


CENTRED = "The kernel's middle lies on the place; its upper left corner belongs there."
BY_HAND_MISTAKES = {
    "The kernel is turned by half a turn; lay it on the picture as it stands.": _flipped,
    "The kernel is transposed; its rows lie on the picture's rows.": _transposed,
    "The minus signs are lost: a negative weight takes away.": _without_signs,
    "Row and column are swapped: in [i][j], i is the row.": _swapped_places,
    "The window begins one row and one column too early: rows and columns are counted from 0.": _counted_from_one,
    CENTRED: _centred,
    "Divided by 9: the entry is the sum of the nine products, not their average.": _averages,
}


def _told_apart(numbers: ByHand) -> bool:
    """Whether every entry alone tells the right rule and all mistakes apart, and no entry is a likely guess."""
    right = _entries(numbers)
    if not 2 <= sum(line.count(0) for line in numbers[1]) <= 4:
        return False  # a few zeros make less to add up
    if len(set(right)) < len(right) or min(right) >= 0 or set(right) & {-1, 0, 1, 2, 3}:
        return False
    for number, place in enumerate(numbers[2]):
        # At the corner a swapped or wrongly counted place is the same place; elsewhere both begin one too early.
        alike = (_swapped_places, _counted_from_one) if place == (0, 0) else (_centred,)
        seen = [right[number]]
        seen += [rule(numbers)[number] for rule in BY_HAND_MISTAKES.values() if rule not in alike]
        if len(set(seen)) < len(seen):
            return False
    return True


def _four_entries(draw: Draw) -> ByHand:
    """An image, a kernel that a half turn changes, and four places of the output, the first one at its corner."""
    while True:
        image, kernel = _rows(draw, 6, 6, 0, 4), _rows(draw, 3, 3, -2, 2)
        numbers = (image, kernel, ((0, 0), *draw.shuffled(PLACES)[:3]))
        if _told_apart(numbers):
            return numbers


by_hand = Arithmetic(
    lab="lab02_convolution",
    question="by_hand",
    draw=_four_entries,
    right=_entries,
    mistakes=BY_HAND_MISTAKES,
)

SOBEL_X: Rows = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
SOBEL_Y: Rows = ((-1, -2, -1), (0, 0, 0), (1, 2, 1))


def gradients(patch: Rows) -> tuple[int, int]:
    """Sobel X and Sobel Y of a 3×3 patch, kernels laid on as they stand."""
    return window_sum(patch, SOBEL_X, 0, 0), window_sum(patch, SOBEL_Y, 0, 0)


def _true_convolution(patch: Rows) -> tuple[int, int, int, int]:
    turned = window_sum(patch, half_turn(SOBEL_X), 0, 0), window_sum(patch, half_turn(SOBEL_Y), 0, 0)
    return (*gradients(patch), *turned)


def _patch(draw: Draw) -> Rows:
    """A patch with two slopes of different size, neither of them flat."""
    while True:
        patch = _rows(draw, 3, 3, 0, 9)
        across, down = gradients(patch)
        if min(abs(across), abs(down)) > 2 and abs(across) != abs(down):
            return patch


def _signs(across: int, down: int, turned_across: int, turned_down: int):
    """A rule that gives the four numbers with these factors."""
    return lambda patch: (
        across * gradients(patch)[0],
        down * gradients(patch)[1],
        turned_across * gradients(patch)[0],
        turned_down * gradients(patch)[1],
    )


def _axes_swapped(patch: Rows) -> tuple[int, int, int, int]:
    across, down, turned_across, turned_down = _true_convolution(patch)
    return down, across, turned_down, turned_across


def _kernel_by_kernel(patch: Rows) -> tuple[int, int, int, int]:
    across, down, turned_across, turned_down = _true_convolution(patch)
    return across, turned_across, down, turned_down


sobel = Arithmetic(
    lab="lab02_convolution",
    question="sobel",
    draw=_patch,
    right=_true_convolution,
    mistakes={
        "Both stay unchanged in your answer; a half turn exchanges a Sobel kernel's minus and plus side.": _signs(
            1, 1, 1, 1
        ),
        "Only gx changes in your answer; a half turn exchanges top and bottom too.": _signs(1, 1, -1, 1),
        "Only gy changes in your answer; a half turn exchanges left and right too.": _signs(1, 1, 1, -1),
        "All signs are the other way round: first without the turn, then with it.": _signs(-1, -1, 1, 1),
        "gx and gy are swapped: Sobel X compares right with left.": _axes_swapped,
        "The order is gx, gy, then both again under true convolution.": _kernel_by_kernel,
    },
)

ALL = (by_hand, sobel)
