"""The protections that a box is made of: what each is for, and what to do where a host refuses it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from autograder._errors import GradingError


class SandboxError(GradingError):
    """A promised protection could not be put in place: the process must end before any student's code runs."""


_USERNS = (
    "allow user namespaces: on Ubuntu 24.04 load the AppArmor profile packaging/apparmor/autograder; elsewhere "
    "see the sysctls user.max_user_namespaces and kernel.unprivileged_userns_clone; in a container, ask for one "
    "that allows them"
)
_PURPOSE = {
    "user_id": (
        "runs neither as root nor with the grader's rights over files and processes",
        "install Python where every user can read it, or allow user namespaces",
    ),
    "namespaces": ("sees and can signal only its own processes, all of which end with it", _USERNS),
    "file_view": ("sees a few read-only folders and one private folder of limited size", _USERNS),
    "no_network": ("reaches no network and no service of this machine", _USERNS),
    "no_privileges": ("has no capability and can gain none", "use Linux 4.3 or later"),
    "seccomp": (
        "cannot mount, trace, load code into the kernel or make namespaces",
        "use a kernel with CONFIG_SECCOMP_FILTER",
    ),
    "landlock": (
        "opens only the listed files, a second wall inside the first",
        "use Linux 5.13 or later, with landlock among its lsm=",
    ),
}


@dataclass(frozen=True)
class Protections:
    """Which protections this host gives, and for the others why not.

    Attributes:
        reasons: Pairs of a protection's name and the reason why it is off.
    """

    user_id: bool = False
    namespaces: bool = False
    file_view: bool = False
    no_network: bool = False
    no_privileges: bool = False
    seccomp: bool = False
    landlock: bool = False
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the box is whole. Landlock may be missing: behind a file view it is only the second wall."""
        return all(getattr(self, name) for name in NAMES if name != "landlock")

    def lines(self) -> list[str]:
        """One line a protection: on or off, what it is for, and if off why, and what to do."""
        return [self._line(name) for name in NAMES]

    def _line(self, name: str) -> str:
        purpose, remedy = _PURPOSE[name]
        label = name.replace("_", " ")
        if getattr(self, name):
            return f"on   {label}: a student's code {purpose}."
        reason = dict(self.reasons).get(name, "not tried")
        advice = remedy[0].upper() + remedy[1:]
        return f"OFF  {label}: a student's code {purpose}. Not here: {reason}. {advice}."


NAMES = tuple(field.name for field in fields(Protections) if field.name != "reasons")
EVERYTHING = Protections(**dict.fromkeys(NAMES, True))
