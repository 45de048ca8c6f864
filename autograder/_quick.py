"""Imported first where notebooks are read: keeps one import from taking a second.

nbformat checks notebooks with jsonschema, which, where it finds the package rfc3987_syntax, parses a grammar of
internet addresses while it is imported. No notebook asks for that.
"""

from __future__ import annotations

import sys

if "jsonschema" not in sys.modules:
    hidden = "rfc3987_syntax" not in sys.modules
    if hidden:
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    import jsonschema  # noqa: F401

    if hidden:
        del sys.modules["rfc3987_syntax"]
