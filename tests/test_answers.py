"""Every right answer scores full, no wrong one does, and each named mistake is named; through the real check."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import numpy as np
import pytest

import tests.answers
from autograder.check import Question, judge_names, open_lab
from tests.answers import FIRST_WITH_KERAS, Sample, samples

LABS = sorted(module.name for module in pkgutil.iter_modules(tests.answers.__path__))
SAMPLES = [(lab, sample) for lab in LABS for sample in samples(lab)]


FEW = 1  # answers of a question and kind that `make test` tries where answers build and train networks


def marked(pairs: list[tuple[str, Sample]]) -> list[object]:
    """The answers as parameters; in the Keras labs all but a few are long."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for lab, sample in pairs:
        seen[lab, sample.question] += 1
        long = lab >= FIRST_WITH_KERAS and seen[lab, sample.question] > FEW
        found.append(pytest.param((lab, sample), marks=pytest.mark.long if long else ()))
    return found


def open_questions(lab: str):
    """The lab, started as a notebook would start it."""
    return open_lab("convnet-course", lab, f"course.questions.{lab}", learner="sample")


def ids(pair: tuple[str, Sample]) -> str:
    return f"{pair[0]}-{pair[1].label}"


@pytest.mark.parametrize("pair", marked([pair for pair in SAMPLES if pair[1].is_right]), ids=ids)
def test_right_answer_scores_full(pair):
    """A right answer in any honest style gets every point."""
    lab, sample = pair
    opened = open_questions(lab)
    question = opened.questions[sample.question]
    result = judge_names(opened, question, sample.names_for(question))
    assert result.points == question.points, result.to_dict()


@pytest.mark.parametrize("pair", marked([pair for pair in SAMPLES if not pair[1].is_right]), ids=ids)
def test_wrong_answer_is_caught_and_named(pair):
    """A wrong answer never scores full, and its message names the mistake if it has a name."""
    lab, sample = pair
    opened = open_questions(lab)
    question = opened.questions[sample.question]
    result = judge_names(opened, question, sample.names_for(question))
    assert result.points < question.points
    texts = [result.message, *(case.mistake for group in result.groups for case in group.cases)]
    assert any(sample.names in text for text in texts), result.to_dict()


def raising(error):
    """A function that does nothing but raise."""

    def answer(*arguments, **options):
        raise error

    return answer


def first_argument(*arguments, **options):
    return arguments[0] if arguments else None


TRIVIAL = {
    "zero": lambda *a, **k: 0,
    "one": lambda *a, **k: 1,
    "two": lambda *a, **k: 2,
    "none": lambda *a, **k: None,
    "true": lambda *a, **k: True,
    "false": lambda *a, **k: False,
    "empty": lambda *a, **k: [],
    "empty text": lambda *a, **k: "",
    "zeros": lambda *a, **k: (
        np.zeros_like(a[0], dtype=float) if a and isinstance(a[0], np.ndarray) else np.zeros(3)
    ),
    "first argument": first_argument,
    "not implemented": raising(NotImplementedError()),
    "value error": raising(ValueError("no")),
    "type error": raising(TypeError("no")),
}
QUESTIONS = [
    (lab, item)
    for lab in LABS
    for item in vars(importlib.import_module(f"course.questions.{lab}")).values()
    if isinstance(item, Question)
]


@pytest.mark.parametrize("trivial", TRIVIAL)
@pytest.mark.parametrize("pair", QUESTIONS, ids=lambda pair: f"{pair[0]}-{pair[1].id}")
def test_trivial_answer_scores_nothing(pair, trivial):
    """A constant, the identity, an answer that always raises: no point."""
    lab, question = pair
    opened = open_questions(lab)
    names = dict.fromkeys(question.names, TRIVIAL[trivial])
    assert judge_names(opened, question, names).points == 0


@pytest.mark.parametrize("pair", QUESTIONS, ids=lambda pair: f"{pair[0]}-{pair[1].id}")
def test_no_answer_is_missing(pair):
    """A question that was not answered says so and gives no point."""
    lab, question = pair
    result = judge_names(open_questions(lab), question, {})
    assert (result.points, result.verdict) == (0, "missing")


@pytest.mark.parametrize("pair", QUESTIONS, ids=lambda pair: f"{pair[0]}-{pair[1].id}")
def test_question_has_its_answers(pair):
    """Every question has two right answers, a wrong one, and two hints."""
    lab, question = pair
    own = [sample for sample in samples(lab) if sample.question == question.id]
    assert sum(sample.is_right for sample in own) >= 2
    assert any(not sample.is_right for sample in own)
    assert len(question.hints) >= 2
