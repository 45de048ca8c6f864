"""Lab 10: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tests.answers import right, wrong

# ---- filter_grid ----


@right("filter_grid")
def slices_into_ones(layer, columns):
    kernel = layer.get_weights()[0]
    k_h, k_w, channels, count = kernel.shape
    rows = -(-count // columns)
    sheet = np.ones((rows * (k_h + 1) - 1, columns * (k_w + 1) - 1, channels))
    for number in range(count):
        one = kernel[..., number]
        low, high = one.min(), one.max()
        one = (one - low) / (high - low) if high > low else np.full(one.shape, 0.5)
        top, left = number // columns * (k_h + 1), number % columns * (k_w + 1)
        sheet[top : top + k_h, left : left + k_w] = one
    return sheet


@right("filter_grid")
def padded_and_transposed(layer, columns):
    kernel = np.array(layer.kernel, dtype=np.float64)
    k_h, k_w, channels, count = kernel.shape
    low, high = kernel.min(axis=(0, 1, 2)), kernel.max(axis=(0, 1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        kernel = np.where(high > low, (kernel - low) / (high - low), 0.5)
    rows = int(np.ceil(count / columns))
    kernel = np.pad(kernel, ((0, 1), (0, 1), (0, 0), (0, rows * columns - count)), constant_values=1)
    tiles = kernel.transpose(3, 0, 1, 2).reshape(rows, columns, k_h + 1, k_w + 1, channels)
    sheet = tiles.transpose(0, 2, 1, 3, 4).reshape(rows * (k_h + 1), columns * (k_w + 1), channels)
    return sheet[:-1, :-1]


@right("filter_grid")
def joined_row_by_row(layer, columns):
    kernel = layer.weights[0].numpy()
    k_h, k_w, channels, count = kernel.shape
    lines = []
    for first in range(0, count, columns):
        parts = []
        for number in range(first, first + columns):
            if number < count:
                one = kernel[:, :, :, number]
                reach = np.ptp(one)
                parts.append((one - one.min()) / reach if reach else one * 0 + 0.5)
            else:
                parts.append(np.ones((k_h, k_w, channels)))
            parts.append(np.ones((k_h, 1, channels)))
        lines.append(np.concatenate(parts[:-1], axis=1))
        lines.append(np.ones((1, lines[0].shape[1], channels)))
    return np.concatenate(lines[:-1], axis=0)


@right("filter_grid")
def pixel_by_pixel_without_the_last_axis(layer, columns):
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    k_h, k_w, channels, count = kernel.shape
    rows = (count + columns - 1) // columns
    sheet = [[[1.0] * channels for _ in range(columns * (k_w + 1) - 1)] for _ in range(rows * (k_h + 1) - 1)]
    for n in range(count):
        numbers = kernel[..., n].ravel().tolist()
        low, high = min(numbers), max(numbers)
        for i in range(k_h):
            for j in range(k_w):
                for c in range(channels):
                    value = 0.5 if low == high else (float(kernel[i, j, c, n]) - low) / (high - low)
                    sheet[n // columns * (k_h + 1) + i][n % columns * (k_w + 1) + j][c] = value
    sheet = np.array(sheet)
    return sheet[:, :, 0] if channels == 1 else sheet


def laid_out(filters, columns, line=1.0, empty=1.0, gap=1, down=False):
    """Filters, already scaled, on a sheet."""
    k_h, k_w, channels, count = filters.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (k_h + gap) - gap, columns * (k_w + gap) - gap, channels), line)
    for place in range(rows * columns):
        row, column = (place % rows, place // rows) if down else divmod(place, columns)
        part = filters[..., place] if place < count else empty
        top, left = row * (k_h + gap), column * (k_w + gap)
        sheet[top : top + k_h, left : left + k_w] = part
    return sheet


def stretched(kernel, axes=(0, 1, 2), equal=0.5):
    """Each filter from 0 to 1."""
    low, high = kernel.min(axis=axes, keepdims=True), kernel.max(axis=axes, keepdims=True)
    reach = np.where(high > low, high - low, 1)
    return np.where(high > low, (kernel - low) / reach, equal)


@wrong("filter_grid", names="All filters share one scale")
def one_scale_for_all(layer, columns):
    return laid_out(stretched(layer.get_weights()[0], axes=(0, 1, 2, 3)), columns)


@wrong("filter_grid", names="Each channel of a filter is stretched alone")
def every_channel_alone(layer, columns):
    return laid_out(stretched(layer.get_weights()[0], axes=(0, 1)), columns)


@wrong("filter_grid", names="The weights are not stretched")
def raw_weights(layer, columns):
    return laid_out(layer.get_weights()[0], columns)


@wrong("filter_grid", names="Zero is put in the middle")
def zero_is_grey(layer, columns):
    kernel = layer.get_weights()[0]
    return laid_out(kernel / (2 * np.abs(kernel).max(axis=(0, 1, 2))) + 0.5, columns)


@wrong("filter_grid", names="divided by its largest weight")
def over_the_largest(layer, columns):
    kernel = layer.get_weights()[0]
    return laid_out(kernel / np.abs(kernel).max(axis=(0, 1, 2)), columns)


@wrong("filter_grid", names="only taken away")
def not_divided(layer, columns):
    kernel = layer.get_weights()[0]
    return laid_out(kernel - kernel.min(axis=(0, 1, 2)), columns)


@wrong("filter_grid", names="Black and white are exchanged")
def negative(layer, columns):
    return laid_out(1 - stretched(layer.get_weights()[0]), columns)


@wrong("filter_grid", names="all equal becomes 0.5 everywhere.")
def equal_is_black(layer, columns):
    return laid_out(stretched(layer.get_weights()[0], equal=0.0), columns)


@wrong("filter_grid", names="0.5 everywhere, not 1.")
def equal_is_white(layer, columns):
    return laid_out(stretched(layer.get_weights()[0], equal=1.0), columns)


@wrong("filter_grid", names="run down the columns")
def column_after_column(layer, columns):
    return laid_out(stretched(layer.get_weights()[0]), columns, down=True)


@wrong("filter_grid", names="Height and width of the filters")
def turned_filters(layer, columns):
    return laid_out(stretched(layer.get_weights()[0]).transpose(1, 0, 2, 3), columns)


@wrong("filter_grid", names="The lines between the filters are 0")
def black_lines(layer, columns):
    return laid_out(stretched(layer.get_weights()[0]), columns, line=0.0)


@wrong("filter_grid", names="Places without a filter are 0")
def black_places(layer, columns):
    return laid_out(stretched(layer.get_weights()[0]), columns, empty=0.0)


@wrong("filter_grid", names="Lines and places without a filter are 0")
def zeros_to_begin_with(layer, columns):
    return laid_out(stretched(layer.get_weights()[0]), columns, line=0.0, empty=0.0)


@wrong("filter_grid", names="no line between the filters")
def no_lines(layer, columns):
    return laid_out(stretched(layer.get_weights()[0]), columns, gap=0)


@wrong("filter_grid", names="after the last row and the last column")
def a_line_after_each(layer, columns):
    return np.pad(
        laid_out(stretched(layer.get_weights()[0]), columns), ((0, 1), (0, 1), (0, 0)), constant_values=1
    )


@wrong("filter_grid", names="around the whole sheet")
def framed(layer, columns):
    return np.pad(
        laid_out(stretched(layer.get_weights()[0]), columns), ((1, 1), (1, 1), (0, 0)), constant_values=1
    )


@wrong("filter_grid", names="nan")
def divided_by_zero(layer, columns):
    kernel = layer.get_weights()[0]
    low, high = kernel.min(axis=(0, 1, 2)), kernel.max(axis=(0, 1, 2))
    return laid_out((kernel - low) / (high - low), columns)


@wrong("filter_grid")
def no_empty_places(layer, columns):
    kernel = layer.get_weights()[0]
    full = kernel.shape[3] // columns * columns or columns
    return laid_out(stretched(kernel[..., :full]), columns)


@wrong("filter_grid")
def the_bias_too(layer, columns):
    kernel, bias = layer.get_weights()
    return laid_out(stretched(kernel) + 0.01 * bias, columns)


@right("filter_grid")
def by_tensorflow(layer, columns):
    kernel = tf.transpose(layer.kernel, [3, 0, 1, 2])
    count, k_h, k_w, channels = kernel.shape
    low, high = (extreme(kernel, axis=[1, 2, 3], keepdims=True) for extreme in (tf.reduce_min, tf.reduce_max))
    kernel = tf.where(high > low, tf.math.divide_no_nan(kernel - low, high - low), 0.5)
    rows = -(-count // columns)
    kernel = tf.pad(kernel, [[0, rows * columns - count], [0, 1], [0, 1], [0, 0]], constant_values=1)
    tiles = tf.reshape(kernel, [rows, columns, k_h + 1, k_w + 1, channels])
    sheet = tf.reshape(tf.transpose(tiles, [0, 2, 1, 3, 4]), [rows * (k_h + 1), columns * (k_w + 1), channels])
    return sheet[:-1, :-1]


@wrong("filter_grid", names="stand below one another")
def so_many_rows(layer, columns):
    kernel = layer.get_weights()[0]
    return laid_out(stretched(kernel), -(-kernel.shape[3] // columns))


@wrong("filter_grid", names="from 0 to 255")
def bytes_for_the_screen(layer, columns):
    return 255 * laid_out(stretched(layer.get_weights()[0]), columns)


# ---- feature_maps ----


def outputs(model, image, layers):
    """What some layers give for one picture."""
    return [np.array(keras.Model(model.inputs, model.get_layer(name).output)(image[None]))[0] for name in layers]


@right("feature_maps")
def one_model_of_all_outputs(model, image, layers):
    part = keras.Model(model.input, [model.get_layer(name).output for name in layers])
    maps = part(image[None])
    return [np.array(one)[0] for one in (maps if isinstance(maps, list) else [maps])]


@right("feature_maps")
def predicted_one_by_one(model, image, layers):
    found = []
    for name in layers:
        part = keras.Model(inputs=model.inputs[0], outputs=model.get_layer(name).output)
        found.append(part.predict(np.expand_dims(image, 0), verbose=0)[0])
    return found


@right("feature_maps")
def from_layer_to_layer(model, image, layers):
    values, seen = tf.convert_to_tensor(image[np.newaxis]), {}
    for layer in model.layers[1:]:
        values = layer(values)
        seen[layer.name] = values
    return [seen[name] for name in layers]


@right("feature_maps")
def a_generator_of_numpy(model, image, layers):
    outputs = {layer.name: layer.output for layer in model.layers}
    part = keras.Model(model.inputs, outputs)
    values = part(keras.ops.convert_to_tensor(image[None]))
    return (keras.ops.convert_to_numpy(values[name])[0] for name in layers)


@wrong("feature_maps", names="built anew")
def new_weights(model, image, layers):
    fresh = keras.models.clone_model(model)
    return outputs(fresh, image, layers)


@wrong("feature_maps", names="the model's order")
def as_the_model_has_them(model, image, layers):
    names = [layer.name for layer in model.layers if layer.name in layers]
    return outputs(model, image, names)


@wrong("feature_maps", names="go into the layer")
def inputs_of_the_layers(model, image, layers):
    return [np.array(keras.Model(model.inputs, model.get_layer(name).input)(image[None]))[0] for name in layers]


@wrong("feature_maps", names="The ReLU is left out")
def before_the_activation(model, image, layers):
    values, seen = tf.convert_to_tensor(image[None]), {}
    for layer in model.layers:
        if type(layer).__name__ == "Conv2D":
            seen[layer.name] = tf.nn.conv2d(values, layer.kernel, layer.strides, "VALID") + layer.bias
            values = layer(values)
        elif type(layer).__name__ != "InputLayer":
            seen[layer.name] = values = layer(values)
    return [np.array(seen[name])[0] for name in layers]


@wrong("feature_maps", names="the model's last output")
def always_the_end(model, image, layers):
    return [np.array(model(image[None]))[0] for _ in layers]


@wrong("feature_maps", names="Only the first map")
def first_map_only(model, image, layers):
    return [maps[..., 0] for maps in outputs(model, image, layers)]


@wrong("feature_maps", names="The maps stand first")
def maps_in_front(model, image, layers):
    return [np.moveaxis(maps, -1, 0) for maps in outputs(model, image, layers)]


@wrong("feature_maps", names="divided by its largest")
def brightened(model, image, layers):
    return [maps / np.abs(maps).max() for maps in outputs(model, image, layers)]


@wrong("feature_maps", names="Keras gives its output bare")
def a_list_of_one_output(model, image, layers):
    part = keras.Model(model.inputs, [model.get_layer(name).output for name in layers])
    return [np.array(maps)[0] for maps in part(image[None])]


@wrong("feature_maps", names="Only one layer is given")
def overwritten(model, image, layers):
    for name in layers:
        found = [np.array(keras.Model(model.inputs, model.get_layer(name).output)(image[None]))[0]]
    return found


@wrong("feature_maps", names="Each layer is given the picture itself")
def picture_into_each(model, image, layers):
    return [np.array(model.get_layer(name)(image[None]))[0] for name in layers]


@wrong("feature_maps")
def without_the_list(model, image, layers):
    """The symbolic output, not its values."""
    return [model.get_layer(name).output for name in layers]


@wrong("feature_maps")
def an_average_map(model, image, layers):
    return [maps.mean(axis=-1) for maps in outputs(model, image, layers)]


@right("feature_maps")
def the_first_layers_as_a_sequential(model, image, layers):
    names = [layer.name for layer in model.layers]
    return [keras.Sequential(model.layers[: names.index(name) + 1])(image[None]) for name in layers]


@right("feature_maps")
def listened_to(model, image, layers):
    """Each layer's call notes what it gives, for one run of the whole model."""
    seen, before = {}, {layer: layer.call for layer in model.layers}

    def noting(layer):
        def call(*args, **kwargs):
            seen[layer.name] = before[layer](*args, **kwargs)
            return seen[layer.name]

        return call

    for layer in model.layers:
        layer.call = noting(layer)
    try:
        model(image[None])
    finally:
        for layer, call in before.items():
            layer.call = call
    return tuple(np.squeeze(seen[name], axis=0) for name in layers)


