"""Attacks from inside real boxes; and honest programs, which must not notice them."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder._engine import landlock, seccomp
from autograder._engine.protections import EVERYTHING, NAMES, Protections
from autograder._engine.sandbox import STUDENT, probe, system_paths
from tests.autograder.engine import boxed
from tests.autograder.engine.boxed import MEGABYTE, WORK, Answer, Order

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's"),
    pytest.mark.skipif(
        sys.platform == "linux" and not probe().complete, reason="this host gives no complete sandbox"
    ),
]

# What the attacks have in common: system calls by number, and what they answer.
CALLS = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"

def refusal(number_x86, number_arm, *arguments):
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    if libc.syscall(ctypes.c_long(number_x86 if x86 else number_arm), *passed) == -1:
        return errno.errorcode[ctypes.get_errno()]
    return "allowed"

def attempt(action):
    try:
        return repr(action())
    except OSError as error:
        return errno.errorcode[error.errno]
"""

Inside = Callable[..., Answer]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with boxed.readable_folder() as made:
        yield made


@pytest.fixture(params=boxed.USERS)
def inside(request: pytest.FixtureRequest, folder: Path) -> Inside:
    """Runs code in a box, once for each user that can be tried here."""
    if request.param not in boxed.users():
        pytest.skip(f"cannot be tried as {request.param} user here")

    def run(code: str, **options: object) -> object:
        answer = boxed.run(Order(CALLS + code, user=request.param, **options), folder)
        assert "Traceback" not in answer.error, answer.error
        return answer.found

    run.user = request.param
    return run


# Files


def test_the_root_holds_only_what_was_listed(inside: Inside) -> None:
    """No /run, /sys, /opt, and of /var and /home only the ways to what was listed."""
    assert set(inside("found = os.listdir('/')")) <= {
        *("bin", "dev", "etc", "home", "proc", "root", "sbin", "tmp", "usr", "var"),
        *(name for name in os.listdir("/") if name.startswith("lib")),
        *(path.split("/")[1] for path in system_paths()),
    }


def test_a_file_outside_is_invisible(inside: Inside, folder: Path) -> None:
    """Neither another folder beside a listed one, nor the host's /etc/hostname."""
    with tempfile.NamedTemporaryFile(dir=folder.parent) as secret:
        code = "found = [os.path.exists(path) for path in (secret, '/etc/hostname', '/etc/shadow')]"
        assert inside(code, given={"secret": secret.name}) == [False, False, False]


def test_the_accounts_are_the_box_s_own(inside: Inside) -> None:
    """One user, not the host's."""
    code = "import getpass, pwd\nfound = [entry.pw_name for entry in pwd.getpwall()]"
    assert inside(code) == ["student"]


def test_a_listed_file_cannot_be_written(inside: Inside, folder: Path) -> None:
    """Opening it for writing, removing it, changing its mode: each is refused."""
    target = folder / "boxed.py"
    before = target.read_bytes()
    code = """
found = [attempt(lambda: open(target, "a")), attempt(lambda: os.remove(target)), attempt(lambda: os.utime(target)),
         attempt(lambda: open(target + "x", "w")), attempt(lambda: os.chmod(target, 0o777))]
"""
    answers = inside(code, given={"target": str(target)})
    assert set(answers) <= {"EROFS", "EACCES", "EPERM"}
    assert target.read_bytes() == before


def test_a_hidden_folder_is_empty_and_closed(inside: Inside, folder: Path) -> None:
    """The questions cannot be read, by whatever name, and nothing can be put in their place."""
    secret = folder / "autograder" / "questions"
    secret.mkdir(exist_ok=True)
    (secret / "answer.txt").write_text("42")
    code = """
names = [entry for root, _, entries in os.walk("/var/tmp") for entry in entries]
found = [os.listdir(secret), "answer.txt" in names, attempt(lambda: open(secret + "/new", "w"))]
"""
    found = inside(code, hidden=(str(secret),), given={"secret": str(secret)})
    assert found[:2] == [[], False]
    assert found[2] in ("EROFS", "EACCES")


