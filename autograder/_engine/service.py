"""In the student's process: answer what the judge asks. What this says is never trusted, only compared."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder import check
from autograder._answer import Answer
from autograder._engine.wire import Channel, Closed, WireError, pack, unpack
from autograder._limits import OutOfTime, captured, random_state, silent_stderr, time_limit
from autograder._received import Failure, Handle, Received, describe, first_line, type_names


@dataclass(frozen=True)
class Asked:
    """What a student's process knows of a question: nothing of what is right."""

    id: str
    names: tuple[str, ...]
    limit: float
    strict: bool


class Service:
    """Answers one frame at a time, in the thread that runs the student's cells.

    Args:
        channel: The connection to the judge.
        names: Gives the notebook's names.
    """

    def __init__(self, channel: Channel, names: Callable[[], Mapping[str, Any]]) -> None:
        self._channel = channel
        self._names = names
        self._handles: list[Handle] = []
        self._question = contextlib.ExitStack()
        self._asked: Asked | None = None
        self._answer: Answer | None = None

    def __call__(self, *event: Any) -> None:
        """Read one request and answer it; the event loop calls this when something has come."""
        try:
            request = unpack(self._channel.receive(), trusted=True)
            self._channel.send(self._reply(request))
        except Closed:
            raise SystemExit from None

    def _reply(self, request: list[Any]) -> bytes:
        """The reply to one request, whatever the student's code does."""
        what, *parts = request
        try:
            received = getattr(self, f"_do_{what}")(*parts)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            received = _failed(
                "unreadable", f"The value cannot be read: {type(error).__name__}: {first_line(error)}"
            )
        try:
            return self._packed(received)
        except WireError as error:
            return self._packed(_failed("unreadable", f"Expected plain values. Received {error}."))

    def _packed(self, received: Received) -> bytes:
        printed = self._answer.printed if self._answer is not None else ""
        failure = received.failure
        reason = None if failure is None else (failure.kind, failure.text[:2000], failure.types[:40])
        return pack((reason, received.value, printed), self._number_of)

    def _number_of(self, handle: Handle) -> int:
        self._handles.append(handle)
        return len(self._handles) - 1

    def _do_learner(self) -> Received:
        """The id that the learner typed, or a failure if no lab is started."""
        if check._open is None:
            return _failed("undefined", "No lab is started: the first cell was not run.")
        return Received("learner", value=str(check._open.learner)[:200])

    def _do_begin(self, id: str, names: tuple[str, ...], limit: float, strict: bool) -> Received:
        """A question begins: its calls share one answer, and random states are restored when it ends."""
        self._do_end()
        self._question.enter_context(silent_stderr())
        self._question.enter_context(random_state())
        self._asked = Asked(id, names, limit, strict)
        self._answer = Answer(self._names(), self._asked)
        return Received("")

    def _do_end(self) -> Received:
        self._handles.clear()
        self._answer = None
        self._question.close()
        return Received("")

    def _do_call(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any], lazy: bool) -> Received:
        return self._answer.call(name, arguments, options, lazy=lazy)

    def _do_read(self, name: str) -> Received:
        return self._answer.read(name)

    def _do_operate(
        self, number: int, operation: str, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Received:
        """One operation on something that stays here, such as a model."""
        handle = self._handles[number]
        function = getattr(handle, f"do_{operation}", None)
        if function is None:
            return _failed("unreadable", f"Expected a Keras model. Received {describe(handle)}.")
        try:
            with captured(), time_limit(self._asked.limit):
                return Received("", value=function(*arguments, **options))
        except OutOfTime:
            return _failed("timeout", f"No reply after {self._asked.limit:g} s.")
        except Exception as error:
            return _failed("raised", f"{type(error).__name__}: {first_line(error)}", type_names(error))


def _failed(kind: str, text: str, types: tuple[str, ...] = ()) -> Received:
    return Received("", failure=Failure(kind, text, types))
