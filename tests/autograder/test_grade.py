"""Grading a class: real notebooks, real kernels, a real gradebook."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook as NbGradebook

from autograder import SubmissionError, UsageError
from autograder import _work as work
from autograder._grade import grade
from autograder._notebook import Limits, check_notebook
from autograder._store import Store
from tests.autograder.small_lab import (
    HALF,
    LAB,
    RIGHT,
    ROOT,
    WRONG,
    SmallClass,
    answer_cell,
    answered,
    cell,
    check_cell,
    kernel_path,
    released,
)

ODD = "zoë + [1] & co"


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Kernels find the tests' questions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", kernel_path())
        yield


def with_cell(source, sent=None):
    """A right answer with one more cell of the student's before the check."""
    sent = sent or answered()
    place = [item.id for item in sent.cells].index("check-double")
    sent.cells.insert(place, new_code_cell(source, id="own"))
    return sent


def run(small, **options):
    return {
        record["student"]: record
        for record in grade([small.name], small.folder, released=lambda _: small.release, **options)
    }


def question(record, id="double"):
    return record["questions"][id]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A class of every kind, and the records of its first grading."""
    small = SmallClass(tmp_path_factory.mktemp("mixed"))
    submitted = small.folder / "submitted"
    small.submit("ana", answered(RIGHT, why="Because."))
    small.submit("bob", answered(HALF))
    small.submit(ODD, answered(WRONG))
    small.submit("broken", b"PK nonsense")
    small.submit("esc\x1b[31m", answered())
    (submitted / "nothing").mkdir()
    small.submit("renamed", answered()).rename(small.path("renamed").with_name("tiny(1).ipynb"))
    (submitted / "link").symlink_to(submitted / "ana")
    os.makedirs(submitted / "linked" / LAB)
    small.path("linked").symlink_to(small.path("ana"))
    small.submit("dies", answered("def double(n):\n    import os\n    os._exit(1)"))
    small.submit("raises", with_cell("check = 3"))
    small.submit("silent", with_cell("check = lambda id: None"))
    small.submit("forger", with_cell("check = lambda id: 4.0"))
    small.submit("without", with_cell("x = 1", without_answer()))
    small.submit("elsewhere", with_cell(RIGHT, without_answer()))
    looks = "import os\nprint(sorted(os.listdir()), os.environ.get('AUTOGRADER_LEARNER'))"
    small.submit("looks", with_cell(looks))
    (submitted / ".DS_Store").write_bytes(b"")
    (submitted / "readme.txt").write_bytes(b"")
    return small, run(small)


def without_answer():
    sent = answered()
    sent.cells = [item for item in sent.cells if item.id != "double"]
    return sent


def test_every_folder_has_a_record_and_files_have_none(mixed):
    """Hidden and loose files are passed over."""
    small, records = mixed
    folders = [entry.name for entry in os.scandir(small.folder / "submitted") if entry.is_dir()]
    assert sorted(records) == sorted(folders)


@pytest.mark.parametrize(
    ("student", "verdict", "points"),
    [
        ("ana", "passed", 4),
        ("bob", "partly", 2),
        (ODD, "failed", 0),
        ("esc\x1b[31m", "passed", 4),
        ("broken", "error", 0),
        ("nothing", "missing", 0),
        ("renamed", "missing", 0),
        ("link", "error", 0),
        ("linked", "error", 0),
        ("dies", "died", 0),
        ("raises", "passed", 4),  # what is done to `check` is no matter: it is never called
        ("silent", "passed", 4),
        ("forger", "passed", 4),
        ("without", "missing", 0),
        ("elsewhere", "passed", 4),
    ],
)
def test_each_kind_has_its_verdict(mixed, student, verdict, points):
    """What happened decides, and no accident scores points by silence."""
    found = question(mixed[1][student])
    assert (found["verdict"], found["points"], found["max_points"]) == (verdict, points, 4)


@pytest.mark.parametrize(
    ("student", "text"),
    [
        (ODD, "squared"),
        ("broken", "is not JSON"),
        ("nothing", "Nothing was submitted."),
        ("renamed", "The folder holds tiny(1).ipynb, but no tiny.ipynb: rename it."),
        ("link", "symbolic link"),
        ("linked", "symbolic link"),
        ("dies", "The notebook's process ended in this call."),
        ("without", "The answer cell was deleted"),
    ],
)
def test_each_message_says_what_was_found(mixed, student, text):
    """A person can act on it."""
    assert text in question(mixed[1][student])["message"]


def test_the_record_keeps_the_failing_cases(mixed):
    """Feedback prints each call in full."""
    first = question(mixed[1]["bob"])["groups"][1]["cases"][0]
    assert first["call"].startswith("double(-")
    assert not first["passed"]


def test_the_record_is_a_file(mixed):
    """One JSON file a submission, equal to what was returned."""
    small, records = mixed
    path = small.folder / ".autograder" / LAB / "ana.json"
    assert json.loads(path.read_text()) == records["ana"]


def test_the_record_names_the_file_and_the_release(mixed):
    """By their hashes."""
    small, records = mixed
    content = small.path("ana").read_bytes()
    assert records["ana"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert records["ana"]["release"] == hashlib.sha256(small.release.read_bytes()).hexdigest()


def test_the_seed_depends_on_the_student(mixed):
    """A neighbour's random cases help nobody, and the check says which it used."""
    records = mixed[1]
    assert records["ana"]["seed"] != records["bob"]["seed"]
    assert question(records["ana"])["seed"] == records["ana"]["seed"]


