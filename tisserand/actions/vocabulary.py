"""The closed lists: what a new network starts with, and reading a value whatever its spelling."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tisserand.actions.enums import Facet
from tisserand.actions.models import Term, TermAlias
from tisserand.common.text import fold, slug
from tisserand.network.models import Network

# As published by the field; a network adds, renames and merges its own.
DEFAULT_LABELS: dict[Facet, tuple[str, ...]] = {
    Facet.STATUS: ("En cours", "Terminée"),
    Facet.DIMENSION: ("Citoyenneté", "Services", "Accompagnement de projets"),
    Facet.KEYWORD: (
        "intergénérationnel", "Culture", "Démocratie & citoyenneté", "éducation / scolarité", "Solidarité",
        "Emploi, économie", "Parentalité", "Vieillissement", "Numérique", "Santé", "Environnement",
        "Logement & cadre de vie", "Vacances, loisirs", "Insertion", "Jeunesse",
    ),
    Facet.INITIATOR: (
        "Le centre social", "Un habitant", "Un groupe d'habitants", "Un ou plusieurs partenaire(s)", "Autre",
    ),
    Facet.TERRITORY: ("Un quartier", "Plusieurs quartiers", "Une commune", "Plusieurs communes"),
    Facet.PUBLIC: ("Tous publics", "familles", "Enfance", "Jeunesse", "Adultes", "Seniors"),
    Facet.PARTNER: (
        "Caf", "Commune", "Conseil départemental", "Conseil régional", "Association locale", "Éducation Nationale",
        "Préfecture", "ACSE", "MSA", "Pôle emploi", "Bailleur social", "Intercommunalité", "Autre",
    ),
}  # fmt: skip

DEFAULT_ALIASES: tuple[tuple[Facet, str, str], ...] = ((Facet.KEYWORD, "Viellissement", "Vieillissement"),)


@lru_cache(maxsize=4096)  # a file says the same few values thousands of times
def term_key(label: str) -> str:
    """What makes two spellings one value."""
    return (fold(label) or label.strip().casefold())[:500]


OVER = "Terminée"  # the status of an action that is over
ENDED = term_key(OVER)


def is_over(statuses: Iterable[str]) -> bool:
    """Whether a sheet of these statuses tells an action that is over."""
    return any(term_key(label) == ENDED for label in statuses)


def title_key(title: str) -> str:
    """What makes two titles one."""
    return (fold(title) or title.strip().casefold())[:300]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A value as read: its term if the network has one, the label to show, and whether it is verified."""

    term: Term | None
    label: str
    verified: bool


class Vocabulary:
    """The closed lists of a network, in memory once one of them is asked."""

    def __init__(self, network: Network) -> None:
        self.network = network

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], Term]:
        return {(term.facet, term.key): term for term in Term.objects.filter(network=self.network)}

    @cached_property
    def _aliases(self) -> dict[tuple[str, str], Term]:
        aliases = TermAlias.objects.filter(network=self.network).select_related("term")
        return {(alias.facet, alias.key): alias.term for alias in aliases}

    def ids(self) -> set[int]:
        """Every value of the network, those made since among them."""
        return {term.pk for term in self._by_key.values()}

    def resolve(self, facet: str, raw: str) -> Resolved:
        """Read a value of a file: by alias, then by label whatever its case and accents."""
        key = (facet, term_key(raw))
        term = self._aliases.get(key) or self._by_key.get(key)
        return Resolved(term, term.label, term.verified) if term else Resolved(None, raw, False)

    def offered(self, facet: str) -> set[str]:
        """The labels that a list offers: those that someone verified."""
        return {term.label for (of, _key), term in self._by_key.items() if of == facet and term.verified}

    def labels(self, facet: str, raws: Iterable[str]) -> list[str]:
        """The labels of several values, each once."""
        return list(dict.fromkeys(self.resolve(facet, raw).label for raw in raws))

    def term(self, facet: str, raw: str) -> Term:
        """The term of a value, created unverified when nobody has seen it before."""
        known = self.resolve(facet, raw).term
        if known:
            return known
        key = term_key(raw)
        term = Term.objects.create(
            network=self.network,
            facet=facet,
            label=raw[:500],
            key=key,
            slug=self._free_slug(facet, raw),
            verified=False,
        )
        self._by_key[facet, key] = term
        return term

    def _free_slug(self, facet: str, label: str) -> str:
        taken = {term.slug for (f, _), term in self._by_key.items() if f == facet}
        base = slug(label)
        return base if base not in taken else next(s for n in range(2, 10_000) if (s := f"{base}-{n}") not in taken)


def ensure_vocabulary(network: Network) -> Vocabulary:
    """The closed lists of *network*, filled with the field's own the first time."""
    if not Term.objects.filter(network=network).exists():
        Term.objects.bulk_create(
            [
                Term(
                    network=network, facet=facet, label=label, key=term_key(label), slug=slug(label), position=position
                )
                for facet, labels in DEFAULT_LABELS.items()
                for position, label in enumerate(labels)
            ],
            ignore_conflicts=True,
        )
        by_key = {(term.facet, term.key): term for term in Term.objects.filter(network=network)}
        TermAlias.objects.bulk_create(
            [
                TermAlias(
                    network=network, facet=facet, text=text, key=term_key(text), term=by_key[facet, term_key(label)]
                )
                for facet, text, label in DEFAULT_ALIASES
            ],
            ignore_conflicts=True,
        )
    return Vocabulary(network)
