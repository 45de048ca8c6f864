"""Reading one submitted file."""

from __future__ import annotations

import json
import os

import nbformat
import pytest
from nbformat.v4 import new_notebook

from autograder import SubmissionError
from autograder import _submission as submissions
from autograder._submission import place, read_bytes, read_submission, visible
from tests.autograder.small_lab import LAB, answered, cell, notebook, released


def read(path):
    content = read_bytes(path, who="ana")
    return read_submission(content, released(), lab=LAB, where=place(path, "ana"))


def written(tmp_path, content):
    path = tmp_path / "tiny.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else nbformat.writes(content).encode())
    return path


def changed(**fields):
    return json.dumps({**json.loads(nbformat.writes(answered())), **fields}).encode()


def test_an_honest_notebook_is_read_with_its_source(tmp_path):
    """The answer's text arrives."""
    found = read(written(tmp_path, answered("x = 1")))
    assert cell(found.notebook, "double").source == "x = 1"
    assert found.notes == []


def test_outputs_are_not_kept(tmp_path):
    """What a student's kernel once printed is of no use."""
    sent = answered()
    cell(sent, "double").outputs = [nbformat.v4.new_output("stream", text="4 of 4 points")]
    assert "outputs" not in cell(read(written(tmp_path, sent)).notebook, "double")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"PK\x03\x04 a zip file", "not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'{"nbformat": 4, "cells": [', "not JSON"),
        (b'{"cells": [\n<<<<<<< HEAD\n', "merge conflicts"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1, 2]", "not a notebook"),
        (b'{"a": 1}', "not a notebook"),
        (b'{"nbformat": 4}', "without cells"),
        (b'{"nbformat": 2, "worksheets": []}', "too old"),
        (b'{"nbformat": 5, "cells": []}', "newer"),
        (b'{"nbformat": 3, "worksheets": [{"cells": 1}]}', "format 3"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused(tmp_path, content, what):
    """The message says who, where and what."""
    path = written(tmp_path, content)
    with pytest.raises(SubmissionError, match=what) as caught:
        read(path)
    assert str(caught.value).startswith(f"ana: {path}: ")


def test_format_3_is_converted_and_noted(tmp_path):
    """An old notebook that converts is graded."""
    old = json.loads(nbformat.writes(nbformat.convert(answered(), 3)))
    for item in old["worksheets"][0]["cells"]:
        item.setdefault("metadata", {})
    for item, current in zip(old["worksheets"][0]["cells"], answered().cells, strict=True):
        item["metadata"] = dict(current.metadata)
    found = read(written(tmp_path, json.dumps(old).encode()))
    assert any("format 3" in note for note in found.notes)
    assert any("return n + n" in item.source for item in found.notebook.cells)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    """Windows editors write one."""
    assert read(written(tmp_path, b"\xef\xbb\xbf" + nbformat.writes(answered()).encode())).notes == []


def test_a_missing_file_is_named(tmp_path):
    """Nothing there: the message says so."""
    with pytest.raises(SubmissionError, match=r"not there.*holds no notebook"):
        read(tmp_path / "tiny.ipynb")


def test_a_notebook_under_another_name_is_named(tmp_path):
    """The commonest slip: a browser that added (1)."""
    (tmp_path / "tiny (1).ipynb").write_bytes(b"{}")
    with pytest.raises(SubmissionError, match=r"tiny \(1\)\.ipynb: if one of them is meant, rename it"):
        read(tmp_path / "tiny.ipynb")


def test_a_link_is_refused(tmp_path):
    """It could point at another student's file."""
    (tmp_path / "tiny.ipynb").symlink_to(
        written(tmp_path / ".." / tmp_path.name, b"{}").rename(tmp_path / "other")
    )
    with pytest.raises(SubmissionError, match="symbolic link"):
        read(tmp_path / "tiny.ipynb")


def test_a_folder_is_refused(tmp_path):
    """A folder with the notebook's name."""
    (tmp_path / "tiny.ipynb").mkdir()
    with pytest.raises(SubmissionError, match="a folder"):
        read(tmp_path / "tiny.ipynb")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_keep_the_grader_waiting(tmp_path):
    """Opening it would block for ever."""
    os.mkfifo(tmp_path / "tiny.ipynb")
    with pytest.raises(SubmissionError, match="not an ordinary file"):
        read(tmp_path / "tiny.ipynb")


def test_an_unreadable_file_is_refused(tmp_path, monkeypatch):
    """No permission; root can read everything, so then the system's answer is put in its place."""
    path = written(tmp_path, answered())
    path.chmod(0)
    if os.access(path, os.R_OK):

        def refuse(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(submissions.os, "open", refuse)
    with pytest.raises(SubmissionError, match="no permission"):
        read(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    """60 MB of outputs, or of nothing."""
    path = tmp_path / "tiny.ipynb"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(SubmissionError, match="60 MB, at most 50"):
        read(path)


def test_another_labs_notebook_is_named(tmp_path):
    """The metadata says which lab it is."""
    with pytest.raises(SubmissionError, match="the notebook of lab05, not of tiny"):
        read(written(tmp_path, changed(metadata={"autograder": {"lab": "lab05"}})))


def test_a_notebook_without_any_of_the_labs_cells_is_refused(tmp_path):
    """Some other notebook, without our metadata."""
    with pytest.raises(SubmissionError, match="no cell of tiny is in it"):
        read(written(tmp_path, notebook([nbformat.v4.new_code_cell("x = 1", id="abc")])))


def test_another_kernel_is_noted(tmp_path):
    """The student's kernel may not be installed where the class is graded."""
    sent = answered()
    sent.metadata.kernelspec = {"name": "conda-env-mine", "display_name": "x"}
    assert read(written(tmp_path, sent)).notes == [
        "The notebook asks for the kernel 'conda-env-mine'; it was run with 'python3'."
    ]


def test_what_is_no_cell_is_left_out_and_noted(tmp_path):
    """Half-valid JSON costs the broken cell only."""
    cells = json.loads(nbformat.writes(answered()))["cells"]
    found = read(written(tmp_path, changed(cells=["text", {"cell_type": "code", "source": 3}, *cells])))
    assert found.notes == [
        "Cell 1 is no notebook cell; it was left out.",
        "Cell 2 is no notebook cell; it was left out.",
    ]
    assert len(found.notebook.cells) == len(cells)


def test_odd_metadata_is_survived(tmp_path):
    """Metadata of a wrong type, in the notebook and in cells."""
    cells = json.loads(nbformat.writes(answered()))["cells"]
    for item in cells:
        item["metadata"] = {"nbgrader": 3, "tags": "x"}
    found = read(written(tmp_path, changed(cells=cells, metadata=[])))
    assert len(found.notebook.cells) == len(new_notebook().cells) + len(cells)


def test_control_characters_become_visible():
    """A name cannot steer the instructor's terminal."""
    assert visible("a\x1b[31m\nb\udcffé") == "a\\x1b[31m\\nb\\udcffé"
