"""What an answer gave back. Nothing here raises because of what a learner's code did."""

from __future__ import annotations

import array
import math
import re
from collections import deque
from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np

from autograder._limits import captured

MAX_ELEMENTS = 4_000_000
MAX_DEPTH = 6

# How an operation of a model handle is called in front of a learner.
OPERATIONS = {
    "card": "card",
    "count": "number of parameters",
    "outputs_with": "outputs, with the check's own weights,",
    "training": "compile options",
    "trained": "training steps",
    "rates": "learning rates",
    "layer_outputs": "outputs of a layer",
    "outputs_zeroed": "outputs without its kernels",
    "input_gradient": "gradient by the input",
    "weight_gradients": "gradients by the weights",
    "applied_to": "value",
}


@dataclass(frozen=True)
class Failure:
    """Why there is no value.

    Args:
        kind: "raised", "timeout", "undefined", "unreadable", "changed" or "skipped"; while grading also "died"
            and "tampered".
        text: One sentence for the learner.
        types: Names of the exception's class and of its base classes, nearest first.
    """

    kind: str
    text: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Received:
    """One reply of an answer: the call as text, and the value or the failure.

    Args:
        call: The call as the learner would type it.
        short: The same in few words, arrays by their shape.
        value: Plain data, or a handle on a model; None when there is a failure.
        failure: Why there is no value, or None.
        arguments: The arguments of the call, for the rules of the named mistakes.
    """

    call: str
    value: Any = None
    failure: Failure | None = None
    arguments: tuple[Any, ...] = field(default=(), repr=False)
    short: str = ""

    def then(self, name: str, function: Callable[[Any], Any]) -> Received:
        """What a function of the question makes of the value, such as an accuracy.

        A value that the function cannot read becomes a failure.
        """
        call, short = f"{name} of {self.call}", f"{name} of {self.short or self.call}"
        if self.failure is not None:
            return replace(self, call=call, short=short)
        try:
            return replace(self, call=call, short=short, value=plain(function(self.value)))
        except Exception as error:
            failure = Failure("unreadable", f"{describe(self.value)} cannot be read: {error}")
            return replace(self, call=call, short=short, value=None, failure=failure)

    def __getattr__(self, name: str) -> Any:
        """Operations of a model handle (`built.card()`), which give a Received again."""
        if name.startswith("_"):
            raise AttributeError(name)
        return _Operation(self, name)


@dataclass(frozen=True)
class _Operation:
    """One operation on the model that an answer gave back."""

    received: Received
    name: str

    def __call__(self, *arguments: Any, **options: Any) -> Received:
        name = OPERATIONS.get(self.name, self.name)
        call, short = f"{name} of {self.received.call}", f"{name} of {self.received.short or self.received.call}"
        if self.received.failure is not None:
            return replace(self.received, call=call, short=short)
        operation = getattr(self.received.value, f"do_{self.name}", None)
        if operation is None:
            failure = Failure("unreadable", f"Expected a Keras model. Received {describe(self.received.value)}.")
            return replace(self.received, call=call, short=short, value=None, failure=failure)
        try:
            with captured():  # a model's own warnings and prints are not the learner's business here
                value = operation(*arguments, **options)
            return replace(self.received, call=call, short=short, value=value)
        except RemoteFailure as error:
            return replace(self.received, call=call, short=short, value=None, failure=error.failure)
        except Exception as error:
            failure = Failure("raised", f"{type(error).__name__}: {first_line(error)}", type_names(error))
            return replace(self.received, call=call, short=short, value=None, failure=failure)


class Handle:
    """Something that stays where it is, such as a model; a question asks its operations, called `do_...`."""


