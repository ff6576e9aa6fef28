"""`sqlopt cost --dry-run snowflake://...`, through the real client.

No stand-in explains statements: the reply is written after Snowflake's documentation of EXPLAIN USING JSON,
https://docs.snowflake.com/en/sql-reference/sql/explain (checked 2026-11-23).
"""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from sqlopt.cli import cli

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


def test_the_compilers_bytes_and_partitions_beside_ours(home):
    (home / "a.sql").write_text("SELECT id FROM sales.orders; SELECT * FROM sales.nowhere")
    url = "snowflake://fake/SHOP?connection=shop"
    arguments = ["cost", "a.sql", "--dialect", "snowflake", "--dry-run", url, "--sort", "path"]
    done = CliRunner().invoke(cli, [*arguments, "--format", "json"])
    assert done.exit_code == 0, done.output
    first, second = json.loads(done.output)["statements"]
    assert first["answer"]["totals"]["bytes"] == 90_194_313
    scan = first["answer"]["operators"][0]["children"][0]
    assert (scan["partitions_scanned"], scan["partitions_total"]) == (9, 412)
    assert second["answer"] is None
    assert "NOWHERE" in second["refusal"]
    assert "86.0 MB" in CliRunner().invoke(cli, arguments).output
