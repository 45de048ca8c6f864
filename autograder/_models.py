"""Keras models behind a handle: a question asks the handle, never the model's own methods by name.

Operations (`do_...`) take and give plain data only, so that a model may live in another process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder._graph import Step, steps_of, weighted
from autograder._received import Handle

BATCH = 256

# Layers and operations that do nothing but an activation, in lower case, and the activation's name.
_ACTIVATIONS = {
    "relu": "relu",
    "relu6": "relu6",
    "leakyrelu": "leaky_relu",
    "elu": "elu",
    "selu": "selu",
    "gelu": "gelu",
    "silu": "silu",
    "softmax": "softmax",
    "softplus": "softplus",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
}


def as_handle(value: Any) -> KerasModel | None:
    """A handle for a Keras model or layer, None for anything else. Keras is not imported for this."""
    layer = getattr(sys.modules.get("keras"), "Layer", None)
    return KerasModel(value) if isinstance(layer, type) and isinstance(value, layer) else None


class KerasModel(Handle):
    """A model that stays where it is; questions ask it through its operations.

    Where an operation takes `shape`, this is the shape of one input without the batch, for models that do
    not state their own (a subclassed model that has not seen an image yet).

    Args:
        model: A Keras model or layer.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def __repr__(self) -> str:
        return f"a Keras model ({type(self._model).__name__})"

    def do_count(self, shape: Sequence[int] | None = None) -> int:
        """The number of parameters, trainable or not."""
        steps_of(self._model, _as_shape(shape))  # makes the weights where they are not made yet
        return sum(_size(weight) for weight in self._model.weights)

    def do_card(self, shape: Sequence[int] | None = None) -> list[dict[str, Any]]:
        """The layers from input to output, one dictionary each.

        Keys: layer (class), name, output (shape without the batch), trainable and frozen (parameters), kernel
        (or pool) size, strides, padding, activation, inputs (numbers of the rows that feed it). What a layer has
        not is None. An activation that is a layer of its own stands in the row of the layer before it.
        """
        return card(steps_of(self._model, _as_shape(shape)))

    def do_outputs(self, images: Any) -> np.ndarray | list[np.ndarray]:
        """What the model gives for a batch of inputs, in inference mode. Whole numbers are fed as float32."""
        images = np.asarray(images)
        if images.dtype.kind in "iub":
            images = images.astype(np.float32)
        self._check_input(images.shape[1:])
        batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        made = [self._run(batch) for batch in batches]
        joined = [np.concatenate(parts) for parts in zip(*made, strict=True)]
        return joined[0] if len(joined) == 1 else joined

    def do_get_weights(self, shape: Sequence[int] | None = None) -> list[np.ndarray]:
        """All weights by graph position: layer after layer from the input on, each layer's in Keras' order."""
        return [np.asarray(weight) for _, weight in self._weights(_as_shape(shape))]

    def do_set_weights(self, weights: Sequence[Any], shape: Sequence[int] | None = None) -> None:
        """Set all weights by graph position.

        A weight may have another shape than the model's, if it has as many numbers and as many outputs: a dense
        layer after flattening and a convolution over the whole map hold the same numbers in the same order.

        Raises:
            ValueError: If number or shape do not fit.
        """
        places = self._weights(_as_shape(shape))
        arrays = [np.asarray(array) for array in weights]
        for number, ((layer, variable), array) in enumerate(zip(places, arrays, strict=False), start=1):
            if not _fits(array.shape, tuple(variable.shape)):
                raise ValueError(
                    f"Expected shape {array.shape} for array {number} of the weights, counted from the input. "
                    f"Received {tuple(variable.shape)}, in a layer {type(layer).__name__}."
                )
        if len(places) != len(arrays):
            raise ValueError(f"Expected {len(arrays)} arrays of weights and biases. Received {len(places)}.")
        for (_, variable), array in zip(places, arrays, strict=True):
            variable.assign(array.reshape(variable.shape))

    def do_outputs_with(self, weights: Sequence[Any], images: Any) -> np.ndarray | list[np.ndarray]:
        """What the model gives with these weights (by graph position); it has its own again afterwards."""
        images = np.asarray(images)
        self._check_input(images.shape[1:])
        with self._own_weights_kept(images.shape[1:]):
            self.do_set_weights(weights, images.shape[1:])
            return self.do_outputs(images)

    def do_training(self) -> dict[str, Any]:
        """How the model was compiled: loss, from_logits, optimizer; None for what is not known."""
        loss = getattr(self._model, "loss", None)
        optimizer = getattr(self._model, "optimizer", None)
        return {
            "loss": loss if isinstance(loss, str) else _called_name(loss),
            "from_logits": getattr(loss, "from_logits", None if not isinstance(loss, str) else False),
            "optimizer": None if optimizer is None else type(optimizer).__name__,
        }

    @contextmanager
    def _own_weights_kept(self, shape: tuple[int, ...]) -> Iterator[None]:
        own = self.do_get_weights(shape)
        try:
            yield
        finally:
            self.do_set_weights(own, shape)

    def _run(self, batch: np.ndarray) -> list[np.ndarray]:
        import keras

        value = self._model(batch, training=False)
        return [keras.ops.convert_to_numpy(part) for part in keras.tree.flatten(value)]

    def _weights(self, shape: tuple[int, ...] | None) -> list[tuple[Any, Any]]:
        layers = weighted(steps_of(self._model, shape))
        return [(layer, variable) for layer in layers for variable in layer.weights]

    def _check_input(self, shape: tuple[int, ...]) -> None:
        """Say in plain words what Keras says in many: the model is for images of another size."""
        try:
            stated = self._model.inputs
        except (AttributeError, ValueError):
            return
        if stated is None or len(stated) != 1 or len(stated[0].shape) != len(shape) + 1:
            return
        wanted = tuple(stated[0].shape[1:])
        if any(own not in (None, size) for own, size in zip(wanted, shape, strict=True)):
            raise ValueError(f"The model takes inputs of shape {wanted}. It was given {tuple(shape)}.")


