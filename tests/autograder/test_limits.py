"""The time limit: it reaches an answer wherever it is interrupted, and says nothing elsewhere."""

from __future__ import annotations

import sys
import time
import weakref

import pytest

from autograder._limits import OutOfTime, time_limit


class Key:
    """Compares slowly, so that the limit falls into the weak dictionary's own callback."""

    def __hash__(self) -> int:
        _busy(0.3)
        return 1


class Slow:
    def __del__(self) -> None:
        _busy(0.3)


class Endless:
    def __del__(self) -> None:
        _busy(1e9)


class Value:
    pass


def _busy(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def _in_a_weak_dictionary() -> None:
    value = Value()
    weak = weakref.WeakValueDictionary({Key(): value})
    with time_limit(0.1):
        del value
        _busy(20)
    weak.clear()


def _in_del() -> None:
    slow = Slow()
    with time_limit(0.1):
        del slow
        _busy(20)


@pytest.mark.parametrize("answer", [_in_a_weak_dictionary, _in_del])
def test_limit_that_ends_inside_a_callback_is_raised_after_it(answer, monkeypatch):
    """Python drops what is raised in `__del__` and in weak references' callbacks, and prints a complaint."""
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    before = time.monotonic()
    with pytest.raises(OutOfTime):
        answer()
    assert time.monotonic() - before < 10  # the answer itself would take 20 s
    assert not lost


def test_endless_del_is_stopped(monkeypatch):
    """It gets a moment to end by itself, no more."""
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: lost.append(told.exc_type))
    endless = Endless()
    with pytest.raises(OutOfTime), time_limit(0.1):
        del endless
        _busy(20)
    assert lost == [OutOfTime]
