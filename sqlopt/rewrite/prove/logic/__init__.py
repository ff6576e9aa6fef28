"""Formulas, what follows from them, and when two of them are the same."""
