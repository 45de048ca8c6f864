"""The one writer of nbgrader's gradebook and of the folder `autograded/`."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
from alembic.script import ScriptDirectory
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import api
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
    SaveCells,
)
from nbgrader.utils import compute_checksum, determine_grade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from autograder._errors import GradebookError
from autograder._nbgrader.preprocessors import RecordVerdicts
from autograder._rebuild import is_check, is_graded
from autograder._submission import grade_id, visible
from autograder._verdicts import max_points

_PREPROCESSORS: tuple[type, ...] = (
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    RecordVerdicts,
    AssignLatePenalties,
    CheckCellMetadata,
)

_HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*(\n|$)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class HandGrade:
    """One graded cell as the gradebook has it.

    Args:
        points: The points that count: the hand's where a hand gave some, and extra credit.
        manual: What a person gave, None if nobody did.
        needs_manual: Whether a person still has to look.
    """

    points: float
    manual: float | None
    needs_manual: bool


class Gradebook:
    """A class's gradebook, opened for one run; the only place that writes to it.

    Args:
        class_dir: The class's folder.
        db_url: nbgrader's database; None for what `class_dir/nbgrader_config.py` says, else `gradebook.db`.

    Raises:
        GradebookError: If it is no gradebook, an older nbgrader's, or in use by another program.
    """

    def __init__(self, class_dir: Path, db_url: str | None = None) -> None:
        self.class_dir = class_dir.resolve()
        self.config = _config(self.class_dir)
        directory = CourseDirectory(config=self.config, root=str(self.class_dir))
        self.db_url = db_url or directory.db_url
        self.course_id = directory.course_id or "default_course"
        self._directory = directory
        with self._explained("opening it"):
            _require_current(self.db_url)
            self._book = api.Gradebook(self.db_url, self.course_id)
            self._require_writable()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def register(self, lab: str, released: NotebookNode) -> NotebookNode:
        """Make the released lab known, or bring it up to date.

        Returns:
            The notebook to grade with: the released one, with the hidden tests that the gradebook of an ordinary
            nbgrader course keeps.

        Raises:
            GradebookError: If its graded cells or points changed after submissions were recorded.
        """
        wanted = nbformat.from_dict(released)
        with self._explained(f"registering {lab}"):
            self._add_hidden_tests(lab, wanted)
            if not self._is_registered(lab, wanted):
                self._book.update_or_create_assignment(lab)
                try:
                    # nbgrader's own step, which also deletes and makes anew what no submission needs.
                    SaveCells(config=self.config).preprocess(wanted, self._resources(lab, ""))
                except RuntimeError as error:
                    raise self._changed(lab) from error
                self._book.db.expire_all()
        self._show_to_formgrader(lab, released)
        return wanted

    def _show_to_formgrader(self, lab: str, released: NotebookNode) -> None:
        """Put the release where nbgrader looks for assignments: formgrader lists no others."""
        folder = Path(self._directory.format_path(self._directory.source_directory, ".", lab))
        if not folder.exists():
            folder.mkdir(parents=True)
            nbformat.write(released, folder / f"{lab}.ipynb")

    def _add_hidden_tests(self, lab: str, released: NotebookNode) -> None:
        sources = self._sources(lab)
        for cell in filter(is_check, released.cells):
            whole = sources.get(grade_id(cell), "")
            if _HIDDEN.search(whole) and _HIDDEN.sub("", whole).strip() == cell.source.strip():
                cell.source = whole
                cell.metadata.nbgrader.checksum = compute_checksum(cell)

    def _sources(self, lab: str) -> dict[str, str]:
        with contextlib.suppress(api.MissingEntry):
            return {cell.name: cell.source for cell in self._book.find_notebook(lab, lab).source_cells}
        return {}

    def _is_registered(self, lab: str, released: NotebookNode) -> bool:
        """Whether the gradebook has exactly these cells."""
        try:
            notebook = self._book.find_notebook(lab, lab)
        except api.MissingEntry:
            return False
        has = {cell.name: (cell.max_score, cell.cell_type) for cell in notebook.grade_cells}
        wants = {grade_id(cell): (max_points(cell), cell.cell_type) for cell in released.cells if is_graded(cell)}
        if has != wants and notebook.submissions:
            raise self._changed(lab)
        sources = {grade_id(cell): cell.source for cell in released.cells if grade_id(cell)}
        return has == wants and self._sources(lab) == sources

    def _changed(self, lab: str) -> GradebookError:
        return GradebookError(
            f"{self._name()}: the graded cells of {lab} or their points changed after submissions were recorded. "
            "Grade this class with the release that it was given, or move the gradebook away and grade anew."
        )

    def record(
        self, lab: str, student: str, executed: NotebookNode, submitted: Path, *, reviewed: bool = False
    ) -> None:
        """Score one executed notebook, keep it as `autograded/STUDENT/LAB/LAB.ipynb`.

        Scores and comments that a person gave stay.

        Args:
            lab: The lab's id.
            student: The student's id in the gradebook.
            executed: Rebuilt and executed.
            submitted: The folder of the submission; its `timestamp.txt` counts for late penalties.
            reviewed: Whether this file was graded before: what a person has marked need not be looked at again.
        """
        with self._explained(f"recording {student}'s {lab}"):
            self._submission(lab, student, submitted)
            marked = self._marked(lab, student) if reviewed else set()
            resources = self._resources(lab, student)
            for cell in executed.cells:
                _make_scorable(cell)
            for preprocessor in _PREPROCESSORS:
                step: NbGraderPreprocessor = preprocessor(config=self.config)
                if step.enabled:
                    executed, resources = step.preprocess(executed, resources)
            self._book.db.expire_all()
            for grade in self._book.find_submission_notebook(lab, lab, student).grades:
                if grade.name in marked:
                    grade.needs_manual_grade = False
            self._book.db.commit()
        self._write(lab, student, executed, submitted)

    def _marked(self, lab: str, student: str) -> set[str]:
        """Cells that a person has marked and that wait for nobody."""
        grades = self._book.find_submission_notebook(lab, lab, student).grades
        return {grade.name for grade in grades if grade.manual_score is not None and not grade.needs_manual_grade}

    def record_zero(self, lab: str, student: str, submitted: Path) -> None:
        """Record a submission that cannot be read: no points but those that a person gave."""
        with self._explained(f"recording {student}'s {lab}"):
            self._submission(lab, student, submitted)
            notebook = self._book.find_submission_notebook(lab, lab, student)
            for grade in notebook.grades:
                grade.auto_score = 0
                grade.needs_manual_grade = False
            notebook.late_submission_penalty = None
            self._book.db.commit()
        self._path(lab, student).unlink(missing_ok=True)

    def has_submission(self, lab: str, student: str) -> bool:
        """Whether something of this student's is recorded."""
        with self._explained(f"reading {student}'s {lab}"):
            try:
                self._book.find_submission(lab, student)
            except api.MissingEntry:
                return False
            return True

    def grades(self, lab: str, student: str) -> dict[str, HandGrade]:
        """Every graded cell of a recorded submission, by nbgrader id."""
        with self._explained(f"reading {student}'s {lab}"):
            self._book.db.expire_all()
            notebook = self._book.find_submission_notebook(lab, lab, student)
            return {
                grade.name: HandGrade(float(grade.score), grade.manual_score, grade.needs_manual_grade)
                for grade in notebook.grades
            }

    def comments(self, lab: str, student: str) -> dict[str, str]:
        """What a person wrote about a recorded submission, by the answer cell's nbgrader id."""
        with self._explained(f"reading {student}'s {lab}"):
            notebook = self._book.find_submission_notebook(lab, lab, student)
            return {
                comment.name: comment.manual_comment for comment in notebook.comments if comment.manual_comment
            }

    def late_penalty(self, lab: str, student: str) -> float:
        """Points that nbgrader's late-submission plugin takes off the notebook."""
        with self._explained(f"reading {student}'s {lab}"):
            return float(self._book.find_submission_notebook(lab, lab, student).late_submission_penalty or 0)

    def students(self, lab: str) -> list[str]:
        """Students with a recorded submission of the lab."""
        with self._explained(f"reading {lab}"):
            return sorted(submission.student_id for submission in self._book.assignment_submissions(lab))

    def _submission(self, lab: str, student: str, submitted: Path) -> None:
        self._book.update_or_create_student(student)
        try:
            timestamp = self._directory.get_existing_timestamp(str(submitted))
        except (AttributeError, OSError, ValueError):
            timestamp = None  # nbgrader 0.9.6 stumbles over a timestamp that is none; such a file says nothing
        known = {"timestamp": timestamp} if timestamp else {}
        self._book.update_or_create_submission(lab, student, **known)

    def _resources(self, lab: str, student: str) -> dict[str, Any]:
        ids = {"assignment": lab, "notebook": lab, "student": student, "db_url": self.db_url}
        return {"nbgrader": ids, "unique_key": lab, "output_files_dir": f"{lab}_files"}

    def _path(self, lab: str, student: str) -> Path:
        folder = self._directory.format_path(self._directory.autograded_directory, student, lab)
        return Path(folder, f"{lab}.ipynb")

    def _write(self, lab: str, student: str, executed: NotebookNode, submitted: Path) -> None:
        path = self._path(lab, student)
        path.parent.mkdir(parents=True, exist_ok=True)
        timestamp = submitted / "timestamp.txt"
        if timestamp.is_file() and not timestamp.is_symlink():
            (path.parent / "timestamp.txt").write_bytes(timestamp.read_bytes())
        content = nbformat.writes(executed).encode("utf-8", "backslashreplace")
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            file.write(content)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)

    def _require_writable(self) -> None:
        """Fail at once, not after an hour of grading, when another program holds the file."""
        self._book.db.execute(text("UPDATE assignment SET name = name WHERE 1 = 0"))
        self._book.db.commit()

    def _name(self) -> str:
        return visible(self.db_url.removeprefix("sqlite:///"))

    @contextlib.contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        """Turn a database's errors into ours, and leave no half transaction behind."""
        try:
            with warnings.catch_warnings():
                # nbgrader 0.9.6 adds objects in an order that SQLAlchemy 2 warns of, without harm.
                warnings.simplefilter("ignore", SAWarning)
                yield
        except SQLAlchemyError as error:
            self._roll_back()
            what, advice = _explain(str(getattr(error, "orig", None) or error))
            raise GradebookError(f"{self._name()}: {what} while {visible(doing)}. {advice}") from error
        except Exception:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if hasattr(self, "_book"):
            self._book.db.rollback()


