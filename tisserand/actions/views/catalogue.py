"""The public catalogue: search, selection in other formats, feed."""

from typing import Any
from urllib.parse import urlsplit

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from tisserand.actions.enums import Facet
from tisserand.actions.exports import CONTENT_TYPES, Headings, to_temporary_file
from tisserand.actions.numbers import numbers
from tisserand.actions.presentation import SEPARATOR, entry
from tisserand.actions.queries import FacetValue, Hit, Request, catalogue, facet_labels, newest, selection
from tisserand.actions.search import FACETS, INTERNAL
from tisserand.common.text import FORBIDDEN_IN_XML
from tisserand.network.queries import site_network

SHOWN = 8  # values of a facet before "and N others"
LISTED = 24  # values of a facet in all: a page stays light however many structures there are
OPEN = ("dimension", "public")  # facets that stand open at first


def facet_names() -> dict[str, str]:
    """The headings of the filters, in the order of the page."""
    names = {facet.value: str(facet.label) for facet in Facet}
    return {f: names.get(f) or {"department": _("Département"), "structure": _("Structure")}[f] for f in FACETS}


@require_safe
@vary_on_headers("HX-Request")
def catalogue_page(request: HttpRequest) -> HttpResponse:
    """Search with filters; htmx asks for the results alone, except when it goes back in history."""
    asked = Request.read(request.GET)
    answer = catalogue(asked)
    names = facet_names()
    tags = _tags(asked)
    htmx = request.htmx
    fragment = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    suggestion = answer.suggestion()
    context = {
        "nav": "actions",
        "fragment": fragment,
        "asked": asked,
        "count": answer.count,
        "first": answer.before + 1,
        "last": answer.before + len(answer.actions),
        "total": answer.found.base,
        "results": [_result(hit) for hit in answer.hits()],
        "facets": [_facet(key, names[key], values) for key, values in answer.facets.items() if values],
        "tags": tags,
        "kept": _kept(asked),
        "sorts": _sorts(asked),
        "suggestion": suggestion,
        "suggestion_address": asked.address(text=suggestion),
        "broader": [(one.text, bool(one.filters), n, one.address()) for one, n in answer.broader()],
        "first_address": asked.address() if asked.cursor else "",
        "next_address": asked.address(cursor=answer.next_cursor) if answer.next_cursor else "",
        "address": asked.address(),
        "formats": list(CONTENT_TYPES),
    }
    response = render(request, "actions/_results.html" if fragment else "actions/catalogue.html", context)
    if fragment:
        here = f"{request.path}?{asked.address()}".removesuffix("?")
        header, address = _history(asked, here, htmx.current_url_abs_path or "")
        response[header] = address
    return response


def _history(asked: Request, here: str, before: str) -> tuple[str, str]:
    """What htmx does with the address: one step back is another search, never the beginning of the same words."""
    if here == before:
        return "HX-Push-Url", "false"
    then = Request.read(QueryDict(urlsplit(before).query))
    words = sorted((asked.text, then.text), key=len)
    typing = words[0] and words[1].startswith(words[0]) and (asked.filters, asked.sort) == (then.filters, then.sort)
    return "HX-Replace-Url" if typing else "HX-Push-Url", here


def _facet(key: str, label: str, values: list[FacetValue]) -> dict[str, Any]:
    """A closed list as a filter: the chosen values and the most frequent ones first at hand."""
    told = [{"value": v.value, "label": v.label, "count": v.count, "checked": v.chosen} for v in values]
    near = [one for rank, one in enumerate(told) if rank < SHOWN or one["checked"]]
    more = [one for one in told if one not in near]
    listed = LISTED - SHOWN
    return {
        "name": key,
        "label": label,
        "open": key in OPEN or any(v.chosen for v in values),
        "options": near,
        "more": more[:listed],
        "left": len(more[listed:]),
    }


def _result(hit: Hit) -> dict[str, Any]:
    """A sheet in the list, with the number that it is announced by."""
    action = hit.action
    told = entry(action)
    heroes = numbers(action).heroes
    number = heroes[0] if heroes else None
    return {
        **told,
        "title": hit.title,
        "meta": SEPARATOR.join((told["meta"], *action.labels("dimension"))),
        "snippet": hit.excerpt,
        "number": number.value if number else None,
        "number_label": number.unit or number.section if number else "",
        "number_note": number.note if number else "",
    }


def _kept(asked: Request) -> list[tuple[str, str]]:
    """What the form sends again without showing it: an order, and filters that came by a link."""
    kept = [(facet, value) for facet in INTERNAL for value in asked.filters.get(facet, [])]
    usual = "relevance" if asked.text else "recent"
    return kept if asked.sort == usual else [*kept, ("sort", asked.sort)]


def _sorts(asked: Request) -> list[dict[str, Any]]:
    """The orders that make sense, each with its address."""
    told = {"relevance": _("les plus proches"), "recent": _("les plus récentes"), "title": _("par titre")}
    return [
        {"label": label, "address": asked.address(sort=sort), "current": sort == asked.sort}
        for sort, label in told.items()
        if sort != "relevance" or asked.text
    ]


def _tags(asked: Request) -> list[dict[str, Any]]:
    """The filters in force, each with the address that removes it."""
    labels = facet_labels()
    told = {
        ("stated", "partner"): _("Avec un partenaire"),
        ("stated", "budget"): _("Avec un budget retenu"),
        ("stated", "taken-up"): _("Reprise par une autre structure"),
        **{("without", facet.value): _("Sans : %(facet)s") % {"facet": facet.label} for facet in Facet},
    }
    return [
        {
            "label": told.get((f, v)) or labels.get((f, v), v),
            "written": (f, v) not in told,
            "url": f"?{asked.without(f, v)}",
        }
        for f, values in asked.filters.items()
        for v in values
    ]


@require_safe
def export_selection(request: HttpRequest, format: str) -> FileResponse:
    """The sheets of a search, all of them, as a file."""
    if format not in CONTENT_TYPES:
        raise Http404
    file = to_temporary_file(format, selection(Request.read(request.GET)), Headings.labels(), _("Fiches"))
    return FileResponse(file, as_attachment=True, filename=f"fiches.{format}", content_type=CONTENT_TYPES[format])


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What is new, as Atom."""
    network = site_network()
    home = request.build_absolute_uri("/")
    atom = Atom1Feed(
        title=_("Nouvelles fiches · %(name)s") % {"name": network.name if network else "Tisserand"},
        link=home,
        description="",
        feed_url=request.build_absolute_uri(),
        feed_guid=request.build_absolute_uri(reverse("feed")),
        language="fr",
    )
    for action in newest():
        address = request.build_absolute_uri(reverse("action-short", args=[action.pk]))
        atom.add_item(
            title=_xml(action.title),
            link=address,
            description=_xml(action.summary),
            unique_id=address,
            author_name=_xml(action.structure.name),
            pubdate=action.published_at,
            updateddate=action.updated_at,
        )
    response = HttpResponse(content_type=atom.content_type)
    atom.write(response, "utf-8")
    return response


def _xml(text: str) -> str:
    """What XML cannot hold becomes a space."""
    return FORBIDDEN_IN_XML.sub(" ", text)
