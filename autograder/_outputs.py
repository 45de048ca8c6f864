"""A cell's outputs as they arrive from a kernel, capped: what a student's code prints can be endless."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder._result import MIME

MAX_TEXT = 100_000  # characters of text in one cell's outputs
MAX_IMAGE = 2_000_000  # characters of one figure: base64, or HTML with images in it
MAX_IMAGES = 8_000_000  # characters of one cell's figures
MAX_RESULT = 1_000_000  # characters of one check's result
MAX_OUTPUTS = 1_000  # of one cell
MAX_NOTEBOOK = 40_000_000  # characters of all outputs of a notebook
MAX_ERROR, MAX_LINES = 10_000, 10_000  # characters of an error's text, lines of its traceback
# What is kept of what a student's process shows.
KINDS = (
    "text/plain",
    "text/html",
    "text/markdown",
    "text/latex",
    "image/png",
    "image/jpeg",
    "image/svg+xml",
)


class Caps:
    """What one cell may still show."""

    def __init__(self) -> None:
        self.text_left, self.images_left = MAX_TEXT, MAX_IMAGES

    def text(self, text: str) -> str:
        """As much of a stream's text as there is room for."""
        if self.text_left <= 0:
            return ""
        kept = text[: self.text_left]
        self.text_left -= len(text)
        return kept if self.text_left > 0 else f"{kept}\n... The rest of the output was left out.\n"

    def bundle(self, data: Any) -> dict[str, Any]:
        """A MIME bundle without what is too large."""
        kept: dict[str, Any] = {}
        for mime, value in (data if isinstance(data, dict) else {}).items():
            size = len(str(value))
            if mime == MIME:
                fits = size <= MAX_RESULT
            elif mime.startswith("image/") or mime == "text/html":
                fits = size <= min(MAX_IMAGE, self.images_left)
                self.images_left -= size if fits else 0
            else:
                fits = size <= self.text_left
                self.text_left -= size if fits else 0
            if fits:
                kept[mime] = value
        return kept or {"text/plain": "... This output was too large and was left out."}


def short_traceback(lines: Any) -> list[str]:
    """A traceback's first and last lines; recursion makes thousands."""
    lines = [str(line)[:10_000] for line in (lines if isinstance(lines, list) else [])]
    return lines if len(lines) <= 20 else [*lines[:10], "...", *lines[-9:]]


class Outputs:
    """Turns a kernel's messages into the outputs of one notebook's cells.

    The messages come from a process that may send anything: only texts and pictures of known kinds are kept, built
    by hand, so that what is stored is a valid notebook.
    """

    def __init__(self) -> None:
        self._displays: dict[str, list[NotebookNode]] = {}
        self._left = MAX_NOTEBOOK

    def begin(self, cell: NotebookNode) -> None:
        """The next messages belong to this cell."""
        cell.outputs = []
        self._cell = cell
        self._caps = Caps()
        self._clear = False

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """One message; what is no output, or malformed, is left out."""
        if kind == "stream":
            self._stream(str(content.get("name", "stdout")), clean(content.get("text", "")))
        elif kind in ("display_data", "execute_result"):
            output = NotebookNode(output_type=kind, data=self._data(content), metadata=NotebookNode())
            if kind == "execute_result":
                output.execution_count = self._cell.execution_count
            self._append(output, len(str(output.data)), content)
        elif kind == "error":
            name, value = clean(content.get("ename", ""))[:200], clean(content.get("evalue", ""))[:MAX_ERROR]
            lines = short_traceback([clean(line) for line in _list(content.get("traceback"))[:MAX_LINES]])
            output = NotebookNode(output_type="error", ename=name, evalue=value, traceback=lines)
            self._append(output, len(str(output)), {})
        elif kind == "clear_output":
            self._clear = True
            if not content.get("wait"):
                self._clear_now()
        elif kind == "update_display_data":
            self._update(content)

    def _data(self, content: dict[str, Any]) -> NotebookNode:
        """The parts of a MIME bundle that are texts or pictures."""
        data = _dictionary(content.get("data"))
        known = {mime: clean(data[mime]) for mime in KINDS if isinstance(data.get(mime), str | list)}
        return NotebookNode(self._caps.bundle(known))

    def _stream(self, name: str, text: str) -> None:
        self._clear_now()
        name = name if name == "stderr" else "stdout"
        text = self._caps.text(text)
        last = self._cell.outputs[-1] if self._cell.outputs else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        elif text:
            self._append(NotebookNode(output_type="stream", name=name, text=text), len(text), {})

    def _append(self, output: NotebookNode, size: int, content: dict[str, Any]) -> None:
        self._clear_now()
        if len(self._cell.outputs) >= MAX_OUTPUTS or size > self._left:
            return
        self._left -= size
        self._cell.outputs.append(output)
        display = _dictionary(content.get("transient")).get("display_id")
        if isinstance(display, str):
            self._displays.setdefault(display, []).append(output)

    def _clear_now(self) -> None:
        if self._clear:
            self._cell.outputs.clear()
            self._clear = False

    def _update(self, content: dict[str, Any]) -> None:
        display = _dictionary(content.get("transient")).get("display_id")
        shown = self._displays.get(display, []) if isinstance(display, str) else []
        data = self._data(content) if shown else NotebookNode()
        for output in shown:
            output.data = data


def put_error(cell: NotebookNode, name: str, text: str) -> None:
    """Make an error the first output, so that it is the one which decides."""
    streams = [out for out in cell.outputs if out.output_type == "stream"]
    cell.outputs = [new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]), *streams]


def clean(text: Any) -> str:
    """Text that can be written as UTF-8; a list of lines is put together."""
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    return str(text).encode("utf-8", "replace").decode("utf-8")


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
