"""Grades the jobs of a file as a worker of `autograder grade` does: `python -m tests.attacks.grader FILE`."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder._engine.engine import Engine, Terms
from autograder._engine.run import Assignment, run_notebook
from autograder._errors import GradingError
from autograder._notebook import all_notes
from autograder._rebuild import rebuild, reveal
from autograder._submission import read_submission
from autograder._verdicts import read_verdicts
from tests.attacks.lab import LABS, LEARNER, Outcome


def main(path: str) -> None:
    """Grade, and print one line of JSON for each job."""
    work = json.loads(Path(path).read_text())
    engine = Engine(Terms())
    try:
        for job in work["jobs"]:
            before = _peaks(engine)
            started = time.monotonic()
            try:
                found = _outcome(engine, work, job)
            except GradingError as error:
                found = {"error": f"{type(error).__name__}: {error}"}
            except Exception:
                found = {"error": f"unexpected: {traceback.format_exc()[-1500:]}"}
            grown = max(now - before.get(name, now) for name, now in _highest(engine).items())
            found |= {"grown_mb": grown, "left": _left(engine), "seconds": time.monotonic() - started}
            print(json.dumps(asdict(Outcome(**found))), flush=True)
    finally:
        engine.close()


def _outcome(engine: Engine, work: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    lab = LABS[work["lab"]]()
    content = job["notebook"].encode("latin-1")
    read = read_submission(content, lab, lab=work["lab"], where="mallory")
    rebuilt = rebuild(lab, read.notebook)
    assignment = Assignment(
        released=lab,
        course="attacks",
        lab=work["lab"],
        module=lab.metadata.autograder.questions,
        learner=LEARNER,
        seed=work["seed"],
        files={f"{work['lab']}.ipynb": content},
        cell_seconds=job["cell"],
        notebook_seconds=job["seconds"],
        memory_mb=job["memory"],
    )
    execution = run_notebook(engine, rebuilt.notebook, assignment)
    reveal(rebuilt.notebook)
    questions = read_verdicts(rebuilt.notebook, rebuilt.missing_answers)
    # As the one writer will: what cannot be written costs the student everything.
    text = json.dumps(rebuilt.notebook, ensure_ascii=False, indent=1)
    text.encode()
    return {"questions": questions, "text": text, "notes": all_notes(read, rebuilt, execution)}


def _processes(engine: Engine) -> dict[str, int]:
    return {"grader": os.getpid(), **({"judge": engine.judge.pid} if engine.judge.pid else {})}


def _peaks(engine: Engine) -> dict[str, float]:
    """What grader and judge take now; their highest marks begin anew."""
    for pid in _processes(engine).values():
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _highest(engine)


def _highest(engine: Engine) -> dict[str, float]:
    """Megabytes that grader and judge took at the worst moment."""
    found = {}
    for name, pid in _processes(engine).items():
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        found[name] = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    return found


def _left(engine: Engine) -> int:
    """Processes that the fork servers still have a moment after the last submission."""
    deadline = time.monotonic() + 5
    while True:
        left = sum(
            len(Path(f"/proc/{server.pid}/task/{thread}/children").read_text().split())
            for server in engine._servers.values()
            if server.alive
            for thread in os.listdir(f"/proc/{server.pid}/task")
        )
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1])
