"""Lab 10: what a trained network looks at: filters, feature maps, occlusion, saliency, activation maximisation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.check import Draw, Given, Received, case, essay, group, question
from course import _drawn_networks as plans
from course.given import drawn_picture, given
from course.questions._networks import Network

STEP = 1e-6  # of the finite differences; the networks are nearly everywhere straight between two kinks
FLOAT = 1e-4  # a learner's network computes in 32 bits


@dataclass(frozen=True)
class Inside:
    """A drawn network, run in NumPy: what every layer of the learner's Keras model must give.

    Args:
        plan: One of the plans of `course._drawn_networks`.
        shape: Of one image.
        seed: Of the weights.
    """

    plan: str
    shape: tuple[int, int, int]
    seed: int

    @property
    def given(self) -> Given:
        """The Keras model, made where the answer runs."""
        return given("drawn_network", self.plan, *self.shape, self.seed)

    @property
    def layers(self) -> list[str]:
        """Names of the layers from the input on."""
        return [name for _, name, *_ in plans.PLANS[self.plan]]

    def table(self, until: str = "shares", straight: str = "") -> Network:
        """The layers up to one of them; the layer `straight` has no ReLU."""
        network = Network(self.shape)
        for kind, name, *numbers in plans.PLANS[self.plan]:
            if kind == "conv":
                filters, side, stride = numbers
                network.conv(filters, side, stride=stride, activation="linear" if name == straight else "relu")
            elif kind in ("max", "average"):
                network.pool(kind, numbers[0], numbers[0])
            elif kind == "means":
                network.global_average()
            elif kind == "flatten":
                network.flatten()
            elif kind == "dense":
                network.dense(numbers[0])
            else:
                network.activation(kind)
            if name == until:
                return network
        raise ValueError(f"No layer {until!r} in the plan {self.plan!r}.")

    def values(self, images: np.ndarray, layer: str = "shares", *, straight: bool = False) -> np.ndarray:
        """What a layer gives for a batch of images; `straight` leaves out its ReLU."""
        network = self.table(layer, layer if straight else "")
        count = sum(len(row.weights) for row in network.layers)
        return network.outputs(plans.weights(self.plan, self.shape, self.seed)[:count], images)

    def slopes(self, image: np.ndarray, number: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """The derivative of a number of an image by every pixel, by central differences; `number` takes many."""
        steps = STEP * np.eye(image.size).reshape(-1, *image.shape)
        ends = number(np.concatenate([image + steps, image - steps])).reshape(2, -1)
        return ((ends[0] - ends[1]) / (2 * STEP)).reshape(image.shape)


def _lively(draw: Draw, plan: str, shape: tuple[int, int, int]) -> tuple[Inside, Given, np.ndarray, list[int]]:
    """A network and a picture that it is not sure of: network, picture as an argument and as an array, classes.

    The classes stand in the order of their shares; the first two have shares that small changes move.
    """
    for _ in range(200):
        network, seed = Inside(plan, shape, draw.integer(0, 9_999)), draw.integer(0, 9_999)
        image = drawn_picture(*shape, seed).astype(np.float64)
        shares = network.values(image[None])[0]
        order = [int(label) for label in np.argsort(-shares)]
        if shares[order[0]] < 0.85 and shares[order[1]] > 0.1 and shares[order[0]] - shares[order[1]] > 0.02:
            break
    return network, given("drawn_picture", *shape, seed), image, order


def _agrees(received: Received, expected: Any) -> bool:
    """Whether a reply is near what is expected, so that no mistake has to be worked out."""
    try:
        value = np.asarray(received.value, dtype=float)
        return received.failure is None and value.shape == np.shape(expected) and bool(
            np.abs(value - expected).max() <= FLOAT
        )  # fmt: skip
    except (TypeError, ValueError):
        return False


def _without_batch(received: Received, dimensions: int) -> Received:
    """The same reply without an axis of one image in front, if it has one more axis than asked for."""

    def cut(value: Any) -> Any:
        many = isinstance(value, np.ndarray) and value.ndim == dimensions + 1 and len(value) == 1
        return value[0] if many else value

    return _quietly(received, cut)


def _quietly(received: Received, function: Callable[[Any], Any]) -> Received:
    """What a function makes of the value, under the call's own name; a value that it cannot read stays."""
    changed = received.then("value", function)
    if received.failure is not None or changed.failure is not None:
        return received
    return Received(received.call, changed.value, None, received.arguments, received.short)


# ---- 10.1: filters ----


def _stretched(weights: np.ndarray, low: Any, high: Any, equal: float = 0.5) -> np.ndarray:
    """From 0 at `low` to 1 at `high`, `equal` where the two are the same."""
    reach = np.broadcast_to(np.asarray(high - low, dtype=float), weights.shape)
    return np.where(reach > 0, (weights - low) / np.where(reach > 0, reach, 1.0), equal)


