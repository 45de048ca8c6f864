"""Judge answers in notebooks, for any nbgrader course.

`autograder.check` is what course authors and notebooks use; the command `autograder` is what instructors use.
"""

from autograder._errors import (
    BuildError,
    CheckFailed,
    GradebookError,
    GradingError,
    QuestionError,
    SubmissionError,
    UsageError,
)


def protections() -> list[str]:
    """What protects this machine from the notebooks that are graded on it: one line a protection, for people."""
    from autograder._engine.engine import fork_is_safe
    from autograder._engine.sandbox import probe

    if not fork_is_safe():
        return ["nothing: this system has no warm kernels; submissions run as ordinary ones, without a sandbox"]
    return probe().lines()


__all__ = [
    "BuildError",
    "CheckFailed",
    "GradebookError",
    "GradingError",
    "QuestionError",
    "SubmissionError",
    "UsageError",
    "protections",
]
