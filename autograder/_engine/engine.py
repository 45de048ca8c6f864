"""What one grading process keeps: fork servers by what they import, judges by thread, the sandbox's terms."""

from __future__ import annotations

import ast
import atexit
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder._engine import sandbox
from autograder._engine.forkserver import EngineError, ForkServer, clean_environment
from autograder._engine.judge import Judge
from autograder._engine.protections import NAMES
from autograder._errors import UsageError

WORK = "/home/student"
FILES_MB = 256  # for all that a notebook writes
PROCESSES = 128  # and threads; TensorFlow alone takes two dozen
DESCRIPTORS = 256  # of one process
MAX_SERVERS = 3  # each keeps half a gigabyte once it has imported TensorFlow


@dataclass(frozen=True)
class Terms:
    """How submissions run on this machine.

    Args:
        boxed: Whether they run in the sandbox, as far as this host gives one.
        complete: Whether a sandbox that lacks a protection is refused.
        threads: Of the numeric libraries in one submission.
    """

    boxed: bool = True
    complete: bool = True
    threads: int = 1


class Engine:
    """Shared by all worker threads of a process; `close` ends every process that it started.

    Args:
        terms: See `Terms`.

    Raises:
        UsageError: If submissions are to be boxed and this host gives no complete sandbox.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.protections = sandbox.probe() if terms.boxed else sandbox.Protections()
        if terms.boxed and terms.complete and not self.protections.complete:
            missing = "\n  ".join(self.protections.lines())
            raise UsageError(
                f"This machine gives no complete sandbox:\n  {missing}\nMend it, or --allow-unsandboxed."
            )
        self._servers: dict[tuple[str, ...], ForkServer] = {}
        self._judges: list[Judge] = []
        self._spare: list[Judge] = []  # started, and not yet any thread's
        self._lock = threading.Lock()
        self._thread = threading.local()
        self.closed = False

    @property
    def judge(self) -> Judge:
        """The judge of the calling thread.

        Raises:
            EngineError: If the run was stopped.
        """
        self._require_open()
        if not hasattr(self._thread, "judge"):
            with self._lock:
                self._thread.judge = self._spare.pop() if self._spare else self._new_judge()
        return self._thread.judge

    def prepare(self, workers: int, modules: Sequence[str]) -> None:
        """Start judges and a fork server now, so that they import while something else is done.

        Args:
            workers: So many judges.
            modules: What the fork server imports.
        """
        self.server(modules).start()
        with self._lock:
            while len(self._judges) < workers:
                self._spare.append(self._new_judge())
                self._spare[-1].start()

    def _new_judge(self) -> Judge:
        self._judges.append(Judge())
        return self._judges[-1]

    def server(self, modules: Sequence[str]) -> ForkServer:
        """The fork server that has imported these modules.

        Raises:
            EngineError: If the run was stopped.
        """
        wanted = tuple(modules)
        with self._lock:
            self._require_open()
            if wanted not in self._servers:
                while len(self._servers) >= MAX_SERVERS:
                    self._servers.pop(next(iter(self._servers))).close()
                self._servers[wanted] = ForkServer(wanted, clean_environment(self.terms.threads))
            return self._servers[wanted]

    def box(self, modules: Sequence[str], hidden_module: str, work: str) -> dict[str, Any] | None:
        """What a submission may see, as the arguments of `sandbox.Box`; None without a sandbox.

        Args:
            modules: What its fork server imports.
            hidden_module: The questions module, which no student's process may read.
            work: Its working folder.
        """
        some = any(getattr(self.protections, name) for name in NAMES)
        return asdict(replace(box_for(modules, hidden_module), work=work)) if self.terms.boxed and some else None

    def _require_open(self) -> None:
        if self.closed:
            raise EngineError("The run was stopped.")

    def close(self) -> None:
        """End everything that was started; submissions that run now fail."""
        with self._lock:
            self.closed = True
            for process in [*self._servers.values(), *self._judges]:
                process.close()
            self._servers.clear()
            self._judges.clear()
            self._spare.clear()


def box_for(modules: Sequence[str], hidden_module: str = "") -> sandbox.Box:
    """What a boxed process may see and use.

    Args:
        modules: What its fork server imports.
        hidden_module: A module whose folder is covered, "" for none.
    """
    packages = {name.partition(".")[0] for name in [*modules, "autograder"]}
    hidden = question_folder(hidden_module)
    return sandbox.Box(
        read_only=(*sandbox.system_paths(), *sorted(filter(None, map(_outside_folder, packages)))),
        hidden=(hidden,) if hidden else (),
        work=WORK,
        size=FILES_MB << 20,
        processes=PROCESSES,
        files=DESCRIPTORS,
    )


def fork_is_safe() -> bool:
    """Whether a process that has imported TensorFlow can be forked here."""
    return sys.platform == "linux"


_engine: Engine | None = None
_engine_lock = threading.Lock()


def shared_engine(terms: Terms) -> Engine:
    """The engine of this process, made when it is first asked for."""
    global _engine
    with _engine_lock:
        if _engine is None or _engine.terms != terms:
            close_engine()
            _engine = Engine(terms)
        return _engine


def close_engine() -> None:
    """End the engine of this process, if there is one."""
    global _engine
    if _engine is not None:
        _engine.close()
    _engine = None


atexit.register(close_engine)


def imported_modules(released: NotebookNode, hidden_module: str) -> list[str]:
    """Modules that a released notebook imports: what its fork server imports beforehand.

    Args:
        released: The lab as learners got it.
        hidden_module: The questions module; neither it nor its package is imported.
    """
    found: set[str] = set()
    for cell in released.cells:
        if cell.cell_type == "code":
            found.update(_imports(cell.source))
    package = hidden_module.rpartition(".")[0] or hidden_module
    return sorted(name for name in found if name and not f"{name}.".startswith(f"{package}."))


def _imports(source: str) -> Iterator[str]:
    lines = ["pass" if line[:1] in ("%", "!") else line for line in source.splitlines()]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")


def question_folder(module: str) -> str | None:
    """The folder of a questions module that lies in a package."""
    if "." not in module:
        return None
    spec = importlib.util.find_spec(module)
    return str(Path(spec.origin).resolve().parent) if spec and spec.origin else None


def _outside_folder(package: str) -> str | None:
    """A package's folder, if it is not where Python keeps its packages (an editable installation)."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        return None
    folder = os.path.realpath(folders[0])
    usual = [os.path.realpath(prefix) for prefix in {sys.prefix, sys.base_prefix, "/usr"}]
    return None if any(folder.startswith(prefix + os.sep) for prefix in usual) else folder


def environment_of(terms: Terms, home: str, extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a submission's process, which may write in one folder."""
    aside = "/tmp" if home == WORK else home
    places = {"HOME": home, "TMPDIR": aside, "IPYTHONDIR": f"{aside}/.ipython"}
    places |= {"MPLCONFIGDIR": f"{aside}/.matplotlib", "USER": "student", "JUPYTER_PLATFORM_DIRS": "1"}
    return clean_environment(terms.threads) | places | dict(extra)
