"""The tables of the classic networks and the NumPy that runs them, against Keras and against known counts."""

from __future__ import annotations

import numpy as np
import pytest

from autograder._models import KerasModel
from autograder.check import Draw
from course.device import quiet
from course.questions import _classics as classics
from course.questions._builds import activation_mistakes
from course.questions._differences import differences
from course.questions._networks import Layer, Network

with quiet():
    keras = pytest.importorskip("keras")

layers = keras.layers

SMALL = {
    "LeNet-5, tanh": classics.lenet5(),
    "LeNet-5, ReLU and max": classics.lenet5("relu", "max"),
    "AlexNet": classics.alexnet(classes=10, width=1 / 8, shape=(67, 83, 3)),
    "AlexNet in groups with LRN": classics.alexnet(2, 10, 1 / 8, lrn=True, shape=(83, 67, 3)),
    **{f"VGG {name}": classics.vgg(name, 10, 1 / 16, shape=(32, 64, 3)) for name in classics.VGG},
    **{
        f"ResNet-{depth} {kind}": classics.resnet(depth, kind, 10, 1 / 16, shape=(40, 33, 3))
        for depth, kind in [(18, "A"), (18, "B"), (18, "C"), (34, "B"), (50, "B"), (50, "C")]
    },
    "ResNet-50 version 1.5": classics.resnet(50, "B", 10, 1 / 16, stride_on_3x3=True, shape=(33, 40, 3)),
    "plain-18": classics.resnet(18, classes=10, width=1 / 16, plain=True, shape=(33, 40, 3)),
    "a ReLU before the softmax": activation_mistakes(classics.vgg("A", 10, 1 / 16, shape=(32, 64, 3)))[
        "The last layer has a ReLU before its softmax: what was below 0 is lost."
    ],
}


def in_keras(network: Network):
    """The same table, built of Keras' layers."""
    tensors = [keras.Input(network.shape)]
    for layer in network.layers[1:]:
        tensors.append(made(layer, [tensors[source] for source in layer.inputs]))
    return keras.Model(tensors[0], tensors[-1])


