"""What undoing an import would do, sheet by sheet."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet

from tisserand.actions.enums import BatchState, Outcome, Undone
from tisserand.actions.imports.progress import GROUP
from tisserand.actions.imports.traces import digest
from tisserand.actions.models import Action, Fact, ImportBatch, ImportRow, SheetCall
from tisserand.common.batches import groups
from tisserand.network.models import Affiliation, Agreement, Invitation, Role, Structure, StructureMerge

SHOWN = 50  # titles of sheets edited since
_DETAILS = ("kind", "about", "address", "postcode", "commune", "phone", "email", "website")


def may_be_undone(batch: ImportBatch) -> bool:
    """Whether an import wrote something that is still known: its rows go after 90 days."""
    return batch.state == BatchState.APPLIED and batch.rows.exclude(left_as="").exists()


Judged = tuple[ImportRow, Action, Undone]


def judged(batch: ImportBatch, *, lock: bool = False) -> Iterator[list[Judged]]:
    """The sheets that an import wrote and that still exist, by groups, with what undoing does to each.

    Args:
        lock: hold them until the transaction ends, to write afterwards.
    """
    rows = batch.rows.exclude(left_as="").exclude(action=None).iterator(chunk_size=GROUP)
    for group in groups(rows, GROUP):
        sheets = _sheets([row.action_id or 0 for row in group], lock=lock)
        worked_on = {*_decided_since(batch, sheets), *_under_way(sheets)}
        yield [
            (row, sheet, _verdict(row, sheet, sheet.pk in worked_on))
            for row in group
            if (sheet := sheets.get(row.action_id or 0))
        ]


def _sheets(ids: list[int], *, lock: bool) -> dict[int, Action]:
    sheets = Action.objects.filter(pk__in=ids).order_by("pk").prefetch_related("term_links__term")
    return {sheet.pk: sheet for sheet in (sheets.select_for_update() if lock else sheets)}


def _decided_since(batch: ImportBatch, sheets: dict[int, Action]) -> QuerySet[Fact, int]:
    """Sheets of which someone read the numbers: that is work too."""
    decided = Fact.objects.filter(action__in=sheets, decided_at__gt=batch.applied_at)
    return decided.order_by().values_list("action", flat=True)


def _under_way(sheets: dict[int, Action]) -> QuerySet[Action, int]:
    """Sheets that someone is rewriting, or that others took up."""
    worked_on = Action.objects.filter(Q(rewriting__isnull=False) | Q(inspired__isnull=False), pk__in=sheets)
    return worked_on.order_by().values_list("pk", flat=True)


def _verdict(row: ImportRow, sheet: Action, worked_on: bool) -> Undone:
    if worked_on or digest(sheet, [link.original or link.term.label for link in sheet.term_links.all()]) != row.left_as:
        return Undone.KEPT
    return Undone.REMOVED if row.outcome == Outcome.CREATED else Undone.RESTORED


@dataclass(slots=True)
class UndoPlan:
    """What undoing would do, in numbers; `kept` holds the first sheets that stay since someone edited them."""

    removed: int = 0
    restored: int = 0
    kept: int = 0
    structures: int = 0
    edited: list[Action] = field(default_factory=list)


def undo_plan(batch: ImportBatch) -> UndoPlan:
    """Count what undoing an import would do now."""
    plan = UndoPlan()
    removed: set[int] = set()
    for group in judged(batch):
        for row, sheet, verdict in group:
            if verdict == Undone.REMOVED:
                removed.add(sheet.pk)
            elif verdict == Undone.RESTORED and row.outcome == Outcome.UPDATED:
                plan.restored += 1
            elif verdict == Undone.KEPT:
                plan.kept += 1
                plan.edited += [sheet] if len(plan.edited) < SHOWN else []
    plan.removed = len(removed)
    plan.structures = len(empty_structures(batch, removed))
    return plan


def left_by_undo(batch: ImportBatch) -> UndoPlan | None:
    """Once an import is undone, the sheets that stayed as someone had edited them; None for any other import."""
    if batch.state != BatchState.UNDONE:
        return None
    rows = batch.rows.filter(undone=Undone.KEPT).exclude(action=None).select_related("action")
    return UndoPlan(kept=rows.count(), edited=[row.action for row in rows[:SHOWN] if row.action])


def empty_structures(batch: ImportBatch, removed: set[int] | frozenset[int] = frozenset()) -> list[int]:
    """The structures that an import brought and that nothing is left of once the sheets in *removed* are gone.

    One that another network is tied to, of which someone filled in the page, where people have a role or are invited,
    that signed or asked something, or that another one became, is more than what the file said.
    """
    made = Structure.objects.filter(pk__in=batch.made.get("structures", []), home=batch.network_id)
    made = made.filter(Q(**dict.fromkeys(_DETAILS, "")))
    for tie in (Role, Invitation, Agreement, SheetCall):
        made = made.exclude(Exists(tie.objects.filter(structure=OuterRef("pk"))))
    made = made.exclude(Exists(StructureMerge.objects.filter(kept=OuterRef("pk"))))
    used = Action.objects.filter(structure__in=made).order_by().values_list("pk", "structure")
    tied = Affiliation.objects.filter(structure__in=made).exclude(network=batch.network_id, ends=None)
    busy = {structure for pk, structure in used.iterator() if pk not in removed}
    busy |= set(tied.values_list("structure", flat=True))
    return sorted(set(made.values_list("pk", flat=True)) - busy)
