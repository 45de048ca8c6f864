"""The box in which a student's code runs: entered in a forked child, before anything of the student's.

Three processes take part. The fork server forks A; A makes the namespaces, forks B and stays outside; B furnishes
the box, gives up its rights one after the other, and goes on as the kernel. What each protection is for is in
`protections`, and whether it holds in `probe`.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder._engine import landlock, libc, seccomp, view
from autograder._engine.protections import NAMES, Protections, SandboxError

__all__ = ["Box", "Protections", "SandboxError", "enter", "probe", "system_paths"]

STUDENT = 60_789  # user and group: in the range that distributions and systemd leave unused
_INNER = libc.CLONE_NEWIPC | libc.CLONE_NEWUTS | libc.CLONE_NEWCGROUP
_SECUREBITS = 0xFF & ~0x10  # NOROOT, NO_SETUID_FIXUP, NO_CAP_AMBIENT_RAISE, each locked; KEEP_CAPS locked off
_STILL_IGNORED = {signal.SIGPIPE, signal.SIGXFSZ}  # as Python starts with: an error instead of a death
_OWN_PROC = ("/proc", "/dev/random", "/dev/urandom")
_WRITABLE_DEVICES = ("/dev/null", "/dev/full")


@dataclass(frozen=True)
class Box:
    """What a submission may see and use. Paths are absolute.

    Attributes:
        read_only: Files and folders of the host, seen at the same paths. A unix socket in one can be reached.
        hidden: Folders inside those that are seen empty.
        work: The private writable folder, and the working folder. Without a file view: a folder of the host.
        size: Bytes that fit in `work`, /tmp and /dev/shm together; also the largest file.
        processes: How many processes and threads.
        files: How many open descriptors a process may have.
    """

    read_only: tuple[str, ...]
    hidden: tuple[str, ...]
    work: str
    size: int
    processes: int
    files: int = 1024


def enter(
    box: Box,
    protections: Protections,
    report: Callable[[int], None],
    keep: Sequence[int] = (),
    parent: int | None = None,
) -> None:
    """Put the calling process into the box; returns in the boxed process only.

    To be called in a process that was just forked and has one thread. The process that called stays outside,
    waits, and leaves with the boxed one's status, 128 + signal when it was killed. Inside, descriptors 0, 1 and 2
    become /dev/null unless kept, so that no output reaches the grader's terminal or fills a file of the host's.

    Args:
        box: What the boxed process may see and use.
        protections: What this host gives, from `probe`. All of it is put in place, and nothing more.
        report: Called outside with the boxed process' id, once the box is whole and before `enter` returns.
        keep: Descriptors that stay open inside; all others lead to /dev/null.
        parent: The id of the process that forked this one, noted before the fork; with it, a parent that died
            before this call is noticed.

    Raises:
        SandboxError: A protection could not be put in place. Outside or inside: the process must end at once.
    """
    with _told_as_sandbox_error():
        _plain_signals()
        identity = _outer_namespaces(protections)
        _end_with_parent(os.getppid() if parent is None else parent)
        inside, outside = socket.socketpair()
        child = os.fork()
        if child:
            _stay_outside(child, outside, inside, report)
        outside.close()
        _furnish(box, protections, identity)
        _give_up_rights(box, protections, identity)
        _keep_only([*keep, inside.fileno()])
        _wait_for_leave(inside)
        if protections.seccomp:
            seccomp.install()


@functools.cache
def probe() -> Protections:
    """Try every protection for real, in a process of its own; asked once a process.

    Raises:
        SandboxError: The trial itself could not be run.
    """
    command = [sys.executable, "-P", "-m", "autograder._engine.probe"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
        )
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise SandboxError(
            f"The trial of this host's protections did not run ({error}). Try it: {' '.join(command)}"
        ) from error
    return Protections(**{name: found[name] for name in NAMES}, reasons=tuple(map(tuple, found["reasons"])))


def system_paths() -> tuple[str, ...]:
    """What a Python process needs to see of the host: interpreter, libraries, fonts, time zone; no home."""
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, sys.executable]
    roots = [
        "/usr",
        "/bin",
        "/sbin",
        *sorted(str(path) for path in Path("/").glob("lib*") if path.name != "lib.usr-is-merged"),
    ]
    settings = [
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "alternatives",
        "fonts",
        "localtime",
        "timezone",
        "mime.types",
    ]
    return tuple(dict.fromkeys([*python, *roots, *(f"/etc/{name}" for name in settings)]))


@contextlib.contextmanager
def _told_as_sandbox_error() -> Iterator[None]:
    try:
        yield
    except SandboxError:
        raise
    except Exception as error:
        raise SandboxError(f"The sandbox could not be made: {error}") from error


# A, which stays outside


def _plain_signals() -> None:
    """No handler of the fork server's: they mean nothing here."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP} - _STILL_IGNORED:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _keep_only(keep: Sequence[int]) -> None:
    """Every other descriptor becomes /dev/null instead of closed.

    A closed number would be given out again, and closed once more when the object that owned it is collected.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in [int(name) for name in os.listdir("/proc/self/fd")]:
        if number not in keep and number != nowhere:
            with contextlib.suppress(OSError):  # the listing's own descriptor has gone
                os.fstat(number)
                os.dup2(nowhere, number, inheritable=number <= 2)
    if nowhere > 2:
        os.close(nowhere)


def _outer_namespaces(protections: Protections) -> tuple[int, int]:
    """Make the namespaces that only a child can enter; returns user and group of the student's code."""
    is_root = os.geteuid() == 0
    as_student = is_root and protections.user_id
    needs = protections.namespaces or protections.file_view or protections.no_network
    user_namespace = needs and not libc.capabilities() >> libc.CAP_SYS_ADMIN & 1
    if user_namespace and as_student:
        _become((STUDENT, STUDENT))
    identity = (STUDENT, STUDENT) if as_student else (os.getuid(), os.getgid())
    flags = libc.CLONE_NEWPID if protections.namespaces else 0
    if user_namespace:
        with _folder("/proc") as proc:
            _own_user_namespace(identity, proc, flags)
    elif flags:
        libc.unshare(flags)
    return identity


