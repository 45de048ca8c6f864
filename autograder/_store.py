"""What the engine keeps of a class beside the gradebook: `DIR/.autograder/`."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, overload

from autograder._errors import UsageError
from autograder._files import replace_file
from autograder._roster import Student, read_extensions, read_roster
from autograder._submission import visible

_NAME_LIMIT = 200  # bytes; file systems allow 255


@dataclass(frozen=True)
class Place:
    """Which notebook of whose work.

    Args:
        lab: The lab's id: nbgrader's assignment.
        notebook: The notebook's name without its ending.
        student: The student's folder.
    """

    lab: str
    notebook: str
    student: str

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Place:
        """Where a record belongs; its lab is "lab04_shapes", or "ps1/problem1"."""
        lab, _, notebook = record["lab"].partition("/")
        return cls(lab, notebook or lab, record["student"])


class Records(Sequence[dict[str, Any]]):
    """Many records; those that lie in the store are read when they are asked for, so that memory stays free."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._places: dict[int, tuple[str, str]] = {}
        self._other: dict[int, dict[str, Any]] = {}  # what the store does not have like this

    def put(self, number: int, record: dict[str, Any]) -> None:
        """Have a record at a place."""
        lab, student = self._places[number] = record["lab"], record["student"]
        self._other.pop(number, None)
        if self._store.read(lab, student) != record:
            self._other[number] = record

    def append(self, record: dict[str, Any]) -> None:
        """Have one more record."""
        self.put(len(self), record)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, number: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, number: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[place] for place in range(len(self))[number]]
        place = range(len(self))[number]
        return self._other.get(place) or self._store.read(*self._places[place])


class Store:
    """The folder `.autograder/` of a class: one record for every submission, and the secret.

    Args:
        class_dir: The class's folder.
    """

    def __init__(self, class_dir: Path) -> None:
        self.class_dir = class_dir
        self.folder = class_dir / ".autograder"

    def path(self, lab: str, student: str) -> Path:
        """Where the record of one submission is; `lab` as records name it."""
        name = os.fsencode(student)
        if len(name) > _NAME_LIMIT:
            student = hashlib.sha256(name).hexdigest()
        return self.folder / lab / f"{student}.json"

    def read(self, lab: str, student: str) -> dict[str, Any] | None:
        """The record of one submission, None if there is none that can be used."""
        try:
            record = json.loads(self.path(lab, student).read_bytes())
        except (OSError, ValueError):
            return None
        return record if isinstance(record, dict) and isinstance(record.get("questions"), dict) else None

    def write(self, record: dict[str, Any]) -> None:
        """Keep a record, at once or not at all."""
        # Escapes keep even a folder name that is no valid UTF-8.
        content = json.dumps(record, indent=1, ensure_ascii=True) + "\n"
        replace_file(self.path(record["lab"], record["student"]), content.encode("ascii"))

    def labs(self) -> list[str]:
        """All labs that have records, as records name them, sorted."""
        places = {path.parent for path in [*self.folder.glob("*/*.json"), *self.folder.glob("*/*/*.json")]}
        return sorted(place.relative_to(self.folder).as_posix() for place in places)

    def records(self, lab: str) -> Iterator[dict[str, Any]]:
        """All records of a lab, by student, each read when its turn comes."""
        names = (path.name.removesuffix(".json") for path in (self.folder / lab).glob("*.json"))
        students = sorted(record["student"] for name in names if (record := self.read(lab, name)))
        yield from filter(None, (self.read(lab, student) for student in students))

    def secret(self) -> bytes:
        """The key of all seeds, made once; whoever has it can foresee a grading's random cases."""
        path = self.folder / "secret"
        if not path.exists():
            replace_file(path, os.urandom(32), mode=0o600)
        return path.read_bytes()

    def roster(self) -> dict[str, Student]:
        """The class's students by folder, from `students.csv`; {} without one.

        Raises:
            UsageError: If the file cannot be used.
        """
        return read_roster(self.class_dir)

    @cached_property
    def extensions(self) -> dict[tuple[str, str], datetime] | None:
        """Until when a student may hand in a lab, from `extensions.csv`; None without one.

        Raises:
            UsageError: If the file cannot be used.
        """
        return read_extensions(self.class_dir)

    def learners(self) -> dict[str, str]:
        """Learner ids by folder: what the roster says, and over it `learners.csv` with folder and learner.

        Raises:
            UsageError: If the file has other columns, or a folder stands in it twice.
        """
        path = self.class_dir / "learners.csv"
        found = {student.folder: student.learner for student in self.roster().values() if student.learner}
        if not path.exists():
            return found
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UsageError(f"{path}: cannot be read ({error}). Save it as CSV in UTF-8.") from error
        own: dict[str, str] = {}
        for line, row in enumerate(rows, start=2):
            folder, learner = (row.get("folder") or "").strip(), (row.get("learner") or "").strip()
            if not folder or not learner:
                raise UsageError(f"{path}, line {line}: needs the columns folder and learner, both filled.")
            if folder in own:
                raise UsageError(f"{path}, line {line}: the folder {visible(folder)} stands twice. Keep one line.")
            own[folder] = learner
        return found | own

    @contextlib.contextmanager
    def only_one(self, names: Sequence[str]) -> Iterator[None]:
        """Keep a second run away from what this one grades.

        Args:
            names: Of what is locked: labs, or "" for the whole class.

        Raises:
            UsageError: If another run is at work there.
        """
        with self.claim(names) as claimed:
            if not claimed:
                raise UsageError(
                    f"{self.class_dir}: another `autograder grade` is at work here. Wait until it has ended."
                )
            yield

    @contextlib.contextmanager
    def claim(self, names: Sequence[str]) -> Iterator[bool]:
        """As `only_one`, but says whether the locks are free instead of refusing.

        Raises:
            UsageError: If the class's folder cannot be written.
        """
        with contextlib.ExitStack() as locks:
            yield all([_locked(locks.enter_context(self._lock_file(name))) for name in names])

    def _lock_file(self, name: str) -> BinaryIO:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return open(self.folder / (f"lock-{name}" if name else "lock"), "ab")
        except OSError as error:
            what = f"{self.folder} cannot be written: {error.strerror}"
            raise UsageError(f"{what}. Change its permissions.") from error


def _locked(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; whether that could be done."""
    try:
        import fcntl
    except ImportError:  # Windows, where the engine is not meant to run
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
