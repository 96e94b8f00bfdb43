"""Routes of the directory."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _n
from ninja import Field, Query, Router, Schema
from pydantic import BaseModel

from tisserand.common.paging import MAX_LIMIT, next_address
from tisserand.common.text import number_in
from tisserand.network.models import Structure
from tisserand.network.queries import find_structures

router = Router(tags=["structures"])


class Asked(Schema):
    """Filters of the directory."""

    q: str = Field("", description=_n("Mots du nom, de la commune ou du département."))
    kind: str = Field("", description=_n("Type, par exemple `centre_social` ou `evs`."))
    department: str = Field("", description=_n("Nom du département."))
    cursor: str = Field("", description=_n("Où commence la page suivante : donné par `next`."))
    limit: int = Field(20, ge=1, le=MAX_LIMIT, description=_n("Combien par page, 100 au plus ; 20 sans rien dire."))


class StructureOut(BaseModel):
    """A structure and how to reach it."""

    id: int
    url: str
    slug: str
    name: str
    kind: str
    department: str
    commune: str
    postcode: str
    address: str
    phone: str
    email: str
    website: str
    about: str


class StructuresOut(BaseModel):
    """A page of structures; `next` is the address of the following one."""

    count: int
    items: list[StructureOut]
    facets: dict[str, list[dict[str, str | int]]]
    next: str | None


def as_json(request: HttpRequest, structure: Structure) -> dict[str, Any]:
    """A structure as the API gives it."""
    names = set(StructureOut.model_fields) - {"url"}
    data = {name: getattr(structure, name) for name in names}
    return {**data, "url": request.build_absolute_uri(structure.get_absolute_url())}


@router.get("", response=StructuresOut, summary=_n("Chercher des structures"))
def list_structures(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """The directory, by name."""
    found = find_structures(text=asked.q, kind=asked.kind, department=asked.department)
    after = number_in(asked.cursor) or 0
    page = found.page(after, asked.limit)
    more = after + asked.limit < found.count
    return {
        "count": found.count,
        "items": [as_json(request, structure) for structure in page],
        "facets": found.facets,
        "next": next_address(request, str(after + asked.limit) if more else ""),
    }
