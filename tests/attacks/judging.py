"""What no attack may reach, as a list of what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.attacks.lab import GROWTH_MB, Attack, Outcome, World

BROKEN_OUT = "BROKEN-OUT"


def wrongs(attack: Attack, found: Mapping[str, Outcome], here: World) -> list[str]:
    """What an attack has reached; an empty list is what is promised."""
    outcome, without = found[attack.name], found[f"without {attack.name}"]
    if outcome.stopped:
        return [f"it {outcome.stopped} (stopped by the test)"]
    if outcome.error:
        return [f"it was not graded: {outcome.error}"]
    before = without.points()
    assert before, f"the notebook without the attack was not graded: {without}"
    wrong = [
        f"{id}: {points} points instead of {before[id]}"
        for id, points in outcome.points().items()
        if points >= before[id] + 0.5 and not id.startswith("test-")
    ]
    everything = said(outcome)
    wrong += [f"{name} was found" for name, text in here.secrets.items() if text in everything]
    # A piece of it is enough: no attack spells it.
    wrong += ["a piece of another student's notebook was found"] if "canary-victim" in everything else []
    wrong += ["the questions' source was found"] if "canary-oracle-" in everything else []
    wrong += ["it says that it broke out"] if BROKEN_OUT in everything else []
    wrong += ["the question is blamed"] if "question itself failed" in everything else []
    wrong += [f"{outcome.left} processes were left"] if outcome.left else []
    wrong += [f"grader or judge grew by {outcome.grown_mb:.0f} MB"] if outcome.grown_mb > GROWTH_MB else []
    return wrong


def said(outcome: Outcome) -> str:
    """All that came from the student's process. What the judge shows names the seed, and may."""
    cells = json.loads(outcome.text)["cells"] if outcome.text else []
    outputs = [cell.get("outputs") for cell in cells if not cell["id"].startswith("check-")]
    replies = [{**question, "seed": ""} for question in outcome.questions.values()]
    return json.dumps([outputs, replies, outcome.notes], ensure_ascii=False)


def unlucky(found: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Honest submissions of the same batch that did not get full points."""
    return {name: outcome for name, outcome in found.items() if name.startswith("honest ") and not outcome.full()}
