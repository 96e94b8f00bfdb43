"""The page that a link of invitation opens."""

from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.account.utils import perform_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tisserand.network.forms import NewcomerForm
from tisserand.network.links import read_invitation
from tisserand.network.models import Invitation, User
from tisserand.network.operations import Newcomer, accept_invitation
from tisserand.network.queries import account_at
from tisserand.network.rules import still_offered


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_page(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites, where, for what; then an account is opened, or the one that exists says yes."""
    invitation = read_invitation(token)
    if invitation is None:
        raise Http404
    known = account_at(invitation.email)
    if invitation.accepted_by_id and request.user.pk == invitation.accepted_by_id:
        return redirect("staff-home")
    if not still_offered(invitation):
        return render(request, "network/invitation_over.html", {"nav": "", "invitation": invitation}, status=410)
    form = None if known else NewcomerForm(request.POST or None, instance=User(email=invitation.email))
    if request.method == "POST":
        answer = _accept(request, invitation, known, form)
        if answer:
            return answer
    context = {
        "nav": "",
        "invitation": invitation,
        "form": form,
        "known": known,
        "other": request.user.is_authenticated and request.user != known,
        "here": reverse("invitation", args=[token]),
    }
    return render(request, "network/invitation.html", context, status=422 if form and form.errors else 200)


def _accept(
    request: HttpRequest, invitation: Invitation, known: User | None, form: NewcomerForm | None
) -> HttpResponse | None:
    if known:
        if request.user != known:
            return None  # the page says to log in first
        try:
            accept_invitation(actor=request.user, invitation=invitation)
        except ValidationError:
            return redirect(request.path)  # their account was erased meanwhile: the page, read again, says what to do
        return redirect("staff-home")
    if form is None or not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        newcomer = Newcomer(data["first_name"], data["last_name"], data["password"])
        user = accept_invitation(actor=request.user, invitation=invitation, newcomer=newcomer)
    except (ValidationError, PermissionDenied) as error:
        # Another window took it up meanwhile: the page, read again, says what to do.
        form.add_error(None, getattr(error, "messages", [str(error)]))
        return None
    response: HttpResponse = perform_login(request, user, redirect_url=reverse("staff-home"))
    reauthenticate_by_password(request)  # it was typed just now: a second factor may be set up at once
    return response
