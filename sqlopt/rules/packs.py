"""Packs: where rules come from, how they are loaded, and how they are selected.

A pack is a folder of rule files. The built-in ones stand in ``sqlopt/packs`` of an installation, or in
the top-level ``rules/`` of a checkout; others come from the entry-point group ``sqlopt.packs`` or by
path. Nothing is registered: a file in the folder is a rule.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from difflib import get_close_matches
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from sqlopt.errors import PackError, UnknownRuleError
from sqlopt.rules import page
from sqlopt.rules.finding import Severity
from sqlopt.rules.own import OWN
from sqlopt.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

GROUP = "sqlopt.packs"
"""The entry-point group, and the package that every pack's modules are loaded into."""

_ID = re.compile(r"[A-Z]{2,8}\d{3,4}")
_YAML = (".yml", ".yaml")
_loaded: dict[str, tuple[str, ...]] = {}
"""The stamp of each pack's files when its modules were imported."""


def load_packs(extra_paths: Sequence[str | Path] = ()) -> dict[str, type[Rule]]:
    """Return every rule by id, sorted: our own, the built-in packs, installed packs, ``extra_paths``.

    An extra path is a folder (a pack of Python rules and YAML house rules) or a YAML file of house
    rules. Raises `PackError` naming the file that can't be loaded.
    """
    paths = tuple(str(path) for path in extra_paths)
    return dict(_load(paths, fingerprint(paths)))


@lru_cache(maxsize=8)
def _load(paths: tuple[str, ...], stamp: str) -> dict[str, type[Rule]]:
    del stamp  # it is in the key, so that a changed file is read again
    importlib.invalidate_caches()
    rules: dict[str, type[Rule]] = {rule.id: rule for rule in OWN}
    names = {rule.name: rule for rule in OWN}
    for pack, place in _places(paths):
        for rule, file in _rules_at(pack, place):
            for key, known in ((rule.id, rules), (rule.name, names)):
                if key in known:
                    twin = known[key]
                    raise PackError(f"{file}: {key} is taken by the rule {twin.pack}/{twin.name} already")
            rules[rule.id] = names[rule.name] = rule
    return dict(sorted(rules.items()))


def builtin_folder() -> Path:
    """Return the folder of the built-in packs: in a wheel within the package, else beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "packs"
    return inside if inside.is_dir() else package.parent / "rules"


def _places(paths: Sequence[str]) -> list[tuple[str, Path]]:
    """Return (pack name, folder or YAML file) of every pack. Raises `PackError`."""
    places: dict[str, Path] = {}
    builtin = ((folder.name, folder) for folder in _pack_folders(builtin_folder()))
    extra = ((Path(path).stem, Path(path)) for path in paths)
    for name, place in (*builtin, *_installed(), *extra):
        pack = name.replace("-", "_")
        if pack in places:
            raise PackError(f"{place}: a pack named {pack} is loaded already from {places[pack]}")
        if not place.is_dir() and not (place.is_file() and place.suffix in _YAML):
            raise PackError(f"{place}: no folder of rules and no YAML file of house rules")
        places[pack] = place.resolve()
    return list(places.items())


def _pack_folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] not in "._")


def _installed() -> Iterator[tuple[str, Path]]:
    """Yield (name, folder) of the packs that installed packages offer."""
    if not any(_offers_packs(folder) for folder in dict.fromkeys(sys.path)):
        return
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP):
        try:
            offered = point.load()
            place = next(iter(offered.__path__)) if isinstance(offered, ModuleType) else offered
            yield point.name, Path(place)
        except Exception as error:
            raise PackError(f"entry point {point.name} = {point.value}: {error}") from error


@lru_cache(maxsize=256)
def _offers_packs(folder: str) -> bool:
    """Whether a package installed in ``folder`` offers packs: importlib.metadata takes ten times as long."""
    try:
        names = [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))]  # noqa: PTH208 - names do
    except OSError:
        return False
    files = (Path(folder, name, "entry_points.txt") for name in names)
    return any(GROUP.encode() in file.read_bytes() for file in files if file.is_file())


def _files(place: Path) -> list[Path]:
    """Return a pack's rule files and helpers, sorted by name."""
    if place.is_file():
        return [place]
    return sorted(
        path for path in place.iterdir() if path.suffix in (".py", *_YAML) and path.name != "__init__.py"
    )


