"""The fork server: has imported what a lab needs, forks a child for each submission, and does nothing else.

Started clean by `python -m autograder._engine.server DESCRIPTOR MODULE...`. It never runs an operation of a
library that it imports, holds no question, seed or submission, and ends when its starter is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import os
import select
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence

import msgpack

DESCRIPTORS = 8  # the status, the order, five of the kernel, the judge's


def main(descriptor: int, modules: list[str]) -> None:
    """Import, then fork for every order that comes."""
    _import_kernel()
    for name in modules:
        with contextlib.suppress(Exception):  # the notebook's own import will say what is wrong
            importlib.import_module(name)
    _warm_up()
    Server(socket.socket(fileno=descriptor)).run()


def _warm_up() -> None:
    """Draw a figure and throw it away: fonts are read once instead of by each child. Starts no thread."""
    if "matplotlib.pyplot" in sys.modules:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure()
        figure.subplots().set_title("0123")
        FigureCanvasAgg(figure).print_png(io.BytesIO())
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page with an object of this process


class Server:
    """Forks for every order, and tells each worker how its child ended.

    Args:
        control: The connection to the grader.
    """

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.statuses: dict[int, int] = {}  # child -> descriptor on which its worker waits
        self.ended, self._wake = socket.socketpair()
        self.ended.setblocking(False)
        self._wake.setblocking(False)

    def run(self) -> None:
        """Serve until the grader is gone."""
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        with contextlib.suppress(OSError):
            self.control.sendall(b"r")  # ready
            while True:
                readable, _, _ = select.select([self.control, self.ended], [], [])
                if self.ended in readable:
                    self.ended.recv(4096)
                    self._reap()
                if self.control in readable:
                    asked, descriptors, _, _ = socket.recv_fds(self.control, 1, DESCRIPTORS)
                    if not asked:
                        return
                    self._fork(*descriptors)

    def _fork(self, status: int, order: int, *sockets: int) -> None:
        with warnings.catch_warnings():
            # Python warns of the threads that an import has left; they hold no lock, as measured in the design.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            self._be_child(status, order, sockets)
        self.statuses[child] = status
        for number in (order, *sockets):
            os.close(number)

    def _be_child(self, status: int, order: int, sockets: Sequence[int]) -> None:
        """Never returns."""
        try:
            signal.set_wakeup_fd(-1)
            for other in [self.control, self.ended, self._wake]:
                other.close()
            for other in self.statuses.values():
                os.close(other)
            _become(status, order, sockets)
        except SystemExit:
            pass
        except BaseException:
            with contextlib.suppress(OSError):
                os.write(status, b"error " + traceback.format_exc().encode()[-3000:] + b"\n")
        os._exit(1)

    def _reap(self) -> None:
        """Tell the workers which children have ended, and how."""
        with contextlib.suppress(ChildProcessError):
            while True:
                child, status = os.waitpid(-1, os.WNOHANG)
                if child == 0:
                    return
                if (descriptor := self.statuses.pop(child, None)) is not None:
                    with contextlib.suppress(OSError):
                        os.write(descriptor, f"exit {os.waitstatus_to_exitcode(status)}\n".encode())
                    os.close(descriptor)


def _import_kernel() -> None:
    """Import the kernel and what it imports when it is started."""
    sys.modules["debugpy"] = None  # type: ignore[assignment] # a tenth of a second, for a debugger nobody uses here
    for name in (
        "autograder._engine.kernel",
        "autograder._engine.sandbox",
        "autograder.check",
        "ipykernel.debugger",
        "ipykernel.displayhook",
        "ipykernel.iostream",
        "ipykernel.zmqshell",
        "IPython.core.completerlib",
        "IPython.core.debugger",
        "IPython.core.oinspect",
        "tornado.platform.asyncio",
        "faulthandler",
        "pdb",
        "matplotlib_inline.backend_inline",
        "numpy.random",
        "pygments.formatters.terminal256",
        "stack_data",
    ):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    del sys.modules["debugpy"]


def _become(status: int, written: int, sockets: Sequence[int]) -> None:
    """In the child: read the order, enter the box, then be a kernel."""
    from autograder._engine.kernel import serve
    from autograder._engine.order import Order
    from autograder._engine.sandbox import Box, Protections, enter

    with open(written, "rb") as file:
        order = Order(**msgpack.unpackb(file.read()))
    listening, judge = list(sockets[:5]), sockets[5] if order.judged else None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    report = _reporter(status)
    if order.box is None:
        os.setsid()
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it must not outlive this server
        report(os.getpid())
        os.chdir(order.folder)
    else:
        box = {name: tuple(value) if isinstance(value, list) else value for name, value in order.box.items()}
        enter(Box(**box), Protections(**order.protections), report, keep=[*sockets, status])
    serve(order, listening, judge, status)


def _reporter(status: int) -> Callable[[int], None]:
    def report(pid: int) -> None:
        os.write(status, f"pid {pid}\n".encode())

    return report


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
