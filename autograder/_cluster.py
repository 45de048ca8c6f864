"""Workers on other machines: jobs go through a Dask scheduler as bytes and come back as bytes.

The only module that imports Dask. A worker needs the installed package and nothing else: no shared folder, no
database. It forks, boxes and judges as a grading process on one machine does.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder._errors import RunStopped, UsageError

PATIENCE = 30.0  # seconds for the scheduler to answer, and for the first worker to appear
FRESH = 2.0  # seconds for which the list of workers is believed
SKIPPED = (".pyc", ".pyo")


@dataclass(frozen=True)
class Tls:
    """Dask's files for encrypted connections, all three PEM.

    Args:
        ca: Certificate of the authority that signed all others.
        cert: This process's own certificate.
        key: Its key.
    """

    ca: Path
    cert: Path
    key: Path


def identity(packages: Sequence[str]) -> dict[str, Any]:
    """This machine's packages and sandbox, or why they cannot be used; runs on every worker.

    Args:
        packages: Names of top-level packages.

    Returns:
        `packages`, the hash of each one's files ("" for one that is not installed), and `missing`, the protections
        that the sandbox lacks; or only `error`.
    """
    try:
        from autograder import protections
        from autograder._cluster import package_hash

        missing = [line for line in protections() if not line.startswith("on ")]
        return {"packages": {name: package_hash(name) for name in packages}, "missing": missing}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


identity.__module__ = "__main__"  # so it travels whole: a worker without the package ends when it meets its name


def package_hash(name: str) -> str:
    """The hash of a package's files and their names, "" if it is not installed.

    Two machines with the same one judge alike; a version number would hide a change made in a working copy.
    """
    spec = find_spec(name)
    digest = hashlib.sha256()
    for folder in sorted(spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.suffix not in SKIPPED:
                digest.update(f"{path.relative_to(folder).as_posix()}\x00".encode() + path.read_bytes() + b"\x00")
    return digest.hexdigest() if spec else ""


@contextlib.contextmanager
def cluster(
    address: str,
    packages: Sequence[str],
    *,
    tls: Tls | None = None,
    complete: bool = True,
    say: Callable[[str], None] = print,
) -> Iterator[ClusterExecutor]:
    """An executor whose calls run on the workers of a Dask scheduler.

    Args:
        address: The scheduler's, such as `tcp://10.0.0.1:8786` or `tls://...`.
        packages: What has to be the same on every worker as here.
        tls: Files for an encrypted connection.
        complete: Whether a worker without a complete sandbox is refused.
        say: Called with a line for each worker that is refused.

    Raises:
        UsageError: If Dask is not installed, the scheduler does not answer, or no worker can be used.
    """
    try:
        from distributed import Client, Security
    except ImportError as error:
        raise UsageError("--scheduler needs Dask: pip install 'convnet-course[cluster]'.") from error
    if address.startswith("tls://") and tls is None:
        raise UsageError(f"{address}: an encrypted scheduler needs --tls-ca, --tls-cert and --tls-key.")
    try:
        client = Client(address, timeout=PATIENCE, security=_security(Security, tls), set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{address}: no Dask scheduler answers ({error}). Start it: dask scheduler.") from error
    executor = ClusterExecutor(client, address, packages, complete, say)
    try:
        executor.wait()
        threading.Thread(target=executor.watch, daemon=True).start()
        yield executor
    finally:
        executor.ended.set()
        with contextlib.suppress(Exception):  # a scheduler that is gone cannot be told
            client.close(timeout=5)


def _security(kind: Any, tls: Tls | None) -> Any:
    if tls is None:
        return None
    for path in (tls.ca, tls.cert, tls.key):
        if not path.is_file():
            raise UsageError(f"{path}: no such file. --tls-ca, --tls-cert and --tls-key are PEM files.")
    return kind(
        tls_ca_file=str(tls.ca),
        tls_client_cert=str(tls.cert),
        tls_client_key=str(tls.key),
        require_encryption=True,
    )


@dataclass(eq=False)
class _Call:
    """One call: what is called, for whom, and the workers that may run it."""

    function: Callable[..., bytes]
    arguments: tuple[Any, ...]
    outcome: Future[bytes] = field(default_factory=Future)
    sent: Future[bytes] | None = None
    workers: frozenset[str] = frozenset()


class ClusterExecutor(Executor):
    """Sends calls to those workers of a scheduler that would grade as this machine does.

    A call may run on these only, so when all of them are gone Dask would keep it for ever: `watch` sends it anew.
    """

    def __init__(
        self, client: Any, address: str, packages: Sequence[str], complete: bool, say: Callable[[str], None]
    ) -> None:
        self._client = client
        self._address = address
        self._executor = client.get_executor(pure=False)
        self._wanted = {name: package_hash(name) for name in packages}
        self._complete = complete
        self._say = say
        self._faults: dict[str, str] = {}  # of every worker that was asked, "" for one that can be used
        self._threads: dict[str, int] = {}
        self._asked = 0.0
        self._calls: set[_Call] = set()
        self._lock = threading.RLock()  # of the calls
        self._asking = threading.Lock()
        self.ended = threading.Event()

    @property
    def slots(self) -> int:
        """How many calls can run at the same time, at least 1."""
        return max(1, sum(self._usable().values()))

    def submit(self, fn: Callable[..., bytes], /, *args: Any, **kwargs: Any) -> Future[bytes]:
        """Have a function of this package called by a worker.

        Raises:
            RunStopped: If the scheduler is gone, or no worker is left.
        """
        call = _Call(partial(fn, **kwargs) if kwargs else fn, args)
        usable = self._usable() or self._awaited()
        with self._lock:
            self._send(call, usable)
            self._calls.add(call)
        call.outcome.add_done_callback(partial(self._forget, call))
        return call.outcome

    def _send(self, call: _Call, usable: Mapping[str, int]) -> None:
        call.workers = frozenset(usable)
        try:
            call.sent = self._executor.submit(
                call.function, *call.arguments, workers=list(usable), allow_other_workers=False
            )
        except Exception as error:
            raise self._gone(error) from error
        call.sent.add_done_callback(partial(self._came_back, call))

    def _came_back(self, call: _Call, sent: Future[bytes]) -> None:
        """Hand over what a worker gave, unless the call was sent anew since."""
        with self._lock:
            if sent is not call.sent or call.outcome.done():
                return
            if sent.cancelled():
                call.outcome.set_exception(ConnectionError("the scheduler dropped the call"))
            elif error := sent.exception():
                call.outcome.set_exception(error)
            else:
                call.outcome.set_result(sent.result())

    def _forget(self, call: _Call, outcome: Future[bytes]) -> None:
        with self._lock:
            self._calls.discard(call)
            if outcome.cancelled() and call.sent is not None:
                call.sent.cancel()

    def watch(self) -> None:
        """Send anew what only workers that are gone could have done; fail all when nothing is left to do it."""
        seen = time.monotonic()
        while not self.ended.wait(FRESH):
            try:
                usable = self._usable()
                if usable:
                    seen = time.monotonic()
                    self._resend(usable)
                elif time.monotonic() - seen > PATIENCE:
                    self._fail_all(RunStopped(f"{self._address}: all workers are gone."))
            except RunStopped as error:
                self._fail_all(error)

    def _resend(self, usable: Mapping[str, int]) -> None:
        with self._lock:
            for call in [call for call in self._calls if not call.workers & self._threads.keys()]:
                lost, call.sent = call.sent, None
                if lost is not None:
                    lost.cancel()
                self._send(call, usable)

    def _fail_all(self, error: RunStopped) -> None:
        with self._lock:
            for call in list(self._calls):
                call.sent = None
                if not call.outcome.done():
                    call.outcome.set_exception(ConnectionError(str(error)))

    def wait(self) -> None:
        """Wait for the first worker that can be used.

        Raises:
            UsageError: If none comes.
        """
        end = time.monotonic() + PATIENCE
        while not self._usable():
            if time.monotonic() > end:
                refused = "".join(f"\n  {worker}: {fault}" for worker, fault in self._faults.items() if fault)
                start = f"Start some: dask worker {self._address}"
                raise UsageError(f"{self._address}: no worker that can be used. {start}{refused}")
            time.sleep(0.2)
            self._asked = 0.0

    def _awaited(self) -> dict[str, int]:
        """Workers that come after all others have left."""
        try:
            self.wait()
        except UsageError as error:
            raise RunStopped(f"{error} What was graded is kept; then run this command again.") from error
        return self._usable()

    def _usable(self) -> dict[str, int]:
        """Threads by worker, without those that would judge otherwise."""
        with self._asking:
            if time.monotonic() - self._asked > FRESH:
                try:
                    self._threads = dict(self._client.nthreads())
                    self._examine([worker for worker in self._threads if worker not in self._faults])
                except Exception as error:
                    raise self._gone(error) from error
                self._asked = time.monotonic()
        return {worker: count for worker, count in self._threads.items() if self._faults.get(worker) == ""}

    def _examine(self, workers: Sequence[str]) -> None:
        if not workers:
            return
        # As a task, in one of the worker's threads: `Client.run` would stop its event loop meanwhile.
        asked = {
            worker: self._client.submit(
                identity, list(self._wanted), workers=[worker], allow_other_workers=False, pure=False
            )
            for worker in workers
        }
        for worker, future in asked.items():
            answer = self._answer(future)
            if answer is None:
                continue  # it left while it was asked
            self._faults[worker] = self._fault(answer)
            if self._faults[worker]:
                self._say(f"Worker {worker} is refused: {self._faults[worker]}")

    def _answer(self, future: Any) -> dict[str, Any] | None:
        """What a worker says; None if nothing comes."""
        try:
            return future.result(timeout=PATIENCE)
        except TimeoutError:
            future.cancel()
            return None

    def _fault(self, answer: Mapping[str, Any]) -> str:
        """Why a worker cannot be used, "" if it can."""
        if "error" in answer:
            return f"the package cannot be used there ({answer['error']}). Install what this machine has."
        for name, wanted in self._wanted.items():
            found = answer["packages"].get(name)
            if not found:
                return f"the package {name!r} is not installed there. Install what this machine has."
            if found != wanted:
                hashes = f"{found[:12]}, here {wanted[:12]}"
                return f"another version of {name!r} ({hashes}). Install the same there, restart the worker."
        if self._complete and answer["missing"]:
            return f"no complete sandbox: {'; '.join(answer['missing'])}. Mend it, or --allow-unsandboxed."
        return ""

    def _gone(self, error: Exception) -> RunStopped:
        return RunStopped(
            f"{self._address}: the scheduler is gone ({type(error).__name__}: {error}). "
            "What was graded is kept. Start the scheduler and its workers, then run this command again."
        )


def packages_of(modules: Sequence[str]) -> list[str]:
    """The packages that must be the same everywhere: this one, and those of the questions modules."""
    return sorted({"autograder", *(name.partition(".")[0] for name in modules if name)})
