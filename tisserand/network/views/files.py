"""The file of a person, for who administers a network: read, given to them, erased on their written request."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tisserand.network.forms import FindForm, RequestForm
from tisserand.network.guards import staff_only, team_address
from tisserand.network.models import User
from tisserand.network.operations import erase_account, export_data, open_file
from tisserand.network.operations.erasure import obstacles_to_erasure
from tisserand.network.queries import account_at, people_known_to, roles_known_to
from tisserand.network.rules import answers_for, networks_administered
from tisserand.privacy.export import fate


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def person_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who someone is; with their written request, what is kept of them, or their erasure."""
    _administers(request)
    user = get_object_or_404(people_known_to(request.user), pk=pk)
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _answer(request, user, form)
        if answer:
            return answer
    elif request.method != "POST":
        open_file(actor=request.user, user=user)
    context = {
        "nav": "equipe",
        "person": user,
        "roles": roles_known_to(request.user, user),
        "answers": answers_for(request.user, user),
        "obstacles": obstacles_to_erasure(request.user, user),
        "form": form,
        "fate": fate(),
    }
    return render(request, "network/person.html", context, status=422 if form.errors else 200)


def _answer(request: HttpRequest, user: User, form: RequestForm) -> HttpResponseBase | None:
    """Do what was asked; None when it is refused, which the form then tells."""
    asked_on, number = form.cleaned_data["asked_on"], user.pk
    asked = request.POST.get("do")
    if asked not in {"export", "erase"}:
        raise Http404
    try:
        if asked == "export":
            made = export_data(actor=request.user, user=user, asked_on=asked_on)
            name = _("donnees-compte-%(number)d.zip") % {"number": number}
            return FileResponse(made, as_attachment=True, filename=name, content_type="application/zip")
        erase_account(actor=request.user, user=user, asked_on=asked_on)
    except ValidationError as error:
        form.add_error("asked_on" if hasattr(error, "error_dict") else None, error.messages)
        return None
    messages.success(
        request, _("Le compte n° %(number)d est effacé. Un message le dit à la personne.") % {"number": number}
    )
    return redirect(team_address(request, "people"))


@staff_only
@require_POST
def person_find(request: HttpRequest) -> HttpResponseBase:
    """From an address to a file: someone who has no role any more is on no list."""
    _administers(request)
    form = FindForm(request.POST, prefix="find")
    account = account_at(form.cleaned_data["email"].lower()) if form.is_valid() else None
    found = people_known_to(request.user).filter(pk=account.pk).first() if account else None
    if found is None:
        messages.error(request, _("Aucun compte de vos réseaux à cette adresse."))
        return redirect(team_address(request, "people"))
    return redirect(team_address(request, "person", found.pk))


def _administers(request: HttpRequest) -> None:
    if not networks_administered(request.user).exists():
        raise PermissionDenied(_("Seule l'administration du réseau ouvre le dossier d'une personne."))
