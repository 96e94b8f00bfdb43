"""A second factor for who keeps a network, before anything else."""

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tisserand.network.rules import second_factor_missing

# Where one goes without it: to set it up, to leave, to read in another language.
_OPEN = {
    "account", "account-name", "account-devices", "account-data", "account-erase", "account-second-factor",
    "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_change_password",
    "account_set_password", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "account_logout",
    "logout", "set_language", "invitation",
}  # fmt: skip


class SecondFactorMiddleware:
    """Send who must have a second factor, and has none, to the page that sets one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing before the address is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Where it is asked for (`SECOND_FACTOR`), look at who is logged in."""
        if request.resolver_match is None or request.resolver_match.url_name in _OPEN:
            return None
        if not request.user.is_authenticated or _passed(request) or not second_factor_missing(request.user):
            return None
        return redirect("account-second-factor")


def _passed(request: HttpRequest) -> bool:
    """Whether this session came through a second factor: then nothing is asked of the database."""
    return any(one.get("method") == "mfa" for one in get_authentication_records(request, request.user))
