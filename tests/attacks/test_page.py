"""docs/security.md tells how many attacks there are; this holds it to the truth."""

from __future__ import annotations

import re
from collections import Counter

from tests.attacks import test_interpreter, test_limits, test_models, test_notebook, test_surroundings, test_wire
from tests.attacks.lab import FAMILIES, ROOT

FILES = (test_interpreter, test_surroundings, test_notebook, test_limits, test_wire, test_models)
ATTACKS = [attack for file in FILES for attack in file.ATTACKS]


def table() -> str:
    """The table as the page has it."""
    counts = Counter(attack.family for attack in ATTACKS)
    rows = [f"| {family} | {counts[family]} | {what} |" for family, what in FAMILIES.items()]
    return "\n".join([*rows, f"| **together** | **{sum(counts.values())}** | |"])


def test_the_page_counts_the_attacks():
    """The table of docs/security.md is the one that the attacks make."""
    assert table() in (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_there_are_enough_of_them():
    """At least fifty-five, and some in each family."""
    assert len(ATTACKS) >= 55
    assert {attack.family for attack in ATTACKS} == set(FAMILIES)


def test_each_has_a_name_of_its_own():
    """A name stands for one attack, and is plain text."""
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\w .,'\-]+", name) for name in names)
