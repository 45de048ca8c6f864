"""Keras models and functions behind a handle: a question asks the handle, never the thing's own methods by name.

Operations (`do_...`) take and give plain data only, so that a model may live in another process.
"""

from __future__ import annotations

import copy
import functools
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np

from autograder._graph import Step, has_own_graph, inputs_of, steps_of, weighted
from autograder._lazy import lazily
from autograder._received import Handle, drawn_out, plain

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


def as_handle(value: Any, *, lazy: bool = False) -> Handle | None:
    """A handle for a Keras model, layer, tensor or callback, or a function, None for anything else.

    Keras is not imported for it. A symbolic tensor stands for the model from its inputs to it.

    Args:
        value: What an answer gave back.
        lazy: Whether it was made without weights: then the handle makes none either.
    """
    if isinstance(value, types.FunctionType | types.MethodType | types.BuiltinFunctionType | functools.partial):
        return PythonFunction(value)
    keras = sys.modules.get("keras")
    if keras is None:
        return None
    if isinstance(value, keras.KerasTensor):
        value = keras.Model(inputs_of(value), value)
    if isinstance(value, keras.callbacks.Callback) and not isinstance(value, keras.callbacks.History):
        return KerasCallback(value)
    return KerasModel(value, lazy=lazy) if isinstance(value, keras.Layer) else None


