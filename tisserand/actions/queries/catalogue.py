"""Reading the published catalogue: search, facets, pages, similar sheets."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any, Literal, NamedTuple

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from pyroaring import BitMap

from tisserand.actions.enums import State
from tisserand.actions.imports.records import is_storable
from tisserand.actions.models import Action, ActionTerm, Term
from tisserand.actions.search import FACETS, INTERNAL, SPACE
from tisserand.common.batches import groups
from tisserand.common.text import fold, slug
from tisserand.network.models import Network, Structure
from tisserand.network.queries.merging import current_slugs
from tisserand.network.rules import Actor, networks_of_staff, writing_roles
from tisserand.search.bitmaps import Bitmaps, bitmaps
from tisserand.search.engine import TIERS, Found, Related, broader, did_you_mean, related, search
from tisserand.search.snippets import marked, snippet
from tisserand.search.tokens import WORD

PAGE = 20
CHUNK = 2_000
MAX_CURSOR = 600  # a title, an identifier, and their wrapping
SNIPPET_FIELDS = ("summary", "objectives", "description", "result_residents", "people", "funding", "perspectives")

Sort = Literal["relevance", "recent", "title"]


def published() -> QuerySet[Action]:
    """Sheets that anyone may read."""
    return Action.objects.filter(state=State.PUBLISHED)


Places = frozenset[tuple[int, int]]  # the numbers of a network and of a structure


def places_written(viewer: Actor) -> Places:
    """Where *viewer* writes by a role of their own (one query)."""
    roles = writing_roles(viewer).filter(structure__isnull=False)
    return frozenset((role.network_id, role.structure_id or 0) for role in roles)


def written_by(viewer: Actor, places: Places | None = None) -> Q:
    """The sheets of the structures for which *viewer* writes, and of the networks whose catalogue they keep.

    Args:
        places: what `places_written` answered, for who knows it already.
    """
    return of_places_written(viewer, places) | Q(network__in=networks_of_staff(viewer))


def of_places_written(viewer: Actor, places: Places | None = None) -> Q:
    """The sheets of the structures for which *viewer* writes (*places* as in `written_by`).

    The places are named: a role looked for at each sheet would cost a hundred times more.
    """
    known = places_written(viewer) if places is None else places
    here = (Q(network=network, structure=structure) for network, structure in known)
    return reduce(or_, here, Q(pk__in=()))


def visible_to(viewer: Actor, places: Places | None = None) -> QuerySet[Action]:
    """Published sheets, and all those that *viewer* writes or keeps (*places* as in `written_by`)."""
    if not viewer.is_authenticated:
        return published()
    return Action.objects.filter(Q(state=State.PUBLISHED) | written_by(viewer, places))


def sheets_written_bare(viewer: Actor, places: Places | None = None) -> QuerySet[Action]:
    """The sheets that *viewer* may write, without their content (*places* as in `written_by`)."""
    return with_place(Action.objects.filter(written_by(viewer, places)))


def sheet_exists(pk: int) -> bool:
    """Whether there is such a sheet, whoever may see it: the second click of two may find it gone."""
    return Action.objects.filter(pk=pk).exists()


def with_place(actions: QuerySet[Action]) -> QuerySet[Action]:
    """Add the structure and the network, for one sheet alone: joined."""
    return actions.select_related("structure", "network")


def with_content(actions: QuerySet[Action]) -> QuerySet[Action]:
    """Add what pages and exports show: structure, network, closed values (five queries in all)."""
    # Fetched apart, not joined: few of them serve many sheets, and SQLite reads a join from the side of the network.
    return actions.prefetch_related("structure", "network", "term_links__term")


def one_with_content(actions: QuerySet[Action]) -> QuerySet[Action]:
    """The same, and its numbers, for one sheet alone: joined (three queries in all)."""
    values = Prefetch("term_links", ActionTerm.objects.select_related("term"))
    return with_place(actions).prefetch_related(values, "facts")


@dataclass(frozen=True, slots=True)
class Request:
    """What a person or a program asks of the catalogue; the address holds it whole."""

    text: str = ""
    filters: dict[str, list[str]] = field(default_factory=dict)
    sort: Sort = "recent"
    cursor: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Request":
        """Read an address; unknown parameters are ignored."""
        # A space at the end says that the last word is finished: it is kept.
        text = query.get("q", "").lstrip()[:300]
        filters = {
            facet: list(dict.fromkeys(slug(v) for v in query.getlist(facet) if v.strip()))
            for facet in (*FACETS, *INTERNAL)
            if any(v.strip() for v in query.getlist(facet))
        }
        if "structure" in filters:
            filters["structure"] = current_slugs(filters["structure"])
        wanted = query.get("sort", "")
        default: Sort = "relevance" if text else "recent"
        sorts: dict[str, Sort] = {"recent": "recent", "title": "title"}
        if text:
            sorts["relevance"] = "relevance"
        return cls(text, filters, sorts.get(wanted, default), query.get("cursor", ""))

    def address(self, **changes: Any) -> str:
        """The query string of this request with some parts changed; the cursor is kept only if given."""
        asked = QueryDict(mutable=True)
        text, sort = changes.get("text", self.text), changes.get("sort", self.sort)
        if text:
            asked["q"] = text
        for facet, values in changes.get("filters", self.filters).items():
            asked.setlist(facet, values)
        if sort != ("relevance" if text else "recent"):
            asked["sort"] = sort
        if changes.get("cursor"):
            asked["cursor"] = changes["cursor"]
        return asked.urlencode()

    def without(self, facet: str, value: str) -> str:
        """The query string once one filter is removed."""
        kept = {f: [v for v in values if (f, v) != (facet, value)] for f, values in self.filters.items()}
        return self.address(filters={f: v for f, v in kept.items() if v})


@dataclass(slots=True)  # not frozen: thousands are made for each answer
class FacetValue:
    """One value of a facet with the number of sheets it would give."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(slots=True)
