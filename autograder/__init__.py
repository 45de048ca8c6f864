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

__all__ = [
    "BuildError",
    "CheckFailed",
    "GradebookError",
    "GradingError",
    "QuestionError",
    "SubmissionError",
    "UsageError",
]
