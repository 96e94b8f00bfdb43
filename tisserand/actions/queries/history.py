"""What a sheet was, and what a rewriting brings to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from tisserand.actions.comparing import Change, changed_fields, changes, compared, same
from tisserand.actions.fields import BY_KEY, CLOSED
from tisserand.actions.models import Action, ImportBatch, TermAlias, Version
from tisserand.actions.queries.catalogue import Places, one_with_content, sheets_written_bare
from tisserand.actions.vocabulary import term_key
from tisserand.network.models import User
from tisserand.network.rules import Actor

Names = Mapping[tuple[str, str], str]  # list and key of a value that was merged → the label that stands for it


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


@dataclass(frozen=True, slots=True)
class Edition:
    """What a sheet said from a moment on, until the next one.

    `fields` changed then, `by` someone or by an import; lists that the network merged values of are apart (`merged`).
    `read` is the content with its closed values as the network names them today. `returned` is the version that the
    network sent back, when it is one.
    """

    number: int
    at: datetime
    content: dict[str, Any]
    read: dict[str, Any]
    by: User | None = None
    batch: ImportBatch | None = None
    fields: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    returned: Version | None = None


def sheets_with_history(viewer: Actor, places: Places | None = None) -> QuerySet[Action]:
    """The sheets whose versions *viewer* may read, to open one: those that they write or keep.

    Args:
        places: as in `written_by`.
    """
    return one_with_content(sheets_written_bare(viewer, places)).select_related("created_by")


def editions(sheet: Action) -> list[Edition]:
    """What a sheet said, the last one first (three queries)."""
    versions = list(sheet.versions.select_related("changed_by"))
    moments = [version.until for version in versions]
    batches = {one.applied_at: one for one in sheet.network.imports.filter(applied_at__in=moments)}
    aliases = TermAlias.objects.filter(network=sheet.network_id).select_related("term")
    names = {(alias.facet, alias.key): alias.term.label for alias in aliases}
    today = [] if versions and versions[0].number == sheet.revision else [None]
    found: list[Edition] = []
    for version, before in pairwise([*today, *versions, None]):
        content = version.values if version else sheet.content()
        found.append(
            Edition(
                number=version.number if version else sheet.revision,
                content=content,
                read=_named(content, names),
                returned=version if version and _was_returned(sheet, version) else None,
                **(_change(sheet, before, content, names) if before else _start(sheet, version)),
                batch=batches.get(before.until) if before else None,
            )
        )
    return found


def _start(sheet: Action, version: Version | None) -> dict[str, Any]:
    return {"at": version.since if version else sheet.published_at or sheet.created_at, "by": sheet.created_by}


def _change(sheet: Action, before: Version, content: dict[str, Any], names: Names) -> dict[str, Any]:
    fields = changed_fields(_named(before.values, names), _named(content, names))
    merged = [key for key in changed_fields(before.values, content) if key not in fields]
    # Who sent a sheet back is not who wrote what follows.
    by = None if _was_returned(sheet, before) else before.changed_by
    return {"at": before.until, "by": by, "fields": tuple(fields), "merged": tuple(merged)}


def _was_returned(sheet: Action, version: Version) -> bool:
    """Whether a version was kept because the network sent it back, rather than replaced."""
    return sheet.published_at is None or version.until < sheet.published_at


def _named(content: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A content with its closed values as the network names them today."""
    facets = {field.key: str(field.facet) for field in CLOSED}

    def named(key: str, labels: list[str]) -> list[str]:
        return list(dict.fromkeys(names.get((facets[key], term_key(label)), label) for label in labels))

    return {key: named(key, value) if key in facets else value for key, value in content.items()}


def changes_between(before: Edition, after: Edition) -> tuple[list[Change], list[str]]:
    """What differs between two editions, and the lists where only the network's names of values do."""
    found = changes(before.read, after.read)
    keys = {change.key for change in found}
    merged = [key for key in changed_fields(before.content, after.content) if key not in keys]
    return found, [str(BY_KEY[key].label) for key in merged]
