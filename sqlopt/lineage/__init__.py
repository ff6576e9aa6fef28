"""Column-level lineage: what feeds what, and how."""
