"""Lab 14: a learner's three budgets, and six training runs with what is wrong with each."""

from __future__ import annotations

import hashlib

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

LAB = "lab14_capstone"
SIDE, CLASSES = 32, 6

# Lowest and highest parameters (hundreds), multiply-adds (ten thousands) and receptive field (pixels) of a kind.
KINDS = (
    ((55, 70), (150, 200), (17, 19)),  # light: few parameters
    ((140, 180), (45, 60), (18, 20)),  # quick: few multiply-adds
    ((100, 130), (100, 130), (22, 24)),  # far: a wide field
)


def _budget(draw: Draw) -> dict[str, int]:
    """At most so many parameters and multiply-adds, and a receptive field of at least so many pixels."""
    parameters, multiply_adds, field = (draw.integer(*limits) for limits in draw.choice(KINDS))
    return {"parameters": 100 * parameters, "multiply_adds": 10_000 * multiply_adds, "field": field}


my_network = Arithmetic(lab=LAB, question="my_network", draw=_budget, right=lambda budget: budget, mistakes={})

# What a training run can suffer from, and what it means.
CODES = {
    "healthy": "all is well: the three losses fall together and come near to rest",
    "overfits": "the network learns the training pictures by heart: too few of them, or too large a network",
    "underfits": "the network is too small for the task: it has come to rest, and the loss is high everywhere",
    "rate high": "the learning rate is too large: the loss leaps, once or often, and nothing is learned",
    "rate low": "the learning rate is too small: nothing has come to rest yet",
    "leak": "pictures of the training set stand in the validation set too",
    "labels": "the labels of the training pictures are in disorder",
}
FAULTS = tuple(CODES)
VARIANTS = 3  # recorded runs of each kind


def _byte(number: int, place: int) -> int:
    return hashlib.sha256(f"{LAB} run {number}".encode()).digest()[place]


def fault_of(number: int) -> str:
    """What is wrong with the run of that number, a key of `CODES`."""
    return FAULTS[_byte(number, 0) % len(FAULTS)]


def variant_of(number: int) -> int:
    """Which recorded run of that kind it is, from 0."""
    return _byte(number, 1) % VARIANTS


def _six(draw: Draw) -> tuple[int, ...]:
    """Numbers of six runs of different kinds, in no order; one kind is left out."""
    numbers: list[int] = []
    for fault in draw.shuffled(FAULTS)[:6]:
        number = draw.integer(100, 999)
        while fault_of(number) != fault:
            number = draw.integer(100, 999)
        numbers.append(number)
    return tuple(numbers)


def causes_of(numbers: tuple[int, ...]) -> list[str]:
    """The right answer: the code of each run, in their order."""
    return [fault_of(number) for number in numbers]


# Two kinds that are taken for one another, and how they are told apart.
CONFUSED = {
    ("overfits", "leak"): (
        "Look at the validation: does it part from the training as the new pictures do, or does it follow it?"
    ),
    ("healthy", "leak"): "Training and validation agree in both. What do the new pictures say?",
    ("overfits", "labels"): (
        "Is the validation ever better than guessing, ln 6 = 1.79? With a true label for each picture it would be."
    ),
    ("underfits", "rate low"): "Has the loss come to rest at the end, or is it still on its way down?",
    ("rate high", "underfits"): "Is there a leap in the training loss? And is anything learned after it?",
    ("rate high", "rate low"): "Both stay near guessing. Which of the two leaps, and which creeps down?",
}


def _exchanged(pair: tuple[str, str], causes: list[str]) -> list[str]:
    """The same list with two codes exchanged."""
    first, second = pair
    return [{first: second, second: first}.get(cause, cause) for cause in causes]


my_runs = Arithmetic(
    lab=LAB,
    question="my_runs",
    draw=_six,
    right=causes_of,
    mistakes={
        text: lambda numbers, pair=pair: _exchanged(pair, causes_of(numbers)) for pair, text in CONFUSED.items()
    },
)

ALL = (my_network, my_runs)
