"""One arithmetic question: its draw, the right rule, and the rules of the named mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.check import Draw, normal_id

COURSE = "convnet-course"
ATTEMPTS = 1_000


@dataclass(frozen=True)
class Arithmetic:
    """Numbers for one learner, and what comes out of them.

    Args:
        lab: Id of the lab.
        question: Id of the question.
        draw: Makes the numbers from a stream of integers.
        right: The right answer for some numbers: plain Python values that compare with ==.
        mistakes: The wrong answer that each named mistake gives, by the text that names it.
    """

    lab: str
    question: str
    draw: Callable[[Draw], Any]
    right: Callable[[Any], Any]
    mistakes: Mapping[str, Callable[[Any], Any]]

    def wrong(self, numbers: Any) -> dict[str, Any]:
        """What each named mistake gives for these numbers."""
        return {name: rule(numbers) for name, rule in self.mistakes.items()}

    def for_learner(self, learner: str) -> tuple[Any, Any, dict[str, Any]]:
        """A learner's numbers, the right answer, and what each named mistake gives.

        Among the mistakes is the answer to the sample numbers, which stand in the notebook until an id is typed.
        """
        numbers = numbers_of(self, learner)
        right, wrong = self.right(numbers), self.wrong(numbers)
        sample = self.right(numbers_of(self, ""))
        if sample != right:
            wrong["These fit the sample numbers. Show your numbers again, now that your id is typed."] = sample
        return numbers, right, wrong


def numbers_of(item: Arithmetic, learner: str) -> Any:
    """The first draw for a learner in which all rules give different answers.

    Raises:
        RuntimeError: If a thousand draws have none: the question's rules are too alike.
    """
    for attempt in range(ATTEMPTS):
        numbers = item.draw(Draw(COURSE, item.lab, item.question, normal_id(learner), str(attempt)))
        outcomes = [item.right(numbers), *item.wrong(numbers).values()]
        if all(outcomes[i] != outcomes[j] for i in range(len(outcomes)) for j in range(i)):
            return numbers
    raise RuntimeError(
        f"{item.lab}, {item.question}: no draw tells all mistakes apart. Change the draw or the rules."
    )
