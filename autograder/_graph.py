"""The graph of a Keras model, flat: nested and subclassed models are followed into, names are not looked at."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Step:
    """One layer or operation where it is used.

    Args:
        operation: The Keras layer or operation.
        inputs: Numbers of the steps that feed it.
        shape: Of its output, without the batch.
    """

    operation: Any
    inputs: tuple[int, ...]
    shape: tuple[int | None, ...]


def steps_of(model: Any, shape: tuple[int, ...] | None) -> list[Step]:
    """All steps of a model, from the input on; each step stands after those that feed it.

    Args:
        model: A Keras model or layer.
        shape: Of one input without the batch, for models that do not state their own.

    Raises:
        ValueError: If the model states no input and no shape is given.
    """
    try:
        inputs, outputs = _tensors(model, shape)
        found = [Step(tensor._keras_history.operation, (), tuple(tensor.shape[1:])) for tensor in inputs]
        _follow(inputs, outputs, list(range(len(inputs))), found)
        return found
    except _NotSymbolic:
        return _one_run(model, tuple(model.inputs[0].shape[1:]) if _stated(model) else _needed(shape))


def inputs_of(tensor: Any) -> list[Any]:
    """The input tensors that a symbolic tensor hangs on, in the order in which they are met."""
    found, waiting, seen = [], [tensor], set()
    while waiting:
        item = waiting.pop()
        operation, node_index, _ = item._keras_history
        node = operation._inbound_nodes[node_index]
        if node.is_input:
            found.append(item)
        for before in node.input_tensors:
            if id(before) not in seen:
                seen.add(id(before))
                waiting.append(before)
    return found


def weighted(steps: list[Step]) -> list[Any]:
    """The layers that have weights, by their place in the graph, whatever their names and their order in a list.

    First comes the layer with the fewest weighted layers before it (on the longest way from the input). Among
    equals, the one that hangs on the earlier layers, then by class and by shape of the weights.
    """
    depth: list[int] = []
    before: list[frozenset[int]] = []  # the nearest steps with weights, itself included
    for number, step in enumerate(steps):
        above = frozenset().union(*(before[source] for source in step.inputs))
        has_weights = bool(getattr(step.operation, "weights", ()))
        depth.append(max((depth[source] for source in step.inputs), default=0) + has_weights)
        before.append(frozenset([number]) if has_weights else above)
    rank: dict[int, int] = {}
    for level in range(1, max(depth, default=0) + 1):
        here = [n for n, step in enumerate(steps) if depth[n] == level and before[n] == {n}]
        here.sort(key=lambda n: (_ranks(steps[n], before, rank), _signature(steps[n].operation), n))
        for number in here:
            rank[number] = len(rank)
    layers = [steps[number].operation for number in rank]
    return list({id(layer): layer for layer in layers}.values())


def graph_order(rows: Sequence[tuple[str, Sequence[tuple[int, ...]], Any, Sequence[int]]]) -> list[int]:
    """The order in which `weighted` would list the layers of a network that is written down as a table.

    Args:
        rows: For each layer its class in Keras, shapes of its weights, strides, and the rows that feed it.

    Returns:
        Numbers of the rows with weights.
    """
    operations = [
        type(kind, (), {"weights": [_Shaped(tuple(shape)) for shape in shapes], "strides": strides})()
        for kind, shapes, strides, _ in rows
    ]
    steps = [Step(operation, tuple(row[3]), ()) for operation, row in zip(operations, rows, strict=True)]
    numbers = {id(operation): number for number, operation in enumerate(operations)}
    return [numbers[id(operation)] for operation in weighted(steps)]


@dataclass(frozen=True)
class _Shaped:
    """The only thing that the order looks at in a weight."""

    shape: tuple[int, ...]


def _ranks(step: Step, before: list[frozenset[int]], rank: dict[int, int]) -> list[int]:
    return sorted(rank[number] for source in step.inputs for number in before[source])


def _signature(layer: Any) -> tuple[Any, ...]:
    shapes = [tuple(weight.shape) for weight in layer.weights]
    return (
        type(layer).__name__,
        shapes,
        str(getattr(layer, "strides", "")),
        str(getattr(layer, "dilation_rate", "")),
    )


class _NotSymbolic(Exception):
    """A `call` of the learner's cannot be followed with symbolic tensors (it uses tf functions, say)."""


