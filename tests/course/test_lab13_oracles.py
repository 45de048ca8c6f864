"""Lab 13's tables, losses and patients, against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from autograder._models import KerasModel
from autograder.check import Draw
from course import clinic, given
from course.device import quiet
from course.draws import lab13
from course.questions import _lab13_blocks as blocks
from course.questions._networks import Network
from tests.answers import lab13_resnet as answers
from tests.course.test_networks import in_keras

with quiet():
    keras = pytest.importorskip("keras")

CASES = [
    (fault, shape, maps, stride, shortcut)
    for fault in ("", *blocks.BASIC)
    for shape, maps, stride, shortcut in [((9, 5, 4), 8, 2, "A"), ((6, 8, 3), 7, 1, "B"), ((7, 4, 6), 6, 1, "C")]
]


def made(*arguments) -> Network | None:
    """The table, or None where the fault makes none."""
    try:
        return blocks.block(*arguments)
    except ValueError:
        return None


def agree(network: Network, model, *, scaled: bool = True) -> None:
    """Counts, and outputs with drawn weights, scaled up before each normalisation as in a check."""
    handle, draw = KerasModel(model), Draw("lab13", "oracles")
    images = draw.array((2, *network.shape), 0, 100) / 100
    weights = blocks.secret(network, draw, images) if scaled else network.drawn_weights(draw, images)
    assert handle.do_count() == network.parameters
    received, expected = handle.do_outputs_with(weights, images), network.outputs(weights, images)
    assert received.shape == expected.shape
    assert np.abs(received - expected).max() < 1e-4


@pytest.mark.parametrize("case", CASES, ids=str)
def test_faulty_tables_are_what_keras_gives(case):
    """Every table with a fault has the outputs of the same layers in Keras."""
    fault, *arguments = case
    network = made(*arguments, fault)
    if network is not None and fault not in ("zeros in front", "zeros around", "averaged"):
        agree(network, in_keras(network), scaled=not fault)


@pytest.mark.parametrize(
    "fault", [fault for fault in blocks.FAULTS if fault not in ("zeros in front", "zeros around", "no global")]
)
def test_faults_change_something(fault):
    """A fault that changes neither counts nor outputs of any network could never be named."""
    changed = False
    for depth, shortcut in [(18, "A"), (34, "C"), (34, "B"), (50, "B")]:
        right = blocks.resnet(depth, shortcut, 5, 1 / 16, (33, 33, 3))
        try:
            wrong = blocks.resnet(depth, shortcut, 5, 1 / 16, (33, 33, 3), fault)
        except ValueError:
            continue
        changed |= wrong.layers != right.layers
    assert changed or fault in ("wrong tensor", "pre-activation", "narrower")


@pytest.mark.parametrize("epsilon", [1e-3, 1e-5])
def test_the_epsilon_of_normalisation_does_not_matter(epsilon):
    """A learner may choose another one: outputs stay within a tenth of the tolerance."""
    network = blocks.small(8, "B", (9, 9, 1))
    model = keras.models.clone_model(in_keras(network), clone_function=lambda layer: _with_epsilon(layer, epsilon))
    images = Draw("b").array((2, 9, 9, 1), 0, 100) / 100
    weights = blocks.secret(network, Draw("a"), images)
    received = KerasModel(model).do_outputs_with(weights, images)
    assert np.abs(received - network.outputs(weights, images)).max() < blocks.TOLERANCE / 10


def _with_epsilon(layer, epsilon):
    settings = layer.get_config()
    if isinstance(layer, keras.layers.BatchNormalization):
        settings["epsilon"] = epsilon
    return type(layer).from_config(settings)


@pytest.mark.parametrize("residual", [False, True])
def test_training_loss_is_that_of_keras(residual):
    """With the batch's own means and variances, the table's loss is what Keras computes while training."""
    model = answers.stack(8, residual)
    network = blocks.small(8, "B" if residual else None, (9, 9, 1))
    images, labels = given.tiny_digits(64, 9), given.tiny_digit_labels(64, 9)
    weights = KerasModel(model).do_get_weights()
    shares = network.outputs(weights, images, batch_statistics=True)
    expected = np.asarray(model(images, training=True))
    assert np.abs(shares - expected).max() < 1e-3
    assert np.isclose(
        -np.log(shares[np.arange(64), labels]).mean(),
        float(keras.losses.SparseCategoricalCrossentropy()(labels, expected)),
        atol=1e-3,
    )


@pytest.mark.parametrize(("depth", "parameters"), [(20, 69_426), (56, 217_266)])
def test_small_networks_are_those_of_keras(depth, parameters):
    """The learner's networks of 13.6, plain and residual, count as the tables do."""
    for residual in (False, True):
        table = blocks.small(depth, "B" if residual else None, (9, 9, 1))
        assert answers.stack(depth, residual).count_params() == table.parameters
        assert (table.parameters == parameters) == residual


