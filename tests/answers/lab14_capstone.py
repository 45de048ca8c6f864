"""Lab 14: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from course.draws.lab14 import my_runs
from tests.answers import right, wrong

# ---- my_network ----

# The sample's limits: 13,000 parameters, 1,220,000 multiply-adds, a field of 24 pixels.


def small(
    maps=8, *, norm=True, activation="relu", shape=(32, 32, 3), classes=6, last="softmax", head="average",
    stride=2, deep=2, scale=True,
):  # fmt: skip
    """A network that keeps the limits; the options make mistakes."""
    inputs = x = keras.Input(shape)
    if scale:
        x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    for number, (filters, step) in enumerate([(maps, stride), (2 * maps, 1), *[(3 * maps, 1)] * deep]):
        if number == 2:
            x = layers.MaxPooling2D()(x)
        x = layers.Conv2D(filters, 3, strides=step, padding="same", use_bias=not norm)(x)
        if norm:
            x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation(activation)(x)
    x = layers.GlobalAveragePooling2D()(x) if head == "average" else layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(classes, activation=last)(x))


@right("my_network")
def functional_with_norms():
    return small(8)


@right("my_network")
def sequential_without_norms():
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(1 / 255)])
    model.add(layers.Conv2D(8, 5, strides=2, activation="relu"))
    model.add(layers.Conv2D(12, 3, activation="relu"))
    model.add(layers.MaxPool2D())
    model.add(layers.Conv2D(16, 3, activation="relu"))
    model.add(layers.Conv2D(16, 3, padding="same", activation="tanh"))
    model.add(layers.GlobalMaxPooling2D())
    model.add(layers.Dense(6))
    model.add(layers.Softmax())
    return model


@right("my_network")
def depthwise_with_a_shortcut():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(12, 3, strides=2, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    for _ in range(3):
        y = layers.DepthwiseConv2D(5, padding="same")(x)
        y = layers.Conv2D(12, 1, activation="relu")(y)
        x = layers.Add()([x, y])
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(6, activation="softmax")(x))


@right("my_network")
def subclassed():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.scaling = layers.Rescaling(1 / 255)
            self.convolutions = [
                layers.Conv2D(8, 3, strides=2, activation="relu"),
                layers.Conv2D(16, 3, strides=2, activation="relu"),
                layers.Conv2D(16, 3, activation="relu"),
                layers.Conv2D(16, 5, activation="relu", padding="same"),
            ]
            self.mean = layers.GlobalAveragePooling2D()
            self.last = layers.Dense(6, activation="softmax")

        def call(self, x):
            x = self.scaling(x)
            for convolution in self.convolutions:
                x = convolution(x)
            return self.last(self.mean(x))

    model = Net()
    model(np.zeros((1, 32, 32, 3), np.float32))
    return model


@right("my_network")
def scores_from_a_convolution_averaged():
    model = keras.Sequential(
        [keras.Input((32, 32, 3)), layers.RandomFlip("horizontal"), layers.Rescaling(1 / 255)]
    )
    model.add(layers.Conv2D(8, 4, strides=2, activation="leaky_relu"))
    model.add(layers.AveragePooling2D(2))
    model.add(layers.Conv2D(16, 3, activation="elu", padding="same", groups=2))
    model.add(layers.LayerNormalization())
    model.add(layers.Conv2D(16, 3, activation="relu", padding="same"))
    model.add(layers.Conv2D(6, 3, padding="same"))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Activation("softmax"))
    return model


@right("my_network")
def pixels_divided_by_255_and_no_biases():
    """Without normalisation: for fractions as pixels all outputs would be nearly alike."""
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(1 / 255)])
    model.add(layers.Conv2D(12, 3, strides=2, padding="same", activation="relu", use_bias=False))
    model.add(layers.MaxPooling2D())
    for _ in range(3):
        model.add(layers.Conv2D(12, 3, padding="same", activation="relu", use_bias=False))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(6, activation="softmax"))
    return model


@wrong("my_network", names="Both budgets are kept, but a place of the last map sees")
def meets_the_budgets_and_sees_little():
    return small(6, stride=1, deep=0)


@wrong("my_network", names="parameters too many")
def far_too_wide():
    return small(40)


@wrong("my_network", names="GlobalAveragePooling2D instead of Flatten")
def flattened():
    inputs = x = keras.Input((32, 32, 3))
    for filters in (8, 16):
        x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, padding="same", activation="relu")(x))
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(6, activation="softmax")(x))


@wrong("my_network", names="multiply-adds too many")
def too_slow():
    model = keras.Sequential([keras.Input((32, 32, 3))])
    for filters in (10, 14, 16, 16):
        model.add(layers.Conv2D(filters, 5, padding="same", activation="relu"))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(6, activation="softmax"))
    return model


@wrong("my_network", names="do not add up to 1")
def logits():
    return small(8, last=None)


@wrong("my_network", names="do not add up to 1")
def sigmoids():
    return small(8, last="sigmoid")


@wrong("my_network", names="There are ten outputs")
def ten_classes():
    return small(8, classes=10)


@wrong("my_network", names="The channels stand first")
def channels_first():
    inputs = keras.Input((3, 32, 32))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, padding="same")(inputs))
    return keras.Model(inputs, layers.Dense(6, activation="softmax")(x))


@wrong("my_network", names="64×64")
def pictures_of_another_lab():
    return small(8, shape=(64, 64, 3))


@wrong("my_network", names="No layer with weights gives a map")
def no_convolution():
    inputs = keras.Input((32, 32, 3))
    x = layers.Flatten()(layers.AveragePooling2D(4)(inputs))
    return keras.Model(inputs, layers.Dense(6, activation="softmax")(layers.Dense(16, activation="relu")(x)))


@wrong("my_network", names="No layer with weights gives a map")
def five_units_that_read_all_pixels():
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.AveragePooling2D(2), layers.Flatten()])
    model.add(layers.Dense(5, activation="relu"))
    model.add(layers.Dense(6, activation="softmax"))
    return model


@wrong("my_network", names="GlobalAveragePooling2D instead of Flatten")
def the_first_try_of_the_lab():
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(1 / 255)])
    model.add(layers.Conv2D(32, 3, padding="same", activation="relu"))
    model.add(layers.Conv2D(32, 3, padding="same", activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(6, activation="softmax"))
    return model


@wrong("my_network", names="SeparableConv2D has weights: use Conv2D")
def separable():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(8, 3, strides=2, activation="relu")(inputs)
    for _ in range(3):
        x = layers.SeparableConv2D(16, 5, padding="same", activation="relu")(x)
    return keras.Model(inputs, layers.Dense(6, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


@wrong("my_network", names="The output is the same for every picture")
def constant():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(8, 5, strides=4)(layers.Conv2D(8, 5, strides=2)(inputs))
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Rescaling(0.0)(x)
    return keras.Model(inputs, layers.Dense(6, activation="softmax")(x))


@wrong("my_network", names="the outputs still depend on the picture")
def hidden_weights():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(8, 5, strides=2, activation="relu")(inputs)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, strides=2, activation="relu")(x))
    shown = layers.GlobalAveragePooling2D()(inputs)
    return keras.Model(
        inputs, layers.Softmax()(layers.Dense(6)(x) + keras.ops.concatenate([shown, -shown], axis=-1))
    )


@wrong("my_network", names="Received None")
def returns_nothing():
    small(8).summary()


# ---- augment ----


@right("augment")
def window_by_window(batch, seed):
    rng = np.random.default_rng(seed)
    padded = np.pad(batch, ((0, 0), (2, 2), (2, 2), (0, 0)))
    made = []
    for picture in padded:
        top, left = rng.integers(0, 5, 2)
        window = picture[top : top + batch.shape[1], left : left + batch.shape[2]]
        made.append(window[:, ::-1] if rng.random() < 0.5 else window)
    return np.array(made)


@right("augment")
def by_slices(batch, seed):
    random = np.random.RandomState(seed)
    count, height, width, channels = batch.shape
    made = np.zeros((count, height, width, channels), dtype=batch.dtype)
    for i in range(count):
        picture = np.fliplr(batch[i]) if random.randint(2) == 1 else batch[i]
        down, right_ = random.choice([-2, -1, 0, 1, 2], size=2)
        for row in range(height):
            if 0 <= row - down < height:
                for column in range(width):
                    if 0 <= column - right_ < width:
                        made[i, row, column] = picture[row - down, column - right_]
    return made


@right("augment")
def with_indices(batch, seed):
    rng = np.random.default_rng([7, seed])
    count, height, width, _ = batch.shape
    flips, down, across = rng.random(count) < 0.5, *rng.integers(-2, 3, (2, count))
    rows = np.arange(height) - down[:, None]
    columns = np.arange(width) - across[:, None]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    turned = np.where(flips[:, None], width - 1 - columns, columns)
    picked = batch[
        np.arange(count)[:, None, None],
        np.clip(rows, 0, height - 1)[:, :, None],
        np.clip(turned, 0, width - 1)[:, None],
    ]
    return (picked * inside[..., None]).astype(float)


@right("augment")
def rolled_and_wiped(batch, seed):
    np.random.seed(seed)
    made = batch.copy()
    for i in range(len(made)):
        if np.random.rand() > 0.5:
            made[i] = made[i][:, ::-1]
        dy, dx = np.random.randint(-2, 3), np.random.randint(-2, 3)
        made[i] = np.roll(made[i], (dy, dx), axis=(0, 1))
        if dy > 0:
            made[i, :dy] = 0
        elif dy < 0:
            made[i, dy:] = 0
        if dx > 0:
            made[i, :, :dx] = 0
        elif dx < 0:
            made[i, :, dx:] = 0
    return made


@right("augment")
def one_number_for_all_fifty_ways(batch, seed):
    number = np.random.default_rng(seed).integers(0, 50, len(batch))
    turned, down, across = number // 25, number // 5 % 5, number % 5
    rows, columns = np.arange(batch.shape[1]), np.arange(batch.shape[2])
    wide = np.pad(
        np.where(turned[:, None, None, None], batch[:, :, ::-1], batch), ((0, 0), (2, 2), (2, 2), (0, 0))
    )
    every = np.arange(len(batch))[:, None, None]
    return wide[every, (down[:, None] + rows)[:, :, None], (across[:, None] + columns)[:, None]]


@right("augment")
def a_generator_for_each_picture(batch, seed):
    made = []
    for number, picture in enumerate(batch):
        rng = np.random.default_rng([seed, number])
        wide = np.pad(np.flip(picture, 1) if rng.integers(2) else picture, ((2, 2), (2, 2), (0, 0)))
        top, left = rng.permutation(5)[0], rng.permutation(5)[0]
        made.append(wide[top : top + picture.shape[0], left : left + picture.shape[1]])
    return keras.ops.convert_to_tensor(np.stack(made))


@right("augment")
def as_a_list(batch, seed):
    return window_by_window(np.asarray(batch, dtype=np.float32), seed).tolist()


def augmented(
    batch, seed, *, low=-2, high=3, mode="constant", flip=0.5, whole_flip=False, whole_shift=False, axis=1,
    diagonal=False, down=True, across=True, reach=2, steps=None, extra=0,
):  # fmt: skip
    """For wrong answers: augmentation with one thing changed."""
    rng = np.random.default_rng([11, seed])
    count, height, width, _ = batch.shape
    steps = list(range(low, high)) if steps is None else steps
    shifts = rng.choice(steps, (count, 2))
    if whole_shift:
        shifts[:] = shifts[0]
    if diagonal:
        shifts[:, 1] = shifts[:, 0]
    shifts = shifts * np.array([down, across]) + extra
    flips = rng.random(count) < flip
    if whole_flip:
        flips[:] = flips[0]
    padded = np.pad(batch, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode=mode)
    made = np.empty_like(batch)
    for i, (dy, dx) in enumerate(shifts):
        window = padded[i, reach - dy : reach - dy + height, reach - dx : reach - dx + width]
        made[i] = np.flip(window, axis) if flips[i] else window
    return made


@wrong("augment", names="All pictures of the batch are moved alike")
def same_shift_for_the_whole_batch(batch, seed):
    return augmented(batch, seed, whole_shift=True)


@wrong("augment", names="A batch is mirrored as a whole")
def same_flip_for_the_whole_batch(batch, seed):
    return augmented(batch, seed, whole_flip=True)


@wrong("augment", names="All pictures of the batch are moved alike")
def everything_the_same(batch, seed):
    return augmented(batch, seed, whole_flip=True, whole_shift=True)


@wrong("augment", names="np.roll")
def rolled(batch, seed):
    return augmented(batch, seed, mode="wrap")


@wrong("augment", names="The border's pixels are repeated")
def edges(batch, seed):
    return augmented(batch, seed, mode="edge")


@wrong("augment", names="reflected at its border")
def reflected(batch, seed):
    return augmented(batch, seed, mode="reflect")


@wrong("augment", names="upside down")
def upside_down(batch, seed):
    return augmented(batch, seed, axis=0)


@wrong("augment", names="The channels are turned round")
def channels_turned(batch, seed):
    return augmented(batch, seed, axis=2)


@wrong("augment", names="never occurs: the upper end")
def upper_end_forgotten(batch, seed):
    return augmented(batch, seed, high=2)


@wrong("augment", names="never occurs: the upper end")
def upper_end_of_the_window_forgotten(batch, seed):
    return augmented(batch, seed, low=-1)


@wrong("augment", names="Only moves by one pixel")
def one_pixel(batch, seed):
    return augmented(batch, seed, low=-1, high=2)


@wrong("augment", names="moved by more than 2 pixels")
def four_pixels(batch, seed):
    return augmented(batch, seed, low=-4, high=5, reach=4)


@wrong("augment", names="The same number is used down and across")
def diagonal(batch, seed):
    return augmented(batch, seed, diagonal=True)


@wrong("augment", names="up and down only")
def down_only(batch, seed):
    return augmented(batch, seed, across=False)


@wrong("augment", names="left and right only")
def across_only(batch, seed):
    return augmented(batch, seed, down=False)


@wrong("augment", names="to one side only")
def to_one_side(batch, seed):
    return augmented(batch, seed, low=0)


@wrong("augment", names="Pictures are not moved at all")
def only_mirrored(batch, seed):
    return augmented(batch, seed, steps=[0])


@wrong("augment", names="No picture is ever mirrored")
def never_mirrored(batch, seed):
    return augmented(batch, seed, flip=0)


@wrong("augment", names="Every picture is mirrored")
def always_mirrored(batch, seed):
    return augmented(batch, seed, flip=1)


@wrong("augment", names="Another seed gives the same")
def no_seed(batch, seed):
    return augmented(batch, 0)


@wrong("augment", names="The same seed gives something else")
def true_chance(batch, seed):
    return augmented(batch, int(np.random.default_rng().integers(1 << 30)))


@wrong("augment", names="changed its input batch")
def in_place(batch, seed):
    batch[:] = augmented(batch, seed)
    return batch


@wrong("augment", names="Pictures stand in other places of the batch")
def shuffled_by_turning(batch, seed):
    made = augmented(batch, seed, flip=0)
    return made if seed % 2 else augmented(batch[::-1], seed, flip=0)


@wrong("augment", names="Something else than zeros comes in")
def white_rim(batch, seed):
    dark = np.asarray(batch, dtype=float) - 300.0
    return augmented(dark, seed) + 300.0


@wrong("augment", names="Pictures stand in other places of the batch")
def mixed(batch, seed):
    return np.random.default_rng(seed).permutation(augmented(batch, seed))


@wrong("augment")
def mirrored_or_moved(batch, seed):
    flips = np.random.default_rng([5, seed]).random(len(batch)) < 0.5
    moved = augmented(batch, seed, flip=0)
    return np.where(flips[:, None, None, None], batch[:, :, ::-1], moved)


@wrong("augment")
def one_draw_for_mirror_and_move(batch, seed):
    made = augmented(batch, seed, flip=0)
    moves = np.random.default_rng([11, seed]).choice(np.arange(-2, 3), (len(batch), 2))
    turned = augmented(batch[:, :, ::-1], seed, flip=0)
    return np.where((moves[:, 0] > 0)[:, None, None, None], turned, made)


@wrong("augment")
def often_still(batch, seed):
    return augmented(batch, seed, steps=[-2, -1, 0, 0, 0, 0, 1, 2])


@wrong("augment")
def mirrored_one_time_in_four(batch, seed):
    return augmented(batch, seed, flip=0.25)


@wrong("augment")
def mirrored_when_moved_left(batch, seed):
    rng = np.random.default_rng(seed)
    padded = np.pad(batch, ((0, 0), (2, 2), (2, 2), (0, 0)))
    made = np.empty_like(batch)
    for i, (top, left) in enumerate(rng.integers(0, 5, (len(batch), 2))):
        window = padded[i, top : top + batch.shape[1], left : left + batch.shape[2]]
        made[i] = window[:, ::-1] if left > 2 or (left == 2 and top % 2) else window
    return made


@wrong("augment")
def scaled(batch, seed):
    return augmented(batch, seed) / 255


@wrong("augment")
def not_cut(batch, seed):
    return np.pad(batch, ((0, 0), (2, 2), (2, 2), (0, 0)))


@wrong("augment")
def sides_exchanged(batch, seed):
    return augmented(batch.transpose(0, 2, 1, 3), seed)


# ---- hold_out and train_shapes ----


def split(sources, share, seed, *, whole=round):
    """A right division, if `whole` rounds to the nearest."""
    names = np.unique(sources)
    held = np.random.default_rng(seed).permutation(names)[: int(whole(share * len(names)))]
    return np.flatnonzero(~np.isin(sources, held)), np.flatnonzero(np.isin(sources, held))


def trained(images, labels, epochs, *, model=None, rate=3e-3, batch=32, loss="sparse_categorical_crossentropy"):
    """A network, trained with augmentation."""
    model = model or small(8)
    model.compile(keras.optimizers.Adam(rate), loss)
    for epoch in range(epochs):
        model.fit(window_by_window(images, epoch), labels, batch_size=batch, epochs=1, verbose=0)
    return model


def both(train=trained, hold=split):
    return {"train_shapes": train, "hold_out": hold}


@right("train_shapes", namespace=True)
def by_numpy():
    return both()


@right("train_shapes", namespace=True)
def in_plain_python():
    def hold_out(sources, share, seed):
        import random

        names = sorted(set(int(name) for name in sources))
        random.Random(seed).shuffle(names)
        held = set(names[: round(share * len(names))])
        training = [i for i, name in enumerate(sources) if int(name) not in held]
        return [training, [i for i, name in enumerate(sources) if int(name) in held]]

    def train_shapes(images, labels, epochs):
        inputs = keras.Input((32, 32, 3))
        x = layers.RandomTranslation(2 / 32, 2 / 32, fill_mode="constant")(layers.RandomFlip("horizontal")(inputs))
        x = layers.Rescaling(1 / 127.5, offset=-1)(x)
        for filters in (12, 24, 32):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.MaxPooling2D()(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)))
        x = layers.Dense(6)(layers.Flatten()(x))
        model = keras.Model(inputs, x)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(2e-3), loss)
        model.fit(images.astype("float32"), labels, batch_size=32, epochs=epochs, verbose=0)
        return model

    return both(train_shapes, hold_out)


@right("train_shapes", namespace=True)
def with_scikit_learn():
    def hold_out(sources, share, seed):
        from sklearn.model_selection import GroupShuffleSplit

        count = len(np.unique(sources))
        parts = GroupShuffleSplit(1, test_size=round(share * count), random_state=seed)
        return next(parts.split(sources, groups=sources))

    def train_shapes(images, labels, epochs):
        return trained(images / 255, labels, epochs, model=small(8, scale=False))

    return both(train_shapes, hold_out)


def untrained(*arguments):
    """For wrong divisions: a model that nobody waits for."""
    return small(8)


@wrong("train_shapes", names="Pictures of one photograph stand on both sides", namespace=True)
def leak():
    def hold_out(sources, share, seed):
        places = np.random.default_rng(seed).permutation(len(sources))
        count = round(share * len(sources))
        return places[count:], places[:count]

    return both(untrained, hold_out)


@wrong("train_shapes", names="The two lists are exchanged", namespace=True)
def exchanged_lists():
    return both(untrained, lambda sources, share, seed: split(sources, share, seed)[::-1])


@wrong("train_shapes", names="Every seed holds out the same photographs", namespace=True)
def first_photographs():
    def hold_out(sources, share, seed):
        names = np.unique(sources)
        held = np.isin(sources, names[: round(share * len(names))])
        return np.flatnonzero(~held), np.flatnonzero(held)

    return both(untrained, hold_out)


@wrong("train_shapes", names="The same seed gives another division", namespace=True)
def another_every_time():
    return both(untrained, lambda sources, share, seed: split(sources, share, None))


@wrong("train_shapes", names="6 of 27 photographs are held out: round(0.25 * 27) is 7", namespace=True)
def rounded_down():
    return both(untrained, lambda sources, share, seed: split(sources, share, seed, whole=int))


@wrong("train_shapes", names="7 of 31 photographs are held out: round(0.2 * 31) is 6", namespace=True)
def rounded_up():
    return both(untrained, lambda sources, share, seed: split(sources, share, seed, whole=np.ceil))


@wrong("train_shapes", namespace=True)
def drawn_with_repetition():
    def hold_out(sources, share, seed):
        names = np.unique(sources)
        held = np.isin(sources, np.random.default_rng(seed).choice(names, round(share * len(names))))
        return np.flatnonzero(~held), np.flatnonzero(held)

    return both(untrained, hold_out)


@wrong("train_shapes", namespace=True)
def masks_for_places():
    def hold_out(sources, share, seed):
        held = np.isin(np.arange(len(sources)), split(sources, share, seed)[1])
        return ~held, held

    return both(untrained, hold_out)


@wrong("train_shapes", namespace=True)
def names_instead_of_places():
    def hold_out(sources, share, seed):
        training, held = split(sources, share, seed)
        return sources[training], sources[held]

    return both(untrained, hold_out)


@wrong("train_shapes", namespace=True)
def share_of_the_pictures():
    def hold_out(sources, share, seed):
        held, names = [], list(np.random.default_rng(seed).permutation(np.unique(sources)))
        while len(held) < share * len(sources):
            held += np.flatnonzero(sources == names.pop()).tolist()
        return [place for place in range(len(sources)) if place not in held], held

    return both(untrained, hold_out)


@wrong("train_shapes", namespace=True)
def one_picture_of_each_photograph():
    def hold_out(sources, share, seed):
        training, held = split(sources, share, seed)
        return training, held[np.unique(sources[held], return_index=True)[1]]

    return both(untrained, hold_out)


@wrong("train_shapes", namespace=True)
def never_trained():
    return both(untrained)


@wrong("train_shapes", names="the same shape for every image", namespace=True)
def one_shape():
    def train_shapes(images, labels, epochs):
        model = small(8)
        model.layers[-1].set_weights([np.zeros((24, 6)), np.eye(6)[2]])
        return model

    return both(train_shapes)


@wrong("train_shapes", names="but the loss expects probabilities", namespace=True)
def logits_into_the_wrong_loss():
    def train_shapes(images, labels, epochs):
        return trained(images[:64], labels[:64], 1, model=small(8, last=None))

    return both(train_shapes)


@wrong("train_shapes", names="Received an object of type History", namespace=True)
def returns_the_history():
    def train_shapes(images, labels, epochs):
        model = small(8)
        model.compile("adam", "sparse_categorical_crossentropy")
        return model.fit(images[:64], labels[:64], epochs=1, verbose=0)

    return both(train_shapes)


@wrong("train_shapes", names="six numbers for each image", namespace=True)
def ten_shapes():
    return both(lambda images, labels, epochs: small(8, classes=10))


@wrong("train_shapes", namespace=True)
def labels_sorted():
    def train_shapes(images, labels, epochs):
        return trained(images[:320], np.sort(labels[:320]), 2)

    return both(train_shapes)


# ---- diagnose_runs ----


def causes(learner="sample"):
    """The right codes."""
    return list(my_runs.for_learner(learner)[1])


def taken(code, other):
    """The right codes, one of them taken for another."""
    return {"my_runs": [other if one == code else one for one in causes()]}


@right("diagnose_runs", namespace=True)
def codes():
    return {"my_runs": causes()}


@right("diagnose_runs", namespace=True)
def codes_as_a_tuple_in_capitals():
    return {"my_runs": tuple(f" {code.upper()} " for code in causes())}


@right("diagnose_runs", namespace=True)
def codes_as_an_array():
    return {"my_runs": np.array(causes())}


def pair_of(*options):
    """The first pair (code, other) whose code is among the sample's."""
    return next(pair for pair in options if pair[0] in causes())


