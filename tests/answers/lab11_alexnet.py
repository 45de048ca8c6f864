"""Lab 11: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from course import draws
from tests.answers import right, wrong

CONV1 = draws.numbers("lab11_alexnet", "my_conv1", "sample")
DENSE = draws.numbers("lab11_alexnet", "my_dense", "sample")

# ---- history ----

IMAGES = (1_281_167, 1_281_167 * 224 * 224, 1367)


def told(**changed):
    """The right names, but for some."""
    names = {"order": list("BCDEFAG"), "winners": list("NSGM"), "chart": (2012, 9.4, 2015, 46), "images": IMAGES}
    return names | changed


@right("history", namespace=True)
def lists_of_letters():
    return told()


@right("history", namespace=True)
def texts_and_computed_numbers():
    errors = {2010: 28.2, 2011: 25.8, 2012: 16.4, 2013: 11.7, 2014: 6.7, 2015: 3.6}
    falls = {year: errors[year - 1] - errors[year] for year in range(2011, 2016)}
    shares = {year: fall / errors[year - 1] for year, fall in falls.items()}
    points, share = max(falls, key=falls.get), max(shares, key=shares.get)
    count = 1_431_167 - 150_000
    pixels = count * 224**2
    chart = (points, falls[points], share, round(100 * shares[share]))
    return told(
        order="b c d e f a g", winners=("n", "S", "G", "m"), chart=chart,
        images=[count, pixels, round(pixels / (60_000 * 28**2))],
    )  # fmt: skip


@wrong("history", names="turned round", namespace=True)
def newest_first():
    return told(order=list("GAFEDCB"))


@wrong("history", names="The data set (F) is older", namespace=True)
def network_before_its_data():
    return told(order="BCDEAFG")


@wrong("history", names="The Neocognitron (C) is older", namespace=True)
def back_propagation_first():
    return told(order="BDCEFAG")


@wrong("history", names="VGG was second", namespace=True)
def vgg_won():
    return told(winners=list("NSVM"))


@wrong("history", names="XRCE won in 2011", namespace=True)
def xrce_in_2010():
    return told(winners=list("XSGM"))


@wrong("history", names="divide each fall by the error before it", namespace=True)
def one_year_for_both():
    return told(chart=(2012, 9.4, 2012, 36))


@wrong("history", names="Divided by the error afterwards", namespace=True)
def divided_by_the_shorter_bar():
    return told(chart=(2012, 9.4, 2015, 87))


@wrong("history", names="the share that is left", namespace=True)
def share_left():
    return told(chart=(2012, 9.4, 2015, 54))


@wrong("history", names="The two halves are exchanged", namespace=True)
def halves_exchanged():
    return told(chart=(2015, 46, 2012, 9.4))


@wrong("history", names="in per cent", namespace=True)
def no_per_cent():
    return told(chart=(2012, 9.4, 2015, 0.46))


def counted(images, colours=1, mnist=60_000 * 784):
    pixels = images * 224**2 * colours
    return images, pixels, round(pixels / mnist)


@wrong("history", names="These are all images", namespace=True)
def all_images():
    return told(images=counted(1_431_167))


@wrong("history", names="The images for testing are still among them", namespace=True)
def with_tests():
    return told(images=counted(1_381_167))


@wrong("history", names="The images for validation are still among them", namespace=True)
def with_validation():
    return told(images=counted(1_331_167))


@wrong("history", names="Three colours are counted", namespace=True)
def three_colours():
    return told(images=counted(1_281_167, colours=3))


@wrong("history", names="28×28 pixels each", namespace=True)
def against_sixty_thousand():
    return told(images=counted(1_281_167, mnist=60_000))


@wrong("history", names="rounded down", namespace=True)
def rounded_down():
    return told(images=(*IMAGES[:2], 1366))


@wrong("history", namespace=True)
def number_instead_of_letters():
    return told(order=7, winners=None, chart=2012, images="many")


# ---- topk_error ----


@right("topk_error")
def counts_others_at_least_as_large(p, y, k):
    own = p[np.arange(len(y)), y]
    return np.mean((p >= own[:, None]).sum(axis=1) - 1 >= k)


@right("topk_error")
def image_by_image(p, y, k):
    misses = 0
    for scores, label in zip(p.tolist(), y.tolist(), strict=True):
        others = [score for c, score in enumerate(scores) if c != label]
        if sum(score >= scores[label] for score in others) >= k:
            misses += 1
    return misses / len(p)


@right("topk_error")
def best_list_with_the_label_last_among_equals(p, y, k):
    hits = []
    for i in range(p.shape[0]):
        order = sorted(range(p.shape[1]), key=lambda c: (-p[i, c], c == y[i]))
        hits.append(y[i] in order[:k])
    return 1.0 - np.float32(sum(hits)) / np.float32(len(hits))


@right("topk_error")
def through_the_kth_largest_of_the_others(p, y, k):
    p = np.array(p, dtype=float)
    rows = np.arange(len(y))
    own = p[rows, y].copy()
    p[rows, y] = -np.inf
    return tf.reduce_mean(tf.cast(np.sort(p, axis=1)[:, -k] >= own, tf.float64))


@right("topk_error")
def a_little_less_for_the_label(p, y, k):
    rows = np.arange(len(y))
    lowered = np.array(p, dtype=float)
    lowered[rows, y] = np.nextafter(lowered[rows, y], -np.inf)
    best = np.argsort(-lowered, axis=1)[:, :k]
    return np.float64(1) - np.mean((best == y[:, None]).any(axis=1))


@wrong("topk_error", names="This is the accuracy")
def accuracy(p, y, k):
    own = p[np.arange(len(y)), y]
    return np.mean((p >= own[:, None]).sum(axis=1) - 1 < k)


@wrong("topk_error", names="These are per cent")
def per_cent(p, y, k):
    own = p[np.arange(len(y)), y]
    return 100 * np.mean((p >= own[:, None]).sum(axis=1) - 1 >= k)


@wrong("topk_error", names="This is the number of misses")
def misses(p, y, k):
    own = p[np.arange(len(y)), y]
    return np.sum((p >= own[:, None]).sum(axis=1) - 1 >= k)


@wrong("topk_error", names="A tie is counted as a hit")
def kind_to_ties(p, y, k):
    own = p[np.arange(len(y)), y]
    return np.mean((p > own[:, None]).sum(axis=1) >= k)


@wrong("topk_error", names="the first ones count as best")
def first_of_equals(p, y, k):
    order = np.argsort(-p, axis=1, kind="stable")[:, :k]
    return 1 - np.mean([label in row for row, label in zip(order, y, strict=True)])


@wrong("topk_error", names="the last ones count as best")
def last_of_equals(p, y, k):
    order = np.argsort(p, axis=1, kind="stable")[:, -k:]
    return 1 - np.mean([label in row for row, label in zip(order, y, strict=True)])


@wrong("topk_error", names="The k smallest scores")
def smallest(p, y, k):
    order = np.argsort(p, axis=1, kind="stable")[:, :k]
    return 1 - np.mean([label in row for row, label in zip(order, y, strict=True)])


@wrong("topk_error", names="k is ignored")
def always_top_1(p, y, k):
    own = p[np.arange(len(y)), y]
    return np.mean((p >= own[:, None]).sum(axis=1) > 1)


@wrong("topk_error", names="One class too few")
def one_class_too_few(p, y, k):
    own = p[np.arange(len(y)), y]
    return np.mean((p >= own[:, None]).sum(axis=1) >= k)


@wrong("topk_error", names="One class too many")
def one_class_too_many(p, y, k):
    own = p[np.arange(len(y)), y]
    return np.mean((p >= own[:, None]).sum(axis=1) - 1 > k)


@wrong("topk_error", names="Only place k is looked at")
def place_k_alone(p, y, k):
    order = np.argsort(-p, axis=1, kind="stable")
    return np.mean(order[:, k - 1] != y)


@wrong("topk_error")
def of_the_first_image(p, y, k):
    return float(np.sum(p[0] >= p[0, y[0]]) - 1 >= k)


@wrong("topk_error", names="changed its input")
def spoils_the_scores(p, y, k):
    own = p[np.arange(len(y)), y].copy()
    p[np.arange(len(y)), y] = -1
    return np.mean((p >= own[:, None]).sum(axis=1) >= k)


# ---- alexnet ----

MAPS = (96, 256, 384, 384, 256)


@right("alexnet")
def sequential(groups, classes, width):
    conv, pool, dense = layers.Conv2D, layers.MaxPooling2D, layers.Dense
    return keras.Sequential(
        [
            keras.Input((227, 227, 3)),
            conv(int(96 * width), 11, strides=4, activation="relu"),
            pool(3, strides=2),
            conv(int(256 * width), 5, padding="same", groups=groups, activation="relu"),
            pool(3, strides=2),
            conv(int(384 * width), 3, padding="same", activation="relu"),
            conv(int(384 * width), 3, padding="same", groups=groups, activation="relu"),
            conv(int(256 * width), 3, padding="same", groups=groups, activation="relu"),
            pool(3, strides=2),
            layers.Flatten(),
            dense(int(4096 * width), activation="relu"),
            layers.Dropout(0.5),
            dense(int(4096 * width), activation="relu"),
            layers.Dropout(0.5),
            dense(classes, activation="softmax"),
        ]
    )


@right("alexnet")
def functional_with_layers_for_padding_and_activation(groups, classes, width):
    inputs = x = keras.layers.Input(shape=(227, 227, 3), name="conv1")
    for number, (maps, side) in enumerate(zip(MAPS, (11, 5, 3, 3, 3), strict=True)):
        if number:
            x = layers.ZeroPadding2D(side // 2)(x)
        split = groups if number in (1, 3, 4) else 1
        x = layers.Conv2D(round(maps * width), (side, side), strides=(4, 4) if number == 0 else 1, groups=split)(x)
        x = layers.ReLU()(x)
        if number in (0, 1, 4):
            x = layers.MaxPool2D(pool_size=(3, 3), strides=(2, 2), padding="valid", name=f"conv{9 - number}")(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Activation("relu")(layers.Dense(round(4096 * width))(x))
    return keras.Model(inputs=inputs, outputs=layers.Softmax()(layers.Dense(classes)(x)))


@right("alexnet")
def subclassed(groups, classes, width):
    class AlexNet(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = layers.Dense(classes)
            self.hidden = [layers.Dense(int(4096 * width), activation="relu") for _ in range(2)]
            self.convs = [
                layers.Conv2D(int(96 * width), 11, 4, activation="relu"),
                layers.Conv2D(int(256 * width), 5, padding="same", activation="relu", groups=groups),
                layers.Conv2D(int(384 * width), 3, padding="same", activation="relu"),
                layers.Conv2D(int(384 * width), 3, padding="same", activation="relu", groups=groups),
                layers.Conv2D(int(256 * width), 3, padding="same", activation="relu", groups=groups),
            ]
            self.pool = layers.MaxPooling2D(3, 2)

        def call(self, x):
            for number, conv in enumerate(self.convs):
                x = conv(x)
                if number in (0, 1, 4):
                    x = self.pool(x)
            x = ops.reshape(x, (-1, 36 * int(256 * width)))
            for dense in self.hidden:
                x = dense(x)
            return ops.softmax(self.last(x))

    return AlexNet()


@right("alexnet")
def of_224_pixels_and_two_zeros(groups, classes, width):
    """As the paper prints it: 224×224, with two zeros on each side."""
    body = keras.Sequential([layers.InputLayer(shape=(224, 224, 3)), layers.ZeroPadding2D(2)])
    settings = [(11, 4, "valid"), (5, 1, "same"), (3, 1, "same"), (3, 1, "same"), (3, 1, "same")]
    for number, (maps, (side, stride, padding)) in enumerate(zip(MAPS, settings, strict=True), start=1):
        split = groups if number in (2, 4, 5) else 1
        body.add(layers.Conv2D(int(maps * width), side, stride, padding, groups=split, activation="relu"))
        if number in (1, 2, 5):
            body.add(layers.MaxPooling2D(3, 2))
    head = keras.Sequential(
        [
            layers.Conv2D(int(4096 * width), 6, activation="relu"),
            layers.Flatten(),
            layers.Dense(int(4096 * width), activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    return keras.Sequential([body, head])


def build(
    groups, classes, width, *, side=227, first="valid", second="same", pools=(1, 2, 5), pool=None, window=(3, 2),
    split=(2, 4, 5), functions=None, hidden=("relu", "relu"), last="softmax", units=4096, bias=True, maps=MAPS,
    strides=(4, 1, 1, 1, 1), norm=False, channels=3,
):  # fmt: skip
    """For wrong answers: AlexNet with one thing changed."""
    functions = functions or ["relu"] * 5
    model = keras.Sequential([keras.Input((side, side, channels))])
    for number in range(1, 6):
        model.add(
            layers.Conv2D(
                int(maps[number - 1] * width),
                (11, 5, 3, 3, 3)[number - 1],
                strides=strides[number - 1],
                padding={1: first, 2: second}.get(number, "same"),
                groups=groups if number in split else 1,
                activation=functions[number - 1],
                use_bias=bias,
            )
        )
        if norm and number < 3:
            model.add(layers.Lambda(lambda x: tf.nn.local_response_normalization(x, 2, 2.0, 1e-4, 0.75)))
        if number in pools:
            model.add((pool or layers.MaxPooling2D)(*window))
    model.add(layers.Flatten())
    for function in hidden:
        model.add(layers.Dense(int(units * width), activation=function, use_bias=bias))
    if last is not False:
        model.add(layers.Dense(classes, activation=last, use_bias=bias))
    return model


@right("alexnet")
def two_towers_from_the_picture_on(groups, classes, width):
    """Two graphics cards: each has half of the maps; conv3 and the dense layers read both."""
    if groups == 1:
        return build(1, classes, width)
    inputs = keras.Input((227, 227, 3))

    def conv(x, maps, side, **options):
        return layers.Conv2D(int(maps * width) // 2, side, activation="relu", **options)(x)

    def pool(x):
        return layers.MaxPooling2D(3, 2)(x)

    cards = [pool(conv(inputs, 96, 11, strides=4)) for _ in range(2)]
    cards = [pool(conv(x, 256, 5, padding="same")) for x in cards]
    both = layers.Concatenate()(cards)
    cards = [conv(both, 384, 3, padding="same") for _ in range(2)]
    cards = [conv(x, 384, 3, padding="same") for x in cards]
    cards = [pool(conv(x, 256, 3, padding="same")) for x in cards]
    x = layers.Concatenate()([layers.Flatten()(x) for x in cards])
    for _ in range(2):
        x = layers.Concatenate()([layers.Dense(int(2048 * width), activation="relu")(x) for _ in range(2)])
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))


def dense_layers(x, classes, width):
    """AlexNet's end, from the maps on."""
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(int(4096 * width), activation="relu")(x)
    return layers.Dense(classes, activation="softmax")(x)


