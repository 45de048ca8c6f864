"""Put the roster into nbgrader's gradebook, so that formgrader shows names beside folders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from autograder._roster import Student

if TYPE_CHECKING:
    from autograder._nbgrader.gradebook import Gradebook


def enrol(gradebook: Gradebook, roster: Mapping[str, Student]) -> None:
    """Have every student of a roster in the gradebook, with what the roster tells; what it does not tell stays.

    Raises:
        GradebookError: If the gradebook cannot be written.
    """
    gradebook.know(list(roster))
    with gradebook._explained("writing the roster"):
        with gradebook._one_transaction():
            for student in gradebook._book.students:
                for name, text in _told(roster.get(student.id)).items():
                    if text and getattr(student, name) != text:
                        setattr(student, name, text)
        gradebook._book.db.commit()


def _told(student: Student | None) -> dict[str, str]:
    if student is None:
        return {}
    return {
        "first_name": student.first_name,
        "last_name": student.last_name,
        "email": student.email,
        "lms_user_id": student.canvas_id,
    }
