"""Broken programs, each with one fault, and what one sees when they run: the clinic of lab 09."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np

from course import datasets, device
from course.draws.lab09 import fault_of

__all__ = ["examine", "program"]

IMAGES, EPOCHS = 1_000, 3


def program(number: int) -> str:
    """The text of a short program that builds, compiles and trains a model, with one fault.

    It expects `images`, float from 0 to 1, shape (count, 28, 28, 1), `labels` from 0 to 9, `keras` and `layers`.

    Args:
        number: Sizes, activation and fault depend on it.
    """
    fault = fault_of(number)
    activation = "" if fault == "activation" else f', activation="{_pick(number, 1, ("relu", "tanh"))}"'
    first, second, units = (
        _pick(number, 2, (6, 8, 10)),
        _pick(number, 3, (12, 16, 20)),
        _pick(number, 5, (64, 84, 100)),
    )
    side = _pick(number, 7, (3, 5))
    probabilities = _pick(number, 11, (True, False))  # of the program's two ways to end, both right
    loss_takes_logits = not probabilities
    if fault == "loss":
        probabilities, loss_takes_logits = False, False
    ending = ', activation="softmax"' if probabilities else ""
    padding = "1" if fault == "padding" else '"same"'
    taken = "(1, 28, 28)" if fault == "channels" else "(28, 28, 1)"
    lines = [
        "images = images.transpose(0, 3, 1, 2)" if fault == "channels" else "",
        "labels = keras.utils.to_categorical(labels, 10)" if fault == "labels" else "",
        "model = keras.Sequential([",
        f"    keras.Input({taken}),",
        f"    layers.Conv2D({first}, {side}, padding={padding}{activation}),",
        '    layers.MaxPooling2D(2, padding="same"),',
        f'    layers.Conv2D({second}, {side}, padding="same"{activation}),',
        '    layers.MaxPooling2D(2, padding="same"),',
        "" if fault == "flatten" else "    layers.Flatten(),",
        f"    layers.Dense({units}{activation}),",
        f"    layers.Dense(10{ending}),",
        "])",
        f"loss = keras.losses.SparseCategoricalCrossentropy(from_logits={loss_takes_logits})",
        'model.compile("adam", loss, metrics=["accuracy"])',
        f"history = model.fit(images, labels, epochs={EPOCHS}, verbose=0)",
    ]
    return "\n".join(line for line in lines if line)


def _pick(number: int, step: int, options: tuple[Any, ...]) -> Any:
    return options[number // step % len(options)]


def examine(number: int) -> None:
    """Run a program on 1,000 digits and print what one sees: an error's last words, or loss and accuracy.

    Args:
        number: Of the program.
    """
    with device.quiet():
        import keras
    digits = datasets.load("mnist", quiet=True)
    names = {
        "keras": keras,
        "layers": keras.layers,
        "images": digits.x_train[:IMAGES, ..., None] / np.float32(255),
        "labels": digits.y_train[:IMAGES].astype(int),
    }
    keras.utils.set_random_seed(number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(program(number), f"<program {number}>", "exec"), names)
        except Exception as error:
            print(f"program {number} stops: {type(error).__name__}: {_said(error)}")
            return
    model, history = names["model"], names["history"].history
    print(f"program {number} runs. It takes {model.input_shape[1:]} and gives {model.output_shape[1:]}.")
    for name in ("loss", "accuracy"):
        print(f"    {name:8} after each epoch:", "  ".join(f"{value:.2f}" for value in history[name]))


def _said(error: Exception) -> str:
    """What an error says, without Keras' list of arguments and without colours."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Exception encountered")]
    return lines[0] if lines else ""
