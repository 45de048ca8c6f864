"""What each solution takes, as nbval executes it; `python -m tests.measured` measures all and keeps the figures.

The README shows them; a solution that needs a quarter more memory than it says there fails its test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

from course import syllabus

ROOT = Path(__file__).parent.parent
FIGURES = Path(__file__).with_name("measured.toml")
# A process counts the memory of the one that it was forked from, and a worker of pytest may be large: a small
# process starts the command and says at last what that took, in processor seconds and kilobytes.
_LAUNCHER = """
import json, resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""


def run(lab: str) -> tuple[int, float, int, str]:
    """Execute a solution with nbval.

    Returns:
        Exit status, processor seconds, kilobytes of the largest process, and what was printed.
    """
    notebook = ROOT / "solutions" / lab / f"{lab}.ipynb"
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider"]
    command += ["-W", "default", f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval.cfg'}", str(notebook)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, *command],
        cwd=ROOT,
        env={**environment, "COURSE_STATIC": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=True,
    )
    printed, _, figures = done.stdout.rstrip().rpartition("\n")
    status, seconds, kilobytes = json.loads(figures)
    return status, seconds, kilobytes, printed


def read() -> dict[str, dict[str, int]]:
    """The figures that were kept: lab to `seconds` (of processor time) and `memory_mb`."""
    return tomllib.loads(FIGURES.read_text(encoding="utf-8"))


def _measure() -> None:
    lines = ["# Processor seconds and memory of each solution as nbval executes it: python -m tests.measured"]
    for lab in syllabus.notebooks():
        status, seconds, kilobytes, printed = run(lab)
        if status:
            sys.exit(f"{lab} failed.\n{printed[-3000:]}")
        lines += ["", f"[{lab}]", f"seconds = {round(seconds)}", f"memory_mb = {round(kilobytes / 1024)}"]
        print(*lines[-3:], flush=True)
    FIGURES.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _measure()
