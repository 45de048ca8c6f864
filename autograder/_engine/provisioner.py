"""Warm kernels for every Jupyter program: a kernel provisioner, chosen in a `kernel.json` that this module writes.

nbclient, nbgrader and JupyterLab start such a kernel as any other; it is a fork of a process that has imported
what the notebooks need. Checks and tests run inside it, as in any kernel: only `autograder grade` judges from
outside.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, List, Unicode

from autograder._engine import sandbox
from autograder._engine.child import Sockets
from autograder._engine.engine import WORK, box_for, fork_is_safe
from autograder._engine.forkserver import Child, ForkServer, clean_environment
from autograder._engine.order import CHANNELS, Order
from autograder._engine.watch import kill
from autograder._files import short_folder

NAME = "autograder-warm"  # of the entry point
START_SECONDS = 60.0
MAX_COPIED = 100_000_000  # bytes of the working folder that a boxed kernel gets a copy of

_servers: dict[tuple[str, ...], ForkServer] = {}


class WarmProvisioner(LocalProvisioner):
    """Forks kernels instead of starting them; where a fork is not safe, it starts them."""

    preload: List[Any] = List(Unicode(), help="Modules that are imported before a kernel is wanted.").tag(
        config=True
    )
    boxed = Bool(
        False, help="Run kernels in the sandbox, on a copy of their working folder that is gone afterwards."
    ).tag(config=True)

    child: Child | None = None
    folder: str | None = None

    @property
    def has_process(self) -> bool:
        return self.child is not None or super().has_process

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Put the kernel's sockets into a private folder."""
        if fork_is_safe():
            self.folder = self.folder or tempfile.mkdtemp(prefix="ag-", dir=short_folder())
            self.parent.transport = "ipc"
            self.parent.ip = os.path.join(self.folder, "k")
        else:
            self.log.warning("Kernels cannot be forked on this system; they are started one by one.")
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Have the kernel forked."""
        if self.folder is None:
            return await super().launch_kernel(cmd, **kwargs)
        cwd = os.path.abspath(kwargs.get("cwd") or os.getcwd())
        info = self.connection_info
        places = {"HOME": WORK, "TMPDIR": "/tmp"} if self.boxed else {}
        environment = dict(kwargs.get("env") or os.environ) | places
        protections = sandbox.probe() if self.boxed else sandbox.Protections()
        order = Order(
            address=str(info["ip"]),
            key=info["key"] if isinstance(info["key"], bytes) else str(info["key"]).encode(),
            environment=environment,
            folder=WORK if self.boxed else cwd,
            files=_copied(cwd) if self.boxed else {},
            box=asdict(box_for(self.preload)) if self.boxed else None,
            protections=asdict(protections),
        )
        with Sockets([f"{info['ip']}-{info[f'{name}_port']}" for name in CHANNELS]) as sockets:
            self.child = _server(self.preload).fork(order, sockets.listening)
        await asyncio.to_thread(self.child.wait_for_pid, START_SECONDS)
        self.pid = self.child.pid
        return info

    async def poll(self) -> int | None:
        """None while the kernel runs."""
        if self.child is None:
            return await super().poll()
        return (self.child.code or 0) if self.child.ended else None

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        if self.child is None:
            return await super().wait()
        while await self.poll() is None:
            await asyncio.sleep(0.01)
        code = self.child.code
        self.child.close()
        self.child = None
        return code

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel."""
        if self.child is None:
            await super().send_signal(signum)
        elif not self.child.ended:
            os.kill(self.child.pid, signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all that it has started."""
        if self.child is None:
            await super().kill(restart)
        elif not self.child.ended:
            kill(self.child.pid)

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel: a fork has nothing to say good-bye to."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the sockets' folder, and forget the kernel."""
        if self.child is not None:
            self.child.close()
            self.child = None
        if self.folder is not None and not restart:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
        elif self.folder is not None:
            for socket in Path(self.folder).glob("k-*"):
                socket.unlink(missing_ok=True)
        await super().cleanup(restart)


def _server(modules: list[str]) -> ForkServer:
    """The fork server of this process that has imported these modules."""
    wanted = tuple(modules)
    if wanted not in _servers:
        _servers[wanted] = ForkServer(wanted, clean_environment())
    return _servers[wanted]


@atexit.register
def close_servers() -> None:
    """End all fork servers of this process, and with them the kernels that are left."""
    for server in _servers.values():
        server.close()
    _servers.clear()


def _copied(folder: str) -> dict[str, bytes]:
    """The plain files of a folder, by relative path."""
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file() and not path.is_symlink():
            size += path.stat().st_size
            if size > MAX_COPIED:
                raise OSError(
                    f"{folder}: more than {MAX_COPIED:,} bytes to copy into the sandbox. Start it elsewhere."
                )
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def install(name: str, preload: list[str], *, boxed: bool, user: bool) -> Path:
    """Write a kernel specification that uses the provisioner.

    Args:
        name: Of the kernel.
        preload: Modules to import beforehand.
        boxed: Whether its kernels run in the sandbox.
        user: For this user's Jupyter programs, instead of this environment's.

    Returns:
        The folder of the specification.
    """
    config = {"preload": preload, "boxed": boxed}
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"Python 3 (warm{', boxed' if boxed else ''})",
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {"kernel_provisioner": {"provisioner_name": NAME, "config": config}},
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kernel.json").write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")
        prefix = None if user else sys.prefix
        return Path(KernelSpecManager().install_kernel_spec(folder, name, user=user, prefix=prefix))
