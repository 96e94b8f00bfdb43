"""Where the two databases differ: how tokens are stored and matched. Nothing else does."""

from collections.abc import Collection, Sequence
from typing import Protocol

from django.db import connection

from tisserand.search.query import Clause
from tisserand.search.tokens import Bag


class Backend(Protocol):
    """Stores bags of tokens by document id, and answers which documents match."""

    def store(self, bags: dict[int, Bag]) -> None:
        """Insert or replace the tokens of documents."""

    def match(self, space: int, clauses: Sequence[Clause], among: Collection[int] | None = None) -> list[int]:
        """Ids of the records of *space* that hold all of *clauses*; *among* some of them only."""


def backend() -> Backend:
    """The backend of the database in use."""
    from tisserand.search.backends import postgresql, sqlite

    return sqlite.Fts5() if connection.vendor == "sqlite" else postgresql.TsVector()
