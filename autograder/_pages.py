"""What is written after grading: feedback for each student, the class's report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograder._course import Course, titles
from autograder._feedback import write_feedback
from autograder._report import write_report
from autograder._roster import Student
from autograder._statistics import without_cases
from autograder._store import Place, Store

Record = dict[str, Any]


def write_all_feedback(records: Sequence[Record], class_dir: Path, course: Course) -> None:
    """Write `feedback/STUDENT/LAB/NOTEBOOK.html` for every record."""
    from autograder._nbgrader.directory import ClassDirectory

    submitted = ClassDirectory(class_dir).submitted
    names = titles(course, sorted({record["lab"] for record in records}))
    for record in records:
        lab, place = record["lab"], Place.of(record)
        folder = submitted / place.student / place.lab
        manual = {
            id: {
                "score": item["points"] if item["verdict"] != item["judged"] else None,
                "comment": item.get("comment"),
            }
            for id, item in record["questions"].items()
        }
        write_feedback(
            record,
            _submitted(folder / f"{place.notebook}.ipynb"),
            class_dir / "feedback" / place.student / place.lab / f"{place.notebook}.html",
            title=names[lab]["title"],
            question_titles=names[lab]["questions"],
            manual=manual,
        )


def _submitted(path: Path) -> dict[str, Any] | None:
    """The notebook as it was handed in, None if it cannot be shown."""
    try:
        links = (path, path.parent, path.parent.parent)
        if any(folder.is_symlink() for folder in links) or not path.is_file():
            return None  # a pipe would never end
        notebook = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return notebook if isinstance(notebook, dict) and isinstance(notebook.get("cells"), list) else None


def write_class_report(records: Sequence[Record], class_dir: Path, course: Course) -> Path:
    """Write `report.html` and return its path.

    Whoever handed nothing in is named, but not counted; so is whoever is not on the roster, where there is one.
    """
    path = class_dir / "report.html"
    names = titles(course, sorted({record["lab"] for record in records}))
    store = Store(class_dir)
    learners, roster = store.learners(), store.roster()
    folders = {record["student"] for record in records} | set(roster)
    everybody = {folder: _shown(roster.get(folder), learners.get(folder, folder)) for folder in folders}
    present = handed_in(records)
    strangers = {record["student"] for record in present} - set(roster) if roster else ()
    write_report(present, path, titles=names, learners=everybody, strangers=strangers)
    return path


def handed_in(records: Iterable[Record]) -> list[Record]:
    """Records of those who handed something in, with what statistics need of them: a class may be large."""
    return [without_cases(record) for record in records if record.get("submitted", True)]


def _shown(student: Student | None, learner: str) -> str:
    """A student as the instructor's report names one: "Smith, Jane (jsmith)", else by the learner's id."""
    return f"{student.name} ({student.folder})" if student and student.name else learner
