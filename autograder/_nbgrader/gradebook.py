"""The one writer of nbgrader's gradebook and of the folder `autograded/`."""

from __future__ import annotations

import contextlib
import dataclasses
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader import api
from nbgrader.preprocessors import (
    AssignLatePenalties,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveCells,
)
from nbgrader.utils import compute_checksum, determine_grade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SAWarning, SQLAlchemyError

from autograder._errors import GradebookError, RunStopped
from autograder._files import replace_file
from autograder._nbgrader.database import add_indexes, alone, answers, explain, quiet, require_current, shown
from autograder._nbgrader.directory import ClassDirectory
from autograder._nbgrader.hidden import has_hidden_tests, with_hash, with_hidden_tests, without_hidden_tests
from autograder._notebook import Lab
from autograder._rebuild import is_answer, is_check, is_graded, put_full_source, reveal
from autograder._store import Place
from autograder._submission import grade_id, visible
from autograder._verdicts import has_points, is_task, max_points

_BEFORE: tuple[type, ...] = (IgnorePattern, ClearMetadataPreprocessor, LimitOutput)
Questions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class HandGrade:
    """One graded cell as the gradebook has it.

    Args:
        points: The points that count: the hand's where a hand gave some, and extra credit.
        automatic: What the grader gave, None if it leaves that to a person.
        manual: What a person gave, None if nobody did.
        needs_manual: Whether a person still has to look.
    """

    points: float
    automatic: float | None
    manual: float | None
    needs_manual: bool


@dataclass(frozen=True)
class Recorded:
    """One submitted notebook as the gradebook has it.

    Args:
        row: Its id, which another gradebook does not have.
        grades: Every graded cell, by nbgrader id.
        comments: What a person wrote, by the answer cell's nbgrader id.
        late_penalty: Points that nbgrader's late-submission plugin takes off.
    """

    row: str
    grades: dict[str, HandGrade]
    comments: dict[str, str]
    late_penalty: float


