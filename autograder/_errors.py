"""One tree of errors: whoever catches GradingError catches all that this package raises on purpose."""


class GradingError(Exception):
    """Something went wrong; the message says who, where, what, and what to do next."""


class UsageError(GradingError):
    """A command was called in a way that cannot work (exit status 2)."""

    def _render_traceback_(self) -> list[str]:
        """In a notebook: the message alone. IPython asks for this."""
        return [str(self)]


class BuildError(GradingError):
    """A lab's source cannot become a notebook."""


class SubmissionError(GradingError):
    """One student's file cannot be graded; nobody else is concerned."""


class GradebookError(GradingError):
    """The gradebook cannot be read or written."""


class RunStopped(GradingError):
    """Nothing more can be graded now, such as when a server is gone; what was recorded stays."""


class QuestionError(GradingError):
    """A question is defined wrongly: the author's mistake, never the learner's."""


class CheckFailed(GradingError):
    """A check that is not full, raised only while nbgrader validates a notebook."""
