"""Numbers drawn from SHA-256: the same for one key on every machine, with every library version, for ever."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np


def normal_id(learner: str) -> str:
    """A learner's id in its one spelling: NFC, without outer spaces, case folded."""
    return unicodedata.normalize("NFC", learner.strip().casefold())


class Draw:
    """A stream of integers that depends only on its key.

    Args:
        key: What the stream is for, such as ("convnet-course", "lab04_shapes", "out_size", "practice").
        learner: The id of the learner whose own numbers a question may ask for.
    """

    def __init__(self, *key: str, learner: str = "") -> None:
        self._key = "\x1f".join(key).encode()
        self._count = 0
        self._learner = normal_id(learner)
        self.used_learner = False

    @property
    def learner(self) -> str:
        """The learner's id; reading it marks the question as one with the learner's own numbers."""
        self.used_learner = True
        return self._learner

    def integer(self, low: int, high: int) -> int:
        """One integer from low to high, both included.

        Raises:
            ValueError: If low is above high.
        """
        if low > high:
            raise ValueError(f"Expected low <= high. Received {low} and {high}.")
        span = high - low + 1
        limit = (1 << 64) // span * span  # values above the limit would favour small numbers
        while True:
            word = hashlib.sha256(self._key + b"\x1f" + str(self._count).encode()).digest()[:8]
            self._count += 1
            value = int.from_bytes(word, "big")
            if value < limit:
                return low + value % span

    def integers(self, count: int, low: int, high: int) -> list[int]:
        """A list of `count` integers from low to high."""
        return [self.integer(low, high) for _ in range(count)]

    def choice(self, options: Sequence[Any]) -> Any:
        """One of the options."""
        return options[self.integer(0, len(options) - 1)]

    def shuffled(self, items: Sequence[Any]) -> list[Any]:
        """The items in a drawn order (Fisher and Yates)."""
        items = list(items)
        for last in range(len(items) - 1, 0, -1):
            other = self.integer(0, last)
            items[last], items[other] = items[other], items[last]
        return items

    def array(self, shape: int | tuple[int, ...], low: int, high: int) -> np.ndarray:
        """An array of whole numbers as float64, so that sums of products are exact."""
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        count = int(np.prod(shape, dtype=int))
        return np.array(self.integers(count, low, high), dtype=np.float64).reshape(shape)
