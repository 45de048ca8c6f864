"""Grade a class: every submission is read, rebuilt, executed and recorded, and none stops the others.

The path of a submission, top to bottom: `grade` finds the work; `_Batch` reads a file when its turn comes and
packs a job; `_work.grade_submission` turns the job's bytes into a result's bytes in a worker; the main thread, the
one writer, commits the result: gradebook first, then `autograded/`, then the record that says it is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import autograder._quick  # noqa: F401 - before nbformat is imported
from autograder._course import require_labs
from autograder._engine.engine import close_engine, fork_is_safe, shared_engine
from autograder._errors import GradingError, RunStopped, SubmissionError, UsageError
from autograder._files import FULL
from autograder._notebook import Lab, Limits, Record, abandon, new_record, read_release, require_kernel
from autograder._questions import nearest
from autograder._rebuild import is_check
from autograder._store import Place, Records, Store
from autograder._submission import place, read_bytes, read_others, together, visible
from autograder._verdicts import NBGRADER, graded_cells, outcome, uses_check
from autograder._work import Job, Result, grade_submission, pack_job, prepare, terms_of, unpack_result
from autograder.check import question_seed

if TYPE_CHECKING:
    from autograder._nbgrader.gradebook import Gradebook, HandGrade

NOTHING = "Nothing was submitted."
AGAIN = "Marked by hand on an earlier version of this answer, or of its check: look again."
TRIES = 2  # a worker may be killed by something that the submission did not do
Progress = Callable[[Record, int, int], None]


@dataclass(frozen=True)
class Options:
    """How a run grades.

    Args:
        workers: Submissions at the same time.
        regrade: Execute unchanged submissions too.
        questions: Judge these questions of unchanged submissions again, and no others; () for all.
        limits: Time limits and kernel.
        compat: "nbgrader" to score ordinary test cells exactly as nbgrader does.
        due: When the labs are due; None leaves what the gradebook has.
    """

    workers: int = 2
    regrade: bool = False
    questions: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    compat: str = ""
    due: datetime | None = None


@dataclass(frozen=True)
class _Task:
    """One student's work on one notebook."""

    lab: Lab
    student: str
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / f"{self.lab.name}.ipynb"

    @property
    def place(self) -> Place:
        return Place(self.lab.id, self.lab.name, self.student)


@dataclass(frozen=True)
class _Work:
    """A task whose file was read: all that its job and its record need.

    Args:
        content: The submitted file.
        files: What lies beside it in the working folder.
        notes: What was left out of that.
        seed: The seed of the random cases, "" where none are drawn.
        marks: Where the record comes from; while they are the same, nothing is graded again.
        before: The record of an earlier run.
        only: The questions to judge; () for all.
    """

    task: _Task
    content: bytes
    files: Mapping[str, bytes]
    notes: list[str]
    seed: str
    marks: Record
    before: Record | None
    only: tuple[str, ...] = ()


