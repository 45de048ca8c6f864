"""The first cell of a notebook: start a lab, show one's numbers, see one's score."""

from __future__ import annotations

import random

import numpy as np
import pytest

from autograder import UsageError
from course import draws, start, syllabus
from course.draws.arithmetic import numbers_of


def test_start_says_what_lies_ahead():
    """Number, title, points and minutes; without an id, what to type."""
    text = repr(start("lab04_shapes"))
    assert "Lab 04 · Shape arithmetic · 30 points" in text and 'learner="..."' in text


def test_start_names_the_learner():
    """With an id it says whose numbers these are."""
    assert "'ana'" in repr(start("lab04_shapes", learner="ana"))


def test_start_sets_the_seeds():
    """Two starts, the same random numbers."""
    start("lab04_shapes")
    first = random.random(), np.random.rand()
    start("lab04_shapes")
    assert first == (random.random(), np.random.rand())


def test_exploration_has_no_points():
    """It is started like a lab, and says that nothing is graded; it is in no sum and is no lab."""
    text = repr(start("extra_applications"))
    assert text.startswith("Exploration · Where these networks go") and "Nothing here is graded" in text
    assert "points" not in text and "learner" not in text
    assert not set(syllabus.explorations()) & set(syllabus.labs())
    assert all(not row.graded and not row.load() for row in syllabus.explorations().values())


def test_unknown_lab_lists_the_labs():
    """A typing slip is answered with what there is."""
    with pytest.raises(ValueError, match="lab04_shapes"):
        start("lab4")


def test_numbers_of_an_unknown_question():
    """The message lists the questions of this lab alone."""
    with pytest.raises(UsageError, match="my_sizes, my_paddings") as error:
        start("lab04_shapes").numbers("my_size")
    assert "my_counts" not in str(error.value)


def test_score_lists_every_question(capsys):
    """What was not checked yet says so; the essay waits for a person."""
    start("lab04_shapes").score()
    printed = capsys.readouterr().out
    assert printed.count("not checked yet") == 7 and "a person reads it" in printed
    assert "0 of 28" in printed and "what you hand in" in printed


@pytest.mark.parametrize("item", draws.ARITHMETIC.values(), ids=lambda item: item.question)
def test_draws_tell_the_mistakes_apart(item):
    """For many learners the right answer and all named mistakes differ."""
    for number in range(60):
        numbers = numbers_of(item, f"learner{number}")
        outcomes = [item.right(numbers), *item.wrong(numbers).values()]
        assert all(outcomes[i] != outcomes[j] for i in range(len(outcomes)) for j in range(i))


@pytest.mark.parametrize("item", draws.ARITHMETIC.values(), ids=lambda item: item.question)
def test_an_id_in_other_letters_is_the_same_learner(item):
    """Case and outer spaces change no numbers."""
    assert str(numbers_of(item, "Ana ")) == str(numbers_of(item, "ana"))


def test_every_lab_has_a_release():
    """The table and the folder agree."""
    for lab in syllabus.notebooks():
        assert syllabus.released(lab).is_file()


def test_golden_numbers():
    """These were drawn once for the id "ana"; a change would give every learner other numbers."""
    drawn = {item.question: numbers_of(item, "ana") for item in draws.ARITHMETIC.values()}
    assert drawn["sobel"] == ((3, 5, 1), (3, 0, 8), (6, 9, 9))
    assert drawn["by_hand"][2] == ((0, 0), (3, 2), (2, 1), (1, 2))
    assert drawn["my_sizes"][:3] == ((49, 7, 3, 3), (26, 5, 2, 1), (41, 7, 3, 1))
    assert drawn["my_paddings"] == ((44, 6, 3), (30, 7, 2), (33, 7, 4))
    assert drawn["my_counts"] == ((19, 9, 16, 7), (28, 7, 13, 3), (33, 9, 16, 5))
    assert drawn["my_stacks"] == ((9, 2, 13), (9, 39, 14))
