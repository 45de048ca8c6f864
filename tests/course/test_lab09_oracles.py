"""Lab 09's tables and counts against Keras, its programs against what Keras says of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from autograder._models import KerasModel
from autograder.check import Draw
from course import patients
from course.device import quiet
from course.draws.lab09 import CAUSES, FAULTS, fault_of, my_causes
from course.questions import lab09_lenet as lab
from tests.course.test_networks import in_keras

with quiet():
    keras = pytest.importorskip("keras")

layers = keras.layers


@pytest.mark.parametrize(("shape", "count"), [((28, 28, 1), 1_668_490), ((32, 32, 3), 2_389_962)])
def test_the_lectures_network_has_the_known_count(shape, count):
    """Both numbers of the syllabus."""
    assert lab.lecture_network(shape).parameters == count


@pytest.mark.parametrize("shape", [(14, 21, 2), (12, 17, 1)])
def test_the_lectures_network_gives_what_keras_gives(shape):
    """Outputs with drawn weights, height unlike width."""
    network, draw = lab.lecture_network(shape), Draw("test", "lab09", str(shape))
    weights, images = network.drawn_weights(draw), draw.array((2, *shape), 0, 100) / 100
    given = KerasModel(in_keras(network)).do_outputs_with(weights, images)
    assert np.abs(given - network.outputs(weights, images)).max() < 1e-4


def test_other_networks_are_told_apart():
    """The outputs of all named mistakes and of the right network differ by far more than 1e-4."""
    shape, draw = (12, 17, 1), Draw("test", "lab09")
    network = lab.lecture_network(shape)
    weights, images = network.drawn_weights(draw), draw.array((2, *shape), 0, 100) / 100
    gives = [{}, *lab.OTHER_NETWORKS.values()]
    outputs = [lab.lecture_network(shape, **changes).outputs(weights, images) for changes in gives]
    gaps = [np.abs(one - other).max() for place, one in enumerate(outputs) for other in outputs[:place]]
    assert min(gaps) > 1e-3


def test_sums_of_the_paper():
    """60 pairs of maps, 60,000 trainable parameters, 340,908 connections (LeCun et al. 1998, section II B)."""
    trainable, connections = lab.counts_1998(lab.PAPER_TABLE)
    assert lab.PAPER_TABLE.shape == (16, 6) and lab.PAPER_TABLE.sum() == 60
    assert (sum(trainable.values()), sum(connections.values())) == (60_000, 340_908)
    assert (trainable["C3"], connections["C3"]) == (1_516, 151_600)


def test_counts_of_1998_against_keras():
    """C1, a full C3, C5 and F6 have as many parameters as Keras' layers; a connection is a use of one of them."""
    trainable, connections = lab.counts_1998(np.ones((16, 6), bool))
    table = in_keras(lab.like_lenet5())
    own = [layer.count_params() for layer in table.layers if layer.count_params()]
    assert [trainable[name] for name in ("C1", "C3", "C5", "F6")] == own[:4]
    assert [connections[name] for name in ("C1", "C3")] == [784 * own[0], 100 * own[1]]


def test_grouped_convolutions_make_the_table():
    """C3 of the table, built in Keras map by map, has 1,516 parameters."""
    maps = keras.Input((14, 14, 6))
    made = []
    for row in lab.PAPER_TABLE:
        read = [maps[..., int(place) : int(place) + 1] for place in np.flatnonzero(row)]
        made.append(layers.Conv2D(1, 5)(layers.Concatenate()(read)))
    assert keras.Model(maps, layers.Concatenate()(made)).count_params() == 1_516


def test_every_learner_gets_all_six_faults():
    """Six numbers, six faults, an order of one's own."""
    orders = []
    for learner in ("", "ada", "grace", "noether"):
        numbers, right, wrong = my_causes.for_learner(learner)
        assert sorted(right) == sorted(FAULTS) and len(set(numbers)) == 6
        assert all(len(answer) == 6 for answer in wrong.values())
        orders.append(tuple(right))
    assert len(set(orders)) > 1


def test_faults_are_about_equally_common():
    """No fault hides in a few numbers only."""
    counts = Counter(fault_of(number) for number in range(100, 1000))
    assert set(counts) == set(FAULTS) and min(counts.values()) > 110


STOPS = {
    "flatten": "output.shape=(None, 7, 7, 10)",
    "labels": "target.shape=(None, 10)",
    "padding": "'int' object has no attribute 'lower'",
}


def number_with(fault: str, first: int = 100) -> int:
    """The first program with a fault."""
    return next(number for number in range(first, 1000) if fault_of(number) == fault)


@pytest.mark.parametrize("fault", STOPS)
def test_loud_programs_say_what_the_lab_quotes(fault, capsys):
    """Three stop, with the words that the lab speaks of."""
    patients.examine(number_with(fault))
    printed = capsys.readouterr().out
    assert "stops" in printed and STOPS[fault] in printed


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - set(STOPS)))
def test_silent_programs_run(fault, capsys, monkeypatch):
    """Three run to the end."""
    monkeypatch.setattr(patients, "IMAGES", 64)
    patients.examine(number_with(fault))
    assert "runs" in capsys.readouterr().out


@pytest.mark.parametrize("number", [100, 333, 512, 777, 941])
def test_a_program_has_only_its_fault(number):
    """What belongs to another fault stands in no program."""
    text, fault = patients.program(number), fault_of(number)
    signs = {
        "channels": "transpose" in text and "(1, 28, 28)" in text,
        "flatten": "Flatten" not in text,
        "loss": "from_logits=False" in text and "softmax" not in text,
        "padding": "padding=1" in text,
        "activation": "relu" not in text and "tanh" not in text,
        "labels": "to_categorical" in text,
    }
    assert [name for name, seen in signs.items() if seen] == [fault]
    assert ("softmax" in text) != ("from_logits=True" in text) or fault == "loss"
    assert len(text.splitlines()) <= 15 and set(signs) < set(CAUSES)


class Own(keras.Model):
    """A model with a `call` of its own."""

    def call(self, x):
        return x


def test_style_of_a_model():
    """A handle tells the three ways of writing a model apart."""
    inputs = keras.Input((2,))
    models = [keras.Sequential([layers.Dense(1)]), keras.Model(inputs, layers.Dense(1)(inputs)), Own()]
    assert [KerasModel(model).do_style() for model in models] == ["sequential", "functional", "subclassed"]
