"""Correlated aggregates joined once grouped: where it is offered, and where it would not be the same."""

from __future__ import annotations

import pytest

from sqlopt.catalog import Catalog
from sqlopt.rewrite.edits import Verdict
from sqlopt.rewrite.prove import prove
from sqlopt.rules.packs import load_packs
from sqlopt.rules.run import check_text

CATALOG = Catalog.from_dict(
    {
        "version": 1,
        "tables": {
            "orders": {
                "columns": {
                    "order_id": {"type": "bigint", "nullable": False},
                    "user_id": {"type": "bigint", "distinct": 100_000},
                    "email": {"type": "text"},
                    "amount": {"type": "numeric"},
                    "weight": {"type": "double precision"},
                },
                "indexes": [{"keys": ["user_id"]}],
                "rows": 1_000_000,
            },
            "users": {
                "columns": {
                    "user_id": {"type": "bigint", "nullable": False},
                    "email": {"type": "text"},
                    "code": {"type": "varchar(8)"},
                },
                "primary_key": ["user_id"],
                "enforced": True,
                "rows": 100_000,
            },
        },
    }
)
RULES = load_packs()


def fix(text):
    found = [one for one in check_text(text, "postgres", CATALOG, RULES).findings if one.rule == "JON009"]
    assert found, text
    return found[0].fix


@pytest.mark.parametrize(
    "text",
    [
        "SELECT u.user_id, (SELECT MAX(o.amount) FROM orders o WHERE o.user_id = u.user_id) AS m FROM users u",
        "SELECT u.email, 1 + (SELECT COUNT(*) FROM orders o WHERE u.email = o.email) AS n FROM users u",
        "SELECT u.email, (SELECT 2 * -SUM(amount) FROM orders WHERE email = u.email AND amount > 5) AS n FROM users u",
        "SELECT n FROM (SELECT (SELECT COUNT(o.email) FROM orders o WHERE o.user_id = u.user_id) AS n FROM users u) x",
    ],
)
def test_it_keeps_the_result(text):
    found = fix(text)
    assert prove(text, found.apply(text), catalog=CATALOG, dialect="postgres").verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "text",
    [
        # few rows outside, and an index
        "SELECT (SELECT MAX(o.amount) FROM orders o WHERE o.user_id = u.user_id) AS m FROM users u WHERE user_id = 7",
        # added up in another order
        "SELECT (SELECT SUM(o.weight) FROM orders o WHERE o.email = u.email) AS m FROM users u",
        # not NULL over no rows
        "SELECT (SELECT COALESCE(MAX(o.amount), 0) FROM orders o WHERE o.email = u.email) AS m FROM users u",
        # other types, another comparison
        "SELECT (SELECT MAX(o.amount) FROM orders o WHERE o.email = u.code) AS m FROM users u",
        "SELECT (SELECT MAX(o.amount) FROM orders o WHERE o.email > u.email) AS m FROM users u",
        # the columns outside would be others
        "SELECT *, (SELECT MAX(o.amount) FROM orders o WHERE o.email = u.email) AS m FROM users u",
        "SELECT (SELECT MAX(o.amount) FROM orders o WHERE o.email = u.email) FROM users u",
        # no place for a join
        "SELECT (SELECT MAX(o.amount) FROM orders o WHERE o.email = u.email) AS m FROM users u FOR UPDATE",
        "SELECT (SELECT MAX(o.amount) FROM orders o WHERE o.email = u.email) AS m FROM users u, users v",
        "SELECT MAX((SELECT MAX(o.amount) FROM orders o WHERE o.email = u.email)) AS m FROM users u",
        # it may fail for a row that is not asked now
        "SELECT (SELECT MAX(amount) FROM orders o WHERE o.email = u.email AND 1 / amount > 2) AS m FROM users u",
        # a comment would be lost
        "SELECT (SELECT MAX(amount) /* dear */ FROM orders o WHERE o.email = u.email) AS m FROM users u",
    ],
)
def test_it_is_not_offered(text):
    assert fix(text) is None
