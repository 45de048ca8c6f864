"""The judge: a process of its own that knows the questions, asks a student's process, and compares.

It is started clean (`python -m autograder._engine.judge DESCRIPTOR`), serves one worker thread, and ends with it.
Requests come from the grader and are trusted; what the student's process replies is not.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack

from autograder._draw import normal_id
from autograder._engine.clock import Clock, processor_seconds
from autograder._engine.remote import RemoteAnswer
from autograder._engine.wire import Channel, Closed
from autograder._errors import GradingError
from autograder._questions import Question, find_question, load_questions
from autograder._received import Received
from autograder._result import Result
from autograder._show import bundle
from autograder._sources import forbidden_in_cells
from autograder.check import judge_answer

SECONDS = 120.0  # of processor time for one question, of the judge's own
MEMORY = 4 << 30  # bytes of the judge's own
_HEADER = struct.Struct(">I")


class JudgeDied(GradingError):
    """The judge's process ended; the submission is graded anew."""


@dataclass(frozen=True)
class Request:
    """One question of one submission.

    Args:
        course: The course's name, part of the draw's key.
        lab: The lab's id.
        module: Name of the questions module.
        question: The question's id.
        learner: The id whose numbers count.
        seed: Of the random cases.
        pid: The student's process, whose time is counted.
        left: Bytes that the student's processes may still send.
        cells: Sources of the code cells that ran so far, for the rule "write it yourself".
    """

    course: str
    lab: str
    module: str
    question: str
    learner: str
    seed: str
    pid: int
    left: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """What the judge says.

    Args:
        shown: What the check shows: texts by MIME type, the result among them; empty if it is an error.
        points: Points reached.
        broken: Why the student's process cannot be asked any more: "timeout", "died", "tampered", or "".
        error: Why there is no result, "" if there is one.
        read: Bytes that the student's process sent.
    """

    shown: dict[str, Any]
    points: float
    broken: str
    error: str
    read: int = 0


class Judge:
    """A worker's own judge, started when it is first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def pid(self) -> int:
        """The judge's process; 0 before it is started."""
        return self._process.pid if self._process else 0

    def ask(self, request: Request, connection: socket.socket, look: Callable[[], None]) -> Judgement:
        """Have one question judged.

        Args:
            request: What and whose.
            connection: The connection to the student's process; it stays open here.
            look: Called ten times a second until the reply is there.

        Raises:
            JudgeDied: If its process ended.
        """
        self._start()
        assert self._control is not None
        try:
            _send(self._control, vars(request) | {"cells": list(request.cells)}, [connection.fileno()])
            began = processor_seconds(self.pid)
            while not select.select([self._control], [], [], 0.1)[0]:
                look()
                if reason := _too_much(self.pid, began):
                    self.close()
                    return Judgement({}, 0.0, "tampered", f"Comparing the answer took more than {reason}.")
            reply, _ = _receive(self._control)
        except (OSError, Closed) as error:
            self.close()
            raise JudgeDied(f"The judge's process ended while it judged {request.question} ({error}).") from None
        return Judgement(**reply)

    def start(self) -> None:
        """Start the process now, so that it imports while something else is done."""
        self._start()

    def close(self) -> None:
        """End the judge's process."""
        if self._process is not None and self._control is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
        self._process = self._control = None

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        self._control, other = socket.socketpair()
        with other:
            command = [sys.executable, "-P", "-m", "autograder._engine.judge", str(other.fileno())]
            environment = {
                **os.environ,
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "CUDA_VISIBLE_DEVICES": "-1",
            }
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            self._process = subprocess.Popen(
                command,
                env=environment,
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",  # the current folder may be a student's, with a module of theirs in it
            )


def _too_much(pid: int, began: float) -> str:
    """What a judge takes too much of: replies can be made to be slow to compare."""
    if processor_seconds(pid) - began > SECONDS:
        return f"{SECONDS:g} s"
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        if pages * os.sysconf("SC_PAGE_SIZE") > MEMORY:
            return f"{MEMORY >> 20} MB of memory"
    return ""


def _send(control: socket.socket, value: Any, descriptors: Sequence[int] = ()) -> None:
    content = msgpack.packb(value, default=str)
    socket.send_fds(control, [_HEADER.pack(len(content))], descriptors)
    control.sendall(content)


def _receive(control: socket.socket) -> tuple[Any, list[int]]:
    header, descriptors, _, _ = socket.recv_fds(control, _HEADER.size, 1)
    content = bytearray()
    while header and len(content) < _HEADER.unpack(header)[0]:
        piece = control.recv(1 << 20)
        if not piece:
            break
        content += piece
    if len(header) < _HEADER.size or len(content) < _HEADER.unpack(header)[0]:
        raise Closed("the other side is gone")
    return msgpack.unpackb(content, strict_map_key=False), descriptors


def _judged(request: Request, connection: socket.socket) -> Judgement:
    """Ask the student's process everything that the question wants to know."""
    question = find_question(load_questions(request.module), request.question)
    channel = Channel(connection, max_total=request.left)
    answer = RemoteAnswer(channel, question, Clock(request.pid))
    typed = answer.learner()
    if answer.broken or typed.failure is not None or type(typed.value) is not str:
        return _unasked(request, question, answer, typed, channel.read)
    result = judge_answer(
        question,
        answer,
        course=request.course,
        lab=request.lab,
        typed=typed.value if normal_id(typed.value) else "",
        learner=request.learner,
        seed=request.seed,
        forbidden=lambda: _forbidden(question, request.cells),
        grading=True,
    )
    answer.end()
    return Judgement(bundle(result), result.points, answer.broken, "", channel.read)


def _unasked(request: Request, question: Question, answer: RemoteAnswer, typed: Received, read: int) -> Judgement:
    """What is said when nothing could be asked: no lab is started, or the process does not reply as it should."""
    if not answer.broken:
        answer.end()
        return Judgement({}, 0.0, "", typed.failure.text if typed.failure else "No lab is started.", read)
    result = Result(request.lab, question.id, 0.0, question.points, answer.broken, answer.why_broken, request.seed)
    return Judgement(bundle(result), 0.0, answer.broken, "", read)


def _forbidden(question: Question, cells: Sequence[str]) -> str | None:
    return forbidden_in_cells(cells, question.names, question.forbidden) if question.forbidden else None


def main(descriptor: int) -> None:
    """Serve one worker until it is gone."""
    control = socket.socket(fileno=descriptor)
    while True:
        try:
            asked, descriptors = _receive(control)
        except (Closed, OSError):
            return
        request = Request(**asked | {"cells": tuple(asked["cells"])})
        with socket.socket(fileno=descriptors[0]) as connection:
            try:
                judgement = _judged(request, connection)
            except GradingError as error:
                judgement = Judgement({}, 0.0, "", str(error))
            except Exception as error:
                # What a student's process sent must not end the judge of all others.
                judgement = Judgement({}, 0.0, "tampered", f"The judge failed: {type(error).__name__}: {error}")
        _send(control, vars(judgement))


if __name__ == "__main__":
    main(int(sys.argv[1]))
