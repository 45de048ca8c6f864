"""One student's page for one lab: what was right, what went wrong, and how to see it again."""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from autograder._export import clean, page, percent, write_whole
from autograder._result import MIME
from autograder._statistics import Record

WORDS = {
    "passed": "All right",
    "partly": "Partly right",
    "failed": "Not right yet",
    "error": "Your code stopped with an error",
    "timeout": "Your code took too long",
    "died": "The program died while your code ran",
    "missing": "No answer found",
    "tampered": "Changed in a way that cannot be graded",
    "manual": "A person reads this answer",
}
EXPLAINED = {
    "timeout": "No reply came within the time limit. Look for a loop that does not end.",
    "died": "Python itself ended, often because the memory was full. Your other answers were still graded.",
    "missing": "The cell was still as released, or it was not in the file that you handed in.",
    "tampered": "A released cell was changed or replaced. If you did not mean to, ask your instructor.",
    "manual": "It has no points yet; they are added when it has been read.",
}
PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_SIDE = 10_000
LARGEST_IMAGE = 4_000_000
LARGEST_NOTEBOOK = 16_000_000
_SAFE = re.compile(r"[0-9A-Za-z_-]{1,128}")


def write_feedback(
    record: Record,
    notebook: Mapping[str, Any] | None,
    path: Path,
    *,
    title: str,
    question_titles: Mapping[str, str],
    manual: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write one student's feedback as one HTML file that needs nothing else.

    Args:
        record: The submission's record.
        notebook: The notebook that the student handed in (format 4), or None if it could not be read.
        path: The file, `feedback/STUDENT/LAB/LAB.html`.
        title: The lab's title.
        question_titles: Titles by question id, in the lab's order.
        manual: What a person gave, by question id: {"score": points or None, "comment": text or None}.
    """
    order = [id for id in question_titles if id in record["questions"]]
    order += [id for id in record["questions"] if id not in order]
    essays = _essays(notebook or {}, set(order))
    questions = [
        _question(id, record["questions"][id], question_titles.get(id) or id, manual.get(id, {}))
        | {"answer": essays.get(id, "")}
        for id in order
    ]
    # The difference is added, so that whatever else is in the record's points (a late penalty) stays.
    points = record["points"] + sum(
        question["points"] - record["questions"][question["id"]]["points"] for question in questions
    )
    content = page(
        "feedback.html",
        student=record["student"],
        lab=record["lab"],
        title=title,
        points=points,
        late=record.get("late_penalty", 0),
        max_points=record["max_points"],
        share=percent(points, record["max_points"]),
        waiting=sum(question["verdict"] == "manual" for question in questions),
        questions=questions,
        notes=record.get("notes") or [],
        repeat=_repeat(record),
        cells=None if notebook is None else list(_cells(notebook, set(order))),
    )
    write_whole(path, content)


def _question(id: str, question: Mapping[str, Any], title: str, hand: Mapping[str, Any]) -> dict[str, Any]:
    score = hand.get("score")
    verdict = question["verdict"] if score is None else _verdict(score, question["max_points"])
    return {
        "id": id,
        "title": title,
        "points": question["points"] if score is None else score,
        "max_points": question["max_points"],
        "verdict": verdict,
        "words": WORDS[verdict],
        "message": question.get("message") or (EXPLAINED.get(verdict, "") if score is None else ""),
        "hint": question.get("hint") or "",
        "printed": question.get("printed") or "",
        "groups": [_group(group) for group in question.get("groups") or ()],
        "by_hand": score is not None,
        "comment": hand.get("comment") or "",
    }


def _verdict(score: float, max_points: float) -> str:
    if score >= max_points:
        return "passed"
    return "partly" if score > 0 else "failed"


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    wrong = [case for case in group["cases"] if not case["passed"]]
    right = [case for case in group["cases"] if case["passed"]]
    return {
        "name": group["name"] or "cases",
        "passed": not wrong,
        "wrong": wrong,
        "right": right,
        "count": len(group["cases"]),
    }


def _repeat(record: Record) -> str:
    """The command that shows the same cases again; "" where there is none that a shell reads safely."""
    seed, lab = str(record.get("seed") or ""), str(record["lab"])
    if not (_SAFE.fullmatch(seed) and _SAFE.fullmatch(lab)):
        return ""
    learner = clean(str(record.get("learner") or ""))
    own = f" --learner {shlex.quote(learner)}" if learner else ""
    return f"course check {lab}.ipynb --seed {seed}{own}"


def _cells(notebook: Mapping[str, Any], graded: set[str]) -> Iterator[dict[str, Any]]:
    """The notebook as plain text and checked images, until there is too much of it."""
    left = LARGEST_NOTEBOOK
    for cell in _list(notebook.get("cells")):
        kind = cell.get("cell_type")
        if kind not in ("code", "markdown", "raw"):
            continue
        checked = _checked(cell) if kind == "code" else ""
        outputs = [] if checked or kind != "code" else list(_outputs(cell))
        shown = {
            "kind": kind,
            "source": clean(_text(cell.get("source"))),
            "outputs": outputs,
            "checked": checked if checked in graded else "",
        }
        left -= len(shown["source"]) + sum(len(output["data"]) for output in outputs)
        if left < 0:
            yield {"kind": "cut", "source": "", "outputs": [], "checked": ""}
            return
        yield shown


def _essays(notebook: Mapping[str, Any], graded: set[str]) -> dict[str, str]:
    """Written answers by question, so that whoever marks them finds them beside the question."""
    found: dict[str, str] = {}
    for cell in _list(notebook.get("cells")):
        id = _grade_id(cell)
        for name in {id, id.removeprefix("essay-")} & graded:
            if cell.get("cell_type") == "markdown":
                found.setdefault(name, clean(_text(cell.get("source"))))
    return found


def _checked(cell: Mapping[str, Any]) -> str:
    """The question that a check cell checks: its outcome stands above, where the grader made it."""
    id = _grade_id(cell)
    return id.removeprefix("check-") if id.startswith("check-") else ""


def _grade_id(cell: Mapping[str, Any]) -> str:
    metadata = cell.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    id = ours.get("grade_id") if isinstance(ours, Mapping) else cell.get("id")
    return id if isinstance(id, str) else ""


def _outputs(cell: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for output in _list(cell.get("outputs")):
        data = output.get("data")
        if output.get("output_type") == "stream":
            yield {"kind": "text", "data": clean(_text(output.get("text")))}
        elif output.get("output_type") == "error":
            yield {"kind": "text", "data": clean(_text(output.get("traceback"), between="\n"))}
        elif isinstance(data, Mapping) and MIME not in data:
            yield _shown(data)


def _shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """An image if it is a PNG, else text; HTML, SVG and scripts never."""
    if "image/png" in data:
        image = _png(_text(data["image/png"]))
        return {"kind": "image", "data": image} if image else {"kind": "left out", "data": ""}
    text = clean(_text(data.get("text/plain")))
    return {"kind": "text", "data": text} if text else {"kind": "left out", "data": ""}


def _png(encoded: str) -> Markup:
    """A PNG as base64, encoded anew; "" for anything else, or for one too large to show."""
    if len(encoded) > LARGEST_IMAGE:
        return Markup("")
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return Markup("")
    if not data.startswith(PNG) or data[12:16] != b"IHDR" or len(data) < 33:
        return Markup("")
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        return Markup("")
    return Markup(base64.b64encode(data).decode("ascii"))


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(value: Any, *, between: str = "") -> str:
    """A notebook's text: a string, or a list of its lines."""
    if isinstance(value, list):
        return between.join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""
