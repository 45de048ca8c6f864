"""Late work: nbgrader's own due dates, extensions and plugin, from the command to the grade."""

from __future__ import annotations

import pytest
from nbgrader.api import Gradebook as NbGradebook
from nbgrader.plugins import LateSubmissionPlugin
from traitlets.config import Config

from autograder import UsageError
from autograder._grade import grade, graded_records
from autograder._nbgrader.late import DAY, PercentPerDay
from autograder._times import read_time
from tests.autograder.small_lab import LAB, RIGHT, SmallClass, answered, kernel_path

DUE = read_time("2026-03-05 23:59 UTC")
TEN_PERCENT = """\
c = get_config()
c.AssignLatePenalties.plugin_class = "autograder._nbgrader.late.PercentPerDay"
c.PercentPerDay.percent = 10
"""


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Kernels find the tests' questions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", kernel_path())
        yield


@pytest.fixture
def small(tmp_path):
    """Ana came two days late, Bob in time; the class takes ten percent a day."""
    made = SmallClass(tmp_path)
    (made.folder / "nbgrader_config.py").write_text(TEN_PERCENT)
    for student, when in (("ana", "2026-03-07 12:00:00 UTC"), ("bob", "2026-03-05 12:00:00 UTC")):
        made.submit(student, answered(RIGHT, learner=student)).with_name("timestamp.txt").write_text(when)
    return made


def run(small, **options):
    records = grade([LAB], small.folder, released=lambda _: small.release, **options)
    return {record["student"]: record for record in records}


def seconds_late(small, student="ana"):
    with NbGradebook(f"sqlite:///{small.folder / 'gradebook.db'}") as book:
        return book.find_submission(LAB, student).total_seconds_late


def extend(small, line):
    (small.folder / "extensions.csv").write_text(f"folder,lab,until\n{line}\n")


def test_late_work_costs_what_the_class_says(small):
    """Two days that have begun, of four points."""
    records = run(small, due=DUE)
    assert records["ana"]["late_penalty"] == 0.8 and "late_penalty" not in records["bob"]


def test_a_due_date_given_later_counts_without_grading_again(small):
    """What was graded is not executed again."""
    before = run(small)
    after = run(small, due=DUE)
    assert "late_penalty" not in before["ana"] and after["ana"]["late_penalty"] == 0.8
    assert after["ana"]["graded"] == before["ana"]["graded"]


def test_the_due_date_stays(small):
    """It is in nbgrader's gradebook, where formgrader shows it."""
    run(small, due=DUE)
    assert run(small)["ana"]["late_penalty"] == 0.8
    with NbGradebook(f"sqlite:///{small.folder / 'gradebook.db'}") as book:
        assert str(book.find_assignment(LAB).duedate) == "2026-03-05 23:59:00"


def test_an_extension_makes_late_work_less_late(small):
    """In nbgrader's own field, so that any plugin counts it."""
    extend(small, f"ana,{LAB},2026-03-06 23:59 UTC")
    assert run(small, due=DUE)["ana"]["late_penalty"] == 0.4
    assert seconds_late(small) == 12 * 3600 + 60


def test_an_extension_given_later_counts_without_grading_again(small):
    """The reason for it often comes after the work."""
    before = run(small, due=DUE)["ana"]
    extend(small, f"ana,{LAB},2026-03-08 00:00 Europe/Zurich")
    (after,) = [item for item in graded_records(small.folder) if item["student"] == "ana"]
    assert "late_penalty" not in after and after["graded"] == before["graded"]


def test_an_extension_that_is_taken_back_counts_no_more(small):
    """The file says who has one."""
    extend(small, f"ana,{LAB},2026-03-08 00:00 UTC")
    run(small, due=DUE)
    extend(small, "")
    assert run(small)["ana"]["late_penalty"] == 0.8


def test_extensions_that_somebody_gave_in_the_gradebook_stay(small):
    """Where there is no extensions.csv."""
    run(small, due=DUE)
    with NbGradebook(f"sqlite:///{small.folder / 'gradebook.db'}") as book:
        book.grant_extension(LAB, "ana", days=1)
    assert run(small)["ana"]["late_penalty"] == 0.4


def test_points_given_by_hand_pay_too(small):
    """The penalty is worked out from all points, also from those of the essay."""
    small.submit("ana", answered(RIGHT, why="Because.", learner="ana"))
    run(small, due=DUE)
    with NbGradebook(f"sqlite:///{small.folder / 'gradebook.db'}") as book:
        essay = book.find_grade("essay-why", LAB, LAB, "ana")
        essay.manual_score, essay.needs_manual_grade = 3, False
        book.db.commit()
    (record,) = [item for item in graded_records(small.folder) if item["student"] == "ana"]
    assert (record["points"], record["late_penalty"]) == (7, 1.4)


def test_a_time_that_is_gone_counts_no_more(small):
    """A later hand-in in time took it away."""
    run(small, due=DUE)
    small.path("ana").with_name("timestamp.txt").unlink()
    assert "late_penalty" not in run(small)["ana"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ana,tiny", "needs the columns folder, lab and until, all filled"),
        ("ana,tiny,2026-03-08", "line 2: '2026-03-08'"),
        ("ana,tiny,2026-03-08 12:00 UTC\nana,tiny,2026-03-09 12:00 UTC", "ana has two extensions for tiny"),
        ("ana,tiny,2026-03-01 12:00 UTC", "ends 2026-03-01 12:00 UTC, before it is due"),
    ],
)
def test_a_wrong_extension_is_named(small, line, message):
    """Before anything is graded."""
    extend(small, line)
    with pytest.raises(UsageError, match=message):
        run(small, due=DUE)


def test_an_extension_without_a_due_date_is_refused(small):
    """The message says how to give one."""
    extend(small, f"ana,{LAB},2026-03-08 12:00 UTC")
    with pytest.raises(UsageError, match=r"which has no due date\. Give it: autograder grade tiny --due TIME"):
        run(small)


def test_extensions_for_other_labs_wait(small):
    """A lab that is not graded now need not be due yet."""
    extend(small, "ana,lab99,2026-03-08 12:00 UTC")
    assert run(small)["ana"]["points"] == 4


@pytest.mark.parametrize(
    ("late", "settings", "penalty"),
    [
        (1, {}, 1.0),
        (DAY, {}, 1.0),
        (DAY + 1, {}, 2.0),
        (30 * DAY, {}, 10.0),
        (30 * DAY, {"at_most": 50}, 5.0),
        (600, {"grace_minutes": 10}, 0.0),
        (601, {"grace_minutes": 10}, 1.0),
        (DAY, {"percent": 3}, 0.3),
    ],
)
def test_percent_per_day(late, settings, penalty):
    """Of ten points: each day that has begun, up to a limit, after a time of grace."""
    plugin = PercentPerDay(config=Config({"PercentPerDay": settings}))
    assert isinstance(plugin, LateSubmissionPlugin)
    assert plugin.late_submission_penalty("ana", 10.0, late) == pytest.approx(penalty)
