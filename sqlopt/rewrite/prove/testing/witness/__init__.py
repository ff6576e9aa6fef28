"""Databases on which a statement gives rows: its joins and filters solved, the rest left to chance.

`reading` writes down which rows a result row needs and what must hold of their values, `solve` finds values for
which it does, `make` fills databases with such rows, their near misses and their copies.
"""
