"""Notebooks in the engine: the same points as in a notebook, and what a dead or stuck process costs."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from autograder._engine.clock import descendants
from autograder._engine.engine import Engine, Terms
from autograder.check import judge_names, open_lab
from tests.autograder.engine.lab import FULL, MODULE, RIGHT, points, run, submitted


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(Terms())
    yield engine
    engine.close()


def text_of(cells: list, id: str) -> str:
    outputs = next(cell for cell in cells if cell.id == id).outputs
    return "".join(out.get("text", "") or str(out.get("data", {}).get("text/plain", "")) for out in outputs)


def test_right_answers_get_all_points(engine):
    outcomes, _, execution = run(engine, submitted())
    assert points(outcomes) == FULL
    assert (execution.ended, execution.note) == ("done", "")


def test_the_result_is_the_one_that_the_notebook_shows(engine, monkeypatch):
    wrong = {"double": "def double(n):\n    print('hm')\n    return n ** 2", "own": "own = [1, 2]"}
    outcomes, _, _ = run(engine, submitted(wrong), seed="s1")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("AUTOGRADER_LEARNER", "ada")
    monkeypatch.setenv("AUTOGRADER_SEED", "s1")
    opened = open_lab("tests", "basic", MODULE, learner="ada")
    for id, source in {**RIGHT, **wrong}.items():
        names: dict = {}
        exec(source, names)
        here = judge_names(opened, opened.questions[id], names).to_dict()
        there = outcomes[id]
        for key in ("points", "verdict", "message", "hint", "seed"):
            assert there[key] == here[key], (id, key)
        assert there["printed"].split() == here["printed"].split()
        calls = [case["call"] for group in here["groups"] for case in group["cases"]]
        assert [case["call"] for group in there["groups"] for case in group["cases"]] == calls


def test_outputs_and_counts_are_stored(engine):
    cells = "from IPython.display import display\nprint('one')\ndisplay(2)\n3"
    _, notebook, _ = run(engine, submitted(own={"imports": cells}))
    shown = next(cell for cell in notebook.cells if cell.id == "own-imports")
    assert [out.output_type for out in shown.outputs] == ["stream", "display_data", "execute_result"]
    assert shown.execution_count == 3


def test_endless_output_is_cut_and_costs_nothing_else(engine):
    outcomes, notebook, _ = run(engine, submitted(own={"imports": "while True:\n    print('x' * 1000)"}))
    assert len(text_of(notebook.cells, "own-imports")) < 200_000
    assert points(outcomes) == FULL


def test_an_answer_that_ends_the_process_costs_its_question_alone(engine):
    ends = {"total": "import os\ndef total(table):\n    os._exit(3)"}
    outcomes, _, execution = run(engine, submitted(ends))
    assert points(outcomes) == {**FULL, "total": 0}
    assert outcomes["total"]["verdict"] == "died"
    assert "check-total" in execution.note


def test_a_cell_that_ends_the_process_is_not_run_again(engine):
    marks = "import os\nos._exit(0)"
    outcomes, notebook, _ = run(engine, submitted(own={"imports": marks, "double": "later = 1"}))
    assert points(outcomes) == FULL
    error = next(cell for cell in notebook.cells if cell.id == "own-imports").outputs[0]
    assert error.ename == "DeadKernelError"


def test_an_answer_cell_that_ends_the_process_loses_only_its_definitions(engine):
    outcomes, _, _ = run(engine, submitted({"double": "import os\nos._exit(1)"}))
    assert points(outcomes) == {**FULL, "double": 0}


def test_an_endless_answer_is_stopped_and_the_next_question_is_asked(engine):
    endless = {"total": "def total(table):\n    while True:\n        pass"}
    outcomes, _, _ = run(engine, submitted(endless))
    assert points(outcomes) == {**FULL, "total": 0}
    assert outcomes["total"]["verdict"] == "timeout"


def test_groups_that_were_answered_before_a_call_that_hangs_still_count(engine):
    half = "def total(table):\n    while table.ndim > 1:\n        pass\n    return table.sum()"
    outcomes, _, _ = run(engine, submitted({"total": half}))
    assert (outcomes["total"]["points"], outcomes["total"]["verdict"]) == (1, "timeout")


def test_an_answer_that_cannot_be_stopped_costs_its_question_alone(engine):
    stubborn = """def total(table):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass"""
    outcomes, _, _ = run(engine, submitted({"total": stubborn}))
    assert points(outcomes) == {**FULL, "total": 0}
    assert outcomes["total"]["verdict"] == "timeout"


def test_an_answer_that_sleeps_is_out_of_time_too(engine):
    outcomes, _, _ = run(engine, submitted({"total": "import time\ndef total(table):\n    time.sleep(1000)"}))
    assert points(outcomes) == {**FULL, "total": 0}
    assert outcomes["total"]["verdict"] == "timeout"


def test_an_endless_cell_is_interrupted(engine):
    outcomes, notebook, _ = run(engine, submitted(own={"imports": "while True:\n    pass"}))
    assert points(outcomes) == FULL
    assert next(cell for cell in notebook.cells if cell.id == "own-imports").outputs[0].ename == "CellTimeoutError"


def test_a_cell_that_cannot_be_interrupted_is_left_out(engine):
    stubborn = (
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    )
    outcomes, notebook, _ = run(engine, submitted(own={"imports": stubborn}))
    assert points(outcomes) == FULL
    assert next(cell for cell in notebook.cells if cell.id == "own-imports").outputs[0].ename == "CellTimeoutError"


def test_the_notebook_has_a_limit_too(engine):
    endless = {id: f"def {id}(*a):\n    while True: pass" for id in ("double", "total")}
    cells = {id: "while True: pass" for id in ("imports", "double", "total", "scaler")}
    started = time.monotonic()
    outcomes, _, execution = run(engine, submitted(endless, cells), notebook_seconds=4.0)
    assert execution.ended == "timeout"
    assert "by_hand" in outcomes and outcomes["by_hand"]["verdict"] == "timeout"
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("where", ["answer", "cell"])
def test_memory_is_limited(engine, where):
    hog = "import numpy as np\nimport time\nhoard = [np.ones(25_000_000) for _ in range(3)]\ntime.sleep(1.5)"
    if where == "answer":
        body = hog.replace("\n", "\n    ")
        outcomes, _, execution = run(
            engine, submitted({"total": f"def total(table):\n    {body}\n    return table.sum()"})
        )
        assert points(outcomes) == {**FULL, "total": 0}
        assert "memory" in outcomes["total"]["message"]
    else:
        outcomes, _, execution = run(engine, submitted(own={"imports": hog}))
        assert points(outcomes) == FULL
    assert "memory" in execution.note


def test_exit_does_not_end_the_notebook(engine):
    outcomes, notebook, _ = run(engine, submitted(own={"imports": "exit()", "double": "quit()"}))
    assert points(outcomes) == FULL
    assert "exit()" in text_of(notebook.cells, "own-imports")


def test_a_forbidden_name_is_a_persons_matter(engine):
    used = {"by_hand": "import numpy as np\nsort = np.sort\ndef by_hand(numbers):\n    return sort(numbers)"}
    outcomes, _, _ = run(engine, submitted(used))
    assert outcomes["by_hand"]["verdict"] == "manual"
    assert "numpy.sort" in outcomes["by_hand"]["message"]


def test_another_learners_numbers_are_a_persons_matter(engine):
    outcomes, _, _ = run(engine, submitted(), learner="grace")
    assert outcomes["own"]["verdict"] == "manual"
    assert points(outcomes) == {**FULL, "own": 0}


def test_a_notebook_whose_start_is_missing_says_so(engine):
    notebook = submitted()
    next(cell for cell in notebook.cells if cell.id == "start").source = "pass"
    outcomes, _, _ = run(engine, notebook)
    assert {found["verdict"] for found in outcomes.values()} == {"error"}
    assert "No lab is started" in outcomes["double"]["message"]


def test_files_are_in_the_working_folder_and_can_be_written(engine):
    code = "import os\nopen('new.txt', 'w').write('x')\nprint(sorted(os.listdir('.')))"
    _, notebook, _ = run(
        engine, submitted(own={"imports": code}), files={"basic.ipynb": b"{}", "data/a.csv": b"1"}
    )
    assert "basic.ipynb" in text_of(notebook.cells, "own-imports")
    assert "new.txt" in text_of(notebook.cells, "own-imports")


def test_a_students_process_holds_no_question(engine):
    code = f"""