class Hit:
    """A sheet in a list of results, its words marked."""

    action: Action
    title: SafeString
    excerpt: SafeString


@dataclass(slots=True)
class Catalogue:
    """The answer to a request: one page of sheets, counts, facets."""

    asked: Request
    found: Found
    actions: list[Action]
    before: int  # sheets on the pages before this one
    next_cursor: str
    facets: dict[str, list[FacetValue]]

    @property
    def count(self) -> int:
        """How many sheets match."""
        return len(self.found)

    def hits(self) -> list[Hit]:
        """The page with excerpts, and with its `facts`."""
        prefetch_related_objects(self.actions, "facts")
        query = self.found.query
        return [
            Hit(action, marked(action.title, query), snippet([getattr(action, f) for f in SNIPPET_FIELDS], query))
            for action in self.actions
        ]

    def suggestion(self) -> str:
        """Other words to try, when nothing was found."""
        return did_you_mean(SPACE, self.found.query) if not self.count and self.asked.text else ""

    def broader(self) -> list[tuple[Request, int]]:
        """The same request with less, and how many sheets it finds, when nothing was found."""
        if self.count or not self.asked.text:
            return []
        asked = self.asked
        without = [
            (replace(asked, text=text, cursor=""), n) for text, n in broader(SPACE, self.found.query, asked.filters)
        ]
        unfiltered = len(search(SPACE, asked.text)) if asked.filters else 0
        return ([(replace(asked, filters={}, cursor=""), unfiltered)] if unfiltered else []) + without


def catalogue(asked: Request, *, limit: int = PAGE) -> Catalogue:
    """Search the published sheets."""
    found = search(SPACE, asked.text, asked.filters)
    read = _by_relevance if asked.sort == "relevance" else _by_key
    rows, before = read(found, asked, limit + 1)
    ids = [pk for _key, pk in rows[:limit]]
    cursor = _encode((*rows[limit - 1], before + limit)) if len(rows) > limit else ""
    # What an import keeps for itself weighs as much as the sheet, and no list shows it.
    by_id = with_content(published()).defer("source", "settled").in_bulk(ids)
    actions = [by_id[i] for i in ids if i in by_id]
    # The cursor tells the rank as it was: sheets may have left since.
    before = max(0, min(before, len(found) - len(actions)))
    return Catalogue(asked, found, actions, before, cursor, _facets(asked, found))


def selection(asked: Request) -> Iterator[Action]:
    """All the sheets of a request, in one stable order, fetched as they are read."""
    found = search(SPACE, asked.text, asked.filters)
    for ids in groups(found.object_ids(), 500):
        yield from with_content(published().filter(pk__in=ids)).order_by("pk")


Rows = list[tuple[Any, int]]  # what a sheet is sorted by, and its identifier


def _by_relevance(found: Found, asked: Request, limit: int) -> tuple[Rows, int]:
    """Up to *limit* sheets after the cursor, by tier, and how many come before them."""
    after = _decode(asked.cursor, (int, int, int))
    after = after if after and 0 <= after[0] < len(TIERS) else None
    rows: Rows = [*found.ranked(limit, (after[0], after[1]) if after else None)]
    return rows, after[2] if after else 0


def _by_key(found: Found, asked: Request, limit: int) -> tuple[Rows, int]:
    """The same in the order of a column, walking its index and keeping what was found."""
    sort = asked.sort
    columns = ("title_key", "pk") if sort == "title" else ("published_at", "pk")
    order = columns if sort == "title" else tuple(f"-{column}" for column in columns)
    rows = published().order_by(*order)
    if len(found) <= CHUNK:
        rows = rows.filter(pk__in=list(found.object_ids()))
    step = "gt" if sort == "title" else "lt"
    after = _decode(asked.cursor, (str, int, int))
    if after and sort == "recent":
        date = _date(after[0])
        after = [date, *after[1:]] if date else None
    before = after[2] if after else 0
    page: Rows = []
    while len(page) < limit:
        part = rows.filter(_beyond(columns, after, step)) if after else rows
        chunk = list(part.values_list(*columns)[:CHUNK])
        page += [row for row in chunk if found.holds(row[1])][: limit - len(page)]
        if len(chunk) < CHUNK:
            break
        after = list(chunk[-1])
    return page, before


