"""A run that survives: killed, interrupted or out of disk, it goes on where it was and grades nothing twice."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from autograder import UsageError
from autograder._grade import AGAIN, grade
from autograder._store import Store
from autograder._work import grade_submission
from tests.autograder.small_lab import ROOT, answer_cell, kernel_path, notebook, test_cell

LAB = "slow"
NAMES = [f"student{number}" for number in range(8)]
MARKER = "AUTOGRADER_TEST_MARKER"


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Kernels find this package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", kernel_path())
        yield


def release(seconds=0.5):
    """An ordinary test notebook that takes its time."""
    return notebook(
        [
            answer_cell("answer", "value = None"),
            new_code_cell(f"import time; time.sleep({seconds})", id="wait"),
            test_cell("whole", "assert value is not None", 2),
            test_cell("points", "value", 3),
        ]
    )


class SlowClass:
    """A class whose release is its own."""

    def __init__(self, folder: Path, names=NAMES, seconds=0.5) -> None:
        self.folder = folder
        self.lab = release(seconds)
        self.write(self.lab)
        for number, name in enumerate(names):
            self.submit(name, number % 4)

    def write(self, lab) -> None:
        path = self.folder / "release" / LAB / f"{LAB}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(lab, path)

    def submit(self, name: str, value: object) -> None:
        sent = nbformat.from_dict(self.lab)
        sent.cells[0].source = f"value = {value}"
        path = self.folder / "submitted" / name / LAB / f"{LAB}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(sent, path)

    def command(self, *options: str) -> list[str]:
        grading = ["grade", LAB, "--class", str(self.folder), "--workers", "2"]
        return [sys.executable, "-m", "autograder.cli", *grading, *options]

    def start(self, *options: str, **how) -> subprocess.Popen[str]:
        """The command in a process of its own."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        environment = {**os.environ, MARKER: str(self.folder)}
        return subprocess.Popen(self.command(*options), cwd=ROOT, env=environment, **pipes, **how)

    def finish(self, *options: str, **how) -> tuple[int, str]:
        """Run the command to its end: its status, and all that it printed."""
        process = self.start(*options, **how)
        output = "".join(process.communicate())
        return process.returncode, output

    def paths(self) -> dict[str, Path]:
        """The records that exist, by student."""
        return {path.stem: path for path in (self.folder / ".autograder" / LAB).glob("*.json")}

    def finished(self) -> dict[str, dict]:
        records = {name: json.loads(path.read_text()) for name, path in self.paths().items()}
        return {name: record for name, record in records.items() if record.get("finished")}

    def wait_for(self, process: subprocess.Popen[str], records: int) -> None:
        """Until so many are recorded."""
        while len(self.paths()) < records:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)

    def result(self) -> tuple[dict, dict, dict]:
        """What a run leaves: records, gradebook and kept notebooks, without times and row ids."""
        records = {
            name: {key: value for key, value in record.items() if key not in ("seconds", "graded", "row")}
            for name, record in self.finished().items()
        }
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as book:
            scores = {
                (item.student.id, grade.name): (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for item in book.notebook_submissions(LAB, LAB)
                for grade in item.grades
            }
        kept = {
            path.parts[-3]: [cell.source for cell in nbformat.read(path, as_version=4).cells]
            for path in (self.folder / "autograded").glob("*/*/*.ipynb")
        }
        return records, scores, kept


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The same class, graded in one go."""
    found = SlowClass(tmp_path_factory.mktemp("undisturbed"))
    status, output = found.finish()
    assert status == 0, output
    assert len(found.finished()) == len(NAMES)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("moment", [1, 3, 6])
def test_a_killed_run_resumes(tmp_path, undisturbed, moment):
    """What was recorded is not touched again; the rest is graded; nothing differs from a run in one go."""
    found = SlowClass(tmp_path)
    process = found.start()
    found.wait_for(process, moment)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = {name: path.read_bytes() for name, path in found.paths().items()}
    assert moment <= len(before) < len(NAMES)
    status, output = found.finish()
    assert status == 0, output
    assert f"Graded now: {len(NAMES) - len(before)}. Graded before and unchanged: {len(before)}." in output
    assert {name: path.read_bytes() for name, path in found.paths().items() if name in before} == before
    assert found.result() == undisturbed.result()


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_ends(tmp_path, undisturbed):
    """At whatever point it is killed, the next one goes on."""
    found = SlowClass(tmp_path, seconds=0)
    undisturbed_cells = undisturbed.result()
    for patience in (1.2, 1.5, 1.8, 2.1, 2.4, 2.7):
        process = found.start("--regrade")
        time.sleep(patience)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    status, output = found.finish()
    assert status == 0, output
    records, scores, _ = found.result()
    assert scores == undisturbed_cells[1]
    assert {name: record["points"] for name, record in records.items()} == {
        name: record["points"] for name, record in undisturbed_cells[0].items()
    }


@pytest.mark.slow
def test_ctrl_c_stops_at_once_and_keeps_what_was_graded(tmp_path, undisturbed):
    """In-flight work is abandoned with its kernels, whatever it is doing; the status is the documented one."""
    found = SlowClass(tmp_path, NAMES[:2])
    for name in NAMES[2:]:
        found.submit(name, "__import__('time').sleep(3600)")
    process = found.start()
    found.wait_for(process, 2)
    process.send_signal(signal.SIGINT)
    output = "".join(process.communicate(timeout=60))
    assert process.returncode == 1
    assert "stopped. What was graded is kept" in output and "Traceback" not in output
    assert sorted(found.finished()) == NAMES[:2]
    assert processes_with(found.folder) == []
    for number, name in enumerate(NAMES):
        found.submit(name, number % 4)
    status, output = found.finish()
    assert (status, len(found.finished())) == (0, len(NAMES)), output
    assert f"Graded now: {len(NAMES) - 2}." in output
    assert found.result() == undisturbed.result()


def processes_with(folder: Path) -> list[str]:
    """Commands of living processes that a run over this class has started."""
    wanted = f"{MARKER}={folder}".encode()
    commands = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (place / "environ").read_bytes().split(b"\0"):
                commands.append((place / "cmdline").read_text())
        except OSError:
            continue
    return [command for command in commands if command]


@contextmanager
def small_disk(folder: Path, size: str):
    """A file system of a few megabytes."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("file systems can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("left", [0, 8, 24, 64, 100])
def test_a_full_disk_loses_nothing(tmp_path, undisturbed, left):
    """Wherever it fills up, nothing half-written counts; with room again, the run ends as if nothing had been."""
    with small_disk(tmp_path / "disk", "4m") as folder:
        found = SlowClass(folder / "class", NAMES[:1], seconds=0)
        status, output = found.finish()
        assert status == 0, output
        first = found.paths()[NAMES[0]].read_bytes()
        for number, name in enumerate(NAMES):
            found.submit(name, number % 4)
        filler = folder / "filler"
        fill(filler, left * 1024)
        status, output = found.finish()
        assert status == 1, output
        assert "Traceback" not in output
        assert "full" in output or "No space left" in output
        for name, record in found.finished().items():
            kept = folder / "class" / "autograded" / name / LAB / f"{LAB}.ipynb"
            assert len(nbformat.read(kept, as_version=4).cells) == 4
            assert record["questions"]["whole"]["judged"] == "passed"
        filler.unlink()
        status, output = found.finish()
        assert status == 0, output
        assert found.paths()[NAMES[0]].read_bytes() == first
        assert found.result()[1] == undisturbed.result()[1]
        assert len(found.finished()) == len(NAMES)
        litter = [path for path in (folder / "class").rglob(".*.tmp")]
        assert litter == []


def fill(path: Path, left: int) -> None:
    """Take up the disk, but for some bytes."""
    room = shutil.disk_usage(path.parent).free - left
    path.write_bytes(b"x" * max(room, 0))


@pytest.mark.slow
def test_a_gradebook_that_cannot_be_written_is_said(tmp_path, undisturbed):
    """A quota, as anybody can have one: the submission is not finished, the others are tried."""
    found = SlowClass(tmp_path, NAMES[:1], seconds=0)
    found.finish()
    for number, name in enumerate(NAMES):
        found.submit(name, number % 4)
    limit = (tmp_path / "gradebook.db").stat().st_size // 2  # its later pages cannot be written
    status, output = found.finish(
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))  # no file larger than this
    )
    assert status == 1
    assert "Traceback" not in output and "the disk is full, or a quota" in output
    failed = [json.loads(path.read_text()) for name, path in found.paths().items() if name != NAMES[0]]
    assert any("not graded" in record["notes"][0] for record in failed if not record["finished"])
    assert NAMES[0] in found.finished() and len(found.finished()) < len(NAMES)
    status, output = found.finish()
    assert status == 0, output
    assert found.result()[1] == undisturbed.result()[1]


