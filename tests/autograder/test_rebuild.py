"""The released notebook and the student's, put together."""

from __future__ import annotations

import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder._rebuild import rebuild
from tests.autograder.small_lab import RIGHT, START, STUB, answered, cell, ids, released


def put(found, position, *cells):
    found.cells[position:position] = cells
    return found


def without(found, *gone):
    found.cells = [cell for cell in found.cells if cell.id not in gone]
    return found


def place(found, id):
    return ids(found).index(id)


def test_an_honest_notebook_stays_as_it_is():
    """Same cells, same order, the student's answer, nothing to note."""
    result = rebuild(released(), answered())
    assert ids(result.notebook) == ids(released())
    assert cell(result.notebook, "double").source == RIGHT
    assert result.notes == []
    assert result.missing_answers == frozenset()


def test_the_result_is_a_valid_notebook():
    """nbformat has nothing to say."""
    sent = put(answered(), 2, new_code_cell("x = 1", id="a"), new_code_cell("y = 1", id="double"))
    cell(sent, "a").id = "no valid id"
    nbformat.validate(rebuild(released(), sent).notebook)


def test_neither_notebook_is_changed():
    """The rebuilt notebook is a new one."""
    lab, sent = released(), answered()
    before = copy.deepcopy((lab, sent))
    rebuild(lab, sent).notebook.cells[2].metadata.nbgrader.points = 99
    assert (lab, sent) == before


def test_a_changed_check_gets_its_text_back():
    """Whatever the student made of it."""
    sent = answered()
    cell(sent, "check-double").source = "4.0"
    result = rebuild(released(), sent)
    assert cell(result.notebook, "check-double").source == 'check("double")'
    assert result.notes == ["The check cell of double was changed; the released text was put back."]


def test_changed_points_count_as_released():
    """Points are read from the release."""
    sent = answered()
    cell(sent, "check-double").metadata.nbgrader.points = 400
    result = rebuild(released(), sent)
    assert cell(result.notebook, "check-double").metadata.nbgrader.points == 4
    assert result.notes == ["The check cell of double had other points; the released ones count."]


def test_a_deleted_check_is_put_back_after_the_students_code():
    """Before the next released cell, so that what the student wrote meanwhile runs first."""
    sent = put(without(answered(), "check-double"), 3, new_code_cell("later = 1", id="own"))
    result = rebuild(released(), sent)
    assert (
        place(result.notebook, "own") < place(result.notebook, "check-double") < place(result.notebook, "cell-05")
    )
    assert result.notes == ["The check cell of double was deleted; it was put back."]


def test_a_check_deleted_with_all_that_followed_comes_last():
    """No released cell is left to stand before."""
    sent = without(answered(), "check-double", "cell-05", "cell-06", "essay-why")
    result = rebuild(released(), put(sent, 9, new_code_cell("x = 1", id="own")))
    assert ids(result.notebook)[-4:] == ["own", "check-double", "cell-06", "essay-why"]


def test_a_deleted_answer_cell_is_not_put_back():
    """Its stub would hide a definition that stands in another cell."""
    sent = put(without(answered(), "double"), 2, new_code_cell(RIGHT, id="own"))
    result = rebuild(released(), sent)
    assert STUB not in [item.source for item in result.notebook.cells]
    assert result.missing_answers == {"double"}
    assert result.notes == ["The answer cell of double was deleted; its check decides."]


def test_a_deleted_essay_is_put_back_unanswered():
    """nbgrader then scores it 0 instead of waiting for a person."""
    result = rebuild(released(), without(answered(), "essay-why"))
    assert cell(result.notebook, "essay-why").source == "*Your answer here.*"
    assert result.notes == ["The written answer why was deleted; it was put back."]


def test_a_deleted_example_is_put_back():
    """Released code that later cells may need."""
    result = rebuild(released(), without(answered(), "cell-06"))
    assert place(result.notebook, "cell-06") == place(result.notebook, "essay-why") - 1


def test_a_deleted_start_is_put_back():
    """Without it no check knows its lab."""
    assert ids(rebuild(released(), without(answered(), "cell-01")).notebook)[0] == "cell-01"


def test_a_start_elsewhere_is_enough():
    """A second start would forget the learner's id."""
    sent = put(without(answered(), "cell-01"), 0, new_code_cell(START.replace('""', '"ana"'), id="own"))
    result = rebuild(released(), sent)
    assert "cell-01" not in ids(result.notebook)
    assert result.notes == []


def test_a_commented_start_is_not_enough():
    """It starts nothing."""
    sent = put(without(answered(), "cell-01"), 0, new_code_cell('# start("tiny")', id="own"))
    assert "cell-01" in ids(rebuild(released(), sent).notebook)


def test_the_students_own_cells_stay_where_they_stood():
    """Helpers above, experiments below."""
    sent = put(answered(), 2, new_code_cell("def helper(): pass", id="h"), new_markdown_cell("my notes", id="n"))
    result = rebuild(released(), sent)
    assert ids(result.notebook)[2:4] == ["h", "n"]


def test_a_copied_check_is_dropped():
    """The one with the release's id stays, wherever it stands."""
    copied = copy.deepcopy(cell(released(), "check-double"))
    copied.id = "copy"
    result = rebuild(released(), put(answered(), 4, copied))
    assert ids(result.notebook) == ids(released())
    assert result.notes == ["The check cell of double stands 2 times; one was kept."]


