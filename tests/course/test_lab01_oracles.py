"""Lab 01's expected values against Keras and SciPy, its lecture numbers, and what its checks hand out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import shift as ndimage_shift
from scipy.signal import correlate2d

from autograder.check import lazily
from course import given
from course.device import quiet
from course.draws.lab01 import my_mlps, parameters
from course.questions import lab01_pixels as lab

with quiet():
    keras = pytest.importorskip("keras")

NETWORKS = [
    (28, 28, 1, [77, 10]),
    (28, 28, 1, [100, 10]),
    (1, 1, 1, [3, 1]),
    (5, 9, 2, [7, 3, 11]),
    (200, 200, 3, [100]),
    (200, 200, 3, [120_000]),
]


def keras_parameters(shape: tuple[int, int, int], units: list[int]) -> int:
    """What Keras counts for an MLP; no weight is made."""
    with lazily():
        layers = [keras.Input(shape), keras.layers.Flatten(), *(keras.layers.Dense(m) for m in units)]
        return keras.Sequential(layers).count_params()


@pytest.mark.parametrize(("h", "w", "c", "units"), NETWORKS)
def test_mlp_has_keras_parameters(h, w, c, units):
    """The rule and Keras count the same."""
    assert parameters(h, w, c, units) == keras_parameters((h, w, c), units)


@pytest.mark.parametrize(("h", "w", "c", "k"), [(32, 32, 3, 10), (5, 8, 2, 3), (28, 28, 1, 6)])
def test_fully_connected_layer_has_keras_parameters(h, w, c, k):
    """A dense layer with as many outputs as k maps have numbers."""
    assert lab._same_output(h, w, c, k) == keras_parameters((h, w, c), [h * w * k])


def test_numbers_of_the_lectures():
    """The lab's text states these."""
    assert parameters(200, 200, 3, [1]) == 120_001
    assert parameters(200, 200, 3, [120_000]) == 120_000**2 + 120_000 == 14_400_120_000
    assert lab._same_output(32, 32, 3, 10) == 31_467_520
    slide = next(value for name, value in lab._same_output_mistakes(32, 32, 3, 10).items() if "slide's" in name)
    assert slide == 94_402_560
    assert round(31_467_520 / 760) == 41_405
    assert parameters(10, 22, 1, [40, 1]) == 8_881 and parameters(5, 5, 1, [4, 1]) == 109
    assert parameters(10, 22, 1, [432]) == 95_472 and parameters(5, 5, 1, [4]) == 104


@pytest.mark.parametrize("learner", ["", "amara", "ben", "李", "x1"])
def test_networks_of_a_learner_are_keras_networks(learner):
    """Numbers counted by hand are Keras' numbers."""
    networks, right, _ = my_mlps.for_learner(learner)
    assert right == tuple(keras_parameters((h, w, c), list(units)) for h, w, c, units in networks)


@pytest.mark.parametrize("shape", [(2, 3, 1), (3, 2, 3), (2, 5, 2)])
def test_scores_are_keras_dense_layer(shape):
    """Templates in the order of Keras' Flatten, as a dense layer without activation."""
    rng = np.random.default_rng(0)
    W, b = rng.integers(-4, 5, (10, int(np.prod(shape)))), rng.integers(-9, 10, 10)
    x = rng.integers(0, 10, shape)
    model = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(10)])
    model.set_weights([W.T, b])
    assert np.array_equal(lab._scores(W, b, x), model.predict(x[None], verbose=0)[0])


def test_scanning_a_template_is_a_correlation():
    """The map of a template is SciPy's valid correlation plus the bias."""
    rng = np.random.default_rng(1)
    img, weights = rng.integers(0, 10, (6, 9)), rng.integers(-3, 4, (3, 3))
    detector = given.patch_template(weights, 1.5)
    assert np.array_equal(lab._scanned(img, detector, 3), correlate2d(img, weights, mode="valid") + 1.5)


