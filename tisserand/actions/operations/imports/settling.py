"""Settling the records of an import in the preview."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tisserand.actions.enums import BatchState
from tisserand.actions.models import ImportBatch, ImportRow
from tisserand.actions.operations.imports.deciding import decide_again
from tisserand.common.operations import operation
from tisserand.network.queries import StructureKey, structure_key
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record


@dataclass(frozen=True, slots=True)
class Answer:
    """What someone chose for one record; what is not said stays as it was.

    Attributes:
        choices: what to keep by field, `here` or `file`.
        same_structure: whether its structure is the one that it looks like.
        same_sheet: whether it is the sheet that it looks like, under another title.
    """

    choices: Mapping[str, str] = field(default_factory=dict)
    same_structure: bool | None = None
    same_sheet: bool | None = None


@operation
def settle_row(
    *,
    actor: Actor,
    row: ImportRow,
    choices: Mapping[str, str],
    same_structure: bool | None = None,
    same_sheet: bool | None = None,
) -> ImportRow:
    """Settle one record."""
    settle_rows(actor=actor, batch=row.batch, answers={row.number: Answer(choices, same_structure, same_sheet)})
    row.refresh_from_db()
    return row


@operation
def settle_rows(*, actor: Actor, batch: ImportBatch, answers: Mapping[int, Answer]) -> int:
    """Note what to keep of some records, by number; returns how many of them it changes.

    Each choice keeps the value it was made against: it no longer holds if the sheet moves on. A record that is found to
    be of another structure, or another sheet, is decided again. Once the import is applied, nothing more is settled.
    """
    require_staff(actor, batch.network)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.WAITING:
        return 0
    settled = 0
    for number, answer in answers.items():
        # Read one by one: an answer may change what is asked of the records that follow.
        row = batch.rows.filter(number=number).first()
        if row and _settle(row, answer):
            settled += 1
            record(actor=actor, verb="actions.import_settled", subject=batch, row=number, fields=sorted(row.choices))
    return settled


def _settle(row: ImportRow, answer: Answer) -> bool:
    """Write an answer; False when it says what was known."""
    choices = _choices(row, answer)
    same_structure, same_sheet = row.same_structure, row.same_sheet
    if row.looks_like and answer.same_structure is not None:
        same_structure = answer.same_structure
    if row.near_sheet_id and answer.same_sheet is not None:
        same_sheet = answer.same_sheet
    before = (row.choices, row.same_structure, row.same_sheet)
    if (choices, same_structure, same_sheet) == before:
        return False
    row.choices, row.same_structure, row.same_sheet = choices, same_structure, same_sheet
    row.save(update_fields=["choices", "same_structure", "same_sheet"])
    if (same_structure, same_sheet) != before[1:]:
        alike = [other for other in row.batch.rows.iterator(chunk_size=500) if _named(other) == _named(row)]
        for other in alike:  # one answer is for all the records that name the structure in the same way
            other.same_structure, other.near_id = row.same_structure, row.near_id
        decide_again(row.batch, alike)
    return True


def _choices(row: ImportRow, answer: Answer) -> dict[str, dict[str, object]]:
    """The choices that say something: taking what the file brings goes without saying, except in a conflict."""
    kept: dict[str, dict[str, object]] = {}
    for change in row.changes:
        choice = answer.choices.get(change["field"])
        if choice not in {"here", "file"}:
            kept |= {name: known for name, known in row.choices.items() if name == change["field"]}
        elif choice == "here" or (choice == "file" and change["kind"] == "conflict"):
            kept[change["field"]] = {"kept": choice, "here": change["here"]}
    return kept


def _named(row: ImportRow) -> StructureKey:
    return structure_key(str(row.fields.get("structure", "")), str(row.fields.get("department", "")))
