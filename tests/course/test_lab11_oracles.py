"""What lab 11's questions expect, held against Keras, TensorFlow and counting; and its drawn shapes."""

from __future__ import annotations

import numpy as np
import pytest

from autograder._models import KerasModel, as_handle
from autograder.check import Draw
from course import shapes
from course.device import quiet
from course.draws import lab11
from course.given import shape_labels, small_classifier
from course.given import shapes as given_shapes
from course.questions import _classics as classics
from course.questions import lab11_alexnet as lab

with quiet():
    keras = pytest.importorskip("keras")
    import tensorflow as tf

layers = keras.layers
FIRST_LABELS = [2, 3, 4, 5, 0, 0, 4, 5, 1, 1, 5, 2]
MEANS = [60.25, 61.837, 65.206]


@pytest.mark.parametrize(
    ("n", "k", "alpha", "beta"), [(5, 2.0, 1e-4, 0.75), (3, 1.0, 0.5, 0.5), (9, 1.5, 0.1, 1.0)]
)
def test_response_normalisation_is_tensorflows(n, k, alpha, beta):
    """TensorFlow's depth_radius is (n - 1) / 2."""
    x = Draw("lrn").array((2, 3, 4, 7), -90, 90) / 4
    theirs = tf.nn.local_response_normalization(x.astype(np.float32), n // 2, k, alpha, beta)
    assert np.abs(lab._lrn_rule(x, n, k, alpha, beta) - np.asarray(theirs)).max() < 1e-4


@pytest.mark.parametrize("k", [1, 2, 5])
def test_topk_error_without_ties_is_keras_accuracy_turned_round(k):
    """Where no scores are equal, no convention is needed."""
    draw = Draw("topk")
    p = lab._scores(draw, 40, 9)
    y = draw.array(40, 0, 8).astype(np.int64)
    accuracy = keras.metrics.sparse_top_k_categorical_accuracy(y, p.astype(np.float32), k)
    assert lab._topk_rule(p, y, k) == pytest.approx(1 - float(np.mean(accuracy)))


def test_ties_count_against_the_right_class():
    """Equal scores for all classes: every picture is a miss, unless all classes are taken."""
    p, y = np.full((3, 4), 0.25), np.array([0, 1, 3])
    assert [lab._topk_rule(p, y, k) for k in (1, 3, 4)] == [1.0, 1.0, 0.0]


def test_first_layer_is_keras():
    """AlexNet's own conv1, and the learner's sample numbers."""
    assert lab11.first_costs(227, 11, 4, 96) == (34_944, 105_415_200)
    n, f, s, k = lab11.my_conv1.for_learner("sample")[0]
    layer = layers.Conv2D(k, f, s)
    side = layer(np.zeros((1, n, n, 3), "float32")).shape[1]
    assert lab11.first_costs(n, f, s, k) == (layer.count_params(), side * side * int(np.prod(layer.kernel.shape)))


def test_dense_layers_are_keras():
    """AlexNet's own dense layers hold 94.0 %, rounded to 94; and the learner's sample numbers."""
    assert lab11.dense_share(6, 256, 4096, 4096, 1000, 62_378_344 - 58_631_144) == (58_631_144, 94)
    side, maps, *units, others = lab11.my_dense.for_learner("sample")[0]
    model = keras.Sequential([keras.Input((side, side, maps)), layers.Flatten(), *map(layers.Dense, units)])
    count = model.count_params()
    assert lab11.dense_share(side, maps, *units, others) == (count, round(100 * count / (count + others)))


@pytest.mark.parametrize("item", lab11.ALL, ids=lambda item: item.question)
def test_shares_are_never_near_a_half(item):
    """Many learners: the draw is found, and rounding is no question."""
    for learner in map(str, range(200)):
        numbers, right, _ = item.for_learner(learner)
        if item is lab11.my_dense:
            exact = 100 * right[0] / (right[0] + numbers[5])
            assert abs(exact - right[1]) < 0.4


@pytest.mark.parametrize(("shape", "pad"), [((227, 227, 3), 0), ((224, 224, 3), 2)])
def test_both_inputs_give_the_same_network(shape, pad):
    """227 without padding and 224 with 2: the same sides and the same counts."""
    network = classics.alexnet(2, shape=shape, pad=pad)
    assert [layer.output[0] for layer in network.layers if layer.kernel] == [55, 27, 27, 13, 13, 13, 13, 6]
    assert network.parameters == 60_965_224


def recipe(model, **options):
    optimizer = keras.optimizers.SGD(**{"learning_rate": 0.01, "momentum": 0.9, **options})
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def test_training_steps_follow_the_formula():
    """Two steps of SGD with momentum, slopes from differences of the loss."""
    model = small_classifier(2, 4)
    weights = [array + 0.1 for array in model.get_weights()]
    x, y = np.random.default_rng(1).random((6, 4, 5, 2)).astype(np.float32), np.array([0, 1, 2, 3, 1, 1])
    handle = KerasModel(recipe(model))
    before = [array.copy() for array in model.get_weights()]
    first, second = handle.do_trained(weights, x, y, 2)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))

    def slope(biases):
        moved = [*weights[:3], biases]
        outputs = handle.do_outputs_with(moved, x)
        return (outputs - np.eye(4)[y]).mean(axis=0)

    speed = -0.01 * slope(weights[3])
    assert np.allclose(first[3] - weights[3], speed, atol=1e-6)
    again = handle.do_outputs_with(first, x)
    speed = 0.9 * speed - 0.01 * (again - np.eye(4)[y]).mean(axis=0)
    assert np.allclose(second[3] - first[3], speed, atol=1e-6)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in Keras itself
