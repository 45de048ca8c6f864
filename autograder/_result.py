"""The outcome of one question, the same in the notebook, in feedback and in the gradebook."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

MIME = "application/vnd.autograder.result+json"
VERDICTS = ("passed", "partly", "failed", "error", "timeout", "died", "missing", "tampered", "manual")


@dataclass(frozen=True)
class CaseResult:
    """One call, in full and in short: what was expected and received, as text."""

    call: str
    expected: str
    received: str
    passed: bool
    mistake: str = ""
    note: str = ""
    short: str = ""
    failure: str = ""


@dataclass(frozen=True)
class GroupResult:
    """Cases that score together."""

    name: str
    weight: int
    cases: tuple[CaseResult, ...]

    @property
    def passed(self) -> bool:
        return all(case.passed for case in self.cases)


@dataclass(frozen=True)
class Result:
    """One question's outcome.

    Args:
        points: Points reached, a multiple of one half.
        verdict: One of VERDICTS.
        message: What went wrong first, with the mistake's name if it has one; "" when passed.
    """

    lab: str
    question: str
    points: float
    max_points: int
    verdict: str
    message: str = ""
    seed: str = "practice"
    learner: str = ""
    hint: str = ""
    printed: str = ""
    groups: tuple[GroupResult, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; each group also says whether it passed."""
        data = asdict(self)
        data["groups"] = [{**asdict(group), "passed": group.passed} for group in self.groups]
        for group in data["groups"]:
            group["cases"] = list(group["cases"])
        return data


def points_of(groups: list[GroupResult], max_points: int) -> float:
    """floor(2 · points · passed / total) / 2, in whole numbers until the last division."""
    total = sum(group.weight for group in groups)
    passed = sum(group.weight for group in groups if group.passed)
    return (2 * max_points * passed // total) / 2 if total else 0.0
