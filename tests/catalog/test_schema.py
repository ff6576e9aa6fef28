import json
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from sqlopt.catalog import reader
from sqlopt.catalog.file import from_dict
from sqlopt.errors import CatalogError

SCHEMA = json.loads(files("sqlopt.catalog").joinpath("schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
SHARED = Path(__file__).parents[3] / "shared" / "catalogs"


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        ("catalog", reader.CATALOG),
        ("table", reader.TABLE),
        ("column", reader.COLUMN),
        ("foreign_key", reader.FOREIGN_KEY),
        ("partitioning", reader.PARTITIONING),
        ("row_group", reader.ROW_GROUP),
    ],
)
def test_the_schema_and_the_reader_know_the_same_keys(part, fields):
    assert list(SCHEMA["$defs"][part]["properties"]) == list(fields)
    assert SCHEMA["$defs"][part]["additionalProperties"] is False


def plain(data):
    """YAML's dates as JSON has them."""
    return json.loads(
        json.dumps(data, default=lambda value: value.isoformat() if isinstance(value, date) else None)
    )


@pytest.mark.parametrize("path", sorted(SHARED.glob("*.yml")), ids=lambda path: path.stem)
def test_whole_catalogs_fit_the_schema(path):
    VALIDATOR.validate(plain(yaml.safe_load(path.read_text())))


VALUES = {
    "name": ["a"],
    "names": ["a", ["a", "b"], [], [1], {"a": 1}, 3, [None], [["a"]], None, True],
    "count": [0, 3, -1, 1.5, "3", None, True, [1]],
    "flag": [True, False, "yes", "maybe", 1, None],
    "text": ["x", 3, ["x"], {}, True, None],
}
CASES = [
    *({"rows": v} for v in VALUES["count"]),
    *({"primary_key": v} for v in VALUES["names"]),
    *({"enforced": v} for v in VALUES["flag"]),
    *({"comment": v} for v in VALUES["text"]),
    *({"unique": v} for v in ([["a"]], ["a"], ["a", "b"], [[]], "a", [], None, [["a", "b"], ["c"]])),
    *(
        ({"columns": {"x": v}},)
        for v in ({}, None, "INT", {"type": 3}, {"typ": "x"}, [], {"nulls": 2}, {"min": []})
    ),
    *(
        ({"partition_by": v},)
        for v in ("a", ["a"], {"column": "a"}, {"kind": "ingestion"}, {"kind": "range"}, {}, [], 3)
    ),
    *(
        ({"partition_by": {"column": "a", "kind": v}},)
        for v in ("time", "integer range", "sharded", "nonsense", 3, None)
    ),
    *({"partition_by": {"column": "a", "granularity": v}} for v in ("day", "week", 3, None)),
    *(
        ({"indexes": v},)
        for v in ([["a"]], ["gin (x)"], [{"keys": ["a"]}], [{"key": ["a"]}], "a", {}, [3], [{}])
    ),
    *(
        ({"foreign_keys": [v]},)
        for v in ({"columns": ["a"], "references": "b", "to": ["c"]}, {"columns": ["a"]}, {}, 3)
    ),
    *({"row_groups": [v]} for v in ({"rows": 1, "bytes": 1}, {"rows": 1}, {"rows": -1, "bytes": 1}, [])),
    *(
        {"row_groups": [{"rows": 1, "bytes": 1, "ranges": {"x": v}}]}
        for v in ([1, 2], ["a", "b"], [1], [1, 2, 3], 3, [None, 1])
    ),
    *({"search_optimization": v} for v in (True, False, [], ["equality(a)"], 3, None)),
    {"rowz": 3},
]


@pytest.mark.parametrize("table", CASES, ids=json.dumps)
def test_the_schema_and_the_reader_agree(table):
    data = {"version": 1, "tables": {"t": table}}
    try:
        from_dict(data)
        accepted = True
    except CatalogError:
        accepted = False
    assert VALIDATOR.is_valid(data) == accepted
