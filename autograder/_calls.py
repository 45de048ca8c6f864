"""How a call is written for the learner, so that it can be typed again."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder._questions import Given
from autograder._received import describe

FULL_ELEMENTS = 200
SHORT_ELEMENTS = 9


def call_text(name: str, arguments: tuple[Any, ...], options: dict[str, Any], full: int = FULL_ELEMENTS) -> str:
    """`out_size(7, 3, 2, 0)`: arrays of up to `full` numbers in full, larger ones by their shape."""
    parts = [argument_text(item, full) for item in arguments]
    parts += [f"{key}={argument_text(item, full)}" for key, item in options.items()]
    return f"{name}({', '.join(parts)})"


def short_text(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> str:
    """The call in at most 100 characters, for a headline."""
    text = call_text(name, arguments, options, full=SHORT_ELEMENTS)
    return text if len(text) <= 100 else text[:98] + "…)"


def argument_text(value: Any, full: int = FULL_ELEMENTS) -> str:
    """One argument as the learner would type it."""
    if isinstance(value, Given):
        return call_text(value.name, value.arguments, {}, full)
    if isinstance(value, np.ndarray):
        return _array_text(value, full)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {argument_text(item, full)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(argument_text(item, full) for item in value) + "]"
    if isinstance(value, tuple):
        inner = ", ".join(argument_text(item, full) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return describe(value)


def _array_text(array: np.ndarray, full: int) -> str:
    if array.size > full:
        return f"<array of shape {array.shape}>"
    return f"np.array({_rows(array)})" if array.dtype.kind in "iu" else f"np.array({_rows(array)}, float)"


def _rows(array: np.ndarray) -> str:
    if array.ndim == 0:
        return f"{array.item():.10g}" if array.dtype.kind == "f" else repr(array.item())
    return "[" + ", ".join(_rows(part) for part in array) + "]"
