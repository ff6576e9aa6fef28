"""What a project can tell about itself: its rules, its settings, its baseline, its cache."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.errors import UnknownRuleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    from sqlopt.catalog import Catalog
    from sqlopt.config import Configuration, Layer, Settings
    from sqlopt.project.loading import Loaded
    from sqlopt.rules.finding import Report
    from sqlopt.rules.rule import Rule

BASELINE = "sqlopt-baseline.json"


class About:
    """The part of `Project` that answers questions about it."""

    if TYPE_CHECKING:
        config: Configuration | None

        settings: Callable[[str], Settings]
        loaded: Callable[[Settings], Loaded]

    @property
    def rules(self) -> Mapping[str, type[Rule]]:
        """All rules that there are, by id, whether selected or not."""
        from sqlopt.rules.packs import load_packs

        return load_packs(self.settings("").pack_paths)

    def rule(self, name: str) -> type[Rule]:
        """Return the rule of this id or name. Raises `UnknownRuleError` with the nearest one."""
        from sqlopt.rules.packs import resolve

        rules = self.rules
        for rule in resolve((name,), rules):
            if name.lower() in (rule.lower(), rules[rule].name):
                return rules[rule]
        raise UnknownRuleError(f"{name!r} names several rules; `sqlopt rules list` shows them")

    def page(self, name: str) -> str:
        """Return a rule's page as Markdown. Raises `UnknownRuleError`."""
        from sqlopt.rules.page import render_markdown

        return render_markdown(self.rule(name))

    def describe(self, rule: str) -> tuple[str, str] | None:
        """Return a rule's title and page, or None for a rule that no loaded pack has."""
        from sqlopt.rules.page import page_of

        found = self.rules.get(rule)
        return (page_of(found).title, self.page(rule)) if found else None

    def rule_table(self) -> list[dict[str, Any]]:
        """Return id, name, pack, severity, dialects, title and ``selected`` of every rule, by id."""
        from sqlopt.rules.page import page_of

        selected = self.loaded(self.settings("")).rules
        return [
            {
                "id": rule,
                "name": found.name,
                "pack": found.pack,
                "severity": str(found.severity),
                "dialects": sorted(found.dialects),
                "policy": found.policy,
                "selected": rule in selected,
                "title": page_of(found).title,
            }
            for rule, found in self.rules.items()
        ]

    @property
    def configuration(self) -> Layer | None:
        """The configuration that decides the run's own settings; None where there are only defaults."""
        layer = self.config.layer if self.config else None
        return layer if layer and layer.origin != "default" else None

    def run_setting(self, key: str) -> Any:
        """Return a setting of the run as a whole, such as ``fail-on``."""
        from sqlopt.config import DEFAULTS

        return self.config.run(key) if self.config else DEFAULTS[key]

    def effective_settings(self, path: str) -> list[tuple[str, Any, str]]:
        """Return each key, its value and its origin; ``path`` decides dialect and catalog."""
        from sqlopt.config import Configuration

        config = self.config or Configuration()
        rows = config.effective()
        settings = config.settings(path if Path(path).is_file() else str(Path(path) / "x.sql"))
        for key, value in (("dialect", settings.dialect), ("catalog", settings.catalog)):
            if value != rows[key][0]:
                near = key == "catalog" and rows[key][0] is None
                rows[key] = (value, "found near the file" if near else "a setting for this path")
        if rows["dialect"][0] is None:
            rows["dialect"] = (self.dialect(settings), "the catalog's" if settings.catalog else "default")
        return [(key, value, origin) for key, (value, origin) in rows.items()]

    def dialect(self, settings: Settings) -> str:
        """Return the dialect that is used: the given one, else the catalog's, else DuckDB's."""
        from sqlopt.config import DEFAULT_DIALECT

        if settings.dialect is None and settings.catalog is not None:
            return self.open_catalog(settings.catalog).dialect or DEFAULT_DIALECT
        return settings.dialect or DEFAULT_DIALECT

    def files(self, paths: Sequence[str | PathLike[str]], *, configuration: bool = False) -> list[str]:
        """Return the SQL files that ``paths`` name; with ``configuration`` what else decides the answer."""
        from sqlopt.source.files import discover

        config = self.config
        found = list(discover(paths, config.skips if config else lambda _: False))
        if not configuration:
            return found
        more = {self.settings(path).catalog for path in found}
        more.add(self.configuration.origin if self.configuration else None)
        more.add(self.baseline)
        return [*found, *sorted(filter(None, more))]

    def without_known(self, report: Report) -> Report:
        """Return ``report`` without the findings of the baseline, if there is one."""
        path = self.baseline
        if path is None:
            return report
        from sqlopt.rules.baseline import Baseline

        return Baseline.load(path).apply(report)

    @property
    def baseline(self) -> str | None:
        """The baseline that counts: the configured one, else the one that lies beside the configuration."""
        path = self._baseline()
        return str(path) if self.run_setting("baseline") or (self.config and path.is_file()) else None

    def write_baseline(self, report: Report) -> tuple[Path, int]:
        """Write the baseline that knows all of ``report``; return where, and how many findings."""
        from sqlopt.rules.baseline import Baseline

        path = self._baseline()
        known = Baseline.of(report, path.parent)
        known.save(path)
        return path, sum(known.known.values())

    def prune_baseline(self, report: Report) -> tuple[Path, int]:
        """Take what ``report`` no longer holds out of the baseline; return where, and how many."""
        from sqlopt.rules.baseline import Baseline

        path = self._baseline()
        kept, gone = Baseline.load(path).prune(report)
        kept.save(path)
        return path, gone

    def _baseline(self) -> Path:
        root = self.config.root if self.config else Path.cwd()
        return Path(self.run_setting("baseline") or root / BASELINE)

    def open_catalog(self, path: str) -> Catalog:
        """Return the catalog of a file. Raises `CatalogError`."""
        from sqlopt.catalog import Catalog

        return Catalog.load(path)

    def cache_state(self) -> tuple[bool, str]:
        """Return whether the cache can be used, and what is to be said of it."""
        from sqlopt.cache import state

        return state(self.config.root if self.config else Path.cwd())


def new_rule(pack: str, name: str, root: Path) -> Path:
    """Write the skeleton of a rule below ``root`` and return its path. Raises `PackError`."""
    from sqlopt.rules.packs import skeleton

    path, text = skeleton(pack, name, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