class PythonFunction(Handle):
    """A function that an answer gave back; questions call it.

    Args:
        function: What is called.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __repr__(self) -> str:
        return "a function"

    def do_applied_to(self, *arguments: Any) -> Any:
        """What the function gives for copies of these arguments, as plain data."""
        return plain(drawn_out(self._function(*copy.deepcopy(arguments))))


class KerasCallback(Handle):
    """A callback that an answer gave back; questions show it epochs.

    Args:
        callback: What is shown them.
    """

    def __init__(self, callback: Any) -> None:
        self._callback = callback

    def __repr__(self) -> str:
        return f"a Keras callback ({type(self._callback).__name__})"

    def do_rates(self, logs: Sequence[Mapping[str, float]], rate: float) -> list[float]:
        """The learning rate that is left after each of some epochs.

        Args:
            logs: For each epoch what Keras would tell at its end, such as {"loss": 1.0, "val_loss": 1.2}.
            rate: The learning rate at the start.
        """
        import keras

        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, activation="softmax")])
        model.compile(
            keras.optimizers.SGD(rate), "sparse_categorical_crossentropy",
            metrics=["accuracy", "sparse_categorical_accuracy"], run_eagerly=True,
        )  # fmt: skip
        model.train_on_batch(np.zeros((2, 1)), np.arange(2))  # a callback may ask which way a metric is better
        self._callback.set_model(model)
        self._callback.on_train_begin()
        rates = []
        for epoch, told in enumerate(logs):
            self._callback.on_epoch_begin(epoch)
            self._callback.on_epoch_end(epoch, dict(told))
            rates.append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
        return rates


class KerasModel(Handle):
    """A model that stays where it is; questions ask it through its operations.

    Where an operation takes `shape`, this is the shape of one input without the batch, for models that do
    not state their own (a subclassed model that has not seen an image yet).

    Args:
        model: A Keras model or layer.
        lazy: Whether its weights were not made: then it is only to be counted and shown.
    """

    def __init__(self, model: Any, *, lazy: bool = False) -> None:
        self._model = model
        self._lazy = lazy

    def __repr__(self) -> str:
        return f"a Keras model ({type(self._model).__name__})"

    def do_style(self) -> str:
        """How the model was written: "sequential", "functional", or "subclassed" with a `call` of its own."""
        import keras

        if isinstance(self._model, keras.Sequential):
            return "sequential"
        return "functional" if has_own_graph(self._model) else "subclassed"

    def do_count(self, shape: Sequence[int] | None = None) -> int:
        """The number of parameters, trainable or not."""
        with self._scope():
            steps_of(self._model, _as_shape(shape))  # makes the weights where they are not made yet
            return sum(_size(weight) for weight in self._model.weights)

    def do_card(self, shape: Sequence[int] | None = None) -> list[dict[str, Any]]:
        """The layers from input to output, one dictionary each.

        Keys: layer (class), name, output (shape without the batch), trainable and frozen (parameters), kernel
        (or pool) size, strides, padding, activation, inputs (numbers of the rows that feed it). What a layer has
        not is None. An activation that is a layer of its own stands in the row of the layer before it.
        """
        with self._scope():
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

    def do_layer_outputs(self, images: Any, layer: int) -> np.ndarray:
        """What one layer gives for a batch of inputs.

        Args:
            images: A batch of inputs.
            layer: The layer's place among those that have weights, counted from the input: 0, 1, ...

        Raises:
            ValueError: If there is no such layer.
        """
        images = np.asarray(images, dtype=np.float32)
        layers = weighted(steps_of(self._model, tuple(images.shape[1:])))
        if not 0 <= layer < len(layers):
            raise ValueError(f"Expected more than {layer} layers with weights. Received {len(layers)}.")
        with _overheard(layers[layer]) as heard:
            self._run(images)
        return heard[0]

    def do_outputs_zeroed(self, images: Any, kernel: Sequence[int]) -> np.ndarray | list[np.ndarray]:
        """What the model gives while every kernel of a size is zero: what depends on the input then is a shortcut.

        Args:
            images: A batch of inputs.
            kernel: Height and width of the kernels that are set to zero, such as (3, 3).
        """
        shape = tuple(np.asarray(images).shape[1:])
        with self._own_weights_kept(shape):
            for layer, variable in self._weights(shape):
                if _is_kernel(layer, variable) and tuple(variable.shape[:2]) == tuple(kernel):
                    variable.assign(np.zeros(tuple(variable.shape), dtype=np.float32))
            return self.do_outputs(images)

    def do_input_gradient(self, images: Any, factors: Any) -> np.ndarray:
        """The derivative of the sum of factors times outputs by every number of the input.

        Args:
            images: A batch of inputs.
            factors: Of the outputs, of the same shape as they.
        """
        import tensorflow as tf

        with tf.GradientTape() as tape:
            inputs = tf.constant(np.asarray(images, dtype=np.float32))
            tape.watch(inputs)
            total = tf.reduce_sum(self._model(inputs, training=False) * np.asarray(factors, dtype=np.float32))
        return np.asarray(tape.gradient(total, inputs))

    def do_weight_gradients(self, images: Any, factors: Any) -> list[np.ndarray]:
        """The derivatives of the sum of factors times outputs by all trainable weights, by graph position.

        Args:
            images: A batch of inputs.
            factors: Of the outputs, of the same shape as they.
        """
        import tensorflow as tf

        images = np.asarray(images, dtype=np.float32)
        variables = [variable for _, variable in self._weights(tuple(images.shape[1:])) if variable.trainable]
        with tf.GradientTape() as tape:
            outputs = self._model(images, training=False)
            total = tf.reduce_sum(outputs * np.asarray(factors, dtype=np.float32))
        gradients = tape.gradient(total, [variable.value for variable in variables])
        pairs = zip(variables, gradients, strict=True)
        return [np.zeros(tuple(weight.shape)) if slope is None else np.asarray(slope) for weight, slope in pairs]

    def do_trained(self, weights: Sequence[Any], images: Any, labels: Any, steps: int) -> list[list[np.ndarray]]:
        """All weights by graph position after each of some training steps, as the model was compiled.

        It has its own weights again afterwards; what its optimizer remembers of the steps stays.

        Args:
            weights: To begin with, by graph position.
            images: One batch of inputs, the same in every step.
            labels: Of the batch.
            steps: How many.
        """
        images, labels = np.asarray(images, dtype=np.float32), np.asarray(labels)
        shape = tuple(images.shape[1:])
        self._check_input(shape)
        with self._own_weights_kept(shape):
            self.do_set_weights(weights, shape)
            after = []
            for _ in range(steps):
                self._model.train_on_batch(images, labels)
                after.append(self.do_get_weights(shape))
            return after

    def do_training(self) -> dict[str, Any]:
        """How the model was compiled: loss, from_logits, optimizer; None for what is not known."""
        loss = getattr(self._model, "loss", None)
        optimizer = getattr(self._model, "optimizer", None)
        return {
            "loss": loss if isinstance(loss, str) else _called_name(loss),
            "from_logits": getattr(loss, "from_logits", None if not isinstance(loss, str) else False),
            "optimizer": None if optimizer is None else type(optimizer).__name__,
        }

    def _scope(self) -> AbstractContextManager[None]:
        return lazily() if self._lazy else nullcontext()

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


@contextmanager
def _overheard(layer: Any) -> Iterator[list[np.ndarray]]:
    """Inside, what a layer gives is noted whenever it is called."""
    import keras

    heard: list[np.ndarray] = []
    own = layer.call

    def call(*arguments: Any, **options: Any) -> Any:
        value = own(*arguments, **options)
        heard.append(keras.ops.convert_to_numpy(keras.tree.flatten(value)[0]))
        return value

    object.__setattr__(layer, "call", call)
    try:
        yield heard
    finally:
        object.__delattr__(layer, "call")


def _is_kernel(layer: Any, variable: Any) -> bool:
    """Whether a variable is a convolution's kernel: (height, width, channels, filters)."""
    return len(variable.shape) == 4 and getattr(layer, "kernel_size", None) is not None


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
