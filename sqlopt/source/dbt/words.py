"""The words of dbt's templates: ``ref``, ``source``, ``var``, ``config`` and all that stands beside them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlopt.source.dbt import builtin
from sqlopt.source.dbt.modules import modules
from sqlopt.source.dbt.relation import Relation
from sqlopt.source.jinja.environment import ReturnedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlopt.source.dbt.dbt_project import DbtProject
    from sqlopt.source.dbt.layout import Node
    from sqlopt.source.jinja.environment import State

_INVOCATION = "00000000-0000-4000-8000-000000000000"


class CompilerError(Exception):
    """What a template says by ``exceptions.raise_compiler_error``."""


class Config:
    """``config`` of a model: called it takes settings, asked it gives them."""

    def __init__(self, settings: dict[str, Any], state: State) -> None:
        self.settings = settings
        self._state = state

    def __call__(self, *given: Any, **settings: Any) -> str:
        """Take settings."""
        for one in (*given, settings):
            if isinstance(one, dict):
                self.settings.update(one)
        return ""

    def get(self, name: Any, default: Any = None, validator: Any = None) -> Any:  # noqa: ARG002 - as dbt has it
        """Return a setting."""
        value = self.settings.get(str(name))
        return default if value is None else value

    def require(self, name: Any, validator: Any = None) -> Any:  # noqa: ARG002 - as dbt has it
        """Return a setting that must be there."""
        value = self.settings.get(str(name))
        return self._state.opaque(f"config.{name}", called=False) if value is None else value

    def meta_get(self, name: Any, default: Any = None) -> Any:
        """Return a setting below meta."""
        meta = self.settings.get("meta")
        return meta.get(name, default) if isinstance(meta, dict) else default

    meta_require = meta_get

    def persist_relation_docs(self) -> bool:
        """Whether descriptions are written to the warehouse."""
        return False

    persist_column_docs = persist_relation_docs


class Adapter:
    """``adapter``: what can be known without asking the warehouse, and the rest unknown."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def dispatch(self, macro_name: str, macro_namespace: str | None = None, packages: Any = None) -> Any:  # noqa: ARG002 - as dbt has it
        """Return the macro that is meant for the adapter."""
        return self._words.dispatched(macro_name, macro_namespace)

    def type(self) -> Any:
        """Return the adapter's name."""
        words = self._words
        return words.project.adapter or words.state.opaque("adapter.type", called=False)

    def quote(self, identifier: Any) -> str:
        """Return a name in quotes."""
        opening, closing = self._words.project.target.quotes
        return f"{opening}{identifier}{closing}"

    def quote_as_configured(self, identifier: Any, _: Any = None) -> str:
        """Return a name in quotes, where names are quoted."""
        return self.quote(identifier) if self._words.project.target.quotes_relations else str(identifier)

    quote_seed_column = quote_as_configured

    def get_columns_in_relation(self, relation: Any) -> Any:
        """Return the columns that are known of a relation."""
        found = self._words.project.columns_of(relation)
        if found is None:
            return self._words.state.opaque("columns", called=False)
        return [builtin.Column(name, kind) for name, kind in found]

    def get_missing_columns(self, *_: Any) -> list[Any]:
        """Return columns of one relation that another lacks."""
        return []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_, **__: self._words.state.opaque(f"adapter.{name}", called=False)


class Namespace:
    """A package's macros, by name."""

    def __init__(self, words: Words, package: str) -> None:
        self._words = words
        self._package = package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and not name.strip("_"):
            raise AttributeError(name)
        return self._words.of_package(self._package, name)

    __getitem__ = __getattr__


