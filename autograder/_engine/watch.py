"""Limits from outside: what a boxed process and all its descendants use, and how to end them."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

FREE_SOCKETS = 100  # of one box that are not counted; a kernel has about thirty
SOCKET_BYTES = 212_992  # that a full one holds, Linux' default for its buffer
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What a box uses: memory in bytes now, processor time in seconds since it began."""

    memory: int
    cpu: float


@dataclass(frozen=True)
class _Process:
    """The part of /proc/PID/stat that is of use here."""

    pid: int
    parent: int
    session: int
    cpu: float
    started: int


class Watch:
    """Looks at one box from outside.

    Memory is, summed over its processes, what they alone use plus their part of what they share (PSS, with swap),
    plus what lies in the box's private file system. Processor time counts children that have ended, too.
    Close it, or use it in a `with`: it holds the box's file system, and thereby its memory.
    """

    def __init__(self, pid: int, memory: int | None = None, cpu: float | None = None) -> None:
        """Watch process `pid`, of which `enter` has reported that its box is whole.

        Args:
            pid: The boxed process.
            memory: Limit in bytes. Below it an upper bound is enough, which is ten times faster than exact memory.
            cpu: Limit in seconds of processor time.
        """
        self._handle = self._files = None
        self.pid, self.memory, self.cpu = pid, memory, cpu
        self._handle = _handle(pid)
        first = _read(pid)
        self._started = first.started if first else -1
        self._files = _private_files(pid)
        self._highest = self._lost = self._missing = 0.0

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the box."""
        for number in (self._handle, self._files):
            if number is not None:
                os.close(number)
        self._handle = self._files = None

    def sample(self) -> Usage:
        """What is used now. Exact memory, slow to read, only when an upper bound passes the limit."""
        members = self._members()
        return Usage(self._memory(members) if members else 0, self._processor(members))

    def exceeded(self, usage: Usage) -> str | None:
        """Which limit some usage breaks: "memory", "cpu" or none."""
        if self.memory is not None and usage.memory > self.memory:
            return "memory"
        return "cpu" if self.cpu is not None and usage.cpu > self.cpu else None

    def alive(self) -> bool:
        """Whether the boxed process still runs (and its number has not gone to another)."""
        now = _read(self.pid)
        return now is not None and now.started == self._started

    def kill(self) -> None:
        """End the box, all of it."""
        if self.alive():
            _kill(self.pid, self._handle)

    def _members(self) -> list[_Process]:
        members = _family(self.pid)
        return members if members and members[0].started == self._started else []

    def _memory(self, members: list[_Process]) -> int:
        stored = _used(self._files)
        stored += _sockets([member.pid for member in members])
        bound = sum(_resident(member.pid) for member in members) + stored
        if self.memory is not None and bound <= self.memory:
            return bound
        exact = [_proportional(member.pid) for member in members]
        counted_twice = min(sum(shared for _, shared in exact), stored)
        return sum(used for used, _ in exact) + stored - counted_twice

    def _processor(self, members: list[_Process]) -> float:
        """Never goes down: time of children that nobody waits for would vanish with them.

        What is missing in two samples on end is lost; in one it may be on its way from a child to its parent.
        """
        now = self._lost + sum(member.cpu for member in members)
        missing = max(0.0, self._highest - now) if members else 0.0
        self._lost += min(missing, self._missing)
        self._missing = missing - min(missing, self._missing)
        self._highest = max(self._highest, now)
        return self._highest


def kill(pid: int) -> None:
    """End a box: its first process, with which its process namespace ends, or else whatever descends from it."""
    handle = _handle(pid)
    try:
        _kill(pid, handle)
    finally:
        if handle is not None:
            os.close(handle)


def _kill(pid: int, handle: int | None) -> None:
    """Descendants are listed before the first is killed, for afterwards they have another parent."""
    family = [] if _has_own_processes(pid) else _family(pid)
    _signal(pid, handle)
    for member in family:
        now = _read(member.pid)
        if now is not None and now.started == member.started and member.pid not in (os.getpid(), 1):
            _signal(member.pid, None)


def _signal(pid: int, handle: int | None) -> None:
    with contextlib.suppress(ProcessLookupError):
        if handle is None:
            os.kill(pid, signal.SIGKILL)
        else:
            signal.pidfd_send_signal(handle, signal.SIGKILL)


def _handle(pid: int) -> int | None:
    """A descriptor that goes on meaning this process, when the kernel has such."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _has_own_processes(pid: int) -> bool:
    """Whether the process is the first of a process namespace; False if that cannot be seen."""
    try:
        with open(f"/proc/{pid}/status") as lines:
            numbers = next((line.split()[1:] for line in lines if line.startswith("NSpid:")), [])
    except OSError:
        return False
    return len(numbers) > 1 and numbers[-1] == "1"


