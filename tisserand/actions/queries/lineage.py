"""How sheets inspire one another: the original of each, and how far one spread."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from tisserand.actions.models import Action
from tisserand.actions.queries.catalogue import published, written_by
from tisserand.network.models import Structure
from tisserand.network.queries import Place, writing_places
from tisserand.network.rules import Actor

_TABLE = Action._meta.db_table
# Up to the first one, then down to all that came of it. UNION, unlike UNION ALL, would end even in a circle.
_FAMILY = f"""
WITH RECURSIVE up(id, parent) AS (
    SELECT id, inspired_by_id FROM {_TABLE} WHERE id = %s
    UNION SELECT a.id, a.inspired_by_id FROM {_TABLE} a JOIN up ON a.id = up.parent
), family(id) AS (
    SELECT id FROM up WHERE parent IS NULL
    UNION SELECT a.id FROM {_TABLE} a JOIN family ON a.inspired_by_id = family.id
) SELECT id FROM family"""  # noqa: S608 - the name of our own table


@dataclass(slots=True)
class Kin:
    """A sheet among those that inspired one another; `generation` 0 is the first one.

    One that is not public any more is kept where public ones came of it: its words are nobody's to read.
    """

    action: Action
    generation: int = 0
    parent: "Kin | None" = None
    children: list["Kin"] = field(default_factory=list)

    @property
    def descendants(self) -> Iterator["Kin"]:
        """What came of it, each after what it came of, the oldest first."""
        waiting = [*reversed(self.children)]
        while waiting:
            kin = waiting.pop()
            yield kin
            waiting += reversed(kin.children)

    @property
    def structures(self) -> list[Structure]:
        """The structures whose public sheets came of it, each once."""
        found = {one.action.structure_id: one.action.structure for one in self.descendants if one.action.is_public}
        return list(found.values())


def lineage(action: Action) -> Kin:
    """A sheet with what it came of and what came of it, as anyone may know (one query)."""
    family = RawSQL(_FAMILY, [action.pk])  # noqa: S611 - a constant, the number is bound
    rows = Action.objects.filter(pk__in=family).select_related("structure", "network")
    rows = rows.defer("source", "settled", "extras").order_by("published_at", "pk")
    known = {row.pk: Kin(action if row.pk == action.pk else row) for row in rows}
    for kin in known.values():
        kin.parent = known.get(kin.action.inspired_by_id or 0)
        if kin.parent:
            kin.parent.children.append(kin)
    here = known.get(action.pk) or Kin(action)
    first = here
    while first.parent:
        first = first.parent
    _number(first)
    _prune(first)
    return here


def _number(first: Kin) -> None:
    for kin in first.descendants:
        assert kin.parent is not None
        kin.generation = kin.parent.generation + 1


def _prune(first: Kin) -> None:
    """Forget drafts, and those that are no longer public where nothing public came of them."""
    for kin in reversed(list(first.descendants)):
        if kin.parent and not (kin.action.is_public or kin.children):
            kin.parent.children.remove(kin)


def first_of(kin: Kin) -> Kin:
    """The one from which all the others came."""
    while kin.parent:
        kin = kin.parent
    return kin


def places_to_take_up(viewer: Actor, action: Action) -> list[Place]:
    """The structures in which *viewer* may take up a sheet (two queries, none for a visitor)."""
    if not viewer.is_authenticated:
        return []
    return [place for place in writing_places(viewer) if place.structure != action.structure]


def taken_up_by(viewer: Actor, action: Action) -> QuerySet[Action]:
    """The sheets by which *viewer*, or a colleague, took up this one already."""
    return Action.objects.filter(written_by(viewer), inspired_by=action).select_related("structure").order_by("pk")


def copies_of(actions: Iterable[Action]) -> dict[int, list[int]]:
    """The public sheets that took up each of *actions*, by number (one query)."""
    found: dict[int, list[int]] = {action.pk: [] for action in actions}
    for copy in published().filter(inspired_by__in=found).only("inspired_by").order_by("pk"):
        found[copy.inspired_by_id or 0].append(copy.pk)
    return found


def originals_of(actions: Iterable[Action]) -> set[int]:
    """The public sheets that *actions* took up, by number (one query)."""
    numbers = {action.inspired_by_id for action in actions if action.inspired_by_id}
    return set(published().filter(pk__in=numbers).values_list("pk", flat=True))
