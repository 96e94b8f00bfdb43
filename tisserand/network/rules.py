"""Who may do what: predicates used by operations, querysets, screens and the API alike."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.common.operations import require
from tisserand.common.periods import holding, lasting
from tisserand.network.enums import NETWORK_ROLES, STRUCTURE_ROLES, RoleKind
from tisserand.network.models import AccountMerge, Invitation, Network, Role, Structure, StructureMerge, User
from tisserand.privacy.journal import SystemActor

Actor = Any  # a User, an AnonymousUser, or privacy.journal.SYSTEM


def runs_instance(actor: Actor) -> bool:
    """The command line, the worker, or an account that administers the whole instance."""
    return isinstance(actor, SystemActor) or bool(getattr(actor, "is_superuser", False))


STAFF_KINDS = (RoleKind.NETWORK_ADMIN, RoleKind.MISSION)
# Who writes the sheets of a structure.
WRITING_KINDS = (RoleKind.DIRECTOR, RoleKind.MEMBER)
# Whom a director may bring in; a director is named by the network.
KINDS_OF_DIRECTOR = (RoleKind.MEMBER, RoleKind.REFERENT, RoleKind.PROFESSIONAL)


def current_roles(user: Actor) -> QuerySet[Role]:
    """The roles that *user* holds today."""
    return holding(Role.objects.filter(user_id=user.pk))


def holds_a_role(actor: Actor) -> bool:
    """Has something to do here today."""
    return runs_instance(actor) or current_roles(actor).exists()


def keeps_second_factor(actor: Actor) -> bool:
    """Opens more than one structure's work: a password alone is not enough, where it is asked for (settings)."""
    return runs_instance(actor) or current_roles(actor).filter(kind__in=STAFF_KINDS).exists()


def second_factor_missing(actor: Actor) -> bool:
    """Must have a second factor, and has none."""
    if not settings.SECOND_FACTOR or not keeps_second_factor(actor):
        return False
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return not Authenticator.objects.filter(user=actor, type__in=kinds).exists()


def networks_worked_in(actor: Actor) -> QuerySet[Network]:
    """The networks where *actor* holds any role."""
    if runs_instance(actor):
        return Network.objects.all()
    if not actor.is_authenticated:
        return Network.objects.none()
    return Network.objects.filter(pk__in=current_roles(actor).values("network"))


def networks_of_staff(actor: Actor) -> QuerySet[Network]:
    """The networks whose catalogue *actor* keeps."""
    if runs_instance(actor):
        return Network.objects.all()
    if not actor.is_authenticated:
        return Network.objects.none()
    return Network.objects.filter(pk__in=current_roles(actor).filter(kind__in=STAFF_KINDS).values("network"))


def is_staff_of(actor: Actor, network: Network) -> bool:
    """May import, edit sheets and structures, and settle suggestions in *network*."""
    if runs_instance(actor):
        return True
    return actor.is_authenticated and current_roles(actor).filter(kind__in=STAFF_KINDS, network=network).exists()


def directing_roles(actor: Actor) -> QuerySet[Role]:
    """The roles by which *actor* brings people into a structure."""
    if runs_instance(actor) or not actor.is_authenticated:
        return Role.objects.none()
    return current_roles(actor).filter(kind=RoleKind.DIRECTOR)


def directs(actor: Actor, network: Network, structure: Structure) -> bool:
    """May bring people into *structure* and see who is there."""
    if is_staff_of(actor, network):
        return True
    return directing_roles(actor).filter(network=network, structure=structure).exists()


def kinds_granted_by(actor: Actor, network: Network, structure: Structure | None) -> tuple[RoleKind, ...]:
    """The roles that *actor* may give, invite to and end: in the network, or in one of its structures."""
    if structure is None:
        return NETWORK_ROLES if administers(actor, network) else ()
    if is_staff_of(actor, network):
        return STRUCTURE_ROLES
    return KINDS_OF_DIRECTOR if directs(actor, network, structure) else ()


def still_offered(invitation: Invitation) -> bool:
    """Its link is the last one sent, works still, and who sent it gives such roles still."""
    inviter = invitation.created_by
    backed = inviter is None or invitation.kind in kinds_granted_by(inviter, invitation.network, invitation.structure)
    return invitation.is_open and invitation.is_current and not invitation.has_expired and backed


def writing_roles(actor: Actor) -> QuerySet[Role]:
    """The roles by which *actor* writes for a structure."""
    if runs_instance(actor) or not actor.is_authenticated:
        return Role.objects.none()
    return current_roles(actor).filter(kind__in=WRITING_KINDS)


