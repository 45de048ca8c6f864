"""What the sections "The full size, on a GPU" share: how much to train, on which images, seen how.

With a GPU the whole set is trained on; without one a few steps on shipped images show that the code runs.
This module imports Keras.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from course import datasets, device

with device.quiet():
    import keras

SIDE = 32  # of the images in pixels: smaller ones get a frame of zeros


@dataclass(frozen=True)
class Setting:
    """How much one training is to do.

    Args:
        gpu: Whether TensorFlow sees a GPU.
        images: How many training images are used, None for all.
        epochs: Passes over them.
        batch: Images in one step.
        jit: Whether XLA compiles the step (`jit_compile`): it takes a minute and pays in a long training.
    """

    gpu: bool
    images: int | None
    epochs: int
    batch: int
    jit: bool


def setting(gpu: bool | None = None) -> Setting:
    """What suits this machine: the real training on a GPU, three steps of 32 images without one.

    Args:
        gpu: Pretend that there is one, or none; None looks.
    """
    if gpu is None:
        gpu = device.has_gpu()
    if gpu:
        return Setting(gpu=True, images=None, epochs=60, batch=128, jit=True)
    return Setting(gpu=False, images=96, epochs=1, batch=32, jit=False)


def data(chosen: Setting, name: str = "cifar10", small: str = "fashion_mnist") -> datasets.Dataset:
    """Images of 32×32 pixels for a setting, shape (count, 32, 32, channels), uint8.

    Args:
        chosen: On a GPU the full set is fetched; without one the first images that ship are taken.
        name: The full set, "mnist", "fashion_mnist" or "cifar10".
        small: What ships and stands in for it, without a GPU or without a connection.
    """
    found = None
    if chosen.gpu:
        try:
            found = datasets.load(name, full=True)
        except OSError as error:
            print(f"{error}\nSo the small set is taken.")
    found = datasets.load(small) if found is None else found
    tests = None if chosen.images is None else chosen.images
    return replace(
        found,
        x_train=_framed(found.x_train[: chosen.images]),
        y_train=found.y_train[: chosen.images],
        x_test=_framed(found.x_test[:tests]),
        y_test=found.y_test[:tests],
    )


def _framed(images: np.ndarray) -> np.ndarray:
    """Images with a channel axis, in a frame of zeros where they are smaller than 32×32."""
    images = images if images.ndim == 4 else images[..., None]
    frames = [((SIDE - side) // 2, SIDE - side - (SIDE - side) // 2) for side in images.shape[1:3]]
    return np.pad(images, ((0, 0), *frames, (0, 0)))


class Augmented(keras.utils.PyDataset):
    """Batches of images, shuffled in each epoch, some mirrored, each moved a little; for `model.fit`.

    The same seed gives the same batches in every epoch of every run, whatever the number of workers. Images that
    do not fill the last batch wait for another epoch, so that all steps have one shape and XLA compiles once.

    Args:
        images: Shape (count, height, width, channels). They come out as float32, their values as they are.
        labels: Shape (count, ...).
        batch: Images in one step.
        seed: Of the order, the flips and the shifts.
        flips: Mirror half of the images left to right. Leave it out for digits and letters.
        shift: Largest shift in pixels, up, down, left or right; zeros come in.
        options: `workers`, `use_multiprocessing` and `max_queue_size`, for Keras.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        batch: int,
        seed: int,
        flips: bool = True,
        shift: int = 4,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if len(images) != len(labels) or not len(images):
            raise ValueError(f"Expected as many labels as images. Received {len(labels)} and {len(images)}.")
        if np.ndim(images) != 4:
            raise ValueError(f"Expected shape (count, height, width, channels). Received {np.shape(images)}.")
        self._images, self._labels = np.asarray(images), np.asarray(labels)
        self._batch, self._seed, self._epoch = min(batch, len(images)), seed, 0
        self._flips, self._shift = flips, shift

    def __len__(self) -> int:
        """Steps in one epoch."""
        return math.floor(len(self._images) / self._batch)

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Images and labels of one step."""
        order = np.random.default_rng([self._seed, self._epoch]).permutation(len(self._images))
        chosen = order[step * self._batch : (step + 1) * self._batch]
        random = np.random.default_rng([self._seed, self._epoch, step])
        return self._moved(self._images[chosen].astype(np.float32), random), self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Keras calls this: the next epoch has another order, other flips and other shifts."""
        self._epoch += 1

    def _moved(self, images: np.ndarray, random: np.random.Generator) -> np.ndarray:
        if self._flips:
            mirrored = random.random(len(images)) < 0.5
            images[mirrored] = images[mirrored, :, ::-1]
        if not self._shift:
            return images
        border, (height, width) = self._shift, images.shape[1:3]
        padded = np.pad(images, ((0, 0), (border, border), (border, border), (0, 0)))
        starts = random.integers(0, 2 * border + 1, (len(images), 2))
        moved = [image[y : y + height, x : x + width] for image, (y, x) in zip(padded, starts, strict=True)]
        return np.stack(moved)
