"""A learner's model beside a table: which layer leaves it first, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course.questions._networks import Layer, Network


def differences(card: Sequence[Mapping[str, Any]], network: Network) -> list[str]:
    """Where a model's card leaves the table of a network without branches, in sentences, from the input on.

    Dropout, padding layers, activations, batch normalisation and response normalisation are passed over: outputs
    tell those. Only the first few sentences say something of use: what follows from the first mistake follows.
    """
    wanted = [layer for layer in network.layers if layer.kind in _COMPARED]
    found = [row for row in card if row["layer"] in _COMPARED]
    told: list[str] = []
    for row, layer in zip(found, wanted, strict=False):
        told += [text for text in _differences(row, layer) if text]
        if told:
            return told
    if len(found) < len(wanted):
        told.append(f"{_title(wanted[len(found)])} is missing at the end.")
    elif len(found) > len(wanted):
        told.append(f"A layer {found[len(wanted)]['layer']} stands after the last one of the table.")
    return told


_COMPARED = ("Conv2D", "MaxPooling2D", "AveragePooling2D", "Dense")


def _title(layer: Layer) -> str:
    return layer.name or layer.kind


def _differences(row: Mapping[str, Any], layer: Layer) -> list[str]:
    title, kernel = _title(layer), row["kernel"] or (0,)
    if row["layer"] != layer.kind:
        return [f"Where {title} ({layer.kind}) stands in the table, the model has a layer {row['layer']}."]
    if layer.kernel and set(kernel) != {layer.kernel}:
        return [f"{title}: the window is {_times(kernel)}: it is {layer.kernel}×{layer.kernel}."]
    if layer.kernel and set(row["strides"] or (1,)) != {layer.stride}:
        return [f"{title}: the stride is {_times(row['strides'])}: it is {layer.stride}."]
    if row["output"][-1] != layer.output[-1]:
        what = "units" if layer.kind == "Dense" else "maps"
        return [f"{title}: {row['output'][-1]} {what}: there are {layer.output[-1]}."]
    if tuple(row["output"]) != layer.output:
        sizes = f"{_times(row['output'])} instead of {_times(layer.output)}"
        advice = "the maps are not flattened before it" if layer.kind == "Dense" else "look at the padding"
        return [f"{title}: the output is {sizes}: {advice}."]
    if row["trainable"] + row["frozen"] != layer.parameters:
        return [f"{title}: {row['trainable'] + row['frozen']:,} parameters: there are {layer.parameters:,}."]
    return []


def _times(sides: Sequence[int]) -> str:
    return "×".join(str(side) for side in sides)
