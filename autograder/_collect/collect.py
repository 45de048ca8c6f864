"""Unpack a platform's download into `submitted/STUDENT/LAB/`: no hand-in stops the others."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from autograder._collect.archive import Archive
from autograder._collect.choose import choose
from autograder._collect.layouts import CANVAS, File, HandIn, hand_ins, layout_of
from autograder._collect.ledger import Ledger, Receipt
from autograder._collect.people import People
from autograder._errors import SubmissionError, UsageError
from autograder._files import FULL, replace_file
from autograder._lms import MoodleWorksheet, Participant, moodles_time
from autograder._roster import read_roster
from autograder._store import Store
from autograder._submission import MAX_BYTES, visible
from autograder._times import nbgraders_time

NEW, CHANGED, UNCHANGED, NOT_TAKEN = "new", "changed", "unchanged", "not taken"
EARLIER = "earlier"  # folder of a class: what a later hand-in replaced
_WHEN = "Canvas marks it as late and does not say when it came: it counts as in time. See --received."


@dataclass(frozen=True)
class Outcome:
    """What became of one student's hand-in.

    Args:
        student: The folder, or the name in the download where there is none.
        what: "new", "changed", "unchanged" or "not taken".
        notes: What the instructor should know, one sentence each; for "not taken" why, and what to do.
    """

    student: str
    what: str
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Collected:
    """What became of a download.

    Args:
        layout: "canvas" or "moodle".
        outcomes: One for each student in it, in its order.
        strange: Files that belong to nobody, each with why.
    """

    layout: str
    outcomes: list[Outcome]
    strange: list[str]

    def count(self, what: str) -> int:
        """How many hand-ins ended so."""
        return sum(outcome.what == what for outcome in self.outcomes)


def collect(
    lab: str,
    path: Path,
    class_dir: Path,
    *,
    layout: str = "",
    notebooks: Sequence[str] = (),
    received: datetime | None = None,
    worksheet: Path | None = None,
    zone: tzinfo | None = None,
) -> Collected:
    """Take a download in.

    Args:
        lab: The lab's id.
        path: The zip file.
        class_dir: The class's folder.
        layout: "canvas" or "moodle"; "" to tell by the names in it.
        notebooks: The lab's notebooks, without their endings; its id if there is one of that name.
        received: When those were handed in of which the download does not say it: with Canvas those marked as
            late, with Moodle all that the worksheet does not know.
        worksheet: Moodle's grading worksheet of the same assignment: who has which number, and when work came.
        zone: The time zone of the worksheet.

    Raises:
        UsageError: If the file, the worksheet or the roster cannot be used; nothing is taken then.
        OSError: If the disk is full; what was taken is kept, and the same command goes on.
    """
    from autograder._nbgrader.directory import ClassDirectory

    store, roster = Store(class_dir), read_roster(class_dir)
    participants = _participants(worksheet)
    with Archive(path) as archive, store.claim([".collect"]) as alone:
        if not alone:
            raise UsageError(
                f"{class_dir}: another `autograder collect` is at work here. Wait until it has ended."
            )
        layout = layout or layout_of(archive.entries)
        own, strange = hand_ins(archive.entries, layout)
        submitted, ledger = ClassDirectory(class_dir).submitted, Ledger(class_dir)
        there = {entry.name for entry in os.scandir(submitted)} if submitted.is_dir() else set()
        people = People(roster, ledger, lab, layout, own, participants, there)
        place = _Place(class_dir, submitted, lab, tuple(notebooks) or (lab,))
        times = _Times(layout, participants, received, zone)
        try:
            outcomes = [_take(item, archive, people, place, times, ledger) for item in own]
        finally:
            ledger.write()
    return Collected(layout, outcomes, strange)


@dataclass(frozen=True)
class _Place:
    """Where a lab's work is put."""

    class_dir: Path
    submitted: Path
    lab: str
    notebooks: tuple[str, ...]

    def folder(self, student: str) -> Path:
        return self.submitted / student / self.lab


@dataclass(frozen=True)
class _Times:
    """When each hand-in was handed in, as far as anybody says."""

    layout: str
    participants: Mapping[str, Participant]
    received: datetime | None
    zone: tzinfo | None

    def of(self, own: HandIn) -> tuple[datetime | None, str]:
        """The moment or None, and what the instructor should know."""
        if self.layout == CANVAS:
            if own.late and self.received is None:
                return None, _WHEN
            return self.received if own.late else None, ""
        written = self.participants[own.id].submitted if own.id in self.participants else ""
        try:
            found = moodles_time(written, self.zone) if self.zone else None
        except (ValueError, OverflowError):
            return self.received, f"The worksheet's time {visible(written)!r} cannot be read; see --received."
        return found or self.received, ""


