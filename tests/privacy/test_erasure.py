"""Someone who is erased is found nowhere; what they did for the network stays, to the unit."""

import contextlib
import threading
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.utils import timezone

from tests.factories import NetworkFactory, UserFactory
from tests.network.door import is_in
from tests.privacy import canaries
from tisserand.actions.figures import CatalogueScope
from tisserand.actions.models import Fact, ImportBatch
from tisserand.messages.models import Message, Refusal
from tisserand.messages.operations import refuse
from tisserand.network.accounts.privacy import purge_tries
from tisserand.network.models import Invitation, Network, Role, User
from tisserand.network.operations import erase_account, grant_role, invite, merge_accounts
from tisserand.network.operations.accounts import keep_address
from tisserand.network.rules import still_offered
from tisserand.privacy.erasures import NAME
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import Erasure, JournalEntry
from tisserand.privacy.registry import rules

pytestmark = pytest.mark.django_db
# Rows that are someone's; all other tables keep every row.
THEIRS = {
    "network.User": -2, "network.Role": -3, "network.Invitation": -2, "account.EmailAddress": -2,
    "mfa.Authenticator": -3, "socialaccount.SocialAccount": -1, "actions.Presence": -1,
    "message_queue.Refusal": -1, "network.AccountMerge": -1, "privacy.Erasure": +2,
}  # fmt: skip
COUNTED_APART = {
    "sessions.Session", "usersessions.UserSession", "network.CacheEntry", "message_queue.Message",
    "privacy.JournalEntry", "django_tasks_database.DBTaskResult",
}  # fmt: skip
# A number alone; what another rule finds first.
TOLD_APART = {("privacy.Notice", "account"), ("network.Invitation", "accepted_by"), ("network.AccountMerge", "kept")}


def rows() -> Counter:
    return Counter({model._meta.label: model._base_manager.count() for model in apps.get_models()})


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_who_is_erased(zenobie, files, admin):
    wanted = canaries.words() | canaries.secrets_of(zenobie)
    assert len(canaries.traces(wanted)) == 18
    before, facts, figures = rows(), decided(), CatalogueScope.of(None).figures("actions.")
    mail.outbox.clear()
    erase_account(actor=zenobie, user=zenobie)
    # The place that a try came from is counted for an hour, whoever it was.
    assert canaries.traces(wanted - {canaries.PLACE}) == set()
    purge_tries(timezone.now() + timedelta(hours=1), dry_run=False)
    assert canaries.traces(wanted) == set()
    after = rows()
    changed = {name: after[name] - before[name] for name in before if after[name] != before[name]}
    assert {name: n for name, n in changed.items() if name not in COUNTED_APART} == THEIRS
    assert decided() == facts
    assert CatalogueScope.of(None).figures("actions.") == figures
    assert [sent.to for sent in mail.outbox] == [[canaries.EMAIL]]  # told, and its row gone with the letter
    assert not [page for page in pages(admin) if canaries._holds(page, wanted)]


def decided() -> list:
    return list(Fact.objects.order_by("pk").values("pk", "state", "low", "high", "label"))


def pages(user: User) -> list[bytes]:
    """What can be read and exported, by an administrator of the network."""
    client = Client()
    client.force_login(user)
    read = ["/equipe/personnes/", "/equipe/imports/", "/equipe/brouillons/", "/actions/", "/chiffres/", "/api/actions"]
    answers = [client.get(path) for path in read]
    answers += [client.get(f"/actions/export.{name}") for name in ("csv", "json", "txt")]
    answers += [client.get(batch.get_absolute_url()) for batch in ImportBatch.objects.all()]
    assert {answer.status_code for answer in answers} == {200}
    return [b"".join(answer) if answer.streaming else answer.content for answer in answers]


def test_each_rule_is_needed(zenobie):
    """Negative control: without the rule of any field that tells whose a row is, someone is found, or nothing holds."""
    wanted = canaries.words() | canaries.secrets_of(zenobie)
    needed = [
        (label, name)
        for label, model in rules().items()
        for name, one in model.personal.items()
        if one.finds and one.on_erase in {"delete", "blank"}  # what is detached, the database would detach too
    ]
    assert len(needed) > 12
    for label, name in needed:
        if (label, name) not in TOLD_APART:
            assert found_without(zenobie, label, name, wanted), (label, name)


