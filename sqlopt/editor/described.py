"""Where the YAML files of a dbt project name a model, or one of its columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlopt.source.files import read_text
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_GROUPS = ("models", "snapshots", "seeds")
_REF = re.compile(r"""\bref\s*\(\s*(?:['"][\w.-]+['"]\s*,\s*)?['"]([\w.-]+)['"]""")


def places(
    folder: Path, model: str, column: str | None, texts: Mapping[str, str]
) -> Iterator[tuple[str, str, list[Span] | None]]:
    """Yield (path, text, places) of each YAML file that names the model, or the column of it if one is given.

    ``texts`` are those of open files, by path. The places are None for a file that can't be read as YAML.
    """
    for ending in ("*.yml", "*.yaml"):
        for path in sorted(folder.rglob(ending)):
            if "target" in path.relative_to(folder).parts:
                continue
            text = texts.get(str(path)) or read_text(path)
            if re.search(rf"\b{re.escape(model)}\b", text):
                found = _in(text, model, column)
                if found is None or found:
                    yield str(path), text, found


def _in(text: str, model: str, column: str | None) -> list[Span] | None:
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    found: list[Span] = []
    if isinstance(root, yaml.MappingNode):
        for key, group in root.value:
            if key.value in _GROUPS and isinstance(group, yaml.SequenceNode):
                for one in group.value:
                    name = _child(one, "name")
                    if name is not None and name.value == model:
                        found += [_span(name)] if column is None else list(_columns(one, column))
        if column is not None:
            found += _references(root, model, column)
        else:
            found += _refs(root, model)
    return found


def _columns(model: Any, column: str) -> Iterator[Span]:
    """Yield where a model's own description names a column: in its list, and in tests of several columns."""
    import yaml

    waiting = [model]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode) and node.value.casefold() == column.casefold():
            yield _span(node)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode) and _child(node, "to") is None:
            waiting += [
                value
                for key, value in node.value
                if key.value not in ("description", "meta", "tags", "config")
                and (key.value != "name" or node is not model)
            ]


def _references(root: Any, model: str, column: str) -> Iterator[Span]:
    """Yield where a test of relationships names the column as the other side's."""
    for node in _mappings(root):
        to, field = _child(node, "to"), _child(node, "field")
        if to is None or field is None or field.value.casefold() != column.casefold():
            continue
        named = _REF.search(to.value)
        if named is not None and named[1] == model:
            yield _span(field)


def _refs(root: Any, model: str) -> Iterator[Span]:
    """Yield where ``ref('model')`` stands in a plain value, as in tests of relationships and exposures."""
    import yaml

    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.ScalarNode) and node.style in (None, "'", '"'):
            whole = _span(node)
            for found in _REF.finditer(node.value):
                if found[1] == model and whole.end - whole.start == len(node.value):
                    yield Span(whole.start + found.start(1), whole.start + found.end(1))


def _mappings(root: Any) -> Iterator[Any]:
    import yaml

    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            yield node
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _child(node: Any, key: str) -> Any:
    """Return a mapping's plain value of this key, or None."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return None
    found = next((value for name, value in node.value if name.value == key), None)
    return found if isinstance(found, yaml.ScalarNode) else None


def _span(node: Any) -> Span:
    quote = 1 if node.style in ("'", '"') else 0
    return Span(node.start_mark.index + quote, node.end_mark.index - quote)
