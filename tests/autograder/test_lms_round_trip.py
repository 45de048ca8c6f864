"""From a platform's download to the table that it takes back, by the commands that an instructor types."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import nbformat
import pytest

from autograder.cli import main as autograder
from tests.autograder.lms import GRADEBOOK, WORKSHEET, canvas, moodle, write_zip
from tests.autograder.small_lab import HALF, LAB, RIGHT, WRONG, answered, kernel_path, released


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """Kernels find the tests' questions."""
    monkeypatch.setenv("PYTHONPATH", kernel_path())


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A class with a released lab, and nothing else."""
    path = tmp_path / "class" / "release" / LAB / f"{LAB}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(released(), path)
    return tmp_path / "class"


def sent(double: str, **more: str) -> bytes:
    return nbformat.writes(answered(double, **more)).encode()


def command(*arguments: object) -> int:
    return autograder([str(argument) for argument in arguments])


def column(path: Path, name: str, key: str) -> dict[str, str]:
    with io.StringIO(path.read_text(encoding="utf-8-sig"), newline="") as file:
        return {row[key]: row[name] for row in csv.DictReader(file) if row[key]}


def test_canvas_there_and_back(course, tmp_path, capsys):
    """Roster, download, grades, late work, resubmission, and the gradebook that Canvas imports again."""
    gradebook, download, target = tmp_path / "gradebook.csv", tmp_path / "submissions.zip", tmp_path / "import.csv"
    gradebook.write_text(GRADEBOOK, encoding="utf-8")
    config = 'c = get_config()\nc.AssignLatePenalties.plugin_class = "autograder._nbgrader.late.PercentPerDay"\n'
    (course / "nbgrader_config.py").write_text(config)
    assert command("roster", "--canvas", gradebook, "--class", course) == 0
    write_zip(
        download,
        (canvas("smithjane", 1001, 51), sent(RIGHT)),
        (canvas("müllerzoë", 1002, 52, late=True), sent(RIGHT)),
        (canvas("doesam", 1004, 53), sent(WRONG)),
        (canvas("doesam", 1004, 54, "tiny-1.ipynb"), sent(HALF)),
    )
    when = ["--received", "2026-03-06 08:00 UTC"]
    assert command("collect", LAB, download, "--class", course, *when) == 0
    assert command("grade", LAB, "--class", course, "--due", "2026-03-05 23:59 UTC") in (0, 1)
    assert "Nothing handed in for tiny: xhost" in capsys.readouterr().out
    export = ["export", LAB, "--canvas", target, "--from", gradebook, "--class", course]
    assert command(*export) == 0
    half = column(target, "Lab tiny (502)", "ID")["1004"]
    assert column(target, "Lab tiny (502)", "ID") == {
        "1001": "4",
        "1002": "3.6",
        "1003": "EX",
        "1004": half,
        "1999": "",
    }
    assert 0 < float(half) < 4
    page = (course / "feedback" / "zmueller" / LAB / f"{LAB}.html").read_text(encoding="utf-8")
    assert "<b>−0.4</b><span>points, because it came late</span>" in page

    write_zip(download, (canvas("doesam", 1004, 60, "tiny-2.ipynb"), sent(RIGHT)))
    assert command("collect", LAB, download, "--class", course) == 0
    capsys.readouterr()
    command("grade", LAB, "--class", course)
    assert "Graded now: 1. Graded before and unchanged: 2." in capsys.readouterr().out
    assert command(*export) == 0
    assert column(target, "Lab tiny (502)", "ID")["1004"] == "4"


def test_moodle_there_and_back(course, tmp_path):
    """Without a roster: the worksheet that gives the numbers takes the grades."""
    worksheet, download, target = tmp_path / "worksheet.csv", tmp_path / "submissions.zip", tmp_path / "upload.csv"
    worksheet.write_text(WORKSHEET, encoding="utf-8-sig")
    write_zip(
        download,
        (moodle("Jane Smith", 20731), sent(RIGHT)),
        (moodle("Zoë Müller", 20732, folders=False), sent(WRONG)),
    )
    zone = ["--worksheet", worksheet, "--zone", "Europe/Zurich"]
    assert command("collect", LAB, download, "--class", course, *zone) == 0
    command("grade", LAB, "--class", course)
    assert command("export", "--moodle", target, "--from", worksheet, "--class", course) == 0
    grades = column(target, "Grade", "Identifier")
    assert (grades["Participant 20731"], grades["Participant 20733"], grades["Participant 20734"]) == (
        "4",
        "",
        "3.00",
    )
    assert target.read_bytes().startswith(b"\xef\xbb\xbfIdentifier,Full name")


def test_a_hand_in_that_is_not_taken_is_an_exit_status(course, tmp_path, capsys):
    """1, with why; the others are taken."""
    download = write_zip(
        tmp_path / "submissions.zip", (canvas("x", 1, 51, "a.png"), b""), (canvas("y", 2, 52), sent(RIGHT))
    )
    assert command("collect", LAB, download, "--class", course) == 1
    shown = capsys.readouterr().out
    assert "not taken: no notebook, but a.png. Ask for tiny.ipynb." in shown
    assert "Canvas: 2 students, 1 new, 0 changed, 0 unchanged, 1 not taken." in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["collect", "tinny", "x.zip"], "No lab 'tinny'"),
        (["collect", LAB, "x.zip"], "x.zip: not there"),
        (["collect", LAB, "x.zip", "--received", "yesterday"], "no date and time that can be read"),
        (["collect", LAB, "x.zip", "--worksheet", "w.csv"], "in which time zone"),
        (["grade", LAB, "--due", "2026-03-05 23:59"], "in which time zone?"),
    ],
)
def test_a_wrong_command_says_what_to_do(course, capsys, arguments, message):
    """And ends with status 2."""
    (course / "submitted" / "ana").mkdir(parents=True)
    assert command(*arguments, "--class", course) == 2
    assert message in capsys.readouterr().err


def test_export_needs_the_platforms_own_table(course, tmp_path, capsys):
    """Only one column of it is ours."""
    write_zip(tmp_path / "submissions.zip", (canvas("x", 1, 51), sent(RIGHT)))
    command("collect", LAB, tmp_path / "submissions.zip", "--class", course)
    command("grade", LAB, "--class", course)
    assert command("export", "--canvas", tmp_path / "out.csv", "--class", course) == 2
    assert "Give the table that the platform gave out with --from" in capsys.readouterr().err
    assert command("export", "tinny", "--csv", tmp_path / "out.csv", "--class", course) == 2
    assert "No lab 'tinny'" in capsys.readouterr().err
