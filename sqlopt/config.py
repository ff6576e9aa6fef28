"""Settings: what `sqlopt.toml` and ``[tool.sqlopt]`` may say, and what holds for one file.

The nearest configuration above a file is the file's; it does not inherit from those further up.
The command line's own settings lie over it: lists that add (``extend-select``, ``ignore``) add up,
everything else replaces. Paths and globs in a file are relative to its folder.
"""

from __future__ import annotations

# os.path takes a tenth of pathlib's time, and this runs for every file.
# ruff: noqa: PTH100, PTH110, PTH113, PTH118, PTH120
import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.errors import ConfigError
from sqlopt.source.files import glob

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILES = ("sqlopt.toml", "pyproject.toml")
CATALOGS = ("sqlopt-catalog.yml", "sqlopt-catalog.yaml", "catalog.yml", "catalog.yaml", "catalog.json")
DEFAULT_DIALECT = "duckdb"

DEFAULTS: Mapping[str, Any] = {
    "dialect": None,
    "catalog": None,
    "default-database": None,
    "default-schema": None,
    "select": ["DEFAULT"],
    "ignore": [],
    "extend-select": [],
    "packs": [],
    "exclude": [],
    "fail-on": "warning",
    "baseline": None,
    "jobs": None,
    "dialects": {},
    "per-path": {},
    "rules": {},
    "pricing": {},
    "gate": {},
}
"""Every key with its default, in the order in which `sqlopt config show` prints them."""

_PER_PATH = ("dialect", "catalog", "default-database", "default-schema", "select", "ignore", "extend-select")
_ADDING = ("ignore", "extend-select", "packs", "exclude")
_MERGED = ("rules", "pricing")
_PATHS = ("catalog", "baseline")
FAIL_ON = ("info", "warning", "error", "never")

_DIALECTS = """
athena bigquery clickhouse databricks doris dremio drill druid duckdb dune exasol fabric hive materialize
mysql oracle postgres presto redshift risingwave snowflake spark spark2 sqlite starrocks tableau teradata
trino tsql
"""
DIALECTS = frozenset(_DIALECTS.split())
"""The dialects that can be named; a test compares them with the parser's."""

_ALIASES = {
    "bq": "bigquery",
    "cockroachdb": "postgres",
    "flink": "spark",  # its own syntax (WATERMARK, TUMBLE) is read there
    "flinksql": "spark",
    "greenplum": "postgres",
    "mariadb": "mysql",
    "mssql": "tsql",
    "pg": "postgres",
    "postgresql": "postgres",
    "pyspark": "spark",
    "sparksql": "spark",
    "sqlserver": "tsql",
    "transactsql": "tsql",
}


