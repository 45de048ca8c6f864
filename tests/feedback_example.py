"""The page of feedback that lab 00 shows: a sample notebook, graded; `python -m tests.feedback_example`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat

from autograder._feedback import write_feedback
from autograder._notebook import check_notebook
from course import feedback, syllabus
from tests.sample_class import answered, cell_of

LAB, STUDENT, SEED = "lab00_orientation", "ana", "an-example"


def make(path: Path) -> None:
    """Answer lab 00 with some mistakes, grade it, and write the student's page."""
    notebook = answered(LAB, STUDENT)
    cell_of(
        notebook, "count_numbers"
    ).source = "def count_numbers(height, width, channels):\n    return height * width\n"
    kinds, tasks = cell_of(notebook, "learning-kinds"), cell_of(notebook, "learning-tasks")
    kinds.source = kinds.source.replace('"unsupervised"', '"supervised"', 1)
    tasks.source = tasks.source.replace('"regression"', '"classification"')
    with tempfile.TemporaryDirectory() as folder:
        submitted = Path(folder) / f"{LAB}.ipynb"
        nbformat.write(notebook, submitted)
        record = check_notebook(submitted, syllabus.released(LAB), seed=SEED)
    titles = {id: item.title for id, item in syllabus.labs()[LAB].load().items()}
    # Without the notebook beneath: a word changed in the lab would change the page that the lab shows.
    write_feedback(
        record | {"student": STUDENT, "learner": STUDENT},
        None,
        path,
        title=syllabus.labs()[LAB].title,
        question_titles=titles,
        manual={},
    )


if __name__ == "__main__":
    make(feedback.EXAMPLE)
    print(feedback.EXAMPLE.relative_to(Path.cwd()), f"{feedback.EXAMPLE.stat().st_size:,} bytes")
    sys.exit(0)
