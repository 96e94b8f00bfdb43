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
    """What a user may do, in a network or in one of its structures (see `NETWORK_ROLES`)."""

    NETWORK_ADMIN = "network_admin", _("Administration du réseau")
    MISSION = "mission", _("Chargée ou chargé de mission")
    READER = "reader", _("Lecture")
    DIRECTOR = "director", _("Direction")
    MEMBER = "member", _("Membre de l'équipe")
    REFERENT = "referent", _("Référent·e d'un relais")
    PROFESSIONAL = "professional", _("Professionnel·le d'une permanence")
    FUNDER_AGENT = "funder_agent", _("Agent·e d'un financeur")


# Held in the whole network; the others are held in one structure of it.
NETWORK_ROLES = (RoleKind.NETWORK_ADMIN, RoleKind.MISSION, RoleKind.READER)
STRUCTURE_ROLES = tuple(kind for kind in RoleKind if kind not in NETWORK_ROLES)
