"""Lab 08's figures: small, readable, told in words, and with the right numbers in them."""

from __future__ import annotations

import numpy as np
import pytest

from course import explore, figures
from tests.course.drawn import texts, with_figure

KERNEL = [[1, 2, 0], [3, -1, 1], [0, 0, 4]]
D = [[1, 10], [100, -2]]
TABLE = {
    "right": {"three means": False, "all of it": False},
    "kernel flipped": {"three means": False, "all of it": True},
}

FIGURES = {
    "stamping": lambda: figures.stamping(D, KERNEL, shape=(5, 6), steps=[0, 1, 3], stride=2),
    "stamping, padded": lambda: figures.stamping(
        D, [[1, 2], [3, -1]], shape=(4, 4), steps=[3], stride=3, pad=1, title="Four corners"
    ),
    "stamping, fractions": lambda: figures.stamping([[0.25, -1.5]], [[1, 2 / 3]], shape=(1, 3), steps=[1]),
    "verdicts": lambda: figures.verdicts(TABLE, title="What two checks notice"),
    "verdicts, one row": lambda: figures.verdicts({"mine": {"a": True}}, yes="yes", no="no"),
}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        (
            "stamping",
            ["Step 2 of 4: d[0, 1] = 10 adds 10 · kernel to dx, from row 0 and column 2 on", "3 −1 31 −10"],
        ),
        ("stamping", ["stride 2, padding 0", "0 0 400 0 −8 0."]),
        (
            "stamping, padded",
            ["Four corners.", "3 −1 0 30 −10 0", "from row 2 and column 2 on"],
        ),
        ("verdicts", ["three means: 0 of 2 noticed.", "all of it: 1 of 2 noticed: kernel flipped."]),
    ],
)
def test_alternative_text_states_the_numbers(name, facts):
    """What the picture shows stands in the words too."""
    assert [fact for fact in facts if fact not in FIGURES[name]().alt] == []


def test_last_step_is_the_gradient():
    """After its last step the picture shows what `conv_backward` gives for one image and one channel."""
    from course.broken import conv_backward

    d, kernel = np.array(D, float)[None, ..., None], np.array(KERNEL, float)[..., None, None]
    dx = conv_backward(d, (np.zeros((1, 5, 6, 1)), kernel, np.zeros(1), 2, 0))[0][0, :, :, 0]
    words = "; ".join(" ".join(f"{int(value)}".replace("-", "−") for value in row) for row in dx)
    assert figures.stamping(D, KERNEL, shape=(5, 6), steps=[3], stride=2).alt.endswith(f"dx is then {words}.")


def test_words_carry_the_verdict():
    """Filled and hatched cells hold their word: no colour is the only cue."""
    shown = [text.get_text() for text, _ in texts(with_figure(FIGURES["verdicts"])[1])]
    assert shown.count("passes") == 3 and shown.count("noticed") == 1


def test_exploration_stands_still_without_widgets():
    """Outside a notebook there is one picture with the first two steps and the last."""
    exploration = explore.stamping(D, KERNEL, shape=(5, 6), stride=2)
    assert exploration.widget is None
    assert [f"Step {step} of 4" in exploration.frames[0].alt for step in (1, 2, 3, 4)] == [True, True, False, True]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.stamping(D, KERNEL, shape=(5, 5), steps=[0]), r"shape \(3, 3\).*\(2, 2\)"),
        (lambda: figures.stamping(D, KERNEL, shape=(5, 6), steps=[4], stride=2), "from 0 to 3. Received 4"),
        (lambda: figures.stamping(D, KERNEL, shape=(5, 6), steps=[], stride=2), "at least one entry in steps"),
        (lambda: figures.stamping(np.ones((18, 28)), KERNEL, shape=(20, 30), steps=[0]), "small enough"),
        (lambda: figures.verdicts({}), "at least one entry in table"),
        (lambda: figures.verdicts({"a": {"x": True}, "b": {"y": True}}), "same columns"),
        (lambda: figures.verdicts({"a": {str(k): True for k in range(20)}}), "narrower.*20 columns"),
    ],
)
def test_what_is_refused(draw, message):
    """Messages say what was expected and what came."""
    with pytest.raises(ValueError, match=message):
        draw()
