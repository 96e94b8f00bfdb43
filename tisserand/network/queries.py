"""Reading networks and structures."""

from dataclasses import dataclass

from django.db.models import QuerySet
from rapidfuzz import fuzz, process

from tisserand.common.text import fold
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
        rows = list(Structure.objects.values_list("pk", "name", "name_key", "department_key"))
        by_key = {(name_key, department_key): pk for pk, _, name_key, department_key in rows}
        aliases = StructureAlias.objects.values_list("structure_id", "name_key", "department_key")
        for pk, name_key, department_key in aliases:
            by_key.setdefault((name_key, department_key), pk)
        return cls(by_key, {pk: name for pk, name, _, _ in rows})

    def find(self, name: str, department: str) -> int | None:
        """The structure that bears this name, or None."""
        return self.by_key.get(structure_key(name, department))

    def near(self, name: str, department: str) -> int | None:
        """A structure whose name looks like this one, to propose and never to merge alone."""
        key, department_key = structure_key(name, department)
        candidates = {
            k: k[0] for k in self.by_key if k[1] == department_key or not department_key or not k[1]
        }
        found = process.extractOne(key, candidates, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR)
        return self.by_key[found[2]] if found else None