def found_without(user: User, label: str, name: str, wanted: set[str]) -> bool:
    model = rules()[label]
    kept = replace(model, personal={**model.personal, name: replace(model.personal[name], on_erase="keep")})
    try:
        with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
            patch.setitem(rules(), label, kept)
            erase_account(actor=user, user=user)
            connection.check_constraints()
            left = canaries.traces(wanted - {canaries.PLACE})
            transaction.set_rollback(True)
    except (IntegrityError, RuntimeError):
        return True
    return any(not place.startswith(("courrier", "files")) for place in left)


def test_an_offer_of_who_is_erased_holds_no_more(zenobie, admin):
    invitation = Invitation.objects.get(email="ami@exemple.example")
    assert still_offered(invitation)
    erase_account(actor=SYSTEM, user=zenobie)
    invitation.refresh_from_db()
    assert not still_offered(invitation)
    letter = Message.objects.get(to="ami@exemple.example")
    assert letter.text == "(compte effacé) vous invite."


def test_nobody_else_is_touched(zenobie, network, structure):
    """Not even someone of the same name."""
    twin = UserFactory(first_name=canaries.FIRST, last_name=canaries.LAST, email="autre@exemple.example")
    grant_role(actor=SYSTEM, user=twin, network=network, structure=structure, kind="director")
    invite(actor=twin, network=network, structure=structure, kind="member", email="voisin@exemple.example")
    keep_address(twin, proven=True)
    refuse(email=twin.email, kind=canaries.NEWS.key)
    client = Client()
    client.force_login(twin)
    before = of(twin)
    erase_account(actor=zenobie, user=zenobie)
    assert of(twin) == before
    assert client.get("/compte/").status_code == 200
    assert still_offered(Invitation.objects.get(email="voisin@exemple.example"))


def of(user: User) -> list:
    rows = [model.objects.filter(user=user) for model in (EmailAddress, UserSession, Role)]
    rows += [User.objects.filter(pk=user.pk), Refusal.objects.filter(email=user.email)]
    rows += [Invitation.objects.filter(created_by=user)]
    return [list(found.order_by("pk").values()) for found in rows]


def test_the_account_that_was_merged_into_it_goes_too(network, structure, shared_cache, files):
    """It is closed and kept thirty days, to be undone: it is the same person."""
    canaries.live(network, structure)
    gone = User.objects.get(email=canaries.EMAIL)
    kept = UserFactory(email="zenobie.gardee@canari.example", first_name=canaries.FIRST, last_name=canaries.LAST)
    grant_role(actor=SYSTEM, user=kept, network=network, kind="reader")
    grant_role(actor=SYSTEM, user=UserFactory(), network=network, kind="network_admin")
    merge_accounts(actor=SYSTEM, network=network, kept=kept, gone=gone)
    wanted = canaries.words() | canaries.secrets_of(gone)
    erase_account(actor=kept, user=kept)
    left = canaries.traces(wanted - {canaries.PLACE})
    assert {place for place in left if not place.startswith("courrier")} == set()  # files go with the transaction
    assert Erasure.objects.count() == 3  # and the one that was merged into the first


def test_a_page_that_is_open_shows_nothing_more(network, structure, shared_cache, files):
    """Her sessions are closed, on every device, and whoever keeps a cookie of hers is a visitor."""
    client = canaries.live(network, structure)
    assert is_in(client)
    user = User.objects.get(email=canaries.EMAIL)
    grant_role(actor=SYSTEM, user=UserFactory(), network=network, kind="network_admin")
    erase_account(actor=SYSTEM, user=user)
    assert not is_in(client)
    assert not Session.objects.exists()


# ---- Who may


@pytest.fixture
def member(network, structure):
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    return user


TODAY = date.today()


def erased(user: User) -> bool:
    return not User.objects.filter(pk=user.pk).exists()


