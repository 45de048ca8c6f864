"""A forked child becomes a Jupyter kernel: ipykernel as it is, without what only a notebook on a desk needs."""

from __future__ import annotations

import os
import random
import socket
import sys
from pathlib import Path
from typing import Any

import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets import DottedObjectName, Type
from traitlets.config import Config

from autograder._engine.order import CHANNELS, Order
from autograder._engine.service import Service
from autograder._engine.wire import Channel
from autograder._limits import count_processor_time

MAX_PRINTED = 1_000_000  # characters of one cell
NICE = 5  # behind the grader and the judge, who must not wait for a hundred busy processes


class _NoDebugger:
    """In place of a debugger, whose import would take longer than all the rest."""

    def __init__(self, *arguments: object) -> None:
        pass


class WarmKernel(IPythonKernel):
    """IPython's kernel without a debugger."""

    debugger_class = Type(_NoDebugger)


class CappedStream(OutStream):
    """Standard output that forgets what a cell prints beyond a megabyte: it need not be packed and sent."""

    left = MAX_PRINTED

    def write(self, string: str) -> int | None:
        if self.left <= 0:
            return len(string)
        self.left -= len(string)
        return super().write(string)


class WarmApp(IPKernelApp):
    """Starts a kernel on sockets that listen already; it writes no connection file and polls no parent."""

    kernel_class = Type(WarmKernel)
    outstream_class = DottedObjectName(f"{__name__}.CappedStream")
    listening: dict[int, int] = {}  # noqa: RUF012 - set once per process
    with_heartbeat = False

    def parse_command_line(self, argv: object = None) -> None:
        pass

    def init_extensions(self) -> None:
        pass

    def init_connection_file(self) -> None:
        pass

    def write_connection_file(self, **kwargs: Any) -> None:
        pass

    def log_connection_info(self) -> None:
        ports = ("shell", "iopub", "stdin", "hb", "control")
        self._ports = {name: getattr(self, f"{name}_port") for name in ports}

    def init_poller(self) -> None:
        pass

    def init_heartbeat(self) -> None:
        if self.with_heartbeat:
            self.heartbeat = _Heartbeat(zmq.Context(), (self.transport, self.ip, self.hb_port))
            self.heartbeat.descriptor = self.listening[self.hb_port]
            self.heartbeat.start()

    def init_control(self, context: zmq.Context[Any]) -> None:
        """As in the base class, without the thread that hands requests on to subshells."""
        super().init_control(context)
        self.shell_channel_thread = None

    def init_iopub(self, context: zmq.Context[Any]) -> None:
        """As in the base class, without a pipe for forked children, which needs a network."""
        self.iopub_socket = context.socket(zmq.XPUB)
        self.iopub_socket.linger = 1000
        self.iopub_port = self._bind_socket(self.iopub_socket, self.iopub_port)
        self.configure_tornado_logger()
        self.iopub_thread = IOPubThread(self.iopub_socket, pipe=False, session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def _try_bind_socket(self, s: Any, port: int) -> int:
        s.setsockopt(zmq.USE_FD, self.listening[port])
        s.bind(f"ipc://{self.ip}-{port}")
        return port


class _Heartbeat(Heartbeat):
    descriptor: int

    def _try_bind_socket(self) -> int:
        self.socket.setsockopt(zmq.USE_FD, self.descriptor)
        self.socket.bind(f"ipc://{self.ip}-{self.port}")
        return self.port


def serve(order: Order, listening: list[int], judge: int | None, status: int) -> None:
    """Run the kernel until it is ended. Called in the box, with a clean environment.

    Args:
        order: What is wanted.
        listening: Descriptors of the sockets, as in `CHANNELS`.
        judge: Descriptor of the connection to the judge, None if there is none.
        status: Descriptor for errors before the first cell; closed then.
    """
    os.environ.clear()
    os.environ.update(order.environment)
    _write_files(order)
    os.chdir(order.folder)
    os.nice(NICE)
    sys.path[:] = [entry for entry in sys.path if entry]
    sys.path.insert(0, "")
    random.seed()
    app = _start(order, listening)
    if judge is not None:
        count_processor_time()
        channel = Channel(socket.socket(fileno=judge), max_frame=1 << 30)
        from tornado.ioloop import IOLoop

        service = Service(channel, lambda: app.shell.user_ns)
        IOLoop.current().add_handler(judge, service, IOLoop.READ)
    os.close(status)
    app.start()


def _write_files(order: Order) -> None:
    for name, content in order.files.items():
        path = Path(order.folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _start(order: Order, listening: list[int]) -> WarmApp:
    WarmApp.listening = dict(enumerate(listening, start=1))
    WarmApp.with_heartbeat = not order.judged
    ports = {f"{name}_port": number for number, name in enumerate(CHANNELS, start=1)}
    IPKernelApp.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False  # a database, for a student who never comes back to it
    app = WarmApp.instance(transport="ipc", ip=order.address, config=config, **ports)
    app.session.key = order.key
    app.initialize([])
    app.shell.ask_exit = lambda: print("exit() does nothing while grading.")
    app.shell.events.register("pre_execute", _print_again)
    return app


def _print_again() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, CappedStream):
            stream.left = MAX_PRINTED
