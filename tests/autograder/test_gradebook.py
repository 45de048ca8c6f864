"""The one writer of nbgrader's gradebook."""

from __future__ import annotations

import sqlite3

import nbformat
import pytest
from nbformat.v4 import new_output
from nbgrader.api import Gradebook as NbGradebook
from nbgrader.preprocessors import SaveAutoGrades
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder import GradebookError
from autograder._nbgrader.directory import ClassDirectory
from autograder._nbgrader.gradebook import Gradebook
from autograder._nbgrader.preprocessors import RecordVerdicts
from autograder._notebook import Lab
from autograder._rebuild import full_source, rebuild
from autograder._result import MIME, Result
from autograder._store import Place
from autograder._verdicts import read_verdicts
from tests.autograder.small_lab import LAB, answered, cell, notebook, released, test_cell

ANA = Place(LAB, LAB, "ana")


def executed(*outputs, lab=None):
    """The lab as if executed: these outputs in its check cell."""
    done = rebuild(lab or released(), answered(why="Because.")).notebook
    cell(done, "check-double").outputs = list(outputs)
    return done


def shown(points=4.0, verdict="passed", **fields):
    """What check("double") displays."""
    data = Result(LAB, "double", points, 4, verdict).to_dict() | fields
    return new_output("display_data", data={"text/plain": "a table", MIME: data})


def value(text):
    return new_output("execute_result", data={"text/plain": text})


def stderr(text="UserWarning"):
    return new_output("stream", name="stderr", text=text)


def score(folder, student="ana", id="check-double"):
    with NbGradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        grade = book.find_grade(id, LAB, LAB, student)
        return grade.auto_score, grade.needs_manual_grade


def ours(folder):
    return Gradebook(ClassDirectory(folder))


def tiny(found=None):
    """The lab as the gradebook is told of it."""
    return Lab(LAB, found or released(), "hash")


def record(folder, done, lab=None):
    with ours(folder) as book:
        book.register(tiny(lab))
        book.record(ANA, done, read_verdicts(done), folder / "submitted" / "ana" / LAB)
        return book.recorded(ANA).grades


@pytest.mark.parametrize(
    ("outputs", "points"),
    [
        ([shown(), value("4.0")], 4),
        ([stderr(), shown(), value("4.0")], 4),
        ([shown(2.5, "partly"), value("2.5")], 2.5),
        ([shown(0.0, "failed"), value("0.0")], 0),
        ([shown(2.0, "partly")], 2),
        ([], 0),
        ([value("4.0")], 0),
        ([value("400.0")], 0),
        ([new_output("stream", text="fine")], 0),
        ([shown(), shown(), value("4.0")], 0),
        ([shown(question="other"), value("4.0")], 0),
        ([shown(points=400), value("4.0")], 0),
        ([shown(points=float("nan")), value("4.0")], 0),
        ([shown(points="4"), value("4.0")], 0),
        ([shown(verdict="great"), value("4.0")], 0),
        ([new_output("display_data", data={MIME: "text"}), value("4.0")], 0),
        ([shown(), new_output("error", ename="CheckFailed", evalue="")], 0),
    ],
)
def test_the_checks_own_result_decides(tmp_path, outputs, points):
    """A warning beside it costs nothing; silence and forgeries give nothing."""
    record(tmp_path, executed(*outputs))
    assert score(tmp_path) == (points, False)


def test_a_manual_verdict_waits_for_a_person(tmp_path):
    """No automatic points at all, so that formgrader lists it."""
    record(tmp_path, executed(shown(0.0, "manual"), value("0.0")))
    assert score(tmp_path) == (None, True)


def test_record_verdicts_works_after_nbgraders_own_step(tmp_path):
    """As in plain `nbgrader autograde`."""
    record(tmp_path, executed())
    done = executed(stderr(), shown(), value("4.0"))
    where = {"nbgrader": {"notebook": LAB, "assignment": LAB, "student": "ana"}}
    where["nbgrader"]["db_url"] = f"sqlite:///{tmp_path / 'gradebook.db'}"
    SaveAutoGrades().preprocess(done, where)
    assert score(tmp_path) == (0, False)
    RecordVerdicts().preprocess(done, where)
    assert score(tmp_path) == (4, False)


