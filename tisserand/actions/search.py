"""What the catalogue gives to the search engine."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from tisserand.actions.enums import UNDER_WAY, FactKind, FactState
from tisserand.actions.fields import CLOSED, TEXT_KEYS
from tisserand.actions.models import Action, Fact
from tisserand.common.batches import groups
from tisserand.common.text import slug
from tisserand.search.index import Document, Space, index_documents

FACETS = (
    "dimension", "keyword", "public", "territory", "partner", "initiator", "status", "department", "structure",
)  # fmt: skip
# Counted without being offered as filters of the page: the network, and what figures lead to.
INTERNAL = ("network", "stated", "without")
SPACE = Space(1, "actions", (*FACETS, *INTERNAL))

_BODY = tuple(key for key in TEXT_KEYS if key != "summary")


def document(action: Action) -> Document:
    """The searchable form of a sheet (its structure, network, terms, facts and copies are prefetched)."""
    terms = [link.term for link in action.term_links.all()]
    structure = action.structure
    facets = [(term.facet, term.slug) for term in terms]
    facets += [("structure", structure.slug), ("network", action.network.slug)]
    if structure.department:
        facets.append(("department", slug(structure.department)))
    filled = {term.facet for term in terms}
    facets += [("without", str(field.facet)) for field in CLOSED if field.facet not in filled]
    if "partner" in filled:
        facets.append(("stated", "partner"))
    if action.has_budget:
        facets.append(("stated", "budget"))
    if any(copy.is_public for copy in action.inspired.all()):
        facets.append(("stated", "taken-up"))
    names = (structure.name, structure.department, structure.commune, *(term.label for term in terms))
    texts = tuple(getattr(action, key) for key in _BODY)
    return Document(
        object_id=action.pk,
        title=action.title,
        lead=action.summary,
        body=(*(n for n in names if n), *(t for t in texts if t)),
        facets=tuple(facets),
        visible=action.is_public,
    )


def for_index(ids: Iterable[int]) -> QuerySet[Action]:
    """Sheets with what the search index needs; those under way are told to nobody, and no sheet comes back there."""
    sheets = Action.objects.filter(pk__in=ids).exclude(state__in=UNDER_WAY).order_by("pk")
    copies = Prefetch("inspired", Action.objects.only("inspired_by", "state"))
    amounts = Prefetch("facts", Fact.objects.filter(kind=FactKind.MONEY, state=FactState.ACCEPTED))  # see `has_budget`
    return sheets.prefetch_related("structure", "network", "term_links__term", amounts, copies)


def index_actions(actions: Iterable[int]) -> None:
    """Bring the index up to date for these sheets, inside the caller's transaction."""
    # Listed first: the rows are not read while the index is written on the same connection.
    ids = list(actions)
    if not ids:
        return
    parts = groups(ids, 500)
    index_documents(SPACE, (document(action) for ids in parts for action in for_index(ids)))


def forget_actions(ids: Iterable[int]) -> None:
    """Take sheets that are no more out of the index; other processes learn of it as of any change."""
    gone = [Document(object_id=pk, title="", visible=False) for pk in ids]
    if gone:
        index_documents(SPACE, gone)


assert {str(field.facet) for field in CLOSED} <= set(FACETS)
