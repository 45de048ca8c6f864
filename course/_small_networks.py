"""Small networks in NumPy, for measuring what an output sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

CHANNELS = 3  # between the layers
OPEN = 0.3  # share of the ReLUs that let something through on a random image
Network = Callable[[Any], np.ndarray]
Layer = tuple[Any, ...]


def network(layers: Sequence[Layer], seed: int = 0) -> Network:
    """A network of convolutions with drawn weights, biases, and a ReLU between two of them.

    Each layer is `("conv", (k_h, k_w), s, p, d)`: sides of the kernel, stride, padding on each side, dilation
    (1 means no gap), or `("pool", (k_h, k_w), s)`: the largest of each window. Between the layers there are three
    channels. On images with values from 0 to 1, at random, about 3 of 10 ReLUs are open. On an evenly grey
    image, black and white among them, nearly all are shut.

    Args:
        layers: From input to output, at least one convolution.
        seed: Other weights for another seed.

    Returns:
        A function from images of shape (batch, height, width, 1) to maps of shape (batch, height, width, 1).
    """
    random = np.random.default_rng(seed)
    probe = random.random((16, 40, 40, 1))
    steps: list[Callable[[np.ndarray], np.ndarray]] = []
    last = max(number for number, layer in enumerate(layers) if layer[0] == "conv")
    for number, layer in enumerate(layers):
        if layer[0] == "conv":
            weights = _weights(random, (*layer[1], probe.shape[-1], CHANNELS))
            linear = _convolution(weights, *layer[2:])
            bias = -np.quantile(linear(probe), 1 - OPEN, axis=(0, 1, 2))
            step = _with_bias(linear, bias, relu=number != last)
        else:
            step = _pooling(*layer[1:])
        steps.append(step)
        probe = step(probe)

    def run(images: Any) -> np.ndarray:
        maps = np.asarray(images, dtype=float)
        if maps.ndim != 4 or maps.shape[3] != 1:
            raise ValueError(f"Expected images of shape (batch, height, width, 1). Received {maps.shape}.")
        for step in steps:
            maps = step(maps)
        return maps @ np.array([[1.0], [7.0], [49.0]])  # of weights from −3 to 3 none cancels another

    return run


def _weights(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Whole numbers without zero; the sum over each filter is 0, so that an evenly grey image opens no ReLU."""
    weights = np.zeros(shape)
    for filter in range(shape[-1]):
        while True:
            drawn = random.integers(1, 4, shape[:-1]) * random.choice([1, -1], shape[:-1])
            if drawn.sum() == 0 or drawn.size == 1:
                break
        weights[..., filter] = drawn
    return weights


def _windows(maps: np.ndarray, k: tuple[int, int], s: int, d: int) -> list[np.ndarray]:
    """For each place in the kernel, row by row, what it reads at all places of the output."""
    height, width = ((side - (taps - 1) * d - 1) // s + 1 for side, taps in zip(maps.shape[1:3], k, strict=True))
    if min(height, width) < 1:
        raise ValueError(f"A {k[0]}×{k[1]} window with dilation {d} does not fit into {maps.shape[1:3]} pixels.")
    return [
        maps[:, a * d : a * d + (height - 1) * s + 1 : s, b * d : b * d + (width - 1) * s + 1 : s]
        for a in range(k[0])
        for b in range(k[1])
    ]


def _convolution(weights: np.ndarray, s: int, p: int, d: int) -> Callable[[np.ndarray], np.ndarray]:
    k = weights.shape[:2]
    taps = weights.reshape(-1, *weights.shape[2:])

    def run(maps: np.ndarray) -> np.ndarray:
        padded = np.pad(maps, ((0, 0), (p, p), (p, p), (0, 0))) if p else maps
        return sum(window @ tap for window, tap in zip(_windows(padded, k, s, d), taps, strict=True))

    return run


def _with_bias(
    linear: Callable[[np.ndarray], np.ndarray], bias: np.ndarray, *, relu: bool
) -> Callable[[np.ndarray], np.ndarray]:
    def run(maps: np.ndarray) -> np.ndarray:
        values = linear(maps) + bias
        return np.maximum(values, 0.0) if relu else values

    return run


def _pooling(k: tuple[int, int], s: int) -> Callable[[np.ndarray], np.ndarray]:
    def run(maps: np.ndarray) -> np.ndarray:
        return np.max(_windows(maps, k, s, 1), axis=0)

    return run
