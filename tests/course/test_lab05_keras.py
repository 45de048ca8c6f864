"""Lab 05's right counts against Keras, which builds the layers without allocating a weight."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from autograder.check import lazily
from course.device import quiet
from course.questions import lab05_counting as lab
from course.questions._lab05_rules import (
    VGG,
    conv_rule,
    fc_rule,
    local_rule,
    macs_rule,
    stack_rule,
    vgg_memory,
    vgg_parameters,
)

with quiet():
    keras = pytest.importorskip("keras")


@pytest.fixture(autouse=True)
def without_weights() -> Iterator[None]:
    """Shapes and counts, no weights."""
    with lazily():
        yield


def built(layer, *shape: int):
    """A layer behind an input of that shape."""
    return keras.Sequential([keras.Input(shape), layer]).layers[0]


def keras_layer(spec: tuple):
    """A layer of the labs' notation; padding is added by hand."""
    kind, *numbers = spec
    if kind == "conv":
        filters, side, stride, _ = numbers
        return keras.layers.Conv2D(filters, side, stride)
    if kind == "pool":
        return keras.layers.MaxPooling2D(*numbers)
    return keras.layers.Flatten() if kind == "flatten" else keras.layers.Dense(numbers[0])


def keras_macs(spec: tuple, shape: tuple[int, ...]) -> int:
    """Weights of the kernel times places of the output, both as Keras has them."""
    if spec[0] == "conv":
        shape = (shape[0] + 2 * spec[4], shape[1] + 2 * spec[4], shape[2])
    layer = built(keras_layer(spec), *shape)
    return math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape) if hasattr(layer, "kernel") else 0


def vgg_model(column: list):
    """A VGG network in Keras, from the notebook's notation."""
    layers = [keras.Input((224, 224, 3))]
    for entry in column:
        pool = keras.layers.MaxPooling2D()
        layers.append(pool if entry == "pool" else keras.layers.Conv2D(entry, 3, padding="same"))
    layers += [keras.layers.Flatten(), *(keras.layers.Dense(units) for units in (4096, 4096, 1000))]
    return keras.Sequential(layers)


def named_model(column: list[str]):
    """A VGG network in Keras, from the names of its layers."""
    layers = [keras.Input((224, 224, 3))]
    for name in column:
        if name.startswith("conv"):
            layers.append(keras.layers.Conv2D(int(name.split("-")[1]), int(name[4]), padding="same"))
        elif name == "maxpool":
            layers.append(keras.layers.MaxPooling2D())
    layers += [keras.layers.Flatten(), *(keras.layers.Dense(units) for units in (4096, 4096, 1000))]
    return keras.Sequential(layers)


@pytest.mark.parametrize(
    ("k", "c_in", "c_out", "bias", "groups"),
    [
        (5, 3, 10, True, 1),
        (3, 1, 32, True, 1),
        (1, 64, 32, False, 1),
        (5, 96, 256, True, 2),
        (3, 32, 32, True, 32),
        (3, 8, 12, False, 4),
    ],
)
def test_convolution_has_keras_parameters(k, c_in, c_out, bias, groups):
    """A convolution has as many parameters as Keras' layer, with and without biases and groups."""
    layer = built(keras.layers.Conv2D(c_out, k, use_bias=bias, groups=groups), 32, 32, c_in)
    assert conv_rule(k, c_in, c_out, bias, groups) == layer.count_params()


@pytest.mark.parametrize("numbers", [(400, 120), (9216, 4096), (3072, 10240), (120000, 120000)])
def test_dense_layer_has_keras_parameters(numbers):
    """A dense layer has as many parameters as Keras' layer."""
    inputs, units = numbers
    assert fc_rule(inputs, units) == built(keras.layers.Dense(units), inputs).count_params()


def test_unshared_layer_is_one_convolution_for_every_place():
    """AlexNet's first layer without sharing: the number of the table, 55·55 times Keras' convolution."""
    shared = built(keras.layers.Conv2D(96, 11, 4), 227, 227, 3)
    assert local_rule(55, 55, 11, 3, 96) == 55 * 55 * shared.count_params() == 105_705_600


@pytest.mark.parametrize("pair", [*lab.LENET, *lab.ALEXNET, (("conv", 32, 1, 1, 0), (56, 56, 64))])
def test_multiply_adds_are_kernel_times_places(pair):
    """A layer's multiply-adds are its kernel's size times the places of Keras' output."""
    assert macs_rule(*pair) == keras_macs(*pair)


def test_networks_have_the_tables_multiply_adds():
    """LeNet-5 and AlexNet have the totals of the tables, worked out independently."""
    totals = [sum(macs_rule(*pair) for pair in network) for network in (lab.LENET, lab.ALEXNET)]
    assert totals == [416_520, 1_135_256_096]


@pytest.mark.parametrize("name", VGG)
def test_vgg_rows_are_keras_layers(name):
    """Values and parameters of every row are those of Keras' layers."""
    model = vgg_model(VGG[name])
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.Flatten)]
    assert vgg_memory(VGG[name])[1:] == [math.prod(layer.output.shape[1:]) for layer in layers]
    assert vgg_parameters(VGG[name], True)[1:] == [layer.count_params() for layer in layers]


def test_vgg16_totals_are_those_of_the_text():
    """VGG-16: the totals that the lab prints."""
    column = VGG["D"]
    counts = (sum(vgg_memory(column)), sum(vgg_parameters(column, False)), sum(vgg_parameters(column, True)))
    assert counts == (15_237_608, 138_344_128, 138_357_544)


def test_stack_has_keras_weights():
    """The ratio of a stack and a single layer, from Keras' kernels."""
    widths = [64, 32, 128]
    stack = keras.Sequential([keras.Input((9, 9, 64)), keras.layers.Conv2D(32, 3), keras.layers.Conv2D(128, 3)])
    single = built(keras.layers.Conv2D(128, 5), 9, 9, 64)
    above = sum(math.prod(layer.kernel.shape) for layer in stack.layers)
    assert float(stack_rule(widths)) == above / math.prod(single.kernel.shape)
    assert stack.output_shape == (None, *single.output.shape[1:])


def printed(*blocks: str) -> list[str]:
    """A column as the notebook prints it."""
    return lab.column_of(" | ".join(blocks))


@pytest.mark.parametrize(
    ("missing", "total"),
    [
        ([], 133_047_848),
        (lab.ONES, 133_638_952),
        (lab.THREES, 138_357_544),
    ],
    ids=["B", "C", "D"],
)
def test_missing_layers_give_the_papers_total(missing, total):
    """The first copy's C and D, with the layers that they lack, have the paper's parameters in Keras."""
    blocks = ["conv3-64 conv3-64", "conv3-128 conv3-128"]
    extra = iter(missing)
    blocks += [f"conv3-{width} conv3-{width} {next(extra, '')}" for width in (256, 512, 512)]
    assert named_model(printed(*blocks)).count_params() == total


def test_b_lacks_one_layer_of_147584_parameters():
    """The first copy's B as printed has 132,900,264 parameters; conv3-128 has what is left."""
    assert named_model(lab.FIRST_COPY[2]).count_params() == 132_900_264
    assert lab.MISSING_B == ["conv3-128"]
    assert 133_047_848 - 132_900_264 == conv_rule(3, 128, 128)


def test_e_lacks_what_d_has_more_than_b():
    """E without its fourth layers has D's parameters; the three that it lacks make VGG-19's total."""
    lacking = [int(name.split("-")[1]) for name in lab.THREES]
    assert 138_357_544 + sum(conv_rule(3, width, width) for width in lacking) == vgg_model(VGG["E"]).count_params()
