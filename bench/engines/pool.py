"""A process pool over nbgrader's API: each process grades one notebook after another into one SQLite file."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config, PyFileConfigLoader

TRIES = 20  # of one notebook while the database is locked

_api: NbGraderAPI | None = None


def _begin(folder: str) -> None:
    """In each process: read the class's settings, as the command does."""
    global _api
    os.chdir(folder)
    config = Config(PyFileConfigLoader("nbgrader_config.py", path=folder).load_config())
    config.CourseDirectory.root = folder
    _api = NbGraderAPI(config=config)


def _grade(lab: str, student: str) -> int:
    """Grade one student's work; returns how often the database was locked.

    Raises:
        RuntimeError: If nbgrader fails for another reason.
    """
    assert _api is not None
    for locked in range(TRIES):
        result = _api.autograde(lab, student, force=True, create=True)
        if result["success"]:
            return locked
        log = f"{result.get('log', '')}\n{result.get('error', '')}"
        if "database is locked" not in log:
            raise RuntimeError(f"{student}: {log[-2000:]}")
    raise RuntimeError(f"{student}: the database was locked {TRIES} times.")


def main(folder: Path, lab: str, processes: int) -> None:
    """Grade a class and print how often the database was locked.

    Args:
        folder: nbgrader's course folder, the assignment generated.
        lab: The assignment.
        processes: How many run at the same time.
    """
    students = sorted(path.name for path in (folder / "submitted").iterdir())
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, _begin, (str(folder),)) as pool:
        locked = sum(pool.map(_grade, [lab] * len(students), students))
    print(json.dumps({"locked": locked}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
