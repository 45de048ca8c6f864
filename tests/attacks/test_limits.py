"""Attacks on time, memory, disk and processes: the grader goes on, and nothing is left over."""

# ruff: noqa: E501 - an attack stands in a string, as its author would write it

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.judging import unlucky, wrongs
from tests.attacks.lab import WRONG, Attack, Outcome, World, run_attacks, world

ZMTP = """
def streams():
    import stat
    for name in os.listdir("/proc/self/fd"):
        try:
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode): continue
            end = socket.socket(fileno=os.dup(int(name)))
            end.getpeername()
        except OSError: continue
        if "/k-" in str(end.getsockname()): yield end
"""


def limits(name: str, code: str, **more: object) -> Attack:
    return Attack(name, "limits", code, **more)  # type: ignore[arg-type]


ATTACKS = [
    # time
    limits("a loop in Python", "while True: pass", cell=2, notebook=6),
    limits(
        "a loop that catches everything",
        """
        def stay():
            while True:
                try:
                    while True: time.sleep(0.01)
                except BaseException: pass
        stay()
    """,
        cell=1,
        notebook=4,
    ),
    limits(
        "a loop in C that no signal ends",
        "int('9' * 10**8) if sys.set_int_max_str_digits(0) is None else 0",
        cell=1,
        notebook=4,
    ),
    limits(
        "a regular expression without an end", "import re; re.match('(a+)+$', 'a' * 60 + 'b')", cell=1, notebook=4
    ),
    limits(
        "loops in the answers",
        "pass",
        answers={
            "total": "def total(prices, discount):\n    while True:\n        pass",
            "smooth": "def smooth(signal, width):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
            "factors": "def factors(number):\n    return 9 ** 9 ** 9",
            "mine": "class Slow(list):\n    def __iter__(self):\n        while True: pass\nmine = Slow()",
        },
        without=WRONG,
        notebook=8,
    ),
    limits(
        "signals are ignored, timers taken away",
        """
        import signal
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        signal.signal = signal.setitimer = lambda *a: None
    """,
        answers={"total": "def total(prices, discount):\n    while True: pass"},
        without=WRONG,
        notebook=7,
    ),
    limits(
        "a clock that stands still",
        """
        time.sleep = time.monotonic = time.time = time.perf_counter = lambda *a: 0.0
        libc.vfork_pause = None
        import threading
        stop = threading.Event()
        stop.wait()
    """,
        cell=1,
        notebook=4,
    ),
    limits(
        "a sleep that looks like waiting for a disk",
        """
        os.mkfifo("pipe")
        os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, "pipe", os.O_RDONLY, 0)])
    """,
        cell=1,
        notebook=2,
    ),
    limits(
        "every cell takes as long as it may",
        "import atexit; atexit.register(lambda: time.sleep(1000))\n"
        "get_ipython().events.register('post_run_cell', lambda result: time.sleep(1000))",
        cell=1,
        notebook=5,
    ),
    # output
    limits("output without an end", "while True: print('x' * 10_000)", cell=2, notebook=6),
    limits(
        "output to the descriptors",
        """
        def pour(number):
            try:
                while True: os.write(number, b"x" * 65536)
            except OSError: pass
        for number in (0, 1, 2): threading.Thread(target=pour, args=(number,), daemon=True).start()
        time.sleep(0.5)
    """,
    ),
    limits(
        "a traceback of thousands of lines",
        """
        class Long(Exception):
            def __str__(self): return "long " * 300_000
        def deeper(n):
            if not n: raise Long(*["x" * 100_000] * 20)
            deeper(n - 1)
        deeper(300)
    """,
    ),
    limits(
        "figures and widgets by the thousand",
        """
        from IPython.display import display, HTML
        for number in range(1_000):
            display({"text/html": "<b>" * 60_000, "image/png": "QUJD" * 60_000, "text/plain": "x" * 9_000}, raw=True)
    """,
        cell=8,
    ),
    limits(
        "metadata without an end",
        """
        from IPython.display import display
        for number in range(60):
            display({"text/plain": "x"}, raw=True, metadata={"more": "m" * 12_000_000}, display_id=f"d{number}" + "i" * 2_000_000)
    """,
        cell=20,
        notebook=40,
    ),
    limits(
        "errors by the thousand",
        """
        kernel = get_ipython().kernel
        for number in range(900):
            kernel.session.send(kernel.iopub_socket, "error", {"ename": "E" * 200, "evalue": "v" * 99_000,
                "traceback": ["t" * 9_900] * 20}, parent=kernel.get_parent())
    """,
        cell=20,
        notebook=40,
    ),
    limits(
        "many cells, each with all that it may show",
        "pass",
        submitted=lambda made: many_cells(
            made,
            45,
            "from IPython.display import display\nfor n in range(4): display({'image/png': 'QUJD' * 480_000}, raw=True)",
        ),
        cell=10,
        notebook=60,
    ),
    limits(
        "a message in parts without an end",
        ZMTP
        + """
part = bytes([3]) + (8 << 20).to_bytes(8, "big") + bytes(8 << 20)
def flood(end):
    end.setblocking(True)
    for _ in range(250):
        end.sendall(part)
threads = [threading.Thread(target=flood, args=(end,)) for end in streams()]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
""",
        cell=6,
        notebook=10,
        deadline=60,
    ),
    limits(
        "messages that are no messages",
        ZMTP
        + """
for end in list(streams()):
    end.setblocking(False)
    for content in (b"\\xff" * 64, bytes([1]) + b"\\xff" * 8, bytes([2]) + (1 << 62).to_bytes(8, "big") + b"x" * 1000, os.urandom(4000)):
        try: end.send(content)
        except OSError as error: print(error)
""",
        cell=2,
        notebook=8,
    ),
    # deaths
    limits("os._exit", "os._exit(0)"),
    limits("os._exit as if it had been killed", "os._exit(137)"),
    limits(
        "killed in an answer",
        "pass",
        answers={"smooth": "def smooth(signal, width):\n    import os; os._exit(137)"},
        without=WRONG,
    ),
    limits("exits of all kinds", "exit(); quit(); sys.exit(3); raise SystemExit"),
    limits("a segmentation fault", "ctypes.string_at(0)"),
    limits("an abort", "os.abort()"),
    limits(
        "every signal to oneself",
        """
        import signal
        for number in sorted(signal.valid_signals() - {signal.SIGINT}):
            try: os.kill(os.getpid(), number)
            except OSError: pass
    """,
    ),
    limits(
        "stopped, with an alarm",
        """
        import signal
        signal.alarm(1); signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
        child = os.fork()
        if child == 0:
            while True:
                os.kill(1, signal.SIGSTOP); os.kill(1, signal.SIGTSTP); time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGSTOP)
    """,
    ),
    limits(
        "the event loop stops",
        """
        from tornado.ioloop import IOLoop
        IOLoop.current().remove_handler(service()._channel.connection.fileno())
        IOLoop.current().call_later(0.05, IOLoop.current().stop)
    """,
        notebook=6,
    ),
    # processes
    limits(
        "a fork bomb",
        """
        def bomb():
            while True:
                try: os.fork()
                except OSError: pass
        bomb()
    """,
        cell=1,
        notebook=4,
    ),
    limits(
        "threads without an end",
        """
        def stay(): time.sleep(1000)
        while True:
            try: threading.Thread(target=stay, daemon=True).start()
            except RuntimeError: break
    """,
        cell=3,
        notebook=10,
    ),
    limits(
        "daemons that outlive the notebook",
        """
        for _ in range(5):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    import signal
                    for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
                    time.sleep(1000)
                os._exit(0)
        subprocess.Popen(["/bin/sh", "-c", "trap '' 1 2 15; sleep 1000"], start_new_session=True)
    """,
    ),
    limits(
        "a thread that writes names anew",
        """
        shell = get_ipython()
        def rewrite():
            while True:
                for id in ("total", "smooth", "factors", "mine", "blur"):
                    shell.user_ns[id] = 6 if id == "mine" else (lambda *a: 6)
                time.sleep(0.0005)
        threading.Thread(target=rewrite, daemon=True).start()
    """,
    ),
    # memory and disk
    limits(
        "memory by the gigabyte",
        """
        kept = []
        while True: kept.append(bytearray(os.urandom(1 << 20)) * 64)
    """,
        cell=10,
        notebook=20,
    ),
    limits(
        "memory of many processes",
        """
        for _ in range(8):
            if os.fork() == 0:
                kept = [bytearray(b"x") * (150 << 20)]
                time.sleep(1000)
        time.sleep(1000)
    """,
        cell=10,
        notebook=20,
    ),
    limits(
        "memory in the answers",
        "pass",
        answers={
            "total": "def total(prices, discount):\n    return bytearray(b'x') * (4 << 30)",
            "smooth": "def smooth(signal, width):\n    return np.ones(3_900_000)",
            "factors": "def factors(number):\n    return set(range(3_000_000))",
        },
        without=WRONG,
        notebook=20,
    ),
    limits(
        "memory that only page tables hold",
        """
        import mmap
        kept = []
        while True:
            try: room = mmap.mmap(-1, 1 << 38, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
            except (OSError, ValueError, OverflowError) as error: print(error, len(kept)); break
            kept.append(room)
            for place in range(0, 1 << 38, 1 << 21): room[place]
            tables = next(line for line in open("/proc/self/status") if line.startswith("VmPTE"))
            if int(tables.split()[1]) > 1_500_000: won(tables); break
    """,
        cell=20,
        notebook=30,
    ),
    limits(
        "memory that only sockets hold",
        """
        held = 0
        def fill():
            pairs, held = [], 0
            try:
                while True:
                    pairs.append(socket.socketpair())
                    for end in pairs[-1]:
                        end.setblocking(False)
                        try:
                            while True: held += end.send(b"x" * 65536)
                        except BlockingIOError: pass
            except OSError: return pairs, held
        total = 0
        ways = []
        for _ in range(14):
            read, write = os.pipe()
            if os.fork() == 0:
                pairs, held = fill()
                os.write(write, b"%d" % held)
                time.sleep(1000)
            os.close(write); ways.append(read)
        total = sum(int(os.read(way, 100) or 0) for way in ways)
        if total > 1_500_000_000: won(total)
        print(total)
    """,
        cell=20,
        notebook=30,
    ),
    limits(
        "memory that has no file and no map",
        """
        for number in (319, 447, 29):
            if libc.syscall(number, b"x", 0, 0) >= 0: won(number)
        libc.mmap.restype = ctypes.c_void_p
        if libc.mmap(None, 1 << 20, 3, 0x21, -1, 0) != ctypes.c_void_p(-1).value: won("shared and anonymous")
    """.replace("libc.mmap(None, 1 << 20", "libc.mmap(None, ctypes.c_size_t(1 << 20)"),
    ),
    limits(
        "the disk is full",
        """
        number = 0
        for folder in (".", "/tmp", "/dev/shm"):
            try:
                while True:
                    number += 1
                    open(f"{folder}/{number}", "wb").write(b"x" * (8 << 20))
            except OSError as error: print(error)
        if number * 8 > 600: won(number)
    """,
        cell=10,
    ),
    limits(
        "files by the hundred thousand",
        """
        made = 0
        try:
            for made in range(300_000): os.close(os.open(f"/tmp/{made}", os.O_CREAT | os.O_WRONLY))
        except OSError as error: print(made, error)
        else: won(made)
    """,
        cell=10,
    ),
    limits(
        "a file that is larger than it looks",
        """
        try:
            for number in range(20):
                with open(f"sparse{number}", "wb") as file: file.truncate(1 << 40)
        except OSError as error: print(error)
        import mmap
        with open("/tmp/held", "wb+") as file:
            file.truncate(200 << 20)
            room = mmap.mmap(file.fileno(), 200 << 20)
            room[:] = b"x" * (200 << 20)
            os.unlink("/tmp/held")
    """,
        cell=10,
    ),
]