def made(layer: Layer, inputs: list):
    """One layer's output."""
    x = inputs[0]
    if layer.kind == "Conv2D":
        x = layers.ZeroPadding2D(layer.pads)(x)
        bias = len(layer.weights) > 1
        return layers.Conv2D(
            layer.output[-1],
            layer.kernel,
            layer.stride,
            groups=layer.groups,
            use_bias=bias,
            activation=layer.activation,
        )(x)
    if layer.kind == "MaxPooling2D":
        x = layers.Lambda(lambda x: keras.ops.pad(x, ((0, 0), *layer.pads, (0, 0)), constant_values=-1e30))(x)
        return layers.MaxPooling2D(layer.kernel, layer.stride)(x)
    if layer.kind == "LRN":
        import tensorflow as tf

        k, alpha, beta = layer.constants
        return layers.Lambda(lambda x: tf.nn.local_response_normalization(x, layer.kernel // 2, k, alpha, beta))(x)
    if layer.kind == "ShortcutPadding":
        new = layer.output[-1] - x.shape[-1]
        return keras.ops.pad(x[:, :: layer.stride, :: layer.stride], ((0, 0), (0, 0), (0, 0), (0, new)))
    if layer.kind == "Add":
        return layers.Add()(inputs)
    options = {
        "AveragePooling2D": lambda: layers.AveragePooling2D(layer.kernel, layer.stride),
        "BatchNormalization": layers.BatchNormalization,
        "Activation": lambda: layers.Activation(layer.activation),
        "Flatten": layers.Flatten,
        "GlobalAveragePooling2D": layers.GlobalAveragePooling2D,
        "Dense": lambda: layers.Dense(layer.output[-1], activation=layer.activation),
    }
    return options[layer.kind]()(x)


@pytest.mark.parametrize("name", SMALL)
def test_numpy_and_keras_give_the_same(name):
    """Shapes, counts, the order of the weights, and outputs with drawn weights and images of unequal sides."""
    network = SMALL[name]
    model = KerasModel(in_keras(network))
    draw = Draw("networks", name)
    images = draw.array((2, *network.shape), 0, 100) / 100
    weights = network.drawn_weights(draw, images)
    assert model.do_count() == network.parameters
    assert [array.shape for array in model.do_get_weights()] == [array.shape for array in weights]
    received, expected = model.do_outputs_with(weights, images), network.outputs(weights, images)
    assert received.shape == expected.shape
    # Fifty layers in float32 with variances as small as these add up rounding; a mistake gives tenths.
    assert np.abs(received - expected).max() < (2e-3 if "50" in name else 1e-4)
    assert np.abs(expected[0] - expected[1]).max() > 1e-3  # nothing has faded out


@pytest.mark.parametrize(
    ("network", "parameters", "macs"),
    [
        (classics.lenet5(), 61_706, 416_520),
        (classics.alexnet(), 62_378_344, 1_135_256_096),
        (classics.alexnet(2), 60_965_224, 724_406_816),
        (classics.vgg("A"), 132_863_336, 7_609_090_048),
        (classics.vgg("B"), 133_047_848, 11_308_466_176),
        (classics.vgg("C"), 133_638_952, 11_770_888_192),
        (classics.vgg("D"), 138_357_544, 15_470_264_320),
        (classics.vgg("E"), 143_667_240, 19_632_062_464),
        (classics.resnet(18, "A"), 11_523_496, 1_794_805_760),
        (classics.resnet(18), 11_699_112, 1_814_073_344),
        (classics.resnet(34), 21_814_696, 3_663_761_408),
        (classics.resnet(34, plain=True), 21_639_080, 3_644_493_824),
        (classics.resnet(50), 25_610_152, 3_857_973_248),
        (classics.resnet(50, stride_on_3x3=True), 25_610_152, 4_089_184_256),
        (classics.resnet(101), 44_654_504, 7_570_194_432),
        (classics.resnet(152), 60_344_232, 11_282_415_616),
    ],
)
def test_full_networks_have_the_known_counts(network, parameters, macs):
    """Parameters as Keras counts them, and multiply-adds."""
    assert network.parameters == parameters
    assert sum(network.multiply_adds()) == macs


def test_receptive_fields():
    """AlexNet's convolutions and poolings, and the deepest field of three more."""
    alexnet = classics.alexnet()
    fields = [
        field for field, layer in zip(alexnet.receptive_fields(), alexnet.layers, strict=True) if layer.kernel
    ]
    assert fields == [11, 19, 51, 67, 99, 131, 163, 195]
    deepest = [max(field for field in network.receptive_fields() if field) for network in (
        classics.vgg("D"), classics.resnet(18), classics.resnet(34), classics.resnet(50),
        classics.resnet(50, stride_on_3x3=True), classics.resnet(152),
    )]  # fmt: skip
    assert deepest == [212, 435, 899, 483, 427, 1507]


@pytest.mark.parametrize("name", ["LeNet-5, tanh", "AlexNet", "VGG C"])
def test_a_right_model_differs_nowhere(name):
    """The card of the very table has nothing to tell."""
    assert differences(KerasModel(in_keras(SMALL[name])).do_card(), SMALL[name]) == []


def test_the_first_difference_is_told():
    """A padded first layer of AlexNet: 57×57 instead of 55×55."""
    wrong = classics.alexnet()
    padded = Network((227, 227, 3))
    padded.conv(96, 11, stride=4, pad="same", activation="relu", name="conv1")
    row = {"layer": "Conv2D", "kernel": (11, 11), "strides": (4, 4), "output": padded.layers[1].output}
    told = differences([row | {"trainable": 34_944, "frozen": 0}], wrong)
    assert told == ["conv1: the output is 57×57×96 instead of 55×55×96: look at the padding."]
