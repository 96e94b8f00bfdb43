"""Freezing the figures of the catalogue."""

from django.utils.translation import gettext as _

from tisserand.actions.figures import CatalogueScope
from tisserand.common.operations import operation, require
from tisserand.figures.engine import compute
from tisserand.figures.models import Snapshot
from tisserand.figures.snapshots import flatten, freeze
from tisserand.network.models import Network
from tisserand.network.rules import Actor, is_staff_of
from tisserand.privacy.journal import record


@operation
def freeze_catalogue(*, actor: Actor, network: Network) -> Snapshot:
    """Keep the figures of *network*'s catalogue as they are now."""
    require(is_staff_of(actor, network), _("Vous ne tenez pas le catalogue de ce réseau."))
    scope = CatalogueScope.of(network)
    results = compute("actions.", scope, rate_from=network.rate_from)
    snapshot = freeze(scope=scope.key, scope_label=scope.label, taken_by=f"user:{actor.pk}", figures=flatten(results))
    record(actor=actor, verb="figures.frozen", subject=snapshot, network=network.pk)
    return snapshot
