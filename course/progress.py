"""How far a training is: one line below the cell, written over as it goes on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from autograder.check import grading
from course.front_end import living

PAUSE = 0.5  # seconds between two looks at the line
BAR = 20  # characters


def progress() -> Any:
    """A Keras callback that shows epoch, loss, metrics, and how many seconds are left.

    It shows nothing where nobody looks on: outside a notebook, in a grader, and where COURSE_STATIC is 1.

    Example:
        model.fit(images, labels, epochs=5, verbose=0, callbacks=[progress()])
    """
    import keras

    line = _Line(_show() if living() and not grading() else lambda text: None)
    callback = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: line.begin(callback.params),
        on_train_batch_end=lambda batch, logs: line.batch(logs or {}),
        on_epoch_end=lambda epoch, logs: line.epoch(logs or {}),
        on_train_end=lambda logs: line.end(),
    )
    return callback


def _show() -> Any:
    """A function that writes a text below the cell, in place of the text before."""
    from IPython.display import display

    handle = display({"text/plain": "training ..."}, raw=True, display_id=True)
    return lambda text: handle.update({"text/plain": text}, raw=True)


class _Line:
    """What is known of a training that runs.

    Args:
        show: Called with each new text.
    """

    def __init__(self, show: Any) -> None:
        self._show = show
        self._epochs, self._steps = 1, None
        self._done = self._batches = 0
        self._start = self._last = time.monotonic()
        self._logs: Mapping[str, float] = {}

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Take the number of epochs and of steps in each (None if nobody knows) from Keras."""
        self._epochs, self._steps = settings.get("epochs") or 1, settings.get("steps")
        self._start = self._last = time.monotonic()

    def batch(self, logs: Mapping[str, float]) -> None:
        """Another batch; the line is written about twice a second."""
        self._batches, self._logs = self._batches + 1, logs
        if time.monotonic() - self._last > PAUSE:
            self._write()

    def epoch(self, logs: Mapping[str, float]) -> None:
        """Another epoch."""
        self._done, self._batches, self._logs = self._done + 1, 0, logs
        self._write()

    def end(self) -> None:
        """The last line stays."""
        seconds = time.monotonic() - self._start
        self._show(f"{self._done} of {self._epochs} epochs in {seconds:.0f} s{_numbers(self._logs)}")

    def _write(self) -> None:
        self._last = time.monotonic()
        part = self._batches / self._steps if self._steps else 0
        share = min((self._done + part) / self._epochs, 1)
        left = f"about {(self._last - self._start) * (1 / share - 1):.0f} s left" if share else "begun"
        bar = "█" * int(BAR * share) + "░" * (BAR - int(BAR * share))
        now = min(self._done + 1, self._epochs)
        self._show(f"epoch {now} of {self._epochs}  {bar}  {left}{_numbers(self._logs)}")


def _numbers(logs: Mapping[str, float]) -> str:
    return "".join(f", {name.replace('_', ' ')} {float(value):.3g}" for name, value in logs.items())
