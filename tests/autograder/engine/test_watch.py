"""What a box uses is seen from outside, whoever grades; and killing leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder._engine import watch
from autograder._engine.sandbox import probe
from autograder._engine.watch import Watch
from tests.autograder.engine import boxed
from tests.autograder.engine.boxed import MEGABYTE, Order

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")

LIMIT = 64 * MEGABYTE
PATIENCE = 20.0  # seconds, for what happens in milliseconds

# Run beside the box by the user that grades: prints each usage it is asked for.
GRADER = """
import sys
from autograder._engine.watch import Watch
with Watch(int(sys.argv[1]), int(sys.argv[2]) or None, 1.0) as watch:
    for line in sys.stdin:
        usage = watch.sample()
        print(usage.memory, usage.cpu, watch.exceeded(usage), watch.alive(), flush=True)
"""


class Program:
    """Python code in a process without a box, which says when it is ready."""

    def __init__(self, code: str) -> None:
        ready = "import os, sys, time\n" + code + "\nprint('ready', flush=True)\ntime.sleep(600)"
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, "-c", ready], text=True, start_new_session=True, **pipes)
        self.pid = self.process.pid
        assert self.process.stdout.readline() == "ready\n"


@pytest.fixture
def program() -> Iterator[Callable[[str], Program]]:
    started: list[Program] = []

    def start(code: str) -> Program:
        started.append(Program(code))
        return started[-1]

    yield start
    for one in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.process.communicate()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with boxed.readable_folder() as made:
        yield made


def soon(check: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.02)
    return False


# In a box, seen by root and by an ordinary user


@pytest.mark.skipif(sys.platform == "linux" and not probe().complete, reason="this host gives no complete sandbox")
@pytest.mark.parametrize("user", boxed.USERS)
class TestBox:
    """The grader is the user who started the box."""

    def usage(self, user: str, folder: Path, code: str, limit: int = LIMIT) -> list[str]:
        """What the grader sees once the code says that it is ready."""
        if user not in boxed.users():
            pytest.skip(f"cannot be tried as {user} user here")
        waiting = "\nimport os, time\nos.write(1, b'ready\\n')\ntime.sleep(600)"
        box = boxed.start(Order(code + waiting, user=user, size=LIMIT), folder)
        try:
            pid = box.stderr.readline().strip()
            assert box.stdout.readline() == "ready\n"
            return self._asked(user, folder, pid, limit)
        finally:
            box.kill()
            box.communicate()

    def _asked(self, user: str, folder: Path, pid: str, limit: int) -> list[str]:
        command = [boxed.interpreter(user), "-c", GRADER, pid, str(limit)]
        pipes = {
            "input": "\n",
            "text": True,
            "capture_output": True,
            "env": {"PYTHONPATH": str(folder)},
            "cwd": "/",
        }
        done = subprocess.run(command, timeout=60, **pipes, **boxed.as_user(user))
        assert not done.stderr
        return done.stdout.split()

    def test_a_small_box_is_small(self, user: str, folder: Path) -> None:
        """An interpreter, and no more."""
        memory, cpu, exceeded, alive = self.usage(user, folder, "")
        assert MEGABYTE < int(memory) < LIMIT
        assert 0 <= float(cpu) < 1
        assert (exceeded, alive) == ("None", "True")

    def test_memory_of_children_counts(self, user: str, folder: Path) -> None:
        """A daemon in a session of its own, too."""
        code = """
import os, time
reading, writing = os.pipe()
if not os.fork():
    os.setsid()
    if not os.fork():
        block = bytearray(os.urandom(1 << 20) * 80)
        os.write(writing, b"x")
        time.sleep(600)
    os._exit(0)
os.read(reading, 1)
"""
        memory, _, exceeded, _ = self.usage(user, folder, code)
        assert int(memory) > 80 * MEGABYTE
        assert exceeded == "memory"

    def test_files_in_the_box_count_once(self, user: str, folder: Path) -> None:
        """Written, and mapped, too: the same bytes."""
        code = """
import mmap
file = open("/dev/shm/block", "w+b")
file.write(bytes(1 << 20) * 40); file.flush()
view = mmap.mmap(file.fileno(), 0)
total = sum(view[place] for place in range(0, len(view), 4096))
"""
        for limit in (LIMIT, 0):
            memory = int(self.usage(user, folder, code, limit)[0])
            assert 40 * MEGABYTE < memory < LIMIT

    def test_a_removed_file_that_is_still_open_counts(self, user: str, folder: Path) -> None:
        """It has no name and no map, and takes memory."""
        code = """
import os
file = open("/tmp/a", "wb", buffering=0)
os.remove("/tmp/a")
file.write(bytes(1 << 20) * 50)
"""
        assert int(self.usage(user, folder, code)[0]) > 50 * MEGABYTE

    def test_shared_pages_count_once(self, user: str, folder: Path) -> None:
        """Ten forks of a process with 30 MB are not 300 MB."""
        code = """
import os, time
block = bytearray(os.urandom(1 << 20) * 30)
for _ in range(9):
    if not os.fork():
        time.sleep(600)
