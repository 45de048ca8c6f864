"""Run one notebook and write down what its checks say: what a class and a single learner have in common."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbformat import NotebookNode

from autograder._errors import UsageError
from autograder._execute import Execution, execute, kernel_environment
from autograder._rebuild import Rebuilt, is_answer, rebuild
from autograder._submission import Submission, place, read_bytes, read_submission
from autograder._verdicts import cell_errors, graded_cells, outcome, read_verdicts

Record = dict[str, Any]
CELL_TIMEOUT, NOTEBOOK_TIMEOUT = 60.0, 600.0


@dataclass(frozen=True)
class Limits:
    """What one submission may take, and where it runs.

    Args:
        cell: Seconds for one cell.
        notebook: Seconds for the whole notebook.
        kernel_name: The kernel of all submissions, where they do not run in warm ones.
        memory_mb: Megabytes that one submission may take, its files included.
        warm: Whether a class is graded in warm kernels with a judge outside, as far as this system can.
        boxed: Whether warm kernels run in the sandbox.
        complete: Whether a sandbox that lacks a protection is refused.
        threads: Of the numeric libraries in one submission.
    """

    cell: float = CELL_TIMEOUT
    notebook: float = NOTEBOOK_TIMEOUT
    kernel_name: str = "python3"
    memory_mb: int = 3000
    warm: bool = True
    boxed: bool = True
    complete: bool = True
    threads: int = 1


@dataclass(frozen=True)
class Lab:
    """One notebook of a lab, as it is graded.

    Args:
        id: The lab's id: nbgrader's assignment.
        released: What learners got; hidden tests lie beside the cells (`full_source`).
        release: The hash of what it is graded with.
        notebook: The notebook's name, if it is not the lab's.
        files: Other files for the working folder, by relative path.
        own: Whether it is an assignment of the class's own, not of the installed course.
    """

    id: str
    released: NotebookNode
    release: str
    notebook: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    own: bool = False

    @property
    def name(self) -> str:
        """The notebook's file name without its ending."""
        return self.notebook or self.id

    @property
    def key(self) -> str:
        """What records and tables call it: "lab04_shapes", or "ps1/problem1" where a lab has other notebooks."""
        return self.id if self.name == self.id else f"{self.id}/{self.name}"


def check_notebook(
    path: Path,
    released: Path,
    *,
    seed: str | None = None,
    learner: str | None = None,
    limits: Limits | None = None,
) -> Record:
    """Run one notebook from top to bottom in a clean kernel and say what its checks say.

    Needs no nbgrader and no gradebook: what a learner's machine has is enough.

    Args:
        path: The learner's notebook.
        released: The lab's released notebook.
        seed: A grading's seed, to repeat its random cases; None for practice.
        learner: The id whose numbers count with a seed; None for the one typed in the notebook.
        limits: Time limits and kernel.

    Raises:
        UsageError: If the release or the kernel is not there.
        SubmissionError: If the file is no notebook of the lab.
    """
    limits = limits or Limits()
    require_kernel(limits.kernel_name)
    own = read_release("", released)
    lab = Lab(own.released.metadata.get("autograder", {}).get("lab", released.stem), own.released, own.release)
    submission = read_submission(read_bytes(path), lab.released, lab=lab.id, where=place(path))
    rebuilt = rebuild(lab.released, submission.notebook)
    typed = learner if learner is not None else _typed_learner(rebuilt.notebook, lab.id)
    env: dict[str, str] = {}
    if seed is not None:
        env = {"NBGRADER_EXECUTION": "autograde", "AUTOGRADER_LEARNER": typed, "AUTOGRADER_SEED": seed}
    execution = execute_now(rebuilt.notebook, {path.name: submission.content}, env, limits)
    questions = read_verdicts(rebuilt.notebook, rebuilt.missing_answers)
    stubs = graded_cells(lab.released)
    for id, cell in graded_cells(rebuilt.notebook).items():
        if is_answer(cell) and cell.source.strip() == stubs[id].source.strip():
            questions[id] = outcome(cell, "missing", "Not answered yet.")
    record = new_record(lab, typed, questions, all_notes(submission, rebuilt, execution))
    record |= {"seconds": round(execution.seconds, 3), "sha256": submission.sha256, "seed": seed or "practice"}
    return record