def many_cells(made, count: int, code: str):
    """The notebook with more cells of one's own."""
    data = {**made}
    own = [{"cell_type": "code", "metadata": {}, "source": code, "outputs": []} for _ in range(count)]
    return {**data, "cells": [*made.cells[:1], *own, *made.cells[1:]]}


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[dict[str, Outcome], World]]:
    """All attacks of this file in one batch."""
    with world() as here:
        yield run_attacks(ATTACKS, here), here


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_on_the_limits_reaches_nothing(attack, ran):
    """It ends, costs the grader nothing that stays, and gains no points."""
    assert wrongs(attack, *ran) == []


@pytest.mark.parametrize(
    "name",
    ["os._exit", "os._exit as if it had been killed", "a segmentation fault", "an abort", "exits of all kinds"],
)
def test_who_ends_a_process_in_one_cell_loses_only_that(name, ran):
    """A new process goes on without the cell."""
    assert ran[0][name].points() == ran[0][f"without {name}"].points()


def test_a_dead_answer_costs_its_own_question(ran):
    """The questions before and after keep their points."""
    points, without = ran[0]["killed in an answer"].points(), ran[0]["without killed in an answer"].points()
    assert points == {**without, "smooth": 0.0}


def test_the_others_get_their_points(ran):
    """Honest submissions before, between and after the attacks get full points."""
    assert unlucky(ran[0]) == {}


def test_the_world_is_as_it_was(ran):
    """Files, services and processes outside."""
    assert ran[1].changes() == []
