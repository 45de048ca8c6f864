"""Who is in the class: `students.csv`, and who may hand in later: `extensions.csv`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from autograder._errors import UsageError
from autograder._submission import visible
from autograder._tables import named_rows, read_table
from autograder._times import read_time

ROSTER, EXTENSIONS = "students.csv", "extensions.csv"


@dataclass(frozen=True)
class Student:
    """One line of the roster.

    Args:
        folder: The student's folder in `submitted/`, and nbgrader's id.
        learner: The id that the student types into notebooks; "" if it is the folder's name.
        first_name: For people; no program needs it.
        last_name: For people; no program needs it.
        email: As the learning platform has it; Moodle's worksheets name students by it.
        canvas_id: Canvas' number of the student, which its downloads and its gradebook have.
        sis_id: What Canvas calls "SIS User ID" or "SIS Login ID", and Moodle "ID number" or "Username".
    """

    folder: str
    learner: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    canvas_id: str = ""
    sis_id: str = ""

    @property
    def name(self) -> str:
        """The name as lists have it, "Smith, Jane"; "" where the roster has none."""
        return ", ".join(filter(None, [self.last_name, self.first_name]))

    @property
    def spoken(self) -> set[str]:
        """The name as a platform may write it, in either order, in small letters."""
        names = [self.first_name, self.last_name]
        return {plain_name(" ".join(names)), plain_name(" ".join(reversed(names)))} - {""}


Roster = Mapping[str, Student]
COLUMNS = tuple(field.name for field in fields(Student))
_ONCE = ("folder", "email", "canvas_id", "sis_id")


def plain_name(name: str) -> str:
    """A name to compare: in small letters, with single blanks."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def read_roster(class_dir: Path) -> dict[str, Student]:
    """The students of a class by folder, {} where there is no `students.csv`.

    Columns with other names are passed over.

    Raises:
        UsageError: If the file cannot be read, a line names no folder, or two lines name the same student.
    """
    path = class_dir / ROSTER
    if not path.exists():
        return {}
    table = read_table(path)
    if table.place("folder") is None:
        raise UsageError(f"{path}: no column folder. Its columns may be {', '.join(COLUMNS)}.")
    found: dict[str, Student] = {}
    seen: dict[tuple[str, str], str] = {}
    for where, row in named_rows(table):
        student = Student(**{name: row.get(name, "") for name in COLUMNS})
        require_folder(student.folder, where)
        for column in _ONCE:
            value = getattr(student, column).casefold()
            if value and (column, value) in seen:
                raise UsageError(
                    f"{where}: the {column} {visible(value)} stands in {seen[column, value]} too. Keep one line."
                )
            seen[column, value] = where.rpartition(", ")[2]
        found[student.folder] = student
    return found


def require_folder(name: str, where: str) -> None:
    """Refuse what is no name of a folder.

    Raises:
        UsageError: If it is empty, leads elsewhere, or would be passed over.
    """
    if not name or name.startswith(".") or any(char in name for char in "/\\\0"):
        raise UsageError(f"{where}: {visible(name)!r} is no name of a student's folder. Give one, such as jsmith.")


def read_extensions(class_dir: Path) -> dict[tuple[str, str], datetime] | None:
    """Until when a student may hand in a lab, by (folder, lab); None where there is no `extensions.csv`.

    Raises:
        UsageError: If the file cannot be read, or a line lacks something.
    """
    path = class_dir / EXTENSIONS
    if not path.exists():
        return None
    found: dict[tuple[str, str], datetime] = {}
    for where, row in named_rows(read_table(path)):
        folder, lab, until = (row.get(name, "") for name in ("folder", "lab", "until"))
        if not (folder and lab and until):
            raise UsageError(f"{where}: needs the columns folder, lab and until, all filled.")
        if (folder, lab) in found:
            raise UsageError(f"{where}: {visible(folder)} has two extensions for {visible(lab)}. Keep one line.")
        found[folder, lab] = read_time(until, where)
    return found
