"""Tags of the team's pages, which keep to one network for those who work for several."""

from typing import Any

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from tisserand.network.guards import Desk, team_address

register = template.Library()


def _desk(context: Context) -> Desk | None:
    # The request of the context itself: an `include … only` hides the variable.
    return getattr(getattr(context, "request", None), "desk", None)


@register.simple_tag(takes_context=True)
def team_url(context: Context, name: str, *args: Any, **query: Any) -> str:
    """`{% team_url "drafts" page=2 %}`: like `url` with a query, for a page about the same network as this one."""
    return team_address(getattr(context, "request", None), name, *args, **query)


@register.inclusion_tag("components/breadcrumb.html", takes_context=True)
def team_trail(context: Context, here: str, parent: str = "", parent_url: str = "") -> dict[str, Any]:
    """The way back to the first page of the team, which says the network to those who keep several."""
    desk = _desk(context)
    home = _("Espace équipe") if desk else _("Mon espace")
    if desk and desk.several:
        home = f"{home} · {desk.network}"
    crumbs = [{"label": home, "url": team_url(context, "staff-home")}]
    if parent_url:
        crumbs.append({"label": parent, "url": parent_url})
    return {"crumbs": [*crumbs, {"label": here, "url": ""}]}


@register.inclusion_tag("components/choice.html", takes_context=True)
def choose_network(context: Context) -> dict[str, Any]:
    """The same page for another network; nothing for those who keep one."""
    desk = _desk(context)
    networks = desk.networks if desk and desk.several else []
    return {
        "label": _("Choix du réseau"),
        "choices": [
            {"label": network.name, "url": f"?network={network.slug}", "current": desk and network == desk.network}
            for network in networks
        ],
    }