@pytest.mark.slow
def test_two_runs_at_once_are_refused(tmp_path):
    """The second says so and changes nothing."""
    found = SlowClass(tmp_path, NAMES[:1])
    found.submit(NAMES[1], "__import__('time').sleep(3600)")
    process = found.start()
    found.wait_for(process, 1)
    before = found.result()
    status, output = found.finish()
    assert status == 2
    assert found.result() == before
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert "at work here" in output


@pytest.fixture
def small(tmp_path):
    return SlowClass(tmp_path, NAMES[:4], seconds=0)


def run(small, **options):
    return {record["student"]: record for record in grade([LAB], small.folder, **options)}


class Breaking(Executor):
    """Threads whose first calls for some students die, as a killed worker's do."""

    def __init__(self, broken: dict[bytes, int]) -> None:
        self.broken = broken
        self.calls: list[bytes] = []
        self.threads = ThreadPoolExecutor(2)

    def submit(self, function, /, *arguments):
        (job,) = arguments
        assert function is grade_submission and type(job) is bytes
        self.calls.append(job)
        for name, left in self.broken.items():
            if name in job and left:
                self.broken[name] -= 1
                future: Future[bytes] = Future()
                future.set_exception(ConnectionError("the worker is gone"))
                return future
        return self.threads.submit(function, job)


