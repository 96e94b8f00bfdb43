"""What a sheet was, and what a rewriting brings to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404

from tisserand.actions.comparing import changed_fields, compared, same
from tisserand.actions.fields import BY_KEY
from tisserand.actions.models import Action


def content_at(sheet: Action, number: int) -> dict[str, Any]:
    """What a sheet said at a revision, by key.

    Raises:
        Http404: nothing is kept of it.
    """
    if number == sheet.revision:
        return sheet.content()
    values: dict[str, Any] = get_object_or_404(sheet.versions, number=number).values
    return values


@dataclass(frozen=True, slots=True)
class Base:
    """What a sheet under way is compared with: the public sheet, or what the network sent back."""

    kind: str  # "public", "returned"
    at: datetime  # since when it says that
    content: Mapping[str, Any]


def bases_of(sheet: Action) -> list[Base]:
    """What the changes of a sheet under way may be told from, the last one first; none for a sheet read anew."""
    found = [Base("returned", one.until, one.values) for one in sheet.versions.all()[:1]]
    if sheet.revises:
        found.append(Base("public", sheet.revises.updated_at, sheet.revises.content()))
    return found


def changes_of(rewriting: Action) -> tuple[dict[str, Any], list[str]]:
    """What a rewriting brings to its public sheet, by key, and the fields that changed there too meanwhile."""
    public = rewriting.revises
    assert public is not None
    assert rewriting.based_on is not None
    here, there = public.content(), rewriting.content()
    # A field that came since has no value in an old version.
    base = here | content_at(public, rewriting.based_on)
    changed = {key: there[key] for key in changed_fields(base, there)}
    clashing = [key for key in changed if not same(here[key], base[key]) and not same(here[key], changed[key])]
    return changed, clashing


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that changed on both sides: what both began with, what each says; the words that differ stand out."""

    key: str
    label: str
    before: str
    public: str
    rewriting: str


def clashes_of(rewriting: Action) -> list[Clash]:
    """The fields that changed in a rewriting and in its public sheet, in the order of the form."""
    if rewriting.revises is None or rewriting.based_on is None:
        return []
    before = content_at(rewriting.revises, rewriting.based_on)
    public, there = rewriting.revises.content(), rewriting.content()
    return [
        Clash(key, str(BY_KEY[key].label), _told(before.get(key, "")), *compared(public[key], there[key], change=False))
        for key in changes_of(rewriting)[1]
    ]


def _told(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
