"""The figures of the catalogue. All are counts of published sheets, told against all published sheets."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.actions.enums import Facet
from tisserand.actions.queries import facet_labels
from tisserand.actions.search import SPACE
from tisserand.common.text import slug
from tisserand.figures.engine import RATE_FROM, Breakdown, Figure, compute, figure
from tisserand.network.models import Network
from tisserand.network.queries import networks, only_network
from tisserand.search.engine import Found, search

RESIDENTS = (slug("Un habitant"), slug("Un groupe d'habitants"))


@dataclass(frozen=True, slots=True)
class CatalogueScope:
    """Whose sheets are counted: one network's, or the whole instance's."""

    network: Network | None
    found: Found
    rate_from: int  # the smallest base of a rate: the network's own, or that of the only one

    @classmethod
    def of(cls, network: Network | None) -> "CatalogueScope":
        """The scope of a network, counted as the catalogue is now (one search)."""
        filters = {"network": [network.slug]} if network else {}
        chosen = network or only_network()
        return cls(network, search(SPACE, "", filters), chosen.rate_from if chosen else RATE_FROM)

    @classmethod
    def from_address(cls, slug: str) -> "CatalogueScope | None":
        """The network asked for, or without a name all that the instance holds; None for an unknown network."""
        network = networks().filter(slug=slug).first() if slug else only_network()
        return None if slug and network is None else cls.of(network)

    @classmethod
    def from_key(cls, key: str) -> "CatalogueScope | None":
        """The scope that has this `key`; None when its network is no longer here."""
        kind, _colon, slug = key.partition(":")
        return cls.from_address(slug) if kind == "network" else cls.of(None)

    @property
    def label(self) -> str:
        """Whom the figures speak of."""
        return self.network.name if self.network else _("Tous les réseaux")

    @property
    def key(self) -> str:
        """The name of the scope in snapshots."""
        return f"network:{self.network.slug}" if self.network else "instance"

    def figures(self, prefix: str = "actions.") -> dict[str, Figure | Breakdown]:
        """All that is counted under *prefix*."""
        return compute(prefix, self, rate_from=self.rate_from)

    def evidence(self, **filters: list[str]) -> str:
        """The address of the sheets behind a number."""
        if self.network:
            filters["network"] = [self.network.slug]
        return f"{reverse('catalogue')}?{urlencode(filters, doseq=True)}"

    def share(self, key: str, label: str, count: int, evidence: dict[str, list[str]], **more: Any) -> Figure:
        """*count* sheets out of all the published ones; *more* as in `Figure`."""
        return Figure(
            key=key,
            label=label,
            numerator=count,
            denominator=len(self.found),
            base=_("fiches publiées"),
            scope=self.label,
            evidence=self.evidence(**evidence),
            **more,
        )


@figure("actions.share.partner", _l("Menées avec un partenaire"))
def with_partner(scope: CatalogueScope) -> Figure:
    """Sheets that name at least one partner."""
    return scope.share(
        "actions.share.partner",
        _("ont au moins un partenaire."),
        scope.found.counts["stated"].get("partner", 0),
        {"stated": ["partner"]},
        method=_("Fiches dont la rubrique « Partenaires » n'est pas vide."),
    )


@figure("actions.share.residents", _l("Menées avec des habitants"))
def led_with_residents(scope: CatalogueScope) -> Figure:
    """Sheets that a resident or a group of residents started, alone or with others."""
    ids = search(SPACE, "", _filters(scope, initiator=list(RESIDENTS))).ids
    return scope.share(
        "actions.share.residents",
        _("sont nées à l'initiative d'habitants."),
        len(ids),
        {"initiator": list(RESIDENTS)},
        method=_("Fiches où « Un habitant » ou « Un groupe d'habitants » est à l'initiative, seul ou avec d'autres."),
    )


@figure("actions.share.budget", _l("Avec un budget connu"))
def with_budget(scope: CatalogueScope) -> Figure:
    """Sheets with at least one amount that an editor accepted."""
    return scope.share(
        "actions.share.budget",
        _("ont un budget relu et retenu."),
        scope.found.counts["stated"].get("budget", 0),
        {"stated": ["budget"]},
        method=_(
            "Fiches où un montant trouvé dans le texte a été retenu par l'équipe ; un montant non relu ne compte pas."
        ),
    )


@figure("actions.share.taken-up", _l("Reprises ailleurs"))
def taken_up(scope: CatalogueScope) -> Figure:
    """Sheets from which another structure made its own, published."""
    return scope.share(
        "actions.share.taken-up",
        _("ont été reprises au moins une fois."),
        scope.found.counts["stated"].get("taken-up", 0),
        {"stated": ["taken-up"]},
        method=_("Fiches dont une autre structure s'est inspirée, par « S'en inspirer », pour une fiche publiée."),
    )


def _filters(scope: CatalogueScope, **filters: list[str]) -> dict[str, list[str]]:
    return {**filters, "network": [scope.network.slug]} if scope.network else filters


def by_facet(facet: str, label: str | Promise, scope: CatalogueScope) -> Breakdown:
    """Sheets by value of a closed list, the most frequent first; "not stated" is a category, last."""
    labels = facet_labels()
    counts = sorted(scope.found.counts[facet].items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [
        scope.share(
            f"actions.{facet}.{value}", labels.get((facet, value), value), count, {facet: [value]}, written=True
        )
        for value, count in counts
    ]
    missing = scope.found.counts["without"].get(facet, 0)
    if missing:
        rows.append(scope.share(f"actions.{facet}.", _("Non précisé"), missing, {"without": [facet]}))
    # A sheet may hold several values, even where one is expected: the counts tell, not the form.
    overlapping = sum(row.numerator for row in rows) > len(scope.found)
    return Breakdown(f"actions.by.{facet}", str(label), tuple(rows), overlapping)


for _facet, _label in (
    (Facet.DIMENSION, _l("Par dimension")),
    (Facet.KEYWORD, _l("Par mot-clé")),
    (Facet.PUBLIC, _l("Par public")),
    (Facet.PARTNER, _l("Par partenaire")),
    (Facet.STATUS, _l("Par statut")),
):
    figure(f"actions.by.{_facet}", _label)(partial(by_facet, str(_facet), _label))
