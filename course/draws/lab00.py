"""Lab 00: a picture whose numbers are counted by hand."""

from __future__ import annotations

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

Shape = tuple[int, int, int]

COUNT_MISTAKES = {
    "The channels are left out: each pixel has one number for each of them.": lambda h, w, c: h * w,
    "Added up: height, width and channels are multiplied.": lambda h, w, c: h + w + c,
    "The height is there twice, and the width is missing.": lambda h, w, c: h * h * c,
    "The width is there twice, and the height is missing.": lambda h, w, c: w * w * c,
}


def _picture(draw: Draw) -> Shape:
    """Height, width and channels of a small colour picture that is not square."""
    while True:
        height, width = draw.integer(3, 9), draw.integer(3, 9)
        if height != width:
            return height, width, 3


my_picture = Arithmetic(
    lab="lab00_orientation",
    question="my_picture",
    draw=_picture,
    right=lambda shape: sum(1 for _ in range(shape[0]) for _ in range(shape[1]) for _ in range(shape[2])),
    mistakes={name: lambda shape, rule=rule: rule(*shape) for name, rule in COUNT_MISTAKES.items()},
)

ALL = (my_picture,)
