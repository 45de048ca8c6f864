"""System calls that no homework needs, refused by a filter in the kernel (seccomp BPF, written by hand).

The list follows what container engines refuse by default, with three additions of our own: memory that stays when
nobody maps it (memfd, System V segments, shared anonymous maps emptied with madvise) escapes the watch on memory;
PR_SET_DUMPABLE would hide a process from the watch; PR_SET_PDEATHSIG would let it outlive the grader.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from dataclasses import dataclass

from autograder._engine import libc

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06  # BPF_LD|W|ABS, BPF_ALU|AND|K, BPF_RET|K
_EQUAL, _ANY_BIT = 0x15, 0x45  # BPF_JMP|JEQ|K, BPF_JMP|JSET|K
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_DENY, _NO_SUCH_CALL = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x40000000
_WHOLE = 0xFFFFFFFF

_MACHINES = {
    "x86_64": (0, 0xC000003E, 317),
    "aarch64": (1, 0xC00000B7, 277),
}  # column, AUDIT_ARCH_*, seccomp itself

# name: (number on x86_64, number on aarch64); None where the machine has no such call
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # mounts and roots
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    "statmount": (457, 457), "listmount": (458, 458),
    # namespaces
    "unshare": (272, 97), "setns": (308, 268),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    # large and rarely used parts of the kernel
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "fanotify_init": (300, 262),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "lookup_dcookie": (212, 18),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None), "uselib": (134, None),
    "sysfs": (139, None), "_sysctl": (156, None), "nfsservctl": (180, 42),
    # memory that nobody maps, and messages that stay when their sender has gone
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190),
    # files by handle instead of by path
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # the machine
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "syslog": (103, 116),
    "vhangup": (153, 58),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266),
}  # fmt: skip


@dataclass(frozen=True)
class _Argument:
    """Allows (or refuses) a call when one of its arguments, masked, is one of some values; else the opposite.

    Only the lower 32 bits are looked at: the kernel reads no more of each of these arguments.
    """

    numbers: tuple[int | None, int | None]
    position: int
    mask: int
    values: tuple[int, ...]
    allowed: bool


_ARGUMENTS = (
    _Argument((56, 220), 0, 0x7E020000, (0,), allowed=True),  # clone: no CLONE_NEW* flag
    _Argument((41, 198), 0, _WHOLE, (1, 2, 10), allowed=True),  # socket: unix, IPv4, IPv6
    _Argument(
        (16, 29), 1, _WHOLE, (0x5412, 0x541C), allowed=False
    ),  # ioctl: TIOCSTI, TIOCLINUX type into a terminal
    _Argument((157, 167), 0, _WHOLE, (1, 4), allowed=False),  # prctl: PR_SET_PDEATHSIG, PR_SET_DUMPABLE
    _Argument((135, 92), 0, _WHOLE, (_WHOLE, 0), allowed=True),  # personality: asking, and the ordinary one
    _Argument((133, None), 1, 0o170000, (0o020000, 0o060000), allowed=False),  # mknod: no device
    _Argument((259, 33), 2, 0o170000, (0o020000, 0o060000), allowed=False),  # mknodat: no device
    _Argument((9, 222), 3, 0x21, (0x21,), allowed=False),  # mmap: not MAP_SHARED with MAP_ANONYMOUS
)
_CLONE3 = (
    435,
    435,
)  # its flags lie behind a pointer; libc falls back to clone when told that there is no such call


def program(machine: str) -> bytes:
    """The filter for a machine, as an array of `struct sock_filter`.

    Raises:
        OSError: The machine is none that the filter knows.
    """
    if machine not in _MACHINES:
        raise OSError(
            errno.ENOSYS, f"no seccomp filter for {machine} (there is one for {' and '.join(_MACHINES)})"
        )
    column, architecture, _ = _MACHINES[machine]
    code = _step(_LOAD, _ARCHITECTURE) + _step(_EQUAL, architecture, yes=1) + _step(_RETURN, _KILL)
    code += _step(_LOAD, _NUMBER)
    if machine == "x86_64":
        code += _step(_ANY_BIT, _X32, no=1) + _step(_RETURN, _KILL)
    for numbers in _REFUSED.values():
        code += _for_call(numbers[column], _step(_RETURN, _DENY))
    code += _for_call(_CLONE3[column], _step(_RETURN, _NO_SUCH_CALL))
    for argument in _ARGUMENTS:
        code += _for_call(argument.numbers[column], _look_at(argument))
    return code + _step(_RETURN, _ALLOW)


def install() -> None:
    """Put the filter over this process, for good. It must have no_new_privs.

    Raises:
        OSError: This kernel or machine has no such filter.
    """
    code = program(libc.machine())
    instructions = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    set_filter, all_threads = 1, 1
    number = _MACHINES[libc.machine()][2]
    if libc.syscall("seccomp", number, set_filter, all_threads, ctypes.create_string_buffer(head, len(head))):
        raise OSError(errno.EBUSY, "seccomp: another thread has a filter of its own")


def _look_at(argument: _Argument) -> bytes:
    inside, outside = (_ALLOW, _DENY) if argument.allowed else (_DENY, _ALLOW)
    code = _step(_LOAD, _FIRST_ARGUMENT + 8 * argument.position) + _step(_AND, argument.mask)
    for after, value in enumerate(reversed(argument.values)):
        jump = len(argument.values) - after
        code += _step(_EQUAL, value, yes=jump)
    return code + _step(_RETURN, outside) + _step(_RETURN, inside)


def _for_call(number: int | None, code: bytes) -> bytes:
    """`code` for one system call; the others pass it by."""
    return b"" if number is None else _step(_EQUAL, number, no=len(code) // 8) + code


def _step(operation: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", operation, yes, no, value)
