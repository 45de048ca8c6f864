"""Tables that are made from a learner's own model agree with the tables of the papers."""

from __future__ import annotations

import pytest

from autograder.check import lazily
from course.device import quiet
from course.questions import _classics as classics
from course.tables import HEADINGS, layer_table
from tests.course.test_networks import in_keras

with quiet():
    keras = pytest.importorskip("keras")


@pytest.mark.parametrize(
    "network",
    [classics.alexnet(2), classics.vgg("C"), classics.resnet(50, stride_on_3x3=True)],
    ids=["AlexNet", "VGG C", "ResNet-50"],
)
def test_totals_of_full_networks(network):
    """Parameters, multiply-adds and the largest receptive field, without a weight."""
    with lazily():
        table = layer_table(in_keras(network))
    assert table.parameters == network.parameters
    assert table.multiply_adds == sum(network.multiply_adds())
    deepest = max(field for field in network.receptive_fields() if field)
    assert max(row.field for row in table.rows if row.field) == deepest


def test_rows_of_lenet5():
    """Names, windows, sizes and counts of a small network."""
    model = in_keras(classics.lenet5())
    rows = [row for row in layer_table(model).rows if "Padding" not in row.layer]
    assert [row.output for row in rows[:4]] == [(32, 32, 1), (28, 28, 6), (14, 14, 6), (10, 10, 16)]
    assert [row.window for row in rows[:3]] == ["", "5×5", "2×2/2"]
    assert [row.parameters for row in rows if row.parameters] == [156, 2_416, 48_120, 10_164, 850]
    assert [row.field for row in rows[1:5]] == [5, 6, 14, 16]


def test_a_layer_that_is_used_twice_is_counted_once():
    """Shared weights: parameters once, work twice."""
    layer = keras.layers.Dense(3)
    x = keras.Input((3,))
    table = layer_table(keras.Model(x, layer(layer(x))))
    assert (table.parameters, table.multiply_adds) == (12, 18)


def test_it_can_be_read_as_text_and_as_html():
    """Both have every heading and the totals; names of layers are escaped."""
    table = layer_table(keras.Sequential([keras.Input((2,), name="a"), keras.layers.Dense(1_000, name="x<y")]))
    for text in (repr(table), table._repr_html_()):
        assert all(heading in text for heading in HEADINGS) and "3,000" in text
    assert "x<y" not in table._repr_html_()
