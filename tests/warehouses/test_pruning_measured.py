"""DuckDB says itself what it skips: the table's cells marked as measured are measured again here.

Two layouts of the same 24 months: a folder of Hive partitions, and one Parquet file with a row group a
month. DuckDB's log of file reads tells which of the 24 were touched.
"""

from datetime import date

import duckdb
import pytest

from sqlopt.warehouses.duckdb.pruning import TABLE
from sqlopt.warehouses.pruning import Form, Prunes

MONTHS = 24
MEASURED = f"measured: DuckDB {duckdb.__version__}"
COLUMNS = """
    (DATE '2020-01-03' + INTERVAL (i) MONTH)::DATE AS d,
    TIMESTAMP '2020-01-03 10:00:00' + INTERVAL (i) MONTH AS t,
    i AS n,
    'k' || lpad(i::VARCHAR, 2, '0') AS s,
    strftime(DATE '2020-01-03' + INTERVAL (i) MONTH, '%Y%m%d') AS y,
    CASE WHEN i <> 3 THEN i END AS m,
    hash(j) % 100 AS o
"""
HIVE_TYPES = "{'d': DATE, 't': TIMESTAMP, 'n': BIGINT, 's': VARCHAR, 'y': VARCHAR, 'm': BIGINT}"

# What follows FROM: the partition column of the Hive layout, then the predicate.
CASES = {
    Form.CAST_DATE: [("t", "CAST(t AS DATE) = DATE '2020-05-03'"), ("t", "t::DATE >= DATE '2021-11-03'")],
    Form.CAST_TIMESTAMP: [("d", "CAST(d AS TIMESTAMP) >= TIMESTAMP '2021-11-03 00:00:00'")],
    Form.CAST_STRING: [("d", "CAST(d AS VARCHAR) = '2020-05-03'"), ("n", "CAST(n AS VARCHAR) = '5'")],
    Form.CAST_NUMBER: [
        ("n", "CAST(n AS INTEGER) = 22"),
        ("n", "CAST(n AS DOUBLE) >= 22.0"),
        ("y", "y::INT < 20200201"),
    ],
    Form.TRUNCATE: [
        ("d", "date_trunc('month', d) = DATE '2020-05-01'"),
        ("t", "date_trunc('month', t) = TIMESTAMP '2020-05-01'"),
        ("d", "date_trunc('month', d) >= DATE '2021-11-01'"),
    ],
    Form.YEAR: [("d", "year(d) = 2020"), ("t", "extract(year FROM t) = 2020")],
    Form.DATE_PART: [("d", "month(d) = 5")],
    Form.FORMAT: [("d", "strftime(d, '%Y-%m') = '2020-05'")],
    Form.SHIFT: [
        ("d", "d + 1 = DATE '2020-05-04'"),
        ("d", "d + INTERVAL 1 DAY >= TIMESTAMP '2021-11-03'"),
        ("n", "n + 1 = 23"),
        ("n", "n - 1 >= 21"),
    ],
    Form.ARITHMETIC: [("n", "n * 2 = 44"), ("n", "n // 2 = 11")],
    Form.MODULO: [("n", "n % 24 = 5")],
    Form.TIME_ZONE: [("t", "(t AT TIME ZONE 'UTC') >= TIMESTAMPTZ '2021-11-03 00:00:00+00'")],
    Form.COALESCE: [("d", "coalesce(d, DATE '1990-01-01') = DATE '2020-05-03'")],
    Form.CASE_FOLD: [("s", "upper(s) = 'K05'"), ("s", "lower(s) = 'k05'")],
    Form.SUBSTRING: [("s", "substr(s, 1, 3) = 'k05'"), ("s", "left(s, 3) = 'k05'")],
    Form.CONCAT: [("s", "s || 'x' = 'k05x'")],
    Form.PARSE: [("y", "strptime(y, '%Y%m%d') = TIMESTAMP '2020-05-03'")],
    Form.USER_FUNCTION: [("n", "twice(n) = 10"), ("n", "twice(n) + o * 0 = 10")],
    Form.OTHER_FUNCTION: [("n", "abs(n) = 5")],
    Form.COMPARE: [
        ("d", "d = DATE '2020-05-03'"),
        ("d", "d >= DATE '2021-11-03'"),
        ("d", "d BETWEEN DATE '2020-05-01' AND DATE '2020-05-31'"),
        ("d", "d = '2020-05-03'"),
        ("t", "t < TIMESTAMP '2020-02-03'"),
        ("s", "s = 'k05'"),
        ("n", "NOT (n < 22)"),
    ],
    Form.NOT_EQUAL: [("n", "n <> 5"), ("s", "s <> 'k05'")],
    Form.IN_LIST: [
        ("n", "n IN (2, 7)"),
        ("n", "n = 2 OR n = 7"),
        ("d", "d IN (DATE '2020-02-03', DATE '2020-05-03', DATE '2020-07-03')"),
    ],
    Form.IS_NULL: [("m", "m IS NULL")],
    Form.CLOCK: [
        ("d", "d >= current_date"),
        ("d", "d >= current_date - INTERVAL 3 DAY"),
        ("t", "t >= now()::TIMESTAMP"),
    ],
    Form.PARAMETER: [("d", "d = $day")],
    Form.SUBQUERY: [
        ("d", "d = (SELECT max(d) FROM dim WHERE name = 'a')"),
        ("n", "n >= (SELECT max(n) FROM dim)"),
    ],
    Form.IN_SUBQUERY: [("d", "d IN (SELECT d FROM dim WHERE name = 'a')")],
    Form.JOIN: [("d", "d_dim = d AND name = 'a'")],
    Form.OTHER_COLUMN: [("n", "n = o")],
    Form.OR_OTHER: [("n", "n = 5 OR o = 3")],
    Form.LIKE_PREFIX: [("s", "s LIKE 'k05%'")],
    Form.LIKE_WILDCARD: [("s", "s LIKE '%05'")],
    Form.ROW_VALUE: [("n", "(n, o) > (21, 1)"), ("n", "(n, o) = (21, 1)")],
    Form.LIMIT: [("d", "TRUE LIMIT 5")],
}


