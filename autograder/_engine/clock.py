"""How long a student's process has worked: fair on a busy machine, and not fooled by one that sleeps."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
BUSY = 0.1  # of a core: below this share a process is asked whether it sleeps


@dataclass(frozen=True)
class Spent:
    """Seconds since a span began.

    Args:
        worked: Processor time, and the time in which every thread slept; waiting for a processor does not count.
        wall: By the clock on the wall.
    """

    worked: float
    wall: float


class Clock:
    """Watches one process and what it has started.

    Args:
        pid: The process as this one sees it.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._worked = 0.0
        self._processor = processor_seconds(pid)
        self._at = time.monotonic()

    def span(self) -> Callable[[], Spent]:
        """Begin to measure; the function that comes back says how much has passed since."""
        self.sample()
        worked, started = self._worked, time.monotonic()

        def spent() -> Spent:
            self.sample()
            return Spent(self._worked - worked, time.monotonic() - started)

        return spent

    def sample(self) -> None:
        """Add what has passed since the last look."""
        now, processor = time.monotonic(), processor_seconds(self.pid)
        passed, used = now - self._at, max(processor - self._processor, 0.0)
        if passed < 0.1:
            return  # the system counts processor time in hundredths, and looking costs a thousandth
        starving = used < BUSY * passed and _wants_to_run(self.pid)
        self._worked += used if starving else min(max(used, 0.0), passed) if used >= BUSY * passed else passed
        self._at, self._processor = now, processor


def descendants(pid: int) -> list[int]:
    """The process and all that it has started, as far as they still run."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{found[-1]}/task"):
                text = Path(f"/proc/{found[-1]}/task/{thread}/children").read_text()
                waiting += [int(child) for child in text.split()]
    return found


def processor_seconds(pid: int) -> float:
    """Processor time of a process and its descendants, those that have ended included."""
    total = 0
    for process in descendants(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def _wants_to_run(pid: int) -> bool:
    """Whether any thread waits for a processor, rather than sleeps."""
    for process in descendants(pid):
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{process}/task"):
                with contextlib.suppress(OSError):
                    state = Path(f"/proc/{process}/task/{thread}/stat").read_text().rpartition(")")[2].split()[0]
                    if state == "R":
                        return True
    return False
