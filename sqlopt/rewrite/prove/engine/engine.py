"""Both statements of a pair in DuckDB: translated once, run on one database after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.engine.columns import declared, literal, unread
from sqlopt.rewrite.prove.engine.compare import Failed, Row, normal
from sqlopt.rewrite.prove.engine.errors import meaning
from sqlopt.rewrite.prove.engine.process import Ended, lease, release
from sqlopt.rewrite.prove.engine.translate import order_keys, translate
from sqlopt.rewrite.prove.pair import Pair, Unsupported, weight

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlopt.rewrite.prove.effort import Work
    from sqlopt.rewrite.prove.engine.process import Answer
    from sqlopt.rewrite.prove.pair import Field
    from sqlopt.rewrite.prove.testing.databases import Database

_MEMORY = frozenset({"OutOfMemoryException", "MemoryError"})
_BROKEN = frozenset({"FatalException", "InternalException"})
_CLEAN = (
    "USE main; DROP SCHEMA IF EXISTS test CASCADE; CREATE SCHEMA test; USE test",
    "SET TimeZone = 'UTC'",
    "SET order_by_non_integer_literal = true",
)


Result = list[Row] | Failed


class Engine:
    """An in-memory DuckDB with the pair's tables. Raises `Unsupported` where a statement does not run there.

    ``files`` are the expressions that read the tables' own data, by label, instead of empty tables to be filled.
    Whatever is asked of it may raise `CeilingReached`, and `Unsupported` where the engine gives up.
    """

    def __init__(self, pair: Pair, work: Work, files: Mapping[str, str] | None = None) -> None:
        self.pair = pair
        self.work = work
        self.most = work.budget.rows + 1 if files is None else None
        self.texts: list[str] = []
        for query in pair.queries:
            self.texts.append(translate(pair, query))
            spend(len(self.texts[-1]))
        self.keys: tuple[int, ...] = ()
        """The places of what the first result is ordered by; those beyond its width are columns added to it."""
        self.names: list[list[str]] = []
        self.types: list[list[str]] = []
        self._inserts: dict[str, str] = {}
        self._places: dict[str, list[int]] = {}  # the columns that are filled, by table
        self._filled: set[str] = set()
        self._weight = sum(map(weight, pair.queries))
        self._planning = work.budget.planning
        try:
            self._process = lease(work.left, sealed=files is None)
        except Ended as error:
            raise self._gone(error) from error
        try:
            self._prepare(files)
            self._describe()
            self._show_order()
        except BaseException:
            self.close()
            raise

    def _prepare(self, files: Mapping[str, str] | None) -> None:
        views = [
            (label, f"CREATE VIEW {_quote(label)} AS SELECT * FROM {reading}")  # noqa: S608
            for label, reading in (files or {}).items()
        ]
        for key, relation in self.pair.relations.items() if files is None else ():
            columns = ", ".join(
                f"{_quote(one.name)} {declared(one)}{_default(one)}" for one in relation.fields
            )
            views.append((relation.label, f"CREATE TABLE {_quote(relation.label)} ({columns})"))
            read = [one for one in relation.fields if one.read] or relation.fields[:1]
            names = ", ".join(_quote(one.name) for one in read)
            self._inserts[key] = f"INSERT INTO {_quote(relation.label)} ({names}) VALUES "  # noqa: S608 - quoted
            self._places[key] = [relation.fields.index(one) for one in read]
        done = self._ask([(one, 0) for one in (*_CLEAN, *(text for _, text in views))])
        for (label, _), answer in zip(views, done[len(_CLEAN) :], strict=True):
            if isinstance(answer, tuple):
                raise Unsupported(
                    f"a table like {label} can't be made in the engine that tests use", _detail(answer)
                )

    def _describe(self) -> None:
        described = self._ask([(f"DESCRIBE {text}", None) for text in self.texts])
        for answer, which in zip(described, ("first", "second"), strict=True):
            if isinstance(answer, tuple):
                raise Unsupported(
                    f"the {which} statement does not run in the engine that tests use: {meaning(*answer)}",
                    _detail(answer),
                )
            self.names.append([row[0] for row in answer])
            self.types.append([row[1] for row in answer])

    def _show_order(self) -> None:
        """Add what the first statement is ordered by to its columns, where it is none of them."""
        width = len(self.names[0])
        keys, added = order_keys(self.pair.queries[0], width)
        if added:
            text = translate(self.pair, self.pair.queries[0], added)
            (found,) = self._ask([(f"DESCRIBE {text}", None)])
            if isinstance(found, tuple) or len(found) != width + len(added):
                return
            self.texts[0] = text
        self.keys = keys

    def both(self, databases: Sequence[Database]) -> list[tuple[Result, Result]]:
        """Run both statements on one database after another: what each gives, or how it failed at run time.

        One question to the process, as on a busy machine it is the turns that cost time.
        """
        self._planning -= len(databases) * self._weight
        asked: list[tuple[str, int | None]] = []
        for rows in databases:
            asked += [(one, 0) for one in self._loading(rows)]
            asked += [(text, self.most) for text in self.texts]
        answers = iter(self._ask(asked))
        found: list[tuple[Result, Result]] = []
        wrong: Failed | None = None
        results: list[Result] = []
        for (_, most), answer in zip(asked, answers, strict=True):
            if most == 0:
                wrong = Failed(meaning(*answer)) if isinstance(answer, tuple) else wrong
                continue
            results.append(wrong or self._result(answer))
            if len(results) == len(self.texts):
                found.append((results[0], results[1]))
                wrong, results = None, []
        return found

    def affords(self, databases: int) -> bool:
        """Whether the budget has room for so many databases more, by what planning these statements takes."""
        return self._planning >= databases * self._weight

    def _loading(self, rows: Database) -> list[str]:
        """Return what replaces the rows of the tables."""
        loading = []
        for key, relation in self.pair.relations.items():
            if key in self._filled:
                loading.append(f"DELETE FROM {_quote(relation.label)}")  # noqa: S608
                self._filled.discard(key)
            if rows[key]:
                values = ", ".join(
                    "(" + ", ".join(literal(row[one]) for one in self._places[key]) + ")" for row in rows[key]
                )
                loading.append(self._inserts[key] + values)
                self._filled.add(key)
        return loading

    def run(self, place: int) -> list[Row]:
        """Run the first (0) or second (1) statement. Raises `Failed` for an error at run time."""
        result = self._result(self._ask([(self.texts[place], self.most)])[0])
        if isinstance(result, Failed):
            raise result
        return result

    def ask(self, text: str) -> list[Row] | None:
        """Return what a question of our own gives; None where it fails."""
        (found,) = self._ask([(text, None)])
        return None if isinstance(found, tuple) else found

    def close(self) -> None:
        """Give everything back."""
        release(self._process)

    def _result(self, found: Answer) -> Result:
        if isinstance(found, tuple):
            return Failed(meaning(*found))
        if self.most is not None and len(found) >= self.most:
            return Failed(f"it gives more than {self.most - 1:,} rows")
        try:
            return normal(found)
        except Failed as error:
            return error

    def _ask(self, statements: Sequence[tuple[str, int | None]]) -> list[Answer]:
        _ = self.work.left
        try:
            found = self._process.ask(statements)
        except Ended as error:
            raise self._gone(error) from error
        for one in found:
            if isinstance(one, tuple) and one[0] in _MEMORY:
                raise Unsupported("it takes more memory than tests may", _detail(one))
            if isinstance(one, tuple) and one[0] in _BROKEN:
                self._process.close()
                raise Unsupported("the engine that tests use fails on it", _detail(one))
        return found

    def _gone(self, error: Ended) -> Exception:
        if error.expired:
            return self.work.late()
        return Unsupported("the engine that tests use ended over it: it took too much memory, or is at fault")


def _detail(error: tuple[str, str]) -> tuple[str, ...]:
    """Return an error of the engine in one line, as its cause says it."""
    return ("DuckDB: " + " ".join(error[1].split("\n\n", maxsplit=1)[0].split())[:300],)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _default(one: Field) -> str:
    """Return what a column that nobody reads holds, as rows leave it out: what their generators put there."""
    return f" DEFAULT {literal(unread(one))}" if not one.read and not one.nullable else ""
