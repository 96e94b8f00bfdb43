"""Two people who merge at once, someone who writes meanwhile: nothing is lost, and without the locks it would be."""

import contextlib
import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models import QuerySet
from django.http import Http404

from tests.factories import ActionFactory, StructureFactory, UserFactory
from tests.network.links import today
from tisserand.actions.models import Action
from tisserand.actions.operations.sheets import create_action
from tisserand.network.models import AccountMerge, Agreement, Role, Structure, StructureMerge, User
from tisserand.network.operations import (
    Terms,
    grant_role,
    invite,
    merge_accounts,
    merge_structures,
    sign_agreement,
    update_structure,
)
from tisserand.network.operations.merging import accounts as of_accounts
from tisserand.network.operations.merging import structures as of_structures
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[[], object]


def without_locks(monkeypatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)
    if connection.vendor == "sqlite":

        def begin_without_lock(self):
            self.cursor().execute("BEGIN DEFERRED")

        monkeypatch.setattr(DatabaseWrapper, "_start_transaction_under_autocommit", begin_without_lock)


@pytest.fixture
def at_once(monkeypatch):
    """Run works at once; `pause()` is called by a merge whose links are led to the other, and nothing committed yet.

    Returns what failed, by the rank of the work.
    """

    def run(pause: Callable[[], None], *works: Work) -> dict[int, Exception]:
        failures: dict[int, Exception] = {}

        def pausing(move):
            def slowly(*arguments):
                changes = move(*arguments)
                pause()
                return changes

            return slowly

        for module in (of_structures, of_accounts):
            monkeypatch.setattr(module, "move", pausing(module.move))

        def one(rank: int, work: Work) -> None:
            try:
                work()
            except Exception as error:
                failures[rank] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(works)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failures

    return run


@pytest.fixture
def together(at_once):
    """Run two merges at once: none goes on before both have moved their links. With a lock, the wait ends alone."""

    def run(*works: Work) -> dict[int, Exception]:
        met = threading.Barrier(len(works))

        def pause():
            with contextlib.suppress(threading.BrokenBarrierError):
                met.wait(timeout=2)

        return at_once(pause, *works)

    return run


@pytest.fixture
def meanwhile(at_once):
    """Run a merge, and another work while its links are moved. With a lock, that one comes after."""

    def run(merge: Work, other: Work) -> dict[int, Exception]:
        moved, done = threading.Event(), threading.Event()

        def pause():
            moved.set()
            done.wait(timeout=2)

        def second():
            moved.wait(10)
            try:
                return other()
            finally:
                done.set()

        return at_once(pause, merge, second)

    return run


@pytest.fixture
def two(network):
    made = [StructureFactory(network=network, name=name) for name in ("La Navette", "La Navete")]
    for structure in made:
        ActionFactory(network=network, structure=structure)
    return made


def crossed(two) -> list[Work]:
    return [
        lambda: merge_structures(actor=SYSTEM, kept=two[0], gone=two[1]),
        lambda: merge_structures(actor=SYSTEM, kept=two[1], gone=two[0]),
    ]


def test_two_merges_in_crossed_directions(together, two):
    failures = together(*crossed(two))
    assert [type(one) for one in failures.values()] == [ValidationError]  # the second is told to read the page again
    structure = Structure.objects.get()
    assert StructureMerge.objects.get().kept == structure
    assert Action.objects.filter(structure=structure).count() == 2


def test_negative_control_without_locks_they_break(together, two, monkeypatch):
    without_locks(monkeypatch)
    failures = together(*crossed(two))
    assert [type(one) for one in failures.values()] != [ValidationError]


def test_the_same_merge_twice_at_once_is_once(together, two):
    assert together(*[crossed(two)[0]] * 2) == {}
    assert StructureMerge.objects.count() == 1
    assert Action.objects.filter(structure=two[0]).count() == 2


# Someone writes for the structure that goes


def test_a_sheet_written_meanwhile_is_one_of_the_structure_that_stays(meanwhile, two, network):
    assert meanwhile(crossed(two)[0], _write_a_sheet(two[1], network)) == {}
    assert Action.objects.filter(structure=two[0]).count() == 3


def _write_a_sheet(structure, network) -> Work:
    return lambda: create_action(actor=SYSTEM, network=network, structure=structure, values={"title": "Pendant"})


def test_negative_control_without_locks_one_of_the_two_fails(meanwhile, two, network, monkeypatch):
    without_locks(monkeypatch)
    assert meanwhile(crossed(two)[0], _write_a_sheet(two[1], network))


def test_so_is_what_is_signed_given_or_offered(meanwhile, two, network):
    user = UserFactory()

    def write():
        kept = sign_agreement(actor=SYSTEM, network=network, structure=two[1], terms=Terms("Pendant", today()))
        grant_role(actor=SYSTEM, user=user, network=network, structure=two[1], kind="member")
        invite(actor=SYSTEM, network=network, structure=two[1], kind="member", email="pendant@exemple.example")
        return kept

    assert meanwhile(crossed(two)[0], write) == {}
    assert Agreement.objects.get().structure == Role.objects.get().structure == two[0]


def test_a_structure_edited_meanwhile_does_not_come_back(meanwhile, two, network):
    change = {"email": "autre@navette.example"}
    failures = meanwhile(
        crossed(two)[0],
        lambda: update_structure(actor=SYSTEM, network=network, structure=two[1], changes=change),
    )
    assert [(rank, type(error)) for rank, error in failures.items()] == [(1, Http404)]
    assert Structure.objects.get() == two[0]


# The same for two accounts


@pytest.fixture
def persons(network):
    users = [UserFactory(), UserFactory()]
    for user in users:
        grant_role(actor=SYSTEM, user=user, network=network, kind="reader")
    return users


def merging(network, kept, gone) -> Work:
    return lambda: merge_accounts(actor=SYSTEM, network=network, kept=kept, gone=gone)


def test_two_merges_of_accounts_in_crossed_directions(together, persons, network):
    failures = together(merging(network, *persons), merging(network, *reversed(persons)))
    assert [type(one) for one in failures.values()] == [ValidationError]
    merge = AccountMerge.objects.get()
    assert User.objects.get(is_active=True) == merge.kept == Role.objects.get().user


def test_negative_control_without_locks_both_accounts_close(together, persons, network, monkeypatch):
    without_locks(monkeypatch)
    failures = together(merging(network, *persons), merging(network, *reversed(persons)))
    assert [type(one) for one in failures.values()] != [ValidationError]


def test_a_role_given_meanwhile_is_one_of_the_account_that_stays(meanwhile, persons, network, structure):
    assert meanwhile(merging(network, *persons), _give_a_role(persons[1], network, structure)) == {}
    assert set(Role.objects.values_list("user", "kind")) == {(persons[0].pk, "reader"), (persons[0].pk, "member")}


def _give_a_role(user, network, structure) -> Work:
    return lambda: grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")


def test_negative_control_without_locks_it_stays_with_the_account_that_is_closed(
    meanwhile, persons, network, structure, monkeypatch
):
    without_locks(monkeypatch)
    failures = meanwhile(merging(network, *persons), _give_a_role(persons[1], network, structure))
    assert failures or Role.objects.filter(user=persons[1]).exists()