def fingerprint(extra_paths: Sequence[str | Path] = ()) -> str:
    """Return a hash of all packs' files (name, size, time) and sqlopt's version; imports no rule.

    Raises `PackError` for a path that is no pack.
    """
    from sqlopt import __version__

    stamps = [__version__]
    try:
        for pack, place in _places([str(path) for path in extra_paths]):
            stamps += (pack, *_stamps(_files(place)))
    except OSError as error:
        raise PackError(f"{error.filename}: {error.strerror}") from error
    return sha256("\n".join(stamps).encode()).hexdigest()


def _stamps(files: Iterable[Path]) -> tuple[str, ...]:
    return tuple(f"{file}|{stat.st_size}|{stat.st_mtime_ns}" for file in files for stat in (file.stat(),))


# ---- loading


def _rules_at(pack: str, place: Path) -> Iterator[tuple[type[Rule], Path]]:
    files = _files(place)
    _prepare(pack, place, files)
    for file in files:
        if file.suffix in _YAML:
            from sqlopt.rules.house import load_house_rules

            for rule in load_house_rules(file, pack):
                yield _checked(rule, file), file
        elif not file.name.startswith("_"):
            yield _checked(_import_rule(pack, file), file), file


def _prepare(pack: str, place: Path, files: Iterable[Path]) -> None:
    """Make ``sqlopt.packs.<pack>`` a package whose modules come from ``place``.

    Rules are then imported as any module is, with bytecode cached, and may import the pack's helpers
    (``from ._helpers import ...``). Modules of files that have changed since are dropped.
    """
    root = sys.modules.get(GROUP)
    if root is None:
        root = sys.modules[GROUP] = ModuleType(GROUP)
        root.__path__ = [str(builtin_folder())]
    name = f"{GROUP}.{pack}"
    stamp = _stamps(files)
    if _loaded.get(pack) == stamp:
        return
    for module in [one for one in list(sys.modules) if one == name or one.startswith(f"{name}.")]:
        del sys.modules[module]
    package = sys.modules[name] = ModuleType(name)
    package.__path__ = [str(place)] if place.is_dir() else []
    setattr(root, pack, package)
    _loaded[pack] = stamp


def _import_rule(pack: str, file: Path) -> type[Rule]:
    name = f"{GROUP}.{pack}.{file.stem}"
    try:
        module = importlib.import_module(name)
    except Exception as error:
        raise PackError(f"{file}: {type(error).__name__}: {error}") from error
    rules = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == name
    ]
    if len(rules) != 1:
        raise PackError(f"{file}: a rule file holds exactly one subclass of Rule, this one {len(rules)}")
    rule = rules[0]
    rule.name = file.stem.replace("_", "-")
    rule.pack = pack
    rule.page = (module.__doc__ or "").strip()
    return rule


def _checked(rule: type[Rule], file: Path) -> type[Rule]:
    """Return ``rule`` if it is whole. Raises `PackError` naming the file."""
    identity = getattr(rule, "id", None)
    if not isinstance(identity, str) or not _ID.fullmatch(identity):
        raise PackError(f"{file}: id must be capital letters and three or four digits, not {identity!r}")
    match = getattr(rule, "match", None)
    nodes = isinstance(match, tuple) and match and all(isinstance(one, type) for one in match)
    if not nodes and match not in ("scan", "statement", "script", "plan"):
        raise PackError(
            f'{file}: match must be "scan", "statement", "script", "plan" or sqlglot classes, not {match!r}'
        )
    if not isinstance(rule.severity, Severity):
        raise PackError(f"{file}: severity must be a Severity, not {rule.severity!r}")
    try:
        page.page_of(rule)
    except PackError as error:
        raise PackError(f"{file}: {error}") from None
    return rule


# ---- selection


