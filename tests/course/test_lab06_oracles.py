"""Lab 06's expected values against Keras, and the networks of question 6.6 against the rule that grades them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from autograder.check import Draw
from course import given
from course.device import quiet
from course.draws import lab06 as rules
from course.draws.arithmetic import numbers_of
from course.questions import lab06_pooling as lab

with quiet():
    keras = pytest.importorskip("keras")

SHAPES = [
    ((2, 5, 7, 2), 3, 2),
    ((1, 6, 8, 3), 3, 2),
    ((3, 4, 5, 2), 2, 1),
    ((2, 10, 7, 2), 2, 3),
    ((2, 9, 6, 1), 3, 3),
]


def images(*shape: int) -> np.ndarray:
    """Whole numbers of both signs, as float32."""
    return np.random.default_rng(0).integers(-30, 30, shape).astype("float32")


@pytest.mark.parametrize(("shape", "k", "s"), SHAPES)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("mode", ["max", "average"])
def test_pooling_is_keras_pooling(shape, k, s, padding, mode):
    """Whole windows, and the named mistake of padding as `same`, as Keras computes them."""
    x = images(*shape)
    pool = {"max": keras.ops.max_pool, "average": keras.ops.average_pool}[mode]
    ours = lab._pooled(x, k, s, mode) if padding == "valid" else lab._as_same(x, k, s, mode)
    assert np.allclose(ours, pool(x, k, s, padding=padding), atol=1e-4)


@pytest.mark.parametrize("mode", ["max", "average"])
def test_global_pooling_is_keras_pooling(mode):
    """One number a map, shape (batch, channels)."""
    layers = {"max": keras.layers.GlobalMaxPooling2D, "average": keras.layers.GlobalAveragePooling2D}
    x = images(3, 4, 5, 2)
    assert np.allclose(lab._global(x, mode), layers[mode]()(x), atol=1e-4)


def test_lecture_grids():
    """The lectures' maxima, and the averages of which one is 36.5."""
    pooled = {
        (name, mode): lab._pooled(np.array(grid)[None, :, :, None], 2, 2, mode).ravel().tolist()
        for name, grid in (("W12", lab.W12), ("W13", lab.W13), ("W14", lab.W14))
        for mode in ("max", "average")
    }
    assert pooled == {
        ("W12", "max"): [6, 8, 3, 4],
        ("W12", "average"): [3.25, 5.25, 2, 2],
        ("W13", "max"): [4, 8, 6, 9],
        ("W13", "average"): [2.75, 4.5, 5, 5],
        ("W14", "max"): [100, 184, 12, 45],
        ("W14", "average"): [36.5, 80, 12, 15],
    }


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("relu", lambda x: lab._each(x, lambda v: max(v, 0.0))),
        ("softplus", lambda x: lab._each(x, lab._softplus)),
        ("elu", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
        ("softmax", lambda x: lab._softmax(x, 1)),
    ],
)
def test_activations_are_keras_activations(name, rule):
    """The decimal oracles give what Keras gives, far from zero too."""
    x = np.array([[-1000, -8, -0.25, 0.5], [3, 12, 40, 1000]], "float32")
    assert np.allclose(rule(x.astype(float)), getattr(keras.activations, name)(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dx", [-7, -1, 0, 2, 5, 12])
def test_shift_is_a_roll(dx):
    """The question's shift is np.roll along the width."""
    x = images(2, 3, 5, 2)
    assert np.array_equal(lab._shifted(x, dx), np.roll(x, dx, axis=2))


def test_filter_is_keras_convolution():
    """The row filter of the checks is a cross-correlation with zeros outside."""
    x, weights = images(2, 3, 6, 1), [2, -1, 3]
    kernel = np.array(weights, "float32").reshape(1, 3, 1, 1)
    assert np.allclose(given.row_filter(weights, "zeros")(x), keras.ops.conv(x, kernel, padding="same"))


def test_row_maxima_are_keras_pooling():
    """Windows side by side in a row; the rest is left out."""
    x = images(2, 3, 8, 2)
    assert np.array_equal(given.row_maxima(3)(x), keras.ops.max_pool(x, (1, 3)))


def test_cyclic_filter_is_equivariant_everywhere():
    """Without a border the map moves along exactly."""
    x, f = images(1, 2, 7, 2), given.row_filter([1, 2, -3], "cyclic")
    assert np.array_equal(f(np.roll(x, 3, axis=2)), np.roll(f(x), 3, axis=2))


NETS = [
    *(("zeros", sides, (1, 1)) for sides in itertools.product((3, 5), repeat=2)),
    *(
        ("cyclic", sides, pools)
        for sides in itertools.product((3, 5), repeat=2)
        for one in (2, 3, 4)
        for pools in ((one, 1), (1, one))
    ),
    *(
        ("zeros", sides, pools)
        for sides in itertools.product((3, 5), repeat=2)
        for pools in ((2, 3), (3, 2), (2, 4), (4, 2))
    ),
]


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """The pictures of the notebook."""
    return np.random.default_rng(6).integers(0, 10, (2, 8, 96, 1)).astype("float32")


@pytest.mark.parametrize("net", NETS, ids=str)
def test_network_keeps_to_the_rule(net, pictures):
    """Inside, the gap is 0 for multiples of the step alone; at the border as many columns differ as counted."""
    model = given.shift_net(*net)
    maps, step = np.asarray(model(pictures)), rules.step(net)
    assert maps.shape[2] == 96 // step
    for dx in range(1, 13):
        moved = np.repeat(np.asarray(model(np.roll(pictures, dx, axis=2))), step, axis=2)
        gap = np.abs(moved - np.roll(np.repeat(maps, step, axis=2), dx, axis=2))[:, :, 32:64].max()
        assert (gap == 0) == (dx % step == 0)
    moved = np.asarray(model(np.roll(pictures, step, axis=2)))
    columns = np.abs(moved - np.roll(maps, 1, axis=2)).max(axis=(0, 1, 3))
    assert np.count_nonzero(columns) == rules.broken(net)


@pytest.mark.parametrize("learner", ["", "ana", *map(str, range(40))])
def test_every_draw_is_among_the_tested_networks(learner):
    """No learner gets a network that the test above does not know."""
    assert set(numbers_of(rules.my_nets, learner)) <= set(NETS)


def test_grids_have_a_window_of_negative_numbers():
    """One wide window is negative throughout, and the averages have fractions."""
    for number in range(30):
        grids = rules.my_pools.draw(Draw("test", str(number)))
        _, averages, largest = rules.pools(grids)
        assert sum(value < 0 for value in largest) == 1
        assert {0.25, 0.5} <= {average % 1 for average in averages}


def test_slides_by_experiment():
    """The numbers of question 6.7: a row that moves, a layer's parameters and shape, gradients by trying."""
    row = np.array([0, 0, 1, 4, 0, 0, 0, 0, 0.0])
    first, second = (x[:-1] + 2 * x[1:] for x in (row, np.roll(row, 3)))
    assert (first.argmax(), second.argmax(), first.max(), second.max()) == (2, 5, 9, 9)
    layer = keras.layers.MaxPooling2D(3, 2)
    assert layer(np.zeros((1, 14, 23, 5), "float32")).shape[1:] == (6, 11, 5) and layer.count_params() == 0
    grid, slopes = np.array(lab.W12, float), {}
    for mode in ("max", "average"):
        slopes[mode] = np.zeros((4, 4))
        for place in np.ndindex(4, 4):
            moved = grid.copy()
            moved[place] += 1e-3
            change = lab._pooled(moved[None, :, :, None], 2, 2, mode) - lab._pooled(
                grid[None, :, :, None], 2, 2, mode
            )
            slopes[mode][place] = change.ravel() @ [1, 2, 3, 4] / 1e-3
    counts = [np.count_nonzero(np.abs(slopes[mode]) > 1e-6) for mode in ("max", "average")]
    assert counts == [4, 16]
    eight, seven = (1, 3), (1, 2)
    gradients = slopes["max"][eight], slopes["average"][eight], slopes["max"][seven]
    assert np.allclose(gradients, (2, 0.5, 0))


def test_strided_convolution_has_the_essays_parameters():
    """3·3·64·64 + 64."""
    model = keras.Sequential([keras.Input((8, 8, 64)), keras.layers.Conv2D(64, 3, 2)])
    assert model.count_params() == 36_928
