"""Execute a notebook in a kernel of its own, under limits, and leave no check without an outcome.

This is the seam behind which kernels can become warm or boxed in: a notebook and an environment go in, the same
notebook with outputs comes out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder._files import short_folder
from autograder._outputs import MAX_TEXT, Caps, put_error, short_traceback
from autograder._rebuild import full_source, is_check

TIMEOUT, DIED = "CellTimeoutError", "DeadKernelError"
INTERRUPT_SECONDS = 10  # for a cell to end after it was interrupted
SOCKET_PATH = 90  # bytes; the system allows about 100

_log = logging.getLogger("autograder.kernels")
_log.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Execution:
    """How an execution ended.

    Args:
        seconds: Wall time from the kernel's start to its end.
        ended: "done", or "timeout" when the notebook's limit passed or a cell could not be interrupted, or
            "died" when the kernel ended before the last cell.
        note: One sentence when it is not "done".
    """

    seconds: float
    ended: Literal["done", "timeout", "died"]
    note: str = ""


def kernel_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process' environment for a kernel, without what only the grader should have.

    Args:
        extra: Variables to add.
    """
    # Without byte code, importing TensorFlow takes three times as long.
    unwanted = {"PYTHONDONTWRITEBYTECODE", "NBGRADER_EXECUTION"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in unwanted and not name.startswith("AUTOGRADER_")
    }
    return kept | dict(extra)


async def execute(
    notebook: NotebookNode,
    *,
    cwd: Path,
    env: Mapping[str, str],
    cell_timeout: float,
    notebook_timeout: float,
    kernel_name: str = "python3",
) -> Execution:
    """Run all code cells and store their outputs in the notebook.

    An error in a cell does not stop the others; a cell over its limit is interrupted. A check that was not
    executed gets an error output that says why, for nbgrader would give it all its points.

    Args:
        notebook: Changed in place.
        cwd: The kernel's working folder.
        env: The kernel's whole environment; see `kernel_environment`.
        cell_timeout: Seconds for one cell.
        notebook_timeout: Seconds for all of them and the kernel's start.
        kernel_name: The kernel to start.
    """
    start = time.monotonic()
    deadline = start + notebook_timeout
    run = _Run(notebook, cell_timeout, deadline)
    ended: Literal["done", "timeout", "died"] = "done"
    note = ""
    try:
        async with _kernel(notebook, dict(env), cwd, kernel_name, run.seconds_for, deadline) as client:
            note = await run.all_cells(client)
            ended = "timeout" if note else "done"
    except _Stopped as stopped:
        ended, note = stopped.ended, str(stopped)
    run.fill_unexecuted({"done": "NotExecuted", "timeout": TIMEOUT, "died": DIED}[ended], note)
    return Execution(time.monotonic() - start, ended, note)


class _Stopped(Exception):
    """The notebook cannot go on."""

    def __init__(self, ended: Literal["timeout", "died"], note: str) -> None:
        super().__init__(note)
        self.ended = ended


class _Run:
    """The cells of one notebook, executed one after another."""

    def __init__(self, notebook: NotebookNode, cell_timeout: float, deadline: float) -> None:
        self.notebook = notebook
        self.cell_timeout = cell_timeout
        self.deadline = deadline
        self.executed: set[int] = set()

    def seconds_for(self, cell: NotebookNode) -> float:
        """What a cell may take: its own limit, or what is left of the notebook's."""
        return max(min(self.cell_timeout, self.deadline - time.monotonic()), 0.1)

    async def all_cells(self, client: _Client) -> str:
        """Execute every cell; returns why not all were, or ""."""
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code" or not full_source(cell).strip():
                continue
            if time.monotonic() > self.deadline:
                return "The notebook's time limit passed."
            await self._one(client, cell, index)
        return ""

    async def _one(self, client: _Client, cell: NotebookNode, index: int) -> None:
        started = time.monotonic()
        client.begin(cell)
        try:
            with _whole(cell):
                await client.async_execute_cell(cell, index)
        except DeadKernelError:
            if (task := asyncio.current_task()) and task.cancelling():
                # nbclient takes a cancelled task for a dead kernel.
                raise asyncio.CancelledError from None
            put_error(cell, DIED, "The kernel died in this cell.")
            self.executed.add(index)
            raise _Stopped(
                "died", f"The kernel ended in cell {index + 1} or the one before it ({cell.get('id', '')})."
            ) from None
        except CellTimeoutError:
            # Interrupting did not help: the cell catches KeyboardInterrupt, or hangs in compiled code.
            seconds = time.monotonic() - started
            put_error(cell, TIMEOUT, f"No reply after {seconds:.0f} s, and the cell could not be interrupted.")
            self.executed.add(index)
            name = cell.get("id", index + 1)
            raise _Stopped("timeout", f"Cell {name} did not end and could not be interrupted.") from None
        if client.timed_out:
            put_error(
                cell, TIMEOUT, f"No reply after {time.monotonic() - started:.0f} s; the cell was interrupted."
            )
        self.executed.add(index)

    def fill_unexecuted(self, ename: str, note: str) -> None:
        """Give every check that was not executed an error output."""
        for index, cell in enumerate(self.notebook.cells):
            if is_check(cell) and index not in self.executed:
                put_error(cell, ename, f"{note} This check was not reached." if note else "This check is empty.")


