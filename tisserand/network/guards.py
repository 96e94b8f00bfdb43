"""At the door of a screen of the team: who may come in, and which network they work on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tisserand.network.models import Network, Role
from tisserand.network.rules import STAFF_KINDS, WRITING_KINDS, Actor, current_roles, networks_of_staff, runs_instance

View = Callable[..., HttpResponse]
LAST = "network"  # in the session of those who keep several: the one they worked for last


@dataclass(slots=True)
class Desk:
    """Where someone of a team sits: the networks whose catalogue they keep, and the one that the page is about.

    A page about one thing (a sheet, an import) sets `network` to the one of that thing.
    """

    networks: list[Network]
    network: Network

    @property
    def several(self) -> bool:
        """Whether pages must say which network they are about."""
        return len(self.networks) > 1

    def address(self, name: str, *args: Any, **query: Any) -> str:
        """A page of the team about the same network: its address says which, for those who keep several."""
        said = {"network": self.network.slug} if self.several else {}
        return reverse(name, args=args, query=said | query)


def staff_only(view: View) -> View:
    """Ask for a login, then for a role that keeps a catalogue; the view finds `request.desk`."""

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        networks = list(networks_of_staff(request.user))
        if not networks:
            raise PermissionDenied(_("Votre compte permet de lire, pas de tenir le catalogue."))
        return at_desk(request, networks, lambda: view(request, *args, **kwargs))

    return wrapper


def at_desk(request: HttpRequest, networks: list[Network], answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer for someone who keeps *networks*, and remember which one they worked for."""
    desk = _sit(request, networks)
    first = desk.network
    response = answer()
    moved = first.slug == _asked(request) or desk.network != first
    if desk.several and moved and request.session.get(LAST) != desk.network.slug:
        request.session[LAST] = desk.network.slug
    return response


def last_worked(request: HttpRequest) -> Network | None:
    """Where someone who keeps several networks worked last, since they logged in; the only one of who keeps one."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    known = [network for network in desk.networks if network.slug == request.session.get(LAST)]
    return next(iter(known if desk.several else desk.networks), None)


@dataclass(frozen=True, slots=True)
class Seat:
    """What someone holds today: their roles, and the networks whose catalogue they keep."""

    roles: list[Role]
    networks: list[Network]

    @property
    def places(self) -> frozenset[tuple[int, int]]:
        """The numbers of the networks and structures where they write by a role of their own."""
        held = (role for role in self.roles if role.kind in WRITING_KINDS)
        return frozenset((role.network_id, role.structure_id) for role in held if role.structure_id)


def seated(view: View) -> View:
    """Ask for a login, then for any role; the view finds `request.seat`, and `request.desk` for who keeps a network."""

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seat = take_seat(request)
        if not seat.roles and not seat.networks:
            raise PermissionDenied(_("Votre compte n'a pas de rôle aujourd'hui."))
        if seat.networks:
            return at_desk(request, seat.networks, lambda: view(request, *args, **kwargs))
        return view(request, *args, **kwargs)

    return wrapper


def take_seat(request: HttpRequest) -> Seat:
    """What this person holds, read once for the whole request: `request.seat`."""
    roles = list(current_roles(request.user).select_related("network", "structure").order_by("pk"))
    request.seat = seat = Seat(roles, _kept(request.user, roles))  # type: ignore[attr-defined]
    return seat


def _kept(user: Actor, roles: list[Role]) -> list[Network]:
    """What `networks_of_staff` answers, from the roles that were just read."""
    if runs_instance(user):
        return list(networks_of_staff(user))
    found = {role.network_id: role.network for role in roles if role.kind in STAFF_KINDS}
    return [found[number] for number in sorted(found)]


def _sit(request: HttpRequest, networks: list[Network]) -> Desk:
    named = [network for network in networks if network.slug == _asked(request)]
    request.desk = desk = Desk(networks, (named or networks)[0])  # type: ignore[attr-defined]
    return desk


def own_network(request: HttpRequest) -> Network:
    """The network that the address or the form names (`network`); without a name, the only one of theirs.

    Those who keep several read the first one by default; nothing is written without saying where.
    """
    desk: Desk = request.desk  # type: ignore[attr-defined]
    asked = _asked(request)
    if asked and desk.network.slug != asked:
        raise PermissionDenied(_("Vous ne tenez pas le catalogue de ce réseau."))
    if not asked and desk.several and request.method == "POST":
        raise PermissionDenied(_("Vous tenez plusieurs catalogues : choisissez d'abord le réseau."))
    return desk.network


def team_address(request: HttpRequest | None, name: str, *args: Any, **query: Any) -> str:
    """A page of the team, about the same network as this page if it is one of theirs."""
    desk: Desk | None = getattr(request, "desk", None)
    return desk.address(name, *args, **query) if desk else reverse(name, args=args, query=query)


def _asked(request: HttpRequest) -> str:
    return request.GET.get("network") or request.POST.get("network") or ""
