"""Each process keeps the facets of a space as sets of ids, brought up to date by version."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from pyroaring import BitMap

from tisserand.search import postings
from tisserand.search.index import Space
from tisserand.search.models import SPACE_BITS, SearchDoc, SearchSpace

RELOAD_ABOVE = 20_000  # beyond this many changes, reading everything again is quicker


@dataclass(slots=True)
class Bitmaps:
    """The visible records of a space at one version, by id; never changed once built, so threads share it."""

    version: int
    visible: BitMap = field(default_factory=BitMap)
    facets: dict[str, dict[str, BitMap]] = field(default_factory=dict)


_current: dict[int, Bitmaps] = {}
_lock = threading.Lock()


def bitmaps(space: Space) -> Bitmaps:
    """The bitmaps of *space* as committed now (one query; more only when something changed)."""
    version = _committed(space)
    held = _current.get(space.number)
    if held and held.version == version:
        return held
    with _lock:
        # Read again: another thread may have gone further while this one waited.
        version = _committed(space)
        held = _current.get(space.number)
        if held is None or held.version > version:  # greater: the database was restored or emptied
            fresh = _load(space, version)
        elif held.version < version:
            fresh = _refresh(space, held, version)
        else:
            return held
        _current[space.number] = fresh
        return fresh


def _committed(space: Space) -> int:
    return SearchSpace.objects.filter(number=space.number).values_list("version", flat=True).first() or 0


def forget() -> None:
    """Drop what this process holds (tests, restored database)."""
    _current.clear()
    postings.forget()


def _load(space: Space, version: int) -> Bitmaps:
    by_facets: dict[str, list[int]] = defaultdict(list)
    rows = SearchDoc.objects.filter(space_id=space.number, visible=True, version__lte=version)
    for doc, facets in rows.values_list("id", "facets").iterator(chunk_size=20_000):
        by_facets[facets].append(doc >> SPACE_BITS)
    by_pair: dict[str, BitMap] = defaultdict(BitMap)
    visible = BitMap()
    for facets, ids in by_facets.items():
        group = BitMap(ids)
        visible |= group
        for pair in facets.split():
            by_pair[pair] |= group
    result = Bitmaps(version, visible)
    for pair, ids_of in by_pair.items():
        facet, value = pair.split("=", 1)
        ids_of.run_optimize()
        result.facets.setdefault(facet, {})[value] = ids_of
    return result


def _refresh(space: Space, held: Bitmaps, version: int) -> Bitmaps:
    changed = SearchDoc.objects.filter(space_id=space.number, version__gt=held.version, version__lte=version)
    rows = list(changed.values_list("id", "visible", "facets")[: RELOAD_ABOVE + 1])
    if len(rows) > RELOAD_ABOVE:
        return _load(space, version)
    gone = BitMap([doc >> SPACE_BITS for doc, _visible, _facets in rows])
    facets = {
        facet: {value: (ids - gone if ids.intersect(gone) else ids) for value, ids in values.items()}
        for facet, values in held.facets.items()
    }
    shown = [(doc >> SPACE_BITS, pairs) for doc, visible, pairs in rows if visible]
    added: dict[str, list[int]] = defaultdict(list)
    for object_id, pairs in shown:
        for pair in pairs.split():
            added[pair].append(object_id)
    for pair, ids in added.items():
        facet, value = pair.split("=", 1)
        values = facets.setdefault(facet, {})
        values[value] = values.get(value, BitMap()) | BitMap(ids)
    return Bitmaps(version, (held.visible - gone) | BitMap([object_id for object_id, _pairs in shown]), facets)
