"""Read one submitted file, whatever it is, as a notebook of format 4."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder._errors import SubmissionError

MAX_BYTES = 50_000_000
MAX_OTHERS = 20_000_000  # bytes of all that lies beside the notebooks of one submission
MAX_FILES = 500
_CELL_TYPES = ("code", "markdown", "raw")


@dataclass(frozen=True)
class Submission:
    """One submitted notebook.

    Args:
        notebook: Format 4; only what a cell needs is kept, and no outputs.
        content: The file's bytes.
        notes: What was found in the file and done about it, one sentence each.
    """

    notebook: NotebookNode
    content: bytes
    notes: list[str] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def visible(text: str) -> str:
    """Text that can be shown in a terminal: control characters and broken names as escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii")
        for char in text
    )


def read_bytes(path: Path, *, who: str = "") -> bytes:
    """The bytes of a submitted file that is a file.

    Args:
        path: The submitted notebook.
        who: The student, for messages.

    Raises:
        SubmissionError: If it is not there, a link, no ordinary file, unreadable or too large.
    """
    where = place(path, who)
    try:
        # A link could point at another student's file; a pipe would keep the grader waiting.
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            raise SubmissionError(
                f"{where}: a symbolic link, which could point at anything. Ask for the file itself."
            )
        if stat.S_ISDIR(found.st_mode):
            raise SubmissionError(f"{where}: a folder, not a notebook. Put the notebook file in its place.")
        if not stat.S_ISREG(found.st_mode):
            raise SubmissionError(f"{where}: not an ordinary file. Put the notebook file in its place.")
        if found.st_size > MAX_BYTES:
            size = f"{found.st_size / 1e6:.0f} MB, at most {MAX_BYTES / 1e6:.0f}"
            raise SubmissionError(f"{where}: {size}. Ask for the notebook with its outputs cleared.")
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:
            return file.read(MAX_BYTES)
    except FileNotFoundError:
        raise SubmissionError(f"{where}: not there. {_others(path)}") from None
    except PermissionError:
        raise SubmissionError(f"{where}: no permission to read it. Change the file's permissions.") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise SubmissionError(f"{where}: a symbolic link. Ask for the file itself.") from None
        raise SubmissionError(f"{where}: cannot be read ({error.strerror}). Look at the file's disk.") from error


