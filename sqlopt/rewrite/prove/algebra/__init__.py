"""Statements read as relational algebra: rows, conditions and values."""
