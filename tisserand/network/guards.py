"""At the door of a screen of the team: who may come in, and which network they work for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tisserand.network.models import Network
from tisserand.network.rules import networks_of_staff

View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """Ask for a login, then for a role that keeps a catalogue."""

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not networks_of_staff(request.user).exists():
            raise PermissionDenied(_("Votre compte permet de lire, pas de tenir le catalogue."))
        return view(request, *args, **kwargs)

    return wrapper


def own_network(request: HttpRequest) -> Network:
    """The network that this person works for (the first one of theirs, or the one asked by `?network=`)."""
    networks = networks_of_staff(request.user)
    asked = request.GET.get("network") or request.POST.get("network")
    found = networks.filter(slug=asked).first() if asked else networks.first()
    if found is None:
        raise PermissionDenied(_("Vous ne tenez pas le catalogue de ce réseau."))
    return found