def test_a_missing_path_is_no_error(inside: Inside) -> None:
    """Hosts differ: what is listed and not there is left out."""
    assert inside("found = 1", read_only=("/no/such/folder",), hidden=("/no/such/questions",)) == 1


def test_links_lead_where_they_lead_outside(inside: Inside, folder: Path) -> None:
    """A folder listed by a link is there under both its names."""
    link = folder / "link"
    if not link.is_symlink():
        (folder / "real").mkdir()
        (folder / "real" / "file").write_text("here")
        link.symlink_to("real")
    assert inside("found = open(path).read()", read_only=(str(link),), given={"path": f"{link}/file"}) == "here"


def test_a_path_in_the_host_s_temporary_folder_can_be_listed(inside: Inside) -> None:
    """A course may lie in /tmp, although the box has its own."""
    with tempfile.TemporaryDirectory(dir="/tmp") as here, tempfile.TemporaryDirectory(dir="/tmp") as beside:
        os.chmod(here, 0o755)
        Path(here, "file").write_text("seen")
        code = "found = [open(path).read(), attempt(lambda: open(path, 'a')), os.listdir('/tmp')]"
        seen, refused, others = inside(code, read_only=(here,), given={"path": f"{here}/file"})
    assert seen == "seen"
    assert refused in ("EROFS", "EACCES")
    assert os.path.basename(here) in others
    assert os.path.basename(beside) not in others


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount something for the trial")
@pytest.mark.parametrize("user", boxed.USERS)
def test_mounts_inside_a_listed_folder_are_read_only_too(folder: Path, user: str) -> None:
    """Writable outside, with flags that the kernel locks; the box adds to them and drops none."""
    if user not in boxed.users():
        pytest.skip(f"cannot be tried as {user} user here")
    (folder / "sub").mkdir(exist_ok=True)
    code = """
flags = os.statvfs(sub).f_flag
found = [attempt(lambda: open(sub + "/new", "w")), flags & 1, flags & os.ST_NOEXEC > 0, flags & os.ST_NOSUID > 0]
"""
    order = Order(CALLS + code, user=user, given={"sub": str(folder / "sub")}, tmpfs=str(folder / "sub"))
    refused, *flags = boxed.run(order, folder).found
    assert refused in ("EROFS", "EACCES")
    assert flags == [1, True, True]


@pytest.mark.parametrize("path", ["/", "/home", "/dev"])
def test_a_listed_folder_must_not_cover_the_box_s_own(inside: Inside, folder: Path, path: str) -> None:
    """The whole root cannot be listed: the error says so before any code runs."""
    answer = boxed.run(Order("found = 1", user=inside.user, read_only=(path,)), folder)
    assert answer.found is None
    assert "SandboxError" in answer.error and "List a folder further down" in answer.error


def test_the_private_folders_share_one_size(inside: Inside) -> None:
    """Filling /tmp fills /dev/shm and the working folder."""
    code = """
size = 0
try:
    for number in range(100):
        with open(f"{('/tmp', '/dev/shm', '.')[number % 3]}/part{number}", "wb") as file:
            file.write(bytes(1 << 20))
        size += 1
except OSError as error:
    found = [size, errno.errorcode[error.errno]]
"""
    size, error = inside(code, size=8 * MEGABYTE)
    assert (size, error) == (8, "ENOSPC")


def test_a_single_file_has_the_same_limit(inside: Inside) -> None:
    """A file with a hole is not larger than the box, either."""
    code = "file = open('hole', 'wb')\nfound = attempt(lambda: os.truncate('hole', 9 << 20))"
    assert inside(code, size=8 * MEGABYTE) == "EFBIG"


def test_the_working_folder_is_private_and_current(inside: Inside) -> None:
    """Only its owner may enter it; new files are only the owner's."""
    code = "open('a', 'w')\nfound = [os.getcwd(), os.stat('.').st_mode & 0o777, os.stat('a').st_mode & 0o777]"
    assert inside(code) == [WORK, 0o700, 0o600]


# Rights


