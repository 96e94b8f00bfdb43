"""What no request may carry, and what no cache may keep."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import Resolver404, resolve

from tisserand.common.text import number_in

METHODS = ("GET", "HEAD", "OPTIONS", "POST")  # pages and forms ask nothing else, and neither does the API
_ORDINARY = 6 * 1024 * 1024  # bytes of a form without a file


class BoundsMiddleware:
    """Refuse other methods, bodies without measure, null characters; keep pages of the logged-in out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400, 405 or 413 before anything is parsed."""
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return HttpResponse("Adresse refusée.", status=HTTPStatus.BAD_REQUEST, content_type="text/plain")
        length = number_in(request.META.get("CONTENT_LENGTH") or "0")
        if length is None or (length > _ORDINARY and length > _limit(request.path)):
            return HttpResponse(
                "Envoi trop lourd.", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, content_type="text/plain"
            )
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _limit(path: str) -> int:
    """How much a form sent to this address may weigh."""
    try:
        large = resolve(path).url_name in settings.LARGE_FORMS
    except Resolver404:
        large = False
    return settings.IMPORT_MAX_BYTES + _ORDINARY if large else _ORDINARY
