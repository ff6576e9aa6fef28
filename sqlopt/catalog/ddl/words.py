"""DDL as words: a cursor over a statement's tokens that reads names, groups and lists.

CREATE and ALTER differ between engines mostly in their clauses, and one clause that a full parser does not
know would cost the whole table. So DDL is read clause by clause from the tokens: what is not understood is
stepped over, a bracketed group at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlopt.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PAIRS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_CLOSERS: Final = frozenset(_PAIRS.values())
_DIALECTS: Final = {"postgresql": "postgres", "sparksql": "spark"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word, sign, string or quoted name; ``key`` is its upper case, empty for strings and quoted names."""

    text: str
    key: str
    kind: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """Whether it can stand as a name."""
        return self.kind in {"word", "quoted"}


class Phrase:
    """Words of one statement and a place among them."""

    def __init__(self, words: list[Word], source: str) -> None:
        self.words = words
        self.source = source
        self.at = 0

    @property
    def done(self) -> bool:
        """Whether every word was read."""
        return self.at >= len(self.words)

    def key(self, ahead: int = 0) -> str:
        """Return the key of the word ``ahead`` of the place, empty behind the end."""
        place = self.at + ahead
        return self.words[place].key if place < len(self.words) else ""

    def sees(self, *keys: str) -> bool:
        """Whether these keys come next."""
        return all(self.key(ahead) == key for ahead, key in enumerate(keys))

    def take(self, *keys: str) -> bool:
        """Step over these keys if they come next, and say so."""
        if not self.sees(*keys):
            return False
        self.at += len(keys)
        return True

    def take_any(self, keys: Iterable[str]) -> str:
        """Step over one of these keys and return it, empty if none comes next."""
        key = self.key()
        if key and key in keys:
            self.at += 1
            return key
        return ""

    def name(self) -> str | None:
        """Read a dotted name without its quotes, or return None where none stands."""
        if self.done or not self.words[self.at].is_name:
            return None
        parts = [self.words[self.at].text]
        self.at += 1
        while not self.done:
            word = self.words[self.at]
            before = self.words[self.at - 1]
            joined = word.start == before.end  # my-project.d.t, unquoted in BigQuery
            if word.key == "." and self.at + 1 < len(self.words) and self.words[self.at + 1].is_name:
                parts.append(self.words[self.at + 1].text)
                self.at += 2
            elif word.key == "-" and joined and self.at + 1 < len(self.words):
                parts[-1] += "-" + self.words[self.at + 1].text
                self.at += 2
            else:
                break
        return ".".join(parts)

    def part(self) -> str | None:
        """Read one undotted name."""
        if self.done or not self.words[self.at].is_name:
            return None
        self.at += 1
        return self.words[self.at - 1].text

    def string(self) -> str | None:
        """Read a string's content, after ``=`` if it stands there, or return None."""
        place = self.at + (self.key() == "=")
        if place < len(self.words) and self.words[place].kind == "string":
            self.at = place + 1
            return self.words[place].text
        return None

    def skip(self) -> None:
        """Step over one word, or a bracketed group as a whole."""
        self.at = self._after(self.at)

    def group(self) -> Phrase | None:
        """Read a parenthesised group and return its inside, or None where none stands.

        Raises ValueError for one that is not closed.
        """
        if self.key() != "(":
            return None
        begin, self.at = self.at + 1, self._after(self.at)
        if self.words[self.at - 1].key != ")" or self.at == begin:
            raise ValueError("a parenthesis is not closed")
        return Phrase(self.words[begin : self.at - 1], self.source)

    def items(self) -> Iterator[Phrase]:
        """Read the rest and yield it cut at the commas outside brackets."""
        begin = self.at
        while not self.done:
            if self.key() == ",":
                yield Phrase(self.words[begin : self.at], self.source)
                begin = self.at + 1
            self.skip()
        if begin < len(self.words):
            yield Phrase(self.words[begin:], self.source)

    def until(self, stops: Iterable[str]) -> Phrase:
        """Read up to one of these keys outside brackets, at least one word."""
        begin = self.at
        while not self.done and (self.at == begin or self.key() not in stops):
            self.skip()
        return Phrase(self.words[begin : self.at], self.source)

    def rest(self) -> str:
        """Return the source text of what is left, its white space made single."""
        if self.done:
            return ""
        return " ".join(self.source[self.words[self.at].start : self.words[-1].end].split())

    def names(self) -> tuple[str, ...]:
        """Read a parenthesised list of names; what follows a name (ASC, an operator class) is dropped."""
        inside = self.group()
        if inside is None:
            return ()
        found = (item.part() for item in inside.items())
        return tuple(name for name in found if name)

    def texts(self) -> tuple[str, ...]:
        """Read a parenthesised list of expressions, each as its text; a quoted name loses its quotes."""
        inside = self.group()
        return () if inside is None else tuple(expression(item) for item in inside.items())

    def _after(self, place: int) -> int:
        opener = self.words[place].key if place < len(self.words) else ""
        if opener not in _PAIRS or (opener == "<" and not self._opens_type(place)):
            return place + 1
        expected: list[str] = []
        while place < len(self.words):
            key = self.words[place].key
            if key in _PAIRS and (key != "<" or self._opens_type(place)):
                expected.append(_PAIRS[key])
            elif key in _CLOSERS and key in expected:
                while expected.pop() != key:
                    pass
                if not expected:
                    return place + 1
            place += 1
        return place

    def _opens_type(self, place: int) -> bool:
        return place > 0 and self.words[place - 1].key in {"STRUCT", "ARRAY", "MAP", "RANGE", "TABLE"}


