"""Every format, as its readers take it."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from sqlopt.cost.estimate import Estimate
from sqlopt.report import FORMATS, View, render
from sqlopt.report.place import Lines
from sqlopt.report.words import amount, escape, price
from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules.finding import FileResult, Finding, Report, Severity
from sqlopt.span import Span, line_and_column


def text(report, form, **view):
    return "".join(render(report, form, View(**view)))


@pytest.mark.parametrize("form", FORMATS)
def test_snapshot(report, form, snapshot):
    shown = text(report, form)
    assert shown.replace(json.loads(text(report, "json"))["tool"]["version"], "VERSION") == snapshot


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_report_is_whole(form):
    shown = text(Report(), form)
    if form in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(shown)
    if form == "junit":
        ET.fromstring(shown)  # noqa: S314
    if form in ("full", "concise", "markdown"):
        assert "No findings" in shown


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_of_the_users_commands_the_terminal(report, form):
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text(report, form))


def test_colour_is_ours_alone(report):
    colored = text(report, "full", color=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == text(report, "full")
    assert "\x1b[31mred" not in colored


def test_carets_stand_below_their_text(report):
    from rich.cells import cell_len

    lines = text(report, "full").splitlines()
    at = next(number for number, line in enumerate(lines) if "note = 'é'" in line)
    before = lines[at].split("note = 'é'")[0]
    assert lines[at + 1].index("^") - 1 == cell_len(before) - 1
    assert lines[at + 1].count("^") == len("note = 'é'")


def test_full_shows_price_fix_and_where_to_read_on(report):
    shown = text(report, "full")
    assert "saves 2.0 TB a run: 2.0 TB now, 1.1 GB after" in shown
    assert "fix (exact, proved): compare the column itself with a range" in shown
    assert "- WHERE EXTRACT(YEAR FROM event_date) = 2026" in shown
    assert "+ WHERE event_date >= DATE '2026-01-01' AND event_date < DATE '2027-01-01'" in shown
    assert "because event_date is a DATE (catalog.yml)" in shown
    assert "sqlopt explain PRN002" in shown
    assert "models/orders.sql:4:7  warning PRN002 function-on-partition-column" in shown


def test_the_summary_counts_a_statement_once(report):
    assert "Found 1 error, 2 warnings, 1 info in 2 of 3 files." in text(report, "full")
    assert "Fixing them could save 2.0 TB a run." in text(report, "full")
    assert "Found" not in text(report, "full", summary=False)


def test_a_line_of_a_megabyte_does_not_fill_the_screen():
    sql = "SELECT " + "x, " * 400_000 + "bad FROM t"
    finding = Finding("X001", "x", Severity.WARNING, "m", Span(sql.index("bad"), sql.index("bad") + 3))
    shown = text(Report((FileResult("a.sql", sql, "duckdb", (finding,)),)), "full", width=100)
    assert max(map(len, shown.splitlines())) <= 100
    line, marks = next(
        (line, below)
        for line, below in zip(shown.splitlines(), shown.splitlines()[1:], strict=False)
        if "^" in below
    )
    assert line[marks.index("^") : marks.index("^") + 3] == "bad"


def test_a_long_span_shows_its_ends():
    sql = "\n".join(f"line{number}" for number in range(30))
    finding = Finding("X001", "x", Severity.WARNING, "m", Span(0, len(sql)))
    shown = text(Report((FileResult("a.sql", sql, "duckdb", (finding,)),)), "full")
    assert "line0" in shown
    assert "line29" in shown
    assert "line15" not in shown


def test_a_fix_that_adds_and_removes_lines_shows_only_those():
    sql = "SELECT a,\n  b,\n  c\nFROM t\n"
    fix = Fix("drop b", (Edit(Span(sql.index("  b"), sql.index("  c")), ""),), Safety.EXACT)
    finding = Finding("X001", "x", Severity.WARNING, "m", Span(0, 6), fix)
    shown = text(Report((FileResult("a.sql", sql, "duckdb", (finding,)),)), "full")
    changes = [line.strip() for line in shown.splitlines()]
    assert [line for line in changes if line.startswith(("- ", "+ "))] == ["-   b,"]


def test_json_positions_are_those_of_the_text(report):
    found = json.loads(text(report, "json"))["findings"]
    for record in found:
        file = next(one for one in report.files if one.path == record["path"])
        for end in ("start", "end"):
            place = record[end]
            assert (place["line"], place["column"]) == line_and_column(file.text, place["offset"])
    assert [json.loads(line) for line in text(report, "jsonl").splitlines()] == found
    fix = next(record["fix"] for record in found if record["fix"])
    assert fix["edits"][0]["start"] == {"line": 4, "column": 7, "offset": fix["edits"][0]["start"]["offset"]}


def test_sarif_holds_what_its_readers_ask_for(report):
    log = json.loads(text(report, "sarif", describe=lambda rule: (f"Title of {rule}", "# page")))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["columnKind"] == "utf16CodeUnits"
    assert len({one["id"] for one in rules}) == len(rules)
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
        assert found["level"] in {"note", "warning", "error"}
        region = found["locations"][0]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        assert re.fullmatch(
            r"[\w./%-]+", found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        )
        assert "security-severity" not in json.dumps(found)
    assert len({found["partialFingerprints"]["sqlopt/v1"] for found in run["results"]}) == 4
    wide = next(found for found in run["results"] if found["ruleId"] == "PRN090")
    line = "\tAND country = '日本🎉' AND "
    column = wide["locations"][0]["physicalLocation"]["region"]["startColumn"]
    assert column == len(line.encode("utf-16-le")) // 2 + 1
    (change,) = next(found for found in run["results"] if "fixes" in found)["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["deletedRegion"]["startColumn"] == 7


def test_fingerprints_do_not_move_with_the_lines(report):
    def marks(sql, start):
        finding = Finding("X001", "x", Severity.WARNING, "m", Span(start, start + 6), statement="abc")
        log = json.loads(text(Report((FileResult("a.sql", sql, "duckdb", (finding, finding)),)), "sarif"))
        return [found["partialFingerprints"] for found in log["runs"][0]["results"]]

    del report
    before, after = marks("SELECT 1", 0), marks("\n\n\nSELECT 1", 3)
    assert before == after
    assert before[0] != before[1]


def test_github_commands_can_not_be_forged(report):
    lines = text(report, "github").splitlines()
    assert len(lines) == 4
    for line in lines:
        command = re.fullmatch(r"::(notice|warning|error) ([^:]*)::(.*)", line)
        assert command is not None
        fields = [field.split("=", 1)[0] for field in command[2].split(",")]
        assert fields[:4] == ["file", "line", "endLine", "title"]
    assert any("file=a%2Cb%3Ac|d.sql," in line for line in lines)
    assert any("%250A::error::gotcha%0A|" in line for line in lines)


def test_gitlab_issues_have_all_that_is_required(report):
    issues = json.loads(text(report, "gitlab"))
    assert len({one["fingerprint"] for one in issues}) == len(issues) == 4
    for one in issues:
        assert one["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert one["location"]["lines"]["begin"] >= 1
        assert one["description"]


def test_junit_counts_its_cases(report):
    root = ET.fromstring(text(report, "junit"))  # noqa: S314
    assert int(root.attrib["tests"]) == len(root.findall(".//testcase")) == 5
    assert int(root.attrib["failures"]) == len(root.findall(".//failure")) == 3
    assert {suite.attrib["name"] for suite in root} == {file.path for file in report.files}


def test_rdjson_columns_are_bytes(report):
    found = json.loads(text(report, "rdjson"))["diagnostics"]
    wide = next(one for one in found if one["code"]["value"] == "PRN090")
    start = wide["location"]["range"]["start"]
    assert start == {"line": 5, "column": len("\tAND country = '日本🎉' AND ".encode()) + 1}
    suggested = next(one for one in found if "suggestions" in one)
    assert suggested["suggestions"][0]["text"].startswith("event_date >=")


def test_markdown_shows_text_as_text(report):
    shown = text(report, "markdown")
    rows = [line for line in shown.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) == 5
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 6 for row in rows)
    assert "<script>" not in shown
    assert "@team" not in shown
    assert "](http" not in shown


@pytest.mark.parametrize(
    ("saving", "words"),
    [
        (Estimate.exactly(0, "bytes"), "0 B a run"),
        (Estimate(0, 5, 1024**4, "bytes"), "up to 1.0 TB a run"),
        (Estimate(1024**3, 2 * 1024**3, 3 * 1024**3, "bytes"), "1.0 GB to 3.0 GB a run"),
        (Estimate.exactly(12.5, "USD"), "12.50 USD a run"),
    ],
)
def test_prices(saving, words):
    assert price(saving) == words


def test_amounts_in_bytes_step_at_1024():
    assert [amount(value, "bytes") for value in (1023, 1024, 1024**4 * 2)] == ["1023 B", "1.0 KB", "2.0 TB"]


def test_escapes():
    assert escape("a\r\nb\x1b\u202e\ud800") == "a\\nb\\x1b\\u202e\\ud800"


def test_places_survive_offsets_beyond_the_text():
    lines = Lines("ab\ncd")
    assert lines.place(99) == (2, 3)
    assert lines.place(-1) == (1, 1)
    assert lines.line(7) == ""
