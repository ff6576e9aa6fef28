from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from sqlopt.errors import PackError, UnknownRuleError
from sqlopt.rules.packs import fingerprint, load_packs, resolve, skeleton

if TYPE_CHECKING:
    from pathlib import Path

PAGE = '''"""A thing that is found.

**Why**

It costs.

**Valid when**

No rewrite.

**Bad**

**Good**

**Sources**

- here
"""
'''
BODY = """
from sqlglot import exp

from sqlopt.rules import Hit, Rule


class Found(Rule):
    id = "{id}"
    match = (exp.EQ,)

    def guard(self, target, context):
        yield Hit(context.query.span(target), "found")
"""


def write_rule(folder: Path, name: str, identity: str = "ZZZ001", page: str = PAGE, body: str = BODY) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(page + body.replace("{id}", identity))
    return path


def test_a_folder_given_by_path_is_a_pack(tmp_path):
    write_rule(tmp_path / "mine", "some_thing")
    rule = load_packs([tmp_path / "mine"])["ZZZ001"]
    assert (rule.id, rule.name, rule.pack) == ("ZZZ001", "some-thing", "mine")
    assert rule.page.startswith("A thing that is found")


def test_a_changed_rule_is_read_again(tmp_path):
    path = write_rule(tmp_path / "changing", "some_thing")
    before = fingerprint([tmp_path / "changing"])
    assert "ZZZ001" in load_packs([tmp_path / "changing"])
    path.write_text(path.read_text().replace("ZZZ001", "ZZZ0002"))
    assert fingerprint([tmp_path / "changing"]) != before
    rules = load_packs([tmp_path / "changing"])
    assert "ZZZ0002" in rules
    assert "ZZZ001" not in rules


def test_rules_of_a_pack_share_helpers(tmp_path):
    folder = tmp_path / "sharing"
    body = BODY + "\n\nfrom ._words import WORD\nFound.word = WORD\n"
    write_rule(folder, "some_thing", body=body)
    (folder / "_words.py").write_text('WORD = "shared"\n')
    rule = load_packs([folder])["ZZZ001"]
    assert rule.word == "shared"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("page", "body", "says"),
    [
        (PAGE.replace("**Why**", "Why"), BODY, "lacks the heading **Why**"),
        (
            PAGE.replace("**Bad**", "**X**").replace("**Why**", "**Bad**").replace("**X**", "**Why**"),
            BODY,
            "order",
        ),
        ('"""**Why**"""\n', BODY, "lacks the heading"),
        (PAGE, "", "exactly one subclass of Rule, this one 0"),
        (PAGE, BODY + "\n\nclass Twin(Rule):\n    id = 'ZZZ002'\n", "this one 2"),
        (PAGE, BODY.replace("(exp.EQ,)", '"sacn"'), "match must be"),
        (PAGE, BODY.replace("{id}", "zzz1"), "id must be"),
        (PAGE, "import nothing_of_this_name\n", "nothing_of_this_name"),
        (PAGE, "def broken(:\n", "SyntaxError"),
    ],
)
def test_a_broken_rule_file_is_named(tmp_path, page, body, says):
    path = write_rule(tmp_path / "broken", "some_thing", page=page, body=body)
    with pytest.raises(PackError) as raised:
        load_packs([tmp_path / "broken"])
    assert str(path) in str(raised.value)
    assert says in str(raised.value)


def test_ids_and_names_are_taken_once(tmp_path):
    write_rule(tmp_path / "twins", "one")
    second = write_rule(tmp_path / "twins", "two")
    with pytest.raises(PackError, match=r"two\.py: ZZZ001 is taken by the rule twins/one"):
        load_packs([tmp_path / "twins"])
    second.unlink()
    write_rule(tmp_path / "others", "one", "ZZZ002")
    with pytest.raises(PackError, match="one is taken by the rule twins/one"):
        load_packs([tmp_path / "twins", tmp_path / "others"])


def test_a_path_that_is_no_pack_is_named(tmp_path):
    with pytest.raises(PackError, match="nowhere"):
        load_packs([tmp_path / "nowhere"])


def test_installed_packages_offer_packs(tmp_path):
    """A package with an entry point in the group is found by a fresh process."""
    write_rule(tmp_path / "their_rules", "some_thing")
    (tmp_path / "their_rules" / "__init__.py").write_text("")
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sqlopt.packs]\ntheirs = their_rules\n")
    code = "from sqlopt.rules.packs import load_packs; print(load_packs()['ZZZ001'].pack)"
    path = os.pathsep.join([str(tmp_path), *sys.path])
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "theirs"


def test_the_fingerprint_imports_no_rule_and_no_parser():
    code = dedent("""
        import sys
        from sqlopt.rules.packs import fingerprint
        fingerprint()
        print([name for name in sys.modules if name.startswith(("sqlopt.packs.", "sqlglot", "yaml"))])
    """)
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


@pytest.fixture
def rules(tmp_path):
    write_rule(tmp_path / "selected", "first_thing", "ZZA001")
    write_rule(tmp_path / "selected", "second_thing", "ZZA002")
    strict = BODY.replace("match =", "policy = True\n    match =")
    write_rule(tmp_path / "house_ways", "third_thing", "ZZB001", body=strict)
    loaded = load_packs([tmp_path / "selected", tmp_path / "house_ways"])
    return {one: rule for one, rule in loaded.items() if one.startswith("ZZ")}


@pytest.mark.parametrize(
    ("selectors", "ids"),
    [
        (["ZZA001"], {"ZZA001"}),
        (["zza001"], {"ZZA001"}),
        (["second-thing"], {"ZZA002"}),
        (["selected"], {"ZZA001", "ZZA002"}),
        (["house-ways"], {"ZZB001"}),
        (["ZZA"], {"ZZA001", "ZZA002"}),
        (["ZZA00"], {"ZZA001", "ZZA002"}),
        (["ALL"], {"ZZA001", "ZZA002", "ZZB001"}),
        (["DEFAULT"], {"ZZA001", "ZZA002"}),
        (["DEFAULT", "ZZB001"], {"ZZA001", "ZZA002", "ZZB001"}),
        ([], set()),
    ],
)
def test_selectors(rules, selectors, ids):
    assert resolve(selectors, rules) == ids


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("ZZA003", "ZZA00"), ("frist-thing", "first-thing"), ("selecte", "selected"), ("ZZ", "")],
)
def test_an_unknown_rule_is_an_error(rules, wrong, near):
    with pytest.raises(UnknownRuleError) as raised:
        resolve([wrong], rules)
    assert repr(wrong) in str(raised.value)
    assert near in str(raised.value)


def test_a_new_rule_starts_whole_with_the_next_free_id(tmp_path):
    write_rule(tmp_path / "zoo", "first_thing", "ZOO007")
    path, text = skeleton("zoo", "brand-new", tmp_path)
    assert path == tmp_path / "zoo" / "brand_new.py"
    path.write_text(text)
    rules = load_packs([tmp_path / "zoo"])
    assert rules["ZOO008"].name == "brand-new"
    with pytest.raises(PackError, match="exists already"):
        skeleton("zoo", "brand-new", tmp_path)
    with pytest.raises(PackError, match="lower-case"):
        skeleton("zoo", "../evil", tmp_path)
