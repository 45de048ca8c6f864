"""report.html: what an instructor looks at the morning after, in one file without scripts."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder._export import number, page, percent, write_whole
from autograder._result import VERDICTS
from autograder._statistics import (
    FEWEST,
    Histogram,
    LabStatistics,
    Mistake,
    Record,
    attention,
    by_hand,
    lab_statistics,
)
from autograder._store import Place

Titles = Mapping[str, Mapping[str, Any]]
Learners = Mapping[str, str]

MEANING = {
    "passed": "all points",
    "partly": "some groups of cases right",
    "failed": "answered, no points",
    "error": "the answer stopped with an error",
    "timeout": "no reply in time",
    "died": "the program died while answering",
    "missing": "not answered",
    "tampered": "a released cell was changed",
    "manual": "waits for a person",
}
MISTAKES_SHOWN = 15
NAMES_SHOWN = 10
WIDE = 8


@dataclass(frozen=True)
class Person:
    """A student as the report names one: folder, name, and where the feedback is."""

    student: str
    name: str
    feedback: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar of the histogram, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    count: int
    words: str


@dataclass(frozen=True)
class Drawing:
    """A histogram ready to draw: bars, ticks as (position, label), the median's position."""

    bars: tuple[Bar, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    median: float
    left: int = 46
    right: int = 430
    top: int = 26
    bottom: int = 176


def write_report(
    records: Sequence[Record],
    path: Path,
    *,
    titles: Titles,
    learners: Learners | None = None,
    strangers: Collection[str] = (),
) -> None:
    """Write the class's report as one HTML file that needs nothing else.

    Args:
        records: Records of one or more labs.
        path: The file; links lead to `feedback/STUDENT/LAB/LAB.html` beside it.
        titles: {lab: {"title": ..., "questions": {id: title}}}, in the order in which to show them.
        learners: {student: name} of everybody in the class. Without it, folders are the names and whoever
            handed in nothing is not known.
        strangers: Students who handed in and are not on the class's roster.
    """
    people = _people(records, learners or {})
    labs = [_lab(lab, own, titles, people, learners) for lab, own in _by_lab(records, titles)]
    content = page(
        "report.html",
        labs=labs,
        class_size=len(people),
        class_known=bool(learners),
        submissions=len(records),
        waiting=sum(len(by_hand(record)) for record in records),
        concerned=sum(bool(attention(record)) for record in records),
        strangers=[name for student, name in people.items() if student in strangers],
        verdicts=VERDICTS,
        meaning=MEANING,
        fewest=FEWEST,
    )
    write_whole(path, content)


def _people(records: Iterable[Record], learners: Learners) -> dict[str, str]:
    """Names by student, sorted by name; accents and case do not count."""
    names = {record["student"]: record["student"] for record in records} | dict(learners)
    return dict(sorted(names.items(), key=lambda item: (_plain(item[1]), item[0])))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _by_lab(records: Iterable[Record], titles: Titles) -> list[tuple[str, list[Record]]]:
    labs: dict[str, list[Record]] = {}
    for record in records:
        labs.setdefault(record["lab"], []).append(record)
    order = [lab for lab in titles if lab in labs]
    return [(lab, labs[lab]) for lab in order + sorted(set(labs) - set(order))]


def _lab(
    lab: str, records: Sequence[Record], titles: Titles, people: Mapping[str, str], learners: Learners | None
) -> dict[str, Any]:
    title = titles.get(lab, {})
    names = title.get("questions", {})
    numbers = lab_statistics(lab, records, names)
    ranks = {student: rank for rank, student in enumerate(people)}
    ordered = sorted(records, key=lambda record: ranks[record["student"]])
    everybody = {student: Person(student, name, _link(student, lab)) for student, name in people.items()}
    handed_in = {record["student"] for record in records}
    return {
        "id": lab,
        "title": title.get("title") or lab,
        "names": {question.id: names.get(question.id) or question.id for question in numbers.questions},
        "numbers": numbers,
        "mean_share": percent(numbers.mean, numbers.max_points),
        "drawing": _drawing(numbers),
        "caption": _caption(numbers.histogram),
        "mistakes": [_mistake(mistake, everybody) for mistake in numbers.mistakes[:MISTAKES_SHOWN]],
        "rarer": max(0, len(numbers.mistakes) - MISTAKES_SHOWN),
        "waiting": _waiting(ordered, [question.id for question in numbers.questions], everybody),
        "concerned": [(everybody[record["student"]], found) for record in ordered if (found := attention(record))],
        "absent": [person for person in everybody.values() if learners and person.student not in handed_in],
        "rows": [(everybody[record["student"]], record, _share(record)) for record in ordered],
        "wide": len(numbers.questions) > WIDE,
    }


def _share(record: Record) -> float | None:
    return percent(record["points"], record["max_points"])


def _link(student: str, lab: str) -> str:
    """Where the feedback lies, seen from the report."""
    place = Place.of({"lab": lab, "student": student})
    parts = (place.student, place.lab, place.notebook)
    return "feedback/{}/{}/{}.html".format(*(quote(part, safe="", errors="surrogatepass") for part in parts))


def _mistake(mistake: Mistake, everybody: Mapping[str, Person]) -> dict[str, Any]:
    made = set(mistake.students)
    people = [person for person in everybody.values() if person.student in made]
    return {
        "question": mistake.question,
        "text": mistake.text,
        "count": len(people),
        "first": people[:NAMES_SHOWN],
        "others": people[NAMES_SHOWN:],
    }


def _waiting(
    records: Iterable[Record], order: Sequence[str], everybody: Mapping[str, Person]
) -> list[tuple[str, str, list[Person]]]:
    """(question, why, students), so that one question is marked for everybody before the next."""
    found: dict[tuple[str, str], list[Person]] = {}
    for record in records:
        for id in by_hand(record):
            why = record["questions"][id].get("message") or "A written answer."
            found.setdefault((id, why), []).append(everybody[record["student"]])
    lines = [(id, why, people) for (id, why), people in found.items()]
    return sorted(lines, key=lambda line: (order.index(line[0]), -len(line[2])))


def _drawing(numbers: LabStatistics) -> Drawing:
    edges, counts = numbers.histogram.edges, numbers.histogram.counts
    frame = Drawing((), (), (), 0.0)
    step = _step(max(counts))
    high = max(step, -(-max(counts) // step) * step)

    def x(points: float) -> float:
        return round(frame.left + (frame.right - frame.left) * points / edges[-1], 1)

    def y(count: float) -> float:
        return round(frame.bottom - (frame.bottom - frame.top) * count / high, 1)

    def bar(low: float, top: float, count: int) -> Bar:
        width, height = round(x(top) - x(low) - 2, 1), round(frame.bottom - y(count), 1)
        return Bar(x(low) + 1, y(count), width, height, count, _words(low, top))

    bars = [bar(*bin) for bin in zip(edges[:-1], edges[1:], counts, strict=True) if bin[-1]]
    every = -(-(len(edges) - 1) // 8)
    across = [(x(edge), str(number(edge))) for edge in edges[::every]]
    up = [(y(count), str(count)) for count in range(0, high + 1, step)]
    return Drawing(tuple(bars), tuple(across), tuple(up), x(numbers.median))


def _step(most: int) -> int:
    """Distance of the ticks for counts: at most five of them, whole numbers."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if most <= 5 * step:
                return step
        power *= 10


def _words(low: float, top: float) -> str:
    return f"{number(low)} to {number(top)} points"


def _caption(histogram: Histogram) -> str:
    """The histogram for someone who cannot see it."""
    bins = zip(histogram.edges[:-1], histogram.edges[1:], histogram.counts, strict=True)
    parts = [f"{_words(low, top)}: {count}" for low, top, count in bins if count]
    return f"Number of submissions by points. {'; '.join(parts)}."