def test_no_capability_and_no_new_privileges(inside: Inside) -> None:
    """Every set of capabilities is empty; a program with the set-uid bit gains nothing."""
    code = "found = dict(line.split(':\\t') for line in open('/proc/self/status').read().splitlines())"
    status = inside(code)
    sets = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    assert {name: int(status[name], 16) for name in sets} == dict.fromkeys(sets, 0)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_it_runs_as_nobody_special(inside: Inside) -> None:
    """From root it becomes the student's id, in no other group; an ordinary user keeps its own."""
    users, groups = inside("found = [os.getresuid(), os.getresgid()]")
    wanted = STUDENT if inside.user == "root" else (os.getuid() or boxed.NOBODY)
    assert (users, groups[0]) == (
        [wanted] * 3,
        wanted if inside.user == "root" or os.getuid() == 0 else os.getgid(),
    )


def test_nobody_else_can_be_become(inside: Inside) -> None:
    """Back to root, or to any other user."""
    code = "found = [attempt(lambda: os.setuid(0)), attempt(lambda: os.setresuid(-1, 1, -1)), attempt(lambda: %s)]"
    assert set(inside(code % "os.setgid(0)")) <= {"EPERM", "EINVAL"}


REFUSED = {
    "mount": "165, 40, b'tmpfs', b'/tmp', b'tmpfs', 0, None",
    "remount": "165, 40, None, b'/usr', None, 0x1020, None",
    "umount": "166, 39, b'/proc', 2",
    "pivot_root": "155, 41, b'/tmp', b'/tmp'",
    "chroot": "161, 51, b'/tmp'",
    "open_tree": "428, 428, -100, b'/', 1",
    "fsopen": "430, 430, b'tmpfs', 0",
    "mount_setattr": "442, 442, -100, b'/', 0, None, 0",
    "unshare": "272, 97, 0x10000000",
    "unshare nothing": "272, 97, 0",
    "clone": "56, 220, 0x10000011, 0, 0, 0, 0",
    "setns": "308, 268, 0, 0",
    "ptrace": "101, 117, 16, 1, 0, 0",
    "process_vm_readv": "310, 270, 1, None, 0, None, 0, 0",
    "pidfd_getfd": "438, 438, 0, 0, 0",
    "bpf": "321, 280, 0, None, 0",
    "perf_event_open": "298, 241, None, 0, -1, -1, 0",
    "userfaultfd": "323, 282, 0",
    "io_uring_setup": "425, 425, 1, None",
    "keyctl": "250, 219, 0, -1, 0",
    "add_key": "248, 217, b'user', b'a', b'a', 1, -1",
    "memfd_create": "319, 279, b'a', 0",
    "shmget": "29, 194, 0, 4096, 0x3b6",
    "open_by_handle_at": "304, 265, -100, None, 0",
    "vsock": "41, 198, 40, 1, 0",
    "netlink": "41, 198, 16, 3, 0",
    "packet": "41, 198, 17, 3, 0",
    "a device": "259, 33, -100, b'device', 0o20666, 0x103",
    "typing into a terminal": "16, 29, 0, 0x5412, b'x'",
    "typing, with high bits set": "16, 29, 0, 0x100005412, b'x'",
    "outliving the grader": "157, 167, 1, 0, 0, 0, 0",
    "hiding from the watch": "157, 167, 4, 0, 0, 0, 0",
    "shared memory without a file": "9, 222, 0, 4096, 3, 0x21, -1, 0",
    "another personality": "135, 92, 0x0040000",
}


def test_dangerous_calls_are_refused(inside: Inside) -> None:
    """Each with the error that the filter gives, whatever the kernel would have said."""
    calls = "\n".join(f"found[{name!r}] = refusal({arguments})" for name, arguments in REFUSED.items())
    assert inside(f"found = {{}}\n{calls}") == dict.fromkeys(REFUSED, "EPERM")


def test_libc_falls_back_from_clone3(inside: Inside) -> None:
    """Its flags cannot be seen by a filter, so it is said not to exist."""
    assert inside("found = refusal(435, 435, None, 0)") == "ENOSYS"


