"""Grade a class: every submission is read, rebuilt, executed and recorded, and none stops the others."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode

from autograder._errors import GradingError, SubmissionError, UsageError
from autograder._notebook import (
    Lab,
    Limits,
    Record,
    all_notes,
    execute_alone,
    new_record,
    read_release,
    require_kernel,
)
from autograder._rebuild import is_answer, rebuild
from autograder._store import Store
from autograder._submission import Submission, grade_id, read_bytes, read_submission, visible
from autograder._verdicts import graded_cells, outcome, read_verdicts
from autograder.check import question_seed

if TYPE_CHECKING:
    from autograder._nbgrader.gradebook import Gradebook, HandGrade

NOTHING = "Nothing was submitted."
AGAIN = "Marked by hand on an earlier version of this answer: look again."
Progress = Callable[[Record, int, int], None]


@dataclass(frozen=True)
class _Job:
    """One student's work on one lab."""

    lab: Lab
    student: str
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / f"{self.lab.id}.ipynb"


def grade(
    labs: Sequence[str],
    class_dir: Path,
    *,
    released: Callable[[str], Path],
    workers: int = 2,
    regrade: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
    db_url: str | None = None,
) -> list[Record]:
    """Grade what a class has submitted.

    Reads `class_dir/submitted/STUDENT/LAB/LAB.ipynb`; writes the gradebook, `autograded/` and one record for
    every submission. What was graded before and has not changed is not executed again, but its record takes
    up what a person graded since.

    Args:
        labs: Ids of the labs.
        class_dir: The class's folder.
        released: Path of a lab's released notebook.
        workers: Kernels at the same time.
        regrade: Execute unchanged submissions too.
        progress: Called after each submission with its record, how many are done, and how many there are.
        limits: Time limits and kernel.
        db_url: nbgrader's database; None for the class's own.

    Returns:
        One record per student and lab, by lab and then by student.

    Raises:
        UsageError: If the folder, a lab's release or the kernel is not there.
        GradebookError: If the gradebook cannot be used.
    """
    from autograder._nbgrader.gradebook import Gradebook

    limits = limits or Limits()
    class_dir = Path(class_dir)
    students = _students(class_dir)
    require_kernel(limits.kernel_name)
    if workers < 1:
        raise UsageError(f"{workers} workers cannot grade. Give at least 1.")
    notebooks = [read_release(lab, released(lab)) for lab in labs]
    store = Store(class_dir)
    with store.only_one(), Gradebook(class_dir, db_url) as gradebook:
        ready = [Lab(lab.id, gradebook.register(lab.id, lab.released), lab.release) for lab in notebooks]
        jobs = [
            _Job(lab, student, class_dir / "submitted" / student / lab.id) for lab in ready for student in students
        ]
        batch = _Batch(store, gradebook, limits, regrade, progress)
        return asyncio.run(batch.run(jobs, workers))


