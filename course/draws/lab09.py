"""Lab 09: six broken programs for each learner, and what is wrong with them."""

from __future__ import annotations

import hashlib

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

LAB = "lab09_lenet"

# What a program can suffer from. The last three occur in none of them.
FAULTS = ("channels", "flatten", "loss", "padding", "activation", "labels")
CAUSES = (*FAULTS, "scale", "units", "rate")


def fault_of(number: int) -> str:
    """What is wrong with the program of that number."""
    return FAULTS[hashlib.sha256(f"{LAB} program {number}".encode()).digest()[0] % len(FAULTS)]


def _six(draw: Draw) -> tuple[int, ...]:
    """Numbers of six programs with six different faults, in no order."""
    numbers: list[int] = []
    for fault in draw.shuffled(FAULTS):
        number = draw.integer(100, 999)
        while fault_of(number) != fault:
            number = draw.integer(100, 999)
        numbers.append(number)
    return tuple(numbers)


def _exchanged(first: str, second: str, causes: list[str]) -> list[str]:
    """The same list with two causes exchanged."""
    return [{first: second, second: first}.get(cause, cause) for cause in causes]


def causes_of(numbers: tuple[int, ...]) -> list[str]:
    """The right answer: the cause of each program, in their order."""
    return [fault_of(number) for number in numbers]


# Two faults that are taken for one another, and how they are told apart.
CONFUSED = {
    ("flatten", "labels"): (
        "Both errors complain of a rank. Read the shapes in them: is it the output that has maps left, "
        "or the target that has ten numbers for each image?"
    ),
    ("loss", "activation"): (
        "Look at the hidden layers and at the last one separately: which of them have an activation?"
    ),
    ("channels", "padding"): (
        "One of the two stops with an error before it has seen an image; the other one runs."
    ),
}

my_causes = Arithmetic(
    lab=LAB,
    question="my_causes",
    draw=_six,
    right=causes_of,
    mistakes={
        text: lambda numbers, pair=pair: _exchanged(*pair, causes_of(numbers)) for pair, text in CONFUSED.items()
    },
)

ALL = (my_causes,)
