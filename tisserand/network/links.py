"""Signed links: the one of an invitation, and what undoes the end of a role."""

from django.core.signing import BadSignature, Signer, TimestampSigner
from django.urls import reverse

from tisserand.messages.links import public_address
from tisserand.network.models import Invitation, Role

_INVITATION = Signer(salt="tisserand.network.invitation")
_UNDO = TimestampSigner(salt="tisserand.network.role")
_UNDO_HOLDS = 60 * 60 * 24  # seconds


def invitation_address(invitation: Invitation) -> str:
    """Where one takes an invitation up; it dies when the invitation is sent again."""
    return public_address(reverse("invitation", args=[_INVITATION.sign_object([invitation.pk, invitation.nonce])]))


def read_invitation(token: str) -> Invitation | None:
    """The invitation of a link, with the nonce that the link holds; None when it was not made here."""
    try:
        pk, nonce = _INVITATION.unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    invitation = Invitation.objects.select_related("network", "structure", "created_by").filter(pk=pk).first()
    if invitation:
        invitation.is_current = invitation.nonce == nonce
        invitation.nonce = nonce
    return invitation


def undo_token(role: Role) -> str:
    """What gives back a role that was just ended."""
    return _UNDO.sign_object([role.user_id, role.network_id, role.structure_id, role.kind])


def read_undo(token: str) -> Role | None:
    """The role to give back, as it was and not saved; None when the token is too old, or was not made here."""
    try:
        user, network, structure, kind = _UNDO.unsign_object(token, max_age=_UNDO_HOLDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return Role(user_id=user, network_id=network, structure_id=structure, kind=kind)