def test_the_secret_is_the_owners_alone(mixed):
    """Whoever can read it can foresee the cases."""
    assert stat.S_IMODE((mixed[0].folder / ".autograder" / "secret").stat().st_mode) == 0o600


def test_a_student_sees_only_the_own_file(mixed):
    """No gradebook, no neighbours, and nothing of what the grader knows."""
    small, _ = mixed
    done = nbformat.read(small.folder / "autograded" / "looks" / LAB / "tiny.ipynb", as_version=4)
    assert cell(done, "own").outputs[0].text == "['tiny.ipynb'] None\n"


def test_the_submitted_files_are_untouched(mixed):
    """Grading reads them and nothing else."""
    assert mixed[0].path("broken").read_bytes() == b"PK nonsense"


def test_formgrader_shows_the_same_points(mixed):
    """nbgrader's own interface to the folder and its gradebook."""
    small, records = mixed
    with open_api(small) as api:
        shown = {row["student"]: row["score"] for row in api.get_submissions(LAB) if row["autograded"]}
    assert shown == {name: records[name]["points"] for name in shown}
    assert {"ana", "bob", ODD, "dies", "elsewhere"} <= set(shown)


def test_formgrader_lists_the_broken_file(mixed):
    """The student appears, with nothing."""
    with NbGradebook(f"sqlite:///{mixed[0].folder / 'gradebook.db'}") as book:
        assert book.find_submission(LAB, "broken").score == 0


def test_formgrader_waits_for_the_essay_only_where_one_was_written(mixed):
    """An unchanged essay is 0 at once."""
    with NbGradebook(f"sqlite:///{mixed[0].folder / 'gradebook.db'}") as book:
        assert book.find_submission(LAB, "ana").needs_manual_grade
        assert not book.find_submission(LAB, "bob").needs_manual_grade


def test_essays_are_manual_or_missing(mixed):
    """A person decides about words."""
    assert question(mixed[1]["ana"], "why")["verdict"] == "manual"
    assert question(mixed[1]["bob"], "why")["verdict"] == "missing"


def open_api(small):
    from contextlib import closing, contextmanager

    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    @contextmanager
    def opened():
        api = NbGraderAPI(coursedir=CourseDirectory(root=str(small.folder)))
        with closing(api.gradebook):
            yield api

    return opened()


@pytest.fixture
def small(tmp_path):
    """A class with one honest submission."""
    small = SmallClass(tmp_path)
    small.submit("ana", answered(RIGHT, why="Because."))
    return small


def book(small):
    return NbGradebook(f"sqlite:///{small.folder / 'gradebook.db'}")


def by_hand(small, points, comment=None):
    """What an instructor does in formgrader."""
    with book(small) as opened:
        opened.find_grade("essay-why", LAB, LAB, "ana").manual_score = points
        opened.find_grade("essay-why", LAB, LAB, "ana").needs_manual_grade = False
        opened.find_comment("essay-why", LAB, LAB, "ana").manual_comment = comment
        opened.db.commit()


def forbid_execution(monkeypatch):
    def fail(*_, **__):
        raise AssertionError("executed")

    monkeypatch.setattr(work, "execute_now", fail)


