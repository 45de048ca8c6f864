"""The learner's own numbers: the same for one id on every machine, for ever.

Integers come from SHA-256 of (course, lab, question, learner, attempt, counter). A draw in which the right
answer and a named mistake, or two mistakes, coincide is thrown away and drawn again.
"""

from __future__ import annotations

from typing import Any

from course.draws import lab02, lab04
from course.draws.arithmetic import Arithmetic, numbers_of

ARITHMETIC: dict[str, Arithmetic] = {item.question: item for lab in (lab02, lab04) for item in lab.ALL}


def numbers(question: str, learner: str) -> Any:
    """A learner's numbers for a question.

    Args:
        question: Id of a question with numbers of its own.
        learner: The learner's id; "" gives the sample numbers.

    Raises:
        KeyError: If the question has no numbers of its own.
    """
    if question not in ARITHMETIC:
        raise KeyError(f"{question!r} has no numbers of its own. These have: {', '.join(ARITHMETIC)}.")
    return numbers_of(ARITHMETIC[question], learner)
