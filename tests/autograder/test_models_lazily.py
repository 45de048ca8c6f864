"""Builders of large models are called without making weights, and tensors stand for the models that they end."""

from __future__ import annotations

import numpy as np
import pytest

from autograder._answer import Answer
from autograder._questions import Given, Question
from course.device import quiet

with quiet():
    keras = pytest.importorskip("keras")

layers = keras.layers


def answer(function):
    """The function as a question meets it."""
    question = Question("build", 1, (), ("build",), (), 20.0, False, lambda answer, draw: iter(()))
    return Answer({"build": function}, question)


def functional(units):
    """A model whose weights would take 40 GB."""
    return keras.Sequential([keras.Input((100_000,)), layers.Dense(units, use_bias=False)])


class Subclassed(keras.Model):
    """The same, which makes its weights only when it meets an input."""

    def __init__(self, units):
        super().__init__()
        self.last = layers.Dense(units, use_bias=False)

    def call(self, x):
        return self.last(x)


@pytest.mark.parametrize("build", [functional, Subclassed])
def test_a_huge_model_is_counted_and_shown(build):
    """Ten thousand million weights, none of which is made."""
    built = answer(build).lazily(100_000)
    assert built.count((100_000,)).value == 10_000_000_000
    assert built.card((100_000,)).value[-1]["output"] == (100_000,)
    assert built.call == "build(100000)"


def test_a_tensor_stands_for_the_model_that_ends_in_it():
    """A block gets an input tensor and returns one; its outputs can be asked for."""

    def block(x):
        return layers.Add()([x, layers.Dense(4, kernel_initializer="zeros")(x)])

    built = answer(block)(Given("keras", "Input", ((4,),)))
    assert np.array_equal(built.outputs(np.ones((2, 4))).value, np.ones((2, 4)))
    assert built.count().value == 20
