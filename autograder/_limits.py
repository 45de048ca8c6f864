"""Keep a learner's call within bounds: time, printed text, standard error, random state."""

from __future__ import annotations

import _weakrefset
import contextlib
import io
import logging
import os
import random
import signal
import sys
import threading
import warnings
import weakref
from collections.abc import Iterator
from types import FrameType

import numpy as np

PRINTED_LIMIT = 2_000
SOON, TRIES = 0.01, 100  # seconds until the next try where an error would be lost; how often that is put off
_WEAK = {("remove", weakref.__file__), ("_remove", _weakrefset.__file__)}

_timer = getattr(signal, "ITIMER_REAL", 0)
_alarm = getattr(signal, "SIGALRM", 0)


def count_processor_time() -> None:
    """From now on `time_limit` counts this process' processor time: fair on a machine that grades a class."""
    global _timer, _alarm
    _timer, _alarm = signal.ITIMER_PROF, signal.SIGPROF


class OutOfTime(BaseException):
    """Raised inside an answer that took too long; no `except Exception` swallows it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop what runs inside after some seconds, where that can be done (main thread, POSIX).

    Raises:
        OutOfTime: After `seconds`, and again every second after that, should it be swallowed.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    timer, alarm, patience = _timer, _alarm, iter(range(TRIES))

    def stop(number: int, frame: FrameType | None) -> None:
        if _would_be_lost(frame) and next(patience, None) is not None:
            signal.setitimer(timer, SOON, 1.0)
            return
        raise OutOfTime

    before = signal.signal(alarm, stop)
    signal.setitimer(timer, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(alarm, before)


def _would_be_lost(frame: FrameType | None) -> bool:
    """Whether Python would drop what is raised here, and complain: in `__del__`, in weak containers' callbacks."""
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or (code.co_name, code.co_filename) in _WEAK:
            return True
        frame = frame.f_back
    return False


class _Capped(io.TextIOBase):
    """A text stream that keeps the first characters and forgets the rest."""

    def __init__(self, limit: int) -> None:
        self.limit, self.text, self.dropped = limit, "", False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        room = self.limit - len(self.text)
        self.text += text[:room]
        self.dropped = self.dropped or len(text) > room
        return len(text)

    def __str__(self) -> str:
        return self.text + (" … (cut)" if self.dropped else "")


@contextlib.contextmanager
def captured() -> Iterator[_Capped]:
    """Collect what is printed inside; warnings and standard error are dropped."""
    printed = _Capped(PRINTED_LIMIT)
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(_Capped(0)):
        warnings.simplefilter("ignore")
        yield printed


def floating_errors(strict: bool) -> contextlib.AbstractContextManager[None]:
    """Inside, what NumPy only warns of (overflow, division by zero, a nan that appears) raises, if strict."""
    return np.errstate(over="raise", divide="raise", invalid="raise") if strict else contextlib.nullcontext()


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Send the process' standard error to nowhere, C libraries included: nbgrader scores such a cell 0.

    In a notebook, TensorFlow's own warnings go around the process' standard error; they are not made.
    """
    sys.stderr.flush()
    logger = logging.getLogger("tensorflow")
    level = logger.level
    try:
        saved = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        logger.setLevel(logging.ERROR)
        yield
    finally:
        logger.setLevel(level)
        os.dup2(saved, 2)
        os.close(nowhere)
        os.close(saved)


@contextlib.contextmanager
def random_state() -> Iterator[None]:
    """Leave Python's, NumPy's and Keras' random state as they were before."""
    python, numpy = random.getstate(), np.random.get_state()
    keras = _keras_seed()
    before = keras.state.numpy().copy() if keras is not None else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        if keras is not None:
            keras.state.assign(before)


def _keras_seed() -> object | None:
    """Keras' global seed generator, if Keras is there (it has no public name)."""
    if "keras" not in sys.modules:
        return None
    try:
        from keras.src.random.seed_generator import global_seed_generator
    except ImportError:
        return None
    return global_seed_generator()


@contextlib.contextmanager
def full_precision() -> Iterator[None]:
    """Inside, Keras makes layers that compute in float32, whatever precision a notebook has chosen for its own."""
    keras = sys.modules.get("keras")
    config = getattr(keras, "config", None)  # None while Keras is only half imported
    if config is None:
        yield
        return
    before = config.dtype_policy()
    config.set_dtype_policy("float32")
    try:
        yield
    finally:
        config.set_dtype_policy(before)