_NEAREST = {
    "db2": "postgres",
    "ksqldb": "spark",
    "vertica": "postgres",
    "netezza": "postgres",
    "impala": "hive",
}
"""Dialects that are not read, with the one that a user may name instead, knowing that it is another."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known name, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), [one.lower() for one in known], 1, 0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def dialect_name(name: str) -> str:
    """Return the dialect that ``name`` means, through its aliases. Raises `ConfigError`."""
    plain = re.sub(r"[\s_-]", "", name.strip().lower())
    plain = _ALIASES.get(plain, plain)
    if plain in _NEAREST:
        nearest = _NEAREST[plain]
        raise ConfigError(
            f"{name!r} is not read; the nearest dialect is {nearest!r}, which may read it in part"
        )
    if plain not in DIALECTS:
        raise ConfigError(f"unknown dialect {name!r}{did_you_mean(plain, (*DIALECTS, *_ALIASES))}")
    return plain


def terms_text(pricing: Mapping[str, Any]) -> str:
    """Return the terms of prices as `Settings` keep them. Raises `ConfigError` naming a wrong key."""
    import json

    return json.dumps(_pricing(dict(pricing), "pricing", Path.cwd()), sort_keys=True)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the check of one file. Equal settings mean equal answers for equal texts.

    ``options`` is the rules' own settings as JSON text, ``pricing`` the terms of prices, ``catalog`` an absolute
    path.
    """

    dialect: str | None = None
    catalog: str | None = None
    default_database: str | None = None
    default_schema: str | None = None
    select: tuple[str, ...] = ("DEFAULT",)
    ignore: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    options: str = "{}"
    pricing: str = "{}"

    @property
    def pack_paths(self) -> tuple[str, ...]:
        """The packs given by path; the others are names of installed ones."""
        return tuple(filter(os.path.isabs, self.packs))


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings as one place gives them: ``origin`` is a file, or the command line."""

    origin: str
    root: Path
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Layer | None:
        """Read a configuration file; None if it is a pyproject.toml without our section.

        Raises `ConfigError` naming the file and the key.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
        ours = path.name != "pyproject.toml"
        if not ours and b"sqlopt" not in data:
            return None
        import tomllib

        try:
            values: Any = tomllib.loads(data.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: not valid TOML: {error}") from error
        if not ours:
            values = values.get("tool", {}).get("sqlopt")
            if values is None:
                return None
        root = path.parent.absolute()
        return cls(str(path), root, _checked(values, str(path), root))


class Configuration:
    """The settings of every file below ``start``, and of the run as a whole.

    ``overrides`` are the command line's, by the same keys; its paths are relative to the working
    folder, and its ``packs`` may be Python. ``file`` names the one configuration to use everywhere.
    """

    def __init__(
        self,
        start: str | os.PathLike[str] = ".",
        overrides: Mapping[str, Any] | None = None,
        file: str | os.PathLike[str] | None = None,
    ) -> None:
        here = Path.cwd()
        given = {key: value for key, value in (overrides or {}).items() if value not in (None, (), [])}
        self.overrides = Layer("command line", here, _checked(given, "command line", here, trusted=True))
        self._forced = Layer.load(Path(file)) if file else None
        self._layers: dict[str, Layer | None] = {}
        self._catalogs: dict[str, str | None] = {}
        self._settings: dict[Any, Settings] = {}
        self._uniform: dict[str, Settings] = {}  # of folders in which all files have the same
        self._excludes: dict[str, list[tuple[str, Path]]] = {}
        start = Path(os.path.abspath(start))
        folder = start if start.is_dir() else start.parent
        self.layer = self.layer_of(str(folder)) or Layer("default", here)
        self.root = _repository(folder) or here if self.layer.origin == "default" else self.layer.root

    def at(self, start: str | os.PathLike[str]) -> Configuration:
        """Return the configuration of another place, with the same overrides and the same forced file."""
        other = Configuration(start)
        other.overrides, other._forced = self.overrides, self._forced
        if self._forced is not None:
            other.layer, other.root = self._forced, self._forced.root
        return other

    def layer_of(self, folder: str) -> Layer | None:
        """Return the configuration nearest above an absolute folder."""
        if self._forced:
            return self._forced
        if folder not in self._layers:
            found = next(filter(None, (self._here(folder, name) for name in FILES)), None)
            parent = os.path.dirname(folder)
            if found is None and parent != folder and not _is_repository(folder):
                found = self.layer_of(parent)
            self._layers[folder] = found
        return self._layers[folder]

    @staticmethod
    def _here(folder: str, name: str) -> Layer | None:
        path = os.path.join(folder, name)
        return Layer.load(Path(path)) if os.path.isfile(path) else None

    def catalog_near(self, folder: str) -> str | None:
        """Return the catalog file nearest above an absolute folder, within its repository."""
        if folder not in self._catalogs:
            paths = (os.path.join(folder, name) for name in CATALOGS)
            found = next(filter(os.path.isfile, paths), None)
            parent = os.path.dirname(folder)
            if found is None and parent != folder and not _is_repository(folder):
                found = self.catalog_near(parent)
            self._catalogs[folder] = found
        return self._catalogs[folder]

    def run(self, key: str) -> Any:
        """Return a setting of the run as a whole, such as ``fail-on`` or ``jobs``."""
        return self.effective()[key][0]

    def selectors(self) -> dict[str, str]:
        """Return every rule selector that the run's settings mention, with its origin."""
        found: dict[str, str] = {}
        for layer in (self.layer, self.overrides):
            for block in (layer.values, *layer.values.get("per-path", {}).values()):
                for key in ("select", "extend-select", "ignore", "rules"):
                    found.update(dict.fromkeys(block.get(key, ()), layer.origin))
        return found

    def effective(self) -> dict[str, tuple[Any, str]]:
        """Return each key's value and where it came from, for the folder of the run."""
        found: dict[str, tuple[Any, str]] = {key: (value, "default") for key, value in DEFAULTS.items()}
        for layer in (self.layer, self.overrides):
            for key, value in layer.values.items():
                old, origin = found[key]
                if key in _ADDING and old:
                    found[key] = ([*old, *value], f"{origin}, {layer.origin}")
                elif key in _MERGED and old:
                    found[key] = ({**old, **value}, f"{origin}, {layer.origin}")
                else:
                    found[key] = (value, layer.origin)
        return found

    def skips(self, path: str) -> bool:
        """Whether ``exclude`` leaves a path out."""
        near = os.path.dirname(path)
        if near not in self._excludes:
            layers = (self.layer_of(os.path.abspath(near)), self.overrides)
            self._excludes[near] = [
                (pattern, one.root) for one in layers if one for pattern in one.values.get("exclude", ())
            ]
        return any(_matches(pattern, path, root) for pattern, root in self._excludes[near])

    def settings(self, path: str) -> Settings:
        """Return what holds for the file ``path``."""
        near = os.path.dirname(path)
        if near in self._uniform:
            return self._uniform[near]
        folder = os.path.abspath(near)
        layer = self.layer_of(folder)
        values = layer.values if layer else {}
        root = layer.root if layer else self.overrides.root
        dialects = [v for k, v in values.get("dialects", {}).items() if _matches(k, path, root)]
        special = [k for k in values.get("per-path", {}) if _matches(k, path, root)]
        key = (folder, tuple(dialects), tuple(special))
        if key not in self._settings:
            blocks = [values, *({"dialect": one} for one in dialects)]
            blocks += [values["per-path"][one] for one in special]
            self._settings[key] = self._layered([*blocks, self.overrides.values], folder)
        if not values.get("dialects") and not values.get("per-path"):
            self._uniform[near] = self._settings[key]
        return self._settings[key]

    def _layered(self, blocks: list[Mapping[str, Any]], folder: str) -> Settings:
        merged: dict[str, Any] = {**DEFAULTS, "extend-select": [], "ignore": [], "packs": []}
        for block in blocks:
            for key, value in block.items():
                if key in _MERGED:
                    merged[key] = {**merged[key], **value}
                else:
                    merged[key] = [*merged[key], *value] if key in _ADDING else value
        import json

        return Settings(
            merged["dialect"],
            merged["catalog"] or self.catalog_near(folder),
            merged["default-database"],
            merged["default-schema"],
            (*merged["select"], *merged["extend-select"]),
            tuple(merged["ignore"]),
            tuple(merged["packs"]),
            json.dumps(merged["rules"], sort_keys=True, default=str),
            json.dumps(merged["pricing"], sort_keys=True),
        )


def _matches(pattern: str, path: str, root: Path) -> bool:
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return glob(pattern).fullmatch(relative) is not None


@cache
def _is_repository(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, ".git"))