def test_an_unchanged_submission_is_not_executed_again(small, monkeypatch):
    """A second run is a matter of milliseconds."""
    before = run(small)
    forbid_execution(monkeypatch)
    assert run(small) == before


def test_a_changed_submission_is_executed_again(small):
    """Handed in once more."""
    run(small)
    small.submit("ana", answered(WRONG))
    assert question(run(small)["ana"])["verdict"] == "failed"


def test_another_learner_id_is_executed_again(small):
    """learners.csv was corrected."""
    run(small)
    (small.folder / "learners.csv").write_text("folder,learner\nana,s17\n")
    assert run(small)["ana"]["learner"] == "s17"


def test_points_given_by_hand_are_taken_up_without_execution(small, monkeypatch):
    """The essay was read; nothing runs again."""
    run(small)
    by_hand(small, 2, "Nearly.")
    forbid_execution(monkeypatch)
    record = run(small)["ana"]
    assert record["points"] == 6
    assert question(record, "why")["verdict"] == "partly"
    assert question(record, "why")["comment"] == "Nearly."


def test_points_taken_back_by_hand_leave_the_verdict_open(small):
    """The record follows the gradebook both ways."""
    run(small)
    by_hand(small, 2)
    run(small)
    with book(small) as opened:
        opened.find_grade("essay-why", LAB, LAB, "ana").manual_score = None
        opened.find_grade("essay-why", LAB, LAB, "ana").needs_manual_grade = True
        opened.db.commit()
    assert question(run(small)["ana"], "why")["verdict"] == "manual"


def test_a_regrade_keeps_what_a_person_gave(small):
    """Points and comment."""
    run(small)
    by_hand(small, 3, "Good.")
    record = run(small, regrade=True)["ana"]
    assert (question(record, "why")["verdict"], question(record, "why")["points"]) == ("passed", 3)
    with book(small) as opened:
        assert opened.find_comment("essay-why", LAB, LAB, "ana").manual_comment == "Good."


def test_a_file_that_broke_later_leaves_no_old_notebook(small):
    """The feedback of an earlier version would mislead."""
    run(small)
    small.submit("ana", b"")
    assert run(small)["ana"]["points"] == 0
    assert not (small.folder / "autograded" / "ana" / LAB / "tiny.ipynb").exists()


def test_a_folder_that_is_gone_keeps_its_grades(small):
    """Deleting submissions after grading deletes no grades."""
    run(small)
    small.path("ana").unlink()
    small.path("ana").parent.rmdir()
    assert run(small)["ana"]["points"] == 4


def test_ctrl_c_loses_nothing_that_was_recorded(small, monkeypatch):
    """The next run goes on where this one stopped."""
    small.submit("bob", with_cell("import time; time.sleep(30)"))
    small.submit("cy", answered(HALF))

    def interrupt(record, done, total):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(small, workers=1, progress=interrupt)
    store = Store(small.folder)
    assert [record["student"] for record in store.records(LAB)] == ["ana"]
    small.submit("bob", answered(HALF))
    executed = []
    real = work.run_notebook

    def counted(engine, notebook, assignment):
        executed.append(assignment.learner)
        return real(engine, notebook, assignment)

    monkeypatch.setattr(work, "run_notebook", counted)
    assert {name: record["points"] for name, record in run(small).items()} == {"ana": 4, "bob": 2, "cy": 2}
    assert sorted(executed) == ["bob", "cy"]


def test_a_fault_of_ours_does_not_stop_the_others(small, monkeypatch):
    """It is recorded, and the next run tries again."""
    small.submit("bob", answered(HALF))
    real = work.rebuild

    def faulty(lab, sent):
        if HALF in cell(sent, "double").source:
            raise RuntimeError("a bug")
        return real(lab, sent)

    with monkeypatch.context() as patch:
        patch.setattr(work, "rebuild", faulty)
        records = run(small)
    assert question(records["ana"])["verdict"] == "passed"
    assert question(records["bob"])["verdict"] == "error"
    assert "RuntimeError: a bug. Grade again" in question(records["bob"])["message"]
    assert question(run(small)["bob"])["points"] == 2


def test_a_gradebook_that_is_taken_meanwhile_costs_no_answer(small, monkeypatch):
    """The record says so, and the next run grades."""
    from autograder import GradebookError
    from autograder._nbgrader.gradebook import Gradebook

    def locked(*_, **__):
        raise GradebookError("gradebook.db: locked by another program.")

    with monkeypatch.context() as patch:
        patch.setattr(Gradebook, "record", locked)
        assert "locked by another program" in question(run(small)["ana"])["message"]
    assert run(small)["ana"]["points"] == 4


