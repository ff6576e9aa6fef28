"""How much is proved, of public pairs and of rewrites of TPC-H, TPC-DS and joins of many tables."""

from __future__ import annotations

from tests.benchmarks.pairs import rewritten, score, shared, table


def test_public_pairs_are_proved():
    scores = [score(name, shared(name)) for name in ("calcite232", "spark", "traps")]
    print(f"\n{table(scores)}")  # noqa: T201 - a benchmark's answer
    assert [one.wrong for one in scores] == [[], [], []]
    assert sum(one.counts[True, "proved"] for one in scores[:2]) >= 335


def test_rewrites_of_large_queries_are_proved():
    scores = [score(name, rewritten(name, share=4)) for name in ("tpch", "films", "tpcds")]
    print(f"\n{table(scores)}")  # noqa: T201 - a benchmark's answer
    assert [one.wrong for one in scores] == [[], [], []]
    pairs = sum(one.of(equal=True) for one in scores)
    assert sum(one.counts[True, "unknown"] for one in scores) <= 0.25 * pairs
