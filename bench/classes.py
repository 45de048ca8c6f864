"""The three classes: labs that the project's own build makes, and what their students hand in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder._build import build
from autograder.check import Question, load_questions
from bench.answers import cell_text, usable
from tests.answers import Sample

HERE = Path(__file__).parent
ROOT = HERE.parent
TRIVIAL = "bench_trivial"


@dataclass(frozen=True)
class BenchClass:
    """One of the classes that are measured.

    Args:
        name: As in results.json.
        answers: For each question the lab of the course in whose answers its samples stand.
    """

    name: str
    answers: dict[str, str]

    @property
    def lab(self) -> str:
        """The lab's id; its source is bench/labs/LAB.py, its questions are bench.questions.LAB."""
        return f"bench_{self.name}"


CLASSES = {
    item.name: item
    for item in (
        BenchClass(
            "numpy",
            {
                "correlate2d": "lab02_convolution",
                "convolve2d": "lab02_convolution",
                "activations": "lab06_pooling",
                "numeric_grad": "lab08_backward",
            },
        ),
        BenchClass("builds", {"lenet5_modern": "lab09_lenet"}),
        BenchClass("trains", {"train_lenet5": "lab09_lenet"}),
    )
}


@dataclass(frozen=True)
class Work:
    """What one student hands in.

    Args:
        student: The folder's name.
        samples: The answer to each question; None for a question that is not answered.
        cells: The same as text of the answer's cell.
    """

    student: str
    samples: dict[str, Sample | None]
    cells: dict[str, str]


def works(item: BenchClass, count: int) -> Iterator[Work]:
    """The class, the same on every machine: of ten answers seven are right, in turn in every style."""
    questions = load_questions(f"bench.questions.{item.lab}")
    for number in range(count):
        chosen = {
            id: _chosen(lab, questions[id], number + 4 * place)
            for place, (id, lab) in enumerate(item.answers.items())
        }
        cells = {id: cell_text(sample, questions[id]) for id, sample in chosen.items() if sample is not None}
        yield Work(f"student{number + 1:04d}", chosen, cells)


def _chosen(lab: str, question: Question, number: int) -> Sample | None:
    """In each ten: seven right answers, two or three wrong ones, every second time one is left out."""
    turn, place = divmod(number, 10)
    if place == 9 and turn % 2:
        return None
    right = place not in (2, 5, 9)
    there = _samples(lab, question.id, right)
    return there[(7 * turn + place if right else 3 * turn + place // 3) % len(there)]


@cache
def _samples(lab: str, question: str, right: bool) -> list[Sample]:
    names = {id: item.lab for item in CLASSES.values() for id in item.answers}
    return usable(lab, load_questions(f"bench.questions.{names[question]}")[question], right=right)


def build_lab(folder: Path, lab: str) -> Path:
    """Build a lab of the bench as the course builds its own, in a folder of its own.

    Args:
        folder: Empty; gets `solutions/`, `notebooks/` and the settings, as the repository has them.
        lab: Its source is bench/labs/LAB.py.

    Returns:
        The released notebook.
    """
    source = folder / "solutions" / lab / f"{lab}.py"
    source.parent.mkdir(parents=True)
    shutil.copy(HERE / "labs" / f"{lab}.py", source)
    for name in ("pyproject.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    build(folder, [lab], say=lambda line: None)
    return folder / "notebooks" / lab / f"{lab}.ipynb"


def handed_in(released: NotebookNode, work: Work) -> NotebookNode:
    """The released notebook with a student's answers and id."""
    notebook = nbformat.from_dict(released)
    for cell in notebook.cells:
        if cell.id in work.cells:
            cell.source = work.cells[cell.id]
        cell.source = cell.source.replace('learner=""', f'learner="{work.student}"')
    return notebook


def make_class(folder: Path, released: Path, handed: list[Work]) -> None:
    """Write `folder/submitted/STUDENT/LAB/LAB.ipynb` for everybody."""
    lab = released.stem
    notebook = nbformat.read(released, as_version=4)
    for work in handed:
        path = folder / "submitted" / work.student / lab / f"{lab}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(handed_in(notebook, work)) + "\n", encoding="utf-8")
