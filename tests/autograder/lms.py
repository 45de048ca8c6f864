"""Downloads as Canvas and Moodle write them, and tables as they give them out.

The shapes are those of the platforms' own programs: for Canvas `lib/content_zipper.rb` (get_filename,
add_upload_submission) and `lib/gradebook_exporter.rb` in github.com/instructure/canvas-lms; for Moodle
`mod/assign/classes/downloader.php` and `mod/assign/gradingtable.php` in github.com/moodle/moodle.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

# Canvas: two lines above the students, then columns of totals that nobody may change.
GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Reading (501),Lab tiny (502),Current Score,Final Grade
,,,,,,Manual Posting,,
    Points Possible,,,,,10.00,7.00,(read only),(read only)
"Smith, Jane",1001,u17,jsmith,Group A,9.50,,95.00,A
"Müller, Zoë",1002,u18,zmueller,"Group A, Group B",,,0.00,F
"=HYPERLINK(""http://x"")",1003,u19,xhost,Group A,-,EX,,
"Doe, Sam",1004,u20,sdoe,Group B,,,,
"Student, Test",1999,,0123abc,Group A,,,,
"""

# Moodle: one assignment; the number after "Participant" is this assignment's own.
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 20731,Jane Smith,jane@example.org,"Submitted for grading -  - ",,7.00,Yes,'
    '"Tuesday, 3 March 2026, 9:05 PM",-,\n'
    'Participant 20732,Zoë Müller,zoe@example.org,"Submitted for grading -  - ",,7.00,Yes,'
    '"Wednesday, March 4, 2026, 8:00 AM",-,"+ good, so far"\n'
    "Participant 20733,Sam Doe,sam@example.org,No submission -  - ,,7.00,Yes,-,-,\n"
    "Participant 20734,Lee Ho,lee@example.org,Submitted for grading -  - ,3.00,7.00,No,-,-,\n"
)


class RawName(zipfile.ZipInfo):
    """An entry whose name is written byte by byte.

    Args:
        raw: The bytes.
        marked: Whether they are marked as UTF-8. Canvas' library writes UTF-8 and does not mark it.
    """

    def __init__(self, raw: bytes, marked: bool = False) -> None:
        super().__init__("raw")
        self.raw, self.marked = raw, marked

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, (self.flag_bits & ~0x800) | (0x800 if self.marked else 0)


def write_zip(path: Path, *files: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A zip file of (name, content)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


def canvas(name: str, id: int, file: int, original: str = "tiny.ipynb", *, late: bool = False) -> str:
    """A file's name in Canvas' download."""
    return f"{name}_{'LATE_' if late else ''}{id}_{file}_{original}"


def moodle(name: str, number: int, original: str = "tiny.ipynb", *, folders: bool = True) -> str:
    """A file's name in Moodle's download, with and without "Download submissions in folders"."""
    return f"{name}_{number}_assignsubmission_file{'/' if folders else '_'}{original}"


def encrypted(path: Path, name: str) -> None:
    """Mark one entry as encrypted, in both places where a zip file says it."""
    content = bytearray(path.read_bytes())
    for signature, flags, text in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        place = -1
        while (place := content.find(signature, place + 1)) >= 0:
            if content[place + text : place + text + len(name)] == name.encode():
                (value,) = struct.unpack_from("<H", content, place + flags)
                struct.pack_into("<H", content, place + flags, value | 1)
    path.write_bytes(bytes(content))


def damaged(path: Path, name: str) -> None:
    """Change one byte of an entry's packed content."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
    content = bytearray(path.read_bytes())
    content[info.header_offset + 30 + len(name) + info.compress_size // 2] ^= 0x55
    path.write_bytes(bytes(content))


def lengthened(path: Path, name: str) -> None:
    """Have the table of contents say that an entry is longer than it is."""
    content = bytearray(path.read_bytes())
    place = content.rfind(name.encode()) - 46
    (size,) = struct.unpack_from("<L", content, place + 24)
    struct.pack_into("<L", content, place + 24, size + 7)
    path.write_bytes(bytes(content))