def test_of_two_checks_without_the_releases_id_the_last_stays():
    """The later one sees more of the student's code."""
    sent = answered()
    second = copy.deepcopy(cell(sent, "check-double"))
    cell(sent, "check-double").id, second.id = "one", "two"
    result = rebuild(released(), put(sent, 6, second))
    assert place(result.notebook, "check-double") == 5


def test_own_code_in_a_copy_of_a_check_survives():
    """Copying a cell to write into the copy is common."""
    helper = copy.deepcopy(cell(released(), "check-double"))
    helper.id, helper.source = "copy", "def helper(): return 1"
    result = rebuild(released(), put(answered(), 2, helper))
    assert cell(result.notebook, "copy").source == "def helper(): return 1"
    assert cell(result.notebook, "copy").metadata == {}
    assert "runs as the student's own" in result.notes[0]


def test_a_split_answer_keeps_all_its_code():
    """The first part is the answer cell, the second a plain cell after it."""
    sent = answered("def helper(n):\n    return n")
    second = copy.deepcopy(cell(sent, "double"))
    second.id, second.source = "split", "double = lambda n: helper(n) * 2"
    result = rebuild(released(), put(sent, 3, second))
    assert ids(result.notebook)[2:5] == ["double", "split", "check-double"]
    assert cell(result.notebook, "split").metadata == {}
    assert "The answer cell of double stands 2 times" in result.notes[0]


def test_an_answer_turned_into_markdown_is_turned_back():
    """One key press in Jupyter does it."""
    sent = answered()
    cell(sent, "double").cell_type = "markdown"
    result = rebuild(released(), sent)
    assert cell(result.notebook, "double").cell_type == "code"
    assert result.notes == ["The answer cell of double was turned into a markdown cell; it is a code cell again."]


def test_an_essay_turned_into_code_is_turned_back():
    """It would run, and be scored as a test."""
    sent = answered(why="because")
    cell(sent, "essay-why").cell_type = "code"
    assert cell(rebuild(released(), sent).notebook, "essay-why").cell_type == "markdown"


@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception"])
def test_a_tag_that_changes_grading_is_removed(tag):
    """A skipped test would score full points."""
    sent = answered()
    cell(sent, "check-double").metadata.tags = [tag]
    result = rebuild(released(), sent)
    assert "tags" not in cell(result.notebook, "check-double").metadata
    assert result.notes == [
        f"The check cell of double has the tag '{tag}', which the release has not; it was removed."
    ]


def test_foreign_nbgrader_metadata_is_removed():
    """A graded cell that the release does not have is the student's own code."""
    own = new_code_cell("5.0", id="own", metadata={"nbgrader": {"grade_id": "bonus", "grade": True, "points": 5}})
    result = rebuild(released(), put(answered(), 1, own))
    assert cell(result.notebook, "own").metadata == {}
    assert "'bonus'" in result.notes[0]


def test_the_notebooks_metadata_is_the_releases():
    """Another lab, another kernel, widgets: gone."""
    sent = answered()
    sent.metadata = nbformat.from_dict({"widgets": {"a": 1}, "kernelspec": {"name": "evil"}})
    assert rebuild(released(), sent).notebook.metadata == released().metadata


def test_cells_are_known_by_their_grade_id_when_ids_are_gone():
    """Colab and old Jupyter write no cell ids; the edited example is not run a second time."""
    sent = answered()
    for item in sent.cells:
        del item["id"]
    sent.cells[5].source = "shown = 2"
    result = rebuild(released(), sent)
    assert [item.source for item in result.notebook.cells] == [item.source for item in sent.cells]
    assert result.notes == []


def test_released_code_without_ids_is_known_by_its_text():
    """So that a restored check finds its place."""
    sent = without(answered(), "check-double")
    for item in sent.cells:
        del item["id"]
    sources = [item.source for item in rebuild(released(), sent).notebook.cells]
    assert sources.index('check("double")') == sources.index("shown = 1") - 1


def test_cells_are_known_by_their_id_when_metadata_is_gone():
    """An editor that drops metadata keeps ids."""
    sent = answered()
    for item in sent.cells:
        item.metadata = nbformat.NotebookNode()
    result = rebuild(released(), sent)
    assert [item.metadata for item in result.notebook.cells] == [item.metadata for item in released().cells]
    assert result.notes == []


def test_attachments_of_an_essay_are_kept():
    """A photograph of a page of handwriting."""
    sent = answered(why="![page](attachment:page.png)")
    cell(sent, "essay-why").attachments = {"page.png": {"image/png": "aGk="}}
    kept = cell(rebuild(released(), sent).notebook, "essay-why").attachments
    assert json.dumps(kept) == '{"page.png": {"image/png": "aGk="}}'


def test_every_id_is_unique():
    """nbformat refuses duplicates, and a released cell keeps its own."""
    sent = put(answered(), 1, *(new_code_cell(f"x = {n}", id="same") for n in range(3)))
    found = ids(rebuild(released(), sent).notebook)
    assert len(set(found)) == len(found)
    assert set(ids(released())) <= set(found)
