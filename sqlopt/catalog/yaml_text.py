"""YAML as catalog files use it, read from the parser's events and written a line a column.

PyYAML's own constructor takes 10 times as long as libyaml's events on a catalog of thousands of tables,
reads a column named ``no`` as False and keeps the last of two equal keys in silence. This reader follows
YAML 1.2: only ``true`` and ``false`` are booleans, a key is the text that was written, and a key given
twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import IO, Any, Final

_INT: Final = re.compile(r"[-+]?(0|[1-9][0-9_]{0,38})")
_FLOAT: Final = re.compile(r"[-+]?([0-9][0-9_]*\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.$/()<>+-]*( [A-Za-z0-9_.$/()<>+-]+)*")
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_OLD_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
_STRING_TAGS: Final = frozenset({"!", "tag:yaml.org,2002:str"})
_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "timestamp")
)
_MERGE: Any = object()
"""A merge key; the same characters in quotation marks are a name."""
_COLLECTION_TAGS: Final = frozenset({"!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class YamlError(ValueError):
    """Text that is no YAML; ``line`` is 1-based, or None where the parser gives no position."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def parse(text: str) -> Any:
    """Return the one document in ``text`` as plain data; None for an empty one. Raises `YamlError`."""
    return _Builder().build(_events(text))


def locate(text: str, path: Iterable[str | int]) -> int | None:
    """Return the 1-based line of the key at ``path`` (keys and list indexes), or of its nearest parent."""
    wanted = tuple(path)
    best, found = 0, None
    try:
        for here, line in _keys(text):
            depth = len(here)
            if (
                best < depth <= len(wanted)
                and here[-1] == wanted[depth - 1]
                and tuple(here) == wanted[:depth]
            ):
                best, found = depth, line
    except YamlError:
        return found
    return found


def entries(file: IO[str], key: str) -> Iterator[tuple[str, Any]]:
    """Yield name and value of each entry of the mapping under ``key``, with no more than one in memory.

    ``file`` is read as it is needed. Raises `YamlError`, also for an alias from another entry.
    """
    import yaml

    nodes = (one for one in _events(file) if isinstance(one, yaml.NodeEvent | yaml.CollectionEndEvent))
    if not isinstance(next(nodes, None), yaml.MappingStartEvent):
        return
    while isinstance(name := next(nodes), yaml.ScalarEvent):
        value = _one(nodes)
        if name.value != key or not isinstance(next(value), yaml.MappingStartEvent):
            list(value)
            continue
        while isinstance(entry := next(nodes), yaml.ScalarEvent):
            yield entry.value, _Builder().build(_one(nodes))
        return


def _one(nodes: Iterator[Any]) -> Iterator[Any]:
    """Yield the events of the next node, with all that is in it."""
    import yaml

    depth = 0
    for event in nodes:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        yield event
        if not depth:
            return


