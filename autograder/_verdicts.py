"""What an executed notebook says about every question, read from its outputs without trusting them."""

from __future__ import annotations

import copy
import math
import re
from typing import Any

from nbformat import NotebookNode

from autograder._execute import DIED, TIMEOUT
from autograder._rebuild import is_answer, is_check, is_graded
from autograder._result import MIME, VERDICTS
from autograder._submission import grade_id, visible

MAX_TEXT = 4_000  # characters of one text of a result
MAX_ITEMS = 200  # groups of a question, cases of a group
_CHECK = re.compile(r"\s*check\(\s*(['\"])([^'\"]+)\1\s*\)\s*")
_NOT_ANSWERED = "The answer cell was deleted, so there is nothing to check."


def question_id(cell: NotebookNode) -> str:
    """The question that a graded cell belongs to: its nbgrader id without the kind before it."""
    id = grade_id(cell)
    if is_check(cell) and _CHECK.fullmatch(cell.source):
        return id.removeprefix("check-")
    return id.removeprefix("essay-") if is_answer(cell) else id


def graded_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """All cells with points, by question."""
    return {question_id(cell): cell for cell in notebook.cells if is_graded(cell)}


def max_points(cell: NotebookNode) -> float:
    """What the cell is worth; a whole number where it is one."""
    points = float(cell.metadata["nbgrader"]["points"])
    return int(points) if points.is_integer() else points


def uses_check(cell: NotebookNode) -> bool:
    """Whether the cell is one line, `check("ID")`, and not an ordinary nbgrader test."""
    return is_check(cell) and _CHECK.fullmatch(cell.source) is not None


def read_verdicts(
    notebook: NotebookNode, missing_answers: frozenset[str] = frozenset()
) -> dict[str, dict[str, Any]]:
    """The outcome of every question of an executed notebook.

    Args:
        notebook: Rebuilt and executed.
        missing_answers: Grade ids of answer cells that the submission lacks.
    """
    found: dict[str, dict[str, Any]] = {}
    for id, cell in graded_cells(notebook).items():
        found[id] = _verdict(cell)
        gone = any(name == id or name.startswith(f"{id}-") for name in missing_answers)
        if gone and found[id]["verdict"] not in ("passed", "partly", "manual"):
            found[id] = outcome(cell, "missing", _NOT_ANSWERED)
        if found[id]["verdict"] in ("missing", "error"):
            _explain(found[id], _answer_error(notebook, id))
    return found


def _answer_error(notebook: NotebookNode, id: str) -> NotebookNode | None:
    """The error in which a question's own answer cell ended, if it did."""
    for cell in notebook.cells:
        name = grade_id(cell)
        if is_answer(cell) and cell.cell_type == "code" and (name == id or name.startswith(f"{id}-")):
            for output in cell.outputs:
                if output.output_type == "error":
                    return output
    return None


def _explain(question: dict[str, Any], error: NotebookNode | None) -> None:
    """Say that the answer's cell itself failed: that comes before all that the check saw."""
    if error is None:
        return
    name, text = error.get("ename", ""), str(error.get("evalue", ""))
    if name == TIMEOUT:
        question["verdict"] = "timeout"
        question["message"] = _text(f"The answer's cell: {text}")
    else:
        question["verdict"] = "error"
        question["message"] = _text(f"The answer's cell ended with {name}: {text}")


def cell_errors(notebook: NotebookNode) -> list[str]:
    """Errors of the cells without points, which may be why answers fail: a note for each of the first three."""
    notes = []
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code" or grade_id(cell) or "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            if output.output_type == "error" and output.get("ename") != DIED:  # that has a note of its own
                first = next(iter(cell.source.strip().splitlines()), "")[:60]
                text = f"{output.get('ename')}: {str(output.get('evalue', ''))[:160]}"
                notes.append(_text(f"Cell {number} ({first}) ended with {text}"))
    return notes[:3]


def outcome(cell: NotebookNode, verdict: str, message: str, points: float = 0.0) -> dict[str, Any]:
    """A verdict that comes with no result of a check."""
    return {
        "points": points,
        "max_points": max_points(cell),
        "verdict": verdict,
        "message": message,
        "groups": [],
        "hint": "",
        "printed": "",
        "seed": "",
    }


