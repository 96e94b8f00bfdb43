"""Routes of the catalogue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _n
from ninja import Field, Query, Router, Schema
from pydantic import BaseModel

from tisserand.actions.exports import sheet
from tisserand.actions.models import Action
from tisserand.actions.queries import Request, catalogue, published, with_content
from tisserand.actions.queries.lineage import copies_of, originals_of
from tisserand.common.paging import MAX_LIMIT, next_address

router = Router(tags=["actions"])
Values = list[str]


class Asked(Schema):
    """Filters: several values of one facet are alternatives, several facets add up."""

    q: str = Field("", description=_n("Mots, expression entre guillemets ; le dernier mot peut être inachevé."))
    dimension: Values = Field([], description=_n("Dimension de l'action, par exemple `services`."))
    keyword: Values = Field([], description=_n("Mot-clé, par exemple `culture`."))
    public: Values = Field([], description=_n("Public, par exemple `seniors`."))
    territory: Values = Field([], description=_n("Territoire, par exemple `une-commune`."))
    partner: Values = Field([], description=_n("Partenaire, par exemple `caf`."))
    initiator: Values = Field([], description=_n("Qui est à l'initiative, par exemple `un-habitant`."))
    status: Values = Field([], description=_n("Statut, par exemple `en-cours`."))
    department: Values = Field([], description=_n("Département, par exemple `aisne`."))
    structure: Values = Field([], description=_n("Structure qui mène l'action : son nom dans l'adresse de sa page."))
    network: Values = Field([], description=_n("Réseau, là où le site en réunit plusieurs."))
    sort: str = Field("", description=_n("Ordre : `relevance`, `recent` ou `title`."))
    cursor: str = Field("", description=_n("Où commence la page suivante : donné par `next`."))
    limit: int = Field(20, ge=1, le=MAX_LIMIT, description=_n("Combien par page, 100 au plus ; 20 sans rien dire."))


class ActionOut(BaseModel):
    """A sheet. Closed values are their French labels; several values of a single one are joined by `|`."""

    id: int
    url: str
    network: str
    published_at: datetime | None
    updated_at: datetime
    title: str
    structure: str
    department: str
    status: str
    ended_reason: str
    dimension: str
    keywords: list[str]
    summary: str
    initiators: list[str]
    initiator_detail: str
    territory: str
    objectives: str
    public: str
    partners: list[str]
    description: str
    funding: str
    people: str
    result_territory: str
    result_structure: str
    result_residents: str
    limits: str
    perspectives: str
    inspired_by: int | None
    inspired: list[int]


class FacetOut(BaseModel):
    """One value of a facet: what to send back, what to show, how many sheets."""

    value: str
    label: str
    count: int


class ActionsOut(BaseModel):
    """A page of sheets; `next` is the address of the following one."""

    count: int
    items: list[ActionOut]
    facets: dict[str, list[FacetOut]]
    next: str | None


def as_json(request: HttpRequest, actions: Sequence[Action]) -> list[dict[str, Any]]:
    """Sheets as the API gives them; what inspired them and what they inspired, where it is public (two queries)."""
    originals, copies = originals_of(actions), copies_of(actions)
    return [
        {
            "id": action.pk,
            "url": request.build_absolute_uri(action.get_absolute_url()),
            "network": action.network.slug,
            "published_at": action.published_at,
            "updated_at": action.updated_at,
            **{key: value for key, value in sheet(action).items() if key != "extras"},
            "inspired_by": action.inspired_by_id if action.inspired_by_id in originals else None,
            "inspired": copies[action.pk],
        }
        for action in actions
    ]


@router.get("", response=ActionsOut, summary=_n("Chercher des fiches"))
def list_actions(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """The same search and filters as the catalogue page."""
    answer = catalogue(Request.read(request.GET), limit=asked.limit)
    facets = {
        name: [{"value": v.value, "label": v.label, "count": v.count} for v in values[:MAX_LIMIT]]
        for name, values in answer.facets.items()
    }
    return {
        "count": answer.count,
        "items": as_json(request, answer.actions),
        "facets": facets,
        "next": next_address(request, answer.next_cursor),
    }


@router.get("/{int:pk}", response=ActionOut, summary=_n("Lire une fiche"))
def read_action(request: HttpRequest, pk: int) -> dict[str, Any]:
    """One published sheet."""
    return as_json(request, [get_object_or_404(with_content(published()), pk=pk)])[0]
