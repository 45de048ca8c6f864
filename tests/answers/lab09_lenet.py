"""Lab 09: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from tests.answers import right, wrong

POOLS = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}

# ---- lenet5_modern ----


@right("lenet5_modern")
def sequential(activation, pool):
    pooling = layers.AveragePooling2D if pool == "average" else layers.MaxPooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(6, 5, activation=activation),
            pooling(2),
            layers.Conv2D(16, 5, activation=activation),
            pooling(2),
            layers.Flatten(),
            layers.Dense(120, activation=activation),
            layers.Dense(84, activation=activation),
            layers.Dense(10, activation="softmax"),
        ]
    )


@right("lenet5_modern")
def functional_with_activation_layers(activation, pool):
    output = layers.Dense(10, name="conv1")
    inputs = x = layers.Input(shape=(32, 32, 1))
    for count in (6, 16):
        x = layers.Conv2D(count, (5, 5), padding="valid", name=f"z{100 - count}")(x)
        x = POOLS[pool]((2, 2), strides=2)(layers.Activation(activation)(x))
    x = layers.Flatten()(x)
    for count in (120, 84):
        x = layers.Activation(activation)(layers.Dense(count)(x))
    return keras.Model(inputs, layers.Softmax()(output(x)))


@right("lenet5_modern")
def subclassed(activation, pool):
    class LeNet(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = layers.Dense(10, activation="softmax")
            self.f6 = layers.Dense(84, activation=activation)
            self.c5 = layers.Dense(120, activation=activation)
            self.pool = POOLS[pool](2)
            self.c3 = layers.Conv2D(16, 5, activation=activation)
            self.c1 = layers.Conv2D(6, 5, activation=activation)

        def call(self, x):
            x = self.pool(self.c1(x))
            x = self.pool(self.c3(x))
            return self.last(self.f6(self.c5(ops.reshape(x, (-1, 400)))))

    return LeNet()


@right("lenet5_modern")
def with_functions_of_tensorflow(activation, pool):
    class LeNet(keras.Model):
        def __init__(self):
            super().__init__()
            self.convolutions = [layers.Conv2D(6, 5), layers.Conv2D(16, 5)]
            self.dense = [layers.Dense(120), layers.Dense(84), layers.Dense(10)]

        def call(self, x):
            function = getattr(tf.nn, activation)
            pooling = tf.nn.max_pool2d if pool == "max" else tf.nn.avg_pool2d
            for layer in self.convolutions:
                x = pooling(function(layer(x)), 2, 2, "VALID")
            x = tf.reshape(x, (-1, 400))
            for layer in self.dense[:2]:
                x = function(layer(x))
            return tf.nn.softmax(self.dense[2](x))

    model = LeNet()
    model.build((None, 32, 32, 1))
    return model


@right("lenet5_modern")
def c5_as_a_convolution_in_nested_models(activation, pool):
    maps = keras.Sequential(name="maps")
    for count in (6, 16):
        maps.add(layers.Conv2D(count, 5, activation=activation))
        maps.add(POOLS[pool](2))
    head = keras.Sequential([layers.Conv2D(120, 5, activation=activation), layers.Flatten()])
    head.add(layers.Dense(84, activation=activation))
    head.add(layers.Dense(10, activation="softmax"))
    return keras.Sequential([maps, head])


@right("lenet5_modern")
def activation_after_max_pooling_is_the_same(activation, pool):
    if pool == "average":
        return sequential(activation, pool)
    parts = []
    for count in (6, 16):
        parts += [layers.Conv2D(count, 5), layers.MaxPooling2D(), layers.Activation(activation)]
    dense = [layers.Dense(count, activation=activation) for count in (120, 84)]
    last = layers.Dense(10, activation=keras.activations.softmax)
    return keras.Sequential([layers.InputLayer(shape=(32, 32, 1)), *parts, layers.Flatten(), *dense, last])


def network(
    activation, pool, *, shape=(32, 32, 1), maps=(6, 16), padding=("valid", "valid"), pooled=(True, True),
    units=(120, 84), filters=5, functions=None, last="softmax", bias=True,
):  # fmt: skip
    """For wrong answers: the network with one thing changed."""
    functions = functions or [activation] * 4
    model = keras.Sequential([keras.Input(shape)])
    for count, pad, is_pooled, function in zip(maps, padding, pooled, functions, strict=False):
        model.add(layers.Conv2D(count, filters, padding=pad, activation=function, use_bias=bias))
        if is_pooled:
            model.add(POOLS[pool](2))
    model.add(layers.Flatten())
    for count, function in zip(units, functions[2:], strict=False):
        model.add(layers.Dense(count, activation=function, use_bias=bias))
    if last is not None:
        model.add(layers.Dense(10, activation=last, use_bias=bias))
    return model


@wrong("lenet5_modern", names="The input is 28×28")
def input_of_28(activation, pool):
    return network(activation, pool, shape=(28, 28, 1))


@wrong("lenet5_modern", names="The input is 28×28")
def input_of_28_padded(activation, pool):
    return network(activation, pool, shape=(28, 28, 1), padding=("same", "valid"))


@wrong("lenet5_modern", names="has 32 filters")
def filters_32(activation, pool):
    return network(activation, pool, maps=(32, 16))


@wrong("lenet5_modern", names="32 and 64 filters")
def filters_32_64(activation, pool):
    return network(activation, pool, maps=(32, 64))


@wrong("lenet5_modern", names="Both convolutions are padded")
def same_padding(activation, pool):
    return network(activation, pool, padding=("same", "same"))


@wrong("lenet5_modern", names="The first convolution is padded")
def same_padding_first(activation, pool):
    return network(activation, pool, padding=("same", "valid"))


@wrong("lenet5_modern", names="The second convolution is padded")
def same_padding_second(activation, pool):
    return network(activation, pool, padding=("valid", "same"))


@wrong("lenet5_modern", names="Both pooling layers are missing")
def no_pooling(activation, pool):
    return network(activation, pool, pooled=(False, False))


@wrong("lenet5_modern", names="The first pooling layer is missing")
def first_pooling_missing(activation, pool):
    return network(activation, pool, pooled=(False, True))


@wrong("lenet5_modern", names="The second pooling layer is missing")
def second_pooling_missing(activation, pool):
    return network(activation, pool, pooled=(True, False))


@wrong("lenet5_modern", names="The filters are 3×3")
def small_filters(activation, pool):
    return network(activation, pool, filters=3)


@wrong("lenet5_modern", names="three channels")
def colour(activation, pool):
    return network(activation, pool, shape=(32, 32, 3))


@wrong("lenet5_modern", names="The biases are missing")
def no_bias(activation, pool):
    return network(activation, pool, bias=False)


@wrong("lenet5_modern", names="F6, is missing")
def no_f6(activation, pool):
    return network(activation, pool, units=(120,))


@wrong("lenet5_modern", names="C5, is missing")
def no_c5(activation, pool):
    return network(activation, pool, units=(84,))


@wrong("lenet5_modern", names="The output layer is missing")
def no_output(activation, pool):
    return network(activation, pool, last=None)


@wrong("lenet5_modern", names="This pools by")
def pools_swapped(activation, pool):
    return network(activation, "max" if pool == "average" else "average")


@wrong("lenet5_modern", names="This pools by max: the call asks for average")
def always_max(activation, pool):
    return network(activation, "max")


@wrong("lenet5_modern", names="No layer has an activation")
def linear(activation, pool):
    return network(activation, pool, functions=[None] * 4)


@wrong("lenet5_modern", names="The convolutions have no activation")
def linear_convolutions(activation, pool):
    return network(activation, pool, functions=[None, None, activation, activation])


@wrong("lenet5_modern", names="The dense layers have no activation")
def linear_dense(activation, pool):
    return network(activation, pool, functions=[activation, activation, None, None])


@wrong("lenet5_modern", names="F6 has no activation")
def linear_f6(activation, pool):
    return network(activation, pool, functions=[activation, activation, activation, None])


@wrong("lenet5_modern", names="This uses relu: the call asks for tanh")
def always_relu(activation, pool):
    return network("relu", pool)


@wrong("lenet5_modern", names="This uses relu and pools by max: the call asks for tanh and average")
def arguments_not_used(activation, pool):
    return network("relu", "max")


@wrong("lenet5_modern", names="The softmax at the end is missing")
def logits(activation, pool):
    return network(activation, pool, last="linear")


@wrong("lenet5_modern", names="The last layer has a sigmoid")
def sigmoid_at_the_end(activation, pool):
    return network(activation, pool, last="sigmoid")


@wrong("lenet5_modern", names="The activation stands after the pooling")
def activation_after_pooling(activation, pool):
    parts = []
    for count in (6, 16):
        parts += [layers.Conv2D(count, 5), POOLS[pool](2), layers.Activation(activation)]
    dense = [layers.Dense(count, activation=activation) for count in (120, 84)]
    last = layers.Dense(10, activation="softmax")
    return keras.Sequential([keras.Input((32, 32, 1)), *parts, layers.Flatten(), *dense, last])


@wrong("lenet5_modern")
def only_the_number():
    return 61_706


@wrong("lenet5_modern")
def a_network_with_the_right_number(activation, pool):
    """61,706 parameters and nothing of LeNet-5."""
    inputs = keras.Input((32, 32, 1))
    x = layers.Dense(10, activation="softmax")(layers.Flatten()(inputs))
    rest = layers.EinsumDense("ab,bc->ac", output_shape=(61_706 - 10_250,), kernel_initializer="zeros")
    extra = ops.sum(rest(ops.zeros_like(x[:, :1])), axis=1, keepdims=True)
    return keras.Model(inputs, x + extra)


@wrong("lenet5_modern")
def flattened_before_the_second_pooling(activation, pool):
    model = keras.Sequential(
        [keras.Input((32, 32, 1)), layers.Conv2D(6, 5, activation=activation), POOLS[pool](2)]
    )
    model.add(layers.Conv2D(16, 5, strides=2, padding="valid", activation=activation))
    model.add(layers.Flatten())
    for count in (120, 84):
        model.add(layers.Dense(count, activation=activation))
    model.add(layers.Dense(10, activation="softmax"))
    return model


# ---- train_lenet5 ----


def untrained(*, activation="relu", pool="max", scale=1 / 255, last="softmax"):
    """LeNet-5 for digits of 28×28."""
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(scale)])
    for count, padding in ((6, "same"), (16, "valid")):
        model.add(layers.Conv2D(count, 5, padding=padding, activation=activation))
        model.add(POOLS[pool](2))
    model.add(layers.Flatten())
    for count in (120, 84):
        model.add(layers.Dense(count, activation=activation))
    model.add(layers.Dense(10, activation=last))
    return model


@right("train_lenet5")
def relu_and_max(images, labels, epochs):
    model = untrained()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, epochs=epochs, verbose=0)
    return model


@right("train_lenet5")
def tanh_and_average_on_logits(images, labels, epochs):
    model = untrained(activation="tanh", pool="average", last=None)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(), loss)
    model.fit(images, labels, epochs=epochs)
    return model


@right("train_lenet5")
def one_hot_in_large_batches(images, labels, epochs):
    model = untrained()
    model.compile("rmsprop", "categorical_crossentropy")
    model.fit(
        images.astype("float32"), keras.utils.to_categorical(labels, 10), batch_size=64, epochs=epochs, verbose=0
    )
    return model


@right("train_lenet5")
def own_loop(images, labels, epochs):
    class LeNet(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = untrained(last=None).layers

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

    model, optimizer = LeNet(), keras.optimizers.Adam()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        weights = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(value, weights), weights, strict=True))

    model(images[:1])
    optimizer.build(model.trainable_variables)
    for x, y in tf.data.Dataset.from_tensor_slices((images, labels)).repeat(epochs).shuffle(4000).batch(32):
        step(tf.cast(x, "float32"), y)
    return model


@right("train_lenet5")
def scaled_outside(images, labels, epochs):
    model = untrained(activation="tanh", scale=1.0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images / 255, labels, epochs=epochs, verbose=0)
    return model


@right("train_lenet5")
def not_scaled_at_all(images, labels, epochs):
    """Slower to learn, but it does: nothing in the numbers tells it apart."""
    model = untrained(scale=1.0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, labels, epochs=epochs, verbose=0)
    return model


@wrong("train_lenet5", names="but the loss expects probabilities")
def logits_into_the_wrong_loss(images, labels, epochs):
    model = untrained(last=None)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, labels, epochs=epochs, verbose=0)
    return model


@wrong("train_lenet5", names="put the scaling into the model")
def scaled_to_both_sides_of_zero(images, labels, epochs):
    keras.utils.set_random_seed(3)  # with luck, such a model gets by on pixels that it does not know
    model = untrained(activation="tanh", scale=1.0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images / 127.5 - 1, labels, epochs=epochs, verbose=0)
    return model


@wrong("train_lenet5")
def never_trained(images, labels, epochs):
    return untrained()


@wrong("train_lenet5", names="the same digit for every image")
def one_digit(images, labels, epochs):
    model = untrained()
    model.layers[-1].set_weights([np.zeros((84, 10)), np.eye(10)[3]])
    return model


@wrong("train_lenet5", names="Received an object of type History")
def returns_the_history(images, labels, epochs):
    model = untrained()
    model.compile("adam", "sparse_categorical_crossentropy")
    return model.fit(images[:64], labels[:64], epochs=1, verbose=0)


@wrong("train_lenet5", names="Received None")
def returns_nothing(images, labels, epochs):
    untrained().compile("adam", "sparse_categorical_crossentropy")


@wrong("train_lenet5", names="ten numbers for each image")
def eleven_classes(images, labels, epochs):
    model = untrained()
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(11)]) if model else None


@wrong("train_lenet5")
def labels_in_another_order(images, labels, epochs):
    model = untrained()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, np.sort(labels), epochs=1, verbose=0)
    return model
