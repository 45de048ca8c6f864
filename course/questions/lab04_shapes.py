"""Lab 04: the size of an output, what does not fit, `same`, padding, and a network's shapes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.check import Draw, case, essay, group, question
from course.draws.lab04 import SIZE_MISTAKES, fitting, geometry, my_paddings, my_sizes, places


def _size_mistakes(n: int, f: int, s: int, p: int) -> dict:
    gives = {name: rule(n, f, s, p) for name, rule in SIZE_MISTAKES.items()}
    gives["Not rounded down: a filter has no part of a place."] = (n + 2 * p - f) / s + 1
    if p + s != f:
        gives["Stride and filter side are exchanged: divide by the stride."] = (n + 2 * p - s) // f + 1
    if p or (n - f) % s:
        gives["The last start is left out: it is n + 2p − f itself."] = (n + 2 * p - f - 1) // s + 1
    gives["Rounded to the nearest: a filter that only half fits has no place."] = round((n + 2 * p - f) / s) + 1
    return gives


@question(
    "out_size",
    points=6,
    names=("out_size", "my_sizes"),
    hints=[
        "Count the places where the filter's left edge can stand. The first one is at 0.",
        "The padded side is n + 2p, so the last place is at most n + 2p − f. How many steps of s lead there?",
        "Whole-number division // rounds down. Before it, ask whether the filter fits at all.",
    ],
)
def out_size(answer, draw: Draw) -> Iterator:
    """The side of a convolution's output"""
    with group("the lecture's examples"):
        for n, f, s, p in [(7, 3, 1, 0), (7, 3, 2, 0), (7, 3, 3, 0), (7, 3, 1, 1), (32, 5, 1, 0), (32, 5, 1, 2)]:
            yield case(answer(n, f, s, p), places(n, f, s, p), mistakes=_size_mistakes)
    with group("your six cases, by hand"):
        _, right, wrong = my_sizes.for_learner(draw.learner)
        yield case(answer["my_sizes"].value(), right, mistakes=wrong, hidden=True)
    with group("other sides, strides and paddings"):
        for numbers in [(227, 11, 5, 4), *(geometry(draw) for _ in range(20))]:
            yield case(answer(*numbers), places(*numbers), mistakes=_size_mistakes)
    with group("a filter that is wider than the padded input"):
        for n, f, s, p in [(5, 5, 1, 0), (3, 5, 2, 1)]:
            yield case(answer(n, f, s, p), places(n, f, s, p), mistakes=_size_mistakes)
        for n, f, s, p in [(3, 5, 1, 0), (2, 7, 1, 1), (1, 7, 3, 1), (1, 7, 1, 2), (4, 5, 1, 0), (4, 5, 3, 0)]:
            size = (n + 2 * p - f) // s + 1
            wrong = {"A size is given for a filter that fits nowhere: raise ValueError.": size} if size else {}
            yield case(
                answer(n, f, s, p), raises=ValueError, mistakes={**wrong, "0 is given: raise ValueError.": 0}
            )


def _read(n: int, f: int, s: int, p: int) -> set[int]:
    """Places of the padded row that some window reads, by marking them."""
    return {start + tap for start in range(0, n + 2 * p - f + 1, s) for tap in range(f)}


def _unread(n: int, f: int, s: int, p: int) -> int:
    """Pixels of the picture that no window reads; zeros of the padding do not count."""
    return len(set(range(p, p + n)) - _read(n, f, s, p))


def _unread_mistakes(n: int, f: int, s: int, p: int) -> dict:
    raises = "It raises an error. Keras does not: it rounds down and leaves the rest unread."
    return {
        **({raises: ValueError} if (n + 2 * p - f) % s else {}),
        "Zeros of the padding are counted too; only pixels of the picture are lost.": (
            n + 2 * p - len(_read(n, f, s, p))
        ),
        "The padding is left out; it moves the windows.": _unread(n, f, s, 0) if n >= f else 0,
        "These are the places, not the pixels that are left over.": places(n, f, s, p),
        "Pixels that are skipped between two windows are unread too (stride above the filter's side).": max(
            (n + 2 * p - f) % s - p, 0
        ),
    }


