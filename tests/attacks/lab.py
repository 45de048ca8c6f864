"""The attacked lab, what surrounds a grader (the world that must not change), and how an attack is run."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder._rebuild import put_full_source
from tests.autograder.small_lab import answer_cell, check_cell, notebook, test_cell

ROOT = Path(__file__).parents[2]
LEARNER = "mallory"
WAS_HERE = "attack-was-here"  # what attacks write where they can
GRADERS = 3  # processes that grade a family at the same time
EATEN_MB = 1_500  # of the grader or its judge: the attack has succeeded, and is stopped
GROWTH_MB = 400  # that one submission may cost the grader or the judge for a moment
FAMILIES = {
    "patching": "patches the check, NumPy, builtins, the judge's partner in the process",
    "IPython": "hooks, transformers, formatters, a patched session, forged messages",
    "objects": "overloaded objects and subclasses as answers",
    "reading": "looks for expected values, seeds, other students, the gradebook, other processes",
    "writing": "writes, links, mounts, traces, leaves the box",
    "network": "TCP, UDP, DNS, unix sockets, exotic families",
    "notebook": "metadata, tags, copied and forged cells",
    "limits": "loops, output, processes, memory, disk, signals, deaths",
    "wire": "frames that are huge, deep, malformed, forged, late, or built to cost the judge",
    "recognising": "answers that recognise the grader or change what they return",
    "models": "forged cards, lying layers, patched Keras",
    "pages": "text made for feedback, report, table, terminal",
}


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    Args:
        name: What it tries.
        family: One of `FAMILIES`.
        code: A cell between the start and the first answer. `@NAME@` stands for a path or number of the world.
        answers: Cells in place of the wrong answers of `WRONG`.
        after: A cell after the last check.
        without: Answers of the same notebook without the attack, where they are other than `answers`.
        submitted: Changes the notebook's file itself.
        cell, notebook: Seconds.
        memory: Megabytes.
        deadline: Seconds after which the grader is taken to hang.
    """

    name: str
    family: str
    code: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    without: Mapping[str, str] | None = None
    submitted: Any = None
    cell: float = 3
    notebook: float = 15
    memory: int = 600
    deadline: float = 75


@dataclass(frozen=True)
class Outcome:
    """What came of a submission.

    Args:
        questions: Outcomes by question.
        text: The executed notebook as JSON.
        notes: What a person is told.
        error: Why it was not graded, "" if it was.
        stopped: Why the test ended the grader: "hangs" or "eats memory"; "" if it did not.
        grown_mb: What grader and judge took more than before, at the worst moment.
        left: Processes of the submission that were still there.
        seconds: From its start to its end.
    """

    questions: dict[str, dict[str, Any]] = field(default_factory=dict)
    text: str = ""
    notes: list[str] = field(default_factory=list)
    error: str = ""
    stopped: str = ""
    grown_mb: float = 0.0
    left: int = 0
    seconds: float = 0.0

    def points(self) -> dict[str, float]:
        return {id: question["points"] for id, question in self.questions.items()}

    def full(self) -> bool:
        return bool(self.questions) and all(
            question["points"] == question["max_points"] for question in self.questions.values()
        )


# The lab

START = """\
import numpy as np
from autograder.check import check, open_lab
def start(lab, learner=""):
    return open_lab("attacks", lab, "tests.attacks.questions.shop", learner=learner)
lab = start("shop", learner="mallory")"""
POINTS = {"total": 4, "smooth": 4, "factors": 2, "mine": 2, "blur": 3, "label": 1}
TEST, HIDDEN = 'assert greet("Ada") == "Hello, Ada!"', 'assert greet("Bo") == "Hello, Bo!"'
RIGHT = {
    "total": "def total(prices, discount):\n    return sum(max(p - discount, 0) for p in prices)",
    "smooth": "def smooth(signal, width):\n    return np.convolve(signal, np.ones(width) / width, 'valid')",
    "factors": "def factors(number):\n    return [n for n in range(1, number + 1) if number % n == 0]",
    "mine": "mine = 7919 * len('mallory') + sum(map(ord, 'mallory'))",
    "blur": (
        "def blur(signal, kernel):\n"
        "    return [sum(signal[n + k] * kernel[2 - k] for k in range(3)) for n in range(len(signal) - 2)]"
    ),
    "label": "def label(number):\n    return f'item {number}'",
    "greet": "def greet(name):\n    return f'Hello, {name}!'",
}
WRONG = {
    "total": "def total(prices, discount):\n    return 6",  # right for the notebook's example only
    "smooth": "def smooth(signal, width):\n    return np.zeros(len(signal) - width + 1)",
    "factors": "def factors(number):\n    return [1, number]",
    "mine": "mine = 42",
    "blur": "def blur(signal, kernel):\n    return np.convolve(signal, kernel, 'valid')",  # forbidden
    "label": RIGHT["label"],
    "greet": "def greet(name):\n    return 'Hello, Ada!'",  # passes what is shown
}


