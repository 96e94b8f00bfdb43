"""Tokens in a tsvector under a GIN index."""

import json

from django.db import connection

from tisserand.search.models import SPACE_BITS, SPACE_MASK
from tisserand.search.query import EXACT, Query
from tisserand.search.tokens import Bag

CREATE = [
    "CREATE TABLE search_tokens (id bigint PRIMARY KEY, tokens tsvector NOT NULL)",
    "CREATE INDEX search_tokens_gin ON search_tokens USING gin (tokens)",
]
LAST_POSITION = 16_383  # PostgreSQL's limit: further words are found, but in no phrase
POSITIONS_PER_TOKEN = 255


class TsVector:
    """Full-text search by PostgreSQL, with our own tokens (its `simple` parser never sees text)."""

    def store(self, bags: dict[int, Bag]) -> None:
        """See `Backend.store`."""
        rows = [(doc, vector(bag)) for doc, bag in bags.items()]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO search_tokens (id, tokens) VALUES (%s, %s::tsvector) "
                "ON CONFLICT (id) DO UPDATE SET tokens = EXCLUDED.tokens",
                rows,
            )

    def match(self, space: int, query: Query, mark: str) -> list[int]:
        """See `Backend.match`."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT string_agg((id >> {SPACE_BITS})::text, ',') FROM search_tokens "  # noqa: S608 - a constant of ours
                f"WHERE tokens @@ %s::tsquery AND (id & {SPACE_MASK}) = %s",
                [expression(query, mark), space],
            )
            (ids,) = cursor.fetchone()
        return json.loads(f"[{ids}]") if ids else []


def vector(bag: Bag) -> str:
    """The tsvector literal of a bag: reading order as positions."""
    positions: dict[str, list[int]] = {}
    for place, token in enumerate(bag.sequence, 1):
        found = positions.setdefault(token, [])
        if place <= LAST_POSITION and len(found) < POSITIONS_PER_TOKEN:
            found.append(place)
    ordered = [f"'{t}':{','.join(map(str, p))}" if p else f"'{t}'" for t, p in positions.items()]
    return " ".join(ordered + [f"'{token}'" for token in bag.extra if token not in positions])


def expression(query: Query, mark: str) -> str:
    """The tsquery of *query*; tokens hold only letters, digits and `_`, so none needs escaping."""
    clauses = ["(" + "|".join(map(_token, tokens)) + ")" for tokens in query.forms(mark)]
    phrases = query.phrases if mark in {"", EXACT} else ()
    return " & ".join(clauses + ["(" + " <-> ".join(f"'{stem}'" for stem in phrase) + ")" for phrase in phrases])


def _token(token: str) -> str:
    return f"'{token[:-1]}':*" if token.endswith("*") else f"'{token}'"
