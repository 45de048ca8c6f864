"""What a call must leave as it was: arrays and containers that it is given, and the layers of models."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder._received import Failure


def snapshot(item: Any) -> Any:
    """What is compared after the call; None for what may change."""
    if _is_model(item):
        return _layers(item)
    return copy.deepcopy(item) if _is_data(item) else None


def changed(
    function: Callable[..., Any], before: Sequence[Any], arguments: Sequence[Any], value: Any
) -> Failure | None:
    """Which argument a call has changed, by its name if that is to be had.

    Args:
        function: What was called.
        before: Snapshots of the arguments.
        arguments: They themselves, after the call.
        value: What the call gave. A model that is given back may be another one.
    """
    for number, (old, new) in enumerate(zip(before, arguments, strict=True)):
        name = _name(function, number)
        if _is_data(new) and not _same(old, new):
            return Failure("changed", f"The call changed its input {name}: work on a copy of it.")
        if _is_model(new) and value is not new and not _same(old, _layers(new)):
            return Failure(
                "changed",
                f"The call changed the layers of its input {name}, such as an activation, and that for all later "
                "cells: build a new model.",
            )
    return None


def _name(function: Callable[..., Any], number: int) -> str:
    try:
        return list(inspect.signature(function).parameters)[number]
    except (ValueError, TypeError, IndexError):
        return f"number {number + 1}"


def _is_model(item: Any) -> bool:
    return isinstance(item, getattr(sys.modules.get("keras"), "Model", ()))


def _layers(model: Any) -> list[Any]:
    """The settings of a model's layers; what is frozen may be thawed."""
    return [_settings(layer) for layer in model.layers]


def _settings(layer: Any) -> dict[str, Any] | None:
    try:
        return {**layer.get_config(), "trainable": None}
    except Exception:  # an attribute is now something that Keras cannot write down
        return None


def _is_data(item: Any) -> bool:
    return isinstance(item, np.ndarray | list | dict | tuple)


def _same(before: Any, after: Any) -> bool:
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        return before.shape == after.shape and before.dtype == after.dtype and before.tobytes() == after.tobytes()
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(_same(*pair) for pair in zip(before, after, strict=True))
    if isinstance(before, dict):
        return list(before) == list(after) and all(_same(before[key], after[key]) for key in before)
    return before == after
