"""The team's door and its first page."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tisserand.actions.drafting import under_way
from tisserand.actions.enums import State
from tisserand.actions.queries import has_begun, newest, news_of, sheets_under_way, sheets_written_by, stale_written_by
from tisserand.actions.queries.calls import calls_waiting
from tisserand.network.enums import RoleKind
from tisserand.network.guards import at_desk, last_worked, own_network, staff_only, take_seat, team_address
from tisserand.network.models import Role
from tisserand.network.rules import WRITING_KINDS, administers
from tisserand.portal.gallery import gallery_sample
from tisserand.portal.homes import (
    desk_beginnings,
    desk_items,
    news,
    seat_beginnings,
    told_answered,
    told_asked,
    told_waiting,
)
from tisserand.portal.presentation import new_entry

LATEST = 4  # sheets of each kind on a first page
NEW = timedelta(days=30)


@login_required
@require_safe
def team_home(request: HttpRequest) -> HttpResponse:
    """The first page after the door: of the team of a network, of a structure, or of who only reads."""
    networks = take_seat(request).networks
    return at_desk(request, networks, lambda: _desk_home(request)) if networks else _seat_home(request)


def _desk_home(request: HttpRequest) -> HttpResponse:
    """What waits for me, most pressing first; for those who keep several networks, first of all which one."""
    if "network" in request.GET or not request.desk.several:
        network = own_network(request)
        latest = [new_entry(action) for action in newest(LATEST, network)]
        administered = administers(request.user, network)
        items = desk_items(request, network, administers=administered)
        begun = sheets_under_way(request.user, request.seat.places)
        context = {
            "nav": "equipe",
            "network": network,
            "administers": administered,
            "items": items,
            "begin": [] if items or latest else desk_beginnings(request, network, administers=administered),
            "begun": [under_way(action, publishes=True) for action in begun.filter(network=network)[:LATEST]],
            "newest": latest,
        }
        return render(request, "portal/staff_home.html", context)
    last = last_worked(request)
    if last:
        request.desk.network = last
        return redirect(team_address(request, "staff-home"))
    return render(request, "portal/choose_network.html", {"nav": "equipe"})


def _seat_home(request: HttpRequest) -> HttpResponse:
    """What waits for me, what is new and what I began, for an account that does not keep the catalogue."""
    roles = request.seat.roles
    context = {"nav": "equipe", "roles": roles, "newest": [new_entry(action) for action in newest(LATEST)]}
    return render(request, "portal/seat_home.html", context | _written(request, roles))


def _written(request: HttpRequest, roles: list[Role]) -> dict[str, object]:
    """What there is to tell to who writes for a structure; nothing for who only reads."""
    structures = {role.structure_id: role.structure for role in roles if role.kind in WRITING_KINDS and role.structure}
    if not structures:
        return {"writes": False}
    answered, asked = calls_waiting(request.user)
    places = request.seat.places
    under_way_here, stale = sheets_under_way(request.user, places), stale_written_by(request.user, places)
    sheets = list(under_way_here[:LATEST])
    new = list(news_of(request.user, timezone.now() - NEW, places)[:LATEST])
    waits = {
        "returned": under_way_here.filter(state=State.RETURNED).count(),
        "stale": stale.count(),
        "answered": len(answered),
    }
    directs = any(role.kind == RoleKind.DIRECTOR for role in roles)
    wrote = bool(sheets or new) or sheets_written_by(request.user, places).exists()
    begin = seat_beginnings(request, directs=directs, wrote=wrote)
    return {
        "writes": True,
        "invites": directs and not begin,
        "welcome": [] if has_begun(request.user) else list(structures.values()),
        "sheets": [under_way(action, publishes=False) for action in sheets],
        "answered": [told_answered(call) for call in answered[:LATEST]],
        "asked": [told_asked(call) for call in asked[:LATEST]],
        "stale": stale[:LATEST],
        "news": [news(sheet, structures.keys()) for sheet in new],
        "begin": begin,
        "waiting": sum(waits.values()),
        "waits": told_waiting(**waits),
    }


@staff_only
@require_safe
def gallery_page(request: HttpRequest) -> HttpResponse:
    """Every component, in every state."""
    return render(request, "portal/gallery.html", {"nav": "equipe", "sample": gallery_sample()})
