"""What a check hands to an answer when a number will not do: functions, networks, digits, photographs.

A failing call is printed with these names, so that you can repeat it:

    from course.given import quadratic
    numeric_grad(quadratic(2, 3), np.array([1.0, 2.0]), 0.25)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.check import Draw, Given
from course import _drawn_networks, _window_nets, datasets
from course._small_networks import network
from course.shapes import coloured_shapes

__all__ = [
    "clothes",
    "clothes_labels",
    "conv_layer",
    "cubic",
    "digit_labels",
    "digits",
    "doubled_image_tensor",
    "drawn_network",
    "drawn_picture",
    "given",
    "image_tensor",
    "keras_conv",
    "model_of_sums",
    "neighbours",
    "network",
    "patch_mlp",
    "patch_template",
    "photograph",
    "pixel_reader",
    "place_sum",
    "place_weights",
    "quadratic",
    "random_labels",
    "random_pictures",
    "row_filter",
    "row_maxima",
    "shape_labels",
    "shapes",
    "shift_net",
    "small_classifier",
    "small_digits",
    "small_shape_labels",
    "small_shapes",
    "start_weights",
    "strongest",
    "table",
    "tiny_digit_labels",
    "tiny_digits",
    "window_net",
]

Function = Callable[[np.ndarray], float]
Images = Callable[[np.ndarray], np.ndarray]
WIDTH = 96  # columns of the pictures for `shift_net`


def given(name: str, *arguments: Any) -> Given:
    """An argument that is made afresh for every call, by the function of this module that has that name.

    Args:
        name: A public function of this module.
        arguments: What it is called with.

    Raises:
        ValueError: If this module has no such function.
    """
    if name not in __all__ or name == "given":
        raise ValueError(f"course.given has no {name!r}. It has: {', '.join(__all__)}.")
    return Given(__name__, name, arguments)


def quadratic(a: float, b: float) -> Function:
    """The function x -> sum of k·a·x_k² + b·x_k, where k = 1, 2, 3, ... counts the numbers in x.

    Its derivative by x_k is 2·k·a·x_k + b.
    """

    def value(x: np.ndarray) -> float:
        numbers = np.asarray(x).reshape(-1)
        return float(np.sum(_places(numbers) * a * numbers**2 + b * numbers))

    return value


def cubic(a: float, b: float) -> Function:
    """The function x -> sum of k·a·x_k³ + b·x_k, where k = 1, 2, 3, ... counts the numbers in x.

    Its derivative by x_k is 3·k·a·x_k² + b. A central difference of step d gives k·a·d² more.
    """

    def value(x: np.ndarray) -> float:
        numbers = np.asarray(x).reshape(-1)
        return float(np.sum(_places(numbers) * a * numbers**3 + b * numbers))

    return value


def neighbours(a: float, b: float) -> Function:
    """The function x -> sum of k·a·x_k·x_(k+1) + b·x_k², where k = 1, 2, 3, ... counts the numbers in x.

    Its derivative by x_k is k·a·x_(k+1) + (k-1)·a·x_(k-1) + 2·b·x_k.
    """

    def value(x: np.ndarray) -> float:
        numbers = np.asarray(x).reshape(-1)
        products = _places(numbers[1:]) * a * numbers[:-1] * numbers[1:]
        return float(np.sum(products) + np.sum(b * numbers**2))

    return value


class NoTable(ValueError):
    """A function that was made for a table is given something else."""


def table(a: float, b: float) -> Function:
    """The function of a table x, shape (height, width) -> sum of i·a·x_ij² + j·b·x_ij.

    Here i = 1, 2, 3, ... counts the rows and j the columns; the derivative by x_ij is 2·i·a·x_ij + j·b.
    The function stops with an error if it is given anything but a table.
    """

    def value(x: np.ndarray) -> float:
        numbers = np.asarray(x)
        if numbers.ndim != 2:
            raise NoTable(f"Expected a table of shape (height, width). Received shape {numbers.shape}.")
        rows, columns = np.indices(numbers.shape) + 1
        return float(np.sum(rows * a * numbers**2 + columns * b * numbers))

    return value


def digits(count: int, first: int = 0) -> np.ndarray:
    """Training images of handwritten digits (MNIST): uint8 from 0 to 255, shape (count, 28, 28, 1)."""
    images = datasets.load("mnist", quiet=True).x_train[first : first + count]
    return images[..., None].copy()


def digit_labels(count: int, first: int = 0) -> np.ndarray:
    """What the images of `digits(count, first)` show: int64 from 0 to 9, shape (count,)."""
    return datasets.load("mnist", quiet=True).y_train[first : first + count].astype(np.int64)


def clothes(count: int, first: int = 0) -> np.ndarray:
    """Training images of clothes (Fashion-MNIST): uint8 from 0 to 255, shape (count, 28, 28, 1)."""
    images = datasets.load("fashion_mnist", quiet=True).x_train[first : first + count]
    return images[..., None].copy()


def clothes_labels(count: int, first: int = 0) -> np.ndarray:
    """What the images of `clothes(count, first)` show: int64 from 0 to 9, shape (count,)."""
    return datasets.load("fashion_mnist", quiet=True).y_train[first : first + count].astype(np.int64)


def small_digits(count: int, first: int = 0) -> np.ndarray:
    """The images of `digits(count, first)`, four pixels averaged into one: 0 to 1, shape (count, 14, 14, 1)."""
    blocks = digits(count, first).reshape(-1, 14, 2, 14, 2, 1)
    return blocks.mean(axis=(2, 4)) / 255


def tiny_digits(count: int, first: int = 0) -> np.ndarray:
    """Handwritten digits (scikit-learn's 1,797, mixed): float32 from 0 to 1, shape (count, 9, 9, 1).

    They have 8×8 pixels. A row and a column of zeros make the sides odd: then `padding="same"` puts one zero on
    each side at stride 2 too.
    """
    return _tiny_digits()[0][first : first + count].copy()


def tiny_digit_labels(count: int, first: int = 0) -> np.ndarray:
    """What the images of `tiny_digits(count, first)` show: int64 from 0 to 9, shape (count,)."""
    return _tiny_digits()[1][first : first + count].copy()


@lru_cache(maxsize=1)
def _tiny_digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.target))
    images = np.pad(found.images[order], ((0, 0), (0, 1), (0, 1)))
    return (images[..., None] / 16).astype(np.float32), found.target[order].astype(np.int64)


def start_weights(seed: int) -> dict[str, np.ndarray]:
    """Weights to begin with, for lab 08's network: drawn numbers whose size suits ReLU, and small biases.

    Args:
        seed: Another seed gives other weights.

    Returns:
        "W1" (3, 3, 1, 8), "b1" (8,), "W2" (72, 10), "b2" (10,), float64.
    """
    random = np.random.default_rng(seed)
    return {
        "W1": random.normal(scale=np.sqrt(2 / 9), size=(3, 3, 1, 8)),
        "b1": np.full(8, 0.1),  # above zero: so nothing hangs on the slope of ReLU at zero
        "W2": random.normal(scale=np.sqrt(2 / 72), size=(72, 10)),
        "b2": np.zeros(10),
    }


def image_tensor(height: int, width: int, channels: int) -> Any:
    """A Keras tensor of images, to build layers on: `keras.Input((height, width, channels))`."""
    from course.device import quiet

    with quiet():
        import keras
    return keras.Input((height, width, channels))


def doubled_image_tensor(height: int, width: int, channels: int) -> Any:
    """The same behind a layer that doubles every pixel: what is not built on this tensor lacks that layer."""
    from course.device import quiet

    with quiet():
        from keras import layers
    return layers.Rescaling(2.0)(image_tensor(height, width, channels))


def model_of_sums(plan: Sequence[str], names: Sequence[str]) -> Any:
    """A Keras model with `Add` layers of these names; some of them add tensors of different shapes.

    Args:
        plan: For each addition what it adds to maps of shape (6, 5, 4): "same" (their shape), "one map"
            (6, 5, 1), "one row" (1, 5, 4), "one column" (6, 1, 4), "one pixel" (1, 1, 4); "three" adds two more
            of the same shape, "three, one map" one more and one of (6, 5, 1).
        names: Of the additions.
    """
    from course.device import quiet

    with quiet():
        import keras
    kernels = {"one row": (6, 1), "one column": (1, 5), "one pixel": (6, 5)}
    inputs = values = keras.Input((6, 5, 4))
    for kind, name in zip(plan, names, strict=True):
        window = kernels.get(kind, (1, 1))
        side = keras.layers.Conv2D(1 if "one map" in kind else 4, window, activation="relu")(values)
        more = [keras.layers.ReLU()(values)] if "three" in kind else []
        values = keras.layers.Add(name=name)([values, *more, side])
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(values))


def keras_conv(filters: int, kernel_size: Sequence[int], channels: int, stride: int = 1) -> Any:
    """A Keras convolution layer without padding, built for this number of channels, with random weights."""
    from course.device import quiet

    with quiet():
        import keras
    layer = keras.layers.Conv2D(filters, tuple(kernel_size), strides=stride, padding="valid")
    layer.build((None, None, None, channels))
    return layer


def conv_layer(k_h: int, k_w: int, channels: int, filters: int, seed: int) -> Any:
    """A Keras convolution layer, built, whose weights are drawn; the same for one seed.

    The last filter of every third seed has weights that are all equal.
    """
    from course.device import quiet

    with quiet():
        import keras
    layer = keras.layers.Conv2D(filters, (k_h, k_w))
    layer.build((None, None, None, channels))
    layer.set_weights([_drawn_networks.kernel((k_h, k_w, channels, filters), seed), np.arange(filters) / 4])
    return layer


def drawn_network(plan: str, height: int, width: int, channels: int, seed: int) -> Any:
    """A small functional Keras model that ends in the layers "logits" and "shares", with drawn weights.

    Args:
        plan: "one convolution" (layers conv1, pool1, flat, logits, shares), "two convolutions" (conv1, pool1,
            conv2, flat, logits, shares) or "three convolutions" (conv1, conv2, conv3, means, logits, shares).
        height: Of the images in pixels.
        width: Of the images in pixels.
        channels: Of the images.
        seed: Of the weights.
    """
    return _drawn_networks.built(plan, (height, width, channels), seed)


def drawn_picture(height: int, width: int, channels: int, seed: int) -> np.ndarray:
    """A picture of noise: float32 from 0 to 1, shape (height, width, channels), the same for one seed."""
    steps = np.random.default_rng(seed).integers(0, 65, (height, width, channels))
    return steps.astype(np.float32) / np.float32(64)


def photograph(name: str, size: int | tuple[int, int] | None = None, grey: bool = False) -> np.ndarray:
    """A photograph; see `course.datasets.photograph`."""
    return datasets.photograph(name, size, grey=grey)


def row_filter(weights: Sequence[float], padding: str) -> Images:
    """Images -> maps of the same shape: every row is cross-correlated with an odd number of weights.

    Beyond the border there are zeros (padding "zeros"), or the row goes on at its other end ("cyclic").
    """
    mode, half = {"zeros": "constant", "cyclic": "wrap"}[padding], len(weights) // 2

    def maps(images: np.ndarray) -> np.ndarray:
        x = np.asarray(images)
        padded = np.pad(x, ((0, 0), (0, 0), (half, half), (0, 0)), mode=mode)
        return sum(weight * padded[:, :, start : start + x.shape[2]] for start, weight in enumerate(weights))

    return maps


def place_weights(rows: Sequence[float], columns: Sequence[float]) -> Images:
    """Images -> maps of the same shape: the pixel in row i and column j times rows[i]·columns[j]."""
    weights = np.outer(rows, columns)[:, :, None]
    return lambda images: np.asarray(images) * weights


def place_sum(rows: Sequence[float], columns: Sequence[float]) -> Images:
    """Images -> one number for each channel, shape (batch, channels): the sum of what `place_weights` gives."""
    weighted = place_weights(rows, columns)
    return lambda images: weighted(images).sum(axis=(1, 2))


def strongest() -> Images:
    """Images -> the largest number of each channel, wherever it stands, shape (batch, channels)."""
    return lambda images: np.asarray(images).max(axis=(1, 2))


def row_maxima(count: int) -> Images:
    """Images -> maps: the largest of `count` neighbours in a row, windows side by side, no padding."""

    def maps(images: np.ndarray) -> np.ndarray:
        x = np.asarray(images)
        width = x.shape[2] // count
        return x[:, :, : width * count].reshape(*x.shape[:2], width, count, x.shape[3]).max(axis=3)

    return maps


def shift_net(padding: str, sides: Sequence[int], pools: Sequence[int]) -> Any:
    """A small Keras model of convolutions and poolings, with whole numbers for weights: its outputs are exact.

    Every convolution has an odd side and ReLU, and keeps height and width. Every pooling takes the largest of
    some neighbours in a row, windows side by side; 1 is no pooling.

    Args:
        padding: "zeros" around the picture, or "cyclic": rows go on at their other end. Above and below are zeros.
        sides: Of the convolutions.
        pools: Neighbours in the pooling after each convolution.
    """
    import keras

    inputs = values = keras.Input((None, WIDTH, 1))
    for number, (side, count) in enumerate(zip(sides, pools, strict=True)):
        half = side // 2
        if padding == "cyclic":
            values = keras.layers.ZeroPadding2D((half, 0))(values)
            values = keras.layers.Concatenate(axis=2)([values[:, :, -half:], values, values[:, :, :half]])
        convolution = keras.layers.Conv2D(
            3 - number, side, padding="same" if padding == "zeros" else "valid", activation="relu", use_bias=False
        )
        values = convolution(values)
        convolution.set_weights([np.resize((1.0, -2.0, 2.0, -1.0, 1.0, 2.0, -1.0), convolution.kernel.shape)])
        if count > 1:
            values = keras.layers.MaxPooling2D((1, count))(values)
    return keras.Model(inputs, values)


def small_classifier(channels: int, classes: int) -> Any:
    """A small Keras model, not compiled: images of shape (4, 5, channels) -> probabilities of `classes` classes.

    A 3×3 convolution with two filters and ReLU, flattened, and a dense layer with softmax; weights are random.
    """
    from course.device import quiet

    with quiet():
        import keras
    parts = [keras.layers.Conv2D(2, 3, activation="relu"), keras.layers.Flatten()]
    dense = keras.layers.Dense(classes, activation="softmax")
    return keras.Sequential([keras.Input((4, 5, channels)), *parts, dense])


def shapes(count: int, seed: int) -> np.ndarray:
    """Pictures of coloured shapes: uint8 from 0 to 255, shape (count, 64, 64, 3); see `course.shapes`."""
    return coloured_shapes(count, seed)[0]


def shape_labels(count: int, seed: int) -> np.ndarray:
    """What the pictures of `shapes(count, seed)` show: int64 from 0 to 5, shape (count,)."""
    return coloured_shapes(count, seed)[1]


def small_shapes(count: int, seed: int) -> np.ndarray:
    """Pictures of coloured shapes: uint8 from 0 to 255, shape (count, 32, 32, 3); see `course.shapes`."""
    return coloured_shapes(count, seed, side=32)[0]


def small_shape_labels(count: int, seed: int) -> np.ndarray:
    """What the pictures of `small_shapes(count, seed)` show: int64 from 0 to 5, shape (count,)."""
    return coloured_shapes(count, seed, side=32)[1]


def window_net(layers: Sequence[tuple[Any, ...]], shape: Sequence[int], seed: int) -> Any:
    """A Keras model (Sequential) that classifies windows of this shape; its weights are drawn, not trained.

    Args:
        layers: `("scale",)`, `("conv", filters, side, stride)`, `("max", side, stride)`,
            `("average", side, stride)`, `("flatten",)`, `("dropout",)` and `("dense", units)`. Nothing is padded;
            ReLU, softmax at the end.
        shape: Of one window: (height, width, channels).
        seed: Other weights for another seed.
    """
    return _window_nets.keras_net(layers, shape, seed)


def patch_template(weights: Any, bias: float) -> Function:
    """The function patch -> sum of weights · patch + bias, for patches of the weights' shape.

    Args:
        weights: Rows of numbers, shape (k, k).
        bias: Added to the sum.
    """
    table = np.array(weights, dtype=float)

    def score(patch: np.ndarray) -> float:
        return float(np.sum(table * _patch(patch, table.shape)) + bias)

    return score


def patch_mlp(side: int, hidden: int, seed: int) -> Function:
    """A small MLP that reads a patch of shape (side, side): the function patch -> one number.

    It has `hidden` units with ReLU. Its weights are quarters from -1 to 1 that depend on `seed` only.
    Every second unit has the weights of the one before it with the signs changed, so that some are awake.
    """
    draw = Draw("course.given", "patch_mlp", str(side), str(hidden), str(seed))

    def some(*shape: int) -> np.ndarray:
        """Quarters from -1 to 1, none of them 0."""
        return draw.array(shape, 1, 4) / 4 * (2 * draw.array(shape, 0, 1) - 1)

    first, biases, second, last = some(hidden, side, side), some(hidden), some(hidden), draw.integer(-4, 4) / 4
    first[1::2] = -first[: hidden // 2 * 2 : 2]

    def score(patch: np.ndarray) -> float:
        pixels = _patch(patch, (side, side))
        units = np.maximum(0.0, np.sum(first * pixels, axis=(1, 2)) + biases)
        return float(second @ units + last)

    return score


def _patch(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    """A patch as floats, if it has the right shape."""
    patch = np.asarray(values, dtype=float)
    if patch.shape != shape:
        raise ValueError(f"Expected a patch of shape {shape}. Received shape {patch.shape}.")
    return patch


class PixelReader:
    """Stands in for a trained model: its classes depend on every pixel and on where that pixel is.

    Args:
        classes: How many classes there are.
    """

    def __init__(self, classes: int) -> None:
        self._classes = classes

    def predict(self, images: Any) -> np.ndarray:
        """Class numbers, shape (batch,), of images of shape (batch, height, width, channels).

        With the n numbers of an image counted p = 1, 2, ..., n row by row, and S the sum of p·(number p) and n,
        it is S² modulo 1009, modulo the number of classes.
        """
        pixels = np.asarray(images)
        if pixels.ndim != 4:
            raise ValueError(
                f"Expected images of shape (batch, height, width, channels). Received shape {pixels.shape}."
            )
        numbers = np.rint(pixels.reshape(len(pixels), -1)).astype(np.int64)
        count = numbers.shape[1]
        sums = numbers @ np.arange(1, count + 1) + count
        return sums**2 % 1009 % self._classes


def pixel_reader(classes: int) -> PixelReader:
    """A stand-in for a trained model; `predict` gives class numbers from 0 to classes - 1."""
    return PixelReader(classes)


def random_pictures(count: int, height: int, width: int, channels: int, seed: int) -> np.ndarray:
    """Pictures of noise: uint8 from 1 to 99, shape (count, height, width, channels), the same for one seed."""
    return _noise(count, height, width, channels, seed).copy()


@lru_cache(maxsize=16)
def _noise(count: int, height: int, width: int, channels: int, seed: int) -> np.ndarray:
    numbers = Draw("course.given", "random_pictures", str(seed)).array((count, height, width, channels), 1, 99)
    return numbers.astype(np.uint8)


def random_labels(count: int, classes: int, seed: int) -> np.ndarray:
    """Classes without a meaning: int64 from 0 to classes - 1, shape (count,), the same for one seed."""
    return Draw("course.given", "random_labels", str(seed)).array(count, 0, classes - 1).astype(np.int64)


def _places(numbers: np.ndarray) -> np.ndarray:
    return np.arange(1, numbers.size + 1)