def _participants(worksheet: Path | None) -> dict[str, Participant]:
    if worksheet is None:
        return {}
    return {participant.id: participant for participant in MoodleWorksheet(worksheet).participants()}


def _take(own: HandIn, archive: Archive, people: People, place: _Place, times: _Times, ledger: Ledger) -> Outcome:
    """Take one student's hand-in; whatever is in it, it ends in an outcome."""
    student = f"{visible(own.name)} ({own.id})"
    try:
        student, note = people.folder(own)
        notes = [note] if note else []
        chosen = _chosen(own, place, notes)
        _require_later(chosen, ledger.of(place.lab).get(student))
        # All is read before anything is written: a damaged notebook leaves the hand-in as it was.
        contents = {name: archive.read(file.entry, MAX_BYTES) for name, file in chosen.items()}
        what = _put(place, student, contents)
        stamp = place.folder(student) / "timestamp.txt"
        moment, note = times.of(own)
        notes += [note] if note and not (what == UNCHANGED and stamp.is_file()) else []
        _put_time(stamp, moment, what)
    except SubmissionError as error:
        return Outcome(student, NOT_TAKEN, [str(error)])
    except OSError as error:
        if error.errno in FULL:
            raise
        return Outcome(
            student, NOT_TAKEN, [f"cannot be written ({error}). Look at the folder, then collect again."]
        )
    latest = max(chosen.values(), key=lambda file: file.number)
    receipt = Receipt(people.layout, own.id, visible(own.name), visible(latest.entry.name), latest.number)
    ledger.put(place.lab, student, receipt)
    return Outcome(student, what, notes)


def _chosen(own: HandIn, place: _Place, notes: list[str]) -> dict[str, File]:
    """The file for each of the lab's notebooks."""
    alone = len(place.notebooks) == 1
    chosen: dict[str, File] = {}
    for name in place.notebooks:
        try:
            chosen[name], more = choose(own, name, alone=alone)
            notes += more
        except SubmissionError as error:
            if alone:
                raise
            notes.append(f"{name}: {error}")
    if not chosen:
        raise SubmissionError(" ".join(notes))
    return chosen


def _require_later(chosen: Mapping[str, File], receipt: Receipt | None) -> None:
    """Refuse a download that is older than the one that was taken before."""
    newest = max(file.number for file in chosen.values())
    if receipt is not None and 0 < newest < receipt.number:
        raise SubmissionError(
            f"older than what is there (Canvas' file {newest}, there is {receipt.number}): it stays. "
            "Collect the download that was made last."
        )


def _put(place: _Place, student: str, contents: Mapping[str, bytes]) -> str:
    """Write the notebooks; what they replace is kept beside."""
    folder = place.folder(student)
    for parent in (folder.parent, folder):
        if parent.is_symlink() or (os.path.lexists(parent) and not parent.is_dir()):
            raise SubmissionError(f"{visible(str(parent))} is no folder but a link or a file. Move it away.")
    done = set()
    for name, content in contents.items():
        path = folder / f"{name}.ipynb"
        if path.is_symlink() or path.is_dir():
            raise SubmissionError(f"{visible(str(path))} is a link or a folder. Move it away.")
        before = path.read_bytes() if path.exists() else None
        if before == content:
            done.add(UNCHANGED)
            continue
        if before is not None:
            _keep(place.class_dir / EARLIER / student / place.lab, name, before)
        replace_file(path, content)
        done.add(NEW if before is None else CHANGED)
    return next(what for what in (CHANGED, NEW, UNCHANGED) if what in done)


def _keep(folder: Path, name: str, content: bytes) -> None:
    """Keep a notebook that is replaced; the first is 1."""
    number = 1
    while (folder / f"{name}-{number}.ipynb").exists():
        number += 1
    replace_file(folder / f"{name}-{number}.ipynb", content)


def _put_time(path: Path, moment: datetime | None, what: str) -> None:
    """Write when it was handed in, as nbgrader reads it."""
    if moment is not None:
        line = nbgraders_time(moment).encode("ascii")
        if path.is_symlink() or not path.is_file() or path.read_bytes() != line:
            replace_file(path, line)
    elif what != UNCHANGED:
        path.unlink(missing_ok=True)  # it told of the file that was replaced
