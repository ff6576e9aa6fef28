"""The change of a template's tree by which what it prints can be marked."""

# ruff: noqa: N802, D102 - Jinja finds a visitor's methods by the names of its nodes
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from sqlopt.source.jinja.located import Line
from sqlopt.span import Span

if TYPE_CHECKING:
    from sqlopt.source.jinja.located import Places


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a template: its own text, or an expression. ``in_macro``: within a macro's body."""

    path: str
    span: Span
    is_text: bool
    in_macro: bool


class Marking(NodeTransformer):
    """Puts the filters into a template's tree."""

    def __init__(self, pieces: list[Piece], places: Places, template: int, path: str) -> None:
        self._pieces = pieces
        self._places = places
        self._template = template
        self._path = path
        self._macros = 0
        self.assigned: set[str] = set()
        """Names that the template sets somewhere."""

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        if node.ctx != "load":
            self.assigned.add(node.name)
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Node:
        children: list[nodes.Expr] = []
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                if child.data:
                    line = child.lineno
                    span = Span(line.start, line.end) if isinstance(line, Line) else Span(0, 0)
                    children.append(self._marked(nodes.Const(child.data), span, is_text=True))
            else:
                line = child.lineno if isinstance(child.lineno, Line) else node.lineno
                at = self._places.output_at(line.start) if isinstance(line, Line) else None
                children.append(self._marked(self.visit(child), at or Span(0, 0), is_text=False))
        node.nodes = children
        return node

    def _marked(self, value: nodes.Expr, span: Span, *, is_text: bool) -> nodes.Expr:
        self._pieces.append(Piece(self._path, span, is_text, self._macros > 0))
        number = [nodes.Const(self._template), nodes.Const(len(self._pieces) - 1)]
        return nodes.Filter(value, "mark", number, [], None, None)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        self._macros += 1
        self.generic_visit(node)
        self._macros -= 1
        return node

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        return self._block(node)

    def visit_FilterBlock(self, node: nodes.FilterBlock) -> nodes.Node:
        return self._block(node)

    def _block(self, node: nodes.Stmt) -> nodes.Node:
        """Print a block's result as an expression: ``{% call %}`` does what ``{{ }}`` does."""
        line = node.lineno
        at = self._places.block_at(line.start) if isinstance(line, Line) else None
        self.generic_visit(node)
        kept = nodes.AssignBlock(nodes.Name("block_text", "store"), None, [node], lineno=line)
        shown = self._marked(nodes.Name("block_text", "load"), at or Span(0, 0), is_text=False)
        return nodes.Scope([kept, nodes.Output([shown], lineno=line)], lineno=line)

    def visit_Include(self, node: nodes.Include) -> nodes.Node:
        """Print an unknown text: other templates are not looked for."""
        line = node.lineno
        at = self._places.block_at(line.start) if isinstance(line, Line) else None
        shown = self._marked(_through("included", node.template), at or Span(0, 0), is_text=False)
        return nodes.Output([shown], lineno=line)

    def visit_Import(self, node: nodes.Import) -> nodes.Node:
        target = nodes.Name(node.target, "store")
        return nodes.Assign(target, _through("included", node.template), lineno=node.lineno)

    def visit_FromImport(self, node: nodes.FromImport) -> list[nodes.Node]:
        names = [one if isinstance(one, tuple) else (one, one) for one in node.names]
        return [
            nodes.Assign(
                nodes.Name(alias, "store"), _through("included", nodes.Const(name)), lineno=node.lineno
            )
            for name, alias in names
        ]

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _through("ticked", node.iter, _width(node.target))
        if node.test is not None:
            node.test = _through("plain", node.test)
        return node

    def visit_Assign(self, node: nodes.Assign) -> nodes.Node:
        self.generic_visit(node)
        if isinstance(node.target, nodes.Tuple):
            node.node = _through("unpacked", node.node, _width(node.target))
        return node

    def visit_If(self, node: nodes.If) -> nodes.Node:
        return self._tested(node)

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:
        return self._tested(node)

    def _tested(self, node: Any) -> nodes.Node:
        self.generic_visit(node)
        node.test = _through("plain", node.test)
        return node  # type: ignore[no-any-return]

    def visit_Not(self, node: nodes.Not) -> nodes.Node:
        self.generic_visit(node)
        node.node = _through("plain", node.node)
        return node

    def visit_And(self, node: nodes.And) -> nodes.Node:
        return self._left(node)

    def visit_Or(self, node: nodes.Or) -> nodes.Node:
        return self._left(node)

    def _left(self, node: nodes.BinExpr) -> nodes.Node:
        self.generic_visit(node)
        node.left = _through("plain", node.left)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _through("plain", node.expr)
        for one in node.ops:
            one.expr = _through("plain", one.expr)
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Node:
        self.generic_visit(node)
        node.node = _through("plain", node.node)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _through("concatenated", nodes.List(node.nodes))


def _width(target: nodes.Node) -> int:
    """Return into how many names a value is unpacked; 0 if it is not."""
    return len(target.items) if isinstance(target, nodes.Tuple) else 0


def _through(name: str, value: nodes.Node, *given: int) -> nodes.Expr:
    return nodes.Filter(value, name, [nodes.Const(one) for one in given], [], None, None)
