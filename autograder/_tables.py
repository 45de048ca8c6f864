"""Tables in CSV: read with whatever comma a spreadsheet chose, and written back as they came."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder._errors import UsageError
from autograder._files import replace_file

_MARK = b"\xef\xbb\xbf"


@dataclass
class Table:
    """A CSV file: its cells, and how it was written.

    Args:
        path: Where it was read.
        rows: Its rows, the first of which names the columns.
        delimiter: Comma, semicolon or tab.
        ending: Of its lines.
        marked: Whether it begins with a byte-order mark.
    """

    path: Path
    rows: list[list[str]]
    delimiter: str = ","
    ending: str = "\n"
    marked: bool = False

    @property
    def columns(self) -> list[str]:
        """The names of the columns, without blanks around them."""
        return [name.strip() for name in self.rows[0]]

    def place(self, name: str) -> int | None:
        """Where a column stands, however its name is capitalised; None if it is not there."""
        names = [column.casefold() for column in self.columns]
        return names.index(name.casefold()) if name.casefold() in names else None

    def cell(self, row: Sequence[str], name: str) -> str:
        """A row's cell in a column; "" where there is none."""
        place = self.place(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    def write(self, path: Path) -> None:
        """Write it as it was read: the same comma, line ends and byte-order mark."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.ending).writerows(self.rows)
        replace_file(path, (_MARK if self.marked else b"") + text.getvalue().encode("utf-8"))


def read_table(path: Path) -> Table:
    """Read a CSV file.

    Raises:
        UsageError: If it is not there, no CSV in UTF-8, or empty.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
        delimiter = _delimiter(text)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: cannot be read ({error}). Save it as CSV in UTF-8.") from error
    if not rows or not any(rows[0]):
        raise UsageError(f"{path}: the first line names no columns. Save the table with its column names.")
    ending = "\r\n" if "\r\n" in text else "\n"
    return Table(path, rows, delimiter, ending, content.startswith(_MARK))


def named_rows(table: Table) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row that is not empty as {column: cell}, with its file and line for messages."""
    columns = [name.casefold() for name in table.columns]
    for line, row in enumerate(table.rows[1:], start=2):
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield f"{table.path}, line {line}", dict(zip(columns, cells, strict=False))


def _delimiter(text: str) -> str:
    """The comma, semicolon or tab that parts the first line into most cells."""
    first = text.partition("\n")[0]
    return max(",;\t", key=lambda comma: len(next(csv.reader([first], delimiter=comma), [])))
