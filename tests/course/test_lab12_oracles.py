"""Lab 12's tables against Keras, and its printed columns against the numbers of the paper."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from autograder._models import KerasModel
from autograder.check import Draw, lazily
from course import draws
from course.draws import lab12 as drawn
from course.questions import _classics as classics
from course.questions import lab12_vgg as lab
from course.questions._builds import activation_mistakes, told
from tests.course.test_networks import in_keras


@pytest.mark.parametrize("kernel", [5, 3])
def test_the_stacks_agree_with_keras(kernel):
    """Count and outputs; the receptive fields of both are equal."""
    network = lab.stack_network(kernel)
    model = in_keras(network)
    assert model.count_params() == network.parameters == {5: 14_442, 3: 10_890}[kernel]
    images = Draw("test").array((2, 28, 28, 1), 0, 100) / 100
    weights = network.drawn_weights(Draw("weights"))
    assert np.allclose(
        KerasModel(model).do_outputs_with(weights, images), network.outputs(weights, images), atol=1e-5
    )
    fields = [field for field in network.receptive_fields() if field]
    assert max(fields) == max(field for field in lab.stack_network(8 - kernel).receptive_fields() if field)


@pytest.mark.parametrize("learner", ["", "sample", "ada", "Émilie"])
def test_own_networks_agree_with_keras(learner):
    """The rules of the draw, the table and Keras give the same three numbers."""
    numbers = draws.numbers("lab12_vgg", "my_costs", learner)
    network = lab.own_network(numbers)
    counts = lab._own_counts(network)
    assert counts == drawn.my_costs.right(numbers)
    model = in_keras(network)
    assert model.count_params() == counts[0]
    kept = [layer for layer in model.layers if type(layer).__name__ not in ("Flatten", "ZeroPadding2D", "Lambda")]
    assert sum(int(np.prod(layer.output.shape[1:])) for layer in kept) == counts[2]


def test_unpadded_counts_never_fail():
    """The smallest network that can be drawn loses its maps, and the mistake still has a number."""
    network = {"side": 16, "blocks": ((4, 2), (6, 1), (8, 2)), "units": 30, "classes": 3}
    assert drawn._unpadded(network) >= 0


PARAMETERS = {"A": 132_863_336, "B": 133_047_848, "C": 133_638_952, "D": 138_357_544, "E": 143_667_240}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_papers_columns(name):
    """The column of names, the table and the paper's total."""
    network = lab.column_network(lab.PAPER[name])
    assert network.parameters == PARAMETERS[name] == classics.vgg(name).parameters
    assert [layer.output for layer in network.layers] == [layer.output for layer in classics.vgg(name).layers]


@pytest.mark.parametrize("name", PARAMETERS)
def test_nearly_right_counts_are_told_apart(name):
    """No two named mistakes have one count; a mistake may be none for some shape or number of classes."""
    for classes, shape in ((1000, (224, 224, 3)), (10, (32, 64, 1)), (10, (32, 32, 3))):
        right = classics.vgg(name, classes, shape=shape).parameters
        counts = [count for count in lab._count_mistakes(name, classes, shape).values() if count != right]
        assert len(set(counts)) == len(counts) >= 10


def test_global_averaging_is_the_count_that_is_named():
    """Keras counts the network that the mistake describes."""
    with lazily():
        inputs = keras.Input((224, 224, 3))
        x = inputs
        for layer in classics.vgg("C").layers[1:]:
            if layer.kind == "Conv2D":
                x = keras.layers.Conv2D(layer.output[-1], layer.kernel, padding="same")(x)
        x = keras.layers.GlobalAveragePooling2D()(x)
        for units in (4096, 4096, 1000):
            x = keras.layers.Dense(units)(x)
        count = keras.Model(inputs, x).count_params()
    assert (
        lab._count_mistakes("C", 1000, (224, 224, 3))["The maps are averaged before fc6: VGG flattens them."]
        == count
    )


def test_printed_copies_have_the_layers_that_the_lectures_print():
    """11, 11, 12, 13, 13, 19 in the first copy; 16, 16, 16, 16 in the second; one column is silent."""
    depths = [[lab.depth_rule(column) for column in copy.values()] for copy in lab.PRINTED.values()]
    assert depths == [[11, 11, 12, 13, 13, 19], [16, 16, 16, 16]]
    assert lab.SILENT == ["second C"]


def test_audit_by_hand():
    """Two columns whose edits are counted with a pencil."""
    assert lab.audit_rule(lab.PRINTED["first"]["B"], lab.PAPER["B"]) == [(2, "conv3-128", -1)]
    assert lab.audit_rule(lab.PRINTED["second"]["C"], lab.PAPER["C"]) == [
        (3, "conv1-256", -1), (3, "conv3-256", 1), (4, "conv1-512", -1),
        (4, "conv3-512", 1), (5, "conv1-512", -1), (5, "conv3-512", 1),
    ]  # fmt: skip


def test_random_columns_show_every_mistake():
    """In eight drawn pairs each mistake of `audit` gives something wrong at least once."""
    draw = Draw("columns")
    seen = set()
    for _ in range(8):
        printed, paper = lab._some_columns(draw)
        right = lab.audit_rule(printed, paper)
        seen |= {name for name, gives in lab._audit_mistakes(printed, paper).items() if gives != right}
    assert len(seen) == 11


def test_activations_that_are_missing_change_outputs():
    """Each network of `activation_mistakes` gives other outputs than the right one."""
    network = classics.vgg("C", 7, 1 / 8, shape=(32, 64, 3))
    draw = Draw("outputs")
    weights, images = network.drawn_weights(draw), draw.array((2, *network.shape), 0, 100) / 100
    right = network.outputs(weights, images)
    found = [table.outputs(weights, images) for table in activation_mistakes(network).values()]
    assert len(found) == 8
    for number, outputs in enumerate(found):
        assert not np.allclose(outputs, right, atol=1e-4)
        assert not any(np.allclose(outputs, other, atol=1e-4) for other in found[:number])


def test_a_right_card_tells_nothing():
    """A right build has no first difference."""
    network = classics.vgg("C", 7, 1 / 8, shape=(32, 64, 3))
    inputs = x = keras.Input(network.shape)
    for layer in network.layers[1:]:
        if layer.kind == "Conv2D":
            x = keras.layers.Conv2D(layer.output[-1], layer.kernel, padding="same")(x)
        elif layer.kind == "MaxPooling2D":
            x = keras.layers.MaxPooling2D()(x)
        else:
            x = keras.layers.Flatten()(x) if layer.kind == "Flatten" else keras.layers.Dense(layer.output[-1])(x)
    built = KerasModel(keras.Model(inputs, x))
    received = lab.Received("built", built)
    assert told(received.card(network.shape), network) == ""
    assert told(received.card(network.shape), classics.vgg("D", 7, 1 / 8, shape=(32, 64, 3))) == (
        "conv3_3: the window is 1×1: it is 3×3."
    )
