"""The rule "write it yourself" follows names through imports and modules."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import scipy.signal

from autograder._sources import forbidden_name, library_name

RULE = ["scipy.signal", "numpy.convolve"]
NAMES = {"np": np, "scipy": scipy, "corr": scipy.signal.correlate2d, "sig": scipy.signal}


@pytest.mark.parametrize(
    "source",
    [
        "from scipy.signal import convolve2d as c",
        "from scipy import signal",
        "import scipy.signal as s\ns.fftconvolve(1)",
        "def f(x):\n    return np.convolve(x, x)",
        "def f(x):\n    return scipy.signal.correlate2d(x, x)",
        "def f(x):\n    return corr(x, x)",
        "def f(x):\n    return sig.convolve(x, x)",
        "%matplotlib inline\nfrom numpy import convolve",
    ],
)
def test_forbidden_name_is_found(source):
    """However it is written."""
    assert forbidden_name(source, NAMES, RULE)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return np.einsum('i,i', x, x)",
        "def f(x):\n    '''Not scipy.signal.'''\n    return x  # np.convolve would do",
        "convolve = 3",
        "def f(x:",
    ],
)
def test_honest_source_passes(source):
    """Comments, texts and other functions are free; text that does not parse uses nothing."""
    assert forbidden_name(source, NAMES, RULE) is None


def test_a_library_function_under_the_learners_name_is_found():
    """`correlate2d = scipy.signal.correlate2d` is no answer of one's own."""
    assert library_name(scipy.signal.correlate2d, RULE).startswith("scipy.signal")
    assert library_name(functools.partial(scipy.signal.correlate2d, mode="valid"), RULE).startswith("scipy.signal")


def test_own_function_is_no_library_function():
    """Neither a function nor a value of the learner's is taken for a library's."""
    assert library_name(lambda x: x, RULE) is None
    assert library_name(np.ones(3), RULE) is None
    assert library_name(np.vectorize(lambda x: x), RULE) is None