def _events(text: str | IO[str]) -> Iterator[Any]:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from iter(loader(text).get_event, None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise YamlError(what or "not YAML", mark.line + 1 if mark else None) from error
    except yaml.reader.ReaderError as error:
        at = error.position if isinstance(error.position, int) else 0
        line = text.count("\n", 0, at) + 1 if isinstance(text, str) else None
        raise YamlError(f"the character #x{error.character:04x} is not allowed", line) from error
    except yaml.YAMLError as error:
        raise YamlError(str(error)) from error


class _Builder:
    """Makes dicts, lists and scalars from events, with a stack of its own so that depth costs nothing."""

    def __init__(self) -> None:
        self.root: Any = None
        self.documents = 0
        self.stack: list[dict[str, Any] | list[Any]] = []
        self.keys: list[str | None] = []
        self.anchors: dict[str, Any] = {}
        self.scalars: dict[str, Any] = {}

    def build(self, events: Iterable[Any]) -> Any:
        import yaml

        scalar, alias = yaml.ScalarEvent, yaml.AliasEvent
        opens = {yaml.MappingStartEvent: dict, yaml.SequenceStartEvent: list}
        closes = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        for event in events:
            kind = type(event)
            if kind is scalar:
                self._scalar(event)
            elif kind in opens:
                _check_tag(event, _COLLECTION_TAGS)
                container = opens[kind]()
                self._put(container, event)
                self.stack.append(container)
                self.keys.append(None)
            elif kind in closes:
                self.keys.pop()
                _merge(self.stack.pop())
            elif kind is alias:
                if event.anchor not in self.anchors:
                    raise YamlError(f"the alias *{event.anchor} has no anchor", event.start_mark.line + 1)
                self._put(self.anchors[event.anchor], event, anchor=None)
        return self.root

    def _scalar(self, event: Any) -> None:
        text = event.value
        if self.stack and self.keys[-1] is None and type(self.stack[-1]) is dict:
            if text == "<<" and not event.style:
                text = _MERGE
            if text in self.stack[-1]:
                raise YamlError(f'the key "{text}" is given twice', event.start_mark.line + 1)
            self.keys[-1] = text
            return
        self._put(text if event.style in ("'", '"', "|", ">") else self._plain(event), event)

    def _plain(self, event: Any) -> Any:
        tag, text = event.tag, event.value
        if tag in _STRING_TAGS:
            return text
        _check_tag(event, _TAGS)
        try:
            return self.scalars[text]
        except KeyError:
            value = self.scalars[text] = resolve(text)
            return value

    def _put(self, value: Any, event: Any, anchor: str | None = "") -> None:
        if anchor is not None and event.anchor:
            self.anchors[event.anchor] = value
        if not self.stack:
            if self.documents:
                raise YamlError("a second document; a catalog file holds one", event.start_mark.line + 1)
            self.documents, self.root = 1, value
            return
        top, key = self.stack[-1], self.keys[-1]
        if isinstance(top, list):
            top.append(value)
        elif key is None:
            raise YamlError("a key must be plain text", event.start_mark.line + 1)
        else:
            self.keys[-1] = None
            top[key] = value


def _check_tag(event: Any, allowed: frozenset[str]) -> None:
    if event.tag is not None and event.tag not in allowed:
        raise YamlError(f"the tag {event.tag} is not allowed", event.start_mark.line + 1)


def _merge(container: dict[str, Any] | list[Any]) -> None:
    """Apply a mapping's merge key: what it inherits stands behind its own keys."""
    if not isinstance(container, dict) or _MERGE not in container:
        return
    inherited = container.pop(_MERGE)
    for mapping in inherited if isinstance(inherited, list) else [inherited]:
        if isinstance(mapping, dict):
            for key, value in mapping.items():
                container.setdefault(key, value)


def _keys(text: str) -> Iterator[tuple[list[str | int | None], int]]:
    """Yield the path of every mapping key and list item, with its line, in file order."""
    import yaml

    path: list[str | int | None] = []
    lists: list[bool] = []
    for event in _events(text):
        if isinstance(event, yaml.CollectionEndEvent):
            path.pop()
            lists.pop()
            if path and not lists[-1]:
                path[-1] = None
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        if path and lists[-1]:
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else 0
            yield path, _line(event)
        elif path and path[-1] is None and isinstance(event, yaml.ScalarEvent):
            path[-1] = event.value
            yield path, _line(event)
            continue
        if isinstance(event, yaml.CollectionStartEvent):
            path.append(None)
            lists.append(isinstance(event, yaml.SequenceStartEvent))
        elif path and not lists[-1]:
            path[-1] = None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def resolve(text: str) -> Any:
    """Return what a plain scalar stands for: None, a boolean, number, date, datetime, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
        return int(text.replace("_", ""))
    if _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    if _DATE.match(text):  # a day that is none, 2026-02-30, stays text
        try:
            return (
                date.fromisoformat(text) if len(text) == len("2026-01-01") else datetime.fromisoformat(text)
            )
        except ValueError:
            return text
    return text


def render(data: Mapping[str, Any]) -> str:
    """Return a catalog's plain data as YAML: blocks down to the table, then one line a column or item."""
    lines: list[str] = []
    _block(data, 0, lines)
    return "\n".join(lines) + "\n"


def render_entry(name: str, value: Mapping[str, Any]) -> str:
    """Return one table as it stands in `render`'s text, under ``tables``."""
    lines: list[str] = []
    _block({name: value}, 1, lines)
    return "\n".join(lines) + "\n"


_BLOCK_DEPTH: Final = 4  # the document, its tables, a table, its columns


def _block(data: Mapping[str, Any], depth: int, lines: list[str]) -> None:
    pad = "  " * depth
    for key, value in data.items():
        name = scalar(key)
        if isinstance(value, Mapping) and value and depth + 1 < _BLOCK_DEPTH and _is_outline(key, depth):
            lines.append(f"{pad}{name}:")
            _block(value, depth + 1, lines)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            lines.append(f"{pad}{name}:")
            lines += (f"{pad}- {_flow(item)}" for item in value)
        else:
            lines.append(f"{pad}{name}: {_flow(value)}")


def _is_outline(key: str, depth: int) -> bool:
    return depth == 1 or (depth == 0 and key == "tables") or (depth == 2 and key == "columns")  # noqa: PLR2004


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """Return one scalar as YAML that every reader, 1.1 or 1.2, understands alike."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    if isinstance(value, datetime):
        text = value.isoformat()
        return text[: -len("+00:00")] + "Z" if value.tzinfo is UTC else text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _OLD_WORDS:
        return text
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - a lone surrogate has no place in UTF-8
        return "\\uFFFD"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004
