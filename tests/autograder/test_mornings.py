"""What an instructor found the morning after: strange folders, changed answers, the reason behind a zero."""

from __future__ import annotations

import os
import threading

import pytest

from autograder._course import Course
from autograder._export import export_csv, summary_table
from autograder._grade import AGAIN, graded_records
from autograder._pages import write_all_feedback, write_class_report
from autograder._statistics import attention
from tests.autograder.small_lab import LAB, RIGHT, SmallClass, answer_cell, answered, check_cell, released
from tests.autograder.test_grade import by_hand, importable, open_api, question, run, with_cell  # noqa: F401


class TinyCourse:
    """The course that the pages are written for."""

    id, title = LAB, "A tiny lab"

    def __init__(self, small: SmallClass) -> None:
        self.small = small

    def labs(self):
        return {LAB: self}

    def load(self):
        return {}

    def released(self, lab):
        return self.small.release


def write_pages(small: SmallClass) -> list[dict]:
    """All that is written after grading."""
    course: Course = TinyCourse(small)
    records = graded_records(small.folder)
    write_all_feedback(records, small.folder, course)
    write_class_report(records, small.folder, course)
    export_csv(records, small.folder / "grades.csv")
    summary_table(records)
    return records


@pytest.fixture
def small(tmp_path):
    """A class with one honest submission."""
    small = SmallClass(tmp_path)
    small.submit("ana", answered(RIGHT, why="Because."))
    return small


def test_a_folder_name_that_is_no_utf8_stops_no_page(small):
    """The student is named, and the others get their pages."""
    os.makedirs(os.fsencode(small.folder / "submitted") + b"/lat\xe9n1")
    assert question(run(small)["ana"])["verdict"] == "passed"
    assert len(write_pages(small)) == 2
    assert (small.folder / "feedback" / "ana" / LAB / f"{LAB}.html").exists()


def test_a_pipe_instead_of_a_notebook_ends(small):
    """A file that never ends is refused, by the grading and by the pages."""
    small.path("bob").parent.mkdir(parents=True)
    os.mkfifo(small.path("bob"))
    done = threading.Event()

    def work():
        run(small)
        write_pages(small)
        done.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(60)
    assert done.is_set()


def test_formgrader_lists_the_lab(small):
    """nbgrader looks for assignments in the source folder; the release is put there."""
    run(small)
    with open_api(small) as api:
        assert [item["name"] for item in api.get_assignments()] == [LAB]


def test_a_changed_essay_waits_for_a_person_again(small):
    """The points stay, and the report says that the answer is another one now."""
    run(small)
    by_hand(small, 2)
    small.submit("ana", answered(RIGHT, why="Because of something else."))
    essay = question(run(small)["ana"], "why")
    assert (essay["verdict"], essay["points"], essay["message"]) == ("manual", 2, AGAIN)


def test_an_unchanged_essay_stays_marked(small):
    """Grading the same file again asks nobody to look again."""
    run(small)
    by_hand(small, 2)
    essay = question(run(small, regrade=True)["ana"], "why")
    assert (essay["verdict"], essay["points"], essay["message"]) == ("partly", 2, "")


def test_a_lost_gradebook_is_said(small):
    """Points given by hand that are gone do not go in silence."""
    run(small)
    by_hand(small, 2)
    (small.folder / "gradebook.db").unlink()
    assert any("points given by hand are gone" in note for note in run(small)["ana"]["notes"])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("def double(n) return 2 * n", "The answer's cell ended with SyntaxError"),
        ("import no_such_module\n" + RIGHT, "The answer's cell ended with ModuleNotFoundError"),
        ("input('n?')\n" + RIGHT, "The answer's cell ended with StdinNotImplementedError"),
    ],
)
def test_the_answers_own_error_is_the_message(small, answer, words):
    """Not "double is not defined", but why it is not."""
    small.submit("ana", answered(answer))
    found = question(run(small)["ana"])
    assert found["verdict"] == "error" and words in found["message"]


def test_an_error_in_another_cell_is_a_note(small):
    """A failing import explains what fails later."""
    small.submit("ana", with_cell("import no_such_module"))
    notes = run(small)["ana"]["notes"]
    assert any("import no_such_module) ended with ModuleNotFoundError" in note for note in notes)


def test_checks_that_cannot_run_ask_for_attention(small):
    """A notebook in which every check fails to run is not passed over."""
    record = run(small)["ana"]
    for item in record["questions"].values():
        item["verdict"] = "error"
    record["notes"] = []
    assert attention(record) == ["every check ended in an error"]


def test_an_older_copy_of_the_lab_is_not_accused(small):
    """A release with a cell more does not turn an honest copy's text into code."""
    newer = released()
    newer.cells.insert(1, newer.cells.pop(5))  # other positions for plain cells
    sent = answered()
    for old, new in zip(
        sent.cells, ("cell-01", "cell-06", "double", "check-double", "cell-02", "cell-05"), strict=False
    ):
        old.id = new
    import nbformat

    nbformat.write(newer, small.release)
    small.submit("ana", sent)
    record = run(small)["ana"]
    assert question(record)["verdict"] == "passed"
    assert not any("turned into" in note for note in record["notes"])


def test_a_question_that_is_new_in_the_release_stops_no_page(small):
    """A course that was updated after grading still gives its report and its table."""
    import nbformat

    run(small)
    newer = released()
    newer.cells += [answer_cell("halve", "def halve(n):\n    ...  # your code here"), check_cell("halve", 2)]
    nbformat.write(newer, small.release)
    assert [record["points"] for record in write_pages(small)] == [4]
