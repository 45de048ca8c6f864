"""Lab 12: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import re
from collections import Counter

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from course import draws
from tests.answers import right, wrong

# ---- vgg_blocks ----


@right("vgg_blocks")
def two_loops(x, blocks):
    for maps, sides in blocks:
        for side in sides:
            x = layers.Conv2D(maps, side, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    return x


@right("vgg_blocks")
def activation_layers_and_pool_by_name(x, blocks):
    for block, (maps, sides) in enumerate(blocks):
        for number, side in enumerate(sides):
            x = layers.Conv2D(maps, (side, side), strides=1, padding="same", name=f"z{block}_{number}")(x)
            x = layers.Activation("relu")(x)
        x = layers.MaxPool2D(pool_size=(2, 2), strides=(2, 2), padding="valid", name=f"a{block}")(x)
    return x


@right("vgg_blocks")
def zero_padding_and_sequential_blocks(x, blocks):
    for maps, sides in blocks:
        block = keras.Sequential()
        for side in sides:
            if side > 1:
                block.add(layers.ZeroPadding2D(side // 2))
            block.add(layers.Conv2D(maps, side))
            block.add(layers.ReLU())
        block.add(layers.MaxPooling2D())
        x = block(x)
    return x


@right("vgg_blocks")
def functions_of_tensorflow(x, blocks):
    for maps, sides in blocks:
        for side in sides:
            x = ops.relu(layers.Conv2D(maps, side, padding="SAME")(x))
        x = ops.max_pool(x, 2, 2)
    return x


@right("vgg_blocks")
def recursive(x, blocks):
    if not blocks:
        return x
    (maps, sides), *others = blocks
    if not sides:
        return recursive(layers.MaxPooling2D()(x), others)
    x = layers.Conv2D(maps, sides[0], padding="same", activation=keras.activations.relu)(x)
    return recursive(x, [(maps, sides[1:]), *others])


def blocks_with(x, blocks, *, padding="same", activation="relu", pool=layers.MaxPooling2D, each=False, last=True):
    """For wrong answers: the blocks with one thing changed."""
    for number, (maps, sides) in enumerate(blocks):
        for side in sides:
            x = layers.Conv2D(maps, side, padding=padding, activation=activation)(x)
            if each:
                x = pool(2)(x)
        if not each and (last or number < len(blocks) - 1):
            x = pool(2)(x)
    return x


@wrong("vgg_blocks", names="A pooling stands behind every convolution")
def pools_after_each(x, blocks):
    return blocks_with(x, blocks, each=True, pool=lambda side: layers.MaxPooling2D(side, padding="same"))


@wrong("vgg_blocks", names="pool once at the end of a block")
def pools_until_nothing_is_left(x, blocks):
    return blocks_with(x, blocks, each=True)


@wrong("vgg_blocks", names="look at the padding")
def not_padded(x, blocks):
    return blocks_with(
        x, [(maps, [side for side in sides if side < 6] or [3]) for maps, sides in blocks], padding="valid"
    )


@wrong("vgg_blocks", names="The convolutions have no ReLU")
def linear(x, blocks):
    return blocks_with(x, blocks, activation=None)


@wrong("vgg_blocks", names="1×1 convolutions have no ReLU")
def linear_ones(x, blocks):
    for maps, sides in blocks:
        for side in sides:
            x = layers.Conv2D(maps, side, padding="same", activation="relu" if side > 1 else None)(x)
        x = layers.MaxPooling2D()(x)
    return x


@wrong("vgg_blocks", names="is missing at the end")
def last_pooling_missing(x, blocks):
    return blocks_with(x, blocks, last=False)


@wrong("vgg_blocks", names="AveragePooling2D")
def average(x, blocks):
    return blocks_with(x, blocks, pool=layers.AveragePooling2D)


@wrong("vgg_blocks", names="the window is 3×3")
def always_three(x, blocks):
    return blocks_with(x, [(maps, [3] * len(sides)) for maps, sides in blocks])


@wrong("vgg_blocks", names="is missing at the end")
def first_block_only(x, blocks):
    return blocks_with(x, blocks[:1])


@wrong("vgg_blocks", names="the stride is 1")
def pools_at_stride_one(x, blocks):
    return blocks_with(x, blocks, pool=lambda side: layers.MaxPooling2D(side, strides=1))


@wrong("vgg_blocks", names="look at the padding")
def pools_rounded_up(x, blocks):
    return blocks_with(x, blocks, pool=lambda side: layers.MaxPooling2D(side, padding="same"))


@right("vgg_blocks")
def layers_of_its_own_and_dense_for_ones(x, blocks):
    class Filters(layers.Layer):
        def __init__(self, maps, side):
            super().__init__()
            self.maps, self.side = maps, side

        def build(self, shape):
            self.kernel = self.add_weight(shape=(self.side, self.side, shape[-1], self.maps))
            self.bias = self.add_weight(shape=(self.maps,))

        def call(self, images):
            return ops.maximum(ops.conv(images, self.kernel, 1, "same") + self.bias, 0.0)

    for maps, sides in blocks:
        for side in sides:
            x = layers.Dense(maps, activation="relu")(x) if side == 1 else Filters(maps, side)(x)
        x = layers.Lambda(lambda images: ops.max_pool(images, 2, 2))(x)
    return x


@right("vgg_blocks")
def a_model_that_is_called(x, blocks):
    inputs = y = keras.Input(x.shape[1:])
    for maps, sides in blocks:
        *others, last = sides
        for side in others:
            y = layers.Conv2D(maps, side, padding="same", activation="relu", kernel_regularizer="l2")(y)
        y = layers.MaxPooling2D()(layers.Conv2D(maps, last, padding="same")(y))
        y = layers.ReLU()(y)  # the largest of four ReLUs is the ReLU of the largest
    return keras.Model(inputs, y)(x)


@wrong("vgg_blocks", names="return a tensor, not a model")
def a_sequential_model(x, blocks):
    model = keras.Sequential([keras.Input(x.shape[1:])])
    for maps, sides in blocks:
        for side in sides:
            model.add(layers.Conv2D(maps, side, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    return model


@wrong("vgg_blocks", names="return a tensor, not a model")
def a_functional_model(x, blocks):
    return keras.Model(x, two_loops(x, blocks))


@wrong("vgg_blocks", names="The layers do not begin at x")
def an_input_of_its_own(x, blocks):
    return two_loops(keras.Input(x.shape[1:]), blocks)


@wrong("vgg_blocks", names="there is one after each convolution")
def one_relu_a_block(x, blocks):
    for maps, sides in blocks:
        for side in sides:
            x = layers.Conv2D(maps, side, padding="same")(x)
        x = layers.ReLU()(layers.MaxPooling2D()(x))
    return x


@wrong("vgg_blocks")
def without_biases(x, blocks):
    for maps, sides in blocks:
        for side in sides:
            x = layers.Conv2D(maps, side, padding="same", activation="relu", use_bias=False)(x)
        x = layers.MaxPooling2D()(x)
    return x


@wrong("vgg_blocks")
def with_batch_normalisation(x, blocks):
    for maps, sides in blocks:
        for side in sides:
            x = layers.BatchNormalization()(layers.Conv2D(maps, side, padding="same", activation="relu")(x))
        x = layers.MaxPooling2D()(x)
    return x


@wrong("vgg_blocks")
def tanh_for_relu(x, blocks):
    return blocks_with(x, blocks, activation="tanh")


@wrong("vgg_blocks")
def starts_again_from_the_input(x, blocks):
    for maps, sides in blocks:
        for side in sides:
            y = layers.Conv2D(maps, side, padding="same", activation="relu")(x)
        y = layers.MaxPooling2D()(y)
    return y


# ---- vgg ----

SIDES = {
    "A": [(3,), (3,), (3, 3), (3, 3), (3, 3)],
    "B": [(3, 3)] * 5,
    "C": [(3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)],
    "D": [(3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)],
    "E": [(3, 3), (3, 3), (3,) * 4, (3,) * 4, (3,) * 4],
}
MAPS = (64, 128, 256, 512, 512)


@right("vgg")
def functional(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    inputs = keras.Input(shape)
    x = two_loops(inputs, [(int(maps * width), sides) for maps, sides in zip(MAPS, SIDES[config], strict=True)])
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(int(4096 * width), activation="relu")(x)
        x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))


@right("vgg")
def sequential_from_strings(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    text = {"A": "1 1 2 2 2", "B": "2 2 2 2 2", "C": "2 2 2o 2o 2o", "D": "2 2 3 3 3", "E": "2 2 4 4 4"}[config]
    model = keras.Sequential([layers.InputLayer(shape=shape)])
    for number, entry in enumerate(text.split()):
        maps = round(min(64 * 2**number, 512) * width)
        for _ in range(int(entry[0])):
            model.add(layers.Conv2D(maps, 3, padding="same"))
            model.add(layers.Activation("relu"))
        if entry.endswith("o"):
            model.add(layers.Conv2D(maps, 1, activation="relu"))
        model.add(layers.MaxPool2D((2, 2), (2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(int(4096 * width), activation="relu"))
    model.add(layers.Dense(int(4096 * width), activation="relu"))
    model.add(layers.Dense(classes))
    model.add(layers.Softmax())
    return model


@right("vgg")
def subclassed(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    class VGG(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = layers.Dense(classes, activation="softmax")
            self.hidden = [layers.Dense(int(4096 * width), activation="relu") for _ in range(2)]
            self.convolutions = [
                [layers.Conv2D(int(maps * width), side, padding="same", activation="relu") for side in sides]
                for maps, sides in zip(MAPS, SIDES[config], strict=True)
            ]

        def call(self, x):
            for block in self.convolutions:
                for layer in block:
                    x = layer(x)
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
            x = ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))
            for layer in self.hidden:
                x = layer(x)
            return self.last(x)

    return VGG()


@right("vgg")
def dense_layers_as_convolutions(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    inputs = keras.Input(shape)
    blocks = [(int(maps * width), sides) for maps, sides in zip(MAPS, SIDES[config], strict=True)]
    x = zero_padding_and_sequential_blocks(inputs, blocks)
    x = layers.Conv2D(int(4096 * width), tuple(x.shape[1:3]), activation="relu")(x)
    x = layers.Conv2D(int(4096 * width), 1, activation="relu")(x)
    return keras.Model(inputs, layers.Softmax()(layers.Flatten()(layers.Conv2D(classes, 1)(x))))


@right("vgg")
def with_padding_layers_and_tf_keras(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = tf.keras.models.Sequential(name="mine")
    model.add(tf.keras.layers.InputLayer(shape=shape))
    for number, (maps, sides) in enumerate(zip(MAPS, SIDES[config], strict=True)):
        for place, side in enumerate(sides):
            model.add(tf.keras.layers.ZeroPadding2D(padding=(side // 2, side // 2)))
            name = f"x{99 - number}{place}"
            model.add(tf.keras.layers.Conv2D(filters=int(width * maps), kernel_size=(side, side), name=name))
            model.add(tf.keras.layers.Activation(tf.nn.relu))
        model.add(tf.keras.layers.MaxPool2D(pool_size=2, strides=2, name=f"conv{number}"))
    model.add(tf.keras.layers.Flatten())
    for _ in range(2):
        model.add(tf.keras.layers.Dense(units=int(4096 * width)))
        model.add(tf.keras.layers.Activation("relu"))
        model.add(tf.keras.layers.Dropout(rate=0.5))
    model.add(tf.keras.layers.Dense(classes))
    model.add(tf.keras.layers.Activation("softmax"))
    return model


@right("vgg")
def nested_models_without_an_input(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    def block(maps, sides):
        made = [layers.Conv2D(int(maps * width), side, padding="same", activation="relu") for side in sides]
        return keras.Sequential([*made, layers.MaxPooling2D()])

    class Both(keras.Model):
        def __init__(self):
            super().__init__()
            self.head = keras.Sequential([
                layers.Flatten(), layers.Dense(int(4096 * width), "relu"), layers.Dropout(0.5),
                layers.Dense(int(4096 * width), "relu"), layers.Dropout(0.5), layers.Dense(classes, "softmax"),
            ])  # fmt: skip
            self.body = keras.Sequential([block(*pair) for pair in zip(MAPS, SIDES[config], strict=True)])

        def call(self, inputs, training=False):
            return self.head(self.body(inputs, training=training), training=training)

    return Both()


@right("vgg")
def read_off_the_paper(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    table = {  # as the notebook's `paper` has it
        letter: " ".join(" ".join(f"conv{side}-{maps}" for side in sides) + " maxpool" for maps, sides in pairs)
        for letter, pairs in {name: zip(MAPS, block, strict=True) for name, block in SIDES.items()}.items()
    }
    inputs = x = keras.Input(shape)
    for name in [*table[config].split(), "FC-4096", "FC-4096"]:
        kind, _, count = name.partition("-")
        units = int(int(count) * width) if count else 0
        if kind == "maxpool":
            x = layers.MaxPooling2D()(x)
        elif kind == "FC":
            x = layers.Dense(units, activation="relu")(x if len(x.shape) == 2 else layers.Reshape((-1,))(x))
        else:
            x = layers.Conv2D(units, int(kind[-1]), padding="same", activation="relu")(x)
    return keras.Model([inputs], [ops.softmax(layers.Dense(classes)(x))])


@right("vgg")
def blocks_as_layers(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    class Block(layers.Layer):
        def __init__(self, maps, sides):
            super().__init__()
            self.all = [layers.Conv2D(maps, side, padding="same", activation="relu") for side in sides]
            self.pool = layers.MaxPooling2D()

        def call(self, x):
            for layer in self.all:
                x = layer(x)
            return self.pool(x)

    model = keras.Sequential([keras.Input(shape)])
    for maps, sides in zip(MAPS, SIDES[config], strict=True):
        model.add(Block(int(maps * width), sides))
    for layer in (layers.Flatten(), *(layers.Dense(int(4096 * width), activation="relu") for _ in range(2))):
        model.add(layer)
    model.add(layers.Dense(classes, activation="softmax"))
    return model


def vgg_with(
    config, classes, width, shape, *, sides=None, maps=MAPS, units=(4096, 4096), pools=5, flat=layers.Flatten,
    activation="relu", hidden="relu", last="softmax", bias=True, scale_units=True, **options,
):  # fmt: skip
    """For wrong answers: the network with one thing changed."""
    options = {"padding": "same"} | options
    model = keras.Sequential([keras.Input(shape)])
    for number, (count, block) in enumerate(zip(maps, sides or SIDES[config], strict=True)):
        for side in block:
            model.add(layers.Conv2D(int(count * width), side, activation=activation, use_bias=bias, **options))
        if number < pools:
            model.add(layers.MaxPooling2D())
    model.add(flat())
    for count in units:
        size = int(count * width) if scale_units else count
        model.add(layers.Dense(size, activation=hidden, use_bias=bias))
    if last:
        model.add(layers.Dense(classes, activation=last, use_bias=bias))
    return model


@wrong("vgg", names="This is column D")
def c_as_d(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with("D" if config == "C" else config, classes, width, shape)


@wrong("vgg", names="The three 1×1 convolutions of C are missing")
def c_without_ones(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with("B" if config == "C" else config, classes, width, shape)


@wrong("vgg", names="These are the layers of column D")
def vgg_13_that_is_vgg_16(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with("D" if config == "B" else config, classes, width, shape)


@wrong("vgg", names="This is column C")
def d_as_c(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with("C" if config == "D" else config, classes, width, shape)


@wrong("vgg")
def always_vgg_16(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with("D", classes, width, shape)


@wrong("vgg", names="pool once at the end of a block")
def pools_after_each_convolution(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = keras.Sequential([keras.Input(shape)])
    for maps, block in zip(MAPS, SIDES[config], strict=True):
        for side in block:
            model.add(layers.Conv2D(int(maps * width), side, padding="same", activation="relu"))
            model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(classes, activation="softmax"))
    return model


@wrong("vgg", names="One of the two dense layers with 4096 units is missing")
def one_dense_layer(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, units=(4096,))


@wrong("vgg", names="A third dense layer with 4096 units is too many")
def three_dense_layers(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, units=(4096, 4096, 4096))


@wrong("vgg", names="The layer of the classes is missing")
def no_classes(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, last=None)


@wrong("vgg", names="All dense layers are missing")
def no_dense_layers(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, units=(), last=None)


@wrong("vgg", names="The last pooling is missing")
def four_pools(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, pools=4)


@wrong("vgg", names="VGG flattens them")
def global_average(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, flat=layers.GlobalAveragePooling2D)


@wrong("vgg", names="The biases are missing")
def no_biases(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, bias=False)


@wrong("vgg", names="The number of classes is fixed")
def a_thousand_classes(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, 1000, width, shape)


@wrong("vgg", names="No layer has a ReLU")
def no_relu(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, activation=None, hidden=None)


@wrong("vgg", names="The convolutions have no ReLU")
def linear_convolutions(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, activation=None)


@wrong("vgg", names="The hidden dense layers have no ReLU")
def linear_dense(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, hidden=None)


@wrong("vgg", names="The softmax at the end is missing")
def logits(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, last="linear")


@wrong("vgg", names="The last layer has a sigmoid")
def sigmoid(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, last="sigmoid")


@wrong("vgg", names="The last layer has a ReLU")
def relu_at_the_end(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, last="relu")


@wrong("vgg", names="conv1_1: the output is 222×222×64 instead of 224×224×64: look at the padding")
def unpadded(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, padding="valid")


@wrong("vgg", names="1024 maps: there are 512")
def doubled_once_more(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, maps=(64, 128, 256, 512, 1024))


@wrong("vgg", names="fc6: 4096 units: there are 512")
def units_not_scaled(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, shape, scale_units=False)


@wrong("vgg", names="The model takes images of shape")
def shape_ignored(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, width, (224, 224, 3))


@wrong("vgg", names="conv1_1: 64 maps: there are 8")
def width_ignored(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(config, classes, 1, shape)


@wrong("vgg", names="conv3_2")
def one_layer_missing(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    sides = [block[:1] if number == 2 else block for number, block in enumerate(SIDES[config])]
    return vgg_with(config, classes, width, shape, sides=sides)


@wrong("vgg", names="AveragePooling2D")
def average_pooling(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = keras.Sequential([keras.Input(shape)])
    for layer in vgg_with(config, classes, width, shape).layers:
        model.add(layers.AveragePooling2D(2) if isinstance(layer, layers.MaxPooling2D) else layer)
    return model


@wrong("vgg", names="the stride is 2×2: it is 1")
def strided(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = keras.Sequential([keras.Input(shape), layers.Conv2D(int(64 * width), 3, 2, padding="same")])
    model.add(layers.UpSampling2D())
    model.add(layers.ReLU())
    for layer in vgg_with(config, classes, width, shape).layers[1:]:
        model.add(layer)
    return model


@wrong("vgg", names="look at the padding")
def pools_padded(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = keras.Sequential([keras.Input(shape)])
    for layer in vgg_with(config, classes, width, shape).layers:
        if isinstance(layer, layers.MaxPooling2D):
            layer = layers.MaxPooling2D(2, padding="same")
        model.add(layer if not isinstance(layer, layers.Dense) else layers.Dense.from_config(layer.get_config()))
    return model


@wrong("vgg")
def relu_then_softmax(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = vgg_with(config, classes, width, shape, last="relu")
    model.add(layers.Softmax())
    return model


@wrong("vgg")
def batch_normalisation(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    inputs = x = keras.Input(shape)
    for maps, sides in zip(MAPS, SIDES[config], strict=True):
        for side in sides:
            x = layers.Conv2D(int(maps * width), side, padding="same")(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(int(4096 * width), activation="relu")(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))


@wrong("vgg", names="This is A-LRN")
def a_with_response_normalisation(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = keras.Sequential([keras.Input(shape)])
    for layer in vgg_with(config, classes, width, shape).layers:
        model.add(layer)
        if config == "A" and len(model.layers) == 1:
            model.add(layers.Lambda(lambda x: tf.nn.local_response_normalization(x, 2, 2.0, 1e-4, 0.75)))
    return model


@wrong("vgg", names="divided by 255")
def scaled_pixels(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = keras.Sequential([keras.Input(shape), layers.Rescaling(1 / 255)])
    for layer in vgg_with(config, classes, width, shape).layers:
        model.add(layer)
    return model


@wrong("vgg", names="make a new layer for each")
def one_layer_used_again(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    inputs = x = keras.Input(shape)
    for maps, sides in zip(MAPS, SIDES[config], strict=True):
        x = layers.Conv2D(int(maps * width), 3, padding="same", activation="relu")(x)
        again = layers.Conv2D(int(maps * width), 3, padding="same", activation="relu")
        for side in sides[1:]:
            same = again if side == 3 else layers.Conv2D(int(maps * width), 1, activation="relu")
            x = same(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(int(4096 * width), activation="relu")(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))


@right("vgg")
def compiled_at_once(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    model = vgg_with(config, classes, width, shape)
    model.compile(keras.optimizers.SGD(1e-2, momentum=0.9), "sparse_categorical_crossentropy", ["accuracy"])
    return model


@wrong("vgg")
def rows_and_columns_exchanged_before_flatten(config, classes=1000, width=1.0, shape=(224, 224, 3)):
    return vgg_with(
        config, classes, width, shape, flat=lambda: keras.Sequential([layers.Permute((2, 1, 3)), layers.Flatten()])
    )


# ---- my_costs ----

MINE = draws.numbers("lab12_vgg", "my_costs", "sample")
KEYS = ("my_parameters", "my_multiply_adds", "my_values")


def costs(
    network, *, bias=1, dense=True, pooled=True, channels=3, second=True, depth=True, halved=True, flat=None,
    early=False,
):  # fmt: skip
    """The three counts; the options make mistakes."""
    side, before = network["side"], channels
    parameters = macs = 0
    values = channels * side * side
    for maps, count in network["blocks"]:
        for _ in range(count if second else 1):
            weights = 9 * (before if depth else 1) * maps
            place = (side // 2 if early else side) if halved else network["side"]
            parameters, macs = parameters + weights + bias * maps, macs + weights * place * place
            values, before = values + side * side * maps, maps
        side //= 2
        values += side * side * maps if pooled else 0
    inputs = {None: side * side * before, "one": before, "four": 4 * side * side * before}[flat]
    for units in (network["units"], network["classes"]):
        if dense:
            parameters, macs, values = (
                parameters + inputs * units + bias * units,
                macs + inputs * units,
                values + units,
            )
        inputs = units
    return dict(zip(KEYS, (parameters, macs, values), strict=True))


def mixed(number, **options):
    """Right counts, with one of them made with a mistake."""
    name = KEYS[number]
    return {**costs(MINE), name: costs(MINE, **options)[name]}


@right("my_costs", namespace=True)
def integers():
    return costs(MINE)


@right("my_costs", namespace=True)
def floats():
    return {name: float(value) for name, value in costs(MINE).items()}


@right("my_costs", namespace=True)
def counted_by_numpy():
    sides = [MINE["side"] // 2**number for number in range(4)]
    depths = np.array([3, *(maps for maps, count in MINE["blocks"] for _ in range(count))])
    at = np.array([sides[number] for number, (_, count) in enumerate(MINE["blocks"]) for _ in range(count)])
    weights = 9 * depths[:-1] * depths[1:]
    flat = sides[3] ** 2 * depths[-1]
    dense = np.array([[flat, MINE["units"]], [MINE["units"], MINE["classes"]]])
    pooled = sum(sides[number + 1] ** 2 * maps for number, (maps, _) in enumerate(MINE["blocks"]))
    return {
        "my_parameters": weights.sum() + depths[1:].sum() + (dense.prod(1) + dense[:, 1]).sum(),
        "my_multiply_adds": np.array(np.sum(weights * at**2) + dense.prod(1).sum()),
        "my_values": 3 * sides[0] ** 2 + np.sum(at**2 * depths[1:]) + pooled + dense[:, 1].sum(),
    }


@wrong("my_costs", names="The biases are missing", namespace=True)
def no_bias():
    return mixed(0, bias=0)


@wrong("my_costs", names="The dense layers are missing: they have parameters too", namespace=True)
def no_dense():
    return mixed(0, dense=False)


@wrong("my_costs", names="reads one value for each map", namespace=True)
def averaged():
    return mixed(0, flat="one")


@wrong("my_costs", names="The last pooling is forgotten", namespace=True)
def last_pool_forgotten():
    return mixed(0, flat="four")


@wrong("my_costs", names="One convolution a block", namespace=True)
def no_second():
    return costs(MINE, second=False)


@wrong("my_costs", names="reads the maps of the block before it", namespace=True)
def from_the_block_before():
    depths, total = (3, *(maps for maps, _ in MINE["blocks"])), 0
    for number, (maps, count) in enumerate(MINE["blocks"]):
        total += count * (9 * depths[number] * maps + maps)
    right_one, small = costs(MINE), costs(MINE, dense=False)
    return {**right_one, "my_parameters": total + right_one["my_parameters"] - small["my_parameters"]}


@wrong("my_costs", names="they are in colour", namespace=True)
def grey():
    return mixed(0, channels=1)


@wrong("my_costs", names="The depth is forgotten", namespace=True)
def flat_filters():
    return mixed(0, depth=False)


@wrong("my_costs", names="each of their weights is used once", namespace=True)
def macs_without_dense():
    return mixed(1, dense=False)


@wrong("my_costs", names="These are FLOPs", namespace=True)
def flops():
    return {**costs(MINE), "my_multiply_adds": 2 * costs(MINE)["my_multiply_adds"]}


@wrong("my_costs", names="The biases are counted", namespace=True)
def macs_with_biases():
    made = costs(MINE)
    kept = costs(MINE, pooled=False)["my_values"] - 3 * MINE["side"] ** 2
    return {**made, "my_multiply_adds": made["my_multiply_adds"] + kept}


@wrong("my_costs", names="each pooling halves it", namespace=True)
def side_stays():
    return mixed(1, halved=False)


@wrong("my_costs", names="still have the larger side", namespace=True)
def pooled_first():
    return mixed(1, early=True)


@wrong("my_costs", names="each is used at every place", namespace=True)
def weights_for_macs():
    return {**costs(MINE), "my_multiply_adds": costs(MINE, bias=0)["my_parameters"]}


@wrong("my_costs", names="One convolution a block", namespace=True)
def macs_no_second():
    return mixed(1, second=False)


@wrong("my_costs", names="here it is padded", namespace=True)
def macs_unpadded():
    side, before, total = MINE["side"], 3, 0
    for maps, count in MINE["blocks"]:
        for _ in range(count):
            side -= 2
            total, before = total + side * side * 9 * before * maps, maps
        side //= 2
    total += side * side * before * MINE["units"] + MINE["units"] * MINE["classes"]
    return {**costs(MINE), "my_multiply_adds": total}


@wrong("my_costs", names="The depth is forgotten", namespace=True)
def macs_flat():
    return mixed(1, depth=False)


@wrong("my_costs", names="The input is missing", namespace=True)
def no_input():
    made = costs(MINE)
    return {**made, "my_values": made["my_values"] - 3 * MINE["side"] ** 2}


@wrong("my_costs", names="The poolings are missing", namespace=True)
def no_pools():
    return mixed(2, pooled=False)


@wrong("my_costs", names="Flatten is counted", namespace=True)
def flatten_counted():
    made = costs(MINE)
    return {**made, "my_values": made["my_values"] + (MINE["side"] // 8) ** 2 * MINE["blocks"][-1][0]}


@wrong("my_costs", names="These are bytes", namespace=True)
def bytes_for_values():
    return {**costs(MINE), "my_values": 4 * costs(MINE)["my_values"]}


@wrong("my_costs", names="one value for each unit", namespace=True)
def values_without_dense():
    return mixed(2, dense=False)


@wrong("my_costs", names="The scores at the end are missing", namespace=True)
def values_without_scores():
    return {**costs(MINE), "my_values": costs(MINE)["my_values"] - MINE["classes"]}


@wrong("my_costs", names="One convolution a block", namespace=True)
def values_no_second():
    return mixed(2, second=False)


@wrong("my_costs", names="The input has three channels", namespace=True)
def values_grey():
    return mixed(2, channels=1)


@wrong("my_costs", names="These are the parameters", namespace=True)
def parameters_for_values():
    return {**costs(MINE), "my_values": costs(MINE)["my_parameters"]}


@wrong("my_costs", names="These fit the sample numbers", namespace=True)
def sample_numbers():
    return costs(draws.numbers("lab12_vgg", "my_costs", ""))


@wrong("my_costs", names="without commas", namespace=True)
def with_commas():
    return {**costs(MINE), "my_parameters": (13, 603)}


@wrong("my_costs", namespace=True)
def millions():
    return {**costs(MINE), "my_multiply_adds": round(costs(MINE)["my_multiply_adds"], -5)}


# ---- stack_net and train_stack ----


def fitted(model, images, labels, epochs, *, loss="sparse_categorical_crossentropy", optimizer="adam"):
    """Compiled and trained, without a bar."""
    model.compile(optimizer, loss, jit_compile=False)
    model.fit(images, labels, epochs=epochs, batch_size=32, verbose=0)
    return model


def stack_with(
    kernel, *, widths=(16, 16), single=False, scaling=True, activation="relu", last="softmax", first=16, **options
):  # fmt: skip
    """The network; the options make mistakes."""
    inputs = x = keras.Input((28, 28, 1))
    if scaling:
        x = layers.Rescaling(1 / 255)(x)
    options = {"padding": "same", "activation": activation} | options
    x = layers.MaxPooling2D()(layers.Conv2D(first, 3, **options)(x))
    for width in widths:
        for _ in range(1 if kernel == 5 or single else 2):
            x = layers.Conv2D(width, kernel, **options)(x)
        x = layers.MaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation=last)(layers.Flatten()(x)))


def with_training(net, **options):
    """Both names, for a builder."""

    def train_stack(kernel, images, labels, epochs):
        return fitted(net(kernel), images, labels, epochs, **options)

    return {"stack_net": net, "train_stack": train_stack}


@right("stack_net", namespace=True)
def from_blocks():
    def stack_net(kernel):
        sides = (5,) if kernel == 5 else (3, 3)
        inputs = keras.Input((28, 28, 1))
        x = layers.Rescaling(1 / 255)(inputs)
        x = two_loops(x, [(16, (3,)), (16, sides), (16, sides)])
        return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.Flatten()(x)))

    return with_training(stack_net)


@right("stack_net", namespace=True)
def subclassed_with_a_named_loss():
    class Stack(keras.Model):
        def __init__(self, kernel):
            super().__init__()
            sides = [3] + ([5, 5] if kernel == 5 else [3, 3, 3, 3])
            self.convolutions = [layers.Conv2D(16, side, padding="same", activation="relu") for side in sides]
            self.pooled = {0, 1, 2} if kernel == 5 else {0, 2, 4}
            self.pool = layers.MaxPooling2D()
            self.last = layers.Dense(10, activation="softmax")

        def call(self, x):
            x = x / 255
            for number, layer in enumerate(self.convolutions):
                x = layer(x)
                x = self.pool(x) if number in self.pooled else x
            return self.last(ops.reshape(x, (-1, 144)))

    def train_stack(kernel, images, labels, epochs):
        model = Stack(kernel)
        loss = keras.losses.SparseCategoricalCrossentropy()
        return fitted(model, images.astype("float32"), labels, epochs, loss=loss, optimizer="rmsprop")

    return {"stack_net": Stack, "train_stack": train_stack}


@right("stack_net", namespace=True)
def sequential_with_one_hot_labels():
    def stack_net(kernel):
        model = keras.Sequential([layers.InputLayer(shape=(28, 28, 1)), layers.Rescaling(scale=1.0 / 255)])
        for count, side in ((1, 3), (9 // kernel**2 + 1, kernel), (9 // kernel**2 + 1, kernel)):
            for _ in range(count):
                model.add(layers.Conv2D(16, side, padding="same"))
                model.add(layers.ReLU())
            model.add(layers.MaxPool2D(2, 2))
        model.add(layers.Flatten())
        model.add(layers.Dense(10))
        model.add(layers.Activation("softmax"))
        return model

    def train_stack(kernel, images, labels, epochs):
        model, many = stack_net(kernel), keras.utils.to_categorical(labels, 10)
        return fitted(model, images, many, epochs, loss="categorical_crossentropy")

    return {"stack_net": stack_net, "train_stack": train_stack}


def untrained_with(net):
    """Both names, for a wrong builder: nothing is trained, which saves time and is wrong as well."""
    return {"stack_net": net, "train_stack": lambda kernel, images, labels, epochs: net(kernel)}


@wrong("stack_net", names="use `kernel`", namespace=True)
def kernel_ignored():
    return untrained_with(lambda kernel: stack_with(5))


@wrong("stack_net", names="two 3×3 see as far", namespace=True)
def one_three():
    return untrained_with(lambda kernel: stack_with(kernel, single=True))


@wrong("stack_net", names="unequal widths", namespace=True)
def wider():
    return untrained_with(lambda kernel: stack_with(kernel, widths=(16, 32)))


@wrong("stack_net", names="32 maps: there are 16", namespace=True)
def wide_start():
    return untrained_with(lambda kernel: stack_with(kernel, first=32))


@wrong("stack_net", names="The pixels are not divided by 255", namespace=True)
def not_scaled():
    return untrained_with(lambda kernel: stack_with(kernel, scaling=False))


@wrong("stack_net", names="The convolutions have no ReLU", namespace=True)
def no_relu_in_the_stack():
    return untrained_with(lambda kernel: stack_with(kernel, activation=None))


@wrong("stack_net", names="The softmax at the end is missing", namespace=True)
def logits_of_the_stack():
    return untrained_with(lambda kernel: stack_with(kernel, last=None))


@wrong("stack_net", names="pad the convolutions", namespace=True)
def stack_not_padded():
    return untrained_with(lambda kernel: stack_with(kernel, padding="valid"))


@wrong("stack_net", names="The model is not trained", namespace=True)
def untrained():
    return {"stack_net": stack_with, "train_stack": lambda kernel, images, labels, epochs: stack_with(kernel)}


@wrong("stack_net", namespace=True)
def compiled_only():
    def train_stack(kernel, images, labels, epochs):
        return fitted(stack_with(kernel), images[:1], labels[:1], 1)

    return {"stack_net": stack_with, "train_stack": train_stack}


@wrong("stack_net", names="These are the layers of the other network", namespace=True)
def trains_the_wrong_one():
    def train_stack(kernel, images, labels, epochs):
        return fitted(stack_with(8 - kernel), images, labels, epochs)

    return {"stack_net": stack_with, "train_stack": train_stack}


@wrong("stack_net", namespace=True)
def returns_the_history():
    def train_stack(kernel, images, labels, epochs):
        model = stack_with(kernel)
        model.compile("adam", "sparse_categorical_crossentropy")
        return model.fit(images[:64], labels[:64], epochs=1, verbose=0)

    return {"stack_net": stack_with, "train_stack": train_stack}


# ---- audit ----


def cut(column):
    """Blocks between maxpools."""
    blocks = [[]]
    for name in column:
        if name == "maxpool":
            blocks.append([])
        else:
            blocks[-1].append(name)
    return blocks


def counted_parameters(column, *, bias=1, ones=True, flat=None, dense=True, channels=3, deep=True, halved=True):
    """Parameters of a column; the options make mistakes."""
    side, depth, inputs, total = 224, channels, None, 0
    for name in column:
        if name == "maxpool":
            side //= 2 if halved else 1
        elif found := re.match(r"conv(\d)-(\d+)", name):
            kernel, maps = int(found[1]), int(found[2])
            kernel = kernel if ones else max(kernel, 3)
            total, depth = total + kernel**2 * (depth if deep else 1) * maps + bias * maps, maps
        elif name.startswith("FC") and dense:
            inputs = inputs or (side * side * depth if flat is None else depth)
            units = int(name[3:])
            total, inputs = total + inputs * units + bias * units, units
    return total


def differences_by_counter(printed, paper):
    return [
        (block, name, count)
        for block, (found, wanted) in enumerate(zip(cut(printed), cut(paper), strict=True), start=1)
        for name in sorted({*found, *wanted})
        if (count := found.count(name) - wanted.count(name))
    ]


def audited(audit=differences_by_counter, parameters=counted_parameters, silent=("second C",)):
    return {"audit": audit, "column_parameters": parameters, "silent": list(silent)}


@right("audit", namespace=True)
def with_list_count():
    return audited()


@right("audit", namespace=True)
def with_counter_and_a_set():
    def audit(printed, paper):
        edits = set()
        for number, pair in enumerate(zip(cut(printed), cut(paper), strict=True)):
            found = Counter(pair[0])
            found.subtract(pair[1])
            edits |= {(number + 1, name, count) for name, count in found.items() if count != 0}
        return edits

    def column_parameters(column):
        side, depth, flat, total = 224, 3, 0, 0
        for name in column:
            kind, _, size = name.partition("-")
            if kind == "maxpool":
                side = side // 2
            if kind.startswith("conv"):
                total += (int(kind[-1]) ** 2 * depth + 1) * int(size)
                depth = int(size)
            if kind == "FC":
                total += ((flat or side**2 * depth) + 1) * int(size)
                flat = int(size)
        return np.int64(total)

    return {"audit": audit, "column_parameters": column_parameters, "silent": "second C"}


@right("audit", namespace=True)
def with_one_walk_and_lists():
    def audit(printed, paper):
        totals = {}
        for column, sign in ((printed, 1), (paper, -1)):
            block = 1
            for name in column:
                if name == "maxpool":
                    block += 1
                else:
                    totals[block, name] = totals.get((block, name), 0) + sign
        return [[*key, count] for key, count in reversed(totals.items()) if count]

    return audited(audit, lambda column: float(counted_parameters(column)), ("second  C",))


@right("audit", namespace=True)
def with_arrays_and_a_generator():
    def audit(printed, paper):
        for edit in differences_by_counter(printed, paper):
            yield np.array(edit, dtype=object)

    return audited(audit, lambda column: np.array([counted_parameters(column)]), {"second C"})


@wrong("audit", names="The sign is the other way round", namespace=True)
def sign():
    return audited(lambda printed, paper: differences_by_counter(paper, printed))


@wrong("audit", names="Blocks are counted from 0", namespace=True)
def from_zero():
    return audited(lambda a, b: [(block - 1, *rest) for block, *rest in differences_by_counter(a, b)])


@wrong("audit", names="A set knows each name once", namespace=True)
def sets():
    def audit(printed, paper):
        edits = []
        for block, (found, wanted) in enumerate(zip(cut(printed), cut(paper), strict=True), start=1):
            edits += [(block, name, 1) for name in set(found) - set(wanted)]
            edits += [(block, name, -1) for name in set(wanted) - set(found)]
        return edits

    return audited(audit)


@wrong("audit", names="Only what is missing is listed", namespace=True)
def missing_only():
    return audited(lambda a, b: [edit for edit in differences_by_counter(a, b) if edit[2] < 0])


@wrong("audit", names="Only what is printed too often is listed", namespace=True)
def surplus_only():
    return audited(lambda a, b: [edit for edit in differences_by_counter(a, b) if edit[2] > 0])


@wrong("audit", names="The difference has no sign", namespace=True)
def without_sign():
    return audited(lambda a, b: [(block, name, abs(count)) for block, name, count in differences_by_counter(a, b)])


@wrong("audit", names="The same triple is listed several times", namespace=True)
def once_for_each_layer():
    def audit(printed, paper):
        edits = []
        for block, (found, wanted) in enumerate(zip(cut(printed), cut(paper), strict=True), start=1):
            for name in found + wanted:
                if found.count(name) != wanted.count(name):
                    edits.append((block, name, found.count(name) - wanted.count(name)))
        return edits

    return audited(audit)


@wrong("audit", names="Only names that are printed are looked at", namespace=True)
def printed_names():
    def audit(printed, paper):
        return [edit for edit in differences_by_counter(printed, paper) if edit[1] in cut(printed)[edit[0] - 1]]

    return audited(audit)


@wrong("audit", names="Only the paper's names are looked at", namespace=True)
def names_of_the_paper():
    def audit(printed, paper):
        return [edit for edit in differences_by_counter(printed, paper) if edit[1] in cut(paper)[edit[0] - 1]]

    return audited(audit)


@wrong("audit", namespace=True)
def layer_by_layer():
    def audit(printed, paper):
        block, edits = 1, []
        for found, wanted in zip(printed, paper, strict=False):
            block += wanted == "maxpool"
            if found != wanted:
                edits += [(block, found, 1), (block, wanted, -1)]
        return edits

    return audited(audit)


@wrong("audit", namespace=True)
def halves():
    return audited(
        lambda a, b: [(block + 0.5, name, count) for block, name, count in differences_by_counter(a, b)]
    )


@wrong("audit", names="leave it out", namespace=True)
def with_zeros():
    def audit(printed, paper):
        pairs = enumerate(zip(cut(printed), cut(paper), strict=True), start=1)
        return [
            (block, name, found.count(name) - wanted.count(name))
            for block, (found, wanted) in pairs
            for name in {*found, *wanted}
        ]

    return audited(audit)


@wrong("audit", names="The blocks are not told apart", namespace=True)
def whole_columns():
    def audit(printed, paper):
        names = {*printed, *paper}
        return [(1, name, count) for name in names if (count := printed.count(name) - paper.count(name))]

    return audited(audit)


@wrong("audit", names="behind the last maxpool is a block too", namespace=True)
def without_the_head():
    def audit(printed, paper):
        last = len(cut(paper))
        return [edit for edit in differences_by_counter(printed, paper) if edit[0] < last]

    return audited(audit)


@wrong("audit", namespace=True)
def names_only():
    return audited(lambda a, b: [name for _, name, _ in differences_by_counter(a, b)])


@wrong("audit", namespace=True)
def dictionary():
    return audited(lambda a, b: {block: name for block, name, _ in differences_by_counter(a, b)})


@wrong("audit", names="The biases are missing", namespace=True)
def column_no_bias():
    return audited(parameters=lambda column: counted_parameters(column, bias=0))


@wrong("audit", names="A 1×1 filter is counted as 3×3", namespace=True)
def ones_as_threes():
    return audited(parameters=lambda column: counted_parameters(column, ones=False))


@wrong("audit", names="reads one value for each map", namespace=True)
def column_averaged():
    return audited(parameters=lambda column: counted_parameters(column, flat="one"))


@wrong("audit", names="each pooling halves the side", namespace=True)
def side_kept():
    return audited(parameters=lambda column: counted_parameters(column, halved=False))


@wrong("audit", names="only the first one reads maps", namespace=True)
def side_in_every_dense_layer():
    def column_parameters(column):
        side, depth, total = 224, 3, 0
        for name in column:
            if name == "maxpool":
                side //= 2
            elif name.startswith(("conv", "FC")):
                size = int(name.split("-")[1])
                area = int(name[4]) ** 2 if name.startswith("conv") else side * side
                total, depth = total + (area * depth + 1) * size, size
        return total

    return audited(parameters=column_parameters)


@wrong("audit", names="only after five poolings", namespace=True)
def always_seven():
    def column_parameters(column):
        depth, inputs, total = 3, None, 0
        for name in column:
            if name.startswith("conv"):
                size = int(name.split("-")[1])
                total, depth = total + (int(name[4]) ** 2 * depth + 1) * size, size
            elif name.startswith("FC"):
                size = int(name.split("-")[1])
                total, inputs = total + ((inputs or 49 * depth) + 1) * size, size
        return total

    return audited(parameters=column_parameters)


@wrong("audit", names="add their differences up in one", namespace=True)
def a_triple_for_each_layer():
    def audit(printed, paper):
        edits = differences_by_counter(printed, paper)
        return [(block, name, 1 if count > 0 else -1) for block, name, count in edits for _ in range(abs(count))]

    return audited(audit)


@wrong("audit", names="difference of 0", namespace=True)
def with_maxpools():
    def audit(printed, paper):
        return [*differences_by_counter(printed, paper), (1, "maxpool", 0)]

    return audited(audit)


@wrong("audit", names="The dense layers are missing", namespace=True)
def column_no_dense():
    return audited(parameters=lambda column: counted_parameters(column, dense=False))


@wrong("audit", names="The image has three channels", namespace=True)
def column_grey():
    return audited(parameters=lambda column: counted_parameters(column, channels=1))


@wrong("audit", names="The depth is forgotten", namespace=True)
def column_flat():
    return audited(parameters=lambda column: counted_parameters(column, deep=False))


@wrong("audit", names="gives itself away", namespace=True)
def all_that_differ():
    return audited(silent=("first B", "first C", "first D", "second B", "second C", "second E"))


@wrong("audit", names="no layer is wrong", namespace=True)
def with_a_right_one():
    return audited(silent=("second C", "second D"))


@wrong("audit", names="is no column", namespace=True)
def letter_only():
    return audited(silent=("C",))


@wrong("audit", names="The list is empty", namespace=True)
def none_is_silent():
    return audited(silent=())
