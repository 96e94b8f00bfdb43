"""The addresses of the product, and some that go wrong."""

import logging

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse
from django.urls import path

from tisserand.config import urls

handler404, handler403, handler500 = urls.handler404, urls.handler403, urls.handler500


def fails(request, token=""):
    """As a database does: it quotes what it refuses."""
    try:
        raise IntegrityError(f"Key (email)=({request.POST.get('email', '')}) already exists.")
    except IntegrityError as error:
        raise RuntimeError(f"refused {request.get_full_path()} from {request.META['REMOTE_ADDR']}") from error


def refuses(request):
    raise PermissionDenied(request.POST.get("email", ""))


def tells(request):
    logging.getLogger("any.library").warning("sent to %s from %s", request.POST["email"], request.META["REMOTE_ADDR"])
    logging.getLogger("any.library").error("see %s and 2001:db8::7", request.build_absolute_uri())
    return HttpResponse("fait")


urlpatterns = [
    path("casse/", fails),
    path("casse/<str:token>/", fails),
    path("refuse/", refuses),
    path("dit/", tells),
    *urls.urlpatterns,
]
