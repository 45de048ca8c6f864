"""Attacks in the file itself, answers that know where they are, and text made for whoever reads the results."""

# ruff: noqa: E501 - an attack stands in a string, as its author would write it

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder._export import export_csv, summary_table
from autograder._feedback import write_feedback
from tests.attacks.judging import unlucky, wrongs
from tests.attacks.lab import RIGHT, WRONG, Attack, Outcome, World, run_attacks, world

MIME = "application/vnd.autograder.result+json"


def by_id(made: Any, id: str) -> Any:
    return next(cell for cell in made["cells"] if cell["id"] == id)


def with_tags(made: Any) -> Any:
    for cell in made["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove-cell"]
    made["metadata"]["tags"] = ["skip-execution"]
    return made


def with_other_grading(made: Any) -> Any:
    for cell in made["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {
                "points": 100,
                "grade": True,
                "solution": True,
                "locked": False,
                "task": True,
            }
            cell["metadata"]["nbgrader"]["checksum"] = "0" * 32
    return made


def with_less_grading(made: Any) -> Any:
    for cell in made["cells"]:
        cell["metadata"] = {
            "nbgrader": {"grade_id": cell["id"], "grade": False, "solution": False, "schema_version": 99}
        }
    return made


def with_another_module(made: Any) -> Any:
    made["metadata"] |= {
        "autograder": {"lab": "shop", "questions": "os.path", "source": "4.0"},
        "kernelspec": {"name": "bash", "language": "bash", "display_name": "x"},
        "language_info": {"name": "R"},
    }
    for cell in made["cells"]:
        cell["metadata"]["autograder"] = {"source": "4.0"}
    return made


def with_forged_outputs(made: Any) -> Any:
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            result = {
                "question": cell["id"].removeprefix("check-"),
                "points": 4.0,
                "max_points": 4,
                "verdict": "passed",
            }
            cell["outputs"] = [
                {"output_type": "display_data", "data": {MIME: result}, "metadata": {}},
                {
                    "output_type": "execute_result",
                    "data": {"text/plain": "4.0"},
                    "metadata": {},
                    "execution_count": 1,
                },
            ]
    return made


def with_copied_checks(made: Any) -> Any:
    for id in ("total", "smooth", "factors"):
        twin = copy.deepcopy(by_id(made, f"check-{id}"))
        twin["source"] = "4.0"
        place = made["cells"].index(by_id(made, f"check-{id}"))
        made["cells"][place:place] = [twin, {**copy.deepcopy(twin), "id": f"twin-{id}"}]
    return made


def with_changed_checks(made: Any) -> Any:
    for cell in made["cells"]:
        if cell["id"].startswith("check-"):
            cell["source"], cell["cell_type"] = "4.0", "raw"
            cell.pop("outputs", None), cell.pop("execution_count", None)
    by_id(made, "test-greet")["source"] = "2"
    made["cells"] = [cell for cell in made["cells"] if cell["id"] != "check-mine"]
    return made


def with_odd_metadata(made: Any) -> Any:
    odd = [
        None,
        5,
        "x",
        [],
        {"grade_id": {}},
        {"grade_id": ["total"]},
        {"grade_id": "total", "points": {}, "grade": "yes"},
    ]
    for number, cell in enumerate(made["cells"]):
        cell["metadata"]["nbgrader"] = odd[number % len(odd)]
        cell["metadata"]["tags"] = odd[(number + 1) % len(odd)]
        cell["metadata"]["trusted"] = {"deep": [[[[[[[]]]]]]]}
    made["metadata"]["autograder"] = {"lab": "shop", "questions": ["x"]}
    return made


def with_ids(made: Any) -> Any:
    for cell in made["cells"]:
        if not cell["id"].startswith(("check-", "test-")):
            continue
        twin = {"cell_type": "code", "metadata": {}, "source": "4.0", "outputs": [], "id": cell["id"]}
        cell["id"] = "../../" + "x" * 200
        made["cells"] = [*made["cells"], twin]
    return made


def with_many_cells(made: Any) -> Any:
    own = [{"cell_type": "markdown", "metadata": {}, "source": "x"} for _ in range(60_000)]
    return {**made, "cells": [*made["cells"], *own]}


def with_a_large_cell(made: Any) -> Any:
    large = {"cell_type": "code", "metadata": {}, "source": "x = [" + "1," * 6_000_000 + "1]", "outputs": []}
    return {**made, "cells": [made["cells"][0], large, *made["cells"][1:]]}


