"""The README's table of labs; `python -m tests.readme_table` writes it.

It is made from the syllabus, the questions and what was measured.
The column "you learn" is written by hand: it is kept where a lab has its row, and "..." stands where it has none.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from course import syllabus
from tests import measured

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
HEAD = "| lab | | points | minutes | memory | you learn | in a browser |\n|---|---|---|---|---|---|---|\n"
_ROW = re.compile(r"^\| \[(\d\d)\]\(.*\n", re.M)
UNWRITTEN = "..."


def table(readme: str) -> str:
    """The rows as they should be, with the words of a README in the column "you learn"."""
    learnt = {found[1]: found[0].split(" | ")[5] for found in _ROW.finditer(readme)}
    return "".join(_row(lab, learnt.get(lab.number, UNWRITTEN)) for lab in syllabus.labs().values())


def in_readme(readme: str) -> str:
    """The rows as they are."""
    return "".join(found[0] for found in _ROW.finditer(readme))


def written(readme: str) -> str:
    """The README with its table made anew."""
    start = readme.index(HEAD) + len(HEAD)
    end = start + len(in_readme(readme))
    return readme[:start] + table(readme) + readme[end:]


def _row(lab: syllabus.Lab, learnt: str) -> str:
    notebook = f"notebooks/{lab.id}/{lab.id}.ipynb"
    points = "practice" if lab.practice else lab.points
    colab = f"[Colab](https://colab.research.google.com/github/{_repository()}/blob/main/{notebook})"
    binder = f"[Binder](https://mybinder.org/v2/gh/{_repository()}/main?labpath={notebook})"
    first = f"| [{lab.number}]({notebook}) | {lab.title} | {points} | {lab.minutes} | {_memory(lab)}"
    return f"{first} | {learnt} | {colab}, {binder} |\n"


def _memory(lab: syllabus.Lab) -> str:
    """What the solution's largest process took when it was measured; "..." for a lab that was not."""
    taken = measured.read().get(lab.id)
    return f"{taken['memory_mb']:,} MB" if taken else UNWRITTEN


def _repository() -> str:
    """OWNER/NAME of the address in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].removeprefix("https://github.com/")


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{len(syllabus.labs())} rows in {README.name}")
    sys.exit(0)
