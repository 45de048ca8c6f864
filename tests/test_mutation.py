"""Machine-made wrong answers: the checks notice them, or it is known why they are still right."""

from __future__ import annotations

import pytest

from tests import mutation
from tests.answers import FIRST_WITH_KERAS, samples

RIGHT = [
    pytest.param((lab, sample), marks=pytest.mark.long if lab >= FIRST_WITH_KERAS else ())
    for lab in mutation.LABS
    for sample in samples(lab)
    if mutation.is_tried(lab, sample)
]
FEW = 8  # mutants of one answer in `make test`, spread over it; `make mutate` runs all of them


@pytest.mark.slow
@pytest.mark.parametrize("pair", RIGHT, ids=lambda pair: f"{pair[0]}-{pair[1].label}")
def test_mutants_of_a_right_answer_are_noticed(pair):
    """No changed answer scores full, unless it is listed as still right."""
    lab, sample = pair
    there = sum(1 for _ in mutation.mutants(sample.source()))
    tried, alive = mutation.survivors(sample, lab, every=max(1, round(there / FEW)))
    assert [name for name in alive if name not in mutation.known()] == []
    assert tried >= min(there, FEW // 2)


def test_mutants_differ_from_the_answer():
    """Each mutant has another text than the answer, in one place."""
    source = "def f(n, s):\n    return (n - 1) // s + 1\n"
    changed = [text for _, text in mutation.mutants(source)]
    assert len(changed) == len(set(changed)) >= 7
    assert source not in changed
