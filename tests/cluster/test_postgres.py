"""The gradebook in a database server: the same tables, several writers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

from autograder._nbgrader.database import shown
from tests.autograder.small_lab import ROOT
from tests.autograder.test_survives import LAB, NAMES, SlowClass
from tests.cluster.services import postgres, wait_until

pytestmark = pytest.mark.slow
SECOND = "second"


@pytest.fixture(scope="module")
def server():
    """A server for the tests of this file."""
    with postgres() as found:
        yield found


@pytest.fixture
def database(server):
    """Its empty database."""
    server.run("DROP DATABASE IF EXISTS gradebook WITH (FORCE)", "postgres")
    server.run("CREATE DATABASE gradebook", "postgres")
    return server


def scores(url: str, lab: str = LAB) -> dict:
    """What nbgrader itself reads."""
    with Gradebook(url) as book:
        return {
            (item.student.id, grade.name): (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for item in book.notebook_submissions(lab, lab)
            for grade in item.grades
        }


def test_the_same_grades_as_in_a_file(tmp_path, database):
    """SQLite and PostgreSQL hold the same scores after the same command."""
    in_file, in_server = SlowClass(tmp_path / "a", seconds=0), SlowClass(tmp_path / "b", seconds=0)
    for found, options in ((in_file, []), (in_server, ["--db", database.url])):
        status, output = found.finish(*options)
        assert status == 0, output
    assert scores(database.url) == scores(f"sqlite:///{in_file.folder / 'gradebook.db'}")
    assert not (in_server.folder / "gradebook.db").exists()


def test_nothing_is_graded_twice(tmp_path, database):
    """The second run finds the rows of the first."""
    found = SlowClass(tmp_path, seconds=0)
    found.finish("--db", database.url)
    _, output = found.finish("--db", database.url)
    assert f"Graded now: 0. Graded before and unchanged: {len(NAMES)}." in output


def test_what_formgrader_asks_for(tmp_path, database):
    """Every list of formgrader, through nbgrader's own API, on this database."""
    found = SlowClass(tmp_path, seconds=0)
    found.finish("--db", database.url)
    shutil.copytree(tmp_path / "release", tmp_path / "source")  # nbgrader lists assignments by their folders
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.db_url = database.url
    nbgrader = NbGraderAPI(config=config)
    (assignment,) = nbgrader.get_assignments()
    assert (assignment["name"], assignment["num_submissions"]) == (LAB, len(NAMES))
    assert {item["student"] for item in nbgrader.get_submissions(LAB)} == set(NAMES)
    assert {item["id"]: item["score"] for item in nbgrader.get_students()}[NAMES[3]] == 5
    assert len(nbgrader.get_notebook_submissions(LAB, LAB)) == len(NAMES)
    assert nbgrader.get_student_submissions(NAMES[2])[0]["score"] == 4


def test_export_feedback_and_report_read_it(tmp_path, database):
    """Points that a person gave in the server reach the table, the page and the report."""
    found = SlowClass(tmp_path, seconds=0)
    found.finish("--db", database.url)
    with Gradebook(database.url) as book:
        grade = book.find_grade("points", LAB, LAB, NAMES[0])
        grade.manual_score = 1.5
        grade.needs_manual_grade = False
        book.db.commit()
    for command in (["export", "--csv", str(tmp_path / "grades.csv")], ["feedback"], ["report"]):
        whole = [sys.executable, "-m", "autograder.cli", *command, "--class", str(tmp_path), "--db", database.url]
        subprocess.run(whole, check=True, cwd=ROOT, capture_output=True)
    assert f"{NAMES[0]},{LAB},3.5,5,70" in (tmp_path / "grades.csv").read_text("utf-8-sig")
    assert "3.5" in (tmp_path / "feedback" / NAMES[0] / LAB / f"{LAB}.html").read_text()
    assert "3.5" in (tmp_path / "report.html").read_text()


def add_second_lab(found: SlowClass) -> None:
    """The same notebook once more, as another lab with the same students."""
    for path in [*found.folder.glob(f"submitted/*/{LAB}/{LAB}.ipynb"), *found.folder.glob("release/*/*.ipynb")]:
        other = path.parent.parent / SECOND / f"{SECOND}.ipynb"
        other.parent.mkdir()
        nbformat.write(nbformat.read(path, as_version=4), other)


class Formgrader(threading.Thread):
    """Writes points by hand, one cell after another, as long as commands run."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.stop, self.given = url, threading.Event(), {}

    def run(self) -> None:
        with Gradebook(self.url) as book:
            while not self.stop.is_set():
                for student in NAMES:
                    grade = book.find_grade("points", LAB, LAB, student)
                    self.given[student] = 0.5 + len(self.given) % 5 / 2
                    grade.manual_score, grade.needs_manual_grade = self.given[student], False
                    book.db.commit()
                    time.sleep(0.01)


def test_two_commands_and_formgrader_at_the_same_time(tmp_path, database):
    """Different labs of the same students; what a person writes meanwhile stays."""
    found = SlowClass(tmp_path, seconds=0.2)
    add_second_lab(found)
    assert found.finish("--db", database.url)[0] == 0
    by_hand = Formgrader(database.url)
    by_hand.start()
    first = found.start("--db", database.url, "--regrade")
    second = subprocess.Popen(
        [SECOND if part == LAB else part for part in found.command("--db", database.url)],
        cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    outputs = [process.communicate()[0] for process in (first, second)]
    by_hand.stop.set()
    by_hand.join()
    assert [first.returncode, second.returncode] == [0, 0], outputs
    kept = {
        student: manual for (student, cell), (_, manual, _) in scores(database.url).items() if cell == "points"
    }
    assert kept == by_hand.given
    assert len(scores(database.url, SECOND)) == 2 * len(NAMES)


def test_two_commands_fill_an_empty_database(tmp_path, database):
    """Both make the tables, the students and a lab at the same moment."""
    found = SlowClass(tmp_path, seconds=0)
    add_second_lab(found)
    processes = [
        subprocess.Popen(
            [lab if part == LAB else part for part in found.command("--db", database.url)],
            cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for lab in (LAB, SECOND)
    ]  # fmt: skip
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert len(scores(database.url)) == len(scores(database.url, SECOND)) == 2 * len(NAMES)


def test_one_lab_has_one_command(tmp_path, database):
    """A second one is refused, and says why."""
    found = SlowClass(tmp_path, seconds=600)
    first = found.start("--db", database.url)
    wait_until((tmp_path / ".autograder" / f"lock-{LAB}").exists, "the first command")
    status, output = found.finish("--db", database.url)
    first.kill()
    first.communicate()
    assert status == 2 and "at work here" in output


def test_a_password_is_not_shown():
    """Not in an error, which may end up in an e-mail."""
    assert shown("postgresql://ana:secret@db.example/grades") == "postgresql://ana:***@db.example/grades"


@pytest.mark.parametrize(
    ("url", "message"),
    [("no address", "no database's address"), ("mongodb://x/y", "no database's address")],
)
def test_a_wrong_address_is_explained(tmp_path, url, message):
    """What was given, and how one looks."""
    status, output = SlowClass(tmp_path, NAMES[:1]).finish("--db", url)
    assert status == 1 and message in output and "postgresql://" in output, output
