"""A class of ten thousand through a real Dask scheduler, with a stand-in for the students' computation.

What is left is what one machine has to do for every submission, however many workers there are: read the file,
pack a job, send it, take the result, commit it, write the record and the notebook. It should cost the last
submission no more than the first, in time and in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import plot
from bench.classes import CLASSES, ROOT, make_class, works
from bench.curve import copies
from bench.engines.run import environment
from bench.measure import CommandFailed, run_measured
from bench.plot import BLUE, ORANGE, PALE, Panel

LAB = CLASSES["numpy"].lab
EVERY = 250  # submissions between two points of the curve
RESULTS = "BENCH_SCALE_RESULTS"
PIECE = {f"question {n}": {"points": n / 2, "verdict": "passed", "message": "m" * n} for n in range(20)}
_results: dict[str, bytes] = {}


def stand_in(job: bytes) -> bytes:
    """What a worker calls instead of `grade_submission`: the result that this file had when it was executed."""
    from autograder._work import _unpack

    if not _results:
        _results.update(pickle.loads(Path(os.environ[RESULTS]).read_bytes()))
    return _results[hashlib.sha256(_unpack(job)["content"]).hexdigest()]


class StandIn(Executor):
    """An executor's jobs, but for the students' computation."""

    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster

    @property
    def slots(self) -> int:
        return self.cluster.slots

    def submit(self, fn: Callable[[bytes], bytes], /, *arguments: Any, **keywords: Any) -> Future[bytes]:
        return self.cluster.submit(stand_in, *arguments, **keywords)


class Recording(Executor):
    """Executes jobs here, and keeps their results by the hash of the file."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def submit(self, fn: Callable[[bytes], bytes], /, *arguments: Any, **keywords: Any) -> Future[bytes]:
        future: Future[bytes] = Future()
        result = fn(*arguments, **keywords)
        from autograder._work import unpack_result

        self.kept[unpack_result(result).sha256] = result
        future.set_result(result)
        return future


def measure(built: Path, count: int, workers: int) -> list[dict[str, Any]]:
    """Grade `count` submissions; a point of the curve every so many.

    Args:
        built: The folder in which the lab was built.
        count: Submissions.
        workers: Processes of Dask with one thread each.
    """
    with tempfile.TemporaryDirectory(prefix="bench-scale-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _prepare(built, folder, count)
        settings = environment("autograder") | {RESULTS: str(folder / "results.pickle")}
        with _cluster(folder, workers, settings) as address:
            command = [sys.executable, "-m", "bench.scale", str(folder), address]
            measured = run_measured(command, folder, settings)
    points = json.loads(measured.output.strip().splitlines()[-1])
    if not points or points[-1]["submissions"] != count:
        raise CommandFailed(f"Of {count} submissions {points[-1]['submissions'] if points else 0} came back.")
    return points


def _prepare(built: Path, folder: Path, count: int) -> None:
    """The class, and the results of its distinct files."""
    released = built / "notebooks" / LAB / f"{LAB}.ipynb"
    distinct = list(works(CLASSES["numpy"], min(count, 40)))
    make_class(folder / "distinct", released, [replace(work, student=f"d{n}") for n, work in enumerate(distinct)])
    make_class(folder / "class", released, copies(count))
    (folder / "released.ipynb").write_bytes(released.read_bytes())
    code = "import sys; from bench.scale import record; record(*sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, env=environment("autograder"))
    if done.returncode:
        raise CommandFailed("The distinct submissions could not be graded.")


def record(name: str) -> None:
    """Grade the distinct submissions for real, and keep their results."""
    from autograder._grade import grade

    folder, executor = Path(name), Recording()
    grade([LAB], folder / "distinct", released=lambda lab: folder / "released.ipynb", workers=1, executor=executor)
    (folder / "results.pickle").write_bytes(pickle.dumps(executor.kept))


@contextmanager
def _cluster(folder: Path, workers: int, settings: dict[str, str]) -> Iterator[str]:
    """A scheduler and workers; its address."""
    file = folder / "scheduler.json"
    place = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    worker = ["worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    processes = [_dask(place, folder, settings)]
    try:
        while not (file.exists() and file.read_text().strip()):
            if processes[0].poll() is not None:
                raise CommandFailed("The scheduler ended.")
            time.sleep(0.1)
        processes += [_dask(worker, folder, settings) for _ in range(workers)]
        yield json.loads(file.read_text())["address"]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _dask(arguments: Sequence[str], folder: Path, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", "dask", *arguments], cwd=folder, env=settings, **quiet)


def run(folder: Path, address: str) -> list[dict[str, Any]]:
    """Grade the class in this process; time and memory as submissions are recorded."""
    from autograder._cluster import cluster, packages_of
    from autograder._grade import grade

    points: list[dict[str, Any]] = []
    last, pieces = [time.monotonic(), time.process_time()], [0.0, 0.0]

    def note(record: Any, done: int, total: int) -> None:
        for clock, took in enumerate(yardstick()):
            pieces[clock] += took
        if done % EVERY and done != total:
            return
        now = [time.monotonic(), time.process_time()]
        since = done - (points[-1]["submissions"] if points else 0)
        points.append(
            {
                "submissions": done,
                "seconds_per_submission": round((now[0] - last[0] - pieces[0]) / since, 5),
                "processor_seconds_per_submission": round((now[1] - last[1] - pieces[1]) / since, 5),
                "yardstick_seconds": round(pieces[0] / since, 6),
                "yardstick_processor_seconds": round(pieces[1] / since, 6),
                "grading_process_mb": _own_mb(),
            }
        )
        last[:], pieces[:] = now, [0.0, 0.0]

    with cluster(address, packages_of(["bench"])) as executor:
        grade(
            [LAB], folder / "class", released=lambda lab: folder / "released.ipynb",
            executor=StandIn(executor), progress=note,
        )  # fmt: skip
    return points


def yardstick() -> tuple[float, float]:
    """Seconds by the clock and of the processor that a fixed piece of work takes: how fast the machine is now."""
    before = time.perf_counter(), time.process_time()
    for _ in range(4):
        json.loads(json.dumps(PIECE, indent=1))
    return time.perf_counter() - before[0], time.process_time() - before[1]


def _own_mb() -> float:
    with open("/proc/self/smaps_rollup") as lines:
        return round(sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024, 1)


def draw(points: list[dict[str, Any]], path: Path) -> None:
    """Draw time and memory over the number of submissions that are done."""
    seconds = [point["seconds_per_submission"] for point in points]
    pieces = [point["yardstick_seconds"] for point in points]
    mean = statistics.fmean(pieces)
    time_of = {
        "as measured": [1000 * one for one in seconds],
        "speed of the machine taken out": [
            1000 * one * mean / piece for one, piece in zip(seconds, pieces, strict=True)
        ],
    }
    memory = {"": [point["grading_process_mb"] for point in points]}
    costs = [
        Panel("time of the one writer\nper submission (ms)", time_of, [PALE, BLUE]),
        Panel("memory of the\ngrading process (MB)", memory, [ORANGE]),
    ]
    plot.draw([point["submissions"] for point in points], costs, "submissions recorded", path)


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), sys.argv[2])))