@cache
def released() -> NotebookNode:
    """The lab: a start, six questions with their checks, and an ordinary test with a hidden part."""
    cells = [new_code_cell(START, id="cell-start")]
    for id, points in POINTS.items():
        cells += [answer_cell(id, "..."), check_cell(id, points)]
    tested = test_cell("test-greet", TEST, 2)
    put_full_source(tested, f"{TEST}\n{HIDDEN}")
    cells += [answer_cell("greet", "..."), tested]
    return notebook(cells, autograder={"lab": "shop", "questions": "tests.attacks.questions.shop"})


def submission(
    answers: Mapping[str, str], *, code: str = "", after: str = "", lab: NotebookNode | None = None
) -> NotebookNode:
    """A student's copy of a lab."""
    copied = copy.deepcopy(lab or released())
    for cell in copied.cells:
        cell.metadata.pop("autograder", None)
        if cell.id in answers:
            cell.source = answers[cell.id]
    if code:
        copied.cells.insert(1, new_code_cell(code, id="attack"))
    if after:
        copied.cells.append(new_code_cell(after, id="afterwards"))
    return copied


NET_START = """\
import keras
import numpy as np
from autograder.check import check, open_lab
def start(lab, learner=""):
    return open_lab("attacks", lab, "tests.attacks.questions.nets", learner=learner)
lab = start("nets", learner="mallory")"""
NET = """\
def small_net(width=1.0):
    return keras.Sequential([
        keras.Input((6, 6, 1)),
        keras.layers.Conv2D(round(4 * width), 3, activation=@ACTIVATION@),
        keras.layers.Flatten(),
        keras.layers.Dense(3),
    ])"""
NET_RIGHT = {
    "small_net": NET.replace("@ACTIVATION@", "'relu'"),
    "doubled": "def doubled(function):\n    return lambda x: 2 * function(x)",
}
NET_WRONG = {
    "small_net": NET.replace("@ACTIVATION@", "None"),
    "doubled": "def doubled(function):\n    return function",
}


@cache
def released_nets() -> NotebookNode:
    """A lab whose answers are a Keras model and a function."""
    cells = [new_code_cell(NET_START, id="cell-start")]
    for id, points in {"small_net": 4, "doubled": 2}.items():
        cells += [answer_cell(id, "..."), check_cell(id, points)]
    return notebook(cells, autograder={"lab": "nets", "questions": "tests.attacks.questions.nets"})


# The world around a grader


