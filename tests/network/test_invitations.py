"""Who gives which role, and how an invitation is taken up."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tests.network.roles import works_in
from tisserand.network.enums import NETWORK_ROLES, STRUCTURE_ROLES, RoleKind
from tisserand.network.models import Role, User
from tisserand.network.operations import (
    Newcomer,
    accept_invitation,
    end_role,
    grant_role,
    invite,
    renew_invitation,
    withdraw_invitation,
)
from tisserand.network.rules import administers, kinds_granted_by
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db
NADIA = Newcomer("Nadia", "Bertin", "une-longue-phrase-a-elle")


@pytest.fixture
def director(network, structure):
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="director")
    return user


@pytest.fixture
def member(network, structure):
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    return user


def test_each_gives_the_roles_below(network, structure, admin, staff, director, member, stranger):
    assert kinds_granted_by(admin, network, None) == NETWORK_ROLES
    assert kinds_granted_by(staff, network, None) == ()
    assert kinds_granted_by(staff, network, structure) == STRUCTURE_ROLES
    assert RoleKind.MEMBER in kinds_granted_by(director, network, structure)
    assert RoleKind.DIRECTOR not in kinds_granted_by(director, network, structure)
    for nobody in (member, stranger, AnonymousUser()):
        assert kinds_granted_by(nobody, network, structure) == kinds_granted_by(nobody, network, None) == ()
    assert kinds_granted_by(director, network, StructureFactory(network=network)) == ()
    assert kinds_granted_by(director, NetworkFactory(), structure) == ()


def test_a_role_stands_where_it_belongs(network, structure):
    for place, kind in ((None, "member"), (structure, "mission")):
        with pytest.raises((PermissionDenied, IntegrityError, ValidationError)):
            grant_role(actor=SYSTEM, user=UserFactory(), network=network, structure=place, kind=kind)
    elsewhere = StructureFactory(network=NetworkFactory())
    with pytest.raises(ValidationError, match="pas membre"):
        grant_role(actor=SYSTEM, user=UserFactory(), network=network, structure=elsewhere, kind="member")


def test_the_page_of_a_structure_is_kept_by_the_network(client, network, structure, director, member, staff):
    """The screen offers what the operation accepts."""
    for user, may in ((staff, True), (director, False), (member, False)):
        client.force_login(user)
        address = reverse("structure-edit", args=[structure.slug])
        assert (address in client.get(structure.get_absolute_url()).content.decode()) is may
        assert client.get(address).status_code == (200 if may else 403)


def test_an_ended_role_stops_at_once(network, structure, director, member):
    role = member.roles.get()
    Role.objects.filter(pk=role.pk).update(starts=timezone.localdate() - timedelta(days=5))
    end_role(actor=director, role=role)
    end_role(actor=director, role=role)
    assert not works_in(member, network, structure)
    assert member.roles.get().ends == timezone.localdate() - timedelta(days=1)


def test_a_network_keeps_someone_who_administers_it(network, admin):
    with pytest.raises(ValidationError, match="au moins une personne"):
        end_role(actor=admin, role=admin.roles.get())
    other = UserFactory()
    grant_role(actor=admin, user=other, network=network, kind="network_admin")
    end_role(actor=admin, role=admin.roles.get())
    assert not administers(admin, network)


def test_a_director_invites_an_animator_who_comes_in(network, structure, director):
    invitation, new = invite(
        actor=director, network=network, structure=structure, kind="member", email=" Nadia@Ex.example"
    )
    again, newer = invite(actor=director, network=network, structure=structure, kind="member", email="nadia@ex.example")
    assert (invitation, new, newer) == (again, True, False)
    user = accept_invitation(actor=AnonymousUser(), invitation=invitation, newcomer=NADIA)
    assert user.email == "nadia@ex.example"
    assert user.check_password(NADIA.password)
    assert works_in(user, network, structure)
    assert accept_invitation(actor=user, invitation=invitation) == user
    with pytest.raises(ValidationError, match="déjà ce rôle"):
        invite(actor=director, network=network, structure=structure, kind="member", email="nadia@ex.example")


def test_nobody_takes_the_account_of_someone_else(network, structure, director, member):
    invitation, _new = invite(actor=director, network=network, structure=structure, kind="referent", email=member.email)
    for actor in (AnonymousUser(), director):
        with pytest.raises(ValidationError, match="connectez-vous"):
            accept_invitation(actor=actor, invitation=invitation, newcomer=NADIA)
    assert accept_invitation(actor=member, invitation=invitation) == member
    assert not member.check_password(NADIA.password)


def refused(invitation):
    with pytest.raises(PermissionDenied, match="plus valable"):
        accept_invitation(actor=AnonymousUser(), invitation=invitation, newcomer=NADIA)
    assert not User.objects.filter(email=invitation.email).exists()


@pytest.fixture
def invitation(network, structure, director):
    return invite(actor=director, network=network, structure=structure, kind="member", email="nadia@ex.example")[0]


def test_a_link_that_was_withdrawn(invitation, director):
    withdraw_invitation(actor=director, invitation=invitation)
    refused(invitation)
    with pytest.raises(ValidationError):
        renew_invitation(actor=director, invitation=invitation)


def test_a_link_that_was_made_anew(invitation, director):
    newer = renew_invitation(actor=director, invitation=invitation)
    refused(invitation)
    assert accept_invitation(actor=AnonymousUser(), invitation=newer, newcomer=NADIA)


def test_a_link_that_expired(invitation):
    type(invitation).objects.filter(pk=invitation.pk).update(sent_at=timezone.now() - timedelta(days=14))
    refused(invitation)


def test_a_link_from_someone_who_left(invitation, director):
    end_role(actor=SYSTEM, role=director.roles.get())
    refused(invitation)


def test_only_those_who_may_give_it_touch_an_invitation(invitation, member, stranger):
    for actor in (member, stranger):
        for gesture in (withdraw_invitation, renew_invitation):
            with pytest.raises(PermissionDenied):
                gesture(actor=actor, invitation=invitation)
