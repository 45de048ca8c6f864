"""Lab 13: what a block costs, and which block is ill in which way."""

from __future__ import annotations

from autograder.check import Draw
from course.clinic import PATIENTS, illness
from course.draws.arithmetic import Arithmetic

Numbers = tuple[int, int, int, int]
Pair = tuple[int, int]


def basic_costs(
    side: int, before: int, maps: int, stride: int, *, projection: bool = True, out: int = 0, bias: bool = False
) -> Pair:
    """Weights and multiply-adds of a basic block's convolutions, with shortcut B.

    Args:
        side: Of its input in pixels, a multiple of the stride.
        before: Maps that come in.
        maps: Maps of the block.
        stride: Of the first convolution.
        projection: Whether the shortcut's 1×1 is counted.
        out: Side at which places are counted, 0 for the right one.
        bias: Whether each filter's bias is counted.
    """
    places = (out or side // stride) ** 2
    weights = 9 * before * maps + 9 * maps * maps + before * maps * projection
    return weights + bias * maps * (2 + projection), weights * places


def narrow_costs(side: int, before: int, maps: int, stride: int, *, wide: int = 4, taps: int = 9) -> Pair:
    """Weights and multiply-adds of a bottleneck that keeps its shape: 1×1, 3×3, 1×1, nothing in the shortcut."""
    weights = before * maps + taps * maps * maps + maps * wide * maps
    return weights, weights * side**2


def _two_blocks(draw: Draw) -> tuple[Numbers, Numbers]:
    """A basic block with stride 2 and twice the maps, and a bottleneck that keeps its shape."""
    before, maps = draw.integer(2, 9), draw.integer(2, 9)
    return (2 * draw.integer(5, 14), before, 2 * before, 2), (draw.integer(5, 14), 4 * maps, maps, 1)


def costs(blocks: tuple[Numbers, Numbers]) -> tuple[Pair, Pair]:
    """What is right: for each block its weights and its multiply-adds."""
    return basic_costs(*blocks[0]), narrow_costs(*blocks[1])


my_block_costs = Arithmetic(
    lab="lab13_resnet",
    question="my_block_costs",
    draw=_two_blocks,
    right=costs,
    mistakes={
        "The projection is forgotten: where the shape changes, the shortcut has a 1×1.": lambda blocks: (
            basic_costs(*blocks[0], projection=False),
            narrow_costs(*blocks[1]),
        ),
        "The stride is forgotten: at stride 2 every convolution of the block has half as many places each way.": (
            lambda blocks: (basic_costs(*blocks[0], out=blocks[0][0]), narrow_costs(*blocks[1]))
        ),
        "The biases are counted: with batch normalisation the convolutions have none.": lambda blocks: (
            basic_costs(*blocks[0], bias=True),
            narrow_costs(*blocks[1]),
        ),
        "The last 1×1 of the bottleneck gives 4 · maps, not maps.": lambda blocks: (
            basic_costs(*blocks[0]),
            narrow_costs(*blocks[1], wide=1),
        ),
        "The pairs are turned round: first weights, then multiply-adds.": lambda blocks: tuple(
            pair[::-1] for pair in costs(blocks)
        ),
        "Each multiply-add is counted as two operations; here it is one.": lambda blocks: tuple(
            (weights, 2 * macs) for weights, macs in costs(blocks)
        ),
        "All three convolutions of the bottleneck are taken as 3×3: two are 1×1.": lambda blocks: (
            basic_costs(*blocks[0]),
            tuple(9 * count for count in narrow_costs(*blocks[1], taps=1)),
        ),
    },
)


def _six_patients(draw: Draw) -> tuple[int, ...]:
    """Six different patients with at least four different illnesses, one of them in good health."""
    while True:
        chosen: list[int] = []
        while len(chosen) < 6:
            number = draw.integer(1, PATIENTS)
            if number not in chosen:
                chosen.append(number)
        found = {illness(number) for number in chosen}
        if "healthy" in found and len(found) >= 4:
            return tuple(chosen)


def _taken_for(codes: dict[str, str]):
    """Diagnoses in which some illnesses are taken for others."""
    return lambda patients: tuple(codes.get(illness(number), illness(number)) for number in patients)


my_diagnoses = Arithmetic(
    lab="lab13_resnet",
    question="my_diagnoses",
    draw=_six_patients,
    right=_taken_for({}),
    mistakes={
        "A projection with one map is taken for good health: look at the shapes that the addition reads.": (
            _taken_for({"one map": "healthy"})
        ),
        "A shortcut from the wrong place is taken for good health: look at what the addition reads.": (
            _taken_for({"wrong tensor": "healthy"})
        ),
        "All are taken for healthy, since Keras builds them.": lambda patients: ("healthy",) * len(patients),
    },
)

ALL = (my_block_costs, my_diagnoses)