def in_two_parts(x, maps, side):
    """A convolution in two groups, by hand."""
    first, second = ops.split(x, 2, axis=-1)
    parts = [layers.Conv2D(maps // 2, side, padding="same", activation="relu")(part) for part in (first, second)]
    return layers.concatenate(parts)


@right("alexnet")
def split_and_joined_at_each_grouped_layer(groups, classes, width):
    def conv(x, maps, side):
        if groups == 2:
            return in_two_parts(x, int(maps * width), side)
        return layers.Conv2D(int(maps * width), side, padding="same", activation="relu")(x)

    inputs = keras.Input((227, 227, 3))
    x = layers.MaxPooling2D(3, 2)(layers.Conv2D(int(96 * width), 11, 4, activation="relu")(inputs))
    x = layers.MaxPooling2D(3, 2)(conv(x, 256, 5))
    x = layers.Conv2D(int(384 * width), 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(3, 2)(conv(conv(x, 384, 3), 256, 3))
    return keras.Model(inputs, dense_layers(x, classes, width))


@right("alexnet")
def pooled_before_relu_and_dense_as_convolutions(groups, classes, width):
    model = keras.Sequential([layers.InputLayer(shape=(227, 227, 3))])
    for maps, side, shared, pooled in (
        (96, 11, 1, True), (256, 5, groups, True), (384, 3, 1, False), (384, 3, groups, False),
        (256, 3, groups, True),
    ):  # fmt: skip
        if side < 11:
            model.add(layers.ZeroPadding2D(side // 2))
        model.add(layers.Conv2D(int(maps * width), side, 4 if side == 11 else 1, groups=shared))
        if pooled:
            model.add(layers.MaxPooling2D(3, 2))
        model.add(layers.Activation("relu"))  # the largest of nine ReLUs is the ReLU of the largest
    model.add(layers.Conv2D(int(4096 * width), 6, activation="relu"))
    model.add(layers.Dropout(0.5))
    model.add(layers.Conv2D(int(4096 * width), 1, activation="relu"))
    model.add(layers.Conv2D(classes, 1))
    model.add(layers.Flatten())
    model.add(layers.Softmax())
    model.compile("sgd", "categorical_crossentropy")
    return model


@wrong("alexnet", names="conv1: the output is 54×54×96 instead of 55×55×96")
def of_224_pixels(groups, classes, width):
    return build(groups, classes, width, side=224)


@wrong("alexnet", names="conv1: the output is 57×57×12 instead of 55×55×12")
def padded_first_layer(groups, classes, width):
    return build(groups, classes, width, first="same")


@wrong("alexnet", names="conv2: the output is 23×23×256 instead of 27×27×256")
def second_layer_without_padding(groups, classes, width):
    return build(groups, classes, width, second="valid")


@wrong("alexnet", names="Where pool1 (MaxPooling2D) stands in the table")
def first_pooling_missing(groups, classes, width):
    return build(groups, classes, width, pools=(2, 5))


@wrong("alexnet", names="Where pool5 (MaxPooling2D) stands in the table")
def last_pooling_missing(groups, classes, width):
    return build(groups, classes, width, pools=(1, 2))


@wrong("alexnet", names="pool1: the window is 2×2: it is 3×3")
def pools_without_overlap(groups, classes, width):
    return build(groups, classes, width, window=(2, 2))


@wrong("alexnet", names="pool1: the stride is 3×3: it is 2")
def default_stride_of_pooling(groups, classes, width):
    return build(groups, classes, width, window=(3,))


@wrong("alexnet", names="Where pool1 (MaxPooling2D) stands in the table, the model has a layer AveragePooling2D")
def average_pooling(groups, classes, width):
    return build(groups, classes, width, pool=layers.AveragePooling2D)


@wrong("alexnet", names="conv1: the stride is 1")
def stride_forgotten(groups, classes, width):
    return build(groups, classes, width, strides=(1, 1, 1, 1, 1))


@wrong("alexnet", names="conv3: 256 maps: there are 384")
def maps_of_conv3(groups, classes, width):
    return build(groups, classes, width, maps=(96, 256, 256, 384, 256))


@wrong("alexnet", names="`groups` is not used")
def never_grouped(groups, classes, width):
    return build(1, classes, width)


@wrong("alexnet", names="although the call asks for one")
def always_grouped(groups, classes, width):
    return build(2, classes, width)


@wrong("alexnet", names="conv3: 442,752 parameters: there are 885,120")
def every_layer_grouped(groups, classes, width):
    return build(groups, classes, width, split=(2, 3, 4, 5))


@wrong("alexnet", names="`width` is not used")
def width_ignored(groups, classes, width):
    return build(groups, classes, 1)


@wrong("alexnet", names="`classes` is not used")
def thousand_classes(groups, classes, width):
    return build(groups, 1000, width)


@wrong("alexnet", names="The classes are multiplied by `width` too")
def classes_scaled(groups, classes, width):
    return build(groups, round(classes * width), width)


@wrong("alexnet", names="fc6: 2048 units: there are 4096")
def half_as_many_units(groups, classes, width):
    return build(groups, classes, width, units=2048)


@wrong("alexnet", names="fc7: 1000 units: there are 4096")
def one_hidden_layer(groups, classes, width):
    return build(groups, classes, width, hidden=("relu",))


@wrong("alexnet", names="fc8 is missing at the end")
def no_last_layer(groups, classes, width):
    return build(groups, classes, width, last=False)


@wrong("alexnet", names="conv1: 34,848 parameters: there are 34,944")
def no_biases(groups, classes, width):
    return build(groups, classes, width, bias=False)


@wrong("alexnet", names="conv1: 11,712 parameters")
def grey_pictures(groups, classes, width):
    return build(groups, classes, width, channels=1)


@wrong("alexnet", names="No layer has a ReLU")
def linear(groups, classes, width):
    return build(groups, classes, width, functions=[None] * 5, hidden=(None, None))


@wrong("alexnet", names="The convolutions have no ReLU")
def linear_convolutions(groups, classes, width):
    return build(groups, classes, width, functions=[None] * 5)


@wrong("alexnet", names="The hidden dense layers have no ReLU")
def linear_dense(groups, classes, width):
    return build(groups, classes, width, hidden=(None, None))


@wrong("alexnet", names="conv4 has no activation")
def linear_conv4(groups, classes, width):
    return build(groups, classes, width, functions=["relu", "relu", "relu", None, "relu"])


@wrong("alexnet", names="This uses tanh")
def tanh(groups, classes, width):
    return build(groups, classes, width, functions=["tanh"] * 5, hidden=("tanh", "tanh"))


@wrong("alexnet", names="The softmax at the end is missing")
def logits(groups, classes, width):
    return build(groups, classes, width, last=None)


@wrong("alexnet", names="The last layer has a sigmoid")
def sigmoid(groups, classes, width):
    return build(groups, classes, width, last="sigmoid")


@wrong("alexnet", names="Response normalisation is in it")
def with_normalisation(groups, classes, width):
    return build(groups, classes, width, norm=True)


@wrong("alexnet")
def batch_normalised(groups, classes, width):
    model = build(groups, classes, width)
    parts = [model.layers[0], layers.BatchNormalization(), *model.layers[1:]]
    return keras.Sequential([keras.Input((227, 227, 3)), *parts])


@wrong("alexnet")
def both_halves_read_the_first(groups, classes, width):
    """The second tower's conv2 reads the first tower's maps."""
    if groups == 1:
        return build(1, classes, width)
    inputs = keras.Input((227, 227, 3))
    x = layers.MaxPooling2D(3, 2)(layers.Conv2D(int(96 * width), 11, 4, activation="relu")(inputs))
    half = x[..., : int(48 * width)]
    parts = [layers.Conv2D(int(128 * width), 5, padding="same", activation="relu")(half) for _ in range(2)]
    x = layers.MaxPooling2D(3, 2)(layers.concatenate(parts))
    x = layers.Conv2D(int(384 * width), 3, padding="same", activation="relu")(x)
    x = in_two_parts(in_two_parts(x, int(384 * width), 3), int(256 * width), 3)
    return keras.Model(inputs, dense_layers(layers.MaxPooling2D(3, 2)(x), classes, width))


@wrong("alexnet")
def every_other_map_in_a_group(groups, classes, width):
    class Grouped(layers.Layer):
        def __init__(self, maps, side):
            super().__init__()
            self.filters = layers.Conv2D(maps, side, padding="same", groups=groups, activation="relu")

        def call(self, x):
            return self.filters(keras.ops.concatenate([x[..., first::groups] for first in range(groups)], axis=-1))

    inputs = x = keras.Input((227, 227, 3))
    for maps, side, grouped, pooled in (
        (96, 11, False, True), (256, 5, True, True), (384, 3, False, False), (384, 3, True, False),
        (256, 3, True, True),
    ):  # fmt: skip
        maps, plain = int(maps * width), {"padding": "same"} if side < 11 else {"strides": 4}
        x = (Grouped(maps, side) if grouped else layers.Conv2D(maps, side, activation="relu", **plain))(x)
        x = layers.MaxPooling2D(3, 2)(x) if pooled else x
    return keras.Model(inputs, dense_layers(x, classes, width))


@wrong("alexnet")
def only_the_number(groups, classes, width):
    return 62_378_344 if groups == 1 else 60_965_224


@wrong("alexnet")
def a_right_card_and_nothing_behind_it(groups, classes, width):
    """All layers are there; the outputs do not come from them."""
    model = build(groups, classes, width)
    return keras.Model(model.inputs, 0.0 * model.outputs[0] + 1 / classes)


@wrong("alexnet")
def returns_nothing(groups, classes, width):
    build(groups, classes, width)


# ---- local_response_norm ----


@right("local_response_norm")
def slices(x, n, k, alpha, beta):
    squares, out, half = x**2, np.empty(x.shape), n // 2
    for i in range(x.shape[-1]):
        total = squares[..., max(0, i - half) : i + half + 1].sum(axis=-1)
        out[..., i] = x[..., i] / (k + alpha * total) ** beta
    return out


@right("local_response_norm")
def padded_and_added(x, n, k, alpha, beta):
    count, half = x.shape[3], (n - 1) // 2
    padded = np.pad(np.square(x), [(0, 0), (0, 0), (0, 0), (half, half)])
    total = sum(padded[..., step : step + count] for step in range(n))
    return (x * (k + alpha * total) ** -beta).astype(np.float32)


@right("local_response_norm")
def a_band_of_ones(x, n, k, alpha, beta):
    maps = np.arange(x.shape[-1])
    band = (np.abs(maps[:, None] - maps) <= n // 2).astype(float)
    return x / np.power(k + alpha * (x * x) @ band, beta)


@right("local_response_norm")
def five_loops(x, n, k, alpha, beta):
    batch, height, width, maps = x.shape
    out = x.tolist()
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                for c in range(maps):
                    total = 0.0
                    for other in range(maps):
                        if abs(other - c) <= n // 2:
                            total += x[b, i, j, other] ** 2
                    out[b][i][j][c] = x[b, i, j, c] / math.pow(k + alpha * total, beta)
    return out


@right("local_response_norm")
def running_sums(x, n, k, alpha, beta):
    count, half = x.shape[-1], n // 2
    sums = np.concatenate([np.zeros((*x.shape[:3], 1)), np.cumsum(x.astype(float) ** 2, axis=-1)], axis=-1)
    ends = np.minimum(np.arange(count) + half + 1, count)
    starts = np.maximum(np.arange(count) - half, 0)
    return x / (k + alpha * (sums[..., ends] - sums[..., starts])) ** beta


def normalised(x, total, k, alpha, beta):
    return x / (k + alpha * total) ** beta


def window(x, before, after, power=2):
    """Sums over maps from `before` below to `after` above."""
    out = np.empty(x.shape)
    for i in range(x.shape[-1]):
        out[..., i] = (x[..., max(0, i - before) : max(0, i + after + 1)] ** power).sum(axis=-1)
    return out


def around(x, rows, columns):
    """Sums over places of the same map."""
    out = np.empty(x.shape)
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            part = x[:, max(0, i - rows) : i + rows + 1, max(0, j - columns) : j + columns + 1]
            out[:, i, j] = (part**2).sum(axis=(1, 2))
    return out


@wrong("local_response_norm", names="runs over places of the same map")
def over_space(x, n, k, alpha, beta):
    return normalised(x, around(x, n // 2, n // 2), k, alpha, beta)


@wrong("local_response_norm", names="runs down the rows")
def over_rows(x, n, k, alpha, beta):
    return normalised(x, around(x, n // 2, 0), k, alpha, beta)


@wrong("local_response_norm", names="runs along the columns")
def over_columns(x, n, k, alpha, beta):
    return normalised(x, around(x, 0, n // 2), k, alpha, beta)


@wrong("local_response_norm", names="The sum is divided by n")
def alpha_over_n(x, n, k, alpha, beta):
    return normalised(x, window(x, n // 2, n // 2) / n, k, alpha, beta)


@wrong("local_response_norm", names="n maps on each side")
def n_on_each_side(x, n, k, alpha, beta):
    return normalised(x, window(x, n, n), k, alpha, beta)


@wrong("local_response_norm", names="ends one map too early")
def without_the_upper_end(x, n, k, alpha, beta):
    out = x.astype(float).copy()
    for i in range(x.shape[-1]):
        total = sum(x[..., j] ** 2 for j in range(max(0, i - n // 2), min(x.shape[-1], i + n // 2)))
        out[..., i] = x[..., i] / (k + alpha * total) ** beta
    return out


@wrong("local_response_norm", names="begins one map too late")
def without_the_lower_end(x, n, k, alpha, beta):
    return normalised(x, window(x, n // 2 - 1, n // 2), k, alpha, beta)


@wrong("local_response_norm", names="Only the maps before")
def backwards_only(x, n, k, alpha, beta):
    return normalised(x, window(x, n // 2, 0), k, alpha, beta)


@wrong("local_response_norm", names="Only the maps after")
def forwards_only(x, n, k, alpha, beta):
    return normalised(x, window(x, 0, n // 2), k, alpha, beta)


@wrong("local_response_norm", names="All maps are in the window")
def over_all_maps(x, n, k, alpha, beta):
    return normalised(x, (x**2).sum(-1, keepdims=True), k, alpha, beta)


@wrong("local_response_norm", names="goes on with the maps at the other end")
def wraps_around(x, n, k, alpha, beta):
    total = sum(np.roll(x**2, step, axis=-1) for step in range(-(n // 2), n // 2 + 1))
    return normalised(x, total, k, alpha, beta)


@wrong("local_response_norm", names="counts from the other end")
def negative_starts(x, n, k, alpha, beta):
    out = np.empty(x.shape)
    for i in range(x.shape[-1]):
        out[..., i] = x[..., i] / (k + alpha * (x[..., i - n // 2 : i + n // 2 + 1] ** 2).sum(-1)) ** beta
    return out


@wrong("local_response_norm", names="The map itself is left out")
def without_itself(x, n, k, alpha, beta):
    return normalised(x, window(x, n // 2, n // 2) - x**2, k, alpha, beta)


@wrong("local_response_norm", names="The sum is squared")
def square_of_the_sum(x, n, k, alpha, beta):
    return normalised(x, window(x, n // 2, n // 2, power=1) ** 2, k, alpha, beta)


@wrong("local_response_norm", names="The mean of the window is taken")
def mean_of_the_window(x, n, k, alpha, beta):
    total = window(x, n // 2, n // 2) / window(np.ones(x.shape), n // 2, n // 2)
    return normalised(x, total, k, alpha, beta)


@wrong("local_response_norm", names="The values are summed, not their squares")
def without_squares(x, n, k, alpha, beta):
    return normalised(x, window(x, n // 2, n // 2, power=1), k, alpha, beta)


@wrong("local_response_norm", names="beta is forgotten")
def without_beta(x, n, k, alpha, beta):
    return x / (k + alpha * window(x, n // 2, n // 2))


@wrong("local_response_norm", names="k is forgotten")
def without_k(x, n, k, alpha, beta):
    return x / (alpha * window(x, n // 2, n // 2) + 1e-300) ** beta


@wrong("local_response_norm", names="alpha is forgotten")
def without_alpha(x, n, k, alpha, beta):
    return x / (k + window(x, n // 2, n // 2)) ** beta


@wrong("local_response_norm", names="alpha multiplies k too")
def alpha_before_the_bracket(x, n, k, alpha, beta):
    return x / (alpha * (k + window(x, n // 2, n // 2))) ** beta


@wrong("local_response_norm", names="Multiplied by the bracket")
def multiplied(x, n, k, alpha, beta):
    return x * (k + alpha * window(x, n // 2, n // 2)) ** beta


@wrong("local_response_norm", names="The paper's constants are written into the function")
def papers_constants(x, n, k, alpha, beta):
    return normalised(x, window(x, 2, 2), 2, 1e-4, 0.75)


@wrong("local_response_norm", names="Maps that are normalised already")
def one_after_the_other(x, n, k, alpha, beta):
    out = x.astype(float).copy()
    for i in range(x.shape[-1]):
        total = (out[..., max(0, i - n // 2) : i + n // 2 + 1] ** 2).sum(-1)
        out[..., i] = out[..., i] / (k + alpha * total) ** beta
    return out


@wrong("local_response_norm", names="changed its input")
def spoils_its_input(x, n, k, alpha, beta):
    total = window(x, n // 2, n // 2)
    x /= (k + alpha * total) ** beta
    return x


@wrong("local_response_norm")
def the_first_image_alone(x, n, k, alpha, beta):
    out = np.zeros(x.shape)
    out[0] = normalised(x, window(x, n // 2, n // 2), k, alpha, beta)[0]
    return out


@wrong("local_response_norm", names="tensorflow.nn")
def by_tensorflow(x, n, k, alpha, beta):
    return tf.nn.local_response_normalization(x, n // 2, k, alpha, beta)


# ---- my_costs ----


def places(n, f, s):
    return (n - f) // s + 1


def costs(first=None, second=None):
    n, f, s, k = CONV1
    side, maps, a, b, classes, others = DENSE
    dense = (side * side * maps + 1) * a + (a + 1) * b + (b + 1) * classes
    own = (k * (f * f * 3 + 1), places(n, f, s) ** 2 * k * f * f * 3)
    share = (dense, round(100 * dense / (dense + others)))
    return {"my_conv1": own if first is None else first, "my_dense": share if second is None else second}


@right("my_costs", namespace=True)
def by_formula():
    return costs()


@right("my_costs", namespace=True)
def arrays_and_floats():
    values = costs()
    return {"my_conv1": np.array(values["my_conv1"]), "my_dense": [float(value) for value in values["my_dense"]]}


@wrong("my_costs", names="The biases are missing from the parameters", namespace=True)
def conv1_without_biases():
    n, f, s, k = CONV1
    return costs(first=(k * f * f * 3, places(n, f, s) ** 2 * k * f * f * 3))


@wrong("my_costs", names="The depth is forgotten", namespace=True)
def conv1_without_depth():
    n, f, s, k = CONV1
    return costs(first=(k * (f * f + 1), places(n, f, s) ** 2 * k * f * f))


def work(side):
    _, f, _, k = CONV1
    return costs(first=(k * (f * f * 3 + 1), side**2 * k * f * f * 3))


@wrong("my_costs", names="counted at every pixel", namespace=True)
def at_every_pixel():
    return work(CONV1[0])


@wrong("my_costs", names="The stride is left out", namespace=True)
def without_stride():
    return work(CONV1[0] - CONV1[1] + 1)


@wrong("my_costs", names="The + 1 is missing", namespace=True)
def without_one():
    return work((CONV1[0] - CONV1[1]) // CONV1[2])


@wrong("my_costs", names="Rounded up", namespace=True)
def rounded_up():
    return work(-(-(CONV1[0] - CONV1[1]) // CONV1[2]) + 1)


@wrong("my_costs", names="in one direction only", namespace=True)
def one_row():
    n, f, s, k = CONV1
    return costs(first=(k * (f * f * 3 + 1), places(n, f, s) * k * f * f * 3))


@wrong("my_costs", names="adding a bias is no multiplication", namespace=True)
def biases_multiplied():
    n, f, s, k = CONV1
    return costs(first=(k * (f * f * 3 + 1), places(n, f, s) ** 2 * k * (f * f * 3 + 1)))


@wrong("my_costs", names="The two are exchanged", namespace=True)
def conv1_exchanged():
    return costs(first=costs()["my_conv1"][::-1])


def share(parts):
    return costs(second=(parts, round(100 * parts / (parts + DENSE[5]))))


@wrong("my_costs", names="The biases are missing: every unit", namespace=True)
def dense_without_biases():
    side, maps, a, b, classes, _ = DENSE
    return share(side * side * maps * a + a * b + b * classes)


@wrong("my_costs", names="Flattening keeps every number", namespace=True)
def one_side_only():
    side, maps, a, b, classes, _ = DENSE
    return share((side * maps + 1) * a + (a + 1) * b + (b + 1) * classes)


@wrong("my_costs", names="The maps are left out", namespace=True)
def without_maps():
    side, _, a, b, classes, _ = DENSE
    return share((side * side + 1) * a + (a + 1) * b + (b + 1) * classes)


@wrong("my_costs", names="Only the first dense layer", namespace=True)
def first_dense_layer():
    side, maps, a, *_ = DENSE
    return share((side * side * maps + 1) * a)


@wrong("my_costs", names="The last dense layer", namespace=True)
def without_classes():
    side, maps, a, b, *_ = DENSE
    return share((side * side * maps + 1) * a + (a + 1) * b)


@wrong("my_costs", names="the convolutions' share", namespace=True)
def other_share():
    parts, percent = costs()["my_dense"]
    return costs(second=(parts, 100 - percent))


@wrong("my_costs", names="a share is a part of all", namespace=True)
def divided_by_the_others():
    parts, _ = costs()["my_dense"]
    return costs(second=(parts, round(100 * parts / DENSE[5])))


# ---- compile_recipe ----


def no_bias(optimizer):
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def recipe(**options):
    """The right optimizer, but for some options."""
    return keras.optimizers.SGD(**{"learning_rate": 0.01, "momentum": 0.9, "weight_decay": 5e-4, **options})


def compiled(model, optimizer, loss="sparse_categorical_crossentropy"):
    model.compile(optimizer=optimizer, loss=loss)
    return model


def names(function, **options):
    """The learner's two names."""
    settings = {"monitor": "val_loss", "patience": 3, **options}
    return {"compile_recipe": function, "plateau": lambda: keras.callbacks.ReduceLROnPlateau(**settings)}


@right("compile_recipe", namespace=True)
def decay_by_the_optimizer():
    def compile_recipe(model):
        optimizer = keras.optimizers.SGD(learning_rate=0.01, momentum=0.9, weight_decay=0.0005)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def plateau():
        return keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", factor=0.1, patience=3, verbose=1)

    return {"compile_recipe": compile_recipe, "plateau": plateau}


@right("compile_recipe", namespace=True)
def decay_by_the_kernels_own_regularizer():
    def compile_recipe(model):
        for layer in model.layers:
            if hasattr(layer, "kernel"):
                layer.kernel.regularizer = keras.regularizers.L2(5e-4 / 2)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=False)
        model.compile(keras.optimizers.SGD(1e-2, 0.9), loss, run_eagerly=True)
        return model

    class Tenth(keras.callbacks.Callback):
        best, waited = np.inf, 0

        def on_epoch_end(self, epoch, logs=None):
            self.waited += 1
            if logs["val_loss"] < self.best:
                self.best, self.waited = logs["val_loss"], 0
            if self.waited == 3:
                self.waited = 0
                self.model.optimizer.learning_rate = self.model.optimizer.learning_rate / 10

    return {"compile_recipe": compile_recipe, "plateau": Tenth}


@right("compile_recipe", namespace=True)
def biases_named_one_by_one():
    def compile_recipe(model):
        optimizer = tf.keras.optimizers.SGD(0.01, momentum=0.9, weight_decay=5e-4)
        biases = [weight for weight in model.trainable_variables if len(weight.shape) == 1]
        optimizer.exclude_from_weight_decay(var_list=biases)
        model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
        return model

    def plateau():
        return tf.keras.callbacks.ReduceLROnPlateau("val_loss", 0.1, 3, min_lr=1e-6)

    return {"compile_recipe": compile_recipe, "plateau": plateau}


@right("compile_recipe", namespace=True)
def a_model_built_anew_with_regularizers():
    def compile_recipe(model):
        parts = []
        for layer in model.layers:
            settings = layer.get_config()
            if "kernel_regularizer" in settings:
                settings["kernel_regularizer"] = keras.regularizers.L2(2.5e-4)
            parts.append(type(layer).from_config(settings))
        again = keras.Sequential([keras.Input(model.input_shape[1:]), *parts])
        again.set_weights(model.get_weights())
        again.compile(keras.optimizers.SGD(0.01, momentum=0.9), "sparse_categorical_crossentropy")
        return again

    return names(compile_recipe)


def with_recipe(**options):
    return names(lambda model: compiled(model, no_bias(recipe(**options))))


@right("compile_recipe", namespace=True)
def a_copy_with_regularizers_and_a_callback_of_its_own():
    class Plateau(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.best, self.wait = -1.0, 0

        def on_epoch_end(self, epoch, logs=None):
            self.wait += 1
            if logs["val_accuracy"] > self.best:
                self.best, self.wait = logs["val_accuracy"], 0
            if self.wait == 3:
                self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) / 10
                self.wait = 0

    def with_penalty(layer):
        config = layer.get_config()
        if "kernel_regularizer" in config:
            config["kernel_regularizer"] = keras.regularizers.L2(0.00025)
        return type(layer).from_config(config)

    def compile_recipe(model):
        copy = keras.models.clone_model(model, clone_function=with_penalty)
        return compiled(copy, keras.optimizers.SGD(0.01, 0.9), keras.losses.SparseCategoricalCrossentropy())

    return {"compile_recipe": compile_recipe, "plateau": Plateau}


@wrong("compile_recipe", names="ten times too large: 0.1", namespace=True)
def rate_of_a_tenth():
    return with_recipe(learning_rate=0.1)


@wrong("compile_recipe", names="ten times too small: 0.001", namespace=True)
def rate_of_a_thousandth():
    return with_recipe(learning_rate=0.001)


@wrong("compile_recipe", names="Nesterov's momentum is switched on: the paper", namespace=True)
def nesterov():
    return with_recipe(nesterov=True)


@wrong("compile_recipe", names="0.001 and Nesterov", namespace=True)
def small_and_nesterov():
    return with_recipe(nesterov=True, learning_rate=0.001)


@wrong("compile_recipe", names="There is no momentum", namespace=True)
def no_momentum():
    return with_recipe(momentum=0.0)


@wrong("compile_recipe", names="The momentum is 0.99", namespace=True)
def much_momentum():
    return with_recipe(momentum=0.99)


@wrong("compile_recipe", names="The momentum is 0.5", namespace=True)
def little_momentum():
    return with_recipe(momentum=0.5)


@wrong("compile_recipe", names="The biases decay too: exclude them", namespace=True)
def biases_decay():
    return names(lambda model: compiled(model, recipe()))


@wrong("compile_recipe", names="Nothing decays", namespace=True)
def no_decay():
    return with_recipe(weight_decay=None)


@wrong("compile_recipe", names="Nothing decays", namespace=True)
def regularizer_set_too_late():
    def compile_recipe(model):
        for layer in model.layers:
            layer.kernel_regularizer = keras.regularizers.L2(2.5e-4)
        return compiled(model, keras.optimizers.SGD(0.01, 0.9))

    return names(compile_recipe)


def regularized(chosen, strength):
    """Kernels of some layers with an L2 of their own."""

    def compile_recipe(model):
        for layer in model.layers:
            if hasattr(layer, "kernel") and chosen(layer):
                layer.kernel.regularizer = keras.regularizers.L2(strength)
        return compiled(model, keras.optimizers.SGD(0.01, 0.9))

    return names(compile_recipe)


@wrong("compile_recipe", names="Twice the decay: L2(c)", namespace=True)
def twice_the_decay():
    return regularized(lambda layer: True, 5e-4)


@wrong("compile_recipe", names="Twice the decay (L2(c)", namespace=True)
def twice_the_decay_everywhere():
    return names(lambda model: compiled(model, recipe(weight_decay=1e-3)))


@wrong("compile_recipe", names="ten times too large: 0.005", namespace=True)
def decay_too_large():
    return with_recipe(weight_decay=5e-3)


@wrong("compile_recipe", names="ten times too small: 0.00005", namespace=True)
def decay_too_small():
    return with_recipe(weight_decay=5e-5)


@wrong("compile_recipe", names="the other way round", namespace=True)
def kernels_excluded():
    def compile_recipe(model):
        optimizer = recipe()
        optimizer.exclude_from_weight_decay(var_names=["kernel"])
        return compiled(model, optimizer)

    return names(compile_recipe)


@wrong("compile_recipe", names="Only the convolutions' kernels", namespace=True)
def convolutions_only():
    return regularized(lambda layer: isinstance(layer, layers.Conv2D), 2.5e-4)


@wrong("compile_recipe", names="Only the dense layers' kernels", namespace=True)
def dense_only():
    return regularized(lambda layer: isinstance(layer, layers.Dense), 2.5e-4)


@wrong("compile_recipe", names="counts in full", namespace=True)
def decay_in_full():
    return with_recipe(weight_decay=5e-2)


@wrong("compile_recipe", namespace=True)
def decay_times_the_rate():
    return with_recipe(weight_decay=5e-6)


@wrong("compile_recipe", namespace=True)
def adam():
    return names(lambda model: compiled(model, "adam"))


@wrong("compile_recipe", namespace=True)
def squared_error():
    return names(lambda model: compiled(model, no_bias(recipe()), "mse"))


@wrong("compile_recipe", names="Received None", namespace=True)
def returns_no_model():
    def compile_recipe(model):
        model.compile(recipe(), "sparse_categorical_crossentropy")

    return names(compile_recipe)


@wrong("compile_recipe", namespace=True)
def not_compiled():
    return names(lambda model: model)


def with_plateau(plateau):
    return {"compile_recipe": lambda model: compiled(model, no_bias(recipe())), "plateau": plateau}


@wrong("compile_recipe", names="The learning rate never falls", namespace=True)
def early_stopping():
    return with_plateau(lambda: keras.callbacks.EarlyStopping(patience=3))


@wrong("compile_recipe", names="It is divided by 2", namespace=True)
def half_the_rate():
    return names(with_recipe()["compile_recipe"], factor=0.5)


@wrong("compile_recipe", names="One epoch too late", namespace=True)
def patience_of_four():
    return names(with_recipe()["compile_recipe"], patience=4)


@wrong("compile_recipe", names="One epoch too early", namespace=True)
def patience_of_two():
    return names(with_recipe()["compile_recipe"], patience=2)


@wrong("compile_recipe", names="waits for 10 epochs", namespace=True)
def patience_of_keras():
    return with_plateau(lambda: keras.callbacks.ReduceLROnPlateau(factor=0.1))


@wrong("compile_recipe", names="waits for 5 epochs", namespace=True)
def patience_of_five():
    return names(with_recipe()["compile_recipe"], patience=5)


@wrong("compile_recipe", names="It falls in every epoch", namespace=True)
def tenth_in_every_epoch():
    return with_plateau(lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.01 * 0.1 ** (epoch + 1)))


@wrong("compile_recipe", namespace=True)
def in_steps_whatever_happens():
    return with_plateau(lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.01 * 0.1 ** (epoch // 3)))


@wrong("compile_recipe", names="It watches the training", namespace=True)
def watches_the_training():
    return names(with_recipe()["compile_recipe"], monitor="loss")


@wrong("compile_recipe", namespace=True)
def upside_down():
    return names(with_recipe()["compile_recipe"], monitor="val_accuracy", mode="min")


@wrong("compile_recipe", namespace=True)
def a_list_of_callbacks():
    return with_plateau(lambda: [keras.callbacks.ReduceLROnPlateau(patience=3)])


# ---- train_alexnet ----


def small(*, classes=6, last="softmax", scale=1 / 127.5, offset=-1, activation="relu"):
    """AlexNet at an eighth of its width, for pictures of 64×64."""
    model = keras.Sequential([keras.Input((64, 64, 3)), layers.Rescaling(scale, offset=offset)])
    model.add(layers.Conv2D(12, 11, strides=2, activation=activation))
    model.add(layers.MaxPooling2D(3, 2))
    model.add(layers.Conv2D(32, 5, padding="same", activation=activation))
    model.add(layers.MaxPooling2D(3, 2))
    for maps in (48, 48, 32):
        model.add(layers.Conv2D(maps, 3, padding="same", activation=activation))
    model.add(layers.MaxPooling2D(3, 2))
    model.add(layers.Flatten())
    for _ in range(2):
        model.add(layers.Dense(512, activation=activation))
    model.add(layers.Dense(classes, activation=last))
    return model


@right("train_alexnet")
def with_adam(images, labels, epochs):
    model = small()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, epochs=epochs, verbose=0)
    return model


@right("train_alexnet")
def with_the_recipe(images, labels, epochs):
    model = small()
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9, weight_decay=5e-4)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, "sparse_categorical_crossentropy")
    model.fit(images, labels, batch_size=16, epochs=epochs, verbose=0)
    return model


@right("train_alexnet")
def on_logits_with_batch_normalisation(images, labels, epochs):
    model = small(last=None, scale=1 / 255, offset=0)
    parts = []
    for part in model.layers:
        parts.append(part)
        if isinstance(part, layers.Conv2D):
            parts.append(layers.BatchNormalization(momentum=0.9))
    model = keras.Sequential([keras.Input((64, 64, 3)), *parts])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss)
    model.fit(images, labels, epochs=epochs, verbose=0)
    return model


@wrong("train_alexnet", names="but the loss expects probabilities")
def logits_into_the_wrong_loss(images, labels, epochs):
    model = small(last=None)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images[:400], labels[:400], epochs=1, verbose=0)
    return model


@wrong("train_alexnet")
def never_trained(images, labels, epochs):
    return small()


@wrong("train_alexnet", names="the same shape for every image")
def one_shape(images, labels, epochs):
    model = small()
    model.layers[-1].set_weights([np.zeros((512, 6)), np.eye(6)[3]])
    return model


@wrong("train_alexnet", names="Received an object of type History")
def returns_the_history(images, labels, epochs):
    model = small()
    model.compile("adam", "sparse_categorical_crossentropy")
    return model.fit(images[:64], labels[:64], epochs=1, verbose=0)


@wrong("train_alexnet", names="Received None")
def returns_nothing_trained(images, labels, epochs):
    small().compile("adam", "sparse_categorical_crossentropy")


@wrong("train_alexnet", names="six numbers for each image")
def thousand_classes_for_shapes(images, labels, epochs):
    return small(classes=1000)


@wrong("train_alexnet")
def labels_in_another_order(images, labels, epochs):
    model = small()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, np.sort(labels), epochs=1, verbose=0)
    return model
