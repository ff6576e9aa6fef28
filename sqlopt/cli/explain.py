"""``sqlopt explain``: a rule's page, or the findings at a place with the numbers behind them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import color_option, columns, notes, out, project, project_options, wants_color

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project import Project
    from sqlopt.report.terminal import Paint
    from sqlopt.report.words import Item
    from sqlopt.rules.finding import Finding

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::(?P<column>\d+))?")


@click.command()
@click.argument("what", metavar="RULE | FILE:LINE[:COLUMN]")
@project_options
@color_option
def explain(what: str, color: str, **given: Any) -> None:
    """Explain a rule, or the findings at a place and the numbers they were computed from."""
    colored = wants_color(color, terminal=sys.stdout.isatty())
    place = _PLACE.fullmatch(what)
    if place is None:
        page(project((), given).page(what), colored=colored)
        return
    column = int(place["column"]) if place["column"] else None
    sys.exit(_at(place["path"], int(place["line"]), column, given, colored=colored))


def page(markdown: str, *, colored: bool) -> None:
    """Print Markdown: drawn for a colour terminal, as it is for everything else."""
    if not colored:
        out([markdown])
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(force_terminal=True, width=columns(), markup=False, highlight=False)
    with console.capture() as drawn:
        console.print(Markdown(markdown, code_theme="ansi_dark", hyperlinks=False))
    out([drawn.get()])


def _at(path: str, line: int, column: int | None, given: dict[str, Any], *, colored: bool) -> int:
    from sqlopt.report.full import Block
    from sqlopt.report.terminal import Paint
    from sqlopt.report.words import items

    if not Path(path).is_file():
        raise click.UsageError(f"{path}: no such file")
    one = project((path,), given)
    report = one.check_paths([path])
    notes(report.notes)
    found = list(items(report))
    here = _judged(one, [item for item in found if _covers(item, line, column)])
    paint = Paint(color=colored)
    for item in here:
        drawn = [
            *Block(item, paint, columns()).lines(),
            *_numbers(item.finding, paint),
            *_proof(item, paint),
        ]
        out(["\n".join([*drawn, "", ""])])
    if not here:
        lines = sorted({item.lines.place(item.finding.span.start).line for item in found})
        elsewhere = f"; there are some at line {', '.join(map(str, lines[:20]))}" if lines else ""
        click.echo(f"{path}:{line}: no finding here{elsewhere}", err=True)
    return int(not here)


def _judged(one: Project, here: list[Item]) -> list[Item]:
    """Return findings with the verdicts on their fixes, each alone."""
    from sqlopt.project.gate import judged
    from sqlopt.project.gate.gate import Gate

    with Gate(one, keeps=True) as gate:
        return [
            item._replace(
                finding=judged(item.finding, gate.judge(item.file.text, item.file.path, [fix.edits])[0])
            )
            if (fix := item.finding.fix) is not None
            else item
            for item in here
        ]


def _proof(item: Item, paint: Paint) -> Iterator[str]:
    """Yield how sure the fix is: the verdict, what it rests on, and a database on which it differs, if one does."""
    from sqlopt.project.gate import Ruling, fault, ruling
    from sqlopt.report.words import escape

    fix = item.finding.fix
    if fix is None or fix.proof is None:
        return
    proof = fix.proof
    yield paint("  Whether the fix keeps the result", "bold")
    yield f"    {proof.verdict}: {escape(proof.reason)}"
    yield from (f"    - {escape(premise)}" for premise in proof.premises)
    if ruling(fix) is Ruling.NEVER:
        yield f"    {escape(fault(item.finding).message)}"
    if proof.counterexample is not None:
        yield from (f"    {escape(line)}" for line in proof.counterexample.splitlines())


def _covers(item: Item, line: int, column: int | None) -> bool:
    first, last = item.lines.ends(item.finding.span)
    if column is None:
        return first.line <= line <= last.line
    return first <= (line, column) < max(last, (first.line, first.column + 1))


def _numbers(finding: Finding, paint: Paint) -> Iterator[str]:
    """Yield the facts that the finding was computed from, and how its saving comes about."""
    from sqlopt.report.words import amount, escape, now_and_after

    yield ""
    yield paint("  What this was computed from", "bold")
    if not finding.evidence:
        yield "    the text alone"
    label_width = max((len(label) for label, _ in finding.evidence), default=0)
    for label, value in finding.evidence:
        yield f"    {escape(label):<{label_width}}  {escape(value)}"
    saving = finding.saving
    if saving is None:
        yield "    No price: the facts do not say what it costs."
        return
    yield paint("  What it saves a run", "bold")
    for name, figure in (("at least", saving.low), ("expected", saving.expected), ("at most", saving.high)):
        exact = f" ({figure:,.0f} bytes)" if saving.unit == "bytes" else ""
        yield f"    {name:<8}  {amount(figure, saving.unit)}{exact}"
    yield f"    basis     {saving.basis}"
    detail = now_and_after(finding)
    if detail:
        yield f"    that is   {escape(detail)}"