@contextlib.contextmanager
def _whole(cell: NotebookNode) -> Iterator[None]:
    """Hidden tests are in the cell only while it runs."""
    released, cell.source = cell.source, full_source(cell)
    try:
        yield
    finally:
        cell.source = released


class _Client(NotebookClient):
    """nbclient's executor with a cap on outputs, applied as they arrive."""

    def begin(self, cell: NotebookNode) -> None:
        """Start counting for a new cell."""
        cell.outputs = []
        self.caps = Caps()
        self.timed_out = False

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        if msg["msg_type"] == "update_display_data":
            msg["content"]["data"] = self.caps.bundle(msg["content"].get("data"))
        return super().process_message(msg, cell, cell_index)

    def handle_comm_msg(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Nobody moves a slider while grading, and a malformed message must not stop the notebook."""

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        content = msg["content"]
        if msg["msg_type"] == "stream":
            text = str(content.get("text", ""))
            if self.caps.text_left <= 0:
                return None
            content["text"] = self.caps.text(text)
            last = outs[-1] if outs else None
            if last is not None and last.output_type == "stream" and last.name == content.get("name"):
                last.text += content["text"]
                return last
        elif msg["msg_type"] in ("display_data", "execute_result"):
            content["data"] = self.caps.bundle(content.get("data"))
        elif msg["msg_type"] == "error":
            content["traceback"] = short_traceback(list(content.get("traceback", [])))
            content["evalue"] = str(content.get("evalue", ""))[:MAX_TEXT]
        return super().output(outs, msg, display_id, cell_index)


@contextlib.asynccontextmanager
async def _kernel(
    notebook: NotebookNode,
    env: dict[str, str],
    cwd: Path,
    kernel_name: str,
    seconds_for: Callable[[NotebookNode], float],
    deadline: float,
) -> AsyncIterator[_Client]:
    """A started kernel and its client; both are gone afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="ag-", dir=short_folder(), ignore_cleanup_errors=True) as folder:
        manager = AsyncKernelManager(kernel_name=kernel_name, log=_log, **_transport(folder))
        client = _Client(
            notebook,
            km=manager,
            log=_log,
            timeout_func=seconds_for,
            allow_errors=True,
            interrupt_on_timeout=True,
            error_on_timeout={"ename": TIMEOUT, "evalue": "", "traceback": []},
            iopub_timeout=INTERRUPT_SECONDS,
            raise_on_iopub_timeout=True,
            skip_cells_with_tag="",
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=False,
            startup_timeout=max(int(deadline - time.monotonic()), 1),
        )

        def timed_out(cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
            client.timed_out = execute_reply["content"].get("ename") == TIMEOUT

        client.on_cell_executed = timed_out
        # A profile of the instructor's must not run in a student's kernel.
        env["IPYTHONDIR"] = os.path.join(folder, "ipython")
        try:
            try:
                await client.async_start_new_kernel(cwd=str(cwd), env=env)
                await client.async_start_new_kernel_client()
            except RuntimeError as error:
                raise _Stopped("died", f"The kernel did not start ({error}).") from error
            yield client
        finally:
            await asyncio.shield(_end(manager, client))


async def _end(manager: AsyncKernelManager, client: _Client) -> None:
    """Kill the kernel, with all that it started, without asking."""
    group = getattr(manager.provisioner, "pgid", None)
    if group and group != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    if client.kc is not None:
        client.kc.stop_channels()
    if manager.has_kernel:
        await manager.shutdown_kernel(now=True)
    else:
        await manager.cleanup_resources()


def _transport(folder: str) -> dict[str, str]:
    """Sockets in a private folder where the system has them: TCP ports race when many kernels start at once."""
    if os.name != "posix" or len(os.fsencode(folder)) > SOCKET_PATH:
        return {}
    return {"transport": "ipc", "ip": os.path.join(folder, "k"), "connection_file": os.path.join(folder, "k.json")}
