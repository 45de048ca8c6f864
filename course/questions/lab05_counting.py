"""Lab 05: parameters, memory and multiply-adds, counted; and the VGG tables, repaired."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.check import Draw, Received, case, essay, group, question
from course.draws.lab05 import my_counts, my_stacks
from course.questions._lab05_rules import (
    VGG,
    conv_mistakes,
    conv_rule,
    default_mistakes,
    fc_mistakes,
    fc_rule,
    local_mistakes,
    local_rule,
    macs_mistakes,
    macs_rule,
    memory_mistakes,
    parameter_mistakes,
    rows,
    stack_mistakes,
    stack_rule,
    vgg_memory,
    vgg_parameters,
)


@question(
    "conv_params",
    points=6,
    names=("conv_params", "my_counts"),
    hints=[
        "Begin with one filter. It is k wide, k high and as deep as its input: how many weights is that?",
        "Every filter has one bias, and there are c_out filters.",
        "With groups, each filter reads c_in / groups channels. The number of filters stays.",
    ],
)
def conv_params(answer, draw: Draw) -> Iterator:
    """The parameters of a convolution layer"""
    # Right as soon as bias=True is written out? Then it is the default that is missing, not the biases.
    spelt_out = answer(5, 3, 10, True)
    mistakes = default_mistakes if str(spelt_out.value) in ("760", "760.0") else conv_mistakes
    lectures = [(5, 3, 10), (5, 3, 6), (3, 1, 32), (3, 32, 64), (1, 64, 32), (11, 3, 96)]
    with group("the lectures' layers"):
        for layer in lectures:
            yield case(answer(*layer), conv_rule(*layer), mistakes=mistakes)
    with group("your three layers, by hand"):
        _, right, wrong = my_counts.for_learner(draw.learner)
        yield case(answer["my_counts"].value(), right, mistakes=wrong, hidden=True)
    with group("other layers"):
        for _ in range(12):
            layer = (draw.integer(1, 7), draw.integer(2, 300), draw.integer(2, 600))
            yield case(answer(*layer), conv_rule(*layer), mistakes=mistakes)
    with group("layers without biases"):
        for layer in [(5, 3, 10, False), (3, 512, 512, False), (1, 256, 64, False)]:
            yield case(answer(*layer), conv_rule(*layer), mistakes=conv_mistakes)
        for _ in range(8):
            layer = (draw.integer(1, 7), draw.integer(2, 300), draw.integer(2, 600), False)
            yield case(answer(*layer), conv_rule(*layer), mistakes=conv_mistakes)
    with group("layers in groups", weight=2):
        alexnet = [(5, 96, 256, True, 2), (3, 384, 384, True, 2), (3, 384, 256, True, 2)]
        for layer in [*alexnet, (3, 32, 32, True, 32)]:
            yield case(answer(*layer), conv_rule(*layer), mistakes=conv_mistakes)
        for _ in range(8):
            groups = draw.integer(2, 8)
            layer = (draw.integer(1, 7), groups * draw.integer(2, 30), groups * draw.integer(2, 60))
            layer += (draw.integer(0, 1) == 1, groups)
            yield case(answer(*layer), conv_rule(*layer), mistakes=conv_mistakes)


@question(
    "fc_params",
    points=4,
    names=("fc_params", "locally_connected_params"),
    hints=[
        "One unit reads every input and adds its bias. How many numbers does it keep? How many units are there?",
        "A locally connected layer keeps, at every place of the output, what a whole convolution layer keeps.",
    ],
)
def fc_params(answer, draw: Draw) -> Iterator:
    """Dense layers, and filters that are not shared"""
    with group("dense layers of the lectures"):
        for layer in [(400, 120), (9216, 4096), (4096, 4096), (4096, 1000), (3072, 10240), (120000, 120000)]:
            yield case(answer(*layer), fc_rule(*layer), mistakes=fc_mistakes)
    with group("other dense layers"):
        for _ in range(10):
            layer = (draw.integer(2, 50_000), draw.integer(2, 50_000))
            yield case(answer(*layer), fc_rule(*layer), mistakes=fc_mistakes)
    local = answer["locally_connected_params"]
    with group("the lectures' convolutions, with weights of their own at every place"):
        for layer in [(32, 32, 5, 3, 10), (28, 28, 5, 3, 6), (28, 28, 5, 1, 6), (55, 55, 11, 3, 96)]:
            yield case(local(*layer), local_rule(*layer), mistakes=local_mistakes)
    with group("other places, height unlike width"):
        for _ in range(10):
            height = draw.integer(3, 60)
            layer = (height, height + draw.integer(1, 9), draw.integer(2, 7), draw.integer(2, 9))
            layer += (draw.integer(2, 99),)
            yield case(local(*layer), local_rule(*layer), mistakes=local_mistakes)


LENET = [
    (("conv", 6, 5, 1, 0), (32, 32, 1)),
    (("pool", 2, 2), (28, 28, 6)),
    (("conv", 16, 5, 1, 0), (14, 14, 6)),
    (("pool", 2, 2), (10, 10, 16)),
    (("flatten",), (5, 5, 16)),
    (("dense", 120), (400,)),
    (("dense", 84), (120,)),
    (("dense", 10), (84,)),
]
ALEXNET = [
    (("conv", 96, 11, 4, 0), (227, 227, 3)),
    (("pool", 3, 2), (55, 55, 96)),
    (("conv", 256, 5, 1, 2), (27, 27, 96)),
    (("pool", 3, 2), (27, 27, 256)),
    (("conv", 384, 3, 1, 1), (13, 13, 256)),
    (("conv", 384, 3, 1, 1), (13, 13, 384)),
    (("conv", 256, 3, 1, 1), (13, 13, 384)),
    (("pool", 3, 2), (13, 13, 256)),
    (("flatten",), (6, 6, 256)),
    (("dense", 4096), (9216,)),
    (("dense", 4096), (4096,)),
    (("dense", 1000), (4096,)),
]


@question(
    "macs",
    points=4,
    hints=[
        "One number of the output costs one multiply-add for each weight of its filter.",
        "So it is (weights of one filter) · (places) · (filters). The places are those of the output.",
        "A dense unit reads every input once. Pooling and flatten have no weights.",
    ],
)
def macs(answer, draw: Draw) -> Iterator:
    """Multiply-adds of one layer"""
    with group("LeNet-5"):
        for layer, shape in LENET:
            yield case(answer(layer, shape), macs_rule(layer, shape), mistakes=macs_mistakes)
    with group("AlexNet, and the lectures' 1×1 convolution"):
        for layer, shape in [*ALEXNET, (("conv", 32, 1, 1, 0), (56, 56, 64))]:
            yield case(answer(layer, shape), macs_rule(layer, shape), mistakes=macs_mistakes)
    with group("other convolutions, height unlike width", weight=2):
        for _ in range(12):
            layer = ("conv", draw.integer(2, 64), draw.integer(2, 7), draw.integer(1, 3), draw.integer(0, 3))
            height = draw.integer(9, 40)
            shape = (height, height + draw.integer(1, 20), draw.integer(2, 32))
            yield case(answer(layer, shape), macs_rule(layer, shape), mistakes=macs_mistakes)


def _parameters_read(received: Received) -> Received:
    return received.then("the parameters", rows(1))


def _memory_read(received: Received) -> Received:
    return received.then("the values", rows(0))


@question(
    "vgg_table",
    points=6,
    names=("vgg_table", "total_values", "total_weights", "total_parameters", "total_bytes"),
    hints=[
        "Keep the current side and the current channels in two variables, and walk through the column.",
        "A convolution changes the channels, pooling halves the side. Each of them appends one row.",
        "The first dense layer reads side · side · channels values; the next ones read the units before them.",
        "The totals are sums over the rows: one over the first numbers, one over the second.",
    ],
)
def vgg_table(answer, draw: Draw) -> Iterator:
    """VGG row by row: values and parameters"""
    sixteen = VGG["D"]
    with group("VGG-16: values of every row"):
        table = _memory_read(answer(sixteen, False))
        yield case(table, vgg_memory(sixteen), mistakes=memory_mistakes)
    for bias in (False, True):
        with group(f"VGG-16: parameters of every row, {'with' if bias else 'without'} biases"):
            table = _parameters_read(answer(sixteen, bias))
            yield case(table, vgg_parameters(sixteen, bias), mistakes=parameter_mistakes)
    with group("VGG-11, 13 and 19, and columns that nobody has trained", weight=2):
        some = [[8 * draw.integer(1, 9), "pool", 8 * draw.integer(1, 9), 16, "pool"] for _ in range(3)]
        for column in [VGG["A"], VGG["B"], VGG["E"], *some]:
            table = answer(column, True)
            yield case(_memory_read(table), vgg_memory(column), mistakes=memory_mistakes)
            yield case(_parameters_read(table), vgg_parameters(column, True), mistakes=parameter_mistakes)
    with group("VGG-16: the totals"):
        yield from _totals(answer)


def _totals(answer) -> Iterator:
    column = VGG["D"]
    values, weights = sum(vgg_memory(column)), sum(vgg_parameters(column, False))
    parameters = sum(vgg_parameters(column, True))

    def total(name: str, right: int, wrong: dict[str, float]):
        received = answer[name].value()
        if isinstance(received.value, tuple):
            wrong = {"Write the number without commas: to Python a comma begins the next number.": received.value}
        return case(received, right, mistakes=wrong, hidden=True)

    copied = "24 M is printed in well-known notes, whose rows do not add up to it: add your own rows."
    wrong = {
        "These are bytes; the question asks for values.": 4 * values,
        "The input's row is missing: it is in memory too.": values - 224 * 224 * 3,
        "These are the convolutions alone; all rows count.": 13_547_520,
        copied: 24_000_000,
    }
    yield total("total_values", values, wrong)
    wrong = {
        "The biases are counted; here they are left out.": parameters,
        "These are bytes; the question asks for a number of weights.": 4 * weights,
        "These are the convolutions alone; the dense layers count too.": 14_710_464,
        "Rounded; the check wants every digit.": 138_000_000,
    }
    yield total("total_weights", weights, wrong)
    wrong = {
        "The biases are missing: call vgg_table with bias=True.": weights,
        "These are bytes; the question asks for a number of parameters.": 4 * parameters,
        "Rounded; the check wants every digit.": 138_000_000,
    }
    yield total("total_parameters", parameters, wrong)
    wrong = {
        "This is the number of parameters; each takes four bytes.": parameters,
        "The biases are missing: they take four bytes each, too.": 4 * weights,
        "Eight bytes are float64; Keras keeps float32.": 8 * parameters,
        "These are bits; a byte has eight of them.": 32 * parameters,
        "These are megabytes; the question asks for bytes.": 4 * parameters / 1e6,
        "These are the bytes of the outputs; the question asks for those of the parameters.": 4 * values,
    }
    yield total("total_bytes", 4 * parameters, wrong)


@question(
    "stacks",
    points=4,
    names=("stack_ratio", "my_stacks", "five_against_three"),
    hints=[
        "A layer from a channels to b channels has 3·3·a·b weights. Add them up along the widths.",
        "There is one layer fewer than there are widths. Two layers see 5 pixels, three see 7.",
        "If one thing is 3 times as long as another, how much longer is it?",
    ],
)
def stacks(answer, draw: Draw) -> Iterator:
    """A stack of small filters against one large filter"""
    with group("5×5 against 3×3: times as many, and how many times more"):
        wrong = {
            '"25/9 more" is the slide\'s slip: how many are there beyond the first 9?': (25 / 9, 25 / 9),
            "The ratio is inverted: how many times as many has the larger filter?": (9 / 25, 9 / 25 - 1),
            "The other way round: first times as many, then times more.": (16 / 9, 25 / 9),
            "These come in addition; divide them by the smaller filter's weights.": (25 / 9, 16),
            "This is the share that 3×3 saves; more is measured against the smaller filter.": (25 / 9, 16 / 25),
            "These are the sides of the filters; the weights are their squares.": (5 / 3, 2 / 3),
            "// throws the digits behind the point away; / keeps them.": (2, 1),
            "These are per cent; write how many times.": (2500 / 9, 1600 / 9),
        }
        received = answer["five_against_three"].value()
        yield case(received, (25 / 9, 16 / 9), mistakes=wrong, tolerance=0.004, hidden=True)
    with group("your two stacks, by hand"):
        _, right, wrong = my_stacks.for_learner(draw.learner)
        yield case(answer["my_stacks"].value(), right, mistakes=wrong, hidden=True)
    with group("stacks of equal width"):
        for layers, width in [(2, 64), (3, 64), (2, 512), (4, 10), (1, 7)]:
            yield _ratio(answer, [width] * (layers + 1))
    with group("stacks of unequal width"):
        yield _ratio(answer, [64, 128, 128])
        yield _ratio(answer, [3, 64, 64])
        for layers in (2, 2, 3, 4, 5):
            yield _ratio(answer, draw.integers(layers + 1, 2, 40))


def _ratio(answer, widths: list[int]):
    return case(answer(widths), float(stack_rule(widths)), mistakes=stack_mistakes)


_FC = ["FC-4096", "FC-4096", "FC-1000"]


def column_of(text: str) -> list[str]:
    """A printed column as a list of names; `|` stands for maxpool."""
    return [*text.replace("|", "maxpool").split(), "maxpool", *_FC]


FIRST_COPY = [
    column_of("conv3-64 | conv3-128 | conv3-256 conv3-256 | conv3-512 conv3-512 | conv3-512 conv3-512"),
    column_of("conv3-64 LRN | conv3-128 | conv3-256 conv3-256 | conv3-512 conv3-512 | conv3-512 conv3-512"),
    column_of("conv3-64 conv3-64 | conv3-128 | conv3-256 conv3-256 | conv3-512 conv3-512 | conv3-512 conv3-512"),
]
COLUMN_C = column_of(
    "conv3-64 conv3-64 | conv3-128 conv3-128 | conv3-256 conv3-256 conv1-256"
    " | conv3-512 conv3-512 conv1-512 | conv3-512 conv3-512 conv1-512"
)
MISSING_B = ["conv3-128"]
ONES = ["conv1-256", "conv1-512", "conv1-512"]
THREES = ["conv3-256", "conv3-512", "conv3-512"]


def depth_rule(column: Sequence[str]) -> int:
    """Layers that have weights, by taking away the others."""
    return len(column) - sum(name in ("maxpool", "LRN", "soft-max") for name in column)


def _depth_mistakes(column: Sequence[str]) -> dict:
    gives = {
        "Pooling is counted; it has no weights.": depth_rule(column) + column.count("maxpool"),
        "The dense layers are missing: they have weights too.": depth_rule(column) - len(_FC),
        "Every row is counted; pooling, LRN and soft-max have no weights.": len(column),
        "The 3×3 layers alone are counted; every layer with weights counts.": sum(
            "conv3" in name for name in column
        ),
        "The 1×1 layers are missing: they have weights too.": depth_rule(column)
        - sum("conv1-" in name for name in column),
    }
    if "LRN" in column or "soft-max" in column:
        gives["LRN and soft-max are counted; they have no weights."] = len(column) - column.count("maxpool")
    return gives


def _in_order(names: Any) -> str:
    """The names of layers in one order, as text; a dictionary may count them, a single name may stand alone."""
    if isinstance(names, dict):
        if not all(type(count) is int and 0 <= count <= 20 for count in names.values()):
            raise ValueError("write a list of names; a dictionary must say how often each name is meant.")
        names = [name for name, count in names.items() for _ in range(count)]
    items = [names] if isinstance(names, str) else list(names)
    if any(isinstance(item, list | tuple) for item in items):
        raise ValueError("one pair of brackets too many: those of the cell are already there.")
    return ", ".join(sorted(part for item in items for part in str(item).replace(",", " ").split()))


def _layers(answer, name: str, expected: list[str], wrong: dict[str, list[str]]):
    """One list of names; what is right stays hidden."""
    value = answer[name].value()
    received = value.then("the layers", _in_order)
    text = str(received.value)
    if isinstance(value.value, set | frozenset):
        advice = "A set keeps each name once; write a list, with a name as often as the layer is meant."
    else:
        named = [mistake for mistake, names in wrong.items() if _in_order(names) == text]
        advice = named[0] if named else _advice(text.split(", ") if text else [], expected)
    return case(received, _in_order(expected), mistakes={advice: text}, hidden=True)


def _advice(names: list[str], expected: list[str]) -> str:
    """What can be said about a wrong list without telling the right one."""
    if not names:
        return "The list is empty, but something is meant: compare the parameters."
    odd = [name for name in names if not re.fullmatch(r"conv[13]-\d+", name)]
    if odd:
        return f"{odd[0]!r} is no name of a convolution: write it like conv3-64."
    if len(names) != len(expected):
        return "The number of layers does not fit: compare how many are printed with the header."
    return "As many layers as it must be, but their parameters do not add up to the difference in the table."


@question(
    "missing_layers",
    points=4,
    names=("weight_layers", "missing_b", "missing_c", "missing_d", "moved_b", "missing_e"),
    hints=[
        "A layer has weights if its name begins with conv or FC.",
        "Subtract the parameters of the printed layers from the paper's total. Which layers have what is left?",
        "conv3-128 behind another conv3-128 has 147,584 parameters; conv1-256 behind conv3-256 has 65,792.",
    ],
)
def missing_layers(answer, draw: Draw) -> Iterator:
    """Two copies of VGG's table, and what was lost in them"""
    with group("layers with weights"):
        for column in [*FIRST_COPY, COLUMN_C]:
            yield case(answer(column), depth_rule(column), mistakes=_depth_mistakes)
        for _ in range(5):
            middle = ["conv1-64", *["conv3-64"] * draw.integer(1, 4), "LRN", "maxpool"]
            column = ["conv3-64", *draw.shuffled(middle), *["maxpool"] * draw.integer(1, 3), *_FC, "soft-max"]
            yield case(answer(column), depth_rule(column), mistakes=_depth_mistakes)
    one = "One alone is too few: compare the number of layers that are printed with the header."
    with group("the first copy: what B, C and D lack", weight=2):
        other = "That layer has {} parameters; the column lacks 147,584."
        wrong = {
            other.format("36,928"): ["conv3-64"],
            other.format("590,080"): ["conv3-256"],
            other.format("16,512"): ["conv1-128"],
            "One is enough: the header counts 13 layers, 12 are printed.": 2 * MISSING_B,
        }
        yield _layers(answer, "missing_b", MISSING_B, wrong)
        wrong = {
            "C lacks 591,104 parameters; these layers have nine times that. Which filters have fewer?": THREES,
            one: ONES[:1],
            "One layer is still missing: both blocks of width 512 lack one.": ONES[:2],
        }
        yield _layers(answer, "missing_c", ONES, wrong)
        wrong = {
            "D lacks 5,309,696 parameters; these layers have a ninth of that. Which filters have more?": ONES,
            one: THREES[:1],
            "One layer is still missing: both blocks of width 512 lack one.": THREES[:2],
        }
        yield _layers(answer, "missing_d", THREES, wrong)
    with group("the second copy: what does not belong to B, and what E lacks"):
        wrong = {
            "Without these B would have too few parameters: look at the sizes of the filters.": THREES,
            "One alone is too few: each of the last three blocks has one.": ONES[:1],
            "One is still left: both blocks of width 512 have one.": ONES[:2],
        }
        yield _layers(answer, "moved_b", ONES, wrong)
        wrong = {
            "E lacks 5,309,696 parameters; these layers have a ninth of that. Which filters have more?": ONES,
            one: THREES[:1],
            "One layer is still missing: both blocks of width 512 lack one.": THREES[:2],
        }
        yield _layers(answer, "missing_e", THREES, wrong)


repair_slides = essay(
    "repair_slides",
    points=4,
    title="Two slides on parameters, repaired",
    rubric=[
        (1, "Slide A: says that a convolution's parameters, k·k·c_in·c_out + c_out, do not depend on its stride."),
        (1, "Slide A: says what pooling or a stride saves: values, multiply-adds, weights of later dense layers."),
        (1, "Slide B: sees that 3.6 and 19.6 billion count multiply-adds (operations), not parameters."),
        (1, "Slide B: gives the parameters instead: 21.6 M (or 21.8 M) for ResNet-34, 143.7 M for VGG-19."),
    ],
)
