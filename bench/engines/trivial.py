"""Six trivial cells from submission to verdict, again and again in a process that is warm."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import nbformat

from autograder._work import Job, grade_submission, pack_job, unpack_result
from autograder.check import question_seed
from bench.classes import TRIVIAL

STUDENT = "student0001"


def job(released: Path, number: int) -> bytes:
    """A submission as a worker gets it; each has a seed of its own."""
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace('learner=""', f'learner="{STUDENT}"')
        if cell.id == "double":
            cell.source = "def double(n):\n    return 2 * n"
    content = nbformat.writes(notebook).encode()
    return pack_job(
        Job(
            lab=TRIVIAL,
            notebook=TRIVIAL,
            student=STUDENT,
            learner=STUDENT,
            seed=question_seed(str(number).encode(), TRIVIAL, STUDENT, content),
            where=STUDENT,
            content=content,
            released=json.dumps(nbformat.read(released, as_version=4)),
        )
    )


def main(released: Path, runs: int) -> None:
    """Grade, and print the milliseconds from the submission's bytes to the verdict's."""
    jobs = [job(released, number) for number in range(runs + 1)]
    took = []
    for content in jobs:
        start = time.perf_counter()
        result = unpack_result(grade_submission(content))
        took.append(1000 * (time.perf_counter() - start))
        assert result.questions["double"]["verdict"] == "passed", result
    warm = took[1:]  # the first one starts what stays
    cells = sum(cell.cell_type == "code" for cell in nbformat.read(released, as_version=4).cells)
    print(
        json.dumps(
            {
                "cells": cells,
                "runs": runs,
                "median_ms": round(statistics.median(warm), 1),
                "slowest_ms": round(max(warm), 1),
                "first_ms": round(took[0], 1),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
