"""The installed course: which labs there are, their titles, and what was released to learners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from autograder._errors import UsageError
from autograder._questions import nearest

GROUP = "autograder.course"


class Lab(Protocol):
    """What this package asks of a lab."""

    id: str
    title: str

    def load(self) -> Mapping[str, Any]:
        """Questions and essays by id; each has a `title`."""


class Course(Protocol):
    """What a course offers under the entry point `autograder.course`: a module or an object."""

    def labs(self) -> Mapping[str, Lab]:
        """All labs by id."""

    def released(self, lab: str) -> Path:
        """The released notebook of a lab."""


def installed_course() -> Course:
    """The course that is installed beside this package.

    Raises:
        UsageError: If there is none, or more than one.
    """
    found = list(entry_points(group=GROUP))
    if len(found) != 1:
        names = ", ".join(item.name for item in found) or "none"
        raise UsageError(f"Expected one installed course (entry point {GROUP}). Found: {names}.")
    return found[0].load()


def require_labs(course: Course, labs: Sequence[str]) -> list[str]:
    """The labs as given, each once.

    Raises:
        UsageError: If one is not there; the message says which are near.
    """
    there = list(course.labs())
    for lab in labs:
        if lab not in there:
            raise UsageError(f"No lab {lab!r}. {nearest(lab, there)}")
    return list(dict.fromkeys(labs))


def titles(course: Course, labs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Titles of labs and of their questions, as the report and the feedback want them."""
    return {
        lab: {
            "title": course.labs()[lab].title,
            "questions": {id: item.title for id, item in course.labs()[lab].load().items()},
        }
        for lab in labs
    }