def read_others(folder: Path, *, who: str = "") -> tuple[dict[str, bytes], list[str]]:
    """What a student handed in beside the notebooks, by relative path, and a note on what was left out.

    Links are left out, which could point at anything, and what is too large or too much.
    """
    found: dict[str, bytes] = {}
    left_out: list[str] = []
    room = MAX_OTHERS
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_litter(name))
        left_out += [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted(names):
            path = Path(parent, name)
            if _is_litter(name):
                continue
            try:
                name.encode("utf-8")
                content = read_bytes(path, who=who)
            except (SubmissionError, UnicodeEncodeError):
                left_out.append(name)
                continue
            if len(content) > room or len(found) >= MAX_FILES:
                left_out.append(name)
            else:
                room -= len(content)
                found[path.relative_to(folder).as_posix()] = content
    if not left_out:
        return found, []
    names = ", ".join(visible(name) for name in left_out[:3]) + (", ..." if len(left_out) > 3 else "")
    return found, [f"Left out of the working folder, as links or too large: {names}."]


def _is_litter(name: str) -> bool:
    return name in ("__pycache__", "feedback") or name.startswith(".") or name.endswith((".pyc", ".ipynb"))


def together(students: Mapping[str, bytes], instructors: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of both; the instructor's replace the student's, also where one has a folder for a file."""

    def collides(name: str) -> bool:
        return any(
            f"{other}/".startswith(f"{name}/") or f"{name}/".startswith(f"{other}/") for other in instructors
        )

    return {name: content for name, content in students.items() if not collides(name)} | dict(instructors)


def read_submission(
    content: bytes, released: NotebookNode, *, lab: str, where: str, notebook: str = ""
) -> Submission:
    """Read one submitted notebook from its bytes.

    Args:
        content: The submitted file.
        released: The lab's released notebook.
        lab: The lab's id.
        where: What `place` says of the file, for messages.
        notebook: The notebook's name, if it is not the lab's.

    Raises:
        SubmissionError: If it cannot be graded; the message says who, where, what, and what next.
    """
    data = _parse(content, where)
    notes: list[str] = []
    if data["nbformat"] == 3:
        data = _upgrade(data, where)
        notes.append("The file has the old notebook format 3; it was converted to format 4.")
    found = _notebook(data, where, notes)
    _require_lab(found, released, lab, notebook or lab, where)
    wanted = _kernel(released)
    if wanted and _kernel(found) not in ("", wanted):
        notes.append(f"The notebook asks for the kernel {visible(_kernel(found))!r}; it was run with {wanted!r}.")
    return Submission(found, content, notes)


def place(path: Path, who: str = "") -> str:
    """Who and where, as messages begin.

    Args:
        path: The submitted file.
        who: The student; "" for the learner's own command.
    """
    return visible(f"{who}: {path}" if who else str(path))


def _others(path: Path) -> str:
    """What stands in the folder instead."""
    try:
        names = sorted(name for name in os.listdir(path.parent) if name.endswith(".ipynb"))
    except OSError:
        return "The folder is missing too: nothing was submitted."
    if not names:
        return "The folder holds no notebook: nothing was submitted."
    return visible(f"The folder holds {', '.join(names[:3])}: if one of them is meant, rename it to {path.name}.")


def _parse(content: bytes, where: str) -> dict[str, Any]:
    """The file as a dictionary that says it is a notebook of format 3 or 4."""
    if not content.strip():
        raise SubmissionError(f"{where}: the file is empty. Ask for it again.")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SubmissionError(f"{where}: not text in UTF-8, so no notebook. Ask for the .ipynb file.") from None
    except RecursionError:
        raise SubmissionError(f"{where}: nested too deeply to be a notebook. Ask for it again.") from None
    except ValueError as error:
        what = "has unsolved merge conflicts" if b"\n<<<<<<< " in content else f"is not JSON ({error})"
        raise SubmissionError(f"{where}: {what}, so no notebook. Ask for the file saved by Jupyter.") from None
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise SubmissionError(f"{where}: JSON, but not a notebook. Ask for the .ipynb file.")
    version = data["nbformat"]
    if version < 3:
        raise SubmissionError(
            f"{where}: notebook format {version}, which is too old. Open and save it in Jupyter."
        )
    if version > 4:
        raise SubmissionError(f"{where}: notebook format {version}, which is newer than this program knows (4).")
    if not isinstance(data.get("cells" if version == 4 else "worksheets"), list):
        raise SubmissionError(f"{where}: JSON, but a notebook without cells. Ask for the .ipynb file.")
    return data


def _upgrade(data: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        return nbformat.convert(nbformat.versions[3].to_notebook_json(data, minor=0), 4)
    except Exception as error:
        # Whatever a broken old file makes the converter raise, it says the same to the student.
        what = f"notebook format 3, and it cannot be converted ({type(error).__name__})"
        raise SubmissionError(f"{where}: {what}. Open and save it in a current Jupyter.") from error


def _notebook(data: dict[str, Any], where: str, notes: list[str]) -> NotebookNode:
    """Cells with source, metadata, id and attachments; everything else is dropped."""
    cells = []
    for number, cell in enumerate(data["cells"], start=1):
        clean = _cell(cell)
        if clean is None:
            notes.append(f"Cell {number} is no notebook cell; it was left out.")
        else:
            cells.append(clean)
    metadata = data.get("metadata")
    return NotebookNode(
        nbformat=4,
        nbformat_minor=5,
        metadata=nbformat.from_dict(metadata) if isinstance(metadata, dict) else NotebookNode(),
        cells=cells,
    )


def _cell(cell: Any) -> NotebookNode | None:
    if not isinstance(cell, dict) or cell.get("cell_type") not in _CELL_TYPES:
        return None
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    # A lone surrogate cannot be sent to a kernel, nor written as UTF-8.
    source = source.encode("utf-8", "replace").decode("utf-8")
    metadata = cell.get("metadata")
    clean = NotebookNode(
        cell_type=cell["cell_type"],
        source=source,
        metadata=nbformat.from_dict(metadata) if isinstance(metadata, dict) else NotebookNode(),
    )
    if isinstance(cell.get("id"), str):
        clean.id = cell["id"]
    if isinstance(cell.get("attachments"), dict):
        clean.attachments = nbformat.from_dict(cell["attachments"])
    return clean


def grade_id(cell: NotebookNode) -> str:
    """The cell's nbgrader id, or "" if it has none."""
    data = cell.metadata.get("nbgrader")
    found = data.get("grade_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""


def _require_lab(notebook: NotebookNode, released: NotebookNode, lab: str, name: str, where: str) -> None:
    own = notebook.metadata.get("autograder")
    named = own.get("lab") if isinstance(own, dict) else None
    if isinstance(named, str) and named != lab:
        raise SubmissionError(
            f"{where}: this is the notebook of {visible(named)}, not of {lab}. Ask for {lab}, or move it."
        )
    known = {grade_id(cell) for cell in released.cells} - {""}
    if not known & {grade_id(cell) or cell.get("id") for cell in notebook.cells}:
        raise SubmissionError(
            f"{where}: no cell of {lab} is in it, so it is another notebook. "
            f"Ask for {name}.ipynb with the answers."
        )


def _kernel(notebook: NotebookNode) -> str:
    spec = notebook.metadata.get("kernelspec")
    name = spec.get("name") if isinstance(spec, dict) else None
    return name if isinstance(name, str) else ""
