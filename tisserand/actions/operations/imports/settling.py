"""Settling one record of an import in the preview."""

from tisserand.actions.enums import BatchState
from tisserand.actions.models import ImportBatch, ImportRow
from tisserand.common.operations import operation
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record


@operation
def settle_row(*, actor: Actor, row: ImportRow, choices: dict[str, str], same_structure: bool = False) -> ImportRow:
    """Note, for one record, what to keep by field (`here` or `file`) and whether the near structure is the same.

    Each choice keeps the value it was made against: it no longer holds if the sheet moves on. Once the import is
    applied, nothing more is settled.
    """
    require_staff(actor, row.batch.network)
    batch = ImportBatch.objects.select_for_update().get(pk=row.batch_id)
    if batch.state != BatchState.WAITING:
        return row
    here = {change["field"]: change["here"] for change in row.changes}
    row.choices = {
        field: {"kept": kept, "here": here[field]}
        for field, kept in choices.items()
        if field in here and kept in {"here", "file"}
    }
    row.same_structure = bool(same_structure and row.looks_like)
    row.save(update_fields=["choices", "same_structure"])
    if row.looks_like:
        _answer_alike(row)
    record(actor=actor, verb="actions.import_settled", subject=batch, row=row.number, fields=sorted(row.choices))
    return row


def _answer_alike(row: ImportRow) -> None:
    """One answer for all the records of a file that name the structure in the same way."""
    others = ImportRow.objects.filter(batch=row.batch_id).exclude(pk=row.pk).only("pk", "fields")
    named = _named(row)
    alike = [other.pk for other in others.iterator(chunk_size=500) if _named(other) == named]
    for start in range(0, len(alike), 500):
        ImportRow.objects.filter(pk__in=alike[start : start + 500]).update(same_structure=row.same_structure)


def _named(row: ImportRow) -> tuple[object, object]:
    return row.fields.get("structure"), row.fields.get("department")
