"""Jinja's environment as templates of strangers need it: sandboxed, within a budget, and marking what it prints.

The tree of a template is changed before it is compiled: each stretch of text and each expression goes through
the filter ``mark``, and values that decide something (conditions, loops, comparisons) lose their marks first,
so that the marked rendering takes the same way as the plain one.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from jinja2 import nodes, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import _PassArg, missing

from sqlopt.source.jinja.budget import WIDTH, Budget, LimitError
from sqlopt.source.jinja.codes import CLOSE, OPEN, encode, measure, strip, unmark
from sqlopt.source.jinja.located import Places, token_stream
from sqlopt.source.jinja.marking import Marking
from sqlopt.source.jinja.unknown import Opaque, Unknown, Unknowns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jinja2 import Undefined
    from jinja2.lexer import TokenStream
    from jinja2.parser import Parser

    from sqlopt.source.jinja.marking import Piece


class Scope(Protocol):
    """What names stand for: a mapping, or what finds them when they are asked for."""

    def get(self, name: str, default: Any, /) -> Any:
        """Return what a name stands for."""


@dataclass
class State:
    """What one rendering of a template has at hand, and what it met."""

    scope: Scope
    budget: Budget = field(default_factory=Budget)
    unknowns: Unknowns = field(default_factory=Unknowns)
    silent: bool = False
    """Whether a name that nothing defines prints as nothing, as Jinja has it."""
    assigned: frozenset[str] = frozenset()
    """Names that the template sets somewhere: where they are not set, they are known to be nothing."""
    marking: bool = False
    pieces: list[Piece] = field(default_factory=list)
    numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def opaque(self, name: str, *, called: bool = True) -> Opaque:
        """Return a value that nobody knows."""
        return Opaque(self.unknowns, name, called=called)


STATE: ContextVar[State] = ContextVar("rendering")


class ReturnedError(Exception):
    """What a macro returns by dbt's ``return``."""

    def __init__(self, value: Any) -> None:
        super().__init__("return outside of a macro")
        self.value = value


class _Scope(Context):
    """Names of a template, and behind them those of the rendering."""

    def resolve_or_missing(self, key: str) -> Any:
        found = super().resolve_or_missing(key)
        return STATE.get().scope.get(key, missing) if found is missing else found


