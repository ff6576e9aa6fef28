"""Macros of a project and its packages: found by name, compiled when first called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlopt.source.dbt.layout import mapping
from sqlopt.source.dbt.target import PARENTS
from sqlopt.source.files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.source.dbt.layout import Package
    from sqlopt.source.jinja.environment import SqlEnvironment, State

_MACRO = re.compile(r"\{%[-+]?\s*(macro|test|data_test)\s+(\w+)")

_OUTSIDE = re.compile(
    r"\{#.*?#\}|\{%[-+]?\s*(?P<tag>macro|test|data_test|materialization|docs)\b.*?\{%[-+]?\s*end(?P=tag)\s*[-+]?%\}",
    re.DOTALL,
)


def is_macro_file(text: str) -> bool:
    """Whether a template defines macros or tests and holds no query beside them."""
    return bool(_MACRO.search(text)) and not _OUTSIDE.sub("", text).strip()


class Macros:
    """The macros of all packages.

    A template is compiled once for the project; its definitions are run once for each rendering, which is
    ``modules`` of the caller: a mapping of files to what they define.
    """

    def __init__(self, packages: Iterable[Package], environment: SqlEnvironment) -> None:
        self.environment = environment
        self._packages = list(packages)
        self.root = self._packages[0].name
        self._files: dict[str, dict[str, str]] = {one.name: self._index(one) for one in self._packages}
        self._templates: dict[str, Any] = {}
        orders = (one for one in self._packages[0].settings.get("dispatch") or ())
        self._orders = {
            str(mapping(one).get("macro_namespace")): list(map(str, mapping(one).get("search_order") or ()))
            for one in orders
        }

    def _index(self, package: Package) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in package.macro_files:
            for kind, name in _MACRO.findall(read_text(str(path))):
                found[name if kind == "macro" else f"test_{name}"] = str(path)
        return found

    def has_package(self, name: str) -> bool:
        """Whether a package of this name is there."""
        return name in self._files

    def defines(self, name: str) -> bool:
        """Whether the root project has a macro of this name."""
        return name in self._files[self.root]

    def find(self, name: str, package: str, state: State, modules: dict[str, Any]) -> Any:
        """Return the macro ``name`` of ``package``, or None. Its file's errors are said once, as a note."""
        path = self._files.get(package, {}).get(name)
        if path is None:
            return None
        if path not in modules:
            modules[path] = self._defined(path, state)
        return modules[path].get(name)

    def bare(self, name: str, package: str, state: State, modules: dict[str, Any]) -> Any:
        """Return the macro that a bare name means in a model of ``package``, or None.

        dbt looks in the model's own package, then in the root project; a macro that calls another one of its
        own package by a bare name is helped by looking in the others last.
        """
        others = [one for one in self._files if one not in (package, self.root)]
        for one in (package, self.root, *others):
            if name in self._files.get(one, ()):
                return self.find(name, one, state, modules)
        return None

    def dispatch(
        self, name: str, namespace: str | None, adapter: str | None, state: State, modules: dict[str, Any]
    ) -> Any:
        """Return what ``adapter.dispatch`` finds among macros, or None.

        Order: https://docs.getdbt.com/reference/dbt-jinja-functions/dispatch (checked 2026-11-23).
        """
        orders = self._orders.get(namespace or "") or [self.root, *([namespace] if namespace else [])]
        others = [one for one in self._files if one not in orders] if namespace is None else []
        prefixes = [*self.lineage(adapter), "default"]
        for package in (*orders, *others):
            for prefix in prefixes:
                found = self.find(f"{prefix}__{name}", package, state, modules)
                if found is not None:
                    return found
        return None

    @staticmethod
    def lineage(adapter: str | None) -> list[str]:
        """Return an adapter and those it takes macros from."""
        found = []
        while adapter:
            found.append(adapter)
            adapter = PARENTS.get(adapter)
        return found

    def _defined(self, path: str, state: State) -> dict[str, Any]:
        from jinja2 import TemplateError

        if path not in self._templates:
            try:
                self._templates[path] = self.environment.compiled(read_text(path), path)
            except (TemplateError, RecursionError, SyntaxError, ValueError) as error:
                self._templates[path] = None
                state.notes[f"the macros of {path} can't be read: {error}"] = None
        template = self._templates[path]
        if template is None:
            return {}
        context = template.new_context({})
        for _ in template.root_render_func(context):
            pass
        return dict(context.vars)
