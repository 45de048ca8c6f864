"""What a trained model has learned, and the likeliest reason if it is little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.check import Received

COUNTS = {6: "six", 10: "ten"}
SCALINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as they come": lambda images: images,
    "from 0 to 1": lambda images: images / 255,
    "from -1 to 1": lambda images: images / 127.5 - 1,
    "from -0.5 to 0.5": lambda images: images / 255 - 0.5,
    "standardised": lambda images: (images - images.mean()) / images.std(),
}
ACCEPTED = ("as they come", "from 0 to 1")


class Diagnosis:
    """Accuracy of a trained model, and the likeliest reason if it is low.

    The accuracy is the better of two: for images as they come, and divided by 255. If it is low, other ways of
    scaling are tried, to say what the model was trained on.

    Args:
        built: The model that the answer gave back.
        images: Test images, 0 to 255.
        labels: What they show.
        well: The accuracy that is asked for.
        classes: How many numbers the model gives for an image.
        thing: What an image shows.
    """

    def __init__(
        self,
        built: Received,
        images: np.ndarray,
        labels: np.ndarray,
        *,
        well: float,
        classes: int = 10,
        thing: str = "digit",
    ) -> None:
        self._labels, self._well, self._classes, self._thing = labels, well, classes, thing
        self._reached: dict[str, float] = {}
        self._facts: dict[str, Any] = {}
        self._kinds = 0
        built.training().then("loss", self._keep("training", dict))
        for name, scaling in SCALINGS.items():
            outputs = built.outputs(scaling(images))
            reached = outputs.then("accuracy", lambda rows, name=name: self._accuracy(name, rows))
            if name in ACCEPTED:
                self.accuracy = reached
                outputs.then("logits", self._keep("negative", lambda rows: bool(np.min(rows) < 0)))
                kinds = outputs.then("kinds", lambda rows: len(set(np.argmax(rows, axis=1))))
                self._kinds = max(self._kinds, kinds.value or 0)
            if max(self._reached.values(), default=1.0) >= well:
                break

    def _keep(self, name: str, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def keep(value: Any) -> Any:
            self._facts[name] = function(value)
            return self._facts[name]

        return keep

    def _accuracy(self, name: str, outputs: Any) -> float:
        """The best accuracy so far; the scaling's own is kept."""
        if np.shape(outputs) != (len(self._labels), self._classes):
            raise ValueError(
                f"{COUNTS[self._classes]} numbers for each image were expected, "
                f"shape ({len(self._labels)}, {self._classes})"
            )
        self._reached[name] = float(np.mean(np.argmax(outputs, axis=1) == self._labels))
        return max(self._reached.values())

    @property
    def reached(self) -> float:
        """The accuracy, 0.0 if there is none to judge."""
        return 0.0 if self.accuracy.failure else self.accuracy.value

    def mistakes(self, *arguments: Any) -> dict[str, Any]:
        """The reason, with the accuracy that it explains."""
        reason = self._reason() if self._reached else ""
        return {reason: self.accuracy.value} if reason else {}

    def _reason(self) -> str:
        training = self._facts.get("training", {})
        crossentropy = "crossentropy" in str(training.get("loss", "")).lower().replace("_", "")
        if crossentropy and not training["from_logits"] and self._facts["negative"]:
            return (
                "The last layer gives logits (some are negative), but the loss expects probabilities: "
                "end in softmax, or give the loss from_logits=True."
            )
        for name, reached in self._reached.items():
            if reached >= self._well and name not in ACCEPTED:
                return (
                    f"The model knows pixels {name}, but is given them from 0 to 255, as the function was: "
                    "put the scaling into the model, layers.Rescaling."
                )
        if self._kinds == 1:
            return f"The model says the same {self._thing} for every image: it has learned nothing."
        return ""