class World:
    """What a submission must not reach: a class, a secret, services, another user's process.

    Args:
        folder: Empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = secrets.token_hex(6)
        self.secrets = {
            name: f"canary-{name}-{self.mark}" for name in ("seed", "gradebook", "victim", "environment", "file")
        }
        self.reached: list[str] = []
        self._files()
        self._services()
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(900)", self.secrets["file"]],
            env={"CANARY": self.secrets["environment"]},
        )
        self._before = self.fingerprint()

    def _files(self) -> None:
        victim = submission(RIGHT, after=f"# {self.secrets['victim']}")
        path = self.folder / "submitted" / "victim" / "shop" / "shop.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(victim, path)
        (self.folder / "secret.txt").write_text(self.secrets["file"])
        database = sqlite3.connect(self.folder / "gradebook.db")
        with database:
            database.execute("create table grade (student text, points real)")
            database.execute("insert into grade values (?, 12.5)", [self.secrets["gradebook"]])
        database.close()

    def _services(self) -> None:
        self.listeners = {"tcp": socket.create_server(("127.0.0.1", 0))}
        for name, address in {"unix": str(self.folder / "service"), "abstract": f"\0canary-{self.mark}"}.items():
            self.listeners[name] = socket.socket(socket.AF_UNIX)
            self.listeners[name].bind(address)
            self.listeners[name].listen()
        for name, listener in self.listeners.items():
            threading.Thread(target=self._accept, args=(name, listener), daemon=True).start()

    def _accept(self, name: str, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                listener.accept()[0].close()
                self.reached.append(name)

    def places(self) -> dict[str, str]:
        """What stands in an attack's code for this world."""
        return {
            "CLASS": str(self.folder),
            "PORT": str(self.listeners["tcp"].getsockname()[1]),
            "ABSTRACT": f"canary-{self.mark}",
            "PID": str(self.process.pid),
            "PACKAGE": str(ROOT / "autograder"),
            "PYTHON": sys.prefix,
            "ROOT": str(ROOT),
            "MARK": WAS_HERE,
        }

    def put(self, code: str) -> str:
        code = dedent(code)
        for name, value in self.places().items():
            code = code.replace(f"@{name}@", value)
        return code

    def fingerprint(self) -> str:
        """Of every file of the class: name, mode, content."""
        found = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            found.update(f"{path} {path.lstat().st_mode}".encode())
            if path.is_file():
                found.update(path.read_bytes())
        return found.hexdigest()

    def changes(self) -> list[str]:
        """What of the world is not as it was."""
        found = [f"a connection reached the {name} listener" for name in self.reached]
        if self.fingerprint() != self._before:
            found.append("the class's folder changed")
        if self.process.poll() is not None:
            found.append("the other process ended")
        places = [*ROOT.glob("autograder/**/*.py"), *ROOT.glob("tests/attacks/**/*.py")]
        found += [str(path) for path in places if path.parent != Path(__file__).parent and _marked(path)]
        for folder in ("/tmp", "/dev/shm", "/var/tmp", os.getcwd(), sys.prefix):
            found += [str(path) for path in Path(folder).glob(f"*{WAS_HERE}*")]
        return found

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for listener in self.listeners.values():
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def _marked(path: Path) -> bool:
    return WAS_HERE.encode() in path.read_bytes()


@contextlib.contextmanager
def world() -> Iterator[World]:
    """A world of its own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="world-"))
    here = World(folder)
    try:
        yield here
    finally:
        here.close()
        shutil.rmtree(folder)


# A run

PRELUDE = """\
import ctypes, gc, os, socket, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def won(what):
    print("BROKEN" "-OUT", what)
def tried(function, *arguments):
    try:
        won((getattr(function, "__name__", function), function(*arguments)))
    except (OSError, ValueError, KeyError, ImportError, AttributeError) as error:
        print("refused:", type(error).__name__, error)
def service():
    from autograder._engine.service import Service
    return next(item for item in gc.get_objects() if type(item) is Service)
def judge():
    return socket.socket(fileno=os.dup(service()._channel.connection.fileno()))