@pytest.mark.parametrize("off", [("seccomp", "landlock"), ("seccomp", "landlock", "no_privileges")])
def test_mounts_hold_without_the_other_walls(inside: Inside, off: tuple[str, ...]) -> None:
    """Even with all capabilities of its own user namespace: the mounts belong to another one."""
    code = """
found = [refusal(165, 40, None, b'/usr', None, 0x1020, None), refusal(166, 39, b'/proc', 2),
         refusal(165, 40, b'tmpfs', b'/tmp', b'tmpfs', 0, None), attempt(lambda: open('/usr/new', 'w')),
         attempt(lambda: os.setuid(0))]
"""
    *mounts, writing, becoming = inside(code, off=off)
    assert mounts == ["EPERM"] * 3
    assert writing in ("EROFS", "EACCES")
    assert becoming == "EINVAL"  # root does not exist in there


@pytest.mark.parametrize("off", [("seccomp", "landlock"), ("seccomp", "landlock", "no_privileges")])
def test_a_further_namespace_gives_no_power_over_the_mounts(inside: Inside, off: tuple[str, ...]) -> None:
    """Without the filter a student can make namespaces: in a copy of the mounts they stay as they are."""
    code = """
made = refusal(272, 97, 0x10020000)
found = [made, refusal(165, 40, None, b'/usr', None, 0x1020, None), refusal(166, 39, b'/proc', 2),
         attempt(lambda: open('/usr/new', 'w'))]
"""
    made, remount, umount, writing = inside(code, off=off)
    assert made in ("allowed", "EPERM")
    assert remount in ("EPERM", "EINVAL", "EACCES")
    assert umount in ("EPERM", "EINVAL")
    assert writing in ("EROFS", "EACCES", "EPERM", "EOVERFLOW")


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="x32 is a way of x86_64")
def test_a_call_by_the_x32_numbers_kills(inside: Inside, folder: Path) -> None:
    """The other numbers of the same machine would pass a filter that forgets them."""
    order = Order(CALLS + "found = refusal(0x40000000 | 165, 0, 0, 0, 0, 0, 0)", user=inside.user)
    assert boxed.run(order, folder).status == 128 + signal.SIGSYS


def test_proc_shows_nothing_of_the_host(inside: Inside) -> None:
    """Only the box's own processes; nothing in it can be written."""
    code = """
found = [[name for name in os.listdir("/proc") if name.isdigit()],
         attempt(lambda: open("/proc/self/oom_score_adj", "w")),
         attempt(lambda: open("/proc/sys/kernel/core_pattern", "w")), open("/proc/self/oom_score_adj").read()]
"""
    processes, *refused, first_to_go = inside(code)
    assert processes == ["1"]
    assert set(refused) <= {"EROFS", "EACCES"}
    assert first_to_go.strip() == "1000"


def test_the_host_s_processes_cannot_be_signalled(inside: Inside) -> None:
    """There is no number by which they could be named."""
    code = "found = [attempt(lambda: os.kill(pid, 0)), attempt(lambda: os.kill(os.getppid() or 2, 0))]"
    assert inside(code, given={"pid": os.getpid()}) == ["ESRCH", "ESRCH"]


# Network


def test_a_server_of_the_host_is_out_of_reach(inside: Inside) -> None:
    """Loopback is the box's own, and down."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = "import socket\nfound = attempt(lambda: socket.create_connection(('127.0.0.1', port), 2))"
        assert inside(code, given={"port": server.getsockname()[1]}) in ("ENETUNREACH", "ECONNREFUSED")


def test_a_unix_socket_of_the_host_is_out_of_reach(inside: Inside) -> None:
    """Neither by its path nor by an abstract name."""
    name = f"\0box-test-{os.getpid()}"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as here, socket.socket(socket.AF_UNIX) as a:
        with socket.socket(socket.AF_UNIX) as b:
            os.chmod(here, 0o777)
            path = f"{here}/socket"
            for server, address in ((a, path), (b, name)):
                server.bind(address)
                server.listen()
            os.chmod(path, 0o777)
            code = """
