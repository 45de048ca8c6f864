"""Networks as tables of layers, and NumPy that runs them: what a learner's build is held against.

Nothing here imports Keras. `tests/course/test_networks.py` holds tables, counts and outputs against Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograder.check import Draw, graph_order

Shape = tuple[int, ...]
Pads = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Layer:
    """One layer of a table.

    Args:
        kind: The name of Keras' class: InputLayer, Conv2D, MaxPooling2D, AveragePooling2D, BatchNormalization,
            Dense, Flatten, GlobalAveragePooling2D, Add, Activation, ShortcutPadding (zeros for new maps), LRN.
        name: As the lab calls it, such as conv1; "" for none.
        inputs: Numbers of the layers that feed it.
        output: Its shape, without the batch.
        weights: Shapes, in Keras' order.
        kernel: Side of the filter or window in pixels, 0 for none.
        stride: In pixels.
        pads: Zeros (before, after) for rows and for columns.
        groups: Of a convolution.
        activation: "linear", "relu", "tanh", "sigmoid" or "softmax".
        constants: k, alpha and beta of LRN; of a ShortcutPadding how many zeros stand in front.
    """

    kind: str
    name: str
    inputs: tuple[int, ...]
    output: Shape
    weights: tuple[Shape, ...] = ()
    kernel: int = 0
    stride: int = 1
    pads: Pads = ((0, 0), (0, 0))
    groups: int = 1
    activation: str = "linear"
    constants: tuple[float, ...] = ()

    @property
    def parameters(self) -> int:
        """Numbers in all its weights, trainable or not."""
        return sum(int(np.prod(shape)) for shape in self.weights)


@dataclass
class Network:
    """A table that grows by a layer at each call; every method returns the new layer's number.

    Args:
        shape: Of one image: (height, width, channels).
    """

    shape: Shape
    layers: list[Layer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.layers.append(Layer("InputLayer", "input", (), tuple(self.shape)))

    @property
    def last(self) -> int:
        """Number of the newest layer."""
        return len(self.layers) - 1

    def conv(
        self,
        filters: int,
        kernel: int,
        *,
        stride: int = 1,
        pad: int | str = 0,
        groups: int = 1,
        bias: bool = True,
        activation: str = "linear",
        name: str = "",
        at: int | None = None,
    ) -> int:
        """A convolution; `pad` is the zeros on each side, or "same" as TensorFlow has it."""
        source = self._source(at)
        height, width, channels = self.layers[source].output
        pads = tuple(_pads(side, kernel, stride, pad) for side in (height, width))
        output = (*self._places((height, width), kernel, stride, pads), filters)
        weights = [(kernel, kernel, channels // groups, filters)] + [(filters,)] * bias
        return self._add(
            Layer("Conv2D", name, (source,), output, tuple(weights), kernel, stride, pads, groups, activation)
        )

    def pool(
        self,
        kind: str,
        window: int,
        stride: int,
        *,
        pad: int | str = 0,
        name: str = "",
        at: int | None = None,
    ) -> int:
        """Pooling, kind "max" or "average"; padding never wins a maximum."""
        source = self._source(at)
        *sides, channels = self.layers[source].output
        pads = tuple(_pads(side, window, stride, pad) for side in sides)
        output = (*self._places(sides, window, stride, pads), channels)
        title = {"max": "MaxPooling2D", "average": "AveragePooling2D"}[kind]
        return self._add(Layer(title, name, (source,), output, (), window, stride, pads))

    def norm(self, *, name: str = "", at: int | None = None) -> int:
        """Batch normalisation: gamma, beta, moving mean, moving variance."""
        source = self._source(at)
        output = self.layers[source].output
        return self._add(Layer("BatchNormalization", name, (source,), output, ((output[-1],),) * 4))

    def activation(self, function: str, *, name: str = "", at: int | None = None) -> int:
        """An activation by itself."""
        source = self._source(at)
        return self._add(Layer("Activation", name, (source,), self.layers[source].output, activation=function))

    def add(self, first: int, second: int, *, name: str = "") -> int:
        """The sum of two layers' outputs."""
        shapes = {self.layers[number].output for number in (first, second)}
        if len(shapes) != 1:
            raise ValueError(f"Layers of the shapes {shapes} cannot be added.")
        return self._add(Layer("Add", name, (first, second), *shapes))

    def shortcut_padding(self, maps: int, stride: int, *, at: int, before: int = 0) -> int:
        """Shortcut A: every `stride`-th pixel, and zeros for the maps that are new, `before` of them in front."""
        height, width, _ = self.layers[at].output
        output = (-(-height // stride), -(-width // stride), maps)
        return self._add(Layer("ShortcutPadding", "", (at,), output, stride=stride, constants=(before,)))

    def flatten(self, *, name: str = "") -> int:
        """Rows, columns and maps in one row of numbers."""
        output = (int(np.prod(self.layers[-1].output)),)
        return self._add(Layer("Flatten", name, (self.last,), output))

    def global_average(self, *, name: str = "") -> int:
        """One mean for each map."""
        return self._add(Layer("GlobalAveragePooling2D", name, (self.last,), self.layers[-1].output[-1:]))

    def response_norm(self, *, n: int, k: float, alpha: float, beta: float, name: str = "") -> int:
        """Local response normalisation over n neighbouring maps (Krizhevsky et al. 2012, section 3.3)."""
        output, constants = self.layers[-1].output, (k, alpha, beta)
        return self._add(Layer("LRN", name, (self.last,), output, kernel=n, constants=constants))

    def dense(self, units: int, *, activation: str = "linear", name: str = "") -> int:
        """A fully connected layer."""
        (inputs,) = self.layers[-1].output
        weights = ((inputs, units), (units,))
        return self._add(Layer("Dense", name, (self.last,), (units,), weights, activation=activation))

    def _add(self, layer: Layer) -> int:
        if min(layer.output) < 1:
            raise ValueError(f"{layer.name or layer.kind}: nothing is left, shape {layer.output}.")
        self.layers.append(layer)
        return self.last

    def _source(self, at: int | None) -> int:
        return self.last if at is None else at

    @staticmethod
    def _places(sides: Sequence[int], kernel: int, stride: int, pads: Pads) -> tuple[int, ...]:
        return tuple((side + sum(pad) - kernel) // stride + 1 for side, pad in zip(sides, pads, strict=True))

    # ---- what can be counted ----

    @property
    def parameters(self) -> int:
        """Numbers in all weights, trainable or not, as Keras' count_params()."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def trainable(self) -> int:
        """Parameters without the moving means and variances of batch normalisation."""
        halves = sum(layer.parameters // 2 for layer in self.layers if layer.kind == "BatchNormalization")
        return self.parameters - halves

    def multiply_adds(self) -> list[int]:
        """Of each layer, for one image; biases and batch normalisation are not counted."""
        return [self._multiply_adds(layer) for layer in self.layers]

    def _multiply_adds(self, layer: Layer) -> int:
        if layer.kind == "Conv2D":
            return int(np.prod(layer.output[:2])) * int(np.prod(layer.weights[0]))
        return int(np.prod(layer.weights[0])) if layer.kind == "Dense" else 0

    def receptive_fields(self) -> list[int | None]:
        """Side of the square of pixels that one output of each layer sees; None after flattening.

        Where two ways meet, the larger field counts.
        """
        fields: list[int | None] = []
        jumps: list[int] = []
        for layer in self.layers:
            before = [fields[source] for source in layer.inputs]
            jump = max((jumps[source] for source in layer.inputs), default=1)
            whole = len(layer.output) == 1 or None in before
            grown = (layer.kernel - 1) * jump if layer.kernel and layer.kind != "LRN" else 0
            fields.append(None if whole else max(before, default=1) + grown)
            jumps.append(jump * layer.stride)
        return fields

    # ---- weights and outputs ----

    def order(self) -> list[int]:
        """Numbers of the layers with weights, in the order in which a model's handle takes them."""
        return graph_order(
            [(layer.kind, layer.weights, (layer.stride, layer.stride), layer.inputs) for layer in self.layers]
        )

    def drawn_weights(self, draw: Draw, images: np.ndarray | None = None) -> list[np.ndarray]:
        """Secret weights: 1,999 drawn numbers, over and over, scaled so that nothing fades out or saturates.

        Batch normalisation gets moving means and variances near those of some images, and the scores before
        a softmax are about as large as 1.

        Args:
            draw: Where the numbers come from.
            images: What the network will be shown; None draws two. A deep network without shortcuts needs them:
                what suits other images may saturate it.
        """
        numbers, start = draw.array(1999, -100, 100) / 100, 0
        own: dict[int, list[np.ndarray]] = {}
        for number in self.order():
            layer, own[number] = self.layers[number], []
            for place, shape in enumerate(layer.weights):
                size = int(np.prod(shape))
                values = np.take(numbers, np.arange(start, start + size), mode="wrap").reshape(shape)
                own[number].append(_scaled(layer, place, values))
                start += size
        if images is None:
            images = np.resize(draw.array(1999, 0, 100) / 100, (2, *self.shape))
        self._run(own, images, fit=True)
        return [array.astype(np.float32) for arrays in own.values() for array in arrays]

    def outputs(
        self, weights: Sequence[np.ndarray], images: np.ndarray, *, batch_statistics: bool = False
    ) -> np.ndarray:
        """What the network gives, in inference mode.

        Args:
            weights: By graph position, as `drawn_weights` makes them.
            images: Shape (batch, height, width, channels).
            batch_statistics: Normalise with the batch's own means and variances, as in training.
        """
        arrays = iter(weights)
        own = {
            number: [np.asarray(next(arrays), dtype=np.float64) for _ in self.layers[number].weights]
            for number in self.order()
        }
        return self._run(own, images, batch_statistics=batch_statistics)

    def _run(
        self,
        own: dict[int, list[np.ndarray]],
        images: np.ndarray,
        *,
        fit: bool = False,
        batch_statistics: bool = False,
    ) -> np.ndarray:
        """The last layer's outputs; `fit` first scales some weights in `own` to what arrives at their layer."""
        values: list[np.ndarray] = [np.asarray(images, dtype=np.float64)]
        for number, layer in enumerate(self.layers[1:], start=1):
            inputs, weights = [values[source] for source in layer.inputs], own.get(number, [])
            if fit:
                _fit(layer, inputs[0], weights)
            if batch_statistics and layer.kind == "BatchNormalization":
                axes = tuple(range(inputs[0].ndim - 1))
                weights = [*weights[:2], inputs[0].mean(axis=axes), inputs[0].var(axis=axes)]
            values.append(ACTIVATIONS[layer.activation](_RUN[layer.kind](layer, inputs, weights)))
        return values[-1]


def _pads(side: int, kernel: int, stride: int, pad: int | str) -> tuple[int, int]:
    if pad != "same":
        return int(pad), int(pad)
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2


def _scaled(layer: Layer, place: int, values: np.ndarray) -> np.ndarray:
    """Numbers from -1 to 1 as a kernel, a bias, or one of batch normalisation's four."""
    if layer.kind == "BatchNormalization":
        return (1 + 0.4 * values, 0.3 * values, 0.2 * values, 1 + 0.5 * values)[place]  # gamma never changes sign
    if place:
        return 0.3 * values
    return values * np.sqrt(6 / np.prod(values.shape[:-1]))


def _fit(layer: Layer, x: np.ndarray, weights: list[np.ndarray]) -> None:
    """Scale a layer's weights in place to its inputs."""
    if layer.kind == "BatchNormalization":
        spread = x.std(axis=tuple(range(x.ndim - 1))) + 1e-2
        weights[2] = x.mean(axis=tuple(range(x.ndim - 1))) + weights[2] * spread
        weights[3] = weights[3] * spread**2
    if layer.activation == "softmax" and weights:
        weights[0] = weights[0] / ((x @ weights[0]).std() + 1e-9)


def _softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


ACTIVATIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0.0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softmax": _softmax,
}


def _windows(layer: Layer, x: np.ndarray, fill: float = 0.0) -> np.ndarray:
    """Shape (batch, rows, columns, channels, window, window)."""
    padded = np.pad(x, ((0, 0), *layer.pads, (0, 0)), constant_values=fill)
    views = np.lib.stride_tricks.sliding_window_view(padded, (layer.kernel, layer.kernel), axis=(1, 2))
    return views[:, :: layer.stride, :: layer.stride]


def _conv(layer: Layer, inputs: list[np.ndarray], weights: list[np.ndarray]) -> np.ndarray:
    windows, kernel = _windows(layer, inputs[0]), weights[0]
    size, filters = kernel.shape[2], kernel.shape[3] // layer.groups
    made = [
        np.tensordot(
            windows[..., group * size : (group + 1) * size, :, :],
            kernel[..., group * filters : (group + 1) * filters],
            axes=((3, 4, 5), (2, 0, 1)),
        )
        for group in range(layer.groups)
    ]
    return np.concatenate(made, axis=-1) + (weights[1] if len(weights) > 1 else 0.0)


def _max(layer: Layer, inputs: list[np.ndarray], weights: list[np.ndarray]) -> np.ndarray:
    return _windows(layer, inputs[0], -np.inf).max(axis=(4, 5))


def _average(layer: Layer, inputs: list[np.ndarray], weights: list[np.ndarray]) -> np.ndarray:
    """Padding counts neither in the sum nor in the number, as in TensorFlow."""
    ones = _windows(layer, np.ones_like(inputs[0])).sum(axis=(4, 5))
    return _windows(layer, inputs[0]).sum(axis=(4, 5)) / ones


def _norm(layer: Layer, inputs: list[np.ndarray], weights: list[np.ndarray]) -> np.ndarray:
    gamma, beta, mean, variance = weights
    return (inputs[0] - mean) / np.sqrt(variance + 1e-3) * gamma + beta  # Keras' epsilon


def _response_norm(layer: Layer, inputs: list[np.ndarray], weights: list[np.ndarray]) -> np.ndarray:
    (k, alpha, beta), x, half = layer.constants, inputs[0], layer.kernel // 2
    padded = np.pad(x**2, ((0, 0), (0, 0), (0, 0), (half, half)))
    sums = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=3).sum(-1)
    return x / (k + alpha * sums) ** beta


def _shortcut(layer: Layer, inputs: list[np.ndarray], weights: list[np.ndarray]) -> np.ndarray:
    picked = inputs[0][:, :: layer.stride, :: layer.stride]
    before, fresh = int(layer.constants[0]), layer.output[-1] - picked.shape[-1]
    return np.pad(picked, ((0, 0), (0, 0), (0, 0), (before, fresh - before)))


def _dense(layer: Layer, inputs: list[np.ndarray], weights: list[np.ndarray]) -> np.ndarray:
    return inputs[0] @ weights[0] + weights[1]


_RUN: Mapping[str, Callable[..., np.ndarray]] = {
    "Conv2D": _conv,
    "MaxPooling2D": _max,
    "AveragePooling2D": _average,
    "BatchNormalization": _norm,
    "LRN": _response_norm,
    "ShortcutPadding": _shortcut,
    "Dense": _dense,
    "Activation": lambda layer, inputs, weights: inputs[0],
    "Add": lambda layer, inputs, weights: inputs[0] + inputs[1],
    "Flatten": lambda layer, inputs, weights: inputs[0].reshape(len(inputs[0]), -1),
    "GlobalAveragePooling2D": lambda layer, inputs, weights: inputs[0].mean(axis=(1, 2)),
}
