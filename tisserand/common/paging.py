"""Pages of the API."""

from django.http import HttpRequest

MAX_LIMIT = 100


def next_address(request: HttpRequest, cursor: str) -> str | None:
    """The address of the page after *cursor*, the rest of the request kept; None at the end."""
    if not cursor:
        return None
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
