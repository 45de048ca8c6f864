"""From measurements to the table: bench/results.json, what is printed, and the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ENGINES = ("autograder", "nbgrader", "nbgrader-pool", "floor")
BEGIN, END = "<!-- written by: python -m bench --page -->", "<!-- to here -->"
Row = dict[str, Any]


@dataclass(frozen=True)
class Measurement:
    """One engine's run over one class.

    Args:
        class_name: Which class.
        engine: Which engine.
        submissions: How many.
        seconds: For all of them.
        cores: How many submissions it works on at the same time.
        peak_mb: Most memory of all its processes together.
        memory: "PSS" or "RSS".
        locked: How often a locked database made it try again.
        points: By student and grade cell.
    """

    class_name: str
    engine: str
    submissions: int
    seconds: float
    cores: int
    peak_mb: float
    memory: str
    locked: int
    points: dict[str, dict[str, float]]


def read_measurements(path: Path) -> list[Measurement]:
    """What an earlier run has kept, nothing if there is none."""
    return [Measurement(**item) for item in json.loads(path.read_text())] if path.exists() else []


def write_measurements(path: Path, measurements: Iterable[Measurement]) -> None:
    """Keep measurements, points included, so that one engine can be measured again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(item) for item in measurements]) + "\n")


def rows(measurements: Iterable[Measurement]) -> list[Row]:
    """The rows of results.json; what needs an engine that was not measured is None."""
    found = {(item.class_name, item.engine, item.submissions): item for item in measurements}
    return [
        _row(item, found.get((name, "nbgrader", count)), found.get((name, "floor", count)))
        for (name, _, count), item in found.items()
    ]


def _row(item: Measurement, nbgrader: Measurement | None, floor: Measurement | None) -> Row:
    each = item.seconds / item.submissions
    overhead = floor and (item.seconds * item.cores - floor.seconds * floor.cores) / item.submissions
    return {
        "class": item.class_name,
        "engine": item.engine,
        "submissions": item.submissions,
        "seconds_per_submission": round(each, 4),
        "ratio_to_nbgrader": nbgrader and round(nbgrader.seconds / item.seconds, 3),
        "ratio_to_floor": floor and round(item.seconds / floor.seconds, 3),
        "overhead_core_seconds": None if overhead is None else round(overhead, 4),
        "peak_mb": round(item.peak_mb),
        "points_that_differ": nbgrader and differing(item.points, nbgrader.points),
    }


def differing(points: Mapping[str, Mapping[str, float]], reference: Mapping[str, Mapping[str, float]]) -> int:
    """Number of grade cells, over all students, whose points are not the same; a cell that is missing differs."""
    cells = {(student, cell) for table in (points, reference) for student in table for cell in table[student]}
    return sum(
        points.get(student, {}).get(cell) != reference.get(student, {}).get(cell) for student, cell in cells
    )


COLUMNS = {
    "class": "class",
    "engine": "engine",
    "submissions": "submissions",
    "seconds_per_submission": "s / submission",
    "ratio_to_nbgrader": "× nbgrader",
    "ratio_to_floor": "× floor",
    "overhead_core_seconds": "overhead, core-s",
    "peak_mb": "peak MB",
    "points_that_differ": "points that differ",
}


def cells(row: Row) -> list[str]:
    """A row as text."""
    return [_text(row[name]) for name in COLUMNS]


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) and value < 1000 else str(value)


def as_text(table: Iterable[Row]) -> str:
    """The table for a terminal."""
    lines = [list(COLUMNS.values()), *map(cells, table)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in lines
    )


def as_markdown(table: Iterable[Row]) -> str:
    """The table for the page."""
    rules = ["---", "---", *["---:"] * (len(COLUMNS) - 2)]
    lines = [list(COLUMNS.values()), rules, *map(cells, table)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_page(page: Path, folder: Path) -> None:
    """Put the measured numbers between the page's two marks.

    Args:
        page: Has both marks.
        folder: With results.json and machine.json; curve.json and trivial.json if they were measured.
    """
    put_between_marks(page, _measured(folder))


def put_between_marks(page: Path, text: str) -> None:
    """Replace what stands between a page's two marks.

    Raises:
        ValueError: If they are not both there.
    """
    before, mark, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"{page}: the marks {BEGIN} and {END} are not both there.")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _measured(folder: Path) -> str:
    machine = _read(folder / "machine.json")
    parts = [
        f"{machine['date']}, {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB; "
        f"{', '.join(f'{name} {version}' for name, version in machine['versions'].items())}. "
        f"Memory is {machine['memory']}. Locked databases in the pool: {machine['locked']}.",
        as_markdown(_read(folder / "results.json")),
    ]
    if (folder / "trivial.json").exists():
        trivial = _read(folder / "trivial.json")
        parts.append(
            f"A notebook of {trivial['cells']} trivial cells, warm, from submission to verdict: "
            f"{trivial['median_ms']:.0f} ms (median of {trivial['runs']}; slowest {trivial['slowest_ms']:.0f} ms)."
        )
    if (folder / "curve.json").exists():
        parts.append(_curve_table(_read(folder / "curve.json")))
    return "\n\n".join(parts)


def _curve_table(points: list[Row]) -> str:
    lines = ["| submissions | s / submission | grading process, MB | all processes, MB |", "|---:|---:|---:|---:|"]
    for point in points:
        lines.append(
            f"| {point['submissions']} | {point['seconds_per_submission']:.3f} "
            f"| {point['grading_process_mb']:.0f} | {point['peak_mb']:.0f} |"
        )
    return "\n".join(lines)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
