"""What course authors and notebooks use: questions on one side, `check` and `hint` on the other."""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder._answer import Answer
from autograder._draw import Draw, normal_id
from autograder._errors import CheckFailed, UsageError
from autograder._graph import graph_order
from autograder._graph import steps_of as model_steps
from autograder._judge import judge
from autograder._lazy import lazily
from autograder._limits import random_state, silent_stderr
from autograder._questions import (
    Essay,
    Given,
    Question,
    case,
    essay,
    find_question,
    group,
    load_questions,
    question,
)
from autograder._received import Received
from autograder._result import Result
from autograder._show import as_text, show
from autograder._sources import forbidden_name, library_name, source_of

__all__ = [
    "Draw",
    "Essay",
    "Given",
    "OpenLab",
    "Question",
    "Received",
    "case",
    "check",
    "essay",
    "graph_order",
    "group",
    "hint",
    "judge_names",
    "judged_outside",
    "lazily",
    "load_questions",
    "model_steps",
    "normal_id",
    "open_lab",
    "question",
    "silent_stderr",
]


@dataclass
class OpenLab:
    """The lab that a notebook has started.

    Args:
        course: The course's name, part of every draw's key.
        lab: The lab's id.
        learner: The id that the learner typed.
        questions: The lab's questions by id; none where they are judged outside.
        points: What the checks that were run here gave, by question.
    """

    course: str
    lab: str
    learner: str
    questions: Mapping[str, Question | Essay]
    points: dict[str, float] = field(default_factory=dict)


_open: OpenLab | None = None
_hints_shown: dict[str, int] = {}


def open_lab(course: str, lab: str, questions: str, *, learner: str = "") -> OpenLab:
    """Make a lab the one that `check` and `hint` speak of.

    Args:
        course: The course's name.
        lab: The lab's id.
        questions: Name of the module with its questions.
        learner: The id that the learner typed; "" for nobody.

    Raises:
        QuestionError: If the module cannot be loaded.
    """
    global _open
    _open = OpenLab(course, lab, learner, {} if judged_outside() else load_questions(questions))
    _hints_shown.clear()
    return _open


def check(id: str) -> float:
    """Judge the answer to one question, show what is right and what went wrong, and return the points.

    Args:
        id: The question's id, as in the notebook.

    Returns:
        Points, a multiple of one half. While grading, nbgrader reads them from the cell's output.

    Raises:
        UsageError: If no lab is started, or it has no such question.
        CheckFailed: If the check is not full while nbgrader validates (`NBGRADER_EXECUTION=validate`).
    """
    lab = _current()
    if judged_outside():
        print(f"{id}: judged outside the notebook while grading.")
        return 0.0
    result = judge_names(lab, find_question(lab.questions, id), _names())
    lab.points[id] = result.points
    show(result)
    if os.environ.get("NBGRADER_EXECUTION") == "validate" and result.points < result.max_points:
        raise CheckFailed("\n" + as_text(result))
    return result.points


def judge_names(lab: OpenLab, question: Question, names: Mapping[str, Any]) -> Result:
    """Judge one question from a dictionary of the learner's names.

    Args:
        lab: The started lab.
        question: One of its questions.
        names: The learner's names, such as a notebook's globals.
    """
    with silent_stderr(), random_state():
        return judge_answer(
            question,
            Answer(names, question),
            course=lab.course,
            lab=lab.lab,
            typed=lab.learner,
            learner=expected_learner(lab.learner),
            seed=os.environ.get("AUTOGRADER_SEED", "practice"),
            forbidden=lambda: _forbidden(question, names),
            grading=grading(),
        )


def judge_answer(
    question: Question,
    answer: Any,
    *,
    course: str,
    lab: str,
    typed: str,
    learner: str,
    seed: str,
    forbidden: Callable[[], str | None],
    grading: bool,
) -> Result:
    """Judge an answer, wherever it runs, and apply the rules that are not about its values.

    Args:
        question: What is asked.
        answer: Called by the question.
        course: The course's name.
        lab: The lab's id.
        typed: The id in the notebook.
        learner: The id whose numbers count.
        seed: Of the random cases.
        forbidden: Says which forbidden name the answer's source uses, None for none.
        grading: Whether a grader asks: then a person decides where the rules are broken.
    """
    draw = Draw(course, lab, question.id, seed, learner=learner)
    result = judge(question, answer, draw, lab=lab, seed=seed, learner=typed)
    if used := forbidden():
        result = _refused(result, used, grading)
    someone_elses = draw.used_learner and result.verdict != "missing"
    if someone_elses and grading and normal_id(typed) != normal_id(learner):
        whose = f"the id {typed!r}" if normal_id(typed) else "nobody (learner is empty)"
        message = f"The numbers in this notebook belong to {whose}, not to {learner!r}: a person decides. "
        message += f"With the numbers of {learner!r} it would get {result.points:g} of {result.max_points}."
        result = replace(result, points=0.0, verdict="manual", message=message)
    return result


def hint(id: str) -> None:
    """Open the next hint for a question.

    Raises:
        UsageError: If no lab is started, or it has no such question.
    """
    if judged_outside():
        return
    hints = find_question(_current().questions, id).hints
    before = _hints_shown.get(id, 0)
    shown = min(before + 1, len(hints))
    _hints_shown[id] = shown
    if not hints:
        print("There is no hint for this question.")
    for number, text in enumerate(hints[:shown], start=1):
        print(f"Hint {number} of {len(hints)}: {text}")
    if hints and before == len(hints):
        print("That was the last hint.")


def judged_outside() -> bool:
    """Whether this notebook runs in a grader's sandbox, where no question is to be found."""
    return os.environ.get("AUTOGRADER_OUTSIDE") == "1"


def grading() -> bool:
    """Whether a grader runs this, not the learner."""
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def expected_learner(typed: str) -> str:
    """The id whose numbers count: the grader's when grading, else the one that the learner typed.

    Plain nbgrader tells the student only by its working folder, `autograded/STUDENT/LAB`.
    """
    if not grading():
        return typed
    if "AUTOGRADER_LEARNER" in os.environ:
        return os.environ["AUTOGRADER_LEARNER"]
    parts = Path.cwd().parts
    return parts[-2] if len(parts) >= 3 and parts[-3] == "autograded" else typed


def question_seed(secret: bytes, lab: str, student: str, submission: bytes) -> str:
    """The seed of a submission's random cases: an HMAC that only the course's secret can make."""
    key = "\x1f".join([lab, student, hashlib.sha256(submission).hexdigest()]).encode()
    return hmac.new(secret, key, hashlib.sha256).hexdigest()


def _forbidden(question: Question, names: Mapping[str, Any]) -> str | None:
    for name in question.forbidden and question.names:
        value = names.get(name)
        used = library_name(value, question.forbidden)
        used = used or forbidden_name(source_of(value), names, question.forbidden)
        if used:
            return used
    return None


def _refused(result: Result, used: str, grading: bool) -> Result:
    message = f"The answer uses {used}, which this question asks you to write yourself."
    return replace(result, points=0.0, verdict="manual" if grading else "failed", message=message)


def _current() -> OpenLab:
    if _open is None:
        raise UsageError("No lab is started. Run the first cell of the notebook, then this one.")
    return _open


def _names() -> Mapping[str, Any]:
    """The learner's names: the notebook's, or those of the main program."""
    if "IPython" in sys.modules:
        from IPython import get_ipython

        shell = get_ipython()
        if shell is not None:
            return shell.user_ns
    return vars(sys.modules["__main__"])
