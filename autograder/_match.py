"""Which line of a platform's table is whose: a grade goes to nobody rather than to the wrong person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from autograder._collect.layouts import CANVAS
from autograder._collect.ledger import Ledger
from autograder._collect.people import participant_on
from autograder._lms import Participant
from autograder._roster import Roster


def lines_of(
    participants: Sequence[Participant],
    students: Collection[str],
    *,
    roster: Roster,
    ledger: Ledger,
    lab: str,
    layout: str,
) -> dict[int, str]:
    """The student of each line that has one.

    By the platform's number first: what the roster says, else what was collected. Then by address, login and name,
    for students whose number nobody knows; where two lines fit one student, or two students one line, none.

    Args:
        participants: The lines.
        students: Folders of all who may have one.
        roster: The class's students by folder.
        ledger: What was collected.
        lab: The lab's id.
        layout: "canvas" or "moodle".
    """
    numbers = _numbers(students, roster, ledger, lab, layout)
    found = {item.line: _only(numbers.get(item.id, set())) for item in participants}
    numbered = set().union(*numbers.values()) if numbers else set()
    left = {student for student in students if student not in numbered}
    guessed = {item.line: _only(_alike(item, left, roster)) for item in participants if item.id not in numbers}
    times = Counter(guessed.values())
    found |= {line: student for line, student in guessed.items() if times[student] == 1}
    return {line: student for line, student in found.items() if student}


def _numbers(
    students: Collection[str], roster: Roster, ledger: Ledger, lab: str, layout: str
) -> dict[str, set[str]]:
    """The students that have each of the platform's numbers."""
    found: dict[str, set[str]] = {}
    said = {
        student: roster[student].canvas_id
        for student in students
        if layout == CANVAS and student in roster and roster[student].canvas_id
    }
    for student, id in said.items():
        found.setdefault(id, set()).add(student)
    for other, student, receipt in ledger.all():
        fits = receipt.layout == layout and (layout == CANVAS or other == lab)
        if fits and student in students and student not in said and receipt.id not in said.values():
            found.setdefault(receipt.id, set()).add(student)
    return found


def _alike(item: Participant, students: Collection[str], roster: Roster) -> set[str]:
    """The students that a line's address, login or name fits."""
    on_roster = {student.folder for student in participant_on(roster, item)} & set(students)
    return on_roster or {student for student in students if student.casefold() in item.ids}


def _only(found: set[str]) -> str:
    return next(iter(found)) if len(found) == 1 else ""
