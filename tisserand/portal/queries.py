"""Reads that span the network and its catalogue."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from tisserand.actions.enums import State
from tisserand.actions.figures import CatalogueScope
from tisserand.actions.models import Action
from tisserand.actions.queries import newest, published
from tisserand.common.text import fold, slug
from tisserand.network.models import Network, Structure
from tisserand.network.queries import find_structures, site_network, structures

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Cloth:
    """The last twelve months as a weave: one column per structure, one row per month, oldest first.

    A crossing is full when the structure published at least one sheet in the month.
    """

    months: list[date]
    structures: list[Structure]
    matrix: list[list[bool]]

    @property
    def full(self) -> int:
        """Crossings with a sheet."""
        return sum(map(sum, self.matrix))

    @property
    def size(self) -> int:
        """All crossings."""
        return len(self.months) * len(self.structures)


@dataclass(frozen=True, slots=True)
class Front:
    """What the home page shows. Without a network the instance was just installed."""

    network: Network | None
    scope: CatalogueScope
    cloth: Cloth
    newest: list[Action]


def front() -> Front:
    """The weave, the sheets counted, the latest ones."""
    return Front(site_network(), CatalogueScope.of(None), cloth(), list(newest(6)))


def with_counts() -> QuerySet[Structure]:
    """Structures with how many sheets they published (`sheets`)."""
    return count_sheets(structures())


def count_sheets(rows: QuerySet[Structure]) -> QuerySet[Structure]:
    """*rows* with how many sheets each published (`sheets`)."""
    return rows.annotate(sheets=Count("actions", filter=Q(actions__state=State.PUBLISHED)))


def cloth(limit: int = 42) -> Cloth:
    """The weave of the structures that publish most (two queries)."""
    months = _last_months(timezone.localdate())
    busiest = with_counts().filter(sheets__gt=0).order_by("-sheets", "name_key")  # type: ignore[misc]
    columns = list(busiest[:limit])
    columns.sort(key=lambda structure: structure.name_key)
    filled: dict[int, set[tuple[int, int]]] = defaultdict(set)
    dates = published().filter(structure__in=columns, published_at__date__gte=months[0])
    for pk, at in dates.values_list("structure_id", "published_at"):
        if at:
            local = timezone.localtime(at)
            filled[pk].add((local.year, local.month))
    matrix = [[(month.year, month.month) in filled[s.pk] for s in columns] for month in months]
    return Cloth(months, columns, matrix)


def _last_months(today: date) -> list[date]:
    first = today.replace(day=1)
    months = []
    for back in range(MONTHS - 1, -1, -1):
        index = first.year * 12 + first.month - 1 - back
        months.append(date(index // 12, index % 12 + 1, 1))
    return months


@dataclass(frozen=True, slots=True)
class Commune:
    """The structures of one commune; `name` is empty for those whose commune is not known."""

    name: str
    structures: list[Structure]


@dataclass(frozen=True, slots=True)
class Department:
    """The structures of one département, by commune."""

    name: str
    communes: list[Commune]
    count: int
    sheets: int

    @property
    def anchor(self) -> str:
        """Its place in the page of the directory."""
        return f"departement-{slug(self.name)}"


@dataclass(frozen=True, slots=True)
class Directory:
    """The structures that answer a request, by département; `total` counts all those known."""

    departments: list[Department]
    total: int

    @property
    def count(self) -> int:
        """How many structures answer."""
        return sum(one.count for one in self.departments)


def directory(text: str = "", kind: str = "") -> Directory:
    """All structures by département and commune; *text* and *kind* narrow the list."""
    rows = find_structures(text=text, kind=kind).rows
    grouped: dict[str, dict[str, list[Structure]]] = defaultdict(lambda: defaultdict(list))
    for structure in count_sheets(rows):
        grouped[structure.department][structure.commune].append(structure)
    departments = [
        Department(
            name,
            # Those whose commune nobody wrote come last.
            [Commune(c, communes[c]) for c in sorted(communes, key=lambda c: (not c, fold(c)))],
            sum(len(found) for found in communes.values()),
            sum(s.sheets for found in communes.values() for s in found),  # type: ignore[attr-defined]
        )
        for name, communes in sorted(grouped.items(), key=lambda pair: (not pair[0], fold(pair[0])))
    ]
    return Directory(departments, structures().count())


def sheets_of(structure: Structure) -> QuerySet[Action]:
    """The published sheets of a structure, latest first."""
    return published().filter(structure=structure).select_related("structure").order_by("-published_at", "-pk")
