"""Names of relations, through the macros that a project may have for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.source.jinja.codes import HOLE

if TYPE_CHECKING:
    from sqlopt.source.dbt.dbt_project import DbtProject
    from sqlopt.source.dbt.layout import Node


def generated(project: DbtProject, macro: str, custom: str | None, node: Node) -> str | None:
    """Return what ``macro`` gives for a node, by the project's own macro or by dbt's rule.

    Rule: https://docs.getdbt.com/docs/build/custom-schemas (checked 2026-11-23). A schema is None where
    neither the target's nor the model's own is known; a macro that needs more than is known gives that rule.
    """
    if project.macros.defines(macro):
        found = _called(project, macro, custom, node)
        if found:
            return found
    if macro == "generate_schema_name":
        return "_".join(one for one in (project.target.schema, custom) if one) or None
    if macro == "generate_database_name":
        return custom or project.target.database
    return custom or node.name


def _called(project: DbtProject, macro: str, custom: str | None, node: Node) -> str | None:
    from sqlopt.source.dbt.layout import Node as Place
    from sqlopt.source.dbt.words import Words
    from sqlopt.source.jinja.environment import STATE, State

    state = State({}, silent=True)
    token = STATE.set(state)
    try:
        words = Words(
            project, Place(node.name, "operation", project.name, node.path), state, incremental=False
        )
        state.scope = words
        called = project.macros.find(macro, project.name, state, {})
        described: dict[str, object] = {
            "name": node.name,
            "fqn": [node.package, *node.folders, node.name],
            "config": {},
            "resource_type": node.kind,
            "package_name": node.package,
            "version": None,
        }
        text = str(called(custom, described)).strip()
    except Exception:  # noqa: BLE001 - whatever a stranger's macro runs into
        return None
    finally:
        STATE.reset(token)
    return None if HOLE in text or text in ("", "None") else text
