"""Apache DataFusion."""
