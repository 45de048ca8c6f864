"""Run a command and look at it from outside: seconds, and memory of its whole family of processes."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

EVERY = 0.5  # seconds between two looks at the memory


class CommandFailed(Exception):
    """What was to be measured did not work."""


@dataclass(frozen=True)
class Measured:
    """One run of a command.

    Args:
        seconds: From its start to its end.
        peak_mb: Most memory of the command and all its descendants together.
        own_mb: Most memory of the command's first process alone.
        kind: "PSS", or "RSS" if this host did not let all of it be read: then shared pages count twice.
        output: What it wrote to stdout.
        processor_seconds: Of it and all its descendants together, on however many cores.
    """

    seconds: float
    peak_mb: float
    own_mb: float
    kind: str
    output: str
    processor_seconds: float


def run_measured(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run a command to its end.

    Raises:
        CommandFailed: If its status is not 0, with its last lines.
    """
    log, errors = folder / "stdout.log", folder / "stderr.log"
    peak = own = 0.0
    exact = True
    used = _children_seconds()
    with log.open("wb") as out, errors.open("wb") as err:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=out, stderr=err)
        while not _ended(process):
            memory = family_memory(process.pid)
            peak, own = max(peak, sum(memory.values())), max(own, memory.get(process.pid, 0.0))
            exact = exact and memory.exact
        seconds = time.monotonic() - start
    if process.returncode:
        last = "\n".join(errors.read_text(errors="replace").splitlines()[-15:])
        raise CommandFailed(f"{' '.join(command[1:4])} ended with status {process.returncode}:\n{last}")
    used = round(_children_seconds() - used, 3)
    kind = "PSS" if exact else "RSS"
    return Measured(seconds, round(peak), round(own, 1), kind, log.read_text(errors="replace"), used)


def _children_seconds() -> float:
    """Processor time of all children that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _ended(process: subprocess.Popen[bytes]) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(EVERY)
    return process.returncode is not None


class Memory(dict[int, float]):
    """MB by process; `exact` says whether all of it is PSS."""

    exact = True


def family_memory(pid: int) -> Memory:
    """What a process and its descendants take now."""
    found = Memory()
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        for process in [first, *first.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                found[process.pid] = _memory(process, found)
    return found


def _memory(process: psutil.Process, found: Memory) -> float:
    """PSS where it may be read (another user's, or a boxed process', may be closed to us), else RSS."""
    try:
        with open(f"/proc/{process.pid}/smaps_rollup") as lines:
            return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    except OSError:
        found.exact = False
        return process.memory_info().rss / (1 << 20)