def test_the_executed_notebook_is_kept(tmp_path):
    """Where formgrader and nbgrader's feedback look for it."""
    record(tmp_path, executed(shown(), value("4.0")))
    kept = nbformat.read(tmp_path / "autograded" / "ana" / LAB / "tiny.ipynb", as_version=4)
    assert MIME in cell(kept, "check-double").outputs[0].data


def test_a_timestamp_travels_with_it(tmp_path):
    """nbgrader compares it to see what is new."""
    folder = tmp_path / "submitted" / "ana" / LAB
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    record(tmp_path, executed())
    assert (tmp_path / "autograded" / "ana" / LAB / "timestamp.txt").read_text() == "2026-01-02 03:04:05 UTC"
    with NbGradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        assert str(book.find_submission(LAB, "ana").timestamp) == "2026-01-02 03:04:05"


def test_a_gradebook_is_made_without_alembic_on_the_path(tmp_path, monkeypatch):
    """A virtual environment need not be activated."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with ours(tmp_path) as book:
        book.register(tiny())
    assert (tmp_path / "gradebook.db").exists()


def test_registering_twice_changes_nothing(tmp_path):
    """Every run registers."""
    record(tmp_path, executed(shown(), value("4.0")))
    with ours(tmp_path) as book:
        book.register(tiny())
        assert book.recorded(ANA).grades["check-double"].points == 4
        assert book.students(LAB) == ["ana"]


def changed_points():
    lab = released()
    cell(lab, "check-double").metadata.nbgrader.points = 5
    return lab


def test_points_may_change_before_anything_is_recorded(tmp_path):
    """A lab is corrected before the term."""
    with ours(tmp_path) as book:
        book.register(tiny())
        book.register(tiny(changed_points()))
    with NbGradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as opened:
        assert opened.find_grade_cell("check-double", LAB, LAB).max_score == 5


def test_points_that_change_after_submissions_are_refused(tmp_path):
    """Half a class would have other points than the rest."""
    record(tmp_path, executed())
    with (
        ours(tmp_path) as book,
        pytest.raises(GradebookError, match="changed after submissions were recorded"),
    ):
        book.register(tiny(changed_points()))


def test_cells_that_change_after_submissions_are_refused(tmp_path):
    """nbgrader's own refusal, in our words."""
    record(tmp_path, executed())
    lab = released()
    lab.cells = [item for item in lab.cells if item.id != "double"]
    with (
        ours(tmp_path) as book,
        pytest.raises(GradebookError, match="changed after submissions were recorded"),
    ):
        book.register(tiny(lab))


def test_hidden_tests_of_the_gradebook_are_kept(tmp_path):
    """An ordinary nbgrader course: the release lacks them, the gradebook has them."""
    whole = "assert f(1)\n### BEGIN HIDDEN TESTS\nassert f(2)\n### END HIDDEN TESTS"
    with ours(tmp_path) as book:
        book.register(tiny(notebook([test_cell("test-1", whole, 5)])))
        found = book.register(tiny(notebook([test_cell("test-1", "assert f(1)", 5)])))
        again = book.register(tiny(notebook([test_cell("test-1", "assert f(1)", 5)])))
        assert list(book.sources(LAB, LAB).values()) == [whole]
    for lab in (found, again):
        assert lab.released.cells[0].source == "assert f(1)"
        assert full_source(lab.released.cells[0]) == whole


def test_a_file_that_is_no_database_is_named(tmp_path):
    """A text file called gradebook.db."""
    (tmp_path / "gradebook.db").write_text("hello " * 1000)
    with pytest.raises(GradebookError, match=r"gradebook\.db: not a database, or a damaged one"):
        ours(tmp_path)