def _become(identity: tuple[int, int]) -> None:
    user, group = identity
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


def _own_user_namespace(identity: tuple[int, int], proc: int, others: int = 0) -> None:
    """Enter a new user namespace in which this user is the only one. `proc` is an open /proc."""
    user, group = identity
    libc.prctl(libc.PR_SET_DUMPABLE, 1)  # or the kernel refuses the maps to whoever has changed its user
    libc.unshare(libc.CLONE_NEWUSER | others)
    libc.prctl(libc.PR_SET_DUMPABLE, 1)
    maps = {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
    for name, text in maps.items():
        with open(os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc), "w") as file:
            file.write(text)


@contextlib.contextmanager
def _folder(path: str) -> Iterator[int]:
    """An open folder, which stays what it is when another is mounted over it."""
    number = os.open(path, os.O_PATH | os.O_DIRECTORY)
    try:
        yield number
    finally:
        os.close(number)


def _end_with_parent(parent: int) -> None:
    """Die when the parent dies. After the last change of user: that cancels it."""
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SandboxError("The process that made this one has gone.")


def _stay_outside(
    child: int, outside: socket.socket, inside: socket.socket, report: Callable[[int], None]
) -> NoReturn:
    """Wait for the boxed process and leave as it did; nothing of it may be left over."""
    try:
        inside.close()
        libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
        if outside.recv(1):
            report(child)
            with contextlib.suppress(OSError):  # it may have died meanwhile, and its status says more
                outside.send(b"1")
        _keep_only([outside.fileno()])
        _, status = os.waitpid(child, 0)
        _end_orphans()
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL:
            # Told apart from a student's own os._exit(137): the first of its namespace cannot kill itself.
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(code if code >= 0 else 128 - code)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os._exit(1)


