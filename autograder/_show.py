"""A result as a small table: HTML in Jupyter, text elsewhere."""

from __future__ import annotations

import html
from typing import Any

from autograder._result import MIME, CaseResult, GroupResult, Result

CASES_SHOWN = 3
_CELL = (
    "style='text-align:left;vertical-align:top;padding:3px 10px 3px 0;white-space:pre-wrap;overflow-wrap:anywhere'"
)
_HEAD = "style='text-align:left;padding:3px 10px 3px 0;white-space:nowrap'"
_GREEN, _RED = "#009E73", "#D55E00"


def points_text(points: float) -> str:
    """4.5 as "4.5", 4.0 as "4"."""
    return f"{points:g}"


def headline(result: Result) -> str:
    """One line: what was reached, and the first thing to mend."""
    reached = f"{points_text(result.points)} of {result.max_points} points"
    if result.verdict == "passed":
        return f"✓ {result.question}: all right, {reached}"
    if result.verdict == "missing":
        return f"○ {result.question}: not answered yet, {reached}"
    return f"✗ {result.question}: {reached}"


def as_text(result: Result) -> str:
    """The table for a terminal."""
    lines = [headline(result)]
    if result.message:
        lines.append(f"  {result.message}")
    if result.verdict != "missing":
        for group in result.groups:
            lines += _group_lines(group)
    if result.printed:
        lines.append(f"  Your code printed: {result.printed.strip()}")
    if result.hint:
        lines.append(f'  For a hint: hint("{result.question}")')
    return "\n".join(lines)


def _group_lines(group: GroupResult) -> list[str]:
    lines = [f"  {'✓' if group.passed else '✗'} {group.name or 'cases'} ({_count(group)})"]
    for case in _shown(group):
        lines.append(f"      {case.short}")
        lines.append(f"        expected {case.expected}, received {case.received}")
        lines += [f"        {text}" for text in (case.mistake, case.note) if text]
    return lines


def as_html(result: Result) -> str:
    """The table for Jupyter; every text in it is escaped."""
    colour = _GREEN if result.verdict == "passed" else _RED
    parts = [f"<div style='border-left:4px solid {colour};padding:2px 0 2px 12px;max-width:60em'>"]
    parts.append(f"<p style='margin:2px 0'><strong>{html.escape(headline(result))}</strong></p>")
    if result.message:
        parts.append(f"<p style='margin:2px 0'>{html.escape(result.message)}</p>")
    if result.verdict != "missing":
        parts += [_group_html(group) for group in result.groups]
    if result.printed:
        parts.append(
            f"<details><summary>Your code printed</summary><pre>{html.escape(result.printed)}</pre></details>"
        )
    if result.hint:
        parts.append(
            f"<p style='margin:2px 0'>For a hint: <code>hint(\"{html.escape(result.question)}\")</code></p>"
        )
    return "".join([*parts, "</div>"])


def _group_html(group: GroupResult) -> str:
    mark, colour = ("✓", _GREEN) if group.passed else ("✗", _RED)
    title = (
        f"<p style='margin:2px 0'><span style='color:{colour}' aria-hidden='true'>{mark}</span> "
        f"{html.escape(group.name or 'cases')} <small>({_count(group)})</small></p>"
    )
    rows = "".join(_case_html(case) for case in _shown(group))
    if not rows:
        return title
    head = "".join(f"<th {_HEAD}>{name}</th>" for name in ("call", "expected", "received", "what went wrong"))
    return (
        f"{title}<table style='margin:2px 0 6px 1em'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _case_html(case: CaseResult) -> str:
    wrong = f"<strong>{html.escape(case.mistake)}</strong>" if case.mistake else html.escape(case.note)
    cells = [_call_html(case), *(f"<code>{html.escape(text)}</code>" for text in (case.expected, case.received))]
    return "<tr>" + "".join(f"<td {_CELL}>{cell}</td>" for cell in [*cells, wrong]) + "</tr>"


def _call_html(case: CaseResult) -> str:
    """The call in short, and in full to open, when the two differ."""
    short = f"<code>{html.escape(case.short)}</code>"
    if case.short == case.call:
        return short
    return f"<details><summary>{short}</summary><code>{html.escape(case.call)}</code></details>"


def _shown(group: GroupResult) -> list[CaseResult]:
    """The first failing cases; of those that fail in the same words, one."""
    different: dict[str, CaseResult] = {}
    for case in group.cases:
        if not case.passed:
            different.setdefault(case.received if case.failure else case.call, case)
    return list(different.values())[:CASES_SHOWN]


def _count(group: GroupResult) -> str:
    passed = sum(case.passed for case in group.cases)
    return f"{passed} of {len(group.cases)} right"


def bundle(result: Result) -> dict[str, Any]:
    """What Jupyter shows, and what a grader reads."""
    return {"text/plain": as_text(result), "text/html": as_html(result), MIME: result.to_dict()}


def show(result: Result) -> None:
    """Show a result where the learner works."""
    if in_jupyter():
        from IPython.display import display

        display(bundle(result), raw=True)
    else:
        print(as_text(result))


def in_jupyter() -> bool:
    """Whether this runs in a Jupyter kernel."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
