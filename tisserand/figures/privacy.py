"""What this app keeps about people."""

from tisserand.figures.models import Snapshot
from tisserand.privacy.registry import Personal, declare

declare(
    Snapshot,
    personal={"taken_by": Personal("Savoir qui a figé des chiffres (identifiant seulement)", "keep", "sans limite")},
    others="Des comptes, sans personne.",
)
