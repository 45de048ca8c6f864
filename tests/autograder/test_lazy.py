"""Lazy builds leave nothing behind."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.check import lazily
from course.device import quiet

with quiet():
    keras = pytest.importorskip("keras")


def test_counts_without_weights():
    """A layer of 10,000 million weights is counted at once."""
    with lazily():
        model = keras.Sequential([keras.Input((100_000,)), keras.layers.Dense(100_000, use_bias=False)])
        assert model.count_params() == 10_000_000_000


def test_next_model_is_built_as_usual():
    """Weights that Keras still owes are not made with the next model."""
    with lazily():
        lazy = keras.Sequential([keras.Input((300,)), keras.layers.Dense(300)])

    class Later(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = keras.layers.Dense(2)

        def call(self, x):
            return self.last(x)

    later = Later()
    assert later(keras.Input((3,))).shape == (None, 2)
    assert later(np.zeros((4, 3), "float32")).shape == (4, 2)
    assert lazy.layers[0].kernel._value is None


def test_a_model_may_be_compiled():
    """An optimizer and metrics have variables of their own, which nobody needs for a count."""
    with lazily():
        model = keras.Sequential([keras.Input((300,)), keras.layers.Dense(300)])
        model.compile(keras.optimizers.Adam(1e-3), "mse", metrics=["mae"])
        assert model.count_params() == 90_300
    later = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    later.compile(keras.optimizers.SGD(0.5), "mse")
    later.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    assert float(later.optimizer.learning_rate) == 0.5
    assert model.layers[0].kernel._value is None