def grade(
    labs: Sequence[str],
    class_dir: Path,
    *,
    released: Callable[[str], Path | None] = lambda lab: None,
    workers: int = 2,
    regrade: bool = False,
    questions: Sequence[str] = (),
    progress: Progress | None = None,
    limits: Limits | None = None,
    compat: str = "",
    db_url: str | None = None,
    executor: Executor | None = None,
    due: datetime | None = None,
) -> Sequence[Record]:
    """Grade what a class has submitted.

    Reads `class_dir/submitted/STUDENT/LAB/`; writes the gradebook, `autograded/` and one record for every
    notebook. What was graded before and has not changed is not executed again, but its record takes up what a
    person graded since.

    Args:
        labs: Ids of the labs.
        class_dir: The class's folder.
        released: Path of a lab's released notebook; None for an assignment of the class's own.
        workers: Submissions at the same time.
        regrade: Execute unchanged submissions too.
        questions: Ids of questions that were mended: unchanged submissions are executed again, but only these
            questions' outcomes are replaced.
        progress: Called after each submission with its record, how many are done, and how many there are.
        limits: Time limits and kernel.
        compat: "nbgrader" to score ordinary test cells exactly as nbgrader does.
        db_url: nbgrader's database; None for the class's own.
        executor: Runs `grade_submission`, which takes bytes and gives bytes; None for threads of this process.
            One that has `slots` says itself how many submissions it takes at the same time.
        due: When the labs are due, for late penalties; kept in the gradebook. None leaves what stands there.

    Returns:
        One record per student and notebook, by notebook and then by student.

    Raises:
        UsageError: If the folder, a lab's release, a question or the kernel is not there.
        GradebookError: If the gradebook cannot be used.
        RunStopped: If a server that the run needs is gone.
    """
    options = Options(workers, regrade, tuple(questions), limits or Limits(), compat, due)
    try:
        _require_usable(options, here=not hasattr(executor, "slots"))
        if executor is None:
            _prepare(labs, released, options)
        return _grade_class(labs, released, Path(class_dir), options, progress, db_url, executor)
    finally:
        close_engine()


def _prepare(labs: Sequence[str], released: Callable[[str], Path | None], options: Options) -> None:
    """Let the engine's processes start while nbgrader is imported; what is wrong is said later, in its turn."""
    with contextlib.suppress(UsageError):
        path = released(labs[0]) if labs else None
        if path is not None:
            prepare(read_release(labs[0], path).released, options.limits, options.workers)


def _grade_class(
    labs: Sequence[str],
    released: Callable[[str], Path | None],
    class_dir: Path,
    options: Options,
    progress: Progress | None,
    db_url: str | None,
    executor: Executor | None,
) -> Sequence[Record]:
    """Open the class's gradebook and grade; nbgrader is imported while the engine's processes start."""
    from autograder._nbgrader.assignments import own_labs
    from autograder._nbgrader.database import locks_of
    from autograder._nbgrader.directory import ClassDirectory
    from autograder._nbgrader.enrol import enrol
    from autograder._nbgrader.gradebook import Gradebook
    from autograder._nbgrader.lateness import require_due, set_due

    directory = ClassDirectory(class_dir)
    store = Store(class_dir)
    roster = store.roster()
    students = sorted({*_students(directory.submitted), *roster})
    # A lab that is not there is said before anything is written into the class's folder.
    course_labs = {lab: read_release(lab, path) for lab in labs if (path := released(lab)) is not None}
    labs = require_labs([*course_labs, *directory.assignments()], labs)
    locks = locks_of(db_url or directory.db_url, labs)
    with store.only_one(locks), Gradebook(directory, db_url) as gradebook:
        ready: list[Lab] = []
        for lab in labs:
            ready += [gradebook.register(course_labs[lab])] if lab in course_labs else own_labs(gradebook, lab)
        _require_questions(options.questions, ready)
        gradebook.know([name for name in students if _encodable(name)])
        enrol(gradebook, roster)
        if options.due is not None:
            set_due(gradebook, labs, options.due)
        require_due(gradebook, labs, store.extensions)
        tasks = [_Task(lab, name, directory.submitted / name / lab.id) for lab in ready for name in students]
        return _Batch(store, gradebook, options, progress, executor).run(tasks)


