"""Is what was received what was expected? Shapes before values, no silent broadcasting, NaN equals nothing."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from autograder._received import describe

MAX_SET = 10_000  # items that are compared as a set: with chosen hashes the time grows with the square


def difference(expected: Any, received: Any, *, tolerance: float = 1e-6) -> str | None:
    """Why two values differ, as one sentence, or None when they agree.

    A whole number agrees with any number of the same value (7, 7.0, a NumPy scalar, an array with one
    element), a sequence with any list, tuple or array of the same shape and values. `bool` is no number.

    Args:
        expected: Plain data: numbers, strings, sequences, dictionaries, sets, arrays, None.
        received: Plain data.
        tolerance: Largest difference of two floats, relative to 1 or to the expected size if that is larger.
            Whole numbers that are expected as `int` must agree exactly.
    """
    if expected is None:
        return None if received is None else f"Expected None. Received {describe(received)}."
    if received is None:
        return "Received None: is a `return` missing?"
    if isinstance(expected, bool | np.bool_):
        return _bool_difference(bool(expected), received)
    if isinstance(expected, str):
        agree = isinstance(received, str) and received.strip() == expected
        return None if agree else f"Expected {expected!r}. Received {describe(received)}."
    if isinstance(expected, dict):
        return _dict_difference(expected, received, tolerance)
    if isinstance(expected, set | frozenset):
        return _set_difference(expected, received)
    if isinstance(expected, numbers.Number):
        return _number_difference(expected, received, tolerance)
    if isinstance(expected, list | tuple) and not _is_numeric(expected):
        return _sequence_difference(expected, received, tolerance)
    return _array_difference(np.asarray(expected), received, tolerance)


def _is_numeric(sequence: Any) -> bool:
    """Whether a sequence is a table of numbers rather than a bundle of different things."""
    if any(isinstance(item, np.ndarray) for item in sequence):
        return False
    try:
        array = np.asarray(sequence)
    except ValueError:
        return False
    return array.dtype.kind in "iuf" and not any(isinstance(item, bool) for item in sequence)


def _bool_difference(expected: bool, received: Any) -> str | None:
    if isinstance(received, np.ndarray) and received.dtype.kind == "b" and received.size == 1:
        received = bool(received.reshape(-1)[0])
    if not isinstance(received, bool):
        return f"Expected True or False. Received {describe(received)} ({type(received).__name__})."
    return None if received == expected else f"Expected {expected}. Received {received}."


def _number_difference(expected: Any, received: Any, tolerance: float) -> str | None:
    if isinstance(received, np.ndarray) and received.size == 1 and received.dtype.kind in "iufc":
        received = received.reshape(-1)[0].item()
    if isinstance(received, bool) or not isinstance(received, int | float | complex):
        return f"Expected one number. Received {describe(received)} ({_kind(received)}).{_unwrapped(received)}"
    if received != received:
        return "Received nan, which is not a number."
    exact = isinstance(expected, numbers.Integral)
    if exact and received == expected:
        return None
    if not exact and _near(received, expected, tolerance):
        return None
    return f"Expected {describe(expected)}. Received {describe(received)}."


def _unwrapped(received: Any) -> str:
    """What to leave out where a number is there, but wrapped in something."""
    if isinstance(received, tuple) and received and all(type(part) is int for part in received):
        return " Write a number without commas."
    if isinstance(received, str) and _is_number(received):
        return " Write it without quotes."
    inner = received
    while isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    return " Write it without brackets." if inner is not received and type(inner) in (int, float) else ""


def _is_number(text: str) -> bool:
    try:
        return bool(text) and np.isfinite(float(text.replace(",", "")))
    except ValueError:
        return False


def _near(received: Any, expected: Any, tolerance: float) -> bool:
    try:
        return abs(received - expected) <= tolerance * max(1.0, abs(expected))
    except OverflowError:  # a whole number beyond all floats
        return False


def _array_difference(expected: np.ndarray, received: Any, tolerance: float) -> str | None:
    try:
        array = np.asarray(received)
    except ValueError:
        missing = isinstance(received, list | tuple) and [item is None for item in received]
        if missing and any(missing):
            place = missing.index(True)
            return f"Expected shape {expected.shape}. Received None in place {place}, counted from 0."
        return f"Expected shape {expected.shape}. Received rows of different lengths."
    wanted = "truth values" if expected.dtype.kind == "b" else "numbers"
    if isinstance(received, dict | set) or array.dtype.kind not in ("b" if wanted == "truth values" else "iufc"):
        return f"Expected {wanted} of shape {expected.shape}. Received {describe(received)} ({_kind(received)})."
    if isinstance(received, list | tuple) and wanted == "numbers" and _has_bool(received):
        return f"Expected numbers. Received truth values: {describe(received)}."
    if array.shape == (1, *expected.shape):
        return f"One pair of brackets too many: expected shape {expected.shape}, received {array.shape}."
    if array.shape != expected.shape and expected.ndim == 1 and array.ndim < 2:
        received_text = (
            f"{array.size}" if array.ndim else f"one number, {describe(array.item())}, that is not in a list"
        )
        return f"Expected {expected.size} number{'s' * (expected.size != 1)} in a row. Received {received_text}."
    if array.shape != expected.shape:
        return f"Expected shape {expected.shape}. Received {array.shape}."
    if np.isnan(array).any():
        return f"{int(np.isnan(array).sum())} of {array.size} values are nan, which is not a number."
    if expected.dtype.kind in "iub":
        wrong = array != expected
    else:
        with np.errstate(invalid="ignore"):
            near = np.abs(array - expected) <= tolerance * np.maximum(1.0, np.abs(expected))
        wrong = ~(near | (array == expected))
    return _first_wrong(wrong, expected, array) if wrong.any() else None


def _first_wrong(wrong: np.ndarray, expected: np.ndarray, received: np.ndarray) -> str:
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    where = f" at [{', '.join(map(str, place))}]" if place else ""
    return (
        f"{int(wrong.sum())} of {wrong.size} values differ; first{where}: "
        f"expected {describe(expected[place].item())}, received {describe(received[place].item())}."
    )


def _dict_difference(expected: dict, received: Any, tolerance: float) -> str | None:
    if not isinstance(received, dict):
        return f"Expected a dictionary. Received {describe(received)} ({_kind(received)})."
    missing = [key for key in expected if key not in received]
    if missing:
        return f"The key {missing[0]!r} is missing."
    extra = [key for key in received if key not in expected]
    if extra:
        return f"The key {extra[0]!r} is not asked for."
    for key, item in expected.items():
        reason = difference(item, received[key], tolerance=tolerance)
        if reason:
            return f"Under {key!r}: {reason}"
    return None


def _set_difference(expected: set | frozenset, received: Any) -> str | None:
    if isinstance(received, np.ndarray):
        received = received.reshape(-1).tolist() if received.size <= MAX_SET else None
    if not isinstance(received, set | frozenset | list | tuple):
        return f"Expected a list. Received {describe(received)} ({_kind(received)})."
    if len(received) > MAX_SET:
        return f"Expected a list of {len(expected)} values. Received {len(received)}."
    try:
        items = set(received)
    except TypeError:
        return f"Expected a list of plain values. Received {describe(received)}."
    if any(isinstance(item, bool) for item in items) and not any(isinstance(item, bool) for item in expected):
        return f"Expected {describe(expected)}. Received {describe(received)}."
    return None if items == set(expected) else f"Expected {describe(expected)}. Received {describe(items)}."


def _sequence_difference(expected: Any, received: Any, tolerance: float) -> str | None:
    if isinstance(received, dict | set | frozenset):
        return f"Expected a list of {len(expected)} values. Received a {type(received).__name__}."
    if isinstance(received, np.ndarray):
        received = list(received)
    if not isinstance(received, list | tuple):
        return f"Expected {len(expected)} values. Received {describe(received)} ({_kind(received)})."
    if len(received) != len(expected):
        return f"Expected {len(expected)} values. Received {len(received)}."
    for number, (left, right) in enumerate(zip(expected, received, strict=True), start=1):
        reason = difference(left, right, tolerance=tolerance)
        if reason:
            return f"Value {number}: {reason}"
    return None


def _has_bool(items: Any) -> bool:
    return any(_has_bool(item) if isinstance(item, list | tuple) else isinstance(item, bool) for item in items)


def _kind(value: Any) -> str:
    return f"array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
