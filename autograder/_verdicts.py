"""What an executed notebook says about every question, read from its outputs without trusting them."""

from __future__ import annotations

import copy
import math
import re
from typing import Any

from nbformat import NotebookNode

from autograder._execute import DIED, TIMEOUT
from autograder._rebuild import full_source, is_answer, is_check, is_graded
from autograder._result import MIME, VERDICTS
from autograder._submission import grade_id, visible

MAX_TEXT = 4_000  # characters of one text of a result
MAX_ITEMS = 200  # groups of a question, cases of a group
_CHECK = re.compile(r"\s*check\(\s*(['\"])([^'\"]+)\1\s*\)\s*")
_NUMBER = re.compile(  # what NumPy 2 and TensorFlow show for one number
    r"(?:np|numpy)\.(?:float|int|uint|longdouble)\w*\('?(?P<numpy>[^()']*)'?\)"
    r"|<tf\.Tensor: shape=\(\), dtype=\w+, numpy=(?P<tensor>[^>]*)>"
)
_FALSE = ("False", "np.False_")
NBGRADER = "nbgrader"  # the one other way to score an ordinary test: exactly nbgrader's
_NOT_ANSWERED = "The answer cell was deleted, so there is nothing to check."


def question_id(cell: NotebookNode) -> str:
    """The question that a graded cell belongs to: its nbgrader id without the kind before it."""
    id = grade_id(cell)
    if uses_check(cell):
        return id.removeprefix("check-")
    return id.removeprefix("essay-") if is_answer(cell) else id


def is_task(cell: NotebookNode) -> bool:
    """Whether the cell states a task that the student solves in cells of the own, marked by a person."""
    return bool(grade_id(cell)) and bool(cell.metadata["nbgrader"].get("task"))


def has_points(cell: NotebookNode) -> bool:
    """Whether points are given for the cell, by a check, a test or a person."""
    return is_graded(cell) or is_task(cell)


def graded_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """All cells with points, by question."""
    found: dict[str, NotebookNode] = {}
    for cell in filter(has_points, notebook.cells):
        id = question_id(cell)
        found[grade_id(cell) if id in found else id] = cell
    return found


def max_points(cell: NotebookNode) -> float:
    """What the cell is worth; a whole number where it is one."""
    points = float(cell.metadata["nbgrader"]["points"])
    return int(points) if points.is_integer() else points


def uses_check(cell: NotebookNode) -> bool:
    """Whether the cell is one line, `check("ID")`, as the build makes it, and not an ordinary nbgrader test."""
    found = _CHECK.fullmatch(cell.source) if is_check(cell) else None
    return found is not None and grade_id(cell) == f"check-{found[2]}"


def read_verdicts(
    notebook: NotebookNode,
    missing_answers: frozenset[str] = frozenset(),
    *,
    compat: str = "",
    ignored: str = "",
) -> dict[str, dict[str, Any]]:
    """The outcome of every question of an executed notebook.

    Args:
        notebook: Rebuilt and executed.
        missing_answers: Grade ids of answer cells that the submission lacks.
        compat: "nbgrader" to score ordinary test cells exactly as nbgrader does; see docs/compat.md.
        ignored: Pattern of what nbgrader's IgnorePattern drops from stderr; "" for nothing.
    """
    found: dict[str, dict[str, Any]] = {}
    for id, cell in graded_cells(notebook).items():
        found[id] = _verdict(cell, compat, ignored)
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
    if name in (TIMEOUT, DIED):
        question["verdict"] = "timeout" if name == TIMEOUT else "died"
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
        "cell": grade_id(cell),
        "points": points,
        "max_points": max_points(cell),
        "verdict": verdict,
        "message": message,
        "groups": [],
        "hint": "",
        "printed": "",
        "seed": "",
    }


def _verdict(cell: NotebookNode, compat: str, ignored: str) -> dict[str, Any]:
    if not is_check(cell):
        return outcome(cell, "manual", "")
    return check_result(cell) if uses_check(cell) else _test_result(cell, compat, ignored)


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


def _test_result(cell: NotebookNode, compat: str, ignored: str) -> dict[str, Any]:
    """An ordinary test cell: the first decisive output wins, as with nbgrader; docs/compat.md has the table."""
    if not full_source(cell).strip():
        return outcome(cell, "passed", "", max_points(cell))
    for out in cell.outputs:
        if out.output_type == "error":
            return _error(cell, out)
        if compat == NBGRADER and _is_stderr(out, ignored):
            return outcome(cell, "failed", "The test wrote to stderr, which nbgrader scores as 0.")
        if out.output_type == "execute_result":
            return _test_value(cell, out.get("data", {}).get("text/plain"), compat)
    return outcome(cell, "passed", "", max_points(cell))


def _is_stderr(out: NotebookNode, ignored: str) -> bool:
    if out.output_type != "stream" or out.name != "stderr":
        return False
    return not (ignored and re.search(ignored, out.text))


def _test_value(cell: NotebookNode, shown: Any, compat: str) -> dict[str, Any]:
    """The value in which a test ended: a number is its points, anything else says nothing."""
    full = max_points(cell)
    if isinstance(shown, list):
        shown = shown[0] if len(shown) == 1 else "several lines"
    if not isinstance(shown, str) or not shown:
        return outcome(cell, "manual", "The test ended with a value that has no text: look at it.")
    if compat != NBGRADER:
        if shown.strip() in _FALSE:
            return outcome(cell, "manual", "The test ended with False, which is neither points nor an error.")
        if found := _NUMBER.fullmatch(shown.strip()):
            shown = found["numpy"] or found["tensor"]
    try:
        points = float(shown)
    except ValueError:
        return outcome(cell, "passed", "", full)
    if points > full:
        return outcome(
            cell, "manual", f"The test gave {points:g} of {full:g} points: no more than all are possible."
        )
    if points >= 0:
        return outcome(cell, "passed" if points == full else "partly" if points else "failed", "", points)
    if compat == NBGRADER:
        return outcome(cell, "passed", "", full)
    return outcome(cell, "manual", f"The test gave {points:g} of {full:g} points: look what it counts.")
