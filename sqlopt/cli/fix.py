"""``sqlopt fix``: make the fixes that `sqlopt check` shows."""

from __future__ import annotations

import codecs
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import color_option, limits_options, notes, out, project, project_options, wants_color

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlopt.project import Project
    from sqlopt.project.fixing import Fixed
    from sqlopt.project.fixing_files import FixedFile
    from sqlopt.report.terminal import Paint
    from sqlopt.rules.finding import Finding


@click.command()
@click.argument("paths", nargs=-1)
@project_options
@click.option("--diff", is_flag=True, help="Only show what would change; exit with 1 if anything would.")
@click.option(
    "--unsafe-fixes",
    is_flag=True,
    help="Fixes that need facts, change results, or are not known to keep them, too.",
)
@click.option("-i", "--interactive", is_flag=True, help="Ask before each fix, the unsafe ones among them.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to tell what was done."
)
@click.option("--stdin-filename", metavar="PATH", help="The path that '-' stands for.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Leave these paths out.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to use.")
@limits_options(0.05)
@color_option
@click.option("-q", "--quiet", is_flag=True, help="Only say what went wrong.")
def fix(paths: tuple[str, ...], **given: Any) -> None:
    """Make the fixes of SQL files and folders ('.' by default; '-' reads standard input and prints it fixed).

    Each fix is judged first. By itself one is made that its rule calls exact and that is proved, or tested on
    generated databases; one that is refuted is never made, and is told of as a fault of its rule. After each round
    the file is parsed, bound and checked again, and what does not hold is taken back. A file that changes meanwhile
    is left alone.

    Exits with 0; with --diff 1 if something would change; 2 if a file could not be read or written.
    """
    paths = paths or (".",)
    if "-" in paths and (len(paths) > 1 or given["interactive"] or given["form"] == "json"):
        raise click.UsageError("'-' stands alone, and can't be asked about or told of as JSON")
    if given["interactive"] and given["form"] == "json":
        raise click.UsageError("--interactive asks in words, not in JSON")
    run = _Run(given)
    run.do(paths)
    sys.exit(run.code)


class _Run:
    def __init__(self, given: dict[str, Any]) -> None:
        from sqlopt.rewrite.prove.effort import Effort, Limits

        own = (
            "diff", "unsafe_fixes", "interactive", "form", "stdin_filename", "jobs", "effort", "seconds", "color",
            "quiet",
        )  # fmt: skip
        self.own = {key: given[key] for key in own}
        self.limits = Limits(Effort(given["effort"]), given["seconds"])
        self.settings = {key: value for key, value in given.items() if key not in own}
        self.code = 0
        self.done: list[FixedFile] = []

    def do(self, paths: tuple[str, ...]) -> None:
        from sqlopt.project.fixing_files import fix_files

        named = self.own["stdin_filename"] or "."
        one = project((named,) if paths == ("-",) else paths, self.settings)
        if paths == ("-",):
            self._standard_input(one, self.own["stdin_filename"] or "<stdin>")
            return
        unsafe, jobs = self.own["unsafe_fixes"], self.own["jobs"]
        asking = self._asking if self.own["interactive"] else None
        try:
            for done in fix_files(one, paths, self.limits, unsafe=unsafe, jobs=jobs, asking=asking):
                self._file(done)
        except click.Abort:
            notes(["stopped; files that are done stay fixed"])
        if self.own["form"] == "json":
            out([json.dumps(self._told(), indent=2), "\n"])
        elif not self.own["quiet"]:
            click.echo(
                summary([each.fixed for each in self.done], diff=self.own["diff"]), err=self.own["diff"]
            )

    def _standard_input(self, one: Project, path: str) -> None:
        from sqlopt.project.fixing import fix_text
        from sqlopt.project.gate.gate import Gate

        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        with Gate(one, self.limits, keeps=True, jobs=self.own["jobs"] or 1) as gate:
            found = fix_text(gate, text, path, unsafe=self.own["unsafe_fixes"])
        _tell_troubles(path, text, found)
        if self.own["diff"]:
            self._show(path, text, found)
        else:
            sys.stdout.buffer.write(found.text.encode("utf-8", "surrogateescape"))

    def _file(self, one: FixedFile) -> None:
        if one.problem:
            self._failed(f"{one.path}: {one.problem}; left as it is")
            return
        _tell_troubles(one.path, one.text, one.fixed)
        changed = one.fixed.text != one.text
        if self.own["diff"] and changed:
            self._show(one.path, one.text, one.fixed)
        elif changed:
            changed = self._written(one.path, one.data, one.fixed.text)
            if changed and not self.own["quiet"] and self.own["form"] == "text":
                click.echo(f"{one.path}: {_made_words(one.fixed.applied)}")
        if changed or one.fixed.left or one.fixed.faults:
            self.done.append(one)

    def _written(self, path: str, data: bytes, text: str) -> bool:
        """Write a file beside its place and move it there, if it is still what was read."""
        encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        place = Path(path).resolve()  # a link stays a link
        beside = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            beside.write_bytes(mark + text.encode(encoding))
            beside.chmod(place.stat().st_mode)
            if place.read_bytes() != data:
                self._failed(f"{path}: it changed meanwhile; left as it is")
                return False
            beside.replace(place)
        except OSError as error:
            self._failed(f"{path}: can't be written: {error.strerror}")
            return False
        finally:
            beside.unlink(missing_ok=True)
        return True

    def _failed(self, message: str) -> None:
        notes([message], "error")
        self.code = 2

    def _show(self, path: str, text: str, found: Fixed) -> None:
        if found.text == text:
            return
        self.code = self.code or 1
        if self.own["form"] == "text":
            out(_diff(path, text, found.text, self._paint()))

    def _paint(self) -> Paint:
        from sqlopt.report.terminal import Paint

        return Paint(color=wants_color(self.own["color"], terminal=sys.stdout.isatty()))

    def _asking(self, path: str) -> Callable[[Finding, str], bool]:
        from sqlopt.report.words import sure

        always: set[str] = set()

        def asked(finding: Finding, text: str) -> bool:
            if finding.fix is None or finding.rule in always:
                return finding.fix is not None
            proof = finding.fix.proof
            why = f": {proof.reason}" if proof is not None and proof.reason else ""
            out([f"\n{finding.rule} {finding.name}: {finding.message}\n"])
            out([f"{finding.fix.title} ({sure(finding.fix)}{why})\n"])
            out(_diff(path, text, finding.fix.apply(text), self._paint()))
            answer = click.prompt(
                "Make it? [y]es, [n]o, [a]ll of this rule, [q]uit", default="n", show_default=False
            )
            if answer[:1].lower() == "q":
                raise click.Abort
            if answer[:1].lower() == "a":
                always.add(finding.rule)
            return answer[:1].lower() in ("y", "a")

        return asked

    def _told(self) -> dict[str, Any]:
        """Return what was done as plain data: of each file its findings by what became of their fixes."""
        from sqlopt.project.fixing_files import told

        files = [told(one) for one in self.done]
        return {"version": 1, "would": self.own["diff"], "files": files}


