"""Invitations: a role offered to an address, taken by the link sent there."""

import secrets
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.common.operations import operation, require
from tisserand.messages import kinds
from tisserand.messages.operations import queue
from tisserand.network.enums import RoleKind
from tisserand.network.links import invitation_address
from tisserand.network.models import Invitation, Network, Structure, User
from tisserand.network.operations.accounts import (
    hold_role,
    keep_address,
    require_granting,
    require_member,
    standing_account,
)
from tisserand.network.operations.structures import standing
from tisserand.network.queries import account_at
from tisserand.network.rules import Actor, still_offered
from tisserand.privacy.journal import record

INVITATION = kinds.register("network.invitation", _l("Invitations"))


@operation
def invite(
    *, actor: Actor, network: Network, email: str, kind: str, structure: Structure | None = None
) -> tuple[Invitation, bool]:
    """Offer a role to *email*; returns the invitation, and whether it is new (twice is once: nothing is sent again).

    Raises:
        PermissionDenied: *actor* does not give this role there.
        ValidationError: the address is not one, or the person has the role already.
    """
    structure = structure and standing(structure.pk)
    require_granting(actor, network, structure, kind)
    require_member(network, structure)
    email = email.strip().lower()
    validate_email(email)
    known = account_at(email)
    if known and not known.is_active:
        raise ValidationError({"email": _("Le compte de cette adresse est fermé : écrivez une autre adresse.")})
    if known and known.roles.filter(network=network, structure=structure, kind=kind, ends=None).exists():
        raise ValidationError({"email": _("Cette personne a déjà ce rôle.")})
    now = timezone.now()
    invitation, created = Invitation.objects.get_or_create(
        network=network,
        structure=structure,
        kind=kind,
        email=email,
        accepted_at=None,
        withdrawn_at=None,
        defaults={"nonce": secrets.token_hex(16), "created_by_id": actor.pk, "sent_at": now},
    )
    if created:
        record(actor=actor, verb="network.invited", subject=invitation, network=network.pk, kind=kind)
        _write_to(invitation)
    return invitation, created


def _write_to(invitation: Invitation) -> None:
    """Queue the letter that holds the link: one for each nonce."""
    inviter, where = invitation.created_by, invitation.structure or invitation.network
    words = {
        "who": inviter.get_full_name() if inviter else invitation.network.name,
        "where": where.name if where == invitation.network else f"{where.name} ({invitation.network.name})",
        "role": str(RoleKind(invitation.kind).label),
    }
    paragraphs = [
        _("Bonjour,"),
        _("%(who)s vous invite à rejoindre %(where)s, avec ce rôle : %(role)s.") % words,
        _("Pour accepter, ouvrez ce lien :"),
        invitation_address(invitation),
        _("Il vaut quatorze jours. Vous n'attendiez pas ce message ? Ne faites rien."),
        invitation.network.name,
    ]
    queue(
        key=f"invitation:{invitation.pk}:{invitation.nonce}",
        kind=INVITATION,
        to=invitation.email,
        subject=_("Invitation : %(where)s") % words,
        text="\n\n".join(paragraphs),
    )


@operation
def renew_invitation(*, actor: Actor, invitation: Invitation, seen: str = "") -> Invitation:
    """Make a new link, valid from now, and send it; the earlier one dies.

    Args:
        actor: who may give the role.
        invitation: one that waits.
        seen: when it was last sent, as the page showed it (ISO): a second click finds another date, and does nothing.

    Raises:
        PermissionDenied: *actor* does not give this role there.
        ValidationError: the invitation was taken up or withdrawn.
    """
    invitation = _locked(invitation)
    require_granting(actor, invitation.network, invitation.structure, invitation.kind)
    require_member(invitation.network, invitation.structure)
    if not invitation.is_open:
        raise ValidationError(_("Cette invitation n'attend plus de réponse."))
    if seen and seen != invitation.sent_at.isoformat():
        return invitation
    invitation.nonce, invitation.sent_at = secrets.token_hex(16), timezone.now()
    invitation.save(update_fields=["nonce", "sent_at"])
    record(actor=actor, verb="network.invited_again", subject=invitation)
    _write_to(invitation)
    return invitation


@operation
def withdraw_invitation(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Take an invitation back: its link stops working. Twice is once; one that was taken up stays so."""
    invitation = _locked(invitation)
    require_granting(actor, invitation.network, invitation.structure, invitation.kind)
    if invitation.is_open:
        invitation.withdrawn_at = timezone.now()
        invitation.save(update_fields=["withdrawn_at"])
        record(actor=actor, verb="network.invitation_withdrawn", subject=invitation)
    return invitation


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What someone without an account gives to take an invitation up; a directory gives no password."""

    first_name: str
    last_name: str
    password: str | None = None


@operation
def accept_invitation(*, actor: Actor, invitation: Invitation, newcomer: Newcomer | None = None) -> User:
    """Take an invitation up, for whoever holds its link. Twice is once.

    Args:
        actor: the account that is logged in, or anyone when the address has no account yet.
        newcomer: what opens that account.

    Raises:
        PermissionDenied: the link was withdrawn or renewed, or has expired, or who sent it gives such roles no more.
        ValidationError: the address has an account: log in first.
    """
    offered = invitation.nonce
    if invitation.structure_id:
        standing(invitation.structure_id)
    known = account_at(invitation.email)
    if known:
        standing_account(known.pk)  # as an erasure does: the account, then what leads to it
    invitation = _locked(invitation)
    known = account_at(invitation.email)
    if known and known == invitation.accepted_by and actor == known:
        return known
    invitation.is_current = invitation.nonce == offered
    require(still_offered(invitation), _("Cette invitation n'est plus valable. Demandez-en une autre."))
    user = known or _open_account(invitation, newcomer)
    if known and actor != known:
        raise ValidationError(_("Cette adresse a déjà un compte : connectez-vous pour accepter l'invitation."))
    if user.email == invitation.email:
        keep_address(user, proven=True)  # whoever opened the link reads what is sent there
    hold_role(actor=user, user=user, network=invitation.network, structure=invitation.structure, kind=invitation.kind)
    invitation.accepted_by, invitation.accepted_at = user, timezone.now()
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    record(actor=user, verb="network.invitation_accepted", subject=invitation)
    return user


def _open_account(invitation: Invitation, newcomer: Newcomer | None) -> User:
    if newcomer is None:
        raise ValidationError(_("Choisissez un mot de passe pour ouvrir votre compte."))
    user = User.objects.create_user(
        invitation.email, newcomer.password, first_name=newcomer.first_name, last_name=newcomer.last_name
    )
    record(actor=user, verb="network.account_opened", subject=user)
    return user


def _locked(invitation: Invitation) -> Invitation:
    """The invitation as it is now, held.

    Raises:
        Http404: it went with an account that was erased.
    """
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("network", "structure", "created_by")
    return get_object_or_404(rows, pk=invitation.pk)
