"""Tokens in a tsvector under a GIN index."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, transaction

from tisserand.search.models import SPACE_BITS, SPACE_MASK
from tisserand.search.query import Clause
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

    def match(self, space: int, clauses: Sequence[Clause], among: Collection[int] | None = None) -> list[int]:
        """See `Backend.match`."""
        condition = f"(id & {SPACE_MASK}) = %s"
        values: list[Any] = [expression(clauses), space]
        if among is not None:
            condition += " AND id = ANY(%s)"
            values.append([object_id << SPACE_BITS | space for object_id in among])
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            # The planner counts the pages of the table, not those where long vectors lie: for a frequent word it would
            # read them all, a hundred times slower than the index. One message to the server for the three.
            cursor.execute(
                "SET LOCAL enable_seqscan = off; "  # noqa: S608 - constants of ours
                f"SELECT string_agg((id >> {SPACE_BITS})::text, ',') FROM search_tokens "
                f"WHERE tokens @@ %s::tsquery AND {condition}; "
                "SET LOCAL enable_seqscan = on",
                values,
            )
            cursor.nextset()
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


def expression(clauses: Sequence[Clause]) -> str:
    """The tsquery of *clauses*; tokens hold only letters, digits and `_`, so none needs escaping."""
    written = ((" <-> " if clause.in_order else "|").join(map(_token, clause.tokens)) for clause in clauses)
    return " & ".join(f"({one})" for one in written)


def _token(token: str) -> str:
    return f"'{token[:-1]}':*" if token.endswith("*") else f"'{token}'"
