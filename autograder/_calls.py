"""How a call is written for the learner, so that it can be typed again."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder._questions import Given
from autograder._received import describe

FULL_ELEMENTS = 200


def call_text(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> str:
    """`out_size(7, 3, 2, 0)`: arrays of up to 200 numbers in full, larger ones by their shape."""
    parts = [argument_text(item) for item in arguments]
    parts += [f"{key}={argument_text(item)}" for key, item in options.items()]
    return f"{name}({', '.join(parts)})"


def argument_text(value: Any) -> str:
    """One argument as the learner would type it."""
    if isinstance(value, Given):
        return call_text(value.name, value.arguments, {})
    if isinstance(value, np.ndarray):
        return _array_text(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {argument_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(argument_text(item) for item in value) + "]"
    if isinstance(value, tuple):
        inner = ", ".join(argument_text(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return describe(value)


def _array_text(array: np.ndarray) -> str:
    if array.size > FULL_ELEMENTS:
        return f"<array of shape {array.shape}>"
    return f"np.array({_rows(array)})" if array.dtype.kind in "iu" else f"np.array({_rows(array)}, float)"


def _rows(array: np.ndarray) -> str:
    if array.ndim == 0:
        return f"{array.item():.10g}" if array.dtype.kind == "f" else repr(array.item())
    return "[" + ", ".join(_rows(part) for part in array) + "]"
