"""Syntax that sqlglot does not know, spelled so that it does: tokens change, the text and positions never."""
