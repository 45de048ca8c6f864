"""How a question says what must be true: questions, groups, cases, essays, and arguments made on the spot."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from autograder._errors import QuestionError, UsageError
from autograder._received import Received

_NOTHING = object()
_group: ContextVar[tuple[str, int]] = ContextVar("group", default=("", 1))

Mistakes = Mapping[str, Any] | Callable[..., Mapping[str, Any]] | None


@dataclass(frozen=True)
class Case:
    """One thing that must be true of an answer; made by `case`."""

    received: Received
    expected: Any
    raises: type[BaseException] | None
    at_least: float | None
    tolerance: float
    mistakes: Mistakes
    expected_text: str | None
    hidden: bool
    group: tuple[str, int]


def case(
    received: Received,
    expected: Any = _NOTHING,
    *,
    raises: type[BaseException] | None = None,
    at_least: float | None = None,
    tolerance: float = 1e-6,
    mistakes: Mistakes = None,
    expected_text: str | None = None,
    hidden: bool = False,
) -> Case:
    """One call and what it must give.

    Args:
        received: What `answer(...)` gave.
        expected: The right value. Whole numbers (`int`) and whole-number arrays must agree exactly.
        raises: Instead of a value, the exception that is right.
        at_least: Instead of a value, the smallest number that is right, such as an accuracy.
        tolerance: Largest difference of floats, relative to max(1, |expected|).
        mistakes: What each named mistake gives: {"what went wrong": the wrong value}, or a function of the
            call's arguments that returns this. A wrong value may be an exception class. A mistake is named
            only when the answer equals what it gives.
        expected_text: Shown instead of the expected value.
        hidden: Do not show the expected value: it is what the learner is to work out by hand. The learner is
            told which places are wrong.

    Raises:
        QuestionError: If not exactly one of `expected`, `raises` and `at_least` is given.
    """
    given = (expected is not _NOTHING) + (raises is not None) + (at_least is not None)
    if given != 1:
        raise QuestionError("case: give exactly one of an expected value, raises= and at_least=.")
    if not isinstance(received, Received):
        raise QuestionError(f"case: the first argument must come from answer(...). Received {received!r}.")
    return Case(received, expected, raises, at_least, tolerance, mistakes, expected_text, hidden, _group.get())


@contextmanager
def group(name: str, *, weight: int = 1) -> Iterator[None]:
    """Cases inside score together: all of them pass, or the group gives nothing.

    Args:
        name: What the cases have in common; the learner reads it.
        weight: The group's share of the question's points, a whole number.
    """
    before = _group.get()
    _group.set((name, weight))
    try:
        yield
    finally:
        _group.set(before)


@dataclass(frozen=True)
class Given:
    """An argument that is made where it is used, such as a photograph, a function or a model.

    Args:
        module: Name of a module with public functions that make things.
        name: One of them.
        arguments: What it is called with (plain data).
    """

    module: str
    name: str
    arguments: tuple[Any, ...] = ()

    def make(self) -> Any:
        """Call the function; the same arguments give an equal thing every time."""
        return getattr(importlib.import_module(self.module), self.name)(*self.arguments)


@dataclass(frozen=True)
class Question:
    """A question that a check can judge; made by the decorator `question`.

    Args:
        id: Name in the notebook's tags, in `check("...")` and in the gradebook.
        points: A whole number.
        hints: Opened one after another.
        names: What the check reads from the learner's notebook, first the one that `answer(...)` calls.
        forbidden: Dotted names that the answer's source must not use.
        limit: Seconds for one call.
        strict: Whether an overflow, a division by zero or a nan in NumPy is an error in this question.
        cases: The generator function that yields cases.
    """

    id: str
    points: int
    hints: tuple[str, ...]
    names: tuple[str, ...]
    forbidden: tuple[str, ...]
    limit: float
    strict: bool
    cases: Callable[[Any, Any], Iterator[Case]] = field(repr=False)

    @property
    def title(self) -> str:
        """The first line of the question's docstring."""
        return (self.cases.__doc__ or self.id).strip().splitlines()[0]


def question(
    id: str,
    *,
    points: int,
    hints: Sequence[str] = (),
    names: Sequence[str] = (),
    forbidden: Sequence[str] = (),
    limit: float = 10.0,
    strict: bool = False,
) -> Callable[[Callable[[Any, Any], Iterator[Case]]], Question]:
    """Make a question of a generator function `(answer, draw)` that yields cases.

    Raises:
        QuestionError: If the points are no positive whole number.
    """
    if type(points) is not int or points < 1:
        raise QuestionError(f"Question {id!r}: points must be a whole number, at least 1. Received {points!r}.")

    def make(cases: Callable[[Any, Any], Iterator[Case]]) -> Question:
        return Question(
            id, points, tuple(hints), tuple(names) or (id,), tuple(forbidden), float(limit), strict, cases
        )

    return make


@dataclass(frozen=True)
class Essay:
    """A written answer that a person grades.

    Args:
        id: Name in the notebook's tag `essay:ID:POINTS`.
        points: A whole number.
        title: One line.
        rubric: What earns how many points, for the grader: ((points, what must be there), ...).
    """

    id: str
    points: int
    title: str
    rubric: tuple[tuple[int, str], ...]


def essay(id: str, *, points: int, title: str, rubric: Sequence[tuple[int, str]]) -> Essay:
    """Make an essay question with its rubric.

    Raises:
        QuestionError: If the rubric's points do not add up.
    """
    total = sum(part for part, _ in rubric)
    if total != points:
        raise QuestionError(f"Essay {id!r}: the rubric gives {total} points, the essay {points}. Make them equal.")
    return Essay(id, points, title, tuple((part, text) for part, text in rubric))


def load_questions(module: str) -> dict[str, Question | Essay]:
    """All questions and essays of a module, by id, in the order of their definition.

    Raises:
        QuestionError: If there is no such module, or an id stands twice.
    """
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise QuestionError(
            f"No questions module {module!r} ({error}). Name it in the notebook's metadata."
        ) from error
    found: dict[str, Question | Essay] = {}
    for item in vars(loaded).values():
        if isinstance(item, Question | Essay):
            if item.id in found and found[item.id] is not item:
                raise QuestionError(f"{module}: the id {item.id!r} stands twice. Give one of them another id.")
            found[item.id] = item
    return found


def nearest(name: str, names: Sequence[str]) -> str:
    """A sentence that offers the nearest names, or all of them."""
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f"Near: {', '.join(near)}." if near else f"There are: {', '.join(names)}."


def find_question(questions: Mapping[str, Question | Essay], id: str) -> Question:
    """The question of that id.

    Raises:
        UsageError: If there is none; the message says which are near.
    """
    found = questions.get(id)
    if isinstance(found, Question):
        return found
    ids = [item.id for item in questions.values() if isinstance(item, Question)]
    for item in questions.values():
        if isinstance(item, Question) and id in item.names:
            raise UsageError(f'{id} is checked by check("{item.id}").')
    if isinstance(found, Essay):
        raise UsageError(f"{id!r} is a written answer: a person reads it. Checks: {', '.join(ids)}.")
    raise UsageError(f"No question {id!r} in this lab. {nearest(id, ids)}")
