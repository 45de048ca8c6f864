"""Every figure: small, the same bytes each time, readable without colour, and told in words."""

from __future__ import annotations

import html
import importlib
import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from skimage import data

from course import figures
from course.figures import Picture, _board, _style
from tests.course.drawn import texts, with_figure


def rows(text: str) -> np.ndarray:
    """A grid of digits written with slashes."""
    return np.array([[int(digit) for digit in row] for row in text.split("/")])


LETTERS = rows("100001/010010/001100/100010/010010/001010")
DIAGONAL = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
VERTICAL = np.array([[-1, 1, -1]] * 3)
BINARY = rows("11100/01110/00111/00110/01100")
CROSS = rows("101/010/101")
SOBEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
CAMERA = data.camera() / 255
KERNELS = {"identity": rows("000/010/000"), "Sobel": SOBEL, "box blur": np.full((3, 3), 1 / 9)}
KERNELS |= {"Gauss": np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256}


def layer(name: str, params: int, memory: int, macs: int) -> dict[str, object]:
    """One row of a table of costs."""
    return {"name": name, "params": params, "memory": memory, "macs": macs}


def alexnet() -> list[dict[str, object]]:
    """AlexNet's single tower on 227×227×3: parameters, values and multiply-adds of each layer."""
    return [
        layer("input", 0, 227 * 227 * 3, 0),
        layer("conv1", 34_944, 55 * 55 * 96, 105_415_200),
        layer("pool1", 0, 27 * 27 * 96, 0),
        layer("conv2", 614_656, 27 * 27 * 256, 447_897_600),
        layer("pool2", 0, 13 * 13 * 256, 0),
        layer("conv3", 885_120, 13 * 13 * 384, 149_520_384),
        layer("conv4", 1_327_488, 13 * 13 * 384, 224_280_576),
        layer("conv5", 884_992, 13 * 13 * 256, 149_520_384),
        layer("pool5", 0, 6 * 6 * 256, 0),
        layer("fc6", 37_752_832, 4096, 9216 * 4096),
        layer("fc7", 16_781_312, 4096, 4096 * 4096),
        layer("fc8", 4_097_000, 1000, 4096 * 1000),
    ]


def vgg16() -> list[dict[str, object]]:
    """VGG-16 on 224×224×3, its convolutions, pools and dense layers."""
    table, side, depth = [layer("input", 0, 224 * 224 * 3, 0)], 224, 3
    for block, (count, width) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], 1):
        for index in range(1, count + 1):
            weights, values = 9 * depth * width, side * side * width
            table.append(layer(f"conv{block}_{index}", weights + width, values, weights * side * side))
            depth = width
        side //= 2
        table.append(layer(f"pool{block}", 0, side * side * depth, 0))
    for name, inputs, units in (("fc6", 25088, 4096), ("fc7", 4096, 4096), ("fc8", 4096, 1000)):
        table.append(layer(name, inputs * units + units, units, inputs * units))
    return table


EPOCHS = np.arange(1, 31)


def noise(seed: int, *shape: int) -> np.ndarray:
    """Values from 0 to 1 that hardly compress, the same for every drawing."""
    return np.random.default_rng(seed).random(shape)