class Gradebook:
    """A class's gradebook, opened for one run; the only place that writes to it.

    Args:
        directory: The class's folders and settings.
        db_url: nbgrader's database; None for what its `nbgrader_config.py` says, else `gradebook.db`.

    Raises:
        GradebookError: If it is no gradebook, an older nbgrader's, or in use by another program.
    """

    def __init__(self, directory: ClassDirectory, db_url: str | None = None) -> None:
        self.directory = directory
        self.config = self.directory.config
        self.db_url = db_url or self.directory.db_url
        self._students: set[str] = set()  # known to be in the gradebook
        with self._explained("opening it"):
            with alone(self.db_url):
                require_current(self.db_url)
                self._book = api.Gradebook(self.db_url, self.directory.course_id)
                add_indexes(self._book.engine)
            self._require_writable()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def register(self, lab: Lab) -> Lab:
        """Make a released lab of the installed course known, or bring it up to date.

        Returns:
            The lab to grade with: hidden tests that the gradebook keeps lie beside its cells.

        Raises:
            GradebookError: If its graded cells or points changed after submissions were recorded.
        """
        wanted = nbformat.from_dict(lab.released)
        hidden = self.sources(lab.id, lab.name)
        for cell in filter(is_check, wanted.cells):
            whole = hidden.get(grade_id(cell), "")
            if has_hidden_tests(whole) and without_hidden_tests(whole) == cell.source.strip():
                put_full_source(cell, whole)
        ready = dataclasses.replace(lab, released=wanted)
        self.save(ready)
        self._show_to_formgrader(lab)
        return with_hash(ready)

    def save(self, lab: Lab) -> None:
        """Write a notebook's cells into the gradebook, as nbgrader's generate_assignment does.

        Raises:
            GradebookError: If its graded cells or points changed after submissions were recorded.
        """
        whole = with_hidden_tests(lab.released)
        with self._explained(f"registering {lab.key}"):
            if self._is_registered(lab, whole):
                return
            assignment = self._book.update_or_create_assignment(lab.id)
            if assignment.submissions and lab.name not in {notebook.name for notebook in assignment.notebooks}:
                raise self._changed(lab)
            try:
                # nbgrader's own step, which also deletes and makes anew what no submission needs.
                place = Place(lab.id, lab.name, "")
                SaveCells(config=self.config).preprocess(whole, self._resources(place))
            except RuntimeError as error:
                raise self._changed(lab) from error
            self._book.db.expire_all()

    def require_same(self, lab: Lab) -> None:
        """Refuse a release that is not the one of the gradebook.

        Raises:
            GradebookError: If their graded cells or points differ.
        """
        with self._explained(f"reading {lab.key}"):
            if self._has_cells(lab) != _wanted_cells(lab.released):
                raise GradebookError(
                    f"{self._name()}: the graded cells of {lab.key} are not those of the release in "
                    f"{self.directory.release(lab.id)}. Run `nbgrader generate_assignment {lab.id}` again."
                )

    def _show_to_formgrader(self, lab: Lab) -> None:
        """Put the release where nbgrader looks for assignments: formgrader lists no others."""
        folder = self.directory.source(lab.id)
        if not folder.exists():
            folder.mkdir(parents=True)
            nbformat.write(lab.released, folder / f"{lab.name}.ipynb")

    def notebooks(self, lab: str) -> dict[str, dict[str, str]]:
        """The notebooks of an assignment, each with its cells' sources, hidden tests included, by nbgrader id."""
        with self._explained(f"reading {lab}"), contextlib.suppress(api.MissingEntry):
            names = [notebook.name for notebook in self._book.find_assignment(lab).notebooks]
            return {name: self.sources(lab, name) for name in sorted(names)}
        return {}

    def sources(self, lab: str, notebook: str) -> dict[str, str]:
        """The sources of a notebook's cells by nbgrader id; {} for a notebook that is not known."""
        return {name: cell.source for name, cell in self._source_cells(lab, notebook).items()}

    def _source_cells(self, lab: str, notebook: str) -> dict[str, api.SourceCell]:
        with self._explained(f"reading {lab}"), contextlib.suppress(api.MissingEntry):
            return {cell.name: cell for cell in self._book.find_notebook(notebook, lab).source_cells}
        return {}

    def _is_registered(self, lab: Lab, whole: NotebookNode) -> bool:
        """Whether the gradebook has exactly these cells."""
        has, wants = self._has_cells(lab), _wanted_cells(whole)
        if has is None:
            return False
        if has != wants and self._book.find_notebook(lab.name, lab.id).submissions:
            raise self._changed(lab)
        sources = {grade_id(cell): cell.source for cell in whole.cells if grade_id(cell)}
        return has == wants and self.sources(lab.id, lab.name) == sources

    def _has_cells(self, lab: Lab) -> dict[str, tuple[float, str]] | None:
        """Points and types of a notebook's graded cells, None if it is not known."""
        try:
            notebook = self._book.find_notebook(lab.name, lab.id)
        except api.MissingEntry:
            return None
        return {
            cell.name: (cell.max_score, cell.cell_type) for cell in [*notebook.grade_cells, *notebook.task_cells]
        }

    def _changed(self, lab: Lab) -> GradebookError:
        return GradebookError(
            f"{self._name()}: the graded cells of {lab.key} or their points changed after submissions were "
            "recorded. Grade this class with the release that it was given, or move the gradebook away and grade "
            "anew."
        )

    def record(
        self,
        place: Place,
        executed: NotebookNode,
        questions: Questions,
        submitted: Path,
        *,
        files: Mapping[str, bytes] | None = None,
        reviewed: bool = False,
        only: Collection[str] | None = None,
    ) -> None:
        """Score one executed notebook, keep it as `autograded/STUDENT/LAB/NOTEBOOK.ipynb`.

        Scores and comments that a person gave stay. All scores are committed at once.

        Args:
            place: Which notebook of whose work.
            executed: Rebuilt and executed; changed to what nbgrader would keep.
            questions: Outcomes by question; they decide the points of tests and checks.
            submitted: The folder of the submission; its `timestamp.txt` counts for late penalties.
            files: Other files that stand beside the notebook.
            reviewed: Whether this file was graded before: what a person has marked need not be looked at again,
                unless its automatic score has changed.
            only: nbgrader's ids of the cells to score; the others keep scores, comments and outputs. None for all.
        """
        self.know([place.student])
        with self._explained(f"recording {_words(place)}"):
            with self._one_transaction():
                submission = self._submission(place, submitted)
                executed = self._prepared(place, executed)
                notebook = self._notebook(place)
                self._hold(notebook)
                _save_scores(notebook, executed, questions, reviewed, only)
                if only is None:
                    _save_comments(notebook, executed)
                self._assign_late_penalty(submission, notebook)
            self._book.db.commit()
        self._write(place, executed, submitted, files or {}, only)

    def _prepared(self, place: Place, executed: NotebookNode) -> NotebookNode:
        """The notebook as nbgrader has it when it scores: the gradebook's sources, outputs within bounds."""
        reveal(executed)
        sources = self._source_cells(place.lab, place.notebook)
        for cell in executed.cells:
            if source := sources.get(grade_id(cell)):
                cell.metadata.nbgrader.checksum = source.checksum
                if source.locked:
                    cell.source = source.source
        resources = self._resources(place)
        for preprocessor in _BEFORE:
            step: NbGraderPreprocessor = preprocessor(config=self.config)
            if step.enabled:
                executed, resources = step.preprocess(executed, resources)
        return executed

    def _assign_late_penalty(self, submission: api.SubmittedAssignment, notebook: api.SubmittedNotebook) -> None:
        """What nbgrader's AssignLatePenalties does, in this transaction."""
        step = AssignLatePenalties(config=self.config)
        if not step.enabled:
            return
        late, penalty = submission.total_seconds_late, None
        if late > 0:
            self._book.db.flush()
            self._book.db.expire_all()
            step.init_plugin()
            score = notebook.score
            penalty = step.plugin_inst.late_submission_penalty(submission.student_id, score, late)
            penalty = None if penalty is None else min(max(penalty, 0), score)
        notebook.late_submission_penalty = penalty

    def record_zero(self, place: Place, submitted: Path) -> None:
        """Record a submission that cannot be read: no points but those that a person gave."""
        self.know([place.student])
        with self._explained(f"recording {_words(place)}"):
            with self._one_transaction():
                self._submission(place, submitted)
                notebook = self._notebook(place)
                self._hold(notebook)
                for grade in notebook.grades:
                    grade.auto_score = 0
                    grade.needs_manual_grade = False
                notebook.late_submission_penalty = None
            self._book.db.commit()
        self._path(place).unlink(missing_ok=True)

    def row(self, place: Place) -> str:
        """The id of a recorded notebook, which another gradebook does not have; "" if it is not recorded."""
        with self._explained(f"reading {_words(place)}"), contextlib.suppress(api.MissingEntry):
            return self._notebook(place).id
        return ""

    def recorded(self, place: Place) -> Recorded | None:
        """What the gradebook has of a notebook, None if it is not recorded."""
        with self._explained(f"reading {_words(place)}"), contextlib.suppress(api.MissingEntry):
            self._book.db.expire_all()
            notebook = self._notebook(place)
            comments = {item.name: item.manual_comment for item in notebook.comments if item.manual_comment}
            grades = {
                grade.name: HandGrade(
                    float(grade.score), grade.auto_score, grade.manual_score, grade.needs_manual_grade
                )
                for grade in notebook.grades
            }
            return Recorded(notebook.id, grades, comments, float(notebook.late_submission_penalty or 0))
        return None

    def students(self, lab: str) -> list[str]:
        """Students with a recorded submission of the lab."""
        with self._explained(f"reading {lab}"):
            return sorted(submission.student_id for submission in self._book.assignment_submissions(lab))

    def _notebook(self, place: Place) -> api.SubmittedNotebook:
        return self._book.find_submission_notebook(place.notebook, place.lab, place.student)

    @contextlib.contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """nbgrader's functions commit after each step; here they leave that to the caller, who does it once."""
        session = self._book.db
        session.commit = session.flush
        try:
            yield
        finally:
            del session.commit

    def know(self, students: Sequence[str]) -> None:
        """Have students in the gradebook; another command may add the same ones at the same moment."""
        if self._students.issuperset(students):
            return
        with self._explained("adding students"):
            self._students.update(student.id for student in self._book.students)
            new = [student for student in students if student not in self._students]
            try:
                with self._one_transaction():
                    for student in new:
                        self._book.add_student(student)
                self._book.db.commit()
            except api.InvalidEntry:
                self._roll_back()
                for student in new:
                    with contextlib.suppress(api.InvalidEntry):
                        self._book.update_or_create_student(student)
            self._students.update(new)

    def _hold(self, notebook: api.SubmittedNotebook) -> None:
        """Let no formgrader change these grades until they are committed; SQLite has one writer anyway."""
        if self.db_url.startswith("sqlite"):
            return
        grades = self._book.db.query(api.Grade).filter(api.Grade.notebook_id == notebook.id)
        grades.with_for_update().populate_existing().all()

    def _submission(self, place: Place, submitted: Path) -> api.SubmittedAssignment:
        timestamp = self.directory.timestamp(submitted)
        known = {"timestamp": timestamp} if timestamp else {}
        return self._book.update_or_create_submission(place.lab, place.student, **known)

    def _resources(self, place: Place) -> dict[str, Any]:
        ids = {
            "assignment": place.lab,
            "notebook": place.notebook,
            "student": place.student,
            "db_url": self.db_url,
        }
        return {"nbgrader": ids, "unique_key": place.notebook, "output_files_dir": f"{place.notebook}_files"}

    def _path(self, place: Place) -> Path:
        return self.directory.autograded(place.lab, place.student) / f"{place.notebook}.ipynb"

    def _write(
        self,
        place: Place,
        executed: NotebookNode,
        submitted: Path,
        files: Mapping[str, bytes],
        only: Collection[str] | None,
    ) -> None:
        path = self._path(place)
        timestamp = submitted / "timestamp.txt"
        if timestamp.is_file() and not timestamp.is_symlink():
            files = {**files, "timestamp.txt": timestamp.read_bytes()}
        for name, content in files.items():
            beside = path.parent / name
            if not (beside.is_file() and beside.read_bytes() == content):
                replace_file(beside, content)
        if only is not None:
            executed = _with_cells(path, executed, only)
        replace_file(path, nbformat.v4.writes(executed).encode("utf-8", "backslashreplace"))

    def _require_writable(self) -> None:
        """Fail at once, not after an hour of grading, when another program holds the file."""
        self._book.db.execute(text("UPDATE assignment SET name = name WHERE 1 = 0"))
        self._book.db.commit()

    def _name(self) -> str:
        return shown(self.db_url)

    @contextlib.contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        """Turn a database's errors into ours, and leave no half transaction behind."""
        try:
            with warnings.catch_warnings(), quiet():
                # nbgrader 0.9.6 adds objects in an order that SQLAlchemy 2 warns of, without harm.
                warnings.simplefilter("ignore", SAWarning)
                yield
        except (SQLAlchemyError, api.InvalidEntry) as error:
            self._roll_back()
            if not answers(self.db_url):
                raise RunStopped(
                    f"{self._name()}: the database does not answer, while {visible(doing)}. "
                    "What was recorded stays. Start it, then run this command again."
                ) from error
            what, advice = explain(str(getattr(error, "orig", None) or error))
            raise GradebookError(f"{self._name()}: {what} while {visible(doing)}. {advice}") from error
        except Exception:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if hasattr(self, "_book"):
            with contextlib.suppress(DBAPIError):  # of a database that is gone nothing can be taken back
                self._book.db.rollback()


