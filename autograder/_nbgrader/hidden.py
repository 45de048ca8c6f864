"""Hidden tests: lines of a cell that the gradebook has and learners did not get."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from autograder._notebook import Lab
from autograder._rebuild import full_source, reveal
from autograder._submission import grade_id

_HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*(\n|$)", re.MULTILINE | re.DOTALL)


def has_hidden_tests(source: str) -> bool:
    """Whether a cell of the gradebook has lines that learners did not get."""
    return _HIDDEN.search(source) is not None


def without_hidden_tests(source: str) -> str:
    """A cell of the gradebook as learners got it, but for blank lines around it."""
    return _HIDDEN.sub("", source).strip()


def with_hidden_tests(released: NotebookNode) -> NotebookNode:
    """A release with its hidden tests in their cells, as the gradebook keeps it."""
    whole = nbformat.from_dict(released)
    for cell in whole.cells:
        if full_source(cell) != cell.source:
            cell.source = full_source(cell)
            cell.metadata.nbgrader.checksum = compute_checksum(cell)
    reveal(whole)
    return whole


def with_hash(lab: Lab) -> Lab:
    """A lab whose hash counts the hidden tests too."""
    hidden = {grade_id(cell): full_source(cell) for cell in lab.released.cells if full_source(cell) != cell.source}
    if not hidden:
        return lab
    content = f"{lab.release}\n{json.dumps(hidden, sort_keys=True)}".encode()
    return dataclasses.replace(lab, release=hashlib.sha256(content).hexdigest())
