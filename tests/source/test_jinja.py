"""Templates: what they render to, and that every range of it is placed where it was written."""

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlopt.query.text.parse import parse
from sqlopt.source.jinja import read
from sqlopt.source.map import Quality
from sqlopt.span import Span


def one(text, **variables):
    (script,) = read(text, "t.sql", variables)
    return script


def place(script, text, shown):
    start = script.text.index(shown)
    found = script.source_map.place(Span(start, start + len(shown)))
    return found.quality, text[found.span.start : found.span.end]


def test_text_is_exact_and_expressions_are_placed_whole():
    text = "select a, {{ column }} from t {# why #} where b = 1"
    script = one(text, column="c")
    assert script.text == "select a, c from t  where b = 1"
    assert place(script, text, "a, ") == (Quality.EXACT, "a, ")
    assert place(script, text, "c from")[0] is Quality.EXPRESSION
    assert place(script, text, "where b = 1") == (Quality.EXACT, "where b = 1")


def test_what_a_macro_prints_is_at_its_call_and_inside_it():
    text = "{% macro plus(x) %}({{ x }} + 1){% endmacro %}select {{ plus('a') }} from t"
    script = one(text)
    found = script.source_map.place(Span(script.text.index("+ 1"), script.text.index("+ 1") + 3))
    assert found.quality is Quality.MACRO
    assert text[found.span.start : found.span.end] == "{{ plus('a') }}"
    path, inner = found.inner
    assert (path, text[inner.start : inner.end]) == ("t.sql", " + 1)")


def test_a_set_block_keeps_its_place_through_trim():
    text = "{% set w %}\n  a = {{ x }} and b = 2\n{% endset %}select 1 from t where {{ w | trim }}"
    script = one(text, x=5)
    assert script.text == "select 1 from t where a = 5 and b = 2"
    assert place(script, text, " and b = 2") == (Quality.EXACT, " and b = 2")


def test_changed_text_is_not_exact():
    text = "select {% filter upper %}a, b{% endfilter %} from t"
    script = one(text)
    assert script.text == "select A, B from t"
    quality, written = place(script, text, "A, B")
    assert quality > Quality.EXACT
    assert "a, b" in written


def test_each_turn_of_a_loop_is_placed_in_its_body():
    text = "select {% for c in ['a', 'b'] %}sum({{ c }}){{ ', ' if not loop.last }}{% endfor %} from t"
    script = one(text)
    assert script.text == "select sum(a), sum(b) from t"
    starts = [index for index in range(len(script.text)) if script.text.startswith("sum(", index)]
    places = {script.source_map.place(Span(start, start + 4)).span for start in starts}
    assert places == {Span(text.index("sum("), text.index("sum(") + 4)}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_offsets_are_those_of_the_file_whatever_its_newlines(newline):
    text = newline.join(["{%- set a = 1 -%}", "", "select é,", "  {{ a }},", "  last_column", "from t", ""])
    script = one(text)
    assert place(script, text, "last_column") == (Quality.EXACT, "last_column")
    assert place(script, text, "select é,") == (Quality.EXACT, "select é,")


def test_mixed_newlines_are_placed_line_by_line():
    text = "select a,\r\n  b,\n  c\r\nfrom t"
    script = one("{# x #}" + text)
    assert place(script, "{# x #}" + text, "from t") == (Quality.EXACT, "from t")


def test_marks_that_a_template_can_see_leave_the_place_coarse():
    text = "{% set x %}ab{{ 1 }}{% endset %}select '{{ x | list | join('-') }}' from t"
    script = one(text)
    assert script.text == "select 'a-b-1' from t"
    quality, written = place(script, text, "a-b-1")
    assert quality > Quality.EXACT
    assert "list" in written or len(written) == len(text)


def test_unknown_names_become_placeholders_with_a_note():
    script = one("select {{ a }} from {{ ref('orders') }} where x = '{{ day }}' and {{ own_filter() }}")
    assert script.text == "select unknown_a from orders where x = 'unknown_day' and unknown_own_filter"
    assert [note.split(" stands")[0] for _, note in script.notes] == ["what a", "what day", "what own_filter"]
    assert [(script.text[h.span.start : h.span.end], h.any_sql) for h in script.holes] == [
        ("unknown_a", True),
        ("unknown_day", False),
        ("unknown_own_filter", True),
    ]


def test_what_a_condition_asks_is_noted():
    script = one("select 1 from t {% if flag.on %}where a = 1{% endif %}")
    assert [note for _, note in script.notes] == []  # undefined is false, as Jinja has it
    script = one("select 1 from t {% if var('on') %}where a = 1{% endif %}")
    assert "decides what the template prints" in script.notes[0][1]