@wrong("feature_maps", names="Keras wants a batch")
def the_bare_picture(model, image, layers):
    return [np.array(keras.Model(model.inputs, model.get_layer(name).output)(image)) for name in layers]


@wrong("feature_maps")
def as_a_dictionary(model, image, layers):
    return dict(zip(layers, outputs(model, image, layers), strict=True))


# ---- occlusion_map ----


@right("occlusion_map")
def one_batch(model, image, label, size, stride, value):
    height, width, _ = image.shape
    rows, columns = (height - size) // stride + 1, (width - size) // stride + 1
    covered = np.repeat(image[None], rows * columns + 1, axis=0)
    for place in range(rows * columns):
        i, j = divmod(place, columns)
        covered[place + 1, i * stride : i * stride + size, j * stride : j * stride + size] = value
    shares = np.array(model(covered))[:, label]
    return (shares[0] - shares[1:]).reshape(rows, columns)


@right("occlusion_map")
def two_loops(model, image, label, size, stride, value):
    share = float(model(image[None])[0, label])
    drops = []
    for top in range(0, image.shape[0] - size + 1, stride):
        line = []
        for left in range(0, image.shape[1] - size + 1, stride):
            copy = image.copy()
            copy[top : top + size, left : left + size, :] = value
            line.append(share - float(model(copy[None])[0, label]))
        drops.append(line)
    return drops


