"""The tables that learning platforms give out: Canvas' gradebook export and Moodle's grading worksheet.

Their columns are as the platforms' own programs write them: `lib/gradebook_exporter.rb` in instructure/canvas-lms,
`mod/assign/gradingtable.php` in moodle/moodle. Names of columns are the English ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder._errors import UsageError
from autograder._roster import plain_name
from autograder._submission import visible
from autograder._tables import Table, read_table

_CANVAS_NEEDS = ("ID", "Section")
_MOODLE_NEEDS = ("Identifier", "Grade", "Maximum grade")
_NOT_ASSIGNMENTS = re.compile(
    r"(Current|Final|Unposted|Override) (Current |Final )?(Score|Points|Grade|Status)", re.IGNORECASE
)
_TITLE = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)


@dataclass(frozen=True)
class Participant:
    """One student's line in a platform's table.

    Args:
        line: Its place among the table's rows.
        id: The platform's number of the student.
        shown: The student's name as it stands there.
        name: The same in small letters, "jane smith".
        email: In small letters, "" if the table has none.
        login: "SIS Login ID", or Moodle's "Username".
        sis: "SIS User ID", or Moodle's "ID number".
        submitted: When the work was handed in, as the table writes it; Moodle's only.
    """

    line: int
    id: str
    shown: str
    name: str = ""
    email: str = ""
    login: str = ""
    sis: str = ""
    submitted: str = ""

    @property
    def ids(self) -> set[str]:
        """Both in small letters."""
        return {text.casefold() for text in (self.login, self.sis) if text}


class CanvasGradebook:
    """A gradebook as Canvas exports it.

    Args:
        path: The file.

    Raises:
        UsageError: If it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.table = read_table(path)
        if any(self.table.place(name) is None for name in _CANVAS_NEEDS):
            raise UsageError(
                _no_such(path, "gradebook that Canvas exported", self.table, ("Student", *_CANVAS_NEEDS))
            )

    @property
    def _two_names(self) -> bool:
        return self.table.columns[:2] == ["LastName", "FirstName"]

    def assignments(self) -> dict[int, str]:
        """The columns that are assignments, "Lab 4 (123)", by place."""
        first = self.table.place("Section") or 0
        named = list(enumerate(self.table.columns))[first + 1 :]
        return {
            place: name for place, name in named if _TITLE.fullmatch(name) and not _NOT_ASSIGNMENTS.search(name)
        }

    def column(self, name: str) -> int:
        """The assignment's column.

        Args:
            name: Its whole name, its title, or its number in Canvas.

        Raises:
            UsageError: If there is none, or several.
        """
        found = self._columns(name)
        if len(found) == 1:
            return found[0]
        there = ", ".join(f'"{visible(column)}"' for column in self.assignments().values()) or "none"
        what = f"{len(found)} assignments are called" if found else "no assignment is called"
        raise UsageError(f"{self.table.path}: {what} {visible(name)!r}. Give one with --column: {there}.")

    def _columns(self, name: str) -> list[int]:
        wanted = name.casefold()
        parts = {
            place: (column, *_TITLE.fullmatch(column).groups()) for place, column in self.assignments().items()
        }
        return [place for place, names in parts.items() if wanted in {part.casefold() for part in names}]

    def column_for(self, lab: str, title: str) -> int:
        """The column of a lab: the one assignment whose title holds the lab's id or its title.

        Raises:
            UsageError: If there is none, or several; the message lists the assignments.
        """
        wanted = [text.casefold() for text in (lab, title) if text]
        found = [
            place
            for place, column in self.assignments().items()
            if any(text in column.casefold() for text in wanted)
        ]
        return found[0] if len(found) == 1 else self.column(lab)

    def maximum(self, column: int) -> str:
        """What "Points Possible" says of an assignment, "" if nothing."""
        for row in self.table.rows[1:]:
            if row and "points possible" in row[0].casefold():
                return row[column].strip() if column < len(row) else ""
        return ""

    def participants(self) -> Iterator[Participant]:
        """Every student's line."""
        for line, row in enumerate(self.table.rows[1:], start=1):
            id = self.table.cell(row, "ID")
            if not id or "points possible" in row[0].casefold():
                continue  # "Manual Posting" and "Points Possible" stand above the students
            login, sis = (self.table.cell(row, name) for name in ("SIS Login ID", "SIS User ID"))
            shown = f"{row[0].strip()}, {row[1].strip()}" if self._two_names else row[0].strip()
            yield Participant(line, id, shown, login=login, sis=sis)


class MoodleWorksheet:
    """An offline grading worksheet as Moodle gives it out for one assignment.

    Args:
        path: The file.

    Raises:
        UsageError: If it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.table = read_table(path)
        if any(self.table.place(name) is None for name in _MOODLE_NEEDS):
            raise UsageError(_no_such(path, "grading worksheet that Moodle gave out", self.table, _MOODLE_NEEDS))

    @property
    def column(self) -> int:
        """Where the grade stands."""
        place = self.table.place("Grade")
        assert place is not None
        return place

    def maximum(self, line: int) -> str:
        """What a student can reach, as it stands there."""
        return self.table.cell(self.table.rows[line], "Maximum grade")

    def may_change(self, line: int) -> bool:
        """Whether Moodle would take a grade for this student."""
        return self.table.cell(self.table.rows[line], "Grade can be changed").casefold() != "no"

    def participants(self) -> Iterator[Participant]:
        """Every student's line."""
        for line, row in enumerate(self.table.rows[1:], start=1):
            number = re.search(r"(\d+)$", self.table.cell(row, "Identifier"))
            if number is None:
                continue
            shown = self.table.cell(row, "Full name")
            login, sis = (self.table.cell(row, name) for name in ("Username", "ID number"))
            yield Participant(
                line,
                number[1],
                shown or f"Participant {number[1]}",
                name=plain_name(shown),
                email=self.table.cell(row, "Email address").casefold(),
                login=login,
                sis=sis,
                submitted=self.table.cell(row, "Last modified (submission)"),
            )


def moodles_time(text: str, zone: tzinfo) -> datetime | None:
    """A moment as Moodle writes it in English, "Tuesday, 3 March 2026, 9:05 PM"; None for "-".

    Raises:
        ValueError: If it cannot be read.
    """
    from dateutil import parser

    if text in ("", "-"):
        return None
    found = parser.parse(text)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _no_such(path: Path, what: str, table: Table, needed: tuple[str, ...]) -> str:
    there = visible(", ".join(table.columns)[:200])
    return (
        f"{path}: not a {what}: it needs the columns {', '.join(needed)}, and has {there}. "
        "Set the platform's language to English, download the table again, and do not change its first line."
    )
