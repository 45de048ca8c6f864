"""What lab 08's checks hand to an answer."""

from __future__ import annotations

import numpy as np
import pytest

from course import given


def test_table_counts_rows_and_columns():
    """i·a·x² + j·b·x: for a = 2, b = 3 and a row of 1 and −2, 2 + 3 and 8 − 12."""
    assert given.table(2, 3)(np.array([[1.0, -2.0]])) == 2 + 3 + 8 - 12
    assert given.table(2, 3)(np.array([[1.0], [-2.0]])) == 2 + 3 + 16 - 6


@pytest.mark.parametrize("shape", [(), (4,), (2, 2, 1)])
def test_table_refuses_anything_else(shape):
    """An answer that hands over its numbers in one row is found out."""
    with pytest.raises(given.NoTable, match="Received shape"):
        given.table(1, 1)(np.ones(shape))


def test_small_digits_are_means_of_four_pixels():
    """14×14 floats from 0 to 1."""
    small, large = given.small_digits(3, 5), given.digits(3, 5) / 255
    assert small.shape == (3, 14, 14, 1) and small.max() <= 1
    assert small[1, 6, 7, 0] == pytest.approx(large[1, 12:14, 14:16, 0].mean())


def test_start_weights_depend_on_the_seed_alone():
    """Equal for one seed, different for another, and new arrays each time."""
    one, again, other = given.start_weights(1), given.start_weights(1), given.start_weights(2)
    assert all(np.array_equal(one[name], again[name]) and one[name] is not again[name] for name in one)
    assert not np.array_equal(one["W1"], other["W1"])
    assert {name: part.shape for name, part in one.items()} == {
        "W1": (3, 3, 1, 8), "b1": (8,), "W2": (72, 10), "b2": (10,)
    }  # fmt: skip
