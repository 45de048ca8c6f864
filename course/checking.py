"""`course check FILE.ipynb`: what a grader would see, in the learner's own terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from autograder import UsageError
from course import syllabus

MARKS = {"passed": "✓", "manual": "…", "missing": "○"}


def check_file(path: Path, *, seed: str | None = None, learner: str | None = None) -> tuple[list[str], bool]:
    """Run a notebook in a clean kernel and judge every question.

    Args:
        path: The learner's notebook.
        seed: Repeats the random cases of a grading run.
        learner: With `seed`, the id under which the notebook was handed in.

    Returns:
        Lines to print, and whether every checked question has all its points.

    Raises:
        SubmissionError: If the file is no notebook of this course.
        UsageError: If what runs notebooks is not installed.
    """
    try:
        from autograder._notebook import check_notebook
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed. Next: {sys.executable} -m pip install jupyterlab"
        ) from error

    lab = _lab_of(path)
    record = check_notebook(path, syllabus.released(lab), seed=seed, learner=learner)
    return _lines(record, syllabus.labs()[lab]), _all_passed(record)


def _lab_of(path: Path) -> str:
    """The lab that a notebook says it is, or that its name says."""
    try:
        lab = json.loads(path.read_bytes())["metadata"]["autograder"]["lab"]
    except (OSError, ValueError, KeyError, TypeError):
        lab = path.stem
    if lab in syllabus.explorations():
        raise UsageError(f"{path}: nothing in this notebook is graded, so there is nothing to check.")
    if lab not in syllabus.labs():
        raise UsageError(
            f"{path}: not a notebook of this course. It should begin as one of {', '.join(syllabus.labs())}."
        )
    return lab


def _all_passed(record: dict[str, Any]) -> bool:
    """Whether nothing is left to mend; written answers are a person's business."""
    return all(item["verdict"] in ("passed", "manual") for item in record["questions"].values())


def _lines(record: dict[str, Any], lab: syllabus.Lab) -> list[str]:
    titles = {id: item.title for id, item in lab.load().items()}
    lines = [f"Lab {lab.number} · {lab.title}", ""]
    for id, item in record["questions"].items():
        reached = f"{item['points']:g} of {item['max_points']:g}"
        lines.append(
            f"{MARKS.get(item['verdict'], '✗')} {id:<16} {reached:>10}  {item['verdict']:<8} {titles.get(id, '')}"
        )
        if item["message"]:
            lines.append(f"  {item['message']}")
    lines += [
        "",
        f"{record['points']:g} of {record['max_points']:g} points; written answers are read by a person.",
    ]
    return [*lines, *record["notes"]]
