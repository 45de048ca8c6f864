"""One notebook from its first cell to its last verdict: cells in a student's process, checks by the judge."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder._engine.child import Kernel, Lost, started, was_killed_from_outside
from autograder._engine.engine import Engine, imported_modules
from autograder._engine.forkserver import EngineError
from autograder._engine.judge import JudgeDied, Judgement, Request
from autograder._engine.wire import MAX_NOTEBOOK, Closed
from autograder._execute import DIED, TIMEOUT, Execution
from autograder._outputs import Outputs, put_error
from autograder._rebuild import full_source, is_check
from autograder._result import MIME
from autograder._verdicts import question_id, uses_check

ATTEMPTS = 3  # of a submission whose processes were ended by something outside
JUDGED = {"AUTOGRADER_OUTSIDE": "1"}  # what a student's process is told: the lab's questions are judged outside,
TESTED = {"NBGRADER_EXECUTION": "autograde"}  # or, as by nbgrader, that its test cells count
RESTARTS = 8  # of one notebook's process


@dataclass(frozen=True)
class Assignment:
    """What is run, for whom, and what it may take.

    Args:
        released: The lab as learners got it.
        course: The course's name, part of the draws' key.
        lab: The lab's id.
        module: Its questions module, "" if its tests are ordinary cells.
        learner: The id whose numbers count.
        seed: Of the random cases.
        files: In the working folder.
        cell_seconds: That one cell may work.
        notebook_seconds: That all may work together.
        memory_mb: That the process may take, its files included.
    """

    released: NotebookNode
    course: str
    lab: str
    module: str
    learner: str
    seed: str
    files: Mapping[str, bytes]
    cell_seconds: float
    notebook_seconds: float
    memory_mb: int


def run_notebook(engine: Engine, notebook: NotebookNode, assignment: Assignment) -> Execution:
    """Run a rebuilt notebook; its cells have outputs afterwards, and every check cell has what it shows.

    A process that dies or hangs costs the cell or the question at which it did: a new one runs the earlier
    cells again, without that cell, and goes on.

    Raises:
        EngineError: If the engine's own processes end again and again.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _Run(engine, notebook, assignment).whole()
        except (EngineError, JudgeDied):
            if attempt == ATTEMPTS - 1 or engine.closed:
                raise
    raise AssertionError("unreachable")


