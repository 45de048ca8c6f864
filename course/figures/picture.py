"""What every figure function returns: a PNG and the words that replace it."""

from __future__ import annotations

import base64
import html
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Picture:
    """One picture and its alternative text; a notebook shows it as an HTML figure.

    Attributes:
        png: Bytes of a PNG file.
        alt: What the picture says, for readers who cannot see it.
        caption: A line beneath the picture, or "".
    """

    png: bytes
    alt: str
    caption: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = struct.unpack(">II", self.png[16:24])
        return width, height

    @property
    def html(self) -> str:
        """A `<figure>` that holds picture, alternative text and caption; nothing else is needed to show it."""
        data = base64.b64encode(self.png).decode("ascii")
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        alt = html.escape(self.alt, quote=True)
        return (
            f'<figure style="margin:0.5em 0"><img alt="{alt}" style="max-width:100%" '
            f'src="data:image/png;base64,{data}">{caption}</figure>'
        )

    def with_caption(self, caption: str) -> Picture:
        """The same picture with another caption."""
        return replace(self, caption=caption)

    def save(self, path: str | Path) -> None:
        """Write the PNG to `path`."""
        Path(path).write_bytes(self.png)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Jupyter's hook: HTML where it can be shown, the alternative text elsewhere."""
        return {"text/html": self.html, "text/plain": self.alt}

    def __repr__(self) -> str:
        return f"Picture({self.alt!r})"
