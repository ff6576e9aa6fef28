"""Grouping sets, windows over groups: what is proved of them, and what must not be."""

from __future__ import annotations

import pytest

from sqlopt import Catalog, Verdict
from sqlopt.rewrite.prove.effort import Limits, Work
from sqlopt.rewrite.prove.pair import Pair
from sqlopt.rewrite.prove.rules import by_rules
from sqlopt.rewrite.prove.testing import tester

CATALOG = Catalog.from_ddl(
    "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, v INT NOT NULL, s VARCHAR)", "duckdb"
)


def proof(before, after, dialect="duckdb"):
    return by_rules(Pair(before, after, dialect, CATALOG), Work(Limits()))


PROVED = [
    ("SELECT a,b,sum(v) FROM t GROUP BY ROLLUP(a,b)",
     "SELECT a,b,sum(v) FROM t GROUP BY GROUPING SETS((a,b),(a),())"),
    ("SELECT a,b,sum(v) FROM t GROUP BY CUBE(a,b)",
     "SELECT a,b,sum(v) FROM t GROUP BY GROUPING SETS((b,a),(a),(),(b))"),
    ("SELECT a,b,sum(v) FROM t GROUP BY ROLLUP(a,b)",
     ("SELECT a,b,sum(v) FROM t GROUP BY a,b UNION ALL SELECT a,NULL,sum(v) FROM t GROUP BY a "
     "UNION ALL SELECT NULL,NULL,sum(v) FROM t")),
    ("SELECT a,b,sum(v) FROM t GROUP BY a, ROLLUP(b)",
     "SELECT a,b,sum(v) FROM t GROUP BY a,b UNION ALL SELECT a,NULL,sum(v) FROM t GROUP BY a"),
    ("SELECT a,sum(v) OVER (PARTITION BY a) FROM (SELECT a, b, sum(v) AS v FROM t GROUP BY a,b) q",
     "SELECT a,sum(sum(v)) OVER (PARTITION BY a) FROM t GROUP BY a,b"),
    ("SELECT a,rank() OVER (ORDER BY sum(v)) FROM t GROUP BY a",
     "SELECT a,rank() OVER (ORDER BY w) FROM (SELECT a,sum(v) AS w FROM t GROUP BY a) q"),
    ("SELECT a,b FROM t GROUP BY ROLLUP(a,b) HAVING GROUPING(b)=0",
     "SELECT a,b FROM t GROUP BY a,b"),
    ("SELECT a, rank() OVER (PARTITION BY grouping(a) ORDER BY sum(v)) FROM t GROUP BY ROLLUP(a)",
     ("SELECT a, rank() OVER (PARTITION BY g ORDER BY w) FROM (SELECT a, grouping(a) AS g, sum(v) AS w FROM t "
     "GROUP BY ROLLUP(a)) q")),
]  # fmt: skip
NOT = [
    ("SELECT a,b,sum(v) FROM t GROUP BY ROLLUP(a,b)",
     "SELECT a,b,sum(v) FROM t GROUP BY ROLLUP(b,a)"),
    ("SELECT a,b,sum(v) FROM t GROUP BY ROLLUP(a,b)",
     "SELECT a,b,sum(v) FROM t GROUP BY GROUPING SETS((a,b),(a))"),
    ("SELECT a,count(*) FROM t GROUP BY ROLLUP(a)",
     "SELECT a,count(*) FROM t GROUP BY a UNION ALL SELECT NULL,count(*) FROM t HAVING count(*)>0"),
    ("SELECT a,sum(v) OVER (PARTITION BY a) FROM t",
     "SELECT a,sum(sum(v)) OVER (PARTITION BY a) FROM t GROUP BY a,b"),
    ("SELECT a,b FROM t GROUP BY ROLLUP(a,b) HAVING b IS NOT NULL",
     "SELECT a,b FROM t GROUP BY a,b"),
    ("SELECT a FROM t GROUP BY ROLLUP(a) HAVING GROUPING(a)=0",
     "SELECT a FROM t GROUP BY ROLLUP(a) HAVING a IS NOT NULL"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), PROVED)
def test_groups_that_are_the_same_are_proved(before, after):
    found = proof(before, after)
    assert found is not None
    assert found.verdict is Verdict.PROVED
    assert (
        tester.Tester(Pair(before, after, "duckdb", CATALOG), Work(Limits())).judge().verdict
        is not Verdict.REFUTED
    )


@pytest.mark.parametrize(("before", "after"), NOT)
def test_groups_that_differ_are_not_proved(before, after):
    assert proof(before, after) is None


def test_a_total_of_no_rows_is_the_engine_s():
    pair = ("SELECT count(*) FROM t GROUP BY GROUPING SETS (())", "SELECT count(*) FROM t")
    rolled = ("SELECT a, count(*) FROM t GROUP BY ROLLUP (a)",
              "SELECT a, count(*) FROM t GROUP BY a UNION ALL SELECT NULL, count(*) FROM t")  # fmt: skip
    assert proof(*rolled) is not None
    assert proof(*rolled, dialect="postgres") is not None
    assert proof(*rolled, dialect="spark") is None
    assert proof(*pair, dialect="spark") is None
