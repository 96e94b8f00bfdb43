"""Filters of the pages about people and their accounts."""

import re
from typing import Any

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from tisserand.network.enums import RoleKind
from tisserand.network.models import Invitation, Role

register = template.Library()

# The first that is found; Chrome and Safari are named by many others.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip


@register.simple_tag
def directory() -> str:
    """What people call the directory by which one may come in; empty without one."""
    return settings.OIDC_LABEL if settings.OIDC_URL else ""


@register.filter
def place(role: Role | Invitation) -> str:
    """Where a role is held: the structure, or the network."""
    return str(role.structure or role.network)


@register.filter
def directs(role: Role) -> bool:
    """Whether this role brings people in."""
    return role.kind == RoleKind.DIRECTOR


@register.filter
def browser(session: Any) -> str:
    """`Firefox, Windows`: enough to recognise one's own device."""
    agent = session.user_agent
    names = [
        next((name for mark, name in known if re.search(rf"\b{mark}", agent)), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(name for name in names if name) or _("Un navigateur")
