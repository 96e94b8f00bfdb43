"""What an answer changes in the preview: records decided again, sheets that may be known under another title."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from django.db.models import Count, QuerySet, Sum

from tisserand.actions.enums import Outcome
from tisserand.actions.facts import find_facts
from tisserand.actions.fields import TEXT_KEYS
from tisserand.actions.imports.plan import Decision, Planner
from tisserand.actions.imports.progress import GROUP
from tisserand.actions.imports.records import Record
from tisserand.actions.imports.renamed import COMPARED, Described, pair
from tisserand.actions.imports.report import COUNTS, empty_counts
from tisserand.actions.models import Action, ImportBatch, ImportRow
from tisserand.actions.vocabulary import ensure_vocabulary
from tisserand.common.batches import groups


def count_numbers(decision: Decision) -> int:
    """How many numbers stand in the texts that a record would bring."""
    keys: Iterable[str] = ()
    if decision.outcome == Outcome.CREATED:
        keys = TEXT_KEYS
    elif decision.outcome == Outcome.UPDATED:
        keys = [change.field for change in decision.changes if change.field in TEXT_KEYS]
    texts = {key: str(decision.record.fields.get(key, "")) for key in keys}
    return sum(len(find_facts(text, field=key)) for key, text in texts.items() if text)


def propose_renamed(batch: ImportBatch, planner: Planner) -> None:
    """Look, for each new sheet, for one of its structure that the file does not speak of and that it may be.

    What someone answered stays.
    """
    news: dict[int, list[ImportRow]] = defaultdict(list)
    for row in batch.rows.filter(outcome=Outcome.CREATED, same_sheet=None).iterator(chunk_size=500):
        structure = row.near_id if row.same_structure else planner.structure_of(row.fields)
        if structure:
            news[structure].append(row)
    olds = _left_out(batch, news)
    changed = []
    for structure, rows in news.items():
        described = [Described.of(row.pk, row.fields) for row in rows]
        pairs = pair(described, olds[structure])
        for row in rows:
            if row.near_sheet_id != pairs.get(row.pk):
                row.near_sheet_id = pairs.get(row.pk)
                changed.append(row)
    ImportRow.objects.bulk_update(changed, ["near_sheet"], batch_size=500)


def _left_out(batch: ImportBatch, structures: Iterable[int]) -> dict[int, list[Described]]:
    """The sheets of these structures that no record of the file speaks of."""
    told = batch.rows.exclude(action=None).order_by().values("action")
    asked = batch.rows.exclude(same_sheet=None).exclude(near_sheet=None).order_by().values("near_sheet")
    sheets = Action.objects.filter(network=batch.network_id, structure__in=list(structures))
    sheets = sheets.exclude(pk__in=told).exclude(pk__in=asked)
    found: dict[int, list[Described]] = defaultdict(list)
    for values in sheets.order_by("pk").values("pk", "structure_id", "title", *COMPARED).iterator(chunk_size=500):
        found[values["structure_id"]].append(Described.of(values["pk"], values))
    return found


def decide_again(batch: ImportBatch, rows: list[ImportRow]) -> None:
    """Write *rows*, with what they would do now that someone answered for them, and the counts that follow.

    Args:
        rows: all those of the file that write their structure in the same way, in order.
    """
    planner = Planner(batch.network, ensure_vocabulary(batch.network))
    told = batch.rows.exclude(action=None).order_by().values_list("number", "action")
    again = {row.number for row in rows}
    planner.claim(action for number, action in told.iterator(chunk_size=2_000) if number not in again)
    _write_again(planner, rows)
    propose_renamed(batch, planner)
    count_again(batch)


def decide_homonyms(batch: ImportBatch, planner: Planner) -> None:
    """Once the whole file is read, tell apart the records that have one structure and one title, by their content.

    Group by group, the first met would have taken what a later one says word for word.
    """
    repeated = planner.matcher.repeated()
    for part in groups(repeated, 500):
        for rows in _together(batch.rows.filter(identity__in=part)):
            planner.matcher.arrange([record_of(row) for row in rows], {}, {})
            _write_again(planner, rows)


def homonyms_of(batch: ImportBatch) -> Iterator[list[ImportRow]]:
    """The records of a file that have the identity of another, those of one identity together."""
    named = batch.rows.exclude(identity="").order_by().values("identity")
    repeated = named.annotate(count=Count("pk")).filter(count__gt=1).values("identity")
    yield from _together(batch.rows.filter(identity__in=repeated).select_related("near"))


def _together(rows: QuerySet[ImportRow]) -> Iterator[list[ImportRow]]:
    """Rows by hundreds, those of one identity never apart."""
    held: list[ImportRow] = []
    for _identity, alike in groupby(rows.order_by("identity", "number").iterator(500), attrgetter("identity")):
        held += alike
        if len(held) >= GROUP:
            yield held
            held = []
    if held:
        yield held


def _write_again(planner: Planner, rows: list[ImportRow]) -> None:
    """Write what *rows* would do, decided again."""
    structures = {row.number: row.near_id for row in rows if row.same_structure and row.near_id}
    sheets = {row.number: row.near_sheet_id for row in rows if row.same_sheet and row.near_sheet_id}
    decisions = planner.decide([record_of(row) for row in rows], structures, sheets)
    for row, decision in zip(rows, decisions, strict=True):
        row.outcome, row.action = decision.outcome, decision.action
        row.changes = [change.as_dict() for change in decision.changes]
        differing = {change.field for change in decision.changes}
        row.choices = {field: choice for field, choice in row.choices.items() if field in differing}
        row.numbers = count_numbers(decision)
        if row.same_sheet is None:
            row.near_sheet = None  # looked for again
    written = ["outcome", "action", "changes", "choices", "numbers", "same_structure", "near", "near_sheet"]
    ImportRow.objects.bulk_update(rows, written, batch_size=100)


def count_again(batch: ImportBatch) -> None:
    """The counts of the batch, from its rows."""
    outcomes: Counter[str] = Counter()
    for outcome in batch.rows.order_by().values_list("outcome", flat=True).iterator(chunk_size=2_000):
        outcomes[COUNTS[Outcome(outcome)]] += 1
    found = batch.rows.aggregate(found=Sum("numbers"))["found"] or 0
    batch.counts = {**empty_counts(), "read": batch.total, **outcomes, "suggestions": found}
    batch.save(update_fields=["counts", "updated_at"])


def record_of(row: ImportRow) -> Record:
    """A staged record, as it was read."""
    return Record(row.number, row.line, row.fields, row.extras, rejected=row.outcome == Outcome.REJECTED)
