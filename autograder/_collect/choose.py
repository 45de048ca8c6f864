"""Which of the files that a student handed in is the notebook."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder._collect.layouts import File, HandIn
from autograder._errors import SubmissionError
from autograder._submission import visible

_COPY = re.compile(r"(?: ?\(\d+\)|-\d+)+$")  # "lab(1)" from a browser, "lab-1" from Canvas


def choose(own: HandIn, notebook: str, *, alone: bool = True) -> tuple[File, list[str]]:
    """The file that is graded, and what the instructor should know of the others.

    The one that is named after the notebook; else, where only one is asked for, the only one there is. Of several
    attempts with Canvas' numbers, the latest.

    Args:
        own: What a student handed in.
        notebook: The notebook's name without its ending.
        alone: Whether the lab has only this notebook.

    Raises:
        SubmissionError: If there is none, or nobody can tell which; the message says what there is.
    """
    notebooks = [file for file in own.files if file.name.casefold().endswith(".ipynb")]
    if not notebooks:
        raise SubmissionError(f"{_nothing(own)} Ask for {notebook}.ipynb.")
    named = [
        file for file in notebooks if _stem(file) == notebook.casefold() or _plain(file) == notebook.casefold()
    ]
    attempts = named or (notebooks if alone and len({_plain(file) for file in notebooks}) == 1 else [])
    if not attempts:
        raise SubmissionError(
            f"none is called {notebook}.ipynb: {_names(notebooks)}. Put the right one in by hand."
        )
    latest = _latest(attempts, notebook)
    notes = []
    if not named:
        notes.append(f"Called {visible(latest.name)}; taken as {notebook}.ipynb, as it is the only notebook.")
    if earlier := [file for file in attempts if file is not latest]:
        which = "the latest" if latest.number else "the one that is named exactly so"
        notes.append(
            f"{len(attempts)} files fit; {which} is taken, {visible(latest.name)}, not {_names(earlier)}."
        )
    if alone and (others := [file for file in own.files if file not in attempts]):
        notes.append(f"Not read: {_names(others)}.")
    return latest, notes


def _latest(attempts: Sequence[File], notebook: str) -> File:
    """The attempt with the largest number; without numbers the one whose name is exactly right."""
    largest = max(file.number for file in attempts)
    found = [file for file in attempts if file.number == largest]
    if len(found) > 1:
        found = [file for file in found if file.name == f"{notebook}.ipynb"]
    if len(found) != 1:
        raise SubmissionError(f"nobody can tell which is meant: {_names(attempts)}. Put the right one in by hand.")
    return found[0]


def _nothing(own: HandIn) -> str:
    if own.files:
        return f"no notebook, but {_names(own.files)}."
    return "a text typed into the platform, and no file." if own.typed else "no file."


def _stem(file: File) -> str:
    return file.name.casefold().removesuffix(".ipynb")


def _plain(file: File) -> str:
    return _COPY.sub("", _stem(file))


def _names(files: Sequence[File]) -> str:
    names = [visible(file.name) for file in files]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
