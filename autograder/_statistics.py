"""What a class's records say: how hard each question was, which mistakes were made, who needs a person."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder._result import VERDICTS

Record = Mapping[str, Any]

FEWEST = 5
MOST_BINS = 15
_ANSWERED = frozenset({"passed", "partly", "failed", "error", "timeout", "died"})
_ATTENTION = {
    "died": "the program died while answering",
    "timeout": "no reply in time",
    "tampered": "a released cell was changed",
}


@dataclass(frozen=True)
class Histogram:
    """How many submissions reached how many points.

    Args:
        edges: Limits of the bins in points, one more than there are bins.
        counts: Submissions in each bin; a bin holds its lower limit, the last one both.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class QuestionStatistics:
    """One question over a class.

    Args:
        difficulty: Mean share of the points in [0, 1]; None while nobody's points are known.
        discrimination: Correlation of the question's points with the rest of the lab's, in [-1, 1], or None.
        why: Why there is no discrimination; "" if there is.
        verdicts: How many submissions got which verdict, in the order of VERDICTS, zeros left out.
    """

    id: str
    max_points: float
    mean_points: float | None
    difficulty: float | None
    discrimination: float | None
    why: str
    verdicts: Mapping[str, int]


@dataclass(frozen=True)
class Mistake:
    """A named mistake and the students who made it, each once."""

    question: str
    text: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class LabStatistics:
    """One lab over a class; points are means over all submissions."""

    lab: str
    submissions: int
    gradable: int
    max_points: float
    mean: float
    median: float
    lowest: float
    highest: float
    histogram: Histogram
    questions: tuple[QuestionStatistics, ...]
    mistakes: tuple[Mistake, ...]


def lab_statistics(lab: str, records: Sequence[Record], order: Iterable[str] = ()) -> LabStatistics:
    """What one lab's records say.

    Args:
        lab: The lab's id.
        records: Records of this lab, at least one.
        order: Questions in the lab's order; others follow as the records name them.
    """
    points = [float(record["points"]) for record in records]
    max_points = max(float(record["max_points"]) for record in records)
    answered = [record for record in records if gradable(record)]
    return LabStatistics(
        lab=lab,
        submissions=len(records),
        gradable=len(answered),
        max_points=max_points,
        mean=statistics.fmean(points),
        median=statistics.median(points),
        lowest=min(points),
        highest=max(points),
        histogram=histogram(points, max_points),
        questions=tuple(_question(id, records, answered) for id in question_ids(records, order)),
        mistakes=named_mistakes(records),
    )


def gradable(record: Record) -> bool:
    """Whether at least one answer was there and could be judged.

    A broken file or an untouched notebook has the same 0 everywhere: it says nothing about a question.
    """
    return any(question["verdict"] in _ANSWERED for question in record["questions"].values())


def question_ids(records: Iterable[Record], order: Iterable[str] = ()) -> list[str]:
    """Every question that a record names, those of `order` first."""
    named = dict.fromkeys(id for record in records for id in record["questions"])
    first = [id for id in dict.fromkeys(order) if id in named]
    return first + [id for id in named if id not in first]


def _question(id: str, records: Sequence[Record], answered: Sequence[Record]) -> QuestionStatistics:
    seen = [record["questions"][id] for record in records if id in record["questions"]]
    decided = [record for record in answered if _share(record, id) is not None]
    shares = [_share(record, id) or 0.0 for record in decided]
    value, why = _discrimination(id, decided)
    return QuestionStatistics(
        id=id,
        max_points=max(float(question["max_points"]) for question in seen),
        mean_points=statistics.fmean(record["questions"][id]["points"] for record in decided) if decided else None,
        difficulty=statistics.fmean(shares) if shares else None,
        discrimination=value,
        why=why,
        verdicts=verdict_counts(seen),
    )


