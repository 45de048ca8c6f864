"""nbgrader's settings for this course: which folders, what learners get, how a check's verdict becomes points."""

c = get_config()  # noqa: F821 - nbgrader defines it when it reads this file

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# nbgrader copies every other file of solutions/ into the release and beside each submission: these hold answers.
c.CourseDirectory.ignore = ["*.py", "*.toml", "*.pyc", "__pycache__", ".ipynb_checkpoints", "feedback"]

c.ClearSolutions.code_stub = {"python": "...  # your code here"}
c.ClearSolutions.text_stub = "*Your answer here.*"

# A cell that trains a small network takes longer than nbgrader's 30 s.
c.Execute.timeout = 300

# nbgrader's own list, with our verdicts after its scores and before its late penalties.
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograder._nbgrader.preprocessors.RecordVerdicts",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
