"""Structures and their other names."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.common.operations import operation, require
from tisserand.common.text import fold, slug
from tisserand.network.models import Affiliation, Network, Structure, StructureAlias, StructureMerge
from tisserand.network.queries import StructureKey, structure_key
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record


@operation
def ensure_structure(*, actor: Actor, network: Network, name: str, department: str, **details: str) -> Structure:
    """Return the structure of this name and département, created and tied to *network* when new."""
    require_staff(actor, network)
    key = structure_key(name, department)
    structure = _find(key)
    if structure is None:
        try:
            # Another network may be creating it at this very moment: the table is shared.
            with transaction.atomic():
                structure = _create(network, name, department, details)
        except IntegrityError:
            structure = Structure.objects.get(name_key=key[0], department_key=key[1])
        else:
            record(actor=actor, verb="network.structure_created", subject=structure, network=network.pk)
    Affiliation.objects.get_or_create(
        network=network, structure=structure, ends=None, defaults={"starts": timezone.localdate()}
    )
    return structure


@operation
def remember_alias(*, actor: Actor, network: Network, structure: Structure, name: str, department: str) -> None:
    """Note that *name* is another spelling of *structure*."""
    require_staff(actor, network)
    name_key, department_key = structure_key(name, department)
    StructureAlias.objects.get_or_create(
        network=network,
        name_key=name_key,
        department_key=department_key,
        defaults={"structure": structure, "name": name},
    )
    record(actor=actor, verb="network.alias_remembered", subject=structure, network=network.pk)


@operation
def update_structure(*, actor: Actor, network: Network, structure: Structure, changes: dict[str, str]) -> Structure:
    """Change the contact, kind or name of *structure*; files that still bear its former name are understood.

    Raises:
        ValidationError: another structure of the département already has this name.
    """
    require_staff(actor, network)
    require(structure.home_id == network.pk, _("La page de cette structure est tenue par un autre réseau."))
    # It may have become another since the page was opened: it is then a page that is no more.
    structure = get_object_or_404(Structure.objects.select_for_update(), pk=structure.pk)
    former = structure.name, structure.department
    for field, value in changes.items():
        setattr(structure, field, value)
    structure.commune_key = fold(structure.commune)
    structure.name_key, structure.department_key = structure_key(structure.name, structure.department)
    twins = Structure.objects.exclude(pk=structure.pk)
    if twins.filter(name_key=structure.name_key, department_key=structure.department_key).exists():
        raise ValidationError({"name": _("Une autre structure de ce département porte déjà ce nom.")})
    structure.save()
    if structure_key(*former) != structure_key(structure.name, structure.department):
        remember_alias(actor=actor, network=network, structure=structure, name=former[0], department=former[1])
    record(actor=actor, verb="network.structure_updated", subject=structure, fields=sorted(changes))
    return structure


def standing(number: int) -> Structure:
    """The structure of this number, or the one that it became; nobody merges it before the transaction ends.

    Asked for before other rows: a merge holds the two structures, then what leads to them.
    """
    rows = Structure.objects.select_for_update(no_key=True)
    found = rows.filter(pk=number).first()
    became = StructureMerge.objects.filter(gone=number).first()
    return found or get_object_or_404(rows, pk=became.kept_id if became else None)


def _find(key: StructureKey) -> Structure | None:
    return Structure.objects.filter(name_key=key[0], department_key=key[1]).first()


def _create(network: Network, name: str, department: str, details: dict[str, str]) -> Structure:
    name_key, department_key = structure_key(name, department)
    return Structure.objects.create(
        slug=_free_slug(name),
        name=name,
        name_key=name_key,
        department=department,
        department_key=department_key,
        home=network,
        commune_key=fold(details.get("commune", "")),
        **details,
    )


def _free_slug(name: str) -> str:
    base = slug(name, limit=90)
    # The address of a structure that became another one leads there still.
    both = (model.objects.filter(slug__startswith=base) for model in (Structure, StructureMerge))
    taken: set[str] = {slug for rows in both for slug in rows.values_list("slug", flat=True)}
    if base not in taken:
        return base
    return next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)
