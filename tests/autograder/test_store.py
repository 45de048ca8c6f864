"""Many records, few in memory."""

from __future__ import annotations

import pytest

from autograder._statistics import attention, mistakes_in, without_cases
from autograder._store import Records, Store


def record(student, points=1.0):
    case = {"call": "f(1)", "passed": False, "mistake": "no bias"}
    question = {"verdict": "failed", "points": points, "max_points": 2, "groups": [{"cases": [case, case]}]}
    return {"student": student, "lab": "tiny", "points": points, "questions": {"f": question}, "notes": ["look"]}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def test_what_lies_in_the_store_is_not_kept(store):
    """A record is read again when it is asked for."""
    records = Records(store)
    for number in range(3):
        store.write(record(f"s{number}"))
        records.append(record(f"s{number}"))
    assert records._other == {}
    assert [item["student"] for item in records] == ["s0", "s1", "s2"]
    assert records[-1] == record("s2") and records[:2] == [record("s0"), record("s1")]
    with pytest.raises(IndexError):
        records[3]


def test_what_the_store_has_not_is_kept(store):
    """A full disk loses no record of this run."""
    records = Records(store)
    store.write(record("s0", points=0.5))
    records.append(record("s0", points=2.0))
    records.append(record("s1"))
    assert [item["points"] for item in records] == [2.0, 1.0]


def test_places_are_filled_in_any_order(store):
    """Submissions come back as they end."""
    records = Records(store)
    for number in (2, 0, 1):
        records.put(number, record(f"s{number}"))
    assert [item["student"] for item in records] == ["s0", "s1", "s2"]


def test_a_lab_is_listed_by_student(store):
    """Also those whose folder's name is too long for a file's."""
    for name in ("zoe", "a" * 250, "bob"):
        store.write(record(name))
    assert [item["student"] for item in store.records("tiny")] == ["a" * 250, "bob", "zoe"]


def test_statistics_need_no_calls():
    """Mistakes and reasons to look stay, calls go."""
    short = without_cases(record("s0"))
    assert mistakes_in(short["questions"]["f"]) == ["no bias"]
    assert attention(short) == attention(record("s0"))
    assert "call" not in str(short)
