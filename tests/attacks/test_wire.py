"""Attacks on the connection to the judge, byte by byte: the student's process holds its other end."""

# ruff: noqa: E501 - an attack stands in a string, as its author would write it

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.judging import unlucky, wrongs
from tests.attacks.lab import Attack, Outcome, World, run_attacks, world

# The process answers "begin", "learner" and "end" as it should, and calls and reads with bytes of the attack's own.
FORGER = """
import msgpack, struct
from autograder._engine import service as services, wire
def framed(content):
    return struct.pack(">I", len(content)) + content
def reply(value, reason=None, printed=""):
    return msgpack.packb([wire.TUPLE, reason, value, printed])
honest = services.Service._reply
at = ("call", "read", "operate")
def forged(self, request):
    return answer(request) if request[0] in at else honest(self, request)
services.Service._reply = forged
"""


def forged(name: str, code: str, **more: object) -> Attack:
    """An attack that answers the judge with frames of its own: `answer(request)` gives the content."""
    return Attack(name, "wire", FORGER + code, **more)  # type: ignore[arg-type]


def raw(name: str, code: str, **more: object) -> Attack:
    """An attack that holds the socket itself: `wild(socket)` runs when the first call comes."""
    code = (
        """
def take_over(self, *event):
    request = wire.unpack(self._channel.receive())
    if request[0] in at:
        connection = self._channel.connection
        connection.settimeout(None)
        wild(connection)
    else:
        self._channel.send(honest(self, request))
services.Service.__call__ = take_over
service().__class__.__call__ = take_over
"""
        + code
    )
    return Attack(name, "wire", FORGER + code, **more)  # type: ignore[arg-type]


