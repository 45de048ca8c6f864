"""The command `autograder`: parses and prints, nothing else."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import autograder
from autograder._cli_lms import add_collect, add_export, add_roster
from autograder._errors import GradingError, UsageError


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        Exit status: 0 done; 1 some submissions need attention, or the run was stopped (Ctrl-C, a full disk) and
        goes on when it is started again; 2 wrong use.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except UsageError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 2
    except GradingError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"autograder: {error}. What was graded is kept; mend this, then run it again.", file=sys.stderr)
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
    grade = commands.add_parser(
        "grade",
        help="grade submitted/STUDENT/LAB/ of a class",
        description="Grade labs of the installed course, or assignments of the class's own nbgrader course.",
    )
    grade.add_argument("labs", nargs="+", metavar="LAB")
    _class_option(grade)
    grade.add_argument("--json", type=Path, metavar="FILE", help="also write the results as JSON")
    grade.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="kernels at a time (default: cores)"
    )
    again = grade.add_mutually_exclusive_group()
    again.add_argument("--regrade", action="store_true", help="grade again what was graded and has not changed")
    again.add_argument(
        "--question",
        action="append",
        default=[],
        metavar="ID",
        help="judge this question of every submission again, and leave the others; may be repeated",
    )
    grade.add_argument(
        "--compat",
        choices=["nbgrader"],
        default="",
        help="score ordinary test cells exactly as nbgrader does (docs/compat.md says where it differs)",
    )
    grade.add_argument(
        "--due",
        metavar="TIME",
        help="when the labs are due, with a time zone; kept in the gradebook (docs/from-your-lms.md)",
    )
    grade.add_argument("--cell-timeout", type=_seconds, default=60.0, metavar="S", help="seconds for one cell")
    grade.add_argument("--timeout", type=_seconds, default=600.0, metavar="S", help="seconds for one notebook")
    grade.add_argument(
        "--memory", type=int, default=3000, metavar="MB", help="for one submission, its files included"
    )
    grade.add_argument(
        "--allow-unsandboxed",
        action="store_true",
        help="grade although this machine gives no complete sandbox (docs/security.md)",
    )
    grade.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="have the workers of this Dask scheduler run the submissions (docs/cluster.md)",
    )
    for name, what in (("ca", "certificate authority"), ("cert", "own certificate"), ("key", "own key")):
        grade.add_argument(f"--tls-{name}", type=Path, metavar="FILE", help=f"{what}, PEM, for a tls:// scheduler")
    grade.set_defaults(run=_grade)
    feedback = commands.add_parser("feedback", help="write feedback/STUDENT/LAB/LAB.html again")
    feedback.add_argument("labs", nargs="*", metavar="LAB")
    _class_option(feedback)
    feedback.set_defaults(run=_feedback)
    report = commands.add_parser("report", help="write report.html again")
    _class_option(report)
    report.set_defaults(run=_report)
    add_collect(commands)
    add_roster(commands)
    add_export(commands, _class_option)
    kernels = commands.add_parser("kernels", help="warm kernels for other Jupyter programs")
    actions = kernels.add_subparsers(dest="action", required=True)
    install = actions.add_parser("install", help="write a kernel.json that forks kernels instead of starting them")
    install.add_argument("--name", default="autograder", help="of the kernel (default: autograder)")
    install.add_argument("--preload", nargs="*", default=[], metavar="MODULE", help="what to import beforehand")
    install.add_argument("--boxed", action="store_true", help="run its kernels in the sandbox")
    install.add_argument("--user", action="store_true", help="for this user, instead of this environment")
    install.set_defaults(run=_install_kernel)
    return parser


def _install_kernel(options: argparse.Namespace) -> int:
    from autograder._engine.provisioner import install

    print(install(options.name, options.preload, boxed=options.boxed, user=options.user))
    return 0


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text} seconds: give a number above 0")
    return seconds


def _class_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--class", dest="class_dir", type=Path, default=Path.cwd(), metavar="DIR", help="the class (default: here)"
    )
    parser.add_argument(
        "--db",
        metavar="URL",
        help="nbgrader's database, such as postgresql://HOST/NAME (default: what nbgrader_config.py says)",
    )


def _build(options: argparse.Namespace) -> int:
    from autograder._build import build

    build(options.course, options.labs)
    return 0


def _grade(options: argparse.Namespace) -> int:
    from rich.console import Console

    from autograder._course import installed_course, released_in
    from autograder._export import summary_table, write_results
    from autograder._grade import grade, graded_records
    from autograder._notebook import Limits
    from autograder._pages import handed_in, write_all_feedback, write_class_report
    from autograder._times import read_time

    course = installed_course()
    console = Console(width=None if sys.stdout.isatty() else 140)
    started = datetime.now(UTC)
    limits = Limits(
        cell=options.cell_timeout,
        notebook=options.timeout,
        memory_mb=options.memory,
        complete=not options.allow_unsandboxed,
        threads=1 if options.scheduler else max(1, (os.cpu_count() or 1) // max(1, options.workers)),
    )
    if options.scheduler is None:
        for line in _protection_lines(options.allow_unsandboxed):
            console.print(line, markup=False, highlight=False)
    with _workers(options, course, console) as executor, _Progress(console) as progress:
        records = grade(
            options.labs,
            options.class_dir,
            released=released_in(course),
            workers=options.workers,
            regrade=options.regrade,
            questions=options.question,
            progress=progress.step,
            limits=limits,
            compat=options.compat,
            due=read_time(options.due, "--due") if options.due else None,
            db_url=options.db,
            executor=executor,
        )
    write_all_feedback(records, options.class_dir, course)
    report = write_class_report(graded_records(options.class_dir, db_url=options.db), options.class_dir, course)
    if options.json:
        write_results(records, options.json)
    console.print(summary_table(handed_in(records)))
    for line in [*_absent(records), *_people_lines(records, options.class_dir), _counted(records, started)]:
        console.print(line, markup=False, highlight=False)
    console.print(f"Report: {report}   Feedback: {options.class_dir / 'feedback'}", markup=False, highlight=False)
    return _status(records)


@contextlib.contextmanager
def _workers(options: argparse.Namespace, course: Any, console: Any) -> Iterator[Any]:
    """The executor of a cluster, None for threads of this process."""
    files = (options.tls_ca, options.tls_cert, options.tls_key)
    if options.scheduler is None:
        if any(files):
            raise UsageError("--tls-ca, --tls-cert and --tls-key belong to --scheduler.")
        yield None
        return
    if any(files) and not all(files):
        raise UsageError("An encrypted scheduler needs all three: --tls-ca, --tls-cert, --tls-key.")
    from autograder._cluster import Tls, cluster, packages_of
    from autograder._course import questions_modules

    with cluster(
        options.scheduler,
        packages_of(questions_modules(course, options.labs)),
        tls=Tls(*files) if all(files) else None,
        complete=not options.allow_unsandboxed,
        say=lambda line: console.print(line, markup=False, highlight=False),
    ) as executor:
        yield executor


def _protection_lines(allowed: bool) -> list[str]:
    """What the instructor should know of the sandbox before a stranger's code runs."""
    lines = autograder.protections()
    missing = [line for line in lines if not line.startswith("on ")]
    if not missing:
        return [f"Sandbox: complete ({len(lines)} protections; `course doctor` lists them)."]
    return ["Sandbox: NOT complete, as you allowed. Missing:", *missing] if allowed or len(lines) == 1 else []


