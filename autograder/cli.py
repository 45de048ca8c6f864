"""The command `autograder`: parses and prints, nothing else."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder._errors import GradingError, UsageError


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Exit status: 0 done, 1 some submissions need attention, 2 wrong use."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except UsageError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 2
    except GradingError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nautograder: stopped. What was graded is kept; the command without --regrade goes on from here.",
            file=sys.stderr,
        )
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Build labs; grade a class.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="make solutions and released notebooks from the labs' sources")
    build.add_argument("labs", nargs="*", metavar="LAB")
    build.add_argument("--course", type=Path, default=Path.cwd(), help="folder with solutions/ (default: here)")
    build.set_defaults(run=_build)
    grade = commands.add_parser("grade", help="grade submitted/STUDENT/LAB/LAB.ipynb of a class")
    grade.add_argument("labs", nargs="+", metavar="LAB")
    _class_option(grade)
    grade.add_argument("--json", type=Path, metavar="FILE", help="also write the results as JSON")
    grade.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="kernels at a time (default: cores)"
    )
    grade.add_argument("--regrade", action="store_true", help="grade again what was graded and has not changed")
    grade.add_argument("--cell-timeout", type=_seconds, default=60.0, metavar="S", help="seconds for one cell")
    grade.add_argument("--timeout", type=_seconds, default=600.0, metavar="S", help="seconds for one notebook")
    grade.set_defaults(run=_grade)
    feedback = commands.add_parser("feedback", help="write feedback/STUDENT/LAB/LAB.html again")
    feedback.add_argument("labs", nargs="*", metavar="LAB")
    _class_option(feedback)
    feedback.set_defaults(run=_feedback)
    report = commands.add_parser("report", help="write report.html again")
    _class_option(report)
    report.set_defaults(run=_report)
    export = commands.add_parser("export", help="write all grades of a class as a table")
    export.add_argument("--csv", type=Path, required=True, metavar="FILE")
    _class_option(export)
    export.set_defaults(run=_export)
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text} seconds: give a number above 0")
    return seconds


def _class_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--class", dest="class_dir", type=Path, default=Path.cwd(), metavar="DIR", help="the class (default: here)"
    )


def _build(options: argparse.Namespace) -> int:
    from autograder._build import build

    build(options.course, options.labs)
    return 0


def _grade(options: argparse.Namespace) -> int:
    from rich.console import Console

    from autograder._course import installed_course, require_labs
    from autograder._export import summary_table, write_results
    from autograder._grade import grade, graded_records
    from autograder._notebook import Limits
    from autograder._pages import handed_in, write_all_feedback, write_class_report

    course = installed_course()
    labs = require_labs(course, options.labs)
    console = Console(width=None if sys.stdout.isatty() else 140)
    with _Progress(console) as progress:
        records = grade(
            labs,
            options.class_dir,
            released=course.released,
            workers=options.workers,
            regrade=options.regrade,
            progress=progress.step,
            limits=Limits(cell=options.cell_timeout, notebook=options.timeout),
        )
    write_all_feedback(records, options.class_dir, course)
    all_records = graded_records(options.class_dir, list(course.labs()), course.released)
    report = write_class_report(all_records, options.class_dir, course)
    if options.json:
        write_results(records, options.json)
    console.print(summary_table(handed_in(records)))
    for line in _absent(records):
        console.print(line, markup=False, highlight=False)
    console.print(f"Report: {report}   Feedback: {options.class_dir / 'feedback'}", markup=False, highlight=False)
    return _status(records)


def _absent(records: Sequence[dict[str, Any]]) -> list[str]:
    """A line for each lab that names who handed nothing in."""
    from autograder._export import one_line

    absent: dict[str, list[str]] = {}
    for record in records:
        if not record.get("submitted", True):
            absent.setdefault(record["lab"], []).append(one_line(record["student"], limit=60))
    return [f"Nothing handed in for {lab}: {', '.join(names)}" for lab, names in absent.items()]


def _status(records: Sequence[dict[str, Any]]) -> int:
    from autograder._statistics import attention

    return 1 if any(attention(record) for record in records) else 0


class _Progress:
    """A bar that moves with each submission."""

    def __init__(self, console: Any) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = [TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
        self.bar = Progress(*columns, TextColumn("{task.fields[last]}", markup=False), console=console)

    def __enter__(self) -> _Progress:
        self.bar.start()
        self.task = self.bar.add_task("", total=None, last="")
        return self

    def step(self, record: dict[str, Any], done: int, total: int) -> None:
        """Called after each submission."""
        from autograder._export import one_line

        self.bar.update(self.task, completed=done, total=total, last=one_line(record["student"], limit=30))

    def __exit__(self, *error: object) -> None:
        self.bar.update(self.task, last="")
        self.bar.stop()


def _feedback(options: argparse.Namespace) -> int:
    from autograder._course import installed_course, require_labs
    from autograder._grade import graded_records
    from autograder._pages import write_all_feedback

    course = installed_course()
    labs = require_labs(course, options.labs or list(course.labs()))
    records = graded_records(options.class_dir, labs, course.released)
    write_all_feedback(records, options.class_dir, course)
    print(f"{len(records)} pages in {options.class_dir / 'feedback'}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from autograder._course import installed_course
    from autograder._grade import graded_records
    from autograder._pages import write_class_report

    course = installed_course()
    records = graded_records(options.class_dir, list(course.labs()), course.released)
    print(write_class_report(records, options.class_dir, course))
    return 0


def _export(options: argparse.Namespace) -> int:
    from autograder._course import installed_course
    from autograder._export import export_csv
    from autograder._grade import graded_records

    course = installed_course()
    records = graded_records(options.class_dir, list(course.labs()), course.released)
    export_csv(records, options.csv)
    print(f"{len(records)} rows in {options.csv}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
