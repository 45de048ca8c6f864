"""Dask's processes, a PostgreSQL server and network namespaces, started for a test and ended after it."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path
from typing import NoReturn

import pytest

from tests.autograder.small_lab import kernel_path

PATIENCE = 60.0
SETTINGS = {  # a worker that is not heard of is given up after seconds, not after five minutes
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "15s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s",
}


def wait_until(true, what: str, seconds: float = PATIENCE) -> None:
    """Look again and again; fail with `what` when it does not come true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def kill(process: subprocess.Popen) -> None:
    """End a process as a power cut does."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait()


@dataclass
class Cluster:
    """A scheduler and workers in processes of their own.

    Args:
        folder: For their files.
        host: Where the scheduler listens.
        options: Of every Dask process, such as TLS files.
        protocol: "tcp://" or "tls://".
    """

    folder: Path
    host: str = "127.0.0.1"
    options: Sequence[str] = ()
    protocol: str = "tcp://"
    port: int = 0
    scheduler: subprocess.Popen | None = None
    workers: list[subprocess.Popen] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{self.protocol}{self.host}:{self.port}"

    def start_scheduler(self) -> None:
        """Start it; after a crash on the same port as before."""
        file = self.folder / f"scheduler-{time.monotonic_ns()}.json"
        place = ["--host", f"{self.protocol}{self.host}", "--port", str(self.port), "--scheduler-file", str(file)]
        self.scheduler = self._start("scheduler", *place, "--no-dashboard")
        wait_until(lambda: file.exists() and file.read_text().strip(), "the scheduler's file")
        self.port = int(json.loads(file.read_text())["address"].rpartition(":")[2])

    def start_worker(
        self, *, threads: int = 1, inside: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen:
        """Start one; it joins when it can."""
        own = self.folder / f"worker{len(self.workers)}"
        how = ["--no-nanny", "--no-dashboard", "--nthreads", str(threads), "--local-directory", str(own)]
        worker = self._start("worker", self.address, *how, inside=inside, environment=environment)
        self.workers.append(worker)
        return worker

    def _start(
        self,
        *arguments: str,
        inside: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen:
        log = open(self.folder / f"{arguments[0]}-{time.monotonic_ns()}.log", "wb")
        with log:
            return subprocess.Popen(
                [*inside, sys.executable, "-m", "dask", *arguments, *self.options],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": kernel_path(), **SETTINGS, **(environment or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def log(self) -> str:
        """What all processes printed."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 0, **options) -> Iterator[Cluster]:
    """A scheduler with some workers of one thread."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Cluster(folder, **options)
    try:
        found.start_scheduler()
        for _ in range(workers):
            found.start_worker()
        yield found
    finally:
        for process in [*found.workers, found.scheduler]:
            if process is not None:
                kill(process)


def _postgres_program(name: str) -> str:
    # Debian's first: what is on the path may be a wrapper, and not the server itself.
    found = next(iter(sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), shutil.which(name))
    if found is None:
        _lacking(f"{name} is not installed: apt install postgresql (as .ci/run does)")
    return found


@dataclass
class Postgres:
    """A database server of its own, reached through a socket in its folder."""

    folder: Path
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"postgresql://grader@/gradebook?host={self.folder}"

    def start(self) -> None:
        """Start the server; its data stay from one start to the next."""
        program = _postgres_program("postgres")
        sockets = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}"]
        log = open(self.folder / "log", "ab")
        with log:
            self.process = subprocess.Popen(
                [program, "-D", str(self.folder / "data"), *sockets],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                **_as_postgres(),
            )
        wait_until(lambda: self.run("SELECT 1", "postgres") == "1", "PostgreSQL")

    def run(self, query: str, database: str = "gradebook") -> str:
        """The first value of a query's answer, "" if there is none."""
        command = [_postgres_program("psql"), "-XAtq", "-h", str(self.folder), "-U", "grader", "-d", database]
        done = subprocess.run([*command, "-c", query], capture_output=True, text=True, check=False)
        return done.stdout.strip()


def _lacking(what: str) -> NoReturn:
    """On a desk the test is skipped; in CI it has to run."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def _as_postgres() -> dict[str, object]:
    """PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """A server with an empty database `gradebook`."""
    # Not in pytest's own folders: those are closed to other users, and PostgreSQL has to be one.
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        made = Postgres(folder)
        initdb = [
            _postgres_program("initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            "grader",
            "-A",
            "trust",
            "-N",
        ]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **_as_postgres())
        try:
            made.start()
            made.run("CREATE DATABASE gradebook", "postgres")
            yield made
        finally:
            if made.process is not None:
                made.process.send_signal(signal.SIGQUIT)
                made.process.wait()


@dataclass
class Host:
    """A network namespace with an address of its own: another machine, as far as the network can tell."""

    name: str
    link: str
    address: str

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    def unplug(self) -> None:
        """Cut the cable: packets vanish, no connection is closed."""
        _ip("link", "set", self.link, "down")


@contextlib.contextmanager
def hosts(count: int) -> Iterator[tuple[str, list[Host]]]:
    """Some hosts on one bridge, and the address of this one there.

    Skips where namespaces cannot be made.
    """
    tag = f"{os.getpid() % 10_000:x}"
    bridge, made = f"agb{tag}", []
    if os.geteuid() != 0 or shutil.which("ip") is None or not _ip("link", "add", bridge, "type", "bridge"):
        pytest.skip("network namespaces can be made by root with iproute2 only")
    subnet = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
    try:
        _ip("addr", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for number in range(count):
            host = Host(f"agn{tag}-{number}", f"agv{tag}-{number}", f"{subnet}.{number + 2}")
            _ip("netns", "add", host.name)
            made.append(host)
            _ip("link", "add", host.link, "type", "veth", "peer", "name", "eth0", "netns", host.name)
            _ip("link", "set", host.link, "master", bridge)
            _ip("link", "set", host.link, "up")
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "eth0")
            _ip("-n", host.name, "link", "set", "eth0", "up")
            _ip("-n", host.name, "link", "set", "lo", "up")
        yield f"{subnet}.1", made
    finally:
        for host in made:
            _ip("link", "del", host.link)
            _ip("netns", "del", host.name)
        _ip("link", "del", bridge)


def _ip(*arguments: str) -> bool:
    return subprocess.run(["ip", *arguments], capture_output=True, check=False).returncode == 0
