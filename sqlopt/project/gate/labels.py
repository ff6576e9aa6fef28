"""Verdicts by a file's own content, for a check, which shows what is known already and judges nothing itself."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlopt.project.gate.ruling import Ruling, fault, judged, ruling
from sqlopt.rewrite.edits import Proof
from sqlopt.span import line_and_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.cache import Cache
    from sqlopt.rewrite.edits import Edit
    from sqlopt.rules.finding import FileResult


def label_key(file: bytes, edits: Sequence[Edit]) -> bytes:
    """Return the key of the verdict on edits of the file for whose content ``file`` stands, as in `Project.key`."""
    shown = repr([(one.span.start, one.span.end, one.text) for one in edits])
    return hashlib.sha256(b"label" + file + shown.encode("utf-8", "surrogatepass")).digest()


def proof_of(data: object) -> Proof | None:
    """Return the proof that the cache kept as plain data; None if it is none."""
    try:
        return Proof.from_dict(data)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        return None


def labelled(result: FileResult, file: bytes, cache: Cache) -> tuple[FileResult, list[str]]:
    """Return a result with the verdicts that are known but without refuted fixes, and a note on each of those."""
    keys = {one: label_key(file, one.fix.edits) for one in result.findings if one.fix is not None}
    proofs = {key: proof_of(data) for key, data in cache.get(list(set(keys.values()))).items()}
    findings, notes = [], []
    for one in result.findings:
        proof = proofs.get(keys.get(one, b""))
        found = judged(one, proof) if proof is not None else one
        if found.fix is not None and ruling(found.fix) is Ruling.NEVER:
            line = line_and_column(result.text, one.span.start)[0]
            notes.append(f"{result.path}:{line}: {fault(found).message}")
            found = replace(found, fix=None)
        findings.append(found)
    if not proofs:
        return result, []
    return replace(result, text=_kept(result), findings=tuple(findings)), notes


def _kept(result: FileResult) -> str:
    kept: str = result.__dict__["_text"]  # a path stays a path: a run holds no texts
    return kept