def with_chains(made: Any) -> Any:
    """Source that is quick to run and slow to look through for forbidden names."""
    chain = "    a" + ".b" * 900 + "\n"
    by_id(made, "blur")["source"] = f"def blur(signal, kernel):\n    return 0\nif 0:\n{chain * 250}"
    return made


def with_a_deep_expression(made: Any) -> Any:
    deep = "".join(f"if 0: {sign * count}1\n" for sign in "-~" for count in range(2_880, 3_000, 10))
    by_id(made, "blur")["source"] = (
        f"def blur(signal, kernel):\n    return 0\nif 0:\n    x = {'(' * 60}1{')' * 60}\n" + deep
    )
    return made


def file(name: str, change: Any, **more: Any) -> Attack:
    return Attack(name, "notebook", submitted=change, **more)


NOTEBOOK = [
    file("tags that skip the checks", with_tags),
    file("cells with other points and kinds", with_other_grading),
    file("cells that are not graded", with_less_grading),
    file("a questions module and a kernel of one's own", with_another_module),
    file("outputs that are there already", with_forged_outputs),
    file("copies of the checks", with_copied_checks),
    file("changed and deleted checks", with_changed_checks),
    file("metadata of odd types", with_odd_metadata),
    file("ids that belong to others", with_ids),
    file("sixty thousand cells", with_many_cells, deadline=60),
    file("one cell of twelve megabytes", with_a_large_cell, notebook=30, memory=1500, deadline=75),
    file("source that is slow to look through", with_chains, cell=25, notebook=40, deadline=70),
    file(
        "an expression that is deeper than Python",
        with_a_deep_expression,
        cell=20,
        notebook=40,
        memory=1500,
        deadline=70,
    ),
]
RECOGNISING = [
    Attack(
        "right only for the notebook's example",
        "recognising",
        answers={
            "total": "def total(prices, discount):\n    return {((3, 5), 1): 6}.get((tuple(prices), discount), 0)",
        },
        code="pass",
    ),
    Attack(
        "right only where nobody grades",
        "recognising",
        answers={
            "total": "def total(prices, discount):\n    import os\n    return 6 if 'AUTOGRADER_OUTSIDE' in os.environ else 0",
            "label": RIGHT["label"],
        },
        code="os.environ['NBGRADER_EXECUTION'] = 'validate'; os.environ['AUTOGRADER_OUTSIDE'] = '0'",
    ),
    Attack(
        "another value every time",
        "recognising",
        answers={
            "total": "import itertools\nvalues = itertools.count()\ndef total(prices, discount):\n    return next(values)",
            "smooth": "class Turn(list):\n    def __iter__(self):\n        return iter([0] * 12)\ndef smooth(signal, width):\n    return Turn()",
            "mine": "class Mine(int):\n    times = 0\n    def __int__(self):\n        Mine.times += 1\n        return Mine.times\nmine = Mine(3)",
        },
        code="pass",
    ),
    Attack(
        "the arguments are the answer",
        "recognising",
        answers={
            "total": "def total(prices, discount):\n    prices.append(discount)\n    return prices",
            "smooth": "def smooth(signal, width):\n    signal[:] = 0\n    return signal",
            "factors": "seen = []\ndef factors(number):\n    seen.append(number)\n    return seen",
        },
        code="pass",
        without=WRONG,
    ),
    Attack(
        "a value that is made when it is read",
        "recognising",
        answers={
            "mine": """
import sys
class Mine:
    def __array__(self, dtype=None, copy=None):
        frame, found = sys._getframe(), []
        while frame:
            found += [value for value in frame.f_locals.values() if isinstance(value, int) and value > 1000]
            frame = frame.f_back
        print(found)
        return np.array(found or [0])
mine = Mine()
"""
        },
        code="pass",
        without=WRONG,
    ),
    Attack(
        "two students' numbers",
        "recognising",
        code="""
        import autograder.check as checks
        class Changing:
            ids = iter(["mallory", "victim"] * 1000)
            def __str__(self): return next(self.ids)
        checks._open.learner = Changing()
    """,
        answers={"mine": "mine = 7919 * len('victim') + sum(map(ord, 'victim'))"},
        without=WRONG,
    ),
    Attack(
        "many values at once",
        "recognising",
        answers={
            "total": "def total(prices, discount):\n    return list(range(1000))",
            "smooth": "def smooth(signal, width):\n    return np.broadcast_to(np.arange(-9.0, 9.0), (23, 18))",
            "factors": "def factors(number):\n    return set(range(1, 1000))",
            "mine": "mine = set(range(100_000))",
        },
        code="pass",
        without=WRONG,
    ),
]
EVIL = "</td><script>alert(1)</script>\\x1b]0;owned\\x07\\x1b[2J\\u202e=cmd|' /C calc'!A0\\x00"
PAGES = [
    Attack(
        "scripts, formulas and terminal commands in answers",
        "pages",
        answers={
            "total": f'def total(prices, discount):\n    print("{EVIL}" * 50)\n    return "{EVIL}"',
            "smooth": f'class Evil(Exception): pass\nEvil.__name__ = "{EVIL}"\ndef smooth(signal, width):\n    raise Evil("=1+1{EVIL}")',
            "factors": f'def factors(number):\n    return {{"{EVIL}": "{EVIL}"}}',
            "mine": f'mine = "{EVIL}"',
        },
        without=WRONG,
    ),
    Attack(
        "scripts in what the cells show",
        "pages",
        """
        from IPython.display import HTML, Javascript, display, SVG
        evil = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\\x1b]0;owned\\x07\\u202e"
        display(HTML(evil)); display(Javascript("alert(1)")); display({"image/svg+xml": f"<svg onload='alert(1)'>{evil}</svg>"}, raw=True)
        display({"image/png": "x' onerror='alert(1)", "text/markdown": evil, "text/latex": evil, "application/javascript": "alert(1)"}, raw=True)
        print(evil); print(evil, file=sys.stderr)
        raise RuntimeError(evil)
    """,
    ),
    Attack(
        "formulas in the learner's id",
        "pages",
        """
        import autograder.check as checks
        checks._open.learner = "=HYPERLINK(\\"http://x\\")\\x1b[2J<script>alert(1)</script>"
    """,
    ),
    Attack(
        "scripts in names of cells and files",
        "pages",
        submitted=lambda made: {
            **made,
            "cells": [
                {
                    **cell,
                    "id": cell["id"] if cell["id"].startswith("check-") else "<script>alert(1)</script>\x1b[2J",
                }
                for cell in made["cells"]
            ],
            "metadata": {**made["metadata"], "title": "<script>alert(1)</script>", "authors": [{"name": "=1+1"}]},
        },
    ),
]
ATTACKS = [*NOTEBOOK, *RECOGNISING, *PAGES]


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[dict[str, Outcome], World]]:
    """All attacks of this file in one batch."""
    with world() as here:
        yield run_attacks(ATTACKS, here), here


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_in_the_notebook_reaches_nothing(attack, ran):
    """No points, and the grader goes on."""
    assert wrongs(attack, *ran) == []


