"""What is worked out from a class's records. `a_class` here is the class that the other tests grade too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder._result import VERDICTS
from autograder._statistics import (
    attention,
    by_hand,
    histogram,
    lab_statistics,
    mistakes_in,
    named_mistakes,
    question_ids,
)

LAB = "lab04_shapes"
SEED = "9f2c41d07be85a6613c0"
PLUS_ONE = "the + 1 is missing: the first place counts too"
TITLES = {
    LAB: {
        "title": "Shapes: how big is the output?",
        "questions": {
            "out_size": "How big is the output?",
            "same_padding": "Padding that keeps the size",
            "conv_params": "Parameters of a convolution",
            "receptive_field": "How far one output sees",
            "stack_shapes": "Shapes through a stack",
            "essay-why_floor": "Why is the size floored?",
        },
    }
}
POINTS = {
    "out_size": 6,
    "same_padding": 4,
    "conv_params": 4,
    "receptive_field": 5,
    "stack_shapes": 5,
    "essay-why_floor": 4,
}
NAMES = (
    "Amina Yusuf, Ángel Núñez, Bo Li, Chloé Dubois, Dmitri Ivanov, Elif Şahin, Farid Rahimi, Giulia Rossi, "
    "Hana Kim, Ibrahim Diallo, Jonas Müller, Kavya Iyer, Lars Ødegård, Maria Silva, Nour Haddad, Owen Price, "
    "Petra Nováková, Quang Tran, Rosa García, Samuel Adeyemi, Tomasz Wójcik, Uma Patel, Vera Petrova, "
    "Wanjiru Kamau"
).split(", ")
LEARNERS = {f"student{number:02d}": name for number, name in enumerate(NAMES, 1)} | {
    "student90": "Yael Cohen",
    "student91": "Zoltán Kiss",
}


def a_case(*, passed: bool, mistake: str = "", n: int = 7, received: str = "2", note: str = "") -> dict[str, Any]:
    """One case as a record holds it."""
    expected = "3"
    shown = expected if passed else received
    return {
        "call": f"out_size({n}, 3, 2, 0)",
        "expected": expected,
        "received": shown,
        "passed": passed,
        "mistake": mistake,
        "note": note,
    }


def a_question(id: str, verdict: str, *, mistake: str = "", **changes: Any) -> dict[str, Any]:
    """One question's part of a record: half of the points when partly, all when passed, else none."""
    most = POINTS[id]
    share = {"passed": 1.0, "partly": 0.5}.get(verdict, 0.0)
    wrong = verdict in ("partly", "failed", "error")
    first = {"name": "the lecture's example", "weight": 1, "passed": not wrong}
    second = {"name": "strides and padding", "weight": 1, "passed": verdict in ("passed", "partly")}
    cases = [a_case(passed=second["passed"], n=n, mistake=mistake) for n in range(8, 16)]
    groups = [
        first | {"cases": [a_case(passed=not wrong, mistake=mistake if wrong else "")]},
        second | {"cases": cases},
    ]
    judged = verdict in ("passed", "partly", "failed", "error")
    question = {
        "points": most * share,
        "max_points": most,
        "verdict": verdict,
        "message": (mistake or "Expected 3. Received 2.") if wrong else "",
        "groups": groups if judged and not id.startswith("essay-") else [],
        "hint": "Count the places where the filter can start." if wrong else "",
        "printed": "",
        "seed": SEED,
    }
    return question | changes


def a_record(
    student: str, verdicts: dict[str, str], *, notes: list[str] | None = None, **changes: Any
) -> dict[str, Any]:
    """One submission's record; `verdicts` by question, named mistakes after a colon ("failed:the + 1 ...")."""
    questions = {}
    for id, text in verdicts.items():
        verdict, _, mistake = text.partition(":")
        questions[id] = a_question(id, verdict, mistake=mistake)
    record = {
        "student": student,
        "lab": LAB,
        "points": sum(question["points"] for question in questions.values()),
        "max_points": sum(POINTS.values()),
        "seconds": 1.25,
        "sha256": "0" * 64,
        "release": "1" * 64,
        "seed": SEED,
        "notes": notes or [],
        "questions": questions,
    }
    return record | changes


