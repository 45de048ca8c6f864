"""Arguments that checks make: right derivatives, equal every time, and to be had by hand."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from autograder.check import Given
from course import given as module
from course.given import given


@pytest.fixture
def x():
    return np.array([1.0, -2.0, 0.5])


def test_quadratic(x):
    """1·a·1 + b·1, 2·a·4 − 2·b, 3·a·0.25 + 0.5·b, added."""
    assert module.quadratic(2, 3)(x) == 2 + 3 + 16 - 6 + 1.5 + 1.5


def test_cubic(x):
    """1·a·1 + b·1, 2·a·(−8) − 2·b, 3·a·0.125 + 0.5·b, added."""
    assert module.cubic(2, 3)(x) == 2 + 3 - 32 - 6 + 0.75 + 1.5


def test_neighbours(x):
    """1·a·(−2) + 2·a·(−1) and b times the squares, added."""
    assert module.neighbours(2, 3)(x) == -4 - 4 + 3 * (1 + 4 + 0.25)


def test_functions_take_any_shape():
    """Numbers are counted row by row."""
    x = np.arange(6.0)
    assert module.quadratic(1, 1)(x.reshape(2, 3)) == module.quadratic(1, 1)(x)


def test_functions_leave_x_alone(x):
    """A function that is asked changes nothing."""
    before = x.copy()
    for function in (module.quadratic(1, 2), module.cubic(1, 2), module.neighbours(1, 2)):
        function(x)
    assert np.array_equal(x, before)


def test_given_makes_what_the_learner_can_make(x):
    """The check's argument is what a call by hand gives."""
    made = given("quadratic", 2, 3)
    assert isinstance(made, Given) and made.make()(x) == module.quadratic(2, 3)(x)


def test_given_makes_a_new_one_each_time():
    """An answer that spoils its argument does not spoil the next call's."""
    made = given("digits", 2)
    made.make()[:] = 0
    assert made.make().max() > 0


@pytest.mark.parametrize("name", ["given", "numpy", "nothing"])
def test_given_refuses_what_is_not_there(name):
    """A misspelt name is found when the question is written."""
    with pytest.raises(ValueError, match=r"It has: .*cubic"):
        given(name)


def test_digits_and_their_labels():
    """Images with a channel, labels in the same order."""
    images, labels = module.digits(5, 10), module.digit_labels(5, 10)
    assert images.shape == (5, 28, 28, 1) and images.dtype == np.uint8
    assert np.array_equal(images[2], module.digits(1, 12)[0]) and labels[2] == module.digit_labels(1, 12)[0]


def test_photograph():
    """Photographs can be arguments too."""
    assert given("photograph", "camera", 16).make().shape == (16, 16)


def test_import_is_light():
    """No TensorFlow, no scikit-image for those who only want a quadratic."""
    code = (
        "import course.given, sys; print(sorted({'tensorflow', 'keras', 'skimage', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