@right("occlusion_map")
def masks(model, image, label, size, stride, value):
    tops = np.arange(0, image.shape[0] - size + 1, stride)
    lefts = np.arange(0, image.shape[1] - size + 1, stride)
    y, x = np.indices(image.shape[:2])
    inside = (
        (y >= tops[:, None, None, None])
        & (y < tops[:, None, None, None] + size)
        & (x >= lefts[:, None, None])
        & (x < lefts[:, None, None] + size)
    )
    batch = np.where(inside[..., None], np.float32(value), image).reshape(-1, *image.shape)
    with_it = model.predict(batch, verbose=0)[:, label].reshape(len(tops), len(lefts))
    return model.predict(image[None], verbose=0)[0, label] - with_it


@right("occlusion_map")
def restored_after_each(model, image, label, size, stride, value):
    work = np.array(image, dtype=np.float64)
    out = np.zeros(((work.shape[0] - size) // stride + 1, (work.shape[1] - size) // stride + 1))
    base = keras.ops.convert_to_numpy(model(work[None]))[0][label]
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            place = (slice(i * stride, i * stride + size), slice(j * stride, j * stride + size))
            kept = work[place].copy()
            work[place] = value
            out[i, j] = base - keras.ops.convert_to_numpy(model(work[None]))[0][label]
            work[place] = kept
    return out


def drops_at(model, image, label, size, value, rows, columns, staying=False, channels=slice(None)):
    """Drops for squares at these rows and columns."""
    covered, work = [], image.copy()
    for top in rows:
        for left in columns:
            work = work if staying else image.copy()
            work[max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0), channels] = value
            covered.append(work.copy())
    shares = np.array(model(np.stack([image, *covered])))[:, label]
    return (shares[0] - shares[1:]).reshape(len(rows), len(columns))


def starts(side, size, stride):
    return list(range(0, side - size + 1, stride))


@wrong("occlusion_map", names="moves by one pixel")
def off_by_stride(model, image, label, size, stride, value):
    rows, columns = (range(len(starts(side, size, stride))) for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="one stride too late")
def from_the_first_stride(model, image, label, size, stride, value):
    rows, columns = ([at + stride for at in starts(side, size, stride)] for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="The last places are missing")
def one_place_too_few(model, image, label, size, stride, value):
    rows, columns = (range(0, side - size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="hang over the border")
def over_the_border(model, image, label, size, stride, value):
    rows, columns = (range(0, side, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="its middle at")
def middle_at_the_place(model, image, label, size, stride, value):
    rows, columns = ([at - size // 2 for at in starts(side, size, stride)] for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="The stride is ignored")
def every_place(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, 1) for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="moves by its own size")
def side_by_side(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, size) for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="one pixel too small")
def short_squares(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size - 1, value, rows, columns)


@wrong("occlusion_map", names="one pixel too large")
def long_squares(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size + 1, value, rows, columns)


@wrong("occlusion_map", names="These are the shares with the square")
def shares_themselves(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    share = np.array(model(image[None]))[0, label]
    return share - drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="The sign is turned")
def rises(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return -drops_at(model, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="divided by the share")
def relative(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    share = np.array(model(image[None]))[0, label]
    return drops_at(model, image, label, size, value, rows, columns) / share


@wrong("occlusion_map", names="drops of the logit")
def logits_instead(model, image, label, size, stride, value):
    part = keras.Model(model.inputs, model.get_layer("logits").output)
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(part, image, label, size, value, rows, columns)


@wrong("occlusion_map", names="The squares stay in the picture")
def never_a_fresh_copy(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns, staying=True)


@wrong("occlusion_map", names="Only the first channel is covered")
def one_channel(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns, channels=slice(0, 1))


@wrong("occlusion_map", names="whatever `value` says")
def always_black(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size, 0.0, rows, columns)


@wrong("occlusion_map", names="Rows and columns are exchanged")
def transposed(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size, value, rows, columns).T


@wrong("occlusion_map", names="of the likeliest class")
def the_winner(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    first = int(np.argmax(model(image[None])[0]))
    return drops_at(model, image, first, size, value, rows, columns)


@wrong("occlusion_map", names="that of class 0")
def always_class_0(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, 0, size, value, rows, columns)


@wrong("occlusion_map", names="changed its input image")
def into_the_picture_itself(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    share, drops = float(model(image[None])[0, label]), []
    for top in rows:
        for left in columns:
            image[top : top + size, left : left + size] = value
            drops.append(share - float(model(image[None])[0, label]))
    return np.reshape(drops, (len(rows), len(columns)))


@wrong("occlusion_map")
def the_largest_share(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    covered = []
    for top in rows:
        for left in columns:
            copy = image.copy()
            copy[top : top + size, left : left + size] = value
            covered.append(copy)
    shares = np.array(model(np.stack([image, *covered]))).max(axis=1)
    return (shares[0] - shares[1:]).reshape(len(rows), len(columns))


@right("occlusion_map")
def slices_of_tensors(model, image, label, size, stride, value):
    x = keras.ops.convert_to_tensor(image)
    height, width, channels = x.shape
    square = keras.ops.full((size, size, channels), value, dtype=x.dtype)
    tops, lefts = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    covered = [keras.ops.slice_update(x, (top, left, 0), square) for top in tops for left in lefts]
    shares = model(keras.ops.stack([x, *covered]))[:, label]
    return keras.ops.reshape(shares[0] - shares[1:], (len(tops), len(lefts)))


@right("occlusion_map")
def row_by_row_by_recursion(model, image, label, size, stride, value):
    base = float(model(image[None])[0][label])

    def row(top, left=0):
        if left + size > image.shape[1]:
            return []
        copy = np.copy(image)
        copy[top : top + size, left : left + size] = value
        return [base - float(model(copy[None])[0][label]), *row(top, left + stride)]

    return [row(top) for top in range(0, image.shape[0] - size + 1, stride)]


@wrong("occlusion_map", names="one array, with all the squares")
def the_same_array_again_and_again(model, image, label, size, stride, value):
    work, covered = image.copy(), []
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    for top in rows:
        for left in columns:
            work[top : top + size, left : left + size] = value
            covered.append(work)
    shares = np.array(model(np.stack(covered)))[:, label]
    return float(model(image[None])[0, label]) - shares.reshape(len(rows), len(columns))


@wrong("occlusion_map", names="The absolute value is taken")
def absolute_drops(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return np.abs(drops_at(model, image, label, size, value, rows, columns))


@wrong("occlusion_map", names="cut off: a drop may be negative")
def only_falls(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return np.maximum(drops_at(model, image, label, size, value, rows, columns), 0)


@wrong("occlusion_map", names="largest number is 1")
def brightest_drop_is_one(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    drops = drops_at(model, image, label, size, value, rows, columns)
    return drops / drops.max()


@wrong("occlusion_map", names="stretched from 0 to 1")
def stretched_drops(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    drops = drops_at(model, image, label, size, value, rows, columns)
    return (drops - drops.min()) / np.ptp(drops)


@wrong("occlusion_map", names="The square is 0.5")
def always_grey(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size, 0.5, rows, columns)


@wrong("occlusion_map", names="The square takes the mean")
def mean_of_the_picture(model, image, label, size, stride, value):
    rows, columns = (starts(side, size, stride) for side in image.shape[:2])
    return drops_at(model, image, label, size, image.mean(), rows, columns)


@wrong("occlusion_map", names="counted by the height")
def columns_of_the_height(model, image, label, size, stride, value):
    rows = starts(image.shape[0], size, stride)
    return drops_at(model, image, label, size, value, rows, rows)


@wrong("occlusion_map", names="Keras wants a batch")
def without_a_batch(model, image, label, size, stride, value):
    copy = image.copy()
    copy[:size, :size] = value
    return model(image)[label] - model(copy)[label]


# ---- saliency ----


@right("saliency")
def tape_and_part(model, image, label):
    part = keras.Model(model.inputs, model.get_layer("logits").output)
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = part(x)[0, label]
    return np.abs(tape.gradient(score, x)[0]).max(axis=-1)


@right("saliency")
def variable_with_its_batch(model, image, label):
    x = tf.Variable(np.expand_dims(image, 0))
    values = x
    with tf.GradientTape() as tape:
        for layer in model.layers[1:]:
            values = layer(values)
            if layer.name == "logits":
                break
        score = values[:, label]
    return tf.reduce_max(tf.abs(tape.gradient(score, x)), axis=-1)


@right("saliency")
def by_one_hot(model, image, label):
    both = keras.Model(model.inputs, [model.get_layer("logits").output, model.output])
    x = tf.convert_to_tensor(image)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits, _ = both(x[None], training=False)
        score = tf.reduce_sum(logits * tf.one_hot(label, logits.shape[1]))
    gradient = tape.gradient(score, x).numpy()
    return np.maximum(gradient, -gradient).max(2)


@right("saliency")
def dense_layer_by_hand(model, image, label):
    dense = model.get_layer("logits")
    before = keras.Model(model.inputs, dense.input)
    x = tf.Variable(image[None], dtype=tf.float32)
    with tf.GradientTape() as tape:
        features = before(x)
        score = tf.linalg.matmul(features, dense.kernel)[0, label] + dense.bias[label]
    gradient = tape.gradient(score, x)
    return np.max(np.abs(gradient.numpy()[0]), -1).tolist()


def slope(model, image, score, layer="logits"):
    """The gradient of a score of a layer's output by the image."""
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = score(part(x)[0])
    return tape.gradient(value, x)[0].numpy()


@wrong("saliency", names="gradient of the share, after the softmax")
def of_the_share(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label], "shares")).max(axis=2)


@wrong("saliency", names="logarithm of the share")
def of_the_loss(model, image, label):
    return np.abs(slope(model, image, lambda row: -tf.math.log(row[label]), "shares")).max(axis=2)


@wrong("saliency", names="all logits together")
def of_all_logits(model, image, label):
    return np.abs(slope(model, image, tf.reduce_sum)).max(axis=2)


@wrong("saliency", names="of the likeliest class")
def of_the_winner(model, image, label):
    return np.abs(slope(model, image, tf.reduce_max)).max(axis=2)


@wrong("saliency", names="The absolute value is missing")
def signed(model, image, label):
    return slope(model, image, lambda row: row[label]).max(axis=2)


@wrong("saliency", names="The absolute value comes too late")
def absolute_of_the_largest(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label]).max(axis=2))


@wrong("saliency", names="The channels are summed")
def summed(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label])).sum(axis=2)


@wrong("saliency", names="The channels are added with their signs")
def added_with_signs(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label]).sum(axis=2))


@wrong("saliency", names="The channels are averaged: ")
def averaged(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label])).mean(axis=2)


@wrong("saliency", names="The channels are averaged with their signs")
def averaged_with_signs(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label]).mean(axis=2))


