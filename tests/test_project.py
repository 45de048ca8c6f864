"""The project's own files agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_environment_lists_the_requirements_of_pyproject():
    """conda and Binder install what pip would: the learner's requirements and JupyterLab."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert pip == [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"], "-e ."]
    assert f"python{PROJECT['requires-python']}" in environment["dependencies"]


def test_learners_requirements_are_lower_bounds():
    """No exact version reaches a learner: Colab keeps its own TensorFlow."""
    for requirement in PROJECT["dependencies"]:
        assert re.fullmatch(r"[\w-]+>=[\d.]+", requirement), requirement


def test_constraints_are_exact_and_name_no_address():
    """constraints.txt has one exact version a line and nothing else."""
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[\w.-]+==[\w.+!-]+", line), line


def test_constraints_cover_the_requirements():
    """Every direct requirement has its exact version."""
    fixed = {re.split("==", line)[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines()}
    extras = [item for extra in PROJECT["optional-dependencies"].values() for item in extra]
    wanted = [*PROJECT["dependencies"], *extras]
    names = {re.split(r"[>\[]", item)[0].lower() for item in wanted} - {PROJECT["name"]}
    assert names <= fixed, names - fixed


def test_autograder_never_imports_course():
    """Imports go one way: notebooks, course, autograder."""
    for path in (ROOT / "autograder").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) course\b", path.read_text(encoding="utf-8"), re.M), path


def test_only_one_folder_imports_nbgrader():
    """nbgrader is imported in autograder/_nbgrader alone."""
    for folder in ("autograder", "course"):
        for path in (ROOT / folder).rglob("*.py"):
            if "_nbgrader" not in path.parts:
                assert not re.search(r"^\s*(from|import) nbgrader\b", path.read_text(encoding="utf-8"), re.M), path


def test_notebooks_folder_holds_released_notebooks_only():
    """Whatever else stood there would be copied to learners."""
    files = [
        path
        for path in (ROOT / "notebooks").rglob("*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    ]
    assert files
    assert all(path.suffix == ".ipynb" and path.stem == path.parent.name for path in files), files


def test_public_names():
    """What `autograder` and `course` offer is what their __all__ says."""
    import autograder
    import autograder.check
    import course

    for module in (autograder, autograder.check, course):
        assert all(hasattr(module, name) for name in module.__all__)
        assert sorted(module.__all__) == module.__all__
