"""Cost over the number of submissions: it should be flat, in time and in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import plot
from bench.classes import CLASSES, Work, works
from bench.engines.run import class_folder, command, environment
from bench.machine import cores
from bench.measure import run_measured
from bench.plot import BLUE, ORANGE, Panel

COUNTS = (10, 30, 100, 300, 1000)


def copies(count: int) -> list[Work]:
    """The NumPy class's submissions over and over, under other ids."""
    distinct = list(works(CLASSES["numpy"], min(count, 40)))
    return [replace(distinct[n % len(distinct)], student=f"student{n + 1:04d}") for n in range(count)]


def measure_count(built: Path, count: int) -> dict[str, Any]:
    """Grade so many submissions with this engine."""
    lab = CLASSES["numpy"].lab
    with class_folder(built, lab, copies(count)) as folder:
        graded = command("autograder", folder, lab, cores())
        measured = run_measured(graded, folder, environment("autograder"))
    return {
        "submissions": count,
        "seconds_per_submission": round(measured.seconds / count, 4),
        "grading_process_mb": measured.own_mb,
        "peak_mb": measured.peak_mb,
    }


def draw(points: list[dict[str, Any]], path: Path) -> None:
    """Draw both costs over the number of submissions."""
    costs = [
        Panel("time per submission (s)", {"": [point["seconds_per_submission"] for point in points]}, [BLUE], "o"),
        Panel(
            "memory of the\ngrading process (MB)",
            {"": [point["grading_process_mb"] for point in points]},
            [ORANGE],
            "s",
        ),
    ]
    counts = [point["submissions"] for point in points]
    plot.draw(counts, costs, "submissions in the class", path, log=True)


def write(path: Path, points: list[dict[str, Any]]) -> None:
    """Keep the points, so that the picture can be drawn again."""
    path.write_text(json.dumps(points, indent=1) + "\n")