def test_a_person_erases_their_own_account_and_twice_is_once(member):
    number = member.pk
    for _time in range(2):
        erase_account(actor=member, user=User(pk=number))
    assert Erasure.objects.get().account == number
    assert JournalEntry.objects.filter(verb="network.account_erased", actor=f"user:{number}").count() == 1


def test_the_administration_erases_on_a_written_request(admin, member):
    for asked_on in (None, TODAY + timedelta(days=1)):
        with pytest.raises(ValidationError, match="le jour de sa demande"):
            erase_account(actor=admin, user=member, asked_on=asked_on)
    erase_account(actor=admin, user=member, asked_on=TODAY)
    assert erased(member)
    line = JournalEntry.objects.get(verb="network.account_erased")
    assert (line.actor, line.subject) == (f"user:{admin.pk}", f"network.user:{member.pk}")
    assert line.data["asked_on"] == TODAY.isoformat()


@pytest.mark.parametrize("who", ["mission", "director", "elsewhere", "reader"])
def test_nobody_else_erases(who, member, network, structure):
    other = UserFactory()
    if who == "elsewhere":
        grant_role(actor=SYSTEM, user=other, network=NetworkFactory(), kind="network_admin")
    else:
        place = structure if who == "director" else None
        grant_role(actor=SYSTEM, user=other, network=network, structure=place, kind=who)
    with pytest.raises(PermissionDenied):
        erase_account(actor=other, user=member, asked_on=TODAY)
    assert not erased(member)


@pytest.mark.parametrize("ended", [False, True])
def test_who_has_had_a_role_elsewhere_is_not_erased_from_here(ended, admin, member):
    role = grant_role(actor=SYSTEM, user=member, network=NetworkFactory(), kind="reader")
    if ended:
        Role.objects.filter(pk=role.pk).update(starts=TODAY - timedelta(days=9), ends=TODAY - timedelta(days=3))
    with pytest.raises(PermissionDenied, match=r"n.administrez pas"):
        erase_account(actor=admin, user=member, asked_on=TODAY)
    erase_account(actor=member, user=member)
    assert erased(member)


def test_an_account_without_a_role_is_nobodys_to_erase(admin):
    alone = UserFactory()
    with pytest.raises(PermissionDenied):
        erase_account(actor=admin, user=alone, asked_on=TODAY)


def test_the_last_administrator_of_a_network_stays(admin, network, member):
    for actor in (admin, SYSTEM):
        with pytest.raises(ValidationError, match=rf"n.administre {network.name}"):
            erase_account(actor=actor, user=admin)
    grant_role(actor=SYSTEM, user=member, network=network, kind="network_admin")
    erase_account(actor=admin, user=admin)
    assert erased(admin)


def test_who_administers_the_server_is_erased_from_the_machine(admin):
    root = User.objects.create_superuser("racine@exemple.example")
    grant_role(actor=SYSTEM, user=root, network=Network.objects.get(), kind="reader")
    for actor in (root, admin):
        with pytest.raises(ValidationError, match="depuis la machine"):
            erase_account(actor=actor, user=root, asked_on=TODAY)
    call_command("erase_account", "Racine@exemple.example")
    assert erased(root)
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("erase_account", "racine@exemple.example")


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_leave_at_once_one_stays(network):
    pair = [UserFactory() for _n in range(2)]
    for user in pair:
        grant_role(actor=SYSTEM, user=user, network=network, kind="network_admin")
    ready = threading.Barrier(2)

    def leave(user):
        ready.wait()
        with contextlib.suppress(ValidationError):
            erase_account(actor=user, user=user)
        connection.close()

    threads = [threading.Thread(target=leave, args=(user,)) for user in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(pk__in=[user.pk for user in pair]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_fails_half_way_erases_nothing(member, files, monkeypatch):
    monkeypatch.setattr("tisserand.network.operations.erasure.remember", _fail)
    before = rows()
    with pytest.raises(RuntimeError):
        erase_account(actor=member, user=member)
    assert rows() == before
    assert not (files / NAME).exists()


def _fail(**_values):
    raise RuntimeError
