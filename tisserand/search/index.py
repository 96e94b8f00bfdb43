"""Writing to the index: called inside the transaction of the operation that changed the records."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F

from tisserand.common.batches import groups
from tisserand.search.backends import backend
from tisserand.search.models import SPACE_BITS, SearchDoc, SearchSpace, SearchWord
from tisserand.search.tokens import TOKEN_LIMIT, bag

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Document:
    """What the index needs of one record. Facets are pairs of a facet's key and a slug (no space in either)."""

    object_id: int
    title: str
    lead: str = ""
    body: tuple[str, ...] = ()
    facets: tuple[tuple[str, str], ...] = ()
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Space:
    """A kind of searchable thing, declared by the app that owns it."""

    number: int
    key: str
    facets: tuple[str, ...] = field(default=())

    def doc_id(self, object_id: int) -> int:
        """The id of a record's document."""
        return object_id << SPACE_BITS | self.number


def index_documents(space: Space, documents: Iterable[Document]) -> None:
    """Insert or replace *documents*, and tell every process that the space changed."""
    version = _next_version(space)
    met: set[str] = set()
    for batch in groups(documents, BATCH):
        met |= _store(space, version, batch)
    _remember_words(space, met)


def _next_version(space: Space) -> int:
    """Take the next version: the row stays locked until commit, so versions are seen in order."""
    SearchSpace.objects.get_or_create(number=space.number, defaults={"key": space.key})
    SearchSpace.objects.filter(number=space.number).update(version=F("version") + 1)
    return SearchSpace.objects.values_list("version", flat=True).get(number=space.number)


def _store(space: Space, version: int, documents: list[Document]) -> set[str]:
    """Store a batch; the words that people may be shown as suggestions."""
    bags = {space.doc_id(d.object_id): bag(d.title, d.lead, d.body) for d in documents}
    backend().store(bags)
    SearchDoc.objects.bulk_create(
        [
            SearchDoc(
                id=space.doc_id(d.object_id),
                space_id=space.number,
                version=version,
                visible=d.visible,
                facets=" ".join(f"{key}={value}" for key, value in d.facets),
            )
            for d in documents
        ],
        update_conflicts=True,
        update_fields=["version", "visible", "facets"],
        unique_fields=["id"],
        batch_size=BATCH,
    )
    return set[str]().union(*(bags[space.doc_id(d.object_id)].words for d in documents if d.visible))


def _remember_words(space: Space, met: set[str]) -> None:
    ordered = sorted(word for word in met if 3 <= len(word) <= TOKEN_LIMIT and not word.isdigit())
    # Sorted, so that two transactions insert in the same order and cannot wait for one another.
    for start in range(0, len(ordered), BATCH):
        chunk = ordered[start : start + BATCH]
        known = set(SearchWord.objects.filter(space_id=space.number, word__in=chunk).values_list("word", flat=True))
        new = [SearchWord(space_id=space.number, word=word) for word in chunk if word not in known]
        SearchWord.objects.bulk_create(new, ignore_conflicts=True)


def optimise() -> None:
    """After a large load: merge the FTS5 segments, or refresh PostgreSQL's statistics."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO search_tokens(search_tokens) VALUES ('optimize')")
            cursor.execute("ANALYZE")
        else:
            cursor.execute("ANALYZE")