_running: set[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = set()


def execute_now(
    notebook: NotebookNode, files: Mapping[str, bytes], env: Mapping[str, str], limits: Limits
) -> Execution:
    """Execute in a new folder that holds these files and nothing else, and is gone afterwards."""
    return asyncio.run(_execute_alone(notebook, files, env, limits))


def abandon() -> None:
    """End what `execute_now` has running in this process' threads, kernels included."""
    for loop, task in list(_running):
        with contextlib.suppress(RuntimeError):  # it has just ended
            loop.call_soon_threadsafe(task.cancel)


async def _execute_alone(
    notebook: NotebookNode, files: Mapping[str, bytes], env: Mapping[str, str], limits: Limits
) -> Execution:
    this = asyncio.get_running_loop(), asyncio.current_task()
    _running.add(this)
    try:
        with tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True) as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            return await execute(
                notebook,
                cwd=Path(folder),
                env=kernel_environment(env),
                cell_timeout=limits.cell,
                notebook_timeout=limits.notebook,
                kernel_name=limits.kernel_name,
            )
    finally:
        _running.discard(this)


def all_notes(submission: Submission, rebuilt: Rebuilt, execution: Execution) -> list[str]:
    """What was found and done, from the file to the kernel's end; call it after the execution."""
    errors = cell_errors(rebuilt.notebook)
    return [*submission.notes, *rebuilt.notes, *errors, *filter(None, [execution.note])]


def new_record(lab: Lab, student: str, questions: dict[str, dict[str, Any]], notes: list[str]) -> Record:
    """A record as the notebook alone gives it; `judged` keeps the verdict that a person's grade may replace."""
    for question in questions.values():
        question["judged"] = question["verdict"]
    return {
        "student": student,
        "lab": lab.key,
        "points": sum(question["points"] for question in questions.values()),
        "max_points": sum(question["max_points"] for question in questions.values()),
        "seconds": 0.0,
        "sha256": "",
        "release": lab.release,
        "seed": "",
        "notes": notes,
        "questions": questions,
    }


def read_release(lab: str, path: Path, *, needs_points: bool = True) -> Lab:
    """Read a released notebook.

    Raises:
        UsageError: If it is not there, broken, or has no cell with points where it needs one.
    """
    try:
        content = Path(path).read_bytes()
        released = nbformat.reads(content.decode("utf-8"), as_version=4)
    except FileNotFoundError:
        raise UsageError(f"{path}: no released notebook of {lab or 'the lab'}. Build it first.") from None
    except (OSError, ValueError, AttributeError) as error:
        raise UsageError(f"{path}: the released notebook cannot be read ({error}). Build it again.") from error
    if needs_points and not graded_cells(released):
        raise UsageError(f"{path}: no cell with points. Build the release with nbgrader's metadata.")
    language = released.metadata.get("kernelspec", {}).get("language") or "python"
    if language.casefold() != "python":
        raise UsageError(f"{path}: its kernel speaks {language}. Only Python notebooks can be graded here.")
    return Lab(
        lab, released, hashlib.sha256(content).hexdigest(), "" if Path(path).stem == lab else Path(path).stem
    )


def require_kernel(name: str) -> None:
    """Fail once, not once a student.

    Raises:
        UsageError: If no such kernel is installed.
    """
    try:
        KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        raise UsageError(f"No Jupyter kernel is called {name!r}. Install ipykernel, or name another.") from None


def _typed_learner(notebook: NotebookNode, lab: str) -> str:
    """The id in the notebook's start(...), "" if there is none."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    start = rf"\bstart\(\s*['\"]{re.escape(lab)}['\"][^)]*\blearner\s*=\s*(['\"])([^'\"\n]*)\1"
    found = re.search(start, code)
    return found[2] if found else ""