def _repository(folder: Path) -> Path | None:
    return next((one for one in (folder, *folder.parents) if _is_repository(str(one))), None)


def _checked(values: Any, origin: str, root: Path, *, trusted: bool = False) -> dict[str, Any]:
    """Return the values with paths made absolute and dialects resolved. Raises `ConfigError`."""
    if not isinstance(values, dict):
        raise ConfigError(f"{origin}: [tool.sqlopt] must be a table")
    return {key: _value(key, value, origin, root, trusted) for key, value in values.items()}


def _value(key: str, value: Any, origin: str, root: Path, trusted: bool) -> Any:
    if key not in DEFAULTS:
        raise ConfigError(f"{origin}: unknown key {key!r}{did_you_mean(key, DEFAULTS)}")
    default = DEFAULTS[key]
    if key == "pricing":
        _expect(isinstance(value, dict), "a table", origin, key, value)
        return _pricing(value, f"{origin}: pricing", root)
    if key == "gate":
        _expect(isinstance(value, dict), "a table", origin, key, value)
        return _gate(value, f"{origin}: gate")
    if isinstance(default, dict):
        _expect(isinstance(value, dict), "a table", origin, key, value)
        return {name: _entry(key, name, one, origin, root) for name, one in value.items()}
    if isinstance(default, list):
        strings = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        _expect(strings, "a list of strings", origin, key, value)
        return _packs(value, origin, root, trusted) if key == "packs" else _globs(key, value, origin)
    if key == "jobs":
        _expect(type(value) is int and value >= 1, "a number of at least 1", origin, key, value)
        return value
    _expect(isinstance(value, str), "a string", origin, key, value)
    if key == "fail-on":
        _expect(value in FAIL_ON, " or ".join(FAIL_ON), origin, key, value)
    if key == "dialect":
        return _named(value, f"{origin}: {key}")
    return str(root / value) if key in _PATHS else value


