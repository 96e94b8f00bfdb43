"""Tokens in an FTS5 table, without a copy of the text."""

from django.db import connection

from tisserand.search.query import Query
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

    def discard(self, ids: list[int]) -> None:
        """See `Backend.discard`."""
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM search_tokens WHERE rowid = %s", [(i,) for i in ids])

    def match(self, query: Query, mark: str) -> list[int]:
        """See `Backend.match`."""
        with connection.cursor() as cursor:
            # One aggregated value: a hundred times fewer objects than one row per document.
            cursor.execute(
                "SELECT group_concat(rowid) FROM search_tokens WHERE search_tokens MATCH %s", [expression(query, mark)]
            )
            (ids,) = cursor.fetchone()
        return list(map(int, ids.split(","))) if ids else []


def expression(query: Query, mark: str) -> str:
    """The FTS5 expression of *query*; tokens hold only letters, digits and `_`, so none needs escaping."""
    clauses = ["(" + " OR ".join(map(_token, tokens)) + ")" for tokens in query.forms(mark)]
    phrases = () if mark else query.phrases
    return " AND ".join(clauses + [f'(sequence : "{" ".join(phrase)}")' for phrase in phrases])


def _token(token: str) -> str:
    return f'"{token[:-1]}"*' if token.endswith("*") else f'"{token}"'
