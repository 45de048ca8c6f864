"""Images come from the named folder, from the course, or from Keras; photographs from installed libraries."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course import datasets


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    """No COURSE_DATA of the machine that runs the tests."""
    monkeypatch.delenv("COURSE_DATA", raising=False)


def write(folder, name, count=3, **more):
    """A file in the layout of a data set, with `count` training images of value 7."""
    images, labels = np.full((count, 28, 28), 7, np.uint8), np.zeros(count, np.uint8)
    np.savez(folder / name, x_train=images, y_train=labels, x_test=images, y_test=labels, **more)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_shipped_sets(name):
    """Ten classes, balanced, bytes, 10,000 + 2,000 images."""
    data = datasets.load(name, quiet=True)
    assert data.x_train.shape == (10_000, 28, 28) and data.x_test.shape == (2_000, 28, 28)
    assert data.x_train.dtype == np.uint8
    assert np.bincount(data.y_train).tolist() == [1000] * 10 and np.bincount(data.y_test).tolist() == [200] * 10


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_class_names_are_those_of_the_file(name):
    """The table of names agrees with the shipped file."""
    with np.load(datasets.HERE / f"{name}_small.npz") as arrays:
        assert datasets.CLASS_NAMES[name] == tuple(arrays["class_names"].tolist())


def test_load_says_where_the_images_came_from(capsys):
    """One line names the set, its size and its source."""
    datasets.load("mnist")
    assert capsys.readouterr().out == "mnist: 10,000 + 2,000 images, shipped with the course.\n"


def test_quiet(capsys):
    """Nothing is printed when nothing should be."""
    datasets.load("mnist", quiet=True)
    assert capsys.readouterr().out == ""


def test_the_folder_comes_first(tmp_path, monkeypatch, capsys):
    """A file in COURSE_DATA is taken before the one that ships."""
    write(tmp_path, "mnist_small.npz")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert len(datasets.load("mnist").x_train) == 3
    assert str(tmp_path) in capsys.readouterr().out


def test_an_empty_folder_falls_back_to_what_ships(tmp_path, monkeypatch):
    """COURSE_DATA without the file changes nothing."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert len(datasets.load("mnist", quiet=True).x_train) == 10_000


def test_a_full_set_from_the_folder(tmp_path, monkeypatch):
    """Keras' own file, which holds no class names, can lie in the folder."""
    write(tmp_path, "mnist.npz", count=5)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    data = datasets.load("mnist", full=True, quiet=True)
    assert (len(data.x_train), data.class_names[3]) == (5, "3")


def test_keras_is_asked_last(monkeypatch):
    """A full set that lies nowhere comes from Keras; labels in a column become a row."""
    column = (np.zeros((4, 32, 32, 3), np.uint8), np.arange(4, dtype=np.uint8)[:, None])
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: (column, column))
    assert datasets.load("cifar10", quiet=True).y_train.tolist() == [0, 1, 2, 3]


def test_a_failed_download_says_what_to_do(monkeypatch):
    """Without a network the message names the file and the folder."""

    def fail():
        raise OSError("no network")

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", fail)
    with pytest.raises(OSError, match=r"cifar10\.npz .* COURSE_DATA"):
        datasets.load("cifar10")


def test_unknown_set():
    """The message lists what there is."""
    with pytest.raises(ValueError, match="mnist, fashion_mnist, cifar10"):
        datasets.load("imagenet")


def test_shared_images_cannot_be_changed():
    """What one caller gets, another one sees: the arrays are read-only."""
    with pytest.raises(ValueError, match="read-only"):
        datasets.load("mnist", quiet=True).x_train[0, 0, 0] = 1


@pytest.mark.parametrize("name", datasets.PHOTOGRAPHS)
def test_photograph(name):
    """Floats from 0 to 1, grey or in three colours, without a download."""
    image = datasets.photograph(name)
    assert image.dtype == np.float64 and image.min() >= 0 and image.max() <= 1
    assert image.ndim == 2 if name in ("brick", "camera") else image.shape[2] == 3


@pytest.mark.parametrize(("size", "shape"), [(40, (40, 40, 3)), ((30, 50), (30, 50, 3)), ((50, 30), (50, 30, 3))])
def test_photograph_of_a_chosen_size(size, shape):
    """Height comes first."""
    assert datasets.photograph("chelsea", size).shape == shape


def test_photograph_keeps_its_proportions():
    """A square of a wide photograph is its middle, not a squeezed whole."""
    whole = datasets.photograph("chelsea")
    left = (whole.shape[1] - whole.shape[0]) // 2
    middle = whole[:, left : left + whole.shape[0]]
    assert abs(datasets.photograph("chelsea", 30).mean() - middle.mean()) < 0.005


def test_grey_photograph():
    """Brightness lies between the darkest and the lightest colour."""
    colour, grey = datasets.photograph("coffee", 20), datasets.photograph("coffee", 20, grey=True)
    assert grey.shape == (20, 20)
    assert (grey >= colour.min(2) - 1e-3).all() and (grey <= colour.max(2) + 1e-3).all()


def test_a_photograph_is_the_callers_own():
    """Changing one does not change the next one."""
    datasets.photograph("camera")[:] = 0
    assert datasets.photograph("camera").max() > 0


def test_unknown_photograph():
    """The message lists what there is."""
    with pytest.raises(ValueError, match=r"There are: astronaut, brick, camera"):
        datasets.photograph("lena")


def test_licences_are_stated():
    """The README beside the images names makers and licences, with Zalando's notice in full."""
    text = (datasets.HERE / "README.md").read_text(encoding="utf-8")
    for words in ("Yann LeCun", "Corinna Cortes", "Burges", "by-sa/3.0", "Copyright © 2017 Zalando SE", "AS IS"):
        assert words in text
