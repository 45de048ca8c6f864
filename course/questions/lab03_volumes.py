"""Lab 03: volumes, filters that reach through all channels, 1×1 convolutions, and a slice that was lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.check import Draw, Received, case, essay, group, question
from course.draws.lab03 import BIASES, FILTERS, PICTURE, places
from course.draws.lab03 import my_outputs as two_outputs
from course.draws.lab03 import my_shapes as four_shapes
from course.given import given
from course.questions._lab03_rules import (
    conv_mistakes,
    conv_rule,
    one_by_one_mistakes,
    one_by_one_rule,
    slices_that_fit,
)
from course.questions.lab02_convolution import READY_MADE

ANIMATION = np.stack(PICTURE, axis=-1).astype(float)  # (5, 5, 3)
ANIMATION_W = np.stack([np.stack(slices, axis=-1) for slices in FILTERS], axis=-1).astype(float)  # (3, 3, 3, 2)
ANIMATION_B = np.array(BIASES, float)


# ---- 3.1


def _weights(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    """Weights of both signs; no slice equals itself after a half turn, a transposition or a mirror."""
    while True:
        W = draw.array(shape, -4, 4)
        turned = [W[::-1, ::-1]] if W[..., 0, 0].size > 1 else []
        turned += [W.transpose(1, 0, 2, 3)] if shape[0] == shape[1] > 1 else []
        alike = [bool(np.all(W == other, axis=(0, 1)).any()) for other in turned]
        if W.min() < 0 and not any(alike):
            return W


def _biases(draw: Draw, count: int) -> np.ndarray:
    """Different biases, none of them 0 or 1."""
    return np.array(draw.shuffled([-7, -5, -3, 2, 4, 6, 8])[:count], float)


STRIDE_ERROR = (
    "Where the stride is above 1 it stops with an error: do begin and end of a window both move with it "
    "(i · stride and i · stride + k_h), and does the number of places divide by it?"
)
SQUARE_ERROR = (
    "Where the kernel is not square it stops with an error: rows go with its height, W.shape[0], "
    "columns with its width, W.shape[1]."
)
PAD_ERROR = (
    "Where there is padding it stops with an error: do zeros come to height and width only "
    "(np.pad(x, pad) pads batch and channels too), and are the windows cut from the padded array?"
)


def _output(reply: Received) -> Received:
    """The reply, or its first entry if it is a tuple with something beside the output."""
    value = reply.value
    return replace(reply, value=value[0]) if isinstance(value, tuple) and _is_batch(value[0]) else reply


def _is_batch(value: Any) -> bool:
    """Whether a value has four axes."""
    try:
        return np.ndim(value) == 4
    except ValueError:  # rows of different lengths
        return False


def _stopped(reply: Received) -> bool:
    """Whether sizes did not go together, or an index was out of bounds."""
    types = reply.failure.types if reply.failure is not None else ()
    return bool({"ValueError", "IndexError"} & set(types))


def _is_square(reply: Received) -> bool:
    k_high, k_wide = reply.arguments[1].shape[:2]
    return k_high == k_wide


def _layer_case(reply: Received, mistake: str = "") -> Any:
    """One call of conv_layer; `mistake` explains an error about sizes in this call."""
    if not mistake or not _stopped(reply):
        return case(_output(reply), conv_rule(*reply.arguments), mistakes=conv_mistakes)
    kind = ValueError if "ValueError" in reply.failure.types else IndexError
    return case(reply, conv_rule(*reply.arguments), mistakes=lambda *a: conv_mistakes(*a) | {mistake: kind})


ONE_WINDOW = [((2, 3, 2, 3), (3, 2, 3, 2)), ((3, 2, 3, 2), (2, 3, 2, 4)), ((2, 1, 1, 4), (1, 1, 4, 3))]
NO_PADDING = [((2, 4, 6, 3), (3, 2, 3, 2)), ((3, 6, 3, 2), (2, 3, 2, 3)), ((2, 6, 4, 2), (3, 3, 2, 2))]
PADDED = [
    ((2, 3, 5, 2), (2, 3, 2, 3), 1),
    ((2, 5, 3, 3), (3, 2, 3, 2), 2),
    ((3, 2, 4, 2), (3, 3, 2, 2), 1),
    ((2, 2, 3, 2), (4, 5, 2, 2), 2),
]
STRIDED = [
    ((2, 7, 5, 2), (3, 2, 2, 3), 2),
    ((2, 5, 9, 2), (2, 3, 2, 2), 3),
    ((3, 5, 7, 1), (3, 3, 1, 2), 2),
    ((2, 8, 6, 2), (3, 2, 2, 2), 3),
]
ALL_TOGETHER = [
    ((2, 5, 4, 3), (3, 2, 3, 2), 2, 1),
    ((2, 4, 7, 2), (2, 3, 2, 3), 3, 2),
    ((3, 4, 6, 2), (3, 3, 2, 2), 2, 2),
    ((2, 6, 3, 2), (2, 2, 2, 2), 3, 1),
]


@question(
    "conv_layer",
    points=6,
    forbidden=READY_MADE,
    hints=[
        "First make the padded batch, and read only from it. Then count the places, rows and columns apart.",
        "The window at place (i, j) of image n is "
        "padded[n, i·stride : i·stride + k_h, j·stride : j·stride + k_w, :].",
        "The window has the shape of one filter, W[:, :, :, f]. "
        "One output is np.sum(window * W[:, :, :, f]) + b[f].",
        "Four loops, n, i, j and f, fill out[n, i, j, f]. The bias is added once, after the sum.",
    ],
)
def conv_layer(answer, draw: Draw) -> Iterator:
    """A convolution layer in NumPy"""

    def call(x_shape: tuple[int, ...], w_shape: tuple[int, ...], stride: int, pad: int) -> Received:
        x = draw.array(x_shape, 1, 6)
        return answer(x, _weights(draw, w_shape), _biases(draw, w_shape[3]), stride, pad)

    plain = [[call(*shapes, 1, 0) for shapes in calls] for calls in (ONE_WINDOW, NO_PADDING)]
    stopped = [reply for replies in plain for reply in replies if _stopped(reply)]
    # An error in all calls of one kind, and in no other, says where it comes from.
    square = SQUARE_ERROR if stopped and not any(map(_is_square, stopped)) else ""
    for title, replies in zip(
        ("one window: a filter reads all channels", "many windows, stride 1, no padding"), plain, strict=True
    ):
        with group(title):
            for reply in replies:
                yield _layer_case(reply, square)
    with group("padding 1 and 2"):
        for *shapes, pad in PADDED:
            yield _layer_case(call(*shapes, 1, pad), "" if stopped else PAD_ERROR)
    with group("stride 2 and 3"):
        for *shapes, stride in STRIDED:
            yield _layer_case(call(*shapes, stride, 0), "" if stopped else STRIDE_ERROR)
    with group("the lecture's animation, and others with stride and padding"):
        yield _layer_case(answer(ANIMATION[None], ANIMATION_W, ANIMATION_B, 2, 1))
        for shapes in ALL_TOGETHER:
            yield _layer_case(call(*shapes))
    with group("whole numbers and fractions"):
        for stride, pad in [(1, 1), (2, 0)]:
            x = draw.array((2, 4, 5, 2), 1, 6).astype(np.int64)
            yield _layer_case(answer(x, _weights(draw, (3, 2, 2, 2)) / 4, _biases(draw, 2), stride, pad))
        x = draw.array((2, 3, 4, 2), -9, 9) / 4
        W, b = _weights(draw, (2, 3, 2, 2)).astype(np.int64), np.array([0.5, -1.25])
        yield _layer_case(answer(x, W, b, 1, 1))


# ---- 3.2


def _filter_mistakes(k: int, c_in: int, c_out: int) -> dict:
    return {
        "The depth is missing: a filter is as deep as its input, (k, k, c_in, c_out).": (k, k, c_out),
        "The filters' number is missing: (k, k, c_in, c_out) holds all of them.": (k, k, c_in),
        "The depth is 1 only for a grey picture; a filter is as deep as its input.": (k, k, 1, c_out),
        "c_in and c_out are exchanged: the number of filters comes last.": (k, k, c_out, c_in),
        "The filters stand first, as in PyTorch; here the order is (k, k, c_in, c_out).": (c_out, c_in, k, k),
        "The filters stand first; here they come last.": (c_out, k, k, c_in),
        "This is how many weights there are, not the array's shape.": k * k * c_in * c_out,
    }


def _shape_after(shape: tuple, w_shape: tuple, stride: int, pad: int) -> tuple[int, ...]:
    """The output's shape, from the list of places."""
    batch, height, width, _ = shape
    return batch, places(height, w_shape[0], stride, pad), places(width, w_shape[1], stride, pad), w_shape[3]


