"""Draws are the same everywhere, for ever."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from autograder.check import Draw, normal_id

GOLDEN = [16, 84, 94, 57, 34, 3, 63, 32]


def test_golden_integers():
    """These numbers were drawn once; a change would give every learner other numbers."""
    draw = Draw("course", "lab", "question", "ana", "0")
    assert draw.integers(8, 0, 99) == GOLDEN


def test_bounds_are_included():
    """Both ends are drawn, nothing outside."""
    assert set(Draw("a").integers(300, 3, 5)) == {3, 4, 5}


def test_other_key_other_numbers():
    """Learners do not share numbers."""
    assert Draw("a", "ana").integers(10, 0, 999) != Draw("a", "bo").integers(10, 0, 999)


def test_shuffled_keeps_the_items():
    """Every item is there once."""
    assert sorted(Draw("a").shuffled(range(10))) == list(range(10))


def test_array_is_whole_numbers_as_float():
    """Sums of products of such numbers are exact."""
    array = Draw("a").array((3, 4), -5, 5)
    assert array.dtype == np.float64 and (array == np.round(array)).all() and array.shape == (3, 4)


def test_empty_range_is_refused():
    """A range without a number is the author's mistake."""
    with pytest.raises(ValueError, match="low <= high"):
        Draw("a").integer(3, 2)


def test_ids_have_one_spelling():
    """Case, outer spaces and the way an accent is written make no other person."""
    assert normal_id(" José ") == normal_id(unicodedata.normalize("NFD", "JOSÉ")) == "josé"


def test_reading_the_learner_is_noticed():
    """A question that uses the learner's numbers can be told from one that does not."""
    draw = Draw("a", learner="ana")
    assert not draw.used_learner
    assert draw.learner == "ana" and draw.used_learner