class _Batch:
    """One run over many submissions; the only place that writes, in the main thread."""

    def __init__(
        self,
        store: Store,
        gradebook: Gradebook,
        options: Options,
        progress: Progress | None,
        executor: Executor | None,
    ) -> None:
        self.store = store
        self.gradebook = gradebook
        self.options = options
        self.progress = progress
        self.executor = executor
        self.learners = store.learners()
        self.secret = store.secret()
        self.ignored = gradebook.directory.ignored_stderr()
        self.records = Records(store)
        self.flying: dict[Future[bytes], tuple[int, _Work, int]] = {}

    def run(self, tasks: Sequence[_Task]) -> Records:
        """Grade all; each is recorded as it ends."""
        self.total = len(tasks)
        with self._threads() as self.threads:
            self.executor = self.executor or self.threads
            for number, task in enumerate(tasks):
                self._guarded(number, task, partial(self._start, number, task))
                # A file is read only when its turn comes: a large class takes no more memory than a small one.
                self._land(in_flight=2 * getattr(self.executor, "slots", self.options.workers) - 1)
            self._land(in_flight=0)
        return self.records

    @contextlib.contextmanager
    def _threads(self) -> Iterator[ThreadPoolExecutor]:
        """Threads for this run; when it is interrupted, what they do is abandoned."""
        threads = ThreadPoolExecutor(self.options.workers, thread_name_prefix="grade")
        try:
            yield threads
        except BaseException:
            for future in self.flying:
                future.cancel()
            close_engine()
            while self.executor is threads and wait(self.flying, timeout=0.1).not_done:
                abandon()
            raise
        finally:
            threads.shutdown(wait=False)

    def _guarded(self, number: int, task: _Task, step: Callable[[], Record | None]) -> None:
        """Take one step with a submission; whatever happens, it ends in a record and the others go on."""
        where = visible(f"{task.student}: {task.path}")
        try:
            try:
                record = step()
            except SubmissionError as error:
                record = self._unreadable(task, str(error))
        except RunStopped:
            raise
        except GradingError as error:
            record = self._failed(task, f"{where}: not graded: {error}")
        except OSError as error:
            record = self._failed(task, f"{where}: not graded: {error}. Look at the disk, then grade again.")
        except Exception as error:
            # A fault of ours or of the machine must not cost the others their grades, nor this one its own.
            what = f"{type(error).__name__}: {error}"
            record = self._failed(task, f"{where}: not graded: {what}. Grade again; if it stays, report it.")
        if record is not None:
            self.records.put(number, record)
            if self.progress is not None:
                self.progress(record, len(self.records), self.total)

    def _start(self, number: int, task: _Task) -> Record | None:
        """Read one submission: it is done at once, or a job on its way to a worker."""
        _require_plain_folders(task)
        if not os.path.lexists(task.path):
            return self._missing(task)
        work = self._read(task)
        if work.before and not work.only and not self.options.regrade and self._is_current(work, work.marks):
            return self._kept(work.before, task)
        self._send(number, work)
        return None

    def _read(self, task: _Task) -> _Work:
        content = read_bytes(task.path, who=task.student)
        beside, notes = read_others(task.folder, who=task.student) if task.lab.own else ({}, [])
        files = together(beside, task.lab.files)
        checks = list(filter(is_check, task.lab.released.cells))
        draws, tests = any(map(uses_check, checks)), not all(map(uses_check, checks))
        seed = question_seed(self.secret, task.lab.key, task.student, content) if draws else ""
        marks = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "files": _digest(files),
            "learner": self.learners.get(task.student, task.student),
            "compat": self.options.compat if tests else "",
            "release": task.lab.release,
        }
        before = self.store.read(task.lab.key, task.student)
        work = _Work(task, content, files, notes, seed, marks, before)
        return replace(work, only=self._mended_questions(work))

    def _mended_questions(self, work: _Work) -> tuple[str, ...]:
        """The questions to judge again; () where the whole submission is graded, or nothing of it."""
        own = graded_cells(work.task.lab.released)
        anew = {name: work.marks[name] for name in ("sha256", "files", "learner")}
        return tuple(id for id in self.options.questions if id in own and self._is_current(work, anew))

    def _is_current(self, work: _Work, marks: Mapping[str, Any]) -> bool:
        """Whether the earlier record is finished, has these marks, and is still in the gradebook."""
        before = work.before or {}
        wanted = {"finished": True, **marks}
        same = all(before.get(name) == value for name, value in wanted.items())
        return same and before.get("row") == self.gradebook.row(work.task.place)

    def _send(self, number: int, work: _Work, tries: int = 1) -> None:
        """Give a job to a worker; where a pool of processes broke, to a thread of our own."""
        job = self._job(work)
        try:
            future = self.executor.submit(grade_submission, job)
        except RuntimeError:
            if self.executor is self.threads:
                raise
            self.executor = self.threads
            future = self.executor.submit(grade_submission, job)
        self.flying[future] = number, work, tries

    def _job(self, work: _Work) -> bytes:
        task = work.task
        return pack_job(
            Job(
                lab=task.lab.id,
                notebook=task.lab.name,
                student=task.student,
                learner=work.marks["learner"],
                seed=work.seed,
                where=place(task.path, task.student),
                content=work.content,
                released=json.dumps(task.lab.released),
                files=dict(work.files),
                limits=self.options.limits,
                compat=self.options.compat,
                ignored=self.ignored,
                questions=work.only or None,
            )
        )

    def _land(self, in_flight: int) -> None:
        """Commit what has come back; wait while more than `in_flight` are still on their way."""
        while self.flying:
            patience = None if len(self.flying) > in_flight else 0
            done = wait(self.flying, timeout=patience, return_when=FIRST_COMPLETED).done
            if not done:
                return
            for future in done:
                number, work, tries = self.flying.pop(future)
                self._guarded(number, work.task, partial(self._landed, future, number, work, tries))

    def _landed(self, future: Future[bytes], number: int, work: _Work, tries: int) -> Record | None:
        """Commit a result; try once more where the worker failed."""
        try:
            result = unpack_result(future.result())
        except (Exception, asyncio.CancelledError) as error:
            if tries < TRIES:
                self._send(number, work, tries + 1)
                return None
            raise RuntimeError(f"the worker failed twice: {type(error).__name__}: {error}") from error
        if result.error:
            return self._unreadable(work.task, result.error)
        return self._mended(work, result) if work.only else self._graded(work, result)

    def _graded(self, work: _Work, result: Result) -> Record:
        """Write down a whole submission."""
        task, before = work.task, work.before or {}
        same = before.get("sha256") == work.marks["sha256"]
        notes = [*result.notes, *work.notes]
        if same and before.get("finished") and before.get("row") != self.gradebook.row(task.place):
            notes.append(
                "The gradebook did not have this submission any more: points given by hand are gone from it."
            )
        record = new_record(task.lab, task.student, result.questions, notes)
        self._reopen(work)
        self.gradebook.record(
            task.place, result.executed(), result.questions, task.folder, files=work.files, reviewed=same
        )
        record |= work.marks | {"seconds": result.seconds, "seed": work.seed, "graded": _now(), "finished": True}
        return self._kept(record, task)

    def _mended(self, work: _Work, result: Result) -> Record:
        """Write down some questions of a submission; the others stay as they are."""
        task, record = work.task, dict(work.before or {})
        self._reopen(work)
        cells = {question["cell"] for question in result.questions.values()}
        self.gradebook.record(
            task.place, result.executed(), result.questions, task.folder, reviewed=True, only=cells
        )
        judged = {id: question | {"judged": question["verdict"]} for id, question in result.questions.items()}
        record["questions"] = record["questions"] | judged
        record["max_points"] = sum(question["max_points"] for question in record["questions"].values())
        record.pop("fault", None)
        return self._kept(record | {"release": work.marks["release"], "graded": _now()}, task)

    def _reopen(self, work: _Work) -> None:
        """Until the new record is written, the old one does not count: a run that is killed here grades again."""
        if work.before:
            self.store.write(work.before | {"release": ""})

    def _missing(self, task: _Task) -> Record:
        """A student without this notebook."""
        message = NOTHING
        if task.folder.is_dir():
            message = _instead(task) or message
            self.gradebook.record_zero(task.place, task.folder)
        record = new_record(task.lab, task.student, _all_questions(task.lab, "missing", message), [message])
        record["submitted"] = message != NOTHING
        return self._kept(record, task)

    def _unreadable(self, task: _Task, message: str) -> Record:
        """A submission that is no notebook of this lab: no points, and formgrader lists the student."""
        record = new_record(task.lab, task.student, _all_questions(task.lab, "error", message), [message])
        with contextlib.suppress(SubmissionError):
            record["sha256"] = hashlib.sha256(read_bytes(task.path)).hexdigest()
        self.gradebook.record_zero(task.place, task.folder)
        return self._kept(record, task)

    def _failed(self, task: _Task, message: str) -> Record:
        """A submission that could not be graded now; the next run tries again.

        Raises:
            GradingError: If nothing more can be written: what would be graded now would be lost.
        """
        before = self.store.read(task.lab.key, task.student)
        if before and before.get("finished"):
            record = before | {"release": "", "fault": message}
        else:
            record = new_record(task.lab, task.student, _all_questions(task.lab, "error", message), [message])
            record["finished"] = False
        try:
            self.store.write(record)
        except OSError as error:
            path = self.store.path(task.lab.key, task.student)
            if error.errno in FULL:
                what = f"{visible(str(path))}: {error.strerror}; {message}"
                raise GradingError(f"{what} Make room, then grade again; what was recorded stays.") from error
            record["notes"].append(f"{path}: cannot be written: {error}")
        return record

    def _kept(self, record: Record, task: _Task) -> Record:
        """Take up the gradebook's points, then write the record: it exists only for what is committed."""
        record.setdefault("row", self.gradebook.row(task.place) if _encodable(task.student) else "")
        keep_record(record, self.gradebook, self.store)
        return record