def card(steps: list[Step]) -> list[dict[str, Any]]:
    """The rows of a model's card; see `KerasModel.do_card`."""
    used = [source for step in steps for source in step.inputs]
    rows: list[dict[str, Any]] = []
    row_of: dict[int, int] = {}
    counted: set[int] = set()
    for number, step in enumerate(steps):
        activation = _own_activation(step.operation)
        before = step.inputs[0] if len(step.inputs) == 1 else None
        if activation and before is not None and used.count(before) == 1:
            row = rows[row_of[before]]
            if row["activation"] in (None, "linear") and row["layer"] != "InputLayer":
                row["activation"] = activation
                row_of[number] = row_of[before]
                continue
        row_of[number] = len(rows)
        rows.append(_row(step, [row_of[source] for source in step.inputs], counted))
        if activation:
            rows[-1]["activation"] = activation
    return rows


def _row(step: Step, inputs: list[int], counted: set[int]) -> dict[str, Any]:
    layer = step.operation
    fresh = [weight for weight in getattr(layer, "weights", ()) if id(weight) not in counted]
    counted.update(map(id, fresh))
    learnt = {id(weight) for weight in getattr(layer, "trainable_weights", ())}
    activation = getattr(layer, "activation", None)
    return {
        "layer": type(layer).__name__,
        "name": str(layer.name),
        "output": tuple(step.shape),
        "trainable": sum(_size(weight) for weight in fresh if id(weight) in learnt),
        "frozen": sum(_size(weight) for weight in fresh if id(weight) not in learnt),
        "kernel": _plain_tuple(getattr(layer, "kernel_size", getattr(layer, "pool_size", None))),
        "strides": _plain_tuple(getattr(layer, "strides", None)),
        "padding": getattr(layer, "padding", None),
        "activation": None if activation is None else _called_name(activation),
        "inputs": inputs,
    }


def _own_activation(operation: Any) -> str:
    """The activation's name if the operation does nothing else, or ""."""
    name = type(operation).__name__
    if name == "Activation":
        return _called_name(operation.activation) or ""
    return _ACTIVATIONS.get(name.lower(), "")


def _called_name(thing: Any) -> str | None:
    """A function's name, or the class of anything else."""
    return None if thing is None else str(getattr(thing, "__name__", type(thing).__name__))


def _size(weight: Any) -> int:
    return int(np.prod(tuple(weight.shape), dtype=np.int64))


def _fits(given: tuple[int, ...], own: tuple[int, ...]) -> bool:
    same_count = np.prod(given, dtype=np.int64) == np.prod(own, dtype=np.int64)
    return bool(same_count) and given[-1:] == own[-1:]


def _as_shape(shape: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if shape is None else tuple(int(side) for side in shape)


def _plain_tuple(value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    return tuple(int(side) for side in value) if isinstance(value, Sequence) else (int(value),)
