"""The grader's side of the fork server: start it, ask it for children, start it anew when it died."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import BinaryIO

import msgpack

from autograder._engine.order import Order
from autograder._errors import GradingError

START_SECONDS = 120  # for TensorFlow on a slow disk
KEPT = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_NUMERIC", "TZ", "PYTHONPATH", "SYSTEMROOT")


class EngineError(GradingError):
    """A process of the engine ended: not the student's doing, so the submission is graded anew."""


def clean_environment(threads: int = 1) -> dict[str, str]:
    """An environment without anything of the grader's but paths and language.

    Args:
        threads: For the numeric libraries; as many submissions run at once as there are workers.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    counts = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    counts += ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    return {
        **kept,
        **dict.fromkeys(counts, str(threads)),
        "CUDA_VISIBLE_DEVICES": "-1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONUNBUFFERED": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }


def _in_memory(content: bytes) -> BinaryIO:
    """A file without a name: the child reads its order itself, so that nothing of it stays in the fork server."""
    file = open(os.memfd_create("order"), "w+b", buffering=0)
    file.write(content)
    file.seek(0)
    return file


class Child:
    """A forked process; `pid` as this process sees it.

    Args:
        status: Where the fork server tells how it ended.
    """

    def __init__(self, status: socket.socket) -> None:
        self._status = status
        self._text = b""
        self.pid = 0
        self.code: int | None = None
        self._over = False

    def fileno(self) -> int:
        return self._status.fileno()

    def wait_for_pid(self, seconds: float) -> None:
        """Wait until the process runs in its box.

        Raises:
            EngineError: If it could not be started.
        """
        deadline = time.monotonic() + seconds
        while not self.pid:
            if self.ended or time.monotonic() > deadline:
                raise EngineError(f"A notebook's process could not be started. {self.error or 'No reply.'}")
            self._read(0.2)

    @property
    def error(self) -> str:
        """What went wrong before the first cell; "" when nothing did."""
        return self._text.decode(errors="replace").partition("error ")[2].strip()

    @property
    def ended(self) -> bool:
        """Whether the process is gone; `code` is its exit status then, None if the fork server is gone too."""
        self._read(0)
        return self.code is not None or self._over

    def _read(self, seconds: float) -> None:
        while not self._over and select.select([self._status], [], [], seconds)[0]:
            piece = self._status.recv(4096)
            self._over = not piece
            self._text += piece
            for line in self._text.split(b"\n"):
                if line.startswith(b"pid ") and not self.pid:
                    self.pid = int(line[4:])
                elif line.startswith(b"exit "):
                    self.code = int(line[5:])
            seconds = 0

    def wait(self, seconds: float) -> bool:
        """Whether it is gone, at most so many seconds from now."""
        deadline = time.monotonic() + seconds
        while not self.ended and not self._over and time.monotonic() < deadline:
            self._read(0.05)
        return self.ended

    def close(self) -> None:
        self._over = True
        self._status.close()


class ForkServer:
    """One process that has imported some modules, shared by all worker threads.

    Args:
        modules: What it imports.
        environment: Its whole environment.
    """

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        self.modules = tuple(modules)
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def pid(self) -> int:
        """The server's process; 0 before it is started."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def fork(self, order: Order, sockets: Sequence[socket.socket]) -> Child:
        """Have a child forked.

        Args:
            order: What it is to be.
            sockets: Five listening ones, and the judge's end if there is a judge.

        Raises:
            EngineError: If the server cannot be started or ends.
        """
        mine, theirs = socket.socketpair()
        with theirs, _in_memory(msgpack.packb(asdict(order))) as written, self._lock:
            self._start()
            assert self._control is not None
            try:
                descriptors = [theirs.fileno(), written.fileno(), *(item.fileno() for item in sockets)]
                socket.send_fds(self._control, [b"f"], descriptors)
            except OSError as error:
                mine.close()
                self._stop()
                raise EngineError(f"The fork server ended ({error}).") from None
        return Child(mine)

    def start(self) -> None:
        """Start it now, so that it imports while something else is done."""
        with self._lock:
            self._start(wait=False)

    def close(self) -> None:
        """End it, and with it all its children."""
        with self._lock:
            self._stop()

    def _start(self, *, wait: bool = True) -> None:
        if not self.alive:
            self._stop()
            self._control, other = socket.socketpair()
            with other:
                command = [
                    sys.executable,
                    "-P",
                    "-m",
                    "autograder._engine.server",
                    str(other.fileno()),
                    *self.modules,
                ]
                self._process = subprocess.Popen(
                    command,
                    env=self._environment,
                    pass_fds=[other.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                )
            self._ready = False
        if wait and not self._ready:
            assert self._control is not None
            self._control.settimeout(START_SECONDS)
            try:
                self._ready = self._control.recv(1) == b"r"
            except OSError:
                self._ready = False
            self._control.settimeout(None)
            if not self._ready:
                self._stop()
                raise EngineError("The fork server did not start.")

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._control = None
