"""The check as a learner meets it."""

from __future__ import annotations

import decimal
import fractions
import random
import sys
import types

import numpy as np
import pytest

from autograder import CheckFailed, QuestionError, UsageError
from autograder import check as checks
from autograder._show import as_html, as_text
from autograder.check import case, check, essay, group, hint, judge_names, open_lab, question


def sides(answer, draw):
    """The side of an output"""
    with group("the lecture's example"):
        for n, f in [(7, 3), (9, 2)]:
            yield case(
                answer(n, f), n - f + 1, mistakes=lambda n, f: {"The + 1 is missing.": n - f, "Divided.": n // f}
            )
    with group("arrays", weight=2):
        yield case(answer(np.array([5.0, 6.0]), 2), np.array([4.0, 5.0]))
        yield case(answer(np.array([8.0]), 3), np.array([6.0]))
    with group("too wide"):
        yield case(answer(4, 4), 1)
        yield case(answer(2, 5), raises=ValueError)


def own(answer, draw):
    """A number of one's own"""
    yield case(answer.value(), int(draw.learner or 0) + 1)


@pytest.fixture
def lab(monkeypatch):
    """A lab with three questions, started for learner 7."""
    module = types.ModuleType("sample_questions")
    module.sides = question("sides", points=4, hints=["Count.", "Count the places."], limit=0.3)(sides)
    module.own = question("own", points=1)(own)
    module.by_hand = question("by_hand", points=2, forbidden=["scipy.signal", "numpy.convolve"])(sides)
    module.text = essay("text", points=1, title="Why", rubric=[(1, "a reason")])
    monkeypatch.setitem(sys.modules, "sample_questions", module)
    for name in ("NBGRADER_EXECUTION", "AUTOGRADER_SEED", "AUTOGRADER_LEARNER"):
        monkeypatch.delenv(name, raising=False)
    return open_lab("course", "lab", "sample_questions", learner="7")


def judged(lab, answer, id="sides"):
    return judge_names(lab, lab.questions[id], {id: answer})


def right(n, f):
    if np.any(np.asarray(n) < f):
        raise ValueError("too wide")
    return n - f + 1


def test_right_answer(lab):
    """Full points, a plain float, no message."""
    result = judged(lab, right)
    assert (result.points, result.verdict, result.message, result.hint) == (4.0, "passed", "", "")
    assert type(result.points) is float


def test_points_are_floored_to_halves(lab):
    """Two of four weights of four points; half points are kept, never more."""
    result = judged(lab, lambda n, f: n - f + 1)
    assert (result.points, result.verdict) == (3.0, "partly")


def test_mistake_is_named(lab):
    """The message is the mistake's name when the answer equals what the mistake gives."""
    result = judged(lab, lambda n, f: n - f)
    assert result.message == "The + 1 is missing."
    assert result.hint == "Count."


def test_mistake_is_not_guessed(lab):
    """A constant that equals a mistake's value in one case is not called by that mistake's name."""
    result = judged(lab, lambda n, f: 4)
    assert result.message == "sides(7, 3): Expected 5. Received 4."


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, f: None, "None"),
        (lambda n, f: float("nan"), "nan"),
        (lambda n, f: 1 / 0, "ZeroDivisionError"),
        (lambda n: n, "positional argument"),
        (lambda n, f: object(), "object"),
        (lambda n, f: sys.exit(3), "SystemExit"),
        (7, "no function"),
    ],
)
def test_bad_answer_is_a_failed_case_that_says_so(lab, answer, words):
    """Whatever an answer does, the check goes on and says what it did."""
    result = judged(lab, answer)
    assert result.points == 0
    assert words in as_text(result) + result.message


def test_endless_answer_is_stopped(lab):
    """An endless loop costs one time limit, not one for each case."""

    def answer(n, f):
        while True:
            pass

    result = judged(lab, answer)
    assert (result.verdict, result.points) == ("timeout", 0)
    assert "loop without an end" in result.message


def test_swallowed_stop_is_repeated(lab):
    """A bare except inside an endless loop does not keep it alive."""

    def answer(n, f):
        for _ in range(2):
            try:
                while True:
                    pass
            except:  # noqa: E722 - what a learner might write
                pass
        return 0

    assert judged(lab, answer).points == 0


