"""A network as a table, made from the model itself: sizes, parameters, multiply-adds, memory, receptive field."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.check import model_steps

HEADINGS = ("layer", "window", "output", "parameters", "multiply-adds", "values", "receptive field")


@dataclass(frozen=True)
class Row:
    """One layer where it is used.

    Args:
        layer: Its name and its class.
        window: Side and stride of a filter or pooling window in pixels, "" for none.
        output: Shape without the batch.
        parameters: Trainable or not; 0 where the same layer is used again.
        multiply_adds: Of convolutions and dense layers, for one image; biases are not counted.
        values: How many numbers the output holds.
        field: Side of the square of pixels that one output sees; None after flattening.
    """

    layer: str
    window: str
    output: tuple[int, ...]
    parameters: int
    multiply_adds: int
    values: int
    field: int | None


class LayerTable:
    """Rows and their totals; a notebook shows it as a table.

    Attributes:
        rows: From the input to the output.
        parameters: Of the whole model, as `count_params()` has them.
        multiply_adds: For one image.
        values: Numbers in all outputs together, the input included.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self.parameters = sum(row.parameters for row in self.rows)
        self.multiply_adds = sum(row.multiply_adds for row in self.rows)
        self.values = sum(row.values for row in self.rows)

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text, a tuple for each row, the totals last."""
        made = [
            (row.layer, row.window, "×".join(map(str, row.output)), *map(_number, _counts(row)), _side(row.field))
            for row in self.rows
        ]
        totals = map(_number, (self.parameters, self.multiply_adds, self.values))
        return [*made, ("together", "", "", *totals, "")]

    def _repr_html_(self) -> str:
        """Jupyter's hook."""
        head = _html_row(HEADINGS, "th")
        body = "".join(_html_row(cells) for cells in self.cells()[:-1])
        foot = _html_row(self.cells()[-1], "th")
        return (
            f'<table style="font-variant-numeric: tabular-nums"><thead>{head}</thead>'
            f"<tbody>{body}</tbody><tfoot>{foot}</tfoot></table>"
        )

    def __repr__(self) -> str:
        lines = [HEADINGS, *self.cells()]
        widths = [max(len(line[place]) for line in lines) for place in range(len(HEADINGS))]
        return "\n".join(
            "  ".join(text.ljust(width) if place < 2 else text.rjust(width) for place, (text, width) in columns)
            for columns in (list(enumerate(zip(line, widths, strict=True))) for line in lines)
        )


def layer_table(model: Any, shape: Sequence[int] | None = None) -> LayerTable:
    """Every layer of a Keras model, nested models followed into.

    Args:
        model: A Keras model; it may have been built inside `lazily()`.
        shape: Of one image, for a model that does not state its own.

    Returns:
        A table whose totals agree with `model.count_params()`.
    """
    steps = model_steps(model, None if shape is None else tuple(shape))
    fields: list[int | None] = []
    jumps: list[int] = []
    counted: set[int] = set()
    rows = []
    for step in steps:
        window, stride = _window(step.operation), _stride(step.operation)
        before = [fields[source] for source in step.inputs]
        whole = len(step.shape) < 3 or None in before
        jump = max((jumps[source] for source in step.inputs), default=1)
        fields.append(None if whole else max(before, default=1) + (window - 1) * jump)
        jumps.append(jump * stride)
        fresh = [weight for weight in getattr(step.operation, "weights", ()) if id(weight) not in counted]
        counted.update(map(id, fresh))
        rows.append(
            Row(
                layer=f"{step.operation.name} ({type(step.operation).__name__})",
                window=f"{window}×{window}" + f"/{stride}" * (stride > 1) if window > 1 or stride > 1 else "",
                output=tuple(step.shape),
                parameters=sum(int(np.prod(weight.shape)) for weight in fresh),
                multiply_adds=_multiply_adds(step.operation, step.shape),
                values=int(np.prod(step.shape)),
                field=fields[-1],
            )
        )
    return LayerTable(rows)


def _window(layer: Any) -> int:
    sides = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None) or (1,)
    return max((sides,) if isinstance(sides, int) else sides)


def _stride(layer: Any) -> int:
    strides = getattr(layer, "strides", None) or (1,)
    return max((strides,) if isinstance(strides, int) else strides)


def _multiply_adds(layer: Any, output: Sequence[int]) -> int:
    """Every output position takes each number of the kernel once."""
    kernel = getattr(layer, "kernel", None)
    return 0 if kernel is None else int(np.prod(output[:-1])) * int(np.prod(kernel.shape))


def _counts(row: Row) -> tuple[int, int, int]:
    return row.parameters, row.multiply_adds, row.values


def _number(count: int) -> str:
    return f"{count:,}" if count else ""


def _side(field: int | None) -> str:
    return "" if field is None else f"{field}×{field}"


def _html_row(cells: Sequence[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
