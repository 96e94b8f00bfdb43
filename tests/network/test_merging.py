"""Two structures that are one: nothing is lost."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404
from django.test.utils import isolate_apps

from tests.factories import ActionFactory, NetworkFactory, StructureFactory, UserFactory
from tests.network.links import everything, merged, today
from tests.texts import GARDEN, published
from tisserand.actions.models import Action
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
    User,
)
from tisserand.network.operations import (
    Terms,
    ensure_structure,
    grant_role,
    invite,
    merge_structures,
    part_structures,
    sign_agreement,
    update_structure,
)
from tisserand.network.operations.merging.moving import constraints_on
from tisserand.network.queries import StructureIndex
from tisserand.network.queries.merging import carried, look_alikes
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry
from tisserand.search.models import SearchDoc

pytestmark = pytest.mark.django_db


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