def resolve(selectors: Iterable[str], rules: Mapping[str, type[Rule]]) -> frozenset[str]:
    """Return the ids that ``selectors`` name: ids, rule names, pack names, id prefixes, ALL, DEFAULT.

    DEFAULT is all but policy rules. Raises `UnknownRuleError` with the nearest name.
    """
    return frozenset(one for selector in selectors for one in _selected(selector, rules))


def _selected(selector: str, rules: Mapping[str, type[Rule]]) -> Iterable[str]:
    key = selector.strip()
    upper, lower = key.upper(), key.lower().replace("_", "-")
    if upper == "ALL":
        return rules
    if upper == "DEFAULT":
        return [one for one, rule in rules.items() if not rule.policy]
    if upper in rules:
        return [upper]
    found = [one for one, rule in rules.items() if lower == rule.name]
    found = found or [one for one, rule in rules.items() if lower == rule.pack.replace("_", "-")]
    if not found and re.fullmatch(r"[A-Z]{2,}\d*", upper):
        letters = upper.rstrip("0123456789")
        found = [one for one in rules if one.startswith(upper) and one.rstrip("0123456789") == letters]
    if not found:
        raise UnknownRuleError(f"there is no rule or pack {key!r}{did_you_mean(key, rules)}")
    return found


def did_you_mean(name: str, rules: Mapping[str, type[Rule]]) -> str:
    """Return ``"; did you mean ...?"`` for the rule or pack nearest to ``name``, or nothing."""
    choices = {one.casefold(): one for one in _all_names(rules)}
    near = get_close_matches(name.casefold(), choices, n=1)
    return f"; did you mean {choices[near[0]]}?" if near else ""


def _all_names(rules: Mapping[str, type[Rule]]) -> Iterator[str]:
    for one, rule in rules.items():
        yield from (rule.pack, rule.name, one)


# ---- a new rule


def skeleton(pack: str, name: str, root: str | Path) -> tuple[Path, str]:
    """Return where the rule ``name`` of ``pack`` goes under ``root`` and a text to start from.

    Its id is the next free one of the pack; a new pack's prefix is the first three letters of its name.
    Raises `PackError` for a name that is none, or that is taken.
    """
    stem = name.replace("-", "_")
    folder = pack.replace("-", "_")
    if not (stem.isidentifier() and folder.isidentifier() and stem == stem.lower() and stem[0] != "_"):
        raise PackError(f"{pack}/{name}: names are lower-case words with hyphens")
    path = Path(root) / folder / f"{stem}.py"
    if path.exists():
        raise PackError(f"{path}: exists already")
    known = set(load_packs())
    taken = [one for one, rule in load_packs().items() if rule.pack == folder]
    for file in path.parent.glob("[a-z]*.py"):
        taken += re.findall(r"^ +id = [\"']([A-Z]+\d+)[\"']", file.read_text("utf-8"), re.MULTILINE)
    prefix = taken[0].rstrip("0123456789") if taken else folder.replace("_", "")[:3].upper()
    number = max((int(one[len(prefix) :]) for one in taken if one.startswith(prefix)), default=0) + 1
    while f"{prefix}{number:03}" in known:
        number += 1
    title = "".join(word.capitalize() for word in stem.split("_"))
    return path, _SKELETON.format(id=f"{prefix}{number:03}", title=title, words=stem.replace("_", " "))


_SKELETON = '''"""{words}: say in one line what it finds

Say what is found, in a paragraph.

**Why**

What it costs, and why the engine can't help it.

**Valid when**

No rewrite.

**Bad**

```sql
-- dialect: duckdb
SELECT a FROM t WHERE a = NULL
```

**Good**

```sql
-- dialect: duckdb
SELECT a FROM t WHERE a IS NULL
```

**Sources**

- https://... (checked YYYY-MM-DD)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


class {title}(Rule):
    id = "{id}"
    severity = Severity.WARNING
    match = (exp.EQ,)

    def guard(self, target: Any, context: Context) -> Iterator[Hit]:
        if isinstance(target.expression, exp.Null):
            yield Hit(context.query.span(target), "say what is wrong here, and what to do")
'''
