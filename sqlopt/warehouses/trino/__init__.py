"""Trino (and Athena, Presto)."""
