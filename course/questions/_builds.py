"""What is said about a learner's build whose outputs or whose number of parameters are not right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from autograder.check import Received
from course.questions._differences import differences
from course.questions._networks import Layer, Network


def told(card: Received, network: Network) -> str:
    """The first difference of a model's card from a table without branches, "" if there is none or no card."""
    if card.failure is not None:
        return ""
    first = card.value[0] if card.value else {"layer": ""}
    if first["layer"] == "InputLayer" and tuple(first["output"]) != network.shape:
        return f"The model takes images of shape {tuple(first['output'])}: they are {network.shape}."
    return next(iter(differences(card.value, network)), "")


def explained(
    received: Received, card: Received, network: Network, otherwise: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Mistakes for a case: what the card tells, if it tells something, else what could have given this value.

    Args:
        received: The reply that may be wrong: outputs, or a number of parameters.
        card: Of the same model.
        network: What the model should be.
        otherwise: Called for what each named mistake gives that no card shows.
    """
    text = told(card, network)
    if not text:
        return otherwise()
    return {text: received.value if received.failure is None else Exception}


def with_activation(network: Network, activation: str, chosen: Callable[[Layer], bool]) -> Network:
    """The same table with another activation in the layers that are chosen."""
    other = Network(network.shape)
    other.layers = [replace(layer, activation=activation) if chosen(layer) else layer for layer in network.layers]
    return other


def activation_mistakes(network: Network) -> dict[str, Network]:
    """Networks of the same weights whose activations are not as asked, by what is said about them."""
    last = network.layers[-1]

    def hidden(layer: Layer) -> bool:
        return layer.activation == "relu"

    wrong = {
        "The convolutions have no ReLU.": with_activation(
            network, "linear", lambda layer: hidden(layer) and layer.kind == "Conv2D"
        )
    }
    if any(hidden(layer) and layer.kind == "Dense" for layer in network.layers):
        wrong["No layer has a ReLU."] = with_activation(network, "linear", hidden)
        wrong["The hidden dense layers have no ReLU."] = with_activation(
            network, "linear", lambda layer: hidden(layer) and layer.kind == "Dense"
        )
    if any(hidden(layer) and layer.kernel == 1 for layer in network.layers):
        wrong["The 1×1 convolutions have no ReLU: that non-linearity is what they are there for."] = (
            with_activation(network, "linear", lambda layer: hidden(layer) and layer.kernel == 1)
        )
    if last.activation == "softmax":
        wrong["The softmax at the end is missing."] = with_activation(
            network, "linear", lambda layer: layer is last
        )
        wrong["The last layer has a sigmoid: classes that exclude each other need softmax."] = with_activation(
            network, "sigmoid", lambda layer: layer is last
        )
        instead, before = (with_activation(network, "relu", lambda layer: layer is last) for _ in range(2))
        before.activation("softmax")
        wrong["The last layer has a ReLU instead of its softmax."] = instead
        wrong["The last layer has a ReLU before its softmax: what was below 0 is lost."] = before
    return wrong