def _tensors(model: Any, shape: tuple[int, ...] | None) -> tuple[list[Any], list[Any]]:
    import keras

    if has_own_graph(model):
        if isinstance(model, keras.Sequential) and not _stated(model):
            model.build((None, *_needed(shape)))
        if _stated(model):
            return list(model.inputs), list(model.outputs)
    tensor = keras.Input(batch_shape=(1, *_needed(shape)))  # some models ask how many images there are
    return [tensor], _called(model, (tensor,), {})


def _stated(model: Any) -> bool:
    """Whether a model knows its input."""
    try:
        return bool(model.inputs)
    except (AttributeError, ValueError):
        return False


def _needed(shape: tuple[int, ...] | None) -> tuple[int, ...]:
    if shape is None:
        raise ValueError("The model states no input shape: give it keras.Input(...) first.")
    return tuple(shape)


def has_own_graph(operation: Any) -> bool:
    """Whether it is a sequential or functional model, with Keras' own `call`."""
    import keras

    return isinstance(operation, keras.Model) and _is_of_keras(type(operation).call)


def _is_bundle(operation: Any) -> bool:
    """Whether it is made of layers: a model, or a class of the learner's that holds layers."""
    import keras

    holds_layers = bool(getattr(operation, "_layers", ()))
    return isinstance(operation, keras.Model) or (holds_layers and not _is_of_keras(type(operation)))


def _is_of_keras(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).startswith("keras.")


def _called(bundle: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> list[Any]:
    """Outputs of a bundle's own `call`, in which every layer leaves its trace."""
    import keras

    if not bundle.built:
        bundle(*arguments, **options)  # makes the weights
    known = inspect.signature(bundle.call).parameters
    options = {key: item for key, item in options.items() if key in known and item is not None}
    try:
        return keras.tree.flatten(bundle.call(*arguments, **options))
    except Exception as error:
        raise _NotSymbolic from error


def _follow(inputs: list[Any], outputs: list[Any], sources: list[int], found: list[Step]) -> list[int]:
    """Append the steps between inputs and outputs; return the numbers of the steps that make the outputs."""
    known = dict(zip(map(id, inputs), sources, strict=True))
    waiting = list(reversed(outputs))
    while waiting:
        tensor = waiting[-1]
        operation, node_index, _ = tensor._keras_history
        node = operation._inbound_nodes[node_index]
        first = [item for item in node.input_tensors if id(item) not in known]
        if id(tensor) in known or not first:
            waiting.pop()
        if id(tensor) in known:
            continue
        if first:
            waiting += reversed(first)
            continue
        feeding = [known[id(item)] for item in node.input_tensors]
        numbers = _append(operation, node, feeding, found)
        known.update(zip(map(id, node.output_tensors), numbers, strict=True))
    return [known[id(tensor)] for tensor in outputs]


def _append(operation: Any, node: Any, feeding: list[int], found: list[Step]) -> list[int]:
    """Append one node: a bundle as the steps inside it, anything else as one step."""
    if _is_bundle(operation):
        if has_own_graph(operation) and _stated(operation):
            return _follow(list(operation.inputs), list(operation.outputs), feeding, found)
        import keras

        fresh = [keras.Input(batch_shape=item.shape, dtype=item.dtype) for item in node.input_tensors]
        pairs = {id(old): new for old, new in zip(node.input_tensors, fresh, strict=True)}
        arguments, options = node.arguments.fill_in(pairs)
        return _follow(fresh, _called(operation, arguments, options), feeding, found)
    shape = tuple(node.output_tensors[0].shape[1:])
    found.append(Step(operation, tuple(feeding), shape))
    return [len(found) - 1] * len(node.output_tensors)


def _one_run(model: Any, shape: tuple[int, ...]) -> list[Step]:
    """The layers in the order in which one run calls them, as a chain: what is left when nothing else works."""
    import keras

    leaves = [layer for layer in model._flatten_layers(include_self=False) if not _is_bundle(layer)]
    found = [Step(keras.layers.InputLayer(shape=shape), (), tuple(shape))]
    calls = {layer: layer.call for layer in leaves}

    def note(layer: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            value = calls[layer](*arguments, **options)
            made = tuple(keras.tree.flatten(value)[0].shape[1:])
            found.append(Step(layer, (len(found) - 1,), made))
            return value

        return call

    try:
        for layer in leaves:
            object.__setattr__(layer, "call", note(layer))
        model(np.zeros((1, *shape), dtype=np.float32), training=False)
    finally:
        for layer in leaves:
            object.__delattr__(layer, "call")
    return found
