"""An ordinary nbgrader course: what `nbgrader quickstart` makes, a third notebook, and a class that submits it."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook

from tests.autograder.small_lab import notebook

LAB = "ps1"
PROBLEMS = ("problem1", "problem2", "problem3")
SETTINGS = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
HIDDEN = "\n### BEGIN HIDDEN TESTS\nassert mean([1, 2]) == 1.5  # only the grader knows\n### END HIDDEN TESTS"
MEAN = "def mean(numbers):\n    ### BEGIN SOLUTION\n    return sum(numbers) / len(numbers)\n    ### END SOLUTION"
PARTIAL = (
    "points = 0\nfor numbers, right in (([1], 1), ([2, 4], 3), ([1, 2], 1.5)):\n"
    "    points += mean(numbers) == right\npoints"
)
FILE = "import pathlib\nassert mean([int(n) for n in pathlib.Path('data/numbers.txt').read_text().split()]) == 2"
NOISY = "import warnings\nwarnings.warn('an old argument')\nassert mean([1]) == 1"
FLOAT = "import numpy\nnumpy.float64(0.5) if mean([1]) == 1 else numpy.float64(0.0)"
KNOWS = "import os\nassert os.environ['NBGRADER_EXECUTION'] == 'autograde'"
TRAPS = {"noisy", "float"}  # where the default differs from nbgrader, deliberately
STUDENTS = 10
Edit = Callable[[NotebookNode], None]


def nbgrader(folder: Path, *arguments: str) -> None:
    """Run one of nbgrader's commands in a folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def make_course(folder: Path) -> Path:
    """The example course that nbgrader ships, with a third notebook, generated and handed in by a class."""
    nbgrader(folder, "quickstart", "course")
    course = folder / "course"
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(SETTINGS)
    source = course / "source" / LAB
    nbformat.write(third_problem(), source / "problem3.ipynb")
    (source / "data").mkdir()
    (source / "data" / "numbers.txt").write_text("1 2 3")
    nbgrader(course, "generate_assignment", LAB)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.update_or_create_assignment(LAB, duedate="2026-01-01 00:00:00 UTC")
    submit_all(course)
    return course


def third_problem() -> NotebookNode:
    """Hidden tests, partial credit, a file, noise on stderr, a test that is all hidden, and a task."""
    cells = [
        _cell(new_code_cell(MEAN), "mean", solution=True),
        _cell(new_code_cell("assert mean([1]) == 1" + HIDDEN), "hidden", grade=True, points=3),
        _cell(new_code_cell(HIDDEN.strip()), "all_hidden", grade=True, points=1),
        _cell(new_code_cell(PARTIAL), "partial", grade=True, points=3),
        _cell(new_code_cell(FILE), "file", grade=True, points=2),
        _cell(new_code_cell(KNOWS), "knows", grade=True, points=1),
        _cell(new_code_cell(NOISY), "noisy", grade=True, points=1),
        _cell(new_code_cell(FLOAT), "float", grade=True, points=1),
        _cell(new_code_cell("plot = 'yours'"), "by_hand", grade=True, solution=True, points=2),
        _cell(new_markdown_cell("Draw a curve."), "task", task=True, locked=True, points=4),
    ]
    return notebook(cells)


def _cell(cell: NotebookNode, id: str, *, points: float | None = None, **flags: bool) -> NotebookNode:
    data = {"schema_version": 3, "grade_id": id, "cell_type": cell.cell_type}
    data |= {"grade": False, "solution": False, "locked": False, "task": False, **flags}
    cell.metadata.nbgrader = NotebookNode(data | ({"points": points} if points is not None else {}))
    return cell


def cell_of(found: NotebookNode, id: str) -> NotebookNode:
    """The cell with an nbgrader id."""
    return next(cell for cell in found.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == id)


def answer(**sources: str) -> Edit:
    """An edit that writes answers, by nbgrader id, where the notebook has them."""

    def edit(found: NotebookNode) -> None:
        for cell in found.cells:
            id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = sources.get(id, cell.source)

    return edit


