"""Executing one notebook in a real kernel, under limits."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder._execute import DIED, MAX_TEXT, TIMEOUT, execute, kernel_environment
from tests.autograder.small_lab import notebook, test_cell

STUBBORN = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"


def code(*sources):
    """Code cells, then a test cell that would give 3 points."""
    return notebook([*(new_code_cell(source) for source in sources), test_cell("t", "3.0", 5)])


def run(found, tmp_path, env=None, **limits):
    environment = kernel_environment(env or {})
    return asyncio.run(
        execute(found, cwd=tmp_path, env=environment, **{"cell_timeout": 20, "notebook_timeout": 60, **limits})
    )


def texts(cell):
    return "".join(out.text for out in cell.outputs if out.output_type == "stream")


def errors(cell):
    return [out.ename for out in cell.outputs if out.output_type == "error"]


def kernels_with(marker):
    """Ids of living processes whose environment or command mentions a marker."""
    listed = subprocess.run(["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
    lines = [line.split(None, 1) for line in listed.stdout.splitlines() if marker in line]
    return [int(pid) for pid, command in lines if "ipykernel" in command or "sleep" in command]


def test_outputs_are_stored_in_the_notebook(tmp_path):
    """A printed text, a value, and how it ended."""
    found = code("print('hello')")
    result = run(found, tmp_path)
    assert result.ended == "done"
    assert 0 < result.seconds < 20
    assert texts(found.cells[0]) == "hello\n"
    assert found.cells[1].outputs[0].data["text/plain"] == "3.0"


def test_an_error_does_not_stop_the_others(tmp_path):
    """Every check is reached."""
    found = code("1 / 0")
    assert run(found, tmp_path).ended == "done"
    assert errors(found.cells[0]) == ["ZeroDivisionError"]
    assert errors(found.cells[1]) == []


def test_a_slow_cell_is_interrupted_and_the_next_one_runs(tmp_path):
    """An endless loop costs its own cell only."""
    found = code("print('before')\nwhile True: pass")
    result = run(found, tmp_path, cell_timeout=1)
    assert result.ended == "done"
    assert errors(found.cells[0]) == [TIMEOUT]
    assert texts(found.cells[0]) == "before\n"
    assert errors(found.cells[1]) == []


def test_a_slow_check_has_its_error_first(tmp_path):
    """nbgrader takes the first output that decides."""
    found = notebook([test_cell("t", "import time; print(1); time.sleep(60)", 5)])
    run(found, tmp_path, cell_timeout=1)
    assert found.cells[0].outputs[0].ename == TIMEOUT


@pytest.mark.slow
def test_a_cell_that_cannot_be_interrupted_ends_the_notebook(tmp_path):
    """The checks after it say so; they do not score full points by silence."""
    found = code(STUBBORN)
    result = run(found, tmp_path, cell_timeout=1)
    assert result.ended == "timeout"
    assert errors(found.cells[1]) == [TIMEOUT]
    assert "could not be interrupted. This check was not reached." in found.cells[1].outputs[0].evalue


def test_the_notebooks_limit_counts_all_cells(tmp_path):
    """Many cells that are each fast enough."""
    found = code(*["import time; time.sleep(0.8)"] * 5)
    result = run(found, tmp_path, notebook_timeout=2)
    assert result.ended == "timeout"
    assert result.seconds < 8
    assert errors(found.cells[-1]) == [TIMEOUT]


def test_a_dead_kernel_leaves_an_error_in_every_later_check(tmp_path):
    """os._exit, out of memory, a crash in compiled code."""
    found = code("import os\nos._exit(3)")
    result = run(found, tmp_path)
    assert (result.ended, errors(found.cells[1])) == ("died", [DIED])


def test_a_check_before_the_death_keeps_its_outcome(tmp_path):
    """What was passed stays passed."""
    found = notebook([test_cell("t", "3.0", 5), new_code_cell("import os\nos._exit(3)")])
    run(found, tmp_path)
    assert found.cells[0].outputs[0].data["text/plain"] == "3.0"


def test_a_kernel_that_does_not_start_is_no_full_marks(tmp_path):
    """No time at all to start."""
    found = code("x = 1")
    result = run(found, tmp_path, env={"PYTHONHOME": "/nowhere"}, notebook_timeout=10)
    assert result.ended == "died"
    assert errors(found.cells[1]) == [DIED]


def test_a_skip_tag_skips_nothing(tmp_path):
    """nbclient would leave the cell without output: full points."""
    found = code()
    found.cells[0].metadata.tags = ["skip-execution"]
    run(found, tmp_path)
    assert found.cells[0].outputs[0].data["text/plain"] == "3.0"


def test_text_is_capped_as_it_arrives(tmp_path):
    """A loop that prints for ever cannot fill the grader's memory."""
    found = code("for _ in range(3000): print('x' * 1000)")
    run(found, tmp_path)
    assert MAX_TEXT <= len(texts(found.cells[0])) < MAX_TEXT + 200
    assert texts(found.cells[0]).endswith("left out.\n")


