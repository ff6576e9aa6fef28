"""A statement understood: parse, spans, scopes, bindings, facts, intervals, pruning."""
