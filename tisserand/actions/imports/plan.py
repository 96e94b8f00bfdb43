"""What a record would do to the catalogue: compare the file, the sheet here, and what the last import gave."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class _Met:
    """The sheets that a group of records may speak of."""

    by_source: dict[str, Action]
    by_title: dict[tuple[int, str], list[Action]]
    by_pk: dict[int, Action]


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
        self._seen: Counter[tuple[str, ...]] = Counter()
        # Counted apart, so that the key under which a record comes does not hang on other spellings.
        self._seen_elsewhere: Counter[tuple[str, ...]] = Counter()
        known = self.structures.by_key.values()
        self._own_names = {near.structure_id: structure_key(near.name, near.department) for near in known}
        self._claimed: set[int] = set()

    def decide(
        self,
        records: Iterable[Record],
        same_structure: dict[int, int] | None = None,
        same_sheet: dict[int, int] | None = None,
    ) -> list[Decision]:
        """Decide a group of records, in the order of the file.

        Args:
            same_structure: record number → structure that someone recognised under another name.
            same_sheet: record number → sheet that someone recognised under another title.
        """
        records, renamed = list(records), same_sheet or {}
        keys = [self._source_key(record) for record in records]
        structure_ids = [(same_structure or {}).get(r.number) or self.structure_of(r.fields) for r in records]
        others = [self._other_key(r, structure_id) for r, structure_id in zip(records, structure_ids, strict=True)]
        met = self._sheets_met(records, [*keys, *filter(None, others)], structure_ids, renamed)
        # A sheet that a record names as it came belongs to that record.
        others = [other if other not in keys else "" for other in others]
        return [
            self._decide_one(record, named, self._found(record, named, structure_id, met, renamed))
            for record, structure_id, *named in zip(records, structure_ids, keys, others, strict=True)
        ]

    def structure_of(self, fields: Mapping[str, Any]) -> int | None:
        """The structure that the fields of a record name, if it is known."""
        return self.structures.find(str(fields.get("structure", "")), str(fields.get("department", "")))

    def claim(self, actions: Iterable[int]) -> None:
        """Set apart the sheets that other records of the file speak of."""
        self._claimed.update(actions)

    def _source_key(self, record: Record) -> str:
        named = structure_key(str(record.fields.get("structure", "")), str(record.fields.get("department", "")))
        return _digest((*named, title_key(record.title)), self._seen)

    def _other_key(self, record: Record, structure_id: int | None) -> str:
        """The key of the same record in a file that writes the structure's own name, or an empty string."""
        own = self._own_names.get(structure_id or 0)
        named = structure_key(str(record.fields.get("structure", "")), str(record.fields.get("department", "")))
        return _digest((*own, title_key(record.title)), self._seen_elsewhere) if own and own != named else ""

    def _sheets_met(
        self, records: list[Record], keys: list[str], structure_ids: list[int | None], renamed: dict[int, int]
    ) -> "_Met":
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
        wanted = [renamed[record.number] for record in records if record.number in renamed]
        by_pk = {sheet.pk: sheet for sheet in sheets.filter(pk__in=wanted)} if wanted else {}
        return _Met(by_source, by_title, by_pk)

    def _found(
        self, record: Record, keys: list[str], structure_id: int | None, met: "_Met", renamed: dict[int, int]
    ) -> Action | None:
        """The sheet that a record speaks of: as it came, as someone recognised it, then by its title now."""
        key, other = keys
        if key in met.by_source:
            return met.by_source[key]
        likely = [met.by_source.get(other), met.by_pk.get(renamed.get(record.number, 0))]
        if structure_id:
            same = met.by_title.get((structure_id, title_key(record.title)), [])
            likely += [sheet for sheet in same if not sheet.source_key]
        return next((sheet for sheet in likely if sheet and sheet.pk not in self._claimed), None)

    def _decide_one(self, record: Record, keys: list[str], action: Action | None) -> Decision:
        key, other = keys
        if record.rejected:
            return Decision(record, Outcome.REJECTED, key)
        if action is None:
            return Decision(record, Outcome.CREATED, key)
        self._claimed.add(action.pk)
        changes = self.changes(record, action)
        if any(change.kind == "conflict" for change in changes):
            outcome = Outcome.CONFLICT
        else:
            outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
        came_as = other if action.source_key == other else key
        return Decision(record, outcome, came_as, action, changes)

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


def _digest(identity: tuple[str, ...], seen: "Counter[tuple[str, ...]]") -> str:
    """The key of the nth record of a file with this identity."""
    seen[identity] += 1
    return hashlib.sha256("\x1f".join((*identity, str(seen[identity]))).encode()).hexdigest()[:40]


def _texts(extras: list[dict[str, str]]) -> list[str]:
    """What was kept apart, whatever it was kept after: a table does not say."""
    return sorted(extra["text"] for extra in extras)


def _told(extras: list[dict[str, str]]) -> str:
    return "\n".join(f"{extra['label']} : {extra['text']}" if extra["label"] else extra["text"] for extra in extras)
