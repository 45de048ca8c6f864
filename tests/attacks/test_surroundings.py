"""Attacks on what surrounds the interpreter: reading, writing, leaving the box, the network."""

# ruff: noqa: E501 - an attack stands in a string, as its author would write it

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.attacks.judging import unlucky, wrongs
from tests.attacks.lab import ROOT, Attack, Outcome, World, run_attacks, world

READING = [
    Attack(
        "the environment of every process",
        "reading",
        """
        print(dict(os.environ))
        for name in os.listdir("/proc"):
            for file in ("environ", "cmdline", "maps", "status"):
                try: print(open(f"/proc/{name}/{file}", "rb").read()[:3000])
                except OSError as error: pass
    """,
    ),
    Attack(
        "the gradebook, the secret, another student",
        "reading",
        """
        for path in ("@CLASS@/gradebook.db", "@CLASS@/secret.txt", "@CLASS@/submitted/victim/shop/shop.ipynb"):
            for root in ("", "/proc/self/root", "/proc/1/root", "/proc/self/cwd/../../../..", "/proc/thread-self/root"):
                tried(lambda: open(root + path, "rb").read())
        for folder in ("@CLASS@", "/root", "/home", "/work", "/run", "/var", "/sys", "/boot", "/mnt", "/media"):
            tried(lambda: [name for name in os.listdir(folder) if name != "student"][:5] or open("/none"))
    """.replace('"/home"', '"/srv"')
        .replace('"/work"', '"/opt"')
        .replace('"/root", ', ""),
    ),
    Attack(
        "the questions' source",
        "reading",
        """
        tried(lambda: __import__("tests.attacks.questions.shop"))
        tried(lambda: __import__("course.questions.lab04_shapes").questions.lab04_shapes.out_size)
        tried(lambda: open("@ROOT@/tests/attacks/questions/shop.py").read())
        for folder in ("@ROOT@/course/questions", "@ROOT@/solutions", "@ROOT@/tests"):
            tried(lambda: os.listdir(folder)[0])
        for start in ("/", "@ROOT@", "@PYTHON@"):
            for parent, folders, names in os.walk(start):
                folders[:] = [name for name in folders if name not in ("proc", "usr", "site-packages", "lib")]
                for name in names:
                    if "shop" in name and "attack" not in name and name != "shop.ipynb": won(os.path.join(parent, name))
    """,
    ),
    Attack(
        "frames and objects of the collector",
        "reading",
        """
        from autograder._questions import Question, Case
        for item in gc.get_objects():
            if isinstance(item, (Question, Case)): won(item)
        for frame in sys._current_frames().values():
            while frame:
                print([text for text in map(repr, frame.f_locals.values()) if "canary" in text])
                frame = frame.f_back
        for item in gc.get_objects():
            if isinstance(item, dict):
                for key, value in list(item.items()):
                    if isinstance(value, str) and value.startswith("canary" "-") and key != "code": print(key, value)
    """,
    ),
    Attack(
        "all of one's own memory",
        "reading",
        """
        def scan():
            needle = bytes(reversed(b"-yranac"))
            with open("/proc/self/mem", "rb", 0) as memory:
                for line in open("/proc/self/maps"):
                    place, rights = line.split()[:2]
                    if not rights.startswith("rw"): continue
                    low, high = (int(part, 16) for part in place.split("-"))
                    for start in range(low, high, 1 << 22):
                        try:
                            memory.seek(start); content = memory.read(min(1 << 22, high - start))
                        except (OSError, OverflowError): continue
                        at = content.find(needle)
                        while at >= 0:
                            yield content[at : at + 40]
                            at = content.find(needle, at + 1)
        print(sorted({text.decode("latin-1") for text in scan()}))
    """,
        cell=20,
        notebook=40,
    ),
    Attack(
        "what the submission before left",
        "reading",
        """
        for folder in ("/tmp", "/dev/shm", "/home", "/home/student", "/var/tmp", "."):
            try: print(folder, os.listdir(folder))
            except OSError as error: print(error)
        for parent, folders, names in os.walk("/home"):
            for name in names: print(open(os.path.join(parent, name), "rb").read()[:200000])
        print(os.listdir("/proc/self/fd"), [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")[:-1]])
    """,
    ),
    Attack(
        "requests of the judge",
        "reading",
        "pass",
        answers={
            "total": """
def total(prices, discount):
    import gc
    from autograder._engine.service import Service
    found = next(item for item in gc.get_objects() if type(item) is Service)
    print(vars(found), vars(found._asked), vars(found._answer), vars(found._channel))
    return 6
"""
        },
    ),
    Attack(
        "the hidden test before its turn",
        "reading",
        """
        wanted = "".join(reversed("!oB ,olleH"))
        for item in gc.get_objects():
            if isinstance(item, dict):
                for key, value in list(item.items()):
                    if key != "wanted" and isinstance(value, str) and wanted in value: won(value)
        print(wanted in open("shop.ipynb").read() and won("in the file"))
    """,
    ),
    Attack(
        "other processes",
        "reading",
        """
        others = [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (os.getpid(),)]
        if others: won(others)
        tried(os.kill, int("@PID@"), 0)
        tried(lambda: open("/proc/@PID@/environ").read())
        tried(os.getpgid, int("@PID@"))
        if os.getppid(): won(os.getppid())
    """,
    ),
    Attack(
        "descriptors of the fork server and the judge",
        "reading",
        """
        import stat
        for name in os.listdir("/proc/self/fd"):
            try: mode = os.fstat(int(name)).st_mode
            except OSError: continue
            if stat.S_ISREG(mode) or stat.S_ISBLK(mode) or stat.S_ISDIR(mode):
                where = os.readlink(f"/proc/self/fd/{name}")
                if not where.startswith("/home/student"): won((name, where))
            tried(lambda: os.open(f"/proc/self/fd/{name}/..", os.O_RDONLY))
        for folder in ("@CLASS@", "@ROOT@/tests"):
            tried(lambda: os.open(folder, os.O_PATH))
    """,
    ),
]
WRITING = [
    Attack(
        "the gradebook and the other's notebook",
        "writing",
        """
        for path in ("gradebook.db", "submitted/victim/shop/shop.ipynb", "secret.txt", "@MARK@"):
            for root in ("@CLASS@", "/proc/self/root@CLASS@", "/proc/1/root@CLASS@", "../../../../../..@CLASS@"):
                tried(lambda: open(f"{root}/{path}", "ab").write(b"@MARK@"))
    """,
    ),
    Attack(
        "the package, the interpreter, a start-up file",
        "writing",
        """
        for path in ("@PACKAGE@/check.py", "@PACKAGE@/@MARK@.py", "@PYTHON@/@MARK@.pth", os.__file__, np.__file__, sys.executable,
                     "@PYTHON@/lib/python3.11/site-packages/@MARK@.pth", "/usr/@MARK@", "/etc/@MARK@", "/@MARK@", "/lib/@MARK@"):
            tried(lambda: open(path, "ab").write(b"# @MARK@"))
            tried(os.chmod, path, 0o777); tried(os.unlink, path); tried(os.rename, path, path + "x"); tried(os.truncate, path, 0)
    """,
    ),
    Attack(
        "links out of the folder",
        "writing",
        """
        for number, place in enumerate(("@CLASS@/gradebook.db", "@PACKAGE@/check.py", "/proc/1/root/etc/passwd")):
            os.symlink(place, f"link{number}")
            tried(lambda: open(f"link{number}", "ab").write(b"@MARK@"))
            tried(os.link, place, f"hard{number}")
        os.symlink("/", "shop.lnk"); os.symlink("shop.lnk", "again")
        tried(lambda: open("again@CLASS@/@MARK@", "w"))
        tried(os.rename, "@PACKAGE@", "moved")
    """,
    ),
    Attack(
        "files for the host",
        "writing",
        """
        for folder in ("/tmp", "/dev/shm", "/home/student", "."):
            open(f"{folder}/@MARK@", "w").write("@MARK@")
        for folder in ("/var/tmp", "/run", "/dev", "/home", "/proc", "/sys"):
            tried(lambda: open(f"{folder}/@MARK@", "w"))
    """,
    ),
    Attack(
        "mounts",
        "writing",
        """
        MS_BIND, MS_REMOUNT = 4096, 32
        def mount(source, target, kind, flags):
            if libc.mount(source, target, kind, flags, None) == 0: won((source, target, flags))
        os.makedirs("here", exist_ok=True)
        for source, target, kind, flags in [
            (None, b"/", None, MS_REMOUNT | MS_BIND), (None, b"@PACKAGE@", None, MS_REMOUNT | MS_BIND),
            (b"/", b"here", None, MS_BIND), (b"tmpfs", b"here", b"tmpfs", 0), (b"proc", b"here", b"proc", 0),
            (b"none", b"here", b"overlay", 0), (b"sysfs", b"here", b"sysfs", 0), (b"cgroup2", b"here", b"cgroup2", 0)]:
            mount(source, target, kind, flags)
        if libc.umount2(b"@PACKAGE@", 2) == 0 or libc.umount2(b"/proc", 2) == 0: won("umount")
        for number in (428, 429, 430, 431, 432, 433, 442):
            if libc.syscall(number, -100, b"/", 0, 0, 0) >= 0: won(number)
    """,
    ),
    Attack(
        "namespaces of others, and new ones",
        "writing",
        """
        for flags in (0x10000000, 0x20000, 0x10020000, 0x40000000, 0x20000000, 0x8000000, 0x80):
            if libc.unshare(flags) == 0: won(("unshare", flags))
        for process in ("1", "self"):
            for name in ("mnt", "user", "pid", "net", "ipc"):
                try: descriptor = os.open(f"/proc/{process}/ns/{name}", os.O_RDONLY)
                except OSError: continue
                if libc.setns(descriptor, 0) == 0: won(("setns", name))
        if libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) > 0: won("clone")
        import array
        tried(os.chroot, "."); tried(os.setuid, 0); tried(os.setgid, 0); tried(os.setgroups, [0]); tried(os.setresuid, 0, 0, 0)
    """,
    ),
    Attack(
        "tracing and the memory of others",
        "writing",
        """
        for pid in (1, os.getpid(), int("@PID@"), os.getppid()):
            if libc.ptrace(16, pid, 0, 0) == 0: won(("attach", pid))
        if libc.ptrace(0, 0, 0, 0) == 0: won("traceme")
        part = (ctypes.c_size_t * 2)(id(os), 8)
        for number in (310, 311):
            if libc.syscall(number, int("@PID@"), part, 1, part, 1, 0) >= 0: won(number)
        tried(lambda: open("/proc/@PID@/mem", "r+b"))
        tried(lambda: open("/proc/self/mem", "r+b").write(b"x"))
        for number in (434, 438):
            if libc.syscall(number, int("@PID@"), 0, 0) >= 0: won(number)
    """.replace('tried(lambda: open("/proc/self/mem", "r+b").write(b"x"))\n', "\n"),
    ),
    Attack(
        "the kernel's rarer doors",
        "writing",
        """
        doors = dict(bpf=321, perf_event_open=298, io_uring_setup=425, userfaultfd=323, keyctl=250, add_key=248, request_key=249,
            memfd_create=319, memfd_secret=447, open_by_handle_at=304, name_to_handle_at=303, kexec_load=246, init_module=175,
            finit_module=313, iopl=172, ioperm=173, modify_ldt=154, swapon=167, reboot=169, quotactl=179, acct=163, fanotify_init=300,
            sethostname=170, setdomainname=171, settimeofday=164, shmget=29, msgget=68, semget=64, lookup_dcookie=212)
        room = ctypes.create_string_buffer(256)
        for name, number in doors.items():
            if libc.syscall(number, 0, room, 0, 0, 0) >= 0: won(name)
        tried(os.mknod, "device", 0o060644, os.makedev(8, 0)); tried(os.mknod, "null", 0o020666, os.makedev(1, 3))
        for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/kernel/modprobe", "/proc/self/oom_score_adj",
                     "/proc/self/uid_map", "/proc/1/attr/current", "/proc/sys/vm/drop_caches"):
            tried(lambda: open(path, "w").write("0"))
    """,
    ),
    Attack(
        "capabilities and set-user-id programs",
        "writing",
        """
        print(open("/proc/self/status").read())
        state = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
        for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
            if int(state[name], 16): won((name, state[name]))
        if state["NoNewPrivs"].strip() != "1": won("privileges")
        for program in ("/usr/bin/su", "/usr/bin/passwd", "/usr/bin/mount", "/bin/mount", "/usr/bin/newgrp"):
            if os.path.exists(program):
                done = subprocess.run([program, "--version"], capture_output=True)
                inner = subprocess.run([sys.executable, "-c", "import os; print(os.geteuid())"], capture_output=True, text=True)
                if inner.stdout.strip() == "0": won("root")
    """,
    ),
    Attack(
        "the death of others",
        "writing",
        """
        import signal
        for pid in (int("@PID@"), -1, 2, 3, os.getppid() or int("@PID@")):
            for number in (signal.SIGKILL, signal.SIGSTOP):
                try: os.kill(pid, number)
                except OSError as error: print(error)
        tried(os.killpg, int("@PID@"), 9)
    """,
    ),
]
NETWORK = [
    Attack(
        "a listener of the host",
        "network",
        """
        for address in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "10.0.0.1", "172.17.0.1", "192.168.0.1"):
            tried(socket.create_connection, (address, int("@PORT@")), 0.2)
    """,
    ),
    Attack(
        "names and packets",
        "network",
        """
        tried(socket.getaddrinfo, "example.com", 80); tried(socket.gethostbyname, "localhost.localdomain")
        for address in (("127.0.0.1", int("@PORT@")), ("8.8.8.8", 53), ("255.255.255.255", 9)):
            probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            tried(lambda: probe.sendto(b"@MARK@", address))
    """,
    ),
    Attack(
        "unix sockets by path and by name",
        "network",
        """
        for address in ("@CLASS@/service", "\\0@ABSTRACT@", "/proc/self/root@CLASS@/service", "/run/docker.sock", "/var/run/docker.sock",
                        "/run/dbus/system_bus_socket", "/run/systemd/private", "/tmp/.X11-unix/X0", "\\0/tmp/.X11-unix/X0"):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                tried(socket.socket(socket.AF_UNIX, kind).connect, address)
    """,
    ),
    Attack(
        "families that cross a network namespace",
        "network",
        """
        for family in (socket.AF_VSOCK, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_ALG, socket.AF_CAN, 31, 44, 27, 30):
            for kind in (socket.SOCK_STREAM, socket.SOCK_RAW, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                tried(socket.socket, family, kind)
        for family in (socket.AF_INET, socket.AF_INET6): tried(socket.socket, family, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    """,
    ),
    Attack(
        "an interface of one's own",
        "network",
        """
        import fcntl, struct
        probe = socket.socket()
        for flags in (0x1 | 0x40, 0x1): tried(fcntl.ioctl, probe, 0x8914, struct.pack("16sh14x", b"lo", flags))
        tried(lambda: os.open("/dev/net/tun", os.O_RDWR))
        tried(lambda: os.listdir("/sys/class/net"))
        print(open("/proc/net/tcp").read())
    """,
    ),
    Attack(
        "connections of the parent",
        "network",
        """
        import array
        for name in os.listdir("/proc/self/fd"):
            try: end = socket.socket(fileno=os.dup(int(name)))
            except OSError: continue
            print(name, end.family, end.getsockname(), end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            try:
                end.sendmsg([b"\\0\\0\\0\\1x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2] * 20))], socket.MSG_DONTWAIT)
            except OSError as error: print(error)
    """,
    ),
]
ATTACKS = [*READING, *WRITING, *NETWORK]


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[dict[str, Outcome], World]]:
    """All attacks of this file in one batch."""
    with world() as here:
        yield run_attacks(ATTACKS, here), here


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_on_the_surroundings_reaches_nothing(attack, ran):
    """No points, no secret, no file, no service, nothing left over."""
    assert wrongs(attack, *ran) == []


def test_the_judge_imports_nothing_from_where_the_instructor_stands(tmp_path):
    """Somebody grades from inside a student's folder, in which there is a module with a known name."""
    (tmp_path / "msgpack.py").write_text("open('attack-was-here', 'w')")
    code = "from autograder._engine.judge import Judge; j = Judge(); j.start(); j._control.close(); j._process.wait(60)"
    subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        stderr=subprocess.DEVNULL,
    )
    assert sorted(os.listdir(tmp_path)) == ["msgpack.py"]


def test_the_others_get_their_points(ran):
    """Honest submissions before, between and after the attacks get full points."""
    assert unlucky(ran[0]) == {}


def test_the_world_is_as_it_was(ran):
    """Files, services and processes outside."""
    assert ran[1].changes() == []