def test_progress_counts(small):
    """One call a submission, with its record."""
    small.submit("bob", b"")
    seen = []
    run(small, progress=lambda record, done, total: seen.append((record["student"], done, total)))
    assert sorted(seen) in ([("ana", 1, 2), ("bob", 2, 2)], [("ana", 2, 2), ("bob", 1, 2)])


def test_time_limits_are_kept(small):
    """An endless loop costs its answer, and the verdict says so."""
    small.submit("ana", with_cell("import time; time.sleep(60)"))
    record = run(small, limits=Limits(cell=5, notebook=2))["ana"]
    assert question(record)["verdict"] == "timeout"
    assert "The notebook's time limit passed." in record["notes"][-1]


def own_numbers(folder):
    """A class whose lab asks for the learner's own number."""
    lab = released()
    lab.cells[4:4] = [answer_cell("mine", "mine = ..."), check_cell("mine", 1)]
    small = SmallClass(folder, lab)
    sent = answered(learner="s17")
    sent.cells[4:4] = [answer_cell("mine", "mine = 3"), check_cell("mine", 1)]
    small.submit("Anna Meier", sent)
    return small


def test_learners_csv_says_whose_numbers_count(tmp_path):
    """The folder's name is not the id that was typed."""
    small = own_numbers(tmp_path)
    (small.folder / "learners.csv").write_text("folder,learner\nAnna Meier,s17\n")
    assert question(run(small)["Anna Meier"], "mine")["verdict"] == "passed"


def test_another_id_waits_for_a_person(tmp_path):
    """Never 0, and formgrader lists it."""
    small = own_numbers(tmp_path)
    assert question(run(small)["Anna Meier"], "mine")["verdict"] == "manual"
    with book(small) as opened:
        assert opened.find_grade("check-mine", LAB, LAB, "Anna Meier").needs_manual_grade


def test_a_wrong_learners_file_is_named(small):
    """With the line."""
    (small.folder / "learners.csv").write_text("name,id\nana,s17\n")
    with pytest.raises(UsageError, match=r"learners\.csv, line 2: needs the columns"):
        run(small)


def test_a_late_penalty_of_the_class_is_recorded(small):
    """The class's own nbgrader settings and timestamp.txt count."""
    (small.folder / "late.py").write_text(
        "from nbgrader.plugins import LateSubmissionPlugin\n"
        "class OnePoint(LateSubmissionPlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return 1.0\n"
    )
    settings = f"import sys\nsys.path.insert(0, {str(small.folder)!r})\nc = get_config()\n"
    settings += "c.AssignLatePenalties.plugin_class = 'late.OnePoint'\n"
    (small.folder / "nbgrader_config.py").write_text(settings)
    run(small)
    with book(small) as opened:
        opened.update_or_create_assignment(LAB, duedate="2026-01-01 00:00:00 UTC")
    small.path("ana").with_name("timestamp.txt").write_text("2026-01-02 00:00:00 UTC")
    record = run(small, regrade=True)["ana"]
    assert (record["points"], record["late_penalty"]) == (4, 1)


@pytest.mark.parametrize("timestamp", ["soon", ""])
def test_a_timestamp_that_is_none_does_no_harm(small, timestamp):
    """nbgrader itself stumbles over it."""
    small.path("ana").with_name("timestamp.txt").write_text(timestamp)
    assert run(small)["ana"]["points"] == 4


def test_a_class_without_submissions_is_explained(tmp_path):
    """Where the work should be."""
    with pytest.raises(UsageError, match=r"no such folder\. Put each student's work in .*submitted/STUDENT/LAB/"):
        grade([LAB], tmp_path, released=lambda _: tmp_path)


def test_an_unbuilt_lab_is_explained(small):
    """The release is not there."""
    small.release.unlink()
    with pytest.raises(UsageError, match="no released notebook of tiny"):
        run(small)


def test_ordinary_kernels_give_the_same_points(small):
    """Where a process cannot be forked, checks run inside the notebook's kernel."""
    small.submit("bob", answered(HALF))
    records = run(small, limits=Limits(warm=False))
    assert {name: record["points"] for name, record in records.items()} == {"ana": 4, "bob": 2}