@question(
    "unread_pixels",
    points=4,
    names=("fits", "unread_pixels"),
    hints=[
        "It fits when the last window ends at the end of the padded row: what does that say of n + 2p − f?",
        "Mark what each window reads in the padded row, then count the pixels from p to p + n without a mark.",
        "Zeros of the padding do not count. A stride above f skips pixels between the windows.",
    ],
)
def unread_pixels(answer, draw: Draw) -> Iterator:
    """Does it fit, and which pixels are never read?"""
    cases = [
        (7, 3, 1, 0),
        (7, 3, 3, 0),
        (32, 5, 2, 0),
        (32, 5, 2, 2),
        (227, 11, 4, 0),
        (224, 11, 4, 0),
        (33, 4, 4, 1),
    ]
    with group("does it fit?"):
        for n, f, s, p in [
            *cases,
            (10, 2, 4, 0),
            (9, 1, 3, 1),
            (8, 4, 3, 1),
            (10, 4, 3, 1),
            *(geometry(draw) for _ in range(12)),
        ]:
            expected = (n + 2 * p - f) % s == 0
            turned = {"Turned round: True where it does not fit.": not expected}
            yield case(answer["fits"](n, f, s, p), expected, mistakes=turned)
    with group("unread pixels, stride no larger than the filter"):
        for n, f, s, p in cases:
            yield case(answer["unread_pixels"](n, f, s, p), _unread(n, f, s, p), mistakes=_unread_mistakes)
        for _ in range(12):
            n, f, s, p = geometry(draw)
            s = min(s, f)
            yield case(answer["unread_pixels"](n, f, s, p), _unread(n, f, s, p), mistakes=_unread_mistakes)
    with group("a stride that skips pixels"):
        for n, f, s, p in [(7, 1, 2, 0), (10, 2, 3, 0), (11, 2, 4, 1), (9, 1, 3, 1), (9, 1, 4, 2), (8, 2, 5, 3)]:
            yield case(answer["unread_pixels"](n, f, s, p), _unread(n, f, s, p), mistakes=_unread_mistakes)


def _same_rule(n: int, f: int, s: int) -> tuple[int, int, int]:
    """TensorFlow's `same`: the fewest zeros that give ceil(n / s) places, the odd one at the end."""
    wanted = len(range(0, n, s))
    total = next(total for total in range(f + s + 1) if len(range(0, n + total - f + 1, s)) >= wanted)
    return total // 2, total - total // 2, wanted


