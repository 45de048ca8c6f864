"""Each solution, executed once by nbval: the stored outputs still come out, within the limits of the syllabus."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course import syllabus

ROOT = Path(__file__).parent.parent


# A process counts the memory of the one that it was forked from, and a worker of pytest may be large: a small
# process starts the command and says at last what that took, in processor seconds and kilobytes.
MEASURED = """
import json, resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("lab", syllabus.notebooks())
def test_solution_runs_as_stored(lab):
    """nbval finds every stored output again; seconds and memory stay below `course/syllabus.toml`."""
    row = syllabus.notebooks()[lab]
    notebook = ROOT / "solutions" / lab / f"{lab}.ipynb"
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider"]
    command += ["-W", "default", f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval.cfg'}", str(notebook)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command],
        cwd=ROOT,
        env={**environment, "COURSE_STATIC": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=True,
    )
    printed, _, measured = done.stdout.rstrip().rpartition("\n")
    status, seconds, kilobytes = json.loads(measured)
    assert status == 0, printed[-6000:]
    # Processor time on one core, not the clock: a busy machine must not fail a lab.
    assert seconds < row.seconds, f"{seconds:.1f} s"
    assert kilobytes / 1024 < row.memory_mb, f"{kilobytes / 1024:.0f} MB"


@pytest.mark.parametrize("lab", syllabus.notebooks())
def test_released_notebook_is_clean(lab):
    """No outputs, no solution marks, no path of the machine that built it."""
    notebook = nbformat.read(ROOT / "notebooks" / lab / f"{lab}.ipynb", as_version=4)
    text = json.dumps(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert "BEGIN SOLUTION" not in text and str(ROOT) not in text
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@pytest.mark.parametrize("lab", syllabus.notebooks())
def test_lab_keeps_the_house_style(lab):
    """Code cells of at most 15 lines outside answers; no word that makes a beginner feel slow."""
    notebook = nbformat.read(ROOT / "notebooks" / lab / f"{lab}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 15, cell.source
        else:
            words = {word.strip(".,;:!?*()").lower() for word in cell.source.split()}
            assert not words & {"simply", "obviously", "just", "trivially"}, cell.source


@pytest.mark.parametrize("lab", syllabus.notebooks())
def test_first_cell_starts_the_lab(lab):
    """The first code cell installs the course where it is missing, and starts this lab with an empty id.

    An exploration is started without one.
    """
    notebook = nbformat.read(ROOT / "notebooks" / lab / f"{lab}.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    graded = syllabus.notebooks()[lab].graded
    assert (f'lab = start("{lab}", learner="")' if graded else f'start("{lab}")') in first
    assert "except ModuleNotFoundError" in first and "git+https://" in first
