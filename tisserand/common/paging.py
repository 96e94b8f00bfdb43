"""Pages of the API, and pages of lists."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

MAX_LIMIT = 100


def next_address(request: HttpRequest, cursor: str) -> str | None:
    """The address of the page after *cursor*, the rest of the request kept; None at the end."""
    if not cursor:
        return None
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int, name: str = "page") -> Page[Any]:
    """The page that the address asks for (`?page=`): the first by default, the last for a number too high.

    Args:
        name: of the parameter, where a screen shows several lists (`{% pages page name=… %}`).
    """
    return Paginator(rows, size).get_page(request.GET.get(name))