@pytest.mark.parametrize("s", range(-4, 5))
def test_moved_is_a_shift_of_scipy(s):
    """Zeros come in; positive is to the right."""
    X = given.random_pictures(3, 4, 6, 2, 7)
    assert np.array_equal(lab._moved(X, s), ndimage_shift(X, (0, 0, s, 0), order=0))


def test_moved_is_keras_padding_and_cropping():
    """Two pixels to the right: two columns of zeros in front, the last two cut off."""
    X = given.random_pictures(3, 4, 6, 2, 7).astype("float32")
    padded = keras.layers.ZeroPadding2D(((0, 0), (2, 0)))(X)
    assert np.array_equal(lab._moved(X, 2), np.asarray(keras.layers.Cropping2D(((0, 0), (0, 2)))(padded)))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("group", lab.TRIALS)
def test_every_slip_of_shifting_shows(group, seed):
    """In none of the question's groups does a slip give the right accuracies by chance."""
    model, y = given.pixel_reader(4), given.random_labels(60, 4, seed)
    harmless = {
        "to the right": [
            "Every shift goes to the right",
            "moved to the right only",
            "The channels are shifted",
            "After a negative shift",
        ],
        "to the left": ["The channels are shifted"],
        "in both directions, in any order": ["The channels are shifted"],
    }
    pictures = [(given.random_pictures(60, *shape, seed), shifts) for shape, shifts in lab.TRIALS[group]]
    right = [lab._accuracies(model, X, y, shifts) for X, shifts in pictures]
    for name, rule in lab.SHIFTS.items():
        if any(text in name for text in harmless.get(group, [])):
            continue
        assert [lab._accuracies(model, X, y, shifts, rule) for X, shifts in pictures] != right, name


# ---- what the checks hand out


def test_patch_mlp_depends_on_its_seed():
    """The same network for the same numbers; its scores are exact in binary."""
    score = given.patch_mlp(3, 4, 7)
    patches = np.random.default_rng(0).integers(0, 9, (5, 3, 3))
    zero = score(np.zeros((3, 3)))
    first = [score(patch) for patch in patches]
    assert first == [given.patch_mlp(3, 4, 7)(patch) for patch in patches]
    assert len({zero, *first}) > 3 and all((16 * value).is_integer() for value in first)
    assert given.patch_mlp(3, 4, 8)(patches[0]) != first[0]


@pytest.mark.parametrize("patch", [np.ones(9), np.ones((3, 3, 1)), np.ones((2, 3))])
@pytest.mark.parametrize("maker", [lambda: given.patch_mlp(3, 4, 7), lambda: given.patch_template(np.eye(3), 0)])
def test_detectors_refuse_other_shapes(patch, maker):
    """A flattened patch is an error that says so."""
    with pytest.raises(ValueError, match=r"patch of shape \(3, 3\). Received shape"):
        maker()(patch)


def test_pixel_reader_knows_every_pixel():
    """One more at any place changes the class of some picture."""
    X, model = given.random_pictures(30, 3, 4, 2, 0), given.pixel_reader(5)
    for place in np.ndindex(3, 4, 2):
        changed = X.copy()
        changed[(slice(None), *place)] += 1
        assert (model.predict(changed) != model.predict(X)).any()


def test_pixel_reader_wants_a_batch():
    """A single picture is no batch."""
    with pytest.raises(ValueError, match="batch, height, width, channels"):
        given.pixel_reader(3).predict(np.zeros((4, 5, 1)))


def test_random_pictures_are_new_each_time():
    """An answer that spoils its pictures does not spoil the next call's."""
    given.random_pictures(2, 3, 4, 1, 5)[:] = 0
    assert given.random_pictures(2, 3, 4, 1, 5).min() > 0


def test_random_labels_are_classes():
    """Whole numbers below the number of classes, all of them."""
    labels = given.random_labels(60, 4, 3)
    assert set(labels.tolist()) == {0, 1, 2, 3} and labels.dtype == np.int64
