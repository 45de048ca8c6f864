"""A learner's answer in this process: look names up, call them within bounds, bring back plain data."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

from autograder._calls import call_text, short_text
from autograder._lazy import lazily
from autograder._limits import (
    PRINTED_LIMIT,
    OutOfTime,
    captured,
    floating_errors,
    full_precision,
    time_limit,
)
from autograder._models import as_handle
from autograder._questions import Given, Question
from autograder._received import Failure, Received, Unreadable, drawn_out, first_line, plain, type_names
from autograder._sources import is_stub
from autograder._unchanged import changed, snapshot


class Answer:
    """What a question asks: `answer(...)` calls its first name, `answer["relu"](...)` another one.

    Args:
        namespace: The learner's names.
        question: Says which names it reads, and for how long one call may run.
    """

    def __init__(self, namespace: Mapping[str, Any], question: Question) -> None:
        self._namespace = namespace
        self._question = question
        self._stopped = False
        self.printed = ""

    def __call__(self, *arguments: Any, **options: Any) -> Received:
        """Call the question's first name. Never raises."""
        return self.call(self._question.names[0], arguments, options)

    def lazily(self, *arguments: Any, **options: Any) -> Received:
        """Call the question's first name, a builder of models, without making a single weight. Never raises."""
        return self.call(self._question.names[0], arguments, options, lazy=True)

    def __getitem__(self, name: str) -> _Named:
        """One of the question's names, to be called, or read with `.value()`."""
        if name not in self._question.names:
            raise KeyError(f"{name!r} is not among the names of question {self._question.id!r}.")
        return _Named(self, name)

    def value(self) -> Received:
        """The value that the question's first name has."""
        return self.read(self._question.names[0])

    def read(self, name: str) -> Received:
        """The value of a name, as plain data. Never raises."""
        if name not in self._namespace:
            return Received(name, failure=_undefined(name))
        if _has_dots(self._namespace[name]):
            return Received(name, failure=_not_answered(name))
        try:
            with time_limit(self._question.limit):
                value = drawn_out(self._namespace[name])
        except (OutOfTime, Exception) as error:
            failure = Failure("raised", f"{name} cannot be read: {type(error).__name__}: {first_line(error)}")
            return Received(name, failure=failure)
        if value is not self._namespace[name] and isinstance(self._namespace, MutableMapping):
            self._namespace[name] = value  # a generator can be read only once
        return _readable(name, value, ())

    def call(
        self, name: str, arguments: tuple[Any, ...], options: dict[str, Any], *, lazy: bool = False
    ) -> Received:
        """Call a name with copies of the arguments; `lazy` makes no weights of models. Never raises."""
        text, short = call_text(name, arguments, options), short_text(name, arguments, options)
        value, failure = None, self._not_callable(name)
        if failure is None:
            value, failure = self._reply(self._namespace[name], arguments, options, lazy)
        if failure is None and value is None and is_stub(self._namespace[name]):
            failure = _not_answered(name)
        if failure is not None:
            return Received(text, failure=failure, arguments=arguments, short=short)
        return replace(_readable(text, value, arguments, lazy), short=short)

    def _reply(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any], lazy: bool
    ) -> tuple[Any, Failure | None]:
        """What a call gives: a value, or why there is none."""
        made = [_made(item) for item in arguments]
        made_options = {key: _made(item) for key, item in options.items()}
        before = [snapshot(item) for item in made]
        strict = floating_errors(self._question.strict)
        try:
            scope = lazily() if lazy else contextlib.nullcontext()
            with captured() as printed, strict, time_limit(self._question.limit), scope, full_precision():
                value = drawn_out(function(*made, **made_options))
        except OutOfTime:
            self._stopped = True
            reason = f"No reply after {self._question.limit:g} s: is there a loop without an end?"
            return None, Failure("timeout", reason)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            reason = f"{type(error).__name__}: {first_line(error)}".rstrip(": ")
            return None, Failure("raised", reason, type_names(error))
        finally:
            self.printed = (self.printed + str(printed))[:PRINTED_LIMIT]
        return (value, None) if (failure := changed(function, before, made, value)) is None else (None, failure)

    def _not_callable(self, name: str) -> Failure | None:
        if name not in self._namespace:
            return _undefined(name)
        if _has_dots(self._namespace[name]):
            return _not_answered(name)
        if not callable(self._namespace[name]):
            kind = type(self._namespace[name]).__name__
            return Failure(
                "undefined", f"{name} is no function but a value of type {kind}: was the name used again?"
            )
        if self._stopped:
            return Failure("skipped", "Not tried: an earlier call did not come back.")
        return None


class _Named:
    """One name of a question that reads several."""

    def __init__(self, answer: Answer, name: str) -> None:
        self._answer, self._name = answer, name

    def __call__(self, *arguments: Any, **options: Any) -> Received:
        return self._answer.call(self._name, arguments, options)

    def lazily(self, *arguments: Any, **options: Any) -> Received:
        return self._answer.call(self._name, arguments, options, lazy=True)

    def value(self) -> Received:
        return self._answer.read(self._name)


def _has_dots(value: Any) -> bool:
    """Whether the dots of the released notebook still stand in a value."""
    return value is ... or (type(value) in (list, tuple) and any(item is ... for item in value))


def _undefined(name: str) -> Failure:
    return Failure("undefined", f"{name} is not defined: run the cell that defines it first.")


def _not_answered(name: str) -> Failure:
    return Failure("undefined", f"{name} is not answered yet.")


def _made(item: Any) -> Any:
    return item.make() if isinstance(item, Given) else copy.deepcopy(item)


def _readable(text: str, value: Any, arguments: tuple[Any, ...], lazy: bool = False) -> Received:
    try:
        handle = as_handle(value, lazy=lazy)
        return Received(text, value=plain(value) if handle is None else handle, arguments=arguments)
    except Unreadable as error:
        reason = f"Expected plain values (numbers, text, lists, arrays). Received {error}."
        return Received(text, failure=Failure("unreadable", reason), arguments=arguments)
    except Exception as error:
        reason = f"The value cannot be read: {type(error).__name__}: {first_line(error)}"
        return Received(text, failure=Failure("unreadable", reason), arguments=arguments)
