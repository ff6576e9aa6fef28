"""``sqlopt fix``: make the fixes that `sqlopt check` shows."""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import color_option, notes, out, project, project_options, wants_color

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlopt.project import Project
    from sqlopt.project.fixing import Fixed
    from sqlopt.report.terminal import Paint
    from sqlopt.rules.finding import Finding


@click.command()
@click.argument("paths", nargs=-1)
@project_options
@click.option("--diff", is_flag=True, help="Only show what would change; exit with 1 if anything would.")
@click.option("--unsafe-fixes", is_flag=True, help="Fixes that need facts or change results, too.")
@click.option("-i", "--interactive", is_flag=True, help="Ask before each fix, the unsafe ones among them.")
@click.option("--stdin-filename", metavar="PATH", help="The path that '-' stands for.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Leave these paths out.")
@color_option
@click.option("-q", "--quiet", is_flag=True, help="Only say what went wrong.")
def fix(paths: tuple[str, ...], **given: Any) -> None:
    """Make the fixes of SQL files and folders ('.' by default; '-' reads standard input and prints it fixed).

    Only fixes that keep the result are made, unless others are asked for. After each round the file is parsed,
    bound and checked again, and what does not hold is taken back. A file that changes meanwhile is left alone.

    Exits with 0; with --diff 1 if something would change; 2 if a file could not be read or written.
    """
    paths = paths or (".",)
    if "-" in paths and (len(paths) > 1 or given["interactive"]):
        raise click.UsageError("'-' stands alone, and can't be asked about")
    run = _Run(given)
    run.do(paths)
    sys.exit(run.code)


class _Run:
    def __init__(self, given: dict[str, Any]) -> None:
        own = ("diff", "unsafe_fixes", "interactive", "stdin_filename", "color", "quiet")
        self.own = {key: given[key] for key in own}
        self.settings = {key: value for key, value in given.items() if key not in own}
        self.code = 0
        self.files = 0
        self.fixes = 0

    def do(self, paths: tuple[str, ...]) -> None:
        named = self.own["stdin_filename"] or "."
        one = project((named,) if paths == ("-",) else paths, self.settings)
        if paths == ("-",):
            self._standard_input(one, self.own["stdin_filename"] or "<stdin>")
            return
        try:
            for path in one.files(paths):
                self._file(one, path)
        except click.Abort:
            notes(["stopped; files that are done stay fixed"])
        if not self.own["quiet"]:
            self._summary()

    def _summary(self) -> None:
        done = "Would make" if self.own["diff"] else "Made"
        fixes = f"{self.fixes} fix" + ("" if self.fixes == 1 else "es")
        files = f"{self.files} file" + ("" if self.files == 1 else "s")
        click.echo(f"{done} {fixes} in {files}." if self.fixes else "Nothing to fix.", err=self.own["diff"])

    def _standard_input(self, one: Project, path: str) -> None:
        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        found = self._fixed(one, text, path)
        if self.own["diff"]:
            self._show(path, text, found)
        else:
            sys.stdout.buffer.write(found.text.encode("utf-8", "surrogateescape"))

    def _file(self, one: Project, path: str) -> None:
        from sqlopt.source.files import decode, read_bytes

        data, problem = read_bytes(path)
        text, odd = decode(data)
        if problem or odd:
            self._failed(f"{path}: {(problem or odd).message}; left as it is")  # type: ignore[union-attr]
            return
        found = self._fixed(one, text, path)
        for finding in found.withdrawn:
            notes([f"{path}: {finding.rule} {finding.name}: its fix did not hold, and was withdrawn"])
        if found.text == text:
            return
        self.files += 1
        self.fixes += len(found.applied)
        if self.own["diff"]:
            self._show(path, text, found)
        elif self._written(path, data, found.text) and not self.own["quiet"]:
            rules = ", ".join(dict.fromkeys(finding.rule for finding in found.applied))
            click.echo(f"{path}: {rules}")

    def _fixed(self, one: Project, text: str, path: str) -> Fixed:
        from sqlopt.project.fixing import fix_text, is_safe

        def safe(finding: Finding, _: str) -> bool:
            return finding.fix is not None and (self.own["unsafe_fixes"] or is_safe(finding.fix))

        return fix_text(one, text, path, self._asking(path) if self.own["interactive"] else safe)

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
        if found.text != text:
            self.code = self.code or 1
            out(_diff(path, text, found.text, self._paint()))

    def _paint(self) -> Paint:
        from sqlopt.report.terminal import Paint

        return Paint(color=wants_color(self.own["color"], terminal=sys.stdout.isatty()))

    def _asking(self, path: str) -> Callable[[Finding, str], bool]:
        always: set[str] = set()

        def asked(finding: Finding, text: str) -> bool:
            if finding.fix is None or finding.rule in always:
                return finding.fix is not None
            out(
                [
                    f"\n{finding.rule} {finding.name}: {finding.message}\n{finding.fix.title} ({finding.fix.safety})\n"
                ]
            )
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
