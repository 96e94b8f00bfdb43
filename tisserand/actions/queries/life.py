"""What is under way before a sheet is public, for those who write it and those who read it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Max, OuterRef, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import Coalesce
from django.utils import timezone

from tisserand.actions.enums import UNDER_WAY, State
from tisserand.actions.models import Action, Presence, Remark
from tisserand.actions.queries.catalogue import Places, of_places_written
from tisserand.actions.queries.team import sheets_kept_by
from tisserand.network.enums import RoleKind
from tisserand.network.models import Network, User
from tisserand.network.queries import writers_of
from tisserand.network.rules import Actor, is_staff_of, networks_of_staff, writes_for

LONG = timedelta(days=14)
HERE = timedelta(minutes=2)  # someone last heard of before that has closed the form


def sheets_under_way(viewer: Actor, places: Places | None = None) -> QuerySet[Action]:
    """What *viewer* is at work on: the sheets of the structures that they write for, and those that they began.

    First those that the network gave back, then those to write, then those that it reads; the last one changed first.
    Each has `asked`, how many remarks are still to take up.

    Args:
        places: as in `written_by`.
    """
    begun = Q(created_by=viewer.pk, network__in=networks_of_staff(viewer))
    rows = Action.objects.filter(of_places_written(viewer, places) | begun, state__in=UNDER_WAY)
    rows = rows.select_related("structure", "network")
    asked = Remark.objects.filter(action=OuterRef("pk"), settled_at=None).order_by().values("action")
    rows = rows.annotate(asked=Coalesce(Subquery(asked.values(count=Count("pk"))), 0))
    turn = Case(When(state=State.RETURNED, then=0), When(state=State.DRAFT, then=1), default=2)
    return rows.order_by(turn, "-updated_at", "-pk")


def news_of(writer: Actor, since: datetime, places: Places | None = None) -> QuerySet[Action]:
    """What became public since then of the structures for which *writer* writes, or took up one of their sheets.

    The latest first; the sheet that was taken up comes with each (`inspired_by`).
    """
    own = of_places_written(writer, places)
    theirs = Q(inspired_by__in=Action.objects.filter(own).values("pk"))
    rows = Action.objects.filter(own | theirs, state=State.PUBLISHED, published_at__gte=since)
    return rows.select_related("structure", "inspired_by").order_by("-published_at", "-pk")


def others_writing(viewer: Actor, action: Action) -> QuerySet[Presence]:
    """Who else has the form of a sheet open now, the last one heard of first."""
    here = action.presences.filter(seen_at__gt=timezone.now() - HERE).exclude(user=viewer.pk)
    return here.select_related("user").order_by("-seen_at")


def remarks_seen_by(viewer: Actor, action: Action) -> QuerySet[Remark]:
    """What the network asks of a sheet, the first thing asked first.

    While it reads, what it writes is its own: the writers see it once they have the sheet again.
    """
    rows = action.remarks.select_related("created_by", "settled_by")
    if not writes_for(viewer, action.network, action.structure):
        return rows.none()
    if action.state == State.SUBMITTED and not is_staff_of(viewer, action.network):
        return rows.filter(created_at__lt=action.submitted_at)
    return rows


def sheets_to_review(viewer: Actor) -> QuerySet[Action]:
    """The sheets under way in the networks that *viewer* keeps, with the public one that they rewrite."""
    rows = sheets_kept_by(viewer).filter(state__in=UNDER_WAY).select_related("submitted_by", "revises")
    return rows.prefetch_related("revises__term_links__term")


def rewriting_of(action: Action) -> Action | None:
    """The sheet under way that will replace a public one, if someone began it."""
    return Action.objects.filter(revises=action).first()


def to_review(network: Network) -> QuerySet[Action]:
    """The sheets proposed to a network, the first proposed first."""
    rows = Action.objects.filter(network=network, state=State.SUBMITTED)
    return rows.select_related("structure", "submitted_by").order_by("submitted_at", "pk")


def proposed_first(network: Network, limit: int) -> tuple[list[Action], int]:
    """The first sheets of those proposed to a network, and how many there are in all (one query)."""
    sheets: list[Any] = list(to_review(network).annotate(total=Window(Count("pk")))[:limit])
    return sheets, sheets[0].total if sheets else 0


def returned(network: Network) -> QuerySet[Action]:
    """The sheets that their writers take up again, the first sent back first: since when (`since`), what is `asked`."""
    rows = Action.objects.filter(network=network, state=State.RETURNED).select_related("structure")
    asked = Count("remarks", filter=Q(remarks__settled_at=None), distinct=True)
    return rows.annotate(since=Max("versions__until"), asked=asked).order_by("since", "pk")


def returned_for_long(network: Network, now: datetime) -> QuerySet[Action]:
    """Those that their writers have had for two weeks and more."""
    return returned(network).filter(since__lt=now - LONG)  # type: ignore[misc]


def authors_of(sheet: Action) -> list[User]:
    """Whom to answer about a sheet: who began it and who proposed it, if they still write for its structure.

    Once they have left, its directors; nobody for a sheet that the team wrote itself, or that a file brought.
    """
    writers = writers_of(sheet.network, sheet.structure)
    authors = list(writers.filter(pk__in=[pk for pk in (sheet.created_by_id, sheet.submitted_by_id) if pk]))
    if authors or not sheet.submitted_at:
        return authors
    return list(writers_of(sheet.network, sheet.structure, (RoleKind.DIRECTOR,)))
