"""Where things are in a class's folder: as its own `nbgrader_config.py` says, else as nbgrader has them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import IgnorePattern
from nbgrader.utils import find_all_files
from traitlets.config import Config, PyFileConfigLoader

from autograder._errors import GradebookError, UsageError

_NAME = re.compile(r"[^/\\\x00+]+")


class ClassDirectory:
    """The folders of a class.

    Args:
        class_dir: The class's folder.

    Raises:
        GradebookError: If its `nbgrader_config.py` cannot be read.
        UsageError: If it arranges its folders in an order of its own.
    """

    def __init__(self, class_dir: Path) -> None:
        self.root = class_dir.resolve()
        self.config = _config(self.root)
        self._directory = CourseDirectory(config=self.config, root=str(self.root))
        self.db_url: str = self._directory.db_url
        self.course_id: str = self._directory.course_id or "default_course"
        usual = CourseDirectory.directory_structure.default_value
        if self._directory.directory_structure != usual:
            raise UsageError(
                f"{self.root / 'nbgrader_config.py'}: directory_structure is "
                f"{self._directory.directory_structure!r}; only {usual!r} can be graded here."
            )

    @property
    def submitted(self) -> Path:
        """The folder with a folder for each student."""
        return Path(self._directory.format_path(self._directory.submitted_directory, "", ""))

    def source(self, lab: str) -> Path:
        """The instructor's own version."""
        return Path(self._directory.format_path(self._directory.source_directory, ".", lab))

    def release(self, lab: str) -> Path:
        """What students got."""
        return Path(self._directory.format_path(self._directory.release_directory, ".", lab))

    def autograded(self, lab: str, student: str) -> Path:
        """What formgrader shows."""
        return Path(self._directory.format_path(self._directory.autograded_directory, student, lab))

    def assignments(self) -> list[str]:
        """The class's own assignments: every folder with notebooks in the release or the source folder."""
        parents = (self.release("."), self.source("."))
        return sorted({name for parent in parents for name in _folders(parent) if notebooks(parent / name)})

    def own(self, lab: str) -> bool:
        """Whether the class has an assignment of that name."""
        return _NAME.fullmatch(lab) is not None and lab not in (".", "..") and lab in self.assignments()

    def files(self, lab: str) -> dict[str, bytes]:
        """The instructor's other files of an assignment, which stand beside every submission, by relative path."""
        folder = next((place for place in (self.source(lab), self.release(lab)) if place.is_dir()), None)
        if folder is None:
            return {}
        students_own = set(Autograde(config=self.config).exclude_overwriting.get(lab, ()))
        found = find_all_files(str(folder), [*self._directory.ignore, "*.ipynb"])
        named = {Path(path).relative_to(folder).as_posix(): Path(path) for path in found}
        return {name: path.read_bytes() for name, path in sorted(named.items()) if name not in students_own}

    def ignored_stderr(self) -> str:
        """Pattern of what nbgrader's IgnorePattern drops from stderr, "" for nothing."""
        step = IgnorePattern(config=self.config)
        return step.pattern if step.enabled else ""

    def timestamp(self, folder: Path) -> object:
        """When the work in a folder was handed in, None if its `timestamp.txt` does not say."""
        try:
            return self._directory.get_existing_timestamp(str(folder))
        except (AttributeError, OSError, ValueError):
            return None  # nbgrader 0.9.6 stumbles over a timestamp that is none; such a file says nothing


def notebooks(folder: Path) -> list[Path]:
    """The notebooks in a folder, by name."""
    return sorted(path for path in folder.glob("*.ipynb") if path.is_file())


def _folders(parent: Path) -> Iterator[str]:
    if parent.is_dir():
        yield from (entry.name for entry in os.scandir(parent) if entry.is_dir() and entry.name[0] != ".")


def _config(class_dir: Path) -> Config:
    """The class's own nbgrader settings, such as a late-submission plugin; none if there are none."""
    path = class_dir / "nbgrader_config.py"
    if not path.is_file():
        return Config()
    try:
        return PyFileConfigLoader(path.name, path=str(class_dir)).load_config()
    except Exception as error:
        # The file is code: whatever it raises, the instructor needs its name and line.
        raise GradebookError(f"{path}: {type(error).__name__}: {error}. Correct the file.") from error
