"""A sheet as the network reads it before it is public: in order, with what changed and what is asked."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from tisserand.actions.comparing import Change
from tisserand.actions.fields import BY_KEY, CLOSED, TEXT_KEYS
from tisserand.actions.models import Action, Remark
from tisserand.actions.presentation import FOOT, RESULTS, SECTIONS, Block, Value, blocks, details

GROUPS: tuple[tuple[str, Promise, tuple[str, ...]], ...] = (
    ("texte", _l("La fiche"), ("summary", *SECTIONS)),
    ("resultats", _l("Ce que l'action a changé"), RESULTS),
    ("suite", _l("La suite"), FOOT),
    (
        "reperes",
        _l("Repères"),
        ("status", "dimension", "keywords", "initiators", "initiator_detail", "territory", "public", "partners"),
    ),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A field as it is read, what changed in it, what is asked of it. The whole sheet has no `key`."""

    key: str
    label: str | Promise
    blocks: list[Block]
    values: list[Value]
    change: Change | None
    remarks: list[Remark]

    @property
    def is_silent(self) -> bool:
        """Nothing is written there, was, or is asked."""
        return not (self.blocks or self.values or self.change or self.remarks)


@dataclass(frozen=True, slots=True)
class Group:
    """Passages under a heading."""

    id: str
    title: Promise
    passages: list[Passage]


@dataclass(frozen=True, slots=True)
class Reading:
    """A sheet to review: its title, its passages by group, those left empty, and the sheet as a whole."""

    title: Passage
    groups: list[Group]
    empty: list[Passage]
    whole: Passage
    changes: list[Change]


def reading(sheet: Action, changes: list[Change], remarks: Iterable[Remark]) -> Reading:
    """Lay a sheet out to be read and remarked upon."""
    asked: dict[str, list[Remark]] = {}
    for remark in remarks:
        asked.setdefault(remark.field, []).append(remark)
    changed = {change.key: change for change in changes}
    values = {detail.key: detail.values for detail in details(sheet)}
    closed = {field.key for field in CLOSED}

    def passage(key: str) -> Passage:
        text = getattr(sheet, key) if key in TEXT_KEYS else ""
        held = values.get(key, []) if key in closed else []
        label = BY_KEY[key].label if key else ""
        return Passage(key, label, blocks(text), held, changed.get(key), asked.get(key, []))

    groups, empty = [], []
    for name, title, keys in GROUPS:
        found = [passage(key) for key in keys]
        empty += [one for one in found if one.is_silent]
        groups.append(Group(name, title, [one for one in found if not one.is_silent]))
    return Reading(passage("title"), [one for one in groups if one.passages], empty, passage(""), changes)
