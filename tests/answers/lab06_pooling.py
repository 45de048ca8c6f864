"""Lab 06: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import math

import numpy as np

from tests.answers import compiled, right, wrong

# ---- activations ----


def vectorised():
    """The five functions, right; wrong answers replace one of them."""

    def relu(x):
        return np.maximum(x, 0)

    def leaky_relu(x, slope):
        return np.where(x > 0, x, slope * x)

    def elu(x, alpha):
        return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))

    def softplus(x):
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def softmax(x, axis):
        powers = np.exp(x - x.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    return {"relu": relu, "leaky_relu": leaky_relu, "elu": elu, "softplus": softplus, "softmax": softmax}


@right("activations", namespace=True)
def array_functions():
    return vectorised()


@right("activations", namespace=True)
def by_the_book():
    def relu(x):
        return x * (x > 0)

    def leaky_relu(x, slope):
        return np.maximum(x, 0) + slope * np.minimum(x, 0)

    def elu(x, alpha):
        return np.maximum(x, 0) + alpha * (np.exp(np.minimum(x, 0)) - 1)

    def softplus(x):
        return np.logaddexp(0, x)

    def softmax(x, axis):
        shifted = x - np.expand_dims(np.max(x, axis), axis)
        return np.exp(shifted - np.log(np.exp(shifted).sum(axis, keepdims=True)))

    return {"relu": relu, "leaky_relu": leaky_relu, "elu": elu, "softplus": softplus, "softmax": softmax}


@right("activations", namespace=True)
def masks():
    def relu(x):
        y = x.copy()
        y[y < 0] = 0
        return y

    def leaky_relu(x, slope):
        y = x.copy()
        y[y < 0] *= slope
        return y

    def elu(x, alpha):
        y = np.array(x)
        low = y < 0
        y[low] = alpha * np.exp(y[low]) - alpha
        return y

    def softplus(x):
        y = x.copy()
        low = x < 30
        y[low] = np.log(1 + np.exp(x[low]))
        return y

    def softmax(x, axis=-1):
        moved = np.moveaxis(x, axis, -1)
        powers = np.exp(moved - moved.max(-1)[..., None])
        return np.moveaxis(np.einsum("...k,...->...k", powers, 1 / np.einsum("...k->...", powers)), -1, axis)

    return {"relu": relu, "leaky_relu": leaky_relu, "elu": elu, "softplus": softplus, "softmax": softmax}


@right("activations", namespace=True)
def loops_over_numbers():
    def each(x, rule):
        return np.reshape([rule(float(v)) for v in x.flat], x.shape)

    def softmax_row(row):
        powers = [math.exp(v - max(row)) for v in row]
        return [p / sum(powers) for p in powers]

    return {
        "relu": lambda x: each(x, lambda v: max(0.0, v)).tolist(),
        "leaky_relu": lambda x, slope: each(x, lambda v: v if v >= 0 else slope * v),
        "elu": lambda x, alpha: each(x, lambda v: v if v >= 0 else alpha * math.expm1(v)),
        "softplus": lambda x: each(
            x, lambda v: v + math.log1p(math.exp(-v)) if v > 0 else math.log1p(math.exp(v))
        ),
        "softmax": lambda x, axis: np.apply_along_axis(softmax_row, axis, x),
    }


@right("activations", namespace=True)
def single_precision():
    return {
        name: lambda x, *options, f=function: f(x.astype(np.float32), *options)
        for name, function in vectorised().items()
    }


@right("activations", namespace=True)
def silences_its_own_warnings():
    def elu(x, alpha):
        with np.errstate(over="ignore"):
            return np.where(x > 0, x, alpha * (np.exp(x) - 1))

    return {**vectorised(), "elu": elu}


@wrong("activations", names="where x is positive, not x", namespace=True)
def relu_mask():
    return {**vectorised(), "relu": lambda x: (x > 0).astype(float)}


@wrong("activations", names="smaller of 0 and x", namespace=True)
def relu_minimum():
    return {**vectorised(), "relu": lambda x: np.minimum(x, 0)}


@wrong("activations", names="This is |x|", namespace=True)
def relu_absolute():
    return {**vectorised(), "relu": np.abs}


@wrong("activations", names="left out", namespace=True)
def relu_filtered():
    return {**vectorised(), "relu": lambda x: x[x > 0]}


@wrong("activations", names="changed its input", namespace=True)
def relu_in_place():
    def relu(x):
        x[x < 0] = 0
        return x

    return {**vectorised(), "relu": relu}


@wrong("activations", names="with the given slope", namespace=True)
def leaky_is_relu():
    return {**vectorised(), "leaky_relu": lambda x, slope: np.maximum(x, 0)}


@wrong("activations", names="both sides", namespace=True)
def leaky_everywhere():
    return {**vectorised(), "leaky_relu": lambda x, slope: slope * x}


@wrong("activations", names="The slope is not used", namespace=True)
def leaky_fixed():
    return {**vectorised(), "leaky_relu": lambda x, slope: np.where(x > 0, x, 0.01 * x)}


@wrong("activations", names="the slope itself", namespace=True)
def leaky_constant():
    return {**vectorised(), "leaky_relu": lambda x, slope: np.where(x > 0, x, slope)}


@wrong("activations", names="The sign is lost", namespace=True)
def leaky_absolute():
    return {**vectorised(), "leaky_relu": lambda x, slope: np.where(x > 0, x, slope * np.abs(x))}


@wrong("activations", names="Numbers of ±1000 break it", namespace=True)
def elu_overflows():
    return {**vectorised(), "elu": lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(x) - 1))}


@wrong("activations", names="alpha is not used", namespace=True)
def elu_without_alpha():
    return {**vectorised(), "elu": lambda x, alpha: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))}


@wrong("activations", names="The − 1 is missing", namespace=True)
def elu_without_one():
    return {**vectorised(), "elu": lambda x, alpha: np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)))}


@wrong("activations", names="Brackets", namespace=True)
def elu_brackets():
    return {**vectorised(), "elu": lambda x, alpha: np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1)}


@wrong("activations", names="This is relu: below zero stands alpha", namespace=True)
def elu_is_relu():
    return {**vectorised(), "elu": lambda x, alpha: np.maximum(x, 0)}


@wrong("activations", names="above zero too", namespace=True)
def elu_everywhere():
    return {**vectorised(), "elu": lambda x, alpha: alpha * np.expm1(np.minimum(x, 700))}


@wrong("activations", names="Numbers of ±1000 break it", namespace=True)
def softplus_overflows():
    return {**vectorised(), "softplus": lambda x: np.log(1 + np.exp(x))}


@wrong("activations", names="The 1 + is missing", namespace=True)
def softplus_is_x():
    return {**vectorised(), "softplus": lambda x: x * 1.0}


@wrong("activations", names="Large x are cut off", namespace=True)
def softplus_cut_off():
    return {**vectorised(), "softplus": lambda x: np.log(1 + np.exp(np.clip(x, -700, 700)))}


@wrong("activations", names="This is relu.", namespace=True)
def softplus_is_relu():
    return {**vectorised(), "softplus": lambda x: np.maximum(x, 0)}


@wrong("activations", names="log(1 + exp(−x))", namespace=True)
def softplus_sign():
    return {**vectorised(), "softplus": lambda x: np.logaddexp(0, -x)}


@wrong("activations", names="This is its derivative", namespace=True)
def softplus_is_sigmoid():
    return {**vectorised(), "softplus": lambda x: 0.5 * (1 + np.tanh(x / 2))}


@wrong("activations", names="base 2", namespace=True)
def softplus_base_two():
    return {**vectorised(), "softplus": lambda x: np.logaddexp(0, x) / np.log(2)}


@wrong("activations", names="Numbers of ±1000 break it", namespace=True)
def softmax_overflows():
    return {**vectorised(), "softmax": lambda x, axis: np.exp(x) / np.exp(x).sum(axis, keepdims=True)}


@wrong("activations", names="over everything", namespace=True)
def softmax_over_everything():
    return {**vectorised(), "softmax": lambda x, axis: np.exp(x - x.max()) / np.exp(x - x.max()).sum()}


@wrong("activations", names="along axis 0: this call asks for axis 1", namespace=True)
def softmax_over_the_batch():
    return {**vectorised(), "softmax": lambda x, axis: vectorised()["softmax"](x, 0)}


@wrong("activations", names="along axis 2: this call asks for axis 1", namespace=True)
def softmax_last_axis():
    return {**vectorised(), "softmax": lambda x, axis: vectorised()["softmax"](x, -1)}


@wrong("activations", names="keepdims=True is missing", namespace=True)
def softmax_without_keepdims():
    def softmax(x, axis):
        powers = np.exp(x - x.max())
        return powers / powers.sum(axis)

    return {**vectorised(), "softmax": softmax}


@wrong("activations", names="exp is missing", namespace=True)
def softmax_without_exp():
    return {**vectorised(), "softmax": lambda x, axis: x / x.sum(axis, keepdims=True)}


@wrong("activations", names="The division is missing", namespace=True)
def softmax_without_division():
    return {**vectorised(), "softmax": lambda x, axis: np.exp(x - x.max(axis, keepdims=True))}


@wrong("activations", names="the largest one along the axis", namespace=True)
def softmax_shifted_by_the_largest_of_all():
    def softmax(x, axis):
        powers = np.exp(x - x.max())
        return powers / powers.sum(axis, keepdims=True)

    return {**vectorised(), "softmax": softmax}


FROM_SCIPY = """
def softmax(x, axis):
    import scipy.special

    return scipy.special.softmax(x, axis)
"""


@wrong("activations", names="asks you to write yourself", namespace=True)
def from_scipy():
    return {**vectorised(), "softmax": compiled(FROM_SCIPY, "softmax", "softmax-from-scipy", {})[0]}


@wrong("activations", namespace=True)
def only_numbers():
    return {**vectorised(), "relu": lambda x: max(0, x)}


@wrong("activations", namespace=True)
def one_is_missing():
    names = vectorised()
    del names["softplus"]
    return names
