"""The installed course: which labs there are, their titles, and what was released to learners."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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


class NoCourse:
    """Where no course is installed: every lab is an assignment of the class's own."""

    def labs(self) -> Mapping[str, Lab]:
        """No labs."""
        return {}

    def released(self, lab: str) -> Path:
        """Never asked."""
        raise UsageError(f"No course is installed, so there is no lab {lab!r} of it.")


def installed_course() -> Course:
    """The course that is installed beside this package; one without labs if there is none.

    Raises:
        UsageError: If there is more than one.
    """
    found = list(entry_points(group=GROUP))
    if len(found) > 1:
        names = ", ".join(item.name for item in found)
        raise UsageError(f"Expected one installed course (entry point {GROUP}). Found: {names}.")
    return found[0].load() if found else NoCourse()


def released_in(course: Course) -> Callable[[str], Path | None]:
    """Says where a lab's released notebook is; None for what is no lab of the course."""
    labs = course.labs()
    return lambda lab: course.released(lab) if lab in labs else None


def questions_modules(course: Course, labs: Sequence[str]) -> list[str]:
    """The modules whose questions judge these labs; none for assignments of the class's own."""
    known = course.labs()
    released = (json.loads(course.released(lab).read_bytes()) for lab in labs if lab in known)
    return [notebook["metadata"].get("autograder", {}).get("questions", "") for notebook in released]


def require_labs(there: Sequence[str], labs: Sequence[str]) -> list[str]:
    """The labs as given, each once.

    Raises:
        UsageError: If one is not there; the message says which are near.
    """
    for lab in labs:
        if lab not in there:
            offer = nearest(lab, there) if there else "There are none: is this the class's folder?"
            raise UsageError(f"No lab {lab!r}. {offer}")
    return list(dict.fromkeys(labs))


def titles(course: Course, labs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Titles of labs and of their questions, as the report and the feedback want them.

    An assignment of the class's own is its own title.
    """
    known = course.labs()
    return {
        lab: {
            "title": known[lab].title if lab in known else lab,
            "questions": {id: item.title for id, item in known[lab].load().items()} if lab in known else {},
        }
        for lab in labs
    }
