"""Grades put into the tables that Canvas and Moodle gave out: one column changes, and every other cell stays."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from autograder import UsageError
from autograder._collect.ledger import Ledger, Receipt
from autograder._export_lms import Export, export_canvas, export_moodle, grades_of, the_only_lab
from tests.autograder.lms import GRADEBOOK, WORKSHEET

LAB, COLUMN, GRADE = "tiny", 6, 4
ROSTER = (
    "folder,first_name,last_name,email,canvas_id,sis_id\n"
    "jsmith,Jane,Smith,jane@example.org,1001,\n"
    "zoe,Zoë,Müller,zoe@example.org,,u18\n"
    "xhost,X,Host,,1003,\n"
    "sam,Sam,Doe,sam@example.org,1004,\n"
)


def record(student: str, points: float, *, lab: str = LAB, **more: object) -> dict:
    question = {"verdict": more.pop("verdict", "passed"), "points": points, "max_points": 7}
    return {"student": student, "lab": lab, "points": points, "max_points": 7, "questions": {"q": question}} | more


GRADED = [record("jsmith", 6.5), record("zoe", 4), record("xhost", 1), record("sam", 0, submitted=False)]


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def canvas(
    folder: Path, records: list = GRADED, table: str = GRADEBOOK, *, roster: str = ROSTER, **more
) -> Export:
    return _export(export_canvas, folder, records, table, roster, more)


def moodle(
    folder: Path, records: list = GRADED, table: str = WORKSHEET, *, roster: str = ROSTER, **more
) -> Export:
    return _export(export_moodle, folder, records, table, roster, more)


def _export(function, folder, records, table, roster, more):
    if roster:
        (folder / "students.csv").write_text(roster, encoding="utf-8")
    (folder / "in.csv").write_bytes(table.encode())
    return function(grades_of(records, LAB), folder, LAB, folder / "in.csv", folder / "out.csv", **more)


def others(found: list[list[str]], column: int) -> list[list[str]]:
    """All cells but one column's."""
    return [row[:column] + row[column + 1 :] for row in found]


def grades(path: Path, column: int = COLUMN) -> dict[str, str]:
    """The column by the platform's number, or by Moodle's identifier."""
    key = 1 if column == COLUMN else 0
    return {row[key]: row[column] for row in rows(path)[1:] if row[key]}


def test_canvas_gets_one_column(tmp_path):
    """Found by its title; by number, by SIS number; excused stays, nothing handed in stays empty."""
    done = canvas(tmp_path)
    assert (done.column, done.written, done.complete) == ("Lab tiny (502)", 2, True)
    assert grades(tmp_path / "out.csv") == {"1001": "6.5", "1002": "4", "1003": "EX", "1004": "", "1999": ""}


def test_every_other_cell_of_canvas_stays(tmp_path):
    """Names with quotes and formulas, read-only totals, the lines above the students."""
    canvas(tmp_path)
    before, after = rows(tmp_path / "in.csv"), rows(tmp_path / "out.csv")
    assert [row[:COLUMN] + row[COLUMN + 1 :] for row in after] == [
        row[:COLUMN] + row[COLUMN + 1 :] for row in before
    ]
    assert [row[COLUMN] for row in after[:3]] == ["Lab tiny (502)", "Manual Posting", "7.00"]


def test_every_other_cell_of_moodle_stays(tmp_path):
    """Dates with commas, comments that begin with a plus."""
    moodle(tmp_path)
    before, after = rows(tmp_path / "in.csv"), rows(tmp_path / "out.csv")
    assert others(after, GRADE) == others(before, GRADE)


def test_moodle_gets_the_grades(tmp_path):
    """By address; a locked grade stays, nothing handed in stays empty."""
    done = moodle(tmp_path, [*GRADED, record("lee", 7)], roster=ROSTER + "lee,Lee,Ho,lee@example.org,,\n")
    assert list(grades(tmp_path / "out.csv", GRADE).values()) == ["6.5", "4", "", "3.00"]
    assert "lee: locked in Moodle, left as it is." in done.notes


