"""Files: written at once or not at all, also when the program is killed, the power goes or the disk is full."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

# Nothing more can be written in that place, whoever writes it.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def replace_file(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that a reader finds the old one or the new one, never half of it.

    What an earlier, killed run left unfinished is overwritten: there is one writer for every file.

    Raises:
        OSError: If it cannot be written; the old file is still there, and nothing beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent / f".{path.name}.tmp"
    try:
        unfinished.unlink(missing_ok=True)
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def short_folder() -> str | None:
    """Where the paths of sockets stay short; None for the system's own temporary folder."""
    usual = tempfile.gettempdir()
    return "/tmp" if len(os.fsencode(usual)) > 60 and os.access("/tmp", os.W_OK) else None
