"""Small classifiers of windows with drawn weights, for turning dense layers into convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.check import Draw

Layer = tuple[Any, ...]
NUMBERS = 997  # that are drawn; they repeat, and the layers' sizes do not fit this number


def weights(layers: Sequence[Layer], shape: Sequence[int], seed: int) -> list[np.ndarray]:
    """Kernel and bias of every layer that has them, float32, in the order of the layers.

    Args:
        layers: `("scale",)`, `("conv", filters, side, stride)`, `("max", side, stride)`,
            `("average", side, stride)`, `("flatten",)`, `("dropout",)` and `("dense", units)`; nothing is padded.
        shape: Of one window: (height, width, channels).
        seed: Other weights for another seed.
    """
    numbers = Draw("course._window_nets", str(seed)).array(NUMBERS, -60, 60) / 60
    inputs: tuple[int, ...] = tuple(shape)
    made: list[np.ndarray] = []
    for kind, *sizes in layers:
        if kind in ("conv", "dense"):
            kernel = (sizes[1], sizes[1], inputs[2], sizes[0]) if kind == "conv" else (inputs[0], sizes[0])
            start = sum(array.size for array in made)
            count = int(np.prod(kernel))
            values = np.take(numbers, np.arange(start, start + count + sizes[0]), mode="wrap")
            scale = np.sqrt(6 / np.prod(kernel[:-1]))
            made += [(values[:count] * scale).reshape(kernel), 0.3 * values[count:]]
        inputs = _after(kind, sizes, inputs)
    return [array.astype(np.float32) for array in made]


def _after(kind: str, sizes: Sequence[int], inputs: tuple[int, ...]) -> tuple[int, ...]:
    """Shape behind a layer."""
    if kind in ("conv", "max", "average"):
        side, stride = sizes[-2:]
        rows, columns = ((length - side) // stride + 1 for length in inputs[:2])
        return rows, columns, sizes[0] if kind == "conv" else inputs[2]
    return {"flatten": (int(np.prod(inputs)),), "dense": tuple(sizes), "dropout": inputs, "scale": inputs}[kind]


def keras_net(layers: Sequence[Layer], shape: Sequence[int], seed: int) -> Any:
    """The network as a Keras model, ReLU behind convolutions and hidden dense layers, softmax at the end."""
    from course.device import quiet

    with quiet():
        import keras
    model = keras.Sequential([keras.Input(tuple(shape))])
    last = len(layers) - 1
    for number, (kind, *sizes) in enumerate(layers):
        activation = "softmax" if number == last else "relu"
        if kind == "conv":
            layer = keras.layers.Conv2D(*sizes, activation=activation)
        elif kind == "dense":
            layer = keras.layers.Dense(*sizes, activation=activation)
        elif kind in ("max", "average"):
            pools = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
            layer = pools[kind](*sizes)
        elif kind == "scale":
            layer = keras.layers.Rescaling(1 / 127.5, offset=-1)
        else:
            layer = keras.layers.Flatten() if kind == "flatten" else keras.layers.Dropout(0.5)
        model.add(layer)
    model.set_weights(weights(layers, shape, seed))
    return model