def test_changed_input_is_named(lab):
    """An answer that writes into its argument fails, even if its value is right."""

    def answer(n, f):
        value = right(np.array(n), f) if isinstance(n, np.ndarray) else right(n, f)
        if isinstance(n, np.ndarray):
            n += 1
        return value

    result = judged(lab, answer)
    assert result.points == 2.0
    assert "changed its input" in result.message


@pytest.mark.parametrize(
    "wrap", [fractions.Fraction, decimal.Decimal, np.int64, float, np.float32, lambda v: np.array([v])]
)
def test_numbers_come_in_many_types(lab, wrap):
    """A right number is right in every type that holds numbers."""

    def answer(n, f):
        return right(n, f) if isinstance(n, np.ndarray) else wrap(int(right(n, f)))

    assert judged(lab, answer).points == 4


@pytest.mark.parametrize(
    "lazy",
    [lambda values: (value for value in values), lambda values: map(float, values)],
    ids=["generator", "map"],
)
def test_lazy_rows_are_drawn_out(lab, lazy):
    """A generator or a map of the right numbers is a list of them."""
    answer = lambda n, f: lazy(right(n, f)) if isinstance(n, np.ndarray) else right(n, f)  # noqa: E731
    assert judged(lab, answer).points == 4


def test_endless_generator_is_stopped(lab):
    """Drawing a generator out is inside the time limit."""

    def answer(n, f):
        while True:
            yield 0

    assert judged(lab, answer).points == 0


def test_hidden_value_is_not_shown(lab):
    """What is to be worked out by hand is not printed; the wrong places are."""

    def by_hand(answer, draw):
        yield case(answer.value(), (3141, 5926, 5358), hidden=True)

    result = judge_names(lab, question("x", points=1)(by_hand), {"x": [3141, 5, 5358]})
    assert "5926" not in str(result.to_dict()) and "Entry 2 of 3" in result.message


def test_overloaded_equality_gains_nothing(lab):
    """An object that claims to equal everything is not asked."""

    class Everything:
        def __eq__(self, other):
            return True

        __hash__ = None

    assert judged(lab, lambda n, f: Everything()).points == 0


def test_missing_name(lab):
    """A question without an answer says which cell to run."""
    result = judge_names(lab, lab.questions["sides"], {})
    assert (result.verdict, result.points) == ("missing", 0)
    assert "run the cell" in result.message


def test_printed_text_is_captured_and_capped(lab, capsys):
    """What the answer prints neither reaches the notebook nor grows without end."""

    def answer(n, f):
        print("x" * 5_000)
        sys.stderr.write("noise")
        return right(n, f)

    result = judged(lab, answer)
    assert capsys.readouterr() == ("", "")
    assert 1_000 < len(result.printed) < 3_000


def test_random_state_is_restored(lab):
    """A check draws nothing from the learner's generators."""
    random.seed(1)
    np.random.seed(1)
    judged(lab, lambda n, f: random.random() + np.random.rand())
    after = random.random(), np.random.rand()
    random.seed(1)
    np.random.seed(1)
    assert after == (random.random(), np.random.rand())


def test_same_seed_same_cases(lab, monkeypatch):
    """A seed repeats a grading run's cases; the result stores it."""
    monkeypatch.setenv("AUTOGRADER_SEED", "abc")
    assert judged(lab, right).seed == "abc"
    assert judged(lab, lambda n, f: 1).to_dict() == judged(lab, lambda n, f: 1).to_dict()


def test_own_numbers_follow_the_typed_id(lab):
    """In the notebook the typed id counts."""
    assert judge_names(lab, lab.questions["own"], {"own": 8}).points == 1


