"""Lab 07's right values against Keras and the lectures' tables, and its networks against their rule."""

from __future__ import annotations

import numpy as np
import pytest

from course.device import quiet
from course.draws import numbers
from course.draws.lab07 import ALEXNET, VGG16, _at_block_ends, fields
from course.given import network
from course.questions import lab07_matrices as lab
from course.questions._lab03_rules import conv_rule
from course.questions._lab07_measured import boxed, map_sides, reactions, rectangle
from course.questions._lab07_rules import band, columns, field

with quiet():
    keras = pytest.importorskip("keras")

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("geometry", [(6, 3, 1, 1), (8, 2, 3, 2), (5, 4, 2, 0), (3, 5, 1, 2)])
def test_the_band_is_keras_convolution(geometry):
    """The matrix times a row is what Keras' one-dimensional layer gives for the padded row."""
    n, k, stride, pad = geometry
    w, x = RANDOM.integers(-4, 5, k), RANDOM.integers(-4, 5, n)
    layer = keras.layers.Conv1D(1, k, strides=stride, use_bias=False)
    padded = np.pad(x, pad)[None, :, None].astype("float32")
    layer.build(padded.shape)
    layer.set_weights([w[:, None, None]])
    assert np.array_equal(band(w, n, stride, pad) @ x, np.asarray(layer(padded))[0, :, 0])


@pytest.mark.parametrize(("k", "s", "p"), [((3, 2), 1, 0), ((2, 3), 2, 1), ((1, 1), 1, 0), ((3, 3), 3, 2)])
def test_the_matrix_of_windows_times_the_kernels_is_keras_layer(k, s, p):
    """im2col and one product give what Keras gives; so does the oracle of the layer."""
    x, weights = RANDOM.integers(-3, 4, (2, 6, 7, 3)), RANDOM.integers(-3, 4, (*k, 3, 4))
    bias = np.array([1.0, -2.0, 3.0, 0.0])
    layer = keras.layers.Conv2D(4, k, strides=s)
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0))).astype("float32")
    layer.build(padded.shape)
    layer.set_weights([weights, bias])
    expected = np.asarray(layer(padded))
    product = columns(x, k, s, p) @ weights.reshape(-1, 4) + bias
    assert np.array_equal(product.reshape(expected.shape), expected)
    assert np.array_equal(conv_rule(x, weights, bias, s, p), expected)


@pytest.mark.parametrize("k", [(2, 3), (3, 3), (1, 2)])
def test_windows_are_keras_patches(k):
    """The order in a row is that of Keras' extract_patches."""
    x = RANDOM.normal(size=(2, 5, 6, 3)).astype("float32")
    patches = np.asarray(keras.ops.image.extract_patches(x, k, strides=1, padding="valid"))
    assert np.array_equal(columns(x, k, 1, 0), patches.reshape(-1, patches.shape[-1]))


def test_fields_are_those_of_the_tables():
    """AlexNet, VGG-16 and LeNet-5 as in the lectures' tables, by both ways of counting."""
    assert fields(ALEXNET) == (11, 19, 51, 67, 99, 131, 163, 195)
    assert _at_block_ends(VGG16) == (5, 14, 40, 92, 196, 212)
    assert [field(lab.PADDED_ALEXNET[:count])[0] for count in range(1, 9)] == [*fields(ALEXNET)]
    assert field(lab.LENET) == (16, 4, 0) and field(lab.PADDED_VGG) == (212, 32, -90)


@pytest.mark.parametrize(
    "layers",
    [
        [(3, 2, 1, 1), (3, 1, 1, 1), (3, 2, 2, 2)],
        [(5, 1, 0, 1), (2, 2, 0, 1), (3, 1, 1, 1)],
        [(3, 1, 1, 1), (3, 1, 2, 2), (2, 3, 0, 1)],
    ],
)
def test_the_field_is_that_of_keras_gradient(layers):
    """Layers of ones without activation: the gradient of two outputs shows size, jump and start."""
    tf = pytest.importorskip("tensorflow")
    stack = [keras.Input((64, 1))]
    for f, s, p, d in layers:
        stack += [keras.layers.ZeroPadding1D(p)] * (p > 0)
        if s > 1 and d > 1:  # Keras does not do both at once
            stack += [keras.layers.Conv1D(1, f, dilation_rate=d, kernel_initializer="ones")]
            stack += [keras.layers.MaxPooling1D(1, s)]
        else:
            stack += [keras.layers.Conv1D(1, f, strides=s, dilation_rate=d, kernel_initializer="ones")]
    model = keras.Sequential(stack)
    size, jump, start = field(layers)
    for place in (3, 4):
        with tf.GradientTape() as tape:
            x = tf.zeros((1, 64, 1))
            tape.watch(x)
            output = model(x)[0, place, 0]
        seen = np.flatnonzero(np.asarray(tape.gradient(output, x))[0, :, 0])
        assert (seen[0], seen[-1] - seen[0] + 1) == (start + place * jump, size)


