"""From `solutions/LAB/LAB.py` to the executed solution and the released notebook."""

from __future__ import annotations

import ast
import asyncio
import base64
import hashlib
import importlib.util
import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder._errors import BuildError
from autograder._execute import execute, kernel_environment
from autograder._nbgrader.release import generate
from autograder._questions import nearest
from autograder._result import MIME
from autograder._source import BEGIN, LabSource, read_source, solution_lines

FIGURE_LIMIT = 60_000  # bytes of one figure's PNG
SECONDS = 300  # for one cell of a solution; half of what the whole may take
_DATA_URI = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


def build(course: Path, labs: list[str] | None = None, say: Callable[[str], None] = print) -> None:
    """Build labs: all of them, or those that are named.

    Args:
        course: The folder with `solutions/`, `notebooks/` and `nbgrader_config.py`.
        labs: Ids; None for all.
        say: Receives one line per lab.

    Raises:
        BuildError: At the first thing that is wrong; nothing of that lab is then written.
    """
    there = sorted(path.parent.name for path in course.glob("solutions/*/*.py") if path.stem == path.parent.name)
    for lab in labs or there:
        if lab not in there:
            raise BuildError(f"No source solutions/{lab}/{lab}.py. {nearest(lab, there) if there else ''}")
        say(build_lab(course, lab))


def build_lab(course: Path, lab: str) -> str:
    """Build one lab; returns a line that says what was done."""
    source = read_source(course / "solutions" / lab / f"{lab}.py", repository=_repository(course))
    solution = course / "solutions" / lab / f"{lab}.ipynb"
    fingerprint = source_hash(source)
    executed = not _is_current(solution, fingerprint)
    if executed:
        notebook = execute_solution(source)
        notebook.metadata.autograder["hash"] = fingerprint
    else:
        notebook = nbformat.read(solution, as_version=4)
    require_full_marks(source, notebook)
    require_small_figures(source, notebook)
    released = generate(source.notebook, lab, course / "nbgrader_config.py")
    released.metadata = source.notebook.metadata
    require_no_answers(source, released)
    _write(notebook, solution)
    _write(released, course / "notebooks" / lab / f"{lab}.ipynb")
    points = sum(item.points for item in source.questions.values())
    return f"{lab}: {points} points, {'executed' if executed else 'solution unchanged'}"


def _repository(course: Path) -> str:
    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def _is_current(solution: Path, fingerprint: str) -> bool:
    if not solution.exists():
        return False
    return nbformat.read(solution, as_version=4).metadata.get("autograder", {}).get("hash") == fingerprint


def source_hash(source: LabSource) -> str:
    """SHA-256 over the lab's source, its questions, and every local module that either imports."""
    module = source.notebook.metadata.autograder["questions"]
    local = {module.split(".")[0], "autograder"}
    digest = hashlib.sha256(nbformat.writes(source.notebook).encode())
    code = "\n".join(cell.source for cell in source.notebook.cells if cell.cell_type == "code")
    for name, path in sorted(_local_modules({module, *_imported(code, local)}, local).items()):
        digest.update(f"{name}\x1f".encode() + path.read_bytes())
    return digest.hexdigest()


def _local_modules(names: set[str], local: set[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    queue = sorted(names)
    while queue:
        name = queue.pop()
        spec = _spec(name)
        if name in found or spec is None or not spec.origin:
            continue
        found[name] = Path(spec.origin)
        parents = {name.rsplit(".", 1)[0]} if "." in name else set()
        queue += sorted(parents | set(_imported(found[name].read_text(encoding="utf-8"), local)))
    return found


def _spec(name: str) -> importlib.machinery.ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None


def _imported(code: str, local: set[str]) -> Iterator[str]:
    """Local modules that a text imports; `from a import b` gives both a and a.b."""
    for node in ast.walk(ast.parse(code)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name.split(".")[0] in local)


def execute_solution(source: LabSource) -> NotebookNode:
    """Run the solution once in a fresh kernel, in an empty folder, and keep its outputs.

    Raises:
        BuildError: If a cell fails, with its line.
    """
    notebook = nbformat.from_dict(source.notebook)
    environment = kernel_environment({"COURSE_STATIC": "1"})
    with tempfile.TemporaryDirectory() as folder:
        run = execute(
            notebook, cwd=Path(folder), env=environment, cell_timeout=SECONDS, notebook_timeout=2 * SECONDS
        )
        execution = asyncio.run(run)
    if execution.ended != "done":
        raise BuildError(f"{source.path}: the solution did not end. {execution.note}")
    for cell in notebook.cells:
        failed = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if failed and "raises-exception" not in cell.metadata.get("tags", []):
            raise source.error(cell.id, f"the solution's cell fails: {failed[0].ename}: {failed[0].evalue}")
    notebook.metadata.language_info = NotebookNode(name="python")
    return notebook


def require_full_marks(source: LabSource, notebook: NotebookNode) -> None:
    """Every check of the executed solution gives all its points.

    Raises:
        BuildError: With the line and the check's message.
    """
    for cell in notebook.cells:
        if not cell.id.startswith("check-"):
            continue
        results = [output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})]
        if not results:
            raise source.error(cell.id, "the check gave no result. Is the first cell's start(...) there?")
        if results[0]["points"] != results[0]["max_points"]:
            reached = f"{results[0]['points']:g} of {results[0]['max_points']}"
            raise source.error(cell.id, f"the solution scores {reached}: {results[0]['message']}")


def require_small_figures(source: LabSource, notebook: NotebookNode) -> None:
    """No figure is larger than 60 kB.

    Raises:
        BuildError: With the line of the cell and the size.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts = [data.get("image/png", ""), *_DATA_URI.findall(data.get("text/html", ""))]
            size = max(len(base64.b64decode(text)) for text in texts)
            if size > FIGURE_LIMIT:
                raise source.error(
                    cell.id, f"a figure of {size:,} bytes; at most {FIGURE_LIMIT:,}. Draw it smaller."
                )


def require_no_answers(source: LabSource, released: NotebookNode) -> None:
    """No line of a solution, no solution mark and no output stands in the released notebook.

    Raises:
        BuildError: With the line of the cell that leaks.
    """
    answers = solution_lines(source.notebook)
    for cell in released.cells:
        lines = {line.strip() for line in cell.source.splitlines()}
        leaked = sorted(lines & answers)
        if leaked or BEGIN in cell.source:
            raise source.error(cell.id, f"an answer is left in the released notebook: {(leaked or [BEGIN])[0]!r}.")
        if cell.get("outputs"):
            raise source.error(cell.id, "an output is left in the released notebook.")


def _write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.validate(notebook)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    os.replace(temporary, path)
