"""What lab 14's questions hold answers against: Keras agrees with it, and what ships is what it says."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from autograder._models import KerasModel
from autograder.check import Draw, Received
from course import _window_nets, curves, draws, scenes
from course.draws import lab14 as drawn
from course.questions import _lab14_moves as moves
from course.questions import _lab14_network as measured
from course.questions import lab14_capstone as lab
from course.shapes import NAMES
from course.tables import layer_table
from tests.answers import lab14_capstone as answers

LEARNERS = ("", "sample", "ada", "grace hopper", "żółć", "student17")


def probe_of(model: keras.Model) -> measured.Probe:
    """What the question sees of a model."""
    return measured.Probe(Received("my_network()", value=KerasModel(model)), Draw("lab14", "oracles"))


# ---- the network within budgets ----

NETWORKS = {
    "norms": lambda: answers.small(8),
    "no norms": answers.sequential_without_norms,
    "depthwise": answers.depthwise_with_a_shortcut,
    "subclassed": answers.subclassed,
    "groups": answers.scores_from_a_convolution_averaged,
    "dense": lambda: answers.small(8, head="flat"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_multiply_adds_agree_with_the_table(name):
    """The check counts what the learner's own table shows."""
    model = NETWORKS[name]()
    assert probe_of(model).work.value == layer_table(model, (32, 32, 3)).multiply_adds


@pytest.mark.parametrize("kernels", [(3, 3), (5, 3, 3), (3, 3, 3, 2), (7, 2, 3)])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("scaling", ["none", "to one", "about zero"])
def test_measured_field_is_the_one_that_the_table_shows(kernels, stride, padding, scaling):
    """Random kernels, random pictures: the field by changes is the field by arithmetic, pooling included."""
    model = keras.Sequential([keras.Input((32, 32, 3))])
    if scaling != "none":
        model.add(
            layers.Rescaling(1 / 255 if scaling == "to one" else 1 / 127.5, 0 if scaling == "to one" else -1)
        )
    for number, side in enumerate(kernels):
        strides = stride if number == 0 else 1
        model.add(layers.Conv2D(8, side, strides=strides, padding=padding, activation="relu"))
        if number == 1:
            model.add(layers.MaxPooling2D())
    fields = [row.field for row in layer_table(model).rows if "conv" in row.layer]
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(6, activation="softmax"))
    assert fields[-1] <= 24
    assert probe_of(model).field.value == fields[-1]


def test_own_weights_come_back():
    """The check puts its own weights into the network and takes them out again."""
    model = answers.small(8)
    before = [np.array(array) for array in model.get_weights()]
    probe_of(model)
    assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True))


def within(model: keras.Model, limits: dict[str, int]) -> bool:
    """Whether a model keeps a learner's limits."""
    probe = probe_of(model)
    costs = probe.count.value <= limits["parameters"] and probe.work.value <= limits["multiply_adds"]
    return costs and probe.field.value >= limits["field"]


@pytest.mark.parametrize("kind", range(len(drawn.KINDS)))
def test_every_kind_of_limits_can_be_kept(kind):
    """Even the narrowest limits of a kind have a network of the ordinary sort."""
    (least, _), (least_work, _), (_, widest) = drawn.KINDS[kind]
    limits = {"parameters": 100 * least, "multiply_adds": 10_000 * least_work, "field": widest}
    with_fewer = (answers.small(maps) for maps in range(9, 4, -1))
    assert any(within(model, limits) for model in with_fewer)


def test_limits_are_drawn_from_all_kinds():
    """Learners get different limits."""
    budgets = [draws.numbers(lab.budgets.lab, "my_network", f"learner {number}") for number in range(40)]
    assert len({budget["field"] for budget in budgets}) >= 6
    assert len({tuple(budget.values()) for budget in budgets}) >= 35


# ---- moves ----


@pytest.mark.parametrize("move", [(False, 2, -1), (True, 0, 1), (True, -2, 0), (False, 0, 0)])
def test_a_move_is_found(move):
    """What was moved by Keras' padding and cropping is recognised."""
    batch = lab._batch(Draw("lab14", "moves"), (5, 7, 9, 3))
    mirrored, down, right = move
    wide = keras.layers.ZeroPadding2D(2)(batch[:, :, ::-1] if mirrored else batch)
    cut = keras.layers.Cropping2D(((2 - down, 2 + down), (2 - right, 2 + right)))(wide)
    assert moves.moves_of(np.asarray(cut), batch) == [move] * 5