def _explain(reason: str) -> tuple[str, str]:
    if "locked" in reason:
        return "locked by another program", "Close formgrader or the other command, then run this one again."
    if "not a database" in reason or "malformed" in reason:
        return "not a database, or a damaged one", "Restore it from a copy, or move it away and grade anew."
    if "no such column" in reason or "no such table" in reason:
        return f"not what this nbgrader expects ({reason})", "Copy it, then run `nbgrader db upgrade`."
    if "readonly" in reason or "unable to open" in reason:
        return reason, "Look at the permissions of the file and of its folder."
    return reason, "Look at the database, then run this command again; what was recorded stays."


def _require_current(db_url: str) -> None:
    """Refuse an older nbgrader's database before anything is created in it; mark a new one with the schema.

    nbgrader would ask the command `alembic` for the schema, which is not on the path of every environment.
    """
    current = ScriptDirectory(str(Path(api.__file__).parent / "alembic")).get_current_head()
    engine = create_engine(db_url)
    try:
        with engine.begin() as connection:
            tables = inspect(connection).get_table_names()
            if not tables:
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:current)"), {"current": current})
            has_version = not tables or "alembic_version" in tables
            query = text("SELECT version_num FROM alembic_version")
            version = connection.execute(query).scalar() if has_version else None
    finally:
        engine.dispose()
    if version != current:
        raise GradebookError(
            f"{visible(db_url.removeprefix('sqlite:///'))}: the gradebook of another nbgrader version (schema "
            f"{version or 'none'}, wanted {current}). Copy the file, then run `nbgrader db upgrade` in its folder."
        )


def _config(class_dir: Path) -> Config:
    """The class's own nbgrader settings, such as a late-submission plugin; none if there are none."""
    path = class_dir / "nbgrader_config.py"
    if not path.is_file():
        return Config()
    try:
        return PyFileConfigLoader(path.name, path=str(class_dir)).load_config()
    except Exception as error:
        # The file is code: whatever it raises, the instructor needs its name and line.
        raise GradebookError(f"{path}: {type(error).__name__}: {error}. Correct the file.") from error


def _make_scorable(cell: NotebookNode) -> None:
    """Give a test whose value nbgrader refuses an error output, or the whole submission would fail."""
    if not is_check(cell):
        return
    try:
        determine_grade(cell)
    except (KeyError, TypeError, ValueError) as error:
        what = f"nbgrader refuses this cell's value: {error}"
        cell.outputs.insert(0, new_output("error", ename="ValueError", evalue=what, traceback=[what]))
