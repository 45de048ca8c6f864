"""One student's feedback, read back as a browser would."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup

from autograder._feedback import LARGEST_IMAGE, LARGEST_NOTEBOOK, WORDS, write_feedback
from autograder._result import MIME, VERDICTS
from tests.autograder.test_report import DEAD, HOSTILE, hostile_class
from tests.autograder.test_statistics import LAB, PLUS_ONE, SEED, TITLES, a_class, a_record


def a_png(width: int = 2, height: int = 2) -> str:
    """A small grey image as base64; its header may claim any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\1\1\0\1\1")) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + parts).decode()


def shown(data: dict[str, Any]) -> dict[str, Any]:
    """A display_data output."""
    return {"output_type": "display_data", "data": data, "metadata": {}}


def a_notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    """A notebook of format 4."""
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def code(source: str, *outputs: dict[str, Any], id: str = "cell-01") -> dict[str, Any]:
    """A code cell."""
    return {"cell_type": "code", "id": id, "metadata": {}, "source": source, "outputs": list(outputs)}


def feedback(
    path: Path, record: dict[str, Any], notebook: Any = None, manual: dict[str, dict[str, Any]] | None = None
) -> BeautifulSoup:
    """The page of one submission."""
    page = path / "feedback" / record["student"][:9] / LAB / f"{LAB}.html"
    names = TITLES[LAB]
    write_feedback(
        record, notebook, page, title=names["title"], question_titles=names["questions"], manual=manual or {}
    )
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def text_of(soup: BeautifulSoup, selector: str) -> str:
    """The text of the first match, blanks folded."""
    return " ".join(soup.select_one(selector).get_text(" ").split())


def test_the_total_comes_first(tmp_path: Path) -> None:
    """Points, percentage, and how many answers wait."""
    soup = feedback(tmp_path, a_class()[14])
    assert text_of(soup, ".tiles") == "3 of 28 points so far 10.7 % of all points 1 answer waits for a person"


def test_every_verdict_has_words_for_students() -> None:
    """No verdict reaches a student as the grader's own word."""
    assert set(WORDS) == set(VERDICTS) and not set(WORDS.values()) & set(VERDICTS)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_has_a_page(tmp_path: Path, verdict: str) -> None:
    """Each verdict is told in the question's heading."""
    soup = feedback(tmp_path, a_record("ana", {"out_size": verdict}))
    assert WORDS[verdict] in text_of(soup, "#question-out_size h2")


def test_a_failed_case_shows_what_happened(tmp_path: Path) -> None:
    """Call, expected, received, and the mistake's name."""
    soup = feedback(tmp_path, a_class()[0])
    assert text_of(soup, "#question-out_size .cases tbody tr") == f"out_size(7, 3, 2, 0) 3 2 {PLUS_ONE}"


def test_every_failing_call_is_printed_in_full(tmp_path: Path) -> None:
    """Also a long call, also the eighth: a student can repeat it."""
    record = a_record("ana", {"out_size": "failed"})
    call = f"out_size({', '.join(str(value) for value in range(1500))})"
    record["questions"]["out_size"]["groups"][1]["cases"][7]["call"] = call
    soup = feedback(tmp_path, record)
    assert call in soup.get_text() and len(soup.select("#question-out_size .cases tbody tr")) == 9


def test_right_cases_are_folded(tmp_path: Path) -> None:
    """A student first sees what went wrong; what is right waits behind a fold."""
    soup = feedback(tmp_path, a_record("ana", {"out_size": "partly"}))
    assert "The 8 cases that are right" in [fold.summary.get_text() for fold in soup.find_all("details")]


def test_a_case_without_a_reason_has_no_empty_column(tmp_path: Path) -> None:
    """Where no mistake is named, the table has three columns."""
    soup = feedback(tmp_path, a_record("ana", {"out_size": "failed"}))
    assert [cell.get_text() for cell in soup.select(".cases")[0].select("th")] == ["call", "expected", "received"]


def test_the_hint_and_what_was_printed(tmp_path: Path) -> None:
    """The first hint, and the answer's own output."""
    record = a_record("ana", {"out_size": "failed"})
    record["questions"]["out_size"]["printed"] = "seven\nthree\n"
    text = feedback(tmp_path, record).get_text()
    assert "Count the places where the filter can start." in text and "seven\nthree" in text


def test_how_to_repeat_it(tmp_path: Path) -> None:
    """The command has the record's seed."""
    assert f"course check {LAB}.ipynb --seed {SEED}" in feedback(tmp_path, a_class()[0]).get_text()


