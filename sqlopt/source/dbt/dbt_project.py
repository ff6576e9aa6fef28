"""A dbt project: its models rendered, and what its files say of tables."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.source.dbt import configs
from sqlopt.source.dbt.layout import Node, Package, items, mapping, packages
from sqlopt.source.dbt.manifest import Manifest
from sqlopt.source.dbt.properties import Properties
from sqlopt.source.dbt.relation import Relation
from sqlopt.source.dbt.target import DIALECTS, Target, read_target
from sqlopt.source.map import Script, SourceMap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.catalog import Catalog
    from sqlopt.source.dbt.facts import Tested
    from sqlopt.source.dbt.macros import Macros
    from sqlopt.source.dbt.properties import Exposure
    from sqlopt.source.jinja.environment import State
    from sqlopt.source.jinja.render import Compiled, Rendered

_ADAPTERS = {dialect: adapter for adapter, dialect in reversed(DIALECTS.items())}


class DbtProject:
    """The project in ``folder``, as its files were when ``stamp`` was taken.

    ``dialect`` stands in where no file says which warehouse it is for. Nothing is run but templates, and those
    in a sandbox.
    """

    def __init__(self, folder: str, dialect: str | None, stamp: bytes) -> None:
        self.folder = Path(folder).absolute()
        self.stamp = stamp
        self._dialect = dialect
        self._resolving: set[str] = set()
        self._relations: dict[tuple[str, str], Relation] = {}

    def digest(self) -> bytes:
        """Return what stands for everything that a model's rendering depends on beside its own text."""
        return self.stamp + (self._dialect or "").encode()

    @cached_property
    def packages(self) -> list[Package]:
        """The project itself, then its packages."""
        return packages(Package.read(self.folder))

    @property
    def root(self) -> Package:
        """The project itself, without its packages."""
        return self.packages[0]

    @property
    def name(self) -> str:
        """The project's name."""
        return self.root.name

    @cached_property
    def manifest(self) -> Manifest:
        """What dbt left in target/manifest.json; empty where there is none."""
        return Manifest.read(self.folder / "target" / "manifest.json")

    @cached_property
    def target(self) -> Target:
        """The target that relations are named for."""
        found = read_target(self.folder, str(self.root.settings.get("profile") or self.name))
        if found.adapter is not None:
            return found
        adapter = self.manifest.adapter or (_ADAPTERS.get(self._dialect) if self._dialect else None)
        return Target(found.name, adapter, found.database, found.schema, found.profile)

    @property
    def adapter(self) -> str | None:
        """The adapter's name, such as snowflake."""
        return self.target.adapter

    @property
    def dialect(self) -> str | None:
        """The SQL of its models."""
        return self.target.dialect

    @cached_property
    def properties(self) -> Properties:
        """What its YAML files say."""
        return Properties.read(self.packages)

    @property
    def exposures(self) -> list[Exposure]:
        """The dashboards and the like that its YAML files name."""
        return self.properties.exposures

    @cached_property
    def macros(self) -> Macros:
        """Its macros and those of its packages."""
        from sqlopt.source.dbt.macros import Macros
        from sqlopt.source.jinja.environment import SqlEnvironment

        return Macros(self.packages, SqlEnvironment())

    @cached_property
    def nodes(self) -> Mapping[str, list[Node]]:
        """What ``ref`` can name; the project's own before those of packages."""
        found: dict[str, list[Node]] = {}
        for package in self.packages:
            for node in package.nodes:
                found.setdefault(node.name, []).append(node)
        return found

    def node_of(self, path: str) -> Node | None:
        """Return what the file ``path`` is; None for macros and files that dbt does not read."""
        where = Path(path).resolve()
        for package in sorted(self.packages, key=lambda one: -len(one.folder.parts)):
            found = package.kind_of(where) or package.kind_of(Path(path).absolute())
            if found is not None:
                kind, folders = found
                return None if kind == "macro" else Node(where.stem, kind, package.name, str(path), folders)
        return None

    def read(self, text: str, path: str) -> list[Script]:
        """Return the SQL of the file ``path``: for an incremental model both its readings.

        A macro is read where it is called, so that its own file gives nothing.
        """
        from sqlopt.source.dbt.macros import is_macro_file
        from sqlopt.source.jinja import is_template

        node = self.node_of(path)
        if node is None and (is_macro_file(text) or not is_template(text)):
            return [] if is_template(text) else [Script(text, self.dialect)]
        if node is None:
            node = Node(Path(path).stem, "operation", self.name, path)
        if node.kind == "test" and is_macro_file(text):
            return []
        if not is_template(text):
            return [self._plain(text, node)]
        compiled: list[Compiled] = []
        readings = [self._reading(text, path, node, compiled, incremental=False)]
        rendered, asked, _ = readings[0]
        if asked and not rendered.problem:
            readings.append(self._reading(text, path, node, compiled, incremental=True))
        names = ("full", "incremental") if len(readings) > 1 else ("",)
        return [
            self._script(one, node, text, settings, variant)
            for (one, _, settings), variant in zip(readings, names, strict=True)
        ]

    def _plain(self, text: str, node: Node) -> Script:
        target = ""
        if node.kind in ("model", "snapshot"):
            target = self.relation_of(node, self.config_of(node)).dotted
        return Script(text, self.dialect, name=f"{node.kind} {node.name}", target=target)

    def _script(
        self, rendered: Rendered, node: Node, text: str, settings: dict[str, Any], variant: str
    ) -> Script:
        from sqlopt.source.jinja.loose import script

        target = ""
        if node.kind in ("model", "snapshot") and settings.get("enabled", True) is not False:
            target = self.relation_of(node, settings, final=True).dotted
        name = f"{node.kind} {node.name}"
        compiled = self.manifest.compiled(node, text) if rendered.problem else None
        if compiled is not None:
            from sqlopt.source.jinja.render import coarse

            note = (rendered.at, f"{rendered.problem}; read as dbt compiled it, in target/manifest.json")
            where = SourceMap(coarse(compiled, text), len(text))
            return Script(compiled, self.dialect, where, name, variant, notes=(note,), target=target)
        return script(rendered, dialect=self.dialect, name=name, variant=variant, target=target)

    def _reading(
        self, text: str, path: str, node: Node, compiled: list[Compiled], *, incremental: bool
    ) -> tuple[Rendered, bool, dict[str, Any]]:
        from sqlopt.source.dbt.words import Words
        from sqlopt.source.jinja.render import render

        made: list[Words] = []

        def scope(state: State) -> Any:
            made.append(Words(self, node, state, incremental=incremental))
            return made[-1]

        rendered = render(text, path, scope, silent=True, compiled=compiled)
        asked = any(one.asked for one in made)
        return rendered, asked, made[0].config.settings if made else {}

    def config_of(self, node: Node) -> Mapping[str, Any]:
        """Return a node's settings from dbt_project.yml and YAML; those in its own text come as it renders."""
        package = next((one for one in self.packages if one.name == node.package), self.root)
        found = dict(configs.of_project(package, node))
        if package is not self.root:
            found.update(configs.of_project(self.root, node))
        described = self.properties.node(node.name)
        return {**found, **mapping(described.get("config"))}

    def relation(self, name: str) -> str:
        """Return the dotted name of the table that a model fills."""
        nodes = self.nodes.get(name)
        return self._relation(nodes[0]).dotted if nodes else name

    def ref(self, name: str, package: str | None = None, version: str | None = None) -> Relation:
        """Return the relation that ``ref`` means; one by that name alone where there is no such node."""
        for wanted in self._versions(name, version):
            nodes = [one for one in self.nodes.get(wanted, ()) if package in (None, one.package)]
            if nodes:
                return self._relation(nodes[0])
        return self._named(None, None, name)

    def _versions(self, name: str, version: str | None) -> list[str]:
        versions = items(self.properties.node(name).get("versions"))
        if version is None and versions:
            latest = self.properties.node(name).get("latest_version")
            version = str(
                latest if latest is not None else max(str(mapping(one).get("v")) for one in versions)
            )
        if version is None:
            return [name]
        files = [mapping(one) for one in versions if str(mapping(one).get("v")) == version]
        defined = [str(one["defined_in"]) for one in files if "defined_in" in one]
        return [*defined, f"{name}_v{version}", f"{name}.v{version}", name]

    def _relation(self, node: Node) -> Relation:
        key = (node.package, node.name)
        if key not in self._relations:
            settings = dict(self.config_of(node)) | configs.in_text(node)
            self._relations[key] = self.relation_of(node, settings)
        return self._relations[key]

    def relation_of(self, node: Node, settings: Mapping[str, Any], *, final: bool = False) -> Relation:
        """Return the relation of a node with these settings.

        ``final`` reads settings that its text gives, too, before it is rendered.
        """
        if final:
            settings = {**settings, **configs.in_text(node)}
        known = self.manifest.relation(node)
        if known is not None:
            return self._named(*known)
        alias = str(settings.get("alias") or node.name)
        custom = settings.get("schema") or settings.get("target_schema")
        database = settings.get("database") or settings.get("project") or settings.get("target_database")
        if settings.get("materialized") == "ephemeral":
            return self._named(None, None, alias)
        schema = self._generated("generate_schema_name", custom, node)
        return self._named(
            self._generated("generate_database_name", database, node),
            schema,
            self._generated("generate_alias_name", settings.get("alias"), node) or alias,
        )

    def _generated(self, macro: str, custom: Any, node: Node) -> str | None:
        """Return what a macro that makes names gives; what it would by default where that is not known."""
        from sqlopt.source.dbt.names import generated

        return generated(self, macro, None if custom is None else str(custom), node)

    def _named(self, database: str | None, schema: str | None, identifier: str | None) -> Relation:
        target = self.target
        return Relation(
            database if schema else None,
            schema,
            identifier,
            quotes=target.quotes,
            quoted=target.quotes_relations,
        )

    def source(self, source: str, table: str) -> Relation:
        """Return the relation that ``source`` means; by those two names where no YAML file declares it."""
        known = self.manifest.source(source, table)
        if known is not None:
            return self._named(*known)
        declared = self.properties.source(source, table)
        if declared is None:
            return self._named(None, source, table)
        database = declared.database or self.target.database
        return self._named(database, declared.schema, declared.identifier)

    def variable(self, name: str, package: str) -> tuple[bool, Any]:
        """Return whether a variable is set for a package, and to what."""
        declared = next((one for one in self.packages if one.name == package), self.root)
        for settings in (self.root.settings, declared.settings):
            variables = mapping(settings.get("vars"))
            for scope in (mapping(variables.get(package)), variables):
                if name in scope and not (scope is variables and name in self._package_names):
                    return True, scope[name]
        return False, None

    @cached_property
    def _package_names(self) -> frozenset[str]:
        return frozenset(one.name for one in self.packages)

    def columns_of(self, relation: Any) -> list[tuple[str, str | None]] | None:
        """Return the columns that are known of a relation, in order, with their types."""
        if not isinstance(relation, Relation):
            return None
        table = self._facts[0].table(relation.dotted)
        if table is None or not table.columns:
            return None
        return [(one.name, one.type) for one in table.columns.values()]

    @cached_property
    def _facts(self) -> tuple[Catalog, dict[str, Tested]]:
        from sqlopt.source.dbt.facts import catalog_of

        return catalog_of(self)

    def catalog(self, base: Catalog) -> Catalog:
        """Return ``base`` with what the project knows; where both say something, ``base`` is right."""
        from sqlopt.source.dbt.facts import completed

        return completed(base, *self._facts)

    @cached_property
    def seconds(self) -> Mapping[str, float]:
        """How long each node took when it last ran, by its unique id, as target/run_results.json says."""
        from sqlopt.source.dbt.facts import timings

        return timings(self.folder / "target" / "run_results.json")
