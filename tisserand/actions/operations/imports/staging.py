"""Reading a deposited file: its records are staged beside the catalogue, which does not change."""

import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tisserand.actions.enums import BatchState, Outcome
from tisserand.actions.fields import CLOSED
from tisserand.actions.imports.notes import Notes
from tisserand.actions.imports.plan import Decision, Planner
from tisserand.actions.imports.progress import GROUP, TOLD_EVERY, tell_progress
from tisserand.actions.imports.reader import open_records
from tisserand.actions.imports.records import FileRefused, Record, Values, storable
from tisserand.actions.imports.report import MAX_MESSAGES, empty_counts
from tisserand.actions.models import ImportBatch, ImportRow
from tisserand.actions.operations.imports.deciding import count_again, count_numbers, decide_homonyms, propose_renamed
from tisserand.actions.vocabulary import Vocabulary, ensure_vocabulary
from tisserand.common.batches import groups
from tisserand.network.queries import Near
from tisserand.network.rules import Actor, require_staff


class _Overtaken(Exception):
    """The batch was cancelled, or taken by someone else: this reading stops without a trace."""


def read_import(*, actor: Actor, batch: ImportBatch, path: Path | None = None) -> ImportBatch:
    """Stage the records of a deposited file, once; after a cut and `resume_import` it starts over.

    A write without the frame of the others: many small transactions, so that progress is seen while it runs.
    Each checks that the batch is still ours. The vocabulary may gain its first values.
    """
    require_staff(actor, batch.network)
    claim = secrets.token_hex(8)
    if not ImportBatch.objects.filter(pk=batch.pk, state=BatchState.READING, claim="").update(claim=claim):
        return ImportBatch.objects.get(pk=batch.pk)
    ImportRow.objects.filter(batch=batch).delete()
    reader = _Reader(batch, claim)
    try:
        reader.read(path or Path(batch.file.path))
    except FileRefused as refusal:
        reader.refuse(refusal)
    except _Overtaken:
        pass
    return ImportBatch.objects.get(pk=batch.pk)


class _Reader:
    """Reads one file for one claim."""

    def __init__(self, batch: ImportBatch, claim: str) -> None:
        self.batch, self.claim = batch, claim
        self.counts: Counter[str] = Counter()
        self.messages: list[dict[str, Any]] = []

    def read(self, path: Path) -> None:
        """Stage every record, then let the batch wait for a decision."""
        reading = open_records(path)
        planner = Planner(self.batch.network, ensure_vocabulary(self.batch.network))
        notes = Notes(planner.vocabulary)
        for group in groups(self._told(reading.records), GROUP):
            self._stage(planner.decide(group), planner, notes)
        with transaction.atomic():
            batch = self._ours()
            decide_homonyms(batch, planner)
            propose_renamed(batch, planner)
            batch.format = reading.format
            batch.notes = notes.as_dict()
            batch.messages = _trimmed([message.as_dict() for message in reading.messages] + self.messages)
            batch.total = self.counts["read"]
            batch.state = BatchState.WAITING
            batch.save()
            count_again(batch)

    def _told(self, records: Iterator[Record]) -> Iterator[Record]:
        """The same records, their count told while they are read."""
        for count, record in enumerate(records, 1):
            yield record
            if count % TOLD_EVERY == 0:
                tell_progress(self.batch.pk, count, step=BatchState.READING)

    def refuse(self, refusal: FileRefused) -> None:
        """Nothing of the file is kept but what is wrong with it."""
        with transaction.atomic():
            batch = self._ours()
            batch.rows.all().delete()
            batch.counts = {**empty_counts(), "rejected": 1}
            message = {"line": refusal.line, "record": None, "field": None, "level": "error", "text": refusal.text}
            batch.messages = [message]
            batch.state = BatchState.REFUSED
            batch.save()

    def _ours(self) -> ImportBatch:
        batch = ImportBatch.objects.select_for_update().filter(pk=self.batch.pk, claim=self.claim).first()
        if batch is None or batch.state != BatchState.READING:
            raise _Overtaken
        return batch

    def _stage(self, decisions: list[Decision], planner: Planner, notes: Notes) -> None:
        rows = [_staged(self.batch, decision, planner) for decision in decisions]
        with transaction.atomic():
            self._ours().save(update_fields=["updated_at"])
            ImportRow.objects.bulk_create(rows)
        for decision, row in zip(decisions, rows, strict=True):
            notes.see(decision.record)
            self.counts["read"] += 1
            # A file of a million bad lines says the same a million times.
            self.messages += row.messages if len(self.messages) < 5 * MAX_MESSAGES else []


def _trimmed(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The gravest first, up to a limit that is told."""
    order = {"error": 0, "warning": 1, "info": 2}
    kept = sorted(messages, key=lambda message: order[message["level"]])
    if len(kept) <= MAX_MESSAGES:
        return kept
    more = _("Et %(count)d autres messages.") % {"count": len(kept) - MAX_MESSAGES}
    last = {"line": None, "record": None, "field": None, "level": "info", "text": more}
    return [*kept[:MAX_MESSAGES], last]


def _staged(batch: ImportBatch, decision: Decision, planner: Planner) -> ImportRow:
    record = decision.record
    near = None
    first_named = decision.outcome == Outcome.CREATED and _is_first_to_name(record, planner)
    if first_named:
        near = _near_structure(record, planner)
    for field, raw in _unknown_values(record, planner.vocabulary):
        record.say(_("Valeur inconnue « %(value)s », à vérifier.") % {"value": raw}, field=field)
    return ImportRow(
        batch=batch,
        number=record.number,
        line=record.line,
        title=storable(record.title),
        identity=decision.match.identity,
        outcome=decision.outcome,
        fields={key: _storable(value) for key, value in record.fields.items()},
        extras=[{key: storable(text) for key, text in extra.items()} for extra in record.extras],
        action=decision.action,
        changes=[change.as_dict() for change in decision.changes],
        messages=[{**message.as_dict(), "text": storable(message.text)} for message in record.messages],
        near_id=near.structure_id if near else None,
        near_name=near.name if near else "",
        near_department=near.department if near else "",
        first_named=first_named,
        numbers=count_numbers(decision),
    )


def _storable(value: Values) -> Values:
    return storable(value) if isinstance(value, str) else [storable(one) for one in value]


def _is_first_to_name(record: Record, planner: Planner) -> bool:
    return not planner.structures.knows(str(record.fields["structure"]), str(record.fields.get("department", "")))


def _near_structure(record: Record, planner: Planner) -> Near | None:
    """A structure that looks like the one of a new sheet, known already or named earlier in the file."""
    name, department = str(record.fields["structure"]), str(record.fields.get("department", ""))
    near = planner.structures.near(name, department)
    planner.structures.add(name, department)
    if near:
        record.say(
            _("La structure « %(name)s » ressemble à « %(near)s » : est-ce la même ?")
            % {"name": _placed(name, department), "near": _placed(near.name, near.department)},
            field="structure",
        )
    return near


def _placed(name: str, department: str) -> str:
    return f"{name} ({department})" if department else name


def _unknown_values(record: Record, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for field in CLOSED:
        for raw in record.fields.get(field.key, []):
            if not vocabulary.resolve(str(field.facet), raw).verified:
                yield field.key, raw