@pytest.mark.parametrize("seed", ["", "$(rm -rf ~)", "a b", "x;y", None])
def test_no_command_that_a_shell_misreads(tmp_path: Path, seed: str | None) -> None:
    """A seed with anything but letters and digits is not offered for pasting."""
    assert "--seed" not in feedback(tmp_path, a_record("ana", {"out_size": "failed"}, seed=seed)).get_text()


def test_notes_about_the_file(tmp_path: Path) -> None:
    """What was found in the file and what was done."""
    assert "The file is no notebook" in text_of(feedback(tmp_path, a_class()[23]), ".aside")


def test_points_given_by_hand_count(tmp_path: Path) -> None:
    """A person's points are added to the total, and nothing waits any more."""
    manual = {"essay-why_floor": {"score": 2.5, "comment": "Good start.\nSay what is lost."}}
    soup = feedback(tmp_path, a_class()[14], manual=manual)
    assert text_of(soup, ".tiles") == "5.5 of 28 points 19.6 % of all points"
    assert text_of(soup, "#question-essay-why_floor h2").endswith("Partly right · 2.5 of 4 points")
    assert "Good start.\nSay what is lost." in soup.get_text()


def test_points_already_in_the_record_count_once(tmp_path: Path) -> None:
    """When the record has the hand's points already, they are not added again."""
    record = a_record("ana", {"out_size": "passed", "essay-why_floor": "passed"})
    soup = feedback(tmp_path, record, manual={"essay-why_floor": {"score": 4.0, "comment": None}})
    assert text_of(soup, ".tiles").startswith("10 of 28 points 35.7 %")


def test_zero_points_by_hand_are_points(tmp_path: Path) -> None:
    """0 from a person is a mark; None is not."""
    record = a_record("ana", {"essay-why_floor": "manual"})
    marked = feedback(tmp_path, record, manual={"essay-why_floor": {"score": 0.0, "comment": None}})
    unmarked = feedback(tmp_path, record, manual={"essay-why_floor": {"score": None, "comment": None}})
    assert "Not right yet · 0 of 4 points" in text_of(marked, "h2") and "no points yet" in text_of(unmarked, "h2")


def test_the_essay_stands_beside_its_question(tmp_path: Path) -> None:
    """Whoever marks it reads it there, as plain text."""
    cell = {
        "cell_type": "markdown",
        "metadata": {"nbgrader": {"grade_id": "essay-why_floor"}},
        "source": "A *half* step.",
    }
    soup = feedback(tmp_path, a_record("ana", {"essay-why_floor": "manual"}), a_notebook(cell))
    assert "Your answer A *half* step." in text_of(soup, "#question-essay-why_floor")


def test_the_students_notebook_is_shown(tmp_path: Path) -> None:
    """Markdown and code as text, printed text, and figures."""
    notebook = a_notebook(
        {"cell_type": "markdown", "metadata": {}, "source": ["# My\n", "**notes**"]},
        code(
            "print(7)", {"output_type": "stream", "name": "stdout", "text": "7\n"}, shown({"image/png": a_png()})
        ),
    )
    soup = feedback(tmp_path, a_class()[0], notebook)
    assert [pre.get_text() for pre in soup.select(".notebook pre")] == ["# My\n**notes**", "print(7)", "7\n"]
    assert soup.img["src"] == f"data:image/png;base64,{a_png()}"


