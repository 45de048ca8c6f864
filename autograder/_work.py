"""Grade one submission: bytes in, bytes out, so that any process on any machine can do it.

A job holds all that is needed: no database, no class's folder, nothing of the process that made it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import msgpack
import nbformat
from nbformat import NotebookNode

from autograder._engine.engine import Terms, fork_is_safe, imported_modules, shared_engine
from autograder._engine.run import Assignment, run_notebook
from autograder._errors import SubmissionError
from autograder._execute import Execution
from autograder._notebook import Lab, Limits, all_notes, execute_now
from autograder._rebuild import rebuild, reveal
from autograder._submission import read_submission
from autograder._verdicts import read_verdicts


@dataclass(frozen=True)
class Job:
    """What one submission is graded with.

    Args:
        lab: The lab's id.
        notebook: The notebook's name without its ending.
        student: The folder's name.
        learner: The id whose numbers count.
        seed: The seed of the random cases; "" where no question draws any.
        where: The student and the file, as messages begin.
        content: The submitted file.
        released: The released notebook as JSON, hidden tests beside its cells.
        files: Other files for the working folder, by relative path.
        limits: Time limits and kernel.
        compat: "nbgrader" to score ordinary test cells exactly as nbgrader does.
        ignored: Pattern of stderr that nbgrader's IgnorePattern drops.
        questions: The questions to judge; None for all.
    """

    lab: str
    notebook: str
    student: str
    learner: str
    seed: str
    where: str
    content: bytes
    released: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    compat: str = ""
    ignored: str = ""
    questions: Sequence[str] | None = None


@dataclass(frozen=True)
class Result:
    """What came of one job.

    Args:
        sha256: The hash of the submitted file.
        notebook: The executed notebook as JSON; None if there is none.
        questions: Outcomes by question, as `_verdicts.outcome` makes them.
        notes: What was found and done, one sentence each.
        seconds: Wall time of the execution.
        error: Why the file is no notebook of the lab, "" if it is one.
    """

    sha256: str
    notebook: str | None = None
    questions: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""

    def executed(self) -> NotebookNode:
        """The executed notebook."""
        return nbformat.from_dict(json.loads(self.notebook or ""))


def pack_job(job: Job) -> bytes:
    """A job as plain data."""
    return _pack(asdict(job))


def unpack_result(content: bytes) -> Result:
    """A result, as `grade_submission` made it."""
    return Result(**_unpack(content))


def grade_submission(job: bytes) -> bytes:
    """Read, rebuild, execute and judge one submission.

    Args:
        job: Made by `pack_job`.

    Returns:
        For `unpack_result`. A file that is no notebook of the lab is a result too.
    """
    fields = _unpack(job)
    return _pack(asdict(_graded(Job(**fields | {"limits": Limits(**fields["limits"])}))))


def _graded(job: Job) -> Result:
    sha256 = hashlib.sha256(job.content).hexdigest()
    lab = Lab(job.lab, nbformat.from_dict(json.loads(job.released)), "", job.notebook)
    try:
        submission = read_submission(job.content, lab.released, lab=lab.id, notebook=lab.name, where=job.where)
    except SubmissionError as error:
        return Result(sha256, error=str(error))
    rebuilt = rebuild(lab.released, submission.notebook)
    execution = _executed(job, lab, rebuilt.notebook)
    reveal(rebuilt.notebook)
    questions = read_verdicts(rebuilt.notebook, rebuilt.missing_answers, compat=job.compat, ignored=job.ignored)
    if job.questions is not None:
        questions = {id: found for id, found in questions.items() if id in job.questions}
    notes = all_notes(submission, rebuilt, execution)
    return Result(sha256, json.dumps(rebuilt.notebook), questions, notes, round(execution.seconds, 3))


def _executed(job: Job, lab: Lab, notebook: NotebookNode) -> Execution:
    """Run the notebook in a warm kernel with the judge outside, or in an ordinary one where that cannot be."""
    files = {**job.files, f"{lab.name}.ipynb": job.content}
    if not (job.limits.warm and fork_is_safe()):
        return execute_now(notebook, files, _environment(job), job.limits)
    own = lab.released.metadata.get("autograder", {})
    assignment = Assignment(
        released=lab.released,
        course=own.get("course", ""),
        lab=job.lab,
        module=own.get("questions", ""),
        learner=job.learner,
        seed=job.seed,
        files=files,
        cell_seconds=job.limits.cell,
        notebook_seconds=job.limits.notebook,
        memory_mb=job.limits.memory_mb,
    )
    return run_notebook(shared_engine(terms_of(job.limits)), notebook, assignment)


def prepare(released: NotebookNode, limits: Limits, workers: int) -> None:
    """Let the engine's processes start while something else is done, if a class is graded in it here."""
    if limits.warm and fork_is_safe():
        module = released.metadata.get("autograder", {}).get("questions", "")
        shared_engine(terms_of(limits)).prepare(workers if module else 0, imported_modules(released, module))


def terms_of(limits: Limits) -> Terms:
    """What the engine is asked for."""
    return Terms(boxed=limits.boxed, complete=limits.complete, threads=limits.threads)


def _environment(job: Job) -> dict[str, str]:
    """What the questions want to know of a grading run."""
    drawn = {"AUTOGRADER_SEED": job.seed} if job.seed else {}
    return {"NBGRADER_EXECUTION": "autograde", "AUTOGRADER_LEARNER": job.learner} | drawn


def _pack(fields: dict[str, Any]) -> bytes:
    # A folder's name, and what a student prints, may hold half a character.
    return msgpack.packb(fields, unicode_errors="surrogatepass")


def _unpack(content: bytes) -> dict[str, Any]:
    return msgpack.unpackb(content, unicode_errors="surrogatepass")
