"""Undoing an import once it is written: what nobody edited since goes back to what it was."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from tisserand.actions.enums import BatchState, Outcome, Undone
from tisserand.actions.models import Action, Fact, ImportBatch, ImportRow, Term
from tisserand.actions.operations.sheets import apply_values
from tisserand.actions.queries.undoing import empty_structures, judged, may_be_undone
from tisserand.actions.search import forget_actions, index_actions
from tisserand.actions.vocabulary import Vocabulary
from tisserand.common.operations import operation
from tisserand.network.models import Affiliation, Network, Role, Structure, User
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record as journal


@operation
def undo_import(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Take an import back; undoing twice is undoing once.

    Sheets that it created go, sheets that it changed return to what they were, structures and values that it brought
    and that nothing uses go. A sheet edited since stays as it is, its row says so.
    """
    require_staff(actor, batch.network)
    network = Network.objects.select_for_update(no_key=True).get(pk=batch.network_id)  # in the order of `apply_import`
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if not may_be_undone(batch):
        return batch
    counts = _undo_sheets(actor, batch, Vocabulary(network))
    counts["structures"] = _remove_structures(batch)
    _remove_terms(batch)
    batch.state = BatchState.UNDONE
    batch.save()
    journal(actor=actor, verb="actions.import_undone", subject=batch, network=network.pk, **counts)
    return batch


def _undo_sheets(actor: Actor, batch: ImportBatch, vocabulary: Vocabulary) -> Counter[str]:
    counts: Counter[str] = Counter()
    removed: list[int] = []
    restored: list[int] = []
    for group in judged(batch, lock=True):
        for row, sheet, verdict in group:
            row.undone = verdict
            counts[verdict] += 1
            if verdict == Undone.REMOVED:
                removed.append(sheet.pk)
            elif verdict == Undone.RESTORED:
                _restore(actor, row, sheet, vocabulary)
                restored += [sheet.pk] if row.outcome == Outcome.UPDATED else []
        ImportRow.objects.bulk_update([row for row, _sheet, _verdict in group], ["undone"])
        gone = [sheet.pk for _row, sheet, verdict in group if verdict == Undone.REMOVED]
        Action.objects.filter(pk__in=gone).delete()
    forget_actions(removed)
    index_actions(restored)
    return counts


def _restore(actor: Actor, row: ImportRow, sheet: Action, vocabulary: Vocabulary) -> None:
    """Give a sheet back what the import replaced, decisions on its numbers included."""
    former = row.before
    sheet.extras, sheet.source, sheet.settled = former["extras"], former["source"], former["settled"]
    if not _is_taken(sheet, former["key"]):
        sheet.source_identity, sheet.source_key = former["identity"], former["key"]
    if not former["values"]:
        sheet.save(update_fields=["extras", "source", "settled", "source_identity", "source_key"])
        return
    apply_values(sheet, former["values"], vocabulary, by=actor)
    Fact.objects.filter(action=sheet, field__in=former["values"]).delete()
    Fact.objects.bulk_create(_facts(sheet, former["facts"]))


def _is_taken(sheet: Action, key: str | None) -> bool:
    """Whether another sheet came since under the name that this one had."""
    others = Action.objects.filter(network=sheet.network_id, source_key=key).exclude(pk=sheet.pk)
    return key is not None and others.exists()


def _facts(sheet: Action, kept: Iterable[Mapping[str, Any]]) -> list[Fact]:
    kept = list(kept)
    people = set(User.objects.filter(pk__in=[one["decided_by"] for one in kept]).values_list("pk", flat=True))
    return [
        Fact(
            action=sheet,
            **{key: one[key] for key in one.keys() - {"low", "high", "decided_by", "decided_at"}},
            low=Decimal(one["low"]),
            high=Decimal(one["high"]),
            decided_by_id=one["decided_by"] if one["decided_by"] in people else None,
            decided_at=datetime.fromisoformat(one["decided_at"]) if one["decided_at"] else None,
        )
        for one in kept
    ]


def _remove_structures(batch: ImportBatch) -> int:
    """Remove the structures that the import brought and that nothing is left of, and ties that it opened in vain."""
    empty = empty_structures(batch)
    Structure.objects.filter(pk__in=empty).delete()
    opened = Affiliation.objects.filter(pk__in=batch.made.get("affiliations", []), ends=None)
    used = Action.objects.filter(network=batch.network_id).values("structure")
    held = Role.objects.filter(network=batch.network_id, structure__isnull=False).values("structure")
    opened.exclude(structure__in=used).exclude(structure__in=held).delete()
    return len(empty)


def _remove_terms(batch: ImportBatch) -> None:
    """Remove the unknown values that the import brought, unless someone took them in or uses them."""
    brought = Term.objects.filter(pk__in=batch.made.get("terms", []), network=batch.network_id, verified=False)
    brought.filter(action_links=None, aliases=None).delete()
