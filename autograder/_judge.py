"""From a question and an answer to a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder._compare import difference
from autograder._draw import Draw
from autograder._errors import QuestionError
from autograder._questions import Case, Question
from autograder._received import Failure, describe
from autograder._result import CaseResult, GroupResult, Result, points_of


@dataclass
class _Judged:
    """A case with its outcome and the mistakes that it could be."""

    case: Case
    reason: str | None
    gives: dict[str, bool]  # mistake's name -> does the reply equal what the mistake gives?
    yes_no: frozenset[str]  # mistakes that give True or False, as every second wrong answer does
    mistake: str = ""


def judge(question: Question, answer: Any, draw: Draw, *, lab: str, seed: str, learner: str) -> Result:
    """Ask every case of a question and score its groups.

    Args:
        question: What must be true.
        answer: Called by the question; gives `Received`.
        draw: The stream of the random cases.
        lab: Id of the lab.
        seed: What the stream was made from, stored with the result.
        learner: The id in the learner's notebook.

    Raises:
        QuestionError: If the question's own code fails.
    """
    try:
        # Compared only when nothing more is asked: how long that takes says nothing to a student's process.
        judged = [_judge_case(case) for case in list(question.cases(answer, draw))]
    except QuestionError:
        raise
    except Exception as error:
        raise QuestionError(
            f"{lab}, question {question.id}: the question itself failed with {type(error).__name__}: {error}. "
            "This is not your mistake; please report it."
        ) from error
    if not judged:
        raise QuestionError(f"{lab}, question {question.id}: it yields no case.")
    _name_mistakes(judged)
    groups = _groups(judged)
    points = points_of(groups, question.points)
    return Result(
        lab=lab,
        question=question.id,
        points=points,
        max_points=question.points,
        verdict=_verdict(judged, points, question.points),
        message=_message(judged),
        seed=seed,
        learner=learner,
        hint="" if points == question.points or not question.hints else question.hints[0],
        printed=getattr(answer, "printed", ""),
        groups=tuple(groups),
    )


def _judge_case(case: Case) -> _Judged:
    reason = _reason(case)
    mistakes = _mistakes(case)
    yes_no = frozenset(name for name, wrong in mistakes.items() if isinstance(wrong, bool))
    return _Judged(case, reason, {name: _equals(case, wrong) for name, wrong in mistakes.items()}, yes_no)


def _reason(case: Case) -> str | None:
    """Why a case fails, or None."""
    failure = case.received.failure
    if case.raises is not None:
        if failure is not None and failure.kind == "raised":
            right = case.raises.__name__ in failure.types
            return None if right else f"Expected {case.raises.__name__}. Received {failure.text}"
        if failure is not None:
            return failure.text
        return f"Expected {case.raises.__name__} to be raised. Received {describe(case.received.value)}."
    if failure is not None:
        return failure.text
    if case.at_least is not None:
        value = case.received.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= case.at_least:
            return f"Expected at least {case.at_least:g}. Received {describe(value)}."
        return None
    reason = difference(case.expected, case.received.value, tolerance=case.tolerance)
    return _without_the_answer(case, reason) if case.hidden and reason else reason


def _without_the_answer(case: Case, reason: str) -> str:
    """Which places are wrong, but not what is right."""
    expected, received = case.expected, case.received.value
    if isinstance(received, np.ndarray):
        received = received.tolist()
    if isinstance(expected, np.ndarray):
        expected = expected.tolist()
    if not isinstance(expected, list | tuple):
        if isinstance(received, str) and not isinstance(expected, str):
            return f"{describe(received)} is a text: write a number without quotes."
        return reason if "commas" in reason else f"{describe(received)} is not right."
    if isinstance(received, dict | set | frozenset):
        return f"Expected a list. Received a {type(received).__name__}."
    if isinstance(received, list | tuple) and len(received) == 1 and isinstance(received[0], list | tuple):
        return (
            reason if len(expected) == 1 else "One pair of brackets too many: those of the cell are already there."
        )
    if not isinstance(received, list | tuple) or len(received) != len(expected):
        count = len(received) if isinstance(received, list | tuple) else describe(received)
        return f"Expected {len(expected)} entries. Received {count}."
    pairs = enumerate(zip(expected, received, strict=True), 1)
    wrong = [str(number) for number, pair in pairs if difference(*pair, tolerance=case.tolerance)]
    if not wrong:
        return reason
    return f"{'Entry' if len(wrong) == 1 else 'Entries'} {', '.join(wrong)} of {len(expected)} not right."


def _mistakes(case: Case) -> Mapping[str, Any]:
    if case.mistakes is None:
        return {}
    if not callable(case.mistakes):
        return case.mistakes
    try:
        return case.mistakes(*case.received.arguments)
    except (ArithmeticError, ValueError, IndexError):
        return {}  # the mistake gives no value for these arguments


def _equals(case: Case, wrong: Any) -> bool:
    """Whether the reply equals what a mistake gives, while that differs from the right value."""
    failure = case.received.failure
    if isinstance(wrong, type) and issubclass(wrong, BaseException):
        return failure is not None and wrong.__name__ in failure.types
    if failure is not None:
        return False
    if case.raises is None and case.at_least is None and _same(case.expected, wrong, case.tolerance):
        return False
    return _same(wrong, case.received.value, case.tolerance)


def _same(left: Any, right: Any, tolerance: float) -> bool:
    return difference(left, right, tolerance=tolerance) is None


def _name_mistakes(judged: list[_Judged]) -> None:
    """Name the mistake that explains every failing case it speaks of; where two do, name neither."""
    failing = [item for item in judged if item.reason]
    fits: dict[str, bool] = {}
    for item in failing:
        for name, gives in item.gives.items():
            fits[name] = fits.get(name, True) and (gives or _raised(item))
    for item in judged:
        for name in item.yes_no:
            fits[name] = fits.get(name, True) and item.reason is not None
    for item in failing:
        fitting = [name for name, gives in item.gives.items() if gives and fits[name]]
        if len(fitting) > 1:
            most = max(_agreeing(judged, name) for name in fitting)
            fitting = [name for name in fitting if _agreeing(judged, name) == most]
        if len(fitting) == 1:
            item.mistake = fitting[0]


def _raised(item: _Judged) -> bool:
    """Whether a case has no value that could speak against a mistake."""
    return item.case.received.failure is not None


def _agreeing(judged: list[_Judged], name: str) -> int:
    """In how many failing cases the reply equals what the mistake gives."""
    return sum(item.gives.get(name, False) for item in judged if item.reason)


def _groups(judged: list[_Judged]) -> list[GroupResult]:
    order: dict[tuple[str, int], list[CaseResult]] = {}
    for item in judged:
        order.setdefault(item.case.group, []).append(_case_result(item))
    return [GroupResult(name, weight, tuple(cases)) for (name, weight), cases in order.items()]


def _case_result(item: _Judged) -> CaseResult:
    case, received = item.case, item.case.received
    shown = describe(received.failure if received.failure is not None else received.value)
    return CaseResult(
        call=received.call,
        expected=_expected_text(case),
        received=shown,
        passed=item.reason is None,
        mistake=item.mistake,
        note=_note(item, shown),
        short=received.short or received.call,
        failure=received.failure.kind if received.failure and not case.raises else "",
    )


def _note(item: _Judged, shown: str) -> str:
    """Why the case failed, where expected and received do not say it already."""
    if item.reason is None or item.reason == shown:
        return ""
    if item.case.hidden:
        return item.reason
    plain_words = f"Expected {_expected_text(item.case)}. Received {shown}."
    return "" if item.reason == plain_words or item.case.raises is not None else item.reason


def _expected_text(case: Case) -> str:
    if case.expected_text is not None:
        return case.expected_text
    if case.hidden:
        return "(yours to work out)"
    if case.raises is not None:
        return f"an error, {case.raises.__name__}"
    return f"at least {case.at_least:g}" if case.at_least is not None else describe(case.expected)


def _verdict(judged: list[_Judged], points: float, max_points: int) -> str:
    if points == max_points:
        return "passed"
    kinds = [item.case.received.failure.kind for item in judged if item.reason and item.case.received.failure]
    for kind in ("tampered", "died", "timeout"):
        if kind in kinds:
            return kind
    if points > 0:
        return "partly"
    failing = [item for item in judged if item.reason]
    if len(kinds) == len(failing) and all(kind == "undefined" for kind in kinds):
        return "missing"
    return "error" if len(kinds) == len(failing) and all(kind == "raised" for kind in kinds) else "failed"


def _message(judged: list[_Judged]) -> str:
    failing = [item for item in judged if item.reason]
    named = [item for item in failing if item.mistake]
    if named:
        return named[0].mistake
    if not failing:
        return ""
    first = failing[0]
    if isinstance(first.case.received.failure, Failure) and first.case.received.failure.kind == "undefined":
        return str(first.reason)
    return f"{first.case.received.short or first.case.received.call}: {first.reason}"
