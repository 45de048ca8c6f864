"""Attacks of models: forged cards, layers that lie, patched Keras, handles on other things."""

# ruff: noqa: E501 - an attack stands in a string, as its author would write it

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.judging import unlucky, wrongs
from tests.attacks.lab import NET_RIGHT, NET_WRONG, Attack, Outcome, World, run_attacks, world


def model(name: str, code: str = "pass", **answers: str) -> Attack:
    return Attack(
        name,
        "models",
        code,
        {**NET_WRONG, **answers},
        without=NET_WRONG,
        cell=20,
        notebook=60,
        memory=3000,
        deadline=120,
    )


ATTACKS = [
    model(
        "a model whose card says what is asked",
        small_net="""
class Sequential(keras.Model):
    def __init__(self):
        super().__init__()
        self.true = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten(), keras.layers.Dense(3)])
    inputs = property(lambda self: self.true.inputs)
    outputs = property(lambda self: self.true.outputs)
    weights = property(lambda self: self.true.weights)
    def count_params(self): return 235
    def get_config(self): return self.true.get_config()
    def call(self, images, training=False): return keras.ops.zeros((4, 3))
def small_net(width=1.0): return Sequential()
""",
    ),
    model(
        "layers that lie about themselves",
        small_net="""
def fake(name, base):
    return type(name, (base,), {"call": lambda self, x, **k: x, "__module__": "keras.src.layers", "activation": keras.activations.relu})
class Conv2D(keras.layers.Conv2D):
    def call(self, x): return keras.ops.zeros_like(super().call(x))
    def get_config(self): return {"activation": "relu"}
    activation = property(lambda self: keras.activations.relu, lambda self, value: None)
Conv2D.__module__ = "keras.src.layers.convolutional.conv2d"
def small_net(width=1.0):
    return keras.Sequential([keras.Input((6, 6, 1)), Conv2D(round(4 * width), 3), keras.layers.Flatten(), keras.layers.Dense(3)])
""",
    ),
    model(
        "weights that do not keep what they are given",
        small_net="""
class Forgetful:
    shape, dtype, trainable = (3, 3, 1, 4), "float32", True
    def __init__(self, shape): self.shape = shape
    def assign(self, value): won(("shape", value.shape)) if value.shape != tuple(self.shape) else None
    def __array__(self, dtype=None, copy=None): return np.zeros(self.shape, np.float32)
class Net(keras.Model):
    def call(self, images, training=False): return keras.ops.ones((len(images), 3)) * 10.0 ** 30
    weights = property(lambda self: [Forgetful(s) for s in ((3, 3, 1, 4), (4,), (64, 3), (3,))])
    trainable_weights = weights
def small_net(width=1.0): return Net()
""",
    ),
    model(
        "the handle says what is wanted",
        """
        from autograder import _models
        class Said(_models.KerasModel):
            def do_count(self, *a): return 235
            def do_card(self, *a): return [{"layer": "Conv2D", "activation": "relu"}]
            def do_outputs_with(self, weights, images): return np.zeros((len(images), 3), np.float32)
        _models.as_handle = lambda value: Said(value)
        import autograder._answer; autograder._answer.as_handle = _models.as_handle
    """,
    ),
    model(
        "Keras is patched",
        """
        keras.layers.Conv2D.call = keras.layers.Dense.call = keras.layers.Layer.__call__ = lambda self, x, *a, **k: x
        keras.ops.convert_to_numpy = lambda x: np.zeros((4, 3))
        keras.activations.relu = keras.ops.relu = lambda x: x
        keras.Model.weights = property(lambda self: [])
        keras.tree.flatten = lambda x: [x]
        np.concatenate = lambda parts: parts[0]
    """,
    ),
    model(
        "a model that knows when it is asked",
        small_net="""
class Net(keras.Model):
    times = 0
    def call(self, images, training=False):
        import sys
        Net.times += 1
        frame = sys._getframe()
        while frame:
            for name, value in frame.f_locals.items():
                if name in ("expected", "case", "seed", "draw"): won((name, value))
                if name == "weights" and Net.times > 1: return keras.ops.convert_to_tensor(np.resize(value[-1], (len(images), 3)))
            frame = frame.f_back
        return keras.ops.zeros((len(images), 3))
def small_net(width=1.0): return Net()
""",
    ),
    model(
        "handles with numbers of others",
        """
        from autograder._engine import wire, service as services
        import msgpack
        honest = services.Service._reply
        numbers = iter(list(range(-5, 40)) * 100)
        def forged(self, request):
            if request[0] == "call":
                honest(self, request)
                return msgpack.packb([wire.TUPLE, None, [wire.HANDLE, next(numbers), "x" * 199], ""])
            if request[0] == "operate":
                return msgpack.packb([wire.TUPLE, None, [wire.LIST, [wire.HANDLE, 0, "a"], [wire.HANDLE, 10**9, "b"]], ""])
            return honest(self, request)
        services.Service._reply = forged
    """,
    ),
    model(
        "outputs by the gigabyte",
        small_net="""
class Net(keras.Model):
    def call(self, images, training=False): return [np.ones((2000, 2000), np.float32)] * 900
def small_net(width=1.0): return Net()
""",
    ),
    model(
        "a model that never ends, and is everything else",
        small_net="""
class Net(keras.Layer):
    def __getattribute__(self, name):
        if name == "weights":
            while True: pass
        return super().__getattribute__(name)
def small_net(width=1.0): return Net()
""",
        doubled="""
class Call:
    def __call__(self, x): return self
    def __mul__(self, other): return self
    def __eq__(self, other): return True
    def __getattr__(self, name): return self
    def __array__(self, *a, **k): return self
def doubled(function): return Call()
""",
    ),
]


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[dict[str, Outcome], World]]:
    """All attacks of this file in one batch."""
    with world() as here:
        yield run_attacks(ATTACKS, here, lab="nets", wrong=NET_WRONG, right=NET_RIGHT, graders=1), here


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_of_a_model_reaches_nothing(attack, ran):
    """What a model says of itself earns nothing."""
    assert wrongs(attack, *ran) == []


def test_the_others_get_their_points(ran):
    """Honest submissions before, between and after the attacks get full points."""
    assert unlucky(ran[0]) == {}


def test_the_world_is_as_it_was(ran):
    """Files, services and processes outside."""
    assert ran[1].changes() == []
