"""Warm kernels under programs that know nothing of them: nbclient, jupyter_client, nbgrader."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from autograder._engine import provisioner
from autograder.cli import main
from tests.autograder.small_lab import kernel_path


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Jupyter data folder of the tests' own, with a warm kernel and a boxed one."""
    folder = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(folder))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        assert main(["kernels", "install", "--name", "warm", "--user", "--preload", "json.tool"]) == 0
        assert main(["kernels", "install", "--name", "boxed", "--user", "--boxed"]) == 0
        yield folder
    provisioner.close_servers()


def executed(kernel: str, *sources: str, **options: object) -> list[str]:
    """What the cells of a notebook print, run by nbclient as it is."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name=kernel, timeout=60, **options).execute()
    return ["".join(out.get("text", "") for out in cell.outputs) for cell in notebook.cells]


def test_the_command_writes_a_kernel_specification(data_folder):
    assert {"warm", "boxed"} <= set(KernelSpecManager().find_kernel_specs())


def test_nbclient_runs_on_it_unchanged(data_folder, tmp_path):
    printed = executed("warm", "a = 2", "print(a + 3)", "import sys; print('json.tool' in sys.modules)")
    assert printed == ["", "5\n", "True\n"]


def test_each_notebook_has_a_process_of_its_own(data_folder):
    printed = [executed("warm", "import os, builtins; print(hasattr(builtins, 'mark')); builtins.mark = 1")[0]] * 2
    assert printed == ["False\n", "False\n"]


def test_a_warm_kernel_works_in_the_folder_that_it_is_given(data_folder, tmp_path):
    (tmp_path / "data.txt").write_text("seven")
    resources = {"metadata": {"path": str(tmp_path)}}
    code = "print(open('data.txt').read()); open('new.txt', 'w').write('x')"
    assert executed("warm", code, resources=resources)[0].startswith("seven")
    assert (tmp_path / "new.txt").exists()


def test_a_boxed_kernel_works_on_a_copy(data_folder, tmp_path):
    (tmp_path / "data.txt").write_text("seven")
    resources = {"metadata": {"path": str(tmp_path)}}
    code = "print(open('data.txt').read()); open('new.txt', 'w').write('x')"
    printed = executed("boxed", code, resources=resources)[0]
    assert printed.startswith("seven")
    assert not (tmp_path / "new.txt").exists()


def test_errors_and_dead_kernels_are_what_nbclient_expects(data_folder):
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        executed("warm", "1 / 0")
    with pytest.raises(DeadKernelError):
        executed("warm", "import os; os._exit(1)")


def test_interrupt_restart_and_shutdown(data_folder):
    manager = KernelManager(kernel_name="warm")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        client.execute("import time\nprint('on')\nwhile True: time.sleep(0.01)")
        while client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        assert client.get_shell_msg(timeout=30)["content"]["ename"] == "KeyboardInterrupt"
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        assert client.execute_interactive("x = 1", timeout=60)["content"]["status"] == "ok"
        assert client.hb_channel.is_beating()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert not manager.is_alive()


def test_a_fork_server_that_was_killed_is_started_again(data_folder):
    executed("warm", "1")
    (server,) = [server for modules, server in provisioner._servers.items() if modules == ("json.tool",)]
    before = server.pid
    os.kill(before, 9)
    server._process.wait()
    assert executed("warm", "print(1)") == ["1\n"]
    assert server.pid != before


@pytest.mark.slow
def test_nbgrader_runs_on_it_unchanged(data_folder, tmp_path):
    """nbgrader's own quickstart, generated and graded with the warm kernel."""
    environment = {**os.environ, "PYTHONPATH": kernel_path()}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])

    def nbgrader(*words: str, cwd: Path) -> str:
        command = [sys.executable, "-m", "nbgrader", *words]
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stderr

    nbgrader("quickstart", "course", cwd=tmp_path)
    course = tmp_path / "course"
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.ExecutePreprocessor.kernel_name = 'warm'\n")
    nbgrader("generate_assignment", "ps1", cwd=course)
    shutil.copytree(course / "release" / "ps1", course / "submitted" / "ada" / "ps1")
    log = nbgrader("autograde", "ps1", "--create", cwd=course)
    assert "error" not in log.lower().replace("allow_errors", "")
    graded = sorted(course.glob("autograded/*/ps1/*.ipynb"))
    assert graded
    notebook = nbformat.read(graded[0], as_version=4)
    assert any(cell.cell_type == "code" and cell.outputs for cell in notebook.cells)
