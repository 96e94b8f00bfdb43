"""Changing a structure: what is public of it, and files that still bear its former name."""

import pytest
from django.urls import reverse

from tests.texts import GARDEN, published
from tisserand.actions.models import Action
from tisserand.network.models import Structure
from tisserand.network.operations import update_structure
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


def test_a_file_that_bears_the_former_name_is_understood(bring, network):
    bring(published(GARDEN))
    structure = Structure.objects.get()
    former = structure.name
    update_structure(actor=SYSTEM, network=network, structure=structure, changes={"name": "La Maison des voisins"})
    assert bring(published(GARDEN | {"title": "Une autre"})).counts["created"] == 1
    assert Structure.objects.get().name == "La Maison des voisins" != former
    assert Action.objects.filter(structure=structure).count() == 2


def test_changing_a_contact_remembers_no_other_name(bring, network):
    bring(published(GARDEN))
    structure = Structure.objects.get()
    update_structure(actor=SYSTEM, network=network, structure=structure, changes={"commune": "Brévy"})
    assert not structure.aliases.exists()


def test_every_field_of_the_form_is_on_its_page(staff_client, bring):
    bring(published(GARDEN))
    page = staff_client.get(reverse("structure-edit", args=[Structure.objects.get().slug]))
    content = page.content.decode()
    for field in page.context["form"]:
        assert content.count(f'name="{field.html_name}"') == 1, field.name
