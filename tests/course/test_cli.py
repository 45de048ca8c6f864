"""The learner's commands, as a learner runs them."""

from __future__ import annotations

import json
import subprocess
import sys

import nbformat
import pytest

from course import cli, doctor, syllabus
from tests.sample_class import SHAPES, answered

# What the extra `grade` brings and a learner's machine does not have.
WITHOUT_GRADER = "import sys; sys.modules.update(dict.fromkeys(['nbgrader', 'sqlalchemy', 'jupytext', 'yaml']))"


def test_labs_prints_the_table(capsys):
    """One line a lab, with its points, and the sum."""
    assert cli.main(["labs"]) == 0
    printed = capsys.readouterr().out
    for lab in syllabus.labs().values():
        assert f"{lab.id:<20} {lab.points:>6}" in printed
    for exploration in syllabus.explorations().values():
        assert f"{exploration.title} (nothing is graded)" in printed


def test_doctor_says_what_is_there(capsys):
    """With everything installed it ends with what to do next."""
    assert cli.main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "tensorflow" in printed and "GPU" in printed and "Next: open notebooks/" in printed


def test_doctor_says_what_to_do(monkeypatch, capsys):
    """A missing or old package gets the command that mends it."""
    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "scipy" else "0.1")
    assert cli.main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert 'pip install "ipywidgets>=8.0"' in printed and '"scipy>=1.11"' in printed


def run_check(path) -> subprocess.CompletedProcess[str]:
    """`course check` in a process of its own, on a machine without the grader's packages."""
    code = f"{WITHOUT_GRADER}; from course.cli import main; sys.exit(main(['check', {str(path)!r}]))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_check_of_a_right_notebook(tmp_path):
    """All checks passed: exit status 0, and the essay waits for a person."""
    path = tmp_path / "my answers.ipynb"
    nbformat.write(answered(SHAPES, "ana"), path)
    done = run_check(path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "28 of 30 points" in done.stdout and "why_227" in done.stdout


@pytest.mark.slow
def test_check_of_an_untouched_notebook():
    """Nothing answered: exit status 1, every question named."""
    done = run_check(syllabus.released(SHAPES))
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("missing") == len(syllabus.labs()[SHAPES].load())


def test_check_of_an_exploration(capsys):
    """There is nothing to check, and the command says so."""
    assert cli.main(["check", str(syllabus.released("extra_applications"))]) == 2
    assert "nothing in this notebook is graded" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "not a notebook of this course"),
        ("not JSON", "not a notebook of this course"),
        (
            json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
            "not a notebook of this course",
        ),
    ],
)
def test_check_of_something_else(tmp_path, capsys, content, message):
    """A missing file, a text, another notebook: exit status 2 and a sentence."""
    path = tmp_path / "other.ipynb"
    if content is not None:
        path.write_text(content)
    assert cli.main(["check", str(path)]) == 2
    assert message in capsys.readouterr().err


def test_check_of_a_broken_lab(tmp_path, capsys):
    """A lab's name with no notebook in it: exit status 2 and a sentence that names the file."""
    path = tmp_path / f"{SHAPES}.ipynb"
    path.write_text("{")
    assert cli.main(["check", str(path)]) == 2
    assert "is not JSON" in capsys.readouterr().err


def test_learners_half_needs_no_unix():
    """Without fcntl, resource, pwd, termios and alarm signals, as on Windows, a lab starts and a check answers."""
    code = """
import signal, sys
sys.modules.update(dict.fromkeys(["fcntl", "resource", "pwd", "grp", "termios", "nbgrader"]))
for name in ("setitimer", "SIGALRM", "SIGKILL", "ITIMER_REAL"):
    delattr(signal, name)
from course import check, explore, figures, start
start("lab04_shapes")
figures.places(7, 3, 2, 0)
def fits(n, f, s, p):
    return (n + 2 * p - f) % s == 0
def unread_pixels(n, f, s, p):
    read = {start + tap for start in range(-p, n + p - f + 1, s) for tap in range(f)}
    return len(set(range(n)) - read)
assert check("unread_pixels") == 4.0
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
