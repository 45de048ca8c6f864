"""The bench: its classes deserve the points that they should get, and its results have their shape."""

from __future__ import annotations

import json
import sys

import nbformat
import pytest

from autograder._nbgrader.release import generate
from autograder._source import read_source
from autograder.check import judge_names, load_questions, open_lab
from bench.classes import CLASSES, ROOT, handed_in, make_class, works
from bench.engines.floor import run_submission
from bench.measure import CommandFailed, run_measured
from bench.results import BEGIN, END, ENGINES, Measurement, differing, rows, write_page
from bench.sizing import _pieces

KEYS = {
    "class",
    "engine",
    "submissions",
    "seconds_per_submission",
    "ratio_to_nbgrader",
    "ratio_to_floor",
    "overhead_core_seconds",
    "peak_mb",
    "points_that_differ",
}
JUDGED = {"numpy": range(20), "builds": range(6), "trains": (0, 5)}  # all of them would take minutes


@pytest.fixture(scope="module")
def labs():
    """The labs as they are built, but not executed: two of them train."""
    sources = {name: read_source(ROOT / "bench" / "labs" / f"{item.lab}.py") for name, item in CLASSES.items()}
    found = {name: source.notebook for name, source in sources.items()}
    # Only here somebody leaves an answer out, for which the source has the solution.
    return found | {"numpy": generate(found["numpy"], "bench_numpy", ROOT / "nbgrader_config.py")}


@pytest.mark.parametrize("name", CLASSES)
def test_class_gets_the_points_of_its_answers(labs, name):
    """A cell made from a sample earns what the sample earns: all points if it is right, not all if it is wrong."""
    item = CLASSES[name]
    questions = load_questions(f"bench.questions.{item.lab}")
    handed = list(works(item, 20))
    for work in (handed[number] for number in JUDGED[name]):
        points = run_submission(handed_in(labs[name], work), work.student)
        lab = open_lab("convnet-course", item.lab, f"bench.questions.{item.lab}", learner=work.student)
        assert set(points) == {f"check-{id}" for id in questions}
        for id, sample in work.samples.items():
            question, reached = questions[id], points[f"check-{id}"]
            if sample is None:
                assert reached == 0
            elif sample.is_right:
                assert reached == question.points, (work.student, sample.label)
            else:
                assert reached < question.points, (work.student, sample.label)
                if name != "trains":
                    expected = judge_names(lab, question, sample.names_for(question)).points
                    assert reached == expected, (work.student, sample.label)


@pytest.mark.parametrize("name", CLASSES)
def test_class_is_mixed(name):
    """Forty students: several right styles, several mistakes, somebody without an answer; always the same."""
    item = CLASSES[name]
    handed = list(works(item, 40))
    assert handed == list(works(item, 40))
    for id in item.answers:
        samples = [work.samples[id] for work in handed]
        assert len({sample.label for sample in samples if sample and sample.is_right}) >= 4
        assert len({sample.label for sample in samples if sample and not sample.is_right}) >= 4
        assert samples.count(None) == 2
        assert sum(sample is not None and sample.is_right for sample in samples) == 28


def test_submissions_lie_where_graders_look(labs, tmp_path):
    """submitted/STUDENT/LAB/LAB.ipynb, with the student's id and answers in it."""
    handed = list(works(CLASSES["numpy"], 2))
    nbformat.write(labs["numpy"], tmp_path / "bench_numpy.ipynb")
    make_class(tmp_path, tmp_path / "bench_numpy.ipynb", handed)
    path = tmp_path / "submitted" / "student0002" / "bench_numpy" / "bench_numpy.ipynb"
    text = path.read_text(encoding="utf-8")
    assert 'learner=\\"student0002\\"' in text
    assert {cell.id: cell.source for cell in nbformat.reads(text, as_version=4).cells}["correlate2d"] == handed[
        1
    ].cells["correlate2d"]


def measurement(engine: str, seconds: float, cores: int, points: float = 3.0) -> Measurement:
    return Measurement("numpy", engine, 10, seconds, cores, 100.4, "PSS", 0, {"a": {"check-x": points}})


