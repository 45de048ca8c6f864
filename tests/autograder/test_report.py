"""The instructor's report, read back as a browser would."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from autograder._report import write_report
from tests.autograder.test_statistics import LAB, LEARNERS, PLUS_ONE, TITLES, a_class, a_record

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>" onload="x\' \x1b[31m\u202e{{ 7 * 7 }}'
DEAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def hostile_class() -> list[dict[str, Any]]:
    """Texts that come from students are attacks, in every place where there is a text."""
    records = a_class()[:6]
    for record in records:
        record["student"] += HOSTILE
        record["notes"] = [HOSTILE, "y" * 50_000]
        for question in record["questions"].values():
            question["message"] = question["hint"] = question["printed"] = HOSTILE
            for group in question["groups"]:
                for case in group["cases"]:
                    case.update(call=HOSTILE, expected=HOSTILE, received=HOSTILE, mistake=HOSTILE, note=HOSTILE)
    return records


def report(path: Path, records: list[dict[str, Any]], **options: Any) -> str:
    """The report's text."""
    write_report(records, path / "report.html", **({"titles": TITLES, "learners": LEARNERS} | options))
    return (path / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def soup(tmp_path_factory: pytest.TempPathFactory) -> BeautifulSoup:
    """The class's report."""
    return BeautifulSoup(report(tmp_path_factory.mktemp("report"), a_class()), "html.parser")


def table(soup: BeautifulSoup, heading: str) -> list[list[str]]:
    """The rows of the table below a heading, as text."""
    below = soup.find("h3", string=heading)
    assert isinstance(below, Tag)
    found = below.find_next("table")
    assert isinstance(found, Tag)
    return [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in found.select("tbody tr, tfoot tr")
    ]


def test_the_header_counts_the_class(soup: BeautifulSoup) -> None:
    """Class size, submissions, and what there is to do."""
    header = " ".join(soup.header.get_text(" ").split())
    assert "A class of 26, 24 submissions. 15 answers to mark by hand, 4 submissions to look at." in header


def test_the_histogram_has_axes_with_units(soup: BeautifulSoup) -> None:
    """Both axes say what they count, and there is a text for whoever cannot see."""
    drawing = soup.find("svg")
    texts = [text.get_text() for text in drawing.find_all("text")]
    assert (
        "points (of 28)" in texts
        and "submissions (count)" in texts
        and "26 to 28 points: 1" in drawing["aria-label"]
    )


def test_the_bars_hold_every_submission(soup: BeautifulSoup) -> None:
    """The counts that the bars name add up to the class."""
    assert sum(int(bar.get_text().split(": ")[1]) for bar in soup.select("svg rect title")) == 24


def test_the_questions_table(soup: BeautifulSoup) -> None:
    """Title, points, mean share, discrimination, verdicts in words."""
    assert table(soup, "Questions")[0] == [
        "How big is the output? out_ size",
        "6",
        "87 %",
        "+0.17 weak",
        "18 passed · 4 partly · 1 missing · 1 tampered",
    ]


def test_the_stacked_bar_has_a_pattern_for_each_verdict(soup: BeautifulSoup) -> None:
    """No two verdicts are drawn alike, and the legend names each."""
    style = soup.style.get_text()
    drawn = [
        re.search(rf"\.v-{name} {{ (.*?) }}", style).group(1) for name in ("passed", "partly", "failed", "manual")
    ]
    assert len(set(drawn)) == 4 and len(soup.select(".legend li")) == 9


def test_a_small_class_says_too_few(tmp_path: Path) -> None:
    """Four submissions show no discrimination."""
    rows = table(BeautifulSoup(report(tmp_path, a_class()[:4]), "html.parser"), "Questions")
    assert {row[3] for row in rows} == {"too few"}


def test_the_commonest_mistake_names_who_made_it(soup: BeautifulSoup) -> None:
    """How many, which mistake in which question, and who."""
    (row,) = [row for row in table(soup, "Commonest mistakes") if PLUS_ONE in row[1]]
    assert (
        row[0] == "4"
        and row[1].endswith("How big is the output?")
        and row[2].startswith("Amina Yusuf , Giulia Rossi")
    )


def test_many_names_are_folded(tmp_path: Path) -> None:
    """After ten names the others wait behind a fold that needs no script."""
    records = [a_record(f"s{index:02d}", {"out_size": f"failed:{PLUS_ONE}"}) for index in range(14)]
    assert "and 4 more" in report(tmp_path, records, learners=None)


def test_who_waits_for_a_person(soup: BeautifulSoup) -> None:
    """The question once, then every student with a link to the answer."""
    links = soup.find("h3", string="To mark by hand").find_next("table").find_all("a")
    assert len(links) == 15
    assert links[0]["href"] == f"feedback/student02/{LAB}/{LAB}.html#question-essay-why_floor"


def test_who_needs_attention(soup: BeautifulSoup) -> None:
    """Timeouts, dead programs, changed cells and broken files, by name."""
    names = [row[0] for row in table(soup, "To look at")]
    assert names == ["Jonas Müller", "Nour Haddad", "Rosa García", "Wanjiru Kamau"]


def test_who_handed_in_nothing(soup: BeautifulSoup) -> None:
    """Whoever is in the class and has no record is named."""
    assert "Nothing handed in (2): Yael Cohen, Zoltán Kiss." in soup.get_text()


def test_students_are_sorted_by_name(soup: BeautifulSoup) -> None:
    """By name, accents aside, and not by folder."""
    names = [row[0].split(" student")[0] for row in table(soup, "All students")[:-1]]
    assert names[:4] == ["Amina Yusuf", "Ángel Núñez", "Bo Li", "Chloé Dubois"] and len(names) == 24


def test_points_are_coloured_and_labelled(soup: BeautifulSoup) -> None:
    """A cell says its verdict in a word beside its colour."""
    cells = soup.select(".students td.points")
    assert (
        all(cell.small.get_text() == cell["class"][1].removeprefix("t-") for cell in cells) and len(cells) == 144
    )


def test_an_unread_essay_has_no_zero(soup: BeautifulSoup) -> None:
    """What waits for a person shows a dash: it is not 0 points."""
    assert {cell.get_text() for cell in soup.select("td.t-manual")} == {"–manual"}


def test_several_labs_have_a_section_each(tmp_path: Path) -> None:
    """In the order of the titles, unknown labs by their id after them."""
    others = [record | {"lab": "lab01_other"} for record in a_class()]
    soup = BeautifulSoup(report(tmp_path, [*others, *a_class()]), "html.parser")
    assert [heading.get_text() for heading in soup.find_all("h2")] == [TITLES[LAB]["title"], "lab01_other"]


def test_no_record_is_no_error(tmp_path: Path) -> None:
    """A class that handed in nothing has a page that says so."""
    assert "No submission has been graded yet." in report(tmp_path, [])


def test_a_record_without_questions_is_shown(tmp_path: Path) -> None:
    """A file in which nothing was found is for a person to look at."""
    assert "no question was found in this file" in report(tmp_path, [a_record("s1", {})])


def test_a_question_that_one_submission_lacks(tmp_path: Path) -> None:
    """The others' column stays, the cell says that it is not there."""
    records = [
        a_record("s1", {"out_size": "passed", "same_padding": "passed"}),
        a_record("s2", {"out_size": "passed"}),
    ]
    assert "not there" in report(tmp_path, records)


def test_the_report_is_reproducible(tmp_path: Path) -> None:
    """The same records give the same bytes: no date, no random name."""
    assert report(tmp_path, a_class()) == report(tmp_path / "again", a_class())


def test_students_texts_make_no_element(tmp_path: Path) -> None:
    """Hostile texts change the text of the page, never its elements or their attributes."""
    soup = BeautifulSoup(report(tmp_path, hostile_class(), learners=None), "html.parser")
    assert not soup.find_all(["script", "img", "iframe", "object", "link", "form"])
    assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert "<script>alert(1)</script>" in soup.get_text() and "{{ 7 * 7 }}" in soup.get_text()


def test_no_control_character_reaches_the_page(tmp_path: Path) -> None:
    """Escapes and marks that turn the reading direction are removed everywhere."""
    assert not DEAD.search(report(tmp_path, hostile_class(), learners=None))


def test_links_stay_below_the_feedback_folder(tmp_path: Path) -> None:
    """A folder's name is one part of a path, whatever it is."""
    soup = BeautifulSoup(
        report(tmp_path, [a_record("../a b?#", {"out_size": "died"})], learners=None), "html.parser"
    )
    links = {link["href"] for link in soup.find_all("a")}
    assert links == {f"feedback/..%2Fa%20b%3F%23/{LAB}/{LAB}.html"}


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    """A note of 50,000 characters does not fill the report."""
    assert "y" * 1000 not in report(tmp_path, hostile_class(), learners=None)


def test_the_page_may_load_nothing(soup: BeautifulSoup) -> None:
    """The browser is told so, and nothing in the page asks for it."""
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert (
        not soup.find_all(src=True)
        and "url(" not in soup.style.get_text()
        and "@import" not in soup.style.get_text()
    )


def test_the_report_is_written_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched while it is made."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert report(tmp_path, a_class())


def test_wide_tables_scroll_inside_the_page(soup: BeautifulSoup) -> None:
    """Tables with many columns stand in a container that scrolls and that a keyboard reaches."""
    for name in ("questions", "mistakes", "students"):
        box = soup.find("table", class_=name).parent
        assert "scroll" in box["class"] and box["tabindex"] == "0" and box["aria-label"]


def test_the_page_knows_phones_and_paper(soup: BeautifulSoup) -> None:
    """It has a viewport, a style for narrow screens and one for print."""
    style = soup.style.get_text()
    assert (
        soup.find("meta", attrs={"name": "viewport"}) and "@media print" in style and "max-width: 40rem" in style
    )