time.sleep(0.2)
"""
        memory, _, exceeded, _ = self.usage(user, folder, code)
        assert 30 * MEGABYTE < int(memory) < LIMIT
        assert exceeded == "None"

    def test_processor_time_of_waited_children_counts(self, user: str, folder: Path) -> None:
        """Work in a child that has ended."""
        code = """
import os, time
if not os.fork():
    while time.process_time() < 1.3:
        pass
    os._exit(0)
os.wait()
"""
        _, cpu, exceeded, _ = self.usage(user, folder, code)
        assert float(cpu) >= 1.2
        assert exceeded == "cpu"

    def test_kill_ends_the_box(self, user: str, folder: Path) -> None:
        """And the process that waits outside."""
        if user not in boxed.users():
            pytest.skip(f"cannot be tried as {user} user here")
        box = boxed.start(Order("import os, time\nos.write(1, b'ready\\n')\ntime.sleep(600)", user=user), folder)
        try:
            pid = int(box.stderr.readline())
            assert box.stdout.readline() == "ready\n"
            watch.kill(pid)
            box.communicate(timeout=PATIENCE)
            assert box.returncode & 0xFF == -signal.SIGKILL & 0xFF, "the starter passes on how it ended"
        finally:
            box.kill()


# Without a box


def test_an_exact_sample_needs_no_limit(program: Callable[[str], Program]) -> None:
    """PSS is at most the bound that is tried first."""
    pid = program("block = bytearray(os.urandom(1 << 20) * 20)").pid
    with Watch(pid) as exact, Watch(pid, 1 << 40) as bound:
        assert 20 * MEGABYTE < exact.sample().memory <= bound.sample().memory


def test_a_process_that_has_gone_uses_nothing(program: Callable[[str], Program]) -> None:
    """No error, and its processor time is remembered."""
    one = program("while time.process_time() < 0.2: pass")
    with Watch(one.pid, LIMIT) as looking:
        before = looking.sample()
        one.process.kill()
        one.process.wait()
        after = looking.sample()
        assert not looking.alive()
        looking.kill()
    assert after.memory == 0
    assert after.cpu >= before.cpu > 0


def test_a_number_given_to_another_process_is_noticed(program: Callable[[str], Program]) -> None:
    """The process that has the number now is neither measured nor killed."""
    one = program("")
    with Watch(one.pid, LIMIT) as looking:
        looking._started -= 1  # as if the watched one had begun earlier
        assert looking.sample().memory == 0
        assert not looking.alive()
        looking.kill()
    assert one.process.poll() is None


def test_processor_time_never_goes_down() -> None:
    """Children that nobody waits for take their time with them; it stays counted."""
    code = """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
children = []
for _ in range(2):
    children.append(os.fork())
    if not children[-1]:
        while time.process_time() < 0.3: pass
        os.write(1, b"worked" + bytes([10]))
        time.sleep(600)
signal.signal(signal.SIGUSR1, lambda *_: [os.kill(child, 9) for child in children])
"""
    ready = f"import os, sys, time\n{code}\nos.write(1, b'ready' + bytes([10]))\nwhile True: time.sleep(600)"
    command = [sys.executable, "-c", ready]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert sorted(process.stdout.readline() for _ in range(3)) == ["ready\n", "worked\n", "worked\n"]
        with Watch(process.pid, LIMIT) as looking:
            before = looking.sample().cpu
            os.kill(process.pid, signal.SIGUSR1)
            assert soon(lambda: len(watch._family(process.pid)) == 1)
            samples = [looking.sample().cpu for _ in range(3)]
            assert min(samples) >= before > 0.5
            assert looking._lost > 0.4
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_kill_ends_descendants_without_a_namespace(program: Callable[[str], Program]) -> None:
    """Children, their children, and those in another process group."""
    code = """
import subprocess
if not os.fork():
    os.setpgid(0, 0)
    if not os.fork():
        time.sleep(600)
    time.sleep(600)
time.sleep(0.2)
"""
    pid = program(code).pid
    family = [member.pid for member in watch._family(pid)]
    assert len(family) == 3
    watch.kill(pid)
    assert soon(lambda: all(_ended(member) for member in family))


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_kill_of_a_process_that_has_gone_is_no_error(program: Callable[[str], Program]) -> None:
    """Nothing is left to do."""
    one = program("")
    one.process.kill()
    one.process.wait()
    watch.kill(one.pid)


def test_a_name_with_brackets_is_read(program: Callable[[str], Program]) -> None:
    """/proc/PID/stat holds the name in brackets, and a student chooses the name."""
    pid = program("open('/proc/self/comm', 'w').write(') R 1 (')").pid
    assert watch._read(pid).parent == os.getpid()


def test_nothing_stays_open(program: Callable[[str], Program]) -> None:
    """A watch keeps a handle and a folder, and gives both back."""
    pid = program("").pid
    before = len(os.listdir("/proc/self/fd"))
    with Watch(pid, LIMIT) as looking:
        looking.sample()
    assert len(os.listdir("/proc/self/fd")) == before