def a_class() -> list[dict[str, Any]]:
    """Twenty-four submissions, strong ones and weak ones, every verdict at least once."""
    records = []
    for rank, student in enumerate(list(LEARNERS)[:24]):
        verdicts = {
            "out_size": "passed" if rank % 7 else f"partly:{PLUS_ONE}",
            "same_padding": "passed" if rank < 13 else "failed:the padding was added on one side only",
            "conv_params": (
                "passed",
                "passed",
                "partly:the bias was forgotten",
                "passed",
                "failed:the depth was forgotten",
            )[rank % 5],
            "receptive_field": "passed" if rank < 9 else ("partly" if rank < 17 else "error"),
            "stack_shapes": "passed" if rank < 6 else ("partly" if rank < 12 else "failed"),
            "essay-why_floor": "manual" if rank % 3 else "passed",
        }
        notes: list[str] = []
        if rank == 10:
            verdicts["stack_shapes"] = "timeout"
        if rank == 14:
            verdicts["receptive_field"] = verdicts["stack_shapes"] = "died"
        if rank == 18:
            verdicts["out_size"] = "tampered"
            notes = ["Cell check-out_size was changed; the released cell was put back."]
        if rank == 21:
            verdicts["essay-why_floor"] = "missing"
        if rank == 23:
            verdicts = dict.fromkeys(POINTS, "missing")
            notes = ["The file is no notebook: it ends after 4,096 bytes. Ask for it again."]
        records.append(a_record(student, verdicts, notes=notes))
    return records


