"""What the first cell of every notebook does."""

from __future__ import annotations

import os
import random
import sys
from typing import Any

import numpy as np

from autograder.check import Essay, OpenLab, judged_outside, normal_id, open_lab
from course import draws, syllabus

SEED = 1998  # the year of LeNet-5


class StartedLab:
    """A lab that runs in this notebook.

    Args:
        lab: Its row of the syllabus.
        opened: What `check` and `hint` speak of.
    """

    def __init__(self, lab: syllabus.Lab, opened: OpenLab) -> None:
        self._lab, self._opened = lab, opened

    def numbers(self, question: str) -> Any:
        """The learner's own numbers for a question.

        Args:
            question: Id of a question that has numbers of its own.

        Raises:
            UsageError: If it has none.
        """
        return draws.numbers(self._lab.id, question, self._opened.learner)

    def score(self) -> None:
        """Print the points of the checks that were run in this notebook, and how to hand it in."""
        if judged_outside():
            print("Graded: the points stand in your feedback.")
        else:
            print("\n".join(self._score_lines()))

    def _score_lines(self) -> list[str]:
        lines, total = [], 0.0
        for id, item in self._opened.questions.items():
            if isinstance(item, Essay):
                state = "a person reads it"
            elif id in self._opened.points:
                total += self._opened.points[id]
                state = f"{self._opened.points[id]:g}"
            else:
                state = "not checked yet"
            lines.append(f"{item.title:<60} {state:>18} of {item.points}")
        written = sum(item.points for item in self._opened.questions.values() if isinstance(item, Essay))
        lines.append(f"{'Sum of the checks':<60} {total:>18g} of {self._lab.points - written}")
        if self._lab.practice:
            lines.append("These points are for practice: they count for nothing.")
        return [*lines, f"Save the notebook; {self._lab.id}.ipynb is what you hand in."]

    @property
    def _points(self) -> str:
        return "points for practice" if self._lab.practice else "points"

    def __repr__(self) -> str:
        text = self._lab.heading
        if not self._lab.graded:
            return f"{text} · about {self._lab.minutes} minutes\nNothing here is graded."
        text += "" if judged_outside() else f" · {self._lab.points} {self._points}"
        text += f" · about {self._lab.minutes} minutes"
        if normal_id(self._opened.learner):
            return f"{text}\nYour numbers are drawn for the id {self._opened.learner!r}."
        return (
            f"{text}\nYou work with the sample numbers. To hand this lab in, type your id between the quotes:"
            ' learner="..."'
        )


def start(lab: str, learner: str = "") -> StartedLab:
    """Start a lab in a notebook: open its questions, draw the learner's numbers, set the seeds.

    Args:
        lab: Id of the lab, such as "lab04_shapes", or of an exploration.
        learner: The id under which the lab is handed in; "" works too, with sample numbers.

    Raises:
        ValueError: If there is no such lab.
    """
    rows = syllabus.notebooks()
    if lab not in rows:
        raise ValueError(f"No lab {lab!r}. There are: {', '.join(rows)}.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # the same rounding on every run
    random.seed(SEED)
    np.random.seed(SEED)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(SEED)
    return StartedLab(rows[lab], open_lab(syllabus.name(), lab, rows[lab].questions, learner=str(learner)))
