"""A lab's source, a percent script with tags, as a notebook with nbgrader's metadata."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode

from autograder._errors import BuildError
from autograder._questions import Essay, Question, load_questions, nearest

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PLAIN_TAGS = ("raises-exception", "nbval-ignore-output")
_POINTS = re.compile(r"\{points:([\w-]+)\}")


@dataclass
class LabSource:
    """A lab's source, read and checked.

    Args:
        path: The percent script.
        lab: The lab's id, the name of its folder.
        questions: Its questions by id.
        notebook: Cells with ids and nbgrader's metadata, solutions included.
        lines: The line of the source at which each cell begins, by cell id.
    """

    path: Path
    lab: str
    questions: Mapping[str, Question | Essay]
    notebook: NotebookNode
    lines: dict[str, int]

    def error(self, cell_id: str, what: str) -> BuildError:
        """An error that says where the cell stands."""
        return BuildError(f"{self.path}, line {self.lines.get(cell_id, 1)}: {what}")


def read_source(path: Path, *, repository: str = "") -> LabSource:
    """Read a lab's percent script and give its cells nbgrader's metadata.

    Args:
        path: `solutions/LAB/LAB.py`.
        repository: Address of the course, put where the text says `{repository}`.

    Raises:
        BuildError: For a wrong tag, an id that stands twice, a question without a check or without a
            definition, points that differ, a missing solution mark: with the line and what to do.
    """
    text = path.read_text(encoding="utf-8").replace("{repository}", repository)
    notebook = jupytext.reads(text, fmt="py:percent")
    module = notebook.metadata.get("autograder", {}).get("questions")
    if not module:
        raise BuildError(
            f"{path}, line 1: no questions module. Write `autograder: {{questions: ...}}` in the header."
        )
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    if len(starts) != len(notebook.cells):
        raise BuildError(f"{path}: {len(notebook.cells)} cells, but {len(starts)} lines begin with '# %%'.")
    source = LabSource(path, path.stem, load_questions(module), notebook, {})
    for number, (cell, line) in enumerate(zip(notebook.cells, starts, strict=True), 1):
        _mark(source, cell, number, line)
    _require_all(source)
    named = notebook.metadata.autograder.get("course")
    notebook.metadata = NotebookNode(
        autograder={"lab": source.lab, "questions": module, **({"course": named} if named else {})},
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return source


def _mark(source: LabSource, cell: NotebookNode, number: int, line: int) -> None:
    """Turn a cell's tags into its id and metadata."""
    tags = cell.metadata.get("tags", [])
    marks = [tag for tag in tags if tag not in PLAIN_TAGS]
    cell.id = f"cell-{number:02d}"  # until its text is settled
    source.lines[cell.id] = line
    if len(marks) > 1:
        raise source.error(cell.id, f"one cell has the tags {marks}. Keep one.")
    cell.metadata = (
        NotebookNode(tags=[tag for tag in tags if tag in PLAIN_TAGS]) if tags != marks else NotebookNode()
    )
    cell.source = _POINTS.sub(lambda match: _points_text(source, cell.id, match[1]), cell.source)
    if marks:
        kind, _, rest = marks[0].partition(":")
        makers = {"question": _question_cell, "check": _check_cell, "essay": _essay_cell}
        if kind not in makers or not rest:
            raise source.error(
                cell.id, f"no such tag {marks[0]!r}. {nearest(kind, [f'{name}:ID' for name in makers])}"
            )
        first = cell.id
        cell.id, data = makers[kind](source, cell, rest)
        if cell.id in source.lines:
            raise source.error(first, f"the id {cell.id!r} stands twice (also at line {source.lines[cell.id]}).")
        cell.metadata.nbgrader = NotebookNode({"schema_version": 3, "grade_id": cell.id, "task": False, **data})
    elif BEGIN in cell.source:
        raise source.error(cell.id, "a solution in a cell without a tag `question:ID` would be released.")
    else:
        cell.id = _text_id(source, cell)
    source.lines[cell.id] = line


