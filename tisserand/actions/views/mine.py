"""What someone has under way: the list of their sheets, a new one, one thrown away."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tisserand.actions.drafting import under_way
from tisserand.actions.enums import State
from tisserand.actions.forms import BeginForm
from tisserand.actions.guidance import SECTIONS
from tisserand.actions.operations.life import begin_sheet, discard
from tisserand.actions.queries import sheet_exists, sheets_under_way, sheets_written_by
from tisserand.actions.views.asked import keeps
from tisserand.common.paging import page_of
from tisserand.network.guards import seated
from tisserand.network.queries import Place, writing_places

ON_A_PAGE = 30  # sheets


@seated
@require_safe
def my_sheets(request: HttpRequest) -> HttpResponse:
    """The sheets that I have under way, what I can do of each, and a new one."""
    places = _places(request)
    sheets = sheets_under_way(request.user, request.seat.places)
    page = page_of(request, sheets, ON_A_PAGE)
    read = sheets.filter(state=State.SUBMITTED).count()
    rows = [under_way(action, publishes=keeps(request, action)) | {"action": action} for action in page]
    context = {
        "nav": "equipe",
        "page": page,
        "rows": rows,
        "read": read,
        "to_write": page.paginator.count - read,
        "several": len(places) > 1,
        "publishes": all(place.network in request.seat.networks for place in places),
    }
    return render(request, "actions/my_sheets.html", context)


def _places(request: HttpRequest) -> list[Place]:
    """The structures that this person writes for.

    Raises:
        PermissionDenied: none.
    """
    places = writing_places(request.user)
    if not places and not request.seat.networks:
        raise PermissionDenied(_("Votre compte permet de lire, pas d'écrire des fiches : demandez-le à une direction."))
    return places


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a sheet by its title."""
    places = _places(request)
    form = BeginForm(request.POST or None, places=places)
    if request.method == "POST" and form.is_valid():
        place = form.chosen()
        assert place.structure is not None
        sheet = begin_sheet(
            actor=request.user,
            network=place.network,
            structure=place.structure,
            title=form.cleaned_data["title"],
            token=form.cleaned_data["token"],
        )
        return redirect("sheet-write", sheet.pk, SECTIONS[0].slug)
    context = {"nav": "equipe", "form": form, "places": places}
    return render(request, "actions/begin.html", context, status=422 if form.errors else 200)


@seated
@require_POST
def throw_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away; the second click of two finds it gone, as it should be."""
    action = sheets_written_by(request.user).filter(pk=pk).first()
    if action:
        discard(actor=request.user, action=action)
        messages.success(request, _("Brouillon jeté : %(title)s.") % {"title": action.title})
    elif sheet_exists(pk):
        raise Http404
    return redirect("my-sheets")