def _same_mistakes(n: int, f: int, s: int) -> dict:
    before, after, out = _same_rule(n, f, s)
    total = (out - 1) * s + f - n
    half = (f - 1) // 2
    return {
        "The odd zero stands in front; TensorFlow puts it at the end.": (after, before, out),
        "(f − 1) / 2 on both sides: that keeps the size only at stride 1 with an odd f.": (
            half,
            half,
            (n + 2 * half - f) // s + 1,
        ),
        "(f − 1) / 2 on both sides, whatever the stride.": (half, half, out),
        "The output is rounded down; `same` rounds up.": (before, after, n // s),
        "A negative number of zeros: no zero is needed here.": (total // 2, total - total // 2, out),
        "The output keeps the input's side; `same` does so only at stride 1.": (before, after, n),
    }


@question(
    "same_padding",
    points=4,
    hints=[
        "`same` promises n / s places, rounded up. Start from that number.",
        "The last window begins at (out − 1)·s and is f wide. How far beyond n does it reach?",
        "If it does not reach beyond n, no zero is needed: never fewer than none.",
    ],
)
def same_padding(answer, draw: Draw) -> Iterator:
    """TensorFlow's same: zeros before, zeros after, output side"""
    with group("stride 1"):
        for n, f in [(7, 3), (32, 5), (28, 7), (6, 2), (9, 4), (5, 1)]:
            yield case(answer(n, f, 1), _same_rule(n, f, 1), mistakes=_same_mistakes)
    with group("stride 2 and 3"):
        for n, f, s in [(7, 3, 2), (7, 3, 3), (32, 5, 2), (224, 7, 2), (8, 3, 2), (112, 3, 2)]:
            yield case(answer(n, f, s), _same_rule(n, f, s), mistakes=_same_mistakes)
        for _ in range(12):
            n, f, s = draw.integer(5, 20), draw.integer(2, 7), draw.integer(2, 3)
            yield case(answer(n, f, s), _same_rule(n, f, s), mistakes=_same_mistakes)
    with group("a filter narrower than the stride"):
        for n, f, s in [(7, 1, 2), (10, 1, 3), (8, 1, 3), (8, 2, 3), (9, 2, 4), (6, 1, 2)]:
            yield case(answer(n, f, s), _same_rule(n, f, s), mistakes=_same_mistakes)


def _mirror(index: int, length: int) -> int:
    """Where a mirrored index falls, the border pixel itself not repeated."""
    period = 2 * (length - 1)
    index = abs(index) % period
    return min(index, period - index)


def _pad_rule(x: np.ndarray, top: int, bottom: int, left: int, right: int, mode: str) -> np.ndarray:
    """Padding pixel by pixel."""
    batch, height, width, channels = x.shape
    out = np.zeros((batch, height + top + bottom, width + left + right, channels))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            row, column = i - top, j - left
            if mode == "reflect":
                out[:, i, j] = x[:, _mirror(row, height), _mirror(column, width)]
            elif 0 <= row < height and 0 <= column < width:
                out[:, i, j] = x[:, row, column]
    return out


def _pad_mistakes(x: np.ndarray, top: int, bottom: int, left: int, right: int, mode: str) -> dict:
    swapped = _pad_rule(x, left, right, top, bottom, mode)
    gives = {
        "Height and width are swapped: top and bottom belong to axis 1.": swapped,
        "Top and bottom (or left and right) are swapped.": _pad_rule(x, bottom, top, right, left, mode),
        "The channels are padded: images are (batch, height, width, channels).": np.pad(
            x, ((0, 0), (0, 0), (top, bottom), (left, right)), mode="constant"
        ),
    }
    if mode == "zero":
        gives["The batch is padded: images are (batch, height, width, channels)."] = np.pad(
            x, ((top, bottom), (left, right), (0, 0), (0, 0))
        )
    if mode == "reflect":
        edges = ((0, 0), (top, bottom), (left, right), (0, 0))
        gives["The border pixel is repeated; a mirror at the border pixel does not repeat it."] = np.pad(
            x, edges, mode="symmetric"
        )
        gives["The border pixel is copied outwards; reflect mirrors."] = np.pad(x, edges, mode="edge")
        gives["Zeros stand where the picture should be mirrored."] = np.pad(x, edges)
    return gives


@question(
    "pad2d",
    points=3,
    hints=[
        "Make an array of zeros of the new size, then write the images into its middle.",
        "np.pad takes one pair (before, after) for each axis; batch and channels get (0, 0).",
    ],
)
def pad2d(answer, draw: Draw) -> Iterator:
    """Zero and mirrored padding of a batch of images"""
    for mode in ("zero", "reflect"):
        with group({"zero": "zeros", "reflect": "mirrored at the border pixel"}[mode]):
            borders = [(1, 1, 1, 1), (1, 2, 0, 1), (0, 0, 2, 1), (2, 0, 1, 0), (0, 3, 1, 2)]
            shapes = [(2, 3, 4, 2), (2, 3, 4, 2), (1, 5, 4, 3), (3, 4, 6, 1), (3, 5, 4, 2)]
            for (top, bottom, left, right), shape in zip(borders, shapes, strict=True):
                x = draw.array(shape, -9, 9) / 4
                expected = _pad_rule(x, top, bottom, left, right, mode)
                yield case(answer(x, top, bottom, left, right, mode), expected, mistakes=_pad_mistakes)


def _fit_mistakes(n: int, f: int, s: int) -> dict:
    every = fitting(n, f, s)
    return {
        "Only the smallest padding that fits; there are more up to f.": set(every[:1]),
        "The padding is counted once; it stands on both sides.": {
            p for p in range(f + 1) if n + p >= f and (n + p - f) % s == 0
        },
        "A padding of half a pixel: there is none.": {p / 2 for p in range(2 * f + 1) if (n + p - f) % s == 0},
        "The padding f itself belongs to the list too.": set(every) - {f},
        "Only what keeps the size; the question asks what fits.": {p for p in every if 2 * p == f - 1},
        "A filter that is wider than the padded row has no place at all: that padding does not fit.": {
            p for p in range(f + 1) if (n + 2 * p - f) % s == 0
        },
        "The padding (f − 1) / 2, which does not fit here.": {(f - 1) // 2},
    }


@question(
    "paddings",
    points=4,
    names=("paddings", "my_paddings"),
    hints=[
        "Try every p from 0 to f: the filter must fit into the padded row, with nothing left at the end.",
        "2p is always even. When is n + 2p − f then a multiple of s?",
    ],
)
def paddings(answer, draw: Draw) -> Iterator:
    """Whatever fits: all paddings for a side, a filter and a stride"""
    with group("the lectures' F = 5, S = 2, P = ? (whatever fits)"):
        for n in (32, 31, 33, 7):
            yield case(answer(n, 5, 2), set(fitting(n, 5, 2)), mistakes=_fit_mistakes)
    with group("your three cases, by hand"):
        _, right, wrong = my_paddings.for_learner(draw.learner)
        sets = {name: [set(item) for item in value] for name, value in wrong.items()}
        yield case(answer["my_paddings"].value(), [set(item) for item in right], mistakes=sets, hidden=True)
    with group("a filter that is wider than the row"):
        for n, f, s in [(2, 7, 1), (3, 6, 2), (1, 5, 2), (4, 6, 2), (2, 6, 1)]:
            yield case(answer(n, f, s), set(fitting(n, f, s)), mistakes=_fit_mistakes)
    with group("other sides, filters and strides"):
        for _ in range(15):
            n, f, s = draw.integer(7, 40), draw.integer(1, 7), draw.integer(1, 4)
            yield case(answer(n, f, s), set(fitting(n, f, s)), mistakes=_fit_mistakes)


def _trace_rule(spec: list, shape: tuple, *, pool_depth: bool = False, keep_depth: bool = False) -> list:
    """Shapes after every layer; the flags make two common mistakes."""
    shapes = []
    for kind, *numbers in spec:
        if kind in ("conv", "pool"):
            filters, f, s, p = numbers if kind == "conv" else (shape[2], *numbers, 0)
            depth = shape[2] if keep_depth else filters
            if kind == "pool" and pool_depth:
                depth = places(shape[2], f, s, p)
            shape = (places(shape[0], f, s, p), places(shape[1], f, s, p), depth)
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            shape = (numbers[0],)
        shapes.append(shape)
    return shapes


def _trace_mistakes(spec: list, shape: tuple) -> dict:
    swapped = _trace_rule(spec, (shape[1], shape[0], shape[2]))
    unpadded = [("conv", *layer[1:4], 0) if layer[0] == "conv" else layer for layer in spec]
    return {
        "Pooling changes the depth; it works on each map alone.": _trace_rule(spec, shape, pool_depth=True),
        "A convolution keeps the depth; its depth is the number of filters.": _trace_rule(
            spec, shape, keep_depth=True
        ),
        "Height and width are swapped.": swapped,
        "The padding is left out.": _trace_rule(unpadded, shape),
        "The input's shape is in the list too: one shape per layer.": [shape, *_trace_rule(spec, shape)],
    }


LENET = [
    ("conv", 6, 5, 1, 0),
    ("pool", 2, 2),
    ("conv", 16, 5, 1, 0),
    ("pool", 2, 2),
    ("flatten",),
    ("dense", 120),
    ("dense", 84),
    ("dense", 10),
]
ALEXNET = [
    ("conv", 96, 11, 4, 0),
    ("pool", 3, 2),
    ("conv", 256, 5, 1, 2),
    ("pool", 3, 2),
    ("conv", 384, 3, 1, 1),
    ("conv", 384, 3, 1, 1),
    ("conv", 256, 3, 1, 1),
    ("pool", 3, 2),
    ("flatten",),
    ("dense", 4096),
    ("dense", 4096),
    ("dense", 1000),
]


def _some_network(draw: Draw) -> tuple[list, tuple[int, int, int]]:
    spec = [("conv", draw.integer(4, 16), draw.integer(2, 5), draw.integer(1, 2), draw.integer(0, 2))]
    spec += [
        ("pool", draw.integer(2, 3), draw.integer(1, 3)),
        ("conv", draw.integer(4, 16), 3, 1, draw.integer(0, 1)),
    ]
    spec += [("flatten",), ("dense", draw.integer(5, 50))]
    return spec, (draw.integer(24, 30), draw.integer(31, 45), draw.integer(1, 3))


@question(
    "trace_shapes",
    points=4,
    hints=[
        "Walk through the list with the current shape in a variable, and append after each layer.",
        "Pooling has as many output maps as input maps. Flatten multiplies all three numbers.",
    ],
)
def trace_shapes(answer, draw: Draw) -> Iterator:
    """The shapes after every layer of a network"""
    with group("LeNet-5 on 32×32×1"):
        yield case(answer(LENET, (32, 32, 1)), _trace_rule(LENET, (32, 32, 1)), mistakes=_trace_mistakes)
    with group("AlexNet on 227×227×3"):
        yield case(answer(ALEXNET, (227, 227, 3)), _trace_rule(ALEXNET, (227, 227, 3)), mistakes=_trace_mistakes)
    with group("other networks, height unlike width", weight=2):
        for spec in ([("conv", 5, 4, 3, 1), ("pool", 2, 3)], [("pool", 3, 1), ("conv", 7, 2, 3, 0), ("flatten",)]):
            yield case(answer(spec, (20, 33, 2)), _trace_rule(spec, (20, 33, 2)), mistakes=_trace_mistakes)
        for _ in range(6):
            spec, shape = _some_network(draw)
            yield case(answer(spec, shape), _trace_rule(spec, shape), mistakes=_trace_mistakes)


@question(
    "repair",
    points=3,
    names=("slide_a", "slide_b", "slide_c"),
    hints=[
        "Slide A: list the places of a 2 wide filter on 3 pixels, once with stride 2 and once with stride 1.",
        "Slide B: nothing is divided. How many places has a 5-wide filter on 100 pixels?",
        "Slide C: `same` gives n / s places, rounded up.",
    ],
)
def repair(answer, draw: Draw) -> Iterator:
    """Three slides, repaired"""
    with group("slide A: 3×3 input, 2×2 filter, stride 2"):
        wrong = {
            "Stride 2 has no second place on 3 pixels: it would begin at 2 and end outside.": (2, 2),
            "(3 − 2) / 2 + 1 = 1.5, and there is no half place: round down.": (1.5, 2),
            "The two are exchanged: first stride 2, then stride 1.": (2, 1),
        }
        yield case(answer["slide_a"].value(), (1, 2), mistakes=wrong, hidden=True)
    with group("slide B: a 5×5 filter reduces the image by a factor of 5"):
        wrong = {
            "Divided by the filter's side; nothing is divided.": (20, 33),
            "Divided by the filter's side, with a rest; nothing is divided.": (20, 100 / 3),
            "The two are exchanged: first the 5×5 filter, then the 3×3 filter.": (98, 96),
            "The + 1 is missing: the first place counts too.": (95, 97),
        }
        yield case(answer["slide_b"].value(), (96, 98), mistakes=wrong, hidden=True)
    with group("slide C: padding makes the output as large as the input"):
        wrong = {
            "That is so at stride 1 only.": (7, 7, 7),
            "Rounded down; `same` rounds up.": (7, 3, 2),
        }
        yield case(answer["slide_c"].value(), (7, 4, 3), mistakes=wrong, hidden=True)


why_227 = essay(
    "why_227",
    points=2,
    title="Why 224 pixels without padding do not give 55 places",
    rubric=[
        (1, "Computes (224 − 11) / 4 + 1 = 54.25, or floors it to 54, and sees that it is not 55."),
        (1, "Gives a repair that works: side 227 without padding, or side 224 with padding 2 rounded down."),
    ],
)
