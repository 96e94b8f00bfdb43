"""One sheet: its page, its documents."""

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from tisserand.actions.models import Action
from tisserand.actions.numbers import numbers
from tisserand.actions.presentation import (
    FOOT,
    RESULTS,
    SECTIONS,
    details,
    kept_apart,
    neighbour,
    section,
    sections,
)
from tisserand.actions.queries import neighbours, visible_to, with_content
from tisserand.actions.queries.lineage import Kin, lineage, writes_elsewhere
from tisserand.documents.registry import render as render_document
from tisserand.network.rules import is_staff_of


def readable(request: HttpRequest, pk: int) -> Action:
    """The sheet with its content, if this person may read it; otherwise 404, which tells nothing."""
    return get_object_or_404(with_content(visible_to(request.user)).prefetch_related("facts"), pk=pk)


@require_safe
def sheet_page(request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:  # noqa: ARG001 - compared as a path
    """The sheet; any other form of its address leads to the stable one."""
    action = readable(request, pk)
    if request.path != action.get_absolute_url():
        return HttpResponsePermanentRedirect(action.get_absolute_url())
    facts = list(action.facts.all())
    kin = lineage(action)
    may_edit = is_staff_of(request.user, action.network)
    context = {
        "nav": "actions",
        "action": action,
        "lead": section(action, "summary"),
        "sections": sections(action, SECTIONS),
        "results": sections(action, RESULTS),
        "foot": sections(action, FOOT),
        "detail": section(action, "initiator_detail"),
        "details": details(action),
        "numbers": numbers(action),
        "extras": kept_apart(action),
        "neighbours": [neighbour(one.action, one.shared) for one in neighbours(action)] if action.is_public else [],
        "kin": kin,
        "may_take_up": action.is_public and (may_edit or writes_elsewhere(request.user, action)),
        "may_edit": may_edit,
        "pending": sum(fact.state == "pending" for fact in facts),
        "json_ld": _json_ld(request, kin),
    }
    return render(request, "actions/sheet.html", context)


def _json_ld(request: HttpRequest, kin: Kin) -> str:
    """schema.org data, escaped for a script element."""
    action, structure = kin.action, kin.action.structure
    original = kin.parent.action if kin.parent and kin.parent.action.is_public else None
    data = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": action.title,
        "description": action.summary[:500],
        "url": request.build_absolute_uri(action.get_absolute_url()),
        "inLanguage": "fr",
        "isBasedOn": request.build_absolute_uri(original.get_absolute_url()) if original else None,
        "datePublished": action.published_at.isoformat() if action.published_at else None,
        "dateModified": action.updated_at.isoformat(),
        "keywords": action.labels("keyword"),
        "author": {
            "@type": "Organization",
            "name": structure.name,
            "url": request.build_absolute_uri(structure.get_absolute_url()),
        },
        "publisher": {"@type": "Organization", "name": action.network.name},
        "about": [{"@type": "Thing", "name": label} for label in action.labels("dimension")],
        "audience": [{"@type": "Audience", "audienceType": label} for label in action.labels("public")],
    }
    kept = {key: value for key, value in data.items() if value}
    text = json.dumps(kept, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(text)  # noqa: S308 - no character can close the script element


@require_safe
def sheet_document(request: HttpRequest, pk: int, format: str) -> HttpResponse:
    """The sheet as PDF, ODT or DOCX."""
    action = readable(request, pk)
    if format not in {"pdf", "odt", "docx"}:
        raise Http404
    address = request.build_absolute_uri(reverse("action-short", args=[action.pk]))
    document = render_document("actions.sheet", (action, address), format)
    response = HttpResponse(document.content, content_type=document.content_type)
    disposition = "inline" if format == "pdf" else "attachment"
    response["Content-Disposition"] = f'{disposition}; filename="{document.filename}"'
    return response
