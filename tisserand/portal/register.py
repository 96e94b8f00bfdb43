"""The register of processing (article 30 of the GDPR), filled from the rules of personal data."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tisserand.privacy.registry import Words, rules

# What is done everywhere, whatever the data: each is so in the code, and tested.
MEASURES: tuple[Words, ...] = (
    _("Comptes ouverts sur invitation, droits selon le rôle, essais de connexion comptés."),
    _("Mots de passe gardés en empreintes ; deuxième vérification pour qui tient un réseau, en https."),
    _("Connexions fermées au bout de douze heures, cookies que les scripts ne lisent pas."),
    _("Journal des gestes que la base refuse de modifier ; ouverture d'un dossier notée."),
    _("Effacement à la fin de chaque durée ; effacements refaits si une sauvegarde est remise en place."),
    _("Aucun service d'un tiers, aucune mesure d'audience, aucun envoi hors de l'Union européenne par le logiciel."),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of the register."""

    name: str
    purpose: str
    basis: str
    people: str
    data: list[str]
    seen_by: list[str]
    how_long: list[str]


def register_lines() -> list[Line]:
    """Every activity that the rules name, with the data that serve it."""
    lines: dict[str, Line] = {}
    for model in reversed(rules().values()):
        one = model.activity
        if one is None:
            continue
        name, purpose, basis, people = map(str, (one.name, one.purpose, one.basis, one.people))
        line = lines.setdefault(name, Line(name, purpose, basis, people, [], [], []))
        line.data.append(str(model.label))
        _add(line.seen_by, [model.seen_by])
        _add(line.how_long, [rule.kept for rule in model.personal.values()])
    return list(lines.values())


def _add(held: list[str], words: list[Words]) -> None:
    held += [word for word in dict.fromkeys(map(str, words)) if word not in held]
