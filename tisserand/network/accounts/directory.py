"""Coming in by a directory (OpenID Connect): ProConnect, or a town's own.

The directory says who someone is; it opens no account. It leads to the account whose proven address it vouches for, or
to an invitation that waits at that address.
"""

from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.adapter import get_adapter as get_directory_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from tisserand.network.models import User
from tisserand.network.operations import Newcomer, accept_invitation
from tisserand.network.queries import account_of_proven, invitation_waiting_for
from tisserand.privacy.journal import record

DIRECTORY = "annuaire"


class DirectoryAdapter(DefaultSocialAccountAdapter):
    """Whom the directory lets in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - theirs
        """Nobody opens an account alone."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find whose account it is, or whose invitation; keep nothing else of what the directory told."""
        told = sociallogin.account.extra_data
        sociallogin.account.extra_data = {}
        if sociallogin.state.get("process") != "login":
            raise ImmediateHttpResponse(_refused(request))
        if sociallogin.is_existing:
            SocialAccount.objects.filter(pk=sociallogin.account.pk).update(extra_data={})
            return
        email = _vouched(sociallogin)
        user = email and (
            account_of_proven(email) or _invited(email, told.get("userinfo") or told.get("id_token") or {})
        )
        if not user:
            raise ImmediateHttpResponse(_refused(request, email))
        sociallogin.connect(request, user)
        record(actor=user, verb="network.identity_linked", subject=user)

    def on_authentication_error(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> None:
        """Say it in our words."""
        raise ImmediateHttpResponse(render(request, "accounts/directory_failed.html", {"nav": "equipe"}, status=502))

    def send_notification_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """The person has just come in by it: nothing to tell."""


def _vouched(sociallogin: SocialLogin) -> str:
    """The address that the directory proved; any, where the instance says that it proves them all."""
    addresses = sociallogin.email_addresses
    return next((one.email.lower() for one in addresses if one.verified or settings.OIDC_PROVES), "")


def _invited(email: str, told: dict[str, Any]) -> User | None:
    """Take up the invitation that waits at *email*, for who has no account."""
    invitation = invitation_waiting_for(email)
    if invitation is None:
        return None
    last_name = told.get("family_name") or told.get("usual_name") or ""
    newcomer = Newcomer(str(told.get("given_name") or "")[:100], str(last_name)[:100])
    return accept_invitation(actor=AnonymousUser(), invitation=invitation, newcomer=newcomer)


def _refused(request: HttpRequest, email: str = "") -> HttpResponse:
    return render(request, "accounts/directory_refused.html", {"nav": "equipe", "email": email}, status=403)


class Directory(OpenIDConnectOAuth2Adapter):
    """What is said of the person may be signed (ProConnect) or plain."""

    def _fetch_user_info(self, access_token: str) -> dict[str, Any]:
        with get_directory_adapter().get_requests_session() as session:
            answer = session.get(self.profile_url, headers={"Authorization": f"Bearer {access_token}"})
        answer.raise_for_status()
        if not answer.headers.get("Content-Type", "").startswith("application/jwt"):
            plain: dict[str, Any] = answer.json()
            return plain
        signed: dict[str, Any] = jwtkit.verify_and_decode(
            credential=answer.text,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=self.get_provider().app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return signed


@require_POST
def leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go and say who one is, over there."""
    return _through(OAuth2LoginView, request, provider_id)


@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from there."""
    return _through(OAuth2CallbackView, request, provider_id)


def _through(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    if not settings.OIDC_URL:
        raise Http404
    try:
        answer: HttpResponse = view.adapter_view(Directory(request, provider_id))(request)
    except (requests.RequestException, OAuth2Error):  # it does not answer, or not as it should
        return render(request, "accounts/directory_failed.html", {"nav": "equipe"}, status=502)
    return answer
