"""A list of six codes, as the learner may have written it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np


def six_codes(value: Any, known: Collection[str]) -> list[str]:
    """Six codes in small letters, with one space between words.

    Raises:
        ValueError: If they are not six, or one is not among the known.
    """
    codes = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(codes, list | tuple):
        raise ValueError("expected a list of six codes")
    if len(codes) != 6:
        raise ValueError(f"expected six codes; received {len(codes)}")
    codes = [" ".join(code.split()).lower() if isinstance(code, str) else code for code in codes]
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise ValueError(f"there is no code {unknown[0]!r}. There are: {', '.join(known)}")
    return codes
