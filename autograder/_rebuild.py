"""Put the student's cells and the released notebook together: what will be executed."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from nbformat import NotebookNode

from autograder._submission import grade_id, visible

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_TAGS_THAT_MATTER = {"skip-execution", "raises-exception"}


@dataclass(frozen=True)
class Rebuilt:
    """A notebook that is safe to score.

    Args:
        notebook: The released cells, and the student's own code where it stood.
        notes: What was found and what was done about it, one sentence each.
        missing_answers: Grade ids of answer cells that are not in the submission.
    """

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)
    missing_answers: frozenset[str] = frozenset()


def is_answer(cell: NotebookNode) -> bool:
    """Whether the cell holds what the student writes: an answer cell or an essay."""
    return _flag(cell, "solution")


def is_graded(cell: NotebookNode) -> bool:
    """Whether nbgrader gives points for the cell."""
    return _flag(cell, "grade")


def is_check(cell: NotebookNode) -> bool:
    """Whether the cell's output decides its points."""
    return is_graded(cell) and not is_answer(cell) and cell.cell_type == "code"


def is_locked(cell: NotebookNode) -> bool:
    """Whether the cell is restored whatever the student did to it."""
    return bool(grade_id(cell)) and not is_answer(cell) and (is_graded(cell) or _flag(cell, "locked"))


def full_source(cell: NotebookNode) -> str:
    """What runs when the cell's turn comes: the released text, or the one with hidden tests beside it."""
    beside = cell.metadata.get("autograder")
    whole = beside.get("source") if isinstance(beside, dict) else None
    return whole if isinstance(whole, str) else cell.source


def put_full_source(cell: NotebookNode, source: str) -> None:
    """Lay the text with hidden tests beside a released cell; `full_source` finds it."""
    cell.metadata["autograder"] = NotebookNode(source=source)


def reveal(notebook: NotebookNode) -> None:
    """Show what ran: nbgrader, too, keeps hidden tests in what it hands back to the instructor."""
    for cell in notebook.cells:
        if "source" in cell.metadata.get("autograder", {}):
            cell.source = full_source(cell)
            del cell.metadata["autograder"]


def _flag(cell: NotebookNode, name: str) -> bool:
    return bool(grade_id(cell)) and bool(cell.metadata["nbgrader"].get(name))


def rebuild(released: NotebookNode, submitted: NotebookNode) -> Rebuilt:
    """Restore the released cells by id; every other code cell of the student's stays where it stood.

    Args:
        released: The lab as learners got it, with nbgrader's metadata.
        submitted: The student's notebook, format 4.

    Returns:
        A new notebook without outputs, tags or metadata of the student's. Locked cells have the released
        source, all others the student's; released code cells that were deleted are put back.
    """
    return _Rebuild(released, submitted).result()