class _Context:
    """``context``: all names, by name."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def get(self, name: str, default: Any = None) -> Any:
        """Return what a name stands for."""
        return self._words.get(name, default)

    def __getitem__(self, name: str) -> Any:
        found = self._words.get(name, self)
        if found is self:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return self._words.get(str(name), None) is not None


class Words:
    """What names stand for in one rendering of ``node``; ``incremental`` is what ``is_incremental`` answers."""

    def __init__(self, project: DbtProject, node: Node, state: State, *, incremental: bool) -> None:
        self.project = project
        self.node = node
        self.state = state
        self.asked = False
        self._incremental = incremental
        self._modules: dict[str, Any] = {}
        self.config = Config(dict(project.config_of(node)), state)
        self._words = self._all()

    def get(self, name: str, default: Any = None) -> Any:
        """Return what ``name`` stands for: dbt's word, a macro, or a package."""
        if name in self._words:
            return self._words[name]
        if name in ("this", "model"):
            self._words[name] = self._this() if name == "this" else self._model()
            return self._words[name]
        macros = self.project.macros
        found = macros.bare(name, self.node.package, self.state, self._modules)
        if found is not None:
            return found
        if macros.has_package(name) or name in builtin.PACKAGES:
            return Namespace(self, name)
        function = builtin.find("dbt", name)
        return default if function is None else self._own(function)

    def of_package(self, package: str, name: str) -> Any:
        """Return the macro ``package.name``; unknown if nobody knows it."""
        found = self.project.macros.find(name, package, self.state, self._modules)
        if found is None and package == "dbt":
            found = self.project.macros.find(name, self.project.macros.root, self.state, self._modules)
        if found is not None:
            return found
        function = builtin.find(package, name)
        return self.state.opaque(f"{package}.{name}") if function is None else self._own(function)

    def dispatched(self, name: str, namespace: str | None) -> Any:
        """Return what ``adapter.dispatch`` finds."""
        package, _, bare = str(name).rpartition(".")
        namespace = namespace or package or None
        found = self.project.macros.dispatch(bare, namespace, self.project.adapter, self.state, self._modules)
        if found is not None:
            return found
        function = builtin.find(namespace or "dbt", bare)
        return self.state.opaque(str(name)) if function is None else self._own(function)

    def _own(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: function(self, *args, **kwargs)

    def rendered(self, value: str) -> str:
        """Return a variable's text, which may be a template itself."""
        template = self.project.macros.environment.compiled(value, "dbt_project.yml")
        return str(template.environment.concat(template.root_render_func(template.new_context({}))))

    @property
    def adapter(self) -> str | None:
        """The adapter's name."""
        return self.project.adapter

    def _all(self) -> dict[str, Any]:
        project, state = self.project, self.state
        target = project.target
        named = {"ref": self._ref, "source": self._source, "var": _Var(self), "config": self.config}
        return {
            **named,
            "builtins": named,
            "is_incremental": self._is_incremental,
            "should_full_refresh": lambda: False,
            "execute": True,
            "env_var": self._env_var,
            "target": SimpleNamespace(
                name=target.name,
                type=target.adapter,
                database=target.database,
                dbname=target.database,
                project=target.database,
                schema=target.schema,
                dataset=target.schema,
                profile_name=target.profile,
                threads=1,
                get=lambda name, default=None: getattr(target, str(name), default),
            ),
            "adapter": Adapter(self),
            "api": SimpleNamespace(Relation=SimpleNamespace(create=self._create), Column=builtin.Column),
            "context": _Context(self),
            "modules": modules(state),
            "exceptions": SimpleNamespace(
                raise_compiler_error=_raise, raise_not_implemented=_raise, warn=lambda *_: "", **_RAISES
            ),
            "return": _return,
            "log": lambda *_, **__: "",
            "print": lambda *_: "",
            "debug": lambda: "",
            "run_query": lambda *_: state.opaque("run_query", called=False),
            "load_result": lambda *_: state.opaque("load_result", called=False),
            "statement": lambda *_, **__: "",
            "noop_statement": lambda *_, **__: "",
            "load_relation": lambda *_: state.opaque("load_relation", called=False),
            "graph": state.opaque("graph", called=False),
            "flags": SimpleNamespace(FULL_REFRESH=False, WHICH="compile", STORE_FAILURES=False),
            "invocation_id": _INVOCATION,
            "run_started_at": dt.datetime.combine(dt.date.today(), dt.time(), dt.UTC),  # noqa: DTZ011 - a day is what the reader shares with it
            "dbt_version": "1.12.0",
            "project_name": project.name,
            "database": target.database,
            "schema": target.schema,
            "selected_resources": [],
            **_CONVERSIONS,
        }

    def _this(self) -> Any:
        if self.node.kind not in ("model", "snapshot", "seed"):
            return self.state.opaque("this", called=False)
        return self.project.relation_of(self.node, self.config.settings, final=True)

    def _model(self) -> dict[str, Any]:
        this = self.project.relation_of(self.node, self.config.settings)
        return {
            "name": self.node.name,
            "alias": this.identifier,
            "schema": this.schema,
            "database": this.database,
            "package_name": self.node.package,
            "resource_type": self.node.kind,
            "unique_id": f"{self.node.kind}.{self.node.package}.{self.node.name}",
            "fqn": [self.node.package, *self.node.folders, self.node.name],
            "config": self.config.settings,
            "tags": self.config.settings.get("tags") or [],
            "columns": {},
            "path": self.node.path,
            "original_file_path": self.node.path,
        }

    def _ref(self, *names: Any, version: Any = None, v: Any = None) -> Any:
        if not names:
            return self.state.opaque("ref")
        wanted = version if version is not None else v
        package = str(names[0]) if len(names) > 1 else None
        return self.project.ref(str(names[-1]), package, None if wanted is None else str(wanted))

    def _source(self, *names: Any) -> Any:
        if len(names) != 2:  # noqa: PLR2004 - a source and its table
            return self.state.opaque("source")
        return self.project.source(str(names[0]), str(names[1]))

    def _is_incremental(self) -> bool:
        kind = self.config.settings.get("materialized")
        if kind is not None and kind != "incremental":
            return False
        self.asked = True
        return self._incremental

    def _env_var(self, name: Any, default: Any = None) -> Any:
        return self.state.opaque(f"env_var.{name}", called=False) if default is None else default

    def _create(self, **parts: Any) -> Relation:
        target = self.project.target
        names = {key: parts.get(key) for key in ("database", "schema", "identifier")}
        kind = parts.get("type")
        return Relation(**names, quotes=target.quotes, quoted=target.quotes_relations, kind=kind)


class _Var:
    """``var``: the project's variables, with a default, or unknown."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def __call__(self, name: Any, default: Any = None) -> Any:
        """Return a variable."""
        known, value = self._words.project.variable(str(name), self._words.node.package)
        if known:
            return self._words.rendered(value) if isinstance(value, str) and "{{" in value else value
        return self._words.state.opaque(f"var.{name}", called=False) if default is None else default

    def has_var(self, name: Any) -> bool:
        """Whether a variable is set."""
        return self._words.project.variable(str(name), self._words.node.package)[0]


def _return(value: Any = None) -> Any:
    raise ReturnedError(value)


def _raise(message: Any = "", *_: Any, **__: Any) -> Any:
    raise CompilerError(str(message))


_RAISES = dict.fromkeys(
    (
        "missing_config",
        "missing_materialization",
        "missing_relation",
        "raise_ambiguous_alias",
        "raise_database_error",
        "raise_dependency_error",
        "raise_fail_fast_error",
        "raise_parsing_error",
        "relation_wrong_type",
        "raise_contract_error",
        "column_type_missing",
    ),
    _raise,
)


def _to_json(value: Any, default: Any = None, sort_keys: bool = False) -> Any:
    try:
        return json.dumps(value, sort_keys=sort_keys, default=str)
    except (TypeError, ValueError, RecursionError):
        return default


def _from_json(text: Any, default: Any = None) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return default


def _from_yaml(text: Any, default: Any = None) -> Any:
    import yaml

    try:
        return yaml.safe_load(str(text))
    except (yaml.YAMLError, ValueError, RecursionError):
        return default


def _to_yaml(value: Any, default: Any = None, sort_keys: bool = False) -> Any:
    import yaml

    try:
        return yaml.safe_dump(value, sort_keys=sort_keys)
    except (yaml.YAMLError, ValueError, RecursionError):
        return default


def _zip(*values: Any, default: Any = None) -> Any:
    try:
        return list(zip(*values, strict=False))
    except TypeError:
        return default


def _set(values: Any, default: Any = None) -> Any:
    try:
        return set(values)
    except TypeError:
        return default


_CONVERSIONS: Mapping[str, Any] = {
    "tojson": _to_json,
    "fromjson": _from_json,
    "toyaml": _to_yaml,
    "fromyaml": _from_yaml,
    "zip": _zip,
    "zip_strict": _zip,
    "set": _set,
    "set_strict": _set,
    "local_md5": lambda text: hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest(),
    "diff_of_two_dicts": lambda first, second: {
        key: [one for one in values if one not in second.get(key, ())] for key, values in first.items()
    },
}
