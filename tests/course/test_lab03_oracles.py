"""Lab 03's right values against Keras and SciPy, and its draws against the printed animation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import signal

from autograder.check import Draw
from course.device import quiet
from course.draws import lab03 as draws
from course.draws import numbers
from course.given import keras_conv
from course.questions import lab03_volumes as lab
from course.questions._lab03_rules import conv_mistakes, conv_rule, one_by_one_rule, slices_that_fit

with quiet():
    keras = pytest.importorskip("keras")

PRINTED = ([[-6, -7, -5], [-9, -6, -9], [3, -5, -8]], [[2, 3, -2], [7, 4, 1], [5, 5, 7]])


def arrays(x_shape: tuple, w_shape: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole numbers for a layer."""
    draw = Draw("test", str(x_shape), str(w_shape))
    return draw.array(x_shape, -5, 5), draw.array(w_shape, -4, 4), draw.array(w_shape[3], -9, 9)


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "stride", "pad"),
    [
        *((*shapes, 1, 0) for shapes in lab.ONE_WINDOW + lab.NO_PADDING),
        *((x, w, 1, pad) for x, w, pad in lab.PADDED),
        *((x, w, stride, 0) for x, w, stride in lab.STRIDED),
        *lab.ALL_TOGETHER,
    ],
)
def test_layer_is_what_keras_computes(x_shape, w_shape, stride, pad):
    """Every shape that the question tries gives Keras' numbers, with the zeros laid around by ZeroPadding2D."""
    x, W, b = arrays(x_shape, w_shape)
    layer = keras_conv(w_shape[3], w_shape[:2], w_shape[2], stride)
    layer.set_weights([W, b])
    padded = keras.layers.ZeroPadding2D(pad)(x.astype("float32"))
    assert np.array_equal(conv_rule(x, W, b, stride, pad), np.asarray(layer(padded)))


def test_layer_is_what_scipy_computes():
    """A correlation over three axes, valid along the depth, is one map."""
    x, W, b = arrays((1, 6, 8, 3), (3, 2, 3, 2))
    maps = [signal.correlate(x[0], W[..., f], mode="valid")[..., 0] + b[f] for f in range(2)]
    assert np.array_equal(conv_rule(x, W, b)[0], np.stack(maps, axis=-1))


def test_animation_gives_the_printed_outputs():
    """The picture, filters and biases of the draws are those whose outputs the lecture prints."""
    out = conv_rule(lab.ANIMATION[None], lab.ANIMATION_W, lab.ANIMATION_B, 2, 1)[0]
    assert [out[:, :, f].tolist() for f in range(2)] == list(PRINTED)


@pytest.mark.parametrize(("which", "missing"), [(0, 2), (1, 1)])
def test_lost_slices_are_unique(which, missing):
    """Exactly one slice of −1, 0 and 1 gives each printed output, by trying all of them."""
    x, w, _, b, out, stride = lab._animation(which, missing)
    windows = [x[i : i + 3, j : j + 3] for i in (0, 2, 4) for j in (0, 2, 4)]
    rest = out.ravel() - b - [np.sum(window * w) for window in windows]
    met = np.array([window[..., missing].ravel() for window in windows])
    tried = [numbers for numbers in itertools.product((-1, 0, 1), repeat=9) if np.array_equal(met @ numbers, rest)]
    assert tried == [tuple(lab.ANIMATION_W[:, :, missing, which].ravel())]
    assert slices_that_fit(x, w, missing, b, out, stride) == set(tried)


def test_stray_slice_fits_nowhere_else():
    """As slice 2 of the first filter the stray slice leaves no slice 1 that gives the printed output."""
    x, w, _, b, out, stride = lab._animation(0, 1)
    w[..., 2] = lab.ANIMATION_W[:, :, 1, 0]
    assert slices_that_fit(x, w, 1, b, out, stride) == set()


