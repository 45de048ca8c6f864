"""Small Keras networks with drawn weights, for looking inside: plans, weights, models.

Only `built` imports Keras. The checks run the same plans and weights in NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# One layer each, from the input on: ("conv", name, filters, side, stride), ReLU, no padding;
# ("max" or "average", name, side), windows side by side; ("means", name), one mean for each map;
# ("flatten", name); ("dense", name, units), no activation; ("softmax", name).
PLANS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "one convolution": (
        ("conv", "conv1", 4, 3, 1),
        ("max", "pool1", 2),
        ("flatten", "flat"),
        ("dense", "logits", 3),
        ("softmax", "shares"),
    ),
    "two convolutions": (
        ("conv", "conv1", 4, 3, 1),
        ("average", "pool1", 2),
        ("conv", "conv2", 5, 2, 1),
        ("flatten", "flat"),
        ("dense", "logits", 4),
        ("softmax", "shares"),
    ),
    "three convolutions": (
        ("conv", "conv1", 3, 3, 1),
        ("conv", "conv2", 4, 3, 2),
        ("conv", "conv3", 6, 2, 1),
        ("means", "means"),
        ("dense", "logits", 5),
        ("softmax", "shares"),
    ),
}
Shape = tuple[int, int, int]


def shapes(plan: str, shape: Shape) -> list[tuple[int, ...]]:
    """Shape of the input and of every layer's output, without the batch.

    Raises:
        ValueError: If there is no such plan, or the images are too small for it.
    """
    if plan not in PLANS:
        raise ValueError(f"No plan {plan!r}. There are: {', '.join(PLANS)}.")
    found: list[tuple[int, ...]] = [tuple(shape)]
    for kind, _, *numbers in PLANS[plan]:
        before = found[-1]
        if kind == "conv":
            filters, side, stride = numbers
            after = (*((n - side) // stride + 1 for n in before[:2]), filters)
        elif kind in ("max", "average"):
            after = (before[0] // numbers[0], before[1] // numbers[0], before[2])
        else:
            after = {
                "means": before[-1:],
                "flatten": (int(np.prod(before)),),
                "dense": tuple(numbers),
                "softmax": before,
            }[kind]
        if min(after) < 1:
            raise ValueError(f"Images of shape {tuple(shape)} are too small for the plan {plan!r}.")
        found.append(after)
    return found


def weights(plan: str, shape: Shape, seed: int) -> list[np.ndarray]:
    """Kernels and biases from the input on, float32, in Keras' shapes; the same for one seed.

    Args:
        plan: One of `PLANS`.
        shape: Of one image.
        seed: Another seed gives other weights.
    """
    random, sides = np.random.default_rng(seed), shapes(plan, shape)
    made: list[np.ndarray] = []
    for before, (kind, _, *numbers) in zip(sides, PLANS[plan], strict=False):
        if kind not in ("conv", "dense"):
            continue
        size = (numbers[1], numbers[1], before[-1], numbers[0]) if kind == "conv" else (before[0], numbers[0])
        spread = np.sqrt(2 / np.prod(size[:-1])) * (1.0 if kind == "conv" else 3.0)  # shares from .02 to .9
        made.append(random.normal(scale=spread, size=size).astype(np.float32))
        made.append(random.uniform(0.02, 0.2, size[-1]).astype(np.float32))
    return made


def built(plan: str, shape: Shape, seed: int) -> Any:
    """The plan as a functional Keras model with these weights."""
    from course.device import quiet

    with quiet():
        import keras
    inputs = values = keras.Input(shape)
    for row in PLANS[plan]:
        values = _layer(keras.layers, *row)(values)
    model = keras.Model(inputs, values)
    model.set_weights(weights(plan, shape, seed))
    return model


def _layer(layers: Any, kind: str, name: str, *numbers: int) -> Any:
    if kind == "conv":
        filters, side, stride = numbers
        return layers.Conv2D(filters, side, strides=stride, activation="relu", name=name)
    if kind == "dense":
        return layers.Dense(numbers[0], name=name)
    if kind in ("max", "average"):
        return (layers.MaxPooling2D if kind == "max" else layers.AveragePooling2D)(numbers[0], name=name)
    return {"means": layers.GlobalAveragePooling2D, "flatten": layers.Flatten, "softmax": layers.Softmax}[kind](
        name=name
    )


def kernel(shape: tuple[int, int, int, int], seed: int) -> np.ndarray:
    """Weights of a convolution, shape (k_h, k_w, c_in, filters), whole eighths, each filter about its own mean.

    The last filter of every third seed has weights that are all equal.
    """
    random = np.random.default_rng(seed)
    middle, reach = random.integers(-16, 17, shape[-1]), random.integers(3, 25, shape[-1])
    weights = middle + np.rint(random.uniform(-1, 1, shape) * reach)
    if seed % 3 == 0:
        weights[..., -1] = 5
    return (weights / 8).astype(np.float32)
