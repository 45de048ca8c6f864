"""Due dates, extensions and penalties, where nbgrader itself keeps them.

nbgrader's gradebook has a due date for each assignment, and for each submission a time and an extension, which
counts in `total_seconds_late`; its late-submission plugin is given those seconds. nbgrader only lacks a way to set
an extension without writing Python. So `extensions.csv` is all that is added, and any plugin works unchanged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nbgrader import api

from autograder._errors import UsageError
from autograder._roster import EXTENSIONS
from autograder._store import Place
from autograder._submission import visible

if TYPE_CHECKING:
    from autograder._nbgrader.gradebook import Gradebook

Extensions = Mapping[tuple[str, str], datetime]


def set_due(gradebook: Gradebook, labs: Sequence[str], due: datetime) -> None:
    """Set when labs are due; formgrader shows it and can change it.

    Raises:
        GradebookError: If the gradebook cannot be written.
    """
    with gradebook._explained("setting the due date"):
        for lab in labs:
            gradebook._book.update_or_create_assignment(lab, duedate=_plain(due))


def require_due(gradebook: Gradebook, labs: Sequence[str], extensions: Extensions | None) -> None:
    """Refuse an extension for what is not due, or due later.

    Raises:
        UsageError: If there is one; the message says whose and which.
    """
    for (student, lab), until in (extensions or {}).items():
        if lab not in labs:
            continue
        with gradebook._explained(f"reading {lab}"):
            due = _due(gradebook, lab)
        who = f"{EXTENSIONS}, {visible(student)}: an extension for {visible(lab)}"
        if due is None:
            raise UsageError(f"{who}, which has no due date. Give it: autograder grade {visible(lab)} --due TIME.")
        if _plain(until) < due:
            raise UsageError(f"{who} ends {until:%Y-%m-%d %H:%M} UTC, before it is due, {due:%Y-%m-%d %H:%M} UTC.")


def settle(gradebook: Gradebook, record: Mapping[str, Any], extensions: Extensions | None) -> None:
    """Bring a recorded notebook's lateness up to date, without grading it again.

    When it was handed in is what `timestamp.txt` says now; its extension, where there is an `extensions.csv`, what
    stands there; the penalty what the class's plugin makes of both, and of points that persons have given since.

    Args:
        gradebook: An open gradebook.
        record: The notebook's record; if it belongs to another gradebook, nothing is changed.
        extensions: Until when, by (student, lab); None where nothing is said of extensions.

    Raises:
        GradebookError: If the gradebook cannot be used.
    """
    place, session = Place.of(record), gradebook._book.db
    with gradebook._explained(f"assigning late penalties of {place.lab}"), contextlib.suppress(api.MissingEntry):
        if _due(gradebook, place.lab) is None and "late_penalty" not in record:
            return  # a class without due dates pays nothing for them
        session.expire_all()
        notebook = gradebook._notebook(place)
        if notebook.id != record.get("row"):
            return
        with gradebook._one_transaction():
            _bring_up(gradebook, place, notebook, extensions)
        session.commit()


def _bring_up(
    gradebook: Gradebook, place: Place, notebook: api.SubmittedNotebook, extensions: Extensions | None
) -> None:
    submission = notebook.assignment
    folder = gradebook.directory.submitted / place.student / place.lab
    if folder.is_dir():
        submission.timestamp = gradebook.directory.timestamp(folder)
    if extensions is not None:
        submission.extension = _extension(extensions.get((place.student, place.lab)), submission)
    gradebook._assign_late_penalty(submission, notebook)


def _due(gradebook: Gradebook, lab: str) -> datetime | None:
    return gradebook._book.db.query(api.Assignment.duedate).filter(api.Assignment.name == lab).scalar()


def _extension(until: datetime | None, submission: api.SubmittedAssignment) -> timedelta | None:
    due = submission.assignment.duedate
    return None if until is None or due is None else max(_plain(until) - due, timedelta())


def _plain(moment: datetime) -> datetime:
    """As nbgrader's database has it: UTC, and no word of it."""
    return moment.astimezone(UTC).replace(tzinfo=None)
