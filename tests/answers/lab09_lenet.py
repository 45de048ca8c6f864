"""Lab 09: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from course.draws.lab09 import my_causes
from tests.answers import right, wrong

POOLS = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}

# ---- generate_model ----


@right("generate_model")
def kernel_size(shape):
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(32, kernel_size=3, activation="relu"),
            layers.MaxPool2D(pool_size=2, strides=2),
            layers.Conv2D(64, kernel_size=3, activation="relu"),
            layers.MaxPool2D(pool_size=2, strides=2),
            layers.Flatten(),
            layers.Dense(1024, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


@right("generate_model")
def added_one_by_one(shape):
    model = tf.keras.models.Sequential()
    model.add(tf.keras.layers.InputLayer(shape=tuple(shape)))
    for filters in (32, 64):
        model.add(tf.keras.layers.Conv2D(filters, (3, 3), activation=tf.nn.relu))
        model.add(tf.keras.layers.MaxPooling2D((2, 2)))
    model.add(tf.keras.layers.Flatten())
    model.add(tf.keras.layers.Dense(1024, activation=tf.keras.activations.relu))
    model.add(tf.keras.layers.Dense(10))
    model.add(tf.keras.layers.Softmax())
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@right("generate_model")
def input_shape_in_the_first_layer(shape):
    """Keras warns, and it works."""
    model = keras.Sequential([layers.Conv2D(32, 3, activation="relu", input_shape=shape), layers.MaxPooling2D()])
    model.add(layers.Conv2D(64, 3, activation="relu", name="last"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Reshape((-1,)))
    model.add(layers.Dense(1024, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model


@right("generate_model")
def built_by_hand(shape):
    model = keras.Sequential()
    for filters in (32, 64):
        model.add(layers.Conv2D(filters, 3))
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(1024, "relu"))
    model.add(layers.Dense(10, "softmax"))
    model.build((None, *shape))
    return model


def lecture(
    shape, *, maps=(32, 64), side=3, padding="valid", functions=("relu", "relu", "relu"), last="softmax",
    pool=layers.MaxPooling2D, pooled=(True, True), units=1024, stride=1,
):  # fmt: skip
    """For wrong answers: the lecture's network with one thing changed."""
    model = keras.Sequential([keras.Input(shape)])
    for count, function, is_pooled in zip(maps, functions, pooled, strict=False):
        model.add(layers.Conv2D(count, side, stride, padding=padding, activation=function))
        if is_pooled:
            model.add(pool(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(units, activation=functions[2]))
    model.add(layers.Dense(10, activation=last))
    return model


@wrong("generate_model", names="it is called `kernel_size`")
def as_the_lecture_prints_it(shape):
    return keras.Sequential([keras.Input(shape), layers.Conv2D(32, filter_size=3, activation="relu")])


@wrong("generate_model", names="it is called `kernel_size`")
def both_names(shape):
    return keras.Sequential([keras.Input(shape), layers.Conv2D(32, 3, filter_size=3, activation="relu")])


@wrong("generate_model", names="give it keras.Input(...) first")
def states_no_input(shape):
    model = keras.Sequential()
    for filters in (32, 64):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(1024, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model


@wrong("generate_model", names="whatever is asked for: use `shape`")
def always_28(shape):
    return lecture((28, 28, 1))


@wrong("generate_model", names="Height and width are exchanged")
def exchanged_sides(shape):
    return lecture((shape[1], shape[0], shape[2]))


@wrong("generate_model", names="The model is square")
def square(shape):
    return lecture((shape[0], shape[0], shape[2]))


@wrong("generate_model", names="The channels stand first")
def channels_first(shape):
    model = keras.Sequential([keras.Input((shape[2], shape[0], shape[1])), layers.Conv2D(32, 3, padding="same")])
    model.add(layers.Flatten())
    model.add(layers.Dense(10))
    return model


@wrong("generate_model", names="look at the padding")
def padded(shape):
    return lecture(shape, padding="same")


@wrong("generate_model", names="the window is 5×5: it is 3×3")
def large_filters(shape):
    return lecture(shape, side=5)


@wrong("generate_model", names="16 maps: there are 32")
def few_filters(shape):
    return lecture(shape, maps=(16, 32))


@wrong("generate_model", names="it is 1")
def strides(shape):
    return lecture(shape, stride=2, pooled=(False, False))


@wrong("generate_model", names="the model has a layer AveragePooling2D")
def average(shape):
    return lecture(shape, pool=layers.AveragePooling2D)


@wrong("generate_model", names="Where pool1 (MaxPooling2D) stands in the table")
def one_pooling_missing(shape):
    return lecture(shape, pooled=(False, True))


@wrong(
    "generate_model",
    names="dense of 1024 units: the output is 5×5×1024 instead of 1024: the maps are not flattened",
)
def not_flattened(shape):
    model = keras.Sequential([keras.Input(shape)])
    for count in (32, 64):
        model.add(layers.Conv2D(count, 3, activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Dense(1024, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model


@wrong("generate_model", names="units: there are 1024")
def small_dense_layer(shape):
    return lecture(shape, units=128)


@wrong("generate_model", names="No layer has an activation but the last one")
def no_relu(shape):
    return lecture(shape, functions=(None, None, None))


@wrong("generate_model", names="The convolutions have no activation")
def linear_convolutions_28(shape):
    return lecture(shape, functions=(None, None, "relu"))


@wrong("generate_model", names="The first convolution has no activation")
def first_convolution_linear(shape):
    return lecture(shape, functions=(None, "relu", "relu"))


@wrong("generate_model", names="The second convolution has no activation")
def second_convolution_linear(shape):
    return lecture(shape, functions=("relu", None, "relu"))


@wrong("generate_model", names="1024 units has no activation")
def dense_linear(shape):
    return lecture(shape, functions=("relu", "relu", None))


@wrong("generate_model", names="The softmax at the end is missing")
def gives_logits(shape):
    return lecture(shape, last=None)


@wrong("generate_model", names="The last layer has a sigmoid")
def ends_in_sigmoid(shape):
    return lecture(shape, last="sigmoid")


@wrong("generate_model", names="The last layer has a ReLU")
def ends_in_relu(shape):
    return lecture(shape, last="relu")


@wrong("generate_model", names="This uses tanh")
def uses_tanh(shape):
    return lecture(shape, functions=("tanh",) * 3)


@wrong("generate_model", names="Received None")
def only_printed(shape):
    lecture(shape).summary()


@wrong("generate_model")
def softmax_over_the_batch(shape):
    model = lecture(shape, last=None)
    model.add(layers.Softmax(axis=0))
    return model


@wrong("generate_model")
def takes_no_shape():
    return lecture((28, 28, 1))


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


@wrong("lenet5_modern", names="S2: the window is 3×3: it is 2×2")
def overlapping_pooling(activation, pool):
    """As many parameters as with an input of 28×28, which it has not."""
    first = [layers.Conv2D(6, 5, activation=activation), POOLS[pool](3, 2)]
    second = [layers.Conv2D(16, 5, activation=activation), POOLS[pool](2), layers.Flatten()]
    dense = [layers.Dense(120, activation), layers.Dense(84, activation), layers.Dense(10, "softmax")]
    return keras.Sequential([keras.Input((32, 32, 1)), *first, *second, *dense])


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


# ---- lenet5_1998 ----


def answers_1998(table, params):
    """The learner's two functions."""
    return {"c3_connection_table": table, "lenet5_1998_params": params}


def full_table():
    """The right table, for answers that are about the counts."""
    sets = [{(k + i) % 6 for i in range(3)} for k in range(6)] + [
        {(k + i) % 6 for i in range(4)} for k in range(6)
    ]
    sets += [{k % 6, k + 1, (k + 3) % 6, (k + 4) % 6} for k in range(3)] + [set(range(6))]
    return np.array([[column in row for column in range(6)] for row in sets])


def counted(table, *, bias=True, subsampling=(2, 5), c3=None, output=(0, 840), connections=None):
    """The right counts, but for what the arguments say."""
    reads = int(np.sum(table))
    weights = 25 * reads + 16 if c3 is None else c3
    maps, dense = (6, 16), {"C5": 48_120, "F6": 10_164}
    counts = {"C1": (156, 784 * (156 if bias else 150))}
    for name, count, places in (("S2", maps[0], 196), ("S4", maps[1], 25)):
        counts[name] = (subsampling[0] * count, places * count * subsampling[1])
    counts["C3"] = (weights, 100 * (25 * reads + 16 * bias) if connections is None else connections)
    counts |= {name: (value, value) for name, value in dense.items()}
    return counts | {"output": output}


@right("lenet5_1998", namespace=True)
def typed_from_the_paper():
    rows = """012 123 234 345 450 501 0123 1234 2345 3450 4501 5012 0134 1245 0235 012345""".split()

    def table():
        return [[str(column) in row for column in range(6)] for row in rows]

    def params(table):
        counts = {"C1": (6 * 26, 28 * 28 * 6 * 26), "S2": (12, 14 * 14 * 6 * 5)}
        c3 = sum(25 * sum(map(int, row)) + 1 for row in table)
        counts["C3"] = (c3, 100 * c3)
        counts.update(S4=[32, 25 * 16 * 5], C5=[48120] * 2, F6=[10164] * 2, output=[0, 840])
        return counts

    return answers_1998(table, params)


@right("lenet5_1998", namespace=True)
def rolled_rows_of_numpy():
    def table():
        rows = [np.roll([1, 1, 1, 0, 0, 0], k) for k in range(6)]
        rows += [np.roll([1, 1, 1, 1, 0, 0], k) for k in range(6)]
        rows += [np.roll([1, 1, 0, 1, 1, 0], k) for k in range(3)]
        return np.vstack([*rows, np.ones(6)])

    def params(table):
        pairs = np.array(
            [
                [156, 122304],
                [12, 5880],
                [25 * np.count_nonzero(table) + 16, 100 * (25 * np.count_nonzero(table) + 16)],
                [32, 2000],
                [48120, 48120],
                [10164, 10164],
                [0, 840],
            ]
        )
        return dict(zip(["C1", "S2", "C3", "S4", "C5", "F6", "output"], pairs, strict=True))

    return answers_1998(table, params)


@right("lenet5_1998", namespace=True)
def by_loops_and_marks():
    def table():
        marks = np.zeros((16, 6), dtype=bool)
        for k in range(6):
            for i in range(4):
                if i < 3:
                    marks[k, (k + i) % 6] = True
                marks[6 + k, (k + i) % 6] = True
        for k in range(3):
            for i in (0, 1, 3, 4):
                marks[12 + k, (k + i) % 6] = True
        marks[15, :] = True
        return marks

    def params(table):
        counts = {}
        c3 = 0
        for row in table:
            c3 += 5 * 5 * row.sum() + 1
        for name, weights, places in (("C1", 6 * (5 * 5 + 1), 28 * 28), ("C3", c3, 10 * 10)):
            counts[name] = (weights, weights * places)
        for name, maps, side in (("S2", 6, 14), ("S4", 16, 5)):
            counts[name] = (2 * maps, side * side * maps * 5)
        for name, inputs, units in (("C5", 400, 120), ("F6", 120, 84)):
            counts[name] = (np.int64((inputs + 1) * units), float((inputs + 1) * units))
        counts["output"] = (0, 84 * 10)
        return counts

    return answers_1998(table, params)


@wrong("lenet5_1998", names="rows and columns are exchanged", namespace=True)
def table_turned():
    return answers_1998(lambda: full_table().T, counted)


@wrong("lenet5_1998", names="The ring is not closed", namespace=True)
def ring_not_closed():
    def table():
        marks = np.zeros((16, 6), dtype=bool)
        for k in range(6):
            marks[k, k : k + 3] = True
            marks[6 + k, k : k + 4] = True
        for k in range(3):
            marks[12 + k, k : k + 2] = True
            marks[12 + k, k + 3 : k + 5] = True
        marks[15] = True
        return marks

    return answers_1998(table, counted)


@wrong("lenet5_1998", names="Every map reads all six", namespace=True)
def every_map_reads_all():
    return answers_1998(lambda: np.ones((16, 6), bool), counted)


@wrong("lenet5_1998", names="Nothing is connected yet", namespace=True)
def nothing_connected():
    return answers_1998(lambda: np.zeros((16, 6), bool), counted)


@wrong("lenet5_1998", names="expected shape (16, 6)", namespace=True)
def flat_table():
    return answers_1998(lambda: full_table().ravel(), counted)


@wrong("lenet5_1998", namespace=True)
def fours_begin_at_their_own_number():
    def table():
        marks = full_table()
        marks[14] = [1, 0, 1, 1, 0, 0]
        return marks

    return answers_1998(table, counted)


@wrong("lenet5_1998", names="as if every map read all six", namespace=True)
def c3_counted_in_full():
    return answers_1998(full_table, lambda table: counted(table, c3=2_416, connections=241_600))


@wrong("lenet5_1998", names="not one for each connection of the table", namespace=True)
def a_bias_for_each_connection():
    return answers_1998(full_table, lambda table: counted(table, c3=26 * int(np.sum(table))))


@wrong("lenet5_1998", names="C3 has no biases here", namespace=True)
def c3_without_biases():
    return answers_1998(full_table, lambda table: counted(table, c3=25 * int(np.sum(table))))


@wrong("lenet5_1998", names="S2 and S4 have weights in 1998", namespace=True)
def pooling_of_today():
    return answers_1998(full_table, lambda table: counted(table, subsampling=(0, 5)))


@wrong("lenet5_1998", names="S2 and S4 have a bias too", namespace=True)
def coefficient_only():
    return answers_1998(full_table, lambda table: counted(table, subsampling=(1, 5)))


@wrong("lenet5_1998", names="one coefficient for a map", namespace=True)
def four_coefficients():
    return answers_1998(full_table, lambda table: counted(table, subsampling=(5, 5)))


@wrong("lenet5_1998", names="The ten units at the end are fixed", namespace=True)
def output_is_trained():
    return answers_1998(full_table, lambda table: counted(table, output=(840, 840)))


@wrong("lenet5_1998", names="have neither biases nor anything that is trained", namespace=True)
def output_is_dense():
    return answers_1998(full_table, lambda table: counted(table, output=(850, 840)))


@wrong("lenet5_1998", names="The output layer has no biases", namespace=True)
def output_with_biases():
    return answers_1998(full_table, lambda table: counted(table, output=(0, 850)))


@wrong("lenet5_1998", names="but it is connected", namespace=True)
def output_not_connected():
    return answers_1998(full_table, lambda table: counted(table, output=(0, 0)))


@wrong("lenet5_1998", names="a bias is a connection too", namespace=True)
def connections_without_biases():
    return answers_1998(full_table, lambda table: counted(table, bias=False, subsampling=(2, 4)))


@wrong("lenet5_1998", names="A bias is a connection too", namespace=True)
def no_bias_is_connected():
    def params(table):
        counts = counted(table, bias=False, subsampling=(2, 4))
        return counts | {"C5": (48_120, 48_000), "F6": (10_164, 10_080)}

    return answers_1998(full_table, params)


@wrong("lenet5_1998", names="These are the parameters", namespace=True)
def parameters_twice():
    def params(table):
        return {name: (pair[0], pair[0]) for name, pair in counted(table).items()} | {"output": (0, 840)}

    return answers_1998(full_table, params)


@wrong("lenet5_1998", names="the pair begins with the trainable parameters", namespace=True)
def pairs_exchanged():
    return answers_1998(full_table, lambda table: {name: pair[::-1] for name, pair in counted(table).items()})


@wrong("lenet5_1998", names="the connections stand second", namespace=True)
def trainable_parameters_twice():
    def params(table):
        return {name: (pair[0], pair[0]) for name, pair in counted(table).items()}

    return answers_1998(full_table, params)


@wrong("lenet5_1998", names="Each unit of C5 and F6 has a bias", namespace=True)
def dense_layers_without_biases():
    dense = {"C5": (48_000, 48_000), "F6": (10_080, 10_080)}
    return answers_1998(full_table, lambda table: counted(table) | dense)


@wrong("lenet5_1998", names="expected shape (16, 6)", namespace=True)
def fifteen_rows():
    return answers_1998(lambda: full_table()[:15], counted)


@wrong("lenet5_1998", namespace=True)
def numbers_of_the_maps_instead_of_marks():
    """Rows of unlike length, which are no table."""
    return answers_1998(lambda: [list(np.flatnonzero(row)) for row in full_table()], counted)


@right("lenet5_1998", namespace=True)
def lists_of_marks_and_arrays_of_counts():
    def params(table):
        return {name: np.array(pair, np.float32) for name, pair in counted(np.asarray(table)).items()}

    return answers_1998(lambda: [tuple(map(int, row)) for row in full_table()], params)


@wrong("lenet5_1998", names="S2 and S4 read four numbers, and a bias", namespace=True)
def two_connections_a_place():
    return answers_1998(full_table, lambda table: counted(table, subsampling=(2, 2)))


@wrong("lenet5_1998", names="C3 is counted as if every map read all six", namespace=True)
def connections_of_a_full_c3():
    return answers_1998(full_table, lambda table: counted(table, connections=241_600))


@wrong("lenet5_1998", names="the key 'output' is missing", namespace=True)
def one_key_missing():
    return answers_1998(full_table, lambda table: {k: v for k, v in counted(table).items() if k != "output"})


@wrong("lenet5_1998", names="a pair is expected", namespace=True)
def only_parameters():
    return answers_1998(full_table, lambda table: {name: pair[0] for name, pair in counted(table).items()})


@wrong("lenet5_1998", namespace=True)
def numbers_of_the_paper_whatever_the_table():
    return answers_1998(full_table, lambda table: counted(full_table()))


# ---- diagnose ----


def causes(learner="sample"):
    """The right codes."""
    return list(my_causes.for_learner(learner)[1])


def exchanged(first, second):
    """The right codes with two of them exchanged."""
    return [{first: second, second: first}.get(code, code) for code in causes()]


@right("diagnose", namespace=True)
def codes():
    return {"my_causes": causes()}


@right("diagnose", namespace=True)
def codes_as_a_tuple_in_capitals():
    return {"my_causes": tuple(f" {code.title()}" for code in causes())}


@right("diagnose", namespace=True)
def codes_as_an_array():
    return {"my_causes": np.array(causes())}


@wrong("diagnose", names="Both errors complain of a rank", namespace=True)
def ranks_exchanged():
    return {"my_causes": exchanged("flatten", "labels")}


@wrong("diagnose", names="Look at the hidden layers and at the last one", namespace=True)
def ends_exchanged():
    return {"my_causes": exchanged("loss", "activation")}


@wrong("diagnose", names="before it has seen an image", namespace=True)
def loud_and_silent_exchanged():
    return {"my_causes": exchanged("channels", "padding")}


@wrong("diagnose", names="The pixels are divided by 255", namespace=True)
def not_scaled():
    return {"my_causes": ["scale" if code == "channels" else code for code in causes()]}


@wrong("diagnose", names="Ten digits, ten units", namespace=True)
def wrong_units():
    return {"my_causes": ["units" if code == "flatten" else code for code in causes()]}


@wrong("diagnose", names="Adam with its own learning rate", namespace=True)
def wrong_rate():
    return {"my_causes": ["rate" if code == "loss" else code for code in causes()]}


@wrong("diagnose", names="there is no code 'softmax'", namespace=True)
def own_code():
    return {"my_causes": ["softmax" if code == "loss" else code for code in causes()]}


@wrong("diagnose", names="expected six codes; received 5", namespace=True)
def five_codes():
    return {"my_causes": causes()[:5]}


@wrong("diagnose", names="expected a list of six codes", namespace=True)
def one_text():
    return {"my_causes": ", ".join(causes())}


@wrong("diagnose", namespace=True)
def in_the_order_of_the_list():
    return {"my_causes": ["channels", "flatten", "loss", "padding", "activation", "labels"]}


@wrong("diagnose", namespace=True)
def the_same_for_all():
    return {"my_causes": ["loss"] * 6}


# ---- three_ways ----


def functional(shape):
    """The lecture's network, functional."""
    inputs = x = keras.Input(shape)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(1024, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


class Subclassed(keras.Model):
    """The lecture's network, as a class."""

    def __init__(self):
        super().__init__()
        self.convolutions = [layers.Conv2D(filters, 3, activation="relu") for filters in (32, 64)]
        self.pool, self.flat = layers.MaxPooling2D(), layers.Flatten()
        self.hidden = layers.Dense(1024, activation="relu")
        self.last = layers.Dense(10, activation="softmax")

    def call(self, x):
        for convolution in self.convolutions:
            x = self.pool(convolution(x))
        return self.last(self.hidden(self.flat(x)))


def three(sequential=lecture, functional=functional, subclassed=lambda shape: Subclassed()):
    """The learner's three functions."""
    return {
        "sequential_model": sequential,
        "functional_model": functional,
        "subclassed_model": subclassed,
    }


@right("three_ways", namespace=True)
def as_in_the_notebook():
    return three()


@right("three_ways", namespace=True)
def in_other_words():
    def sequential_model(shape):
        model = keras.Sequential()
        for filters in (32, 64):
            model.add(layers.Conv2D(filters, 3, activation="relu"))
            model.add(layers.MaxPooling2D())
        model.add(layers.Flatten())
        model.add(layers.Dense(1024, activation="relu"))
        model.add(layers.Dense(10, activation="softmax"))
        return model

    def functional_model(shape):
        inputs = keras.Input(shape=shape, name="digit")
        maps = layers.MaxPooling2D()(keras.activations.relu(layers.Conv2D(32, 3)(inputs)))
        maps = layers.MaxPooling2D()(layers.Activation("relu")(layers.Conv2D(64, 3)(maps)))
        hidden = layers.ReLU()(layers.Dense(1024)(layers.Flatten()(maps)))
        return keras.models.Model(inputs=[inputs], outputs=layers.Softmax()(layers.Dense(10)(hidden)))

    class Net(tf.keras.Model):
        def __init__(self, shape):
            super().__init__()
            self.last = tf.keras.layers.Dense(10)
            self.first = tf.keras.layers.Dense(1024, activation="relu")
            self.two = tf.keras.layers.Conv2D(64, 3)
            self.one = tf.keras.layers.Conv2D(32, 3)

        def call(self, inputs, training=False):
            x = tf.nn.max_pool2d(tf.nn.relu(self.one(inputs)), 2, 2, "VALID")
            x = tf.nn.max_pool2d(tf.nn.relu(self.two(x)), 2, 2, "VALID")
            x = tf.reshape(x, (len(x), -1))
            return tf.nn.softmax(self.last(self.first(x)))

    def subclassed_model(shape):
        model = Net(shape)
        model(np.zeros((1, *shape), np.float32))
        return model

    return three(sequential_model, functional_model, subclassed_model)


@right("three_ways", namespace=True)
def parts_inside_parts():
    def functional_model(shape):
        x = keras.Input(shape)
        return keras.Model(x, lecture(shape)(x))

    class Net(keras.Model):
        def __init__(self, shape):
            super().__init__()
            self.parts = lecture(shape).layers

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

    def subclassed_model(shape):
        model = Net(shape)
        model.build((None, *shape))
        return model

    return three(functional=functional_model, subclassed=subclassed_model)


@wrong("three_ways", names="This is a Sequential model. Here a functional model", namespace=True)
def sequential_three_times():
    return three(lecture, lecture, lecture)


@wrong("three_ways", names="This is a functional model", namespace=True)
def functional_three_times():
    return three(functional, functional, functional)


@wrong("three_ways", names="This is a model of a class of your own", namespace=True)
def a_class_for_all():
    return three(subclassed=lambda shape: Subclassed(), functional=lambda shape: Subclassed())


@wrong("three_ways", names="The softmax at the end is missing", namespace=True)
def functional_without_softmax():
    def functional_model(shape):
        inputs = x = keras.Input(shape)
        for filters in (32, 64):
            x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, activation="relu")(x))
        x = layers.Dense(1024, activation="relu")(layers.Flatten()(x))
        return keras.Model(inputs, layers.Dense(10)(x))

    return three(functional=functional_model)


@wrong("three_ways", names="The second convolution has no activation", namespace=True)
def subclass_without_one_relu():
    class Net(Subclassed):
        def __init__(self):
            super().__init__()
            self.convolutions[1].activation = keras.activations.linear

    return three(subclassed=lambda shape: Net())


@wrong("three_ways", names="64 maps: there are 32", namespace=True)
def layers_in_another_order():
    class Net(Subclassed):
        def call(self, x):
            for convolution in self.convolutions[::-1]:
                x = self.pool(convolution(x))
            return self.last(self.hidden(self.flat(x)))

    return three(subclassed=lambda shape: Net())


@wrong("three_ways", names="an object of type type", namespace=True)
def the_class_itself():
    return three(subclassed=lambda shape: Subclassed)


@wrong("three_ways", namespace=True)
def input_overwritten():
    def functional_model(shape):
        x = keras.Input(shape)
        for filters in (32, 64):
            x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, activation="relu")(x))
        x = layers.Dense(1024, activation="relu")(layers.Flatten()(x))
        return keras.Model(x, layers.Dense(10, activation="softmax")(x))

    return three(functional=functional_model)


@wrong("three_ways", namespace=True)
def one_functional_model_for_digits_only():
    model = functional((28, 28, 1))
    return three(functional=lambda shape: model)