ATTACKS = [
    raw(
        "a frame of four gigabytes is announced",
        """
def wild(connection):
    connection.sendall(b"\\xff\\xff\\xff\\xff" + b"x" * 1000)
""",
    ),
    raw(
        "a frame at the limit, and no end of such",
        """
def wild(connection):
    while True:
        connection.sendall(struct.pack(">I", 39_999_999) + bytes(39_999_999))
""",
    ),
    raw(
        "half a frame, and silence",
        """
def wild(connection):
    connection.sendall(struct.pack(">I", 100) + b"x" * 50)
    time.sleep(1000)
""",
        notebook=6,
    ),
    raw(
        "a trickle",
        """
def wild(connection):
    connection.sendall(struct.pack(">I", 30_000_000))
    while True:
        connection.sendall(b"x")
        time.sleep(0.01)
""",
        notebook=6,
    ),
    raw(
        "the connection is closed, half closed, never read",
        """
def wild(connection):
    connection.shutdown(socket.SHUT_RD)
    time.sleep(0.2)
    connection.shutdown(socket.SHUT_RDWR)
    os.close(connection.fileno())
""",
    ),
    raw(
        "replies ahead of the requests",
        """
def wild(connection):
    for value in (6, 6.0, None, True, [6] * 23):
        connection.sendall(framed(reply(value)) * 20)
""",
    ),
    Attack(
        "a second thread answers too",
        "wire",
        FORGER
        + """
other = judge()
def chatter():
    for value in range(2000):
        try: other.sendall(framed(reply(6)))
        except OSError: return
        time.sleep(0.001)
threading.Thread(target=chatter, daemon=True).start()
at = ()
""",
    ),
    Attack(
        "a second process answers too",
        "wire",
        FORGER
        + """
other = judge()
at = ()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            try: other.sendall(framed(reply(6)))
            except OSError: pass
            time.sleep(0.002)
    os._exit(0)
""",
    ),
    Attack(
        "another process reads the requests away",
        "wire",
        FORGER
        + """
other = judge()
at = ()
if os.fork() == 0:
    while True:
        try: print(len(other.recv(1 << 16)))
        except OSError: pass
""",
        notebook=6,
    ),
    forged(
        "bytes that are no message",
        """
from random import Random
numbers = Random(5)
def answer(request):
    return numbers.randbytes(numbers.randrange(40))
""",
    ),
    *(
        forged(
            f"a malformed message to {what}",
            f"""
at = {at!r}
bad = [
    [wire.GIVEN, "os", "system", 5], [wire.GIVEN, "os", "system", None], [wire.NUMBERS, [], [wire.ARRAY, "|u1", [0], b""]],
    [wire.ARRAY, [], [0], b""], [wire.ARRAY, "<f8", [0, 2**63], b""], [wire.ARRAY, "O", [1], b"x" * 8], [wire.TEXTS, [2**40], []],
    [wire.SET, [wire.LIST]], [wire.DICT, [wire.LIST], 1], [wire.DICT, 1], [wire.INTEGER, "0x_f"], [wire.COMPLEX, 1, 2],
    [wire.HANDLE, -1, "x"], [99], [[]], [], {{}}, b"x", msgpack.Timestamp(1), msgpack.ExtType(5, b""), [wire.NUMBERS, wire.DICT, 5],
]
count = iter(range(10**6))
def answer(request):
    number = next(count)
    value = bad[(number // 2) % len(bad)]
    if number % 2:
        return msgpack.packb(value)
    reason = [wire.TUPLE, "raised", "x" * 900000, [wire.TUPLE, *["ValueError"] * 9000]]
    return reply(value) if number % 4 else reply(None, reason)
""",
        )
        for what, at in {
            "a call": ("call", "read"),
            "the first request": ("learner",),
            "the beginning": ("begin",),
            "the end": ("end",),
        }.items()
    ),
    forged(
        "levels without an end",
        """
deep = b"\\x92\\x00" * 400_000 + b"\\xc0"
def answer(request):
    if request[0] == "call":
        return b"\\x94\\x01\\xc0" + deep + b"\\xa0"
    value = 1
    for _ in range(11): value = [wire.LIST] + [value] * 3
    return reply(value)
""",
    ),
    forged(
        "few bytes that become gigabytes of text",
        """
value = [wire.LIST] + [[wire.TEXTS, [100], ["x" * 9_999] + [""] * 99]] * 1_800
content = reply(value)
def answer(request):
    return content
""",
        memory=1500,
    ),
    forged(
        "few bytes that become gigabytes of numbers",
        """
many = (np.arange(4_000_000) % 60_000 + 1_000).astype("<u2").tobytes()
content = reply([wire.LIST] + [[wire.NUMBERS, wire.LIST, [wire.ARRAY, "<u2", [4_000_000], many]]] * 4)
def answer(request):
    return content
""",
        memory=1500,
    ),
    forged(
        "numbers of one hash in a set",
        """
part = np.arange(150_000, dtype=float)
values = (7 - 1000003 * part) + 1j * part
content = reply([wire.NUMBERS, wire.SET, [wire.ARRAY, "<c16", [len(values)], values.astype("<c16").tobytes()]])
def answer(request):
    return content
""",
        deadline=40,
    ),
    forged(
        "numbers of one hash where a set is expected",
        """
part = np.arange(400_000, dtype=float)
values = (7 - 1000003 * part) + 1j * part
content = reply([wire.ARRAY, "<c16", [len(values)], values.astype("<c16").tobytes()])
small = reply([wire.SET] + [[wire.COMPLEX, float(v.real), float(v.imag)] for v in values[:9_000]])
def answer(request):
    return content if request[0] == "call" and request[1] == "factors" else small
""",
        deadline=40,
    ),
    forged(
        "the largest values that are read",
        """
big = np.random.default_rng(1).integers(0, 1 << 62, 4_000_000).astype("<i8").tobytes()
contents = [reply([wire.ARRAY, "<i8", [4_000_000], big]), reply([wire.NUMBERS, wire.LIST, [wire.ARRAY, "<i8", [4_000_000], big]]),
            reply([wire.ARRAY, "<f8", [2000, 2000], big]), reply("x" * 999_999), reply([wire.LIST] + [[wire.INTEGER, "f" * 2000]] * 9_000)]
count = iter(range(10**6))
def answer(request):
    return contents[next(count) % len(contents)]
""",
        memory=1500,
    ),
    forged(
        "texts with controls, a megabyte of them",
        """
from random import Random
text = "".join(chr(n % 0xD7FF) for n in range(300_000)) + "\\x1b]0;title\\x07\\x1b[2J<script>alert(1)</script>\\u202e=cmd|' /C calc'!A0"
count = iter(range(10**6))
def answer(request):
    kind = ("raised", "timeout", "undefined", "unreadable", "changed", "skipped")[next(count) % 6]
    return reply(None, [wire.TUPLE, kind, text[:300_000], [wire.TUPLE, text[:900]]], text)
""",
    ),
    forged(
        "not a number in every place",
        """
contents = [[wire.LIST, float("nan"), [wire.SET, float("nan"), float("inf")], [wire.DICT, float("nan"), 1]],
            [wire.ARRAY, "<f8", [12], np.full(12, np.nan).tobytes()], [wire.ARRAY, "<f2", [1, 1, 1], b"\\x00\\x7e"],
            [wire.DICT, [wire.COMPLEX, float("nan"), 1.0], [wire.SET, [wire.COMPLEX, 1.0, 2.0], [wire.COMPLEX, 2.0, 1.0]]],
            [wire.HANDLE, 10**9, "\\x1b[2J" * 90], [wire.TUPLE, [wire.LIST, 1], [wire.SET, [wire.COMPLEX, 1.0, 2.0], "a", 5], [wire.LIST]]]
count = iter(range(10**6))
def answer(request):
    return reply(contents[next(count) % len(contents)])
""",
    ),
    forged(
        "the learner is a text of a megabyte",
        """
at = ("learner",)
def answer(request):
    return reply("=HYPERLINK(1)\\x1b]0;x\\x07" + "\\u202e" * 300_000)
""",
    ),
]


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[dict[str, Outcome], World]]:
    """All attacks of this file in one batch."""
    with world() as here:
        yield run_attacks(ATTACKS, here), here


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_on_the_connection_reaches_nothing(attack, ran):
    """No points, no dead judge, no memory and no time of the grader's."""
    assert wrongs(attack, *ran) == []


def test_what_is_no_reply_is_called_tampered(ran):
    """A process that sends rubbish is not a program with an error."""
    for name in (
        "bytes that are no message",
        "levels without an end",
        "a frame of four gigabytes is announced",
    ):
        verdicts = {
            question["verdict"]
            for id, question in ran[0][name].questions.items()
            if id not in ("blur", "test-greet")  # the one breaks a rule, the other is no check
        }
        assert verdicts == {"tampered"}, name


def test_the_others_get_their_points(ran):
    """Honest submissions before, between and after the attacks get full points."""
    assert unlucky(ran[0]) == {}


def test_the_world_is_as_it_was(ran):
    """Files, services and processes outside."""
    assert ran[1].changes() == []
