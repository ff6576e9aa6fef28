"""What operators do, told from the names that engines give them."""

from __future__ import annotations

import re

from sqlopt.plan import Kind

# The first pattern that matches decides: a "Merge Join" is no merge, a "JoinFilter" no join.
_KINDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"joinfilter|dynamicfilter|runtimefilter", Kind.FILTER),
        (r"^subquery.*broadcast|^reusedsubquery", Kind.OTHER),
        (r"join|nestedloop|crossproduct|cartesian", Kind.JOIN),
        (
            r"exchange|gather|broadcast|shuffle|network|repartition|coalesce|redistribute|remotesource|return$",
            Kind.EXCHANGE,
        ),
        (r"window", Kind.WINDOW),
        (r"topn|limit|takeordered", Kind.LIMIT),
        (r"aggr|group|distinct|unique|dedup", Kind.AGGREGATE),
        (r"sort|order", Kind.SORT),
        (
            r"valuesscan|ctescan|functionscan|dummyscan|columndatascan|delimscan|subqueryscan|worktablescan",
            Kind.VALUES,
        ),
        (
            r"localtablescan|inmemory|values|generator|rowsource|placeholderrow|internalobject|emptyresult",
            Kind.VALUES,
        ),
        (r"bitmapindex|bitmapand|bitmapor", Kind.OTHER),
        (r"scan|^read|relation|datasource|^input", Kind.SCAN),
        (r"append|union|concat|intersect|except|setop", Kind.UNION),
        (r"insert|update|delete|merge|write|createtable|copy|modifytable|unload|commandresult", Kind.WRITE),
        (r"filter|^where", Kind.FILTER),
        (r"project|compute|withreference", Kind.PROJECT),
        (r"result|output", Kind.RESULT),
        (r"^stage|^fragment", Kind.STAGE),
    )
)


def kind_of(name: str) -> Kind:
    """Return what an operator of that name does; OTHER where the name does not tell."""
    plain = re.sub(r"[^a-z]", "", name.casefold())
    return next((kind for pattern, kind in _KINDS if pattern.search(plain)), Kind.OTHER)
