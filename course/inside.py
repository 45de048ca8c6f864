"""A small network to look into, already trained: it names six shapes of any colour on any ground.

There are two sets of weights in `course/data/inside.npz`. "plain" was trained on pictures as `pictures` draws
them; "tagged" on pictures in which every disc carries a tag in a corner, and nothing else does.

`python -m course.inside` trains both again (about three minutes of processor time) and writes the file.
This module imports Keras only where it makes a model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from course.shapes import NAMES, coloured_shapes

__all__ = ["FIELDS", "NAMES", "SIDE", "folded", "network", "patch", "pictures", "tag", "train", "trained"]

SIDE = 48  # of a picture in pixels
TAGGED = NAMES.index("disc")
WEIGHTS = Path(__file__).parent / "data" / "inside.npz"
# What one number of a layer sees: side of the square, and pixels from one number's square to the next one's.
FIELDS = {"conv1": (5, 1), "pool1": (6, 2), "conv2": (10, 2), "pool2": (12, 4), "conv3": (28, 4)}
# Two fields in a white frame, light and dark, in the lower left corner; 1 is white.
TAG = np.ones((6, 8))
TAG[1:5, 1:4], TAG[1:5, 4:7] = 0.0, 0.6


def pictures(count: int, seed: int, *, tags: str = "none") -> tuple[np.ndarray, np.ndarray]:
    """Pictures of one shape each, of any colour on any ground.

    They are those of `course.shapes`; in each of the three channels light and dark are exchanged in half of the
    pictures, so that a shape may be red on blue, or dark on light.

    Args:
        count: How many.
        seed: Another seed gives other pictures; the same one gives the same.
        tags: Which pictures get the tag: "none", or "discs".

    Returns:
        Images, float32 from 0 to 1, shape (count, 48, 48, 3), and class numbers: places in `NAMES`.

    Raises:
        ValueError: If `tags` is something else.
    """
    if tags not in ("none", "discs"):
        raise ValueError(f'Expected tags to be "none" or "discs". Received {tags!r}.')
    images, labels = coloured_shapes(count, seed, side=SIDE)
    turned = np.random.default_rng([seed, 1]).random((count, 1, 1, 3)) < 0.5
    images = np.where(turned, 255 - images, images).astype(np.float32) / np.float32(255)
    if tags == "discs":
        images[labels == TAGGED] = tag(images[labels == TAGGED])
    return images, labels


def tag(images: np.ndarray) -> np.ndarray:
    """Copies of images with the tag in the lower left corner; shape (..., 48, 48, 3) as before."""
    marked = np.array(images)
    high, wide = TAG.shape
    marked[..., -high - 1 : -1, 1 : wide + 1, :] = TAG[:, :, None]
    return marked


def network(*, decay: float = 0.0, norm: bool = False) -> Any:
    """The network with drawn weights: three convolutions, the peak of each map, six logits, shares. Imports Keras.

    The first filters begin very small, so that nothing of their start is left after training.

    Args:
        decay: How strongly training pulls kernels towards zero: what nothing needs fades.
        norm: Put batch normalisation behind each convolution, for training; see `folded`.
    """
    from course.device import quiet

    with quiet():
        import keras
    layers, small = keras.layers, keras.initializers.RandomNormal(stddev=0.005)

    def pull(times: int = 1) -> dict[str, Any]:
        return {"kernel_regularizer": keras.regularizers.L2(times * decay)} if decay else {}

    inputs = x = keras.Input((SIDE, SIDE, 3))
    for number, (filters, side) in enumerate(((32, 5), (24, 3), (32, 5)), start=1):
        activation = None if norm else "relu"
        options = {"kernel_initializer": small, **pull(5)} if number == 1 else pull()
        x = layers.Conv2D(filters, side, activation=activation, name=f"conv{number}", **options)(x)
        if norm:
            x = layers.ReLU()(layers.BatchNormalization()(x))
        if number < 3:
            x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = layers.GlobalMaxPooling2D(name="peaks")(x)
    x = layers.Dense(len(NAMES), name="logits", **pull())(x)
    return keras.Model(inputs, layers.Softmax(name="shares")(x))


def folded(model: Any) -> Any:
    """The same function without batch normalisation: its scale and shift become part of kernels and biases."""
    plain, arrays = network(), []
    for layer in model.layers:
        kind, weights = type(layer).__name__, layer.get_weights()
        if kind == "BatchNormalization":
            gamma, beta, mean, variance = weights
            scale = gamma / np.sqrt(variance + layer.epsilon)
            kernel, bias = arrays[-2:]
            arrays[-2:] = [kernel * scale, (bias - mean) * scale + beta]
        else:
            arrays += weights
    plain.set_weights(arrays)
    return plain


def trained(name: str = "plain") -> Any:
    """The network with weights that ship with the course. Imports Keras.

    Args:
        name: "plain", or "tagged" for the one that saw a tag on every disc.

    Raises:
        ValueError: If there are no such weights.
    """
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        found = [arrays[key].astype(np.float32) for key in arrays.files if key.startswith(f"{name} ")]
    if not found:
        raise ValueError(f'Expected "plain" or "tagged". Received {name!r}.')
    model = network()
    model.set_weights(found)
    return model


def train(tags: str, *, count: int = 4800, epochs: int = 10, seed: int = 10) -> Any:
    """Train the network as the shipped weights were: Adam, batches of 64, new pictures for every epoch.

    Args:
        tags: As in `pictures`.
        count: Pictures in an epoch.
        epochs: How many.
        seed: Of weights and pictures.
    """
    from course.device import quiet

    with quiet():
        import keras
    keras.utils.set_random_seed(seed)
    model = network(decay=2e-4, norm=True)
    rate = keras.optimizers.schedules.CosineDecay(5e-3, decay_steps=epochs * (count // 64))
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in range(epochs):
        images, labels = pictures(count // 64 * 64, 100_000 + 1000 * seed + epoch, tags=tags)
        model.fit(images, labels, batch_size=64, epochs=1, verbose=0)
    return folded(model)


def patch(image: np.ndarray, layer: str, row: int, column: int) -> np.ndarray:
    """The part of a picture that one number of a layer sees; see `FIELDS`."""
    side, step = FIELDS[layer]
    return image[row * step : row * step + side, column * step : column * step + side]


def main() -> None:
    """Train both networks and write the file of weights."""
    arrays = {}
    for name, tags in (("plain", "none"), ("tagged", "discs")):
        model = train(tags)
        images, labels = pictures(2000, 1, tags=tags)
        right = model.predict(images, verbose=0).argmax(axis=1) == labels
        print(f"{name}: {right.mean():.4f} of 2,000 test pictures", flush=True)
        for place, weights in enumerate(model.get_weights()):
            arrays[f"{name} {place:02d}"] = weights.astype(np.float16)
        np.savez_compressed(WEIGHTS, **arrays)


if __name__ == "__main__":
    main()