def verdict_counts(questions: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How often each verdict was given, in the order of VERDICTS, zeros left out."""
    counts = Counter(question["verdict"] for question in questions)
    return {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}


def _share(record: Record, id: str) -> float | None:
    """The share of a question's points; None where a person has not decided yet."""
    question = record["questions"].get(id)
    if question is None or question["verdict"] == "manual" or not question["max_points"]:
        return None
    return question["points"] / question["max_points"]


def _discrimination(id: str, records: Sequence[Record]) -> tuple[float | None, str]:
    """Corrected item-total correlation: the question against the lab without it.

    The rest is a share of what is decided, so that essays marked for some students only do not bend it.
    """
    pairs = [(_share(record, id), _rest(record, id)) for record in records]
    known = [(own, rest) for own, rest in pairs if own is not None and rest is not None]
    if len(known) < FEWEST:
        return None, "too few"
    own, rest = [pair[0] for pair in known], [pair[1] for pair in known]
    if min(max(own) - min(own), max(rest) - min(rest)) < 1e-9:
        return None, "too few (all alike)"
    return statistics.correlation(own, rest), ""


def _rest(record: Record, id: str) -> float | None:
    others = [
        question
        for other, question in record["questions"].items()
        if other != id and _share(record, other) is not None
    ]
    total = sum(question["max_points"] for question in others)
    return sum(question["points"] for question in others) / total if total else None


def histogram(points: Sequence[float], max_points: float) -> Histogram:
    """Count points in bins of 1, 2, 5, 10, ... points, at most 15 of them."""
    width = _bin_width(max(max_points, *points, 1))
    bins = max(1, -int(-max(max_points, *points, 1) // width))
    counts = [0] * bins
    for value in points:
        counts[min(max(int(value // width), 0), bins - 1)] += 1
    return Histogram(tuple(width * index for index in range(bins + 1)), tuple(counts))


def _bin_width(top: float) -> int:
    power = 1
    while True:
        for width in (power, 2 * power, 5 * power):
            if top / width <= MOST_BINS:
                return width
        power *= 10


def named_mistakes(records: Iterable[Record]) -> tuple[Mistake, ...]:
    """Named mistakes, the commonest first; a student who makes one in many cases counts once."""
    made: dict[tuple[str, str], dict[str, None]] = {}
    for record in records:
        for id, question in record["questions"].items():
            for text in mistakes_in(question):
                made.setdefault((id, text), {})[record["student"]] = None
    mistakes = [Mistake(id, text, tuple(students)) for (id, text), students in made.items()]
    return tuple(sorted(mistakes, key=lambda mistake: -len(mistake.students)))


def without_cases(record: Record) -> dict[str, Any]:
    """A record without the calls of its questions, but for the named mistakes in them."""
    return {**record, "questions": {id: _without_cases(question) for id, question in record["questions"].items()}}


def _without_cases(question: Mapping[str, Any]) -> dict[str, Any]:
    named = [{"mistake": text, "passed": False} for text in mistakes_in(question)]
    kept = {name: value for name, value in question.items() if name not in ("groups", "printed", "hint")}
    return {**kept, "groups": [{"cases": named}]} if named else kept


def mistakes_in(question: Mapping[str, Any]) -> list[str]:
    """The named mistakes in one question's failed cases, each once."""
    cases = [case for group in question.get("groups") or () for case in group["cases"]]
    return list(dict.fromkeys(case["mistake"] for case in cases if case["mistake"] and not case["passed"]))


def by_hand(record: Record) -> list[str]:
    """The questions that wait for a person."""
    return [id for id, question in record["questions"].items() if question["verdict"] == "manual"]


def attention(record: Record) -> list[str]:
    """Why an instructor should look at this submission, a short text for each reason; [] for none."""
    found = [*filter(None, [record.get("fault")]), *(record.get("notes") or ())]
    for verdict, words in _ATTENTION.items():
        ids = [id for id, question in record["questions"].items() if question["verdict"] == verdict]
        if ids:
            found.append(f"{', '.join(ids)}: {words}")
    judged = [question["verdict"] for question in record["questions"].values() if question["verdict"] != "manual"]
    if len(judged) > 1 and set(judged) == {"error"} and not found:
        found.append("every check ended in an error")
    if not record["questions"]:
        found.append("no question was found in this file")
    return found
