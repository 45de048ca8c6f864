"""Any nbgrader course: the example that nbgrader ships, graded by nbgrader itself and by this engine."""

from __future__ import annotations

import csv
import json
import shutil

import nbformat
import pytest

from autograder import _course
from autograder._grade import grade
from autograder._store import Store
from autograder.cli import main as autograder
from tests.autograder.own_course import (
    LAB,
    PROBLEMS,
    STUDENTS,
    TRAPS,
    cell_of,
    make_course,
    nbgrader,
    scores,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def no_course():
    """No course is installed beside this package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_course, "entry_points", lambda group: [])
        yield


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course before anything is graded."""
    return make_course(tmp_path_factory.mktemp("own"))


def graded(course, name, *options):
    """A copy of the course, graded by the command."""
    folder = course.parent / name
    shutil.copytree(course, folder)
    assert autograder(["grade", LAB, "--class", str(folder), "--workers", "2", *options]) == 1
    return folder


@pytest.fixture(scope="module")
def plain(course):
    """A copy graded by nbgrader alone."""
    folder = course.parent / "plain"
    shutil.copytree(course, folder)
    nbgrader(folder, "autograde", LAB)
    return folder


@pytest.fixture(scope="module")
def ours(course):
    return graded(course, "ours")


@pytest.fixture(scope="module")
def compatible(course):
    return graded(course, "compatible", "--compat", "nbgrader")


@pytest.fixture(scope="module")
def never_generated(course):
    """The same class without release and gradebook: only what the instructor wrote and the students sent."""
    folder = course.parent / "bare"
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("release", "gradebook.db"))
    assert autograder(["grade", LAB, "--class", str(folder), "--compat", "nbgrader"]) == 1
    return folder


def test_everybody_is_graded(plain, ours):
    """Ten students, three notebooks each."""
    assert len({student for student, _, _ in scores(plain)}) == STUDENTS
    assert scores(plain).keys() == scores(ours).keys()


def test_compat_equals_nbgrader_everywhere(plain, compatible):
    """Scores, what waits for a person, maximum, comments, late penalties."""
    assert scores(compatible) == scores(plain)


def test_the_default_differs_in_the_documented_traps_only(plain, ours):
    """A warning costs nothing, and NumPy's numbers are numbers."""
    theirs, found = scores(plain), scores(ours)
    cells = {key for key in theirs if theirs[key] != found[key] and key[2] != "late"}
    assert {id for _, _, id in cells} == TRAPS
    right = "right", "problem3"
    assert (theirs[*right, "noisy"][0], found[*right, "noisy"][0]) == (0, 1)
    assert (theirs[*right, "float"][0], found[*right, "float"][0]) == (1, 0.5)


def test_a_course_that_was_never_generated_is_graded_from_its_source(plain, never_generated):
    """Hidden tests included, and nothing but grading's own files is written into the class's folder."""
    theirs, found = scores(plain), scores(never_generated)
    assert {key: value for key, value in found.items() if key[2] != "late"} == {
        key: value for key, value in theirs.items() if key[2] != "late"
    }
    records = list(Store(never_generated).records("ps1/problem3"))
    assert not any("put back" in note for record in records for note in record["notes"])
    assert autograder(["grade", LAB, "--class", str(never_generated), "--compat", "nbgrader"]) == 1
    # The release is the same when made again.
    assert list(Store(never_generated).records("ps1/problem3")) == records
    assert not (never_generated / "release").exists()
    assert not list(never_generated.glob("*.log"))


def test_the_class_is_a_fair_trial(plain):
    """Full, partial and no points, and cells that wait, are all among the scores compared."""
    found = scores(plain)
    assert found["half", "problem3", "partial"] == (2, False, 3)
    assert found["half", "problem3", "hidden"] == (0, False, 3)
    assert found["wrong", "problem3", "hidden"] == (0, False, 3)
    assert found["right", "problem3", "hidden"] == (3, False, 3)
    assert found["empty", "problem3", "by_hand"] == (0, False, 2)
    assert found["right", "problem3", "by_hand"] == (None, True, 2)
    assert found["helped", "problem3", "file"] == (2, False, 2)
    assert found["late", "problem1", "late"][0] == 3
    assert found["first_only", "problem3", "hidden"] == (0, False, 3)


@pytest.mark.parametrize("student", ["right", "half", "helped", "bitdiddle"])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_kept_notebook_is_nbgraders(plain, ours, student, problem):
    """The same cells, with hidden tests, points and checksums; nothing of this engine's stays in it."""
    theirs, found = (
        nbformat.read(folder / "autograded" / student / LAB / f"{problem}.ipynb", as_version=4)
        for folder in (plain, ours)
    )
    expected = [cell for cell in theirs.cells if cell.metadata.get("nbgrader")]
    kept = [cell for cell in found.cells if cell.metadata.get("nbgrader")]
    assert [cell.source for cell in kept] == [cell.source for cell in expected]
    for name in ("grade_id", "checksum", "points", "grade", "solution", "task", "locked"):
        assert [cell.metadata.nbgrader.get(name) for cell in kept] == [
            cell.metadata.nbgrader.get(name) for cell in expected
        ]
    assert "autograder" not in json.dumps(found.metadata) + json.dumps([cell.metadata for cell in found.cells])


def test_other_files_stand_beside_it(plain, ours):
    """The student's own, and the instructor's over the student's."""
    for folder in (plain, ours):
        beside = folder / "autograded" / "helped" / LAB
        assert (beside / "helper.py").exists() and (beside / "jupyter.png").exists()
        assert (beside / "data" / "numbers.txt").read_text() == "1 2 3"


