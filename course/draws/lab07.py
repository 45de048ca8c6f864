"""Lab 07: receptive fields of a network like AlexNet and of one like VGG, by hand."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.check import Draw
from course.draws.arithmetic import Arithmetic

Named = tuple[str, int, int]
Pair = tuple[int, int]
Numbers = tuple[float, ...]

ALEXNET: tuple[Pair, ...] = ((11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2))
VGG16: tuple[Pair, ...] = ((2, 3), (2, 3), (3, 3), (3, 3), (3, 3))
POOLED = (1, 2, 5)  # AlexNet's convolutions with a pooling behind them


def _alexnet(draw: Draw) -> tuple[Named, ...]:
    """AlexNet's eight layers that look at windows, (name, filter side, stride), the first two blocks changed."""
    pool = draw.integer(2, 3)
    first = draw.choice([7, 8, 9, 10, 12, 13]), draw.choice([2, 3, 5])
    sides = [first, (draw.choice([4, 6, 7]), 1), (3, 1), (3, 1), (3, 1)]
    layers: list[Named] = []
    for number, (side, stride) in enumerate(sides, start=1):
        layers.append((f"conv{number}", side, stride))
        if number in POOLED:
            layers.append((f"pool{number}", pool, 2))
    return tuple(layers)


def fields(layers: Iterable[Pair]) -> Numbers:
    """The field after each layer (side, stride), by listing which inputs the window of one output reads."""
    known = list(layers)
    sizes = []
    for count in range(1, len(known) + 1):
        first = last = 0
        for side, stride in reversed(known[:count]):
            first, last = first * stride, last * stride + side - 1
        sizes.append(last - first + 1)
    return tuple(sizes)


def summed(layers: Iterable[Pair]) -> Numbers:
    """As if every filter added its whole side."""
    sizes, total = [], 0
    for side, _ in layers:
        total += side
        sizes.append(total)
    return tuple(sizes)


def without_strides(layers: Iterable[Pair]) -> Numbers:
    """As if every layer moved by one pixel of the picture."""
    return fields((side, 1) for side, _ in layers)


def stride_too_early(layers: Iterable[Pair]) -> Numbers:
    """As if a layer's own stride already stretched its own filter."""
    sizes, size, jump = [], 1, 1
    for side, stride in layers:
        jump *= stride
        size += (side - 1) * jump
        sizes.append(size)
    return tuple(sizes)


def last_stride_only(layers: Iterable[Pair]) -> Numbers:
    """As if only the stride of the layer before counted, not the product of all of them."""
    sizes, size, jump = [], 1, 1
    for side, stride in layers:
        size += (side - 1) * jump
        jump = stride
        sizes.append(size)
    return tuple(sizes)


def strides_added(layers: Iterable[Pair]) -> Numbers:
    """As if the jumps of the layers were added, not multiplied."""
    sizes, size, jump = [], 1, 1
    for side, stride in layers:
        size += (side - 1) * jump
        jump += stride - 1
        sizes.append(size)
    return tuple(sizes)


def whole_sides(layers: Iterable[Pair]) -> Numbers:
    """As if a filter added its side times the jump, without taking off the place where it stands already."""
    sizes, size, jump = [], 1, 1
    for side, stride in layers:
        size += side * jump
        jump *= stride
        sizes.append(size)
    return tuple(sizes)


FIELD_MISTAKES = {
    "The filters' sides are added; the first window is f wide, each further one adds (f − 1) · jump.": summed,
    "The strides are left out: a filter adds (f − 1) · jump pixels, and jump is the product of the strides.": (
        without_strides
    ),
    "A layer's own stride comes too early: it spreads the windows of the layers behind it, not its own.": (
        stride_too_early
    ),
    "Only the last stride counts in your answer; jump is the product of all strides so far.": last_stride_only,
    "The strides are added; jump is their product.": strides_added,
    "Each filter adds (f − 1) · jump: one of its f places was there before.": whole_sides,
}


