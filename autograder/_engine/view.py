"""A file system of its own for a box: a few read-only binds, one private tmpfs, a new /proc, and nothing else.

Built in the boxed process, in a new mount namespace, before it gives up its rights.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder._engine import libc
from autograder._engine.protections import SandboxError

_BASE = "/proc"  # the one folder that is always there; covered until the new root is in its place
_HOST = "/.host"  # the host's root, until the new one is whole
_PRIVATE = "/.private"
TEMPORARY = ("/tmp", "/dev/shm")
_DEVICES = ("null", "full", "random", "urandom")  # no zero: shared maps of it are memory that the watch cannot see
_QUIET = libc.MS_NOSUID | libc.MS_NODEV
_INODES = 65_536  # each costs the kernel about a kilobyte, which the size of a tmpfs does not count
_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}


@dataclass
class _Plan:
    """What of the host is to be seen: real paths, and the links by which they were named."""

    reals: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)


def build(read_only: Iterable[str], hidden: Iterable[str], work: str, size: int, owner: tuple[int, int]) -> None:
    """Replace the root folder of this process.

    Args:
        read_only: Files and folders of the host, seen at the same paths; missing ones are skipped.
        hidden: Folders inside those, covered by empty ones.
        work: The private folder.
        size: Bytes that fit in `work`, /tmp and /dev/shm together.
        owner: User and group of `work`.

    Raises:
        OSError: A step was refused.
        SandboxError: The paths contradict each other, or a mount stayed writable.
    """
    writable = (work, *TEMPORARY)
    plan = _plan(read_only)
    covers = [os.path.realpath(path) for path in hidden]
    _refuse_contradictions(plan, writable)
    _new_root()
    _private(work, size, owner)
    _devices()
    _show(plan)
    _protect(plan.reals)
    _cover(covers)
    _own_files(owner)
    libc.mount("proc", _made("/proc"), "proc", _QUIET | libc.MS_NOEXEC | libc.MS_RDONLY)
    libc.unmount(_HOST)
    os.rmdir(_HOST)
    libc.mount("", "/", "", libc.MS_REMOUNT | libc.MS_BIND | libc.MS_RDONLY | _QUIET)
    _verify(writable)


def _plan(paths: Iterable[str]) -> _Plan:
    plan = _Plan()
    for path in paths:
        real = _follow(path, plan.links)
        if os.path.lexists(real):
            plan.reals.append(real)
    plan.reals = [
        real for real in sorted(set(plan.reals)) if not any(_inside(real, other) for other in plan.reals)
    ]
    return plan


def _follow(path: str, links: dict[str, str]) -> str:
    """The real path; every link on the way is noted."""
    waiting, real = path.strip("/").split("/"), "/"
    for _ in range(1_000):
        if not waiting:
            return real
        here = os.path.normpath(os.path.join(real, waiting.pop(0)))
        if not os.path.islink(here):
            real = here
            continue
        links[here] = target = os.readlink(here)
        real = "/" if target.startswith("/") else real
        waiting = target.strip("/").split("/") + waiting
    raise OSError(errno.ELOOP, "too many links", path)


def _inside(path: str, folder: str) -> bool:
    return path != folder and path.startswith(os.path.join(folder, ""))


def _refuse_contradictions(plan: _Plan, writable: Iterable[str]) -> None:
    for place in (*writable, "/proc", "/dev"):
        for real in plan.reals:
            if place == real or _inside(place, real):
                raise SandboxError(
                    f"{real} cannot be shown read-only: the box has its own {place}. List a folder further down."
                )


def _new_root() -> None:
    libc.mount("", "/", "", libc.MS_REC | libc.MS_PRIVATE)
    libc.mount("tmpfs", _BASE, "tmpfs", _QUIET, f"mode=755,size=4m,nr_inodes={_INODES}")
    os.chdir(_BASE)
    os.mkdir(_HOST[1:])
    libc.pivot_root(".", _HOST[1:])
    os.chdir("/")


def _private(work: str, size: int, owner: tuple[int, int]) -> None:
    """One tmpfs, seen at three places, so that one size holds for all."""
    libc.mount("tmpfs", _made(_PRIVATE), "tmpfs", _QUIET, f"mode=755,size={size},nr_inodes={_INODES}")
    for number, (place, mode) in enumerate([(work, 0o700), *((other, 0o1777) for other in TEMPORARY)]):
        part = f"{_PRIVATE}/{number}"
        os.mkdir(part)
        os.chmod(part, mode)
        if place == work:
            os.chown(part, *owner)
        libc.mount(part, _made(place), "", libc.MS_BIND)
    libc.unmount(_PRIVATE)
    os.rmdir(_PRIVATE)


def _devices() -> None:
    for name in _DEVICES:
        place = _made(f"/dev/{name}", folder=False)
        libc.mount(f"{_HOST}/dev/{name}", place, "", libc.MS_BIND)
        _tighten(place, libc.MS_RDONLY | libc.MS_NOSUID | libc.MS_NOEXEC)
    for name, target in _LINKS.items():
        os.symlink(target, f"/dev/{name}")


def _show(plan: _Plan) -> None:
    for real in plan.reals:
        libc.mount(_HOST + real, _made(real, os.path.isdir(_HOST + real)), "", libc.MS_BIND | libc.MS_REC)
    for link, target in plan.links.items():
        if not os.path.lexists(link):
            os.symlink(target, os.path.join(_made(os.path.dirname(link)), os.path.basename(link)))


def _protect(reals: list[str]) -> None:
    for place, _ in _mounts():
        if any(place == real or _inside(place, real) for real in reals):
            _tighten(place, libc.MS_RDONLY | _QUIET)


def _tighten(place: str, flags: int) -> None:
    """Add flags to a mount. Those that it has must be named again: the kernel refuses to drop inherited ones."""
    kept = os.statvfs(place).f_flag & (libc.MS_RDONLY | libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC)
    libc.mount("", place, "", libc.MS_REMOUNT | libc.MS_BIND | kept | flags)


def _cover(hidden: Iterable[str]) -> None:
    for path in hidden:
        if os.path.isdir(path):
            libc.mount(
                "tmpfs", path, "tmpfs", _QUIET | libc.MS_NOEXEC | libc.MS_RDONLY, "mode=555,size=4k,nr_inodes=1"
            )
        elif os.path.lexists(path):
            raise SandboxError(f"{path} cannot be hidden: it is no folder.")


def _own_files(owner: tuple[int, int]) -> None:
    user, group = owner
    files = {
        "/etc/passwd": f"student:x:{user}:{group}:student:/home/student:/bin/sh\n",
        "/etc/group": f"student:x:{group}:\n",
        "/etc/hosts": "127.0.0.1 localhost box\n::1 localhost box\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }
    _made("/etc")
    for path, text in files.items():
        if not os.path.lexists(path):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            os.chmod(path, 0o444)


def _made(path: str, folder: bool = True) -> str:
    """The path, once it is there, for something to be mounted on."""
    parent = path if folder else os.path.dirname(path)
    steps = parent.strip("/").split("/")
    for place in ("/" + "/".join(steps[: count + 1]) for count in range(len(steps))):
        if not os.path.isdir(place):
            os.mkdir(place)
            os.chmod(place, 0o755)
    if not folder and not os.path.lexists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o444))
    return path


def _mounts() -> Iterator[tuple[str, set[str]]]:
    """Each mount that this process sees: its path and its options."""
    source = "/proc/self/mountinfo" if os.path.isdir("/proc/self") else f"{_HOST}/proc/self/mountinfo"
    with open(source, "rb") as lines:
        for line in lines.read().splitlines():
            words = line.split(b" ")
            place = words[4].decode("unicode_escape").encode("latin-1")
            yield os.fsdecode(place), set(os.fsdecode(words[5]).split(","))


def _verify(writable: Iterable[str]) -> None:
    """No mount may be left that the plan did not mean: a bind that stayed writable would be a hole."""
    for place, options in _mounts():
        wanted = {"nosuid"} if place in writable else {"ro", "nosuid"}
        if not wanted <= options:
            raise SandboxError(
                f"{place} in the box is mounted {','.join(sorted(options))}: {wanted} was asked for."
            )