def _tell_troubles(path: str, text: str, found: Fixed) -> None:
    """Tell of each fix that did not hold, and of each that is refuted, with the database that refutes it."""
    from sqlopt.report.words import visible
    from sqlopt.span import line_and_column

    for finding in found.withdrawn:
        notes([f"{path}: {finding.rule} {finding.name}: its fix did not hold, and was withdrawn"])
    for finding in found.faults:
        shown = dict(finding.evidence)
        line = line_and_column(text, finding.span.start)[0]
        notes([f"{path}:{line}: {finding.rule} {finding.message}: {shown.get('reason', '')}"], "fault")
        for each in shown.get("counterexample", "").splitlines():
            click.echo(f"    {visible(each)}", err=True)


def _made_words(applied: Iterable[Finding]) -> str:
    """Return ``AGG003 (proved), SCN002 (proved, tested)``: each rule with its fixes' verdicts."""
    found: dict[str, dict[str, None]] = {}
    for one in applied:
        proof = one.fix.proof if one.fix is not None else None
        found.setdefault(one.rule, {})[str(proof.verdict) if proof is not None else "unknown"] = None
    return ", ".join(f"{rule} ({', '.join(verdicts)})" for rule, verdicts in found.items())


def summary(done: list[Fixed], *, diff: bool = False) -> str:
    """Return ``Made 12 fixes in 4 files (10 proved, 2 tested on 400 databases); 3 left: unknown ...: why``."""
    from sqlopt.report.words import plural, verdict_counts

    applied = [finding for one in done for finding in one.applied]
    left = [finding for one in done for finding in one.left]
    faults = sum(len(one.faults) for one in done)
    files = sum(bool(one.applied) for one in done)
    head = "Nothing to fix"
    if applied:
        made = "Would make" if diff else "Made"
        head = f"{made} {plural(len(applied), 'fix', 'fixes')} in {plural(files, 'file')} ({verdict_counts(applied)})"
    elif left or faults:
        head = "Made no fix"
    parts = [head]
    if left:
        parts.append(f"{len(left)} left: unknown (--unsafe-fixes): {_reasons(left)}")
    if faults:
        parts.append(f"{faults} refuted and not made")
    return "; ".join(parts) + "."


_REASONS = 3


def _reasons(left: list[Finding]) -> str:
    from collections import Counter

    proofs = [one.fix.proof for one in left if one.fix is not None]
    counts = Counter(one.reason for one in proofs if one is not None)
    shown = [f"{reason} ({count})" if count > 1 else reason for reason, count in counts.most_common(_REASONS)]
    return ", ".join(shown) + (
        f", and {len(counts) - _REASONS} more reasons" if len(counts) > _REASONS else ""
    )


def _diff(path: str, before: str, after: str, paint: Paint) -> Iterator[str]:
    import difflib

    from sqlopt.report.words import visible

    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    styles = {"+": "green", "-": "red", "@": "blue"}
    for line in lines:
        style = styles.get(line[0])
        shown = visible(line.rstrip("\r\n"))
        yield (paint(shown, style) if style else shown) + "\n"
        if not line.endswith("\n"):
            yield "\\ No newline at end of file\n"
