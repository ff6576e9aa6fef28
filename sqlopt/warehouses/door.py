"""The only way to a live warehouse: statements of a fixed list that read metadata, and nothing else."""

from __future__ import annotations

import re
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlopt.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Row = Any
"""A row as an engine's client gives it: a tuple, or a mapping by column."""

_Given = TypeVar("_Given")

_READS: Final = re.compile(r"\s*(SELECT|SHOW|DESCRIBE)\b")
_ATTEMPTS: Final = 5
_LONGEST_WAIT: Final = 20.0
_SECRETS: Final = re.compile(
    r"(?i)(\b(?:password|passwd|pwd|passphrase|passcode|token|secret|private_key)\b['\"]?\s*[=:]\s*)"
    r"('[^']*'|\"[^\"]*\"|[^\s,;&)]+)|(://[^/\s:@]*:)[^@\s]*(?=@)"
)


class MissingRightError(CatalogError):
    """A statement that was refused, or whose object is not there or not to be seen: warehouses say both alike."""


class Statement(Enum):
    """The metadata statements of an engine: its reader makes a subclass, each value a text.

    ``{0}``, ``{1}`` stand for names, which the door quotes; values are bound by the client.
    """


class Door:
    """Runs the statements of one engine's list. A connection is reached through it and through nothing else.

    ``run`` executes a text with values and gives rows; ``quote`` makes an identifier of a name.
    """

    def __init__(
        self,
        statements: type[Statement],
        run: Callable[[str, Sequence[Any]], Iterable[Row]],
        quote: Callable[[str], str] = lambda name: '"' + name.replace('"', '""') + '"',
    ) -> None:
        self._texts = MappingProxyType({one: str(one.value) for one in statements})
        self._quote = quote
        self._run = run
        for one, text in self._texts.items():
            if not _READS.match(text) or ";" in text:
                raise CatalogError(f"refused: {one.name} is no statement that only reads metadata")

    def rows(self, statement: Statement, values: Sequence[Any] = (), names: Sequence[str] = ()) -> list[Row]:
        """Return the rows of a statement. Raises `CatalogError` for one that is not on the list."""
        text = self._texts.get(statement) if isinstance(statement, Statement) else None
        if text is None:
            raise CatalogError("refused: only the listed metadata statements run on a live connection")
        if names:
            text = text.format(*map(self._quote, names))
        return list(self._run(text, values))


def retried(call: Callable[[], _Given], transient: Callable[[BaseException], bool]) -> _Given:
    """Return what ``call`` gives, tried again with growing, random waits while its error is a passing one."""
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    retrying = Retrying(
        retry=retry_if_exception(transient),
        wait=wait_random_exponential(multiplier=0.5, max=_LONGEST_WAIT),
        stop=stop_after_attempt(_ATTEMPTS),
        reraise=True,
    )
    return retrying(call)


def scrub(error: object, *secrets: str | None) -> str:
    """Return an error's text on one line without passwords: neither the given ones nor what looks like one."""
    text = " ".join(str(error).split())
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return _SECRETS.sub(lambda found: (found[1] or found[3]) + "***", text)


def missing_extra(engine: str, extra: str) -> CatalogError:
    """Return the error for a client that is not installed, with the command that installs it."""
    return CatalogError(f"{engine}: its client is not installed; run: pip install 'sqlopt[{extra}]'")
