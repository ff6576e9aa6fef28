"""Templates outside any dbt project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlopt.source.jinja.render import render
from sqlopt.source.map import Script, SourceMap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.source.jinja.environment import State
    from sqlopt.source.jinja.render import Rendered


def read_loose(text: str, path: str, variables: Mapping[str, Any]) -> list[Script]:
    """Render ``text`` with ``variables``; the words of dbt are known as far as they say what they mean."""

    def scope(state: State) -> Mapping[str, Any]:
        return {**_words(state), **variables}

    return [script(render(text, path, scope))]


def script(rendered: Rendered, **more: Any) -> Script:
    """Return the script of a rendering; one without text where it failed."""
    if rendered.problem:
        note = (rendered.at, f"the template can't be rendered: {rendered.problem}")
        return Script("", source_map=SourceMap((), 0), notes=(note,), **more)
    return Script(
        rendered.text, source_map=rendered.source_map, notes=rendered.notes, holes=rendered.holes, **more
    )


def _words(state: State) -> Mapping[str, Any]:
    """Return dbt's words, for a model whose project is not at hand."""

    def ref(*names: Any, **_: Any) -> Any:
        return str(names[-1]) if names else state.opaque("ref")

    def source(*names: Any) -> Any:
        return ".".join(map(str, names)) if names else state.opaque("source")

    def var(name: Any, default: Any = None) -> Any:
        return default if default is not None else state.opaque(f"var.{name}", called=False)

    return {
        "ref": ref,
        "source": source,
        "var": var,
        "env_var": var,
        "config": lambda *_, **__: "",
        "is_incremental": lambda: False,
        "execute": True,
        "this": state.opaque("this", called=False),
    }
