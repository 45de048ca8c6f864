"""Lab 00: how many numbers a picture has, and the kinds of learning. For practice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograder.check import Draw, case, group, question
from course.draws.lab00 import COUNT_MISTAKES, my_picture


def _count_mistakes(height: int, width: int, channels: int) -> dict[str, int]:
    return {name: rule(height, width, channels) for name, rule in COUNT_MISTAKES.items()} | {
        "Three channels every time: a grey picture has one, and the call says how many.": height * width * 3
    }


@question(
    "count_numbers",
    points=1,
    names=("count_numbers", "my_picture"),
    hints=[
        "A grey picture of 2 rows and 5 columns has 2 · 5 numbers. How many has it with 3 channels?",
        "All three numbers of the call are multiplied.",
        "return height * width * ..., with the third number where the dots are.",
    ],
)
def count_numbers(answer, draw: Draw) -> Iterator:
    """How many numbers a picture has"""
    with group("your own picture, by hand"):
        _, right, wrong = my_picture.for_learner(draw.learner)
        comma = {"A comma stands after the number: take it away, so that a number is left.": (right,)}
        yield case(answer["my_picture"].value(), right, mistakes={**wrong, **comma}, hidden=True)
    with group("any picture"):
        shapes = [(28, 28, 1), (32, 32, 3), (200, 200, 3), (5, 8, 1)]
        shapes += [(draw.integer(2, 5), draw.integer(6, 9), draw.integer(2, 4)) for _ in range(3)]
        for shape in shapes:
            yield case(answer(*shape), np.zeros(shape).size, mistakes=_count_mistakes)


KINDS = ("supervised", "unsupervised", "reinforcement")
TASKS = ("classification", "regression", "sequence labelling", "clustering", "anomaly detection")

# Situation -> the right word, and why each other word that people choose is wrong.
_LABELLED = "each example comes with its right answer."
_NO_REWARD = "nothing is tried out, and no reward comes."
_KIND: dict[str, tuple[str, dict[str, str]]] = {
    "bottles": (
        "unsupervised",
        {"supervised": "Bottles: nobody marked any of them.", "reinforcement": f"Bottles: {_NO_REWARD}"},
    ),
    "fruit": ("supervised", {"unsupervised": f"Fruit: {_LABELLED}", "reinforcement": f"Fruit: {_NO_REWARD}"}),
    "sentences": (
        "supervised",
        {"unsupervised": f"Sentences: {_LABELLED}", "reinforcement": f"Sentences: {_NO_REWARD}"},
    ),
    "holiday": (
        "unsupervised",
        {
            "supervised": "Holiday: nobody said what any photograph shows.",
            "reinforcement": f"Holiday: {_NO_REWARD}",
        },
    ),
    "digits": ("supervised", {"unsupervised": f"Digits: {_LABELLED}", "reinforcement": f"Digits: {_NO_REWARD}"}),
    "car": (
        "reinforcement",
        {
            "supervised": "Car: nobody says which turn is right; only points come, after the turn.",
            "unsupervised": "Car: there is something to learn from, the points.",
        },
    ),
}
_TASK: dict[str, tuple[str, dict[str, str]]] = {
    "bottles": (
        "anomaly detection",
        {
            "classification": "Bottles: there are no classes to choose from; one bottle is unlike all others.",
            "clustering": "Bottles: no groups are asked for; one bottle is unlike all others.",
        },
    ),
    "fruit": ("regression", {"classification": "Fruit: grams are a number on a scale, 150 lies near 151."}),
    "sentences": (
        "sequence labelling",
        {"classification": "Sentences: not one label for the whole, but one for each word."},
    ),
    "holiday": (
        "clustering",
        {
            "classification": "Holiday: the piles have no names before; they are to be found.",
            "anomaly detection": "Holiday: not the one odd photograph is wanted, but piles of all.",
        },
    ),
    "digits": (
        "classification",
        {
            "regression": "Digits: a name is wanted, not a size; a 7 is no nearer to an 8 than to a 1.",
            "clustering": "Digits: the classes are known before, 0 to 9.",
        },
    ),
}


def _entry(number: int, count: int) -> Callable[[Any], str]:
    """Reads one of `count` words, in whatever letters; a ValueError says what is wrong with the list."""

    def read(entries: Any) -> str:
        if isinstance(entries, str) or not isinstance(entries, list | tuple | np.ndarray):
            raise ValueError(f"write {count} words in quotes, with commas between them")
        if len(entries) == 1 and isinstance(entries[0], list | tuple):
            raise ValueError("one pair of brackets too many: those of the cell are already there")
        if len(entries) != count:
            raise ValueError(f"these are {len(entries)}, and {count} are asked for")
        text = " ".join(str(entries[number]).replace("-", " ").casefold().split())
        return text.removesuffix(" learning").replace("labeling", "labelling")

    return read


def _cases(answer, name: str, words: tuple[str, ...], table: Mapping[str, tuple[str, dict[str, str]]]) -> Iterator:
    """One case for each situation, in the notebook's order."""
    value = answer[name].value()
    for number, (situation, (right, others)) in enumerate(table.items()):
        reply = value.then(f"entry {number + 1}, {situation},", _entry(number, len(table)))
        gives = {why: word for word, why in others.items()}
        if reply.failure is None and reply.value not in words:
            gives[f"{reply.value!r} is none of the words: {', '.join(words)}."] = reply.value
        yield case(reply, right, mistakes=gives, hidden=True)


@question(
    "learning",
    points=1,
    names=("kinds", "tasks"),
    hints=[
        "For `kinds`, ask of each situation: does somebody say what is right? Before, never, or only as a reward?",
        "For `tasks`, ask what comes out: a name, a number, a label for each word, groups, or an alarm?",
        "Three of the six are supervised, and each of the five tasks stands once.",
    ],
)
def learning(answer, draw: Draw) -> Iterator:
    """Kinds of learning, and tasks"""
    with group("which kind of learning?"):
        yield from _cases(answer, "kinds", KINDS, _KIND)
    with group("which task?"):
        yield from _cases(answer, "tasks", TASKS, _TASK)
