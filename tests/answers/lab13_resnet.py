"""Lab 13: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from course.clinic import illness
from course.draws import numbers
from course.draws.lab13 import costs
from tests.answers import right, wrong

FULL = (224, 224, 3)
SHAPE = (9, 9, 1)
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}

# ---- what right and wrong answers are made of ----


def conv_bn(x, maps, kernel, stride=1, *, bias=False, norm=True, activation=None):
    x = layers.Conv2D(maps, kernel, strides=stride, padding="same", use_bias=bias, activation=activation)(x)
    return layers.BatchNormalization()(x) if norm else x


def zero_maps(x, maps, stride, *, before=0):
    x = x[:, ::stride, ::stride]
    new = maps - x.shape[-1]
    return ops.pad(x, ((0, 0), (0, 0), (0, 0), (before, new - before))) if new else x


def side_way(x, maps, stride, shortcut, *, norm=True, options=None):
    changes = stride != 1 or x.shape[-1] != maps
    if shortcut == "C" or (shortcut == "B" and changes):
        return conv_bn(x, maps, 1, stride, norm=norm, **(options or {}))
    return zero_maps(x, maps, stride) if changes else x


def block(
    x, maps, stride=1, shortcut="B", *, early=False, late=True, middle=True, strides=None, side=side_way,
    second_norm=True, options=None,
):  # fmt: skip
    """A basic block, with one thing changed for wrong answers."""
    options = options or {}
    first, last = strides or (stride, 1)
    y = conv_bn(x, maps, 3, first, **options)
    y = layers.ReLU()(y) if middle else y
    y = conv_bn(y, maps, 3, last, **{"norm": second_norm, **options})
    if early:
        y = layers.ReLU()(y)
    if side is not None:
        y = layers.Add()([y, side(x, maps, stride, shortcut)])
    return layers.ReLU()(y) if late else y


def narrow_block(x, maps, stride=1, *, widen=4, strides=None, side=side_way, early=False, late=True, options=None):
    """A bottleneck, with one thing changed for wrong answers."""
    options = options or {}
    first, second = strides or (stride, 1)
    y = layers.ReLU()(conv_bn(x, maps, 1, first, **options))
    y = layers.ReLU()(conv_bn(y, maps, 3, second, **options))
    y = conv_bn(y, widen * maps, 1, **options)
    y = layers.ReLU()(y) if early else y
    if side is not None:
        y = layers.Add()([y, side(x, widen * maps, stride, "B")])
    return layers.ReLU()(y) if late else y


def network(
    depth, shortcut="B", classes=1000, width=1.0, shape=FULL, *, pool="same", pooling=layers.MaxPooling2D,
    last="softmax", block=block, narrow=narrow_block, counts=None, first="same", top=True, doubles=True,
):  # fmt: skip
    """A ResNet, with one thing changed for wrong answers."""
    inputs = keras.Input(shape)
    x = layers.Conv2D(round(64 * width), 7, strides=2, padding=first, use_bias=False)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = pooling(3, strides=2, padding=pool)(x) if pool else x
    for stage, count in enumerate((counts or BLOCKS)[depth]):
        for number in range(count):
            stride = 2 if stage and not number else 1
            maps = round((64 * 2**stage if doubles else 64) * width)
            x = narrow(x, maps, stride) if depth == 50 else block(x, maps, stride, shortcut)
    x = layers.GlobalAveragePooling2D()(x) if top else x
    return keras.Model(inputs, layers.Dense(classes, activation=last)(x))


def plain_block(x, maps, stride=1, shortcut=None):
    return block(x, maps, stride, side=None)


# ---- basic_block ----


@right("basic_block")
def with_a_helper(x, maps, stride=1, shortcut="B"):
    def conv(values, kernel, step):
        values = layers.Conv2D(maps, kernel, strides=step, padding="same", use_bias=False)(values)
        return layers.BatchNormalization()(values)

    y = layers.ReLU()(conv(x, 3, stride))
    y = conv(y, 3, 1)
    changes = stride != 1 or x.shape[-1] != maps
    if shortcut == "C" or (shortcut == "B" and changes):
        x = conv(x, 1, stride)
    elif changes:
        x = ops.pad(x[:, ::stride, ::stride], ((0, 0), (0, 0), (0, 0), (0, maps - x.shape[-1])))
    return layers.ReLU()(layers.Add()([x, y]))


@right("basic_block")
def padded_by_hand_with_operators(x, maps, stride=1, shortcut="B"):
    y = layers.Conv2D(maps, (3, 3), (stride, stride), use_bias=False)(layers.ZeroPadding2D(1)(x))
    y = layers.BatchNormalization(axis=-1, epsilon=1.001e-5, momentum=0.9)(y)
    y = keras.activations.relu(y)
    y = layers.Conv2D(maps, (3, 3), use_bias=False)(layers.ZeroPadding2D(1)(y))
    y = layers.BatchNormalization(axis=-1, epsilon=1.001e-5, momentum=0.9)(y)
    same = stride == 1 and x.shape[-1] == maps
    if shortcut == "C" or (shortcut == "B" and not same):
        x = layers.Conv2D(maps, 1, stride, use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization(epsilon=1e-5)(x)
    elif not same:
        x = layers.MaxPooling2D(1, strides=stride)(x)
        zeros = ops.zeros_like(x[..., :1])
        x = layers.Concatenate()([x] + [zeros] * (maps - x.shape[-1]))
    return ops.relu(x + y)


@right("basic_block")
def a_model_of_its_own(x, maps, stride=1, shortcut="B"):
    class Block(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.last, self.side_norm = layers.BatchNormalization(), layers.BatchNormalization()
            self.side = layers.Conv2D(maps, 1, strides=stride, use_bias=False)
            self.second = layers.Conv2D(maps, 3, padding="same", use_bias=False)
            self.norm = layers.BatchNormalization()
            self.first = layers.Conv2D(maps, 3, strides=stride, padding="same", use_bias=False)

        def call(self, x):
            y = self.last(self.second(ops.relu(self.norm(self.first(x)))))
            changes = stride != 1 or x.shape[-1] != maps
            if shortcut == "C" or (shortcut == "B" and changes):
                x = self.side_norm(self.side(x))
            elif changes:
                x = zero_maps(x, maps, stride)
            return ops.relu(y + x)

    return Block()(x)


@right("basic_block")
def zeros_with_lambda_layers(x, maps, stride=1, shortcut="B"):
    y = layers.Activation("relu")(conv_bn(x, maps, 3, stride))
    y = conv_bn(y, maps, 3)
    if shortcut == "A" and (stride > 1 or maps > x.shape[-1]):
        extra = maps - x.shape[-1]
        x = layers.AveragePooling2D(1, strides=stride)(x)
        x = layers.Lambda(lambda v: tf.pad(v, [[0, 0], [0, 0], [0, 0], [0, extra]]))(x)
    elif shortcut == "C" or stride > 1 or maps != x.shape[-1]:
        x = conv_bn(x, maps, 1, stride)
    return layers.Activation("relu")(layers.add([y, x]))


@right("basic_block")
def sequential_parts_and_permuted_zeros(x, maps, stride=1, shortcut="B"):
    """New maps are zeros around a picture whose axes are turned."""
    parts = [
        layers.Conv2D(maps, 3, stride, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.Activation("relu"),
        layers.Conv2D(maps, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
    ]
    side = keras.Sequential(name=f"side_{np.random.default_rng().integers(10**9)}")
    if shortcut == "C" or (shortcut == "B" and (stride, x.shape[-1]) != (1, maps)):
        side.add(layers.Conv2D(maps, kernel_size=(1, 1), strides=(stride, stride), use_bias=False))
        side.add(layers.BatchNormalization())
    elif (stride, x.shape[-1]) != (1, maps):
        side.add(layers.Lambda(lambda v: v[:, ::stride, ::stride, :]))
        side.add(layers.Permute((1, 3, 2)))
        side.add(layers.ZeroPadding2D(((0, 0), (0, maps - x.shape[-1]))))
        side.add(layers.Permute((1, 3, 2)))
    else:
        side.add(layers.Identity())
    return layers.ReLU()(layers.Add()([side(x), keras.Sequential(parts)(x)]))


@right("basic_block")
def cropped_again(x, maps, stride=1, shortcut="B"):
    """The shortcut starts behind the padding, which it crops."""
    wide = layers.ZeroPadding2D(((1, 1), (1, 1)))(x)
    y = layers.Conv2D(maps, 3, strides=stride, padding="valid", use_bias=False)(wide)
    y = layers.BatchNormalization(gamma_initializer="ones")(y)
    y = ops.maximum(y, 0.0)
    y = layers.BatchNormalization(gamma_initializer="zeros")(
        layers.Conv2D(maps, 3, padding="same", use_bias=False)(y)
    )
    back = layers.Cropping2D(1)(wide)
    if shortcut == "C" or (shortcut == "B" and (stride > 1 or back.shape[-1] != maps)):
        back = layers.BatchNormalization()(layers.Conv2D(maps, 1, strides=stride, use_bias=False)(back))
    else:
        back = ops.take(
            ops.take(back, range(0, back.shape[1], stride), axis=1), range(0, back.shape[2], stride), 2
        )
        if maps > back.shape[-1]:
            zeros = ops.zeros_like(ops.repeat(back[..., :1], maps - back.shape[-1], axis=-1))
            back = ops.concatenate([back, zeros], axis=-1)
    return ops.maximum(ops.add(y, back), 0.0)


@right("basic_block")
def a_subclassed_model_with_a_list_of_layers(x, maps, stride=1, shortcut="B"):
    class Block(keras.Model):
        def __init__(self, before):
            super().__init__()
            self.changes = stride != 1 or before != maps
            self.projects = shortcut == "C" or (shortcut == "B" and self.changes)
            self.side = []
            if self.projects:
                self.side = [layers.Conv2D(maps, 1, stride, use_bias=False), layers.BatchNormalization()]
            self.way = [
                layers.Conv2D(maps, 3, stride, "same", use_bias=False),
                layers.BatchNormalization(),
                layers.ReLU(),
                layers.Conv2D(maps, 3, 1, "same", use_bias=False),
                layers.BatchNormalization(),
            ]

        def call(self, inputs, training=None):
            y, around = inputs, inputs
            for layer in self.way:
                y = layer(y)
            for layer in self.side:
                around = layer(around)
            if self.changes and not self.projects:
                around = tf.pad(around[:, ::stride, ::stride], [[0, 0]] * 3 + [[0, maps - around.shape[-1]]])
            return keras.activations.relu(around + y)

    return Block(x.shape[-1])(x)


@wrong("basic_block", names="ReLU stands before the addition and none after")
def relu_first(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, shortcut, early=True, late=False)


@wrong("basic_block", names="ReLU stands before the addition too")
def relu_twice(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, shortcut, early=True)


@wrong("basic_block", names="ReLU after the addition is missing")
def no_last_relu(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, shortcut, late=False)


@wrong("basic_block", names="ReLU inside the block is missing")
def no_middle_relu(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, shortcut, middle=False)


@wrong("basic_block", names="nothing is added")
def no_shortcut(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, side=None)


@wrong("basic_block", names="the shortcut needs the stride too")
def shortcut_without_stride(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, shortcut, side=lambda x, m, s, kind: side_way(x, m, 1, kind))


@wrong("basic_block", names="the shortcut needs the stride too")
def always_identity(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, side=lambda x, m, s, kind: x)


@wrong("basic_block", names="The second convolution has the stride")
def stride_second(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, shortcut, strides=(1, stride))


@wrong("basic_block", names="The stride is forgotten")
def stride_forgotten(x, maps, stride=1, shortcut="B"):
    return block(x, maps, 1, shortcut)


@wrong("basic_block", names="is the first convolution's output")
def added_to_the_wrong_tensor(x, maps, stride=1, shortcut="B"):
    first = layers.ReLU()(conv_bn(x, maps, 3, stride))
    return layers.ReLU()(layers.Add()([first, conv_bn(first, maps, 3)]))


@wrong("basic_block", names="before the batch normalisation")
def relu_before_norm(x, maps, stride=1, shortcut="B"):
    options = {"activation": "relu"}
    way = lambda x, m, s, kind: side_way(x, m, s, kind, options=options)  # noqa: E731
    return block(x, maps, stride, shortcut, middle=False, options=options, side=way)


@wrong("basic_block", names="pre-activated")
def pre_activated(x, maps, stride=1, shortcut="B"):
    y = layers.ReLU()(layers.BatchNormalization()(x))
    y = layers.Conv2D(maps, 3, strides=stride, padding="same", use_bias=False)(y)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(maps, 3, padding="same", use_bias=False)(y)
    return layers.Add()([y, side_way(x, maps, stride, shortcut)])


@wrong("basic_block", names="stand in front")
def zeros_in_front(x, maps, stride=1, shortcut="B"):
    def way(x, maps, stride, kind):
        return (
            zero_maps(x, maps, stride, before=maps - x.shape[-1])
            if kind == "A"
            else side_way(x, maps, stride, kind)
        )

    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block", names="on both sides")
def zeros_around(x, maps, stride=1, shortcut="B"):
    def way(x, maps, stride, kind):
        before = (maps - x.shape[-1]) // 2
        return zero_maps(x, maps, stride, before=before) if kind == "A" else side_way(x, maps, stride, kind)

    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block", names="averages neighbours")
def averaged(x, maps, stride=1, shortcut="B"):
    def way(x, maps, stride, kind):
        if kind != "A" or stride == 1:
            return side_way(x, maps, stride, kind)
        return zero_maps(layers.AveragePooling2D(stride, padding="same")(x), maps, 1)

    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block", names="have biases")
def with_biases(x, maps, stride=1, shortcut="B"):
    options = {"bias": True}
    way = lambda x, m, s, kind: side_way(x, m, s, kind, options=options)  # noqa: E731
    return block(x, maps, stride, shortcut, options=options, side=way)


@wrong("basic_block", names="There is no batch normalisation")
def no_norms(x, maps, stride=1, shortcut="B"):
    way = lambda x, m, s, kind: side_way(x, m, s, kind, norm=False)  # noqa: E731
    return block(x, maps, stride, shortcut, options={"norm": False}, side=way)


@wrong("basic_block", names="The last batch normalisation is missing")
def no_second_norm(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, shortcut, second_norm=False)


@wrong("basic_block", names="The projection has no batch normalisation")
def bare_projection(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, shortcut, side=lambda x, m, s, kind: side_way(x, m, s, kind, norm=False))


@wrong("basic_block", names="only where the shape changes, as in B")
def always_b(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, "B" if shortcut == "C" else shortcut)


@wrong("basic_block", names="keeps the shape, as in C")
def always_c(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, "C" if shortcut == "B" else shortcut)


@wrong("basic_block", names="no weights, as A")
def always_a(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, "A")


@wrong("basic_block")
def projection_only_at_strides(x, maps, stride=1, shortcut="B"):
    way = lambda x, m, s, kind: side_way(x, m, s, kind) if s > 1 or kind == "C" else x  # noqa: E731
    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block")
def one_map_broadcast(x, maps, stride=1, shortcut="B"):
    return block(x, maps, stride, side=lambda x, m, s, kind: conv_bn(x, 1, 1, s))


@wrong("basic_block")
def always_stride_two(x, maps, stride=1, shortcut="B"):
    return block(x, maps, min(stride, 2), shortcut)


@wrong("basic_block")
def shared_normalisation(x, maps, stride=1, shortcut="B"):
    norm = layers.BatchNormalization()
    y = layers.ReLU()(norm(layers.Conv2D(maps, 3, strides=stride, padding="same", use_bias=False)(x)))
    y = norm(layers.Conv2D(maps, 3, padding="same", use_bias=False)(y))
    return layers.ReLU()(layers.Add()([y, side_way(x, maps, stride, shortcut)]))


@right("basic_block")
def one_relu_for_all_and_a_model_inside(x, maps, stride=1, shortcut="B"):
    relu, inside = layers.ReLU(), keras.Input(x.shape[1:])
    y = conv_bn(relu(conv_bn(inside, maps, 3, stride)), maps, 3)
    if shortcut == "A" or (shortcut == "B" and y.shape == inside.shape):
        around = inside[:, ::stride, ::stride]
        while around.shape[-1] < maps:
            around = ops.concatenate([around, around[..., :1] * 0.0], axis=-1)
    else:
        around = conv_bn(inside, maps, 1, stride)
    return keras.Model(inside, relu(layers.Add()([around, y])))(x)


@right("basic_block")
def padded_with_ops_through_other_axes(x, maps, stride=1, shortcut="B"):
    def conv(values, kernel, step=1):
        wide = ops.pad(values, [[0, 0], [1, 1], [1, 1], [0, 0]]) if kernel == 3 else values
        return layers.BatchNormalization()(layers.Conv2D(maps, kernel, step, use_bias=False)(wide))

    y = conv(ops.relu(conv(x, 3, stride)), 3)
    if shortcut == "A":
        first = ops.transpose(x[:, ::stride, ::stride], (0, 3, 1, 2))
        x = ops.transpose(layers.ZeroPadding2D(((0, maps - x.shape[-1]), (0, 0)))(first), (0, 2, 3, 1))
    elif shortcut == "C" or x.shape != y.shape:
        x = conv(x[:, ::stride, ::stride], 1)
    return ops.maximum(0.0, layers.Add()((x, y)))


@wrong("basic_block", names="a ReLU of its own")
def relu_on_the_projection(x, maps, stride=1, shortcut="B"):
    def way(x, maps, stride, kind):
        around = side_way(x, maps, stride, kind)
        changes = stride != 1 or x.shape[-1] != maps
        return layers.ReLU()(around) if kind == "C" or (kind == "B" and changes) else around

    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block", names="biases instead of a batch normalisation")
def projection_with_bias(x, maps, stride=1, shortcut="B"):
    options = {"norm": False, "bias": True}

    def way(x, maps, stride, kind):
        changes = stride != 1 or x.shape[-1] != maps
        projects = kind == "C" or (kind == "B" and changes)
        return conv_bn(x, maps, 1, stride, **options) if projects else side_way(x, maps, stride, kind)

    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block", names="The projection is 3×3")
def projection_three_wide(x, maps, stride=1, shortcut="B"):
    def way(x, maps, stride, kind):
        changes = stride != 1 or x.shape[-1] != maps
        projects = kind == "C" or (kind == "B" and changes)
        return conv_bn(x, maps, 3, stride) if projects else side_way(x, maps, stride, kind)

    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block", names="stands after the addition")
def norm_after_the_sum(x, maps, stride=1, shortcut="B"):
    y = conv_bn(layers.ReLU()(conv_bn(x, maps, 3, stride)), maps, 3, norm=False)
    total = layers.Add()([y, side_way(x, maps, stride, shortcut)])
    return layers.ReLU()(layers.BatchNormalization()(total))


@wrong("basic_block", names="is not made from `x`")
def a_model_of_what_x_became(x, maps, stride=1, shortcut="B"):
    y = block(x, maps, stride, side=None, late=False)
    x = side_way(x, maps, stride, shortcut)
    return keras.Model(x, layers.ReLU()(layers.Add()([y, x])))


@wrong("basic_block", names="Nothing is returned")
def nothing_is_returned(x, maps, stride=1, shortcut="B"):
    block(x, maps, stride, shortcut)


@wrong("basic_block", names="has the stride twice")
def input_overwritten(x, maps, stride=1, shortcut="B"):
    x = conv_bn(x, maps, 3, stride)
    y = conv_bn(layers.ReLU()(x), maps, 3)
    return layers.ReLU()(layers.Add()([y, side_way(x, maps, stride, shortcut)]))


@wrong("basic_block", names="A 3×3 convolution needs padding")
def no_padding(x, maps, stride=1, shortcut="B"):
    def conv(values, kernel, step=1):
        return layers.BatchNormalization()(layers.Conv2D(maps, kernel, step, use_bias=False)(values))

    y = conv(layers.ReLU()(conv(x, 3, stride)), 3)
    return layers.ReLU()(layers.Add()([y, side_way(x, maps, stride, shortcut)]))


@wrong("basic_block", names="shortcut A begins with the first pixel")
def from_the_second_pixel_on(x, maps, stride=1, shortcut="B"):
    def way(x, maps, stride, kind):
        return zero_maps(x[:, 1:, 1:], maps, stride) if kind == "A" else side_way(x, maps, stride, kind)

    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block", names="takes the largest of its neighbours")
def largest(x, maps, stride=1, shortcut="B"):
    def way(x, maps, stride, kind):
        if kind != "A":
            return side_way(x, maps, stride, kind)
        return zero_maps(layers.MaxPooling2D(stride, padding="same")(x), maps, 1)

    return block(x, maps, stride, shortcut, side=way)


@wrong("basic_block", names="return a tensor, not a model")
def returns_a_model_of_its_own(x, maps, stride=1, shortcut="B"):
    inputs = keras.Input(x.shape[1:])
    return keras.Model(inputs, block(inputs, maps, stride, shortcut))


@wrong("basic_block", names="The block does not begin at x")
def begins_at_an_input_of_its_own(x, maps, stride=1, shortcut="B"):
    return block(keras.Input(x.shape[1:]), maps, stride, shortcut)


@wrong("basic_block", names="put side by side")
def side_by_side(x, maps, stride=1, shortcut="B"):
    around = side_way(x, maps, stride, shortcut)
    return layers.ReLU()(layers.Concatenate()([block(x, maps, stride, side=None, late=False), around]))


@wrong("basic_block", names="no weights, as A")
def another_shortcut_by_itself(x, maps, stride=1, shortcut="A"):
    return block(x, maps, stride, shortcut)


@wrong("basic_block")
def another_stride_by_itself(x, maps, stride=2, shortcut="B"):
    return block(x, maps, stride, shortcut)


# ---- bottleneck ----


@right("bottleneck")
def three_convolutions(x, maps, stride=1):
    y = layers.ReLU()(conv_bn(x, maps, 1, stride))
    y = layers.ReLU()(conv_bn(y, maps, 3))
    y = conv_bn(y, 4 * maps, 1)
    if x.shape != y.shape:
        x = conv_bn(x, 4 * maps, 1, stride)
    return layers.ReLU()(layers.Add()([y, x]))


@right("bottleneck")
def as_in_keras_applications(x, maps, stride=1):
    shortcut = x
    if stride != 1 or x.shape[-1] != 4 * maps:
        shortcut = layers.Conv2D(4 * maps, 1, strides=stride, use_bias=False, name="0_conv")(x)
        shortcut = layers.BatchNormalization(axis=3, epsilon=1.001e-5, name="0_bn")(shortcut)
    x = layers.Conv2D(maps, 1, strides=stride, use_bias=False, name="1_conv")(x)
    x = layers.Activation("relu")(layers.BatchNormalization(axis=3, epsilon=1.001e-5)(x))
    x = layers.Conv2D(maps, 3, padding="SAME", use_bias=False, name="2_conv")(x)
    x = layers.Activation("relu")(layers.BatchNormalization(axis=3, epsilon=1.001e-5)(x))
    x = layers.Conv2D(4 * maps, 1, use_bias=False, name="3_conv")(x)
    x = layers.BatchNormalization(axis=3, epsilon=1.001e-5, gamma_initializer="zeros")(x)
    return layers.Activation("relu")(layers.Add()([shortcut, x]))


@right("bottleneck")
def a_loop(x, maps, stride=1):
    y = x
    for number, (count, kernel) in enumerate([(maps, 1), (maps, 3), (maps * 4, 1)]):
        y = ops.relu(y) if number else y
        y = conv_bn(y, count, kernel, stride if number == 0 else 1)
    side = x if stride == 1 and x.shape[-1] == maps * 4 else conv_bn(x, maps * 4, 1, stride)
    return ops.relu(ops.add(side, y))


@right("bottleneck")
def a_layer_of_ones_own(x, maps, stride=1):
    class Bottleneck(layers.Layer):
        def build(self, shape):
            convolutions = [(maps, 1, stride), (maps, 3, 1), (4 * maps, 1, 1)]
            self.way = [
                keras.Sequential([layers.Conv2D(m, k, s, "same", use_bias=False), layers.BatchNormalization()])
                for m, k, s in convolutions
            ]
            self.side = None
            if stride > 1 or shape[-1] != 4 * maps:
                parts = [layers.Conv2D(4 * maps, 1, stride, use_bias=False), layers.BatchNormalization()]
                self.side = keras.Sequential(parts)
            super().build(shape)

        def call(self, x):
            first, second, third = self.way
            y = third(ops.relu(second(ops.relu(first(x)))))
            return ops.relu(y + (x if self.side is None else self.side(x)))

    return Bottleneck()(x)


@wrong("bottleneck", names="it has 4 times as many")
def not_widened(x, maps, stride=1):
    return narrow_block(x, maps, stride, widen=1)


@wrong("bottleneck", names="is the number of maps in the middle")
def maps_of_the_output(x, maps, stride=1):
    return narrow_block(x, maps // 4 if maps % 4 == 0 else maps, stride)


@wrong("bottleneck", names="version 1.5")
def version_1_5(x, maps, stride=1):
    return narrow_block(x, maps, stride, strides=(1, stride))


@wrong("bottleneck", names="nothing is added")
def bottleneck_without_shortcut(x, maps, stride=1):
    return narrow_block(x, maps, stride, side=None)


@wrong("bottleneck", names="have biases")
def bottleneck_with_biases(x, maps, stride=1):
    options = {"bias": True}
    way = lambda x, m, s, kind: side_way(x, m, s, kind, options=options)  # noqa: E731
    return narrow_block(x, maps, stride, options=options, side=way)


@wrong("bottleneck", names="ReLU stands before the addition and none after")
def bottleneck_relu_first(x, maps, stride=1):
    return narrow_block(x, maps, stride, early=True, late=False)


@wrong("bottleneck", names="keeps the shape, as in C")
def always_projected(x, maps, stride=1):
    return narrow_block(x, maps, stride, side=lambda x, m, s, kind: side_way(x, m, s, "C"))


@wrong("bottleneck", names="the shortcut needs the stride too")
def bottleneck_identity(x, maps, stride=1):
    return narrow_block(x, maps, stride, side=lambda x, m, s, kind: x)


@wrong("bottleneck", names="The ReLU after the 3×3 is missing")
def one_relu_only(x, maps, stride=1):
    y = conv_bn(conv_bn(layers.ReLU()(conv_bn(x, maps, 1, stride)), maps, 3), 4 * maps, 1)
    return layers.ReLU()(layers.Add()([y, side_way(x, 4 * maps, stride, "B")]))


@wrong("bottleneck", names="or what follows it")
def stride_in_the_last(x, maps, stride=1):
    y = layers.ReLU()(conv_bn(layers.ReLU()(conv_bn(x, maps, 1)), maps, 3))
    return layers.ReLU()(layers.Add()([conv_bn(y, 4 * maps, 1, stride), side_way(x, 4 * maps, stride, "B")]))


@wrong("bottleneck", names="stands after the addition")
def bottleneck_norm_after_the_sum(x, maps, stride=1):
    y = layers.ReLU()(conv_bn(layers.ReLU()(conv_bn(x, maps, 1, stride)), maps, 3))
    total = layers.Add()([conv_bn(y, 4 * maps, 1, norm=False), side_way(x, 4 * maps, stride, "B")])
    return layers.ReLU()(layers.BatchNormalization()(total))


@wrong("bottleneck")
def stride_two_by_itself(x, maps, stride=2):
    return narrow_block(x, maps, stride)


@wrong("bottleneck")
def two_convolutions(x, maps, stride=1):
    return block(x, 4 * maps, stride)


# ---- resnet ----


@right("resnet")
def functional(depth, shortcut="B", classes=1000, width=1.0, shape=(224, 224, 3)):
    inputs = keras.Input(shape)
    x = layers.ReLU()(conv_bn(inputs, round(64 * width), 7, 2))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, count in enumerate({18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3]}[depth]):
        for number in range(count):
            stride = 2 if stage > 0 and number == 0 else 1
            maps = round(64 * width) * 2**stage
            x = narrow_block(x, maps, stride) if depth == 50 else block(x, maps, stride, shortcut)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))


@right("resnet")
def padded_as_in_the_paper(depth, shortcut="B", classes=1000, width=1.0, shape=(224, 224, 3)):
    def conv(x, maps, kernel, stride=1):
        x = layers.ZeroPadding2D(kernel // 2)(x)
        x = layers.Conv2D(maps, kernel, stride, use_bias=False)(x)
        return layers.BatchNormalization(epsilon=1e-5)(x)

    def joined(x, y, stride):
        if (shortcut == "C" and depth < 50) or (x.shape != y.shape and (shortcut != "A" or depth == 50)):
            x = conv(x, y.shape[-1], 1, stride)
        elif x.shape != y.shape:
            x = zero_maps(x, y.shape[-1], stride)
        return keras.activations.relu(x + y)

    def one(x, maps, stride):
        if depth < 50:
            return joined(x, conv(keras.activations.relu(conv(x, maps, 3, stride)), maps, 3), stride)
        y = keras.activations.relu(conv(x, maps, 1, stride))
        return joined(x, conv(keras.activations.relu(conv(y, maps, 3)), 4 * maps, 1), stride)

    inputs = keras.Input(shape, name="photographs")
    x = keras.activations.relu(conv(inputs, int(64 * width), 7, 2))
    x = layers.MaxPool2D(3, 2)(layers.ZeroPadding2D(1)(x))
    counts = (2, 2, 2, 2) if depth == 18 else (3, 4, 6, 3)
    for maps, count, stride in zip((64, 128, 256, 512), counts, (1, 2, 2, 2), strict=True):
        for number in range(count):
            x = one(x, int(maps * width), stride if number == 0 else 1)
    x = layers.Dense(classes)(ops.mean(x, axis=(1, 2)))
    return keras.Model(inputs, layers.Softmax()(x))


@right("resnet")
def subclassed(depth, shortcut="B", classes=1000, width=1.0, shape=(224, 224, 3)):
    class Unit(keras.layers.Layer):
        def __init__(self, maps, kernel, stride=1):
            super().__init__()
            self.conv = layers.Conv2D(maps, kernel, stride, padding="same", use_bias=False)
            self.norm = layers.BatchNormalization()

        def call(self, x):
            return self.norm(self.conv(x))

    class Block(keras.layers.Layer):
        def __init__(self, before, maps, stride):
            super().__init__()
            out = 4 * maps if depth == 50 else maps
            plan = (
                [(maps, 1, stride), (maps, 3, 1), (out, 1, 1)]
                if depth == 50
                else [(maps, 3, stride), (maps, 3, 1)]
            )
            self.way = [Unit(*numbers) for numbers in plan]
            self.kind = "B" if depth == 50 else shortcut
            self.changes = stride > 1 or before != out
            self.side = Unit(out, 1, stride) if self.kind == "C" or (self.kind == "B" and self.changes) else None
            self.out, self.stride = out, stride

        def call(self, x):
            y = x
            for number, unit in enumerate(self.way):
                y = unit(ops.relu(y) if number else y)
            if self.side is not None:
                x = self.side(x)
            elif self.changes:
                x = zero_maps(x, self.out, self.stride)
            return ops.relu(x + y)

    class ResNet(keras.Model):
        def __init__(self):
            super().__init__()
            before = round(64 * width)
            self.first = Unit(before, 7, 2)
            self.pool = layers.MaxPooling2D(3, 2, padding="same")
            self.blocks = []
            for stage, count in enumerate(BLOCKS[depth]):
                for number in range(count):
                    maps = round(64 * 2**stage * width)
                    self.blocks.append(Block(before, maps, 2 if stage and not number else 1))
                    before = self.blocks[-1].out
            self.mean = layers.GlobalAveragePooling2D()
            self.scores = layers.Dense(classes, activation="softmax")

        def call(self, x):
            x = self.pool(ops.relu(self.first(x)))
            for one in self.blocks:
                x = one(x)
            return self.scores(self.mean(x))

    return ResNet()


@right("resnet")
def a_sequential_of_nested_models(depth, shortcut="B", classes=1000, width=1.0, shape=(224, 224, 3)):
    """Every block is a functional model of its own; the frame is sequential."""

    def nested(before, maps, stride):
        x = keras.Input((*before[1:3], before[-1]))
        return keras.Model(
            x, narrow_block(x, maps, stride) if depth == 50 else block(x, maps, stride, shortcut=shortcut)
        )

    model = keras.Sequential([keras.Input(shape)])
    model.add(layers.Conv2D(int(64 * width), 7, 2, padding="same", use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.ReLU())
    model.add(layers.MaxPool2D((3, 3), 2, "same"))
    for stage, count in enumerate([2, 2, 2, 2] if depth == 18 else [3, 4, 6, 3]):
        for number in range(count):
            model.add(nested(model.output_shape, int(64 * 2**stage * width), 1 if stage == 0 or number else 2))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(classes))
    model.add(layers.Activation("softmax"))
    return model


@right("resnet")
def the_global_average_as_a_pooling_layer(depth, shortcut="B", classes=1000, width=1.0, shape=(224, 224, 3)):
    whole = network(depth, shortcut, classes, width, shape, top=False)
    *_, last = [
        layer for layer in whole.layers if len(layer.output.shape) == 4 and "Dense" not in type(layer).__name__
    ]
    x = layers.AveragePooling2D(last.output.shape[1:3])(last.output)
    return keras.Model(whole.input, layers.Activation("softmax")(layers.Dense(classes)(layers.Flatten()(x))))


@wrong("resnet", names="Block 6, counted from 1, has no shortcut")
def one_block_without_shortcut(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    calls = []

    def one_plain(x, maps, stride=1, kind="B"):
        calls.append(kind)
        return block(x, maps, stride, kind, side=None if len(calls) == 6 else side_way)

    def one_plain_narrow(x, maps, stride=1):
        calls.append("B")
        return narrow_block(x, maps, stride, side=None if len(calls) == 6 else side_way)

    return network(depth, shortcut, classes, width, shape, block=one_plain, narrow=one_plain_narrow)


@wrong("resnet", names="stands after the addition")
def resnet_norm_after_the_sum(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    options = {"block": norm_after_the_sum, "narrow": bottleneck_norm_after_the_sum}
    return network(depth, shortcut, classes, width, shape, **options)


@wrong("resnet")
def shortcut_a_by_itself(depth, shortcut="A", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape)


@wrong("resnet", names="112 becomes 55")
def pool_valid(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape, pool="valid")


@wrong("resnet", names="224 becomes 109 instead of 112")
def conv1_valid(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape, first="valid")


@wrong("resnet", names="The max pooling after conv1 is missing")
def no_pool(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape, pool="")


@wrong("resnet", names="takes means")
def mean_pool(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape, pooling=layers.AveragePooling2D)


@wrong("resnet", names="version 1.5")
def resnet_v1_5(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    narrow = lambda x, maps, stride: narrow_block(x, maps, stride, strides=(1, stride))  # noqa: E731
    return network(depth, shortcut, classes, width, shape, narrow=narrow)


@wrong("resnet", names="global average pooling is missing")
def no_global(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape, top=False)


@wrong("resnet", names="The softmax at the end is missing")
def logits(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape, last=None)


@wrong("resnet", names="2, 2, 2 and 2 blocks")
def always_18(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape, counts={**BLOCKS, 34: BLOCKS[18], 50: BLOCKS[18]})


@wrong("resnet", names="have two 3×3 convolutions")
def fifty_of_basic_blocks(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    narrow = lambda x, maps, stride: block(x, maps, stride)  # noqa: E731
    return network(depth, shortcut, classes, width, shape, narrow=narrow)


@wrong("resnet", names="do not double")
def never_doubled(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, width, shape, doubles=False)


@wrong("resnet", names="have biases")
def resnet_with_biases(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    options = {"bias": True}
    way = lambda x, m, s, kind: side_way(x, m, s, kind, options=options)  # noqa: E731
    basic = lambda x, m, s, kind: block(x, m, s, kind, options=options, side=way)  # noqa: E731
    narrow = lambda x, m, s: narrow_block(x, m, s, options=options, side=way)  # noqa: E731
    model = network(depth, shortcut, classes, width, shape, block=basic, narrow=narrow)
    inputs = keras.Input(shape)
    x = conv_bn(inputs, round(64 * width), 7, 2, bias=True)
    return keras.Model(inputs, _after_first_norm(model, x))


def _after_first_norm(model, x):
    """The model's layers after the first normalisation, called again."""
    start = model.layers[2].output
    return keras.Model(start, model.output)(x)


