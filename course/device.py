"""What this machine has, said in one line; nothing here blocks or fails without a GPU or without TensorFlow."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Any

from autograder.check import silent_stderr

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # read when TensorFlow starts: other programs get room


def quiet() -> AbstractContextManager[None]:
    """Keep TensorFlow's messages to its developers away: `with quiet(): import keras`."""
    return silent_stderr()


def gpus() -> list[str]:
    """Names of the GPUs that TensorFlow sees. Imports TensorFlow."""
    with quiet():
        import tensorflow as tf

        return [device.name for device in tf.config.list_physical_devices("GPU")]


def has_gpu() -> bool:
    """Whether TensorFlow sees a GPU. Never raises."""
    try:
        return bool(gpus())
    except Exception:  # missing, or installed and broken in any way
        return False


def prepare() -> str:
    """Make ready for a large training: on a GPU, memory that grows as it is needed, and 16-bit arithmetic.

    16 bits are chosen where the GPU is made for them: bfloat16 from NVIDIA's compute capability 8.0 on, float16
    from 7.0 on. Weights stay in 32 bits. Without a GPU nothing changes. Never raises.

    Returns:
        What was found and set, in two sentences.
    """
    try:
        return _prepared()
    except Exception as error:
        return f"Nothing was changed: the GPU could not be asked ({_reason(error)})."


def _prepared() -> str:
    with quiet():
        import keras
        import tensorflow as tf
    found = tf.config.list_physical_devices("GPU")
    if not found:
        return f"No GPU: a few steps on few images show that the code runs. Arithmetic: {_policy(keras)}."
    for gpu in found:
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError):  # in use already: then the environment variable above decided
            pass
    details = [tf.config.experimental.get_device_details(gpu) for gpu in found]
    capability = min(tuple(one.get("compute_capability") or (0, 0)) for one in details)
    precisions = {"mixed_bfloat16": (8, 0), "mixed_float16": (7, 0), "float32": (0, 0)}
    keras.config.set_dtype_policy(next(name for name, least in precisions.items() if capability >= least))
    names = ", ".join(one.get("device_name", "unnamed") for one in details)
    return f"{len(found)} GPU: {names}; memory grows as it is needed. Arithmetic: {_policy(keras)}."


def _policy(keras: Any) -> str:
    return str(keras.config.dtype_policy().name)


def describe() -> str:
    """One sentence: GPU or not, and what that means for the labs. Never raises."""
    try:
        found = gpus()
    except Exception as error:  # missing, or installed and broken in any way: whoever asks goes on
        return (
            f"TensorFlow does not start here ({_reason(error)}), so no GPU was looked for. "
            "What does not build a network works all the same; `course doctor` says what to do."
        )
    if found:
        return f"{len(found)} GPU: {', '.join(found)}. The labs use it; none of them needs it."
    return "No GPU. That is fine: every lab runs on a laptop's processor."


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
