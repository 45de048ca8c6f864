"""Lab 07: what an output of a small network really sees, place by place, and how a measurement goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.check import Given, Received
from course.draws.lab04 import places
from course.questions._lab07_rules import Layer, Pair


def _of(spec: Sequence[Any], axis: int) -> list[Layer]:
    """The layers of `course.given.network` in one direction."""
    return [(each[1][axis], *each[2:]) if each[0] == "conv" else (each[1][axis], each[2], 0, 1) for each in spec]


def _sides(layers: Sequence[Layer], side: int) -> list[int]:
    """The side of the picture and of the map behind each layer."""
    sides = [side]
    for f, s, p, d in layers:
        sides.append(places(sides[-1], (f - 1) * d + 1, s, p))
    return sides


def map_sides(spec: Sequence[Any], shape: Pair) -> Pair:
    """Height and width of the network's output."""
    height, width = (_sides(_of(spec, axis), shape[axis])[-1] for axis in (0, 1))
    return height, width


def _reached(layers: Sequence[Layer], side: int, place: int) -> set[int]:
    """As `seen`, but only what is there: places in the padding of any layer are zeros that nothing changes."""
    sides, reached = _sides(layers, side), {place}
    for (f, s, p, d), before in zip(reversed(layers), reversed(sides[:-1]), strict=True):
        reached = {at * s - p + tap * d for at in reached for tap in range(f)} & set(range(before))
    return reached


def rectangle(spec: Sequence[Any], shape: Pair, place: Pair) -> tuple[int, int, int, int]:
    """Top, left, height and width of what an output sees, as far as the picture reaches."""
    rows, across = (_reached(_of(spec, axis), shape[axis], place[axis]) for axis in (0, 1))
    return min(rows), min(across), max(rows) - min(rows) + 1, max(across) - min(across) + 1


def _of_all_outputs(spec: Sequence[Any], shape: Pair) -> tuple[int, int, int, int]:
    """As `rectangle`, for everything that any output sees."""
    first, last = (0, 0), tuple(side - 1 for side in map_sides(spec, shape))
    (top, left, _, _), (row, column, height, width) = (rectangle(spec, shape, place) for place in (first, last))
    return top, left, row + height - top, column + width - left


def boxed(changed: np.ndarray) -> tuple[int, int, int, int] | None:
    """The rectangle around the places that are True, or None."""
    rows, across = np.nonzero(changed)
    if not len(rows):
        return None
    top, left = int(rows.min()), int(across.min())
    return top, left, int(rows.max()) - top + 1, int(across.max()) - left + 1


def reactions(
    model: Callable[[np.ndarray], Any], picture: np.ndarray, place: Pair, step: float = 1.0
) -> np.ndarray:
    """Which pixels of one picture, raised by `step`, change the output at a place."""
    height, width = picture.shape
    raised = picture + step * np.eye(height * width).reshape(-1, height, width)
    before, after = np.asarray(model(picture[None, ..., None])), np.asarray(model(raised[..., None]))
    changed = (after != before)[:, place[0], place[1]]
    return changed.any(axis=1).reshape(height, width)


DEAD = (
    "On an evenly grey picture nearly all ReLUs are shut, so pixels of the field seem to have no "
    "influence: try random pictures, many of them."
)
NOTHING = (
    "No pixel was found for this output, and around nothing there is no rectangle. Change one pixel after the "
    "other, on many random pictures, and watch the output at the place."
)
LEFT_OUT = "The rectangle is too small: it leaves out pixels that change the output."
TOO_SMALL = (
    "The rectangle is too small: some pixels of the field did not react. Behind a shut ReLU a change does not "
    "show; unite what you find on many random pictures."
)


