"""The sample class, graded for real: every student accounted for, and the same points as nbgrader alone."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import main as autograder
from tests.sample_class import CLASS, CONVOLUTION, COUNTING, LABS, ROOT, SHAPES, make_class

pytestmark = pytest.mark.slow

# What is not passed, missing for want of a submission, or a written answer.
EXPECTED = {
    ("ines", CONVOLUTION): {"correlate2d": "partly", "convolve2d": "failed"},
    ("noor", CONVOLUTION): {"conv1d": "failed", "kernel_table": "partly"},
    ("chiara", SHAPES): {"out_size": "partly", "trace_shapes": "failed", "repair": "partly"},
    ("kavya", SHAPES): {"paddings": "timeout"},
    ("lea", SHAPES): {"out_size": "manual", "paddings": "manual"},
    ("mateo", SHAPES): {"same_padding": "error"},
    ("olga", SHAPES): {"pad2d": "died"},
    ("chiara", COUNTING): {"conv_params": "partly", "vgg_table": "partly"},
    ("jonas", COUNTING): {"macs": "failed"},
}
NOTHING_RIGHT = {("elif", SHAPES): "missing", ("farid", SHAPES): "error", ("pavel", SHAPES): "missing"}
ESSAYS = ("repair_definition", "why_227", "repair_slides")
HONEST = {
    CONVOLUTION: ("amara", "bao", "diego", "ines", "noor"),
    SHAPES: ("bao", "chiara", "diego", "mateo"),
    COUNTING: ("amara", "bao", "chiara", "jonas"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """The sample class after `autograder grade`."""
    folder = tmp_path_factory.mktemp("class")
    make_class(folder)
    assert autograder(["grade", *LABS, "--class", str(folder), "--json", str(folder / "results.json")]) == 1
    return folder


@pytest.fixture(scope="module")
def results(graded) -> dict:
    """results.json by student and lab."""
    return {(item["student"], item["lab"]): item for item in json.loads((graded / "results.json").read_text())}


def test_every_student_is_accounted_for(results):
    """One result for each student and lab, whatever was handed in."""
    students = {student for student, *_ in CLASS}
    assert set(results) == {(student, lab) for student in students for lab in LABS}


@pytest.mark.parametrize("item", CLASS, ids=lambda item: f"{item[0]}-{item[1]}")
def test_verdicts(results, item):
    """Each submission has the verdicts that its answers deserve."""
    student, lab, only, _ = item
    found = {id: data["verdict"] for id, data in results[student, lab]["questions"].items()}
    if (student, lab) in NOTHING_RIGHT:
        assert set(found.values()) == {NOTHING_RIGHT[student, lab]}
        return
    for id, verdict in found.items():
        answered = only is None or id in only
        usual = ("manual" if id in ESSAYS else "passed") if answered else "missing"
        assert verdict == EXPECTED.get((student, lab), {}).get(id, usual), (id, results[student, lab])


def test_points_are_the_sum_of_the_questions(results):
    """A result's points are those of its questions, and never above what there is."""
    for item in results.values():
        assert item["points"] == sum(question["points"] for question in item["questions"].values())
        assert all(0 <= question["points"] <= question["max_points"] for question in item["questions"].values())


def test_named_mistake_reaches_the_feedback(graded):
    """The student reads the mistake's name, the failing call and a hint, never the solution."""
    page = (graded / "feedback" / "chiara" / SHAPES / f"{SHAPES}.html").read_text(encoding="utf-8")
    assert "The + 1 is missing: the first place counts too." in page
    assert "out_size(7, 3, 2, 0)" in page and "Count the places" in page
    assert "(n + 2 * p - f) // s + 1" not in page.split("Your notebook, as you handed it in")[0]


def test_feedback_names_the_seed_that_repeats_it(graded):
    """`course check --seed` gives the verdicts of the grading run."""
    record = json.loads((graded / ".autograder" / SHAPES / "chiara.json").read_text())
    notebook = graded / "submitted" / "chiara" / SHAPES / f"{SHAPES}.ipynb"
    command = [sys.executable, "-m", "course.cli", "check", str(notebook), "--seed", record["seed"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert f"{record['points']:g} of {record['max_points']:g} points" in done.stdout
    assert "The + 1 is missing" in done.stdout


def test_report_names_mistakes_and_who_waits(graded):
    """The report has the commonest mistake and the answers that wait for a person."""
    page = (graded / "report.html").read_text(encoding="utf-8")
    assert "The + 1 is missing: the first place counts too." in page
    assert "Content-Security-Policy" in page and "<script" not in page


def test_second_run_grades_nothing_again(graded, results):
    """An unchanged class is not executed again, and nothing changes."""
    before = (graded / "results.json").read_bytes()
    records = sorted((graded / ".autograder").rglob("*.json"))
    seconds = [json.loads(path.read_text())["seconds"] for path in records]
    autograder(["grade", *LABS, "--class", str(graded), "--json", str(graded / "results.json")])
    assert (graded / "results.json").read_bytes() == before
    assert [json.loads(path.read_text())["seconds"] for path in records] == seconds


def test_csv_has_a_row_for_each_result(graded, results, tmp_path):
    """grades.csv opens in a spreadsheet."""
    path = tmp_path / "grades.csv"
    assert autograder(["export", "--class", str(graded), "--csv", str(path)]) == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["student"], row["lab"]): float(row["points"]) for row in csv.DictReader(file)}
    assert rows == {key: item["points"] for key, item in results.items()}


def test_answers_do_not_leak_into_the_working_folder(graded):
    """Nothing but notebooks lies in autograded/, so no student can import a solution."""
    files = [path for path in (graded / "autograded").rglob("*") if path.is_file()]
    assert files and {path.suffix for path in files} == {".ipynb"}


@pytest.mark.parametrize("lab", LABS)
def test_plain_nbgrader_gives_the_same_points(graded, results, tmp_path, lab):
    """`nbgrader autograde` with this repository's config agrees on every honest submission, cell by cell."""
    from nbgrader.api import Gradebook

    for name in ("solutions", "nbgrader_config.py"):
        source = ROOT / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path)
    for student in HONEST[lab]:
        shutil.copytree(graded / "submitted" / student / lab, tmp_path / "submitted" / student / lab)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command in ("generate_assignment", "autograde"):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, lab],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
    for folder in ("notebooks", "autograded"):
        assert {path.suffix for path in (tmp_path / folder).rglob("*") if path.is_file()} <= {".ipynb"}
    work = tmp_path / "autograded" / HONEST[lab][0] / lab
    tried = subprocess.run([sys.executable, "-c", f"import {lab}"], cwd=work, capture_output=True, check=False)
    assert b"ModuleNotFoundError" in tried.stderr  # a solution beside the notebook would be an answer
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        for student in HONEST[lab]:
            notebook = gradebook.find_submission_notebook(lab, lab, student)
            points = {
                grade.name.removeprefix("check-").removeprefix("essay-"): grade.score for grade in notebook.grades
            }
            ours = {id: item["points"] for id, item in results[student, lab]["questions"].items()}
            assert points == ours, student