@wrong("resnet", names="nothing is added")
def plain_instead(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    narrow = lambda x, m, s: narrow_block(x, m, s, side=None)  # noqa: E731
    return network(depth, "A", classes, width, shape, block=plain_block, narrow=narrow)


@wrong("resnet", names="ReLU stands before the addition and none after")
def resnet_relu_first(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    basic = lambda x, m, s, kind: block(x, m, s, kind, early=True, late=False)  # noqa: E731
    narrow = lambda x, m, s: narrow_block(x, m, s, early=True, late=False)  # noqa: E731
    return network(depth, shortcut, classes, width, shape, block=basic, narrow=narrow)


@wrong("resnet", names="keeps the shape, as in C")
def c_everywhere(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, "C" if shortcut == "B" else shortcut, classes, width, shape)


@wrong("resnet")
def classes_scaled_too(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, round(classes * width), width, shape)


@wrong("resnet")
def width_not_used(depth, shortcut="B", classes=1000, width=1.0, shape=FULL):
    return network(depth, shortcut, classes, 1 / 4 if width < 1 else 1.0, shape)


# ---- plain34 ----


@right("plain34")
def pairs_of_convolutions(classes=1000, width=1.0, shape=(224, 224, 3)):
    inputs = keras.Input(shape)
    x = layers.ReLU()(conv_bn(inputs, round(64 * width), 7, 2))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, count in enumerate([3, 4, 6, 3]):
        for number in range(2 * count):
            stride = 2 if stage > 0 and number == 0 else 1
            x = layers.ReLU()(conv_bn(x, round(64 * 2**stage * width), 3, stride))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))