def test_a_hidden_test_is_not_to_be_read_before_it_runs(course):
    """Neither in the file beside, nor in what ran before."""
    folder = course.parent / "curious"
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("submitted", ".autograder"))
    source = course / "submitted" / "right" / LAB / "problem3.ipynb"
    found = nbformat.read(source, as_version=4)
    cell_of(found, "mean").source += (
        "\nimport os\nfiles = [open(name, 'rb').read() for name in os.listdir() if os.path.isfile(name)]"
        "\nprint('only the' + ' grader knows' in repr([files, In, Out]))"
    )
    place = folder / "submitted" / "curious" / LAB / "problem3.ipynb"
    place.parent.mkdir(parents=True)
    nbformat.write(found, place)
    grade([LAB], folder)
    kept = nbformat.read(folder / "autograded" / "curious" / LAB / "problem3.ipynb", as_version=4)
    assert cell_of(kept, "mean").outputs[0].text == "False\n"
    assert "only the grader knows" in cell_of(kept, "hidden").source
    assert scores(folder)["curious", "problem3", "hidden"] == (3, False, 3)


def test_a_second_run_grades_nothing_again(ours, capsys):
    """A notebook that waits for a person only is not taken for one that was never graded."""
    before = {key: list(Store(ours).records(key)) for key in Store(ours).labs()}
    assert autograder(["grade", LAB, "--class", str(ours)]) == 1
    assert "Graded now: 0." in capsys.readouterr().out
    assert {key: list(Store(ours).records(key)) for key in Store(ours).labs()} == before


def test_a_changed_helper_is_graded_again(ours):
    """The student's own module counts as the submission."""
    helper = ours / "submitted" / "helped" / LAB / "helper.py"
    helper.write_text("def add(numbers):\n    return 0\n")
    records = {(item["student"], item["lab"]): item for item in grade([LAB], ours)}
    assert records["helped", "ps1/problem3"]["questions"]["hidden"]["verdict"] == "error"


def test_report_feedback_and_export_have_a_row_a_notebook(compatible, tmp_path):
    """Named by assignment and notebook."""
    page = (compatible / "report.html").read_text()
    assert "feedback/right/ps1/problem1.html" in page
    assert (compatible / "feedback" / "right" / LAB / "problem1.html").exists()
    assert autograder(["feedback", LAB, "--class", str(compatible)]) == 0
    assert autograder(["report", "--class", str(compatible)]) == 0
    assert autograder(["export", "--class", str(compatible), "--csv", str(tmp_path / "grades.csv")]) == 0
    with (tmp_path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["student"], row["lab"]) for row in csv.DictReader(file)}
    assert ("first_only", "ps1/problem2") in rows and len(rows) == STUDENTS * len(PROBLEMS)


def test_nbgraders_own_feedback_works_on_it(compatible):
    """What formgrader's button does."""
    nbgrader(compatible, "generate_feedback", LAB)
    assert (compatible / "feedback" / "half" / LAB / "problem3.html").exists()


def test_an_unknown_assignment_is_a_wrong_use(ours, capsys):
    """With the nearest names, before anything is graded."""
    assert autograder(["grade", "ps2", "--class", str(ours)]) == 2
    assert "No lab 'ps2'. Near: ps1." in capsys.readouterr().err
    assert autograder(["grade", "../ps1", "--class", str(ours)]) == 2


def test_a_release_that_is_not_the_gradebooks_is_refused(course, capsys):
    """Half a class would be graded with other cells."""
    folder = course.parent / "changed"
    shutil.copytree(course, folder)
    path = folder / "release" / LAB / "problem3.ipynb"
    found = nbformat.read(path, as_version=4)
    found.cells = [cell for cell in found.cells if cell is not cell_of(found, "hidden")]
    nbformat.write(found, path)
    assert autograder(["grade", LAB, "--class", str(folder)]) == 1
    assert "Run `nbgrader generate_assignment ps1` again." in capsys.readouterr().err


def test_a_mended_hidden_test_is_judged_again(course):
    """The instructor corrects the source and generates the assignment again; one question is regraded."""
    folder = course.parent / "mended"
    shutil.copytree(course, folder)
    before = {(item["student"], item["lab"]): item for item in grade([LAB], folder)}
    path = folder / "source" / LAB / "problem3.ipynb"
    found = nbformat.read(path, as_version=4)
    cell_of(found, "hidden").source = cell_of(found, "hidden").source.replace("== 1.5", "in (1, 1.5)")
    nbformat.write(found, path)
    nbgrader(folder, "generate_assignment", LAB, "--force")
    assert autograder(["grade", LAB, "--class", str(folder), "--question", "hidden"]) == 1
    after = {(item["student"], item["lab"]): item for item in Store(folder).records("ps1/problem3")}
    assert before["half", "ps1/problem3"]["questions"]["hidden"]["points"] == 0
    assert after["half", "ps1/problem3"]["questions"]["hidden"]["points"] == 3
    assert scores(folder)["half", "problem3", "hidden"] == (3, False, 3)
    kept = nbformat.read(folder / "autograded" / "half" / LAB / "problem3.ipynb", as_version=4)
    assert "in (1, 1.5)" in cell_of(kept, "hidden").source
    first = {key: item for key, item in before.items() if key[1] == "ps1/problem1"}
    assert {(item["student"], item["lab"]): item for item in Store(folder).records("ps1/problem1")} == first
