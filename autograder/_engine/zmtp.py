"""Read a kernel's sockets without libzmq: what a student's process sends is counted before it is kept.

libzmq gathers the parts of one message without a limit, and a student's process can write to its own sockets what
it likes. Source: ZMTP 3.0, https://rfc.zeromq.org/spec/23/ (greeting, NULL mechanism, framing).
"""

from __future__ import annotations

import socket
import struct

from autograder._engine.wire import Closed

MAX_MESSAGE = 16_000_000  # bytes of all parts; a larger message is skipped
MAX_PARTS = 64
_GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_MORE, _LONG, _COMMAND = 1, 2, 4


class Peer:
    """A connection to one socket of a kernel.

    Args:
        path: The unix socket on which the kernel listens.
        kind: "DEALER" to ask, "SUB" to listen.
    """

    def __init__(self, path: str, kind: str) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(path)
        self._buffer = bytearray()
        self._greeted = False
        self._parts: list[bytes] = []
        self._size = 0  # of the message that is being read
        self._skip = 0  # bytes of a frame that is not kept
        kind_property = b"\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind.encode()
        ready = b"\x05READY" + kind_property + b"\x08Identity" + bytes(4)
        self._connection.sendall(_GREETING + bytes([_COMMAND, len(ready)]) + ready)
        self._waiting: list[list[bytes]] | None = [[b"\x01"]] if kind == "SUB" else []  # b"\x01": everything

    def fileno(self) -> int:
        return self._connection.fileno()

    def close(self) -> None:
        self._connection.close()

    def send(self, parts: list[bytes]) -> None:
        """Send one message, or keep it until the other side is ready.

        Raises:
            Closed: If the kernel is gone, or does not read.
        """
        if self._waiting is not None:
            self._waiting.append(parts)
            return
        data = bytearray()
        for number, part in enumerate(parts, start=1):
            flags = (_MORE if number < len(parts) else 0) | (_LONG if len(part) > 255 else 0)
            data += bytes([flags]) + (struct.pack(">Q", len(part)) if flags & _LONG else bytes([len(part)])) + part
        self._connection.settimeout(10.0)
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise Closed(str(error)) from None

    def receive(self) -> list[list[bytes]]:
        """The messages that are complete now; called when there is something to read.

        Raises:
            Closed: If the kernel is gone, or what it sends is no ZMTP.
        """
        self._connection.settimeout(10.0)
        try:
            piece = self._connection.recv(1 << 18)
        except OSError as error:
            raise Closed(str(error)) from None
        if not piece:
            raise Closed("the kernel is gone")
        self._buffer += piece
        found = []
        while (message := self._next()) is not None:
            if message:
                found.append(message)
        return found

    def _next(self) -> list[bytes] | None:
        """One message, an empty list for a frame that ends none, None when more has to come."""
        if not self._greeted:
            if len(self._buffer) < len(_GREETING):
                return None
            del self._buffer[: len(_GREETING)]
            self._greeted = True
        if self._skip:
            gone = min(self._skip, len(self._buffer))
            del self._buffer[:gone]
            self._skip -= gone
            return None if self._skip or not self._buffer else []
        frame = self._frame()
        if frame is None:
            return None
        flags, start, size = frame
        if flags & _COMMAND:
            self._on_command(bytes(self._buffer[start : start + size]))
            del self._buffer[: start + size]
            return []
        return self._part(bool(flags & _MORE), start, size)

    def _on_command(self, command: bytes) -> None:
        if self._waiting is not None and command.startswith(b"\x05READY"):
            waiting, self._waiting = self._waiting, None
            for parts in waiting:
                self.send(parts)

    def _frame(self) -> tuple[int, int, int] | None:
        """Flags, where the body begins and its size; None while the frame's head or a kept body is not whole."""
        if len(self._buffer) < 2:
            return None
        flags = self._buffer[0]
        if flags > 7:
            raise Closed("no frame of this protocol")
        start = 9 if flags & _LONG else 2
        if len(self._buffer) < start:
            return None
        size = struct.unpack_from(">Q", self._buffer, 1)[0] if flags & _LONG else self._buffer[1]
        if flags & _COMMAND and size > 10_000:
            raise Closed("a command without end")
        kept = flags & _COMMAND or self._size + size <= MAX_MESSAGE
        return None if kept and len(self._buffer) < start + size else (flags, start, size)

    def _part(self, more: bool, start: int, size: int) -> list[bytes]:
        self._size += size
        if self._size <= MAX_MESSAGE and len(self._parts) < MAX_PARTS:
            self._parts.append(bytes(self._buffer[start : start + size]))
            del self._buffer[: start + size]
        else:
            self._parts, self._size = [], MAX_MESSAGE + 1
            del self._buffer[:start]
            gone = min(size, len(self._buffer))
            del self._buffer[:gone]
            self._skip = size - gone
        if more:
            return []
        parts, self._parts, self._size = self._parts, [], 0
        return parts
