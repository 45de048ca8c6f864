"""On what was measured: without it the numbers say nothing."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from bench.results import Measurement

PACKAGES = ("tensorflow", "keras", "numpy", "nbgrader", "nbclient", "ipykernel")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def describe(measurements: Iterable[Measurement]) -> dict[str, Any]:
    """Machine, date and versions, and what the rows of results.json have no room for."""
    measurements = list(measurements)
    kinds = sorted({item.memory for item in measurements})
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": cores(),
        "processor": _processor(),
        "memory_gb": round(psutil.virtual_memory().total / (1 << 30)),
        "versions": {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "memory": " and ".join(kinds),
        "locked": sum(item.locked for item in measurements if item.engine == "nbgrader-pool"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