def statistics_of(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Question statistics by id."""
    return {question.id: question for question in lab_statistics(LAB, records, POINTS).questions}


def test_the_class_has_every_verdict() -> None:
    """The class that these tests grade shows each verdict at least once."""
    verdicts = {question["verdict"] for record in a_class() for question in record["questions"].values()}
    assert verdicts == set(VERDICTS)


def test_difficulty_is_the_mean_share_of_points() -> None:
    """One right, one half right, two wrong: (1 + 1/2 + 0 + 0) / 4."""
    records = [a_record(f"s{i}", {"out_size": v}) for i, v in enumerate(["passed", "partly", "failed", "error"])]
    assert statistics_of(records)["out_size"].difficulty == 0.375


def test_difficulty_leaves_out_what_waits_for_a_person() -> None:
    """An essay that nobody has read says nothing about the essay."""
    verdicts = [{"out_size": "passed", "essay-why_floor": essay} for essay in ("manual", "passed", "manual")]
    records = [a_record(f"s{i}", verdict) for i, verdict in enumerate(verdicts)]
    assert statistics_of(records)["essay-why_floor"].difficulty == 1.0


def test_difficulty_is_unknown_before_anybody_marked() -> None:
    """With every essay unread there is no difficulty, rather than zero."""
    records = [a_record("s1", {"out_size": "passed", "essay-why_floor": "manual"})]
    assert statistics_of(records)["essay-why_floor"].difficulty is None


def test_a_broken_file_does_not_make_questions_harder() -> None:
    """A submission in which nothing could be judged is left out of the difficulty."""
    records = [a_record("s1", {"out_size": "passed"}), a_record("s2", {"out_size": "missing"})]
    assert statistics_of(records)["out_size"].difficulty == 1.0


def test_an_empty_answer_beside_others_counts_as_zero() -> None:
    """Whoever answered something and left one question out did not reach its points."""
    verdicts = {"out_size": "missing", "same_padding": "passed"}
    assert statistics_of([a_record("s1", verdicts)])["out_size"].difficulty == 0.0


def test_discrimination_is_the_correlation_with_the_rest() -> None:
    """The same number as NumPy's correlation of one question's points with the sum of the others."""
    records = a_class()[:9]
    for record in records:
        del record["questions"]["essay-why_floor"]
    own = [record["questions"]["conv_params"]["points"] for record in records]
    rest = [
        sum(question["points"] for id, question in record["questions"].items() if id != "conv_params")
        for record in records
    ]
    value = statistics_of(records)["conv_params"].discrimination
    assert value == pytest.approx(np.corrcoef(own, rest)[0, 1])


def test_discrimination_needs_five_submissions() -> None:
    """Four submissions are too few to say anything."""
    question = statistics_of(a_class()[:4])["conv_params"]
    assert (question.discrimination, question.why) == (None, "too few")


def test_discrimination_counts_gradable_submissions_only() -> None:
    """Five files of which one is broken are four."""
    question = statistics_of([*a_class()[:4], a_class()[23]])["conv_params"]
    assert question.why == "too few"


def test_discrimination_needs_spread() -> None:
    """Where everybody has all points there is no correlation, and no error."""
    records = [a_record(f"s{i}", dict.fromkeys(POINTS, "passed")) for i in range(6)]
    question = statistics_of(records)["out_size"]
    assert (question.discrimination, question.why) == (None, "too few (all alike)")


def test_a_lab_with_one_question_has_no_discrimination() -> None:
    """There is no rest to compare with."""
    records = [a_record(f"s{i}", {"out_size": "passed" if i % 2 else "failed"}) for i in range(8)]
    assert statistics_of(records)["out_size"].why == "too few"


def test_verdict_counts_add_up_to_the_submissions() -> None:
    """Each submission gives each question one verdict."""
    questions = statistics_of(a_class())
    assert {sum(question.verdicts.values()) for question in questions.values()} == {24}


def test_questions_follow_the_labs_order() -> None:
    """A question that the titles do not know comes last."""
    records = [a_record("s1", {"same_padding": "passed", "conv_params": "passed", "out_size": "passed"})]
    assert question_ids(records, ["out_size", "absent", "same_padding"]) == [
        "out_size",
        "same_padding",
        "conv_params",
    ]


@pytest.mark.parametrize("most", [1, 4, 15, 16, 28, 30, 43, 100, 430])
def test_a_histogram_has_at_most_fifteen_bins(most: int) -> None:
    """Few enough to read, and the last bin holds the best."""
    drawn = histogram([0.0, most / 2, float(most)], most)
    assert 1 <= len(drawn.counts) <= 15 and drawn.edges[-1] >= most and drawn.counts[-1] >= 1


def test_a_histogram_loses_nobody() -> None:
    """Every submission is in a bin, also one above the maximum."""
    points = [0, 0.5, 1, 1.5, 27.5, 28, 31.0]
    assert sum(histogram(points, 28).counts) == len(points)


def test_a_bin_holds_its_lower_limit() -> None:
    """With bins of two points, 2 is in the second."""
    assert histogram([0, 1.5, 2], 28).counts[:2] == (2, 1)


def test_an_ungraded_lab_has_a_histogram() -> None:
    """Zero points of zero are one bin, not a division by zero."""
    assert histogram([0.0, 0.0], 0).counts == (2,)


def test_a_student_makes_a_mistake_once() -> None:
    """The same named mistake in nine cases is one mistake of one student."""
    record = a_record("s1", {"out_size": f"failed:{PLUS_ONE}"})
    assert [(found.text, found.students) for found in named_mistakes([record])] == [(PLUS_ONE, ("s1",))]


def test_the_commonest_mistake_comes_first() -> None:
    """Mistakes are ordered by how many students made them."""
    counts = [len(mistake.students) for mistake in named_mistakes(a_class())]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1]


def test_a_passed_case_names_no_mistake() -> None:
    """Only failed cases count."""
    question = {"groups": [{"cases": [a_case(passed=True, mistake=PLUS_ONE)]}]}
    assert mistakes_in(question) == []


def test_what_waits_for_a_person() -> None:
    """The verdict manual, and nothing else."""
    assert by_hand(a_class()[1]) == ["essay-why_floor"]


@pytest.mark.parametrize("verdict", ["died", "timeout", "tampered"])
def test_attention_for_verdicts(verdict: str) -> None:
    """A dead program, a missing reply and a changed cell are for a person to look at."""
    assert attention(a_record("s1", {"out_size": verdict}))[0].startswith("out_size: ")


def test_attention_for_notes() -> None:
    """What was found in the file is told as it was written."""
    assert attention(a_record("s1", {"out_size": "passed"}, notes=["An old format."])) == ["An old format."]


def test_a_wrong_answer_needs_no_attention() -> None:
    """A student who is wrong is an ordinary student."""
    assert attention(a_record("s1", {"out_size": "failed", "same_padding": "error"})) == []