class _Batch:
    """One run over many submissions; the only place that writes, in the main thread."""

    def __init__(
        self, store: Store, gradebook: Gradebook, limits: Limits, regrade: bool, progress: Progress | None
    ) -> None:
        self.store = store
        self.gradebook = gradebook
        self.limits = limits
        self.regrade = regrade
        self.progress = progress
        self.learners = store.learners()
        self.secret = store.secret()
        self.done = 0

    async def run(self, jobs: Sequence[_Job], workers: int) -> list[Record]:
        """Grade all, `workers` at a time, each recorded as it ends."""
        records: list[Record] = [{} for _ in jobs]
        queue = iter(enumerate(jobs))

        async def worker() -> None:
            for number, job in queue:
                records[number] = await self._one(job)
                self.done += 1
                if self.progress is not None:
                    self.progress(records[number], self.done, len(jobs))

        await asyncio.gather(*(worker() for _ in range(min(workers, len(jobs)))))
        return records

    async def _one(self, job: _Job) -> Record:
        """Grade one submission, whatever it is."""
        where = visible(f"{job.student}: {job.path}")
        try:
            try:
                _require_plain_folders(job)
                return await self._graded(job) if os.path.lexists(job.path) else self._missing(job)
            except SubmissionError as error:
                return self._unreadable(job, str(error))
        except GradingError as error:
            return self._failed(job, f"{where}: not graded: {error}")
        except Exception as error:
            # A fault of ours or of the machine must not cost the others their grades, nor this one its own.
            return self._failed(
                job, f"{where}: not graded: {type(error).__name__}: {error}. Grade again; if it stays, report it."
            )

    async def _graded(self, job: _Job) -> Record:
        submission = read_submission(job.path, job.lab.released, lab=job.lab.id, who=job.student)
        learner = self.learners.get(job.student, job.student)
        before = self.store.read(job.lab.id, job.student)
        if before and not self.regrade and self._is_current(before, job, submission, learner):
            return self._kept(before, job)
        seed = question_seed(self.secret, job.lab.id, job.student, submission.content)
        rebuilt = rebuild(job.lab.released, submission.notebook)
        env = {"NBGRADER_EXECUTION": "autograde", "AUTOGRADER_LEARNER": learner, "AUTOGRADER_SEED": seed}
        execution = await execute_alone(rebuilt.notebook, submission, job.path.name, env, self.limits)
        questions = read_verdicts(rebuilt.notebook, rebuilt.missing_answers)
        same = bool(before) and before.get("sha256") == submission.sha256
        notes = all_notes(submission, rebuilt, execution)
        if same and before.get("finished") and not self.gradebook.has_submission(job.lab.id, job.student):
            notes.append(
                "The gradebook did not have this submission any more: points given by hand are gone from it."
            )
        self.gradebook.record(job.lab.id, job.student, rebuilt.notebook, job.folder, reviewed=same)
        record = new_record(job.lab, job.student, questions, notes)
        record |= {"seconds": round(execution.seconds, 3), "sha256": submission.sha256, "seed": seed}
        return self._kept(record | {"learner": learner, "finished": True}, job)

    def _is_current(self, record: Record, job: _Job, submission: Submission, learner: str) -> bool:
        """Whether a record is of this file, this release and this learner, and still in the gradebook."""
        wanted = {"sha256": submission.sha256, "release": job.lab.release, "learner": learner, "finished": True}
        same = all(record.get(name) == value for name, value in wanted.items())
        return same and self.gradebook.has_submission(job.lab.id, job.student)

    def _missing(self, job: _Job) -> Record:
        """A student without this lab's notebook."""
        message = NOTHING
        if job.folder.is_dir():
            others = sorted(name for name in os.listdir(job.folder) if name.endswith(".ipynb"))
            if others:
                message = visible(f"The folder holds {', '.join(others[:3])}, but no {job.path.name}: rename it.")
            self.gradebook.record_zero(job.lab.id, job.student, job.folder)
        record = new_record(job.lab, job.student, _all_questions(job.lab.released, "missing", message), [message])
        record["submitted"] = message != NOTHING
        return self._kept(record, job)

    def _unreadable(self, job: _Job, message: str) -> Record:
        """A submission that is no notebook of this lab: no points, and formgrader lists the student."""
        record = new_record(job.lab, job.student, _all_questions(job.lab.released, "error", message), [message])
        try:
            record["sha256"] = hashlib.sha256(read_bytes(job.path)).hexdigest()
        except SubmissionError:
            record["sha256"] = ""
        self.gradebook.record_zero(job.lab.id, job.student, job.folder)
        return self._kept(record, job)

    def _failed(self, job: _Job, message: str) -> Record:
        """A submission that could not be graded now; the next run tries again."""
        record = new_record(job.lab, job.student, _all_questions(job.lab.released, "error", message), [message])
        record["finished"] = False
        try:
            self.store.write(record)
        except OSError as error:
            record["notes"].append(f"{self.store.path(job.lab.id, job.student)}: cannot be written: {error}")
        return record

    def _kept(self, record: Record, job: _Job) -> Record:
        """Take up the gradebook's points, then write the record: it exists only for what is committed."""
        take_up_grades(record, self.gradebook, job.lab.released)
        self.store.write(record)
        return record


