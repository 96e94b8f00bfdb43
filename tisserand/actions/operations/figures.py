"""Freezing the figures of the catalogue."""

from datetime import timedelta

from django.utils import timezone, translation

from tisserand.actions.figures import CatalogueScope
from tisserand.common.operations import operation
from tisserand.figures.models import Snapshot
from tisserand.figures.snapshots import digest, flatten, freeze
from tisserand.network.models import Network
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record


@operation
def freeze_catalogue(*, actor: Actor, network: Network) -> Snapshot:
    """Keep the figures of *network*'s catalogue as they are now."""
    require_staff(actor, network)
    scope = CatalogueScope.of(network)
    with translation.override(None):  # a reading is the same whoever freezes it, and each reads it in their language
        figures = flatten(scope.figures())
    latest = Snapshot.objects.filter(scope=scope.key, taken_at__gt=timezone.now() - timedelta(minutes=1)).first()
    if latest and latest.digest == digest([one.as_dict() for one in figures]):
        return latest  # a double click
    snapshot = freeze(scope=scope.key, scope_label=scope.label, taken_by=f"user:{actor.pk}", figures=figures)
    record(actor=actor, verb="figures.frozen", subject=snapshot, network=network.pk)
    return snapshot