def _text_id(source: LabSource, cell: NotebookNode) -> str:
    """An id from the cell's text: a cell that is put in or taken out changes no other cell's id."""
    id = f"cell-{hashlib.sha256(cell.source.encode()).hexdigest()[:8]}"
    same = sum(known == id or known.startswith(f"{id}-") for known in source.lines)
    return f"{id}-{same + 1}" if same else id


def _find(source: LabSource, cell: NotebookNode, id: str, kind: type) -> Any:
    found = source.questions.get(id)
    if not isinstance(found, kind):
        names = [name for name, item in source.questions.items() if isinstance(item, kind)]
        raise source.error(cell.id, f"no {kind.__name__.lower()} {id!r} is defined. {nearest(id, names)}")
    return found


def _question_cell(source: LabSource, cell: NotebookNode, rest: str) -> tuple[str, dict[str, Any]]:
    id, _, part = rest.partition(":")
    _find(source, cell, id, Question)
    if cell.source.count(BEGIN) < 1 or cell.source.count(BEGIN) != cell.source.count(END):
        raise source.error(cell.id, f"question {id!r} needs {BEGIN} and {END} around its answer.")
    return "-".join(filter(None, [id, part])), {"grade": False, "solution": True, "locked": False}


def _check_cell(source: LabSource, cell: NotebookNode, id: str) -> tuple[str, dict[str, Any]]:
    found = _find(source, cell, id, Question)
    if cell.source.strip() != f'check("{id}")':
        raise source.error(cell.id, f'a check cell is one line, check("{id}").')
    return f"check-{id}", {"grade": True, "solution": False, "locked": True, "points": found.points}


def _essay_cell(source: LabSource, cell: NotebookNode, rest: str) -> tuple[str, dict[str, Any]]:
    id, _, points = rest.partition(":")
    found = _find(source, cell, id, Essay)
    if points != str(found.points):
        raise source.error(
            cell.id, f"essay {id!r}: the tag says {points or 'no'} points, its definition {found.points}."
        )
    if cell.cell_type != "markdown":
        raise source.error(cell.id, f"essay {id!r} must be a markdown cell.")
    return f"essay-{id}", {"grade": True, "solution": True, "locked": False, "points": found.points}


def _points_text(source: LabSource, cell_id: str, id: str) -> str:
    if id not in source.questions:
        raise source.error(cell_id, f"{{points:{id}}}: no such question. {nearest(id, list(source.questions))}")
    points = source.questions[id].points
    return f"{points} point{'s' if points > 1 else ''}"


def _require_all(source: LabSource) -> None:
    """Every question has its answer cell and its check, every essay its cell."""
    for id, item in source.questions.items():
        wanted = [f"essay-{id}"] if isinstance(item, Essay) else [f"check-{id}"]
        for cell_id in wanted:
            if cell_id not in source.lines:
                raise BuildError(f"{source.path}: {id!r} is defined in the questions, but no cell has its tag.")
        parts = [cell_id for cell_id in source.lines if cell_id == id or cell_id.startswith(f"{id}-")]
        if isinstance(item, Question) and not parts:
            raise source.error(f"check-{id}", f"question {id!r} has a check but no answer cell `question:{id}`.")


def solution_lines(notebook: NotebookNode) -> set[str]:
    """Lines that stand inside solution marks, or in an essay, and nowhere else."""
    inside: set[str] = set()
    outside: set[str] = set()
    for cell in notebook.cells:
        hidden = cell.cell_type == "markdown" and "nbgrader" in cell.metadata
        for line in cell.source.splitlines():
            if BEGIN in line:
                hidden = True
            elif END in line:
                hidden = False
            else:
                (inside if hidden else outside).add(line.strip())
    return {line for line in inside - outside if len(line) > 8 and not line.startswith("#")}
