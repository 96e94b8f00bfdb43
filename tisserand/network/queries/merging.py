"""Reading what one is about to merge, and what was."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from rapidfuzz import fuzz, process

from tisserand.common.batches import groups
from tisserand.common.following import Link, links_to
from tisserand.common.periods import lasting
from tisserand.common.text import fold
from tisserand.network.models import (
    MERGE_UNDONE_FOR,
    AccountMerge,
    Merge,
    Network,
    Role,
    Structure,
    StructureMerge,
    User,
)
from tisserand.network.queries import find_structures, proper_part, structures_kept_by
from tisserand.network.rules import Actor, networks_administered, networks_of_staff
from tisserand.privacy.journal import moment_of
from tisserand.privacy.models import JournalEntry

LOOKS_LIKE = 75  # rapidfuzz score from which a name is proposed: fewer than for an import, since someone chooses
PROPOSED, FOUND = 6, 20
_FACTORS = {Authenticator.Type.TOTP: _l("application de codes"), Authenticator.Type.WEBAUTHN: _l("clé d'accès")}
_AT_ONCE = 500


# Two structures


def beside(viewer: Actor, structure: Structure) -> QuerySet[Structure]:
    """The structures that *viewer* may say to be the same as *structure* (see `rules.joins_structures`)."""
    common = networks_of_staff(viewer).filter(affiliations__structure=structure)
    rows = structures_kept_by(viewer).filter(affiliations__network__in=common)
    return rows.exclude(pk=structure.pk).distinct()


def look_alikes(viewer: Actor, structure: Structure) -> list[Structure]:
    """Those whose name is near, or that are reached in the same way, the nearest first."""
    rows = {row.pk: row for row in beside(viewer, structure)}
    names = {pk: proper_part(row.name_key) for pk, row in rows.items()}
    near = process.extract(
        proper_part(structure.name_key), names, scorer=fuzz.token_sort_ratio, score_cutoff=LOOKS_LIKE, limit=PROPOSED
    )
    reached = [pk for pk, row in rows.items() if _reached(row) & _reached(structure)]
    return [rows[pk] for pk in dict.fromkeys([*(pk for _name, _score, pk in near), *reached])][:PROPOSED]


def _reached(structure: Structure) -> set[str]:
    """By what one reaches a structure, written in one way."""
    digits = "".join(filter(str.isdigit, structure.phone))
    return {digits, structure.email.lower(), structure.website.lower().rstrip("/")} - {""}


def named(viewer: Actor, structure: Structure, text: str) -> list[Structure]:
    """Those that hold every word of *text*."""
    found = find_structures(text=text).rows
    return list(beside(viewer, structure).filter(pk__in=found.values("pk"))[:FOUND]) if text.strip() else []


@dataclass(frozen=True, slots=True)
class Pair:
    """Two structures that may be one: the one found, and which of the two had better stay."""

    other: Structure
    kept: Structure
    gone: Structure


def pairs(structure: Structure, others: list[Structure], fields: Collection[str]) -> list[Pair]:
    """*structure* beside each of *others*: the one that more leads to had better stay, then who fills more *fields*."""
    leading = _counts(Structure, {one.pk for one in (structure, *others)}, [(link, Q()) for link in _moved(Structure)])

    def rich(one: Structure) -> tuple[int, int]:
        return sum(leading[one.pk]), sum(1 for name in fields if getattr(one, name))

    found = []
    for other in others:
        kept, gone = (other, structure) if rich(other) > rich(structure) else (structure, other)
        found.append(Pair(other, kept, gone))
    return found


def current_slugs(slugs: Iterable[str]) -> list[str]:
    """The same structures, by the address that they have now."""
    slugs = list(slugs)
    moved = dict(StructureMerge.objects.filter(slug__in=slugs).values_list("slug", "kept__slug"))
    return list(dict.fromkeys(moved.get(slug, slug) for slug in slugs))


# Two accounts


def accounts_known_in(viewer: Actor, network: Network) -> QuerySet[User]:
    """The open accounts that have or had a role in *network*, for who administers it."""
    roles = Role.objects.filter(network=network, network__in=networks_administered(viewer))
    return User.objects.filter(pk__in=roles.values("user"), is_active=True)


def same_names(viewer: Actor, network: Network, user: User) -> list[User]:
    """The accounts whose name is near, the nearest first."""
    rows = {row.pk: row for row in accounts_known_in(viewer, network).exclude(pk=user.pk)}
    names = {pk: fold(row.get_full_name()) for pk, row in rows.items()}
    near = process.extract(
        fold(user.get_full_name()), names, scorer=fuzz.token_sort_ratio, score_cutoff=LOOKS_LIKE, limit=PROPOSED
    )
    return [rows[pk] for _name, _score, pk in near]


def people_named(viewer: Actor, network: Network, user: User, text: str) -> list[User]:
    """Those whose name or address holds every word of *text*."""
    words = [fold(word) for word in text.split()[:10] if fold(word)]
    rows = accounts_known_in(viewer, network).exclude(pk=user.pk) if words else ()
    # In Python: neither database compares letters without their accents.
    named = (row for row in rows if all(word in fold(f"{row.get_full_name()} {row.email}") for word in words))
    return list(islice(named, FOUND))


@dataclass(frozen=True, slots=True)
class Door:
    """What opens an account, and what it opens."""

    user: User
    proven: bool
    factors: list[str]
    roles: list[Role]


def doors(*users: User) -> list[Door]:
    """What opens each of these accounts, and the roles that they hold today (three queries)."""
    proven = set(
        EmailAddress.objects.filter(user__in=users, verified=True, primary=True).values_list("email", flat=True)
    )
    factors = Authenticator.objects.filter(user__in=users, type__in=_FACTORS).order_by("pk")
    roles = lasting(Role.objects.filter(user__in=users))
    roles = roles.select_related("network", "structure").order_by("pk")
    return [
        Door(
            user,
            user.email in proven,
            [str(_FACTORS[one.type]) for one in factors if one.user_id == user.pk],
            [role for role in roles if role.user_id == user.pk],
        )
        for user in users
    ]


def forgotten(user: User) -> dict[int, datetime]:
    """When each account that became this one, and was deleted since, was opened: as long as the journal says it."""
    found: dict[int, datetime] = {}
    asked = [user.pk]
    while asked:
        subjects = [f"{User._meta.label_lower}:{pk}" for pk in asked]
        told = JournalEntry.objects.filter(verb="network.account_forgotten", subject__in=subjects)
        news = {one.data["merged"]: moment_of(one.data["opened_at"]) for one in told}
        asked = list(news.keys() - found.keys())
        found |= news
    return found


# What moves, and what moved


def carried(row: Model) -> list[str]:
    """How many of each thing lead to *row*, in words (one query)."""
    told = _moved(type(row))
    counts = _count(row, [(link, Q()) for link in told])
    return [_told(link, count) for link, count in zip(told, counts, strict=True) if count]


def _moved(model: type[Model]) -> list[Link]:
    """The links by which something that people know follows a row of *model*."""
    return [link for link in links_to(model) if link.follows and link.told]


def _count(row: Model, links: list[tuple[Link, Q]]) -> list[int]:
    """How many rows lead to *row* by each link, among those of a condition (one query)."""
    return _counts(type(row), {row.pk}, links).get(row.pk, [])


def _counts(model: type[Model], numbers: Collection[int], links: list[tuple[Link, Q]]) -> dict[int, list[int]]:
    """The same for several rows, by their numbers (one query)."""
    counts = {}
    for rank, (link, condition) in enumerate(links):
        rows = link.model._base_manager.filter(condition, **{link.field: OuterRef("pk")}).order_by().values(link.field)
        counts[f"n{rank}"] = Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)
    found = model._base_manager.filter(pk__in=numbers).values_list("pk", *counts.values()) if counts else ()
    return {pk: rest for pk, *rest in found}


def _told(link: Link, count: int) -> str:
    told: Any = link.told  # it chooses its words by the number
    return str(told % {"n": count})


def live(merges: QuerySet[Any]) -> QuerySet[Any]:
    """Those that can be undone still."""
    return merges.filter(created_at__gt=timezone.now() - MERGE_UNDONE_FOR).exclude(moved=[])


def structure_merges_of(structure: Structure) -> QuerySet[StructureMerge]:
    """What became *structure* and can part from it, the last one first."""
    return live(structure.merges.all())


def account_merges_seen_by(viewer: Actor, network: Network) -> QuerySet[AccountMerge]:
    """The accounts that became one on the page of *network*, and can be two again."""
    rows = AccountMerge.objects.filter(network=network, network__in=networks_administered(viewer))
    return live(rows).select_related("kept", "gone")


@dataclass(frozen=True, slots=True)
class Parting:
    """What parting would do: what goes back, what was created since and stays, in words."""

    back: list[str]
    since: list[str]


def still_there(change: Mapping[str, Any], kept: int) -> Iterator[QuerySet[Any]]:
    """The rows that a change moved and that still lead to *kept*, by groups."""
    for part in groups(change["rows"], _AT_ONCE):
        yield apps.get_model(change["model"])._base_manager.filter(pk__in=part, **{change["field"]: kept})


def parting(merge: StructureMerge | AccountMerge) -> Parting:
    """Count what undoing *merge* would do now."""
    told = {(link.model._meta.label_lower, link.field): link for link in links_to(type(merge.kept)) if link.told}
    moves = [one for one in merge.moved if "rows" in one and (one["model"], one["field"]) in told]
    links = [told[one["model"], one["field"]] for one in moves]
    since = _count(merge.kept, [(link, _since(merge, link, one)) for link, one in zip(links, moves, strict=True)])
    back = [
        sum(rows.count() for rows in still_there(one, merge.kept_id))
        + sum(1 for other in merge.moved if other["model"] == one["model"] and "into" in other)
        for one in moves
    ]
    return Parting(
        [_told(link, count) for link, count in zip(links, back, strict=True) if count],
        [_told(link, count) for link, count in zip(links, since, strict=True) if count],
    )


def _since(merge: StructureMerge | AccountMerge, link: Link, change: Mapping[str, Any]) -> Q:
    """The rows added after *merge*, but for what it added itself."""
    ours = [one["row"] for one in merge.moved if one["model"] == change["model"] and "made" in one]
    return Q(pk__gt=change["last"]) & ~Q(pk__in=[*ours, merge.pk] if link.model is type(merge) else ours)


def later_than(merge: Merge) -> Merge | None:
    """The last merge made after *merge* of some of the same rows: it must be undone first."""
    mine, later = _touched(merge), Q(created_at__gt=merge.created_at)
    found: list[Merge] = [*live(StructureMerge.objects.filter(later)), *live(AccountMerge.objects.filter(later))]
    found.sort(key=lambda one: one.created_at, reverse=True)
    return next((one for one in found if _meet(mine, _touched(one))), None)


def _touched(merge: Merge) -> dict[tuple[str, int], set[str]]:
    """The rows that a merge wrote: of each, the links that moved, or "" for the whole row."""
    touched: dict[tuple[str, int], set[str]] = {}
    for change in merge.moved:
        for pk in change.get("rows", [change.get("row"), change.get("into")]):
            if pk is not None:
                part = change["field"] if "rows" in change else ""
                touched.setdefault((change["model"], pk), set()).add(part)
    return touched


def _meet(one: dict[tuple[str, int], set[str]], other: dict[tuple[str, int], set[str]]) -> bool:
    common = one.keys() & other.keys()
    return any("" in one[row] | other[row] or one[row] & other[row] for row in common)


def in_the_way(merge: StructureMerge | AccountMerge) -> str:
    """Why *merge* cannot be undone, in words; empty when it can."""
    if not merge.moved or merge.until <= timezone.now():
        return _("Cela ne se défait plus : trente jours ont passé.")
    later = later_than(merge)
    if isinstance(later, StructureMerge):
        return _("Séparez d'abord %(name)s, qui a été réunie depuis.") % {"name": later.former["name"]}
    if later:
        return _("Séparez d'abord les deux comptes qui ont été réunis depuis : ils ont les mêmes rôles.")
    return _name_taken(merge) if isinstance(merge, StructureMerge) else ""


def _name_taken(merge: StructureMerge) -> str:
    """Two structures would bear one name: someone gave that of the one that went, or of the one that stays."""
    kept = merge.kept
    change = next(one for one in merge.moved if one["model"] == Structure._meta.label_lower and "was" in one)
    back = {name: was for name, was in change["was"].items() if getattr(kept, name) == change["now"][name]}
    former = merge.former["name_key"], merge.former["department_key"]
    then = back.get("name_key", kept.name_key), back.get("department_key", kept.department_key)
    for key in (former, then):
        taken = Structure.objects.exclude(pk=kept.pk).filter(name_key=key[0], department_key=key[1]).first()
        taken = kept if former == then else taken
        if taken:
            return _("Une autre structure s'appelle maintenant %(name)s : changez d'abord son nom.") % {
                "name": taken.name
            }
    return ""
