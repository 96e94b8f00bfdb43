"""Who was erased after a backup does not come back with it, on this machine or another, on either database."""

import json
import shutil
import tarfile
import uuid

import pytest

from tests.config.conftest import SERVER, Instance
from tisserand.privacy.erasures import NAME, ListRefused, read_list

NADIA, OMAR = "nadia@canari.example", "omar@canari.example"
SEED_PEOPLE = f"""
from tests.factories import UserFactory
from tisserand.messages.models import Refusal
from tisserand.network.models import Network, User
from tisserand.network.operations import grant_role, invite
from tisserand.network.operations.accounts import keep_address
from tisserand.privacy.journal import SYSTEM
network = Network.objects.get()
for email in ("{NADIA}", "{OMAR}"):
    user = UserFactory(email=email, last_name="Canarion")
    keep_address(user, proven=True)
    grant_role(actor=SYSTEM, user=user, network=network, kind="mission")
    Refusal.objects.create(email=email, kind="x")
invite(actor=SYSTEM, network=network, kind="reader", email="{NADIA}")
"""
PEOPLE = "SELECT email FROM network_user WHERE email LIKE '%canari%' ORDER BY email"
LEFT = (
    "SELECT email FROM network_user WHERE email LIKE '%canari%' UNION ALL SELECT email FROM network_invitation "
    "UNION ALL SELECT email FROM message_queue_refusal UNION ALL SELECT email FROM account_emailaddress"
)


@pytest.fixture(scope="session")
def lived_once(tmp_path_factory, databases, seeded):
    """Backed up with two people, one of whom is erased afterwards; only copied. With its archive."""
    folder = tmp_path_factory.mktemp("lived")
    shutil.copytree(seeded.folder, folder / "here")
    instance = Instance(folder / "here", databases(seeded.address) if seeded.address else "")
    instance.python(SEED_PEOPLE)
    (folder / "archives").mkdir()
    instance.run("backup", folder / "archives/avant.tar.gz")
    instance.run("erase_account", NADIA)
    return instance, folder / "archives"


@pytest.fixture
def lived(tmp_path, databases, lived_once):
    """Such an instance, that a test may change; the archive is in `archives/`."""
    instance, archives = lived_once
    shutil.copytree(archives, tmp_path / "archives")
    shutil.copytree(instance.folder, tmp_path / "here")
    return Instance(tmp_path / "here", databases(instance.address) if instance.address else "")


@pytest.fixture
def alone(lived, tmp_path):
    """The archive without the list that a backup keeps beside it, and that list."""
    archive, known = tmp_path / "avant.tar.gz", tmp_path / "liste.jsonl"
    shutil.move(tmp_path / "archives/avant.tar.gz", archive)
    shutil.copy(lived.folder / NAME, known)
    return archive, known


def only_omar(instance) -> bool:
    return instance.query(PEOPLE) == [(OMAR,)] and {email for (email,) in instance.query(LEFT)} == {OMAR}


def test_put_back_in_place_the_erased_stay_erased(lived, tmp_path):
    told = lived.run("restore", "--replace", tmp_path / "archives/avant.tar.gz").stdout
    assert "effacés de nouveau : 1" in told.replace("\xa0", " ")
    assert only_omar(lived)
    assert lived.query("SELECT count(*) FROM network_role") == [(1,)]
    # And again, from what the restored instance knows.
    told = lived.run("restore", "--replace", tmp_path / "archives/avant.tar.gz").stdout
    assert "effacés de nouveau : 1" in told.replace("\xa0", " ")
    assert only_omar(lived)


def test_without_the_replay_they_come_back(lived, tmp_path):
    """Negative control: nothing here or beside the archive says that someone was erased."""
    lived.execute("DELETE FROM privacy_erasure")
    (lived.folder / NAME).unlink()
    (tmp_path / "archives" / NAME).unlink()
    told = lived.run("restore", "--replace", tmp_path / "archives/avant.tar.gz").stdout
    assert "Aucune liste" in told
    assert lived.query(PEOPLE) == [(NADIA,), (OMAR,)]


def test_a_database_that_does_not_answer_is_replaced_all_the_same(lived, tmp_path):
    """The list of the folder is enough."""
    if SERVER:
        lived.execute("DROP TABLE privacy_erasure CASCADE")
    else:
        (lived.folder / "tisserand.sqlite3").write_bytes(b"x" * 4096)
    lived.run("restore", "--replace", tmp_path / "archives/avant.tar.gz")
    assert only_omar(lived)


