"""Someone who leaves a trace everywhere that the software writes about people, and a search of everything it keeps."""

import hashlib
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories import UserFactory
from tests.network.door import PASSWORD, Passkey, add_app, enter, is_in
from tisserand.actions.fields import mark
from tisserand.actions.models import Fact
from tisserand.actions.operations.calls import ask_network, begin_answer
from tisserand.actions.operations.facts import accept_fact
from tisserand.actions.operations.figures import freeze_catalogue
from tisserand.actions.operations.imports import deposit_import
from tisserand.actions.operations.life import begin_sheet, submit
from tisserand.actions.operations.writing import note_presence, write_field
from tisserand.messages import kinds
from tisserand.messages.enums import Delivery
from tisserand.messages.models import Message
from tisserand.messages.operations import queue, refuse
from tisserand.network.links import invitation_address
from tisserand.network.models import User
from tisserand.network.operations import grant_role, invite, merge_accounts
from tisserand.privacy.journal import SYSTEM

FIRST, LAST = "Zénobie", "Canarion"
INVITED, EMAIL, NEXT = (f"{name}@canari.example" for name in ("zenobie.avant", "zenobie.canarion", "zenobie.apres"))
PLACE = "203.0.113.77"
NEWS = kinds.register("test.canary", "Nouvelles", optional=True)


def words() -> set[str]:
    """What must be found nowhere: names, addresses, secrets, in the forms that the software gives them."""
    digests = {hashlib.sha256(email.encode()).hexdigest() for email in (INVITED, EMAIL, NEXT)}
    return {FIRST.lower(), "canari", "z\\u00e9nobie", PLACE, *digests}


def live(network, structure) -> Client:
    """Zénobie is invited, comes in, protects her account, works, and is at work still."""
    invitation, _new = invite(actor=SYSTEM, network=network, structure=structure, kind="director", email=INVITED)
    client = Client(REMOTE_ADDR=PLACE, HTTP_USER_AGENT="Canariscope/7")
    path = "/" + invitation_address(invitation).split("/", 3)[3]
    client.post(path, {"first_name": FIRST, "last_name": LAST, "password": PASSWORD})
    user = User.objects.get(email=INVITED)
    grant_role(actor=SYSTEM, user=user, network=network, kind="mission")
    _move(user)
    _merge(user, network)
    enter(client, EMAIL)
    _protect(client, user)
    _work(user, network, structure)
    _leave_letters(user, network, structure)
    assert is_in(client)
    return client


def _move(user: User) -> None:
    """Another address, and a third one that waits for its proof."""
    user.emailaddress_set.update(email=EMAIL)
    User.objects.filter(pk=user.pk).update(email=EMAIL)
    user.emailaddress_set.create(email=NEXT, verified=False, primary=False)
    user.refresh_from_db()


def _merge(user: User, network) -> None:
    """A second account of hers, closed."""
    double = UserFactory(first_name=FIRST, last_name=LAST, email="zenobie.double@canari.example")
    grant_role(actor=SYSTEM, user=double, network=network, kind="reader")
    merge_accounts(actor=SYSTEM, network=network, kept=user, gone=double)


def _protect(client: Client, user: User) -> None:
    add_app(client)
    Passkey().register(client, "Téléphone de Canarion")
    SocialAccount.objects.create(user=user, provider="annuaire", uid="canari-77")
    other = Client(REMOTE_ADDR=PLACE)
    enter(other, EMAIL, "canari-faux")  # wrong: counted
    enter(other, EMAIL)  # right: waits for the second factor, in a session of its own
    Client().post("/connexion/code/", {"email": EMAIL})


def _work(user: User, network, structure) -> None:
    refuse(email=EMAIL, kind=NEWS.key)
    deposit_import(actor=user, network=network, file=ContentFile(b"texte"), filename="fiches.txt", token="z" * 32)
    sheet = begin_sheet(actor=user, network=network, structure=structure, title="Jardin des voisins", token="y" * 32)
    for key in ("summary", "description"):
        write_field(actor=user, action=sheet, key=key, value="Une dizaine de bénévoles et 40 habitants.", base=mark(""))
    sheet.refresh_from_db()
    note_presence(actor=user, action=sheet, field="summary")
    submit(actor=user, action=sheet)
    call = ask_network(actor=user, network=network, structure=structure, question="Qui jardine ?", token="x" * 32)
    begin_answer(actor=user, call=call, structure=structure, title="Jardin des toits", token="w" * 32)
    for fact in Fact.objects.all():
        accept_fact(actor=user, fact=fact)
    freeze_catalogue(actor=user, network=network)
    DBTaskResult.objects.create(
        args_kwargs={"args": [1], "kwargs": {}}, task_path="x.y", run_after=timezone.now(), backend_name="default",
        status="FAILED", traceback=f"SMTPRecipientsRefused: {{'{EMAIL}': (550, b'unknown')}}",
    )  # fmt: skip


def _leave_letters(user: User, network, structure) -> None:
    """An invitation that waits; a letter sent, one that failed, one to someone else that names her, one kept as a file."""
    invite(actor=SYSTEM, network=network, kind="network_admin", email=EMAIL)
    queue(key="z:1", kind=NEWS, to=INVITED, subject="Une nouvelle", text="Bonjour")
    queue(key="z:2", kind=NEWS, to=NEXT, subject="Une nouvelle", text="Bonjour")
    Message.objects.filter(key="z:2").update(state=Delivery.FAILED, sent_at=None, error=f"550 {NEXT}", text="Bonjour")
    invite(actor=user, network=network, structure=structure, kind="member", email="ami@exemple.example")
    Message.objects.filter(to="ami@exemple.example").update(
        state=Delivery.WAITING, sent_at=None, subject="Invitation", text=f"{FIRST} {LAST}".upper() + " vous invite."
    )
    letter = EmailMessage("Une nouvelle", f"Bonjour {FIRST}", to=[EMAIL])
    EmailBackend(file_path=settings.DATA / "courrier").send_messages([letter])


def secrets_of(user: User) -> set[str]:
    """The digest of her password, the secret of her application."""
    user.refresh_from_db()
    totp = Authenticator.objects.get(user=user, type="totp")
    return {user.password.lower(), totp.data["secret"].lower()}


def traces(wanted: set[str]) -> set[str]:
    """Where any of these words is: `table.column` of the whole database, paths of files, keys of the cache."""
    sessions = {"sessions" for one in Session.objects.all() if _holds(one.get_decoded(), wanted)}  # packed in the table
    return _in_database(wanted) | _in_files(wanted) | sessions


def _in_database(wanted: set[str]) -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [one[0] for one in cursor.description]
            for row in cursor.fetchall():
                found |= {f"{table}.{c}" for c, value in zip(columns, row, strict=True) if _holds(value, wanted)}
    return found


def _in_files(wanted: set[str]) -> set[str]:
    paths = [path for path in Path(settings.DATA).rglob("*") if path.is_file() and "sqlite3" not in path.name]
    return {str(path.relative_to(settings.DATA)) for path in paths if _holds(path.read_bytes(), wanted)}


def _holds(value: object, wanted: set[str]) -> bool:
    text = value.decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)
    return any(word in text.lower() for word in wanted)
