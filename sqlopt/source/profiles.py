"""dbt's profiles.yml: how a profile reaches its warehouse.

Fields: https://docs.getdbt.com/docs/core/connect-data-platform/connection-profiles and the pages of each
adapter; where the file is looked for: the folder named, DBT_PROFILES_DIR, the working folder, ~/.dbt
(checked 2026-11-23).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlopt.errors import SourceError
from sqlopt.warehouses.address import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def load_profile(
    name: str, target: str | None = None, folder: str | None = None
) -> Address | tuple[str, str]:
    """Return where a profile's target connects to; of DuckDB the kind and path of a file.

    The address covers the whole database or project, whose schemas sources and models share. ``env_var()``
    is answered from the environment, and nothing else is rendered. Raises `SourceError`.
    """
    path = _find(folder)
    where, fields = _target(path, name, target)
    fields = {key: _rendered(value, f"{where}, {key}") for key, value in fields.items()}
    kind = str(fields.get("type"))
    if kind not in _KINDS:
        known = ", ".join(_KINDS)
        raise SourceError(f"{where}: type {kind!r} can't be read from a live connection; known are {known}")
    return _KINDS[kind](fields, where)


def _find(folder: str | None) -> Path:
    named = folder or os.environ.get("DBT_PROFILES_DIR")
    folders = [Path(named)] if named else [Path(), Path.home() / ".dbt"]
    for one in folders:
        if (one / "profiles.yml").is_file():
            return one / "profiles.yml"
    raise SourceError(
        f"no profiles.yml in {' or '.join(map(str, folders))}; name its folder with --profiles-dir"
    )


def _target(path: Path, name: str, target: str | None) -> tuple[str, Mapping[str, Any]]:
    """Return a target's place, for messages, and its fields as they are written."""
    import yaml

    from sqlopt.source.files import read_text

    try:
        profiles = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise SourceError(f"{path}{line}: not YAML") from None
    profile = _entry(profiles, name, f"{path}: no profile")
    outputs = profile.get("outputs") or {}
    chosen = target or _rendered(profile.get("target", "default"), f"{path}: {name}, target")
    found = _entry(outputs, str(chosen), f"{path}: profile {name} has no target")
    return f"{path}: profile {name}, target {chosen}", found


def _entry(mapping: Any, name: str, message: str) -> Mapping[str, Any]:
    found = mapping.get(name) if isinstance(mapping, dict) else None
    if not isinstance(found, dict):
        names = ", ".join(map(str, mapping)) if isinstance(mapping, dict) else ""
        raise SourceError(f"{message} {name!r}" + (f"; there is {names}" if names else ""))
    return found


def _rendered(value: Any, where: str) -> Any:
    """Render a field; no value of the environment is ever part of a message."""
    if not isinstance(value, str) or "{" not in value:
        return value
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    environment.globals = {"env_var": _env_var(where)}
    for name in ("as_text", "as_number", "as_bool", "as_native"):
        environment.filters[name] = str
    try:
        return environment.from_string(value).render()
    except SourceError:
        raise
    except (TemplateError, ArithmeticError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(f"{where}: can't be rendered: {type(error).__name__}") from None


def _env_var(where: str) -> Callable[..., str]:
    def env_var(name: str, default: str | None = None) -> str:
        found = os.environ.get(name, default)
        if found is None:
            raise SourceError(f"{where}: the environment variable {name} is not set")
        return str(found)

    return env_var


def _text(fields: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of these fields that is given, as text."""
    return next((str(fields[name]) for name in names if fields.get(name) not in (None, "")), None)


def _some(fields: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Return the client's options that the profile gives; ``names`` maps its fields to them."""
    return {option: str(fields[name]) for name, option in names.items() if fields.get(name) not in (None, "")}


def _postgres(fields: Mapping[str, Any], where: str) -> Address:
    port = _text(fields, "port")
    if port is not None and not port.isdigit():
        raise SourceError(f"{where}: port must be a number")
    database = _text(fields, "dbname", "database")
    options = {name: name for name in ("sslmode", "sslcert", "sslkey", "sslrootcert", "connect_timeout")}
    secret = _text(fields, "password", "pass")
    return Address(
        "postgresql",
        _text(fields, "host"),
        _text(fields, "user"),
        int(port) if port else None,
        (database,) if database else (),
        _some(fields, options),
        {"password": secret} if secret else {},
    )


def _snowflake(fields: Mapping[str, Any], where: str) -> Address:
    database = _text(fields, "database")
    if not database:
        raise SourceError(f"{where}: it names no database")
    options = {name: name for name in ("role", "warehouse", "authenticator")}
    secrets = {
        "password": "password",
        "token": "token",
        "private_key": "private_key",
        "private_key_passphrase": "private_key_file_pwd",
    }
    return Address(
        "snowflake",
        _text(fields, "account"),
        _text(fields, "user"),
        None,
        (database,),
        _some(fields, {**options, "private_key_path": "private_key_file"}),
        _some(fields, secrets),
    )


def _bigquery(fields: Mapping[str, Any], where: str) -> Address:
    method = _text(fields, "method") or "oauth"
    if method not in ("oauth", "service-account"):
        raise SourceError(f"{where}: method {method!r} is not supported; oauth and service-account are")
    project = _text(fields, "project", "database")
    if not project:
        raise SourceError(f"{where}: it names no project")
    options = {"keyfile": "keyfile", "location": "location", "execution_project": "billing_project"}
    return Address("bigquery", project, None, None, (), _some(fields, options))


def _duckdb(fields: Mapping[str, Any], where: str) -> tuple[str, str]:
    path = _text(fields, "path")
    if path is None or path.startswith((":memory:", "md:", "motherduck:")):
        raise SourceError(f"{where}: its database is no file")
    return "duckdb", path


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any], str], Address | tuple[str, str]]]] = {
    "postgres": _postgres,
    "snowflake": _snowflake,
    "bigquery": _bigquery,
    "duckdb": _duckdb,
}
