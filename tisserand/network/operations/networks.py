"""Networks."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tisserand.common.operations import operation, require
from tisserand.network.models import Controller, Network
from tisserand.network.rules import Actor, administers, runs_instance
from tisserand.privacy.journal import record


@operation
def create_network(
    *, actor: Actor, slug: str, name: str, territory: str = "", intro: str = "", accent: str = "guede"
) -> Network:
    """Create a network, or return the one that has this slug (a second call changes nothing).

    Raises:
        ValidationError: the slug is not one, or the colour is unknown.
    """
    require(runs_instance(actor), _("Seule l'administration de l'instance crée un réseau."))
    network = Network.objects.filter(slug=slug).first()
    if network is None:
        network = Network(slug=slug, name=name, territory=territory, intro=intro, accent=accent)
        network.full_clean()
        network.save()
        record(actor=actor, verb="network.created", subject=network)
    return network


@operation
def update_network(*, actor: Actor, network: Network, changes: Mapping[str, Any]) -> Network:
    """Change how *network* presents itself, or the smallest base of its percentages. Twice is once.

    Args:
        changes: by field, among those of `NetworkForm`.

    Raises:
        PermissionDenied: *actor* does not administer it.
        ValidationError: by field.
    """
    require(administers(actor, network), _("Seule l'administration du réseau change ces réglages."))
    network = Network.objects.select_for_update().get(pk=network.pk)
    changed = {name: value for name, value in changes.items() if getattr(network, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(network, name, value)
        network.full_clean()
        network.save(update_fields=list(changed))
        record(actor=actor, verb="network.updated", subject=network, fields=sorted(changed))
    return network


@operation
def say_controller(*, actor: Actor, network: Network, values: Mapping[str, str]) -> Controller:
    """Say who answers for the personal data of *network*. Twice is once.

    Raises:
        PermissionDenied: *actor* does not administer it.
    """
    require(administers(actor, network), _("Seule l'administration du réseau complète le registre."))
    said = Controller.objects.filter(network=network, **values).first()
    if said:
        return said
    controller, _created = Controller.objects.update_or_create(network=network, defaults=dict(values))
    record(actor=actor, verb="network.controller_said", subject=controller, network=network.pk)
    return controller
