"""People of a network, or of the structures that one directs: who is there, who is invited."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tisserand.common.paging import page_of
from tisserand.network.enums import NETWORK_ROLES, STRUCTURE_ROLES
from tisserand.network.forms import FindForm, InviteForm
from tisserand.network.guards import own_network, seated, team_address
from tisserand.network.links import read_undo, undo_token
from tisserand.network.models import Invitation, Network, Role
from tisserand.network.operations import end_role, invite, renew_invitation, resume_role, withdraw_invitation
from tisserand.network.queries import Place, account_exists, invitations_seen_by, people_seen_by, places_of
from tisserand.network.queries.merging import account_merges_seen_by
from tisserand.network.rules import KINDS_OF_DIRECTOR

ON_A_PAGE = 30  # people
BESIDE = 15  # invitations, accounts that became one


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def people_page(request: HttpRequest) -> HttpResponse:
    """Who works here, who is invited, and a form to invite."""
    network = _network(request)
    places = places_of(request.user, network)
    if not places and network is None:
        raise PermissionDenied(_("Votre compte ne voit pas les personnes d'une structure : demandez à sa direction."))
    form = InviteForm(request.POST or None, viewer=request.user, places=places)
    if request.method == "POST" and form.is_valid() and _invite(request, form):
        return redirect(team_address(request, "people"))
    rows = people_seen_by(request.user, network)
    asked = request.GET.get("structure", "")
    people = page_of(request, rows.filter(structure__slug=asked) if asked else rows, ON_A_PAGE)
    administered = network is not None and Place(network, None) in places
    endable = _endable(network, administered=administered)
    for role in people:
        role.endable = endable(role)
    merges = list(account_merges_seen_by(request.user, network)) if network and administered else []  # of 30 days
    context = {
        "nav": "equipe",
        "network": network,
        "administered": administered,
        "merges": page_of(request, merges, BESIDE, "reunis"),
        "form": form,
        "people": people,
        "asked": asked,
        "structures": [place.structure for place in places if place.structure] if len(places) > 1 else [],
        "invitations": page_of(request, invitations_seen_by(request.user, network), BESIDE, "invitations"),
        "ended": _ended(request),
        "find": FindForm(prefix="find"),
    }
    return render(request, "network/people.html", context, status=422 if form.errors else 200)


def _network(request: HttpRequest) -> Network | None:
    return own_network(request) if request.seat.networks else None


def _endable(network: Network | None, *, administered: bool) -> Callable[[Role], bool]:
    """Tells which roles the viewer ends, without asking it again for each."""
    whole = NETWORK_ROLES if administered else ()

    def endable(role: Role) -> bool:
        if network is None or role.network_id != network.pk:
            return role.kind in KINDS_OF_DIRECTOR
        return role.kind in (whole if role.structure_id is None else STRUCTURE_ROLES)

    return endable


def _invite(request: HttpRequest, form: InviteForm) -> bool:
    place: Place = form.places[form.cleaned_data["place"]]
    email, kind = form.cleaned_data["email"], form.cleaned_data["kind"]
    try:
        invitation, new = invite(
            actor=request.user, network=place.network, structure=place.structure, kind=kind, email=email
        )
    except ValidationError as error:
        form.add_error("email", error.messages)
        return False
    told = _("L'invitation part à %(email)s.") if new else _("%(email)s a déjà cette invitation, qui attend.")
    messages.success(request, told % {"email": invitation.email})
    return True


def _ended(request: HttpRequest) -> dict[str, str] | None:
    """The role that was just ended, and what gives it back."""
    token = request.GET.get("fini", "")
    role = read_undo(token) if token else None
    if role is None or not account_exists(role.user_id):
        return None
    return {"who": str(role.user), "role": role.get_kind_display(), "token": token}


@seated
@require_POST
def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role; the page then offers to give it back."""
    role = get_object_or_404(people_seen_by(request.user, _network(request)), pk=pk)
    token = undo_token(role)
    try:
        end_role(actor=request.user, role=role)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(team_address(request, "people"))
    if role.user_id == request.user.pk:
        messages.success(request, _("Ce rôle n'est plus le vôtre."))
        return redirect("account")
    address = team_address(request, "people")
    return redirect(f"{address}{'&' if '?' in address else '?'}fini={token}")


@seated
@require_POST
def role_resume(request: HttpRequest) -> HttpResponse:
    """Give back a role that was just ended."""
    role = read_undo(request.POST.get("token", ""))
    if role is None:
        raise Http404
    try:
        resume_role(actor=request.user, role=role)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Le rôle est rendu."))
    return redirect(team_address(request, "people"))


@seated
@require_POST
def invitation_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Send another link; the first one dies."""
    invitation = _invitation(request, pk)
    try:
        renew_invitation(actor=request.user, invitation=invitation, seen=request.POST.get("seen", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Un nouveau lien part à %(email)s.") % {"email": invitation.email})
    return redirect(team_address(request, "people"))


@seated
@require_POST
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = withdraw_invitation(actor=request.user, invitation=_invitation(request, pk))
    messages.success(request, _("L'invitation de %(email)s est retirée.") % {"email": invitation.email})
    return redirect(team_address(request, "people"))


def _invitation(request: HttpRequest, pk: int) -> Invitation:
    return get_object_or_404(invitations_seen_by(request.user, _network(request)), pk=pk)