class _Rebuild:
    """One rebuild: the two notebooks, who is who, and the notes so far."""

    def __init__(self, released: NotebookNode, submitted: NotebookNode) -> None:
        self.released = released
        self.submitted = submitted
        self.notes: list[str] = []
        self.ids_kept = True
        self.by_grade_id = {grade_id(cell): n for n, cell in enumerate(released.cells) if grade_id(cell)}
        self.by_cell_id = {cell.id: n for n, cell in enumerate(released.cells) if cell.get("id")}

    def result(self) -> Rebuilt:
        kept, dropped = self._choose(self._candidates())
        cells: list[tuple[int | None, NotebookNode]] = []
        for position, cell in enumerate(self.submitted.cells):
            number = kept.get(position)
            if number is not None:
                cells.append((number, self._restored(number, cell)))
            elif position not in dropped:
                cells.append((None, self._own(cell)))
        missing_answers = self._put_back(cells)
        _give_ids(cells, self.by_cell_id)
        notebook = NotebookNode(
            nbformat=4,
            nbformat_minor=5,
            metadata=_notebook_metadata(self.released),
            cells=[cell for _, cell in cells],
        )
        return Rebuilt(notebook, self.notes, frozenset(missing_answers))

    def _candidates(self) -> dict[int, list[int]]:
        """For every released cell, the places of the submitted cells that claim to be it."""
        found: dict[int, list[int]] = {}
        by_cell_id: list[tuple[int, int]] = []
        for position, cell in enumerate(self.submitted.cells):
            number = self.by_grade_id.get(grade_id(cell))
            if number is not None:
                found.setdefault(number, []).append(position)
            elif cell.get("id") in self.by_cell_id:
                number = self.by_cell_id[cell.id]
                released = self.released.cells[number]
                # A plain cell of another type is not that cell: the release may have been numbered anew.
                if grade_id(released) or released.cell_type == cell.cell_type:
                    by_cell_id.append((number, position))
        for number, position in by_cell_id:
            found.setdefault(number, []).append(position)
        self.ids_kept = bool(by_cell_id) or any(
            self._same_id(position, number) for number, positions in found.items() for position in positions
        )
        if not self.ids_kept:
            self._match_sources(found)
        return {number: sorted(positions) for number, positions in found.items()}

    def _match_sources(self, found: dict[int, list[int]]) -> None:
        """Recognise released code by its text: Colab and old Jupyter drop the cells' ids."""
        taken = {position for positions in found.values() for position in positions}
        for number, released in enumerate(self.released.cells):
            if number in found or released.cell_type != "code" or not released.source.strip():
                continue
            for position, cell in enumerate(self.submitted.cells):
                same = cell.cell_type == "code" and cell.source.strip() == released.source.strip()
                if same and position not in taken:
                    found[number] = [position]
                    taken.add(position)
                    break

    def _choose(self, candidates: dict[int, list[int]]) -> tuple[dict[int, int], set[int]]:
        """Which submitted cell is which released one, and which copies of a locked cell go."""
        kept: dict[int, int] = {}
        dropped: set[int] = set()
        for number, positions in sorted(candidates.items()):
            released = self.released.cells[number]
            same_id = [position for position in positions if self._same_id(position, number)]
            otherwise = positions[-1] if is_locked(released) else positions[0]
            chosen = (same_id or [otherwise])[0]
            kept[chosen] = number
            copies = [position for position in positions if position != chosen]
            if not copies:
                continue
            if not is_locked(released):
                if grade_id(released):
                    what = f"{_name(released)} stands {len(positions)} times"
                    self.notes.append(f"{what}; all of them run where they stand, so the last definition counts.")
                continue
            # Copying a check to write one's own code into the copy is common: that code must stay.
            same = {p for p in copies if self.submitted.cells[p].source.strip() == released.source.strip()}
            dropped |= same
            own = " A copy with other code runs as the student's own." if len(same) < len(copies) else ""
            self.notes.append(f"{_name(released)} stands {len(positions)} times; one was kept.{own}")
        return kept, dropped

    def _same_id(self, position: int, number: int) -> bool:
        return self.submitted.cells[position].get("id") == self.released.cells[number].get("id", "")

    def _restored(self, number: int, cell: NotebookNode) -> NotebookNode:
        """A released cell, with the student's source unless it is locked."""
        released = self.released.cells[number]
        self._note_metadata(cell, released)
        if cell.cell_type != released.cell_type and (grade_id(released) or released.cell_type == "code"):
            was = f"was turned into a {cell.cell_type} cell; it is a {released.cell_type} cell again"
            self.notes.append(f"{_name(released)} {was}.")
        if is_locked(released) and cell.source.strip() != released.source.strip():
            self.notes.append(f"{_name(released)} was changed; the released text was put back.")
        return _fresh(released, released.source if is_locked(released) else cell.source, cell.get("attachments"))

    def _own(self, cell: NotebookNode) -> NotebookNode:
        """A cell of the student's own, without metadata."""
        self._note_metadata(cell, None)
        plain = NotebookNode(cell_type=cell.cell_type, source=cell.source, metadata=NotebookNode())
        if cell.get("id"):
            plain.id = cell.id
        return _complete(plain, cell.get("attachments"))

    def _note_metadata(self, cell: NotebookNode, released: NotebookNode | None) -> None:
        """Say so where metadata of the student's would have changed the grading."""
        where = _name(released) if released is not None else "A cell that is not of the lab"
        tags = cell.metadata.get("tags")
        before = released.metadata.get("tags", []) if released is not None else []
        odd = sorted(_TAGS_THAT_MATTER & {tag for tag in _list(tags) if isinstance(tag, str)} - set(before))
        if odd:
            self.notes.append(f"{where} has the tag {odd[0]!r}, which the release has not; it was removed.")
        if released is None and grade_id(cell) and grade_id(cell) not in self.by_grade_id:
            self.notes.append(
                f"{where} has nbgrader's id {visible(grade_id(cell))!r}; its metadata was removed and it runs as "
                "the student's own code."
            )
        if released is not None and is_graded(released) and grade_id(cell):
            points = cell.metadata["nbgrader"].get("points")
            if points != released.metadata["nbgrader"].get("points"):
                self.notes.append(f"{_name(released)} had other points; the released ones count.")

    def _put_back(self, cells: list[tuple[int | None, NotebookNode]]) -> set[str]:
        """Put deleted released cells back where they run after the student's own code; name missing answers."""
        present = {number for number, _ in cells if number is not None}
        lab = self.released.metadata.get("autograder", {}).get("lab", "")
        missing_answers: set[str] = set()
        for number, released in enumerate(self.released.cells):
            if number in present or (released.cell_type != "code" and not is_graded(released)):
                continue
            if is_answer(released) and not is_graded(released):
                # Its stub would hide a definition that stands elsewhere.
                missing_answers.add(grade_id(released))
                self.notes.append(f"{_name(released)} was deleted; its check decides.")
                continue
            starts = _starts(released, lab)
            if starts and any(_starts(cell, lab) for _, cell in cells):
                continue
            if not (self.ids_kept or starts or grade_id(released)):
                continue  # perhaps there after all, edited and without its id: a second copy could undo the edit
            later = min((n for n in present if n > number), default=None)
            place = len(cells) if later is None else [n for n, _ in cells].index(later)
            cells.insert(place, (number, _fresh(released, released.source, None)))
            self.notes.append(f"{_name(released)} was deleted; it was put back.")
        return missing_answers


