"""What is installed here, whether it suffices, and what to do if it does not."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys

import autograder
from course import device, syllabus

DISTRIBUTION = "convnet-course"


def examine() -> tuple[list[str], bool]:
    """Lines to print, and whether every requirement of the labs is met."""
    lines = [f"Python {platform.python_version()} on {platform.system()} {platform.machine()} ({sys.prefix})"]
    missing = []
    for requirement in importlib.metadata.requires(DISTRIBUTION) or []:
        name, bound, extra = _parts(requirement)
        if extra not in ("", "lab") or name == DISTRIBUTION:
            continue
        version = _version(name)
        well = version is not None and _at_least(version, bound)
        lines.append(
            f"{'✓' if well else '✗'} {name:<14} {version or 'not installed':<14} (wanted: {bound} or newer)"
        )
        if not well and extra == "":
            missing.append(f'"{name}>={bound}"')
    lines.append(_device(missing))
    lines += ["If you grade other people's notebooks here (`autograder grade`), this protects you:"]
    lines += [f"  {line}" for line in autograder.protections()]
    if missing:
        lines.append(f"What to do: {sys.executable} -m pip install {' '.join(missing)}")
    else:
        first = next(iter(syllabus.labs()))
        lines.append(f"All labs can run. Next: open notebooks/{first}/{first}.ipynb, or run `make lab`.")
    return lines, not missing


def _device(missing: list[str]) -> str:
    if any("tensorflow" in item or "keras" in item for item in missing):
        return "GPU: not looked for, TensorFlow is missing."
    return device.describe()


def _parts(requirement: str) -> tuple[str, str, str]:
    name = re.match(r"[\w.-]+", requirement)[0]
    bound = re.search(r">=([\d.]+)", requirement)
    extra = re.search(r"extra\s*==\s*['\"](\w+)['\"]", requirement)
    return name, bound[1] if bound else "0", extra[1] if extra else ""


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _at_least(version: str, bound: str) -> bool:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", text)[:3]]

    return numbers(version) >= numbers(bound)
