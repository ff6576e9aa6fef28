"""A shop's year: thirty commits that a team would make, each with the verdict that it ought to get."""

from __future__ import annotations

from dataclasses import dataclass, field

CATALOG = """
version: 1
dialect: bigquery
tables:
  shop.raw.orders:
    columns:
      order_id: {type: INT64, nullable: false}
      user_id: {type: INT64}
      order_date: {type: DATE, nullable: false, min: 2023-01-01, max: 2026-11-20}
      status: {type: STRING, average_bytes: 7}
      channel: {type: STRING, average_bytes: 6}
      amount: {type: NUMERIC}
      note: {type: STRING, average_bytes: 200}
    partition_by: {column: order_date, granularity: day}
    rows: 900000000
  shop.raw.users:
    columns:
      user_id: {type: INT64, nullable: false}
      country: {type: STRING, average_bytes: 2}
      signup_date: {type: DATE}
    primary_key: [user_id]
    enforced: true
    rows: 20000000
"""
SETTINGS = """dialect = "bigquery"
catalog = "catalog.yml"

[pricing]
runs-per-month = 30

[gate]
fail-on = "warning"
money-per-month = 20
override-label = "cost-accepted"
"""
DAILY = """-- Revenue by day.
CREATE OR REPLACE TABLE shop.mart.daily AS
SELECT order_date, channel, SUM(amount) AS revenue, COUNT(*) AS orders
FROM shop.raw.orders
WHERE order_date >= DATE '2026-01-01' AND status = 'paid'
GROUP BY order_date, channel;
"""
WEEKLY = """CREATE OR REPLACE TABLE shop.mart.weekly AS
SELECT DATE_TRUNC(order_date, WEEK) AS week, SUM(revenue) AS revenue
FROM shop.mart.daily
GROUP BY week;
"""
COUNTRIES = """CREATE OR REPLACE TABLE shop.mart.countries AS
SELECT u.country, COUNT(*) AS orders
FROM shop.raw.orders AS o
JOIN shop.raw.users AS u ON u.user_id = o.user_id
WHERE o.order_date >= DATE '2026-06-01'
GROUP BY u.country;
"""
START = {
    "catalog.yml": CATALOG,
    "sqlopt.toml": SETTINGS,
    "models/daily.sql": DAILY,
    "models/weekly.sql": WEEKLY,
    "models/countries.sql": COUNTRIES,
}


@dataclass(frozen=True)
class Commit:
    """A commit: what it replaces in which file, or writes (``files``; None deletes), and its verdict.

    ``cost`` is the sign of the difference a month: ``+``, ``0``, ``-``, or ``?`` where it is not known. ``columns``
    are (table's last name, column, change). ``results`` are the verdicts on changed queries: ``same``, ``other``.
    """

    message: str
    file: str = ""
    replace: tuple[tuple[str, str], ...] = ()
    files: dict[str, str | None] = field(default_factory=dict)
    rename: tuple[str, str] | None = None
    statements: tuple[tuple[str, str], ...] = ()
    cost: str = "0"
    new: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    columns: tuple[tuple[str, str, str], ...] = ()
    results: tuple[str, ...] = ()
    stopped: bool = False
    labels: tuple[str, ...] = ()


D, W, C = "models/daily.sql", "models/weekly.sql", "models/countries.sql"
RECENT = "order_date >= DATE '2026-01-01' AND "
PAID = f"WITH paid AS (SELECT * FROM shop.raw.orders WHERE {RECENT}status = 'paid')\n"

