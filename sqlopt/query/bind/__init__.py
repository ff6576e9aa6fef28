"""Names bound: scopes, columns, pivots, and what is read of each source."""
