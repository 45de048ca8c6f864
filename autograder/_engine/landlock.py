"""Landlock: a process gives up all files but those it names. Needs no privilege and no namespace (Linux 5.13).

See the kernel's Documentation/userspace-api/landlock.rst for the versions and the rights.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable, Iterator

from autograder._engine import libc

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1, 2, 4, 8
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL  # a rule for a file may name only these
_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # version: how many rights over files it knows
_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract unix sockets of others, signals to others


def version() -> int:
    """The kernel's Landlock version, 0 where it has none."""
    try:
        return libc.syscall("landlock_create_ruleset", _CREATE, None, 0, 1)
    except OSError:
        return 0


def restrict(
    read: Iterable[str],
    write: Iterable[str],
    devices: Iterable[str] = (),
    listed: Iterable[str] = (),
    *,
    tcp: bool = True,
) -> None:
    """Leave this process and its children these files only. It must have no_new_privs.

    Args:
        read: Files and folders to read and execute; those that are missing are skipped.
        write: Folders in which everything is allowed.
        devices: Files that may be read and written, nothing more.
        listed: Folders of which the names may be listed, nothing more.
        tcp: Whether TCP stays allowed (version 4 and later can refuse it).

    Raises:
        OSError: The kernel has no Landlock, or refuses.
    """
    known = version()
    handled = _handled(known)
    ruleset = _create(known, handled, tcp)
    try:
        _allow(ruleset, read, _READ & handled)
        _allow(ruleset, write, handled)
        _allow(ruleset, devices, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & handled)
        _allow(ruleset, listed, _READ_FOLDER)
        libc.syscall("landlock_restrict_self", _RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def without(path: str, hidden: Iterable[str]) -> Iterator[str]:
    """What of a folder remains to be allowed when folders inside it are to be hidden: rules can only add.

    A folder on the way to a hidden one gets no rule of its own, so its names can be listed only by a rule apart.
    """
    hidden = [os.path.realpath(other) for other in hidden]
    real = os.path.realpath(path)
    if real in hidden:
        return
    if not any(other.startswith(os.path.join(real, "")) for other in hidden):
        yield path
        return
    for name in sorted(os.listdir(real)):
        yield from without(os.path.join(real, name), hidden)


def _handled(known: int) -> int:
    return (1 << max(bits for since, bits in _RIGHTS.items() if since <= max(known, 1))) - 1


def _create(known: int, handled: int, tcp: bool) -> int:
    fields = [handled]
    if known >= 4:
        fields.append(0 if tcp else _TCP)
    if known >= 6:
        fields.append(_SCOPES)
    packed = struct.pack(f"{len(fields)}Q", *fields)
    return libc.syscall(
        "landlock_create_ruleset", _CREATE, ctypes.create_string_buffer(packed, len(packed)), len(packed), 0
    )


def _allow(ruleset: int, paths: Iterable[str], rights: int) -> None:
    for path in paths:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # what is not there needs no permission
        try:
            is_folder = stat.S_ISDIR(os.fstat(place).st_mode)
            packed = struct.pack("=Qi", rights if is_folder else rights & _ON_FILES, place)
            rule = ctypes.create_string_buffer(packed, len(packed))
            libc.syscall(f"landlock_add_rule({path!r})", _ADD, ruleset, 1, rule, 0)
        finally:
            os.close(place)
