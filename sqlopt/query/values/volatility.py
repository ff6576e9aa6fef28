"""What an expression depends on besides its text: rows, chance, the clock, the session."""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp


class Dependence(NamedTuple):
    """What a constant for one run depends on: the current time, the session (its user, its sequences)."""

    clock: bool = False
    session: bool = False


def dependence(node: exp.Expr, variables: frozenset[str]) -> Dependence | None:
    """Return what an expression depends on, or None if it reads rows or chance and so is no constant.

    ``variables`` are the case-folded names of script variables; of ``record.field`` the first part decides.
    """
    clock = session = False
    for inner in node.walk(bfs=False):
        if isinstance(inner, exp.Column):
            if inner.parts[0].name.casefold() not in variables:
                return None
        elif isinstance(inner, _VARYING):
            return None
        elif isinstance(inner, exp.Anonymous):
            name = inner.name.casefold()
            if name in _CHANCE_NAMES:
                return None
            clock, session = clock or name in CLOCK_NAMES, session or name in _SESSION_NAMES
        else:
            clock, session = clock or isinstance(inner, CLOCKS), session or isinstance(inner, _SESSION)
    return Dependence(clock, session)


def chance(node: exp.Expr) -> bool:
    """Whether an expression may give another value each time it is evaluated: random numbers, new ids, samples."""
    return any(
        isinstance(one, _CHANCE) or (isinstance(one, exp.Anonymous) and one.name.casefold() in _CHANCE_NAMES)
        for one in node.walk(bfs=False)
    )


# Tables, generated rows, aggregates: no constants.
_ROWS = (exp.Query, exp.Table, exp.AggFunc, exp.Window, exp.Star, exp.UDTF, exp.Prior)
_CHANCE = (
    exp.Rand, exp.Randn, exp.Randstr, exp.Uniform, exp.Normal, exp.Zipf, exp.Uuid, exp.NextValueFor, exp.Seq1,
    exp.Seq2, exp.Seq4, exp.Seq8, exp.TableSample,
)  # fmt: skip
_VARYING = (*_ROWS, *_CHANCE)
_CHANCE_NAMES = frozenset(
    [
        "random",
        "rand",
        "randn",
        "rand_canonical",
        "uuid",
        "uuid_string",
        "gen_random_uuid",
        "generate_uuid",
        "uuid_generate_v4",
        "newid",
        "newsequentialid",
        "nextval",
        "setval",
        "seq1",
        "seq2",
        "seq4",
        "seq8",
        "uniform",
        "normal",
        "zipf",
        "randstr",
        "monotonically_increasing_id",
        "spark_partition_id",
        "input_file_name",
        "clock_timestamp",
        "timeofday",
        "unnest",
        "generate_series",
        "explode",
    ]
)
CLOCKS = (
    exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTimestampLTZ, exp.CurrentDatetime, exp.CurrentTime,
    exp.Localtime, exp.Localtimestamp, exp.Systimestamp, exp.UtcDate, exp.UtcTime, exp.UtcTimestamp,
)  # fmt: skip
CLOCK_NAMES = frozenset(
    [
        "now",
        "getdate",
        "getutcdate",
        "sysdate",
        "sysdatetime",
        "sysutcdatetime",
        "systimestamp",
        "get_current_timestamp",
        "current_localtimestamp",
        "transaction_timestamp",
        "statement_timestamp",
        "utc_timestamp",
    ]
)
_SESSION = (
    exp.CurrentUser, exp.SessionUser, exp.CurrentRole, exp.CurrentSchema, exp.CurrentSession,
    exp.CurrentDatabase, exp.CurrentWarehouse, exp.CurrentVersion,
)  # fmt: skip
_SESSION_NAMES = frozenset(
    ["currval", "lastval", "last_query_id", "last_insert_id", "txid_current", "pg_backend_pid", "version"]
)
