"""A merge of structures undone: each thing goes back where it was, and what came since stays."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.factories import ActionFactory, StructureFactory
from tests.network.links import everything, merged, today
from tests.sheets import edit
from tests.texts import GARDEN, published
from tisserand.actions.models import Action, ImportRow
from tisserand.actions.operations.imports import undo_import
from tisserand.actions.queries import Request, catalogue
from tisserand.network.models import (
    Affiliation,
    Agreement,
    Role,
    Structure,
    StructureMerge,
)
from tisserand.network.operations import (
    end_role,
    part_structures,
    update_structure,
)
from tisserand.network.privacy import purge_merges
from tisserand.network.queries.merging import parting
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("taken", [set(), {"name", "phone"}])
def test_undone_at_once_nothing_changed(two, taken):
    before = everything()
    merge = merged(*two, taken=taken)
    assert everything() != before
    assert part_structures(actor=SYSTEM, merge=merge) == two[1]
    assert everything() == before
    assert part_structures(actor=SYSTEM, merge=merge) is None  # a second click
    assert everything() == before
    assert not StructureMerge.objects.exists()


def test_what_was_created_since_stays(kept, gone, network):
    merge = merged(kept, gone)
    new = ActionFactory(network=network, structure=kept)
    edited = Action.objects.filter(pk__in=_moved(merge, "actions.action")).first()
    edit(edited, summary="Relu depuis.")
    told = parting(merge)
    assert "2 fiches" in told.back
    assert told.since == ["1 fiche"]
    part_structures(actor=SYSTEM, merge=merge)
    new.refresh_from_db()
    edited.refresh_from_db()
    assert (new.structure, edited.structure, edited.summary) == (kept, gone, "Relu depuis.")
    assert catalogue(Request(filters={"structure": [gone.slug]})).count == 1


def _moved(merge, model) -> list[int]:
    return [pk for change in merge.moved if change["model"] == model for pk in change.get("rows", ())]


def test_a_role_ended_since_does_not_come_back(kept, gone):
    merge = merged(kept, gone)
    shared = Role.objects.get(structure=kept, kind="member")
    end_role(actor=SYSTEM, role=shared)
    part_structures(actor=SYSTEM, merge=merge)
    assert {role.ends for role in Role.objects.filter(user=shared.user)} == {today(-1)}


def test_what_changed_since_holds_for_both(kept, gone):
    merge = merged(kept, gone)
    Affiliation.objects.update(starts=today(-900))
    update_structure(actor=SYSTEM, network=kept.home, structure=kept, changes={"email": "autre@navette.example"})
    part_structures(actor=SYSTEM, merge=merge)
    assert {tie.starts for tie in Affiliation.objects.all()} == {today(-900)}
    kept.refresh_from_db()
    assert kept.email == "autre@navette.example"
    assert Structure.objects.get(pk=gone.pk).email == "accueil@navette.example"


def test_what_was_erased_since_is_not_made_again(kept, gone):
    merge = merged(kept, gone)
    Role.objects.get(structure=kept, kind="member").user.delete()
    Agreement.objects.filter(label="Charte").delete()
    part_structures(actor=SYSTEM, merge=merge)
    assert not Role.objects.filter(kind="member").exists()
    assert not Agreement.objects.filter(label="Charte").exists()


def test_the_last_one_first(kept, gone, network):
    third = StructureFactory(network=network, name="La Navette centre")
    states, merges = [everything()], [merged(kept, gone)]
    states.append(everything())
    merges.append(merged(third, kept))
    with pytest.raises(ValidationError, match="abord Centre social La Navette"):
        part_structures(actor=SYSTEM, merge=merges[0])
    assert StructureMerge.objects.get(gone=gone.pk).kept == third  # its address leads to the last one
    while merges:
        part_structures(actor=SYSTEM, merge=merges.pop())
        assert everything() == states.pop()


def test_a_name_taken_since(kept, gone, network):
    merge = merged(kept, gone)
    StructureFactory(network=network, name=gone.name)
    with pytest.raises(ValidationError, match="maintenant La Navete"):
        part_structures(actor=SYSTEM, merge=merge)
    Structure.objects.get(name=gone.name).delete()
    update_structure(actor=SYSTEM, network=network, structure=kept, changes={"name": gone.name})
    with pytest.raises(ValidationError, match="maintenant La Navete"):
        part_structures(actor=SYSTEM, merge=merge)


def test_a_number_given_since(kept, gone):
    """A copy put back elsewhere starts its numbers from the highest one: another row may have it."""
    merge = merged(kept, gone)
    values = Structure.objects.values().get(pk=kept.pk)
    Structure.objects.create(**{**values, "id": gone.pk, "slug": "autre", "name_key": "autre", "name": "Autre"})
    back = part_structures(actor=SYSTEM, merge=merge)
    assert back.pk != gone.pk
    assert (back.slug, back.name, Action.objects.filter(structure=back).count()) == (gone.slug, gone.name, 2)


def test_a_structure_with_such_a_number_becomes_another_too(kept, gone):
    merged(kept, gone)
    values = Structure.objects.values().get(pk=kept.pk)
    other = Structure.objects.create(**{**values, "id": gone.pk, "slug": "autre", "name_key": "autre", "name": "Autre"})
    other.affiliations.create(network=kept.home, starts=today())
    merged(kept, other)
    assert Structure.objects.get() == kept
    assert set(StructureMerge.objects.values_list("slug", flat=True)) == {gone.slug, "autre"}


def test_thirty_days_later_the_address_still_leads_there(client, kept, gone):
    merge, now = merged(kept, gone), timezone.now()
    assert purge_merges(now + timedelta(days=29, hours=23), False) == 0
    for expected in (1, 0):
        assert purge_merges(now + timedelta(days=31), True) == expected
        assert purge_merges(now + timedelta(days=31), False) == expected
    merge.refresh_from_db()
    assert merge.moved == []
    with pytest.raises(ValidationError, match="trente jours"):
        part_structures(actor=SYSTEM, merge=merge)
    assert client.get(f"/structures/{gone.slug}/").status_code == 302


def test_late_is_too_late_even_before_the_night(kept, gone):
    merge = merged(kept, gone)
    StructureMerge.objects.update(created_at=timezone.now() - timedelta(days=30))
    with pytest.raises(ValidationError, match="trente jours"):
        part_structures(actor=SYSTEM, merge=merge)


# Imports


def test_an_import_is_still_undone_after_a_merge(bring, network):
    batch = bring(published(GARDEN))
    gone = Structure.objects.get()
    kept = StructureFactory(network=network, name="Une autre")
    merged(kept, gone)
    undo_import(actor=SYSTEM, batch=batch)
    assert not Action.objects.exists()


def test_and_after_it_was_undone(bring, network):
    batch = bring(published(GARDEN))
    gone = Structure.objects.get()
    before = list(ImportRow.objects.values())
    part_structures(actor=SYSTEM, merge=merged(StructureFactory(network=network, name="Une autre"), gone))
    assert list(ImportRow.objects.values()) == before
    undo_import(actor=SYSTEM, batch=batch)
    assert not Action.objects.exists()


def test_a_sheet_edited_since_its_import_stays_one(bring, network):
    batch = bring(published(GARDEN))
    sheet = Action.objects.get()
    edit(sheet, summary="Relu.")
    merged(StructureFactory(network=network, name="Une autre"), sheet.structure)
    undo_import(actor=SYSTEM, batch=batch)
    assert Action.objects.exists()


def test_a_structure_that_another_became_outlives_its_import(bring, network):
    batch = bring(published(GARDEN))
    kept = Structure.objects.get()
    merge = merged(kept, StructureFactory(network=network, name="Une autre"))
    undo_import(actor=SYSTEM, batch=batch)
    assert part_structures(actor=SYSTEM, merge=merge)
    assert Structure.objects.count() == 2
