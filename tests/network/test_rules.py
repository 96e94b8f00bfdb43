"""Who may do what, on what day."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tisserand.actions.operations.structures import edit_structure
from tisserand.actions.queries import Request, catalogue
from tisserand.network.models import Role, Structure, User
from tisserand.network.operations import create_network, ensure_structure, grant_role, open_account
from tisserand.network.queries import StructureIndex
from tisserand.network.rules import administers, is_staff_of, networks_of_staff
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


def test_roles_hold_between_their_dates(network):
    user, today = UserFactory(), timezone.localdate()
    role = Role.objects.create(user=user, network=network, kind="mission", starts=today + timedelta(days=1))
    assert not is_staff_of(user, network)
    Role.objects.filter(pk=role.pk).update(starts=today)
    assert is_staff_of(user, network)
    assert not administers(user, network)
    Role.objects.filter(pk=role.pk).update(starts=today - timedelta(days=9), ends=today - timedelta(days=1))
    assert not is_staff_of(user, network)


def test_a_role_is_for_one_network(staff, network):
    other = NetworkFactory()
    assert list(networks_of_staff(staff)) == [network]
    assert not is_staff_of(staff, other)
    assert not is_staff_of(AnonymousUser(), network)
    assert is_staff_of(SYSTEM, other)


def test_readers_read(network):
    reader = UserFactory()
    grant_role(actor=SYSTEM, user=reader, network=network, kind="reader")
    with pytest.raises(PermissionDenied):
        ensure_structure(actor=reader, network=network, name="X", department="")


def test_only_the_instance_creates_networks(staff):
    with pytest.raises(PermissionDenied):
        create_network(actor=staff, slug="x", name="X")
    assert create_network(actor=SYSTEM, slug="x", name="X") == create_network(actor=SYSTEM, slug="x", name="Y")


def test_only_the_instance_opens_accounts_and_once(staff, client):
    with pytest.raises(PermissionDenied):
        open_account(actor=staff, email="nadia@exemple.example")
    made = open_account(actor=SYSTEM, email=" Nadia@Exemple.example", password="une-longue-phrase", first_name="Nadia")
    again = open_account(actor=SYSTEM, email="nadia@exemple.example", password="une-autre-phrase", first_name="Autre")
    assert (made, made.first_name) == (again, again.first_name)
    assert client.login(username="nadia@exemple.example", password="une-longue-phrase")
    assert JournalEntry.objects.filter(verb="network.account_opened").count() == 1


def test_addresses_log_in_whatever_their_case(client):
    User.objects.create_user("Nadia@Exemple.example", "une-longue-phrase-secrete")
    assert client.login(username="nadia@EXEMPLE.example", password="une-longue-phrase-secrete")


def test_a_structure_that_changes_name_is_found_under_it(staff, network, make_action):
    structure = StructureFactory(network=network, name="La Navette")
    make_action(title="Jardin", structure=structure)
    edit_structure(
        actor=staff, network=network, structure=structure, changes={"name": "L'Échappée", "commune": "Brévy"}
    )
    assert catalogue(Request(text="echappee")).count == catalogue(Request(text="brevy")).count == 1
    assert catalogue(Request(text="navette")).count == 0
    StructureFactory(network=network, name="La Navette")
    with pytest.raises(ValidationError, match="déjà ce nom"):
        edit_structure(actor=staff, network=network, structure=structure, changes={"name": "la  NAVETTE"})


def test_near_names_are_proposed_in_the_same_departement_only(network):
    StructureFactory(network=network, name="Centre social La Navette", department="Ardennes")
    index = StructureIndex.load(network)
    assert index.near("Centre Social La Navete", "Ardennes").structure_id == Structure.objects.get().pk
    assert index.near("Centre Social La Navete", "Aisne") is None
    assert index.near("Maison du pré", "Ardennes") is None
