"""The README tells the truth about labs and commands."""

from __future__ import annotations

import re
from pathlib import Path

from course import syllabus
from tests import readme_table

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_table_of_labs_is_the_syllabus():
    """Each lab has its row: links, title, points, minutes. Else run `python -m tests.readme_table`."""
    assert readme_table.in_readme(README) == readme_table.table(README)


def test_table_of_labs_is_whole():
    """It is one table, in the order of the labs, and every lab says what one learns."""
    assert readme_table.written(README) == README
    assert f"| {readme_table.UNWRITTEN} |" not in README
    numbers = [lab.number for lab in syllabus.labs().values()]
    assert numbers == sorted(set(numbers))


def test_table_of_labs_is_made_anew():
    """Rows that are missing or old are written, and the words of the column "you learn" stay."""
    new = readme_table.written(README)
    old = re.sub(r"\| \d+ \| \d+ \|", "| 1 | 1 |", new)
    assert old != new == readme_table.written(old)
    without = new.replace(readme_table.in_readme(new).splitlines(keepends=True)[-1], "")
    assert f"| {readme_table.UNWRITTEN} |" in readme_table.written(without)


def test_points_for_practice_are_no_points():
    """A lab for practice has the word instead of a number."""
    for lab in syllabus.labs().values():
        shown = "practice" if lab.practice else str(lab.points)
        assert f"| {lab.title} | {shown} | {lab.minutes} |" in readme_table.table(README)


def prose(page: Path) -> str:
    """A page's text without its code."""
    return re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.S)


def test_links_lead_somewhere():
    """Every relative link of the README and of docs/ is a file of the repository."""
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", prose(page)):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_commands_of_the_readme_are_targets_of_make():
    """`make demo` and the others exist."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make (\w+)", README)) - {"and", "nor"}:
        assert re.search(rf"^{target}:", makefile, re.M), target
