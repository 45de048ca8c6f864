"""Cells that use a learner's function before it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def yours(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of yours gives, or None while it gives nothing or fails: then the cells below wait."""
    try:
        return function(*arguments)
    except Exception:
        return None
