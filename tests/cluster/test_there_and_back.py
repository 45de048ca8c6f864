"""From a downloaded zip to uploaded grades on a cluster: the commands of docs/from-your-lms.md themselves."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import nbformat
import pytest

from tests.autograder.lms import GRADEBOOK, canvas, write_zip
from tests.autograder.small_lab import HALF, LAB, RIGHT, ROOT, WRONG, answered, kernel_path, released
from tests.cluster.services import cluster, postgres

pytestmark = pytest.mark.slow
PAGE = (ROOT / "docs" / "from-your-lms.md").read_text(encoding="utf-8")
HEADING = "## On a cluster"


def commands(section: str) -> list[str]:
    """The lines of a section's first block that are commands of the autograder."""
    block = re.search(r"```\n(.*?)```", section, re.S)[1].replace("\\\n", " ")
    return [line for line in block.splitlines() if line.startswith("autograder ")]


def run(lines: list[str], folder, words: dict[str, str]) -> None:
    """Type each line in a folder, with some words of the page exchanged for those of this machine."""
    for line in lines:
        typed = shlex.split(line, comments=True)[1:]
        command = [sys.executable, "-m", "autograder.cli", *(words.get(word, word) for word in typed)]
        environment = {**os.environ, "PYTHONPATH": kernel_path()}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        expected = 1 if "Nothing handed in" in done.stdout else 0  # one student on the roster did not
        assert done.returncode == expected, f"{line}\n{done.stdout}\n{done.stderr}"


def downloaded(folder) -> None:
    """What an instructor has: Canvas' two files, and a class with a released lab."""
    path = folder / "my-class" / "release" / LAB / f"{LAB}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(released(), path)
    (folder / "gradebook.csv").write_text(GRADEBOOK, encoding="utf-8")
    works = {("smithjane", 1001, 51): RIGHT, ("müllerzoë", 1002, 52): HALF, ("doesam", 1004, 53): WRONG}
    entries = [(canvas(*who), nbformat.writes(answered(text)).encode()) for who, text in works.items()]
    write_zip(folder / "submissions.zip", *entries)


def test_the_page_on_one_machine_and_on_a_cluster(tmp_path):
    """Both ways give Canvas the same file, and the cluster's leaves no gradebook on this machine."""
    alone, many = tmp_path / "alone", tmp_path / "many"
    first, _, last = PAGE.partition(HEADING)
    downloaded(alone)
    run(commands(first), alone, {"lab04_shapes": LAB})
    downloaded(many)
    with postgres() as server, cluster(tmp_path / "dask", workers=2) as dask:
        words = {"lab04_shapes": LAB, "tcp://10.0.0.1:8786": dask.address}
        run(commands(last), many, words | {"postgresql://grader@db.example/grades": server.url})
    upload = (alone / "upload.csv").read_bytes()
    assert b",4," in upload and upload == (many / "upload.csv").read_bytes()
    assert (alone / "my-class" / "gradebook.db").exists() and not (many / "my-class" / "gradebook.db").exists()
    assert (many / "my-class" / "feedback" / "zmueller" / LAB / f"{LAB}.html").exists()
