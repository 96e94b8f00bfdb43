"""Bringing a file of sheets into the catalogue: deposit, read, settle, apply.

Reading stages the records beside the catalogue and writes nothing to it. Applying is one transaction
under the network's lock: it decides everything again from what is there at that moment.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.core.cache import cache
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import BatchState, Outcome, State
from tisserand.actions.facts import find_facts
from tisserand.actions.fields import TEXT_KEYS
from tisserand.actions.imports.plan import Decision, Planner, title_key
from tisserand.actions.imports.reader import open_records
from tisserand.actions.imports.records import FileRefused, Record
from tisserand.actions.imports.report import COUNTS, MAX_MESSAGES, empty_counts
from tisserand.actions.models import Action, ActionTerm, Fact, ImportBatch, ImportRow
from tisserand.actions.operations.content import facts_of, links
from tisserand.actions.operations.sheets import apply_values
from tisserand.actions.search import index_actions
from tisserand.actions.vocabulary import Vocabulary, ensure_vocabulary
from tisserand.common.operations import operation, require
from tisserand.network.models import Network, Structure
from tisserand.network.operations import ensure_structure, remember_alias
from tisserand.network.rules import Actor, is_staff_of
from tisserand.privacy.journal import record as journal

GROUP = 500  # records held in memory at a time
T = TypeVar("T")
logger = logging.getLogger(__name__)


def _groups(items: Iterable[T], size: int = GROUP) -> Iterator[list[T]]:
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group


def _require_staff(actor: Actor, network: Network) -> None:
    require(is_staff_of(actor, network), _("Vous ne tenez pas le catalogue de ce réseau."))


def progress_key(batch_id: int) -> str:
    """Where the progress of a batch is shared between processes."""
    return f"import-progress-{batch_id}"


@operation
def deposit_import(
    *, actor: Actor, network: Network, file: File[bytes], filename: str, token: str, as_draft: bool = False
) -> ImportBatch:
    """Keep a file, to be read; the same *token* (of the form) gives the same batch."""
    _require_staff(actor, network)
    batch, created = ImportBatch.objects.get_or_create(
        token=token,
        defaults={"network": network, "filename": filename[:200], "as_draft": as_draft, "created_by_id": actor.pk},
    )
    if created:
        batch.file.save(Path(filename).name[:80] or "fichier", file)
        journal(actor=actor, verb="actions.import_deposited", subject=batch, network=network.pk)
    elif batch.network_id != network.pk:
        require(False, _("Ce dépôt appartient à un autre réseau."))
    return batch


def read_import(batch: ImportBatch, path: Path | None = None) -> ImportBatch:
    """Stage the records of a deposited file. Run again after a cut, it starts over.

    Not one transaction: nothing of the catalogue is written, and progress must be seen while it runs.
    The vocabulary may gain its first values.
    """
    ImportRow.objects.filter(batch=batch).delete()
    counts: Counter[str] = Counter()
    messages: list[dict[str, Any]] = []
    try:
        reading = open_records(path or Path(batch.file.path))
        planner = Planner(batch.network, ensure_vocabulary(batch.network))
        for group in _groups(reading.records):
            decisions = planner.decide(group)
            rows = [_staged(batch, decision, planner) for decision in decisions]
            ImportRow.objects.bulk_create(rows)
            for decision, row in zip(decisions, rows, strict=True):
                _count(counts, decision)
                messages += row.messages
            cache.set(progress_key(batch.pk), counts["read"], 3600)
    except FileRefused as refusal:
        ImportRow.objects.filter(batch=batch).delete()
        batch.counts = {**empty_counts(), "rejected": 1}
        batch.messages = [_refusal(refusal)]
        batch.state = BatchState.REFUSED
        batch.save()
        return batch
    batch.format = reading.format
    batch.messages = _trimmed([message.as_dict() for message in reading.messages] + messages)
    batch.counts = {**empty_counts(), **counts}
    batch.total = counts["read"]
    batch.state = BatchState.WAITING
    batch.save()
    return batch


def _refusal(refusal: FileRefused) -> dict[str, Any]:
    return {"line": refusal.line, "record": None, "field": None, "level": "error", "text": refusal.text}


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
    if decision.outcome == Outcome.CREATED:
        near = _near_structure(record, planner)
    for field, raw in _unknown_values(record, planner.vocabulary):
        record.say(_("Valeur inconnue « %(value)s », à vérifier.") % {"value": raw}, field=field)
    return ImportRow(
        batch=batch,
        number=record.number,
        line=record.line,
        title=record.title,
        outcome=decision.outcome,
        fields=record.fields,
        extras=record.extras,
        action=decision.action,
        changes=[change.as_dict() for change in decision.changes],
        messages=[message.as_dict() for message in record.messages],
        near_id=near,
    )


def _near_structure(record: Record, planner: Planner) -> int | None:
    """A structure that looks like the one of a new sheet, to propose."""
    name, department = str(record.fields["structure"]), str(record.fields.get("department", ""))
    if planner.structures.find(name, department):
        return None
    near = planner.structures.near(name, department)
    if near:
        record.say(
            _("La structure « %(name)s » (%(department)s) ressemble à « %(near)s » : est-ce la même ?")
            % {"name": name, "department": department or "?", "near": planner.structures.names[near]},
            field="structure",
        )
    return near


def _unknown_values(record: Record, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    from tisserand.actions.fields import CLOSED

    for field in CLOSED:
        for raw in record.fields.get(field.key, []):
            if not vocabulary.resolve(str(field.facet), raw).verified:
                yield field.key, raw


def _count(counts: Counter[str], decision: Decision) -> None:
    counts["read"] += 1
    counts[COUNTS[decision.outcome]] += 1
    if decision.outcome == Outcome.CREATED:
        keys: Iterable[str] = TEXT_KEYS
    elif decision.outcome == Outcome.UPDATED:
        keys = [change.field for change in decision.changes if change.field in TEXT_KEYS]
    else:
        return
    for key in keys:
        text = str(decision.record.fields.get(key, ""))
        counts["suggestions"] += len(find_facts(text, field=key)) if text else 0


@operation
def settle_row(*, actor: Actor, row: ImportRow, choices: dict[str, str], same_structure: bool = False) -> ImportRow:
    """Note, for one record, what to keep by field (`here` or `file`) and whether the near structure is the same."""
    _require_staff(actor, row.batch.network)
    known = {change["field"] for change in row.changes}
    row.choices = {field: kept for field, kept in choices.items() if field in known and kept in {"here", "file"}}
    row.same_structure = bool(same_structure and row.near_id)
    row.save(update_fields=["choices", "same_structure"])
    if row.near_id:
        _answer_alike(row)
    journal(actor=actor, verb="actions.import_settled", subject=row.batch, row=row.number, fields=sorted(row.choices))
    return row


def _answer_alike(row: ImportRow) -> None:
    """One answer for all the records of a file that name the structure in the same way."""
    named = (row.fields.get("structure"), row.fields.get("department"))
    others = ImportRow.objects.filter(batch=row.batch_id, near=row.near_id).exclude(pk=row.pk)
    alike = [
        other.pk
        for other in others.only("pk", "fields")
        if (other.fields.get("structure"), other.fields.get("department")) == named
    ]
    ImportRow.objects.filter(pk__in=alike).update(same_structure=row.same_structure)


@operation
def cancel_import(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Give up an import that was not applied; its rows and its file go."""
    _require_staff(actor, batch.network)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state in {BatchState.WAITING, BatchState.REFUSED, BatchState.READING}:
        batch.state = BatchState.CANCELLED
        batch.rows.all().delete()
        batch.file.delete(save=False)
        batch.save()
        journal(actor=actor, verb="actions.import_cancelled", subject=batch)
    return batch


