"""Writing a staged import to the catalogue, whole or not at all."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from django.utils import timezone

from tisserand.actions.enums import BatchState, Outcome, State
from tisserand.actions.fields import TEXT_KEYS
from tisserand.actions.imports.apart import merged
from tisserand.actions.imports.plan import Change, Decision, Planner
from tisserand.actions.imports.progress import GROUP, TOLD_EVERY, stop_if_asked, tell_progress
from tisserand.actions.imports.report import COUNTS, empty_counts
from tisserand.actions.imports.traces import before, digest
from tisserand.actions.models import Action, ActionTerm, Fact, ImportBatch, ImportRow
from tisserand.actions.operations.content import facts_of, links
from tisserand.actions.operations.imports.batches import mark_applying
from tisserand.actions.operations.imports.deciding import homonyms_of, record_of
from tisserand.actions.operations.imports.settling import Answer, settle_rows
from tisserand.actions.operations.sheets import apply_values
from tisserand.actions.queries.imports import missing_choices
from tisserand.actions.search import index_actions
from tisserand.actions.vocabulary import ensure_vocabulary, title_key
from tisserand.common.batches import groups
from tisserand.common.operations import operation
from tisserand.common.tables.xlsx import CUT
from tisserand.network.models import Affiliation, Network, Structure
from tisserand.network.operations import ensure_structure, remember_alias
from tisserand.network.queries import structure_key
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record as journal

Confirmed = Literal["missing", "taken", "written"]


@operation
def confirm_import(
    *,
    actor: Actor,
    batch: ImportBatch,
    answers: Mapping[int, Answer],
    leave_conflicts: bool = False,
    at_once: bool = True,
) -> Confirmed:
    """Note the last answers, then write the import unless some choice is missing: the answers are kept in any case.

    Args:
        leave_conflicts: someone said to leave the sheets in conflict as they are.
        at_once: write it now; otherwise it is taken, for the worker to write.
    """
    require_staff(actor, batch.network)
    Network.objects.select_for_update(no_key=True).get(pk=batch.network_id)  # in the order of `apply_import`
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.WAITING:
        return "written"  # a double click
    settle_rows(actor=actor, batch=batch, answers=answers)
    missing = (one for one in missing_choices(batch) if not (leave_conflicts and one.asks != "structure"))
    if next(missing, None):
        return "missing"
    if at_once:
        apply_import(actor=actor, batch=batch)
        return "written"
    return "taken" if mark_applying(actor=actor, batch=batch) else "written"


@operation
def apply_import(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Write a staged import to the catalogue; applying twice is applying once.

    Unsettled conflicts are left as they are, and counted.

    Raises:
        Abandoned: someone asked to stop; nothing is written.
    """
    require_staff(actor, batch.network)
    network = Network.objects.select_for_update(no_key=True).get(pk=batch.network_id)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in {BatchState.WAITING, BatchState.APPLYING}:
        return batch
    writer = _Writer(actor, network, batch)
    for homonyms in homonyms_of(batch):
        writer.arrange(homonyms)
    for group in groups(batch.rows.select_related("near").iterator(chunk_size=GROUP), GROUP):
        writer.write(group)
    index_actions(writer.touched)
    stop_if_asked(batch.pk)
    batch.counts = {**empty_counts(), **writer.counts}
    batch.state = BatchState.APPLIED
    batch.applied_at = writer.now
    batch.made = writer.made()
    batch.save()
    journal(actor=actor, verb="actions.import_applied", subject=batch, network=network.pk, **batch.counts)
    return batch


