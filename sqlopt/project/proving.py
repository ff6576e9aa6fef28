"""The proof of a fix: the statement as it stands beside the statement as the fix leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlopt.project.project import Project
    from sqlopt.rewrite.edits import Fix, Proof


def proof_of(project: Project, text: str, path: str, fix: Fix, seconds: float) -> Proof | None:
    """Return what is known of a fix, or None where the SQL is not the file's own text, as in a template.

    ``text`` is the file's; the statement that the edits lie in is compared with what they make of it.
    """
    from sqlopt.query.parse import parse
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
        span.of(text), "".join(after), catalog=loaded.catalog, dialect=loaded.dialect, seconds=seconds
    )
