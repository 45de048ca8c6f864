"""A rule for late work that nbgrader does not bring: a share of the points for each day that has begun.

In the class's `nbgrader_config.py`:

    c.AssignLatePenalties.plugin_class = "autograder._nbgrader.late.PercentPerDay"
    c.PercentPerDay.percent = 10
"""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

DAY = 24 * 3600


class PercentPerDay(LateSubmissionPlugin):
    """Takes off a percentage of what was reached, for each day late that has begun.

    Works with `nbgrader autograde`, too. Extensions are counted before: nbgrader passes the seconds after them.
    """

    percent = Float(10.0, min=0.0, max=100.0, help="Percent of the points reached, for each day.").tag(config=True)
    at_most = Float(100.0, min=0.0, max=100.0, help="Percent that is taken off at most.").tag(config=True)
    grace_minutes = Float(0.0, min=0.0, help="So late costs nothing yet.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        """The points to take off.

        Args:
            student_id: The student.
            score: What the notebook reached.
            total_seconds_late: Seconds after the due date and the student's extension.
        """
        if total_seconds_late <= 60 * self.grace_minutes:
            return 0.0
        share = min(self.percent * math.ceil(total_seconds_late / DAY), self.at_most) / 100
        return round(score * share, 2)
