"""Accounts and the roles they hold."""

from collections.abc import Iterable
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.common.operations import operation, require
from tisserand.common.periods import lasting
from tisserand.network.enums import RoleKind
from tisserand.network.models import Network, Role, Structure, User
from tisserand.network.operations.structures import standing
from tisserand.network.rules import Actor, administrators, kinds_granted_by, runs_instance
from tisserand.privacy.journal import record


@operation
def open_account(*, actor: Actor, email: str, password: str | None = None, **names: str) -> User:
    """Open the account of this address, or return the one that has it, as it is.

    Args:
        password: without one, the account cannot log in until it is given one.
        names: `first_name`, `last_name`.
    """
    require(runs_instance(actor), _("Seule l'administration ouvre un compte."))
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        user = User.objects.create_user(email.strip(), password, **names)
        keep_address(user, proven=False)
        record(actor=actor, verb="network.account_opened", subject=user)
    return user


def keep_address(user: User, *, proven: bool) -> None:
    """Tell the door (django-allauth) the address of *user*, inside an operation that gives it."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"primary": True, "verified": proven})


@operation
def change_name(*, actor: Actor, first_name: str, last_name: str) -> None:
    """Change one's own name."""
    require(bool(actor.pk), _("Connectez-vous d'abord."))
    changed = User.objects.filter(pk=actor.pk).exclude(first_name=first_name, last_name=last_name)
    if changed.update(first_name=first_name, last_name=last_name):
        record(actor=actor, verb="network.name_changed", subject=actor)


@operation
def close_sessions(*, actor: Actor, user: User, but: str | None = None, only: int | None = None) -> int:
    """Log *user* out of other devices; returns how many sessions were closed.

    Args:
        actor: the person, or whoever holds the machine.
        but: the key of the session to keep.
        only: close this one alone.
    """
    require(actor == user or runs_instance(actor), _("Ce compte n'est pas le vôtre."))
    sessions = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    return end_sessions(actor, user, sessions if only is None else sessions.filter(pk=only))


def end_sessions(actor: Actor, user: User, sessions: Iterable[UserSession]) -> int:
    """Close *sessions*, inside an operation that settled whether they may be; returns how many they were."""
    closed = 0
    for session in sessions:
        session.end()
        closed += 1
    if closed:
        record(actor=actor, verb="network.sessions_closed", subject=user, closed=closed)
    return closed


@operation
def grant_role(*, actor: Actor, user: User, network: Network, kind: str, structure: Structure | None = None) -> Role:
    """Give *user* a role from today, in *network* or in one of its structures. Twice is once.

    Raises:
        PermissionDenied: *actor* does not give this role there.
        ValidationError: the structure is not one of the network.
    """
    structure = structure and standing(structure.pk)
    require_granting(actor, network, structure, kind)
    require_member(network, structure)
    return hold_role(actor=actor, user=user, network=network, structure=structure, kind=kind)


def hold_role(*, actor: Actor, user: User, network: Network, structure: Structure | None, kind: str) -> Role:
    """Write the role, inside an operation that settled whether it may be given."""
    user = standing_account(user.pk)
    role, created = Role.objects.get_or_create(
        user=user,
        network=network,
        structure=structure,
        kind=kind,
        ends=None,
        defaults={"starts": timezone.localdate()},
    )
    if created:
        record(actor=actor, verb="network.role_granted", subject=role, network=network.pk, user=user.pk)
    return role


@operation
def end_role(*, actor: Actor, role: Role) -> None:
    """End a role: it stops holding at once. Twice is once.

    Raises:
        PermissionDenied: *actor* does not give this role there.
        ValidationError: it is the last one that administers the network.
    """
    require_granting(actor, role.network, role.structure, role.kind)
    # The network's row is the lock: of two administrators who leave at once, one stays.
    Network.objects.select_for_update().get(pk=role.network_id)
    today = timezone.localdate()
    held = lasting(Role.objects.filter(network=role.network_id, pk=role.pk)).first()
    if held is None:
        return
    if role.kind == RoleKind.NETWORK_ADMIN and not administrators(role.network).exclude(pk=role.pk).exists():
        raise ValidationError(_("Un réseau garde au moins une personne qui l'administre."))
    if held.starts >= today:
        Role.objects.filter(pk=role.pk).delete()  # it never held for a day that could be told
    else:
        Role.objects.filter(pk=role.pk).update(ends=today - timedelta(days=1))
    record(actor=actor, verb="network.role_ended", subject=role, network=role.network_id, user=role.user_id)


@operation
def resume_role(*, actor: Actor, role: Role) -> Role:
    """Give back a role whose end was a mistake, as if it had not ended. Twice is once.

    Args:
        actor: who may give the role.
        role: what it was (see `links.read_undo`): the account, the place and the kind are read.

    Raises:
        PermissionDenied: *actor* does not give this role there.
    """
    structure = standing(role.structure_id) if role.structure_id else None
    require_granting(actor, role.network, structure, role.kind)
    require_member(role.network, structure)
    user = standing_account(role.user_id)
    rows = Role.objects.select_for_update().filter(
        user=user, network=role.network_id, structure=structure, kind=role.kind
    )
    # An ended role and one that began since are two rows: the open one is enough.
    ended = None if rows.filter(ends=None).exists() else rows.order_by("-ends", "-pk").first()
    if ended is None or ended.ends is None or ended.ends < timezone.localdate() - timedelta(days=2):
        return hold_role(actor=actor, user=user, network=role.network, structure=structure, kind=role.kind)
    Role.objects.filter(pk=ended.pk).update(ends=None)
    record(actor=actor, verb="network.role_resumed", subject=ended, network=ended.network_id, user=ended.user_id)
    return ended


def standing_account(number: int) -> User:
    """The account of this number, held until the transaction ends: the one that it became, if it was closed for that.

    Raises:
        ValidationError: it was erased meanwhile.
    """
    rows = User.objects.select_for_update(no_key=True)
    found = rows.filter(pk=number).first()
    if found is None:
        raise ValidationError(_("Ce compte vient d'être effacé."))
    return found if found.is_active else rows.filter(merges__gone=number).first() or found


def require_granting(actor: Actor, network: Network, structure: Structure | None, kind: str) -> None:
    """Refuse who does not give the role *kind* there.

    Raises:
        PermissionDenied: told in words.
    """
    require(kind in kinds_granted_by(actor, network, structure), _("Vous ne donnez pas ce rôle à cet endroit."))


def require_member(network: Network, structure: Structure | None) -> None:
    """Refuse to give a role in a structure that is not one of *network* any more; those held there can be ended.

    Raises:
        ValidationError: told in words.
    """
    if structure and not lasting(structure.affiliations.filter(network=network)).exists():
        raise ValidationError(_("Cette structure n'est pas membre de ce réseau."))
