"""Run one engine over one class in a folder of its own, and read the points that it left."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder._engine.forkserver import clean_environment
from bench.classes import ROOT, Work, make_class
from bench.measure import CommandFailed, Measured, run_measured
from bench.results import Measurement

Points = dict[str, dict[str, float]]


def measure(class_name: str, engine: str, built: Path, handed: list[Work], cores: int) -> Measurement:
    """Have one engine grade a class, from a new process to the last commit.

    Args:
        class_name: Which class.
        engine: One of `results.ENGINES`.
        built: The folder in which the lab was built.
        handed: What the students hand in.
        cores: How many submissions at the same time, for all but nbgrader's own command.

    Raises:
        CommandFailed: If it cannot, or leaves a submission without points.
    """
    lab = f"bench_{class_name}"
    with class_folder(built, lab, handed) as folder:
        if engine.startswith("nbgrader"):
            shutil.rmtree(folder / "notebooks")  # nbgrader registers only what it releases itself
            _nbgrader(["generate_assignment", lab], folder)
        measured = run_measured(command(engine, folder, lab, cores), folder, environment(engine))
        said = _said(measured)
        points = said["points"] if engine == "floor" else gradebook_points(folder, lab)
        if len(points) != len(handed):
            raise CommandFailed(f"{class_name}, {engine}: {len(points)} of {len(handed)} submissions have points.")
        return Measurement(
            class_name,
            engine,
            len(handed),
            said.get("seconds", measured.seconds),
            1 if engine == "nbgrader" else cores,
            measured.peak_mb,
            measured.kind,
            said.get("locked", 0),
            points,
        )


@contextmanager
def class_folder(built: Path, lab: str, handed: list[Work]) -> Iterator[Path]:
    """A new folder with a class and its built lab, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copytree(built, folder, dirs_exist_ok=True)
        make_class(folder, folder / "notebooks" / lab / f"{lab}.ipynb", handed)
        yield folder


def environment(engine: str) -> dict[str, str]:
    """The environment of an engine: byte code is kept, and TensorFlow is quiet and without a GPU."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "NBGRADER_EXECUTION")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    paths = {
        # nbgrader calls alembic by name; its kernels import the questions, which are not installed.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    threads = clean_environment(1) | {"MPLBACKEND": "agg"} if engine == "floor" else {}
    return kept | threads | paths


def command(engine: str, folder: Path, lab: str, cores: int) -> list[str]:
    """What is run, and measured."""
    if engine == "nbgrader":
        return [sys.executable, "-m", "nbgrader", "autograde", lab, "--create"]
    module = {"autograder": "ours", "nbgrader-pool": "pool", "floor": "floor"}[engine]
    return [sys.executable, "-m", f"bench.engines.{module}", str(folder), lab, str(cores)]


def _nbgrader(arguments: list[str], folder: Path) -> Measured:
    return run_measured([sys.executable, "-m", "nbgrader", *arguments], folder, environment("nbgrader"))


def _said(measured: Measured) -> dict[str, Any]:
    """The JSON in an engine's last line, if it ends with one."""
    last = (measured.output.strip().splitlines() or [""])[-1]
    return json.loads(last) if last.startswith("{") else {}


def gradebook_points(folder: Path, lab: str) -> Points:
    """The automatic points in a gradebook, by student and grade cell."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.auto_score for notebook in submission.notebooks for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(lab)
        }
