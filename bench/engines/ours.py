"""This project's engine: the function behind the command `autograder grade`, from nothing to the last commit."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder._grade import grade
from autograder._notebook import Limits


def main(folder: Path, lab: str, workers: int) -> None:
    """Grade a class.

    Args:
        folder: With `submitted/` and, as built, `notebooks/`.
        lab: The lab's id.
        workers: Submissions at the same time.
    """
    records = grade(
        [lab],
        folder,
        released=lambda name: folder / "notebooks" / name / f"{name}.ipynb",
        workers=workers,
        limits=Limits(cell=300, notebook=600),
    )
    if faults := [record["notes"] for record in records if not record.get("finished")]:
        raise SystemExit(f"{len(faults)} submissions were not graded: {faults[0]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
