"""What every page needs to know of the network and of who is looking."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tisserand.network.guards import team_address
from tisserand.network.queries import site_network
from tisserand.network.rules import networks_of_staff


@dataclass(frozen=True, slots=True)
class Site:
    """Name and dress of the pages. An instance without a network bears the software's name."""

    name: str
    territory: str
    intro: str
    accent: str


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: `site`, `nav` (default: none), and the way to the team's pages, or to one's account.

    `staff` keeps a catalogue, `known` is logged in, `staff_home` is the address.
    """

    def load() -> Site:
        network = site_network()
        if network is None:
            return Site("Tisserand", "", "", "guede")
        return Site(network.name, network.territory, network.intro, network.accent)

    def staff() -> bool:
        if hasattr(request, "desk") or hasattr(request, "seat"):
            return hasattr(request, "desk")
        user = getattr(request, "user", None)
        return bool(user and user.is_authenticated and networks_of_staff(user).exists())

    return {
        "site": SimpleLazyObject(load),
        "staff": SimpleLazyObject(staff),
        "known": SimpleLazyObject(lambda: getattr(request, "user", None) and request.user.is_authenticated),
        "staff_home": SimpleLazyObject(lambda: team_address(request, "staff-home")),
        "nav": "",
    }
