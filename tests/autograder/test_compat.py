"""How ordinary nbgrader test cells score: held against nbgrader's own function, output by output, in both modes.

`docs/compat.md` is the same table for people.
"""

from __future__ import annotations

import pytest
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade

from autograder._nbgrader.directory import ClassDirectory
from autograder._nbgrader.gradebook import Gradebook
from autograder._notebook import Lab
from autograder._rebuild import put_full_source, rebuild
from autograder._store import Place
from autograder._verdicts import read_verdicts
from tests.autograder.small_lab import LAB, notebook, test_cell

ERROR = new_output("error", ename="AssertionError", evalue="", traceback=[])
STDOUT = new_output("stream", name="stdout", text="1\n")
STDERR = new_output("stream", name="stderr", text="UserWarning: input_shape")
DISPLAY = new_output("display_data", data={"text/plain": "2"})
MANUAL = None
REFUSED = "nbgrader fails the whole submission"


def value(text):
    return new_output("execute_result", data={"text/plain": text})


# Name: outputs, points of 5 by default, points with --compat nbgrader. MANUAL waits for a person.
TABLE = {
    "nothing": ([], 5, 5),
    "stdout": ([STDOUT], 5, 5),
    "display": ([DISPLAY], 5, 5),
    "error": ([ERROR], 0, 0),
    "stderr": ([STDERR], 5, 0),
    "stderr, then 2": ([STDERR, value("2")], 2, 0),
    "2, then stderr": ([value("2"), STDERR], 2, 2),
    "stderr, then an error": ([STDERR, ERROR], 0, 0),
    "stdout, then 2": ([STDOUT, value("2")], 2, 2),
    "2": ([value("2")], 2, 2),
    " 2 ": ([value(" 2 ")], 2, 2),
    "2.5": ([value("2.5")], 2.5, 2.5),
    "0": ([value("0")], 0, 0),
    "0.0": ([value("0.0")], 0, 0),
    "5": ([value("5")], 5, 5),
    "5e0": ([value("5e0")], 5, 5),
    "as a list": ([new_output("execute_result", data={"text/plain": ["2"]})], 2, 2),
    "two lines": ([new_output("execute_result", data={"text/plain": ["2\n", "3"]})], 5, 5),
    "-1": ([value("-1")], MANUAL, 5),
    "nan": ([value("nan")], MANUAL, 5),
    "True": ([value("True")], 5, 5),
    "False": ([value("False")], MANUAL, 5),
    "np.True_": ([value("np.True_")], 5, 5),
    "np.False_": ([value("np.False_")], MANUAL, 5),
    "None": ([value("None")], 5, 5),
    "'2'": ([value("'2'")], 5, 5),
    "[2]": ([value("[2]")], 5, 5),
    "an object": ([value("<function f at 0x7f>")], 5, 5),
    "np.float64(2.0)": ([value("np.float64(2.0)")], 2, 5),
    "np.int64(2)": ([value("np.int64(2)")], 2, 5),
    "np.float32(0.5)": ([value("np.float32(0.5)")], 0.5, 5),
    "np.longdouble('2.0')": ([value("np.longdouble('2.0')")], 2, 5),
    "np.float64(6.0)": ([value("np.float64(6.0)")], MANUAL, 5),
    "np.float64(nan)": ([value("np.float64(nan)")], MANUAL, 5),
    "a tensor": ([value("<tf.Tensor: shape=(), dtype=float32, numpy=2.0>")], 2, 5),
    "6": ([value("6")], MANUAL, REFUSED),
    "inf": ([value("inf")], MANUAL, REFUSED),
    "no text": ([new_output("execute_result", data={"text/html": "<b>2</b>"})], MANUAL, REFUSED),
    "2, then an error": ([value("2"), ERROR], 2, 2),
    "an error, then 2": ([ERROR, value("2")], 0, 0),
    "2, then 3": ([value("2"), value("3")], 2, 2),
    "text, then an error": ([value("'done'"), ERROR], 5, 5),
}


def done(outputs):
    """A notebook with one executed test of 5 points."""
    lab = notebook([test_cell("test-1", "f()", 5), test_cell("test-2", "g()", 2)])
    found = rebuild(lab, lab).notebook
    found.cells[0].outputs = outputs
    return lab, found


@pytest.mark.parametrize("name", TABLE)
def test_compat_is_nbgraders_own_function(name):
    """Every row, against `determine_grade`; what it refuses waits for a person."""
    outputs, _, expected = TABLE[name]
    _, found = done(outputs)
    question = read_verdicts(found, compat="nbgrader")["test-1"]
    if expected == REFUSED:
        with pytest.raises((ValueError, KeyError)):
            determine_grade(found.cells[0])
        assert (question["verdict"], question["points"]) == ("manual", 0)
    else:
        assert determine_grade(found.cells[0])[0] == question["points"] == expected


@pytest.mark.parametrize("name", TABLE)
def test_the_default_differs_where_nbgrader_is_a_trap(name):
    """Every row, as `docs/compat.md` says; a message says why a person has to look."""
    outputs, expected, _ = TABLE[name]
    question = read_verdicts(done(outputs)[1])["test-1"]
    if expected is MANUAL:
        assert (question["verdict"], question["points"]) == ("manual", 0)
        assert question["message"].startswith("The test ")
    else:
        assert question["points"] == expected
        assert question["verdict"] != "manual"


@pytest.mark.parametrize("compat", ["", "nbgrader"])
@pytest.mark.parametrize("name", TABLE)
def test_the_gradebook_has_the_same(tmp_path, name, compat):
    """What the table says is what formgrader shows, and no row costs another cell its points."""
    outputs, default, plain = TABLE[name]
    expected = plain if compat else default
    lab, found = done(outputs)
    ana = Place(LAB, LAB, "ana")
    with Gradebook(ClassDirectory(tmp_path)) as book:
        book.register(Lab(LAB, lab, "hash"))
        book.record(ana, found, read_verdicts(found, compat=compat), tmp_path)
        grades = book.recorded(ana).grades
    assert grades["test-2"].points == 2
    automatic = None if expected in (MANUAL, REFUSED) else expected
    assert (grades["test-1"].automatic, grades["test-1"].needs_manual) == (automatic, automatic is None)


def test_stderr_that_the_class_ignores_costs_nothing():
    """nbgrader's own IgnorePattern drops it before it scores."""
    found = done([STDERR])[1]
    assert read_verdicts(found, compat="nbgrader", ignored="input_shape")["test-1"]["points"] == 5
    assert read_verdicts(found, compat="nbgrader", ignored="HDF5")["test-1"]["points"] == 0


def test_a_test_that_is_all_hidden_is_no_empty_one():
    """Its released text is empty; what ran decides."""
    lab, found = done([])
    found.cells[0].source = ""
    assert read_verdicts(found)["test-1"]["points"] == determine_grade(found.cells[0])[0] == 5
    put_full_source(found.cells[0], "assert f(2)")
    found.cells[0].outputs = [ERROR]
    assert read_verdicts(found)["test-1"]["points"] == 0
    assert lab.cells[0].source == "f()"