def test_moodles_number_counts_in_its_own_lab_only(tmp_path):
    """Another assignment gives the same number to somebody else."""
    ledger = Ledger(tmp_path)
    ledger.of(LAB)["xhost"] = Receipt("moodle", "20731", "X", "x")
    ledger.of("other")["zoe"] = Receipt("moodle", "20733", "Zoë", "z")
    ledger.write()
    moodle(tmp_path, [record("xhost", 1), record("zoe", 4)], roster="")
    assert list(grades(tmp_path / "out.csv", GRADE).values()) == ["1", "", "", "3.00"]


def test_canvas_number_counts_in_every_lab(tmp_path):
    """It is the student's own."""
    ledger = Ledger(tmp_path)
    ledger.of("other")["zoe"] = Receipt("canvas", "1002", "müllerzoë", "z")
    ledger.write()
    canvas(tmp_path, roster="")
    assert grades(tmp_path / "out.csv")["1002"] == "4"


def test_without_a_roster_a_folder_that_is_the_login_is_enough(tmp_path):
    """Canvas' table has the logins."""
    canvas(tmp_path, roster="")
    assert grades(tmp_path / "out.csv")["1001"] == "6.5"


def test_namesakes_get_nobodys_grade(tmp_path):
    """Two lines with one name, one student of that name: neither is filled in."""
    table = WORKSHEET.replace("Zoë Müller,zoe@example.org", "Jane Smith,zoe2@example.org").replace(
        "jane@", "jane2@"
    )
    done = moodle(tmp_path, table=table)
    assert set(list(grades(tmp_path / "out.csv", GRADE).values())[:2]) == {""}
    assert not done.complete and any("No line for jsmith, xhost, zoe" in note for note in done.notes)


def test_one_name_for_two_lines_gets_nobodys_grade(tmp_path):
    """Where the table has no addresses that would tell them apart."""
    lines = [line.split(",") for line in WORKSHEET.replace("Zoë Müller", "Jane Smith").splitlines()]
    table = "\n".join(",".join(cells[:2] + cells[3:]) for cells in lines) + "\n"
    done = moodle(tmp_path, table=table)
    assert [row[3] for row in rows(tmp_path / "out.csv")[1:3]] == ["", ""] and not done.complete


def test_the_roster_counts_over_an_older_download(tmp_path):
    """Whose folder had another name then."""
    ledger = Ledger(tmp_path)
    ledger.of("other")["smithjane"] = Receipt("canvas", "1001", "smithjane", "s")
    ledger.write()
    canvas(tmp_path, [*GRADED, record("smithjane", 2)])
    assert grades(tmp_path / "out.csv")["1001"] == "6.5"


def test_a_number_of_somebody_else_is_not_overruled_by_a_login(tmp_path):
    """The roster says whose number it is."""
    canvas(tmp_path, roster=ROSTER.replace(",1001,", ",7777,"))
    assert grades(tmp_path / "out.csv")["1001"] == ""


def test_nothing_handed_in_is_zero_on_demand(tmp_path):
    """For those who are in the class, not for others."""
    canvas(tmp_path, zeros=True)
    assert (grades(tmp_path / "out.csv")["1004"], grades(tmp_path / "out.csv")["1999"]) == ("0", "")


def test_another_maximum_scales_and_is_told(tmp_path):
    """A lab of 7 points in a column of 100."""
    done = canvas(tmp_path, table=GRADEBOOK.replace("10.00,7.00", "10.00,100.00"))
    assert grades(tmp_path / "out.csv")["1001"] == "92.86"
    assert "The lab has 7 points, the platform's column 100.00: scaled." in done.notes