class RemoteFailure(Exception):
    """An operation that failed where the handle's thing is."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


class Unreadable(ValueError):
    """A value that is no plain data."""


def plain(value: Any, depth: int = 0) -> Any:
    """The value as plain data: numbers, strings, lists, tuples, dictionaries, sets, arrays, None, handles.

    NumPy scalars become Python numbers, tensors become arrays. Data of exact built-in types only come
    back, so that no overloaded operator of a learner's class is ever asked.

    Raises:
        Unreadable: For anything else, or for more than 4 million elements.
    """
    if depth > MAX_DEPTH:
        raise Unreadable(f"more than {MAX_DEPTH} levels of lists in lists")
    if value is None or type(value) in (bool, int, float, str, complex) or isinstance(value, Handle):
        return value
    if isinstance(value, Fraction | Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, np.generic):
        return _plain_array(np.asarray(value)).item()
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if type(value) in (list, tuple, set, frozenset):
        _limit(len(value))
        return type(value)(plain(item, depth + 1) for item in value)
    if isinstance(value, tuple | list):  # named tuples and the like
        return tuple(plain(item, depth + 1) for item in tuple(value))
    if isinstance(value, dict):
        _limit(len(value))
        return {plain(key, depth + 1): plain(item, depth + 1) for key, item in dict.items(value)}
    if isinstance(value, range):
        _limit(len(value))
        return list(value)
    if hasattr(value, "__array__"):
        return _plain_array(np.asarray(value))
    if isinstance(value, BaseException) or (isinstance(value, type) and issubclass(value, BaseException)):
        raise Unreadable("an error that was returned: write `raise`, not `return`")
    raise Unreadable(f"an object of type {type(value).__name__}")


def drawn_out(value: Any) -> Any:
    """A generator, `map`, `zip` or a dictionary's view as a list; anything else as it is.

    It runs the learner's code, so it belongs inside the time limit.
    """
    lazy = isinstance(value, Iterator | ValuesView | KeysView | ItemsView | deque | array.array)
    return list(islice(value, MAX_ELEMENTS)) if lazy else value


def _limit(count: int) -> None:
    if count > MAX_ELEMENTS:
        raise Unreadable(f"{count:,} elements; at most {MAX_ELEMENTS:,} are read")


def _plain_array(values: np.ndarray) -> Any:
    values = np.array(values, copy=True, subok=False)
    _limit(values.size)
    if values.dtype.kind == "O":
        return plain(values.tolist())
    if values.dtype.kind not in "biufcU":
        if values.dtype.kind == "V" or values.dtype.name == "bfloat16":
            return values.astype(np.float32)
        raise Unreadable(f"an array of {values.dtype}")
    return values


def describe(value: Any, limit: int = 160) -> str:
    """A value as short text, with its shape when it is an array."""
    if isinstance(value, Failure):
        return value.text
    if isinstance(value, np.ndarray):
        if value.size <= 36:
            text = np.array2string(value, separator=", ", precision=6, suppress_small=True, max_line_width=10_000)
            return " ".join(text.split()) if value.ndim < 3 else f"shape {value.shape}: {' '.join(text.split())}"
        return f"array of shape {value.shape}, first values {_first_values(value)}"
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.10g}" if value != int(value) or abs(value) > 1e15 else repr(value)
    if isinstance(value, set | frozenset):
        text = "[" + ", ".join(describe(item) for item in in_order(value)) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key!r}: {describe(item, 60)}" for key, item in value.items()) + "}"
    elif isinstance(value, list | tuple) and any(isinstance(item, np.ndarray | set | frozenset) for item in value):
        text = "(" + ", ".join(describe(item, 60) for item in value) + ")"
    else:
        text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def in_order(items: Any) -> list[Any]:
    """The items of a set in an order that is always the same."""
    try:
        return sorted(items, key=lambda item: (str(type(item)), item))
    except TypeError:  # complex numbers, tuples of different things
        return sorted(items, key=lambda item: (str(type(item)), repr(item)))


def _first_values(array: np.ndarray) -> str:
    return (
        "["
        + ", ".join(f"{item:.4g}" if array.dtype.kind in "fiu" else str(item) for item in array.flat[:6])
        + ", …]"
    )


def first_line(error: BaseException) -> str:
    """The first line of an exception's text that says something, shortened."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in str(error).splitlines()]
    text = [line for line in lines if line and not line.startswith("Exception encountered when calling")]
    return (text or lines or [""])[0][:300]


def type_names(error: BaseException) -> tuple[str, ...]:
    """Names of the exception's class and of its bases, nearest first."""
    return tuple(base.__name__ for base in type(error).__mro__)
