"""Where things lie in a dbt project: its own settings, its folders, its packages, its nodes."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.source.files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ENDINGS = (".sql", ".yml", ".yaml", ".csv", ".py", ".md")
_PASSED_OVER = frozenset({"target", "logs", "node_modules", "venv", "__pycache__"})
_SNAPSHOT = re.compile(r"\{%-?\s*snapshot\s+(\w+)")


def stamp(folder: str) -> bytes:
    """Return what changes whenever a file of the project does: names, sizes and times, no contents."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(_walk(folder)):
        try:
            state = os.stat(path)  # noqa: PTH116 - runs for every file of a project
        except OSError:
            continue
        digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode("utf-8", "surrogatepass"))
    return digest.digest()


def _walk(folder: str) -> Iterator[str]:
    for name in ("manifest.json", "catalog.json", "run_results.json"):
        yield os.path.join(folder, "target", name)  # noqa: PTH118
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _PASSED_OVER and not name.startswith(".")]
        for name in names:
            if name.endswith(_ENDINGS):
                yield os.path.join(here, name)  # noqa: PTH118


def load_yaml(path: Path) -> Any:
    """Return what a YAML file holds; None where it is not YAML or can't be read."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(read_text(str(path)), loader)  # noqa: S506 - safe, and ten times as fast
    except (OSError, yaml.YAMLError, UnicodeError, ValueError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """Return ``value`` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return ``value`` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Node:
    """Something that ``ref`` can name: a model, snapshot or seed. ``folders`` lie below its resource folder."""

    name: str
    kind: str
    package: str
    path: str
    folders: tuple[str, ...] = ()


@dataclass
class Package:
    """A dbt project's settings and files: the root project's or an installed package's."""

    folder: Path
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Package:
        """Read the package in ``folder``; its settings are empty where dbt_project.yml can't be read."""
        return cls(folder, mapping(load_yaml(folder / "dbt_project.yml")))

    @property
    def name(self) -> str:
        """The name it is called by."""
        return str(self.settings.get("name") or self.folder.name)

    def paths(self, kind: str, default: str, old: str = "") -> list[Path]:
        """Return its folders for a kind of file, such as ``model-paths``."""
        given = self.settings.get(kind, self.settings.get(old) if old else None)
        names = given if isinstance(given, list) else [default]
        return [self.folder / str(name) for name in names if "{{" not in str(name)]

    @property
    def sql_folders(self) -> list[tuple[str, Path]]:
        """Its folders of templates, with what each holds."""
        kinds = (
            ("model", "model-paths", "models", "source-paths"),
            ("snapshot", "snapshot-paths", "snapshots", ""),
            ("analysis", "analysis-paths", "analyses", ""),
            ("test", "test-paths", "tests", ""),
            ("macro", "macro-paths", "macros", ""),
        )
        return [(kind, path) for kind, key, default, old in kinds for path in self.paths(key, default, old)]

    def kind_of(self, path: Path) -> tuple[str, tuple[str, ...]] | None:
        """Return what a template of this package is (model, macro ...), and its folders below that one."""
        for kind, folder in self.sql_folders:
            if path.is_relative_to(folder):
                return kind, path.relative_to(folder).parts[:-1]
        return None

    @cached_property
    def nodes(self) -> list[Node]:
        """Its models, snapshots and seeds."""
        return [*self._templates(), *self._seeds()]

    def _templates(self) -> Iterator[Node]:
        for kind, folder in self.sql_folders:
            if kind not in ("model", "snapshot"):
                continue
            for path in files(folder, ".sql", ".py"):
                folders = path.relative_to(folder).parts[:-1]
                names = [path.stem]
                if kind == "snapshot":
                    names = _SNAPSHOT.findall(read_text(str(path))) or names
                for name in names:
                    yield Node(name, kind, self.name, str(path), folders)

    def _seeds(self) -> Iterator[Node]:
        for folder in self.paths("seed-paths", "seeds", "data-paths"):
            for path in files(folder, ".csv"):
                yield Node(path.stem, "seed", self.name, str(path), path.relative_to(folder).parts[:-1])

    @cached_property
    def macro_files(self) -> list[Path]:
        """Its files of macros, those of generic tests too."""
        tests = [path / "generic" for path in self.paths("test-paths", "tests")]
        folders = [*self.paths("macro-paths", "macros"), *tests]
        return [path for folder in folders for path in files(folder, ".sql")]

    @cached_property
    def property_files(self) -> list[Path]:
        """Its YAML files beside models, seeds, snapshots, analyses and macros."""
        folders = [folder for _, folder in self.sql_folders] + self.paths("seed-paths", "seeds", "data-paths")
        return [path for folder in dict.fromkeys(folders) for path in files(folder, ".yml", ".yaml")]


def files(folder: Path, *endings: str) -> list[Path]:
    """Return the files below ``folder`` that end so, in order of name."""
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(here) / name for name in sorted(names) if name.endswith(endings)]
    return found


def packages(root: Package) -> list[Package]:
    """Return the project and its packages, as far as they are installed or lie in local folders."""
    install = str(root.settings.get("packages-install-path", "dbt_packages"))
    folders = [root.folder / install] if "{{" not in install else []
    if not folders or not folders[0].is_dir():
        folders = [root.folder / "dbt_packages", root.folder / "dbt_modules"]
    found = [root]
    for folder in folders:
        if folder.is_dir():
            inside = sorted(one for one in folder.iterdir() if (one / "dbt_project.yml").is_file())
            found += [Package.read(one.resolve()) for one in inside]
    known = {one.name for one in found}
    for name in ("packages.yml", "dependencies.yml"):
        for entry in items(mapping(load_yaml(root.folder / name)).get("packages")):
            local = mapping(entry).get("local")
            if isinstance(local, str) and "{{" not in local:
                package = Package.read((root.folder / local).resolve())
                if package.settings and package.name not in known:
                    known.add(package.name)
                    found.append(package)
    return found
