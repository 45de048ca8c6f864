"""The layer-list editor: what is typed becomes a network, or a line that says what is wrong; and it trains."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course import datasets, explore
from course.explore import _exploration
from course.explore import _layer_list as editor
from course.layer_list import LayerListError, network, parse
from course.tables import layer_table


def shapes(text, shape=(28, 28, 1), classes=10):
    return [row.output for row in layer_table(network(text, shape, classes)).rows]


def test_every_kind_of_layer():
    """Shapes as Keras computes them; the last layer is added, flattened where maps come in."""
    text = """
    conv 8, 3x3, relu        # same padding unless said otherwise
    norm
    conv 8 5 stride 2 valid tanh
    avgpool 2
    pool 2 stride 1
    relu
    dropout 0.25
    gap
    dense 20 relu
    """
    expected = [(28, 28, 1), (28, 28, 8), (28, 28, 8), (12, 12, 8), (6, 6, 8), (5, 5, 8), (5, 5, 8), (5, 5, 8)]
    assert shapes(text) == [*expected, (8,), (20,), (10,)]


def test_lenet5_as_a_list():
    """The lecture's network in seven lines, with its 61,706 parameters."""
    text = "conv 6 5 tanh\navgpool 2\nconv 16 5 valid tanh\navgpool 2\nflatten\ndense 120 tanh\ndense 84 tanh"
    assert network(text, (28, 28, 1), 10).count_params() == 61_706


def test_an_empty_list_is_a_linear_classifier():
    """Softmax on the pixels."""
    assert network("# nothing yet", (28, 28, 1), 10).count_params() == 7_850


def test_maps_are_flattened_before_a_dense_layer():
    """Nobody has to say so."""
    assert shapes("dense 5", (4, 3, 2), 3) == [(4, 3, 2), (24,), (5,), (3,)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("convv 8 3", r"line 1 \(convv 8 3\): no layer is called 'convv'. Did you mean conv\?"),
        ("\nrecurrent 3", r"line 2 .*There are: conv, pool"),
        ("conv 8", r"Write: conv MAPS SIDE"),
        ("conv 8 3 3", r"Write: conv MAPS SIDE"),
        ("conv 8 3x5", r"windows are square here: 3x3 or 5x5"),
        ("conv 8 3 stride 0", r"a stride from 1 to 64. Received 0"),
        ("conv 8 3 stride two", r"a stride from 1 to 64. Received two"),
        ("conv 8 3 reflect", r"'reflect' is not expected here"),
        ("conv 0 3", r"whole numbers from 1 to 4096. Received 0"),
        ("conv 2.5 3", r"whole numbers from 1 to 4096. Received 2.5"),
        ("pool 2 same", r"'same' is not expected here. Write: pool SIDE"),
        ("dropout 1", r"a rate from 0 to below 1. Received 1"),
        ("gap 2", r"Write: gap."),
        ("relu relu", r"'relu' is not expected here"),
        ("pool 29", r"line 1 .*a window of 29×29 does not fit into 28×28"),
        ("conv 8 29 valid", r"a window of 29×29 does not fit into 28×28"),
        ("gap\nconv 8 3", r"line 2 .*needs maps, but what comes before is a flat list"),
        ("norm\n" * 41, r"at most 40 layers. Received 41"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, message):
    """The learner finds the line, and what could stand there."""
    with pytest.raises(LayerListError, match=message):
        network(text, (28, 28, 1), 10)


def test_a_wide_filter_fits_with_same_padding():
    """Keras pads it."""
    assert shapes("conv 2 5", (3, 3, 1), 2)[1] == (3, 3, 2)


def test_lines_keep_their_numbers():
    """Comments and blank lines count."""
    assert [line.number for line in parse("# a\n\nrelu\n  # b\nnorm  # c")] == [3, 5]


@pytest.fixture(scope="module")
def digits():
    shipped = datasets.load("mnist", quiet=True)
    return shipped.x_train[:256, ..., None] / 255, shipped.y_train[:256]


def test_training_learns_and_is_noted(digits):
    """The loss falls; every measurement has its step."""
    keras.utils.set_random_seed(0)
    images, labels = digits
    progress = editor.Training()
    editor.train(network("conv 4 3 relu\npool 2", (28, 28, 1), 10), images, labels, 4, 0.05, progress)
    assert progress.steps == list(range(1, 33))
    assert np.mean(progress.losses[-4:]) < 0.6 * np.mean(progress.losses[:4])


def test_frames_without_widgets(digits):
    """The table, the curve, the maps: all three tell what they show."""
    found = explore.layer_list(*digits, "conv 4 3 relu\npool 2", epochs=1)
    table, curve, maps = (frame.alt for frame in found.frames)
    assert "conv_1 (Conv2D)" in table and "28×28×4" in table
    assert "accuracy" in curve and "batches of training images" in curve
    assert "What conv_1 sees" in maps and "map 3" in maps


def test_a_list_without_maps_says_so(digits):
    """Dense layers have no maps to look at."""
    found = explore.layer_list(*digits, "dense 10", epochs=1)
    assert found.frames[2].alt == "No layer of this list has maps."


@pytest.fixture
def living(digits, monkeypatch):
    monkeypatch.setattr(_exploration, "living", lambda: True)
    images, labels = digits
    return editor._Editor(lambda text: network(text, (28, 28, 1), 10), images, labels, "conv 4 3 relu", 2, 0.05)


def test_typing_shows_the_table_at_once(living):
    """Shapes, parameters and multiply-adds of the new list; a wrong line says why, and cannot be trained."""
    living.text.value = "conv 7 3 relu"
    assert "28×28×7" in living.table.value and not living.button.disabled
    living.text.value = "conv 7"
    assert "Write: conv MAPS SIDE" in living.table.value and living.button.disabled


def test_the_button_trains_with_live_pictures(living):
    """A curve and maps appear; afterwards the button says "train" again."""
    living.press()
    living.thread.join(timeout=120)
    assert "Training" in living.curve.value and "What conv_1 sees" in living.maps.value
    assert living.button.description == "train"


def test_the_button_stops_a_training(living):
    """Pressed again, it ends soon."""
    living.epochs = 10_000
    living.press()
    living.press()
    living.thread.join(timeout=120)
    assert not living.thread.is_alive() and living.button.description == "train"
