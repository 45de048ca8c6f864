"""Lab 13: residual blocks and networks as tables, each with at most one fault of those that are named.

Without a fault the tables are those of `_classics`, which is what right answers are held against.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograder.check import Draw, Received
from course.questions import _classics as classics
from course.questions._classics import RESNET, scaled
from course.questions._networks import Network, Shape

SPREAD = 100  # of what arrives at each batch normalisation, so that its epsilon does not matter
TOLERANCE = 1e-4  # of a block's outputs
WHOLE_TOLERANCE = 3e-3  # of a whole network's: with 56 layers rounding grows to 1e-4, the mildest fault to 1e-2

# What each fault is called in front of a learner.
FAULTS = {
    "relu first": "A ReLU stands before the addition and none after it: add first, then ReLU.",
    "relu twice": "A ReLU stands before the addition too: only the sum gets one.",
    "no last relu": "The ReLU after the addition is missing.",
    "no middle relu": "A ReLU inside the block is missing.",
    "no second relu": "The ReLU after the 3×3 is missing.",
    "plain": "There is no shortcut: nothing is added.",
    "wrong tensor": "What is added is the first convolution's output: the shortcut starts at the block's input.",
    "norm after sum": "The last batch normalisation stands after the addition: normalise, add, then ReLU.",
    "relu before norm": "ReLU stands before the batch normalisation: convolution, normalisation, ReLU.",
    "pre-activation": "This is the pre-activated block (ResNet v2): here each convolution comes first (v1).",
    "stride second": "The second convolution has the stride: it belongs to the first one.",
    "stride on 3x3": "The 3×3 has the stride (version 1.5), or what follows it: in v1 the first 1×1 has it.",
    "zeros in front": "The zeros of shortcut A stand in front: the new maps come after those that are there.",
    "zeros around": "The zeros of shortcut A stand on both sides: all of them come after the maps that are there.",
    "averaged": "Shortcut A averages neighbours: it takes every stride-th pixel as it is.",
    "largest": "Shortcut A takes the largest of its neighbours: it takes every stride-th pixel as it is.",
    "biases": "The convolutions have biases: batch normalisation has its own, so use_bias=False.",
    "no norms": "There is no batch normalisation.",
    "biases, no norms": "There are biases instead of batch normalisation.",
    "no second norm": "The last batch normalisation is missing: every convolution has one.",
    "bare projection": "The projection has no batch normalisation: every convolution has one.",
    "biased projection": "The projection has biases instead of a batch normalisation.",
    "wide projection": "The projection is 3×3: it is 1×1.",
    "relu on projection": "The projection has a ReLU of its own: what it gives is added as it is.",
    "A": "The shortcut has no weights, as A: here it is a projection.",
    "B": "There is a projection only where the shape changes, as in B: C has one in every block.",
    "C": "There is a projection in a block that keeps the shape, as in C.",
    "not wider": "The last 1×1 has as many maps as the others: it has 4 times as many.",
    "narrower": "`maps` is the number of maps in the middle; the block gives 4 · maps.",
    "no pool": "The max pooling after conv1 is missing.",
    "average pool": "The pooling after conv1 takes means: it takes the largest.",
    "no global": "The global average pooling is missing.",
    "bare conv1": "The first convolution has no batch normalisation.",
    "no first relu": "The ReLU after the first batch normalisation is missing.",
    "small conv1": "The first convolution is 3×3: it is 7×7.",
    "strided stage": "The first stage has stride 2: the pooling before it has halved the size already.",
    "basic blocks": "The blocks have two 3×3 convolutions: with 50 layers they are bottlenecks.",
    "fewer blocks": "The stages have 2, 2, 2 and 2 blocks, as ResNet-18: with 34 and 50 layers 3, 4, 6 and 3.",
    "all stages 64": "The maps do not double from stage to stage.",
    "logits": "The softmax at the end is missing.",
}


def told(fault: str) -> str:
    """What a fault is called; "plain 4" is a network whose fourth block has no shortcut."""
    one = fault.removeprefix("plain ")
    return f"Block {one}, counted from 1, has no shortcut." if one.isdigit() else FAULTS[fault]


ANY_BLOCK = (
    *("relu first", "relu twice", "no last relu", "no middle relu", "plain", "relu before norm", "norm after sum"),
    *("biases", "no norms", "biases, no norms", "no second norm", "bare projection", "biased projection"),
    *("wide projection", "relu on projection", "A", "C"),
)
SHORTCUT_A = ("zeros in front", "zeros around", "averaged", "largest")
BASIC = (*ANY_BLOCK, *SHORTCUT_A, "wrong tensor", "pre-activation", "stride second", "B")
BOTTLENECK = (*ANY_BLOCK, "no second relu", "stride on 3x3", "not wider", "narrower")
ENDS = ("bare conv1", "no first relu", "all stages 64", "logits")
SMALL = (*ANY_BLOCK, *ENDS, "no global", "stride second")
WHOLE = (
    *(*ANY_BLOCK, *SHORTCUT_A, *ENDS, "no pool", "average pool", "small conv1", "strided stage", "basic blocks"),
    *("fewer blocks", "stride second", "no second relu", "stride on 3x3", "B", "not wider"),
    *(f"plain {block}" for block in range(1, 17)),
)


def block(shape: Shape, maps: int, stride: int, shortcut: str | None, fault: str = "") -> Network:
    """A basic block on its own.

    Args:
        shape: Of its input, (height, width, channels).
        maps: Of its output.
        stride: Of its first convolution and of the shortcut.
        shortcut: "A", "B", "C", or None for none.
        fault: "", or a key of `FAULTS`; for a whole network also "plain 4", see `told`.
    """
    network = Network(shape)
    if fault:
        _basic(network, maps, stride, shortcut, fault)
    else:
        classics.basic_block(network, maps, stride, shortcut)
    return network


def bottleneck(shape: Shape, maps: int, stride: int, fault: str = "") -> Network:
    """A bottleneck on its own, with shortcut B; see `block`."""
    network = Network(shape)
    if fault:
        _bottleneck(network, maps, stride, "B", fault)
    else:
        classics.bottleneck(network, maps, stride)
    return network


def resnet(depth: int, shortcut: str | None, classes: int, width: float, shape: Shape, fault: str = "") -> Network:
    """ResNet-18, -34 or -50; shortcut None is the plain network. See `block`."""
    if not fault:
        options = {"plain": True} if shortcut is None else {"shortcut": shortcut}
        return classics.resnet(depth, classes=classes, width=width, shape=shape, **options)
    blocks, is_bottleneck = RESNET[18 if fault == "fewer blocks" else depth]
    is_bottleneck = RESNET[depth][1] and fault != "basic blocks"
    if fault.startswith("plain ") and shortcut is None:
        raise ValueError("In a plain network no block has a shortcut.")
    network, one = Network(shape), 0
    kernel = 3 if fault == "small conv1" else 7
    maps = scaled(64, width)
    _normed(network, maps, kernel, stride=2, at=0, fault="no norms" if fault == "bare conv1" else fault)
    if fault not in ("no first relu", "relu before norm"):
        network.activation("relu")
    if fault != "no pool":
        network.pool("average" if fault == "average pool" else "max", 3, 2, pad=1)
    for stage, count in enumerate(blocks):
        for number in range(count):
            maps = scaled(64 if fault == "all stages 64" else 64 * 2**stage, width)
            stride = 2 if (stage or fault == "strided stage") and not number else 1
            one += 1
            own = "plain" if fault == f"plain {one}" else fault
            (_bottleneck if is_bottleneck else _basic)(network, maps, stride, shortcut, own)
    network.global_average()
    network.dense(classes, activation="linear" if fault == "logits" else "softmax")
    return network


def small(
    depth: int, shortcut: str | None, shape: Shape, classes: int = 10, width: int = 8, fault: str = ""
) -> Network:
    """The networks of the paper's section 4.2: 6n + 2 layers in three stages, here 8, 16 and 32 maps wide."""
    network = Network(shape)
    _normed(network, width, 3, at=0, fault="no norms" if fault == "bare conv1" else fault)
    if fault not in ("no first relu", "relu before norm"):
        network.activation("relu")
    for stage in range(3):
        for number in range((depth - 2) // 6):
            maps, stride = width * (1 if fault == "all stages 64" else 2**stage), 2 if stage and not number else 1
            _basic(network, maps, stride, shortcut, fault)
    if fault == "no global":
        network.flatten()
    else:
        network.global_average()
    network.dense(classes, activation="linear" if fault == "logits" else "softmax")
    return network


def _normed(network: Network, maps: int, kernel: int, *, at: int, fault: str, stride: int = 1) -> int:
    """A convolution that keeps the size (but for its stride), and batch normalisation."""
    activation = "relu" if fault == "relu before norm" else "linear"
    options: dict[str, Any] = {"bias": "biases" in fault, "activation": activation, "at": at}
    number = network.conv(maps, kernel, stride=stride, pad=kernel // 2, **options)
    return number if "no norms" in fault else network.norm()


def _relu(network: Network, at: int, fault: str) -> int:
    """The ReLU between two convolutions."""
    gone = fault in ("no middle relu", "relu before norm")
    return at if gone else network.activation("relu", at=at)


def _basic(network: Network, maps: int, stride: int, shortcut: str | None, fault: str) -> int:
    start = network.last
    if fault == "pre-activation":
        return _pre_activated(network, maps, stride, shortcut)
    strides = (1, stride) if fault == "stride second" else (stride, 1)
    first = _relu(network, _normed(network, maps, 3, at=start, fault=fault, stride=strides[0]), fault)
    end = _normed(network, maps, 3, at=first, fault=_last(fault), stride=strides[1])
    return _joined(network, first if fault == "wrong tensor" else start, end, maps, stride, shortcut, fault)


def _bottleneck(network: Network, maps: int, stride: int, shortcut: str | None, fault: str) -> int:
    start = network.last
    strides = (1, stride) if fault == "stride on 3x3" else (stride, 1)
    if fault == "narrower":
        maps = maps // 4
    first = _relu(network, _normed(network, maps, 1, at=start, fault=fault, stride=strides[0]), fault)
    second = _normed(network, maps, 3, at=first, fault=fault, stride=strides[1])
    second = second if fault == "no second relu" else _relu(network, second, fault)
    wide = maps if fault == "not wider" else 4 * maps
    end = _normed(network, wide, 1, at=second, fault=_last(fault))
    return _joined(network, start, end, wide, stride, shortcut, fault)


def _last(fault: str) -> str:
    """The fault of a block's last convolution."""
    return "no norms" if fault in ("no second norm", "norm after sum") else fault


def _pre_activated(network: Network, maps: int, stride: int, shortcut: str | None) -> int:
    """Normalisation and ReLU before each convolution, nothing after the sum (He et al. 2016, ECCV)."""
    start = network.last
    first = network.activation("relu", at=network.norm(at=start))
    middle = network.conv(maps, 3, stride=stride, pad=1, bias=False, at=first)
    second = network.activation("relu", at=network.norm(at=middle))
    end = network.conv(maps, 3, pad=1, bias=False, at=second)
    return network.add(end, _side(network, start, maps, stride, shortcut, ""))


def _joined(
    network: Network, start: int, end: int, maps: int, stride: int, shortcut: str | None, fault: str
) -> int:
    """The addition and the last ReLU of a block."""
    if shortcut is None or fault == "plain":
        return network.activation("relu", at=end)
    if fault in ("relu first", "relu twice"):
        end = network.activation("relu", at=end)
    if fault == "wrong tensor":
        total = network.add(end, start)
    else:
        total = network.add(end, _side(network, start, maps, stride, shortcut, fault))
    if fault == "norm after sum":
        total = network.norm(at=total)
    return total if fault in ("relu first", "no last relu") else network.activation("relu", at=total)


def _side(network: Network, start: int, maps: int, stride: int, shortcut: str | None, fault: str) -> int:
    """The shortcut's end."""
    old = network.layers[start].output[-1]
    changes = stride != 1 or old != maps
    kind = fault if fault in ("A", "B", "C") else shortcut
    if kind == "C" or (kind == "B" and changes):
        own = {"bare projection": "no norms", "biased projection": "biases, no norms"}.get(fault, fault)
        kernel = 3 if fault == "wide projection" else 1
        end = _normed(network, maps, kernel, at=start, fault=own, stride=stride)
        return network.activation("relu", at=end) if fault == "relu on projection" else end
    if not changes:
        return start
    if fault in ("averaged", "largest") and stride > 1:
        kind = "average" if fault == "averaged" else "max"
        start, stride = network.pool(kind, stride, stride, pad="same", at=start), 1
    before = {"zeros in front": maps - old, "zeros around": (maps - old) // 2}.get(fault, 0)
    return network.shortcut_padding(maps, stride, at=start, before=before)


# ---- what a case is held against ----


def secret(network: Network, draw: Draw, images: np.ndarray) -> list[np.ndarray]:
    """Drawn weights; every convolution before a batch normalisation gives large numbers, which that undoes.

    So it does not matter whether a learner's layer adds 0.001 or 0.00001 to the variance.
    """
    weights = iter(network.drawn_weights(draw, images))
    own = {number: [next(weights) for _ in network.layers[number].weights] for number in network.order()}
    for number, layer in enumerate(network.layers):
        if layer.kind == "BatchNormalization":
            before = own[layer.inputs[0]]
            before[0] = before[0] * SPREAD
            mean, variance = own[number][2:]
            own[number][2:] = [mean * SPREAD, variance * SPREAD**2]
    return [array.astype(np.float32) for arrays in own.values() for array in arrays]


def same_outputs(received: Received, expected: np.ndarray, tolerance: float) -> bool:
    """Whether a model gave what it should."""
    value = received.value
    if received.failure is not None or not isinstance(value, np.ndarray) or value.shape != expected.shape:
        return False
    return bool(np.all(np.abs(value - expected) <= tolerance * np.maximum(1, np.abs(expected))))


def output_mistakes(
    received: Received,
    expected: np.ndarray,
    weights: list[np.ndarray],
    images: np.ndarray,
    faulty: Iterable[tuple[str, Network]],
    *,
    tolerance: float = TOLERANCE,
) -> dict[str, Any]:
    """What tables with a fault give for the same weights; nothing where the answer is right."""
    if same_outputs(received, expected, tolerance):
        return {}
    shapes = [array.shape for array in weights]
    given = {
        told(fault): network.outputs(weights, images)
        for fault, network in faulty
        if [shape for number in network.order() for shape in network.layers[number].weights] == shapes
    }
    bare = told("logits")
    if bare in given and _is_without_softmax(received, expected, tolerance):
        given[bare] = received.value  # scores of 56 layers are large, and NumPy's differ in their last digits
    near = {
        name: float(np.abs(outputs - received.value).max())
        for name, outputs in given.items()
        if same_outputs(received, outputs, tolerance)
    }
    far = 10 * min(near.values(), default=0.0) + 1e-5  # large weights make some faults alike: the nearest is named
    return {name: outputs for name, outputs in given.items() if near.get(name, 0.0) <= far}


def _is_without_softmax(received: Received, expected: np.ndarray, tolerance: float) -> bool:
    """Whether a softmax would make the right shares of what a model gave."""
    value = received.value
    if received.failure is not None or not isinstance(value, np.ndarray) or value.shape != expected.shape:
        return False
    shares = np.exp(value - value.max(axis=-1, keepdims=True))
    return bool(np.allclose(shares / shares.sum(axis=-1, keepdims=True), expected, atol=tolerance))


def count_mistakes(received: Received, right: int, faulty: Iterable[tuple[str, Network]]) -> dict[str, int]:
    """The numbers of parameters that faults give; where two give the same, both are named."""
    if received.value == right:
        return {}
    gives: dict[int, list[str]] = {}
    for fault, network in faulty:
        if fault not in ("plain", "wrong tensor") and network.parameters != right:  # those count as A does
            gives.setdefault(network.parameters, []).append(told(fault))
    return {" Or: ".join(texts): count for count, texts in gives.items()}


def shape_mistakes(received: Received, right: Shape = (), stride: int = 1) -> Mapping[str, Any]:
    """What stops with an error: two ways that end in different shapes, or nothing that was made from `x`.

    Args:
        received: A reply that may be an error.
        right: Shape of a block's output; () for a whole network.
        stride: Of the block.
    """
    text = "" if received.failure is None else received.failure.text
    if "not connected" in text:
        return {"What is returned is not made from `x`: return the tensor, no model, no new Input.": ValueError}
    if "incompatible shapes" not in text.lower() and "broadcast" not in text.lower():
        return {}
    return {
        "The two ways end in different shapes, and Keras cannot add them: "
        + _which(text, right, stride): ValueError
    }


def _which(text: str, right: Shape, stride: int) -> str:
    """What to do about two shapes, by what the error says of them."""
    found = [tuple(map(int, re.findall(r"\d+", shape))) for shape in re.findall(r"\(([\d, ]+)\)", text)]
    others = [shape for shape in found if shape != right]
    if right and right in found and len(found) == 2 and len(others) == 1 and len(others[0]) == len(right):
        sides = list(zip(others[0][:2], right[:2], strict=True))
        if stride > 1 and all(side == -(-full // stride) for side, full in sides):
            return (
                "one has the stride twice. The shortcut starts at the block's input; is `x` overwritten before it?"
            )
        if all(side <= full for side, full in sides) and any(side < full for side, full in sides):
            return (
                "one has lost rows or columns. A 3×3 convolution needs padding; "
                "shortcut A begins with the first pixel, x[:, ::stride, ::stride]."
            )
    return "the shortcut needs the stride too, and new maps need a projection (B, C) or zeros (A)."
