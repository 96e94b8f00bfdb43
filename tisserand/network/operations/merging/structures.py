"""Two structures that are one."""

from collections.abc import Collection, Iterable, Iterator

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from tisserand.common.following import surrounded
from tisserand.common.operations import operation, require
from tisserand.network.models import Network, Structure, StructureAlias, StructureMerge
from tisserand.network.operations.merging.moving import Change, change_row, changed, leading_to, move, move_back, plain
from tisserand.network.operations.structures import update_structure
from tisserand.network.queries import StructureKey, structure_key
from tisserand.network.queries.merging import in_the_way
from tisserand.network.rules import Actor, joins_structures, keeps_page_of, parts_structures
from tisserand.privacy.journal import record

# What one chooses between two structures: the rest is a number, an address, or made of these.
FIELDS = (
    "name", "kind", "about", "address", "postcode", "commune", "department", "phone", "email", "website",
)  # fmt: skip


@operation
def merge_structures(*, actor: Actor, kept: Structure, gone: Structure, taken: Collection[str] = ()) -> StructureMerge:
    """Make two structures one: all that led to *gone* leads to *kept*. Twice is once.

    Args:
        actor: who keeps the page of both, in a network that they have in common.
        kept: the one that stays, with its number and its address.
        gone: the one that goes; its address leads to *kept* from now on, and files that bear its name are understood.
        taken: among `FIELDS`, what is better said by *gone*; what *kept* leaves blank is filled in any case.

    Raises:
        PermissionDenied: *actor* does not keep both.
        ValidationError: one of them became another meanwhile, or a third structure has the name that was chosen.
    """
    number, slug = gone.pk, gone.slug
    networks = _hold_networks(kept.pk, number)
    held = _hold(kept.pk, number)
    known = StructureMerge.objects.filter(gone=number, kept=kept.pk).select_related("kept").first()
    if known and number not in held:
        require(keeps_page_of(actor, known.kept), _("Vous ne tenez pas la page de ces deux structures."))
        return known
    if len(held) < 2:
        raise ValidationError(_("L'une de ces structures vient d'être réunie à une autre : relisez la page."))
    require(joins_structures(actor, *held.values()), _("Vous ne tenez pas la page de ces deux structures."))
    with surrounded(Structure, kept.pk, number):
        moved = list(_merge(actor, held[kept.pk], held[number], networks, taken))
    merge = StructureMerge.objects.create(kept_id=kept.pk, gone=number, slug=slug, created_by_id=actor.pk, moved=moved)
    record(actor=actor, verb="network.structures_merged", subject=merge.kept, merged=number)
    return merge


def _hold_networks(*structures: int) -> list[int]:
    """Hold the networks where a file may name one of *structures*: an import waits, as it does for another import."""
    tied = Network.objects.filter(affiliations__structure__in=structures).values("pk")
    homes = Structure.objects.filter(pk__in=structures).values("home")
    rows = Network.objects.select_for_update(no_key=True).filter(Q(pk__in=tied) | Q(pk__in=homes))
    return [network.pk for network in rows.order_by("pk")]


def _hold(*structures: int) -> dict[int, Structure]:
    """Hold those of *structures* that exist, in one order whatever the direction: nobody adds to them meanwhile."""
    rows = Structure.objects.select_for_update(no_key=True).filter(pk__in=structures).order_by("pk")
    return {structure.pk: structure for structure in rows}


def _merge(
    actor: Actor, kept: Structure, gone: Structure, networks: Iterable[int], taken: Collection[str]
) -> Iterator[Change]:
    yield from move(Structure, gone.pk, kept.pk)
    left = leading_to(gone)
    if left:
        raise LookupError(f"{left} leads to a structure that goes")
    was, known_as = plain(kept), [(one.name, one.department) for one in (kept, gone)]
    better = {name: getattr(gone, name) for name in FIELDS if name in taken or not getattr(kept, name)}
    yield {"model": Structure._meta.label_lower, "row": gone.pk, "whole": plain(gone)}
    gone.delete()
    changes = {name: value for name, value in better.items() if value != getattr(kept, name)}
    final = structure_key(str(changes.get("name", kept.name)), str(changes.get("department", kept.department)))
    for name, department in known_as:
        key = structure_key(name, department)
        if key != final:
            yield from _known_as(kept, name, key, networks)
    if changes and kept.home:
        kept = update_structure(actor=actor, network=kept.home, structure=kept, changes=changes)
    # Even unchanged: what was done later to the one that stays must be undone first.
    yield next(changed(kept, was), {"model": Structure._meta.label_lower, "row": kept.pk, "was": {}, "now": {}})


def _known_as(kept: Structure, name: str, key: StructureKey, networks: Iterable[int]) -> Iterator[Change]:
    """Files of these networks that bear *name* mean *kept* from now on, whatever they meant before."""
    for network in networks:
        alias, made = StructureAlias.objects.get_or_create(
            network_id=network, name_key=key[0], department_key=key[1], defaults={"structure": kept, "name": name}
        )
        if made:
            yield {"model": StructureAlias._meta.label_lower, "row": alias.pk, "made": True}
        else:
            yield from change_row(alias, {"structure_id": kept.pk})


@operation
def part_structures(*, actor: Actor, merge: StructureMerge) -> Structure | None:
    """Make two structures of one again; None when they are already (a second click).

    What moved and did not change since goes back, under the number and the address that it had. What was created since
    stays with the one that was kept.

    Raises:
        PermissionDenied: *actor* does not keep the page of both.
        ValidationError: it is too late, or another merge must be undone first, or a name was given to another.
    """
    _hold_networks(merge.kept_id, merge.gone)
    _hold(merge.kept_id)
    held = StructureMerge.objects.select_for_update(of=("self",)).select_related("kept__home").filter(pk=merge.pk)
    known = held.first()
    if known is None:
        return None
    obstacle = in_the_way(known)
    if obstacle:
        raise ValidationError(obstacle)
    require(parts_structures(actor, known), _("Vous ne tenez pas la page de ces deux structures."))
    with surrounded(Structure, known.kept_id, known.gone):
        counts = move_back(known.moved, known.gone, known.kept_id)
    known.delete()
    record(actor=actor, verb="network.structures_parted", subject=known.kept, merged=merge.gone, **counts)
    return Structure.objects.get(slug=merge.slug)
