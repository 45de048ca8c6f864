"""The command `course`, for learners: parses and prints, nothing else."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder import GradingError
from course import syllabus


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Exit status: 0 all right, 1 something is not, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="course", description="Labs on convolutional networks.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("labs", help="the table of labs")
    commands.add_parser("doctor", help="what is installed, and what to do if something is missing")
    check = commands.add_parser("check", help="run a notebook in a clean kernel and check every question")
    check.add_argument("notebook", type=Path, metavar="FILE.ipynb")
    check.add_argument("--seed", help="repeat the random cases of a grading run; the feedback names its seed")
    check.add_argument("--learner", help="the id under which the notebook was handed in (with --seed)")
    options = parser.parse_args(arguments)
    try:
        return {"labs": _labs, "doctor": _doctor, "check": _check}[options.command](options)
    except GradingError as error:
        print(f"course: {error}", file=sys.stderr)
        return 2


def _labs(options: argparse.Namespace) -> int:
    print(f"{'lab':<20} {'points':>6} {'minutes':>8}  title")
    for lab in syllabus.labs().values():
        title = f"{lab.title} (for practice, not in the sum)" if lab.practice else lab.title
        print(f"{lab.id:<20} {lab.points:>6} {lab.minutes:>8}  {title}")
    for lab in syllabus.explorations().values():
        print(f"{lab.id:<20} {'':>6} {lab.minutes:>8}  {lab.title} (nothing is graded)")
    print(f"{'':<20} {syllabus.total_points():>6}           in all; open them in notebooks/LAB/LAB.ipynb")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from course import doctor

    lines, well = doctor.examine()
    print("\n".join(lines))
    return 0 if well else 1


def _check(options: argparse.Namespace) -> int:
    from course import checking

    lines, passed = checking.check_file(options.notebook, seed=options.seed, learner=options.learner)
    print("\n".join(lines))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