@wrong("diagnose_runs", names="does it part from the training", namespace=True)
def overfitting_and_leak():
    return taken(*pair_of(("overfits", "leak"), ("leak", "overfits")))


@wrong("diagnose_runs", names="What do the new pictures say?", namespace=True)
def healthy_and_leak():
    return taken(*pair_of(("healthy", "leak"), ("leak", "healthy")))


@wrong("diagnose_runs", names="ever better than guessing", namespace=True)
def overfitting_and_labels():
    return taken(*pair_of(("labels", "overfits"), ("overfits", "labels")))


@wrong("diagnose_runs", names="come to rest at the end", namespace=True)
def underfitting_and_low_rate():
    return taken(*pair_of(("underfits", "rate low"), ("rate low", "underfits")))


@wrong("diagnose_runs", names="is anything learned after it", namespace=True)
def high_rate_and_underfitting():
    return taken(*pair_of(("rate high", "underfits"), ("underfits", "rate high")))


@wrong("diagnose_runs", names="Which of the two leaps", namespace=True)
def high_rate_and_low_rate():
    return taken(*pair_of(("rate high", "rate low"), ("rate low", "rate high")))


@wrong("diagnose_runs", names="there is no code 'overfit'", namespace=True)
def own_code():
    return {"my_runs": ["overfit", *causes()[1:]]}


