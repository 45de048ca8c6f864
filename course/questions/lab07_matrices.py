"""Lab 07: a convolution as a matrix, im2col, and what an output sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.check import Draw, case, essay, group, question
from course.draws.lab07 import ALEXNET, VGG16, alexnet_fields, behind_poolings, block_layers, vgg_fields
from course.given import given
from course.questions._lab03_rules import conv_rule
from course.questions._lab07_measured import all_on_grey, map_sides, measured_case_mistakes, rectangle
from course.questions._lab07_rules import (
    band,
    band_case_mistakes,
    column_mistakes,
    columns,
    field,
    field_mistakes,
    layer_mistakes,
    sides_after,
    sides_mistakes,
)
from course.questions.lab02_convolution import READY_MADE

LIBRARIES = (*READY_MADE, "sklearn")


def _weights(draw: Draw, count: int) -> np.ndarray:
    """Different whole numbers of both signs, none of them 0, so that no two weights can be exchanged."""
    signs = [1, -1, *(draw.choice([1, -1]) for _ in range(count))][:count]
    return np.array([sign * size for sign, size in zip(signs, draw.shuffled(range(1, 10)), strict=False)], float)


@question(
    "conv1d_matrix",
    points=5,
    hints=[
        "Row i holds the weights of output i. Where does its first weight stand if there is no padding?",
        "Row i begins at column i · stride − pad. Begin with np.zeros and write one weight after another.",
        "Before you write Ω[i, j], ask whether 0 <= j < n: a weight on a padded zero is left out.",
        "Another way: build the matrix of the padded row, n + 2 · pad columns, and cut pad columns off each end.",
    ],
)
def conv1d_matrix(answer, draw: Draw) -> Iterator:
    """The matrix of a convolution of one row"""

    def asked(w: np.ndarray, n: int, stride: int, pad: int) -> Any:
        reply = answer(w, n, stride, pad)
        return case(reply, band(w, n, stride, pad), mistakes=band_case_mistakes(reply, w, n, stride, pad))

    settings = {
        "the lecture's layer: three weights, stride 1, padding 1": [(6, 3, 1, 1), (5, 3, 1, 1), (7, 3, 1, 1)],
        "stride 2 and 3": [(6, 3, 2, 1), (8, 3, 2, 0), (9, 2, 3, 1), (8, 4, 3, 1), (7, 1, 2, 0)],
        "no padding, and more of it": [(5, 2, 1, 0), (6, 4, 1, 0), (5, 4, 1, 2), (6, 5, 2, 2), (4, 2, 1, 3)],
        "as many weights as numbers, or more": [(4, 4, 1, 0), (3, 5, 1, 1), (2, 4, 1, 2), (3, 6, 2, 2)],
    }
    for name, rows in settings.items():
        with group(name):
            for n, k, stride, pad in rows:
                w = _weights(draw, k) / draw.choice([1, 2, 4])
                yield asked(w, n, stride, pad)
    with group("other rows"):
        for whole in (True, False):
            for stride in (1, 2, 3):
                k, pad = draw.integer(2, 4), draw.integer(0, 2)
                n, w = draw.integer(k + 1, 8), _weights(draw, k)
                w = w.astype(np.int64) if whole else w / 4
                yield asked(w, n, stride, pad)


def _images(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    return draw.array(shape, -9, 9) / 4


@question(
    "im2col",
    points=6,
    names=("im2col", "conv_matmul"),
    forbidden=LIBRARIES,
    hints=[
        "Pad height and width first. Then three loops: image, place down, place across. Each gives one row.",
        "The window of place (i, j) begins at [i · s, j · s]: padded[b, i*s : i*s + k_h, j*s : j*s + k_w, :].",
        "A window has the shape (k_h, k_w, channels). reshape(-1) lays it flat in the order that is asked for.",
        "conv_matmul: im2col(x, W.shape[:2], s, p) @ W.reshape(-1, W.shape[3]) + b has a row for each window. "
        "Reshape it to (batch, out_h, out_w, c_out).",
    ],
)
def im2col(answer, draw: Draw) -> Iterator:
    """Every window in a row, and a layer as one matrix product"""
    with group("one channel, as in the figure"):
        for shape, k in [((1, 4, 5, 1), (3, 2)), ((1, 3, 5, 1), (2, 2)), ((1, 5, 3, 1), (2, 3))]:
            x = np.arange(float(np.prod(shape))).reshape(shape)
            yield case(answer["im2col"](x, k, 1, 0), columns(x, k, 1, 0), mistakes=column_mistakes)
    with group("stride and padding, height unlike width"):
        for shape, k, s, p in [
            ((1, 5, 7, 1), (3, 2), 2, 0),
            ((1, 6, 4, 1), (2, 3), 1, 1),
            ((1, 4, 7, 1), (3, 3), 2, 1),
            ((1, 4, 6, 1), (2, 1), 3, 2),
            ((1, 2, 3, 1), (4, 5), 1, 2),
        ]:
            x = _images(draw, shape)
            yield case(answer["im2col"](x, k, s, p), columns(x, k, s, p), mistakes=column_mistakes)
    with group("several images and channels", weight=2):
        for shape, k, s, p in [
            ((2, 3, 4, 3), (2, 3), 1, 0),
            ((3, 4, 3, 2), (2, 2), 2, 1),
            ((2, 2, 3, 2), (1, 1), 1, 0),
            ((2, 3, 5, 2), (3, 2), 2, 2),
        ]:
            x = _images(draw, shape)
            yield case(answer["im2col"](x, k, s, p), columns(x, k, s, p), mistakes=column_mistakes)
        x = draw.array((2, 4, 3, 2), 1, 9).astype(np.int64)
        yield case(answer["im2col"](x, (2, 2), 1, 1), columns(x, (2, 2), 1, 1), mistakes=column_mistakes)
    with group("a layer as one matrix product", weight=2):
        for shape, k, filters, s, p in [
            ((1, 4, 5, 1), (3, 2), 2, 1, 0),
            ((2, 4, 6, 3), (2, 3), 4, 2, 1),
            ((3, 5, 3, 2), (3, 1), 3, 1, 2),
            ((2, 3, 4, 4), (1, 1), 3, 1, 0),
        ]:
            x, w, b = _images(draw, shape), draw.array((*k, shape[3], filters), -4, 4), _weights(draw, filters)
            yield case(answer["conv_matmul"](x, w, b, s, p), conv_rule(x, w, b, s, p), mistakes=layer_mistakes)


def _layers(sides: Any) -> list[tuple[int, int, int, int]]:
    """Layers (side, stride) without padding as (f, s, p, d)."""
    return [(f, s, 0, 1) for f, s in sides]


LENET = _layers([(5, 1), (2, 2), (5, 1), (2, 2)])
PADDED_ALEXNET = [
    (f, s, 2 if f == 5 else int((f, s) == (3, 1)), 1) for f, s in ALEXNET
]  # conv2 has padding 2, conv3 to conv5 have 1
PADDED_VGG = [(f, s, int(f == 3), 1) for block in block_layers(VGG16) for f, s in block]


@question(
    "receptive_field",
    points=5,
    hints=[
        "Go through the layers from the picture on, with size = 1, jump = 1 and start = 0 before the first one.",
        "A filter reaches over d · (f − 1) + 1 places of its input, and neighbours there are jump pixels apart: "
        "size grows by d · (f − 1) · jump.",
        "start moves to the left by p · jump. The stride comes last: it multiplies jump for the next layer.",
    ],
)
def receptive_field(answer, draw: Draw) -> Iterator:
    """Size, jump and start of the receptive field"""

    def asked(layers: list) -> Any:
        return case(answer(layers), field(layers), mistakes=field_mistakes)

    with group("one layer, or none"):
        for layers in ([], [(3, 1, 1, 1)], [(5, 2, 0, 1)], [(2, 2, 0, 1)], [(3, 1, 2, 2)]):
            yield asked(layers)
    with group("the lectures' networks"):
        for layers in (LENET, PADDED_ALEXNET[:7], PADDED_ALEXNET, PADDED_VGG[:-1], PADDED_VGG):
            yield asked(layers)
    with group("strides"):
        for count in (2, 3, 3, 4):
            yield asked([(draw.integer(2, 5), draw.integer(2, 3), 0, 1) for _ in range(count)])
    with group("padding"):
        for count in (2, 3, 3, 4):
            yield asked(
                [(draw.integer(2, 5), draw.choice([1, 2, 3]), draw.integer(1, 3), 1) for _ in range(count)]
            )
    with group("dilation"):
        yield asked([(3, 1, d, d) for d in (1, 2, 4)])
        for count in (2, 3, 3):
            layers = [(draw.integer(2, 4), draw.integer(1, 2), draw.integer(0, 2)) for _ in range(count)]
            yield asked([(*numbers, draw.integer(2, 4)) for numbers in layers])


@question(
    "field_tables",
    points=4,
    names=("alexnet_fields", "vgg_fields"),
    hints=[
        "Keep a table with a row for each layer: f, s, the jump before it, the size after it.",
        "A layer adds (f − 1) · jump. After the layer, multiply jump by s. Poolings are layers like any other.",
        "Test your way of counting on AlexNet first: 11, 19, 51, 67, 99, 131, 163, 195.",
    ],
)
def field_tables(answer, draw: Draw) -> Iterator:
    """The fields of a network like AlexNet and of one like VGG"""
    for item, title in ((alexnet_fields, "your AlexNet, eight layers"), (vgg_fields, "your VGG, six numbers")):
        with group(title):
            numbers, right, wrong = item.for_learner(draw.learner)
            if item is vgg_fields:
                wrong = wrong | {
                    "These are the fields behind the poolings; five of the six are asked behind a convolution.": (
                        behind_poolings(numbers)
                    )
                }
            yield case(answer[item.question].value(), right, mistakes=wrong, hidden=True)


Spec = list[tuple]
PLAIN: list[tuple[Spec, tuple[int, int], tuple[int, int]]] = [
    ([("conv", (3, 2), 1, 0, 1)], (6, 7), (1, 3)),
    ([("conv", (2, 4), 2, 1, 1)], (7, 9), (0, 2)),
    ([("conv", (3, 3), 1, 3, 3)], (8, 6), (6, 1)),
    ([("conv", (2, 3), 3, 0, 1)], (9, 8), (2, 1)),
]
SEVERAL: list[tuple[Spec, int, tuple[int, int]]] = [
    ([("conv", (3, 2), 1, 1, 1), ("pool", (2, 2), 2), ("conv", (2, 3), 1, 0, 1)], 0, (9, 11)),
    ([("conv", (3, 3), 1, 1, 1), ("conv", (2, 3), 2, 0, 1), ("conv", (3, 2), 1, 1, 1)], 1, (11, 9)),
    ([("conv", (2, 3), 1, 0, 1), ("conv", (2, 2), 1, 0, 2), ("conv", (2, 1), 1, 0, 3)], 2, (11, 8)),
]
# Narrow and deep, with seeds for which one random picture hardly ever shows the whole field, and 100 always do.
NARROW: list[tuple[Spec, int, tuple[int, int]]] = [
    ([("conv", (2, 1), 1, 0, 1), ("conv", (3, 1), 1, 0, 1), *2 * [("conv", (2, 1), 1, 0, 1)]], 22, (18, 4)),
    (
        [
            ("conv", (2, 1), 1, 0, 2),
            ("conv", (2, 1), 2, 0, 1),
            ("conv", (3, 1), 1, 0, 1),
            ("conv", (2, 1), 1, 0, 1),
        ],
        1,
        (24, 3),
    ),
    ([("conv", (1, 3), 1, 0, 1), ("conv", (1, 2), 1, 0, 3), *2 * [("conv", (1, 2), 1, 0, 1)]], 11, (3, 20)),
    ([("conv", (1, 2), 1, 0, 2), *2 * [("conv", (1, 2), 1, 0, 1)], ("conv", (1, 3), 2, 0, 1)], 1, (3, 21)),
]


@question(
    "measure_rf",
    points=4,
    limit=30.0,
    hints=[
        "Ask the model about a random picture. Change one pixel, ask again, compare the output at the place.",
        "Keep a truth value for each pixel, and set it wherever the output changed on any of the pictures.",
        "np.nonzero(changed) gives their rows and columns: the smallest and the largest make the rectangle.",
        "One batch a picture is quick: picture + np.eye(height * width).reshape(-1, height, width, 1) holds "
        "all pictures in which one pixel is larger by 1.",
    ],
)
def measure_rf(answer, draw: Draw) -> Iterator:
    """The receptive field, measured"""
    titles = (
        ("one convolution, inside and at the border", 1),
        ("several layers, with ReLU and pooling", 1),
        ("narrow and deep, where most paths are shut", 2),
    )
    asked: list[list[tuple]] = [[], [], []]
    for number, (spec, shape, place) in enumerate(PLAIN):
        asked[0].append((given("network", spec, number), shape, place))
    for spec, seed, shape in SEVERAL:
        sides = map_sides(spec, shape)
        for place in ((0, sides[1] - 1), (sides[0] // 2, draw.integer(0, sides[1] - 1))):
            asked[1].append((given("network", spec, seed), shape, place))
    for spec, seed, shape in NARROW:
        place = tuple(side // 2 + draw.integer(-1, 0) for side in map_sides(spec, shape))
        asked[2].append((given("network", spec, seed), shape, place))
    replies = [[(answer(*numbers), *numbers) for numbers in part] for part in asked]
    grey = all_on_grey([reply for part in replies for reply in part])
    for (title, weight), part in zip(titles, replies, strict=True):
        with group(title, weight=weight):
            for reply, model, shape, place in part:
                right = rectangle(model.arguments[0], shape, place)
                mistakes = measured_case_mistakes(reply, model, shape, place, grey=grey)
                yield case(reply, right, mistakes=mistakes)


LOST, SEEN = (4, 4, 6, 6), (5, 5, 7, 7)
KEPT = (0.6, 0.96, 0.996)


@question(
    "repair_factor",
    points=3,
    names=("sides_after", "lost", "seen", "kept"),
    hints=[
        "Count the places of a 5 wide filter on 32 pixels without padding: they begin at 0, 1, ..., 27.",
        "Each layer begins with the side that the layer before has left.",
        "kept: 10 pixels become 6. What share of 10 is that?",
    ],
)
def repair_factor(answer, draw: Draw) -> Iterator:
    """A slide on filters that "reduce by a factor", repaired"""
    with group("the side after each layer"):
        for n, filters in [(32, [5, 5]), (32, [3]), (100, [5]), (28, [3, 3, 3]), (32, [5, 5, 5, 5, 5, 5, 5])]:
            yield case(answer["sides_after"](n, filters), sides_after(n, filters), mistakes=sides_mistakes)
        for count in (2, 3, 4, 5):
            n, filters = draw.integer(40, 90), draw.integers(count, 1, 9)
            yield case(answer["sides_after"](n, filters), sides_after(n, filters), mistakes=sides_mistakes)
    with group("what is lost, and what is seen"):
        wrong = {
            "A filter of side f takes f − 1 from the side, not f: the first place needs no step.": (5, 6, 7, 9),
            "The second 3×3 filter takes 2 more, and so does the third.": (4, 2, 6, 2),
            "These are the sides that are seen; lost is what is taken from the side of the picture.": SEEN,
        }
        yield case(answer["lost"].value(), LOST, mistakes=wrong, hidden=True)
        wrong = {
            "Stacked 3×3 filters do not see 3 + 3 + ... pixels: each one after the first adds 2.": (5, 6, 7, 9),
            "An output behind several layers sees more than the last filter's 3 pixels.": (5, 3, 7, 3),
            "This is what is lost; what is seen is one more.": LOST,
        }
        yield case(answer["seen"].value(), SEEN, mistakes=wrong, hidden=True)
    with group("what share of the side is kept"):
        wrong = {
            "That would be a factor of 5 for every side; the filter takes 4 pixels, whatever the side is.": (
                (0.2, 0.2, 0.2)
            ),
            "A filter of side 5 takes 4 from the side, not 5.": (0.5, 0.95, 0.995),
            "This is the share of the pixels; the share of the side is asked for.": (0.36, 0.9216, 0.992016),
            "This is the share that is lost.": (0.4, 0.04, 0.004),
            "These are the sides; the share of the old side is asked for.": (6, 96, 996),
            "Percent: write 60 % as 0.6.": (60, 96, 99.6),
        }
        yield case(answer["kept"].value(), KEPT, mistakes=wrong, hidden=True)


memory_of_im2col = essay(
    "memory_of_im2col",
    points=3,
    title="What im2col costs, and why it is used all the same",
    rubric=[
        (1, "Why: neighbouring windows overlap, so a pixel is written once for each window that reads it: about "
            "k_h · k_w times at stride 1, about k_h · k_w / s² times at stride s."),
        (1, "Numbers: 28,901,376 values, 115.6 MB in float32, against 3,211,264 values, 12.8 MB: 9 times."),
        (1, "Gain and a way out: one large matrix product runs near the speed of the processor, loops do not. "
            "A way to save memory that works: one image or some rows of windows at a time, or windows that are "
            "read where they lie (views, a kernel that copies small tiles). No copy is needed for 1×1."),
    ],
)  # fmt: skip