@pytest.mark.parametrize("seed", range(5))
def test_meeting_in_the_middle_finds_every_slice(seed):
    """The same slices as by trying all of them, where many fit."""
    x, w, missing, b, out, stride = lab._many(Draw("test", str(seed)))
    windows = [x[0:3, j : j + 3] for j in (0, 3)]
    met = np.array([window[..., missing].ravel() for window in windows])
    rest = out.ravel() - b - [np.sum(window * w) for window in windows]
    tried = np.array(list(itertools.product((-1, 0, 1), repeat=9)))
    found = tried[np.all(tried @ met.T == rest, axis=1)]
    assert slices_that_fit(x, w, missing, b, out, stride) == set(map(tuple, found.tolist()))


def test_one_by_one_is_a_dense_layer():
    """A 1×1 convolution gives what Keras' Dense layer gives at every pixel."""
    x, W, b = arrays((2, 3, 4, 5), (1, 1, 5, 3))
    dense = keras.layers.Dense(3)
    dense.build((None, 5))
    dense.set_weights([W[0, 0], b])
    assert np.array_equal(one_by_one_rule(x, W, b), np.asarray(dense(x.astype("float32"))))


@pytest.mark.parametrize(
    ("c_in", "c_out", "side", "parameters"),
    [(1, 32, 3, 320), (32, 64, 3, 18_496), (3, 10, 5, 760), (64, 32, 1, 2_080)],
)
def test_lectures_counts(c_in, c_out, side, parameters):
    """The shapes and counts of the lectures are Keras'."""
    layer = keras_conv(c_out, (side, side), c_in)
    assert tuple(layer.kernel.shape) == (side, side, c_in, c_out)
    assert layer.count_params() == parameters


@pytest.mark.parametrize("learner", ["", "sample", "ada", "grace"])
def test_hand_made_shapes_are_keras_shapes(learner):
    """Weights and outputs of a learner's two layers, built by Keras."""
    (images, *shape), *layers = numbers("lab03_volumes", "my_shapes", learner)
    tensor, shapes = keras.Input(shape, batch_size=images), []
    for k, filters, stride, pad in layers:
        layer = keras.layers.Conv2D(filters, k, stride)
        tensor = layer(keras.layers.ZeroPadding2D(pad)(tensor))
        shapes += [tuple(layer.kernel.shape), tuple(tensor.shape)]
    assert draws.my_shapes.right(numbers("lab03_volumes", "my_shapes", learner)) == tuple(shapes)


@pytest.mark.parametrize("learner", ["", "sample", "ada", "grace"])
def test_hand_made_outputs_are_the_layers(learner):
    """A learner's two outputs come out of the whole layer."""
    mine = numbers("lab03_volumes", "my_outputs", learner)
    out = conv_rule(lab.ANIMATION[None], lab.ANIMATION_W, np.array(mine.biases), mine.stride, mine.pad)[0]
    assert out.shape == (3, 3, 2)
    assert draws.my_outputs.right(mine) == tuple(out[i, j, f] for f, i, j in mine.wanted)


@pytest.mark.parametrize("learner", [f"student{number}" for number in range(40)])
def test_every_learner_gets_numbers(learner):
    """The draw ends, and no mistake gives either of the right numbers."""
    mine = numbers("lab03_volumes", "my_outputs", learner)
    right = draws.my_outputs.right(mine)
    assert all(wrong[0] != right[0] and wrong[1] != right[1] for wrong in draws.my_outputs.wrong(mine).values())


@pytest.mark.parametrize(("stride", "pad"), [(1, 2), (2, 0), (3, 1), (3, 2)])
def test_mistakes_can_be_told_apart(stride, pad):
    """No two mistakes give the same, and none but the one about fractions gives what is right."""
    x, W, b = arrays((2, 7, 10, 3), (3, 2, 3, 4))
    gives, right = conv_mistakes(x, W, b, stride, pad), conv_rule(x, W, b, stride, pad)
    for (name, one), (_, other) in itertools.combinations(gives.items(), 2):
        assert one.shape != other.shape or not np.array_equal(one, other), name
    alike = [name for name, give in gives.items() if give.shape == right.shape and np.array_equal(give, right)]
    assert [name for name in alike if "Fractions" not in name] == []