FIRST = np.arange(2 * 4 * 5 * 2).reshape(2, 4, 5, 2) + 1.0


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (
            np.where(moves.moved(FIRST, (False, 1, 2)) == 0, 9, moves.moved(FIRST, (False, 1, 2))),
            "Something else than",
        ),
        (moves.moved(FIRST, (False, 1, 0))[::-1], "Pictures stand in other places"),
        (moves.moved(FIRST, (True, 0, 1), border="edge"), "The border's pixels"),
        (FIRST / 255, ""),
    ],
)
def test_another_way_is_told(made, says):
    """What is no move with zeros gets its own sentence, or none."""
    sentence = moves.other_way(made, FIRST)
    assert sentence.startswith(says) and bool(sentence) == bool(says)


@pytest.mark.parametrize("scale", [1 / 255, 1.0])
def test_dividing_pixels_does_not_make_outputs_alike(scale):
    """Five pictures give five outputs, whether the network wants pixels up to 1 or up to 255."""
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(scale)])
    for _ in range(2):
        model.add(layers.Conv2D(8, 3, strides=2, activation="relu"))
    model.add(layers.Flatten())
    model.add(layers.Dense(6, activation="softmax"))
    assert probe_of(model).kinds.value == measured.PICTURES


# ---- windows ----


@pytest.mark.parametrize("name", lab.NETS)
def test_windows_in_numpy_agree_with_keras(name):
    """Each window cut out and classified by Keras is what the oracle says of its place."""
    network, shape = lab.NETS[name]
    pictures = np.random.default_rng(1).random((2, shape[0] + 7, shape[1] + 4, shape[2]))
    pictures *= 255 if ("scale",) in network else 1
    scanned = lab.Scanned(name, 5, pictures)
    model = _window_nets.keras_net(network, shape, 5)
    counts, windows = scanned._windows(pictures)
    said = model.predict(windows, verbose=0).reshape(2, *counts, -1)
    assert np.allclose(said, scanned.says(), atol=1e-5)


def test_scenes_hold_what_they_say():
    """The shapes lie in the picture, keep apart, and windows around them have their class."""
    made = scenes.scene(96, 128, [1, 3, 5, 0, 1, 4, 2], seed=5)
    assert made.image.shape == (96, 128, 3) and len(made.middles) == 7
    images, classes = scenes.window_set(200, seed=3)
    assert images.shape == (200, 32, 32, 3) and set(classes.tolist()) == set(range(len(NAMES) + 1))
    assert 0.3 < np.mean(classes == scenes.NOTHING) < 0.7


# ---- learning curves ----


def is_so(fault: str, losses: np.ndarray) -> bool:
    """Whether a run looks as its kind does: lines are training, validation, new pictures."""
    training, validation, new = losses[:, -4:].mean(axis=1)
    falls = losses[0, -10:-5].mean() - losses[0, -5:].mean()
    return {
        "healthy": training < 0.5 and abs(new - training) < 0.2 and abs(validation - new) < 0.2,
        "overfits": training < 0.25 and validation > 1.0 and new > 1.0 and losses[1].min() < 1.6,
        "underfits": 0.9 < training < 1.4 and abs(new - training) < 0.25 and falls < 0.1,
        "rate high": losses[0].max() > 2.2 and training > 1.6,
        "rate low": falls > 0.05 and training > 1.4,
        "leak": training < 0.25 and validation < 0.4 and new > 1.0,
        "labels": training < 1.3 and losses[1].min() > 1.7 and new > 1.9,
    }[fault]


@pytest.mark.parametrize("fault", drawn.FAULTS)
def test_recorded_runs_show_their_fault(fault):
    """Every recorded run of a kind has the marks of that kind."""
    losses = curves._recorded()[drawn.FAULTS.index(fault)]
    assert losses.shape == (drawn.VARIANTS, len(curves.LINES), curves.EPOCHS)
    assert all(is_so(fault, run) for run in losses)


@pytest.mark.parametrize("fault", ["leak", "labels"])
def test_a_run_made_again_shows_its_fault(fault):
    """The file can be made again; on another machine the numbers differ a little, the kind does not."""
    assert is_so(fault, curves.record(fault, 0))


@pytest.mark.parametrize("learner", LEARNERS)
def test_six_runs_of_six_kinds(learner):
    """No kind twice, one left out."""
    numbers, right, _ = drawn.my_runs.for_learner(learner)
    assert len(set(numbers)) == len(set(right)) == 6