SQUARES = "def squares(n):\n    if n < 1:\n        raise ValueError(n)\n    return [i**2 for i in range(1, n + 1)]"
RIGHT = {
    "squares": SQUARES,
    "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
    "sum_of_squares_equation": "$\\sum_{i=1}^n i^2$",
    "sum_of_squares_application": "print(sum_of_squares(4))",
    "part-a": "Fibonacci's numbers.",
    "part-b": "Below zero it never ends.",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",
    "by_hand": "plot = 'a curve'",
}
HALF = RIGHT | {
    "squares": "def squares(n):\n    return [i**2 for i in range(1, n + 1)]",
    "mean": "def mean(numbers):\n    return sum(numbers) // len(numbers)",
}
WRONG = RIGHT | {
    "squares": "def squares(n):\n    return n",
    "sum_of_squares": "def sum_of_squares(n):\n    return n * (n + 1) * (2 * n + 1) // 6",
    "mean": "def mean(numbers) return 0",
}


def submit_all(course: Path) -> None:
    """Ten honest students; the first two come with nbgrader."""
    import nbgrader as package

    shipped = Path(package.__file__).parent / "docs" / "source" / "user_guide" / "submitted"
    for student in ("bitdiddle", "hacker"):
        shutil.copytree(shipped / student, course / "submitted" / student)
        submit(course, student, answer(**RIGHT), only=("problem3",))
    submit(course, "right", answer(**RIGHT))
    submit(course, "half", answer(**HALF))
    submit(course, "wrong", answer(**WRONG))
    submit(course, "empty", lambda found: None)
    submit(course, "late", answer(**RIGHT), timestamp="2026-01-02 00:00:00 UTC")
    submit(course, "early", answer(**RIGHT), timestamp="2025-12-31 00:00:00 UTC")
    submit(course, "first_only", answer(**RIGHT), only=("problem1",))
    submit(course, "helped", _with_helper)
    (course / "submitted" / "helped" / LAB / "helper.py").write_text(
        "def add(numbers):\n    return sum(numbers)\n"
    )
    (course / "submitted" / "helped" / LAB / "data").mkdir()
    (course / "submitted" / "helped" / LAB / "data" / "numbers.txt").write_text("9 9 9")


def _with_helper(found: NotebookNode) -> None:
    """Cells of the own, a module beside the notebook, and a newer Jupyter that gives cells ids."""
    answer(**RIGHT | {"mean": "import helper\ndef mean(numbers):\n    return helper.add(numbers) / len(numbers)"})(
        found
    )
    found.cells.insert(1, new_code_cell("tried = 1 + 1\ntried"))
    found.nbformat_minor = 5
    for number, cell in enumerate(found.cells):
        cell.id = f"jupyter-{number}"


def submit(
    course: Path, student: str, edit: Edit, *, only: tuple[str, ...] = PROBLEMS, timestamp: str | None = None
) -> None:
    """Hand in an edited copy of the release."""
    folder = course / "submitted" / student / LAB
    folder.mkdir(parents=True, exist_ok=True)
    for name in only:
        found = copy.deepcopy(nbformat.read(course / "release" / LAB / f"{name}.ipynb", as_version=4))
        edit(found)
        nbformat.write(found, folder / f"{name}.ipynb")
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)


def scores(course: Path) -> dict[tuple[str, str, str], object]:
    """All that nbgrader's gradebook says of every submitted cell and notebook."""
    found: dict[tuple[str, str, str], object] = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for submission in book.assignment_submissions(LAB):
            for item in submission.notebooks:
                place = submission.student_id, item.name
                for grade in item.grades:
                    found[*place, grade.name] = grade.auto_score, grade.needs_manual_grade, grade.max_score
                for comment in item.comments:
                    found[*place, f"comment on {comment.name}"] = comment.auto_comment
                found[*place, "late"] = item.late_submission_penalty, str(submission.timestamp), item.score
    return found
