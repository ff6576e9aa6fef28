"""A running Spark: reads one statement a line (JSON), writes the rows, the names or an error. It has its own
environment, and nothing of sqlopt."""

import json
import sys

from pyspark.sql import SparkSession

session = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.sql.ansi.enabled", sys.argv[1])
    .getOrCreate()
)
session.sparkContext.setLogLevel("OFF")


def shown(value):
    """Return a value with its kind."""
    return [type(value).__name__, None if value is None else str(value)]


sys.stdout.write("ready\n")
for line in sys.stdin:
    try:
        found = session.sql(json.loads(line).replace("DOUBLE PRECISION", "DOUBLE"))
        answer = [[[shown(one) for one in row] for row in found.collect()], found.columns]
    except Exception:  # noqa: BLE001 - any error is the answer
        answer = None
    sys.stdout.write("answer " + json.dumps(answer) + "\n")
    sys.stdout.flush()