def keep_record(record: Record, gradebook: Gradebook, store: Store) -> None:
    """Bring a record up to the gradebook, and write it if the file says something else."""
    from autograder._nbgrader.lateness import settle

    if _encodable(record["student"]):
        settle(gradebook, record, store.extensions)
    take_up_grades(record, gradebook)
    if store.read(record["lab"], record["student"]) != record:
        store.write(record)


def take_up_grades(record: Record, gradebook: Gradebook) -> None:
    """Bring a record up to the gradebook: points and comments of persons, late penalties.

    A submission that the gradebook does not have stays as it is.
    """
    where = Place.of(record)
    if not _encodable(where.student):
        return
    has = gradebook.recorded(where)
    if has and record.get("row") == has.row:
        for id, question in record["questions"].items():
            name = question.get("cell", id)
            if name in has.grades:  # else it is a question that the release had not when this was graded
                _take_up_grade(question, has.grades[name], has.comments.get(name) or has.comments.get(id))
        record.pop("late_penalty", None)
        if has.late_penalty:
            record["late_penalty"] = has.late_penalty
    record["points"] = sum(question["points"] for question in record["questions"].values())


def _take_up_grade(question: dict[str, Any], hand: HandGrade, comment: str | None) -> None:
    question["points"], question["verdict"] = hand.points, question["judged"]
    if question["message"] == AGAIN:
        question["message"] = ""
    if hand.manual is not None and hand.needs_manual:
        question["verdict"], question["message"] = "manual", AGAIN
    elif hand.manual is not None:
        question["verdict"] = _verdict_by_hand(hand.points, question["max_points"])
    elif question["judged"] == "manual" and hand.automatic == 0:
        question["verdict"] = "missing"  # an unchanged answer, which nbgrader scores itself
    question.pop("comment", None)
    if comment:
        question["comment"] = comment