def test_a_callback_shows_its_rates():
    """Keras' own: after two epochs without improvement a tenth; accuracies rise, losses fall."""
    losses = [{"val_loss": value, "val_accuracy": 1 - value} for value in (0.9, 0.5, 0.5, 0.5, 0.5, 0.4)]
    for monitor in ("val_loss", "val_accuracy"):
        handle = as_handle(keras.callbacks.ReduceLROnPlateau(monitor=monitor, factor=0.1, patience=2))
        assert handle.do_rates(losses, 0.01) == pytest.approx([0.01, 0.01, 0.01, 0.001, 0.001, 0.001])
    assert as_handle(keras.callbacks.History()) is None  # what `fit` gives back is no answer


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in Keras itself
def test_expected_rates_are_those_of_keras():
    """The rule of the question against the callback, for several patiences."""
    for patience in (2, 3, 5):
        handle = as_handle(keras.callbacks.ReduceLROnPlateau(patience=patience))
        rates = handle.do_rates(lab._stalls(14, 3), lab.RATE)
        assert rates == pytest.approx(lab._rates(14, 3, patience=patience), rel=1e-5)


def test_shapes_are_the_same_for_one_seed():
    """Pictures and classes, byte for byte; another seed gives others."""
    images, labels = shapes.coloured_shapes(300, 5)
    assert (images.shape, images.dtype, labels.dtype) == ((300, 64, 64, 3), np.uint8, np.int64)
    again, same = shapes.coloured_shapes(300, 5)
    assert (images == again).all() and (labels == same).all()
    assert (shapes.coloured_shapes(300, 6)[0] != images).any()
    assert sorted(set(labels)) == list(range(len(shapes.NAMES)))
    assert (given_shapes(300, 5) == images).all() and (shape_labels(300, 5) == labels).all()


def test_shapes_and_classes_can_be_asked_for():
    """Another side, fewer classes, none at all; nonsense is refused."""
    images, labels = shapes.coloured_shapes(40, 1, side=20, classes=3)
    assert images.shape == (40, 20, 20, 3) and set(labels) == {0, 1, 2}
    assert shapes.coloured_shapes(0, 1)[0].shape == (0, 64, 64, 3)
    for wrong in ({"side": 8}, {"classes": 7}, {"classes": 0}):
        with pytest.raises(ValueError, match="Expected"):
            shapes.coloured_shapes(4, 1, **wrong)


def test_a_shape_is_lighter_than_its_ground():
    """The middle of a disc against the border of its picture, noise averaged."""
    images, labels = shapes.coloured_shapes(60, 3)
    for image in images[labels == 0]:
        ground = np.median(image.reshape(-1, 3), axis=0)
        assert (np.percentile(image.reshape(-1, 3), 98, axis=0) > ground + 30).all()


def test_shapes_stay_what_they_are():
    """Classes and brightness of one seed, on every machine: thresholds were measured on these pictures."""
    images, labels = shapes.coloured_shapes(64, 1)
    assert labels[:12].tolist() == FIRST_LABELS
    assert images.mean(axis=(0, 1, 2)) == pytest.approx(MEANS, abs=0.01)
