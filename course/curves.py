"""Learning curves of real trainings, recorded once: the runs of lab 14.

`python -m course.curves` makes the file again (about two minutes). Curves differ a little from machine to machine;
what is wrong in each of them does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from course import device
from course.draws.lab14 import FAULTS, VARIANTS, fault_of, variant_of
from course.shapes import coloured_shapes

__all__ = ["EPOCHS", "GUESSING", "LINES", "learning_curves", "record"]

FILE = Path(__file__).parent / "data" / "learning_curves.npz"
LINES = ("training", "validation", "new pictures")
EPOCHS, SIDE, CLASSES = 20, 20, 6
BATCH, HELD_OUT, NEW = 16, 300, 600  # pictures
GUESSING = float(np.log(CLASSES))  # the loss of equal shares
HIGHEST = 4.0  # losses above it are drawn there


@dataclass(frozen=True)
class Setting:
    """How a run was made.

    Args:
        images: Training pictures.
        rate: Adam's learning rate.
        maps: Of the first convolution; the second has twice as many, the hidden layer four times.
        augmented: Whether the pictures are mirrored and moved, others in each epoch.
        leak: Whether the validation pictures are training pictures.
        disorder: Whether the labels of the training pictures are shuffled.
    """

    images: int = 160
    rate: float = 3e-3
    maps: int = 12
    augmented: bool = False
    leak: bool = False
    disorder: bool = False


SETTINGS = {
    "healthy": Setting(images=800, rate=1e-3, augmented=True),
    "overfits": Setting(),
    "underfits": Setting(images=800, maps=1, rate=1e-2, augmented=True),
    "rate high": Setting(images=400, rate=0.15, augmented=True),
    "rate low": Setting(images=400, rate=2e-4, augmented=True),
    "leak": Setting(leak=True),
    "labels": Setting(rate=2e-3, disorder=True),
}


def learning_curves(number: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The losses of one run after each epoch, on its training and validation pictures and on new ones.

    The new pictures were looked at afterwards, with the weights of each epoch; nobody has them while training.

    Args:
        number: Of the run, any whole number.

    Returns:
        Name of a line -> (epochs from 1, losses in nats); losses above 4 are given as 4.
    """
    losses = _recorded()[FAULTS.index(fault_of(number)), variant_of(number)]
    epochs = np.arange(1, EPOCHS + 1)
    return {name: (epochs, np.minimum(line, HIGHEST)) for name, line in zip(LINES, losses, strict=True)}


@cache
def _recorded() -> np.ndarray:
    """Shape (kinds, variants, lines, epochs)."""
    with np.load(FILE, allow_pickle=False) as arrays:
        return arrays["losses"].astype(float)


def _augmented(images: np.ndarray, random: np.random.Generator, reach: int = 2) -> np.ndarray:
    """Each picture mirrored or not, and moved by at most `reach` pixels; its border goes on outside."""
    height, width = images.shape[1:3]
    wide = np.pad(images, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="edge")
    places = random.integers(0, 2 * reach + 1, (len(images), 2))
    made = np.stack([image[y : y + height, x : x + width] for image, (y, x) in zip(wide, places, strict=True)])
    mirrored = random.random(len(images)) < 0.5
    made[mirrored] = made[mirrored, :, ::-1]
    return made


def record(fault: str, variant: int) -> np.ndarray:
    """Train one run again, and return its losses, shape (lines, epochs).

    Args:
        fault: A key of `SETTINGS`.
        variant: From 0; another one has other pictures and other weights to begin with.
    """
    setting, seed = SETTINGS[fault], 1000 + 100 * FAULTS.index(fault) + variant
    random = np.random.default_rng(seed)
    x, y = coloured_shapes(setting.images, seed, side=SIDE)
    validation = (x, y) if setting.leak else coloured_shapes(HELD_OUT, seed + 50_000, side=SIDE)
    new = coloured_shapes(NEW, seed + 90_000, side=SIDE)
    if setting.disorder:
        y = random.permutation(y)
    model = _model(setting, seed)
    losses = np.empty((len(LINES), EPOCHS))
    for epoch in range(EPOCHS):
        shown, order = _augmented(x, random) if setting.augmented else x, random.permutation(len(x))
        parts = [order[start : start + BATCH] for start in range(0, len(x), BATCH)]
        steps = [_loss(model, model.train_on_batch, shown[part], y[part]) for part in parts]
        others = [_loss(model, model.test_on_batch, *pictures) for pictures in (validation, new)]
        losses[:, epoch] = [np.mean(steps), *others]
    return losses


def _loss(model: Any, step: Callable[..., dict[str, float]], x: np.ndarray, y: np.ndarray) -> float:
    """The mean loss of one batch."""
    model.reset_metrics()
    return float(step(x, y, return_dict=True)["loss"])


def _model(setting: Setting, seed: int) -> Any:
    with device.quiet():
        import keras
    layers, maps = keras.layers, setting.maps
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Rescaling(1 / 127.5, offset=-1)])
    for filters in (maps, 2 * maps):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(4 * maps, activation="relu"))
    model.add(layers.Dense(CLASSES, activation="softmax"))
    model.compile(keras.optimizers.Adam(setting.rate), "sparse_categorical_crossentropy")
    return model


def main() -> None:
    """Record every run and write the file."""
    losses = np.array([[record(fault, variant) for variant in range(VARIANTS)] for fault in FAULTS])
    np.savez_compressed(FILE, losses=np.round(losses, 3).astype(np.float32), faults=np.array(FAULTS))


if __name__ == "__main__":
    main()
