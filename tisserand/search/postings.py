"""Each process keeps which documents hold the words asked last, brought up to date by version, like the facets.

A frequent word costs the database a list of half the documents; kept as a set, it costs it nothing the next time, and a
search of several words is an intersection.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from pyroaring import BitMap

from tisserand.search.backends import backend
from tisserand.search.index import Space
from tisserand.search.models import SPACE_BITS, SearchDoc
from tisserand.search.query import Clause

KEPT = 1_024  # clauses; at a million documents they weighed 35 kB each, 125 kB at most
ASKED_APART = 4  # beyond this, what is not held is asked of the database in one expression and not kept
RENEWED = 2_000  # beyond this many changes, the whole list is asked again


class Posting(NamedTuple):
    """The records that hold a clause, as of a version of the space or later."""

    version: int
    ids: BitMap


_held: OrderedDict[tuple[int, Clause], Posting] = OrderedDict()
_lock = threading.Lock()


def forget() -> None:
    """Drop what this process holds (tests, restored database)."""
    with _lock:
        _held.clear()


def holding(space: Space, version: int, clauses: Sequence[Clause]) -> BitMap:
    """The records of *space*, visible or not, that hold all of *clauses*, as of *version* or later."""
    unknown = [clause for clause in clauses if (space.number, clause) not in _held]
    if len(unknown) > ASKED_APART:
        return BitMap(backend().match(space.number, clauses))
    return BitMap.intersection(*(_posting(space, version, clause).ids for clause in clauses))


def _posting(space: Space, version: int, clause: Clause) -> Posting:
    key = (space.number, clause)
    with _lock:
        known = _held.get(key)
        if known:
            _held.move_to_end(key)
    if known and known.version == version:
        return known
    # A greater version is that of a database that was restored or emptied since.
    changed = _changed(space, known.version, version) if known and known.version < version else None
    if known and changed is not None:
        ids = (known.ids - changed) | BitMap(backend().match(space.number, [clause], list(changed)))
    else:
        ids = BitMap(backend().match(space.number, [clause]))
    posting = Posting(version, ids)
    with _lock:
        _held[key] = posting
        while len(_held) > KEPT:
            _held.popitem(last=False)
    return posting


def _changed(space: Space, since: int, until: int) -> BitMap | None:
    """The records that changed between two versions; None when they are too many."""
    docs = SearchDoc.objects.filter(space_id=space.number, version__gt=since, version__lte=until)
    ids = list(docs.order_by().values_list("id", flat=True)[: RENEWED + 1])
    return None if len(ids) > RENEWED else BitMap(doc >> SPACE_BITS for doc in ids)
