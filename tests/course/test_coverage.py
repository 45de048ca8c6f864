"""docs/coverage.md tells the truth: no row is left out, and every passage stands where the page says."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course import syllabus

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
SOURCES = (path for path in (ROOT / "solutions").glob("*/*.py") if path.stem == path.parent.name)
LABS = {"extra" if path.stem.startswith("extra") else path.stem[3:5]: path.stem for path in sorted(SOURCES)}
PASSAGE = re.compile(r"(\d\d|extra) (taught|shown|repaired|graded \(([\w-]+)\)): `([^`]+)`")
SYSTEMS = """
McCulloch, Pitts, Hebb, Rosenblatt, Perceptron, MLP, Hubel, Wiesel, Rumelhart, Hinton, Williams, Sobel, LeNet-5,
Neocognitron, DBN, CD-DNN-HMM, NEC-UIUC, AlexNet, SuperVision, ZFNet, GoogLeNet, VGG A, A-LRN, MSRA, ResNet-34,
-50, -101, -152, ResNet-34 A, plain-34, Faster R-CNN, YOLO, Farabet, Mnih, Toshev, Szegedy, Dieleman,
Sermanet, Ciresan, Levy, Whales, Vinyals, Karpathy, Fei-Fei, NeuralTalk2, Gatys, VAE, GAN, Stable Diffusion,
ConvNetJS, Géron, ImageNet, ILSVRC, CIFAR-10, MNIST, Fashion-MNIST
"""


@dataclass(frozen=True)
class Passage:
    """Words of one lab that the page quotes.

    Args:
        row: First column of the row, such as "E7".
        lab: The lab's number, such as "04", or "extra" for the exploration.
        how: "taught", "shown", "repaired" or "graded (question)".
        question: The question that asks for it, empty if none does.
        words: What stands in the lab.
    """

    row: str
    lab: str
    how: str
    question: str
    words: str


@dataclass(frozen=True)
class Cell:
    """A cell as learners read it, on one line; `questions` are those of its section's heading."""

    prose: bool
    text: str
    questions: tuple[str, ...]


def rows(page: str, heading: str) -> dict[str, str]:
    """First and last column of the table below a heading."""
    lines = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0].splitlines()
    table = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if line.startswith("| ")][1:]
    names = [columns[0].strip() for columns in table]
    assert all(len(columns) == 3 for columns in table), [row for row in table if len(row) != 3]
    assert len(set(names)) == len(names), Counter(names).most_common(3)
    return {columns[0].strip(): columns[2].strip() for columns in table}


def passages(page: str) -> list[Passage]:
    """All passages that the page quotes."""
    found = []
    for heading in ("Concepts", "Worked numbers", "Systems, people and data", "Programs", "Errors"):
        for row, where in rows(page, heading).items():
            for one in where.split("<br>"):
                match = PASSAGE.fullmatch(one)
                assert match, f"{row}: {one}"
                lab, how, question, words = match.groups(default="")
                found.append(Passage(row, lab, how, question, words.replace(r"\|", "|")))
    return found


@cache
def cells(lab: str) -> tuple[Cell, ...]:
    """The cells of a lab's source, without answers and model answers."""
    text = (ROOT / "solutions" / LABS[lab] / f"{LABS[lab]}.py").read_text(encoding="utf-8")
    text = re.sub(r"### BEGIN SOLUTION.*?### END SOLUTION", "", text, flags=re.S)
    found, questions = [], ()
    for part in re.split(r"^# %%", text, flags=re.M)[1:]:
        head, _, body = part.partition("\n")
        prose = "[markdown]" in head
        if prose:
            body = re.sub(r"^# ?(> ?)?", "", body, flags=re.M)
            heading = re.search(r"^## .*", body, flags=re.M)
            questions = tuple(re.findall(r"\{points:([\w-]+)\}", heading[0])) if heading else questions
        if "essay:" not in head:
            found.append(Cell(prose, " ".join(body.split()), questions))
    return tuple(found)


def lost(page: str) -> list[Passage]:
    """Passages that do not stand in exactly one cell of their lab."""
    return [one for one in passages(page) if sum(one.words in cell.text for cell in cells(one.lab)) != 1]


def home(passage: Passage) -> Cell | None:
    """The cell in which a passage stands, None if it is lost."""
    return next((cell for cell in cells(passage.lab) if passage.words in cell.text), None)


def test_every_row_is_there():
    """Forty concepts, 29 worked numbers and 43 errors, each once and in order."""
    for heading, letter, count in [("Concepts", "C", 40), ("Worked numbers", "W", 29), ("Errors", "E", 43)]:
        assert list(rows(PAGE, heading)) == [f"{letter}{number}" for number in range(1, count + 1)]


def test_every_system_is_there():
    """Each system, person and data set that the lectures name has its row."""
    named = " ".join(rows(PAGE, "Systems, people and data"))
    assert [name for name in re.split(r",\s+", SYSTEMS.strip()) if name not in named] == []


def test_passages_are_specific():
    """Between 15 and 80 characters, and none of them serves twice."""
    words = [one.words for one in passages(PAGE)]
    assert [text for text in words if not 15 <= len(text) <= 80] == []
    assert [text for text, count in Counter(words).items() if count > 1] == []


def test_passages_stand_in_their_labs():
    """In one cell of the lab, outside answers and model answers, and only in one."""
    assert lost(PAGE) == []


def test_passages_do_what_the_page_says():
    """Text teaches, a box repairs, and a graded passage stands in the section of its question."""
    for one in passages(PAGE):
        cell = home(one)
        assert cell, one
        assert cell.prose or one.how not in ("taught", "repaired"), one
        assert "**Lecture, repaired.**" in cell.text or one.how != "repaired", one
        assert not one.question or one.question in cell.questions, one


def test_every_box_is_on_the_page():
    """Each "Lecture, repaired" box of a lab is quoted somewhere."""
    for lab in LABS:
        quoted = {home(one) for one in passages(PAGE) if one.lab == lab}
        boxes = {cell for cell in cells(lab) if "**Lecture, repaired.**" in cell.text}
        assert boxes <= quoted, boxes - quoted


def test_every_lab_is_on_the_page():
    """The page names every lab of the syllabus, and nothing that has no source."""
    named = {one.lab for one in passages(PAGE)}
    assert {lab.number for lab in syllabus.labs().values()} <= named <= set(LABS)


def test_a_changed_passage_is_noticed():
    """One letter more in a passage, in each of some rows, and it is lost."""
    for one in passages(PAGE)[::20]:
        quoted = f"`{one.words.replace('|', chr(92) + '|')}`"
        changed = PAGE.replace(quoted, quoted[:-1] + "x`")
        assert changed != PAGE
        assert [missing.row for missing in lost(changed)] == [one.row]