AWKWARD = {
    "types": "select cast(null as {{ type_array() }}) as a, cast(x as {{ m.json() }}) b from t",
    "after a star": "select\n *\n -- note\n {{ p.f() }}\n {{ p.g() }}\nfrom base",
    "after a table's star": "select a.* {{ p.f() }} from a",
    "pairs": "select {% for k, v in cfg().items() %}{{ k }} as {{ v }}{{ ',' if not loop.last }}{% endfor %} from t",
    "condition": "select 1 from t where {{ f() }} and {{ g('x') }} or not {{ h }}",
    "clause": "select a from t {{ limit_rows() }}",
    "CTEs": "with a as ( {{ q() }} ), b as ({{ r() }}) select * from a join b using (id)",
    "query after CTEs": "with a as (select 1 as x) {{ q() }}",
    "branches": "{{ part(a) }} union all {{ part(b) }}",
    "whole": "{{ my_model() }}",
    "function": "select {{ fn }}(a), {{ f('x') }} over (partition by y) from t",
    "quotes": "select '{{ x }}' as a, '{{ a }}-{{ b }}' from {{ db }}.{{ schema }}.{{ t }}_{{ suffix }}",
    "values": "select * from t where x in ({{ xs }}) and b between {{ y }} and {{ z }} and c like '{{ p }}%'",
    "case": "select case when {{ cond() }} then {{ a }} else {{ b }} end as z, {{ m() }} as q from t",
    "tables": "select * from {{ a() }} as x left join {{ b() }} y on {{ on() }} where 1 = 1",
    "order": "select * from t order by {{ x }} {{ direction }} limit {{ n }}",
    "comma": "select a {{ more_columns() }}, b from t",
    "insert": "insert into {{ t }} select * from {{ s }}",
}


@pytest.mark.parametrize(
    "dialect", ["snowflake", "bigquery", "postgres", "redshift", "spark", "databricks", "duckdb"]
)
@pytest.mark.parametrize("name", AWKWARD)
def test_placeholders_parse_in_their_place(name, dialect):
    script = one(AWKWARD[name])
    statements = parse(script.text, dialect)
    assert len(statements) == 1
    assert statements[0].error is None, script.text


HOSTILE = [
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 'a' * 10**9 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ 'a'.ljust(10**9) }}",
    "{{ 'a' | center(10**9) }}",
    "{{ (1).to_bytes(10**9, 'big') }}",
    "{% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x=['ab']) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = n.x.replace('a', n.x) %}{% endfor %}",
    "{% set l = [1] %}{% for x in l %}{% do l.append(1) %}{% endfor %}",
    "{{ [1] | batch(10**9, 0) | list }}",
    "{{ 'a'.translate({97: 'b' * 9999999}) }}",
    "(" * 3000,
    "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}",
    "{% if a %}" * 200 + "x" + "{% endif %}" * 200,
    "{{",
    "{% if %}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40])
def test_hostile_templates_end(text):
    assert len(read(text, "t.sql")) == 1


ESCAPES = [
    "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ ref.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ (x | attr('__class__')) }}",
    "{{ 'x'.encode().__class__.__mro__ }}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_leaves_the_sandbox(text):
    shown = one(text).text
    assert "class" not in shown.replace("unknown_class", "").replace("__bases", "").replace("subclasses", "")
    assert "0x" not in shown
    assert "uid=" not in shown


pieces = st.lists(
    st.one_of(
        st.sampled_from(["select a\n", " from t ", "\r\n", "  ", "-- é\n", "'x''y'", ", b "]),
        st.sampled_from(["{{ x }}", "{{- x }}", "{{ x -}}", "{{ x | upper }}", "{# note #}", "{#- n -#}"]),
        st.sampled_from(["{% if x %}yes{% endif %}", "{%- for i in [1, 2] -%} r{{ i }}, {% endfor %}"]),
        st.sampled_from(["{% set y %} s {{ x }} {% endset %}", "{{ y }}", "{{ y | trim }}", "{{ f('q') }}"]),
        st.sampled_from(["{% filter lower %}ABC{{ x }}{% endfilter %}", "{% raw %}{{ no }}{% endraw %}"]),
        st.sampled_from(
            ["{% call(z) g() %}in {{ z }}{% endcall %}", "{{ x ~ '-' ~ y }}", "{{ x.replace('x', 'y') }}"]
        ),
    ),
    max_size=12,
)
HEAD = (
    "{% set y = 'yy' %}{% macro f(a) %}<{{ a }}>{% endmacro %}{% macro g() %}[{{ caller(1) }}]{% endmacro %}"
)


@settings(max_examples=300)
@given(pieces)
def test_rendering_is_jinjas_and_exact_means_exact(parts):
    text = HEAD + "".join(parts)
    newline = "\r\n" if text.count("\r\n") and text.count("\r\n") == text.count("\n") else "\n"
    script = one(text, x="xX")
    jinjas_own = jinja2.Environment(newline_sequence=newline)  # noqa: S701 - SQL is no HTML
    assert script.text == jinjas_own.from_string(text).render(x="xX")
    at = 0
    for segment in script.source_map.segments:
        assert segment.start == at
        at = segment.end
        if segment.quality is Quality.EXACT:
            written = text[segment.span.start : segment.span.end]
            assert script.text[segment.start : segment.end] == written
    assert at == len(script.text)
