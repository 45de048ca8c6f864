"""Handles on Keras models: the same facts for the same network, however it was written."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from autograder._models import KerasModel, as_handle
from autograder._received import Received, plain

SIDE = (8, 9, 1)


def sequential():
    """A Sequential that states its input."""
    parts = [layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(4)]
    return keras.Sequential([keras.Input(SIDE), *parts])


def unbuilt():
    """A Sequential without an input, with the activation in a layer of its own."""
    parts = [layers.Conv2D(3, 3), layers.Activation("relu"), layers.MaxPooling2D(), layers.Flatten()]
    return keras.Sequential([*parts, layers.Dense(4)])


def functional():
    """Functional, with names that say the wrong thing and layers made in another order."""
    dense = layers.Dense(4, name="first_conv")
    x = inputs = layers.Input(SIDE)
    x = layers.ReLU()(layers.Conv2D(3, 3, name="dense")(x))
    return keras.Model(inputs, dense(layers.Flatten()(layers.MaxPooling2D()(x))))


def nested():
    """A model inside a model."""
    body = keras.Sequential([layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D()])
    head = keras.Sequential([layers.Flatten(), layers.Dense(4)])
    inputs = keras.Input(SIDE)
    return keras.Model(inputs, head(body(inputs)))


class Subclassed(keras.Model):
    """Layers made in another order than they are used in."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(4)
        self.conv = layers.Conv2D(3, 3)
        self.pool = layers.MaxPooling2D()

    def call(self, x):
        x = self.pool(keras.ops.relu(self.conv(x)))
        return self.dense(keras.ops.reshape(x, (-1, 27)))


class WithTensorFlow(Subclassed):
    """Its `call` uses functions that no symbolic tensor can pass through."""

    def call(self, x):
        x = self.pool(tf.nn.relu(self.conv(x)))
        return self.dense(tf.reshape(x, (-1, 27)))


class WithShape(Subclassed):
    """Its `call` asks for the size of the batch, as models that were only ever called on images may."""

    def call(self, x):
        x = self.pool(keras.ops.relu(self.conv(x)))
        return self.dense(keras.ops.reshape(x, (keras.ops.shape(x)[0], -1)))


class Block(layers.Layer):
    """A layer of the learner's that holds layers."""

    def __init__(self):
        super().__init__()
        self.pool = layers.MaxPooling2D()
        self.conv = layers.Conv2D(3, 3, activation="relu")

    def call(self, x, training=None):
        return self.pool(self.conv(x))


def with_block():
    """A layer that holds layers, inside a Sequential."""
    return keras.Sequential([keras.Input(SIDE), Block(), layers.Flatten(), layers.Dense(4)])


class TensorFlowBlock(Block):
    """The same with a function that no symbolic tensor can pass through."""

    def call(self, x):
        return tf.identity(self.pool(self.conv(x)))


def with_tensorflow_block():
    """A layer that cannot be followed, inside a Sequential."""
    return keras.Sequential([keras.Input(SIDE), TensorFlowBlock(), layers.Flatten(), layers.Dense(4)])


BUILDS = [sequential, unbuilt, functional, nested, Subclassed, WithTensorFlow, WithShape]
BUILDS += [with_block, with_tensorflow_block]