def _family(pid: int) -> list[_Process]:
    """A process, its descendants, and whoever is left in its session; itself first. Empty if it has gone."""
    everybody = {process.pid: process for process in _processes()}
    if pid not in everybody:
        return []
    children: dict[int, list[int]] = {}
    for process in everybody.values():
        children.setdefault(process.parent, []).append(process.pid)
    found = dict.fromkeys([pid, *(process.pid for process in everybody.values() if process.session == pid)])
    waiting = list(found)
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child not in found:
                found[child] = None
                waiting.append(child)
    return [everybody[number] for number in found]


def _processes() -> Iterator[_Process]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            process = _read(int(name))
            if process is not None:
                yield process


def _read(pid: int) -> _Process | None:
    """None if it has gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()  # the name before may hold anything
    except (FileNotFoundError, ProcessLookupError):
        return None
    ticks = sum(int(fields[place]) for place in (11, 12, 13, 14))  # utime, stime, cutime, cstime
    return _Process(pid, int(fields[1]), int(fields[3]), ticks / _TICKS, int(fields[19]))


def _resident(pid: int) -> int:
    """Bytes in memory and in swap, shared ones counted in full."""
    try:
        with open(f"/proc/{pid}/status") as lines:
            return sum(_kilobytes(line) for line in lines if line.startswith(("VmRSS:", "VmSwap:", "VmPTE:")))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _proportional(pid: int) -> tuple[int, int]:
    """PSS with swap, and what of it is shared memory. What may not be read counts as if nothing were shared."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as lines:
            table = {line.split(":")[0]: _kilobytes(line) for line in lines if line.startswith(("Pss", "SwapPss"))}
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    except OSError:
        return _resident(pid), 0
    return table.get("Pss", 0) + table.get("SwapPss", 0) + _page_tables(pid), table.get("Pss_Shmem", 0)


def _page_tables(pid: int) -> int:
    """A page that is touched in every two megabytes costs a page of tables, which no other sum counts."""
    try:
        with open(f"/proc/{pid}/status") as lines:
            return sum(_kilobytes(line) for line in lines if line.startswith("VmPTE:"))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _sockets(pids: list[int]) -> int:
    """What the sockets of some processes can hold in the kernel, beyond those that a notebook needs."""
    found: set[str] = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    target = os.readlink(f"/proc/{pid}/fd/{name}")
                    found.update([target] if target.startswith("socket:") else [])
    return max(0, len(found) - FREE_SOCKETS) * SOCKET_BYTES


def _kilobytes(line: str) -> int:
    return int(line.split()[1]) * 1024


def _private_files(pid: int) -> int | None:
    """The box's private file system, if it has one: its /tmp is neither ours nor a part of its root."""
    root = f"/proc/{pid}/root"
    try:
        if os.path.samestat(os.stat(f"{root}/"), os.stat("/")):
            return None
        if os.stat(f"{root}/tmp").st_dev == os.stat(f"{root}/").st_dev:
            return None
        return os.open(f"{root}/tmp", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None


def _used(files: int | None) -> int:
    if files is None:
        return 0
    state = os.fstatvfs(files)
    return (state.f_blocks - state.f_bfree) * state.f_frsize
