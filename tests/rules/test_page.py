from __future__ import annotations

import pytest

from sqlopt.errors import PackError
from sqlopt.rules.packs import load_packs
from sqlopt.rules.page import Example, parse, render_markdown

PAGE = """A thing that is found.

More of it,
on two lines.

**Why** It costs.

**Valid when**
1. The first holds,
   on two lines.
2. The second holds.

**Bad**
```sql
-- catalog: bigquery
SELECT 1
```
```sql
-- dialect: snowflake
-- catalog: shop
SELECT 2 -- a comment stays
```

**Fixed**

```sql
SELECT 3
```

**Good**

```sql
SELECT 4
```

**Sources**

- https://one.example (checked 2026-11-23): it says
  so
- https://two.example
"""


def test_the_parts_of_a_page():
    page = parse(PAGE, "postgres")
    assert page.title == "A thing that is found"
    assert page.text == "More of it,\non two lines."
    assert page.why == "It costs."
    assert page.valid_when == ("The first holds, on two lines.", "The second holds.")
    assert page.bad == (
        Example("SELECT 1", "bigquery", "bigquery"),
        Example("SELECT 2 -- a comment stays", "snowflake", "shop"),
    )
    assert page.fixed == (Example("SELECT 3", "postgres"),)
    assert page.good == (Example("SELECT 4", "postgres"),)
    assert page.sources == ("https://one.example (checked 2026-11-23): it says so", "https://two.example")


def test_a_page_may_have_no_rewrite():
    text = PAGE.replace("**Fixed**\n\n```sql\nSELECT 3\n```\n\n", "")
    assert parse(text).fixed == ()


@pytest.mark.parametrize("heading", ["Why", "Valid when", "Bad", "Good", "Sources"])
def test_a_missing_heading_is_named(heading):
    with pytest.raises(PackError, match=rf"lacks the heading \*\*{heading}\*\*"):
        parse(PAGE.replace(f"**{heading}**", heading))


def test_a_heading_that_stands_twice_is_refused():
    with pytest.raises(PackError, match="once each"):
        parse(PAGE + "\n**Why** again")


def test_the_markdown_of_a_rule():
    rule = load_packs()["SQL002"]
    text = render_markdown(rule)
    assert text.startswith("# unused-suppression (SQL002)\n\n`SQL002` · pack sqlopt · warning")
    assert "**Why**" in text
