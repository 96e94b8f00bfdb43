"""One's own account: who one is, how one comes in, from where."""

from contextlib import suppress
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.forms import UserTokenForm
from allauth.account.views import PasswordResetFromKeyView
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.common.text import number_in
from tisserand.network.accounts.forms import NameForm, NewPasswordForm
from tisserand.network.models import User
from tisserand.network.operations.access import export_data
from tisserand.network.operations.accounts import change_name, close_sessions, standing_account
from tisserand.network.operations.erasure import erase_account, obstacles_to_erasure
from tisserand.network.queries import factors_of, held_by, other_addresses_of, sessions_of
from tisserand.network.rules import second_factor_missing
from tisserand.privacy.export import fate


class NewPasswordView(PasswordResetFromKeyView):
    """A password chosen from the link of a letter, which serves once: of two tabs sent at once, one is told so."""

    reset_user: User | None
    key: str

    def form_valid(self, form: NewPasswordForm) -> Any:
        """Ask the link again, once nobody else can use it."""
        assert self.reset_user is not None
        with suppress(ValidationError), transaction.atomic():  # an account erased meanwhile has no link any more
            held = standing_account(self.reset_user.pk)
            if UserTokenForm.token_generator.check_token(held, self.key):
                self.reset_user = form.user = held
                return super().form_valid(form)
        self.reset_user = None
        return self.render_to_response(self.get_context_data(token_fail=True))


@login_required
@require_safe
def account_page(request: HttpRequest) -> HttpResponse:
    """Everything about one's own account, and the way to change each thing."""
    factors = factors_of(request.user)
    codes = next((one for one in factors if one.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        "nav": "equipe",
        "roles": held_by(request.user),
        "other_addresses": other_addresses_of(request.user),
        "app": next((one for one in factors if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one for one in factors if one.type == Authenticator.Type.WEBAUTHN],
        "codes": len(codes.wrap().get_unused_codes()) if codes else None,
        "sessions": len(sessions_of(request.user)),
        "missing": second_factor_missing(request.user),
    }
    return render(request, "accounts/account.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def name_page(request: HttpRequest) -> HttpResponse:
    """Change one's name."""
    form = NameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        change_name(actor=request.user, **form.cleaned_data)
        messages.success(request, _("Votre nom est enregistré."))
        return redirect("account")
    context = {"nav": "equipe", "form": form}
    return render(request, "accounts/name.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Why a second check, and the two ways to have one."""
    context = {"nav": "equipe", "missing": second_factor_missing(request.user)}
    return render(request, "accounts/choose_factor.html", context)


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def data_page(request: HttpRequest) -> HttpResponseBase:
    """What is kept of oneself, to take away; how to mend it, how to be erased."""
    if request.method == "POST":
        name = _("mes-donnees-%(day)s.zip") % {"day": timezone.localdate()}
        made = export_data(actor=request.user, user=request.user)
        return FileResponse(made, as_attachment=True, filename=name, content_type="application/zip")
    quoted = urlencode({"q": f'"{request.user}"'})
    return render(request, "accounts/data.html", {"nav": "equipe", "quoted": quoted})


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase_page(request: HttpRequest) -> HttpResponse:
    """What goes, what stays and why, what stands in the way; then the account is erased."""
    if request.method == "POST":
        with suppress(ValidationError):  # the page says what stands in the way
            erase_account(actor=request.user, user=request.user)
            logout(request)
            messages.success(request, _("Votre compte est effacé. Un dernier message vous le confirme par e-mail."))
            return redirect("home")
    context = {
        "nav": "equipe",
        "obstacles": obstacles_to_erasure(request.user, request.user),
        "fate": fate(),
    }
    return render(request, "accounts/erase.html", context, status=409 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def devices_page(request: HttpRequest) -> HttpResponse:
    """Where one is logged in; close one of these sessions, or all but this one."""
    current = request.session.session_key
    if request.method == "POST":
        only = number_in(request.POST.get("session", ""))
        close_sessions(actor=request.user, user=request.user, but=current, only=only)
        messages.success(request, _("C'est fermé."))
        return redirect("account-devices")
    sessions = sessions_of(request.user)
    context = {"nav": "equipe", "sessions": sessions, "current": current, "others": len(sessions) > 1}
    return render(request, "accounts/devices.html", context)
