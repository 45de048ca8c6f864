"""From a percent script to an executed solution and a released notebook, with a tiny course on disk."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from autograder import BuildError
from autograder import _build as building
from autograder._build import build
from autograder._source import read_source

ROOT = Path(__file__).parents[2]
QUESTIONS = '''
from autograder.check import case, essay, group, question

@question("double", points=3, hints=["Twice."])
def double(answer, draw):
    """Twice a number"""
    with group("numbers"):
        yield case(answer(3), 6)
        yield case(answer(-2), -4)

why = essay("why", points=2, title="Why", rubric=[(2, "a reason")])
'''
SOURCE = """# ---
# jupyter:
#   autograder:
#     questions: tinyquestions
# ---

# %% [markdown]
# # A tiny lab, {points:double} and {points:why}

# %%
from autograder.check import check, open_lab

open_lab("tiny", "lab_tiny", "tinyquestions")
print("from {repository}")

# %% tags=["question:double"]
def double(number):
    ### BEGIN SOLUTION
    return number + number
    ### END SOLUTION


# %% tags=["check:double"]
check("double")

# %% [markdown] tags=["essay:why:2"]
# Because adding a number to itself doubles it.
"""


class Course:
    """A course in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "solutions" / "lab_tiny" / "lab_tiny.py"
        self.solution = self.source.with_suffix(".ipynb")
        self.release = folder / "notebooks" / "lab_tiny" / "lab_tiny.ipynb"
        self.source.parent.mkdir(parents=True)
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        (folder / "pyproject.toml").write_text(
            '[project]\n[project.urls]\nRepository = "https://example.org/tiny"\n'
        )
        self.write(SOURCE)
        (folder / "tinyquestions.py").write_text(QUESTIONS)

    def write(self, text: str) -> None:
        self.source.write_text(text, encoding="utf-8")

    def build(self) -> list[str]:
        said: list[str] = []
        build(self.folder, None, said.append)
        return said


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A tiny course whose questions can be imported, here and in kernels."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delitem(sys.modules, "tinyquestions", raising=False)
    return Course(tmp_path)


@pytest.mark.slow
def test_build_makes_both_notebooks(course):
    """The solution is executed, the release has stubs, locked checks and no outputs; ids are stable."""
    assert course.build() == ["lab_tiny: 5 points, executed"]
    solution, release = (nbformat.read(path, as_version=4) for path in (course.solution, course.release))
    source = read_source(course.source, repository="https://example.org/tiny")
    plain = [cell.id for cell in source.notebook.cells][:2]
    assert all(id.startswith("cell-") for id in plain)
    assert [cell.id for cell in release.cells] == [*plain, "double", "check-double", "essay-why"]
    assert release.cells[0].source == "# A tiny lab, 3 points and 2 points"
    assert release.cells[2].source == "def double(number):\n    ...  # your code here"
    assert release.cells[4].source == "*Your answer here.*"
    check = release.cells[3].metadata.nbgrader
    assert (check.points, check.grade, check.locked, check.solution) == (3, True, True, False)
    assert not any(cell.get("outputs") for cell in release.cells)
    assert release.metadata.autograder == {"lab": "lab_tiny", "questions": "tinyquestions"}
    assert solution.cells[1].outputs[0].text == "from https://example.org/tiny\n"
    assert solution.cells[3].outputs[-1].data["text/plain"] == "3.0"


@pytest.mark.slow
def test_second_build_changes_no_byte(course):
    """A build from unchanged sources executes nothing and writes the same bytes; so does a forced execution."""
    course.build()
    before = course.solution.read_bytes(), course.release.read_bytes()
    assert course.build() == ["lab_tiny: 5 points, solution unchanged"]
    assert (course.solution.read_bytes(), course.release.read_bytes()) == before
    course.solution.unlink()
    course.build()
    assert (course.solution.read_bytes(), course.release.read_bytes()) == before


@pytest.mark.slow
def test_changed_question_executes_again(course):
    """The solution's hash covers the questions module."""
    course.build()
    (course.folder / "tinyquestions.py").write_text(QUESTIONS.replace("Twice.", "Two times."))
    assert course.build() == ["lab_tiny: 5 points, executed"]


