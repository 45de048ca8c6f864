"""Lab 08's right answers come from counting; TensorFlow's tape and finite differences say the same."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder._sources import forbidden_in_cells
from autograder.check import Draw
from course import broken
from course.given import digit_labels, small_digits, start_weights
from course.questions import lab08_backward as questions
from course.questions._lab08_layers import conv_gradients, cross_entropy, pool_gradient, softmax_shares
from course.questions._lab08_network import network_gradients, scores

tf = pytest.importorskip("tensorflow")


def draw() -> Draw:
    return Draw("tests", "lab08_oracles")


def slopes(function, at, step=1e-5):
    """Central differences, number by number."""
    found = np.zeros(at.shape)
    for place in np.ndindex(at.shape):
        above, below = at.copy(), at.copy()
        above[place] += step
        below[place] -= step
        found[place] = (function(above) - function(below)) / (2 * step)
    return found


def taped(function, *arrays):
    """TensorFlow's gradients of a scalar by each of the arrays."""
    variables = [tf.Variable(array) for array in arrays]
    with tf.GradientTape() as tape:
        value = function(*variables)
    return [gradient.numpy() for gradient in tape.gradient(value, variables)]


def convolved(x, W, b, stride, pad):
    return tf.nn.conv2d(x, W, stride, [[0, 0], [pad, pad], [pad, pad], [0, 0]]) + b


@pytest.mark.parametrize("geometry", [*questions.PLAIN, *questions.MOVED], ids=str)
def test_convolution_as_tensorflow(geometry):
    """The gradients of every geometry in question 8.2."""
    d, cache = questions._conv_example(draw(), geometry)
    x, W, b, stride, pad = cache
    theirs = taped(lambda x, W, b: tf.reduce_sum(d * convolved(x, W, b, stride, pad)), x, W, b)
    for ours, other in zip(conv_gradients(d, cache), theirs, strict=True):
        assert np.array_equal(ours, other)


@pytest.mark.parametrize("geometry", [questions.PLAIN[1], questions.MOVED[3], questions.MOVED[4]], ids=str)
def test_convolution_as_finite_differences(geometry):
    """The same by trying, with TensorFlow's forward pass."""
    d, (x, W, b, stride, pad) = questions._conv_example(draw(), geometry)

    def value(x, W, b):
        return float(np.sum(d * convolved(x, W, b, stride, pad).numpy()))

    dx, dw, db = conv_gradients(d, (x, W, b, stride, pad))
    assert np.allclose(slopes(lambda x: value(x, W, b), x), dx, atol=1e-5)
    assert np.allclose(slopes(lambda W: value(x, W, b), W), dw, atol=1e-5)
    assert np.allclose(slopes(lambda b: value(x, W, b), b), db, atol=1e-5)


POOLS = (*questions.SIDE_BY_SIDE, *questions.OVERLAPPING, *questions.LEFT_OVER)


@pytest.mark.parametrize("pixels", [questions._distinct, questions._ties], ids=["distinct", "ties"])
@pytest.mark.parametrize(("shape", "f", "stride"), POOLS, ids=str)
def test_max_pooling_as_tensorflow(shape, f, stride, pixels):
    """Ties too: TensorFlow gives all to the first of them in row order, as the question says."""
    source = draw()
    x = pixels(source, shape)
    d = questions._whole(source, *questions._pooled_shape(shape, f, stride))
    (theirs,) = taped(lambda x: tf.reduce_sum(d * tf.nn.max_pool2d(x, f, stride, "VALID")), x)
    assert np.array_equal(pool_gradient(d, (x, f, stride)), theirs)


@pytest.mark.parametrize(("shape", "f", "stride"), POOLS, ids=str)
def test_average_pooling_as_tensorflow(shape, f, stride):
    """Every pixel of a window gets the same share."""
    source = draw()
    x = questions._distinct(source, shape)
    d = questions._whole(source, *questions._pooled_shape(shape, f, stride))
    (theirs,) = taped(lambda x: tf.reduce_sum(d * tf.nn.avg_pool2d(x, f, stride, "VALID")), x)
    assert np.allclose(pool_gradient(d, (x, f, stride), average=True), theirs, atol=1e-12)


def test_ties_really_occur():
    """In the group of ties most windows have several largest pixels, and some are below zero."""
    x = questions._ties(draw(), (2, 5, 7, 2))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    largest = windows.max(axis=(4, 5), keepdims=True)
    assert np.mean((windows == largest).sum(axis=(4, 5)) > 1) > 0.5
    assert (largest < 0).any()


