"""The errors that sqlopt raises; everything public raises only these."""

from __future__ import annotations


class SqloptError(Exception):
    """Base of every error that sqlopt raises on purpose; its text is meant for the user."""


class CatalogError(SqloptError):
    """A catalog file, DDL text or database that can't be read as a catalog."""


class ConfigError(SqloptError):
    """A configuration file or option that can't be used as it stands."""


class UnknownRuleError(SqloptError):
    """A rule id, rule name or pack name that no loaded pack has."""


class PackError(SqloptError):
    """A rule pack or house rule that can't be loaded."""


class SourceError(SqloptError):
    """A file or folder of SQL that can't be read."""
