"""A student's process as a worker sees it: a forked kernel, its client, the judge's connection, and a guard."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from autograder._engine.cells import KernelClient
from autograder._engine.clock import Clock
from autograder._engine.engine import WORK, Engine, environment_of
from autograder._engine.forkserver import Child
from autograder._engine.order import CHANNELS, Order
from autograder._engine.watch import Watch, kill
from autograder._files import short_folder

START_SECONDS = 60.0
INTERRUPT_SECONDS = 5.0  # for a cell to end after it was interrupted
MEMORY_EVERY = 0.25  # seconds


class Lost(Exception):
    """The process is gone; `ended` says whether it died or was out of time."""

    def __init__(self, ended: str, note: str) -> None:
        super().__init__(note)
        self.ended = ended


class Guard:
    """Looks at a student's process while it works, and ends it when it takes too much.

    Args:
        child: The process.
        memory: Bytes that it may take.
        seconds: That it may work, all cells together.
    """

    def __init__(self, child: Child, memory: int, seconds: float) -> None:
        self.child = child
        self.clock = Clock(child.pid)
        self.seconds = seconds
        self.peak = 0
        self.interrupted = False
        self.reason: tuple[str, str] | None = None
        self._memory = memory
        self._watch = Watch(child.pid, memory)
        self._whole = self.clock.span()
        self._cell = self._whole
        self._limit: float | None = None
        self._looked = self._weighed = 0.0
        self._interrupted_at = 0.0

    @property
    def worked(self) -> float:
        """Seconds that the process has worked."""
        return self._whole().worked

    def begin(self, limit: float | None) -> None:
        """A cell begins, that may work so many seconds."""
        self._cell, self._limit = self.clock.span(), limit
        self.interrupted = False

    def look(self) -> None:
        """Look at time and memory, not more than ten times a second; end the process if it has to be."""
        now = time.monotonic()
        if self.reason or now - self._looked < 0.1:
            return
        self._looked = now
        whole = self._whole()
        if whole.worked > self.seconds or whole.wall > 10 * self.seconds:
            self.end("timeout", "The notebook's time limit passed.")
        elif self._limit is not None:
            self._look_at_cell(now, self._limit)
        if now - self._weighed > MEMORY_EVERY and not self.reason:
            self._weighed = now
            self._weigh()

    def _look_at_cell(self, now: float, limit: float) -> None:
        spent = self._cell()
        if not self.interrupted and (spent.worked > limit or spent.wall > 10 * limit):
            self.interrupted, self._interrupted_at = True, now
            with contextlib.suppress(OSError):
                os.kill(self.child.pid, signal.SIGINT)
        elif self.interrupted and now - self._interrupted_at > INTERRUPT_SECONDS:
            # Interrupting did not help: the cell catches KeyboardInterrupt, or hangs in compiled code.
            self.end("timeout", f"No reply after {limit:g} s, and the cell could not be interrupted.")

    def _weigh(self) -> None:
        taken = self._watch.sample().memory
        self.peak = max(self.peak, taken)
        if taken > self._memory:
            self.end("died", f"It used more than {self._memory >> 20} MB of memory and was ended.")

    def check(self) -> None:
        """Look, and raise if the process is gone.

        Raises:
            Lost: With the reason.
        """
        self.look()
        if self.child.ended:
            raise Lost(*(self.reason or ("died", f"The notebook's process ended. {self.child.error}".strip())))

    def close(self) -> None:
        """Let go of the process' files."""
        self._watch.close()

    def end(self, ended: str, note: str) -> None:
        """End the process."""
        self.reason = (ended, note)
        kill(self.child.pid)


class Kernel:
    """A started kernel: the client for cells, the connection for the judge, the guard for both."""

    def __init__(self, client: KernelClient, judge: socket.socket, guard: Guard) -> None:
        self.client, self.judge, self.guard = client, judge, guard

    @property
    def pid(self) -> int:
        return self.guard.child.pid


@contextmanager
def started(
    engine: Engine,
    modules: list[str],
    hidden_module: str,
    files: Mapping[str, bytes],
    *,
    memory: int,
    seconds: float,
    environment: Mapping[str, str],
) -> Iterator[Kernel]:
    """A forked kernel in its box; process, sockets and folder are gone afterwards, whatever happens.

    Args:
        engine: Forks it.
        modules: What the fork server has imported.
        hidden_module: The questions module, which it cannot see.
        files: In its working folder.
        memory: Bytes that it may take.
        seconds: That it may work.
        environment: Variables beside the clean ones.

    Raises:
        EngineError: If it cannot be started.
        Lost: If it ends before it is ready.
    """
    server = engine.server(modules)
    folder = tempfile.mkdtemp(prefix="ag-", dir=short_folder())
    mine, theirs = socket.socketpair()
    child = guard = client = None
    try:
        work = WORK if engine.protections.file_view else _folder_of_the_host(folder)
        order = Order(
            address=os.path.join(folder, "k"),
            key=secrets.token_bytes(16),
            environment=environment_of(engine.terms, work, environment),
            folder=work,
            files=dict(files),
            box=engine.box(modules, hidden_module, work),
            protections=asdict(engine.protections),
            judged=True,
        )
        with Sockets([f"{order.address}-{number}" for number, _ in enumerate(CHANNELS, 1)]) as sockets:
            child = server.fork(order, [*sockets.listening, theirs])
        theirs.close()
        child.wait_for_pid(START_SECONDS)
        guard = Guard(child, memory, seconds)
        client = KernelClient(order.address, order.key)
        client.wait_until_ready(guard.check)
        yield Kernel(client, mine, guard)
    finally:
        if child is not None and child.pid and not child.ended:
            kill(child.pid)  # and go on: it takes a while to give all its memory back
        for item in (client, guard, child, mine, theirs):
            if item is not None:
                item.close()
        shutil.rmtree(folder, ignore_errors=True)


def was_killed_from_outside(kernel: Kernel, server_alive: bool) -> bool:
    """Whether the process ended by something that is neither its own doing nor ours.

    The first process of a namespace cannot kill itself by SIGKILL; without a sandbox it can, and is tried again.
    """
    child = kernel.guard.child
    if kernel.guard.reason is not None or not child.wait(1.0):
        return False
    return not server_alive or child.code in (None, -signal.SIGKILL)


def _folder_of_the_host(folder: str) -> str:
    """A working folder where the box has no file system of its own; who runs in it may pass through its parent."""
    os.chmod(folder, 0o711)
    work = os.path.join(folder, "work")
    os.mkdir(work, mode=0o700)
    return work


class Sockets:
    """Listening sockets for a kernel that is yet to be forked; they are its own afterwards.

    Args:
        paths: Where they listen, in the order of `CHANNELS`.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.listening: list[socket.socket] = []
        for path in paths:
            server = socket.socket(socket.AF_UNIX)
            self.listening.append(server)
            server.bind(path)
            server.listen(8)

    def __enter__(self) -> Sockets:
        return self

    def __exit__(self, *error: object) -> None:
        for server in self.listening:
            server.close()