def _pairs(layers: tuple[Named, ...]) -> list[Pair]:
    return [(side, stride) for _, side, stride in layers]


alexnet_fields = Arithmetic(
    lab="lab07_matrices",
    question="alexnet_fields",
    draw=_alexnet,
    right=lambda layers: fields(_pairs(layers)),
    mistakes={name: lambda layers, rule=rule: rule(_pairs(layers)) for name, rule in FIELD_MISTAKES.items()}
    | {
        "The poolings are left out: their windows count like those of a convolution.": (
            lambda layers: _without_pool_windows(layers)
        ),
        "These are AlexNet's own numbers; your network has other filters at the beginning.": (
            lambda layers: fields(ALEXNET)
        ),
    },
)


def _without_pool_windows(layers: tuple[Named, ...]) -> Numbers:
    """Poolings as strides only, their windows not counted."""
    return fields((1 if name.startswith("pool") else side, stride) for name, side, stride in layers)


def _blocks(draw: Draw) -> tuple[Pair, ...]:
    """Five blocks (convolutions, filter side) with a 2×2 pooling of stride 2 behind each; one has 5×5 filters."""
    counts = [draw.integer(1, 2), draw.integer(1, 3), *(draw.integer(2, 4) for _ in range(3))]
    wide = draw.integer(1, 3)
    return tuple((count, 5 if number == wide else 3) for number, count in enumerate(counts))


def block_layers(blocks: tuple[Pair, ...]) -> list[list[Pair]]:
    """The layers (side, stride) of each block, its pooling last."""
    return [[(side, 1)] * count + [(2, 2)] for count, side in blocks]


def _at_block_ends(blocks: tuple[Pair, ...], rule=fields) -> Numbers:
    """The field after the last convolution of each block, and after the last pooling."""
    layers = [layer for block in block_layers(blocks) for layer in block]
    every, place, ends = rule(layers), 0, []
    for count, _ in blocks:
        ends.append(every[place + count - 1])
        place += count + 1
    return (*ends, every[-1])


def behind_poolings(blocks: tuple[Pair, ...]) -> Numbers:
    """The field after the pooling of each block, and once more after the last one: a slip in reading."""
    layers = [layer for block in block_layers(blocks) for layer in block]
    after = [size for (_, stride), size in zip(layers, fields(layers), strict=True) if stride == 2]
    return (*after, after[-1])


def _pools_are_strides(layers: list[Pair]) -> Numbers:
    """Poolings as strides only."""
    return fields((1 if stride == 2 else side, stride) for side, stride in layers)


def _no_pools(layers: list[Pair]) -> Numbers:
    """Poolings as if they were not there."""
    return fields((1, 1) if stride == 2 else (side, stride) for side, stride in layers)


vgg_fields = Arithmetic(
    lab="lab07_matrices",
    question="vgg_fields",
    draw=_blocks,
    right=_at_block_ends,
    mistakes={
        name: lambda blocks, rule=rule: _at_block_ends(blocks, rule) for name, rule in FIELD_MISTAKES.items()
    }
    | {
        "The poolings' windows are left out: each adds (2 − 1) · jump pixels.": (
            lambda blocks: _at_block_ends(blocks, _pools_are_strides)
        ),
        "The poolings are left out altogether: they have a window and a stride.": (
            lambda blocks: _at_block_ends(blocks, _no_pools)
        ),
        "One convolution in each block is counted; the pair's first number says how many there are.": (
            lambda blocks: _at_block_ends(tuple((1, side) for _, side in blocks))
        ),
        "All filters are taken for 3×3; the pair's second number is their side.": (
            lambda blocks: _at_block_ends(tuple((count, 3) for count, _ in blocks))
        ),
        "These are VGG-16's own numbers; your network has other blocks.": lambda blocks: _at_block_ends(VGG16),
    },
)

ALL = (alexnet_fields, vgg_fields)
