"""Signed links by which one refuses a kind of message, without logging in."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

_SIGNER = Signer(salt="tisserand.messages.refusal")


def public_address(path: str) -> str:
    """The whole address of a page of this instance, for a message."""
    return f"{settings.PUBLIC_URL or settings.LOCAL_URL}{path}"


def refusal_address(email: str, kind: str) -> str:
    """Where one refuses the messages of this kind."""
    return public_address(reverse("message-refusal", args=[_SIGNER.sign_object([email, kind])]))


def read_refusal(token: str) -> tuple[str, str] | None:
    """The address and the kind of a link, or None when it was not made here."""
    try:
        email, kind = _SIGNER.unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(email), str(kind)