def _output_mistakes(shape: tuple, w_shape: tuple, stride: int, pad: int) -> dict:
    batch, high, wide, depth = _shape_after(shape, w_shape, stride, pad)
    (_, height, width, c_in), (k_high, k_wide, _, c_out) = shape, w_shape
    return {
        "The output is as deep as the input; its depth is the number of filters.": (batch, high, wide, c_in),
        "The output's depth is the number of filters, not channels times filters.": (
            (batch, high, wide, c_in * c_out)
        ),
        "The number of images is missing: (batch, height, width, maps).": (high, wide, depth),
        "Height and width are swapped.": (batch, wide, high, depth),
        "k_h and k_w are exchanged: the kernel's height belongs to the rows.": (
            (batch, places(height, k_wide, stride, pad), places(width, k_high, stride, pad), depth)
        ),
        "k_h is taken for both directions.": (batch, high, places(width, k_high, stride, pad), depth),
        "The maps stand before height and width; here they come last.": (batch, depth, high, wide),
        "The padding is left out.": _shape_after(shape, w_shape, stride, 0),
        "The padding is counted once; it stands on both sides.": (
            (batch, (height + pad - k_high) // stride + 1, (width + pad - k_wide) // stride + 1, depth)
        ),
        "The stride is left out.": _shape_after(shape, w_shape, 1, pad),
        "The + 1 is missing: the first place counts too.": (batch, high - 1, wide - 1, depth),
        "Rounded up: a window that hangs over the end does not count.": (
            (
                batch,
                math.ceil((height + 2 * pad - k_high) / stride) + 1,
                math.ceil((width + 2 * pad - k_wide) / stride) + 1,
                depth,
            )
        ),
        "Not rounded down: there is no part of a place.": (
            (batch, (height + 2 * pad - k_high) / stride + 1, (width + 2 * pad - k_wide) / stride + 1, depth)
        ),
    }


@question(
    "shapes",
    points=3,
    names=("filter_shape", "output_shape", "my_shapes"),
    hints=[
        "A window has k · k pixels in each of c_in channels, and every one of them meets a weight. "
        "And there are c_out such filters.",
        "Rows: (height + 2·pad − k_h) // stride + 1 places. Columns alike, with width and k_w. "
        "The number of images stays.",
        "Layer 2 reads what layer 1 gives: its c_in is layer 1's number of filters.",
    ],
)
def shapes(answer, draw: Draw) -> Iterator:
    """Shapes of filters and outputs"""
    with group("your two layers, by hand"):
        _, right, wrong = four_shapes.for_learner(draw.learner)
        yield case(answer["my_shapes"].value(), right, mistakes=wrong, hidden=True)
    with group("filter_shape"):
        drawn = [(draw.integer(2, 11), draw.integer(2, 64), draw.integer(65, 128)) for _ in range(3)]
        for k, c_in, c_out in [(3, 1, 32), (3, 32, 64), (5, 3, 10), (1, 64, 32), *drawn]:
            yield case(answer["filter_shape"](k, c_in, c_out), (k, k, c_in, c_out), mistakes=_filter_mistakes)
    with group("output_shape"):
        calls = [
            ((1, 32, 32, 3), (5, 5, 3, 6), 1, 0),
            ((4, 32, 32, 3), (5, 5, 3, 10), 1, 2),
            ((2, 5, 5, 3), (3, 3, 3, 2), 2, 1),
            ((8, 56, 40, 64), (1, 1, 64, 32), 1, 0),
            ((6, 11, 20, 2), (3, 5, 2, 7), 3, 0),
        ]
        for _ in range(6):
            c_in = draw.integer(1, 4)
            sides = draw.shuffled([2, 3, 4, 5])
            shape = (draw.integer(5, 9), draw.integer(10, 17), draw.integer(18, 25), c_in)
            w_shape = (sides[0], sides[1], c_in, draw.integer(26, 40))
            calls.append((shape, w_shape, draw.integer(1, 3), draw.integer(0, 2)))
        for shape, w_shape, stride, pad in calls:
            expected = _shape_after(shape, w_shape, stride, pad)
            yield case(answer["output_shape"](shape, w_shape, stride, pad), expected, mistakes=_output_mistakes)
        for shape, w_shape in [
            ((2, 8, 9, 3), (3, 3, 1, 5)),
            ((2, 8, 9, 1), (3, 3, 4, 1)),
            ((3, 9, 7, 4), (2, 2, 3, 4)),
        ]:
            ignored = {
                "A shape comes back although the filter's depth is not the picture's: raise ValueError.": (
                    _shape_after(shape, w_shape, 1, 0)
                )
            }
            reply = answer["output_shape"](shape, w_shape, 1, 0)
            yield case(reply, raises=ValueError, mistakes=ignored)


# ---- 3.3


def _one_of_two(index: int) -> Callable[[Any], Any]:
    """Reads one of the two numbers."""

    def read(values: Any) -> Any:
        if not isinstance(values, list | tuple | np.ndarray) or len(values) != 2:
            raise ValueError("expected a list of 2 numbers.")
        return values[index]

    return read


@question(
    "my_outputs",
    points=4,
    hints=[
        "Lay two rings of zeros around each channel. Where does the window at place [i, j] begin there?",
        "Row i · 3, column j · 3 of the padded picture. Most of the window is zeros: which of its pixels are not?",
        "Multiply slice 0 with channel 0, slice 1 with channel 1, slice 2 with channel 2. Add the three sums, "
        "then your bias, once.",
    ],
)
def my_outputs(answer, draw: Draw) -> Iterator:
    """Two outputs of the animation, with your own numbers"""
    numbers, right, wrong = two_outputs.for_learner(draw.learner)
    received = answer.value()
    for index, (which, row, column) in enumerate(numbers.wanted):
        label = f"filter {which} at [{row}, {column}]"
        with group(label):
            gives = {name: values[index] for name, values in wrong.items()}
            yield case(received.then(label, _one_of_two(index)), right[index], mistakes=gives, hidden=True)


# ---- 3.4


def _as_slices(values: Any) -> set:
    """Slices of 3×3 numbers as a set of nine numbers each."""
    if values is None or np.shape(values) == (3, 3):
        raise ValueError("expected a list of slices: [slice] where one fits, [] where none does.")
    found = [np.asarray(value) for value in values]
    for value in found:
        if value.shape != (3, 3) or value.dtype.kind not in "iuf":
            raise ValueError(f"expected a list of 3×3 slices. One entry has the shape {value.shape}.")
    numbers = [tuple(value.ravel().tolist()) for value in found]
    if len(set(numbers)) < len(numbers):
        raise ValueError("the same slice stands in the list twice.")
    return set(numbers)


def _each(slices: set, turn: Callable[[np.ndarray], np.ndarray]) -> set:
    return {tuple(turn(np.reshape(numbers, (3, 3))).ravel().tolist()) for numbers in slices}


def _slice_mistakes(x: np.ndarray, w: np.ndarray, missing: int, b: float, out: np.ndarray, stride: int) -> dict:
    right = slices_that_fit(x, w, missing, b, out, stride)
    others = np.zeros_like(w)
    rows, columns = out.shape
    once_more = np.pad(x, ((1, 1), (1, 1), (0, 0)))[: x.shape[0], : x.shape[1]]
    gives = {
        "The bias is left out: take it from the output before you compare.": slices_that_fit(
            x, w, missing, 0, out, stride
        ),
        "The bias has the wrong sign: what the products must give is output minus bias.": slices_that_fit(
            x, w, missing, -b, out, stride
        ),
        "The known slices are left out: they give a part of each output.": slices_that_fit(
            x, others, missing, b, out, stride
        ),
        "Only weights 0 and 1 are tried; −1 is possible too.": {item for item in right if -1 not in item},
        "Only weights −1 and 1 are tried; 0 is possible too.": {item for item in right if 0 not in item},
        "The slices are turned by half a turn: the layer lays them on as they stand.": _each(
            right, lambda item: item[::-1, ::-1]
        ),
        "The slices are transposed: their rows lie on the picture's rows.": _each(right, lambda item: item.T),
        "Compared with the first output only; a slice must give all of them.": slices_that_fit(
            x[:3, :3], w, missing, b, out[:1, :1], stride
        ),
        "Compared with the first row of outputs only; a slice must give all of them.": slices_that_fit(
            x[:3], w, missing, b, out[:1], stride
        ),
        "Compared with the sum of the outputs only; a slice must give each of them.": _by_sum(
            x, w, missing, b, out, stride
        ),
        "x has its zeros around it already; here it is padded once more.": slices_that_fit(
            once_more, w, missing, b, out, stride
        ),
    }
    if stride > 1:
        gives["The stride is left out: place (i, j) begins at row i · stride, column j · stride."] = (
            slices_that_fit(x[: rows + 2, : columns + 2], w, missing, b, out, 1)
        )
    return gives


def _by_sum(x: np.ndarray, w: np.ndarray, missing: int, b: float, out: np.ndarray, stride: int) -> set:
    """Slices that give outputs with the right sum: one window, the sum of all windows, must give it."""
    rows, columns = out.shape
    window = np.array([
        [x[a:, c:][::stride, ::stride][:rows, :columns].sum(axis=(0, 1)) for c in range(3)] for a in range(3)
    ])  # fmt: skip
    return slices_that_fit(window, w, missing, b * out.size, np.array([[out.sum()]]), 1)


def _slices_case(reply: Received) -> Any:
    right = slices_that_fit(*reply.arguments)
    found = reply.then("the slices", _as_slices)
    gives = _slice_mistakes(*reply.arguments)
    partly = isinstance(found.value, set) and bool(found.value) and found.value < right
    if partly and found.value not in gives.values():
        gives["Some are missing: give back every slice that fits, not the first ones only."] = found.value
    if len(right) > 6:
        return case(found, right, mistakes=gives, expected_text=f"{len(right)} slices")
    return case(found, right, mistakes=gives, expected_text=_shown(right))


def _shown(slices: set) -> str:
    if not slices:
        return "no slice: an empty list"
    return ", ".join(str(np.reshape(item, (3, 3)).tolist()) for item in sorted(slices))


def _lost(
    draw: Draw, channels: int, places_: tuple[int, int], stride: int, blind: tuple = (), top: int = 5
) -> tuple:
    """A picture with pixels up to `top`, a filter without a slice, its output; `blind` weights meet only zeros."""
    rows, columns = places_
    x = draw.array((3 + (rows - 1) * stride, 3 + (columns - 1) * stride, channels), 0, top)
    w = draw.array((3, 3, channels), -1, 1)
    missing, b = draw.integer(0, channels - 1), draw.choice([-4, -2, 3, 5])
    for a, c in blind:
        x[a::stride, c::stride, missing] = 0
    out = conv_rule(x[None], w[..., None], np.array([b]), stride)[0, ..., 0]
    known = w.copy()
    known[..., missing] = 0
    return x, known, missing, b, out, stride


def _lost_alone(draw: Draw, *setting: Any) -> tuple:
    """As `_lost`, with a single slice that fits, which a half turn and a transposition change."""
    while True:
        numbers = _lost(draw, *setting)
        right = slices_that_fit(*numbers)
        if len(right) == 1 and right not in _slice_mistakes(*numbers).values():
            return numbers


def _many(draw: Draw) -> tuple:
    """Two outputs only: many slices fit, and each mistake finds others, so that none is taken for another."""
    while True:
        numbers = _lost(draw, 2, (1, 2), 3, (), 2)
        right = slices_that_fit(*numbers)
        if all(-1 in item for item in right) or all(0 in item for item in right):
            continue  # soon said, and so it need not be worked out what the other mistakes find
        found = [item for item in _slice_mistakes(*numbers).values() if item != right]
        if len(found) == 11 and all(found) and all(found.count(item) == 1 for item in found):
            return numbers


def _impossible(draw: Draw) -> tuple:
    """An output that no slice gives, although some slice gives all but one of its numbers."""
    while True:
        x, known, missing, b, out, stride = _lost(draw, 2, (2, 3), 2)
        out[1, 2] += draw.choice([-1, 1])
        if not slices_that_fit(x, known, missing, b, out, stride):
            return x, known, missing, b, out, stride


def _animation(which: int, missing: int) -> tuple:
    x = np.pad(ANIMATION, ((1, 1), (1, 1), (0, 0)))
    out = conv_rule(x[None], ANIMATION_W[..., which : which + 1], ANIMATION_B[which : which + 1], 2)[0, ..., 0]
    known = ANIMATION_W[..., which].copy()
    known[..., missing] = 0
    return x, known, missing, BIASES[which], out, 2


@question(
    "recover_slice",
    points=4,
    limit=30.0,
    hints=[
        "Output = sums of the known slices + sum of the missing one + bias. What must the missing slice give at "
        "each place?",
        "itertools.product((-1, 0, 1), repeat=9) lists all 19,683 slices; np.reshape(numbers, (3, 3)) makes "
        "one of nine numbers.",
        "The window at place (i, j) is x[i·stride : i·stride + 3, j·stride : j·stride + 3, missing]. Cut the "
        "windows out once, before the search.",
        "Keep a slice if its products give what is left over at every place. Append it to a list, and go on "
        "searching.",
    ],
)
def recover_slice(answer, draw: Draw) -> Iterator:
    """The slice that was lost"""
    with group("the animation's two filters", weight=2):
        for which, missing in [(0, 2), (1, 1)]:
            yield _slices_case(answer(*_animation(which, missing)))
    with group("other pictures"):
        yield _slices_case(answer(*_lost_alone(draw, 2, (2, 4), 1)))
        yield _slices_case(answer(*_lost_alone(draw, 3, (4, 2), 2)))
    with group("several slices fit, or none"):
        blind = draw.shuffled([(a, c) for a in range(3) for c in range(3)])
        yield _slices_case(answer(*_lost(draw, 2, (2, 3), 3, tuple(blind[:1]))))
        yield _slices_case(answer(*_lost(draw, 2, (3, 2), 3, tuple(blind[1:3]))))
        yield _slices_case(answer(*_many(draw)))
        yield _slices_case(answer(*_impossible(draw)))


# ---- 3.5


@question(
    "conv1x1_as_matmul",
    points=4,
    forbidden=(*READY_MADE, "conv_layer"),
    hints=[
        "One pixel is a row of c_in numbers. What must a matrix look like that turns it into c_out numbers?",
        "W[0, 0] is that matrix, (c_in, c_out). x.reshape(-1, c_in) gives every pixel of every image its own row.",
        "After the product reshape again, to (batch, height, width, c_out). The bias is added to every row.",
    ],
)
def conv1x1_as_matmul(answer, draw: Draw) -> Iterator:
    """A 1×1 convolution as a matrix product"""

    def call(shape: tuple[int, ...], c_out: int) -> Any:
        x = draw.array(shape, -5, 5)
        W = draw.array((1, 1, shape[3], c_out), -4, 4)
        reply = answer(x, W, _biases(draw, c_out) if c_out <= 7 else draw.array(c_out, -9, 9))
        return case(reply, one_by_one_rule(*reply.arguments), mistakes=one_by_one_mistakes)

    with group("more maps than channels, and fewer"):
        for shape, c_out in [((2, 3, 4, 2), 5), ((2, 4, 3, 5), 2), ((3, 2, 5, 3), 2)]:
            yield call(shape, c_out)
    with group("as many maps as channels"):
        for shape in [(2, 3, 4, 3), (3, 4, 2, 2)]:
            yield call(shape, shape[3])
    with group("one channel, one map, one pixel"):
        for shape, c_out in [((2, 3, 5, 1), 4), ((2, 5, 3, 4), 1), ((2, 1, 1, 3), 2), ((1, 2, 3, 2), 3)]:
            yield call(shape, c_out)
    with group("the lecture's 64 channels to 32 maps, and fractions"):
        yield call((2, 3, 2, 64), 32)
        x, W = draw.array((2, 2, 3, 3), 1, 9).astype(np.int64), draw.array((1, 1, 3, 2), -9, 9) / 4
        reply = answer(x, W, np.array([0.5, -1.5]))
        yield case(reply, one_by_one_rule(*reply.arguments), mistakes=one_by_one_mistakes)


# ---- 3.6


def _in_order(W: np.ndarray, order: str) -> np.ndarray:
    """Weights of the order HWIO in another one."""
    return np.einsum(f"HWIO->{order}", W).copy()


def _layer_of(reply: Received) -> Received:
    """The reply, or what to do if None or an array came back instead of the layer."""
    if reply.failure is None and (reply.value is None or isinstance(reply.value, np.ndarray | list | tuple)):
        return reply.then("the layer", _no_layer)
    return reply


def _no_layer(value: Any) -> None:
    raise ValueError("expected the layer itself. Is `return layer` missing?")


def _set_mistakes(W: np.ndarray, b: np.ndarray, x: np.ndarray, stride: int, order: str) -> dict:
    """What the layer gives with the weights of common mistakes; W stands in Keras' order."""
    handed = _in_order(W, order)

    def layer(weights: np.ndarray, biases: np.ndarray = b) -> np.ndarray | None:
        return conv_rule(x, weights, biases, stride) if weights.shape == W.shape else None

    inverse = handed.transpose(["HWIO".index(letter) for letter in order])
    gives = {
        "The bias is not set.": layer(W, np.zeros_like(b)),
        "The kernels are turned by half a turn; Keras lays them on as they stand.": layer(W[::-1, ::-1]),
    }
    if order != "HWIO":
        gives |= {
            "reshape moves no axis, it cuts the same row of numbers anew: use transpose.": (
                None if handed.shape == W.shape else layer(handed.reshape(W.shape))
            ),
            "The order is ignored: the axes are not moved. Equal sizes hide that.": layer(handed),
            "The order of all axes is turned round (W.T): that swaps height and width too.": layer(handed.T),
            "The axes move the wrong way: ask for each letter of HWIO where it stands in order.": layer(inverse),
            "Height and width of the kernel are swapped.": layer(W.transpose(1, 0, 2, 3)),
            "Channels and filters are exchanged.": layer(W.transpose(0, 1, 3, 2)),
        }
    return {name: value for name, value in gives.items() if value is not None}


@question(
    "set_keras_weights",
    points=4,
    hints=[
        "layer.set_weights takes a list: the kernel in Keras' order (k_h, k_w, c_in, c_out), then the biases.",
        "W.transpose(a, b, c, d) puts axis a first, then b, and so on. In OIHW the height is axis 2.",
        "order.index('H') says which axis of W is the height. Do this for H, W, I and O, in this order. "
        "At the end: return layer.",
    ],
)
def set_keras_weights(answer, draw: Draw) -> Iterator:
    """Your weights in a Keras layer"""
    settings = {
        "Keras' own order, HWIO": [("HWIO", (3, 2, 4, 5), 1), ("HWIO", (2, 3, 3, 2), 2)],
        "PyTorch's order, OIHW": [("OIHW", (3, 2, 4, 5), 1), ("OIHW", (2, 3, 2, 4), 2)],
        "TensorFlow Lite's order, OHWI, and others": [
            ("OHWI", (3, 2, 4, 5), 1), ("IOHW", (2, 4, 3, 5), 1), ("OIWH", (2, 3, 4, 5), 1)
        ],
        "four sizes that are equal": [
            ("OIHW", (3, 3, 3, 3), 1), ("OHWI", (2, 2, 2, 2), 2), ("HWIO", (3, 3, 3, 3), 2)
        ],
    }  # fmt: skip
    for title, calls in settings.items():
        with group(title):
            for order, shape, stride in calls:
                W, b = _weights(draw, shape) / 4, _biases(draw, shape[3]) / 2
                x = draw.array((2, shape[0] + 2, shape[1] + 3, shape[2]), -9, 9) / 4
                layer = given("keras_conv", shape[3], shape[:2], shape[2], stride)
                outputs = _layer_of(answer(layer, _in_order(W, order), b, order)).outputs(x)
                gives = _set_mistakes(W, b, x, stride, order)
                yield case(outputs, conv_rule(x, W, b, stride), tolerance=1e-5, mistakes=gives)


neuron_view = essay(
    "neuron_view",
    points=3,
    title="Neurons and weights",
    rubric=[
        (1, "Neurons: one for each output number, 28 · 28 · 6 = 4,704."),
        (1, "Weights: 6 filters of 5 · 5 · 3 = 75 weights and a bias each, 456 numbers (450 without biases); "
            "not 28 · 28 · 6 · 75, because the neurons of one sheet share theirs."),
        (1, "Says what the six neurons at one place share (the same 5×5×3 pixels, other weights) and what "
            "the neurons of one sheet share (the same weights, other pixels)."),
    ],
)  # fmt: skip
