"""Text made safe, files written whole, grades.csv, results.json and the table in the terminal."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from rich.console import Console

from autograder._export import (
    anchor,
    clean,
    export_csv,
    in_order,
    number,
    one_line,
    page,
    percent,
    summary_table,
    write_results,
    write_whole,
)
from tests.autograder.test_statistics import LAB, a_class, a_record


def rows(path: Path) -> list[dict[str, str]]:
    """What a spreadsheet reads."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def terminal(records: list[dict], width: int = 160) -> str:
    """What the terminal gets, control characters and all."""
    console = Console(width=width, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(summary_table(records))
    return captured.get()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;new title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("\x1b]0;no end of the title", "0;no end of the title"),
        ("bell\x07 back\x08 null\x00", "bell back null"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("\u200fright to left\u2066", "right to left"),
        ("\ufeffmark", "mark"),
        ("half \ud800 of a pair", "half  of a pair"),
        ("tag\U000e0041s", "tags"),
        ("10%\r100%\r\n", "10%\n100%\n"),
        ("a\tb\nc", "a\tb\nc"),
        ("Ødegård, 李, שלום, 👩‍💻", "Ødegård, 李, שלום, 👩‍💻"),
    ],
)
def test_clean_leaves_what_can_be_read(text: str, shown: str) -> None:
    """Terminal sequences, controls and direction marks go; letters of every script stay."""
    assert clean(text) == shown


def test_a_long_text_is_cut_and_says_so() -> None:
    """The reader knows that there was more, and how much."""
    assert clean("x" * 30_000) == "x" * 20_000 + " … (cut: 30,000 characters in all)"


def test_many_openings_of_a_sequence_take_no_time() -> None:
    """A hundred thousand unfinished sequences are cleaned at once, not in quadratic time."""
    assert "\x1b" not in clean("\x1b]" * 100_000)


def test_one_line_has_one_line() -> None:
    """Line ends, tabs and runs of blanks become one blank."""
    assert one_line(" a\n\n b\tc ") == "a b c"


@pytest.mark.parametrize(("value", "shown"), [(4.0, 4), (4.5, 4.5), (15.4583, 15.46), (0, 0)])
def test_numbers_are_short(value: float, shown: float) -> None:
    """Whole numbers have no decimals, others at most two."""
    assert repr(number(value)) == repr(shown)


def test_nothing_of_nothing_has_no_percentage() -> None:
    """An ungraded lab has no percentage, rather than an error."""
    assert percent(0, 0) is None


def test_anchors_are_plain() -> None:
    """A question's anchor can stand in a link as it is."""
    assert anchor('essay-why"><b>') == "question-essay-why---b-"


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """The new content is there, and no unfinished file is left."""
    path = tmp_path / "new" / "page.html"
    write_whole(path, "old")
    write_whole(path, "neu: ü")
    assert [file.read_bytes() for file in path.parent.iterdir()] == ["neu: ü".encode()]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    """What cannot be encoded leaves the old file, and nothing beside it."""
    path = tmp_path / "page.html"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_forgotten_value_of_a_page_is_an_error() -> None:
    """A page with a hole is never written."""
    with pytest.raises(Exception, match="is undefined"):
        page("feedback.html", student="ana")


def test_the_csv_has_one_row_a_submission(tmp_path: Path) -> None:
    """Twenty-four submissions, twenty-four rows, in order."""
    export_csv(list(reversed(a_class())), tmp_path / "grades.csv")
    read = [row["student"] for row in rows(tmp_path / "grades.csv")]
    assert read == [f"student{index:02d}" for index in range(1, 25)]


def test_a_row_of_the_csv(tmp_path: Path) -> None:
    """Points, percentage, and what a person has to look at."""
    export_csv([a_class()[14]], tmp_path / "grades.csv")
    assert rows(tmp_path / "grades.csv") == [
        {
            "student": "student15",
            "lab": LAB,
            "points": "3",
            "max_points": "28",
            "percent": "10.7",
            "mark_by_hand": "essay-why_floor",
            "notes": "receptive_field, stack_shapes: the program died while answering",
        }
    ]


def test_the_csv_opens_in_excel(tmp_path: Path) -> None:
    """It starts with the byte-order mark, and its rows end as the CSV standard says, once."""
    export_csv(a_class(), tmp_path / "grades.csv")
    data = (tmp_path / "grades.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfstudent,lab") and data.count(b"\r\n") == data.count(b"\n") == 25


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\x1b[0m=", "\u200e=", "＝"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    """Whatever a spreadsheet takes for a formula starts with an apostrophe."""
    record = a_record(f"{start}cmd()", {"out_size": "passed"}, notes=[f"{start}HYPERLINK(1)"])
    export_csv([record], tmp_path / "grades.csv")
    row = rows(tmp_path / "grades.csv")[0]
    assert row["student"].startswith("'") and row["notes"].startswith("'")


def test_a_note_with_a_line_end_stays_in_its_row(tmp_path: Path) -> None:
    """Notes are one line, quotes and commas come back as they were."""
    export_csv([a_record("s1", {"out_size": "passed"}, notes=['a "b",\nc'])], tmp_path / "grades.csv")
    assert [row["notes"] for row in rows(tmp_path / "grades.csv")] == ['a "b", c']


def test_results_hold_what_programs_need(tmp_path: Path) -> None:
    """Points, verdicts and messages; no groups, hints or notes."""
    write_results([a_class()[0]], tmp_path / "results.json")
    (result,) = json.loads((tmp_path / "results.json").read_text())
    assert set(result) == {"student", "lab", "points", "max_points", "seconds", "questions"}
    assert result["questions"]["out_size"] == {
        "points": 3.0,
        "max_points": 6,
        "verdict": "partly",
        "message": "the + 1 is missing: the first place counts too",
    }


def test_results_are_the_same_in_any_order(tmp_path: Path) -> None:
    """The file depends on the records, not on which came first."""
    write_results(a_class(), tmp_path / "a.json")
    write_results(a_class()[::-1], tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_results_with_broken_text_are_still_json(tmp_path: Path) -> None:
    """Half a character and an escape in a message do not spoil the file."""
    record = a_record("s\udcff", {"out_size": "failed"})
    record["questions"]["out_size"]["message"] = "\x1b[31m\ud800 no"
    write_results([record], tmp_path / "results.json")
    assert json.loads((tmp_path / "results.json").read_text())[0]["questions"]["out_size"]["message"] == " no"


def test_records_are_ordered_by_lab_and_student() -> None:
    """Labs first; capitals do not come before small letters."""
    records = [a_record(name, {}, lab=lab) for lab in ("lab02", "lab01") for name in ("b", "A", "c")]
    assert [record["lab"][-1] + record["student"] for record in in_order(records)] == "1A 1b 1c 2A 2b 2c".split()


def test_the_terminals_table_has_totals() -> None:
    """The last row counts submissions and verdicts, and gives the means."""
    shown = terminal(a_class(), 300)
    assert all(text in shown for text in ("24 submissions", "mean 15.46", "mean 55.2 %", "67 passed", "4 of 24"))


def test_the_terminal_obeys_no_student() -> None:
    """Escapes are gone and markup is text."""
    record = a_record("[bold]x[/]\x1b[2J\x07", {"out_size": "passed"}, notes=["\x1b]0;owned\x07[red]note[/red]"])
    shown = terminal([record])
    assert "\x1b" not in shown and "\x07" not in shown and "[bold]x[/]" in shown and "[red]note[/red]" in shown


def test_an_empty_class_has_a_table() -> None:
    """Before anything is graded there is a heading and no error."""
    assert "student" in terminal([])