def take_up_grades(record: Record, gradebook: Gradebook, released: NotebookNode) -> None:
    """Bring a record up to the gradebook: points and comments of persons, late penalties.

    A submission that the gradebook does not have stays as it is.
    """
    lab, student = record["lab"], record["student"]
    if not _encodable(student):
        return
    if gradebook.has_submission(lab, student):
        grades, comments = gradebook.grades(lab, student), gradebook.comments(lab, student)
        for id, cell in graded_cells(released).items():
            if id not in record["questions"] or grade_id(cell) not in grades:
                continue  # a question that the release had not when this was graded
            comment = comments.get(grade_id(cell)) or comments.get(id)
            _take_up_grade(record["questions"][id], cell, grades[grade_id(cell)], comment)
        record.pop("late_penalty", None)
        if penalty := gradebook.late_penalty(lab, student):
            record["late_penalty"] = penalty
    record["points"] = sum(question["points"] for question in record["questions"].values())


def _take_up_grade(question: dict[str, Any], cell: NotebookNode, hand: HandGrade, comment: str | None) -> None:
    question["points"], question["verdict"] = hand.points, question["judged"]
    if question["message"] == AGAIN:
        question["message"] = ""
    if hand.manual is not None and hand.needs_manual:
        question["verdict"], question["message"] = "manual", AGAIN
    elif hand.manual is not None:
        question["verdict"] = _verdict_by_hand(hand.points, question["max_points"])
    elif is_answer(cell) and question["judged"] == "manual" and not hand.needs_manual:
        question["verdict"] = "missing"
    question.pop("comment", None)
    if comment:
        question["comment"] = comment


def graded_records(class_dir: Path, labs: Sequence[str], released: Callable[[str], Path]) -> list[Record]:
    """The records of what was graded, with what persons graded since.

    Args:
        class_dir: The class's folder.
        labs: Ids of the labs; those without a record are left out.
        released: Path of a lab's released notebook.

    Raises:
        UsageError: If nothing was graded yet.
        GradebookError: If the gradebook cannot be used.
    """
    from autograder._nbgrader.gradebook import Gradebook

    store = Store(class_dir)
    found = {lab: store.records(lab) for lab in labs}
    if not any(found.values()):
        raise UsageError(
            f"{class_dir}: nothing is graded here yet. First: autograder grade LAB --class {class_dir}"
        )
    with store.only_one(), Gradebook(class_dir) as gradebook:
        for lab in filter(found.get, labs):
            release = read_release(lab, released(lab)).released
            for record in found[lab]:
                take_up_grades(record, gradebook, release)
                store.write(record)
    return [record for lab in labs for record in found[lab]]


def _all_questions(released: NotebookNode, verdict: str, message: str) -> dict[str, dict[str, Any]]:
    return {id: outcome(cell, verdict, message) for id, cell in graded_cells(released).items()}


def _verdict_by_hand(points: float, full: float) -> str:
    return "passed" if points >= full else "partly" if points > 0 else "failed"


def _students(class_dir: Path) -> list[str]:
    """Names of the students' folders, sorted."""
    submitted = class_dir / "submitted"
    if not submitted.is_dir():
        raise UsageError(f"{submitted}: no such folder. Put each student's work in {submitted}/STUDENT/LAB/.")
    names = sorted(_folders(submitted))
    if not names:
        raise UsageError(f"{submitted}: no student's folder is in it. Put the work in {submitted}/STUDENT/LAB/.")
    return names


def _folders(folder: Path) -> Iterator[str]:
    for entry in os.scandir(folder):
        if not entry.name.startswith(".") and (entry.is_dir() or entry.is_symlink()):
            yield entry.name


def _require_plain_folders(job: _Job) -> None:
    """Refuse links, which could point at another student's work, and names that no database can hold."""
    where = visible(f"{job.student}: {job.folder}")
    for folder in (job.folder.parent, job.folder):
        if folder.is_symlink():
            raise SubmissionError(
                f"{where}: {visible(folder.name)} is a symbolic link. Put the folder itself there."
            )
    if os.path.lexists(job.folder) and not job.folder.is_dir():
        raise SubmissionError(f"{where}: a file, not a folder. Put the notebook at {visible(str(job.path))}.")
    if not _encodable(job.student):
        raise UsageError(f"{where}: the folder's name is not valid UTF-8. Rename the folder.")


def _encodable(name: str) -> bool:
    """Whether a folder's name is valid UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