def test_a_lost_worker_is_tried_once_more(small):
    """The submission did nothing wrong."""
    executor = Breaking({b"student1": 1})
    assert run(small, executor=executor)["student1"]["finished"]
    assert len(executor.calls) == 5


def test_a_submission_that_kills_its_worker_twice_is_not_finished(small):
    """The others are graded, the message says what happened, and the next run tries again."""
    records = run(small, executor=Breaking({b"student1": 2}))
    assert not records["student1"]["finished"]
    assert "ConnectionError: the worker is gone" in records["student1"]["notes"][0]
    assert all(records[name]["finished"] for name in NAMES[:4] if name != "student1")
    assert run(small)["student1"]["points"] == 3


@pytest.mark.slow
def test_a_process_pool_carries_it(small):
    """Nothing but bytes and one function of a module crosses."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        records = run(small, executor=pool)
    assert [records[name]["points"] for name in NAMES[:4]] == [2, 3, 4, 5]


@pytest.mark.slow
def test_a_broken_pool_is_replaced(small):
    """A killed worker breaks Python's pool for good; threads of this process take over."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pid = pool.submit(os.getpid).result()
        killed = []

        def kill(record, done, total):
            if not killed:
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)

        records = run(small, executor=pool, workers=1, progress=kill)
    assert [records[name]["points"] for name in NAMES[:4]] == [2, 3, 4, 5]


class Counting(Executor):
    """Says how many jobs were on their way at the same time."""

    def __init__(self) -> None:
        self.waiting: set[Future[bytes]] = set()
        self.most = 0
        self.threads = ThreadPoolExecutor(1)

    def submit(self, function, /, *arguments):
        future = self.threads.submit(function, *arguments)
        self.waiting.add(future)
        future.add_done_callback(self.waiting.discard)
        self.most = max(self.most, len(self.waiting))
        return future


def test_a_file_is_read_when_its_turn_comes(tmp_path):
    """At most two jobs a worker are in memory, however large the class is."""
    executor = Counting()
    run(SlowClass(tmp_path, NAMES, seconds=0), workers=2, executor=executor)
    assert executor.most == 4


def question(record, id):
    found = record["questions"][id]
    return found["verdict"], found["points"]


