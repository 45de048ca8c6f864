"""Lab 07: the learner's own numbers."""

from __future__ import annotations

from course.draws.arithmetic import Arithmetic

ALL: tuple[Arithmetic, ...] = ()