def _name(cell: NotebookNode) -> str:
    """How a note calls a cell of the release."""
    id = grade_id(cell) or cell.get("id", "")
    if is_check(cell):
        return f"The check cell of {id.removeprefix('check-')}"
    if is_answer(cell) and is_graded(cell):
        return f"The written answer {id.removeprefix('essay-')}"
    if is_answer(cell):
        return f"The answer cell of {id}"
    return f"The cell {id} of the lab"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _starts(cell: NotebookNode, lab: str) -> bool:
    """Whether a code cell starts this lab."""
    if cell.cell_type != "code" or not lab:
        return False
    return re.search(rf"^[^#\n]*\bstart\(\s*['\"]{re.escape(lab)}['\"]", cell.source, re.MULTILINE) is not None


def _fresh(released: NotebookNode, source: str, attachments: NotebookNode | None) -> NotebookNode:
    """A released cell with this source, its metadata and its id."""
    cell = NotebookNode(cell_type=released.cell_type, source=source, metadata=copy.deepcopy(released.metadata))
    if released.get("id"):
        cell.id = released.id
    return _complete(cell, attachments if attachments is not None else released.get("attachments"))


def _complete(cell: NotebookNode, attachments: NotebookNode | None) -> NotebookNode:
    """Give a cell what its type must have."""
    if cell.cell_type == "code":
        cell.outputs = []
        cell.execution_count = None
    elif attachments is not None:
        cell.attachments = copy.deepcopy(attachments)
    return cell


def _notebook_metadata(released: NotebookNode) -> NotebookNode:
    wanted = ("kernelspec", "language_info", "autograder")
    return NotebookNode({key: copy.deepcopy(released.metadata[key]) for key in wanted if key in released.metadata})


def _give_ids(cells: Iterable[tuple[int | None, NotebookNode]], released_ids: Iterable[str]) -> None:
    """Make every cell's id valid and unique; a cell of the release keeps its own."""
    reserved = set(released_ids)
    seen: set[str] = set()
    fresh = (f"own-{number:02d}" for number in count(1))
    for number, cell in cells:
        id = cell.get("id", "")
        taken = id in seen or (number is None and id in reserved)
        if taken or not _CELL_ID.fullmatch(id):
            id = next(name for name in fresh if name not in seen and name not in reserved)
        cell.id = id
        seen.add(id)
