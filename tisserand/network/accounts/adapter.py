"""What django-allauth asks of us: how tries are counted, where people go, who may come in, how they are written to."""

import secrets
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from tisserand.common.dates import long_day
from tisserand.messages.links import public_address
from tisserand.messages.operations import queue
from tisserand.network.accounts.devices import device_of, remember_device
from tisserand.network.accounts.letters import ACCOUNT, write
from tisserand.network.accounts.words import ACCOUNT_ERRORS, MESSAGES, SECOND_FACTOR_ERRORS, WAYS
from tisserand.network.models import User
from tisserand.network.operations.accounts import close_sessions
from tisserand.network.queries import main_address, site_network
from tisserand.network.rules import holds_a_role
from tisserand.privacy.journal import record

# Changes of a password end the sessions opened elsewhere.
_ENDING = ("password_changed", "password_set", "password_reset")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts of people who work with the software: opened by invitation only."""

    error_messages = DefaultAccountAdapter.error_messages | ACCOUNT_ERRORS

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - django-allauth's signature
        """Nobody opens an account alone."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Pages have one face; the passkey of the login page alone is asked for as data."""
        return request.path == reverse("mfa_login_webauthn") and bool(super().is_ajax(request))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The first useful page of who came in: their work, or their account when nothing is theirs yet."""
        return reverse("staff-home" if holds_a_role(request.user) else "account")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - django-allauth's signature
        """Back to the account."""
        return reverse("account")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try by password: with the account's, or with those of a device that its owner uses."""
        email = credentials.get("email", "")
        device = device_of(request, email)
        action, key = ("login_failed_device", device) if device else ("login_failed", main_address(email.lower()))
        self._login_failed_rl_usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002 - django-allauth's signature
        return main_address(str(credentials.get("email", "")).lower())

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """A new session key at the first factor, before the second is asked for."""
        request.session.cycle_key()
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Once in, the device is one of theirs."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_device(request, response, user)
        return response

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Take the new address, unless it became someone else's meanwhile, or the account was closed."""
        if not email_address.user.is_active:
            return False
        if User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
            messages.error(request, _("Cette adresse est celle d'un autre compte."))
            return False
        with transaction.atomic():
            # The new address replaces them all: of several, the account's own is the one to be told.
            others = EmailAddress.objects.filter(user=email_address.user_id, verified=True, primary=False)
            others.exclude(pk=email_address.pk).delete()
            confirmed = bool(super().confirm_email(request, email_address))
            transaction.set_rollback(not confirmed)
        return confirmed

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address of this instance, whatever host the request named."""
        return _ours(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The address of this instance, whatever host the request named."""
        return _ours(super().get_email_confirmation_url(request, emailconfirmation))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways to say once more who one is, in our words."""
        return [way | {"description": WAYS[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the letter of this name. What opens an account goes to its own address, whichever was typed."""
        subject, text = write(template_prefix, context | {"email": email})
        queue(key=f"account:{secrets.token_hex(16)}", kind=ACCOUNT, to=main_address(email), subject=subject, text=text)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """A change of the account is journalled, told to its owner, and ends what it must."""
        change = template_prefix.rpartition("/")[2]
        record(actor=user, verb=f"network.{change}", subject=user)
        if change in _ENDING:
            close_sessions(actor=user, user=user, but=self.request.session.session_key)
        self.send_mail(template_prefix, email or user.email, context or {})

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",  # noqa: ARG002 - django-allauth's signature
        message: str | None = None,
    ) -> None:
        """Say it in our words; what we have no word for needs none."""
        text = message or MESSAGES.get(message_template or "", "")
        if text:
            messages.add_message(request, level, str(text) % (message_context or {}))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: an application that gives codes, passkeys, recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | SECOND_FACTOR_ERRORS

    def _get_site_name(self) -> str:
        network = site_network()
        return network.name if network else "Tisserand"

    def build_totp_svg(self, url: str) -> str:
        """The code to scan, on white: a camera does not read it on a dark page."""
        import qrcode  # drawn once in the life of an account
        from qrcode.image.svg import SvgPathFillImage

        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: ARG002 - django-allauth's signature
        """A name by default, so that one may be told from another."""
        return _("Clé du %(day)s") % {"day": long_day(localdate())}


def _ours(address: str) -> str:
    return public_address(urlsplit(address).path)
