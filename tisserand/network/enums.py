"""Choices of the network."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Accent(TextChoices):
    """The dye of a network; both sets of tones pass the contrast rule of the art direction."""

    GUEDE = "guede", _("Guède (bleu)")
    GARANCE = "garance", _("Garance (rouge)")


class StructureKind(TextChoices):
    """What a structure is, in the words of the field."""

    CENTRE_SOCIAL = "centre_social", _("Centre social")
    EVS = "evs", _("Espace de vie sociale")
    RELAIS_SOCIAL = "relais_social", _("Relais social")
    CULTURE = "culture", _("Partenaire culturel")
    SPORT = "sport", _("Partenaire sportif")
    ASSOCIATION = "association", _("Association")
    TOWN = "town", _("Commune ou service public")
    SCHOOL = "school", _("Établissement scolaire")
    FUNDER = "funder", _("Financeur")
    UNKNOWN = "", _("À préciser")


class RoleKind(TextChoices):
    """What a user may do in a network."""

    NETWORK_ADMIN = "network_admin", _("Administration du réseau")
    MISSION = "mission", _("Chargée ou chargé de mission")
    READER = "reader", _("Lecture")