def test_a_real_notebook_object_is_shown(tmp_path: Path) -> None:
    """nbformat's own objects are read like plain dictionaries."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    assert text_of(feedback(tmp_path, a_class()[0], notebook), ".notebook pre") == "1 + 1"


def test_html_outputs_are_never_shown(tmp_path: Path) -> None:
    """Of an output with HTML, SVG and text only the text is shown."""
    data = {"text/html": "<b id=x>h</b>", "image/svg+xml": "<svg onload=x>", "text/plain": "plain text"}
    soup = feedback(tmp_path, a_class()[0], a_notebook(code("show()", shown(data))))
    assert soup.select_one(".notebook .out").get_text() == "plain text" and not soup.find_all(["b", "svg"], id="x")


def test_an_output_of_html_alone_is_left_out(tmp_path: Path) -> None:
    """The page says that something was left out."""
    soup = feedback(tmp_path, a_class()[0], a_notebook(code("show()", shown({"text/html": "<b>h</b>"}))))
    assert "left out" in text_of(soup, ".notebook .cell")


@pytest.mark.parametrize(
    "image",
    [
        base64.b64encode(b"<svg onload='alert(1)'>" * 9).decode(),
        base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(),
        'x" onerror="alert(1)',
        a_png(width=100_000),
        a_png(height=0),
        a_png() + "A" * LARGEST_IMAGE,
        "é",
        7,
    ],
    ids=["svg", "signature only", "attribute", "too wide", "no height", "too large", "not ascii", "a number"],
)
def test_what_is_no_png_is_no_image(tmp_path: Path, image: Any) -> None:
    """The signature, the header and the size decide, not the name."""
    soup = feedback(tmp_path, a_class()[0], a_notebook(code("show()", shown({"image/png": image}))))
    assert not soup.find_all("img") and "onerror" not in str(soup)


def test_a_figure_in_lines_is_one_figure(tmp_path: Path) -> None:
    """Base64 that a file keeps in lines becomes one data URI."""
    image = a_png()
    soup = feedback(
        tmp_path, a_class()[0], a_notebook(code("show()", shown({"image/png": [image[:40] + "\n", image[40:]]})))
    )
    assert soup.img["src"].endswith(image)


def test_check_cells_show_no_output_of_their_own(tmp_path: Path) -> None:
    """A forged "all right" in the notebook is not shown; a link leads to the real outcome."""
    outputs = [shown({MIME: {}, "text/plain": "✓ all right"}), {"output_type": "stream", "text": "6 of 6"}]
    notebook = a_notebook(code('check("out_size")', *outputs, id="check-out_size"))
    soup = feedback(tmp_path, a_class()[0], notebook)
    assert text_of(soup, ".notebook .cell") == 'check("out_size") To the outcome of this check'


def test_links_in_the_page_lead_somewhere(tmp_path: Path) -> None:
    """Every link to a part of the page has its part."""
    soup = feedback(
        tmp_path, a_class()[0], a_notebook(code("check('x')", id="check-out_size"), code("", id="check-x"))
    )
    assert {link["href"][1:] for link in soup.find_all("a")} <= {tag["id"] for tag in soup.find_all(id=True)}


@pytest.mark.parametrize(
    "notebook",
    [
        {},
        {"cells": None},
        {"cells": [None, 7, "x", {}, {"cell_type": 3}]},
        a_notebook({"cell_type": "code", "source": 5, "outputs": "x", "metadata": [1], "id": 9}),
        a_notebook(code("x", {"output_type": "display_data", "data": [1]}, {}, {"output_type": "error"})),
        a_notebook(code("x", {"output_type": "stream", "text": [1, "ok"]}, shown({"text/plain": {"a": 1}}))),
    ],
)
def test_a_broken_notebook_is_no_error(tmp_path: Path, notebook: dict[str, Any]) -> None:
    """Whatever stands in the file, the page is made."""
    assert feedback(tmp_path, a_class()[0], notebook).select_one(".notebook")


def test_a_huge_notebook_is_cut(tmp_path: Path) -> None:
    """The page stays of a size that a browser opens, and says that it was cut."""
    cells = [code("x" * 20_000) for _ in range(LARGEST_NOTEBOOK // 20_000 + 5)]
    soup = feedback(tmp_path, a_class()[0], a_notebook(*cells))
    assert "The rest of the notebook is too large to show here." in soup.get_text()


def test_without_a_notebook_there_is_no_empty_section(tmp_path: Path) -> None:
    """A file that could not be read has a page without the notebook."""
    assert not feedback(tmp_path, a_class()[23]).select(".notebook")


def test_hostile_texts_make_no_element(tmp_path: Path) -> None:
    """In every place a text stays text, also in the notebook and in what a person wrote."""
    notebook = a_notebook(
        {"cell_type": "markdown", "metadata": {}, "source": HOSTILE},
        code(HOSTILE, {"output_type": "error", "traceback": [HOSTILE]}, shown({"text/plain": HOSTILE})),
    )
    soup = feedback(tmp_path, hostile_class()[0], notebook, {"out_size": {"score": 1.0, "comment": HOSTILE}})
    assert not soup.find_all(["script", "img", "iframe"])
    assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert not DEAD.search(str(soup)) and "{{ 7 * 7 }}" in soup.get_text()


def test_the_page_may_load_nothing(tmp_path: Path) -> None:
    """The browser is told to load and run nothing but styles and data images."""
    soup = feedback(tmp_path, a_class()[0])
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_feedback_is_reproducible(tmp_path: Path) -> None:
    """The same record gives the same bytes."""
    assert str(feedback(tmp_path, a_class()[3])) == str(feedback(tmp_path / "again", a_class()[3]))
