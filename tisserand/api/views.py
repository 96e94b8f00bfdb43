"""The page that describes the API, made from its OpenAPI description."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from tisserand.actions.fields import BY_KEY
from tisserand.api.example import ANSWER, QUERY
from tisserand.api.router import api
from tisserand.common.typography import typo

# What people call the fields of a sheet that are not in its form.
NAMES = {
    "id": _l("Numéro de la fiche"),
    "url": _l("Adresse de sa page"),
    "network": _l("Réseau"),
    "published_at": _l("Entrée au catalogue"),
    "updated_at": _l("Dernière modification"),
    "inspired_by": _l("Numéro de la fiche dont celle-ci s'inspire"),
    "inspired": _l("Numéros des fiches qui s'en inspirent"),
}

ANSWERED = {
    "count": _l("Combien de fiches répondent."),
    "items": _l("Celles de cette page."),
    "facets": _l(
        "Les filtres possibles : `value` est à renvoyer, `label` à montrer, `count` dit combien de fiches restent."
    ),
    "next": _l("L'adresse de la page suivante ; `null` à la dernière."),
}


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """An example, each route with its parameters and an address to try, the fields of a sheet."""
    schema = api.get_openapi_schema()
    routes = [_route(path, operation) for path, methods in schema["paths"].items() for operation in methods.values()]
    context = {
        "nav": "",
        "routes": routes,
        "fields": [
            {"name": name, "about": _coded(str(NAMES.get(name) or BY_KEY[name].label))}
            for name in schema["components"]["schemas"]["ActionOut"]["properties"]
        ],
        "answered": [{"name": name, "about": _coded(str(about))} for name, about in ANSWERED.items()],
        "site_address": request.build_absolute_uri("/").rstrip("/"),
        "example": {"path": routes[0]["path"], "query": QUERY, "answer": ANSWER},
        "version": schema["info"]["version"],
    }
    return render(request, "api/page.html", context)


def _route(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    summary = operation["summary"]
    parameters = [_parameter(one) for one in operation.get("parameters", []) if one["in"] == "query"]
    return {"path": path, "summary": _(summary), "parameters": parameters, "open": "{" not in path}


def _parameter(described: dict[str, Any]) -> dict[str, Any]:
    about = described["schema"].get("description") or described["description"]
    several = described["schema"].get("type") == "array"
    return {"name": described["name"], "about": _coded(_(about)), "several": several}


def _coded(text: str) -> SafeString:
    """A description with what stands between backquotes as code."""
    return mark_safe(re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(typo(text))))  # noqa: S308 - escaped just here