def writes_for(actor: Actor, network: Network, structure: Structure) -> bool:
    """May write what *structure* tells of itself in *network*, and see what is under way there."""
    if runs_instance(actor):
        return True
    by_role = Q(kind__in=STAFF_KINDS) | Q(kind__in=WRITING_KINDS, structure=structure)
    return actor.is_authenticated and current_roles(actor).filter(by_role, network=network).exists()


def writes_in(actor: Actor, network: Network) -> bool:
    """Writes for a structure of *network*, or keeps its catalogue."""
    return is_staff_of(actor, network) or writing_roles(actor).filter(network=network).exists()


def keeps_page_of(actor: Actor, structure: Structure) -> bool:
    """May change what is told of *structure*: for the team of the network that first named it."""
    return structure.home_id is not None and networks_of_staff(actor).filter(pk=structure.home_id).exists()


def joins_structures(actor: Actor, one: Structure, other: Structure) -> bool:
    """May say that two structures are one: keeps the page of both, in a network that they have in common."""
    common = networks_of_staff(actor).filter(affiliations__structure=one).filter(affiliations__structure=other)
    return keeps_page_of(actor, one) and keeps_page_of(actor, other) and common.exists()


def parts_structures(actor: Actor, merge: StructureMerge) -> bool:
    """May say that two structures are two again: keeps the page of the one that stayed, and kept the other's."""
    return keeps_page_of(actor, merge.kept) and networks_of_staff(actor).filter(pk=merge.former["home_id"]).exists()


def networks_administered(actor: Actor) -> QuerySet[Network]:
    """The networks that *actor* administers."""
    if runs_instance(actor):
        return Network.objects.all()
    if not actor.is_authenticated:
        return Network.objects.none()
    return Network.objects.filter(pk__in=current_roles(actor).filter(kind=RoleKind.NETWORK_ADMIN).values("network"))


def administers(actor: Actor, network: Network) -> bool:
    """May change what holds for the whole of *network*: its lists, its register, how it presents itself."""
    return networks_administered(actor).filter(pk=network.pk).exists()


def joins_accounts(actor: Actor, network: Network, one: User, other: User) -> bool:
    """May say that two accounts are of one person: known in *network*, and never with a role where *actor* gives none.

    What one held once elsewhere is that network's to tell. Who administers the instance is theirs to settle alone.
    """
    if runs_instance(actor):
        return True
    held = Role.objects.filter(user__in=(one, other))
    elsewhere = held.exclude(network__in=networks_administered(actor)).exists()
    known = all(user.roles.filter(network=network).exists() for user in (one, other))
    return administers(actor, network) and known and not elsewhere and not (one.is_superuser or other.is_superuser)


def parts_accounts(actor: Actor, merge: AccountMerge) -> bool:
    """May say that two accounts are two again: administers the network, and those of the roles that go back."""
    if runs_instance(actor):
        return True
    roles = [change for change in merge.moved if change["model"] == Role._meta.label_lower]
    rows = _held_from_today(Role.objects.filter(pk__in=[pk for change in roles for pk in change.get("rows", ())]))
    networks = {change["whole"]["network_id"] for change in roles if "whole" in change} | {merge.network_id}
    networks |= {role.network_id for role in rows}
    return networks <= {network.pk for network in networks_administered(actor)}


def _held_from_today(roles: QuerySet[Role]) -> QuerySet[Role]:
    return lasting(roles)


def administrators(network: Network) -> QuerySet[Role]:
    """The roles by which open accounts administer *network* today."""
    held = _held_from_today(Role.objects.filter(network=network, starts__lte=timezone.localdate()))
    return held.filter(kind=RoleKind.NETWORK_ADMIN, user__is_active=True)


def opens_file_of(actor: Actor, user: User) -> bool:
    """May read who *user* is: administers a network where they hold a role, or held one."""
    return runs_instance(actor) or Role.objects.filter(user=user, network__in=networks_administered(actor)).exists()


def answers_for(actor: Actor, user: User) -> bool:
    """May give *user* their data, or erase them: administers every network where they hold a role, or held one."""
    elsewhere = Role.objects.filter(user=user).exclude(network__in=networks_administered(actor))
    return opens_file_of(actor, user) and not elsewhere.exists()


def require_staff(actor: Actor, network: Network) -> None:
    """Refuse who does not keep the catalogue of *network*.

    Raises:
        PermissionDenied: told in words.
    """
    require(is_staff_of(actor, network), _("Vous ne tenez pas le catalogue de ce réseau."))
