"""Lab 10's drawn networks, its slopes and its climbs against Keras and TensorFlow; the networks that ship."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.check import Draw
from course import _drawn_networks as plans
from course import inside
from course.device import quiet
from course.given import conv_layer, drawn_network, drawn_picture
from course.questions import lab10_seeing as lab
from course.tables import layer_table

with quiet():
    keras = pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")

CASES = [
    ("one convolution", (9, 7, 2), 4),
    ("one convolution", (8, 11, 3), 7),
    ("two convolutions", (12, 9, 3), 12),
    ("three convolutions", (11, 13, 1), 5),
]


def part(model, layer: str):
    """The model up to a layer."""
    return keras.Model(model.input, model.get_layer(layer).output)


@pytest.mark.parametrize(("plan", "shape", "seed"), CASES)
def test_every_layer_gives_what_keras_gives(plan, shape, seed):
    """The table in NumPy and the Keras model agree layer by layer."""
    network, model = lab.Inside(plan, shape, seed), drawn_network(plan, *shape, seed)
    images = np.stack([drawn_picture(*shape, number) for number in (1, 2)])
    for name in network.layers:
        given = np.array(part(model, name)(images))
        assert np.abs(given - network.values(images, name)).max() < 1e-5


def test_straight_leaves_out_the_relu():
    """What a convolution gives before its activation has negative numbers; after it, none."""
    network = lab.Inside("one convolution", (9, 7, 2), 4)
    image = drawn_picture(9, 7, 2, 1)[None]
    before, after = (network.values(image, "conv1", straight=straight) for straight in (True, False))
    assert before.min() < 0 and np.array_equal(np.maximum(before, 0), after)


@pytest.mark.parametrize(("plan", "shape", "seed"), CASES)
@pytest.mark.parametrize("layer", ["logits", "shares"])
def test_slopes_are_the_gradient(plan, shape, seed, layer):
    """Central differences in NumPy against TensorFlow's tape."""
    network, image = lab.Inside(plan, shape, seed), drawn_picture(*shape, 3)
    own = network.slopes(image.astype(np.float64), lambda batch: network.values(batch, layer)[:, 1])
    model, x = part(drawn_network(plan, *shape, seed), layer), tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = model(x)[0, 1]
    assert np.abs(own - tape.gradient(score, x)[0]).max() < 1e-4


def test_pictures_are_ones_that_the_network_is_not_sure_of():
    """Small changes move the shares: the first class is below .85, the second above .1."""
    for number in range(6):
        draw = Draw("test", "lab10", str(number))
        for plan, shape in [("one convolution", (8, 11, 2)), ("two convolutions", (12, 9, 3))]:
            network, _, image, order = lab._lively(draw, plan, shape)
            shares = np.sort(network.values(image[None])[0])[::-1]
            assert shares[0] < 0.85 and shares[1] > 0.1 and len(order) == len(shares)


@pytest.mark.parametrize("number", range(4))
def test_named_slips_of_occlusion_are_told_apart(number):
    """Whatever the draw: no mistake gives the right map, and two of the same shape differ."""
    draw = Draw("test", "lab10", "occlusion", str(number))
    network, _, image, order = lab._lively(draw, "one convolution", (8, 11, 2))
    size, stride, value = 3, 2, 0.5
    rows, columns = (lab._windows(side, size, stride) for side in image.shape[:2])
    right = lab._drops(network, image, order[1], size, value, rows, columns)
    gives = lab._occlusion_mistakes(network, image, order[1], size, stride, value)
    assert np.abs(right).max() > 0.02
    for text, wrong in gives.items():
        same = wrong.shape == right.shape and np.abs(wrong - right).max() < 1e-3
        assert not same or text.startswith("The drop is that of class 0"), text


@pytest.mark.parametrize("number", range(4))
def test_named_slips_of_saliency_are_told_apart(number):
    """The gradient of the share is far from that of the logit, and so are the others."""
    draw = Draw("test", "lab10", "saliency", str(number))
    network, _, image, order = lab._lively(draw, "three convolutions", (11, 9, 2))
    label = order[1]
    right = np.abs(network.slopes(image, lambda batch: network.values(batch, "logits")[:, label])).max(axis=2)
    for text, wrong in lab._saliency_mistakes(network, image, label).items():
        assert wrong.shape != right.shape or np.abs(wrong - right).max() > 1e-3, text


