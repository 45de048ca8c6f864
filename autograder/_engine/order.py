"""What a worker wants to be forked; apart, so that the grader does not import the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


@dataclass(frozen=True)
class Order:
    """The descriptors travel beside it: five listening sockets and the judge's.

    Args:
        address: Path of the kernel's sockets without `-1`, `-2`, ...
        key: Signs the kernel's messages.
        environment: The kernel's whole environment.
        folder: Its working folder.
        files: Put there before anything runs: name -> bytes.
        box: The arguments of `sandbox.Box`, None for no sandbox.
        protections: The arguments of `sandbox.Protections`.
        judged: Whether a judge asks through the last descriptor.
    """

    address: str
    key: bytes
    environment: dict[str, str]
    folder: str
    files: dict[str, bytes] = field(default_factory=dict)
    box: dict[str, Any] | None = None
    protections: dict[str, Any] = field(default_factory=dict)
    judged: bool = False
