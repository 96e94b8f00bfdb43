"""Fixtures shared by the whole suite."""

import os
from importlib import import_module
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.management.sql import sql_flush
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.factories import ActionFactory, NetworkFactory, StructureFactory, UserFactory
from tests.sheets import WHOLE, person, write
from tests.texts import GARDEN_VALUES
from tisserand.actions.models import ImportBatch
from tisserand.actions.operations.imports import apply_import, deposit_import, read_import
from tisserand.actions.operations.life import begin_sheet, submit
from tisserand.network.models import Network, User
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM
from tisserand.search.bitmaps import forget

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"

# Playwright's own loop would make Django refuse to touch the database in browser tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def _flush_with_journal(style, connection_, **options):
    """Between two tests that commit, the tables are emptied: the journal must let go for that moment."""
    triggers = import_module("tisserand.privacy.migrations.0002_append_only")
    statements = sql_flush(style, connection_, **options)
    if connection_.vendor == "sqlite":
        return [*triggers.SQLITE_UNDO, *statements, *triggers.SQLITE]
    table = f"ALTER TABLE {triggers.TABLE}"
    return [f"{table} DISABLE TRIGGER USER", *statements, f"{table} ENABLE TRIGGER USER"]


@pytest.fixture(autouse=True, scope="session")
def _journal_lets_tests_start_empty():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.management.commands.flush.sql_flush", _flush_with_journal)
        yield


@pytest.fixture(autouse=True)
def _nothing_held():
    """Bitmaps of an earlier test's database must not answer this one, nor its tries at the door count."""
    forget()
    cache.clear()


@pytest.fixture(autouse=True)
def _connection_kept():
    """A response that closes must not close the database of the test (Django's own client does the same)."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def network(db) -> Network:
    return NetworkFactory()


@pytest.fixture
def staff(network) -> User:
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=network, kind="mission")
    return user


@pytest.fixture
def admin(network) -> User:
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=network, kind="network_admin")
    return user


@pytest.fixture
def stranger(db) -> User:
    """Staff of another network."""
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=NetworkFactory(), kind="network_admin")
    return user


@pytest.fixture
def staff_client(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def structure(network):
    return StructureFactory(network=network)


@pytest.fixture
def make_action(network):
    def make(**values):
        return ActionFactory(network=values.pop("network", network), **values)

    return make


@pytest.fixture
def writer(network, structure) -> User:
    return person(network, structure)


@pytest.fixture
def draft(network, structure, writer):
    """A sheet that its structure has begun."""
    return begin_sheet(actor=writer, network=network, structure=structure, title="Jardin", token="a" * 32)


@pytest.fixture
def proposed(draft, writer):
    """A sheet that the network is to read."""
    write(writer, draft, **WHOLE)
    return submit(actor=writer, action=draft)


@pytest.fixture
def public(make_action, structure):
    """A sheet of the catalogue."""
    return make_action(structure=structure, **GARDEN_VALUES)


@pytest.fixture
def stage(network):
    """Deposit and read a file; returns the batch."""
    count = iter(range(1000))

    def read(content: bytes | str, filename: str = "fiches.txt", actor=SYSTEM, **options) -> ImportBatch:
        data = content.encode() if isinstance(content, str) else content
        batch = deposit_import(
            actor=actor,
            network=options.pop("network", network),
            file=ContentFile(data),
            filename=filename,
            token=f"test-{next(count)}",
            **options,
        )
        return read_import(actor=actor, batch=batch)

    return read


@pytest.fixture
def bring(stage):
    """Import a file whole; returns the batch."""

    def run(content, filename="fiches.txt", **options) -> ImportBatch:
        return apply_import(actor=SYSTEM, batch=stage(content, filename, **options))

    return run


@pytest.fixture
def extract() -> bytes:
    path = CORPUS / "actions-extrait.txt"
    if not path.exists():
        pytest.skip("the corpus is not beside the project")
    return path.read_bytes()
