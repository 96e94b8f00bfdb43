"""Tokens in an FTS5 table, without a copy of the text."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from tisserand.search.models import SPACE_BITS, SPACE_MASK
from tisserand.search.query import Clause
from tisserand.search.tokens import Bag

CREATE = """CREATE VIRTUAL TABLE search_tokens USING fts5(
    sequence, extra, content='', contentless_delete=1, tokenize="unicode61 tokenchars '_'")"""


class Fts5:
    """Full-text search by SQLite's FTS5."""

    def store(self, bags: dict[int, Bag]) -> None:
        """See `Backend.store`."""
        rows = [(doc, " ".join(bag.sequence), " ".join(bag.extra)) for doc, bag in bags.items()]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT OR REPLACE INTO search_tokens(rowid, sequence, extra) VALUES (%s, %s, %s)", rows)

    def match(self, space: int, clauses: Sequence[Clause], among: Collection[int] | None = None) -> list[int]:
        """See `Backend.match`."""
        condition = f"(rowid & {SPACE_MASK}) = %s"
        values: list[Any] = [expression(clauses), space]
        if among is not None:
            # As JSON, since SQLite bounds how many parameters a statement has; `+`, or FTS5 is asked about each row.
            condition += " AND +rowid IN (SELECT value FROM json_each(%s))"
            values.append(json.dumps([object_id << SPACE_BITS | space for object_id in among]))
        with connection.cursor() as cursor:
            # One aggregated value: a hundred times fewer objects than one row per document.
            cursor.execute(
                f"SELECT group_concat(rowid >> {SPACE_BITS}) FROM search_tokens "  # noqa: S608 - constants of ours
                f"WHERE search_tokens MATCH %s AND {condition}",
                values,
            )
            (ids,) = cursor.fetchone()
        return json.loads(f"[{ids}]") if ids else []


def expression(clauses: Sequence[Clause]) -> str:
    """The FTS5 expression of *clauses*; tokens hold only letters, digits and `_`, so none needs escaping."""
    return " AND ".join(
        f'(sequence : "{" ".join(clause.tokens)}")'
        if clause.in_order
        else "(" + " OR ".join(map(_token, clause.tokens)) + ")"
        for clause in clauses
    )


def _token(token: str) -> str:
    return f'"{token[:-1]}"*' if token.endswith("*") else f'"{token}"'
