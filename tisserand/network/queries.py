"""Reading networks and structures."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from rapidfuzz import fuzz, process

from tisserand.common.text import fold, slug
from tisserand.network.enums import StructureKind
from tisserand.network.models import Network, Structure, StructureAlias

NEAR = 88  # rapidfuzz score from which two names of structures are shown side by side
StructureKey = tuple[str, str]


def site_network() -> Network | None:
    """The network whose name and colour dress the pages: the first one of the instance."""
    return Network.objects.first()


def structures() -> QuerySet[Structure]:
    """Every structure, by name; all are public."""
    return Structure.objects.all()


def structure_key(name: str, department: str) -> StructureKey:
    """What makes two spellings one structure: case, accents and spacing set apart."""
    return fold(name)[:300], fold(department)[:100]


@dataclass(slots=True)
class StructureIndex:
    """All known spellings, in memory, to match the rows of an import without a query each."""

    by_key: dict[StructureKey, int]
    names: dict[int, str]

    @classmethod
    def load(cls) -> "StructureIndex":
        """Read structures and aliases (two queries)."""
        rows = list(Structure.objects.values_list("pk", "name", "department", "name_key", "department_key"))
        by_key = {(name_key, department_key): pk for pk, _, _, name_key, department_key in rows}
        aliases = StructureAlias.objects.values_list("structure_id", "name_key", "department_key")
        for pk, name_key, department_key in aliases:
            by_key.setdefault((name_key, department_key), pk)
        return cls(by_key, {pk: f"{name} ({place})" if place else name for pk, name, place, _, _ in rows})

    def find(self, name: str, department: str) -> int | None:
        """The structure that bears this name, or None."""
        return self.by_key.get(structure_key(name, department))

    def near(self, name: str, department: str) -> int | None:
        """A structure whose name looks like this one, to propose and never to merge alone."""
        key, department_key = structure_key(name, department)
        comparable = (k for k in self.by_key if k[1] == department_key or not department_key or not k[1])
        candidates = {k: proper_part(k[0]) for k in comparable}
        found = process.extractOne(proper_part(key), candidates, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR)
        return self.by_key[found[2]] if found else None


# What a structure is, rather than its name: two centres differ by the rest.
_GENERIC = frozenset(
    ("association centre cs csc de des du d espace evs l la le les maison municipal pour social socio culturel "
     "socioculturel tous vie sociale").split()
)  # fmt: skip


def proper_part(key: str) -> str:
    """The words of a folded name that are its own; all of them when every word is generic."""
    return " ".join(word for word in key.split() if word not in _GENERIC) or key


@dataclass(slots=True)
class FoundStructures:
    """The answer of the directory: a queryset in name order, and counts by kind and département."""

    rows: QuerySet[Structure]
    count: int
    facets: dict[str, list[dict[str, str | int]]]

    def page(self, start: int, limit: int) -> QuerySet[Structure]:
        """*limit* structures from rank *start*."""
        return self.rows[start : start + limit]


def find_structures(*, text: str = "", kind: str = "", department: str = "") -> FoundStructures:
    """Structures whose name, commune or département hold every word of *text*."""
    rows = structures()
    for word in fold(text).split()[:10]:
        # Communes are stored as written: they are searched as typed, names and départements folded.
        rows = rows.filter(Q(name_key__contains=word) | Q(department_key__contains=word) | Q(commune__icontains=word))
    if kind:
        rows = rows.filter(kind=kind)
    if department:
        rows = rows.filter(department_key=fold(department))
    facets: dict[str, list[dict[str, str | int]]] = {
        "kind": [
            {"value": value, "label": str(StructureKind(value).label), "count": n} for value, n in _tally(rows, "kind")
        ],
        "department": [
            {"value": slug(value), "label": value, "count": n} for value, n in _tally(rows, "department") if value
        ],
    }
    return FoundStructures(rows, rows.count(), facets)


def _tally(rows: QuerySet[Structure], column: str) -> list[tuple[str, int]]:
    counted = rows.order_by().values_list(column).annotate(n=Count("pk")).order_by("-n", column)
    return list(counted)
