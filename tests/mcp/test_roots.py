"""Only what lies inside the roots is read, by whatever path."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlopt.mcp.roots import Roots, RootsError

HIDDEN = "SELECT secret FROM t WHERE b = NULL"


@pytest.fixture
def outside(folder):
    """A folder beside the root, with links to it from inside."""
    place = folder.parent / "outside"
    place.mkdir()
    (place / "secret.sql").write_text(HIDDEN)
    (folder / "sql" / "link.sql").symlink_to(place / "secret.sql")
    (folder / "out").symlink_to(place)
    (folder / "in").symlink_to(folder / "sql")
    return place


OUTSIDE = [
    "../outside",
    "../outside/secret.sql",
    "sql/../../outside/secret.sql",
    "sql/link.sql",
    "out",
    "out/secret.sql",
    "/etc",
    "/",
    "..",
    "../shop-two",
    "sql/\0.sql",
]


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.usefixtures("outside")
def test_paths_outside_are_refused(ask, path):
    for tool, more in (
        ("list_findings", {}),
        ("suggest_physical_design", {}),
        ("impact_of_change", {"column": "t"}),
    ):
        wrong = ask(tool, paths=[path], **more).wrong
        assert "outside the folders that may be read" in wrong, tool
        assert "secret" not in wrong.replace(path, "")


def test_absolute_paths_outside_are_refused(ask, outside):
    assert "outside the folders" in ask("list_findings", paths=[str(outside)]).wrong
    assert "outside the folders" in ask("list_findings", paths=["sql", str(outside / "secret.sql")]).wrong
    # a path that does not exist tells nothing either
    assert "outside the folders" in ask("list_findings", paths=[str(outside / "nothing")]).wrong


@pytest.mark.parametrize("path", ["~/x.sql", "out/../outside/secret.sql", "sql/nothing.sql"])
@pytest.mark.usefixtures("outside")
def test_paths_that_are_not_there_are_refused(ask, path):
    assert "no such file or folder" in ask("list_findings", paths=[path]).wrong


@pytest.mark.parametrize("path", ["../outside/x.sql", "/etc/x.sql", "out/x.sql"])
@pytest.mark.usefixtures("outside")
def test_a_text_has_its_path_inside(ask, path):
    for tool in ("analyze_sql", "estimate_cost", "rewrite_sql"):
        assert "outside the folders" in ask(tool, sql="SELECT 1", path=path).wrong


@pytest.mark.usefixtures("outside")
def test_links_in_folders_that_lead_outside_are_left_out(ask):
    found = ask("list_findings").data
    assert "sql/link.sql: a link that leads outside the roots; left out" in found["notes"]
    assert found["summary"]["files"] == 4
    assert "secret" not in str(found["findings"])


def test_links_that_stay_inside_are_followed(ask, outside):
    assert outside.is_dir()
    assert ask("list_findings", paths=["in/bad.sql"]).data["findings"]


def test_paths_inside_by_any_name(ask, folder):
    names = ["sql/bad.sql", "./sql/../sql/bad.sql", str(folder / "sql" / "bad.sql")]
    found = [ask("list_findings", paths=[name]).data["findings"] for name in names]
    assert {one[0]["path"] for one in found} == {str(Path("sql/bad.sql"))}


def test_several_roots(ask, folder, outside):
    roots = (str(folder), str(outside))
    paths = {one["path"] for one in ask("list_findings", roots=roots).data["findings"]}
    assert paths >= {str(Path("sql/bad.sql")), str(outside / "secret.sql")}
    (only,) = {
        one["path"] for one in ask("list_findings", roots=roots, paths=["secret.sql"]).data["findings"]
    }
    assert only == str(outside / "secret.sql")
    assert "outside the folders" in ask("list_findings", roots=roots, paths=["../x"]).wrong


def test_a_root_behind_a_link(folder, tmp_path):
    (tmp_path / "there").symlink_to(folder)
    roots = Roots([str(tmp_path / "there")])
    assert roots.folders == (folder,)
    assert roots.path("sql") == "sql"
    assert roots.path(str(tmp_path / "there" / "sql")) == str(tmp_path / "there" / "sql")


def test_a_root_that_is_none(tmp_path):
    with pytest.raises(RootsError, match="no such folder"):
        Roots([str(tmp_path / "nothing")])


@pytest.mark.parametrize(
    "reading",
    [
        "read_text({0})",
        "read_csv({0}, header = false)",
        "read_blob({0})",
        "glob({0})",
        "read_json({0})",
        "{0}",
    ],
)
def test_proofs_read_no_files(ask, outside, reading):
    """DuckDB, which runs statements to look for differences, could read files: it is kept from it."""
    found = reading.format(f"'{outside}/secret.sql'")
    sql = f"SELECT * FROM {found}"
    proof = ask("compare_sql", before=sql, after="SELECT 1 AS x", dialect="duckdb").data
    assert "b = NULL" not in str(proof)
    written = f"COPY (SELECT 1) TO '{outside}/new.csv'"
    ask("compare_sql", before=written, after=written, dialect="duckdb")
    ask("rewrite_sql", sql=f"{written}; ATTACH '{outside}/new.db'; {sql} WHERE 1 = NULL", dialect="duckdb")
    assert [one.name for one in outside.iterdir()] == ["secret.sql"]
