"""A statement understood: parse, spans, scopes, bindings, facts, intervals, pruning."""

from sqlopt.query.bind.model import Binding, BoundTo, Output, Scope, ScopeKind, Source, SourceKind
from sqlopt.query.flow import Filter
from sqlopt.query.pruning.verdict import Blocker, Pruning
from sqlopt.query.query import Query
from sqlopt.query.scan import Scan
from sqlopt.query.understand import understand

__all__ = [
    "Binding",
    "Blocker",
    "BoundTo",
    "Filter",
    "Output",
    "Pruning",
    "Query",
    "Scan",
    "Scope",
    "ScopeKind",
    "Source",
    "SourceKind",
    "understand",
]
