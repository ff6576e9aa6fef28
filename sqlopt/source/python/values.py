"""What an expression of Python is as text, as far as its source says: constants, sums, f-strings, formats.

Nothing is run. A name counts if it is set once, to something that is text itself.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from sqlopt.source.pieces import Pieces
from sqlopt.source.python.literals import value_of
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 12
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(?:![rsa])?(?::[^{}]*)?\}")
_PERCENT = re.compile(r"%%|%(?:\((\w+)\))?[#0\- +]*\d*(?:\.\d+)?[sdifr]")
_DOLLAR = re.compile(r"\$\$|\$\{?([a-zA-Z_]\w*)\}?")
_STRIPS = {"strip": (True, True), "lstrip": (True, False), "rstrip": (False, True)}
_WRAPPERS = frozenset(
    {"dedent", "cleandoc", "text", "sql_text", "Template", "SQL", "literal_sql", "Composed"}
)
"""Functions that give back the text that they are given, for our purpose."""

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
_SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class Source:
    """A text of Python: its tree, offsets of its nodes, and what its names are set to."""

    def __init__(self, text: str) -> None:
        """Raises `SyntaxError`, `ValueError`, `RecursionError` or `MemoryError` for what Python can't parse."""
        self.text = text
        with warnings.catch_warnings():  # of the person's program, which are not ours to say
            warnings.simplefilter("ignore")
            self.tree = ast.parse(text)
        self._starts = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]
        self._parents: dict[int, ast.AST] = {}
        self._set: dict[tuple[int, str], list[ast.expr | None]] = {}
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self._parents[id(child)] = node
        for node in ast.walk(self.tree):
            self._note(node)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place that Python names by a line and a column of UTF-8."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        written = self.text[start:end]
        if written.isascii():
            return start + column
        return start + len(written.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))

    def span(self, node: ast.AST) -> Span:
        """Return the range of a node."""
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return Span(self.offset(line, column), self.offset(end_line, end_column))

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what stands around a node, inmost first."""
        above = self._parents.get(id(node))
        while above is not None:
            yield above
            above = self._parents.get(id(above))

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._set_to(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._set_to(node.target, node.value)
        elif isinstance(node, ast.AugAssign | ast.For | ast.AsyncFor | ast.NamedExpr):
            self._set_to(node.target, None)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = node.args
            for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                self._set.setdefault((id(node), one.arg), []).append(None)

    def _set_to(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            scope = next((one for one in self.parents(target) if isinstance(one, _SCOPES)), self.tree)
            self._set.setdefault((id(scope), target.id), []).append(value)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            self._set.setdefault((0, target.attr), []).append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            for one in target.elts:
                self._set_to(one, None)

    def named(self, node: ast.Name | ast.Attribute) -> ast.expr | None:
        """Return what a name or an attribute of ``self`` is set to, if it is set once."""
        if isinstance(node, ast.Name):
            for scope in (*self.parents(node), self.tree):
                values = self._set.get((id(scope), node.id))
                if values is not None and isinstance(scope, _SCOPES):
                    return values[0] if len(values) == 1 else None
            return None
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            values = list(self._set.get((0, node.attr), []))
            for scope in self.parents(node):
                if isinstance(scope, ast.ClassDef):
                    values += self._set.get((id(scope), node.attr), [])
            return values[0] if len(values) == 1 else None
        return None

    def value(self, node: ast.expr | None, depth: int = 0) -> Pieces | None:
        """Return the text that an expression gives, with its places; None if it is not known to be text."""
        if node is None or depth > _DEPTH:
            return None
        if isinstance(node, ast.Constant):
            return (
                value_of(node, self.text, self.span(node), _no_field) if isinstance(node.value, str) else None
            )
        if isinstance(node, ast.JoinedStr):
            return value_of(
                node, self.text, self.span(node), lambda text, span: self._field(node, text, span, depth)
            )
        if isinstance(node, ast.Name | ast.Attribute):
            return self.value(self.named(node), depth + 1)
        if isinstance(node, ast.BinOp):
            return self._operation(node, depth)
        return self._call(node, depth) if isinstance(node, ast.Call) else None

    def _operation(self, node: ast.BinOp, depth: int) -> Pieces | None:
        left = self.value(node.left, depth + 1)
        if isinstance(node.op, ast.Add):
            right = self.value(node.right, depth + 1)
            if left is None and right is None:
                return None
            return self._or_unknown(left, node.left) + self._or_unknown(right, node.right)
        if isinstance(node.op, ast.Mod) and left is not None:
            return self._percent(left, node.right, depth)
        return None

    def _or_unknown(self, known: Pieces | None, node: ast.expr) -> Pieces:
        if known is not None:
            return known
        name = ast.unparse(node) if not isinstance(node, ast.Call) else ast.unparse(node.func)
        return Pieces.unknown(name, self.span(node), called=isinstance(node, ast.Call))

    def _field(self, around: ast.AST, text: str, span: Span, depth: int) -> Pieces:
        try:
            node = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return Pieces.unknown(text, span)
        if isinstance(node, ast.Name | ast.Attribute):
            self._parents[id(node)] = around
            known = self.value(node, depth + 1)
            if known is not None:
                return known.at(span)
        if isinstance(node, ast.Constant):
            return Pieces.computed(str(node.value), span)
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else text
        return Pieces.unknown(name, span, called=isinstance(node, ast.Call))

    def _call(self, node: ast.Call, depth: int) -> Pieces | None:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name in _WRAPPERS and node.args:
            inner = self.value(node.args[0], depth + 1)
            return inner.dedent() if inner is not None and name in ("dedent", "cleandoc") else inner
        if not isinstance(function, ast.Attribute):
            return None
        text = self.value(function.value, depth + 1)
        if text is None:
            return None
        if name in _STRIPS and not node.args:
            left, right = _STRIPS[name]
            return text.strip(left=left, right=right)
        if name in ("substitute", "safe_substitute"):
            return self._filled(text, _DOLLAR, node, depth)
        if name == "format":
            return self._filled(text, _FIELD, node, depth)
        return None

    def _filled(self, text: Pieces, pattern: re.Pattern[str], node: ast.Call, depth: int) -> Pieces:
        parts = []
        count = 0
        given = {one.arg: one.value for one in node.keywords if one.arg}
        for field in pattern.finditer(text.text):
            inside = text[field.start() : field.end()]
            place = hull(inside)
            if field.group(1) is None:
                parts.append((field.start(), field.end(), Pieces.computed(field.group()[0], place)))
                continue
            name = field.group(1)
            number = int(name) if name.isdigit() else count if name == "" else None
            count += name == ""
            value = (
                given.get(name) if number is None else node.args[number] if number < len(node.args) else None
            )
            parts.append((field.start(), field.end(), self._given(value, name, place, depth)))
        return text.replaced(parts)

    def _given(self, value: ast.expr | None, name: str, place: Span, depth: int) -> Pieces:
        known = self.value(value, depth + 1) if value is not None else None
        if known is not None:
            return known.at(place)
        if isinstance(value, ast.Constant):
            return Pieces.computed(str(value.value), place)
        shown = name or (ast.unparse(value) if value is not None else "value")
        return Pieces.unknown(shown, place, called=isinstance(value, ast.Call))

    def _percent(self, text: Pieces, right: ast.expr, depth: int) -> Pieces:
        values = list(right.elts) if isinstance(right, ast.Tuple) else [right]
        named = {}
        if isinstance(right, ast.Dict):
            named = {
                k.value: v
                for k, v in zip(right.keys, right.values, strict=True)
                if isinstance(k, ast.Constant)
            }
        parts = []
        count = 0
        for field in _PERCENT.finditer(text.text):
            place = hull(text[field.start() : field.end()])
            if field.group() == "%%":
                parts.append((field.start(), field.end(), Pieces.computed("%", place)))
                continue
            name = field.group(1)
            value = named.get(name) if name else values[count] if count < len(values) else None
            count += name is None
            parts.append((field.start(), field.end(), self._given(value, name or "", place, depth)))
        return text.replaced(parts)


def _no_field(text: str, span: Span) -> Pieces:
    return Pieces.unknown(text, span)


def hull(pieces: Pieces) -> Span:
    """Return the range of the file that pieces, one at least, come from."""
    found = pieces.pieces[0].span
    for one in pieces.pieces[1:]:
        found = found.hull(one.span)
    return found