def _end_orphans() -> None:
    """Without a process namespace whatever the boxed process left behind has become a child of this one."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for orphan in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                os.kill(int(orphan), signal.SIGKILL)
            os.waitpid(-1, 0)


# B, which goes into the box


def _furnish(box: Box, protections: Protections, identity: tuple[int, int]) -> None:
    """Everything that takes rights which are given up afterwards."""
    Path("/proc/self/oom_score_adj").write_text("1000")  # when memory runs out, this one goes first
    os.setsid()
    flags = _INNER if protections.namespaces else 0
    flags |= libc.CLONE_NEWNET if protections.no_network else 0
    flags |= libc.CLONE_NEWNS if protections.file_view else 0
    if flags:
        libc.unshare(flags)
    if protections.namespaces:
        socket.sethostname("box")
    os.umask(0o022)
    with _folder("/proc") as proc:
        if protections.file_view:
            view.build(box.read_only, box.hidden, box.work, box.size, identity)
        else:
            _hand_over(box.work, identity)
        if os.getuid() != identity[0]:
            _become(identity)
        if protections.namespaces:
            # One more, which owns none of the mounts: not even all its capabilities could change them.
            _own_user_namespace(identity, proc)
    os.chdir(box.work)
    os.umask(0o077)


def _hand_over(work: str, identity: tuple[int, int]) -> None:
    """Make a folder of the host's the student's, but only one that was made for that."""
    state = os.lstat(work)
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o077:
        raise SandboxError(
            f"{work} is no private folder of the grader's. Make one for each submission (mode 700)."
        )
    os.chown(work, *identity, follow_symlinks=False)


def _give_up_rights(box: Box, protections: Protections, identity: tuple[int, int]) -> None:
    # After the last user namespace: the number of processes is counted in each, and limited as set inside it.
    _limit(box, box.processes if protections.namespaces else box.processes + _running(identity[0]))
    if protections.no_privileges or protections.seccomp or protections.landlock:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    if protections.no_privileges and libc.capabilities():
        libc.prctl(libc.PR_SET_SECUREBITS, _SECUREBITS)
        libc.no_capabilities()
    if protections.landlock:
        _wall(box, protections)


def _limit(box: Box, processes: int) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_NOFILE: box.files,
        resource.RLIMIT_FSIZE: box.size,
        resource.RLIMIT_MEMLOCK: 65_536,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 1_024,
        resource.RLIMIT_RTPRIO: 0,
        resource.RLIMIT_NICE: 0,
    }
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _running(user: int) -> int:
    """Threads of a user on the whole machine, which its limit counts where there is no namespace."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == user:
                total += len(os.listdir(folder / "task"))
    return total


def _wall(box: Box, protections: Protections) -> None:
    """Landlock: inside a file view the second wall, else the only one."""
    tcp = protections.no_network  # in a network of its own it harms nobody
    if protections.file_view:
        landlock.restrict(["/"], [box.work, *view.TEMPORARY], _WRITABLE_DEVICES, tcp=tcp)
        return
    read = [part for path in box.read_only for part in landlock.without(path, box.hidden)]
    listed = [
        path for path in box.read_only if os.path.isdir(path) and path not in read and path not in box.hidden
    ]
    landlock.restrict([*read, *_OWN_PROC], [box.work], _WRITABLE_DEVICES, listed, tcp=tcp)


def _wait_for_leave(inside: socket.socket) -> None:
    """Tell the process outside that the box is whole, and go on when it has reported that."""
    libc.prctl(libc.PR_SET_DUMPABLE, 1)  # so that the user who grades can watch the memory
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    inside.send(b"1")
    if inside.recv(1) != b"1":
        raise SandboxError("The process outside the box has gone.")
    inside.close()
