"""What the engine keeps of a class beside the gradebook: `DIR/.autograder/`."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder._errors import UsageError
from autograder._files import replace_file
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

    def records(self, lab: str) -> list[dict[str, Any]]:
        """All records of a lab, by student."""
        names = sorted(path.name for path in (self.folder / lab).glob("*.json"))
        found = [self.read(lab, name.removesuffix(".json")) for name in names]
        return sorted((record for record in found if record), key=lambda record: record["student"])

    def secret(self) -> bytes:
        """The key of all seeds, made once; whoever has it can foresee a grading's random cases."""
        path = self.folder / "secret"
        if not path.exists():
            replace_file(path, os.urandom(32), mode=0o600)
        return path.read_bytes()

    def learners(self) -> dict[str, str]:
        """Learner ids by folder, from `learners.csv` with the columns folder and learner.

        Raises:
            UsageError: If the file has other columns, or a folder stands in it twice.
        """
        path = self.class_dir / "learners.csv"
        if not path.exists():
            return {}
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UsageError(f"{path}: cannot be read ({error}). Save it as CSV in UTF-8.") from error
        found: dict[str, str] = {}
        for line, row in enumerate(rows, start=2):
            folder, learner = (row.get("folder") or "").strip(), (row.get("learner") or "").strip()
            if not folder or not learner:
                raise UsageError(f"{path}, line {line}: needs the columns folder and learner, both filled.")
            if folder in found:
                raise UsageError(f"{path}, line {line}: the folder {visible(folder)} stands twice. Keep one line.")
            found[folder] = learner
        return found

    @contextlib.contextmanager
    def only_one(self) -> Iterator[None]:
        """Keep a second run out of the same class.

        Raises:
            UsageError: If another run is at work.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = open(self.folder / "lock", "ab")
        except OSError as error:
            what = f"{self.folder} cannot be written: {error.strerror}"
            raise UsageError(f"{what}. Change its permissions.") from error
        with lock as file:
            try:
                import fcntl
            except ImportError:  # Windows, where the engine is not meant to run
                yield
                return
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"{self.class_dir}: another `autograder grade` is at work here. Wait until it has ended."
                ) from None
            yield