@pytest.mark.parametrize("number", range(1, clinic.PATIENTS + 1))
def test_patients_have_the_illness_that_they_are_said_to_have(number):
    """The block of a patient has the counts and outputs of the table with that fault."""
    code = clinic.illness(number)
    fault = {"norm missing": "no second norm", "wrong tensor": "wrong tensor", "early relu": "relu first"}.get(
        code
    )
    x = keras.Input((9, 5, 4))
    if code == "one map":
        model = keras.Model(x, clinic.patient(number)(x, 4, 1))
        (add,) = [layer for layer in model.layers if isinstance(layer, keras.layers.Add)]
        assert {tuple(tensor.shape[1:]) for tensor in add.input} == {(9, 5, 4), (9, 5, 1)}
        return
    if code == "projection missing":
        with pytest.raises(ValueError, match="shapes"):
            clinic.patient(number)(x, 8, 2)
        agree(blocks.block((9, 5, 4), 4, 1, "B"), keras.Model(x, clinic.patient(number)(x, 4, 1)))
        return
    model = keras.Model(x, clinic.patient(number)(x, 8, 2))
    agree(blocks.block((9, 5, 4), 8, 2, "B", fault or ""), model)


def test_there_is_no_such_patient():
    """Numbers begin at 1."""
    with pytest.raises(ValueError, match="from 1 to 60"):
        clinic.patient(0)


def test_wiring_says_what_the_addition_reads():
    """The list has a row for each layer, and the rows that feed it."""
    x = keras.Input((9, 9, 16))
    healthy = next(number for number in range(1, 61) if clinic.illness(number) == "healthy")
    rows = clinic.wiring(x, clinic.patient(healthy)(x, 16, 1)).splitlines()
    (addition,) = [row.split(maxsplit=3) for row in rows if " Add " in row]
    assert addition == ["6", "Add", "9×9×16", "5 and 0"]


def test_costs_are_those_of_keras():
    """Weights of the drawn blocks' convolutions, and multiply-adds, as the tables count them."""
    for learner in ("", "ada", "bob"):
        (side, before, maps, stride), (low, wide, thin, _) = lab13.my_block_costs.for_learner(learner)[0]
        right = lab13.my_block_costs.for_learner(learner)[1]
        tables = [
            blocks.block((side, side, before), maps, stride, "B"),
            blocks.bottleneck((low, low, wide), thin, 1),
        ]
        for table, pair in zip(tables, right, strict=True):
            weights = sum(layer.parameters for layer in table.layers if layer.kind == "Conv2D")
            assert pair == (weights, sum(table.multiply_adds()))


def test_sums_are_unequal_where_the_plan_says_so():
    """The model's Add layers add what the plan names."""
    plan = ("same", "one map", "one row", "one column", "one pixel", "three", "three, one map")
    names = tuple(f"sum_{number}" for number in range(len(plan)))
    model = given.model_of_sums(plan, names)
    shapes = [[tuple(tensor.shape[1:]) for tensor in model.get_layer(name).input] for name in names]
    full = (6, 5, 4)
    sides = [full, (6, 5, 1), (1, 5, 4), (6, 1, 4), (1, 1, 4)]
    assert shapes == [[full, side] for side in sides] + [[full] * 3, [full, full, (6, 5, 1)]]
