"""What the network's desk watches over: sheets that nobody said are still true, and what the catalogue lacks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tisserand.actions.enums import Facet, State
from tisserand.actions.models import Action, ActionTerm, Term
from tisserand.actions.queries.catalogue import Places, of_places_written, published
from tisserand.actions.vocabulary import ENDED, is_over
from tisserand.common.periods import holding
from tisserand.common.text import fold
from tisserand.network.enums import StructureKind
from tisserand.network.models import Network, Role, Structure
from tisserand.network.queries import members_of
from tisserand.network.rules import WRITING_KINDS, Actor

STALE_AFTER = timedelta(days=365)
FEW = 1  # sheets: a value that has no more is told


def stale() -> QuerySet[Action]:
    """Public sheets of actions that are not over, that nobody changed or confirmed for a year; the oldest first.

    Those of which a rewriting waits for the network are being taken care of.
    """
    limit = timezone.now() - STALE_AFTER
    over = ActionTerm.objects.filter(action=OuterRef("pk"), term__facet=Facet.STATUS, term__key=ENDED)
    rows = published().filter(Q(confirmed_at=None) | Q(confirmed_at__lt=limit), ~Exists(over), updated_at__lt=limit)
    return (
        rows.exclude(rewriting__state=State.SUBMITTED)
        .select_related("structure", "network", "rewriting")
        .order_by("updated_at", "pk")
    )


def is_stale(sheet: Action) -> bool:
    """The same of one sheet that comes with its content, whatever waits for the network."""
    limit = timezone.now() - STALE_AFTER
    return sheet.is_public and not is_over(sheet.labels(Facet.STATUS)) and sheet.fresh_at < limit


def stale_in(network: Network) -> QuerySet[Action]:
    """Those of a network."""
    return stale().filter(network=network)


def stale_written_by(writer: Actor, places: Places | None = None) -> QuerySet[Action]:
    """Those of the structures for which *writer* writes (*places* as in `written_by`)."""
    return stale().filter(of_places_written(writer, places))


@dataclass(frozen=True, slots=True)
class Place:
    """A commune and its member structures; `department` where another commune has the same name."""

    commune: str
    department: str
    structures: list[Structure]


@dataclass(frozen=True, slots=True)
class Gaps:
    """What the catalogue of a network lacks, each with its base.

    Structures have `sheets` (0) and `has_writers`; values have `sheets` (0 or 1).
    """

    structures: list[Structure]
    members: int
    terms: list[Term]
    values: int
    communes: list[Place]
    places: int

    @property
    def count(self) -> int:
        """How many gaps there are."""
        return len(self.structures) + len(self.terms) + len(self.communes)


def gaps(network: Network) -> Gaps:
    """Members without a public sheet, values that none or one bears, communes without any (two queries).

    Funders are not counted: who pays for actions is not expected to tell any.
    """
    told = Q(actions__network=network, actions__state=State.PUBLISHED)
    writers = holding(Role.objects.filter(kind__in=WRITING_KINDS))
    here = writers.filter(network=network, structure=OuterRef("pk"))
    leading = members_of(network).exclude(kind=StructureKind.FUNDER)
    sheets = Count("actions", filter=told, distinct=True)
    members = list(leading.annotate(sheets=sheets, has_writers=Exists(here)))
    borne = Q(action_links__action__state=State.PUBLISHED)
    terms = Term.objects.filter(network=network, verified=True, facet__in=(Facet.DIMENSION, Facet.KEYWORD))
    values = list(terms.annotate(sheets=Count("action_links", filter=borne)).order_by("facet", "position", "pk"))
    places = _places(members)
    told_of = {one.pk for one in members if one.sheets}
    without = [place for place in places if not told_of & {one.pk for one in place.structures}]
    return Gaps(
        structures=[one for one in members if not one.sheets],
        members=len(members),
        terms=[one for one in values if one.sheets <= FEW],
        values=len(values),
        communes=sorted(without, key=lambda place: fold(place.commune)),
        places=len(places),
    )


def _places(members: Iterable[Structure]) -> list[Place]:
    """The communes of these structures, one whatever its spelling, two where two départements have one of that name."""
    found: dict[tuple[str, str], list[Structure]] = {}
    for structure in members:
        if structure.commune_key:
            found.setdefault((structure.commune_key, structure.department_key), []).append(structure)
    named = Counter(commune for commune, _department in found)
    return [
        Place(here[0].commune, here[0].department if named[commune] > 1 else "", here)
        for (commune, _department), here in found.items()
    ]