class _Writer:
    """Writes the rows of one import, group after group, inside the caller's transaction."""

    def __init__(self, actor: Actor, network: Network, batch: ImportBatch) -> None:
        self.actor, self.network, self.batch = actor, network, batch
        self.vocabulary = ensure_vocabulary(network)
        self.planner = Planner(network, self.vocabulary, lock=True)
        self.now = timezone.now()
        self.counts: Counter[str] = Counter()
        self.touched: list[int] = []
        self._structures: dict[tuple[str, str], Structure] = {}
        self._known_terms = self.vocabulary.ids()
        tied = Affiliation.objects.filter(network=network, ends=None)
        self._tied = set(tied.values_list("structure", flat=True))
        self._made_structures: list[int] = []
        self._made_affiliations: list[int] = []

    def made(self) -> dict[str, list[int]]:
        """What the import brought beside sheets."""
        terms = sorted(self.vocabulary.ids() - self._known_terms)
        return {"structures": self._made_structures, "affiliations": self._made_affiliations, "terms": terms}

    def _tell(self) -> None:
        """Say how far the work is, and listen to who wants it to stop."""
        if self.counts["read"] % TOLD_EVERY == 0:
            stop_if_asked(self.batch.pk)
            tell_progress(self.batch.pk, self.counts["read"], step=BatchState.APPLYING)

    def arrange(self, rows: list[ImportRow]) -> None:
        """Tell homonyms apart before any of them is written."""
        self.planner.matcher.arrange([record_of(row) for row in rows], *self._answers(rows))

    def _answers(self, rows: list[ImportRow]) -> tuple[dict[int, int], dict[int, int]]:
        """What someone said: record → structure, and record → sheet."""
        same = {row.number: self._structure(row).pk for row in rows if row.same_structure}
        return same, {row.number: row.near_sheet_id for row in rows if row.same_sheet and row.near_sheet_id}

    def write(self, rows: list[ImportRow]) -> None:
        """Decide and write one group."""
        decisions = self.planner.decide([record_of(row) for row in rows], *self._answers(rows))
        created = []
        for row, decision in zip(rows, decisions, strict=True):
            self._tell()
            self.counts["read"] += 1
            if decision.outcome == Outcome.CREATED:
                created.append((row, decision))
            elif decision.action:
                decision.outcome = self._merge(row, decision, decision.action)
            self.counts[COUNTS[decision.outcome]] += 1
        self._create(created)
        for row, decision in zip(rows, decisions, strict=True):
            row.outcome, row.action = decision.outcome, decision.action
        _note_as_left([row for row in rows if row.outcome == Outcome.CREATED or row.before])
        _write_rows(rows)

    def _structure(self, row: ImportRow) -> Structure:
        """The structure of a record, created when new; under another name if someone recognised it."""
        name, department = str(row.fields["structure"]), str(row.fields.get("department", ""))
        key = structure_key(name, department)
        if key not in self._structures:
            if row.same_structure and row.looks_like and not self.planner.structures.find(name, department):
                structure = row.near or self._named(row.near_name, row.near_department)
                remember_alias(
                    actor=self.actor, network=self.network, structure=structure, name=name, department=department
                )
                structure = self._named(structure.name, structure.department)
            else:
                structure = self._named(name, department)
            self._structures[key] = structure
        return self._structures[key]

    def _named(self, name: str, department: str) -> Structure:
        known = self.planner.structures.find(name, department)
        if known:
            found = Structure.objects.get(pk=known)
            if known in self._tied:
                return found
            name, department = found.name, found.department
        structure = ensure_structure(actor=self.actor, network=self.network, name=name, department=department)
        if known:
            made = Affiliation.objects.filter(network=self.network, structure=structure, ends=None)
            self._made_affiliations += made.values_list("pk", flat=True)
        elif structure.home_id == self.network.pk:  # otherwise another network named it at this very moment
            self._made_structures.append(structure.pk)
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
                source_identity=decision.match.identity,
                source_key=decision.match.source_key,
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

    def _came(self, sheet: Action, row: ImportRow, decision: Decision, taken: Mapping[str, Any]) -> bool:
        """Note on the sheet what the file gave and under what; False when it was known."""
        # What a spreadsheet cut is not what the file says: the text of the last whole one stays known.
        cut = {key for key, text in row.fields.items() if isinstance(text, str) and text.endswith(CUT)} - taken.keys()
        if self.batch.format != "txt":
            # A table has a column for each field: an empty cell is no label of the published text.
            cut |= {key for key, value in row.fields.items() if not value and key not in sheet.source}
        source = {**sheet.source, **{key: value for key, value in row.fields.items() if key not in cut}}
        came_as = (decision.match.identity, decision.match.source_key)
        known = source == sheet.source and (sheet.source_identity, sheet.source_key) == came_as
        sheet.source = source
        sheet.source_identity, sheet.source_key = came_as
        return not known

    def _merge(self, row: ImportRow, decision: Decision, sheet: Action) -> Outcome:
        """Bring the changes of one known sheet; a conflict that nobody settled holds the whole sheet back."""
        kept = {change.field: _kept(change, row) for change in decision.changes}
        if "" in kept.values():
            return Outcome.CONFLICT
        taken = {c.field: c.file for c in decision.changes if kept[c.field] == "file" and c.field != "extras"}
        replaced = before(sheet, taken)
        _settle(sheet, row, kept)
        new = self._came(sheet, row, decision, taken)
        if taken:
            # Closed values are written from the file's own words, so that the original stays visible.
            raw = {field: row.fields[field] for field in taken}
            self.counts["suggestions"] += apply_values(sheet, raw, self.vocabulary, by=self.actor, at=self.now)
            self.touched.append(sheet.pk)
        elif new or kept:
            sheet.save(update_fields=["extras", "settled", "source", "source_identity", "source_key"])
        if taken or new or kept:
            row.before = replaced
        return Outcome.UPDATED if taken or kept.get("extras") == "file" else Outcome.UNCHANGED


def _write_rows(rows: list[ImportRow]) -> None:
    """Write what became of rows: as an insertion that finds them there, many times quicker than `bulk_update`."""
    ImportRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=["outcome", "action", "before", "left_as"]
    )


def _note_as_left(rows: list[ImportRow]) -> None:
    """Note how each sheet that was written is left, so as to know later whether someone edited it."""
    values: dict[int, list[str]] = {row.action_id: [] for row in rows if row.action_id}
    links_now = ActionTerm.objects.filter(action__in=values).order_by().values_list("action", "original", "term__label")
    for sheet, original, label in links_now.iterator():
        values[sheet].append(original or label)
    for row in rows:
        if row.action:
            row.left_as = digest(row.action, values[row.action.pk])


def _settle(sheet: Action, row: ImportRow, kept: Mapping[str, str]) -> None:
    """Note on the sheet what was chosen, field by field; what was kept apart is taken here."""
    for field, choice in kept.items():
        if field == "extras":
            sheet.extras = merged(sheet.extras, row.extras) if choice == "file" else sheet.extras
        elif choice == "here":
            sheet.settled[field] = row.fields[field]
        else:
            sheet.settled.pop(field, None)


def _kept(change: Change, row: ImportRow) -> str:
    """`file`, `here`, or "" for a conflict that nobody settled against the value that is here now."""
    choice: dict[str, Any] = row.choices.get(change.field, {})
    if change.kind == "conflict":
        return str(choice["kept"]) if choice and choice["here"] == change.here else ""
    return str(choice.get("kept", "file"))