def _counted(records: Sequence[dict[str, Any]], started: datetime) -> str:
    """How much of the class was graded by this run."""
    now = sum("graded" in item and datetime.fromisoformat(item["graded"]) >= started for item in records)
    before = sum("graded" in item for item in records) - now
    return f"Graded now: {now}. Graded before and unchanged: {before}."


def _absent(records: Sequence[dict[str, Any]]) -> list[str]:
    """A line for each lab that names who handed nothing in."""
    from autograder._export import one_line

    absent: dict[str, list[str]] = {}
    for record in records:
        if not record.get("submitted", True):
            absent.setdefault(record["lab"], []).append(one_line(record["student"], limit=60))
    return [f"Nothing handed in for {lab}: {', '.join(names)}" for lab, names in absent.items()]


def _people_lines(records: Sequence[dict[str, Any]], class_dir: Path) -> list[str]:
    """Whoever is not on the roster, and what lateness costs."""
    from autograder._export import number, one_line
    from autograder._store import Store

    roster = Store(class_dir).roster()
    strangers, late = set(), []
    for record in records:
        student = one_line(record["student"], limit=60)
        if roster and record["student"] not in roster and record.get("submitted", True):
            strangers.add(student)
        if penalty := record.get("late_penalty"):
            late.append(f"{student} {record['lab']} -{number(penalty)}")
    lines = [f"Not in students.csv: {', '.join(sorted(strangers))}"] if strangers else []
    return lines + ([f"Points off for lateness, by the class's rule: {', '.join(late)}"] if late else [])


def _status(records: Sequence[dict[str, Any]]) -> int:
    from autograder._statistics import attention

    return 1 if any(attention(record) for record in records) else 0


class _Progress:
    """A bar that moves with each submission: how many, how fast, how long still."""

    def __init__(self, console: Any) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        fields = [TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in ("pace", "last")]
        columns = [TextColumn("grading"), BarColumn(), MofNCompleteColumn(), fields[0]]
        self.bar = Progress(*columns, TimeRemainingColumn(elapsed_when_finished=True), fields[1], console=console)

    def __enter__(self) -> _Progress:
        self.bar.start()
        self.task = self.bar.add_task("", total=None, last="", pace="")
        return self

    def step(self, record: dict[str, Any], done: int, total: int) -> None:
        """Called after each submission."""
        from autograder._export import one_line

        self.bar.update(self.task, completed=done, total=total, last=one_line(record["student"], limit=30))
        speed = self.bar.tasks[self.task].speed
        self.bar.update(self.task, pace=f"{60 * speed:.0f} students/min" if speed else "")

    def __exit__(self, *error: object) -> None:
        self.bar.update(self.task, last="")
        self.bar.stop()


def _feedback(options: argparse.Namespace) -> int:
    from autograder._course import installed_course, require_labs
    from autograder._grade import graded_records
    from autograder._pages import write_all_feedback
    from autograder._store import Store

    course = installed_course()
    graded = [key.partition("/")[0] for key in Store(options.class_dir).labs()]
    labs = require_labs([*course.labs(), *graded], options.labs) or None
    records = graded_records(options.class_dir, labs, db_url=options.db)
    write_all_feedback(records, options.class_dir, course)
    print(f"{len(records)} pages in {options.class_dir / 'feedback'}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from autograder._course import installed_course
    from autograder._grade import graded_records
    from autograder._pages import write_class_report

    records = graded_records(options.class_dir, db_url=options.db)
    print(write_class_report(records, options.class_dir, installed_course()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
