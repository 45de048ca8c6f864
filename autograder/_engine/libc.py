"""Linux calls that Python has no name for: through libc, with an OSError that says which call failed."""

from __future__ import annotations

import ctypes
import os

_LIBC = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x10000000, 0x20000000, 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_READ, PR_CAPBSET_DROP = 1, 4, 23, 24
PR_SET_SECUREBITS, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 28, 36, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}

CAP_SYS_ADMIN = 21


def syscall(what: str, number: int, *arguments: int | ctypes.Array[ctypes.c_char] | bytes | None) -> int:
    """Make one system call; numbers are passed as C longs, buffers by their address.

    Raises:
        OSError: With the kernel's error number, and `what` for the reader.
    """
    ctypes.set_errno(0)
    passed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _checked(_LIBC.syscall(ctypes.c_long(number), *passed), what)


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` name for new ones."""
    _checked(_LIBC.unshare(ctypes.c_int(flags)), f"unshare({flags:#x})")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount, bind or remount."""
    words = [os.fsencode(word) or None for word in (source, target, kind)]
    result = _LIBC.mount(*words, ctypes.c_ulong(flags), os.fsencode(options) or None)
    _checked(result, f"mount({source or kind or 'change'!r} at {target!r}, {flags:#x}, {options!r})")


def unmount(target: str) -> None:
    """Take a mount out of the tree, whoever still uses it."""
    _checked(_LIBC.umount2(os.fsencode(target), MNT_DETACH), f"umount({target!r})")


def pivot_root(root: str, old: str) -> None:
    """Make `root` the root folder, with what was the root until now in `old`."""
    syscall("pivot_root", _PIVOT_ROOT[machine()], os.fsencode(root), os.fsencode(old))


def prctl(option: int, value: int = 0, third: int = 0) -> int:
    """Change or read an attribute of this process."""
    words = [ctypes.c_ulong(word) for word in (value, third, 0, 0)]
    return _checked(_LIBC.prctl(ctypes.c_int(option), *words), f"prctl({option})")


def no_capabilities() -> None:
    """Give up every capability, for this process and for whatever it starts."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for number in range(_last_capability() + 1):
        prctl(PR_CAPBSET_DROP, number)
    header = ctypes.create_string_buffer((0x20080522).to_bytes(4, "little") + bytes(4), 8)
    syscall("capset", _CAPSET[machine()], header, ctypes.create_string_buffer(24))


def capabilities() -> int:
    """The capabilities that this process can use now, as bits."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1], 16) for line in status if line.startswith("CapEff:"))


def machine() -> str:
    """The processor's name as the kernel gives it: x86_64, aarch64, ..."""
    return os.uname().machine


def _last_capability() -> int:
    number = 0
    while _LIBC.prctl(PR_CAPBSET_READ, ctypes.c_ulong(number + 1), *[ctypes.c_ulong(0)] * 3) >= 0:
        number += 1
    return number


def _checked(result: int, what: str) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