@wrong("saliency", names="The length over the channels")
def length(model, image, label):
    return np.linalg.norm(slope(model, image, lambda row: row[label]), axis=2)


@wrong("saliency", names="Only the first channel is used")
def red_only(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label])[..., 0])


@wrong("saliency", names="multiplied by the picture")
def times_the_picture(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label]) * image).max(axis=2)


@wrong("saliency", names="largest number is 1")
def brightest_is_one(model, image, label):
    found = np.abs(slope(model, image, lambda row: row[label])).max(axis=2)
    return found / found.max()


@wrong("saliency", names="give the numbers as they are")
def stretched_map(model, image, label):
    found = np.abs(slope(model, image, lambda row: row[label])).max(axis=2)
    return (found - found.min()) / (found.max() - found.min())


@wrong("saliency", names="over height and width")
def wrong_axes(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label])).max(axis=(0, 1))


@wrong("saliency", names="Rows and columns are exchanged")
def turned(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label])).max(axis=2).T


@wrong("saliency", names="The gradient is None")
def not_watched(model, image, label):
    part = keras.Model(model.inputs, model.get_layer("logits").output)
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        score = part(x)[0, label]
    return np.abs(tape.gradient(score, x)[0]).max(axis=-1)


@wrong("saliency", names="The gradient is None")
def predicted_in_the_tape(model, image, label):
    part = keras.Model(model.inputs, model.get_layer("logits").output)
    x = tf.Variable(image[None])
    with tf.GradientTape() as tape:
        score = tf.constant(part.predict(x, verbose=0))[0, label]
    return tf.reduce_max(tf.abs(tape.gradient(score, x)), axis=-1)[0]


