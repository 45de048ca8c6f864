"""Times that a person gives: each names its zone, so that nobody is late by an hour that was not meant."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from autograder._errors import UsageError

EXAMPLE = "2026-03-05 23:59 Europe/Zurich, or 2026-03-05 23:59 +01:00, or 2026-03-05 22:59 UTC"


def read_time(text: str, where: str = "") -> datetime:
    """A moment, from a date, a time of day and a zone.

    Args:
        text: Such as those in `EXAMPLE`.
        where: The file and line, for messages.

    Raises:
        UsageError: If it is none, or names no zone.
    """
    words = text.split()
    zone = read_zone(words.pop()) if len(words) == 3 and words[2][0] not in "+-" else None
    try:
        moment = datetime.fromisoformat("T".join(words[:2]) + "".join(words[2:]))
    except ValueError:
        raise UsageError(_wrong(text, where, "no date and time that can be read.")) from None
    moment = moment if zone is None else moment.replace(tzinfo=zone)
    if moment.tzinfo is None:
        raise UsageError(_wrong(text, where, "in which time zone?"))
    return moment.astimezone(UTC)


def read_zone(name: str) -> tzinfo:
    """A time zone by its name, such as Europe/Zurich or UTC.

    Raises:
        UsageError: If this machine knows no such zone.
    """
    if name.upper() in ("UTC", "Z", "GMT"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        message = f"No time zone {name!r} on this machine. Give one such as Europe/Zurich, or +01:00, or UTC."
        raise UsageError(message) from None


def nbgraders_time(moment: datetime) -> str:
    """A moment as nbgrader's `timestamp.txt` has it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _wrong(text: str, where: str, what: str) -> str:
    return f"{where + ': ' if where else ''}{text!r}: {what} Give it as {EXAMPLE}."
