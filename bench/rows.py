"""An instance where every list of a team's pages holds as many rows as wished, and what its pages ask of the database."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.desk import CLIENTS, PEOPLE_THERE
from tests.texts import GARDEN, published
from tisserand.actions.fields import mark
from tisserand.actions.models import (
    Action,
    ActionTerm,
    Attachment,
    Fact,
    ImportBatch,
    Presence,
    Remark,
    Term,
    Version,
)
from tisserand.actions.operations.attachments import MOST
from tisserand.actions.operations.content import facts_of
from tisserand.actions.operations.imports import deposit_import, read_import
from tisserand.actions.operations.life import rewrite
from tisserand.actions.search import index_actions
from tisserand.actions.vocabulary import ensure_vocabulary, term_key, title_key
from tisserand.config.server import collect_static
from tisserand.network.models import (
    AccountMerge,
    Affiliation,
    Agreement,
    Invitation,
    Role,
    Structure,
    StructureMerge,
    User,
)
from tisserand.network.operations import create_network, ensure_structure, grant_role, open_account
from tisserand.privacy.journal import SYSTEM

PASSWORD = "une-longue-phrase"
PEOPLE = {"team": "mission@exemple.example", "writer": "membre@exemple.example"}
FEW = 50  # what one sheet, structure or person has, whatever the network: remarks, numbers, agreements, roles, devices
TEXT = {"summary": "Un jardin.", "description": "On jardine à 12 habitants.", "people": PEOPLE_THERE}


class Rows:
    """Fills the current database; `things` names what pages are about."""

    def __init__(self, count: int) -> None:
        self.count, self.now, self.today = count, timezone.now(), timezone.localdate()
        self.few = min(count, FEW)
        self.network = create_network(actor=SYSTEM, slug="banc", name="Banc")
        self.vocabulary = ensure_vocabulary(self.network)
        self.home = self._structure("Centre du banc")
        self.staff, self.writer = (open_account(actor=SYSTEM, email=one, password=PASSWORD) for one in PEOPLE.values())
        grant_role(actor=SYSTEM, user=self.staff, network=self.network, kind="network_admin")
        for kind in ("director", "member"):
            grant_role(actor=SYSTEM, user=self.writer, network=self.network, structure=self.home, kind=kind)
        self.things: dict[str, Any] = {"home": self.home.slug}

    def fill(self) -> dict[str, Any]:
        """All of it, in one transaction."""
        with transaction.atomic():
            self._structures()
            self._people()
            self._sheets()
            self._one_sheet()
            self._lists()
            self._spread()
            self._own()
        self._imports()
        return self.things

    def _structure(self, name: str, **fields: str) -> Structure:
        made = ensure_structure(actor=SYSTEM, network=self.network, name=name, department="Aisne")
        Structure.objects.filter(pk=made.pk).update(**fields)
        return made

    def _structures(self) -> None:
        """Members without a sheet in communes without one, their agreements, a history of one of them."""
        self.others = [
            self._structure(f"Centre {n}", commune=f"Ville {n}", commune_key=f"ville {n}") for n in range(self.count)
        ]
        twin = self._structure("Centre social du banc")
        self.things["beside"] = twin.slug
        soon = self.today + timedelta(days=20)
        Agreement.objects.bulk_create(
            Agreement(network=self.network, structure=structure, label=f"Charte {n}", starts=self.today, ends=soon)
            for n, other in enumerate(self.others)
            for structure in (other, *([self.home] if n < self.few else []))
        )
        self.things["agreement"] = Agreement.objects.latest("pk").pk
        StructureMerge.objects.bulk_create(
            StructureMerge(kept=self.home, gone=1_000_000 + n, slug=f"autre-{n}") for n in range(self.few)
        )
        Affiliation.objects.bulk_create(
            Affiliation(
                network=self.network,
                structure=self.home,
                starts=self.today - timedelta(days=2 * n + 9_000),
                ends=self.today - timedelta(days=2 * n + 8_999),
            )
            for n in range(self.few)
        )

    def _people(self) -> None:
        """Members, people invited, accounts that became one, and one person who held many roles."""
        who = {"network": self.network, "structure": self.home, "kind": "member"}
        users = User.objects.bulk_create(
            User(email=f"{kind}{n}@exemple.example", first_name="Personne", last_name=f"{n}", is_active=kind == "foule")
            for kind in ("foule", "double")
            for n in range(self.count)
        )
        crowd, doubles = users[: self.count], users[self.count :]
        Role.objects.bulk_create(Role(user=user, starts=self.today, **who) for user in crowd)
        AccountMerge.objects.bulk_create(
            AccountMerge(network=self.network, kept=kept, gone=gone) for kept, gone in zip(crowd, doubles, strict=True)
        )
        self.things |= {"person": crowd[0].pk, "other": crowd[1].pk}
        past = (self.today - timedelta(days=2 * n + 10) for n in range(self.few))
        Role.objects.bulk_create(Role(user=crowd[0], starts=day, ends=day, **who) for day in past)
        Invitation.objects.bulk_create(
            Invitation(email=f"invite{n}@exemple.example", nonce=f"{n}", sent_at=self.now, **who)
            for n in range(self.count)
        )

    def _write(self, names: Iterable[str], **fields: object) -> list[Action]:
        rows = [
            Action(
                **{
                    "network": self.network,
                    "structure": self.home,
                    "title": name,
                    "title_key": title_key(name),
                    "updated_at": self.now,
                    **TEXT,
                    **fields,
                }
            )
            for name in names
        ]
        sheets = Action.objects.bulk_create(rows)
        Fact.objects.bulk_create(fact for sheet in sheets for fact in facts_of(sheet))
        keyword = self.vocabulary.resolve("keyword", "Culture").term
        ActionTerm.objects.bulk_create(ActionTerm(action=sheet, term=keyword) for sheet in sheets)
        return sheets

    def _sheets(self) -> None:
        """Sheets in each state that a list is made of."""

        def names(what: str, count: int = self.count) -> list[str]:
            return [f"{what} {n}" for n in range(count)]

        long_ago = self.now - timedelta(days=900)
        mine = {"created_by": self.writer}
        proposed = mine | {"submitted_at": self.now, "submitted_by": self.writer}
        old = self._write(names("Ancienne"), state="published", published_at=long_ago, updated_at=long_ago)
        fresh = self._write(["Nouvelle"], state="published", published_at=self.now)
        read = self._write(names("Proposée"), state="submitted", **proposed)
        back = self._write(names("Renvoyée"), state="returned", **proposed)
        Version.objects.bulk_create(
            Version(action=sheet, number=1, values=sheet.content(), since=long_ago, until=long_ago) for sheet in back
        )
        self._write(names("Brouillon"), **mine)
        self._write(names("Venue d'un fichier"))
        index_actions(sheet.pk for sheet in (*old, *fresh))
        saved = self._write(names("Du client", CLIENTS + 1), **mine)  # one for each, and one to count queries
        self.things |= {"public": fresh[0].pk, "proposed": read[0].pk, "old": old[0].pk}
        self.things |= {"fields": [sheet.pk for sheet in saved]}

    def _one_sheet(self) -> None:
        """One sheet under way with its remarks, numbers, files and writers; one with its versions."""
        hot = Action.objects.get(pk=self.things["proposed"])
        hot.people = ", ".join(f"{n} habitants" for n in range(2, self.few + 2))
        hot.save()
        hot.facts.all().delete()
        Fact.objects.bulk_create(facts_of(hot))
        Remark.objects.bulk_create(
            Remark(action=hot, field="summary", text="Dites pour qui.", token=f"r{n}", created_by=self.staff)
            for n in range(self.few)
        )
        Presence.objects.bulk_create(
            Presence(action=hot, user=user, field="title", seen_at=self.now + timedelta(days=1))
            for user in User.objects.filter(email__startswith="foule")[:20]
        )
        Attachment.objects.bulk_create(
            Attachment(action=hot, key=f"c{n}", extension="pdf", size=9, digest=f"{n}", title=f"Document {n}")
            for n in range(min(self.count, MOST))
        )
        storied = Action.objects.get(pk=self.things["public"])
        first = self.now - timedelta(days=self.count + 1)
        Version.objects.bulk_create(
            Version(
                action=storied,
                number=number,
                values=storied.content() | {"limits": f"Version {number}"},
                since=first + timedelta(days=number),
                until=first + timedelta(days=number + 1),
                changed_by=self.writer,
            )
            for number in range(1, self.count + 1)
        )
        Action.objects.filter(pk=storied.pk).update(revision=self.count + 1)
        storied.refresh_from_db()
        rewriting = rewrite(actor=self.writer, action=storied)
        self.things |= {"under way": Action.objects.filter(title="Renvoyée 0").get().pk, "rewriting": rewriting.pk}
        Remark.objects.bulk_create(
            Remark(action_id=self.things["under way"], field="people", text="Combien ?", token=f"u{n}")
            for n in range(self.few)
        )

    def _lists(self) -> None:
        """Values of closed lists: those that wait for a decision, and those that are known."""
        for known in (False, True):
            Term.objects.bulk_create(
                Term(
                    network=self.network,
                    facet="partner",
                    label=f"Partenaire {known:d} {n}",
                    key=term_key(f"Partenaire {known:d} {n}"),
                    slug=f"partenaire-{known:d}-{n}",
                    verified=known,
                    position=20 + n,
                )
                for n in range(self.count // 2)
            )

    def _spread(self) -> None:
        """A sheet that others took up."""
        original = Action.objects.get(pk=self.things["old"])
        copies = self._write(
            (f"Reprise {n}" for n in range(self.count)), state="published", published_at=self.now, inspired_by=original
        )
        for copy, structure in zip(copies, self.others, strict=True):
            copy.structure = structure
        # Half of the structures: the others have no sheet at all.
        self.things["copy"] = copies[0].pk
        Action.objects.bulk_update(copies[::2], ["structure"])
        index_actions([original.pk, *(copy.pk for copy in copies)])

    def _own(self) -> None:
        """Sessions of the writer on as many devices."""
        from allauth.usersessions.models import UserSession
        from django.contrib.sessions.models import Session

        later, empty = self.now + timedelta(days=9), Session.get_session_store_class()().encode({})
        keys = [f"s{n:031}" for n in range(self.few)]
        Session.objects.bulk_create(Session(session_key=key, session_data=empty, expire_date=later) for key in keys)
        UserSession.objects.bulk_create(
            UserSession(user=self.writer, ip="192.0.2.1", session_key=key, user_agent="Firefox") for key in keys
        )

    def _imports(self) -> None:
        """Files that came, one of which is being read again."""
        ImportBatch.objects.bulk_create(
            ImportBatch(network=self.network, token=f"b{n}", filename=f"{n}.txt", state="applied", counts={"read": 1})
            for n in range(self.count)
        )
        sheets = (GARDEN | {"title": f"Venue {n}"} for n in range(self.count))
        content = ContentFile(published(*sheets).encode())
        batch = deposit_import(actor=SYSTEM, network=self.network, file=content, filename="b.txt", token="lue")
        read_import(actor=SYSTEM, batch=batch)
        self.things["import"] = batch.pk


def ask(pages: Iterable[tuple[str, ...]], things: dict[str, Any]) -> dict[str, Any]:
    """What each page asks of the database and weighs, what two writes of the form ask, and the headers of who asked."""
    collect_static()
    clients = {who: _entered(email) for who, email in PEOPLE.items()}
    measured = [_asked(who, clients[who], _address(things, *page)) for who, *page in pages]
    sheet = things["fields"][CLIENTS]
    # The first save of a sitting adds a line to the journal: not counted among the others.
    clients["writer"].post(
        reverse("sheet-field", args=[sheet]), {"key": "people", "value": "5", "base": mark(TEXT["people"])}
    )
    for name, sent in (
        ("sheet-field", {"key": "people", "value": "4 élus", "base": mark("5")}),
        ("sheet-presence", {"key": "people"}),
    ):
        measured.append(_asked("writer", clients["writer"], reverse(name, args=[sheet]), sent))
    return {"pages": measured, "headers": {who: _headers(client) for who, client in clients.items()}}


def _headers(client: Client) -> dict[str, str]:
    cookie = "; ".join(f"{key}={one.value}" for key, one in client.cookies.items())
    return {"Cookie": cookie, "X-CSRFToken": client.cookies["csrftoken"].value}


def _address(things: dict[str, Any], name: str, *parts: str) -> str:
    """The address of a page; its parts name one of *things*, or stand for themselves, and `?` begins the query."""
    args = [things.get(part, part) for part in parts if not part.startswith("?")]
    return reverse(name, args=args) + "".join(part.format(**things) for part in parts if part.startswith("?"))


def _asked(who: str, client: Client, path: str, sent: dict[str, str] | None = None) -> tuple[str, str, int, int, int]:
    if sent is None:
        client.get(path)  # each page reads its code once
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path) if sent is None else client.post(path, sent)
    return who, path, len(captured), answer.status_code, len(answer.content)


def _entered(email: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.get(reverse("login"))  # gives the cookie that forms need
    client.post(reverse("login"), {"login": email, "password": PASSWORD})
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})  # some pages of the account ask
    assert answer.status_code == 302
    return client
