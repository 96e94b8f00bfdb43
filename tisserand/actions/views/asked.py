"""The sheet that an address names, for who writes it or keeps its network."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tisserand.actions.models import Action


def sheet_asked(request: HttpRequest, rows: QuerySet[Action], pk: int) -> Action:
    """The sheet of this number among *rows*, which are scoped to this person; otherwise 404, which tells nothing.

    For its network's team the page is about that network.
    """
    sheet = get_object_or_404(rows, pk=pk)
    if keeps(request, sheet):
        request.desk.network = sheet.network
    return sheet


def keeps(request: HttpRequest, action: Action) -> bool:
    """Whether this person is of the team of the network, and may publish the sheet."""
    desk = getattr(request, "desk", None)
    return desk is not None and action.network in desk.networks