def _save_scores(
    notebook: api.SubmittedNotebook,
    executed: NotebookNode,
    questions: Questions,
    reviewed: bool,
    only: Collection[str] | None,
) -> None:
    """What nbgrader's SaveAutoGrades does, with our verdicts for tests and checks."""
    verdicts = {question["cell"]: question for question in questions.values()}
    grades = {grade.name: grade for grade in notebook.grades}
    for cell in filter(is_graded, executed.cells):
        name = grade_id(cell)
        if only is not None and name not in only:
            continue
        grade, score = grades[name], _auto_score(cell, verdicts[name])
        by_hand = grade.manual_score is not None
        seen = reviewed and by_hand and not grade.needs_manual_grade and grade.auto_score == score
        grade.auto_score = score
        grade.needs_manual_grade = not seen and (by_hand or score is None)


def _save_comments(notebook: api.SubmittedNotebook, executed: NotebookNode) -> None:
    """Say where nothing was answered, as nbgrader does."""
    comments = {comment.name: comment for comment in notebook.comments}
    for cell in executed.cells:
        if not (is_answer(cell) or is_task(cell)):
            continue
        same = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
        comments[grade_id(cell)].auto_comment = "No response." if same and not is_task(cell) else None


def _words(place: Place) -> str:
    return f"{place.student}'s {place.lab if place.lab == place.notebook else f'{place.lab}/{place.notebook}'}"


def _wanted_cells(released: NotebookNode) -> dict[str, tuple[float, str]]:
    return {grade_id(cell): (max_points(cell), cell.cell_type) for cell in released.cells if has_points(cell)}


def _auto_score(cell: NotebookNode, question: Mapping[str, Any]) -> float | None:
    """The automatic score of a graded cell, None where a person decides."""
    if not is_check(cell):
        return determine_grade(cell)[0]
    return None if question["verdict"] == "manual" else question["points"]


def _with_cells(path: Path, executed: NotebookNode, names: Collection[str]) -> NotebookNode:
    """The notebook that was kept before, with these cells of the new one."""
    try:
        kept = nbformat.read(path, as_version=4)
    except (OSError, ValueError):
        return executed
    fresh = {grade_id(cell): cell for cell in executed.cells if grade_id(cell) in names}
    kept.cells = [fresh.get(grade_id(cell), cell) for cell in kept.cells]
    return kept
