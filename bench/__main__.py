"""`python -m bench`: measure all engines over all classes, or a part of it."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # without byte code, importing takes three times as long

from bench import curve, scale, sizing
from bench.classes import CLASSES, ROOT, TRIVIAL, build_lab, works
from bench.engines.run import environment, measure
from bench.machine import cores, describe
from bench.measure import CommandFailed, run_measured
from bench.results import ENGINES, as_text, read_measurements, rows, write_measurements, write_page

BENCH = ROOT / "bench"
KEPT = ROOT / "build" / "bench" / "measurements.json"
PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "images" / "scale.png"
SCALE_PAGE = ROOT / "docs" / "scale.md"
SCALE_PICTURE = ROOT / "docs" / "images" / "writer.png"
MANY = 10_000
TRIVIAL_RUNS = 30
DEFAULT = 40


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Exit status: 0 done, 1 an engine failed."""
    options = _parser().parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    # Building a lab executes it once: its kernel imports questions that are not installed.
    os.environ.update(environment("autograder"))
    try:
        if options.page:
            write_page(PAGE, options.output)
            if all((options.output / name).exists() for name in ("scale.json", "sizing.json")):
                sizing.write_page(SCALE_PAGE, options.output)
        elif options.scale:
            _scale(options)
        elif options.sizing is not None:
            sizing.write(options.output / "sizing.json", sizing.measure_labs(options.sizing))
        elif options.curve:
            _curve(options)
        elif options.trivial:
            _trivial(options)
        else:
            _compare(options)
            if options.whole:
                _trivial(options)
    except CommandFailed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="How fast, beside nbgrader and the floor."
    )
    parser.add_argument(
        "--submissions", type=int, default=DEFAULT, metavar="N", help="in each class (default: 40)"
    )
    parser.add_argument("--class", dest="classes", action="append", choices=CLASSES, help="only this class")
    parser.add_argument("--engine", dest="engines", action="append", choices=ENGINES, help="only this engine")
    parser.add_argument("--output", type=Path, default=BENCH, metavar="DIR", help="for results.json")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--curve", action="store_true", help="from 10 to 1,000 submissions, this engine alone")
    other.add_argument("--trivial", action="store_true", help="one notebook of trivial cells, warm")
    other.add_argument(
        "--scale", action="store_true", help="10,000 submissions through a scheduler, without students"
    )
    other.add_argument("--sizing", nargs="*", metavar="LAB", help="what a submission of each lab costs")
    other.add_argument("--page", action="store_true", help="write what was measured into docs/")
    parser.add_argument("--counts", type=int, nargs="+", default=curve.COUNTS, metavar="N", help="for --curve")
    return parser


@contextlib.contextmanager
def _built(lab: str) -> Iterator[Path]:
    print(f"building {lab} ...", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-lab-") as name:
        build_lab(Path(name), lab)
        yield Path(name)


def _compare(options: argparse.Namespace) -> None:
    """Each class with each engine; what is measured is written at once."""
    options.whole = not options.classes and not options.engines
    kept = {} if options.whole else {(m.class_name, m.engine): m for m in read_measurements(KEPT)}
    kept = {key: item for key, item in kept.items() if item.submissions == options.submissions}
    for name in options.classes or CLASSES:
        handed = list(works(CLASSES[name], options.submissions))
        with _built(CLASSES[name].lab) as built:
            for engine in options.engines or ENGINES:
                print(f"{name}: {engine}, {len(handed)} submissions ...", flush=True)
                item = measure(name, engine, built, handed, cores())
                kept[name, engine] = item
                print(f"    {item.seconds:.1f} s, {item.peak_mb:.0f} MB", flush=True)
                _write(options.output, kept)
    print(f"\n{as_text(rows(_ordered(kept)))}\n{options.output / 'results.json'}")


def _ordered(kept: dict) -> list:
    return [kept[name, engine] for name in CLASSES for engine in ENGINES if (name, engine) in kept]


def _write(output: Path, kept: dict) -> None:
    measurements = _ordered(kept)
    write_measurements(KEPT, measurements)
    (output / "results.json").write_text(json.dumps(rows(measurements), indent=1) + "\n")
    (output / "machine.json").write_text(json.dumps(describe(measurements), indent=1) + "\n")


def _curve(options: argparse.Namespace) -> None:
    points = []
    with _built(CLASSES["numpy"].lab) as built:
        for count in options.counts:
            points.append(curve.measure_count(built, count))
            print(points[-1], flush=True)
            curve.write(options.output / "curve.json", points)
    curve.draw(points, PICTURE if options.output == BENCH else options.output / PICTURE.name)


def _scale(options: argparse.Namespace) -> None:
    """The one writer over a class of ten thousand, or of as many as `--submissions` says."""
    count = options.submissions if options.submissions != DEFAULT else MANY
    with _built(CLASSES["numpy"].lab) as built:
        points = scale.measure(built, count, cores())
    curve.write(options.output / "scale.json", points)
    scale.draw(points, SCALE_PICTURE if options.output == BENCH else options.output / SCALE_PICTURE.name)
    print(points[0], points[-1], sep="\n")


def _trivial(options: argparse.Namespace) -> None:
    with _built(TRIVIAL) as built:
        released = built / "notebooks" / TRIVIAL / f"{TRIVIAL}.ipynb"
        command = [sys.executable, "-m", "bench.engines.trivial", str(released), str(TRIVIAL_RUNS)]
        measured = run_measured(command, built, environment("autograder"))
    found = json.loads(measured.output.splitlines()[-1])
    (options.output / "trivial.json").write_text(json.dumps(found, indent=1) + "\n")
    print(f"six trivial cells, from submission to verdict: {found['median_ms']} ms (median of {found['runs']})")


if __name__ == "__main__":
    sys.exit(main())
