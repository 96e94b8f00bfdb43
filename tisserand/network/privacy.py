"""What this app keeps about people."""

from tisserand.network.models import Affiliation, Network, Role, Structure, StructureAlias, User
from tisserand.privacy.registry import Personal, declare

_ACCOUNT = "Se connecter et signer ses gestes"

declare(Network, others="Une organisation, pas une personne.")
declare(
    Structure,
    personal={
        "phone": Personal("Joindre la structure ; parfois une ligne directe", "keep", "tant que la structure existe"),
        "email": Personal("Joindre la structure ; parfois une adresse nominative", "keep", "tant qu'elle existe"),
    },
    others="Une organisation et son adresse publique.",
)
declare(StructureAlias, others="Une autre graphie du nom d'une organisation.")
declare(Affiliation, others="Le lien daté de deux organisations.")
declare(
    User,
    personal={
        "email": Personal(_ACCOUNT, "blank", "la durée du compte"),
        "first_name": Personal(_ACCOUNT, "blank", "la durée du compte"),
        "last_name": Personal(_ACCOUNT, "blank", "la durée du compte"),
        "password": Personal("Vérifier le mot de passe (empreinte seulement)", "blank", "la durée du compte"),
        "last_login": Personal("Repérer les comptes qui ne servent plus", "blank", "la durée du compte"),
    },
    others="Réglages du compte.",
)
declare(
    Role,
    personal={"user": Personal("Savoir ce que la personne peut faire", "delete", "la durée du compte")},
    others="Un rôle et ses dates.",
)
