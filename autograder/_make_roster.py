"""Make `students.csv` from a table that a learning platform gave out, or add to it who is not there yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from autograder._collect.people import folder_name, participant_on
from autograder._lms import CanvasGradebook, MoodleWorksheet, Participant
from autograder._roster import COLUMNS, ROSTER, Student, read_roster
from autograder._tables import Table, read_table

_FORMULA = "=+-@\t\r\n ＝＋－＠"


def from_canvas(source: Path, class_dir: Path) -> list[Student]:
    """Add every student of a Canvas gradebook; returns those that were not in the roster.

    Raises:
        UsageError: If the gradebook or the roster cannot be used.
    """
    people = [item for item in CanvasGradebook(source).participants() if item.shown != "Student, Test"]
    there = {student.canvas_id for student in read_roster(class_dir).values()}
    return _add((_canvas(item) for item in people if item.id not in there), class_dir)


def from_moodle(source: Path, class_dir: Path) -> list[Student]:
    """Add every student of a Moodle worksheet; returns those that were not in the roster.

    Raises:
        UsageError: If the worksheet or the roster cannot be used.
    """
    roster = read_roster(class_dir)
    people = MoodleWorksheet(source).participants()
    return _add((_moodle(item) for item in people if not participant_on(roster, item)), class_dir)


def _canvas(item: Participant) -> Student:
    last, _, first = item.shown.partition(",")
    email = item.login if "@" in item.login else ""
    return _student(item, first.strip(), last.strip(), email, canvas_id=item.id)


def _moodle(item: Participant) -> Student:
    first, _, last = item.shown.rpartition(" ")
    return _student(item, first, last, item.email)


def _student(item: Participant, first: str, last: str, email: str, canvas_id: str = "") -> Student:
    """A line for the roster; the folder is the login, which students know and can type into notebooks."""
    login = (item.login or email).partition("@")[0]
    folder = folder_name(login or item.shown)
    return Student(
        folder,
        learner=login if login.casefold() != folder else "",
        first_name=first,
        last_name=last,
        email=email,
        canvas_id=canvas_id,
        sis_id=item.sis or ("" if item.login == email else item.login),
    )


def _harmless(student: Student) -> Student:
    """Without what a spreadsheet takes for the start of a formula: names are what students chose."""
    return Student(**{name: text.lstrip(_FORMULA) for name, text in asdict(student).items()})


def _add(students: Iterable[Student], class_dir: Path) -> list[Student]:
    path, taken, added = class_dir / ROSTER, set(read_roster(class_dir)), []
    for student in students:
        folder, number = student.folder, 2
        while folder in taken:
            folder, number = f"{student.folder}-{number}", number + 1
        taken.add(folder)
        added.append(_harmless(replace(student, folder=folder)))
    table = read_table(path) if path.exists() else Table(path, [list(COLUMNS)], marked=True)
    names = [name.casefold() for name in table.columns]
    table.rows += [[asdict(student).get(name, "") for name in names] for student in added]
    table.write(path)
    return added
