"""Fixes made of many files, in as many processes as are wanted; nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlopt.project.fixing import Fixed, fix_text
from sqlopt.project.gate.gate import DEFAULT, Gate
from sqlopt.project.run import processors
from sqlopt.rewrite.prove.effort import Limits
from sqlopt.source.files import decode, read_bytes
from sqlopt.span import line_and_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from sqlopt.project.project import Project
    from sqlopt.rules.finding import Finding


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file as it was read, its text, and that text with its fixes made. ``problem`` says why it is left alone."""

    path: str
    data: bytes
    text: str
    fixed: Fixed
    problem: str = ""


def fix_files(  # noqa: PLR0913 - one argument a setting
    project: Project,
    paths: Iterable[str | PathLike[str]],
    limits: Limits = DEFAULT,
    *,
    unsafe: bool = False,
    jobs: int | None = None,
    asking: Callable[[str], Callable[[Finding, str], bool]] | None = None,
) -> Iterator[FixedFile]:
    """Yield each file of ``paths`` that has fixes, or that can't be read, in the order of discovery.

    ``asking`` gives for a path what `fix_text` asks; the other arguments are those of `fix_text` and `Gate`.
    Raises `SourceError` for a path that does not exist.
    """
    report = project.check_paths(paths, jobs=jobs)
    having = {one.path for one in report.files if any(each.fix is not None for each in one.findings)}
    found = project.files(list(paths))
    jobs = jobs or (project.config.run("jobs") if project.config else None) or processors()
    work = [path for path in found if path in having]
    done: dict[str, FixedFile] = {}
    if asking is None and jobs > 1 and len(work) > 1:
        from sqlopt.project.workers import each

        items = [(path, limits, unsafe) for path in work]
        done = {one.path: one for one in each(project, items, jobs, _fixed, _died, 1)}
    for path in found:
        if path in done:
            yield done.pop(path)
        elif path in having:
            with Gate(project, limits, jobs=jobs, keeps=True) as gate:
                yield _file(gate, path, unsafe=unsafe, ask=asking(path) if asking else None)
        elif problem := _read(path)[2]:
            yield FixedFile(path, b"", "", Fixed(""), problem)


_Item = tuple[str, Limits, bool]
"""A path, the limits of each proof, and whether unsafe fixes are made, too."""


def _fixed(project: Project, item: _Item) -> FixedFile:
    path, limits, unsafe = item
    with Gate(project, limits, keeps=True) as gate:
        return _file(gate, path, unsafe=unsafe)


def _died(item: _Item) -> FixedFile:
    return FixedFile(item[0], b"", "", Fixed(""), "the process that fixed it died")


def _file(
    gate: Gate,
    path: str,
    *,
    unsafe: bool,
    ask: Callable[[Finding, str], bool] | None = None,
) -> FixedFile:
    data, text, problem = _read(path)
    if problem:
        return FixedFile(path, data, text, Fixed(text), problem)
    return FixedFile(path, data, text, fix_text(gate, text, path, unsafe=unsafe, ask=ask))


def _read(path: str) -> tuple[bytes, str, str]:
    data, problem = read_bytes(path)
    text, odd = decode(data)
    found = problem or odd
    return data, text, found.message if found else ""


def told(one: FixedFile) -> dict[str, Any]:
    """Return a file's fixes as plain data.

    ``path``; ``made``, ``left`` (unknown), ``withdrawn``: lists of ``rule``, ``message``, ``line``, ``title``,
    ``safety`` and ``proof``, lines being those before the first pass for all but what a later pass made; ``faults``:
    findings on rules whose fix is refuted.
    """
    kinds = {"made": one.fixed.applied, "left": one.fixed.left, "withdrawn": one.fixed.withdrawn}
    return {
        "path": one.path,
        **{kind: [_told(each, one.text) for each in found] for kind, found in kinds.items()},
        "faults": [
            {
                "rule": each.rule,
                "message": each.message,
                "line": line_and_column(one.text, each.span.start)[0],
                "statement": each.statement,
                "evidence": dict(each.evidence),
            }
            for each in one.fixed.faults
        ],
    }


def _told(one: Finding, text: str) -> dict[str, Any]:
    fix = one.fix.to_dict() if one.fix is not None else {}
    fix.pop("edits", None)
    line = line_and_column(text, one.span.start)[0]
    return {"rule": one.rule, "message": one.message, "line": line, **fix}
