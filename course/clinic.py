"""Residual blocks with one illness each, to be diagnosed: the patients of lab 13.

Keras is imported when a block is called, not before.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from autograder.check import Draw, model_steps

__all__ = ["CODES", "PATIENTS", "illness", "patient", "wiring"]

PATIENTS = 60  # they are numbered from 1

# What a learner writes for each illness, and what it means.
CODES = {
    "healthy": "nothing is wrong",
    "norm missing": "the second convolution has no batch normalisation",
    "projection missing": "the shortcut is always the input itself: an error as soon as the shape changes",
    "one map": "the projection has one map only, and the addition repeats it for all maps",
    "wrong tensor": "the first convolution's output is added, not the block's input",
    "early relu": "the last ReLU stands before the addition",
}

Block = Callable[..., Any]


def illness(number: int) -> str:
    """The illness of a patient, a key of `CODES`."""
    if not 1 <= number <= PATIENTS:
        raise ValueError(f"Expected a patient from 1 to {PATIENTS}. Received {number}.")
    return list(CODES)[Draw("course.clinic", "patient", str(number)).integer(0, len(CODES) - 1)]


def patient(number: int) -> Block:
    """A block with shortcut B: a function of (x, maps, stride), as `basic_block` is.

    Args:
        number: From 1 to `PATIENTS`.

    Raises:
        ValueError: If there is no such patient.
    """
    return partial(_block, illness(number))


def wiring(start: Any, end: Any) -> str:
    """Every layer between two symbolic tensors: its class, its output, its parameters, and what it reads.

    Args:
        start: The input tensor.
        end: What a block has made of it.
    """
    import keras

    steps = model_steps(keras.Model(start, end), None)
    lines = [("number", "layer", "output", "parameters", "reads")]
    for number, step in enumerate(steps):
        weights = getattr(step.operation, "weights", ())
        lines.append(
            (
                str(number),
                type(step.operation).__name__,
                "×".join(map(str, step.shape)),
                f"{sum(map(_size, weights)):,}" if weights else "",
                " and ".join(map(str, step.inputs)),
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _size(weight: Any) -> int:
    return math.prod(int(side) for side in weight.shape)


def _block(ill: str, x: Any, maps: int, stride: int = 1) -> Any:
    from keras import layers

    def conv(values: Any, filters: int, kernel: int, step: int, norm: bool = True) -> Any:
        values = layers.Conv2D(filters, kernel, strides=step, padding="same", use_bias=False)(values)
        return layers.BatchNormalization()(values) if norm else values

    first = layers.ReLU()(conv(x, maps, 3, stride))
    end = conv(first, maps, 3, 1, norm=ill != "norm missing")
    changes = stride != 1 or x.shape[-1] != maps
    side = first if ill == "wrong tensor" else x
    if ill == "one map" or (changes and ill not in ("projection missing", "wrong tensor")):
        side = conv(x, 1 if ill == "one map" else maps, 1, stride)
    if ill == "early relu":
        return layers.Add()([layers.ReLU()(end), side])
    return layers.ReLU()(layers.Add()([end, side]))