def test_another_id_is_left_to_a_person(lab, monkeypatch):
    """While grading, numbers of another id give the verdict manual."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("AUTOGRADER_LEARNER", "9")
    result = judge_names(lab, lab.questions["own"], {"own": 8})
    assert (result.verdict, result.points) == ("manual", 0)


def test_grader_knows_the_student_by_the_folder(lab, monkeypatch, tmp_path):
    """Plain nbgrader tells the student only by its working folder."""
    folder = tmp_path / "autograded" / "7" / "lab"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert judge_names(lab, lab.questions["own"], {"own": 8}).verdict == "passed"


def test_forbidden_name_is_met(lab, monkeypatch):
    """The rule says which name it met; while grading a person decides."""
    monkeypatch.setattr(checks, "source_of", lambda value: "from scipy import signal as s\ns.correlate2d(1, 2)")
    result = judged(lab, right, "by_hand")
    assert (result.verdict, result.points) == ("failed", 0)
    assert "scipy.signal" in result.message
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert judged(lab, right, "by_hand").verdict == "manual"


def test_validate_raises_with_the_table(lab, monkeypatch):
    """nbgrader validate reads a partial score as passed, so a check that is not full raises."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    monkeypatch.setattr(checks, "_names", lambda: {"sides": lambda n, f: n - f})
    with pytest.raises(CheckFailed, match="The \\+ 1 is missing"):
        check("sides")


def test_check_returns_and_prints(lab, monkeypatch, capsys):
    """Outside Jupyter the table is text."""
    monkeypatch.setattr(checks, "_names", lambda: {"sides": right})
    assert check("sides") == 4.0
    assert capsys.readouterr().out.startswith("✓ sides: all right, 4 of 4 points")


def test_unknown_question_names_the_near_ones(lab):
    """A typing slip is answered with the nearest ids."""
    with pytest.raises(UsageError, match="Near: sides"):
        check("side")


def test_essay_has_no_check(lab):
    """A written answer is read by a person."""
    with pytest.raises(UsageError, match="a person reads it"):
        check("text")


def test_check_before_start(monkeypatch):
    """Without the first cell the check says what to do."""
    monkeypatch.setattr(checks, "_open", None)
    with pytest.raises(UsageError, match="Run the first cell"):
        check("sides")


def test_hints_open_one_after_another(lab, capsys):
    """Each call shows one hint more, and the last one stays."""
    hint("sides")
    assert capsys.readouterr().out == "Hint 1 of 2: Count.\n"
    hint("sides")
    hint("sides")
    assert "That was the last hint." in capsys.readouterr().out


def test_html_escapes_what_the_learner_made(lab):
    """A value that looks like HTML is shown as text."""
    page = as_html(judged(lab, lambda n, f: "<script>alert(1)</script>"))
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_broken_question_is_the_authors_fault(lab):
    """An error in the question is told apart from an error in the answer."""

    def broken(answer, draw):
        yield case(answer(1, 1), 1 / 0)

    with pytest.raises(QuestionError, match="not your mistake"):
        judge_names(lab, question("sides", points=1)(broken), {"sides": right})


@pytest.mark.parametrize("points", [0, 2.5, True])
def test_points_are_whole(points):
    """Floats lose points, so they are refused."""
    with pytest.raises(QuestionError, match="whole number"):
        question("x", points=points)


def test_rubric_adds_up():
    """A rubric that gives other points than the essay is refused."""
    with pytest.raises(QuestionError, match="rubric gives 1"):
        essay("x", points=2, title="", rubric=[(1, "")])


def test_a_generator_under_a_name_is_read_twice(lab):
    """The second check of the same notebook finds what the first one found."""

    def by_hand(answer, draw):
        yield case(answer.value(), (1, 2, 3), hidden=True)

    names = {"x": (value for value in (1, 2, 3))}
    asked = question("x", points=1)(by_hand)
    assert [judge_names(lab, asked, names).points for _ in range(2)] == [1, 1]


def test_a_number_in_quotes_says_so(lab):
    """A text is not merely wrong."""

    def by_hand(answer, draw):
        yield case(answer.value(), 7, hidden=True)

    result = judge_names(lab, question("x", points=1)(by_hand), {"x": "7"})
    assert "without quotes" in result.message


def test_yes_no_mistake_needs_every_case(lab):
    """One wrong answer of two is not "turned round"."""

    def even(answer, draw):
        for number in (1, 2, 3, 4):
            yield case(answer(number), number % 2 == 0, mistakes={"Turned round.": number % 2 != 0})

    asked = question("even", points=1)(even)
    assert judge_names(lab, asked, {"even": lambda n: n % 2 != 0}).message == "Turned round."
    assert judge_names(lab, asked, {"even": lambda n: n == 2}).message != "Turned round."