@wrong("diagnose_runs", names="expected six codes; received 5", namespace=True)
def five_codes():
    return {"my_runs": causes()[:5]}


@wrong("diagnose_runs", names="expected a list of six codes", namespace=True)
def one_text():
    return {"my_runs": ", ".join(causes())}


@wrong("diagnose_runs", names="These fit the sample numbers", namespace=True)
def sample_codes():
    return {"my_runs": causes("")}


@wrong("diagnose_runs", namespace=True)
def the_same_for_all():
    return {"my_runs": ["overfits"] * 6}


@wrong("diagnose_runs", namespace=True)
def turned_round():
    return {"my_runs": causes()[::-1]}


# ---- fc_to_conv ----


@right("fc_to_conv")
def layers_called_again(model):
    inputs = x = keras.Input((None, None, model.input_shape[-1]))
    shape = None
    for layer in model.layers:
        if isinstance(layer, layers.Flatten):
            shape = tuple(layer.input.shape[1:])
        elif isinstance(layer, layers.Dense):
            kernel, bias = layer.get_weights()
            kernel = kernel.reshape((*(shape or (1, 1, len(kernel))), layer.units))
            new = layers.Conv2D(layer.units, kernel.shape[:2], activation=layer.activation)
            x, shape = new(x), None
            new.set_weights([kernel, bias])
        else:
            x = layer(x)
    return keras.Model(inputs, x)