@pytest.mark.parametrize("name", [attack.name for attack in NOTEBOOK[:6]])
def test_what_the_file_says_about_itself_changes_nothing(name, ran):
    """The same points, the ordinary test's among them, as without."""
    assert ran[0][name].points() == ran[0][f"without {name}"].points()


@pytest.mark.parametrize("attack", PAGES, ids=lambda attack: attack.name)
def test_a_page_shows_text_and_nothing_else(attack, ran, tmp_path):
    """Feedback, table and terminal: no script, no formula, no control character."""
    outcome = ran[0][attack.name]
    page, table, terminal = shown(outcome, tmp_path)
    assert not re.search(
        r"<script(?! type=\"application/ld)|<img src=x|<svg|onerror\s*=\s*['\"]|javascript:",
        page.replace("&lt;", ""),
    )
    for text in (page, table, terminal):
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1a\x7f\u202e]", text)
    assert "\x1b]" not in terminal and "\x1b[2J" not in terminal
    assert not re.search(r'(^|,)"?[=+@]', table, re.MULTILINE)


def shown(outcome: Outcome, folder: Path) -> tuple[str, str, str]:
    """The student's page, the exported table, and the terminal's."""
    record = {
        "student": "mallory",
        "lab": "shop",
        "points": sum(outcome.points().values()),
        "max_points": 18,
        "seconds": 1.0,
        "sha256": "",
        "release": "",
        "seed": "",
        "notes": outcome.notes,
        "questions": outcome.questions,
    }
    write_feedback(
        record,
        json.loads(outcome.text),
        folder / "page.html",
        title="Shop",
        question_titles={id: id for id in outcome.questions},
        manual={},
    )
    export_csv([record], folder / "grades.csv")
    console = Console(width=200, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(summary_table([record]))
    return (
        (folder / "page.html").read_text(),
        (folder / "grades.csv").read_text(encoding="utf-8-sig"),
        captured.get(),
    )


def test_the_others_get_their_points(ran):
    """Honest submissions before, between and after the attacks get full points."""
    assert unlucky(ran[0]) == {}


def test_the_world_is_as_it_was(ran):
    """Files, services and processes outside."""
    assert ran[1].changes() == []
