"""Each class of data leaves at its limit: not a day before, not a day after; twice, or cut half-way, is the same."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories import ActionFactory, UserFactory
from tests.network.door import account, enter
from tisserand.actions.models import Action
from tisserand.messages.models import Message, Refusal
from tisserand.network.models import CacheEntry, Invitation, User
from tisserand.network.operations import grant_role, invite
from tisserand.network.operations.unused import purge_unused, warn_unused
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import Erasure, JournalEntry, Notice
from tisserand.privacy.registry import retentions
from tisserand.privacy.retention import apply_retention

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NADIA = "nadia@exemple.example"
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _own_folder(files):
    """The list of erasures is written there."""


def invitation(network, at):
    one, _new = invite(
        actor=SYSTEM, network=network, kind="reader", email=f"p{Invitation.objects.count()}@exemple.example"
    )
    Invitation.objects.filter(pk=one.pk).update(sent_at=at)
    Message.objects.filter(to=one.email).delete()


def message(network, at):
    one = Message.objects.create(key=f"m{at}", kind="x", to="a@exemple.example")
    Message.objects.filter(pk=one.pk).update(created_at=at)


def farewell(network, at):
    one = Message.objects.create(key=f"f{at}", kind="network.farewell", to="a@exemple.example")
    Message.objects.filter(pk=one.pk).update(created_at=at)


def refusal(network, at):
    one = Refusal.objects.create(email=f"r{Refusal.objects.count()}@exemple.example", kind="x")
    Refusal.objects.filter(pk=one.pk).update(created_at=at)


def task(network, at):
    DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="x.y", run_after=at, backend_name="default",
        status="SUCCESSFUL", finished_at=at,
    )  # fmt: skip


def erasure(network, at):
    Erasure.objects.create(at=at, account=1, opened_at=at, addresses=[])


def attempt(network, at):
    CacheEntry.objects.create(cache_key=f"k{at}", value="x", expires=at)


def person(network, at):
    user = UserFactory(last_login=at)
    Notice.objects.create(account=user.pk, at=NOW - timedelta(days=31))
    grant_role(actor=SYSTEM, user=user, network=network, kind="reader")


LIMITS = [
    ("invitations", invitation, 365 * DAY, Invitation),
    ("messages", message, 60 * DAY, Message),
    ("messages", farewell, DAY, Message),
    ("refusals", refusal, 3 * 365 * DAY, Refusal),
    ("tasks", task, 14 * DAY, DBTaskResult),
    ("erasures", erasure, 3 * 365 * DAY, Erasure),
    ("tries", attempt, 0 * DAY, CacheEntry),
    ("accounts", person, 730 * DAY, User),
]


@pytest.mark.parametrize(("key", "make", "limit", "model"), LIMITS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_it_leaves_at_its_limit(key, make, limit, model, network):
    make(network, NOW - limit - DAY)
    make(network, NOW - limit + DAY)
    assert model.objects.count() == 2
    assert apply_retention(now=NOW, dry_run=True)[key] == 1
    assert model.objects.count() == 2
    assert apply_retention(now=NOW, dry_run=False)[key] == 1
    assert model.objects.count() == 1
    assert apply_retention(now=NOW, dry_run=False)[key] == 0  # twice is once


def test_the_command_tells_of_every_class(capsys):
    call_command("apply_retention", "--dry-run")
    told = capsys.readouterr().out
    assert told.count("à effacer") == len(retentions())


# ---- Accounts


@pytest.fixture
def old(network):
    user = account(email=NADIA)
    grant_role(actor=SYSTEM, user=user, network=network, kind="reader")
    User.objects.filter(pk=user.pk).update(last_login=NOW - timedelta(days=701))
    return user


def exists(user) -> bool:
    return User.objects.filter(pk=user.pk).exists()


def test_the_owner_is_told_thirty_days_before_and_once(old):
    for told in (1, 0):
        assert warn_unused(NOW) == told
    (letter,) = mail.outbox
    assert letter.to == [NADIA]
    assert "/connexion/" in letter.body
    assert warn_unused(NOW + 10 * DAY) == 0


def test_nobody_is_told_too_soon(old):
    assert warn_unused(NOW - 2 * DAY) == 0
    assert not Notice.objects.exists()


def test_the_account_goes_once_told_and_unused(old):
    warn_unused(NOW)
    for days, left in ((29, True), (31, False)):
        apply_retention(now=NOW + days * DAY, dry_run=False)
        assert exists(old) is left
    assert Erasure.objects.get().account == old.pk
    assert not Notice.objects.exists()


def test_without_the_letter_nothing_goes(old):
    assert purge_unused(NOW + 900 * DAY, dry_run=False) == 0
    assert exists(old)


def test_coming_in_keeps_the_account(old):
    warn_unused(NOW)
    enter(Client(), NADIA)
    apply_retention(now=NOW + 31 * DAY, dry_run=False)
    assert exists(old)
    assert warn_unused(NOW + 31 * DAY) == 0
    assert warn_unused(NOW + 702 * DAY) == 1  # told anew, two years later


def test_the_last_administrator_and_the_instance_are_kept(network):
    last, root = UserFactory(last_login=NOW - 900 * DAY), User.objects.create_superuser("racine@exemple.example")
    User.objects.filter(pk=root.pk).update(last_login=NOW - 900 * DAY)
    grant_role(actor=SYSTEM, user=last, network=network, kind="network_admin")
    assert warn_unused(NOW) == 0
    for user in (last, root):
        Notice.objects.create(account=user.pk, at=NOW - 40 * DAY)
    assert apply_retention(now=NOW, dry_run=False)["accounts"] == 0
    assert exists(last)
    assert exists(root)


class Killed(BaseException):
    """The process ends here."""


def furnish(network):
    for make in (invitation, message, refusal, task, attempt, person, person):
        make(network, NOW - 3 * 365 * DAY - DAY)
    ActionFactory(network=network)


def left() -> dict:
    models = (Invitation, Message, Refusal, DBTaskResult, CacheEntry, User, Action)
    counts = {model.__name__: model.objects.count() for model in models}
    # Farewells are sent on the spot in tests: the one that was cut stays a day.
    return counts | {"Message": Message.objects.exclude(kind="network.farewell").count()}


@pytest.mark.django_db(transaction=True)
def test_cut_half_way_it_is_finished_by_the_next(network):
    """Killed before each of its writes in turn, then run again."""
    furnish(network)
    sheets, cuts = left()["Action"], 0
    for nth in range(1, 200):
        writes = iter(range(1, 1000))

        def dies(execute, sql, params, many, context, nth=nth, writes=writes):
            if sql.startswith(("DELETE", "UPDATE", "INSERT")) and next(writes) == nth:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(dies):
                apply_retention(now=NOW, dry_run=False)
            break
        except Killed:
            cuts += 1
            connection.close()
    assert cuts > 5
    assert apply_retention(now=NOW, dry_run=False)["accounts"] == 0
    assert left() | {"Action": 0} == dict.fromkeys(left(), 0)
    assert left()["Action"] == sheets
    assert JournalEntry.objects.filter(verb="network.account_erased").count() == 2
    assert Erasure.objects.count() == 2