def mend(small, source="min(value, 1)"):
    """The instructor corrects the test that gives points."""
    small.lab.cells[3] = test_cell("points", source, 3)
    small.write(small.lab)


def test_one_question_is_judged_again(small):
    """Its points and output are new everywhere; the other question's stay, though its answer would fail now."""
    run(small)
    kept = small.folder / "autograded" / "student3" / LAB / f"{LAB}.ipynb"
    before = nbformat.read(kept, as_version=4)
    mend(small)
    small.lab.cells[2] = test_cell("whole", "assert False", 2)
    small.write(small.lab)
    records = run(small, questions=["points"])
    assert [question(records[name], "points")[1] for name in NAMES[:4]] == [0, 1, 1, 1]
    assert {question(record, "whole") for record in records.values()} == {("passed", 2)}
    assert {name: record["points"] for name, record in records.items()} == dict(
        zip(NAMES[:4], (2, 3, 3, 3), strict=True)
    )
    after = nbformat.read(kept, as_version=4)
    assert [cell.get("outputs") for cell in after.cells[:3]] == [cell.get("outputs") for cell in before.cells[:3]]
    assert after.cells[3].source == "min(value, 1)"
    assert after.cells[3].outputs[0].data["text/plain"] == "1"
    with Gradebook(f"sqlite:///{small.folder / 'gradebook.db'}") as book:
        assert book.find_grade("points", LAB, LAB, "student3").auto_score == 1
        assert book.find_grade("whole", LAB, LAB, "student3").auto_score == 2


def by_hand(small, name, student, points):
    with Gradebook(f"sqlite:///{small.folder / 'gradebook.db'}") as book:
        grade = book.find_grade(name, LAB, LAB, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def test_hand_grades_of_other_questions_stay(small):
    """Not even asked to look again."""
    run(small)
    by_hand(small, "whole", "student3", 1)
    mend(small)
    assert question(run(small, questions=["points"])["student3"], "whole") == ("partly", 1)


@pytest.mark.parametrize("again", [{"questions": ["points"]}, {"regrade": True}])
def test_a_hand_grade_is_to_be_looked_at_if_the_automatic_points_changed(small, again):
    """The points stay; where the mended question says the same, nobody is asked."""
    run(small)
    by_hand(small, "points", "student3", 2.5)
    by_hand(small, "points", "student1", 2.5)
    mend(small)
    records = run(small, **again)
    assert question(records["student3"], "points") == ("manual", 2.5)
    assert records["student3"]["questions"]["points"]["message"] == AGAIN
    assert question(records["student1"], "points") == ("partly", 2.5)


def test_who_was_not_graded_yet_is_graded_whole(small):
    """A late submission, and one that changed."""
    run(small)
    small.submit("new", 2)
    small.submit("student0", 2)
    mend(small)
    records = run(small, questions=["points"])
    for name in ("new", "student0"):
        assert (question(records[name], "whole"), question(records[name], "points")) == (
            ("passed", 2),
            ("partly", 1),
        )


def test_after_one_question_nothing_is_graded_again(small):
    """The instructor said that nothing else had changed."""
    run(small)
    mend(small)
    records = run(small, questions=["points"])
    assert run(small) == records


def test_a_failure_leaves_the_earlier_record(small):
    """What a mended question could not be judged with is no reason to forget the rest."""
    before = run(small)
    mend(small)
    failed = run(small, questions=["points"], executor=Breaking({b"student3": 2}))["student3"]
    assert failed["questions"] == before["student3"]["questions"]
    assert "the worker is gone" in failed["fault"]
    records = run(small, questions=["points"])
    assert question(records["student3"], "points") == ("partly", 1)
    assert "fault" not in records["student3"]


def test_an_unknown_question_is_a_wrong_use(small):
    """With the nearest names."""
    with pytest.raises(UsageError, match=r"No question 'point' in slow\. Near: points\."):
        run(small, questions=["point"])
    assert list(Store(small.folder).records(LAB)) == []


def test_regrade_and_question_exclude_each_other(small):
    """Everything, or some questions."""
    with pytest.raises(UsageError, match="not both"):
        run(small, questions=["points"], regrade=True)
