"""Images for the labs: what ships with the course first, a download only when the full sets are asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent / "data"
PHOTOGRAPHS = ("astronaut", "brick", "camera", "chelsea", "china", "coffee", "flower")
_FROM_SKLEARN = ("china", "flower")
CLASS_NAMES = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    "cifar10": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
}


@dataclass(frozen=True)
class Dataset:
    """Images with their labels.

    Args:
        x_train: uint8, shape (images, height, width) or (images, height, width, channels).
        y_train: Class numbers, shape (images,).
        x_test: Like `x_train`.
        y_test: Like `y_train`.
        class_names: One name for each class number.
        source: Where the images came from, one sentence.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    source: str


def load(name: str, *, full: bool = False, quiet: bool = False) -> Dataset:
    """Load a set of images and say where it came from.

    Looks for a file in the folder that the environment variable COURSE_DATA names, then in what ships with
    the course (10,000 training and 2,000 test images, balanced), then asks Keras, which downloads.

    Args:
        name: "mnist", "fashion_mnist" or "cifar10" (which does not ship: its licence is not stated).
        full: Ask for the full set instead of the small one.
        quiet: Print nothing.

    Raises:
        ValueError: If there is no such set.
        OSError: If the set has to be downloaded and cannot be.
    """
    if name not in CLASS_NAMES:
        raise ValueError(f"No set {name!r}. There are: {', '.join(CLASS_NAMES)}.")
    found = _find(name, full)
    dataset = _read(name, found) if found else _ask_keras(name)
    if not quiet:
        print(f"{name}: {len(dataset.x_train):,} + {len(dataset.x_test):,} images, {dataset.source}")
    return dataset


def photograph(name: str, size: int | tuple[int, int] | None = None, *, grey: bool = False) -> np.ndarray:
    """A photograph from scikit-image or scikit-learn; nothing is downloaded.

    Args:
        name: "astronaut", "chelsea" (a cat), "china", "coffee", "flower" (in colour), "brick" or "camera" (grey).
        size: (height, width) in pixels, or one number for both. The middle of the photograph is cut to that
            proportion and scaled. None keeps the photograph as it is.
        grey: Turn colour into brightness.

    Returns:
        Intensities in [0, 1], float64, shape (height, width, 3) in colour, else (height, width).

    Raises:
        ValueError: If there is no such photograph.
    """
    if name not in PHOTOGRAPHS:
        raise ValueError(f"No photograph {name!r}. There are: {', '.join(PHOTOGRAPHS)}.")
    image = _photograph(name)
    if grey and image.ndim == 3:
        image = image @ np.array([0.2125, 0.7154, 0.0721])  # the brightness of red, green and blue, ITU-R BT.709
    return image.copy() if size is None else _scaled(image, (size, size) if isinstance(size, int) else size)


def _find(name: str, full: bool) -> Path | None:
    folder = os.environ.get("COURSE_DATA", "")
    wanted = f"{name}.npz" if full else f"{name}_small.npz"
    places = [Path(folder) / wanted] if folder else []
    if not full:
        places += [HERE / wanted, *([Path(folder) / f"{name}.npz"] if folder else [])]
    return next((place for place in places if place.is_file()), None)


def _read(name: str, file: Path) -> Dataset:
    where = "shipped with the course" if file.parent == HERE else f"read from {file}"
    return _read_once(name, file, file.stat().st_mtime_ns, where)


@cache
def _read_once(name: str, file: Path, changed: int, where: str) -> Dataset:
    with np.load(file, allow_pickle=False) as arrays:
        images = {key: arrays[key] for key in ("x_train", "y_train", "x_test", "y_test")}
    return _dataset(name, f"{where}.", **images)


def _ask_keras(name: str) -> Dataset:
    import keras

    try:
        train, test = getattr(keras.datasets, name).load_data()
    except Exception as error:
        raise OSError(
            f"{name}: Keras could not fetch the full set ({error}). Connect to the internet, or put {name}.npz "
            "into a folder and name that folder in the environment variable COURSE_DATA."
        ) from error
    images = {"x_train": train[0], "y_train": train[1], "x_test": test[0], "y_test": test[1]}
    return _dataset(name, "the full set, fetched by Keras.", **images)


def _dataset(name: str, source: str, **arrays: np.ndarray) -> Dataset:
    for key in ("y_train", "y_test"):
        arrays[key] = arrays[key].reshape(-1)  # CIFAR-10's labels come as a column
    for array in arrays.values():
        array.flags.writeable = False  # every caller shares them
    return Dataset(**arrays, class_names=CLASS_NAMES[name], source=source)


@cache
def _photograph(name: str) -> np.ndarray:
    if name in _FROM_SKLEARN:
        from sklearn.datasets import load_sample_image

        image = load_sample_image(f"{name}.jpg")
    else:
        import skimage.data

        image = getattr(skimage.data, name)()
    image = np.asarray(image, dtype=np.float64) / 255
    image.flags.writeable = False
    return image


def _scaled(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The middle part of the right proportion, scaled; where it shrinks, neighbours are averaged first."""
    from skimage.transform import resize

    height, width = size
    rows = min(image.shape[0], round(image.shape[1] * height / width))
    columns = min(image.shape[1], round(image.shape[0] * width / height))
    top, left = (image.shape[0] - rows) // 2, (image.shape[1] - columns) // 2
    middle = image[top : top + rows, left : left + columns]
    return np.clip(resize(middle, (height, width, *image.shape[2:]), anti_aliasing=True), 0.0, 1.0)
