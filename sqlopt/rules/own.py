"""The findings that the machinery itself makes, as rules without a match: selected and explained alike."""

from __future__ import annotations

from inspect import cleandoc

from sqlopt.rules.finding import Severity
from sqlopt.rules.rule import Rule


class UnparsableStatement(Rule):
    """A statement that can't be parsed.

    The other statements of the file are checked all the same.

    **Why**

    What can't be read can't be priced. The engine will most likely refuse it too.

    **Valid when**

    No rewrite.

    **Bad**

    ```sql
    SELECT (a FROM t
    ```

    **Good**

    ```sql
    SELECT (a) FROM t
    ```

    **Sources**

    - The parser is sqlglot in the dialect of the file; a wrong dialect is the commonest cause.
    """

    id = "SQL001"
    name = "unparsable-statement"
    severity = Severity.ERROR


class UnusedSuppression(Rule):
    """A suppression comment that suppresses nothing.

    **Why**

    It hides the next fault of that kind at its place, and tells the reader of one that is gone.

    **Valid when**

    1. The text deleted is a comment.

    **Bad**

    ```sql
    SELECT 1 -- sqlopt: ignore SCN011 the column is never NULL here
    ```

    **Fixed**

    ```sql
    SELECT 1
    ```

    **Good**

    ```sql
    SELECT 1
    ```

    **Sources**

    - A suppression counts as unused only if its rule was among those that ran.
    """

    id = "SQL002"
    name = "unused-suppression"
    severity = Severity.WARNING


class RuleCrashed(Rule):
    """A rule that raised an error.

    The rule is left out for that statement; everything else goes on, and the run ends with exit code 2.

    **Why**

    It is a defect of the rule, not of the SQL. Please report it with the statement.

    **Valid when**

    No rewrite.

    **Bad**

    **Good**

    **Sources**
    """

    id = "SQL003"
    name = "rule-crashed"
    severity = Severity.ERROR


class UnreadableFile(Rule):
    """A file that can't be read, or not as it should be.

    No permission, no text at all, too large, a NUL character: an error, and nothing is checked. Bytes
    that are not UTF-8 and were read as Latin-1: for information, and the text is checked.

    **Why**

    A file that is passed over in silence looks like one without faults.

    **Valid when**

    No rewrite.

    **Bad**

    **Good**

    **Sources**
    """

    id = "SQL004"
    name = "unreadable-file"
    severity = Severity.ERROR


class SuppressionWithoutReason(Rule):
    """A suppression comment that gives no reason.

    **Why**

    Whoever reads it next can't tell whether it still holds.

    **Valid when**

    No rewrite.

    **Bad**

    ```sql
    SELECT 1 WHERE 2 = NULL -- sqlopt: ignore SCN011
    ```

    **Good**

    ```sql
    SELECT 1 WHERE 2 = NULL -- sqlopt: ignore SCN011 shows that nothing comes back
    ```

    **Sources**

    - The reason is the text after the rules: `-- sqlopt: ignore SCN011 reason`.
    """

    id = "SQL005"
    name = "suppression-without-reason"
    severity = Severity.INFO


class UnknownSuppression(Rule):
    """A suppression comment that names no rule, or one that does not exist.

    **Why**

    It suppresses nothing. A suppression of all rules at once is not offered, for it would hide faults that
    nobody has seen yet.

    **Valid when**

    No rewrite.

    **Bad**

    ```sql
    SELECT 1 WHERE 2 = NULL -- sqlopt: ignore SCN911 shows that nothing comes back
    ```

    **Good**

    ```sql
    SELECT 1 WHERE 2 = NULL -- sqlopt: ignore SCN011 shows that nothing comes back
    ```

    **Sources**

    - `-- sqlopt: ignore RULE[,RULE] reason` and `-- sqlopt: ignore-file RULE[,RULE] reason`.
    """

    id = "SQL006"
    name = "unknown-suppression"
    severity = Severity.WARNING


class InternalError(Rule):
    """A text that made sqlopt itself fail.

    No rule has seen it; other files are checked all the same, and the run ends with exit code 2.

    **Why**

    It is a defect of sqlopt. Please report it with the text.

    **Valid when**

    No rewrite.

    **Bad**

    **Good**

    **Sources**
    """

    id = "SQL009"
    name = "internal-error"
    severity = Severity.ERROR


class RefutedFix(Rule):
    """A fix that would change the result though its rule says that it does not.

    It is not made and not offered anywhere, whatever is asked for. Its finding may still be right.

    **Why**

    It is a defect of the rule, found by the proof that each fix has to pass. Please report it with the statement and
    the counterexample, a small database on which the two statements differ.

    **Valid when**

    No rewrite.

    **Bad**

    **Good**

    **Sources**
    """

    id = "SQL010"
    name = "refuted-fix"
    severity = Severity.WARNING


OWN: tuple[type[Rule], ...] = (
    UnparsableStatement,
    UnusedSuppression,
    RuleCrashed,
    UnreadableFile,
    SuppressionWithoutReason,
    UnknownSuppression,
    InternalError,
    RefutedFix,
)
"""All of them, by id."""

for _rule in OWN:
    _rule.pack = "sqlopt"
    _rule.page = cleandoc(_rule.__doc__ or "")
    _rule.match = ()