class _Run:
    """One attempt."""

    def __init__(self, engine: Engine, notebook: NotebookNode, assignment: Assignment) -> None:
        self.engine = engine
        self.notebook = notebook
        self.assignment = assignment
        self.modules = imported_modules(assignment.released, assignment.module)
        self.work = [
            n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code" and full_source(cell).strip()
        ]
        self.killed: set[int] = set()  # cells in which a process ended: what they defined is gone
        self.hung: set[int] = set()  # cells that had to be interrupted: run once, and never again
        self.done: set[int] = set()
        self.at = 0  # the cell that runs
        self.outputs = Outputs()
        self.left = assignment.notebook_seconds
        self.bytes_left = MAX_NOTEBOOK
        self.notes: list[str] = []

    def whole(self) -> Execution:
        """Run every cell, in as many processes as it takes."""
        start = time.monotonic()
        ended = "done"
        place = 0  # in self.work
        for _ in range(RESTARTS):
            place, ended = self._one_process(place)
            if place >= len(self.work) or self.left <= 0:
                break
        self._fill_unexecuted(ended)
        return Execution(time.monotonic() - start, ended, " ".join(self.notes))

    def _one_process(self, place: int) -> tuple[int, str]:
        """Go on from a place; returns the next one to do, and how the process ended."""
        assignment = self.assignment
        kernel = None
        try:
            with started(
                self.engine,
                self.modules,
                assignment.module,
                assignment.files,
                memory=assignment.memory_mb << 20,
                seconds=self.left,
                environment=JUDGED if assignment.module else TESTED,
            ) as kernel:
                self._replay(kernel, place)
                while place < len(self.work):
                    self.at = self.work[place]
                    self._cell(kernel, self.at)
                    place += 1
            return place, "done"
        except Closed as closed:
            if kernel is None:
                raise EngineError(f"A notebook's process did not speak: {closed}") from None
            kernel.guard.end("died", str(closed))
            self._blame(Lost("died", str(closed)))
            return place + (self.at == self.work[place]), "died"
        except Lost as lost:
            if kernel is None:
                raise EngineError(f"A notebook's process ended before its first cell: {lost}") from None
            self._require_own_end(kernel)
            self._blame(lost)
            return place + (self.at == self.work[place]), lost.ended
        finally:
            if kernel is not None:
                self.left -= kernel.guard.worked

    def _replay(self, kernel: Kernel, place: int) -> None:
        """Run the cells before a place again, without those that killed or hung; outputs stay as they are."""
        for number in self.work[:place]:
            left_out = number in self.killed or number in self.hung
            if not left_out and not self._is_judged(self.notebook.cells[number]):
                self.at = number
                kernel.guard.begin(self.assignment.cell_seconds)
                scratch = NotebookNode(outputs=[], execution_count=None)
                code = full_source(self.notebook.cells[number])
                kernel.client.execute(scratch, code, Outputs(), kernel.guard.check, keep=True)

    def _is_judged(self, cell: NotebookNode) -> bool:
        return bool(self.assignment.module) and uses_check(cell)

    def _cell(self, kernel: Kernel, number: int) -> None:
        cell = self.notebook.cells[number]
        if self._is_judged(cell):
            self._judge(kernel, number, cell)
            return
        kernel.guard.begin(self.assignment.cell_seconds)
        kernel.client.execute(cell, full_source(cell), self.outputs, kernel.guard.check, keep=not is_check(cell))
        if kernel.guard.interrupted:
            self.hung.add(number)
            text = f"No reply after {self.assignment.cell_seconds:g} s; the cell was interrupted."
            put_error(cell, TIMEOUT, text)
        self.done.add(number)

    def _judge(self, kernel: Kernel, number: int, cell: NotebookNode) -> None:
        """Have a check's question judged, and show the result in its cell."""
        assignment = self.assignment
        request = Request(
            course=assignment.course,
            lab=assignment.lab,
            module=assignment.module,
            question=question_id(cell),
            learner=assignment.learner,
            seed=assignment.seed,
            pid=kernel.pid,
            left=self.bytes_left,
            cells=tuple(self.notebook.cells[n].source for n in sorted(self.done - self.killed) if n < number),
        )
        kernel.guard.begin(None)
        judgement = self.engine.judge.ask(request, kernel.judge, kernel.guard.look)
        self.bytes_left -= judgement.read
        if judgement.broken == "died":
            self._require_own_end(kernel)
        show(cell, judgement, kernel.guard.reason)
        self.done.add(number)
        if judgement.broken:
            if kernel.guard.reason is None:
                kernel.guard.end(judgement.broken, "")
            raise Lost(*kernel.guard.reason)
        kernel.guard.check()

    def _require_own_end(self, kernel: Kernel) -> None:
        """A process that something outside has killed says nothing about the student's work."""
        if was_killed_from_outside(kernel, self.engine.server(self.modules).alive):
            raise EngineError("A notebook's process was killed from outside.")

    def _blame(self, lost: Lost) -> None:
        """The cell at which the process ended is not run again; a check that was answered keeps its result."""
        cell = self.notebook.cells[self.at]
        if not self._is_judged(cell):
            self.killed.add(self.at)
        if self.at not in self.done:
            put_error(cell, DIED if lost.ended == "died" else TIMEOUT, str(lost))
            self.done.add(self.at)
        what = {"timeout": "did not come back", "tampered": "sent what no answer sends"}.get(lost.ended, "ended")
        why = "" if str(lost).startswith("The notebook's process ended.") else str(lost)
        self.notes.append(f"The notebook's process {what} in cell {cell.get('id', self.at + 1)}. {why}".strip())

    def _fill_unexecuted(self, ended: str) -> None:
        """Give every check that was not reached an error output: nbgrader would give it all its points."""
        name = {"done": "NotExecuted", "timeout": TIMEOUT}.get(ended, DIED)
        note = self.notes[-1] if self.notes else ""
        for number, cell in enumerate(self.notebook.cells):
            if is_check(cell) and number not in self.done:
                put_error(cell, name, f"{note} This check was not reached." if note else "This check is empty.")


def show(cell: NotebookNode, judgement: Judgement, reason: tuple[str, str] | None) -> None:
    """Put into a check cell what `check(...)` shows in a notebook.

    Args:
        cell: The check cell.
        judgement: What the judge said.
        reason: Why this process ended the student's, None if it did not.
    """
    cell.outputs = []
    if judgement.error:
        put_error(cell, "CheckError", judgement.error)
        return
    shown = dict(judgement.shown)
    if reason is not None:
        shown[MIME] = {**shown[MIME], "verdict": reason[0], "message": reason[1]}
    cell.outputs.append(new_output("display_data", data=shown))
    value: Any = f"{judgement.points!r}"
    cell.outputs.append(new_output("execute_result", data={"text/plain": value}, execution_count=None))