def expression(phrase: Phrase) -> str:
    """Return an expression's text; one that is a name alone, without its quotes."""
    if len(phrase.words) == 1 and phrase.words[0].kind == "quoted":
        return phrase.words[0].text
    return phrase.rest()


def statements(text: str, dialect: str) -> tuple[list[Phrase], list[str]]:
    """Cut a text into statements; the second list says what could not be read. Raises `CatalogError`."""
    tokenizer = _tokenizer(dialect)
    try:
        return list(_cut(tokenizer.tokenize(text), text)), []
    except Exception:  # noqa: BLE001 - any token error: go on a statement at a time
        return _piecewise(tokenizer, text)


def _tokenizer(dialect: str) -> Any:
    from sqlglot.dialects.dialect import Dialect

    name = _DIALECTS.get(dialect.lower(), dialect.lower())
    try:
        return Dialect.get_or_raise(name)
    except ValueError as error:
        raise CatalogError(f'"{dialect}" is not a dialect: {error}') from None


def _piecewise(tokenizer: Any, text: str) -> tuple[list[Phrase], list[str]]:
    """Cut at semicolons that end a line: a quote left open then costs only its own statement."""
    phrases: list[Phrase] = []
    warnings: list[str] = []
    start = 0
    for piece in text.replace(";\r\n", ";\n").split(";\n"):
        try:
            phrases += _cut(tokenizer.tokenize(piece), piece)
        except Exception as error:  # noqa: BLE001 - the tokenizer's own errors and those of its Rust or C build
            line = text.count("\n", 0, start) + 1
            warnings.append(f"line {line}: passed over, {str(error).splitlines()[0]}")
        start += len(piece) + 2
    return phrases, warnings


def _cut(tokens: Iterable[Any], text: str) -> Iterator[Phrase]:
    words: list[Word] = []
    for token in tokens:
        if token.token_type.name == "SEMICOLON" or _parts(token, text):
            if words:
                yield Phrase(words, text)
            words = []
            continue
        if token.text.upper() == "CREATE" and _is_table(words):
            yield Phrase(words, text)  # T-SQL needs no semicolon
            words = []
        words += _words(token, text)
    if words:
        yield Phrase(words, text)


def _parts(token: Any, text: str) -> bool:
    """Whether a token parts statements by having a line to itself: T-SQL's GO, Oracle's slash."""
    if token.text.upper() not in {"GO", "/"}:
        return False
    before = text[text.rfind("\n", 0, token.start) + 1 : token.start]
    end = text.find("\n", token.end)
    return not (before + text[token.end + 1 : end if end >= 0 else len(text)]).strip()


def _is_table(words: list[Word]) -> bool:
    """Whether the words are a CREATE TABLE, complete as far as brackets go."""
    keys = [word.key for word in words]
    return keys[:2] == ["CREATE", "TABLE"] and ")" in keys and keys.count("(") == keys.count(")")


def _words(token: Any, text: str) -> Iterator[Word]:
    """Make words of a token; the tokenizer joins some keywords, as CLUSTER BY, and some signs, as >>."""
    kind, start, end = token.token_type.name, token.start, token.end + 1
    if kind == "IDENTIFIER":
        yield Word(token.text, "", "quoted", start, end)
    elif kind.endswith("STRING") and text[end - 1] in "'\"$":
        yield Word(token.text, "", "string", start, end)
    elif not token.text or not (token.text[0].isalnum() or token.text[0] == "_"):
        for offset, sign in enumerate(text[start:end]):
            yield Word(sign, sign, "sign", start + offset, start + offset + 1)
    else:
        place = start
        for part in text[start:end].split():
            place = text.index(part, place)
            is_number = part[0].isdigit()
            yield Word(part, part.upper(), "number" if is_number else "word", place, place + len(part))
            place += len(part)
