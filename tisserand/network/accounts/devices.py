"""The device that someone logged in from before, known by a signed cookie.

Its tries are counted apart: whoever hammers an account from elsewhere does not keep its owner out.
"""

import secrets

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from tisserand.network.models import User
from tisserand.network.queries import account_at

COOKIE = "appareil"
YEAR = 31_536_000
_MANY = 5  # people who share one computer
_SIGNER = Signer(salt="tisserand.network.device")


def device_of(request: HttpRequest, email: str) -> str:
    """What this device is called among those of *email*; empty when that account never logged in from it."""
    user = account_at(email.strip().lower())
    return _known(request).get(str(user.pk), "") if user else ""


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Give the device a name, once someone logged in from it."""
    known = _known(request)
    name = known.pop(str(user.pk), "") or secrets.token_hex(8)
    kept = dict([*known.items(), (str(user.pk), name)][-_MANY:])
    response.set_cookie(
        COOKIE,
        _SIGNER.sign_object(kept),
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        found = _SIGNER.unsign_object(request.COOKIES.get(COOKIE, ""))
    except (BadSignature, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
