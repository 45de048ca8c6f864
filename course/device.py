"""What this machine has, said in one line; nothing here blocks or fails without a GPU."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

from autograder.check import silent_stderr

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def quiet() -> AbstractContextManager[None]:
    """Keep TensorFlow's messages to its developers away: `with quiet(): import keras`."""
    return silent_stderr()


def gpus() -> list[str]:
    """Names of the GPUs that TensorFlow sees. Imports TensorFlow."""
    with quiet():
        import tensorflow as tf

        return [device.name for device in tf.config.list_physical_devices("GPU")]


def describe() -> str:
    """One sentence: GPU or not, and what that means for the labs."""
    found = gpus()
    if found:
        return f"{len(found)} GPU: {', '.join(found)}. The labs use it; none of them needs it."
    return "No GPU. That is fine: every lab runs on a laptop's processor."
