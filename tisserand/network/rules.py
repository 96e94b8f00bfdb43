"""Who may do what: predicates used by operations, querysets, screens and the API alike."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.common.operations import require
from tisserand.network.enums import RoleKind
from tisserand.network.models import Network, Role, Structure
from tisserand.privacy.journal import SystemActor

Actor = Any  # a User, an AnonymousUser, or privacy.journal.SYSTEM


def runs_instance(actor: Actor) -> bool:
    """The command line, the worker, or an account that administers the whole instance."""
    return isinstance(actor, SystemActor) or bool(getattr(actor, "is_superuser", False))


STAFF_KINDS = (RoleKind.NETWORK_ADMIN, RoleKind.MISSION)


def current_roles(user: Actor) -> QuerySet[Role]:
    """The roles that *user* holds today."""
    today = timezone.localdate()
    return Role.objects.filter(Q(ends=None) | Q(ends__gte=today), user_id=user.pk, starts__lte=today)


def networks_of_staff(actor: Actor) -> QuerySet[Network]:
    """The networks whose catalogue *actor* keeps."""
    if runs_instance(actor):
        return Network.objects.all()
    if not actor.is_authenticated:
        return Network.objects.none()
    return Network.objects.filter(pk__in=current_roles(actor).filter(kind__in=STAFF_KINDS).values("network"))


def networks_of(user: Actor) -> QuerySet[Network]:
    """The networks in which *user* holds a role today, were it only to read."""
    return Network.objects.filter(pk__in=current_roles(user).values("network"))


def is_staff_of(actor: Actor, network: Network) -> bool:
    """May import, edit sheets and structures, and settle suggestions in *network*."""
    return networks_of_staff(actor).filter(pk=network.pk).exists()


def keeps_page_of(actor: Actor, structure: Structure) -> bool:
    """May change what is told of *structure*: for the team of the network that first named it."""
    return structure.home_id is not None and networks_of_staff(actor).filter(pk=structure.home_id).exists()


def administers(actor: Actor, network: Network) -> bool:
    """May edit the vocabulary and the aliases of *network*."""
    if runs_instance(actor):
        return True
    if not actor.is_authenticated:
        return False
    return current_roles(actor).filter(kind=RoleKind.NETWORK_ADMIN, network=network).exists()


def require_staff(actor: Actor, network: Network) -> None:
    """Refuse who does not keep the catalogue of *network*.

    Raises:
        PermissionDenied: told in words.
    """
    require(is_staff_of(actor, network), _("Vous ne tenez pas le catalogue de ce réseau."))