class Bench:
    """A database, the two layouts on disk, and the count of parts that a query reads."""

    def __init__(self, folder):
        self.connection = duckdb.connect()
        self.folder = folder
        for statement in (
            "SET threads = 1",
            "SET enable_external_file_cache = false",
            "SET TimeZone = 'UTC'",
            "CREATE TABLE dim AS SELECT DATE '2020-05-03' AS d, 4 AS n, 'a' AS name, d AS d_dim",
            "CREATE MACRO twice(x) AS 2 * x",
            f"CREATE VIEW months AS SELECT {COLUMNS} FROM range({MONTHS}) r(i), range(2048) q(j) ORDER BY i",
            f"COPY months TO '{folder}/groups.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)",
        ):
            self.connection.execute(statement)
        for column in "dtnsym":
            self.connection.execute(
                f"COPY (SELECT {COLUMNS} FROM range({MONTHS}) r(i), range(10) q(j)) "
                f"TO '{folder}/{column}' (FORMAT parquet, PARTITION_BY ({column}))"
            )

    def parts(self, source, predicate, where):
        """Run the query and return the shares (read, all) of the parts of ``source``."""
        layout = self.connection.execute(
            "SELECT file_name, min(coalesce(dictionary_page_offset, data_page_offset)), "
            f"sum(total_compressed_size) FROM parquet_metadata('{where}') GROUP BY file_name, row_group_id"
        ).fetchall()
        also = ", (SELECT d_dim, name FROM dim)" if "d_dim" in predicate else ""
        values = {"day": date(2020, 5, 3)} if "$day" in predicate else {}
        self.connection.execute("CALL enable_logging('FileSystem')")
        self.connection.execute("CALL truncate_duckdb_logs()")
        self.connection.execute(f"SELECT o FROM {source}{also} WHERE {predicate}", values).fetchall()
        self.connection.execute("CALL disable_logging()")
        reads = self.connection.execute(
            "SELECT path, pos, bytes FROM duckdb_logs_parsed('FileSystem') WHERE op = 'READ' AND bytes > 8"
        ).fetchall()
        read = {
            (file, start)
            for path, position, length in reads
            for file, start, size in layout
            if path == file and position < start + size and position + length > start
        }
        return len(read), len(layout)

    def skips(self, column, predicate, *, cluster):
        """Whether the query leaves some of the 24 parts unread."""
        if cluster:
            where = f"{self.folder}/groups.parquet"
            source = f"'{where}'"
        else:
            where = f"{self.folder}/{column}/*/*.parquet"
            types = "{" + next(one for one in HIVE_TYPES.strip("{}").split(", ") if one[1] == column) + "}"
            source = f"read_parquet('{where}', hive_partitioning = true, hive_types = {types})"
        read, parts = self.parts(source, predicate, where)
        assert parts == MONTHS
        return read < parts


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("pruning"))


# What each answer means for the cases of a form: all skip, none does, or it depends on the case.
MEANS = {
    Prunes.YES: {True},
    Prunes.AT_RUN_TIME: {True},
    Prunes.NO: {False},
    Prunes.PARTIALLY: {True, False},
    Prunes.UNKNOWN: {True, False},
}


@pytest.mark.parametrize("cluster", [False, True], ids=["hive partitions", "row groups"])
@pytest.mark.parametrize("form", CASES)
def test_duckdb_skips_what_its_table_says(bench, form, cluster):
    cell = TABLE.cell(form, cluster=cluster)
    if cell.sure != "measured":
        pytest.fail(f"{form} is measured here: say so in the table")
    assert cell.source.startswith(MEASURED)
    assert {bench.skips(*case, cluster=cluster) for case in CASES[form]} == MEANS[cell.prunes]


def test_every_measured_cell_is_measured_here():
    cells = {**TABLE.partition, **TABLE.cluster}
    assert {form for form, cell in cells.items() if cell.sure == "measured"} == set(CASES)
