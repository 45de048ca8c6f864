"""A call leaves what it is given as it was: models, too."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from autograder._unchanged import changed, snapshot


def model():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, name="scores", activation="softmax")])


def linear(model):
    model.layers[-1].activation = keras.activations.linear
    return 1


def nothing_at_all(model):
    model.layers[-1].activation = None
    return 1


def popped(model):
    model.pop()
    return 1


def rebuilt(model):
    return keras.Model(model.inputs, layers.Softmax()(model.get_layer("scores").output))


def frozen(model):
    model.trainable = False
    return model.count_params()


def trained(model):
    model.compile("sgd", "mse")
    model.layers[0].kernel.assign(model.layers[0].kernel + 1)
    return 1


def given_back(model):
    model.add(layers.Dense(2))
    return model


def outcome(function):
    made = [model()]
    before = [snapshot(item) for item in made]
    return changed(function, before, made, function(*made))


@pytest.mark.parametrize("function", [linear, nothing_at_all, popped])
def test_a_model_whose_layers_change_is_named(function):
    """All later cells of the notebook would use the changed model."""
    failure = outcome(function)
    assert failure.kind == "changed" and "layers of its input model" in failure.text


@pytest.mark.parametrize("function", [rebuilt, frozen, trained, given_back])
def test_a_model_that_is_used_is_not_changed(function):
    """New models on its layers, weights and what is frozen are not compared, nor a model that is given back."""
    assert outcome(function) is None


def test_a_list_inside_a_list_may_become_anything():
    """Whatever stands there afterwards, it is a change, not an error of ours."""
    given = [[1, 2], 3]
    before = [snapshot(given)]
    given[0] = None
    assert changed(linear, before, [given], 1).kind == "changed"