@operation
def apply_import(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Write a staged import to the catalogue, whole or not at all; applying twice is applying once.

    Unsettled conflicts are left as they are, and counted.
    """
    _require_staff(actor, batch.network)
    network = Network.objects.select_for_update().get(pk=batch.network_id)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in {BatchState.WAITING, BatchState.APPLYING}:
        return batch
    writer = _Writer(actor, network, batch)
    for group in _groups(batch.rows.all().iterator(chunk_size=GROUP)):
        writer.write(group)
        cache.set(progress_key(batch.pk), writer.counts["read"], 3600)
    index_actions(writer.touched)
    batch.counts = {**empty_counts(), **writer.counts}
    batch.state = BatchState.APPLIED
    batch.applied_at = timezone.now()
    batch.save()
    journal(actor=actor, verb="actions.import_applied", subject=batch, network=network.pk, **batch.counts)
    return batch


class _Writer:
    """Writes the rows of one import, group after group, inside the caller's transaction."""

    def __init__(self, actor: Actor, network: Network, batch: ImportBatch) -> None:
        self.actor, self.network, self.batch = actor, network, batch
        self.vocabulary = ensure_vocabulary(network)
        self.planner = Planner(network, self.vocabulary)
        self.now = timezone.now()
        self.counts: Counter[str] = Counter()
        self.touched: list[int] = []
        self._structures: dict[tuple[str, str], Structure] = {}

    def write(self, rows: list[ImportRow]) -> None:
        """Decide and write one group."""
        records = [
            Record(row.number, row.line, row.fields, row.extras, rejected=row.outcome == Outcome.REJECTED)
            for row in rows
        ]
        same = {row.number: row.near_id for row in rows if row.same_structure and row.near_id}
        decisions = self.planner.decide(records, same)
        created = []
        for row, decision in zip(rows, decisions, strict=True):
            self.counts["read"] += 1
            if decision.outcome == Outcome.CREATED:
                created.append((row, decision))
            elif decision.action:
                decision.outcome = self._merge(row, decision, decision.action)
            self.counts[COUNTS[decision.outcome]] += 1
        self._create(created)
        for row, decision in zip(rows, decisions, strict=True):
            row.outcome, row.action = decision.outcome, decision.action
        ImportRow.objects.bulk_update(rows, ["outcome", "action"])

    def _structure(self, row: ImportRow) -> Structure:
        name, department = str(row.fields["structure"]), str(row.fields.get("department", ""))
        if (name, department) in self._structures:
            return self._structures[name, department]
        known = self.planner.structures.find(name, department)
        if known is None and row.same_structure and row.near:
            remember_alias(actor=self.actor, network=self.network, structure=row.near, name=name, department=department)
            known = row.near_id
        if known:
            found = Structure.objects.get(pk=known)
            name_, department_ = found.name, found.department
        else:
            name_, department_ = name, department
        structure = ensure_structure(actor=self.actor, network=self.network, name=name_, department=department_)
        self._structures[name, department] = structure
        return structure

    def _create(self, created: list[tuple[ImportRow, Decision]]) -> None:
        state = State.DRAFT if self.batch.as_draft else State.PUBLISHED
        for row, decision in created:
            fields = row.fields
            decision.action = Action(
                network=self.network,
                structure=self._structure(row),
                title=fields["title"],
                title_key=title_key(fields["title"]),
                state=state,
                published_at=self.now if state == State.PUBLISHED else None,
                updated_at=self.now,
                extras=row.extras,
                source=fields,
                source_key=decision.source_key,
                **{key: fields.get(key, "") for key in TEXT_KEYS},
            )
        actions = [decision.action for _row, decision in created if decision.action]
        Action.objects.bulk_create(actions)
        made: list[ActionTerm] = []
        facts: list[Fact] = []
        for action in actions:
            made += links(action, action.source, self.vocabulary)
            facts += facts_of(action)
        ActionTerm.objects.bulk_create(made)
        Fact.objects.bulk_create(facts)
        self.counts["suggestions"] += len(facts)
        self.touched += [action.pk for action in actions]

    def _merge(self, row: ImportRow, decision: Decision, sheet: Action) -> Outcome:
        """Bring the changes of one known sheet; a conflict that nobody settled holds the whole sheet back."""
        kept = {c.field: row.choices.get(c.field, "" if c.kind == "conflict" else "file") for c in decision.changes}
        if "" in kept.values():
            return Outcome.CONFLICT
        taken = {c.field: c.file for c in decision.changes if kept[c.field] == "file" and c.field != "extras"}
        refused = [field for field, choice in kept.items() if choice == "here" and field != "extras"]
        if kept.get("extras") == "file":
            sheet.extras = row.extras
        for field in refused:
            sheet.settled[field] = row.fields[field]
        for field in taken:
            sheet.settled.pop(field, None)
        source = {**sheet.source, **row.fields}
        known = source == sheet.source and sheet.source_key == decision.source_key
        sheet.source, sheet.source_key = source, decision.source_key
        if taken:
            # Closed values are written from the file's own words, so that the original stays visible.
            raw = {field: row.fields[field] for field in taken}
            self.counts["suggestions"] += apply_values(sheet, raw, self.vocabulary)
            self.touched.append(sheet.pk)
        elif not known or kept:
            sheet.save()
        return Outcome.UPDATED if taken or kept.get("extras") == "file" else Outcome.UNCHANGED


def mark_applying(batch: ImportBatch) -> bool:
    """Take a waiting import for writing, once; False when someone else already has."""
    with transaction.atomic():
        taken = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.WAITING).update(
            state=BatchState.APPLYING, updated_at=timezone.now()
        )
    return bool(taken)