@right("fc_to_conv")
def rebuilt_as_a_sequential(model):
    new, shape, parts = (
        keras.Sequential([keras.Input((None, None, model.input_shape[-1]))]),
        model.input_shape[1:],
        [],
    )
    for layer in model.layers:
        kept = layers.Rescaling | layers.Conv2D | layers.MaxPooling2D | layers.AveragePooling2D | layers.Dropout
        if isinstance(layer, kept):
            copy = type(layer).from_config(layer.get_config())
            parts.append((copy, layer.get_weights()))
            shape = shape if isinstance(layer, layers.Dropout) else layer.output.shape[1:]
        elif isinstance(layer, layers.Dense):
            kernel, bias = layer.get_weights()
            size = (shape[0], shape[1]) if len(shape) == 3 else (1, 1)
            copy = layers.Conv2D(kernel.shape[1], size, activation=layer.get_config()["activation"])
            parts.append((copy, [kernel.reshape(*size, -1, kernel.shape[1]), bias]))
            shape = (kernel.shape[1],)
    for copy, _ in parts:
        new.add(copy)
    for copy, weights in parts:
        copy.set_weights(weights)
    return new


@right("fc_to_conv")
def as_a_class(model):
    names = [type(layer).__name__ for layer in model.layers]
    cut = names.index("Flatten")
    before = model.layers[cut - 1].output.shape[1:] if cut else model.input_shape[1:]

    class Scanner(keras.Model):
        def __init__(self):
            super().__init__()
            self.body = model.layers[:cut]
            self.heads = []
            size = tuple(before[:2])
            for layer in model.layers[cut + 1 :]:
                if isinstance(layer, layers.Dense):
                    head = layers.Conv2D(layer.units, size, activation=layer.activation)
                    head.build((None, *size, layer.kernel.shape[0] // (size[0] * size[1])))
                    head.kernel.assign(keras.ops.reshape(layer.kernel, head.kernel.shape))
                    head.bias.assign(layer.bias)
                    self.heads.append(head)
                    size = (1, 1)

        def call(self, x):
            for layer in [*self.body, *self.heads]:
                x = layer(x)
            return x

    return Scanner()


@right("fc_to_conv")
def softmax_apart(model):
    inputs = x = layers.Input(shape=(None, None, model.input_shape[3]))
    flat = False
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            continue
        if isinstance(layer, layers.Flatten):
            flat, (rows, columns, maps) = True, layer.input.shape[1:]
        elif not flat:
            x = layer(x)
        else:
            weights = layer.kernel.numpy()
            filters = np.zeros((rows, columns, maps, weights.shape[1]), np.float32)
            for i in range(rows):
                for j in range(columns):
                    for k in range(maps):
                        filters[i, j, k] = weights[(i * columns + j) * maps + k]
            new = layers.Conv2D(weights.shape[1], (rows, columns))
            x = new(x)
            new.kernel.assign(filters)
            new.bias.assign(layer.bias)
            x = layers.Softmax()(x) if layer is model.layers[-1] else layers.ReLU()(x)
            rows, columns, maps = 1, 1, weights.shape[1]
    return keras.Model(inputs, x)


def converted(model, *, reshape=None, bias=True, last=True, hidden=True, fixed=False, after=None, copied=True):
    """For wrong answers: the conversion with one thing changed."""
    inputs = x = keras.Input(model.input_shape[1:] if fixed else (None, None, model.input_shape[-1]))
    side = None
    for number, layer in enumerate(model.layers):
        if isinstance(layer, layers.Flatten):
            side = tuple(layer.input.shape[1:])
        elif isinstance(layer, layers.Dense):
            kernel, own = layer.get_weights()
            shape = (*(side or (1, 1, len(kernel))), layer.units)
            kernel = reshape(kernel, shape) if reshape and side else kernel.reshape(shape)
            keeps = last if number == len(model.layers) - 1 else hidden
            new = layers.Conv2D(layer.units, shape[:2], activation=layer.activation if keeps else None)
            x, side = new(x), None
            if copied:
                new.set_weights([kernel, own * bias])
        else:
            x = layer(x)
    return keras.Model(inputs, after(x) if after else x)


@wrong("fc_to_conv", names="yours has columns first")
def columns_first(model):
    def reshape(kernel, shape):
        h, w, c, units = shape
        return kernel.reshape(w, h, c, units).transpose(1, 0, 2, 3)

    return converted(model, reshape=reshape)


@wrong("fc_to_conv", names="your kernel has the maps in front")
def maps_first(model):
    def reshape(kernel, shape):
        h, w, c, units = shape
        return kernel.reshape(c, h, w, units).transpose(1, 2, 0, 3)

    return converted(model, reshape=reshape)


@wrong("fc_to_conv", names="turned by 180°")
def turned(model):
    return converted(model, reshape=lambda kernel, shape: kernel.reshape(shape)[::-1, ::-1])


@wrong("fc_to_conv", names="The biases are not copied")
def without_biases(model):
    return converted(model, bias=0)


@wrong("fc_to_conv", names="The softmax at the end is missing")
def without_softmax(model):
    return converted(model, last=False)


@wrong("fc_to_conv", names="No layer behind Flatten has its activation")
def without_activations(model):
    return converted(model, last=False, hidden=False)


@wrong("fc_to_conv", names="The hidden dense layer has lost its ReLU")
def without_relu(model):
    return converted(model, hidden=False)


@wrong("fc_to_conv", names="takes windows only")
def for_windows_only(model):
    return converted(model, fixed=True)


@wrong("fc_to_conv", names="The windows are averaged")
def averaged(model):
    return converted(model, after=layers.GlobalAveragePooling2D())


@wrong("fc_to_conv", names="Rescaling in front of the convolutions is lost")
def without_rescaling(model):
    kept = [layer for layer in model.layers if not isinstance(layer, layers.Rescaling)]
    return converted(keras.Sequential([keras.Input(model.input_shape[1:]), *kept]))


@wrong("fc_to_conv")
def new_weights(model):
    return converted(model, copied=False)


@wrong("fc_to_conv")
def relu_everywhere(model):
    return converted(model, last=False, after=layers.ReLU())


@wrong("fc_to_conv")
def one_axis_of_places(model):
    return converted(model, after=lambda x: layers.Reshape((-1, x.shape[-1]))(x))


@wrong("fc_to_conv")
def the_best_window_only(model):
    return converted(model, after=layers.GlobalMaxPooling2D(keepdims=True))


@wrong("fc_to_conv")
def units_first(model):
    def reshape(kernel, shape):
        h, w, c, units = shape
        return kernel.T.reshape(h, w, c, units)

    return converted(model, reshape=reshape)


@wrong("fc_to_conv")
def padded(model):
    inputs = x = keras.Input((None, None, model.input_shape[-1]))
    side = None
    for layer in model.layers:
        if isinstance(layer, layers.Flatten):
            side = tuple(layer.input.shape[1:])
        elif isinstance(layer, layers.Dense):
            kernel, bias = layer.get_weights()
            shape = (*(side or (1, 1, len(kernel))), layer.units)
            new = layers.Conv2D(layer.units, shape[:2], padding="same", activation=layer.activation)
            x, side = new(x), None
            new.set_weights([kernel.reshape(shape), bias])
        else:
            x = layer(x)
    return keras.Model(inputs, x)


@wrong("fc_to_conv")
def one_by_one_everywhere(model):
    inputs = x = keras.Input((None, None, model.input_shape[-1]))
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            x = layers.Conv2D(layer.units, 1, activation=layer.activation)(x)
        elif not isinstance(layer, layers.Flatten):
            x = layer(x)
    return keras.Model(inputs, x)


@right("fc_to_conv")
def softmax_and_relu_by_the_last_axis(model):
    """Dense layers behind the first one stay dense: they read the last axis of a map as they are."""
    inputs = x = keras.Input((None, None, model.input_shape[-1]))
    shape = ()
    for layer in model.layers:
        if isinstance(layer, layers.Flatten):
            shape = tuple(layer.input.shape[1:])
        elif isinstance(layer, layers.Dense) and shape:
            new = layers.Conv2D(layer.units, shape[:2])
            x = layers.Activation(layer.activation)(new(x))
            new.kernel.assign(keras.ops.reshape(layer.kernel, new.kernel.shape))
            new.bias.assign(layer.bias)
            shape = ()
        else:
            x = layer(x)
    return keras.Model(inputs, x)


@right("fc_to_conv")
def weights_by_initializers(model):
    cut = next(number for number, layer in enumerate(model.layers) if isinstance(layer, layers.Flatten))
    size = tuple(model.layers[cut].input.shape[1:3])
    scanner = keras.Sequential([keras.Input((None, None, model.input_shape[-1])), *model.layers[:cut]])
    for layer in model.layers[cut + 1 :]:
        if isinstance(layer, layers.Dense):
            kernel, bias = (keras.ops.convert_to_tensor(array) for array in layer.get_weights())
            scanner.add(
                layers.Conv2D(
                    layer.units,
                    size,
                    activation=layer.activation,
                    kernel_initializer=lambda shape, dtype=None, kernel=kernel: keras.ops.reshape(kernel, shape),
                    bias_initializer=lambda shape, dtype=None, bias=bias: bias,
                )
            )
            size = (1, 1)
    return scanner


@wrong("fc_to_conv", names="changed the layers of its input model")
def taken_apart(model):
    """Takes the dense layers off the model that it was given, until Flatten is gone, too."""
    dense = []
    while not isinstance(model.layers[-1], layers.Flatten):
        dense.append(model.layers[-1])
        model.pop()
    model.pop()
    inputs = x = keras.Input((None, None, model.input_shape[-1]))
    for layer in model.layers:
        x = layer(x)
    size = model.output_shape[1:3] if model.layers else model.input_shape[1:3]
    for layer in reversed(dense):
        if not isinstance(layer, layers.Dense):
            continue
        new = layers.Conv2D(layer.units, size, activation=layer.activation)
        x, size = new(x), (1, 1)
        new.set_weights([layer.get_weights()[0].reshape(new.kernel.shape), layer.get_weights()[1]])
    return keras.Model(inputs, x)


@wrong("fc_to_conv", names="changed the layers of its input model")
def softmax_moved_away(model):
    """Right, but the model that it was given has no softmax any more."""
    scanner = layers_called_again(model)
    model.layers[-1].activation = keras.activations.linear
    return scanner


# ---- task_outputs ----

WORDS = ["class", "boxes", "mask", "points", "numbers", "class", "vector", "mask", "sentence", "image"]


def with_word(number, word):
    """The right words, one of them changed."""
    return {"my_outputs": [*WORDS[: number - 1], word, *WORDS[number:]]}


@right("task_outputs", namespace=True)
def a_list():
    return {"my_outputs": list(WORDS)}


@right("task_outputs", namespace=True)
def a_tuple_in_capitals():
    return {"my_outputs": tuple(f"{word.title()} " for word in WORDS)}


@right("task_outputs", namespace=True)
def an_array():
    return {"my_outputs": np.array(WORDS)}


@wrong("task_outputs", names="cut out already", namespace=True)
def boxes_for_signs():
    return with_word(1, "boxes")


@wrong("task_outputs", names="a road winds", namespace=True)
def boxes_for_roads():
    return with_word(3, "boxes")


@wrong("task_outputs", names="that is `points`", namespace=True)
def numbers_for_joints():
    return with_word(4, "numbers")


@wrong("task_outputs", names="No single answer wins".lower()[3:], namespace=True)
def class_for_galaxies():
    return with_word(5, "class")


@wrong("task_outputs", names="a list of names", namespace=True)
def vector_for_whales():
    return with_word(6, "vector")


@wrong("task_outputs", names="No list of classes".lower()[3:], namespace=True)
def class_for_similar_ones():
    return with_word(7, "class")


@wrong("task_outputs", names="its outline is asked for", namespace=True)
def class_for_tumours():
    return with_word(8, "class")


@wrong("task_outputs", names="is none of the words", namespace=True)
def own_word():
    return with_word(9, "caption")


@wrong("task_outputs", names="these are 9, and 10 are asked for", namespace=True)
def nine_words():
    return {"my_outputs": WORDS[:9]}


@wrong("task_outputs", namespace=True)
def class_for_all():
    return {"my_outputs": ["class"] * 10}
