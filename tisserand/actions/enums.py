"""Choices of the catalogue."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a sheet is in its life, which tells who sees it: anyone, only once it is published."""

    DRAFT = "draft", _("Brouillon")
    SUBMITTED = "submitted", _("À relire par le réseau")
    RETURNED = "returned", _("À reprendre")
    PUBLISHED = "published", _("Publiée")
    ARCHIVED = "archived", _("Archivée")


# Not public yet: whoever writes for the structure, or the network's team, is at work on it.
UNDER_WAY = (State.DRAFT, State.SUBMITTED, State.RETURNED)


class Facet(TextChoices):
    """The closed lists of a sheet. A network edits the values, not the lists."""

    STATUS = "status", _("Statut")
    DIMENSION = "dimension", _("Dimension")
    KEYWORD = "keyword", _("Mot-clé")
    INITIATOR = "initiator", _("À l'initiative")
    TERRITORY = "territory", _("Territoire")
    PUBLIC = "public", _("Public")
    PARTNER = "partner", _("Partenaire")


class FactKind(TextChoices):
    """What a number found in a text counts."""

    PEOPLE = "people", _("Personnes")
    MONEY = "money", _("Argent")


class FactState(TextChoices):
    """What an editor said of a suggestion. Only what is accepted is counted."""

    PENDING = "pending", _("À relire")
    ACCEPTED = "accepted", _("Acceptée")
    DISMISSED = "dismissed", _("Écartée")


class Period(TextChoices):
    """The time that an amount or a count covers."""

    NONE = "", _("sans période")
    YEAR = "year", _("par an")
    MONTH = "month", _("par mois")
    WEEK = "week", _("par semaine")
    DAY = "day", _("par jour")
    SESSION = "session", _("par séance")


class BatchState(TextChoices):
    """The life of an import."""

    READING = "reading", _("Lecture en cours")
    WAITING = "waiting", _("À relire")
    APPLYING = "applying", _("Enregistrement en cours")
    APPLIED = "applied", _("Enregistré")
    REFUSED = "refused", _("Refusé")
    CANCELLED = "cancelled", _("Abandonné")
    UNDONE = "undone", _("Annulé")


class Undone(TextChoices):
    """What undoing an import does to a sheet that it wrote."""

    REMOVED = "removed", _("Retirée")
    RESTORED = "restored", _("Remise comme avant")
    KEPT = "kept", _("Modifiée depuis, laissée")


class Outcome(TextChoices):
    """What a record of a file would do to the catalogue."""

    CREATED = "created", _("Nouvelle")
    UPDATED = "updated", _("Changée")
    UNCHANGED = "unchanged", _("Pareille")
    CONFLICT = "conflict", _("Contradiction")
    REJECTED = "rejected", _("Refusée")
