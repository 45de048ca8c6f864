"""A class of sample submissions, made from the released notebooks; `make demo` grades it.

Each student has answers of one kind: right in some style, wrong in a named way, half finished, broken.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.cli import main as autograder
from course import syllabus

LABS = ("lab02_convolution", "lab04_shapes", "lab05_counting")
CONVOLUTION, SHAPES, COUNTING = LABS
ROOT = Path(__file__).parent.parent
Edit = Callable[[NotebookNode], None]


def answered(lab: str, learner: str, *, only: tuple[str, ...] | None = None) -> NotebookNode:
    """The released notebook with the solution's answers, handed in under an id.

    Args:
        lab: Id of the lab.
        learner: Id in the first cell.
        only: Questions and essays to answer; None for all.
    """
    notebook = nbformat.read(syllabus.released(lab), as_version=4)
    solution = nbformat.read(ROOT / "solutions" / lab / f"{lab}.ipynb", as_version=4)
    sources = {cell.id: cell.source for cell in solution.cells}
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if data.get("solution") and (only is None or cell.id.removeprefix("essay-").split("-")[0] in only):
            cell.source = sources[cell.id]
        cell.source = cell.source.replace('learner=""', f'learner="{learner}"')
    return notebook


def cell_of(notebook: NotebookNode, id: str) -> NotebookNode:
    """The cell with an id."""
    return next(cell for cell in notebook.cells if cell.id == id)


def change(id: str, old: str, new: str) -> Edit:
    """An edit of one answer; the text to change must be there."""

    def edit(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, id)
        if old not in cell.source:
            raise ValueError(f"{id}: {old!r} is not in the answer. Mend tests/sample_class.py.")
        cell.source = cell.source.replace(old, new)

    return edit


def replace(id: str, source: str) -> Edit:
    """An edit that replaces one answer."""

    def edit(notebook: NotebookNode) -> None:
        cell_of(notebook, id).source = source

    return edit


def duplicate_check(id: str) -> Edit:
    """A check cell copied to the end, as students do while they work."""

    def edit(notebook: NotebookNode) -> None:
        copy = nbformat.from_dict(cell_of(notebook, f"check-{id}"))
        copy.id = "copied"
        notebook.cells.append(copy)

    return edit


def delete_check(id: str) -> Edit:
    """A check cell that is gone."""

    def edit(notebook: NotebookNode) -> None:
        notebook.cells = [cell for cell in notebook.cells if cell.id != f"check-{id}"]

    return edit


def skip_checks(notebook: NotebookNode) -> None:
    """The tag that makes nbclient skip a cell, on every check: full points with a grader that trusts tags."""
    for cell in notebook.cells:
        if cell.id.startswith("check-"):
            cell.metadata.tags = ["skip-execution"]


LOOPED_SIZES = """def out_size(n, f, s, p):
    count, start = 0, 0
    while start + f <= n + 2 * p:
        count += 1
        start += s
    if count == 0:
        raise ValueError("the filter does not fit anywhere")
    return count
"""
EINSUM = """def correlate2d(x, k):
    windows = np.lib.stride_tricks.sliding_window_view(x, k.shape)
    return np.einsum("ijkl,kl->ij", windows, k)
"""
ENDLESS = """def paddings(n, f, s):
    found, p = [], 0
    while p <= f:
        if (n + 2 * p - f) % s == 0 and n + 2 * p >= f:
            found.append(p)
    return found
"""
FLIPPED = (
    "np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k)",
    "np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k[::-1, ::-1])",
)

CLIPPED = change("kernel_table", "correlate2d(img, kernel)", "np.maximum(correlate2d(img, kernel), 0)")

# (student, lab, questions answered or None for all, edits)
CLASS: tuple[tuple[str, str, tuple[str, ...] | None, tuple[Edit, ...]], ...] = (
    ("amara", CONVOLUTION, None, ()),
    ("amara", SHAPES, None, ()),
    ("amara", COUNTING, None, ()),
    ("bao", CONVOLUTION, None, (replace("correlate2d", EINSUM),)),
    ("bao", SHAPES, None, (replace("out_size", LOOPED_SIZES),)),
    ("bao", COUNTING, None, (change("fc_params", "(inputs + 1) * units", "np.int64(inputs * units + units)"),)),
    ("chiara", SHAPES, None, (change("out_size", "// s + 1", "// s"), change("repair", "7, 4, 3", "7, 7, 7"))),
    ("chiara", COUNTING, None, (change("conv_params", "(one_filter + int(bias)) * c_out", "one_filter * c_out"),)),
    ("diego", CONVOLUTION, ("by_hand", "correlate2d", "convolve2d"), ()),
    ("diego", SHAPES, ("out_size", "unread_pixels", "same_padding"), ()),
    ("elif", SHAPES, (), ()),
    ("farid", SHAPES, None, ()),  # replaced by a file that is no notebook
    ("greta", SHAPES, None, (duplicate_check("out_size"),)),
    ("hugo", COUNTING, None, (delete_check("conv_params"),)),
    ("ines", CONVOLUTION, None, (change("correlate2d", *FLIPPED), change("convolve2d", "k[::-1, ::-1]", "k.T"))),
    ("jonas", COUNTING, None, (change("macs", "return places * filters", "return 2 * places * filters"),)),
    ("kavya", SHAPES, None, (replace("paddings", ENDLESS),)),
    ("lea", SHAPES, None, ()),  # without an id
    ("mateo", SHAPES, None, (change("same_padding", "-(-n // s)", "ceil(n / s)"),)),  # ceil is not imported
    ("noor", CONVOLUTION, None, (change("conv1d", "range(0,", "range(1,"), CLIPPED)),
    ("olga", SHAPES, None, (replace("pad2d", "import os\nos._exit(1)"),)),
    ("pavel", SHAPES, (), (skip_checks,)),
)  # fmt: skip


def make_class(folder: Path) -> None:
    """Write `folder/submitted/STUDENT/LAB/LAB.ipynb` for the whole class; an unchanged class stays as it is."""
    for student, lab, only, edits in CLASS:
        notebook = answered(lab, "" if student == "lea" else student, only=only)
        for edit in edits:
            edit(notebook)
        text = nbformat.writes(notebook) + "\n"
        if student == "farid":
            text = "Dear teacher, my notebook is in the other mail. Farid\n"
        path = folder / "submitted" / student / lab / f"{lab}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def main(folder: Path) -> int:
    """Make the class, grade it, and say what to open."""
    students = len({student for student, *_ in CLASS})
    print(f"A class of {students} students with {len(CLASS)} submissions, in {folder}/submitted")
    if folder.exists() and not (folder / ".autograder").exists():
        shutil.rmtree(folder)  # left over from an attempt that never came to grading
    make_class(folder)
    where = ["--class", str(folder)]
    status = autograder(["grade", *LABS, *where, "--json", str(folder / "results.json")])
    if status == 2:
        return status
    autograder(["export", *where, "--csv", str(folder / "grades.csv")])
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    print(f"""
{len(results)} results. Now open
    {folder}/report.html                         what an instructor looks at
    {folder}/feedback/chiara/lab04_shapes/lab04_shapes.html   what a student gets back
    {folder}/grades.csv, {folder}/results.json   for a spreadsheet, for a program
Next: `make lab` to answer a lab yourself, or grade your own class:
    .venv/bin/autograder grade lab04_shapes --class MY-CLASS""")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