def test_rows_compare_with_nbgrader_and_with_the_floor():
    """Above 1 is faster than nbgrader, and slower than the floor; overhead is time on the cores used."""
    given = [
        measurement("nbgrader", 40.0, 1),
        measurement("autograder", 4.0, 2, 2.5),
        measurement("floor", 1.0, 2),
    ]
    found = {row["engine"]: row for row in rows(given)}
    assert found["autograder"] == {
        "class": "numpy",
        "engine": "autograder",
        "submissions": 10,
        "seconds_per_submission": 0.4,
        "ratio_to_nbgrader": 10.0,
        "ratio_to_floor": 4.0,
        "overhead_core_seconds": 0.6,
        "peak_mb": 100,
        "points_that_differ": 1,
    }
    assert found["nbgrader"]["overhead_core_seconds"] == 3.8
    assert found["floor"]["overhead_core_seconds"] == 0
    assert found["nbgrader"]["points_that_differ"] == 0


def test_rows_of_an_interrupted_run_leave_open_what_is_not_known():
    """Without nbgrader or the floor there is nothing to compare with."""
    (row,) = rows([measurement("autograder", 4.0, 2)])
    assert set(row) == KEYS
    assert [row[name] for name in ("ratio_to_nbgrader", "ratio_to_floor", "points_that_differ")] == [None] * 3


def test_cells_without_points_differ():
    """A student or a cell that one side lacks counts."""
    assert differing({"a": {"x": 1.0}}, {"a": {"x": 1.0, "y": 0.0}, "b": {"x": 1.0}}) == 2


def test_results_have_their_shape():
    """bench/results.json: every class with every engine, on at least 40 submissions, no cell's points other."""
    path = ROOT / "bench" / "results.json"
    if not path.exists():
        pytest.skip("not measured yet: make bench")
    found = json.loads(path.read_text())
    assert {(row["class"], row["engine"]) for row in found} == {
        (name, engine) for name in CLASSES for engine in ENGINES
    }
    for row in found:
        assert set(row) == KEYS
        assert row["submissions"] >= 40
        assert all(isinstance(row[name], int | float) for name in KEYS - {"class", "engine"}), row


def test_memory_of_the_whole_family_is_seen(tmp_path):
    """A child's memory counts for the command, and not for its first process."""
    child = "import time; x = bytearray(200 << 20); x[::4096] = b'1' * len(x[::4096]); time.sleep(2)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('done')"
    measured = run_measured([sys.executable, "-c", parent], tmp_path, {})
    assert measured.output == "done\n"
    assert measured.peak_mb > 200 > 2 * measured.own_mb


def test_failed_engine_is_no_measurement(tmp_path):
    """An engine that fails says so with its last lines."""
    with pytest.raises(CommandFailed, match="no such thing"):
        run_measured([sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path, {})


def test_page_takes_the_numbers_between_its_marks(tmp_path):
    """What stands around the marks stays."""
    machine = {"date": "2000-01-01", "cores": 2, "processor": "a processor", "memory_gb": 4, "memory": "PSS"}
    machine |= {"versions": {"Python": "3.11"}, "locked": 0}
    (tmp_path / "machine.json").write_text(json.dumps(machine))
    (tmp_path / "results.json").write_text(json.dumps(rows([measurement("floor", 1.0, 2)])))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_page(page, tmp_path)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| numpy | floor | 10 | 0.1 |" in text and "a processor" in text


def test_page_has_its_marks():
    """docs/performance.md can be written."""
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


def test_the_measured_writer_costs_no_more_at_the_end():
    """docs/scale.md says so of bench/scale.json: time in units of a fixed piece of work, memory in MB."""
    points = json.loads((ROOT / "bench" / "scale.json").read_text())
    assert points[-1]["submissions"] >= 10_000
    assert _pieces(points, 10) < 1.1 * _pieces(points, 2)
    assert points[-1]["grading_process_mb"] < 1.1 * points[0]["grading_process_mb"]
