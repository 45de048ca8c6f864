"""What leaves the grader: safe text, whole files, grades.csv, results.json, the table in the terminal."""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from rich.table import Table
from rich.text import Text

from autograder._statistics import Record, attention, by_hand, verdict_counts

LONGEST_TEXT = 20_000
LONGEST_LINE = 300

_SEQUENCE = re.compile(  # what a terminal obeys: a title or a link, a colour or a movement, a single command
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-Z\\-~]"
)
_HIDDEN = re.compile(  # controls, halves of characters, marks that turn the reading direction, invisible tags
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff"
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\U000e0000-\U000e007f]"
)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def clean(text: object, *, limit: int = LONGEST_TEXT) -> str:
    """Text without terminal sequences, control characters and direction marks; line ends and tabs stay."""
    plain = str(text).replace("\r\n", "\n").replace("\r", "\n")
    plain = _HIDDEN.sub("", _SEQUENCE.sub("", plain))
    if len(plain) > limit:
        return f"{plain[:limit]} … (cut: {len(plain):,} characters in all)"
    return plain


def one_line(text: object, *, limit: int = LONGEST_LINE) -> str:
    """Clean text in one line."""
    return clean(" ".join(clean(text, limit=50 * limit).split()), limit=limit)


def number(value: float) -> int | float:
    """4.0 as 4, 4.5 as 4.5, at most two decimals."""
    rounded = round(float(value), 2)
    return int(rounded) if rounded.is_integer() else rounded


def anchor(id: str) -> str:
    """Where a question stands on a student's page, the same in the page and in links to it."""
    return "question-" + re.sub(r"[^0-9A-Za-z_-]", "-", id)


def percent(points: float, max_points: float) -> float | None:
    """Points as a percentage with one decimal; None where there is nothing to reach."""
    return round(100 * points / max_points, 1) if max_points else None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, never half of it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent / f".{uuid4().hex}.tmp"
    try:
        unfinished.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def page(template: str, **values: Any) -> str:
    """Fill a page template: every value is cleaned and escaped, a forgotten one is an error."""
    return _templates().get_template(template).render(values)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"line": one_line, "number": number, "anchor": anchor}
    return environment


def in_order(records: Iterable[Record]) -> list[Record]:
    """Records by lab, then student."""
    return sorted(records, key=lambda record: (record["lab"], record["student"].casefold(), record["student"]))


def export_csv(records: Sequence[Record], path: Path) -> None:
    """Write grades.csv: one row a submission, with what a person has to look at.

    The file starts with a byte-order mark: without it Excel reads UTF-8 as the local code page, and names
    lose their accents. Programs read results.json. Text that a spreadsheet could take for a formula starts
    with an apostrophe; numbers stay numbers.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["student", "lab", "points", "max_points", "percent", "mark_by_hand", "notes"])
    for record in in_order(records):
        share = percent(record["points"], record["max_points"])
        who = [_cell(record["student"]), _cell(record["lab"])]
        points = [number(record["points"]), number(record["max_points"]), "" if share is None else number(share)]
        writer.writerow([*who, *points, _cell(" ".join(by_hand(record))), _cell(" | ".join(attention(record)))])
    write_whole(path, table.getvalue().encode("utf-8-sig"))


def _cell(text: str) -> str:
    """Text for a spreadsheet, which takes `=`, `+`, `-`, `@` for the start of a formula, also after blanks."""
    shown = one_line(text, limit=2_000)
    return f"'{shown}" if text.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def write_results(records: Sequence[Record], path: Path) -> None:
    """Write results.json: the records without groups, hints and output, for programs."""
    reduced = [_reduced(record) for record in in_order(records)]
    write_whole(path, json.dumps(reduced, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _reduced(record: Record) -> dict[str, Any]:
    kept = {name: record[name] for name in ("points", "max_points", "seconds")}
    questions = {
        clean(id): {
            "points": question["points"],
            "max_points": question["max_points"],
            "verdict": question["verdict"],
            "message": clean(question.get("message") or ""),
        }
        for id, question in record["questions"].items()
    }
    return {"student": clean(record["student"]), "lab": clean(record["lab"]), **kept, "questions": questions}


def summary_table(records: Sequence[Record]) -> Table:
    """The class in a terminal: one row a submission, totals at the foot. Nothing in it is markup."""
    rows = in_order(records)
    concerned = sum(bool(attention(record)) for record in rows)
    shares = [share for record in rows if (share := percent(record["points"], record["max_points"])) is not None]
    table = Table(show_footer=bool(rows), title_justify="left")
    table.add_column("student", Text(f"{len(rows)} submissions"), overflow="fold")
    table.add_column("lab", Text(f"{len({record['lab'] for record in rows})} labs"), overflow="fold")
    table.add_column("points", _mean_points(rows), justify="right")
    table.add_column("percent", Text(f"mean {statistics.fmean(shares):.1f} %" if shares else ""), justify="right")
    table.add_column("verdicts", Text(_counted(rows)), overflow="fold")
    table.add_column("attention", Text(f"{concerned} of {len(rows)}"), overflow="fold")
    for record in rows:
        table.add_row(*_summary_row(record))
    return table


def _summary_row(record: Record) -> list[Text]:
    share = percent(record["points"], record["max_points"])
    return [
        Text(one_line(record["student"], limit=60)),
        Text(one_line(record["lab"], limit=60)),
        Text(f"{number(record['points'])} / {number(record['max_points'])}"),
        Text("" if share is None else f"{share:.1f} %"),
        Text(_counted([record])),
        Text(one_line("; ".join(_shortened(record)), limit=110)),
    ]


def _shortened(record: Record) -> list[str]:
    """Reasons to look, without the student and the path that stand in front of a file's fault."""
    return [re.sub(r"^.*?\.ipynb: ", "", reason) for reason in attention(record)]


def _mean_points(records: Sequence[Record]) -> Text:
    return Text(f"mean {number(statistics.fmean(record['points'] for record in records))}" if records else "")


def _counted(records: Sequence[Record]) -> str:
    counts = verdict_counts(question for record in records for question in record["questions"].values())
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
