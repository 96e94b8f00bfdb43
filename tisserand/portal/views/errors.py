"""What people see when something is missing, refused or broken: what happened, and one way out."""

from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. A session closed during the request, as by a second click on the button that lets in, leads to the door."""
    if isinstance(exception, SessionInterrupted):
        return redirect("login")
    return render(request, "portal/400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404."""
    return render(request, "portal/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason that the rule gives."""
    return render(request, "portal/403.html", {"reason": str(exception)}, status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: too many tries from the same place."""
    return render(request, "portal/429.html", status=429)


def failed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """500, without touching the database: it may be what broke."""
    return render(None, "portal/500.html", status=500)
