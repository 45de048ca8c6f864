"""Put grades into the table that the learning platform itself gave out, so that it can be uploaded again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder._collect.layouts import CANVAS, MOODLE
from autograder._collect.ledger import Ledger
from autograder._errors import UsageError
from autograder._export import number
from autograder._lms import CanvasGradebook, MoodleWorksheet, Participant
from autograder._match import lines_of
from autograder._roster import Roster, read_roster
from autograder._statistics import by_hand
from autograder._store import Place
from autograder._submission import visible
from autograder._tables import Table

_KEPT = ("ex", "n/a")  # Canvas: excused, and not assigned to this student
_SHOWN = 10


@dataclass
class Grade:
    """What a student reached in a lab, over all its notebooks.

    Args:
        points: With late penalties taken off.
        max_points: What can be reached.
        submitted: Whether anything was handed in.
        waiting: How many answers wait for a person.
    """

    points: float = 0.0
    max_points: float = 0.0
    submitted: bool = False
    waiting: int = 0


@dataclass
class Export:
    """What was written.

    Args:
        path: The file.
        column: The column's name.
        written: How many grades.
        notes: What the instructor should know, one sentence each.
        complete: Whether every student with a grade has a line.
    """

    path: Path
    column: str
    written: int = 0
    notes: list[str] = field(default_factory=list)
    complete: bool = True


def grades_of(records: Sequence[Mapping[str, Any]], lab: str) -> dict[str, Grade]:
    """Grades of a lab by student.

    Raises:
        UsageError: If nothing of it is graded.
    """
    found: dict[str, Grade] = {}
    for record in records:
        place = Place.of(record)
        if place.lab != lab:
            continue
        grade = found.setdefault(place.student, Grade())
        grade.points += max(0.0, record["points"] - record.get("late_penalty", 0.0))
        grade.max_points += record["max_points"]
        grade.submitted = grade.submitted or record.get("submitted", True)
        grade.waiting += len(by_hand(record))
    if not found:
        labs = sorted({Place.of(record).lab for record in records})
        raise UsageError(f"Nothing of {lab!r} is graded here. Graded: {', '.join(labs)}.")
    return found


def the_only_lab(records: Sequence[Mapping[str, Any]]) -> str:
    """The lab that is graded.

    Raises:
        UsageError: If there are several: one has to be named.
    """
    labs = sorted({Place.of(record).lab for record in records})
    if len(labs) != 1:
        raise UsageError(f"Which lab? Graded here: {', '.join(labs)}. Name one: autograder export LAB ...")
    return labs[0]


def export_canvas(
    grades: Mapping[str, Grade],
    class_dir: Path,
    lab: str,
    source: Path,
    path: Path,
    *,
    title: str = "",
    column: str = "",
    zeros: bool = False,
) -> Export:
    """Fill a lab's grades into a gradebook that Canvas exported; every other cell stays.

    Args:
        grades: What `grades_of` says.
        class_dir: The class's folder.
        lab: The lab's id.
        source: Canvas' export.
        path: The file to write.
        title: The lab's title, which may be the assignment's.
        column: The assignment; "" for the one whose name holds the lab's id or title.
        zeros: Whether who handed in nothing gets 0; their cells stay as they are otherwise.

    Raises:
        UsageError: If a file cannot be used, or nobody can tell which assignment is meant.
    """
    book = CanvasGradebook(source)
    place = book.column(column) if column else book.column_for(lab, title)
    maximum = book.maximum(place)
    if "read only" in maximum.casefold():
        raise UsageError(f"{source}: Canvas would not read {book.table.columns[place]!r}. Give another --column.")
    fill = _Fill(book.table, place, read_roster(class_dir), Ledger(class_dir), lab, CANVAS, zeros)
    return fill.all(
        grades,
        list(book.participants()),
        maximum=lambda line: maximum,
        stays=lambda line, now: f"{now} in Canvas" if now.casefold() in _KEPT else "",
        path=path,
    )


def export_moodle(
    grades: Mapping[str, Grade], class_dir: Path, lab: str, source: Path, path: Path, *, zeros: bool = False
) -> Export:
    """Fill a lab's grades into an assignment's grading worksheet from Moodle; every other cell stays.

    Args:
        grades: What `grades_of` says.
        class_dir: The class's folder.
        lab: The lab's id.
        source: Moodle's worksheet.
        path: The file to write.
        zeros: Whether who handed in nothing gets 0; their cells stay as they are otherwise.

    Raises:
        UsageError: If a file cannot be used.
    """
    sheet = MoodleWorksheet(source)
    fill = _Fill(sheet.table, sheet.column, read_roster(class_dir), Ledger(class_dir), lab, MOODLE, zeros)
    return fill.all(
        grades,
        list(sheet.participants()),
        maximum=sheet.maximum,
        stays=lambda line, now: "" if sheet.may_change(line) else "locked in Moodle",
        path=path,
    )


@dataclass
class _Fill:
    """One column of one table, to be filled."""

    table: Table
    column: int
    roster: Roster
    ledger: Ledger
    lab: str
    layout: str
    zeros: bool

    def all(
        self,
        grades: Mapping[str, Grade],
        participants: Sequence[Participant],
        *,
        maximum: Callable[[int], str],
        stays: Callable[[int, str], str],
        path: Path,
    ) -> Export:
        """Fill every line whose student is known, and write the file."""
        done = Export(path, self.table.columns[self.column])
        lines = lines_of(
            participants, grades, roster=self.roster, ledger=self.ledger, lab=self.lab, layout=self.layout
        )
        seen: set[str] = set()
        nobody: list[str] = []
        for participant in participants:
            student = lines.get(participant.line)
            if student is None:
                nobody.append(participant.shown)
                continue
            seen.add(student)
            grade = grades[student]
            if not (grade.submitted or self.zeros):
                continue
            now = self._cell(participant.line)
            if why := stays(participant.line, now):
                done.notes.append(f"{visible(student)}: {visible(why)}, left as it is.")
                continue
            self._put(participant.line, _written(grade, maximum(participant.line)))
            done.written += 1
        self._tell(done, grades, seen, nobody, {maximum(participant.line) for participant in participants})
        self.table.write(path)
        return done

    def _cell(self, line: int) -> str:
        row = self.table.rows[line]
        return row[self.column].strip() if self.column < len(row) else ""

    def _put(self, line: int, text: str) -> None:
        row = self.table.rows[line]
        row += [""] * (self.column + 1 - len(row))
        row[self.column] = text

    def _tell(
        self, done: Export, grades: Mapping[str, Grade], seen: set[str], nobody: list[str], maxima: set[str]
    ) -> None:
        full = next(iter(grades.values())).max_points
        other = sorted({text for text in maxima if _number(text) not in (None, full)})
        if other:
            done.notes.append(
                f"The lab has {number(full)} points, the platform's column {', '.join(other)}: scaled."
            )
        if any(_number(text) is None for text in maxima):
            done.notes.append(f"The table does not say how many points there are: written out of {number(full)}.")
        handed_in = {student for student, grade in grades.items() if grade.submitted}
        if lost := sorted(handed_in - seen):
            done.complete = False
            done.notes.append(
                f"No line for {_list(lost)}: not in the table, or not to be told apart (students.csv)."
            )
        if waiting := sorted(student for student in seen if grades[student].waiting and grades[student].submitted):
            done.notes.append(f"Not final: answers wait for a person, for {_list(waiting)}; they count 0 so far.")
        if nobody:
            done.notes.append(f"Nothing is graded for {_list(nobody)}: their cells stay.")


def _written(grade: Grade, maximum: str) -> str:
    """The number for a cell, out of what the platform gives, with the platform's decimal sign."""
    most = _number(maximum)
    points = grade.points if most is None or not grade.max_points else grade.points * most / grade.max_points
    text = str(number(points))
    return text.replace(".", ",") if "," in maximum and "." not in maximum else text


def _number(text: str) -> float | None:
    """A number as a platform writes it, "30", "30.00" or "30,00"; None for anything else."""
    if not re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return None
    return float(text.replace(",", "."))


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(visible(name) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