def test_golden_numbers():
    """Drawn once for the id "ana"; a change would give every learner other networks."""
    layers = numbers("lab07_matrices", "alexnet_fields", "ana")
    assert [layer[1:] for layer in layers] == [(8, 5), (2, 2), (7, 1), (2, 2), (3, 1), (3, 1), (3, 1), (2, 2)]
    assert numbers("lab07_matrices", "vgg_fields", "ana") == ((2, 3), (1, 3), (4, 5), (4, 3), (4, 3))


# ---- the networks of 7.5 ----

SPECS = [(spec, number, shape) for number, (spec, shape, _) in enumerate(lab.PLAIN)] + lab.SEVERAL + lab.NARROW


def measured(spec, seed, shape, place, pictures, step=0.5, draw=None):
    """The rectangle of the pixels that changed an output on any of some random pictures."""
    random = np.random.default_rng(7)
    model, steps = network(spec, seed), step * np.eye(shape[0] * shape[1]).reshape(-1, *shape, 1)
    changed = np.zeros(shape[0] * shape[1], bool)
    for _ in range(pictures):
        picture = random.random((1, *shape, 1)) if draw is None else draw(random, (1, *shape, 1))
        changed |= (model(picture + steps) != model(picture))[:, place[0], place[1], 0]
    return boxed(changed.reshape(shape))


@pytest.mark.parametrize(("spec", "seed", "shape"), SPECS)
def test_a_hundred_pictures_show_the_whole_field(spec, seed, shape):
    """Whatever pictures and steps a learner takes, 100 of them show what the rule says."""
    sides = map_sides(spec, shape)
    assert network(spec, seed)(np.zeros((2, *shape, 1))).shape == (2, *sides, 1)
    for place in ((0, sides[1] - 1), (sides[0] // 2, sides[1] // 2), (sides[0] // 2 - 1, sides[1] // 2 - 1)):
        right = rectangle(spec, shape, place)
        assert measured(spec, seed, shape, place, 100) == right
        assert measured(spec, seed, shape, place, 100, step=1e-4) == right
        normal = measured(spec, seed, shape, place, 100, draw=lambda random, size: random.normal(size=size))
        assert normal == right


@pytest.mark.parametrize(("spec", "seed", "shape"), lab.NARROW)
def test_one_picture_is_not_enough(spec, seed, shape):
    """Narrow and deep: an evenly grey picture never shows the field, a random one at most half the time."""
    place = tuple(side // 2 for side in map_sides(spec, shape))
    right = rectangle(spec, shape, place)
    for grey in (0.0, 0.5, 1.0):
        assert boxed(reactions(network(spec, seed), np.full(shape, grey), place)) != right
    pictures = [np.random.default_rng(number).random(shape) for number in range(40)]
    shown = sum(boxed(reactions(network(spec, seed), picture, place)) == right for picture in pictures)
    assert shown <= 20


def test_a_network_is_the_same_every_time():
    """The same layers and seed give the same function; another seed gives another one."""
    x = RANDOM.random((2, 6, 7, 1))
    spec = [("conv", (3, 2), 1, 1, 1), ("pool", (2, 2), 2)]
    assert np.array_equal(network(spec, 4)(x), network(spec, 4)(x))
    assert not np.array_equal(network(spec, 4)(x), network(spec, 5)(x))


@pytest.mark.parametrize("images", [np.zeros((6, 7)), np.zeros((1, 6, 7, 3)), np.zeros((1, 2, 2, 1))])
def test_a_network_refuses_other_pictures(images):
    """The message says what was expected."""
    with pytest.raises(ValueError, match=r"shape \(batch, height, width, 1\)|does not fit"):
        network([("conv", (3, 3), 1, 0, 1)], 0)(images)