def measured_mistakes(model: Given, shape: Pair, place: Pair) -> dict:
    """Slips in the place and in the four numbers, for a field that was measured well."""
    spec = model.arguments[0]
    top, left, height, width = rectangle(spec, shape, place)
    gives: dict[str, Any] = {
        "The order is top, left, height, width.": (left, top, width, height),
        "top and left have changed places: the first row comes first.": (left, top, height, width),
        "height and width have changed places.": (top, left, width, height),
        "The last two are the lower right corner; height and width are asked for.": (
            top,
            left,
            top + height - 1,
            left + width - 1,
        ),
        "The last two are where the field ends; height and width are asked for.": (
            top,
            left,
            top + height,
            left + width,
        ),
        "Height and width are one too small: from row 2 to row 4 there are three rows.": (
            top,
            left,
            height - 1,
            width - 1,
        ),
        "This is the number of pixels; the rectangle is asked for.": height * width,
        "Here all outputs are watched; watch the one at the given place.": _of_all_outputs(spec, shape),
        "Here output (0, 0) is watched; watch the one at the given place.": rectangle(spec, shape, (0, 0)),
        "Your height and width count the rows and columns that react; where the dilation leaves some out, "
        "the rectangle is larger: last − first + 1.": (
            top,
            left,
            *(len(_reached(_of(spec, axis), shape[axis], place[axis])) for axis in (0, 1)),
        ),
    }
    turned = place[::-1]
    if place != turned and all(at < side for at, side in zip(turned, map_sides(spec, shape), strict=True)):
        gives["Row and column of the place have changed places: place is (i, j), i down, j across."] = rectangle(
            spec, shape, turned
        )
    return gives


def _on_grey(model: Given, shape: Pair, place: Pair) -> list:
    """What a black, a grey and a white picture show, pixels raised by 0.5 or 1."""
    network = model.make()
    return [
        boxed(reactions(network, np.full(shape, grey), place, step))
        for grey in (0.0, 0.5, 1.0)
        for step in (0.5, 1.0)
    ]


def _plain(reply: Received) -> Any:
    """The four numbers of a reply as a tuple, where they are four numbers."""
    value = reply.value.tolist() if isinstance(reply.value, np.ndarray) else reply.value
    return tuple(value) if isinstance(value, list | tuple) else value


def _nothing_found(reply: Received) -> type[Exception] | None:
    """The error with which the rectangle around no pixel at all is asked for."""
    text = reply.failure.text if reply.failure is not None else ""
    if "zero-size" in text or "empty" in text:
        return ValueError
    return IndexError if "with size 0" in text or "list index out of range" in text else None


def all_on_grey(replies: Sequence[tuple[Received, Given, Pair, Pair]]) -> bool:
    """Whether every reply, right or wrong, is what an evenly grey picture shows."""
    return all(
        _nothing_found(reply) or _plain(reply) in _on_grey(model, shape, place)
        for reply, model, shape, place in replies
    )


def measured_case_mistakes(reply: Received, model: Given, shape: Pair, place: Pair, *, grey: bool) -> dict:
    """The mistakes of one reply.

    Args:
        reply: What came back for the other three.
        grey: Whether all replies are what an evenly grey picture shows. If not, a field that was seen in part only
            was measured on too few pictures.
    """
    if nothing := _nothing_found(reply):
        return {DEAD if grey else NOTHING: nothing}
    known = measured_mistakes(model, shape, place)
    if (
        lies_within(_plain(reply), rectangle(model.arguments[0], shape, place))
        and _plain(reply) not in known.values()
    ):
        part = TOO_SMALL if len(model.arguments[0]) > 1 else LEFT_OUT  # a single layer has no ReLU
        known[DEAD if grey else part] = _plain(reply)
    return known


def lies_within(inner: Any, outer: Sequence[int]) -> bool:
    """Whether a rectangle (top, left, height, width) is a part of another, and smaller."""
    try:
        top, left, height, width = (float(side) for side in inner)
    except (TypeError, ValueError):
        return False
    inside = top >= outer[0] and left >= outer[1]
    inside = inside and top + height <= outer[0] + outer[2] and left + width <= outer[1] + outer[3]
    return inside and 0 < height * width < outer[2] * outer[3]
