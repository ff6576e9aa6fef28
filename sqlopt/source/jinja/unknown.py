"""What is not known while a template is rendered: it goes through all that templates do, and is seen after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import Undefined

from sqlopt.source.jinja.codes import CODES, HOLE, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator


class Unknowns:
    """The unknown things that one rendering met; a code in its text stands for each."""

    def __init__(self) -> None:
        self.names: list[tuple[str, bool]] = []
        """What is unknown as (name, whether it was called, and so may print any SQL)."""
        self.deciding: dict[str, None] = {}
        """Names that a condition, comparison or loop asked."""
        self._known: dict[tuple[str, bool], int] = {}

    def code(self, name: str, *, called: bool) -> str:
        """Return the code of ``name``."""
        key = (name, called)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.names)
            self.names.append(key)
        return encode(HOLE, number)


_JINJAS_OWN = frozenset({"unsafe_callable", "alters_data", "jinja_pass_arg", "contextfunction"})
"""What Jinja asks of things that are called."""


class Opaque:
    """A value that exists but is not known: true, with one item, and printed as a placeholder."""

    def __init__(self, unknowns: Unknowns, name: str, *, called: bool = False) -> None:
        self._unknowns = unknowns
        self._name = name
        self._called = called

    def __str__(self) -> str:
        """Return the code, which `filled` makes into SQL."""
        return self._unknowns.code(self._name, called=self._called)

    __repr__ = __str__

    def __html__(self) -> str:
        """Return what is printed, for escaping filters."""
        return str(self)

    def __getattr__(self, name: str) -> Opaque:
        if name.startswith("_") or name in _JINJAS_OWN:
            raise AttributeError(name)
        return Opaque(self._unknowns, f"{self._name}.{name}", called=self._called)

    def __getitem__(self, key: Any) -> Opaque:
        tail = f".{key}" if isinstance(key, str) and key.isidentifier() else ""
        return Opaque(self._unknowns, self._name + tail, called=self._called)

    def __call__(self, *_: Any, **__: Any) -> Opaque:
        """Return what nobody knows: the result."""
        return Opaque(self._unknowns, self._name, called=True)

    def _asked(self) -> None:
        self._unknowns.deciding[self._name] = None

    def __iter__(self) -> Iterator[Any]:
        self._asked()
        yield Opaque(self._unknowns, self._name, called=False)

    def __len__(self) -> int:
        self._asked()
        return 1

    def __bool__(self) -> bool:
        self._asked()
        return True

    def __contains__(self, _: Any) -> bool:
        self._asked()
        return False

    def __eq__(self, other: object) -> bool:
        self._asked()
        return isinstance(other, Opaque) and other._name == self._name

    def __hash__(self) -> int:
        return hash(self._name)

    def _join(self, other: Any) -> Any:
        return str(self) + other if isinstance(other, str) else self

    def _joined(self, other: Any) -> Any:
        return other + str(self) if isinstance(other, str) else self

    def _same(self, *_: Any) -> Any:
        return self

    def _no(self, _: Any) -> bool:
        self._asked()
        return False

    __add__ = _join
    __radd__ = _joined
    __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __neg__ = __pos__ = __pow__ = __rpow__ = _same
    __lt__ = __le__ = __gt__ = __ge__ = _no

    def __int__(self) -> int:
        return 0

    __index__ = __int__

    def __float__(self) -> float:
        return 0.0


class Unknown(Opaque, Undefined):  # type: ignore[misc]  # Jinja's own fails on use
    """A name that nothing defines: not defined and false; printed as a placeholder, or as nothing if silent."""

    def __init__(self, unknowns: Unknowns, name: str, *, silent: bool = False) -> None:
        Undefined.__init__(self, name=name)
        Opaque.__init__(self, unknowns, name)
        self._silent = silent

    def __str__(self) -> str:
        """Return the code, or nothing."""
        return "" if self._silent else Opaque.__str__(self)

    def __getattr__(self, name: str) -> Opaque:
        if name.startswith("_") or name in _JINJAS_OWN:
            raise AttributeError(name)
        return Unknown(self._unknowns, f"{self._name}.{name}", silent=self._silent)

    def __getitem__(self, key: Any) -> Opaque:  # type: ignore[override]
        tail = f".{key}" if isinstance(key, str) and key.isidentifier() else ""
        return Unknown(self._unknowns, self._name + tail, silent=self._silent)

    def __iter__(self) -> Iterator[Any]:
        return iter(()) if self._silent else Opaque.__iter__(self)

    def __len__(self) -> int:
        return 0 if self._silent else 1

    def __bool__(self) -> bool:
        return False

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class Filling:
    """What stands in the text for something unknown; ``any_sql`` if more than a value may stand there."""

    text: str
    name: str
    any_sql: bool


# After these words, commas, operators and opening brackets an operand must follow.
_WANTING = frozenset(
    {
        "select",
        "distinct",
        "all",
        "from",
        "where",
        "and",
        "or",
        "not",
        "on",
        "by",
        "having",
        "join",
        "using",
        "qualify",
        "when",
        "then",
        "else",
        "case",
        "in",
        "like",
        "ilike",
        "between",
        "is",
        "as",
        "limit",
        "offset",
        "interval",
        "into",
        "table",
        "update",
        "set",
        "values",
        "with",
        "over",
        "partition",
        "union",
        "except",
        "intersect",
        "lateral",
        "view",
        "exists",
        "any",
    }
)
_TABLES = frozenset({"from", "join", "into", "table", "update", "using", "exists", "view"})
_CONDITIONS = frozenset(
    {"where", "and", "or", "not", "on", "having", "qualify", "when", "select", "distinct", "by"}
)
_STARTS = frozenset({"select", "with", "insert", "merge", "delete", "update", "create", "from", "("})
_BEFORE = re.compile(r"(\w+|\S)\s*\Z")
_STAR = re.compile(r"(?:\b(?:select|distinct|all)|[.,(])\s*\*\s*\Z", re.IGNORECASE)
_SETS = re.compile(r"\b(?:union|except|intersect|minus)(?:\s+(?:all|distinct))?\s*\Z", re.IGNORECASE)
_CASTS = re.compile(r"cast\s*\((?:[^()]|\([^()]*\))*\bas\s*\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s+(?:(?!\b(?:and|or|where)\b)[^;])+\band\s*\Z", re.IGNORECASE)
_AFTER = re.compile(r"\s*(\w+|\S|\Z)")
_QUERY = "select * from "
_ENDING = frozenset({")", "]", "_", '"', "'", "`"})
_NEAR = 2000
"""Characters before a place that are looked at."""


def filled(text: str, names: list[tuple[str, bool]]) -> list[Filling]:
    """Return what each code of an unknown in ``text`` becomes, in order of their places.

    Where an operand is wanted it is an identifier, a whole statement's place gets a query, and where nothing
    is wanted (a macro's clause after a whole expression) it becomes a comment.
    """
    found = []
    done = 0
    before = ""
    for code in CODES.finditer(text):
        before = (before + text[done : code.start()])[-_NEAR:]
        done = code.end()
        name, called = names[decode(code.group(2))]
        following = CODES.sub("x", text[code.end() : code.end() + 200])
        one = _filling(before, following, name, called=called)
        if one.text.startswith("/*") and not following.strip() and _lacks_query(text[: code.start()]):
            one = Filling(_QUERY + one.text[3:-3], name, any_sql=True)
        found.append(one)
        before += one.text
    return found


def _filling(before: str, following: str, name: str, *, called: bool) -> Filling:
    shown = "unknown_" + (re.sub(r"\W+", "_", name).strip("_") or "value")
    if before.endswith("::"):
        return Filling("varchar", name, any_sql=False)
    if (before and _touches(before[-1])) or (following and _touches(following[0])):
        return Filling(shown, name, any_sql=False)
    if "--" in before[before.rfind("\n") + 1 :]:
        return Filling(shown, name, any_sql=False)
    clean = _uncommented(before)
    last = _BEFORE.search(clean)
    word = last.group(1).casefold() if last else ""
    after = _AFTER.match(following)
    then = (after.group(1) if after else "").casefold()
    comment = Filling(f"/* {shown} */", name, any_sql=True)
    if _wants_query(clean, word, then):
        return (
            comment if word in ("", ";") and then in _STARTS else Filling(_QUERY + shown, name, any_sql=True)
        )
    if word == "as" and _CASTS.search(clean):
        return Filling("varchar", name, any_sql=False)
    if word == "*" and _STAR.search(clean):
        return comment
    if then == "over":
        shown += "()"
    if word in _WANTING or (not word[0].isalnum() and word not in _ENDING):
        condition = word in _CONDITIONS and not _BETWEEN.search(clean)
        return Filling(shown, name, any_sql=word not in _TABLES and (called or condition))
    return comment


def _wants_query(before: str, word: str, then: str) -> bool:
    """Whether a query belongs between ``before``, whose last word is ``word``, and the word ``then``."""
    if word == "(" and then == ")":
        return _query(before) or not re.search(r"\w\s*\($", before.rstrip())
    return word in ("", ";") or _SETS.search(before) is not None


def _lacks_query(before: str) -> bool:
    """Whether the last statement of ``before`` is CTEs alone, so that its query is still to come."""
    text = _uncommented(before)
    depth = 0
    outside = []
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth <= 0:
            outside.append(character)
    statement = "".join(outside).rsplit(";", 1)[-1]
    return re.match(r"\s*with\b", statement, re.IGNORECASE) is not None and not re.search(
        r"\b(?:select|insert|update|delete|merge|from)\b", statement, re.IGNORECASE
    )


def _uncommented(text: str) -> str:
    return re.sub(r"--[^\n]*(?=\n)|/\*.*?\*/", " ", text, flags=re.DOTALL)


def _query(core: str) -> bool:
    return re.search(r"\b(as|in|from|join|exists)\s*\($", core.rstrip(), re.IGNORECASE) is not None


def _touches(character: str) -> bool:
    return character.isalnum() or character in "_.'\"`$@:%/-"
