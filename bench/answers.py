"""The answers of `tests/answers/` as text for a notebook's cell, with all that they use."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
from collections.abc import Iterator
from functools import cache

from autograder.check import Question
from tests.answers import Sample, samples

# Left out, for these the points are a matter of chance, of a person, or of how the cell is written.
NOT_USED = ("scaled_to_both_sides_of_zero", "asks you to write yourself")


class NoCell(Exception):
    """The sample cannot be written as a cell: it makes its names in a loop, or from text."""


def usable(lab: str, question: Question, *, right: bool) -> list[Sample]:
    """The right or the wrong answers to a question that can be written into a cell.

    Args:
        lab: The lab of the course in whose answers they stand.
        question: What they answer.
        right: Whether they score full.
    """
    return [
        sample
        for sample in samples(lab)
        if sample.question == question.id and sample.is_right is right and _is_usable(sample, question)
    ]


def _is_usable(sample: Sample, question: Question) -> bool:
    if any(text in (sample.function.__name__, sample.names) for text in NOT_USED):
        return False
    try:
        cell_text(sample, question)
    except NoCell:
        return False
    return True


def cell_text(sample: Sample, question: Question) -> str:
    """What a student who answers so has in the answer's cell.

    Raises:
        NoCell: If there is no such text.
    """
    tree = ast.parse(sample.source()).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise NoCell(sample.label)
    module = _definitions(sample.function.__module__)
    if sample.namespace:
        own = list(_unfolded(tree, module))
    else:
        tree.name = question.names[0]
        own = [tree]
    return "\n".join(map(ast.unparse, [*_needed(own, module), *own]))


@cache
def _definitions(module: str) -> dict[str, ast.stmt]:
    """The top level of an answers module: name -> statement, functions without decorators."""
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(inspect.getsource(importlib.import_module(module))).body:
        if isinstance(statement, ast.FunctionDef):
            statement.decorator_list = []
        found.update(dict.fromkeys(_bound(statement), statement))
    return found


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.split(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _needed(statements: list[ast.stmt], module: dict[str, ast.stmt]) -> list[ast.stmt]:
    """What of the module the statements use, directly or not, in the module's order."""
    found: dict[int, ast.stmt] = {}
    waiting = list(statements)
    while waiting:
        for name in _used(waiting.pop()):
            needed = module.get(name)
            if needed is not None and id(needed) not in found:
                found[id(needed)] = needed
                waiting.append(needed)
    return sorted(found.values(), key=lambda statement: statement.lineno)


def _used(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not hasattr(builtins, node.id):
            yield node.id


def _unfolded(function: ast.FunctionDef, module: dict[str, ast.stmt]) -> Iterator[ast.stmt]:
    """The body of a function that returns names, as a cell that defines them."""
    *body, last = function.body
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Dict):
        raise NoCell(function.name)
    named = list(zip(last.value.keys, last.value.values, strict=True))
    for key, value in named:
        if key is None:  # {**others(), ...}: what stands after it replaces one of the others
            yield from _unfolded(_called(value, module), module)
    yield from (item for item in body if not _is_docstring(item))
    for key, value in named:
        if isinstance(key, ast.Constant) and not (isinstance(value, ast.Name) and value.id == key.value):
            yield ast.fix_missing_locations(ast.Assign([ast.Name(str(key.value), ast.Store())], value, lineno=0))


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _called(value: ast.expr, module: dict[str, ast.stmt]) -> ast.FunctionDef:
    """The module's function that `**name()` in a dictionary calls."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and not value.args:
        found = module.get(value.func.id)
        if isinstance(found, ast.FunctionDef):
            return found
    raise NoCell(ast.unparse(value))
