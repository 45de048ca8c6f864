"""A network as a list of layers, one a line: the small language of the layer-list editor."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

ACTIVATIONS = ("relu", "tanh", "sigmoid", "elu", "gelu", "softplus", "leaky_relu", "linear")
PADDINGS = ("same", "valid")
FORMS = {
    "conv": "conv MAPS SIDE [stride S] [same or valid] [activation]",
    "pool": "pool SIDE [stride S]",
    "avgpool": "avgpool SIDE [stride S]",
    "gap": "gap",
    "norm": "norm",
    "dropout": "dropout RATE",
    "flatten": "flatten",
    "dense": "dense UNITS [activation]",
}
NUMBERS = {"conv": 2, "pool": 1, "avgpool": 1, "dropout": 1, "dense": 1}
MOST = 40  # layers


class LayerListError(ValueError):
    """A line that is no layer, or a layer that does not fit; the message names the line."""


@dataclass(frozen=True)
class Line:
    """One layer as it was typed.

    Args:
        number: Of the line, from 1.
        text: The line.
        kind: A key of FORMS, or an activation.
        numbers: Maps and side, side, rate or units.
        stride: In pixels; None for the usual one.
        padding: "same" or "valid".
        activation: "" for none.
    """

    number: int
    text: str
    kind: str
    numbers: tuple[float, ...] = ()
    stride: int | None = None
    padding: str = "same"
    activation: str = ""

    def fails(self, why: object) -> LayerListError:
        """The error of this line."""
        return LayerListError(f"line {self.number} ({self.text}): {why}")


def parse(text: str) -> list[Line]:
    """Read a list of layers.

    Args:
        text: One layer a line, as FORMS has them; `#` begins a comment.

    Raises:
        LayerListError: If a line is none; the message says what was expected.
    """
    lines = [
        _line(number, raw) for number, raw in enumerate(text.splitlines(), 1) if raw.partition("#")[0].strip()
    ]
    if len(lines) > MOST:
        raise LayerListError(f"Expected at most {MOST} layers. Received {len(lines)}.")
    return lines


def _line(number: int, raw: str) -> Line:
    text = " ".join(raw.partition("#")[0].split())
    words = re.split(r"[\s,]+", text.lower())
    kind = words.pop(0)
    if kind not in FORMS and kind not in ACTIVATIONS:
        near = difflib.get_close_matches(kind, [*FORMS, *ACTIVATIONS], n=1)
        offer = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(FORMS)}, and activations."
        raise LayerListError(f"line {number} ({text}): no layer is called {kind!r}. {offer}")
    return _filled(Line(number, text, kind), words)


def _filled(line: Line, words: list[str]) -> Line:
    """A line with the numbers and words behind its kind."""
    found: dict[str, Any] = {}
    numbers: list[float] = []
    while words:
        word = words.pop(0)
        if word == "stride" and words and line.kind in ("conv", "pool", "avgpool"):
            found["stride"] = _whole(line, words.pop(0), "stride")
        elif word in PADDINGS and line.kind == "conv":
            found["padding"] = word
        elif word in ACTIVATIONS and line.kind in ("conv", "dense"):
            found["activation"] = word
        elif re.fullmatch(r"\d+(\.\d+)?([x×]\d+)?|\.\d+", word):
            numbers.append(_number(line, word))
        else:
            raise line.fails(f"{word!r} is not expected here. Write: {FORMS.get(line.kind, line.kind)}.")
    if len(numbers) != NUMBERS.get(line.kind, 0):
        raise line.fails(f"Write: {FORMS.get(line.kind, line.kind)}.")
    return Line(line.number, line.text, line.kind, _checked(line, tuple(numbers)), **found)


def _number(line: Line, word: str) -> float:
    first, *second = re.split("[x×]", word)
    if second and first != second[0]:
        raise line.fails(f"windows are square here: {first}x{first} or {second[0]}x{second[0]}.")
    return float(first)


def _whole(line: Line, word: str, what: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 64:
        raise line.fails(f"Expected a {what} from 1 to 64. Received {word}.")
    return int(word)


def _checked(line: Line, numbers: tuple[float, ...]) -> tuple[float, ...]:
    if line.kind == "dropout":
        if not 0 <= numbers[0] < 1:
            raise line.fails(f"Expected a rate from 0 to below 1. Received {numbers[0]:g}.")
        return numbers
    for value in numbers:
        if value != int(value) or not 1 <= value <= 4096:
            raise line.fails(f"Expected whole numbers from 1 to 4096. Received {value:g}.")
    return tuple(int(value) for value in numbers)


def network(text: str, shape: Sequence[int], classes: int) -> Any:
    """A Keras model of a list of layers, with a dense softmax layer of `classes` outputs at the end.

    Args:
        text: As for `parse`.
        shape: Of one image: height, width, channels.
        classes: Outputs.

    Raises:
        LayerListError: If a line is no layer, or its layer does not fit what comes before.
    """
    import keras

    inputs = tensor = keras.Input(tuple(shape))
    for line in parse(text):
        for layer in _layers(line, tensor):
            try:
                tensor = layer(tensor)
            except ValueError as error:
                raise line.fails(str(error).splitlines()[0]) from error
    if len(tensor.shape) > 2:
        tensor = keras.layers.Flatten(name="flatten_for_output")(tensor)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax", name="output")(tensor))


def _layers(line: Line, tensor: Any) -> Iterator[Any]:
    """The Keras layers of a line; what would not fit is said in the words of the lab."""
    from keras import layers

    name = f"{line.kind}_{line.number}"
    if line.kind in ("conv", "pool", "avgpool", "gap"):
        _require_maps(line, tensor)
    if line.kind == "dense" and len(tensor.shape) > 2:
        yield layers.Flatten(name=f"flatten_{line.number}")
    activation = line.activation or None
    made: dict[str, Callable[[], Any]] = {
        "conv": lambda: layers.Conv2D(
            *line.numbers, strides=line.stride or 1, padding=line.padding, activation=activation, name=name
        ),
        "pool": lambda: layers.MaxPooling2D(*line.numbers, strides=line.stride, name=name),
        "avgpool": lambda: layers.AveragePooling2D(*line.numbers, strides=line.stride, name=name),
        "gap": lambda: layers.GlobalAveragePooling2D(name=name),
        "norm": lambda: layers.BatchNormalization(name=name),
        "dropout": lambda: layers.Dropout(*line.numbers, name=name),
        "flatten": lambda: layers.Flatten(name=name),
        "dense": lambda: layers.Dense(*line.numbers, activation=activation, name=name),
    }
    yield made.get(line.kind, lambda: layers.Activation(line.kind, name=name))()


def _require_maps(line: Line, tensor: Any) -> None:
    if len(tensor.shape) != 4:
        raise line.fails("needs maps, but what comes before is a flat list of numbers.")
    side = line.numbers[-1] if line.numbers and (line.kind != "conv" or line.padding == "valid") else 1
    if side > min(tensor.shape[1:3]):
        raise line.fails(f"a window of {side}×{side} does not fit into {tensor.shape[1]}×{tensor.shape[2]}.")