def test_relu_is_flat_at_zero_in_tensorflow():
    """The convention of question 8.5."""
    (theirs,) = taped(lambda x: tf.reduce_sum(tf.nn.relu(x)), np.array([-1.0, 0.0, 2.0]))
    assert theirs.tolist() == [0, 0, 1]


def test_softmax_and_cross_entropy_as_tensorflow():
    """Loss and gradient, for scores of ordinary size and of ±1000."""
    for z in (draw().array((5, 4), -8, 8) / 4, np.array([[1000.0, 999.0, -1000.0, 0.0]] * 5)):
        labels = np.array([0, 1, 3, 0, 1])

        def loss(z, labels=labels):
            return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, z)

        (theirs,) = taped(lambda z: tf.reduce_mean(loss(z)), z)
        assert np.allclose(cross_entropy(z, labels), loss(z), atol=1e-9)
        assert np.allclose((softmax_shares(z) - np.eye(4)[labels]) / 5, theirs, atol=1e-12)


def test_network_as_tensorflow():
    """All four gradients of question 8.6's network, and its scores."""
    weights, images, labels = start_weights(3), small_digits(6, 40), digit_labels(6, 40)

    def said(W1, b1, W2, b2):
        maps = tf.nn.relu(convolved(images, W1, b1, 2, 1))
        pooled = tf.nn.max_pool2d(maps, 3, 2, "VALID")
        return tf.reshape(pooled, (6, -1)) @ W2 + b2

    def loss(*arrays):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, said(*arrays)))

    assert np.allclose(scores(weights, images), said(*weights.values()), atol=1e-9)
    for ours, theirs in zip(
        network_gradients(weights, images, labels).values(), taped(loss, *weights.values()), strict=True
    ):
        assert np.allclose(ours, theirs, atol=1e-9)


# ---- the notebook ----


@pytest.mark.parametrize(
    "used", ["x", "d", "z", "name", "dx", "one", "other", "theirs", "loss", "images", "inputs"]
)
def test_no_cell_makes_an_honest_name_suspicious(used):
    """Answers are looked through for forbidden libraries, with what they use of other cells, by name.

    So no cell may bind a name that answers use, too, in a statement that reaches TensorFlow or the gallery.
    """
    file = Path(__file__).parents[2] / "solutions" / "lab08_backward" / "lab08_backward.ipynb"
    cells = [cell.source for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    for question in (questions.conv_backward, questions.maxpool_backward, questions.train):
        own = f"def {question.id}(*given):\n    {used} = given\n    return {used}\n"
        assert forbidden_in_cells([*cells, own], question.names, question.forbidden) is None


# ---- the gallery of broken backward passes ----


@pytest.mark.parametrize("geometry", [*questions.PLAIN, *questions.MOVED], ids=str)
def test_gallery_without_a_fault_is_right(geometry):
    """The version that the checks compare with agrees with counting."""
    d, cache = questions._conv_example(draw(), geometry)
    for one, other in zip(broken.conv_backward(d, cache), conv_gradients(d, cache), strict=True):
        assert np.array_equal(one, other)


def test_three_means_let_six_of_seven_pass():
    """What the notebook says of the popular check."""
    assert [name for name, version in broken.VERSIONS.items() if not broken.three_means(version)] == [
        "stride ignored"
    ]


def test_only_the_last_check_notices_everything():
    """Each of the other checks is fooled by something, and none accuses the right version."""
    table = broken.notices({"right": broken.conv_backward, **broken.VERSIONS})
    assert not any(table.pop("right").values())
    blind = [name for name in broken.CHECKS if not all(row[name] for row in table.values())]
    assert blind == list(broken.CHECKS)[:-1]


def test_a_version_that_fails_is_noticed():
    """Nothing that a learner's own version does stops the table."""
    rows = broken.notices({"nothing": lambda d, cache: None, "stops": lambda d, cache: 1 / 0})
    assert all(noticed for row in rows.values() for noticed in row.values())


def test_an_unknown_fault_is_refused():
    """A misspelt fault does not pass for the right version."""
    d, cache = broken.example(4, 5, (2, 2), 1, 0)
    with pytest.raises(ValueError, match="There are: overwrites"):
        broken.conv_backward(d, cache, "flip")