import socket
found = [attempt(lambda: socket.socket(socket.AF_UNIX).connect(address)) for address in (path, name)]
"""
            assert inside(code, given={"path": path, "name": name}) == ["ENOENT", "ECONNREFUSED"]


# Amounts


def test_a_fork_bomb_stops_at_the_limit(inside: Inside) -> None:
    """And each box has its own count."""
    code = """
import resource, signal
assert resource.getrlimit(resource.RLIMIT_NPROC) == (20, 20)
children = []
try:
    while len(children) < 40:
        child = os.fork()
        if not child:
            signal.pause()
            os._exit(0)
        children.append(child)
except OSError as error:
    found = [len(children), errno.errorcode[error.errno]]
"""
    assert inside(code, processes=20) == [19, "EAGAIN"]


def test_limits_cannot_be_raised(inside: Inside) -> None:
    """Descriptors, core files, locked memory, message queues."""
    code = """
import resource as r
names = ["NPROC", "NOFILE", "CORE", "MEMLOCK", "MSGQUEUE", "FSIZE"]
found = {name: r.getrlimit(getattr(r, "RLIMIT_" + name))[1] for name in names}
try:
    r.setrlimit(r.RLIMIT_NOFILE, (1 << 16, 1 << 16))
    found["raised"] = True
except ValueError:
    found["raised"] = False
"""
    wanted = {"NPROC": 64, "NOFILE": 256, "CORE": 0, "MEMLOCK": 65_536, "MSGQUEUE": 0, "FSIZE": 16 * MEGABYTE}
    assert inside(code) == wanted | {"raised": False}


def test_no_descriptor_leads_out(inside: Inside) -> None:
    """All but the kept one lead to /dev/null."""
    code = """
links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
found = sorted({os.readlink(link).split(":")[0] for link in links if os.path.lexists(link)})
"""
    assert set(inside(code)) == {"/dev/null", "pipe"}


def test_standard_input_is_empty(inside: Inside) -> None:
    """And standard error goes nowhere."""
    assert inside("found = [os.read(0, 1).decode(), os.readlink('/proc/self/fd/2')]") == ["", "/dev/null"]


# Ends


def test_the_status_comes_out(inside: Inside, folder: Path) -> None:
    """The process outside leaves as the boxed one did, 128 + signal if it was killed."""
    codes = {"os._exit(7)": 7, "import ctypes\nctypes.string_at(0)": 128 + signal.SIGSEGV}
    for code, status in codes.items():
        assert boxed.run(Order(CALLS + code, user=inside.user), folder).status == status


SLOW_FAMILY = """
import time
for _ in range(2):
    if not os.fork():
        os.setsid()
        if not os.fork():
            time.sleep(600)
        os._exit(0)
os.write(1, b"ready\\n")
time.sleep(600)
"""


@pytest.mark.parametrize("end", ["server", "box"])
def test_nothing_outlives_server_or_box(inside: Inside, folder: Path, end: str) -> None:
    """Killing the fork server, or the boxed process, ends daemons with sessions of their own."""
    process = boxed.start(Order(CALLS + SLOW_FAMILY, user=inside.user), folder)
    try:
        pid = int(process.stderr.readline())
        assert process.stdout.readline() == "ready\n"
        namespace = os.readlink(f"/proc/{pid}/ns/pid") if os.getuid() == 0 else None
        os.kill(process.pid if end == "server" else pid, signal.SIGKILL)
        process.communicate(timeout=30)
    finally:
        process.kill()
    assert _gone(lambda: not os.path.exists(f"/proc/{pid}"))
    assert namespace is None or _gone(lambda: namespace not in _process_namespaces())


def _process_namespaces() -> set[str]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found.add(os.readlink(folder / "ns/pid"))
        except OSError:
            continue
    return found


def _gone(check: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something becomes true soon."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.02)
    return False


def test_a_dead_parent_is_noticed(folder: Path) -> None:
    """The process that should have forked this one is another: it had died before."""
    code = """
