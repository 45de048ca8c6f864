"""What a grading process keeps, and when it refuses to begin."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder import UsageError
from autograder._engine import engine as engines
from autograder._engine import sandbox
from autograder._engine.engine import Engine, Terms, imported_modules, question_folder
from autograder._engine.forkserver import EngineError

HERE = sandbox.probe()


def without_network() -> sandbox.Protections:
    return replace(HERE, no_network=False, reasons=(("no_network", "refused here"),))


def test_an_incomplete_sandbox_is_refused_with_what_is_missing(monkeypatch):
    monkeypatch.setattr(engines.sandbox, "probe", without_network)
    with pytest.raises(UsageError, match=r"(?s)no network.*--allow-unsandboxed"):
        Engine(Terms())


def test_an_incomplete_sandbox_can_be_allowed(monkeypatch):
    monkeypatch.setattr(engines.sandbox, "probe", without_network)
    engine = Engine(Terms(complete=False))
    assert engine.box([], "", "/home/student") is not None, "what there is of it is used"
    engine.close()


def test_a_closed_engine_starts_nothing():
    engine = Engine(Terms(boxed=False))
    engine.close()
    with pytest.raises(EngineError, match="stopped"):
        engine.server([])
    with pytest.raises(EngineError, match="stopped"):
        engine.judge.start()


def test_the_fork_server_imports_what_the_released_cells_import():
    cells = [
        new_code_cell("%matplotlib inline\nimport numpy as np\nfrom course import figures"),
        new_code_cell("from course.questions import lab04_shapes\nfrom os import *"),
        new_code_cell("this is no Python"),
        new_markdown_cell("import json"),
    ]
    found = imported_modules(new_notebook(cells=cells), "course.questions.lab04_shapes")
    assert found == ["course", "course.figures", "numpy", "os"]


def test_the_questions_folder_is_covered():
    assert question_folder("course.questions.lab04_shapes").endswith("course/questions")
    box = engines.box_for(["course.figures"], "course.questions.lab04_shapes")
    assert [folder.endswith("course/questions") for folder in box.hidden] == [True]
    assert question_folder("") is None


def test_the_grade_command_says_what_protects(capsys, tmp_path):
    from autograder.cli import main

    (tmp_path / "submitted").mkdir()
    assert main(["grade", "lab04_shapes", "--class", str(tmp_path)]) == 2
    assert "Sandbox: complete" in capsys.readouterr().out
