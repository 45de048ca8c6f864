"""The rule "write it yourself" follows names through imports and modules."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import scipy.signal

from autograder._sources import forbidden_in_cells, forbidden_name, library_name

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


ANSWER = "def blur(x, k):\n    z = x * 2\n    for name in k:\n        z = z + name\n    return z"


@pytest.mark.parametrize(
    "other",
    [
        "import scipy.signal\nz = scipy.signal.correlate2d(a, b)",
        "import scipy.signal\nfor name in [scipy.signal]:\n    print(name)",
    ],
)
def test_a_local_variable_is_not_a_name_of_another_cell(other):
    """Another cell may bind the same name to what a library gave: the answer does not use it."""
    assert forbidden_in_cells([other, ANSWER], ["blur"], ["scipy.signal"]) is None


@pytest.mark.parametrize(
    "helper",
    [
        "def blur(x, k):\n    return z(x, k)",
        "def blur(x, k):\n    def inner(y):\n        return z(y, k)\n    return inner(x)",
        "class Blur:\n    z = staticmethod(z)\nblur = Blur.z",
        "blur = lambda x, k: [z(row, k) for row in x]",
        "def blur(x, k, how=z):\n    z = 3\n    return how(x, k)",
    ],
)
def test_a_global_name_of_another_cell_is_followed(helper):
    """However the answer uses it: in an inner function, a class, a comprehension, a default."""
    other = "import scipy.signal\ndef z(x, k):\n    return scipy.signal.correlate2d(x, k)"
    assert forbidden_in_cells([other, helper], ["blur"], ["scipy.signal"]) == "scipy.signal.correlate2d"
