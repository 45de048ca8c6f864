"""A class with hostile students in it, through the whole command path: files, workers, one writer, a gradebook."""

from __future__ import annotations

import copy
import json

import pytest
from nbgrader.api import Gradebook

from autograder._engine.engine import close_engine
from autograder._grade import grade
from autograder._notebook import Limits
from autograder._result import VERDICTS
from tests.attacks.lab import PRELUDE, RIGHT, WAS_HERE, WRONG, released, submission, world
from tests.attacks.test_interpreter import ATTACKS as INTERPRETER
from tests.attacks.test_limits import ATTACKS as LIMITS
from tests.attacks.test_surroundings import ATTACKS as SURROUNDINGS
from tests.attacks.test_wire import ATTACKS as WIRE
from tests.autograder.small_lab import SmallClass

NAMES = {
    "malformed messages",
    "nested and broken text in messages",
    "a second process answers too",
    "a malformed message to the first request",
    "the gradebook and the other's notebook",
    "the death of others",
    "os._exit as if it had been killed",
    "memory of many processes",
    "daemons that outlive the notebook",
    "errors by the thousand",
}
CHOSEN = {attack.name: attack for attack in [*INTERPRETER, *SURROUNDINGS, *LIMITS, *WIRE] if attack.name in NAMES}
HONEST = ("amara", "bo", "zoe")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, its records by student, and the world around it."""
    lab = copy.deepcopy(released())
    for cell in lab.cells:
        cell.metadata.pop("autograder", None)
    folder = tmp_path_factory.mktemp("attacked")
    small = SmallClass(folder, lab, "shop")
    with world() as here:
        for name in HONEST:
            answers = {**RIGHT, "mine": RIGHT["mine"].replace("mallory", name)}
            small.submit(name, submission(answers, lab=_for(lab, name)))
        for number, attack in enumerate(CHOSEN.values()):
            code = here.put(PRELUDE + attack.code).replace(str(here.folder), str(small.folder))
            small.submit(f"mallory{number}", submission({**WRONG, **attack.answers}, code=code, lab=lab))
        limits = Limits(cell=4, notebook=40, memory_mb=600)
        try:
            records = grade(["shop"], small.folder, released=lambda _: small.release, workers=2, limits=limits)
        finally:
            close_engine()
        yield small, {record["student"]: record for record in records}, here


def _for(lab, learner):
    """The lab as this learner has started it."""
    own = copy.deepcopy(lab)
    own.cells[0].source = own.cells[0].source.replace("mallory", learner)
    return own


def test_everybody_has_a_verdict_for_every_question(graded):
    """Nobody is lost, whatever a neighbour does."""
    _, records, _ = graded
    assert len(records) == len(HONEST) + len(CHOSEN) and set(NAMES) == set(CHOSEN)
    for record in records.values():
        assert {question["verdict"] for question in record["questions"].values()} <= set(VERDICTS)
        assert len(record["questions"]) == 7, record["notes"]


def test_honest_students_get_their_points_in_the_gradebook(graded):
    """Full points, in the records and where instructors look."""
    small, records, _ = graded
    assert {name: records[name]["points"] for name in HONEST} == dict.fromkeys(HONEST, 18)
    with Gradebook(f"sqlite:///{small.folder}/gradebook.db") as gradebook:
        assert {name: gradebook.find_submission("shop", name).score for name in HONEST} == dict.fromkeys(
            HONEST, 18
        )


def test_nobody_hostile_gains_a_point(graded):
    """The notebook without the attack has 2 points for the example, 1 for the honest answer."""
    _, records, _ = graded
    for name, record in records.items():
        if name not in HONEST:
            points = {id: question["points"] for id, question in record["questions"].items()}
            assert points["total"] <= 2 and points["label"] <= 1, name
            assert not any(points[id] for id in ("smooth", "factors", "mine", "blur")), name


def test_nothing_is_written_that_cannot_be_read(graded):
    """Executed notebooks and records are whole, and no attack has left its mark outside them."""
    small, _, here = graded
    for path in small.folder.rglob("*.ipynb"):
        json.loads(path.read_text(encoding="utf-8"))
    assert not list(small.folder.rglob(f"*{WAS_HERE}*"))
    assert here.changes() == []
