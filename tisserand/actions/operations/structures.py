"""Changing a structure, whose name and place the sheets are searched by."""

from tisserand.actions.models import Action
from tisserand.actions.search import index_actions
from tisserand.common.operations import operation
from tisserand.network.models import Network, Structure
from tisserand.network.operations import update_structure
from tisserand.network.rules import Actor


@operation
def edit_structure(*, actor: Actor, network: Network, structure: Structure, changes: dict[str, str]) -> Structure:
    """Change a structure and bring the index of its sheets up to date (see `update_structure`)."""
    changed = update_structure(actor=actor, network=network, structure=structure, changes=changes)
    index_actions(Action.objects.filter(structure=structure).values_list("pk", flat=True))
    return changed
