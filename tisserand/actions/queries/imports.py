"""Following the files on their way into the catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, F, Q, QuerySet, Sum

from tisserand.actions.enums import BatchState, Outcome
from tisserand.actions.fields import BY_KEY
from tisserand.actions.models import ImportBatch, ImportRow
from tisserand.actions.queries.team import drafts_of, unknown_terms
from tisserand.network.models import Network
from tisserand.network.rules import Actor, networks_of_staff

# What asks for a decision comes first.
ORDER = (Outcome.CONFLICT, Outcome.REJECTED, Outcome.UPDATED, Outcome.CREATED, Outcome.UNCHANGED)
ASKED = "a-trancher"  # the records that ask something, beside those of each outcome
NAMED = 12  # told one by one, of each kind; the others are counted


def imports_kept_by(viewer: Actor) -> QuerySet[ImportBatch]:
    """The imports of the networks whose catalogue *viewer* keeps."""
    return ImportBatch.objects.filter(network__in=networks_of_staff(viewer)).select_related("network")


def imports_of(network: Network) -> QuerySet[ImportBatch]:
    """The imports of a network, the last one first."""
    return ImportBatch.objects.filter(network=network).select_related("created_by")


@dataclass(frozen=True, slots=True)
class Missing:
    """A choice that nobody made: what to keep of one field (its key), or whether a `structure` is the same."""

    number: int
    title: str
    asks: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A batch record by record.

    Attributes:
        counts: how many records by outcome; none at zero.
        listed: how many by list to read, what asks for a decision first.
        shown: the list that is read; empty when the file has no record.
        rows: its records.
        missing: the choices that are expected before anything is saved.
        unknown: values of the network's lists that wait for a decision.
        drafts: sheets that the file brought and that nobody published yet.
    """

    counts: dict[str, int]
    listed: dict[str, int]
    shown: str
    rows: QuerySet[ImportRow]
    missing: list[Missing]
    unknown: int
    drafts: int

    @property
    def written(self) -> int:
        """How many sheets were added or changed, once applied."""
        return self.counts.get(Outcome.CREATED, 0) + self.counts.get(Outcome.UPDATED, 0)

    @property
    def unsettled(self) -> int:
        """How many sheets are in conflict and not settled: no file changes them."""
        return len({one.number for one in self.missing if one.asks != "structure"})

    @property
    def saved(self) -> int:
        """How many sheets applying would write."""
        changing = (Outcome.CREATED, Outcome.UPDATED, Outcome.CONFLICT)
        return sum(self.counts.get(outcome, 0) for outcome in changing) - self.unsettled


def preview(batch: ImportBatch, wanted: str = "") -> Preview:
    """What the file would do, or did; *wanted* is what to list, by default what asks for most care."""
    waiting = batch.state == BatchState.WAITING
    kinds = {outcome.value: Count("pk", filter=Q(outcome=outcome)) for outcome in ORDER}
    counted = batch.rows.aggregate(**kinds, asking=Count("pk", filter=asks()))
    asking = counted.pop("asking") if waiting else 0
    counts: dict[str, int] = {outcome.value: counted[outcome] for outcome in ORDER if counted[outcome]}
    listed = {ASKED: asking, **counts} if asking else counts
    if asking:
        listed.pop(Outcome.CONFLICT, None)  # they all ask
    shown = wanted if wanted in listed or wanted in Outcome.values else next(iter(listed), "")
    rows = batch.rows.filter(asks() if shown == ASKED else Q(outcome=shown))
    rows = rows.select_related("near", "near_sheet", "action__structure")
    missing = list(missing_choices(batch)) if waiting else []
    return Preview(
        counts,
        listed,
        shown,
        rows.prefetch_related("action__term_links__term"),
        missing,
        unknown_terms(batch.network).count(),
        drafts_of(batch).count() if batch.as_draft else 0,
    )


def asks() -> Q:
    """The records of an import about which something is asked, answered or not."""
    return Q(outcome=Outcome.CONFLICT) | ~Q(near_name="") | Q(near_sheet__isnull=False)


def missing_choices(batch: ImportBatch) -> Iterator[Missing]:
    """The choices without which an import is not saved, in the order of the file.

    A sheet under another title is none of them: without an answer, it comes as a new one.
    """
    unsaid = Q(outcome=Outcome.CONFLICT) | (~Q(near_name="") & Q(same_structure=None))
    for row in batch.rows.filter(unsaid).defer("fields", "extras", "messages").iterator(chunk_size=500):
        if row.near_name and row.same_structure is None:
            yield Missing(row.number, row.title, "structure")
        for change in row.changes:
            if change["kind"] == "conflict" and change["field"] not in row.choices:
                yield Missing(row.number, row.title, change["field"])


def settled(batch: ImportBatch) -> int:
    """How many records someone chose something for."""
    chosen = ~Q(choices={}) | Q(same_sheet__isnull=False) | (~Q(near_name="") & Q(same_structure__isnull=False))
    return batch.rows.filter(chosen).count()


@dataclass(frozen=True, slots=True)
class Told:
    """Some records of a file, the first ones by name; `count` is that of all."""

    rows: list[dict[str, Any]]
    count: int

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Announced:
    """What to know of an import before it is saved, besides what becomes of each record."""

    structures: Told
    alike: Told
    renamed: Told
    corrected: Told
    unknown: Told
    numbers: Told
    found: int


def announced(batch: ImportBatch) -> Announced:
    """Read what the person should know before saving *batch*."""
    named = {"structure": "fields__structure", "department": "fields__department"}
    kinds = {
        "structures": Q(first_named=True, outcome=Outcome.CREATED) & (Q(near_name="") | Q(same_structure=False)),
        "alike": ~Q(near_name=""),
        "renamed": Q(near_sheet__isnull=False),
        "numbers": Q(numbers__gt=0),
    }
    # "numbers" is a column too: what is counted has names of its own.
    counted = {f"count_{kind}": Count("pk", filter=which) for kind, which in kinds.items()}
    counts = batch.rows.aggregate(**counted, found=Sum("numbers"))

    def told(kind: str, *columns: str, **renamed: str) -> Told:
        from_fields = {name: F(path) for name, path in renamed.items()}
        rows = batch.rows.filter(kinds[kind]).order_by("number").values("number", *columns, **from_fields)
        count = counts[f"count_{kind}"]
        return Told(list(rows[:NAMED]) if count else [], count)

    return Announced(
        structures=told("structures", **named),
        alike=told("alike", "near_name", "near_department", "same_structure", **named),
        renamed=told("renamed", "title", "near_sheet__title", "same_sheet"),
        corrected=_noted(batch, "corrected"),
        unknown=_noted(batch, "unknown"),
        numbers=told("numbers", "numbers"),
        found=counts["found"] or 0,
    )


def _noted(batch: ImportBatch, kind: Literal["corrected", "unknown"]) -> Told:
    values = batch.notes.get(kind, [])
    return Told([{**value, "field": BY_KEY[value["field"]].label} for value in values[:NAMED]], len(values))


def place_of(batch: ImportBatch, number: int, on_a_page: int) -> tuple[str, int]:
    """Where a record is listed: what to ask for, and its page; an empty string when the file has no such record."""
    row = batch.rows.filter(number=number).only("outcome", "batch").first()
    if row is None:
        return "", 1
    shown = row.outcome
    beside = batch.rows.filter(outcome=shown)
    if batch.state == BatchState.WAITING and batch.rows.filter(asks(), number=number).exists():
        shown, beside = ASKED, batch.rows.filter(asks())
    return shown, beside.filter(number__lt=number).count() // on_a_page + 1
