"""The commands that exchange work and grades with a learning platform: parse and print, nothing else."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from autograder._errors import UsageError

_PAGE = "docs/from-your-lms.md leads through it"


def add_collect(commands: argparse._SubParsersAction) -> None:
    """Add `autograder collect`."""
    parser = commands.add_parser(
        "collect",
        help="unpack a download of Canvas or Moodle into submitted/STUDENT/LAB/",
        description=f"Take in the zip file of all submissions that Canvas or Moodle gives out; {_PAGE}.",
    )
    parser.add_argument("lab", metavar="LAB")
    parser.add_argument("zip", type=Path, metavar="ZIP", help="the download, as it is")
    _class_option(parser)
    parser.add_argument(
        "--from",
        dest="layout",
        choices=["canvas", "moodle"],
        default="",
        help="(default: seen by the files' names)",
    )
    parser.add_argument(
        "--received",
        metavar="TIME",
        help="when those came of which the download does not say it (Canvas: the late ones), with a time zone",
    )
    parser.add_argument(
        "--worksheet",
        type=Path,
        metavar="CSV",
        help="Moodle's grading worksheet of this assignment: who has which number, and when the work came",
    )
    parser.add_argument("--zone", help="time zone of the worksheet's times, such as Europe/Zurich or UTC")
    parser.set_defaults(run=_collect)


def add_roster(commands: argparse._SubParsersAction) -> None:
    """Add `autograder roster`."""
    parser = commands.add_parser(
        "roster",
        help="make students.csv from Canvas' gradebook or Moodle's worksheet",
        description=f"Write the class's students.csv, or add to it who is not there yet; {_PAGE}.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--canvas", type=Path, metavar="CSV", help="a gradebook that Canvas exported")
    source.add_argument("--moodle", type=Path, metavar="CSV", help="a grading worksheet from Moodle")
    _class_option(parser)
    parser.set_defaults(run=_roster)


def add_export(commands: argparse._SubParsersAction, class_option: Callable) -> None:
    """Add `autograder export`."""
    parser = commands.add_parser(
        "export",
        help="write all grades of a class as a table, or one lab's into a table of Canvas or Moodle",
        description="With --csv: every result of the class, or of one lab. With --canvas or --moodle: the table "
        f"that the platform gave out (--from), with one lab's grades filled in and nothing else changed; {_PAGE}.",
    )
    parser.add_argument(
        "lab", nargs="?", default="", metavar="LAB", help="(default: the only one graded; --csv: all)"
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--csv", type=Path, metavar="FILE", help="write a table of our own")
    target.add_argument("--canvas", type=Path, metavar="FILE", help="write a gradebook for Canvas to import")
    target.add_argument(
        "--moodle", type=Path, metavar="FILE", help="write a grading worksheet for Moodle to upload"
    )
    parser.add_argument("--from", dest="source", type=Path, metavar="CSV", help="the platform's own table")
    parser.add_argument("--column", default="", metavar="NAME", help="Canvas' assignment: its name or its number")
    parser.add_argument(
        "--zeros", action="store_true", help="0 for whoever handed in nothing, instead of no grade"
    )
    class_option(parser)
    parser.set_defaults(run=_export)


def _class_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--class", dest="class_dir", type=Path, default=Path.cwd(), metavar="DIR", help="the class (default: here)"
    )


def _collect(options: argparse.Namespace) -> int:
    from autograder._collect import collect
    from autograder._times import read_time, read_zone

    if options.worksheet and not options.zone:
        raise UsageError("Moodle's worksheet does not say in which time zone its times are. Give it with --zone.")
    done = collect(
        options.lab,
        options.zip,
        options.class_dir,
        layout=options.layout,
        notebooks=_notebooks(options.lab, options.class_dir),
        received=read_time(options.received, "--received") if options.received else None,
        worksheet=options.worksheet,
        zone=read_zone(options.zone) if options.zone else None,
    )
    for outcome in done.outcomes:
        if outcome.notes:
            print(f"{outcome.student}: {outcome.what}: {' '.join(outcome.notes)}")
    for line in done.strange:
        print(f"Left out: {line}")
    counts = ", ".join(f"{done.count(what)} {what}" for what in ("new", "changed", "unchanged", "not taken"))
    print(f"{done.layout.capitalize()}: {len(done.outcomes)} students, {counts}.")
    print(f"Next: autograder grade {options.lab} --class {options.class_dir}")
    return 1 if done.count("not taken") or done.strange else 0


def _notebooks(lab: str, class_dir: Path) -> list[str]:
    """The names of a lab's notebooks."""
    from autograder._course import installed_course, require_labs
    from autograder._nbgrader.directory import ClassDirectory, notebooks

    course, directory = installed_course().labs(), ClassDirectory(class_dir)
    require_labs([*course, *directory.assignments()], [lab])
    if lab in course:
        return [lab]
    folder = next(place for place in (directory.release(lab), directory.source(lab)) if notebooks(place))
    return [path.stem for path in notebooks(folder)]


def _roster(options: argparse.Namespace) -> int:
    from autograder._make_roster import from_canvas, from_moodle

    path = options.class_dir / "students.csv"
    added = (
        from_canvas(options.canvas, options.class_dir)
        if options.canvas
        else from_moodle(options.moodle, options.class_dir)
    )
    print(
        f"{len(added)} students added to {path}. Look whether the folders are what you want, before you collect."
    )
    return 0


def _export(options: argparse.Namespace) -> int:
    from autograder._course import require_labs
    from autograder._export import export_csv
    from autograder._grade import graded_records
    from autograder._store import Store

    graded = [key.partition("/")[0] for key in Store(options.class_dir).labs()]
    labs = require_labs(graded, [options.lab]) if options.lab else None
    records = graded_records(options.class_dir, labs, db_url=options.db)
    if options.csv:
        if options.source:
            raise UsageError("--from goes with --canvas or --moodle: --csv writes a table of its own.")
        export_csv(records, options.csv)
        print(f"{len(records)} rows in {options.csv}")
        return 0
    return _export_to_platform(options, records)


def _export_to_platform(options: argparse.Namespace, records: list) -> int:
    from autograder._course import installed_course
    from autograder._export_lms import export_canvas, export_moodle, grades_of, the_only_lab

    if options.source is None:
        raise UsageError(
            "Give the table that the platform gave out with --from: only one column of it is filled in."
        )
    lab = options.lab or the_only_lab(records)
    grades = grades_of(records, lab)
    if options.canvas:
        known = installed_course().labs()
        title = known[lab].title if lab in known else ""
        done = export_canvas(
            grades,
            options.class_dir,
            lab,
            options.source,
            options.canvas,
            title=title,
            column=options.column,
            zeros=options.zeros,
        )
    else:
        done = export_moodle(grades, options.class_dir, lab, options.source, options.moodle, zeros=options.zeros)
    for note in done.notes:
        print(note)
    print(f'{done.written} grades of {lab} in {done.path}, column "{done.column}".')
    return 0 if done.complete else 1
