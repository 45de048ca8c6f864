"""Explorations: a widget in a living kernel, frames that stand still everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable

import ipywidgets as widgets
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from skimage import data

from course import explore, figures
from course.draws.lab02 import SOBEL_X
from course.explore import Exploration, _exploration

VIEW = "application/vnd.jupyter.widget-view+json"
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
CAMERA = data.camera() / 255
SMALL = CAMERA[::8, ::8]  # drawn quickly

EXPLORATIONS: dict[str, Callable[[], Exploration]] = {
    "strides": explore.strides,
    "sliding_window": lambda: explore.sliding_window(np.eye(5), CROSS),
    "kernel": lambda: explore.kernel(SMALL),
}
every = pytest.mark.parametrize("name", EXPLORATIONS)


@pytest.fixture
def living(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a notebook whose kernel runs."""
    monkeypatch.setattr(_exploration, "living", lambda: True)


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    """A real notebook, run by a real kernel: an exploration, then the same with COURSE_STATIC=1."""
    cells = [
        "import os; os.environ.pop('COURSE_STATIC', None)\nfrom course import explore\nexplore.strides()",
        "explore.sliding_window([[1, 2], [3, 4]], [[1, 0]])",
        "os.environ['COURSE_STATIC'] = '1'\nexplore.strides()",
    ]
    written = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    return NotebookClient(written, timeout=60, kernel_name="python3").execute()


def bundle(notebook: nbformat.NotebookNode, cell: int) -> dict:
    """What the cell's result offers to the front end."""
    return notebook.cells[cell].outputs[0].data


@pytest.mark.parametrize("cell", [0, 1])
def test_a_kernel_gets_widget_and_frames(notebook: nbformat.NotebookNode, cell: int) -> None:
    """A front end chooses: the widget if it can, else the picture, else the words."""
    assert {VIEW, "text/html", "text/plain"} <= set(bundle(notebook, cell))


def test_the_widget_is_saved_with_its_sliders(notebook: nbformat.NotebookNode) -> None:
    """The view points to a model that the notebook's widget state holds."""
    models = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert bundle(notebook, 0)[VIEW]["model_id"] in models


def test_static_on_demand(notebook: nbformat.NotebookNode) -> None:
    """COURSE_STATIC=1 leaves only the frames, for notebooks that are stored."""
    assert set(bundle(notebook, 2)) == {"text/html", "text/plain"}


@every
def test_without_a_kernel_only_frames(name: str) -> None:
    """In a plain script there is no widget, and what is shown is the frames."""
    shown = EXPLORATIONS[name]()._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    assert shown["text/html"].count("<img alt=") == len(EXPLORATIONS[name]().frames)


@every
def test_without_ipywidgets_only_frames(name: str, living: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing ipywidgets breaks nothing."""
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert set(EXPLORATIONS[name]()._repr_mimebundle_()) == {"text/html", "text/plain"}


@every
def test_a_failing_widget_leaves_the_frames(name: str, living: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ipywidgets is there but cannot make its box, the frames stay."""

    def fail(*args: object) -> None:
        raise RuntimeError("no front end")

    monkeypatch.setattr(widgets, "VBox", fail)
    assert set(EXPLORATIONS[name]()._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_frames_of_the_kernels_are_small() -> None:
    """A stored notebook carries the frames, so seven photographs obey the limit for one figure."""
    assert [len(frame.png) <= 60_000 for frame in explore.kernel(CAMERA).frames] == [True]


def test_frames_of_strides_teach_alone() -> None:
    """The still frames show the given numbers, stride 1, unread pixels, and padding, and say what changed."""
    frames = explore.strides(7, 3, 2, 0).frames
    assert [frame.png for frame in frames] == [
        figures.places(*setting).png for setting in [(7, 3, 2, 0), (7, 3, 1, 0), (7, 3, 3, 0), (7, 3, 2, 1)]
    ]
    assert [frame.caption for frame in frames[1:]] == [
        f"The same with {new}." for new in ("s = 1", "s = 3", "p = 1")
    ]


def test_frames_that_cannot_be_drawn_are_left_out() -> None:
    """A row that would be too long with padding is shown without it."""
    assert len(explore.strides(36, 3, 2, 0).frames) == 3


def test_frames_of_the_window_begin_a_new_row() -> None:
    """The still frames hold the first two steps, the first of the second row, and the last."""
    alt = explore.sliding_window(np.eye(5), CROSS).frames[0].alt
    assert [step for step in range(1, 10) if f"Step {step} of 9" in alt] == [1, 2, 4, 9]


def test_one_place_is_one_frame() -> None:
    """A kernel as large as the image has a single step."""
    assert explore.sliding_window(CROSS, CROSS).frames[0].alt.count("Step ") == 1


def test_a_slider_draws_again(living: None) -> None:
    """Moving the stride to 3 shows the unread pixel."""
    box = explore.strides(7, 3, 2, 0).widget
    *sliders, view = box.children
    sliders[2].value = 3
    assert view.value == figures.places(7, 3, 3, 0).html


def test_the_step_slider_counts_from_one(living: None) -> None:
    """The last position of the slider is the last place of the window."""
    slider, view = explore.sliding_window(np.eye(5), CROSS).widget.children
    slider.value = slider.max
    assert "Step 9 of 9" in view.value


def test_an_error_is_one_line_of_text(living: None) -> None:
    """What cannot be drawn is said in a sentence, without a traceback."""
    *sliders, view = explore.strides(30, 3, 1, 0).widget.children
    sliders[3].value = 5
    assert view.value == "<p>Expected at most 36 pixels with padding, so that each can be seen. Received 40.</p>"


def test_an_error_is_escaped() -> None:
    """A message is text, whatever it quotes."""

    def fail() -> figures.Picture:
        raise ValueError("<b>")

    assert explore.shown(fail) == "<p>&lt;b&gt;</p>"


def test_a_named_kernel_fills_the_nine_numbers(living: None) -> None:
    """Choosing a name writes its weights into the cells and draws them."""
    menu, grid, view = explore.kernel(SMALL).widget.children
    menu.value = "sharpen"
    assert [cell.value for cell in grid.children] == [0, -1, 0, -1, 5, -1, 0, -1, 0]
    assert "your kernel: kernel 0 −1 0; −1 5 −1; 0 −1 0" in view.value


def test_sobel_has_the_signs_of_the_lab() -> None:
    """Brighter to the right, or below, is above zero, as in lab 02."""
    assert np.array_equal(explore.KERNELS["Sobel X, upright edges"], SOBEL_X)
    assert np.array_equal(explore.KERNELS["Sobel Y, level edges"], np.transpose(SOBEL_X))


def test_a_changed_number_draws_again(living: None) -> None:
    """Free play: one of the nine numbers changes, and the picture with it."""
    _, grid, view = explore.kernel(SMALL).widget.children
    grid.children[4].value = 7
    assert "your kernel: kernel −1 0 1; −2 7 2; −1 0 1" in view.value


def test_wrong_arguments_are_refused_at_once() -> None:
    """A wrong shape is the learner's error to see, not something that the frames hide."""
    with pytest.raises(ValueError, match="Expected a kernel no larger"):
        explore.sliding_window(CROSS, np.eye(5))
