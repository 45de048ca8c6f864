"""What file names in a download say: whose it is, and what the student called it.

Canvas ("Download Submissions"; `lib/content_zipper.rb` in instructure/canvas-lms) writes one flat name a file,

    smithjane_LATE_1001_5551_lab04_shapes-1.ipynb

the name without punctuation, a mark, Canvas' number of the student, its number of the file (later files have
larger ones), and the file's own name, to which Canvas adds "-1", "-2", ... when the student hands in again.

Moodle ("Download all submissions"; `mod/assign/classes/downloader.php` in moodle/moodle) writes

    Jane Smith_20731_assignsubmission_file/lab04_shapes.ipynb
    Jane Smith_20731_assignsubmission_file_lab04_shapes.ipynb      (without "Download submissions in folders")

where the number is the participant's in this one assignment, the one in the grading worksheet's "Identifier".

The first part that fits counts: what a student calls a file stands behind it, and can name nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder._collect.archive import Entry
from autograder._errors import UsageError
from autograder._submission import visible

CANVAS, MOODLE = "canvas", "moodle"
LAYOUTS = (CANVAS, MOODLE)
_CANVAS = re.compile(r"(?P<name>.*?)_(?P<late>LATE_)?(?P<id>\d+)_(?P<file>\d+)_(?P<original>.+)", re.DOTALL)
_CANVAS_TYPED = re.compile(r"(?P<name>.*?)_(?P<late>LATE_)?(?P<id>\d+)_(?:text|link)\.html", re.DOTALL)
_CANVAS_NOBODY = re.compile(  # five letters and digits stand for the student
    r"(?:LATE_)?anon_(?=[0-9]*[A-Za-z])[A-Za-z0-9]{5}_(?:\d+_.+|(?:text|link)\.html)", re.DOTALL
)
_MOODLE = re.compile(
    r"(?P<name>.*?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<original>.*))?", re.DOTALL
)
_NOBODY = (
    "anonymous, so nobody's. Turn anonymous grading off for this assignment (or show the students' names), "
    "then download again."
)
_STRANGE = "not named as this platform names files; left out."


@dataclass(frozen=True)
class File:
    """One file of a student's.

    Args:
        entry: Where it is in the archive.
        name: What the student called it.
        number: Canvas' number of the file: the larger, the later; 0 with Moodle.
    """

    entry: Entry
    name: str
    number: int = 0


@dataclass
class HandIn:
    """All that one student handed in.

    Args:
        id: The platform's number of the student.
        name: The student's name, as the download has it.
        late: Whether the platform marks it as late.
        files: The files.
        typed: Whether a text was typed into the platform.
    """

    id: str
    name: str
    late: bool = False
    files: list[File] = field(default_factory=list)
    typed: bool = False


def layout_of(entries: Iterable[Entry]) -> str:
    """Which platform's names these are.

    Raises:
        UsageError: If no name fits either.
    """
    names = [entry.parts for entry in entries]
    moodle = sum(any(_MOODLE.fullmatch(part) for part in parts) for parts in names)
    canvas = sum(bool(parts) and _canvas_name(parts[-1]) for parts in names)
    if not (moodle or canvas):
        shown = ", ".join(visible(entry.name) for entry in list(entries)[:3]) or "nothing"
        raise UsageError(
            f"Neither Canvas nor Moodle names files like this: {shown}. Give the zip file of all submissions "
            "as it was downloaded (docs/from-your-lms.md), or put the notebooks into submitted/ by hand."
        )
    return MOODLE if moodle >= canvas else CANVAS


def _canvas_name(name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in (_CANVAS, _CANVAS_TYPED, _CANVAS_NOBODY))


def hand_ins(entries: Sequence[Entry], layout: str) -> tuple[list[HandIn], list[str]]:
    """Every student's files, in the archive's order, and what belongs to nobody, with why."""
    found: dict[str, HandIn] = {}
    strange: list[str] = []
    for entry in entries:
        if _is_litter(entry):
            continue
        problem = (_canvas if layout == CANVAS else _moodle)(entry, found)
        if problem:
            strange.append(f"{visible(entry.name)}: {problem}")
    return list(found.values()), strange


def _is_litter(entry: Entry) -> bool:
    return not entry.fault and any(
        part == "__MACOSX" or (part.startswith(".") and part != "..") for part in entry.parts
    )


def _canvas(entry: Entry, found: dict[str, HandIn]) -> str:
    name = entry.parts[-1] if entry.parts else ""
    if _CANVAS_NOBODY.fullmatch(name):
        return _NOBODY
    match = _CANVAS.fullmatch(name) or _CANVAS_TYPED.fullmatch(name)
    if match is None:
        return entry.fault or _STRANGE
    own = found.setdefault(match["id"], HandIn(match["id"], match["name"]))
    own.late = own.late or bool(match["late"])
    if match.re is _CANVAS_TYPED:
        own.typed = True
    else:
        own.files.append(File(entry, match["original"], int(match["file"])))
    return ""


def _moodle(entry: Entry, found: dict[str, HandIn]) -> str:
    for place, part in enumerate(entry.parts):
        match = _MOODLE.fullmatch(part)
        if match is None:
            continue
        inside = entry.parts[place + 1 :]
        own = found.setdefault(match["id"], HandIn(match["id"], match["name"]))
        if match["kind"] != "file":
            own.typed = True
        else:
            own.files.append(File(entry, inside[-1] if inside else match["original"] or ""))
        return ""
    return entry.fault or _STRANGE