def graded_records(
    class_dir: Path, labs: Sequence[str] | None = None, *, db_url: str | None = None
) -> Sequence[Record]:
    """The records of what was graded, with what persons graded since.

    Args:
        class_dir: The class's folder.
        labs: Ids of the labs, in the order in which to list them; None for all that were graded.
        db_url: nbgrader's database; None for the class's own.

    Raises:
        UsageError: If nothing was graded yet.
        GradebookError: If the gradebook cannot be used.
    """
    from autograder._nbgrader.database import locks_of
    from autograder._nbgrader.directory import ClassDirectory
    from autograder._nbgrader.gradebook import Gradebook

    store = Store(class_dir)
    found = Records(store)
    keys = store.labs()
    wanted = keys if labs is None else [key for lab in labs for key in keys if key.partition("/")[0] == lab]
    if not wanted:
        raise UsageError(
            f"{class_dir}: nothing is graded here yet. First: autograder grade LAB --class {class_dir}"
        )
    directory = ClassDirectory(class_dir)
    with Gradebook(directory, db_url) as gradebook:
        for key in wanted:
            with store.claim(locks_of(db_url or directory.db_url, [key.partition("/")[0]])) as claimed:
                for record in store.records(key):
                    # While a run grades this lab, that run writes its records.
                    keep_record(record, gradebook, store) if claimed else take_up_grades(record, gradebook)
                    found.append(record)
    return found