@right("plain34")
def sequential(classes=1000, width=1.0, shape=(224, 224, 3)):
    model = keras.Sequential([keras.Input(shape), layers.ZeroPadding2D(3)])
    model.add(layers.Conv2D(round(64 * width), 7, 2, use_bias=False))
    for layer in (layers.BatchNormalization(epsilon=1e-5), layers.Activation("relu")):
        model.add(layer)
    model.add(layers.MaxPool2D(3, 2, padding="same"))
    for maps, count in ((64, 6), (128, 8), (256, 12), (512, 6)):
        for number in range(count):
            stride = 2 if maps > 64 and number == 0 else 1
            model.add(layers.Conv2D(round(maps * width), 3, stride, padding="same", use_bias=False))
            model.add(layers.BatchNormalization(epsilon=1e-5))
            model.add(layers.ReLU())
    model.add(layers.GlobalAvgPool2D())
    model.add(layers.Dense(classes, activation="softmax"))
    return model


@right("plain34")
def a_list_of_layers(classes=1000, width=1.0, shape=(224, 224, 3)):
    class Plain(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = [
                layers.Conv2D(int(64 * width), 7, 2, "same", use_bias=False),
                layers.BatchNormalization(),
            ]
            self.parts += [layers.ReLU(), layers.MaxPooling2D(3, 2, padding="same")]
            for stage, pairs in enumerate((3, 4, 6, 3)):
                for number in range(2 * pairs):
                    stride = 2 if number == 0 and stage > 0 else 1
                    conv = layers.Conv2D(int(64 * 2**stage * width), 3, stride, "same", use_bias=False)
                    self.parts += [conv, layers.BatchNormalization(), layers.ReLU()]
            self.parts += [layers.GlobalAveragePooling2D(), layers.Dense(classes, "softmax")]

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

    return Plain()


@wrong("plain34", names="There are shortcuts")
def resnet_34_a(classes=1000, width=1.0, shape=FULL):
    return network(34, "A", classes, width, shape)


@wrong("plain34")
def resnet_34_b(classes=1000, width=1.0, shape=FULL):
    return network(34, "B", classes, width, shape)


@wrong("plain34", names="2, 2, 2 and 2 blocks")
def plain_18(classes=1000, width=1.0, shape=FULL):
    return network(18, "A", classes, width, shape, block=plain_block)


@wrong("plain34", names="A ReLU inside the block is missing")
def plain_with_a_relu_for_two(classes=1000, width=1.0, shape=FULL):
    basic = lambda x, m, s, kind: block(x, m, s, middle=False, side=None)  # noqa: E731
    return network(34, "A", classes, width, shape, block=basic)


@wrong("plain34")
def a_constant_model(classes=1000, width=1.0, shape=FULL):
    inputs = keras.Input(shape)
    return keras.Model(inputs, ops.zeros_like(ops.mean(inputs, axis=(1, 2)))[:, :1] + ops.ones((classes,)))


# ---- clinic ----


def diagnoses():
    return [illness(number) for number in numbers("lab13_resnet", "my_diagnoses", "sample")]


def layers_by_class(model):
    adds = [layer for layer in model.layers if isinstance(layer, keras.layers.Add)]
    return [layer.name for layer in adds if len({tuple(tensor.shape) for tensor in layer.input}) > 1]


@right("clinic", namespace=True)
def comprehension():
    return {"my_diagnoses": diagnoses(), "unequal_adds": layers_by_class}


@right("clinic", namespace=True)
def tuple_and_loop():
    def unequal_adds(model):
        found = set()
        for layer in model.layers:
            if type(layer).__name__ == "Add":
                first = layer.input[0].shape
                for tensor in layer.input[1:]:
                    if tensor.shape != first:
                        found.add(layer.name)
        return found

    return {"my_diagnoses": tuple(diagnoses()), "unequal_adds": unequal_adds}


@right("clinic", namespace=True)
def through_the_configuration():
    def unequal_adds(model):
        for layer in model.layers:
            if layer.__class__ is layers.Add and any(one.shape != layer.output.shape for one in layer.input):
                yield layer.name

    return {"my_diagnoses": np.array(diagnoses()), "unequal_adds": unequal_adds}


@wrong("clinic", names="is taken for good health: look at the shapes", namespace=True)
def broadcast_not_seen():
    codes = ["healthy" if code == "one map" else code for code in diagnoses()]
    return {"my_diagnoses": codes, "unequal_adds": layers_by_class}


@wrong("clinic", names="look at what the addition reads", namespace=True)
def wrong_tensor_not_seen():
    codes = ["healthy" if code == "wrong tensor" else code for code in diagnoses()]
    return {"my_diagnoses": codes, "unequal_adds": layers_by_class}


@wrong("clinic", names="since Keras builds them", namespace=True)
def all_healthy():
    return {"my_diagnoses": ["healthy"] * 6, "unequal_adds": layers_by_class}


@wrong("clinic", names="Only the maps are compared", namespace=True)
def only_maps():
    def unequal_adds(model):
        adds = [layer for layer in model.layers if isinstance(layer, layers.Add)]
        return [layer.name for layer in adds if len({tensor.shape[-1] for tensor in layer.input}) > 1]

    return {"my_diagnoses": diagnoses(), "unequal_adds": unequal_adds}


@wrong("clinic", names="more than two inputs", namespace=True)
def only_two():
    def unequal_adds(model):
        adds = [layer for layer in model.layers if isinstance(layer, layers.Add)]
        return [layer.name for layer in adds if layer.input[0].shape != layer.input[1].shape]

    return {"my_diagnoses": diagnoses(), "unequal_adds": unequal_adds}


@wrong("clinic", names="Every addition is listed", namespace=True)
def every_addition():
    def unequal_adds(model):
        return [layer.name for layer in model.layers if isinstance(layer, layers.Add)]

    return {"my_diagnoses": diagnoses(), "unequal_adds": unequal_adds}


@wrong("clinic", names="whose inputs are alike", namespace=True)
def the_equal_ones():
    def unequal_adds(model):
        adds = [layer for layer in model.layers if isinstance(layer, layers.Add)]
        return [layer.name for layer in adds if len({tuple(tensor.shape) for tensor in layer.input}) == 1]

    return {"my_diagnoses": diagnoses(), "unequal_adds": unequal_adds}


# ---- train_stack ----


def stack(depth, residual, *, last="softmax", block=block, shape=SHAPE, norm=True):
    """The network of 13.6."""
    inputs = keras.Input(shape)
    x = layers.ReLU()(conv_bn(inputs, 8, 3, norm=norm))
    for stage in range(3):
        for number in range((depth - 2) // 6):
            stride = 2 if stage and not number else 1
            x = block(x, 8 * 2**stage, stride) if residual else plain_block(x, 8 * 2**stage, stride)
    return keras.Model(inputs, layers.Dense(10, activation=last)(layers.GlobalAveragePooling2D()(x)))


def trained(model, images, labels, epochs, loss="sparse_categorical_crossentropy", rate=0.02):
    optimizer = keras.optimizers.SGD(rate, momentum=0.9)
    model.compile(optimizer, loss, jit_compile=False)
    optimizer.build(model.trainable_variables)  # one recording of the step instead of two
    model.fit(images, labels, batch_size=64, epochs=epochs, verbose=0)
    return model


@right("train_stack")
def built_and_fitted(depth, residual, images, labels, epochs):
    keras.utils.set_random_seed(1)
    model = stack(depth, residual)
    optimizer = keras.optimizers.SGD(learning_rate=0.02, momentum=0.9)
    model.compile(
        optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False
    )
    model.fit(images, labels, batch_size=64, epochs=epochs, verbose=0)
    return model


@right("train_stack")
def one_hot_and_he(depth, residual, images, labels, epochs):
    options = {"padding": "same", "use_bias": False, "kernel_initializer": "he_normal"}

    def conv(x, maps, kernel, stride=1):
        return layers.BatchNormalization(momentum=0.9)(layers.Conv2D(maps, kernel, stride, **options)(x))

    inputs = keras.Input(images.shape[1:])
    x = keras.activations.relu(conv(inputs, 8, 3))
    for maps in (8, 16, 32):
        for number in range((depth - 2) // 6):
            stride = 2 if maps > 8 and number == 0 else 1
            y = conv(keras.activations.relu(conv(x, maps, 3, stride)), maps, 3)
            if residual:
                y = y + (x if x.shape == y.shape else conv(x, maps, 1, stride))
            x = keras.activations.relu(y)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))
    sgd = keras.optimizers.SGD(0.02, 0.9)
    model.compile(sgd, keras.losses.CategoricalCrossentropy(), jit_compile=False)
    model.fit(images, keras.utils.to_categorical(labels, 10), 64, epochs, verbose=0)
    return model


@right("train_stack")
def subclassed_with_sequential_parts(depth, residual, images, labels, epochs):
    def unit(maps, kernel, stride=1):
        return [layers.Conv2D(maps, kernel, stride, padding="same", use_bias=False), layers.BatchNormalization()]

    class Block(layers.Layer):
        def __init__(self, maps, stride):
            super().__init__()
            self.way = keras.Sequential([*unit(maps, 3, stride), layers.ReLU(), *unit(maps, 3)])
            self.side = keras.Sequential(unit(maps, 1, stride)) if residual and stride > 1 else None

        def call(self, x, training=None):
            y = self.way(x, training=training)
            if residual:
                y = y + (x if self.side is None else self.side(x, training=training))
            return ops.relu(y)

    parts = [*unit(8, 3), layers.ReLU()]
    for stage in range(3):
        parts += [Block(8 * 2**stage, 2 if stage and not number else 1) for number in range((depth - 2) // 6)]
    model = keras.Sequential(
        [keras.Input((9, 9, 1)), *parts, layers.GlobalAveragePooling2D(), layers.Dense(10, "softmax")]
    )
    sgd = keras.optimizers.SGD(learning_rate=0.02, momentum=0.9, nesterov=False)
    model.compile(sgd, keras.losses.SparseCategoricalCrossentropy(), jit_compile=False)
    model.fit(images, labels, batch_size=64, epochs=epochs, shuffle=True, verbose=0)
    return model


@wrong("train_stack", names="has not learned")
def never_fitted(depth, residual, images, labels, epochs):
    return stack(depth, residual)


def small_only(depth, residual, images, labels, epochs, optimizer=None, batch=64):
    """Trained as told where it is quick, with 8 layers; not trained else."""
    model = stack(depth, residual)
    if depth == 8:
        optimizer = optimizer or keras.optimizers.SGD(0.02, momentum=0.9)
        model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
        model.fit(images, labels, batch_size=batch, epochs=epochs, verbose=0)
    return model


@wrong("train_stack", names="The learning rate is 0.01")
def rate_of_keras(depth, residual, images, labels, epochs):
    return small_only(depth, residual, images, labels, epochs, keras.optimizers.SGD(momentum=0.9))


@wrong("train_stack", names="There is no momentum")
def no_momentum(depth, residual, images, labels, epochs):
    return small_only(depth, residual, images, labels, epochs, keras.optimizers.SGD(0.02))


@wrong("train_stack", names="The optimizer is Adam")
def adam(depth, residual, images, labels, epochs):
    return small_only(depth, residual, images, labels, epochs, keras.optimizers.Adam())


@wrong("train_stack", names="The batches have 32 images")
def batches_of_keras(depth, residual, images, labels, epochs):
    return small_only(depth, residual, images, labels, epochs, batch=32)


@wrong("train_stack", names="there was one epoch")
def one_epoch(depth, residual, images, labels, epochs):
    return small_only(depth, residual, images, labels, 1)


@wrong("train_stack", names="has not seen a single batch")
def an_untrained_twin(depth, residual, images, labels, epochs):
    small_only(depth, residual, images, labels, epochs)
    return stack(depth, residual)


@wrong("train_stack", names="The loss does not fit the labels")
def one_hot_labels(depth, residual, images, labels, epochs):
    model = stack(depth, residual)
    model.compile(keras.optimizers.SGD(0.02, 0.9), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(images, keras.utils.to_categorical(labels), batch_size=64, epochs=epochs, verbose=0)
    return model


@wrong("train_stack", names="The loss does not fit the labels")
def loss_for_one_hot(depth, residual, images, labels, epochs):
    return trained(stack(depth, residual), images, labels, epochs, "categorical_crossentropy")


@wrong("train_stack", names="`residual` is not used")
def always_residual(depth, residual, images, labels, epochs):
    return stack(depth, True)


@wrong("train_stack", names="`residual` is not used")
def never_residual(depth, residual, images, labels, epochs):
    return stack(depth, False)


@wrong("train_stack", names="`depth` is not used")
def always_20(depth, residual, images, labels, epochs):
    return stack(20, residual)


@wrong("train_stack", names="The softmax at the end is missing")
def scores_only(depth, residual, images, labels, epochs):
    return stack(depth, residual, last=None)


@wrong("train_stack", names="The ReLU after the addition is missing")
def stack_without_last_relu(depth, residual, images, labels, epochs):
    return stack(depth, residual, block=lambda x, maps, stride: block(x, maps, stride, late=False))


@wrong("train_stack", names="keeps the shape, as in C")
def stack_with_projections(depth, residual, images, labels, epochs):
    return stack(depth, residual, block=lambda x, maps, stride: block(x, maps, stride, "C"))


# ---- costs ----


def own():
    return numbers("lab13_resnet", "my_block_costs", "sample")


RATIOS = (5.39, 6.64)


@right("costs", namespace=True)
def by_rule():
    return {"my_block_costs": costs(own()), "slide": RATIOS}


@right("costs", namespace=True)
def one_by_one_and_as_lists():
    (side, before, maps, stride), (low, wide, thin, _) = own()
    first = 9 * before * maps + 9 * maps**2 + before * maps
    second = wide * thin + 9 * thin**2 + thin * 4 * thin
    mine = [[first, first * (side // stride) ** 2], [second, second * low * low]]
    return {"my_block_costs": mine, "slide": [19_632_062_464 / 3_644_493_824, 143.7 / 21.6]}


def changed(rule):
    return {"my_block_costs": rule(own()), "slide": RATIOS}


@wrong("costs", names="The projection is forgotten", namespace=True)
def projection_forgotten():
    def rule(blocks):
        side, before, maps, stride = blocks[0]
        weights = 9 * before * maps + 9 * maps * maps
        return ((weights, weights * (side // stride) ** 2), costs(blocks)[1])

    return changed(rule)


@wrong("costs", names="The stride is forgotten", namespace=True)
def places_of_the_input():
    def rule(blocks):
        weights = costs(blocks)[0][0]
        return ((weights, weights * blocks[0][0] ** 2), costs(blocks)[1])

    return changed(rule)


@wrong("costs", names="turned round: first weights", namespace=True)
def pairs_turned():
    return changed(lambda blocks: [pair[::-1] for pair in costs(blocks)])


@wrong("costs", names="The biases are counted", namespace=True)
def biases_counted():
    def rule(blocks):
        (weights, macs), narrow = costs(blocks)
        return ((weights + 3 * blocks[0][2], macs), narrow)

    return changed(rule)


@wrong("costs", names="two are 1×1", namespace=True)
def three_wide_everywhere():
    def rule(blocks):
        side, before, maps, _ = blocks[1]
        weights = 9 * (before * maps + maps * maps + maps * 4 * maps)
        return (costs(blocks)[0], (weights, weights * side * side))

    return changed(rule)


@wrong("costs", names="two operations", namespace=True)
def operations():
    return changed(lambda blocks: [(weights, 2 * macs) for weights, macs in costs(blocks)])


@wrong("costs", names="gives 4 · maps, not maps", namespace=True)
def narrow_end():
    def rule(blocks):
        side, before, maps, _ = blocks[1]
        weights = before * maps + 10 * maps * maps
        return (costs(blocks)[0], (weights, weights * side * side))

    return changed(rule)


@wrong("costs", names="are multiply-adds", namespace=True)
def slide_as_printed():
    return {"my_block_costs": costs(own()), "slide": (5.39, 5.39)}


@wrong("costs", names="first multiply-adds, then parameters", namespace=True)
def slide_turned():
    return {"my_block_costs": costs(own()), "slide": RATIOS[::-1]}


@wrong("costs", names="wrong way round", namespace=True)
def slide_upside_down():
    return {"my_block_costs": costs(own()), "slide": (1 / RATIOS[0], 1 / RATIOS[1])}
