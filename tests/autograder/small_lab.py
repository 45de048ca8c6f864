"""A lab of a few cells and a class that submits it: made with nbformat and nbgrader's own checksums."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum

LAB = "tiny"
ROOT = Path(__file__).parents[2]
START = """\
from autograder.check import check, open_lab
def start(lab, learner=""):
    return open_lab("tests", lab, "tests.autograder.small_questions", learner=learner)
lab = start("tiny", learner="")"""
STUB = "def double(n):\n    ...  # your code here"
RIGHT = "def double(n):\n    return n + n"
HALF = "def double(n):\n    return abs(n) * 2"
WRONG = "def double(n):\n    return n ** 2"


def graded(
    cell: NotebookNode, *, grade: bool, solution: bool, locked: bool, points: float | None = None
) -> NotebookNode:
    """Give a cell nbgrader's metadata, schema 3, as a release has it."""
    data = {"schema_version": 3, "grade_id": cell.id, "task": False, "cell_type": cell.cell_type}
    data |= {"grade": grade, "solution": solution, "locked": locked}
    cell.metadata.nbgrader = NotebookNode(data | ({"points": points} if points is not None else {}))
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    return cell


def answer_cell(id: str, source: str) -> NotebookNode:
    return graded(new_code_cell(source, id=id), grade=False, solution=True, locked=False)


def check_cell(id: str, points: float) -> NotebookNode:
    return test_cell(f"check-{id}", f'check("{id}")', points)


def test_cell(id: str, source: str, points: float) -> NotebookNode:
    return graded(new_code_cell(source, id=id), grade=True, solution=False, locked=True, points=points)


test_cell.__test__ = False  # type: ignore[attr-defined]


def released(lab: str = LAB) -> NotebookNode:
    """The lab: a start, a question with its check, a paragraph, an essay."""
    essay = new_markdown_cell("*Your answer here.*", id="essay-why")
    cells = [
        new_code_cell(START.replace("tiny", lab), id="cell-01"),
        new_markdown_cell("## Twice", id="cell-02"),
        answer_cell("double", STUB),
        check_cell("double", 4),
        new_markdown_cell("## Why", id="cell-05"),
        new_code_cell("shown = 1", id="cell-06"),
        graded(essay, grade=True, solution=True, locked=False, points=3),
    ]
    about = {"lab": lab, "course": "tests", "questions": "tests.autograder.small_questions"}
    return notebook(cells, autograder=about)


def notebook(cells: list[NotebookNode], **metadata: object) -> NotebookNode:
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": spec, **metadata})


def cell(found: NotebookNode, id: str) -> NotebookNode:
    """The cell with this id."""
    return next(cell for cell in found.cells if cell.id == id)


def ids(found: NotebookNode) -> list[str]:
    return [cell.id for cell in found.cells]


def answered(double: str = RIGHT, why: str | None = None, learner: str = "") -> NotebookNode:
    """A student's copy of the lab."""
    copied = copy.deepcopy(released())
    cell(copied, "double").source = double
    if why is not None:
        cell(copied, "essay-why").source = why
    cell(copied, "cell-01").source = START.replace('"tiny", learner=""', f'"tiny", learner="{learner}"')
    return copied


class SmallClass:
    """A class's folder with a release beside it."""

    def __init__(self, folder: Path, lab: NotebookNode | None = None, name: str = LAB) -> None:
        self.name = name
        self.folder = folder / "class"
        self.release = folder / "release" / f"{name}.ipynb"
        self.release.parent.mkdir(parents=True)
        (self.folder / "submitted").mkdir(parents=True)
        nbformat.write(lab or released(name), self.release)

    def path(self, student: str) -> Path:
        return self.folder / "submitted" / student / self.name / f"{self.name}.ipynb"

    def submit(self, student: str, content: NotebookNode | bytes) -> Path:
        """Write a notebook, or any bytes, as a student's submission."""
        path = self.path(student)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else nbformat.writes(content).encode())
        return path


def kernel_path() -> str:
    """PYTHONPATH with which a kernel finds this package."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
