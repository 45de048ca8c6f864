"""Read a zip file that strangers filled: names, links, sizes and contents are traps until they prove harmless."""

from __future__ import annotations

import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from autograder._errors import SubmissionError, UsageError
from autograder._submission import visible

MAX_ENTRIES = 20_000
MAX_TOTAL = 4_000_000_000  # bytes that are unpacked of one archive
MAX_RATIO = 200  # how much smaller an honest notebook gets when it is packed; small files may be packed better
SMALL = 1_000_000
_UTF8, _ENCRYPTED = 0x800, 0x1
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, NotImplementedError)


@dataclass(frozen=True)
class Entry:
    """One file in an archive.

    Args:
        name: Its path in the archive.
        info: What the archive says of it.
        fault: Why it is not taken, and what to do; "" if it may be read.
    """

    name: str
    info: zipfile.ZipInfo
    fault: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders and the name of the file."""
        return tuple(part for part in self.name.split("/") if part)


class Archive:
    """A zip file, opened to be read once.

    Args:
        path: The file.

    Raises:
        UsageError: If it is not there, no zip file, or has too many entries.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._room = MAX_TOTAL
        try:
            self._file: IO[bytes] = path.open("rb")
        except OSError as error:
            raise UsageError(
                f"{path}: not there, or no file ({error.strerror}). Give the downloaded zip."
            ) from None
        try:
            self._zip, marked = self._opened()
        except (*_BROKEN, OSError) as error:
            self._file.close()
            raise UsageError(f"{path}: no zip file that can be read ({error}). Download it again.") from error
        infos = self._zip.infolist()
        if len(infos) > MAX_ENTRIES:
            self.close()
            raise UsageError(f"{path}: {len(infos)} entries, at most {MAX_ENTRIES}. Is this the right file?")
        self.entries = [
            _entry(info, broken_mark=number in marked)
            for number, info in enumerate(infos)
            if not info.is_dir() or _is_link(info)
        ]

    def _opened(self) -> tuple[zipfile.ZipFile, set[int]]:
        """The archive, and the entries whose names it could not have read as they are marked."""
        try:
            return zipfile.ZipFile(self._file), set()
        except UnicodeDecodeError:
            # One name that is marked as UTF-8 and is none would keep zipfile from all the others.
            with self._file:
                self._file, marked = _without_marks(self._file)
            return zipfile.ZipFile(self._file), marked

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()
        self._file.close()

    def read(self, entry: Entry, limit: int) -> bytes:
        """The content of one entry, its checksum compared.

        Raises:
            SubmissionError: If it is a trap, too large, encrypted or damaged; the others are not concerned.
        """
        name, info = visible(entry.name), entry.info
        if entry.fault:
            raise SubmissionError(f"{name}: {entry.fault}")
        if info.file_size > limit:
            raise SubmissionError(
                f"{name}: {info.file_size / 1e6:.0f} MB unpacked, at most {limit / 1e6:.0f}. "
                "Ask for the notebook with its outputs cleared."
            )
        if info.file_size > SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise SubmissionError(
                f"{name}: unpacks to {info.file_size:,} bytes out of {info.compress_size:,}. {_BOMB}"
            )
        if info.file_size > self._room:
            raise SubmissionError(f"{name}: the archive unpacks to more than {MAX_TOTAL / 1e9:.0f} GB. {_BOMB}")
        self._room -= info.file_size
        return self._content(name, info, limit)

    def _content(self, name: str, info: zipfile.ZipInfo, limit: int) -> bytes:
        try:
            with self._zip.open(info) as file:
                content = file.read(limit + 1)
        except (*_BROKEN, OSError) as error:
            what = f"damaged, it cannot be unpacked ({visible(str(error))[:120]})"
            raise SubmissionError(f"{name}: {what}. Download it again, or ask for the file.") from error
        if len(content) != info.file_size:
            raise SubmissionError(f"{name}: damaged, its length is not what the archive says. Download it again.")
        return content


_BOMB = "No notebook does that: look at it with care, and ask for the notebook."


def _entry(info: zipfile.ZipInfo, *, broken_mark: bool) -> Entry:
    raw = info.orig_filename
    name, whole = _decoded(raw, info.flag_bits)
    fault = ""
    if broken_mark and not whole:
        fault = "its name is no valid UTF-8. Unpack it by hand, and put the notebook in its place."
    elif _leads_out(raw):
        fault = "its name leads out of the folder. No learning platform writes such a name: look at the archive."
    elif _is_link(info):
        fault = "a link or a device, not a file. Ask for the notebook itself."
    elif info.flag_bits & _ENCRYPTED:
        fault = "encrypted. Ask for the notebook without a password."
    return Entry(name, info, fault)


def _decoded(raw: str, flags: int) -> tuple[str, bool]:
    """A name, and whether it is valid UTF-8: Canvas writes UTF-8 and does not mark it as such."""
    if flags & _UTF8:
        return raw, True
    try:
        return raw.encode("cp437").decode("utf-8"), True
    except UnicodeError:
        return raw, False


def _leads_out(raw: str) -> bool:
    return (
        raw.startswith("/")
        or re.match(r"[A-Za-z]:", raw) is not None
        or "\\" in raw
        or "\0" in raw
        or ".." in raw.split("/")
    )


def _is_link(info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return kind not in (0, stat.S_IFREG, stat.S_IFDIR)


def _without_marks(original: IO[bytes]) -> tuple[IO[bytes], set[int]]:
    """A copy of the archive in which no name is marked as UTF-8, and the entries of which one was."""
    copy = tempfile.TemporaryFile(prefix="autograder-")
    original.seek(0)
    shutil.copyfileobj(original, copy)
    size = copy.tell()
    copy.seek(max(0, size - 65_557))
    tail = copy.read()
    end = tail.rfind(b"PK\x05\x06")
    count, length, offset = struct.unpack_from("<HLL", tail, end + 10)
    place = size - len(tail) + end - length
    before = place - offset  # what may stand in front of the archive
    marked: set[int] = set()
    for number in range(count):
        copy.seek(place)
        head = copy.read(46)
        (flags,), (local,) = struct.unpack_from("<H", head, 8), struct.unpack_from("<L", head, 42)
        if flags & _UTF8:
            marked.add(number)
            for where in (place + 8, before + local + 6):  # in the table of contents, and before the entry
                if 0 <= where < size:
                    copy.seek(where)
                    copy.write(struct.pack("<H", flags & ~_UTF8))
        place += 46 + sum(struct.unpack_from("<3H", head, 28))
    copy.seek(0)
    return copy, marked
