"""``explain_rule``: a rule's page, as `sqlopt explain` prints it."""

from typing import Annotated

from pydantic import Field

from sqlopt.mcp.answers import Rule
from sqlopt.mcp.call import Call


def explain_rule(
    call: Call,
    id: Annotated[str, Field(description="A rule's id, such as PRN002, or its name.")],  # noqa: A002 - the schema's word
) -> Rule:
    """Explain a rule: why it matters, under which conditions its rewrite keeps the result, examples, sources."""
    project = call.project()
    found = project.rule(id).id
    row = next(one for one in project.rule_table() if one["id"] == found)
    return Rule(**row, page=project.page(found))
