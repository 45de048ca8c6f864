"""Frames: what goes in comes out, and what breaks the rules is refused before it costs memory."""

from __future__ import annotations

import math
import socket
import struct
import threading
import tracemalloc

import msgpack
import numpy as np
import pytest

from autograder._engine import wire
from autograder._engine.wire import Channel, Closed, Reference, WireError, pack, unpack
from autograder._models import PythonFunction
from autograder._questions import Given

VALUES = [
    None,
    True,
    7,
    -(2**63),
    2**64 + 5,
    -(10**300),
    2.5,
    math.inf,
    1 + 2j,
    "Größe",
    [],
    [1, 2.0, "three", None],
    (1, (2, [3])),
    {1, 2},
    frozenset({"a"}),
    {"a": 1, 2: [3], (4, 5): None},
    list(range(50_000)),
    tuple(x / 7 for x in range(1000)),
    [True] * 100,
    Given("course.given", "quadratic", (2, 3)),
]
ARRAYS = [
    np.arange(6).reshape(2, 3),
    np.arange(24, dtype=np.float32).reshape(2, 3, 4)[:, ::2],
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.array(3.5),
    np.zeros((0, 3)),
    np.array([True, False]),
    np.array([1 + 2j]),
    np.array([["a", "länger"]]),
    np.arange(3, dtype=">i4"),
    np.array([1.5], dtype=np.float16),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value)[:30])
def test_plain_values_come_back_as_they_were(value):
    back = unpack(pack(value), trusted=True)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_come_back_with_shape_type_and_values(array):
    back = unpack(pack(array))
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(back, array)
    assert back.flags.writeable or back.dtype.kind == "U"


def test_nan_stays_nan():
    assert math.isnan(unpack(pack(math.nan)))


def test_what_stays_on_its_side_travels_as_a_number_and_a_description():
    back = unpack(pack([PythonFunction(len)], number_of=lambda handle: 4))
    assert back == [Reference(4, "a function")]


OTHERS = {
    "object": object(),
    "function": len,
    "bytes": b"bytes",
    "long list": ["x"] * 10_001,
    "huge number": 1 << 40_000,
    "subclass": type("Sub", (int,), {})(),
}


@pytest.mark.parametrize("value", OTHERS.values(), ids=OTHERS.keys())
def test_other_things_cannot_be_sent(value):
    with pytest.raises(WireError):
        pack(value)


def nested(levels: int) -> bytes:
    value: list = []
    for _ in range(levels):
        value = [0, value]
    return msgpack.packb(value)


FORGED = {
    "nothing": b"",
    "no msgpack": b"\xc1",
    "two values": msgpack.packb(1) * 2,
    "half a list": msgpack.packb([0, 1, 2])[:-1],
    "a map": msgpack.packb({"a": 1}),
    "an extension": msgpack.packb(msgpack.ExtType(5, b"x")),
    "a timestamp": msgpack.packb(msgpack.Timestamp(1)),
    "bytes alone": msgpack.packb(b"abc"),
    "no tag": msgpack.packb(["a", 1]),
    "an empty list": msgpack.packb([]),
    "a tag that is a truth value": msgpack.packb([True, 1]),
    "an unknown tag": msgpack.packb([99, 1]),
    "levels": nested(20),
    "many levels": nested(400),
    "very many levels": b"\x92\x00" * 100_000 + b"\x90",
    "an object's dtype": msgpack.packb([5, "|O8", [1], b"12345678"]),
    "a long dtype": msgpack.packb([5, "<f8" * 99, [1], b"12345678"]),
    "bytes that do not fit": msgpack.packb([5, "<f8", [2], b"12345678"]),
    "a negative side": msgpack.packb([5, "<f8", [-1, -1], b"12345678"]),
    "a side that is no number": msgpack.packb([5, "<f8", [1.0], b"12345678"]),
    "sides beyond all memory": msgpack.packb([5, "<f8", [2**40, 2**40, 0], b""]),
    "too many elements": msgpack.packb([5, "|i1", [5_000_000], b"x" * 5_000_000]),
    "many dimensions": msgpack.packb([5, "|i1", [1] * 60, b"x"]),
    "a list as a key": msgpack.packb([4, [0], 1]),
    "a key without a value": msgpack.packb([4, 1]),
    "a list in a set": msgpack.packb([2, [0]]),
    "a number that is none": msgpack.packb([8, "0x" + "z" * 9]),
    "a number of many digits": msgpack.packb([8, "0x" + "1" * 5000]),
    "a broken text": b"\xa2\xff\xfe",
    "a long text": msgpack.packb("x" * 2_000_000),
    "texts that do not fit": msgpack.packb([7, [3], ["a", "b"]]),
    "a handle without a number": msgpack.packb([11, "a", "b"]),
    "numbers of an array with two sides": msgpack.packb([6, 0, [5, "|i1", [1, 1], b"x"]]),
    "a list that is too long": msgpack.packb([0, *range(20_000)]),
}


