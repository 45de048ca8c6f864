"""The labs and explorations: what `course/syllabus.toml` says, and where their files are."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.check import Essay, Question, load_questions

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Lab:
    """One row of the syllabus.

    Args:
        id: Name of the lab's folder, notebook and questions module.
        title: As in the table of labs.
        minutes: What a learner should plan.
        seconds: Limit of one execution of the solution.
        memory_mb: Limit of its memory, in MB.
        needs: What it imports beyond NumPy and Matplotlib.
        practice: Whether its points are for practice and count for nothing in the course.
        graded: Whether it is a lab; else an exploration, which has no question.
    """

    id: str
    title: str
    minutes: int
    seconds: int
    memory_mb: int
    needs: tuple[str, ...]
    practice: bool = False
    graded: bool = True

    @property
    def number(self) -> str:
        """ "04" for lab04_shapes."""
        return self.id[3:5]

    @property
    def heading(self) -> str:
        """ "Lab 04 · Shape arithmetic", or "Exploration · " and the title."""
        return f"Lab {self.number} · {self.title}" if self.graded else f"Exploration · {self.title}"

    @property
    def questions(self) -> str:
        """Name of the module with the lab's questions."""
        return f"course.questions.{self.id}"

    def load(self) -> dict[str, Question | Essay]:
        """The lab's questions and essays by id."""
        return load_questions(self.questions)

    @property
    def points(self) -> int:
        """Points of the whole lab."""
        return sum(item.points for item in self.load().values())


@cache
def _table() -> dict:
    return tomllib.loads((HERE / "syllabus.toml").read_text(encoding="utf-8"))


def name() -> str:
    """The course's name, part of every draw."""
    return _table()["course"]


@cache
def labs() -> dict[str, Lab]:
    """All labs by id, in the syllabus' order."""
    return _rows("lab", graded=True)


@cache
def explorations() -> dict[str, Lab]:
    """Notebooks by id in which nothing is graded: they are built and released like labs, and are none."""
    return _rows("exploration", graded=False)


def notebooks() -> dict[str, Lab]:
    """Labs and explorations by id."""
    return labs() | explorations()


def _rows(kind: str, *, graded: bool) -> dict[str, Lab]:
    rows = [{**row, "needs": tuple(row["needs"]), "graded": graded} for row in _table().get(kind, [])]
    return {row["id"]: Lab(**row) for row in rows}


def total_points() -> int:
    """Points of the whole course; points for practice do not count."""
    return sum(lab.points for lab in labs().values() if not lab.practice)


def released(lab: str) -> Path:
    """The notebook that learners get: in the repository, or inside the installed package."""
    beside = HERE.parent / "notebooks" / lab / f"{lab}.ipynb"
    return beside if beside.exists() else HERE / "_notebooks" / lab / f"{lab}.ipynb"