def test_an_unknown_kernel_is_explained_once(small):
    """Not once a student."""
    with pytest.raises(UsageError, match="No Jupyter kernel is called 'python9'"):
        run(small, limits=Limits(kernel_name="python9", warm=False))


def test_a_second_run_at_the_same_time_is_refused(small):
    """One writer."""
    with Store(small.folder).only_one([""]), pytest.raises(UsageError, match="at work here"):
        run(small)


def test_plain_nbgrader_gives_the_same_points(tmp_path):
    """`nbgrader autograde` with this repository's settings, on honest submissions."""
    small = SmallClass(tmp_path)
    sent = {"ana": answered(RIGHT), "bob": answered(HALF), "cy": answered(WRONG)}
    for name, found in sent.items():
        small.submit(name, found)
    ours = {name: record["points"] for name, record in run(small).items()}
    plain = tmp_path / "plain"
    (plain / "notebooks" / LAB).mkdir(parents=True)
    (small.folder / "gradebook.db").rename(plain / "gradebook.db")
    (small.folder / "submitted").rename(plain / "submitted")
    (plain / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    with NbGradebook(f"sqlite:///{plain / 'gradebook.db'}") as opened:
        for name in sent:
            opened.remove_submission(LAB, name)
    command = [sys.executable, "-m", "nbgrader", "autograde", LAB]
    done = subprocess.run(command, cwd=plain, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with NbGradebook(f"sqlite:///{plain / 'gradebook.db'}") as opened:
        assert {name: opened.find_submission(LAB, name).score for name in sent} == ours


def test_nbgraders_feedback_works_on_the_folder(small):
    """What formgrader's button does."""
    run(small)
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", LAB]
    done = subprocess.run(command, cwd=small.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "double: all right" in (small.folder / "feedback" / "ana" / LAB / "tiny.html").read_text()


class TestCheckNotebook:
    """The learner's own command."""

    def test_a_notebook_is_checked_in_a_clean_kernel(self, small):
        """Points, and what a person will read."""
        record = check_notebook(small.path("ana"), small.release)
        assert (record["points"], record["max_points"]) == (4, 7)
        assert question(record, "why")["verdict"] == "manual"

    def test_an_unchanged_essay_is_missing(self, small):
        """The learner should know."""
        assert (
            question(check_notebook(small.submit("b", answered()), small.release), "why")["verdict"] == "missing"
        )

    def test_practice_is_not_grading(self, small):
        """Without a seed the notebook runs as the learner runs it."""
        source = (
            "import os\nassert 'NBGRADER_EXECUTION' not in os.environ\nassert 'AUTOGRADER_SEED' not in os.environ"
        )
        guarded = answered()
        cell(guarded, "double").source = source + "\n" + RIGHT
        assert question(check_notebook(small.submit("ana", guarded), small.release))["verdict"] == "passed"

    def test_a_seed_repeats_a_gradings_cases(self, small):
        """That is how a student can trust it."""
        small.submit("ana", answered(HALF))
        graded = question(run(small)["ana"])
        again = question(check_notebook(small.path("ana"), small.release, seed=graded["seed"]))
        assert again["groups"] == graded["groups"]

    def test_the_typed_id_counts_with_a_seed(self, tmp_path):
        """The learner's own numbers are those of the id in the notebook."""
        small = own_numbers(tmp_path)
        record = check_notebook(small.path("Anna Meier"), small.release, seed="ab")
        assert question(record, "mine")["verdict"] == "passed"

    def test_a_wrong_file_is_an_error(self, small):
        """The command says what is wrong with it."""
        with pytest.raises(SubmissionError, match="is empty"):
            check_notebook(small.submit("ana", b""), small.release)

    def test_it_needs_no_nbgrader(self, small):
        """A learner's machine does not have it."""
        script = (
            "import sys; sys.modules['nbgrader'] = None\n"
            "from pathlib import Path\nfrom autograder._notebook import check_notebook\n"
            f"print(check_notebook(Path({str(small.path('ana'))!r}), Path({str(small.release)!r}))['points'])"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert done.stdout == "4.0\n", done.stderr


def test_the_release_is_not_changed_by_grading(small):
    """A batch uses one copy for everybody."""
    lab = released()
    before = copy.deepcopy(lab)
    run(small)
    assert nbformat.read(small.release, as_version=4) == before
