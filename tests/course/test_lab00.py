"""Lab 00: it never blocks, its points are for practice, and its page of feedback is a real one."""

from __future__ import annotations

import html
import itertools
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from autograder._result import MIME
from autograder.check import judge_names, open_lab
from course import cli, device, doctor, draws, feedback, start, syllabus
from course.questions import lab00_orientation as questions
from tests import feedback_example

LAB = "lab00_orientation"
MISSING = 'raise ModuleNotFoundError("No module named \'tensorflow\'", name="tensorflow")\n'
BROKEN = 'raise ImportError("DLL load failed while importing _pywrap_tensorflow_internal\\nand more lines")\n'


def judged(question: str, **names: object):
    """The outcome of one question for these names."""
    opened = open_lab("convnet-course", LAB, f"course.questions.{LAB}", learner="sample")
    return judge_names(opened, opened.questions[question], names)


def without_tensorflow(folder, text: str = MISSING) -> str:
    """A folder that, first on the path, makes TensorFlow and Keras fail to import."""
    for name in ("tensorflow", "keras"):
        (folder / f"{name}.py").write_text(text)
    return str(folder)


@pytest.mark.slow
@pytest.mark.parametrize("tensorflow", [True, False], ids=["as installed", "no TensorFlow"])
def test_unanswered_notebook_runs_through(tmp_path, monkeypatch, tensorflow):
    """Top to bottom without an error in a real kernel; each check says that nothing is answered yet."""
    if not tensorflow:
        monkeypatch.setenv("PYTHONPATH", without_tensorflow(tmp_path))
    notebook = nbformat.read(syllabus.released(LAB), as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    results = [output.data[MIME] for output in outputs if MIME in output.get("data", {})]
    assert [item["verdict"] for item in results] == ["missing", "missing"]
    assert all("not answered yet" in item["message"] for item in results)
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    assert ("TensorFlow does not start here" in printed) != tensorflow


@pytest.mark.parametrize(
    ("text", "said"), [(MISSING, "No module named 'tensorflow'"), (BROKEN, "DLL load failed")]
)
def test_device_goes_on_without_tensorflow(tmp_path, text, said):
    """Missing or broken: one sentence, no error."""
    code = (
        f"import sys; sys.path.insert(0, {without_tensorflow(tmp_path, text)!r})\n"
        "from course import device; print(device.describe())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said in done.stdout and "works all the same" in done.stdout
    assert len(done.stdout.splitlines()) == 1 and not done.stderr


def test_device_names_the_gpus(monkeypatch):
    """Where there is one, it is named."""
    monkeypatch.setattr(device, "gpus", lambda: ["/physical_device:GPU:0"])
    assert device.describe().startswith("1 GPU: /physical_device:GPU:0.")


def test_packages_tell_versions_and_no_paths(monkeypatch):
    """What stands in a notebook that is handed in says nothing of the machine's folders."""
    text = "\n".join(doctor.packages())
    assert "tensorflow" in text and "Python 3" in text
    assert sys.prefix not in text
    monkeypatch.setattr(doctor, "DISTRIBUTION", "no-such-distribution")
    assert "pip does not know" in doctor.packages()[1]


def test_guessing_earns_nothing():
    """The same word everywhere gives no point, whichever word it is."""
    for kind, task in itertools.product(questions.KINDS, questions.TASKS):
        assert judged("learning", kinds=[kind] * 6, tasks=[task] * 5).points == 0


def test_lists_of_words_are_read_as_they_come():
    """A list of another length says how many entries it has; half of the points stay for the other list."""
    right = [word for word, _ in questions._KIND.values()]
    result = judged("learning", kinds=right, tasks=[])
    assert result.points == 0.5
    assert "these are 0, and 5 are asked for" in result.message


def test_wrong_word_is_not_called_a_number():
    """A word where a word belongs is not right; nobody is told to take its quotes away."""
    right = [word for word, _ in questions._TASK.values()]
    result = judged("learning", kinds=["supervised"] * 6, tasks=["clustering", *right[1:]])
    notes = [case.note for group in result.groups for case in group.cases if not case.passed]
    assert "'clustering' is not right." in notes
    assert not any("quotes" in note for note in notes)


def test_golden_picture():
    """Drawn once for the id "ana"; a change would give every learner another picture."""
    assert draws.numbers(LAB, "my_picture", "ana") == (9, 6, 3)


def test_points_for_practice_do_not_count(capsys):
    """The table of labs leaves them out of its sum, and the lab says so itself."""
    lab = syllabus.labs()[LAB]
    assert lab.practice and lab.points == 2
    counted = sum(item.points for item in syllabus.labs().values() if item.id != LAB)
    assert syllabus.total_points() == counted
    cli.main(["labs"])
    printed = capsys.readouterr().out
    assert "Orientation (for practice, not in the sum)" in printed
    assert f"{'':<20} {counted:>6}           in all" in printed
    started = start(LAB)
    assert "2 points for practice" in repr(started)
    started.score()
    assert "count for nothing" in capsys.readouterr().out


def test_other_labs_count():
    """Practice is the exception."""
    assert [lab.id for lab in syllabus.labs().values() if lab.practice] == [LAB]


@pytest.mark.slow
def test_page_of_feedback_is_real(tmp_path):
    """The page that the lab shows is what the grader makes; else run `python -m tests.feedback_example`."""
    feedback_example.make(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == feedback.EXAMPLE.read_text(encoding="utf-8")


def test_page_of_feedback_is_told_in_words():
    """Its title says what the page says, and the frame holds the whole page and no script."""
    page = feedback.example()
    assert "<b>0.5 of 2</b>" in page.content and "0.5 of 2 points" in page.title
    assert html.escape(page.framed, quote=True) in page.html
    assert page.framed.replace('\n<base href="about:srcdoc">', "") == page.content != page.framed
    assert "<script" not in page.content
    assert page._repr_mimebundle_() == {"text/html": page.html, "text/plain": page.title}