def _date(text: str) -> datetime | None:
    """A moment in time, or None for what is not one (or is one outside the calendar)."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _beyond(columns: Sequence[str], after: Sequence[Any], step: str) -> Q:
    key, pk = columns
    return Q(**{f"{key}__{step}": after[0]}) | Q(**{key: after[0], f"{pk}__{step}": after[1]})


def _encode(parts: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(parts), default=str).encode()).decode().rstrip("=")


def _decode(cursor: str, types: tuple[type, ...]) -> list[Any] | None:
    """Read a cursor; one that we did not make means the first page."""
    if len(cursor) > MAX_CURSOR:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        return None
    if not isinstance(parts, list) or [type(part) for part in parts] != list(types):
        return None
    numbers_fit = all(0 <= part < 1 << 27 for part in parts if isinstance(part, int))
    return parts if numbers_fit and all(is_storable(part) for part in parts if isinstance(part, str)) else None


Labels = dict[tuple[str, str], str]


class _Held(NamedTuple):
    """The labels as a version of the catalogue has them, and by facet the alphabetical rank of each value."""

    version: int
    labels: Labels
    ranks: dict[str, dict[str, int]]


_held: list[_Held] = []  # the latest only


def facet_labels() -> Labels:
    """The label of every (facet, value), kept by the process until the catalogue changes."""
    return _labels(bitmaps(SPACE)).labels


def _labels(now: Bitmaps) -> _Held:
    if not _held or _held[0].version != now.version:
        labels = _read_labels(now)
        ranks: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for rank, (facet, value) in enumerate(sorted(labels, key=lambda pair: slug(labels[pair]))):
            ranks[facet][value] = rank
        _held[:] = [_Held(now.version, labels, ranks)]
    return _held[0]


def _read_labels(held: Bitmaps) -> Labels:
    labels = {}
    for f, s, label, verified in Term.objects.order_by("-pk").values_list("facet", "slug", "label", "verified"):
        # A value that only drafts hold is nobody's business yet.
        if verified or held.visible.intersect(held.facets.get(f, {}).get(s, BitMap())):
            labels[f, s] = label
    for structure_slug, name, department in Structure.objects.values_list("slug", "name", "department"):
        labels["structure", structure_slug] = name
        if department:
            labels.setdefault(("department", slug(department)), department)
    networks = Network.objects.values_list("slug", "name")
    return labels | {("network", network_slug): name for network_slug, name in networks}


def _facets(asked: Request, found: Found) -> dict[str, list[FacetValue]]:
    """The values of each facet, those with most sheets first."""
    _version, labels, ranks = _labels(found.held)
    facets: dict[str, list[FacetValue]] = {}
    for facet in FACETS:
        chosen = asked.filters.get(facet, [])
        counts = {**dict.fromkeys(chosen, 0), **found.counts[facet]}
        known = ranks.get(facet, {})
        told = sorted((-count, known.get(value, -1), value) for value, count in counts.items())
        facets[facet] = [FacetValue(v, labels.get((facet, v), v), -count, v in chosen) for count, _rank, v in told]
    return facets


TELLING = ("keyword", "public", "partner", "initiator")  # the facets that tell why two sheets are close
Shared = tuple[tuple[str, tuple[str, ...]], ...]  # a facet, or "words" for those of the title, and what it holds


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A similar sheet and what it shares: at most two kinds of things, the most telling first, three of each."""

    action: Action
    shared: Shared


def neighbours(action: Action) -> list[Neighbour]:
    """Published sheets that resemble *action*, the closest first."""
    values = [(link.term.facet, link.term.slug) for link in action.term_links.all()]
    telling = [pair for pair in values if pair[0] in TELLING]
    close = related(SPACE, action.pk, action.title, telling)
    by_id = published().select_related("structure").in_bulk([one.object_id for one in close])
    spelled = {fold(word): word.lower() for word in WORD.findall(action.title)}
    return [Neighbour(by_id[one.object_id], _shared(one, spelled)) for one in close if one.object_id in by_id]


def _shared(one: Related, spelled: Mapping[str, str]) -> Shared:
    labels = facet_labels()
    shared = {"words": [spelled.get(word, word) for word in one.words]}
    for facet in TELLING:
        shared[facet] = [labels.get((facet, value), value) for f, value in one.values if f == facet]
    return tuple((kind, tuple(values[:3])) for kind, values in shared.items() if values)[:2]


def newest(limit: int = 30, network: Network | None = None) -> QuerySet[Action]:
    """The latest published sheets, of one network or of all."""
    rows = published().filter(network=network) if network else published()
    return rows.select_related("structure").order_by("-published_at", "-pk")[:limit]
