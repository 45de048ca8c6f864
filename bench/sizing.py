"""What a class of each lab costs: measured on its solution, handed in by a few students; hours follow from it."""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.classes import ROOT
from bench.engines.run import command, environment
from bench.machine import cores
from bench.measure import run_measured
from bench.results import put_between_marks
from course.syllabus import labs

COPIES = 2  # submissions of each lab beyond the first, which also pays for the start; each is executed whole
STUDENTS = (100, 1_000, 10_000)
CORES = (2, 16, 128)


def measure_lab(lab: str) -> dict[str, Any]:
    """Have the engine grade a lab's solution, handed in by `COPIES` students.

    Returns:
        The lab, core-seconds per submission once everything is started, and the memory of all processes.
    """
    few, many = (_graded(lab, count) for count in (1, 1 + COPIES))
    seconds = (many.processor_seconds - few.processor_seconds) / COPIES
    return {"lab": lab, "core_seconds": round(seconds, 2), "peak_mb": many.peak_mb}


def _graded(lab: str, count: int) -> Any:
    with tempfile.TemporaryDirectory(prefix="bench-sizing-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copytree(ROOT / "notebooks" / lab, folder / "notebooks" / lab)
        for number in range(count):
            place = folder / "submitted" / f"student{number}" / lab
            place.mkdir(parents=True)
            shutil.copy(ROOT / "solutions" / lab / f"{lab}.ipynb", place)
        return run_measured(command("autograder", folder, lab, cores()), folder, environment("autograder"))


def measure_labs(chosen: Sequence[str]) -> list[dict[str, Any]]:
    """All labs, or some."""
    return [measure_lab(lab) for lab in chosen or labs()]


def hours(core_seconds: float, students: int, many: int, writer_seconds: float) -> float:
    """Time for a class: what its cores need, or what the one writer needs if that is more."""
    return max(students * core_seconds / many, students * writer_seconds) / 3600


def as_markdown(measured: Sequence[dict[str, Any]], writer_seconds: float) -> str:
    """The sizing table for the page."""
    columns = [f"{students:,} on {many} cores" for students in STUDENTS for many in CORES]
    lines = ["| lab | core-s a submission | " + " | ".join(columns) + " |"]
    lines.append("|---|---:|" + "---:|" * len(columns))
    for row in measured:
        cells = [
            _duration(hours(row["core_seconds"], students, many, writer_seconds))
            for students in STUDENTS
            for many in CORES
        ]
        lines.append(f"| {row['lab'][3:5]} | {row['core_seconds']:.3g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _duration(value: float) -> str:
    return f"{value:.1f} h" if value >= 1 else f"{max(1, round(60 * value))} min"


def write_page(page: Path, folder: Path) -> None:
    """Put the tables between the page's two marks.

    Args:
        page: docs/scale.md.
        folder: With scale.json, sizing.json and machine.json.
    """
    points, measured, machine = (
        json.loads((folder / name).read_text()) for name in ("scale.json", "sizing.json", "machine.json")
    )
    writer = statistics.fmean(point["seconds_per_submission"] for point in points)
    first, last = points[0], points[-1]
    text = (
        f"Measured on {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB. "
        f"{last['submissions']:,} submissions: {1000 * writer:.0f} ms each on average, "
        f"{1000 * first['seconds_per_submission']:.0f} ms among the first {first['submissions']}, "
        f"{1000 * last['seconds_per_submission']:.0f} ms among the last; memory of the grading process "
        f"{first['grading_process_mb']:.0f} MB and {last['grading_process_mb']:.0f} MB. "
        f"In pieces of fixed work, of which below: {_pieces(points, 2):.1f} each in the second thousand, "
        f"{_pieces(points, last['submissions'] // 1000):.1f} in the last."
    )
    put_between_marks(page, f"{text}\n\n{as_markdown(measured, writer)}")


def _pieces(points: Sequence[dict[str, Any]], thousand: int) -> float:
    """What a submission of the first, second, ... thousand costs, as a multiple of the piece timed beside it."""
    part = [point for point in points if (thousand - 1) * 1000 < point["submissions"] <= thousand * 1000]
    return statistics.fmean(point["seconds_per_submission"] / point["yardstick_seconds"] for point in part)


def write(path: Path, measured: Sequence[dict[str, Any]]) -> None:
    """Keep what was measured."""
    path.write_text(json.dumps(list(measured), indent=1) + "\n")
