"""What a record would do to the catalogue: compare the file, the sheet here, and what the last import gave."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tisserand.actions.enums import Outcome
from tisserand.actions.fields import BY_KEY, KEYS
from tisserand.actions.imports.records import Record, Values
from tisserand.actions.models import Action
from tisserand.actions.vocabulary import Vocabulary, title_key
from tisserand.network.models import Network
from tisserand.network.queries import StructureIndex, structure_key

COMPARED = tuple(key for key in KEYS if key not in {"structure", "department"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. `kind`: `new` (empty here), `changed`, or `conflict` (edited here since)."""

    field: str
    here: Values
    file: Values
    kind: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the staging row."""
        return {"field": self.field, "here": self.here, "file": self.file, "kind": self.kind}


@dataclass(slots=True)
class Decision:
    """What becomes of one record."""

    record: Record
    outcome: Outcome
    source_key: str
    action: Action | None = None
    changes: list[Change] = field(default_factory=list)


class Planner:
    """Decides record after record; holds in memory what matching needs, and fetches sheets by group.

    A sheet is recognised by the structure and title it had when it was imported, then by those it has now;
    the nth of several with the same title stays the nth.
    """

    def __init__(self, network: Network, vocabulary: Vocabulary, *, lock: bool = False) -> None:
        """Set *lock* to write afterwards: the sheets met stay as they are until the transaction ends."""
        self.network = network
        self._lock = lock
        self.vocabulary = vocabulary
        self.structures = StructureIndex.load(network)
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._claimed: set[int] = set()

    def decide(self, records: Iterable[Record], same_structure: dict[int, int] | None = None) -> list[Decision]:
        """Decide a group of records, in the order of the file.

        Args:
            same_structure: record number → structure that someone recognised under another name.
        """
        records = list(records)
        keys = [self._source_key(record) for record in records]
        structure_ids = [
            (same_structure or {}).get(r.number)
            or self.structures.find(str(r.fields.get("structure", "")), str(r.fields.get("department", "")))
            for r in records
        ]
        candidates = self._candidates(records, keys, structure_ids)
        return [
            self._decide_one(record, key, structure_id, candidates)
            for record, key, structure_id in zip(records, keys, structure_ids, strict=True)
        ]

    def _source_key(self, record: Record) -> str:
        name, department = structure_key(
            str(record.fields.get("structure", "")), str(record.fields.get("department", ""))
        )
        identity = (name, department, title_key(record.title))
        self._seen[identity] += 1
        nth = self._seen[identity]
        return hashlib.sha256("\x1f".join((*identity, str(nth))).encode()).hexdigest()[:40]

    def _candidates(
        self, records: list[Record], keys: list[str], structure_ids: list[int | None]
    ) -> "tuple[dict[str, Action], dict[tuple[int, str], list[Action]]]":
        sheets = Action.objects.filter(network=self.network).prefetch_related("structure", "term_links__term")
        if self._lock:
            sheets = sheets.select_for_update().order_by("pk")
        by_source = {sheet.source_key: sheet for sheet in sheets.filter(source_key__in=keys) if sheet.source_key}
        by_title: dict[tuple[int, str], list[Action]] = {}
        known = {i for i in structure_ids if i}
        if known:
            titles = {title_key(record.title) for record in records}
            for sheet in sheets.filter(structure__in=known, title_key__in=titles).order_by("pk"):
                by_title.setdefault((sheet.structure_id, sheet.title_key), []).append(sheet)
        return by_source, by_title

    def _decide_one(
        self,
        record: Record,
        key: str,
        structure_id: int | None,
        candidates: "tuple[dict[str, Action], dict[tuple[int, str], list[Action]]]",
    ) -> Decision:
        if record.rejected:
            return Decision(record, Outcome.REJECTED, key)
        by_source, by_title = candidates
        action = by_source.get(key)
        if action is None and structure_id:
            same = by_title.get((structure_id, title_key(record.title)), [])
            action = next((a for a in same if a.pk not in self._claimed and not a.source_key), None)
        if action is None:
            return Decision(record, Outcome.CREATED, key)
        self._claimed.add(action.pk)
        changes = self.changes(record, action)
        if any(change.kind == "conflict" for change in changes):
            outcome = Outcome.CONFLICT
        else:
            outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
        return Decision(record, outcome, key, action, changes)

    def changes(self, record: Record, action: Action) -> list[Change]:
        """The fields where the file differs from the sheet, conflicts first."""
        here = action.values()
        found = []
        for key in COMPARED:
            if key not in record.fields:
                continue  # the file does not speak of it
            file = self._read(key, record.fields[key])
            if file == here[key] or action.settled.get(key) == record.fields[key]:
                continue
            base = self._read(key, action.source[key]) if key in action.source else None
            if not here[key]:
                kind = "new" if base in (None, [], "") else "conflict"
            else:
                kind = "changed" if base == here[key] else "conflict"
            found.append(Change(key, here[key], file, kind))
        if record.extras and _texts(record.extras) != _texts(action.extras):
            found.append(Change("extras", _told(action.extras), _told(record.extras), "changed"))
        return sorted(found, key=lambda change: change.kind != "conflict")

    def _read(self, key: str, value: Values) -> Values:
        facet = BY_KEY[key].facet
        if not facet:
            return value
        return self.vocabulary.labels(facet, [value] if isinstance(value, str) else value)


def _texts(extras: list[dict[str, str]]) -> list[str]:
    """What was kept apart, whatever it was kept after: a table does not say."""
    return sorted(extra["text"] for extra in extras)


def _told(extras: list[dict[str, str]]) -> str:
    return "\n".join(f"{extra['label']} : {extra['text']}" if extra["label"] else extra["text"] for extra in extras)
