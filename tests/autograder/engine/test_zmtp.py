"""The reader of a kernel's sockets, against libzmq itself and against what a hostile process may send."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from autograder._engine import zmtp
from autograder._engine.wire import Closed
from autograder._engine.zmtp import Peer


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


def read(peer: Peer, count: int = 1) -> list[list[bytes]]:
    """The next messages."""
    found: list[list[bytes]] = []
    while len(found) < count:
        found += peer.receive()
    return found


def test_requests_and_replies_go_through_libzmq(context: zmq.Context, tmp_path: Path) -> None:
    """Short and long parts, both ways."""
    with context.socket(zmq.ROUTER) as router:
        router.bind(f"ipc://{tmp_path}/k")
        peer = Peer(f"{tmp_path}/k", "DEALER")
        parts = [b"", b"a", b"b" * 255, b"c" * 256, b"d" * 70_000]
        peer.send(parts)
        peer.receive()  # the greeting; what waited is sent now
        while not router.poll(100):
            peer.receive()
        who, *received = router.recv_multipart()
        assert received == parts
        router.send_multipart([who, *parts])
        assert read(peer) == [parts]
        peer.close()


def test_a_subscriber_hears_what_is_published(context: zmq.Context, tmp_path: Path) -> None:
    """The subscription waits for the handshake."""
    with context.socket(zmq.XPUB) as publisher:
        publisher.bind(f"ipc://{tmp_path}/k")
        peer = Peer(f"{tmp_path}/k", "SUB")
        while not publisher.poll(10):
            peer.receive()
        assert publisher.recv() == b"\x01"
        for number in range(3):
            publisher.send_multipart([b"topic", b"%d" % number])
        assert [message[1] for message in read(peer, 3)] == [b"0", b"1", b"2"]
        peer.close()


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[tuple[Peer, socket.socket]]:
    """A peer, and the bare socket at its other end, greeted."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "k"))
        server.listen()
        peer = Peer(str(tmp_path / "k"), "SUB")
        connection, _ = server.accept()
    connection.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
    yield peer, connection
    peer.close()
    connection.close()


def frame(body: bytes, flags: int = 0) -> bytes:
    return bytes([flags | 2]) + struct.pack(">Q", len(body)) + body


def test_a_message_that_is_too_large_is_skipped_and_the_next_one_read(hostile, monkeypatch) -> None:
    peer, connection = hostile
    monkeypatch.setattr(zmtp, "MAX_MESSAGE", 1_000)
    connection.sendall(frame(b"x" * 5_000) + frame(b"small"))
    assert read(peer) == [[b"small"]]


def test_parts_without_an_end_are_not_kept(hostile, monkeypatch) -> None:
    peer, connection = hostile
    monkeypatch.setattr(zmtp, "MAX_MESSAGE", 1_000)
    for _ in range(50):
        connection.sendall(frame(b"x" * 400, flags=1))
        assert peer.receive() == []
    assert sum(map(len, peer._parts)) <= 1_000
    connection.sendall(frame(b"end") + frame(b"next"))
    assert read(peer) == [[b"next"]]


def test_many_empty_parts_are_not_kept(hostile) -> None:
    peer, connection = hostile
    connection.sendall(frame(b"", flags=1) * 1_000 + frame(b"end") + frame(b"next"))
    assert read(peer) == [[b"next"]]
    assert len(peer._parts) <= zmtp.MAX_PARTS


@pytest.mark.parametrize(
    "sent",
    [b"\xf0" * 20, bytes([6]) + struct.pack(">Q", 1 << 40), b""],
    ids=["flags that are none", "an endless command", "nothing"],
)
def test_what_is_no_protocol_closes_the_connection(hostile, sent: bytes) -> None:
    peer, connection = hostile
    connection.sendall(sent)
    connection.shutdown(socket.SHUT_WR)
    with pytest.raises(Closed):
        for _ in range(5):
            peer.receive()
            time.sleep(0.01)