@pytest.fixture
def weights(rng):
    """Weights for the small network, convolution first."""
    shapes = [(3, 3, 1, 3), (3,), (27, 4), (4,)]
    return [rng.normal(size=shape) for shape in shapes]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def expected_outputs(weights, images):
    """The small network in NumPy."""
    kernel, bias, dense, dense_bias = weights
    windows = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))
    maps = np.maximum(np.einsum("bhwcij,ijcf->bhwf", windows, kernel) + bias, 0)
    batch, height, width, count = maps.shape
    maps = maps[:, : height // 2 * 2, : width // 2 * 2]
    pooled = maps.reshape(batch, height // 2, 2, width // 2, 2, count).max((2, 4))
    return pooled.reshape(batch, -1) @ dense + dense_bias


def test_number_is_no_model():
    """What is no model has no handle."""
    assert as_handle(3) is None and as_handle(np.zeros(3)) is None


def test_asking_for_a_handle_does_not_import_keras():
    """The question "is this a model?" costs no import."""
    code = "from autograder._models import as_handle; import sys; as_handle(3); print('keras' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


@pytest.mark.parametrize("build", BUILDS)
def test_count(build):
    """Every way of writing the network has the same number of parameters."""
    assert as_handle(build()).do_count(SIDE) == 30 + 112


@pytest.mark.parametrize("build", BUILDS)
def test_outputs_with_chosen_weights(build, weights, rng):
    """Weights are set by graph position, so the outputs are the NumPy network's."""
    images = rng.normal(size=(3, *SIDE))
    received = as_handle(build()).do_outputs_with(weights, images)
    np.testing.assert_allclose(received, expected_outputs(weights, images), atol=1e-5)


@pytest.mark.parametrize("build", [sequential, unbuilt, functional, nested, with_block])
def test_card(build):
    """The card is the same for every way of writing the network, names aside."""
    rows = [{**row, "name": ""} for row in as_handle(build()).do_card(SIDE)]
    wanted = [{**row, "name": ""} for row in as_handle(sequential()).do_card()]
    assert rows == wanted


def test_card_rows():
    """A row tells class, shapes, parameters, activation and connection."""
    row = as_handle(unbuilt()).do_card(SIDE)[1]
    assert {key: row[key] for key in ("layer", "output", "trainable", "kernel", "activation", "inputs")} == {
        "layer": "Conv2D",
        "output": (6, 7, 3),
        "trainable": 30,
        "kernel": (3, 3),
        "activation": "relu",
        "inputs": [0],
    }


def test_operations_of_keras_fold_into_the_card():
    """`keras.ops.relu` in a subclassed model is the activation of the layer before it."""
    assert as_handle(Subclassed()).do_card(SIDE)[1]["activation"] == "relu"


def test_an_activation_beside_another_use_stays_a_row():
    """Where the layer's plain output is used too, the activation is a row of its own."""
    inputs = keras.Input((4,))
    plain_output = layers.Dense(4)(inputs)
    model = keras.Model(inputs, layers.Add()([plain_output, layers.ReLU()(plain_output)]))
    assert [row["layer"] for row in as_handle(model).do_card()] == ["InputLayer", "Dense", "ReLU", "Add"]


def test_own_weights_come_back(weights, rng):
    """After `outputs_with` the model has the weights that it had before."""
    handle = as_handle(sequential())
    before = handle.do_get_weights()
    handle.do_outputs_with(weights, rng.normal(size=(1, *SIDE)))
    assert all(np.array_equal(*pair) for pair in zip(before, handle.do_get_weights(), strict=True))


def test_a_convolution_over_the_whole_map_takes_the_weights_of_a_dense_layer(weights, rng):
    """Same numbers in the same order: (27, 4) and (3, 3, 3, 4)."""
    parts = [layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(4, 3), layers.Flatten()]
    images = rng.normal(size=(2, *SIDE))
    received = as_handle(keras.Sequential([keras.Input(SIDE), *parts])).do_outputs_with(weights, images)
    np.testing.assert_allclose(received, expected_outputs(weights, images), atol=1e-5)


def test_weights_that_do_not_fit_say_where(weights):
    """The message names the array, both shapes and the layer."""
    model = keras.Sequential([keras.Input(SIDE), layers.Conv2D(5, 3), layers.Flatten(), layers.Dense(4)])
    with pytest.raises(ValueError, match=r"Expected shape \(3, 3, 1, 3\) .* Received \(3, 3, 1, 5\), .* Conv2D"):
        as_handle(model).do_outputs_with(weights, np.zeros((1, *SIDE)))


def test_missing_weights_are_counted(weights):
    """A layer without bias shows as a number of arrays."""
    parts = [layers.Conv2D(3, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(4, use_bias=False)]
    with pytest.raises(ValueError, match=r"Expected 4 arrays .* Received 3"):
        as_handle(keras.Sequential([keras.Input(SIDE), *parts])).do_set_weights(weights)


def test_another_input_size_is_said_in_plain_words():
    """Keras' long message is replaced by two shapes."""
    with pytest.raises(ValueError, match=r"takes inputs of shape \(8, 9, 1\). It was given \(5, 5, 1\)"):
        as_handle(sequential()).do_outputs(np.zeros((1, 5, 5, 1)))


def test_a_model_without_a_stated_input_needs_a_shape():
    """Without a shape there is no graph, and the message says what to do."""
    with pytest.raises(ValueError, match="states no input shape"):
        as_handle(Subclassed()).do_card()


def test_inference_mode():
    """Dropout does nothing in `outputs`."""
    model = keras.Sequential([keras.Input((50,)), layers.Dropout(0.5)])
    assert (as_handle(model).do_outputs(np.ones((2, 50))) == 1).all()


def test_whole_numbers_are_fed_as_floats():
    """Raw images of bytes pass through a convolution."""
    assert as_handle(unbuilt()).do_outputs(np.zeros((2, *SIDE), np.uint8)).shape == (2, 4)


def test_many_images_pass_in_batches():
    """More images than one batch come back in order."""
    model = keras.Sequential([keras.Input((1,)), layers.Rescaling(2.0)])
    numbers = np.arange(600.0).reshape(600, 1)
    assert np.array_equal(as_handle(model).do_outputs(numbers), 2 * numbers)


def shortcut(order, first_projection):
    """A block with a shortcut, its branches written and added in either order."""
    inputs = keras.Input((4, 4, 2))
    branches = {}
    for name in ("projection", "body") if first_projection else ("body", "projection"):
        x = layers.Conv2D(2, 1 if name == "projection" else 3, padding="same", use_bias=False)(inputs)
        branches[name] = layers.BatchNormalization()(x)
    return keras.Model(inputs, layers.Add()([branches[name] for name in order]))


def test_branches_have_one_order(rng):
    """The same weights give the same outputs, whichever branch was written first."""
    shapes = [(1, 1, 2, 2), (3, 3, 2, 2), *[(2,)] * 8]
    weights = [np.abs(rng.normal(size=shape)) for shape in shapes]
    images = rng.normal(size=(2, 4, 4, 2))
    names = ("body", "projection")
    models = [shortcut(order, first) for order in (names, names[::-1]) for first in (True, False)]
    outputs = [as_handle(model).do_outputs_with(weights, images) for model in models]
    assert all(np.allclose(outputs[0], other, atol=1e-6) for other in outputs[1:])


def test_a_layer_used_twice_has_its_weights_once():
    """Shared weights are counted and listed once."""
    inputs = keras.Input((3,))
    dense = layers.Dense(3)
    handle = as_handle(keras.Model(inputs, dense(dense(inputs))))
    assert (len(handle.do_get_weights()), sum(row["trainable"] for row in handle.do_card())) == (2, 12)


def test_a_deep_model_is_walked_without_recursion():
    """A chain as long as Keras can build has a card."""
    inputs = x = keras.Input((1,))
    add = layers.Rescaling(1.0)
    for _ in range(700):
        x = add(x)
    assert len(as_handle(keras.Model(inputs, x)).do_card()) == 701


@pytest.mark.parametrize(
    ("loss", "from_logits"),
    [
        ("sparse_categorical_crossentropy", False),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), True),
        (keras.losses.MeanSquaredError(), None),
    ],
)
def test_training_says_what_the_loss_expects(loss, from_logits):
    """A loss named by a string takes probabilities."""
    model = sequential()
    model.compile(loss=loss)
    assert as_handle(model).do_training()["from_logits"] is from_logits


def test_training_of_a_model_that_was_not_compiled():
    """Nothing is known."""
    assert as_handle(sequential()).do_training()["loss"] is None


@pytest.mark.parametrize("operation", ["card", "count", "get_weights", "training"])
def test_operations_give_plain_data(operation):
    """What an operation gives can be sent to another process."""
    plain(getattr(as_handle(sequential()), f"do_{operation}")())


def test_operation_on_what_is_no_model():
    """A value that is no model fails in words."""
    received = Received("build()", value=3).count()
    assert received.failure.text == "Expected a Keras model. Received 3."


def test_handle_is_shown_in_words():
    """A model where a number was expected is called a Keras model."""
    assert repr(KerasModel(sequential())) == "a Keras model (Sequential)"


def _two_layers():
    inputs = keras.Input((6, 5, 2))
    inner = keras.layers.Conv2D(3, 3, padding="same", activation="relu")(inputs)
    shortcut = keras.layers.Conv2D(3, 1)(inputs)
    return keras.Model(inputs, keras.layers.Add()([inner, shortcut]))


def _images(count=2):
    return np.random.default_rng(0).normal(size=(count, 6, 5, 2)).astype(np.float32)


def test_the_outputs_of_a_layer_are_found_by_its_place():
    model, images = _two_layers(), _images()
    both = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    shortcut, inner = sorted(both, key=lambda layer: layer.kernel_size)
    assert np.allclose(KerasModel(model).do_layer_outputs(images, 0), shortcut(images), atol=1e-6)
    assert np.allclose(KerasModel(model).do_layer_outputs(images, 1), inner(images), atol=1e-6)
    with pytest.raises(ValueError, match="layers with weights"):
        KerasModel(model).do_layer_outputs(images, 2)


def test_without_its_3x3_kernels_only_the_shortcut_depends_on_the_input():
    model, images = _two_layers(), _images()
    before = KerasModel(model).do_outputs(images)
    zeroed = KerasModel(model).do_outputs_zeroed(images, (3, 3))
    shortcut = next(layer for layer in model.layers if getattr(layer, "kernel_size", None) == (1, 1))
    assert np.allclose(zeroed, shortcut(images), atol=1e-6)
    assert np.array_equal(KerasModel(model).do_outputs(images), before), "the model has its own weights again"


def test_gradients_agree_with_central_differences():
    keras.utils.set_random_seed(2)  # with others a ReLU may bend within the step
    model, images = _two_layers(), _images()
    handle = KerasModel(model)
    factors = np.random.default_rng(1).normal(size=(2, 6, 5, 3))

    def total(inputs):
        return float(np.sum(handle.do_outputs(inputs).astype(float) * factors))

    moved = np.zeros_like(images)
    moved[1, 2, 3, 1] = 1e-2
    slope = (total(images + moved) - total(images - moved)) / 2e-2
    assert handle.do_input_gradient(images, factors)[1, 2, 3, 1] == pytest.approx(slope, abs=2e-2)
    by_bias = handle.do_weight_gradients(images, factors)[1]  # the shortcut's, after its kernel
    assert np.allclose(by_bias, factors.sum(axis=(0, 1, 2)), atol=1e-4)


def test_a_function_that_an_answer_gives_back_can_be_called():
    received = Received("times(3)", value=as_handle(lambda x: 3 * x))
    assert received.applied_to(np.array([1, 2])).value.tolist() == [3, 6]
    assert received.applied_to("a", "b").failure.kind == "raised"
