"""A class's own assignments: the release that students got, and the hidden tests that they did not."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nbgrader import api

from autograder._errors import GradebookError, UsageError
from autograder._nbgrader.directory import ClassDirectory, notebooks
from autograder._nbgrader.gradebook import Gradebook
from autograder._nbgrader.hidden import has_hidden_tests, with_hash, without_hidden_tests
from autograder._nbgrader.release import run_nbgrader
from autograder._notebook import Lab, read_release
from autograder._rebuild import is_check, put_full_source
from autograder._submission import grade_id
from autograder._verdicts import graded_cells

Sources = Mapping[str, Mapping[str, str]]


def own_labs(gradebook: Gradebook, lab: str) -> list[Lab]:
    """The notebooks of one of the class's own assignments, ready to grade with and known to the gradebook.

    The release is the class's own; hidden tests come from the gradebook, where `nbgrader generate_assignment`
    puts them. An assignment that was never generated there is generated from its source in a throwaway folder.

    Raises:
        UsageError: If there is neither release nor source, or no points in any notebook.
        GradebookError: If release and gradebook do not fit, or nbgrader cannot generate the release.
    """
    directory = gradebook.directory
    known = {name: sources for name, sources in gradebook.notebooks(lab).items() if sources}
    released = notebooks(directory.release(lab))
    has_source = bool(notebooks(directory.source(lab)))
    if known and released:
        labs = _read(lab, released, known, newer=not has_source)
        for item in labs:
            gradebook.require_same(item)
    elif has_source:
        labs = _generated(directory, lab)
    elif released:
        labs = _read(lab, released, {})
    else:
        raise UsageError(
            f"{directory.release(lab)}: no released notebook of {lab}. "
            f"Run `nbgrader generate_assignment {lab}` first."
        )
    if not labs:
        raise UsageError(f"{directory.release(lab)}: no cell with points in any notebook of {lab}.")
    for item in labs:
        gradebook.save(item)
    files = directory.files(lab)
    return [dataclasses.replace(with_hash(item), files=files, own=True) for item in labs]


def _read(lab: str, released: list[Path], sources: Sources, *, newer: bool = False) -> list[Lab]:
    """Notebooks with points, hidden tests beside their cells.

    Args:
        lab: The assignment.
        released: The notebooks that students got.
        sources: The gradebook's cells, by notebook and nbgrader's id.
        newer: Whether the release may have been mended since: there is no source that it is made from.
    """
    labs = [read_release(lab, path, needs_points=False) for path in released]
    for item in labs:
        _put_hidden_tests(item, sources.get(item.name, {}), newer)
    return [item for item in labs if graded_cells(item.released)]


def _put_hidden_tests(lab: Lab, sources: Mapping[str, str], newer: bool) -> None:
    """The gradebook's text of a test is the one that runs, as with nbgrader."""
    for cell in filter(is_check, lab.released.cells):
        whole = sources.get(grade_id(cell), cell.source)
        if newer and without_hidden_tests(whole) != cell.source.strip():
            if has_hidden_tests(whole):
                raise GradebookError(
                    f"{lab.key}, cell {grade_id(cell)}: the release was changed, and the gradebook's hidden tests "
                    f"do not fit it any more. Run `nbgrader generate_assignment {lab.id}` with the changed source."
                )
        elif whole != cell.source:
            put_full_source(cell, whole)


def _generated(directory: ClassDirectory, lab: str) -> list[Lab]:
    """The release as nbgrader makes it from the class's source; nothing is written into the class's folder."""
    with tempfile.TemporaryDirectory(prefix="autograder-") as folder:
        database = f"sqlite:///{folder}/gradebook.db"
        done = run_nbgrader(
            [
                "generate_assignment",
                lab,
                f"--db={database}",
                f"--CourseDirectory.root={directory.root}",
                f"--CourseDirectory.release_directory={folder}",
                f"--NbGrader.logfile={folder}/log",
            ],
            directory.root,
        )
        if done.returncode != 0:
            last = "\n".join(done.stderr.strip().splitlines()[-5:])
            raise GradebookError(
                f"{directory.source(lab)}: nbgrader generate_assignment failed (status {done.returncode}):\n{last}"
            )
        labs = _read(lab, notebooks(Path(folder, lab)), _sources(database, directory.course_id, lab))
        return [_without_ids(item) for item in labs]


def _without_ids(lab: Lab) -> Lab:
    """nbgrader gives some cells another id each time, which no student's copy has; their text tells them."""
    for cell in lab.released.cells:
        cell.pop("id", None)
    content = json.dumps(lab.released.cells, sort_keys=True).encode()
    return dataclasses.replace(lab, release=hashlib.sha256(content).hexdigest())


def _sources(database: str, course_id: str, lab: str) -> dict[str, dict[str, str]]:
    with api.Gradebook(database, course_id) as book:
        found = book.find_assignment(lab).notebooks
        return {item.name: {cell.name: cell.source for cell in item.source_cells} for item in found}
