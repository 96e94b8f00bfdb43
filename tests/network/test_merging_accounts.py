"""Two accounts of one person: roles and work follow, what opens the door does not, and it is undone."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tests.network.door import (
    PASSWORD,
    Passkey,
    account,
    add_app,
    code_in,
    enter,
    is_in,
    letter_to,
    link_in,
)
from tests.network.links import everything, today
from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.models import Fact, ImportBatch
from tisserand.network.links import invitation_address
from tisserand.network.models import AccountMerge, Invitation, Role, User
from tisserand.network.operations import erase_account, grant_role, invite, merge_accounts, part_accounts, replay
from tisserand.network.privacy import purge_merges
from tisserand.network.queries.merging import carried
from tisserand.network.rules import current_roles
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import Erasure, JournalEntry

pytestmark = pytest.mark.django_db
KEPT_PASSWORD = "une-autre-phrase-a-elle"


@pytest.fixture
def kept(network, structure):
    user = account(KEPT_PASSWORD, email="odile@exemple.example", first_name="Odile", last_name="Vasseur")
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="director")
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    return user


@pytest.fixture
def gone(network, structure):
    user = account(email="o.vasseur@ailleurs.example", first_name="O.", last_name="Vasseur")
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    Role.objects.filter(user=user).update(starts=today(-40))
    grant_role(actor=SYSTEM, user=user, network=network, structure=StructureFactory(network=network), kind="referent")
    invite(actor=SYSTEM, network=network, kind="reader", email="x@exemple.example")
    Invitation.objects.update(created_by=user)
    return user


def merged(network, kept, gone, actor=SYSTEM, **options) -> AccountMerge:
    return merge_accounts(actor=actor, network=network, kept=kept, gone=gone, **options)


# One account


def test_roles_and_work_follow(bring, make_action, network, kept, gone, admin):
    make_action(**GARDEN_VALUES)
    bring(published(GARDEN))
    Fact.objects.update(decided_by=gone)
    ImportBatch.objects.update(created_by=gone)
    told = carried(gone)
    assert "2 rôles" in told
    assert "1 import" in told
    merged(network, kept, gone, actor=admin)
    assert set(Fact.objects.values_list("decided_by", flat=True)) == {kept.pk}
    assert ImportBatch.objects.get().created_by == Invitation.objects.get().created_by == kept
    assert carried(gone) == []
    # The union of both, and nothing more; what was on both sides is one, from the earlier day.
    kinds = [(role.kind, role.starts) for role in current_roles(kept).order_by("kind")]
    assert kinds == [("director", today()), ("member", today(-40)), ("referent", today())]


def test_names_are_chosen_and_blanks_filled(network, kept, gone):
    merged(network, kept, gone, taken={"first_name"})
    kept.refresh_from_db()
    assert kept.get_full_name() == "O. Vasseur"


def test_the_account_that_went_opens_nothing(client, network, kept, gone):
    passkey, other = Passkey(), Client()
    enter(client, gone.email)
    passkey.register(client)
    enter(other, kept.email, KEPT_PASSWORD)
    assert is_in(client)
    assert is_in(other)
    merged(network, kept, gone)
    assert not is_in(client)
    assert not is_in(other)
    assert not UserSession.objects.exists()
    newcomer = Client()
    enter(newcomer, gone.email)
    assert not is_in(newcomer)
    passkey.enter(newcomer)
    assert not is_in(newcomer)
    # Its second factors are not those of the one that stays.
    assert not Authenticator.objects.filter(user=kept).exists()


def test_the_second_factor_of_the_one_that_stays_holds(client, network, kept, gone):
    enter(client, kept.email, KEPT_PASSWORD)
    add_app(client, KEPT_PASSWORD)
    merged(network, kept, gone)
    for address in (kept.email, gone.email):
        answer = enter(newcomer := Client(), address, KEPT_PASSWORD)
        assert answer["Location"] == "/connexion/second-facteur/"
        assert not is_in(newcomer)


def test_both_addresses_lead_to_the_one_that_stays_whose_own_is_written_to(network, kept, gone):
    merged(network, kept, gone)
    assert list(EmailAddress.objects.filter(user=kept).order_by("-primary").values_list("email", "verified", "primary")) == [
        (kept.email, True, True), (gone.email, True, False),
    ]  # fmt: skip
    enter(client := Client(), gone.email, KEPT_PASSWORD)
    assert is_in(client)
    # Whoever reads the letters of the address that came does not enter by them.
    mail.outbox.clear()
    client = Client()
    client.post("/connexion/code/", {"email": gone.email})
    Client().post("/connexion/mot-de-passe-perdu/", {"email": gone.email})
    assert {tuple(sent.to) for sent in mail.outbox} == {(kept.email,)}
    page = client.get("/connexion/code/saisie/").content.decode()
    assert kept.email not in page.replace("<wbr>", "")  # nor learns it
    client.post("/connexion/code/saisie/", {"code": code_in(mail.outbox[0].body)})
    assert is_in(client)
    assert gone.email in client.get("/compte/").content.decode().replace("<wbr>", "")


@pytest.mark.parametrize("unproven", ["kept", "gone"])
def test_an_address_that_was_not_proven_leads_nowhere(network, kept, gone, unproven):
    EmailAddress.objects.filter(user={"kept": kept, "gone": gone}[unproven]).update(verified=False)
    merged(network, kept, gone)
    assert EmailAddress.objects.get(user=kept).email == kept.email
    assert EmailAddress.objects.get(user=kept).verified == (unproven == "gone")
    enter(client := Client(), gone.email, KEPT_PASSWORD)
    assert not is_in(client)
    mail.outbox.clear()
    Client().post("/connexion/code/", {"email": gone.email})
    assert not any("Voici le code" in sent.body for sent in mail.outbox)


def test_tries_at_one_account_are_counted_once_whichever_address_is_typed(network, kept, gone):
    merged(network, kept, gone)
    for number in range(5):
        enter(Client(), (kept, gone)[number % 2].email, "ce-n-est-pas-le-bon")
    enter(client := Client(), kept.email, KEPT_PASSWORD)
    assert not is_in(client)


def test_an_invitation_to_the_address_that_came_is_for_the_one_that_stays(network, kept, gone, structure):
    merged(network, kept, gone)
    invitation, _new = invite(actor=SYSTEM, network=network, kind="reader", email=gone.email)
    enter(client := Client(), kept.email, KEPT_PASSWORD)
    link = link_in(invitation_address(invitation))
    assert client.post(link)["Location"] == "/equipe/"
    assert current_roles(kept).filter(kind="reader").exists()
    assert EmailAddress.objects.get(email=gone.email).primary is False
    assert not User.objects.exclude(pk__in=(kept.pk, gone.pk)).filter(email=gone.email).exists()
    with pytest.raises(ValidationError, match="déjà ce rôle"):
        invite(actor=SYSTEM, network=network, kind="reader", email=gone.email)


def test_a_change_of_address_that_waited_changes_nothing(client, network, kept, gone):
    enter(client, gone.email)
    client.post("/compte/confirmer/", {"password": PASSWORD})
    client.post("/compte/adresse/", {"action_add": "1", "email": "nouvelle@exemple.example"})
    link = link_in(letter_to("nouvelle@exemple.example"))
    merge = merged(network, kept, gone)
    Client().post(link)
    assert not EmailAddress.objects.get(email="nouvelle@exemple.example").verified
    part_accounts(actor=SYSTEM, merge=merge)
    enter(back := Client(), gone.email)
    assert is_in(back)


def test_a_change_of_address_is_told_to_the_account_and_not_to_its_other_address(client, network, gone, kept):
    merged(network, kept, gone)
    enter(client, kept.email, KEPT_PASSWORD)
    client.post("/compte/confirmer/", {"password": KEPT_PASSWORD})
    client.post("/compte/adresse/", {"action_add": "1", "email": "nouvelle@exemple.example"})
    link = link_in(letter_to("nouvelle@exemple.example"))
    mail.outbox.clear()
    client.post(link)
    assert [sent.to for sent in mail.outbox] == [[kept.email]]
    assert EmailAddress.objects.get(user=kept).email == "nouvelle@exemple.example"


def test_nobody_is_invited_to_the_address_of_a_closed_account(network, kept, gone):
    EmailAddress.objects.filter(user=gone).update(verified=False)
    merged(network, kept, gone)
    with pytest.raises(ValidationError, match="est fermé"):
        invite(actor=SYSTEM, network=network, kind="reader", email=gone.email)


def test_who_was_about_to_take_that_address_has_it(network, kept, gone):
    EmailAddress.objects.create(user=kept, email=gone.email)
    merged(network, kept, gone)
    assert EmailAddress.objects.get(email=gone.email).verified


def test_both_are_told(network, kept, gone, admin):
    merged(network, kept, gone, actor=admin)
    letter = letter_to(gone.email)
    assert admin.get_full_name() in letter
    assert kept.email not in letter
    assert "o…@exemple.example" in letter
    assert kept.email in letter_to(kept.email)
    assert mail.outbox[-1].extra_headers.get("List-Unsubscribe") is None  # nobody refuses these
    part_accounts(actor=SYSTEM, merge=AccountMerge.objects.get())
    for address in (kept.email, gone.email):
        assert "de nouveau séparés" in letter_to(address)


def test_twice_is_once(network, kept, gone, admin):
    one = merged(network, kept, gone, actor=admin)
    after, letters = everything(), len(mail.outbox)
    assert merged(network, kept, gone, actor=admin) == one
    assert (everything(), len(mail.outbox)) == (after, letters)
    assert JournalEntry.objects.filter(verb="network.accounts_merged").count() == 1
    with pytest.raises(ValidationError, match="fermé"):
        merged(network, gone, kept)


# Who may


def test_only_who_administers_all_of_it(network, kept, gone, admin, staff, stranger):
    director = UserFactory()
    grant_role(actor=SYSTEM, user=director, network=network, structure=kept.roles.first().structure, kind="director")
    before = everything()
    for actor in (staff, stranger, director, kept):
        with pytest.raises(PermissionDenied):
            merged(network, kept, gone, actor=actor)
    with pytest.raises(PermissionDenied):
        merged(stranger.roles.get().network, kept, gone, actor=stranger)
    assert everything() == before
    merge = merged(network, kept, gone, actor=admin)
    for actor in (staff, stranger, director):
        with pytest.raises(PermissionDenied):
            part_accounts(actor=actor, merge=merge)
        with pytest.raises(PermissionDenied):
            merged(network, kept, gone, actor=actor)
    assert part_accounts(actor=admin, merge=merge) == gone


@pytest.mark.parametrize("side", ["kept", "gone"])
def test_somebody_with_a_role_elsewhere_is_not_theirs_to_merge(network, kept, gone, admin, side):
    other = NetworkFactory()
    role = grant_role(actor=SYSTEM, user={"kept": kept, "gone": gone}[side], network=other, kind="reader")
    with pytest.raises(PermissionDenied):
        merged(network, kept, gone, actor=admin)
    Role.objects.filter(pk=role.pk).update(starts=today(-9), ends=today(-1))  # over, it is still theirs to tell
    with pytest.raises(PermissionDenied):
        merged(network, kept, gone, actor=admin)
    assert merged(network, kept, gone).kept == kept


def test_nor_who_administers_the_instance(network, kept, gone, admin):
    for user in (kept, gone):
        User.objects.filter(pk=user.pk).update(is_superuser=True)
        with pytest.raises(PermissionDenied):
            merged(network, kept, gone, actor=admin)
        User.objects.filter(pk=user.pk).update(is_superuser=False)
    User.objects.filter(pk=gone.pk).update(is_superuser=True)
    with pytest.raises(ValidationError, match="gardez celui-là"):
        merged(network, kept, gone)
    merged(network, gone, kept)
    gone.refresh_from_db()
    assert gone.is_superuser


def test_nor_strangers_to_the_network(network, admin, kept):
    with pytest.raises(PermissionDenied):
        merged(network, kept, UserFactory(), actor=admin)


def test_nobody_closes_their_own_account(network, kept, admin):
    before = everything()
    with pytest.raises(ValidationError, match="le vôtre"):
        merged(network, kept, admin, actor=admin)
    with pytest.raises(ValidationError, match="fermé"):
        merged(network, admin, admin, actor=admin)
    assert everything() == before
    enter(client := Client(), kept.email, KEPT_PASSWORD)
    merged(network, admin, kept, actor=admin)
    assert not is_in(client)


# Two again


def test_undone_at_once_nothing_changed(network, kept, gone):
    before = everything()
    merge = merged(network, kept, gone, taken={"first_name"})
    assert everything() != before
    assert part_accounts(actor=SYSTEM, merge=merge) == gone
    assert everything() == before
    assert part_accounts(actor=SYSTEM, merge=merge) is None
    assert everything() == before


def test_each_has_its_own_door_again(client, network, kept, gone):
    enter(client, gone.email)
    add_app(client)
    part_accounts(actor=SYSTEM, merge=merged(network, kept, gone))
    assert enter(Client(), gone.email)["Location"] == "/connexion/second-facteur/"
    enter(wrong := Client(), gone.email, KEPT_PASSWORD)
    assert not is_in(wrong)
    enter(client := Client(), kept.email, KEPT_PASSWORD)
    assert is_in(client)


def test_a_right_taken_away_since_does_not_come_back(network, kept, gone, structure):
    merge = merged(network, kept, gone)
    Role.objects.filter(user=kept, kind="member").update(ends=today(-1))
    Role.objects.filter(user=kept, kind="referent").delete()
    new = grant_role(actor=SYSTEM, user=kept, network=network, kind="reader")
    part_accounts(actor=SYSTEM, merge=merge)
    assert not current_roles(gone).exists()
    assert set(current_roles(kept).values_list("kind", flat=True)) == {"director", "reader"}
    assert new.user == kept


def test_what_is_given_to_the_account_that_went_is_given_to_the_one_that_stays(network, kept, gone):
    merged(network, kept, gone)
    assert grant_role(actor=SYSTEM, user=gone, network=network, kind="reader").user == kept


# Thirty days later


def test_the_account_that_went_is_deleted_and_nothing_that_it_did(network, kept, gone):
    Authenticator.objects.create(user=gone, type="totp", data={})
    merged(network, kept, gone)
    late = invite(actor=SYSTEM, network=network, kind="reader", email="tard@exemple.example")[0]
    Invitation.objects.filter(pk=late.pk).update(created_by=gone)  # written at the very moment of the merge
    before, now = everything(), timezone.now()
    assert purge_merges(now + timedelta(days=29, hours=23), False) == 0
    assert everything() == before
    for expected in (1, 0):
        assert purge_merges(now + timedelta(days=31), True) == expected
        assert purge_merges(now + timedelta(days=31), False) == expected
    assert not User.objects.filter(pk=gone.pk).exists()
    assert not Authenticator.objects.exists()
    assert Invitation.objects.get(pk=late.pk).created_by == kept
    assert len(everything()["network.Role"]) == len(before["network.Role"])
    assert not AccountMerge.objects.exists()
    enter(client := Client(), gone.email, KEPT_PASSWORD)
    assert is_in(client)


def test_the_address_of_the_one_that_went_finds_and_erases_the_person(client, network, kept, gone, admin):
    address = gone.email
    merged(network, kept, gone)
    client.force_login(admin)
    found = client.post("/equipe/personnes/dossier/", {"find-email": address})
    assert found["Location"] == f"/equipe/personnes/dossier/{kept.pk}/"
    call_command("erase_account", address)
    assert not User.objects.filter(pk__in=(kept.pk, gone.pk)).exists()


def test_several_at_once_go_in_order(network, kept, gone, admin):
    third = account(email="encore@exemple.example")
    grant_role(actor=SYSTEM, user=third, network=network, kind="reader")
    merged(network, kept, gone)
    merged(network, third, kept)
    assert set(AccountMerge.objects.values_list("kept", flat=True)) == {third.pk}
    assert purge_merges(timezone.now() + timedelta(days=31), False) == 2
    assert list(User.objects.exclude(pk=admin.pk)) == [third]


def test_a_backup_from_before_the_merge_brings_no_one_back(network, kept, gone, admin):
    """The account that went was deleted long ago: erasing the one that stays remembers it too."""
    third = account(email="encore@exemple.example")
    for one, other in ((kept, gone), (third, kept)):
        merged(network, one, other)
        purge_merges(timezone.now() + timedelta(days=31), False)
    erase_account(actor=SYSTEM, user=third)
    known = list(Erasure.objects.all())
    Erasure.objects.all().delete()
    opened_at = gone.created_at
    gone.save(force_insert=True)  # as the backup holds it
    User.objects.filter(pk=gone.pk).update(created_at=opened_at)
    grant_role(actor=SYSTEM, user=gone, network=network, kind="reader")
    assert replay(actor=SYSTEM, known=known) == 1
    assert list(User.objects.all()) == [admin]
