"""Two structures that are one: nothing is lost, and it is undone."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404
from django.test.utils import isolate_apps
from django.utils import timezone

from tests.factories import ActionFactory, NetworkFactory, StructureFactory, UserFactory
from tests.network.links import double, everything, today
from tests.sheets import edit
from tests.texts import GARDEN, published
from tisserand.actions.models import Action, ImportRow
from tisserand.actions.operations.imports import undo_import
from tisserand.actions.operations.sheets import create_action
from tisserand.actions.queries import Request, catalogue
from tisserand.actions.search import SPACE
from tisserand.common import following
from tisserand.common.following import foreign_keys_to, links_to
from tisserand.network.models import (
    Affiliation,
    Agreement,
    Invitation,
    Role,
    Structure,
    StructureAlias,
    StructureMerge,
    User,
)
from tisserand.network.operations import (
    Terms,
    end_role,
    ensure_structure,
    grant_role,
    invite,
    merge_structures,
    part_structures,
    sign_agreement,
    update_structure,
)
from tisserand.network.operations.merging.moving import constraints_on
from tisserand.network.privacy import purge_merges
from tisserand.network.queries import StructureIndex
from tisserand.network.queries.merging import carried, look_alikes, parting
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry
from tisserand.search.models import SearchDoc

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(network):
    return double(network)


@pytest.fixture
def kept(two):
    return two[0]


@pytest.fixture
def gone(two):
    return two[1]


def merged(kept, gone, actor=SYSTEM, **options) -> StructureMerge:
    return merge_structures(actor=actor, kept=kept, gone=gone, **options)


# Every link has its way


@pytest.mark.parametrize("target", [Structure, User])
def test_every_foreign_key_has_its_way(target):
    """A model added later must say what becomes of its links: see `common/following.py`."""
    told = {(link.model, link.field) for link in links_to(target)}
    assert told == {(field.model, field.name) for field in foreign_keys_to(target)}
    assert len(told) > 7


@pytest.mark.parametrize("target", [Structure, User])
def test_what_the_database_allows_once_has_its_way(target):
    once = [link for link in links_to(target) if link.follows and constraints_on(link)]
    assert once
    assert [link for link in once if link.join is None] == []


@isolate_apps("tisserand.privacy")
def test_a_foreign_key_that_nobody_declared_stops_a_merge(monkeypatch, two):
    """Negative control of the tests above; nothing is written."""

    class Diary(models.Model):
        about = models.ForeignKey(Structure, on_delete=models.CASCADE)

        class Meta:
            app_label = "privacy"

        def __str__(self):
            return str(self.about)

    before, every = everything(), apps.get_models
    with monkeypatch.context() as patch:
        patch.setattr(following, "apps", SimpleNamespace(get_models=lambda **options: [*every(**options), Diary]))
        for attempt in (lambda: links_to(Structure), lambda: merged(*two)):
            with pytest.raises(LookupError, match=r"privacy\.Diary\.about"):
                attempt()
    assert everything() == before


# One structure


def test_all_that_led_to_one_leads_to_the_other(kept, gone, network):
    counts = {model: model.objects.count() for model in (Action, Role, Affiliation, Agreement, Invitation)}
    assert carried(gone) == [
        "1 adhésion", "2 rôles", "2 invitations", "3 conventions", "1 autre façon d’écrire son nom", "2 fiches",
        "1 question au réseau",
    ]  # fmt: skip
    merged(kept, gone)
    assert Structure.objects.get() == kept
    for link in links_to(Structure):
        assert not link.model._base_manager.filter(**{link.field: gone.pk}).exists()
    assert Action.objects.filter(structure=kept).count() == counts[Action] == 4
    # What was on both sides is one, from the earlier day.
    assert Affiliation.objects.get().starts == today(-200)
    assert Role.objects.filter(structure=kept).count() == counts[Role] - 1 == 3
    assert Role.objects.get(structure=kept, kind="member").starts == today(-100)
    # The same agreement once; those that differ, and their renewals, are told apart.
    assert Agreement.objects.count() == counts[Agreement] - 1 == 5
    assert set(Agreement.objects.values_list("label", flat=True)) == {
        "Charte", "Convention d'objectifs", "Convention d'objectifs (La Navete)",
    }  # fmt: skip
    assert Agreement.objects.filter(renewed_by__isnull=False).count() == 2
    # One link is enough for an address invited twice; both rows stay.
    twice = Invitation.objects.filter(email="deux-fois@exemple.example")
    assert [one.is_open for one in twice.order_by("pk")] == [True, False]
    assert Invitation.objects.count() == counts[Invitation]


def test_agreements_that_differ_keep_apart_again_and_again(network):
    third, kept, gone = (StructureFactory(network=network, name=name) for name in ("Le Fil", "La Trame", "La Maille"))
    for rank, structure in enumerate((third, kept, gone)):
        sign_agreement(actor=SYSTEM, network=network, structure=structure, terms=Terms("Charte", today(), today(rank)))
    before = everything()
    first = merged(kept, gone, taken={"name"})  # and is called as the one that went
    second = merged(third, kept)
    labels = ["Charte", "Charte (La Maille)", "Charte (La Maille, 2)"]
    assert sorted(Agreement.objects.values_list("label", flat=True)) == labels
    for merge in (second, first):
        part_structures(actor=SYSTEM, merge=merge)
    assert everything() == before


def test_blanks_are_filled_and_the_rest_chosen(kept, gone):
    merged(kept, gone, taken={"phone"})
    kept.refresh_from_db()
    assert (kept.name, kept.commune, kept.phone, kept.email) == (
        "Centre social La Navette", "Brévy", "03 00 00 00 02", "accueil@navette.example",
    )  # fmt: skip
    assert kept.slug == "centre-social-la-navette"


def test_the_former_address_leads_to_the_one_that_stays(client, kept, gone, network):
    ActionFactory(network=network, structure=gone, title="Une fiche de l'autre")
    merged(kept, gone)
    answer = client.get(f"/structures/{gone.slug}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/structures/{kept.slug}/")
    assert client.get("/structures/jamais-vue/").status_code == 404
    assert catalogue(Request(filters={"structure": [kept.slug]})).count == 3
    for address in (f"/api/actions?structure={gone.slug}", f"/api/actions?structure={gone.slug}&structure={kept.slug}"):
        found = client.get(address).json()
        assert found["count"] == 3
        assert {item["structure"] for item in found["items"]} == {kept.name}
    assert [one["slug"] for one in client.get("/api/structures").json()["items"]] == [kept.slug]
    assert gone.name not in client.get("/actions/flux.atom").content.decode()
    # Nobody else gets that address.
    assert StructureFactory(network=network, name=gone.name).slug != gone.slug


def test_files_that_bear_either_name_are_understood(bring, network):
    bring(published(GARDEN, GARDEN | {"structure": "Le Jardin des voisins", "title": "Autre"}))
    kept, gone = Structure.objects.order_by("pk")
    other = NetworkFactory()
    ensure_structure(actor=SYSTEM, network=other, name=gone.name, department=gone.department)
    elsewhere = StructureFactory(network=other)
    StructureAlias.objects.create(
        network=other, structure=elsewhere, name=kept.name, name_key=kept.name_key, department_key=kept.department_key
    )
    merge = merged(kept, gone, taken={"name"})
    kept.refresh_from_db()
    assert kept.name == gone.name
    again = bring(published(GARDEN, GARDEN | {"structure": "Le Jardin des voisins", "title": "Autre"}))
    assert (again.counts["unchanged"], again.counts["created"]) == (2, 0)
    assert Structure.objects.exclude(pk=elsewhere.pk).get() == kept
    # The other network that was tied to it too.
    former = merge.moved[-1]["was"]["name"]
    assert StructureIndex.load(other).find(former, kept.department) == kept.pk
    part_structures(actor=SYSTEM, merge=merge)
    assert StructureIndex.load(other).find(former, kept.department) == kept.pk  # by its own name
    assert StructureAlias.objects.get(network=other).structure == elsewhere


def test_twice_is_once(kept, gone):
    one = merged(kept, gone)
    after = everything()
    assert merged(kept, gone) == one
    assert everything() == after
    assert JournalEntry.objects.filter(verb="network.structures_merged").count() == 1
    with pytest.raises(ValidationError, match="relisez la page"):
        merged(gone, kept)  # someone else, from the other page


def test_a_chosen_name_that_a_third_structure_has(kept, gone, network):
    third = StructureFactory(network=network, name=gone.name, department="Aisne")
    Structure.objects.filter(pk=gone.pk).update(department="Aisne-et-Loire", department_key="aisne et loire")
    Structure.objects.filter(pk=kept.pk).update(department="Aisne", department_key="aisne")
    gone.refresh_from_db()
    before = everything()
    with pytest.raises(ValidationError, match="porte déjà ce nom"):
        merged(kept, gone, taken={"name"})
    assert everything() == before
    assert third in Structure.objects.all()


# Who may


def test_only_who_keeps_both_pages(kept, gone, network, staff, stranger):
    director, elsewhere = UserFactory(), StructureFactory()
    grant_role(actor=SYSTEM, user=director, network=network, structure=kept, kind="director")
    before = everything()
    for actor, one, other in (
        (stranger, kept, gone),
        (director, kept, gone),
        (staff, kept, elsewhere),
        (staff, elsewhere, kept),
    ):
        with pytest.raises(PermissionDenied):
            merged(one, other, actor=actor)
    # Tied to the same network, kept by another.
    ensure_structure(actor=SYSTEM, network=network, name=elsewhere.name, department=elsewhere.department)
    with pytest.raises(PermissionDenied):
        merged(kept, elsewhere, actor=staff)
    assert everything()["network.Role"] == before["network.Role"]
    merge = merged(kept, gone, actor=staff)
    for actor in (stranger, director):
        with pytest.raises(PermissionDenied):
            part_structures(actor=actor, merge=merge)
        with pytest.raises(PermissionDenied):
            merged(kept, gone, actor=actor)
    assert part_structures(actor=staff, merge=merge) == gone


def test_two_networks_of_one_team_have_nothing_in_common(staff, structure):
    other = NetworkFactory()
    grant_role(actor=SYSTEM, user=staff, network=other, kind="mission")
    with pytest.raises(PermissionDenied):
        merged(structure, StructureFactory(network=other), actor=staff)


# Two again


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


# What is proposed


def test_look_alikes_come_first(staff, stranger, network):
    here = StructureFactory(network=network, name="Centre social La Navette", phone="03 24 00 00 00")
    near = StructureFactory(network=network, name="La Navete", department="")
    reached = StructureFactory(network=network, name="Association des Tisserands", phone="0324000000")
    StructureFactory(network=network, name="Le Vieux Moulin")
    StructureFactory(network=NetworkFactory(), name="La Navette bis")
    assert look_alikes(staff, here) == [near, reached]
    assert look_alikes(stranger, here) == []


# Whoever holds the structure that went


def test_writing_for_the_structure_that_went_writes_for_the_one_that_stays(kept, gone, network, staff):
    merged(kept, gone)
    sheet = create_action(actor=staff, network=network, structure=gone, values={"title": "En retard"})
    role = grant_role(actor=staff, user=staff, network=network, structure=gone, kind="member")
    invitation, _new = invite(actor=staff, network=network, structure=gone, kind="member", email="x@exemple.example")
    agreement = sign_agreement(actor=staff, network=network, structure=gone, terms=Terms("En retard", today()))
    assert {one.structure for one in (sheet, role, invitation, agreement)} == {kept}


def test_editing_the_structure_that_went_finds_nothing(client, staff, kept, gone):
    merged(kept, gone)
    client.force_login(staff)
    assert client.post(f"/structures/{gone.slug}/modifier/", {"name": "Autre"}).status_code == 404
    with pytest.raises(Http404):
        update_structure(actor=staff, network=kept.home, structure=gone, changes={"email": "x@exemple.example"})
    assert not Structure.objects.filter(pk=gone.pk).exists()


def test_only_what_reads_otherwise_is_indexed_again(network):
    kept, gone = (StructureFactory(network=network, name=name, department="Aisne") for name in ("Le Gué", "Le Gué bis"))
    stays, moves = (ActionFactory(network=network, structure=structure) for structure in (kept, gone))

    def versions() -> dict[str, int]:
        by_doc = dict(SearchDoc.objects.values_list("id", "version"))
        return {name: by_doc[SPACE.doc_id(sheet.pk)] for name, sheet in (("stays", stays), ("moves", moves))}

    before = versions()
    merge = merge_structures(actor=SYSTEM, kept=kept, gone=gone)
    merged = versions()
    assert (merged["stays"] == before["stays"], merged["moves"] > before["moves"]) == (True, True)
    part_structures(actor=SYSTEM, merge=merge)
    assert (versions()["stays"], versions()["moves"] > merged["moves"]) == (before["stays"], True)
    merge_structures(actor=SYSTEM, kept=kept, gone=Structure.objects.get(name="Le Gué bis"), taken={"name"})
    assert versions()["stays"] > before["stays"]  # its structure has another name
