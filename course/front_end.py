"""Whether somebody looks on while a notebook runs."""

from __future__ import annotations

import os


def living() -> bool:
    """Whether a Jupyter kernel runs this, and nobody asked for still pictures with COURSE_STATIC=1."""
    if os.environ.get("COURSE_STATIC") == "1":
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None
