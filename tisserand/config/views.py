"""What a monitor asks."""

import threading
import time
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve, reverse
from django.views.decorators.http import require_safe

from tisserand.config.health.findings import OK, worst
from tisserand.config.health.parts import database, worker

KEPT = 1.0  # seconds: however often it is asked, the database is asked once


class _Verdict:
    """The last answer; one thread at a time makes a new one, and the others give the last meanwhile."""

    def __init__(self) -> None:
        self.at = float("-inf")
        self.levels: dict[str, str] = {}
        self._lock = threading.Lock()

    def now(self) -> dict[str, str]:
        """The level of each part, at most a second old unless the database is slow to say."""
        if time.monotonic() - self.at > KEPT and self._lock.acquire(blocking=not self.levels):
            try:
                self.levels = {finding.key: finding.level for finding in (database(), worker())}
                self.at = time.monotonic()
            finally:
                self._lock.release()
        return self.levels


verdict = _Verdict()


@require_safe
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """200 when the database and the worker are well, 503 otherwise; writes nothing, opens no session."""
    levels = verdict.now()
    status = worst(list(levels.values()))
    code = HTTPStatus.OK if status == OK else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": status, **levels}, status=code, headers={"Cache-Control": "no-store"})


class HealthMiddleware:
    """Answers monitors before the session is read: a database that is gone must give 503, not a failure."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let everything else through."""
        if request.path != reverse("health"):
            return self.get_response(request)
        request.resolver_match = resolve(request.path)
        return health(request)
