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
    lines = [f"{_python()} on {platform.system()} {platform.machine()} ({sys.prefix})"]
    listed, missing = _requirements("", "lab")
    lines += [
        *listed,
        _device(missing),
        "If you grade other people's notebooks here (`autograder grade`), this protects you:",
    ]
    lines += [f"  {line}" for line in autograder.protections()]
    if missing:
        lines.append(f"What to do: {sys.executable} -m pip install {' '.join(missing)}")
    else:
        first = next(iter(syllabus.labs()))
        lines.append(f"All labs can run. Next: open notebooks/{first}/{first}.ipynb, or run `make lab`.")
    return lines, not missing


def packages() -> list[str]:
    """What the labs import and what is there, one line each, without the machine's name or paths."""
    try:
        return [_python(), *_requirements("")[0]]
    except importlib.metadata.PackageNotFoundError:
        return [_python(), f"The course runs from a folder here; pip does not know {DISTRIBUTION}."]


def _python() -> str:
    return f"Python {platform.python_version()}"


def _requirements(*extras: str) -> tuple[list[str], list[str]]:
    """A line for each requirement of these extras, and what is missing of those that every lab needs, for pip."""
    lines, missing = [], []
    for requirement in importlib.metadata.requires(DISTRIBUTION) or []:
        name, bound, extra = _parts(requirement)
        if extra not in extras or name == DISTRIBUTION:
            continue
        version = _version(name)
        well = version is not None and _at_least(version, bound)
        lines.append(
            f"{'✓' if well else '✗'} {name:<14} {version or 'not installed':<14} (wanted: {bound} or newer)"
        )
        if not well and extra == "":
            missing.append(f'"{name}>={bound}"')
    return lines, missing


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
