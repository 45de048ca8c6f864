"""The full size: what suits a machine, images seen in many ways, and 16-bit arithmetic that no check notices."""

from __future__ import annotations

import numpy as np
import pytest

from autograder._answer import Answer
from autograder._questions import Question
from course import datasets, device

with device.quiet():
    keras = pytest.importorskip("keras")

from course import fullsize


def pictures(count=10, height=6, width=5, channels=3):
    """Images of positive whole numbers, so that a zero is padding; image k is labelled k."""
    images = np.random.default_rng(0).integers(1, 200, (count, height, width, channels), dtype=np.uint8)
    return images, np.arange(count)


def test_without_a_gpu_a_few_steps_are_enough():
    """CI runs this."""
    chosen = fullsize.setting(gpu=False)
    assert chosen.images * chosen.epochs / chosen.batch <= 4
    assert not chosen.jit
    assert fullsize.setting(gpu=True).images is None


def test_data_without_a_gpu_is_what_ships():
    """Nothing is fetched; 28×28 gets a frame."""
    found = fullsize.data(fullsize.setting(gpu=False))
    assert found.x_train.shape == (96, 32, 32, 1) and found.y_train.shape == (96,)
    assert np.array_equal(found.x_train[:, 2:30, 2:30, 0], datasets.load("fashion_mnist").x_train[:96])
    assert not found.x_train[:, :2].any() and not found.x_test[:, :, 30:].any()


def test_data_offline_falls_back(monkeypatch, capsys):
    """A machine with a GPU and without a connection gets the small set, and is told so."""

    def offline(name):
        raise OSError(f"{name}: no connection.")

    monkeypatch.setattr(datasets, "_ask_keras", offline)
    found = fullsize.data(fullsize.setting(gpu=True), small="mnist")
    assert found.x_train.shape == (10_000, 32, 32, 1)
    assert "So the small set is taken." in capsys.readouterr().out


def test_an_epoch_shows_each_image_once():
    """Without flips and shifts the images come as they are, each with its own label."""
    images, labels = pictures()
    batches = fullsize.Augmented(images, labels, 4, seed=1, flips=False, shift=0)
    assert len(batches) == 2
    seen = [batches[step] for step in range(2)]
    numbers = np.concatenate([pair[1] for pair in seen])
    assert len(set(numbers.tolist())) == 8
    assert np.array_equal(np.concatenate([pair[0] for pair in seen]), images[numbers])


def test_the_same_seed_gives_the_same_batches():
    """Whatever the order in which workers ask; another epoch or seed gives others."""
    made = [fullsize.Augmented(*pictures(), 4, seed=seed) for seed in (1, 1, 2)]
    last, first = made[0][1], made[0][0]
    assert np.array_equal(made[1][0][0], first[0]) and np.array_equal(made[1][1][0], last[0])
    assert not np.array_equal(made[2][0][0], first[0])
    made[0].on_epoch_end()
    assert not np.array_equal(made[0][0][0], first[0])


def test_images_move_by_at_most_the_shift():
    """Every image is a part of its frame of zeros; all shifts are met, mirrored and not."""
    images, labels = pictures(1)
    framed = np.pad(images[0], ((2, 2), (2, 2), (0, 0)))
    batches = fullsize.Augmented(images, labels, 1, seed=3, shift=2)
    found = set()
    for _ in range(300):
        (image,), _ = batches[0]
        found |= {
            (y, x, mirrored)
            for y in range(5)
            for x in range(5)
            for mirrored, frame in enumerate((framed, framed[:, ::-1]))
            if np.array_equal(image, frame[y : y + 6, x : x + 5])
        }
        batches.on_epoch_end()
    assert len(found) == 50


def test_wrong_shapes_are_named():
    """Rather than a message from NumPy."""
    images, labels = pictures()
    with pytest.raises(ValueError, match="as many labels"):
        fullsize.Augmented(images, labels[:3], 4, seed=1)
    with pytest.raises(ValueError, match="channels"):
        fullsize.Augmented(images[..., 0], labels, 4, seed=1)


def test_keras_trains_on_it():
    """One epoch, the batches counted by Keras."""
    images, labels = pictures()
    layers = [keras.Input((6, 5, 3)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    model = keras.Sequential(layers)
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    batches = fullsize.Augmented(images, labels, 3, seed=1)
    history = model.fit(batches, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
    assert int(model.optimizer.iterations) == 6


def test_prepare_without_a_gpu_changes_nothing():
    """It says so."""
    assert device.prepare() == "No GPU: a few steps on few images show that the code runs. Arithmetic: float32."
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(
    ("capability", "policy"),
    [((9, 0), "mixed_bfloat16"), ((8, 0), "mixed_bfloat16"), ((7, 5), "mixed_float16"), ((6, 1), "float32")],
)
def test_prepare_chooses_the_precision_by_the_gpu(monkeypatch, capability, policy):
    """TensorFlow is made to tell of a GPU; memory that is in use already is no obstacle."""
    import tensorflow as tf

    def in_use(gpu, enable):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    details = {"device_name": "a GPU", "compute_capability": capability}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0"])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", in_use)
    before = keras.config.dtype_policy()
    try:
        assert device.prepare() == f"1 GPU: a GPU; memory grows as it is needed. Arithmetic: {policy}."
        assert keras.config.dtype_policy().name == policy
    finally:
        keras.config.set_dtype_policy(before)


def test_prepare_never_raises(monkeypatch):
    """A TensorFlow that is broken is a sentence."""
    import tensorflow as tf

    def broken(kind):
        raise AttributeError("no such thing")

    monkeypatch.setattr(tf.config, "list_physical_devices", broken)
    assert device.prepare() == "Nothing was changed: the GPU could not be asked (AttributeError: no such thing)."
    assert not device.has_gpu()


def test_a_check_builds_in_float32():
    """A notebook that has chosen 16 bits still gets its builders judged, and keeps its choice."""

    def build():
        return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])

    question = Question("build", 1, (), ("build",), (), 20.0, False, lambda answer, draw: iter(()))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        built = Answer({"build": build}, question)()
        outputs = built.outputs_with([np.ones((3, 1))], np.array([[1.001, 2.002, 3.003]])).value
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(before)
    assert outputs.dtype == np.float32
    assert np.allclose(outputs, 6.006, atol=1e-5)
