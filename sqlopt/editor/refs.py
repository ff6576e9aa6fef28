"""``{{ ref('model') }}`` and ``{{ source('a', 'b') }}``: where they stand, and the files that they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import from_fs_path

from sqlopt.source.files import discover, read_text
from sqlopt.source.readers import dbt_project
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.editor.analysis import Analysis
    from sqlopt.editor.documents import Document
    from sqlopt.source.dbt.dbt_project import DbtProject

_REF = re.compile(r"""\bref\s*\(\s*(?:(['"])(?P<package>[\w.-]+)\1\s*,\s*)?(['"])(?P<name>[\w.-]+)\3""")


@dataclass(frozen=True)
class Ref:
    """A model's name between the quotes of a ``ref``; ``target`` is its file, if the project has one."""

    name: str
    span: Span
    target: str | None


def refs(text: str, project: DbtProject | None) -> Iterator[Ref]:
    """Yield the refs of a text."""
    for found in _REF.finditer(text):
        nodes = project.nodes.get(found["name"], []) if project is not None else []
        wanted = [one for one in nodes if found["package"] in (None, one.package)]
        target = str(Path(wanted[0].path).absolute()) if wanted else None
        yield Ref(found["name"], Span(*found.span("name")), target)


def project_of(analysis: Analysis) -> DbtProject | None:
    """Return the dbt project of a document; None where there is none, or it can't be read."""
    try:
        path = analysis.document.path
        return dbt_project(path, analysis.project.settings(path).dialect)
    except Exception:  # noqa: BLE001 - a broken project's faults are told by the check
        return None


def all_refs(analysis: Analysis) -> list[Ref]:
    """Return the refs of a document."""
    if "ref" not in analysis.document.text:
        return []
    return list(refs(analysis.document.text, project_of(analysis)))


def ref_at(analysis: Analysis, offset: int) -> Ref | None:
    """Return the ref at a place of a document."""
    return next((one for one in all_refs(analysis) if one.span.start <= offset <= one.span.end), None)


def refs_in(analysis: Analysis, wanted: Ref, open_: Mapping[str, Document]) -> Iterator[tuple[str, str, Ref]]:
    """Yield (URI, text, ref) of each ref in the dbt project that means the same model; open texts count as typed."""
    document = analysis.document
    project = project_of(analysis)
    for one in refs(document.text, project):
        if _alike(one, wanted):
            yield document.uri, document.text, one
    if project is None:
        return
    for path in discover([project.folder]):
        uri = from_fs_path(str(Path(path).absolute()))
        if (
            uri is None
            or Path(path).absolute() == Path(document.path).absolute()
            or not path.endswith(".sql")
        ):
            continue
        text = open_[uri].text if uri in open_ else read_text(path)
        if "ref" in text:
            for one in refs(text, project):
                if _alike(one, wanted):
                    yield uri, text, one


def _alike(one: Ref, other: Ref) -> bool:
    return one.name == other.name and one.target == other.target
