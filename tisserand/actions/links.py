"""The signed link of a letter that asks whether an action still runs."""

from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from tisserand.actions.models import Action
from tisserand.messages.links import public_address
from tisserand.network.models import User

_RUNNING = TimestampSigner(salt="tisserand.actions.running")
_HOLDS = 60 * 60 * 24 * 90  # seconds


def running_address(sheet: Action, person: User) -> str:
    """Where *person* answers for *sheet*, without logging in."""
    return public_address(reverse("still-running-link", args=[_RUNNING.sign_object([sheet.pk, person.pk])]))


def read_running(token: str) -> tuple[Action, User] | None:
    """The sheet and the person of a link; None when it is too old or was not made here, or when one of them is gone."""
    try:
        sheet_pk, person_pk = _RUNNING.unsign_object(token, max_age=_HOLDS)
    except (BadSignature, ValueError, TypeError):
        return None
    sheet = Action.objects.select_related("network", "structure").filter(pk=sheet_pk).first()
    person = User.objects.filter(pk=person_pk, is_active=True).first()
    return (sheet, person) if sheet and person else None
