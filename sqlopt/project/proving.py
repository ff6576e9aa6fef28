"""What two texts are proved with; and the proof of a fix, the statement beside what the fix makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.errors import SourceError

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog
    from sqlopt.project.project import Project
    from sqlopt.rewrite.edits import Fix, Proof
    from sqlopt.rewrite.prove.effort import Limits


def proof_of(project: Project, text: str, path: str, fix: Fix, limits: Limits) -> Proof | None:
    """Return what is known of a fix, or None where the SQL is not the file's own text, as in a template.

    ``text`` is the file's; the statement that the edits lie in is compared with what they make of it.
    """
    from sqlopt.query.text.parse import parse
    from sqlopt.rewrite.prove import prove
    from sqlopt.source.readers import reader

    settings = project.settings(path)
    if reader(path, text, settings.dialect) is not None:
        return None
    loaded = project.loaded(settings)
    spans = [one.span for one in parse(text, loaded.dialect)]
    around = [one for one in spans if all(one.covers(edit.span) for edit in fix.edits)]
    if len(around) != 1:
        return None
    (span,) = around
    after, at = [], span.start
    for edit in sorted(fix.edits, key=lambda one: one.span):
        after += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    after.append(text[at : span.end])
    return prove(
        span.of(text),
        "".join(after),
        catalog=loaded.catalog,
        dialect=loaded.dialect,
        effort=limits.effort,
        seconds=limits.seconds,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """The catalog and dialect that the settings of a place name."""

    catalog: Catalog
    dialect: str

    def query(self, text: str, path: str | None) -> str:
        """Return the SQL of a text: of a file with a template, as it is rendered.

        Raises `SourceError` where a part of it is not known, or where several queries stand in it.
        """
        from sqlopt.project.embedded import read

        scripts = read(text, path or "<text>", self.dialect)
        if any(hole.any_sql for one in scripts for hole in one.holes):
            raise SourceError(f"{path}: a part of the template that may be any SQL is not known")
        # An incremental model is rendered twice: whole, and what a run adds.
        if not scripts or (len(scripts) > 1 and not (path or "").endswith(".sql")):
            raise SourceError(f"{path}: {len(scripts) or 'no'} queries stand in it; one is compared")
        return scripts[0].text


def known_of(project: Project, path: str) -> Known:
    """Return what the settings that hold for ``path`` know. Raises `SqloptError` as `Project.loaded` does."""
    from sqlopt.project.embedded import catalog_of

    loaded = project.loaded(project.settings(path))
    return Known(catalog_of(path, loaded, project), loaded.dialect)
