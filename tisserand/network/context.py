"""What every page needs to know of the network and of who is looking."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tisserand.network.guards import team_address
from tisserand.network.queries import site_network
from tisserand.network.rules import holds_a_role, networks_of_staff


@dataclass(frozen=True, slots=True)
class Site:
    """Name and dress of the pages. An instance without a network bears the software's name."""

    name: str
    territory: str
    intro: str
    accent: str


def site(request: HttpRequest) -> dict[str, Any]:
    """Template variables `site`, `staff_home` (address) and `nav` (default: none).

    Who looks: `staff` (keeps a catalogue), `seated` (has a role).
    """

    def load() -> Site:
        network = site_network()
        if network is None:
            return Site("Tisserand", "", "", "guede")
        return Site(network.name, network.territory, network.intro, network.accent)

    def staff() -> bool:
        user = getattr(request, "user", None)
        return bool(user and user.is_authenticated and networks_of_staff(user).exists())

    def seated() -> bool:
        user = getattr(request, "user", None)
        return bool(user and user.is_authenticated and holds_a_role(user))

    return {
        "site": SimpleLazyObject(load),
        "staff": SimpleLazyObject(staff),
        "seated": SimpleLazyObject(seated),
        "staff_home": SimpleLazyObject(lambda: team_address(request, "staff-home")),
        "nav": "",
    }
