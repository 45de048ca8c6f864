"""Right and wrong answers for every question: what the checks are held against.

An answers module (one per lab, named like the lab) decorates plain functions:

    @right("out_size")
    def floor_division(n, f, s, p): ...          # stands for the learner's out_size

    @wrong("out_size", names="the + 1 is missing")
    def forgotten(n, f, s, p): ...               # must not score full; the message must contain `names`

    @wrong("out_size")                            # generic: must not score full
    def rounded(n, f, s, p): ...

    @right("by_hand", namespace=True)             # called; returns the learner's names as a dictionary
    def values(): return {"entries": {...}}

Each is compiled from its own text, with the module's globals, so that the rule of forbidden names sees
one answer at a time, and mutation has its source.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import linecache
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.check import Question

FIRST_WITH_KERAS = "lab09"  # from this lab on answers build and train networks


@dataclass(frozen=True)
class Sample:
    """One answer.

    Args:
        question: The question's id.
        function: The answer, or a function that returns the learner's names.
        is_right: Whether it must score full.
        names: What the message of a wrong answer must contain.
        namespace: Whether the function returns the names instead of being the answer.
    """

    question: str
    function: Callable[..., Any]
    is_right: bool
    names: str
    namespace: bool

    @property
    def label(self) -> str:
        """How the test is called."""
        return f"{self.question}-{'right' if self.is_right else 'wrong'}-{self.function.__name__}"

    def source(self) -> str:
        """The function's own text, without decorators."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.function)))
        tree.body[0].decorator_list = []
        return ast.unparse(tree) + "\n"

    def names_for(self, question: Question) -> dict[str, Any]:
        """The learner's names as this answer leaves them."""
        function, names = compiled(self.source(), self.function.__name__, self.label, self.function.__globals__)
        if self.namespace:
            names.update(function())
        else:
            names[question.names[0]] = function
        return names


def compiled(
    text: str, name: str, label: str, module: dict[str, Any]
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Run a function's text on its own, as a notebook's cell would: the function, and the names around it."""
    filename = f"<answer {label}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    names = {key: value for key, value in module.items() if not key.startswith("__")}
    exec(compile(text, filename, "exec"), names)
    return names[name], names


_collected: list[Sample] = []


def right(question: str, *, namespace: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function as a right answer."""
    return _collect(question, True, "", namespace)


def wrong(question: str, *, names: str = "", namespace: bool = False) -> Callable[..., Callable[..., Any]]:
    """Mark a function as a wrong answer; `names` is part of the named mistake's text."""
    return _collect(question, False, names, namespace)


def _collect(question: str, is_right: bool, names: str, namespace: bool) -> Callable[..., Callable[..., Any]]:
    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        _collected.append(Sample(question, function, is_right, names, namespace))
        return function

    return keep


def samples(lab: str) -> list[Sample]:
    """All answers of a lab's module."""
    module = importlib.import_module(f"tests.answers.{lab}")
    return [copy.copy(item) for item in _collected if item.function.__module__ == module.__name__]
