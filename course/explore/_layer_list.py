"""A network as a list of layers that can be typed over: its table at once, then training with live pictures."""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course import figures
from course.explore._exploration import Exploration
from course.figures import Picture
from course.layer_list import FORMS, LayerListError, network
from course.tables import layer_table

LIST = """conv 8 3 relu      # 8 maps, filters 3x3
pool 2
conv 16 3 relu
pool 2
dense 32 relu"""
BATCH = 32
PAUSE = 0.5  # seconds between two pictures while it trains
SHOWN = 8  # maps


@dataclass(frozen=True)
class Words:
    """What an exploration shows that is no picture.

    Args:
        html: For a notebook.
        alt: The same as plain text.
    """

    html: str
    alt: str


@dataclass
class Training:
    """What a network has learned so far.

    Args:
        steps: How many batches there were at each measurement.
        losses: Mean over the batches since the measurement before, in nats.
        accuracies: Share of right answers over the same batches.
    """

    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)


def layer_list(images: Any, labels: Any, text: str = LIST, *, epochs: int = 3, rate: float = 0.05) -> Exploration:
    """A list of layers to type over: shapes, parameters and multiply-adds at once; training with live curves.

    Without widgets: the table of `text`, its loss and accuracy in one training, and the maps of its first layer.

    Args:
        images: Intensities in [0, 1], shape (count, height, width, channels).
        labels: Integers from 0, shape (count,).
        text: The list to begin with, one layer a line (`course.layer_list.FORMS`).
        epochs: Passes over the images in one training.
        rate: Learning rate of SGD with momentum 0.9.

    Raises:
        LayerListError: If `text` is no list of layers that fit.
    """
    images, labels = np.asarray(images, "float32"), np.asarray(labels)

    def built(text: str) -> Any:
        return network(text, images.shape[1:], int(labels.max()) + 1)

    model = built(text)
    progress = Training()
    frames = [_table(model)]
    train(model, images, labels, epochs, rate, progress)
    frames += [_curve(progress), _maps(model, images[:1])]
    return Exploration(frames, lambda: _Editor(built, images, labels, text, epochs, rate).box)


def train(
    model: Any,
    images: np.ndarray,
    labels: np.ndarray,
    epochs: int,
    rate: float,
    progress: Training,
    *,
    look: Callable[[], None] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Train a model, and note loss and accuracy about twelve times an epoch.

    Args:
        model: As `network` makes it.
        images: Shape (count, height, width, channels).
        labels: Shape (count,).
        epochs: Passes over the images.
        rate: Learning rate of SGD with momentum 0.9.
        progress: Filled as it goes.
        look: Called after every measurement.
        stopped: Asked after every batch; True ends the training.
    """
    import keras

    sgd = keras.optimizers.SGD(rate, momentum=0.9)
    model.compile(sgd, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    batches = -(-len(images) // BATCH)
    every = max(1, batches // 12)
    order = np.random.default_rng(0)
    for step, chosen in enumerate(
        part for _ in range(epochs) for part in np.array_split(order.permutation(len(images)), batches)
    ):
        measured = model.train_on_batch(images[chosen], labels[chosen], return_dict=True)
        if stopped():
            return
        if step % every == every - 1:
            progress.steps.append(step + 1)
            progress.losses.append(float(measured["loss"]))
            progress.accuracies.append(float(measured["accuracy"]))
            model.reset_metrics()
            look()


def _table(model: Any) -> Words:
    table = layer_table(model)
    return Words(table._repr_html_(), repr(table))


def _curve(progress: Training) -> Picture:
    return figures.curve(
        {"loss (nats)": (progress.steps, progress.losses), "accuracy": (progress.steps, progress.accuracies)},
        xlabel="batches of training images",
        ylabel="over the last few batches",
        title="Training",
    )


def _maps(model: Any, image: np.ndarray) -> Picture | Words:
    """The maps of the first layer that has some, for one image."""
    import keras

    first = next((layer for layer in model.layers[1:] if len(layer.output.shape) == 4), None)
    if first is None:
        return Words("<p>No layer of this list has maps.</p>", "No layer of this list has maps.")
    maps = keras.ops.convert_to_numpy(keras.Model(model.input, first.output)(image, training=False))[0]
    shown = {f"map {number}": maps[..., number] for number in range(min(SHOWN, maps.shape[-1]))}
    return figures.photographs({"image": image[0, ..., 0], **shown}, columns=5, title=f"What {first.name} sees")


class _Editor:
    """The widget: a text to type in, its table, a button, a curve and maps."""

    def __init__(
        self,
        built: Callable[[str], Any],
        images: np.ndarray,
        labels: np.ndarray,
        text: str,
        epochs: int,
        rate: float,
    ) -> None:
        import ipywidgets as widgets

        self.built, self.images, self.labels, self.epochs = built, images, labels, epochs
        self.running = threading.Event()
        wide = widgets.Layout(width="26em", height="16em")
        self.text = widgets.Textarea(value=text, continuous_update=False, layout=wide)
        self.rate = widgets.FloatLogSlider(
            value=rate, min=-4, max=0, description="learning rate", continuous_update=False
        )
        self.button = widgets.Button(description="train")
        self.help = widgets.HTML("<br>".join(f"<code>{html.escape(form)}</code>" for form in FORMS.values()))
        self.table, self.curve, self.maps = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.text.observe(self.retype, names="value")
        self.button.on_click(self.press)
        left = widgets.VBox([self.text, self.rate, self.button])
        self.box = widgets.VBox([widgets.HBox([left, self.help]), self.table, self.curve, self.maps])
        self.retype()

    def retype(self, change: Any = None) -> None:
        """Show the table of the list, or what is wrong with it."""
        from autograder.check import lazily

        try:
            with lazily():
                self.table.value = _table(self.built(self.text.value)).html
            self.button.disabled = False
        except (LayerListError, ValueError) as error:
            self.table.value = f"<p>{html.escape(str(error))}</p>"
            self.button.disabled = True

    def press(self, button: Any = None) -> None:
        """Train in a thread, so that the list can be read and the training stopped meanwhile."""
        if self.running.is_set():
            self.running.clear()
            return
        self.running.set()
        self.button.description = "stop"
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self) -> None:
        """One training, with pictures twice a second."""
        progress, drawn = Training(), [0.0]
        try:
            model = self.built(self.text.value)

            def look() -> None:
                if time.monotonic() - drawn[0] > PAUSE:
                    self.draw(model, progress)
                    drawn[0] = time.monotonic()

            arguments = (model, self.images, self.labels, self.epochs, self.rate.value, progress)
            train(*arguments, look=look, stopped=lambda: not self.running.is_set())
            if progress.steps:
                self.draw(model, progress)
        except Exception as error:  # it would be lost in a thread
            self.curve.value = f"<p>{html.escape(f'{type(error).__name__}: {error}')}</p>"
        finally:
            self.running.clear()
            self.button.description = "train"

    def draw(self, model: Any, progress: Training) -> None:
        """Show how far it is."""
        self.curve.value = _curve(progress).html
        self.maps.value = _maps(model, self.images[:1]).html