GATE = ("fail-on", "money-per-month", "money-per-run", "bytes-per-run")
"""What a change may not exceed: the severity of new findings, and what it adds to the cost."""


def _gate(values: dict[str, Any], origin: str) -> dict[str, Any]:
    """Return the gate's keys, checked; ``when`` are tables of the same keys for some paths, owners or labels."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if key == "when":
            _expect(isinstance(value, list), "a list of tables", origin, key, value)
            found[key] = [_gate(one, f"{origin}.when") for one in value if isinstance(one, dict)]
        elif key in ("paths", "owners", "labels") and origin.endswith(".when"):
            strings = isinstance(value, list) and all(isinstance(one, str) for one in value)
            _expect(strings, "a list of strings", origin, key, value)
            found[key] = value
        elif key == "override-label":
            _expect(isinstance(value, str), "a string", origin, key, value)
            found[key] = value
        elif key == "fail-on":
            _expect(value in FAIL_ON, " or ".join(FAIL_ON), origin, key, value)
            found[key] = value
        elif key in GATE:
            found[key] = _amount(value, origin, key)
        else:
            raise ConfigError(
                f"{origin}: unknown key {key!r}{did_you_mean(key, (*GATE, 'when', 'override-label'))}"
            )
    return found


def _amount(value: Any, origin: str, key: str) -> float:
    from sqlopt.cost.units import parse_amount

    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return parse_amount(value)[0]
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"{origin}: {key}: a number, or an amount such as '1 TB', not {value!r}") from error


def _pricing(values: dict[str, Any], origin: str, root: Path) -> dict[str, Any]:
    from sqlopt.cost.terms import entry

    found = dict(entry(name, value, origin) for name, value in values.items())
    return found | ({"history": str(root / found["history"])} if "history" in found else {})


def _expect(holds: bool, expected: str, origin: str, key: str, value: Any) -> None:
    if not holds:
        raise ConfigError(f"{origin}: {key}: expected {expected}, not {value!r}")


def _entry(key: str, name: str, value: Any, origin: str, root: Path) -> Any:
    """Check one entry of a table: a folder's dialect, a path's settings, or a rule's."""
    place = f"{origin}: {key}.{name!r}"
    if key == "dialects":
        _globs(key, [name], origin)
        if not isinstance(value, str):
            raise ConfigError(f"{place}: expected a dialect, not {value!r}")
        return _named(value, place)
    if not isinstance(value, dict):
        raise ConfigError(f"{place}: expected a table, not {value!r}")
    if key == "rules":
        return value
    _globs(key, [name], origin)
    for one in value:
        if one not in _PER_PATH:
            raise ConfigError(f"{place}: unknown key {one!r}{did_you_mean(one, _PER_PATH)}")
    return {one: _value(one, inner, place, root, trusted=False) for one, inner in value.items()}


def _named(value: str, place: str) -> str:
    try:
        return dialect_name(value)
    except ConfigError as error:
        raise ConfigError(f"{place}: {error}") from error


def _globs(key: str, patterns: Iterable[str], origin: str) -> list[str]:
    for pattern in patterns:
        if key in ("exclude", "dialects", "per-path"):
            try:
                glob(pattern)
            except re.error as error:
                raise ConfigError(f"{origin}: {key}: {pattern!r} is no glob: {error}") from error
    return list(patterns)


def _packs(packs: Iterable[str], origin: str, root: Path, trusted: bool) -> list[str]:
    """Refuse Python: a file in a repository may name YAML rules and installed packs only."""
    found = []
    for pack in packs:
        house = pack.endswith((".yml", ".yaml"))
        if not house and not trusted and (re.search(r"[/\\]|\.py$", pack) or (root / pack).exists()):
            raise ConfigError(
                f"{origin}: packs: {pack!r} would run Python from the checked repository;"
                " give it by --pack on the command line"
            )
        found.append(str(root / pack) if house or trusted else pack)
    return found
