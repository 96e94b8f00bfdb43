"""One sheet: its page, its documents."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from tisserand.actions.enums import FactState
from tisserand.actions.models import Action, Attachment
from tisserand.actions.presentation import neighbour, whole
from tisserand.actions.queries import is_stale, neighbours, one_with_content, places_written, visible_to
from tisserand.actions.queries.catalogue import Places
from tisserand.actions.queries.lineage import Kin, lineage, places_to_take_up
from tisserand.actions.standing import standing
from tisserand.documents.registry import render as render_document
from tisserand.network.rules import is_staff_of


def readable(request: HttpRequest, pk: int, places: Places | None = None) -> Action:
    """The sheet with its content, if this person may read it; otherwise 404, which tells nothing."""
    return get_object_or_404(one_with_content(visible_to(request.user, places)), pk=pk)


@require_safe
def sheet_page(request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:  # noqa: ARG001 - compared as a path
    """The sheet; any other form of its address leads to the stable one."""
    places = places_written(request.user)
    action = readable(request, pk, places)
    if request.path != action.get_absolute_url():
        return redirect(action)  # not for ever: a former title may come back
    kin = lineage(action)
    shown = whole(action)
    pictures = [one for one in (shown["picture"], *shown["pictures"]) if one]
    may_edit = is_staff_of(request.user, action.network)
    may_write = may_edit or (action.network_id, action.structure_id) in places
    context = {
        "nav": "actions",
        "action": action,
        "neighbours": [neighbour(one.action, one.shared) for one in neighbours(action)] if action.is_public else [],
        "kin": kin,
        "may_take_up": action.is_public and bool(places_to_take_up(request.user, action)),
        "may_write": may_write,
        "may_edit": may_edit,
        "stale": may_write and is_stale(action),
        "standing": standing(action, keeps=may_edit) if may_write else None,
        "pending": sum(fact.state == FactState.PENDING for fact in action.facts.all()),
        "json_ld": _json_ld(request, kin, pictures),
        **shown,
    }
    return render(request, "actions/sheet.html", context)


def _json_ld(request: HttpRequest, kin: Kin, pictures: list[Attachment]) -> str:
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
        "image": [request.build_absolute_uri(reverse("attachment", args=[one.key])) for one in pictures],
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
