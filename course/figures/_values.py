"""Reading what a caller passes, and writing numbers as text."""

from __future__ import annotations

from typing import Any

import numpy as np


def matrix(values: Any, name: str) -> np.ndarray:
    """`values` as a numeric array of shape (height, width), not empty."""
    array = np.asarray(values)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"Expected {name} of shape (height, width). Received shape {array.shape}.")
    return _numeric(array, name)


def row_or_matrix(values: Any, name: str) -> np.ndarray:
    """As `matrix`; one dimension is read as one row."""
    array = np.asarray(values)
    return matrix(array[None] if array.ndim == 1 else array, name)


def line(values: Any, name: str) -> np.ndarray:
    """`values` as a numeric array of shape (length,), not empty."""
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"Expected {name} of shape (length,). Received shape {array.shape}.")
    return _numeric(array, name)


def _numeric(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind not in "biuf":
        raise ValueError(f"Expected {name} of numbers. Received dtype {array.dtype}.")
    return array.astype(float)


def whole(name: str, value: Any, least: int, most: int | None = None) -> int:
    """`value` as an int from `least` to `most`."""
    known = isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))
    if not known or value < least or (most is not None and value > most):
        limits = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"Expected {name} to be an integer {limits}. Received {value!r}.")
    return int(value)


def filled(mapping: Any, name: str) -> None:
    """Reject a dictionary or list with nothing in it."""
    if len(mapping) == 0:
        raise ValueError(f"Expected at least one entry in {name}. Received none.")


def number(value: float) -> str:
    """A number for a cell: an integer where it is one, else two decimals, with a true minus; NaN is blank."""
    if np.isnan(value):
        return ""
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text.replace("-", "−")


def amount(value: float) -> str:
    """A number for a label: thousands apart, or three figures that count."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}".replace("-", "−")
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")


def grid_text(array: np.ndarray) -> str:
    """A grid in words: rows parted by semicolons; only shape and range where it is large."""
    height, width = array.shape
    if array.size > 100:
        return f"{height}×{width} values from {number(np.nanmin(array))} to {number(np.nanmax(array))}"
    return "; ".join(" ".join(number(value) or "blank" for value in row) for row in array)


def plural(count: int, noun: str) -> str:
    """`1 place`, `2 places`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