FIGURES: dict[str, Callable[[], Picture]] = {
    "window, diagonal filter": lambda: figures.sliding_window(LETTERS, DIAGONAL, step=0),
    "window, vertical filter": lambda: figures.sliding_window(LETTERS, VERTICAL, step=15, title="Filter 2"),
    "window, stride and padding": lambda: figures.sliding_window(BINARY, CROSS, step=4, stride=2, pad=1),
    "window, fractions": lambda: figures.sliding_window(
        np.arange(35).reshape(5, 7) / 3, np.ones((3, 2)) / 9, step=3
    ),
    "frames": lambda: figures.sliding_frames(LETTERS, DIAGONAL, steps=[0, 1, 4, 15], title="Filter 1"),
    "grids": lambda: figures.grids({"a kernel": SOBEL, "turned by 180°": SOBEL[::-1, ::-1], "a row": [1, 2.5]}),
    "grids, outlined": lambda: figures.grids(
        {"input": rows("1124/5678/3210/1234"), "maximum": rows("68/34")},
        outlines={"input": [(0, 0, 2, 2)]}, columns=1, fmt=".1f", title="Max pooling",
    ),
    "gallery": lambda: figures.kernel_gallery(CAMERA, KERNELS),
    "gallery, other proportions": lambda: figures.kernel_gallery(CAMERA[:200] * 255, {"Sobel": SOBEL}),
    "gallery, noise": lambda: figures.kernel_gallery(noise(0, 300, 300), KERNELS | {"again": SOBEL}),
    "photographs": lambda: figures.photographs(
        {"camera": data.camera(), "in colour": data.coffee(), "signed": CAMERA - 0.5}, title="Three pictures"
    ),
    "photographs, many": lambda: figures.photographs(
        {f"map {index}": noise(index, 9, 7) for index in range(8)}, columns=8
    ),
    "photographs, noise": lambda: figures.photographs({str(i): noise(i, 400, 300, 3) for i in range(3)}),
    "border": lambda: figures.border(CAMERA[330:, 200:], np.full((5, 5), 1 / 25), ("zero", "reflect", "edge")),
    "border, signed": lambda: figures.border(CAMERA[330:, 200:], SOBEL),
    "places": lambda: figures.places(7, 3, 2, 0),
    "places, unread": lambda: figures.places(7, 3, 3, 0),
    "places, skipped": lambda: figures.places(15, 1, 3, 2),
    "places, skipped one by one": lambda: figures.places(34, 1, 2, 1),
    "places, none": lambda: figures.places(2, 5, 1, 0),
    "places, long": lambda: figures.places(32, 5, 1, 2),
    "places_2d": lambda: figures.places_2d(7, 9, 3, 2, 1),
    "places_2d, unread": lambda: figures.places_2d(6, 8, 3, 2, 0),
    "places_2d, none": lambda: figures.places_2d(2, 9, 3, 1, 0),
    "same": lambda: figures.same_padding(8, 3, 2),
    "same, long": lambda: figures.same_padding(32, 5, 2),
    "sharing": lambda: figures.sharing(7, 3),
    "columns": lambda: figures.columns({"A": ["conv3-64", "maxpool", "fc"], "B": ["conv3-8", "maxpool", "fc"]}),
    "volumes": lambda: figures.volumes(
        [(32, 32, 1), (28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (120,), (84,), (10,)],
        ["input", "C1", "S2", "C3", "S4", "C5", "F6", "output"],
    ),
    "volumes, two rows": lambda: figures.volumes([(224, 112, 64)] * 18, [f"a long layer {i}" for i in range(18)]),
    "costs": lambda: figures.cost_bars({"VGG-16": vgg16(), "AlexNet, one tower": alexnet()}),
    "signals": lambda: figures.signals({"x": [0, 0, 1, 2, 0], "w": [1, 0, -1]}, ylabel="value (no unit)"),
    "signals, long": lambda: figures.signals({"wave": np.sin(np.arange(99) / 5)}, ylabel="amplitude (V)"),
    "curve": lambda: figures.curve(
        {"training": (EPOCHS, 1 / EPOCHS), "validation": (EPOCHS, 0.2 + 1 / EPOCHS)},
        xlabel="epoch", ylabel="loss (nats)", title="Training LeNet-5",
    ),
    "curve, eight": lambda: figures.curve(
        {f"line {i} with a long name_$": (EPOCHS, np.exp(-EPOCHS / (i + 1)) + 0.01) for i in range(8)},
        xlabel="shift (pixels)", ylabel="share", title="", logy=True,
    ),
    "bars": lambda: figures.bars({"right": 760, "no bias": 750}, ylabel="parameters", title="Ten filters"),
    "bars, lying": lambda: figures.bars(
        {"fully connected with the same output": 31_467_520, "convolution": 760, "below": -5e6},
        ylabel="parameters", title="S4's comparison",
    ),
}  # fmt: skip


LABS = {
    file.stem.removeprefix("test_figures_"): importlib.import_module(f"tests.course.{file.stem}").FIGURES
    for file in sorted(Path(__file__).parent.glob("test_figures_*.py"))
}
ALL = FIGURES | {f"{lab}, {name}": draw for lab, group in LABS.items() for name, draw in group.items()}
every = pytest.mark.parametrize("name", ALL)


@pytest.fixture(scope="module")
def both() -> dict[str, tuple[Picture, Figure]]:
    """Every figure of the course, drawn once: the picture and the Matplotlib figure behind it."""
    return {name: with_figure(draw) for name, draw in ALL.items()}


@pytest.fixture(scope="module")
def drawn(both: dict[str, tuple[Picture, Figure]]) -> dict[str, Picture]:
    """Every figure as a picture."""
    return {name: picture for name, (picture, _) in both.items()}


def test_every_public_function_is_drawn() -> None:
    """A new figure cannot be forgotten: it stands in FIGURES here, or in the file of its lab beside this one."""
    used = {constant for draw in ALL.values() for constant in draw.__code__.co_names}
    assert set(figures.__all__) - {"Picture"} <= used


def test_all_names_what_is_public() -> None:
    """`__all__` lists every public callable of the package and nothing that is not there."""
    public = {name for name, value in vars(figures).items() if callable(value) and not name.startswith("_")}
    assert set(figures.__all__) == public


@every
def test_at_most_sixty_kilobytes(drawn: dict[str, Picture], name: str) -> None:
    """Notebooks hold many pictures, so each stays small."""
    assert len(drawn[name].png) <= 60_000


@every
def test_fits_the_notebook(drawn: dict[str, Picture], name: str) -> None:
    """No picture is wider than a notebook's column, so none is shrunk on the screen."""
    assert drawn[name].size[0] <= 900


@every
def test_white_background(drawn: dict[str, Picture], name: str) -> None:
    """The corners are opaque white, so that a dark notebook shows black text on white."""
    image = Image.open(io.BytesIO(drawn[name].png)).convert("RGBA")
    right, low = image.width - 1, image.height - 1
    assert {image.getpixel(corner) for corner in ((0, 0), (right, 0), (0, low), (right, low))} == {(255,) * 4}


@every
def test_texts_are_readable(both: dict[str, tuple[Picture, Figure]], name: str) -> None:
    """Letters are at least 10 pixels high, lie inside the picture, and do not cover one another."""
    figure = both[name][1]
    seen = texts(figure)
    assert min(text.get_fontsize() for text, _ in seen) * figure.dpi / 72 >= 10
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in seen:
        inside = box.x0 > -1 and box.y0 > -1 and box.x1 < width + 1 and box.y1 < height + 1
        assert inside, f"{text.get_text()!r} leaves the picture"
    for (one, first), (other, second) in combinations(seen, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        down = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across < 2 or down < 2, f"{one.get_text()!r} covers {other.get_text()!r}"


@every
def test_has_alternative_text(drawn: dict[str, Picture], name: str) -> None:
    """Every picture is told in a sentence that holds a number."""
    assert any(character.isdigit() for character in drawn[name].alt)
    assert drawn[name].alt.endswith(".")


@every
def test_same_bytes_twice(drawn: dict[str, Picture], name: str) -> None:
    """Nothing in the file depends on the time of drawing."""
    same = ALL[name]().png == drawn[name].png
    assert same  # not in one line: pytest would look for half an hour for what differs in the bytes


def test_no_date_and_no_version(drawn: dict[str, Picture]) -> None:
    """The files carry no metadata that changes from one machine or day to the next."""
    assert not any(Image.open(io.BytesIO(picture.png)).info for picture in drawn.values())


def test_readers_settings_change_nothing(drawn: dict[str, Picture]) -> None:
    """A reader's own Matplotlib settings neither change the picture nor are changed by it."""
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black", "hatch.linewidth": 9}):
        assert figures.places(7, 3, 3, 0).png == drawn["places, unread"].png
        assert mpl.rcParams["font.size"] == 30


def test_pyplot_stays_out() -> None:
    """No figure can be shown twice or leak: pyplot is not imported, nor TensorFlow, nor SciPy until needed."""
    code = (
        "import sys; from course import figures; figures.places(7, 3, 2, 0); "
        "print({'matplotlib.pyplot', 'tensorflow', 'keras', 'scipy.ndimage'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- Picture


def test_bundle_is_a_figure_and_plain_text() -> None:
    """A notebook gets HTML, a terminal the alternative text."""
    bundle = figures.places(7, 3, 2, 0)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/html"].startswith("<figure") and 'src="data:image/png;base64,' in bundle["text/html"]


def test_alternative_text_is_escaped() -> None:
    """Quotes and tags in a learner's title cannot leave the attribute."""
    nasty = '"><script>alert(1)</script>'
    picture = figures.grids({nasty: [[1]]})
    assert "<script>" not in picture.html
    assert f'alt="{html.escape(picture.alt)}"' in picture.html


def test_caption_is_escaped() -> None:
    """A caption is text, not HTML."""
    assert "<figcaption>1 &lt; 2</figcaption>" in figures.grids({"a": [[1]]}).with_caption("1 < 2").html


def test_no_caption_no_element() -> None:
    """Without a caption there is no empty element beneath the picture."""
    assert "figcaption" not in figures.grids({"a": [[1]]}).html


def test_save_writes_the_png(tmp_path) -> None:
    """The file is the picture."""
    picture = figures.places(7, 3, 2, 0)
    picture.save(tmp_path / "places.png")
    with Image.open(tmp_path / "places.png") as image:
        assert image.size == picture.size


# --- what the pictures say


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("window, diagonal filter", ["Step 1 of 16", "1·1 + 0·(−1)", "= 3."]),
        ("window, vertical filter", ["−1 −1 −1 −1; −1 −1 −2 1; −1 −1 −2 1; −1 0 −4 3"]),
        ("window, stride and padding", ["Step 5 of 9", "output row 1, column 1", "= 4."]),
        ("frames", ["= 3.", "= −1.", "3 −1 −3 −1; −3 1 0 −3; −3 −3 0 1; 3 −2 −2 −1"]),
        ("grids", ["a kernel: 1 0 −1; 2 0 −2; 1 0 −1.", "turned by 180°: −1 0 1; −2 0 2; −1 0 1."]),
        ("gallery", ["box blur: kernel 1 1 1; 1 1 1; 1 1 1 × 1/9", "Sobel", "pale blue above zero"]),
        ("photographs", ["512×512 values from 0 to 255", "400×600×3", "pale blue above zero, dark orange below"]),
        ("border", ["zero 0.225", "reflect 0.621"]),
        ("places", ["⌊(7 + 2·0 − 3) / 2⌋ + 1 = 3", "start at pixel: 0, 2, 4", "all 7 pixels are read"]),
        ("places, unread", ["⌊(7 + 2·0 − 3) / 3⌋ + 1 = 2", "unread: 1 pixel of 7 (index 6)"]),
        ("places, skipped", ["start at pixel: −2, 1, 4, 7, 10, 13, 16", "unread: 10 pixels of 15"]),
        ("places, none", ["2 + 2·0 = 2 < 5: the filter does not fit, no place", "unread: 2 pixels of 2"]),
        ("places_2d", ["height ⌊(7 + 2·1 − 3) / 2⌋ + 1 = 4", "width ⌊(9 + 2·1 − 3) / 2⌋ + 1 = 5"]),
        ("places_2d, unread", ["2×3 windows", "unread: 13 of 48 pixels"]),
        ("places_2d, none", ["no window: all 18 pixels are unread"]),
        ("same", ["1 zero, 0 before and 1 after: 4 places", "Symmetric padding adds 1 before"]),
        ("same, long", ["3 zeros, 1 before and 2 after: 16 places"]),
        ("volumes", ["8 volumes", "C1 28×28×6", "F6 84"]),
        ("costs", ["138,357,544 in all, dense layers 89.4 %", "15,237,608 in all", "15,470,264,320 in all"]),
        ("costs", ["62,378,344 in all, dense layers 94.0 %", "1,135,256,096 in all", "largest fc6 with 60.5 %"]),
        ("signals", ["x: 0 0 1 2 0", "w: 1 0 −1", "value (no unit)"]),
        ("curve", ["loss (nats) against epoch", "training: from 1 at 1 to 0.0333 at 30", "highest 1.2 at 1"]),
        ("bars, lying", ["convolution 760", "31,467,520", "below −5,000,000"]),
    ],
)
def test_alternative_text_states_the_numbers(drawn: dict[str, Picture], name: str, facts: list[str]) -> None:
    """The numbers of the lectures and models stand in the words, not only in the drawing."""
    assert [fact for fact in facts if fact not in drawn[name].alt] == []


def hue(colour: Sequence[float]) -> str:
    """Whether blue or red prevails."""
    red, _, blue, *_ = colour
    return "blue" if blue > red else "orange"


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_one_colour_is_above_zero_everywhere(share: float) -> None:
    """Photographs and grids of numbers agree: blue is above zero, orange below."""
    sign = share - 0.5
    assert hue(_style.SIGNED(share)) == hue(_board.tint(sign, 0.5)) == ("blue" if sign > 0 else "orange")


def test_the_sign_survives_a_grey_print() -> None:
    """Lightness rises from the lowest value to the highest."""
    lightness = _style.SIGNED(np.linspace(0, 1, 49))[:, :3] @ [0.2125, 0.7154, 0.0721]
    assert (np.diff(lightness) > 0).all()


def test_no_sign_of_convolution_beside_a_window(both: dict[str, tuple[Picture, Figure]]) -> None:
    """The kernel is laid on as it stands; the star stands for true convolution in the course."""
    shown = [text.get_text() for text, _ in texts(both["window, diagonal filter"][1])]
    assert not [text for text in shown if set(text) & set("*∗⋆")]
    assert any("slides over" in text for text in shown)


def test_window_is_not_turned() -> None:
    """An asymmetric kernel is laid on as it stands: cross-correlation."""
    assert "Output so far: 1." in figures.sliding_window(rows("12/34"), rows("10/00"), step=0).alt


def test_gallery_shrinks_until_the_file_is_small() -> None:
    """Noise, which cannot be compressed, is averaged to fewer pixels than a photograph."""
    smooth = np.linspace(0, 1, 320)[:, None] * np.ones(320)
    assert "160×160 pixels" in figures.kernel_gallery(smooth, KERNELS).alt
    assert "160×160 pixels" not in figures.kernel_gallery(np.random.default_rng(0).random((320, 320)), KERNELS).alt


def test_unread_zeros_do_not_count() -> None:
    """A zero of the padding that no place reads is no unread pixel."""
    assert "all 8 pixels are read" in figures.places(8, 3, 2, 1).alt


def test_thirty_six_pixels_fit() -> None:
    """The longest row that the page holds is drawn."""
    assert "= 17. " in figures.places(36, 3, 2, 0).alt


# --- what is refused


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.sliding_window([1, 2], CROSS, step=0), r"image of shape \(height, width\).*\(2,\)"),
        (lambda: figures.sliding_window(CROSS, LETTERS, step=0), r"no larger than .*\(3, 3\).*\(6, 6\)"),
        (lambda: figures.sliding_window(LETTERS, DIAGONAL, step=16), "from 0 to 15. Received 16"),
        (lambda: figures.sliding_window(LETTERS, DIAGONAL, step=0, stride=0), "stride .*at least 1. Received 0"),
        (lambda: figures.sliding_window(LETTERS, DIAGONAL, step=0, pad=1.5), "pad .* Received 1.5"),
        (lambda: figures.sliding_window(np.ones((20, 30)), CROSS, step=0), "small enough.*20, 30"),
        (lambda: figures.sliding_frames(LETTERS, DIAGONAL, steps=[]), "at least one entry in steps"),
        (lambda: figures.grids({}), "at least one entry in arrays"),
        (lambda: figures.grids({"a": np.ones((2, 2, 2))}), r"array 'a'.*\(2, 2, 2\)"),
        (lambda: figures.grids({"a": [["x"]]}), "of numbers"),
        (lambda: figures.grids({"a": np.ones((2, 40))}), r"narrow enough.*\(2, 40\)"),
        (lambda: figures.grids({"a": CROSS}, columns=0), "columns .*Received 0"),
        (lambda: figures.kernel_gallery(CAMERA, {"even": np.ones((2, 2))}), r"k odd.*\(2, 2\)"),
        (lambda: figures.kernel_gallery(data.coffee(), KERNELS), r"photograph of shape.*\(400, 600, 3\)"),
        (lambda: figures.kernel_gallery(-CAMERA, KERNELS), "without negative values"),
        (lambda: figures.photographs({"a": np.ones((4, 4, 2))}), r"\(4, 4, 2\)"),
        (lambda: figures.photographs({"a": np.full((4, 5), np.nan)}), "finite numbers"),
        (lambda: figures.border(CAMERA, SOBEL, ("mirror",)), "Received 'mirror'"),
        (lambda: figures.border(CAMERA[:5], SOBEL), r"at least 12 pixels a side.*\(5, 512\)"),
        (lambda: figures.places(0, 3, 1, 0), "n to be an integer at least 1. Received 0"),
        (lambda: figures.places(7, 3, True, 0), "s to be an integer"),
        (lambda: figures.places(224, 11, 4, 0), "at most 36 pixels.*Received 224"),
        (lambda: figures.places_2d(7, 60, 3, 1, 0), "at most 25 pixels.*Received 60"),
        (lambda: figures.same_padding(7, 3, 0), "s to be an integer at least 1"),
        (lambda: figures.volumes([(3, 3)], ["a"]), r"\(height, width, channels\).*\(3, 3\)"),
        (lambda: figures.volumes([(3,)], []), "1 labels.*Received 0"),
        (lambda: figures.cost_bars({"net": [{"name": "a"}]}), "without params"),
        (lambda: figures.cost_bars({"net": []}), "at least one entry"),
        (lambda: figures.signals({"a": CROSS}, ylabel="V"), r"\(length,\).*\(3, 3\)"),
        (lambda: figures.signals({"a": [1]}, ylabel=" "), "ylabel with the unit"),
        (lambda: figures.curve({"a": ([1, 2], [1])}, xlabel="x", ylabel="y", title=""), "one length.*2 and 1"),
        (lambda: figures.curve({"a": [1, 2, 3]}, xlabel="x", ylabel="y", title=""), r"as \(x, y\)"),
        (
            lambda: figures.curve({"a": ([1], [0])}, xlabel="x", ylabel="y", title="", logy=True),
            "above zero on a logarithmic axis",
        ),
        (
            lambda: figures.curve({str(i): ([1], [1]) for i in range(9)}, xlabel="x", ylabel="y", title=""),
            "at most 8 lines. Received 9",
        ),
        (lambda: figures.bars({"a": float("nan")}, ylabel="y", title=""), "finite values"),
    ],
)
def test_wrong_arguments_are_named(draw: Callable[[], Picture], message: str) -> None:
    """A refusal says what was expected and what was received."""
    with pytest.raises(ValueError, match=rf"^Expected .*{message}"):
        draw()
