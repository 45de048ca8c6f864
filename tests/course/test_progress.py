"""The line that says how far a training is."""

from __future__ import annotations

import re

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from course import progress as module
from course.device import quiet

with quiet():
    keras = pytest.importorskip("keras")

CELL = """
import numpy as np
from course.device import quiet
with quiet():
    import keras
from course.progress import progress
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((8, 4)), np.ones(8), batch_size=2, epochs=3, verbose=0, callbacks=[progress()]);
"""


@pytest.fixture
def shown(monkeypatch):
    """Every text of one training of 3 epochs with 4 steps each."""
    texts = []
    monkeypatch.setattr(module, "PAUSE", -1)
    monkeypatch.setattr(module, "living", lambda: True)
    monkeypatch.setattr(module, "_show", lambda: texts.append)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(np.ones((8, 4)), np.ones(8), batch_size=2, epochs=3, verbose=0, callbacks=[module.progress()])
    return texts


def test_every_step_has_its_line(shown):
    """Epoch, bar, time that is left, loss and metrics; and what remains at the end."""
    assert len(shown) == 3 * 4 + 3 + 1
    assert shown[0].startswith("epoch 1 of 3  █░") and " s left, loss " in shown[0] and ", mae " in shown[0]
    assert shown[7].startswith("epoch 2 of 3")
    assert shown[-2].startswith(f"epoch 3 of 3  {20 * '█'}  about 0 s left, loss ")
    assert re.fullmatch(r"3 of 3 epochs in \d+ s, loss [\d.]+, mae [\d.]+", shown[-1])


def test_epochs_of_unknown_length(monkeypatch):
    """A generator that does not say how many steps it has."""
    texts = []
    line = module._Line(texts.append)
    line.begin({"epochs": 2, "steps": None})
    monkeypatch.setattr(module, "PAUSE", -1)
    line.batch({"loss": 2.0})
    line.epoch({"loss": 1.0})
    assert texts[0].startswith("epoch 1 of 2  ░") and "begun" in texts[0]
    assert texts[1].startswith(f"epoch 2 of 2  {10 * '█'}{10 * '░'}")


@pytest.mark.slow
@pytest.mark.parametrize(("static", "lines"), [("", 1), ("1", 0)])
def test_in_a_notebook_one_line_stays(static, lines, monkeypatch):
    """The line is replaced and not repeated; with COURSE_STATIC there is none."""
    monkeypatch.setenv("COURSE_STATIC", static)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    outputs = notebook.cells[0].outputs
    assert len(outputs) == lines
    if lines:
        assert outputs[0].data["text/plain"].startswith("3 of 3 epochs in ")


def test_a_grader_is_shown_nothing(monkeypatch):
    """Nobody looks on."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(module, "living", lambda: True)
    monkeypatch.setattr(module, "_show", lambda: pytest.fail("shown"))
    module.progress()
