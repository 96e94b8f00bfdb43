"""One identifier and one line of log for each request."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from tisserand.config.logs import request_id, told_path

logger = logging.getLogger("tisserand.requests")
_IDENTIFIER = re.compile(r"[0-9A-Fa-f-]{8,64}")  # what proxies make; nothing that could name someone


class RequestLogMiddleware:
    """Give each request its identifier, answered as `X-Request-ID`, and tell how it went."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and log one line when logs are asked for as JSON."""
        given = request.headers.get("X-Request-ID", "")
        identifier = given if _IDENTIFIER.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(identifier)
        start = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = identifier
            if logger.isEnabledFor(logging.INFO) and not request.path.startswith(settings.STATIC_URL):
                _tell(request, response, time.perf_counter() - start)
            return response
        finally:
            request_id.reset(token)


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    details = {
        "method": request.method,
        "path": told_path(request),
        "status": response.status_code,
        "duration_ms": round(seconds * 1000, 1),
    }
    user = _user(request)
    logger.info("request", extra={**details, "user": user} if user else details)


def _user(request: HttpRequest) -> int | None:
    """The number of who is logged in, when answering read the session anyway."""
    session = getattr(request, "session", None)
    if session is None or not session.accessed:
        return None
    number = session.get(SESSION_KEY)
    return int(number) if number else None
