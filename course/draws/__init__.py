"""The learner's own numbers: the same for one id on every machine, for ever.

Integers come from SHA-256 of (course, lab, question, learner, attempt, counter). A draw in which the right
answer and a named mistake, or two mistakes, coincide is thrown away and drawn again.
"""

from __future__ import annotations

from typing import Any

from autograder import UsageError
from course.draws import (
    lab00,
    lab01,
    lab02,
    lab03,
    lab04,
    lab05,
    lab06,
    lab07,
    lab08,
    lab09,
    lab11,
    lab12,
    lab13,
    lab14,
)
from course.draws.arithmetic import Arithmetic, numbers_of

LABS = (lab00, lab01, lab02, lab03, lab04, lab05, lab06, lab07, lab08, lab09, lab11, lab12, lab13, lab14)
ARITHMETIC: dict[str, Arithmetic] = {item.question: item for lab in LABS for item in lab.ALL}


def numbers(lab: str, question: str, learner: str) -> Any:
    """A learner's numbers for a question.

    Args:
        lab: Id of the lab.
        question: Id of a question with numbers of its own.
        learner: The learner's id; "" gives the sample numbers.

    Raises:
        UsageError: If the question has no numbers of its own.
    """
    own = [item.question for item in ARITHMETIC.values() if item.lab == lab]
    if question not in own:
        raise UsageError(f"{question!r} has no numbers of its own. In this lab these have: {', '.join(own)}.")
    return numbers_of(ARITHMETIC[question], learner)
