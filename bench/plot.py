"""Two costs side by side over the number of submissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BLUE, ORANGE = "#0072B2", "#D55E00"  # told apart by colour-blind readers, too
PALE = "#9fb8c8"


@dataclass(frozen=True)
class Panel:
    """One cost.

    Args:
        ylabel: What it is, with its unit.
        lines: Values over the counts, by name; a single line needs none and has "".
        colours: One for each line.
        mark: How points are marked, "" for no marks.
    """

    ylabel: str
    lines: Mapping[str, Sequence[float]]
    colours: Sequence[str]
    mark: str = ""


def draw(counts: Sequence[int], panels: Sequence[Panel], xlabel: str, path: Path, *, log: bool = False) -> None:
    """Draw the panels from zero upwards, without a date in the file.

    Args:
        counts: Submissions.
        panels: What they cost.
        xlabel: What is counted.
        path: The PNG.
        log: Whether the counts stand on a logarithmic axis, each with its tick.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, all_axes = pyplot.subplots(1, len(panels), figsize=(8, 3), layout="constrained")
    for axes, panel in zip(all_axes, panels, strict=True):
        for (name, values), colour in zip(panel.lines.items(), panel.colours, strict=True):
            axes.plot(counts, values, f"{panel.mark}-", color=colour, label=name)
        if log:
            axes.set_xscale("log")
            axes.set_xticks(counts, [str(count) for count in counts])
            axes.minorticks_off()
        if len(panel.lines) > 1:
            axes.legend()
        axes.set_ylim(0, 1.15 * axes.dataLim.y1)
        axes.set_ylabel(panel.ylabel)
        axes.set_xlabel(xlabel)
        axes.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120, metadata={"Software": None})
    pyplot.close(figure)