import os, sys
from autograder._engine.protections import EVERYTHING, SandboxError
from autograder._engine.sandbox import Box, enter
if os.fork() == 0:
    try:
        enter(Box((), (), "/home/student", 1 << 20, 8), EVERYTHING, print, [1, 2], parent=1 << 22)
    except SandboxError as error:
        os.write(1, str(error).encode())
    os._exit(0)
os.wait()
"""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert "has gone" in done.stdout


def test_a_failed_report_ends_the_box(folder: Path) -> None:
    """Whoever cannot be told of the process must not have one running."""
    code = """
import os
from autograder._engine.protections import EVERYTHING
from autograder._engine.sandbox import Box, enter, system_paths
child = os.fork()
if child == 0:
    enter(Box(system_paths(), (), "/home/student", 1 << 20, 8), EVERYTHING, lambda pid: 1 / 0, [1])
    os.write(1, b"ran")
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "1\n"


# Honest programs


def test_threads_subprocesses_and_multiprocessing_work(inside: Inside) -> None:
    """Whatever a notebook may use to do several things at once."""
    code = """
import multiprocessing, subprocess, sys, threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import shared_memory

found = [subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout,
         subprocess.run("echo $((6 * 7))", shell=True, capture_output=True, text=True).stdout]
with ThreadPoolExecutor(4) as pool:
    found.append(sum(pool.map(abs, [-1, -2, -3])))
with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
    found.append(sum(pool.map(abs, [-1, -2, -3])))
with multiprocessing.get_context("spawn").Pool(2) as pool:
    found.append(sum(pool.map(abs, [-1, -2, -3])))
block = shared_memory.SharedMemory(create=True, size=1 << 16)
block.buf[0] = 7
found.append(block.buf[0])
block.close(); block.unlink()
"""
    assert inside(code) == ["42\n", "42\n", 6, 6, 6, 7]


def test_everyday_files_and_sockets_work(inside: Inside) -> None:
    """Temporary files, unix sockets, fifos, the time zone, random numbers, names of the box."""
    code = """
import secrets, socket, tempfile, time, getpass
with tempfile.NamedTemporaryFile() as file:
    found = [os.path.dirname(file.name)]
a, b = socket.socketpair()
a.send(b"x")
os.mkfifo("fifo")
found += [b.recv(1).decode(), len(secrets.token_bytes(4)), socket.gethostname(), socket.gethostbyname("localhost")]
found += [getpass.getuser(), os.path.exists("/dev/fd/0")]
"""
    assert inside(code) == ["/tmp", "x", 4, "box", "127.0.0.1", "student", True]


def test_an_interrupt_from_outside_stops_an_endless_loop(inside: Inside, folder: Path) -> None:
    """Although the boxed process is the first of its namespace, which ignores what it does not handle."""
    code = """
try:
    os.write(1, b"ready\\n")
    while True: pass
except KeyboardInterrupt:
    found = "stopped"
"""
    process = boxed.start(Order(CALLS + code, user=inside.user), folder)
    try:
        pid = int(process.stderr.readline())
        process.stdout.readline()
        os.kill(pid, signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert json.loads(out)["found"] == "stopped"


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="one user is enough for TensorFlow")
def test_tensorflow_and_matplotlib_work_in_a_fork(folder: Path) -> None:
    """Imported before the fork, as in the fork server; trained and drawn in the box."""
    code = """
import os
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", MPLCONFIGDIR="/tmp/mpl", HOME="/home/student")
import keras, numpy, tensorflow
from autograder._engine.protections import EVERYTHING
from autograder._engine.sandbox import Box, enter, system_paths
child = os.fork()
if child == 0:
    try:
        box = Box((*system_paths(), PACKAGE), (), "/home/student", 1 << 28, 512)
        enter(box, EVERYTHING, lambda pid: None, [1])
        layers = [keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
        model = keras.Sequential(layers)
        model.compile("sgd", "mse")
        history = model.fit(numpy.ones((32, 8, 8, 1)), numpy.ones((32, 2)), epochs=2, verbose=0)
        model.save("model.keras")
        import matplotlib
        matplotlib.use("agg")
        import matplotlib.pyplot as plt
        plt.plot(history.history["loss"]); plt.title("loss"); plt.savefig("figure.png")
        keras.models.load_model("model.keras")
        os.write(1, b"trained" if os.path.getsize("figure.png") else b"no figure")
    except BaseException as error:
        os.write(1, repr(error).encode())
    os._exit(0)
os.waitpid(child, 0)
"""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    code = code.replace("PACKAGE", repr(str(folder)))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.stdout == "trained", done.stderr[-2000:]


