"""Following the files on their way into the catalogue."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from tisserand.actions.enums import Outcome
from tisserand.actions.models import ImportBatch, ImportRow
from tisserand.actions.queries.team import drafts_of, unknown_terms
from tisserand.network.models import Network
from tisserand.network.rules import Actor, networks_of_staff

# What asks for a decision comes first.
ORDER = (Outcome.CONFLICT, Outcome.REJECTED, Outcome.UPDATED, Outcome.CREATED, Outcome.UNCHANGED)


def imports_kept_by(viewer: Actor) -> QuerySet[ImportBatch]:
    """The imports of the networks whose catalogue *viewer* keeps."""
    return ImportBatch.objects.filter(network__in=networks_of_staff(viewer)).select_related("network")


def imports_of(network: Network, limit: int = 50) -> QuerySet[ImportBatch]:
    """The latest imports of a network."""
    return ImportBatch.objects.filter(network=network).select_related("created_by")[:limit]


@dataclass(frozen=True, slots=True)
class Preview:
    """A batch record by record.

    Attributes:
        counts: how many records by outcome, those that ask for a decision first; none at zero.
        shown: the outcome whose records are listed; empty when the file has none.
        rows: the records of that outcome.
        unsettled: sheets in conflict that nobody settled: applying leaves them as they are.
        unknown: values of the network's lists that wait for a decision.
        drafts: sheets that the file brought and that nobody published yet.
    """

    counts: dict[Outcome, int]
    shown: str
    rows: QuerySet[ImportRow]
    unsettled: int
    unknown: int
    drafts: int

    @property
    def saved(self) -> int:
        """How many sheets applying would write."""
        changing = (Outcome.CREATED, Outcome.UPDATED, Outcome.CONFLICT)
        return sum(self.counts.get(outcome, 0) for outcome in changing) - self.unsettled


def preview(batch: ImportBatch, wanted: str = "") -> Preview:
    """What the file would do, or did; *wanted* is the outcome to list, by default the one that asks for most care."""
    counted = dict(batch.rows.order_by().values_list("outcome").annotate(n=Count("pk")))
    counts = {outcome: counted[outcome] for outcome in ORDER if outcome in counted}
    shown = wanted if wanted in Outcome.values else next(iter(counts), "")
    rows = batch.rows.filter(outcome=shown).select_related("near", "action__structure")
    return Preview(
        counts, shown, rows, _unsettled(batch), unknown_terms(batch.network).count(), drafts_of(batch).count()
    )


def _unsettled(batch: ImportBatch) -> int:
    conflicts = batch.rows.filter(outcome=Outcome.CONFLICT).order_by().values_list("changes", "choices")
    return sum(
        any(change["kind"] == "conflict" and change["field"] not in choices for change in changes)
        for changes, choices in conflicts.iterator()
    )