import sys, importlib
print([name for name in sys.modules if "questions" in name and "_questions" not in name])
try:
    importlib.import_module("{MODULE}")
    print("imported")
except ImportError:
    print("hidden")"""
    _, notebook, _ = run(engine, submitted(own={"imports": code}))
    seen = text_of(notebook.cells, "own-imports")
    assert seen.startswith("[]")
    assert "hidden" in seen


def killing(engine: Engine, choose: Callable[[], int]) -> threading.Thread:
    """Kills a process as soon as there is one."""

    def kill() -> None:
        for _ in range(400):
            time.sleep(0.05)
            if pid := choose():
                os.kill(pid, signal.SIGKILL)
                return

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


SLOW = {"double": "import time\ndef double(n):\n    time.sleep(0.1)\n    return n + n"}


def servers(engine: Engine) -> list[int]:
    return [server.pid for server in engine._servers.values() if server.alive]


def test_a_killed_fork_server_costs_nobody_a_point(engine):
    run(engine, submitted())
    killer = killing(engine, lambda: servers(engine)[0] if servers(engine) else 0)
    outcomes, _, _ = run(engine, submitted(SLOW))
    killer.join()
    assert points(outcomes) == FULL


def test_a_killed_judge_costs_nobody_a_point(engine):
    run(engine, submitted())
    killer = killing(engine, lambda: engine._judges[0].pid)
    outcomes, _, _ = run(engine, submitted(SLOW))
    killer.join()
    assert points(outcomes) == FULL


def test_a_child_that_is_killed_from_outside_costs_nobody_a_point(engine):
    run(engine, submitted())
    server = servers(engine)[0]
    killer = killing(engine, lambda: ([0, *descendants(server)[1:]])[-1])
    outcomes, _, _ = run(engine, submitted(SLOW))
    killer.join()
    assert points(outcomes) == FULL


def test_it_works_with_what_is_left_where_namespaces_are_refused():
    own = Engine(Terms(complete=False))
    off = dict.fromkeys(("user_id", "namespaces", "file_view", "no_network"), False)
    own.protections = replace(own.protections, **off)
    look = f"try:\n    print(open({__file__!r}).read())\nexcept OSError:\n    print('walled')"
    outcomes, notebook, _ = run(own, submitted(own={"imports": look}))
    own.close()
    assert points(outcomes) == FULL
    assert "walled" in text_of(notebook.cells, "own-imports")


def test_it_works_without_a_box():
    own = Engine(Terms(boxed=False))
    ends = {"total": "import os\ndef total(table):\n    os._exit(3)"}
    outcomes, notebook, _ = run(own, submitted(ends, {"imports": "import os\nprint(os.getuid())"}))
    own.close()
    assert points(outcomes) == {**FULL, "total": 0}
    assert text_of(notebook.cells, "own-imports") == f"{os.getuid()}\n"


def test_nothing_outlives_the_engine():
    own = Engine(Terms(boxed=True))
    daemon = "import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True)"
    outcomes, _, _ = run(own, submitted(own={"imports": daemon}))
    assert points(outcomes) == FULL
    server, judge = servers(own)[0], own._judges[0].pid
    deadline = time.monotonic() + 20
    while descendants(server) != [server] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert descendants(server) == [server], "the student's daemon is gone with the notebook"
    own.close()
    for pid in (server, judge):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