@wrong("saliency")
def whole_gradient(model, image, label):
    return np.abs(slope(model, image, lambda row: row[label]))


@right("saliency")
def a_row_of_the_jacobian(model, image, label):
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = keras.Sequential(model.layers[:-1])(x)
    return keras.ops.max(keras.ops.abs(tape.batch_jacobian(logits, x)[0, label]), axis=-1)


@right("saliency")
def softmax_away_and_back(model, image, label):
    last, x = model.layers[-1], tf.constant(image[None])
    call, last.call = last.call, lambda values, **options: values
    try:
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, label]
    finally:
        last.call = call
    return np.abs(tape.gradient(score, x)).max(axis=3)


@wrong("saliency", names="Keras wants a batch")
def no_batch(model, image, label):
    """The error message holds a "None", but no gradient is None."""
    part = keras.Model(model.inputs, model.get_layer("logits").output)
    x = tf.Variable(image)
    with tf.GradientTape() as tape:
        score = part(x)[label]
    return np.abs(tape.gradient(score, x)).max(axis=-1)


@wrong("saliency", names="stay with tensors")
def numpy_inside_the_tape(model, image, label):
    part = keras.Model(model.inputs, model.get_layer("logits").output)
    x = tf.Variable(image[None])
    with tf.GradientTape() as tape:
        score = part(x).numpy()[0, label]
    return np.abs(tape.gradient(score, x)).max(axis=-1)