def test_late_penalties_are_taken_off(tmp_path):
    """Never below zero."""
    canvas(tmp_path, [record("jsmith", 6.5, late_penalty=2), record("zoe", 1, late_penalty=3)])
    assert (grades(tmp_path / "out.csv")["1001"], grades(tmp_path / "out.csv")["1002"]) == ("4.5", "0")


def test_what_waits_for_a_person_is_told(tmp_path):
    """Such a grade is not final."""
    assert any(
        "Not final" in note and "zoe" in note
        for note in canvas(tmp_path, [record("zoe", 4, verdict="manual")]).notes
    )


def test_several_notebooks_make_one_grade(tmp_path):
    """They are added up."""
    both = [record("zoe", 3, lab="tiny/a"), record("zoe", 4, lab="tiny/b")]
    done = canvas(tmp_path, both)
    assert grades(tmp_path / "out.csv")["1002"] == "3.5" and any("14 points" in note for note in done.notes)


def test_a_spreadsheets_own_comma_stays(tmp_path):
    """Semicolons, decimal commas, a byte-order mark and line ends come back as they were."""
    table = (
        "\ufeff"
        + "\r\n".join(["Student;ID;Section;Lab tiny (502)", "Points Possible;;;7,00", "Jane;1001;A;"])
        + "\r\n"
    )
    canvas(tmp_path, [record("jsmith", 6.5)], table=table)
    expected = table.replace("1001;A;", "1001;A;6,5")
    assert (tmp_path / "out.csv").read_bytes() == expected.encode()


@pytest.mark.parametrize("name", ["Reading (501)", "reading", "501"])
def test_the_column_can_be_named(tmp_path, name):
    """By its whole name, its title, its number."""
    canvas(tmp_path, column=name)
    assert rows(tmp_path / "out.csv")[3][5] == "9.29"  # 6.5 of 7, out of 10


@pytest.mark.parametrize("name", ["Lab nine", "Current Score", "Student"])
def test_what_is_no_assignment_is_refused(tmp_path, name):
    """The message lists the assignments."""
    with pytest.raises(UsageError, match=r'Give one with --column: "Reading \(501\)", "Lab tiny \(502\)"'):
        canvas(tmp_path, column=name)


def test_a_lab_with_no_column_of_its_name_is_refused(tmp_path):
    """Nothing is guessed, and nothing is written."""
    with pytest.raises(UsageError, match="no assignment is called 'tiny'"):
        canvas(tmp_path, table=GRADEBOOK.replace("Lab tiny", "Week 4"))
    assert not (tmp_path / "out.csv").exists()


def test_the_labs_title_finds_the_column(tmp_path):
    """As the course has it."""
    done = canvas(tmp_path, table=GRADEBOOK.replace("Lab tiny", "Week 4: Small things"), title="small things")
    assert done.column == "Week 4: Small things (502)"


@pytest.mark.parametrize("function", [canvas, moodle])
def test_another_table_is_refused(tmp_path, function):
    """It says which columns are needed and which there are."""
    with pytest.raises(UsageError, match=r"it needs the columns .* and has name, mark"):
        function(tmp_path, table="name,mark\nJane,1\n")


def test_numbers_stay_numbers(tmp_path):
    """No quotes, no apostrophe, no blanks."""
    canvas(tmp_path)
    assert "Group A,9.50,6.5,95.00,A" in (tmp_path / "out.csv").read_text()


def test_a_lab_that_is_not_graded_is_named():
    """With those that are."""
    with pytest.raises(UsageError, match=r"Nothing of 'other' is graded here\. Graded: tiny"):
        grades_of(GRADED, "other")


def test_the_lab_may_be_left_out_where_there_is_one():
    """Else the command asks."""
    assert the_only_lab([record("a", 1, lab="tiny/a"), record("a", 1, lab="tiny/b")]) == "tiny"
    with pytest.raises(UsageError, match="Which lab"):
        the_only_lab([record("a", 1), record("a", 1, lab="other")])
