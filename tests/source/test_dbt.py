"""dbt projects: models rendered by us, what YAML and artifacts say, and findings at their place."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sqlopt.catalog import Catalog
from sqlopt.project import Project
from sqlopt.source import dbt
from sqlopt.source.map import Quality
from sqlopt.span import Span

FIXTURES = Path(__file__).parents[2] / "fixtures" / "dbt"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "shop"
    shutil.copytree(FIXTURES / "shop", folder)
    return folder


def scripts(folder, name):
    path = folder / name
    return dbt.project(str(folder)).read(path.read_text(), str(path))


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def model(folder, text, name="models/one.sql"):
    write(folder, name, text)
    dbt.forget()
    return scripts(folder, name)


def test_an_incremental_model_has_both_its_readings(shop):
    full, incremental = scripts(shop, "models/marts/orders.sql")
    assert (full.variant, incremental.variant) == ("full", "incremental")
    assert "max(ordered_at)" not in full.text
    assert '(select max(ordered_at) from "shop"."main"."orders")' in incremental.text
    assert full.target == "shop.main.orders"
    assert full.dialect == "duckdb"
    assert not full.notes


def test_relations_follow_settings_and_the_projects_own_macro(shop):
    project = dbt.project(str(shop))
    assert project.relation("stg_orders") == "shop.staging.stg_orders"
    assert project.relation("daily") == "shop.main.orders_by_day"
    assert project.source("till", "payments").dotted == "shop.main.raw_payments"
    assert project.relation("calendar") == "shop.main.calendar"


def test_a_macro_of_a_package_is_dispatched_to_the_adapter(shop):
    write(
        shop,
        "macros/own.sql",
        "{% macro duckdb__in_currency(column) %}{{ column }}::decimal / 100{% endmacro %}",
    )
    (script,) = model(shop, "select {{ toolkit.in_currency('amount') }} as amount from t")
    assert script.text == "select amount::decimal / 100 as amount from t"


def test_text_of_a_macro_points_at_its_call(shop):
    path = shop / "models/staging/stg_customers.sql"
    (script,) = scripts(shop, "models/staging/stg_customers.sql")
    place = script.source_map.place(Span(script.text.index("lower("), script.text.index("lower(") + 6))
    assert place.quality is Quality.MACRO
    assert path.read_text()[place.span.start : place.span.end] == "{{ lower_trimmed('country') }}"
    assert place.inner[0] == str(shop / "macros/text.sql")


def test_variables_have_scopes_defaults_and_templates(shop):
    settings = (shop / "dbt_project.yml").read_text()
    (shop / "dbt_project.yml").write_text(
        settings.replace("  unit: cents", "  unit: cents\n  orders_table: \"{{ ref('stg_orders') }}\"")
    )
    (script,) = model(
        shop, "select {{ var('none', 7) }}, {{ var('missing') }} from {{ var('orders_table') }}"
    )
    assert script.text == 'select 7, unknown_var_missing from "shop"."staging"."stg_orders"'
    assert script.holes[0].any_sql is False


def test_queries_at_rendering_are_unknown_and_loops_over_them_run_once(shop):
    (script,) = model(
        shop,
        "{% set kinds = dbt_utils.get_column_values(ref('stg_orders'), 'status') %}"
        "select {% for k in kinds %}sum(case when status = '{{ k }}' then 1 end) as {{ k }}_n"
        "{{ ',' if not loop.last }}{% endfor %} from {{ ref('stg_orders') }}",
    )
    assert script.text.startswith("select sum(case when status = 'unknown_dbt_utils_get_column_values' then")
    assert any("get_column_values" in note for _, note in script.notes)


def test_a_compiler_error_is_said_and_costs_its_model_only(shop):
    (script,) = model(shop, "select 1\n{{ exceptions.raise_compiler_error('set the variable x') }}")
    assert script.text == ""
    assert "set the variable x" in script.notes[0][1]


def test_the_environment_is_not_read(shop, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    (script,) = model(
        shop, "select '{{ env_var('SECRET') }}' as a, '{{ env_var('OTHER', 'd') }}' as b from t"
    )
    assert "hunter2" not in script.text
    assert "'d' as b" in script.text


def test_snapshots_tests_and_analyses_are_read_and_macros_are_not(shop):
    assert scripts(shop, "snapshots/customers_history.sql")[0].target == "shop.main.customers_history"
    assert scripts(shop, "tests/no_negative_amount.sql")[0].text.startswith("select * from")
    assert len(scripts(shop, "analyses/monthly.sql")) == 1
    assert scripts(shop, "macros/text.sql") == []


def test_versions_of_a_model(shop):
    write(shop, "models/v/people_v1.sql", "select 1 as a")
    write(shop, "models/v/people_v2.sql", "select 2 as a")
    write(
        shop,
        "models/v/people.yml",
        "models:\n  - name: people\n    latest_version: 2\n    versions: [{v: 1}, {v: 2}]\n",
    )
    (script,) = model(shop, "select * from {{ ref('people') }} join {{ ref('people', v=1) }} using (a)")
    assert '"people_v2" join' in script.text
    assert '"people_v1" using' in script.text


def test_tests_and_settings_become_facts(shop):
    catalog = dbt.project(str(shop)).catalog(Catalog.from_dict({"tables": {
        "shop.staging.stg_orders": {"columns": {"order_id": "int", "customer_id": "int", "status": "text"}},
    }}))  # fmt: skip
    orders = catalog.table("shop.staging.stg_orders")
    assert orders.columns["order_id"].nullable is False
    assert orders.columns["status"].nullable is None
    assert orders.unique == (("order_id",),)
    assert orders.enforced is True
    assert orders.foreign_keys[0].references == "shop.staging.stg_customers"
    assert catalog.table("shop.main.raw_payments").unique == (("id",),)
    assert not catalog.table("shop.main.orders").columns, "YAML's columns are not all there are"


def test_partitions_contracts_and_statistics_become_facts(shop):
    (shop / "profiles.yml").write_text(
        "shop: {target: p, outputs: {p: {type: bigquery, project: acme, dataset: d}}}"
    )
    write(
        shop,
        "models/events.sql",
        "{{ config(partition_by={'field': 'at', 'data_type': 'timestamp', 'granularity': 'hour'}, "
        "cluster_by=['kind'], require_partition_filter=true) }} select 1 as id, 'x' as kind",
    )
    write(
        shop,
        "models/events.yml",
        "models:\n  - name: events\n    config: {contract: {enforced: true}}\n    columns:\n"
        "      - {name: id, data_type: int64, constraints: [{type: not_null}]}\n"
        "      - {name: kind, data_type: string, tags: [pii]}\n      - {name: at, data_type: timestamp}\n",
    )
    column = {"type": "INT64", "index": 1, "name": "id", "comment": None}
    entry = {
        "metadata": {"database": "acme", "schema": "d", "name": "raw_orders", "type": "table"},
        "columns": {"id": column},
        "stats": {"num_rows": {"id": "num_rows", "value": 4.0}, "num_bytes": {"value": 99}},
    }
    write(shop, "target/catalog.json", json.dumps({"nodes": {"seed.shop.raw_orders": entry}, "sources": {}}))
    dbt.forget()
    project = dbt.project(str(shop))
    assert project.dialect == "bigquery"
    catalog = project.catalog(Catalog())
    events = catalog.table("acme.d.events")
    assert (events.partition_by.column, events.partition_by.granularity) == ("at", "hour")
    assert events.partition_by.require_filter is True
    assert events.cluster_by == ("kind",)
    assert events.columns["id"].nullable is False
    assert events.columns["kind"].tags == ("pii",)
    orders = catalog.table("acme.d.raw_orders")
    assert (orders.rows, orders.bytes, orders.columns["id"].type) == (4, 99, "INT64")


def test_tests_that_may_fail_are_no_facts(shop):
    write(
        shop,
        "models/marts/extra.yml",
        "models:\n  - name: daily\n    columns:\n      - name: day\n        data_tests:\n"
        "          - unique: {config: {where: \"day > '2024-01-01'\"}}\n"
        "          - not_null: {config: {severity: warn}}\n",
    )
    dbt.forget()
    assert dbt.project(str(shop)).catalog(Catalog()).table("shop.main.orders_by_day").unique == ()


def test_exposures_know_their_models_and_line(shop):
    (board,) = dbt.project(str(shop)).exposures
    assert (board.name, board.kind, board.owner, board.refs) == (
        "sales_board",
        "dashboard",
        "Ada",
        ("customers", "daily"),
    )
    assert Path(board.path).read_text().splitlines()[board.line - 1].strip() == "- name: sales_board"


def test_a_manifest_names_relations_and_stands_in_for_what_cant_be_rendered(shop):
    manifest = json.loads((FIXTURES / "manifest.json").read_text())
    for one in manifest["nodes"].values():
        one["database"] = "prod"
    write(shop, "target/manifest.json", json.dumps(manifest))
    path = shop / "models/marts/daily.sql"
    (script,) = scripts(shop, "models/marts/daily.sql")
    assert script.target == "prod.main.orders_by_day"
    assert '"prod"."main"."orders"' in script.text

    text = path.read_text()
    write(shop, "macros/date_trunc.sql", "{% macro broken() %}")
    path.write_text("{{ exceptions.raise_compiler_error('no') }}" + text)
    dbt.forget()
    (script,) = scripts(shop, "models/marts/daily.sql")
    assert script.text == "", "the text is not the one that dbt compiled"
    node = manifest["nodes"]["model.shop.daily"]
    del node["raw_code"]
    node["checksum"]["checksum"] = hashlib.sha256(path.read_text().strip().encode()).hexdigest()
    write(shop, "target/manifest.json", json.dumps(manifest))
    dbt.forget()
    (script,) = scripts(shop, "models/marts/daily.sql")
    assert script.text == node["compiled_code"]
    assert "as dbt compiled it" in script.notes[0][1]
    assert script.source_map.place(Span(0, 5)).quality is Quality.FILE


@pytest.mark.parametrize(
    "broken", ["name: [", "", "- a\n- b", "name: shop\nmodels: 7\nvars: x\ndispatch: {a: 1}"]
)
def test_a_broken_project_file_costs_settings_and_no_more(shop, broken):
    (shop / "dbt_project.yml").write_text(broken)
    (script,) = model(shop, "select * from {{ ref('stg_orders') }}")
    assert "stg_orders" in script.text


NULLS = """{{ config(materialized='table') }}
{% set kind = 'placed' %}
select status, count(*) as n
from {{ ref('stg_orders') }}
where status = '{{ kind }}'
group by 1
union all
select status, count(*) from {{ ref('stg_orders') }}
where status = NULL group by 1
{% for one in [1, 2] -%}
union all select status, 1 from {{ ref('stg_orders') }} where customer_id = NULL
{% endfor %}
"""


def check(folder, *arguments):
    command = [sys.executable, "-m", "sqlopt", "check", "--format", "json", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)["findings"]


def test_a_new_user_points_check_at_a_project(shop):
    write(shop, "models/marts/wide.sql", NULLS)
    found = check(shop)
    places = [(one["path"], one["rule"], one["start"]["line"], one["start"]["column"]) for one in found]
    assert places == [
        (os.path.join("models", "marts", "wide.sql"), "SCN019", 6, 10),  # noqa: PTH118
        (os.path.join("models", "marts", "wide.sql"), "SCN011", 9, 7),  # noqa: PTH118
        (os.path.join("models", "marts", "wide.sql"), "SCN011", 11, 63),  # noqa: PTH118
    ]


def test_a_fix_is_kept_where_rendering_again_gives_what_was_meant(shop):
    path = write(shop, "models/marts/wide.sql", NULLS)
    report = Project().check(path.read_text(), str(path))
    _, plain, looped = report.files[0].findings
    assert looped.fix is None, "an edit of a loop's body changes every turn"
    edited = plain.fix.apply(NULLS)
    assert edited == NULLS.replace("where status = NULL", "where status IS NULL")


def test_nothing_is_said_of_statements_with_unknown_parts(shop):
    write(
        shop,
        "models/marts/wide.sql",
        "select * from {{ ref('daily') }} where day = NULL and {{ no.macro() }}",
    )
    assert check(shop) == []
    write(shop, "models/marts/wide.sql", "select {{ no.macro() }} from {{ ref('daily') }} group group")
    assert check(shop) == [], "what we put there ourselves is no error of the user"
