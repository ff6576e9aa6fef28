"""Settings turned into rules, options and a catalog: the part of a check that takes time to start."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.catalog import Catalog
from sqlopt.config import DEFAULT_DIALECT, did_you_mean
from sqlopt.errors import CatalogError, ConfigError, UnknownRuleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.config import Settings
    from sqlopt.project.project import Project
    from sqlopt.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that a check of one text needs.

    ``rules`` are the selected ones, ``known`` all; ``problem`` says what kept the catalog from being read;
    ``completed`` keeps the catalog as the dbt project at hand completes it.
    """

    dialect: str
    catalog: Catalog
    rules: Mapping[str, type[Rule]]
    options: Mapping[str, Mapping[str, Any]]
    known: Mapping[str, type[Rule]]
    ignored: frozenset[str] = frozenset()
    problem: str | None = None
    completed: dict[bytes, Catalog] = field(default_factory=dict, compare=False)


def load(settings: Settings, project: Project) -> Loaded:
    """Load what ``settings`` name. Raises `SqloptError` for what the user must put right."""
    from sqlopt.rules.packs import load_packs, resolve

    rules = load_packs(settings.pack_paths)
    _verify(settings, project, rules)
    catalog, problem = _catalog(settings, project)
    ignored = resolve(settings.ignore, rules)
    chosen = resolve(settings.select, rules) - ignored
    return Loaded(
        settings.dialect or catalog.dialect or DEFAULT_DIALECT,
        _completed(catalog, settings),
        {rule: rules[rule] for rule in sorted(chosen)},
        _options(json.loads(settings.options), rules),
        rules,
        ignored,
        problem,
    )


def _verify(settings: Settings, project: Project, rules: Mapping[str, type[Rule]]) -> None:
    """Refuse names that no pack has, wherever the run's settings mention them."""
    from sqlopt.rules.packs import resolve

    for selector, origin in (project.config.selectors() if project.config else {}).items():
        try:
            resolve((selector,), rules)
        except UnknownRuleError as error:
            raise UnknownRuleError(f"{origin}: {error}") from error
    packs = {rule.pack for rule in rules.values()}
    for name in settings.packs:
        if name not in settings.pack_paths and name.replace("-", "_") not in packs:
            raise ConfigError(f"packs: no pack {name!r} is installed{did_you_mean(name, packs)}")


def _catalog(settings: Settings, project: Project) -> tuple[Catalog, str | None]:
    if project.catalog is not None:
        return project.catalog, None
    if settings.catalog is None:
        return Catalog(), None
    named = project.config is None or project.config.overrides.values.get("catalog") == settings.catalog
    try:
        return _read(_File.at(settings.catalog)), None
    except CatalogError as error:
        if named:
            raise
        return Catalog(), str(error)


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is now: one that changed is read again, two names of one file are read once."""

    path: str = field(compare=False)
    stamp: tuple[int, ...]

    @classmethod
    def at(cls, path: str) -> _File:
        try:
            stat = Path(path).stat()
        except OSError:
            return cls(path, ())
        return cls(path, (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=8)
def _read(file: _File) -> Catalog:
    return Catalog.load(file.path)


def _completed(catalog: Catalog, settings: Settings) -> Catalog:
    """Return the catalog with the settings' default database and schema."""
    database, schema = settings.default_database, settings.default_schema
    if database is None and schema is None:
        return catalog
    return Catalog(
        catalog.tables.values(),
        catalog.dialect,
        database or catalog.default_database,
        schema or catalog.default_schema,
    )


def _options(given: Mapping[str, Any], rules: Mapping[str, type[Rule]]) -> dict[str, Mapping[str, Any]]:
    """Return options by rule id. Raises `ConfigError` for one that the rule does not have."""
    from sqlopt.rules.packs import resolve

    found: dict[str, Mapping[str, Any]] = {}
    for name, values in given.items():
        for rule in resolve((name,), rules):
            for option, value in values.items():
                _option(rules[rule], option, value)
            found[rule] = {**found.get(rule, {}), **values}
    return found


def _option(rule: type[Rule], option: str, value: Any) -> None:
    if option not in rule.options:
        known = ", ".join(rule.options) or "none"
        raise ConfigError(
            f"rules.{rule.id}: unknown option {option!r}{did_you_mean(option, rule.options)}; it has {known}"
        )
    default = rule.options[option]
    kinds: tuple[type, ...] = (int, float) if isinstance(default, int | float) else (type(default),)
    if isinstance(default, bool) or default is None:
        kinds = (bool,) if default is not None else (object,)
    if isinstance(default, list | tuple | set | frozenset):
        kinds = (list,)
    if not isinstance(value, kinds) or (
        isinstance(value, bool) and bool not in kinds and object not in kinds
    ):
        raise ConfigError(f"rules.{rule.id}: {option}: expected a {kinds[0].__name__}, not {value!r}")
