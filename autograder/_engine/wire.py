"""Frames between a student's process and the judge: length first, then msgpack of tagged plain values.

What comes from a student's process is read with limits before anything is built from it, and nothing in it is
unpickled, evaluated or imported. A frame is four bytes of length and one msgpack value. Numbers, texts, None and
truth values stand for themselves; everything else is a list whose first item is a tag.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

from autograder._questions import Given
from autograder._received import MAX_ELEMENTS, Handle

LIST, TUPLE, SET, FROZENSET, DICT, ARRAY, NUMBERS, TEXTS, INTEGER, COMPLEX, GIVEN, HANDLE = range(12)

MAX_FRAME = 40_000_000  # bytes from a student's process: four million float64 and a little
MAX_NOTEBOOK = 1_000_000_000  # bytes from one student's processes altogether
MAX_BUILT = 100_000_000  # bytes of what is built from one frame: small numbers become large objects
MAX_SEQUENCE = 10_000  # items of one list in a frame; longer lists of numbers travel as an array
MAX_ITEMS = 200_000  # items of all lists in a frame
MAX_DEPTH = 12
MAX_TEXT = 1_000_000  # bytes of one text
MAX_DIMENSIONS = 16
MAX_DIGITS = 2_000  # of a whole number beyond 64 bits
DTYPES = frozenset("|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 <c8 <c16".split())

_MALFORMED = (ValueError, TypeError, KeyError, OverflowError, MemoryError, RecursionError)
_HEADER = struct.Struct(">I")
_SEQUENCES: dict[type, int] = {list: LIST, tuple: TUPLE, set: SET, frozenset: FROZENSET}
_MAKERS: dict[int, Callable[[Any], Any]] = {tag: made for made, tag in _SEQUENCES.items()}


class WireError(ValueError):
    """A frame that breaks the rules, or a value that cannot be sent."""


class Closed(ConnectionError):
    """The other side is gone."""


class Late(TimeoutError):
    """No whole frame came in time."""


@dataclass(frozen=True)
class Reference:
    """A handle as the receiver sees it: a number and a description."""

    number: int
    text: str


def pack(value: Any, number_of: Callable[[Handle], int] | None = None) -> bytes:
    """A value as msgpack.

    Args:
        value: Plain data: numbers, texts, None, lists, tuples, sets, dictionaries, arrays, `Given`, handles.
        number_of: Gives the number under which a handle stays here; None if there are no handles.

    Raises:
        WireError: For anything else, or for more than the limits allow.
    """
    return msgpack.packb(_tagged(value, number_of, 0), use_bin_type=True)


def unpack(content: bytes, *, trusted: bool = False) -> Any:
    """The value of a frame from a student's process.

    Args:
        content: The frame's bytes.
        trusted: Whether it comes from the judge, who may also send things to make on the spot.

    Raises:
        WireError: If it breaks a rule.
    """
    if len(content) > MAX_FRAME:
        raise WireError(f"a message of {len(content):,} bytes; at most {MAX_FRAME:,} are read")
    counter = _Counter()
    try:
        tagged = msgpack.unpackb(
            content,
            raw=False,
            use_list=True,
            list_hook=counter.count,
            max_array_len=MAX_SEQUENCE,
            max_map_len=0,
            max_ext_len=0,
            max_str_len=MAX_TEXT,
            max_bin_len=MAX_FRAME,
        )
        return _Reader(trusted).read(tagged, 0)
    except WireError:
        raise
    except (*_MALFORMED, msgpack.exceptions.UnpackException) as error:
        raise WireError(f"a malformed message ({type(error).__name__}: {str(error)[:100]})") from None


class _Counter:
    """Stops a message whose lists hold too much altogether, while it is being read."""

    def __init__(self) -> None:
        self.left = MAX_ITEMS

    def count(self, items: list[Any]) -> list[Any]:
        self.left -= len(items) + 1
        if self.left < 0:
            raise WireError(f"more than {MAX_ITEMS:,} items")
        return items


def _tagged(value: Any, number_of: Callable[[Handle], int] | None, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"more than {MAX_DEPTH} levels")
    kind = type(value)
    if value is None or kind is bool or kind is float:
        return value
    if kind is str:
        return value.encode("utf-8", "replace").decode("utf-8")
    if kind is int:
        return value if -(2**63) <= value < 2**64 else [INTEGER, _digits(value)]
    if kind is complex:
        return [COMPLEX, value.real, value.imag]
    if isinstance(value, np.generic):
        return _tagged(value.item(), number_of, depth)
    if kind is np.ndarray:
        return _array(value)
    if kind in _SEQUENCES:
        return _sequence(value, number_of, depth)
    if kind is dict:
        flat = [part for pair in value.items() for part in pair]
        _limit(len(flat))
        return [DICT, *(_tagged(item, number_of, depth + 1) for item in flat)]
    if kind is Given:
        return [GIVEN, value.module, value.name, _tagged(value.arguments, number_of, depth + 1)]
    if isinstance(value, Handle) and number_of is not None:
        return [HANDLE, number_of(value), repr(value)[:200]]
    raise WireError(f"an object of type {kind.__name__} cannot be sent")


def _sequence(value: Any, number_of: Callable[[Handle], int] | None, depth: int) -> list[Any]:
    long = len(value) > 64 and type(value) in (list, tuple)
    if long and all(type(item) is int for item in value):
        return _numbers(value, np.int64, number_of, depth)
    if long and all(type(item) is float for item in value):
        return _numbers(value, np.float64, number_of, depth)
    _limit(len(value))
    return [_SEQUENCES[type(value)], *(_tagged(item, number_of, depth + 1) for item in value)]


def _numbers(value: Any, dtype: type, number_of: Callable[[Handle], int] | None, depth: int) -> list[Any]:
    """A long sequence of numbers of one kind, as an array."""
    try:
        return [NUMBERS, _SEQUENCES[type(value)], _array(np.fromiter(value, dtype, len(value)))]
    except OverflowError:
        _limit(len(value))
        return [_SEQUENCES[type(value)], *(_tagged(item, number_of, depth + 1) for item in value)]


def _limit(count: int) -> None:
    if count >= MAX_SEQUENCE:
        raise WireError(f"a list of {count:,} things that are not all numbers; at most {MAX_SEQUENCE:,} are read")


def _digits(value: int) -> str:
    if value.bit_length() > 3 * MAX_DIGITS:
        raise WireError("a whole number with thousands of digits")
    return hex(value)


def _array(array: np.ndarray) -> list[Any]:
    if array.dtype.kind == "U":
        texts = [str(item) for item in array.ravel().tolist()]
        _limit(len(texts))
        return [TEXTS, list(array.shape), texts]
    array = np.ascontiguousarray(array).reshape(array.shape)
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if array.dtype.str not in DTYPES:
        array = array.astype("<f8" if array.dtype.kind == "f" else "<c16")
    return [ARRAY, array.dtype.str, list(array.shape), array.tobytes()]


class _Reader:
    """Builds the value that a tagged one stands for; everything in it is checked."""

    def __init__(self, trusted: bool) -> None:
        self._trusted = trusted
        self._left = MAX_BUILT

    def read(self, tagged: Any, depth: int) -> Any:
        """The value, or a WireError."""
        if depth > MAX_DEPTH:
            raise WireError(f"more than {MAX_DEPTH} levels")
        if tagged is None or type(tagged) in (bool, int, float, str):
            return tagged
        if type(tagged) is not list or not tagged or type(tagged[0]) is not int:
            raise WireError("a message without a tag")
        tag, *parts = tagged
        if tag in _MAKERS:
            return _MAKERS[tag]([self.read(part, depth + 1) for part in parts])
        if tag == DICT and len(parts) % 2 == 0:
            items = [self.read(part, depth + 1) for part in parts]
            return dict(zip(items[::2], items[1::2], strict=True))
        if tag == ARRAY and len(parts) == 3:
            return self._array(*parts)
        if tag == NUMBERS and len(parts) == 2 and parts[0] in (LIST, TUPLE):
            return self._numbers(*parts)
        if tag == TEXTS and len(parts) == 2:
            return self._texts(*parts)
        if tag == INTEGER and len(parts) == 1 and type(parts[0]) is str and len(parts[0]) <= MAX_DIGITS:
            return int(parts[0], 16)
        if tag == COMPLEX and [type(part) for part in parts] == [float, float]:
            return complex(*parts)
        if tag == HANDLE and [type(part) for part in parts] == [int, str]:
            return Reference(parts[0], parts[1][:200])
        if tag == GIVEN and self._trusted:
            return Given(parts[0], parts[1], tuple(self.read(parts[2], depth + 1)))
        raise WireError(f"a message with the unknown tag {tag!r:.20}")

    def _take(self, size: int) -> None:
        """Memory for so many bytes, while there is some left for this frame."""
        self._left -= size
        if self._left < 0 and not self._trusted:
            raise WireError(f"more than {MAX_BUILT:,} bytes once it is unpacked")

    def _array(self, dtype: Any, shape: Any, content: Any) -> np.ndarray:
        sides = _read_shape(shape)
        if dtype not in DTYPES or type(content) is not bytes:
            raise WireError(f"an array of {str(dtype)[:20]}")
        if len(content) != math.prod(sides) * np.dtype(dtype).itemsize:
            raise WireError("an array whose bytes do not fit its shape")
        self._take(len(content))
        if dtype == "|b1":
            return (np.frombuffer(content, np.uint8) != 0).reshape(sides)
        return np.frombuffer(content, dtype).reshape(sides).copy()

    def _numbers(self, tag: int, tagged: Any) -> Any:
        array = self.read(tagged, MAX_DEPTH)
        if not isinstance(array, np.ndarray) or array.ndim != 1:
            raise WireError("numbers that are no row")
        self._take(40 * array.size)
        return _MAKERS[tag](array.tolist())

    def _texts(self, shape: Any, texts: Any) -> np.ndarray:
        sides = _read_shape(shape)
        if type(texts) is not list or any(type(text) is not str for text in texts):
            raise WireError("an array of texts that are none")
        self._take(4 * len(texts) * max(map(len, texts), default=0))
        if len(texts) != math.prod(sides):
            raise WireError("an array of texts whose number does not fit its shape")
        return np.array(texts, dtype=str).reshape(sides)


def _read_shape(shape: Any) -> tuple[int, ...]:
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise WireError("an array with a malformed shape")
    wrong = any(type(side) is not int or not 0 <= side <= MAX_ELEMENTS for side in shape)
    if wrong or math.prod(shape) > MAX_ELEMENTS:
        raise WireError(f"an array of shape {str(shape)[:60]}; at most {MAX_ELEMENTS:,} elements are read")
    return tuple(shape)


class Channel:
    """One end of a connection that carries frames.

    Args:
        connection: A connected stream socket.
        max_frame: Bytes of the largest frame that is read.
        max_total: Bytes that are read altogether; None for no limit.
    """

    def __init__(
        self, connection: socket.socket, *, max_frame: int = MAX_FRAME, max_total: int | None = None
    ) -> None:
        self.connection = connection
        self._max_frame = max_frame
        self._left = max_total
        self.read = 0  # bytes so far

    def fileno(self) -> int:
        return self.connection.fileno()

    def close(self) -> None:
        self.connection.close()

    def send(self, content: bytes, *, wait: Callable[[], None] | None = None, seconds: float = 1.0) -> None:
        """Send one frame.

        Args:
            content: The frame's bytes without the length.
            wait: Called about every `seconds` while the other side does not read; it may raise.
            seconds: See `wait`; without `wait` this sends until it is done.

        Raises:
            Closed: If the other side is gone.
        """
        data = memoryview(_HEADER.pack(len(content)) + content)
        self.connection.settimeout(seconds if wait else None)
        while data:
            try:
                data = data[self.connection.send(data) :]
            except TimeoutError:
                wait and wait()
            except OSError as error:
                raise Closed(str(error)) from None

    def receive(self, *, wait: Callable[[], None] | None = None, seconds: float = 1.0) -> bytes:
        """Receive one frame; the length is looked at before memory is taken for the rest.

        Args:
            wait: Called about every `seconds` while nothing comes; it may raise.
            seconds: See `wait`; without `wait` this waits for ever.

        Raises:
            Closed: If the other side is gone.
            WireError: If the frame or all frames together are too large.
        """
        self.connection.settimeout(seconds if wait else None)
        (length,) = _HEADER.unpack(self._exactly(_HEADER.size, wait))
        if length > self._max_frame:
            raise WireError(f"a message of {length:,} bytes; at most {self._max_frame:,} are read")
        self.read += length
        if self._left is not None:
            self._left -= length
            if self._left < 0:
                raise WireError("too many bytes altogether")
        return bytes(self._exactly(length, wait))

    def _exactly(self, count: int, wait: Callable[[], None] | None) -> bytearray:
        """Read in pieces, so that memory grows with what came, not with what was announced."""
        found = bytearray()
        last = time.monotonic()
        while len(found) < count:
            try:
                piece = self.connection.recv(min(count - len(found), 1 << 20))
            except TimeoutError:
                piece = None
            except OSError as error:
                raise Closed(str(error)) from None
            if piece == b"":
                raise Closed("the other side is gone")
            found += piece or b""
            # A trickle of single bytes must not put off the limits.
            if wait is not None and (piece is None or time.monotonic() - last > 0.5):
                wait()
                last = time.monotonic()
        return found
