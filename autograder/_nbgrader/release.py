"""A released notebook, made by nbgrader's own generate_assignment in a throwaway folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder._errors import BuildError


def generate(notebook: NotebookNode, lab: str, config: Path) -> NotebookNode:
    """What learners get: answers replaced by stubs, checks locked, checksums set.

    Args:
        notebook: The solution with nbgrader's metadata.
        lab: The lab's id, which is nbgrader's assignment.
        config: The course's `nbgrader_config.py`; only its folder names and stubs matter here.

    Raises:
        BuildError: If nbgrader fails; the message ends with nbgrader's last lines.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "solutions", lab)
        source.mkdir(parents=True)
        nbformat.write(notebook, source / f"{lab}.ipynb")
        shutil.copy(config, folder)
        done = run_nbgrader(["generate_assignment", lab], Path(folder))
        released = Path(folder, "notebooks", lab, f"{lab}.ipynb")
        if done.returncode != 0 or not released.exists():
            last = "\n".join(done.stderr.strip().splitlines()[-5:])
            raise BuildError(f"{lab}: nbgrader generate_assignment failed (status {done.returncode}):\n{last}")
        return nbformat.read(released, as_version=4)


def run_nbgrader(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one of nbgrader's commands in a folder, with that folder's settings and nobody else's."""
    # nbgrader calls alembic by name, also when this environment is not activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    with tempfile.TemporaryDirectory() as no_settings:
        return subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=folder,
            env={**os.environ, "PATH": path, "JUPYTER_CONFIG_DIR": no_settings},
            capture_output=True,
            text=True,
            check=False,
        )