class Named(Extension):
    """dbt's blocks that hold templates under a name.

    A snapshot's text is printed; a test is a macro of the name ``test_NAME``; docs and materializations are
    read over.
    """

    tags = {"snapshot", "docs", "test", "data_test", "materialization"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Read a block from its tag on."""
        tag = next(parser.stream)
        if tag.value in ("test", "data_test"):
            macro = nodes.Macro(lineno=tag.lineno)
            macro.name = "test_" + parser.parse_assign_target(name_only=True).name
            parser.parse_signature(macro)
            macro.body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
            return macro
        while parser.stream.current.type != "block_end":
            next(parser.stream)
        body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
        return body if tag.value == "snapshot" else []


class SqlEnvironment(SandboxedEnvironment):
    """Compiles templates; what one rendering needs is in `STATE`."""

    intercepted_binops = frozenset({"*", "**", "+", "%"})
    context_class = _Scope

    def __init__(self, newline: str = "\n") -> None:
        extensions = ["jinja2.ext.do", "jinja2.ext.loopcontrols", Named]
        super().__init__(
            extensions=extensions,
            optimized=False,
            cache_size=0,
            newline_sequence=newline,
        )
        self.undefined = cast("type[Undefined]", _undefined)
        self.filters = {name: _bounded(one, name) for name, one in self.filters.items()}
        self.filters |= {"mark": _mark, "plain": unmark, "ticked": _ticked, "concatenated": _concatenated}
        self.filters |= {"as_text": _same, "as_bool": _same, "as_native": _same, "as_number": _same}
        self.filters |= {"trim": _trim, "included": _included, "unpacked": _unpacked}
        self.globals = {name: self.globals[name] for name in ("dict", "cycler", "joiner", "namespace")}
        self.globals["range"] = _range
        self.templates: list[list[Piece]] = []
        self.assigned: frozenset[str] = frozenset()
        """Names that the template compiled last sets."""
        self._path = ""

    def compiled(self, source: str, path: str) -> Any:
        """Return the template ``source`` of the file ``path``. Raises jinja2's ``TemplateSyntaxError``."""
        self._path = path
        code = self.compile(source, path)
        return self.template_class.from_code(self, code, self.make_globals(None))

    def plain_tree(self, source: str) -> nodes.Template:
        """Return the tree of ``source`` as it is parsed, without marks."""
        return super()._parse(source, None, None)

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: Any = None
    ) -> TokenStream:
        del filename
        self._places = Places(source)
        return token_stream(self, self._places, source, name, state)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        pieces: list[Piece] = []
        self.templates.append(pieces)
        marking = Marking(pieces, self._places, len(self.templates) - 1, self._path)
        marked = marking.visit(tree)
        self.assigned = frozenset(marking.assigned)
        marked.set_environment(self)
        return cast("nodes.Template", marked)

    def call(self, context: Context, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls."""
        budget = STATE.get().budget
        if isinstance(called, Macro):
            return self._macro(budget, context, called, *args, **kwargs)
        budget.step()
        owner = getattr(called, "__self__", None)
        if type(owner) is str:
            for name in ("_loop_vars", "_block_vars"):  # what Jinja hands on to functions that ask for it
                kwargs.pop(name, None)
            return _bounded(_method(called.__name__), called.__name__)(owner, *args, **kwargs)
        if isinstance(owner, int | bytes | tuple | dict):
            _refuse_sizes("", (None, *args), kwargs)
        if not isinstance(owner, list):
            args = tuple(map(unmark, args))
            kwargs = {name: unmark(value) for name, value in kwargs.items()}
        try:
            return super().call(context, called, *args, **kwargs)
        except (TypeError, ValueError, AttributeError):
            if any(isinstance(one, Opaque) for one in (*args, *kwargs.values())):
                return STATE.get().opaque(getattr(called, "__name__", "value"), called=False)
            raise

    def _macro(self, budget: Budget, context: Context, called: Macro, *args: Any, **kwargs: Any) -> Any:
        budget.enter()
        try:
            return super().call(context, called, *args, **kwargs)
        except ReturnedError as returned:
            if called.name == "caller":
                raise
            return returned.value
        finally:
            budget.leave()

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item; an index of text counts what is seen of it."""
        return super().getitem(unmark(obj) if isinstance(obj, str) else obj, unmark(argument))

    def wrap_str_format(self, value: Any) -> Any:
        """Return ``str.format`` as a sandbox has it, or None if ``value`` is no such method."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None
        bounded = _bounded(lambda _, *args, **kwargs: wrapped(*args, **kwargs), value.__name__)
        return lambda *args, **kwargs: bounded(value.__self__, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        """Compute where the result may be large."""
        budget = STATE.get().budget
        if operator == "+":
            return budget.plus(left, right)
        if operator == "*":
            return budget.times(unmark(left), unmark(right))
        if operator == "**":
            return budget.power(left, right)
        return _bounded(_percent, "%")(left, right)

    @staticmethod
    def concat(pieces: Any) -> str:
        """Join what was printed, if it is not too much."""
        found = list(pieces)
        STATE.get().budget.put(sum(map(len, found)))
        return "".join(found)


def _undefined(hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = None) -> Any:  # noqa: ARG001
    state = STATE.get()
    silent = state.silent or obj is not missing or name in state.assigned
    return Unknown(state.unknowns, str(name or "value"), silent=silent)


def _included(name: Any) -> Any:
    return STATE.get().opaque(str(name))


def _same(value: Any) -> Any:
    return value


@pass_context
def _mark(context: Context, value: Any, template: int, number: int) -> str:
    text = value if isinstance(value, str) else _text(value)
    state = STATE.get()
    if not state.marking:
        return text
    pieces: list[Piece] = context.environment.templates[template]  # type: ignore[attr-defined]
    at = state.numbers.get((id(pieces), number))
    if at is None:
        at = state.numbers[id(pieces), number] = len(state.pieces)
        state.pieces.append(pieces[number])
    return f"{encode(OPEN, at)}{text}{encode(CLOSE, at)}"


def _text(value: Any) -> str:
    measure(value)
    return str(value)


def _ticked(items: Any, width: int) -> Iterator[Any]:
    budget = STATE.get().budget
    for one in unmark(items):
        budget.step()
        yield _unpacked(one, width) if width else one


def _unpacked(value: Any, width: int) -> Any:
    """Return ``value``, which is unpacked into ``width`` names: what is unknown has as many parts as are asked."""
    return (value,) * width if isinstance(value, Opaque) else value


def _concatenated(values: list[Any]) -> str:
    texts = [one if isinstance(one, str) else _text(one) for one in values]
    STATE.get().budget.put(sum(map(len, texts)))
    return "".join(texts)


def _trim(value: Any, chars: str | None = None) -> str:
    return strip(value if isinstance(value, str) else str(value), chars)


def _range(*given: Any) -> range:
    numbers = range(*(int(one) for one in given))
    if len(numbers) > WIDTH:
        raise LimitError(f"a range of more than {WIDTH:,}")
    return numbers


def _percent(left: Any, right: Any) -> Any:
    return left % (
        right.__class__(map(str, right)) if isinstance(right, tuple) and isinstance(left, str) else right
    )


def _method(name: str) -> Callable[..., Any]:
    if name in ("strip", "lstrip", "rstrip"):
        return lambda text, chars=None: strip(text, chars, left=name != "rstrip", right=name != "lstrip")
    return lambda text, *args, **kwargs: getattr(text, name)(*args, **kwargs)


_MULTIPLYING = frozenset({"replace", "join", "format", "format_map", "%", "indent", "translate", "wordwrap"})
_STRIPPING = frozenset({"strip", "lstrip", "rstrip"})


def _bounded(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a filter or method that refuses sizes, and keeps the marks of its text where they do no harm."""
    passes = _PassArg.from_obj(function) if name != "%" else None
    skipped = 1 if passes is not None else 0

    def bounded(*args: Any, **kwargs: Any) -> Any:
        budget = STATE.get().budget
        given, args = args[:skipped], args[skipped:]
        _refuse_sizes(name, args, kwargs)
        first, *others = args or ("",)
        rest = list(map(unmark, others))
        named = {key: unmark(value) for key, value in kwargs.items()}
        if name in _STRIPPING:
            return function(first, *rest, **named)
        clean = unmark(first)
        try:
            result = function(*given, clean, *rest, **named) if args else function(*given, **named)
        except (TypeError, ValueError, AttributeError):
            if any(isinstance(one, Opaque) for one in (clean, *rest, *named.values())):
                return STATE.get().opaque(name, called=False)
            raise
        if isinstance(result, str):
            budget.put(len(result))
            if clean is not first and isinstance(first, str):
                kept = function(*given, first, *rest, **named)
                return kept if unmark(kept) == result else result
            if name == "join":
                return function(*given, first, *others, **named)
        return result

    if passes is not None:
        bounded.jinja_pass_arg = passes  # type: ignore[attr-defined]
    return bounded


def _refuse_sizes(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    values = [*args, *kwargs.values()]
    measure(values)
    if any(isinstance(one, int) and one > WIDTH for one in values[1:]):
        raise LimitError(f"{name} with a number above {WIDTH:,}")
    if name in _MULTIPLYING:
        product = 1
        for one in values:
            product *= max(_size(one), 1)
        if product > Budget().characters * 4:
            raise LimitError(f"{name} of texts that are too long")
    if name in ("%", "format", "format_map") and values and isinstance(values[0], str):
        digits = "".join(one if one.isdigit() else " " for one in values[0]).split()
        if any(len(one) > len(str(WIDTH)) - 1 for one in digits) or "*" in values[0]:
            raise LimitError(f"{name} with a width that is too large")


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list | tuple):
        return sum(len(one) if isinstance(one, str) else 10 for one in value)
    if isinstance(value, dict):
        return sum(len(one) if isinstance(one, str) else 10 for one in value.values())
    return 1
