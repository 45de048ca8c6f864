"""What counts as equal: honest wrappings pass, different values never do."""

from __future__ import annotations

import numpy as np
import pytest

from autograder._compare import difference

EQUAL = {
    "int": (7, 7),
    "NumPy integer": (7, np.int64(7).item()),
    "float where it is equal": (7, 7.0),
    "array of one element": (7, np.array([[[7]]])),
    "0-d array": (7, np.array(7)),
    "float within tolerance": (0.1 + 0.2, 0.3),
    "tuple for list": ([1, 2], (1, 2)),
    "array for nested lists": ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
    "float32 array": (np.array([0.5, 0.25]), np.array([0.5, 0.25], np.float32)),
    "ragged": ([(1, 2), (3,)], [[1, 2], [3]]),
    "arrays of different shape": ((np.ones((2, 3)), np.ones(2)), [np.ones((2, 3)), np.ones(2)]),
    "set from a list": ({1, 2}, [2, 1]),
    "empty set": (set(), []),
    "dictionary": ({"a": 1.0}, {"a": np.float64(1.0)}),
    "text with a space": ("gx", " gx "),
    "big integers": (10**17 + 1, 10**17 + 1),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal(name):
    """An honest wrapping of the right value passes."""
    expected, received = EQUAL[name]
    assert difference(expected, received) is None


DIFFERENT = {
    "another number": (7, 8),
    "a number near an integer": (7, 7.0000001),
    "a big integer off by one": (10**17 + 1, 10**17 + 2),
    "text for a number": (7, "7"),
    "True for 1": (1, True),
    "1 for True": (True, 1),
    "None": (7, None),
    "nan": (7.0, float("nan")),
    "nan for nan": (np.array([np.nan]), np.array([np.nan])),
    "shape (3, 1) for (1, 3)": (np.ones((1, 3)), np.ones((3, 1))),
    "shape (3,) for (1, 3)": (np.ones((1, 3)), np.ones(3)),
    "a transposed array": (np.array([[1, 2], [3, 4]]), np.array([[1, 3], [2, 4]])),
    "truth values for numbers": ([1, 0], [True, False]),
    "a longer list": ([1, 2], [1, 2, 3]),
    "text for a list": ([1, 2], "12"),
    "a missing key": ({"a": 1, "b": 2}, {"a": 1}),
    "an extra key": ({"a": 1}, {"a": 1, "b": 2}),
    "rows of different lengths": (np.ones((2, 2)), [[1, 1], [1]]),
    "infinity": (1.0, float("inf")),
    "a list for a number": (7, [7]),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name):
    """A different value gives a sentence that a learner can read."""
    expected, received = DIFFERENT[name]
    sentence = difference(expected, received)
    assert sentence
    assert sentence[0].isupper() or sentence[0].isdigit()


def test_a_huge_broadcast_is_never_made():
    """Shapes are compared first: (30000, 1) against (1, 30000) costs no memory."""
    assert difference(np.ones((30_000, 1)), np.ones((1, 30_000))) == (
        "Expected shape (30000, 1). Received (1, 30000)."
    )


def test_first_wrong_place_is_named():
    """The sentence says how many values differ and where the first one is."""
    expected, received = np.arange(6).reshape(2, 3), np.array([[0, 1, 2], [3, 9, 9]])
    assert difference(expected, received) == "2 of 6 values differ; first at [1, 1]: expected 4, received 9."


@pytest.mark.parametrize(
    ("received", "advice"),
    [
        ((1649,), "Write a number without commas."),
        ((1, 649), "Write a number without commas."),
        ("1649", "Write it without quotes."),
        ("1,649", "Write it without quotes."),
        ([[1649]], "Write it without brackets."),
        ("many", "(str)."),
        ("", "(str)."),
        ([1, 649], "(list)."),
        ([[1], [6, 4]], "(list)."),
    ],
)
def test_what_a_number_is_wrapped_in_is_said(received, advice):
    """A number typed as a text, a list or a tuple is told what to leave out; other things are not."""
    assert difference(1649, received).endswith(advice)


def test_a_missing_part_is_said():
    """`return dx, None` is no ragged table."""
    assert difference(np.ones((2, 3)), (np.ones(3), None)).endswith("Received None in place 1, counted from 0.")