WRONG_SOURCES = {
    "unknown tag": (
        'tags=["check:double"]',
        'tags=["chek:double"]',
        "line 23: no such tag 'chek:double'. Near: check",
    ),
    "two tags": ('tags=["check:double"]', 'tags=["check:double", "essay:why:2"]', "Keep one"),
    "question that is not defined": (
        "question:double",
        "question:duoble",
        "line 16: no question 'duoble' is defined",
    ),
    "essay points differ": ("essay:why:2", "essay:why:3", "the tag says 3 points, its definition 2"),
    "check cell with more": ('check("double")\n', 'check("double")\nx = 1\n', "a check cell is one line"),
    "no solution mark": ("    ### BEGIN SOLUTION\n", "", "needs ### BEGIN SOLUTION"),
    "solution without a tag": (' tags=["question:double"]', "", "would be released"),
    "no check": ('# %% tags=["check:double"]\ncheck("double")\n', "", "no cell has its tag"),
    "no questions module": ("questions: tinyquestions", "nothing: here", "no questions module"),
    "points of nobody": ("{points:why}", "{points:whyy}", "no such question"),
    "id twice": (
        '# %% tags=["check:double"]',
        '# %% tags=["check:double"]\ncheck("double")\n\n# %% tags=["check:double"]',
        "stands twice (also at line 23)",
    ),
}


@pytest.mark.parametrize("name", WRONG_SOURCES)
def test_wrong_source_stops_with_line_and_advice(course, name):
    """Each slip of an author stops the build before anything is written."""
    old, new, message = WRONG_SOURCES[name]
    assert old in SOURCE
    course.write(SOURCE.replace(old, new))
    with pytest.raises(BuildError) as error:
        read_source(course.source)
    assert message in str(error.value) and "lab_tiny.py" in str(error.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "number + number",
            "number + 1",
            "line 23: the solution scores 0 of 3: double(3): Expected 6. Received 4.",
        ),
        ("number + number", "number + nubmer", "NameError"),
        ('print("from {repository}")', "1 / 0", "line 10: the solution's cell fails: ZeroDivisionError"),
    ],
)
def test_failing_solution_stops(course, old, new, message):
    """A solution that fails, or does not score full marks, stops the build with its line."""
    course.write(SOURCE.replace(old, new))
    with pytest.raises(BuildError) as error:
        course.build()
    assert message in str(error.value)
    assert not course.release.exists()


def test_answer_left_in_release_stops(course):
    """A line of a solution that stands in a released cell is found."""
    source = read_source(course.source)
    released = nbformat.from_dict(source.notebook)
    with pytest.raises(BuildError, match="line 16: an answer is left"):
        building.require_no_answers(source, released)


def test_large_figure_stops(course):
    """A figure above 60 kB is refused, also inside HTML."""
    source = read_source(course.source)
    notebook = nbformat.from_dict(source.notebook)
    page = f'<img src="data:image/png;base64,{"A" * 90_000}">'
    notebook.cells[1].outputs = [nbformat.v4.new_output("display_data", {"text/html": page})]
    with pytest.raises(BuildError, match="line 10: a figure of 67,500 bytes"):
        building.require_small_figures(source, notebook)


def test_a_new_cell_changes_no_other_id(course):
    """Ids follow the text, so that a copy of an older release is still recognised."""
    before = [cell.id for cell in read_source(course.source).notebook.cells]
    course.write(SOURCE.replace("# %%\nfrom", "# %% [markdown]\n# New.\n\n# %%\nfrom"))
    after = [cell.id for cell in read_source(course.source).notebook.cells]
    assert [id for id in after if id in before] == before and len(after) == len(before) + 1


def test_unknown_lab_names_the_near_one(course):
    """A typing slip in the lab's name is answered with the nearest."""
    with pytest.raises(BuildError, match="Near: lab_tiny"):
        build(course.folder, ["lab_tini"])