# What is left where namespaces are refused

NO_NAMESPACES = ("namespaces", "file_view", "no_network")


@pytest.fixture
def host_work(inside: Inside) -> Iterator[str]:
    """A private folder on the host, as the caller makes one for a box without a file view."""
    here = tempfile.mkdtemp(dir="/var/tmp")
    if inside.user == "ordinary" and os.getuid() == 0:
        os.chown(here, boxed.NOBODY, boxed.NOBODY)
    yield here
    shutil.rmtree(here)


@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
class TestWithoutNamespaces:
    """Landlock, seccomp, limits and, from root, another user id."""

    def test_listed_files_can_be_read_and_no_others(self, inside: Inside, host_work: str, folder: Path) -> None:
        """Reading and writing, in and out of what is listed."""
        code = """
found = [attempt(lambda: len(open(listed).read()) > 0), attempt(lambda: open(listed, "a")),
         attempt(lambda: open("/etc/passwd").read()), attempt(lambda: os.listdir("/")),
         attempt(lambda: os.listdir("/var/tmp")), attempt(lambda: open("/var/tmp/new", "w")),
         attempt(lambda: open("mine", "w").write("text")), os.getcwd()]
"""
        found = inside(code, off=NO_NAMESPACES, work=host_work, given={"listed": str(folder / "boxed.py")})
        assert found == ["True", "EACCES", "EACCES", "EACCES", "EACCES", "EACCES", "4", host_work]

    def test_hidden_folders_are_closed_and_their_neighbours_open(
        self, inside: Inside, host_work: str, folder: Path
    ) -> None:
        """Rules can only add, so the hidden one is what no rule names."""
        secret = folder / "autograder" / "questions"
        secret.mkdir(exist_ok=True)
        (secret / "answer.txt").write_text("42")
        code = """
found = [attempt(lambda: open(secret + "/answer.txt").read()), attempt(lambda: open(neighbour).read()),
         attempt(lambda: "_engine" in os.listdir(os.path.dirname(neighbour)))]
"""
        given = {"secret": str(secret), "neighbour": str(folder / "autograder/_errors.py")}
        closed, opened, listed = inside(
            code, off=NO_NAMESPACES, work=host_work, hidden=(str(secret),), given=given
        )
        assert (closed, listed) == ("EACCES", "True")
        assert "GradingError" in opened

    def test_dangerous_calls_are_refused_here_too(self, inside: Inside, host_work: str) -> None:
        """The filter needs no namespace."""
        code = "found = [refusal(272, 97, 0x10000000), refusal(101, 117, 16, 1, 0, 0)]"
        assert inside(code, off=NO_NAMESPACES, work=host_work) == ["EPERM", "EPERM"]

    def test_other_processes_cannot_be_looked_into(self, inside: Inside, host_work: str) -> None:
        """Not even the process outside the box, which has the same user when that is no root."""
        code = "outside = os.getppid()\nfound = attempt(lambda: open(f'/proc/{outside}/environ', 'rb').read())"
        assert inside(code, off=NO_NAMESPACES, work=host_work) in ("EACCES", "EPERM")

    @pytest.mark.skipif(landlock.version() < 6, reason="older kernels cannot keep signals inside")
    def test_other_processes_cannot_be_signalled(self, inside: Inside, host_work: str) -> None:
        """Landlock keeps signals inside."""
        code = "found = attempt(lambda: os.kill(os.getppid(), 0))"
        assert inside(code, off=NO_NAMESPACES, work=host_work) == "EPERM"

    @pytest.mark.skipif(landlock.version() < 4, reason="older kernels cannot refuse TCP")
    def test_tcp_is_refused(self, inside: Inside, host_work: str) -> None:
        """There is no network of its own, but TCP can be closed."""
        code = "import socket\nfound = attempt(lambda: socket.socket().connect(('127.0.0.1', port)))"
        with socket.create_server(("127.0.0.1", 0)) as server:
            given = {"port": server.getsockname()[1]}
            assert inside(code, off=NO_NAMESPACES, work=host_work, given=given) == "EACCES"

    def test_daemons_end_with_the_box(self, inside: Inside, host_work: str, folder: Path) -> None:
        """Whoever was left behind belongs to the process outside, which ends them before it leaves."""
        code = """
import time
reading, writing = os.pipe()
if not os.fork():
    os.setsid()
    if not os.fork():
        os.write(writing, str(os.getpid()).encode())
        time.sleep(600)
    os._exit(0)
found = int(os.read(reading, 20))
"""
        pid = inside(code, off=NO_NAMESPACES, work=host_work)
        assert not os.path.exists(f"/proc/{pid}")

    def test_a_shared_folder_is_not_handed_over(self, inside: Inside, folder: Path) -> None:
        """A folder that others can enter was not made for a submission: an error, and it keeps its owner."""
        before = os.stat(folder).st_uid
        answer = boxed.run(Order("found = 1", user=inside.user, off=NO_NAMESPACES, work=str(folder)), folder)
        assert answer.found is None and "private folder" in answer.error
        assert os.stat(folder).st_uid == before


