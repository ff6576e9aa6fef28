import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlopt.catalog import Catalog, Column, ForeignKey, Index, Partitioning, PartitionKind, RowGroup, Table
from sqlopt.catalog.file import dump, from_dict, load, to_dict
from sqlopt.errors import CatalogError
from tests.counting import lines

SHARED = Path(__file__).parents[3] / "shared" / "catalogs"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "catalogs"

EXAMPLE = """
version: 1
dialect: bigquery
tables:
  shop.sales.orders:
    columns:
      order_id: {type: INT64, nullable: false, distinct: 300000000}
      order_date: {type: DATE, nullable: false, min: 2020-01-01, max: 2026-11-20}
      email: {type: STRING, nulls: 0.02, average_bytes: 24, tags: [pii]}
    primary_key: [order_id]
    unique: [[order_number]]
    foreign_keys: [{columns: [user_id], references: shop.sales.users, to: [user_id]}]
    partition_by: {column: order_date, granularity: day, require_filter: true}
    cluster_by: [user_id]
    rows: 300000000
    bytes: 96636764160
    updated: 2026-11-20T06:00:00Z
"""


@pytest.fixture
def write(tmp_path):
    def call(content, name="catalog.yml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return call


def columns_of(write, body):
    return load(write(f"tables:\n  t:\n    columns:\n{body}")).table("t").columns


def test_the_example_of_the_design_is_read_whole(write):
    catalog = Catalog.load(write(EXAMPLE))
    table = catalog.table("orders")
    assert catalog.dialect == "bigquery"
    assert table.columns["order_id"] == Column("order_id", "INT64", nullable=False, distinct=300_000_000)
    assert table.columns["order_date"].min == date(2020, 1, 1)
    assert table.columns["email"].tags == ("pii",)
    assert table.columns["email"].nullable is None
    assert table.primary_key == ("order_id",)
    assert table.unique == (("order_number",),)
    assert table.foreign_keys == (ForeignKey(("user_id",), "shop.sales.users", ("user_id",)),)
    assert table.partition_by == Partitioning(
        ("order_date",), PartitionKind.TIME, granularity="day", require_filter=True
    )
    assert (table.rows, table.bytes) == (300_000_000, 96_636_764_160)
    assert table.updated == datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.mark.parametrize("path", [*SHARED.glob("*.yml"), *FIXTURES.glob("*.yml")], ids=lambda path: path.stem)
def test_whole_catalogs_are_read_and_kept(path, tmp_path):
    catalog = load(path)
    given = yaml.safe_load(path.read_text())["tables"]
    assert {table.name for table in catalog.tables.values()} == set(given)
    for name, table in given.items():
        assert catalog.table(name).rows == table.get("rows")
        assert catalog.table(name).primary_key == tuple(table.get("primary_key", ()))
    for target in (tmp_path / "c.yml", tmp_path / "c.json"):
        dump(catalog, target)
        assert load(target) == catalog


def test_a_type_that_was_cut_at_its_comma_is_joined_and_said(write):
    body = "      amount: {type: NUMBER(18}\n      2): {type: None}\n      rate: {type: FLOAT}\n"
    catalog = load(write(f"tables:\n  T:\n    columns:\n{body}"))
    assert {name: column.type for name, column in catalog.table("T").columns.items()} == {
        "amount": "NUMBER(18,2)",
        "rate": "FLOAT",
    }
    assert catalog.warnings == ("table T, column amount: its type was cut in two; read as NUMBER(18,2)",)


def test_two_cut_types_share_the_one_rest_that_a_mapping_keeps():
    columns = {
        "a": {"type": "NUMBER(18"},
        "2)": {"type": None},
        "b": {"type": "NUMBER(9"},
        "c": {"type": "DATE"},
    }
    table = from_dict({"tables": {"t": {"columns": columns}}}).table("t")
    assert [column.type for column in table.columns.values()] == ["NUMBER(18,2)", "NUMBER(9,2)", "DATE"]


def test_names_that_yaml_takes_for_other_things_stay_names(write):
    found = columns_of(
        write, "      on: {type: INT}\n      no: {type: INT}\n      null: {}\n      2020-01-01: {}\n"
    )
    assert list(found) == ["on", "no", "null", "2020-01-01"]


def test_values_keep_the_kind_of_their_column(write):
    found = columns_of(
        write,
        "      day: {type: DATE, min: '2026-01-01'}\n"
        "      at: {type: TIMESTAMP, min: 2026-01-01, max: '2026-01-02 03:04:05'}\n"
        "      dt: {type: string, min: 2026-01-01}\n"
        "      code: {type: string, min: '007'}\n"
        "      amount: {type: NUMERIC, min: -1.5, max: 2e3}\n",
    )
    assert found["day"].min == date(2026, 1, 1)
    assert (found["at"].min, found["at"].max) == (datetime(2026, 1, 1), datetime(2026, 1, 2, 3, 4, 5))  # noqa: DTZ001
    assert found["dt"].min == "2026-01-01"
    assert found["code"].min == "007"
    assert (found["amount"].min, found["amount"].max) == (-1.5, 2000.0)


def test_shared_parts_of_a_file_are_followed(write):
    catalog = load(
        write(
            "tables:\n"
            "  a: {columns: &both {id: {type: INT}, at: {type: DATE}}}\n"
            "  b: {columns: {<<: *both, at: {type: TIMESTAMP}}}\n"
        )
    )
    assert {name: c.type for name, c in catalog.table("b").columns.items()} == {
        "id": "INT",
        "at": "TIMESTAMP",
    }


def test_indexes_are_lists_of_keys_or_texts(write):
    catalog = load(
        write(
            "tables: {d: {indexes: [[lower(email)], 'gin (payload jsonb_path_ops)', "
            "'unique (a, f(b, c)) where x > 0']}}"
        )
    )
    assert catalog.table("d").indexes == (
        Index(("lower(email)",)),
        Index(("payload jsonb_path_ops",), method="gin"),
        Index(("a", "f(b, c)"), unique=True, where="x > 0"),
    )


def test_a_foreign_key_without_columns_points_at_the_primary_key():
    catalog = from_dict(
        {
            "tables": {
                "a": {
                    "foreign_keys": [
                        {"columns": ["u"], "references": "b"},
                        {"columns": ["x"], "references": "?"},
                    ]
                },
                "b": {"primary_key": ["id"]},
            }
        }
    )
    assert catalog.table("a").foreign_keys == (ForeignKey(("u",), "b", ("id",)),)


def test_tables_that_differ_only_in_case_are_said():
    assert "differ only in case" in from_dict({"tables": {"Orders": {}, "orders": {}}}).warnings[0]


BROKEN = {
    "unknown column key": (
        "tables:\n  a:\n    columns:\n      x: {type: INT64,\n        nullabel: true}\n",
        ':5: table a, column x: a column has no key "nullabel"; did you mean "nullable"?',
    ),
    "unknown table key": (
        "tables:\n  a:\n    partitioned_by: x\n",
        ':3: table a: a table has no key "partitioned_by"',
    ),
    "unknown key of a list item": (
        "tables:\n  a:\n    foreign_keys:\n    - {columns: [a], references: b}\n    - {colums: [a]}\n",
        ':5: table a: a foreign key has no key "colums"; did you mean "columns"?',
    ),
    "unknown top key": ("versoin: 1\n", ':1: a catalog has no key "versoin"; did you mean "version"?'),
    "negative rows": ("tables: {a: {rows: -1}}", "rows must be a whole number, 0 or more, not -1"),
    "text for rows": ("tables: {a: {rows: 3M}}", "rows must be a whole number, 0 or more, not '3M'"),
    "flat unique": ("tables: {a: {unique: [a, b]}}", "each a list of columns"),
    "granularity": (
        "tables: {a: {partition_by: {column: x, granularity: dya}}}",
        "one of hour, day, month, year",
    ),
    "share": ("tables: {a: {columns: {x: {nulls: 20}}}}", "a share from 0 to 1, not 20"),
    "nothing to partition by": ("tables: {a: {partition_by: {kind: range}}}", "partition_by needs `column`"),
    "version": ("version: 2", "version 2 is not known"),
    "empty": ("", "it is empty"),
    "only a comment": ("# to do\n", "it is empty"),
    "list": ("[1, 2]", "a catalog must be a mapping of names, not a list"),
    "tables as a list": ("tables:\n- name: x\n", "tables must be a mapping of names, not a list"),
    "NUL byte": (b"tables:\n  a\0: {}\n", ":2: it holds a NUL byte"),
    "Latin-1": (b"tables:\n  caf\xe9: {}\n", ":2: not UTF-8: the byte 0xE9"),
    "no YAML": ("tables: {a: [}", ":1: not YAML"),
    "a key twice": ("tables:\n  a: {}\n  a: {}\n", ':3: not YAML: the key "a" is given twice'),
    "two documents": ("version: 1\n---\nversion: 1\n", "a second document"),
    "a Python object": ("tables: !!python/object:os.path {}", "not allowed"),
    "a Python name": ("dialect: !!python/name:os.system x", "not allowed"),
    "deep nesting": ("[" * 20_000, "not YAML"),
    "control character": ("dialect: \x01\n", ":1: not YAML"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_with_what_is_wrong(write, content, message):
    path = write(content)
    with pytest.raises(CatalogError) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


@pytest.mark.parametrize("content", ["{", '{"a": NaN}', '{"tables": {}, "tables": {}}', "[" * 100_000])
def test_broken_json_is_named(write, content):
    path = write(content, "catalog.json")
    with pytest.raises(CatalogError, match=r"catalog\.json"):
        load(path)


def test_an_unknown_key_is_found_in_json_too(write):
    with pytest.raises(CatalogError, match=r'catalog\.json:3: table t: .*did you mean "rows"'):
        load(write('{"tables": {\n"t": {\n"row": 3}}}', "catalog.json"))


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(CatalogError, match=r"none\.yml: can't be read"):
        load(tmp_path / "none.yml")
    with pytest.raises(CatalogError, match="can't be read"):
        load(tmp_path)
    with pytest.raises(CatalogError, match="can't be written"):
        dump(Catalog(), tmp_path / "no" / "such" / "c.yml")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"tables:\n{text}".encode()))
@settings(max_examples=300)
def test_any_bytes_are_a_catalog_or_a_named_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.yml"
    path.write_bytes(content)
    try:
        assert isinstance(load(path), Catalog)
    except CatalogError as error:
        assert str(path) in str(error)  # noqa: PT017 - either answer is right


words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
names = st.lists(words, max_size=3).map(tuple)
some = st.lists(words, min_size=1, max_size=3).map(tuple)
counts = st.integers(0, 10**15)
shares = st.floats(0, 1)
dates = st.dates()
moments = st.datetimes(timezones=st.sampled_from([None, UTC]))


def maybe(strategy):
    return st.none() | strategy


def columns(name):
    common = {
        "nullable": maybe(st.booleans()),
        "distinct": maybe(counts),
        "nulls": maybe(shares),
        "average_bytes": maybe(st.floats(0, 1e9)),
        "bytes": maybe(counts),
        "tags": names,
        "comment": maybe(words),
        "masking_policy": maybe(words),
        "policy_tag": maybe(words),
        "collation": maybe(words),
    }
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    return st.one_of(
        *(
            st.builds(
                Column, name=st.just(name), type=st.just(kind), min=maybe(bound), max=maybe(bound), **common
            )
            for kind, bound in (
                ("NUMERIC(18, 2)", numbers),
                ("DATE", dates),
                ("TIMESTAMP", moments),
                ("STRING", words),
                (None, st.booleans()),
            )
        )
    )


def distinct_names(strategy):
    """Names that are no rest of a cut type, which the reader would join."""
    return st.lists(strategy.filter(lambda word: ")" not in word), max_size=3, unique_by=str.casefold)


@st.composite
def tables(draw, name):
    fields = [draw(columns(column)) for column in draw(distinct_names(words))]
    keys = st.builds(
        lambda pairs, **rest: ForeignKey(tuple(a for a, _ in pairs), to=tuple(b for _, b in pairs), **rest),
        st.lists(st.tuples(words, words), min_size=1, max_size=2),
        references=words,
        enforced=maybe(st.booleans()),
    )
    partitions = st.builds(
        Partitioning,
        some,
        st.sampled_from(PartitionKind),
        granularity=maybe(st.sampled_from(["hour", "day", "month", "year"])),
        require_filter=maybe(st.booleans()),
        expression=maybe(words),
        format=maybe(words),
        start=maybe(st.integers()),
        end=maybe(st.integers()),
        step=maybe(counts),
        count=maybe(counts),
    )
    ranges = st.fixed_dictionaries({c.name: st.tuples(dates, dates) for c in fields if c.type == "DATE"})
    return Table(
        name,
        {column.name: column for column in fields},
        primary_key=draw(names),
        unique=tuple(draw(st.lists(some, max_size=2))),
        foreign_keys=tuple(draw(st.lists(keys, max_size=2))),
        partition_by=draw(maybe(partitions)),
        cluster_by=draw(names),
        micro_partitions=draw(maybe(counts)),
        clustering_depth=draw(maybe(st.floats(0, 1e6))),
        indexes=tuple(
            draw(
                st.lists(st.builds(Index, some, maybe(words), st.booleans(), words, maybe(words)), max_size=2)
            )
        ),
        rows=draw(maybe(counts)),
        bytes=draw(maybe(counts)),
        updated=draw(maybe(moments)),
        enforced=draw(maybe(st.booleans())),
        kind=draw(st.sampled_from(["table", "view"])),
        comment=draw(maybe(words)),
        tags=draw(names),
        row_access_policy=draw(maybe(words)),
        search_optimization=draw(maybe(names)),
        row_groups=tuple(draw(st.lists(st.builds(RowGroup, counts, counts, ranges), max_size=2))),
        grants=draw(st.dictionaries(words, some, max_size=2)),
        definition=draw(maybe(words)),
        origin=draw(maybe(words)),
        stamp=draw(maybe(words)),
    )


@st.composite
def catalogs(draw):
    found = [draw(tables(name)) for name in draw(st.lists(words, max_size=3, unique_by=str.casefold))]
    return Catalog(
        found, draw(maybe(st.sampled_from(["duckdb", "bigquery"]))), draw(maybe(words)), draw(maybe(words))
    )


@given(catalogs())
@settings(max_examples=200)
def test_a_catalog_survives_plain_data(catalog):
    again = from_dict(to_dict(catalog))
    assert again == catalog
    for name, table in catalog.tables.items():
        assert list(again.tables[name].columns) == list(table.columns)


@given(catalogs())
@settings(max_examples=150)
def test_a_catalog_survives_its_file_and_gives_the_same_bytes(tmp_path_factory, catalog):
    folder = tmp_path_factory.getbasetemp()
    first, second = folder / "first.yml", folder / "second.yml"
    dump(catalog, first)
    again = load(first)
    assert again == catalog
    dump(again, second)
    assert first.read_bytes() == second.read_bytes()
    assert yaml.safe_load(first.read_text())["version"] == 1


def test_the_order_of_tables_does_not_change_the_bytes(tmp_path):
    tables = [Table("b", {"x": Column("x")}), Table("a"), Table("C")]
    dump(Catalog(tables), tmp_path / "one.yml")
    dump(Catalog(reversed(tables)), tmp_path / "two.yml")
    assert (tmp_path / "one.yml").read_bytes() == (tmp_path / "two.yml").read_bytes()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "c.yml"
    dump(Catalog([Table("a")]), path)
    before = path.read_bytes()
    with pytest.raises(RuntimeError):
        dump(_Broken(), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["c.yml"]  # noqa: PTH208 - names, the hidden ones too


class _Broken(Catalog):
    dialect = None
    default_database = None
    default_schema = None

    def __init__(self):
        pass

    @property
    def tables(self):
        raise RuntimeError


def test_a_large_catalog_is_read_with_less_work_than_by_pyyaml(tmp_path):
    columns = {f"c{n}": Column(f"c{n}", "INT64", nullable=False, distinct=n) for n in range(20)}
    dump(Catalog(Table(f"p.d.t{n}", columns, rows=n) for n in range(300)), tmp_path / "c.yml")
    text = (tmp_path / "c.yml").read_text()
    ours = lines(lambda: load(tmp_path / "c.yml"))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    assert ours < lines(lambda: yaml.load(text, Loader=loader))  # noqa: S506 - both are safe


def test_json_dates_come_back_as_dates(tmp_path):
    column = Column("d", "DATE", min=date(2026, 1, 1), max=date(2026, 1, 1) + timedelta(days=3))
    dump(Catalog([Table("t", {"d": column})]), tmp_path / "c.json")
    assert json.loads((tmp_path / "c.json").read_text())["tables"]["t"]["columns"]["d"]["min"] == "2026-01-01"
    assert load(tmp_path / "c.json").table("t").columns["d"] == column
