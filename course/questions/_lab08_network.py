"""Lab 08: the network that learners train, in another way, and what mistakes in its training give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.check import Given
from course.questions._lab08_layers import reads

Weights = dict[str, np.ndarray]


def _window_stack(maps: np.ndarray) -> np.ndarray:
    """The windows of side 3 at stride 2, their nine pixels along the last axis; shape (n, 3, 3, maps, 9)."""
    steps = range(3)
    return np.stack([maps[:, a : a + 5 : 2, b : b + 5 : 2] for a in steps for b in steps], axis=-1)


READS = reads(14, 3, 2, 1)  # which output reads which pixel with which weight, down as across


def scores(weights: Mapping[str, np.ndarray], images: np.ndarray) -> np.ndarray:
    """What the network says of images of shape (n, 14, 14, 1): ten scores each."""
    z = np.einsum("iar,jbs,nrsc,abck->nijk", READS, READS, images, weights["W1"], optimize=True) + weights["b1"]
    pooled = _window_stack(np.maximum(z, 0.0)).max(axis=-1)
    return pooled.reshape(len(images), -1) @ weights["W2"] + weights["b2"]


def network_gradients(
    weights: Mapping[str, np.ndarray],
    images: np.ndarray,
    labels: np.ndarray,
    *,
    relu: bool = True,
    bent: bool = True,
    early: float = 0.0,
) -> Weights:
    """Gradients of the mean cross-entropy by all four arrays.

    Three options make mistakes: no ReLU backwards, no ReLU forwards, and a W2 that has made its step, of the rate
    `early`, before the gradient goes back through it.
    """
    z = np.einsum("iar,jbs,nrsc,abck->nijk", READS, READS, images, weights["W1"], optimize=True) + weights["b1"]
    windows = _window_stack(np.maximum(z, 0.0) if bent else z)
    largest = windows.argmax(axis=-1)
    flat = windows.max(axis=-1).reshape(len(images), -1)
    said = flat @ weights["W2"] + weights["b2"]
    powers = np.exp(said - said.max(axis=1, keepdims=True))
    error = (powers / powers.sum(axis=1, keepdims=True) - np.eye(10)[labels]) / len(images)
    last = flat.T @ error
    back = (error @ (weights["W2"] - early * last).T).reshape(largest.shape)
    dz = np.zeros(z.shape)
    n, i, j, k = np.indices(largest.shape)
    np.add.at(dz, (n, 2 * i + largest // 3, 2 * j + largest % 3, k), back)
    dz = dz * (z > 0) if relu else dz
    dw = np.einsum("nijk,iar,jbs,nrsc->abck", dz, READS, READS, images, optimize=True)
    return {"W1": dw, "b1": dz.sum(axis=(0, 1, 2)), "W2": last, "b2": error.sum(axis=0)}


def descent(
    weights: Weights, images: np.ndarray, labels: np.ndarray, steps: int, rate: float, *,
    change: Callable[[Weights], Weights] = lambda gradients: gradients, singly: bool = False, once: bool = False,
    **mistaken: Any,
) -> Weights:  # fmt: skip
    """Gradient descent; the options make common mistakes."""
    parts = [slice(k, k + 1) for k in range(len(images))] if singly else [slice(None)]
    gradients: Weights = {}
    for _ in range(steps):
        for part in parts:
            if not (once and gradients):
                gradients = change(network_gradients(weights, images[part], labels[part], **mistaken))
            weights = {name: weights[name] - rate * gradients[name] for name in weights}
    return weights


def _without(*names: str) -> Callable[[Weights], Weights]:
    return lambda gradients: {name: 0 * value if name in names else value for name, value in gradients.items()}


def _times(factor: float) -> Callable[[Weights], Weights]:
    return lambda gradients: {name: factor * value for name, value in gradients.items()}


def train_mistakes(start: Given, images: Given, labels: np.ndarray, steps: int, rate: float) -> dict[str, Weights]:
    """The weights that each mistake ends with."""
    begin, pixels = start.make(), images.make()

    def after(steps: int = steps, rate: float = rate, **options: Any) -> Weights:
        return descent(begin, pixels, labels, steps, rate, **options)

    return {
        "The weights are those that came in: return the new ones.": begin,
        "Uphill: subtract rate times gradient, do not add it.": after(change=_times(-1.0)),
        "The sum of the losses is followed: here the loss is the mean over the images.": after(
            change=_times(len(labels))
        ),
        "The rate is not used.": after(rate=1.0),
        "One step is missing.": after(steps - 1),
        "One step too many.": after(steps + 1),
        "There is one step, whatever `steps` says.": after(1),
        "The gradients are computed once: compute them anew in each step, with the new weights.": after(once=True),
        "The convolution is not trained: W1 and b1 have gradients too.": after(change=_without("W1", "b1")),
        "The last layer is not trained: W2 and b2 have gradients too.": after(change=_without("W2", "b2")),
        "The biases are not trained: b1 and b2 have gradients too.": after(change=_without("b1", "b2")),
        "relu_backward is left out on the way back to the convolution.": after(relu=False),
        "The ReLU is left out on the way forward: it follows the convolution.": after(bent=False),
        "The ReLU is left out on both ways: it follows the convolution.": after(bent=False, relu=False),
        "W2 makes its step too early: compute all gradients with the old weights first.": after(early=rate),
        "Every image makes a step of its own: take all of them at once.": after(singly=True),
    }
