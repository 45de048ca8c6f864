"""What was taken in from a platform, and whose number is whose: `.autograder/collected.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder._errors import UsageError
from autograder._files import replace_file


@dataclass(frozen=True)
class Receipt:
    """Where one submission came from.

    Args:
        layout: "canvas" or "moodle".
        id: The platform's number of the student. Canvas' is the same in the whole of Canvas, Moodle's in one
            assignment only.
        name: The student's name in the download.
        file: The file's name in the download.
        number: Canvas' number of the file, 0 with Moodle.
    """

    layout: str
    id: str
    name: str
    file: str
    number: int = 0


class Ledger:
    """The receipts of a class by lab and student; one file, written at once.

    Args:
        class_dir: The class's folder.

    Raises:
        UsageError: If the file is damaged.
    """

    def __init__(self, class_dir: Path) -> None:
        self.path = class_dir / ".autograder" / "collected.json"
        self.labs: dict[str, dict[str, Receipt]] = {}
        try:
            kept = json.loads(self.path.read_bytes()) if self.path.exists() else {}
            for lab, students in kept.items():
                self.labs[lab] = {student: Receipt(**receipt) for student, receipt in students.items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{self.path}: damaged ({error}). Remove it, then collect your downloads again: work that has "
                "not changed is not graded again."
            ) from error

    def of(self, lab: str) -> dict[str, Receipt]:
        """The receipts of one lab by student; changes to it are kept by `write`."""
        return self.labs.setdefault(lab, {})

    def put(self, lab: str, student: str, receipt: Receipt) -> None:
        """Note where a submission came from; the same hand-in was nobody else's, whatever was noted before."""
        own = self.of(lab)
        for other in [
            name for name, kept in own.items() if (kept.layout, kept.id) == (receipt.layout, receipt.id)
        ]:
            del own[other]
        own[student] = receipt

    def all(self) -> Iterator[tuple[str, str, Receipt]]:
        """Every (lab, student, receipt)."""
        for lab, students in self.labs.items():
            for student, receipt in students.items():
                yield lab, student, receipt

    def write(self) -> None:
        """Keep it."""
        kept = {
            lab: {student: asdict(receipt) for student, receipt in sorted(students.items())}
            for lab, students in sorted(self.labs.items())
            if students
        }
        replace_file(self.path, (json.dumps(kept, indent=1) + "\n").encode("ascii"))
