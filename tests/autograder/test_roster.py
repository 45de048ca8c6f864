"""The class's roster: who is missing, who is a stranger, and what names appear where."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from nbgrader.api import Gradebook as NbGradebook

from autograder import UsageError
from autograder._course import NoCourse
from autograder._grade import grade, graded_records
from autograder._make_roster import from_canvas, from_moodle
from autograder._pages import write_all_feedback, write_class_report
from autograder._roster import Student, read_extensions, read_roster
from autograder._store import Store
from autograder._times import read_time, read_zone
from tests.autograder.lms import GRADEBOOK, WORKSHEET
from tests.autograder.small_lab import LAB, SmallClass, answered, kernel_path

ROSTER = "folder,learner,first_name,last_name,email,canvas_id\nana,,Ana,Meier,ana@example.org,1001\nbob,b17,,,,\n"


def roster(folder, text):
    (folder / "students.csv").write_text(text, encoding="utf-8")
    return read_roster(folder)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Ana handed in, Bob did not, Eve is not on the roster."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", kernel_path())
        small = SmallClass(tmp_path_factory.mktemp("roster"))
        small.submit("ana", answered(learner="ana"))
        small.submit("eve", answered())
        roster(small.folder, ROSTER)
        grade([LAB], small.folder, released=lambda _: small.release)
        records = graded_records(small.folder)
        write_all_feedback(records, small.folder, NoCourse())
        write_class_report(records, small.folder, NoCourse())
    return small


def test_no_roster_is_no_roster(tmp_path):
    """Nothing changes for a class without one."""
    assert read_roster(tmp_path) == {} and read_extensions(tmp_path) is None


def test_a_folder_is_all_that_a_line_needs(tmp_path):
    """Other columns may be empty, or missing, or of other names."""
    found = roster(tmp_path, "Folder,nickname\njsmith,jj\n\n")
    assert found == {"jsmith": Student("jsmith")}


def test_a_spreadsheets_semicolons_and_mark_are_read(tmp_path):
    """As Excel saves it in much of Europe."""
    assert roster(tmp_path, "\ufefffolder;last_name\njsmith;Smith, Jane\n")["jsmith"].name == "Smith, Jane"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nx\n", "no column folder"),
        ("folder\nana\nana\n", r"line 3: the folder ana stands in line 2 too"),
        ("folder,canvas_id\nana,7\nbob,7\n", r"line 3: the canvas_id 7 stands in line 2 too"),
        ("folder,email\nana,A@x.org\nbob,a@x.org\n", "the email a@x.org stands in line 2 too"),
        ("folder,learner\n,x\n", "line 2: '' is no name of a student's folder"),
        ("folder\n../ana\n", "no name of a student's folder"),
        ("folder\n.hidden\n", "no name of a student's folder"),
        ("", "names no columns"),
    ],
)
def test_a_wrong_roster_is_named(tmp_path, text, message):
    """With file and line."""
    with pytest.raises(UsageError, match=message):
        roster(tmp_path, text)


def test_learners_csv_counts_over_the_roster(tmp_path):
    """A class that has one keeps it."""
    roster(tmp_path, ROSTER)
    (tmp_path / "learners.csv").write_text("folder,learner\nana,a1\n")
    assert Store(tmp_path).learners() == {"ana": "a1", "bob": "b17"}


def test_who_handed_nothing_in_is_missing(graded):
    """Named in the report, by name where there is one."""
    page = (graded.folder / "report.html").read_text(encoding="utf-8")
    assert "Nothing handed in (1): <bdi>b17</bdi>" in page and "Meier, Ana (ana)" in page


def test_who_is_not_on_the_roster_is_told(graded):
    """A note for the instructor."""
    page = (graded.folder / "report.html").read_text(encoding="utf-8")
    assert "Not in <code>students.csv</code> (1): <bdi>eve</bdi>" in page


def test_a_missing_student_costs_the_class_nothing(graded):
    """No submission is counted, and none is in the gradebook."""
    record = next(item for item in graded_records(graded.folder) if item["student"] == "bob")
    assert (record["submitted"], record["points"]) == (False, 0)
    with NbGradebook(f"sqlite:///{graded.folder / 'gradebook.db'}") as book:
        assert {item.student_id for item in book.assignment_submissions(LAB)} == {"ana", "eve"}


def test_formgrader_shows_names(graded):
    """They are in nbgrader's gradebook, with the address and Canvas' number."""
    with NbGradebook(f"sqlite:///{graded.folder / 'gradebook.db'}") as book:
        ana = book.find_student("ana")
        assert (ana.first_name, ana.last_name, ana.email, ana.lms_user_id) == (
            "Ana",
            "Meier",
            "ana@example.org",
            "1001",
        )
        assert book.find_student("bob").first_name is None


def test_students_see_no_names(graded):
    """A page of feedback has the folder, as ever."""
    pages = [path.read_text(encoding="utf-8") for path in (graded.folder / "feedback").rglob("*.html")]
    assert pages and not any("Meier" in page for page in pages)


def test_a_roster_is_made_from_canvas(tmp_path):
    """Every student but the test student; the folder is the login."""
    (tmp_path / "in.csv").write_text(GRADEBOOK, encoding="utf-8")
    assert len(from_canvas(tmp_path / "in.csv", tmp_path)) == 4
    jane = read_roster(tmp_path)["jsmith"]
    assert (jane.name, jane.canvas_id, jane.sis_id) == ("Smith, Jane", "1001", "u17")


def test_no_name_in_a_roster_is_a_formula(tmp_path):
    """Students choose their names, and instructors open the file in a spreadsheet."""
    (tmp_path / "in.csv").write_text(GRADEBOOK, encoding="utf-8")
    from_canvas(tmp_path / "in.csv", tmp_path)
    assert read_roster(tmp_path)["xhost"].last_name == 'HYPERLINK("http://x")'


def test_a_roster_is_made_from_moodle(tmp_path):
    """By address; Moodle's number is one assignment's own and is not kept."""
    (tmp_path / "in.csv").write_text(WORKSHEET, encoding="utf-8-sig")
    from_moodle(tmp_path / "in.csv", tmp_path)
    assert read_roster(tmp_path)["zoe"] == Student("zoe", "", "Zoë", "Müller", "zoe@example.org")


def test_a_roster_is_added_to(tmp_path):
    """Lines that are there stay as they are, with columns of the instructor's own."""
    (tmp_path / "in.csv").write_text(GRADEBOOK, encoding="utf-8")
    roster(tmp_path, "folder,canvas_id,group\nmine,1001,A\n")
    assert len(from_canvas(tmp_path / "in.csv", tmp_path)) == 3
    assert (
        (tmp_path / "students.csv").read_text().startswith("folder,canvas_id,group\nmine,1001,A\nzmueller,1002,\n")
    )
    assert from_canvas(tmp_path / "in.csv", tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05 23:59 Europe/Zurich",
        "2026-03-05 23:59 +01:00",
        "2026-03-05T23:59+0100",
        "2026-03-05 22:59 UTC",
        "2026-03-05T22:59:00Z",
    ],
)
def test_a_time_names_its_zone(text):
    """In any of the usual ways."""
    assert read_time(text) == datetime(2026, 3, 5, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-03-05 23:59", "in which time zone"),
        ("5 March", "no date and time"),
        ("2026-03-05 25:00 UTC", "no date and time"),
        ("2026-03-05 23:59 Moon/Crater", "No time zone 'Moon/Crater'"),
        ("", "no date and time"),
    ],
)
def test_a_time_without_a_zone_is_refused(text, message):
    """Nobody is late by an hour that was not meant."""
    with pytest.raises(UsageError, match=message):
        read_time(text)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "Europe", ""])
def test_what_is_no_zone_is_refused(name):
    """Also where a file of that name could be read."""
    with pytest.raises(UsageError, match="No time zone"):
        read_zone(name)