"""  # before every attack's code


def run_attacks(
    attacks: Sequence[Attack],
    here: World,
    *,
    lab: str = "shop",
    wrong: Mapping[str, str] = WRONG,
    right: Mapping[str, str] = RIGHT,
    graders: int = GRADERS,
) -> dict[str, Outcome]:
    """Grade attacks, the same notebooks without them, and honest submissions before and after, in a few processes.

    Returns:
        By the attack's name; "without NAME" for the notebook without it; "honest ..." for the others.
    """
    jobs: list[dict[str, Any]] = []
    plain: dict[str, str] = {}  # what stands in the notebook -> the job that graded it
    for number, attack in enumerate(attacks):
        made = replace(attack, answers={id: here.put(text) for id, text in attack.answers.items()})
        jobs.append(_job(made, here, lab, {**wrong, **made.answers}))
        without = {**wrong, **(made.answers if attack.without is None else attack.without)}
        key = json.dumps([without, attack.cell, attack.notebook])
        if key not in plain:
            plain[key] = f"without {attack.name}"
            jobs.append(
                _job(replace(made, name=plain[key], code="", after="", submitted=None), here, lab, without)
            )
        if number % 10 == 9 or number == len(attacks) - 1:
            jobs.append(_honest(f"honest {number}", attack, here, lab, right))
    # Another student's work is graded first, so that something of it could be left for the attacks to find.
    shares = [
        [_honest(f"honest first {start}", attacks[0], here, lab, right), *jobs[start::graders]]
        for start in range(graders)
    ]
    with ThreadPoolExecutor(graders) as pool:
        found = {
            name: out for part in pool.map(lambda jobs: _graded(jobs, here, lab), shares) for name, out in part
        }
    for attack in attacks:
        without = {**wrong, **(attack.answers if attack.without is None else attack.without)}
        without = {id: here.put(text) for id, text in without.items()} if attack.without is None else without
        found[f"without {attack.name}"] = found[plain[json.dumps([without, attack.cell, attack.notebook])]]
    return found


def _honest(name: str, beside: Attack, here: World, lab: str, answers: Mapping[str, str]) -> dict[str, Any]:
    secret = f"# {here.secrets['victim']}\n" * 3_000
    attack = Attack(name, beside.family, after=secret, notebook=90, cell=45, memory=max(beside.memory, 600))
    return _job(attack, here, lab, answers)


def _job(attack: Attack, here: World, lab: str, answers: Mapping[str, str]) -> dict[str, Any]:
    code = here.put(PRELUDE + dedent(attack.code)) if attack.code else ""
    made = submission(answers, code=code, after=here.put(attack.after), lab=LABS[lab]())
    content = nbformat.writes(made).encode()
    if attack.submitted is not None:
        content = attack.submitted(made)
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return {
        "name": attack.name,
        "notebook": content.decode("latin-1"),
        "cell": attack.cell,
        "seconds": attack.notebook,
        "memory": attack.memory,
        "deadline": attack.deadline,
    }


LABS: dict[str, Any] = {"shop": released, "nets": released_nets}


def _graded(jobs: list[dict[str, Any]], here: World, lab: str) -> list[tuple[str, Outcome]]:
    """Grade in a process of its own, which is started anew when an attack stops it."""
    done: list[tuple[str, Outcome]] = []
    while len(done) < len(jobs):
        rest = jobs[len(done) :]
        with _Grader(rest, here, lab) as grader:
            for job in rest:
                outcome = grader.next(job["deadline"])
                done.append((job["name"], outcome))
                if outcome.stopped:
                    break
    return done


class _Grader:
    """A process that grades one job after another (`tests.attacks.grader`), watched from outside."""

    def __init__(self, jobs: list[dict[str, Any]], here: World, lab: str) -> None:
        self._jobs = tempfile.NamedTemporaryFile("w", suffix=".json")
        json.dump({"lab": lab, "seed": here.secrets["seed"], "jobs": jobs}, self._jobs)
        self._jobs.flush()
        environment = {**os.environ, "CANARY": here.secrets["environment"], "PYTHONPATH": str(ROOT)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.grader", self._jobs.name],
            env=environment,
            cwd=here.folder,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._seen = 0
        self._first = True

    def __enter__(self) -> _Grader:
        return self

    def __exit__(self, *_: object) -> None:
        family = _descendants(self._process.pid)
        with contextlib.suppress(ProcessLookupError):
            if self._process.poll() is None and self._seen < 0:
                self._process.kill()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self._reader.join()
        self._process.stdout.close()
        self._jobs.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._lines.append(line)

    def next(self, deadline: float) -> Outcome:
        """The next outcome; the process is ended when it takes too long or too much."""
        started = time.monotonic()
        deadline += 15 if self._first else 0  # it has to import first
        self._first = False
        while len(self._lines) <= self._seen:
            time.sleep(0.05)
            if self._process.poll() is not None:
                self._reader.join()
                if len(self._lines) > self._seen:
                    break
                return self._stop("ends the grader")
            if time.monotonic() - started > deadline:
                return self._stop("hangs")
            if max(map(_resident_mb, _trusted(self._process.pid))) > EATEN_MB:
                return self._stop("eats memory")
        self._seen += 1
        return Outcome(**json.loads(self._lines[self._seen - 1]))

    def _stop(self, why: str) -> Outcome:
        self._process.kill()
        self._seen = -1
        return Outcome(stopped=why)


def _trusted(grader: int) -> list[int]:
    """The grader and its judges, whose memory no submission may eat."""
    return [grader, *(pid for pid in _children(grader) if b"_engine.judge" in _command(pid))]


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return found


def _descendants(pid: int) -> list[int]:
    found = _children(pid)
    return found + [deeper for child in found for deeper in _descendants(child)]


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _resident_mb(pid: int) -> float:
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return 0.0
