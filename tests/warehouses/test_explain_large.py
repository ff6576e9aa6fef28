"""Documents of 50 MB read in bounded memory: a log by its plans alone, a profile in a few times its size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EVENTS = Path(__file__).resolve().parents[2] / "fixtures" / "plans" / "spark" / "events.jsonl"
SIZE = 50 << 20
READ = """
import resource, sys
from sqlopt import Project
from sqlopt.project.plans import text_of
project = Project()
project.plan('[{"Plan": {"Node Type": "Result"}}]')
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
plan = project.plan(text_of(None, sys.argv[1]))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // 1024, sum(1 for _ in plan.walk()))
"""


def log():
    """Yield an event log most of which is the ends of tasks."""
    first, *rest = EVENTS.read_text("utf-8").splitlines(keepends=True)
    yield first
    values = [{"ID": one, "Name": "rows", "Update": "1", "Value": "2"} for one in range(30)]
    task = json.dumps({"Event": "SparkListenerTaskEnd", "Task Info": {"Accumulables": values}}) + "\n"
    yield from [task] * (SIZE // len(task))
    yield from rest


def profile():
    """Yield a profile of DuckDB with one operator above tens of thousands."""
    info = {"Table": "t", "Filters": "x" * 300, "Estimated Cardinality": "7"}
    node = {"operator_name": "SEQ_SCAN", "operator_timing": 0.1, "operator_cardinality": 5, "cpu_time": 1.0}
    text = json.dumps({**node, "extra_info": info, "children": []}, indent=4)
    yield '{"latency": 1.0, "query_name": "q", "children": [{"operator_name": "UNION", "children": ['
    yield text
    yield from [f",{text}"] * (SIZE // len(text))
    yield "]}]}"


@pytest.mark.parametrize(("document", "megabytes"), [(log, 160), (profile, 400)])
def test_fifty_megabytes(document, megabytes, tmp_path):
    path = tmp_path / "plan"
    with path.open("w") as file:
        file.writelines(document())
    assert path.stat().st_size >= SIZE
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    peak, operators = map(int, done.stdout.split())
    assert operators > 5
    assert peak <= megabytes