def _instead(task: _Task) -> str:
    """What stands in the folder instead of a notebook, "" if there is nothing."""
    names = sorted(name for name in os.listdir(task.folder) if name.endswith(".ipynb"))
    if not names:
        return ""
    if task.lab.own:
        return visible(f"{task.path.name} is not in the folder, which holds {', '.join(names[:3])}.")
    return visible(f"The folder holds {', '.join(names[:3])}, but no {task.path.name}: rename it.")


def _all_questions(lab: Lab, verdict: str, message: str) -> dict[str, dict[str, Any]]:
    return {id: outcome(cell, verdict, message) for id, cell in graded_cells(lab.released).items()}


def _digest(files: Mapping[str, bytes]) -> str:
    """One hash for files and their names, "" for none."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\x00{len(content)}\x00".encode("utf-8", "surrogatepass") + content)
    return digest.hexdigest() if files else ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _verdict_by_hand(points: float, full: float) -> str:
    return "passed" if points >= full else "partly" if points > 0 else "failed"


def _require_usable(options: Options, here: bool) -> None:
    if not here:
        pass  # each worker says what it lacks
    elif options.limits.warm and fork_is_safe():
        shared_engine(terms_of(options.limits))  # refuses here, once, where there is no complete sandbox
    else:
        require_kernel(options.limits.kernel_name)
    if options.workers < 1:
        raise UsageError(f"{options.workers} workers cannot grade. Give at least 1.")
    if options.compat not in ("", NBGRADER):
        raise UsageError(f"Cannot be compatible with {options.compat!r}. There is: {NBGRADER}.")
    if options.questions and options.regrade:
        raise UsageError("Either regrade everything, or name questions: not both.")


def _require_questions(questions: Sequence[str], labs: Sequence[Lab]) -> None:
    there = list(dict.fromkeys(id for lab in labs for id in graded_cells(lab.released)))
    for id in questions:
        if id not in there:
            raise UsageError(f"No question {id!r} in {', '.join(lab.key for lab in labs)}. {nearest(id, there)}")


def _students(submitted: Path) -> list[str]:
    """Names of the students' folders, sorted."""
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


def _require_plain_folders(task: _Task) -> None:
    """Refuse links, which could point at another student's work, and names that no database can hold."""
    where = visible(f"{task.student}: {task.folder}")
    for folder in (task.folder.parent, task.folder):
        if folder.is_symlink():
            raise SubmissionError(
                f"{where}: {visible(folder.name)} is a symbolic link. Put the folder itself there."
            )
    if os.path.lexists(task.folder) and not task.folder.is_dir():
        raise SubmissionError(f"{where}: a file, not a folder. Put the notebook at {visible(str(task.path))}.")
    if not _encodable(task.student):
        raise UsageError(f"{where}: the folder's name is not valid UTF-8. Rename the folder.")


def _encodable(name: str) -> bool:
    """Whether a folder's name is valid UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