def test_an_older_gradebook_is_left_alone(tmp_path):
    """The message says what to do; nothing is written into it."""
    with ours(tmp_path) as book:
        book.register(tiny())
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '50a4d84c131a'")
    database.close()
    before = (tmp_path / "gradebook.db").read_bytes()
    with pytest.raises(GradebookError, match=r"schema 50a4d84c131a, .* run `nbgrader db upgrade`"):
        ours(tmp_path)
    assert (tmp_path / "gradebook.db").read_bytes() == before


def test_a_gradebook_without_a_version_is_left_alone(tmp_path):
    """nbgrader before 0.5 wrote none."""
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        database.execute("CREATE TABLE student (id TEXT)")
    database.close()
    with pytest.raises(GradebookError, match="schema none"):
        ours(tmp_path)


def test_a_locked_gradebook_is_said_at_once(tmp_path):
    """Before an hour of grading, not after it."""
    with ours(tmp_path) as book:
        book.register(tiny())
    holder = sqlite3.connect(tmp_path / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(GradebookError, match="locked by another program"):
            ours(tmp_path)
    finally:
        holder.close()


def test_a_wrong_nbgrader_config_is_named(tmp_path):
    """With what it raised."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n1 / 0\n")
    with pytest.raises(GradebookError, match=r"nbgrader_config\.py: ZeroDivisionError"):
        ours(tmp_path)


def test_the_classs_own_database_is_used(tmp_path):
    """What nbgrader_config.py says."""
    other = tmp_path / "other.db"
    (tmp_path / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{other}'\n"
    )
    with ours(tmp_path) as book:
        book.register(tiny())
    assert other.exists()


def test_a_zero_keeps_points_given_by_hand(tmp_path):
    """A person may have graded the broken file."""
    record(tmp_path, executed(shown(), value("4.0")))
    with NbGradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as opened:
        opened.find_grade("essay-why", LAB, LAB, "ana").manual_score = 2
        opened.db.commit()
    with ours(tmp_path) as book:
        book.record_zero(ANA, tmp_path)
        grades = book.recorded(ANA).grades
    assert (grades["check-double"].points, grades["essay-why"].points) == (0, 2)


@pytest.mark.parametrize(
    ("table", "column"),
    [("grade", "notebook_id"), ("comment", "notebook_id"), ("submitted_notebook", "assignment_id")],
)
def test_what_is_asked_for_every_submission_has_an_index(tmp_path, table, column):
    """nbgrader's tables have none: every lookup would read them whole, and a large class cost more and more."""
    with ours(tmp_path), ours(tmp_path):  # the second finds them
        pass
    with sqlite3.connect(tmp_path / "gradebook.db") as book:
        plan = book.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {column} = 'x'").fetchone()[3]
    assert plan.startswith(f"SEARCH {table} USING INDEX")


GROWING = {"student", "submitted_assignment", "submitted_notebook", "grade", "comment"}


def test_no_statement_of_a_submission_reads_a_table_that_grows_with_the_class(tmp_path):
    """SQLite says itself how it would find each row; a lab's own cells it may read whole."""
    read_whole, asked = set(), []

    def explain(connection, cursor, statement, parameters, context, many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            driver = connection.connection.driver_connection
            plan = driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters[0] if many else parameters)
            read_whole.update(row[3].split()[1] for row in plan if row[3].startswith("SCAN"))
            asked.append(statement)

    record(tmp_path, executed(shown(), value("4.0")))
    with ours(tmp_path) as book:
        book.know(["bob"])  # as a run does, once for the whole class
        event.listen(Engine, "before_cursor_execute", explain)
        try:
            done, bob = executed(shown(), value("4.0")), Place(LAB, LAB, "bob")
            book.record(bob, done, read_verdicts(done, LAB), tmp_path)
            assert book.row(bob) and book.recorded(bob).grades
        finally:
            event.remove(Engine, "before_cursor_execute", explain)
    assert len(asked) > 10
    assert "base_cell" in read_whole and not read_whole & GROWING, read_whole
