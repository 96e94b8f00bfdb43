"""What the team reads to keep the catalogue of a network."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from rapidfuzz import fuzz, process

from tisserand.actions.enums import BatchState, Facet, FactState, Outcome, State
from tisserand.actions.models import Action, Fact, ImportBatch, Term, TermAlias
from tisserand.actions.queries.catalogue import Places, one_with_content, sheets_written_bare
from tisserand.network.models import Network, User
from tisserand.network.rules import Actor, networks_of_staff
from tisserand.privacy.journal import has_done

LIKELY = 70  # rapidfuzz score from which a known value is proposed for an unknown one
PROPOSED = 3


def sheets_written_by(viewer: Actor, places: Places | None = None) -> QuerySet[Action]:
    """The sheets that *viewer* may write, for a structure or for the network's team, to open one with its content.

    Args:
        places: as in `written_by`.
    """
    return one_with_content(sheets_written_bare(viewer, places))


def public_sheets_written_by(viewer: Actor, places: Places | None = None) -> QuerySet[Action]:
    """Those of them that are public (*places* as in `written_by`)."""
    return sheets_written_by(viewer, places).filter(state=State.PUBLISHED)


def has_begun(user: User) -> bool:
    """Whether someone began a sheet, or rewrote one: what is published or thrown away is told by the journal."""
    return Action.objects.filter(created_by=user).exists() or has_done(user, "actions.begun", "actions.rewriting")


def sheets_kept_by(viewer: Actor) -> QuerySet[Action]:
    """The sheets that *viewer* may edit, published or not, to open one with its content."""
    return one_with_content(Action.objects.filter(network__in=networks_of_staff(viewer)))


def has_sheets(network: Network) -> bool:
    """Whether a network has any sheet, published or not."""
    return Action.objects.filter(network=network).exists()


def terms_kept_by(viewer: Actor) -> QuerySet[Term]:
    """The values of the closed lists of the networks whose catalogue *viewer* keeps."""
    return Term.objects.filter(network__in=networks_of_staff(viewer)).select_related("network")


def aliases_kept_by(viewer: Actor) -> QuerySet[TermAlias]:
    """The misspellings known to the networks whose catalogue *viewer* keeps."""
    return TermAlias.objects.filter(network__in=networks_of_staff(viewer)).select_related("network", "term")


def drafts(network: Network) -> QuerySet[Action]:
    """Sheets that files brought and that only the team sees, the last one changed first; nobody is writing them."""
    rows = Action.objects.filter(network=network, state=State.DRAFT, created_by=None, revises=None)
    rows = rows.select_related("structure")
    return rows.order_by("-updated_at", "-pk")


def drafts_of(batch: ImportBatch) -> QuerySet[Action]:
    """The sheets that an import brought as drafts and that nobody published yet."""
    brought = batch.rows.filter(outcome=Outcome.CREATED).values("action")
    rows = Action.objects.filter(pk__in=brought, state=State.DRAFT).select_related("structure")
    return rows.order_by("pk")


def imports_with_drafts(network: Network) -> QuerySet[ImportBatch]:
    """The imports whose drafts nobody published yet (how many: `count`), the last one first."""
    brought = Q(rows__outcome=Outcome.CREATED, rows__action__state=State.DRAFT)
    return ImportBatch.objects.filter(brought, network=network).annotate(count=Count("rows")).order_by("-pk")


def pending_facts(network: Network) -> QuerySet[Fact]:
    """Numbers that nobody has read yet."""
    return Fact.objects.filter(action__network=network, action__revises=None, state=FactState.PENDING)


def sheets_to_read(network: Network) -> QuerySet[Action]:
    """Sheets with numbers that nobody has read yet (how many: `count`), those with most first."""
    rows = Action.objects.filter(network=network, revises=None, facts__state=FactState.PENDING)
    return rows.annotate(count=Count("facts")).select_related("structure").order_by("-count", "pk")


def next_to_read(action: Action) -> Action | None:
    """The sheet to read after this one, in the order of the list and round again; None when it is the only one."""
    others = sheets_to_read(action.network).exclude(pk=action.pk)
    count = action.facts.filter(state=FactState.PENDING).count()
    return others.filter(Q(count__lt=count) | Q(count=count, pk__gt=action.pk)).first() or others.first()


def unknown_terms(network: Network) -> QuerySet[Term]:
    """Values that came with a file and wait for a decision."""
    return Term.objects.filter(network=network, verified=False)


def nearest(term: Term, terms: Iterable[Term]) -> list[Term]:
    """The known values that an unknown one may be a misspelling of, the likeliest first."""
    by_key = {one.key: one for one in terms}
    found = process.extract(term.key, by_key.keys(), scorer=fuzz.WRatio, score_cutoff=LIKELY, limit=PROPOSED)
    return [by_key[key] for key, _score, _rank in found]


@dataclass(frozen=True, slots=True)
class ClosedList:
    """A list of a network: its values, and those that wait for a decision. Each term has `uses` and its aliases."""

    facet: Facet
    terms: list[Term]
    unknown: list[Term]


def closed_lists(network: Network) -> list[ClosedList]:
    """The closed lists of a network, in the order of the form (two queries)."""
    terms = Term.objects.filter(network=network).annotate(uses=Count("action_links")).prefetch_related("aliases")
    by_facet: dict[str, list[Term]] = {facet: [] for facet in Facet.values}
    for term in terms:
        by_facet[term.facet].append(term)
    return [
        ClosedList(Facet(facet), [t for t in found if t.verified], [t for t in found if not t.verified])
        for facet, found in by_facet.items()
    ]


def _changes(batch: ImportBatch) -> bool:
    """Whether saving a file would write anything."""
    counts = batch.counts
    return bool(counts.get("read", 0) > counts.get("unchanged", 0) + counts.get("rejected", 0))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for someone of the team of a network."""

    imports: list[ImportBatch]
    unknown: int
    facts: int
    drafts: int


def waiting(network: Network, *, verifies: bool) -> Waiting:
    """Files to read again, values to verify for who may (*verifies*), numbers to read, sheets to publish.

    A file that would change nothing waits for nobody.
    """
    batches = ImportBatch.objects.filter(network=network, state=BatchState.WAITING)
    return Waiting(
        imports=[batch for batch in batches if _changes(batch)],
        unknown=unknown_terms(network).count() if verifies else 0,
        facts=pending_facts(network).count(),
        drafts=drafts(network).count(),
    )