# What is said about it


def test_the_trial_finds_what_this_host_gives() -> None:
    """Here everything (or this file is skipped); asked once."""
    assert probe().complete
    assert probe() is probe()


@pytest.mark.parametrize("name", NAMES)
def test_each_protection_but_the_second_wall_is_needed(name: str) -> None:
    """Without any of them the box is not complete; Landlock is a wall behind another."""
    assert dataclasses.replace(EVERYTHING, **{name: False}).complete is (name == "landlock")


def test_lines_say_what_is_off_why_and_what_to_do() -> None:
    """One a protection."""
    lines = dataclasses.replace(EVERYTHING, file_view=False, reasons=(("file_view", "mount: refused"),)).lines()
    assert len(lines) == len(NAMES)
    off = [line for line in lines if line.startswith("OFF")]
    assert len(off) == 1 and "file view" in off[0] and "mount: refused" in off[0] and "AppArmor" in off[0]
    assert all(line.startswith("OFF") for line in Protections().lines())


def test_the_trial_says_why_a_host_gives_less() -> None:
    """Under a filter that refuses namespaces, as containers have it, the rest is still found."""
    code = """
import sys
from autograder._engine import libc, seccomp
seccomp._REFUSED = {name: seccomp._REFUSED[name] for name in ("mount", "unshare", "setns")}
seccomp._ARGUMENTS = ()
libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
seccomp.install()
import runpy
runpy.run_module("autograder._engine.probe", run_name="__main__")
"""
    package = str(Path(seccomp.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": package}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    found = json.loads(done.stdout)
    assert (found["namespaces"], found["file_view"], found["no_network"]) == (False, False, False)
    assert "unshare" in dict(found["reasons"])["namespaces"]
    assert (found["no_privileges"], found["seccomp"], found["landlock"]) == (True, True, landlock.version() > 0)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_fits_the_kernel(machine: str) -> None:
    """Whole instructions, fewer than the kernel's 4,096, with a last one that allows."""
    code = seccomp.program(machine)
    assert len(code) % 8 == 0 and len(code) // 8 < 4_096
    assert code[-8:-4] == bytes([6, 0, 0, 0])


def test_an_unknown_machine_has_no_filter() -> None:
    """It is said, not guessed."""
    with pytest.raises(OSError, match="no seccomp filter for riscv64"):
        seccomp.program("riscv64")
