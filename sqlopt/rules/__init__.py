"""The rule machinery: `Rule`, `Finding`, pack loading, the one shared traversal, suppression, baseline.

What a rule's author needs is here: ``from sqlopt.rules import Context, Hit, Rule, Severity``.
"""

from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules.finding import Finding, Related, Severity
from sqlopt.rules.rule import SPARK, Context, Hit, Rule

__all__ = ["SPARK", "Context", "Edit", "Finding", "Fix", "Hit", "Related", "Rule", "Safety", "Severity"]
