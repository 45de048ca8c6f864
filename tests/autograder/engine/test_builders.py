"""Models in the engine: builders that make no weights, and tensors that stand for models."""

from __future__ import annotations

from nbformat.v4 import new_code_cell

from autograder._engine.engine import Engine, Terms
from autograder._engine.run import Assignment, run_notebook
from autograder._rebuild import rebuild
from autograder._verdicts import read_verdicts
from tests.autograder.small_lab import answer_cell, check_cell, notebook

MODULE = "tests.autograder.engine.questions.builders"
START = f'from autograder.check import open_lab\nlab = open_lab("tests", "builders", "{MODULE}", learner="ada")'
ANSWERS = {
    "wide": (
        "import keras\ndef wide(units):\n"
        "    return keras.Sequential([keras.Input((100_000,)), keras.layers.Dense(units, use_bias=False)])"
    ),
    "block": "import keras\ndef block(x):\n    return keras.layers.Add()([x, x])",
}


def test_large_models_and_tensors_are_judged_outside():
    """Forty gigabytes of weights are counted in a box of 1.5, and a block's tensor is run as a model."""
    cells = [new_code_cell(START, id="start")]
    for id, source in ANSWERS.items():
        cells += [answer_cell(id, source), check_cell(id, 1)]
    release = notebook(cells, autograder={"lab": "builders", "questions": MODULE, "course": "tests"})
    rebuilt = rebuild(release, release)
    assignment = Assignment(
        released=release, course="tests", lab="builders", module=MODULE, learner="ada", seed="seed",
        files={"builders.ipynb": b"{}"}, cell_seconds=60.0, notebook_seconds=120.0, memory_mb=1500,
    )  # fmt: skip
    engine = Engine(Terms())
    try:
        run_notebook(engine, rebuilt.notebook, assignment)
    finally:
        engine.close()
    outcomes = read_verdicts(rebuilt.notebook, rebuilt.missing_answers)
    assert {id: outcome["verdict"] for id, outcome in outcomes.items()} == {"wide": "passed", "block": "passed"}, (
        outcomes
    )
