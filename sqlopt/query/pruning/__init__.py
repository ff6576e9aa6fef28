"""What an engine can skip of a table: predicates judged, and the verdict."""
