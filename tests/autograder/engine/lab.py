"""A small lab for the engine's tests, and one call that runs a student's copy of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder._engine.engine import Engine
from autograder._engine.run import Assignment, run_notebook
from autograder._execute import Execution
from autograder._rebuild import rebuild
from autograder._verdicts import read_verdicts
from tests.autograder.small_lab import answer_cell, check_cell, notebook

MODULE = "tests.autograder.engine.questions.basic"
START = (
    f'from autograder.check import check, open_lab\nlab = open_lab("tests", "basic", "{MODULE}", learner="ada")'
)
POINTS = {"double": 4, "total": 2, "scaler": 2, "own": 1, "by_hand": 2}
RIGHT = {
    "double": "def double(n):\n    return n + n",
    "total": "def total(table):\n    return table.sum()",
    "scaler": "def scaler(factor):\n    return lambda x: factor * x",
    "own": "own = 3",
    "by_hand": "def by_hand(numbers):\n    return sorted(numbers)",
}
FULL = dict(POINTS)


def released() -> NotebookNode:
    """A start, then an answer and its check for each question."""
    cells = [new_code_cell(START, id="start"), new_code_cell("import numpy as np", id="imports")]
    for id, points in POINTS.items():
        cells += [answer_cell(id, f"{id} = ..."), check_cell(id, points)]
    return notebook(cells, autograder={"lab": "basic", "questions": MODULE, "course": "tests"})


def submitted(answers: Mapping[str, str] | None = None, own: Mapping[str, str] | None = None) -> NotebookNode:
    """A student's copy: right answers but where others are given, and the student's own cells.

    Args:
        answers: Source of answer cells by question.
        own: Source of further cells, by the id of the cell after which they stand.
    """
    copied = copy.deepcopy(released())
    cells = []
    for cell in copied.cells:
        if cell.id in RIGHT:
            cell.source = {**RIGHT, **(answers or {})}[cell.id]
        cells.append(cell)
        if cell.id in (own or {}):
            cells.append(new_code_cell((own or {})[cell.id], id=f"own-{cell.id}"))
    copied.cells = cells
    return copied


def run(engine: Engine, notebook: NotebookNode, **changes: Any) -> tuple[dict[str, Any], NotebookNode, Execution]:
    """Run a student's copy: outcomes by question, the executed notebook, and how it ended."""
    release = released()
    settings: dict[str, Any] = {
        "released": release,
        "course": "tests",
        "lab": "basic",
        "module": MODULE,
        "learner": "ada",
        "seed": "seed",
        "files": {"basic.ipynb": b"{}"},
        "cell_seconds": 2.0,
        "notebook_seconds": 30.0,
        "memory_mb": 500,
    }
    rebuilt = rebuild(release, notebook)
    execution = run_notebook(engine, rebuilt.notebook, Assignment(**settings | changes))
    return read_verdicts(rebuilt.notebook, rebuilt.missing_answers), rebuilt.notebook, execution


def points(outcomes: Mapping[str, Any]) -> dict[str, float]:
    """Points by question."""
    return {id: found["points"] for id, found in outcomes.items()}