def test_many_prints_are_one_output(tmp_path):
    """A hundred thousand outputs would make the file slow to open."""
    found = code("import sys\nfor n in range(50): print(n); sys.stdout.flush()")
    run(found, tmp_path)
    assert len(found.cells[0].outputs) == 1


def test_an_image_is_kept_and_a_huge_one_is_not(tmp_path):
    """Figures belong to feedback; two megabytes of one do not."""
    found = code(
        "from IPython.display import display\n"
        "display({'image/png': 'A' * 500_000, 'text/plain': 'small'}, raw=True)\n"
        "display({'image/png': 'A' * 3_000_000, 'text/plain': 'large'}, raw=True)"
    )
    run(found, tmp_path)
    assert [sorted(out.data) for out in found.cells[0].outputs] == [["image/png", "text/plain"], ["text/plain"]]


def test_a_deep_traceback_is_shortened(tmp_path):
    """Recursion without end."""
    found = code("def f():\n    f()\nf()")
    run(found, tmp_path)
    assert len(found.cells[0].outputs[0].traceback) <= 20


def test_the_kernel_works_in_the_given_folder(tmp_path):
    """A file that a cell writes lands there."""
    run(code("open('made.txt', 'w').close()"), tmp_path)
    assert (tmp_path / "made.txt").exists()


def test_the_kernel_has_the_given_environment(tmp_path, monkeypatch):
    """Byte code is written, and nothing of the grader's own leaks in."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("AUTOGRADER_SEED", "old")
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    wanted = ["MINE", "PYTHONDONTWRITEBYTECODE", "AUTOGRADER_SEED", "NBGRADER_EXECUTION"]
    found = code(f"import os\nprint([os.environ.get(name) for name in {wanted}])")
    run(found, tmp_path, env={"MINE": "1"})
    assert texts(found.cells[0]) == "['1', None, None, None]\n"


def test_a_widget_message_of_a_wrong_form_is_survived(tmp_path):
    """A kernel can send what it likes."""
    found = code(
        "from comm import create_comm\ncreate_comm(target_name='jupyter.widget', data={'state': {}})\nprint('on')"
    )
    assert run(found, tmp_path).ended == "done"
    assert texts(found.cells[0]) == "on\n"


def test_markdown_and_empty_cells_are_passed_over(tmp_path):
    """Only code runs."""
    found = notebook([new_markdown_cell("# title"), new_code_cell("  "), test_cell("t", "", 5)])
    assert run(found, tmp_path).ended == "done"
    assert errors(found.cells[2]) == ["NotExecuted"]


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_what_the_kernel_started_ends_with_it(tmp_path):
    """A background process of a student's does not outlive the grading."""
    found = code("import subprocess\nsubprocess.Popen(['sleep', '300'])")
    run(found, tmp_path, env={"TEST_MARK": f"mark-{os.getpid()}-child"})
    assert kernels_with(f"mark-{os.getpid()}-child") == []


@pytest.mark.skipif(os.name != "posix", reason="reads the process table")
def test_a_cancelled_execution_leaves_no_kernel(tmp_path):
    """Ctrl-C in the middle of a cell: cancelled, not reported as a dead kernel."""
    mark = f"mark-{os.getpid()}-cancel"
    found = code("import time; time.sleep(60)")

    async def cancelled():
        env = kernel_environment({"TEST_MARK": mark})
        task = asyncio.create_task(execute(found, cwd=tmp_path, env=env, cell_timeout=60, notebook_timeout=60))
        end = time.monotonic() + 20
        while not kernels_with(mark) and time.monotonic() < end:
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.5)
        assert kernels_with(mark)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert kernels_with(mark) == []
    assert errors(found.cells[-1]) == []


def test_sockets_and_profile_leave_no_trace(tmp_path, monkeypatch):
    """Kernels use a private folder that is gone afterwards."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    work = tmp_path / "work"
    work.mkdir()
    run(code("x = 1"), work)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["work"]


def test_a_long_temporary_folder_does_no_harm(tmp_path, monkeypatch):
    """A socket's path may have about 100 bytes."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert run(code("x = 1"), tmp_path).ended == "done"