def test_on_another_machine_the_list_beside_the_archives_is_read(lived, elsewhere, tmp_path):
    """The next backup writes there who was erased since the first."""
    lived.run("backup", tmp_path / "archives/apres.tar.gz")
    shutil.copytree(tmp_path / "archives", tmp_path / "disque")
    shutil.rmtree(lived.folder)
    told = elsewhere.run("restore", tmp_path / "disque/avant.tar.gz").stdout
    assert "effacés de nouveau : 1" in told.replace("\xa0", " ")
    assert only_omar(elsewhere)
    assert (elsewhere.folder / NAME).read_text() == (tmp_path / "disque" / NAME).read_text()


def test_on_another_machine_a_list_is_given(alone, elsewhere, tmp_path):
    archive, known = alone
    refused = elsewhere.run("restore", archive, "--erasures", tmp_path / "absente", status=1).stderr
    assert "absente" in refused
    assert "Rien n’a été changé" in refused
    elsewhere.run("restore", archive, "--erasures", known)
    assert only_omar(elsewhere)


def test_the_list_may_come_after_the_restore(alone, elsewhere):
    archive, known = alone
    assert "Aucune liste" in elsewhere.run("restore", archive).stdout
    assert elsewhere.query(PEOPLE) == [(NADIA,), (OMAR,)]
    for again in (1, 0):
        told = elsewhere.run("erasures", "--replay", known).stdout
        assert f"effacés de nouveau : {again}" in told.replace("\xa0", " ")
    assert only_omar(elsewhere)


@pytest.mark.parametrize("content", ["bonjour", '{"id": "1"}', '{"id": 3, "at": [], "account": "x"}', "\x00"])
def test_a_list_that_cannot_be_read_is_refused(tmp_path, content):
    (tmp_path / NAME).write_text(content)
    with pytest.raises(ListRefused, match="ligne 1"):
        read_list(tmp_path / NAME)


def test_a_restore_stops_before_anything_at_a_list_that_cannot_be_read(alone, elsewhere):
    archive, known = alone
    known.write_text("bonjour")
    told = elsewhere.run("restore", archive, "--erasures", known, status=1).stderr
    assert "ligne 1" in told
    assert "Rien n’a été changé" in told
    assert not (elsewhere.folder / "files").exists()


def test_whose_number_was_given_again_is_not_erased(alone, elsewhere):
    """A database put back numbers its next account as the one that was erased: the moment of opening tells them apart."""
    archive, known = alone
    line = json.loads(known.read_text()) | {"opened_at": "2020-01-01T00:00:00+00:00", "addresses": []}
    known.write_text(json.dumps(line))
    elsewhere.run("restore", archive, "--erasures", known)
    assert elsewhere.query(PEOPLE) == [(NADIA,), (OMAR,)]


def test_accounts_that_the_archive_never_held_are_not_counted(alone, elsewhere):
    """Two lines of the list, one of an account opened and erased after the archive: one was erased again."""
    archive, known = alone
    line = json.loads(known.read_text())
    other = line | {"id": str(uuid.uuid4()), "account": 77, "opened_at": line["at"], "addresses": ["x"]}
    known.write_text("\n".join(map(json.dumps, (line, other))))
    told = elsewhere.run("restore", archive, "--erasures", known).stdout
    assert "effacés de nouveau : 1" in told.replace("\xa0", " ")
    assert elsewhere.query("SELECT count(*) FROM privacy_erasure") == [(2,)]


def test_who_was_only_invited_when_it_was_taken_is_erased_too(alone, elsewhere):
    """The backup knows addresses without this account: a digest finds them, with the secret of the archive."""
    archive, known = alone
    line = json.loads(known.read_text())
    known.write_text(json.dumps(line | {"account": 999}))
    elsewhere.run("restore", archive, "--erasures", known)
    assert elsewhere.query("SELECT email FROM network_invitation") == []
    assert elsewhere.query("SELECT email FROM message_queue_refusal") == [(OMAR,)]


def test_the_list_and_the_archive_hold_nobody(lived, tmp_path):
    lived.execute("DELETE FROM message_queue_message")  # the farewell has left
    lived.run("backup", tmp_path / "archives/apres.tar.gz")
    kept = (tmp_path / "archives" / NAME).read_bytes()
    assert b"canari" not in kept
    assert (tmp_path / "archives" / NAME).stat().st_mode & 0o777 == 0o600
    with tarfile.open(tmp_path / "archives/apres.tar.gz") as tar:
        database = tar.extractfile("database.sqlite3").read()
    assert b"nadia@canari" not in database
    assert b"omar@canari" in database


def test_a_list_that_is_damaged_does_not_stop_a_backup(lived, tmp_path):
    (tmp_path / "archives" / NAME).write_text("bonjour")
    told = lived.run("backup", tmp_path / "archives/apres.tar.gz")
    assert "ligne 1" in told.stderr
    assert (tmp_path / "archives/apres.tar.gz").exists()
