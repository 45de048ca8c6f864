"""The floor: the same cells and the same questions in processes that have imported everything, and nothing else.

No kernel, no sandbox, no gradebook, no file is written. One process for each core, each with one thread for the
numeric libraries, as the engine's submissions have; they share the class.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import json
import linecache
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

import autograder.check
from autograder._engine.engine import imported_modules

_FIGURES = "matplotlib.pyplot"


def run_submission(notebook: NotebookNode, student: str) -> dict[str, float]:
    """Execute a notebook's cells in a fresh namespace and judge its questions where they stand.

    Returns:
        Points by grade cell.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    points: dict[str, float] = {}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if cell.id.startswith("check-"):
            points[cell.id] = _judged(cell.id.removeprefix("check-"), names)
        else:
            _run(cell.source, f"<{student} cell {number}>", names)
    return points


def _judged(id: str, names: dict[str, Any]) -> float:
    lab = autograder.check._open
    assert lab is not None
    return autograder.check.judge_names(lab, lab.questions[id], names).points


def _run(source: str, filename: str, names: dict[str, Any]) -> None:
    """Execute one cell; what it ends with is made into text, and its figures into PNG, as in a notebook."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        exec(compile(tree, filename, "exec"), names)
        if last is not None:
            _show(eval(compile(ast.Expression(last.value), filename, "eval"), names))
        _draw_figures()


def _show(value: Any) -> None:
    for name in ("_repr_mimebundle_", "_repr_html_", "__repr__"):
        if hasattr(value, name):
            getattr(value, name)()
            return


def _draw_figures() -> None:
    pyplot = sys.modules.get(_FIGURES)
    for number in pyplot.get_fignums() if pyplot else ():
        pyplot.figure(number).savefig(io.BytesIO(), format="png")
        pyplot.close(number)


def _work(class_dir: str, lab: str, turn: Any, ready: Any, results: Any) -> None:
    """One process: import, run one submission without the clock, then take submissions until none is left."""
    submissions = read_class(Path(class_dir), lab)
    first = next(iter(submissions.values()))
    for name in [*imported_modules(first, ""), first.metadata.autograder.questions]:
        with contextlib.suppress(ImportError):  # `from module import name` names no module
            importlib.import_module(name)
    run_submission(first, "before the clock runs")
    ready.wait()
    start, points = time.monotonic(), {}
    students = list(submissions)
    while True:
        with turn.get_lock():
            number = turn.value
            turn.value += 1
        if number >= len(students):
            break
        points[students[number]] = run_submission(submissions[students[number]], students[number])
    results.put((start, time.monotonic(), points))


def read_class(folder: Path, lab: str) -> dict[str, NotebookNode]:
    """All submissions by student."""
    paths = sorted((folder / "submitted").glob(f"*/{lab}/{lab}.ipynb"))
    return {path.parts[-3]: nbformat.read(path, as_version=4) for path in paths}


def main(class_dir: Path, lab: str, processes: int) -> None:
    """Run a class and print seconds and points."""
    spawn = multiprocessing.get_context("spawn")
    turn, ready, results = spawn.Value("i", 0), spawn.Barrier(processes), spawn.Queue()
    arguments = (str(class_dir), lab, turn, ready, results)
    workers = [spawn.Process(target=_work, args=arguments, daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    parts = [results.get(timeout=3600) for _ in workers]
    points = {student: found for _, _, own in parts for student, found in own.items()}
    seconds = max(end for _, end, _ in parts) - min(start for start, _, _ in parts)
    print(json.dumps({"seconds": seconds, "points": points}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