def _verdict(cell: NotebookNode) -> dict[str, Any]:
    if is_answer(cell):
        return outcome(cell, "manual", "")
    return check_result(cell) if uses_check(cell) else _test_result(cell)


def _error(cell: NotebookNode, error: NotebookNode) -> dict[str, Any]:
    verdict = {TIMEOUT: "timeout", DIED: "died"}.get(error.get("ename", ""), "error")
    text = str(error.get("evalue", ""))
    return outcome(cell, verdict, _text(f"{error.get('ename')}: {text}" if verdict == "error" else text))


def check_result(cell: NotebookNode) -> dict[str, Any]:
    """What `check` showed in its cell, with every field's type and range enforced."""
    error = next((out for out in cell.outputs if out.output_type == "error"), None)
    if error is not None:
        return _error(cell, error)
    results = [out.data[MIME] for out in cell.outputs if MIME in out.get("data", {})]
    if not results:
        if any(out.output_type == "execute_result" for out in cell.outputs):
            return outcome(
                cell, "tampered", "The value in this cell is not from check(...): the name was redefined."
            )
        return outcome(cell, "error", "The check gave no result. Was the name check defined anew in the notebook?")
    if len(results) > 1:
        return outcome(cell, "tampered", f"The cell gave {len(results)} results; a check gives one.")
    result = results[0]
    if not isinstance(result, dict) or result.get("question") != question_id(cell):
        return outcome(cell, "tampered", "The result in this cell belongs to another question.")
    points, verdict = result.get("points"), result.get("verdict")
    honest = isinstance(points, int | float) and not isinstance(points, bool) and math.isfinite(points)
    if not honest or not 0 <= points <= max_points(cell) or verdict not in VERDICTS:
        return outcome(cell, "tampered", "The result in this cell has impossible points.")
    clean = outcome(cell, verdict, _text(result.get("message", "")), float(points))
    clean["groups"] = [_group(group) for group in _items(result.get("groups"))]
    return clean | {name: _text(result.get(name, "")) for name in ("hint", "printed", "seed")}


def _group(group: dict[str, Any]) -> dict[str, Any]:
    weight = group.get("weight")
    return {
        "name": _text(group.get("name", "")),
        "weight": weight if isinstance(weight, int) else 1,
        "passed": group.get("passed") is True,
        "cases": [_case(case) for case in _items(group.get("cases"))],
    }


def _case(case: dict[str, Any]) -> dict[str, Any]:
    texts = {name: _text(case.get(name, "")) for name in ("call", "expected", "received", "mistake", "note")}
    return texts | {"passed": case.get("passed") is True}


def _items(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else []
    return [copy.deepcopy(item) for item in items[:MAX_ITEMS] if isinstance(item, dict)]


def _text(value: Any) -> str:
    """Text for a person: no control characters but line ends, and not endless."""
    lines = str(value)[:MAX_TEXT].splitlines() or [""]
    return "\n".join(visible(line.replace("\t", "    ")) for line in lines)


def _test_result(cell: NotebookNode) -> dict[str, Any]:
    """An ordinary test cell, scored as nbgrader scores it: the first decisive output wins."""
    full = max_points(cell)
    for out in cell.outputs:
        if out.output_type == "error":
            return _error(cell, out)
        if out.output_type == "stream" and out.name == "stderr":
            return outcome(cell, "failed", "The test wrote to stderr, which nbgrader scores as 0.")
        if out.output_type == "execute_result":
            return _test_value(cell, out.get("data", {}).get("text/plain", ""))
    return outcome(cell, "passed", "", full)


def _test_value(cell: NotebookNode, text: Any) -> dict[str, Any]:
    full = max_points(cell)
    try:
        points = float(text)
    except (TypeError, ValueError):
        return outcome(cell, "passed", "", full)
    if points > full:
        return outcome(cell, "error", f"The test gave {points:g} of {full:g} points, which nbgrader refuses.")
    if not points >= 0 or points == full:
        return outcome(cell, "passed", "", full)
    return outcome(cell, "partly" if points else "failed", "", points)