def _sheet(
    filters: np.ndarray, columns: int, *, line: float = 1.0, empty: float = 1.0, wide: int = 1, down: bool = False
) -> np.ndarray:
    """Filters, shape (k_h, k_w, c, count), laid on a sheet, found pixel by pixel."""
    k_h, k_w, channels, count = filters.shape
    rows = -(-count // columns)
    sheet = np.empty((rows * (k_h + wide) - wide, columns * (k_w + wide) - wide, channels))
    for y, x in np.ndindex(sheet.shape[:2]):
        (row, i), (column, j) = divmod(y, k_h + wide), divmod(x, k_w + wide)
        number = column * rows + row if down else row * columns + column
        if i >= k_h or j >= k_w:
            sheet[y, x] = line
        else:
            sheet[y, x] = filters[i, j, :, number] if number < count else empty
    return sheet


def _each(weights: np.ndarray, equal: float = 0.5) -> np.ndarray:
    low, high = weights.min(axis=(0, 1, 2)), weights.max(axis=(0, 1, 2))
    return _stretched(weights, low, high, equal)


def _grid_mistakes(weights: np.ndarray, columns: int) -> dict[str, np.ndarray]:
    right = _each(weights)
    largest = np.abs(weights).max(axis=(0, 1, 2))
    sheet = _sheet(right, columns)
    scales = {
        "All filters share one scale here: each filter is stretched alone, from its own smallest weight "
        "to its own largest.": _stretched(weights, weights.min(), weights.max()),
        "Each channel of a filter is stretched alone: the channels of a filter share one scale.": _stretched(
            weights, weights.min(axis=(0, 1)), weights.max(axis=(0, 1))
        ),
        "The weights are not stretched: each filter's smallest becomes 0, its largest 1.": weights,
        "Zero is put in the middle: here the smallest weight becomes 0 and the largest 1.": (
            0.5 + weights / (2 * largest)
        ),
        "Each filter is divided by its largest weight; its smallest has to become 0.": weights / largest,
        "The smallest weight is only taken away: divide by the reach too, largest minus smallest.": (
            weights - weights.min(axis=(0, 1, 2))
        ),
        "Black and white are exchanged: the smallest weight becomes 0.": 1 - right,
        "A filter whose weights are all equal becomes 0.5 everywhere.": _each(weights, 0.0),
        "A filter whose weights are all equal becomes 0.5 everywhere, not 1.": _each(weights, 1.0),
    }
    gives = {text: _sheet(filters, columns) for text, filters in scales.items()}
    return gives | {
        "The filters run down the columns: filter 1 stands to the right of filter 0.": _sheet(
            right, columns, down=True
        ),
        "`columns` filters stand below one another: they stand side by side, in one row.": _sheet(
            right, -(-weights.shape[3] // columns)
        ),
        "The sheet runs from 0 to 255: it runs from 0 to 1.": 255 * sheet,
        "Height and width of the filters are exchanged.": _sheet(right.transpose(1, 0, 2, 3), columns),
        "The lines between the filters are 0: they are 1, white.": _sheet(right, columns, line=0.0),
        "Places without a filter are 0: they are 1, white.": _sheet(right, columns, empty=0.0),
        "Lines and places without a filter are 0: they are 1, white.": _sheet(right, columns, line=0.0, empty=0.0),
        "There is no line between the filters: one row and one column of ones.": _sheet(right, columns, wide=0),
        "There is a line after the last row and the last column too: lines stand between filters only.": np.pad(
            sheet, ((0, 1), (0, 1), (0, 0)), constant_values=1.0
        ),
        "There is a line around the whole sheet: lines stand between filters only.": np.pad(
            sheet, ((1, 1), (1, 1), (0, 0)), constant_values=1.0
        ),
    }


@question(
    "filter_grid",
    points=4,
    hints=[
        "layer.get_weights()[0] has shape (k_h, k_w, channels, filters): one filter is kernel[..., number].",
        "Begin with np.ones((rows * (k_h + 1) - 1, columns * (k_w + 1) - 1, channels)): then lines and empty "
        "places are done.",
        "row, column = divmod(number, columns); the filter begins at row * (k_h + 1) and column * (k_w + 1).",
        "low, high = filter.min(), filter.max() of this filter alone. If they are equal, write 0.5.",
    ],
)
def filter_grid(answer, draw: Draw) -> Iterator:
    """The filters of a layer on one sheet

    filter_grid(layer, columns): each filter is stretched alone, its smallest weight to 0 and its largest to 1, all
    channels together; 0.5 if all are equal. Filter 0 stands at the upper left, filter 1 to its right. Between two
    filters, and only there, lies a line of ones, one pixel wide; places without a filter hold ones too. Shape
    (rows·(k_h + 1) − 1, columns·(k_w + 1) − 1, channels); with one channel the last axis may be missing.
    """
    for name, equal, cases in [
        ("one channel", False, [((4, 3, 1, 5), 3), ((2, 5, 1, 4), 2)]),
        ("three channels", False, [((5, 5, 3, 8), 4), ((3, 4, 3, 6), 5)]),
        ("a filter of equal weights, few filters", True, [((3, 2, 2, 7), 4), ((2, 3, 4, 3), 4)]),
    ]:
        with group(name):
            for shape, columns in cases:
                seed = 3 * draw.integer(0, 3_000) + (0 if equal else 1)
                weights = plans.kernel(shape, seed).astype(np.float64)
                expected = _sheet(_each(weights), columns)
                received = answer(given("conv_layer", *shape, seed), columns)
                if shape[2] == 1:
                    received = _quietly(received, _with_channel)
                yield case(received, expected, mistakes=_grid_mistakes(weights, columns))


def _with_channel(value: Any) -> Any:
    return value[..., None] if isinstance(value, np.ndarray) and value.ndim == 2 else value


# ---- 10.2: feature maps ----


def _maps_alone(value: Any) -> Any:
    """A list of arrays without the axis of one image that some of them may have in front."""
    if not isinstance(value, list | tuple):
        return value
    return [
        item[0] if isinstance(item, np.ndarray) and item.ndim in (2, 4) and len(item) == 1 else item
        for item in value
    ]


def _map_mistakes(network: Inside, image: np.ndarray, names: Sequence[str]) -> dict[str, list[np.ndarray]]:
    def maps(asked: Sequence[str], **options: Any) -> list[np.ndarray]:
        return [network.values(image[None], name, **options)[0] for name in asked]

    in_order = sorted(names, key=network.layers.index)
    before = [(["input", *network.layers])[network.layers.index(name)] for name in names]
    right = maps(names)
    gives = {
        "These are the maps in the model's order: give them in the order of `layers`.": maps(in_order),
        "These are the maps that go into the layer: give what comes out of it.": [
            image if name == "input" else maps([name])[0] for name in before
        ],
        "The ReLU is left out: a layer's output is what comes after its activation.": maps(names, straight=True),
        "This is the model's last output, for every layer.": maps(["shares"] * len(names)),
        "Only the first map of each layer is given: all of them are asked for.": [part[..., 0] for part in right],
        "The maps stand first: shape (height, width, maps).": [np.moveaxis(part, -1, 0) for part in right],
        "Each layer is divided by its largest number: give the numbers as they are.": [
            part / max(np.abs(part).max(), 1e-9) for part in right
        ],
        "Only one layer is given, the last of those asked for.": [right[-1]],
    }
    if len(names) == 1:
        gives["For one layer alone Keras gives its output bare, not in a list: [0] then takes the first row."] = [
            right[0][0]
        ]
    if set(names) <= {"conv1", "pool1"} and network.plan == "one convolution":
        raw = Network(network.shape)
        raw.pool("max", 2, 2)
        alone = {"conv1": maps(["conv1"])[0], "pool1": raw.outputs([], image[None])[0]}
        gives["Each layer is given the picture itself, not what the layers before it make of it."] = [
            alone[name] for name in names
        ]
    return gives


@question(
    "feature_maps",
    points=4,
    limit=20.0,
    hints=[
        "model.get_layer(name).output is the symbolic output of that layer, in this model, with its weights.",
        "keras.Model(model.input, [a list of such outputs]) makes a model that shares the layers: nothing is "
        "built anew.",
        "Give it a batch of one: image[None]. It gives one array for each layer; take [0] of each.",
        "For a list of one output Keras gives the array bare. One model for each name is the simplest way.",
    ],
)
def feature_maps(answer, draw: Draw) -> Iterator:
    """What some layers give for one picture

    feature_maps(model, image, layers): the image has shape (height, width, channels), `layers` is a list of names
    of layers. Returns a list, in the order of `layers`: what each layer gives after its activation, shape (height,
    width, maps), for a dense layer (units,). An axis of one image in front may stay. The model is not changed.
    """
    for name, plan, shape, asked in [
        ("a convolution and its pooling", "one convolution", (9, 7, 2), [["conv1", "pool1"]]),
        (
            "three convolutions, in the order of the call",
            "three convolutions",
            (11, 13, 1),
            [["conv3", "conv1"], ["conv2", "conv3", "conv1"]],
        ),
        (
            "one layer alone, dense layers",
            "two convolutions",
            (8, 11, 3),
            [["conv2"], ["logits", "pool1", "shares"]],
        ),
    ]:
        with group(name):
            network, picture = Inside(plan, shape, draw.integer(0, 9_999)), draw.integer(0, 9_999)
            image = drawn_picture(*shape, picture).astype(np.float64)
            for place, names in enumerate(asked):
                arguments = (network.given, given("drawn_picture", *shape, picture), names)
                received = _quietly(answer(*arguments), _maps_alone)
                again = _quietly(answer(*arguments), _maps_alone) if place == 0 else None
                expected = [network.values(image[None], layer)[0] for layer in names]
                mistakes = {**_map_mistakes(network, image, names), **_new_weights(received, again)}
                yield case(received, expected, tolerance=FLOAT, mistakes=mistakes | _wrong_input(received))


def _new_weights(received: Received, again: Received | None) -> dict[str, Any]:
    """The mistake of a network that is built anew, if two calls differ."""
    if again is None or received.failure is not None or again.failure is not None:
        return {}
    try:
        pairs = list(zip(received.value, again.value, strict=True))
        same = all(np.shape(a) == np.shape(b) and np.allclose(a, b, atol=FLOAT) for a, b in pairs)
    except (TypeError, ValueError):
        return {}
    text = "Two calls differ: the layers are built anew, with new weights. Use the model's own layers."
    return {} if same else {text: received.value}


def _wrong_input(received: Received) -> dict[str, Any]:
    """What it means that a layer met another number of channels than it was built for."""
    text = received.failure.text if received.failure else ""
    if "expected axis -1" in text:
        return {"Each layer is given the picture itself, not what the layers before it make of it.": Exception}
    return _no_batch(received)


def _no_batch(received: Received) -> dict[str, Any]:
    """The mistake of a picture that is given to the model as it is."""
    text = received.failure.text if received.failure else ""
    if "found ndim=3" in text or re.search(r"found shape=\(\d+, \d+, \d+\)", text):
        return {"Keras wants a batch: give the model image[None], a batch of one.": Exception}
    return {}


# ---- 10.3: occlusion ----


def _windows(side: int, size: int, stride: int) -> list[int]:
    """Where the squares begin that lie inside, found by trying."""
    return [start for start in range(side) if start % stride == 0 and start + size <= side]


def _drops(
    network: Inside, image: np.ndarray, label: int, size: int, value: float, rows: Sequence[int],
    columns: Sequence[int], *, layer: str = "shares", channels: slice = slice(None), staying: bool = False,
) -> np.ndarray:  # fmt: skip
    """The share without a square minus that with it, for squares that begin at these rows and columns."""
    covered, current = [], image.copy()
    for top in rows:
        for left in columns:
            if not staying:
                current = image.copy()
            current[max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0), channels] = value
            covered.append(current.copy())
    scores = network.values(np.array([image, *covered]), layer)[:, label]
    return (scores[0] - scores[1:]).reshape(len(rows), len(columns))


def _occlusion_mistakes(
    network: Inside, image: np.ndarray, label: int, size: int, stride: int, value: float
) -> dict[str, np.ndarray]:
    height, width, _ = image.shape
    rows, columns = _windows(height, size, stride), _windows(width, size, stride)

    def drops(rows: Sequence[int] = rows, columns: Sequence[int] = columns, **options: Any) -> np.ndarray:
        others = {"label": label, "size": size, "value": value} | {
            key: options.pop(key) for key in ("label", "size", "value") if key in options
        }
        return _drops(network, image, **others, rows=rows, columns=columns, **options)

    right, share = drops(), network.values(image[None])[0, label]
    wide = (range(0, height, stride), range(0, width, stride))
    gives = {
        "The square moves by one pixel, whatever the stride: place (i, j) begins at row i·stride.": drops(
            range(len(rows)), range(len(columns))
        ),
        "The square begins one stride too late: the first one begins at 0.": drops(
            [row + stride for row in rows], [column + stride for column in columns]
        ),
        "The last places are missing: a square that ends at the border lies inside.": drops(
            [row for row in rows if row + size < height], [column for column in columns if column + size < width]
        ),
        "Squares that hang over the border are counted: only those that lie inside.": drops(*wide),
        "The square has its middle at (i·stride, j·stride): that is its upper left corner.": drops(
            [row - size // 2 for row in rows], [column - size // 2 for column in columns]
        ),
        "The stride is ignored: every place is tried.": drops(
            _windows(height, size, 1), _windows(width, size, 1)
        ),
        "The square moves by its own size: it moves by `stride`.": drops(
            _windows(height, size, size), _windows(width, size, size)
        ),
        "The square is one pixel too small.": drops(size=size - 1),
        "The square is one pixel too large.": drops(size=size + 1),
        "These are the shares with the square: the drop is the share without it minus this.": share - right,
        "The sign is turned: the drop is the share without the square minus the share with it.": -right,
        "The drop is divided by the share: it is the plain difference.": right / share,
        "These are drops of the logit: the share is asked for, the model's output.": drops(layer="logits"),
        "The squares stay in the picture: each one is laid on a fresh copy.": drops(staying=True),
        "All covered pictures are one array, with all the squares: lay each one on a fresh copy.": np.full_like(
            right, drops(staying=True)[-1, -1]
        ),
        "Only the first channel is covered: all channels get the value.": drops(channels=slice(0, 1)),
        "The square is 0 (black) whatever `value` says.": drops(value=0.0),
        "The map is scaled so that its largest number is 1: give the drops as they are.": right / right.max(),
        "The map is stretched from 0 to 1: give the drops as they are.": (right - right.min()) / np.ptp(right),
        "The columns are counted by the height: they are counted by the width.": drops(columns=rows),
        "Rows and columns are exchanged.": right.T,
        "The drop is that of the likeliest class: `label` says which class.": drops(
            label=int(network.values(image[None])[0].argmax())
        ),
        "The drop is that of class 0: `label` says which class.": drops(label=0),
    }  # fmt: skip
    if value != 0.5:
        gives["The square is 0.5 (grey) whatever `value` says."] = drops(value=0.5)
        gives["The square takes the mean of the picture: it takes `value`."] = drops(value=float(image.mean()))
    if right.min() < -0.002:
        gives["The absolute value is taken: a drop may be negative."] = np.abs(right)
        gives["Drops below zero are cut off: a drop may be negative."] = np.maximum(right, 0.0)
    return {text: wrong for text, wrong in gives.items() if wrong.size}


@question(
    "occlusion_map",
    points=5,
    limit=30.0,
    hints=[
        "Rows of the map: (height - size) // stride + 1, as for a convolution without padding.",
        "covered = image.copy(); covered[top : top + size, left : left + size] = value, with top = i * stride.",
        "All covered pictures make one batch: np.stack them, call the model once, take [:, label].",
        "The drop: the share for the untouched picture minus the share for the covered one.",
    ],
)
def occlusion_map(answer, draw: Draw) -> Iterator:
    """How much the share of a class drops when a square is covered

    occlusion_map(model, image, label, size, stride, value): entry (i, j) of the map belongs to the square of
    `size` pixels a side whose upper left corner is at row i·stride and column j·stride; all its channels are set
    to `value`. Only squares that lie inside the picture count. The entry is the share of class `label` for the
    untouched picture minus that for the covered one. The model gives shares. Shape (rows, columns).
    """
    for name, weight, cases in [
        ("stride 1 and stride as large as the square", 1, [(3, 1, 0.5, 0), (2, 2, 0.5, 0)]),
        ("strides between, some of the border is never covered", 2, [(3, 2, 0.5, 0), (4, 3, 0.25, 0)]),
        ("another class than the likeliest, other values", 2, [(3, 2, 1.0, 1), (2, 3, 0.75, 1)]),
    ]:
        with group(name, weight=weight):
            for number, (size, stride, value, rank) in enumerate(cases):
                plan, shape = [("one convolution", (8, 11, 2)), ("two convolutions", (12, 9, 3))][number]
                network, picture, image, order = _lively(draw, plan, shape)
                label = order[rank]
                received = answer(network.given, picture, label, size, stride, value)
                rows, columns = (_windows(side, size, stride) for side in shape[:2])
                expected = _drops(network, image, label, size, value, rows, columns)
                arguments = (network, image, label, size, stride, value)
                wrong = {} if _agrees(received, expected) else _occlusion_mistakes(*arguments)
                yield case(received, expected, tolerance=1e-5, mistakes=wrong | _no_batch(received))


# ---- 10.4: saliency ----

NO_GRADIENT = (
    "The gradient is None: inside the tape watch the image (tape.watch) and call the model on it, model(x); "
    "model.predict leaves no trace."
)
OUT_OF_TENSORS = (
    "Inside the tape stay with tensors: NumPy and .numpy() leave no trace that the tape could walk back on."
)
NOT_A_TENSOR = "A tape watches tensors, no NumPy arrays: x = tf.constant(image[None]), then tape.watch(x)."


def _unwatched(received: Received) -> dict[str, Any]:
    """What it means that an answer stopped on its way to the gradient, if it did."""
    text = received.failure.text if received.failure and received.failure.kind == "raised" else ""
    if "'_id'" in text:
        return {OUT_OF_TENSORS: Exception}
    if "Passed in object" in text:
        return {NOT_A_TENSOR: Exception}
    return _no_batch(received) or ({NO_GRADIENT: Exception} if "None" in text else {})


def _saliency_mistakes(network: Inside, image: np.ndarray, label: int) -> dict[str, np.ndarray]:
    def slopes(layer: str, pick: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        return network.slopes(image, lambda batch: pick(network.values(batch, layer)))

    logit = slopes("logits", lambda rows: rows[:, label])
    share = slopes("shares", lambda rows: rows[:, label])
    first = int(network.values(image[None])[0].argmax())
    right = np.abs(logit).max(axis=2)
    return {
        "This is the gradient of the share, after the softmax: take that of the logit.": np.abs(share).max(axis=2),
        "This is the gradient of the logarithm of the share: take that of the logit.": np.abs(
            slopes("shares", lambda rows: np.log(rows[:, label]))
        ).max(axis=2),
        "The gradient is that of all logits together: take the one of `label`.": np.abs(
            slopes("logits", lambda rows: rows.sum(axis=1))
        ).max(axis=2),
        "The gradient is that of the likeliest class: `label` says which class.": np.abs(
            slopes("logits", lambda rows: rows[:, first])
        ).max(axis=2),
        "The absolute value is missing.": logit.max(axis=2),
        "The absolute value comes too late: first of each number, then the largest of the channels.": np.abs(
            logit.max(axis=2)
        ),
        "The channels are summed: take the largest of the absolute values.": np.abs(logit).sum(axis=2),
        "The channels are added with their signs: take the largest of the absolute values.": np.abs(
            logit.sum(axis=2)
        ),
        "The channels are averaged: take the largest of the absolute values.": np.abs(logit).mean(axis=2),
        "The channels are averaged with their signs: take the largest of the absolute values.": np.abs(
            logit.mean(axis=2)
        ),
        "The length over the channels is taken: take the largest of the absolute values.": np.sqrt(
            (logit**2).sum(axis=2)
        ),
        "Only the first channel is used: take the largest over all channels.": np.abs(logit[..., 0]),
        "The gradient is multiplied by the picture.": np.abs(logit * image).max(axis=2),
        "The map is scaled so that its largest number is 1: give the numbers as they are.": right / right.max(),
        "The largest over height and width is taken: take it over the channels.": np.abs(logit).max(axis=(0, 1)),
        "Rows and columns are exchanged.": right.T,
        **_stretched_map(right),
    }  # fmt: skip


def _stretched_map(right: np.ndarray) -> dict[str, np.ndarray]:
    """A map from 0 to 1, where that is not the same as one that is divided by its largest number."""
    low, high = right.min(), right.max()
    if low < 1e-3 * high:
        return {}
    return {"The map is stretched from 0 to 1: give the numbers as they are.": (right - low) / (high - low)}


@question(
    "saliency",
    points=5,
    limit=20.0,
    hints=[
        "logits = keras.Model(model.input, model.get_layer('logits').output) shares the weights, as in 10.2.",
        "x = tf.constant(image[None]). Inside the tape: tape.watch(x), then score = logits(x)[0, label].",
        "tape.gradient(score, x) has the shape of x. Then np.abs(...), [0], and .max(axis=-1) over the channels.",
    ],
)
def saliency(answer, draw: Draw) -> Iterator:
    """Which pixels move the logit

    saliency(model, image, label): the derivative of the logit of class `label` (the layer named "logits", before
    the softmax) by every number of the image, its absolute value, the largest one over the channels. Shape
    (height, width), or (1, height, width). The model's weights are as before afterwards.
    """
    for name, weight, plan, shape, ranks in [
        ("one convolution", 2, "one convolution", (8, 7, 3), [0, 2]),
        ("two convolutions", 1, "two convolutions", (7, 10, 2), [1]),
        ("three convolutions, two classes", 2, "three convolutions", (11, 9, 2), [0, 1]),
    ]:
        with group(name, weight=weight):
            network, picture, image, order = _lively(draw, plan, shape)
            for rank in ranks:
                label = order[rank]
                received = _without_batch(answer(network.given, picture, label), 2)
                logit = network.slopes(
                    image, lambda batch, network=network, label=label: network.values(batch, "logits")[:, label]
                )
                expected = np.abs(logit).max(axis=2)
                right = _agrees(received, expected)
                wrong = {} if right else _saliency_mistakes(network, image, label) | _unwatched(received)
                yield case(received, expected, tolerance=FLOAT, mistakes=wrong)


# ---- 10.5: activation maximisation ----

Measure = Callable[[np.ndarray], np.ndarray]


def _mean(maps: np.ndarray, channel: int) -> np.ndarray:
    chosen = maps[..., channel]
    return chosen.reshape(len(chosen), -1).mean(axis=1)


def _length(slopes: np.ndarray) -> float:
    return float(np.sqrt((slopes**2).sum()))


@dataclass(frozen=True)
class Ascent:
    """A climb: the values before the first step and after each, and the picture at the end."""

    values: list[float]
    image: np.ndarray


def _climb(
    measure: Measure, network: Inside, image: np.ndarray, steps: int, rate: float, *, sign: float = 1.0,
    length: Callable[[np.ndarray], Any] = _length, once: bool = False, cut: bool = False,
) -> Ascent:  # fmt: skip
    """Follow the gradient of `measure`, each step `rate` times the gradient over its `length`.

    With `cut` pixels are cut off at 0 and 1 after each step.
    """
    values, slopes = [float(measure(image[None])[0])], None
    for _ in range(steps):
        if slopes is None or not once:
            slopes = network.slopes(image, measure)
        image = image + sign * rate * slopes / np.maximum(length(slopes), 1e-12)
        image = image.clip(0, 1) if cut else image
        values.append(float(measure(image[None])[0]))
    return Ascent(values, image)


@dataclass(frozen=True)
class Task:
    """One call of `activation_maximise`: network, layer, map, first picture, steps, length of a step."""

    network: Inside
    layer: str
    channel: int
    image: np.ndarray
    steps: int
    rate: float

    def measure(self, layer: str = "", channel: int | None = None) -> Measure:
        """The mean of a map, for a batch of pictures; of the task's own map if not said otherwise."""
        place = self.channel if channel is None else channel
        return lambda batch: _mean(self.network.values(batch, layer or self.layer), place)

    def climb(self, measure: Measure | None = None, **options: Any) -> Ascent:
        """The climb that is asked for, or one with something otherwise."""
        return _climb(measure or self.measure(), self.network, self.image, self.steps, self.rate, **options)


def _task(draw: Draw, plan: str, shape: tuple[int, int, int], layer: str, steps: int) -> tuple[Task, Ascent, int]:
    """A task whose climb rises clearly at every step and bends; the climb, and the picture's seed."""
    rate = draw.choice([0.2, 0.25, 0.3])
    for _ in range(200):
        network, picture = Inside(plan, shape, draw.integer(0, 9_999)), draw.integer(0, 9_999)
        image = drawn_picture(*shape, picture).astype(np.float64)
        channels = network.table(layer).layers[-1].output[-1]
        task = Task(network, layer, draw.integer(1, channels - 1), image, steps, rate)
        climb = task.climb()
        bent = np.abs(np.subtract(task.climb(once=True).values, climb.values)).max()
        if np.diff(climb.values).min() > 0.005 and bent > 0.005 and _stays_awake(task):
            break
    return task, climb, picture


def _stays_awake(task: Task) -> bool:
    """Whether no gradient becomes 0 on the way down, or on the way up of map 0: so that both can be told."""
    down, other = task.climb(sign=-1.0), task.climb(task.measure(channel=0))
    return bool(np.diff(down.values).max() < -1e-3 and np.ptp(other.values) > 1e-3)


def _climb_mistakes(task: Task) -> dict[str, Ascent]:
    maps = task.network.values(task.image[None], task.layer)
    places = max(int(np.prod(maps.shape[1:-1])), 1)
    names = task.network.layers
    gives = {
        "The steps go down: add the gradient, do not take it away.": task.climb(sign=-1.0),
        "The gradient is not divided by its length, the root of the sum of its squares.": task.climb(
            length=lambda slopes: 1.0
        ),
        "The gradient is divided by its largest number: divide by its length, the root of the sum of squares.": (
            task.climb(length=lambda slopes: float(np.abs(slopes).max()))
        ),
        "The gradient is divided by the root of the mean of its squares: take the root of the sum.": task.climb(
            length=lambda slopes: float(np.sqrt((slopes**2).mean()))
        ),
        "The gradient is divided by its spread: divide by its length, the root of the sum of squares.": task.climb(
            length=lambda slopes: float(slopes.std())
        ),
        "The gradient is divided by the sum of its squares: take the root of it.": task.climb(
            length=lambda slopes: float((slopes**2).sum())
        ),
        "The gradient is divided by the sum of its absolute values: take the root of the sum of squares.": (
            task.climb(length=lambda slopes: float(np.abs(slopes).sum()))
        ),
        "Each pixel's gradient is divided by its own length: divide all by the length of the whole gradient.": (
            task.climb(length=lambda slopes: np.sqrt((slopes**2).sum(axis=-1, keepdims=True)))
        ),
        "Only the sign of the gradient is used: divide it by its length.": _by_sign(task),
        "Pixels are cut off at 0 and 1: they may leave this range.": task.climb(cut=True),
        "The gradient of the first step is used in all of them: take it anew at each step.": task.climb(once=True),
        "This is map 0: `channel` says which map.": task.climb(task.measure(channel=0)),
    }  # fmt: skip
    if places > 1:
        gives["The sum over the map is taken: take the mean."] = task.climb(lambda x: places * task.measure()(x))
        gives["The largest number of the map is taken: take the mean over all places."] = task.climb(
            lambda x: task.network.values(x, task.layer)[..., task.channel].reshape(len(x), -1).max(axis=1)
        )
    if len(names) > names.index(task.layer) + 1:
        gives["The mean of the whole layer is taken: take that of the map `channel`."] = task.climb(
            lambda x: task.network.values(x, task.layer).reshape(len(x), -1).mean(axis=1)
        )
    classes = task.network.values(task.image[None]).shape[1]
    if task.channel < classes:
        gives["This follows the model's own output: follow the output of `layer`."] = task.climb(
            task.measure("shares")
        )
    return gives


def _by_sign(task: Task) -> Ascent:
    values, image = [float(task.measure()(task.image[None])[0])], task.image
    for _ in range(task.steps):
        image = image + task.rate * np.sign(task.network.slopes(image, task.measure()))
        values.append(float(task.measure()(image[None])[0]))
    return Ascent(values, image)


def _value_mistakes(task: Task, right: Ascent, climbs: Mapping[str, Ascent]) -> dict[str, list[float]]:
    return {text: climb.values for text, climb in climbs.items()} | {
        "The value before the first step is missing: there are steps + 1 values.": right.values[1:],
        "The value after the last step is missing: there are steps + 1 values.": right.values[:-1],
        "Only the value at the end is given: the list has steps + 1 values.": [right.values[-1]],
    }


def _part(received: Received, place: int, name: str) -> Received:
    """The values (0) or the picture (1) of a reply."""

    def read(value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise ValueError("expected two things, (values, image)")
        if np.ndim(value[0]) == 0 or (np.ndim(value[0]) > 1 and np.ndim(value[1]) <= 1):
            raise ValueError("expected (values, image): first the list of values, then the picture")
        part = np.asarray(value[place], dtype=float)
        if place == 0:
            return part.reshape(len(part), -1)[:, 0].tolist() if part.size == len(part) else part.tolist()
        return part[0] if part.ndim == 4 and len(part) == 1 else part

    return received.then(name, read)


@question(
    "activation_maximise",
    points=5,
    limit=20.0,
    hints=[
        "part = keras.Model(model.input, model.get_layer(layer).output); the value is "
        "tf.reduce_mean(part(x)[..., channel]).",
        "x is a new tensor in each step. Watch it, or let it be a tf.Variable, which is watched by itself.",
        "One step: gradient / tf.sqrt(tf.reduce_sum(gradient ** 2)), times rate, added to x.",
        "Append the value before you step; after the loop append the value of the picture that you return.",
    ],
)
def activation_maximise(answer, draw: Draw) -> Iterator:
    """A picture that a map answers to, by climbing

    activation_maximise(model, layer, channel, image, steps, rate): the value is the mean of map `channel` of the
    layer called `layer` over all places; for a dense layer it is the number of that unit. Each of `steps` steps
    adds `rate` times the gradient of the value by the picture, divided by its length (the root of the sum of its
    squares). Pixels are not cut off at 0 or 1. Returns (values, image): steps + 1 values, the first before any
    step and the last for the picture at the end; and this picture, (height, width, channels) or with an axis of
    one in front. Neither the given picture nor the model's weights change. No gradient of the check's is 0.
    """
    chosen = [
        _task(draw, "two convolutions", (8, 7, 2), "conv2", 5),
        _task(draw, "three convolutions", (10, 9, 2), draw.choice(["conv2", "conv3"]), 6),
        _task(draw, "one convolution", (7, 8, 3), "logits", 4),
    ]
    replies = []
    for task, climb, picture in chosen:
        shape = task.network.shape
        received = answer(
            task.network.given, task.layer, task.channel, given("drawn_picture", *shape, picture),
            task.steps, task.rate,
        )  # fmt: skip
        values, image = _part(received, 0, "values"), _part(received, 1, "picture")
        right = _agrees(values, climb.values) and _agrees(image, climb.image)
        replies.append((task, climb, received, values, image, {} if right else _climb_mistakes(task)))
    with group("the value rises at every step, and the last one is the picture's", weight=2):
        for task, climb, received, values, image, climbs in replies:
            yield case(
                values.then("smallest step", lambda found: float(np.diff(found).min())),
                at_least=1e-6,
                tolerance=1e-3,
                mistakes={
                    text: float(np.diff(wrong.values).min())
                    for text, wrong in climbs.items()
                    if np.diff(wrong.values).min() < 0
                }
                | _unwatched(received),
            )
            known = image.failure is None and np.shape(image.value) == task.network.shape
            own = float(task.measure()(np.asarray(image.value)[None])[0]) if known else climb.values[-1]
            yield case(
                values.then("last value", lambda found: found[-1]),
                own,
                tolerance=1e-3,
                mistakes=_last_mistakes(task, values, image) | _unwatched(received),
            )
    for place, weight in ((0, 2), (1, 1)):
        with group("every value" if place == 0 else "the picture at the end", weight=weight):
            for task, climb, received, values, image, climbs in replies:
                if place == 0:
                    wrong: Mapping[str, Any] = _value_mistakes(task, climb, climbs)
                    yield case(values, climb.values, tolerance=1e-3, mistakes={**wrong, **_unwatched(received)})
                else:
                    wrong = {text: other.image for text, other in climbs.items()}
                    wrong["This is the picture of the beginning: return that after the last step."] = task.image
                    reach = np.ptp(climb.image)
                    wrong["The picture is stretched from 0 to 1: return it as it is."] = (
                        climb.image - climb.image.min()
                    ) / reach
                    yield case(image, climb.image, tolerance=1e-3, mistakes={**wrong, **_unwatched(received)})


def _last_mistakes(task: Task, values: Received, image: Received) -> dict[str, Any]:
    """What a last value can be that is not the returned picture's."""
    if values.failure is not None or image.failure is not None or not isinstance(values.value, list):
        return {}
    text = (
        "The last value is that of the picture before the last step: append the value of the picture you return."
    )
    return {text: values.value[-1]} if len(values.value) == task.steps else {}


# ---- 10.6 ----

two_maps = essay(
    "two_maps",
    points=3,
    title="Two networks, two maps: which one do you trust?",
    rubric=[
        (
            1,
            "Reads the maps: one network's share falls where the shape is covered, the other's where the tag is; "
            "with numbers or places.",
        ),
        (
            1,
            "Says why the accuracy does not tell: the tag is in the training and in the test pictures alike, "
            "so the test rewards the short cut.",
        ),
        (
            1,
            "Proposes a test that tells them apart (a disc without its tag, another shape with it) and what comes "
            "out, or a cure: pictures without tags, or tags on every class.",
        ),
    ],
)