YEAR = (
    Commit(
        "Say what daily is for",
        D,
        (("-- Revenue by day.", "-- Revenue by day and channel, paid orders only."),),
    ),
    Commit(
        "Lay out weekly as the style guide wants",
        W,
        (("SELECT DATE_TRUNC", "select\n  date_trunc"), ("GROUP BY week", "group by\n  week")),
    ),
    Commit(
        "All years in daily",
        D,
        ((RECENT, ""),),
        statements=((D, "changed"),),
        cost="+",
        new=("PRN001",),
        results=("other",),
        stopped=True,
    ),
    Commit(
        "Only this year in daily again",
        D,
        (("WHERE status", f"WHERE {RECENT}status"),),
        statements=((D, "changed"),),
        cost="-",
        fixed=("PRN001",),
        results=("other",),
    ),
    Commit(
        "Filter by the year",
        D,
        (("order_date >= DATE '2026-01-01'", "CAST(order_date AS STRING) >= '2026'"),),
        statements=((D, "changed"),),
        cost="+",
        new=("PRN002",),
        results=("same",),
        stopped=True,
    ),
    Commit(
        "Filter by the date again",
        D,
        (("CAST(order_date AS STRING) >= '2026'", "order_date >= DATE '2026-01-01'"),),
        statements=((D, "changed"),),
        cost="-",
        fixed=("PRN002",),
        results=("same",),
    ),
    Commit(
        "Paid orders by a CTE",
        D,
        (
            (
                "SELECT order_date, channel, SUM(amount)",
                PAID + "SELECT order_date, channel, SUM(amount)",
            ),
            (f"FROM shop.raw.orders\nWHERE {RECENT}status = 'paid'\nGROUP", "FROM paid\nGROUP"),
        ),
        statements=((D, "changed"),),
        results=("same",),
    ),
    Commit(
        "The largest order of a day",
        D,
        (("COUNT(*) AS orders", "COUNT(*) AS orders, MAX(amount) AS largest"),),
        statements=((D, "changed"),),
        columns=(("daily", "largest", "added"),),
        results=("other",),
    ),
    Commit(
        "Nobody reads channel",
        D,
        (
            ("order_date, channel, SUM", "order_date, SUM"),
            ("GROUP BY order_date, channel", "GROUP BY order_date"),
        ),
        statements=((D, "changed"),),
        cost="-",
        columns=(("daily", "channel", "removed"),),
        results=("other",),
    ),
    Commit(
        "Revenue in thousands",
        D,
        (("SUM(amount) AS revenue", "SUM(amount) / 1000 AS revenue"),),
        statements=((D, "changed"),),
        columns=(("daily", "revenue", "changed"),),
        results=("other",),
    ),
    Commit(
        "Revenue as a float",
        D,
        (("SUM(amount) / 1000 AS revenue", "CAST(SUM(amount) / 1000 AS FLOAT64) AS revenue"),),
        statements=((D, "changed"),),
        columns=(("daily", "revenue", "retyped"),),
        results=("same",),
    ),
    Commit(
        "Call it income",
        D,
        (("AS revenue", "AS income"),),
        statements=((D, "changed"),),
        columns=(("daily", "revenue", "removed"), ("daily", "income", "added")),
        results=("same",),
    ),
    Commit(
        "Income in weekly too",
        W,
        (("SUM(revenue)", "SUM(income)"),),
        statements=((W, "changed"),),
        cost="?",
        columns=(("weekly", "revenue", "changed"),),
        results=("other",),
    ),
    Commit("Models have folders", rename=(C, "models/users/countries.sql")),
    Commit(
        "Users without orders count",
        "models/users/countries.sql",
        (
            (
                "JOIN shop.raw.users AS u ON u.user_id = o.user_id",
                "LEFT JOIN shop.raw.users AS u ON u.user_id = o.user_id",
            ),
        ),
        statements=(("models/users/countries.sql", "changed"),),
        results=("other",),
    ),
    Commit(
        "A list of all orders",
        files={"models/all_orders.sql": "SELECT * FROM shop.raw.orders;\n"},
        statements=(("models/all_orders.sql", "added"),),
        cost="+",
        new=("PRN001", "SCN001"),
        stopped=True,
    ),
    Commit(
        "A list of the orders of a day",
        files={
            "models/all_orders.sql": "SELECT order_id, user_id, amount FROM shop.raw.orders "
            "WHERE order_date = DATE '2026-11-01';\n"
        },
        statements=(("models/all_orders.sql", "changed"),),
        cost="-",
        fixed=("PRN001", "SCN001"),
        columns=tuple(("all_orders", one, "removed") for one in ("channel", "note", "order_date", "status")),
        results=("other",),
    ),
    Commit(
        "Nobody reads the list",
        files={"models/all_orders.sql": None},
        statements=(("models/all_orders.sql", "removed"),),
        cost="0",
        columns=tuple(("all_orders", one, "removed") for one in ("order_id", "user_id", "amount")),
    ),
    Commit(
        "Which channels there are",
        files={
            "models/channels.sql": "SELECT DISTINCT channel, COUNT(*) AS orders FROM shop.raw.orders\n"
            "WHERE order_date >= DATE '2026-11-01' GROUP BY channel;\n"
        },
        statements=(("models/channels.sql", "added"),),
        cost="+",
        new=("AGG003",),
        stopped=True,
    ),
    Commit(
        "Groups are distinct",
        "models/channels.sql",
        (("SELECT DISTINCT", "SELECT"),),
        statements=(("models/channels.sql", "changed"),),
        fixed=("AGG003",),
        results=("same",),
    ),
    Commit(
        "Channels of half a year",
        "models/channels.sql",
        (("2026-11-01", "2026-05-01"),),
        statements=(("models/channels.sql", "changed"),),
        cost="+",
        results=("other",),
    ),
    Commit(
        "Owners in a YAML file",
        files={"models/schema.yml": "version: 2\nmodels:\n  - name: daily\n    description: By day\n"},
    ),
    Commit("A stricter gate", "sqlopt.toml", (("money-per-month = 20", "money-per-month = 1"),)),
    Commit(
        "All users of all time, accepted",
        "models/users/countries.sql",
        (("WHERE o.order_date >= DATE '2026-06-01'\n", "WHERE o.order_date >= DATE '2023-01-01'\n"),),
        statements=(("models/users/countries.sql", "changed"),),
        cost="+",
        new=("PRN006",),
        results=("other",),
        labels=("cost-accepted",),
    ),
    Commit(
        "Missing notes",
        files={
            "models/notes.sql": "SELECT order_id FROM shop.raw.orders "
            "WHERE order_date = DATE '2026-11-01' AND note = NULL;\n"
        },
        statements=(("models/notes.sql", "added"),),
        cost="+",
        new=("SCN011",),
        stopped=True,
    ),
    Commit(
        "Missing notes, mended",
        "models/notes.sql",
        (("= NULL", "IS NULL"),),
        statements=(("models/notes.sql", "changed"),),
        fixed=("SCN011",),
        results=("other",),
    ),
    Commit(
        "Two models in one file",
        files={
            "models/both.sql": WEEKLY.replace("weekly", "monthly")
            .replace("WEEK", "MONTH")
            .replace("SUM(revenue)", "SUM(income)")
            + "SELECT 1 AS one;\n"
        },
        statements=(("models/both.sql", "added"), ("models/both.sql", "added")),
        cost="0",
    ),
    Commit(
        "The other order",
        "models/both.sql",
        (("SELECT 1 AS one;\n", ""), ("CREATE OR REPLACE", "SELECT 1 AS one;\nCREATE OR REPLACE")),
    ),
    Commit("Statistics of November", "catalog.yml", (("rows: 900000000", "rows: 950000000"),)),
    Commit(
        "The year's end: one more filter",
        D,
        (("status = 'paid'", "status IN ('paid', 'shipped')"),),
        statements=((D, "changed"),),
        results=("other",),
    ),
)
