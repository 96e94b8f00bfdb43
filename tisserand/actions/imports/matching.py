"""Which sheet of the catalogue a record of a file speaks of."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tisserand.actions.imports.homonyms import Content, pair
from tisserand.actions.imports.records import Record
from tisserand.actions.models import Action
from tisserand.actions.vocabulary import title_key
from tisserand.network.models import Network
from tisserand.network.queries import StructureIndex, StructureKey, structure_key


def identity_of(structure: StructureKey, title: str) -> str:
    """What makes a sheet the one that a file speaks of: a structure, as it is written there, and a title."""
    return hashlib.sha256("\x1f".join((*structure, title_key(title))).encode()).hexdigest()[:40]


def source_key(identity: str, nth: int) -> str:
    """The key of the nth sheet that came under an identity; it never moves to another sheet."""
    return hashlib.sha256(f"{identity}\x1f{nth}".encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Match:
    """The sheet of a record, None when it is new; and under what it came, or comes."""

    action: Action | None
    identity: str
    source_key: str


@dataclass(slots=True)
class _Named:
    """A record with what it is recognised by."""

    record: Record
    structure_id: int | None
    identity: str
    other: str  # the identity that it would have under the structure's own name, or an empty string


@dataclass(frozen=True, slots=True)
class _Met:
    """The sheets that a group of records may speak of."""

    by_pk: dict[int, Action]
    by_identity: dict[str, list[Action]]
    by_title: dict[tuple[int, str], list[Action]]


class Contents(Protocol):
    """How to read what records and sheets say, so as to compare them."""

    def of_record(self, record: Record) -> Content:
        """What a record says."""

    def of_sheet(self, sheet: Action) -> Content:
        """What the last import gave of a sheet; where none did, what is here."""


class Matcher:
    """Recognises sheets, group of records after group, with a few queries for each group.

    A sheet is recognised by the structure and title it came under, then as someone said, then by those it has now;
    homonyms by their content. All the homonyms of a file must be given together, to `match` or, before the groups of
    which they are a part, to `arrange`.
    """

    def __init__(self, network: Network, contents: Contents, *, lock: bool) -> None:
        self.network = network
        self.structures = StructureIndex.load(network)
        self._contents = contents
        self._lock = lock
        known = self.structures.by_key.values()
        self._own_names = {near.structure_id: structure_key(near.name, near.department) for near in known}
        self._arranged: dict[int, tuple[int | None, str, str]] = {}
        self._claimed: dict[int, int] = {}  # sheet → record; 0 for one set apart
        self._by_name: dict[int, int] = {}  # those of them that came under the very name that the record gives
        self._seen: Counter[str] = Counter()
        self._new: Counter[str] = Counter()
        self._known: set[str] = set()

    def match(self, records: Sequence[Record], structures: Mapping[int, int], sheets: Mapping[int, int]) -> list[Match]:
        """The sheets of *records*, in their order (see `Planner.decide`)."""
        named = [self._named(record, structures) for record in records]
        met = self._sheets_met(named, sheets)
        self._arrange([one for one in named if one.record.number not in self._arranged], met, sheets)
        found = []
        for one in named:
            self._seen[one.identity] += 1
            pk, identity, key = self._arranged.pop(one.record.number)
            found.append(Match(met.by_pk[pk] if pk else None, identity, key))
        self._known.update(met.by_identity)
        return found

    def arrange(self, records: Sequence[Record], structures: Mapping[int, int], sheets: Mapping[int, int]) -> None:
        """Tell homonyms apart before `match` meets them among others; what was found for them is forgotten."""
        named = [self._named(record, structures) for record in records]
        for one in named:
            self._arranged.pop(one.record.number, None)
            self._new.pop(one.identity, None)
        again = {one.record.number for one in named}
        self._claimed = {pk: number for pk, number in self._claimed.items() if number not in again}
        self._by_name = {pk: number for pk, number in self._by_name.items() if number not in again}
        self._arrange(named, self._sheets_met(named, sheets), sheets)

    def claim(self, actions: Iterable[int]) -> None:
        """Set apart the sheets that other records of the file speak of."""
        self._claimed.update(dict.fromkeys(actions, 0))

    def repeated(self) -> list[str]:
        """The identities that several records of the file have, and known sheets too."""
        return [identity for identity, count in self._seen.items() if count > 1 and identity in self._known]

    def structure_of(self, fields: Mapping[str, Any]) -> int | None:
        """The structure that the fields of a record name, if it is known."""
        return self.structures.find(str(fields.get("structure", "")), str(fields.get("department", "")))

    def identity(self, record: Record) -> str:
        """The identity of a record."""
        return identity_of(_structure_key(record), record.title)

    def _named(self, record: Record, structures: Mapping[int, int]) -> _Named:
        structure_id = structures.get(record.number) or self.structure_of(record.fields)
        own = self._own_names.get(structure_id or 0)
        other = identity_of(own, record.title) if own and own != _structure_key(record) else ""
        return _Named(record, structure_id, self.identity(record), other)

    def _sheets_met(self, named: list[_Named], renamed: Mapping[int, int]) -> _Met:
        sheets = Action.objects.filter(network=self.network, revises=None).prefetch_related(
            "structure", "term_links__term"
        )
        sheets = (sheets.select_for_update() if self._lock else sheets).order_by("pk")
        identities = {one.identity for one in named} | {one.other for one in named if one.other}
        met = _Met({}, defaultdict(list), defaultdict(list))
        for sheet in sheets.filter(source_identity__in=identities):
            met.by_identity[sheet.source_identity].append(met.by_pk.setdefault(sheet.pk, sheet))
        known = {one.structure_id for one in named if one.structure_id}
        if known:
            titles = {title_key(one.record.title) for one in named}
            for sheet in sheets.filter(structure__in=known, title_key__in=titles, source_key=None):
                met.by_title[sheet.structure_id, sheet.title_key].append(met.by_pk.setdefault(sheet.pk, sheet))
        wanted = {renamed[one.record.number] for one in named if one.record.number in renamed} - met.by_pk.keys()
        if wanted:
            met.by_pk.update({sheet.pk: sheet for sheet in sheets.filter(pk__in=wanted)})
        return met

    def _arrange(self, named: list[_Named], met: _Met, renamed: Mapping[int, int]) -> None:
        """Give each record its sheet: what came under the same name first, whatever the order of the file."""
        homonyms: defaultdict[str, list[_Named]] = defaultdict(list)
        for one in named:
            if not one.record.rejected:
                homonyms[one.identity].append(one)
        left = []
        for identity, alike in homonyms.items():
            # Another spelling of the structure, met before, does not take its sheets away from this one.
            sheets = [sheet for sheet in met.by_identity.get(identity, []) if sheet.pk not in self._by_name]
            self._by_name.update(self._keep(self._pair(alike, sheets)))
            left.append(self._without_sheet(alike))
        for alike in filter(None, left):
            self._take_otherwise(alike, met, renamed)
        for one in named:
            if one.record.number not in self._arranged:
                key = "" if one.record.rejected else self._new_key(one.identity, met)
                self._arranged[one.record.number] = (None, one.identity, key)

    def _take_otherwise(self, alike: list[_Named], met: _Met, renamed: Mapping[int, int]) -> None:
        """Homonyms that nothing came under: by the structure's own name, as someone said, by the title of here."""
        self._keep(self._pair(alike, self._free(met.by_identity.get(alike[0].other, []))))
        self._bring(self._recognised(self._without_sheet(alike), met, renamed), met)
        here = met.by_title.get((alike[0].structure_id or 0, title_key(alike[0].record.title)), [])
        self._bring(self._pair(self._without_sheet(alike), self._free(here)), met)

    def _without_sheet(self, named: list[_Named]) -> list[_Named]:
        return [one for one in named if one.record.number not in self._arranged]

    def _pair(self, alike: list[_Named], sheets: list[Action]) -> list[tuple[_Named, Action]]:
        """Homonyms and sheets, by their content."""
        if len(alike) == len(sheets) == 1 or not alike or not sheets:
            return list(zip(alike, sheets, strict=False))
        records = [self._contents.of_record(one.record) for one in alike]
        found = pair(records, [self._contents.of_sheet(sheet) for sheet in sheets])
        return [(alike[one], sheets[other]) for one, other in found.items()]

    def _recognised(
        self, named: list[_Named], met: _Met, renamed: Mapping[int, int]
    ) -> Iterator[tuple[_Named, Action]]:
        """Records and the sheets that someone recognised, each once."""
        for one in named:
            sheet = met.by_pk.get(renamed.get(one.record.number, 0))
            if sheet and sheet.pk not in self._claimed:
                yield one, sheet

    def _keep(self, pairs: Iterable[tuple[_Named, Action]]) -> dict[int, int]:
        """Give records sheets that keep the name under which they came; returns sheet → record."""
        given = {}
        for one, sheet in pairs:
            self._give(one, sheet, sheet.source_identity, sheet.source_key or "")
            given[sheet.pk] = one.record.number
        return given

    def _bring(self, pairs: Iterable[tuple[_Named, Action]], met: _Met) -> None:
        """Give records sheets that come from now on under the name of the file."""
        for one, sheet in pairs:
            self._give(one, sheet, one.identity, self._new_key(one.identity, met))

    def _give(self, one: _Named, sheet: Action, identity: str, key: str) -> None:
        self._claimed[sheet.pk] = one.record.number
        self._arranged[one.record.number] = (sheet.pk, identity, key)

    def _free(self, sheets: Iterable[Action]) -> list[Action]:
        return [sheet for sheet in sheets if sheet.pk not in self._claimed]

    def _new_key(self, identity: str, met: _Met) -> str:
        """The next key of an identity that no sheet has."""
        taken = {sheet.source_key for sheet in met.by_identity.get(identity, [])}
        while True:
            self._new[identity] += 1
            key = source_key(identity, self._new[identity])
            if key not in taken:
                return key


def _structure_key(record: Record) -> StructureKey:
    return structure_key(str(record.fields.get("structure", "")), str(record.fields.get("department", "")))
