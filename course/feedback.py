"""A page of feedback to look at before one's own comes: made once by the real grader, and kept."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parent / "data" / "feedback.html"
TITLE = "Example: a page of feedback for lab 00, 0.5 of 2 points, with the calls that went wrong and a hint"


class Page:
    """One HTML page, shown inside a notebook in a frame of its own.

    Args:
        content: The page.
        title: What it shows, for readers who cannot see it.
    """

    def __init__(self, content: str, title: str) -> None:
        self.content, self.title = content, title

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Jupyter's hook: the page where a frame can be shown, its title elsewhere."""
        return {"text/html": self.html, "text/plain": self.title}

    @property
    def framed(self) -> str:
        """The page with its links kept inside the frame; without this they would open the notebook in it."""
        return self.content.replace("<head>", '<head>\n<base href="about:srcdoc">', 1)

    @property
    def html(self) -> str:
        """An `<iframe>` that holds the page; nothing else is needed to show it."""
        return (
            f'<iframe title="{html.escape(self.title, quote=True)}" '
            'style="display:block;box-sizing:border-box;width:100%;height:36em;border:1px solid #767676" '
            f'srcdoc="{html.escape(self.framed, quote=True)}"></iframe>'
        )


def example() -> Page:
    """The feedback that a student got for lab 00."""
    return Page(EXAMPLE.read_text(encoding="utf-8"), TITLE)
