"""What a record would do to the catalogue: compare the file, the sheet here, and what the last import gave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tisserand.actions.enums import Outcome
from tisserand.actions.fields import BY_KEY, WRITTEN
from tisserand.actions.imports.apart import by_label, differ, same_text
from tisserand.actions.imports.homonyms import Content
from tisserand.actions.imports.matching import Match, Matcher
from tisserand.actions.imports.records import Record, Values
from tisserand.actions.models import Action
from tisserand.actions.vocabulary import Vocabulary
from tisserand.network.models import Network


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
    match: Match
    action: Action | None = None
    changes: list[Change] = field(default_factory=list)


class Planner:
    """Decides record after record; holds in memory what matching needs, and fetches sheets by group."""

    def __init__(self, network: Network, vocabulary: Vocabulary, *, lock: bool = False) -> None:
        """Set *lock* to write afterwards: the sheets met stay as they are until the transaction ends."""
        self.vocabulary = vocabulary
        self.matcher = Matcher(network, self, lock=lock)
        self.structures = self.matcher.structures

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
        records = list(records)
        matches = self.matcher.match(records, same_structure or {}, same_sheet or {})
        return [self._decide_one(record, match) for record, match in zip(records, matches, strict=True)]

    def structure_of(self, fields: Mapping[str, Any]) -> int | None:
        """The structure that the fields of a record name, if it is known."""
        return self.matcher.structure_of(fields)

    def claim(self, actions: Iterable[int]) -> None:
        """Set apart the sheets that other records of the file speak of."""
        self.matcher.claim(actions)

    def _decide_one(self, record: Record, match: Match) -> Decision:
        action = match.action
        if record.rejected:
            return Decision(record, Outcome.REJECTED, match)
        if action is None:
            return Decision(record, Outcome.CREATED, match)
        changes = self.changes(record, action)
        if any(change.kind == "conflict" for change in changes):
            outcome = Outcome.CONFLICT
        else:
            outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
        return Decision(record, outcome, match, action, changes)

    def of_record(self, record: Record) -> Content:
        """What a record says, to be compared with its homonyms."""
        values: dict[str, Any] = {key: self._read(key, record.fields[key]) for key in WRITTEN if key in record.fields}
        return Content(values | {f"extras {label}": text for label, text in by_label(record.extras).items()})

    def of_sheet(self, sheet: Action) -> Content:
        """What the last import gave of a sheet; where none did, what is here."""
        values = sheet.values() | {key: self._read(key, sheet.source[key]) for key in WRITTEN if key in sheet.source}
        kept_apart = {f"extras {label}": text for label, text in by_label(sheet.extras).items()}
        return Content({key: values[key] for key in WRITTEN} | kept_apart)

    def changes(self, record: Record, action: Action) -> list[Change]:
        """The fields where the file differs from the sheet, conflicts first."""
        here = action.values()
        found = []
        for key in WRITTEN:
            if key not in record.fields:
                continue  # the file does not speak of it
            file = self._read(key, record.fields[key])
            if _same(here[key], file) or action.settled.get(key) == record.fields[key]:
                continue
            base = self._read(key, action.source[key]) if key in action.source else None
            if not here[key]:
                kind = "new" if base in (None, [], "") else "conflict"
            else:
                kind = "changed" if base == here[key] else "conflict"
            found.append(Change(key, here[key], file, kind))
        if differ(action.extras, record.extras):
            found.append(Change("extras", _told(action.extras), _told(record.extras), "changed"))
        return sorted(found, key=lambda change: change.kind != "conflict")

    def _read(self, key: str, value: Values) -> Values:
        facet = BY_KEY[key].facet
        if not facet:
            return value
        return self.vocabulary.labels(facet, [value] if isinstance(value, str) else value)


def _same(here: Values, file: Values) -> bool:
    return same_text(here, file) if isinstance(here, str) and isinstance(file, str) else here == file


def _told(extras: list[dict[str, str]]) -> str:
    return "\n".join(f"{extra['label']} : {extra['text']}" if extra["label"] else extra["text"] for extra in extras)