@pytest.mark.parametrize("content", FORGED.values(), ids=FORGED.keys())
def test_a_forged_message_is_refused(content):
    with pytest.raises(WireError):
        unpack(content)


def test_lists_that_announce_more_than_they_hold_cost_no_memory():
    """Each five bytes announce ten thousand items, five hundred levels deep."""
    content = b"\xdd\x00\x00\x27\x0f" * 500
    tracemalloc.start()
    with pytest.raises(WireError):
        unpack(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6


def test_many_empty_lists_are_refused_while_they_are_read():
    row = [0] + [[]] * 9_000
    content = msgpack.packb([0] + [row] * 1_000)
    with pytest.raises(WireError, match="items"):
        unpack(content)


@pytest.fixture
def ends():
    left, right = socket.socketpair()
    yield Channel(left, max_frame=1_000_000), right
    left.close()
    right.close()


def test_a_frame_goes_through(ends):
    channel, other = ends
    Channel(other).send(b"hello")
    assert channel.receive() == b"hello"


def test_a_length_above_the_cap_is_refused_before_a_byte_is_read(ends):
    channel, other = ends
    other.sendall(struct.pack(">I", 2**32 - 1))
    with pytest.raises(WireError, match="bytes"):
        channel.receive()


def test_all_frames_together_have_a_cap(ends):
    channel, other = ends
    for size in (100, 200):
        Channel(other).send(b"x" * size)
    small = Channel(channel.connection, max_total=250)
    small.receive()
    with pytest.raises(WireError, match="altogether"):
        small.receive()


def test_half_a_frame_and_an_end_is_the_end(ends):
    channel, other = ends
    other.sendall(struct.pack(">I", 100) + b"half")
    other.close()
    with pytest.raises(Closed):
        channel.receive()


def test_a_trickle_does_not_put_off_the_limits(ends):
    channel, other = ends
    stop = threading.Event()

    def trickle() -> None:
        other.sendall(struct.pack(">I", 1000))
        while not stop.wait(0.05):
            other.sendall(b"x")

    sender = threading.Thread(target=trickle)
    sender.start()

    def wait() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        channel.receive(wait=wait, seconds=0.2)
    stop.set()
    sender.join()


def test_a_reader_that_does_not_read_does_not_hold_the_sender(ends):
    channel, _ = ends

    def wait() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        channel.send(b"x" * 50_000_000, wait=wait, seconds=0.1)


def test_limits_fit_together():
    assert wire.MAX_FRAME >= 8 * wire.MAX_ELEMENTS
    assert wire.MAX_SEQUENCE <= wire.MAX_ITEMS


COSTLY = {
    "a set of numbers": msgpack.packb([6, 2, [5, "<c16", [1], b"x" * 16]]),
    "texts of one long one": msgpack.packb([0] + [[7, [100], ["x" * 10_000] + [""] * 99]] * 50),
    "small numbers": msgpack.packb([6, 0, [5, "<u2", [3_000_000], b"xx" * 3_000_000]]),
    "given": msgpack.packb([10, "os", "system", [1, "true"]]),
    "given without arguments": msgpack.packb([10, "m", "n", 5]),
    "a list for a tag": msgpack.packb([6, [], 1]),
    "a list for a dtype": msgpack.packb([5, [], [1], b"x"]),
}


@pytest.mark.parametrize("content", COSTLY.values(), ids=COSTLY.keys())
def test_what_is_small_on_the_wire_and_large_in_memory_is_refused(content):
    with pytest.raises(WireError):
        unpack(content)
