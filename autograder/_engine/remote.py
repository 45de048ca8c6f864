"""In the judge: an answer whose calls run in another process. Nothing that comes back is trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from autograder._calls import call_text, short_text
from autograder._engine.clock import Clock
from autograder._engine.wire import Channel, Closed, Reference, WireError, pack, unpack
from autograder._questions import Question
from autograder._received import Failure, Handle, Received, RemoteFailure

KINDS = frozenset({"raised", "timeout", "undefined", "unreadable", "changed", "skipped"})
WALL = 10  # times the limit that a call may take by the clock on the wall
GRACE = 2.0  # seconds for the answer's own timer to stop it, before its process is given up


class RemoteAnswer:
    """Has the methods of `Answer`; every call is a frame to the student's process and one back. Never raises.

    Args:
        channel: The connection to that process.
        question: What is asked.
        clock: Says how long the process has worked.
    """

    def __init__(self, channel: Channel, question: Question, clock: Clock) -> None:
        self._channel = channel
        self._question = question
        self._clock = clock
        self._broken: Failure | None = None
        self.printed = ""
        names = question.names
        self._ask("begin", question.id, names, question.limit, question.strict)

    @property
    def broken(self) -> str:
        """Why the process cannot be asked any more: "timeout", "died", "tampered", or ""."""
        return self._broken.kind if self._broken else ""

    @property
    def why_broken(self) -> str:
        """The same in one sentence."""
        return self._broken.text if self._broken else ""

    def __call__(self, *arguments: Any, **options: Any) -> Received:
        return self.call(self._question.names[0], arguments, options)

    def lazily(self, *arguments: Any, **options: Any) -> Received:
        """Call the question's first name without making a weight."""
        return self.call(self._question.names[0], arguments, options, lazy=True)

    def __getitem__(self, name: str) -> _RemoteName:
        if name not in self._question.names:
            raise KeyError(f"{name!r} is not among the names of question {self._question.id!r}.")
        return _RemoteName(self, name)

    def value(self) -> Received:
        """The value that the question's first name has."""
        return self.read(self._question.names[0])

    def read(self, name: str) -> Received:
        """The value of a name."""
        return replace(self._ask("read", name), call=name)

    def call(
        self, name: str, arguments: tuple[Any, ...], options: dict[str, Any], *, lazy: bool = False
    ) -> Received:
        """Call a name with these arguments; `lazy` makes no weights of models."""
        received = self._ask("call", name, arguments, options, lazy)
        text, short = call_text(name, arguments, options), short_text(name, arguments, options)
        return replace(received, call=text, short=short, arguments=arguments)

    def operate(self, number: int, operation: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Ask something that stays in the process, such as a model.

        Raises:
            RemoteFailure: If there is no value.
        """
        received = self._ask("operate", number, operation, arguments, options)
        if received.failure is not None:
            raise RemoteFailure(received.failure)
        return received.value

    def learner(self) -> Received:
        """The id that the learner typed in the notebook."""
        return self._ask("learner")

    def end(self) -> None:
        """The question is over: the process forgets what it kept for it."""
        self._ask("end")

    def _ask(self, what: str, *parts: Any) -> Received:
        if self._broken is not None:
            return Received("", failure=Failure("skipped", "Not tried: an earlier call did not come back."))
        wait = self._watch()
        try:
            self._channel.send(pack((what, *parts)), wait=wait, seconds=0.1)
            reply = unpack(self._channel.receive(wait=wait, seconds=0.1))
            return self._received(reply)
        except _OverTime:
            reason = f"No reply after {self._question.limit:g} s: is there a loop without an end?"
            self._broken = Failure("timeout", reason)
        except Closed:
            self._broken = Failure("died", "The notebook's process ended in this call.")
        except WireError as error:
            self._broken = Failure("tampered", f"The reply was no reply to the check: {error}.")
        return Received("", failure=self._broken)

    def _watch(self) -> Callable[[], None]:
        """Looks at the process while it has not replied."""
        span = self._clock.span()
        limit = self._question.limit

        def wait() -> None:
            spent = span()
            if spent.worked > limit + GRACE or spent.wall > WALL * limit + GRACE:
                raise _OverTime

        return wait

    def _received(self, reply: Any) -> Received:
        """A reply whose every part is of the kind that it must be."""
        if type(reply) is not tuple or len(reply) != 3 or type(reply[2]) is not str:
            raise WireError("not three parts")
        reason, value, printed = reply
        self.printed = printed[:4_000]
        if reason is None:
            return Received("", value=self._with_handles(value))
        if type(reason) is not tuple or len(reason) != 3 or reason[0] not in KINDS:
            raise WireError("an unknown kind of failure")
        kind, text, types = reason
        if type(text) is not str or type(types) is not tuple or any(type(name) is not str for name in types):
            raise WireError("a malformed failure")
        return Received("", failure=Failure(kind, text[:2_000], types))

    def _with_handles(self, value: Any) -> Any:
        if type(value) is Reference:
            return RemoteHandle(self, value)
        if type(value) in (list, tuple):
            return type(value)(self._with_handles(item) for item in value)
        if type(value) is dict:
            return {key: self._with_handles(item) for key, item in value.items()}
        return value


class _OverTime(Exception):
    """The process has had its time."""


class _RemoteName:
    """One name of a question that reads several."""

    def __init__(self, answer: RemoteAnswer, name: str) -> None:
        self._answer, self._name = answer, name

    def __call__(self, *arguments: Any, **options: Any) -> Received:
        return self._answer.call(self._name, arguments, options)

    def lazily(self, *arguments: Any, **options: Any) -> Received:
        return self._answer.call(self._name, arguments, options, lazy=True)

    def value(self) -> Received:
        return self._answer.read(self._name)


class RemoteHandle(Handle):
    """A model or a function that stays in the student's process; its operations are called there."""

    def __init__(self, answer: RemoteAnswer, reference: Reference) -> None:
        self._answer, self._reference = answer, reference

    def __repr__(self) -> str:
        return self._reference.text

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not name.startswith("do_"):
            raise AttributeError(name)

        def operate(*arguments: Any, **options: Any) -> Any:
            return self._answer.operate(self._reference.number, name.removeprefix("do_"), arguments, options)

        return operate
