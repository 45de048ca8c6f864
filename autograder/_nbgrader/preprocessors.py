"""A step for nbgrader's autograde: the verdict of a check decides, not the noise around it."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder._submission import grade_id
from autograder._verdicts import question_id, read_verdicts, uses_check


class RecordVerdicts(NbGraderPreprocessor):
    """Write the points of every `check(...)` cell; runs after SaveAutoGrades, before late penalties.

    nbgrader scores a warning on stderr as 0 and a check that shows nothing as full points; a check's own
    result says better. The verdict "manual" leaves the points to a person.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Read the executed notebook's check cells and correct their automatic scores."""
        where = resources["nbgrader"]
        verdicts = read_verdicts(nb)
        with Gradebook(where["db_url"]) as gradebook:
            for cell in filter(uses_check, nb.cells):
                found = verdicts[question_id(cell)]
                place = where["notebook"], where["assignment"], where["student"]
                grade = gradebook.find_grade(grade_id(cell), *place)
                manual = found["verdict"] == "manual"
                grade.auto_score = None if manual else found["points"]
                grade.needs_manual_grade = manual or grade.manual_score is not None
            gradebook.db.commit()
        return nb, resources
