"""Run a piece of code in a real box, as root or as an ordinary user, and bring back what it found.

Run as a program, it is the fork server's part: it reads an order from standard input, forks, enters the box in the
child, executes the code there, and prints the value that the code left in `found`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[3] / "autograder"
NOBODY = 65_534
WORK = "/home/student"
MEGABYTE = 1 << 20
USERS = ("root", "ordinary")


# As root: a mount in a namespace of its own, then on as whoever is to be tried.
MOUNT = f"""
import os, sys
from autograder._engine import libc
libc.unshare(libc.CLONE_NEWNS)
libc.mount("", "/", "", libc.MS_REC | libc.MS_PRIVATE)
libc.mount("tmpfs", sys.argv[1], "tmpfs", libc.MS_NOEXEC | libc.MS_NOSUID, "mode=777")
if sys.argv[2] == "ordinary":
    os.setgroups([])
    os.setresgid({NOBODY}, {NOBODY}, {NOBODY})
    os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
os.execv(sys.argv[3], sys.argv[3:])
"""


@dataclass(frozen=True)
class Order:
    """What to run in which box; `found` in the code comes back. On `tmpfs` root mounts one first."""

    code: str
    user: str = "root"
    read_only: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    work: str = WORK
    size: int = 16 * MEGABYTE
    processes: int = 64
    files: int = 256
    off: tuple[str, ...] = ()
    tmpfs: str = ""
    given: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    found: Any
    error: str
    status: int


def users() -> list[str]:
    """Who can be tried here: root only as root, an ordinary user if there is a Python that it can run."""
    return [
        user
        for user in USERS
        if (user == "root") == (os.getuid() == 0) or (user == "ordinary" and interpreter(user))
    ]


@cache
def interpreter(user: str) -> str | None:
    """A Python, recent enough, that a user can run."""
    if user == "root" or os.getuid() != 0:
        return sys.executable
    for python in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            test = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
            if subprocess.run(test, capture_output=True, **as_user(user)).returncode == 0:
                return python
    return None


@contextlib.contextmanager
def readable_folder() -> Iterator[Path]:
    """A folder that every user can read, unlike pytest's, with a copy of the package in it."""
    folder = Path(tempfile.mkdtemp(prefix="boxed-", dir="/var/tmp"))
    try:
        folder.chmod(0o755)
        (folder / "autograder").mkdir()
        for part in ("__init__.py", "_errors.py"):
            shutil.copy(PACKAGE / part, folder / "autograder")
        shutil.copytree(
            PACKAGE / "_engine", folder / "autograder/_engine", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(__file__, folder / "boxed.py")
        yield folder
    finally:
        shutil.rmtree(folder)


def start(order: Order, folder: Path) -> subprocess.Popen[str]:
    """Start the program below; its standard output is the answer."""
    command = [interpreter(order.user), "-P", str(folder / "boxed.py")]
    environment = {
        "PYTHONPATH": str(folder),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if order.tmpfs:
        command = [sys.executable, "-c", MOUNT, order.tmpfs, order.user, *command]
    user = {} if order.tmpfs else as_user(order.user)
    process = subprocess.Popen(command, env=environment, cwd="/", text=True, **pipes, **user)
    process.stdin.write(json.dumps({**vars(order), "read_only": [*order.read_only, str(folder)]}))
    process.stdin.close()
    process.stdin = None
    return process


def run(order: Order, folder: Path, seconds: float = 60) -> Answer:
    """Run the code in its box to the end."""
    process = start(order, folder)
    try:
        out, err = process.communicate(timeout=seconds)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    answer = json.loads(out or "{}")
    return Answer(answer.get("found"), answer.get("error", "") + err, process.returncode)


def as_user(user: str) -> dict[str, Any]:
    if user == "root" or os.getuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _main() -> int:
    """In the child: what is asked for on standard input."""
    import dataclasses

    from autograder._engine.protections import EVERYTHING
    from autograder._engine.sandbox import Box, enter, system_paths

    order = json.load(sys.stdin)
    box = Box(
        read_only=(*system_paths(), *order["read_only"]),
        hidden=tuple(order["hidden"]),
        work=order["work"],
        size=order["size"],
        processes=order["processes"],
        files=order["files"],
    )
    protections = dataclasses.replace(EVERYTHING, **dict.fromkeys(order["off"], False))
    parent = os.getpid()
    child = os.fork()
    if not child:
        answer: dict[str, Any] = {}
        try:
            enter(box, protections, lambda pid: print(pid, file=sys.stderr, flush=True), [1], parent)
            space = {**order["given"], "__name__": "__boxed__"}
            exec(order["code"], space)
            answer["found"] = space.get("found")
        except BaseException:
            answer["error"] = traceback.format_exc()
        os.write(1, json.dumps(answer).encode())
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(_main())