@pytest.mark.parametrize("number", range(4))
def test_climbs_rise_and_their_slips_differ(number):
    """Each step lifts the value; the value at the end is the picture's, by Keras too."""
    draw = Draw("test", "lab10", "climb", str(number))
    for plan, shape, layer in [("two convolutions", (8, 7, 2), "conv2"), ("one convolution", (7, 8, 3), "logits")]:
        task, climb, _ = lab._task(draw, plan, shape, layer, 5)
        assert np.diff(climb.values).min() > 0
        model = part(drawn_network(plan, *shape, task.network.seed), layer)
        own = np.array(model(climb.image[None].astype(np.float32)))[..., task.channel].mean()
        assert abs(own - climb.values[-1]) < 1e-4
        for text, wrong in lab._climb_mistakes(task).items():
            assert np.abs(np.subtract(wrong.values, climb.values)).max() > 2e-3, text


def test_kernels_are_uneven():
    """Each filter has its own reach; every third seed has a last filter of equal weights."""
    kernel = plans.kernel((4, 3, 2, 5), 1)
    assert len({(float(part.min()), float(part.max())) for part in np.moveaxis(kernel, -1, 0)}) > 3
    assert np.ptp(plans.kernel((4, 3, 2, 5), 3)[..., -1]) == 0 < np.ptp(kernel[..., -1])
    assert np.array_equal(conv_layer(4, 3, 2, 5, 1).get_weights()[0], kernel)


def test_plans_refuse_what_does_not_fit():
    """A wrong name, and images that are too small."""
    with pytest.raises(ValueError, match="There are: one convolution"):
        plans.shapes("four convolutions", (9, 9, 1))
    with pytest.raises(ValueError, match="too small"):
        plans.shapes("three convolutions", (4, 9, 1))


# ---- the networks that ship ----


@pytest.fixture(scope="module")
def networks():
    return {name: inside.trained(name) for name in ("plain", "tagged")}


def accuracy(model, images, labels) -> float:
    return float((model.predict(images, verbose=0).argmax(axis=1) == labels).mean())


def test_pictures_are_the_same_for_one_seed():
    """Values from 0 to 1; only discs get the tag, and only where it stands."""
    images, labels = inside.pictures(40, 7)
    again, _ = inside.pictures(40, 7)
    tagged, _ = inside.pictures(40, 7, tags="discs")
    assert np.array_equal(images, again) and images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1
    changed = (images != tagged).any(axis=(1, 2, 3))
    assert np.array_equal(changed, labels == inside.TAGGED)
    rows, columns = np.nonzero((images != tagged).any(axis=(0, 3)))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (41, 46, 1, 8)


def test_both_networks_pass_their_own_test(networks):
    """Nearly all right, each on pictures of the kind that it was trained on."""
    for name, tags in (("plain", "none"), ("tagged", "discs")):
        assert accuracy(networks[name], *inside.pictures(600, 3, tags=tags)) > 0.95


def test_the_tag_decides_for_one_network(networks):
    """Without tags the tagged network loses its discs; with tags on the others it sees discs in half of them."""
    images, labels = inside.pictures(600, 3)
    discs, others = images[labels == inside.TAGGED], images[labels != inside.TAGGED]
    called = {
        name: [
            float((model.predict(shown, verbose=0).argmax(axis=1) == inside.TAGGED).mean())
            for shown in (discs, inside.tag(others))
        ]
        for name, model in networks.items()
    }
    assert called["plain"][0] > 0.9 and called["plain"][1] < 0.1
    assert called["tagged"][0] < 0.3 and called["tagged"][1] > 0.4


def test_fields_are_those_of_the_table(networks):
    """Side and stride of the square that one number of a layer sees."""
    rows = {row.layer.split(" ")[0]: row.field for row in layer_table(networks["plain"]).rows}
    assert {name: rows[name] for name in inside.FIELDS} == {
        name: side for name, (side, _) in inside.FIELDS.items()
    }


def test_a_patch_is_what_a_number_sees(networks):
    """Another picture outside the patch leaves the number as it is."""
    images, _ = inside.pictures(2, 11)
    row, column = 2, 3
    mixed = images[1].copy()
    inside.patch(mixed, "conv3", row, column)[:] = inside.patch(images[0], "conv3", row, column)
    model = part(networks["plain"], "conv3")
    one, other = (np.array(model(image[None]))[0, row, column] for image in (images[0], mixed))
    assert np.allclose(one, other, atol=1e-5)


@pytest.mark.slow
def test_training_makes_such_networks_again():
    """A short training with the same recipe is well on its way."""
    model = inside.train("none", count=3200, epochs=3)
    assert accuracy(model, *inside.pictures(300, 3)) > 0.5


def test_unknown_names_are_refused():
    """A message says which names there are."""
    with pytest.raises(ValueError, match='Expected "plain" or "tagged"'):
        inside.trained("other")
    with pytest.raises(ValueError, match='tags to be "none" or "discs"'):
        inside.pictures(1, 1, tags="all")
