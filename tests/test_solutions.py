"""Each solution, executed once by nbval: the stored outputs still come out, within the limits of the syllabus."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from course import syllabus
from tests import measured

ROOT = Path(__file__).parent.parent


LONG = 45  # processor seconds, as measured, from which only CI executes a solution


def _to_execute() -> list[object]:
    """Notebooks as parameters; those that train for long are long."""
    taken = {lab: figures["seconds"] for lab, figures in measured.read().items()}
    return [pytest.param(lab, marks=pytest.mark.long if taken[lab] > LONG else ()) for lab in syllabus.notebooks()]


@pytest.mark.slow
@pytest.mark.parametrize("lab", _to_execute())
def test_solution_runs_as_stored(lab):
    """nbval finds every stored output again, within the syllabus' limits and near the README's memory."""
    row = syllabus.notebooks()[lab]
    status, seconds, kilobytes, printed = measured.run(lab)
    assert status == 0, printed[-6000:]
    megabytes = kilobytes / 1024
    # Processor time on one core, not the clock: a busy machine must not fail a lab.
    assert seconds < row.seconds, f"{seconds:.1f} s"
    assert megabytes < row.memory_mb, f"{megabytes:.0f} MB"
    assert megabytes < 1.25 * measured.read()[lab]["memory_mb"], f"{megabytes:.0f} MB: the README promises less"


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
