"""The page that describes the API, made from its OpenAPI description."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tisserand.api.router import api


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """Each route with its parameters and an address to try."""
    schema = api.get_openapi_schema()
    routes = [_route(path, operation) for path, methods in schema["paths"].items() for operation in methods.values()]
    return render(request, "api/page.html", {"nav": "", "routes": routes, "version": schema["info"]["version"]})


def _route(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    summary = operation["summary"]
    parameters = [
        {
            "name": one["name"],
            "about": _(about) if (about := one["schema"].get("description", one.get("description", ""))) else "",
            "several": one["schema"].get("type") == "array",
        }
        for one in operation.get("parameters", [])
        if one["in"] == "query"
    ]
    return {"path": path, "summary": _(summary), "parameters": parameters, "open": "{" not in path}