@wrong("saliency", names="A tape watches tensors")
def watched_an_array(model, image, label):
    part = keras.Model(model.inputs, model.get_layer("logits").output)
    x = image[None]
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = part(x)[0, label]
    return np.abs(tape.gradient(score, x)).max(axis=-1)


@wrong("saliency")
def smooth_by_noise(model, image, label):
    random = np.random.default_rng(0)
    noisy = [(image + random.normal(0, 0.1, image.shape)).astype("float32") for _ in range(4)]
    return np.mean([np.abs(slope(model, one, lambda row: row[label])).max(axis=2) for one in noisy], axis=0)


# ---- activation_maximise ----


@right("activation_maximise")
def constants_watched(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x, values = tf.constant(image[None]), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_mean(part(x)[..., channel])
        gradient = tape.gradient(value, x)
        values.append(float(value))
        x = x + rate * gradient / tf.sqrt(tf.reduce_sum(gradient**2))
    values.append(float(tf.reduce_mean(part(x)[..., channel])))
    return values, x.numpy()[0]


@right("activation_maximise")
def a_variable_in_numpy(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x = tf.Variable(image[np.newaxis].copy())
    values = [np.mean(part(x).numpy()[..., channel])]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(part(x)[..., channel])
        gradient = tape.gradient(value, x).numpy()
        x.assign_add(rate * gradient / (np.linalg.norm(gradient) + 1e-8))
        values.append(np.mean(part(x).numpy()[..., channel]))
    return np.array(values), x.numpy()


@right("activation_maximise")
def normalised_by_tensorflow(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)

    def value_of(picture):
        return tf.reduce_mean(tf.gather(part(picture[tf.newaxis]), channel, axis=-1))

    picture, values = tf.convert_to_tensor(image), []
    while len(values) < steps:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(picture)
            values.append(value_of(picture))
        slope = tape.gradient(values[-1], picture)
        picture += rate * tf.math.l2_normalize(slope)
    return [*values, value_of(picture)], picture


@right("activation_maximise")
def descent_of_the_negative(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x, losses = tf.Variable(image, dtype=tf.float32), []
    for step in range(steps + 1):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(part(tf.expand_dims(x, 0))[..., channel : channel + 1])
        losses.append(loss)
        if step < steps:
            gradient = tape.gradient(loss, x)
            x.assign(x - rate * gradient / tf.norm(gradient))
    return [-float(loss) for loss in losses], np.array(x)


def climbed(model, layer, channel, image, steps, rate, measure=None, length=None, sign=1, first=True, last=True):
    """Activation maximisation in which something may be otherwise."""
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    measure = measure or (lambda maps: tf.reduce_mean(maps[..., channel]))
    length = length or (lambda g: tf.sqrt(tf.reduce_sum(g**2)))
    x, values = tf.constant(image[None]), []
    for _ in range(steps + 1):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = measure(part(x))
        values.append(float(value))
        g = tape.gradient(value, x)
        before, x = x, x + sign * rate * g / length(g)
    values = values if first else values[1:]
    return values if last else values[:-1], before.numpy()[0]


@wrong("activation_maximise", names="The steps go down")
def descended(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, sign=-1)


@wrong("activation_maximise", names="not divided by its length")
def plain_gradient(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, length=lambda g: 1.0)


@wrong("activation_maximise", names="divided by its largest number")
def over_its_largest(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, length=lambda g: tf.reduce_max(tf.abs(g)))


@wrong("activation_maximise", names="root of the mean of its squares")
def over_its_mean_square(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, length=lambda g: tf.sqrt(tf.reduce_mean(g**2)))


@wrong("activation_maximise", names="divided by its spread")
def over_its_spread(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, length=tf.math.reduce_std)


@wrong("activation_maximise", names="the sum of its squares: take the root")
def without_the_root(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, length=lambda g: tf.reduce_sum(g**2))


@wrong("activation_maximise", names="the sum of its absolute values")
def over_its_absolute_sum(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, length=lambda g: tf.reduce_sum(tf.abs(g)))


@wrong("activation_maximise", names="Only the sign of the gradient")
def signs_only(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, length=lambda g: tf.abs(g) + 1e-30)


@wrong("activation_maximise", names="The gradient of the first step")
def gradient_of_the_start(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = tf.reduce_mean(part(x)[..., channel])
    g = tape.gradient(value, x)
    pictures = [x + step * rate * g / tf.norm(g) for step in range(steps + 1)]
    return [float(tf.reduce_mean(part(p)[..., channel])) for p in pictures], pictures[-1]


@wrong("activation_maximise", names="This is map 0")
def first_map(model, layer, channel, image, steps, rate):
    return climbed(model, layer, 0, image, steps, rate)


@wrong("activation_maximise", names="The sum over the map")
def summed_map(model, layer, channel, image, steps, rate):
    return climbed(
        model, layer, channel, image, steps, rate, measure=lambda maps: tf.reduce_sum(maps[..., channel])
    )


@wrong("activation_maximise", names="The largest number of the map")
def largest_of_the_map(model, layer, channel, image, steps, rate):
    return climbed(
        model, layer, channel, image, steps, rate, measure=lambda maps: tf.reduce_max(maps[..., channel])
    )


@wrong("activation_maximise", names="the whole layer")
def whole_layer(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, measure=tf.reduce_mean)


@wrong("activation_maximise", names="The value before the first step is missing")
def values_afterwards(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, first=False)


@wrong("activation_maximise", names="the picture before the last step")
def values_before(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, last=False)


@wrong("activation_maximise", names="The gradient is None")
def no_watch(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x, values = tf.constant(image[None]), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(part(x)[..., channel])
        g = tape.gradient(value, x)
        values.append(float(value))
        x = x + rate * g / tf.sqrt(tf.reduce_sum(g**2))
    return [*values, float(tf.reduce_mean(part(x)[..., channel]))], x[0]


@wrong("activation_maximise", names="The gradient is None")
def variable_overwritten_by_a_tensor(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x, values = tf.Variable(image[None]), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(part(x)[..., channel])
        g = tape.gradient(value, x)
        values.append(float(value))
        x = x + rate * g / tf.norm(g)
    return [*values, float(tf.reduce_mean(part(x)[..., channel]))], x[0]


@wrong("activation_maximise", names="changed its input image")
def into_the_given_picture(model, layer, channel, image, steps, rate):
    values, picture = climbed(model, layer, channel, image, steps, rate)
    image += picture - image
    return values, image


@wrong("activation_maximise", names="first the list of values, then the picture")
def the_other_way_round(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate)[::-1]


@wrong("activation_maximise")
def picture_only(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate)[1]


@wrong("activation_maximise")
def weights_trained_instead(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    values = [float(tf.reduce_mean(part(image[None])[..., channel]))]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(part(image[None])[..., channel])
        for variable, g in zip(
            part.trainable_variables,
            tape.gradient(value, [v.value for v in part.trainable_variables]),
            strict=True,
        ):
            if g is not None:
                variable.assign(variable + rate * g)
        values.append(float(tf.reduce_mean(part(image[None])[..., channel])))
    return values, image.copy()


@wrong("activation_maximise", names="Pixels are cut off at 0 and 1")
def clipped(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x, values = tf.constant(image[None]), []
    for _ in range(steps + 1):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_mean(part(x)[..., channel])
        values.append(float(value))
        g = tape.gradient(value, x)
        before, x = x, tf.clip_by_value(x + rate * g / tf.norm(g), 0.0, 1.0)
    return values, before[0]


@wrong("activation_maximise")
def made_up(model, layer, channel, image, steps, rate):
    return [float(step) for step in range(steps + 1)], image.copy()


@right("activation_maximise")
def keras_optimizer_of_the_negative(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x, optimizer, values = tf.Variable(image[None]), keras.optimizers.SGD(rate), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = -keras.ops.mean(part(x)[..., channel])
        gradient = tape.gradient(loss, x)
        optimizer.apply([gradient / tf.norm(gradient)], [x])
        values.append(-loss)
    return [*values, keras.ops.mean(part(x)[..., channel])], x


@right("activation_maximise")
def step_after_step_by_recursion(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)

    def climb(x, left):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_mean(part(x)[..., channel])
        if left == 0:
            return [value.numpy()], x
        gradient = tape.gradient(value, x)
        later, end = climb(x + rate * gradient / np.sqrt((gradient.numpy() ** 2).sum()), left - 1)
        return [value.numpy(), *later], end

    values, end = climb(tf.constant(image[None]), steps)
    return [values, end.numpy().tolist()]


@wrong("activation_maximise", names="Each pixel's gradient is divided by its own length")
def pixel_by_pixel(model, layer, channel, image, steps, rate):
    def length(gradient):
        return tf.maximum(tf.norm(gradient, axis=-1, keepdims=True), 1e-12)

    return climbed(model, layer, channel, image, steps, rate, length=length)


@wrong("activation_maximise", names="This is the picture of the beginning")
def picture_of_the_beginning(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate)[0], image.copy()


@wrong("activation_maximise", names="The picture is stretched")
def picture_for_the_screen(model, layer, channel, image, steps, rate):
    values, picture = climbed(model, layer, channel, image, steps, rate)
    return values, (picture - picture.min()) / np.ptp(picture)


@wrong("activation_maximise", names="Keras wants a batch")
def no_batch_to_climb(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x = tf.Variable(image)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(part(x)[..., channel])
    return [float(value)] * (steps + 1), x + rate * tape.gradient(value, x)


@wrong("activation_maximise", names="stay with tensors")
def mean_by_numpy(model, layer, channel, image, steps, rate):
    return climbed(model, layer, channel, image, steps, rate, measure=lambda maps: np.mean(maps[..., channel]))


@wrong("activation_maximise")
def with_momentum(model, layer, channel, image, steps, rate):
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    x, run, values = tf.constant(image[None]), 0.0, []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_mean(part(x)[..., channel])
        gradient = tape.gradient(value, x)
        values.append(float(value))
        run = 0.9 * run + gradient / tf.norm(gradient)
        x = x + rate * run
    return [*values, float(tf.reduce_mean(part(x)[..., channel]))], x[0]
