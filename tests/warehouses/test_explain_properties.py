"""Cut off or mutated, a document gives a `PlanError` with a position, or a tree; never anything else."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sqlopt.plan import PlanError
from sqlopt.warehouses.explain import read

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "plans"
DOCUMENTS = [path for path in sorted(FIXTURES.glob("*/*")) if path.is_file()]
ODD = (
    "",
    "null",
    "0",
    "-1",
    "1e999",
    '"x"',
    "[]",
    "{}",
    "\x00",
    "\n",
    "é",
    "(",
    ")",
    "│",
    "->",
    ",",
    "NaN",
    "true",
)


def sound(text):
    error = failure(text)
    assert error is None or (str(error).startswith("line ") and 0 <= error.span.start <= len(text))


def failure(text):
    try:
        found = read(text)
    except PlanError as error:
        return error
    found.to_dict()
    return None


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}-{path.name}")
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_broken_document(path, data):
    text = path.read_text("utf-8")
    kind = data.draw(st.sampled_from(["cut", "head", "replace", "swap"]))
    at = data.draw(st.integers(0, len(text)))
    if kind == "cut":
        text = text[:at]
    elif kind == "head":
        text = text[at:]
    elif kind == "replace":
        length = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(ODD)) + text[at + length :]
    else:
        lines = text.split("\n")
        one = data.draw(st.integers(0, len(lines) - 1))
        two = data.draw(st.integers(0, len(lines) - 1))
        lines[one], lines[two] = lines[two], lines[one]
        text = "\n".join(lines)
    sound(text)


JSON = [path for path in DOCUMENTS if path.suffix == ".json"]


@pytest.mark.parametrize("path", JSON, ids=lambda path: f"{path.parent.name}-{path.name}")
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_values_of_other_types(path, data):
    tree = json.loads(path.read_text("utf-8"))
    places = [(one, key) for one in walk(tree) for key in (one if isinstance(one, dict) else range(len(one)))]
    where, key = data.draw(st.sampled_from(places))
    where[key] = data.draw(st.sampled_from([None, 0, -1, 1e300, "x", "", [], {}, [[]], [{}], {"a": 1}, True]))
    sound(json.dumps(tree))


def walk(value):
    if isinstance(value, dict | list):
        yield value
        for one in value.values() if isinstance(value, dict) else value:
            yield from walk(one)


@pytest.mark.parametrize("path", JSON, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_json_document_cut_off_says_where(path):
    text = path.read_text("utf-8").rstrip()
    for end in range(1, len(text), max(1, len(text) // 50)):
        with pytest.raises(PlanError, match=r"line \d+, column \d+"):
            read(text[:end])
