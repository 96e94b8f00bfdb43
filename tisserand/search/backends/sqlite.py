"""Tokens in an FTS5 table, without a copy of the text."""

import json

from django.db import connection

from tisserand.search.models import SPACE_BITS, SPACE_MASK
from tisserand.search.query import EXACT, Query
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

    def match(self, space: int, query: Query, mark: str) -> list[int]:
        """See `Backend.match`."""
        with connection.cursor() as cursor:
            # One aggregated value: a hundred times fewer objects than one row per document.
            cursor.execute(
                f"SELECT group_concat(rowid >> {SPACE_BITS}) FROM search_tokens "  # noqa: S608 - a constant of ours
                f"WHERE search_tokens MATCH %s AND (rowid & {SPACE_MASK}) = %s",
                [expression(query, mark), space],
            )
            (ids,) = cursor.fetchone()
        return json.loads(f"[{ids}]") if ids else []


def expression(query: Query, mark: str) -> str:
    """The FTS5 expression of *query*; tokens hold only letters, digits and `_`, so none needs escaping."""
    clauses = ["(" + " OR ".join(map(_token, tokens)) + ")" for tokens in query.forms(mark)]
    phrases = query.phrases if mark in {"", EXACT} else ()
    return " AND ".join(clauses + [f'(sequence : "{" ".join(phrase)}")' for phrase in phrases])


def _token(token: str) -> str:
    return f'"{token[:-1]}"*' if token.endswith("*") else f'"{token}"'
