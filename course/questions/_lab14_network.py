"""Lab 14: what a learner's own network costs, whether it is one, and how far its last map sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.check import Draw, Received

SHAPE = (32, 32, 3)
CLASSES = 6
PICTURES = 5
TRIES = 3  # random pictures for each of two ranges of pixels, on which the receptive field is measured
NOISE = 2e-6  # share of the largest number of a map below which a change is rounding

Rows = Sequence[Mapping[str, Any]]
COUNTED = ("Conv2D", "DepthwiseConv2D", "Dense")
NORMS = ("BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization", "Normalization")


def multiply_adds(rows: Rows) -> int:
    """Multiply-adds of a model for one image, from its card; biases and normalisation are not counted."""
    return sum(_layer_cost(row, rows) for row in rows)


def uncounted(rows: Rows) -> list[str]:
    """Classes of layers with weights whose multiply-adds are not counted here."""
    known = (*COUNTED, *NORMS)
    weighted = (row["layer"] for row in rows if row["trainable"] + row["frozen"])
    return sorted({kind for kind in weighted if kind not in known and "ReLU" not in kind})


def _layer_cost(row: Mapping[str, Any], rows: Rows) -> int:
    kind, output = row["layer"], row["output"]
    used = next(other for other in rows if (other["layer"], other["name"]) == (kind, row["name"]))
    weights = used["trainable"] + used["frozen"]  # 0 in the second row of a layer that is used twice
    if kind not in COUNTED:
        return 0
    channels = rows[row["inputs"][0]]["output"][-1]
    if kind == "Dense":
        return int(np.prod(output[:-1])) * channels * output[-1]
    each, area = weights // output[-1], int(np.prod(row["kernel"]))
    bias = each % area if area > 1 else int(channels % each > 0)
    return int(np.prod(output[:2])) * (each - bias) * output[-1]


def drawn_weights(own: Sequence[np.ndarray], draw: Draw) -> list[np.ndarray]:
    """The check's own kernels; biases and normalisations are the model's, changed by up to a half."""
    numbers, start, made = draw.array(1999, -60, 60) / 60, 0, []
    for array in own:
        values = np.take(numbers, np.arange(start, start + array.size), mode="wrap").reshape(array.shape)
        if array.ndim >= 2:
            depthwise = array.ndim == 4 and array.shape[-1] == 1
            fan = np.prod(array.shape[:2] if depthwise else array.shape[:-1])
            values = values * np.sqrt(6 / fan)
        else:
            values = array * (1 + values / 2)
        made.append(values.astype(np.float32))
        start += array.size
    return made


class Probe:
    """A learner's model, looked at from outside. Every attribute is a reply that `case` takes.

    Args:
        built: The model that the answer gave back.
        draw: Of weights and pictures.

    Attributes:
        card: Its layers.
        count: Its parameters.
        work: Its multiply-adds.
        uncounted: Classes of layers whose multiply-adds are not counted.
        outputs: What it gives for five pictures, with the check's weights.
        kinds: How many different outputs five pictures give with the check's weights.
        silent: How many different outputs five pictures give while all kernels are zero.
        maps: Whether the maps have the sizes that the card says.
        field: The receptive field, its smaller side in pixels; 0 if no layer with weights gives a map.
    """

    def __init__(self, built: Received, draw: Draw) -> None:
        self.card, self.count = built.card(SHAPE), built.count(SHAPE)
        self.work = self.card.then("multiply-adds", multiply_adds)
        self.uncounted = self.card.then("layers whose weights are not counted", uncounted)
        pictures = draw.array((PICTURES, *SHAPE), 0, 100) / 100
        brighter = [pictures * draw.array((PICTURES, 1, 1, SHAPE[2]), 1, 4) / 4 * most for most in (1, 255)]
        bases = [draw.array(SHAPE, 0, 255) / scale for scale in (255, 1) for _ in range(TRIES)]
        fresh = draw.array(SHAPE, 0, 255) / 255
        own = built.get_weights(SHAPE)
        if own.failure is not None:
            self.outputs = self.kinds = self.silent = self.maps = self.field = own
            return
        drawn = drawn_weights(own.value, draw)
        self.outputs = built.outputs_with(drawn, pictures)
        turned = [array if array.ndim < 2 else -array for array in drawn]  # where ReLU was dead, it is not now
        self.kinds = _most_different(built, [drawn, turned], brighter)
        zeros = [array * (array.ndim < 2) for array in drawn]
        self.silent = _most_different(built, [zeros], brighter)
        put = built.set_weights(drawn, SHAPE)
        if put.failure is None:
            self._look_inside(built, bases, fresh)
            built.set_weights(own.value, SHAPE)
        else:
            self.maps = self.field = put

    def _look_inside(self, built: Received, bases: list[np.ndarray], fresh: np.ndarray) -> None:
        """Sizes of all maps, and the field of the last one with more than one place."""
        rows = [] if self.card.failure else [row for row in self.card.value if row["trainable"] + row["frozen"]]
        seen = [built.layer_outputs(bases[0][None], number) for number in range(len(rows))]
        sizes = sorted(np.shape(one.value)[1:] for one in seen if one.failure is None)
        told = sorted(tuple(row["output"]) for row in rows)
        self.maps = self.card.then("sizes of all maps as its layers give them", lambda _: sizes == told)
        last = [number for number, one in enumerate(seen) if _is_map(one.value)]
        if not last:
            self.field = self.card.then("receptive field", lambda _: 0)
            return
        replies = [built.layer_outputs(_changed_lines(base, fresh), last[-1]) for base in bases]
        failed = next((one for one in replies if one.failure is not None), None)
        self.field = failed or replies[0].then("receptive field", lambda _: _field([one.value for one in replies]))


def _most_different(
    built: Received, weights: Sequence[list[np.ndarray]], scaled: Sequence[np.ndarray]
) -> Received:
    """How many different outputs some pictures give, at the weights and the scale of pixels where they are most.

    Softmax is flat for a network that divides pixels by 255 and gets fractions, and all or nothing for one that
    takes them as they come and gets up to 255.
    """
    told = [
        built.outputs_with(own, pictures).then("different outputs for five pictures", different)
        for own in weights
        for pictures in scaled
    ]
    return next((one for one in told if one.failure), None) or max(told, key=lambda one: one.value)


def _is_map(values: Any) -> bool:
    return np.ndim(values) == 4 and np.shape(values)[1] * np.shape(values)[2] > 1


def different(outputs: Any) -> int:
    """How many rows differ from all rows before them.

    Raises:
        ValueError: If these are no rows of numbers.
    """
    rows = np.asarray(outputs, dtype=float)
    if rows.ndim != 2:
        raise ValueError(f"a row of {CLASSES} numbers for each picture was expected; received shape {rows.shape}")
    return sum(all(np.abs(row - other).max() > 1e-6 for other in rows[:number]) for number, row in enumerate(rows))


def _changed_lines(base: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """The picture itself, then copies with one row changed, then copies with one column changed."""
    height, width = base.shape[:2]
    made = np.repeat(base[None], 1 + height + width, axis=0)
    other = fresh * (255 if base.max() > 1 else 1)
    for row in range(height):
        made[1 + row, row] = other[row]
    for column in range(width):
        made[1 + height + column, :, column] = other[:, column]
    return made


def _field(replies: Sequence[np.ndarray]) -> int:
    """The smaller side of the largest field that a place of the map has, over several pictures."""
    reacts = 0
    for maps in replies:
        change = np.abs(np.asarray(maps[1:], dtype=float) - maps[:1]).max(axis=3)
        reacts = reacts | (change > NOISE * np.abs(maps).max())
    rows, columns = reacts[: SHAPE[0]], reacts[SHAPE[0] :]
    return int(min(_widest(rows), _widest(columns)))


def _widest(reacts: np.ndarray) -> int:
    """Lines from the first to the last one that matter to a place, at the place where they are most."""
    lines = np.arange(len(reacts))[:, None, None]
    first = np.where(reacts, lines, len(reacts)).min(axis=0)
    last = np.where(reacts, lines, -1).max(axis=0)
    return int((last - first + 1).max())


def largest_layer(rows: Rows) -> str:
    """Which layer has the most parameters, as a sentence."""
    row = max(rows, key=lambda row: row["trainable"] + row["frozen"])
    text = f"{row['name']} ({row['layer']}) alone has {row['trainable'] + row['frozen']:,}"
    flat = any(rows[source]["layer"] in ("Flatten", "Reshape") for source in row["inputs"])
    return text + (
        ": GlobalAveragePooling2D instead of Flatten leaves it one number for each map." if flat else "."
    )


def busiest_layer(rows: Rows) -> str:
    """Which layer makes the most multiply-adds, as a sentence."""
    costs = [_layer_cost(row, rows) for row in rows]
    row = rows[int(np.argmax(costs))]
    sides = "×".join(str(side) for side in row["output"])
    return f"{row['name']} ({row['layer']}) alone makes {max(costs):,}, on {sides}: pool earlier, or fewer maps."
