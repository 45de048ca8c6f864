"""The README tells the truth about labs and commands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from course import syllabus

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_table_of_labs_is_the_syllabus():
    """Each lab has its row: link, title, points, minutes."""
    rows = re.findall(r"^\| \[(\d\d)\]\((\S+)\) \| (.+?) \| (\d+) \| (\d+) \|", README, re.M)
    expected = [
        (lab.number, f"notebooks/{lab.id}/{lab.id}.ipynb", lab.title, str(lab.points), str(lab.minutes))
        for lab in syllabus.labs().values()
    ]
    assert rows == expected


def test_browser_links_name_the_configured_repository():
    """The address stands in pyproject.toml; the README's links follow it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = project["urls"]["Repository"].removeprefix("https://github.com/")
    for lab in syllabus.labs():
        notebook = f"notebooks/{lab}/{lab}.ipynb"
        assert f"https://colab.research.google.com/github/{name}/blob/main/{notebook}" in README
        assert f"https://mybinder.org/v2/gh/{name}/main?labpath={notebook}" in README


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
