"""The register of processing (article 30 of the GDPR), filled from the rules of personal data."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.privacy.registry import ModelRules, Personal, Words, rules

# What is done everywhere, whatever the data: each is so in the code, and tested.
MEASURES: tuple[Words, ...] = (
    _l("Comptes ouverts sur invitation, droits selon le rôle, essais de connexion comptés."),
    _l("Mots de passe gardés en empreintes ; deuxième vérification pour qui tient un réseau, en https."),
    _l("Connexions fermées au bout de douze heures, cookies que les scripts ne lisent pas."),
    _l("Journal des gestes que la base refuse de modifier ; ouverture d'un dossier notée."),
    _l("Effacement à la fin de chaque durée ; effacements refaits si une sauvegarde est remise en place."),
    _l("Aucun service d'un tiers, aucune mesure d'audience, aucun envoi hors de l'Union européenne par le logiciel."),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of data about people.

    Attributes:
        how_long: each duration, and what becomes of it then.
    """

    name: str
    fields: list[str]
    why: list[str]
    seen_by: str
    how_long: list[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of the register, and the kinds of data that serve it."""

    name: str
    purpose: str
    basis: str
    people: str
    kinds: list[Kept]


def register_lines() -> list[Line]:
    """Every activity that the rules name."""
    lines: dict[str, Line] = {}
    for model in reversed(rules().values()):
        one = model.activity
        if one is not None:
            name, purpose, basis, people = map(str, (one.name, one.purpose, one.basis, one.people))
            lines.setdefault(name, Line(name, purpose, basis, people, [])).kinds.append(_kept(model))
    return list(lines.values())


def _kept(model: ModelRules) -> Kept:
    told = model.personal.values()
    return Kept(
        name=str(model.label),
        fields=_once(one.name for one in told),
        why=_once(one.why for one in told),
        seen_by=model.readers(),
        how_long=_once(map(_until, sorted(told, key=lambda one: one.on_erase == "detach"))),
    )


def _until(rule: Personal) -> str:
    """How long a field is kept, and what then."""
    ends = (
        _("le lien avec un compte : %(time)s, puis coupé") if rule.on_erase == "detach" else _("%(time)s, puis effacé")
    )
    return ends % {"time": rule.kept}


def _once(words: Iterable[Words]) -> list[str]:
    return list(dict.fromkeys(map(str, words)))
